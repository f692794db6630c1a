//! Floor 2: the pure machines of audio: stream, jitter buffer, bridge.

#![forbid(unsafe_code)]

pub mod jitter;

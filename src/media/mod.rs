//! Floor 2: the pure machines of audio: stream, jitter buffer, bridge.

#![forbid(unsafe_code)]

pub mod bridge;
pub mod demux;
pub mod emodel;
pub mod jitter;
pub mod keying;
pub mod latch;
pub mod stats;
pub mod stream;

//! Floor 1: signal processing on PCM.

#![forbid(unsafe_code)]

pub mod codec;

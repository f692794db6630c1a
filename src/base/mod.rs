//! Floor 0: ids, time, units, randomness and the media plan.
//!
//! What every floor above may name. Nothing here knows a protocol, a clock, a thread or a socket.

#![forbid(unsafe_code)]

pub mod ids;
pub mod plan;
pub mod rng;
pub mod time;
pub mod units;

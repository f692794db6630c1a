//! Floor 0: ids, time, units, randomness, the media plan and the records of the DNS.
//!
//! What every floor above may name. Nothing here knows a protocol, a clock, a thread or a socket.

#![forbid(unsafe_code)]

pub mod clock;
pub mod dns;
pub mod ids;
pub mod opus;
pub mod plan;
pub mod rng;
pub mod source;
pub mod time;
pub mod units;

//! Floor 3: sockets.

pub mod ports;
pub mod rtp_udp;

//! Floor 3: sockets, names and the system's wake-ups.

pub mod address_watch;
mod arrival;
pub mod dns;
pub mod ports;
pub mod resolve;
pub mod rtp_udp;
pub mod sip_tcp;
pub mod sip_udp;
pub mod wake;

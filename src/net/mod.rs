//! Floor 3: sockets, names and the system's wake-ups.

pub mod address_watch;
mod arrival;
mod aside;
pub mod connector;
pub mod dns;
pub mod dscp;
#[cfg(feature = "tls")]
mod handshakes;
pub mod interfaces;
pub mod ports;
pub mod resolve;
pub mod rtp_udp;
pub mod sip_tcp;
pub mod sip_udp;
pub mod stream;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
pub mod tls;
pub mod unreachable;
pub mod wake;
#[cfg_attr(not(feature = "ws"), path = "no_ws.rs")]
mod ws;

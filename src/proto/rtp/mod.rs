//! RTP and RTCP (RFC 3550), telephone-event (RFC 4733).
//!
//! ```text
//!   datagram ── packet::Packet ──> receiver::Receiver (A.1, A.3, A.8) ──> report block
//!                     │
//!                     └──────────> dtmf::DtmfReceiver
//!   encoder ──> sender::Sender ──> packet::Header ──> datagram
//!   rtcp: compound packets in and out, and when the next one is due (§6.2)
//! ```
//!
//! Everything here is a value: time comes in, bytes come in, facts go out. What it is not: it knows
//! no codec, no jitter buffer, no key and no socket.

pub mod dtmf;
pub mod packet;
pub mod receiver;
pub mod rtcp;
pub mod sender;

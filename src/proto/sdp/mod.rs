//! Session descriptions: reading, writing, and the attributes that audio needs.
//!
//! ```text
//! bytes ─ session.rs ─> Session { connection, attributes, media: [Media] } ─ attributes.rs ─> rtpmap, fmtp, …
//!         (sdp-types)                                                     └─ crypto.rs ────> a=crypto
//! ```
//!
//! Lenient in, strict out. What nobody here asks for (times, bandwidths, phone numbers) is not kept.
//! It is deliberately not a negotiator: offer and answer (RFC 3264) are in `call`.
//!
//! RFC 8866 (SDP), 4568 (`a=crypto`), 3605 (`a=rtcp`), 5761 (`a=rtcp-mux`), 7587 (Opus), 4733
//! (telephone-event).

pub mod attributes;
pub mod crypto;
pub mod session;

pub use self::{
    attributes::{Format, OpusFmtp, RtpMap},
    crypto::{CryptoAttribute, CryptoError},
    session::{Attribute, Media, Origin, SdpError, Session},
};

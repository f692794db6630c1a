//! Floor 2: the pure machines of a call and of a registration, and offer/answer.
//!
//! ```text
//! commands ─┐                                    ┌─> requests, responses, ACKs (to proto::sip::endpoint)
//! SIP ──────┼─> Machine (uac · uas · dialogue) ──┼─> CallEvent
//! timeouts ─┘        │ Negotiator                └─> MediaPlan (to the media worker)
//!                    └─ audio.rs ─ offer_answer.rs (any codec, RFC 3264)
//! ```
//!
//! A machine is a value: time comes in, effects wait in a queue, nothing here knows a clock, a
//! thread or a socket. It deliberately knows nothing of RTP packets either: it makes plans.

#![forbid(unsafe_code)]

pub mod audio;
mod formats;
pub mod offer_answer;
pub mod settings;

pub use self::{
    audio::{AudioTerms, NegotiationError, Negotiator},
    settings::{Credentials, DtmfMethod, SrtpPolicy},
};

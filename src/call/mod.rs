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
pub mod event;
pub mod io;
pub mod machine;
pub mod offer_answer;
pub mod registration;
pub mod settings;
pub mod terms;

mod describe;
mod early_media;
mod fork;
mod formats;
mod hold;
mod in_dialog;
mod moved;
mod prack;
mod renegotiate;
mod requests;
mod session_timer;
mod timers;
mod uac;
mod uas;
mod update;

pub use self::{
    audio::Negotiator,
    early_media::Ear,
    event::{CallEvent, CallState, EndReason},
    io::{Change, Input, Output},
    machine::{ALLOW, Machine, SUPPORTED},
    registration::{
        Grant, Reach, Registration, RegistrationEvent, RegistrationInput, RegistrationOutput,
        RegistrationSettings, RegistrationState,
    },
    settings::{CallTimers, EarlyMedia, Prack, SessionTimer, Settings, SrtpPolicy},
    terms::{AudioTerms, NegotiationError},
};
pub use crate::proto::sip::auth::Credentials;

//! Floor 2: the pure machines of a call and of a registration, and offer/answer.
//!
//! ```text
//! commands ─┐  Call (legs)                       ┌─> requests, responses, ACKs (to proto::sip::endpoint)
//! SIP ──────┼─> Machine (uac · uas · dialogue) ──┼─> CallEvent
//! timeouts ─┘        │ Negotiator                └─> MediaPlan (to the media worker)
//!                    └─ audio.rs ─ offer_answer.rs (any codec, RFC 3264)
//! ```
//!
//! A [`Call`] is what a host has: one [`Machine`] per dialog behind it, one as a rule. What an account
//! does without asking is decided in `forwarding`, `auto_answer` and `dial_plan`.
//!
//! A machine is a value: time comes in, effects wait in a queue, nothing here knows a clock, a
//! thread or a socket. It deliberately knows nothing of RTP packets either: it makes plans.

#![forbid(unsafe_code)]

pub mod audio;
pub mod auto_answer;
pub mod dial_plan;
pub mod dialling;
pub mod event;
pub mod forwarding;
pub mod identity;
pub mod io;
pub mod legs;
pub mod machine;
pub mod offer_answer;
pub mod passing;
pub mod redirect;
pub mod registration;
pub mod services;
pub mod settings;
pub mod terms;
pub mod transfer;
pub mod usage;

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
mod view;

pub use self::{
    audio::Negotiator,
    early_media::Ear,
    event::{CallEvent, CallState, EndReason},
    in_dialog::MAX_INFO_DIGITS,
    io::{Change, Input, Output},
    legs::Call,
    machine::{ALLOW, Machine, SUPPORTED},
    passing::Passing,
    registration::{
        Grant, Reach, Registration, RegistrationEvent, RegistrationInput, RegistrationOutput,
        RegistrationSettings, RegistrationState,
    },
    settings::{CallTimers, EarlyMedia, Prack, SessionTimer, Settings, SrtpPolicy},
    terms::{AudioTerms, NegotiationError},
};
pub use crate::proto::sip::auth::{Credentials, Realms};

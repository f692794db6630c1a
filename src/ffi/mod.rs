//! Floor 5: the C ABI, the other face of [`crate::Engine`].
//!
//! What stands here is what stands in `include/sidetone.h`: cbindgen writes the header from these
//! files alone, in the order of `tests/header.rs`, so a name, an order or a sentence changed here is
//! changed there. No logic lives on this floor: it checks pointers, text and struct sizes, turns C
//! values into those of the engine and back, and lets no panic out.
//!
//! ```text
//!  host ── sidetone_call_dial(engine, account, uri, -1, NULL, &call, NULL)
//!            │ guard::guard      panic → SIDETONE_ERR_PANIC, error → status + text of this thread
//!            │ guard::enter      NULL, notify-only thread, closing engine
//!            │ strings, sized    UTF-8, lengths; struct sizes of older and newer headers
//!            ▼
//!          Engine::dial
//! ```
//!
//! # Unsafe code
//!
//! The pointers of a host can only be believed. The helpers of `guard`, `sized` and `strings`
//! are the only places that follow one; each takes what the header's preface asks of the host
//! ("Pointers") as its ground.

#![allow(unsafe_code)]
// The names are those of the header.
#![allow(non_camel_case_types)]
// What a host must keep to is said once, in the header's preface.
#![allow(clippy::missing_safety_doc)]
// C has no structs for arguments.
#![allow(clippy::too_many_arguments)]

pub mod account;
pub mod account_read;
pub mod audio;
pub mod call;
pub mod call_read;
pub mod codes;
pub mod conference;
pub mod ends;
pub mod engine;
pub mod event;
mod event_fill;
pub mod event_kinds;
pub mod event_thread;
pub mod files;
mod floats;
mod guard;
pub mod health;
pub mod hold;
pub mod inject;
pub mod layout;
pub mod log;
pub mod message;
pub mod messages;
pub mod multipart;
pub mod network;
pub mod opus;
pub mod presence;
pub mod request;
pub mod services;
mod sized;
pub mod stats;
pub mod status;
pub mod strings;
pub mod subscription;
pub mod subscription_read;
pub mod tap;
pub mod transfer;
pub mod version;
pub mod wakeup;

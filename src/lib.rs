//! Sidetone: a voice engine that any desktop program can link.
//!
//! SIP accounts, calls and their audio, for hosts in C, C++, C#, Delphi and Python (through the C
//! ABI of [`ffi`], see `include/sidetone.h`) and in Rust (through [`Engine`]).
//!
//! # Floors
//!
//! Folders are floors; imports go down only, and `tests/floors.rs` says so.
//!
//! ```text
//! 5  ffi · bin            C ABI, programs         may use: engine
//! 4  engine               threads, actors, API    everything below; actix and crossbeam live here
//! 3  net · device         the operating system    base, dsp::gain; sockets, cpal and rtrb live here
//! 2  call · media         pure machines           proto, dsp, base; they meet only in base::plan
//! 1  proto · dsp          pure bricks             base
//! 0  base                 ids, units, time, rng, the media plan
//! ```
//!
//! Floors 0 to 2 are values without clock, thread, socket, file or `unsafe`: time comes in as an
//! argument, effects come out of `poll_*`. Floor 4 owns the threads:
//!
//! ```text
//! H  the host's, any number        S  sidetone-signal: actix, Signaling + one Session per call
//! M  sidetone-media-i              D  sidetone-device: opens and watches sound cards
//! R  the sound card's callbacks
//!    sidetone-files, -log, -event, -lookup: recordings, log lines, the event callback, a host name or
//!    certificates to read, each only while there is one
//! ```
//!
//! # A packet, from the socket to the loudspeaker
//!
//! ```text
//! socket ─▶ net::rtp_udp (batch) ─▶ media::stream: demux ─▶ SRTP ─▶ RTP ─▶ latch ─▶ jitter.insert
//!                                                                                        │ M
//! tick ─▶ jitter.pull: decide ─▶ decode | conceal | stretch ─▶ media::bridge: mix ◀──────┘
//!                                                                  │
//!          rtrb ring, filled to about period + tick + 5 ms ◀──────┘        M
//! ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┼ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─
//!        device::realtime: pop, ramp, write; a short ring fades to silence  R
//! ```
//!
//! The microphone's way is the mirror of it: ring, bridge, packet time, encode, RTP, SRTP, socket.
//! A host's own program listens and speaks by rings too: taps behind `jitter.pull` and before the
//! encoder, injections beside the microphone (`engine::taps`).
//!
//! # A dial, from the host to the INVITE, and the event back
//!
//! ```text
//! H  sidetone_call_dial ─▶ Engine::dial: checks, reserves the id, returns it
//!      │ actix mailbox (bounded; full: Busy)
//! S  Signaling: account, flow, RTP sockets bound ─▶ Session ─▶ call::Machine: INVITE + offer
//!      │            └─ crossbeam: Open(CallMedia) ─▶ M
//! S  proto::sip::endpoint: transaction, Via, timers ─▶ Transmit ─▶ net::sip_udp | stream
//!      ⋮
//! S  200 ─▶ transaction ─▶ Session ─▶ Machine: ACK, MediaPlan ─▶ M, Event(Connected)
//!      │ event queue (bounded; S is its only writer)
//! H  sidetone_event_next
//! ```

pub mod base;
#[doc(hidden)]
pub mod call;
#[doc(hidden)]
pub mod device;
#[doc(hidden)]
pub mod dsp;
pub mod engine;
#[doc(hidden)]
pub mod ffi;
#[doc(hidden)]
pub mod media;
#[doc(hidden)]
pub mod net;
#[doc(hidden)]
pub mod proto;

pub use engine::Engine;

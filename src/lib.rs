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
//! 5  ffi                  C ABI                   may use: engine, base
//!    bin                  programs                everything
//! 4  engine               threads, actors, API    everything below; actix and crossbeam live here
//! 3  net · device         the operating system    base; sockets, cpal and rtrb live here
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
//! socket ─▶ net::rtp_udp (batch) ─▶ media::stream: demux ─▶ latch admits ─▶ SRTP ─▶ RTP ─▶ source
//!                                        latch believes what was taken ◀─ jitter.insert ◀─┘    M
//!
//! tick ─▶ jitter.pull: decide ─▶ decode | conceal | stretch ─▶ media::bridge: mix
//!                                                                  │
//!          rtrb ring, filled to about period + tick + 5 ms ◀──────┘        M
//! ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┼ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─
//!        device::realtime: pop, ramp, write; a short ring fades to silence  R
//! ```
//!
//! The microphone's way goes up the same stairs, but nothing is stretched on it: R pushes what the
//! card took, and counts what finds the ring full (`device::ports`); each tick M takes one frame, or
//! silence where no whole one waits, and skips the oldest when more than 40 ms wait, for the halves
//! of a card have clocks of their own (`engine::worker::microphone`); then bridge, packet time, encode,
//! RTP, SRTP, socket.
//! Without a card or files nobody waits for one: each group of calls that hear each other has a round of its own
//! just behind its packets, in which 20 ms are pulled, mixed and sent at once (`engine::worker::rhythm`).
//! Calls of a conference meet on one worker, and hear each other with a gain for each pair
//! (`engine::conferences`).
//! A host's own program listens and speaks by rings too: taps behind `jitter.pull` and before the
//! encoder, injections beside the microphone (`engine::taps`).
//!
//! # A dial, from the host to the INVITE, and the event back
//!
//! ```text
//! H  sidetone_call_dial ─▶ Engine::dial: checks, reserves the id, returns it
//!      │ actix mailbox (bounded; full: Busy)
//! S  Signaling: account, locate (host name ─▶ targets ─▶ flow; may wait for the DNS)
//!      │
//! S  Signaling: RTP sockets bound ─▶ Session (one per call) ─▶ call::Call: INVITE + offer
//!      │            └─ crossbeam: Open(CallMedia) ─▶ M             │
//! S  Signaling: send_attempt, to the first target ◀── FromSession::Request
//!      │
//! S  proto::sip::endpoint: transaction, Via, timers ─▶ Transmit ─▶ net::sip_udp | stream
//!      ⋮
//! S  200 ─▶ transaction ─▶ Session ─▶ Call: ACK, MediaPlan ─▶ M, Event(Connected)
//!      │ event queue (bounded; S writes it, and a fault where it strikes: on M, too)
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

#[cfg(doc)]
#[doc = include_str!("../docs/embedding.md")]
pub mod embedding {}

/// `include/sidetone.h`, the manual of the C ABI.
#[cfg(doc)]
#[doc = concat!("\n~~~~c\n", include_str!("../include/sidetone.h"), "\n~~~~\n")]
pub mod c_header {}

pub use engine::Engine;

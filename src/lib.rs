//! Sidetone: a voice engine that any desktop program can link.
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

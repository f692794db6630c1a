//! Floor 3: sound cards and what stands in for them, and the files that audio goes to.
//!
//! ```text
//!            worker M                                    real-time thread R
//!   PortEnds::push_playback ──▶ ring (f32 mono) ──▶ realtime::Playback ──▶ loudspeaker
//!   PortEnds::pop_capture   ◀── ring (f32 mono) ◀── realtime::Capture  ◀── microphone
//!            └───────────── PortShared: atomics both ways ─────────────┘
//!
//!   supervisor (thread D) opens, watches and re-opens cards through a backend (cpal)
//!   pcm: rings between a worker and a host's thread, for taps and injections
//!   files (thread `sidetone-files`) writes recordings and captures, lossy and counted
//! ```
//!
//! Not here: mixing, resampling and the decision how much to play; those are the media worker's.

pub mod backend;
#[cfg(feature = "audio")]
pub mod cpal;
pub mod files;
pub mod health;
pub mod memory;
pub mod pcap;
pub mod pcm;
pub mod ports;
pub mod priority;
pub mod realtime;
pub mod ring;
#[cfg(all(target_os = "linux", feature = "audio"))]
mod sound_server;
pub mod stepped;
pub mod supervisor;
pub mod wav;
#[cfg(all(windows, target_vendor = "win7", feature = "audio"))]
mod windows7;

/// The sound cards of this system; call it on the thread that will use them.
#[cfg(feature = "audio")]
pub fn sound_cards() -> Box<dyn backend::Backend> {
    Box::new(cpal::SoundCards::default())
}

/// Built without sound cards: every use tells so.
#[cfg(not(feature = "audio"))]
pub fn sound_cards() -> Box<dyn backend::Backend> {
    Box::new(backend::NoSoundCards)
}

//! Floor 1: signal processing on PCM.
//!
//! Values that turn samples into samples: no clock, no thread, no device. All of it is mono 16-bit,
//! most of it in frames of 10 ms.
//!
//! ```text
//! codec (trait) <- g711, g722, opus         payload <-> PCM
//! conceal, stretch                     what the jitter buffer does when time does not fit
//! resample, gain, limiter              what the bridge and the device edge need
//! tone, detect                         sines, and finding them again
//! ```

#![forbid(unsafe_code)]

pub mod codec;
pub mod conceal;
pub mod detect;
pub mod g711;
pub mod g722;
pub mod gain;
pub mod limiter;
#[cfg(feature = "opus")]
pub mod opus;
pub mod resample;
pub mod stretch;
pub mod tone;

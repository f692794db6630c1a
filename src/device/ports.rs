//! The worker's ends of the two rings of a device pair. The one file that names rtrb for the worker.

use std::sync::Arc;

/// Format of an open device pair: mono f32 samples in -1.0..=1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortFormat {
    /// Playback sample rate, Hz.
    pub playback_rate_hz: u32,
    /// Capture sample rate, Hz.
    pub capture_rate_hz: u32,
    /// Frames per device period (playback).
    pub period_frames: u32,
}

/// What the media worker holds of an open device pair.
#[derive(Debug)]
pub struct PortEnds {
    /// Format.
    pub format: PortFormat,
    /// Into the loudspeaker.
    pub playback: rtrb::Producer<f32>,
    /// Out of the microphone.
    pub capture: rtrb::Consumer<f32>,
    /// Counters and gains, shared with the real-time thread.
    pub shared: Arc<PortShared>,
}

/// Atomics between worker, device thread and real-time thread.
#[derive(Debug, Default)]
pub struct PortShared {}

//! The rings of an open device pair and the atomics beside them.
//!
//! A pair of rings is made once per opening of a device ([`port`]): the media worker gets
//! [`PortEnds`], the real-time thread a [`PlaybackEnd`] and a [`CaptureEnd`]. Samples are mono f32
//! in -1.0..=1.0 at the device's own rates. Gains and mutes are stored by anyone; counters and
//! levels are stored by the real-time thread and read by anyone. Where somebody measures
//! ([`PortEnds::time_callbacks`]), each callback leaves its times behind in a ring of its side. Nothing else
//! passes between the two threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::ring::{RingReader, RingWriter, ring};
use crate::base::units::{Gain, Level};

/// Format of an open device pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortFormat {
    /// Playback sample rate, Hz.
    pub playback_rate_hz: u32,
    /// Capture sample rate, Hz.
    pub capture_rate_hz: u32,
    /// Frames that the loudspeaker takes at a time, as far as known when it was opened.
    pub period_frames: u32,
}

/// What one callback moved, in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Frames that the device asked for or brought.
    pub frames: u32,
    /// Of those: went through the ring; the others were silence, or were thrown away.
    pub moved: u32,
    /// Moved since the opening, these included.
    pub total: u64,
}

/// One callback, timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackTime {
    /// When it began.
    pub begun: Instant,
    /// How long it took.
    pub busy: Duration,
    /// What it moved.
    pub block: Block,
}

/// Makes the rings of a device pair; each holds [`RING_MS`], four periods at least.
pub fn port(format: PortFormat) -> (PortEnds, PlaybackEnd, CaptureEnd) {
    let capacity = |rate_hz: u32| {
        let by_time = u64::from(rate_hz) * u64::from(RING_MS) / 1000;
        (by_time as usize).max(4 * format.period_frames as usize)
    };
    let shared = Arc::new(PortShared::default());
    let (playback, playback_end) = ring(capacity(format.playback_rate_hz));
    let (capture_end, capture) = ring(capacity(format.capture_rate_hz));
    let (playback_timer, playback_times) = ring(TIMES);
    let (capture_timer, capture_times) = ring(TIMES);
    let shared_by_ends = Arc::clone(&shared);
    (
        PortEnds {
            format,
            playback,
            capture,
            playback_times,
            capture_times,
            shared: shared_by_ends,
        },
        PlaybackEnd {
            samples: playback_end,
            times: playback_timer,
            shared: Arc::clone(&shared),
            rate_hz: format.playback_rate_hz,
        },
        CaptureEnd {
            samples: capture_end,
            times: capture_timer,
            shared,
            rate_hz: format.capture_rate_hz,
        },
    )
}

/// What the media worker holds of an open device pair.
#[derive(Debug)]
pub struct PortEnds {
    format: PortFormat,
    playback: RingWriter<f32>,
    capture: RingReader<f32>,
    playback_times: RingReader<CallbackTime>,
    capture_times: RingReader<CallbackTime>,
    shared: Arc<PortShared>,
}

impl PortEnds {
    /// Rates and period.
    pub fn format(&self) -> PortFormat {
        self.format
    }

    /// Tells what the device takes at a time, where that turned out only when it was started.
    #[cfg(feature = "audio")]
    pub(super) fn set_period(&mut self, frames: u32) {
        self.format.period_frames = frames;
    }

    /// Counters, levels and gains.
    pub fn shared(&self) -> &Arc<PortShared> {
        &self.shared
    }

    /// Frames that wait to be played.
    pub fn playback_fill(&self) -> usize {
        self.playback.fill()
    }

    /// Frames that fit on top of those.
    pub fn playback_free(&self) -> usize {
        self.playback.free()
    }

    /// Queues frames for the loudspeaker; tells how many fitted.
    pub fn push_playback(&mut self, frames: &[f32]) -> usize {
        self.playback.push(frames)
    }

    /// Captured frames that wait.
    pub fn capture_fill(&self) -> usize {
        self.capture.fill()
    }

    /// Takes captured frames; tells how many there were.
    pub fn pop_capture(&mut self, frames: &mut [f32]) -> usize {
        self.capture.pop(frames)
    }

    /// Throws captured frames away; tells how many there were.
    pub fn skip_capture(&mut self, frames: usize) -> usize {
        self.capture.skip(frames)
    }

    /// From now on callbacks leave their times behind, or no longer. It costs each two looks at the
    /// clock.
    pub fn time_callbacks(&self, timed: bool) {
        self.shared.timed.store(timed, Relaxed);
    }

    /// The next callback of the loudspeaker that was timed. Times that nobody takes are lost after
    /// [`TIMES`] callbacks.
    pub fn playback_time(&mut self) -> Option<CallbackTime> {
        self.playback_times.pop_one()
    }

    /// The next callback of the microphone that was timed.
    pub fn capture_time(&mut self) -> Option<CallbackTime> {
        self.capture_times.pop_one()
    }

    /// Whether the device let go of its ends: it was closed or lost, nothing will drain any more.
    pub fn is_abandoned(&self) -> bool {
        self.playback.is_abandoned()
    }
}

/// What the playback callback holds.
#[derive(Debug)]
pub struct PlaybackEnd {
    samples: RingReader<f32>,
    times: RingWriter<CallbackTime>,
    shared: Arc<PortShared>,
    rate_hz: u32,
}

impl PlaybackEnd {
    /// Takes queued frames; tells how many there were. Wait-free.
    pub fn pop(&mut self, frames: &mut [f32]) -> usize {
        self.samples.pop(frames)
    }

    /// Leaves the times of a callback behind, where there is room. Wait-free.
    pub fn tell(&mut self, time: CallbackTime) {
        self.times.push(&[time]);
    }

    /// Frames that wait to be played.
    pub fn fill(&self) -> usize {
        self.samples.fill()
    }

    /// The atomics.
    pub fn shared(&self) -> &PortShared {
        &self.shared
    }

    /// Sample rate, Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Whether the worker let go of its ends.
    pub fn is_abandoned(&self) -> bool {
        self.samples.is_abandoned()
    }
}

/// What the capture callback holds.
#[derive(Debug)]
pub struct CaptureEnd {
    samples: RingWriter<f32>,
    times: RingWriter<CallbackTime>,
    shared: Arc<PortShared>,
    rate_hz: u32,
}

impl CaptureEnd {
    /// Queues captured frames; tells how many fitted. Wait-free.
    pub fn push(&mut self, frames: &[f32]) -> usize {
        self.samples.push(frames)
    }

    /// Leaves the times of a callback behind, where there is room. Wait-free.
    pub fn tell(&mut self, time: CallbackTime) {
        self.times.push(&[time]);
    }

    /// The atomics.
    pub fn shared(&self) -> &PortShared {
        &self.shared
    }

    /// Sample rate, Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }
}

/// Atomics between worker, device thread and real-time thread. All relaxed: each value stands for
/// itself, the samples are ordered by their rings.
#[derive(Debug, Default)]
pub struct PortShared {
    /// What the loudspeaker's side tells and obeys.
    pub playback: SideShared,
    /// What the microphone's side tells and obeys.
    pub capture: SideShared,
    timed: AtomicBool,
}

impl PortShared {
    /// Whether callbacks are to leave their times behind.
    pub fn is_timed(&self) -> bool {
        self.timed.load(Relaxed)
    }
}

/// The atomics of one direction.
#[derive(Debug)]
pub struct SideShared {
    gain: AtomicF32,
    muted: AtomicBool,
    callbacks: AtomicU64,
    frames: AtomicU64,
    xruns: AtomicU64,
    xrun_frames: AtomicU64,
    delay_us: AtomicU32,
    mean_square: AtomicF32,
}

impl Default for SideShared {
    fn default() -> Self {
        Self {
            gain: AtomicF32::new(1.0),
            muted: AtomicBool::new(false),
            callbacks: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            xruns: AtomicU64::new(0),
            xrun_frames: AtomicU64::new(0),
            delay_us: AtomicU32::new(0),
            mean_square: AtomicF32::new(0.0),
        }
    }
}

impl SideShared {
    /// Sets the gain; the callback ramps to it.
    pub fn set_gain(&self, gain: Gain) {
        self.gain.store(gain.factor());
    }

    /// Mutes or unmutes, ramped too.
    pub fn set_muted(&self, muted: bool) {
        self.muted.store(muted, Relaxed);
    }

    /// The factor that the callback aims at: the gain, or 0 while muted.
    pub fn target_factor(&self) -> f32 {
        if self.muted.load(Relaxed) { 0.0 } else { self.gain.load() }
    }

    /// How often the callback ran. It stands still when the device stalls.
    pub fn callbacks(&self) -> u64 {
        self.callbacks.load(Relaxed)
    }

    /// Frames played or captured since the opening, silence and lost ones included.
    pub fn frames(&self) -> u64 {
        self.frames.load(Relaxed)
    }

    /// Callbacks that found the playback ring short (underruns) or the capture ring full
    /// (overruns). Playback counts from the first frame that it got.
    pub fn xruns(&self) -> u64 {
        self.xruns.load(Relaxed)
    }

    /// Frames of silence played for want of others, or captured frames thrown away.
    pub fn xrun_frames(&self) -> u64 {
        self.xrun_frames.load(Relaxed)
    }

    /// Time between the callback and the sound at the loudspeaker or microphone, as the system
    /// tells it, µs; 0 when it does not.
    pub fn delay_us(&self) -> u32 {
        self.delay_us.load(Relaxed)
    }

    /// Level over the last 100 ms or so.
    pub fn level(&self) -> Level {
        let mean_square = self.mean_square.load();
        if mean_square < 2.5e-10 { Level::SILENCE } else { Level(10.0 * mean_square.log10()) }
    }

    /// One callback's outcome; called by the real-time thread only.
    pub fn record(&self, frames: u64, lost_frames: u64, mean_square: f32, delay_us: u32) {
        self.callbacks.fetch_add(1, Relaxed);
        self.frames.fetch_add(frames, Relaxed);
        if lost_frames > 0 {
            self.xruns.fetch_add(1, Relaxed);
            self.xrun_frames.fetch_add(lost_frames, Relaxed);
        }
        self.mean_square.store(mean_square);
        self.delay_us.store(delay_us, Relaxed);
    }
}

/// An f32 in an atomic.
#[derive(Debug)]
struct AtomicF32(AtomicU32);

impl AtomicF32 {
    fn new(value: f32) -> Self {
        Self(AtomicU32::new(value.to_bits()))
    }

    fn load(&self) -> f32 {
        f32::from_bits(self.0.load(Relaxed))
    }

    fn store(&self, value: f32) {
        self.0.store(value.to_bits(), Relaxed);
    }
}

/// Length of a ring. Long enough for a worker that was kept from running for a while on a busy
/// machine; what is kept in it is the worker's choice and far less.
pub const RING_MS: u32 = 200;
/// Timed callbacks that are kept: half a second of the shortest that were seen, 0.5 ms from the
/// monitors of PulseAudio.
pub const TIMES: usize = 1024;

//! The body of both device callbacks: everything that this crate runs on a real-time thread.
//!
//! Fenced: nothing here allocates, frees, locks, waits, logs, reads a clock or panics. Errors are
//! counters in [`PortShared`](super::ports::PortShared). The values are built before the callback
//! starts and dropped after it ended, both on the device thread. `tests/rt_no_alloc.rs` holds it to
//! that. The closures round it (`cpal.rs`) take the time of each callback ([`super::health`]), and do
//! two things more on that thread, each once in the life of a stream: the first callback asks for
//! real-time scheduling (one `sched_setscheduler`), and the error that ends the stream is put into
//! words.
//!
//! ```text
//! ring ─▶ pop ─▶ gain ramp ─▶ ×fade-in ─▶ format ─▶ every channel      (ring short: decay to 0)
//! ring ◀─ push ◀─ gain ramp ◀─ mean of the first two channels ◀─ format
//! ```
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

use super::ports::{Block, CallbackTime, CaptureEnd, PlaybackEnd};

/// A sample format that devices speak.
pub trait DeviceSample: Copy {
    /// From a sample in -1.0..=1.0; what lies outside is clipped, NaN is silence.
    fn from_unit(sample: f32) -> Self;
    /// To a sample in -1.0..=1.0.
    fn to_unit(self) -> f32;
}

impl DeviceSample for f32 {
    fn from_unit(sample: f32) -> Self {
        clipped(sample)
    }
    fn to_unit(self) -> f32 {
        clipped(self)
    }
}

impl DeviceSample for i16 {
    fn from_unit(sample: f32) -> Self {
        (clipped(sample) * 32_767.0) as i16
    }
    fn to_unit(self) -> f32 {
        f32::from(self) / 32_768.0
    }
}

impl DeviceSample for u16 {
    fn from_unit(sample: f32) -> Self {
        (clipped(sample) * 32_767.0 + 32_768.0) as u16
    }
    fn to_unit(self) -> f32 {
        (f32::from(self) - 32_768.0) / 32_768.0
    }
}

impl DeviceSample for i32 {
    fn from_unit(sample: f32) -> Self {
        (clipped(sample) * 2_147_483_647.0) as i32
    }
    fn to_unit(self) -> f32 {
        self as f32 / 2_147_483_648.0
    }
}

/// The playback callback's state.
#[derive(Debug)]
pub struct Playback {
    end: PlaybackEnd,
    channels: usize,
    gain: Ramp,
    fade_in: f32,
    fade_in_step: f32,
    last: f32,
    decay: f32,
    taken: u64,
    meter: Meter,
}

impl Playback {
    /// For a device with `channels` interleaved channels.
    pub fn new(end: PlaybackEnd, channels: usize) -> Self {
        let rate_hz = end.rate_hz() as f32;
        let target = end.shared().playback.target_factor();
        Self {
            channels: channels.max(1),
            gain: Ramp::new(target, rate_hz),
            fade_in: 0.0,
            fade_in_step: 1000.0 / (FADE_IN_MS * rate_hz.max(1.0)),
            last: 0.0,
            decay: 1.0 - 1000.0 / (DECAY_MS * rate_hz.max(2000.0)),
            taken: 0,
            meter: Meter::new(rate_hz),
            end,
        }
    }

    /// Fills one period of interleaved samples. `delay_us`: until the first of them is heard.
    pub fn fill<T: DeviceSample>(&mut self, out: &mut [T], delay_us: u32) -> Block {
        self.gain.aim(self.end.shared().playback.target_factor());
        let before = self.taken;
        let mut frames = 0u64;
        let mut lost = 0u64;
        let mut scratch = [0f32; CHUNK_FRAMES];
        for block in out.chunks_mut(CHUNK_FRAMES * self.channels) {
            let wanted = block.len() / self.channels;
            let (chunk, _) = scratch.split_at_mut(wanted.min(CHUNK_FRAMES));
            let got = self.end.pop(chunk);
            self.taken += got as u64;
            self.shape(chunk, got);
            if self.taken > 0 {
                lost += (wanted - got) as u64;
            }
            frames += wanted as u64;
            let mut rows = block.chunks_exact_mut(self.channels);
            for (row, &sample) in rows.by_ref().zip(chunk.iter()) {
                row.fill(T::from_unit(sample));
            }
            rows.into_remainder().fill(T::from_unit(0.0));
        }
        let mean_square = self.meter.mean_square();
        self.end.shared().playback.record(frames, lost, mean_square, delay_us);
        block(frames, self.taken - before, self.taken)
    }

    /// Whether somebody wants to know how long callbacks take.
    pub fn is_timed(&self) -> bool {
        self.end.shared().is_timed()
    }

    /// Leaves the times of this callback behind.
    pub fn tell(&mut self, time: CallbackTime) {
        self.end.tell(time);
    }

    /// Frames taken out of the ring since the opening.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Frames that wait in the ring.
    pub fn queued(&self) -> usize {
        self.end.fill()
    }

    /// Whether the worker let go of its ends.
    pub fn is_abandoned(&self) -> bool {
        self.end.is_abandoned()
    }

    /// Gain and fade-in over the `got` first samples, decay from the last one over the others.
    fn shape(&mut self, chunk: &mut [f32], got: usize) {
        for (index, sample) in chunk.iter_mut().enumerate() {
            if index < got {
                self.last = clipped(*sample) * self.gain.next() * self.fade_in;
                self.fade_in = (self.fade_in + self.fade_in_step).min(1.0);
            } else {
                self.last *= self.decay;
                self.fade_in = 0.0;
                if self.last.abs() < 1.0e-5 {
                    self.last = 0.0;
                }
            }
            *sample = self.last;
            self.meter.add(self.last);
        }
    }
}

/// The capture callback's state.
#[derive(Debug)]
pub struct Capture {
    end: CaptureEnd,
    channels: usize,
    given: u64,
    gain: Ramp,
    meter: Meter,
}

impl Capture {
    /// For a device with `channels` interleaved channels.
    pub fn new(end: CaptureEnd, channels: usize) -> Self {
        let rate_hz = end.rate_hz() as f32;
        let target = end.shared().capture.target_factor();
        Self {
            channels: channels.max(1),
            given: 0,
            gain: Ramp::new(target, rate_hz),
            meter: Meter::new(rate_hz),
            end,
        }
    }

    /// Takes one period of interleaved samples. `delay_us`: since the first of them was heard.
    pub fn take<T: DeviceSample>(&mut self, input: &[T], delay_us: u32) -> Block {
        self.gain.aim(self.end.shared().capture.target_factor());
        let mut frames = 0u64;
        let mut lost = 0u64;
        let mut scratch = [0f32; CHUNK_FRAMES];
        for block in input.chunks(CHUNK_FRAMES * self.channels) {
            let count = block.len() / self.channels;
            let (chunk, _) = scratch.split_at_mut(count.min(CHUNK_FRAMES));
            for (sample, row) in chunk.iter_mut().zip(block.chunks_exact(self.channels)) {
                *sample = mono(row) * self.gain.next();
                self.meter.add(*sample);
            }
            let pushed = self.end.push(chunk);
            frames += count as u64;
            lost += (count - pushed) as u64;
        }
        let mean_square = self.meter.mean_square();
        self.end.shared().capture.record(frames, lost, mean_square, delay_us);
        self.given += frames - lost;
        block(frames, frames - lost, self.given)
    }

    /// Whether somebody wants to know how long callbacks take.
    pub fn is_timed(&self) -> bool {
        self.end.shared().is_timed()
    }

    /// Leaves the times of this callback behind.
    pub fn tell(&mut self, time: CallbackTime) {
        self.end.tell(time);
    }
}

fn block(frames: u64, moved: u64, total: u64) -> Block {
    Block { frames: frames as u32, moved: moved as u32, total }
}

/// The mean of the first two channels; further ones of a card are seldom the microphone.
fn mono<T: DeviceSample>(row: &[T]) -> f32 {
    match row {
        [] => 0.0,
        [only] => only.to_unit(),
        [left, right, ..] => (left.to_unit() + right.to_unit()) * 0.5,
    }
}

fn clipped(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }
}

/// A factor that moves to its target in a straight line over [`GAIN_RAMP_MS`], so that no change
/// clicks.
#[derive(Debug)]
struct Ramp {
    now: f32,
    target: f32,
    step: f32,
    frames: f32,
}

impl Ramp {
    fn new(value: f32, rate_hz: f32) -> Self {
        let frames = (rate_hz * GAIN_RAMP_MS / 1000.0).max(1.0);
        Self { now: value, target: value, step: 0.0, frames }
    }

    fn aim(&mut self, target: f32) {
        if target != self.target && !target.is_nan() {
            self.target = target;
            self.step = (target - self.now) / self.frames;
        }
    }

    fn next(&mut self) -> f32 {
        if self.now != self.target {
            self.now += self.step;
            let passed =
                if self.step >= 0.0 { self.now >= self.target } else { self.now <= self.target };
            if passed || self.step == 0.0 {
                self.now = self.target;
            }
        }
        self.now
    }
}

/// Mean square with an exponential window.
#[derive(Debug)]
struct Meter {
    mean_square: f32,
    weight: f32,
}

impl Meter {
    fn new(rate_hz: f32) -> Self {
        Self { mean_square: 0.0, weight: (1000.0 / (METER_MS * rate_hz.max(1.0))).min(1.0) }
    }

    fn add(&mut self, sample: f32) {
        self.mean_square += (sample * sample - self.mean_square) * self.weight;
    }

    fn mean_square(&mut self) -> f32 {
        // Below 24-bit silence it is silence: keeps denormal numbers out of the loop.
        if self.mean_square < 1.0e-15 {
            self.mean_square = 0.0;
        }
        self.mean_square
    }
}

/// Frames handled at a time, on the stack of the callback.
const CHUNK_FRAMES: usize = 128;
/// From one gain to the next: short enough to feel instant, long enough not to click.
const GAIN_RAMP_MS: f32 = 10.0;
/// First audio after silence.
const FADE_IN_MS: f32 = 5.0;
/// Time constant of the decay when the ring runs short.
const DECAY_MS: f32 = 1.5;
/// Time constant of the level meter.
const METER_MS: f32 = 100.0;

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::{
        base::units::Gain,
        device::ports::{PortEnds, PortFormat, port},
    };

    fn device() -> (PortEnds, Playback, Capture) {
        let format =
            PortFormat { playback_rate_hz: 48_000, capture_rate_hz: 48_000, period_frames: 480 };
        let (ends, playback, capture) = port(format);
        (ends, Playback::new(playback, 2), Capture::new(capture, 2))
    }

    #[test]
    fn plays_mono_on_every_channel_after_the_fade_in() {
        let (mut ends, mut playback, _) = device();
        assert_eq!(ends.push_playback(&[0.5; 960]), 960);
        let mut out = [0f32; 1920];
        playback.fill(&mut out, 0);
        assert_eq!(out[0], 0.0, "the fade-in starts at silence");
        assert!(out[484..].iter().all(|&s| s == 0.5), "after 5 ms it is the sample itself");
        assert_eq!((out[100], out[200]), (out[101], out[201]));
        assert_eq!(ends.shared().playback.frames(), 960);
        assert_eq!(ends.shared().playback.xruns(), 0);
    }

    #[test]
    fn a_short_ring_fades_to_silence_and_counts_one_underrun() {
        let (mut ends, mut playback, _) = device();
        let mut out = [0f32; 960];
        playback.fill(&mut out, 0);
        assert_eq!(ends.shared().playback.xruns(), 0, "nothing was played yet, nothing is short");
        ends.push_playback(&[0.5; 480]);
        playback.fill(&mut out, 0);
        ends.push_playback(&[0.5; 80]);
        playback.fill(&mut out, 0);
        let steps = out.windows(3).map(|w| (w[2] - w[0]).abs()).fold(0f32, f32::max);
        assert!(steps < 0.01, "no step larger than the decay's: {steps}");
        assert!(out[958].abs() < 0.01, "decayed: {}", out[958]);
        assert_eq!(ends.shared().playback.xruns(), 1);
        assert_eq!(ends.shared().playback.xrun_frames(), 400);
    }

    #[test]
    fn callbacks_tell_what_they_moved() {
        let (mut ends, mut playback, mut capture) = device();
        let mut out = [0f32; 960];
        let told = |frames, moved, total| Block { frames, moved, total };
        assert_eq!(playback.fill(&mut out, 0), told(480, 0, 0));
        ends.push_playback(&[0.5; 600]);
        assert_eq!(playback.fill(&mut out, 0), told(480, 480, 480));
        assert_eq!(playback.fill(&mut out, 0), told(480, 120, 600));
        for _ in 0..20 {
            capture.take(&[0f32; 960], 0);
        }
        assert_eq!(capture.take(&[0f32; 960], 0), told(480, 0, 9600), "the ring is full");

        assert!(!playback.is_timed() && !capture.is_timed());
        ends.time_callbacks(true);
        assert!(playback.is_timed() && capture.is_timed());
        let time = CallbackTime {
            begun: std::time::Instant::now(),
            busy: std::time::Duration::from_micros(7),
            block: told(480, 120, 600),
        };
        for _ in 0..2 * crate::device::ports::TIMES {
            playback.tell(time);
        }
        assert_eq!((ends.playback_time(), ends.capture_time()), (Some(time), None));
        capture.tell(time);
        assert_eq!(ends.capture_time(), Some(time));
        let kept = 1 + std::iter::from_fn(|| ends.playback_time()).count();
        assert_eq!(kept, crate::device::ports::TIMES, "the rest is lost");
    }

    #[test]
    fn gain_and_mute_ramp_instead_of_stepping() {
        let (mut ends, mut playback, _) = device();
        let mut out = [0f32; 4800];
        ends.push_playback(&[0.5; 2400]);
        playback.fill(&mut out, 0);
        ends.shared().playback.set_gain(Gain::from_db(-6.0));
        ends.push_playback(&[0.5; 2400]);
        playback.fill(&mut out, 0);
        let quarter = 0.5 * Gain::from_db(-6.0).factor();
        assert!((out[4798] - quarter).abs() < 1e-6);
        assert!(out.windows(3).all(|w| (w[2] - w[0]).abs() < 0.001), "no step");
        ends.shared().playback.set_muted(true);
        ends.push_playback(&[0.5; 2400]);
        playback.fill(&mut out, 0);
        assert_eq!(out[4798], 0.0);
        assert!(out.windows(3).all(|w| (w[2] - w[0]).abs() < 0.001), "no step");
    }

    #[test]
    fn captures_the_mean_of_the_first_two_channels() {
        let (mut ends, _, mut capture) = device();
        capture.take(&[0.2f32, 0.4, 0.6, 0.8], 0);
        let mut got = [0f32; 8];
        assert_eq!(ends.pop_capture(&mut got), 2);
        assert!((got[0] - 0.3).abs() < 1e-6 && (got[1] - 0.7).abs() < 1e-6);
    }

    #[test]
    fn a_full_ring_drops_captured_frames_and_counts_them() {
        let (ends, _, mut capture) = device();
        for _ in 0..25 {
            capture.take(&[0i16; 960], 0);
        }
        assert_eq!(ends.capture_fill(), 9600, "200 ms");
        assert_eq!(ends.shared().capture.xruns(), 5);
        assert_eq!(ends.shared().capture.xrun_frames(), 2400);
        assert_eq!(ends.shared().capture.frames(), 12_000);
    }

    #[test]
    fn formats_clip_and_take_nan_as_silence() {
        assert_eq!(i16::from_unit(2.0), 32_767);
        assert_eq!(i16::from_unit(-2.0), -32_767);
        assert_eq!(u16::from_unit(-1.0), 1);
        assert_eq!(u16::from_unit(0.0), 32_768);
        assert_eq!(u16::from_unit(1.0), 65_535);
        assert_eq!(i32::from_unit(f32::NAN), 0);
        assert_eq!(f32::from_unit(f32::INFINITY), 1.0);
        assert!((i16::from_unit(0.25).to_unit() - 0.25).abs() < 1e-4);
        assert!((u16::from_unit(0.25).to_unit() - 0.25).abs() < 1e-4);
        assert!((i32::from_unit(0.25).to_unit() - 0.25).abs() < 1e-4);
    }

    #[test]
    fn the_level_is_that_of_what_was_played() {
        let (mut ends, mut playback, _) = device();
        let tone: Vec<f32> = (0..480).map(|n| (n as f32 * 0.130_899_69).sin() * 0.5).collect();
        let mut out = [0f32; 960];
        for _ in 0..100 {
            ends.push_playback(&tone);
            playback.fill(&mut out, 0);
        }
        let level = ends.shared().playback.level();
        assert!((level.0 - -9.03).abs() < 0.3, "a sine of 0.5 is -9.03 dBFS, not {level:?}");
    }
}

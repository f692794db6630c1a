//! The real-time callbacks under an allocator that aborts the process when they take or give back
//! memory: a million odd-sized callbacks with the ring empty, full and between, in every sample
//! format, with gains and mutes that change, each of them timed as those of sound cards are. A planted
//! allocation shows that the guard bites.

use std::process::Command;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use sidetone::{
    base::{rng::Rng, units::Gain},
    device::{
        health::AudioHealth,
        ports::{CallbackTime, PortEnds, PortFormat, port},
        realtime::{Capture, DeviceSample, Playback},
    },
};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const CALLBACKS: u32 = 1_000_000;
const MOST_FRAMES: usize = 700;

/// One device with its worker, and buffers of the greatest size for both.
struct Device<T> {
    channels: usize,
    ends: PortEnds,
    playback: Playback,
    capture: Capture,
    health: AudioHealth,
    samples: Vec<T>,
    frames: Vec<f32>,
}

impl<T: DeviceSample + PartialEq> Device<T> {
    fn new(channels: usize, rate_hz: u32) -> Self {
        let format =
            PortFormat { playback_rate_hz: rate_hz, capture_rate_hz: rate_hz, period_frames: 480 };
        let (ends, playback, capture) = port(format);
        Self {
            channels,
            ends,
            playback: Playback::new(playback, channels),
            capture: Capture::new(capture, channels),
            health: AudioHealth::default(),
            samples: vec![T::from_unit(0.0); MOST_FRAMES * channels + channels - 1],
            frames: edges().collect(),
        }
    }

    /// A callback each way of a random size, mostly no multiple of the channels, after a worker
    /// that gave and took anything from nothing to all.
    fn run(&mut self, random: &mut Rng) {
        // Sixty-four callbacks of a worker that does too much, then as many of one too slow.
        let eager = self.ends.shared().playback.callbacks() & 64 == 0;
        let (give, take) = if eager { (3, 3) } else { (1, 1) };
        let dice = random.u32();
        match dice & 15 {
            0 => {
                self.ends.shared().playback.set_gain(Gain::from_db((dice >> 8 & 31) as f32 - 24.0))
            }
            1 => self.ends.shared().capture.set_muted(dice & 256 != 0),
            2 => self.ends.shared().playback.set_muted(dice & 256 != 0),
            _ => {}
        }
        let give = random.below(give * MOST_FRAMES as u32 / 2) as usize;
        let mut given = 0;
        while given < give {
            given += self.frames.len().min(give - given);
            self.ends.push_playback(&self.frames[..self.frames.len().min(give)]);
        }
        let size = random.below(self.samples.len() as u32 + 1) as usize;
        let block = &mut self.samples[..size];
        assert_no_alloc(|| {
            let (frames, health) = (size / self.channels, &self.health);
            // As the closures of the sound cards do, while somebody measures.
            let (filled, begun, busy) =
                health.playback.time(frames, 48_000, || self.playback.fill(block, dice));
            self.playback.tell(CallbackTime { begun, busy, block: filled });
            let (taken, begun, busy) =
                health.capture.time(frames, 48_000, || self.capture.take(block, dice));
            self.capture.tell(CallbackTime { begun, busy, block: taken });
        });
        if dice & 3 == 0 {
            while self.ends.playback_time().is_some() && self.ends.capture_time().is_some() {}
        }
        if dice & 7 != 0 {
            // Now and then nobody takes: the capture ring runs full.
            self.ends.skip_capture(random.below(take * MOST_FRAMES as u32 / 2) as usize);
        }
    }

    fn assert_lived_through_it_all(&self) {
        let shared = self.ends.shared();
        assert!(shared.playback.xruns() > 100, "{} channels: the ring was short", self.channels);
        assert!(shared.capture.xruns() > 100, "{} channels: the ring was full", self.channels);
        assert!(shared.playback.frames() > shared.playback.xrun_frames());
        assert_eq!(shared.playback.callbacks(), shared.capture.callbacks());
        assert_eq!(self.health.times().count, 2 * shared.playback.callbacks());
    }
}

/// Samples at and beyond the edges of every format.
fn edges() -> impl Iterator<Item = f32> {
    let special = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    let small = [f32::MIN_POSITIVE, 1e-40, f32::EPSILON, f32::MAX, f32::MIN];
    special.into_iter().chain(small).cycle().take(480)
}

#[test]
fn a_million_odd_callbacks_take_no_memory_and_give_none_back() {
    let mut random = Rng::from_number(1);
    let mut float = Device::<f32>::new(2, 48_000);
    let mut mono = Device::<f32>::new(1, 8_000);
    let mut short = Device::<i16>::new(2, 44_100);
    let mut long = Device::<i32>::new(6, 48_000);
    let mut unsigned = Device::<u16>::new(3, 16_000);
    for callback in 0..CALLBACKS / 2 {
        match callback % 5 {
            0 => float.run(&mut random),
            1 => mono.run(&mut random),
            2 => short.run(&mut random),
            3 => long.run(&mut random),
            _ => unsigned.run(&mut random),
        }
    }
    float.assert_lived_through_it_all();
    mono.assert_lived_through_it_all();
    short.assert_lived_through_it_all();
    long.assert_lived_through_it_all();
    unsigned.assert_lived_through_it_all();
}

/// Run by the test below in a process of its own.
#[test]
fn child_that_allocates_where_it_must_not() {
    if std::env::var_os("SIDETONE_TEST_PLANT").is_some() {
        let mut device = Device::<f32>::new(2, 48_000);
        assert_no_alloc(|| {
            device.playback.fill(&mut device.samples, 0);
            std::hint::black_box(vec![0u8; 64]);
        });
    }
}

#[test]
fn a_planted_allocation_aborts_the_process() {
    let run = |plant: bool| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "child_that_allocates_where_it_must_not"]);
        if plant {
            child.env("SIDETONE_TEST_PLANT", "1");
        }
        child.output().unwrap()
    };
    assert!(run(false).status.success(), "without the plant it passes");
    let output = run(true);
    assert!(!output.status.success(), "the guard is off: {output:?}");
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        assert!(output.status.signal().is_some(), "died by a signal, not by a failed assertion");
    }
}

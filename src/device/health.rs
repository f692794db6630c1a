//! How the real-time threads do: how long the audio callbacks take, how often one took longer than
//! the audio it was for, and what scheduling the system gave their threads. The media workers write
//! down by how much their rounds were late in a histogram of the same kind.
//!
//! ```text
//! R  CallbackHealth::time ─▶ Histogram (atomics) ◀─ any thread: percentiles, whenever it likes
//! ```
//!
//! Times are taken round a callback by its wrapper (`cpal.rs`, `stepped.rs`), with the monotonic
//! clock: on Linux and Windows no system call. Writing one down is a few atomic additions: no
//! allocation, no lock, no wait.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use super::priority::{Priority, PriorityCell};

/// Values below it have a bucket of their own each, µs.
const EXACT: u64 = 16;
/// Buckets for each doubling above: a value is told to an eighth.
const STEPS: u64 = 8;
/// 2^24 µs, 16 s: what is longer counts as that.
const DOUBLINGS: u64 = 20;
const BUCKETS: usize = (EXACT + STEPS * DOUBLINGS) as usize;

/// Counts durations by their length.
#[derive(Debug)]
pub struct Histogram {
    counts: [AtomicU64; BUCKETS],
    max_us: AtomicU32,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS], max_us: AtomicU32::new(0) }
    }
}

/// Durations in brief: how many there are, and in µs what half of them and 99 of 100 keep within, to
/// an eighth and never less than it was, and the longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// Median, µs.
    pub p50_us: u32,
    /// 99th percentile, µs.
    pub p99_us: u32,
    /// Longest, µs.
    pub max_us: u32,
}

impl Histogram {
    /// Counts one. Never waits, takes no memory; several threads may.
    pub fn add(&self, duration: Duration) {
        let us = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
        if let Some(count) = self.counts.get(bucket(us.into())) {
            count.fetch_add(1, Relaxed);
        }
        self.max_us.fetch_max(us, Relaxed);
    }

    /// What was counted in all of these.
    pub fn spread(of: &[&Histogram]) -> Spread {
        let mut counts = [0u64; BUCKETS];
        for histogram in of {
            for (sum, count) in counts.iter_mut().zip(&histogram.counts) {
                *sum += count.load(Relaxed);
            }
        }
        let count: u64 = counts.iter().sum();
        let max_us = of.iter().map(|one| one.max_us.load(Relaxed)).max().unwrap_or(0);
        // The first bucket by which so many have been counted.
        let within = |share: u64| {
            let wanted = count.saturating_mul(share).div_ceil(100);
            let mut counted = 0;
            let found = counts.iter().position(|count| {
                counted += count;
                counted >= wanted
            });
            found.map_or(0, longest_of).min(max_us)
        };
        let (p50_us, p99_us) = if count == 0 { (0, 0) } else { (within(50), within(99)) };
        Spread { count, p50_us, p99_us, max_us }
    }
}

/// Which bucket a duration is in.
fn bucket(us: u64) -> usize {
    if us < EXACT {
        return us as usize;
    }
    // 4 for 16 to 31, and so on.
    let doubling = u64::from(us.ilog2());
    let step = (us >> (doubling - 3)) & (STEPS - 1);
    let index = EXACT + STEPS * (doubling - 4) + step;
    (index as usize).min(BUCKETS - 1)
}

/// The longest duration of a bucket, µs.
fn longest_of(bucket: usize) -> u32 {
    let bucket = bucket as u64;
    if bucket < EXACT {
        return bucket as u32;
    }
    let (doubling, step) = ((bucket - EXACT) / STEPS + 4, (bucket - EXACT) % STEPS);
    (((STEPS + step + 1) << (doubling - 3)) - 1) as u32
}

/// The callbacks of one direction.
#[derive(Debug, Default)]
pub struct CallbackHealth {
    /// How long each took.
    pub times: Histogram,
    /// What scheduling its thread got.
    pub priority: PriorityCell,
    misses: AtomicU64,
}

impl CallbackHealth {
    /// Runs a callback for `frames` of audio and writes down how long it took; gives what it gave,
    /// when it began, and how long it took.
    pub fn time<T>(
        &self,
        frames: usize,
        rate_hz: u32,
        callback: impl FnOnce() -> T,
    ) -> (T, Instant, Duration) {
        let begun = Instant::now();
        let result = callback();
        let busy = begun.elapsed();
        self.record(busy, frames, rate_hz);
        (result, begun, busy)
    }

    /// One callback's duration. It misses its deadline when it is longer than the audio.
    pub fn record(&self, took: Duration, frames: usize, rate_hz: u32) {
        self.times.add(took);
        let audio_ns = frames as u64 * 1_000_000_000 / u64::from(rate_hz.max(1));
        if took.as_nanos() > u128::from(audio_ns) {
            self.misses.fetch_add(1, Relaxed);
        }
    }

    /// Callbacks that took longer than the audio they were for.
    pub fn misses(&self) -> u64 {
        self.misses.load(Relaxed)
    }
}

/// Both directions of whatever sound card an engine has open, over all openings.
#[derive(Debug, Default)]
pub struct AudioHealth {
    /// The loudspeaker's callbacks.
    pub playback: CallbackHealth,
    /// The microphone's.
    pub capture: CallbackHealth,
}

impl AudioHealth {
    /// Durations of both.
    pub fn times(&self) -> Spread {
        Histogram::spread(&[&self.playback.times, &self.capture.times])
    }

    /// Missed deadlines of both.
    pub fn misses(&self) -> u64 {
        self.playback.misses() + self.capture.misses()
    }

    /// What the threads of both got, the worse of the two.
    pub fn priority(&self) -> Priority {
        self.playback.priority.get().worse(self.capture.priority.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_in_a_bucket_that_ends_within_an_eighth_of_it() {
        let mut before = 0;
        for us in (0..5_000).chain([65_535, 65_536, 1_000_000, 16_777_215]) {
            let bucket = bucket(us);
            let longest = u64::from(longest_of(bucket));
            assert!(us <= longest && longest <= us + us / 8, "{us} in one up to {longest}");
            assert!(bucket >= before, "longer ones stand later");
            before = bucket;
        }
        assert_eq!(bucket(u64::from(u32::MAX)), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_those_of_all_that_was_counted() {
        let (one, other) = (Histogram::default(), Histogram::default());
        assert_eq!(Histogram::spread(&[&one]), Spread::default());
        for us in 1..=100 {
            (if us % 2 == 0 { &one } else { &other }).add(Duration::from_micros(us));
        }
        other.add(Duration::from_secs(60));
        let spread = Histogram::spread(&[&one, &other]);
        assert_eq!((spread.count, spread.max_us), (101, 60_000_000));
        assert!((51..=57).contains(&spread.p50_us), "{spread:?}");
        assert!((100..=112).contains(&spread.p99_us), "{spread:?}");
        one.add(Duration::from_micros(1_000));
        assert_eq!(Histogram::spread(&[&one]).p99_us, 1_000, "never more than the longest");
    }

    #[test]
    fn a_callback_that_takes_longer_than_its_audio_misses_its_deadline() {
        let health = AudioHealth::default();
        health.playback.record(Duration::from_millis(10), 480, 48_000);
        assert_eq!(health.misses(), 0);
        health.playback.record(Duration::from_micros(10_001), 480, 48_000);
        health.capture.record(Duration::from_nanos(1), 0, 0);
        assert_eq!((health.misses(), health.times().count), (2, 3));
        assert_eq!(health.playback.time(480, 48_000, || 7).0, 7);
        assert_eq!(health.times().count, 4);
    }
}

//! The callbacks of one direction, and when which frame went through them.

use std::time::Instant;

use sidetone::device::ports::CallbackTime;

/// Callbacks in the order in which they ran. Times in seconds since the measurement began.
#[derive(Debug)]
pub struct Times {
    began: Instant,
    rate_hz: f64,
    callbacks: Vec<Callback>,
}

#[derive(Clone, Copy, Debug)]
struct Callback {
    at_s: f64,
    busy_us: f64,
    /// Number of its first frame that went through the ring, and of the first of the next callback.
    first: u64,
    end: u64,
    /// Silence stood in for frames, or frames were thrown away.
    torn: bool,
}

impl Times {
    /// None yet.
    pub fn new(began: Instant, rate_hz: u32) -> Self {
        Self { began, rate_hz: f64::from(rate_hz.max(1)), callbacks: Vec::new() }
    }

    /// The next callback.
    pub fn add(&mut self, time: &CallbackTime) {
        let block = time.block;
        self.callbacks.push(Callback {
            at_s: time.begun.saturating_duration_since(self.began).as_secs_f64(),
            busy_us: time.busy.as_secs_f64() * 1e6,
            first: block.total - u64::from(block.moved),
            end: block.total,
            torn: block.moved < block.frames,
        });
    }

    /// When that frame of all that went through the ring was handed over: its callback's begin and
    /// its place in the block. `None` when its callback was not timed, or was torn.
    pub fn of(&self, frame: f64) -> Option<f64> {
        let number = frame.round() as u64;
        let after = self.callbacks.partition_point(|callback| callback.end <= number);
        let callback = self.callbacks.get(after)?;
        let inside = callback.first <= number && !callback.torn;
        inside.then(|| callback.at_s + (frame - callback.first as f64) / self.rate_hz)
    }

    /// How long each callback took.
    pub fn busy_us(&self) -> Vec<(f64, f64)> {
        self.callbacks.iter().map(|callback| (callback.at_s, callback.busy_us)).collect()
    }

    /// From the begin of each callback to that of the next.
    pub fn interval_ms(&self) -> Vec<(f64, f64)> {
        let pairs = self.callbacks.windows(2);
        pairs.map(|pair| (pair[1].at_s, 1000.0 * (pair[1].at_s - pair[0].at_s))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sidetone::device::ports::Block;

    use super::*;

    #[test]
    fn frames_are_found_in_their_callbacks() {
        let began = Instant::now();
        let mut times = Times::new(began, 48_000);
        let mut add = |at_ms: u64, moved: u32, total: u64| {
            times.add(&CallbackTime {
                begun: began + Duration::from_millis(at_ms),
                busy: Duration::from_micros(5),
                block: Block { frames: 480, moved, total },
            });
        };
        add(10, 480, 960);
        add(21, 480, 1440);
        add(30, 100, 1540);
        // One was not taken in time.
        add(50, 480, 2500);
        let found = [480.0, 528.0, 959.0, 960.0, 1440.0, 2019.0, 2020.0, 9999.0];
        let expected = [
            Some(0.010),
            Some(0.011),
            Some(0.010 + 479.0 / 48_000.0),
            Some(0.021),
            None,
            None,
            Some(0.050),
            None,
        ];
        for (frame, expected) in found.into_iter().zip(expected) {
            let found = times.of(frame);
            assert_eq!(found.is_some(), expected.is_some(), "{frame}");
            let off = found.unwrap_or_default() - expected.unwrap_or_default();
            assert!(off.abs() < 1e-9, "{frame}: {found:?}");
        }
        let intervals: Vec<f64> = times.interval_ms().iter().map(|(_, ms)| ms.round()).collect();
        assert_eq!(intervals, [11.0, 9.0, 20.0]);
        assert_eq!(times.busy_us().len(), 4);
    }
}

//! Measure, part two: the playout offset to aim at.
//!
//! A histogram of packet offsets with forgetting. The target is the offset at which delay and loss
//! cost least together: a percent of late packets is worth 20 ms of delay, near what the E-model
//! (ITU-T G.107) charges in a conversation. On a clean network that is the slowest packet seen, a
//! few milliseconds; a lone spike does not pay for itself and is ridden out.
//!
//! ```text
//! weight |  #
//!        | ###            late, 20 ms a percent
//!        | #####  # |-------------->
//!        +----------+--------------- offset
//!          fastest  target
//! ```

/// Width of a bin in milliseconds.
const BIN_MS: i64 = 2;
/// Bins; offsets further up count in the last one.
const BINS: usize = 512;
/// Bins kept free below the fastest packet after the histogram moved.
const HEADROOM: usize = 32;
/// How long the past counts, as the time constant of forgetting.
const MEMORY_MS: f32 = 6_000.0;
/// Milliseconds of delay that one percent of late packets is worth.
const MS_PER_LATE_PERCENT: f32 = 20.0;
/// No more than this share of packets is given up to lateness.
const LATE_SHARE_MAX: f32 = 0.07;
/// Added while little is known, falling to nothing over [`START_PACKETS`].
const START_MARGIN_MS: i64 = 2;
const START_PACKETS: i64 = 25;
/// Packets that say how early the network could be right now.
const FLOOR_PACKETS: usize = 8;
/// So many packets in a row tell that the whole delay moved.
const SHIFT_PACKETS: usize = 16;
const SHIFT_MS: i64 = 80;
const SHIFT_SPREAD_MS: i64 = 40;

/// The highest target is remembered for this many seconds, and that of the second going on.
const REST_S: usize = 8;
/// What is more above the target than this is brought down at once.
const REST_MAX_MS: i64 = 8;

/// The highest target of the last seconds, or so much above the present one as is worth keeping:
/// what the delay comes down to, while it goes up to the target itself.
#[derive(Debug)]
pub struct Rest {
    rate_hz: i64,
    highest: [i64; REST_S + 1],
    second: i64,
}

impl Rest {
    /// For times and offsets counted at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        Self { rate_hz: i64::from(rate_hz), highest: [i64::MIN; REST_S + 1], second: 0 }
    }

    /// Takes the target at `now`; the highest of late, a few milliseconds above this one at most.
    pub fn update(&mut self, now: i64, target: i64) -> i64 {
        let second = now.div_euclid(self.rate_hz);
        let slots = self.highest.len() as i64;
        if second - self.second >= slots {
            self.forget();
        }
        for passed in self.second + 1..=second.min(self.second + slots) {
            self.highest[passed.rem_euclid(slots) as usize] = i64::MIN;
        }
        self.second = self.second.max(second);
        let slot = &mut self.highest[self.second.rem_euclid(slots) as usize];
        *slot = (*slot).max(target);
        let highest = self.highest.iter().copied().max().unwrap_or(target);
        highest.min(target + REST_MAX_MS * self.rate_hz / 1000)
    }

    /// The network is another one: what was aimed at tells nothing any more.
    pub fn forget(&mut self) {
        self.highest.fill(i64::MIN);
    }
}

/// Offsets of one stream.
#[derive(Debug)]
pub struct DelayEstimate {
    ms_samples: i64,
    bins: Vec<f32>,
    total: f32,
    /// What remains of the past after a packet of so many samples.
    keep: (i64, f32),
    /// Offset of bin 0, in bins.
    base: i64,
    top: usize,
    packets: i64,
    target: i64,
    recent: [i64; SHIFT_PACKETS],
}

impl DelayEstimate {
    /// For offsets counted at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            ms_samples: i64::from(rate_hz) / 1000,
            bins: vec![0.0; BINS],
            total: 0.0,
            keep: (0, 1.0),
            base: 0,
            top: 0,
            packets: 0,
            target: 0,
            recent: [0; SHIFT_PACKETS],
        }
    }

    /// Takes the offset of one packet of `samples`; `true` when the whole delay moved, so that older
    /// offsets tell nothing any more.
    pub fn update(&mut self, offset: i64, samples: i64) -> bool {
        let width = BIN_MS * self.ms_samples;
        let place = offset.div_euclid(width);
        if self.packets == 0 {
            self.base = place - HEADROOM as i64;
        }
        self.recent[(self.packets % SHIFT_PACKETS as i64) as usize] = offset;
        self.packets += 1;
        if self.keep.0 != samples {
            let ms = samples as f32 / self.ms_samples as f32;
            self.keep = (samples, (-ms / MEMORY_MS).exp());
        }
        let keep = self.keep.1;
        self.bins[..=self.top].iter_mut().for_each(|bin| *bin *= keep);
        self.total *= keep;
        let moved = self.packets >= SHIFT_PACKETS as i64 && self.follow_shift();
        if place < self.base {
            self.move_base(place - HEADROOM as i64);
        }
        self.count(place);
        self.choose();
        moved
    }

    /// Offset to play at, in samples: a packet with this offset is just in time.
    pub fn target(&self) -> i64 {
        let unknown = (START_PACKETS - self.packets).max(0) * START_MARGIN_MS / START_PACKETS;
        self.target + unknown * self.ms_samples
    }

    /// Whether the last packet was the one that made enough known: what was aimed at before had a
    /// margin for that.
    pub fn has_started(&self) -> bool {
        self.packets == START_PACKETS
    }

    /// The least offset of the last few packets: playing earlier than that only runs dry.
    pub fn floor(&self) -> i64 {
        let known = (self.packets as usize).min(FLOOR_PACKETS);
        let newest = (1..=known as i64)
            .map(|ago| self.recent[(self.packets - ago).rem_euclid(SHIFT_PACKETS as i64) as usize]);
        newest.min().unwrap_or(i64::MIN)
    }

    fn choose(&mut self) {
        while self.top > 0 && self.bins[self.top] < 1e-4 {
            self.bins[self.top] = 0.0;
            self.top -= 1;
        }
        let percent = 100.0 / self.total.max(1e-6);
        let (mut late, mut best, mut least) = (0.0f32, self.top, f32::MAX);
        for bin in (0..=self.top).rev() {
            if late * percent > LATE_SHARE_MAX * 100.0 {
                break;
            }
            let cost = (bin as i64 * BIN_MS) as f32 + late * percent * MS_PER_LATE_PERCENT;
            if cost < least {
                (best, least) = (bin, cost);
            }
            late += self.bins[bin];
        }
        // The bin's upper edge.
        self.target = (self.base + best as i64 + 1) * BIN_MS * self.ms_samples;
        if best > BINS / 4 {
            self.lower_base();
        }
    }

    /// The sender's clock is slower or the network's delay went up for good: moves the window up
    /// when the lowest bins are empty.
    fn lower_base(&mut self) {
        let empty = self.bins.iter().take_while(|&&weight| weight < 1e-3).count();
        if empty > 2 * HEADROOM {
            self.move_base(self.base + (empty - HEADROOM) as i64);
        }
    }

    fn move_base(&mut self, base: i64) {
        let by = base - self.base;
        self.base = base;
        if by >= 0 {
            let by = (by as usize).min(BINS);
            self.bins.copy_within(by.., 0);
            self.bins[BINS - by..].fill(0.0);
            self.top = self.top.saturating_sub(by);
        } else {
            let by = (by.unsigned_abs() as usize).min(BINS - 1);
            let lost: f32 = self.bins[BINS - by..].iter().sum();
            self.bins.copy_within(..BINS - by, by);
            self.bins[..by].fill(0.0);
            self.bins[BINS - 1] += lost;
            self.top = (self.top + by).min(BINS - 1);
        }
    }

    /// When all of the last packets lie together and far from what the histogram holds, the delay
    /// changed for good (another route, a sender that paused its timestamps): the histogram begins
    /// anew there instead of forgetting its way.
    fn follow_shift(&mut self) -> bool {
        let least = self.recent.iter().copied().min().unwrap_or(0);
        let most = self.recent.iter().copied().max().unwrap_or(0);
        if most - least > SHIFT_SPREAD_MS * self.ms_samples {
            return false;
        }
        let width = BIN_MS * self.ms_samples;
        let low = self.low_quantile() * width;
        let far = SHIFT_MS * self.ms_samples;
        let moved = least > self.target + far || most < low - far;
        if moved {
            self.begin_with_recent(least.div_euclid(width));
        }
        moved
    }

    fn begin_with_recent(&mut self, lowest: i64) {
        self.base = lowest - HEADROOM as i64;
        self.bins.fill(0.0);
        (self.total, self.top) = (0.0, 0);
        // The newest one is counted by who called.
        let newest = (self.packets - 1) % SHIFT_PACKETS as i64;
        for (n, offset) in self.recent.into_iter().enumerate() {
            if n as i64 != newest {
                self.count(offset.div_euclid(BIN_MS * self.ms_samples));
            }
        }
    }

    fn count(&mut self, place: i64) {
        let bin = ((place - self.base).max(0) as usize).min(BINS - 1);
        self.bins[bin] += 1.0;
        self.total += 1.0;
        self.top = self.top.max(bin);
    }

    /// The bin (from offset 0) below which a tenth of the weight lies.
    fn low_quantile(&self) -> i64 {
        let mut below = 0.0;
        let tenth = self.total * 0.1;
        let bin = self.bins.iter().position(|&weight| {
            below += weight;
            below >= tenth
        });
        self.base + bin.unwrap_or(0) as i64
    }
}

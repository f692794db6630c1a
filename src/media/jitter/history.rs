//! Measure, part one: where a packet belongs in media time, and how late it came.
//!
//! Media time counts PCM samples of the playout rate on an axis that runs with the local clock from
//! the first packet on. A packet's *offset* is its arrival minus its media time: the network's
//! delay of it, give or take a constant. Everything else in the jitter buffer is told in media time
//! and offsets, so timestamp jumps, a restarted sender or another SSRC are settled here and seen
//! nowhere else.
//!
//! ```text
//! RTP timestamp --(anchor, rate)--> media time --(arrival - media)--> offset
//!        jump, restart, other clock rate => new anchor, media time goes on
//! ```

use std::time::Instant;

/// How far behind the newest a sequence number may be, and how far ahead (RFC 3550 A.1:
/// MAX_MISORDER and MAX_DROPOUT).
const MISORDER_MAX: i64 = 100;
const DROPOUT_MAX: i64 = 3_000;
/// A timestamp step that sequence numbers and arrival contradict by this much is a jump.
const JUMP_MS: i64 = 60;
/// No network holds a packet back for longer; beyond it the sender's clock was set anew.
const OFFSET_CHANGE_MAX_S: i64 = 10;
/// The fastest packet is looked for in this many buckets of a second.
const MINIMUM_BUCKETS: usize = 10;

/// What is to be placed.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Unwrapped RTP sequence number.
    pub sequence: u64,
    /// Unwrapped RTP timestamp.
    pub timestamp: u64,
    /// RTP clock of the payload type, Hz.
    pub clock_rate_hz: u32,
    /// PCM samples in the packet.
    pub samples: i64,
}

/// A packet's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Sequence number that goes on through restarts.
    pub sequence: i64,
    /// Media time of its first sample.
    pub media: i64,
    /// Arrival minus media time, in samples.
    pub offset: i64,
}

/// Why a packet has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unplaced {
    /// It was here before.
    Duplicate,
    /// Its sequence number is far off; taken when the next one follows on it.
    Stray,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    sequence: i64,
    media: i64,
    samples: i64,
    arrival: i64,
    offset: i64,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    timestamp: u64,
    media: i64,
    clock_rate_hz: u32,
    sequence_shift: i64,
}

/// Arrivals of one stream.
#[derive(Debug)]
pub struct History {
    rate_hz: i64,
    epoch: Option<Instant>,
    anchor: Option<Anchor>,
    newest: Option<Newest>,
    /// The last 64 sequence numbers up to the newest, newest in bit 0.
    seen: u64,
    stray: Option<u64>,
    restart: bool,
    minima: [i64; MINIMUM_BUCKETS],
    minimum_second: i64,
}

impl History {
    /// For playout at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            rate_hz: i64::from(rate_hz),
            epoch: None,
            anchor: None,
            newest: None,
            seen: 0,
            stray: None,
            restart: false,
            minima: [i64::MAX; MINIMUM_BUCKETS],
            minimum_second: 0,
        }
    }

    /// `now` in samples since the first instant that was ever told.
    pub fn clock(&mut self, now: Instant) -> i64 {
        let epoch = *self.epoch.get_or_insert(now);
        let since = now.saturating_duration_since(epoch);
        (since.as_nanos() * self.rate_hz as u128 / 1_000_000_000) as i64
    }

    /// The next packet starts a new sequence and timestamp space (another SSRC).
    pub fn restart(&mut self) {
        self.restart = true;
    }

    /// Finds a packet's place and keeps it.
    pub fn place(&mut self, now: i64, arrival: &Arrival) -> Result<Placed, Unplaced> {
        let (Some(anchor), Some(newest)) = (self.anchor, self.newest) else {
            return Ok(self.place_at(now, arrival, 0, now));
        };
        if std::mem::take(&mut self.restart) {
            return Ok(self.begin_anew(now, arrival, &newest));
        }
        let sequence = arrival.sequence as i64 + anchor.sequence_shift;
        let step = sequence - newest.sequence;
        if !(-MISORDER_MAX..=DROPOUT_MAX).contains(&step) {
            let follows = self.stray == Some(arrival.sequence.wrapping_sub(1));
            self.stray = Some(arrival.sequence);
            return if follows {
                Ok(self.begin_anew(now, arrival, &newest))
            } else {
                Err(Unplaced::Stray)
            };
        }
        self.stray = None;
        if self.was_seen(step) {
            return Err(Unplaced::Duplicate);
        }
        if step > 0 && self.jumps(now, arrival, &anchor, &newest, step) {
            return Ok(self.begin_anew(now, arrival, &newest));
        }
        let media = self.media_of(&anchor, arrival);
        if media.abs_diff(newest.media) > (OFFSET_CHANGE_MAX_S * self.rate_hz) as u64 && step <= 0 {
            return Err(Unplaced::Stray);
        }
        self.mark(step);
        Ok(self.keep(now, Placed { sequence, media, offset: now - media }, arrival.samples))
    }

    /// Marks a sequence number that carries no audio (a telephone-event); gives its number.
    pub fn skip(&mut self, sequence: u64) -> Option<i64> {
        let sequence = sequence as i64 + self.anchor?.sequence_shift;
        let newest = self.newest.as_mut()?;
        let step = sequence - newest.sequence;
        if !(1..=DROPOUT_MAX).contains(&step) {
            return None;
        }
        // The newest packet grows by nothing: only its number moves on.
        newest.sequence = sequence;
        newest.media += newest.samples;
        newest.samples = 0;
        self.mark(step);
        Some(sequence)
    }

    /// Offset of the fastest packet of the last ten seconds.
    pub fn minimum_offset(&self) -> Option<i64> {
        self.minima.iter().copied().min().filter(|&least| least != i64::MAX)
    }

    /// The delay of the network moved for good: only `offset` is known of the new one.
    pub fn forget_minimum(&mut self, offset: i64) {
        self.minima.fill(i64::MAX);
        self.minima[self.minimum_second.rem_euclid(MINIMUM_BUCKETS as i64) as usize] = offset;
    }

    /// The RTP timestamp of a media time, by the current anchor.
    pub fn timestamp_of(&self, media: i64) -> Option<u64> {
        let anchor = self.anchor?;
        let ticks = (media - anchor.media) * i64::from(anchor.clock_rate_hz) / self.rate_hz;
        Some(anchor.timestamp.wrapping_add_signed(ticks))
    }

    fn media_of(&self, anchor: &Anchor, arrival: &Arrival) -> i64 {
        let ticks = arrival.timestamp.wrapping_sub(anchor.timestamp) as i64;
        let samples =
            i128::from(ticks) * i128::from(self.rate_hz) / i128::from(anchor.clock_rate_hz.max(1));
        anchor.media.saturating_add(samples as i64)
    }

    /// Whether the timestamp moved by something other than time: the arrival fits the count of
    /// packets, and not the timestamps.
    fn jumps(
        &self,
        now: i64,
        arrival: &Arrival,
        anchor: &Anchor,
        newest: &Newest,
        step: i64,
    ) -> bool {
        if arrival.clock_rate_hz != anchor.clock_rate_hz {
            return true;
        }
        let moved = self.media_of(anchor, arrival).saturating_sub(newest.media);
        if moved <= 0 && newest.samples > 0 {
            return true;
        }
        let expected = step * newest.samples;
        let gap = now - newest.arrival;
        let change = gap.saturating_sub(moved).abs();
        if change > OFFSET_CHANGE_MAX_S * self.rate_hz {
            return true;
        }
        moved.saturating_sub(expected).abs() >= JUMP_MS * self.rate_hz / 1000
            && (gap - expected).abs() * 4 < change
    }

    /// Sets a new anchor, so that the packet follows on the newest one: at once if it came at about
    /// the right time for that, else as late as it came.
    fn begin_anew(&mut self, now: i64, arrival: &Arrival, newest: &Newest) -> Placed {
        let follows = newest.media + newest.samples;
        let in_time = now - newest.offset;
        let near = 40 * self.rate_hz / 1000;
        let media = if in_time - follows <= near { follows } else { in_time };
        self.stray = None;
        self.place_at(now, arrival, newest.sequence + 1, media)
    }

    fn place_at(&mut self, now: i64, arrival: &Arrival, sequence: i64, media: i64) -> Placed {
        self.anchor = Some(Anchor {
            timestamp: arrival.timestamp,
            media,
            clock_rate_hz: arrival.clock_rate_hz,
            sequence_shift: sequence - arrival.sequence as i64,
        });
        self.seen = 1;
        self.restart = false;
        self.newest = None;
        self.keep(now, Placed { sequence, media, offset: now - media }, arrival.samples)
    }

    fn keep(&mut self, now: i64, placed: Placed, samples: i64) -> Placed {
        if self.newest.is_none_or(|newest| placed.sequence > newest.sequence) {
            self.newest = Some(Newest {
                sequence: placed.sequence,
                media: placed.media,
                samples,
                arrival: now,
                offset: placed.offset,
            });
        }
        let second = now / self.rate_hz;
        for passed in self.minimum_second + 1..=second.min(self.minimum_second + 10) {
            self.minima[passed.rem_euclid(MINIMUM_BUCKETS as i64) as usize] = i64::MAX;
        }
        if second > self.minimum_second + 10 {
            self.minima.fill(i64::MAX);
        }
        self.minimum_second = self.minimum_second.max(second);
        let bucket = &mut self.minima[second.rem_euclid(MINIMUM_BUCKETS as i64) as usize];
        *bucket = (*bucket).min(placed.offset);
        placed
    }

    fn was_seen(&self, step: i64) -> bool {
        (-63..=0).contains(&step) && self.seen >> -step & 1 == 1
    }

    fn mark(&mut self, step: i64) {
        match step {
            1..=63 => self.seen = self.seen << step | 1,
            64.. => self.seen = 1,
            -63..=0 => self.seen |= 1 << -step,
            _ => {}
        }
    }
}

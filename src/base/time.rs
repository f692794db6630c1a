//! Media time: packet time, RTP timestamps and sequence numbers, with the only wrapping arithmetic
//! of the crate.
//!
//! RTP counts samples modulo 2^32 and packets modulo 2^16 (RFC 3550 §5.1). Everything above works on
//! the unwrapped 64-bit forms that [`Unwrap`] makes.

use std::time::Duration;

/// Packet time, 10 to 60 ms in steps of 10 ms (RFC 4566 §6 `a=ptime`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ptime(u8);

impl Ptime {
    /// 20 ms, the default of RFC 3551 §4.2.
    pub const DEFAULT: Ptime = Ptime(20);

    /// Takes milliseconds; only 10, 20, 30, 40, 50 and 60 are packet times here.
    pub fn from_ms(ms: u32) -> Option<Self> {
        (ms.is_multiple_of(10) && (10..=60).contains(&ms)).then_some(Self(ms as u8))
    }

    /// The nearest legal packet time not above `ms` (10 ms at least).
    pub fn floor_ms(ms: u32) -> Self {
        Self((ms.clamp(10, 60) / 10 * 10) as u8)
    }

    /// In milliseconds.
    pub fn ms(self) -> u32 {
        u32::from(self.0)
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_millis(u64::from(self.0))
    }

    /// Samples per channel in one packet at `rate_hz`.
    pub fn samples(self, rate_hz: u32) -> usize {
        (rate_hz / 1000 * self.ms()) as usize
    }
}

impl Default for Ptime {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// An RTP timestamp as it stands on the wire: samples of the RTP clock, modulo 2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RtpTimestamp(pub u32);

impl RtpTimestamp {
    /// This timestamp advanced by `samples` of the RTP clock.
    pub fn advanced(self, samples: u32) -> Self {
        Self(self.0.wrapping_add(samples))
    }

    /// Signed distance `self - earlier` in samples, right for distances under 2^31.
    pub fn since(self, earlier: RtpTimestamp) -> i32 {
        self.0.wrapping_sub(earlier.0) as i32
    }
}

/// An RTP sequence number as it stands on the wire, modulo 2^16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RtpSequence(pub u16);

impl RtpSequence {
    /// The number after this one.
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Packets from `earlier` to this one, going forward, 0 to 65535.
    pub fn ahead_of(self, earlier: RtpSequence) -> u16 {
        self.0.wrapping_sub(earlier.0)
    }
}

/// Unwraps a counter of 16 or 32 bits into 64 bits: each value is taken as the one nearest to the
/// highest seen before (RFC 3550 A.1 keeps the same idea as "cycles").
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrap {
    highest: Option<u64>,
}

impl Unwrap {
    /// Starts anew: the next value is taken as it is, one cycle up, so that an older one still has
    /// a number.
    pub fn new() -> Self {
        Self::default()
    }

    /// Unwraps a 16-bit sequence number.
    pub fn sequence(&mut self, value: u16) -> u64 {
        self.unwrap(u64::from(value), 16)
    }

    /// Unwraps a 32-bit RTP timestamp.
    pub fn timestamp(&mut self, value: u32) -> u64 {
        self.unwrap(u64::from(value), 32)
    }

    fn unwrap(&mut self, value: u64, bits: u32) -> u64 {
        let cycle = 1u64 << bits;
        let Some(highest) = self.highest else {
            self.highest = Some(cycle + value);
            return cycle + value;
        };
        let base = highest & !(cycle - 1);
        let mut best = base + value;
        if best + cycle / 2 < highest {
            best += cycle;
        } else if best > highest + cycle / 2 && best >= cycle {
            best -= cycle;
        }
        self.highest = Some(highest.max(best));
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwraps_forward_and_late_values_over_a_cycle() {
        let mut unwrap = Unwrap::new();
        let a = unwrap.sequence(65_534);
        assert_eq!(unwrap.sequence(65_535), a + 1);
        assert_eq!(unwrap.sequence(0), a + 2);
        assert_eq!(unwrap.sequence(65_533), a - 1, "a late one is older, not a cycle ahead");
        assert_eq!(unwrap.sequence(3), a + 5);
    }

    #[test]
    fn ptime_takes_only_whole_tens_up_to_sixty() {
        assert_eq!(Ptime::from_ms(20), Some(Ptime::DEFAULT));
        assert!(Ptime::from_ms(25).is_none() && Ptime::from_ms(70).is_none());
        assert!(Ptime::from_ms(0).is_none());
        assert_eq!(Ptime::floor_ms(35).ms(), 30);
        assert_eq!(Ptime::DEFAULT.samples(48_000), 960);
    }
}

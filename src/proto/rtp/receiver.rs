//! What a receiver knows of one source: validity and loss (RFC 3550 A.1, A.3), interarrival jitter
//! (A.8), duplicates. One value is one SSRC.

use std::time::{Duration, Instant};

use super::rtcp::ReportBlock;
use crate::base::time::{RtpSequence, RtpTimestamp};

/// How a packet fits into the sequence of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Believed. The number is the sequence number unwrapped; `in_order` is false for a late one.
    Fresh {
        /// Unwrapped sequence number.
        sequence: u64,
        /// Whether it is the highest so far.
        in_order: bool,
    },
    /// Believed, after the source restarted its numbering (A.1): all state built on earlier numbers
    /// is worthless.
    Restarted {
        /// Unwrapped sequence number; above every earlier one.
        sequence: u64,
    },
    /// It came before.
    Duplicate,
    /// The source is still on probation, or the number is far off and the next packet must confirm
    /// it.
    Unconfirmed,
}

/// Loss and jitter over the whole life of the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverTotals {
    /// Packets believed, without duplicates.
    pub received: u64,
    /// Packets expected by their numbers.
    pub expected: u64,
    /// Packets that came twice.
    pub duplicates: u64,
}

impl ReceiverTotals {
    /// Packets that never came.
    pub fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }
}

/// The state of RFC 3550 A.1 for one source.
#[derive(Clone, Debug)]
pub struct Receiver {
    ssrc: u32,
    probation: u8,
    /// Highest number seen, unwrapped; `None` before the first packet.
    highest: Option<u64>,
    /// First number that counts as expected.
    base: u64,
    /// Number that would confirm a restart.
    restart_at: Option<RtpSequence>,
    /// Bit n: `highest - n` was seen.
    window: u128,
    totals: ReceiverTotals,
    /// `expected` of numberings before a restart.
    expected_before: u64,
    expected_prior: u64,
    received_prior: u64,
    jitter: Jitter,
    last_sr: Option<(u32, Instant)>,
}

impl Receiver {
    /// A source not heard yet. `probation` packets must come in sequence before one is believed:
    /// 0 for a source vouched for by its address or its key, [`MIN_SEQUENTIAL`] for a stranger.
    pub fn new(ssrc: u32, probation: u8) -> Self {
        Self {
            ssrc,
            probation,
            highest: None,
            base: 0,
            restart_at: None,
            window: 0,
            totals: ReceiverTotals::default(),
            expected_before: 0,
            expected_prior: 0,
            received_prior: 0,
            jitter: Jitter::default(),
            last_sr: None,
        }
    }

    /// The source.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Whether a packet was believed.
    pub fn is_valid(&self) -> bool {
        self.totals.received > 0
    }

    /// Takes the number of a packet that just came (A.1).
    pub fn handle_sequence(&mut self, sequence: u16) -> Arrival {
        let Some(highest) = self.highest else {
            return self.handle_first(sequence);
        };
        if self.probation > 0 {
            return self.handle_probation(sequence, highest);
        }
        let newest = RtpSequence(highest as u16);
        let ahead = RtpSequence(sequence).ahead_of(newest);
        let behind = newest.ahead_of(RtpSequence(sequence));
        if (1..MAX_DROPOUT).contains(&ahead) {
            self.advance(highest + u64::from(ahead), u32::from(ahead));
            Arrival::Fresh { sequence: highest + u64::from(ahead), in_order: true }
        } else if behind <= MAX_MISORDER {
            self.handle_late(highest, behind)
        } else if self.restart_at == Some(RtpSequence(sequence)) {
            self.restart(sequence, highest)
        } else {
            // A jump: two packets in sequence from there are a restart, one alone is a stray.
            self.restart_at = Some(RtpSequence(sequence).next());
            Arrival::Unconfirmed
        }
    }

    /// Takes the time of a believed packet of audio (A.8). Leave out telephone-event packets, which
    /// repeat the timestamp of their event.
    pub fn handle_timing(&mut self, now: Instant, timestamp: RtpTimestamp, clock_rate_hz: u32) {
        self.jitter.handle(now, timestamp, clock_rate_hz);
    }

    /// Remembers a sender report of this source for the next report block. `ntp_middle` are the
    /// middle 32 bits of its NTP timestamp.
    pub fn handle_sender_report(&mut self, now: Instant, ntp_middle: u32) {
        self.last_sr = Some((ntp_middle, now));
    }

    /// Loss over the life of the source.
    pub fn totals(&self) -> ReceiverTotals {
        ReceiverTotals { expected: self.expected(), ..self.totals }
    }

    /// Interarrival jitter; `None` before the second packet.
    pub fn jitter(&self) -> Option<Duration> {
        self.jitter.duration()
    }

    /// The report block of §6.4.1 for the next report; closes the interval of `fraction_lost`.
    pub fn report_block(&mut self, now: Instant) -> ReportBlock {
        let expected = self.expected();
        // A.3: late packets and duplicates count as received, so the loss may be negative.
        let received = self.totals.received + self.totals.duplicates;
        let expected_interval = expected - self.expected_prior;
        let received_interval = received - self.received_prior;
        self.expected_prior = expected;
        self.received_prior = received;
        let lost_interval = expected_interval.saturating_sub(received_interval);
        let fraction_lost =
            (lost_interval << 8).checked_div(expected_interval).unwrap_or(0).min(255) as u8;
        let lost = expected as i64 - received as i64;
        let (last_sr, delay_since_last_sr) = match self.last_sr {
            Some((ntp_middle, at)) => (ntp_middle, units_of_65536(now.duration_since(at))),
            None => (0, 0),
        };
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost,
            cumulative_lost: lost.clamp(-0x80_0000, 0x7f_ffff) as i32,
            extended_sequence: self.highest.map_or(0, |highest| (highest - CYCLE) as u32),
            jitter: self.jitter.rtp_units(),
            last_sr,
            delay_since_last_sr,
        }
    }

    fn expected(&self) -> u64 {
        match self.highest {
            Some(highest) if self.is_valid() => self.expected_before + highest - self.base + 1,
            _ => 0,
        }
    }

    fn handle_first(&mut self, sequence: u16) -> Arrival {
        let sequence = CYCLE + u64::from(sequence);
        self.highest = Some(sequence);
        self.probation = self.probation.saturating_sub(1);
        if self.probation == 0 { self.begin(sequence) } else { Arrival::Unconfirmed }
    }

    fn handle_probation(&mut self, sequence: u16, highest: u64) -> Arrival {
        if RtpSequence(sequence) == RtpSequence(highest as u16).next() {
            self.highest = Some(highest + 1);
            self.probation -= 1;
            if self.probation == 0 {
                return self.begin(highest + 1);
            }
        } else {
            self.highest = Some(CYCLE + u64::from(sequence));
            self.probation = MIN_SEQUENTIAL - 1;
        }
        Arrival::Unconfirmed
    }

    fn begin(&mut self, sequence: u64) -> Arrival {
        self.base = sequence;
        self.highest = Some(sequence);
        self.window = 1;
        self.totals.received += 1;
        Arrival::Fresh { sequence, in_order: true }
    }

    fn advance(&mut self, sequence: u64, by: u32) {
        self.restart_at = None;
        self.highest = Some(sequence);
        self.window = self.window.checked_shl(by).unwrap_or(0) | 1;
        self.totals.received += 1;
    }

    fn handle_late(&mut self, highest: u64, behind: u16) -> Arrival {
        let bit = 1u128 << behind;
        if self.window & bit != 0 {
            self.totals.duplicates += 1;
            return Arrival::Duplicate;
        }
        self.window |= bit;
        self.totals.received += 1;
        let sequence = highest - u64::from(behind);
        // Overtaken by the packet that we took for the first one.
        self.base = self.base.min(sequence);
        Arrival::Fresh { sequence, in_order: false }
    }

    fn restart(&mut self, sequence: u16, highest: u64) -> Arrival {
        self.expected_before += highest - self.base + 1;
        let sequence = (highest / CYCLE + 1) * CYCLE + u64::from(sequence);
        self.restart_at = None;
        self.jitter.break_off();
        self.begin(sequence);
        Arrival::Restarted { sequence }
    }
}

/// Interarrival jitter of A.8, kept in sixteenths of an RTP unit as there.
#[derive(Clone, Debug, Default)]
struct Jitter {
    clock_rate_hz: u32,
    start: Option<Instant>,
    transit: Option<i32>,
    scaled: u64,
    measured: bool,
}

impl Jitter {
    fn handle(&mut self, now: Instant, timestamp: RtpTimestamp, clock_rate_hz: u32) {
        if clock_rate_hz != self.clock_rate_hz {
            if self.clock_rate_hz != 0 {
                self.scaled =
                    self.scaled * u64::from(clock_rate_hz) / u64::from(self.clock_rate_hz);
            }
            self.clock_rate_hz = clock_rate_hz;
            self.transit = None;
        }
        let start = *self.start.get_or_insert(now);
        let nanos = now.duration_since(start).as_nanos();
        let arrival = RtpTimestamp((nanos * u128::from(clock_rate_hz) / NANOS_PER_S) as u32);
        let transit = arrival.since(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            let distance = RtpTimestamp(transit as u32).since(RtpTimestamp(last as u32));
            let distance = u64::from(distance.unsigned_abs());
            // Beyond that it is a sender that set its clock anew, no variation of the network.
            if distance <= u64::from(clock_rate_hz) * MAX_STEP_S {
                self.scaled = (self.scaled + distance).saturating_sub((self.scaled + 8) >> 4);
                self.measured = true;
            }
        }
    }

    fn break_off(&mut self) {
        self.transit = None;
    }

    fn rtp_units(&self) -> u32 {
        (self.scaled >> 4) as u32
    }

    fn duration(&self) -> Option<Duration> {
        self.measured.then(|| {
            let nanos = u128::from(self.scaled) * NANOS_PER_S / 16;
            Duration::from_nanos((nanos / u128::from(self.clock_rate_hz.max(1))) as u64)
        })
    }
}

/// A time in units of 1/65536 s (§6.4.1, DLSR), saturating at 18 hours.
pub fn units_of_65536(time: Duration) -> u32 {
    u32::try_from(time.as_nanos() * 65_536 / NANOS_PER_S).unwrap_or(u32::MAX)
}

/// Packets in sequence before a stranger is believed (A.1).
pub const MIN_SEQUENTIAL: u8 = 2;
/// Forward gap that is still loss (A.1).
const MAX_DROPOUT: u16 = 3000;
/// Backward gap that is still reordering (A.1).
const MAX_MISORDER: u16 = 100;
/// Numbers per cycle of the 16-bit counter. The first number starts one cycle up, so that an older
/// one still has a number.
const CYCLE: u64 = 1 << 16;
/// Longest step of the transit time that counts as jitter.
const MAX_STEP_S: u64 = 10;
const NANOS_PER_S: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(sequence: u64) -> Arrival {
        Arrival::Fresh { sequence, in_order: true }
    }

    #[test]
    fn counts_over_the_wrap_around() {
        let mut receiver = Receiver::new(1, 0);
        for (i, sequence) in [65_533u16, 65_534, 65_535, 0, 1].into_iter().enumerate() {
            let expected = CYCLE + 65_533 + i as u64;
            assert_eq!(receiver.handle_sequence(sequence), fresh(expected));
        }
        assert_eq!(receiver.totals(), ReceiverTotals { received: 5, expected: 5, duplicates: 0 });
        assert_eq!(receiver.report_block(Instant::now()).extended_sequence, 0x1_0001);
    }

    #[test]
    fn tells_late_packets_from_duplicates() {
        let mut receiver = Receiver::new(1, 0);
        receiver.handle_sequence(10);
        receiver.handle_sequence(13);
        assert_eq!(receiver.totals().lost(), 2);
        let late = Arrival::Fresh { sequence: CYCLE + 11, in_order: false };
        assert_eq!(receiver.handle_sequence(11), late);
        assert_eq!(receiver.handle_sequence(11), Arrival::Duplicate);
        assert_eq!(receiver.handle_sequence(13), Arrival::Duplicate);
        assert_eq!(receiver.totals(), ReceiverTotals { received: 3, expected: 4, duplicates: 2 });
    }

    #[test]
    fn a_packet_overtaken_by_the_first_one_counts_as_expected_too() {
        let mut receiver = Receiver::new(1, 0);
        receiver.handle_sequence(1);
        receiver.handle_sequence(0);
        receiver.handle_sequence(65_535);
        assert_eq!(receiver.totals(), ReceiverTotals { received: 3, expected: 3, duplicates: 0 });
    }

    #[test]
    fn a_stranger_is_believed_at_the_second_packet_in_sequence() {
        let mut receiver = Receiver::new(1, MIN_SEQUENTIAL);
        assert_eq!(receiver.handle_sequence(7), Arrival::Unconfirmed);
        assert_eq!(receiver.handle_sequence(900), Arrival::Unconfirmed);
        assert!(!receiver.is_valid());
        assert_eq!(receiver.handle_sequence(901), fresh(CYCLE + 901));
        assert_eq!(receiver.totals(), ReceiverTotals { received: 1, expected: 1, duplicates: 0 });
    }

    #[test]
    fn a_stray_number_changes_nothing_and_two_in_sequence_are_a_restart() {
        let mut receiver = Receiver::new(1, 0);
        receiver.handle_sequence(100);
        assert_eq!(receiver.handle_sequence(30_000), Arrival::Unconfirmed);
        assert_eq!(receiver.handle_sequence(101), fresh(CYCLE + 101));
        assert_eq!(receiver.handle_sequence(30_001), Arrival::Unconfirmed, "101 came between");
        assert_eq!(
            receiver.handle_sequence(30_002),
            Arrival::Restarted { sequence: 2 * CYCLE + 30_002 }
        );
        assert_eq!(receiver.totals(), ReceiverTotals { received: 3, expected: 3, duplicates: 0 });
    }

    #[test]
    fn fraction_lost_is_that_of_the_interval() {
        let now = Instant::now();
        let mut receiver = Receiver::new(9, 0);
        for sequence in [0u16, 1, 3, 4] {
            receiver.handle_sequence(sequence);
        }
        let block = receiver.report_block(now);
        assert_eq!((block.ssrc, block.fraction_lost, block.cumulative_lost), (9, 51, 1)); // 256/5
        receiver.handle_sequence(5);
        let block = receiver.report_block(now);
        assert_eq!((block.fraction_lost, block.cumulative_lost), (0, 1));
        receiver.handle_sequence(5);
        receiver.handle_sequence(5);
        assert_eq!(receiver.report_block(now).cumulative_lost, -1, "A.3 counts duplicates");
    }

    #[test]
    fn jitter_follows_the_formula_of_a8_by_hand() {
        // Transit times in RTP units at 8 kHz: 0, 40, 8, 8: |D| = 40, 32, 0.
        // J1 = 40/16 = 2.5; J2 = 2.5 + (32 - 2.5)/16 = 4.34; J3 = 4.34 - 4.34/16 = 4.07.
        let start = Instant::now();
        let mut receiver = Receiver::new(1, 0);
        let micros = [0u64, 20_000 + 5_000, 40_000 + 1_000, 60_000 + 1_000];
        let mut seen = Vec::new();
        for (i, at) in micros.into_iter().enumerate() {
            let now = start + Duration::from_micros(at);
            receiver.handle_timing(now, RtpTimestamp(0xffff_ff00).advanced(i as u32 * 160), 8000);
            seen.push(receiver.jitter().map(|jitter| jitter.as_secs_f64() * 8000.0));
        }
        assert_eq!(seen[0], None);
        for (seen, expected) in seen[1..].iter().zip([2.5, 4.34, 4.07]) {
            assert!((seen.unwrap() - expected).abs() < 0.13, "{seen:?} is not {expected}");
        }
        assert_eq!(receiver.report_block(start).jitter, 4);
    }

    #[test]
    fn a_clock_set_anew_is_no_jitter() {
        let start = Instant::now();
        let mut receiver = Receiver::new(1, 0);
        receiver.handle_timing(start, RtpTimestamp(0), 8000);
        receiver.handle_timing(start + Duration::from_millis(20), RtpTimestamp(160), 8000);
        receiver.handle_timing(start + Duration::from_millis(40), RtpTimestamp(900_000_000), 8000);
        assert_eq!(receiver.jitter(), Some(Duration::ZERO));
    }

    #[test]
    fn report_block_gives_the_last_sender_report_and_its_age() {
        let start = Instant::now();
        let mut receiver = Receiver::new(1, 0);
        receiver.handle_sequence(1);
        assert_eq!(receiver.report_block(start).last_sr, 0);
        receiver.handle_sender_report(start, 0x1234_5678);
        let block = receiver.report_block(start + Duration::from_millis(1500));
        assert_eq!((block.last_sr, block.delay_since_last_sr), (0x1234_5678, 65_536 * 3 / 2));
    }
}

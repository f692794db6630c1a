//! Digits out of telephone-event packets (RFC 4733 §2.5.2): each event once, whichever of its
//! packets are lost, repeated or late.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{EventPayload, digit_of};
use crate::base::time::RtpTimestamp;

/// A digit that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digit {
    /// `0`-`9`, `*`, `#`, `A`-`D`, `!` for flash.
    pub digit: char,
    /// How long it was held, in units of the RTP clock, as far as its packets told.
    pub duration_samples: u64,
}

/// The events of one stream.
#[derive(Debug, Default)]
pub struct DtmfReceiver {
    ssrc: u32,
    open: Option<Open>,
    /// Events that are over: their late and repeated packets are nothing new.
    done: VecDeque<(RtpTimestamp, u8)>,
    digits: VecDeque<Digit>,
    ignored: u64,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    code: u8,
    /// Timestamp of the running segment (§2.5.1.3: a long event is reported in segments).
    timestamp: RtpTimestamp,
    /// Samples of the segments before it.
    before: u64,
    /// Longest duration that a packet of the segment told.
    duration: u16,
    last_packet: Instant,
}

impl Open {
    fn total(&self) -> u64 {
        self.before + u64::from(self.duration)
    }
}

impl DtmfReceiver {
    /// Takes a believed telephone-event packet.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        ssrc: u32,
        timestamp: RtpTimestamp,
        marker: bool,
        payload: &[u8],
    ) {
        let Some(event) = EventPayload::parse(payload).filter(|e| digit_of(e.code).is_some())
        else {
            self.ignored += 1;
            return;
        };
        if ssrc != self.ssrc {
            self.finish();
            self.done.clear();
            self.ssrc = ssrc;
        }
        if self.done.contains(&(timestamp, event.code)) {
            return;
        }
        match self.open {
            Some(open) if open.timestamp == timestamp && open.code == event.code => {}
            Some(open) if timestamp.since(open.timestamp) < 0 => {
                self.handle_overtaken(timestamp, event);
                return;
            }
            Some(open) if continues(&open, timestamp, marker, event.code) => {
                self.remember(open.timestamp, open.code);
                let before = open.before + u64::from(timestamp.since(open.timestamp) as u32);
                self.open = Some(Open { timestamp, before, duration: 0, ..open });
            }
            _ => {
                self.finish();
                let code = event.code;
                self.open =
                    Some(Open { code, timestamp, before: 0, duration: 0, last_packet: now });
            }
        }
        if let Some(open) = &mut self.open {
            open.duration = open.duration.max(event.duration);
            open.last_packet = now;
        }
        if event.end {
            self.finish();
        }
    }

    /// Closes an event whose end was lost.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|due| now >= due) {
            self.finish();
        }
    }

    /// When [`DtmfReceiver::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.open.map(|open| open.last_packet + LOST_END)
    }

    /// The next digit that is over.
    pub fn poll_digit(&mut self) -> Option<Digit> {
        self.digits.pop_front()
    }

    /// Packets that carried no digit.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// All packets of an event but this one are lost or still on their way, and the next event
    /// already began.
    fn handle_overtaken(&mut self, timestamp: RtpTimestamp, event: EventPayload) {
        if event.end {
            self.remember(timestamp, event.code);
            self.report(event.code, u64::from(event.duration));
        }
    }

    fn finish(&mut self) {
        if let Some(open) = self.open.take() {
            self.remember(open.timestamp, open.code);
            self.report(open.code, open.total());
        }
    }

    fn report(&mut self, code: u8, duration_samples: u64) {
        if let Some(digit) = digit_of(code)
            && self.digits.len() < MAX_WAITING
        {
            self.digits.push_back(Digit { digit, duration_samples });
        }
    }

    fn remember(&mut self, timestamp: RtpTimestamp, code: u8) {
        if self.done.len() == REMEMBERED {
            self.done.pop_front();
        }
        self.done.push_back((timestamp, code));
    }
}

/// Whether a packet reports the next segment of a long event: without marker, a segment's length
/// later. Segments are broken off near the end of the 16-bit duration (§2.5.1.3).
fn continues(open: &Open, timestamp: RtpTimestamp, marker: bool, code: u8) -> bool {
    let length = timestamp.since(open.timestamp);
    !marker
        && code == open.code
        && length >= i32::from(open.duration)
        && (SHORTEST_SEGMENT..=0xffff).contains(&length)
}

/// An event without a packet for this time is over; updates come every 10 to 100 ms.
const LOST_END: Duration = Duration::from_millis(300);
/// Half of what fits: some gateways break off early.
const SHORTEST_SEGMENT: i32 = 0x7fff;
const REMEMBERED: usize = 8;
/// Digits that nobody fetched; more are dropped.
const MAX_WAITING: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        receiver: DtmfReceiver,
        now: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { receiver: DtmfReceiver::default(), now: Instant::now() }
        }

        /// (timestamp, marker, code, end, duration)
        fn send(&mut self, packets: &[(u32, bool, u8, bool, u16)]) {
            for &(timestamp, marker, code, end, duration) in packets {
                let payload = EventPayload { code, end, volume: 10, duration }.bytes();
                let timestamp = RtpTimestamp(timestamp);
                self.receiver.handle_packet(self.now, 1, timestamp, marker, &payload);
                self.now += Duration::from_millis(20);
                self.receiver.handle_timeout(self.now);
            }
        }

        fn digits(&mut self) -> Vec<(char, u64)> {
            std::iter::from_fn(|| self.receiver.poll_digit())
                .map(|digit| (digit.digit, digit.duration_samples))
                .collect()
        }
    }

    #[test]
    fn reports_an_event_once_though_its_end_comes_three_times() {
        let mut bench = Bench::new();
        bench.send(&[(1000, true, 5, false, 160), (1000, false, 5, false, 320)]);
        assert!(bench.digits().is_empty());
        bench.send(&[(1000, false, 5, true, 480); 3]);
        assert_eq!(bench.digits(), [('5', 480)]);
    }

    #[test]
    fn reports_the_same_digit_twice_when_pressed_twice() {
        let mut bench = Bench::new();
        bench.send(&[(1000, true, 5, true, 400), (2000, true, 5, true, 400)]);
        assert_eq!(bench.digits(), [('5', 400), ('5', 400)]);
    }

    #[test]
    fn an_event_with_its_start_lost_is_reported_from_its_end_alone() {
        let mut bench = Bench::new();
        bench.send(&[(1000, false, 11, true, 800)]);
        assert_eq!(bench.digits(), [('#', 800)]);
    }

    #[test]
    fn an_event_with_all_its_ends_lost_is_reported_at_the_next_or_after_silence() {
        let mut bench = Bench::new();
        bench.send(&[(1000, true, 1, false, 160), (1000, false, 1, false, 320)]);
        bench.send(&[(2000, true, 2, false, 160)]);
        assert_eq!(bench.digits(), [('1', 320)]);
        let due = bench.receiver.poll_timeout().unwrap();
        bench.receiver.handle_timeout(due);
        assert_eq!(bench.digits(), [('2', 160)]);
        bench.send(&[(2000, false, 2, true, 480)]);
        assert!(bench.digits().is_empty(), "its end, late, is nothing new");
    }

    #[test]
    fn late_packets_of_an_event_that_is_over_do_not_reopen_it() {
        let mut bench = Bench::new();
        bench.send(&[(1000, false, 1, true, 480), (2000, true, 2, false, 160)]);
        bench.send(&[(1000, false, 1, false, 320), (2000, false, 2, true, 480)]);
        assert_eq!(bench.digits(), [('1', 480), ('2', 480)]);
    }

    #[test]
    fn an_event_overtaken_by_the_next_is_not_lost() {
        let mut bench = Bench::new();
        bench.send(&[(2000, true, 2, false, 160), (1000, false, 1, true, 480)]);
        bench.send(&[(2000, false, 2, true, 480)]);
        assert_eq!(bench.digits(), [('1', 480), ('2', 480)]);
    }

    #[test]
    fn a_long_event_in_segments_is_one() {
        let mut bench = Bench::new();
        bench.send(&[(0, true, 3, false, 65_000), (0, false, 3, false, 65_535)]);
        bench.send(&[(65_535, false, 3, false, 100), (0, false, 3, false, 65_535)]);
        bench.send(&[(65_535, false, 3, true, 1000)]);
        assert_eq!(bench.digits(), [('3', 66_535)]);
    }

    #[test]
    fn a_flash_is_an_exclamation_mark_and_other_codes_are_counted() {
        let mut bench = Bench::new();
        bench.send(&[(0, true, 16, true, 800), (900, true, 36, true, 800)]);
        bench.receiver.handle_packet(bench.now, 1, RtpTimestamp(5), true, &[1, 2]);
        assert_eq!(bench.digits(), [('!', 800)]);
        assert_eq!(bench.receiver.ignored(), 2);
    }

    #[test]
    fn another_source_with_the_same_timestamp_is_another_event() {
        let mut bench = Bench::new();
        bench.send(&[(1000, true, 5, true, 400)]);
        let payload = EventPayload { code: 5, end: true, volume: 0, duration: 400 }.bytes();
        bench.receiver.handle_packet(bench.now, 2, RtpTimestamp(1000), true, &payload);
        assert_eq!(bench.digits().len(), 2);
    }
}

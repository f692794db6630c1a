//! telephone-event packets out of digits (RFC 4733 §2.5.1): exact durations, the last packet of an
//! event three times, digits one after the other with a pause between.

use std::{collections::VecDeque, time::Duration};

use super::{EventPayload, code_of};
use crate::base::time::RtpTimestamp;

/// Why a digit is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DtmfError {
    /// None of `0`-`9`, `*`, `#`, `A`-`D`, `!`, `,`.
    UnknownDigit(char),
    /// [`MAX_QUEUED`] digits wait already.
    QueueFull,
}

/// A packet to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPacket {
    /// Timestamp of the event's (or segment's) begin.
    pub timestamp: RtpTimestamp,
    /// Set on the first packet of an event.
    pub marker: bool,
    /// Payload.
    pub payload: [u8; 4],
}

/// What one packet time brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The last packet of an event or segment, once more.
    pub again: Option<EventPacket>,
    /// The running event.
    pub packet: Option<EventPacket>,
    /// The event covers this packet time: audio rests, unless both are wanted.
    pub covers_audio: bool,
}

/// The queue of digits.
#[derive(Debug)]
pub struct DtmfSender {
    clock_rate_hz: u32,
    queue: VecDeque<Item>,
    state: State,
    again: Option<(EventPacket, u8)>,
}

#[derive(Clone, Copy, Debug)]
enum Item {
    Digit { code: u8, samples: u64 },
    Pause { samples: u64 },
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    /// Nothing is sent for this many samples.
    Pause(u64),
    Event(Event),
}

#[derive(Clone, Copy, Debug)]
struct Event {
    code: u8,
    /// Begin of the running segment.
    timestamp: RtpTimestamp,
    /// Samples left and gone, of the running segment on.
    left: u64,
    gone: u64,
    first: bool,
}

impl DtmfSender {
    /// For events on a clock of `clock_rate_hz`.
    pub fn new(clock_rate_hz: u32) -> Self {
        Self { clock_rate_hz, queue: VecDeque::new(), state: State::Idle, again: None }
    }

    /// The clock of the events changed with the codec. A running event ends where it is.
    pub fn set_clock_rate(&mut self, clock_rate_hz: u32) {
        if clock_rate_hz == self.clock_rate_hz {
            return;
        }
        let (old, new) = (u64::from(self.clock_rate_hz.max(1)), u64::from(clock_rate_hz));
        for item in &mut self.queue {
            let (Item::Digit { samples, .. } | Item::Pause { samples }) = item;
            *samples = *samples * new / old;
        }
        self.clock_rate_hz = clock_rate_hz;
        if let State::Event(event) = &mut self.state {
            event.left = 0;
        }
    }

    /// Queues a digit, held for `duration` (40 ms to 60 s), or a pause: `,` is 2 s.
    pub fn queue(&mut self, digit: char, duration: Duration) -> Result<(), DtmfError> {
        if self.queue.len() >= MAX_QUEUED {
            return Err(DtmfError::QueueFull);
        }
        let item = if digit == ',' {
            Item::Pause { samples: self.samples(COMMA) }
        } else {
            let code = code_of(digit).ok_or(DtmfError::UnknownDigit(digit))?;
            Item::Digit { code, samples: self.samples(duration.clamp(SHORTEST, LONGEST)) }
        };
        self.queue.push_back(item);
        Ok(())
    }

    /// Whether nothing waits and nothing is on its way.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.again.is_none() && matches!(self.state, State::Idle)
    }

    /// Forgets everything, as when the far end takes no more events.
    pub fn clear(&mut self) {
        self.queue.clear();
        self.again = None;
        self.state = State::Idle;
    }

    /// A packet time of `samples` that began at `clock` has gone by.
    pub fn step(&mut self, clock: RtpTimestamp, samples: u32) -> Step {
        let again = self.step_again();
        if matches!(self.state, State::Idle)
            && let Some(item) = self.queue.pop_front()
        {
            self.state = match item {
                Item::Pause { samples } => State::Pause(samples),
                Item::Digit { code, samples } => {
                    let (timestamp, left) = (clock, samples);
                    State::Event(Event { code, timestamp, left, gone: 0, first: true })
                }
            };
        }
        let packet = match self.state {
            State::Idle => None,
            State::Pause(left) => {
                let left = left.saturating_sub(u64::from(samples));
                self.state = if left == 0 { State::Idle } else { State::Pause(left) };
                None
            }
            State::Event(event) => Some(self.step_event(event, u64::from(samples))),
        };
        Step { again, packet, covers_audio: packet.is_some() }
    }

    fn step_again(&mut self) -> Option<EventPacket> {
        let (packet, left) = self.again.take()?;
        if left > 1 {
            self.again = Some((packet, left - 1));
        }
        Some(packet)
    }

    fn step_event(&mut self, mut event: Event, samples: u64) -> EventPacket {
        let step = samples.min(event.left);
        event.gone += step;
        event.left -= step;
        let marker = event.first;
        event.first = false;
        let timestamp = event.timestamp;
        let end = event.left == 0 && event.gone <= SEGMENT;
        let payload = EventPayload {
            code: event.code,
            end,
            volume: VOLUME,
            duration: event.gone.min(SEGMENT) as u16,
        };
        let packet = EventPacket { timestamp, marker, payload: payload.bytes() };
        // A last packet that is also the first (an event of one packet time) is repeated unmarked.
        let repeated = EventPacket { marker: false, ..packet };
        self.state = State::Event(event);
        if end {
            self.again = Some((repeated, REPEATS));
            self.state = State::Pause(self.samples(GAP).max(samples * u64::from(REPEATS)));
        } else if event.gone >= SEGMENT {
            self.again = Some((repeated, REPEATS));
            event.timestamp = timestamp.advanced(SEGMENT as u32);
            event.gone -= SEGMENT;
            self.state = State::Event(event);
        }
        packet
    }

    fn samples(&self, duration: Duration) -> u64 {
        (duration.as_nanos() * u128::from(self.clock_rate_hz) / 1_000_000_000) as u64
    }
}

/// Digits that may wait.
pub const MAX_QUEUED: usize = 256;
/// The longest duration that one segment can tell (§2.5.1.3).
const SEGMENT: u64 = 0xffff;
/// Two more times makes three (§2.5.1.4).
const REPEATS: u8 = 2;
/// -10 dBm0.
const VOLUME: u8 = 10;
/// Receivers of tones want 40 ms of tone and of pause (ITU-T Q.24); 70 ms leaves room.
const GAP: Duration = Duration::from_millis(70);
const SHORTEST: Duration = Duration::from_millis(40);
const LONGEST: Duration = Duration::from_secs(60);
/// What a comma means to modems, and to every dialer since.
const COMMA: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn run(sender: &mut DtmfSender, samples: u32) -> Vec<(u32, Step)> {
        let mut clock = RtpTimestamp(1000);
        let mut steps = Vec::new();
        while !sender.is_idle() {
            steps.push((clock.0, sender.step(clock, samples)));
            clock = clock.advanced(samples);
        }
        steps
    }

    fn event(packet: EventPacket) -> (u32, bool, bool, u16) {
        let payload = EventPayload::parse(&packet.payload).unwrap();
        (packet.timestamp.0, packet.marker, payload.end, payload.duration)
    }

    #[test]
    fn tells_an_exact_duration_and_ends_three_times() {
        let mut sender = DtmfSender::new(8000);
        sender.queue('5', Duration::from_millis(50)).unwrap();
        let steps = run(&mut sender, 160);
        let packets: Vec<_> = steps.iter().filter_map(|(_, s)| s.packet).map(event).collect();
        assert_eq!(
            packets,
            [(1000, true, false, 160), (1000, false, false, 320), (1000, false, true, 400)]
        );
        let again: Vec<_> = steps.iter().filter_map(|(_, s)| s.again).map(event).collect();
        assert_eq!(again, [(1000, false, true, 400); 2]);
        let covered = steps.iter().filter(|(_, step)| step.covers_audio).count();
        assert_eq!(covered, 3, "audio comes back while the end is repeated");
    }

    #[test]
    fn digits_keep_a_pause_between_them_and_a_comma_is_two_seconds() {
        let mut sender = DtmfSender::new(8000);
        for digit in ['1', ',', '2'] {
            sender.queue(digit, Duration::from_millis(100)).unwrap();
        }
        let steps = run(&mut sender, 160);
        let starts: Vec<u32> = steps
            .iter()
            .filter(|(_, step)| step.packet.is_some_and(|packet| packet.marker))
            .map(|(clock, _)| clock - 1000)
            .collect();
        assert_eq!(starts, [0, 800 + 640 + 16_000]); // 70 ms are four packet times
    }

    #[test]
    fn a_long_event_is_cut_into_segments_without_a_second_marker() {
        let mut sender = DtmfSender::new(48_000);
        sender.queue('9', Duration::from_millis(3000)).unwrap(); // 144000 samples
        let steps = run(&mut sender, 960);
        let packets: Vec<_> = steps.iter().filter_map(|(_, s)| s.packet).map(event).collect();
        assert_eq!(packets.iter().filter(|packet| packet.1).count(), 1);
        assert_eq!(packets.iter().filter(|packet| packet.3 == 65_535 && !packet.2).count(), 2);
        let last = packets.last().unwrap();
        assert_eq!(*last, (1000 + 2 * 65_535, false, true, (144_000 - 2 * 65_535) as u16));
    }

    #[test]
    fn what_it_sends_the_receiver_hears_as_it_was() {
        use std::time::Instant;

        use super::super::receiver::DtmfReceiver;
        for (rate, millis) in [(8000, 40u64), (8000, 250), (8000, 9000), (48_000, 5000)] {
            let mut sender = DtmfSender::new(rate);
            for digit in ['1', '1', '#'] {
                sender.queue(digit, Duration::from_millis(millis)).unwrap();
            }
            let mut receiver = DtmfReceiver::default();
            let now = Instant::now();
            for (_, step) in run(&mut sender, rate / 50) {
                for packet in [step.again, step.packet].into_iter().flatten() {
                    let EventPacket { timestamp, marker, payload } = packet;
                    receiver.handle_packet(now, 1, timestamp, marker, &payload);
                }
            }
            let digits: Vec<_> = std::iter::from_fn(|| receiver.poll_digit()).collect();
            assert_eq!(digits.iter().map(|d| d.digit).collect::<String>(), "11#");
            let samples = millis * u64::from(rate) / 1000;
            assert!(digits.iter().all(|d| d.duration_samples == samples), "{digits:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_digit_and_a_queue_too_long() {
        let mut sender = DtmfSender::new(8000);
        let hold = Duration::from_millis(100);
        assert_eq!(sender.queue('x', hold), Err(DtmfError::UnknownDigit('x')));
        for _ in 0..MAX_QUEUED {
            sender.queue('1', hold).unwrap();
        }
        assert_eq!(sender.queue('1', hold), Err(DtmfError::QueueFull));
    }
}

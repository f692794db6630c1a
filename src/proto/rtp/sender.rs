//! What we send: sequence numbers, timestamps that count samples, and the facts of a sender report.
//! It never looks at a clock: the media clock is advanced by the samples that are sent or left out.

use std::time::Instant;

use super::packet::Header;
use crate::base::{
    rng::Rng,
    time::{RtpSequence, RtpTimestamp},
};

/// The sending side of one SSRC.
#[derive(Clone, Debug)]
pub struct Sender {
    ssrc: u32,
    sequence: u16,
    clock: RtpTimestamp,
    /// Media clock and time of the last advance, for sender reports.
    clock_at: Option<(RtpTimestamp, Instant)>,
    clock_rate_hz: u32,
    packets: u64,
    payload_bytes: u64,
}

impl Sender {
    /// Random SSRC, sequence number and timestamp (RFC 3550 §5.1). The first sequence number is
    /// under 2^15, so that the far end's SRTP sees no roll-over that it may have missed the start of
    /// (RFC 3711 §3.3.1).
    pub fn new(clock_rate_hz: u32, rng: &mut Rng) -> Self {
        Self {
            ssrc: rng.u32(),
            sequence: rng.below(1 << 15) as u16,
            clock: RtpTimestamp(rng.u32()),
            clock_at: None,
            clock_rate_hz,
            packets: 0,
            payload_bytes: 0,
        }
    }

    /// Our source.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The number that the next packet gets.
    pub fn next_sequence(&self) -> u16 {
        self.sequence
    }

    /// The media clock: timestamp of the sample that comes next.
    pub fn clock(&self) -> RtpTimestamp {
        self.clock
    }

    /// Packets sent.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Payload bytes sent.
    pub fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// Samples of the RTP clock went by, sent or not.
    pub fn advance(&mut self, now: Instant, samples: u32) {
        self.clock = self.clock.advanced(samples);
        self.clock_at = Some((self.clock, now));
    }

    /// The codec's clock changed; timestamps go on from where they are.
    pub fn set_clock_rate(&mut self, clock_rate_hz: u32) {
        self.clock_rate_hz = clock_rate_hz;
    }

    /// Gives up the SSRC after a collision (RFC 3550 §8.2) and counts anew; returns the old one.
    pub fn change_ssrc(&mut self, rng: &mut Rng) -> u32 {
        let old = self.ssrc;
        while self.ssrc == old {
            self.ssrc = rng.u32();
        }
        self.sequence = rng.below(1 << 15) as u16;
        self.packets = 0;
        self.payload_bytes = 0;
        old
    }

    /// Header of the next packet, which will hold `payload_bytes`.
    pub fn header(
        &mut self,
        payload_type: u8,
        marker: bool,
        timestamp: RtpTimestamp,
        payload_bytes: usize,
    ) -> Header {
        let sequence = self.sequence;
        self.sequence = RtpSequence(sequence).next().0;
        self.packets += 1;
        self.payload_bytes += payload_bytes as u64;
        Header { payload_type, marker, sequence, timestamp, ssrc: self.ssrc }
    }

    /// Media clock at `now`, for a sender report: carried on from the last advance.
    pub fn clock_at(&self, now: Instant) -> RtpTimestamp {
        let Some((clock, at)) = self.clock_at else {
            return self.clock;
        };
        let since = now.duration_since(at).as_nanos() * u128::from(self.clock_rate_hz);
        clock.advanced((since / 1_000_000_000) as u32)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers_packets_and_counts_samples_apart() {
        let start = Instant::now();
        let mut rng = Rng::from_number(1);
        let mut sender = Sender::new(8000, &mut rng);
        let first = sender.header(0, true, sender.clock(), 160);
        assert!(first.sequence < 1 << 15);
        sender.advance(start, 160);
        sender.advance(start, 160); // a gap: the sample clock goes on, the numbers do not
        let second = sender.header(0, false, sender.clock(), 160);
        assert_eq!(second.sequence, first.sequence + 1);
        assert_eq!(second.timestamp.since(first.timestamp), 320);
        assert_eq!((sender.packets(), sender.payload_bytes()), (2, 320));
        let later = start + Duration::from_millis(15);
        assert_eq!(sender.clock_at(later).since(first.timestamp), 320 + 120);
    }

    #[test]
    fn a_new_ssrc_starts_its_own_count() {
        let mut rng = Rng::from_number(2);
        let mut sender = Sender::new(8000, &mut rng);
        sender.header(0, true, sender.clock(), 160);
        let old = sender.change_ssrc(&mut rng);
        assert_ne!(old, sender.ssrc());
        assert_eq!(sender.packets(), 0);
    }
}

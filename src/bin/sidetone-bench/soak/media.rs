//! The RTP of one call at the caller's end, without its socket: what to send, and what came.

use std::time::Duration;

use sidetone::base::rng::Rng;

/// What is said: PCMU packets, numbered from anywhere.
#[derive(Clone, Debug)]
pub struct Speaker {
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    due: Duration,
    /// Valid packets sent.
    pub sent: u64,
    /// Datagrams sent that are none.
    pub garbage: u64,
}

impl Speaker {
    /// Begins at `now`.
    pub fn new(rng: &mut Rng, now: Duration) -> Self {
        Self {
            sequence: rng.u32() as u16,
            timestamp: rng.u32(),
            ssrc: rng.u32(),
            due: now,
            sent: 0,
            garbage: 0,
        }
    }

    /// The next packet, if one is due at `now`.
    pub fn next(&mut self, now: Duration) -> Option<Vec<u8>> {
        if self.due > now {
            return None;
        }
        self.due += PTIME;
        // After a pause there is nothing to catch up with.
        if self.due + PTIME * 10 < now {
            self.due = now;
        }
        let mut packet = vec![0x80, 0];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        // A buzz; what it sounds like is not looked at.
        packet.extend((0..160u32).map(|i| if (i / 20) % 2 == 0 { 0x8f } else { 0x0f }));
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(160);
        self.sent += 1;
        Some(packet)
    }

    /// Goes on as another source (RFC 3550 §8).
    pub fn change_source(&mut self, rng: &mut Rng) {
        self.ssrc = rng.u32();
    }

    /// A datagram that is no RTP of the call: cut off, of another version, of a payload type that was
    /// not agreed upon, or noise.
    pub fn garbage(&mut self, rng: &mut Rng) -> Vec<u8> {
        self.garbage += 1;
        let mut octets = vec![0; 12 + rng.below(200) as usize];
        rng.fill(&mut octets);
        match rng.below(4) {
            0 => {
                octets[0] = 0x80;
                octets.truncate(1 + rng.below(11) as usize);
            }
            1 => octets[0] &= 0x3f,
            2 => (octets[0], octets[1]) = (0x80, 77),
            // Says that fifteen contributing sources follow, and ends.
            _ => {
                (octets[0], octets[1]) = (0x8f, 0);
                octets.truncate(12 + rng.below(59) as usize);
            }
        }
        octets
    }
}

/// What is heard: the packets of the first source that speaks.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    ssrc: Option<u32>,
    first: u64,
    highest: u64,
    /// Packets that came.
    pub received: u64,
}

impl Listener {
    /// Takes a datagram.
    pub fn take(&mut self, datagram: &[u8]) {
        let Some((head, _)) = datagram.split_first_chunk::<12>() else { return };
        // RTCP has packet types 192 to 223 there (RFC 5761 §4).
        if head[0] >> 6 != 2 || (192..224).contains(&head[1]) {
            return;
        }
        let ssrc = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
        let sequence = u16::from_be_bytes([head[2], head[3]]);
        if *self.ssrc.get_or_insert(ssrc) != ssrc {
            return;
        }
        if self.received == 0 {
            // High enough that one before it has a number, too.
            self.first = 0x1_0000 + u64::from(sequence);
            self.highest = self.first;
        }
        let ahead = sequence.wrapping_sub(self.highest as u16) as i16;
        let number = self.highest.saturating_add_signed(i64::from(ahead));
        (self.first, self.highest) = (self.first.min(number), self.highest.max(number));
        self.received += 1;
    }

    /// Numbers between the first and the last that never came.
    pub fn missing(&self) -> u64 {
        if self.received == 0 {
            return 0;
        }
        (self.highest - self.first + 1).saturating_sub(self.received)
    }
}

/// Packet time.
pub const PTIME: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker() -> (Speaker, Rng) {
        let mut rng = Rng::from_number(5);
        (Speaker::new(&mut rng, Duration::ZERO), rng)
    }

    #[test]
    fn speaks_every_20_ms_and_does_not_catch_up_after_a_pause() {
        let (mut speaker, _) = speaker();
        let spoken = |speaker: &mut Speaker, at: u64| {
            std::iter::from_fn(|| speaker.next(Duration::from_millis(at))).count()
        };
        assert_eq!(spoken(&mut speaker, 0), 1);
        assert_eq!(spoken(&mut speaker, 19), 0);
        assert_eq!(spoken(&mut speaker, 60), 3);
        assert!(spoken(&mut speaker, 5_000) <= 2);
        assert_eq!(spoken(&mut speaker, 5_100), 5);
    }

    #[test]
    fn hears_what_came_and_counts_what_is_missing_across_the_wrap() {
        let (mut speaker, mut rng) = speaker();
        speaker.sequence = 65_530;
        let mut listener = Listener::default();
        for n in 0..20u64 {
            let packet = speaker.next(PTIME * n as u32).unwrap();
            if n != 3 && n != 12 {
                listener.take(&packet);
            }
        }
        assert_eq!((listener.received, listener.missing()), (18, 2));
        listener.take(&[0x80, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        listener.take(&[0x80]);
        speaker.change_source(&mut rng);
        listener.take(&speaker.next(PTIME * 100).unwrap());
        assert_eq!(listener.received, 18);
    }

    #[test]
    fn garbage_is_never_a_packet_of_the_call() {
        let (mut speaker, mut rng) = speaker();
        for _ in 0..2_000 {
            let octets = speaker.garbage(&mut rng);
            let parsed = sidetone::proto::rtp::packet::Packet::parse(&octets);
            assert!(parsed.is_err() || octets[1] & 0x7f == 77, "{octets:02x?}");
        }
        assert_eq!((speaker.garbage, speaker.sent), (2_000, 0));
    }
}

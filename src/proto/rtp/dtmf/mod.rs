//! telephone-event (RFC 4733): digits out of packets, packets out of digits.
//!
//! ```text
//!   packets ── receiver::DtmfReceiver ──> one Digit per SSRC, timestamp and code
//!   digits  ── sender::DtmfSender ──> Step at each packet time: packets, and whether audio rests
//! ```
//!
//! Tones in the audio itself are not looked at here.

pub mod receiver;
pub mod sender;

/// Event code of a digit (RFC 4733 §3.2): `0`-`9`, `*`, `#`, `A`-`D` in either case, `!` for flash.
pub fn code_of(digit: char) -> Option<u8> {
    Some(match digit.to_ascii_uppercase() {
        digit @ '0'..='9' => digit as u8 - b'0',
        '*' => 10,
        '#' => 11,
        digit @ 'A'..='D' => digit as u8 - b'A' + 12,
        '!' => FLASH,
        _ => return None,
    })
}

/// Digit of an event code; `None` for the codes that are no digit.
pub fn digit_of(code: u8) -> Option<char> {
    const DIGITS: &[u8; 17] = b"0123456789*#ABCD!";
    DIGITS.get(usize::from(code)).map(|&digit| char::from(digit))
}

/// The payload of §2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPayload {
    /// Event code.
    pub code: u8,
    /// E bit: the event is over.
    pub end: bool,
    /// Power of the tone in -dBm0, 0 to 63.
    pub volume: u8,
    /// Since the packet's timestamp, in units of the RTP clock.
    pub duration: u16,
}

impl EventPayload {
    /// Reads the first event of a payload; later ones of the same packet are not looked at, for no
    /// phone is known to send them.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[code, flags, high, low, ..] = payload else {
            return None;
        };
        Some(Self {
            code,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// As it goes on the wire.
    pub fn bytes(&self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, u8::from(self.end) << 7 | (self.volume & 0x3f), high, low]
    }
}

/// Hook flash (RFC 4733 table 7 keeps the number of RFC 2833).
const FLASH: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_codes_are_each_others_inverse() {
        for code in 0..=16 {
            assert_eq!(code_of(digit_of(code).unwrap()), Some(code));
        }
        assert_eq!(digit_of(17), None);
        assert_eq!(code_of('d'), Some(15));
        assert_eq!(code_of('E'), None);
    }

    #[test]
    fn payload_is_read_and_written_as_in_section_2_3() {
        let payload = EventPayload { code: 11, end: true, volume: 10, duration: 0x1234 };
        assert_eq!(payload.bytes(), [11, 0x8a, 0x12, 0x34]);
        assert_eq!(EventPayload::parse(&payload.bytes()), Some(payload));
        assert_eq!(EventPayload::parse(&[1, 2, 3]), None);
    }
}

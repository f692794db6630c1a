//! SRTP and SRTCP under keys that the far end does not have, and valid packets damaged on the way.

use sidetone::{
    base::plan::SrtpSuite,
    media::stream::Component,
    proto::srtp::{
        Protect, Unprotect,
        webrtc::{WebrtcProtect, WebrtcUnprotect},
    },
};

use crate::support::{self, Input, Rig};

/// The input as one packet under every suite; then, after a byte that chooses the suite, its chunks,
/// each after a byte that says what becomes of it.
pub fn run(data: &[u8]) {
    for suite in SrtpSuite::ALL {
        let mut unprotect = opener(suite);
        // Nobody who lacks the key is believed.
        assert!(unprotect.unprotect_rtp(&mut data.to_vec()).is_err());
        assert!(unprotect.unprotect_rtcp(&mut data.to_vec()).is_err());
        assert_eq!(unprotect.sources(), 0, "state for a packet that was not authenticated");
    }
    let mut input = Input::new(data);
    let suite = SrtpSuite::ALL[usize::from(input.byte()) % SrtpSuite::ALL.len()];
    Way::new(suite).carry(Input::new(input.left()));
    stream(suite, input);
}

fn opener(suite: SrtpSuite) -> WebrtcUnprotect {
    WebrtcUnprotect::new(suite, &support::key(suite, 0x77)).expect("the key fits")
}

fn sealer(suite: SrtpSuite) -> WebrtcProtect {
    WebrtcProtect::new(suite, &support::key(suite, 0x77)).expect("the key fits")
}

/// From a sender with the key to us, through a network that damages packets.
struct Way {
    protect: WebrtcProtect,
    unprotect: WebrtcUnprotect,
}

impl Way {
    fn new(suite: SrtpSuite) -> Self {
        Self { protect: sealer(suite), unprotect: opener(suite) }
    }

    fn carry(&mut self, mut input: Input<'_>) {
        while !input.is_empty() {
            let op = input.byte();
            let (at, xor) = (input.byte(), input.byte());
            let plain = input.chunk();
            let mut packet = plain.to_vec();
            let rtcp = op & 1 != 0;
            let sealed = match rtcp {
                false => self.protect.protect_rtp(&mut packet),
                true => self.protect.protect_rtcp(&mut packet),
            };
            if sealed.is_err() {
                continue;
            }
            let whole = packet.clone();
            damage(&mut packet, op, at, xor);
            let damaged = packet != whole;
            let opened = match rtcp {
                false => self.unprotect.unprotect_rtp(&mut packet),
                true => self.unprotect.unprotect_rtcp(&mut packet),
            };
            if let Ok(length) = opened {
                assert!(!damaged, "a damaged packet was believed");
                assert_eq!(&packet[..length], plain, "opened to something else");
                let mut again = whole;
                let replayed = match rtcp {
                    false => self.unprotect.unprotect_rtp(&mut again),
                    true => self.unprotect.unprotect_rtcp(&mut again),
                };
                assert!(replayed.is_err(), "a replay was believed");
            }
            assert!(self.unprotect.sources() <= 32);
        }
    }
}

fn damage(packet: &mut Vec<u8>, op: u8, at: u8, xor: u8) {
    let at = usize::from(at) % packet.len().max(1);
    match op >> 1 & 3 {
        0 => {}
        1 => packet[at] ^= xor,
        2 => packet.truncate(at),
        _ => packet.insert(at, xor),
    }
}

/// A stream that is spoken to by one that has the keys, and by others.
fn stream(suite: SrtpSuite, mut input: Input<'_>) {
    let mut rig = Rig::new(&support::plan(0b0100_0100, Some(support::keys(suite, true))));
    let mut protect = sealer(suite);
    while !input.is_empty() {
        let op = input.byte();
        let _ = input.bytes(2);
        let mut packet = input.chunk().to_vec();
        if op & 8 != 0 {
            let _ = match op & 1 {
                0 => protect.protect_rtp(&mut packet),
                _ => protect.protect_rtcp(&mut packet),
            };
        }
        rig.datagram(Component::Rtp, op & 16 != 0, &packet);
        rig.ticks(u32::from(op >> 6));
    }
    rig.ticks(2);
}

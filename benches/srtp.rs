//! What SRTP costs for a packet of 20 ms, PCMU: protect, and unprotect as it came in order.
//! `cargo bench --bench srtp`
//!
//! Not shown: sockets, strangers' packets, SRTCP.

#[path = "measure/mod.rs"]
#[allow(dead_code)]
mod measure;

use measure::measure;
use sidetone::{
    base::plan::{MasterKey, SrtpSuite},
    proto::srtp::{
        Protect, Unprotect,
        webrtc::{WebrtcProtect, WebrtcUnprotect},
    },
};

/// Rounds when their time is taken.
const ROUNDS: usize = 10_000;

/// The RTP packet with this number: header, 160 octets.
fn packet(number: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend((number as u16).to_be_bytes());
    packet.extend((number as u32 * 160).to_be_bytes());
    packet.extend(0x1234_5678u32.to_be_bytes());
    packet.extend((0..160).map(|n| (number + n) as u8));
    packet
}

fn suite(suite: SrtpSuite) {
    let key: Vec<u8> = (0..(suite.key_bytes() + suite.salt_bytes()) as u8).collect();
    let key = MasterKey::new(suite, &key).unwrap();
    let mut protect = WebrtcProtect::new(suite, &key).unwrap();
    // The warm-up's are among them.
    let mut packets: Vec<_> = (0..ROUNDS * 11 / 10).map(packet).collect();
    let mut waiting = packets.iter_mut();
    measure(&format!("{} protect", suite.name()), ROUNDS, || {
        protect.protect_rtp(waiting.next().unwrap()).unwrap();
    });
    let left = waiting.len();
    let mut unprotect = WebrtcUnprotect::new(suite, &key).unwrap();
    let protected = packets.len() - left;
    let mut waiting = packets[..protected].iter_mut();
    measure(&format!("{} unprotect", suite.name()), ROUNDS, || {
        unprotect.unprotect_rtp(waiting.next().unwrap()).unwrap();
    });
}

/// Runs the bench.
pub fn main() {
    suite(SrtpSuite::Aes128CmSha1_80);
    suite(SrtpSuite::Aes256CmSha1_80);
    suite(SrtpSuite::AeadAes256Gcm);
}

//! SRTP against published and computed vectors, against a second transform, and against forgers.

use serde_json::Value;
use sidetone::{
    base::{
        plan::{MasterKey, SrtpSuite},
        rng::Rng,
    },
    proto::srtp::{
        Protect, SrtpError, Unprotect,
        webrtc::{WebrtcProtect, WebrtcUnprotect},
    },
};

#[path = "support/srtp_reference.rs"]
mod srtp_reference;
use srtp_reference::{Reference, counter_iv, derive, key_stream};

const VECTORS: &str = include_str!("vectors/srtp/srtp.json");

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The vectors write the names in two ways.
fn suite(name: &str) -> SrtpSuite {
    let name = name.replace("AES_128CM", "AES_CM_128").replace("AES_256CM", "AES_256_CM");
    SrtpSuite::from_name(&name).unwrap_or_else(|| panic!("{name} is no suite"))
}

struct Ends {
    protect: WebrtcProtect,
    unprotect: WebrtcUnprotect,
    reference: Reference,
}

impl Ends {
    fn new(suite: SrtpSuite, key: &[u8], salt: &[u8]) -> Self {
        let master = MasterKey::new(suite, &[key, salt].concat()).unwrap();
        Self {
            protect: WebrtcProtect::new(suite, &master).unwrap(),
            unprotect: WebrtcUnprotect::new(suite, &master).unwrap(),
            reference: Reference::from_master(suite, key, salt),
        }
    }

    fn random(suite: SrtpSuite, rng: &mut Rng) -> Self {
        Self::new(suite, &bytes(rng, suite.key_bytes()), &bytes(rng, suite.salt_bytes()))
    }

    fn protect_rtp(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut packet = packet.to_vec();
        self.protect.protect_rtp(&mut packet).unwrap();
        packet
    }

    fn protect_rtcp(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut packet = packet.to_vec();
        self.protect.protect_rtcp(&mut packet).unwrap();
        packet
    }

    fn unprotect_rtp(&mut self, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
        let mut packet = packet.to_vec();
        let length = self.unprotect.unprotect_rtp(&mut packet)?;
        packet.truncate(length);
        Ok(packet)
    }

    fn unprotect_rtcp(&mut self, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
        let mut packet = packet.to_vec();
        let length = self.unprotect.unprotect_rtcp(&mut packet)?;
        packet.truncate(length);
        Ok(packet)
    }
}

fn bytes(rng: &mut Rng, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    rng.fill(&mut bytes);
    bytes
}

/// An RTP packet with up to 15 CSRCs, an extension of any content and 0 to 399 bytes of payload.
fn random_rtp(rng: &mut Rng, ssrc: u32, sequence: u16) -> Vec<u8> {
    let csrcs = if rng.below(4) == 0 { rng.below(16) as usize } else { 0 };
    let extension = rng.below(4) == 0;
    let mut packet = vec![0x80 | csrcs as u8 | u8::from(extension) << 4, rng.below(256) as u8];
    packet.extend_from_slice(&sequence.to_be_bytes());
    packet.extend_from_slice(&rng.u32().to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.extend(bytes(rng, 4 * csrcs));
    if extension {
        let profile = [[0xbe, 0xde], [0x10, 0x00], [0x12, 0x34]][rng.below(3) as usize];
        let words = rng.below(6) as usize;
        packet.extend_from_slice(&profile);
        packet.extend_from_slice(&(words as u16).to_be_bytes());
        packet.extend(bytes(rng, 4 * words));
    }
    let payload = rng.below(400) as usize;
    packet.extend(bytes(rng, payload));
    packet
}

fn random_rtcp(rng: &mut Rng, ssrc: u32) -> Vec<u8> {
    let words = rng.below(60) as usize;
    let mut packet = vec![0x80 | rng.below(32) as u8, 200 + rng.below(7) as u8];
    packet.extend_from_slice(&(words as u16 + 1).to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.extend(bytes(rng, 4 * words));
    packet
}

#[test]
fn key_streams_and_derived_keys_are_those_of_the_rfcs() {
    let mut seen = 0;
    for entry in vectors() {
        if let Some(stream) = entry.get("keystream_first_48") {
            let key = hex(&entry["key"]);
            let iv = counter_iv(&hex(&entry["salt"]), 0, 0);
            assert_eq!(key_stream(&key, iv, 0, 48), hex(stream), "{entry}");
            for (block, expected) in entry["blocks"].as_object().into_iter().flatten() {
                let block = usize::from_str_radix(&block[2..], 16).unwrap();
                assert_eq!(key_stream(&key, iv, block * 16, 16), hex(expected), "{entry}");
            }
            seen += 1;
        }
        if entry.get("cipher").is_some() {
            let (key, salt) = (hex(&entry["master_key"]), hex(&entry["master_salt"]));
            let names = ["cipher", "auth", "salt", "rtcp_cipher", "rtcp_auth", "rtcp_salt"];
            for (label, name) in names.into_iter().enumerate() {
                if let Some(expected) = entry.get(name).map(hex) {
                    assert_eq!(derive(&key, &salt, label as u8, expected.len()), expected);
                }
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

#[test]
fn vectors_with_session_keys_are_met_by_the_second_transform() {
    let mut seen = 0;
    for entry in vectors().iter().filter(|entry| entry.get("session_key").is_some()) {
        let suite = suite(entry["suite"].as_str().unwrap());
        let (key, salt) = (hex(&entry["session_key"]), hex(&entry["session_salt"]));
        let reference = Reference::from_session(suite, &key, &salt);
        assert_eq!(reference.protect_rtp(&hex(&entry["rtp"]), 0), hex(&entry["srtp"]));
        let index = entry["srtcp_index"].as_u64().unwrap() as u32;
        assert_eq!(reference.protect_rtcp(&hex(&entry["rtcp"]), index), hex(&entry["srtcp"]));
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn vectors_with_a_master_key_are_met_by_the_back_end_both_ways() {
    let mut last: Option<(Vec<u8>, Ends)> = None;
    let mut seen = 0;
    for entry in vectors() {
        let (Some(key), Some(name)) = (entry.get("master_key"), entry["suite"].as_str()) else {
            continue;
        };
        let (key, salt) = (hex(key), hex(&entry["master_salt"]));
        let roc = entry["roc"].as_u64().unwrap_or(0) as u32;
        // The packet after a roll-over runs through the ends that had the one before it.
        let mut ends = match last.take() {
            Some((old, ends)) if roc > 0 && old == key => ends,
            _ => Ends::new(suite(name), &key, &salt),
        };
        if let Some(rtp) = entry.get("rtp").map(hex) {
            let srtp = hex(&entry["srtp"]);
            assert_eq!(ends.protect_rtp(&rtp), srtp, "{entry}");
            assert_eq!(ends.reference.protect_rtp(&rtp, roc), srtp, "{entry}");
            assert_eq!(ends.unprotect_rtp(&srtp), Ok(rtp.clone()), "{entry}");
            assert_eq!(ends.unprotect_rtp(&srtp), Err(SrtpError::Replay), "{entry}");
            if let Some(short) = entry.get("srtp_tag32").map(hex) {
                let mut ends = Ends::new(SrtpSuite::Aes128CmSha1_32, &key, &salt);
                assert_eq!(ends.protect_rtp(&rtp), short);
                assert_eq!(ends.unprotect_rtp(&short), Ok(rtp));
            }
        }
        if let Some(rtcp) = entry.get("rtcp").map(hex) {
            let srtcp = hex(&entry["srtcp"]);
            assert_eq!(ends.protect_rtcp(&rtcp), srtcp, "{entry}");
            assert_eq!(ends.reference.protect_rtcp(&rtcp, 1), srtcp, "{entry}");
            assert_eq!(ends.unprotect_rtcp(&srtcp), Ok(rtcp), "{entry}");
            assert_eq!(ends.unprotect_rtcp(&srtcp), Err(SrtpError::Replay), "{entry}");
        }
        last = Some((key, ends));
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn ten_thousand_random_packets_agree_with_the_second_transform_in_every_suite() {
    for (number, suite) in SrtpSuite::ALL.into_iter().enumerate() {
        let mut rng = Rng::from_number(100 + number as u64);
        let mut ends = Ends::random(suite, &mut rng);
        let ssrc = rng.u32();
        // 48-bit index, forward by up to 99 a packet: some seven roll-overs.
        let mut index = u64::from(rng.below(1 << 15));
        for n in 0..10_000 {
            let (roc, sequence) = ((index >> 16) as u32, index as u16);
            let rtp = random_rtp(&mut rng, ssrc, sequence);
            let srtp = ends.protect_rtp(&rtp);
            assert_eq!(srtp, ends.reference.protect_rtp(&rtp, roc), "{suite:?} packet {n}");
            assert_eq!(ends.unprotect_rtp(&srtp), Ok(rtp), "{suite:?} packet {n}");

            let rtcp = random_rtcp(&mut rng, ssrc);
            let srtcp = ends.protect_rtcp(&rtcp);
            assert_eq!(srtcp, ends.reference.protect_rtcp(&rtcp, n + 1), "{suite:?} report {n}");
            assert_eq!(ends.unprotect_rtcp(&srtcp), Ok(rtcp), "{suite:?} report {n}");
            index += u64::from(1 + rng.below(99));
        }
        assert!(index >> 16 >= 6);
    }
}

#[test]
fn a_packet_with_any_bit_flipped_fails_and_the_right_one_after_it_passes() {
    for suite in SrtpSuite::ALL {
        let mut rng = Rng::from_number(7);
        let mut ends = Ends::random(suite, &mut rng);
        for believed in [false, true] {
            let rtp = random_rtp(&mut rng, 5, 100 + u16::from(believed));
            let srtp = ends.protect_rtp(&rtp[..rtp.len().min(80)]);
            for bit in 0..srtp.len() * 8 {
                let mut flipped = srtp.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(ends.unprotect_rtp(&flipped).is_err(), "{suite:?} RTP bit {bit}");
            }
            assert!(ends.unprotect_rtp(&srtp).is_ok(), "{suite:?}");

            let rtcp = random_rtcp(&mut rng, 5);
            let srtcp = ends.protect_rtcp(&rtcp[..rtcp.len().min(60)]);
            for bit in 0..srtcp.len() * 8 {
                let mut flipped = srtcp.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(ends.unprotect_rtcp(&flipped).is_err(), "{suite:?} RTCP bit {bit}");
            }
            assert!(ends.unprotect_rtcp(&srtcp).is_ok(), "{suite:?}");
        }
        assert_eq!(ends.unprotect.sources(), 1, "nothing is kept of what failed");
    }
}

#[test]
fn a_packet_cut_anywhere_fails_without_harm() {
    for suite in SrtpSuite::ALL {
        let mut rng = Rng::from_number(8);
        let mut ends = Ends::random(suite, &mut rng);
        for _ in 0..20 {
            let sequence = rng.below(1 << 15) as u16;
            let rtp = random_rtp(&mut rng, 5, sequence);
            let rtcp = random_rtcp(&mut rng, 5);
            let (srtp, srtcp) = (ends.protect_rtp(&rtp), ends.protect_rtcp(&rtcp));
            for length in 0..srtp.len() {
                assert!(ends.unprotect_rtp(&srtp[..length]).is_err());
            }
            for length in 0..srtcp.len() {
                assert!(ends.unprotect_rtcp(&srtcp[..length]).is_err());
            }
        }
    }
}

#[test]
fn replays_fail_within_and_behind_the_window_and_over_the_roll_over() {
    for suite in SrtpSuite::ALL {
        let mut rng = Rng::from_number(9);
        let mut ends = Ends::random(suite, &mut rng);
        let mut sent = Vec::new();
        let mut reports = Vec::new();
        for n in 0..400u16 {
            let rtp = random_rtp(&mut rng, 5, 32_000 + n);
            sent.push(ends.protect_rtp(&rtp));
            let rtcp = random_rtcp(&mut rng, 5);
            reports.push(ends.protect_rtcp(&rtcp));
        }
        // Pairs swapped: reordering passes.
        for pair in sent.chunks(2).chain(reports.chunks(2)) {
            for packet in [&pair[1], &pair[0]] {
                let is_report = reports.contains(packet);
                let opened = if is_report {
                    ends.unprotect_rtcp(packet)
                } else {
                    ends.unprotect_rtp(packet)
                };
                assert!(opened.is_ok(), "{suite:?}");
            }
        }
        for packet in &sent {
            assert_eq!(ends.unprotect_rtp(packet), Err(SrtpError::Replay), "{suite:?}");
        }
        for packet in &reports {
            assert_eq!(ends.unprotect_rtcp(packet), Err(SrtpError::Replay), "{suite:?}");
        }
        // Two cycles on, the number is new again but the old packet is not.
        for step in 1..=8u32 {
            let sequence = (32_399 + step * 16_384) as u16;
            let rtp = random_rtp(&mut rng, 5, sequence);
            let srtp = ends.protect_rtp(&rtp);
            assert!(ends.unprotect_rtp(&srtp).is_ok(), "{suite:?} step {step}");
        }
        assert!(ends.unprotect_rtp(&sent[399]).is_err(), "{suite:?}");
    }
}

/// RR of `ssrc` with BYE, made up by somebody without a key.
fn forged_bye(suite: SrtpSuite, index: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1, 0, 0, 0, 5, 0x81, 203, 0, 1, 0, 0, 0, 5];
    match suite {
        SrtpSuite::AeadAes128Gcm | SrtpSuite::AeadAes256Gcm => {
            packet.extend_from_slice(&[0; 16]);
            packet.extend_from_slice(&index.to_be_bytes());
        }
        _ => {
            packet.extend_from_slice(&index.to_be_bytes());
            packet.extend_from_slice(&[0; 10]);
        }
    }
    packet
}

#[test]
fn srtcp_with_the_e_bit_0_is_dropped_before_the_back_end_sees_it() {
    for suite in SrtpSuite::ALL {
        let mut rng = Rng::from_number(10);
        let mut ends = Ends::random(suite, &mut rng);
        for believed in [false, true] {
            for index in [0, 1, 77, 0x7fff_ffff] {
                let forged = forged_bye(suite, index);
                assert_eq!(ends.unprotect_rtcp(&forged), Err(SrtpError::NotEncrypted));
                let with_bit = forged_bye(suite, index | 1 << 31);
                assert!(ends.unprotect_rtcp(&with_bit).is_err());
            }
            if !believed {
                let rtcp = random_rtcp(&mut rng, 5);
                let srtcp = ends.protect_rtcp(&rtcp);
                assert_eq!(ends.unprotect_rtcp(&srtcp), Ok(rtcp));
            }
        }
    }
}

#[test]
fn forged_packets_of_many_sources_leave_no_state() {
    for suite in [SrtpSuite::Aes128CmSha1_80, SrtpSuite::AeadAes128Gcm] {
        let mut rng = Rng::from_number(11);
        let mut ends = Ends::random(suite, &mut rng);
        let mut stranger = Ends::random(suite, &mut rng);
        for ssrc in 0..2_000 {
            let rtp = random_rtp(&mut rng, ssrc, 1);
            let forged = stranger.protect_rtp(&rtp);
            assert_eq!(ends.unprotect_rtp(&forged), Err(SrtpError::Authentication));
            let rtcp = random_rtcp(&mut rng, ssrc);
            let forged = stranger.protect_rtcp(&rtcp);
            assert_eq!(ends.unprotect_rtcp(&forged), Err(SrtpError::Authentication));
        }
        assert_eq!(ends.unprotect.sources(), 0);
    }
}

#[test]
fn a_forged_first_packet_does_not_lock_the_real_source_out() {
    for suite in SrtpSuite::ALL {
        let mut rng = Rng::from_number(12);
        let mut ends = Ends::random(suite, &mut rng);
        let mut stranger = Ends::random(suite, &mut rng);
        // Numbers far ahead: a replay window placed by them would call the real packets too old.
        let rtp = random_rtp(&mut rng, 5, 30_000);
        let forged = stranger.protect_rtp(&rtp);
        assert!(ends.unprotect_rtp(&forged).is_err());
        assert!(ends.unprotect_rtcp(&forged_bye(suite, 1 << 31 | 1_000_000)).is_err());
        for n in 0..3 {
            let rtp = random_rtp(&mut rng, 5, 100 + n);
            let srtp = ends.protect_rtp(&rtp);
            assert_eq!(ends.unprotect_rtp(&srtp), Ok(rtp), "{suite:?}");
            let rtcp = random_rtcp(&mut rng, 5);
            let srtcp = ends.protect_rtcp(&rtcp);
            assert_eq!(ends.unprotect_rtcp(&srtcp), Ok(rtcp), "{suite:?}");
        }
    }
}

#[test]
fn sources_that_state_is_kept_for_are_bounded_and_the_ones_in_use_stay() {
    let mut rng = Rng::from_number(13);
    let mut ends = Ends::random(SrtpSuite::Aes128CmSha1_80, &mut rng);
    for ssrc in 100..400u32 {
        for source in [5, ssrc] {
            let rtp = random_rtp(&mut rng, source, ssrc as u16);
            let srtp = ends.protect_rtp(&rtp);
            assert_eq!(ends.unprotect_rtp(&srtp), Ok(rtp));
            assert_eq!(ends.unprotect_rtp(&srtp), Err(SrtpError::Replay));
        }
    }
    assert_eq!(ends.unprotect.sources(), 32);
}

#[test]
fn a_header_extension_with_broken_inner_lengths_does_no_harm() {
    for suite in SrtpSuite::ALL {
        let mut rng = Rng::from_number(14);
        let mut ends = Ends::random(suite, &mut rng);
        // One-byte elements of 16 bytes in a word of four, and the like.
        for profile in [[0xbeu8, 0xde], [0x10, 0x00]] {
            for body in [[0x1f, 0, 0, 0], [0, 0, 0, 0x1f], [0x10, 0xff, 1, 2], [0xf0, 0, 0, 0]] {
                let mut rtp = vec![0x90, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5];
                rtp.extend_from_slice(&profile);
                rtp.extend_from_slice(&[0, 1]);
                rtp.extend_from_slice(&body);
                let mut forged = rtp.clone();
                forged.extend_from_slice(&[0; 16]);
                assert!(ends.unprotect_rtp(&forged).is_err());
                let sequence = rng.below(20_000) as u16;
                rtp[2..4].copy_from_slice(&sequence.to_be_bytes());
                let srtp = ends.protect_rtp(&rtp);
                assert_eq!(srtp, ends.reference.protect_rtp(&rtp, 0));
            }
        }
    }
}

#[test]
fn keys_of_a_wrong_length_are_refused() {
    let key = MasterKey::new(SrtpSuite::AeadAes128Gcm, &[1; 28]).unwrap();
    assert_eq!(WebrtcProtect::new(SrtpSuite::Aes128CmSha1_80, &key).err(), Some(SrtpError::Key));
    assert_eq!(WebrtcUnprotect::new(SrtpSuite::AeadAes256Gcm, &key).err(), Some(SrtpError::Key));
}

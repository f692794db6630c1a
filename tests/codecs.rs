//! The codecs against tables that others computed, and Opus over losses.

use sidetone::{
    base::plan::OpusParams,
    dsp::{
        codec::{Decode, Encode},
        g711::{self, G711Decoder, G711Encoder, Law},
        g722::{G722Decoder, G722Encoder, Mode},
        opus::{OpusDecoder, OpusEncoder},
    },
};

const ALL_SAMPLES: std::ops::RangeInclusive<i16> = i16::MIN..=i16::MAX;

fn encoded(law: Law) -> Vec<u8> {
    let pcm: Vec<i16> = ALL_SAMPLES.collect();
    let mut payload = vec![0; pcm.len()];
    G711Encoder::new(law).encode(&pcm, &mut payload).unwrap();
    payload
}

fn decoded(law: Law) -> Vec<u8> {
    let codes: Vec<u8> = (0..=255).collect();
    let mut pcm = [0i16; 256];
    G711Decoder::new(law).decode(&codes, &mut pcm).unwrap();
    pcm.iter().flat_map(|s| s.to_le_bytes()).collect()
}

#[test]
fn g711_decodes_every_code_as_the_tables_say() {
    assert_eq!(decoded(Law::Mu), include_bytes!("vectors/g711/dec_ulaw_s16le.bin"));
    assert_eq!(decoded(Law::A), include_bytes!("vectors/g711/dec_alaw_s16le.bin"));
}

#[test]
fn g711_encodes_every_sample_as_the_itu_tables_say() {
    assert_eq!(encoded(Law::Mu), include_bytes!("vectors/g711/enc_ulaw_itu.bin"));
    assert_eq!(encoded(Law::A), include_bytes!("vectors/g711/enc_alaw_itu.bin"));
}

#[test]
fn g711_round_trips_within_half_a_step() {
    for sample in ALL_SAMPLES {
        let error = |back: i16| (i32::from(back) - i32::from(sample)).abs();
        assert!(error(g711::decode_a(g711::encode_a(sample))) <= 512, "A-law {sample}");
        assert!(error(g711::decode_mu(g711::encode_mu(sample))) <= 644, "mu-law {sample}");
    }
}

const SPEECH_16K: &[u8] = include_bytes!("vectors/g722/speech_16k.s16le");
const SPEECH_G722: &[u8] = include_bytes!("vectors/g722/speech.g722");

fn samples(octets: &[u8]) -> Vec<i16> {
    octets.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[test]
fn g722_encodes_speech_octet_by_octet_as_the_itu_tool_does() {
    let mut encoder = G722Encoder::new();
    let mut octets = Vec::new();
    for frame in samples(SPEECH_16K).chunks(320) {
        let mut payload = [0; 160];
        let bytes = encoder.encode(frame, &mut payload).unwrap();
        octets.extend_from_slice(&payload[..bytes]);
    }
    assert!(octets == SPEECH_G722, "first difference: {:?}", differ(&octets, SPEECH_G722));
}

#[test]
fn g722_decodes_speech_in_each_mode_sample_by_sample_as_the_itu_tool_does() {
    let expected: [(Mode, &[u8]); 3] = [
        (Mode::Kbit64, include_bytes!("vectors/g722/speech_dec_mode1.s16le")),
        (Mode::Kbit56, include_bytes!("vectors/g722/speech_dec_mode2.s16le")),
        (Mode::Kbit48, include_bytes!("vectors/g722/speech_dec_mode3.s16le")),
    ];
    for (mode, expected) in expected {
        let mut decoder = G722Decoder::new(mode);
        let mut pcm = Vec::new();
        for payload in SPEECH_G722.chunks(160) {
            let mut frame = [0; 320];
            let count = decoder.decode(payload, &mut frame).unwrap();
            pcm.extend_from_slice(&frame[..count]);
        }
        let expected = samples(expected);
        assert!(pcm == expected, "{mode:?}, first difference: {:?}", differ(&pcm, &expected));
    }
}

fn differ<T: PartialEq>(ours: &[T], theirs: &[T]) -> Option<usize> {
    let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    (same < ours.len().max(theirs.len())).then_some(same)
}

#[test]
fn g722_conceals_a_loss_and_finds_its_way_back() {
    let mut decoder = G722Decoder::new(Mode::Kbit64);
    let mut whole = G722Decoder::new(Mode::Kbit64);
    let (mut heard, mut said) = (Vec::new(), Vec::new());
    for (n, payload) in SPEECH_G722.chunks(160).enumerate() {
        let mut frame = [0; 320];
        whole.decode(payload, &mut frame).unwrap();
        said.extend_from_slice(&frame);
        if n % 25 == 20 {
            decoder.conceal(&mut frame);
        } else {
            decoder.decode(payload, &mut frame).unwrap();
        }
        heard.extend_from_slice(&frame);
    }
    // The fourth and more of the 20 ms after each loss.
    let back = (0..said.len()).filter(|at| !(20..24).contains(&(at / 320 % 25)));
    let (mut error, mut power) = (0.0, 0.0);
    for at in back {
        error += (f64::from(heard[at]) - f64::from(said[at])).powi(2);
        power += f64::from(said[at]).powi(2);
    }
    let ratio_db = 10.0 * (power / error).log10();
    assert!(ratio_db > 22.0, "{ratio_db} dB");
    let likeness = likeness(&heard, &said);
    assert!(likeness > 0.94, "{likeness}");
}

/// Frames of a voice-like sound at 48 kHz.
fn voice(frame: usize) -> Vec<i16> {
    (0..960)
        .map(|i| {
            let t = (frame * 960 + i) as f64 / 48_000.0;
            let phase = (140.0 * t + 8.0 * (t * 1.7).sin()) * std::f64::consts::TAU;
            let level = 0.6 + 0.4 * (t * 5.1).sin();
            ((phase.sin() + 0.5 * (2.0 * phase).sin() + 0.2 * (7.0 * phase).sin())
                * level
                * 6_000.0) as i16
        })
        .collect()
}

fn energy(pcm: &[i16]) -> f64 {
    pcm.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / pcm.len() as f64
}

/// The best normalised correlation of `heard` with what was said, over the codec's delay.
fn likeness(heard: &[i16], said: &[i16]) -> f64 {
    (0..=700)
        .map(|delay| {
            let (mut cross, mut a, mut b) = (0.0, 1.0, 1.0);
            for (&x, &y) in heard[delay..].iter().zip(said) {
                let (x, y) = (f64::from(x), f64::from(y));
                cross += x * y;
                a += x * x;
                b += y * y;
            }
            cross / f64::sqrt(a * b)
        })
        .fold(0.0, f64::max)
}

#[derive(Clone, Copy, PartialEq)]
enum Repair {
    None,
    Fec,
    Conceal,
}

/// Runs 3 s through Opus with every tenth packet lost; gives what was heard and said, and how many
/// packets in-band FEC brought back.
fn through_opus(repair: Repair) -> (Vec<i16>, Vec<i16>, usize) {
    let mut encoder = OpusEncoder::new(&OpusParams::default()).unwrap();
    encoder.set_packet_loss_percent(20);
    let mut decoder = OpusDecoder::new().unwrap();
    let packets: Vec<Vec<u8>> = (0..150)
        .map(|frame| {
            let mut payload = [0u8; 1_275];
            let bytes = encoder.encode(&voice(frame), &mut payload).unwrap();
            payload[..bytes].to_vec()
        })
        .collect();
    let mut heard = Vec::new();
    let mut recovered = 0;
    for (n, packet) in packets.iter().enumerate() {
        let mut pcm = [0i16; 960];
        if repair == Repair::None || n % 10 != 9 {
            assert_eq!(decoder.samples(packet), Ok(960));
            assert_eq!(decoder.decode(packet, &mut pcm), Ok(960));
        } else if repair == Repair::Fec
            && decoder.decode_fec(&packets[(n + 1).min(149)], &mut pcm).unwrap()
        {
            recovered += 1;
        } else {
            decoder.conceal(&mut pcm);
        }
        heard.extend_from_slice(&pcm);
    }
    (heard, (0..150).flat_map(voice).collect(), recovered)
}

#[test]
fn opus_gives_back_what_was_said() {
    let (heard, said, _) = through_opus(Repair::None);
    let likeness = likeness(&heard, &said);
    assert!(likeness > 0.97, "{likeness}");
    let level = energy(&heard) / energy(&said);
    assert!((0.8..1.25).contains(&level), "{level}");
}

#[test]
fn opus_repairs_losses_by_fec_better_than_by_concealment() {
    let (by_fec, said, recovered) = through_opus(Repair::Fec);
    assert!(recovered >= 8, "{recovered} of 15 packets carried a copy");
    let (concealed, _, _) = through_opus(Repair::Conceal);
    let (fec, plain) = (likeness(&by_fec, &said), likeness(&concealed, &said));
    assert!(fec > plain && fec > 0.95, "FEC {fec}, concealment {plain}");
    assert!(plain > 0.85, "concealment {plain}");
}

#[test]
fn opus_concealment_of_a_long_loss_dies_away() {
    let mut encoder = OpusEncoder::new(&OpusParams::default()).unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let mut pcm = [0i16; 960];
    for frame in 0..20 {
        let mut payload = [0u8; 1_275];
        let bytes = encoder.encode(&voice(frame), &mut payload).unwrap();
        decoder.decode(&payload[..bytes], &mut pcm).unwrap();
    }
    let before = energy(&pcm);
    for _ in 0..50 {
        decoder.conceal(&mut pcm);
    }
    assert!(energy(&pcm) < before / 4.0);
}

#[test]
fn opus_with_dtx_sends_next_to_nothing_in_silence() {
    let params = OpusParams { dtx: true, ..OpusParams::default() };
    let mut encoder = OpusEncoder::new(&params).unwrap();
    let sent = (0..100).filter(|_| encoder.encode(&[0; 960], &mut [0; 1_275]).unwrap() > 0).count();
    assert!(sent < 40, "{sent} of 100 packets");
}

#[test]
fn opus_works_harder_when_it_is_told_to() {
    let packets = |complexity| {
        let params = OpusParams { complexity, ..OpusParams::default() };
        let mut encoder = OpusEncoder::new(&params).unwrap();
        let encode = |n| {
            let mut payload = [0; 1_275];
            let bytes = encoder.encode(&voice(n), &mut payload).unwrap();
            payload[..bytes].to_vec()
        };
        (0..10).map(encode).collect::<Vec<_>>()
    };
    assert_ne!(packets(0), packets(10));
    assert_eq!(packets(5), packets(OpusParams::default().complexity));
}

#[test]
fn opus_keeps_to_the_bit_rate_the_far_end_named() {
    for rate_bps in [12_000u32, 24_000, 40_000] {
        let params =
            OpusParams { max_average_bitrate_bps: Some(rate_bps), ..OpusParams::default() };
        let mut encoder = OpusEncoder::new(&params).unwrap();
        let bytes: usize =
            (0..100).map(|n| encoder.encode(&voice(n), &mut [0; 1_275]).unwrap()).sum();
        let sent_bps = bytes as u32 * 8 / 2;
        assert!(sent_bps < rate_bps * 11 / 10, "{sent_bps} of {rate_bps} bit/s");
    }
}

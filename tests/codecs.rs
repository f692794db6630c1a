//! The codecs against tables that others computed, and Opus over losses.

use sidetone::{
    base::{plan::OpusParams, time::Ptime},
    dsp::{
        codec::{Decode, Encode},
        g711::{self, G711Decoder, G711Encoder, Law},
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

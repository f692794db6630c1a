//! What 20 ms of each codec cost. `cargo bench --bench codecs`
//!
//! Not shown: the packet around the payload, SRTP, the socket.

#[path = "measure/mod.rs"]
mod measure;

use measure::{measure, voice};
use sidetone::{
    base::plan::OpusParams,
    dsp::{
        codec::{Decode, Encode},
        g711::{G711Decoder, G711Encoder, Law},
        g722::{G722Decoder, G722Encoder, Mode},
        opus::{OpusDecoder, OpusEncoder},
        resample::Resampler,
        stretch::Stretch,
    },
};

fn codec(name: &str, mut encoder: impl Encode, mut decoder: impl Decode, rounds: usize) {
    let rate_hz = encoder.sample_rate_hz();
    let samples = rate_hz as usize / 50;
    let frames: Vec<_> = (0..100).map(|n| voice(rate_hz, n, samples)).collect();
    let mut payload = [0u8; 1_275];
    let mut n = 0;
    measure(&format!("{name} encode"), rounds, || {
        encoder.encode(&frames[n % 100], &mut payload).unwrap();
        n += 1;
    });
    let payloads: Vec<Vec<u8>> = frames
        .iter()
        .map(|frame| {
            let bytes = encoder.encode(frame, &mut payload).unwrap();
            payload[..bytes].to_vec()
        })
        .collect();
    let mut pcm = vec![0i16; samples];
    let mut n = 0;
    measure(&format!("{name} decode"), rounds, || {
        decoder.decode(&payloads[n % 100], &mut pcm).unwrap();
        n += 1;
    });
    measure(&format!("{name} decode, conceal"), rounds, || {
        decoder.decode(&payloads[n % 100], &mut pcm).unwrap();
        decoder.conceal(&mut pcm);
        n += 1;
    });
}

/// Runs the bench.
pub fn main() {
    codec("PCMU", G711Encoder::new(Law::Mu), G711Decoder::new(Law::Mu), 20_000);
    codec("PCMA", G711Encoder::new(Law::A), G711Decoder::new(Law::A), 20_000);
    codec("G.722", G722Encoder::new(), G722Decoder::new(Mode::Kbit64), 20_000);
    let params = OpusParams::default();
    let opus = || (OpusEncoder::new(&params).unwrap(), OpusDecoder::new().unwrap());
    let (encoder, decoder) = opus();
    codec("Opus 32 kbit/s", encoder, decoder, 3_000);
    let (mut encoder, decoder) = opus();
    encoder.set_packet_loss_percent(10);
    codec("Opus 32 kbit/s, 10 % loss told", encoder, decoder, 3_000);
    for (from, to) in [(8_000, 48_000), (48_000, 8_000), (8_000, 16_000), (44_100, 8_000)] {
        let mut resampler = Resampler::new(from, to).unwrap();
        let input = voice(from, 3, from as usize / 100);
        let mut output = vec![0i16; to as usize / 100];
        measure(&format!("resample 10 ms {from} to {to} Hz"), 20_000, || {
            resampler.process_i16(&input, &mut output);
        });
    }
    for rate_hz in [8_000, 48_000] {
        let stretch = Stretch::new(rate_hz);
        let sound = voice(rate_hz, 0, rate_hz as usize / 20);
        let mut pcm = sound.clone();
        measure(&format!("cut one pitch period at {rate_hz} Hz"), 5_000, || {
            pcm.copy_from_slice(&sound);
            stretch.accelerate(&mut pcm, usize::MAX, 0.5);
        });
    }
}

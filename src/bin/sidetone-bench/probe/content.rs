//! What the probe says into each call: sound that is that call's own and does not repeat within
//! five seconds, encoded beforehand so that the measuring costs little while it runs.

use sidetone::{
    base::{
        plan::{CodecKind, OpusParams},
        rng::Rng,
    },
    device::wav,
    dsp::{
        codec::{Decode, Encode},
        g711::{G711Decoder, G711Encoder, Law},
        g722::{G722Decoder, G722Encoder, Mode},
        opus::{OpusDecoder, OpusEncoder},
    },
};

use crate::clicks::Clicks;

/// A loop of packets, and the sound that a decoder makes of them.
#[derive(Clone, Debug)]
pub struct Content {
    /// 20 ms payloads; after the last comes the first.
    pub payloads: Vec<Vec<u8>>,
    /// The decoded loop.
    pub pcm: Vec<f32>,
}

impl Content {
    /// The content of call number `call`.
    pub fn of_call(codec: CodecKind, call: usize) -> Self {
        let pcm = match codec {
            CodecKind::Opus => speech(call),
            _ => noise(call, codec.sample_rate_hz()),
        };
        Self::of_pcm(codec, &pcm)
    }

    /// Clicks, 16 ms long and about 400 ms apart, at places that are call number `call`'s own.
    pub fn clicks(codec: CodecKind, call: usize) -> Self {
        let clicks = Clicks::seeded(codec.sample_rate_hz(), LOOP_SECONDS as f64, call as u64);
        let pcm: Vec<i16> = clicks.samples.iter().map(|s| (s * 32_767.0) as i16).collect();
        Self::of_pcm(codec, &pcm)
    }

    /// A loop of any sound.
    pub fn of_pcm(codec: CodecKind, pcm: &[i16]) -> Self {
        let mut encoder = encoder(codec);
        let frame = encoder.sample_rate_hz() as usize / 50;
        // Twice round, so that the encoder's state at the seam is what it will be ever after.
        let mut payloads = Vec::new();
        for chunk in pcm.chunks_exact(frame).chain(pcm.chunks_exact(frame)) {
            let mut payload = [0; 1500];
            let length = encoder.encode(chunk, &mut payload).unwrap_or(0);
            payloads.push(payload[..length].to_vec());
        }
        let payloads = payloads.split_off(payloads.len() / 2);
        let mut decoder = decoder(codec);
        let twice: Vec<f32> = payloads
            .iter()
            .chain(&payloads)
            .flat_map(|payload| decoded(decoder.as_mut(), payload))
            .collect();
        let pcm = twice[twice.len() / 2..].to_vec();
        Self { payloads, pcm }
    }
}

/// A decoder of the codec.
pub fn decoder(codec: CodecKind) -> Box<dyn Decode> {
    match codec {
        CodecKind::Opus => match OpusDecoder::new() {
            Ok(decoder) => Box::new(decoder),
            // Only for want of memory.
            Err(_) => Box::new(G711Decoder::new(Law::Mu)),
        },
        CodecKind::G722 => Box::new(G722Decoder::new(Mode::Kbit64)),
        CodecKind::Pcma => Box::new(G711Decoder::new(Law::A)),
        _ => Box::new(G711Decoder::new(Law::Mu)),
    }
}

/// What `decoder` makes of one payload of 20 ms; silence of what it refuses.
pub fn decoded(decoder: &mut dyn Decode, payload: &[u8]) -> Vec<f32> {
    let mut pcm = [0i16; 5_760];
    let due = decoder.sample_rate_hz() as usize / 50;
    match decoder.samples(payload) {
        Ok(length) if length == due && decoder.decode(payload, &mut pcm).is_ok() => {}
        _ => pcm.fill(0),
    }
    pcm[..due].iter().map(|&s| f32::from(s)).collect()
}

/// An encoder of the codec.
pub fn encoder(codec: CodecKind) -> Box<dyn Encode> {
    match codec {
        CodecKind::Opus => match OpusEncoder::new(&OpusParams::default()) {
            Ok(encoder) => Box::new(encoder),
            Err(_) => Box::new(G711Encoder::new(Law::Mu)),
        },
        CodecKind::G722 => Box::new(G722Encoder::new()),
        CodecKind::Pcma => Box::new(G711Encoder::new(Law::A)),
        _ => Box::new(G711Encoder::new(Law::Mu)),
    }
}

/// Noise of 300 to 3000 Hz, -20 dBFS, seeded by the call's number.
fn noise(call: usize, rate_hz: u32) -> Vec<i16> {
    let mut rng = Rng::from_number(1_000 + call as u64);
    let rate = f64::from(rate_hz);
    let mut high = Biquad::high_pass(300.0 / rate);
    let mut low = Biquad::low_pass(3_000.0 / rate);
    let level = 14_000.0 * (rate / 8_000.0).sqrt();
    (0..LOOP_SECONDS * rate_hz as usize)
        .map(|_| {
            let white = f64::from(rng.u32()) / f64::from(u32::MAX) - 0.5;
            (low.step(high.step(white)) * level) as i16
        })
        .collect()
}

/// Speech at 48 kHz: the same reading for every call, from a place and at a pace of its own.
fn speech(call: usize) -> Vec<i16> {
    let reading: Vec<f64> = SPEECH
        .iter()
        .filter_map(|bytes| wav::parse(bytes).ok())
        .flat_map(wav::Wav::into_mono)
        .map(f64::from)
        .collect();
    let mut high = Biquad::high_pass(250.0 / 16_000.0);
    let reading: Vec<f64> = reading.into_iter().map(|s| 1.5 * high.step(s)).collect();
    let pace = 0.85 + 0.3 * ((call * 7) % 50) as f64 / 50.0;
    let start = (call * 5_381) % reading.len();
    (0..LOOP_SECONDS * 48_000)
        .map(|i| {
            let at = start as f64 + i as f64 * pace / 3.0;
            let (whole, part) = (at as usize, at.fract());
            let a = reading[whole % reading.len()];
            let b = reading[(whole + 1) % reading.len()];
            (a + (b - a) * part).clamp(-32_768.0, 32_767.0) as i16
        })
        .collect()
}

/// A second-order section (the well-known cookbook form, Q of 0.707).
struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    past_in: [f64; 2],
    past_out: [f64; 2],
}

impl Biquad {
    fn low_pass(edge: f64) -> Self {
        let cosine = (2.0 * std::f64::consts::PI * edge).cos();
        let b1 = 1.0 - cosine;
        Self::with(edge, [b1 / 2.0, b1, b1 / 2.0])
    }

    fn high_pass(edge: f64) -> Self {
        let cosine = (2.0 * std::f64::consts::PI * edge).cos();
        let b1 = 1.0 + cosine;
        Self::with(edge, [b1 / 2.0, -b1, b1 / 2.0])
    }

    fn with(edge: f64, b: [f64; 3]) -> Self {
        let angle = 2.0 * std::f64::consts::PI * edge;
        let alpha = angle.sin() / std::f64::consts::SQRT_2;
        let a0 = 1.0 + alpha;
        let a = [-2.0 * angle.cos() / a0, (1.0 - alpha) / a0];
        Self { b: b.map(|b| b / a0), a, past_in: [0.0; 2], past_out: [0.0; 2] }
    }

    fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.b[1] * self.past_in[0] + self.b[2] * self.past_in[1]
            - self.a[0] * self.past_out[0]
            - self.a[1] * self.past_out[1];
        self.past_in = [x, self.past_in[0]];
        self.past_out = [y, self.past_out[0]];
        y
    }
}

/// Longer than the five seconds within which nothing may come twice.
pub const LOOP_SECONDS: usize = 6;
/// LibriVox, in the public domain; see ../sidetone-phone/speech/SOURCE.txt.
const SPEECH: [&[u8]; 3] = [
    include_bytes!("../../sidetone-phone/speech/librivox_f_0870.wav"),
    include_bytes!("../../sidetone-phone/speech/librivox_f_0880.wav"),
    include_bytes!("../../sidetone-phone/speech/librivox_f_0890.wav"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_a_sound_of_its_own_at_a_useful_level() {
        for codec in [CodecKind::Pcmu, CodecKind::G722, CodecKind::Opus] {
            let (one, two) = (Content::of_call(codec, 1), Content::of_call(codec, 2));
            assert_eq!(one.payloads.len(), LOOP_SECONDS * 50);
            assert_eq!(one.pcm.len(), one.payloads.len() * codec.sample_rate_hz() as usize / 50);
            let energy = |pcm: &[f32]| pcm.iter().map(|s| s * s).sum::<f32>();
            let product: f32 = one.pcm.iter().zip(&two.pcm).map(|(a, b)| a * b).sum();
            assert!(product.abs() < 0.1 * (energy(&one.pcm) * energy(&two.pcm)).sqrt());
            let rms = (energy(&one.pcm) / one.pcm.len() as f32).sqrt();
            assert!((1_000.0..6_000.0).contains(&rms), "{codec:?}: {rms}");
        }
    }
}

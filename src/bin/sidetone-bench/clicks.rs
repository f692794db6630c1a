//! Short chirps, and a matched filter that finds them again.

use sidetone::base::rng::Rng;

/// A track of chirps.
#[derive(Clone, Debug)]
pub struct Clicks {
    /// Samples, ±0.5 at most.
    pub samples: Vec<f32>,
    /// Where each chirp starts, in samples.
    pub starts: Vec<usize>,
}

impl Clicks {
    /// One chirp about every 400 ms, its start anywhere within a packet.
    pub fn new(rate_hz: u32, seconds: f64) -> Self {
        Self::seeded(rate_hz, seconds, 42)
    }

    /// The same with starts of one's own.
    pub fn seeded(rate_hz: u32, seconds: f64, seed: u64) -> Self {
        let chirp = chirp(rate_hz);
        let length = (f64::from(rate_hz) * seconds) as usize;
        let mut samples = vec![0.0; length];
        let mut rng = Rng::from_number(seed);
        let mut starts = Vec::new();
        let mut at = rate_hz as usize;
        while at + rate_hz as usize / 2 < length {
            samples[at..at + chirp.len()].copy_from_slice(&chirp);
            starts.push(at);
            at += (rate_hz * 2 / 5 + rng.below(rate_hz / 50)) as usize;
        }
        Self { samples, starts }
    }
}

/// Where chirps start in `samples`, in seconds.
pub fn find(samples: &[f32], rate_hz: u32) -> Vec<f64> {
    let chirp = chirp(rate_hz);
    let own: f32 = chirp.iter().map(|c| c * c).sum();
    let gap = rate_hz as usize / 10;
    // Energy up to each sample, so that silence is passed over at once.
    let mut up_to = vec![0f64];
    for sample in samples {
        up_to.push(up_to[up_to.len() - 1] + f64::from(sample * sample));
    }
    let mut found = Vec::new();
    let mut best: Option<(usize, f32)> = None;
    for at in 0..samples.len().saturating_sub(chirp.len()) {
        if let Some((start, _)) = best.filter(|(start, _)| at > start + gap) {
            found.push(start as f64 / f64::from(rate_hz));
            best = None;
        }
        let energy = (up_to[at + chirp.len()] - up_to[at]) as f32;
        if energy < own * 1e-4 {
            continue;
        }
        let part = &samples[at..at + chirp.len()];
        let product: f32 = part.iter().zip(&chirp).map(|(a, b)| a * b).sum();
        let score = product / (own * energy).sqrt();
        if score > LIKENESS && best.is_none_or(|(_, high)| score > high) {
            best = Some((at, score));
        }
    }
    found.extend(best.map(|(start, _)| start as f64 / f64::from(rate_hz)));
    found
}

/// The first of `later` that follows `time` within `reach_s`.
pub fn following(later: &[f64], time: f64, reach_s: f64) -> Option<f64> {
    later.iter().copied().find(|t| *t >= time).filter(|t| t - time < reach_s)
}

/// 16 ms from 500 to 3000 Hz under a Hann window.
fn chirp(rate_hz: u32) -> Vec<f32> {
    let length = (rate_hz * 16 / 1000) as usize;
    let seconds = 0.016;
    (0..length)
        .map(|i| {
            let t = i as f64 / f64::from(rate_hz);
            let phase = std::f64::consts::TAU * (500.0 * t + 2_500.0 * t * t / (2.0 * seconds));
            let window = 0.5 - 0.5 * (std::f64::consts::TAU * t / seconds).cos();
            (0.5 * window * phase.sin()) as f32
        })
        .collect()
}

/// Normalised correlation above which a place is a chirp.
const LIKENESS: f32 = 0.7;

#[cfg(test)]
mod tests {
    use sidetone::base::plan::CodecKind;

    use super::*;
    use crate::probe::content::{decoded, decoder, encoder};

    #[test]
    fn finds_every_chirp_where_it_is() {
        let clicks = Clicks::new(8_000, 5.0);
        assert!(clicks.starts.len() >= 8);
        let late: Vec<f32> = vec![0.0; 123].into_iter().chain(clicks.samples.clone()).collect();
        let found = find(&late, 8_000);
        assert_eq!(found.len(), clicks.starts.len());
        for (found, start) in found.iter().zip(&clicks.starts) {
            assert!((found - (start + 123) as f64 / 8_000.0).abs() < 1e-6);
        }
    }

    /// What a far end would decode of `samples`.
    fn through(codec: CodecKind, samples: &[f32]) -> Vec<f32> {
        let (mut encoder, mut decoder) = (encoder(codec), decoder(codec));
        let frame = codec.sample_rate_hz() as usize / 50;
        let mut heard = Vec::new();
        for chunk in samples.chunks_exact(frame) {
            let pcm: Vec<i16> = chunk.iter().map(|s| (s * 32_767.0) as i16).collect();
            let mut payload = [0; 1500];
            let length = encoder.encode(&pcm, &mut payload).unwrap();
            heard.extend(decoded(decoder.as_mut(), &payload[..length]));
        }
        heard.iter().map(|s| s / 32_768.0).collect()
    }

    #[test]
    fn what_every_codec_leaves_of_a_chirp_is_found_within_a_millisecond() {
        for codec in [CodecKind::Pcmu, CodecKind::G722, CodecKind::Opus] {
            let rate_hz = codec.sample_rate_hz();
            let clicks = Clicks::new(rate_hz, 3.0);
            let median_ms = |delay_ms: f64| {
                let late = (delay_ms * f64::from(rate_hz) / 1000.0).round() as usize;
                let mut samples = vec![0.0; late];
                samples.extend(&clicks.samples);
                let found = find(&through(codec, &samples), rate_hz);
                assert_eq!(found.len(), clicks.starts.len(), "{codec:?}");
                let pairs = found.iter().zip(&clicks.starts);
                let mut off: Vec<f64> = pairs
                    .map(|(found, start)| 1000.0 * (found - *start as f64 / f64::from(rate_hz)))
                    .collect();
                off.sort_by(f64::total_cmp);
                off[off.len() / 2]
            };
            // Opus looks ahead, G.722 has filters: their own delay is in both.
            let base_ms = median_ms(0.0);
            assert!((0.0..15.0).contains(&base_ms), "{codec:?}: {base_ms} ms of its own");
            for delay_ms in [20.0, 60.0, 120.0, 7.3] {
                let off_ms = median_ms(delay_ms) - base_ms - delay_ms;
                assert!(off_ms.abs() < 1.0, "{codec:?}: {delay_ms} ms, off by {off_ms}");
            }
        }
    }

    #[test]
    fn finds_nothing_in_silence_and_noise() {
        let mut rng = Rng::from_number(3);
        let noise: Vec<f32> =
            (0..16_000).map(|_| rng.u32() as f32 / u32::MAX as f32 - 0.5).collect();
        assert!(find(&noise, 8_000).is_empty());
        assert!(find(&vec![0.0; 16_000], 8_000).is_empty());
    }
}

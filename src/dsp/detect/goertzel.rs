//! The Goertzel algorithm: how much of one frequency is in a block of samples.

/// Power of single frequencies.
#[derive(Clone, Copy, Debug)]
pub struct Goertzel {
    coefficient: f64,
}

impl Goertzel {
    /// Listens for `hz` in samples of `rate_hz`.
    pub fn new(hz: f32, rate_hz: u32) -> Self {
        let turn = f64::from(hz) / f64::from(rate_hz) * std::f64::consts::TAU;
        Self { coefficient: 2.0 * turn.cos() }
    }

    /// The mean square of the samples that is due to the frequency.
    pub fn power(&self, pcm: &[i16]) -> f64 {
        if pcm.is_empty() {
            return 0.0;
        }
        let (mut last, mut before) = (0.0, 0.0);
        for &sample in pcm {
            let next = f64::from(sample) + self.coefficient * last - before;
            before = last;
            last = next;
        }
        let square = last * last + before * before - self.coefficient * last * before;
        let length = pcm.len() as f64;
        2.0 * square / (length * length)
    }

    /// The share of the samples' energy that is due to the frequency, 0 to about 1.
    pub fn share(&self, pcm: &[i16]) -> f64 {
        let total: f64 = pcm.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
        if total <= 0.0 { 0.0 } else { self.power(pcm) * pcm.len() as f64 / total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::tone::{ToneGenerator, ToneSpec};

    #[test]
    fn a_tone_is_found_at_its_frequency_and_nowhere_else() {
        let mut pcm = vec![0i16; 1_600];
        ToneGenerator::new(&ToneSpec::sine(440.0, -12.0), 8_000).fill(&mut pcm);
        assert!(Goertzel::new(440.0, 8_000).share(&pcm) > 0.95);
        assert!(Goertzel::new(600.0, 8_000).share(&pcm) < 0.01);
        assert_eq!(Goertzel::new(440.0, 8_000).share(&[0; 100]), 0.0);
    }
}

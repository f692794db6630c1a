//! Keeps a sum of voices within 16 bits without the noise of clipping.
//!
//! The gain falls within a millisecond before a peak as far as the frame can see it, and comes back
//! over about 100 ms. Sums that fit pass untouched, bit for bit.

use super::gain::to_i16;

/// Peaks are held a hair under full scale.
const CEILING: f32 = 32_000.0;
/// Blocks that a 10 ms frame is cut into.
const BLOCKS: usize = 10;
/// Of the missing gain, this share comes back each block of 1 ms.
const RELEASE: f32 = 0.03;

/// One output's limiter.
#[derive(Clone, Copy, Debug)]
pub struct Limiter {
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Limiter {
    /// Turns one 10 ms frame of sums into samples; both have the same length.
    pub fn process(&mut self, sums: &[f32], out: &mut [i16]) {
        let peak = sums.iter().fold(0.0f32, |peak, &s| peak.max(s.abs()));
        if self.gain > 0.999 && peak <= 32_767.0 {
            self.gain = 1.0;
            out.iter_mut().zip(sums).for_each(|(o, &s)| *o = to_i16(s));
            return;
        }
        let block = sums.len().div_ceil(BLOCKS).max(1);
        let allowed = |block: Option<&[f32]>| {
            let peak = block.unwrap_or(&[]).iter().fold(0.0f32, |peak, &s| peak.max(s.abs()));
            if peak > CEILING { CEILING / peak } else { 1.0 }
        };
        let mut blocks = sums.chunks(block).peekable();
        let mut outs = out.chunks_mut(block);
        while let (Some(sums), Some(out)) = (blocks.next(), outs.next()) {
            let here = allowed(Some(sums));
            let next = allowed(blocks.peek().copied());
            // A peak at the very start of a frame was not seen coming.
            let from = self.gain.min(here);
            let released = self.gain + (1.0 - self.gain) * RELEASE;
            let to = released.min(here).min(next);
            let step = (to - from) / sums.len() as f32;
            let mut gain = from;
            for (o, &s) in out.iter_mut().zip(sums) {
                gain += step;
                *o = to_i16(s * gain);
            }
            self.gain = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_fits_passes_bit_for_bit() {
        let sums: Vec<f32> = (0..80).map(|n| (n * 400 - 16_000) as f32).collect();
        let mut out = [0i16; 80];
        Limiter::default().process(&sums, &mut out);
        assert!(out.iter().zip(&sums).all(|(&o, &s)| f32::from(o) == s));
    }

    #[test]
    fn a_loud_sum_is_brought_under_full_scale_and_let_go_again() {
        let mut limiter = Limiter::default();
        let loud: Vec<f32> = (0..80).map(|n| 60_000.0 * (n as f32 * 0.4).sin()).collect();
        let mut out = [0i16; 80];
        for _ in 0..5 {
            limiter.process(&loud, &mut out);
            assert!(out.iter().all(|&s| (-32_001..=32_001).contains(&i32::from(s))));
        }
        assert!(out.iter().any(|&s| s > 30_000), "as loud as may be");
        let soft = [10_000.0f32; 80];
        for _ in 0..40 {
            limiter.process(&soft, &mut out);
        }
        assert_eq!(out[79], 10_000, "gain is back at 1 after 400 ms");
    }
}

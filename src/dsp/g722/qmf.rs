//! The two quadrature mirror filters of G.722 (§3.1, §4.4): 16 kHz into two bands of 8 kHz, and back.

use super::tables::QMF;

/// Taps.
const TAPS: usize = 24;
/// Samples at 16 kHz filtered at a time.
pub const BLOCK: usize = 160;
/// Samples of the past that a block needs in front.
const PAST: usize = TAPS - 2;

/// Filter taps of the lower band's sum, over samples in order; those of the higher band's have the
/// even ones negative.
const SUM: [i16; TAPS] = interleaved(1);
const DIFFERENCE: [i16; TAPS] = interleaved(-1);
/// Taps that give the first and the second output of a pair.
const FIRST: [i16; TAPS] = half(1);
const SECOND: [i16; TAPS] = half(0);

const fn interleaved(even_sign: i16) -> [i16; TAPS] {
    let mut taps = [0; TAPS];
    let mut at = 0;
    while at < QMF.len() {
        taps[2 * at] = QMF[at] * even_sign;
        taps[2 * at + 1] = QMF[QMF.len() - 1 - at];
        at += 1;
    }
    taps
}

const fn half(odd: usize) -> [i16; TAPS] {
    let mut taps = interleaved(1);
    let mut at = 1 - odd;
    while at < TAPS {
        taps[at] = 0;
        at += 2;
    }
    taps
}

/// Samples, or what the bands make of them, with the past that the filter needs in front.
#[derive(Clone, Debug)]
pub struct Line {
    samples: [i16; PAST + BLOCK],
}

impl Line {
    /// Silence.
    pub fn new() -> Self {
        Self { samples: [0; PAST + BLOCK] }
    }

    /// Where a block of `count` samples goes.
    pub fn block(&mut self, count: usize) -> &mut [i16] {
        &mut self.samples[PAST..PAST + count]
    }

    /// Splits the block, of `count` samples, into pairs of a lower and a higher band's.
    pub fn split(&mut self, count: usize, bands: &mut [[i16; 2]]) {
        for (window, band) in self.windows(count).zip(bands) {
            *band = [band_of(dot(window, &SUM)), band_of(dot(window, &DIFFERENCE))];
        }
        self.keep(count);
    }

    /// Joins the block, of `count` sums and differences of the bands, into samples.
    pub fn join(&mut self, count: usize, pcm: &mut [i16]) {
        for (window, pair) in self.windows(count).zip(pcm.chunks_exact_mut(2)) {
            pair[0] = sample_of(dot(window, &FIRST));
            pair[1] = sample_of(dot(window, &SECOND));
        }
        self.keep(count);
    }

    fn windows(&self, count: usize) -> impl Iterator<Item = &[i16; TAPS]> {
        let windows = self.samples[..PAST + count].windows(TAPS).step_by(2);
        windows.filter_map(|window| window.first_chunk())
    }

    fn keep(&mut self, count: usize) {
        self.samples.copy_within(count..count + PAST, 0);
    }
}

/// The sum cannot overflow: the taps' magnitudes add up to 12964.
#[inline(always)]
fn dot(window: &[i16; TAPS], taps: &[i16; TAPS]) -> i32 {
    window.iter().zip(taps).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

/// LOWT, HIGHT: 15 bits.
#[inline(always)]
fn band_of(sum: i32) -> i16 {
    (sum >> 14).clamp(-16_384, 16_383) as i16
}

/// SELECT, 16 bits.
#[inline(always)]
fn sample_of(sum: i32) -> i16 {
    (sum >> 11).clamp(-32_768, 32_767) as i16
}

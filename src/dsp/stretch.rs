//! Time stretching by whole pitch periods: one period is cut out of the sound or said twice, and
//! the seam is cross-faded (WSOLA with one frame). Plain, and good for single corrections; not a
//! tempo changer.
//!
//! ```text
//! accelerate   |--a--|--b--|...    ->   |a~b|...          a fades into b, one period less
//! expand    |--a--|--b--|...    ->   |--a--|b~a|--b--|    b fades into a, one period more
//! ```

/// Periods looked for: 2.5 to 15 ms, 400 to 66 Hz.
const PERIOD_MIN_HALF_MS: usize = 5;
const PERIOD_MAX_MS: usize = 15;
/// Compared stretch of sound.
const WINDOW_MS: usize = 8;
/// Mean square under which nobody hears a seam: -50 dBFS.
const QUIET: f32 = 100.0 * 100.0;

/// Finds periods at one sample rate.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    ms: usize,
    stride: usize,
}

/// A place to cut or repeat.
#[derive(Clone, Copy, Debug)]
struct Period {
    lag: usize,
    score: f32,
    quiet: bool,
}

impl Stretch {
    /// For sound at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        // Compared at 8 kHz at least; speech has little above 4 kHz that tells its pitch.
        Self { ms: rate_hz as usize / 1000, stride: (rate_hz as usize / 8_000).max(1) }
    }

    /// The longest period, in samples: what [`Stretch::expand`] may add and needs of the past.
    pub fn period_max(&self) -> usize {
        PERIOD_MAX_MS * self.ms
    }

    /// Samples that [`Stretch::accelerate`] must see to do anything.
    pub fn look_ahead(&self) -> usize {
        2 * PERIOD_MAX_MS * self.ms
    }

    /// Cuts one period of at most `most` samples off the front: the samples from the returned index
    /// on are the result. `None` when no cut scores `threshold` (0 to 1) or more.
    pub fn accelerate(&self, pcm: &mut [i16], most: usize, threshold: f32) -> Option<usize> {
        let low = PERIOD_MIN_HALF_MS * self.ms / 2;
        let high = self.period_max().min(most).min(pcm.len().saturating_sub(WINDOW_MS * self.ms));
        if high < low {
            return None;
        }
        let period = self.find(pcm, 0, low, high, true)?;
        let lag = if period.quiet { high } else { period.lag };
        if !period.quiet && period.score < threshold {
            return None;
        }
        let overlap = lag.min(pcm.len() - lag);
        for i in 0..overlap {
            pcm[lag + i] = fade(pcm[i], pcm[lag + i], i, overlap);
        }
        Some(lag)
    }

    /// Says the period before `at`, or several of at least `least` samples, once more: on success
    /// the result starts the returned count of samples before `at`, in place. Needs
    /// [`Stretch::period_max`] of past before `at`.
    pub fn expand(
        &self,
        pcm: &mut [i16],
        at: usize,
        least: usize,
        threshold: f32,
    ) -> Option<usize> {
        let high = self.period_max();
        let low = (PERIOD_MIN_HALF_MS * self.ms / 2).max(least).min(high);
        if at < high || pcm.len() < at + WINDOW_MS * self.ms {
            return None;
        }
        let period = self.find(pcm, at, low, high, false)?;
        let lag = if period.quiet { high } else { period.lag };
        if !period.quiet && period.score < threshold {
            return None;
        }
        let overlap = lag.min(pcm.len() - at);
        for i in 0..overlap {
            pcm[at - lag + i] = fade(pcm[at + i], pcm[at - lag + i], i, overlap);
        }
        Some(lag)
    }

    /// The lag at which the sound from `at` is most like itself, later or earlier.
    fn find(&self, pcm: &[i16], at: usize, low: usize, high: usize, ahead: bool) -> Option<Period> {
        let window = WINDOW_MS * self.ms;
        let own = pcm.get(at..at + window)?;
        let energy: f32 = own.iter().step_by(self.stride).map(|&s| square(s)).sum();
        let quiet = energy / ((window / self.stride) as f32) < QUIET;
        let score = |lag: usize, stride: usize| {
            let start = if ahead { at + lag } else { at - lag };
            let other = &pcm[start..start + window];
            let (mut cross, mut a, mut b) = (0.0f32, 1.0f32, 1.0f32);
            for (&x, &y) in own.iter().zip(other).step_by(stride) {
                cross += f32::from(x) * f32::from(y);
                a += square(x);
                b += square(y);
            }
            cross / (a * b).sqrt()
        };
        let mut best = Period { lag: high, score: -1.0, quiet };
        let mut take = |lag: usize, score: f32| {
            if score > best.score {
                best = Period { lag, score, quiet };
            }
            best.lag
        };
        if !quiet {
            let mut coarse = high;
            for lag in (low..=high).step_by(self.stride) {
                coarse = take(lag, score(lag, self.stride));
            }
            if self.stride > 1 {
                let from = coarse.saturating_sub(self.stride - 1).max(low);
                for lag in from..=(coarse + self.stride - 1).min(high) {
                    take(lag, score(lag, self.stride));
                }
            }
        }
        Some(best)
    }
}

fn square(sample: i16) -> f32 {
    f32::from(sample) * f32::from(sample)
}

fn fade(from: i16, to: i16, i: usize, count: usize) -> i16 {
    let share = (i + 1) as f32 / (count + 1) as f32;
    (f32::from(from) + (f32::from(to) - f32::from(from)) * share).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(count: usize, rate: f32) -> Vec<i16> {
        let step = 150.0 * std::f32::consts::TAU / rate;
        (0..count).map(|n| (8000.0 * (n as f32 * step).sin()) as i16).collect()
    }

    fn largest_step(pcm: &[i16]) -> i32 {
        pcm.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap()
    }

    #[test]
    fn a_cut_of_a_sine_is_one_period_and_has_no_seam() {
        for rate in [8_000u32, 48_000] {
            let mut pcm = sine(rate as usize / 20, rate as f32);
            let smooth = largest_step(&pcm);
            let stretch = Stretch::new(rate);
            let cut = stretch.accelerate(&mut pcm, usize::MAX, 0.9).unwrap();
            let periods = cut as f32 * 150.0 / rate as f32;
            assert!((periods - periods.round()).abs() < 0.03, "{cut} samples at {rate} Hz");
            assert!(largest_step(&pcm[cut..]) <= smooth + smooth / 5);
        }
    }

    #[test]
    fn a_repetition_in_a_sine_is_one_period_and_has_no_seam() {
        let mut pcm = sine(400, 8_000.0);
        let smooth = largest_step(&pcm);
        let stretch = Stretch::new(8_000);
        let added = stretch.expand(&mut pcm, 200, 0, 0.9).unwrap();
        assert!(largest_step(&pcm[200 - added..]) <= smooth + smooth / 5);
        assert!((added as i32 - 53).abs() <= 1 || (added as i32 - 107).abs() <= 1, "{added}");
    }

    #[test]
    fn silence_is_cut_by_as_much_as_asked() {
        let stretch = Stretch::new(8_000);
        assert_eq!(stretch.accelerate(&mut [0; 400], 100, 1.0), Some(100));
        assert_eq!(stretch.accelerate(&mut [0; 400], 10, 1.0), None, "less than a period");
        assert_eq!(stretch.expand(&mut [0; 400], 200, 0, 1.0), Some(120));
    }

    #[test]
    fn too_little_sound_is_left_alone() {
        let stretch = Stretch::new(8_000);
        assert_eq!(stretch.accelerate(&mut [0; 70], 400, 0.0), None);
        assert_eq!(stretch.expand(&mut [0; 150], 100, 0, 0.0), None);
        assert_eq!(stretch.expand(&mut [0; 150], 120, 0, 0.0), None);
    }
}

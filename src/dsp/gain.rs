//! Gains that never jump: a change is spread over some samples, so that it does not click.
//!
//! Used by the bridge on whole frames and by the real-time thread on whatever the card asks for;
//! hence no allocation, no indexing and no frame size in here.

/// A gain on its way to the last one set.
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    now: f32,
    target: f32,
    step: f32,
    samples: f32,
}

impl Ramp {
    /// Starts at `gain` (a factor); later changes take `samples` samples.
    pub fn new(gain: f32, samples: u32) -> Self {
        Self { now: gain, target: gain, step: 0.0, samples: samples.max(1) as f32 }
    }

    /// The gain to go to.
    pub fn set(&mut self, gain: f32) {
        if gain != self.target {
            self.target = gain;
            self.step = (gain - self.now) / self.samples;
        }
    }

    /// The gain last set.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// Whether every sample is multiplied by 1.
    pub fn is_unity(&self) -> bool {
        self.now == 1.0 && self.is_settled()
    }

    /// Whether every sample is multiplied by 0.
    pub fn is_silent(&self) -> bool {
        self.now == 0.0 && self.is_settled()
    }

    fn is_settled(&self) -> bool {
        self.now == self.target
    }

    /// The gain of the next sample.
    #[inline]
    pub fn next_gain(&mut self) -> f32 {
        if self.is_settled() {
            return self.now;
        }
        self.now += self.step;
        let passed =
            if self.step > 0.0 { self.now >= self.target } else { self.now <= self.target };
        if passed {
            self.now = self.target;
        }
        self.now
    }

    /// Multiplies samples in place.
    pub fn apply(&mut self, samples: &mut [f32]) {
        if self.is_settled() {
            let gain = self.now;
            if gain != 1.0 {
                samples.iter_mut().for_each(|s| *s *= gain);
            }
        } else {
            samples.iter_mut().for_each(|s| *s *= self.next_gain());
        }
    }

    /// Multiplies 16-bit samples in place.
    pub fn apply_i16(&mut self, samples: &mut [i16]) {
        if !self.is_unity() {
            samples.iter_mut().for_each(|s| *s = to_i16(f32::from(*s) * self.next_gain()));
        }
    }

    /// Adds `from`, multiplied, to `to`. Extra samples of the longer one are left alone.
    pub fn add(&mut self, from: &[i16], to: &mut [f32]) {
        let pairs = to.iter_mut().zip(from);
        if self.is_settled() {
            let gain = self.now;
            pairs.for_each(|(sum, &s)| *sum += f32::from(s) * gain);
        } else {
            pairs.for_each(|(sum, &s)| *sum += f32::from(s) * self.next_gain());
        }
    }
}

/// Rounds to the nearest 16-bit sample, at full scale when beyond; not a number: 0.
#[inline]
pub fn to_i16(sample: f32) -> i16 {
    // Around this number floats are whole numbers apart, and those above it stand in the low bits:
    // a few instructions for several samples at once, where `round` is a function of the C library.
    const WHOLE: f32 = 12_582_912.0; // 1.5 * 2^23
    let sample = if sample.is_nan() { 0.0 } else { sample };
    (sample.clamp(-32_768.0, 32_767.0) + WHOLE).to_bits() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_takes_the_samples_it_was_given_and_never_jumps() {
        let mut ramp = Ramp::new(1.0, 100);
        ramp.set(0.0);
        let mut before = 1.0;
        for _ in 0..99 {
            let gain = ramp.next_gain();
            assert!(gain < before && before - gain < 0.011);
            before = gain;
        }
        ramp.next_gain();
        ramp.next_gain();
        assert!(ramp.is_silent());
        ramp.set(1.0);
        let mut samples = [1.0f32; 150];
        ramp.apply(&mut samples);
        assert!(samples.is_sorted() && ramp.is_unity());
    }

    #[test]
    fn samples_beyond_full_scale_saturate() {
        let mut samples = [20_000i16, -20_000];
        Ramp::new(2.0, 1).apply_i16(&mut samples);
        assert_eq!(samples, [i16::MAX, i16::MIN]);
        assert_eq!(to_i16(f32::NAN), 0);
        assert_eq!(to_i16(f32::from_bits(0x7fc0_7fff)), 0);
        assert_eq!(to_i16(f32::INFINITY), i16::MAX);
    }

    #[test]
    fn samples_are_rounded_to_the_nearest_and_to_even() {
        for quarter in -131_072..=131_068i32 {
            let sample = quarter as f32 / 4.0;
            assert_eq!(to_i16(sample), sample.round_ties_even() as i16, "{sample}");
        }
    }
}

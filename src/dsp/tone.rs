//! Tones: sums of up to two sines with a cadence: ringback, busy, DTMF heard locally, test tones.

use std::f64::consts::TAU;

use super::gain::to_i16;

/// What a tone sounds like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneSpec {
    /// One or two frequencies, Hz; 0 for none.
    pub frequencies_hz: [f32; 2],
    /// Level of each frequency, dB under full scale (a sine's peak), 0 or less.
    pub level_db: f32,
    /// Milliseconds sounding, then silent; `(0, 0)` sounds on and on.
    pub cadence_ms: (u32, u32),
}

impl ToneSpec {
    /// A steady sine.
    pub fn sine(hz: f32, level_db: f32) -> Self {
        Self { frequencies_hz: [hz, 0.0], level_db, cadence_ms: (0, 0) }
    }

    /// Ringback as in most of Europe: 425 Hz, 1 s on, 4 s off (ITU-T E.180).
    pub fn ringback() -> Self {
        Self { frequencies_hz: [425.0, 0.0], level_db: -18.0, cadence_ms: (1_000, 4_000) }
    }

    /// Busy: 425 Hz, half a second each (ITU-T E.180).
    pub fn busy() -> Self {
        Self { frequencies_hz: [425.0, 0.0], level_db: -18.0, cadence_ms: (500, 500) }
    }

    /// The two frequencies of a DTMF digit `0-9*#A-D` (ITU-T Q.23).
    pub fn dtmf(digit: char) -> Option<Self> {
        const LAYOUT: [&str; 4] = ["123A", "456B", "789C", "*0#D"];
        const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
        const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
        let digit = digit.to_ascii_uppercase();
        LAYOUT.iter().zip(ROWS).find_map(|(row, low)| {
            let column = row.find(digit)?;
            Some(Self {
                frequencies_hz: [low, COLUMNS[column]],
                level_db: -9.0,
                cadence_ms: (0, 0),
            })
        })
    }
}

/// Makes a tone, block by block.
#[derive(Clone, Debug)]
pub struct ToneGenerator {
    steps: [f64; 2],
    phases: [f64; 2],
    amplitude: f64,
    on: u64,
    period: u64,
    position: u64,
    edge: u64,
}

impl ToneGenerator {
    /// At `rate_hz`.
    pub fn new(spec: &ToneSpec, rate_hz: u32) -> Self {
        let samples = |ms: u32| u64::from(ms) * u64::from(rate_hz) / 1000;
        let (on, off) = spec.cadence_ms;
        Self {
            steps: spec.frequencies_hz.map(|hz| f64::from(hz) / f64::from(rate_hz)),
            phases: [0.0; 2],
            amplitude: 32_767.0 * 10f64.powf(f64::from(spec.level_db.min(0.0)) / 20.0),
            on: samples(on),
            period: samples(on) + samples(off),
            position: 0,
            edge: samples(5).max(1),
        }
    }

    /// Fills `pcm` with what comes next. Each burst begins and ends with a ramp of 5 ms.
    pub fn fill(&mut self, pcm: &mut [i16]) {
        for sample in pcm {
            let mut value = 0.0;
            for (phase, step) in self.phases.iter_mut().zip(self.steps) {
                if step > 0.0 {
                    value += (*phase * TAU).sin();
                    *phase = (*phase + step).fract();
                }
            }
            *sample = to_i16((value * self.amplitude * self.envelope()) as f32);
            self.position += 1;
        }
    }

    fn envelope(&self) -> f64 {
        let edge = self.edge as f64;
        if self.period == 0 {
            return (self.position as f64 / edge).min(1.0);
        }
        let at = self.position % self.period;
        if at >= self.on {
            return 0.0;
        }
        (at.min(self.on - at) as f64 / edge).min(1.0)
    }
}

/// Digits as tones, one after the other, at `rate_hz`: each sounds for `digit_ms`, then 100 ms of
/// silence (ITU-T Q.24 wants 65 at least); a comma is two seconds of silence, what has no tone is
/// left out.
pub fn dtmf_samples(digits: &str, digit_ms: u32, rate_hz: u32) -> Vec<i16> {
    let count = |ms: u32| (u64::from(ms) * u64::from(rate_hz) / 1000) as usize;
    let mut samples = Vec::new();
    for digit in digits.chars() {
        let start = samples.len();
        if digit == ',' {
            samples.resize(start + count(DIGIT_PAUSE_MS), 0);
        } else if let Some(spec) = ToneSpec::dtmf(digit) {
            let spec = ToneSpec { cadence_ms: (digit_ms, DIGIT_GAP_MS), ..spec };
            samples.resize(start + count(digit_ms + DIGIT_GAP_MS), 0);
            ToneGenerator::new(&spec, rate_hz).fill(&mut samples[start..]);
        }
    }
    samples
}

/// Silence behind a digit.
const DIGIT_GAP_MS: u32 = 100;
/// Silence of a comma, as modems have it.
const DIGIT_PAUSE_MS: u32 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_sound_one_after_the_other_with_gaps_and_pauses() {
        let samples = dtmf_samples("1,!2", 100, 8_000);
        assert_eq!(samples.len(), 8 * (200 + 2_000 + 200));
        let loud = |from_ms: usize, to_ms: usize| {
            samples[8 * from_ms..8 * to_ms].iter().any(|sample| sample.unsigned_abs() > 3_000)
        };
        assert!(loud(0, 100) && loud(2_200, 2_300));
        assert!(!loud(100, 2_200) && !loud(2_300, 2_400));
    }

    #[test]
    fn a_cadence_sounds_and_rests_for_its_times() {
        let mut tone = ToneGenerator::new(&ToneSpec::busy(), 8_000);
        let mut pcm = vec![0i16; 8_000];
        tone.fill(&mut pcm);
        assert!(pcm[..4_000].iter().any(|&s| s > 3_000));
        assert!(pcm[4_000..].iter().all(|&s| s == 0));
        tone.fill(&mut pcm);
        assert!(pcm[100..4_000].iter().any(|&s| s > 3_000), "and again");
    }

    #[test]
    fn every_dtmf_digit_has_its_pair_and_no_other_character_has() {
        let pair = |digit| ToneSpec::dtmf(digit).map(|spec| spec.frequencies_hz);
        assert_eq!(pair('1'), Some([697.0, 1209.0]));
        assert_eq!(pair('#'), Some([941.0, 1477.0]));
        assert_eq!(pair('d'), Some([941.0, 1633.0]));
        assert_eq!(pair('x'), None);
    }
}

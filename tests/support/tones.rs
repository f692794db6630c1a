//! Tones, and how loud one is within a sound.

/// A tone at -12 dBFS of the peak.
pub fn tone(pitch_hz: f64, rate_hz: u32, seconds: f64) -> Vec<i16> {
    let step = pitch_hz * std::f64::consts::TAU / f64::from(rate_hz);
    let samples = (seconds * f64::from(rate_hz)) as u32;
    (0..samples).map(|index| ((f64::from(index) * step).sin() * 8000.0) as i16).collect()
}

/// dBFS of one pitch in its loudest half second (Goertzel).
pub fn level_of(samples: &[i16], pitch_hz: f64, rate_hz: u32) -> f32 {
    let factor = 2.0 * (pitch_hz * std::f64::consts::TAU / f64::from(rate_hz)).cos();
    let power = |part: &[i16]| {
        let (mut before, mut last) = (0.0f64, 0.0f64);
        for sample in part {
            (before, last) = (last, f64::from(*sample) / 32_768.0 + factor * last - before);
        }
        let energy = last * last + before * before - factor * last * before;
        energy * 2.0 / (part.len() as f64).powi(2)
    };
    let loudest = samples.chunks_exact(rate_hz as usize / 2).map(power).fold(1e-12, f64::max);
    (10.0 * loudest.log10()) as f32
}

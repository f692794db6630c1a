//! Tones, and how loud one is within a sound.

use sidetone::device::wav::Wav;

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

/// The sounds of a recording's first channel in their order: which of `tones` is by far the
/// strongest, where any is heard for 200 ms or more.
pub fn sounds(wav: &Wav, tones: &[f64]) -> Vec<f64> {
    let rate = f64::from(wav.rate_hz);
    let block = wav.rate_hz as usize / 20;
    let mut runs: Vec<(f64, u32)> = Vec::new();
    for part in wav.channels[0].chunks_exact(block) {
        let power = |hz: f64| {
            let step = hz * std::f64::consts::TAU / rate;
            let (mut re, mut im) = (0.0, 0.0);
            for (index, sample) in part.iter().enumerate() {
                let angle = step * index as f64;
                re += f64::from(*sample) * angle.cos();
                im += f64::from(*sample) * angle.sin();
            }
            (re * re + im * im).sqrt() * 2.0 / part.len() as f64
        };
        let loudest = tones.iter().map(|hz| (*hz, power(*hz))).max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((hz, level)) = loudest else { continue };
        if level < 500.0 {
            continue;
        }
        match runs.last_mut() {
            Some((last, count)) if *last == hz => *count += 1,
            _ => runs.push((hz, 1)),
        }
    }
    let mut heard: Vec<f64> = runs.into_iter().filter(|(_, n)| *n >= 4).map(|(hz, _)| hz).collect();
    heard.dedup();
    heard
}

//! The judge of the demo: did the far ear hear what was said?
//!
//! Pure: samples in, verdict out. It knows nothing of the engine, so the same judge can be shown
//! recordings that must be refused (`tests/demo_checker.rs`).
//!
//! ```text
//! said ──► 16 kHz ─┐                          ┌─ correlation ≥ 0.9 ┐
//!                  ├─ delay of the whole ─► each second of speech   ├─► Verdict
//! heard ─► 16 kHz ─┘   (then ± a little)      └─ level ± 1.5 dB    ┘
//! ```

/// Mono samples in -1.0..=1.0 and their rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// Sample rate, Hz.
    pub rate_hz: u32,
    /// Samples.
    pub samples: Vec<f32>,
}

impl Track {
    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate_hz.max(1))
    }

    /// The same sound at another rate, by a windowed sinc with its edge at the lower of the two
    /// Nyquist frequencies.
    pub fn resampled(&self, rate_hz: u32) -> Track {
        if rate_hz == self.rate_hz || self.samples.is_empty() {
            return Track { rate_hz, samples: self.samples.clone() };
        }
        let step = f64::from(self.rate_hz) / f64::from(rate_hz);
        let cutoff = (1.0 / step).min(1.0);
        let reach = (SINC_HALF_WIDTH / cutoff).ceil() as i64;
        let length = (self.samples.len() as f64 / step) as usize;
        let sample = |i: i64| usize::try_from(i).ok().and_then(|i| self.samples.get(i)).copied();
        let samples = (0..length)
            .map(|n| {
                let centre = n as f64 * step;
                let first = centre.floor() as i64 - reach + 1;
                let sum: f64 = (first..first + 2 * reach)
                    .filter_map(|i| {
                        let x = i as f64 - centre;
                        Some(
                            f64::from(sample(i)?)
                                * windowed_sinc(x * cutoff, reach as f64 * cutoff),
                        )
                    })
                    .sum();
                (sum * cutoff) as f32
            })
            .collect();
        Track { rate_hz, samples }
    }

    /// The same sound without what lies below `cut_hz`, no later than before (linear phase). What
    /// is to be compared waveform by waveform goes through this before it is said: Opus takes
    /// rumble off with a high-pass of its own (RFC 6716 §5.2.1), whose turned phases would count
    /// as a difference, though nobody hears them.
    pub fn without_rumble(&self, cut_hz: f64) -> Track {
        let reach = (2.0 * f64::from(self.rate_hz) / cut_hz).ceil();
        let step = 2.0 * cut_hz / f64::from(self.rate_hz);
        let taps: Vec<f32> = (-reach as i64..=reach as i64)
            .map(|i| {
                let low = step * windowed_sinc(i as f64 * step, reach * step);
                (if i == 0 { 1.0 - low } else { -low }) as f32
            })
            .collect();
        let half = reach as usize;
        let padded = window(&self.samples, -(half as i64), self.samples.len() + 2 * half);
        let samples = padded
            .windows(taps.len())
            .map(|part| part.iter().zip(&taps).map(|(a, b)| a * b).sum())
            .collect();
        Track { rate_hz: self.rate_hz, samples }
    }
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Least normalised correlation of each second that holds speech.
    pub correlation: f64,
    /// Most that a second's level may differ, dB.
    pub level_db: f64,
    /// Least share of what was said that must be there at all, 0 to 1.
    pub present: f64,
    /// Length of the pieces that are judged one by one: a second, unless said otherwise.
    pub piece_ms: u32,
    /// How far the delay of a piece may be from the one before: the jitter buffer may have moved.
    pub reach_ms: u32,
    /// Least share of the pieces with speech that must be right, 0 to 1.
    pub right: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            correlation: 0.9,
            level_db: 1.5,
            present: 0.99,
            piece_ms: 1_000,
            reach_ms: 60,
            right: 1.0,
        }
    }
}

/// One second of what was said, and how it came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Second {
    /// Where it starts in what was said, seconds.
    pub start_s: f64,
    /// Whether it holds speech.
    pub speech: bool,
    /// How much later it was heard, milliseconds.
    pub delay_ms: f64,
    /// Normalised correlation at that delay, -1 to 1.
    pub correlation: f64,
    /// Level heard minus level said, dB.
    pub level_db: f64,
}

/// What the judge found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Every second of what was said.
    pub seconds: Vec<Second>,
    /// Delay of the whole, milliseconds.
    pub delay_ms: f64,
    /// Share of what was said that is there, 0 to 1.
    pub present: f64,
    /// What does not hold, for people; empty when all does.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Whether everything holds.
    pub fn passed(&self) -> bool {
        self.faults.is_empty()
    }

    /// The lowest correlation of a second with speech.
    pub fn worst_correlation(&self) -> f64 {
        self.speech().map(|s| s.correlation).fold(f64::INFINITY, f64::min)
    }

    /// The greatest difference in level of a second with speech, dB.
    pub fn worst_level_db(&self) -> f64 {
        self.speech().map(|s| s.level_db).fold(0.0, |a, b| if b.abs() > a.abs() { b } else { a })
    }

    fn speech(&self) -> impl Iterator<Item = &Second> {
        self.seconds.iter().filter(|s| s.speech)
    }
}

/// Judges what was heard against what was said. `band_hz` is the rate of the codec's PCM when that
/// is lower than 16 kHz: what a narrow-band call cannot carry is not held against it.
pub fn judge(said: &Track, heard: &Track, band_hz: u32, limits: &Limits) -> Verdict {
    let rate_hz = band_hz.clamp(8_000, RATE_HZ);
    let said = said.resampled(rate_hz);
    let heard = heard.resampled(rate_hz);
    let delay = whole_delay(&said.samples, &heard.samples, rate_hz);
    let mut seconds = Vec::new();
    let mut near = delay;
    let length = (rate_hz * limits.piece_ms / 1000) as usize;
    let reach = i64::from(rate_hz * limits.reach_ms / 1000);
    for start in (0..said.samples.len()).step_by(length) {
        let end = (start + length).min(said.samples.len());
        // A rest of under a quarter says little by itself.
        if end - start < length / 4 {
            break;
        }
        let second =
            judge_second(&said.samples[start..end], &heard.samples, start, (near, reach), rate_hz);
        if second.speech && second.correlation > limits.correlation {
            near = (second.delay_ms / 1000.0 * f64::from(rate_hz)).round() as i64;
        }
        seconds.push(second);
    }
    let present = overlap(said.samples.len(), heard.samples.len(), delay);
    let delay_ms = 1000.0 * delay as f64 / f64::from(rate_hz);
    let faults = faults(&seconds, present, limits);
    Verdict { seconds, delay_ms, present, faults }
}

/// Whether payloads as they were on the wire give away what was said: `decoded` is what a listener
/// without the key makes of them, by one decoder after another. `None`: nothing is given away.
pub fn overheard(said: &Track, decoded: &[Track], first_bytes: &[u8]) -> Option<String> {
    for track in decoded.iter().filter(|t| !t.samples.is_empty()) {
        let verdict = judge(said, track, RATE_HZ, &Limits::default());
        let clear = verdict.speech().filter(|s| s.correlation > OVERHEARD_CORRELATION).count();
        if clear > 0 {
            return Some(format!("{clear} seconds can be understood without the key"));
        }
    }
    // Every Opus payload of one stream starts with nearly the same byte (RFC 6716 §3.1); cipher
    // text starts with any.
    let mut counts = [0usize; 256];
    first_bytes.iter().for_each(|b| counts[usize::from(*b)] += 1);
    let most = counts.iter().max().copied().unwrap_or(0);
    if first_bytes.is_empty() {
        return Some("no packets were captured, so nothing is shown".into());
    }
    (most * 5 > first_bytes.len())
        .then(|| format!("{most} of {} payloads start with the same byte", first_bytes.len()))
}

/// RMS level in dBFS.
pub fn level_db(samples: &[f32]) -> f64 {
    20.0 * rms(samples).max(1e-9).log10()
}

fn judge_second(
    said: &[f32],
    heard: &[f32],
    start: usize,
    (near, reach): (i64, i64),
    rate_hz: u32,
) -> Second {
    let (delay, correlation) = (near - reach..=near + reach)
        .map(|delay| (delay, correlation(said, heard, start as i64 + delay)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((near, 0.0));
    let came = window(heard, start as i64 + delay, said.len());
    Second {
        start_s: start as f64 / f64::from(rate_hz),
        speech: level_db(said) > SPEECH_DB,
        delay_ms: 1000.0 * delay as f64 / f64::from(rate_hz),
        correlation,
        level_db: level_db(&came) - level_db(said),
    }
}

fn faults(seconds: &[Second], present: f64, limits: &Limits) -> Vec<String> {
    let mut faults = Vec::new();
    if !seconds.iter().any(|s| s.speech) {
        faults.push("nothing was said, so nothing is shown".to_owned());
    }
    if present < limits.present {
        faults.push(format!("only {:.1} % of what was said is there", 100.0 * present));
    }
    let mut wrong = Vec::new();
    for second in seconds.iter().filter(|s| s.speech) {
        let at = second.start_s;
        if second.correlation.is_nan() || second.correlation < limits.correlation {
            wrong.push(format!("second {at}: correlation {:.3}", second.correlation));
        } else if second.level_db.abs() > limits.level_db {
            wrong.push(format!("second {at}: level off by {:+.1} dB", second.level_db));
        }
    }
    let speech = seconds.iter().filter(|s| s.speech).count();
    if (speech - wrong.len()) as f64 + 1e-9 < limits.right * speech as f64 {
        faults.append(&mut wrong);
    }
    faults
}

/// The delay of `heard` against `said` in samples: the best correlation of the two as wholes, first
/// on a coarse grid, then sample by sample.
fn whole_delay(said: &[f32], heard: &[f32], rate_hz: u32) -> i64 {
    const COARSE_HZ: u32 = 2_000;
    let coarse =
        |samples: &[f32]| Track { rate_hz, samples: samples.to_vec() }.resampled(COARSE_HZ).samples;
    let (slow_said, slow_heard) = (coarse(said), coarse(heard));
    let longest = i64::from(COARSE_HZ) * LONGEST_DELAY_S;
    let best = |range: std::ops::RangeInclusive<i64>, a: &[f32], b: &[f32]| {
        range
            .map(|delay| (delay, correlation(a, b, delay)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(delay, _)| delay)
    };
    let near = best(-longest / 8..=longest, &slow_said, &slow_heard);
    let factor = i64::from(rate_hz / COARSE_HZ);
    best((near - 2) * factor..=(near + 2) * factor, said, heard)
}

/// Normalised correlation of `said` with what `heard` holds from `at` on; beyond its ends is silence.
fn correlation(said: &[f32], heard: &[f32], at: i64) -> f64 {
    let skip = usize::try_from(-at).unwrap_or(0).min(said.len());
    let from = usize::try_from(at).unwrap_or(0).min(heard.len());
    let (mut product, mut energy_heard) = (0f64, 0f64);
    for (a, b) in said[skip..].chunks(64).zip(heard[from..].chunks(64)) {
        let (mut p, mut e) = (0f32, 0f32);
        for (a, b) in a.iter().zip(b) {
            p += a * b;
            e += b * b;
        }
        product += f64::from(p);
        energy_heard += f64::from(e);
    }
    let energy_said: f64 = said.iter().map(|&a| f64::from(a) * f64::from(a)).sum();
    let scale = (energy_said * energy_heard).sqrt();
    if scale < 1e-12 { 0.0 } else { product / scale }
}

/// `length` samples from `at` on, silence beyond the ends.
fn window(samples: &[f32], at: i64, length: usize) -> Vec<f32> {
    (0..length as i64)
        .map(|i| usize::try_from(at + i).ok().and_then(|i| samples.get(i)).copied().unwrap_or(0.0))
        .collect()
}

/// Share of `said` samples that have a place in a recording of `heard` samples.
fn overlap(said: usize, heard: usize, delay: i64) -> f64 {
    if said == 0 {
        return 0.0;
    }
    let first = delay.max(0);
    let last = (said as i64 + delay).min(heard as i64);
    (last - first).max(0) as f64 / said as f64
}

fn rms(samples: &[f32]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    (sum / samples.len() as f64).sqrt()
}

fn windowed_sinc(x: f64, reach: f64) -> f64 {
    if x.abs() >= reach {
        return 0.0;
    }
    let window = 0.5 + 0.5 * (std::f64::consts::PI * x / reach).cos();
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-9 { window } else { window * angle.sin() / angle }
}

/// The rate that wide-band speech is compared at.
const RATE_HZ: u32 = 16_000;
/// Zero crossings of the sinc on each side.
const SINC_HALF_WIDTH: f64 = 12.0;
/// A second above this level holds speech; the pauses of a reading lie 20 dB lower.
const SPEECH_DB: f64 = -45.0;
/// The longest delay that is looked for.
const LONGEST_DELAY_S: i64 = 2;
/// A second of cipher text through a decoder stays far below this.
const OVERHEARD_CORRELATION: f64 = 0.5;

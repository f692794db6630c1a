//! Between sample rates, in 10 ms blocks of mono.
//!
//! A polyphase FIR of our own: 24 taps a phase, a delay of twelve samples of the lower rate (1.5 ms
//! at 8 kHz), no state beyond the last few samples. `rubato` does not take blocks of 441 samples but
//! by its FFT, of 5 ms of delay and 0.9 MB of code; whole recordings of any rate go through its sinc
//! filter, and this is the one file that names it.
//!
//! ```text
//! in (10 ms) -> [ past | block ] -> phase 0..L of the filter, every M-th -> out (10 ms)
//! ```

use std::{f64::consts::PI, fmt, time::Duration};

use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, WindowFunction,
    audioadapter_buffers::direct::SequentialSlice,
};

use super::gain::to_i16;

/// Zero crossings of the filter on each side, in samples of the lower rate.
const HALF_TAPS: usize = 12;
/// Kaiser window: about 70 dB of stop band.
const BETA: f64 = 7.0;
/// Length of the filter of whole recordings, in samples of the lower rate.
const RECORDING_TAPS: u32 = 128;
/// Samples that are taken of a recording at once.
const CHUNK: usize = 1024;

/// A rate that does not go in whole samples into 10 ms, or is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateError {
    /// From, Hz.
    pub from_hz: u32,
    /// To, Hz.
    pub to_hz: u32,
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot resample from {} Hz to {} Hz", self.from_hz, self.to_hz)
    }
}

impl std::error::Error for RateError {}

/// A stream from one rate to another.
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    kind: Kind,
}

enum Kind {
    Same,
    Polyphase(Polyphase),
}

impl fmt::Debug for Resampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resampler({} -> {} Hz)", self.from_hz, self.to_hz)
    }
}

impl Resampler {
    /// Rates are multiples of 100 Hz, 8 to 192 kHz. Not for the tick: it builds the filter.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, RateError> {
        let error = RateError { from_hz, to_hz };
        let fits = |hz: u32| (8_000..=192_000).contains(&hz) && hz.is_multiple_of(100);
        if !fits(from_hz) || !fits(to_hz) {
            return Err(error);
        }
        let common = gcd(from_hz, to_hz);
        let (up, down) = (to_hz / common, from_hz / common);
        let kind = if from_hz == to_hz {
            Kind::Same
        } else {
            Kind::Polyphase(Polyphase::new(up as usize, down as usize, from_hz as usize / 100))
        };
        Ok(Self { from_hz, to_hz, kind })
    }

    /// Samples that one block takes.
    pub fn input_samples(&self) -> usize {
        self.from_hz as usize / 100
    }

    /// Samples that one block gives.
    pub fn output_samples(&self) -> usize {
        self.to_hz as usize / 100
    }

    /// How much later sound comes out than it goes in.
    pub fn delay(&self) -> Duration {
        let seconds = match &self.kind {
            Kind::Same => 0.0,
            Kind::Polyphase(_) => HALF_TAPS as f64 / f64::from(self.from_hz.min(self.to_hz)),
        };
        Duration::from_secs_f64(seconds)
    }

    /// Resamples 10 ms. Both slices have exactly the length of a block.
    pub fn process_i16(&mut self, input: &[i16], output: &mut [i16]) {
        match &mut self.kind {
            Kind::Same => output.copy_from_slice(input),
            Kind::Polyphase(filter) => {
                filter.load(input.iter().map(|&s| f32::from(s)));
                filter.run(output, to_i16);
            }
        }
    }

    /// Resamples 10 ms. Both slices have exactly the length of a block.
    pub fn process_f32(&mut self, input: &[f32], output: &mut [f32]) {
        match &mut self.kind {
            Kind::Same => output.copy_from_slice(input),
            Kind::Polyphase(filter) => {
                filter.load(input.iter().copied());
                filter.run(output, |sample| sample);
            }
        }
    }

    /// Forgets the past.
    pub fn reset(&mut self) {
        match &mut self.kind {
            Kind::Same => {}
            Kind::Polyphase(filter) => filter.line.fill(0.0),
        }
    }
}

struct Polyphase {
    /// `up` filters of `taps` coefficients, newest sample first in time order reversed.
    filters: Vec<f32>,
    up: usize,
    down: usize,
    taps: usize,
    /// The last `taps - 1` samples, then the block.
    line: Vec<f32>,
}

impl Polyphase {
    fn new(up: usize, down: usize, block: usize) -> Self {
        let spacing = (down as f64 / up as f64).max(1.0);
        let taps = taps(spacing);
        let mut filters = vec![0.0f32; up * taps];
        for (phase, filter) in filters.chunks_mut(taps).enumerate() {
            design(filter, phase as f64 / up as f64, spacing);
        }
        Self { filters, up, down, taps, line: vec![0.0; taps - 1 + block] }
    }

    fn load(&mut self, block: impl ExactSizeIterator<Item = f32>) {
        let length = block.len().min(self.line.len());
        self.line.copy_within(length.., 0);
        let start = self.line.len() - length;
        self.line[start..].iter_mut().zip(block).for_each(|(to, from)| *to = from);
    }

    fn run<T>(&self, output: &mut [T], convert: impl Fn(f32) -> T) {
        for (n, out) in output.iter_mut().enumerate() {
            let at = n * self.down;
            let (start, phase) = (at / self.up, at % self.up);
            let filter = &self.filters[phase * self.taps..(phase + 1) * self.taps];
            let window = &self.line[start..start + self.taps];
            *out = convert(dot(window, filter));
        }
    }
}

/// The sum of products of two slices of one length.
fn dot(window: &[f32], filter: &[f32]) -> f32 {
    // Eight sums side by side, so that the compiler may use vectors.
    let mut sums = [0.0f32; 8];
    let (heads, tail) = window.as_chunks::<8>();
    let (filter_heads, filter_tail) = filter.as_chunks::<8>();
    for (w, f) in heads.iter().zip(filter_heads) {
        for i in 0..8 {
            sums[i] += w[i] * f[i];
        }
    }
    let rest: f32 = tail.iter().zip(filter_tail).map(|(w, f)| w * f).sum();
    sums.iter().sum::<f32>() + rest
}

/// Length of a filter whose zeros are `spacing` samples of its input apart.
fn taps(spacing: f64) -> usize {
    (2.0 * HALF_TAPS as f64 * spacing).ceil() as usize
}

/// Fills in the filter for what lies `offset` samples behind the newest, less half its length; the
/// oldest sample's coefficient comes first.
fn design(filter: &mut [f32], offset: f64, spacing: f64) {
    for (age, coefficient) in filter.iter_mut().rev().enumerate() {
        let t = age as f64 + offset;
        *coefficient = windowed_sinc(t / spacing - HALF_TAPS as f64) as f32;
    }
    let sum: f32 = filter.iter().sum();
    filter.iter_mut().for_each(|c| *c /= sum);
}

/// A Kaiser-windowed sinc with its zeros at the whole numbers, at `t` from its middle.
fn windowed_sinc(t: f64) -> f64 {
    let x = t / HALF_TAPS as f64;
    if x.abs() > 1.0 {
        return 0.0;
    }
    let arm = PI * t;
    let sinc = if arm.abs() < 1e-9 { 1.0 } else { arm.sin() / arm };
    sinc * bessel_i0(BETA * (1.0 - x * x).sqrt()) / bessel_i0(BETA)
}

fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-12 {
        term *= (x / (2.0 * k)).powi(2);
        sum += term;
        k += 1.0;
    }
    sum
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Whether [`Resampler::new`] takes this rate.
pub fn is_supported(rate_hz: u32) -> bool {
    (8_000..=192_000).contains(&rate_hz) && rate_hz.is_multiple_of(100)
}

/// Converts a whole recording of any rate; not for the tick. An empty one stays empty.
pub fn convert(pcm: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let ratio = f64::from(to_hz) / f64::from(from_hz.max(1));
    // The filter is as long in samples of the lower rate, whichever it is.
    let taps = (f64::from(RECORDING_TAPS) / ratio.min(1.0)).min(8192.0) as usize;
    let filter = SincInterpolationParameters::new(taps, WindowFunction::BlackmanHarris2);
    let made = Async::<f32>::new_sinc(ratio, 1.0, &filter, CHUNK, 1, FixedAsync::Input);
    let Ok(mut inner) = made else { return Vec::new() };
    let length = (pcm.len() as u64 * u64::from(to_hz) / u64::from(from_hz.max(1))) as usize;
    let skip = inner.output_delay();
    let mut out = Vec::with_capacity(length + skip);
    let mut input = Vec::new();
    let mut output = vec![0.0; inner.output_frames_max()];
    let mut rest = pcm;
    while out.len() < length + skip {
        let wanted = inner.input_frames_next();
        let taken = wanted.min(rest.len());
        input.clear();
        input.extend(rest[..taken].iter().map(|&sample| f32::from(sample)));
        input.resize(wanted, 0.0);
        rest = &rest[taken..];
        let frames = output.len();
        let (Ok(source), Ok(mut sink)) = (
            SequentialSlice::new(&input, 1, wanted),
            SequentialSlice::new_mut(&mut output, 1, frames),
        ) else {
            break;
        };
        let Ok((_, written)) = inner.process_into_buffer(&source, &mut sink, None) else { break };
        out.extend(output[..written].iter().map(|&sample| to_i16(sample)));
    }
    out.drain(..skip.min(out.len()));
    out.truncate(length);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u32; 6] = [8_000, 16_000, 24_000, 32_000, 44_100, 48_000];

    fn through(from: u32, to: u32, hz: f64) -> (Vec<f32>, Duration) {
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut input = vec![0.0; resampler.input_samples()];
        let mut block = vec![0.0; resampler.output_samples()];
        let mut out = Vec::new();
        let mut n = 0;
        for _ in 0..30 {
            for sample in &mut input {
                *sample =
                    (f64::from(n) * hz * std::f64::consts::TAU / f64::from(from)).sin() as f32;
                n += 1;
            }
            resampler.process_f32(&input, &mut block);
            out.extend_from_slice(&block);
        }
        (out, resampler.delay())
    }

    #[test]
    fn a_tone_keeps_pitch_level_and_the_documented_delay_between_all_rates() {
        for from in RATES {
            for to in RATES {
                let (out, delay) = through(from, to, 440.0);
                for (n, &heard) in out.iter().enumerate().skip(out.len() / 3) {
                    let t = n as f64 / f64::from(to) - delay.as_secs_f64();
                    let due = (t * 440.0 * std::f64::consts::TAU).sin() as f32;
                    assert!((heard - due).abs() < 0.04, "{from} to {to}: {heard} for {due} at {n}");
                }
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_taken_out() {
        for (from, to) in [(48_000, 8_000), (48_000, 16_000), (16_000, 8_000), (44_100, 8_000)] {
            let (out, _) = through(from, to, f64::from(to) * 0.65);
            let peak = out.iter().skip(out.len() / 3).fold(0.0f32, |p, s| p.max(s.abs()));
            assert!(peak < 0.005, "{from} to {to}: {peak}");
        }
    }

    #[test]
    fn speech_up_to_3_khz_keeps_its_level_at_8_khz() {
        for (from, to) in [(8_000, 48_000), (48_000, 8_000), (8_000, 44_100), (44_100, 8_000)] {
            let (out, _) = through(from, to, 3_000.0);
            let kept = &out[out.len() / 3..];
            let power = kept.iter().map(|s| s * s).sum::<f32>() / kept.len() as f32 * 2.0;
            assert!((power - 1.0).abs() < 0.06, "{from} to {to}: {power}");
        }
    }

    #[test]
    fn a_recording_of_any_rate_keeps_pitch_level_and_length() {
        for (from, to) in [(11_025, 48_000), (22_050, 16_000), (44_100, 8_000), (12_347, 48_000)] {
            let tone = |n: f64, hz: u32| {
                (n * 440.0 * std::f64::consts::TAU / f64::from(hz)).sin() * 16_000.0
            };
            let pcm: Vec<i16> = (0..from).map(|n| tone(n.into(), from) as i16).collect();
            let out = convert(&pcm, from, to);
            assert_eq!(out.len(), to as usize, "{from} to {to}");
            let middle = to / 100..to - to / 100;
            // All of it is early or late by the same part of a sample.
            let worst = |shift: f64| {
                let error =
                    |n: u32| (f64::from(out[n as usize]) - tone(f64::from(n) + shift, to)).abs();
                middle.clone().map(error).fold(0.0, f64::max)
            };
            let least =
                (-50..=50).map(|shift| worst(f64::from(shift) / 50.0)).fold(f64::MAX, f64::min);
            assert!(least < 80.0, "{from} to {to}: {least}");
        }
        assert_eq!(convert(&[], 44_100, 48_000), []);
        assert_eq!(convert(&[1_000; 3], 384_000, 8_000), []);
        assert_eq!(convert(&[1_000; 2], 1, 8_000).len(), 16_000);
    }

    #[test]
    fn odd_rates_are_refused() {
        assert!(Resampler::new(11_025, 8_000).is_err());
        assert!(Resampler::new(48_000, 0).is_err());
        assert!(Resampler::new(4_000, 8_000).is_err());
    }
}

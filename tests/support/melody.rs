//! A tune of pure notes, and an ear for it: which notes came, in which order, how long, how loud
//! and how high.

/// Length of a note and of the silence before the first.
const NOTE_MS: u32 = 600;
const LEAD_MS: u32 = 800;
/// A listener's window. Whole periods of every multiple of 50 Hz fit into it, so that notes on that
/// grid do not disturb each other.
const WINDOW_MS: u32 = 20;
/// Below this a window is silent, dBFS.
const SILENCE_DB: f64 = -45.0;

/// Notes of one loudness, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Melody {
    /// Pitches, multiples of 50 Hz.
    pub notes_hz: [u32; 3],
    /// RMS level, dBFS.
    pub level_db: f64,
}

/// A note as it was heard.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// By its rising zero crossings, Hz.
    pub pitch_hz: f64,
    /// RMS level without its edges, dBFS.
    pub level_db: f64,
    /// Length, ms: windows that hold this note and next to nothing else.
    pub length_ms: u32,
}

/// What was heard of a melody.
#[derive(Debug)]
pub struct Report {
    /// The notes, in the order of the melody.
    pub notes: Vec<Heard>,
    /// From the first to the last window that sounds, ms.
    pub whole_ms: u32,
    /// Share of the sounding windows that are no pure note of the melody (borders of notes are).
    pub impure: f64,
}

impl Melody {
    /// Interleaved samples: a lead of silence, the notes, then silence of `tail_ms`.
    pub fn samples(&self, rate_hz: u32, channels: u16, tail_ms: u32) -> Vec<i16> {
        let peak = 32_768.0 * 10f64.powf(self.level_db / 20.0) * std::f64::consts::SQRT_2;
        let length = |ms: u32| (rate_hz * ms / 1000) as usize;
        let tone = |hz: u32| {
            let step = f64::from(hz) * std::f64::consts::TAU / f64::from(rate_hz);
            (0..length(NOTE_MS)).map(move |i| (peak * (step * i as f64).sin()).round() as i16)
        };
        let silence = |ms| std::iter::repeat_n(0, length(ms));
        silence(LEAD_MS)
            .chain(self.notes_hz.into_iter().flat_map(tone))
            .chain(silence(tail_ms))
            .flat_map(|sample| std::iter::repeat_n(sample, usize::from(channels)))
            .collect()
    }

    /// Finds the melody in `samples`. The error says what is wrong with its order.
    pub fn listen(&self, samples: &[i16], rate_hz: u32) -> Result<Report, String> {
        let size = (rate_hz * WINDOW_MS / 1000) as usize;
        let windows: Vec<&[i16]> = samples.chunks_exact(size).collect();
        let sounding: Vec<usize> =
            (0..windows.len()).filter(|&i| level_db(windows[i]) > SILENCE_DB).collect();
        let (Some(&first), Some(&last)) = (sounding.first(), sounding.last()) else {
            return Err(format!("only silence in {} ms", windows.len() as u32 * WINDOW_MS));
        };
        let pure: Vec<(usize, usize)> = sounding
            .iter()
            .filter_map(|&at| Some((at, self.note_in(windows[at], rate_hz)?)))
            .collect();
        let mut order: Vec<usize> = pure.iter().map(|&(_, note)| note).collect();
        order.dedup();
        if order != [0, 1, 2] {
            return Err(format!("the notes came in the order {order:?}"));
        }
        let heard = |wanted: usize| {
            let places = pure.iter().filter(|(_, note)| *note == wanted);
            let places: Vec<usize> = places.map(|(at, _)| *at).collect();
            let (from, to) = (places[0] + 1, places[places.len() - 1]);
            let inner = samples.get(from * size..to.max(from) * size).unwrap_or_default();
            Heard {
                pitch_hz: pitch_hz(inner, rate_hz),
                level_db: level_db(inner),
                length_ms: places.len() as u32 * WINDOW_MS,
            }
        };
        Ok(Report {
            notes: (0..3).map(heard).collect(),
            whole_ms: (last - first + 1) as u32 * WINDOW_MS,
            impure: 1.0 - pure.len() as f64 / sounding.len() as f64,
        })
    }

    /// As [`listen`](Self::listen), and everything is within what a good call does: pitch to 0.5 %,
    /// level to 1 dB, each note to 60 ms, the whole to 60 ms, at most a tenth impure.
    pub fn must_be_in(&self, samples: &[i16], rate_hz: u32) -> Result<Report, String> {
        let report = self.listen(samples, rate_hz)?;
        let mut faults = Vec::new();
        for (note, &wanted_hz) in report.notes.iter().zip(&self.notes_hz) {
            let wanted_hz = f64::from(wanted_hz);
            if (note.pitch_hz / wanted_hz - 1.0).abs() > 0.005 {
                faults.push(format!("{:.1} Hz for {wanted_hz} Hz", note.pitch_hz));
            }
            if (note.level_db - self.level_db).abs() > 1.0 {
                faults.push(format!("{:.1} dBFS for {} dBFS", note.level_db, self.level_db));
            }
            if note.length_ms.abs_diff(NOTE_MS) > 60 {
                faults.push(format!("{} ms for {NOTE_MS} ms", note.length_ms));
            }
        }
        if report.whole_ms.abs_diff(3 * NOTE_MS) > 60 {
            faults.push(format!("{} ms for {} ms in all", report.whole_ms, 3 * NOTE_MS));
        }
        if report.impure > 0.1 {
            faults.push(format!("{:.0} % impure", report.impure * 100.0));
        }
        if faults.is_empty() { Ok(report) } else { Err(format!("{faults:?} in {report:#?}")) }
    }

    /// The note that makes up nine tenths of a window's power.
    fn note_in(&self, window: &[i16], rate_hz: u32) -> Option<usize> {
        let all: f64 = window.iter().map(|&s| f64::from(s).powi(2)).sum();
        self.notes_hz.iter().position(|&hz| {
            let step = f64::from(hz) * std::f64::consts::TAU / f64::from(rate_hz);
            let (sine, cosine) = window.iter().enumerate().fold((0.0, 0.0), |(s, c), (i, &x)| {
                let (sin, cos) = (step * i as f64).sin_cos();
                (s + sin * f64::from(x), c + cos * f64::from(x))
            });
            2.0 * (sine * sine + cosine * cosine) / window.len() as f64 >= 0.9 * all
        })
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for note in &self.notes {
            let Heard { pitch_hz, level_db, length_ms } = note;
            write!(f, "{pitch_hz:.1} Hz {level_db:.2} dBFS {length_ms} ms, ")?;
        }
        write!(f, "whole {} ms, impure {:.1} %", self.whole_ms, self.impure * 100.0)
    }
}

fn level_db(samples: &[i16]) -> f64 {
    f64::from(sidetone::base::units::Level::of(samples).0)
}

/// By the first and the last rising zero crossing, each to a part of a sample.
fn pitch_hz(samples: &[i16], rate_hz: u32) -> f64 {
    let rises: Vec<f64> = samples
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0 && pair[1] >= 0)
        .map(|(i, pair)| {
            let (below, above) = (f64::from(pair[0]), f64::from(pair[1]));
            i as f64 - below / (above - below)
        })
        .collect();
    match rises.as_slice() {
        [first, .., last] => (rises.len() - 1) as f64 * f64::from(rate_hz) / (last - first),
        _ => 0.0,
    }
}

#[test]
fn the_ear_refuses_what_is_not_the_melody() {
    let melody = Melody { notes_hz: [400, 700, 1100], level_db: -15.0 };
    let good = melody.samples(8_000, 1, 500);
    melody.must_be_in(&good, 8_000).unwrap();
    let refused = |what: &str, samples: Vec<i16>| {
        assert!(melody.must_be_in(&samples, 8_000).is_err(), "{what} passed");
    };
    let other = |notes_hz, level_db| Melody { notes_hz, level_db }.samples(8_000, 1, 500);
    refused("silence", vec![0; good.len()]);
    refused("another order", other([700, 400, 1100], -15.0));
    refused("another melody", other([500, 900, 1300], -15.0));
    refused("a part of the level", other([400, 700, 1100], -17.0));
    refused("the first half", good[..good.len() / 2].to_vec());
    refused("a pitch off by one part in a hundred", other([404, 707, 1111], -15.0));
    let with_a_hole = good.iter().enumerate().map(|(i, &s)| if i / 800 == 14 { 0 } else { s });
    refused("a hole of 100 ms", with_a_hole.collect());
    let stuttering = good.iter().enumerate().map(|(i, &s)| if i / 80 % 5 == 0 { 0 } else { s });
    refused("one hole in five", stuttering.collect());
}

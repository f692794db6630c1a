//! Levels and gains.

/// A gain in decibels as hosts give it, and as the factor that the mixer multiplies with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain(f32);

impl Gain {
    /// 0 dB: samples pass as they are.
    pub const UNITY: Gain = Gain(1.0);
    /// Silence.
    pub const MUTE: Gain = Gain(0.0);

    /// From decibels; -96 dB and below is silence, +24 dB the most.
    pub fn from_db(db: f32) -> Self {
        if db.is_nan() || db <= -96.0 {
            return Self::MUTE;
        }
        Self(10f32.powf(db.min(24.0) / 20.0))
    }

    /// The factor.
    pub fn factor(self) -> f32 {
        self.0
    }

    /// In decibels; silence is -96.
    pub fn db(self) -> f32 {
        if self.0 <= 0.0 { -96.0 } else { 20.0 * self.0.log10() }
    }
}

impl Default for Gain {
    fn default() -> Self {
        Self::UNITY
    }
}

/// A level in dB relative to full scale of 16-bit samples (0 dBFS = a full-scale square wave's RMS);
/// -96 stands for silence.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Level(pub f32);

impl Level {
    /// Nothing heard.
    pub const SILENCE: Level = Level(-96.0);

    /// RMS level of samples.
    pub fn of(samples: &[i16]) -> Self {
        Power::of(samples).level()
    }
}

/// Mean square of 16-bit samples: a level whose logarithm was not taken yet. Streams make one for
/// each frame, and few are asked for.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Power(f64);

impl Power {
    /// Mean square of samples.
    pub fn of(samples: &[i16]) -> Self {
        if samples.is_empty() {
            return Self(0.0);
        }
        // A frame's sum is far from what the type holds.
        let sum: i64 = samples.iter().map(|&s| i64::from(i32::from(s) * i32::from(s))).sum();
        Self(sum as f64 / samples.len() as f64)
    }

    /// In dB below full scale.
    pub fn level(self) -> Level {
        let rms = self.0.sqrt() / 32768.0;
        if rms < 1.6e-5 { Level::SILENCE } else { Level((20.0 * rms.log10()) as f32) }
    }
}

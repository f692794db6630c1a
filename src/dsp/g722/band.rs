//! One sub-band's ADPCM state: the scale of its quantizer and its predictor (G.722 §6.2.1.3, blocks
//! LOGSC, SCALE and 4). Encoder and decoder have the same.

/// Logarithmic scale of a quantizer and the predictor of what comes next.
#[derive(Clone, Debug)]
pub struct Band {
    /// Logarithmic scale (NB).
    scale: i32,
    predictor: Predictor,
}

/// Two poles and six zeros. Arrays hold the newest first.
#[derive(Clone, Debug)]
struct Predictor {
    /// Predicted signal (S) and the zeros' share of it (SZ).
    signal: i16,
    zeros_signal: i16,
    /// Pole coefficients (A1, A2).
    poles: [i16; 2],
    /// Reconstructed signal (R1, R2; only the first outlives a sample).
    reconstructed: i16,
    /// Partially reconstructed signal (P1, P2).
    partial: [i16; 2],
    /// Zero coefficients (B) and quantized differences (D): six, and two lanes that stay zero.
    zeros: [i16; LANES],
    differences: [i16; LANES],
}

/// Six taps in one vector register.
const LANES: usize = 8;
/// What a zero coefficient moves by.
const ZERO_STEP: [i16; LANES] = [128, 128, 128, 128, 128, 128, 0, 0];

impl Band {
    /// At rest.
    pub fn new() -> Self {
        Self {
            scale: 0,
            predictor: Predictor {
                signal: 0,
                zeros_signal: 0,
                poles: [0; 2],
                reconstructed: 0,
                partial: [0; 2],
                zeros: [0; LANES],
                differences: [0; LANES],
            },
        }
    }

    /// The signal as predicted.
    #[inline(always)]
    pub fn signal(&self) -> i16 {
        self.predictor.signal
    }

    /// Place of the quantizer's step in its table.
    #[inline(always)]
    pub fn step_at(&self) -> usize {
        (self.scale >> 6) as usize
    }

    /// Takes a quantized difference, and by how much its code moves the scale, `most` at most.
    #[inline(always)]
    pub fn update(&mut self, difference: i16, scale_move: i16, most: i32) {
        self.scale = (((self.scale * 127) >> 7) + i32::from(scale_move)).clamp(0, most);
        self.predictor.update(difference);
    }
}

impl Predictor {
    #[inline(always)]
    fn update(&mut self, difference: i16) {
        let reconstructed = saturated(i32::from(self.signal) + i32::from(difference));
        let partial = saturated(i32::from(self.zeros_signal) + i32::from(difference));
        self.update_poles(partial);
        self.partial = [partial, self.partial[0]];
        self.update_zeros(difference);
        self.zeros_signal = self.filter_zeros();
        // FILTEP: R2 is what R1 was.
        let [newest, before] =
            [reconstructed, self.reconstructed].map(|r| saturated(2 * i32::from(r)));
        let poles = product(self.poles[0], newest) + product(self.poles[1], before);
        self.reconstructed = reconstructed;
        self.signal = saturated(i32::from(saturated(poles)) + i32::from(self.zeros_signal));
    }

    /// UPPOL2, UPPOL1.
    #[inline(always)]
    fn update_poles(&mut self, partial: i16) {
        let [a1, a2] = self.poles.map(i32::from);
        let same = |other: i16| (partial ^ other) >= 0;
        let (same1, same2) = (same(self.partial[0]), same(self.partial[1]));
        let lean = (a1 << 2).clamp(-32_768, 32_767);
        let lean = if same1 { (-lean).min(32_767) } else { lean };
        let second = (lean >> 7) + if same2 { 128 } else { -128 } + ((a2 * 32_512) >> 15);
        let second = second.clamp(-12_288, 12_288);
        let first = ((a1 * 32_640) >> 15) + if same1 { 192 } else { -192 };
        let most = 15_360 - second;
        self.poles = [first.clamp(-most, most) as i16, second as i16];
    }

    /// UPZERO, DELAYA. `b * 255 / 256` rounded down, and a step, cannot overflow.
    #[inline(always)]
    fn update_zeros(&mut self, difference: i16) {
        let moves = if difference == 0 { 0 } else { -1 };
        for ((b, &d), &step) in self.zeros.iter_mut().zip(&self.differences).zip(&ZERO_STEP) {
            let sign = (d ^ difference) >> 15;
            let step = (step & moves ^ sign).wrapping_sub(sign);
            let leak = (*b >> 8).wrapping_add(i16::from(*b & 255 != 0));
            *b = b.wrapping_sub(leak).wrapping_add(step);
        }
        let [d1, d2, d3, d4, d5, ..] = self.differences;
        self.differences = [difference, d1, d2, d3, d4, d5, 0, 0];
    }

    /// FILTEZ.
    #[inline(always)]
    fn filter_zeros(&self) -> i16 {
        let mut sum = 0;
        for (&b, &d) in self.zeros.iter().zip(&self.differences) {
            sum += product(b, d.saturating_add(d));
        }
        saturated(sum)
    }
}

/// Into 16 bits.
#[inline(always)]
pub fn saturated(value: i32) -> i16 {
    value.clamp(-32_768, 32_767) as i16
}

/// The product of two fractions of 15 bits.
#[inline(always)]
pub fn product(a: i16, b: i16) -> i32 {
    (i32::from(a) * i32::from(b)) >> 15
}

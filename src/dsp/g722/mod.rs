//! G.722: 7 kHz of sound at 64 kbit/s, two ADPCM bands of 8 kHz (ITU-T G.722; RFC 3551 §4.5.2).
//!
//! Bit-exact: encoder and decoder give what the ITU-T software tool library gives. Sound is 16 kHz,
//! one octet for two samples, the lower band in its six low bits; the RTP clock is 8 kHz by a
//! mistake of RFC 1890 that stays. Losses are concealed with [`Conceal`]; the ADPCM state waits.
//!
//! ```text
//!              +-> lower band --- difference - 6 bits --+
//!  16 kHz - QMF|        ^- predictor, step -+           +-- octet
//!              +-> higher band -- difference - 2 bits --+
//! ```

mod band;
mod qmf;
mod tables;

use self::{
    band::{Band, product, saturated},
    qmf::{BLOCK, Line},
    tables::{
        PER_STEP_LOW, QM2, QM4, QM5, QM6, SCALE_HIGH_MAX, SCALE_LOW_MAX, STEP_HIGH, STEP_LOW, WH,
        WL, quantize_high, quantize_low,
    },
};
use super::{
    codec::{CodecError, Decode, Encode},
    conceal::Conceal,
};

/// Sample rate, Hz; the RTP clock runs at half of it.
pub const RATE_HZ: u32 = 16_000;

/// How many bits of an octet are sound (G.722 table 1). RTP has the first only; in the others the
/// lowest bits of the lower band may hold data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Mode 1: all of them, 64 kbit/s.
    #[default]
    Kbit64,
    /// Mode 2: all but the lowest, 56 kbit/s.
    Kbit56,
    /// Mode 3: all but the two lowest, 48 kbit/s.
    Kbit48,
}

/// Both bands.
#[derive(Clone, Debug)]
struct Bands {
    low: Band,
    high: Band,
}

impl Bands {
    fn new() -> Self {
        Self { low: Band::new(), high: Band::new() }
    }

    #[inline(always)]
    fn encode(&mut self, [low, high]: [i16; 2]) -> u8 {
        let at = self.low.step_at();
        let step = STEP_LOW[at];
        let difference = saturated(i32::from(low) - i32::from(self.low.signal()));
        let code = quantize_low(difference, step, PER_STEP_LOW[at]);
        self.update_low(code, step);
        let step = STEP_HIGH[self.high.step_at()];
        let difference = saturated(i32::from(high) - i32::from(self.high.signal()));
        let high = quantize_high(difference, step);
        self.update_high(high, step);
        code | high << 6
    }

    /// The sum and the difference of the bands, which is what the filter takes.
    #[inline(always)]
    fn decode(&mut self, octet: u8, mode: Mode) -> [i16; 2] {
        let code = octet & 63;
        let step = STEP_LOW[self.low.step_at()];
        let steps = match mode {
            Mode::Kbit64 => QM6[usize::from(code)],
            Mode::Kbit56 => QM5[usize::from(code >> 1)],
            Mode::Kbit48 => QM4[usize::from(code >> 2)],
        };
        let low = limit(i32::from(self.low.signal()) + product(step, steps));
        self.update_low(code, step);
        let step = STEP_HIGH[self.high.step_at()];
        let predicted = i32::from(self.high.signal());
        let high = limit(predicted + i32::from(self.update_high(octet >> 6, step)));
        // Of 15 bits each, so the sums fit.
        [low + high, low - high]
    }

    /// The lower band adapts by its upper four bits, so that every mode does so alike.
    #[inline(always)]
    fn update_low(&mut self, code: u8, step: i16) {
        let code = usize::from(code >> 2);
        self.low.update(product(step, QM4[code]) as i16, WL[code], SCALE_LOW_MAX);
    }

    #[inline(always)]
    fn update_high(&mut self, code: u8, step: i16) -> i16 {
        let code = usize::from(code);
        let difference = product(step, QM2[code]) as i16;
        self.high.update(difference, WH[code], SCALE_HIGH_MAX);
        difference
    }
}

/// LIMIT: 15 bits.
#[inline(always)]
fn limit(value: i32) -> i16 {
    value.clamp(-16_384, 16_383) as i16
}

/// Encoder, 64 kbit/s.
#[derive(Clone, Debug)]
pub struct G722Encoder {
    line: Line,
    bands: Bands,
}

impl G722Encoder {
    /// An encoder with an empty past.
    pub fn new() -> Self {
        Self { line: Line::new(), bands: Bands::new() }
    }
}

impl Default for G722Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encode for G722Encoder {
    fn sample_rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn encode(&mut self, pcm: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        if !pcm.len().is_multiple_of(2) {
            return Err(CodecError::FrameLength);
        }
        let bytes = pcm.len() / 2;
        let payload = payload.get_mut(..bytes).ok_or(CodecError::BufferTooSmall)?;
        let mut bands = [[0; 2]; BLOCK / 2];
        for (pcm, octets) in pcm.chunks(BLOCK).zip(payload.chunks_mut(BLOCK / 2)) {
            self.line.block(pcm.len()).copy_from_slice(pcm);
            self.line.split(pcm.len(), &mut bands);
            for (octet, &bands) in octets.iter_mut().zip(&bands) {
                *octet = self.bands.encode(bands);
            }
        }
        Ok(bytes)
    }
}

/// Decoder, with concealment.
#[derive(Debug)]
pub struct G722Decoder {
    mode: Mode,
    line: Line,
    bands: Bands,
    conceal: Conceal,
}

impl G722Decoder {
    /// A decoder with an empty past.
    pub fn new(mode: Mode) -> Self {
        Self { mode, line: Line::new(), bands: Bands::new(), conceal: Conceal::new(RATE_HZ) }
    }

    fn decode_block(&mut self, octets: &[u8], pcm: &mut [i16]) {
        let (mode, bands) = (self.mode, &mut self.bands);
        for (pair, &octet) in self.line.block(pcm.len()).chunks_exact_mut(2).zip(octets) {
            pair.copy_from_slice(&bands.decode(octet, mode));
        }
        self.line.join(pcm.len(), pcm);
    }
}

impl Decode for G722Decoder {
    fn sample_rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn samples(&self, payload: &[u8]) -> Result<usize, CodecError> {
        if payload.is_empty() { Err(CodecError::Payload) } else { Ok(payload.len() * 2) }
    }

    fn decode(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        let count = self.samples(payload)?;
        let pcm = pcm.get_mut(..count).ok_or(CodecError::BufferTooSmall)?;
        for (octets, pcm) in payload.chunks(BLOCK / 2).zip(pcm.chunks_mut(BLOCK)) {
            self.decode_block(octets, pcm);
        }
        self.conceal.received(pcm);
        Ok(count)
    }

    fn decode_fec(&mut self, _payload: &[u8], _pcm: &mut [i16]) -> Result<bool, CodecError> {
        Ok(false)
    }

    fn conceal(&mut self, pcm: &mut [i16]) {
        self.conceal.conceal(pcm);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_any_length_gives_the_same_octets() {
        let pcm: Vec<i16> = (0..2_000).map(|n| ((n * n * 7) % 20_011 - 10_000) as i16).collect();
        let mut whole = [0; 1_000];
        G722Encoder::new().encode(&pcm, &mut whole).unwrap();
        let (mut encoder, mut parts) = (G722Encoder::new(), Vec::new());
        for part in pcm.chunks(2 * 37) {
            let mut payload = [0; 37];
            let bytes = encoder.encode(part, &mut payload).unwrap();
            parts.extend_from_slice(&payload[..bytes]);
        }
        assert_eq!(parts, whole);
        let (mut heard, mut decoder) = ([0; 2_000], G722Decoder::new(Mode::Kbit64));
        decoder.decode(&whole, &mut heard).unwrap();
        let (mut again, mut decoder) = (Vec::new(), G722Decoder::new(Mode::Kbit64));
        for part in whole.chunks(37) {
            let mut pcm = [0; 74];
            let samples = decoder.decode(part, &mut pcm).unwrap();
            again.extend_from_slice(&pcm[..samples]);
        }
        assert_eq!(again, heard);
    }

    #[test]
    fn an_odd_frame_or_a_short_output_is_an_error_not_a_panic() {
        let mut encoder = G722Encoder::new();
        assert_eq!(encoder.encode(&[0; 319], &mut [0; 160]), Err(CodecError::FrameLength));
        assert_eq!(encoder.encode(&[0; 320], &mut [0; 159]), Err(CodecError::BufferTooSmall));
        let mut decoder = G722Decoder::new(Mode::Kbit64);
        assert_eq!(decoder.decode(&[0; 160], &mut [0; 319]), Err(CodecError::BufferTooSmall));
        assert_eq!(decoder.decode(&[], &mut [0; 320]), Err(CodecError::Payload));
    }
}

//! G.711: mu-law and A-law, 8 kHz, one byte a sample (RFC 3551 §4.5.14).
//!
//! Encoding follows the ITU-T software tool library on every sample; the mu-law tables in the field
//! differ at decision thresholds, where both neighbours are right. Decoding has one answer only.
//! The decoder conceals losses with [`Conceal`]; the codec itself keeps no state.

use super::{
    codec::{CodecError, Decode, Encode},
    conceal::Conceal,
};

/// Which of the two laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// PCMU.
    Mu,
    /// PCMA.
    A,
}

/// Encodes one sample by mu-law.
pub const fn encode_mu(sample: i16) -> u8 {
    // 14 bits in one's complement, so that -1 and 0 lie side by side.
    let magnitude = (if sample < 0 { !sample } else { sample } as u16 >> 2) + 33;
    let magnitude = if magnitude > 0x1fff { 0x1fff } else { magnitude };
    let segment = 10 - magnitude.leading_zeros() as u16;
    let mantissa = (magnitude >> (segment + 1)) & 0x0f;
    let code = ((segment << 4) | mantissa) as u8;
    !(code | if sample < 0 { 0x80 } else { 0 })
}

/// Encodes one sample by A-law.
pub const fn encode_a(sample: i16) -> u8 {
    let magnitude = if sample < 0 { !sample } else { sample } as u16 >> 4;
    // Without a branch for the two segments below 32, whose steps are the same.
    let shift = 11 - (magnitude | 0x10).leading_zeros() as u16;
    let code = (shift << 4) + (magnitude >> shift);
    (code as u8 | if sample < 0 { 0 } else { 0x80 }) ^ 0x55
}

const fn decode_mu_once(code: u8) -> i16 {
    let code = !code;
    let segment = (code >> 4) & 7;
    let magnitude = ((((code & 0x0f) as i32) << 3) + 0x84) << segment;
    let value = magnitude - 0x84;
    if code & 0x80 != 0 { -value as i16 } else { value as i16 }
}

const fn decode_a_once(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 7;
    let mantissa = ((code & 0x0f) as i32) << 4;
    let value = match segment {
        0 => mantissa + 8,
        _ => (mantissa + 0x108) << (segment - 1),
    };
    if code & 0x80 != 0 { value as i16 } else { -value as i16 }
}

const fn decode_table(mu: bool) -> [i16; 256] {
    let mut table = [0i16; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = if mu { decode_mu_once(code as u8) } else { decode_a_once(code as u8) };
        code += 1;
    }
    table
}

static MU_TO_LINEAR: [i16; 256] = decode_table(true);
static A_TO_LINEAR: [i16; 256] = decode_table(false);

/// Decodes one mu-law byte.
pub fn decode_mu(code: u8) -> i16 {
    MU_TO_LINEAR[usize::from(code)]
}

/// Decodes one A-law byte.
pub fn decode_a(code: u8) -> i16 {
    A_TO_LINEAR[usize::from(code)]
}

/// Sample rate and RTP clock rate, Hz.
pub const RATE_HZ: u32 = 8_000;

/// Encoder of either law.
#[derive(Clone, Copy, Debug)]
pub struct G711Encoder {
    law: Law,
}

impl G711Encoder {
    /// An encoder; it has no state.
    pub fn new(law: Law) -> Self {
        Self { law }
    }
}

impl Encode for G711Encoder {
    fn sample_rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn encode(&mut self, pcm: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        let payload = payload.get_mut(..pcm.len()).ok_or(CodecError::BufferTooSmall)?;
        match self.law {
            Law::Mu => payload.iter_mut().zip(pcm).for_each(|(code, &s)| *code = encode_mu(s)),
            Law::A => payload.iter_mut().zip(pcm).for_each(|(code, &s)| *code = encode_a(s)),
        }
        Ok(pcm.len())
    }
}

/// Decoder of either law, with concealment.
#[derive(Debug)]
pub struct G711Decoder {
    law: Law,
    conceal: Conceal,
}

impl G711Decoder {
    /// A decoder with an empty past.
    pub fn new(law: Law) -> Self {
        Self { law, conceal: Conceal::new(RATE_HZ) }
    }
}

impl Decode for G711Decoder {
    fn sample_rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn samples(&self, payload: &[u8]) -> Result<usize, CodecError> {
        if payload.is_empty() { Err(CodecError::Payload) } else { Ok(payload.len()) }
    }

    fn decode(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        let count = self.samples(payload)?;
        let pcm = pcm.get_mut(..count).ok_or(CodecError::BufferTooSmall)?;
        let table = match self.law {
            Law::Mu => &MU_TO_LINEAR,
            Law::A => &A_TO_LINEAR,
        };
        pcm.iter_mut().zip(payload).for_each(|(s, &code)| *s = table[usize::from(code)]);
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
    fn every_code_survives_a_round_trip_but_mu_law_negative_zero() {
        for code in 0..=255u8 {
            assert_eq!(encode_a(decode_a(code)), code);
            if code != 0x7f {
                assert_eq!(encode_mu(decode_mu(code)), code);
            }
        }
    }

    #[test]
    fn an_output_that_is_too_short_is_an_error_not_a_panic() {
        let mut decoder = G711Decoder::new(Law::Mu);
        assert_eq!(decoder.decode(&[0xff; 160], &mut [0; 80]), Err(CodecError::BufferTooSmall));
        assert_eq!(decoder.decode(&[], &mut [0; 80]), Err(CodecError::Payload));
        let mut encoder = G711Encoder::new(Law::A);
        assert_eq!(encoder.encode(&[0; 160], &mut [0; 159]), Err(CodecError::BufferTooSmall));
    }
}

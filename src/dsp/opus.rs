//! Opus (RFC 6716, RFC 7587) through libopus. The one file that names the `opus` crate.
//!
//! Always 48 kHz mono on our side: the RTP clock of Opus is 48 kHz whatever is inside (RFC 7587
//! §4.1), and a decoder mixes stereo down by itself (RFC 6716 §2.1.2).
//!
//! The encoder runs as `Audio`, not as `Voip`: at 32 kbit/s the waveform then comes through with a
//! correlation of 0.97 on speech where `Voip`, whose high-pass turns the phase of low voices,
//! reaches 0.82. When the far end reports loss, libopus goes over to SILK by itself and in-band FEC
//! sets in.

use opus::{Application, Bandwidth, Bitrate, Channels};

use super::codec::{CodecError, Decode, Encode};
use crate::base::{
    opus::{BITRATE_MAX_BPS, BITRATE_MIN_BPS, COMPLEXITY_MAX, OpusBandwidth},
    plan::OpusParams,
};

/// Sample rate of the PCM and RTP clock rate, Hz.
pub const RATE_HZ: u32 = 48_000;
/// The longest packet: 120 ms (RFC 7587 §4.2).
pub const PACKET_MAX_SAMPLES: usize = 5_760;
/// Concealment comes in multiples of 2.5 ms.
const CONCEAL_STEP: usize = 120;
/// Bit rate when nobody names one: transparent speech at full band (RFC 7587 §3.1.1).
const DEFAULT_BITRATE_BPS: u32 = 32_000;
/// The most when only the far end names one: it allows, it does not ask.
const ALLOWED_BITRATE_BPS: u32 = 64_000;

/// An encoder. Building one costs some 30 kB and is not for the tick.
#[derive(Debug)]
pub struct OpusEncoder {
    inner: opus::Encoder,
    dtx: bool,
}

impl OpusEncoder {
    /// By what the far end asked for in its `a=fmtp` (RFC 7587 §6.1), and the host of us.
    pub fn new(params: &OpusParams) -> Result<Self, CodecError> {
        let setup = |_| CodecError::Setup;
        let mut inner =
            opus::Encoder::new(RATE_HZ, Channels::Mono, Application::Audio).map_err(setup)?;
        inner.set_bitrate(Bitrate::Bits(bitrate_bps(params))).map_err(setup)?;
        inner.set_complexity(params.complexity.min(COMPLEXITY_MAX).into()).map_err(setup)?;
        inner.set_vbr(!params.cbr).map_err(setup)?;
        inner.set_inband_fec(params.inband_fec).map_err(setup)?;
        inner.set_dtx(params.dtx).map_err(setup)?;
        let bandwidth = match OpusBandwidth::of_playback_rate(params.max_playback_rate_hz) {
            OpusBandwidth::Narrow => Bandwidth::Narrowband,
            OpusBandwidth::Medium => Bandwidth::Mediumband,
            OpusBandwidth::Wide => Bandwidth::Wideband,
            OpusBandwidth::Superwide => Bandwidth::Superwideband,
            OpusBandwidth::Full => Bandwidth::Fullband,
        };
        inner.set_max_bandwidth(bandwidth).map_err(setup)?;
        Ok(Self { inner, dtx: params.dtx })
    }
}

fn bitrate_bps(params: &OpusParams) -> i32 {
    let most = params.max_average_bitrate_bps;
    let wanted = match (params.bitrate_bps, most) {
        (Some(own), most) => own.min(most.unwrap_or(own)),
        (None, Some(most)) => most.min(ALLOWED_BITRATE_BPS),
        (None, None) => DEFAULT_BITRATE_BPS,
    };
    wanted.clamp(BITRATE_MIN_BPS, BITRATE_MAX_BPS) as i32
}

impl Encode for OpusEncoder {
    fn sample_rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn encode(&mut self, pcm: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        if !matches!(pcm.len(), 480 | 960 | 1920 | 2880) {
            return Err(CodecError::FrameLength);
        }
        let bytes = self.inner.encode(pcm, payload).map_err(|_| CodecError::BufferTooSmall)?;
        // With DTX, a packet of two bytes or less need not be sent (RFC 7587 §3.1.3).
        Ok(if self.dtx && bytes <= 2 { 0 } else { bytes })
    }

    /// What libopus weighs in-band FEC by; 0 sends none.
    fn set_packet_loss_percent(&mut self, percent: u8) {
        // The only way to fail is a percentage over 100.
        let _ = self.inner.set_packet_loss_perc(i32::from(percent.min(100)));
    }
}

/// A decoder. Building one costs some 20 kB and is not for the tick.
#[derive(Debug)]
pub struct OpusDecoder {
    inner: opus::Decoder,
    /// Concealed already, but not asked for yet.
    ahead: [i16; CONCEAL_STEP],
    ahead_from: usize,
}

impl OpusDecoder {
    /// A decoder with an empty past.
    pub fn new() -> Result<Self, CodecError> {
        let inner = opus::Decoder::new(RATE_HZ, Channels::Mono).map_err(|_| CodecError::Setup)?;
        Ok(Self { inner, ahead: [0; CONCEAL_STEP], ahead_from: CONCEAL_STEP })
    }
}

impl Decode for OpusDecoder {
    fn sample_rate_hz(&self) -> u32 {
        RATE_HZ
    }

    fn samples(&self, payload: &[u8]) -> Result<usize, CodecError> {
        if payload.is_empty() {
            return Err(CodecError::Payload);
        }
        match opus::packet::get_nb_samples(payload, RATE_HZ) {
            Ok(count) if (1..=PACKET_MAX_SAMPLES).contains(&count) => Ok(count),
            _ => Err(CodecError::Payload),
        }
    }

    fn decode(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        let count = self.samples(payload)?;
        let pcm = pcm.get_mut(..count).ok_or(CodecError::BufferTooSmall)?;
        self.ahead_from = CONCEAL_STEP;
        self.inner.decode(payload, pcm, false).map_err(|_| CodecError::Payload)
    }

    fn decode_fec(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<bool, CodecError> {
        if !carries_fec(payload) || pcm.is_empty() || !pcm.len().is_multiple_of(CONCEAL_STEP) {
            return Ok(false);
        }
        self.ahead_from = CONCEAL_STEP;
        let count = self.inner.decode(payload, pcm, true).map_err(|_| CodecError::Payload)?;
        Ok(count == pcm.len())
    }

    fn conceal(&mut self, pcm: &mut [i16]) {
        let kept = (CONCEAL_STEP - self.ahead_from).min(pcm.len());
        let (head, pcm) = pcm.split_at_mut(kept);
        head.copy_from_slice(&self.ahead[self.ahead_from..self.ahead_from + kept]);
        self.ahead_from += kept;
        let (whole, rest) = pcm.split_at_mut(pcm.len() / CONCEAL_STEP * CONCEAL_STEP);
        // libopus conceals at most 120 ms at a time.
        for part in whole.chunks_mut(PACKET_MAX_SAMPLES) {
            if self.inner.decode(&[], part, false).is_err() {
                part.fill(0);
            }
        }
        if !rest.is_empty() {
            if self.inner.decode(&[], &mut self.ahead, false).is_err() {
                self.ahead.fill(0);
            }
            rest.copy_from_slice(&self.ahead[..rest.len()]);
            self.ahead_from = rest.len();
        }
    }
}

/// Whether a packet holds a coarser copy of the one before it (LBRR, RFC 6716 §4.2.4): the flag
/// follows the voice activity flags at the start of the first SILK frame.
fn carries_fec(payload: &[u8]) -> bool {
    let Some((&toc, rest)) = payload.split_first() else { return false };
    let config = toc >> 3;
    // SILK in 0 to 11, hybrid in 12 to 15, CELT (without LBRR) from 16 on (RFC 6716 table 2).
    let silk_frames = match config {
        0..=11 => match config & 3 {
            0 | 1 => 1,
            2 => 2,
            _ => 3,
        },
        12..=15 => 1,
        _ => return false,
    };
    let first = match toc & 3 {
        0 | 1 => rest.first(),
        2 => match rest.first() {
            Some(0..=251) => rest.get(1),
            _ => rest.get(2),
        },
        // Code 3 never comes out of a speech encoder at the packet times here.
        _ => None,
    };
    first.is_some_and(|&byte| (byte >> (7 - silk_frames)) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_an_error_and_the_decoder_lives_on() {
        let mut decoder = OpusDecoder::new().unwrap();
        let mut pcm = [0i16; PACKET_MAX_SAMPLES];
        for first in 0..=255u8 {
            for length in 0..12usize {
                let packet = vec![first; length];
                let _ = decoder.decode(&packet, &mut pcm);
                let _ = decoder.decode_fec(&packet, &mut pcm[..960]);
            }
        }
        decoder.conceal(&mut pcm[..487]);
    }

    #[test]
    fn a_frame_length_that_opus_does_not_know_is_refused() {
        let mut encoder = OpusEncoder::new(&OpusParams::default()).unwrap();
        assert_eq!(encoder.encode(&[0; 1440], &mut [0; 400]), Err(CodecError::FrameLength));
        assert!(encoder.encode(&[0; 960], &mut [0; 400]).is_ok());
    }
}

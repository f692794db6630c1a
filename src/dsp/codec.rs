//! What every codec is to the media floor: an encoder and a decoder of mono 16-bit PCM.

use std::fmt;

/// Why a payload cannot be decoded, or a frame not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// The payload is none of this codec's.
    Payload,
    /// The output buffer holds fewer samples or bytes than needed.
    BufferTooSmall,
    /// The frame has a length that the codec cannot take.
    FrameLength,
    /// The codec's state could not be made.
    Setup,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CodecError::Payload => "payload is not one of this codec",
            CodecError::BufferTooSmall => "output buffer too small",
            CodecError::FrameLength => "frame length not possible with this codec",
            CodecError::Setup => "codec state could not be made",
        })
    }
}

impl std::error::Error for CodecError {}

/// Turns PCM frames into payloads. One value is one direction of one stream.
pub trait Encode: Send {
    /// Rate of the PCM taken, Hz.
    fn sample_rate_hz(&self) -> u32;
    /// Encodes one packet time of mono samples into `payload`; returns the bytes written. Zero
    /// bytes mean that nothing need be sent (DTX).
    fn encode(&mut self, pcm: &[i16], payload: &mut [u8]) -> Result<usize, CodecError>;
    /// Tells the loss that the far end reports, 0 to 100, for codecs that can make use of it.
    fn set_packet_loss_percent(&mut self, _percent: u8) {}
}

/// Turns payloads into PCM. Keeps what concealment needs.
pub trait Decode: Send {
    /// Rate of the PCM given, Hz.
    fn sample_rate_hz(&self) -> u32;
    /// Samples in the payload, without decoding it.
    fn samples(&self, payload: &[u8]) -> Result<usize, CodecError>;
    /// Decodes one payload; returns the samples written.
    fn decode(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError>;
    /// Decodes what `payload` carries of the packet *before* it (in-band FEC) into exactly
    /// `pcm.len()` samples; `false` when it carries nothing.
    fn decode_fec(&mut self, payload: &[u8], pcm: &mut [i16]) -> Result<bool, CodecError>;
    /// Fills `pcm` with what should be heard while nothing arrived.
    fn conceal(&mut self, pcm: &mut [i16]);
}

//! SRTP and SRTCP (RFC 3711, 6188, 7714): what protects packets, and what believes them. Keys come
//! from outside; how they were agreed is not known here.
//!
//! ```text
//!   packet ── Protect::protect_rtp ──> packet with tag
//!   packet with tag ── Unprotect::unprotect_rtp ──> packet, authenticated and not replayed
//! ```
//!
//! Rules that every back end keeps: nothing is believed, stored or counted for a source before a
//! packet of it was authenticated; a replayed packet fails; SRTCP without encryption fails (SDES as
//! we speak it never agrees on `UNENCRYPTED_SRTCP`, RFC 4568 §6.3.2); state is bounded.

pub mod webrtc;

use std::fmt;

/// Why a packet was not protected or not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SrtpError {
    /// Too short to hold a header and a tag, or the header runs over the end.
    Malformed,
    /// The tag does not fit: forged, damaged, or under another key.
    Authentication,
    /// Seen before, or older than the replay window.
    Replay,
    /// SRTCP with the E bit 0.
    NotEncrypted,
    /// The key has been used for as many packets as RFC 3711 §9.2 allows.
    KeyExhausted,
    /// The key does not fit the suite.
    Key,
}

impl fmt::Display for SrtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SrtpError::Malformed => "packet too short or its header broken",
            SrtpError::Authentication => "authentication tag does not fit",
            SrtpError::Replay => "packet replayed or too old",
            SrtpError::NotEncrypted => "SRTCP packet is not encrypted",
            SrtpError::KeyExhausted => "key used for the most packets it may protect",
            SrtpError::Key => "key or salt has the wrong length",
        })
    }
}

impl std::error::Error for SrtpError {}

/// Protects what we send, under our master key.
pub trait Protect: Send {
    /// Encrypts the RTP packet in `packet` and appends the tag.
    fn protect_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError>;
    /// Encrypts the compound RTCP packet in `packet` and appends index and tag.
    fn protect_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError>;
}

/// Believes and opens what we receive, under the far end's master key.
pub trait Unprotect: Send {
    /// Opens an SRTP packet in place; returns the length of the RTP packet at the front.
    fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError>;
    /// Opens an SRTCP packet in place; returns the length of the RTCP packet at the front.
    fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError>;
}

/// The fields of an RTP header that stay in the clear and that the transform needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ClearHeader {
    ssrc: u32,
    sequence: u16,
    /// Header with CSRCs and extension: what is authenticated but not encrypted.
    bytes: usize,
}

impl ClearHeader {
    /// Reads the header; only lengths are believed, and only as far as the bytes reach.
    fn parse(packet: &[u8]) -> Option<Self> {
        let &[first, _, high, low, _, _, _, _, a, b, c, d, ..] = packet else {
            return None;
        };
        if first >> 6 != 2 {
            return None;
        }
        let mut bytes = 12 + 4 * usize::from(first & 0x0f);
        if first & 0x10 != 0 {
            let length = packet.get(bytes + 2..bytes + 4)?;
            bytes += 4 + 4 * usize::from(u16::from_be_bytes([length[0], length[1]]));
        }
        let ssrc = u32::from_be_bytes([a, b, c, d]);
        let sequence = u16::from_be_bytes([high, low]);
        (bytes <= packet.len()).then_some(Self { ssrc, sequence, bytes })
    }
}

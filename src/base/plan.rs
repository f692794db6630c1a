//! The media plan: what offer/answer decided and the media worker carries out. The only thing that
//! `call` and `media` both name.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use super::{opus::COMPLEXITY_DEFAULT, time::Ptime};

/// Where a call's media is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaPlace {
    /// Address, concrete.
    pub address: IpAddr,
    /// Port of RTP.
    pub rtp_port: u16,
    /// Port of RTCP, where it is another.
    pub rtcp_port: Option<u16>,
}

/// A codec of this engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodecKind {
    /// G.711 mu-law, 8 kHz (RFC 3551 §4.5.14).
    Pcmu,
    /// G.711 A-law, 8 kHz (RFC 3551 §4.5.14).
    Pcma,
    /// G.722, 16 kHz under an RTP clock of 8 kHz (RFC 3551 §4.5.2).
    G722,
    /// Opus, 48 kHz RTP clock (RFC 7587).
    Opus,
}

impl CodecKind {
    /// Every codec, in the order of preference that we offer.
    pub const ALL: [CodecKind; 4] =
        [CodecKind::Opus, CodecKind::G722, CodecKind::Pcma, CodecKind::Pcmu];

    /// Those of them that this build has, in the same order.
    pub const BUILT: &[CodecKind] =
        if cfg!(feature = "opus") { &Self::ALL } else { Self::ALL.split_at(1).1 };

    /// Encoding name of `a=rtpmap`, as registered.
    pub fn name(self) -> &'static str {
        match self {
            CodecKind::Pcmu => "PCMU",
            CodecKind::Pcma => "PCMA",
            CodecKind::G722 => "G722",
            CodecKind::Opus => "opus",
        }
    }

    /// From an encoding name, ignoring case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// RTP clock rate in Hz. That of G.722 is half its sample rate, by a mistake of RFC 1890 that
    /// stays (RFC 3551 §4.5.2).
    pub fn clock_rate_hz(self) -> u32 {
        match self {
            CodecKind::Pcmu | CodecKind::Pcma | CodecKind::G722 => 8_000,
            CodecKind::Opus => 48_000,
        }
    }

    /// Rate of the PCM that the codec takes and gives, in Hz.
    pub fn sample_rate_hz(self) -> u32 {
        match self {
            CodecKind::Pcmu | CodecKind::Pcma => 8_000,
            CodecKind::G722 => 16_000,
            CodecKind::Opus => 48_000,
        }
    }

    /// Static payload type of RFC 3551 table 4, where there is one.
    pub fn static_payload_type(self) -> Option<u8> {
        match self {
            CodecKind::Pcmu => Some(0),
            CodecKind::Pcma => Some(8),
            CodecKind::G722 => Some(9),
            CodecKind::Opus => None,
        }
    }
}

/// How Opus is sent: what the receiver's `a=fmtp` says (RFC 7587 §6.1), and what the sender chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusParams {
    /// Send in-band forward error correction (`useinbandfec=1`).
    pub inband_fec: bool,
    /// Discontinuous transmission (`usedtx=1`).
    pub dtx: bool,
    /// Constant bit rate (`cbr=1`).
    pub cbr: bool,
    /// `maxaveragebitrate` in bit/s, 6000 to 510000; `None`: the encoder's own choice.
    pub max_average_bitrate_bps: Option<u32>,
    /// `maxplaybackrate` in Hz, 8000 to 48000.
    pub max_playback_rate_hz: u32,
    /// Bit rate that the sender aims at, 6000 to 510000 bit/s; `None`: 32 kbit/s, or what the
    /// receiver allows up to 64 kbit/s. Not in the `a=fmtp`.
    pub bitrate_bps: Option<u32>,
    /// libopus's complexity of the sender, 0 to 10. Not in the `a=fmtp`.
    pub complexity: u8,
}

impl Default for OpusParams {
    fn default() -> Self {
        Self {
            inband_fec: true,
            dtx: false,
            cbr: false,
            max_average_bitrate_bps: None,
            max_playback_rate_hz: 48_000,
            bitrate_bps: None,
            complexity: COMPLEXITY_DEFAULT,
        }
    }
}

/// A codec under the payload type of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecPlan {
    /// The codec.
    pub kind: CodecKind,
    /// RTP payload type, 0 to 127. Sender and receiver may use different ones (RFC 3264 §5.1).
    pub payload_type: u8,
    /// Opus only: how it is sent.
    pub opus: OpusParams,
}

/// telephone-event of both directions (RFC 4733).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtmfPlan {
    /// Payload type that we send with; `None` when the far end takes none.
    pub send_payload_type: Option<u8>,
    /// Payload type that we receive under.
    pub receive_payload_type: u8,
    /// RTP clock rate of the events in Hz: the sent codec's own (RFC 4733 §2.1), or another one that
    /// both ends have when one of them offers no events at that clock.
    pub clock_rate_hz: u32,
}

/// Who may send media (RFC 3264 §5.1), seen from this end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// We only send.
    SendOnly,
    /// We only receive.
    RecvOnly,
    /// Neither; RTCP goes on.
    Inactive,
}

impl Direction {
    /// Whether we send audio.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// Whether we take audio.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// From the two halves.
    pub fn from_halves(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// The same agreement seen from the other end.
    pub fn reversed(self) -> Self {
        Self::from_halves(self.receives(), self.sends())
    }
}

/// An SRTP crypto suite of SDES (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(non_camel_case_types)]
pub enum SrtpSuite {
    /// AES-128 counter mode, 80-bit tag.
    Aes128CmSha1_80,
    /// AES-128 counter mode, 32-bit tag on RTP (80 on RTCP).
    Aes128CmSha1_32,
    /// AES-256 counter mode, 80-bit tag.
    Aes256CmSha1_80,
    /// AES-256 counter mode, 32-bit tag on RTP (80 on RTCP).
    Aes256CmSha1_32,
    /// AES-128 in Galois/counter mode.
    AeadAes128Gcm,
    /// AES-256 in Galois/counter mode.
    AeadAes256Gcm,
}

impl SrtpSuite {
    /// Every suite, in the order of preference that we offer.
    pub const ALL: [SrtpSuite; 6] = [
        SrtpSuite::AeadAes256Gcm,
        SrtpSuite::AeadAes128Gcm,
        SrtpSuite::Aes256CmSha1_80,
        SrtpSuite::Aes128CmSha1_80,
        SrtpSuite::Aes256CmSha1_32,
        SrtpSuite::Aes128CmSha1_32,
    ];

    /// Name in `a=crypto`.
    pub fn name(self) -> &'static str {
        match self {
            SrtpSuite::Aes128CmSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            SrtpSuite::Aes128CmSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            SrtpSuite::Aes256CmSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            SrtpSuite::Aes256CmSha1_32 => "AES_256_CM_HMAC_SHA1_32",
            SrtpSuite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            SrtpSuite::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// From its name (case as registered; RFC 4568 §9.1 makes it case-sensitive in effect).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// Master key length in bytes.
    pub fn key_bytes(self) -> usize {
        match self {
            SrtpSuite::Aes128CmSha1_80 | SrtpSuite::Aes128CmSha1_32 | SrtpSuite::AeadAes128Gcm => {
                16
            }
            _ => 32,
        }
    }

    /// Master salt length in bytes.
    pub fn salt_bytes(self) -> usize {
        match self {
            SrtpSuite::AeadAes128Gcm | SrtpSuite::AeadAes256Gcm => 12,
            _ => 14,
        }
    }
}

/// Master key and salt of one direction. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    /// Key, then salt, as `a=crypto` carries them after base64.
    bytes: Vec<u8>,
    key_bytes: usize,
}

impl MasterKey {
    /// Takes key and salt in one piece; the length must be the suite's.
    pub fn new(suite: SrtpSuite, key_and_salt: &[u8]) -> Option<Self> {
        (key_and_salt.len() == suite.key_bytes() + suite.salt_bytes())
            .then(|| Self { bytes: key_and_salt.to_vec(), key_bytes: suite.key_bytes() })
    }

    /// The key.
    pub fn key(&self) -> &[u8] {
        &self.bytes[..self.key_bytes]
    }

    /// The salt.
    pub fn salt(&self) -> &[u8] {
        &self.bytes[self.key_bytes..]
    }

    /// Key and salt in one piece.
    pub fn key_and_salt(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({} bytes, not shown)", self.bytes.len())
    }
}

/// The keys of an SRTP stream: one suite, a key each way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrtpPlan {
    /// Suite of both directions (SDES answers with the offer's, RFC 4568 §5.1.2).
    pub suite: SrtpSuite,
    /// Our key: what we protect with.
    pub send: MasterKey,
    /// The far end's key: what we unprotect with.
    pub receive: MasterKey,
}

/// When the source address of received RTP replaces the one of the SDP (RFC 4961, RFC 7362).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatchPolicy {
    /// Never: media goes where the SDP says, and only from there is it taken.
    Off,
    /// The first valid packet's source is taken and kept.
    #[default]
    Once,
    /// Each new source is followed until the first valid RTCP packet came from one; then kept.
    UntilRtcp,
}

/// Everything a media worker must know to run one call's audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaPlan {
    /// Where RTP goes, until a latch says otherwise.
    pub remote_rtp: SocketAddr,
    /// Where RTCP goes; equal to `remote_rtp` when muxed.
    pub remote_rtcp: SocketAddr,
    /// RTP and RTCP share one port (RFC 5761).
    pub rtcp_mux: bool,
    /// What we send.
    pub send: CodecPlan,
    /// What we may receive, each under its payload type; holds at least one.
    pub receive: Vec<CodecPlan>,
    /// telephone-event, when both ends have it.
    pub dtmf: Option<DtmfPlan>,
    /// Packet time that we send with.
    pub ptime: Ptime,
    /// Who sends.
    pub direction: Direction,
    /// SRTP, when agreed.
    pub srtp: Option<SrtpPlan>,
    /// Symmetric RTP.
    pub latch: LatchPolicy,
}

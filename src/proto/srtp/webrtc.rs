//! The back end on `webrtc-srtp`, behind guards of ours. The only file that names it.
//!
//! ```text
//!   packet ─ lengths, E bit ─┬─ source believed ──> its own context, replay window on ──> packet
//!                            └─ stranger ──> scratch context, no state kept
//!                                               └─ authenticated ──> gets a context of its own
//! ```
//!
//! What the guards are for, all in version 0.17.2:
//! - SRTCP with the E bit 0 is returned without a look at its tag: dropped here first.
//! - State for a source, with a replay window placed by the packet's own number, is made before
//!   authentication and never freed: a forged packet would fill memory or lock out the real source.
//!   Strangers go through a scratch context without replay window; the 32 sources used last are
//!   kept, each in a context of its own.
//! - RTP headers are parsed by code that panics on a header extension with wrong inner lengths, before
//!   authentication: the header type is filled here, with a CSRC list as long as the whole header.
//! - Short SRTCP packets underflow a subtraction: refused here first.

use bytes::Bytes;
use webrtc_rtp::header::Header;
use webrtc_srtp::{
    Error,
    context::Context,
    option::{ContextOption, srtcp_replay_protection, srtp_replay_protection},
    protection_profile::ProtectionProfile,
};

use super::{ClearHeader, Protect, SrtpError, Unprotect};
use crate::base::plan::{MasterKey, SrtpSuite};

fn profile(suite: SrtpSuite) -> ProtectionProfile {
    match suite {
        SrtpSuite::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        SrtpSuite::Aes128CmSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
        SrtpSuite::Aes256CmSha1_80 => ProtectionProfile::Aes256CmHmacSha1_80,
        SrtpSuite::Aes256CmSha1_32 => ProtectionProfile::Aes256CmHmacSha1_32,
        SrtpSuite::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        SrtpSuite::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
    }
}

fn context(
    suite: SrtpSuite,
    key: &MasterKey,
    rtp: Option<ContextOption>,
    rtcp: Option<ContextOption>,
) -> Result<Context, SrtpError> {
    Context::new(key.key(), key.salt(), profile(suite), rtp, rtcp).map_err(|_| SrtpError::Key)
}

fn error_of(error: &Error) -> SrtpError {
    match error {
        Error::SrtpSsrcDuplicated(..) | Error::SrtcpSsrcDuplicated(..) => SrtpError::Replay,
        Error::ErrExceededMaxPackets => SrtpError::KeyExhausted,
        Error::ErrTooShortRtp | Error::ErrTooShortRtcp => SrtpError::Malformed,
        _ => SrtpError::Authentication,
    }
}

/// Fills the crate's header: it looks at source, number and length only, so that the words between
/// the fixed header and the payload may all pass as CSRCs.
fn fill(header: &mut Header, clear: ClearHeader) {
    header.ssrc = clear.ssrc;
    header.sequence_number = clear.sequence;
    header.csrc.resize((clear.bytes - 12) / 4, 0);
}

/// [`Protect`] on `webrtc-srtp`.
pub struct WebrtcProtect {
    context: Context,
    header: Header,
}

impl WebrtcProtect {
    /// With our master key.
    pub fn new(suite: SrtpSuite, key: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self { context: context(suite, key, None, None)?, header: Header::default() })
    }
}

impl Protect for WebrtcProtect {
    fn protect_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let clear = ClearHeader::parse(packet).ok_or(SrtpError::Malformed)?;
        fill(&mut self.header, clear);
        let protected = self
            .context
            .encrypt_rtp_with_header(packet, &self.header)
            .map_err(|error| error_of(&error))?;
        replace(packet, &protected);
        Ok(())
    }

    fn protect_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        if packet.len() < RTCP_HEADER_BYTES {
            return Err(SrtpError::Malformed);
        }
        let protected = self.context.encrypt_rtcp(packet).map_err(|error| error_of(&error))?;
        replace(packet, &protected);
        Ok(())
    }
}

fn replace(packet: &mut Vec<u8>, bytes: &[u8]) {
    packet.clear();
    packet.extend_from_slice(bytes);
}

/// [`Unprotect`] on `webrtc-srtp`.
pub struct WebrtcUnprotect {
    suite: SrtpSuite,
    key: MasterKey,
    /// Sources of which a packet was authenticated, at most [`MAX_SOURCES`].
    sources: Vec<Source>,
    scratch: Context,
    /// Packets that went through `scratch` since it was made.
    strangers: u32,
    header: Header,
    /// Counts packets, to know the source used longest ago.
    clock: u64,
}

struct Source {
    ssrc: u32,
    context: Context,
    rtp_believed: bool,
    rtcp_believed: bool,
    used: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Rtp,
    Rtcp,
}

impl WebrtcUnprotect {
    /// With the far end's master key.
    pub fn new(suite: SrtpSuite, key: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self {
            suite,
            key: key.clone(),
            sources: Vec::new(),
            scratch: context(suite, key, None, None)?,
            strangers: 0,
            header: Header::default(),
            clock: 0,
        })
    }

    /// Sources that state is kept for.
    pub fn sources(&self) -> usize {
        self.sources.len()
    }

    fn open(&mut self, kind: Kind, ssrc: u32, packet: &[u8]) -> Result<Bytes, SrtpError> {
        self.clock += 1;
        let known = self.sources.iter().position(|source| source.ssrc == ssrc);
        let believed = known.is_some_and(|at| match kind {
            Kind::Rtp => self.sources[at].rtp_believed,
            Kind::Rtcp => self.sources[at].rtcp_believed,
        });
        if !believed {
            self.open_stranger(kind, packet)?;
        }
        let at = match known {
            Some(at) => at,
            None => self.add(ssrc)?,
        };
        let source = &mut self.sources[at];
        let opened = open(&mut source.context, kind, packet, &self.header)?;
        match kind {
            Kind::Rtp => source.rtp_believed = true,
            Kind::Rtcp => source.rtcp_believed = true,
        }
        source.used = self.clock;
        Ok(opened)
    }

    /// Only authenticates. The scratch context grows by each stranger and remembers a source that
    /// passed, so it is made anew after some of the former and each of the latter.
    fn open_stranger(&mut self, kind: Kind, packet: &[u8]) -> Result<(), SrtpError> {
        self.strangers += 1;
        let opened = open(&mut self.scratch, kind, packet, &self.header);
        if opened.is_ok() || self.strangers >= MAX_STRANGERS {
            self.strangers = 0;
            self.scratch = context(self.suite, &self.key, None, None)?;
        }
        opened.map(|_| ())
    }

    fn add(&mut self, ssrc: u32) -> Result<usize, SrtpError> {
        let rtp = srtp_replay_protection(REPLAY_WINDOW);
        let rtcp = srtcp_replay_protection(REPLAY_WINDOW);
        let context = context(self.suite, &self.key, Some(rtp), Some(rtcp))?;
        if self.sources.len() >= MAX_SOURCES
            && let Some(oldest) = (0..self.sources.len()).min_by_key(|&at| self.sources[at].used)
        {
            self.sources.swap_remove(oldest);
        }
        let used = self.clock;
        self.sources.push(Source {
            ssrc,
            context,
            rtp_believed: false,
            rtcp_believed: false,
            used,
        });
        Ok(self.sources.len() - 1)
    }

    /// Tag bytes after an RTP packet.
    fn rtp_tag_bytes(&self) -> usize {
        let profile = profile(self.suite);
        profile.rtp_auth_tag_len() + profile.aead_auth_tag_len()
    }

    /// Tag bytes and index after an RTCP packet; index before the tag, but for AEAD after it.
    fn rtcp_tail(&self, packet: &[u8]) -> Result<u8, SrtpError> {
        let profile = profile(self.suite);
        let after_index = profile.rtcp_auth_tag_len();
        let tail = after_index + profile.aead_auth_tag_len() + INDEX_BYTES;
        if packet.len() < RTCP_HEADER_BYTES + tail {
            return Err(SrtpError::Malformed);
        }
        Ok(packet[packet.len() - after_index - INDEX_BYTES])
    }
}

fn open(
    context: &mut Context,
    kind: Kind,
    packet: &[u8],
    header: &Header,
) -> Result<Bytes, SrtpError> {
    match kind {
        Kind::Rtp => context.decrypt_rtp_with_header(packet, header),
        Kind::Rtcp => context.decrypt_rtcp(packet),
    }
    .map_err(|error| error_of(&error))
}

impl Unprotect for WebrtcUnprotect {
    fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let clear = ClearHeader::parse(packet).ok_or(SrtpError::Malformed)?;
        if packet.len() < clear.bytes + self.rtp_tag_bytes() {
            return Err(SrtpError::Malformed);
        }
        fill(&mut self.header, clear);
        let opened = self.open(Kind::Rtp, clear.ssrc, packet)?;
        packet[..opened.len()].copy_from_slice(&opened);
        Ok(opened.len())
    }

    fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        if self.rtcp_tail(packet)? & 0x80 == 0 {
            return Err(SrtpError::NotEncrypted);
        }
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let opened = self.open(Kind::Rtcp, ssrc, packet)?;
        packet[..opened.len()].copy_from_slice(&opened);
        Ok(opened.len())
    }
}

/// Sources that state is kept for: a far end has one at a time, and a new one after each transfer.
const MAX_SOURCES: usize = 32;
/// Strangers before the scratch context is made anew (some 5 us).
const MAX_STRANGERS: u32 = 64;
/// Packets; RFC 3711 §3.3.2 asks for 64 at least.
const REPLAY_WINDOW: usize = 128;
/// SRTCP index with the E bit.
const INDEX_BYTES: usize = 4;
const RTCP_HEADER_BYTES: usize = 8;

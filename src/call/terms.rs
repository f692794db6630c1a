//! What one call's audio may be, and why two ends did not come together.

use std::{fmt, net::IpAddr};

use super::settings::SrtpPolicy;
use crate::{
    base::{
        opus::OpusSettings,
        plan::{CodecKind, LatchPolicy, SrtpSuite},
        time::Ptime,
    },
    proto::sdp::SdpError,
};

/// What an account and its sockets allow for one call's audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioTerms {
    /// Address that the far end sends media to (concrete, never 0.0.0.0).
    pub address: IpAddr,
    /// Port of our RTP socket.
    pub rtp_port: u16,
    /// Port of our RTCP socket; `None`: RTCP comes to the RTP port.
    pub rtcp_port: Option<u16>,
    /// Codecs, in order of preference.
    pub codecs: Vec<CodecKind>,
    /// Packet time that we ask for, and send with when the far end asks for none.
    pub ptime: Ptime,
    /// Opus: how we want to be sent to, and how we send.
    pub opus: OpusSettings,
    /// SRTP.
    pub srtp: SrtpPolicy,
    /// Suites offered and taken, in order.
    pub srtp_suites: Vec<SrtpSuite>,
    /// Symmetric RTP, passed on into the plan.
    pub latch: LatchPolicy,
}

impl AudioTerms {
    /// Terms with the defaults of an account, for media at `address`: RTP on `rtp_port`, RTCP on
    /// `rtcp_port` (`None`: only muxed).
    pub fn new(address: IpAddr, rtp_port: u16, rtcp_port: Option<u16>) -> Self {
        Self {
            address,
            rtp_port,
            rtcp_port,
            codecs: CodecKind::BUILT.to_vec(),
            ptime: Ptime::DEFAULT,
            opus: OpusSettings::default(),
            srtp: SrtpPolicy::default(),
            srtp_suites: SrtpSuite::ALL.to_vec(),
            latch: LatchPolicy::default(),
        }
    }
}

/// Why no plan came out of an offer or answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NegotiationError {
    /// The bytes are no session description.
    Sdp(SdpError),
    /// No audio description with a codec in common.
    NoCodec,
    /// Nothing but other media than audio.
    NoAudio,
    /// Audio, but over no transport that we have.
    Transport,
    /// One side demands SRTP and the other has none that fits.
    SrtpRequired,
    /// The audio description has no IP address.
    NoAddress,
    /// An answer came, but no offer is open.
    NoOffer,
    /// An INVITE without offer was accepted without one.
    MissingOffer,
    /// An offer of ours was accepted without an answer to it.
    NoAnswer,
    /// Our own terms hold no codec, or SRTP is mandatory and no suite is allowed.
    OwnTerms,
}

impl NegotiationError {
    /// Status code that refuses an offer for this reason.
    pub fn status_code(&self) -> u16 {
        match self {
            NegotiationError::Sdp(_) => 400,
            _ => 488,
        }
    }

    /// The `warn-code` that says the same in a Warning header (RFC 3261 §20.43).
    pub fn warn_code(&self) -> u16 {
        match self {
            NegotiationError::NoAddress => 301,
            NegotiationError::Transport => 302,
            NegotiationError::NoAudio => 304,
            NegotiationError::NoCodec => 305,
            _ => 399,
        }
    }
}

impl fmt::Display for NegotiationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NegotiationError::Sdp(error) => return write!(f, "unreadable SDP: {error}"),
            NegotiationError::NoCodec => "no codec in common",
            NegotiationError::NoAudio => "no audio in the SDP",
            NegotiationError::Transport => "audio over no transport but RTP is known here",
            NegotiationError::SrtpRequired => "SRTP is required and no key exchange fits both ends",
            NegotiationError::NoAddress => "the far end's SDP names no IP address for audio",
            NegotiationError::NoOffer => "an SDP answer without an offer",
            NegotiationError::MissingOffer => "the far end's SDP offer is missing",
            NegotiationError::NoAnswer => "the far end's SDP answer is missing",
            NegotiationError::OwnTerms => "no codec, or no SRTP suite, is allowed by the settings",
        })
    }
}

impl std::error::Error for NegotiationError {}

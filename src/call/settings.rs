//! What a call is given: who we are, where media is, what we may agree to.

use std::{fmt, net::IpAddr, time::Duration};

use super::audio::AudioTerms;
use crate::base::{
    plan::{CodecKind, LatchPolicy, OpusParams, SrtpSuite},
    time::Ptime,
};

/// Whether calls are encrypted (SDES, RFC 4568).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SrtpPolicy {
    /// RTP/AVP only.
    Off,
    /// Offered as RTP/AVP with `a=crypto`; taken when the far end has it, plain otherwise.
    #[default]
    Optional,
    /// RTP/SAVP only; a call without it fails (488).
    Mandatory,
}

/// How digits are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DtmfMethod {
    /// telephone-event where the far end has it, else INFO.
    #[default]
    Auto,
    /// telephone-event (RFC 4733).
    Rtp,
    /// INFO with `application/dtmf-relay`.
    Info,
}

/// User name and password for digest. Never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({:?}, password not shown)", self.user)
    }
}

impl AudioTerms {
    /// Terms with the defaults of an account, for media at `address`: RTP on `rtp_port`, RTCP on
    /// `rtcp_port` (`None`: only muxed).
    pub fn new(address: IpAddr, rtp_port: u16, rtcp_port: Option<u16>) -> Self {
        Self {
            address,
            rtp_port,
            rtcp_port,
            codecs: vec![CodecKind::Opus, CodecKind::Pcma, CodecKind::Pcmu],
            ptime: Ptime::DEFAULT,
            opus: OpusParams::default(),
            srtp: SrtpPolicy::default(),
            srtp_suites: SrtpSuite::ALL.to_vec(),
            latch: LatchPolicy::default(),
        }
    }
}

/// Longest time that an incoming or outgoing call rings by default.
pub const NO_ANSWER: Duration = Duration::from_secs(180);

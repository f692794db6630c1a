//! Named numbers of the ABI, and what they are in the engine. 0 always stands for "none" or for the
//! default.

use super::guard::{Outcome, invalid};
use crate::{
    base::{
        plan::{CodecKind, Direction, LatchPolicy, SrtpSuite},
        time::Ptime,
    },
    engine::{DtmfMethod, SipTransport, SrtpPolicy, UdpKeepAlive},
};

/// No id: what a call without account has, and what no function takes for an object.
pub const SIDETONE_ID_NONE: u64 = 0;

/// Transport: what the URI asks for, else what the domain's DNS records choose, else UDP; the default.
pub const SIDETONE_TRANSPORT_AUTO: u32 = 16;
/// Transport: UDP.
pub const SIDETONE_TRANSPORT_UDP: u32 = 1;
/// Transport: TCP.
pub const SIDETONE_TRANSPORT_TCP: u32 = 2;
/// Transport: TLS.
pub const SIDETONE_TRANSPORT_TLS: u32 = 3;
/// Transport: WebSocket (RFC 7118).
pub const SIDETONE_TRANSPORT_WS: u32 = 4;
/// Transport: WebSocket over TLS.
pub const SIDETONE_TRANSPORT_WSS: u32 = 5;

/// Keep-alive over UDP: STUN where the registrar supports `outbound` (RFC 5626), else CRLF; the
/// default.
pub const SIDETONE_KEEP_ALIVE_AUTO: u32 = 1;
/// Keep-alive over UDP: CRLF, which nobody answers.
pub const SIDETONE_KEEP_ALIVE_CRLF: u32 = 2;
/// Keep-alive over UDP: STUN, so that a dead flow is noticed.
pub const SIDETONE_KEEP_ALIVE_STUN: u32 = 3;

/// State of a call: being set up, nothing was sent yet.
pub const SIDETONE_CALL_NEW: u32 = 0;
/// State of a call: INVITE sent.
pub const SIDETONE_CALL_DIALING: u32 = 1;
/// State of a call: an INVITE came; ring, answer or reject it.
pub const SIDETONE_CALL_INCOMING: u32 = 2;
/// State of a call: 180 received or sent.
pub const SIDETONE_CALL_RINGING: u32 = 3;
/// State of a call: 183 with media received, the far end is heard before it answers.
pub const SIDETONE_CALL_EARLY_MEDIA: u32 = 4;
/// State of a call: answered.
pub const SIDETONE_CALL_CONNECTED: u32 = 5;
/// State of a call: BYE or CANCEL is under way.
pub const SIDETONE_CALL_ENDING: u32 = 6;
/// State of a call: over. Its id is stale once this event was pulled.
pub const SIDETONE_CALL_ENDED: u32 = 7;

/// Codec: G.711 mu-law, 8 kHz.
pub const SIDETONE_CODEC_PCMU: u32 = 1;
/// Codec: G.711 A-law, 8 kHz.
pub const SIDETONE_CODEC_PCMA: u32 = 2;
/// Codec: Opus, 48 kHz.
pub const SIDETONE_CODEC_OPUS: u32 = 3;
/// Codec: G.722, 16 kHz.
pub const SIDETONE_CODEC_G722: u32 = 4;

/// SRTP: plain RTP only.
pub const SIDETONE_SRTP_OFF: u32 = 1;
/// SRTP: offered, and used when the far end has it; the default.
pub const SIDETONE_SRTP_OPTIONAL: u32 = 2;
/// SRTP: a call without it fails.
pub const SIDETONE_SRTP_MANDATORY: u32 = 3;

/// Suite: AES_CM_128_HMAC_SHA1_80 (RFC 4568).
pub const SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_80: u32 = 1;
/// Suite: AES_CM_128_HMAC_SHA1_32 (RFC 4568).
pub const SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_32: u32 = 2;
/// Suite: AES_256_CM_HMAC_SHA1_80 (RFC 6188).
pub const SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_80: u32 = 3;
/// Suite: AES_256_CM_HMAC_SHA1_32 (RFC 6188).
pub const SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_32: u32 = 4;
/// Suite: AEAD_AES_128_GCM (RFC 7714).
pub const SIDETONE_SUITE_AEAD_AES_128_GCM: u32 = 5;
/// Suite: AEAD_AES_256_GCM (RFC 7714).
pub const SIDETONE_SUITE_AEAD_AES_256_GCM: u32 = 6;

/// DTMF: telephone-event where the far end has it, else INFO where it says that it takes that, else
/// tones; the default.
pub const SIDETONE_DTMF_AUTO: u32 = 1;
/// DTMF: telephone-event (RFC 4733).
pub const SIDETONE_DTMF_RTP: u32 = 2;
/// DTMF: INFO with application/dtmf-relay.
pub const SIDETONE_DTMF_INFO: u32 = 3;
/// DTMF: tones in the audio.
pub const SIDETONE_DTMF_TONES: u32 = 4;

/// Symmetric RTP: never, media goes where the SDP says.
pub const SIDETONE_LATCH_OFF: u32 = 1;
/// Symmetric RTP: the first valid packet's source is taken and kept; the default.
pub const SIDETONE_LATCH_ONCE: u32 = 2;
/// Symmetric RTP: each new source is followed until valid RTCP came from one.
pub const SIDETONE_LATCH_UNTIL_RTCP: u32 = 3;

/// Direction of media: both ways.
pub const SIDETONE_DIRECTION_SENDRECV: u32 = 1;
/// Direction of media: we only send.
pub const SIDETONE_DIRECTION_SENDONLY: u32 = 2;
/// Direction of media: we only receive.
pub const SIDETONE_DIRECTION_RECVONLY: u32 = 3;
/// Direction of media: neither.
pub const SIDETONE_DIRECTION_INACTIVE: u32 = 4;

/// Length of the lists of codecs and suites in structs.
pub const SIDETONE_LIST_MAX: u32 = 16;

/// [`SIDETONE_LIST_MAX`] as an array length.
pub(super) const LIST: usize = 16;

pub(super) fn transport(number: u32) -> Outcome<SipTransport> {
    match number {
        0 | SIDETONE_TRANSPORT_AUTO => Ok(SipTransport::Auto),
        SIDETONE_TRANSPORT_UDP => Ok(SipTransport::Udp),
        SIDETONE_TRANSPORT_TCP => Ok(SipTransport::Tcp),
        SIDETONE_TRANSPORT_TLS => Ok(SipTransport::Tls),
        SIDETONE_TRANSPORT_WS => Ok(SipTransport::Ws),
        SIDETONE_TRANSPORT_WSS => Ok(SipTransport::Wss),
        _ => Err(unknown("transport", number)),
    }
}

pub(super) fn udp_keep_alive(number: u32) -> Outcome<UdpKeepAlive> {
    match number {
        0 | SIDETONE_KEEP_ALIVE_AUTO => Ok(UdpKeepAlive::Auto),
        SIDETONE_KEEP_ALIVE_CRLF => Ok(UdpKeepAlive::Crlf),
        SIDETONE_KEEP_ALIVE_STUN => Ok(UdpKeepAlive::Stun),
        _ => Err(unknown("keep-alive", number)),
    }
}

pub(super) fn codec_number(codec: Option<CodecKind>) -> u32 {
    match codec {
        None => 0,
        Some(CodecKind::Pcmu) => SIDETONE_CODEC_PCMU,
        Some(CodecKind::Pcma) => SIDETONE_CODEC_PCMA,
        Some(CodecKind::Opus) => SIDETONE_CODEC_OPUS,
        Some(CodecKind::G722) => SIDETONE_CODEC_G722,
    }
}

fn codec(number: u32) -> Outcome<CodecKind> {
    match number {
        SIDETONE_CODEC_PCMU => Ok(CodecKind::Pcmu),
        SIDETONE_CODEC_PCMA => Ok(CodecKind::Pcma),
        SIDETONE_CODEC_OPUS => Ok(CodecKind::Opus),
        SIDETONE_CODEC_G722 => Ok(CodecKind::G722),
        _ => Err(unknown("codec", number)),
    }
}

/// A list that ends with 0; `None` when it is empty.
pub(super) fn codecs(list: &[u32; LIST]) -> Outcome<Option<Vec<CodecKind>>> {
    collect(list, codec, "codecs")
}

pub(super) fn suite_number(suite: Option<SrtpSuite>) -> u32 {
    match suite {
        None => 0,
        Some(SrtpSuite::Aes128CmSha1_80) => SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_80,
        Some(SrtpSuite::Aes128CmSha1_32) => SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_32,
        Some(SrtpSuite::Aes256CmSha1_80) => SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_80,
        Some(SrtpSuite::Aes256CmSha1_32) => SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_32,
        Some(SrtpSuite::AeadAes128Gcm) => SIDETONE_SUITE_AEAD_AES_128_GCM,
        Some(SrtpSuite::AeadAes256Gcm) => SIDETONE_SUITE_AEAD_AES_256_GCM,
    }
}

fn suite(number: u32) -> Outcome<SrtpSuite> {
    SrtpSuite::ALL
        .into_iter()
        .find(|&suite| suite_number(Some(suite)) == number)
        .ok_or_else(|| unknown("SRTP suite", number))
}

/// A list that ends with 0; `None` when it is empty.
pub(super) fn suites(list: &[u32; LIST]) -> Outcome<Option<Vec<SrtpSuite>>> {
    collect(list, suite, "srtp_suites")
}

pub(super) fn srtp(number: u32) -> Outcome<Option<SrtpPolicy>> {
    match number {
        0 => Ok(None),
        SIDETONE_SRTP_OFF => Ok(Some(SrtpPolicy::Off)),
        SIDETONE_SRTP_OPTIONAL => Ok(Some(SrtpPolicy::Optional)),
        SIDETONE_SRTP_MANDATORY => Ok(Some(SrtpPolicy::Mandatory)),
        _ => Err(unknown("SRTP policy", number)),
    }
}

pub(super) fn dtmf(number: u32) -> Outcome<DtmfMethod> {
    match number {
        0 | SIDETONE_DTMF_AUTO => Ok(DtmfMethod::Auto),
        SIDETONE_DTMF_RTP => Ok(DtmfMethod::Rtp),
        SIDETONE_DTMF_INFO => Ok(DtmfMethod::Info),
        SIDETONE_DTMF_TONES => Ok(DtmfMethod::Tones),
        _ => Err(unknown("DTMF method", number)),
    }
}

pub(super) fn latch(number: u32) -> Outcome<LatchPolicy> {
    match number {
        0 => Ok(LatchPolicy::default()),
        SIDETONE_LATCH_OFF => Ok(LatchPolicy::Off),
        SIDETONE_LATCH_ONCE => Ok(LatchPolicy::Once),
        SIDETONE_LATCH_UNTIL_RTCP => Ok(LatchPolicy::UntilRtcp),
        _ => Err(unknown("latch policy", number)),
    }
}

pub(super) fn latch_number(latch: LatchPolicy) -> u32 {
    match latch {
        LatchPolicy::Off => SIDETONE_LATCH_OFF,
        LatchPolicy::Once => SIDETONE_LATCH_ONCE,
        LatchPolicy::UntilRtcp => SIDETONE_LATCH_UNTIL_RTCP,
    }
}

pub(super) fn direction_number(direction: Direction) -> u32 {
    match direction {
        Direction::SendRecv => SIDETONE_DIRECTION_SENDRECV,
        Direction::SendOnly => SIDETONE_DIRECTION_SENDONLY,
        Direction::RecvOnly => SIDETONE_DIRECTION_RECVONLY,
        Direction::Inactive => SIDETONE_DIRECTION_INACTIVE,
    }
}

/// `None` for 0.
pub(super) fn ptime(ms: u32) -> Outcome<Option<Ptime>> {
    if ms == 0 {
        return Ok(None);
    }
    Ptime::from_ms(ms)
        .map(Some)
        .ok_or_else(|| invalid(format!("ptime_ms {ms}: give 10, 20, 30, 40, 50 or 60")))
}

pub(super) fn port(number: u32, name: &str) -> Outcome<u16> {
    u16::try_from(number).map_err(|_| invalid(format!("{name} {number} is above 65535")))
}

pub(super) fn port_range(first: u32, last: u32) -> Outcome<(u16, u16)> {
    let range = (port(first, "rtp_port_first")?, port(last, "rtp_port_last")?);
    if range.0 > range.1 || (range.0 == 0 && range.1 != 0) {
        return Err(invalid(format!("RTP ports {first} to {last}: give a range, or 0 and 0")));
    }
    Ok(range)
}

/// A switch of C: 0 or 1.
pub(super) fn switch(number: u32, name: &str) -> Outcome<bool> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(invalid(format!("{name} {number}: give 0 or 1"))),
    }
}

fn collect<T: PartialEq>(
    list: &[u32; LIST],
    one: impl Fn(u32) -> Outcome<T>,
    name: &str,
) -> Outcome<Option<Vec<T>>> {
    let end = list.iter().position(|&number| number == 0).unwrap_or(LIST);
    if list[end..].iter().any(|&number| number != 0) {
        return Err(invalid(format!("{name}: an entry stands behind the 0 that ends the list")));
    }
    let mut values = Vec::with_capacity(end);
    for &number in &list[..end] {
        let value = one(number)?;
        if values.contains(&value) {
            return Err(invalid(format!("{name}: {number} stands twice")));
        }
        values.push(value);
    }
    Ok((!values.is_empty()).then_some(values))
}

fn unknown(what: &str, number: u32) -> crate::engine::Error {
    invalid(format!("{what} {number} is not one that this library knows"))
}

//! What a call is given: who we are, where media is, what we may agree to.

use std::{sync::Arc, time::Duration};

use super::{passing::Passing, services::Services, terms::AudioTerms};
use crate::proto::sip::{
    auth::Credentials,
    uri::{NameAddr, Uri},
    wire::{HeaderName, Headers},
};

/// Everything that a call is made with. Plain data; a machine keeps its own copy.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we are: From of the requests of an outgoing call, without a tag.
    pub identity: NameAddr,
    /// Where requests reach us: Contact. Address and port concrete, `transport=tcp` where so.
    pub contact: Uri,
    /// For 401 and 407, the first whose realms fit; with none a challenge ends the call.
    pub credentials: Vec<Credentials>,
    /// First hop of requests outside a dialog (becomes a loose route).
    pub outbound_proxy: Option<Uri>,
    /// Hops of such requests after that one: of the account's settings, or learned by Service-Route
    /// (RFC 3608).
    pub routes: Vec<Uri>,
    /// Media address and ports, codecs, packet time, SRTP.
    pub audio: AudioTerms,
    /// Headers added to every request of the call. Those that the machine itself writes (From,
    /// CSeq, Contact, …; [`is_own_header`]) are passed over.
    pub headers: Vec<(String, String)>,
    /// Headers added to the INVITE of an outgoing call.
    pub invite_headers: Vec<(String, String)>,
    /// An outgoing call is cancelled, an incoming one answered with 480, after this time.
    pub no_answer: Duration,
    /// Timers.
    pub timers: CallTimers,
    /// Session timer of RFC 4028.
    pub session: SessionTimer,
    /// Reliable provisional responses.
    pub prack: Prack,
    /// What our user hears of an outgoing call before the answer.
    pub early_media: EarlyMedia,
    /// An outgoing call's INVITE has no offer: the far end makes it, and our ACK answers.
    pub delayed_offer: bool,
    /// What is done without asking.
    pub services: Services,
    /// Requests that are handed to the host.
    pub passing: Arc<Passing>,
}

impl Settings {
    /// Settings with the defaults of RFC 3261 and this engine.
    pub fn new(identity: NameAddr, contact: Uri, audio: AudioTerms) -> Self {
        Self {
            identity,
            contact,
            credentials: Vec::new(),
            outbound_proxy: None,
            routes: Vec::new(),
            audio,
            headers: Vec::new(),
            invite_headers: Vec::new(),
            no_answer: NO_ANSWER,
            timers: CallTimers::default(),
            session: SessionTimer::default(),
            prack: Prack::default(),
            early_media: EarlyMedia::default(),
            delayed_offer: false,
            services: Services::default(),
            passing: Arc::default(),
        }
    }
}

/// Timers of RFC 3261 table 4 that the TU needs: a 2xx is repeated by it, not by its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTimers {
    /// Round-trip estimate, 500 ms.
    pub t1: Duration,
    /// Longest interval between repeats, 4 s.
    pub t2: Duration,
}

impl Default for CallTimers {
    fn default() -> Self {
        Self { t1: Duration::from_millis(500), t2: Duration::from_secs(4) }
    }
}

/// The session timer (RFC 4028).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimer {
    /// Interval that we ask for in our INVITEs; `None` (the default): none, but the far end's is
    /// honoured.
    pub interval: Option<Duration>,
    /// The shortest interval that we take (Min-SE), 90 s.
    pub min: Duration,
}

impl Default for SessionTimer {
    fn default() -> Self {
        Self { interval: None, min: Duration::from_secs(90) }
    }
}

/// Reliable provisional responses (100rel, RFC 3262).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prack {
    /// Not supported; an INVITE that requires them gets 420.
    Off,
    /// Supported. Ours are reliable when the caller requires it, or supports it and they carry a
    /// description.
    #[default]
    Supported,
    /// Required of the far end, and every one of ours is reliable; a caller that cannot gets 421.
    Required,
}

/// What our user hears before the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyMedia {
    /// A ringback tone from the 180 on, until the first RTP packet of the far end.
    #[default]
    Auto,
    /// The far end's media and never a tone.
    Remote,
    /// The tone, whatever the far end sends.
    Local,
    /// Nothing.
    Silence,
}

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

/// Whether a header is written by this engine alone, so that a host's is passed over.
pub fn is_own_header(name: &str) -> bool {
    const OWN: [&str; 24] = [
        "Via",
        "v",
        "From",
        "f",
        "To",
        "t",
        "Call-ID",
        "i",
        "CSeq",
        "Contact",
        "m",
        "Max-Forwards",
        "Content-Length",
        "l",
        "Content-Type",
        "c",
        "Route",
        "Record-Route",
        "Authorization",
        "Proxy-Authorization",
        "Require",
        "Supported",
        "Allow",
        "Session-Expires",
    ];
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name.trim()))
}

/// Adds a host's headers; one whose name is no token is passed over too.
pub(super) fn push_headers(headers: &mut Headers, added: &[(String, String)]) {
    for (name, value) in added.iter().filter(|(name, _)| !is_own_header(name)) {
        if let Some(name) = HeaderName::parse(name.trim()) {
            headers.push(name, value);
        }
    }
}

/// Longest time that a call rings by default.
pub const NO_ANSWER: Duration = Duration::from_secs(180);

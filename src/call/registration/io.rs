//! What goes into a registration and what comes out.

use std::time::Duration;

use crate::proto::sip::{
    auth::Credentials,
    transaction::Failure,
    uri::{NameAddr, Uri},
    wire::{Message, Request},
};

/// What a registration is made with.
#[derive(Clone, Debug)]
pub struct RegistrationSettings {
    /// Address of record, with the display name if there is one.
    pub aor: NameAddr,
    /// Request-URI of REGISTER: the registrar.
    pub registrar: Uri,
    /// Where we are reached.
    pub contact: Uri,
    /// For 401 and 407, the first whose realms fit.
    pub credentials: Vec<Credentials>,
    /// First hop (becomes a loose route).
    pub outbound_proxy: Option<Uri>,
    /// Hops after that one.
    pub routes: Vec<Uri>,
    /// REGISTERs go over TLS: a redirection to where none leads is not followed.
    pub secure: bool,
    /// Headers added to every REGISTER.
    pub headers: Vec<(String, String)>,
    /// Lifetime that we ask for.
    pub expires: Duration,
    /// Least lifetime asked for after a 423.
    pub min_expires: Duration,
    /// First wait after a failure; doubled each time up to `retry_max`.
    pub retry_base: Duration,
    /// Longest wait.
    pub retry_max: Duration,
    /// Which device this is, `urn:uuid:…` (RFC 5626 §4.1, RFC 5627 §4.1); empty: not said.
    pub instance: String,
    /// Whether the registrar is asked to reach us over the flow that the REGISTER came on
    /// (`reg-id`, RFC 5626 §4.2). Needs `instance`.
    pub outbound: bool,
    /// Whether we ask for names of this device that are reached from anywhere (RFC 5627). Needs
    /// `instance`.
    pub gruu: bool,
}

impl RegistrationSettings {
    /// Settings with the defaults of this engine: 300 s, retries after 2 s up to 300 s, no instance
    /// id, no outbound and no GRUU.
    pub fn new(aor: NameAddr, registrar: Uri, contact: Uri) -> Self {
        Self {
            aor,
            registrar,
            contact,
            credentials: Vec::new(),
            outbound_proxy: None,
            routes: Vec::new(),
            secure: false,
            headers: Vec::new(),
            expires: Duration::from_secs(300),
            min_expires: Duration::from_secs(60),
            retry_base: Duration::from_secs(2),
            retry_max: Duration::from_secs(300),
            instance: String::new(),
            outbound: false,
            gruu: false,
        }
    }
}

/// What goes into a registration.
#[derive(Clone, Debug)]
pub enum RegistrationInput {
    /// Register, or refresh at once.
    Register,
    /// Take the registration back.
    Unregister,
    /// Use these settings from now on. Follow it by `Register` to tell the registrar.
    Configure(Box<RegistrationSettings>),
    /// A response to a request of ours.
    Response {
        /// Tag of the request.
        tag: u32,
        /// The response.
        message: Message,
    },
    /// A request of ours came to nothing.
    Failed {
        /// Tag of the request.
        tag: u32,
        /// Why.
        reason: Failure,
    },
    /// We are reached elsewhere now: the machine's own address has changed, or a REGISTER went over
    /// another transport. The registrar is told.
    Moved {
        /// Where.
        contact: Uri,
    },
    /// The connection to the registrar broke, or its keep-alive was not answered
    /// (RFC 5626 §4.4).
    FlowFailed,
    /// The network may be another, or the machine has slept: what was registered may be gone.
    Woke,
    /// The system tells of other addresses or routes: a registrar that was away may be there again.
    /// It is tried sooner, but not more often than every 5 s because of this, and not before a
    /// Retry-After that it gave; failures count on.
    Rerouted,
    /// The time of [`super::Registration::poll_timeout`] has come.
    Timeout,
}

/// What comes out of a registration.
// Outputs are moved once, from the queue to their owner.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum RegistrationOutput {
    /// Send a request in a new client transaction.
    Request {
        /// Number of this request within the registration.
        tag: u32,
        /// The request.
        request: Request,
    },
    /// The registration changed.
    Event(RegistrationEvent),
}

/// How a registration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationEvent {
    /// State.
    pub state: RegistrationState,
    /// Status code of the response behind it, 0 when there is none.
    pub code: u16,
    /// Reason phrase, or our own words.
    pub text: String,
    /// Lifetime granted; zero unless registered.
    pub expires: Duration,
}

/// State of a registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegistrationState {
    /// Not registered, and not trying.
    #[default]
    Unregistered,
    /// A REGISTER is under way.
    Registering,
    /// Registered until the refresh.
    Registered,
    /// It failed; it is tried again after a while.
    Retrying,
    /// It failed for good (credentials refused); only `Register` tries again.
    Failed,
    /// Un-REGISTER is under way.
    Unregistering,
}

/// Whether an account is reached through its registrar.
///
/// ```text
///  Idle ──register──> Probing ──2xx──> Up ──failure, flow broken──> Lost ──wait──> Probing
///                        ▲              └──own address changed──> Moved ──2xx──> Up
///                        └──slept, other network── (any)           └──failure──> Lost
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Reach {
    /// Not wanted, or given up for good.
    #[default]
    Idle = 0,
    /// The registrar knows where we are.
    Up = 1,
    /// The registrar was not reached, or refused; it is tried again.
    Lost = 2,
    /// A REGISTER is out that will tell.
    Probing = 3,
    /// Our address has changed, and a REGISTER with the new one is out.
    Moved = 4,
}

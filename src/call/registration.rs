//! A registration: a machine of its own, not a call (RFC 3261 §10, RFC 5626 §4.5 for the waits).
//!
//! ```text
//! Unregistered ──register──> Registering ──2xx──> Registered ──before expiry──> REGISTER again
//!      ^                        │   └──refused credentials──> Failed (until register)
//!      │                        └──anything else──> Retrying ──back-off──> REGISTER again
//!      └──any final── Unregistering <──unregister
//! ```
//!
//! One input, then drain [`Registration::poll_output`]. One REGISTER is out at a time (§10.2); what
//! is asked meanwhile is done when its answer is there.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{machine::phrase, settings::push_headers};
use crate::{
    base::rng::Rng,
    proto::sip::{
        auth::{Authenticator, Credentials},
        transaction::Failure,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Method, Request},
    },
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
    /// For 401 and 407, the first whose realm fits.
    pub credentials: Vec<Credentials>,
    /// First hop (becomes a loose route).
    pub outbound_proxy: Option<Uri>,
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
}

impl RegistrationSettings {
    /// Settings with the defaults of this engine: 300 s, retries after 2 s up to 300 s.
    pub fn new(aor: NameAddr, registrar: Uri, contact: Uri) -> Self {
        Self {
            aor,
            registrar,
            contact,
            credentials: Vec::new(),
            outbound_proxy: None,
            headers: Vec::new(),
            expires: Duration::from_secs(300),
            min_expires: Duration::from_secs(60),
            retry_base: Duration::from_secs(2),
            retry_max: Duration::from_secs(300),
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
    /// The time of [`Registration::poll_timeout`] has come.
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

/// One registration. See the module's doc for the drain rule.
#[derive(Debug)]
pub struct Registration {
    settings: RegistrationSettings,
    rng: Rng,
    authenticator: Authenticator,
    outputs: VecDeque<RegistrationOutput>,
    state: RegistrationState,
    call_id: String,
    from_tag: String,
    cseq: u32,
    next_tag: u32,
    pending: Option<Pending>,
    /// What to do when the answer is there.
    next: Option<Wish>,
    /// Lifetime to ask for; a 423 raises it.
    expires: Duration,
    /// Contact as it was registered, to be taken back under the same name.
    bound: Option<Uri>,
    wake: Option<Instant>,
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Register,
    Unregister,
}

#[derive(Debug)]
struct Pending {
    tag: u32,
    wish: Wish,
    request: Request,
    /// 423 was answered by asking for more; not for ever.
    raised: u32,
}

impl Registration {
    /// A registration that does nothing before [`RegistrationInput::Register`].
    pub fn new(settings: RegistrationSettings, mut rng: Rng) -> Self {
        Self {
            authenticator: Authenticator::new(settings.credentials.clone()),
            outputs: VecDeque::new(),
            state: RegistrationState::Unregistered,
            call_id: rng.token(26),
            from_tag: rng.token(16),
            cseq: rng.below(1 << 16),
            next_tag: 1,
            pending: None,
            next: None,
            expires: settings.expires,
            bound: None,
            wake: None,
            failures: 0,
            settings,
            rng,
        }
    }

    /// Feeds one input; then drain [`Registration::poll_output`].
    pub fn handle_input(&mut self, now: Instant, input: RegistrationInput) {
        match input {
            RegistrationInput::Register => self.register(),
            RegistrationInput::Unregister => self.unregister(),
            RegistrationInput::Configure(settings) => {
                self.authenticator = Authenticator::new(settings.credentials.clone());
                self.expires = settings.expires;
                self.settings = *settings;
            }
            RegistrationInput::Response { tag, message } => {
                if let Some(status) = message.status().filter(|status| *status >= 200)
                    && let Some(pending) = self.pending.take_if(|pending| pending.tag == tag)
                {
                    self.handle_final(now, status, &message, pending);
                }
            }
            RegistrationInput::Failed { tag, reason } => {
                if let Some(pending) = self.pending.take_if(|pending| pending.tag == tag) {
                    let text = match reason {
                        Failure::Timeout => "the registrar does not answer",
                        Failure::Transport => "the registrar cannot be reached",
                        _ => "the request could not be sent",
                    };
                    self.handle_failure(now, pending.wish, 0, text, None);
                }
            }
            RegistrationInput::Timeout => {
                if self.wake.is_some_and(|wake| wake <= now) {
                    self.wake = None;
                    self.send(Wish::Register, 0);
                }
            }
        }
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<RegistrationOutput> {
        self.outputs.pop_front()
    }

    /// When [`RegistrationInput::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }

    /// Where it stands.
    pub fn state(&self) -> RegistrationState {
        self.state
    }

    fn register(&mut self) {
        self.wake = None;
        self.failures = 0;
        self.expires = self.expires.max(self.settings.expires);
        if self.state != RegistrationState::Registering {
            self.enter(RegistrationState::Registering, 0, "", Duration::ZERO);
        }
        if self.pending.is_some() {
            self.next = Some(Wish::Register);
        } else {
            self.send(Wish::Register, 0);
        }
    }

    fn unregister(&mut self) {
        self.wake = None;
        if self.pending.is_some() {
            if self.state != RegistrationState::Unregistering {
                self.enter(RegistrationState::Unregistering, 0, "", Duration::ZERO);
            }
            self.next = Some(Wish::Unregister);
        } else if self.bound.is_some() {
            self.enter(RegistrationState::Unregistering, 0, "", Duration::ZERO);
            self.send(Wish::Unregister, 0);
        } else {
            self.enter(RegistrationState::Unregistered, 0, "", Duration::ZERO);
        }
    }

    fn handle_final(&mut self, now: Instant, status: u16, message: &Message, mut pending: Pending) {
        let text = phrase(message);
        match status {
            200..300 => self.handle_success(now, message, pending.wish),
            401 | 407 => match self.authenticator.handle_challenge(message, &mut self.rng) {
                Ok(()) => {
                    self.cseq += 1;
                    pending.request.set_cseq(self.cseq);
                    self.authenticator.authorize(&mut pending.request);
                    self.dispatch(pending.wish, pending.request, pending.raised);
                }
                Err(error) => self.give_up(pending.wish, status, &error.to_string()),
            },
            403 => self.give_up(pending.wish, status, &text),
            423 if pending.wish == Wish::Register && pending.raised < 3 => {
                let seconds = message.number(HeaderId::MinExpires).unwrap_or(0);
                let min = Duration::from_secs(u64::from(seconds)).max(self.settings.min_expires);
                self.expires = self.expires.max(min);
                self.send(Wish::Register, pending.raised + 1);
            }
            _ => {
                let after = message.number(HeaderId::RetryAfter);
                let after = after.map(|seconds| Duration::from_secs(u64::from(seconds)));
                self.handle_failure(now, pending.wish, status, &text, after);
            }
        }
    }

    fn handle_success(&mut self, now: Instant, message: &Message, wish: Wish) {
        self.failures = 0;
        self.authenticator.handle_success();
        if wish == Wish::Unregister {
            self.bound = None;
            return self.settled(message.status().unwrap_or(200), &phrase(message));
        }
        let granted = self.granted(message);
        if granted.is_zero() {
            let text = "the registrar granted no lifetime";
            return self.handle_failure(now, wish, 200, text, None);
        }
        self.bound = Some(self.settings.contact.clone());
        if self.take_next() {
            return;
        }
        // Between 75 % and 90 % of the lifetime: early enough for a repeat, and spread so that many
        // phones do not come at once.
        let share = 750 + self.rng.below(151);
        self.wake = Some(now + granted * share / 1000);
        self.enter(RegistrationState::Registered, 200, &phrase(message), granted);
    }

    /// Lifetime in the 2xx: of our own Contact, else Expires, else what we asked (RFC 3261 §10.2.4).
    fn granted(&self, message: &Message) -> Duration {
        let contact = &self.settings.contact;
        let own = message.contacts().find(|listed| {
            listed.uri.same_user_and_host(contact) && listed.uri.port() == contact.port()
        });
        let seconds = own
            .and_then(|own| own.params.value("expires").and_then(|text| text.parse::<u32>().ok()))
            .or_else(|| message.number(HeaderId::Expires));
        seconds.map_or(self.expires, |seconds| Duration::from_secs(u64::from(seconds)))
    }

    fn handle_failure(
        &mut self,
        now: Instant,
        wish: Wish,
        code: u16,
        text: &str,
        after: Option<Duration>,
    ) {
        if wish == Wish::Unregister {
            // It runs out at the registrar by itself.
            self.bound = None;
            return self.settled(code, text);
        }
        if self.take_next() {
            return;
        }
        let wait = after.unwrap_or_else(|| self.back_off());
        self.failures = self.failures.saturating_add(1);
        self.wake = Some(now + wait);
        self.enter(RegistrationState::Retrying, code, text, Duration::ZERO);
    }

    /// RFC 5626 §4.5: doubled each time up to a maximum, and spread over its upper half.
    fn back_off(&mut self) -> Duration {
        let doubled = self.settings.retry_base.saturating_mul(1 << self.failures.min(16));
        let upper = doubled.min(self.settings.retry_max);
        upper / 2 + (upper / 2) * self.rng.below(1001) / 1000
    }

    fn give_up(&mut self, wish: Wish, code: u16, text: &str) {
        if wish == Wish::Unregister {
            self.bound = None;
            return self.settled(code, text);
        }
        if self.take_next() {
            return;
        }
        self.bound = None;
        self.enter(RegistrationState::Failed, code, text, Duration::ZERO);
    }

    /// The un-REGISTER is answered, one way or the other.
    fn settled(&mut self, code: u16, text: &str) {
        if !self.take_next() {
            self.enter(RegistrationState::Unregistered, code, text, Duration::ZERO);
        }
    }

    /// Does what was asked while a REGISTER was out.
    fn take_next(&mut self) -> bool {
        match self.next.take() {
            Some(Wish::Register) => self.send(Wish::Register, 0),
            Some(Wish::Unregister) if self.bound.is_some() => self.send(Wish::Unregister, 0),
            Some(Wish::Unregister) => {
                self.enter(RegistrationState::Unregistered, 0, "", Duration::ZERO);
            }
            None => return false,
        }
        true
    }

    fn send(&mut self, wish: Wish, raised: u32) {
        let settings = &self.settings;
        let mut request = Request::new(Method::Register, settings.registrar.for_request());
        let headers = &mut request.headers;
        if let Some(proxy) = &settings.outbound_proxy {
            let route = proxy.clone().with_param("lr", None);
            headers.push(HeaderId::Route, NameAddr::new(route).to_string());
        }
        headers.push(HeaderId::From, settings.aor.clone().with_tag(&self.from_tag).to_string());
        headers.push(HeaderId::To, settings.aor.to_string());
        headers.push(HeaderId::CallId, &self.call_id);
        let (seconds, contact) = match (wish, &self.bound) {
            (Wish::Unregister, Some(bound)) => (0, bound),
            (Wish::Unregister, None) => (0, &settings.contact),
            (Wish::Register, _) => (self.expires.as_secs().max(1), &settings.contact),
        };
        let mut contact = NameAddr::new(contact.clone());
        contact.params.set("expires", Some(&seconds.to_string()));
        headers.push(HeaderId::Contact, contact.to_string());
        headers.push(HeaderId::Expires, seconds.to_string());
        push_headers(headers, &settings.headers);
        self.cseq += 1;
        request.set_cseq(self.cseq);
        self.authenticator.authorize(&mut request);
        self.dispatch(wish, request, raised);
    }

    fn dispatch(&mut self, wish: Wish, request: Request, raised: u32) {
        let tag = self.next_tag;
        self.next_tag += 1;
        self.pending = Some(Pending { tag, wish, request: request.clone(), raised });
        self.outputs.push_back(RegistrationOutput::Request { tag, request });
    }

    fn enter(&mut self, state: RegistrationState, code: u16, text: &str, expires: Duration) {
        self.state = state;
        let event = RegistrationEvent { state, code, text: text.to_owned(), expires };
        self.outputs.push_back(RegistrationOutput::Event(event));
    }
}

//! A registration: a machine of its own, not a call (RFC 3261 §10; RFC 3327 Path, 3608 Service-Route,
//! 5626 outbound and its waits (§4.5), 5627 GRUU).
//!
//! ```text
//! Unregistered ──register──> Registering ──2xx──> Registered ──before expiry──> REGISTER again
//!      ^                        │   └──refused credentials──> Failed (until register)
//!      │                        └──anything else──> Retrying ──back-off──> REGISTER again
//!      └──any final── Unregistering <──unregister
//! ```
//!
//! Beside the state it tells whether the account is reached: [`Reach`]. What happens to the network
//! comes in as `Moved`, `FlowFailed` and `Woke`; from any order of inputs it ends registered, or with
//! an event that says why not.
//!
//! One input, then drain [`Registration::poll_output`]. One REGISTER is out at a time (§10.2); what
//! is asked meanwhile is done when its answer is there.

mod grant;
mod io;
mod network;
mod request;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

pub use grant::Grant;
pub use io::{
    Reach, RegistrationEvent, RegistrationInput, RegistrationOutput, RegistrationSettings,
    RegistrationState,
};

use super::{machine::phrase, settings::push_headers};
use crate::{
    base::rng::Rng,
    proto::sip::{
        auth::{Authenticator, ChallengeError},
        transaction::Failure,
        uri::{NameAddr, Scheme, Uri},
        wire::{HeaderId, Message, Request},
    },
};

/// Redirections in a row that are followed.
const MOST_REDIRECTIONS: u32 = 5;
/// A registrar may ask for an hour of patience (Retry-After), and not for years.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// 423s in a row that are answered by asking for more.
const MOST_RAISES: u32 = 3;

/// One registration. See the module's doc for the drain rule.
#[derive(Debug)]
pub struct Registration {
    settings: RegistrationSettings,
    rng: Rng,
    authenticator: Authenticator,
    outputs: VecDeque<RegistrationOutput>,
    state: RegistrationState,
    reach: Reach,
    grant: Grant,
    /// What a 301 said is the registrar now.
    registrar: Option<Uri>,
    /// Whose challenges the authenticator knows: the Request-URI of the latest REGISTER.
    asked_by: Option<Uri>,
    /// A 439 said that the first hop cannot keep flows.
    no_outbound: bool,
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
    /// `wake` is what the registrar asked for (Retry-After).
    told_to_wait: bool,
    /// The latest attempt that a change of the network brought about, or will.
    rerouted_at: Option<Instant>,
    failures: u32,
    /// Since when registered, and how often in a row the flow broke soon after.
    up_since: Option<Instant>,
    broken_flows: u32,
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
    tries: Tries,
}

/// What one REGISTER went through; nothing of it goes on for ever.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    /// 423s answered by asking for more.
    raised: u32,
    redirected: u32,
}

impl Registration {
    /// A registration that does nothing before [`RegistrationInput::Register`].
    pub fn new(settings: RegistrationSettings, mut rng: Rng) -> Self {
        Self {
            authenticator: Authenticator::new(settings.credentials.clone()),
            outputs: VecDeque::new(),
            state: RegistrationState::Unregistered,
            reach: Reach::Idle,
            grant: Grant::default(),
            registrar: None,
            asked_by: None,
            no_outbound: false,
            call_id: rng.token(26),
            from_tag: rng.token(16),
            cseq: rng.below(1 << 16),
            next_tag: 1,
            pending: None,
            next: None,
            expires: settings.expires,
            bound: None,
            wake: None,
            told_to_wait: false,
            rerouted_at: None,
            failures: 0,
            up_since: None,
            broken_flows: 0,
            settings,
            rng,
        }
    }

    /// Feeds one input; then drain [`Registration::poll_output`].
    pub fn handle_input(&mut self, now: Instant, input: RegistrationInput) {
        match input {
            RegistrationInput::Register => self.register(),
            RegistrationInput::Unregister => self.unregister(),
            RegistrationInput::Configure(settings) => self.configure(*settings),
            RegistrationInput::Response { tag, message } => {
                let Some(status) = message.status().filter(|status| *status >= 200) else { return };
                if let Some(pending) = self.pending.take_if(|pending| pending.tag == tag) {
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
            RegistrationInput::Moved { contact } => self.moved(now, contact),
            RegistrationInput::FlowFailed => self.flow_failed(now),
            RegistrationInput::Woke => self.woke(),
            RegistrationInput::Rerouted => self.rerouted(now),
            RegistrationInput::Timeout => {
                if self.wake.is_some_and(|wake| wake <= now) {
                    self.wake = None;
                    if self.reach == Reach::Lost {
                        self.reach = Reach::Probing;
                    }
                    self.send(Wish::Register, Tries::default());
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

    /// Whether the account is reached.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// What the registrar granted last; empty while nothing is registered.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    fn configure(&mut self, settings: RegistrationSettings) {
        self.authenticator = Authenticator::new(settings.credentials.clone());
        self.expires = settings.expires;
        self.registrar = None;
        self.no_outbound = false;
        self.settings = settings;
    }

    fn register(&mut self) {
        self.wake = None;
        self.failures = 0;
        self.expires = self.expires.max(self.settings.expires);
        self.reach = Reach::Probing;
        if self.state != RegistrationState::Registering {
            self.enter(RegistrationState::Registering, 0, "", Duration::ZERO);
        }
        if self.pending.is_some() {
            self.next = Some(Wish::Register);
        } else {
            self.send(Wish::Register, Tries::default());
        }
    }

    fn unregister(&mut self) {
        self.wake = None;
        self.reach = Reach::Idle;
        if self.pending.is_some() {
            if self.state != RegistrationState::Unregistering {
                self.enter(RegistrationState::Unregistering, 0, "", Duration::ZERO);
            }
            self.next = Some(Wish::Unregister);
        } else if self.bound.is_some() {
            self.enter(RegistrationState::Unregistering, 0, "", Duration::ZERO);
            self.send(Wish::Unregister, Tries::default());
        } else {
            self.enter(RegistrationState::Unregistered, 0, "", Duration::ZERO);
        }
    }

    fn handle_final(&mut self, now: Instant, status: u16, message: &Message, mut pending: Pending) {
        let text = phrase(message);
        match status {
            200..300 => self.handle_success(now, message, &pending),
            401 | 407 => match self.answer_challenge(&pending.request, message) {
                // The challenge told where we are seen: that is registered at once.
                Ok(()) if self.is_outdated(&pending) => {
                    self.next = None;
                    self.send(pending.wish, pending.tries);
                }
                Ok(()) => {
                    self.cseq += 1;
                    pending.request.set_cseq(self.cseq);
                    self.authorize(&mut pending.request);
                    self.dispatch(pending.wish, pending.request, pending.tries);
                }
                Err(error) => self.give_up(pending.wish, status, &error.to_string()),
            },
            403 => self.give_up(pending.wish, status, &text),
            300..=399 => {
                if let Err(why) = self.redirect(status, message, &mut pending) {
                    let text = format!("{text}: {why}");
                    self.handle_failure(now, pending.wish, status, &text, None);
                }
            }
            439 if self.asks_for_outbound() => {
                self.no_outbound = true;
                self.send(pending.wish, pending.tries);
            }
            423 if pending.wish == Wish::Register && pending.tries.raised < MOST_RAISES => {
                let seconds = message.number(HeaderId::MinExpires).unwrap_or(0);
                let min = Duration::from_secs(u64::from(seconds)).max(self.settings.min_expires);
                self.expires = self.expires.max(min);
                pending.tries.raised += 1;
                self.send(Wish::Register, pending.tries);
            }
            _ => {
                let after = message.number(HeaderId::RetryAfter);
                let after = after.map(|seconds| Duration::from_secs(u64::from(seconds)));
                self.handle_failure(now, pending.wish, status, &text, after);
            }
        }
    }

    fn handle_success(&mut self, now: Instant, message: &Message, pending: &Pending) {
        let wish = pending.wish;
        // The contact may have changed while the request was out.
        let contact = pending.request.headers.value(HeaderId::Contact).and_then(NameAddr::parse);
        let registered = contact.map_or_else(|| self.settings.contact.clone(), |own| own.uri);
        self.failures = 0;
        self.authenticator.handle_success();
        self.authenticator.handle_authentication_info(message);
        if wish == Wish::Unregister {
            self.unbind();
            return self.settled(message.status().unwrap_or(200), &phrase(message));
        }
        let grant = Grant::read(message, &self.settings);
        let granted = grant.expires.unwrap_or(self.expires);
        if granted.is_zero() {
            let text = "the registrar granted no lifetime";
            return self.handle_failure(now, wish, 200, text, None);
        }
        self.bound = Some(registered);
        self.grant = grant;
        if self.take_next() {
            return;
        }
        if self.reach != Reach::Up {
            self.up_since = Some(now);
        }
        self.reach = Reach::Up;
        // Between 75 % and 90 % of the lifetime: early enough for a repeat, and spread so that many
        // phones do not come at once.
        let share = 750 + self.rng.below(151);
        self.wake = Some(now + granted * share / 1000);
        self.enter(RegistrationState::Registered, 200, &phrase(message), granted);
    }

    /// Sends the same REGISTER to where a 3xx points (RFC 3261 §8.1.3.4). A 301 is kept to from now
    /// on. What went securely goes on so, and no credentials for the one registrar go to another.
    fn redirect(
        &mut self,
        status: u16,
        message: &Message,
        pending: &mut Pending,
    ) -> Result<(), &'static str> {
        if pending.tries.redirected >= MOST_REDIRECTIONS {
            return Err("redirected too often");
        }
        let mut targets = message.contacts().map(|contact| contact.uri).filter(Uri::is_sip);
        let secure = self.settings.secure;
        let target = match secure {
            false => targets.next().ok_or("redirected to nowhere")?,
            true => targets.find_map(secured).ok_or("redirected to where TLS does not lead")?,
        };
        let target = target.for_request();
        if status == 301 {
            self.registrar = Some(target.clone());
        }
        pending.tries.redirected += 1;
        pending.request.uri = target;
        self.cseq += 1;
        pending.request.set_cseq(self.cseq);
        self.authorize(&mut pending.request);
        self.dispatch(pending.wish, pending.request.clone(), pending.tries);
        Ok(())
    }

    /// Puts credentials into a REGISTER, if the registrar that it is for has asked.
    fn authorize(&mut self, request: &mut Request) {
        if self.asked_by.as_ref() != Some(&request.uri) {
            self.authenticator.forget();
            self.asked_by = Some(request.uri.clone());
        }
        self.authenticator.authorize(request);
    }

    fn answer_challenge(
        &mut self,
        request: &Request,
        message: &Message,
    ) -> Result<(), ChallengeError> {
        // REGISTER goes to the registrar, wherever that is.
        self.authenticator.handle_challenge(request, message, true, &mut self.rng)
    }

    /// Whether a REGISTER that is out names a Contact that is ours no longer.
    fn is_outdated(&self, pending: &Pending) -> bool {
        let contact = pending.request.headers.value(HeaderId::Contact).and_then(NameAddr::parse);
        pending.wish == Wish::Register
            && self.next != Some(Wish::Unregister)
            && contact.is_some_and(|contact| contact.uri != self.settings.contact)
    }

    fn asks_for_outbound(&self) -> bool {
        self.settings.outbound && !self.settings.instance.is_empty() && !self.no_outbound
    }

    fn unbind(&mut self) {
        self.bound = None;
        self.grant = Grant::default();
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
            self.unbind();
            return self.settled(code, text);
        }
        if self.take_next() {
            return;
        }
        self.told_to_wait = after.is_some();
        let wait = after.map_or_else(|| self.back_off(), |after| after.min(LONGEST_WAIT));
        self.failures = self.failures.saturating_add(1);
        // What a 301 said may have been wrong, or be so by now.
        self.registrar = None;
        self.reach = Reach::Lost;
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
            self.unbind();
            return self.settled(code, text);
        }
        if self.take_next() {
            return;
        }
        self.unbind();
        self.reach = Reach::Idle;
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
            Some(Wish::Register) => self.send(Wish::Register, Tries::default()),
            Some(Wish::Unregister) if self.bound.is_some() => {
                self.send(Wish::Unregister, Tries::default())
            }
            Some(Wish::Unregister) => {
                self.enter(RegistrationState::Unregistered, 0, "", Duration::ZERO);
            }
            None => return false,
        }
        true
    }

    fn dispatch(&mut self, wish: Wish, request: Request, tries: Tries) {
        let tag = self.next_tag;
        self.next_tag += 1;
        self.pending = Some(Pending { tag, wish, request: request.clone(), tries });
        self.outputs.push_back(RegistrationOutput::Request { tag, request });
    }

    fn enter(&mut self, state: RegistrationState, code: u16, text: &str, expires: Duration) {
        self.state = state;
        let event = RegistrationEvent { state, code, text: text.to_owned(), expires };
        self.outputs.push_back(RegistrationOutput::Event(event));
    }
}

/// A URI that leads over TLS; one that leaves the transport open is made to.
fn secured(uri: Uri) -> Option<Uri> {
    let transport = uri.params().value("transport").map(str::to_ascii_lowercase);
    match (uri.scheme(), transport.as_deref()) {
        (Scheme::Sips, _) | (_, Some("tls")) => Some(uri),
        (_, None) => Some(uri.with_param("transport", Some("tls"))),
        _ => None,
    }
}

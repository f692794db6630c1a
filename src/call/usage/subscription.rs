//! A subscription, seen by its subscriber (RFC 6665 §4.1).
//!
//! ```text
//! Idle ─subscribe─> Subscribing ─NOTIFY─> Pending, Active ─before expiry─> SUBSCRIBE again
//!                       │  ^                    │
//!                       │  └── at once ─────────┤ terminated: deactivated, timeout; 481
//!                       v                       v
//!                   Retrying <──── terminated: probation, giveup; no answer, no NOTIFY
//!                       │
//!  Ended <── refused for good; terminated: rejected, noresource; unsubscribed
//! ```
//!
//! The dialog is made by the first NOTIFY (§4.4.1), which may come before the 2xx; of a SUBSCRIBE
//! that was forked the first notifier stays and the others get 481, which ends theirs. What a NOTIFY
//! carries goes to the owner as it is: this machine reads no bodies.

mod event;
mod notify;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

pub use self::event::{SubscriptionEvent, SubscriptionState};
use super::{
    UsageInput, UsageOutput, UsageSettings,
    requester::{Requester, Settled, failure_text, raised, retry_after},
    state::TerminationReason,
};
use crate::{
    base::rng::Rng,
    call::machine::phrase,
    proto::sip::{
        dialog::Dialog,
        endpoint::ServerTransaction,
        transaction::Failure,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Method, Request, Response, reason_phrase},
    },
};

/// What a subscription is made with.
#[derive(Clone, Debug)]
pub struct SubscriptionSettings {
    /// Who subscribes, and how it is reached.
    pub usage: UsageSettings,
    /// What is watched.
    pub target: Uri,
    /// Event package, with its parameters: `message-summary`, `dialog`, `presence`.
    pub event: String,
    /// Media types that are understood.
    pub accept: Vec<String>,
    /// Lifetime that we ask for; zero asks for one NOTIFY and no more (§4.4.3).
    pub expires: Duration,
}

/// What a SUBSCRIBE of ours was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Initial,
    Refresh,
    Unsubscribe,
}

/// When something is due, if it is.
#[derive(Clone, Copy, Debug, Default)]
struct Timers {
    refresh: Option<Instant>,
    /// The notifier drops the subscription.
    expiry: Option<Instant>,
    /// Timer N: a NOTIFY has to have come (RFC 6665 §4.1.2.4).
    notify: Option<Instant>,
    retry: Option<Instant>,
}

/// One subscription. See the module's doc.
#[derive(Debug)]
pub struct Subscription {
    settings: SubscriptionSettings,
    requester: Requester,
    outputs: VecDeque<UsageOutput<SubscriptionEvent>>,
    state: SubscriptionState,
    call_id: String,
    from_tag: String,
    cseq: u32,
    dialog: Option<Dialog>,
    /// The notifier that made the dialog has spoken.
    notified: bool,
    /// The SUBSCRIBE that is out, or was last.
    sent: Option<(Purpose, Request)>,
    wanted: bool,
    /// Lifetime to ask for; a 423 raises it.
    expires: Duration,
    /// 423s in a row; not for ever.
    raised: u32,
    granted: Duration,
    timers: Timers,
    failures: u32,
    /// Since when this dialog's subscription stands.
    stands_since: Option<Instant>,
}

impl Subscription {
    /// A subscription that does nothing before [`Subscription::subscribe`].
    pub fn new(settings: SubscriptionSettings, rng: Rng) -> Self {
        Self {
            requester: Requester::new(settings.usage.clone(), rng),
            outputs: VecDeque::new(),
            state: SubscriptionState::Idle,
            call_id: String::new(),
            from_tag: String::new(),
            cseq: 0,
            dialog: None,
            notified: false,
            sent: None,
            wanted: false,
            expires: settings.expires,
            raised: 0,
            granted: Duration::ZERO,
            timers: Timers::default(),
            failures: 0,
            stands_since: None,
            settings,
        }
    }

    /// Subscribes, or refreshes at once.
    pub fn subscribe(&mut self, now: Instant) {
        self.wanted = true;
        self.failures = 0;
        match self.state {
            _ if self.stands() => self.refresh(),
            SubscriptionState::Subscribing | SubscriptionState::Unsubscribing => {}
            _ => self.start(now),
        }
    }

    /// Takes the subscription back. Ends with [`SubscriptionState::Ended`], at once when there is
    /// nothing to take back.
    pub fn unsubscribe(&mut self, now: Instant) {
        self.wanted = false;
        match self.state {
            SubscriptionState::Idle | SubscriptionState::Retrying => self.end(0, "", None),
            SubscriptionState::Ended | SubscriptionState::Unsubscribing => {}
            _ => {
                self.enter(SubscriptionState::Unsubscribing, 0, "", None);
                self.take_back(now);
            }
        }
    }

    /// We are reached elsewhere from now on (`Some`), or the world may have changed while nobody
    /// looked: what stands is refreshed, which tells the new Contact, and what waits is tried.
    pub fn look_again(&mut self, now: Instant, contact: Option<Uri>) {
        if let Some(contact) = contact {
            self.requester.settings.contact = contact;
        }
        match self.state {
            _ if self.stands() => self.refresh(),
            SubscriptionState::Retrying => self.start(now),
            _ => {}
        }
    }

    /// Feeds one input; then drain [`Subscription::poll_output`].
    pub fn handle_input(&mut self, now: Instant, input: UsageInput) {
        match input {
            UsageInput::Response { tag, message, trusted } => {
                let settled = self.requester.handle_response(tag, message, trusted, &mut self.cseq);
                self.handle_settled(now, settled);
            }
            UsageInput::Failed { tag, reason } => {
                let settled = self.requester.handle_failed(tag, reason);
                self.handle_settled(now, settled);
            }
            UsageInput::Request { server, message } => self.handle_request(now, server, message),
            UsageInput::Timeout => self.handle_timeout(now),
        }
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<UsageOutput<SubscriptionEvent>> {
        self.outputs.pop_front()
    }

    /// When [`UsageInput::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let Timers { refresh, expiry, notify, retry } = self.timers;
        [refresh, expiry, notify, retry].into_iter().flatten().min()
    }

    /// Where it stands.
    pub fn state(&self) -> SubscriptionState {
        self.state
    }

    /// Whether the notifier tells of changes.
    pub fn stands(&self) -> bool {
        matches!(self.state, SubscriptionState::Pending | SubscriptionState::Active)
    }

    /// Call-ID and our tag, by which the requests of its notifier are found. They change with every
    /// new start.
    pub fn dialog_key(&self) -> (&str, &str) {
        (&self.call_id, &self.from_tag)
    }

    /// A new dialog, or the attempt at one.
    fn start(&mut self, _now: Instant) {
        let rng = &mut self.requester.rng;
        self.call_id = rng.token(26);
        self.from_tag = rng.token(16);
        self.cseq = rng.below(1 << 16);
        self.forget_dialog();
        self.raised = 0;
        self.enter(SubscriptionState::Subscribing, 0, "", None);
        self.send(Purpose::Initial);
    }

    fn refresh(&mut self) {
        if !self.requester.is_busy() {
            self.send(Purpose::Refresh);
        }
    }

    /// Sends Expires: 0, as soon as there is a dialog to send it in and nothing else is out.
    fn take_back(&mut self, now: Instant) {
        let taken = matches!(self.sent, Some((Purpose::Unsubscribe, _)));
        if taken || self.dialog.is_none() || self.requester.is_busy() {
            return;
        }
        self.timers = Timers { notify: Some(now + self.patience()), ..Timers::default() };
        self.send(Purpose::Unsubscribe);
    }

    fn send(&mut self, purpose: Purpose) {
        let mut request = match &mut self.dialog {
            Some(dialog) if purpose != Purpose::Initial => {
                dialog.raise_cseq(self.cseq);
                let request = dialog.request(Method::Subscribe);
                self.cseq = dialog.local_cseq();
                request
            }
            _ => {
                let target = &self.settings.target;
                let mut request = self.requester.outside(
                    Method::Subscribe,
                    target,
                    &self.call_id,
                    &self.from_tag,
                );
                self.cseq += 1;
                request.set_cseq(self.cseq);
                request
            }
        };
        let seconds = if purpose == Purpose::Unsubscribe { 0 } else { self.expires.as_secs() };
        let headers = &mut request.headers;
        let contact = NameAddr::new(self.requester.settings.contact.clone());
        headers.push(HeaderId::Contact, contact.to_string());
        headers.push(HeaderId::Event, &self.settings.event);
        headers.push(HeaderId::Accept, self.settings.accept.join(", "));
        headers.push(HeaderId::Expires, seconds.to_string());
        let (tag, request) = self.requester.send(request);
        self.sent = Some((purpose, request.clone()));
        self.outputs.push_back(UsageOutput::Request { tag, request });
    }

    fn handle_settled(&mut self, now: Instant, settled: Option<Settled>) {
        let Some((purpose, _)) = &self.sent else { return };
        let purpose = *purpose;
        match settled {
            None => {}
            Some(Settled::Again { tag, request }) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.raise_cseq(self.cseq);
                }
                self.sent = Some((purpose, (*request).clone()));
                self.outputs.push_back(UsageOutput::Request { tag, request: *request });
            }
            Some(Settled::Final { status, message }) if status < 300 => {
                self.handle_success(now, purpose, &message);
            }
            Some(_) if purpose == Purpose::Unsubscribe => self.taken_back(now),
            Some(Settled::Final { status: 423, message }) if self.raised < 3 => {
                self.expires = raised(&message, self.expires);
                self.raised += 1;
                self.send(purpose);
            }
            Some(Settled::Final { status, message }) => {
                let after = retry_after(&message);
                self.handle_refusal(now, purpose, status, &phrase(&message), after);
            }
            // It goes the way of its dialog, on which nobody may be ours; outside of it the
            // account's own servers ask.
            Some(Settled::Unauthorized { status, text }) if purpose == Purpose::Refresh => {
                self.start_again(now, status, &text);
            }
            Some(Settled::Unauthorized { status, text }) => self.end(status, &text, None),
            Some(Settled::Failed(reason)) => self.handle_failure(now, purpose, reason),
        }
    }

    fn handle_success(&mut self, now: Instant, purpose: Purpose, message: &Message) {
        match (&mut self.dialog, &self.sent) {
            (Some(dialog), _) if dialog.id().remote_tag == message.to_tag() => {
                dialog.handle_response(message);
            }
            (None, Some((_, request))) => self.dialog = Dialog::uac(request, message).ok(),
            _ => {}
        }
        self.raised = 0;
        if purpose == Purpose::Unsubscribe {
            // The NOTIFY that says so is still to come, unless the notifier forgot it.
            return;
        }
        let asked = self.expires;
        let granted = message.number(HeaderId::Expires);
        self.last_for(now, granted.map_or(asked, |s| Duration::from_secs(u64::from(s)).min(asked)));
        if !self.notified {
            self.timers.notify = Some(now + self.patience());
        }
        if !self.wanted {
            self.take_back(now);
        }
    }

    /// The subscription lasts this long from now on, and is refreshed before: between 75 % and 90 %
    /// of it, so that many phones do not come at once.
    fn last_for(&mut self, now: Instant, granted: Duration) {
        self.granted = granted;
        if self.expires.is_zero() || !self.wanted {
            return;
        }
        let share = 750 + self.requester.rng.below(151);
        self.timers.refresh = Some(now + granted * share / 1000);
        self.timers.expiry = Some(now + granted);
    }

    fn handle_refusal(
        &mut self,
        now: Instant,
        purpose: Purpose,
        status: u16,
        text: &str,
        after: Option<Duration>,
    ) {
        if purpose == Purpose::Refresh && ends_dialog(status) && !is_final(status) {
            return self.start_again(now, status, text);
        }
        if is_final(status) {
            return self.end(status, text, None);
        }
        if purpose == Purpose::Refresh {
            // RFC 6665 §4.1.2.2: it stands until its time is up; until then the refresh is tried.
            return self.refresh_later(now, after);
        }
        self.retry_later(now, status, text, after);
    }

    fn handle_failure(&mut self, now: Instant, purpose: Purpose, reason: Failure) {
        if purpose == Purpose::Refresh {
            return self.refresh_later(now, None);
        }
        self.retry_later(now, 0, failure_text(reason), None);
    }

    fn refresh_later(&mut self, now: Instant, after: Option<Duration>) {
        if !self.wanted {
            return self.take_back(now);
        }
        let wait = after.unwrap_or_else(|| self.requester.back_off(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.timers.refresh = Some(now + wait);
    }

    /// A subscription that stood is begun anew at once; one that fell over again, after a while.
    fn start_again(&mut self, now: Instant, code: u16, text: &str) {
        let stood = self.stands_since.map_or(Duration::ZERO, |since| now - since);
        if self.wanted && stood >= self.requester.settings.retry_base {
            self.start(now);
        } else {
            self.retry_later(now, code, text, None);
        }
    }

    fn retry_later(&mut self, now: Instant, code: u16, text: &str, after: Option<Duration>) {
        if !self.wanted {
            return self.end(code, text, None);
        }
        self.forget_dialog();
        let wait = after.unwrap_or_else(|| self.requester.back_off(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.timers.retry = Some(now + wait);
        self.enter(SubscriptionState::Retrying, code, text, None);
    }

    fn handle_timeout(&mut self, now: Instant) {
        let due = |at: &mut Option<Instant>| at.take_if(|at| *at <= now).is_some();
        if due(&mut self.timers.retry) {
            return self.start(now);
        }
        if due(&mut self.timers.expiry) {
            self.requester.forget();
            return self.start_again(now, 0, "it could not be refreshed in time");
        }
        if due(&mut self.timers.notify) {
            if self.state == SubscriptionState::Unsubscribing {
                return self.taken_back(now);
            }
            return self.retry_later(now, 0, "no NOTIFY came", None);
        }
        if due(&mut self.timers.refresh) {
            self.refresh();
        }
    }

    /// The notifier will not say more; the owner may have asked to subscribe again meanwhile.
    fn taken_back(&mut self, now: Instant) {
        if self.wanted { self.start(now) } else { self.end(0, "", None) }
    }

    /// One look was asked for, and its NOTIFY has come (§4.4.3), whatever state it tells.
    fn end_look(&mut self) {
        self.end(200, reason_phrase(200), None);
    }

    fn end(&mut self, code: u16, text: &str, reason: Option<TerminationReason>) {
        self.forget_dialog();
        self.enter(SubscriptionState::Ended, code, text, reason);
    }

    fn forget_dialog(&mut self) {
        self.requester.forget();
        self.dialog = None;
        self.notified = false;
        self.sent = None;
        self.granted = Duration::ZERO;
        self.stands_since = None;
        self.timers = Timers::default();
    }

    fn patience(&self) -> Duration {
        self.requester.settings.t1 * 64
    }

    fn respond(&mut self, server: ServerTransaction, response: Response) {
        self.outputs.push_back(UsageOutput::Respond { server, response });
    }

    fn enter(
        &mut self,
        state: SubscriptionState,
        code: u16,
        text: &str,
        reason: Option<TerminationReason>,
    ) {
        if std::mem::replace(&mut self.state, state) == state {
            return;
        }
        let (text, expires) = (text.to_owned(), self.granted);
        let event = SubscriptionEvent::State { state, code, text, reason, expires };
        self.outputs.push_back(UsageOutput::Event(event));
    }
}

/// Refusals of a refresh that end the subscription with its dialog (RFC 6665 §4.1.2.2, RFC 5057 §5).
fn ends_dialog(status: u16) -> bool {
    matches!(status, 404 | 405 | 410 | 416 | 480..=485 | 489 | 501 | 604)
}

/// Refusals that trying again does not change.
fn is_final(status: u16) -> bool {
    match status {
        408 | 412 | 423 | 429 | 480 | 481 | 486 | 487 | 491 | 500 | 502..=504 => false,
        300..500 | 501 | 505 | 513 | 600.. => true,
        _ => false,
    }
}

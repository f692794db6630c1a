//! A publication: event state that we keep at a compositor (RFC 3903).
//!
//! ```text
//! Idle ─publish─> Publishing ─2xx, SIP-ETag─> Published ─before expiry─> refresh (SIP-If-Match)
//!                     ^  └─ no answer, 5xx ─> Retrying ──back-off──┐   │
//!                     └──────────── 412: the whole state again <───┴───┘
//! Ended <── remove (Expires: 0), refused for good
//! ```
//!
//! One PUBLISH is out at a time; what is published meanwhile goes out when its answer is there.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    UsageInput, UsageOutput, UsageSettings,
    requester::{Requester, Settled, failure_text, raised, retry_after},
};
use crate::{
    base::rng::Rng,
    call::machine::phrase,
    proto::sip::{
        uri::Uri,
        wire::{HeaderId, Message, Method},
    },
};

/// What a publication is made with.
#[derive(Clone, Debug)]
pub struct PublicationSettings {
    /// Who publishes.
    pub usage: UsageSettings,
    /// Whose state it is: Request-URI and To.
    pub target: Uri,
    /// Event package: `presence`.
    pub event: String,
    /// Lifetime that we ask for.
    pub expires: Duration,
}

/// What is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Media type of the body.
    pub content_type: String,
    /// The body: the whole state.
    pub body: Vec<u8>,
}

/// Where a publication stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PublicationState {
    /// Not begun.
    #[default]
    Idle,
    /// The first PUBLISH is under way.
    Publishing,
    /// The compositor has it.
    Published,
    /// It failed; it is tried again after a while.
    Retrying,
    /// It is being removed.
    Removing,
    /// Over; only `publish` begins anew.
    Ended,
}

/// A publication changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationEvent {
    /// Its state now.
    pub state: PublicationState,
    /// Status code of the response behind it, 0 when there is none.
    pub code: u16,
    /// Reason phrase, or our own words.
    pub text: String,
    /// Lifetime granted; zero unless published.
    pub expires: Duration,
}

/// What a PUBLISH of ours was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// With the whole state.
    State,
    Refresh,
    Remove,
}

/// One publication. See the module's doc.
#[derive(Debug)]
pub struct Publication {
    settings: PublicationSettings,
    requester: Requester,
    outputs: VecDeque<UsageOutput<PublicationEvent>>,
    state: PublicationState,
    call_id: String,
    from_tag: String,
    cseq: u32,
    published: Published,
    /// The compositor's name for what it has (SIP-ETag).
    etag: Option<String>,
    out: Option<Purpose>,
    /// What to do when the answer is there.
    next: Option<Purpose>,
    expires: Duration,
    raised: u32,
    failures: u32,
    wake: Option<Instant>,
}

impl Publication {
    /// A publication that does nothing before [`Publication::publish`].
    pub fn new(settings: PublicationSettings, mut rng: Rng) -> Self {
        Self {
            call_id: rng.token(26),
            from_tag: rng.token(16),
            cseq: rng.below(1 << 16),
            requester: Requester::new(settings.usage.clone(), rng),
            outputs: VecDeque::new(),
            state: PublicationState::Idle,
            published: Published::default(),
            etag: None,
            out: None,
            next: None,
            expires: settings.expires,
            raised: 0,
            failures: 0,
            wake: None,
            settings,
        }
    }

    /// Publishes a state, in the place of the one before.
    pub fn publish(&mut self, published: Published) {
        self.published = published;
        self.failures = 0;
        if self.state != PublicationState::Published {
            self.enter(PublicationState::Publishing, 0, "", Duration::ZERO);
        }
        self.send_or_wait(Purpose::State);
    }

    /// Removes what is published. Ends with [`PublicationState::Ended`], at once when nothing is.
    pub fn remove(&mut self) {
        if self.etag.is_none() && self.out.is_none() {
            return self.end(0, "");
        }
        self.enter(PublicationState::Removing, 0, "", Duration::ZERO);
        self.send_or_wait(Purpose::Remove);
    }

    /// Feeds one input; then drain [`Publication::poll_output`].
    pub fn handle_input(&mut self, now: Instant, input: UsageInput) {
        let settled = match input {
            UsageInput::Response { tag, message, trusted } => {
                self.requester.handle_response(tag, message, trusted, &mut self.cseq)
            }
            UsageInput::Failed { tag, reason } => self.requester.handle_failed(tag, reason),
            UsageInput::Timeout => return self.handle_timeout(now),
            UsageInput::Request { .. } => return,
        };
        let Some(settled) = settled else { return };
        if let Settled::Again { tag, request } = settled {
            return self.outputs.push_back(UsageOutput::Request { tag, request: *request });
        }
        if let Some(purpose) = self.out.take() {
            self.handle_settled(now, purpose, settled);
        }
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<UsageOutput<PublicationEvent>> {
        self.outputs.pop_front()
    }

    /// When [`UsageInput::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }

    /// Where it stands.
    pub fn state(&self) -> PublicationState {
        self.state
    }

    /// Whether what was published last is with the compositor.
    pub fn is_settled(&self) -> bool {
        self.state == PublicationState::Published && self.out.is_none()
    }

    fn send_or_wait(&mut self, purpose: Purpose) {
        self.wake = None;
        if self.out.is_some() {
            self.next = Some(purpose);
        } else {
            self.send(purpose);
        }
    }

    fn send(&mut self, purpose: Purpose) {
        if purpose == Purpose::Remove && self.etag.is_none() {
            return self.end(0, "");
        }
        let method = Method::Publish;
        let (target, call_id, tag) = (&self.settings.target, &self.call_id, &self.from_tag);
        let mut request = self.requester.outside(method, target, call_id, tag);
        self.cseq += 1;
        request.set_cseq(self.cseq);
        let seconds = if purpose == Purpose::Remove { 0 } else { self.expires.as_secs() };
        request.headers.push(HeaderId::Event, &self.settings.event);
        request.headers.push(HeaderId::Expires, seconds.to_string());
        if let Some(etag) = &self.etag {
            request.headers.push("SIP-If-Match", etag);
        }
        // A refresh and a removal carry no state (RFC 3903 §4.1).
        if purpose == Purpose::State {
            request.set_body(&self.published.content_type, self.published.body.clone());
        }
        self.out = Some(purpose);
        let (tag, request) = self.requester.send(request);
        self.outputs.push_back(UsageOutput::Request { tag, request });
    }

    fn handle_settled(&mut self, now: Instant, purpose: Purpose, settled: Settled) {
        match settled {
            Settled::Again { .. } => {}
            Settled::Final { status, message } if status < 300 => {
                self.handle_success(now, purpose, &message);
            }
            // It is gone there by itself, or will be.
            _ if purpose == Purpose::Remove && self.next.is_none() => self.end(0, ""),
            Settled::Final { status: 412, .. } if self.etag.is_some() => {
                // The compositor has forgotten it (RFC 3903 §4.2): the whole state again.
                self.etag = None;
                let next = self.next.take().unwrap_or(Purpose::State);
                self.send(next);
            }
            Settled::Final { status: 423, message } if self.raised < 3 => {
                self.expires = raised(&message, self.expires);
                self.raised += 1;
                self.send(purpose);
            }
            Settled::Final { status, message } => {
                let text = phrase(&message);
                let again = matches!(status, 408 | 429 | 480 | 491 | 500 | 502..=504);
                if again {
                    self.retry_later(now, status, &text, retry_after(&message));
                } else {
                    self.end(status, &text);
                }
            }
            Settled::Unauthorized { status, text } => self.end(status, &text),
            Settled::Failed(reason) => self.retry_later(now, 0, failure_text(reason), None),
        }
    }

    fn handle_success(&mut self, now: Instant, purpose: Purpose, message: &Message) {
        self.failures = 0;
        self.raised = 0;
        let etag = message.header_named("SIP-ETag").map(str::to_owned);
        self.etag = etag.filter(|_| purpose != Purpose::Remove);
        if let Some(next) = self.next.take() {
            return self.send(next);
        }
        if purpose == Purpose::Remove {
            return self.end(message.status().unwrap_or(200), &phrase(message));
        }
        let granted = message.number(HeaderId::Expires);
        let granted = granted.map_or(self.expires, |s| Duration::from_secs(u64::from(s)));
        if granted.is_zero() {
            return self.retry_later(now, 200, "the server granted no lifetime", None);
        }
        let share = 750 + self.requester.rng.below(151);
        self.wake = Some(now + granted * share / 1000);
        self.enter(PublicationState::Published, 200, &phrase(message), granted);
    }

    fn retry_later(&mut self, now: Instant, code: u16, text: &str, after: Option<Duration>) {
        // What is to be published now replaces what failed.
        if let Some(next) = self.next.take() {
            return self.send(next);
        }
        let wait = after.unwrap_or_else(|| self.requester.back_off(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.wake = Some(now + wait);
        self.enter(PublicationState::Retrying, code, text, Duration::ZERO);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.wake.take_if(|at| *at <= now).is_none() {
            return;
        }
        // A refresh needs something to refresh; after a failure the compositor may have lost it.
        let fresh = self.state == PublicationState::Published && self.etag.is_some();
        self.send(if fresh { Purpose::Refresh } else { Purpose::State });
    }

    fn end(&mut self, code: u16, text: &str) {
        (self.etag, self.next, self.wake) = (None, None, None);
        self.enter(PublicationState::Ended, code, text, Duration::ZERO);
    }

    fn enter(&mut self, state: PublicationState, code: u16, text: &str, expires: Duration) {
        if std::mem::replace(&mut self.state, state) == state {
            return;
        }
        let event = PublicationEvent { state, code, text: text.to_owned(), expires };
        self.outputs.push_back(UsageOutput::Event(event));
    }
}

//! Requests of a usage: what every one of them carries, and credentials for those that are
//! challenged (RFC 3261 §8.1, §22).

use std::time::Duration;

use crate::{
    base::rng::Rng,
    call::settings::push_headers,
    proto::sip::{
        auth::{Authenticator, Credentials},
        route,
        transaction::Failure,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Method, Request},
    },
};

/// What a usage is made with. Plain data; a machine keeps its own copy.
#[derive(Clone, Debug)]
pub struct UsageSettings {
    /// Who we are: From, without a tag.
    pub identity: NameAddr,
    /// Where requests reach us: Contact of what makes a dialog.
    pub contact: Uri,
    /// For 401 and 407, the first whose realms fit.
    pub credentials: Vec<Credentials>,
    /// First hop of requests outside a dialog (becomes a loose route).
    pub outbound_proxy: Option<Uri>,
    /// Hops after it (more proxies, Service-Route).
    pub routes: Vec<Uri>,
    /// Headers added to every request.
    pub headers: Vec<(String, String)>,
    /// Round-trip estimate, 500 ms: 64 of them are waited for what has to come.
    pub t1: Duration,
    /// First wait after a failure; doubled each time up to `retry_max`.
    pub retry_base: Duration,
    /// Longest wait.
    pub retry_max: Duration,
}

impl UsageSettings {
    /// Settings with the defaults of RFC 3261 and this engine: retries after 2 s up to 300 s.
    pub fn new(identity: NameAddr, contact: Uri) -> Self {
        Self {
            identity,
            contact,
            credentials: Vec::new(),
            outbound_proxy: None,
            routes: Vec::new(),
            headers: Vec::new(),
            t1: Duration::from_millis(500),
            retry_base: Duration::from_secs(2),
            retry_max: Duration::from_secs(300),
        }
    }
}

/// A request as its owner words it; who it is from and to is added by what sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Headers of this request alone; those that the engine writes itself are passed over.
    pub headers: Vec<(String, String)>,
    /// Media type of the body, with its parameters; empty without a body.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Outgoing {
    /// A request without headers and body.
    pub fn new(method: Method) -> Self {
        Self { method, headers: Vec::new(), content_type: String::new(), body: Vec::new() }
    }

    /// Adds headers and body to a request.
    pub(in crate::call) fn dress(&self, request: &mut Request) {
        push_headers(&mut request.headers, &self.headers);
        if !self.body.is_empty() {
            request.set_body(&self.content_type, self.body.clone());
        }
    }
}

/// What became of a request that was out.
#[derive(Debug)]
pub(super) enum Settled {
    /// It goes out again, with credentials.
    Again { tag: u32, request: Box<Request> },
    /// It is answered.
    Final { status: u16, message: Message },
    /// A challenge that cannot be answered: the status and why.
    Unauthorized { status: u16, text: String },
    /// No answer will come.
    Failed(Failure),
}

/// Sends the requests of one usage, one at a time.
#[derive(Debug)]
pub(super) struct Requester {
    pub(super) settings: UsageSettings,
    pub(super) rng: Rng,
    authenticator: Authenticator,
    next_tag: u32,
    pending: Option<(u32, Request)>,
}

impl Requester {
    pub(super) fn new(settings: UsageSettings, rng: Rng) -> Self {
        let authenticator = Authenticator::new(settings.credentials.clone());
        Self { settings, rng, authenticator, next_tag: 1, pending: None }
    }

    /// A request outside of any dialog, but for its CSeq number and what is in it.
    pub(super) fn outside(
        &self,
        method: Method,
        target: &Uri,
        call_id: &str,
        from_tag: &str,
    ) -> Request {
        let settings = &self.settings;
        let mut request = Request::new(method, target.for_request());
        let proxy = settings.outbound_proxy.as_ref();
        route::put(&mut request, &route::preloaded(proxy, &settings.routes));
        let headers = &mut request.headers;
        headers.push(HeaderId::From, settings.identity.clone().with_tag(from_tag).to_string());
        headers.push(HeaderId::To, NameAddr::new(target.for_identity()).to_string());
        headers.push(HeaderId::CallId, call_id);
        request
    }

    /// Whether a request waits for its answer.
    pub(super) fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    /// Completes a request and remembers it until it is answered.
    pub(super) fn send(&mut self, mut request: Request) -> (u32, Request) {
        push_headers(&mut request.headers, &self.settings.headers);
        self.authenticator.authorize(&mut request);
        self.remember(request)
    }

    fn remember(&mut self, request: Request) -> (u32, Request) {
        let tag = self.next_tag;
        self.next_tag += 1;
        self.pending = Some((tag, request.clone()));
        (tag, request)
    }

    /// Takes a response; `None` for one that is provisional or answers nothing that waits. A challenge
    /// of those alone who are `trusted` is answered; `cseq` counts on when the request has to go out
    /// again.
    pub(super) fn handle_response(
        &mut self,
        tag: u32,
        message: Message,
        trusted: bool,
        cseq: &mut u32,
    ) -> Option<Settled> {
        let status = message.status().filter(|status| *status >= 200)?;
        let (_, mut request) = self.pending.take_if(|(pending, _)| *pending == tag)?;
        if !matches!(status, 401 | 407) {
            if status < 300 && trusted {
                self.authenticator.handle_success();
            }
            return Some(Settled::Final { status, message });
        }
        let rng = &mut self.rng;
        Some(match self.authenticator.handle_challenge(&request, &message, trusted, rng) {
            Ok(()) => {
                *cseq += 1;
                request.set_cseq(*cseq);
                self.authenticator.authorize(&mut request);
                let (tag, request) = self.remember(request);
                Settled::Again { tag, request: Box::new(request) }
            }
            Err(error) => Settled::Unauthorized { status, text: error.to_string() },
        })
    }

    /// What is out no longer matters: its answer is not waited for.
    pub(super) fn forget(&mut self) {
        self.pending = None;
    }

    /// The wait after so many failures in a row: doubled each time up to a maximum, and spread over
    /// its upper half.
    pub(super) fn back_off(&mut self, failures: u32) -> Duration {
        let doubled = self.settings.retry_base.saturating_mul(1 << failures.min(16));
        let upper = doubled.min(self.settings.retry_max);
        upper / 2 + (upper / 2) * self.rng.below(1001) / 1000
    }

    /// Takes the failure of a request, if it is the one that waits.
    pub(super) fn handle_failed(&mut self, tag: u32, reason: Failure) -> Option<Settled> {
        self.pending.take_if(|(pending, _)| *pending == tag).map(|_| Settled::Failed(reason))
    }
}

/// When a refusal asks to be tried again (RFC 3261 §20.33).
pub(super) fn retry_after(message: &Message) -> Option<Duration> {
    let seconds = message.number(HeaderId::RetryAfter)?;
    Some(Duration::from_secs(u64::from(seconds)))
}

/// The lifetime to ask for after a 423: what it names, or twice as much when it names none.
pub(super) fn raised(message: &Message, asked: Duration) -> Duration {
    let raised = match message.number(HeaderId::MinExpires) {
        Some(seconds) => asked.max(Duration::from_secs(u64::from(seconds))),
        None => asked.saturating_mul(2),
    };
    raised.min(LONGEST_LIFETIME)
}

/// Expires is a number of 32 bits (RFC 3261 §20.19).
const LONGEST_LIFETIME: Duration = Duration::from_secs(u32::MAX as u64);

/// A failure in words for people.
pub(super) fn failure_text(reason: Failure) -> &'static str {
    match reason {
        Failure::Timeout => "no response came",
        Failure::Transport => "the far end cannot be reached",
        _ => "the request could not be sent",
    }
}

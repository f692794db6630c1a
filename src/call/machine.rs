//! One call, from INVITE to BYE, in either role.
//!
//! ```text
//! outgoing   Calling ──2xx──────────────> Confirmed ──BYE──> Ending ──> Ended
//!               └─hangup─> Cancelling ──487──────────────────────────────┘
//! incoming   Offered ──answer──> Accepted ──ACK──> Confirmed
//!               └─reject, CANCEL ────────────────────────────────────────> Ended
//! ```
//!
//! One input, then drain [`Machine::poll_output`], then ask [`Machine::poll_timeout`]. After
//! [`CallEvent::Ended`] nothing follows and the machine may be dropped.
//!
//! It owns the dialog, offer/answer, the 2xx and its repeats, credentials and the session timer;
//! transactions and their retransmissions are the endpoint's, RTP is the media worker's.
//! RFC 3261 §13 to §15, 3264, 4028, 6026, 6141, 3311 (UPDATE), 6086 (INFO).

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    audio::Negotiator,
    event::{CallEvent, CallState, EndReason},
    io::{Input, Output},
    settings::{Settings, push_headers},
    terms::{AudioTerms, NegotiationError},
    timers::{Timer, Timers},
};
use crate::{
    base::{
        plan::{Direction, MediaPlan},
        rng::Rng,
    },
    proto::{
        sdp::Session,
        sip::{
            auth::Authenticator,
            dialog::Dialog,
            endpoint::ServerTransaction,
            transaction::Failure,
            uri::NameAddr,
            wire::{HeaderId, Message, Method, Request, Response},
        },
    },
};

/// Where the call stands, as the protocol sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Our INVITE is out.
    Calling,
    /// It was cancelled.
    Cancelling,
    /// Their INVITE is not answered.
    Offered,
    /// 200 sent, no ACK yet.
    Accepted,
    /// The dialog stands.
    Confirmed,
    /// BYE sent.
    Ending,
    /// Nothing follows.
    Ended,
}

/// What a request of ours was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Invite,
    Reinvite,
    Refresh,
    Bye,
    /// BYE for a fork that answered too late.
    ForkBye,
    Info,
}

/// A request of ours that has no final response.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) tag: u32,
    pub(super) purpose: Purpose,
    pub(super) request: Request,
}

/// A 2xx to an INVITE that waits for its ACK.
#[derive(Clone, Debug)]
pub(super) struct Accept {
    pub(super) server: ServerTransaction,
    pub(super) cseq: u32,
    pub(super) response: Response,
    pub(super) interval: Duration,
}

/// The INVITE that made an incoming call.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) server: ServerTransaction,
    pub(super) message: Message,
    /// Our answer to its offer; `None`: it had none, so we offer in the 200.
    pub(super) answer: Option<Session>,
    pub(super) plan: Option<MediaPlan>,
}

/// One call. See the module's doc for the drain rule.
#[derive(Debug)]
pub struct Machine {
    pub(super) phase: Phase,
    pub(super) outgoing: bool,
    pub(super) settings: Settings,
    pub(super) rng: Rng,
    pub(super) negotiator: Negotiator,
    pub(super) authenticator: Authenticator,
    pub(super) timers: Timers,
    pub(super) outputs: VecDeque<Output>,
    pub(super) requests: Vec<Pending>,
    pub(super) next_tag: u32,
    pub(super) call_id: String,
    pub(super) local_tag: String,
    pub(super) remote: NameAddr,
    pub(super) local: NameAddr,
    pub(super) dialog: Option<Dialog>,
    /// Our INVITE as it was accepted, to tell forks by.
    pub(super) accepted_invite: Option<Request>,
    /// Tags of forks that were told BYE, with the ACK each was sent.
    pub(super) forks: Vec<(String, Request)>,
    /// The ACK of the latest 2xx in the dialog, to repeat with it.
    pub(super) ack: Option<(u32, Request)>,
    pub(super) incoming: Option<Incoming>,
    pub(super) accept: Option<Accept>,
    /// The call ends as soon as the ACK is there.
    pub(super) hangup_waits: bool,
    /// How the end is to be reported once the far end has confirmed it.
    pub(super) ending: Option<(EndReason, u16, String)>,
    pub(super) plan: Option<MediaPlan>,
    pub(super) remote_hold: bool,
    pub(super) digits: VecDeque<(char, Duration)>,
    pub(super) session: super::session_timer::Session,
    /// The far end's latest INVITE or final response, for the host's look-ups.
    pub(super) latest: Option<Message>,
    /// What was in force before the change of media that our user asked for and that is not through
    /// yet.
    pub(super) before_change: Option<(AudioTerms, Direction)>,
    pub(super) state: CallState,
    pub(super) code: u16,
}

impl Machine {
    /// Feeds one input; then drain [`Machine::poll_output`].
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        if self.phase == Phase::Ended {
            return self.after_the_end(input);
        }
        match input {
            Input::Ring => self.ring(now),
            Input::Progress => self.progress(now),
            Input::Answer { headers } => self.answer(now, &headers),
            Input::Reject { code, reason } => self.reject(code, &reason),
            Input::Redirect { target } => self.redirect(&target),
            Input::Hangup => self.hangup(now),
            Input::Dtmf { digit, duration } => self.send_digit(digit, duration),
            Input::Renegotiate { terms, direction } => self.renegotiate(now, terms, direction),
            Input::Request { server, message } => self.handle_request(now, server, message),
            Input::Cancelled { server } => self.handle_cancelled(server),
            Input::Ack { message } => self.handle_ack(now, &message),
            Input::Response { tag, message } => self.handle_response(now, tag, message),
            Input::Failed { tag, reason } => self.handle_failed(now, tag, reason),
            Input::ServerFailed { server } => self.handle_server_failed(server),
            Input::Timeout => self.handle_timeout(now),
        }
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Call-ID; with [`Machine::local_tag`] it finds the call of a request in the dialog.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Our tag: the To tag of requests from the far end.
    pub fn local_tag(&self) -> &str {
        &self.local_tag
    }

    /// Whether we placed the call.
    pub fn is_outgoing(&self) -> bool {
        self.outgoing
    }

    /// The far end: its URI and display name.
    pub fn remote(&self) -> &NameAddr {
        &self.remote
    }

    /// Our own URI in this call.
    pub fn local(&self) -> &NameAddr {
        &self.local
    }

    /// Its state.
    pub fn state(&self) -> CallState {
        self.state
    }

    /// Status code of the last event that had one.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The plan in force.
    pub fn plan(&self) -> Option<&MediaPlan> {
        self.plan.as_ref()
    }

    /// The first header of that name in the far end's latest INVITE or final response.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.latest.as_ref()?.header_named(name)
    }

    /// The INVITE that made an incoming call.
    pub fn invite(&self) -> Option<&Message> {
        self.incoming.as_ref().map(|incoming| &incoming.message)
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.expired(now) {
            match timer {
                Timer::NoAnswer => self.no_answer(now),
                Timer::RepeatAccept => self.repeat_accept(now),
                Timer::AckWait => self.ack_missing(now),
                Timer::RepeatRinging => self.repeat_ringing(now),
                Timer::Cancel => self.finish(),
                Timer::RetryOffer => self.retry_offer(now),
                Timer::SessionRefresh => self.refresh_session(now),
                Timer::SessionExpiry => self.session_expired(now),
            }
        }
    }

    fn handle_response(&mut self, now: Instant, tag: u32, message: Message) {
        let Some(status) = message.status() else { return };
        let success = (200..300).contains(&status);
        let known = self.requests.iter().position(|pending| pending.tag == tag);
        let Some(index) = known else {
            // A repeated 2xx, or one of another fork (RFC 3261 §13.2.2.4).
            if success && message.method() == Some(Method::Invite) {
                self.handle_late_success(&message);
            }
            return;
        };
        if status < 200 {
            if self.requests[index].purpose == Purpose::Invite {
                self.handle_provisional(&message, status);
            }
            return;
        }
        let pending = self.requests.remove(index);
        if matches!(pending.purpose, Purpose::Invite | Purpose::Reinvite) {
            self.latest = Some(message.clone());
        }
        if matches!(status, 401 | 407) && self.may_authenticate(pending.purpose) {
            match self.authenticator.handle_challenge(&message, &mut self.rng) {
                Ok(()) => return self.send_again(pending),
                Err(error) if pending.purpose == Purpose::Invite => {
                    return self.end(EndReason::Authentication, status, &error.to_string());
                }
                Err(_) => {}
            }
        }
        if success {
            self.authenticator.handle_success();
        }
        match pending.purpose {
            Purpose::Invite if success => self.handle_invite_success(now, &message, &pending),
            Purpose::Invite => self.handle_invite_refusal(now, &message, status, pending),
            Purpose::Reinvite => self.handle_reinvite_final(now, &message, status, &pending),
            Purpose::Refresh => self.handle_refresh_final(now, &message, status),
            Purpose::Bye => self.finish(),
            Purpose::ForkBye => {}
            Purpose::Info => self.handle_info_final(success),
        }
    }

    fn handle_failed(&mut self, now: Instant, tag: u32, reason: Failure) {
        let Some(index) = self.requests.iter().position(|pending| pending.tag == tag) else {
            return;
        };
        let pending = self.requests.remove(index);
        let (reason, code, text) = match reason {
            Failure::Timeout => (EndReason::Timeout, 408, "no response came"),
            _ => (EndReason::Transport, 503, "the request could not be sent"),
        };
        match pending.purpose {
            Purpose::Invite if self.phase == Phase::Cancelling => self.finish(),
            Purpose::Invite => self.end(reason, code, text),
            // RFC 3261 §14.1 and §12.2.1.2: no response at all ends the dialog.
            Purpose::Reinvite | Purpose::Refresh if self.phase == Phase::Confirmed => {
                self.bye(now, reason, code, text)
            }
            Purpose::Bye => self.finish(),
            Purpose::Reinvite | Purpose::Refresh | Purpose::ForkBye => {}
            Purpose::Info => self.handle_info_final(false),
        }
    }

    /// A challenge to a request that no longer matters is not answered.
    fn may_authenticate(&self, purpose: Purpose) -> bool {
        purpose != Purpose::Invite || self.phase == Phase::Calling
    }

    /// Sends a request again with credentials and the next CSeq (RFC 3261 §22.2).
    fn send_again(&mut self, pending: Pending) {
        let mut request = pending.request;
        let number = request.cseq_number().unwrap_or(0);
        let number = self.dialog.as_ref().map_or(number, |dialog| dialog.local_cseq()) + 1;
        request.set_cseq(number);
        if let Some(dialog) = &mut self.dialog {
            dialog.raise_cseq(number);
        }
        self.authenticator.authorize(&mut request);
        self.send(pending.purpose, request);
    }

    /// Sends a request of ours under a new tag.
    pub(super) fn send(&mut self, purpose: Purpose, request: Request) {
        let tag = self.next_tag;
        self.next_tag += 1;
        self.requests.push(Pending { tag, purpose, request: request.clone() });
        self.outputs.push_back(Output::Request { tag, request });
    }

    /// A request in the dialog with the host's headers and, where known, credentials.
    pub(super) fn in_dialog(&mut self, method: Method) -> Option<Request> {
        let mut request = self.dialog.as_mut()?.request(method);
        push_headers(&mut request.headers, &self.settings.headers);
        self.authenticator.authorize(&mut request);
        Some(request)
    }

    /// Sends BYE, and reports the end as said once it is confirmed.
    pub(super) fn bye(&mut self, _now: Instant, reason: EndReason, code: u16, text: &str) {
        self.end_media();
        self.timers.clear();
        self.accept = None;
        self.ending = Some((reason, code, text.to_owned()));
        let Some(request) = self.in_dialog(Method::Bye) else { return self.finish() };
        if self.phase != Phase::Ending {
            self.phase = Phase::Ending;
            self.state_event(CallState::Ending, code, text);
        }
        self.send(Purpose::Bye, request);
    }

    /// The end was confirmed: reports it.
    pub(super) fn finish(&mut self) {
        let (reason, code, text) =
            self.ending.take().unwrap_or((EndReason::LocalHangup, 0, String::new()));
        self.end(reason, code, &text);
    }

    /// Ends the call here and now.
    pub(super) fn end(&mut self, reason: EndReason, code: u16, text: &str) {
        if self.phase == Phase::Ended {
            return;
        }
        self.end_media();
        self.timers.clear();
        self.cancel_invites();
        self.phase = Phase::Ended;
        self.state = CallState::Ended;
        self.code = code;
        let text = text.to_owned();
        self.outputs.push_back(Output::Event(CallEvent::Ended { reason, code, text }));
    }

    /// A far end that answered an INVITE of ours only provisionally could keep its transaction open
    /// for ever.
    fn cancel_invites(&mut self) {
        for pending in self.requests.iter().filter(|p| p.request.method == Method::Invite) {
            self.outputs.push_back(Output::Cancel { tag: pending.tag });
        }
    }

    pub(super) fn state_event(&mut self, state: CallState, code: u16, text: &str) {
        self.state = state;
        if code != 0 {
            self.code = code;
        }
        self.event(CallEvent::State { state, code, text: text.to_owned() });
    }

    pub(super) fn event(&mut self, event: CallEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Gives out a plan, if it is a new one, and tells of a hold by the far end.
    pub(super) fn start_media(&mut self, plan: MediaPlan) {
        let held = !plan.direction.sends() && self.negotiator.wanted().sends();
        if held != self.remote_hold {
            self.remote_hold = held;
            self.event(CallEvent::RemoteHold { held });
        }
        if self.plan.as_ref() != Some(&plan) {
            self.plan = Some(plan.clone());
            self.outputs.push_back(Output::Media(Box::new(plan)));
        }
    }

    pub(super) fn respond(&mut self, server: ServerTransaction, response: Response) {
        self.outputs.push_back(Output::Respond { server, response });
    }

    /// A short answer to a request in the dialog.
    pub(super) fn reply(&mut self, server: ServerTransaction, request: &Message, code: u16) {
        let mut response = Response::to(request, code, "");
        response.set_to_tag(&self.local_tag);
        self.respond(server, response);
    }

    /// Requests that come late are still answered; the rest is over.
    fn after_the_end(&mut self, input: Input) {
        if let Input::Request { server, message } = input {
            let code = if message.is_method(&Method::Bye) { 200 } else { 481 };
            self.reply(server, &message, code);
        }
    }
}

/// Reason phrase of a response.
pub(super) fn phrase(message: &Message) -> String {
    message.reason().map(|reason| reason.into_owned()).unwrap_or_default()
}

/// The session description in a message: `None` without one, `Err` when unreadable.
pub(super) fn description(message: &Message) -> Result<Option<Session>, NegotiationError> {
    if message.body().is_empty() {
        return Ok(None);
    }
    // A body without Content-Type is taken for what it most likely is.
    let body = match message.content_type() {
        None => Some(message.body()),
        Some(_) => message.body_of_type("application/sdp"),
    };
    body.map(|body| Session::parse(body).map_err(NegotiationError::Sdp)).transpose()
}

/// How the end is reported when no plan came out of offer and answer.
pub(super) fn end_reason(error: &NegotiationError) -> EndReason {
    match error {
        NegotiationError::SrtpRequired => EndReason::SrtpRequired,
        _ => EndReason::NoCodec,
    }
}

/// Methods that a call takes, as Allow says them. The endpoint's `allow` must hold them.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";

/// Adds what every INVITE and 2xx to one carries.
pub(super) fn push_capabilities(headers: &mut crate::proto::sip::wire::Headers) {
    headers.set(HeaderId::Allow, ALLOW);
    headers.set(HeaderId::Supported, "timer");
}

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
    early_media::Listening,
    event::{CallEvent, CallState, EndReason},
    fork::{FarSide, Leg},
    io::{Change, Input, Output},
    prack::{self, Reliable},
    redirect::Redirects,
    renegotiate::UnderWay,
    requests::{Pending, Purpose},
    services::{Cause, MessageHeaders, MessageKind},
    session_timer,
    settings::{Prack, Settings, push_headers},
    terms::NegotiationError,
    timers::{Timer, Timers},
    transfer::{Refer, Referred},
};
use crate::{
    base::{plan::MediaPlan, rng::Rng},
    proto::{
        sdp::Session,
        sip::{
            auth::Authenticator,
            dialog::Dialog,
            endpoint::ServerTransaction,
            uri::NameAddr,
            wire::{HeaderId, Headers, Message, Method, Request, Response},
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
    /// Our answer to its offer; `None`: it had none, so the offer is ours.
    pub(super) answer: Option<Session>,
    pub(super) plan: Option<MediaPlan>,
    pub(super) exchange: Exchange,
}

/// How far the first offer and answer of an incoming call have come. What goes out unreliably does
/// not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// Our description is to go out.
    Open,
    /// It went out in a reliable provisional response that is not acknowledged.
    Sent,
    /// It was acknowledged: the 200 needs none.
    Done,
}

/// Who talks to whom, and the Call-ID.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    pub(super) call_id: String,
    pub(super) local: NameAddr,
    pub(super) remote: NameAddr,
}

/// What the services of a call remember.
#[derive(Debug, Default)]
pub(super) struct ServiceState {
    /// Headers of the host by kind of message.
    pub(super) headers: MessageHeaders,
    /// Why the far end ended the call.
    pub(super) cause: Option<Cause>,
    pub(super) redirects: Redirects,
    /// Our REFER that is under way.
    pub(super) refer: Option<Refer>,
    /// The far end's.
    pub(super) referred: Option<Referred>,
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
    pub(super) local_hold: bool,
    pub(super) remote_hold: bool,
    /// Early dialogs of our INVITE.
    pub(super) legs: Vec<Leg>,
    /// Tag of the early dialog whose media runs.
    pub(super) heard_leg: Option<String>,
    pub(super) far: FarSide,
    pub(super) reliable: Reliable,
    pub(super) listening: Listening,
    pub(super) digits: VecDeque<(char, Duration)>,
    pub(super) session: session_timer::Session,
    /// The far end's latest INVITE or final response, for the host's look-ups.
    pub(super) latest: Option<Message>,
    /// Changes of media that our side asked for and that are not begun.
    pub(super) changes: VecDeque<Change>,
    pub(super) under_way: Option<UnderWay>,
    /// How often the offer that is open was put off by the far end.
    pub(super) put_off: u32,
    /// Our address has changed and the far end does not know yet.
    pub(super) moving: Option<super::moved::Move>,
    pub(super) state: CallState,
    pub(super) code: u16,
    /// Redirects, transfers, headers of the host.
    pub(super) services: ServiceState,
}

impl Machine {
    /// A machine in which nothing has happened yet.
    pub(super) fn new(settings: Settings, mut rng: Rng, outgoing: bool, peers: Peers) -> Self {
        let local_tag = rng.token(16);
        Self {
            phase: if outgoing { Phase::Calling } else { Phase::Offered },
            outgoing,
            negotiator: Negotiator::new(settings.audio.clone(), rng.fork()),
            authenticator: Authenticator::new(settings.credentials.clone()),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            requests: Vec::new(),
            next_tag: 1,
            call_id: peers.call_id,
            local_tag,
            remote: peers.remote,
            local: peers.local,
            dialog: None,
            accepted_invite: None,
            forks: Vec::new(),
            ack: None,
            incoming: None,
            accept: None,
            hangup_waits: false,
            ending: None,
            plan: None,
            local_hold: false,
            remote_hold: false,
            legs: Vec::new(),
            heard_leg: None,
            far: FarSide::default(),
            reliable: Reliable::default(),
            listening: Listening::default(),
            digits: VecDeque::new(),
            session: session_timer::Session::new(&settings.session),
            latest: None,
            changes: VecDeque::new(),
            under_way: None,
            put_off: 0,
            moving: None,
            state: if outgoing { CallState::Dialing } else { CallState::Incoming },
            code: 0,
            services: ServiceState::default(),
            settings,
            rng,
        }
    }

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
            Input::Hold { held } => self.hold(now, held),
            Input::MediaHeard => self.handle_media_heard(),
            Input::HangupWith { cause, text } => self.hangup_with(now, cause, &text),
            Input::SetHeaders { kind, headers } => self.services.headers.set(kind, headers),
            Input::FollowRedirect { accept } => self.follow_redirect(accept),
            Input::Transfer { target, replaces, silent } => {
                self.transfer(now, &target, replaces.as_ref(), silent);
            }
            Input::DecideTransfer { accept } => self.decide_transfer(accept),
            Input::TransferProgress { code, text } => self.tell_progress(code, &text),
            Input::Dtmf { digit, duration } => self.send_digit(now, digit, duration),
            Input::Renegotiate(change) => self.renegotiate(now, change),
            Input::Moved { contact, media } => self.moved(contact, media),
            Input::Send { number, outgoing } => self.send_passed(number, &outgoing),
            Input::Request { server, message } => self.handle_request(now, server, message),
            Input::Cancelled { server, message } => self.handle_cancelled(server, &message),
            Input::Ack { message } => self.handle_ack(now, &message),
            Input::Response { tag, message, trusted } => {
                self.handle_response(now, tag, message, trusted);
            }
            Input::Failed { tag, reason } => self.handle_failed(now, tag, reason),
            Input::ServerFailed { server } => self.handle_server_failed(server),
            Input::Timeout => self.handle_timeout(now),
            // What is above one dialog is `legs`'s.
            Input::Replace { .. } | Input::MediaSilent { .. } => {}
        }
        self.go_on_moving(now);
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
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
                Timer::RepeatProvisional => self.repeat_provisional(now),
                Timer::PrackWait => self.prack_missing(),
                Timer::SessionRefresh => self.refresh_session(now),
                Timer::SessionExpiry => self.session_expired(now),
                Timer::Digits => self.send_next_digit(now),
                Timer::Transfer => self.transfer_unheard(),
            }
        }
    }

    /// A request in the dialog with the host's headers and, where known, credentials.
    pub(super) fn in_dialog(&mut self, method: Method) -> Option<Request> {
        let kind = MessageKind::of_method(&method);
        let mut request = self.dialog.as_mut()?.request(method);
        push_headers(&mut request.headers, &self.settings.headers);
        if let Some(kind) = kind {
            push_headers(&mut request.headers, self.services.headers.of(kind));
        }
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
        self.transfer_failed(0, "the call ended before the outcome was told".to_owned());
        self.end_media();
        self.timers.clear();
        self.cancel_invites();
        self.phase = Phase::Ended;
        self.tell_ear();
        self.state = CallState::Ended;
        self.code = code;
        let text = text.to_owned();
        self.outputs.push_back(Output::Event(CallEvent::Ended { reason, code, text }));
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

    /// Gives out a plan, if it is a new one, and tells of a hold by the far end. Of several early
    /// dialogs the first that has media is heard.
    pub(super) fn start_media(&mut self, plan: MediaPlan) {
        if self.phase == Phase::Calling {
            let tag = self.dialog.as_ref().map(|dialog| dialog.id().remote_tag.clone());
            if self.heard_leg.is_some() && self.heard_leg != tag {
                return;
            }
            self.heard_leg = tag;
        }
        if self.plan.as_ref() != Some(&plan) {
            self.plan = Some(plan.clone());
            self.outputs.push_back(Output::Media(Box::new(plan.clone())));
        }
        if matches!(self.phase, Phase::Accepted | Phase::Confirmed) {
            self.note_remote_hold(&plan);
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
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, \
    MESSAGE";

/// Option tags that a call understands. The endpoint's `supported` must hold them. A Target-Dialog
/// (RFC 4538) needs nothing: whoever knows our dialog is believed anyway.
pub const SUPPORTED: [&str; 5] = ["timer", prack::TAG, "replaces", "norefersub", "tdialog"];

/// Adds what every INVITE and every response that makes or keeps a dialog carries.
pub(super) fn push_capabilities(headers: &mut Headers, settings: &Settings) {
    headers.set(HeaderId::Allow, ALLOW);
    let tags = SUPPORTED.iter().filter(|tag| **tag != prack::TAG || settings.prack != Prack::Off);
    headers.set(HeaderId::Supported, tags.copied().collect::<Vec<_>>().join(", "));
}

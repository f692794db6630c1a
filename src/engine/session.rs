//! One live call: a thin actor round `call::Call`. It feeds the machine, drains it, and arms one
//! timer; what the machine wants done goes to Signaling, to the media worker, or to the host.

mod changes;

use std::{
    collections::{BTreeMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use actix::{Actor, Addr, AsyncContext, Context, Handler, SpawnHandle};

use super::{
    command::CallCommand,
    config::DtmfMethod,
    error::ErrorKind,
    event::{CallState, EventKind},
    log::LogLevel,
    shared::{CallShared, Shared, lock},
    signaling::{FromSession, Signaling, WORKER_BUSY, answered, refusal},
    worker::{Inbox, WorkerCmd},
};
use crate::{
    base::{
        ids::{CallId, RequestId},
        plan::MediaPlan,
    },
    call::{self, Call, CallEvent, EndReason, Input, Output},
    net::connector::Refusal,
    proto::sip::{
        replaces::Replaces,
        uri::Uri,
        wire::{Message, Method},
    },
};

mod digits;
mod ending;
mod reports;
mod services;

use self::digits::InfoDigits;

/// Messages that may wait for one call. Signaling sends a few per SIP message.
const MAILBOX: usize = 256;

/// Why a call ended for which a shutdown did not wait.
pub(super) const CUT_OFF: &str = "the engine was shut down";

/// Why a dial came to nothing that the host itself hung up.
pub(super) const HUNG_UP: &str = "the call was hung up";

/// What the signaling actor tells a session.
#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) enum SessionMsg {
    /// A command of the host.
    Command { command: CallCommand, request: Option<RequestId> },
    /// An input for the machine.
    Input(Box<Input>),
    /// Another call of ours is to be connected with the far end of this one.
    TellFarEnd { call: CallId, request: Option<RequestId> },
    /// The far end of the call to which this one is transferred.
    TransferAttended { target: Uri, replaces: Replaces, request: Option<RequestId> },
    /// Why the flow broke that the next failed request was on.
    Fault(Refusal),
    /// The engine stops, and its far ends had their time.
    CutOff,
    /// The call's media has moved to another worker.
    Moved(Inbox),
}

/// The actor.
pub(super) struct Session {
    call: CallId,
    shared: Arc<Shared>,
    snapshot: Arc<CallShared>,
    machine: Call,
    signaling: Addr<Signaling>,
    worker: Inbox,
    timer: Option<(Instant, SpawnHandle)>,
    dtmf: DtmfMethod,
    plan: Option<MediaPlan>,
    /// The dial that wants to know its outcome.
    dial_request: Option<RequestId>,
    /// Tells of an incoming call, until it is one that can be answered: an INVITE that is refused
    /// at once never reaches the host.
    announcement: Option<EventKind>,
    digits: InfoDigits,
    /// Those that wait for digits sent as telephone-events.
    rtp_digits: Vec<RequestId>,
    /// Requests of the host's that wait for their answers, by number.
    sent: BTreeMap<u64, RequestId>,
    next_sent: u64,
    /// Changes of media that are asked for, and who wants to know what comes of each.
    changes: VecDeque<Option<RequestId>>,
    /// Why media could not run.
    failure: Option<String>,
    /// Why the flow broke that our latest request was on.
    fault: Option<Refusal>,
    state: CallState,
    over: bool,
    /// After so long without RTP the worker tells of it.
    rtp_timeout: Duration,
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) call: CallId,
    pub(super) shared: Arc<Shared>,
    pub(super) snapshot: Arc<CallShared>,
    pub(super) machine: Call,
    pub(super) signaling: Addr<Signaling>,
    pub(super) worker: Inbox,
    pub(super) dtmf: DtmfMethod,
    pub(super) dial_request: Option<RequestId>,
    /// The event that tells of an incoming call.
    pub(super) announcement: Option<EventKind>,
    /// After so long without RTP the worker tells of it.
    pub(super) rtp_timeout: Duration,
}

impl Session {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            call: parts.call,
            shared: parts.shared,
            snapshot: parts.snapshot,
            machine: parts.machine,
            signaling: parts.signaling,
            worker: parts.worker,
            timer: None,
            dtmf: parts.dtmf,
            plan: None,
            dial_request: parts.dial_request,
            announcement: parts.announcement,
            digits: InfoDigits::default(),
            rtp_digits: Vec::new(),
            sent: BTreeMap::new(),
            next_sent: 1,
            changes: VecDeque::new(),
            failure: None,
            fault: None,
            state: CallState::New,
            over: false,
            rtp_timeout: parts.rtp_timeout,
        }
    }

    /// Runs one handler; a panic in it ends this call only.
    fn guarded(&mut self, ctx: &mut Context<Self>, work: impl FnOnce(&mut Self, Instant)) {
        if self.over {
            return;
        }
        let now = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            work(self, now);
            self.drain(now);
            self.hurry(now);
            self.arm(ctx, now);
        }));
        if outcome.is_err() {
            self.say_farewell(now);
            self.end(0, "a fault inside the engine", Some(ErrorKind::Internal), None);
        }
    }

    /// Does what is due at once, as an answer without delay: a timer would take up to 1 ms for it.
    fn hurry(&mut self, now: Instant) {
        if self.machine.poll_timeout().is_some_and(|at| at <= now) {
            self.machine.handle_input(now, Input::Timeout);
            self.drain(now);
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Media(plan) => self.connect(now, *plan),
                Output::Listen(ear) => {
                    self.to_worker(WorkerCmd::Listen { call: self.call, ear });
                }
                Output::MediaEnd => {
                    self.to_worker(WorkerCmd::Close { call: self.call });
                }
                Output::Event(event) => self.handle_event(event),
                Output::Note(text) => self.log(LogLevel::Warning, || text),
                output => self.signal_output(output),
            }
        }
    }

    /// What a machine wants sent.
    fn signal_output(&self, output: Output) {
        let call = self.call;
        self.signal(match output {
            Output::Request { tag, request } => {
                FromSession::Request { call, tag, request: Box::new(request) }
            }
            Output::Cancel { tag, headers } => FromSession::Cancel { call, tag, headers },
            Output::Ack(request) => FromSession::Ack { call, request: Box::new(request) },
            Output::Respond { server, response } => {
                FromSession::Respond { server, response: Box::new(response) }
            }
            Output::Dialog { call_id, local_tag, live } => {
                FromSession::Dialog { call, key: (call_id, local_tag), live }
            }
            Output::Media(_)
            | Output::MediaEnd
            | Output::Listen(_)
            | Output::Event(_)
            | Output::Note(_) => return,
        });
    }

    /// Both actors live on this thread and a machine's outputs per input are few, so the mailbox's
    /// bound, which holds hosts and sockets back, is not meant for these.
    fn signal(&self, message: FromSession) {
        self.signaling.do_send(message);
    }

    /// Whether the worker took it.
    fn to_worker(&self, command: WorkerCmd) -> bool {
        let sent = self.worker.send(command);
        if !sent {
            self.log(LogLevel::Error, || WORKER_BUSY.to_owned());
        }
        sent
    }

    fn log(&self, level: LogLevel, text: impl FnOnce() -> String) {
        self.shared.log.log(level, "call", || format!("{:?}: {}", self.call, text()));
    }

    fn arm(&mut self, ctx: &mut Context<Self>, now: Instant) {
        let next = self.machine.poll_timeout().filter(|_| !self.over);
        match (next, &self.timer) {
            (Some(next), Some((armed, _))) if *armed == next => {}
            (next, _) => {
                if let Some((_, handle)) = self.timer.take() {
                    ctx.cancel_future(handle);
                }
                let Some(next) = next else { return };
                let wait = next.saturating_duration_since(now);
                let handle = ctx.run_later(wait, |session, ctx| {
                    session.timer = None;
                    session.guarded(ctx, |session, now| {
                        session.machine.handle_input(now, Input::Timeout);
                    });
                });
                self.timer = Some((next, handle));
            }
        }
    }

    fn connect(&mut self, now: Instant, plan: MediaPlan) {
        let call = self.call;
        {
            let mut info = lock(&self.snapshot.info);
            info.codec = Some(plan.send.kind);
            info.ptime_ms = plan.ptime.ms();
            info.direction = plan.direction;
            info.srtp = plan.srtp.as_ref().map(|srtp| srtp.suite);
            info.latch = plan.latch;
            info.remote_rtp = plan.remote_rtp.to_string();
        }
        let terms = |plan: &MediaPlan| (plan.send.kind, plan.srtp.as_ref().map(|s| s.suite));
        if self.plan.as_ref().map(terms) != Some(terms(&plan)) {
            let (codec, srtp) = terms(&plan);
            self.shared.emit(EventKind::Media { call, codec, srtp });
        }
        if !self.to_worker(WorkerCmd::Connect { call, plan: Box::new(plan.clone()) }) {
            self.give_up(now, WORKER_BUSY.to_owned());
        }
        self.plan = Some(plan);
    }

    fn handle_event(&mut self, event: CallEvent) {
        match event {
            CallEvent::State { state, code, text } => self.enter(public_state(state), code, &text),
            CallEvent::Ended { reason, code, text } => {
                self.end(code, &text, error_of(reason), Some(reason));
            }
            CallEvent::Dtmf { digit, duration } => {
                self.shared.emit(EventKind::Dtmf { call: self.call, digit, duration });
            }
            CallEvent::DtmfSent { accepted } => {
                if let Some(sent) = self.digits.answered(accepted) {
                    let error = sent.refused.then_some(ErrorKind::Refused);
                    let text =
                        if sent.refused { "the far end did not take every digit" } else { "" };
                    self.reply(sent.request, error, text);
                }
            }
            CallEvent::Message { message } => {
                self.signal(FromSession::Message { call: self.call, message });
            }
            CallEvent::Request { server, message } => {
                self.signal(FromSession::Offer { call: self.call, server, message });
            }
            CallEvent::Sent { number, code, text, response } => {
                self.sent(number, code, text, response.as_ref());
            }
            CallEvent::Renegotiated { code, text } => self.handle_changed(code, &text),
            CallEvent::LocalHold { held } => self.handle_hold(Some(held), None),
            CallEvent::RemoteHold { held } => self.handle_hold(None, Some(held)),
            event => self.handle_service_event(event),
        }
    }

    /// Keeps the far end's latest INVITE or final response to ours for the host's look-ups.
    fn remember(&self, input: &Input) {
        let message = match input {
            Input::Request { message, .. } if message.is_method(&Method::Invite) => message,
            Input::Response { message, .. } if answers_invite(message) => {
                // Another far end that refused is not the one of the call.
                if let Some(to) = message.to().filter(|_| message.status() < Some(300)) {
                    lock(&self.snapshot.info).remote_display_name = to.display.unwrap_or_default();
                }
                message
            }
            _ => return,
        };
        *lock(&self.snapshot.message) = Some(message.clone());
    }

    fn enter(&mut self, state: CallState, code: u16, text: &str) {
        if state == CallState::Connected && self.state != CallState::Connected {
            lock(&self.snapshot.times).connected = Some(Instant::now());
            if let Some(request) = self.dial_request.take() {
                self.reply(Some(request), None, "");
            }
        }
        self.state = state;
        {
            let mut info = lock(&self.snapshot.info);
            info.state = state;
            info.code = code;
        }
        if let Some(announcement) = self.announcement.take() {
            self.shared.emit(announcement);
            return;
        }
        self.shared.emit(EventKind::Call {
            call: self.call,
            state,
            code,
            text: text.to_owned(),
            error: None,
            reason: None,
            cause: None,
        });
    }

    fn reply(&self, request: Option<RequestId>, error: Option<ErrorKind>, text: &str) {
        self.shared.reply(request, error, text);
    }

    /// A request of the host's was answered, or failed.
    fn sent(&mut self, number: u64, code: u16, text: String, response: Option<&Message>) {
        let Some(request) = self.sent.remove(&number) else { return };
        let error = if code == 0 { Some(ErrorKind::WrongState) } else { refusal(code) };
        let content = answered(response);
        self.shared.emit(EventKind::Reply { request, error, text, code, content });
    }

    fn handle_command(&mut self, now: Instant, command: CallCommand, request: Option<RequestId>) {
        let Some(command) = self.handle_service(now, command, request) else { return };
        let input = match command {
            CallCommand::Ring => Input::Ring,
            CallCommand::Progress => Input::Progress,
            CallCommand::Answer { headers } => Input::Answer { headers },
            CallCommand::Reject { code, reason } => Input::Reject { code, reason },
            CallCommand::Hangup => Input::Hangup,
            CallCommand::Hold { held } => {
                self.hold(now, held, request);
                return;
            }
            CallCommand::Dtmf { digits, duration } => {
                self.send_digits(now, digits, duration, request);
                return;
            }
            CallCommand::SendRequest { outgoing } => {
                let number = self.next_sent;
                self.next_sent += 1;
                self.sent.extend(request.map(|request| (number, request)));
                self.machine.handle_input(now, Input::Send { number, outgoing });
                return;
            }
            // The rest is media's and went to the worker.
            _ => return,
        };
        let answers = matches!(
            input,
            Input::Ring | Input::Progress | Input::Answer { .. } | Input::Reject { .. }
        );
        if answers && (self.machine.is_outgoing() || !self.is_open()) {
            let text = "only an incoming call that is not answered yet can be answered";
            self.reply(request, Some(ErrorKind::WrongState), text);
            return;
        }
        self.machine.handle_input(now, input);
        self.reply(request, None, "");
    }

    /// Whether the call is not answered yet.
    fn is_open(&self) -> bool {
        matches!(
            self.state,
            CallState::New | CallState::Incoming | CallState::Ringing | CallState::EarlyMedia
        )
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.guarded(ctx, |_, _| {});
    }
}

impl Handler<SessionMsg> for Session {
    type Result = ();

    fn handle(&mut self, message: SessionMsg, ctx: &mut Self::Context) {
        if self.over {
            return self.handle_late(message);
        }
        self.guarded(ctx, |session, now| match message {
            SessionMsg::Command { command, request } => {
                session.handle_command(now, command, request);
            }
            SessionMsg::TellFarEnd { call, request } => session.tell_far_end(call, request),
            SessionMsg::TransferAttended { target, replaces, request } => {
                session.transfer_attended(now, target, replaces, request);
            }
            SessionMsg::Input(input) => {
                session.remember(&input);
                session.remember_kind(&input);
                session.machine.handle_input(now, *input);
            }
            SessionMsg::Fault(fault) => session.fault = Some(fault),
            SessionMsg::CutOff => session.end(0, CUT_OFF, Some(ErrorKind::Shutdown), None),
            SessionMsg::Moved(worker) => session.worker = worker,
        });
    }
}

fn answers_invite(message: &Message) -> bool {
    message.status().is_some_and(|status| status >= 200)
        && message.cseq().is_some_and(|cseq| cseq.method == Method::Invite)
}

fn public_state(state: call::CallState) -> CallState {
    match state {
        call::CallState::Dialing => CallState::Dialing,
        call::CallState::Incoming => CallState::Incoming,
        call::CallState::Ringing => CallState::Ringing,
        call::CallState::EarlyMedia => CallState::EarlyMedia,
        call::CallState::Connected => CallState::Connected,
        call::CallState::Ending => CallState::Ending,
        call::CallState::Ended => CallState::Ended,
    }
}

/// What a host decides by; an orderly end is none.
fn error_of(reason: EndReason) -> Option<ErrorKind> {
    Some(match reason {
        EndReason::LocalHangup
        | EndReason::RemoteHangup
        | EndReason::RemoteCancel
        | EndReason::AnsweredElsewhere
        | EndReason::Transferred
        | EndReason::Forwarded
        | EndReason::MaxDuration => return None,
        EndReason::DeadMedia => ErrorKind::Timeout,
        EndReason::Refused => ErrorKind::Refused,
        EndReason::NoAnswer | EndReason::Timeout | EndReason::SessionExpired => ErrorKind::NoAnswer,
        EndReason::Transport => ErrorKind::Transport,
        EndReason::Authentication => ErrorKind::Authentication,
        EndReason::NoCodec => ErrorKind::NoCodec,
        EndReason::SrtpRequired => ErrorKind::SrtpRequired,
        _ => ErrorKind::Refused,
    })
}

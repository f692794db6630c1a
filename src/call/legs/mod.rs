//! A call as its host knows it: one far end at a time, one media, and the signalling legs behind it.
//!
//! ```text
//! INVITE, dial ─▶ current ──REFER of the far end──▶ current + next ──answered──▶ next is current,
//!                    │                                  └─refused─▶ current       the old is past
//!                    └──INVITE with Replaces──▶ the new one is current, the old is past
//! ```
//!
//! The host keeps its call through all of it: only [`CallEvent::Replaced`] tells that somebody else
//! is at the other end. A past leg says BYE and is gone; the end of the call is told when no leg is
//! left. Answering by itself, sending on, and the longest times of a call are here too, since they
//! are decided by nothing of the protocol. RFC 3515, 3891, 5589.
//!
//! The drain rule is that of [`Machine`].

mod replace;
mod waits;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

pub use self::replace::replaced_by;
use self::waits::{WAITS, Wait};
use super::{
    early_media::Ear,
    event::{CallEvent, CallState, EndReason},
    io::{Input, Output},
    machine::Machine,
    services::Cause,
    settings::Settings,
    transfer::{Referral, TransferEvent},
};
use crate::{
    base::{
        plan::{Direction, MediaPlan},
        rng::Rng,
    },
    proto::sip::{
        dialog::Dialog,
        endpoint::ServerTransaction,
        uri::{NameAddr, Uri},
        wire::Message,
    },
};

/// One dialog of the call.
#[derive(Debug)]
struct Leg {
    /// Tells its requests from those of other legs.
    number: u32,
    /// Large, and most calls have one only.
    machine: Box<Machine>,
    /// The latest plan of its media.
    plan: Option<Box<MediaPlan>>,
    /// What is heard of it.
    ear: Ear,
}

/// One call. See the module's doc.
#[derive(Debug)]
pub struct Call {
    current: Leg,
    next: Option<Leg>,
    past: Vec<Leg>,
    next_number: u32,
    /// What the far end asked for, while our user decides.
    referral: Option<Referral>,
    waits: [Option<Instant>; WAITS.len()],
    /// Since when no media came.
    silent_since: Option<Instant>,
    outputs: VecDeque<Output>,
    /// How the end is reported, when it was not the user or the far end who wanted it.
    end_as: Option<(EndReason, &'static str)>,
    /// Our user knows that the call stands; a far end that takes another's place changes nothing.
    connected: bool,
    /// The end of the call, while past legs still end.
    ended: Option<CallEvent>,
    /// It was reported.
    over: bool,
}

impl Call {
    /// Places a call; see [`Machine::outgoing`].
    pub fn outgoing(now: Instant, settings: Settings, target: Uri, rng: Rng) -> Self {
        Self::with(now, Machine::outgoing(now, settings, target, rng))
    }

    /// Takes an INVITE outside of a dialog; see [`Machine::incoming`].
    pub fn incoming(
        now: Instant,
        settings: Settings,
        server: ServerTransaction,
        invite: Message,
        rng: Rng,
    ) -> Self {
        let services = settings.services.clone();
        let mut call = Self::with(now, Machine::incoming(now, settings, server, invite, rng));
        if call.rings() {
            call.wait(Wait::AutoAnswer, services.auto_answer.map(|after| now + after));
            call.wait(Wait::Forward, services.forward.map(|forward| now + forward.after));
        }
        call
    }

    fn with(now: Instant, machine: Machine) -> Self {
        let mut call = Self {
            current: Leg { number: 0, machine: Box::new(machine), plan: None, ear: Ear::Remote },
            next: None,
            past: Vec::new(),
            next_number: 1,
            referral: None,
            waits: [None; WAITS.len()],
            silent_since: None,
            outputs: VecDeque::new(),
            end_as: None,
            connected: false,
            ended: None,
            over: false,
        };
        call.drain(now);
        call
    }

    /// Feeds one input; then drain [`Call::poll_output`].
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Request { ref message, .. } | Input::Ack { ref message } => {
                self.leg_of(message).handle_input(now, input);
            }
            Input::Response { tag, message, trusted } => {
                let input = Input::Response { tag: tag & TAG_MASK, message, trusted };
                self.feed_number(now, tag >> TAG_BITS, input);
            }
            Input::Failed { tag, reason } => {
                let input = Input::Failed { tag: tag & TAG_MASK, reason };
                self.feed_number(now, tag >> TAG_BITS, input);
            }
            Input::Cancelled { .. } | Input::ServerFailed { .. } | Input::Moved { .. } => {
                for machine in self.machines() {
                    machine.handle_input(now, input.clone());
                }
            }
            Input::Timeout => self.handle_timeout(now),
            Input::Hangup | Input::HangupWith { .. } => self.hangup(now, input),
            Input::DecideTransfer { accept } => self.decide_transfer(now, accept),
            Input::Replace { server, message } => self.replace(now, server, message),
            Input::MediaSilent { silent, since } => {
                self.silent_since = silent.then(|| now.checked_sub(since).unwrap_or(now));
                self.watch_media();
            }
            Input::FollowRedirect { .. } => {
                // Asked of the host by the far end that the call is on its way to, if it is.
                let leg = self.next.as_mut().unwrap_or(&mut self.current);
                leg.machine.handle_input(now, input);
            }
            input => self.current.machine.handle_input(now, input),
        }
        self.drain(now);
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let legs = [&self.current].into_iter().chain(&self.next).chain(&self.past);
        let legs = legs.filter_map(|leg| leg.machine.poll_timeout());
        legs.chain(self.waits.into_iter().flatten()).min()
    }

    /// Call-ID of the leg in force; with [`Call::local_tag`] it finds the call of a request.
    pub fn call_id(&self) -> &str {
        self.current.machine.call_id()
    }

    /// Our tag in it.
    pub fn local_tag(&self) -> &str {
        self.current.machine.local_tag()
    }

    /// Whether we placed it.
    pub fn is_outgoing(&self) -> bool {
        self.current.machine.is_outgoing()
    }

    /// Who is at the other end now.
    pub fn remote(&self) -> &NameAddr {
        self.current.machine.remote()
    }

    /// Our own URI towards it.
    pub fn local(&self) -> &NameAddr {
        self.current.machine.local()
    }

    /// The state of the call.
    pub fn state(&self) -> CallState {
        match (self.over, &self.ended) {
            (true, _) => CallState::Ended,
            (false, Some(_)) => CallState::Ending,
            (false, None) => self.current.machine.state(),
        }
    }

    /// Status code of the last event that had one.
    pub fn code(&self) -> u16 {
        self.current.machine.code()
    }

    /// The plan in force.
    pub fn plan(&self) -> Option<&MediaPlan> {
        self.current.machine.plan()
    }

    /// The first header of that name in the far end's latest INVITE or final response.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.current.machine.header(name)
    }

    /// The INVITE that made an incoming call.
    pub fn invite(&self) -> Option<&Message> {
        self.current.machine.invite()
    }

    /// Why the call ended, as the far end said in a Reason header.
    pub fn cause(&self) -> Option<&Cause> {
        self.current.machine.cause()
    }

    /// The dialog in force, once there is one.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.current.machine.dialog()
    }

    /// The machine of the leg in force.
    pub fn machine(&self) -> &Machine {
        &self.current.machine
    }

    /// Whether the user can still be asked about it.
    fn rings(&self) -> bool {
        let state = self.current.machine.state();
        let open = [CallState::Incoming, CallState::Ringing, CallState::EarlyMedia];
        !self.is_outgoing() && open.contains(&state)
    }

    fn machines(&mut self) -> impl Iterator<Item = &mut Machine> {
        let legs = [&mut self.current].into_iter().chain(&mut self.next).chain(&mut self.past);
        legs.map(|leg| &mut *leg.machine)
    }

    /// The leg that a request belongs to.
    fn leg_of(&mut self, message: &Message) -> &mut Machine {
        let tag = message.to_tag();
        let is_it = |leg: &&mut Leg| {
            leg.machine.local_tag() == tag && message.call_id() == Some(leg.machine.call_id())
        };
        let other = self.next.iter_mut().chain(&mut self.past).find(is_it);
        match other {
            Some(leg) => &mut leg.machine,
            None => &mut self.current.machine,
        }
    }

    fn feed_number(&mut self, now: Instant, number: u32, input: Input) {
        let legs = [&mut self.current].into_iter().chain(&mut self.next).chain(&mut self.past);
        for leg in legs.filter(|leg| leg.number == number) {
            leg.machine.handle_input(now, input.clone());
        }
    }

    fn hangup(&mut self, now: Instant, input: Input) {
        self.drop_referral(ENDED_FIRST);
        self.drop_next(now, input.clone(), ENDED_FIRST);
        self.current.machine.handle_input(now, input);
    }

    /// What the far end asked for is decided about no more.
    fn drop_referral(&mut self, text: &str) {
        self.wait(Wait::Referral, None);
        if self.referral.take().is_some() {
            self.transfer_failed(0, text);
        }
    }

    /// Ends the leg that the call was on its way to.
    fn drop_next(&mut self, now: Instant, input: Input, text: &str) {
        if let Some(mut next) = self.next.take() {
            next.machine.handle_input(now, input);
            self.past.push(next);
            self.transfer_failed(0, text);
        }
    }

    fn transfer_failed(&mut self, code: u16, text: &str) {
        let text = text.to_owned();
        self.event(CallEvent::Transfer(TransferEvent::Failed { code, text }));
    }

    fn decide_transfer(&mut self, now: Instant, accept: bool) {
        let Some(referral) = self.referral.take() else { return };
        self.wait(Wait::Referral, None);
        self.current.machine.handle_input(now, Input::DecideTransfer { accept });
        if accept {
            self.place(now, referral);
        }
    }

    fn drain(&mut self, now: Instant) {
        loop {
            if let Some(output) = self.current.machine.poll_output() {
                self.take_current(now, output);
            } else if let Some(output) = self.next.as_mut().and_then(|l| l.machine.poll_output()) {
                self.take_next(now, output);
            } else if let Some((number, output)) = self
                .past
                .iter_mut()
                .find_map(|leg| leg.machine.poll_output().map(|output| (leg.number, output)))
            {
                self.pass(number, output);
            } else {
                break;
            }
        }
        let over = |leg: &Leg| leg.machine.state() == CallState::Ended;
        while let Some(index) = self.past.iter().position(over) {
            let leg = self.past.remove(index);
            self.dialog_output(&leg.machine, false);
        }
        if self.past.is_empty()
            && let Some(ended) = self.ended.take()
        {
            self.over = true;
            self.waits = [None; WAITS.len()];
            self.event(ended);
        }
    }

    /// Signalling passes; the events and media of a leg that is not in force do not.
    fn pass(&mut self, number: u32, output: Output) {
        let tag_of = |tag: u32| (number << TAG_BITS) | (tag & TAG_MASK);
        self.outputs.push_back(match output {
            Output::Request { tag, request } => Output::Request { tag: tag_of(tag), request },
            Output::Cancel { tag, headers } => Output::Cancel { tag: tag_of(tag), headers },
            Output::Ack(_) | Output::Respond { .. } | Output::Dialog { .. } | Output::Note(_) => {
                output
            }
            Output::Event(_) | Output::Media(_) | Output::MediaEnd | Output::Listen(_) => return,
        });
    }

    fn take_current(&mut self, now: Instant, output: Output) {
        match output {
            Output::Media(plan) => {
                let before = self.current.plan.replace(plan.clone());
                if before.is_none_or(|before| !waits::flows(before.direction)) {
                    // Silence on hold does not count.
                    self.silent_since = self.silent_since.map(|_| now);
                }
                self.outputs.push_back(Output::Media(plan));
                self.watch_media();
            }
            Output::MediaEnd => {
                let plan = self.current.plan.take();
                match plan.filter(|_| self.next.is_some()) {
                    // The call goes on with somebody else; nothing is said or heard meanwhile.
                    Some(plan) => {
                        let plan = MediaPlan { direction: Direction::Inactive, ..*plan };
                        self.outputs.push_back(Output::Media(Box::new(plan)));
                    }
                    None => self.outputs.push_back(Output::MediaEnd),
                }
            }
            Output::Listen(ear) => {
                self.current.ear = ear;
                self.outputs.push_back(Output::Listen(ear));
            }
            Output::Event(event) => self.handle_event(now, event),
            output => self.pass(self.current.number, output),
        }
    }

    fn handle_event(&mut self, now: Instant, event: CallEvent) {
        match event {
            CallEvent::Transfer(TransferEvent::Asked(referral)) => {
                self.event(CallEvent::Transfer(TransferEvent::Asked(referral.clone())));
                match referral.decide {
                    true => {
                        self.referral = Some(*referral);
                        self.wait(Wait::Referral, Some(now + DECISION_WAIT));
                    }
                    false => self.place(now, *referral),
                }
            }
            CallEvent::State { state: CallState::Connected, .. } => {
                let longest = self.current.machine.settings().services.max_duration;
                if self.waits[Wait::MaxDuration as usize].is_none() {
                    self.wait(Wait::MaxDuration, longest.map(|longest| now + longest));
                }
                if !std::mem::replace(&mut self.connected, true) {
                    self.event(event);
                }
                self.watch_media();
            }
            CallEvent::Ended { reason, code, text } => match self.next.take() {
                Some(next) => {
                    let old = self.take_over(next);
                    self.dialog_output(&old.machine, false);
                    let (state, text) = (self.current.machine.state(), "transferred".to_owned());
                    self.event(CallEvent::State { state, code: 0, text });
                }
                None => {
                    let own = self.end_as.take();
                    let own = own.map(|(reason, text)| (reason, code, text.to_owned()));
                    let (reason, code, text) = own.unwrap_or((reason, code, text));
                    self.drop_referral(ENDED_FIRST);
                    self.waits = [None; WAITS.len()];
                    for leg in &mut self.past {
                        leg.machine.handle_input(now, Input::Hangup);
                    }
                    self.ended = Some(CallEvent::Ended { reason, code, text });
                }
            },
            event => self.event(event),
        }
    }

    fn take_next(&mut self, now: Instant, output: Output) {
        let Some(next) = &mut self.next else { return };
        let number = next.number;
        match output {
            Output::Media(plan) => next.plan = Some(plan),
            Output::MediaEnd => next.plan = None,
            Output::Listen(ear) => next.ear = ear,
            Output::Event(CallEvent::State { state: CallState::Connected, code, text }) => {
                self.connect_next(now, code, text);
            }
            Output::Event(CallEvent::State { code: code @ 101..200, text, .. }) => {
                let progress = Input::TransferProgress { code, text: text.clone() };
                self.current.machine.handle_input(now, progress);
                self.event(CallEvent::Transfer(TransferEvent::Progress { code, text }));
            }
            Output::Event(CallEvent::Ended { code, text, .. }) => {
                if let Some(next) = self.next.take() {
                    self.dialog_output(&next.machine, false);
                }
                // The far end is told a code in any case (RFC 3515 §2.4.5).
                let told = if code == 0 { 503 } else { code };
                let progress = Input::TransferProgress { code: told, text: text.clone() };
                self.current.machine.handle_input(now, progress);
                self.transfer_failed(code, &text);
            }
            Output::Event(event @ CallEvent::Redirected { .. }) => self.event(event),
            output => self.pass(number, output),
        }
    }

    fn event(&mut self, event: CallEvent) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// A request's tag has the number of its leg above these bits.
const TAG_BITS: u32 = 20;
const TAG_MASK: u32 = (1 << TAG_BITS) - 1;

/// How long our user has to decide about a REFER. Shorter than the subscription that it made, so that
/// the far end is told.
const DECISION_WAIT: Duration = Duration::from_secs(60);

/// Why a transfer came to nothing that the end of the call overtook.
const ENDED_FIRST: &str = "the call ended before it";

/// Most legs that are ending at once; a far end that refers us in a circle waits for them.
const MOST_PAST: usize = 4;

//! One phone of a test: an endpoint and at most one call on it.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use sidetone::{
    base::{plan::MediaPlan, rng::Rng},
    call::{CallEvent, CallState, Ear, Input, Machine, Output, SUPPORTED, Settings},
    proto::sip::{
        Flow, Transport,
        endpoint::{self, ClientTransaction, Endpoint, EndpointConfig, ServerTransaction, TuEvent},
        transaction::Failure,
        uri,
        wire::{Message, Method, Request, Response},
    },
};

use crate::pair::{address, settings_of};

/// Answers a request before a call sees it, as a registrar or a challenging proxy does.
pub type Guard = Box<dyn FnMut(&Message) -> Option<Response>>;

/// One phone: an endpoint and at most one call.
pub struct Phone {
    /// Its address.
    pub address: SocketAddr,
    /// What its calls are made with.
    pub settings: Settings,
    /// The call, from dialing or INVITE on.
    pub call: Option<Machine>,
    /// How many calls it has had.
    pub calls: usize,
    /// What its call said, with the time.
    pub events: Vec<(Duration, CallEvent)>,
    /// What it wanted in the log.
    pub notes: Vec<String>,
    /// Plans given to its media, `None` for the end of media.
    pub plans: Vec<Option<MediaPlan>>,
    /// What its user was let hear, with the time.
    pub ears: Vec<(Duration, Ear)>,
    /// Answers requests ahead of the call.
    pub guard: Option<Guard>,
    /// Its requests cannot be sent.
    pub cut_off: bool,
    /// Its requests go where its credentials may go.
    pub trusts: bool,
    /// Sends 180 and 200 by itself after these times from the INVITE.
    pub ring_after: Option<Duration>,
    /// See `ring_after`.
    pub answer_after: Option<Duration>,
    /// Its transactions.
    pub endpoint: Endpoint,
    /// Its random numbers.
    pub rng: Rng,
    clients: Vec<(ClientTransaction, u32)>,
    planned: VecDeque<(Instant, Input)>,
}

impl Phone {
    pub fn new(index: usize, mut rng: Rng) -> Self {
        let config = EndpointConfig {
            allow: vec![
                Method::Invite,
                Method::Ack,
                Method::Cancel,
                Method::Bye,
                Method::Options,
                Method::Info,
                Method::Update,
                Method::Prack,
                Method::Refer,
                Method::Notify,
                Method::Register,
            ],
            supported: SUPPORTED.map(str::to_owned).to_vec(),
            ..EndpointConfig::default()
        };
        Self {
            address: address(index),
            settings: settings_of(index),
            call: None,
            calls: 0,
            events: Vec::new(),
            notes: Vec::new(),
            plans: Vec::new(),
            ears: Vec::new(),
            guard: None,
            cut_off: false,
            trusts: true,
            ring_after: None,
            answer_after: None,
            endpoint: Endpoint::new(config, rng.fork()),
            rng,
            clients: Vec::new(),
            planned: VecDeque::new(),
        }
    }

    /// Makes a call the phone's; what is still on its way for the one before reaches nobody.
    pub fn take_call(&mut self, call: Machine) {
        self.clients.clear();
        self.calls += 1;
        self.planned.clear();
        self.call = Some(call);
    }

    pub fn next_time(&self) -> Option<Instant> {
        let call = self.call.as_ref().and_then(Machine::poll_timeout);
        let planned = self.planned.iter().map(|(at, _)| *at).min();
        [self.endpoint.poll_timeout(), call, planned].into_iter().flatten().min()
    }

    pub fn wake(&mut self, now: Instant) {
        if self.endpoint.poll_timeout().is_some_and(|at| at <= now) {
            self.endpoint.handle_timeout(now);
        }
        let Some(call) = &mut self.call else { return };
        if call.poll_timeout().is_some_and(|at| at <= now) {
            call.handle_input(now, Input::Timeout);
        }
        while let Some(index) = self.planned.iter().position(|(at, _)| *at <= now) {
            if let Some((_, input)) = self.planned.remove(index) {
                call.handle_input(now, input);
            }
        }
    }

    /// Carries out what call and endpoint want; gives what is to be sent.
    pub fn drain(&mut self, now: Instant, time: Duration) -> Vec<(Flow, Bytes)> {
        let mut sent = Vec::new();
        loop {
            if let Some(output) = self.call.as_mut().and_then(Machine::poll_output) {
                self.carry_out(now, time, output);
            } else if let Some(output) = self.endpoint.poll_output() {
                match output {
                    endpoint::Output::Transmit { flow, bytes } => sent.push((flow, bytes)),
                    endpoint::Output::Event(event) => self.dispatch(now, event),
                }
            } else {
                return sent;
            }
        }
    }

    fn carry_out(&mut self, now: Instant, time: Duration, output: Output) {
        match output {
            Output::Request { tag, request } => {
                let Some(flow) = self.flow_of(&request) else {
                    let failed = Input::Failed { tag, reason: Failure::Transport };
                    return self.input(now, failed);
                };
                let client = self.endpoint.request(now, request, flow);
                self.clients.push((client, tag));
            }
            Output::Cancel { tag, headers } => {
                let client = self.clients.iter().find(|(_, known)| *known == tag);
                let client = client.expect("an INVITE to cancel").0;
                self.endpoint.cancel_with(now, client, &headers);
            }
            Output::Ack(request) => {
                if let Some(flow) = self.flow_of(&request) {
                    self.endpoint.send_ack(request, flow);
                }
            }
            Output::Respond { server, response } => {
                self.endpoint.respond(now, server, response);
            }
            Output::Event(event) => self.events.push((time, event)),
            Output::Note(text) => self.notes.push(text),
            Output::Media(plan) => self.plans.push(Some(*plan)),
            Output::MediaEnd => self.plans.push(None),
            Output::Listen(ear) => self.ears.push((time, ear)),
            // A machine alone has one dialog.
            Output::Dialog { .. } => {}
        }
    }

    fn flow_of(&self, request: &Request) -> Option<Flow> {
        let hop = uri::next_hop(request).ok().filter(|_| !self.cut_off)?;
        let remote = SocketAddr::new(hop.host.ip()?, hop.port.unwrap_or(5060));
        Some(Flow { transport: Transport::Udp, local: self.address, remote })
    }

    fn dispatch(&mut self, now: Instant, event: TuEvent) {
        let input = match event {
            TuEvent::Request { server, message, .. } => {
                return self.handle_request(now, server, message);
            }
            TuEvent::Cancelled { server, message } => Input::Cancelled { server, message },
            TuEvent::Ack { message, .. } => Input::Ack { message },
            TuEvent::Response { client, message, .. } => {
                let Some(tag) = self.tag_of(client) else { return };
                Input::Response { tag, message, trusted: self.trusts }
            }
            TuEvent::Failed { client, reason } => {
                let Some(tag) = self.tag_of(client) else { return };
                Input::Failed { tag, reason }
            }
            TuEvent::ServerFailed { server, .. } => Input::ServerFailed { server },
            _ => return,
        };
        self.input(now, input);
    }

    fn input(&mut self, now: Instant, input: Input) {
        if let Some(call) = &mut self.call {
            call.handle_input(now, input);
        }
    }

    fn is_free(&self) -> bool {
        self.call.as_ref().is_none_or(|call| call.state() == CallState::Ended)
    }

    fn tag_of(&self, client: ClientTransaction) -> Option<u32> {
        self.clients.iter().find(|(known, _)| *known == client).map(|(_, tag)| *tag)
    }

    fn handle_request(&mut self, now: Instant, server: ServerTransaction, message: Message) {
        if let Some(response) = self.guard.as_mut().and_then(|guard| guard(&message)) {
            self.endpoint.respond(now, server, response);
            return;
        }
        let to_tag = message.to_tag();
        let ours = self.call.as_ref().is_some_and(|call| {
            call.local_tag() == to_tag && Some(call.call_id()) == message.call_id()
        });
        if ours {
            if let Some(call) = &mut self.call {
                call.handle_input(now, Input::Request { server, message });
            }
        } else if message.is_method(&Method::Invite) && to_tag.is_empty() && self.is_free() {
            let (settings, rng) = (self.settings.clone(), self.rng.fork());
            self.take_call(Machine::incoming(now, settings, server, message, rng));
            let answer = Input::Answer { headers: Vec::new() };
            let planned = [(self.ring_after, Input::Ring), (self.answer_after, answer)];
            for (after, input) in planned {
                self.planned.extend(after.map(|after| (now + after, input)));
            }
        } else {
            let code = if to_tag.is_empty() { 486 } else { 481 };
            self.endpoint.respond(now, server, Response::to(&message, code, ""));
        }
    }
}

//! Desks with several calls each on a network that loses nothing, in virtual time: for what needs
//! three parties, such as transfers.

#![allow(dead_code)]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use sidetone::{
    base::{plan::MediaPlan, rng::Rng},
    call::{Call, CallEvent, CallState, EndReason, Input, Output, SUPPORTED, Settings, legs},
    proto::sip::{
        Flow, Transport,
        endpoint::{self, ClientTransaction, Endpoint, EndpointConfig, ServerTransaction, TuEvent},
        uri::{self, Uri},
        wire::{Message, Method, Request, Response},
    },
};

use crate::{
    pair::{address, settings_of},
    phone::Guard,
};

/// A call at a desk.
pub struct Line {
    pub call: Call,
    pub events: Vec<CallEvent>,
    pub plans: Vec<Option<MediaPlan>>,
}

/// One endpoint and its calls.
pub struct Desk {
    pub address: SocketAddr,
    pub settings: Settings,
    pub lines: Vec<Line>,
    /// Answers a request ahead of the calls.
    pub guard: Option<Guard>,
    endpoint: Endpoint,
    rng: Rng,
    clients: Vec<(ClientTransaction, usize, u32)>,
    dialogs: Vec<(String, String, usize)>,
    servers: Vec<(ServerTransaction, usize)>,
}

/// The desks and what lies between them; each datagram takes 10 ms.
pub struct Office {
    pub desks: Vec<Desk>,
    /// Everything ever sent, with its sender.
    pub log: Vec<(usize, Message)>,
    now: Instant,
    wire: Vec<(Instant, SocketAddr, SocketAddr, Bytes)>,
}

impl Office {
    pub fn new(count: usize, seed: u64) -> Self {
        let mut rng = Rng::from_number(seed);
        Self {
            desks: (0..count).map(|index| Desk::new(index, rng.fork())).collect(),
            log: Vec::new(),
            now: Instant::now(),
            wire: Vec::new(),
        }
    }

    /// Desk `from` calls `target`; gives the number of the line.
    pub fn dial(&mut self, from: usize, target: Uri) -> usize {
        let now = self.now;
        let desk = &mut self.desks[from];
        let (settings, rng) = (desk.settings.clone(), desk.rng.fork());
        let line = desk.add(Call::outgoing(now, settings, target, rng));
        self.settle(from);
        line
    }

    /// Desk `from` calls desk `to`, which answers; gives the numbers of both lines.
    pub fn connect(&mut self, from: usize, to: usize) -> (usize, usize) {
        let (out, into) = self.ring(from, to);
        self.input(to, into, Input::Answer { headers: Vec::new() });
        self.run_ms(100);
        assert_eq!(self.state(from, out), CallState::Connected);
        assert_eq!(self.state(to, into), CallState::Connected);
        (out, into)
    }

    /// Desk `from` calls desk `to`, which rings.
    pub fn ring(&mut self, from: usize, to: usize) -> (usize, usize) {
        let out = self.dial(from, crate::pair::uri_of(to));
        self.run_ms(50);
        let into = self.desks[to].lines.len() - 1;
        self.input(to, into, Input::Ring);
        self.run_ms(50);
        (out, into)
    }

    pub fn input(&mut self, desk: usize, line: usize, input: Input) {
        let now = self.now;
        self.desks[desk].lines[line].call.handle_input(now, input);
        self.settle(desk);
    }

    /// Sends a request of the test's own from a desk's endpoint.
    pub fn request(&mut self, desk: usize, request: Request, to: usize) {
        let flow = Flow { transport: Transport::Udp, local: address(desk), remote: address(to) };
        let now = self.now;
        self.desks[desk].endpoint.request(now, request, flow);
        self.settle(desk);
    }

    pub fn run_ms(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        let mut steps = 0;
        while let Some(next) = self.next_time().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.step();
            steps += 1;
            assert!(steps < 100_000, "something spins");
        }
        self.now = end;
    }

    pub fn run_s(&mut self, seconds: u64) {
        self.run_ms(seconds * 1000);
    }

    pub fn line(&self, desk: usize, line: usize) -> &Line {
        &self.desks[desk].lines[line]
    }

    pub fn state(&self, desk: usize, line: usize) -> CallState {
        self.line(desk, line).call.state()
    }

    /// How a line's call ended; `None` while it is up.
    pub fn end(&self, desk: usize, line: usize) -> Option<(EndReason, u16)> {
        self.line(desk, line).events.iter().find_map(|event| match event {
            CallEvent::Ended { reason, code, .. } => Some((*reason, *code)),
            _ => None,
        })
    }

    /// Everything sent by a desk, in words.
    pub fn sent(&self, desk: usize) -> Vec<String> {
        self.log
            .iter()
            .filter(|(from, _)| *from == desk)
            .map(|(_, message)| what(message))
            .collect()
    }

    /// The messages of a desk that are `wanted`.
    pub fn all(&self, desk: usize, wanted: &str) -> Vec<&Message> {
        let is_it = |(from, message): &&(usize, Message)| *from == desk && what(message) == wanted;
        self.log.iter().filter(is_it).map(|(_, message)| message).collect()
    }

    /// The last message of a desk that is `wanted`.
    pub fn last(&self, desk: usize, wanted: &str) -> &Message {
        self.all(desk, wanted).pop().unwrap_or_else(|| panic!("{wanted} was never sent"))
    }

    /// Every call is over, and nothing runs anywhere.
    pub fn assert_quiet(&mut self) {
        self.run_s(300);
        for (index, desk) in self.desks.iter().enumerate() {
            assert_eq!(desk.endpoint.open_transactions(), (0, 0), "desk {index}");
            assert!(desk.dialogs.is_empty() || !desk.lines.is_empty());
            for line in &desk.lines {
                assert_eq!(line.call.state(), CallState::Ended, "desk {index}");
                assert_eq!(line.call.poll_timeout(), None, "desk {index}");
                assert!(line.plans.last().is_none_or(Option::is_none), "media of desk {index}");
            }
        }
    }

    fn next_time(&self) -> Option<Instant> {
        let wire = self.wire.iter().map(|(at, ..)| *at);
        wire.chain(self.desks.iter().filter_map(Desk::next_time)).min()
    }

    fn step(&mut self) {
        let first = self.wire.iter().position(|(at, ..)| *at <= self.now);
        if let Some(index) = first {
            let (_, from, to, bytes) = self.wire.remove(index);
            if let Some(index) = self.desks.iter().position(|desk| desk.address == to) {
                let flow = Flow { transport: Transport::Udp, local: to, remote: from };
                self.desks[index].endpoint.handle_message(self.now, flow, bytes);
                self.settle(index);
            }
            return;
        }
        for index in 0..self.desks.len() {
            self.desks[index].wake(self.now);
            self.settle(index);
        }
    }

    fn settle(&mut self, index: usize) {
        let sent = self.desks[index].drain(self.now);
        for (flow, bytes) in sent {
            let message = Message::parse(bytes.clone()).expect("we send what parses");
            assert_eq!(message.defect(), None);
            self.log.push((index, message));
            self.wire.push((self.now + Duration::from_millis(10), flow.local, flow.remote, bytes));
        }
    }
}

impl Desk {
    fn new(index: usize, mut rng: Rng) -> Self {
        let config = EndpointConfig {
            allow: Method::KNOWN.to_vec(),
            supported: SUPPORTED.map(str::to_owned).to_vec(),
            ..EndpointConfig::default()
        };
        Self {
            address: address(index),
            settings: settings_of(index),
            lines: Vec::new(),
            guard: None,
            endpoint: Endpoint::new(config, rng.fork()),
            rng,
            clients: Vec::new(),
            dialogs: Vec::new(),
            servers: Vec::new(),
        }
    }

    fn add(&mut self, call: Call) -> usize {
        let line = self.lines.len();
        self.dialogs.push((call.call_id().to_owned(), call.local_tag().to_owned(), line));
        self.lines.push(Line { call, events: Vec::new(), plans: Vec::new() });
        line
    }

    fn next_time(&self) -> Option<Instant> {
        let calls = self.lines.iter().filter_map(|line| line.call.poll_timeout());
        calls.chain(self.endpoint.poll_timeout()).min()
    }

    fn wake(&mut self, now: Instant) {
        if self.endpoint.poll_timeout().is_some_and(|at| at <= now) {
            self.endpoint.handle_timeout(now);
        }
        for line in &mut self.lines {
            if line.call.poll_timeout().is_some_and(|at| at <= now) {
                line.call.handle_input(now, Input::Timeout);
            }
        }
    }

    fn drain(&mut self, now: Instant) -> Vec<(Flow, Bytes)> {
        let mut sent = Vec::new();
        loop {
            let output =
                self.lines.iter_mut().enumerate().find_map(|(index, line)| {
                    line.call.poll_output().map(|output| (index, output))
                });
            if let Some((line, output)) = output {
                self.carry_out(now, line, output);
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

    fn flow_of(&self, request: &Request) -> Flow {
        let hop = uri::next_hop(request).expect("a next hop");
        let ip = hop.host.ip().expect("an address");
        let remote = SocketAddr::new(ip, hop.port.unwrap_or(5060));
        Flow { transport: Transport::Udp, local: self.address, remote }
    }

    fn carry_out(&mut self, now: Instant, line: usize, output: Output) {
        match output {
            Output::Request { tag, request } => {
                let flow = self.flow_of(&request);
                let client = self.endpoint.request(now, request, flow);
                self.clients.push((client, line, tag));
            }
            Output::Cancel { tag, headers } => {
                let known = self.clients.iter().find(|(_, l, t)| (*l, *t) == (line, tag));
                let client = known.expect("an INVITE to cancel").0;
                self.endpoint.cancel_with(now, client, &headers);
            }
            Output::Ack(request) => {
                let flow = self.flow_of(&request);
                self.endpoint.send_ack(request, flow);
            }
            Output::Respond { server, response } => {
                self.endpoint.respond(now, server, response);
            }
            Output::Dialog { call_id, local_tag, live: true } => {
                self.dialogs.push((call_id, local_tag, line));
            }
            Output::Dialog { call_id, local_tag, live: false } => {
                self.dialogs.retain(|(id, tag, _)| (id, tag) != (&call_id, &local_tag));
            }
            Output::Event(event) => self.lines[line].events.push(event),
            Output::Media(plan) => self.lines[line].plans.push(Some(*plan)),
            Output::MediaEnd => self.lines[line].plans.push(None),
            Output::Listen(_) | Output::Note(_) => {}
        }
    }

    fn dispatch(&mut self, now: Instant, event: TuEvent) {
        match event {
            TuEvent::Request { server, message, .. } => self.request(now, server, message),
            TuEvent::Cancelled { server, message } => {
                if let Some(line) = self.line_of(server) {
                    self.feed(now, line, Input::Cancelled { server, message });
                }
            }
            TuEvent::ServerFailed { server, .. } => {
                if let Some(line) = self.line_of(server) {
                    self.feed(now, line, Input::ServerFailed { server });
                }
            }
            TuEvent::Ack { message, .. } => {
                if let Some(line) = self.dialog(message.call_id(), &message.to_tag()) {
                    self.feed(now, line, Input::Ack { message });
                }
            }
            TuEvent::Response { client, message, .. } => {
                if let Some(&(_, line, tag)) = self.clients.iter().find(|(c, ..)| *c == client) {
                    self.feed(now, line, Input::Response { tag, message, trusted: true });
                }
            }
            TuEvent::Failed { client, reason } => {
                if let Some(&(_, line, tag)) = self.clients.iter().find(|(c, ..)| *c == client) {
                    self.feed(now, line, Input::Failed { tag, reason });
                }
            }
            _ => {}
        }
    }

    fn feed(&mut self, now: Instant, line: usize, input: Input) {
        self.lines[line].call.handle_input(now, input);
    }

    fn line_of(&self, server: ServerTransaction) -> Option<usize> {
        self.servers.iter().find(|(known, _)| *known == server).map(|(_, line)| *line)
    }

    fn dialog(&self, call_id: Option<&str>, tag: &str) -> Option<usize> {
        let found = self.dialogs.iter().find(|(id, t, _)| Some(id.as_str()) == call_id && t == tag);
        found.map(|(.., line)| *line)
    }

    fn request(&mut self, now: Instant, server: ServerTransaction, message: Message) {
        if let Some(response) = self.guard.as_mut().and_then(|guard| guard(&message)) {
            self.endpoint.respond(now, server, response);
            return;
        }
        if let Some(line) = self.dialog(message.call_id(), &message.to_tag()) {
            self.servers.push((server, line));
            return self.feed(now, line, Input::Request { server, message });
        }
        let code = match legs::replaced_by(&message) {
            _ if !message.is_method(&Method::Invite) => 481,
            Err(code) => code,
            Ok(Some(replaces)) => match self.dialog(Some(&replaces.call_id), &replaces.to_tag) {
                Some(line) => {
                    self.servers.push((server, line));
                    return self.feed(now, line, Input::Replace { server, message });
                }
                None => 481,
            },
            Ok(None) => {
                let (settings, rng) = (self.settings.clone(), self.rng.fork());
                let call = Call::incoming(now, settings, server, message, rng);
                let line = self.add(call);
                self.servers.push((server, line));
                return;
            }
        };
        self.endpoint.respond(now, server, Response::to(&message, code, ""));
    }
}

/// `INVITE`, `200 INVITE`, …
pub fn what(message: &Message) -> String {
    let method = message.method().map(|method| method.to_string()).unwrap_or_default();
    match message.status() {
        Some(status) => format!("{status} {method}"),
        None => method,
    }
}

//! Phones on a scripted network in virtual time: each an endpoint with one call on it.
//!
//! A datagram's fate is decided by a function of the test; nothing here sleeps, and the same script
//! gives the same run.

#![allow(dead_code)]

use std::{
    cell::Cell,
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use sidetone::{
    base::{plan::MediaPlan, rng::Rng},
    call::{AudioTerms, CallEvent, CallState, EndReason, Input, Machine, Settings},
    proto::sip::{
        Flow, Transport,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Request},
    },
};

use crate::phone::Phone;

/// What happens to a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives after the network's delay.
    Arrive,
    /// It is lost.
    Lose,
    /// It arrives twice.
    Twice,
    /// It arrives so much later, so others overtake it.
    Late(Duration),
}

/// A datagram as it was sent.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// When.
    pub at: Duration,
    /// From whom.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// The message in it.
    pub message: Message,
    /// What became of it.
    pub fate: Fate,
}

impl Datagram {
    /// `INVITE`, `200 INVITE`, …
    pub fn what(&self) -> String {
        let method = self.message.method().map(|method| method.to_string()).unwrap_or_default();
        match self.message.status() {
            Some(status) => format!("{status} {method}"),
            None => method,
        }
    }
}

/// Decides the fate of a datagram: what it is, who sent it, the how-manieth of its kind it is.
pub type Script = Box<dyn FnMut(&str, usize, usize) -> Fate>;

/// Two phones (or more) and what lies between them.
pub struct Network {
    /// The phones, by index.
    pub phones: Vec<Phone>,
    /// Everything ever sent.
    pub log: Vec<Datagram>,
    /// Each datagram's way takes so long.
    pub delay: Duration,
    /// Phones that a proxy in the way of phone 1 sends its calls to as well: INVITEs outside dialogs
    /// and what cancels them.
    pub forks: Vec<usize>,
    /// Decides the fate of the datagram that comes as the n-th of its kind (`what`, sender) from 0.
    pub script: Script,
    clock: Rc<Cell<Instant>>,
    start: Instant,
    now: Instant,
    wire: Vec<(Instant, u64, SocketAddr, SocketAddr, Bytes)>,
    order: u64,
    counts: BTreeMap<(String, usize), usize>,
}

/// The address of phone `index`.
pub fn address(index: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, index as u8 + 1], 5060))
}

/// The URI of phone `index`.
pub fn uri_of(index: usize) -> Uri {
    format!("sip:phone{index}@{}", address(index)).parse().unwrap()
}

/// Settings of phone `index`.
pub fn settings_of(index: usize) -> Settings {
    let port = 4000 + 10 * index as u16;
    let audio = AudioTerms::new(address(index).ip(), port, Some(port + 1));
    let identity = format!("sip:phone{index}@example.com").parse().unwrap();
    Settings::new(NameAddr::new(identity), uri_of(index), audio)
}

impl Network {
    /// Two phones, 10 ms apart, on a network that loses nothing.
    pub fn new(seed: u64) -> Self {
        Self::with_phones(2, seed)
    }

    /// So many phones.
    pub fn with_phones(count: usize, seed: u64) -> Self {
        let start = Instant::now();
        let mut rng = Rng::from_number(seed);
        Self {
            phones: (0..count).map(|index| Phone::new(index, rng.fork())).collect(),
            log: Vec::new(),
            delay: Duration::from_millis(10),
            forks: Vec::new(),
            script: Box::new(|_, _, _| Fate::Arrive),
            clock: Rc::new(Cell::new(start)),
            start,
            now: start,
            wire: Vec::new(),
            order: 0,
            counts: BTreeMap::new(),
        }
    }

    /// Loses, doubles and delays at random, each message kind's first three copies alike.
    pub fn shake(&mut self, seed: u64, loss_percent: u32) {
        let mut rng = Rng::from_number(seed);
        self.script = Box::new(move |_, _, _| match rng.below(100) {
            roll if roll < loss_percent => Fate::Lose,
            roll if roll < loss_percent + 10 => Fate::Twice,
            roll if roll < loss_percent + 20 => Fate::Late(Duration::from_millis(300)),
            _ => Fate::Arrive,
        });
    }

    /// Virtual time since the start.
    pub fn time(&self) -> Duration {
        self.now - self.start
    }

    /// The virtual clock, for guards.
    pub fn clock(&self) -> Rc<Cell<Instant>> {
        self.clock.clone()
    }

    /// Phone 0 calls phone 1.
    pub fn dial(&mut self) {
        self.dial_from(0, uri_of(1));
    }

    /// Phone `index` calls `target`.
    pub fn dial_from(&mut self, index: usize, target: Uri) {
        let now = self.now;
        let phone = &mut self.phones[index];
        let (settings, rng) = (phone.settings.clone(), phone.rng.fork());
        phone.take_call(Machine::outgoing(now, settings, target, rng));
        self.settle(index);
    }

    /// Gives a call an input now.
    pub fn input(&mut self, index: usize, input: Input) {
        let now = self.now;
        if let Some(call) = &mut self.phones[index].call {
            call.handle_input(now, input);
        }
        self.settle(index);
    }

    /// Answers without headers.
    pub fn answer(&mut self, index: usize) {
        self.input(index, Input::Answer { headers: Vec::new() });
    }

    /// Puts a datagram on the wire in somebody's name; it arrives at once.
    pub fn inject(&mut self, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        self.order += 1;
        self.wire.push((self.now, self.order, from, to, bytes));
    }

    /// Sends a request of the test's own from phone `index`'s endpoint.
    pub fn request(&mut self, index: usize, request: Request, to: SocketAddr) {
        let flow = Flow { transport: Transport::Udp, local: address(index), remote: to };
        let now = self.now;
        self.phones[index].endpoint.request(now, request, flow);
        self.settle(index);
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        let mut steps = 0;
        while let Some(next) = self.next_time().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.clock.set(self.now);
            self.step();
            steps += 1;
            assert!(steps < 200_000, "something spins at {:?}", self.time());
        }
        self.now = end;
    }

    /// Lets milliseconds pass.
    pub fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// Lets seconds pass.
    pub fn run_s(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// A call that stands: dialled, rung, answered.
    pub fn connect(&mut self) {
        self.dial();
        self.run_ms(100);
        self.input(1, Input::Ring);
        self.run_ms(100);
        self.answer(1);
        self.run_ms(200);
        assert_eq!(self.state(0), CallState::Connected);
        assert_eq!(self.state(1), CallState::Connected);
    }

    /// State of a phone's call.
    pub fn state(&self, index: usize) -> CallState {
        self.phones[index].call.as_ref().expect("no call").state()
    }

    /// The states that a call went through.
    pub fn states(&self, index: usize) -> Vec<CallState> {
        let events = self.phones[index].events.iter();
        events
            .filter_map(|(_, event)| match event {
                CallEvent::State { state, .. } => Some(*state),
                CallEvent::Ended { .. } => Some(CallState::Ended),
                _ => None,
            })
            .collect()
    }

    /// How a call ended: reason and code; `None` while it is up.
    pub fn end(&self, index: usize) -> Option<(EndReason, u16)> {
        self.phones[index].events.iter().find_map(|(_, event)| match event {
            CallEvent::Ended { reason, code, .. } => Some((*reason, *code)),
            _ => None,
        })
    }

    /// Everything sent by phone `index`, in words.
    pub fn sent(&self, index: usize) -> Vec<String> {
        let from = address(index);
        self.log.iter().filter(|d| d.from == from).map(Datagram::what).collect()
    }

    /// Everything sent, with the time, for a failure to show.
    pub fn transcript(&self) -> String {
        let line = |d: &Datagram| {
            let cseq = d.message.cseq().map_or(0, |cseq| cseq.number);
            format!("{:>8} ms {} {cseq} {} {:?}\n", d.at.as_millis(), d.from, d.what(), d.fate)
        };
        self.log.iter().map(line).collect()
    }

    /// How often phone `index` sent `what`.
    pub fn count(&self, index: usize, what: &str) -> usize {
        self.sent(index).iter().filter(|sent| *sent == what).count()
    }

    /// The first datagram of phone `index` that is `what`.
    pub fn first(&self, index: usize, what: &str) -> &Message {
        let from = address(index);
        let found = self.log.iter().find(|d| d.from == from && d.what() == what);
        &found.unwrap_or_else(|| panic!("{what} was never sent")).message
    }

    /// The last datagram of phone `index` that is `what`.
    pub fn last(&self, index: usize, what: &str) -> &Message {
        let from = address(index);
        let found = self.log.iter().rev().find(|d| d.from == from && d.what() == what);
        &found.unwrap_or_else(|| panic!("{what} was never sent")).message
    }

    /// The plan in force at a phone.
    pub fn plan(&self, index: usize) -> &MediaPlan {
        self.phones[index].call.as_ref().and_then(Machine::plan).expect("no media")
    }

    /// Both calls are over and nothing is left running anywhere.
    pub fn assert_quiet(&mut self) {
        self.run_s(300);
        for (index, phone) in self.phones.iter().enumerate() {
            assert_eq!(phone.endpoint.open_transactions(), (0, 0), "phone {index}");
            if let Some(call) = &phone.call {
                assert_eq!(call.state(), CallState::Ended, "phone {index}");
                assert_eq!(call.poll_timeout(), None, "phone {index}");
            }
            let media = phone.plans.last();
            assert!(media.is_none_or(Option::is_none), "media of phone {index} still runs");
        }
    }

    fn next_time(&self) -> Option<Instant> {
        let wire = self.wire.iter().map(|(at, ..)| *at);
        let phones = self.phones.iter().flat_map(Phone::next_time);
        wire.chain(phones).min()
    }

    fn step(&mut self) {
        let due = self.wire.iter().enumerate().filter(|(_, (at, ..))| *at <= self.now);
        let first = due.min_by_key(|(_, (at, order, ..))| (*at, *order)).map(|(index, _)| index);
        if let Some(index) = first {
            let (_, _, from, to, bytes) = self.wire.remove(index);
            if let Some(index) = self.phones.iter().position(|phone| phone.address == to) {
                let flow = Flow { transport: Transport::Udp, local: to, remote: from };
                self.phones[index].endpoint.handle_message(self.now, flow, bytes);
                self.settle(index);
            }
            return;
        }
        for index in 0..self.phones.len() {
            self.phones[index].wake(self.now);
            self.settle(index);
        }
    }

    /// Drains a phone until nothing comes any more.
    fn settle(&mut self, index: usize) {
        let (now, time) = (self.now, self.time());
        loop {
            let sent = self.phones[index].drain(now, time);
            if sent.is_empty() {
                return;
            }
            for (flow, bytes) in sent {
                self.transmit(index, flow, bytes);
            }
        }
    }

    fn transmit(&mut self, index: usize, flow: Flow, bytes: Bytes) {
        let message = Message::parse(bytes.clone()).expect("we send what parses");
        assert_eq!(message.defect(), None);
        let mut datagram = Datagram {
            at: self.time(),
            from: flow.local,
            to: flow.remote,
            message,
            fate: Fate::Arrive,
        };
        let what = datagram.what();
        let forked = match datagram.to == address(1) && matches!(what.as_str(), "INVITE" | "CANCEL")
        {
            true if datagram.message.to_tag().is_empty() => self.forks.clone(),
            _ => Vec::new(),
        };
        let count = self.counts.entry((what.clone(), index)).or_default();
        datagram.fate = (self.script)(&what, index, *count);
        *count += 1;
        let (copies, delay) = match datagram.fate {
            Fate::Arrive => (1, self.delay),
            Fate::Lose => (0, self.delay),
            Fate::Twice => (2, self.delay),
            Fate::Late(more) => (1, self.delay + more),
        };
        self.log.push(datagram);
        for _ in 0..copies {
            self.order += 1;
            let at = self.now + delay;
            self.wire.push((at, self.order, flow.local, flow.remote, bytes.clone()));
            for phone in &forked {
                self.order += 1;
                self.wire.push((at, self.order, flow.local, address(*phone), bytes.clone()));
            }
        }
    }
}

/// A header of a message, or nothing.
pub fn header(message: &Message, id: HeaderId) -> String {
    message.header(id).unwrap_or_default().to_owned()
}

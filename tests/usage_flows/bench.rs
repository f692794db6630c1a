//! A usage over its endpoint in virtual time, and the far end as the test plays it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use sidetone::{
    base::rng::Rng,
    call::{
        Credentials, Realms,
        usage::{
            Exchange, Outcome, Publication, PublicationEvent, Subscription, SubscriptionEvent,
            UsageInput, UsageOutput, UsageSettings,
        },
    },
    proto::sip::{
        Flow, Transport,
        endpoint::{ClientTransaction, Endpoint, EndpointConfig, Output, TuEvent},
        uri::NameAddr,
        wire::{HeaderId, Message, Method, Response},
    },
};

/// What the machines have in common.
pub trait Usage {
    type Event;
    fn input(&mut self, now: Instant, input: UsageInput);
    fn output(&mut self) -> Option<UsageOutput<Self::Event>>;
    fn timeout(&self) -> Option<Instant>;
}

macro_rules! usage {
    ($machine:ty, $event:ty, $timeout:expr) => {
        impl Usage for $machine {
            type Event = $event;
            fn input(&mut self, now: Instant, input: UsageInput) {
                self.handle_input(now, input);
            }
            fn output(&mut self) -> Option<UsageOutput<$event>> {
                self.poll_output()
            }
            fn timeout(&self) -> Option<Instant> {
                let timeout: fn(&$machine) -> Option<Instant> = $timeout;
                timeout(self)
            }
        }
    };
}

usage!(Exchange, Outcome, |_| None);
usage!(Subscription, SubscriptionEvent, Subscription::poll_timeout);
usage!(Publication, PublicationEvent, Publication::poll_timeout);

/// A usage, its endpoint, and the time.
pub struct Bench<U: Usage> {
    pub usage: U,
    pub endpoint: Endpoint,
    pub now: Instant,
    /// Its requests go where its credentials may go.
    pub trusts: bool,
    start: Instant,
    clients: Vec<(ClientTransaction, u32)>,
    /// Requests that we sent, repeats left out.
    pub sent: Vec<(Duration, Message)>,
    /// Responses that we sent.
    pub answers: Vec<Message>,
    pub events: Vec<U::Event>,
}

fn flow() -> Flow {
    Flow {
        transport: Transport::Udp,
        local: "192.0.2.1:5060".parse().unwrap(),
        remote: "192.0.2.9:5060".parse().unwrap(),
    }
}

pub fn settings() -> UsageSettings {
    UsageSettings {
        credentials: vec![Credentials {
            realms: Realms::Any,
            username: "al".into(),
            password: "secret".into(),
        }],
        ..UsageSettings::new(
            NameAddr::new("sip:al@example.com".parse().unwrap()),
            "sip:al@192.0.2.1:5060".parse().unwrap(),
        )
    }
}

impl<U: Usage> Bench<U> {
    pub fn new(make: impl FnOnce(Rng) -> U) -> Self {
        let mut rng = Rng::from_number(7);
        let config = EndpointConfig { allow: Method::KNOWN.to_vec(), ..EndpointConfig::default() };
        let now = Instant::now();
        let mut bench = Self {
            endpoint: Endpoint::new(config, rng.fork()),
            usage: make(rng),
            now,
            trusts: true,
            start: now,
            clients: Vec::new(),
            sent: Vec::new(),
            answers: Vec::new(),
            events: Vec::new(),
        };
        bench.settle();
        bench
    }

    pub fn time(&self) -> Duration {
        self.now - self.start
    }

    /// Carries out what machine and endpoint want.
    pub fn settle(&mut self) {
        loop {
            if let Some(output) = self.usage.output() {
                match output {
                    UsageOutput::Request { tag, request } => {
                        let client = self.endpoint.request(self.now, request, flow());
                        self.clients.push((client, tag));
                    }
                    UsageOutput::Respond { server, response } => {
                        self.endpoint.respond(self.now, server, response);
                    }
                    UsageOutput::Event(event) => self.events.push(event),
                }
            } else if let Some(output) = self.endpoint.poll_output() {
                match output {
                    Output::Transmit { bytes, .. } => self.transmitted(bytes),
                    Output::Event(event) => self.dispatch(event),
                }
            } else {
                return;
            }
        }
    }

    fn transmitted(&mut self, bytes: Bytes) {
        let message = Message::parse(bytes).expect("we send what parses");
        assert_eq!(message.defect(), None);
        if !message.is_request() {
            self.answers.push(message);
        } else if self.sent.last().is_none_or(|(_, last)| *last != message) {
            self.sent.push((self.time(), message));
        }
    }

    fn dispatch(&mut self, event: TuEvent) {
        let tag_of = |client: ClientTransaction| {
            self.clients.iter().find(|(known, _)| *known == client).map(|(_, tag)| *tag)
        };
        let input = match event {
            TuEvent::Request { server, message, .. } => UsageInput::Request { server, message },
            TuEvent::Response { client, message, .. } => {
                let (tag, trusted) = (tag_of(client).unwrap(), self.trusts);
                UsageInput::Response { tag, message, trusted }
            }
            TuEvent::Failed { client, reason } => {
                UsageInput::Failed { tag: tag_of(client).unwrap(), reason }
            }
            _ => return,
        };
        self.usage.input(self.now, input);
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = [self.endpoint.poll_timeout(), self.usage.timeout()];
            let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if self.endpoint.poll_timeout().is_some_and(|at| at <= self.now) {
                self.endpoint.handle_timeout(self.now);
            }
            if self.usage.timeout().is_some_and(|at| at <= self.now) {
                self.usage.input(self.now, UsageInput::Timeout);
            }
            self.settle();
        }
        self.now = end;
    }

    pub fn run_s(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// The request that was sent last.
    pub fn last(&self) -> &Message {
        &self.sent.last().expect("a request").1
    }

    /// A header of it.
    pub fn header(&self, name: &str) -> String {
        self.last().header_named(name).unwrap_or_default().to_owned()
    }

    /// Gives octets to the endpoint.
    pub fn receive(&mut self, bytes: Bytes) {
        self.endpoint.handle_message(self.now, flow(), bytes);
        self.settle();
    }

    /// Answers the last request, with lines of headers.
    pub fn answer(&mut self, code: u16, headers: &[(&'static str, &str)]) {
        self.answer_as("far", code, headers);
    }

    /// The same, in the name of one far end of several.
    pub fn answer_as(&mut self, tag: &str, code: u16, headers: &[(&'static str, &str)]) {
        let mut response = Response::to(self.last(), code, "");
        response.set_to_tag(tag);
        response.headers.push(HeaderId::Contact, format!("<sip:{tag}@192.0.2.9>"));
        for (name, value) in headers {
            response.headers.push(*name, value);
        }
        self.receive(response.encode());
    }
}

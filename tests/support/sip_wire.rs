//! A SIP endpoint with a scripted far end, in virtual time.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use sidetone::{
    base::rng::Rng,
    proto::sip::{
        Flow, Transport,
        endpoint::{Endpoint, EndpointConfig, Output, ServerTransaction, TuEvent},
        wire::{HeaderId, Message, Method, Request, Response},
    },
};

/// An endpoint, the virtual clock, and what it has put out.
pub struct Wire {
    pub endpoint: Endpoint,
    pub base: Instant,
    pub now: Instant,
    pub flow: Flow,
    /// What was sent: milliseconds since the start, flow, message.
    pub sent: Vec<(u64, Flow, Message)>,
    pub events: Vec<(u64, TuEvent)>,
}

impl Wire {
    pub fn new(transport: Transport) -> Self {
        Self::with_config(transport, EndpointConfig::default())
    }

    pub fn with_config(transport: Transport, config: EndpointConfig) -> Self {
        let base = Instant::now();
        let flow = Flow {
            transport,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.2:5060".parse().unwrap(),
        };
        let endpoint = Endpoint::new(config, Rng::from_number(1));
        Self { endpoint, base, now: base, flow, sent: Vec::new(), events: Vec::new() }
    }

    pub fn drain(&mut self) {
        let at = (self.now - self.base).as_millis() as u64;
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { flow, bytes } => {
                    self.sent.push((at, flow, Message::parse(bytes).expect("ours is well-formed")));
                }
                Output::Event(event) => self.events.push((at, event)),
            }
        }
    }

    /// Lets time pass, timer by timer.
    pub fn run_ms(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(at) = self.endpoint.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.endpoint.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    pub fn receive(&mut self, text: &str) {
        self.receive_octets(text.as_bytes());
    }

    pub fn receive_octets(&mut self, octets: &[u8]) {
        let flow = self.flow;
        self.endpoint.handle_message(self.now, flow, Bytes::copy_from_slice(octets));
        self.drain();
    }

    pub fn request(
        &mut self,
        request: Request,
    ) -> sidetone::proto::sip::endpoint::ClientTransaction {
        let flow = self.flow;
        let client = self.endpoint.request(self.now, request, flow);
        self.drain();
        client
    }

    pub fn respond(&mut self, server: ServerTransaction, response: Response) {
        self.endpoint.respond(self.now, server, response);
        self.drain();
    }

    /// The far end answers a request that we sent.
    pub fn answer(&mut self, request: &Message, status: u16) {
        let mut response = Response::to(request, status, "");
        if status > 100 {
            response.set_to_tag("far");
        }
        self.receive_octets(&response.encode());
    }

    /// Times of what was sent since the last call, and the messages' first words.
    pub fn take_sent(&mut self) -> Vec<(u64, String)> {
        self.sent
            .drain(..)
            .map(|(at, _, message)| {
                let word = match message.status() {
                    Some(status) => status.to_string(),
                    None => message.method().unwrap().to_string(),
                };
                (at, word)
            })
            .collect()
    }

    pub fn last_sent(&self) -> Message {
        self.sent.last().expect("something was sent").2.clone()
    }

    /// The server transactions that wait for an answer, with their requests.
    pub fn requests(&self) -> Vec<(ServerTransaction, Message)> {
        self.events
            .iter()
            .filter_map(|(_, event)| match event {
                TuEvent::Request { server, message, .. } => Some((*server, message.clone())),
                _ => None,
            })
            .collect()
    }
}

/// A request as a TU makes one.
pub fn request(method: Method) -> Request {
    let mut request = Request::new(method, "sip:bob@example.com".parse().unwrap());
    request.headers.push(HeaderId::From, "<sip:al@example.com>;tag=near");
    request.headers.push(HeaderId::To, "<sip:bob@example.com>");
    request.headers.push(HeaderId::CallId, "call-1");
    request.headers.push(HeaderId::Contact, "<sip:al@192.0.2.1>");
    request.set_cseq(7);
    request
}

/// A request as the far end sends one.
pub fn incoming(method: &str, branch: &str) -> String {
    format!(
        "{method} sip:al@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch={branch}\r\n\
         From: <sip:bob@example.com>;tag=far\r\nTo: <sip:al@example.com>\r\nCall-ID: call-2\r\n\
         CSeq: 3 {}\r\nMax-Forwards: 70\r\nContact: <sip:bob@192.0.2.2>\r\nContent-Length: 0\r\n\r\n",
        if method == "ACK" { "ACK" } else { method }
    )
}

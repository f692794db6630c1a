//! SIP from strangers: a message, a stream of them, and an endpoint between both transports.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use sidetone::{
    base::rng::Rng,
    call::{Registration, RegistrationInput, RegistrationSettings},
    proto::sip::{
        Flow, Transport,
        auth::{Authenticator, Challenge, Credentials, Realms},
        dialog::{Dialog, DialogId},
        endpoint::{
            ClientTransaction, Endpoint, EndpointConfig, Output, ServerTransaction, TuEvent,
        },
        uri::{NameAddr, Uri, next_hop, next_hop_of},
        via::Via,
        wire::{Framer, HeaderId, Message, Method, Request, Response, scrub},
    },
};

use crate::{
    sip_text::{Record, answer_to, in_dialog, records},
    support,
};

/// The input as one message, as a stream, and as records for an endpoint over UDP and TCP.
pub fn run(data: &[u8]) {
    message(data);
    stream(data);
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut element = Element::new(transport);
        for record in records(data) {
            element.step(record);
        }
        element.end();
    }
}

/// Takes a message for the answer to a REGISTER, with everything that a registrar may grant.
fn answers_a_register(message: &Message) {
    let uri = |text: &str| text.parse::<Uri>().expect("a URI");
    let aor = NameAddr::new(uri("sip:al@example.com"));
    let settings = RegistrationSettings {
        credentials: vec![Credentials {
            realms: Realms::Any,
            username: "al".to_owned(),
            password: "secret".to_owned(),
        }],
        instance: "urn:uuid:00000000-0000-4000-8000-000000000001".to_owned(),
        outbound: true,
        ..RegistrationSettings::new(aor, uri("sip:example.com"), uri("sip:al@192.0.2.1:5060"))
    };
    let mut registration = Registration::new(settings, Rng::from_number(1));
    let now = Instant::now();
    registration.handle_input(now, RegistrationInput::Register);
    for tag in 1..4 {
        let message = message.clone();
        registration.handle_input(now, RegistrationInput::Response { tag, message });
        let outputs = std::iter::from_fn(|| registration.poll_output()).count();
        assert!(outputs < 16);
    }
}

/// Reads all that a message can be asked for.
fn message(data: &[u8]) {
    let _ = scrub(data);
    let Ok(message) = Message::parse(Bytes::copy_from_slice(data)) else { return };
    // Line breaks in front are skipped (RFC 3261 §7.5).
    assert!(data.ends_with(message.octets()), "the octets are kept");
    let _ = (message.method(), message.status(), message.reason(), message.is_version_2());
    let _ = (message.raw_uri(), message.defect(), message.call_id(), message.cseq());
    let _ = (message.from(), message.to(), message.from_tag(), message.to_tag());
    let _ = (message.content_type(), message.number(HeaderId::Expires), message.body());
    let _ = (message.count(HeaderId::Via), message.contacts().count());
    answers_a_register(&message);
    for (name, value) in message.all_headers() {
        let value = String::from_utf8_lossy(value);
        let _ = message.header_named(name);
        texts(&value);
        assert!(message.header_list(HeaderId::from_name(name)).count() <= data.len());
    }
    if let Some(uri) = message.uri() {
        let again: Uri = uri.to_string().parse().expect("what we write can be read");
        assert_eq!(again.to_string(), uri.to_string());
        let _ = (next_hop_of(&uri), uri.for_request(), uri.user_decoded(), uri.for_identity());
    }
    let response = Response::to(&message, 200, "");
    assert!(Message::parse(response.encode()).is_ok(), "our answer can be read");
    let _ = (DialogId::of_request(&message), DialogId::of_response(&message));
    if let Ok(mut dialog) = Dialog::uas(&message, "ours") {
        let _ = dialog.handle_request(&message);
        dialog.handle_response(&message);
        let _ = (dialog.remote(), dialog.local());
        sound(&dialog.request(Method::Bye));
    }
}

/// The value of a header, as every type of value that there is.
fn texts(value: &str) {
    let _ = Challenge::parse(value);
    if let Some(via) = Via::parse(value) {
        let again = Via::parse(&via.to_string()).expect("what we write can be read");
        assert_eq!(again.to_string(), via.to_string());
    }
    if let Some(address) = NameAddr::parse(value) {
        let again = NameAddr::parse(&address.to_string()).expect("what we write can be read");
        assert_eq!(again.to_string(), address.to_string());
    }
}

/// What we send can be read, and routed or refused.
fn sound(request: &Request) {
    let octets = request.encode();
    let message = Message::parse(octets).expect("our request can be read");
    assert!(message.is_request());
    let _ = next_hop(request);
}

fn stream(data: &[u8]) {
    for size in [1, 7, 1460] {
        let mut framer = Framer::new();
        'stream: for piece in data.chunks(size) {
            framer.push(piece);
            loop {
                match framer.poll() {
                    Ok(Some(message)) => assert!(!message.is_empty()),
                    Ok(None) => break,
                    Err(_) => break 'stream,
                }
            }
        }
        let _ = (framer.is_partial(), framer.take_keep_alives());
    }
}

/// An endpoint with a user that answers everything and sends requests of its own.
struct Element {
    endpoint: Endpoint,
    framer: Framer,
    flow: Flow,
    now: Instant,
    authenticator: Authenticator,
    rng: Rng,
    /// Our last request, as sent.
    sent: Option<Message>,
    clients: Vec<(ClientTransaction, Request)>,
    servers: VecDeque<(ServerTransaction, Message)>,
    cseq: u32,
}

impl Element {
    fn new(transport: Transport) -> Self {
        let mut rng = Rng::from_number(1);
        let credentials = Credentials {
            username: "alice".to_owned(),
            password: "secret".to_owned(),
            realms: Realms::Any,
        };
        Self {
            endpoint: Endpoint::new(EndpointConfig::default(), rng.fork()),
            framer: Framer::new(),
            flow: Flow {
                transport,
                local: SocketAddr::from(([192, 0, 2, 1], 5060)),
                remote: SocketAddr::from(([192, 0, 2, 2], 5060)),
            },
            now: support::start(),
            authenticator: Authenticator::new(vec![credentials]),
            rng,
            sent: None,
            clients: Vec::new(),
            servers: VecDeque::new(),
            cseq: 0,
        }
    }

    fn step(&mut self, record: Record<'_>) {
        match record {
            Record::Raw(octets) => self.arrive(octets),
            Record::Answer(template) => {
                let Some(request) = &self.sent else { return };
                let octets = answer_to(request, template);
                self.arrive(&octets);
            }
            Record::InDialog(template) => {
                let Some(request) = &self.sent else { return };
                self.cseq += 1;
                let octets = in_dialog(request, true, "ours", self.cseq, template);
                self.arrive(&octets);
            }
            Record::Wait(units) => self.wait(Duration::from_millis(u64::from(units) * 10)),
            Record::Act(choice) => self.act(choice),
            Record::Broken => self.endpoint.handle_flow_failed(self.now, self.flow),
        }
        self.drain();
    }

    fn arrive(&mut self, octets: &[u8]) {
        if self.flow.transport == Transport::Udp {
            let bytes = Bytes::copy_from_slice(octets);
            return self.endpoint.handle_message(self.now, self.flow, bytes);
        }
        self.framer.push(octets);
        while let Ok(Some(message)) = self.framer.poll() {
            self.endpoint.handle_message(self.now, self.flow, message);
        }
    }

    fn act(&mut self, choice: u8) {
        let methods =
            [Method::Invite, Method::Register, Method::Bye, Method::Options, Method::Info];
        match choice >> 5 {
            0 => {
                let method = methods[usize::from(choice) % methods.len()].clone();
                self.send(method);
            }
            1 => {
                if let Some((client, _)) = self.clients.last() {
                    self.endpoint.cancel(self.now, *client);
                }
            }
            kind => {
                let status = [180, 200, 302, 404, 486, 603][usize::from(kind) % 6];
                let Some((server, message)) = self.servers.pop_front() else { return };
                self.endpoint.respond(self.now, server, Response::to(&message, status, ""));
                if status < 200 {
                    self.servers.push_back((server, message));
                }
            }
        }
    }

    fn send(&mut self, method: Method) {
        self.cseq += 1;
        let uri: Uri = "sip:bob@192.0.2.2".parse().expect("a URI");
        let mut request = Request::new(method, uri);
        request.headers.push(HeaderId::From, "<sip:alice@192.0.2.1>;tag=ours");
        request.headers.push(HeaderId::To, "<sip:bob@192.0.2.2>");
        request.headers.push(HeaderId::CallId, "fuzz");
        request.headers.push(HeaderId::Contact, "<sip:alice@192.0.2.1>");
        request.set_cseq(self.cseq);
        self.authenticator.authorize(&mut request);
        let client = self.endpoint.request(self.now, request.clone(), self.flow);
        self.clients.push((client, request));
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        let mut turns = 0;
        while let Some(at) = self.endpoint.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.endpoint.handle_timeout(self.now);
            self.drain();
            turns += 1;
            assert!(turns < 20_000, "timers without end");
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => {
                    let message = Message::parse(bytes).expect("what we send can be read");
                    if message.is_request() && !message.is_method(&Method::Ack) {
                        self.sent = Some(message);
                    }
                }
                Output::Event(TuEvent::Request { server, message, .. }) => {
                    self.servers.push_back((server, message));
                }
                Output::Event(TuEvent::Response { client, message, .. }) => {
                    self.handle_response(client, &message);
                }
                Output::Event(_) => {}
            }
        }
    }

    fn handle_response(&mut self, client: ClientTransaction, message: &Message) {
        let Some((_, request)) = self.clients.iter().find(|(known, _)| *known == client) else {
            return;
        };
        if let Ok(mut dialog) = Dialog::uac(request, message) {
            dialog.handle_response(message);
            sound(&dialog.request(Method::Bye));
            let ack = dialog.ack(self.cseq);
            sound(&ack);
            if message.status().is_some_and(|status| status >= 200) {
                self.endpoint.send_ack(ack, self.flow);
            }
        }
        match message.status() {
            Some(401 | 407) => {
                let rng = &mut self.rng;
                let again = self.authenticator.handle_challenge(request, message, true, rng);
                if again.is_ok() && self.clients.len() < 8 {
                    let method = request.method.clone();
                    self.send(method);
                }
            }
            Some(200..300) => self.authenticator.handle_success(),
            _ => {}
        }
    }

    /// All timers run out, and nothing is left.
    fn end(&mut self) {
        for (server, message) in std::mem::take(&mut self.servers) {
            self.endpoint.respond(self.now, server, Response::to(&message, 404, ""));
        }
        self.drain();
        self.wait(Duration::from_secs(400));
        self.endpoint.handle_flow_failed(self.now, self.flow);
        self.drain();
        self.wait(Duration::from_secs(400));
    }
}

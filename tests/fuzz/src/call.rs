//! A whole phone that a stranger talks to: endpoint, registration and one call after the other.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use sidetone::{
    base::{
        plan::{Direction, MediaPlace},
        rng::Rng,
    },
    call::{
        AudioTerms, Call, CallState, Change, Credentials, Input, Output, Prack, Realms,
        Registration, RegistrationInput, RegistrationOutput, RegistrationSettings, SUPPORTED,
        Settings, SrtpPolicy, legs::replaced_by, transfer::TransferPolicy,
    },
    proto::sip::{
        Flow, Transport,
        endpoint::{self, ClientTransaction, Endpoint, EndpointConfig, ServerTransaction, TuEvent},
        uri::{NameAddr, Uri},
        wire::{Message, Method, Request, Response},
    },
};

use crate::{
    sip_text::{Record, answer_to, in_dialog, records},
    support,
};

fn change(direction: Direction) -> Input {
    Input::Renegotiate(Change { direction: Some(direction), ..Change::default() })
}

/// The input is what the far end sends and what our own side does meanwhile.
pub fn run(data: &[u8]) {
    let mut phone = Phone::new();
    for record in records(data) {
        phone.step(record);
    }
    phone.end();
}

/// Whose transaction a request of ours is.
#[derive(Clone, Copy)]
enum Owner {
    Call(u32),
    Registration(u32),
}

struct Phone {
    endpoint: Endpoint,
    registration: Registration,
    call: Option<Call>,
    /// Call-ID and our tag of what belongs to the call.
    dialogs: Vec<(String, String)>,
    settings: Settings,
    rng: Rng,
    flow: Flow,
    now: Instant,
    clients: Vec<(ClientTransaction, Owner)>,
    /// Our last request, as sent.
    sent: Option<Message>,
    cseq: u32,
}

fn uri(text: &str) -> Uri {
    text.parse().expect("a URI")
}

impl Phone {
    fn new() -> Self {
        let mut rng = Rng::from_number(1);
        let (identity, contact) = (uri("sip:alice@example.com"), uri("sip:alice@192.0.2.1"));
        let credentials = vec![Credentials {
            username: "alice".to_owned(),
            password: "secret".to_owned(),
            realms: Realms::Any,
        }];
        let audio = AudioTerms::new([192, 0, 2, 1].into(), 4000, Some(4001));
        let aor = NameAddr::new(identity);
        let mut settings = Settings::new(aor.clone(), contact.clone(), audio);
        settings.credentials.clone_from(&credentials);
        let mut registration = RegistrationSettings::new(aor, uri("sip:192.0.2.2"), contact);
        registration.credentials = credentials;
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
            ],
            supported: SUPPORTED.map(str::to_owned).to_vec(),
            ..EndpointConfig::default()
        };
        Self {
            endpoint: Endpoint::new(config, rng.fork()),
            registration: Registration::new(registration, rng.fork()),
            call: None,
            dialogs: Vec::new(),
            settings,
            rng,
            flow: Flow {
                transport: Transport::Udp,
                local: SocketAddr::from(([192, 0, 2, 1], 5060)),
                remote: SocketAddr::from(([192, 0, 2, 2], 5060)),
            },
            now: support::start(),
            clients: Vec::new(),
            sent: None,
            cseq: 1000,
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
                self.cseq += 1;
                let octets = match (&self.call, &self.sent) {
                    (Some(call), Some(sent)) if call.is_outgoing() => {
                        in_dialog(sent, true, "", self.cseq, template)
                    }
                    (Some(call), _) => {
                        let Some(invite) = call.invite() else { return };
                        in_dialog(invite, false, call.local_tag(), self.cseq, template)
                    }
                    _ => return,
                };
                self.arrive(&octets);
            }
            Record::Wait(units) => self.wait(Duration::from_millis(u64::from(units) * 10)),
            Record::Act(choice) => self.act(choice),
            Record::Broken => self.endpoint.handle_flow_failed(self.now, self.flow),
        }
        self.drain();
    }

    fn arrive(&mut self, octets: &[u8]) {
        self.endpoint.handle_message(self.now, self.flow, Bytes::copy_from_slice(octets));
    }

    fn act(&mut self, choice: u8) {
        if choice & 0xe0 == 0xe0 {
            return self.suffer(choice & 3);
        }
        let input = match choice & 15 {
            0 => return self.registration.handle_input(self.now, RegistrationInput::Register),
            1 => return self.registration.handle_input(self.now, RegistrationInput::Unregister),
            2 if self.is_free() => return self.dial(),
            3 => Input::Ring,
            4 => Input::Progress,
            5 => Input::Answer { headers: vec![("X-Fuzz".to_owned(), "1".to_owned())] },
            6 => Input::Reject { code: 486, reason: String::new() },
            7 => Input::Hangup,
            8 => Input::Dtmf { digit: '5', duration: Duration::from_millis(100) },
            9 => change(Direction::SendOnly),
            10 => change(Direction::SendRecv),
            11 => {
                let policies = [SrtpPolicy::Off, SrtpPolicy::Optional, SrtpPolicy::Mandatory];
                self.settings.audio.srtp = policies[usize::from(choice >> 4) % policies.len()];
                let reliable = [Prack::Supported, Prack::Required, Prack::Off];
                self.settings.prack = reliable[usize::from(choice >> 5) % reliable.len()];
                self.settings.delayed_offer = choice & 64 != 0;
                return;
            }
            12 => Input::DecideTransfer { accept: choice & 16 == 0 },
            13 => {
                let policies =
                    [TransferPolicy::Ask, TransferPolicy::Accept, TransferPolicy::Refuse];
                self.settings.services.transfer = policies[usize::from(choice >> 4) % 3];
                self.settings.services.auto_answer = Some(Duration::from_secs(1));
                return;
            }
            14 => Input::Transfer {
                target: uri("sip:carol@192.0.2.2"),
                replaces: None,
                silent: choice & 16 == 0,
            },
            _ => Input::HangupWith { cause: 16, text: String::new() },
        };
        if let Some(call) = &mut self.call {
            call.handle_input(self.now, input);
        }
    }

    fn is_free(&self) -> bool {
        self.call.as_ref().is_none_or(|call| call.state() == CallState::Ended)
    }

    fn dial(&mut self) {
        let target = uri("sip:bob@192.0.2.2");
        self.call = Some(Call::outgoing(self.now, self.settings.clone(), target, self.rng.fork()));
        self.own_dialog();
    }

    fn next_time(&self) -> Option<Instant> {
        let call = self.call.as_ref().and_then(Call::poll_timeout);
        [self.endpoint.poll_timeout(), self.registration.poll_timeout(), call]
            .into_iter()
            .flatten()
            .min()
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        let mut turns = 0;
        while let Some(at) = self.next_time().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            let now = self.now;
            if self.endpoint.poll_timeout().is_some_and(|at| at <= now) {
                self.endpoint.handle_timeout(now);
            }
            if self.registration.poll_timeout().is_some_and(|at| at <= now) {
                self.registration.handle_input(now, RegistrationInput::Timeout);
            }
            if let Some(call) = &mut self.call
                && call.poll_timeout().is_some_and(|at| at <= now)
            {
                call.handle_input(now, Input::Timeout);
            }
            self.drain();
            turns += 1;
            assert!(turns < 20_000, "timers without end");
        }
        self.now = end;
    }

    fn drain(&mut self) {
        let mut turns = 0;
        loop {
            if let Some(output) = self.call.as_mut().and_then(Call::poll_output) {
                self.carry_out(output);
            } else if let Some(output) = self.registration.poll_output() {
                if let RegistrationOutput::Request { tag, request } = output {
                    self.request(Owner::Registration(tag), request);
                }
            } else if let Some(output) = self.endpoint.poll_output() {
                match output {
                    endpoint::Output::Transmit { bytes, .. } => self.note(bytes),
                    endpoint::Output::Event(event) => self.dispatch(event),
                }
            } else {
                return;
            }
            turns += 1;
            assert!(turns < 10_000, "outputs without end");
        }
    }

    /// The network does something.
    fn suffer(&mut self, choice: u8) {
        let contact = || "sip:al@198.51.100.7:5060".parse().expect("a URI");
        let input = match choice {
            0 => RegistrationInput::FlowFailed,
            1 => RegistrationInput::Woke,
            2 => RegistrationInput::Moved { contact: contact() },
            _ => {
                let address = [198, 51, 100, 7].into();
                let media = Some(MediaPlace { address, rtp_port: 6000, rtcp_port: Some(6001) });
                if let Some(call) = &mut self.call {
                    call.handle_input(self.now, Input::Moved { contact: contact(), media });
                }
                return;
            }
        };
        self.registration.handle_input(self.now, input);
    }

    fn note(&mut self, bytes: Bytes) {
        let message = Message::parse(bytes).expect("what we send can be read");
        assert_eq!(message.defect(), None, "what we send is whole");
        if message.is_request() && !message.is_method(&Method::Ack) {
            self.sent = Some(message);
        }
    }

    fn request(&mut self, owner: Owner, request: Request) {
        let client = self.endpoint.request(self.now, request, self.flow);
        self.clients.push((client, owner));
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Request { tag, request } => self.request(Owner::Call(tag), request),
            Output::Cancel { tag, headers } => {
                let is_it = |owner: &Owner| matches!(owner, Owner::Call(known) if *known == tag);
                // The newest: tags begin anew with each call.
                let found = self.clients.iter().rev().find(|(_, owner)| is_it(owner));
                let (client, _) = *found.expect("a request that was sent");
                self.endpoint.cancel_with(self.now, client, &headers);
            }
            Output::Ack(request) => self.endpoint.send_ack(request, self.flow),
            Output::Respond { server, response } => {
                self.endpoint.respond(self.now, server, response);
            }
            Output::Media(plan) => assert!(!plan.receive.is_empty(), "a plan without a codec"),
            Output::Dialog { call_id, local_tag, live: true } => {
                self.dialogs.push((call_id, local_tag));
            }
            Output::Dialog { call_id, local_tag, live: false } => {
                self.dialogs.retain(|(id, tag)| (id, tag) != (&call_id, &local_tag));
            }
            Output::Event(_) | Output::MediaEnd | Output::Listen(_) | Output::Note(_) => {}
        }
    }

    fn owner(&self, client: ClientTransaction) -> Option<Owner> {
        self.clients.iter().find(|(known, _)| *known == client).map(|(_, owner)| *owner)
    }

    fn dispatch(&mut self, event: TuEvent) {
        let input = match event {
            TuEvent::Request { server, message, .. } => {
                return self.handle_request(server, message);
            }
            TuEvent::Cancelled { server, message } => Input::Cancelled { server, message },
            TuEvent::Ack { message, .. } => Input::Ack { message },
            TuEvent::Response { client, message, .. } => match self.owner(client) {
                Some(Owner::Call(tag)) => Input::Response { tag, message, trusted: true },
                Some(Owner::Registration(tag)) => {
                    let input = RegistrationInput::Response { tag, message };
                    return self.registration.handle_input(self.now, input);
                }
                None => return,
            },
            TuEvent::Failed { client, reason } => match self.owner(client) {
                Some(Owner::Call(tag)) => Input::Failed { tag, reason },
                Some(Owner::Registration(tag)) => {
                    let input = RegistrationInput::Failed { tag, reason };
                    return self.registration.handle_input(self.now, input);
                }
                None => return,
            },
            TuEvent::ServerFailed { server, .. } => Input::ServerFailed { server },
            _ => return,
        };
        if let Some(call) = &mut self.call {
            call.handle_input(self.now, input);
        }
    }

    fn handle_request(&mut self, server: ServerTransaction, message: Message) {
        let to_tag = message.to_tag();
        let ours = self.is_ours(message.call_id(), &to_tag);
        if let Ok(Some(replaces)) = replaced_by(&message)
            && self.is_ours(Some(&replaces.call_id), &replaces.to_tag)
            && message.is_method(&Method::Invite)
            && to_tag.is_empty()
        {
            let call = self.call.as_mut().expect("a dialog has a call");
            return call.handle_input(self.now, Input::Replace { server, message });
        }
        if let (true, Some(call)) = (ours, &mut self.call) {
            call.handle_input(self.now, Input::Request { server, message });
        } else if message.is_method(&Method::Invite) && to_tag.is_empty() && self.is_free() {
            let (settings, rng) = (self.settings.clone(), self.rng.fork());
            self.call = Some(Call::incoming(self.now, settings, server, message, rng));
            self.own_dialog();
        } else {
            let code = if to_tag.is_empty() { 486 } else { 481 };
            self.endpoint.respond(self.now, server, Response::to(&message, code, ""));
        }
    }

    fn own_dialog(&mut self) {
        let key = |call: &Call| (call.call_id().to_owned(), call.local_tag().to_owned());
        self.dialogs = self.call.iter().map(key).collect();
    }

    fn is_ours(&self, call_id: Option<&str>, tag: &str) -> bool {
        self.dialogs.iter().any(|(id, own)| Some(id.as_str()) == call_id && own == tag)
    }

    /// Hangs up; after a while the call is over.
    fn end(&mut self) {
        if let Some(call) = &mut self.call {
            call.handle_input(self.now, Input::Hangup);
        }
        self.registration.handle_input(self.now, RegistrationInput::Unregister);
        self.drain();
        self.wait(Duration::from_secs(400));
        assert!(self.is_free(), "a call that does not end");
        let (clients, servers) = self.endpoint.open_transactions();
        assert_eq!(clients + servers, 0, "transactions that do not end");
    }
}

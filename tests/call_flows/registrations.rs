//! Registrations against a scripted registrar, in virtual time.

use std::time::{Duration, Instant};

use sidetone::{
    base::rng::Rng,
    call::{
        Credentials, Realms, Registration, RegistrationEvent, RegistrationInput,
        RegistrationOutput, RegistrationSettings, RegistrationState,
    },
    proto::sip::{
        auth::{Algorithm, Authority, Verdict},
        transaction::Failure,
        uri::NameAddr,
        via::Via,
        wire::{HeaderId, Message, Request, Response},
    },
};

use RegistrationState::{Failed, Registered, Registering, Retrying, Unregistered, Unregistering};

/// What the registrar does with a request; `None`: it is silent.
pub type Registrar = Box<dyn FnMut(Instant, &Message) -> Option<Response>>;

/// A registration, its registrar, and the time.
pub struct Bench {
    pub registration: Registration,
    pub registrar: Registrar,
    pub start: Instant,
    pub now: Instant,
    pub sent: Vec<(Duration, Message)>,
    pub events: Vec<(Duration, RegistrationEvent)>,
    /// Answers that arrive later: when, tag, the response (`None`: the transaction times out).
    coming: Vec<(Instant, u32, Option<Message>)>,
}

pub fn settings() -> RegistrationSettings {
    RegistrationSettings::new(
        NameAddr::new("sip:al@example.com".parse().unwrap()),
        "sip:example.com".parse().unwrap(),
        "sip:al@192.0.2.1:5060".parse().unwrap(),
    )
}

impl Bench {
    pub fn new(settings: RegistrationSettings, seed: u64, registrar: Registrar) -> Self {
        let start = Instant::now();
        Self {
            registration: Registration::new(settings, Rng::from_number(seed)),
            registrar,
            start,
            now: start,
            sent: Vec::new(),
            events: Vec::new(),
            coming: Vec::new(),
        }
    }

    pub fn input(&mut self, input: RegistrationInput) {
        self.registration.handle_input(self.now, input);
        while let Some(output) = self.registration.poll_output() {
            match output {
                RegistrationOutput::Event(event) => {
                    self.events.push((self.now - self.start, event));
                }
                RegistrationOutput::Request { tag, request } => self.deliver(tag, request),
            }
        }
    }

    fn deliver(&mut self, tag: u32, mut request: Request) {
        let flow = sidetone::proto::sip::Flow {
            transport: sidetone::proto::sip::Transport::Udp,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.9:5060".parse().unwrap(),
        };
        request.headers.push_front(HeaderId::Via, Via::for_request(flow, "z9hG4bK1").to_string());
        let message = Message::parse(request.encode()).unwrap();
        self.sent.push((self.now - self.start, message.clone()));
        let answer = (self.registrar)(self.now, &message)
            .map(|response| Message::parse(response.encode()).unwrap());
        let after = if answer.is_some() { 20 } else { 32_000 };
        self.coming.push((self.now + Duration::from_millis(after), tag, answer));
    }

    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let coming = self.coming.iter().map(|(at, ..)| *at).min();
            let next = [coming, self.registration.poll_timeout()].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            if let Some(index) = self.coming.iter().position(|(at, ..)| *at <= self.now) {
                let (_, tag, answer) = self.coming.remove(index);
                self.input(match answer {
                    Some(message) => RegistrationInput::Response { tag, message },
                    None => RegistrationInput::Failed { tag, reason: Failure::Timeout },
                });
            } else {
                self.input(RegistrationInput::Timeout);
            }
        }
        self.now = end;
    }

    pub fn run_s(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    pub fn states(&self) -> Vec<RegistrationState> {
        self.events.iter().map(|(_, event)| event.state).collect()
    }

    pub fn last(&self) -> &RegistrationEvent {
        &self.events.last().unwrap().1
    }

    fn expires_sent(&self) -> Vec<u32> {
        self.sent.iter().map(|(_, message)| message.number(HeaderId::Expires).unwrap()).collect()
    }
}

/// 200 with the Contact as it came and this lifetime.
pub fn granted(request: &Message, seconds: u32) -> Response {
    let mut response = Response::to(request, 200, "");
    let mut contact = request.contact().unwrap();
    contact.params.set("expires", Some(&seconds.to_string()));
    response.headers.push(HeaderId::Contact, "<sip:al@192.0.2.77>;expires=9");
    response.headers.push(HeaderId::Contact, contact.to_string());
    response
}

pub fn always(code: u16) -> Registrar {
    Box::new(move |_, request| Some(Response::to(request, code, "")))
}

pub fn generous(seconds: u32) -> Registrar {
    Box::new(move |_, request| {
        let asked = request.number(HeaderId::Expires).unwrap();
        Some(granted(request, asked.min(seconds)))
    })
}

#[test]
fn registers_and_refreshes_before_the_granted_lifetime_runs_out() {
    let mut bench = Bench::new(settings(), 1, generous(100));
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    assert_eq!(bench.states(), [Registering, Registered]);
    assert_eq!(bench.last().expires, Duration::from_secs(100));
    bench.run_s(1000);
    let times: Vec<u64> = bench.sent.iter().map(|(at, _)| at.as_secs()).collect();
    let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() >= 11 && gaps.iter().all(|gap| (74..=91).contains(gap)), "{gaps:?}");
    assert!(gaps.iter().any(|gap| *gap != gaps[0]), "spread");
    let (first, second) = (&bench.sent[0].1, &bench.sent[1].1);
    assert_eq!(first.call_id(), second.call_id(), "RFC 3261 §10.2");
    assert_eq!(second.cseq().unwrap().number, first.cseq().unwrap().number + 1);
    assert_eq!(first.raw_uri(), "sip:example.com");
}

#[test]
fn a_challenge_is_answered_and_the_nonce_used_again_until_it_is_stale() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512Trunc256] {
        let life = Duration::from_secs(150);
        let mut authority = Authority::new("r", algorithm, life, Rng::from_number(7));
        let registrar: Registrar = Box::new(move |now, request| {
            let password = |user: &str| (user == "al").then(|| "secret".to_owned());
            Some(match authority.check(now, request, password) {
                Verdict::User(_) => granted(request, 100),
                Verdict::Challenge(challenge) | Verdict::Refused(challenge) => {
                    let mut response = Response::to(request, 401, "");
                    response.headers.push(HeaderId::WwwAuthenticate, challenge.to_string());
                    response
                }
            })
        });
        let mut bench = Bench::new(with_password("secret"), 2, registrar);
        bench.input(RegistrationInput::Register);
        bench.run_s(1);
        assert_eq!(bench.sent.len(), 2);
        assert_eq!(bench.states(), [Registering, Registered]);
        bench.run_s(89);
        assert_eq!(bench.sent.len(), 3, "no second challenge for the refresh");
        bench.run_s(300);
        assert!(bench.sent.len() > 6, "a stale nonce is followed by another");
        assert!(bench.states().iter().skip(1).all(|state| *state == Registered));
    }
}

pub fn with_password(password: &str) -> RegistrationSettings {
    RegistrationSettings {
        credentials: vec![Credentials {
            realms: Realms::Any,
            username: "al".to_owned(),
            password: password.to_owned(),
        }],
        ..settings()
    }
}

#[test]
fn refused_credentials_fail_for_good_until_register_is_asked_again() {
    for (password, code, requests) in [(Some("wrong"), 401, 2), (None, 401, 1), (Some("x"), 403, 1)]
    {
        let registrar: Registrar = Box::new(move |_, request| {
            let mut response = Response::to(request, code, "");
            let nonce = request.cseq().unwrap().number;
            let challenge = format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\"");
            response.headers.push(HeaderId::WwwAuthenticate, challenge);
            Some(response)
        });
        let settings = password.map_or_else(settings, with_password);
        let mut bench = Bench::new(settings, 3, registrar);
        bench.input(RegistrationInput::Register);
        bench.run_s(3600);
        assert_eq!(bench.states(), [Registering, Failed]);
        assert_eq!((bench.last().code, bench.sent.len()), (code, requests));
        assert_eq!(bench.registration.poll_timeout(), None);
        bench.input(RegistrationInput::Register);
        bench.run_s(1);
        assert_eq!(bench.sent.len(), 2 * requests);
    }
}

#[test]
fn a_423_is_answered_with_the_lifetime_it_asks_for() {
    let registrar: Registrar = Box::new(|_, request| {
        let asked = request.number(HeaderId::Expires).unwrap();
        if asked >= 600 {
            return Some(granted(request, asked));
        }
        let mut response = Response::to(request, 423, "");
        response.headers.push(HeaderId::MinExpires, "600");
        Some(response)
    });
    let mut bench = Bench::new(settings(), 4, registrar);
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    assert_eq!(bench.expires_sent(), [300, 600]);
    assert_eq!(bench.states(), [Registering, Registered]);
    assert_eq!(bench.last().expires, Duration::from_secs(600));
}

#[test]
fn a_registrar_that_says_423_to_everything_is_not_followed_for_ever() {
    let mut bench = Bench::new(settings(), 5, always(423));
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    assert_eq!(bench.sent.len(), 4);
    assert_eq!(bench.states(), [Registering, Retrying]);
}

#[test]
fn failures_are_tried_again_with_waits_that_double_and_are_spread_by_the_seed() {
    let waits = |seed| {
        let mut bench = Bench::new(settings(), seed, always(503));
        bench.input(RegistrationInput::Register);
        bench.run_s(3600);
        assert!(bench.states()[1..].iter().all(|state| *state == Retrying));
        let times: Vec<_> = bench.sent.iter().map(|(at, _)| at.as_millis()).collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
    };
    let seen = waits(6);
    for (index, wait) in seen.iter().enumerate() {
        let upper = (2_000u128 << index.min(16)).min(300_000);
        assert!((upper / 2..=upper + 40).contains(wait), "wait {index} was {wait} ms");
    }
    assert_eq!(seen, waits(6), "the same seed waits alike");
    assert_ne!(seen, waits(7), "another seed does not");
}

#[test]
fn a_silent_registrar_is_retried_and_found_again() {
    let start = Instant::now() + Duration::from_secs(120);
    let registrar: Registrar =
        Box::new(move |now, request| (now >= start).then(|| granted(request, 300)));
    let mut bench = Bench::new(settings(), 8, registrar);
    bench.input(RegistrationInput::Register);
    bench.run_s(300);
    let states = bench.states();
    assert_eq!(states[..2], [Registering, Retrying]);
    assert_eq!(*states.last().unwrap(), Registered);
    assert!(bench.events[1].1.text.contains("does not answer"));
}

#[test]
fn retry_after_is_kept_to() {
    let registrar: Registrar = Box::new(|_, request| {
        let mut response = Response::to(request, 503, "");
        response.headers.push(HeaderId::RetryAfter, "40 (busy)");
        Some(response)
    });
    let mut bench = Bench::new(settings(), 9, registrar);
    bench.input(RegistrationInput::Register);
    bench.run_s(45);
    let times: Vec<_> = bench.sent.iter().map(|(at, _)| at.as_secs()).collect();
    assert_eq!(times, [0, 40]);
}

#[test]
fn routes_that_come_and_go_bring_an_attempt_every_five_seconds_and_the_wait_still_doubles() {
    let start = Instant::now() + Duration::from_secs(60);
    let registrar: Registrar = Box::new(move |now, request| {
        Some(Response::to(request, if now < start { 500 } else { 200 }, ""))
    });
    let mut bench = Bench::new(settings(), 9, registrar);
    bench.input(RegistrationInput::Register);
    // Long enough for the back-off to be in minutes.
    for _ in 0..50 {
        bench.input(RegistrationInput::Rerouted);
        bench.run_s(1);
    }
    let times: Vec<_> = bench.sent.iter().map(|(at, _)| at.as_millis()).collect();
    assert!((10..=13).contains(&times.len()), "{times:?}");
    let before = bench.sent.len();
    let failures = bench.states().iter().filter(|state| **state == Retrying).count();
    let wait = bench.registration.poll_timeout().unwrap() - bench.now;
    bench.run_s(5);
    assert!(failures >= 10, "each attempt counts");
    assert!(bench.sent.len() <= before + 1, "{wait:?}");
    let wait = bench.registration.poll_timeout().unwrap() - bench.now;
    assert!(wait > Duration::from_secs(100), "the back-off was not begun anew: {wait:?}");
}

#[test]
fn an_address_that_flaps_is_registered_every_five_seconds_and_in_the_end_as_it_is() {
    let mut bench = Bench::new(settings(), 9, generous(300));
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    let contact = |number: u32| format!("sip:al@198.51.100.{number}:5060");
    for number in 0..40 {
        let contact = contact(number).parse().unwrap();
        bench.input(RegistrationInput::Moved { contact });
        bench.run(Duration::from_millis(1100));
    }
    assert!((9..=11).contains(&bench.sent.len()), "{}", bench.sent.len());
    bench.run_s(6);
    let last = bench.sent.last().unwrap().1.contacts().next().unwrap().uri.to_string();
    assert_eq!((bench.registration.state(), last), (Registered, contact(39)));
}

#[test]
fn no_change_of_the_network_ends_a_retry_after() {
    let registrar: Registrar = Box::new(|_, request| {
        let mut response = Response::to(request, 503, "");
        response.headers.push(HeaderId::RetryAfter, "40");
        Some(response)
    });
    let mut bench = Bench::new(settings(), 9, registrar);
    bench.input(RegistrationInput::Register);
    bench.run_s(10);
    bench.input(RegistrationInput::Rerouted);
    let contact = "sip:al@198.51.100.7:5060".parse().unwrap();
    bench.input(RegistrationInput::Moved { contact });
    bench.run_s(35);
    let times: Vec<_> = bench.sent.iter().map(|(at, _)| at.as_secs()).collect();
    assert_eq!(times, [0, 40]);
    let contact = bench.sent[1].1.contacts().next().unwrap().uri.to_string();
    assert_eq!(contact, "sip:al@198.51.100.7:5060");
}

#[test]
fn unregister_takes_the_contact_back_with_a_lifetime_of_zero() {
    let mut bench = Bench::new(settings(), 10, generous(300));
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    bench.input(RegistrationInput::Unregister);
    bench.run_s(1);
    assert_eq!(bench.states(), [Registering, Registered, Unregistering, Unregistered]);
    assert_eq!(bench.expires_sent(), [300, 0]);
    let contact = bench.sent[1].1.contact().unwrap();
    assert_eq!(contact.params.value("expires"), Some("0"));
    bench.run_s(3600);
    assert_eq!(bench.sent.len(), 2, "nothing is refreshed any more");
}

#[test]
fn unregister_while_a_register_is_out_waits_for_its_answer() {
    let mut bench = Bench::new(settings(), 11, generous(300));
    bench.input(RegistrationInput::Register);
    bench.input(RegistrationInput::Unregister);
    assert_eq!(bench.sent.len(), 1, "RFC 3261 §10.2: one at a time");
    bench.run_s(1);
    assert_eq!(bench.states(), [Registering, Unregistering, Unregistered]);
    assert_eq!(bench.expires_sent(), [300, 0]);
    bench.input(RegistrationInput::Unregister);
    assert_eq!(bench.sent.len(), 2, "there is nothing to take back");
    assert_eq!(bench.last().state, Unregistered);
}

#[test]
fn unregister_ends_the_retries_of_a_registrar_that_is_down() {
    let mut bench = Bench::new(settings(), 12, Box::new(|_, _| None));
    bench.input(RegistrationInput::Register);
    bench.run_s(33);
    assert_eq!(bench.last().state, Retrying);
    bench.input(RegistrationInput::Unregister);
    assert_eq!(bench.last().state, Unregistered);
    bench.run_s(3600);
    assert_eq!(bench.sent.len(), 1);
}

#[test]
fn new_settings_take_effect_with_the_next_register() {
    let mut bench = Bench::new(settings(), 13, generous(3600));
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    let changed = RegistrationSettings {
        contact: "sip:al@192.0.2.1:5070".parse().unwrap(),
        expires: Duration::from_secs(900),
        headers: vec![("X-Tenant".to_owned(), "seven".to_owned())],
        outbound_proxy: Some("sip:192.0.2.9".parse().unwrap()),
        ..settings()
    };
    bench.input(RegistrationInput::Configure(Box::new(changed)));
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    let last = &bench.sent.last().unwrap().1;
    assert_eq!(last.contact().unwrap().uri.port(), Some(5070));
    assert_eq!(last.header_named("X-Tenant"), Some("seven"));
    assert_eq!(last.header(HeaderId::Route), Some("<sip:192.0.2.9;lr>"));
    assert_eq!(bench.last().expires, Duration::from_secs(900));
}

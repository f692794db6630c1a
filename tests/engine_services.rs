//! Engines on loopback: what accounts do with calls without asking, and how digits go out.

#[path = "support/engine_phone.rs"]
mod engine_phone;

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use bytes::Bytes;
use engine_phone::{PATIENCE, Phone, connect};
use sidetone::{
    dsp::{detect::goertzel::Goertzel, g711::decode_mu},
    engine::{
        CallState, DialOptions, DtmfMethod, EngineConfig, ErrorKind, EventKind, Package,
        SubscriptionOptions, WatchState,
        event::EndReason,
        services::{AutoAnswer, DialPlan, MessageKind, Presentation, Reception},
    },
    proto::sip::{
        uri::NameAddr,
        wire::{HeaderId, Message, Method, Response},
    },
};

#[test]
fn a_busy_account_takes_no_second_call_and_an_intercom_answers_by_itself() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    bob.services(|services| {
        services.reception = Reception { call_waiting: false, ..Reception::default() };
        services.auto_answer = AutoAnswer { on_request: true, ..AutoAnswer::default() };
    });
    let options = DialOptions {
        headers: vec![("Call-Info".to_owned(), "<sip:x>;answer-after=0".to_owned())],
        ..DialOptions::default()
    };
    let out = alice.engine.dial(Some(alice.account), &bob.uri(), options, None).unwrap();
    bob.wait_incoming();
    alice.wait_state(out, CallState::Connected);
    let second = alice.dial(&bob);
    assert_eq!(alice.wait_state(second, CallState::Ended), Some(EndReason::Refused));
    assert_eq!(alice.engine.calls(), [out]);
}

#[test]
fn an_asserted_identity_shows_only_where_the_network_is_trusted() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    alice.services(|services| {
        services.presentation = Presentation {
            asserted: NameAddr::parse("<sip:+4930123@127.0.0.1>"),
            ..Presentation::default()
        };
    });
    for trusted in [false, true] {
        bob.services(|services| services.trust_identity = trusted);
        let out = alice.dial(&bob);
        let (call, from) = bob.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, from, .. } => Some((*call, from.clone())),
            _ => None,
        });
        let wanted = if trusted { "sip:+4930123@127.0.0.1" } else { "sip:alice@127.0.0.1" };
        assert_eq!(from, wanted);
        bob.engine.reject(call, 486, "", None).unwrap();
        alice.wait_state(out, CallState::Ended);
    }
}

#[test]
fn a_dial_plan_and_a_limit_of_calls_per_minute_are_kept_to() {
    let mut alice = Phone::with_limit("alice", 2);
    alice.services(|services| {
        services.dial_plan = DialPlan::parse("<0:+49>[1-9]x.|0900x.!").unwrap();
    });
    let dial = |alice: &Phone, number: &str| {
        alice.engine.dial(Some(alice.account), number, DialOptions::default(), None)
    };
    assert!(dial(&alice, "0900x1").is_ok(), "a name is no number");
    let call = dial(&alice, "030 123").unwrap();
    assert_eq!(alice.engine.call_info(call).unwrap().remote_uri, "sip:+4930123@127.0.0.1");
    let third = dial(&alice, "030 123").unwrap();
    let limit = alice.wait("limit", |event| match event {
        EventKind::CallsLimited { limit, .. } => Some(*limit),
        _ => None,
    });
    assert_eq!(limit, 2);
    let error = alice.wait("end", |event| match event {
        EventKind::Call { call, state: CallState::Ended, error, .. } if *call == third => {
            Some(*error)
        }
        _ => None,
    });
    assert_eq!(error, Some(ErrorKind::Limit));
}

#[test]
fn a_dial_whose_far_end_is_still_looked_up_counts_as_a_call_of_its_account() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut config = EngineConfig::default();
    config.dns.server = Some(silent.local_addr().unwrap());
    let mut alice = Phone::of("alice", config, DtmfMethod::Auto);
    alice.services(|services| services.reception.max_calls = 1);
    let first = alice.dial_uri("sip:bob@pbx.test");
    let second = alice.dial_uri("sip:bob@pbx.test");
    let refused = |phone: &mut Phone, call| {
        phone.wait("end", |event| match event {
            EventKind::Call { call: of, state: CallState::Ended, error, .. } if *of == call => {
                Some(*error)
            }
            _ => None,
        })
    };
    assert_eq!(refused(&mut alice, second), Some(ErrorKind::Limit));
    alice.engine.hangup(first, None).unwrap();
    refused(&mut alice, first);
    let third = alice.dial_uri("sip:bob@127.0.0.1:9");
    assert_eq!(alice.wait_state(third, CallState::Dialing), None, "there is room again");
}

#[test]
fn a_caller_too_many_in_a_minute_is_told_when_to_come_again() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::with_limit("bob", 1));
    let (out, into) = connect(&mut alice, &mut bob);
    let second = alice.dial(&bob);
    assert_eq!(alice.wait_state(second, CallState::Ending), None);
    let wait = alice.engine.message_header(second, MessageKind::Refusal, "Retry-After", 0).unwrap();
    let wait = wait.expect("the refusal has it").parse::<u32>().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(alice.wait_state(second, CallState::Ended), Some(EndReason::Refused));
    bob.engine.hangup(into, None).unwrap();
    alice.wait_state(out, CallState::Ended);
}

#[test]
fn an_account_that_calls_itself_is_told_of_the_loop() {
    let mut alice = Phone::new("alice");
    let out = alice.dial_uri(&alice.uri());
    let code = alice.wait("end", |event| match event {
        EventKind::Call { call, state: CallState::Ended, code, .. } if *call == out => Some(*code),
        _ => None,
    });
    assert_eq!(code, 482);
}

/// A phone of the test's own that answers with PCMU alone.
struct Plain {
    sip: UdpSocket,
    rtp: UdpSocket,
    caller: SocketAddr,
}

impl Plain {
    fn new() -> Self {
        let socket = || {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket
        };
        Self { sip: socket(), rtp: socket(), caller: SocketAddr::from(([127, 0, 0, 1], 1)) }
    }

    fn uri(&self) -> String {
        format!("sip:plain@{}", self.sip.local_addr().unwrap())
    }

    /// The next request of this method; any other is answered with 200 where it wants an answer.
    fn await_request(&mut self, method: &Method) -> Message {
        let mut buffer = [0; 4096];
        loop {
            let (length, source) = self.sip.recv_from(&mut buffer).expect("a request in time");
            self.caller = source;
            let Ok(message) = Message::parse(Bytes::copy_from_slice(&buffer[..length])) else {
                continue;
            };
            if message.is_method(method) {
                return message;
            }
        }
    }

    fn answer(&self, request: &Message, allow: &str) {
        let mut response = Response::to(request, 200, "");
        response.set_to_tag("plain");
        if request.is_method(&Method::Invite) {
            response.headers.push(HeaderId::Contact, format!("<{}>", self.uri()));
            response.headers.push(HeaderId::Allow, allow);
            let port = self.rtp.local_addr().unwrap().port();
            let description = format!(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                 m=audio {port} RTP/AVP 0\r\n"
            );
            response.set_body("application/sdp", description);
        }
        self.sip.send_to(&response.encode(), self.caller).unwrap();
    }

    /// Hears RTP until the pair of frequencies of a digit sounds.
    fn hears(&self, low_hz: f32, high_hz: f32) {
        let deadline = Instant::now() + PATIENCE;
        let mut packet = [0; 2048];
        loop {
            assert!(Instant::now() < deadline, "{low_hz} and {high_hz} Hz never sounded");
            let length = self.rtp.recv(&mut packet).expect("RTP in time");
            let payload = packet.get(12..length).unwrap_or_default();
            let samples: Vec<i16> = payload.iter().map(|code| decode_mu(*code)).collect();
            let share = |hz| Goertzel::new(hz, 8_000).share(&samples);
            if share(low_hz) > 0.25 && share(high_hz) > 0.25 {
                return;
            }
        }
    }
}

#[test]
fn one_look_that_brings_a_part_of_a_document_stays_one_look() {
    let (mut alice, mut plain) = (Phone::new("alice"), Plain::new());
    let options = SubscriptionOptions {
        expires: Duration::ZERO,
        ..SubscriptionOptions::new(Package::Dialog)
    };
    alice.engine.subscription_add(Some(alice.account), &plain.uri(), options, None).unwrap();
    let subscribe = plain.await_request(&Method::Subscribe);
    plain.answer(&subscribe, "");
    let part = "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"5\" \
                state=\"partial\" entity=\"sip:plain@127.0.0.1\"/>";
    let header = |id| subscribe.header(id).unwrap_or_default().to_owned();
    let notify = format!(
        "NOTIFY sip:alice@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKn\r\n\
         From: {};tag=plain\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 NOTIFY\r\nMax-Forwards: 70\r\n\
         Contact: <{}>\r\nEvent: dialog\r\nSubscription-State: terminated;reason=timeout\r\n\
         Content-Type: application/dialog-info+xml\r\nContent-Length: {}\r\n\r\n{part}",
        plain.sip.local_addr().unwrap(),
        header(HeaderId::To),
        header(HeaderId::From),
        header(HeaderId::CallId),
        plain.uri(),
        part.len(),
    );
    plain.sip.send_to(notify.as_bytes(), plain.caller).unwrap();
    alice.wait("the end", |event| match event {
        EventKind::Subscription { state: WatchState::Ended, .. } => Some(()),
        _ => None,
    });
    alice.engine.message_send(None, &plain.uri(), "text/plain", b"after it", None).unwrap();
    let mut buffer = [0; 4096];
    loop {
        let length = plain.sip.recv(&mut buffer).expect("a message in time");
        let Ok(message) = Message::parse(Bytes::copy_from_slice(&buffer[..length])) else {
            continue;
        };
        let same = message.call_id() == subscribe.call_id();
        assert!(same || !message.is_method(&Method::Subscribe), "it looked again");
        if message.is_method(&Method::Message) {
            break;
        }
    }
    alice.engine.shutdown(Duration::ZERO);
}

#[test]
fn digits_go_as_tones_to_one_who_takes_neither_events_nor_info() {
    let mut alice = Phone::new("alice");
    let mut plain = Plain::new();
    let out = alice.dial_uri(&plain.uri());
    let invite = plain.await_request(&Method::Invite);
    plain.answer(&invite, "INVITE, ACK, BYE");
    alice.wait_state(out, CallState::Connected);
    let request = alice.engine.new_request();
    alice.engine.dtmf(out, "5#", 200, Some(request)).unwrap();
    plain.hears(770.0, 1336.0);
    plain.hears(941.0, 1477.0);
    let error = alice.wait("reply", |event| match event {
        EventKind::Reply { request: id, error, .. } if *id == request => Some(*error),
        _ => None,
    });
    assert_eq!(error, None);
    let request = alice.engine.new_request();
    alice.engine.dtmf(out, "!", 0, Some(request)).unwrap();
    let error = alice.wait("reply", |event| match event {
        EventKind::Reply { request: id, error, .. } if *id == request => Some(*error),
        _ => None,
    });
    assert_eq!(error, Some(ErrorKind::Unsupported), "a flash has no tone");
}

#[test]
fn digits_go_by_info_to_one_who_takes_that_and_no_events() {
    let mut alice = Phone::new("alice");
    let mut plain = Plain::new();
    let out = alice.dial_uri(&plain.uri());
    let invite = plain.await_request(&Method::Invite);
    plain.answer(&invite, "INVITE, ACK, BYE, INFO");
    alice.wait_state(out, CallState::Connected);
    alice.engine.dtmf(out, "7", 250, None).unwrap();
    let info = plain.await_request(&Method::Info);
    assert_eq!(info.content_type().as_deref(), Some("application/dtmf-relay"));
    assert_eq!(info.body(), b"Signal=7\r\nDuration=250\r\n");
    plain.answer(&info, "");
}

#[test]
fn an_account_may_send_tones_whatever_the_far_end_takes() {
    let mut alice = Phone::with_dtmf("alice", DtmfMethod::Tones);
    let mut plain = Plain::new();
    let out = alice.dial_uri(&plain.uri());
    let invite = plain.await_request(&Method::Invite);
    plain.answer(&invite, "INVITE, ACK, BYE, INFO");
    alice.wait_state(out, CallState::Connected);
    alice.engine.dtmf(out, "1,D", 160, None).unwrap();
    plain.hears(697.0, 1209.0);
    plain.hears(941.0, 1633.0);
}

#[test]
fn a_dial_may_hide_its_caller_and_end_by_itself() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    let options = DialOptions {
        anonymous: Some(true),
        max_duration: Some(Duration::from_millis(300)),
        ..DialOptions::default()
    };
    let out = alice.engine.dial(Some(alice.account), &bob.uri(), options, None).unwrap();
    let into = bob.wait_incoming();
    let from = bob.engine.call_info(into).unwrap().remote_uri;
    assert_eq!(from, "sip:anonymous@anonymous.invalid");
    assert!(bob.engine.caller_identity(into).unwrap().privacy.id);
    bob.engine.answer(into, Vec::new(), None).unwrap();
    assert_eq!(alice.wait_state(out, CallState::Ended), Some(EndReason::MaxDuration));
    assert_eq!(bob.wait_state(into, CallState::Ended), Some(EndReason::RemoteHangup));
}

#[test]
fn a_call_whose_media_dies_ends_with_a_reason() {
    let mut alice = Phone::new("alice");
    alice.services(|services| services.dead_media = Some(Duration::from_secs(1)));
    let mut plain = Plain::new();
    let out = alice.dial_uri(&plain.uri());
    let invite = plain.await_request(&Method::Invite);
    plain.answer(&invite, "INVITE, ACK, BYE");
    alice.wait_state(out, CallState::Connected);
    let bye = plain.await_request(&Method::Bye);
    assert!(bye.header(HeaderId::Reason).is_some_and(|reason| reason.contains("no media")));
    plain.answer(&bye, "");
    assert_eq!(alice.wait_state(out, CallState::Ended), Some(EndReason::DeadMedia));
}

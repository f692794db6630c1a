//! Challenges within calls: 401 and 407, to INVITE and to BYE, stale nonces, refused credentials.

use std::{cell::RefCell, rc::Rc, time::Duration};

use crate::{
    changes::change,
    pair::{Network, address},
};
use sidetone::{
    base::{plan::Direction, rng::Rng},
    call::{CallEvent, CallState, Credentials, EndReason, Input, Realms, SessionTimer},
    proto::sip::{
        auth::{Algorithm, Authority, Verdict},
        uri::Host,
        wire::{HeaderId, HeaderName, Message, Method, Response},
    },
};

fn credentials(password: &str) -> Vec<Credentials> {
    vec![Credentials {
        realms: Realms::Any,
        username: "phone0".to_owned(),
        password: password.to_owned(),
    }]
}

/// Lets phone 1 challenge `methods` of phone 0 with 401; a nonce lives for `life`.
fn challenge(net: &mut Network, methods: &'static [Method], life: Duration) -> Rc<RefCell<u32>> {
    challenge_by(net, 1, methods, life)
}

/// Lets a phone challenge `methods` of the other.
fn challenge_by(
    net: &mut Network,
    index: usize,
    methods: &'static [Method],
    life: Duration,
) -> Rc<RefCell<u32>> {
    let mut authority = Authority::new("realm", Algorithm::Sha256, life, Rng::from_number(99));
    let refusals = Rc::new(RefCell::new(0));
    let (counter, clock) = (refusals.clone(), net.clock());
    net.phones[index].guard = Some(Box::new(move |request: &Message| {
        if !methods.iter().any(|method| request.is_method(method)) {
            return None;
        }
        let password = |user: &str| (user == "phone0").then(|| "secret".to_owned());
        match authority.check(clock.get(), request, password) {
            Verdict::User(_) => None,
            Verdict::Challenge(challenge) | Verdict::Refused(challenge) => {
                *counter.borrow_mut() += 1;
                let mut response = Response::to(request, 401, "");
                response.headers.push(HeaderId::WwwAuthenticate, challenge.to_string());
                Some(response)
            }
        }
    }));
    refusals
}

#[test]
fn a_challenged_invite_is_sent_again_with_credentials_and_the_next_cseq() {
    let mut net = Network::new(50);
    net.phones[0].settings.credentials = credentials("secret");
    challenge(&mut net, &[Method::Invite], Duration::from_secs(60));
    net.connect();
    assert_eq!(net.count(0, "INVITE"), 2);
    let (first, second) = (net.first(0, "INVITE"), net.last(0, "INVITE"));
    assert_eq!(second.cseq().unwrap().number, first.cseq().unwrap().number + 1);
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.from_tag(), first.from_tag());
    assert_eq!(second.body(), first.body());
    let acks: Vec<_> = net.log.iter().filter(|datagram| datagram.what() == "ACK").collect();
    assert_eq!(acks.len(), 2, "one for the 401, one for the 200");
    assert!(acks[1].message.header(HeaderId::Authorization).is_some(), "RFC 3261 §22.1");
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn bye_and_reinvite_carry_credentials_and_survive_a_stale_nonce() {
    let mut net = Network::new(51);
    net.phones[0].settings.credentials = credentials("secret");
    let refusals = challenge(&mut net, &[Method::Invite, Method::Bye], Duration::from_secs(5));
    net.connect();
    assert_eq!(*refusals.borrow(), 1);
    let hold = change(Direction::SendOnly);
    net.input(0, hold);
    net.run_ms(100);
    assert_eq!(*refusals.borrow(), 1, "the nonce serves again, counted up");
    assert_eq!(net.plan(0).direction, Direction::SendOnly);
    net.run_s(20);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(*refusals.borrow(), 2, "stale");
    assert_eq!(net.count(0, "BYE"), 2);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 0)));
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn every_request_of_a_call_answers_a_challenge_of_its_own() {
    let mut net = Network::new(56);
    net.phones[0].settings.credentials = credentials("secret");
    let interval = Some(Duration::from_secs(90));
    net.phones[0].settings.session = SessionTimer { interval, ..SessionTimer::default() };
    const METHODS: &[Method] = &[Method::Invite, Method::Info, Method::Update, Method::Bye];
    // Longer than the way there and back, shorter than any pause.
    let refusals = challenge(&mut net, METHODS, Duration::from_millis(50));
    net.connect();
    net.input(0, Input::Dtmf { digit: '1', duration: Duration::from_millis(100) });
    net.run_s(50);
    net.input(0, Input::Hangup);
    net.run_ms(200);
    for method in ["INVITE", "INFO", "UPDATE", "BYE"] {
        assert_eq!(net.count(0, method), 2, "{method}: {:?}", net.sent(0));
    }
    assert_eq!(*refusals.borrow(), 4);
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn wrong_or_missing_credentials_end_the_call_as_such() {
    for password in [Some("wrong"), None] {
        let mut net = Network::new(52);
        net.phones[0].settings.credentials = password.map(credentials).unwrap_or_default();
        challenge(&mut net, &[Method::Invite], Duration::from_secs(60));
        net.dial();
        net.run_s(1);
        assert_eq!(net.end(0), Some((EndReason::Authentication, 401)));
        assert_eq!(net.count(0, "INVITE"), if password.is_some() { 2 } else { 1 });
        net.assert_quiet();
    }
}

/// Lets phone 1 stand for a proxy that wants its own credentials for every request but ACK.
fn proxy_challenge(net: &mut Network) {
    net.phones[1].guard = Some(Box::new(|request: &Message| {
        if request.header(HeaderId::ProxyAuthorization).is_some() {
            return None;
        }
        let mut response = Response::to(request, 407, "");
        let challenge = "Digest realm=\"proxy\", nonce=\"n1\", algorithm=MD5";
        response.headers.push(HeaderId::ProxyAuthenticate, challenge);
        Some(response)
    }));
}

#[test]
fn a_proxy_is_answered_in_its_own_header_for_every_request_of_the_call() {
    let mut net = Network::new(53);
    net.phones[0].settings.credentials = credentials("secret");
    proxy_challenge(&mut net);
    net.connect();
    net.input(0, Input::Dtmf { digit: '1', duration: Duration::from_millis(100) });
    net.run_ms(100);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!((net.count(0, "INVITE"), net.count(0, "INFO"), net.count(0, "BYE")), (2, 1, 1));
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

/// The credentials of an account at example.com that has not registered.
fn own() -> Vec<Credentials> {
    let realms = Realms::own(&[Host::parse("example.com").unwrap()]);
    vec![Credentials { realms, ..credentials("secret").remove(0) }]
}

/// No request of a phone carries a digest of its password.
fn assert_silent(net: &Network, index: usize) {
    let sent = net.log.iter().filter(|datagram| datagram.from == address(index));
    let digests = [HeaderId::Authorization, HeaderId::ProxyAuthorization];
    for datagram in sent {
        let digest = digests.into_iter().find_map(|id| datagram.message.header(id));
        assert_eq!(digest, None, "{}", datagram.what());
    }
}

#[test]
fn whom_we_call_gets_no_digest_for_a_realm_of_his_own() {
    let mut net = Network::new(57);
    net.phones[0].settings.credentials = own();
    net.phones[0].trusts = false;
    challenge(&mut net, &[Method::Invite], Duration::from_secs(60));
    net.dial();
    net.run_s(1);
    assert_eq!(net.end(0), Some((EndReason::Authentication, 401)));
    let told = net.phones[0].events.iter().any(|(_, event)| {
        matches!(event, CallEvent::Ended { text, .. } if text.contains("\"realm\"") && text.contains("`realms`"))
    });
    assert!(told, "{:?}", net.phones[0].events);
    assert_eq!(net.count(0, "INVITE"), 1);
    assert_silent(&net, 0);
    net.assert_quiet();
}

#[test]
fn a_nonce_that_a_stranger_names_for_the_next_request_is_not_taken() {
    for trusts in [true, false] {
        let mut net = Network::new(59);
        net.phones[0].settings.credentials = credentials("secret");
        challenge(&mut net, &[Method::Invite], Duration::from_secs(60));
        net.connect();
        net.phones[0].trusts = trusts;
        net.phones[1].guard = Some(Box::new(|request: &Message| {
            request.is_method(&Method::Info).then(|| {
                let mut response = Response::to(request, 200, "");
                let name = HeaderName::parse("Authentication-Info").unwrap();
                response.headers.push(name, "nextnonce=\"chosen\"");
                response
            })
        }));
        net.input(0, Input::Dtmf { digit: '1', duration: Duration::from_millis(100) });
        net.run_ms(100);
        net.input(0, Input::Hangup);
        net.run_ms(100);
        let bye = net.last(0, "BYE");
        let digest = bye.header(HeaderId::Authorization).unwrap();
        assert_eq!(digest.contains("nonce=\"chosen\""), trusts, "{digest}");
    }
}

#[test]
fn neither_end_of_a_call_gets_a_digest_of_the_other_by_challenging_it() {
    for outgoing in [true, false] {
        let mut net = Network::new(58);
        let (victim, stranger) = if outgoing { (0, 1) } else { (1, 0) };
        net.phones[victim].settings.credentials = own();
        net.phones[victim].trusts = false;
        net.connect();
        challenge_by(&mut net, stranger, &[Method::Info, Method::Bye], Duration::from_secs(60));
        net.input(victim, Input::Dtmf { digit: '1', duration: Duration::from_millis(100) });
        net.run_ms(100);
        net.input(victim, Input::Hangup);
        net.run_ms(100);
        assert_eq!((net.count(victim, "INFO"), net.count(victim, "BYE")), (1, 1));
        assert_eq!(net.end(victim), Some((EndReason::LocalHangup, 0)));
        assert_eq!(net.phones[victim].notes.len(), 2, "{:?}", net.phones[victim].notes);
        assert_silent(&net, victim);
    }
}

#[test]
fn a_bye_that_is_challenged_in_vain_still_ends_the_call() {
    let mut net = Network::new(54);
    net.connect();
    proxy_challenge(&mut net);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 0)));
    assert_eq!(net.count(0, "BYE"), 1);
}

#[test]
fn a_call_that_is_hung_up_does_not_answer_the_challenge() {
    let mut net = Network::new(55);
    net.phones[0].settings.credentials = credentials("secret");
    challenge(&mut net, &[Method::Invite], Duration::from_secs(60));
    net.dial();
    net.input(0, Input::Hangup);
    net.run_s(1);
    assert_eq!(net.count(0, "INVITE"), 1);
    assert_eq!(net.state(0), CallState::Ended);
    net.assert_quiet();
}

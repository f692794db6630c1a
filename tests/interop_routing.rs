//! What a registrar tells an account (Service-Route, GRUU, outbound) and what becomes of it in calls,
//! and connections that break; with Debian's sipp at the other end.

#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/peer.rs"]
#[allow(dead_code)]
mod peer;

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use child::free_port;
use host::Host;
use peer::Peer;
use sidetone::{
    Engine,
    base::{ids::AccountId, plan::CodecKind},
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, EventKind, Gruu, Outbound, Reach,
        RegistrationState, SipTimers, SipTransport, SrtpPolicy,
    },
};

const LOOPBACK: &str = "127.0.0.1";

fn host() -> Host {
    let config = EngineConfig {
        bind: [127, 0, 0, 1].into(),
        timers: SipTimers {
            t1: Duration::from_millis(50),
            t2: Duration::from_millis(200),
            min_registration: Duration::from_secs(1),
            retry_base: Duration::from_millis(300),
            ..SipTimers::default()
        },
        ..EngineConfig::default()
    };
    Host::with_engine(Engine::new(config).unwrap())
}

fn alice(registrar: u16) -> AccountConfig {
    AccountConfig {
        aor: "sip:alice@office.test".into(),
        registrar: format!("sip:127.0.0.1:{registrar}"),
        codecs: vec![CodecKind::Pcmu],
        srtp: SrtpPolicy::Off,
        ..AccountConfig::default()
    }
}

/// Waits for a state of the registration; gives the text of its event.
fn registration(host: &mut Host, wanted: RegistrationState) -> String {
    host.wait(&format!("{wanted:?}"), |event| match event {
        EventKind::Registration { state, text, .. } if *state == wanted => Some(text.clone()),
        _ => None,
    })
}

/// A host registered at a registrar that gives routes and names; the second sipp is the route.
fn registered(gruu: Gruu, scenario: &str) -> (Host, AccountId, Peer, Peer, u16) {
    let (registrar, route) = (free_port(), free_port());
    let key = route.to_string();
    let more = ["-key", "route_port", key.as_str(), "-m", "1"];
    let registering = Peer::start("registrar_routes", LOOPBACK, registrar, &more);
    let routing = Peer::start(scenario, LOOPBACK, route, &["-m", "1"]);
    let mut host = host();
    let account = host.account(AccountConfig {
        instance_id: "urn:uuid:12345678-1234-4234-8234-123456789abc".into(),
        outbound: Outbound::On,
        gruu,
        ..alice(registrar)
    });
    registration(&mut host, RegistrationState::Registered);
    (host, account, registering, routing, route)
}

#[test]
fn a_call_goes_by_the_service_route_under_the_public_gruu() {
    let (mut host, account, _registrar, route, port) = registered(Gruu::Public, "uas_answer_bye");
    // Nobody knows this domain: the way is the Service-Route alone.
    let options = DialOptions::default();
    let call = host.engine.dial(Some(account), "sip:bob@office.test", options, None).unwrap();
    host.reaches(call, CallState::Connected);
    assert_eq!(host.reaches(call, CallState::Ended), 0);
    let saw = route.saw();
    assert!(saw.contains("INVITE sip:bob@office.test SIP/2.0"), "{saw}");
    assert!(saw.contains(&format!("Route: <sip:127.0.0.1:{port};lr>")), "{saw}");
    assert!(saw.contains("Contact: <sip:alice@office.test;gr=urn:x>"), "{saw}");
}

#[test]
fn without_gruu_the_contact_asks_for_the_registered_flow() {
    let (mut host, account, _registrar, route, _) = registered(Gruu::Off, "uas_answer_bye");
    let options = DialOptions::default();
    let call = host.engine.dial(Some(account), "sip:bob@office.test", options, None).unwrap();
    host.reaches(call, CallState::Connected);
    host.reaches(call, CallState::Ended);
    let address = host.address();
    assert!(route.saw().contains(&format!("Contact: <sip:alice@{address};ob>")), "{}", route.saw());
}

#[test]
fn a_call_to_the_temporary_gruu_is_for_the_account_that_it_was_given_to() {
    let (mut host, account, _registrar, _route, _) = registered(Gruu::Temporary, "uas_busy");
    let stranger = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let from = stranger.local_addr().unwrap();
    let invite = format!(
        "INVITE sip:tg.1@office.test;gr SIP/2.0\r\n\
         Via: SIP/2.0/UDP {from};branch=z9hG4bKgruu\r\nMax-Forwards: 70\r\n\
         From: <sip:carol@office.test>;tag=c\r\nTo: <sip:tg.1@office.test;gr>\r\n\
         Call-ID: gruu\r\nCSeq: 1 INVITE\r\nContact: <sip:carol@{from}>\r\n\
         Content-Type: application/sdp\r\nContent-Length: 107\r\n\r\n\
         v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 0\r\na=ptime:20\r\n"
    );
    let (head, body) = invite.split_once("\r\n\r\n").unwrap();
    let head = head.replace("Content-Length: 107", &format!("Content-Length: {}", body.len()));
    stranger.send_to(format!("{head}\r\n\r\n{body}").as_bytes(), host.address()).unwrap();
    let given = host.wait("incoming call", |event| match event {
        EventKind::IncomingCall { account, .. } => Some(*account),
        _ => None,
    });
    assert_eq!(given, Some(account));
}

/// Waits until the account's reach is `wanted`.
fn reach(host: &mut Host, account: AccountId, wanted: Reach) {
    let until = Instant::now() + Duration::from_secs(20);
    while host.engine.account_info(account).unwrap().reach != wanted {
        assert!(Instant::now() < until, "not {wanted:?}; events were {:#?}", host.events);
        host.run(Duration::from_millis(20));
    }
}

#[test]
fn a_registrar_whose_connection_breaks_is_registered_at_again_and_calls_live_meanwhile() {
    let port = free_port();
    let more = ["-t", "t1", "-key", "life", "600"];
    let registrar = Peer::start("registrar_open", LOOPBACK, port, &more);
    let (mut near, mut far) = (host(), host());
    let account = near.account(AccountConfig { transport: SipTransport::Tcp, ..alice(port) });
    registration(&mut near, RegistrationState::Registered);
    reach(&mut near, account, Reach::Up);
    let target = format!("sip:bob@{}", far.address());
    let call = near.engine.dial(Some(account), &target, DialOptions::default(), None).unwrap();
    let theirs = far.incoming();
    far.engine.answer(theirs, Vec::new(), None).unwrap();
    near.reaches(call, CallState::Connected);

    drop(registrar);
    let text = registration(&mut near, RegistrationState::Retrying);
    assert!(text.contains("the connection to the registrar is lost"), "{text}");
    reach(&mut near, account, Reach::Lost);
    let before = near.engine.call_stats(call).unwrap().packets_received;
    let until = Instant::now() + Duration::from_secs(20);
    while near.engine.call_stats(call).unwrap().packets_received <= before {
        assert!(Instant::now() < until, "media goes on");
        near.run(Duration::from_millis(20));
    }

    let again = Peer::start("registrar_open", LOOPBACK, port, &more);
    reach(&mut near, account, Reach::Up);
    assert!(again.saw().contains("REGISTER sip:127.0.0.1"));
    near.engine.hangup(call, None).unwrap();
    far.reaches(theirs, CallState::Ended);
}

#[test]
fn several_outbound_proxies_are_the_way_of_every_request_outside_a_dialog() {
    let port = free_port();
    let proxy = Peer::start("uas_answer_bye", LOOPBACK, port, &["-m", "1"]);
    let mut host = host();
    let account = host.account(AccountConfig {
        registrar: String::new(),
        outbound_proxy: format!("sip:127.0.0.1:{port}, <sip:core.office.test>"),
        ..alice(port)
    });
    let options = DialOptions::default();
    let call = host.engine.dial(Some(account), "sip:bob@nowhere.test", options, None).unwrap();
    host.reaches(call, CallState::Connected);
    host.reaches(call, CallState::Ended);
    let saw = proxy.saw();
    let first = saw.find(&format!("Route: <sip:127.0.0.1:{port};lr>")).expect("the first proxy");
    let second = saw.find("Route: <sip:core.office.test;lr>").expect("the second proxy");
    assert!(first < second);
}

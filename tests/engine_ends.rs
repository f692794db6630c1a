//! The ends of calls over real sockets, with a far end that is written out message by message.

#[path = "support/raw_peer.rs"]
mod raw_peer;

use std::{
    collections::HashSet,
    net::UdpSocket,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::{
        ids::{CallId, RequestId},
        plan::CodecKind,
    },
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, ErrorKind, EventKind, SipTransport,
        SrtpPolicy,
    },
};

use self::raw_peer::{Heard, RawPeer};

/// Longest wait; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

fn engine() -> Engine {
    let bind = [127, 0, 0, 1].into();
    Engine::new(EngineConfig { bind, ..EngineConfig::default() }).unwrap()
}

fn wait<T>(engine: &Engine, what: &str, mut found: impl FnMut(&EventKind) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let event = engine.next_event(Some(left)).unwrap();
        let event = event.unwrap_or_else(|| panic!("no {what}"));
        if let Some(found) = found(&event.kind) {
            return found;
        }
    }
}

fn wait_state(engine: &Engine, wanted: CallState) {
    wait(engine, &format!("{wanted:?}"), |event| match event {
        EventKind::Call { state, .. } if *state == wanted => Some(()),
        _ => None,
    });
}

/// The engine calls the peer over TCP, which answers: the INVITE, from which everything follows.
fn connect(engine: &Engine) -> (RawPeer, CallId, Heard) {
    let peer = RawPeer::listen();
    let uri = format!("sip:x@{};transport=tcp", peer.address());
    let call = engine.dial(None, &uri, DialOptions::default(), None).unwrap();
    let mut peer = peer.accept();
    let invite = peer.next("INVITE");
    peer.send(&invite.response("200 OK", Some(&peer.description())));
    wait_state(engine, CallState::Connected);
    peer.next("ACK");
    (peer, call, invite)
}

#[test]
fn a_bye_that_comes_with_the_answer_to_ours_is_answered() {
    let engine = engine();
    let (mut peer, call, invite) = connect(&engine);
    engine.hangup(call, None).unwrap();
    let bye = peer.next("BYE");
    let both = [bye.response("200 OK", None), invite.request("BYE", 1, "bye")].concat();
    peer.send(&both);
    let answer = peer.next("SIP/2.0");
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
    assert_eq!(answer.header("CSeq"), "1 BYE");
    wait_state(&engine, CallState::Ended);
}

#[test]
fn every_request_of_a_flood_in_one_call_is_answered_and_its_bye_ends_the_call() {
    // Enough at once, over several connections, to fill the mailbox of the call.
    const CONNECTIONS: u32 = 16;
    const OF_EACH: u32 = 40;
    let engine = engine();
    let (mut peer, _, invite) = connect(&engine);
    let address = engine.local_address(SipTransport::Tcp).unwrap();
    let mut peers: Vec<RawPeer> = (0..CONNECTIONS).map(|_| RawPeer::connect(address)).collect();
    let flood = |connection: u32| -> String {
        let numbers = (1..=OF_EACH).map(|index| connection * OF_EACH + index);
        numbers.map(|number| invite.request("OPTIONS", number, &format!("f{number}"))).collect()
    };
    let floods: Vec<String> = (0..CONNECTIONS).map(flood).collect();
    for (peer, flood) in peers.iter_mut().zip(&floods) {
        peer.send(flood);
    }
    peer.send(&invite.request("BYE", CONNECTIONS * OF_EACH + 1, "bye"));
    for peer in &mut peers {
        let answered: HashSet<String> =
            (0..OF_EACH).map(|_| peer.next("SIP/2.0").header("CSeq")).collect();
        assert_eq!(answered.len(), OF_EACH as usize, "each once");
    }
    let answer = peer.next("SIP/2.0");
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
    wait_state(&engine, CallState::Ended);
}

#[test]
fn requests_that_need_a_dialog_get_481_outside_of_one_and_unknown_ones_an_allow() {
    let engine = engine();
    let target = engine.local_address(SipTransport::Udp).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let from = socket.local_addr().unwrap();
    for (method, code) in
        [("INFO", "481"), ("UPDATE", "481"), ("PRACK", "481"), ("BYE", "481"), ("REFER", "405")]
    {
        let request = format!(
            "{method} sip:x@{target} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{method}\r\n\
             From: <sip:y@{from}>;tag={method}\r\nTo: <sip:x@{target}>\r\nCall-ID: {method}\r\n\
             CSeq: 1 {method}\r\nContact: <sip:y@{from}>\r\nMax-Forwards: 70\r\nRAck: 1 1 INVITE\r\n\
             Refer-To: <sip:z@{from}>\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(request.as_bytes(), target).unwrap();
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        let answer = String::from_utf8_lossy(&buffer[..length]);
        assert!(answer.starts_with(&format!("SIP/2.0 {code}")), "{method}: {answer}");
        assert_eq!(answer.contains("\r\nAllow: "), code == "405", "{method}: {answer}");
    }
}

#[test]
fn a_call_that_is_over_is_not_shown_as_muted() {
    let engine = engine();
    let uri = "sip:x@no-such-host.invalid";
    let call = engine.dial(None, uri, DialOptions::default(), None).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while engine.call_info(call).unwrap().state != CallState::Ended {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    let request = engine.new_request();
    engine.mute(call, true, Some(request)).unwrap();
    assert!(!engine.call_info(call).unwrap().muted);
    let refused = wait(&engine, "reply", |event| match event {
        EventKind::Reply { request: of, error, .. } if *of == request => Some(*error),
        _ => None,
    });
    assert_eq!(refused, Some(ErrorKind::WrongState));
}

#[test]
fn a_shutdown_at_its_deadline_answers_what_was_asked() {
    let engine = engine();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let account = AccountConfig {
        aor: "sip:x@127.0.0.1".to_owned(),
        registrar: format!("sip:{address}"),
        register_on_add: false,
        // Small enough for UDP.
        codecs: vec![CodecKind::Pcmu],
        srtp: SrtpPolicy::Off,
        ..AccountConfig::default()
    };
    let account = engine.account_add(account, None).unwrap();
    let (registered, dialled) = (engine.new_request(), engine.new_request());
    engine.account_register(account, Some(registered)).unwrap();
    let uri = format!("sip:x@{address}");
    let options = DialOptions::default();
    let call = engine.dial(Some(account), &uri, options, Some(dialled)).unwrap();
    wait_state(&engine, CallState::Dialing);
    engine.shutdown(Duration::from_millis(50));
    let mut told = Vec::new();
    wait(&engine, "stop", |event| {
        match event {
            EventKind::Reply { request, error, .. } => told.push((Some(*request), *error)),
            EventKind::Call { call: id, state: CallState::Ended, error, .. } if *id == call => {
                told.push((None, *error));
            }
            _ => {}
        }
        matches!(event, EventKind::Stopped).then_some(())
    });
    for who in [None, Some(registered), Some(dialled)] {
        let of_it: Vec<_> = told.iter().filter(|(of, _)| *of == who).collect();
        assert_eq!(of_it, [&(who, Some(ErrorKind::Shutdown))], "{told:?}");
    }
}

#[test]
fn a_dial_that_the_host_hung_up_was_not_refused_by_the_far_end() {
    let engine = engine();
    let peer = RawPeer::listen();
    let uri = format!("sip:x@{};transport=tcp", peer.address());
    let request = RequestId(7);
    let call = engine.dial(None, &uri, DialOptions::default(), Some(request)).unwrap();
    let mut peer = peer.accept();
    let invite = peer.next("INVITE");
    peer.send(&invite.response("180 Ringing", None));
    wait_state(&engine, CallState::Ringing);
    engine.hangup(call, None).unwrap();
    let cancel = peer.next("CANCEL");
    peer.send(&cancel.response("200 OK", None));
    peer.send(&invite.response("487 Request Terminated", None));
    assert_eq!(reply(&engine, request), hung_up());
}

#[test]
fn a_dial_hung_up_during_the_look_up_is_over_for_whoever_reads_it() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut config = EngineConfig::default();
    config.dns.server = Some(silent.local_addr().unwrap());
    let engine = Engine::new(config).unwrap();
    let request = RequestId(7);
    let call = engine.dial(None, "sip:bob@pbx.test", DialOptions::default(), Some(request));
    let call = call.unwrap();
    assert_eq!(engine.call_info(call).unwrap().state, CallState::New);
    engine.hangup(call, None).unwrap();
    assert_eq!(reply(&engine, request), hung_up());
    // Its end event waits still, so its id is good.
    let deadline = Instant::now() + PATIENCE;
    while engine.call_info(call).unwrap().state != CallState::Ended {
        assert!(Instant::now() < deadline, "{:?}", engine.call_info(call));
        std::thread::yield_now();
    }
}

fn reply(engine: &Engine, wanted: RequestId) -> (Option<ErrorKind>, String) {
    wait(engine, "reply", |event| match event {
        EventKind::Reply { request, error, text, .. } if *request == wanted => {
            Some((*error, text.clone()))
        }
        _ => None,
    })
}

fn hung_up() -> (Option<ErrorKind>, String) {
    (Some(ErrorKind::WrongState), "the call was hung up".to_owned())
}

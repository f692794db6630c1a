//! Three engines in one process, on loopback: transfers as hosts see them, with real media.

#[path = "support/engine_phone.rs"]
mod engine_phone;
#[path = "support/raw_peer.rs"]
#[allow(dead_code)]
mod raw_peer;

use engine_phone::{Phone, connect};
use raw_peer::RawPeer;
use sidetone::{
    base::ids::RequestId,
    engine::{
        CallState, ErrorKind, EventKind, TransferState,
        event::EndReason,
        services::{MessageKind, TransferPolicy},
    },
};

#[test]
fn a_blind_transfer_leaves_the_others_in_one_call_with_sound() {
    let (mut alice, mut bob, mut carol) =
        (Phone::new("alice"), Phone::new("bob"), Phone::new("carol"));
    bob.services(|services| services.transfer = TransferPolicy::Accept);
    let (out, into) = connect(&mut alice, &mut bob);
    alice.engine.transfer(out, &carol.uri(), false, None).unwrap();
    let third = carol.wait_incoming();
    let referred_by =
        carol.engine.message_header(third, MessageKind::Invite, "Referred-By", 0).unwrap().unwrap();
    assert_eq!(referred_by, "<sip:alice@127.0.0.1>");
    carol.engine.answer(third, Vec::new(), None).unwrap();
    assert_eq!(alice.wait_transfer(TransferState::Done), 200);
    assert_eq!(alice.wait_state(out, CallState::Ended), Some(EndReason::Transferred));
    assert!(bob.wait_replaced(into).starts_with("sip:carol@"));
    carol.wait_state(third, CallState::Connected);
    bob.hears(into, &carol, third);
    carol.hears(third, &bob, into);
    assert_eq!(bob.engine.calls(), [into], "the host has one call, and it is the one it had");
    bob.engine.hangup(into, None).unwrap();
    carol.wait_state(third, CallState::Ended);
    bob.wait_state(into, CallState::Ended);
}

#[test]
fn an_attended_transfer_replaces_the_call_at_the_other_end() {
    let (mut alice, mut bob, mut carol) =
        (Phone::new("alice"), Phone::new("bob"), Phone::new("carol"));
    bob.services(|services| services.transfer = TransferPolicy::Accept);
    let (to_bob, in_bob) = connect(&mut alice, &mut bob);
    let (to_carol, in_carol) = connect(&mut alice, &mut carol);
    alice.engine.transfer_to(to_bob, to_carol, None).unwrap();
    assert!(carol.wait_replaced(in_carol).starts_with("sip:bob@"));
    assert!(bob.wait_replaced(in_bob).starts_with("sip:carol@"));
    let mut ended = vec![to_bob, to_carol];
    while !ended.is_empty() {
        let over = alice.wait("end", |event| match event {
            EventKind::Call { call, state: CallState::Ended, .. } => Some(*call),
            _ => None,
        });
        ended.retain(|call| *call != over);
    }
    bob.hears(in_bob, &carol, in_carol);
    carol.hears(in_carol, &bob, in_bob);
    carol.engine.hangup(in_carol, None).unwrap();
    bob.wait_state(in_bob, CallState::Ended);
}

#[test]
fn transfers_of_calls_that_are_not_connected_are_refused() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    let out = alice.dial(&bob);
    let into = bob.wait_incoming();
    let request = Some(alice.engine.new_request());
    alice.engine.transfer(out, "sip:carol@127.0.0.1", false, request).unwrap();
    let refused = alice.wait("reply", |event| match event {
        EventKind::Reply { request: id, error, .. } if Some(*id) == request => Some(*error),
        _ => None,
    });
    assert_eq!(refused, Some(ErrorKind::WrongState));
    let error = alice.engine.transfer_to(out, out, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    bob.engine.reject(into, 486, "", None).unwrap();
    alice.wait_state(out, CallState::Ended);
}

#[test]
fn a_capture_has_the_messages_of_the_far_end_that_came_later() {
    let (mut alice, mut bob, mut carol) =
        (Phone::new("alice"), Phone::new("bob"), Phone::new("carol"));
    bob.services(|services| services.transfer = TransferPolicy::Accept);
    let (out, into) = connect(&mut alice, &mut bob);
    let file = std::env::temp_dir().join(format!("sidetone-{}-legs.pcap", std::process::id()));
    bob.engine.capture(into, &file, None).unwrap();
    alice.engine.transfer(out, &carol.uri(), false, None).unwrap();
    let third = carol.wait_incoming();
    carol.engine.answer(third, Vec::new(), None).unwrap();
    bob.wait_replaced(into);
    bob.engine.hangup(into, None).unwrap();
    bob.wait_state(into, CallState::Ended);
    bob.engine.shutdown(std::time::Duration::from_secs(2));
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(b"REFER sip:") && holds(b"INVITE sip:carol@"));
}

/// The reply to a request: its error and text.
fn reply(phone: &mut Phone, wanted: RequestId) -> (Option<ErrorKind>, String) {
    phone.wait("reply", |event| match event {
        EventKind::Reply { request, error, text, .. } if *request == wanted => {
            Some((*error, text.clone()))
        }
        _ => None,
    })
}

#[test]
fn what_a_far_end_did_not_answer_before_it_was_replaced_gets_its_own_reply() {
    let mut alice = Phone::new("alice");
    let listening = RawPeer::listen();
    let far = format!("sip:far@{};transport=tcp", listening.address());
    let call = alice.dial_uri(&far);
    let mut peer = listening.accept();
    let invite = peer.next("INVITE");
    let description = peer.description();
    peer.send(&invite.response("200 OK", Some(&description)));
    alice.wait_state(call, CallState::Connected);

    let [hold, message, again] = [(); 3].map(|()| alice.engine.new_request());
    alice.engine.hold(call, Some(hold)).unwrap();
    peer.next("INVITE");
    alice.engine.call_message_send(call, "text/plain", b"hello", Some(message)).unwrap();
    peer.next("MESSAGE");
    let from = invite.header("From");
    let tag = from.split_once(";tag=").unwrap().1;
    let head = |method: &str, to: &str| {
        format!(
            "{method} sip:alice@127.0.0.1 SIP/2.0\r\n\
             Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK{method}\r\n\
             From: <sip:carol@127.0.0.1>;tag=carol\r\nTo: {to}\r\nCall-ID: carol\r\n\
             CSeq: 1 {method}\r\nMax-Forwards: 70\r\nContact: <{far}>\r\n"
        )
    };
    peer.send(&format!(
        "{}Replaces: {};to-tag={tag};from-tag=far\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{description}",
        head("INVITE", "<sip:alice@127.0.0.1>"),
        invite.header("Call-ID"),
        description.len()
    ));
    let accepted = peer.next("SIP/2.0 200");
    peer.send(&format!("{}Content-Length: 0\r\n\r\n", head("ACK", &accepted.header("To"))));
    assert_eq!(alice.wait_replaced(call), "sip:carol@127.0.0.1");
    alice.engine.hold(call, Some(again)).unwrap();
    let offer = peer.next("INVITE");
    assert_eq!(offer.header("Call-ID"), "carol");
    peer.send(&offer.response("200 OK", Some(&description)));

    assert_eq!(reply(&mut alice, again).0, None);
    for (request, what) in [(hold, "hold"), (message, "message")] {
        let told = alice.seen(|event| match event {
            EventKind::Reply { request: of, error, text, .. } if *of == request => {
                Some((*error, text.clone()))
            }
            _ => None,
        });
        let replaced = "the far end was replaced before it answered".to_owned();
        assert_eq!(told, [(Some(ErrorKind::WrongState), replaced)], "{what}");
    }
}

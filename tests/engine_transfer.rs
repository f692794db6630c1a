//! Three engines in one process, on loopback: transfers as hosts see them, with real media.

#[path = "support/engine_phone.rs"]
mod engine_phone;

use engine_phone::{Phone, connect};
use sidetone::engine::{
    CallState, ErrorKind, EventKind, TransferState,
    event::EndReason,
    services::{MessageKind, TransferPolicy},
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

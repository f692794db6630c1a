//! Changes within a call: hold, codecs, crossing re-INVITEs, UPDATE, INFO digits, OPTIONS.

use std::time::Duration;

use crate::pair::{Fate, Network, address, header};
use sidetone::{
    base::plan::{CodecKind, Direction, LatchPolicy},
    call::{
        AudioTerms, CallEvent, CallState, Change, EndReason, Input, SrtpPolicy, redirect::Follow,
    },
    proto::sip::{
        dialog::Dialog,
        wire::{HeaderId, Message, Method, Request, Response},
    },
};

pub fn change(direction: Direction) -> Input {
    Input::Renegotiate(Change { direction: Some(direction), ..Change::default() })
}

pub fn renegotiated(net: &Network, index: usize) -> Vec<u16> {
    let events = net.phones[index].events.iter();
    events
        .filter_map(|(_, event)| match event {
            CallEvent::Renegotiated { code, .. } => Some(*code),
            _ => None,
        })
        .collect()
}

fn holds(net: &Network, index: usize) -> Vec<bool> {
    let events = net.phones[index].events.iter();
    events
        .filter_map(|(_, event)| match event {
            CallEvent::RemoteHold { held } => Some(*held),
            _ => None,
        })
        .collect()
}

#[test]
fn either_end_holds_and_resumes() {
    for holding in [0, 1] {
        let mut net = Network::new(30);
        net.connect();
        let keys = net.plan(0).srtp.clone();
        net.input(holding, change(Direction::SendOnly));
        net.run_ms(100);
        assert_eq!(net.plan(holding).direction, Direction::SendOnly);
        assert_eq!(net.plan(1 - holding).direction, Direction::RecvOnly);
        assert_eq!(holds(&net, 1 - holding), [true]);
        assert!(holds(&net, holding).is_empty());
        net.input(holding, change(Direction::SendRecv));
        net.run_ms(100);
        assert_eq!(net.plan(0).direction, Direction::SendRecv);
        assert_eq!(net.plan(1).direction, Direction::SendRecv);
        assert_eq!(holds(&net, 1 - holding), [true, false]);
        assert_eq!(renegotiated(&net, holding), [200, 200]);
        assert_eq!(net.plan(0).srtp, keys, "a hold changes no keys");
        assert_eq!(net.count(holding, "ACK") - usize::from(holding == 0), 2);
        net.input(holding, Input::Hangup);
        net.assert_quiet();
    }
}

#[test]
fn both_ends_on_hold_are_inactive_and_come_back_one_by_one() {
    let mut net = Network::new(31);
    net.connect();
    for (index, direction, expected) in [
        (0, Direction::SendOnly, Direction::SendOnly),
        (1, Direction::SendOnly, Direction::Inactive),
        (0, Direction::SendRecv, Direction::RecvOnly),
        (1, Direction::SendRecv, Direction::SendRecv),
    ] {
        net.input(index, change(direction));
        net.run_ms(100);
        assert_eq!(net.plan(0).direction, expected);
        assert_eq!(net.plan(1).direction, expected.reversed());
    }
}

#[test]
fn codecs_and_ports_change_within_a_call() {
    let mut net = Network::new(32);
    net.connect();
    let terms = AudioTerms {
        codecs: vec![CodecKind::Pcma],
        rtp_port: 4444,
        rtcp_port: None,
        latch: LatchPolicy::Off,
        ..net.phones[0].settings.audio.clone()
    };
    let terms = Some(Box::new(terms));
    net.input(0, Input::Renegotiate(Change { terms, ..Change::default() }));
    net.run_ms(100);
    assert_eq!(net.plan(0).send.kind, CodecKind::Pcma);
    assert_eq!(net.plan(1).send.kind, CodecKind::Pcma);
    assert_eq!(net.plan(1).remote_rtp.port(), 4444);
    assert_eq!(net.plan(0).latch, LatchPolicy::Off);
    assert_eq!(renegotiated(&net, 0), [200]);
}

#[test]
fn a_change_that_is_refused_leaves_the_call_as_it_was() {
    let mut net = Network::new(33);
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcmu];
    net.connect();
    let before = (net.plan(0).clone(), net.plan(1).clone());
    let terms =
        AudioTerms { codecs: vec![CodecKind::Opus], ..net.phones[0].settings.audio.clone() };
    let terms = Some(Box::new(terms));
    net.input(0, Input::Renegotiate(Change { terms, ..Change::default() }));
    net.run_ms(100);
    assert_eq!(renegotiated(&net, 0), [488]);
    assert_eq!((net.plan(0), net.plan(1)), (&before.0, &before.1));
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
    net.input(1, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!(renegotiated(&net, 1), [200], "the refused terms are forgotten");
    assert_eq!(net.plan(0).send.kind, CodecKind::Pcmu);
}

#[test]
fn reinvites_that_cross_are_refused_with_491_and_tried_again_one_after_the_other() {
    let mut net = Network::new(34);
    net.connect();
    net.input(0, change(Direction::SendOnly));
    net.input(1, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!((net.count(0, "491 INVITE"), net.count(1, "491 INVITE")), (1, 1));
    net.run_s(10);
    assert_eq!(renegotiated(&net, 0), [200]);
    assert_eq!(renegotiated(&net, 1), [200]);
    assert_eq!(net.plan(0).direction, Direction::Inactive);
    let again: Vec<_> =
        net.log.iter().filter(|d| d.what() == "INVITE" && !d.message.to_tag().is_empty()).collect();
    assert_eq!(again[2].from, address(1), "who does not own the Call-ID is first (§14.1)");
    assert_eq!(again[3].from, address(0));
}

#[test]
fn a_reinvite_that_nobody_answers_ends_the_call() {
    let mut net = Network::new(35);
    net.connect();
    net.script = Box::new(|what, index, _| match (what, index) {
        ("INVITE", 0) => Fate::Lose,
        _ => Fate::Arrive,
    });
    net.input(0, change(Direction::SendOnly));
    net.run_s(40);
    assert_eq!(net.end(0), Some((EndReason::Timeout, 0)));
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn a_change_that_cannot_be_sent_is_told_and_the_call_goes_on() {
    let mut net = Network::new(45);
    net.connect();
    net.phones[0].cut_off = true;
    net.input(0, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!(renegotiated(&net, 0), [0], "told as failed");
    assert_eq!((net.state(0), net.plan(0).direction), (CallState::Connected, Direction::SendRecv));
    net.phones[0].cut_off = false;
    net.run_s(40);
    net.input(0, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!(renegotiated(&net, 0), [0, 200]);
    assert_eq!((net.state(0), net.plan(0).direction), (CallState::Connected, Direction::SendOnly));
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
}

#[test]
fn a_reinvite_left_without_a_final_answer_is_cancelled_when_the_call_ends() {
    let mut net = Network::new(44);
    net.connect();
    net.phones[1].guard = Some(Box::new(|request| {
        request.is_method(&Method::Invite).then(|| Response::to(request, 183, ""))
    }));
    net.input(0, change(Direction::SendOnly));
    net.run_s(60);
    net.input(0, Input::Hangup);
    net.run_s(60);
    assert_eq!(net.count(0, "CANCEL"), 1);
    assert_eq!(net.phones[0].endpoint.open_transactions(), (0, 0));
}

#[test]
fn a_lost_ack_of_a_reinvite_is_repeated_too() {
    let mut net = Network::new(36);
    net.connect();
    net.script = Box::new(
        |what, _, count| if what == "ACK" && count < 3 { Fate::Lose } else { Fate::Arrive },
    );
    net.input(0, change(Direction::SendOnly));
    net.run_s(10);
    assert_eq!(net.count(1, "200 INVITE"), 4);
    net.input(0, change(Direction::SendRecv));
    net.run_s(1);
    assert_eq!(renegotiated(&net, 0), [200, 200]);
}

#[test]
fn a_phone_without_srtp_still_changes_media_of_a_secure_call() {
    let mut net = Network::new(37);
    net.phones[0].settings.audio.srtp = SrtpPolicy::Mandatory;
    net.connect();
    let before = net.plan(1).srtp.clone();
    assert!(before.is_some());
    net.input(1, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!(net.plan(1).srtp, before);
    let offer = String::from_utf8_lossy(net.last(1, "INVITE").body()).into_owned();
    assert!(offer.contains("RTP/SAVP") && offer.matches("a=crypto").count() == 1);
}

/// A request of phone 1's side of the dialog, made by hand.
fn in_dialog(net: &Network, method: Method) -> Request {
    let mut dialog =
        Dialog::uas(net.first(0, "INVITE"), &net.first(1, "200 INVITE").to_tag()).unwrap();
    dialog.raise_cseq(100);
    dialog.request(method)
}

fn answered(net: &Network, what: &str) -> Message {
    net.last(0, what).clone()
}

#[test]
fn update_changes_media_or_keeps_the_session_alive() {
    let mut net = Network::new(38);
    net.connect();
    let mut update = in_dialog(&net, Method::Update);
    let offer = String::from_utf8_lossy(net.first(1, "200 INVITE").body())
        .replace("a=sendrecv", "a=sendonly")
        .replace(" 4010 ", " 4998 ");
    update.set_body("application/sdp", offer);
    net.request(1, update, address(0));
    net.run_ms(50);
    assert!(!answered(&net, "200 UPDATE").body().is_empty());
    assert_eq!(net.plan(0).direction, Direction::RecvOnly);
    assert_eq!(net.plan(0).remote_rtp.port(), 4998);
    let mut bare = in_dialog(&net, Method::Update);
    bare.set_cseq(200);
    net.request(1, bare, address(0));
    net.run_ms(50);
    assert!(answered(&net, "200 UPDATE").body().is_empty());
}

#[test]
fn old_unknown_and_strange_requests_in_a_dialog_get_their_answers() {
    let mut net = Network::new(39);
    net.connect();
    let options = in_dialog(&net, Method::Options);
    net.request(1, options, address(0));
    net.run_ms(50);
    assert!(header(&answered(&net, "200 OPTIONS"), HeaderId::Allow).contains("UPDATE"));
    let mut old = in_dialog(&net, Method::Info);
    old.set_cseq(3);
    net.request(1, old, address(0));
    net.run_ms(50);
    assert_eq!(net.count(0, "500 INFO"), 1, "CSeq goes up only (§12.2.2)");
    let mut text = in_dialog(&net, Method::Info);
    text.set_cseq(300);
    text.set_body("text/plain", "hello");
    net.request(1, text, address(0));
    net.run_ms(50);
    assert!(header(&answered(&net, "415 INFO"), HeaderId::Accept).contains("dtmf-relay"));
    let mut stranger = in_dialog(&net, Method::Bye);
    let from = stranger.headers.value(HeaderId::From).unwrap().replace("tag=", "tag=x");
    stranger.headers.set(HeaderId::From, from);
    net.request(1, stranger, address(0));
    net.run_ms(50);
    assert_eq!(net.count(0, "481 BYE"), 1);
    assert_eq!(net.state(0), CallState::Connected);
}

#[test]
fn digits_by_info_arrive_in_order_whatever_the_network_does() {
    let mut net = Network::new(40);
    net.connect();
    net.shake(40, 20);
    for digit in "0123456789*#ABCD!".chars() {
        net.input(0, Input::Dtmf { digit, duration: Duration::from_millis(90) });
    }
    net.run_s(120);
    let heard: String = net.phones[1]
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            CallEvent::Dtmf { digit, duration } => {
                assert_eq!(*duration, Duration::from_millis(90));
                Some(*digit)
            }
            _ => None,
        })
        .collect();
    assert_eq!(heard, "0123456789*#ABCD!");
    let sent = net.phones[0].events.iter();
    let taken = sent.filter(|(_, event)| *event == CallEvent::DtmfSent { accepted: true });
    assert_eq!(taken.count(), 17);
}

#[test]
fn digits_outside_a_connected_call_are_not_sent() {
    let mut net = Network::new(41);
    net.dial();
    net.input(0, Input::Dtmf { digit: '1', duration: Duration::from_millis(90) });
    assert!(
        net.phones[0].events.iter().any(|(_, e)| *e == CallEvent::DtmfSent { accepted: false })
    );
    assert_eq!(net.count(0, "INFO"), 0);
}

#[test]
fn changes_of_ours_wait_for_the_call_to_stand_and_for_each_other() {
    let mut net = Network::new(42);
    net.dial();
    net.input(0, change(Direction::SendOnly));
    assert!(renegotiated(&net, 0).is_empty());
    net.input(0, change(Direction::SendRecv));
    net.input(0, change(Direction::SendOnly));
    net.run_ms(50);
    net.answer(1);
    net.run_ms(500);
    assert_eq!(renegotiated(&net, 0), [200, 200, 200]);
    assert_eq!(net.count(0, "INVITE"), 4);
    assert_eq!(net.plan(0).direction, Direction::SendOnly);
    assert_eq!(holds(&net, 1), [true, false, true]);
    net.input(0, Input::Hangup);
    net.input(0, change(Direction::SendRecv));
    assert_eq!(renegotiated(&net, 0), [200, 200, 200, 0], "there is no call to change");
    net.assert_quiet();
}

#[test]
fn a_redirected_caller_learns_where_to() {
    let mut net = Network::new(44);
    net.phones[0].settings.services.redirect.follow = Follow::Never;
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Redirect { target: "sip:desk@example.com".parse().unwrap() });
    net.run_ms(50);
    assert_eq!(net.end(0), Some((EndReason::Refused, 302)));
    let caller = net.phones[0].call.as_ref().unwrap();
    assert_eq!(caller.header("Contact"), Some("<sip:desk@example.com>"));
    net.assert_quiet();
}

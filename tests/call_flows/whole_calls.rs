//! Whole calls: set-up, refusal, cancellation, loss, the end.

use std::time::Duration;

use crate::pair::{Fate, Network, header, uri_of};
use sidetone::{
    base::plan::{CodecKind, SrtpSuite},
    call::{CallEvent, CallState, EndReason, Input},
    proto::sip::wire::HeaderId,
};

use CallState::{Connected, Dialing, EarlyMedia, Ended, Ending, Incoming, Ringing};

#[test]
fn a_call_rings_is_answered_carries_media_and_ends_with_bye() {
    for hanging_up in [0, 1] {
        let mut net = Network::new(1);
        net.connect();
        assert_eq!(net.states(0), [Dialing, Ringing, Connected]);
        assert_eq!(net.states(1), [Incoming, Ringing, Connected]);
        assert_eq!(net.sent(0), ["INVITE", "ACK"]);
        assert_eq!(net.sent(1), ["180 INVITE", "200 INVITE"]);
        let (a, b) = (net.plan(0).clone(), net.plan(1).clone());
        assert_eq!((a.send.kind, b.send.kind), (CodecKind::Opus, CodecKind::Opus));
        assert_eq!(a.remote_rtp, "192.0.2.2:4010".parse().unwrap());
        assert_eq!(b.remote_rtp, "192.0.2.1:4000".parse().unwrap());
        let (a, b) = (a.srtp.unwrap(), b.srtp.unwrap());
        assert_eq!((a.suite, b.suite), (SrtpSuite::ALL[0], SrtpSuite::ALL[0]));
        assert_eq!((a.send, a.receive), (b.receive, b.send));
        net.input(hanging_up, Input::Hangup);
        net.run_ms(100);
        assert_eq!(net.end(hanging_up), Some((EndReason::LocalHangup, 0)));
        assert_eq!(net.end(1 - hanging_up), Some((EndReason::RemoteHangup, 0)));
        assert_eq!(
            net.states(hanging_up).iter().rev().take(2).collect::<Vec<_>>(),
            [&Ended, &Ending]
        );
        assert_eq!(net.sent(hanging_up).last().unwrap(), "BYE");
        net.assert_quiet();
    }
}

#[test]
fn both_ends_name_each_other() {
    let mut net = Network::new(2);
    net.phones[0].settings.identity = net.phones[0].settings.identity.clone().with_display("Al");
    net.connect();
    let caller = net.phones[1].call.as_ref().unwrap();
    assert_eq!(caller.remote().to_string(), "Al <sip:phone0@example.com>".replace("Al", "\"Al\""));
    assert!(!caller.is_outgoing());
    assert_eq!(net.phones[0].call.as_ref().unwrap().remote().uri.user(), Some("phone1"));
    assert_eq!(net.phones[0].call.as_ref().unwrap().call_id(), caller.call_id());
}

#[test]
fn a_busy_phone_refuses_with_its_code_and_words() {
    let mut net = Network::new(3);
    net.dial();
    net.run_ms(100);
    net.input(1, Input::Reject { code: 486, reason: "In a meeting".to_owned() });
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::Refused, 486)));
    assert!(net.phones[0].events.iter().any(|(_, event)| matches!(
        event,
        CallEvent::Ended { text, .. } if text == "In a meeting"
    )));
    assert_eq!(net.end(1), Some((EndReason::LocalHangup, 486)));
    net.assert_quiet();
}

#[test]
fn hanging_up_an_unanswered_incoming_call_says_603() {
    let mut net = Network::new(4);
    net.dial();
    net.run_ms(100);
    net.input(1, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::Refused, 603)));
    net.assert_quiet();
}

#[test]
fn cancel_waits_for_a_provisional_response() {
    let mut net = Network::new(5);
    net.dial();
    net.run_ms(5);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.count(0, "CANCEL"), 0, "RFC 3261 §9.1");
    net.run_ms(400);
    assert_eq!(net.count(0, "CANCEL"), 1);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 487)));
    assert_eq!(net.end(1), Some((EndReason::RemoteCancel, 487)));
    net.assert_quiet();
}

#[test]
fn cancel_ends_a_ringing_call_at_both_ends() {
    let mut net = Network::new(6);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Ring);
    net.run_ms(50);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.states(0), [Dialing, Ringing, Ending, Ended]);
    assert_eq!(net.states(1), [Incoming, Ringing, Ended]);
    assert_eq!(net.count(1, "487 INVITE"), 1);
    net.assert_quiet();
}

#[test]
fn a_call_to_nobody_times_out_and_a_cancelled_one_ends_as_cancelled() {
    for hang_up in [false, true] {
        let mut net = Network::new(7);
        net.script = Box::new(|_, _, _| Fate::Lose);
        net.dial();
        net.run_s(1);
        if hang_up {
            net.input(0, Input::Hangup);
        }
        net.run_s(5);
        let cancelled = hang_up.then_some((EndReason::LocalHangup, 0));
        assert_eq!(net.end(0), cancelled, "its user does not wait for the INVITE's timer B");
        net.run_s(35);
        assert_eq!(net.end(0), cancelled.or(Some((EndReason::Timeout, 0))));
        net.assert_quiet();
    }
}

#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut net = Network::new(8);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Ring);
    net.run_ms(50);
    net.answer(1);
    net.input(0, Input::Hangup);
    net.run_ms(200);
    let sent = net.sent(0);
    assert_eq!(sent, ["INVITE", "CANCEL", "ACK", "BYE"]);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 0)), "no 487 came");
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn a_lost_answer_is_repeated_until_it_is_acknowledged() {
    let mut net = Network::new(9);
    net.script = Box::new(|what, _, count| match (what, count) {
        ("200 INVITE", 0..3) => Fate::Lose,
        _ => Fate::Arrive,
    });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_s(10);
    let times: Vec<u128> = net
        .log
        .iter()
        .filter(|datagram| datagram.what() == "200 INVITE")
        .map(|datagram| datagram.at.as_millis() - 50)
        .collect();
    assert_eq!(times, [0, 500, 1500, 3500], "T1, doubled");
    assert_eq!(net.count(0, "ACK"), 1);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn a_lost_ack_is_sent_again_for_every_repeated_answer() {
    let mut net = Network::new(10);
    net.script = Box::new(|what, _, count| match (what, count) {
        ("ACK", 0..2) => Fate::Lose,
        _ => Fate::Arrive,
    });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Incoming));
    net.run_s(5);
    assert_eq!(net.count(0, "ACK"), 3);
    assert_eq!(net.count(1, "200 INVITE"), 3);
    assert_eq!(net.states(1), [Incoming, Connected]);
    net.input(1, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn an_answer_that_is_never_acknowledged_ends_the_call_with_bye() {
    let mut net = Network::new(11);
    net.script = Box::new(|what, _, _| if what == "ACK" { Fate::Lose } else { Fate::Arrive });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_s(31);
    assert_eq!(net.end(1), None);
    net.run_s(3);
    assert_eq!(net.end(1), Some((EndReason::Timeout, 0)));
    assert_eq!(net.end(0), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn hanging_up_before_the_ack_waits_for_it() {
    let mut net = Network::new(12);
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.input(1, Input::Hangup);
    assert_eq!(net.count(1, "BYE"), 0, "RFC 3261 §15");
    net.run_ms(100);
    assert_eq!(net.count(1, "BYE"), 1);
    assert_eq!(net.end(1), Some((EndReason::LocalHangup, 0)));
    assert_eq!(net.end(0), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn byes_that_cross_end_both_calls_once() {
    let mut net = Network::new(13);
    net.connect();
    net.input(0, Input::Hangup);
    net.input(1, Input::Hangup);
    net.run_ms(100);
    for index in [0, 1] {
        assert_eq!(net.end(index), Some((EndReason::LocalHangup, 0)));
        assert_eq!(net.count(index, "200 BYE"), 1);
        assert_eq!(net.states(index).iter().filter(|state| **state == Ended).count(), 1);
    }
    net.assert_quiet();
}

#[test]
fn a_bye_that_nobody_answers_ends_the_call_all_the_same() {
    let mut net = Network::new(14);
    net.connect();
    net.script = Box::new(|_, _, _| Fate::Lose);
    net.input(0, Input::Hangup);
    net.run_s(33);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 0)));
    assert_eq!(net.phones[0].plans.last(), Some(&None), "media ended at once");
    net.script = Box::new(|_, _, _| Fate::Arrive);
    net.input(1, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(1), Some((EndReason::LocalHangup, 0)));
    net.assert_quiet();
}

#[test]
fn nobody_answers_and_either_end_gives_up_in_its_own_time() {
    for (index, reasons) in [
        (0, [(EndReason::NoAnswer, 487), (EndReason::RemoteCancel, 487)]),
        (1, [(EndReason::Refused, 480), (EndReason::NoAnswer, 480)]),
    ] {
        let mut net = Network::new(15);
        net.phones[index].settings.no_answer = Duration::from_secs(20);
        net.phones[1].ring_after = Some(Duration::from_millis(100));
        net.dial();
        net.run_s(19);
        assert_eq!((net.state(0), net.state(1)), (Ringing, Ringing));
        net.run_s(2);
        assert_eq!([net.end(0).unwrap(), net.end(1).unwrap()], reasons);
        net.assert_quiet();
    }
}

#[test]
fn ringing_is_said_again_each_minute() {
    let mut net = Network::new(16);
    net.phones[1].ring_after = Some(Duration::ZERO);
    net.dial();
    net.run_s(170);
    assert_eq!(net.count(1, "180 INVITE"), 3);
    assert_eq!(net.states(0), [Dialing, Ringing]);
}

#[test]
fn early_media_runs_before_the_answer_and_goes_on_after_it() {
    let mut net = Network::new(17);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(50);
    assert_eq!(net.states(0), [Dialing, EarlyMedia]);
    assert_eq!(net.states(1), [Incoming, EarlyMedia]);
    let early = net.plan(0).clone();
    net.answer(1);
    net.run_ms(50);
    assert_eq!(net.states(0), [Dialing, EarlyMedia, Connected]);
    assert_eq!(net.plan(0), &early);
    assert_eq!(net.phones[0].plans.len(), 1, "the plan did not change");
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn the_hosts_headers_stand_on_every_request_and_cannot_replace_ours() {
    let mut net = Network::new(25);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    net.phones[0].settings.headers = vec![
        pair("X-Tenant", "seven"),
        pair("Call-ID", "mine"),
        pair("v", "SIP/2.0/UDP evil"),
        pair("bad name", "x"),
        pair("X-Split", "a\r\nEvil: yes"),
    ];
    net.phones[0].settings.invite_headers = vec![pair("X-Once", "1")];
    net.connect();
    net.input(0, Input::Hangup);
    net.run_ms(100);
    for what in ["INVITE", "ACK", "BYE"] {
        let message = net.first(0, what);
        assert_eq!(message.header_named("X-Tenant"), Some("seven"), "{what}");
        assert_eq!(message.header_named("X-Once").is_some(), what == "INVITE");
        assert_eq!(message.header_named("Evil"), None);
        assert_eq!(message.headers(HeaderId::CallId).count(), 1);
        assert_eq!(message.headers(HeaderId::Via).count(), 1);
    }
    assert_eq!(net.phones[1].call.as_ref().unwrap().header("x-once"), Some("1"));
}

#[test]
fn headers_of_the_answer_reach_the_caller() {
    let mut net = Network::new(26);
    net.dial();
    net.run_ms(50);
    let headers = vec![("X-Agent".to_owned(), "42".to_owned())];
    net.input(1, Input::Answer { headers });
    net.run_ms(50);
    assert_eq!(net.phones[0].call.as_ref().unwrap().header("X-Agent"), Some("42"));
}

#[test]
fn an_outbound_proxy_is_the_first_hop_but_not_the_target() {
    let mut net = Network::new(27);
    net.phones[0].settings.outbound_proxy = Some(uri_of(1));
    net.dial_from(0, "sip:someone@far.example.com".parse().unwrap());
    net.run_ms(50);
    let invite = net.first(0, "INVITE");
    assert_eq!(invite.raw_uri(), "sip:someone@far.example.com");
    assert_eq!(header(invite, HeaderId::Route), "<sip:phone1@192.0.2.2:5060;lr>");
    assert_eq!(net.state(1), Incoming);
}

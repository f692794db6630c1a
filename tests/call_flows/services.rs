//! What calls do by themselves and say beside the call: identity, reasons, headers of the host,
//! automatic answers, longest times, digits.

use std::time::Duration;

use crate::{office::Office, pair::header};
use sidetone::{
    base::plan::Direction,
    call::{CallEvent, CallState, Change, EndReason, Input, services::MessageKind},
    proto::sip::wire::{HeaderId, Message},
};

fn own(name: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), "1".to_owned())]
}

fn has(message: &Message, name: &str) -> bool {
    message.header_named(name) == Some("1")
}

#[test]
fn an_anonymous_call_hides_its_caller_from_the_called_but_not_from_the_network() {
    let mut office = Office::new(2, 540);
    office.desks[0].settings.services.presentation.anonymous = true;
    let (out, into) = office.connect(0, 1);
    let invite = office.all(0, "INVITE")[0];
    let from = invite.from().unwrap();
    assert_eq!(from.uri.to_string(), "sip:anonymous@anonymous.invalid");
    assert_eq!(header(invite, HeaderId::Privacy), "id");
    assert_eq!(invite.header_named("P-Preferred-Identity"), Some("<sip:phone0@example.com>"));
    assert_eq!(office.line(1, into).call.remote().uri.user(), Some("anonymous"));
    office.input(0, out, Input::Hangup);
    office.run_ms(100);
    let bye = office.last(0, "BYE").from().unwrap();
    assert_eq!(bye.uri.to_string(), "sip:anonymous@anonymous.invalid", "the same dialog");
    office.assert_quiet();
}

#[test]
fn a_reason_goes_out_with_bye_and_with_cancel_and_is_told_at_the_other_end() {
    let mut office = Office::new(2, 541);
    let (out, into) = office.connect(0, 1);
    office.input(0, out, Input::HangupWith { cause: 31, text: String::new() });
    office.run_ms(100);
    assert_eq!(
        header(office.last(0, "BYE"), HeaderId::Reason),
        "Q.850;cause=31;text=\"Normal, unspecified\""
    );
    let cause = office.line(1, into).call.cause().unwrap();
    assert_eq!((cause.q850, cause.text.as_str()), (31, "Normal, unspecified"));
    let (out, into) = office.ring(0, 1);
    office.input(0, out, Input::HangupWith { cause: 26, text: String::new() });
    office.run_ms(100);
    assert!(header(office.last(0, "CANCEL"), HeaderId::Reason).starts_with("Q.850;cause=26"));
    assert_eq!(office.end(1, into), Some((EndReason::AnsweredElsewhere, 487)));
    assert!(office.line(1, into).call.cause().unwrap().elsewhere);
    office.assert_quiet();
}

#[test]
fn the_cause_of_a_refusal_is_kept() {
    let mut office = Office::new(2, 542);
    let (out, into) = office.ring(0, 1);
    let reason = "Q.850;cause=17;text=\"User busy\"".to_owned();
    let headers = vec![("Reason".to_owned(), reason)];
    office.input(1, into, Input::SetHeaders { kind: MessageKind::Refusal, headers });
    office.input(1, into, Input::Reject { code: 486, reason: String::new() });
    office.run_ms(100);
    assert_eq!(office.line(0, out).call.cause().map(|cause| cause.q850), Some(17));
    office.assert_quiet();
}

#[test]
fn headers_of_the_host_go_out_on_every_kind_of_message() {
    let mut office = Office::new(2, 543);
    let line = office.dial(0, crate::pair::uri_of(1));
    let kinds = [
        MessageKind::Ack,
        MessageKind::Bye,
        MessageKind::Info,
        MessageKind::Refer,
        MessageKind::Cancel,
        MessageKind::Invite,
    ];
    for kind in kinds {
        let headers = own(&format!("X-{kind:?}"));
        office.input(0, line, Input::SetHeaders { kind, headers });
    }
    office.run_ms(50);
    for kind in [MessageKind::Provisional, MessageKind::Answer] {
        let headers = own(&format!("X-{kind:?}"));
        office.input(1, 0, Input::SetHeaders { kind, headers });
    }
    office.input(1, 0, Input::Ring);
    office.run_ms(50);
    office.input(1, 0, Input::Answer { headers: Vec::new() });
    office.run_ms(100);
    let duration = Duration::from_millis(160);
    office.input(0, line, Input::Dtmf { digit: '5', duration });
    office.run_ms(100);
    let change = Change { direction: Some(Direction::SendOnly), ..Change::default() };
    office.input(0, line, Input::Renegotiate(change));
    office.run_ms(100);
    let target = "sip:nobody@192.0.2.9".parse().unwrap();
    office.input(0, line, Input::Transfer { target, replaces: None, silent: false });
    office.run_ms(100);
    office.input(0, line, Input::Hangup);
    office.run_ms(100);
    for (desk, what, name) in [
        (0, "ACK", "X-Ack"),
        (0, "BYE", "X-Bye"),
        (0, "INFO", "X-Info"),
        (0, "REFER", "X-Refer"),
        (0, "INVITE", "X-Invite"),
        (1, "180 INVITE", "X-Provisional"),
        (1, "200 INVITE", "X-Answer"),
    ] {
        assert!(has(office.last(desk, what), name), "{what}");
        assert!(!has(office.last(desk, what), "X-Cancel"), "{what}");
    }
    let (second, _) = office.ring(0, 1);
    let headers = own("X-Cancel");
    office.input(0, second, Input::SetHeaders { kind: MessageKind::Cancel, headers });
    office.input(0, second, Input::Hangup);
    office.run_ms(100);
    assert!(has(office.last(0, "CANCEL"), "X-Cancel"));
}

#[test]
fn a_call_is_answered_by_itself_after_its_time() {
    let mut office = Office::new(2, 544);
    office.desks[1].settings.services.auto_answer = Some(Duration::from_secs(2));
    let (out, into) = office.ring(0, 1);
    office.run_ms(1_800);
    assert_eq!(office.state(0, out), CallState::Ringing);
    office.run_ms(400);
    assert_eq!(office.state(0, out), CallState::Connected);
    assert_eq!(office.state(1, into), CallState::Connected);
    office.input(0, out, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn a_call_ends_when_it_has_lasted_as_long_as_it_may() {
    let mut office = Office::new(2, 545);
    office.desks[0].settings.services.max_duration = Some(Duration::from_secs(60));
    let (out, into) = office.connect(0, 1);
    office.run_s(59);
    assert_eq!(office.state(0, out), CallState::Connected);
    office.run_s(2);
    assert_eq!(office.end(0, out), Some((EndReason::MaxDuration, 0)));
    assert_eq!(office.end(1, into), Some((EndReason::RemoteHangup, 0)));
    office.assert_quiet();
}

#[test]
fn a_call_without_media_ends_unless_it_is_on_hold() {
    let mut office = Office::new(2, 546);
    office.desks[0].settings.services.dead_media = Some(Duration::from_secs(20));
    let (out, into) = office.connect(0, 1);
    let silent = |silent| Input::MediaSilent { silent, since: Duration::from_secs(5) };
    office.input(0, out, silent(true));
    office.run_s(14);
    office.input(0, out, silent(false));
    office.run_s(60);
    assert_eq!(office.state(0, out), CallState::Connected, "it came again");
    let change =
        |direction| Input::Renegotiate(Change { direction: Some(direction), ..Change::default() });
    office.input(0, out, change(Direction::SendOnly));
    office.run_ms(100);
    office.input(0, out, silent(true));
    office.run_s(120);
    assert_eq!(office.state(0, out), CallState::Connected, "nothing is to be heard");
    office.input(0, out, change(Direction::SendRecv));
    office.run_ms(100);
    office.input(1, into, change(Direction::SendOnly));
    office.run_s(120);
    assert_eq!(office.state(0, out), CallState::Connected, "the far end holds, and plays nothing");
    office.input(1, into, change(Direction::SendRecv));
    office.run_ms(100);
    office.input(0, out, silent(false));
    office.input(0, out, change(Direction::SendRecv));
    office.run_ms(100);
    office.input(0, out, silent(true));
    office.run_s(16);
    assert_eq!(office.end(0, out), Some((EndReason::DeadMedia, 0)));
    assert!(header(office.last(0, "BYE"), HeaderId::Reason).contains("no media"));
    office.assert_quiet();
}

#[test]
fn digits_wait_for_each_other_and_for_a_pause() {
    let mut office = Office::new(2, 547);
    let (out, into) = office.connect(0, 1);
    for digit in "1,2".chars() {
        office.input(0, out, Input::Dtmf { digit, duration: Duration::from_millis(100) });
    }
    office.run_ms(1_900);
    assert_eq!(office.all(0, "INFO").len(), 1);
    office.run_ms(300);
    let heard: Vec<char> = office
        .line(1, into)
        .events
        .iter()
        .filter_map(|event| match event {
            CallEvent::Dtmf { digit, .. } => Some(*digit),
            _ => None,
        })
        .collect();
    assert_eq!(heard, ['1', '2']);
    let sent = office.line(0, out).events.iter();
    let sent = sent.filter(|event| matches!(event, CallEvent::DtmfSent { accepted: true }));
    assert_eq!(sent.count(), 3);
}

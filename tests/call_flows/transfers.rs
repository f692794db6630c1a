//! Transfers: blind and attended, by us and of us, and calls that are replaced.

use crate::{
    office::{Office, what},
    pair::{address, header, uri_of},
};
use sidetone::{
    call::{
        CallEvent, CallState, EndReason, Input,
        dial_plan::DialPlan,
        dialling::Dialling,
        transfer::{TransferEvent, TransferPolicy},
    },
    proto::sip::{
        replaces::Replaces,
        wire::{HeaderId, Method, Request, Response},
    },
};

/// What a line was told of transfers, in words.
fn told(office: &Office, desk: usize, line: usize) -> Vec<String> {
    let events = office.line(desk, line).events.iter();
    events
        .filter_map(|event| match event {
            CallEvent::Transfer(TransferEvent::Asked(asked)) => Some(format!(
                "asked {}{}",
                asked.target,
                if asked.attended { " attended" } else { "" }
            )),
            CallEvent::Transfer(TransferEvent::Progress { code, .. }) => Some(code.to_string()),
            CallEvent::Transfer(TransferEvent::Done { code, .. }) => Some(format!("done {code}")),
            CallEvent::Transfer(TransferEvent::Failed { code, .. }) => {
                Some(format!("failed {code}"))
            }
            CallEvent::Replaced { remote } => Some(format!("now {}", remote.uri.for_identity())),
            _ => None,
        })
        .collect()
}

fn fragments(office: &Office, desk: usize) -> Vec<String> {
    let notifies = office.all(desk, "NOTIFY");
    notifies.iter().map(|notify| String::from_utf8_lossy(notify.body()).trim().to_owned()).collect()
}

fn answer() -> Input {
    Input::Answer { headers: Vec::new() }
}

fn transfer(target: usize) -> Input {
    Input::Transfer { target: uri_of(target), replaces: None, silent: false }
}

/// Desk 0 and desk 1 talk, and desk 1 does what it is asked for.
fn willing(seed: u64) -> (Office, usize, usize) {
    let mut office = Office::new(3, seed);
    office.desks[1].settings.services.transfer = TransferPolicy::Accept;
    let (out, into) = office.connect(0, 1);
    (office, out, into)
}

#[test]
fn a_blind_transfer_hands_the_far_end_over_and_tells_how_it_goes() {
    let (mut office, out, into) = willing(500);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(2, 0, Input::Ring);
    office.run_ms(100);
    assert_eq!(office.state(0, out), CallState::Connected, "not before it is answered");
    office.input(2, 0, answer());
    office.run_ms(300);
    assert_eq!(told(&office, 0, out), ["202", "100", "180", "done 200"]);
    assert_eq!(office.end(0, out), Some((EndReason::Transferred, 0)));
    let target = format!("asked {}", uri_of(2));
    assert_eq!(told(&office, 1, into)[..3], [target, "180".into(), "done 200".into()]);
    assert_eq!(office.state(1, into), CallState::Connected, "the host keeps its call");
    assert_eq!(office.line(1, into).call.remote().uri.user(), Some("phone2"));
    let plan = office.line(1, into).plans.last().unwrap().as_ref().unwrap();
    assert_eq!(plan.remote_rtp.ip(), address(2).ip());
    assert_eq!(
        fragments(&office, 1),
        ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    );
    let refer = office.last(0, "REFER");
    assert_eq!(header(refer, HeaderId::ReferTo), format!("<{}>", uri_of(2)));
    assert_eq!(header(refer, HeaderId::ReferredBy), "<sip:phone0@example.com>");
    let invite = office.all(1, "INVITE")[0];
    assert_eq!(header(invite, HeaderId::ReferredBy), "<sip:phone0@example.com>");
    let last = office.last(1, "NOTIFY");
    assert!(header(last, HeaderId::SubscriptionState).starts_with("terminated"));
    let id = refer.cseq().unwrap().number;
    assert_eq!(header(last, HeaderId::Event), format!("refer;id={id}"));
    office.input(1, into, Input::Hangup);
    office.run_ms(200);
    assert_eq!(office.end(2, 0), Some((EndReason::RemoteHangup, 0)));
    office.assert_quiet();
}

#[test]
fn a_blind_transfer_to_somebody_busy_leaves_the_call_as_it_was() {
    let (mut office, out, into) = willing(501);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(2, 0, Input::Reject { code: 486, reason: String::new() });
    office.run_ms(200);
    assert_eq!(told(&office, 0, out), ["202", "100", "failed 486"]);
    assert_eq!(told(&office, 1, into)[1..], ["failed 486"]);
    assert_eq!(fragments(&office, 1)[1], "SIP/2.0 486 Busy Here");
    assert_eq!(office.state(0, out), CallState::Connected);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(2, 1, answer());
    office.run_ms(300);
    assert_eq!(office.end(0, out), Some((EndReason::Transferred, 0)), "a second try goes well");
    office.input(1, into, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn an_attended_transfer_replaces_the_call_that_was_asked_back_in() {
    let (mut office, out, into) = willing(502);
    let (asking, asked) = office.connect(0, 2);
    let other = office.line(0, asking).call.dialog().unwrap();
    let replaces = Some(Replaces::far_end_of(other.id()));
    let target = other.remote_target().clone();
    office.input(0, out, Input::Transfer { target, replaces, silent: false });
    office.run_ms(500);
    assert_eq!(office.end(0, out), Some((EndReason::Transferred, 0)));
    assert_eq!(office.end(0, asking).map(|end| end.0), Some(EndReason::RemoteHangup));
    assert_eq!(office.state(1, into), CallState::Connected);
    assert_eq!(office.state(2, asked), CallState::Connected, "its host keeps its call too");
    assert_eq!(office.desks[2].lines.len(), 1, "no second call appeared");
    assert_eq!(told(&office, 2, asked), ["now sip:phone1@example.com"]);
    assert!(told(&office, 1, into)[0].ends_with("attended"));
    let invite = office.last(1, "INVITE");
    assert_eq!(header(invite, HeaderId::Require), "replaces");
    assert!(header(invite, HeaderId::Replaces).contains(";to-tag="));
    assert_eq!(invite.raw_uri().split('?').count(), 1, "no headers in the Request-URI");
    let plan = office.line(2, asked).plans.last().unwrap().as_ref().unwrap();
    assert_eq!(plan.remote_rtp.ip(), address(1).ip());
    office.input(2, asked, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn a_user_decides_on_a_transfer_when_the_account_says_so() {
    let mut office = Office::new(3, 503);
    let (out, into) = office.connect(0, 1);
    office.input(0, out, transfer(2));
    office.run_ms(200);
    assert!(office.sent(1).iter().all(|sent| sent != "INVITE"), "not without being told");
    let pending = office.last(1, "NOTIFY");
    assert!(header(pending, HeaderId::SubscriptionState).starts_with("pending"));
    office.input(1, into, Input::DecideTransfer { accept: false });
    office.run_ms(100);
    assert_eq!(told(&office, 0, out), ["202", "100", "failed 603"]);
    office.input(0, out, transfer(2));
    office.run_ms(200);
    office.input(1, into, Input::DecideTransfer { accept: true });
    office.run_ms(100);
    office.input(2, 0, answer());
    office.run_ms(300);
    assert_eq!(office.end(0, out), Some((EndReason::Transferred, 0)));
    office.input(1, into, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn a_transfer_is_refused_when_the_account_says_so() {
    let (mut office, out, _) = willing(504);
    office.desks[1].settings.services.transfer = TransferPolicy::Refuse;
    let (second, _) = office.connect(0, 1);
    office.input(0, second, transfer(2));
    office.run_ms(100);
    assert_eq!(told(&office, 0, second), ["failed 603"]);
    assert_eq!(office.state(0, second), CallState::Connected);
    assert_eq!(office.state(0, out), CallState::Connected);
}

#[test]
fn a_transfer_without_a_subscription_sends_no_notify() {
    let (mut office, out, into) = willing(505);
    office.input(0, out, Input::Transfer { target: uri_of(2), replaces: None, silent: true });
    office.run_ms(100);
    assert_eq!(told(&office, 0, out), ["done 202"]);
    let accepted = office.last(1, "202 REFER");
    assert_eq!(accepted.header_named("Refer-Sub"), Some("false"));
    office.input(2, 0, answer());
    office.run_ms(200);
    assert_eq!(office.sent(1).iter().filter(|sent| *sent == "NOTIFY").count(), 0);
    assert_eq!(office.line(1, into).call.remote().uri.user(), Some("phone2"));
    office.run_s(6);
    assert_eq!(
        office.end(0, out),
        Some((EndReason::RemoteHangup, 0)),
        "the old leg is ended when the far end does not"
    );
    office.input(1, into, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn a_far_end_that_leaves_at_once_after_its_refer_is_replaced_while_it_rings() {
    let (mut office, out, into) = willing(506);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(0, out, Input::Hangup);
    office.run_ms(100);
    assert_ne!(office.state(1, into), CallState::Ended, "it is on its way to the next");
    office.input(2, 0, Input::Ring);
    office.run_ms(100);
    assert_eq!(office.state(1, into), CallState::Ringing);
    office.input(2, 0, answer());
    office.run_ms(200);
    assert_eq!(office.state(1, into), CallState::Connected);
    office.input(2, 0, Input::Hangup);
    office.run_ms(200);
    assert_eq!(office.end(1, into), Some((EndReason::RemoteHangup, 0)));
    office.assert_quiet();
}

#[test]
fn hanging_up_in_the_middle_of_a_transfer_ends_both_legs() {
    let (mut office, out, into) = willing(507);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(2, 0, Input::Ring);
    office.run_ms(100);
    office.input(1, into, Input::Hangup);
    office.run_ms(300);
    assert_eq!(office.end(1, into), Some((EndReason::LocalHangup, 0)));
    assert_eq!(office.end(2, 0), Some((EndReason::RemoteCancel, 487)));
    assert_eq!(office.end(0, out), Some((EndReason::RemoteHangup, 0)));
    office.assert_quiet();
}

/// An INVITE with Replaces of the test's own, from desk 2 to desk `to`.
fn replacing(office: &mut Office, to: usize, lines: &[&str]) {
    let mut invite = Request::new(Method::Invite, uri_of(to));
    invite.headers.push(HeaderId::From, "<sip:phone2@example.com>;tag=x");
    invite.headers.push(HeaderId::To, "<sip:phone@example.com>");
    invite.headers.push(HeaderId::CallId, format!("{}", lines.len() * 7 + lines.concat().len()));
    invite.headers.push(HeaderId::Contact, format!("<{}>", uri_of(2)));
    invite.set_cseq(1);
    for line in lines {
        invite.headers.push(HeaderId::Replaces, line);
    }
    office.request(2, invite, to);
    office.run_ms(100);
}

#[test]
fn an_invite_with_replaces_is_refused_when_it_means_no_dialog_or_not_this_one() {
    let mut office = Office::new(3, 508);
    let (_, into) = office.connect(0, 1);
    let dialog = office.line(1, into).call.dialog().unwrap().id().clone();
    let known =
        format!("{};to-tag={};from-tag={}", dialog.call_id, dialog.local_tag, dialog.remote_tag);
    let early = format!("{known};early-only");
    let swapped = format!("{};to-tag={};from-tag=other", dialog.call_id, dialog.local_tag);
    for (lines, code) in [
        (&["nothing@h;to-tag=a;from-tag=b"][..], 481),
        (&[swapped.as_str()], 481),
        (&["nothing@h;to-tag=a"], 400),
        (&[known.as_str(), known.as_str()], 400),
        (&[early.as_str()], 486),
    ] {
        replacing(&mut office, 1, lines);
        assert!(!office.all(1, &format!("{code} INVITE")).is_empty(), "{lines:?}");
    }
    assert_eq!(office.state(1, into), CallState::Connected);
    assert_eq!(office.desks[1].lines.len(), 1);
}

#[test]
fn a_ringing_call_is_not_taken_from_the_one_who_is_called() {
    let mut office = Office::new(3, 509);
    let (out, into) = office.ring(0, 1);
    let dialog = office.line(1, into).call.dialog().unwrap().id().clone();
    let line =
        format!("{};to-tag={};from-tag={}", dialog.call_id, dialog.local_tag, dialog.remote_tag);
    replacing(&mut office, 1, &[&line]);
    assert!(!office.all(1, "481 INVITE").is_empty());
    assert_eq!(office.state(0, out), CallState::Ringing);
    assert_eq!(office.state(1, into), CallState::Ringing);
}

#[test]
fn notifies_that_belong_to_nothing_are_refused() {
    let (mut office, out, into) = willing(510);
    let mut stray = |package: &str| {
        let mut dialog = office.line(1, into).call.dialog().unwrap().clone();
        dialog.raise_cseq(1000 + office.log.len() as u32);
        let mut notify = dialog.request(Method::Notify);
        notify.headers.push(HeaderId::Event, package);
        notify.headers.push(HeaderId::SubscriptionState, "active");
        office.request(1, notify, 0);
        office.run_ms(100);
        let last = office.log.iter().rev().find(|(desk, _)| *desk == 0).unwrap();
        what(&last.1)
    };
    assert_eq!(stray("refer"), "481 NOTIFY");
    assert_eq!(stray("presence"), "489 NOTIFY");
    assert_eq!(stray(""), "489 NOTIFY");
    assert_eq!(office.state(0, out), CallState::Connected);
}

#[test]
fn a_refer_that_nobody_tells_of_fails_after_a_while() {
    let mut office = Office::new(2, 511);
    let (out, _) = office.connect(0, 1);
    office.desks[1].guard = Some(Box::new(|message| {
        message.is_method(&Method::Refer).then(|| Response::to(message, 202, ""))
    }));
    office.input(0, out, transfer(2));
    office.run_s(210);
    assert_eq!(told(&office, 0, out), ["202", "failed 0"]);
    assert_eq!(office.state(0, out), CallState::Connected);
}

#[test]
fn a_refer_that_nobody_decides_about_is_refused_after_a_while() {
    let mut office = Office::new(3, 512);
    let (out, into) = office.connect(0, 1);
    office.input(0, out, transfer(2));
    office.run_s(59);
    assert_eq!(told(&office, 0, out), ["202", "100"]);
    office.run_s(2);
    assert_eq!(told(&office, 0, out), ["202", "100", "failed 603"]);
    assert_eq!(told(&office, 1, into)[1..], ["failed 603"]);
    assert_eq!(fragments(&office, 1)[1], "SIP/2.0 603 Decline");
    office.input(1, into, Input::DecideTransfer { accept: true });
    office.run_ms(100);
    assert!(office.all(1, "INVITE").is_empty(), "too late");
    office.input(0, out, transfer(2));
    office.run_s(50);
    office.input(1, into, Input::DecideTransfer { accept: true });
    office.run_s(20);
    assert_eq!(office.desks[2].lines.len(), 1, "it was decided in time");
    assert_eq!(office.state(1, into), CallState::Connected);
    office.input(1, into, Input::Hangup);
    office.assert_quiet();
}

/// What a line was told of transfers and of its end, the last two in order.
fn last_two(office: &Office, desk: usize, line: usize) -> Vec<String> {
    let events = office.line(desk, line).events.iter();
    let mut told: Vec<String> = events
        .filter_map(|event| match event {
            CallEvent::Transfer(TransferEvent::Failed { code, .. }) => {
                Some(format!("failed {code}"))
            }
            CallEvent::Transfer(_) => Some("transfer".to_owned()),
            CallEvent::Ended { .. } => Some("ended".to_owned()),
            _ => None,
        })
        .collect();
    told.split_off(told.len() - 2)
}

#[test]
fn the_end_of_the_call_is_the_end_of_its_transfer_for_both_ends() {
    let (mut office, out, into) = willing(513);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(1, into, Input::Hangup);
    office.run_ms(300);
    for (desk, line) in [(0, out), (1, into)] {
        assert_eq!(last_two(&office, desk, line), ["failed 0", "ended"], "desk {desk}");
    }
    let mut office = Office::new(3, 514);
    let (out, into) = office.connect(0, 1);
    office.input(0, out, transfer(2));
    office.run_ms(100);
    office.input(0, out, Input::Hangup);
    office.run_ms(300);
    for (desk, line) in [(0, out), (1, into)] {
        assert_eq!(last_two(&office, desk, line), ["failed 0", "ended"], "desk {desk}");
    }
    office.assert_quiet();
}

#[test]
fn a_call_that_is_replaced_is_on_its_way_to_nobody_else() {
    let mut office = Office::new(4, 515);
    office.desks[1].settings.services.transfer = TransferPolicy::Accept;
    let (out, into) = office.connect(0, 1);
    office.input(0, out, transfer(3));
    office.run_ms(100);
    office.input(3, 0, Input::Ring);
    office.run_ms(100);
    let dialog = office.line(1, into).call.dialog().unwrap().id().clone();
    let line =
        format!("{};to-tag={};from-tag={}", dialog.call_id, dialog.local_tag, dialog.remote_tag);
    replacing(&mut office, 1, &[&line]);
    assert_eq!(told(&office, 1, into)[1..], ["180", "failed 0", "now sip:phone2@example.com"]);
    assert_eq!(office.end(3, 0), Some((EndReason::RemoteCancel, 487)));
    assert_eq!(told(&office, 0, out).last().unwrap(), "failed 0", "it is told, too");
    assert_eq!(office.end(0, out), Some((EndReason::RemoteHangup, 0)));
    office.input(1, into, Input::Hangup);
    office.run_s(40);
    assert_eq!(office.end(1, into), Some((EndReason::LocalHangup, 0)), "though no ACK came");
}

#[test]
fn a_number_is_called_as_a_dial_of_it_would_be() {
    let (mut office, _, _) = willing(516);
    let plan = DialPlan::parse("<+49:0>[1-9]x.|+900x.!").unwrap();
    let home = Some(uri_of(2));
    office.desks[1].settings.services.dialling = Dialling { plan, home };
    let (out, into) = office.connect(0, 1);
    let to = |number: &str| {
        let target = number.parse().unwrap();
        Input::Transfer { target, replaces: None, silent: false }
    };
    office.input(0, out, to("tel:+900-1"));
    office.run_ms(100);
    assert_eq!(told(&office, 0, out), ["failed 403"], "the plan bars it");
    office.input(0, out, to("tel:+49-30-1"));
    office.run_ms(100);
    let called = format!("{};user=phone", uri_of(2).with_user("0301"));
    assert_eq!(office.last(1, "INVITE").raw_uri(), called);
    assert_eq!(told(&office, 1, into), [format!("asked {called}")]);
    office.input(2, 0, answer());
    office.run_ms(300);
    assert_eq!(office.end(0, out), Some((EndReason::Transferred, 0)));
    office.input(1, into, Input::Hangup);
    office.run_ms(300);
    let (mut office, out, _) = willing(517);
    office.input(0, out, to("tel:+49-30-1"));
    office.run_ms(100);
    assert_eq!(told(&office, 0, out), ["failed 416"], "there is no domain for numbers");
}

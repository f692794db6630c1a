//! Session timers (RFC 4028): agreeing, refreshing, giving up.

use std::time::Duration;

use crate::pair::{Fate, Network, header};
use sidetone::{
    call::{CallState, EndReason, Input, SessionTimer},
    proto::sip::wire::{HeaderId, Message, Method, Response},
};

fn timer(interval: Option<u64>, min: u64) -> SessionTimer {
    SessionTimer { interval: interval.map(Duration::from_secs), min: Duration::from_secs(min) }
}

#[test]
fn a_call_is_refreshed_for_as_long_as_it_stands() {
    let mut net = Network::new(60);
    net.phones[0].settings.session = timer(Some(90), 90);
    net.connect();
    assert_eq!(header(net.first(0, "INVITE"), HeaderId::SessionExpires), "90");
    let granted = header(net.first(1, "200 INVITE"), HeaderId::SessionExpires);
    assert_eq!(granted, "90;refresher=uac");
    assert_eq!(header(net.first(1, "200 INVITE"), HeaderId::Require), "timer");
    net.run_s(300);
    assert_eq!(net.count(0, "UPDATE"), 6);
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn the_called_side_may_ask_for_a_timer_too() {
    let mut net = Network::new(61);
    net.phones[1].settings.session = timer(Some(120), 90);
    net.connect();
    net.run_s(130);
    assert_eq!(net.count(0, "UPDATE"), 2);
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
}

#[test]
fn a_session_that_is_not_refreshed_is_ended_before_its_time_by_both_ends() {
    let mut net = Network::new(62);
    net.phones[0].settings.session = timer(Some(90), 90);
    net.connect();
    net.script = Box::new(|_, _, _| Fate::Lose);
    net.run_s(80);
    assert_eq!(net.end(1), None, "its BYE is not answered yet");
    net.run_s(60);
    assert_eq!(net.end(1), Some((EndReason::SessionExpired, 0)));
    assert!(matches!(net.end(0), Some((EndReason::Timeout | EndReason::SessionExpired, _))));
    net.assert_quiet();
}

#[test]
fn an_interval_that_is_too_small_is_raised_once_and_accepted() {
    let mut net = Network::new(63);
    net.phones[0].settings.session = timer(Some(10), 10);
    net.phones[1].settings.session = timer(None, 90);
    net.phones[1].answer_after = Some(Duration::from_millis(100));
    net.dial();
    net.run_ms(50);
    assert_eq!(header(net.first(1, "422 INVITE"), HeaderId::MinSe), "90");
    assert_eq!(header(net.last(0, "INVITE"), HeaderId::SessionExpires), "90");
    // The refused INVITE was a call of its own at the other end.
    assert_eq!(net.end(1), Some((EndReason::Refused, 422)));
    net.run_ms(200);
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
}

/// Lets a header of phone `index`'s requests and responses not reach the other: the phone is an old
/// one.
fn without(net: &mut Network, from: usize, what: &str, header: &str, replacement: &str) {
    let text = String::from_utf8(net.first(from, what).octets().to_vec()).unwrap();
    let keep = |line: &&str| !line.starts_with(header);
    let mut lines: Vec<&str> = text.split("\r\n").filter(keep).collect();
    if !replacement.is_empty() {
        lines.insert(1, replacement);
    }
    net.inject(
        crate::pair::address(from),
        crate::pair::address(1 - from),
        lines.join("\r\n").into(),
    );
}

/// A call whose 200 reaches phone 0 with one header in another form, or without it.
fn answered_with(interval: u64, name: &'static str, replacement: &str) -> Network {
    let mut net = Network::new(64);
    net.phones[0].settings.session = timer(Some(interval), 90);
    net.dial();
    net.run_ms(50);
    net.script =
        Box::new(
            |what, index, _| {
                if (what, index) == ("200 INVITE", 1) { Fate::Lose } else { Fate::Arrive }
            },
        );
    net.answer(1);
    without(&mut net, 1, "200 INVITE", name, replacement);
    net.run_ms(100);
    net.script = Box::new(|_, _, _| Fate::Arrive);
    net
}

#[test]
fn without_a_refresher_in_the_answer_the_caller_refreshes() {
    let mut net = answered_with(90, "Session-Expires", "Session-Expires: 90");
    net.run_s(50);
    assert_eq!(net.count(0, "UPDATE"), 1);
}

#[test]
fn without_session_expires_in_the_answer_nobody_refreshes() {
    let mut net = answered_with(90, "Session-Expires", "");
    net.run_s(55);
    assert_eq!((net.count(0, "UPDATE"), net.count(0, "INVITE")), (0, 1));
    assert_eq!(net.state(0), CallState::Connected);
}

#[test]
fn the_called_side_refreshes_when_the_answer_says_so() {
    let mut net = answered_with(90, "Session-Expires", "Session-Expires: 90;refresher=uas");
    net.run_s(50);
    assert_eq!(net.count(0, "UPDATE"), 0);
    // Nobody did: the caller gives up a third of the interval before its end.
    net.run_s(20);
    assert_eq!(net.end(0), Some((EndReason::SessionExpired, 0)));
}

#[test]
fn a_far_end_without_update_is_refreshed_by_reinvite_with_the_session_as_it_is() {
    let mut net = answered_with(120, "Allow", "Allow: INVITE, ACK, BYE, CANCEL");
    let before = net.plan(0).clone();
    net.run_s(200);
    assert_eq!(net.count(0, "UPDATE"), 0);
    let offer = |message: &Message| {
        String::from_utf8_lossy(message.body())
            .lines()
            .filter(|line| line.starts_with("m=") || line.starts_with("a=crypto"))
            .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };
    assert!(net.count(0, "INVITE") >= 3);
    assert_eq!(offer(net.last(0, "INVITE"))[0], offer(net.first(0, "INVITE"))[0]);
    let expires = header(net.last(0, "INVITE"), HeaderId::SessionExpires);
    assert_eq!(expires, "120;refresher=uac");
    assert_eq!(net.plan(0), &before);
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
}

#[test]
fn a_refresh_that_is_too_small_is_raised_and_goes_out_again() {
    for update in [true, false] {
        let mut net = match update {
            true => answered_with(90, "Nothing", ""),
            false => answered_with(90, "Allow", "Allow: INVITE, ACK, BYE, CANCEL"),
        };
        let mut refusals = 0;
        net.phones[1].guard = Some(Box::new(move |request| {
            if request.number(HeaderId::SessionExpires)? >= 100 {
                return None;
            }
            refusals += 1;
            let mut response = Response::to(request, 422, "");
            response.headers.set(HeaderId::MinSe, "100");
            (refusals < 5).then_some(response)
        }));
        net.run_s(48);
        let what = if update { "UPDATE" } else { "INVITE" };
        assert_eq!(net.count(1, &format!("422 {what}")), 1, "{:?}", net.sent(1));
        assert_eq!(net.count(1, &format!("200 {what}")), if update { 1 } else { 2 });
        let expires = header(net.last(0, what), HeaderId::SessionExpires);
        assert!(expires.starts_with("100;"), "{expires}");
        assert_eq!(header(net.last(0, what), HeaderId::MinSe), "100");
        assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
    }
}

/// A call with 90 s between refreshes, whose far end takes UPDATE or not, and refuses so many
/// refreshes with `code`.
fn refusing(update: bool, code: u16, mut times: u32) -> Network {
    let mut net = match update {
        true => answered_with(90, "Nothing", ""),
        false => answered_with(90, "Allow", "Allow: INVITE, ACK, BYE, CANCEL"),
    };
    net.phones[1].guard = Some(Box::new(move |request| {
        request.number(HeaderId::SessionExpires)?;
        times = times.checked_sub(1)?;
        Some(Response::to(request, code, ""))
    }));
    net
}

#[test]
fn a_refresh_that_is_refused_for_now_is_tried_again_until_the_session_runs_out() {
    for update in [true, false] {
        let what = if update { "UPDATE" } else { "INVITE" };
        let mut net = refusing(update, 503, 2);
        net.run_s(57);
        assert_eq!(net.count(1, &format!("503 {what}")), 2, "{:?}", net.sent(1));
        assert_eq!(net.count(1, &format!("200 {what}")), if update { 1 } else { 2 });
        net.run_s(40);
        assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));

        let mut net = refusing(update, 503, 1000);
        net.run_s(58);
        assert_eq!(net.state(0), CallState::Connected);
        assert_eq!(net.count(1, &format!("503 {what}")), 3, "at 45, 50 and 55 s");
        net.run_s(4);
        assert_eq!(net.end(0), Some((EndReason::SessionExpired, 0)));
    }
}

#[test]
fn a_far_end_that_asks_for_more_patience_than_the_session_has_is_tried_before_its_end() {
    let mut net = refusing(true, 503, 0);
    let mut asked = false;
    net.phones[1].guard = Some(Box::new(move |request: &Message| {
        let refuses = request.is_method(&Method::Update) && !std::mem::replace(&mut asked, true);
        refuses.then(|| {
            let mut response = Response::to(request, 503, "");
            response.headers.push(HeaderId::RetryAfter, "3600");
            response
        })
    }));
    net.run_s(100);
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
    assert_eq!(net.count(1, "503 UPDATE"), 1);
}

#[test]
fn a_refresh_that_cannot_be_sent_is_tried_again() {
    for update in [true, false] {
        let mut net = refusing(update, 503, 0);
        net.phones[0].cut_off = true;
        net.run_s(52);
        assert_eq!((net.count(0, "UPDATE"), net.count(0, "INVITE")), (0, 1));
        net.phones[0].cut_off = false;
        net.run_s(40);
        assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
        let what = if update { "UPDATE" } else { "INVITE" };
        assert!(net.count(0, what) > usize::from(!update), "it was refreshed");

        let mut net = refusing(update, 503, 0);
        net.phones[0].cut_off = true;
        net.run_s(58);
        assert_eq!(net.state(0), CallState::Connected);
        net.run_s(4);
        assert_eq!(net.end(0), Some((EndReason::SessionExpired, 0)));
    }
}

#[test]
fn a_refresh_that_meets_no_dialog_ends_the_call_and_no_update_is_not_the_end() {
    for update in [true, false] {
        let mut net = refusing(update, 481, 1);
        net.run_s(46);
        assert_eq!(net.end(0), Some((EndReason::Timeout, 481)));
    }
    let mut net = refusing(true, 405, 1);
    net.run_s(58);
    assert_eq!((net.count(0, "UPDATE"), net.count(0, "INVITE")), (1, 2));
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
}

#[test]
fn the_called_side_grants_no_less_than_the_caller_takes() {
    let mut net = Network::new(65);
    net.phones[0].settings.session = timer(None, 90);
    net.phones[1].settings.session = timer(Some(100), 90);
    net.dial();
    net.run_ms(50);
    let text = String::from_utf8(net.first(0, "INVITE").octets().to_vec()).unwrap();
    let mut net = Network::new(66);
    net.phones[1].settings.session = timer(Some(100), 90);
    let asking = text.replace("\r\nFrom:", "\r\nMin-SE: 300\r\nFrom:");
    net.inject(crate::pair::address(0), crate::pair::address(1), asking.into());
    net.run_ms(50);
    net.answer(1);
    let granted = header(net.first(1, "200 INVITE"), HeaderId::SessionExpires);
    assert_eq!(granted, "300;refresher=uac");
}

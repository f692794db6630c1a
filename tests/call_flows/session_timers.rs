//! Session timers (RFC 4028): agreeing, refreshing, giving up.

use std::time::Duration;

use crate::pair::{Fate, Network, header};
use sidetone::{
    call::{CallState, EndReason, Input, SessionTimer},
    proto::sip::wire::HeaderId,
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

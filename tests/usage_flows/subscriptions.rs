//! Subscriptions against a notifier that the test plays.

use std::time::Duration;

use bytes::Bytes;
use sidetone::{
    call::usage::{
        Subscription, SubscriptionEvent, SubscriptionSettings, SubscriptionState, TerminationReason,
    },
    proto::sip::wire::Message,
};

use SubscriptionState::{Active, Ended, Pending, Retrying, Subscribing, Unsubscribing};

use crate::bench::{Bench, settings};

fn with_expires(seconds: u64) -> Bench<Subscription> {
    let settings = SubscriptionSettings {
        usage: settings(),
        target: "sip:bob@example.com".parse().unwrap(),
        event: "dialog".into(),
        accept: vec!["application/dialog-info+xml".into()],
        expires: Duration::from_secs(seconds),
    };
    let mut bench = Bench::new(|rng| Subscription::new(settings, rng));
    bench.usage.subscribe(bench.now);
    bench.settle();
    bench
}

fn subscribed() -> Bench<Subscription> {
    with_expires(600)
}

/// One that stands: answered and notified.
fn active() -> Bench<Subscription> {
    let mut bench = subscribed();
    bench.answer(200, &[("Expires", "600")]);
    notify(&mut bench, "far", 1, "active;expires=600");
    bench.run_s(10);
    bench
}

/// A NOTIFY of the notifier with that tag; the code that we answer.
fn notify(bench: &mut Bench<Subscription>, tag: &str, cseq: u32, state: &str) -> u16 {
    notify_event(bench, tag, cseq, state, "dialog")
}

fn notify_event(
    bench: &mut Bench<Subscription>,
    tag: &str,
    cseq: u32,
    state: &str,
    event: &str,
) -> u16 {
    let (call_id, our_tag) = bench.usage.dialog_key();
    let state = match state {
        "" => String::new(),
        state => format!("Subscription-State: {state}\r\n"),
    };
    let text = format!(
        "NOTIFY sip:al@192.0.2.1:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{tag}{cseq}{}\r\n\
         From: <sip:bob@example.com>;tag={tag}\r\nTo: <sip:al@example.com>;tag={our_tag}\r\n\
         Call-ID: {call_id}\r\nCSeq: {cseq} NOTIFY\r\nContact: <sip:{tag}@192.0.2.9:5062>\r\n\
         Event: {event}\r\n{state}Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy",
        bench.answers.len(),
    );
    bench.receive(Bytes::from(text.into_bytes()));
    bench.answers.last().and_then(Message::status).expect("an answer")
}

fn states(bench: &Bench<Subscription>) -> Vec<SubscriptionState> {
    let state = |event: &SubscriptionEvent| match event {
        SubscriptionEvent::State { state, .. } => Some(*state),
        SubscriptionEvent::Notify { .. } => None,
    };
    bench.events.iter().filter_map(state).collect()
}

fn bodies(bench: &Bench<Subscription>) -> usize {
    let notify = |event: &&SubscriptionEvent| matches!(event, SubscriptionEvent::Notify { .. });
    bench.events.iter().filter(notify).count()
}

fn last_reason(bench: &Bench<Subscription>) -> (u16, Option<TerminationReason>) {
    let state = |event: &SubscriptionEvent| match event {
        SubscriptionEvent::State { code, reason, .. } => Some((*code, *reason)),
        SubscriptionEvent::Notify { .. } => None,
    };
    bench.events.iter().rev().find_map(state).expect("a state")
}

#[test]
fn subscribes_and_refreshes_in_the_dialog_before_it_runs_out() {
    let mut bench = subscribed();
    assert_eq!(bench.header("Event"), "dialog");
    assert_eq!(bench.header("Expires"), "600");
    assert_eq!(bench.header("Accept"), "application/dialog-info+xml");
    assert_eq!(bench.header("Contact"), "<sip:al@192.0.2.1:5060>");
    bench.answer(200, &[("Expires", "300")]);
    assert_eq!(notify(&mut bench, "far", 1, "pending;expires=300"), 200);
    assert_eq!(notify(&mut bench, "far", 2, "active;expires=300"), 200);
    assert_eq!(states(&bench), [Subscribing, Pending, Active]);
    assert_eq!(bodies(&bench), 2);
    bench.run_s(271);
    let (at, refresh) = bench.sent[1].clone();
    assert!((225..=270).contains(&at.as_secs()), "75 % to 90 % of 300 s: {at:?}");
    assert_eq!(refresh.to_tag(), "far", "in the dialog");
    assert_eq!(refresh.raw_uri(), "sip:far@192.0.2.9:5062", "to the notifier's Contact");
    assert_eq!(refresh.cseq().unwrap().number, bench.sent[0].1.cseq().unwrap().number + 1);
    bench.answer(200, &[("Expires", "300")]);
    assert_eq!(notify(&mut bench, "far", 3, "active"), 200);
    assert_eq!(states(&bench), [Subscribing, Pending, Active], "nothing changed");
}

#[test]
fn a_notify_ahead_of_the_2xx_makes_the_dialog() {
    let mut bench = subscribed();
    assert_eq!(notify(&mut bench, "far", 5, "active;expires=600"), 200);
    assert_eq!(states(&bench), [Subscribing, Active]);
    bench.answer(200, &[("Expires", "600")]);
    assert_eq!(notify(&mut bench, "far", 6, "active;expires=600"), 200);
    bench.usage.subscribe(bench.now);
    bench.settle();
    assert_eq!(bench.last().to_tag(), "far");
    assert_eq!(bench.sent.len(), 2);
}

#[test]
fn of_a_forked_subscribe_the_first_notifier_stays() {
    let mut bench = subscribed();
    assert_eq!(notify(&mut bench, "one", 1, "active;expires=600"), 200);
    assert_eq!(notify(&mut bench, "two", 1, "active;expires=600"), 481, "RFC 6665 §4.1.2.4");
    bench.answer_as("two", 200, &[("Expires", "600")]);
    assert_eq!(notify(&mut bench, "one", 2, "active;expires=600"), 200);
    bench.usage.subscribe(bench.now);
    bench.settle();
    assert_eq!(bench.last().to_tag(), "one");
    // The 2xx may come of another fork than the first NOTIFY.
    let mut bench = subscribed();
    bench.answer_as("one", 200, &[("Expires", "600")]);
    assert_eq!(notify(&mut bench, "two", 1, "active;expires=600"), 200);
    assert_eq!(notify(&mut bench, "one", 1, "active;expires=600"), 481);
}

#[test]
fn a_notify_that_does_not_belong_is_refused() {
    let mut bench = active();
    assert_eq!(notify_event(&mut bench, "far", 2, "active", "presence"), 489);
    assert_eq!(bench.answers.last().unwrap().header_named("Allow-Events"), Some("dialog"));
    assert_eq!(notify_event(&mut bench, "far", 3, "active", "dialog;id=7"), 489);
    assert_eq!(notify(&mut bench, "far", 5, "active"), 200);
    assert_eq!(notify(&mut bench, "far", 4, "active"), 500, "older than the last");
    assert_eq!(notify(&mut bench, "far", 6, ""), 200, "an old notifier says no state");
    assert_eq!(bench.usage.state(), Active);
    assert_eq!(notify(&mut bench, "far", 7, "terminated;reason=rejected"), 200);
    assert_eq!(notify(&mut bench, "far", 8, "active"), 481, "after the end");
}

#[test]
fn each_reason_of_an_end_has_its_own_sequel() {
    use TerminationReason as Reason;
    for (value, reason) in [
        ("rejected", Reason::Rejected),
        ("noresource", Reason::NoResource),
        ("invariant", Reason::Invariant),
    ] {
        let mut bench = active();
        notify(&mut bench, "far", 2, &format!("terminated;reason={value}"));
        assert_eq!((bench.usage.state(), last_reason(&bench)), (Ended, (0, Some(reason))));
        bench.run_s(2000);
        assert_eq!(bench.sent.len(), 1, "{value}: not tried again");
    }
    for value in ["deactivated", "timeout"] {
        let mut bench = active();
        let before = bench.last().call_id().map(str::to_owned);
        notify(&mut bench, "far", 2, &format!("terminated;reason={value};retry-after=900"));
        assert_eq!(bench.usage.state(), Subscribing, "{value}: at once");
        assert_ne!(bench.last().call_id().map(str::to_owned), before, "a new dialog");
        assert_eq!(bench.last().to_tag(), "");
    }
    for value in ["probation", "giveup", "sulking"] {
        let mut bench = active();
        notify(&mut bench, "far", 2, &format!("terminated;reason={value};retry-after=90"));
        assert_eq!(bench.usage.state(), Retrying, "{value}");
        bench.run_s(89);
        assert_eq!(bench.sent.len(), 1);
        bench.run_s(2);
        assert_eq!(bench.sent.len(), 2, "{value}: when the notifier says");
    }
    let mut bench = active();
    notify(&mut bench, "far", 2, "terminated");
    assert_eq!(bench.usage.state(), Retrying, "without a reason: after a while");
    bench.run_s(3);
    assert_eq!(bench.usage.state(), Subscribing);
}

#[test]
fn a_notifier_that_deactivates_at_once_does_not_make_a_storm() {
    let mut bench = subscribed();
    for round in 0..5 {
        bench.answer(200, &[("Expires", "600")]);
        notify(&mut bench, "far", 1, "active");
        notify(&mut bench, "far", 2, "terminated;reason=deactivated");
        assert_eq!(bench.usage.state(), Retrying, "round {round}");
        bench.run_s(3);
    }
    assert!(bench.sent.len() <= 6);
}

#[test]
fn unsubscribes_and_waits_for_the_last_notify() {
    let mut bench = active();
    bench.usage.unsubscribe(bench.now);
    bench.settle();
    assert_eq!((bench.header("Expires").as_str(), bench.last().to_tag().as_str()), ("0", "far"));
    bench.answer(200, &[("Expires", "0")]);
    assert_eq!(bench.usage.state(), Unsubscribing);
    assert_eq!(notify(&mut bench, "far", 2, "terminated;reason=timeout"), 200);
    assert_eq!(states(&bench), [Subscribing, Active, Unsubscribing, Ended]);
    bench.run_s(2000);
    assert_eq!(bench.sent.len(), 2);
    // A notifier that forgets the last NOTIFY does not keep us waiting for ever.
    let mut bench = active();
    bench.usage.unsubscribe(bench.now);
    bench.settle();
    bench.answer(200, &[]);
    bench.run_s(33);
    assert_eq!(bench.usage.state(), Ended);
    // One that knows nothing of it ends it too.
    let mut bench = active();
    bench.usage.unsubscribe(bench.now);
    bench.settle();
    bench.answer(481, &[]);
    assert_eq!(bench.usage.state(), Ended);
}

#[test]
fn one_that_is_not_answered_yet_is_taken_back_when_it_is() {
    let mut bench = subscribed();
    bench.usage.unsubscribe(bench.now);
    bench.settle();
    assert_eq!(bench.sent.len(), 1);
    bench.answer(202, &[("Expires", "600")]);
    assert_eq!(bench.header("Expires"), "0");
    notify(&mut bench, "far", 1, "active");
    assert_eq!(bench.sent.len(), 2, "asked once");
    bench.answer(200, &[]);
    notify(&mut bench, "far", 2, "terminated;reason=timeout");
    assert_eq!(states(&bench), [Subscribing, Unsubscribing, Ended]);
}

#[test]
fn a_longer_life_is_asked_for_after_423() {
    let mut bench = subscribed();
    bench.answer(423, &[("Min-Expires", "3600")]);
    assert_eq!(bench.header("Expires"), "3600");
    bench.answer(423, &[]);
    assert_eq!(bench.header("Expires"), "7200", "none was named");
    bench.answer(423, &[]);
    bench.answer(423, &[]);
    assert_eq!(bench.usage.state(), Retrying, "not for ever");
}

#[test]
fn a_life_that_is_never_long_enough_grows_to_32_bits_and_no_further() {
    let mut bench = subscribed();
    for _ in 0..60 {
        for _ in 0..3 {
            bench.answer(423, &[]);
        }
        bench.answer(200, &[("Expires", "1")]);
        notify(&mut bench, "far", 1, "active;expires=1");
        bench.run_s(2);
    }
    bench.answer(423, &[("Min-Expires", "4294967295")]);
    let asked: u64 = bench.header("Expires").parse().unwrap();
    assert!(asked <= u64::from(u32::MAX), "{asked}");
}

#[test]
fn a_challenge_is_answered_in_and_out_of_the_dialog() {
    let mut bench = subscribed();
    bench.answer(401, &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")]);
    assert!(bench.header("Authorization").contains("nonce=\"n\""));
    bench.answer(200, &[("Expires", "600")]);
    notify(&mut bench, "far", 1, "active");
    bench.usage.subscribe(bench.now);
    bench.settle();
    let first = bench.last().cseq().unwrap().number;
    assert!(bench.header("Authorization").contains("nonce=\"n\""), "without a second challenge");
    bench.answer(401, &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"m\", stale=true")]);
    assert_eq!(bench.last().cseq().unwrap().number, first + 1);
    bench.answer(200, &[("Expires", "600")]);
    bench.usage.subscribe(bench.now);
    bench.settle();
    assert_eq!(bench.last().cseq().unwrap().number, first + 2);
}

#[test]
fn a_challenge_on_the_way_of_the_dialog_that_is_not_answered_begins_it_anew() {
    let mut bench = active();
    bench.trusts = false;
    bench.usage.subscribe(bench.now);
    bench.settle();
    assert_ne!(bench.last().to_tag(), "", "a refresh");
    let challenge = [("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
    bench.answer(401, &challenge);
    assert_eq!((bench.usage.state(), bench.last().to_tag().as_str()), (Subscribing, ""));
    assert_eq!(bench.header("Authorization"), "", "whoever asked gets nothing");
    bench.trusts = true;
    bench.answer(401, &challenge);
    assert!(bench.header("Authorization").contains("nonce=\"n\""));
    bench.answer(200, &[("Expires", "600")]);
    notify(&mut bench, "far", 1, "active;expires=600");
    assert_eq!(bench.usage.state(), Active);

    let mut bench = subscribed();
    bench.trusts = false;
    bench.answer(401, &challenge);
    assert_eq!((bench.usage.state(), last_reason(&bench).0), (Ended, 401));
}

#[test]
fn a_lost_dialog_is_begun_anew_and_a_refusal_is_not() {
    let mut bench = active();
    bench.usage.subscribe(bench.now);
    bench.settle();
    bench.answer(481, &[]);
    assert_eq!((bench.usage.state(), bench.last().to_tag().as_str()), (Subscribing, ""));
    for code in [403, 404, 405, 489, 603, 302] {
        let mut bench = subscribed();
        bench.answer(code, &[]);
        assert_eq!((bench.usage.state(), last_reason(&bench).0), (Ended, code));
        bench.run_s(2000);
        assert_eq!(bench.sent.len(), 1, "{code}");
    }
}

#[test]
fn what_may_pass_is_tried_again_later_and_later() {
    let mut bench = subscribed();
    bench.answer(503, &[("Retry-After", "30")]);
    assert_eq!((bench.usage.state(), last_reason(&bench).0), (Retrying, 503));
    bench.run_s(29);
    assert_eq!(bench.sent.len(), 1);
    bench.run_s(2);
    assert_eq!(bench.sent.len(), 2, "when the server says");
    // Without an answer: 64 T1, then waits that double up to five minutes.
    bench.run_s(4000);
    let times: Vec<u64> = bench.sent.iter().skip(1).map(|(at, _)| at.as_secs()).collect();
    let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() > 6 && gaps.iter().all(|gap| (32..=333).contains(gap)), "{gaps:?}");
    assert!(gaps[gaps.len() - 1] >= 32 + 150, "{gaps:?}");
}

#[test]
fn a_refresh_that_fails_is_tried_until_the_time_is_up() {
    let mut bench = active();
    while bench.sent.len() < 2 {
        bench.run_s(1);
    }
    bench.answer(503, &[]);
    assert_eq!(bench.usage.state(), Active, "RFC 6665 §4.1.2.2: it stands still");
    bench.run_s(3);
    assert_eq!(bench.sent.len(), 3);
    assert_eq!(bench.last().to_tag(), "far");
    while bench.usage.state() == Active {
        bench.run_s(1);
    }
    assert_eq!(bench.usage.state(), Subscribing, "its time was up");
    assert_eq!(bench.time().as_secs(), 600, "as long as it was granted");
    assert_eq!(bench.last().to_tag(), "");
}

#[test]
fn a_subscription_without_a_notify_is_none() {
    let mut bench = subscribed();
    bench.answer(200, &[("Expires", "600")]);
    assert_eq!(bench.usage.state(), Subscribing);
    bench.run_s(33);
    assert_eq!(states(&bench), [Subscribing, Retrying], "timer N");
}

#[test]
fn a_new_address_is_told_at_once_and_what_waits_is_tried() {
    let mut bench = active();
    bench.usage.look_again(bench.now, Some("sip:al@192.0.2.77:5060".parse().unwrap()));
    bench.settle();
    assert_eq!(bench.header("Contact"), "<sip:al@192.0.2.77:5060>");
    assert_eq!(bench.last().to_tag(), "far", "SUBSCRIBE refreshes the target");
    let mut bench = subscribed();
    bench.answer(503, &[("Retry-After", "300")]);
    bench.usage.look_again(bench.now, None);
    bench.settle();
    assert_eq!((bench.usage.state(), bench.sent.len()), (Subscribing, 2));
}

#[test]
fn one_look_ends_with_its_notify() {
    let mut bench = with_expires(0);
    assert_eq!(bench.header("Expires"), "0");
    bench.answer(200, &[("Expires", "0")]);
    assert_eq!(notify(&mut bench, "far", 1, "terminated;reason=timeout"), 200);
    assert_eq!((bodies(&bench), bench.usage.state()), (1, Ended));
    assert_eq!(last_reason(&bench), (200, None), "it is what was asked for");
    bench.run_s(2000);
    assert_eq!(bench.sent.len(), 1);
}

#[test]
fn one_look_is_over_whatever_state_is_told_and_refused_when_it_is() {
    for (state, outcome) in [
        ("active;expires=0", (200, None)),
        ("terminated", (200, None)),
        ("terminated;reason=invariant", (200, None)),
        ("terminated;reason=rejected", (0, Some(TerminationReason::Rejected))),
        ("terminated;reason=noresource", (0, Some(TerminationReason::NoResource))),
    ] {
        let mut bench = with_expires(0);
        bench.answer(200, &[("Expires", "0")]);
        assert_eq!(notify(&mut bench, "far", 1, state), 200);
        assert_eq!((bench.usage.state(), last_reason(&bench)), (Ended, outcome), "{state}");
        bench.run_s(2000);
        assert_eq!(bench.sent.len(), 1, "{state}");
    }
}

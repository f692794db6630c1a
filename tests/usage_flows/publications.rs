//! Publications against a compositor that the test plays.

use std::time::Duration;

use sidetone::call::usage::{
    Publication, PublicationEvent, PublicationSettings, PublicationState, Published,
};

use PublicationState::{Ended, Publishing, Removing, Retrying};

use crate::bench::{Bench, settings};

fn state(text: &str) -> Published {
    Published { content_type: "application/pidf+xml".into(), body: text.as_bytes().to_vec() }
}

fn publishing() -> Bench<Publication> {
    let settings = PublicationSettings {
        usage: settings(),
        target: "sip:al@example.com".parse().unwrap(),
        event: "presence".into(),
        expires: Duration::from_secs(600),
    };
    let mut bench = Bench::new(|rng| Publication::new(settings, rng));
    bench.usage.publish(state("open"));
    bench.settle();
    bench
}

fn published() -> Bench<Publication> {
    let mut bench = publishing();
    bench.answer(200, &[("SIP-ETag", "e1"), ("Expires", "300")]);
    bench
}

fn states(bench: &Bench<Publication>) -> Vec<PublicationState> {
    bench.events.iter().map(|event: &PublicationEvent| event.state).collect()
}

#[test]
fn publishes_and_refreshes_without_a_body_under_the_etag() {
    let mut bench = published();
    let first = bench.sent[0].1.clone();
    assert_eq!(first.body(), b"open");
    assert_eq!(first.header_named("SIP-If-Match"), None);
    assert_eq!(
        (first.header_named("Event"), bench.header("Expires")),
        (Some("presence"), "600".into())
    );
    assert_eq!(states(&bench), [Publishing, PublicationState::Published]);
    assert_eq!(bench.events[1].expires, Duration::from_secs(300));
    bench.run_s(271);
    let (at, refresh) = bench.sent[1].clone();
    assert!((225..=270).contains(&at.as_secs()), "{at:?}");
    assert_eq!(refresh.header_named("SIP-If-Match"), Some("e1"));
    assert!(refresh.body().is_empty() && refresh.content_type().is_none(), "RFC 3903 §4.1");
    bench.answer(200, &[("SIP-ETag", "e2"), ("Expires", "300")]);
    bench.usage.publish(state("closed"));
    bench.settle();
    assert_eq!(bench.header("SIP-If-Match"), "e2", "each answer names a new one");
    assert_eq!(bench.last().body(), b"closed");
}

#[test]
fn a_compositor_that_forgot_it_gets_the_whole_state_again() {
    let mut bench = published();
    bench.run_s(271);
    assert!(bench.last().body().is_empty());
    bench.answer(412, &[]);
    assert_eq!(bench.last().body(), b"open");
    assert_eq!(bench.header("SIP-If-Match"), "");
    bench.answer(200, &[("SIP-ETag", "e9"), ("Expires", "300")]);
    assert_eq!(bench.usage.state(), PublicationState::Published);
}

#[test]
fn a_compositor_that_has_forgotten_what_it_was_never_told_is_not_asked_again() {
    let mut bench = publishing();
    bench.answer(412, &[]);
    assert_eq!((bench.usage.state(), bench.sent.len()), (Ended, 1));
}

#[test]
fn what_is_published_meanwhile_waits_for_the_answer() {
    let mut bench = publishing();
    bench.usage.publish(state("busy"));
    bench.usage.publish(state("closed"));
    bench.settle();
    assert_eq!(bench.sent.len(), 1, "one at a time");
    bench.answer(200, &[("SIP-ETag", "e1"), ("Expires", "300")]);
    assert_eq!((bench.last().body(), bench.header("SIP-If-Match")), (&b"closed"[..], "e1".into()));
    assert_eq!(bench.sent.len(), 2, "the latest only");
}

#[test]
fn is_removed_with_expires_0() {
    let mut bench = published();
    bench.usage.remove();
    bench.settle();
    assert_eq!((bench.header("Expires"), bench.header("SIP-If-Match")), ("0".into(), "e1".into()));
    assert!(bench.last().body().is_empty());
    bench.answer(200, &[("Expires", "0")]);
    assert_eq!(states(&bench)[2..], [Removing, Ended]);
    bench.run_s(1000);
    assert_eq!(bench.sent.len(), 2);
}

#[test]
fn failures_are_tried_again_and_refusals_are_not() {
    let mut bench = publishing();
    bench.answer(423, &[("Min-Expires", "1800")]);
    assert_eq!(bench.header("Expires"), "1800");
    bench.answer(503, &[("Retry-After", "20")]);
    assert_eq!(bench.usage.state(), Retrying);
    bench.run_s(21);
    assert_eq!(bench.last().body(), b"open");
    bench.answer(401, &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")]);
    assert!(bench.header("Authorization").contains("nonce=\"n\""));
    bench.answer(403, &[]);
    assert_eq!(bench.usage.state(), Ended);
    bench.run_s(1000);
    assert_eq!(bench.events.last().unwrap().code, 403);
}

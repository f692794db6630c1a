//! MESSAGE and its like, outside of calls.

use sidetone::{
    call::usage::{Exchange, Outcome, Outgoing},
    proto::sip::{transaction::Failure, wire::Method},
};

use crate::bench::{Bench, settings};

fn message() -> Bench<Exchange> {
    let outgoing = Outgoing {
        content_type: "text/plain".into(),
        body: b"lunch?".to_vec(),
        headers: vec![("Subject".into(), "food".into()), ("Via".into(), "SIP/2.0/UDP evil".into())],
        ..Outgoing::new(Method::Message)
    };
    let target = "sip:bob@example.com;transport=udp".parse().unwrap();
    Bench::new(|rng| Exchange::new(settings(), &target, &outgoing, rng))
}

fn outcome(bench: &Bench<Exchange>) -> &Outcome {
    assert_eq!(bench.events.len(), 1, "one outcome");
    &bench.events[0]
}

#[test]
fn a_message_has_no_contact_and_its_delivery_is_told() {
    let mut bench = message();
    let sent = bench.last();
    assert_eq!(sent.body(), b"lunch?");
    assert_eq!(sent.content_type().as_deref(), Some("text/plain"));
    assert!(sent.contact().is_none(), "RFC 3428 §4");
    assert_eq!(sent.header_named("Subject"), Some("food"));
    assert_eq!(sent.top_via().unwrap().to_string().matches("evil").count(), 0);
    assert_eq!(sent.to().unwrap().uri.to_string(), "sip:bob@example.com");
    bench.answer(202, &[("X-Stored", "yes")]);
    let outcome = outcome(&bench);
    assert_eq!((outcome.code, outcome.failure), (202, None));
    assert_eq!(outcome.response.as_ref().unwrap().header_named("X-Stored"), Some("yes"));
}

#[test]
fn a_challenge_is_answered_with_the_next_number() {
    let mut bench = message();
    let first = bench.last().cseq().unwrap().number;
    bench.answer(407, &[("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\"")]);
    assert_eq!(bench.last().cseq().unwrap().number, first + 1);
    assert!(bench.header("Proxy-Authorization").contains("username=\"al\""));
    assert_eq!(bench.last().body(), b"lunch?");
    bench.answer(407, &[("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n2\"")]);
    assert_eq!(outcome(&bench).code, 407, "refused credentials end it");
}

#[test]
fn silence_is_a_failure_after_64_t1_and_a_refusal_is_told() {
    let mut bench = message();
    bench.run_s(33);
    let told = outcome(&bench);
    assert_eq!((told.code, told.failure), (0, Some(Failure::Timeout)));
    let mut bench = message();
    bench.answer(486, &[]);
    assert_eq!((outcome(&bench).code, outcome(&bench).text.as_str()), (486, "Busy Here"));
}

#[test]
fn other_methods_carry_a_contact() {
    let target = "sip:bob@example.com".parse().unwrap();
    let outgoing = Outgoing::new(Method::Other("LAMP".into()));
    let bench = Bench::new(|rng| Exchange::new(settings(), &target, &outgoing, rng));
    assert_eq!(bench.last().contact().unwrap().uri.to_string(), "sip:al@192.0.2.1:5060");
    assert!(bench.last().content_type().is_none());
}

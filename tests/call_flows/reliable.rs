//! Reliable provisional responses (RFC 3262), and the offers and answers that they carry.

use std::{cell::RefCell, rc::Rc, time::Duration};

use crate::{
    changes::{change, renegotiated},
    pair::{Fate, Network, address, header},
};
use sidetone::{
    base::plan::{CodecKind, Direction},
    call::{
        AudioTerms, CallEvent,
        CallState::{Connected, EarlyMedia, Ringing},
        Change, EndReason, Input, Prack,
    },
    proto::sip::{
        dialog::Dialog,
        wire::{HeaderId, Method, Response},
    },
};

/// Phone 0 has dialled and phone 1 has sent 183.
fn progressed(seed: u64) -> Network {
    let mut net = Network::new(seed);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net
}

fn number(net: &Network, what: &str, id: HeaderId) -> u32 {
    header(net.last(1, what), id).parse().unwrap()
}

#[test]
fn a_183_with_the_answer_is_acknowledged_and_the_200_needs_none() {
    let mut net = progressed(100);
    net.run_ms(100);
    let progress = net.first(1, "183 INVITE").clone();
    assert_eq!(header(&progress, HeaderId::Require), "100rel");
    let rseq = number(&net, "183 INVITE", HeaderId::RSeq);
    let cseq = progress.cseq().unwrap().number;
    let prack = net.first(0, "PRACK");
    assert_eq!(header(prack, HeaderId::RAck), format!("{rseq} {cseq} INVITE"));
    assert_eq!(prack.to_tag(), progress.to_tag());
    assert!(prack.body().is_empty());
    assert_eq!(net.count(1, "200 PRACK"), 1);
    assert_eq!(net.plan(0).remote_rtp.ip(), address(1).ip());
    net.answer(1);
    net.run_ms(100);
    assert!(net.first(1, "200 INVITE").body().is_empty());
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    assert_eq!(net.plan(0).send.kind, net.plan(1).send.kind);
    assert_eq!(net.phones[0].plans.len(), 1, "the answer changes nothing any more");
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn a_reliable_183_is_repeated_at_500ms_doubled_until_its_prack_comes() {
    let mut net = progressed(101);
    net.script = Box::new(|what, _, count| match what {
        "PRACK" if count < 3 => Fate::Lose,
        _ => Fate::Arrive,
    });
    net.run_s(20);
    let times: Vec<u64> = net
        .log
        .iter()
        .filter(|datagram| datagram.what() == "183 INVITE")
        .map(|datagram| datagram.at.as_millis() as u64 - 50)
        .collect();
    assert_eq!(times, [0, 500, 1_500, 3_500]);
    assert_eq!(net.count(1, "200 PRACK"), 1, "one PRACK, repeated by its transaction");
    assert_eq!(net.count(0, "PRACK"), 4);
}

#[test]
fn a_reliable_provisional_that_is_never_acknowledged_refuses_the_invite_with_504() {
    let mut net = progressed(102);
    net.script = Box::new(|what, _, _| if what == "PRACK" { Fate::Lose } else { Fate::Arrive });
    net.run_s(40);
    assert_eq!(net.end(0), Some((EndReason::Refused, 504)));
    assert_eq!(net.end(1), Some((EndReason::Timeout, 504)));
    net.assert_quiet();
}

#[test]
fn an_invite_without_offer_gets_one_in_the_183_and_answers_in_the_prack() {
    let mut net = Network::new(103);
    net.phones[0].settings.delayed_offer = true;
    net.dial();
    net.run_ms(50);
    assert!(net.first(0, "INVITE").body().is_empty());
    net.input(1, Input::Progress);
    assert_eq!(net.phones[1].plans, [], "nothing is agreed yet");
    net.run_ms(100);
    assert!(!net.first(1, "183 INVITE").body().is_empty());
    assert!(!net.first(0, "PRACK").body().is_empty());
    assert!(net.first(1, "200 PRACK").body().is_empty());
    assert_eq!(net.plan(0).remote_rtp.port(), 4010);
    assert_eq!(net.plan(1).remote_rtp.port(), 4000);
    net.answer(1);
    net.run_ms(100);
    assert!(net.first(1, "200 INVITE").body().is_empty());
    assert!(net.first(0, "ACK").body().is_empty());
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    net.input(1, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn an_offer_in_the_183_that_fits_nothing_is_refused_in_the_prack_and_the_call_given_up() {
    let mut net = Network::new(104);
    net.phones[0].settings.delayed_offer = true;
    net.phones[0].settings.audio.codecs = vec![CodecKind::Opus];
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcma];
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_s(2);
    let answer = String::from_utf8_lossy(net.first(0, "PRACK").body()).into_owned();
    assert!(answer.contains("m=audio 0 "), "{answer}");
    assert_eq!(net.end(0).map(|end| end.0), Some(EndReason::NoCodec));
    assert_eq!(net.end(1).map(|end| end.0), Some(EndReason::NoCodec));
    net.assert_quiet();
}

#[test]
fn a_prack_without_the_answer_it_owes_ends_the_call_with_488() {
    let mut net = Network::new(105);
    net.phones[0].settings.delayed_offer = true;
    net.script = Box::new(|what, _, _| if what == "PRACK" { Fate::Lose } else { Fate::Arrive });
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(50);
    let mut prack = in_dialog(&net, Method::Prack);
    prack.headers.set(HeaderId::RAck, header(net.first(0, "PRACK"), HeaderId::RAck));
    prack.set_cseq(net.first(0, "PRACK").cseq().unwrap().number);
    net.script = Box::new(|_, _, _| Fate::Arrive);
    net.request(0, prack, address(1));
    net.run_ms(100);
    assert_eq!(net.end(1), Some((EndReason::NoCodec, 488)));
    assert_eq!(net.end(0), Some((EndReason::Refused, 488)));
    assert!(header(net.first(1, "488 INVITE"), HeaderId::Warning).contains("missing"));
    net.assert_quiet();
}

#[test]
fn a_second_offer_goes_out_in_the_prack_and_its_200_answers() {
    let mut net = Network::new(106);
    net.dial();
    net.run_ms(50);
    net.input(0, Input::Hold { held: true });
    net.input(1, Input::Progress);
    net.run_ms(100);
    let offer = String::from_utf8_lossy(net.first(0, "PRACK").body()).into_owned();
    assert!(offer.contains("a=sendonly"));
    let answer = String::from_utf8_lossy(net.first(1, "200 PRACK").body()).into_owned();
    assert!(answer.contains("a=recvonly"));
    assert_eq!(net.plan(0).direction, Direction::SendOnly);
    assert_eq!(net.plan(1).direction, Direction::RecvOnly);
    assert_eq!(renegotiated(&net, 0), [200]);
    net.answer(1);
    net.run_ms(200);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    assert_eq!(net.plan(1).direction, Direction::RecvOnly, "the 200 does not undo it");
    assert_eq!(net.count(0, "INVITE"), 1, "nothing is left to be offered");
}

#[test]
fn a_second_offer_in_the_prack_that_is_refused_leaves_the_first_in_force() {
    let mut net = Network::new(107);
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcmu];
    net.dial();
    net.run_ms(50);
    let terms =
        AudioTerms { codecs: vec![CodecKind::Opus], ..net.phones[0].settings.audio.clone() };
    net.input(0, Input::Renegotiate(Change { terms: Some(Box::new(terms)), ..Change::default() }));
    net.input(1, Input::Progress);
    net.run_ms(100);
    assert!(header(net.first(1, "488 PRACK"), HeaderId::Warning).starts_with("305 "));
    assert_eq!(net.plan(1).send.kind, CodecKind::Pcmu);
    assert_eq!(renegotiated(&net, 0), [488]);
    net.run_s(3);
    assert_eq!(net.count(1, "183 INVITE"), 1, "it was acknowledged all the same");
    net.answer(1);
    net.run_ms(200);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    assert_eq!(net.plan(0).send.kind, CodecKind::Pcmu);
}

#[test]
fn reliable_provisionals_go_out_one_by_one_with_rising_rseq() {
    let mut net = Network::new(108);
    net.phones[0].settings.prack = Prack::Required;
    net.dial();
    net.run_ms(50);
    assert_eq!(header(net.first(0, "INVITE"), HeaderId::Require), "100rel");
    net.input(1, Input::Ring);
    net.input(1, Input::Progress);
    assert_eq!(net.count(1, "183 INVITE"), 0, "the 180 is not acknowledged");
    net.run_ms(200);
    let rseq = number(&net, "180 INVITE", HeaderId::RSeq);
    assert_eq!(number(&net, "183 INVITE", HeaderId::RSeq), rseq + 1);
    assert_eq!(net.count(0, "PRACK"), 2);
    assert_eq!((net.state(0), net.state(1)), (EarlyMedia, EarlyMedia));
}

#[test]
fn an_answer_waits_for_the_prack_of_a_description_on_its_way() {
    let mut net = progressed(109);
    net.answer(1);
    assert_eq!(net.count(1, "200 INVITE"), 0);
    net.run_ms(200);
    let order: Vec<String> = net.sent(1);
    assert_eq!(order, ["183 INVITE", "200 PRACK", "200 INVITE"]);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

#[test]
fn an_answer_does_not_wait_for_the_prack_of_a_bare_180() {
    let mut net = Network::new(110);
    net.phones[1].settings.prack = Prack::Required;
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Ring);
    net.answer(1);
    assert_eq!(net.count(1, "200 INVITE"), 1);
    net.run_ms(200);
    assert_eq!(net.count(1, "200 PRACK"), 1, "the late PRACK is answered");
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    net.run_s(5);
    assert_eq!(net.count(1, "180 INVITE"), 1);
}

#[test]
fn a_provisional_behind_a_gap_or_one_seen_before_gets_no_prack() {
    let mut net = progressed(111);
    net.run_ms(100);
    let text = String::from_utf8(net.first(1, "183 INVITE").octets().to_vec()).unwrap();
    let rseq = number(&net, "183 INVITE", HeaderId::RSeq);
    for (next, pracks) in [(rseq, 1), (rseq + 2, 1), (rseq + 1, 2)] {
        let again = text.replace(&format!("RSeq: {rseq}\r\n"), &format!("RSeq: {next}\r\n"));
        net.inject(address(1), address(0), again.into());
        net.run_ms(5);
        assert_eq!(net.count(0, "PRACK"), pracks, "RSeq {next} after {rseq}");
    }
}

/// A request of phone 0's side of the early dialog, made by hand.
fn in_dialog(net: &Network, method: Method) -> sidetone::proto::sip::wire::Request {
    let invite = net.first(0, "INVITE");
    let mut request =
        sidetone::proto::sip::wire::Request::new(Method::Invite, invite.raw_uri().parse().unwrap());
    request.set_cseq(invite.cseq().unwrap().number);
    Dialog::uac(&request, net.first(1, "183 INVITE")).unwrap().request(method)
}

#[test]
fn a_prack_for_nothing_gets_481() {
    let mut net = progressed(112);
    net.run_ms(100);
    let last = net.first(0, "PRACK").cseq().unwrap().number;
    for (more, rack) in [(1, "1 1 INVITE"), (2, "0 0 BYE"), (3, "x")] {
        let mut prack = in_dialog(&net, Method::Prack);
        prack.set_cseq(last + more);
        prack.headers.set(HeaderId::RAck, rack);
        net.request(0, prack, address(1));
        net.run_ms(50);
    }
    assert_eq!(net.count(1, "481 PRACK"), 3);
    assert_eq!(net.state(1), EarlyMedia);
}

#[test]
fn who_cannot_do_what_the_other_requires_is_told_by_420_and_421() {
    let mut net = Network::new(113);
    net.phones[0].settings.prack = Prack::Required;
    net.phones[1].settings.prack = Prack::Off;
    net.dial();
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::Refused, 420)));
    assert_eq!(header(net.first(1, "420 INVITE"), HeaderId::Unsupported), "100rel");
    let mut net = Network::new(114);
    net.phones[0].settings.prack = Prack::Off;
    net.phones[1].settings.prack = Prack::Required;
    net.dial();
    net.run_ms(100);
    assert!(!header(net.first(0, "INVITE"), HeaderId::Supported).contains("100rel"));
    assert_eq!(net.end(0), Some((EndReason::Refused, 421)));
    assert_eq!(header(net.first(1, "421 INVITE"), HeaderId::Require), "100rel");
    net.assert_quiet();
}

#[test]
fn a_bare_180_is_reliable_only_where_it_is_required() {
    for (prack, reliable) in [(Prack::Supported, false), (Prack::Required, true)] {
        let mut net = Network::new(115);
        net.phones[1].settings.prack = prack;
        net.dial();
        net.run_ms(50);
        net.input(1, Input::Ring);
        net.run_ms(50);
        assert_eq!(net.count(0, "PRACK") == 1, reliable);
        assert_eq!(net.state(0), Ringing);
    }
}

#[test]
fn a_cancelled_call_with_a_reliable_183_ends_at_both_ends() {
    let mut net = progressed(116);
    net.input(0, Input::Hangup);
    net.run_s(2);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 487)));
    assert_eq!(net.end(1), Some((EndReason::RemoteCancel, 487)));
    net.assert_quiet();
}

#[test]
fn a_change_before_the_call_stands_and_without_prack_waits_for_the_answer() {
    let mut net = Network::new(117);
    net.phones[0].settings.prack = Prack::Off;
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(50);
    net.input(0, change(Direction::SendOnly));
    net.run_ms(50);
    assert_eq!((net.count(0, "UPDATE"), net.count(0, "PRACK")), (0, 0));
    net.answer(1);
    net.run_ms(200);
    assert_eq!(renegotiated(&net, 0), [200]);
    assert_eq!(net.plan(1).direction, Direction::RecvOnly);
}

#[test]
fn reliable_calls_come_about_on_a_network_that_loses_and_reorders() {
    for seed in 0..60 {
        let mut net = Network::new(seed);
        net.phones[(seed % 2) as usize].settings.prack = Prack::Required;
        net.phones[0].settings.delayed_offer = seed % 3 == 0;
        net.shake(seed, 20);
        net.dial();
        net.run_s(4);
        net.input(1, Input::Ring);
        net.input(1, Input::Progress);
        net.run_s(1);
        net.answer(1);
        net.run_s(40);
        assert_eq!([net.state(0), net.state(1)], [Connected, Connected], "seed {seed}");
        assert_eq!(net.plan(0).send.kind, net.plan(1).send.kind);
        net.input(0, Input::Hangup);
        net.assert_quiet();
    }
}

/// Lets phone 1 answer the first of each method with 401, once.
#[test]
fn prack_and_update_that_are_challenged_go_out_again() {
    use sidetone::call::{Credentials, Realms};
    let mut net = Network::new(118);
    net.phones[0].settings.credentials = vec![Credentials {
        realms: Realms::Any,
        username: "a".to_owned(),
        password: "b".to_owned(),
    }];
    let seen = Rc::new(RefCell::new(Vec::<Method>::new()));
    let known = Rc::clone(&seen);
    net.phones[1].guard = Some(Box::new(move |request| {
        let method = request.method()?;
        let wanted = matches!(method, Method::Prack | Method::Update);
        if !wanted || known.borrow().contains(&method) {
            return None;
        }
        known.borrow_mut().push(method);
        let mut response = Response::to(request, 401, "");
        let challenge = "Digest realm=\"x\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"";
        response.headers.push(HeaderId::WwwAuthenticate, challenge);
        Some(response)
    }));
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(200);
    net.input(0, Input::Hold { held: true });
    net.run_ms(200);
    assert_eq!((net.count(0, "PRACK"), net.count(0, "UPDATE")), (2, 2));
    for what in ["PRACK", "UPDATE"] {
        let again = net.last(0, what);
        assert!(header(again, HeaderId::Authorization).contains("nc=0000000"));
        assert!(again.cseq().unwrap().number > net.first(0, what).cseq().unwrap().number);
    }
    assert_eq!(net.plan(1).direction, Direction::RecvOnly);
    let held = |(_, event): &(Duration, CallEvent)| *event == CallEvent::LocalHold { held: true };
    assert!(net.phones[0].events.iter().any(held));
}

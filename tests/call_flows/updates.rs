//! UPDATE (RFC 3311): before the answer and after, taken, declined, crossed.

use crate::{
    changes::{change, renegotiated},
    pair::{Network, address, header},
};
use sidetone::{
    base::plan::{CodecKind, Direction},
    call::{
        AudioTerms,
        CallState::{Connected, EarlyMedia, Ringing},
        Change, Input,
    },
    proto::sip::{
        dialog::Dialog,
        wire::{HeaderId, Method, Request},
    },
};

/// Phone 1 has sent a reliable 183 and phone 0 has acknowledged it.
fn early(seed: u64) -> Network {
    let mut net = Network::new(seed);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(100);
    assert_eq!(net.count(1, "200 PRACK"), 1);
    net
}

#[test]
fn either_end_changes_media_by_update_before_the_answer() {
    for index in [0, 1] {
        let mut net = early(130);
        net.input(index, change(Direction::SendOnly));
        net.run_ms(100);
        assert_eq!(net.count(index, "UPDATE"), 1);
        assert!(!net.first(1 - index, "200 UPDATE").body().is_empty());
        assert_eq!(renegotiated(&net, index), [200]);
        assert_eq!(net.plan(index).direction, Direction::SendOnly);
        assert_eq!(net.plan(1 - index).direction, Direction::RecvOnly);
        assert_eq!((net.state(0), net.state(1)), (EarlyMedia, EarlyMedia));
        net.answer(1);
        net.run_ms(100);
        assert!(net.first(1, "200 INVITE").body().is_empty());
        assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
        assert_eq!(net.plan(index).direction, Direction::SendOnly, "the answer undoes nothing");
        net.input(index, change(Direction::SendRecv));
        net.run_ms(100);
        assert_eq!(net.plan(1 - index).direction, Direction::SendRecv);
        net.input(0, Input::Hangup);
        net.assert_quiet();
    }
}

#[test]
fn an_update_that_is_declined_leaves_early_media_as_it_was() {
    let mut net = Network::new(131);
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcma];
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(100);
    let before = (net.plan(0).clone(), net.plan(1).clone());
    let terms =
        AudioTerms { codecs: vec![CodecKind::Opus], ..net.phones[0].settings.audio.clone() };
    net.input(0, Input::Renegotiate(Change { terms: Some(Box::new(terms)), ..Change::default() }));
    net.run_ms(100);
    assert!(header(net.first(1, "488 UPDATE"), HeaderId::Warning).starts_with("305 "));
    assert_eq!(renegotiated(&net, 0), [488]);
    assert_eq!((net.plan(0), net.plan(1)), (&before.0, &before.1));
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

#[test]
fn updates_that_cross_get_491_and_are_tried_again() {
    let mut net = early(132);
    net.input(0, change(Direction::SendOnly));
    net.input(1, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!((net.count(0, "491 UPDATE"), net.count(1, "491 UPDATE")), (1, 1));
    net.run_s(10);
    assert_eq!((renegotiated(&net, 0), renegotiated(&net, 1)), (vec![200], vec![200]));
    assert_eq!(net.plan(0).direction, Direction::Inactive);
    assert_eq!(net.plan(1).direction, Direction::Inactive);
}

#[test]
fn a_change_that_met_another_before_the_answer_is_made_after_it() {
    let mut net = early(133);
    net.input(0, change(Direction::SendOnly));
    net.input(1, change(Direction::SendOnly));
    net.run_ms(50);
    net.answer(1);
    net.run_s(10);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    assert_eq!((renegotiated(&net, 0), renegotiated(&net, 1)), (vec![200], vec![200]));
    assert_eq!(net.plan(0).direction, Direction::Inactive);
}

/// A request of one phone's side of the dialog with the 180, made by hand.
fn by_hand(net: &Network, from: usize, method: Method, body: &str) -> Request {
    let (invite, ringing) = (net.first(0, "INVITE"), net.first(1, "180 INVITE"));
    let mut dialog = if from == 0 {
        let mut request = Request::new(Method::Invite, invite.raw_uri().parse().unwrap());
        request.set_cseq(invite.cseq().unwrap().number);
        Dialog::uac(&request, ringing).unwrap()
    } else {
        Dialog::uas(invite, &ringing.to_tag()).unwrap()
    };
    let mut request = dialog.request(method);
    if !body.is_empty() {
        request.set_body("application/sdp", body.as_bytes().to_vec());
    }
    request
}

#[test]
fn an_update_before_any_answer_meets_500_with_retry_after_or_491() {
    let mut net = Network::new(134);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Ring);
    net.run_ms(50);
    let sdp = String::from_utf8(net.first(0, "INVITE").body().to_vec()).unwrap();
    let theirs = by_hand(&net, 0, Method::Update, &sdp);
    net.request(0, theirs, address(1));
    net.run_ms(50);
    let wait: u32 = header(net.first(1, "500 UPDATE"), HeaderId::RetryAfter).parse().unwrap();
    assert!(wait <= 10);
    let crossing = by_hand(&net, 1, Method::Update, &sdp);
    net.request(1, crossing, address(0));
    net.run_ms(50);
    assert_eq!(net.count(0, "491 UPDATE"), 1);
    let mut sign_of_life = by_hand(&net, 1, Method::Update, "");
    sign_of_life.set_cseq(70);
    net.request(1, sign_of_life, address(0));
    net.run_ms(50);
    assert_eq!(net.count(0, "200 UPDATE"), 1);
    assert_eq!((net.state(0), net.state(1)), (Ringing, Ringing));
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

#[test]
fn an_update_in_a_call_that_fits_nothing_is_declined_and_changes_nothing() {
    let mut net = Network::new(135);
    net.connect();
    let before = net.plan(0).clone();
    let sdp = String::from_utf8(net.first(1, "200 INVITE").body().to_vec()).unwrap();
    for (number, from, to, code, warning) in [
        (50, "m=audio", "m=video", "488 UPDATE", "304 "),
        (51, "RTP/AVP", "UDP/BFCP", "488 UPDATE", "302 "),
        (52, "c=IN IP4", "c=IN IP9", "400 UPDATE", "399 "),
    ] {
        let mut update = by_hand(&net, 1, Method::Update, &sdp.replace(from, to));
        update.set_cseq(number);
        net.request(1, update, address(0));
        net.run_ms(50);
        assert!(header(net.last(0, code), HeaderId::Warning).starts_with(warning), "{to}");
    }
    assert_eq!((net.count(0, "488 UPDATE"), net.count(0, "400 UPDATE")), (2, 1));
    assert_eq!(net.plan(0), &before);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

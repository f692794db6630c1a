//! What the caller hears before the answer: tone, far end or nothing, switched by RTP alone.

use crate::pair::Network;
use sidetone::call::{CallState::EarlyMedia, Ear, EarlyMedia as Policy, Input, Prack};

fn ears(net: &Network) -> Vec<Ear> {
    net.phones[0].ears.iter().map(|(_, ear)| *ear).collect()
}

fn dialled(policy: Policy) -> Network {
    let mut net = Network::new(170);
    net.phones[0].settings.early_media = policy;
    net.dial();
    net.run_ms(50);
    net
}

#[test]
fn the_tone_starts_with_the_180_and_ends_with_the_first_rtp_packet() {
    let mut net = dialled(Policy::Auto);
    assert_eq!(ears(&net), []);
    net.input(1, Input::Ring);
    net.run_ms(50);
    assert_eq!(ears(&net), [Ear::Tone]);
    net.input(1, Input::Progress);
    net.run_ms(50);
    assert_eq!(net.state(0), EarlyMedia);
    assert_eq!(ears(&net), [Ear::Tone], "a response alone switches nothing");
    net.input(0, Input::MediaHeard);
    assert_eq!(ears(&net), [Ear::Tone, Ear::Remote]);
    net.input(1, Input::Ring);
    net.run_ms(50);
    net.answer(1);
    net.run_ms(100);
    assert_eq!(ears(&net), [Ear::Tone, Ear::Remote]);
}

#[test]
fn media_that_is_there_before_the_180_keeps_the_tone_away() {
    let mut net = dialled(Policy::Auto);
    net.input(1, Input::Progress);
    net.run_ms(50);
    net.input(0, Input::MediaHeard);
    net.input(1, Input::Ring);
    net.run_ms(50);
    assert_eq!(ears(&net), []);
}

#[test]
fn the_answer_ends_the_tone_and_so_does_giving_up() {
    let mut net = dialled(Policy::Auto);
    net.input(1, Input::Ring);
    net.run_ms(50);
    net.answer(1);
    net.run_ms(50);
    assert_eq!(ears(&net), [Ear::Tone, Ear::Remote]);
    for hangs_up in [0, 1] {
        let mut net = dialled(Policy::Auto);
        net.input(1, Input::Ring);
        net.run_ms(50);
        net.input(hangs_up, Input::Hangup);
        net.run_ms(50);
        assert_eq!(ears(&net), [Ear::Tone, Ear::Silence]);
        net.assert_quiet();
    }
}

#[test]
fn a_policy_may_ask_for_the_far_end_only_the_tone_only_or_nothing() {
    for (policy, before) in [
        (Policy::Remote, vec![]),
        (Policy::Local, vec![Ear::Silence, Ear::Tone]),
        (Policy::Silence, vec![Ear::Silence]),
    ] {
        let mut net = dialled(policy);
        net.input(1, Input::Progress);
        net.input(1, Input::Ring);
        net.run_ms(100);
        net.input(0, Input::MediaHeard);
        assert_eq!(ears(&net), before, "{policy:?}");
        net.answer(1);
        net.run_ms(50);
        let last = net.phones[0].ears.last().map(|(_, ear)| *ear).unwrap_or_default();
        assert_eq!(last, Ear::Remote, "{policy:?}");
    }
}

#[test]
fn an_unreliable_183_plays_too_and_its_answer_is_the_200s() {
    let mut net = Network::new(171);
    net.phones[0].settings.prack = Prack::Off;
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(50);
    assert_eq!(net.state(0), EarlyMedia);
    assert_eq!(net.count(0, "PRACK"), 0);
    net.answer(1);
    net.run_ms(50);
    assert!(!net.first(1, "200 INVITE").body().is_empty());
    assert_eq!(net.phones[0].plans.len(), 1, "the same answer again");
}

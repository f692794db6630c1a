//! Two phones whose users do anything at any time, on a network that loses, repeats, delays and
//! reorders up to 30 %: whatever happens, both ends agree in the end about the call's fate and its
//! media, and nothing is left running.
//!
//! `cargo test` runs 500 seeds; `make agreement` all 10,000. A failure names its seed, and
//! `AGREEMENT_SEED=n cargo test --test agreement one` plays that run alone.

#[path = "support/pair.rs"]
mod pair;
#[path = "support/phone.rs"]
mod phone;

use std::time::Duration;

use sidetone::{
    base::{
        plan::{CodecKind, MediaPlan},
        rng::Rng,
    },
    call::{CallEvent, CallState, Change, EarlyMedia, Input, Machine, Prack, SrtpPolicy},
};

use crate::pair::{Fate, Network, uri_of};

/// What became of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    connected: u32,
    ended: u32,
    dials: u32,
}

#[test]
fn two_phones_agree_about_every_call_in_500_runs() {
    let tally = run_all(0..500);
    assert!(tally.connected > 100, "most runs must not be about nothing: {tally:?}");
    assert!(tally.ended > 100, "{tally:?}");
}

#[test]
#[ignore = "a minute or more; make agreement runs it"]
fn two_phones_agree_about_every_call_in_10_000_runs() {
    let tally = run_all(0..10_000);
    println!(
        "10000 runs, {} calls: {} stood in the end, {} were over",
        tally.dials, tally.connected, tally.ended
    );
}

#[test]
fn one_run_by_its_seed() {
    let seed = std::env::var("AGREEMENT_SEED").ok().and_then(|seed| seed.parse().ok());
    run_all(seed.map_or(0..1, |seed: u64| seed..seed + 1));
}

fn run_all(seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let mut net = Network::new(seed);
        let mut rng = Rng::from_number(seed ^ 0x5EED);
        shake(&mut net, seed, &mut rng);
        for phone in &mut net.phones {
            choose_settings(&mut phone.settings, &mut rng);
        }
        act(&mut net, &mut rng, &mut tally);
        // Long enough for every timer of RFC 3261 and for the phones' patience.
        net.run_s(400);
        judge(&net, seed, &mut tally);
        for index in [0, 1] {
            net.input(index, Input::Hangup);
        }
        net.assert_quiet();
        let each_once = |index: usize| {
            let events = net.phones[index].events.iter();
            events.filter(|(_, event)| matches!(event, CallEvent::Ended { .. })).count()
        };
        for index in [0, 1] {
            assert_eq!(each_once(index), net.phones[index].calls, "seed {seed}: phone {index}");
        }
    }
    tally
}

/// Up to 30 % of each evil.
fn shake(net: &mut Network, seed: u64, rng: &mut Rng) {
    let [lost, twice, late] = [0, 1, 2].map(|_| rng.below(31));
    let mut fate = Rng::from_number(seed.wrapping_mul(31));
    net.script = Box::new(move |_, _, _| {
        if fate.below(100) < lost {
            Fate::Lose
        } else if fate.below(100) < twice {
            Fate::Twice
        } else if fate.below(100) < late {
            Fate::Late(Duration::from_millis(u64::from(fate.below(3_000))))
        } else {
            Fate::Arrive
        }
    });
}

fn choose_settings(settings: &mut sidetone::call::Settings, rng: &mut Rng) {
    let of = |rng: &mut Rng, count: u32| rng.below(count) as usize;
    settings.prack = [Prack::Off, Prack::Supported, Prack::Supported, Prack::Required][of(rng, 4)];
    settings.delayed_offer = rng.below(4) == 0;
    settings.early_media = [EarlyMedia::Auto, EarlyMedia::Local][of(rng, 2)];
    settings.audio.srtp = [SrtpPolicy::Off, SrtpPolicy::Optional][of(rng, 2)];
    if rng.below(3) == 0 {
        settings.session.interval = Some(Duration::from_secs(90 + u64::from(rng.below(100))));
    }
    settings.no_answer = Duration::from_secs(u64::from(5 + rng.below(60)));
}

fn act(net: &mut Network, rng: &mut Rng, tally: &mut Tally) {
    for step in 0..14 {
        if step > 0 {
            net.run_ms(u64::from(rng.below(2_500)));
        }
        let index = rng.below(2) as usize;
        let idle = |index: usize| {
            let call = net.phones[index].call.as_ref();
            call.is_none_or(|call| call.state() == CallState::Ended)
        };
        if idle(index) {
            // Both at once too: then each finds the other busy.
            if step == 0 || rng.below(4) == 0 {
                tally.dials += 1;
                net.dial_from(index, uri_of(1 - index));
            }
            continue;
        }
        let input = input_of(net.phones[index].call.as_ref(), rng);
        net.input(index, input);
    }
}

/// Something that a user may do, likely or not where the call stands.
fn input_of(call: Option<&Machine>, rng: &mut Rng) -> Input {
    let offered = call.is_some_and(|call| {
        !call.is_outgoing()
            && matches!(
                call.state(),
                CallState::Incoming | CallState::Ringing | CallState::EarlyMedia
            )
    });
    match rng.below(if offered { 24 } else { 16 }) {
        0..3 => Input::Hold { held: true },
        3..6 => Input::Hold { held: false },
        6..9 => Input::Renegotiate(change_of(call, rng)),
        9 => Input::Dtmf { digit: '5', duration: Duration::from_millis(100) },
        10 => Input::MediaHeard,
        11 => Input::Hangup,
        12 => Input::Ring,
        13 => Input::Progress,
        14 => Input::Answer { headers: Vec::new() },
        15 => Input::Reject { code: 486, reason: String::new() },
        16 | 17 => Input::Ring,
        18..20 => Input::Progress,
        _ => Input::Answer { headers: Vec::new() },
    }
}

/// Another codec, packet time or port: as the terms of a host that has changed its mind.
fn change_of(call: Option<&Machine>, rng: &mut Rng) -> Change {
    let Some(mut terms) = call.map(|call| call.terms().clone()) else { return Change::default() };
    match rng.below(3) {
        0 => terms.codecs = vec![CodecKind::Pcma, CodecKind::Pcmu],
        1 => terms.codecs = vec![CodecKind::Opus, CodecKind::Pcma],
        _ => terms.rtp_port += 100,
    }
    Change { terms: Some(Box::new(terms)), ..Change::default() }
}

/// Both ends say the same of the call, and of its media.
fn judge(net: &Network, seed: u64, tally: &mut Tally) {
    let call = |index: usize| net.phones[index].call.as_ref();
    let up = |index: usize| call(index).is_some_and(|call| call.state() != CallState::Ended);
    let log = || net.transcript();
    if !up(0) && !up(1) {
        tally.ended += 1;
        return;
    }
    let states = [call(0).map(Machine::state), call(1).map(Machine::state)];
    assert_eq!(states, [Some(CallState::Connected); 2], "seed {seed}\n{}", log());
    let (Some(one), Some(other)) = (call(0), call(1)) else { return };
    assert_eq!(one.call_id(), other.call_id(), "seed {seed}: two different calls");
    let (Some(ours), Some(theirs)) = (one.plan(), other.plan()) else {
        panic!("seed {seed}: connected without media\n{}", log());
    };
    assert!(
        fits(ours, theirs) && fits(theirs, ours),
        "seed {seed}: {ours:?} {theirs:?}\n{}",
        log()
    );
    assert_eq!(ours.direction, theirs.direction.reversed(), "seed {seed}\n{}", log());
    tally.connected += 1;
}

/// What one sends, the other takes.
fn fits(sender: &MediaPlan, taker: &MediaPlan) -> bool {
    let codec = taker.receive.iter().any(|codec| {
        codec.kind == sender.send.kind && codec.payload_type == sender.send.payload_type
    });
    let keys = match (&sender.srtp, &taker.srtp) {
        (None, None) => true,
        (Some(sends), Some(takes)) => sends.send == takes.receive && sends.suite == takes.suite,
        _ => false,
    };
    codec && keys
}

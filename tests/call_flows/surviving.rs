//! A changing world: our own address moves, connections break, the machine sleeps, the registrar goes
//! and comes. From any order of events a registration ends registered or says why.

use std::time::Duration;

use proptest::{
    collection,
    prelude::{Just, Strategy, any},
    prop_assert, prop_oneof, proptest,
};
use sidetone::{
    base::plan::MediaPlace,
    call::{
        CallState, Credentials, EndReason, Input, Reach, Realms, RegistrationInput,
        RegistrationSettings, RegistrationState, SrtpPolicy,
    },
    proto::sip::wire::{HeaderId, Message, Response},
};

use crate::{
    pair::{Fate, Network},
    registrations::{Bench, Registrar, always, generous, granted, settings},
};
use RegistrationState::{Failed, Registered, Registering, Retrying, Unregistered};

const NEW: &str = "sip:al@198.51.100.7:5060";

fn moved() -> RegistrationInput {
    RegistrationInput::Moved { contact: NEW.parse().unwrap() }
}

#[test]
fn a_move_registers_the_new_address_and_takes_the_old_one_back_in_one_request() {
    let mut bench = Bench::new(settings(), 1, generous(300));
    bench.input(RegistrationInput::Register);
    bench.run_s(10);
    bench.input(moved());
    assert_eq!(bench.registration.reach(), Reach::Moved);
    assert!(bench.last().text.contains("address has changed"), "{:?}", bench.last());
    bench.run_s(1);
    assert_eq!(bench.registration.reach(), Reach::Up);
    let contacts: Vec<String> =
        bench.sent[1].1.contacts().map(|contact| contact.to_string()).collect();
    let old = "<sip:al@192.0.2.1:5060>;expires=0".to_owned();
    assert_eq!(contacts, [format!("<{NEW}>;expires=300"), old]);
    bench.run_s(280);
    assert_eq!(bench.sent[2].1.contacts().count(), 1, "the old one is gone");
    assert_eq!(bench.sent[0].1.call_id(), bench.sent[2].1.call_id());
    bench.input(moved());
    assert_eq!(bench.registration.reach(), Reach::Up, "the same address again is no move");
}

#[test]
fn with_outbound_the_new_binding_takes_the_old_ones_place() {
    let registrar: Registrar = Box::new(|_, request| {
        let mut response = granted(request, 300);
        response.headers.push(HeaderId::Require, "outbound");
        Some(response)
    });
    let device = RegistrationSettings {
        instance: "urn:uuid:00000000-0000-4000-8000-000000000001".to_owned(),
        outbound: true,
        ..settings()
    };
    let mut bench = Bench::new(device, 2, registrar);
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
    bench.input(moved());
    bench.run_s(1);
    assert_eq!(bench.sent[1].1.contacts().count(), 1);
}

#[test]
fn a_move_while_a_register_is_out_waits_for_its_answer() {
    let mut bench = Bench::new(settings(), 3, generous(300));
    bench.input(RegistrationInput::Register);
    bench.input(moved());
    assert_eq!(bench.sent.len(), 1, "one at a time");
    bench.run_s(1);
    assert_eq!(bench.sent.len(), 2);
    assert_eq!(bench.sent[1].1.contact().unwrap().uri.to_string(), NEW);
    assert_eq!(bench.registration.reach(), Reach::Up);
}

#[test]
fn a_broken_flow_is_made_anew_after_the_back_off_of_rfc_5626() {
    let mut bench = Bench::new(settings(), 4, generous(300));
    bench.input(RegistrationInput::Register);
    bench.run_s(150);
    let mut waits = Vec::new();
    for _ in 0..5 {
        let broken = bench.now;
        bench.input(RegistrationInput::FlowFailed);
        assert_eq!((bench.registration.reach(), bench.last().state), (Reach::Lost, Retrying));
        let before = bench.sent.len();
        while bench.sent.len() == before {
            bench.run(Duration::from_millis(100));
        }
        bench.run(Duration::from_millis(100));
        assert_eq!(bench.registration.reach(), Reach::Up);
        waits.push((bench.now - broken).as_millis());
    }
    // retry_base 2 s, doubled while the flow does not live for two minutes, the upper half drawn.
    for (index, wait) in waits.iter().enumerate() {
        let upper = 2_000u128 << index;
        assert!((upper / 2..=upper + 300).contains(wait), "wait {index} was {wait} ms of {upper}");
    }
    bench.run_s(130);
    let broken = bench.now;
    bench.input(RegistrationInput::FlowFailed);
    let before = bench.sent.len();
    while bench.sent.len() == before {
        bench.run(Duration::from_millis(100));
    }
    assert!((bench.now - broken) <= Duration::from_millis(2_200), "it had been stable");
}

#[test]
fn waking_up_registers_at_once_and_an_account_that_is_not_wanted_stays_quiet() {
    let mut bench = Bench::new(settings(), 5, generous(300));
    bench.input(RegistrationInput::Woke);
    assert!(bench.sent.is_empty());
    bench.input(RegistrationInput::Register);
    bench.run_s(10);
    bench.input(RegistrationInput::Woke);
    assert_eq!(bench.registration.reach(), Reach::Probing);
    assert_eq!(bench.sent.len(), 2);
    bench.run_s(1);
    assert_eq!(bench.states(), [Registering, Registered, Registering, Registered]);
    bench.input(RegistrationInput::Unregister);
    bench.run_s(1);
    bench.input(RegistrationInput::Woke);
    bench.input(moved());
    bench.input(RegistrationInput::FlowFailed);
    bench.run_s(3600);
    assert_eq!(bench.sent.len(), 3);
}

#[test]
fn waking_up_ends_a_long_wait_for_a_registrar_that_was_away() {
    let mut bench = Bench::new(settings(), 6, always(500));
    bench.input(RegistrationInput::Register);
    bench.run_s(1000);
    assert_eq!(bench.registration.reach(), Reach::Lost);
    bench.registrar = generous(300);
    bench.input(RegistrationInput::Woke);
    bench.run_s(1);
    assert_eq!(bench.registration.reach(), Reach::Up);
}

/// What the world does to a registration.
#[derive(Clone, Debug)]
enum Happening {
    Input(u8),
    Registrar(u16),
    Silence,
    Time(u16),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (0u8..6).prop_map(Happening::Input),
        3 => prop_oneof![
            Just(200u16), Just(301), Just(302), Just(401), Just(403), Just(404), Just(407), Just(423),
            Just(439), Just(500), Just(503), Just(600),
        ].prop_map(Happening::Registrar),
        1 => Just(Happening::Silence),
        4 => any::<u16>().prop_map(Happening::Time),
    ]
}

fn answering(code: u16) -> Registrar {
    Box::new(move |_, request: &Message| {
        if code == 200 {
            return Some(granted(request, 60));
        }
        let mut response = Response::to(request, code, "");
        match code {
            301 | 302 => response.headers.push(HeaderId::Contact, "<sip:elsewhere.example.com>"),
            401 => {
                response.headers.push(HeaderId::WwwAuthenticate, "Digest realm=\"r\", nonce=\"n\"");
            }
            423 => response.headers.push(HeaderId::MinExpires, "3600"),
            503 => response.headers.push(HeaderId::RetryAfter, "7"),
            _ => {}
        }
        Some(response)
    })
}

fn input_of(number: u8, at: u8) -> RegistrationInput {
    match number {
        0 => RegistrationInput::Register,
        1 => RegistrationInput::Unregister,
        2 => RegistrationInput::FlowFailed,
        3 => RegistrationInput::Woke,
        5 => RegistrationInput::Rerouted,
        _ => RegistrationInput::Moved {
            contact: format!("sip:al@198.51.100.{at}:5060").parse().unwrap(),
        },
    }
}

proptest! {
    #[test]
    fn from_any_order_of_events_it_ends_registered_or_says_why(
        happenings in collection::vec(happening(), 0..40), seed: u64, password: bool,
    ) {
        let credentials = match password {
            true => vec![Credentials {
                realms: Realms::Any, username: "al".to_owned(), password: "secret".to_owned(),
            }],
            false => Vec::new(),
        };
        let mut bench =
            Bench::new(RegistrationSettings { credentials, ..settings() }, seed, answering(200));
        bench.input(RegistrationInput::Register);
        for (at, happening) in happenings.iter().enumerate() {
            match happening {
                Happening::Input(number) => bench.input(input_of(*number, at as u8)),
                Happening::Registrar(code) => bench.registrar = answering(*code),
                Happening::Silence => bench.registrar = Box::new(|_, _| None),
                Happening::Time(ms) => bench.run(Duration::from_millis(u64::from(*ms) * 4)),
            }
            // A silent registrar is the most that a REGISTER may cost: never a storm.
            prop_assert!(bench.sent.len() <= 8 * (at + 2) + (bench.now - bench.start).as_secs() as usize);
        }
        // The world is well again.
        bench.registrar = answering(200);
        bench.run_s(700);
        let (state, reach) = (bench.registration.state(), bench.registration.reach());
        let last = bench.last().clone();
        prop_assert!(last.state == state || state == Registered, "the last event tells the state");
        match state {
            Registered => prop_assert!(reach == Reach::Up && bench.registration.poll_timeout().is_some()),
            Unregistered => prop_assert!(reach == Reach::Idle),
            Failed => prop_assert!(reach == Reach::Idle && !last.text.is_empty(), "{last:?}"),
            other => prop_assert!(false, "it hangs in {other:?} with {last:?}"),
        }
        // And the host can always have it back.
        bench.input(RegistrationInput::Register);
        bench.run_s(400);
        prop_assert!(bench.registration.state() == Registered);
        let contact = bench.sent.last().unwrap().1.contacts().next().unwrap().uri;
        let latest = happenings.iter().enumerate().rev().find_map(|(at, happening)| match happening {
            Happening::Input(4) => Some(format!("sip:al@198.51.100.{at}:5060")),
            _ => None,
        });
        if let Some(latest) = latest {
            prop_assert!(contact.to_string() == latest, "{contact} and not {latest}");
        }
    }
}

/// Phone 0 finds itself at another address.
fn move_phone(net: &mut Network) {
    let place = MediaPlace {
        address: "198.51.100.7".parse().unwrap(),
        rtp_port: 6000,
        rtcp_port: Some(6001),
    };
    net.phones[0].address = "198.51.100.7:5060".parse().unwrap();
    let contact = "sip:phone0@198.51.100.7".parse().unwrap();
    net.input(0, Input::Moved { contact, media: Some(place) });
}

#[test]
fn a_call_that_moves_tells_the_far_end_its_new_address_and_keeps_its_keys() {
    let mut net = Network::new(80);
    for phone in &mut net.phones {
        phone.settings.audio.srtp = SrtpPolicy::Mandatory;
    }
    net.connect();
    let before = (net.plan(0).srtp.clone().unwrap(), net.plan(1).srtp.clone().unwrap());
    move_phone(&mut net);
    net.run_ms(200);
    assert_eq!(net.plan(1).remote_rtp.to_string(), "198.51.100.7:6000");
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
    let after = (net.plan(0).srtp.clone().unwrap(), net.plan(1).srtp.clone().unwrap());
    assert_eq!(before, after, "a context cannot be made anew at a non-zero roll-over count");
    net.input(1, Input::Hangup);
    net.run_ms(200);
    assert_eq!(net.end(0), Some((EndReason::RemoteHangup, 0)), "the BYE came to the new address");
}

#[test]
fn a_call_that_moves_before_it_stands_tells_so_as_soon_as_it_does() {
    let mut net = Network::new(81);
    net.dial();
    net.run_ms(100);
    let place =
        MediaPlace { address: "198.51.100.7".parse().unwrap(), rtp_port: 6000, rtcp_port: None };
    let contact = "sip:phone0@192.0.2.1".parse().unwrap();
    net.input(0, Input::Moved { contact, media: Some(place) });
    assert_eq!(net.count(0, "INVITE"), 1);
    net.answer(1);
    net.run_ms(200);
    assert_eq!(net.count(0, "INVITE"), 2);
    assert_eq!(net.plan(1).remote_rtp.to_string(), "198.51.100.7:6000");
}

#[test]
fn signalling_may_be_away_for_longer_than_media_and_the_call_lives() {
    let mut net = Network::new(82);
    net.connect();
    let mut left = 2 * 7;
    net.script = Box::new(move |what, index, _| match (what, index) {
        ("INVITE", 0) if left > 0 => {
            left -= 1;
            Fate::Lose
        }
        _ => Fate::Arrive,
    });
    move_phone(&mut net);
    net.run_s(200);
    assert_eq!((net.state(0), net.state(1)), (CallState::Connected, CallState::Connected));
    assert_eq!(net.plan(1).remote_rtp.to_string(), "198.51.100.7:6000");
}

#[test]
fn a_far_end_that_never_hears_of_the_move_is_given_up_with_a_reason() {
    let mut net = Network::new(83);
    net.connect();
    net.script = Box::new(|_, index, _| if index == 0 { Fate::Lose } else { Fate::Arrive });
    move_phone(&mut net);
    net.run_s(600);
    assert_eq!(net.end(0), Some((EndReason::Timeout, 0)));
}

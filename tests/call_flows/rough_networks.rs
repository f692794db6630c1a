//! Calls on networks that lose, double and reorder, and calls whose users do anything at any time.

use std::time::Duration;

use crate::{changes::change, pair::Network};
use sidetone::{
    base::{plan::Direction, rng::Rng},
    call::{
        CallState::{Connected, Ended},
        Input,
    },
};

#[test]
fn calls_survive_a_network_that_loses_doubles_and_reorders() {
    let mut connected = 0;
    for seed in 0..60 {
        let mut net = Network::new(seed);
        net.shake(seed, 20);
        net.phones[1].ring_after = Some(Duration::from_millis(100));
        net.phones[1].answer_after = Some(Duration::from_secs(3));
        net.dial();
        net.run_s(40);
        let both = [net.state(0), net.state(1)];
        if both == [Connected, Connected] {
            connected += 1;
        }
        net.input((seed % 2) as usize, Input::Hangup);
        net.run_s(60);
        for index in [0, 1] {
            assert_eq!(net.states(index).iter().filter(|s| **s == Ended).count(), 1, "seed {seed}");
        }
        net.assert_quiet();
    }
    assert!(connected >= 55, "{connected} of 60 calls came about");
}

#[test]
fn any_order_of_inputs_leaves_nothing_running() {
    for seed in 0..150 {
        let mut rng = Rng::from_number(seed);
        let mut net = Network::new(seed);
        net.shake(seed, 15);
        net.dial();
        for _ in 0..12 {
            net.run_ms(u64::from(rng.below(700)));
            let index = rng.below(2) as usize;
            let input = match rng.below(12) {
                0..3 => Input::Ring,
                3 => Input::Progress,
                4..7 => Input::Answer { headers: Vec::new() },
                7 => Input::Reject { code: 480, reason: String::new() },
                8 => Input::Dtmf { digit: '5', duration: Duration::from_millis(100) },
                9..11 => change(Direction::SendOnly),
                _ => Input::Hangup,
            };
            net.input(index, input);
        }
        net.input(0, Input::Hangup);
        net.run_s(70);
        net.input(1, Input::Hangup);
        net.assert_quiet();
    }
}

#[test]
fn garbled_messages_disturb_nothing_but_the_message() {
    let mut survived = 0;
    for seed in 0..300 {
        let mut rng = Rng::from_number(seed);
        let mut net = Network::new(seed);
        // Garbled from the first message on, or once the call stands.
        if seed % 2 == 0 {
            net.connect();
        } else {
            net.phones[1].answer_after = Some(Duration::from_millis(100));
            net.dial();
        }
        for _ in 0..30 {
            net.run_ms(u64::from(rng.below(40)));
            let datagram = &net.log[rng.below(net.log.len() as u32) as usize];
            let (from, to) = (datagram.from, datagram.to);
            let mut bytes = datagram.message.octets().to_vec();
            for _ in 0..=rng.below(6) {
                let at = rng.below(bytes.len() as u32) as usize;
                if bytes.len() < 2 {
                    break;
                }
                match rng.below(4) {
                    0 => bytes[at] = rng.u32() as u8,
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, b"0;,<>\"\r\n=: "[rng.below(11) as usize]),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            net.inject(from, to, bytes.into());
        }
        net.run_s(2);
        survived += usize::from([net.state(0), net.state(1)] == [Connected, Connected]);
        net.input(0, Input::Hangup);
        net.run_s(70);
        net.input(1, Input::Hangup);
        net.assert_quiet();
    }
    assert!(survived > 140, "{survived} of 300 calls stood in the end");
}

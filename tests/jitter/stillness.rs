//! How still the delay is held under jitter that goes on and on, by what is heard: each 10 ms that
//! the network delivered are looked for in the output.

use std::collections::BTreeSet;

use sidetone::{base::rng::Rng, media::jitter::Rendered};

use crate::sim::{PULL, Sim, stream, voice};

/// Before the figures are taken.
const WARM_UP_S: usize = 8;
const MEASURED_S: usize = 60;
/// The first RTP timestamp of [`stream`].
const FIRST: i64 = (1 << 32) - 1_000;

struct Terms {
    jitter_us: u32,
    loss_permille: u32,
    /// Pulls come up to so much late.
    late_us: u32,
    /// A bound on the median delay, ms.
    delay_max_ms: f64,
}

struct Figures {
    /// Median delay from the send time, ms.
    delay_ms: f64,
    /// Share of the delivered audio that is heard as it was said.
    unaltered: f64,
    /// Changes of the delay by more than 4 ms, a second.
    steps: f64,
}

/// What was played: at each pull, by how many samples the output is behind what was said.
struct Playout {
    heard: Vec<i16>,
    behind: Vec<Option<i64>>,
}

impl Terms {
    fn measure(&self, seed: u64) -> Figures {
        let mut dice = Rng::from_number(seed);
        let packets = ((WARM_UP_S + MEASURED_S + 2) * 50) as u64;
        let sent = stream(packets, 20, |_| {
            let lost = dice.below(1_000) < self.loss_permille;
            let delay_us = i64::from(dice.below(self.jitter_us.max(1)));
            (!lost).then_some(delay_us)
        });
        let measured = (WARM_UP_S * 8_000) as u64..((WARM_UP_S + MEASURED_S) * 8_000) as u64;
        let delivered: Vec<i64> = sent
            .iter()
            .filter(|packet| measured.contains(&packet.from))
            .flat_map(|packet| [packet.from as i64, packet.from as i64 + PULL as i64])
            .collect();
        let phase_us = i64::from(dice.below(10_000));
        let playout = self.play(Sim::new(sent, phase_us), phase_us, &mut dice);
        let found = delivered.iter().filter(|from| playout.has(**from)).count();
        let behind: Vec<i64> =
            playout.behind[WARM_UP_S * 100..].iter().filter_map(|behind| *behind).collect();
        let steps = behind.windows(2).filter(|two| (two[1] - two[0]).abs() > 4 * 8).count();
        let mut sorted = behind.clone();
        sorted.sort_unstable();
        Figures {
            delay_ms: sorted[sorted.len() / 2] as f64 / 8.0 + phase_us as f64 / 1_000.0,
            unaltered: found as f64 / delivered.len() as f64,
            steps: steps as f64 / MEASURED_S as f64,
        }
    }

    fn play(&self, mut sim: Sim, phase_us: i64, dice: &mut Rng) -> Playout {
        let mut behind = Vec::new();
        for pull in 0..((WARM_UP_S + MEASURED_S + 1) * 100) as i64 {
            sim.now_us = phase_us + pull * 10_000 + i64::from(dice.below(self.late_us.max(1)));
            let position = sim.buffer.playout_timestamp();
            let audio = sim.pull() == Rendered::Audio;
            let at = position.filter(|_| audio).map(|position| position as i64 - FIRST);
            behind.push(at.map(|at| pull * PULL as i64 - at));
        }
        Playout { heard: sim.heard, behind }
    }
}

impl Playout {
    /// Whether 10 ms of what was said are in the output, at a delay that it had thereabouts.
    fn has(&self, from: i64) -> bool {
        let pull = (from / PULL as i64) as usize;
        let near = &self.behind[pull.min(self.behind.len())..(pull + 30).min(self.behind.len())];
        let delays: BTreeSet<i64> = near.iter().filter_map(|behind| *behind).collect();
        delays.into_iter().any(|behind| {
            let at = (from + behind) as usize;
            self.heard.get(at..at + PULL).is_some_and(|heard| is_said(heard, from as u64))
        })
    }
}

/// A correlation of 0.8 has 0.36 of the power as error.
fn is_said(heard: &[i16], from: u64) -> bool {
    let (mut error, mut power) = (0.0, 1.0);
    for (n, &heard) in (from..).zip(heard) {
        let said = f64::from(voice(n));
        error += (f64::from(heard) - said).powi(2);
        power += said * said;
    }
    error < 0.36 * power
}

#[test]
fn lasting_jitter_and_loss_are_played_with_a_delay_that_stands_still() {
    let terms = |jitter_ms: u32, loss_permille, late_ms: u32| Terms {
        jitter_us: 1_000 * jitter_ms,
        loss_permille,
        late_us: 1_000 * late_ms,
        delay_max_ms: f64::from(jitter_ms + late_ms) + 12.0,
    };
    println!("jitter ms, loss, late pulls, seed: delay p50 ms, unaltered %, steps a second");
    for terms in [
        terms(40, 50, 0),
        terms(40, 50, 3),
        terms(40, 0, 0),
        terms(20, 10, 2),
        terms(60, 50, 0),
        terms(80, 20, 5),
    ] {
        for seed in 1..=4 {
            let figures = terms.measure(seed);
            let Terms { jitter_us, loss_permille, late_us, delay_max_ms } = terms;
            println!(
                "{:2} {:4.1} % {:2} {seed}: {:5.1} {:6.2} {:5.2}",
                jitter_us / 1_000,
                f64::from(loss_permille) / 10.0,
                late_us / 1_000,
                figures.delay_ms,
                100.0 * figures.unaltered,
                figures.steps,
            );
            assert!(figures.delay_ms <= delay_max_ms, "{} ms", figures.delay_ms);
            assert!(figures.unaltered >= 0.995, "{}", figures.unaltered);
            assert!(figures.steps < 0.5, "{} a second", figures.steps);
        }
    }
}

#[test]
fn what_was_shortened_is_not_taken_for_what_was_said() {
    let mut playout =
        Playout { heard: (0..8_000).map(voice).collect(), behind: vec![Some(0); 100] };
    assert!((0..90).all(|block| playout.has(block * PULL as i64)));
    // 3 ms less, and from there on all of it is elsewhere than at the delay.
    playout.heard.drain(4_020..4_044);
    assert!(playout.has(3_920));
    let missed = (50..80).filter(|block| !playout.has(block * PULL as i64)).count();
    assert!(missed >= 25, "{missed} of 30 blocks");
}

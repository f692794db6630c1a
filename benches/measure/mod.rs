//! Times a piece of work many times and prints median, p99 and max; for `benches/guard.rs` it counts
//! instructions in its place.

use std::time::Instant;

/// First argument of a program that runs under callgrind for `benches/guard.rs`.
const COUNT: &str = "count";

/// Runs `work` `rounds` times after a warm-up and prints what one run took, in microseconds.
///
/// Wall time on a machine that does other things too: trust medians and ratios; max is mostly the
/// scheduler's. Under the guard a fiftieth of the rounds is enough, since counts do not vary.
pub fn measure(name: &str, rounds: usize, mut work: impl FnMut()) {
    if std::env::args().nth(1).as_deref() == Some(COUNT) {
        return count(name, rounds / 50, &mut work);
    }
    for _ in 0..rounds / 10 {
        work();
    }
    let mut taken_ns: Vec<u128> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos()
        })
        .collect();
    taken_ns.sort_unstable();
    let us = |index: usize| taken_ns[index] as f64 / 1_000.0;
    println!(
        "{name:48} median {:8.2} us   p99 {:8.2} us   max {:8.2} us",
        us(rounds / 2),
        us(rounds * 99 / 100),
        us(rounds - 1)
    );
}

/// Runs `work` where callgrind counts, after a warm-up, and says so. With `--plant` it does a
/// twentieth more than it says.
fn count(name: &str, rounds: usize, work: &mut dyn FnMut()) {
    for _ in 0..rounds {
        work();
    }
    let planted = if std::env::args().any(|arg| arg == "--plant") { rounds / 20 } else { 0 };
    counted_rounds(rounds + planted, work);
    println!("counted\t{rounds}\t{name}");
}

/// What callgrind counts, by this name: from its beginning to its end.
#[inline(never)]
fn counted_rounds(rounds: usize, work: &mut dyn FnMut()) {
    for _ in 0..rounds {
        work();
    }
}

/// One frame of a voice-like sound.
pub fn voice(rate_hz: u32, frame: usize, samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|i| {
            let t = (frame * samples + i) as f64 / f64::from(rate_hz);
            let phase = (140.0 * t + 8.0 * (t * 1.7).sin()) * std::f64::consts::TAU;
            let level = 0.6 + 0.4 * (t * 5.1).sin();
            let wave = phase.sin() + 0.5 * (2.0 * phase).sin() + 0.2 * (7.0 * phase).sin();
            (wave * level * 6_000.0) as i16
        })
        .collect()
}

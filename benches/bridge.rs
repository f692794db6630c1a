//! What a tick (10 ms) of the bridge costs: every port fed, mixed and read. `cargo bench --bench
//! bridge`

#[path = "measure/mod.rs"]
mod measure;

use measure::{measure, voice};
use sidetone::{base::units::Gain, media::bridge::Bridge};

/// `count` ports at `rates_hz` in turn, connected as `hears(from, to)` says.
fn tick(name: &str, count: usize, rates_hz: &[u32], hears: impl Fn(usize, usize) -> bool) {
    let mut bridge = Bridge::new();
    let rate = |n: usize| rates_hz[n % rates_hz.len()];
    let ports: Vec<_> = (0..count).map(|n| bridge.add_port(rate(n)).unwrap()).collect();
    for from in 0..count {
        for to in (0..count).filter(|&to| hears(from, to)) {
            bridge.connect(ports[from], ports[to], Gain::from_db(-3.0)).unwrap();
        }
    }
    let voices: Vec<_> = (0..count).map(|n| voice(rate(n), n, rate(n) as usize / 100)).collect();
    let mut heard = 0i64;
    measure(name, 2_000, || {
        for (port, voice) in ports.iter().zip(&voices) {
            bridge.feed(*port, voice);
        }
        bridge.mix();
        for port in &ports {
            heard += i64::from(bridge.mixed(*port)[0]);
        }
    });
    assert_ne!(heard, 1, "the mixes are used");
}

/// Runs the bench.
pub fn main() {
    tick("200 PCMU calls, each back to itself", 200, &[8_000], |from, to| from == to);
    tick("50 Opus calls, each back to itself", 50, &[48_000], |from, to| from == to);
    tick("100 pairs of PCMU calls", 200, &[8_000], |from, to| from ^ 1 == to);
    tick("conference of 10 at 8 kHz", 10, &[8_000], |from, to| from != to);
    tick("conference of 10 at 8, 16, 48 kHz", 10, &[8_000, 16_000, 48_000], |from, to| from != to);
    tick("one call at 8 kHz with a card at 48 kHz", 2, &[8_000, 48_000], |from, to| from != to);
    tick("one call at 8 kHz with a card at 44.1 kHz", 2, &[8_000, 44_100], |from, to| from != to);
}

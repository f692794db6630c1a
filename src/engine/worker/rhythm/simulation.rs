//! Rounds behind packets of a simulated network, in virtual time.

use super::*;
use crate::{
    base::rng::Rng,
    dsp::codec::CodecError,
    media::jitter::{JitterBuffer, JitterConfig, JitterStats, Packet, PayloadDecoder},
};

const RATE_HZ: u32 = 8_000;
const USUAL: Duration = Duration::from_millis(20);

/// A tone, whatever the payload says.
struct Tone(usize);

impl PayloadDecoder for Tone {
    fn clock_rate_hz(&self, _: u8) -> Option<u32> {
        Some(RATE_HZ)
    }

    fn samples(&self, _: u8, payload: &[u8]) -> Result<usize, CodecError> {
        Ok(payload.len())
    }

    fn decode(&mut self, _: u8, _: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        self.conceal(pcm);
        Ok(pcm.len())
    }

    fn decode_fec(&mut self, _: u8, _: &[u8], _: &mut [i16]) -> Result<bool, CodecError> {
        Ok(false)
    }

    fn conceal(&mut self, pcm: &mut [i16]) {
        for sample in pcm {
            *sample = ((self.0 as f32 * 0.3).sin() * 8_000.0) as i16;
            self.0 += 1;
        }
    }
}

/// What came of a run.
#[derive(Debug)]
struct Outcome {
    stats: JitterStats,
    /// From the arrival of a packet to the round that plays its first sample, in the last half of
    /// the run, where it was played in time: sorted, in microseconds.
    waits: Vec<u128>,
    /// Rounds that did not come a round's time after the one before.
    moved: usize,
    /// Rounds of the last half that did not come when most of them did, within a round's time.
    off_grid: usize,
}

impl Outcome {
    fn wait_us(&self, percent: usize) -> u128 {
        self.waits[(self.waits.len() - 1) * percent / 100]
    }
}

/// `packets` packets; `delay` gives each one's delay, or `None` for a lost one.
fn run(packets: u32, delay: impl FnMut(u32) -> Option<Duration>) -> Outcome {
    run_as(packets, USUAL, None, delay)
}

/// The same with packets of that length, or on a system without stamps, whose sockets are read at least
/// so often.
fn run_as(
    packets: u32,
    packet: Duration,
    read_every: Option<Duration>,
    mut delay: impl FnMut(u32) -> Option<Duration>,
) -> Outcome {
    let epoch = Instant::now();
    let mut arrivals: Vec<(Instant, u32)> = (0..packets)
        .filter_map(|n| Some((epoch + Duration::from_millis(3) + packet * n + delay(n)?, n)))
        .collect();
    arrivals.sort();
    let mut arrivals = arrivals.into_iter().peekable();
    let mut jitter = JitterBuffer::new(JitterConfig::new(RATE_HZ));
    let (mut tone, mut rhythm) = (Tone(0), Rhythm::new(epoch, epoch));
    rhythm.frames = if packet.as_millis().is_multiple_of(20) { 2 } else { 1 };
    let (round, octets) = (80 * rhythm.frames as usize, 8 * packet.as_millis() as usize);
    let mut arrived = vec![None; packets as usize];
    let (mut waits, mut moved, mut last) = (Vec::new(), 0, None);
    let mut phases = Vec::new();
    while rhythm.due() < epoch + packet * packets {
        let next_read = read_every.map_or(rhythm.due(), |every| rhythm.read + every);
        let now = rhythm.due().min(next_read);
        rhythm.read = now;
        while let Some((at, n)) = arrivals.next_if(|(at, _)| *at <= now) {
            arrived[n as usize] = Some(at);
            let at = if read_every.is_some() { now } else { at };
            let (sequence, timestamp) = (u64::from(n), u64::from(n) * octets as u64);
            let packet = Packet { sequence, timestamp, payload_type: 0, payload: &vec![0; octets] };
            jitter.insert(at, packet, &tone);
        }
        if now < rhythm.due() {
            continue;
        }
        let at = rhythm.next;
        let earlier = match rhythm.judge(jitter.slack(at, round, rhythm.grace())) {
            Verdict::Later(by) => {
                jitter.shift(by.as_nanos() as i64);
                continue;
            }
            Verdict::Wait => continue,
            Verdict::Now(earlier) => earlier,
        };
        // A packet's first sample, of those that take more than one round.
        let first = |at: &u64| at.is_multiple_of(octets as u64);
        let before = jitter.playout_timestamp().filter(first);
        jitter.pull(at, &mut tone, &mut vec![0; round]);
        if let Some(n) = before.map(|timestamp| timestamp as usize / octets)
            && n > arrived.len() / 2
            && let Some(arrival) = arrived.get(n).copied().flatten()
        {
            waits.push(now.saturating_duration_since(arrival).as_micros());
        }
        phases.push((now - epoch).as_micros() % rhythm.step().as_micros());
        let gap = last.replace(now).map(|last| now - last);
        moved += usize::from(gap.is_some_and(|gap| gap != rhythm.step()));
        rhythm.advance(earlier);
        jitter.shift(-(earlier.as_nanos() as i64));
    }
    waits.sort_unstable();
    let mut phases = phases.split_off(phases.len() / 2);
    phases.sort_unstable();
    let usual = phases[phases.len() / 2];
    let off_grid = phases.iter().filter(|phase| **phase != usual).count();
    Outcome { stats: jitter.stats(), waits, moved, off_grid }
}

fn us(us: u32) -> Duration {
    Duration::from_micros(us.into())
}

#[test]
fn on_a_clean_network_a_packet_waits_a_few_milliseconds_whatever_its_phase() {
    for phase in (0..20_000).step_by(1_700) {
        let mut rng = Rng::from_number(u64::from(phase));
        let out = run(3_000, |_| Some(us(phase + rng.below(300))));
        assert!(out.wait_us(50) < 5_500 && out.wait_us(100) < 6_500, "{phase}: {out:?}");
        let JitterStats { accelerated_samples, expanded_samples, .. } = out.stats;
        assert_eq!((accelerated_samples, expanded_samples), (0, 0), "{phase}");
        assert_eq!(out.stats.concealed_samples, 0, "{phase}");
        assert!(out.moved <= 4, "{phase}: {} rounds moved", out.moved);
    }
}

#[test]
fn without_stamps_of_the_system_rounds_stand_still_too() {
    for phase in (0..20_000).step_by(1_700) {
        let mut rng = Rng::from_number(u64::from(phase));
        let every = Some(Duration::from_millis(5));
        let out = run_as(3_000, USUAL, every, |_| Some(us(phase + rng.below(300))));
        assert!(out.wait_us(50) < 11_000 && out.wait_us(99) < 12_500, "{phase}: {out:?}");
        let JitterStats { accelerated_samples, expanded_samples, .. } = out.stats;
        assert_eq!((accelerated_samples, expanded_samples), (0, 0), "{phase}");
        assert!(out.moved <= 8, "{phase}: {} rounds moved", out.moved);
    }
}

#[test]
fn a_delay_that_grows_for_good_is_followed_without_a_loss_that_can_be_heard() {
    let out = run(3_000, |n| Some(us(if n < 1_000 { 0 } else { 30_000 })));
    assert!(out.wait_us(50) < 8_000, "{}", out.wait_us(50));
    assert!(out.stats.concealed_samples <= 3 * 160, "{:?}", out.stats);
}

#[test]
fn clocks_that_drift_are_followed_without_stretching() {
    for ppm in [-100i64, 100] {
        let mut rng = Rng::from_number(7);
        // A quarter of an hour; the sender's clock is off by 90 ms at its end.
        let out = run(45_000, |n| {
            let drift = 100_000 + i64::from(n) * 20 * ppm / 1_000;
            Some(us(drift as u32 + rng.below(300)))
        });
        let waits = [50, 99].map(|percent| out.wait_us(percent));
        assert!(waits[0] < 11_000 && waits[1] < 13_000, "{ppm}: {waits:?}");
        let JitterStats { accelerated_samples, expanded_samples, .. } = out.stats;
        assert_eq!((accelerated_samples, expanded_samples), (0, 0), "{ppm}");
        assert_eq!(out.stats.concealed_samples, 0, "{ppm}");
        assert!(out.moved < 120, "{ppm}: {} rounds moved", out.moved);
    }
}

#[test]
fn jitter_and_loss_cost_no_more_than_they_must() {
    let mut rng = Rng::from_number(3);
    let out = run(6_000, |_| {
        let (lost, jitter) = (rng.below(100) < 5, us(rng.below(40_000)));
        (!lost).then_some(jitter)
    });
    let lost = 6_000 - out.stats.received_packets;
    assert!(out.stats.concealed_samples <= lost * 160, "{:?}", out.stats);
    let JitterStats { accelerated_samples, expanded_samples, late_packets, .. } = out.stats;
    assert_eq!((accelerated_samples, expanded_samples, late_packets), (0, 0, 0));
    assert!(out.wait_us(99) < 44_000, "{}", out.wait_us(99));
}

#[test]
fn packets_that_are_seldom_late_move_no_round_for_good_and_are_heard() {
    for late_us in [2_000, 4_000, 6_000] {
        let mut rng = Rng::from_number(u64::from(late_us));
        // Two minutes; one packet in 200 is late.
        let out = run(6_000, |n| {
            let late = if rng.below(200) == 0 { late_us } else { 0 };
            Some(us(n.min(1) * 100 + rng.below(300) + late))
        });
        let JitterStats { concealed_samples, expanded_samples, late_packets, .. } = out.stats;
        assert_eq!((concealed_samples, expanded_samples, late_packets), (0, 0, 0), "{late_us}");
        assert!(out.wait_us(50) < 4_000, "{late_us}: {}", out.wait_us(50));
        // Each late packet puts its own round off, and so parts two from their neighbours.
        assert!(out.off_grid * 100 <= 6_000, "{late_us}: {} rounds off their grid", out.off_grid);
    }
}

#[test]
fn packets_of_any_length_are_followed() {
    for ms in [10, 30, 40, 50, 60, 120] {
        let mut rng = Rng::from_number(ms);
        let packet = Duration::from_millis(ms);
        let out = run_as(1_000, packet, None, |n| Some(us(n.min(1) * 100 + rng.below(300))));
        let JitterStats { accelerated_samples, expanded_samples, .. } = out.stats;
        assert_eq!((accelerated_samples, expanded_samples), (0, 0), "{ms}: {out:?}");
        assert_eq!(out.stats.concealed_samples, 0, "{ms}: {:?}", out.stats);
        assert!(out.moved <= 4, "{ms}: {} rounds moved", out.moved);
        assert!(out.wait_us(50) < 5_500, "{ms}: {}", out.wait_us(50));
    }
}

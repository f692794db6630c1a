//! What the jitter buffer does in each situation that a network or a sender can bring about.

use proptest::{prelude::*, test_runner::RngSeed};
use sidetone::media::jitter::Rendered;

use crate::sim::{RATE_HZ, Sent, Sim, stream, uniform, voice};

#[test]
fn a_clean_network_costs_little_delay_and_nothing_is_touched() {
    for phase_us in [0, 1_000, 5_000, 9_900, 14_000] {
        let mut sim = Sim::new(stream(1_000, 20, uniform(1, 1_000)), phase_us);
        sim.run_ms(1_000);
        assert!(sim.delay_ms() <= 15, "phase {phase_us}: {} ms", sim.delay_ms());
        sim.run_ms(18_000);
        assert!(sim.delay_ms() <= 15, "phase {phase_us}: {} ms", sim.delay_ms());
        assert_eq!(sim.concealed_ms(), 0, "phase {phase_us}");
        assert!(sim.stretched_ms() <= 10, "phase {phase_us}: {}", sim.stretched_ms());
    }
}

#[test]
fn what_is_heard_on_a_clean_network_is_what_was_said() {
    let mut sim = Sim::new(stream(200, 20, |_| Some(0)), 2_000);
    sim.run_ms(3_000);
    let silent = sim.heard.iter().position(|&s| s != 0).unwrap();
    for (n, &heard) in sim.heard[silent..].iter().enumerate().take(20_000) {
        let said = voice(n as u64 + 1);
        let error = (i32::from(heard) - i32::from(said)).abs();
        assert!(error < 300, "sample {n}: {heard} for {said}");
    }
}

#[test]
fn a_spike_of_300_ms_is_made_up_for_within_five_seconds() {
    let spike = |n: u64| Some(if (200..215).contains(&n) { (215 - n as i64) * 20_000 } else { 0 });
    let mut sim = Sim::new(stream(700, 20, spike), 3_000);
    sim.run_ms(4_400);
    assert!(sim.delay_ms() > 200, "the spike was played late: {} ms", sim.delay_ms());
    sim.run_ms(5_000);
    let stats = sim.stats();
    assert!(
        stats.playout_delay_ms <= stats.target_delay_ms + 20,
        "{} ms, target {} ms",
        stats.playout_delay_ms,
        stats.target_delay_ms
    );
    assert!(stats.target_delay_ms <= 20, "one spike is no reason to wait: {stats:?}");
}

#[test]
fn jitter_that_sets_in_is_covered_at_once_and_let_go_within_seconds() {
    let mut jitter = uniform(2, 60_000);
    let mut sim = Sim::new(
        stream(2_500, 20, |n| if (250..750).contains(&n) { jitter(n) } else { Some(0) }),
        5_000,
    );
    sim.run_ms(5_000);
    assert_eq!(sim.concealed_ms(), 0);
    sim.run_ms(1_000);
    let first = sim.concealed_ms();
    assert!(first < 120, "{first} ms concealed while it grew");
    sim.run_ms(9_000);
    assert!(sim.concealed_ms() - first < 60, "then it is covered");
    assert!((40..=80).contains(&sim.delay_ms()), "{} ms", sim.delay_ms());
    sim.run_ms(30_000);
    assert!(sim.delay_ms() <= 20, "{} ms long after", sim.delay_ms());
}

#[test]
fn steady_jitter_is_met_by_a_steady_delay() {
    let mut sim = Sim::new(stream(3_200, 20, uniform(3, 30_000)), 5_000);
    sim.run_ms(3_000);
    let (concealed, stretched) = (sim.concealed_ms(), sim.stretched_ms());
    sim.run_ms(60_000);
    assert!(sim.stretched_ms() - stretched <= 120, "{} ms", sim.stretched_ms() - stretched);
    assert!(sim.concealed_ms() - concealed <= 120, "{} ms", sim.concealed_ms() - concealed);
    assert!((20..=45).contains(&sim.delay_ms()));
}

#[test]
fn pauses_of_the_sender_are_no_losses_and_reset_the_delay() {
    // A second of talk, two of nothing, timestamps running on (RFC 3551 §4.1).
    let mut sent = stream(500, 20, uniform(4, 2_000));
    for packet in &mut sent {
        let spurts = (packet.sequence - 65_500) / 50;
        packet.arrival_us += spurts as i64 * 2_000_000;
        packet.timestamp += spurts * 16_000;
    }
    let mut sim = Sim::new(sent, 5_000);
    sim.run_ms(28_500);
    let stats = sim.stats();
    assert_eq!(stats.concealed_samples, 0, "{stats:?}");
    assert!(stats.pause_samples / 8 > 17_000, "nine pauses of two seconds");
    assert_eq!((stats.late_packets, stats.dropped_packets), (0, 0));
    assert!(stats.playout_delay_ms <= 15, "{} ms", stats.playout_delay_ms);
}

#[test]
fn clocks_200_ppm_apart_are_followed_without_a_gap() {
    for ppm in [200i64, -200] {
        let sent = stream(15_000, 20, |n| Some(2_000_000 + n as i64 * 20_000 * ppm / 1_000_000));
        let mut sim = Sim::new(sent, 5_000);
        sim.run_ms(4_000);
        let mut worst = 0;
        for _ in 0..29 {
            sim.run_ms(10_000);
            worst = worst.max(sim.delay_ms());
        }
        assert!(worst <= 25, "{ppm} ppm: {worst} ms");
        assert!(sim.concealed_ms() <= 60, "{ppm} ppm: {} ms concealed", sim.concealed_ms());
        // 300 s at 200 ppm are 60 ms.
        assert!((30..=110).contains(&sim.stretched_ms()), "{ppm} ppm: {}", sim.stretched_ms());
    }
}

#[test]
fn reordered_and_repeated_packets_are_put_right() {
    let mut sent = stream(1_000, 20, |n| Some(if n % 7 == 3 { 25_000 } else { 0 }));
    let doubles: Vec<Sent> = sent.iter().step_by(5).copied().collect();
    sent.extend(doubles.iter().map(|p| Sent { arrival_us: p.arrival_us + 31_000, ..*p }));
    sent.sort_by_key(|p| p.arrival_us);
    let mut sim = Sim::new(sent, 5_000);
    sim.run_ms(2_000);
    let concealed = sim.concealed_ms();
    sim.run_ms(17_000);
    let stats = sim.stats();
    assert_eq!(sim.concealed_ms(), concealed, "after two seconds the order is waited for");
    assert!((185..=200).contains(&stats.duplicate_packets), "{stats:?}");
    assert!(stats.playout_delay_ms <= 45, "{stats:?}");
}

#[test]
fn packet_times_from_10_to_60_ms_play_alike() {
    for ptime_ms in [10, 20, 30, 40, 50, 60] {
        let sent = stream(20_000 / ptime_ms, ptime_ms, uniform(5, 3_000));
        let mut sim = Sim::new(sent, 4_000);
        sim.run_ms(19_000);
        assert_eq!(sim.concealed_ms(), 0, "{ptime_ms} ms");
        assert!(sim.delay_ms() <= 17, "{ptime_ms} ms: {} ms", sim.delay_ms());
    }
}

#[test]
fn the_packet_time_and_payload_type_may_change_on_the_way() {
    let mut sent = stream(100, 20, |_| Some(0));
    let last = *sent.last().unwrap();
    let next = |n: u64, ms: u64| Sent {
        arrival_us: last.arrival_us + 20_000 + (n * ms * 1_000) as i64,
        sequence: last.sequence + 1 + n,
        timestamp: last.timestamp + 160 + n * ms * 8,
        from: last.from + 160 + n * ms * 8,
        samples: ms as usize * 8,
        payload_type: 96,
    };
    sent.extend((0..50).map(|n| next(n, 40)));
    // And on to a payload type of another RTP clock, whose timestamps have nothing in common.
    let last = *sent.last().unwrap();
    sent.extend((0..100).map(|n| Sent {
        arrival_us: last.arrival_us + 40_000 + n as i64 * 20_000,
        sequence: last.sequence + 1 + n,
        timestamp: 99 + n * 960,
        payload_type: 97,
        from: last.from + 320 + n * 160,
        samples: 160,
    }));
    let mut sim = Sim::new(sent, 5_000);
    sim.run_ms(5_900);
    let stats = sim.stats();
    assert_eq!((sim.concealed_ms(), stats.pause_samples, stats.late_packets), (0, 0, 0));
    assert!(stats.playout_delay_ms <= 50, "{stats:?}");
}

#[test]
fn a_lost_packet_is_concealed_for_its_length_and_no_longer() {
    let mut sim = Sim::new(stream(500, 20, |n| (n % 50 != 25).then_some(0)), 5_000);
    sim.run_ms(9_900);
    let stats = sim.stats();
    assert_eq!(stats.concealments, 10);
    assert!((199..=210).contains(&sim.concealed_ms()), "{} ms", sim.concealed_ms());
    assert_eq!(sim.stretched_ms(), 0);
}

#[test]
fn in_band_fec_brings_a_lost_packet_back_when_the_next_is_there() {
    let mut sim = Sim::new(stream(500, 20, |n| (n % 50 != 25).then_some(0)), 5_000);
    sim.decoder.fec = true;
    sim.run_ms(1_000);
    // On a network without jitter the next packet is not there yet; with jitter it is.
    let mut jitter = uniform(6, 40_000);
    let lossy = |n: u64| if n % 50 == 25 { None } else { jitter(n) };
    let mut sim = Sim::new(stream(2_000, 20, lossy), 5_000);
    sim.decoder.fec = true;
    sim.run_ms(39_000);
    assert!(sim.stats().fec_packets >= 30, "{:?}", sim.stats());
}

#[test]
fn concealment_dies_away_and_sound_comes_back_at_once() {
    let outage = |n: u64| (!(100..200).contains(&n)).then_some(0);
    let mut sim = Sim::new(stream(400, 20, outage), 5_000);
    sim.run_ms(4_500);
    let at = |ms: usize| &sim.heard[ms * 8..(ms + 10) * 8];
    assert!(at(1_960).iter().any(|&s| s.abs() > 500));
    assert!(at(2_250).iter().all(|&s| s == 0), "silent 200 ms into the outage");
    assert!(at(3_900).iter().all(|&s| s == 0));
    assert!(at(4_040).iter().any(|&s| s.abs() > 500), "the first packet is heard in time");
    assert!(sim.delay_ms() <= 20, "{} ms", sim.delay_ms());
}

#[test]
fn a_timestamp_that_jumps_costs_nothing() {
    for jump in [3_000_000_000i64, 40_000, 8_000, -8_000, -3_000_000] {
        let mut sent = stream(500, 20, uniform(7, 1_000));
        for packet in &mut sent {
            packet.timestamp += 1 << 40;
            if packet.sequence >= 65_500 + 250 {
                packet.timestamp = packet.timestamp.wrapping_add_signed(jump);
            }
        }
        let mut sim = Sim::new(sent, 5_000);
        sim.run_ms(9_900);
        let stats = sim.stats();
        assert!(stats.decoded_packets + 3 >= stats.received_packets, "{jump}: {stats:?}");
        assert!(sim.concealed_ms() + stats.pause_samples / 8 <= 20, "{jump}: {stats:?}");
        assert!(stats.playout_delay_ms <= 25, "{jump}: {stats:?}");
    }
}

#[test]
fn a_sender_that_stops_its_clock_in_a_pause_is_back_at_low_delay_soon() {
    let mut sent = stream(500, 20, uniform(8, 1_000));
    for packet in &mut sent {
        packet.arrival_us += if packet.sequence >= 65_700 { 3_000_000 } else { 0 };
    }
    let mut sim = Sim::new(sent, 5_000);
    sim.run_ms(8_000);
    let stats = sim.stats();
    let concealed = sim.concealed_ms();
    assert!(stats.decoded_packets >= 240, "{stats:?}");
    sim.run_ms(4_500);
    assert_eq!(sim.concealed_ms(), concealed, "nothing is missing after the pause");
    assert!(sim.stretched_ms() <= 60, "and little stretched: {}", sim.stretched_ms());
}

#[test]
fn a_restarted_sender_is_heard_from_its_second_packet() {
    for sequence in [200_000u64, 10, 61_000] {
        let mut sent = stream(500, 20, |_| Some(0));
        for (n, packet) in sent.iter_mut().skip(250).enumerate() {
            packet.sequence = sequence + n as u64;
            packet.timestamp = 77 + n as u64 * 160;
        }
        let mut sim = Sim::new(sent, 5_000);
        sim.run_ms(9_900);
        let stats = sim.stats();
        assert_eq!(stats.stray_packets, 1, "{sequence}: {stats:?}");
        assert!(sim.concealed_ms() + stats.pause_samples / 8 <= 30, "{sequence}: {stats:?}");
        assert!(stats.playout_delay_ms <= 30, "{sequence}: {stats:?}");
    }
}

#[test]
fn another_ssrc_takes_over_without_a_gap() {
    let mut sent = stream(500, 20, |_| Some(0));
    for (n, packet) in sent.iter_mut().skip(250).enumerate() {
        packet.sequence = 40_000 + n as u64;
        packet.timestamp = 5 + n as u64 * 160;
    }
    let second = sent.split_off(250);
    let mut sim = Sim::new(sent, 5_000);
    sim.run_ms(4_990);
    let stats = sim.stats();
    sim = Sim::continued(sim, second);
    sim.buffer.restart();
    sim.run_ms(4_800);
    assert_eq!(sim.concealed_ms(), stats.concealed_samples / 8);
    assert_eq!(sim.stats().stray_packets, 0);
    assert!(sim.delay_ms() <= 20, "{} ms", sim.delay_ms());
}

#[test]
fn a_number_spent_on_a_telephone_event_is_no_loss() {
    let sent = stream(500, 20, |n| (!(100..110).contains(&n)).then_some(0));
    let mut sim = Sim::new(sent, 5_000);
    sim.run_ms(1_990);
    for n in 100..110 {
        sim.run_ms(20);
        sim.buffer.skip(65_500 + n);
    }
    sim.run_ms(2_000);
    let stats = sim.stats();
    assert_eq!(stats.concealed_samples, 0, "{stats:?}");
    assert!((1_500..=1_700).contains(&stats.pause_samples), "{stats:?}");
}

#[test]
fn pulls_in_bursts_are_served_as_smoothly_as_even_ones() {
    // A card that takes two frames each 21.3 ms, a few ms off the grid.
    let mut sim = Sim::new(stream(2_000, 20, uniform(9, 1_000)), 5_000);
    for burst in 0..900i64 {
        sim.now_us = 5_000 + burst * 20_000 + (burst * 7_919 % 5) * 1_000;
        sim.pull();
        sim.pull();
        if burst == 100 {
            assert!(sim.concealed_ms() <= 20, "{} ms", sim.concealed_ms());
        }
    }
    assert!(sim.concealed_ms() <= 20, "{} ms", sim.concealed_ms());
    assert!(sim.delay_ms() <= 40, "{} ms", sim.delay_ms());
}

#[test]
fn a_worker_that_slept_a_second_catches_up() {
    let mut sim = Sim::new(stream(1_000, 20, uniform(10, 1_000)), 5_000);
    sim.run_ms(3_000);
    sim.now_us += 1_000_000;
    sim.run_ms(6_000);
    let stats = sim.stats();
    assert!(stats.playout_delay_ms <= stats.target_delay_ms + 20, "{stats:?}");
    assert!(sim.concealed_ms() <= 20);
}

#[test]
fn before_the_first_packet_there_is_silence() {
    let mut sim = Sim::new(Vec::new(), 0);
    assert_eq!(sim.pull(), Rendered::Silence);
    assert!(sim.heard.iter().all(|&s| s == 0));
    assert_eq!(sim.buffer.playout_timestamp(), None);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever comes in, out come 10 ms a pull, and the delay ends where it belongs when the
    /// network calms down.
    #[test]
    fn any_mixture_of_trouble_is_survived(
        seed in 0u64..1_000_000,
        jitter_ms in 0u32..400,
        loss_percent in 0u32..40,
        wild in 0u64..30,
    ) {
        let mut rng = sidetone::base::rng::Rng::from_number(seed);
        let mut sent = stream(1_300, 20, |n| {
            let lost = n < 200 && rng.below(100) < loss_percent;
            let jitter = if n < 200 { i64::from(rng.below(jitter_ms * 1_000 + 1)) } else { 0 };
            (!lost).then_some(jitter)
        });
        for _ in 0..wild {
            let at = rng.below(200) as usize;
            if let Some(packet) = sent.get_mut(at) {
                match rng.below(4) {
                    0 => packet.timestamp = rng.u64() >> 16,
                    1 => packet.sequence = rng.u64() >> 32,
                    2 => packet.samples = rng.below(2_000) as usize,
                    _ => packet.payload_type = rng.below(128) as u8,
                }
            }
        }
        let mut sim = Sim::new(sent, 5_000);
        sim.run_ms(25_900);
        prop_assert_eq!(sim.heard.len(), 25_900 * RATE_HZ as usize / 1_000);
        let stats = sim.stats();
        prop_assert_eq!(stats.rendered_samples, sim.heard.len() as u64);
        prop_assert!(
            stats.target_delay_ms <= 20 && stats.playout_delay_ms <= 40,
            "{:?}", stats
        );
    }
}

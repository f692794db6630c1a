//! Two streams talk over virtual time: audio, reports, digits, sources that change, forgeries.

use std::time::Duration;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use sidetone::{
    base::{
        plan::{CodecKind, Direction, LatchPolicy, SrtpSuite},
        rng::Rng,
        time::Ptime,
    },
    media::stream::{Component, NtpAnchor, Stream, StreamConfig, StreamError, StreamEvent},
};

mod digits;
mod garbage;
mod sources;
#[path = "../support/streams.rs"]
mod streams;
use streams::{Fate, Pair, address, codec, plan, secure, share_at, stream};

/// Aborts on an allocation inside `assert_no_alloc`; else it is the system's.
#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const SECOND: Duration = Duration::from_secs(1);

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The last `ms` that a side heard.
fn tail(pair: &Pair, side: usize, ms: usize) -> (&[i16], u32) {
    let rate_hz = pair.streams[side].receive_rate_hz();
    let heard = &pair.heard[side];
    (&heard[heard.len() - rate_hz as usize / 1000 * ms..], rate_hz)
}

fn assert_hears_tone(pair: &Pair, side: usize, ms: usize) {
    let (pcm, rate_hz) = tail(pair, side, ms);
    let share = share_at(pcm, rate_hz, pair.tone_hz[1 - side]);
    assert!(share > 0.95, "side {side} hears its tone at {share:.3}");
}

/// A copy of the last RTP packet that side 0 sent, with number, timestamp and source changed.
fn forge(pair: &Pair, ahead: u16, ssrc: Option<u32>) -> Vec<u8> {
    let last = pair.wire.iter().rev().find(|d| d.from == 0 && d.component == Component::Rtp);
    let mut bytes = last.unwrap().bytes.clone();
    let sequence = u16::from_be_bytes([bytes[2], bytes[3]]).wrapping_add(ahead);
    bytes[2..4].copy_from_slice(&sequence.to_be_bytes());
    let timestamp = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let timestamp = timestamp.wrapping_add(u32::from(ahead) * 160);
    bytes[4..8].copy_from_slice(&timestamp.to_be_bytes());
    if let Some(ssrc) = ssrc {
        bytes[8..12].copy_from_slice(&ssrc.to_be_bytes());
    }
    bytes
}

#[test]
fn carries_a_tone_both_ways_with_every_codec_and_suite() {
    for kind in CodecKind::ALL {
        for suite in [None].into_iter().chain(SrtpSuite::ALL.map(Some)) {
            let plans = [0, 1].map(|side| match suite {
                Some(suite) => secure(plan(side, kind), side, suite),
                None => plan(side, kind),
            });
            let mut pair = Pair::new(plans);
            pair.run(2 * SECOND);
            for side in 0..2 {
                assert_hears_tone(&pair, side, 1000);
                let stats = pair.streams[side].stats(pair.now);
                assert_eq!(stats.packets_lost, Some(0), "{kind:?} {suite:?}");
                assert_eq!((stats.srtp_failures, stats.packets_discarded), (0, 0));
                assert_eq!(stats.packets_sent, 100);
                assert_eq!(pair.told(side), [StreamEvent::FirstPacket]);
            }
        }
    }
}

#[test]
fn the_timestamps_of_g722_count_8000_a_second_though_its_sound_has_16000_samples() {
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::G722));
    plans[1].ptime = Ptime::floor_ms(30);
    let mut pair = Pair::new(plans);
    pair.run(2 * SECOND);
    assert_eq!(
        pair.streams.each_ref().map(|s| (s.send_rate_hz(), s.receive_rate_hz())),
        [(16_000, 16_000), (16_000, 16_000)]
    );
    for (side, clock, octets) in [(0, 160, 160), (1, 240, 240)] {
        let sent: Vec<_> =
            pair.wire.iter().filter(|d| d.from == side && d.component == Component::Rtp).collect();
        let at = |bytes: &[u8]| u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        for two in sent.windows(2) {
            assert_eq!(at(&two[1].bytes).wrapping_sub(at(&two[0].bytes)), clock);
            assert_eq!((two[1].bytes[1] & 0x7f, two[1].bytes.len()), (9, 12 + octets));
        }
        assert_hears_tone(&pair, side, 1000);
        let stats = pair.streams[side].stats(pair.now);
        assert!(stats.jitter_ms.unwrap() < 1.0, "{stats:?}");
    }
}

#[test]
fn a_far_end_that_answers_g722_with_pcmu_is_heard() {
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::G722));
    plans.iter_mut().for_each(|plan| plan.receive.push(codec(CodecKind::Pcmu)));
    plans[1].send = codec(CodecKind::Pcmu);
    let mut pair = Pair::new(plans);
    pair.run(2 * SECOND);
    assert_hears_tone(&pair, 0, 1000);
    assert_hears_tone(&pair, 1, 1000);
}

#[test]
fn nothing_is_called_measured_before_it_was() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    let stats = pair.streams[0].stats(pair.now);
    assert_eq!(stats, Default::default());
    pair.run(millis(500));
    let stats = pair.streams[0].stats(pair.now);
    assert!(stats.jitter_ms.is_some() && stats.packets_lost == Some(0));
    assert!(stats.round_trip_ms.is_none() && stats.mos.is_none() && stats.remote_loss.is_none());
}

#[test]
fn reports_measure_round_trip_loss_and_quality() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    let mut count = 0u32;
    pair.network = Box::new(move |datagram| {
        let counts = datagram.from == 0 && datagram.component == Component::Rtp;
        count += u32::from(counts);
        let lost = counts && count.is_multiple_of(10);
        if lost { Fate::Lost } else { Fate::Arrive(millis(40)) }
    });
    pair.run(60 * SECOND);
    let near = pair.streams[0].stats(pair.now);
    let far = pair.streams[1].stats(pair.now);
    for stats in [&near, &far] {
        let round_trip = stats.round_trip_ms.unwrap();
        assert!((79.0..81.5).contains(&round_trip), "{round_trip}");
    }
    let remote_loss = near.remote_loss.unwrap();
    assert!((0.09..0.11).contains(&remote_loss), "of ours: {remote_loss}");
    assert_eq!(far.remote_loss, Some(0.0));
    let lost = far.packets_lost.unwrap();
    assert!((295..305).contains(&lost), "{lost}");
    assert_eq!(near.packets_lost, Some(0));
    assert!(near.mos.unwrap() > 4.3 && far.mos.unwrap() < 4.0);
    assert!(far.concealed.unwrap() > 0.05, "{far:?}");
    assert_hears_tone(&pair, 0, 1000);
}

#[test]
fn reordered_and_doubled_packets_are_counted_once_and_not_lost() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    let mut count = 0u32;
    pair.network = Box::new(move |_| {
        count += 1;
        match count % 10 {
            3 => Fate::Arrive(millis(45)), // overtaken by two
            7 => Fate::Twice(millis(5), millis(15)),
            _ => Fate::Arrive(millis(5)),
        }
    });
    pair.run(20 * SECOND);
    let stats = pair.streams[1].stats(pair.now);
    assert!(stats.packets_lost.unwrap() <= 3, "only what is still on its way: {stats:?}");
    assert!(stats.packets_duplicate > 80, "{}", stats.packets_duplicate);
    assert_hears_tone(&pair, 1, 2000);
}

#[test]
fn sequence_numbers_and_srtp_indices_go_over_the_wrap_around() {
    let ptime = Ptime::from_ms(10).unwrap();
    let plans = [0, 1].map(|side| {
        let mut plan = secure(plan(side, CodecKind::Pcmu), side, SrtpSuite::Aes128CmSha1_80);
        plan.ptime = ptime;
        plan
    });
    let mut pair = Pair::new(plans);
    let packets = 65_536 + 40_000;
    for _ in 0..packets / 1000 {
        pair.run(10 * SECOND);
        pair.heard.iter_mut().for_each(Vec::clear);
        pair.wire.clear();
    }
    pair.run(SECOND);
    for side in 0..2 {
        let stats = pair.streams[side].stats(pair.now);
        assert_eq!((stats.srtp_failures, stats.packets_lost), (0, Some(0)));
        assert!(stats.packets_received > 105_000);
        assert_hears_tone(&pair, side, 900);
    }
}

#[test]
fn a_report_that_echoes_no_report_of_ours_measures_no_round_trip() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(millis(200));
    let (far, own) = (pair.streams[0].ssrc(), pair.streams[1].ssrc());
    let mut report = vec![0x81, 201, 0, 7];
    report.extend_from_slice(&far.to_be_bytes());
    report.extend_from_slice(&own.to_be_bytes());
    report.extend_from_slice(&[64, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 80]); // 25 %, jitter 10 ms
    report.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0]); // an LSR that we never sent
    pair.inject(1, Component::Rtcp, address(0, Component::Rtcp), &report);
    let stats = pair.streams[1].stats(pair.now);
    assert_eq!((stats.remote_loss, stats.remote_jitter_ms), (Some(0.25), Some(10.0)));
    assert_eq!(stats.round_trip_ms, None);
}

#[test]
fn close_says_bye_and_nothing_follows() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    let now = pair.now;
    pair.streams[0].close(now);
    pair.drain(0);
    let before = pair.streams[0].stats(now).packets_sent;
    pair.run(SECOND);
    assert!(pair.told(1).contains(&StreamEvent::Left));
    assert_eq!(pair.streams[0].stats(pair.now).packets_sent, before);
    assert_eq!(pair.streams[0].poll_timeout(), None);
}

#[test]
fn a_mirror_that_sends_our_packets_back_is_heard_and_no_collision() {
    let now = std::time::Instant::now();
    let mut near = stream(now, 1);
    near.apply(now, &plan(0, CodecKind::Pcmu)).unwrap();
    let ssrc = near.ssrc();
    let mut heard = Vec::new();
    for tick in 1..300u64 {
        let now = now + millis(10 * tick);
        let mut pcm = [0; 80];
        near.pull(now, &mut pcm);
        heard.extend_from_slice(&pcm);
        let tone = [6000, 6000, -6000, -6000].repeat(20); // 2 kHz
        near.push(now, &tone);
        near.handle_timeout(now);
        let mut back = Vec::new();
        while let Some(transmit) = near.poll_transmit() {
            back.push((transmit.component, transmit.destination, transmit.bytes.to_vec()));
        }
        for (component, source, mut bytes) in back {
            near.handle_datagram(now, component, source, &mut bytes);
        }
    }
    assert_eq!(near.ssrc(), ssrc);
    assert!(share_at(&heard[heard.len() - 8000..], 8000, 2000.0) > 0.95);
}

#[test]
fn hold_stops_audio_but_not_reports_and_the_clock_goes_on() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::Pcmu));
    plans[0].direction = Direction::Inactive;
    plans[1].direction = Direction::Inactive;
    for (side, plan) in plans.iter().enumerate() {
        let now = pair.now;
        pair.streams[side].apply(now, plan).unwrap();
    }
    pair.run(millis(100));
    pair.wire.clear();
    pair.run(10 * SECOND);
    assert!(pair.wire.iter().all(|d| d.component == Component::Rtcp));
    assert!(pair.wire.len() >= 2);
    assert!(tail(&pair, 0, 5000).0.iter().all(|&sample| sample == 0));
    assert!(!pair.told(0).contains(&StreamEvent::Silence(true)), "none is due");
    for side in 0..2 {
        let now = pair.now;
        pair.streams[side].apply(now, &plan(side, CodecKind::Pcmu)).unwrap();
    }
    pair.run(2 * SECOND);
    for side in 0..2 {
        assert_hears_tone(&pair, side, 1000);
        assert_eq!(pair.streams[side].stats(pair.now).packets_lost, Some(0));
    }
}

#[test]
fn silence_is_told_and_its_end_too() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    pair.network = Box::new(|_| Fate::Lost);
    pair.run(5 * SECOND);
    pair.network = Box::new(|_| Fate::Arrive(millis(5)));
    pair.run(SECOND);
    let told: Vec<_> = pair.events[0].clone();
    assert_eq!(told[1].1, StreamEvent::Silence(true));
    assert!(told[1].0 >= millis(3900) && told[1].0 <= millis(4100), "{told:?}");
    assert_eq!(told[2].1, StreamEvent::Silence(false));
    assert_eq!(told.len(), 3);
}

#[test]
fn silence_from_the_start_is_told_once() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.network = Box::new(|_| Fate::Lost);
    pair.run(20 * SECOND);
    assert_eq!(pair.told(0), [StreamEvent::Silence(true)]);
}

#[test]
fn a_new_plan_keeps_source_numbers_and_srtp_and_a_new_key_is_taken_at_once() {
    let suite = SrtpSuite::Aes128CmSha1_80;
    let plans = [0, 1].map(|side| secure(plan(side, CodecKind::Pcmu), side, suite));
    let mut pair = Pair::new(plans.clone());
    pair.run(SECOND);
    let ssrc = pair.streams[0].ssrc();
    for (side, plan) in plans.iter().enumerate() {
        let now = pair.now;
        pair.streams[side].apply(now, plan).unwrap();
    }
    pair.run(SECOND);
    let replayed = forge(&pair, 0, None);
    pair.inject(1, Component::Rtp, address(0, Component::Rtp), &replayed);
    assert_eq!(pair.streams[1].stats(pair.now).srtp_failures, 1, "the replay window stayed");

    let other = SrtpSuite::AeadAes256Gcm;
    pair.network = Box::new(|_| Fate::Arrive(Duration::ZERO));
    pair.run(millis(50));
    for side in 0..2 {
        let now = pair.now;
        let plan = secure(plan(side, CodecKind::Pcmu), side, other);
        pair.streams[side].apply(now, &plan).unwrap();
        assert_eq!(pair.streams[side].suite(), Some(other));
    }
    pair.run(2 * SECOND);
    assert_eq!(pair.streams[0].ssrc(), ssrc);
    for side in 0..2 {
        assert_hears_tone(&pair, side, 1000);
        assert!(pair.streams[side].stats(pair.now).packets_lost.unwrap() <= 1);
    }
}

#[test]
fn the_packet_time_may_change_and_differ() {
    let at = |ms| Ptime::from_ms(ms).unwrap();
    for (kind, near, far) in [(CodecKind::Pcma, 10, 60), (CodecKind::Opus, 40, 60)] {
        let mut plans = [0, 1].map(|side| plan(side, kind));
        plans[0].ptime = at(near);
        plans[1].ptime = at(far);
        let mut pair = Pair::new(plans.clone());
        pair.run(6 * SECOND);
        assert_eq!(pair.streams[0].stats(pair.now).packets_sent, 6000 / u64::from(near));
        assert_eq!(pair.streams[1].stats(pair.now).packets_sent, 6000 / u64::from(far));
        plans[1].ptime = at(20);
        let now = pair.now;
        pair.streams[1].apply(now, &plans[1]).unwrap();
        pair.run(3 * SECOND);
        for side in 0..2 {
            assert_hears_tone(&pair, side, 1000);
            assert_eq!(pair.streams[side].stats(pair.now).packets_lost, Some(0));
        }
    }
}

#[test]
fn any_agreed_codec_is_heard_whichever_the_far_end_picks() {
    for (own, others) in [
        (CodecKind::Opus, [CodecKind::Pcma, CodecKind::Pcmu]),
        (CodecKind::Pcmu, [CodecKind::Pcma, CodecKind::Opus]),
    ] {
        let mut plans = [0, 1].map(|side| plan(side, own));
        plans[1].receive = vec![codec(own), codec(others[0]), codec(others[1])];
        let mut pair = Pair::new(plans.clone());
        pair.run(SECOND);
        for other in others {
            plans[0].send = codec(other);
            plans[0].receive = vec![codec(own)];
            let now = pair.now;
            pair.streams[0].apply(now, &plans[0]).unwrap();
            pair.run(2 * SECOND);
            let (pcm, rate_hz) = tail(&pair, 1, 1000);
            let share = share_at(pcm, rate_hz, pair.tone_hz[0]);
            assert!(share > 0.9, "{own:?} hears {other:?} at {share:.3}");
            assert_eq!(pair.streams[1].stats(pair.now).packets_discarded, 0);
        }
    }
}

#[test]
fn muxed_rtcp_goes_by_the_rtp_port() {
    let plans = [0, 1].map(|side| {
        let mut plan = plan(side, CodecKind::Pcmu);
        plan.rtcp_mux = true;
        plan.remote_rtcp = plan.remote_rtp;
        plan
    });
    let mut pair = Pair::new(plans);
    pair.run(12 * SECOND);
    assert!(pair.wire.iter().all(|d| d.component == Component::Rtp));
    for side in 0..2 {
        assert!(pair.streams[side].stats(pair.now).round_trip_ms.is_some());
    }
}

#[test]
fn reports_keep_the_interval_of_section_6_2() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    let mut times = Vec::new();
    for _ in 0..6000 {
        pair.run(millis(10));
        let reports = pair.wire.iter().filter(|d| d.from == 0 && d.component == Component::Rtcp);
        if reports.count() > 0 {
            times.push((pair.now - pair.start).as_secs_f64());
        }
        pair.wire.clear();
    }
    assert!((1.0..3.2).contains(&times[0]), "{times:?}");
    for pair in times.windows(2) {
        assert!((2.0..6.3).contains(&(pair[1] - pair[0])), "{times:?}");
    }
}

#[test]
fn an_unknown_payload_type_is_discarded_and_no_loss() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    pair.network = Box::new(|_| Fate::Lost);
    pair.run(millis(20));
    let mut unknown = forge(&pair, 1, None);
    unknown[1] = 77;
    pair.inject(1, Component::Rtp, address(0, Component::Rtp), &unknown);
    pair.network = Box::new(|_| Fate::Arrive(millis(5)));
    pair.run(SECOND);
    let stats = pair.streams[1].stats(pair.now);
    assert_eq!((stats.packets_lost, stats.packets_discarded), (Some(0), 1));
}

#[test]
fn a_steady_stream_allocates_nothing_for_a_packet() {
    for kind in [CodecKind::Pcmu, CodecKind::Opus] {
        let start = std::time::Instant::now();
        let mut ends = [0, 1].map(|side| stream(start, side));
        for (side, end) in ends.iter_mut().enumerate() {
            end.apply(start, &plan(side, kind)).unwrap();
        }
        let mut pcm = vec![0i16; kind.sample_rate_hz() as usize / 100];
        let mut datagram = [0u8; 2048];
        let mut tick = |n: u64, ends: &mut [Stream; 2]| {
            let now = start + millis(10 * n);
            for (n, sample) in pcm.iter_mut().enumerate() {
                *sample = ((n % 97) as i16 - 48) * 100;
            }
            ends[0].push(now, &pcm);
            while let Some(transmit) = ends[0].poll_transmit() {
                let bytes = &mut datagram[..transmit.bytes.len()];
                bytes.copy_from_slice(transmit.bytes);
                ends[1].handle_datagram(now, Component::Rtp, address(0, Component::Rtp), bytes);
            }
            ends[1].pull(now, &mut pcm);
        };
        for n in 1..500 {
            tick(n, &mut ends);
        }
        assert_no_alloc(|| (500..1500).for_each(|n| tick(n, &mut ends)));
        assert_eq!(ends[1].stats(start + millis(15_000)).packets_received, 749);
    }
}

//! telephone-event between two streams.

use super::*;

#[test]
fn digits_arrive_once_each_with_their_length_though_a_third_of_the_packets_is_lost() {
    for kind in [CodecKind::Pcmu, CodecKind::G722, CodecKind::Opus] {
        let mut pair = Pair::plain(kind);
        let mut dice = Rng::from_number(77);
        pair.network =
            Box::new(
                move |_| {
                    if dice.below(3) == 0 { Fate::Lost } else { Fate::Arrive(millis(5)) }
                },
            );
        let digits = "0123456789*#ABCD!";
        for digit in digits.chars() {
            pair.streams[0].send_dtmf(digit, millis(140)).unwrap();
        }
        pair.run(6 * SECOND);
        assert!(pair.streams[0].is_dtmf_idle());
        let heard = pair.digits(1);
        assert_eq!(heard.iter().map(|(digit, _)| digit).collect::<String>(), digits);
        let exact = heard.iter().filter(|(_, duration)| *duration == millis(140)).count();
        assert!(exact >= 15, "{heard:?}");
    }
}

#[test]
fn a_long_digit_is_one_digit_of_its_length() {
    let mut pair = Pair::plain(CodecKind::Opus);
    pair.streams[0].send_dtmf('7', 7 * SECOND).unwrap();
    pair.run(9 * SECOND);
    assert_eq!(pair.digits(1), [('7', 7 * SECOND)]);
    let stats = pair.streams[1].stats(pair.now);
    assert_eq!(stats.packets_lost, Some(0));
}

#[test]
fn audio_rests_under_a_digit_and_comes_back_with_a_marker_on_the_same_clock() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(millis(500));
    pair.streams[0].send_dtmf('5', millis(100)).unwrap();
    pair.run(millis(500));
    let sent: Vec<(u8, bool, u32)> = pair
        .wire
        .iter()
        .filter(|d| d.from == 0 && d.component == Component::Rtp)
        .map(|d| {
            let timestamp = u32::from_be_bytes([d.bytes[4], d.bytes[5], d.bytes[6], d.bytes[7]]);
            (d.bytes[1] & 0x7f, d.bytes[1] & 0x80 != 0, timestamp)
        })
        .collect();
    let first = sent[0].2;
    let audio: Vec<_> = sent.iter().filter(|(kind, ..)| *kind == 0).collect();
    assert!(audio.iter().all(|(.., at)| at.wrapping_sub(first) % 160 == 0));
    let markers: Vec<u32> = audio.iter().filter(|p| p.1).map(|p| p.2.wrapping_sub(first)).collect();
    let events: Vec<u32> =
        sent.iter().filter(|p| p.0 == 101).map(|p| p.2.wrapping_sub(first)).collect();
    assert_eq!(events.len(), 7, "five packet times, two repeats");
    assert!(events.iter().all(|&at| at == events[0]));
    assert_eq!(markers, [0, events[0] + 800]);
    assert!(sent.iter().any(|p| p.0 == 101 && p.1));
}

#[test]
fn audio_goes_on_under_a_digit_when_so_configured() {
    let start = std::time::Instant::now();
    let config = StreamConfig {
        cname: String::new(),
        ntp: NtpAnchor { at: start, ntp: 0 },
        rtp_timeout: SECOND,
        dtmf_with_audio: true,
    };
    let mut near = Stream::new(config, Rng::from_number(1));
    near.apply(start, &plan(0, CodecKind::Pcmu)).unwrap();
    near.send_dtmf('3', millis(100)).unwrap();
    let mut sent = [0, 0];
    for n in 1..=30 {
        near.push(start + millis(10 * n), &[100; 80]);
        while let Some(transmit) = near.poll_transmit() {
            sent[usize::from(transmit.bytes[1] & 0x7f == 101)] += 1;
        }
    }
    assert_eq!(sent, [15, 7]);
}

#[test]
fn a_far_end_without_telephone_event_gets_none() {
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::Pcmu));
    plans[0].dtmf = None;
    let mut pair = Pair::new(plans);
    assert_eq!(pair.streams[0].send_dtmf('1', millis(100)), Err(StreamError::NoDtmf));
    assert!(matches!(pair.streams[1].send_dtmf('x', millis(100)), Err(StreamError::Dtmf(_))));
}

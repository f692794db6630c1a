//! Who is believed: latches, sources, keys and forgers.

use std::net::SocketAddr;

use super::*;

fn stranger(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, host], port))
}

#[test]
fn latch_off_takes_media_only_from_the_signalled_address() {
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::Pcmu));
    plans[1].latch = LatchPolicy::Off;
    let mut pair = Pair::new(plans);
    pair.run(millis(200));
    let before = pair.streams[1].stats(pair.now);
    let packet = forge(&pair, 3, None);
    pair.inject(1, Component::Rtp, stranger(9, 40_000), &packet);
    let after = pair.streams[1].stats(pair.now);
    assert_eq!(after.packets_received, before.packets_received);
    assert_eq!(after.packets_discarded, before.packets_discarded + 1);
    assert_eq!(pair.streams[1].remote_rtp(), Some(address(0, Component::Rtp)));
}

#[test]
fn latch_once_follows_the_first_source_behind_a_nat_and_nobody_after() {
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::Pcmu));
    plans[1].remote_rtp = stranger(200, 7); // what the SDP says is wrong
    plans[1].remote_rtcp = stranger(200, 8);
    let mut pair = Pair::new(plans);
    pair.run(15 * SECOND);
    assert_eq!(pair.streams[1].remote_rtp(), Some(address(0, Component::Rtp)));
    assert!(pair.told(1).contains(&StreamEvent::Latched(address(0, Component::Rtp))));
    assert_hears_tone(&pair, 0, 1000);
    assert!(pair.streams[1].stats(pair.now).round_trip_ms.is_some(), "RTCP found its way too");
    let packet = forge(&pair, 3, None);
    pair.inject(1, Component::Rtp, stranger(9, 9), &packet);
    assert_eq!(pair.streams[1].remote_rtp(), Some(address(0, Component::Rtp)));
}

#[test]
fn latch_until_rtcp_follows_a_new_source_until_rtcp_came() {
    let mut plans = [0, 1].map(|side| plan(side, CodecKind::Pcmu));
    plans[1].latch = LatchPolicy::UntilRtcp;
    let mut pair = Pair::new(plans);
    pair.run(millis(200));
    let moved = stranger(1, 50_000);
    let packet = forge(&pair, 2, None);
    pair.inject(1, Component::Rtp, moved, &packet);
    assert_eq!(pair.streams[1].remote_rtp(), Some(moved));
    let packet = forge(&pair, 3, None);
    pair.inject(1, Component::Rtp, address(0, Component::Rtp), &packet);
    pair.run(6 * SECOND); // RTCP came meanwhile
    let packet = forge(&pair, 3, None);
    pair.inject(1, Component::Rtp, moved, &packet);
    assert_eq!(pair.streams[1].remote_rtp(), Some(address(0, Component::Rtp)));
}

#[test]
fn with_srtp_a_forged_packet_moves_no_latch_and_is_heard_nowhere() {
    for latch in [LatchPolicy::Once, LatchPolicy::UntilRtcp] {
        let plans = [0, 1].map(|side| {
            let mut plan = secure(plan(side, CodecKind::Pcmu), side, SrtpSuite::AeadAes128Gcm);
            plan.latch = latch;
            plan
        });
        let mut pair = Pair::new(plans);
        let forged = {
            let mut plain = Pair::plain(CodecKind::Pcmu);
            plain.run(millis(100));
            forge(&plain, 1, None)
        };
        pair.inject(1, Component::Rtp, stranger(9, 9), &forged);
        assert_eq!(pair.streams[1].remote_rtp(), Some(address(0, Component::Rtp)));
        assert_eq!(pair.streams[1].stats(pair.now).srtp_failures, 1);
        pair.run(SECOND);
        assert_hears_tone(&pair, 1, 500);
        let replayed = forge(&pair, 0, None);
        let before = pair.streams[1].stats(pair.now);
        pair.inject(1, Component::Rtp, address(0, Component::Rtp), &replayed);
        let after = pair.streams[1].stats(pair.now);
        assert_eq!(after.srtp_failures, before.srtp_failures + 1);
        assert_eq!(after.packets_duplicate, 0);
    }
}

/// RR of `ssrc` and BYE for `target`.
fn forged_bye(ssrc: u32, target: u32) -> Vec<u8> {
    let mut bytes = vec![0x80, 201, 0, 1];
    bytes.extend_from_slice(&ssrc.to_be_bytes());
    bytes.extend_from_slice(&[0x81, 203, 0, 1]);
    bytes.extend_from_slice(&target.to_be_bytes());
    bytes
}

#[test]
fn a_forged_bye_is_not_believed_and_a_true_one_ends_nothing_but_is_told() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    let far = pair.streams[0].ssrc();
    let bye = forged_bye(far, far);
    pair.inject(1, Component::Rtcp, stranger(9, 40_001), &bye);
    assert!(!pair.told(1).contains(&StreamEvent::Left), "another host");
    pair.inject(1, Component::Rtp, address(0, Component::Rtp), &bye);
    assert!(!pair.told(1).contains(&StreamEvent::Left), "not muxed, so not on this port");
    pair.inject(1, Component::Rtcp, address(0, Component::Rtcp), &bye);
    assert!(pair.told(1).contains(&StreamEvent::Left));
    pair.run(SECOND);
    assert_hears_tone(&pair, 1, 500);
}

#[test]
fn with_srtp_an_unencrypted_bye_is_dropped() {
    let plans =
        [0, 1].map(|side| secure(plan(side, CodecKind::Pcmu), side, SrtpSuite::Aes128CmSha1_80));
    let mut pair = Pair::new(plans);
    pair.run(SECOND);
    let far = pair.streams[0].ssrc();
    let mut bye = forged_bye(far, far);
    bye.extend_from_slice(&[0, 0, 0, 9]); // E bit 0, index 9
    bye.extend_from_slice(&[0; 10]); // no tag
    let before = pair.streams[1].stats(pair.now).srtp_failures;
    pair.inject(1, Component::Rtcp, address(0, Component::Rtcp), &bye);
    assert!(!pair.told(1).contains(&StreamEvent::Left));
    assert_eq!(pair.streams[1].stats(pair.now).srtp_failures, before + 1);
}

#[test]
fn a_new_source_of_the_far_end_is_followed_with_a_state_of_its_own() {
    for suite in [None, Some(SrtpSuite::Aes256CmSha1_80)] {
        let plans = || {
            [0, 1].map(|side| match suite {
                Some(suite) => secure(plan(side, CodecKind::Pcmu), side, suite),
                None => plan(side, CodecKind::Pcmu),
            })
        };
        let mut pair = Pair::new(plans());
        pair.run(2 * SECOND);
        let mut other = stream(pair.start, 99);
        other.apply(pair.now, &plans()[0]).unwrap();
        pair.streams[0] = other;
        pair.run(2 * SECOND);
        let stats = pair.streams[1].stats(pair.now);
        assert!(stats.packets_lost.unwrap() <= 1, "{stats:?}");
        assert!(stats.packets_received >= 197, "{stats:?}");
        assert_hears_tone(&pair, 1, 1000);
    }
}

#[test]
fn two_sources_at_once_do_not_tear_the_one_listened_to() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    for n in 0..50u16 {
        pair.run(millis(20));
        let packet = forge(&pair, n * 7 + 1, Some(0xdead_beef));
        pair.inject(1, Component::Rtp, address(0, Component::Rtp), &packet);
    }
    assert_hears_tone(&pair, 1, 900);
    assert_eq!(pair.streams[1].stats(pair.now).packets_lost, Some(0));
}

#[test]
fn a_collision_makes_us_take_another_ssrc_with_a_bye_for_the_old() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    let old = pair.streams[1].ssrc();
    // The far end's packets under our SSRC, two in sequence: a source that is believed.
    for ahead in [20_000, 20_001] {
        let packet = forge(&pair, ahead, Some(old));
        pair.inject(1, Component::Rtp, address(0, Component::Rtp), &packet);
    }
    assert_ne!(pair.streams[1].ssrc(), old);
    pair.run(SECOND);
    let bye = pair.wire.iter().filter(|d| d.from == 1 && d.component == Component::Rtcp).any(|d| {
        d.bytes.windows(8).any(|w| w[..4] == [0x81, 203, 0, 1] && w[4..] == old.to_be_bytes())
    });
    assert!(bye);
    assert_hears_tone(&pair, 0, 500);
}

#[test]
fn who_goes_on_after_the_far_end_has_moved_is_not_taken_for_the_new_one() {
    let mut pair = Pair::plain(CodecKind::Pcmu);
    pair.run(SECOND);
    let (signalled, source) = (stranger(7, 40_000), stranger(7, 50_000));
    let mut moved = plan(1, CodecKind::Pcmu);
    moved.remote_rtp = signalled;
    moved.remote_rtcp = stranger(7, 40_001);
    pair.streams[1].apply(pair.now, &moved).unwrap();
    // The old far end has not heard of it.
    pair.run(millis(200));
    assert_eq!(pair.streams[1].remote_rtp(), Some(signalled));
    for ahead in [10, 11] {
        let packet = forge(&pair, ahead, Some(0xdead_beef));
        pair.inject(1, Component::Rtp, source, &packet);
    }
    assert_eq!(pair.streams[1].remote_rtp(), Some(source));
    let before = pair.streams[1].stats(pair.now).packets_received;
    pair.run(millis(200));
    assert_eq!(pair.streams[1].remote_rtp(), Some(source));
    assert_eq!(pair.streams[1].stats(pair.now).packets_received, before);
}

//! No bytes may make a stream panic.

use std::cell::RefCell;

use proptest::prelude::*;

use super::{Rng, *};

type Victim = (Pair, Vec<(Component, Vec<u8>)>);

/// A stream with every codec and a suite or none, and some genuine datagrams for it.
fn victim(suite: Option<SrtpSuite>) -> Victim {
    let plans = [0, 1].map(|side| {
        let mut plan = plan(side, CodecKind::Opus);
        plan.rtcp_mux = side == 1;
        plan.receive = [CodecKind::Opus, CodecKind::Pcmu, CodecKind::Pcma].map(codec).to_vec();
        match suite {
            Some(suite) => secure(plan, side, suite),
            None => plan,
        }
    });
    let mut pair = Pair::new(plans);
    pair.streams[0].send_dtmf('1', millis(40)).unwrap();
    pair.run(4 * SECOND);
    let genuine = pair.wire.iter().filter(|d| d.from == 0);
    let genuine = genuine.map(|d| (d.component, d.bytes.clone())).collect();
    (pair, genuine)
}

/// Runs one datagram through a stream, and the stream a little on.
fn feed(pair: &mut Pair, component: Component, bytes: &[u8]) {
    pair.inject(1, component, address(0, Component::Rtp), bytes);
    pair.inject(1, component, address(0, Component::Rtcp), bytes);
    if bytes.len().is_multiple_of(8) {
        pair.run(millis(10));
        pair.heard.iter_mut().for_each(Vec::clear);
        pair.wire.clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_stream_panic(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 1..40),
        first in prop::collection::vec(0x80u8..0xc0, 40),
        second in prop::collection::vec(prop::sample::select(vec![0u8, 8, 96, 101, 200, 201, 202, 203, 205]), 40),
    ) {
        thread_local! {
            static PAIRS: RefCell<Option<[Pair; 2]>> = const { RefCell::new(None) };
        }
        PAIRS.with_borrow_mut(|pairs| {
            let pairs = pairs.get_or_insert_with(|| {
                [victim(None).0, victim(Some(SrtpSuite::AeadAes256Gcm)).0]
            });
            for (n, mut bytes) in datagrams.into_iter().enumerate() {
                if n % 4 > 0 && bytes.len() > 1 {
                    (bytes[0], bytes[1]) = (first[n], second[n]);
                }
                for pair in pairs.iter_mut() {
                    feed(pair, Component::Rtp, &bytes);
                    feed(pair, Component::Rtcp, &bytes);
                }
            }
        });
    }

    #[test]
    fn no_damage_to_genuine_datagrams_makes_a_stream_panic(
        seed in any::<u64>(),
    ) {
        thread_local! {
            static VICTIM: RefCell<Option<Victim>> = const { RefCell::new(None) };
        }
        VICTIM.with_borrow_mut(|victim_of| {
            let (pair, genuine) = victim_of.get_or_insert_with(|| victim(None));
            let mut dice = Rng::from_number(seed);
            for _ in 0..100 {
                let at = dice.below(genuine.len() as u32) as usize;
                let (component, mut bytes) = genuine[at].clone();
                for _ in 0..1 + dice.below(4) {
                    let at = dice.below(bytes.len() as u32) as usize;
                    match dice.below(4) {
                        0 => bytes.truncate(at.max(1)),
                        1 => bytes.insert(at, dice.u32() as u8),
                        2 => bytes[at] ^= 1 << dice.below(8),
                        _ => bytes[at] = dice.u32() as u8,
                    }
                }
                feed(pair, component, &bytes);
            }
            let stats = pair.streams[1].stats(pair.now);
            prop_assert!(stats.r_factor.is_none_or(|r| (0.0..=100.0).contains(&r)));
            Ok(())
        })?;
    }
}

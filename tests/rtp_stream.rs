//! Two streams talk over virtual time: audio, reports, digits, sources that change, forgeries.

use std::{net::SocketAddr, time::Duration};

use sidetone::{
    base::plan::{CodecKind, Direction, LatchPolicy, SrtpSuite},
    media::stream::{Component, StreamError, StreamEvent},
};

#[path = "support/streams.rs"]
mod streams;
use streams::{Fate, Pair, address, codec, plan, secure, share_at, stream};

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

#[test]
fn carries_a_tone_both_ways_with_every_codec_and_suite() {
    let kinds = [CodecKind::Pcmu, CodecKind::Pcma, CodecKind::Opus];
    for kind in kinds {
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

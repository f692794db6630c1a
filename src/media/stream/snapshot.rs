//! What a stream tells of itself: its parts' counters in one snapshot, and the E-model over them.

use std::time::{Duration, Instant};

use super::Stream;
use crate::{
    base::units::Level,
    media::{
        emodel::{self, Conditions, Impairment},
        stats::StreamStats,
    },
};

impl Stream {
    /// A snapshot.
    pub fn stats(&self, _now: Instant) -> StreamStats {
        let totals = self.rx.totals();
        let jitter = self.rx.jitter_stats();
        let heard = totals.received > 0;
        let ms = u64::from(self.rx.rate_hz() / 1000);
        let round_trip = self.control.round_trip();
        let (packets_sent, bytes_sent) = self.tx.sent();
        let clock_rate_hz = self.tx.clock_rate_hz();
        let played = jitter.rendered_samples;
        let mut stats = StreamStats {
            packets_sent,
            bytes_sent,
            packets_received: totals.received,
            bytes_received: self.rx.payload_bytes(),
            packets_lost: heard.then(|| totals.lost()),
            packets_late: jitter.late_packets + jitter.dropped_packets,
            packets_duplicate: totals.duplicates,
            packets_discarded: self.discarded + self.rx.discarded() + jitter.malformed_packets,
            srtp_failures: self.srtp_failures,
            send_failures: self.tx.encode_failures() + self.protect_failures,
            events_ignored: self.rx.events_ignored(),
            jitter_ms: self.rx.jitter().map(ms_of),
            round_trip_ms: round_trip.map(ms_of),
            remote_loss: self.control.remote_loss(),
            remote_jitter_ms: self.control.remote_jitter_ms(clock_rate_hz),
            target_delay_ms: heard.then_some(jitter.target_delay_ms as f32),
            playout_delay_ms: heard.then_some(jitter.playout_delay_ms as f32),
            concealed: (heard && played > 0)
                .then(|| (jitter.concealed_samples as f64 / played as f64) as f32),
            played_ms: played / ms,
            concealed_ms: jitter.concealed_samples / ms,
            accelerated_ms: jitter.accelerated_samples / ms,
            stretched_ms: jitter.expanded_samples / ms,
            level_received_db: self.rx.level().map(|Level(db)| db),
            level_sent_db: self.tx.level().map(|Level(db)| db),
            r_factor: None,
            mos: None,
            send_deviation_max_ms: self.tx.worst_spacing().map(ms_of),
        };
        if let Some(r) = self.r_factor(&stats, totals.expected) {
            stats.r_factor = Some(r.clamp(0.0, 100.0) as f32);
            stats.mos = Some(emodel::mos(r) as f32);
        }
        stats
    }

    /// From what was lost on the way or came too late; `None` before [`MEASURED_PACKETS`].
    fn r_factor(&self, stats: &StreamStats, expected: u64) -> Option<f64> {
        let plan = self.plan.as_ref().filter(|_| expected >= MEASURED_PACKETS)?;
        let missed = stats.packets_lost? + stats.packets_late;
        let way_ms = f64::from(stats.round_trip_ms.unwrap_or(0.0)) / 2.0;
        let buffer_ms = f64::from(stats.playout_delay_ms?);
        let conditions = Conditions {
            delay_ms: way_ms + buffer_ms + f64::from(self.tx.ptime().ms()),
            loss_percent: missed as f64 * 100.0 / expected as f64,
            burst_ratio: 1.0,
        };
        Some(emodel::r_factor(Impairment::of(plan.send.kind), conditions))
    }
}

fn ms_of(duration: Duration) -> f32 {
    duration.as_secs_f32() * 1000.0
}

/// Packets before the quality is called measured: a second of 20 ms ones.
const MEASURED_PACKETS: u64 = 50;

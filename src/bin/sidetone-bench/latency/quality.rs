//! How well the call is heard, out of what was measured.

use serde_json::{Value, json};
use sidetone::{
    base::plan::CodecKind,
    engine::CallStats,
    media::emodel::{Conditions, Impairment, mos, r_factor},
};

use crate::report;

/// MOS and shares as fields of a report. `delay_ms` is mouth to ear as measured; `stats` are those
/// of the end that listens. `null` without a delay.
pub fn told(codec: CodecKind, delay_ms: Option<f64>, stats: &CallStats) -> Value {
    let played_ms = stats.played_ms.max(1) as f64;
    let concealed = stats.concealed_ms as f64 / played_ms;
    let changed = (stats.accelerated_ms + stats.stretched_ms) as f64 / played_ms;
    let r = delay_ms.map(|delay_ms| {
        let conditions = Conditions { delay_ms, loss_percent: 100.0 * concealed, burst_ratio: 1.0 };
        r_factor(Impairment::of(codec), conditions)
    });
    json!({
        "mos": r.map(|r| report::round(mos(r), 2)),
        "r_factor": r.map(|r| report::round(r, 1)),
        "intact_percent": report::round(100.0 * (1.0 - concealed - changed).max(0.0), 2),
        "concealed_percent": report::round(100.0 * concealed, 3),
        "lost_packets": stats.packets_lost,
        "late_packets": stats.packets_late,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_follows_delay_and_what_was_not_heard_as_sent() {
        let mut stats = CallStats { played_ms: 10_000, ..CallStats::default() };
        let good = told(CodecKind::Pcmu, Some(60.0), &stats);
        assert_eq!(good["r_factor"], json!(93.2));
        assert_eq!((&good["mos"], &good["intact_percent"]), (&json!(4.41), &json!(100.0)));
        (stats.concealed_ms, stats.stretched_ms, stats.accelerated_ms) = (200, 50, 50);
        let worse = told(CodecKind::Pcmu, Some(250.0), &stats);
        assert!(worse["mos"].as_f64() < Some(4.2), "{worse}");
        assert_eq!(
            (&worse["concealed_percent"], &worse["intact_percent"]),
            (&json!(2.0), &json!(97.0))
        );
        assert!(told(CodecKind::Pcmu, None, &stats)["mos"].is_null());
    }
}

//! What the demo tells at its end.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use sidetone::engine::{CallInfo, CallStats};

use super::check::Verdict;
use crate::status::loss_percent;

/// Everything that was found out.
#[derive(Debug)]
pub struct Report {
    /// From the start of both engines until both were registered.
    pub registered_in: Duration,
    /// The caller's view of the call.
    pub caller: CallInfo,
    /// The callee's statistics: it is the one that listened.
    pub callee: CallStats,
    /// What was said against what was heard.
    pub verdict: Verdict,
    /// Mouth to ear; `None` on a sound card, whose time line is its own, and for a call that is not
    /// right.
    pub mouth_to_ear_ms: Option<f64>,
    /// Packets looked at on the wire.
    pub packets_on_wire: usize,
    /// All that does not hold.
    pub faults: Vec<String>,
    /// Files written.
    pub files: Vec<PathBuf>,
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let stats = &self.callee;
        let codec = self.caller.codec.map_or("no codec", |c| c.name());
        let srtp = self.caller.srtp.map_or("NOT encrypted", |s| s.name());
        let mut lines = vec![
            String::new(),
            row("registered in", &format!("{:.0} ms, two phones, digest", ms(self.registered_in))),
            row("call set up in", &format!("{:.1} ms", ms(self.caller.setup_time))),
            row("media", &format!("{codec}, {} ms packets, {srtp}", self.caller.ptime_ms)),
            row(
                "mouth to ear",
                &self.mouth_to_ear_ms.map_or_else(
                    || "not measured (on a sound card, or when the call is not right)".into(),
                    |ms| format!("{ms:.1} ms"),
                ),
            ),
            row("jitter", &measured(stats.jitter_ms, 2, " ms")),
            row("loss", &measured(loss_percent(stats), 2, " %")),
            row("concealed", &measured(stats.concealed.map(|c| 100.0 * c), 2, " %")),
            row("MOS (E-model)", &measured(stats.mos, 2, "")),
            row(
                "heard",
                &format!(
                    "{:.1} % of it; worst second: correlation {:.3}, level {:+.1} dB",
                    100.0 * self.verdict.present,
                    self.verdict.worst_correlation(),
                    self.verdict.worst_level_db(),
                ),
            ),
            row(
                "on the wire",
                &format!("{} packets looked at without the key", self.packets_on_wire),
            ),
        ];
        lines.extend(self.files.iter().map(|f| row("written", &f.display().to_string())));
        lines.push(String::new());
        match self.faults.as_slice() {
            [] => lines.push("What was said was heard, and nobody else could listen.".into()),
            faults => {
                lines.push("NOT as it should be:".into());
                lines.extend(faults.iter().map(|fault| format!("  {fault}")));
            }
        }
        lines.join("\n")
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "event": "report",
            "passed": self.faults.is_empty(),
            "faults": self.faults,
            "registered_ms": ms(self.registered_in),
            "setup_ms": ms(self.caller.setup_time),
            "codec": self.caller.codec.map(|c| c.name()),
            "srtp": self.caller.srtp.map(|s| s.name()),
            "ptime_ms": self.caller.ptime_ms,
            "mouth_to_ear_ms": self.mouth_to_ear_ms,
            "jitter_ms": self.callee.jitter_ms,
            "packets_received": self.callee.packets_received,
            "packets_lost": self.callee.packets_lost,
            "srtp_failures": self.callee.srtp_failures,
            "concealed": self.callee.concealed,
            "mos": self.callee.mos,
            "present": self.verdict.present,
            "worst_correlation": self.verdict.worst_correlation(),
            "worst_level_db": self.verdict.worst_level_db(),
            "packets_on_wire": self.packets_on_wire,
            "files": self.files,
        })
    }
}

fn row(name: &str, value: &str) -> String {
    format!("{name:>15}  {value}")
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn measured(value: Option<f32>, digits: usize, unit: &str) -> String {
    value.map_or_else(|| "not measured".into(), |v| format!("{v:.digits$}{unit}"))
}

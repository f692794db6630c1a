//! What the demo tells at its end.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use sidetone::engine::{CallInfo, CallStats, EngineStats};

use super::check::Verdict;
use crate::status::loss_percent;

/// How the machine held up the engines while alice spoke: alice's first, then bob's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Media ticks that began late.
    pub late_ticks: [u64; 2],
    /// Frames that a device asked for in vain.
    pub underruns: [u64; 2],
}

impl Busy {
    /// Since the engines began.
    pub fn of(stats: [EngineStats; 2]) -> Self {
        let [alice, bob] = stats;
        Self {
            late_ticks: [alice.late_ticks, bob.late_ticks],
            underruns: [alice.device_underruns, bob.device_underruns],
        }
    }

    /// What was added since `before`.
    pub fn since(&self, before: &Self) -> Self {
        let less = |now: [u64; 2], then: [u64; 2]| {
            std::array::from_fn(|engine| now[engine].saturating_sub(then[engine]))
        };
        Self {
            late_ticks: less(self.late_ticks, before.late_ticks),
            underruns: less(self.underruns, before.underruns),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let ([alice, bob], [of_alice, of_bob]) = (self.late_ticks, self.underruns);
        format!(
            "late ticks: alice {alice}, bob {bob}; device underruns: alice {of_alice}, bob {of_bob} \
             frames"
        )
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({"late_ticks": self.late_ticks, "device_underruns": self.underruns})
    }
}

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
    /// What the machine had to do with it.
    pub busy: Busy,
    /// All that does not hold.
    pub faults: Vec<String>,
    /// Files written.
    pub files: Vec<PathBuf>,
}

impl Report {
    /// Whether the call is not right, and the machine did not run it in time.
    pub fn blames_the_machine(&self) -> bool {
        !self.faults.is_empty() && self.busy != Busy::default()
    }

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
        lines.push(row("machine", &self.busy.text()));
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
            "busy": self.busy.json(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_blamed_for_a_failure_alone_and_told_always() {
        let busy = |late, underruns| {
            let bob = EngineStats {
                late_ticks: late,
                device_underruns: underruns,
                ..EngineStats::default()
            };
            Busy::of([EngineStats::default(), bob])
        };
        let report = |busy, faults: &[&str]| Report {
            registered_in: Duration::ZERO,
            caller: CallInfo::default(),
            callee: CallStats::default(),
            verdict: Verdict {
                seconds: Vec::new(),
                delay_ms: 0.0,
                present: 0.0,
                faults: Vec::new(),
            },
            mouth_to_ear_ms: None,
            packets_on_wire: 0,
            busy,
            faults: faults.iter().map(|&fault| fault.to_owned()).collect(),
            files: Vec::new(),
        };
        let fault: &[&str] = &["second 2: correlation 0.500"];
        for (late, underruns, faults, blamed) in
            [(3, 0, fault, true), (0, 480, fault, true), (0, 0, fault, false), (3, 480, &[], false)]
        {
            // What was late before alice spoke is no excuse.
            let report = report(busy(7 + late, 9 + underruns).since(&busy(7, 9)), faults);
            assert_eq!(report.blames_the_machine(), blamed, "{report:?}");
            let told = format!(
                "late ticks: alice 0, bob {late}; device underruns: alice 0, bob {underruns}"
            );
            assert!(report.text().contains(&told), "{}", report.text());
            assert_eq!(report.json()["busy"]["late_ticks"], json!([0, late]));
        }
    }
}

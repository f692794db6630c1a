//! The live line of a call: state, codec, level meters, jitter, loss, MOS.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sidetone::engine::{CallInfo, CallStats};

use crate::output::state_name;

/// One line on stderr that is drawn over and over; nothing where stderr is no terminal.
#[derive(Debug)]
pub struct StatusLine {
    bar: ProgressBar,
}

impl StatusLine {
    /// A line, hidden when `shown` is false or stderr is no terminal.
    pub fn new(shown: bool) -> Self {
        let bar = if shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Draws the line anew.
    pub fn draw(&self, info: &CallInfo, stats: &CallStats) {
        self.bar.set_message(text(info, stats));
        self.bar.tick();
    }

    /// Prints with the line out of the way.
    pub fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn text(info: &CallInfo, stats: &CallStats) -> String {
    let mut parts = vec![format!("{} {}", state_name(info.state), clock(info.connected_for))];
    if let Some(codec) = info.codec {
        parts.push(format!("{} {} ms", codec.name(), info.ptime_ms));
        parts.push(info.srtp.map_or("not encrypted", |suite| suite.name()).to_owned());
        parts.push(format!("you {}", meter(stats.level_sent_db)));
        parts.push(format!("far {}", meter(stats.level_received_db)));
        parts.push(format!("jitter {}", number(stats.jitter_ms, " ms")));
        parts.push(format!("loss {}", number(loss_percent(stats), " %")));
        parts.push(format!("MOS {}", number(stats.mos, "")));
    }
    parts.join(" · ")
}

/// Lost packets of those that were due, percent.
pub fn loss_percent(stats: &CallStats) -> Option<f32> {
    let lost = stats.packets_lost?;
    let due = lost + stats.packets_received;
    (due > 0).then(|| 100.0 * lost as f32 / due as f32)
}

fn number(value: Option<f32>, unit: &str) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.1}{unit}"))
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A level as eight blocks, -60 dBFS to 0.
fn meter(level_db: Option<f32>) -> String {
    const FULL: usize = 8;
    let filled =
        level_db.map_or(0, |db| ((db + 60.0) / 60.0 * FULL as f32).round().max(0.0) as usize);
    (0..FULL).map(|i| if i < filled { '▮' } else { '▯' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_empty_at_silence_and_full_at_full_scale() {
        assert_eq!(meter(None), "▯▯▯▯▯▯▯▯");
        assert_eq!(meter(Some(-96.0)), "▯▯▯▯▯▯▯▯");
        assert_eq!(meter(Some(-30.0)), "▮▮▮▮▯▯▯▯");
        assert_eq!(meter(Some(3.0)), "▮▮▮▮▮▮▮▮");
    }

    #[test]
    fn what_was_not_measured_is_a_dash_and_not_a_zero() {
        let info =
            CallInfo { codec: Some(sidetone::base::plan::CodecKind::Opus), ..CallInfo::default() };
        let line = text(&info, &CallStats::default());
        assert!(line.contains("jitter –") && line.contains("MOS –"), "{line}");
    }
}

//! `sidetone-bench soak`: calls that come and go for a long time, one in ten of them bad, and rules
//! that hold all the while.
//!
//! ```text
//!  callers (this process) ── INVITE … BYE, and what they should not ──▶ phone (another process)
//!            ◀── RTP both ways, counted at both ends ──▶                  echo, recordings
//!            ◀── one line for each call that comes and ends ──            memory, threads, files
//! ```
//!
//! It measures no time: what is slow is not broken.

mod call;
mod conduct;
mod load;
mod media;
mod messages;
mod phone;
mod rules;
mod subject;

use std::{io, time::Duration};

use clap::Args;
use serde_json::{Value, json};

pub use self::subject::SoakSubject;
use self::{
    load::Load,
    phone::{Holding, Phone},
    rules::Growth,
};
use crate::{live::Live, report};

/// Runs calls for a long time and looks for what goes wrong.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench soak --minutes 20 --calls 200
  sidetone-bench soak --minutes 1 --calls 20 --json

Nine calls in ten behave; the others send garbage, storms of INVITEs, pieces of messages, other sources,
cancel when they should not, stop sending, never acknowledge, or vanish. The phone answers, sends back
what it hears, and records every call into a scratch folder. Ends with status 1 when a rule was broken:
a call stuck, left over or ended for another reason than its caller gave; packets that the counters of
both ends do not agree about; a recording that is not whole; memory that grows; files or threads that
stay. Memory is judged after a minute of running warm, and a minute more at the least. After the last
call begins, up to a minute and a half goes by until the phone has given up those that vanished.")]
pub struct Soak {
    /// For so long calls are placed, minutes
    #[arg(long, default_value_t = 20.0, value_parser = minutes)]
    minutes: f64,
    /// Calls at once
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    calls: u32,
    /// Seed of what the callers do
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn minutes(text: &str) -> Result<f64, String> {
    crate::number(text, 0.01..=43_200.0)
}

impl Soak {
    /// Runs the command; whether no rule was broken.
    pub fn run(self, json: bool) -> io::Result<bool> {
        let phone = Phone::start(self.calls * 2 + 16)?;
        let before = phone.holding()?;
        let mut load = Load::new(phone, self.calls, self.seed)?;
        let mut watch = Watch::new(self.length(), json);
        while load.now() < self.length() {
            load.round(true)?;
            watch.look(&mut load, true)?;
        }
        load.wind_down();
        while load.live() > 0 {
            load.round(false)?;
            watch.look(&mut load, false)?;
        }
        let totals = load.last_words()?;
        let Watch { memory, most_bytes, live, .. } = watch;
        drop(live);
        let after = load.phone().holding()?;
        let growth = Growth::of(&memory);
        let files_left = load.phone().files_left();
        let broken = load.tally.broken_by(&totals);
        load.tally.breaks(broken);
        load.tally.breaks(left_behind(&before, &after, growth, files_left));
        let whole = load.tally.broken_count == 0;
        let held = Held { before, after, growth, most_bytes };
        report::print(&self.report(&load, &totals, &held), json);
        Ok(whole)
    }

    fn length(&self) -> Duration {
        Duration::from_secs_f64(60.0 * self.minutes)
    }

    fn report(&self, load: &Load, totals: &Value, held: &Held) -> Value {
        let tally = &load.tally;
        json!({
            "kind": "soak",
            "minutes": self.minutes,
            "calls": self.calls,
            "seed": self.seed,
            "machine": report::machine(),
            "placed": tally.placed,
            "answered": tally.connected,
            "conduct": tally.over,
            "packets": tally.packets(),
            "phone": totals,
            "held": held.report(),
            "broken_rules": tally.broken_count,
            "broken": tally.broken,
        })
    }
}

/// What the phone held of the system.
struct Held {
    before: Holding,
    after: Holding,
    growth: Option<Growth>,
    most_bytes: u64,
}

impl Held {
    fn report(&self) -> Value {
        let Self { before, after, growth, most_bytes } = self;
        json!({
            "private_bytes_before": before.private_bytes,
            "private_bytes_warm": growth.map(|growth| growth.first_bytes),
            "private_bytes_late": growth.map(|growth| growth.last_bytes),
            "private_bytes_most": most_bytes,
            "private_bytes_after": after.private_bytes,
            "threads_before": before.threads,
            "threads_after": after.threads,
            "files_before": before.files,
            "files_after": after.files,
            "cpu_s": report::round((after.cpu_ms - before.cpu_ms) / 1000.0, 1),
        })
    }
}

/// What of the system the phone did not give back.
fn left_behind(
    before: &Holding,
    after: &Holding,
    growth: Option<Growth>,
    files_left: usize,
) -> Vec<String> {
    let mut broken = Vec::new();
    if let Some(growth) = growth.filter(|growth| !growth.is_flat()) {
        let Growth { first_bytes, last_bytes } = growth;
        broken.push(format!("memory grew from {first_bytes} to {last_bytes} bytes"));
    }
    if after.files > before.files + MORE_FILES {
        broken.push(format!("{} files were open before, {} after", before.files, after.files));
    }
    if after.threads > before.threads + MORE_THREADS {
        broken.push(format!("{} threads ran before, {} after", before.threads, after.threads));
    }
    if files_left > 0 {
        broken.push(format!("{files_left} recordings are left in the folder"));
    }
    broken
}

/// Looks at the phone's memory now and then, and shows how it goes.
struct Watch {
    live: Live,
    length: Duration,
    next: Duration,
    memory: Vec<u64>,
    most_bytes: u64,
}

impl Watch {
    fn new(length: Duration, json: bool) -> Self {
        Self {
            live: Live::new(json, "soak"),
            length,
            next: Duration::ZERO,
            memory: Vec::new(),
            most_bytes: 0,
        }
    }

    fn look(&mut self, load: &mut Load, placing: bool) -> io::Result<()> {
        let now = load.now();
        if now < self.next {
            return Ok(());
        }
        self.next = now + LOOK_EVERY;
        let bytes = load.phone().holding()?.private_bytes;
        self.most_bytes = self.most_bytes.max(bytes);
        if placing && now > WARM_UP {
            self.memory.push(bytes);
        }
        let tally = &load.tally;
        let known = format!(
            "{} calls up, {} over, {:.1} MB, {} rules broken",
            load.live(),
            tally.count(),
            bytes as f64 / 1e6,
            tally.broken_count
        );
        self.live.say(now.as_secs(), self.length.as_secs(), known);
        Ok(())
    }
}

/// Time between two looks at the phone.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Until then the phone's tables and pools may grow.
const WARM_UP: Duration = Duration::from_secs(60);
/// Files that the system or the runtime may have opened at the first need.
const MORE_FILES: u64 = 8;
/// Threads that were started at the first need.
const MORE_THREADS: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_behind_is_told() {
        let holding = |files, threads| Holding { private_bytes: 1, threads, files, cpu_ms: 0.0 };
        let growth = |last_bytes| Some(Growth { first_bytes: 10_000_000, last_bytes });
        let told = |after: Holding, growth, left| {
            left_behind(&holding(10, 5), &after, growth, left).join("; ")
        };
        assert_eq!(told(holding(12, 6), growth(11_000_000), 0), "");
        assert_eq!(told(holding(10, 5), None, 0), "");
        assert!(told(holding(40, 5), None, 0).contains("40 after"));
        assert!(told(holding(10, 20), None, 0).contains("20 after"));
        assert!(told(holding(10, 5), growth(20_000_000), 0).contains("memory grew"));
        assert!(told(holding(10, 5), None, 3).contains("3 recordings"));
    }
}

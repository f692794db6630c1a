//! `sidetone-bench setup`: calls set up and torn down, media and all.
//!
//! ```text
//!  callee:  sipp -sn uac ──INVITE, ACK, BYE at N/s──▶ phone (another process)
//!           prober (this process) ── 20 calls/s ────▶   its INVITE to 200, to the microsecond
//!  caller:  phone (another process) ──N/s──▶ sipp -sn uas
//! ```
//!
//! Only the phone's CPU time is counted; the prober's calls count as calls.

mod dialler;
mod prober;
mod sipp;

use std::{io, time::Duration};

use clap::Args;
use serde_json::{Value, json};
use sidetone::base::plan::CodecKind;

pub use dialler::Dialler;

use crate::{
    live::Live,
    phone::{self, Phone},
    place::Place,
    proc::Look,
    report,
};
pub use prober::Prober;
use sipp::Sipp;

/// Measures calls set up and torn down per second against sipp.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench setup --cps 300 --seconds 10
  sidetone-bench setup --cps 100 --seconds 10 --peer baresip --json

Each call is answered at once and hung up at once; its media is made and torn down. sipp
(apt-get install sip-tester) is caller and callee. Its CPU time is not counted.")]
pub struct Setup {
    /// Calls a second
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    cps: u32,
    /// For so many seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Also measure this phone, as callee: baresip
    #[arg(long, value_parser = ["baresip"])]
    peer: Option<String>,
    /// Measure that other phone only
    #[arg(long, requires = "peer")]
    peer_only: bool,
}

impl Setup {
    /// Runs the command; whether no call failed.
    pub fn run(self, json: bool) -> io::Result<bool> {
        let mut report = json!({
            "kind": "setup",
            "cps": self.cps,
            "seconds": self.seconds,
            "machine": report::machine(),
        });
        let phone = phone::Setup {
            codec: CodecKind::Pcmu,
            calls: (self.cps as usize * 2).clamp(100, 10_000),
            srtp: false,
            register: None,
        };
        let mut whole = true;
        let live = Live::new(json, "phone is called");
        if !self.peer_only {
            report["callee"] = self.as_callee(Phone::sidetone(&phone)?, &live)?;
            live.now("phone calls");
            report["caller"] = self.as_caller()?;
            whole = failed(&report["callee"]) == 0 && failed(&report["caller"]) == 0;
        }
        if self.peer.is_some() {
            live.now("other phone is called");
            report["peer"] = json!({ "callee": self.as_callee(Phone::baresip(&phone)?, &live)? });
        }
        drop(live);
        report::print(&report, json);
        Ok(whole)
    }

    fn calls(&self) -> u32 {
        self.cps.saturating_mul(self.seconds).max(1)
    }

    fn as_callee(&self, phone: Phone, live: &Live) -> io::Result<Value> {
        let load = Load { cps: self.cps, calls: self.calls(), place: Place::default() };
        let callee = Callee::measure(&phone, load, |so_far_ms| {
            let last_ms = so_far_ms.last().copied().unwrap_or_default();
            let told = format!("INVITE to 200 just now {last_ms:.2} ms");
            live.say(so_far_ms.len() as u64 / PROBED_PER_S, u64::from(self.seconds), told);
        })?;
        let mut value = per_call(&callee.begin, &callee.end, callee.calls);
        value["phone"] = json!(phone.name);
        value["failed"] = json!(callee.failed);
        value["retransmitted"] = json!(callee.retransmitted);
        value["invite_to_200_ms"] = report::summary(&callee.setup_ms);
        Ok(value)
    }

    fn as_caller(&self) -> io::Result<Value> {
        let sipp = Sipp::callee()?;
        let target = sipp.address;
        let sipp = sipp.start()?;
        let mut dialler = dialler::Process::start(target, self.cps, self.calls())?;
        let begin = Look::at(dialler.pid())?;
        let told = dialler.run()?;
        let end = Look::at(dialler.pid())?;
        drop(dialler);
        drop(sipp);
        let mut value = per_call(&begin, &end, u64::from(self.calls()));
        value["failed"] = told["failed"].clone();
        value["invite_to_200_ms"] = told["invite_to_200_ms"].clone();
        Ok(value)
    }
}

/// What was seen of a phone that took calls.
#[derive(Debug)]
pub struct Callee {
    /// Before the first call.
    pub begin: Look,
    /// After the last one.
    pub end: Look,
    /// Calls in all.
    pub calls: u64,
    /// Those that did not come about.
    pub failed: u64,
    /// Messages that sipp sent again.
    pub retransmitted: u64,
    /// INVITE to 200 of the prober's calls, ms.
    pub setup_ms: Vec<f64>,
}

/// The calls of sipp.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// How many a second.
    pub cps: u32,
    /// How many in all.
    pub calls: u32,
    /// Where it runs.
    pub place: Place,
}

impl Callee {
    /// Lets sipp place its calls to the phone, and the prober its own; `look` sees the latter's times
    /// so far.
    pub fn measure(phone: &Phone, load: Load, look: impl Fn(&[f64])) -> io::Result<Self> {
        let mut prober = Prober::new(phone.address)?;
        prober.call()?;
        let sipp = Sipp::caller(phone.address, load.cps, load.calls)?.at(load.place);
        let begin = Look::at(phone.pid())?;
        let sipp = sipp.start()?;
        let interval = Duration::from_millis(1000 / PROBED_PER_S);
        let (setup_ms, refused) = prober.run_while(interval, |so_far_ms| {
            look(so_far_ms);
            sipp.runs()
        });
        let counts = sipp.finish()?;
        let end = Look::at(phone.pid())?;
        let failed = counts.failed + refused;
        let calls = counts.successful + failed + setup_ms.len() as u64;
        let retransmitted = counts.retransmitted;
        Ok(Self { begin, end, calls, failed, retransmitted, setup_ms })
    }
}

/// The prober's calls a second beside a load.
const PROBED_PER_S: u64 = 20;

fn per_call(begin: &Look, end: &Look, calls: u64) -> Value {
    let span = begin.until(end);
    json!({
        "calls": calls,
        "cpu_ms_per_call": report::round(span.cpu_ms / calls.max(1) as f64, 4),
        "core_share": report::round(span.cpu_ms / 1000.0 / span.seconds, 4),
        "calls_per_s": report::round(calls as f64 / span.seconds, 1),
        "private_bytes": end.private_bytes,
    })
}

fn failed(value: &Value) -> u64 {
    value["failed"].as_u64().unwrap_or(u64::MAX)
}

//! `sidetone-bench jitter`: calls through a network that delays and loses. How much later is it
//! heard, how much of what arrived is heard as it was said, and does the delay stay put?
//!
//! ```text
//! probe: say ─► impairment ─► phone: jitter buffer ─► bridge ─► RTP ─► probe: look it up in what was said
//!         └─────────────── delay, from the time before the network ──────────────┘
//! ```
//!
//! Two runs of calls, one with clicks, one with sound that never repeats. The way back is a good one.

mod blocks;
mod exchange;
mod measure;

use std::{io, path::PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sidetone::base::plan::CodecKind;

pub use self::measure::Terms;
use crate::{
    impair::{HELP, Impairment, Trace},
    live::Live,
    phone::{Phone, Setup, Target},
    place::Place,
    report,
};

/// Measures what a phone makes of jitter and loss.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub struct Jitter {
    /// What the network does
    #[arg(long, value_name = "SPEC", default_value = USUAL)]
    impair: String,
    /// And delays and losses from this trace
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Codec: pcmu, pcma, g722 or opus
    #[arg(long, value_parser = crate::codec, default_value = "pcmu")]
    codec: CodecKind,
    /// Calls at once
    #[arg(long, short, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=500))]
    n: u16,
    /// Length of each of the two runs, seconds
    #[arg(long, default_value_t = 20.0, value_parser = crate::seconds)]
    seconds: f64,
    /// Calls run so long before the measuring begins, seconds
    #[arg(long, default_value_t = 8.0, value_parser = crate::seconds)]
    warm: f64,
    /// Also measure this phone: baresip
    #[arg(long, value_parser = ["baresip"])]
    peer: Option<String>,
    /// Measure that other phone only
    #[arg(long, requires = "peer")]
    peer_only: bool,
    /// Measure this phone in place of ours: sip:user@host:port, one that sends back what it hears
    #[arg(long, value_name = "URI", conflicts_with = "peer_only")]
    target: Option<Target>,
}

fn help() -> String {
    format!(
        "Examples:
  sidetone-bench jitter
  sidetone-bench jitter --impair delay=40,jitter=lognormal:10,burst=3:4 --peer baresip
  sidetone-bench jitter --impair seed=1 --trace tests/vectors/traces/cell-tmobile-umts-driving-up-a.tsv

{HELP}

Delay counts from the time at which a packet would have arrived in a network without any. Heard is the
share of what the network delivered that is found in what comes back: pieces of 10 ms with a normalised
correlation of 0.8 at least; with Opus, whose waves are not those that went in, pieces of 200 ms with
0.75. A delay step is a change of the playing delay by more than 4 ms. Clicks that the network lost
count as lost, too. The phone's own words are of the run that is searched for what is heard."
    )
}

impl Jitter {
    /// Runs the command; whether every phone gave figures.
    pub fn run(self, json: bool) -> io::Result<bool> {
        let mut impairment: Impairment = self.impair.parse().map_err(io::Error::other)?;
        if let Some(path) = &self.trace {
            impairment = impairment.with_trace(Trace::read(path)?);
        }
        let terms = Terms {
            codec: self.codec,
            calls: self.n.into(),
            seconds: self.seconds,
            warm: self.warm,
            place: Place::default(),
        };
        let setup = Setup { codec: self.codec, calls: self.n.into(), srtp: false, register: None };
        let mut report = json!({
            "kind": "jitter",
            "codec": self.codec.name(),
            "n": self.n,
            "seconds": self.seconds,
            "impairment": self.impair,
            "trace": self.trace.as_ref().map(|path| path.display().to_string()),
            "machine": report::machine(),
        });
        let mut complete = true;
        let live = Live::new(json, "jitter");
        let mut measure = |phone: Phone, into: &mut Value| -> io::Result<()> {
            let measured = terms.measure(phone, &impairment, Some(&live))?;
            complete &= !measured["delay_ms"].is_null();
            if let (Value::Object(into), Value::Object(from)) = (into, measured) {
                into.extend(from);
            }
            Ok(())
        };
        if !self.peer_only {
            let phone = match &self.target {
                Some(target) => Phone::target(target)?,
                None => Phone::sidetone(&setup)?,
            };
            measure(phone, &mut report)?;
        }
        if self.peer.is_some() {
            let mut peer = json!({});
            measure(Phone::baresip(&setup)?, &mut peer)?;
            report["peer"] = peer;
        }
        drop(live);
        report::print(&report, json);
        Ok(complete)
    }
}

/// What is measured with when nothing else is asked for: 0 to 40 ms of jitter, and 5 % loss.
pub const USUAL: &str = "jitter=uniform:40,loss=5,seed=1";

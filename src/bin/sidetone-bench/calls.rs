//! `sidetone-bench calls`: what many calls cost.

use std::{io, time::Duration};

use clap::Args;
use serde_json::{Value, json};
use sidetone::base::plan::CodecKind;

use crate::{
    live::Live,
    phone::{Kind, Phone, Setup, Target},
    place::Place,
    probe::{
        self, Manner, Moment, Outcome, Plan,
        check::{Findings, check},
    },
    proc::Look,
    report,
};

/// Measures what calls cost: CPU, memory, lateness, losses.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench calls --codec pcmu --n 200 --seconds 10
  sidetone-bench calls --codec opus --n 50 --srtp --json
  sidetone-bench calls --codec pcmu --n 50 --peer baresip
  sidetone-bench calls --codec pcmu --n 100 --peer reflector
  sidetone-bench calls --n 20 --target sip:600@192.0.2.7   an echo of an exchange

Each call says something of its own; the phone decodes it, sends it through its bridge at a gain and
encodes it again. The far end runs in this process, the phone in another; only the phone is counted.
What a phone costs that was not started here is not seen.")]
pub struct Calls {
    /// Codec: pcmu, pcma, g722 or opus
    #[arg(long, value_parser = crate::codec, default_value = "pcmu")]
    codec: CodecKind,
    /// Calls at once
    #[arg(long, short, default_value_t = 50, value_parser = count)]
    n: usize,
    /// Length of the window, seconds
    #[arg(long, default_value_t = 10.0, value_parser = crate::seconds)]
    seconds: f64,
    /// With SRTP
    #[arg(long)]
    srtp: bool,
    /// Also measure this phone: baresip, or the reflector under all phones
    #[arg(long, value_parser = ["baresip", "reflector"])]
    peer: Option<String>,
    /// Measure that other phone only
    #[arg(long, requires = "peer")]
    peer_only: bool,
    /// Measure this phone in place of ours: sip:user@host:port, one that sends back what it hears
    #[arg(long, value_name = "URI", conflicts_with = "peer_only")]
    target: Option<Target>,
}

fn count(text: &str) -> Result<usize, String> {
    crate::number(text, 1.0..=4_000.0).map(|count| count as usize)
}

impl Calls {
    /// Runs the command; whether the figures can be believed.
    pub fn run(self, json: bool) -> io::Result<bool> {
        let setup = Setup { codec: self.codec, calls: self.n, srtp: self.srtp, register: None };
        let mut report = json!({
            "kind": "calls",
            "codec": self.codec.name(),
            "n": self.n,
            "seconds": self.seconds,
            "srtp": self.srtp,
            "machine": report::machine(),
        });
        let mut believed = true;
        let live = Live::new(json, "calls");
        if !self.peer_only {
            let phone = match &self.target {
                Some(target) => Phone::target(target)?,
                None => Phone::sidetone(&setup)?,
            };
            believed &= merge(&mut report, self.measure(phone, &live)?);
        }
        if let Some(name) = &self.peer {
            let mut peer = json!({});
            live.now("calls to the other phone");
            let phone = Phone::start(Kind::of_peer(name), &setup, Place::default())?;
            believed &= merge(&mut peer, self.measure(phone, &live)?);
            report["peer"] = peer;
        }
        drop(live);
        report::print(&report, json);
        Ok(believed)
    }

    fn measure(&self, mut phone: Phone, live: &Live) -> io::Result<Value> {
        let Watched { looks, numbers, outcome } = self.watch(&mut phone, live)?;
        let findings = check(&outcome, self.codec, phone.gain_db);
        let own = own_words(&numbers);
        let matched = report::round(100.0 * findings.share(), 3);
        if findings.share() < BELIEVED {
            return Ok(json!({
                "phone": phone.name,
                "matched_percent": matched,
                "refused": format!(
                    "only {matched} % of the sound came back right, so no figure is printed: does the \
                     phone send back what it hears?"
                ),
                "says_of_itself": own,
            }));
        }
        let mut value = looks.map_or(json!({}), |looks| self.cost(&looks));
        value["phone"] = json!(phone.name);
        value["matched_percent"] = json!(matched);
        merge(&mut value, seen(&findings, &outcome));
        if let [Some(_), Some(last)] = numbers.as_slice() {
            let lost = last["lost_packets"].as_u64().unwrap_or(0);
            value["lost_packets"] = json!(findings.lost_packets + lost);
        }
        merge(&mut value, own);
        Ok(value)
    }

    /// Places the calls, and looks at the phone before them and at both ends of the window.
    fn watch(&self, phone: &mut Phone, live: &Live) -> io::Result<Watched> {
        let plan = Plan {
            codec: self.codec,
            calls: self.n,
            srtp: self.srtp,
            target: phone.address,
            user: phone.user.clone(),
            warm: Duration::from_secs(2),
            window: Duration::from_secs_f64(self.seconds),
        };
        let manner = Manner { live: Some(live), ..Manner::default() };
        let watched = phone.is_ours_to_watch();
        let mut looks = Vec::new();
        let mut numbers = Vec::new();
        let look = |phone: &Phone| watched.then(|| Look::at(phone.pid()));
        looks.extend(look(phone));
        let outcome = probe::run(&plan, manner, |moment| {
            // The numbers cost the phone some time, which must not stand in its window.
            if moment == Moment::Begin {
                numbers.push(phone.numbers());
            }
            looks.extend(look(phone));
            if moment == Moment::End {
                numbers.push(phone.numbers());
            }
        })?;
        let looks = looks.into_iter().collect::<io::Result<Vec<Look>>>()?;
        Ok(Watched { looks: looks.try_into().ok(), numbers, outcome })
    }

    /// What the calls cost the process that had them.
    fn cost(&self, [idle, begin, end]: &[Look; 3]) -> Value {
        let span = begin.until(end);
        let mut value = report::process(end, &span);
        let call_seconds = span.seconds * self.n as f64;
        let grown = end.private_bytes.saturating_sub(idle.private_bytes);
        value["cpu_ms_per_call_s"] = json!(report::round(span.cpu_ms / call_seconds, 4));
        value["core_share"] = json!(report::round(span.cpu_ms / 1000.0 / span.seconds, 4));
        value["memory_bytes_per_call"] = json!(grown / self.n.max(1) as u64);
        value
    }
}

/// What was seen of a phone with calls.
struct Watched {
    /// Idle, and at both ends of the window; none of a phone that was not started here.
    looks: Option<[Look; 3]>,
    /// What our engine said of itself at both ends.
    numbers: Vec<Option<Value>>,
    outcome: Outcome,
}

/// What the probe saw of the calls.
fn seen(findings: &Findings, outcome: &Outcome) -> Value {
    let setups = outcome.records.iter().map(|r| r.dialog.setup.as_secs_f64() * 1000.0);
    json!({
        "lost_packets": findings.lost_packets,
        "turn_around_ms": report::series(&findings.turn_around_ms),
        "packet_spacing_ms": report::series(&findings.spacing_ms),
        "gain_db": report::summary(&findings.gain_db),
        "setup_ms": report::summary(&setups.collect::<Vec<_>>()),
    })
}

/// What our engine says of the window: the growth of its own counters.
fn own_words(numbers: &[Option<Value>]) -> Value {
    let [Some(first), Some(last)] = numbers else { return json!({}) };
    let mut own = json!({});
    let keys =
        ["ticks", "late_ticks", "late_packets", "concealed_ms", "accelerated_ms", "stretched_ms"];
    for key in keys {
        let number = |value: &Value| value[key].as_u64().unwrap_or(0);
        own[key] = json!(number(last).saturating_sub(number(first)));
    }
    own
}

/// Puts the fields of `from` into `into`; whether they hold figures.
fn merge(into: &mut Value, from: Value) -> bool {
    let believed = from.get("refused").is_none();
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
    believed
}

/// Least share of the sound that has to come back right.
const BELIEVED: f64 = 0.999;

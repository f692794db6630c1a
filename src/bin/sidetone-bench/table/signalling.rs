//! The rows of signalling: how soon a call is answered, what it costs, and what stays behind.

use std::{
    io,
    time::{Duration, Instant},
};

use serde_json::Value;
use sidetone::base::plan::CodecKind;

use super::{
    figure::{Aim, Bench, Figure, Figures, Reading, Row, Side},
    media::{Work, manner, plan, unfit},
};
use crate::{
    phone::{Phone, Setup},
    place::Loader,
    probe::{Moment, check::check, run},
    proc::Look,
    report,
    setup::{Callee, Load, Prober},
};

/// INVITE to 200 while a hundred calls run.
pub struct Invite;

impl Row for Invite {
    fn name(&self) -> &'static str {
        "invite-100"
    }

    fn work(&self) -> &'static str {
        "INVITE to 200 at 50/s with 100 calls up, PCMU"
    }

    fn figures(&self) -> &'static [Figure] {
        const { &[Figure::less("p50", "ms", Aim::At(0.4)), Figure::less("p99", "ms", Aim::At(0.8))] }
    }

    fn has(&self, _: Side) -> bool {
        true
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        let work = Work { window_s: 1.0, ..Work::of(CodecKind::Pcmu, 100) };
        let calls = bench.calls(work.calls);
        // Those that were hung up stay known for a while.
        let phone = started(side, calls + 1_000, bench)?;
        let mut prober = Prober::new(phone.address)?;
        let mut probed = (Vec::new(), 0);
        let plan = plan(&work, &phone, bench);
        let outcome = run(&plan, manner(&work, bench), |moment| {
            if moment == Moment::Begin {
                bench.place.level(phone.pid());
                probed = probe(&mut prober, bench);
            }
        })?;
        let findings = check(&outcome, work.codec, phone.gain_db);
        if let Some(reading) = unfit(&outcome, &findings, side.phone()) {
            return Ok(reading);
        }
        let (setup_ms, refused) = probed;
        if refused > 0 {
            return Ok(Reading::Refused(format!("{refused} calls were not answered")));
        }
        let summary = report::summary(&setup_ms);
        let ranks = ["p50", "p99"].map(|rank| summary.get(rank).and_then(Value::as_f64));
        let values = ranks.to_vec();
        Ok(Reading::Figures(Figures { phone: phone.name.clone(), values, note: None }))
    }
}

/// Calls at 50/s for ten seconds, from a thread of the load.
fn probe(prober: &mut Prober, bench: &Bench) -> (Vec<f64>, u64) {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            bench.place.join(Loader::Sender);
            let until = Instant::now() + bench.time(10.0);
            prober.run_while(Duration::from_millis(20), |_| Instant::now() < until)
        });
        // A thread that broke has had no answer.
        thread.join().unwrap_or((Vec::new(), 1))
    })
}

/// Full calls as callee, each with its media made and torn down.
pub struct Calls;

/// Calls a second; the last is beyond what the other phone can do, and so is the second.
const RATES: [u32; 3] = [100, 400, 1_300];
const CALL_CPU_MS: Aim = Aim::At(0.25);

impl Row for Calls {
    fn name(&self) -> &'static str {
        "setup"
    }

    fn work(&self) -> &'static str {
        "calls set up and torn down with their media, as callee"
    }

    fn figures(&self) -> &'static [Figure] {
        const {
            &[
                Figure::less("cpu-100/s", "ms/call", CALL_CPU_MS),
                Figure::less("cpu-400/s", "ms/call", CALL_CPU_MS),
                Figure::less("cpu-1300/s", "ms/call", CALL_CPU_MS),
            ]
        }
    }

    fn has(&self, side: Side) -> bool {
        side != Side::Floor
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        let mut figures = Figures::default();
        for rate in RATES {
            if side == Side::Rival && rate > RATES[0] {
                figures.values.push(None);
                continue;
            }
            let cps = bench.calls(rate as usize) as u32;
            let phone = started(side, 10_000, bench)?;
            let calls = (f64::from(cps) * bench.time(8.0).as_secs_f64()) as u32;
            let callee = Callee::measure(&phone, Load { cps, calls, place: bench.place }, |_| {})?;
            if callee.failed > 0 {
                let told = format!("{} of {} calls failed at {cps}/s", callee.failed, callee.calls);
                return Ok(Reading::Refused(told));
            }
            if callee.retransmitted > 0 {
                let told = format!("{} messages sent again at {cps}/s", callee.retransmitted);
                figures.note = Some(told);
            }
            let cpu_ms = callee.begin.until(&callee.end).cpu_ms;
            figures.values.push(Some(cpu_ms / callee.calls as f64));
            figures.phone.clone_from(&phone.name);
        }
        Ok(Reading::Figures(figures))
    }
}

/// Memory a minute after three thousand calls.
pub struct Churn;

impl Row for Churn {
    fn name(&self) -> &'static str {
        "churn"
    }

    fn work(&self) -> &'static str {
        "memory 60 s after 3000 calls at 120/s, over that of the idle phone"
    }

    fn figures(&self) -> &'static [Figure] {
        const { &[Figure::less("rss-growth", "%", Aim::At(10.0))] }
    }

    fn has(&self, side: Side) -> bool {
        side != Side::Floor
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        let phone = started(side, 10_000, bench)?;
        std::thread::sleep(bench.time(SETTLE_S));
        let idle = Look::at(phone.pid())?;
        // Of 120 in a second the prober has 20.
        let calls = bench.calls(2_500) as u32;
        let load = Load { cps: 100, calls, place: bench.place };
        let callee = Callee::measure(&phone, load, |_| {})?;
        if callee.failed > 0 {
            let told = format!("{} of {} calls failed", callee.failed, callee.calls);
            return Ok(Reading::Refused(told));
        }
        std::thread::sleep(bench.time(60.0));
        let after = Look::at(phone.pid())?;
        let growth = after.rss_bytes as f64 / idle.rss_bytes.max(1) as f64 - 1.0;
        Ok(Figures::of(&phone.name, &[100.0 * growth]))
    }
}

/// A phone with room for so many calls.
fn started(side: Side, calls: usize, bench: &Bench) -> io::Result<Phone> {
    let setup = Setup { codec: CodecKind::Pcmu, calls, srtp: false, register: None };
    Phone::start(side.phone(), &setup, bench.place)
}

/// What starting up takes is over by then, seconds.
pub const SETTLE_S: f64 = 2.0;

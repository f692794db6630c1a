//! Calls with media, measured once: what they cost the phone, and what came back.

use std::{
    io,
    time::{Duration, Instant},
};

use serde_json::Value;
use sidetone::base::plan::CodecKind;

use super::figure::{Bench, Reading};
use crate::{
    phone::{Kind, Phone, Setup},
    probe::{
        GRID, Manner, Moment, Outcome, Plan,
        check::{Findings, check},
        conference, run,
    },
    proc::Look,
    report,
};

/// Calls to measure.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Codec of all.
    pub codec: CodecKind,
    /// How many at once.
    pub calls: usize,
    /// With SRTP.
    pub srtp: bool,
    /// Everybody hears everybody; else each call hears itself.
    pub conference: bool,
    /// How long they are measured, seconds.
    pub window_s: f64,
}

impl Work {
    /// Calls that hear themselves, measured for ten seconds.
    pub const fn of(codec: CodecKind, calls: usize) -> Self {
        Self { codec, calls, srtp: false, conference: false, window_s: 10.0 }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Media {
    /// The phone's name and version.
    pub phone: String,
    /// CPU time of one second of one call, both ways, ms.
    pub cpu_ms_per_call_s: f64,
    /// Private memory that a call adds to the idle phone, KiB; none of the reflector, which keeps
    /// nothing.
    pub memory_kib_per_call: Option<f64>,
    /// Turn-around, p50 and p99, ms.
    pub turn_around_ms: [Option<f64>; 2],
    /// Departure from the 20 ms grid, p99, ms.
    pub departure_p99_ms: Option<f64>,
}

/// Does the work once with a phone of that kind; a reading in the place of figures when they cannot
/// be had.
pub fn measure(work: &Work, kind: Kind, bench: &Bench) -> io::Result<Result<Media, Reading>> {
    let calls = bench.calls(work.calls);
    let setup = Setup { codec: work.codec, calls, srtp: work.srtp, register: None };
    let kind = match kind {
        Kind::Sidetone if work.conference => Kind::Conference,
        kind => kind,
    };
    let phone = Phone::start(kind, &setup, bench.place)?;
    let idle = Look::at(phone.pid())?;
    let plan = plan(work, &phone, bench);
    let mut looks = Vec::new();
    let outcome = run(&plan, manner(work, bench), |moment| {
        if moment == Moment::Begin {
            bench.place.level(phone.pid());
        }
        looks.push(Look::at(phone.pid()));
    })?;
    let mut looks = looks.into_iter().collect::<io::Result<Vec<Look>>>()?.into_iter();
    let (Some(begin), Some(end)) = (looks.next(), looks.next()) else {
        return Err(io::Error::other("the window was not measured"));
    };
    let findings = find(work, &outcome, kind, phone.gain_db);
    if let Some(reading) = unfit(&outcome, &findings, kind) {
        return Ok(Err(reading));
    }
    let span = begin.until(&end);
    let grown = end.private_bytes.saturating_sub(idle.private_bytes) as f64;
    let turn = report::series(&findings.turn_around_ms);
    Ok(Ok(Media {
        phone: phone.name.clone(),
        cpu_ms_per_call_s: span.cpu_ms / span.seconds / calls as f64,
        memory_kib_per_call: (kind != Kind::Reflector).then_some(grown / 1024.0 / calls as f64),
        turn_around_ms: ["p50", "p99"].map(|rank| turn.get(rank).and_then(Value::as_f64)),
        departure_p99_ms: report::series(&findings.spacing_ms)["p99"].as_f64(),
    }))
}

/// What the probe is to do.
pub fn plan(work: &Work, phone: &Phone, bench: &Bench) -> Plan {
    Plan {
        codec: work.codec,
        calls: bench.calls(work.calls),
        srtp: work.srtp,
        target: phone.address,
        user: phone.user.clone(),
        warm: WARM,
        window: bench.time(work.window_s),
    }
}

/// How it is run.
pub fn manner(work: &Work, bench: &Bench) -> Manner<'static> {
    let party = |call| conference::content(work.codec, call);
    let contents = work.conference.then(|| (0..bench.calls(work.calls)).map(party).collect());
    Manner { contents, place: bench.place, ..Manner::default() }
}

fn find(work: &Work, outcome: &Outcome, kind: Kind, gain_db: Option<f64>) -> Findings {
    // The reflector gives each party back what it said.
    if work.conference && kind != Kind::Reflector {
        conference::check(outcome, work.codec, gain_db.unwrap_or(0.0))
    } else {
        check(outcome, work.codec, gain_db)
    }
}

/// The reading of a run that gives no figures.
pub fn unfit(outcome: &Outcome, findings: &Findings, kind: Kind) -> Option<Reading> {
    let load_ms = load_late_ms(outcome);
    if load_ms > LATE_MS {
        return Some(Reading::Void(format!("the load was {load_ms:.0} ms late")));
    }
    let own_ms = findings.spacing_ms.iter().map(|(_, ms)| *ms).fold(0.0, f64::max);
    if kind == Kind::Reflector && own_ms > LATE_MS {
        return Some(Reading::Void(format!("the reflector was {own_ms:.0} ms late")));
    }
    let matched = 100.0 * findings.share();
    let refusal = format!(
        "only {matched:.2} % of the sound came back right; the load was {load_ms:.0} ms late at most"
    );
    (findings.share() < BELIEVED).then_some(Reading::Refused(refusal))
}

/// How late the load was at worst in the window, ms.
pub fn load_late_ms(outcome: &Outcome) -> f64 {
    let lateness = outcome.records.iter().map(|record| late_ms(&record.sent, outcome.window));
    lateness.fold(0.0, f64::max)
}

/// How far behind its 20 ms grid the latest of those packets in the window left, ms; the grid is where
/// the earliest of all puts it.
fn late_ms(sent: &[Instant], (begin, end): (Instant, Instant)) -> f64 {
    let Some(first) = sent.first() else { return 0.0 };
    let off = |(number, left): (usize, &Instant)| {
        let due = GRID.as_secs_f64() * number as f64;
        ((*left - *first).as_secs_f64() - due) * 1000.0
    };
    let earliest = sent.iter().enumerate().map(off).fold(0.0, f64::min);
    let inside = sent.iter().enumerate().filter(|(_, left)| (begin..end).contains(*left));
    inside.map(off).fold(0.0, f64::max) - earliest
}

/// How long calls run before they are measured.
const WARM: Duration = Duration::from_secs(2);
/// Least share of the sound that has to come back right.
pub const BELIEVED: f64 = 0.999;
/// A load or a reflector that is later than this says nothing of a phone, ms.
const LATE_MS: f64 = 20.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_counts_from_the_grid_of_the_earliest_packet_and_in_the_window_only() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        // The first packet itself left 3 ms late; the one at 95 is 35 behind the others' grid.
        let sent = [at(3), at(20), at(40), at(95), at(80), at(190)];
        assert!((late_ms(&sent, (at(10), at(150))) - 35.0).abs() < 1e-6);
        assert!(late_ms(&sent, (at(10), at(90))).abs() < 3.1);
        assert!((late_ms(&sent, (at(0), at(200))) - 90.0).abs() < 1e-6);
        assert_eq!(late_ms(&[], (at(0), at(1))), 0.0);
    }

    fn findings(matched: u64, spacing_ms: f64) -> Findings {
        let spacing_ms = vec![(0.0, 0.1), (1.0, spacing_ms)];
        Findings { blocks: 10_000, matched, spacing_ms, ..Findings::default() }
    }

    #[test]
    fn a_late_reflector_voids_a_late_phone_does_not_and_wrong_sound_is_refused() {
        let now = Instant::now();
        let outcome = Outcome { records: Vec::new(), window: (now, now), late_ms: Vec::new() };
        let void = unfit(&outcome, &findings(10_000, 21.0), Kind::Reflector);
        assert_eq!(void, Some(Reading::Void("the reflector was 21 ms late".into())));
        assert_eq!(unfit(&outcome, &findings(9_990, 21.0), Kind::Sidetone), None);
        let refused = unfit(&outcome, &findings(9_989, 0.1), Kind::Sidetone);
        assert!(matches!(refused, Some(Reading::Refused(why)) if why.contains("99.89 %")));
    }
}

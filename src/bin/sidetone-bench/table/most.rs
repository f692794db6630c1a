//! The row of most calls: how many one core carries until a packet is late or the sound is not whole.

use std::io;

use sidetone::base::plan::CodecKind;

use super::{
    figure::{Aim, Bench, Better, Figure, Figures, Reading, Row, Side},
    media::{BELIEVED, Work, load_late_ms, manner, plan},
};
use crate::{
    phone::{Kind, Phone, Setup},
    probe::{
        GRID, Outcome,
        check::{check, check_times},
        run,
    },
};

/// Steps up, then halves the distance.
pub struct Most;

impl Row for Most {
    fn name(&self) -> &'static str {
        "pcmu-most"
    }

    fn work(&self) -> &'static str {
        "most calls on one core with no packet late, PCMU"
    }

    fn figures(&self) -> &'static [Figure] {
        const AIM: Aim = Aim::At(1_800.0);
        &[Figure { name: "calls", unit: "calls", better: Better::More, aim: AIM }]
    }

    fn has(&self, side: Side) -> bool {
        // The reflector carries more than the load.
        side != Side::Floor
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        let first = match side {
            Side::Rival => 150,
            Side::Ours | Side::Floor => 1_600,
        };
        let mut name = String::new();
        let mut refused = None;
        let found = search(bench.calls(first), bench.calls(MOST), |calls| {
            step(calls, side.phone(), bench, &mut name, &mut refused)
        })?;
        let note = match found.end {
            // Another phone may have a limit of its own, which is not the core. Ours may have none.
            End::Phone => refused.filter(|_| side == Side::Rival),
            End::Load => Some(format!("{} or more: the load could do no more", found.calls)),
            End::Scale => Some(format!("{} or more: no more was tried", found.calls)),
        };
        let values = vec![Some(found.calls as f64)];
        Ok(Reading::Figures(Figures { phone: name, values, note }))
    }
}

/// How a number of calls went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// All well.
    Good,
    /// The phone was late, or lost something.
    Bad,
    /// The load was late: it says nothing of the phone.
    Void,
}

/// The end of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    /// The most that went well.
    calls: usize,
    end: End,
}

/// What ends a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The phone could do no more.
    Phone,
    /// The load could not.
    Load,
    /// It went well up to the end.
    Scale,
}

/// Adds a quarter, from `first` on, until it does not go well, `most` at most, then halves the distance
/// until that is a twentieth. A void step is tried once more.
fn search(
    first: usize,
    most: usize,
    mut step: impl FnMut(usize) -> io::Result<Step>,
) -> io::Result<Found> {
    let mut found = Found { calls: 0, end: End::Scale };
    let mut too_many = most + 1;
    let mut next = first.min(most);
    while next > found.calls && next < too_many {
        let mut gone = step(next)?;
        if gone == Step::Void {
            gone = step(next)?;
        }
        if gone == Step::Good {
            found.calls = next;
        } else {
            too_many = next;
            found.end = if gone == Step::Void { End::Load } else { End::Phone };
        }
        if too_many - found.calls <= found.calls / 20 {
            break;
        }
        next = match too_many > most {
            true => (found.calls + found.calls.div_ceil(4)).min(most),
            false => (found.calls + too_many) / 2,
        };
    }
    Ok(found)
}

/// Tries that many calls. `refused` is why they did not even begin, if so, when they were too many.
fn step(
    calls: usize,
    kind: Kind,
    bench: &Bench,
    name: &mut String,
    refused: &mut Option<String>,
) -> io::Result<Step> {
    // The number of calls is at scale already.
    let bench = &Bench { scale: 1.0, ..*bench };
    let work = Work { window_s: 5.0, ..Work::of(CodecKind::Pcmu, calls) };
    let setup = Setup { codec: work.codec, calls, srtp: false, register: None };
    let phone = Phone::start(kind, &setup, bench.place)?;
    name.clone_from(&phone.name);
    let plan = plan(&work, &phone, bench);
    // A phone that does not answer, or not with 200, has too many.
    match run(&plan, manner(&work, bench), |_| bench.place.level(phone.pid())) {
        Ok(outcome) => {
            let step = judge(outcome, phone.gain_db);
            if step == Step::Bad {
                *refused = None;
            }
            Ok(step)
        }
        Err(error) => {
            *refused = Some(format!("with {calls}: {error}"));
            Ok(Step::Bad)
        }
    }
}

/// Whether that went well: every packet back, none late, and the sound whole, which is looked at in
/// some of the calls.
fn judge(mut outcome: Outcome, gain_db: Option<f64>) -> Step {
    let codec = CodecKind::Pcmu;
    let times = check_times(&outcome, codec);
    let (begin, end) = outcome.window;
    let packets = (end - begin).as_secs_f64() / GRID.as_secs_f64() * outcome.records.len() as f64;
    let late = times.spacing_ms.iter().any(|(_, ms)| *ms > LATE_MS);
    let whole =
        times.spacing_ms.len() as f64 >= BELIEVED * (packets - outcome.records.len() as f64);
    if load_late_ms(&outcome) > LOAD_LATE_MS {
        return Step::Void;
    }
    if late || !whole {
        return Step::Bad;
    }
    let every = outcome.records.len().div_ceil(HEARD_MAX).max(1);
    let mut number = 0;
    outcome.records.retain(|_| {
        number += 1;
        number % every == 0
    });
    if check(&outcome, codec, gain_db).share() >= BELIEVED { Step::Good } else { Step::Bad }
}

/// The search ends here.
const MOST: usize = 4_000;
/// Calls whose sound is looked at.
const HEARD_MAX: usize = 50;
/// A packet that is further from its grid is missing when it is to be played.
const LATE_MS: f64 = 60.0;
/// A load that is later than this is at its own end.
const LOAD_LATE_MS: f64 = 20.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn most_of(limit: usize, beyond: Step) -> (Found, Vec<usize>) {
        let mut asked = Vec::new();
        let found = search(400, 4_000, |calls| {
            asked.push(calls);
            Ok(if calls <= limit { Step::Good } else { beyond })
        });
        (found.unwrap(), asked)
    }

    #[test]
    fn finds_the_limit_to_a_twentieth_in_few_steps() {
        for limit in [1, 30, 399, 400, 401, 1_000, 1_830, 3_999] {
            let (found, asked) = most_of(limit, Step::Bad);
            assert!(found.calls <= limit && found.end == End::Phone, "{limit}: {found:?}");
            assert!(limit <= found.calls + found.calls / 20 + 1, "{limit}: {found:?}");
            assert!(asked.len() <= 14, "{limit}: {asked:?}");
        }
        assert_eq!(most_of(0, Step::Bad).0, Found { calls: 0, end: End::Phone });
    }

    #[test]
    fn tells_when_it_was_the_load_that_could_do_no_more() {
        let (found, asked) = most_of(700, Step::Void);
        assert!(found.end == End::Load && (660..=700).contains(&found.calls), "{found:?}");
        assert!(asked.windows(2).any(|pair| pair[0] == pair[1]), "{asked:?}");
        assert_eq!(most_of(9_999, Step::Bad).0, Found { calls: 4_000, end: End::Scale });
    }
}

//! `sidetone-bench table`: the engine's figures beside those of another phone, of the least that the
//! work can cost, and of what is aimed at.
//!
//! ```text
//! row ─► round ─┬─ ours ──┐ median, min, max of each side
//!      (again)  ├─ rival ─┤ ours as a multiple of the floor
//!               └─ floor ─┘ reached, or missed by so much
//! ```
//!
//! The sides take turns, so that what the machine does meanwhile befalls all of them. A round of media
//! in which the load itself or the reflector was late is void and made again; of the most calls, a step.

mod figure;
mod idle;
mod jitter;
mod load;
mod media;
mod most;
mod print;
mod rows;
mod signalling;
mod srtp;
mod stats;
mod tally;

use std::io;

use clap::Args;
use serde_json::json;

use self::{
    figure::{Bench, Reading, Row, Side},
    rows::ROWS,
    tally::Tally,
};
use crate::{live::Live, place::Place, report};

/// Measures everything, beside another phone and beside what is aimed at.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench table --rows pcmu-100,opus-30
  sidetone-bench table --no-peer --json >table.json

Of each figure: the median of all runs, and the least and the most. The floor of CPU in Opus is libopus
itself, of other calls a reflector that receives and sends each packet with one system call. cpu is
that of the phone's process for one second of one call, 50 packets in and 50 out; departure is from
the call's 20 ms grid; turn-around counts from packet to packet, so that a reflector scores 0.

The phone runs on core 0 and the load on core 1, at real-time priorities (SCHED_FIFO 10 and 20; to
stamp arrivals, 21), where the system allows; figures without them bear a star. Keep the machine quiet
otherwise. All rows take some two hours; a row that is done is told on stderr.")]
pub struct Table {
    /// Runs of each side
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
    /// These rows only, by name: pcmu-1, pcmu-100, pcmu-500, pcmu-most, srtp-50, g722-100, opus-30,
    /// conference-40, turn-pcmu, turn-opus, jitter, invite-100, setup, churn, idle
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = rows::index)]
    rows: Vec<usize>,
    /// Without the other phone
    #[arg(long)]
    no_peer: bool,
    /// Share of the calls and seconds of each row: to try it out
    #[arg(long, hide = true, default_value_t = 1.0, value_parser = share)]
    scale: f64,
}

fn share(text: &str) -> Result<f64, String> {
    crate::number(text, 0.0..=1.0)
}

impl Table {
    /// Runs the command; whether every figure of ours could be had.
    pub fn run(self, json: bool) -> io::Result<bool> {
        // Before it is bound to one core, which would then be all that it sees.
        let machine = report::machine();
        let bench = Bench { place: Place::take(), scale: self.scale };
        let rows: Vec<&dyn Row> = match self.rows.as_slice() {
            [] => ROWS.to_vec(),
            chosen => chosen.iter().filter_map(|at| ROWS.get(*at).copied()).collect(),
        };
        let live = Live::new(json, "table");
        let mut lines = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let done = number as u64 * u64::from(self.runs);
            let going = Going { live: &live, done, of: rows.len() as u64 * u64::from(self.runs) };
            let tally = self.row(*row, &bench, going);
            let of_row = print::lines(*row, &tally);
            of_row.iter().for_each(|line| live.leave(&line.short()));
            lines.extend(of_row);
        }
        drop(live);
        let whole = lines.iter().all(|line| line.is_measured());
        let report = json!({
            "kind": "table",
            "runs": self.runs,
            "scale": self.scale,
            "place": bench.place.told(),
            "machine": machine,
            "rows": lines.iter().map(print::Line::json).collect::<Vec<_>>(),
        });
        report::print_as(&report, json, |_| print::text(&lines, bench.place));
        Ok(whole)
    }

    /// Measures a row round by round.
    fn row(&self, row: &dyn Row, bench: &Bench, mut going: Going<'_>) -> Tally {
        let mut tally = Tally::new(self.runs as usize);
        for turn in 0.. {
            if tally.is_complete() {
                break;
            }
            let mut sides = Side::ALL;
            sides.rotate_left(turn % 3);
            let wanted = sides.into_iter().filter(|side| {
                let asked = *side != Side::Rival || !self.no_peer;
                asked && row.has(*side) && tally.goes_on(*side)
            });
            let round = round(row, wanted.collect(), bench, &going);
            let was_void = tally.void().len();
            tally.add(round);
            going.done += u64::from(tally.void().len() == was_void);
        }
        tally
    }
}

/// How far it is: rounds done, of how many.
struct Going<'a> {
    live: &'a Live,
    done: u64,
    of: u64,
}

/// One run of each side, until one voids them all.
fn round(
    row: &dyn Row,
    sides: Vec<Side>,
    bench: &Bench,
    going: &Going<'_>,
) -> Vec<(Side, Reading)> {
    let mut readings = Vec::new();
    for side in sides {
        let Going { live, done, of } = *going;
        let known = format!("{} of {} rounds, {}: {}", done, of, row.name(), side.name());
        live.say(done, of, known);
        let reading = match row.measure(side, bench) {
            Ok(reading) => reading,
            Err(error) => Reading::Refused(error.to_string()),
        };
        let void = matches!(reading, Reading::Void(_));
        readings.push((side, reading));
        if void {
            break;
        }
    }
    readings
}

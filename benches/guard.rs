//! Fails when a path has become slower: counts the instructions of what the other benches time, under
//! callgrind, and compares with `guard/baseline.tsv`. `make guard`; `make guard-accept` takes what is
//! counted now for the measure.
//!
//! ```text
//! guard ─ for each bench: valgrind guard count BENCH ─▶ counts ─▶ compare ─▶ table, exit status
//!                                                         ▲
//!   rows of this toolchain, or the commit that last changed the table, built and counted here
//! ```
//!
//! Instructions are the same in every run, which time is not: inputs and seeds are fixed, and so is
//! here what hash maps are keyed with. What instructions do not show: misses of the cache, system
//! calls, threads. The profile `guard` is `release` without optimisation at link time.
//!
//! With `--plant` each path does a twentieth more than it says, and the guard has to fail.

// Each bench is a program too, and brings what it measures with.
#![allow(clippy::duplicate_mod)]

#[path = "bridge.rs"]
mod bridge;
#[path = "guard/callgrind.rs"]
mod callgrind;
#[path = "codecs.rs"]
mod codecs;
#[path = "guard/compare.rs"]
mod compare;
#[path = "guard/history.rs"]
mod history;
#[path = "jitter.rs"]
mod jitter;
#[path = "guard/seed.rs"]
mod seed;
#[path = "sip.rs"]
mod sip;
#[path = "srtp.rs"]
mod srtp;

use std::{env, fs, process::ExitCode};

use compare::{ALLOWED_PERCENT, Baseline, Comparison, Counts};

/// The benches whose paths are counted.
const BENCHES: [(&str, fn()); 5] = [
    ("sip", sip::main),
    ("srtp", srtp::main),
    ("jitter", jitter::main),
    ("bridge", bridge::main),
    ("codecs", codecs::main),
];

const BASELINE: &str = "benches/guard/baseline.tsv";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let planted = arguments.iter().any(|arg| arg == "--plant");
    let outcome = match arguments.first().map(String::as_str) {
        Some("count") => run(arguments.get(1)),
        Some("counts") => counts(planted).map(|counts| {
            counts.iter().for_each(|(path, count)| println!("{path}\t{count}"));
            true
        }),
        Some("accept") => accept(),
        None | Some("--plant") => guard(planted),
        Some(_) => Err("guard [accept | counts] [--plant]".into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one bench, in the process that callgrind looks at.
fn run(name: Option<&String>) -> Result<bool, String> {
    let bench = BENCHES.iter().find(|(bench, _)| Some(*bench) == name.map(String::as_str));
    let (_, bench) = bench.ok_or("no such bench")?;
    bench();
    Ok(true)
}

fn counts(planted: bool) -> Result<Counts, String> {
    callgrind::count(&BENCHES.map(|(name, _)| name), planted)
}

fn guard(planted: bool) -> Result<bool, String> {
    let toolchain = callgrind::toolchain()?;
    println!("{toolchain}");
    let now = counts(planted)?;
    let before = match baseline()?.of(&toolchain) {
        Some(before) => before,
        None => match history::base_commit(BASELINE) {
            Ok(Some(commit)) => history::count(&commit)?,
            Ok(None) if planted => counts(false)?,
            Ok(None) => {
                println!("Nothing is accepted of this toolchain, and nothing has changed since.");
                return Ok(true);
            }
            Err(reason) => {
                println!("NOT COMPARED: nothing is accepted of this toolchain, and {reason}");
                return Ok(true);
            }
        },
    };
    let comparison = Comparison::new(&before, &now);
    print!("{comparison}");
    if comparison.holds() {
        println!("No path is worse by more than {ALLOWED_PERCENT} %.");
        return Ok(true);
    }
    println!(
        "A path is worse by more than {ALLOWED_PERCENT} %, new or gone. Where that is meant, run `make \
         guard-accept` and commit {BASELINE}, with the reason in the message."
    );
    Ok(false)
}

fn accept() -> Result<bool, String> {
    let toolchain = callgrind::toolchain()?;
    let now = counts(false)?;
    let mut table = baseline()?;
    if let Some(before) = table.of(&toolchain) {
        print!("{}", Comparison::new(&before, &now));
    }
    table.accept(&toolchain, &now);
    fs::write(BASELINE, table.to_string()).map_err(|error| format!("{BASELINE}: {error}"))?;
    println!("{BASELINE} has it; commit it with the reason.");
    Ok(true)
}

fn baseline() -> Result<Baseline, String> {
    Baseline::parse(&fs::read_to_string(BASELINE).map_err(|error| format!("{BASELINE}: {error}"))?)
}

//! `sidetone-bench`: measures the engine, and other phones by the same method.
//!
//! ```text
//!  probe (this process)                        phone (another process)
//!  own sound per call ─► RTP ───────────────►  decode ─► bridge, gain ─► encode
//!  check every call   ◄─ RTP ◄───────────────────────────────────────────┘
//! ```

mod calls;
mod clicks;
mod compare;
mod device;
mod footprint;
mod impair;
mod jitter;
mod latency;
mod libopus;
mod live;
mod phone;
mod place;
mod probe;
mod proc;
#[cfg(unix)] // it waits for sockets as only unix does
mod reflector;
#[allow(dead_code)] // the demo uses more of it
#[path = "../sidetone-phone/demo/registrar.rs"]
mod registrar;
mod report;
mod setup;
mod soak;
mod subject;
mod table;
mod target;
#[path = "../sidetone-phone/demo/wire.rs"]
mod wire;

use std::{ops::RangeInclusive, process::ExitCode};

use clap::{Parser, Subcommand};
use sidetone::base::plan::CodecKind;

/// Measures the engine.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "Examples:
  sidetone-bench latency                        about a minute
  sidetone-bench calls --codec opus --n 50      12 seconds
  sidetone-bench device --list                  sound cards; `device` measures their round trip
  sidetone-bench setup --cps 300                12 seconds; needs sipp (Debian: sip-tester)
  sidetone-bench jitter                         a minute through a bad network
  sidetone-bench soak --minutes 1 --calls 20    two minutes and a half
  sidetone-bench footprint --json | jq .private_bytes
  sidetone-bench latency --html latency.html    a page with plots
  sidetone-bench compare old.json new.json      two reports of --json: better or worse
  sidetone-bench table --rows pcmu-100,idle     beside what is aimed at; all rows: two hours
  sidetone-bench calls --n 200 --peer baresip   beside another phone, which has to be installed"
)]
struct Arguments {
    /// One JSON object on stdout in place of a table
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    output: report::Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Mouth to ear, hop by hop, and the turn-around as a far end sees it
    Latency(latency::Latency),
    /// What jitter and loss do to what is heard
    Jitter(jitter::Jitter),
    /// CPU and memory of many calls
    Calls(calls::Calls),
    /// What an idle, registered phone costs
    Footprint(footprint::Footprint),
    /// Calls set up and torn down a second, against sipp
    Setup(setup::Setup),
    /// Round trip through the sound card and its server, and its callbacks
    Device(device::Device),
    /// Calls that come and go for a long time, some of them bad, and what must hold meanwhile
    Soak(soak::Soak),
    /// All figures beside those of another phone, of the least that is possible, and of what is aimed
    /// at
    Table(table::Table),
    /// Two reports of --json side by side: what is better, what is worse
    Compare(compare::Compare),
    /// The phone under measurement, as caller
    #[command(hide = true)]
    Dialler(setup::Dialler),
    /// What decodes and encodes, and nothing else
    #[command(hide = true)]
    Libopus(libopus::Libopus),
    /// What sends every packet back as it came
    #[cfg(unix)]
    #[command(hide = true)]
    Reflector(reflector::Reflector),
    /// The phone under measurement
    #[command(hide = true)]
    Subject(subject::Subject),
    /// The phone of a soak
    #[command(hide = true)]
    SoakSubject(soak::SoakSubject),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = report::direct(arguments.output) {
        eprintln!("sidetone-bench: {error}");
        return ExitCode::FAILURE;
    }
    let done = match arguments.command {
        Command::Latency(latency) => latency.run(arguments.json),
        Command::Jitter(jitter) => jitter.run(arguments.json),
        Command::Calls(calls) => calls.run(arguments.json),
        Command::Footprint(footprint) => footprint.run(arguments.json),
        Command::Setup(setup) => setup.run(arguments.json),
        Command::Device(device) => device.run(arguments.json),
        Command::Soak(soak) => soak.run(arguments.json),
        Command::Table(table) => table.run(arguments.json),
        Command::Compare(compare) => compare.run(arguments.json),
        Command::Libopus(libopus) => libopus.run().map(|()| true),
        Command::Dialler(dialler) => {
            dialler.run().map(|()| true).map_err(|e| std::io::Error::other(e.message))
        }
        #[cfg(unix)]
        Command::Reflector(reflector) => reflector.run().map(|()| true),
        Command::Subject(subject) => {
            subject.run().map(|()| true).map_err(|e| std::io::Error::other(e.message))
        }
        Command::SoakSubject(subject) => {
            subject.run().map(|()| true).map_err(|e| std::io::Error::other(e.message))
        }
    };
    match done {
        Ok(true) if report::all_written() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sidetone-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A codec's name on the command line.
fn codec(text: &str) -> Result<CodecKind, String> {
    CodecKind::from_name(text).ok_or_else(|| format!("`{text}`: known are opus, g722, pcma, pcmu"))
}

/// A length of time on the command line, seconds.
fn seconds(text: &str) -> Result<f64, String> {
    number(text, 0.1..=86_400.0)
}

/// A number on the command line.
fn number(text: &str, range: RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("{} to {} can be asked for", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_sane() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for text in ["-1", "0", "NaN", "inf", "1e9", "ten"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}

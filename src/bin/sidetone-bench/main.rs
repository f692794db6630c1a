//! `sidetone-bench`: measures the engine, and other phones by the same method.
//!
//! ```text
//!  probe (this process)                        phone (another process)
//!  own sound per call ─► RTP ───────────────►  decode ─► bridge, gain ─► encode
//!  check every call   ◄─ RTP ◄───────────────────────────────────────────┘
//! ```

mod calls;
mod clicks;
mod footprint;
mod impair;
mod jitter;
mod latency;
mod libopus;
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

use std::process::ExitCode;

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
  sidetone-bench setup --cps 300                12 seconds; needs sipp (Debian: sip-tester)
  sidetone-bench jitter                         a minute through a bad network
  sidetone-bench soak --minutes 1 --calls 20    two minutes and a half
  sidetone-bench footprint --json | jq .private_bytes
  sidetone-bench table --rows pcmu-100,idle     beside what is aimed at; all rows: two hours
  sidetone-bench calls --n 200 --peer baresip   beside another phone, which has to be installed"
)]
struct Arguments {
    /// One JSON object on stdout in place of a table
    #[arg(long, global = true)]
    json: bool,
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
    /// Calls that come and go for a long time, some of them bad, and what must hold meanwhile
    Soak(soak::Soak),
    /// All figures beside those of another phone, of the least that is possible, and of what is aimed
    /// at
    Table(table::Table),
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
    let done = match arguments.command {
        Command::Latency(latency) => latency.run(arguments.json),
        Command::Jitter(jitter) => jitter.run(arguments.json),
        Command::Calls(calls) => calls.run(arguments.json),
        Command::Footprint(footprint) => footprint.run(arguments.json),
        Command::Setup(setup) => setup.run(arguments.json),
        Command::Soak(soak) => soak.run(arguments.json),
        Command::Table(table) => table.run(arguments.json),
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
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
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

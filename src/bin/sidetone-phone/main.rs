//! `sidetone-phone`: a softphone for the terminal, and for scripts.
//!
//! It uses [`sidetone::Engine`] as any host would: commands go in, events are pulled, statistics
//! are sampled for the status line. Nothing in here touches a socket of the engine's.
//!
//! ```text
//! main (arguments) ─ dial ┐
//!                  ─ answer ├─ phone (one loop: pull event, show it, sample, draw) ─ Engine
//!                  ─ register ┘
//!                  ─ devices
//!                  ─ demo (registrar on loopback, two engines, checker, report)
//! ```

mod answer;
mod demo;
mod devices;
mod dial;
mod options;
mod output;
mod phone;
mod register;
mod status;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::output::Output;

/// A softphone for the terminal and for scripts.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true, after_help = EXAMPLES)]
struct Arguments {
    /// One JSON object a line on stdout, in place of text
    #[arg(long, global = true)]
    json: bool,
    /// Log lines and every SIP message on stderr, secrets scrubbed; twice: media too
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Calls a URI and talks until either end hangs up
    Dial(dial::Dial),
    /// Waits for calls and answers them
    Answer(answer::Answer),
    /// Registers accounts and shows how they fare
    Register(register::Register),
    /// Lists the sound cards
    Devices(devices::Devices),
    /// Shows a whole call on this machine: registrar, two phones, encryption, real speech
    Demo(demo::Demo),
}

const EXAMPLES: &str = "Examples:
  sidetone-phone demo
  sidetone-phone dial sip:alice@192.0.2.7
  sidetone-phone dial --account sip:bob:secret@example.com 4711 --srtp mandatory
  sidetone-phone dial sip:echo@192.0.2.7 --from-wav hello.wav --to-wav heard.wav --for 10
  sidetone-phone answer --account sip:alice:secret@example.com --count 1 --json
  sidetone-phone devices

While a call is up on a terminal, type digits to send them, m to mute, h to hang up, then Enter.
The password may stand in SIDETONE_PASSWORD instead of in the account's URI.
Exit status: 0 when all went well, 1 when not, 2 for wrong arguments.";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json, arguments.verbose);
    let done = match arguments.command {
        Command::Dial(dial) => dial.run(&output),
        Command::Answer(answer) => answer.run(&output),
        Command::Register(register) => register.run(&output),
        Command::Devices(devices) => devices.run(&output),
        Command::Demo(demo) => demo.run(&output),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            output.error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

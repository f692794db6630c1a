//! `sidetone-phone`: a softphone for the terminal, and for scripts.
//!
//! It uses [`sidetone::Engine`] as any host would: commands go in, events are pulled, statistics
//! are sampled for the status line. Nothing in here touches a socket of the engine's.
//!
//! ```text
//! main (arguments) ─ dial ┐
//!                  ─ answer ├─ phone (one loop: pull event, show it, sample, draw) ─ Engine
//!                  ─ register ┤    └─ prompt::Console (what is typed) ─ Desk (calls by number)
//!                  ─ prompt ┘ also without a subcommand; takes lines from a pipe, too
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
mod plain;
mod prompt;
mod register;
mod status;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};
use sidetone::engine::ErrorKind;

use crate::output::Output;

/// A softphone for the terminal and for scripts.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = EXAMPLES)]
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
    /// A phone with a command line: dial, answer, message, watch, …; the default
    Prompt(prompt::Prompt),
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
  sidetone-phone --account sip:alice:secret@example.com

On a terminal, every command with calls takes the lines of the prompt while it runs: digits, m (mute),
h (hang up), hold, resume, transfer WHO, connect N M, message WHO TEXT, watch WHO, …; help lists them.
Where nobody types at a terminal, and always with --json, a far end that asks us to call somebody
else (a transfer) is declined at once; only the prompt can allow it.
Ctrl-C and SIGTERM hang up and unregister; a second one ends the program at once.
The password may stand in SIDETONE_PASSWORD instead of in the account's URI.
Exit status: 0 when all went well, 1 when not, 2 for wrong arguments.";

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(with_command(std::env::args_os().collect()));
    let output = Output::new(arguments.json, arguments.verbose);
    let done = match arguments.command {
        Command::Prompt(prompt) => prompt.run(&output),
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
            match error.kind {
                ErrorKind::InvalidArgument | ErrorKind::InvalidUri => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// Without a subcommand it is the prompt: what follows the options of all commands is looked at.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    const OF_ALL: [&str; 4] = ["--json", "-v", "-vv", "--verbose"];
    const OF_CLAP: [&str; 4] = ["-h", "--help", "-V", "--version"];
    let first = arguments
        .iter()
        .skip(1)
        .position(|argument| argument.to_str().is_none_or(|argument| !OF_ALL.contains(&argument)));
    let at = first.map_or(arguments.len(), |index| index + 1);
    let named = arguments
        .get(at)
        .and_then(|argument| argument.to_str())
        .is_some_and(|argument| !argument.starts_with('-') || OF_CLAP.contains(&argument));
    if !named && at <= arguments.len() {
        arguments.insert(at, "prompt".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_subcommand_it_is_the_prompt() {
        let read = |line: &str| {
            let arguments = with_command(line.split(' ').map(OsString::from).collect());
            Arguments::try_parse_from(arguments).map(|arguments| arguments.command)
        };
        for line in ["phone", "phone --json", "phone -v --account sip:a@b", "phone prompt"] {
            assert!(matches!(read(line), Ok(Command::Prompt(_))), "{line}");
        }
        assert!(matches!(read("phone --json devices"), Ok(Command::Devices(_))));
        assert!(read("phone juggle").is_err() && read("phone --help").is_err());
    }
}

//! `sidetone-phone prompt`: a phone with a command line, for people and for scripts.
//!
//! Lines come from the terminal or from a pipe; what happens meanwhile is shown between them. At
//! the end of the input, and at `quit`, everything is hung up. The other commands take the same
//! lines from a terminal.

mod console;
mod desk;
mod words;

use std::time::Duration;

use clap::Args;
use sidetone::engine::{Error, EventKind};

pub use self::{console::Console, desk::Desk, words::What};
use crate::{
    options::{AudioOptions, LineOptions, seconds},
    output::Output,
    phone::{self, Phone},
};

/// A phone with a command line: dial, answer, message, watch, …
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-phone prompt --account sip:alice:secret@example.com
  echo 'dial 4711
  wait ended' | sidetone-phone prompt --account sip:alice:secret@example.com --device none")]
pub struct Prompt {
    #[command(flatten)]
    line: LineOptions,
    #[command(flatten)]
    audio: AudioOptions,
    /// Give up a call when nobody answers within this time, seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    no_answer: Duration,
}

impl Prompt {
    /// Runs until `quit`, the end of the input, or Ctrl-C; `true` when every line was understood
    /// and whatever was waited for came.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        self.audio.check()?;
        let mut config = self.line.engine_config(self.audio.policy());
        config.accept_unknown = true;
        let engine = phone::start(config, output)?;
        let mut accounts = Vec::new();
        for config in self.line.accounts()? {
            accounts.push(engine.account_add(config, None)?);
        }
        let homeless = self.line.is_homeless();
        let desk = Desk::new(&engine, output, accounts, self.no_answer).that_is_homeless(homeless);
        desk.greet()?;
        let console = Console::scripted(output, desk);
        let mut phone = Phone::new(&engine, output, Some(self.audio), console).without_status();
        while !phone.stopping() && !phone.console().is_over() {
            let event = phone.turn()?;
            if event.is_some_and(|event| matches!(event.kind, EventKind::Faulted { .. })) {
                return Ok(false);
            }
        }
        let fine = phone.console().is_fine();
        phone.hang_up_all()?;
        engine.shutdown(Duration::from_secs(2));
        Ok(fine)
    }
}

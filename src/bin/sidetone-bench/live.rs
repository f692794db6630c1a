//! What is known while a run goes, as a line on the terminal; nothing where nobody looks.

use std::{
    convert::Infallible,
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line with a bar that goes when its handle does.
#[derive(Debug)]
pub struct Live {
    bar: ProgressBar,
}

impl Live {
    /// A line for `what`; hidden unless stderr is a terminal, and with `json` into a pipe.
    pub fn new(json: bool, what: &str) -> Self {
        let seen = shown(json, std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self { bar }
    }

    /// A line that nobody sees.
    #[cfg(test)]
    pub fn none() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// Whether somebody sees it: what costs something to know need not be known else.
    pub fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Names what is measured now.
    pub fn now(&self, what: &str) {
        self.bar.set_prefix(what.to_owned());
        self.bar.set_message("");
    }

    /// So much of so much is done, and this is known.
    pub fn say(&self, done: u64, of: u64, known: String) {
        if self.is_shown() {
            self.bar.set_length(of);
            self.bar.set_position(done);
            self.bar.set_message(known);
        }
    }

    /// Leaves this on stderr: what is known for good before all is done.
    pub fn leave(&self, known: &str) {
        self.bar.suspend(|| eprintln!("{known}"));
    }

    /// Waits for `length`; says meanwhile what `known` tells four times a second. Where nobody looks
    /// it is one sleep.
    pub fn wait(&self, length: Duration, known: impl FnMut() -> String) {
        let Ok(()) = self.spend(length, known, |part| {
            std::thread::sleep(part);
            Ok::<(), Infallible>(())
        });
    }

    /// The same, with something to do in place of sleeping; of that the first error.
    pub fn spend<E>(
        &self,
        length: Duration,
        mut known: impl FnMut() -> String,
        mut pass: impl FnMut(Duration) -> Result<(), E>,
    ) -> Result<(), E> {
        let until = Instant::now() + length;
        while let Some(left) = until.checked_duration_since(Instant::now())
            && !left.is_zero()
        {
            if self.is_shown() {
                let done = length.saturating_sub(left).as_millis() as u64;
                self.say(done, length.as_millis() as u64, known());
                pass(left.min(STEP))?;
            } else {
                pass(left)?;
            }
        }
        Ok(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn shown(json: bool, stdout_is_terminal: bool, stderr_is_terminal: bool) -> bool {
    stderr_is_terminal && (stdout_is_terminal || !json)
}

/// How often the line is brought up to date.
const STEP: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_on_a_terminal_and_not_beside_json_in_a_pipe() {
        assert!(shown(false, true, true) && shown(true, true, true) && shown(false, false, true));
        assert!(!shown(true, false, true));
        assert!(!shown(false, true, false) && !shown(true, true, false));
    }

    #[test]
    fn a_hidden_line_asks_for_nothing() {
        let live = Live::none();
        assert!(!live.is_shown());
        live.wait(Duration::from_millis(1), || panic!("nobody looks"));
        live.say(1, 2, "nothing".into());
    }
}

//! `sidetone-phone prompt`: a phone with a command line, for people and for scripts.
//!
//! Lines come from the terminal or from a pipe; what happens meanwhile is shown between them. At
//! the end of the input, and at `quit`, everything is hung up.

mod desk;
mod words;

use std::{
    collections::VecDeque,
    io::BufRead,
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::{Duration, Instant},
};

use clap::Args;
use sidetone::engine::{CallState, Error, ErrorKind, Event, EventKind};

use self::{
    desk::Desk,
    words::{Until, Words},
};
use crate::{
    options::{AudioOptions, LineOptions, seconds},
    output::Output,
    phone::{self, Stop},
    plain,
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

/// The longest that a script waits for something that does not come.
const PATIENCE: Duration = Duration::from_secs(40);

impl Prompt {
    /// Runs until `quit`, the end of the input, or Ctrl-C; `true` when every line was understood
    /// and whatever was waited for came.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        let mut config = self.line.engine_config(self.audio.policy());
        config.accept_unknown = true;
        let engine = phone::start(config, output)?;
        let mut accounts = Vec::new();
        for config in self.line.accounts()? {
            accounts.push(engine.account_add(config, None)?);
        }
        let mut desk = Desk::new(&engine, output, accounts, self.no_answer);
        desk.greet()?;
        let stop = Stop::listen();
        let lines = lines();
        let mut script = Script { output, fine: true, waiting: None, past: Past::default() };
        while !stop.asked() {
            let event = engine.next_event(Some(Duration::from_millis(50)))?;
            if let Some(event) = event {
                if matches!(event.kind, EventKind::Faulted { .. }) {
                    return Ok(false);
                }
                let told = desk.handle_event(&event);
                script.past.remember(&event, told);
                // Events first, so that a line acts on what was seen before it.
                continue;
            }
            if script.still_waits(&desk) {
                continue;
            }
            match lines.try_recv() {
                Ok(line) if script.obey(&line, &mut desk) => {}
                Err(TryRecvError::Empty) => {}
                Ok(_) | Err(TryRecvError::Disconnected) => break,
            }
        }
        let fine = script.fine;
        desk.hang_up_all()?;
        engine.shutdown(Duration::from_secs(2));
        Ok(fine)
    }
}

/// The lines as they are worked through.
struct Script<'a> {
    output: &'a Output,
    /// Every line was understood, and whatever was waited for came.
    fine: bool,
    waiting: Option<(Until, Instant)>,
    past: Past,
}

impl Script<'_> {
    /// Whether the next line has to wait.
    fn still_waits(&mut self, desk: &Desk<'_>) -> bool {
        let Some((until, since)) = &self.waiting else { return false };
        let come = match until {
            Until::Time(time) => since.elapsed() >= *time,
            until => desk.is_so(until) || self.past.has(until),
        };
        if !come && since.elapsed() < patience(until) {
            return true;
        }
        self.waiting = None;
        if !come {
            self.fail("what was waited for did not come");
        }
        false
    }

    /// Carries a line out; `false`: it was the last.
    fn obey(&mut self, line: &str, desk: &mut Desk<'_>) -> bool {
        match words::read(line) {
            Ok(None) => {}
            Ok(Some(Words::Quit)) => return false,
            Ok(Some(Words::Wait(until))) => self.waiting = Some((until, Instant::now())),
            Ok(Some(words)) => {
                if let Err(error) = desk.carry_out(words) {
                    self.fail(&error.message);
                }
            }
            Err(text) => self.fail(&text),
        }
        true
    }

    fn fail(&mut self, text: &str) {
        self.fine = false;
        self.output.error(text);
    }
}

fn patience(until: &Until) -> Duration {
    match until {
        Until::Time(time) => *time,
        _ => PATIENCE,
    }
}

/// What happened and was not waited for yet, oldest first: a script may ask for something that has
/// come already.
#[derive(Default)]
struct Past(VecDeque<(EventKind, Option<String>)>);

impl Past {
    /// Most events that are kept.
    const MOST: usize = 1000;

    fn remember(&mut self, event: &Event, told: Option<String>) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back((event.kind.clone(), told));
    }

    /// Whether it happened; it and what came before it is past from now on.
    fn has(&mut self, until: &Until) -> bool {
        let found = self.0.iter().position(|(event, told)| fits(until, event, told.as_deref()));
        if let Some(index) = found {
            self.0.drain(..=index);
        }
        found.is_some()
    }
}

/// Whether an event is what a script waits for.
fn fits(until: &Until, event: &EventKind, told: Option<&str>) -> bool {
    let state =
        |wanted: CallState| matches!(event, EventKind::Call { state, .. } if *state == wanted);
    match until {
        Until::Incoming => matches!(event, EventKind::IncomingCall { .. }),
        Until::Ringing => state(CallState::Ringing) || state(CallState::EarlyMedia),
        Until::Connected => state(CallState::Connected),
        Until::Ended => state(CallState::Ended),
        Until::Message => matches!(event, EventKind::Message { .. }),
        Until::Told(text) => told.is_some_and(|told| told.contains(text.as_str())),
        Until::Time(_) => false,
    }
}

/// Lines of the input; the channel is cut at its end. The thread ends with the process: a read
/// cannot be called off.
fn lines() -> Receiver<String> {
    let (sender, receiver) = channel();
    let reader = move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    };
    // Without the thread there is no input, and the program ends at once.
    let _ = std::thread::Builder::new().name("keys".into()).spawn(reader);
    receiver
}

/// An argument that does not fit what there is.
fn wrong(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, text)
}

/// How a call ended, in words.
fn end_words(event: &EventKind, patience: Duration) -> Option<String> {
    match event {
        EventKind::Call { state: CallState::Ended, code, text, error, .. } => {
            Some(plain::end_of_call(*code, text, *error, Some(patience)))
        }
        _ => None,
    }
}

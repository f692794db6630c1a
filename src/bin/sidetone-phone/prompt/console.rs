//! The lines that are typed while a command runs, and the desk that does what they ask for.

use std::{
    collections::VecDeque,
    io::{BufRead, IsTerminal},
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::{Duration, Instant},
};

use sidetone::engine::{CallState, Event, EventKind};

use super::{
    desk::Desk,
    words::{self, Until, Words},
};
use crate::output::Output;

/// The longest that a script waits for something that does not come.
const PATIENCE: Duration = Duration::from_secs(40);

/// Lines, worked through one after the other.
pub struct Console<'a> {
    output: &'a Output,
    desk: Desk<'a>,
    /// `None`: nobody types.
    lines: Option<Receiver<String>>,
    over: bool,
    quit: bool,
    fine: bool,
    waiting: Option<(Until, Instant)>,
    past: Past,
}

impl<'a> Console<'a> {
    /// Lines of the input, wherever it comes from.
    pub fn scripted(output: &'a Output, desk: Desk<'a>) -> Self {
        Self::new(output, desk, Some(lines()))
    }

    /// Lines of a person at a terminal; of a pipe none are read, for it may be meant for others.
    pub fn typed(output: &'a Output, desk: Desk<'a>) -> Self {
        let person = !output.json() && std::io::stdin().is_terminal();
        Self::new(output, desk, person.then(lines))
    }

    fn new(output: &'a Output, desk: Desk<'a>, lines: Option<Receiver<String>>) -> Self {
        let past = Past::default();
        Self { output, desk, lines, over: false, quit: false, fine: true, waiting: None, past }
    }

    /// What the lines are about.
    pub fn desk(&mut self) -> &mut Desk<'a> {
        &mut self.desk
    }

    /// Whether somebody types.
    pub fn is_typed(&self) -> bool {
        self.lines.is_some()
    }

    /// Whether a line asked for the end of everything.
    pub fn has_quit(&self) -> bool {
        self.quit
    }

    /// Whether the input came to its end, and every line of it was carried out.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Whether every line was understood, and whatever was waited for came.
    pub fn is_fine(&self) -> bool {
        self.fine
    }

    /// Whether an event is one to be shown.
    pub fn tells(&self, event: &Event) -> bool {
        self.desk.tells(event)
    }

    /// Takes an event in and shows it.
    pub fn handle_event(&mut self, event: &Event) {
        let told = self.desk.handle_event(event);
        if self.lines.is_some() {
            self.past.remember(event, told);
        }
    }

    /// The line that is to be carried out now.
    pub fn next_line(&mut self) -> Option<String> {
        if self.quit || self.still_waits() {
            return None;
        }
        let line = self.lines.as_ref()?.try_recv();
        self.over = matches!(line, Err(TryRecvError::Disconnected));
        line.ok()
    }

    /// Carries a line out.
    pub fn obey(&mut self, line: &str) {
        match words::read(line) {
            Ok(None) => {}
            Ok(Some(Words::Quit)) => self.quit = true,
            Ok(Some(Words::Wait(until))) => self.waiting = Some((until, Instant::now())),
            Ok(Some(words)) => {
                if let Err(error) = self.desk.carry_out(words) {
                    self.fail(&error.message);
                }
            }
            Err(text) => self.fail(&text),
        }
    }

    /// Whether the next line has to wait.
    fn still_waits(&mut self) -> bool {
        let Some((until, since)) = &self.waiting else { return false };
        let come = match until {
            Until::Time(time) => since.elapsed() >= *time,
            until => self.desk.is_so(until) || self.past.has(until),
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
    // Without the thread there is no input, and it is over at once.
    let _ = std::thread::Builder::new().name("keys".into()).spawn(reader);
    receiver
}

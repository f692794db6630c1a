//! The loop that every command with calls runs: pull an event, show it, do what was typed, sample
//! the statistics, draw.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::CallId,
    engine::{CallInfo, CallState, CallStats, Error, ErrorKind, Event, EventKind, TransferState},
};

use crate::{
    options::{AudioOptions, numbered},
    output::{Output, call_json},
    plain,
    prompt::Console,
    status::{StatusLine, loss_percent},
};

/// What a command does with the calls of its engine.
pub struct Phone<'a> {
    engine: &'a Engine,
    output: &'a Output,
    audio: Option<AudioOptions>,
    status: StatusLine,
    stop: Stop,
    console: Console<'a>,
    /// Calls that were answered so far.
    answered: u32,
    last: HashMap<CallId, (CallInfo, CallStats)>,
}

/// Counts Ctrl-C, and what else asks a process to end (SIGTERM, SIGHUP): once is "hang up", twice is
/// "now".
#[derive(Clone, Debug)]
pub struct Stop(Arc<AtomicU32>);

impl Stop {
    /// Listens from now on.
    pub fn listen() -> Self {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        // Without a handler they still end the process, only less politely.
        let _ = ctrlc::set_handler(move || {
            if count.fetch_add(1, Ordering::Relaxed) > 0 {
                std::process::exit(130);
            }
        });
        Self(asked)
    }

    /// Whether the user wants to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl<'a> Phone<'a> {
    /// A loop over `engine`. `audio` tells what to record of each call, `console` does what is typed.
    pub fn new(
        engine: &'a Engine,
        output: &'a Output,
        audio: Option<AudioOptions>,
        console: Console<'a>,
    ) -> Self {
        Self {
            engine,
            output,
            audio,
            status: StatusLine::new(!output.json() && !output.traces()),
            stop: Stop::listen(),
            console,
            answered: 0,
            last: HashMap::new(),
        }
    }

    /// The same without the live line.
    pub fn without_status(self) -> Self {
        Self { status: StatusLine::new(false), ..self }
    }

    /// Whether the user wants to stop.
    pub fn stopping(&self) -> bool {
        self.stop.asked() || self.console.has_quit()
    }

    /// Whether somebody types, and there are calls.
    pub fn has_more_to_do(&self) -> bool {
        self.console.is_typed() && !self.stopping() && !self.engine.calls().is_empty()
    }

    /// What is typed meanwhile.
    pub fn console(&mut self) -> &mut Console<'a> {
        &mut self.console
    }

    /// Runs one turn: an event, which is shown and given back; or, when none comes for a moment, a
    /// line that was typed. So a line acts on what was seen before it.
    pub fn turn(&mut self) -> Result<Option<Event>, Error> {
        let event = self.engine.next_event(Some(MOMENT))?;
        if let Some(event) = &event {
            if self.console.tells(event) {
                self.status.clear();
            }
            self.console.handle_event(event);
            self.decline_unattended(event);
            self.follow(event)?;
        } else if !self.stopping()
            && let Some(line) = self.console.next_line()
        {
            self.status.clear_after_enter();
            self.console.obey(&line);
        }
        for call in self.engine.calls() {
            self.sample(call);
        }
        Ok(event)
    }

    /// Hangs everything up and waits for the ends, five seconds at most.
    pub fn hang_up_all(&mut self) -> Result<(), Error> {
        for call in self.engine.calls() {
            // Its end may be waiting in the queue already.
            let _ = self.engine.hangup(call, None);
        }
        let until = Instant::now() + Duration::from_secs(5);
        while !self.engine.calls().is_empty() && Instant::now() < until {
            self.turn()?;
        }
        self.status.clear();
        Ok(())
    }

    /// Where nobody types, nobody can allow a transfer: the far end need not wait for it.
    fn decline_unattended(&self, event: &Event) {
        if let EventKind::Transfer {
            call, state: TransferState::Asked { decide: true, .. }, ..
        } = event.kind
            && !self.console.is_typed()
        {
            // A call that is gone by now shows by its end event.
            let _ = self.engine.decide_transfer(call, false, None);
        }
    }

    fn follow(&mut self, event: &Event) -> Result<(), Error> {
        let EventKind::Call { call, state, .. } = &event.kind else { return Ok(()) };
        match state {
            CallState::Connected => {
                self.answered += 1;
                self.start_files(*call)
            }
            CallState::Ended => {
                self.summarise(*call);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn start_files(&self, call: CallId) -> Result<(), Error> {
        let Some(audio) = &self.audio else { return Ok(()) };
        if let Some(path) = &audio.record {
            let path = numbered(path, self.answered);
            self.engine.record(call, &path, None)?;
        }
        if let Some(path) = &audio.pcap {
            let path = numbered(path, self.answered);
            // Unlike a recording, it is told of by the reply only.
            self.engine.capture(call, &path, Some(self.engine.new_request()))?;
        }
        Ok(())
    }

    fn sample(&mut self, call: CallId) {
        let (Ok(info), Ok(stats)) = (self.engine.call_info(call), self.engine.call_stats(call))
        else {
            return;
        };
        self.status.draw(&info, &stats);
        self.last.insert(call, (info, stats));
    }

    fn summarise(&mut self, call: CallId) {
        let Some((info, stats)) = self.last.remove(&call) else { return };
        self.status.clear();
        let text = format!(
            "{} s with {}: {} packets out, {} in, {} lost, MOS {}",
            info.connected_for.as_secs(),
            info.remote_uri,
            stats.packets_sent,
            stats.packets_received,
            loss_percent(&stats).map_or_else(|| "unknown".into(), |l| format!("{l:.1} %")),
            stats.mos.map_or_else(|| "not measured".into(), |m| format!("{m:.1}")),
        );
        if !info.connected_for.is_zero() || self.output.json() {
            self.output.say(&text, call_json(call, &info, &stats));
        }
    }
}

/// How long a turn waits for an event.
const MOMENT: Duration = Duration::from_millis(50);

/// An engine, with its log shown where `-v` asks for it.
pub fn start(config: sidetone::engine::EngineConfig, output: &Output) -> Result<Engine, Error> {
    let engine = Engine::new(config)?;
    output.attach_log(&engine, "");
    Ok(engine)
}

/// The error that ends a command whose call was refused, in plain words.
pub fn refused(
    code: u16,
    text: &str,
    error: Option<ErrorKind>,
    patience: Option<Duration>,
) -> Error {
    Error::new(ErrorKind::Refused, plain::end_of_call(code, text, error, patience))
}

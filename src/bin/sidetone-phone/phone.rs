//! The loop that every command with calls runs: pull an event, show it, look at the keys, sample
//! the statistics, draw.

use std::{
    collections::HashMap,
    io::{BufRead, IsTerminal},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use sidetone::{
    Engine,
    base::ids::CallId,
    engine::{CallInfo, CallState, CallStats, Error, ErrorKind, Event, EventKind},
};

use crate::{
    options::{AudioOptions, numbered},
    output::{Output, call_json, event_json, event_text},
    plain,
    status::{StatusLine, loss_percent},
};

/// What a command does with the calls of its engine.
#[derive(Debug)]
pub struct Phone<'a> {
    engine: &'a Engine,
    output: &'a Output,
    audio: Option<AudioOptions>,
    status: StatusLine,
    stop: Stop,
    keys: Option<Receiver<String>>,
    muted: bool,
    /// Calls that were answered so far.
    answered: u32,
    last: HashMap<CallId, (CallInfo, CallStats)>,
}

/// Counts the user's Ctrl-C: once is "hang up", twice is "now".
#[derive(Clone, Debug)]
pub struct Stop(Arc<AtomicU32>);

impl Stop {
    /// Listens from now on.
    pub fn listen() -> Self {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        // Without a handler Ctrl-C still ends the process, only less politely.
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
    /// A loop over `engine`. `audio` tells what to record of each call.
    pub fn new(engine: &'a Engine, output: &'a Output, audio: Option<AudioOptions>) -> Self {
        Self {
            engine,
            output,
            audio,
            status: StatusLine::new(!output.json() && !output.traces()),
            stop: Stop::listen(),
            keys: keys(output),
            muted: false,
            answered: 0,
            last: HashMap::new(),
        }
    }

    /// Whether the user wants to stop.
    pub fn stopping(&self) -> bool {
        self.stop.asked()
    }

    /// Runs one turn: up to 200 ms for an event, which is shown and given back.
    pub fn turn(&mut self) -> Result<Option<Event>, Error> {
        let event = self.engine.next_event(Some(Duration::from_millis(200)))?;
        if let Some(event) = &event {
            self.show(event);
            self.follow(event)?;
        }
        self.take_keys();
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

    fn show(&self, event: &Event) {
        self.status.suspend(|| {
            if self.output.json() {
                self.output.say("", event_json(event));
            } else if let Some(text) = event_text(event) {
                self.output.say(&text, json!(null));
            }
        });
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

    fn take_keys(&mut self) {
        let Some(keys) = &self.keys else { return };
        let Some(call) = self.engine.calls().first().copied() else { return };
        let Ok(line) = keys.try_recv() else { return };
        let outcome = match line.trim() {
            "" => return,
            "h" | "q" => self.engine.hangup(call, None),
            "m" => {
                self.muted = !self.muted;
                self.engine.mute(call, self.muted, None)
            }
            digits => self.engine.dtmf(call, digits, 0, None),
        };
        if let Err(error) = outcome {
            self.status.suspend(|| self.output.error(&error.message));
        }
    }
}

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

/// Lines typed on a terminal. The thread ends with the process: a read cannot be called off.
fn keys(output: &Output) -> Option<Receiver<String>> {
    if output.json() || !std::io::stdin().is_terminal() {
        return None;
    }
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .name("keys".into())
        .spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if sender.send(line).is_err() {
                    return;
                }
            }
        })
        .ok()?;
    Some(receiver)
}

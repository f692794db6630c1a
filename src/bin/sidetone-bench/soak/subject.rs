//! The phone of a soak, in a process of its own: `sidetone-bench soak-subject`.
//!
//! It answers every call, sends back what it hears and records it; a recording is deleted when it is
//! whole. It tells each thing that happens in one JSON object a line, and takes commands on stdin:
//! `stats CALL-ID`, `hangup CALL-ID`, `totals`.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    io::{BufRead, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use clap::Args;
use serde_json::{Value, json};
use sidetone::{
    Engine,
    base::{
        ids::{CallId, RequestId},
        plan::CodecKind,
    },
    engine::{
        AccountConfig, CallState, EngineConfig, Error, EventKind, SipTransport, SrtpPolicy,
        services::AccountServices,
    },
};

/// Answers, sends back and records.
#[derive(Debug, Args)]
pub struct SoakSubject {
    /// Calls to make room for
    #[arg(long, default_value_t = 64)]
    calls: u32,
    /// Folder for recordings
    #[arg(long)]
    folder: PathBuf,
    /// A call without media ends after this time, seconds
    #[arg(long, default_value_t = 8)]
    dead_media: u64,
}

impl SoakSubject {
    /// Runs until stdin ends.
    pub fn run(self) -> Result<(), Error> {
        let engine = Arc::new(Engine::new(EngineConfig {
            bind: [127, 0, 0, 1].into(),
            max_calls: self.calls.clamp(1, 65_535),
            ..EngineConfig::default()
        })?);
        let account = AccountConfig {
            aor: "sip:bench@127.0.0.1".into(),
            codecs: vec![CodecKind::Pcmu],
            srtp: SrtpPolicy::Off,
            ..AccountConfig::default()
        };
        let account = engine.account_add(account, None)?;
        let dead_media = Some(Duration::from_secs(self.dead_media.max(1)));
        let services = AccountServices { dead_media, ..AccountServices::default() };
        engine.account_services_set(account, services)?;
        let address = engine.local_address(SipTransport::Udp)?;
        println!("{}", json!({"address": address.to_string()}));
        let commands = commands(&engine);
        let mut book = Book { folder: self.folder, ..Book::default() };
        loop {
            if let Some(event) = engine.next_event(None)? {
                book.follow(&engine, event.kind)?;
            }
            loop {
                match commands.try_recv() {
                    Ok(command) => book.serve(&engine, &command),
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                        engine.shutdown(Duration::from_secs(2));
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// The lines of stdin; each wakes the engine's waiter, and so does their end.
fn commands(engine: &Arc<Engine>) -> Receiver<String> {
    let (sender, commands) = channel();
    let engine = engine.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
            engine.wake();
        }
        drop(sender);
        engine.wake();
    });
    commands
}

/// What has happened so far.
#[derive(Default)]
struct Book {
    folder: PathBuf,
    /// The calls that are up, by both names.
    names: HashMap<CallId, String>,
    calls: HashMap<String, CallId>,
    incoming: u64,
    ended: BTreeMap<String, u64>,
    /// Files named so far, and the recordings that are asked for.
    files: u64,
    asked: HashSet<RequestId>,
    /// Recordings begun, and those that came to their end, well or not.
    recording: u64,
    recorded: u64,
    spoiled: u64,
    events_lost: u64,
    faults: u64,
}

impl Book {
    fn follow(&mut self, engine: &Engine, event: EventKind) -> Result<(), Error> {
        match event {
            EventKind::IncomingCall { call, .. } => {
                self.incoming += 1;
                let name = engine.call_info(call).map_or(String::new(), |info| info.sip_call_id);
                println!("{}", json!({"incoming": name}));
                self.calls.insert(name.clone(), call);
                self.names.insert(call, name);
                // The caller may have gone again meanwhile.
                let _ = engine.answer(call, Vec::new(), None);
            }
            EventKind::Call { call, state: CallState::Connected, .. } => {
                let _ = engine.route(call, call, Some(-3.0), None);
                let path = self.folder.join(format!("{}.wav", self.files));
                self.files += 1;
                let request = engine.new_request();
                if engine.record(call, &path, Some(request)).is_ok() {
                    self.asked.insert(request);
                }
            }
            EventKind::Call { call, state: CallState::Ended, reason, .. } => {
                let name = self.names.remove(&call).unwrap_or_default();
                self.calls.remove(&name);
                let reason = reason.map_or("none".to_owned(), |reason| format!("{reason:?}"));
                println!("{}", json!({"ended": name, "reason": reason}));
                *self.ended.entry(reason).or_default() += 1;
            }
            // A call that is over by then is not recorded any more.
            EventKind::Reply { request, error, .. } if self.asked.remove(&request) => {
                self.recording += u64::from(error.is_none());
            }
            EventKind::RecordFinished { path, error, .. } => {
                self.recorded += 1;
                self.spoiled += u64::from(error.is_some() || !is_whole(path.as_ref()));
                let _ = fs::remove_file(&path);
            }
            EventKind::EventsLost { count } => self.events_lost += count,
            EventKind::Faulted { .. } => self.faults += 1,
            _ => {}
        }
        Ok(())
    }

    fn serve(&self, engine: &Engine, command: &str) {
        let (verb, name) = command.split_once(' ').unwrap_or((command, ""));
        match verb {
            "stats" => println!("{}", self.stats(engine, name)),
            "hangup" => {
                if let Some(call) = self.calls.get(name) {
                    // It may be over already.
                    let _ = engine.hangup(*call, None);
                }
            }
            _ => println!("{}", self.totals(engine)),
        }
    }

    fn stats(&self, engine: &Engine, name: &str) -> Value {
        let stats = self.calls.get(name).and_then(|call| engine.call_stats(*call).ok());
        let Some(stats) = stats else { return json!({"stats": name}) };
        json!({
            "stats": name,
            "sent": stats.packets_sent,
            "received": stats.packets_received,
            "lost": stats.packets_lost.unwrap_or(0),
            "discarded": stats.packets_discarded,
            "duplicate": stats.packets_duplicate,
        })
    }

    fn totals(&self, engine: &Engine) -> Value {
        let stats = engine.stats();
        json!({
            "totals": {
                "live": engine.calls().len().max(stats.calls as usize),
                "incoming": self.incoming,
                "ended": self.ended,
                "unanswered": self.asked.len(),
                "recordings_begun": self.recording,
                "recordings_ended": self.recorded,
                "recordings_spoiled": self.spoiled,
                "events_lost": self.events_lost + stats.events_lost,
                "faults": self.faults,
                "sip_received": stats.sip_received,
                "sip_dropped": stats.sip_dropped,
                "sip_over_rate": stats.sip_over_rate,
                "sip_over_limit": stats.sip_over_limit,
                "ticks": stats.ticks,
                "late_ticks": stats.late_ticks,
            }
        })
    }
}

/// Whether a WAV file is as long as its header says. It is not read whole: that would take memory,
/// which is being measured.
fn is_whole(path: &Path) -> bool {
    let mut head = [0; 8];
    let read = fs::File::open(path).and_then(|mut file| {
        file.read_exact(&mut head)?;
        Ok(file.metadata()?.len())
    });
    let says = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8;
    read.is_ok_and(|length| head.starts_with(b"RIFF") && says == length)
}

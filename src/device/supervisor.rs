//! The thread `sidetone-device`: opens sound cards, watches them, and opens them again when they
//! went away. It starts with the first command and sleeps without a wake-up while nothing is open.
//!
//! ```text
//!            Open                    fault, stall, gone from the list
//!  closed ─────────▶ open ────────────────────────────────────────────▶ lost
//!     ▲   Close       │ ▲  list every 500 ms: the choice comes to        │
//!     └───────────────┘ │  another pair: Changed                         │ Lost
//!                       └────────────────────────────────────────────────┘
//!                          Changed; tried after 200 ms, 400 ms ... 2 s
//! ```
//!
//! No call hears of any of this: the worker finds its ends abandoned, paces itself by its timer,
//! and takes the next ends when they come.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    backend::{
        Backend, DeviceChoice, DeviceEntry, DeviceError, DeviceErrorKind, DevicePair, Streams,
    },
    ports::{PortEnds, PortFormat, PortShared},
};

/// What the device thread is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceCmd {
    /// List the sound cards; the report carries `ticket`.
    List {
        /// Ties the report to this command.
        ticket: u64,
    },
    /// Open this choice, instead of what is open, and keep it open.
    Open(DeviceChoice),
    /// Close what is open.
    Close,
}

/// What the device thread tells. Comes on that thread; the receiver must not wait.
#[derive(Debug)]
pub enum DeviceReport {
    /// Answer to [`DeviceCmd::List`].
    Listed {
        /// Of the command.
        ticket: u64,
        /// The sound cards.
        result: Result<Vec<DeviceEntry>, DeviceError>,
    },
    /// Opened, the first time since [`DeviceCmd::Open`].
    Opened(OpenedPair),
    /// What was open is gone. It is tried again until it is back or [`DeviceCmd::Close`] comes.
    Lost(DeviceError),
    /// Another pair is open, or the same one again. The ends before it are abandoned.
    Changed(OpenedPair),
    /// [`DeviceCmd::Open`] could not be done. It is tried again like a lost one.
    Failed(DeviceError),
    /// [`DeviceCmd::Close`] was done.
    Closed,
}

/// An open pair for the worker, with its names for the host.
#[derive(Debug)]
pub struct OpenedPair {
    /// The worker's ends.
    pub ends: PortEnds,
    /// Name of the microphone; empty: there is none.
    pub microphone: String,
    /// Name of the loudspeaker; empty: there is none.
    pub loudspeaker: String,
    /// What the host should know, for instance that a chosen device is not there; else empty.
    pub text: String,
}

/// Where reports go.
pub type DeviceReports = Box<dyn Fn(DeviceReport) + Send>;

/// Handle of the device thread.
#[derive(Debug)]
pub struct Supervisor {
    commands: SyncSender<Message>,
    finished: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Command(DeviceCmd),
    Stop,
}

impl Supervisor {
    /// Starts the thread. `backend` is called on it.
    pub fn start(
        backend: impl FnOnce() -> Box<dyn Backend> + Send + 'static,
        reports: DeviceReports,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = sync_channel(COMMANDS);
        let (done, finished) = mpsc::channel();
        let thread = thread::Builder::new().name("sidetone-device".into()).spawn(move || {
            run(Supervision::new(backend(), reports), &inbox);
            let _ = done.send(());
        })?;
        Ok(Self { commands, finished, thread: Some(thread) })
    }

    /// Hands a command over. `false`: the thread is stuck in the audio system with
    /// [`COMMANDS`] commands waiting, or has ended; the command is dropped.
    pub fn send(&self, command: DeviceCmd) -> bool {
        self.commands.try_send(Message::Command(command)).is_ok()
    }

    /// Closes what is open and ends the thread. An audio system that hangs is left behind after
    /// `timeout`; `false` tells so.
    pub fn stop(mut self, timeout: Duration) -> bool {
        self.end(timeout)
    }

    fn end(&mut self, timeout: Duration) -> bool {
        let Some(thread) = self.thread.take() else { return true };
        if matches!(self.commands.try_send(Message::Stop), Err(TrySendError::Full(_))) {
            return false;
        }
        // A thread that panicked has dropped its sender, and has ended all the same.
        if matches!(self.finished.recv_timeout(timeout), Err(RecvTimeoutError::Timeout)) {
            return false;
        }
        thread.join().is_ok()
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.end(STOP_TIMEOUT);
    }
}

fn run(mut supervision: Supervision, inbox: &Receiver<Message>) {
    loop {
        let message = match supervision.poll_timeout() {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
        };
        match message {
            Ok(Message::Command(command)) => supervision.handle_command(Instant::now(), command),
            Err(RecvTimeoutError::Timeout) => supervision.handle_timeout(Instant::now()),
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// The thread's logic, without thread and clock.
pub struct Supervision {
    /// Before the backend, as it is dropped first: its streams are the backend's.
    open: Option<Open>,
    backend: Box<dyn Backend>,
    reports: DeviceReports,
    choice: Option<DeviceChoice>,
    /// When to try again, and how long to wait after that.
    retry: Option<(Instant, Duration)>,
    /// Something was open since the choice was made.
    was_open: bool,
    /// The host knows that there is none.
    told_missing: bool,
}

struct Open {
    pair: DevicePair,
    format: PortFormat,
    shared: Arc<PortShared>,
    streams: Box<dyn Streams>,
    next_watch: Instant,
    next_list: Instant,
    /// Callback counters (playback, capture), and when each was last seen to move.
    progress: [(u64, Instant); 2],
}

impl Supervision {
    /// Nothing is opened yet.
    pub fn new(backend: Box<dyn Backend>, reports: DeviceReports) -> Self {
        Self {
            backend,
            reports,
            choice: None,
            open: None,
            retry: None,
            was_open: false,
            told_missing: false,
        }
    }

    /// When [`Supervision::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match (&self.open, self.retry) {
            (Some(open), _) => Some(open.next_watch.min(open.next_list)),
            (None, retry) => retry.map(|(at, _)| at),
        }
    }

    /// Does what the engine wants.
    pub fn handle_command(&mut self, now: Instant, command: DeviceCmd) {
        match command {
            DeviceCmd::List { ticket } => {
                let result = self.backend.list();
                if self.choice.is_none() {
                    self.backend.rest();
                }
                (self.reports)(DeviceReport::Listed { ticket, result });
            }
            DeviceCmd::Open(choice) => {
                let again = self.open.take().is_some() || self.was_open;
                self.choice = Some(choice);
                self.was_open = again;
                self.told_missing = false;
                self.retry = None;
                self.try_open(now);
            }
            DeviceCmd::Close => {
                self.open = None;
                self.choice = None;
                self.retry = None;
                self.was_open = false;
                self.backend.rest();
                (self.reports)(DeviceReport::Closed);
            }
        }
    }

    /// Watches what is open, tries again what is lost.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(open) = &mut self.open else {
            if self.retry.is_some_and(|(at, _)| now >= at) {
                self.try_open(now);
            }
            return;
        };
        if now >= open.next_watch {
            open.next_watch = now + WATCH_EVERY;
            if let Some(error) = open.streams.fault().or_else(|| open.stalled(now)) {
                self.lose(now, error);
                return;
            }
        }
        if now >= open.next_list {
            open.next_list = now + LIST_EVERY;
            self.follow_list(now);
        }
    }

    /// Re-opens when the choice comes to another pair than the one that is open.
    fn follow_list(&mut self, now: Instant) {
        let (Some(choice), Some(open)) = (&self.choice, &self.open) else { return };
        // A list that fails is no proof that the device is gone; the callbacks tell that.
        let Ok(list) = self.backend.list() else { return };
        let pair = DevicePair::resolve(choice, &list);
        if pair.is_same(&open.pair) {
            return;
        }
        if pair.microphone.is_none() && pair.loudspeaker.is_none() {
            let text = "the sound card was unplugged; calls go on in silence until one is back";
            self.lose(now, DeviceError { kind: DeviceErrorKind::Lost, text: text.into() });
            return;
        }
        self.open = None;
        self.try_open(now);
    }

    fn lose(&mut self, now: Instant, error: DeviceError) {
        self.open = None;
        self.told_missing = true;
        self.retry = Some((now + RETRY_FIRST, RETRY_FIRST));
        (self.reports)(DeviceReport::Lost(error));
    }

    fn try_open(&mut self, now: Instant) {
        let Some(choice) = self.choice.clone() else { return };
        match open_choice(&mut *self.backend, &choice) {
            Ok((pair, opened)) => {
                let (microphone, loudspeaker) = pair.names();
                let text = remark(&choice, &pair);
                self.open = Some(Open {
                    pair,
                    format: opened.ends.format(),
                    shared: Arc::clone(opened.ends.shared()),
                    streams: opened.streams,
                    next_watch: now + WATCH_EVERY,
                    next_list: now + LIST_EVERY,
                    progress: [(0, now + START_GRACE); 2],
                });
                self.retry = None;
                self.told_missing = false;
                let report = OpenedPair { ends: opened.ends, microphone, loudspeaker, text };
                if std::mem::replace(&mut self.was_open, true) {
                    (self.reports)(DeviceReport::Changed(report));
                } else {
                    (self.reports)(DeviceReport::Opened(report));
                }
            }
            Err(error) => {
                let wait = match self.retry {
                    Some((_, waited)) => (2 * waited).min(RETRY_LAST),
                    None => RETRY_FIRST,
                };
                self.retry = Some((now + wait, wait));
                // Once: a card that stays away is not told every two seconds.
                if !std::mem::replace(&mut self.told_missing, true) {
                    (self.reports)(if self.was_open {
                        DeviceReport::Lost(error)
                    } else {
                        DeviceReport::Failed(error)
                    });
                }
            }
        }
    }
}

impl Open {
    /// The error of a side whose callback has not run for too long.
    fn stalled(&mut self, now: Instant) -> Option<DeviceError> {
        let periods = 3000 * u64::from(self.format.period_frames)
            / u64::from(self.format.playback_rate_hz.max(1));
        let limit = Duration::from_millis(periods) + STALL_MARGIN;
        let sides = [
            (self.pair.loudspeaker.as_ref(), self.shared.playback.callbacks()),
            (self.pair.microphone.as_ref(), self.shared.capture.callbacks()),
        ];
        for ((entry, callbacks), (seen, since)) in sides.into_iter().zip(&mut self.progress) {
            let Some(entry) = entry else { continue };
            if callbacks != *seen {
                (*seen, *since) = (callbacks, now);
            } else if now.saturating_duration_since(*since) > limit {
                let text = format!("{} has stopped working; it is opened again", entry.name);
                return Some(DeviceError { kind: DeviceErrorKind::Lost, text });
            }
        }
        None
    }
}

fn open_choice(
    backend: &mut dyn Backend,
    choice: &DeviceChoice,
) -> Result<(DevicePair, super::backend::OpenPair), DeviceError> {
    let list = backend.list()?;
    let pair = DevicePair::resolve(choice, &list);
    if pair.microphone.is_none() && pair.loudspeaker.is_none() {
        return Err(DeviceError { kind: DeviceErrorKind::NotFound, text: missing(choice, &list) });
    }
    let opened = backend.open(&pair)?;
    Ok((pair, opened))
}

/// Why nothing of a choice could be had.
fn missing(choice: &DeviceChoice, list: &[DeviceEntry]) -> String {
    let named = [&choice.loudspeaker, &choice.microphone].into_iter().find(|name| !name.is_empty());
    match (named, list.is_empty()) {
        (Some(name), _) => format!(
            "there is no sound card \"{name}\" and no default one; the device list has the names"
        ),
        (None, true) => {
            "no sound card found; plug one in or start the sound server, it is then used".into()
        }
        (None, false) => {
            "the system has no default sound card; choose one by a name of the device list".into()
        }
    }
}

/// What of the choice could not be had.
fn remark(choice: &DeviceChoice, pair: &DevicePair) -> String {
    let mut remarks = Vec::new();
    let sides = [
        ("microphone", &choice.microphone, &pair.microphone),
        ("loudspeaker", &choice.loudspeaker, &pair.loudspeaker),
    ];
    for (side, wanted, got) in sides {
        let lower = wanted.to_lowercase();
        match got {
            None => remarks.push(format!("there is no {side}")),
            Some(got) if got.id != *wanted && !got.name.to_lowercase().contains(&lower) => {
                remarks.push(format!(
                    "the {side} \"{wanted}\" is not there, {} is used until it is; the device \
                     list has the names",
                    got.name
                ));
            }
            Some(_) => {}
        }
    }
    remarks.join("; ")
}

/// Commands that may wait for the thread.
pub const COMMANDS: usize = 64;
/// How often faults and callback counters are looked at while a device is open.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// How often the list is read while a device is open; most systems do not tell of every change.
const LIST_EVERY: Duration = Duration::from_millis(500);
/// Sound servers are slow to start a stream.
const START_GRACE: Duration = Duration::from_secs(2);
/// On top of three periods. Gaps of up to 146 ms between callbacks were measured with PulseAudio on
/// a busy machine of two cores; opening again takes longer than waiting for those.
const STALL_MARGIN: Duration = Duration::from_millis(250);
/// First and longest wait before a lost device is tried again.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LAST: Duration = Duration::from_secs(2);
/// What a dropped handle waits for an audio system that hangs.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

#[cfg(test)]
#[path = "supervisor_tests.rs"]
mod tests;

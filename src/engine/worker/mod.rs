//! M: a media worker. A plain thread that owns the sockets, streams and the bridge of its calls.
//!
//! ```text
//! sleep ─▶ inbox ─▶ read sockets ─▶ n × 10 ms: pull ─▶ bridge ─▶ push ─▶ send ─▶ reports
//!   ▲                                                                      │
//!   └── next round: 5 ms with a card, 10 with files, else by groups of calls ◀──┘
//! ```
//!
//! Without a card or files for our user, each group of calls that hear each other has rounds of its
//! own, 20 ms apart (10 where packet times are no multiple of 20) and just behind its packets
//! (`rhythm.rs`). They are times to sleep until, not sockets to wait for: the kernel stamps what arrives. Commands come through an [`Inbox`],
//! looked into every 10 ms at least; a worker without calls and without a card waits on it and costs
//! nothing. It never waits for another thread.

mod aside;
mod call;
mod fit;
mod microphone;
mod pacer;
pub(super) mod play;
mod port;
pub(super) mod recording;
mod rhythm;
pub(super) mod taps;
mod work;

use std::{
    net::SocketAddr,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use actix::{Message, Recipient};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

pub(super) use self::call::CallMedia;
use self::port::UserPort;
use self::{play::Source, recording::Recording};
use super::{error::ErrorKind, shared::Shared};
use crate::{
    base::{
        ids::{CallId, RequestId},
        plan::MediaPlan,
        units::Gain,
    },
    call::Ear,
    device::{files::WavSink, pcap::PcapSink, ports::PortEnds},
    net::rtp_udp::RtpSockets,
};

/// Commands that may wait for a worker. S sends a handful per call; a worker looks every 10 ms.
const INBOX: usize = 16 * 1024;

/// What the signaling thread asks of a worker.
pub(super) enum WorkerCmd {
    /// Take a call; its media is idle until `Connect`.
    Open(Box<CallMedia>),
    /// Run the media by this plan, the first or a later one.
    Connect { call: CallId, plan: Box<MediaPlan> },
    /// Send digits; the report comes after the last.
    Dtmf { call: CallId, digits: String, duration: Duration, request: Option<RequestId> },
    /// Go on over other sockets: our address has changed. The stream and its keys stay.
    Rebind { call: CallId, sockets: Box<RtpSockets> },
    /// Play digits as tones, behind those that play; the report comes after the last.
    Tones { call: CallId, tones: Source, request: Option<RequestId> },
    /// Send silence in the place of the microphone, or not.
    Mute { call: CallId, muted: bool },
    /// Gains of what is sent and heard.
    Gain { call: CallId, send: Gain, receive: Gain },
    /// How our user is heard by a call, and how loud they hear it.
    UserGain { call: CallId, microphone: Gain, loudspeaker: Gain },
    /// What `from` says is heard by `to`; both are on this worker.
    Route { from: CallId, to: CallId, gain: Option<Gain> },
    /// Play into the call.
    Play { call: CallId, source: Source, gain: Gain },
    /// End that.
    StopPlaying { call: CallId },
    /// What our user is to hear.
    Listen { call: CallId, ear: Ear },
    /// Part our user from a far end that is held, or bring them together again.
    Hold { call: CallId, held: bool },
    /// What the far end hears while it is held.
    HoldMusic { call: CallId, music: Option<Source> },
    /// Record the call.
    Record { call: CallId, recording: Box<Recording> },
    /// End that.
    StopRecording { call: CallId },
    /// Leave out of the recording what comes, or no longer.
    PauseRecording { call: CallId, paused: bool },
    /// Write the call's datagrams.
    Capture { call: CallId, sink: PcapSink },
    /// End that.
    StopCapture { call: CallId },
    /// The user's end of the audio.
    Attach(UserAudio),
    /// The user has none.
    Detach,
    /// A call will come from another worker; what comes for it before waits.
    Expect { call: CallId },
    /// Hand a call to another worker.
    MigrateOut { call: CallId, to: Inbox },
    /// Take it over.
    MigrateIn(Box<CallMedia>),
    /// It was over before it could be handed on.
    NotComing { call: CallId },
    /// Say RTCP BYE and let the call go.
    Close { call: CallId },
    /// Let everything go and end.
    Stop,
    /// Panic while working on a call.
    #[cfg(test)]
    Fail { call: CallId },
}

impl WorkerCmd {
    /// Whether the media of a call, the user's audio or the worker itself would be lost with it.
    fn must_arrive(&self) -> bool {
        matches!(
            self,
            WorkerCmd::Open(_)
                | WorkerCmd::Expect { .. }
                | WorkerCmd::MigrateOut { .. }
                | WorkerCmd::MigrateIn(_)
                | WorkerCmd::NotComing { .. }
                | WorkerCmd::Close { .. }
                | WorkerCmd::Attach(_)
                | WorkerCmd::Detach
                | WorkerCmd::Stop
        )
    }
}

/// The user's end of the audio, to be attached to a worker.
pub(super) enum UserAudio {
    /// A sound card's rings, or a stepped device's.
    Card(PortEnds),
    /// WAV files.
    Files { microphone: Option<Source>, loudspeaker: Option<WavSink>, rate_hz: u32 },
}

/// What a worker tells the session of a call.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) enum WorkerReport {
    /// The first RTP packet was believed.
    FirstPacket,
    /// RTP goes to and comes from another address than the plan said.
    Latched(SocketAddr),
    /// A digit arrived.
    Dtmf { digit: char, duration: Duration },
    /// The digits of a command have been sent.
    DtmfSent { request: Option<RequestId>, error: Option<(ErrorKind, String)> },
    /// No RTP for the time of the watch, or again some.
    Silent(bool),
    /// What was played came to its end.
    PlayFinished,
    /// The recording is paused, or goes on; where it is.
    RecordPaused { paused: bool, at: Duration },
    /// The plan could not be carried out.
    Failed { text: String },
    /// A fault inside while working on this call; it was let go.
    Panicked,
}

/// Where a worker's commands come in. A worker that is stuck soon has as many as may wait; what
/// begins and ends a call's media, and what hands it on, still finds a place then. There are a few
/// of those per call, and no call begins at a worker whose inbox is full.
#[derive(Clone)]
pub(super) struct Inbox {
    commands: Sender<WorkerCmd>,
    most: usize,
}

impl Inbox {
    fn new(most: usize) -> (Self, Receiver<WorkerCmd>) {
        let (commands, waiting) = unbounded();
        (Self { commands, most }, waiting)
    }

    /// Whether only what must not be lost still finds a place.
    pub(super) fn is_full(&self) -> bool {
        self.commands.len() >= self.most
    }

    /// Sends a command that nobody would send again; `false` when the worker has ended.
    pub(super) fn insist(&self, command: WorkerCmd) -> bool {
        self.commands.send(command).is_ok()
    }

    /// Sends a command; `false` when there is no place for it, or the worker has ended.
    pub(super) fn send(&self, command: WorkerCmd) -> bool {
        (command.must_arrive() || !self.is_full()) && self.commands.send(command).is_ok()
    }
}

/// A worker as the signaling thread holds it.
pub(super) struct Worker {
    pub(super) inbox: Inbox,
    /// Calls that it has.
    pub(super) calls: usize,
    thread: Option<JoinHandle<()>>,
    /// Nothing comes on it; it closes with the thread's end.
    ended: Receiver<()>,
}

/// The session's end of a worker's reports.
pub(super) type Reports = Recipient<WorkerReport>;

impl Worker {
    /// Starts worker number `index`.
    pub(super) fn start(index: usize, shared: Arc<Shared>) -> std::io::Result<Self> {
        let (inbox, commands) = Inbox::new(INBOX);
        let (running, ended) = bounded::<()>(0);
        let thread = std::thread::Builder::new()
            .name(format!("sidetone-media-{index}"))
            .stack_size(512 * 1024)
            .spawn(move || {
                work::run(&commands, &shared);
                drop(running);
            })?;
        Ok(Self { inbox, calls: 0, thread: Some(thread), ended })
    }

    /// Sends a command; see [`Inbox::send`].
    pub(super) fn send(&self, command: WorkerCmd) -> bool {
        self.inbox.send(command)
    }

    /// Stops the worker and waits for its thread: a tick as a rule. `false`: it was stuck until the
    /// time given, and is left behind.
    pub(super) fn stop(&mut self, until: Instant) -> bool {
        // An inbox that has closed means that the thread is at its end, too.
        let _ = self.inbox.send(WorkerCmd::Stop);
        if self.ended.recv_deadline(until) == Err(RecvTimeoutError::Timeout) {
            return false;
        }
        if let Some(thread) = self.thread.take() {
            // A panic has been reported as a fault already.
            let _ = thread.join();
        }
        true
    }
}

#[cfg(test)]
impl Worker {
    /// One that has a place for a single command and reads none until what is given back is dropped;
    /// then it ends.
    pub(super) fn stuck() -> (Self, Sender<()>) {
        let (inbox, commands) = Inbox::new(1);
        let (running, ended) = bounded::<()>(0);
        let (held, release) = bounded::<()>(0);
        let thread = std::thread::spawn(move || {
            let _ = release.recv();
            drop((commands, running));
        });
        (Self { inbox, calls: 0, thread: Some(thread), ended }, held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::TypedId;

    #[test]
    fn a_stuck_worker_does_not_hold_up_the_stop() {
        let (mut worker, held) = Worker::stuck();
        assert!(!worker.stop(Instant::now() + Duration::from_millis(1)), "it reads no command");
        assert!(worker.inbox.is_full());
        assert!(!worker.stop(Instant::now() + Duration::from_millis(1)), "its inbox is full");
        drop(held);
        assert!(worker.stop(Instant::now() + Duration::from_secs(60)), "it has ended by itself");
    }

    #[test]
    fn a_full_inbox_takes_what_begins_and_ends_a_call() {
        let (inbox, commands) = Inbox::new(1);
        let (call, to) = (CallId::from_parts(1, 1), inbox.clone());
        assert!(inbox.send(WorkerCmd::Mute { call, muted: true }));
        assert!(!inbox.send(WorkerCmd::Mute { call, muted: false }), "it is full");
        for command in [
            WorkerCmd::Expect { call },
            WorkerCmd::MigrateOut { call, to },
            WorkerCmd::NotComing { call },
            WorkerCmd::Close { call },
        ] {
            assert!(inbox.send(command));
        }
        assert!(!inbox.send(WorkerCmd::StopPlaying { call }));
        assert_eq!(commands.try_iter().count(), 5);
        assert!(inbox.send(WorkerCmd::StopPlaying { call }), "there are places again");
        drop(commands);
        assert!(!inbox.send(WorkerCmd::Close { call }), "nobody is there");
    }
}

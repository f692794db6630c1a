//! The part of [`Engine`] that is about files, sound cards, and how threads keep time with them.

use std::{path::Path, sync::atomic::Ordering, time::Duration};

use super::{
    AudioPolicy, DeviceInfo, DeviceLevels, Engine, EngineHealth, Error, ErrorKind, PlayOptions,
    Priority,
    command::{CallCommand, Command},
    shared::lock,
    validate,
};
use crate::{
    base::ids::{CallId, RequestId},
    device::health::Histogram,
};

/// How long a host waits for the list of sound cards.
const DEVICE_LIST_TIMEOUT: Duration = Duration::from_secs(5);

impl Engine {
    /// Plays a WAV file into a call (what the far end hears), instead of one playing before.
    pub fn play(
        &self,
        call: CallId,
        path: &Path,
        options: PlayOptions,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.call(call)?;
        validate::gain(options.gain_db)?;
        let clip = validate::clip(path)?;
        self.command(call, CallCommand::Play { clip, options }, request)
    }

    /// Ends the playing.
    pub fn stop_playing(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::StopPlaying, request)
    }

    /// Records a call to a stereo WAV file: near end left, far end right.
    pub fn record(
        &self,
        call: CallId,
        path: &Path,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.command(call, CallCommand::Record { path: path.to_owned() }, request)
    }

    /// Leaves out of the recording what is said from now on; the file gets a mark there. The reply says
    /// `WrongState` when the call is not recorded; paused already: nothing happens. An event follows.
    pub fn pause_recording(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::PauseRecording(true), request)
    }

    /// Goes on recording after a pause, right behind what was recorded before it.
    pub fn resume_recording(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::PauseRecording(false), request)
    }

    /// Ends the recording; its event follows when the file is whole.
    pub fn stop_recording(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::StopRecording, request)
    }

    /// Writes every RTP and RTCP datagram of a call, as it is on the wire, and its SIP messages to
    /// a PCAP file.
    pub fn capture(
        &self,
        call: CallId,
        path: &Path,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.command(call, CallCommand::Capture { path: path.to_owned() }, request)
    }

    /// Ends the capture.
    pub fn stop_capture(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::StopCapture, request)
    }

    /// The sound cards. Looks them up on the device thread; waits up to five seconds for it.
    pub fn devices(&self) -> Result<Vec<DeviceInfo>, Error> {
        let (listing, listed) = std::sync::mpsc::sync_channel(1);
        self.send(Command::ListDevices { listing })?;
        listed.recv_timeout(DEVICE_LIST_TIMEOUT).unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, "the audio system took longer than five seconds"))
        })
    }

    /// Chooses how audio reaches the user; calls that are up change over.
    pub fn select_audio(
        &self,
        policy: AudioPolicy,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let policy = validate::audio(&policy)?;
        self.send(Command::SelectAudio { policy, request })
    }

    /// How the threads do that have to keep time.
    pub fn health(&self) -> EngineHealth {
        let health = &self.shared.health;
        let audio = &health.audio;
        let workers = lock(&health.workers).clone();
        EngineHealth {
            playback_callbacks: Histogram::spread(&[&audio.playback.times]).count,
            capture_callbacks: Histogram::spread(&[&audio.capture.times]).count,
            callback: audio.times(),
            deadline_misses: audio.misses(),
            callback_priority: audio.priority(),
            round_late: Histogram::spread(&[&health.rounds]),
            late_rounds: self.shared.counters.late_ticks.load(Ordering::Relaxed),
            workers: workers.len() as u32,
            worker_priority: workers.into_iter().fold(Priority::default(), Priority::worse),
        }
    }

    /// Levels at the sound card.
    pub fn levels(&self) -> DeviceLevels {
        let level = |bits: u32| Some(f32::from_bits(bits)).filter(|db| !db.is_nan());
        let counters = &self.shared.counters;
        DeviceLevels {
            microphone_db: level(counters.microphone_db.load(Ordering::Relaxed)),
            loudspeaker_db: level(counters.loudspeaker_db.load(Ordering::Relaxed)),
        }
    }
}

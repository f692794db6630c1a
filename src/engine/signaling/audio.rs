//! The user's end of the audio: which it is, when it is opened, and what becomes of files.
//!
//! Sound cards are opened with the first call and closed after the last, so an idle phone keeps no
//! audio system awake. WAV files and the stepped device stay attached from the first call on.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, mpsc::SyncSender},
    time::Duration,
};

use actix::{Addr, AsyncContext, Context, Message};

use super::Signaling;
use crate::{
    base::ids::{CallId, RequestId},
    device::{
        backend::{Backend, DeviceChoice, DeviceEntry, DeviceError, DeviceErrorKind},
        files::FileNews,
        health::AudioHealth,
        stepped::SteppedDevice,
        supervisor::{DeviceCmd, DeviceReport, OpenedPair, Supervisor},
    },
    engine::{
        device_policy::DevicePolicy,
        error::{Error, ErrorKind},
        event::{DeviceState, EventKind},
        info::DeviceInfo,
        worker::{
            UserAudio, WorkerCmd,
            play::{Clip, Source},
        },
    },
};

/// How long an audio system may take to close before it is left behind.
const DEVICE_STOP: Duration = Duration::from_secs(2);
/// The worker that the user's audio is attached to.
pub(super) const USER_WORKER: usize = 0;
/// Rate of the loudspeaker's file.
const LOUDSPEAKER_HZ: u32 = 48_000;

/// What the device thread and the files thread report.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) enum DeviceMessage {
    Device(DeviceReport),
    File(FileNews),
}

/// An audio policy whose files have been read.
#[derive(Debug)]
pub(in crate::engine) enum Prepared {
    Headless,
    Devices(DevicePolicy),
    Wav { microphone: Option<Clip>, repeat: bool, loudspeaker: Option<PathBuf> },
    Stepped(SteppedDevice),
}

/// Where a listing of sound cards goes: to the host's thread that waits for it.
pub(in crate::engine) type Listing = SyncSender<Result<Vec<DeviceInfo>, Error>>;

/// The user's audio as Signaling holds it.
pub(super) struct Audio {
    policy: Prepared,
    supervisor: Option<Supervisor>,
    health: Arc<AudioHealth>,
    attached: bool,
    listings: HashMap<u64, Listing>,
    next_ticket: u64,
}

impl Audio {
    /// How callbacks do is written down in `health`.
    pub(super) fn new(policy: Prepared, health: Arc<AudioHealth>) -> Self {
        let listings = HashMap::new();
        Self { policy, supervisor: None, health, attached: false, listings, next_ticket: 1 }
    }

    /// Whether calls are heard by a user at all.
    pub(super) fn has_user(&self) -> bool {
        !matches!(self.policy, Prepared::Headless)
    }

    /// Closes the sound card for good.
    pub(super) fn stop(&mut self) {
        if let Some(supervisor) = self.supervisor.take() {
            supervisor.stop(DEVICE_STOP);
        }
    }

    fn supervisor(&mut self, to: &Addr<Signaling>) -> std::io::Result<&Supervisor> {
        if self.supervisor.is_none() {
            let to = to.clone();
            // The device thread must not wait; its reports are few.
            let reports = Box::new(move |report| to.do_send(DeviceMessage::Device(report)));
            let health = Arc::clone(&self.health);
            self.supervisor = Some(Supervisor::start(move || backend(health), reports)?);
        }
        self.supervisor.as_ref().ok_or_else(|| std::io::Error::other("the thread has ended"))
    }
}

#[cfg(feature = "audio")]
fn backend(health: Arc<AudioHealth>) -> Box<dyn Backend> {
    Box::new(crate::device::cpal::SoundCards::new(health))
}

#[cfg(not(feature = "audio"))]
fn backend(_: Arc<AudioHealth>) -> Box<dyn Backend> {
    Box::new(crate::device::backend::NoSoundCards)
}

impl Signaling {
    pub(super) fn select_audio(
        &mut self,
        ctx: &mut Context<Self>,
        policy: Prepared,
        request: Option<RequestId>,
    ) {
        self.close_audio();
        self.workers[USER_WORKER].send(WorkerCmd::Detach);
        self.audio.attached = false;
        self.audio.policy = policy;
        if !self.calls.is_empty() && self.audio.has_user() {
            let calls: Vec<CallId> = self.calls.keys().copied().collect();
            for call in calls {
                self.move_conference_of(call, USER_WORKER);
                self.move_to(call, USER_WORKER);
            }
            self.audio_wanted(&ctx.address());
        }
        self.reply(request, None, "");
    }

    /// A call is there: opens what is not open yet.
    pub(super) fn audio_wanted(&mut self, to: &Addr<Self>) {
        if self.audio.attached {
            return;
        }
        let audio = match &mut self.audio.policy {
            Prepared::Headless => return,
            Prepared::Devices(policy) => {
                let choice = DeviceChoice {
                    microphone: policy.microphone.clone(),
                    loudspeaker: policy.loudspeaker.clone(),
                };
                self.audio.attached = true;
                self.open_cards(choice, to);
                return;
            }
            Prepared::Stepped(device) => {
                UserAudio::Card(device.open(Arc::clone(&self.audio.health)))
            }
            Prepared::Wav { microphone, repeat, loudspeaker } => {
                let sink = match loudspeaker {
                    Some(path) => match self.files.open_wav(path, LOUDSPEAKER_HZ, 1) {
                        Ok((_, sink)) => Some(sink),
                        Err(error) => {
                            self.shared.emit(device_failed(&error.text));
                            None
                        }
                    },
                    None => None,
                };
                UserAudio::Files {
                    microphone: microphone.clone().map(|clip| Source::new(clip, *repeat)),
                    loudspeaker: sink,
                    rate_hz: LOUDSPEAKER_HZ,
                }
            }
        };
        self.workers[USER_WORKER].send(WorkerCmd::Attach(audio));
        self.audio.attached = true;
    }

    fn open_cards(&mut self, choice: DeviceChoice, to: &Addr<Self>) {
        let opened = self.audio.supervisor(to).map(|d| d.send(DeviceCmd::Open(choice)));
        if !matches!(opened, Ok(true)) {
            let text = "the audio system does not respond; calls go on without sound";
            self.shared.emit(device_failed(text));
        }
    }

    /// The last call is over.
    pub(super) fn audio_unwanted(&mut self) {
        if self.calls.is_empty() && matches!(self.audio.policy, Prepared::Devices(_)) {
            self.close_audio();
            self.workers[USER_WORKER].send(WorkerCmd::Detach);
            self.audio.attached = false;
        }
    }

    fn close_audio(&mut self) {
        if let (Prepared::Devices(_), Some(supervisor)) =
            (&self.audio.policy, &self.audio.supervisor)
        {
            supervisor.send(DeviceCmd::Close);
        }
    }

    /// Lists the sound cards for a host's thread.
    pub(super) fn list_devices(&mut self, ctx: &mut Context<Self>, listing: Listing) {
        let ticket = self.audio.next_ticket;
        self.audio.next_ticket += 1;
        let asked = self.audio.supervisor(&ctx.address());
        if asked.is_ok_and(|supervisor| supervisor.send(DeviceCmd::List { ticket })) {
            self.audio.listings.insert(ticket, listing);
        } else {
            // The host may have given up.
            let _ = listing.try_send(Err(Error::new(
                ErrorKind::DeviceOpen,
                "the audio system does not respond; try again later",
            )));
        }
    }

    pub(super) fn handle_device(&mut self, message: DeviceMessage) {
        match message {
            DeviceMessage::File(news) => self.handle_file(&news),
            DeviceMessage::Device(report) => match report {
                DeviceReport::Listed { ticket, result } => {
                    let Some(listing) = self.audio.listings.remove(&ticket) else { return };
                    let infos = result.map(|list| list.into_iter().map(device_info).collect());
                    // The host may have given up.
                    let _ = listing.try_send(infos.map_err(device_error));
                }
                DeviceReport::Opened(pair) => self.attach_card(DeviceState::Opened, pair),
                DeviceReport::Changed(pair) => self.attach_card(DeviceState::Changed, pair),
                DeviceReport::Lost(error) => {
                    self.shared.emit(device_event(DeviceState::Lost, &error.text));
                }
                DeviceReport::Failed(error) => {
                    self.shared.emit(device_failed(&error.text));
                }
                DeviceReport::Closed => {
                    self.shared.emit(device_event(DeviceState::Closed, ""));
                }
            },
        }
    }

    fn attach_card(&mut self, state: DeviceState, pair: OpenedPair) {
        // The last call may have ended while the card was being opened.
        if !self.audio.attached || !matches!(self.audio.policy, Prepared::Devices(_)) {
            return;
        }
        self.workers[USER_WORKER].send(WorkerCmd::Attach(UserAudio::Card(pair.ends)));
        self.shared.emit(EventKind::Device {
            state,
            loudspeaker: pair.loudspeaker,
            microphone: pair.microphone,
            text: pair.text,
        });
    }
}

/// What is told when the user's end of the audio is in trouble.
pub(super) fn device_failed(text: &str) -> EventKind {
    device_event(DeviceState::Failed, text)
}

fn device_event(state: DeviceState, text: &str) -> EventKind {
    EventKind::Device {
        state,
        loudspeaker: String::new(),
        microphone: String::new(),
        text: text.to_owned(),
    }
}

fn device_info(entry: DeviceEntry) -> DeviceInfo {
    DeviceInfo {
        id: entry.id,
        name: entry.name,
        captures: entry.captures,
        plays: entry.plays,
        default_capture: entry.default_capture,
        default_playback: entry.default_playback,
    }
}

fn device_error(error: DeviceError) -> Error {
    let kind = match error.kind {
        DeviceErrorKind::NotFound => ErrorKind::NoDevice,
        _ => ErrorKind::DeviceOpen,
    };
    Error::new(kind, error.text)
}

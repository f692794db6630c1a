//! What a host's program hears of a call and says in it, as PCM: taps and injections.
//!
//! ```text
//!   Engine::tap_open ──▶ Door of the call ──▶ M: taken in at the next tick
//!   Engine::tap_read ◀────────── ring ◀────── a frame each 10 or 20 ms
//! ```
//!
//! A new one waits at the call's door until the worker looks, and so it may come before the call
//! has media. After that the two ends share a ring ([`crate::device::pcm`]) and nothing else.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    Engine,
    error::{Error, ErrorKind},
    shared::{Life, lock},
    worker::taps::{Injected, Tap},
};
pub use crate::device::pcm::{InjectInfo, TapFrame};
use crate::{
    base::ids::{CallId, InjectionId, TapId},
    device::pcm::{self, InjectWriter, TapReader},
};

/// Taps of one call at most, and injections.
pub const MOST: usize = 8;
/// Rates, Hz.
const RATES_HZ: [u32; 4] = [8_000, 16_000, 24_000, 48_000];
/// What a tap may hold for a host that does not read, and an injection of what is not played yet.
const TAP_BUFFER_MS: std::ops::RangeInclusive<u32> = 100..=10_000;
const INJECT_BUFFER_MS: std::ops::RangeInclusive<u32> = 100..=60_000;
/// A waiting read looks so often: the worker never has to wake anybody.
const LOOK: Duration = Duration::from_millis(5);

/// Which way of a call is tapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapDirection {
    /// What the far end says, before the gain of what we hear.
    Received,
    /// What is sent to it: everything that is mixed for it, as it is encoded.
    Sent,
}

/// Who hears what is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectDirection {
    /// The far end, with the microphone.
    FarEnd,
    /// Our own user, with the calls.
    NearEnd,
}

/// How a call is tapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapOptions {
    /// Which way.
    pub direction: TapDirection,
    /// 8000, 16000, 24000 or 48000 Hz; mono.
    pub sample_rate_hz: u32,
    /// Length of a frame, 10 or 20 ms.
    pub frame_ms: u32,
    /// Audio that waits for a reader at most, 100 to 10000 ms. Beyond it the newest is dropped.
    pub buffer_ms: u32,
}

impl Default for TapOptions {
    fn default() -> Self {
        let direction = TapDirection::Received;
        Self { direction, sample_rate_hz: 16_000, frame_ms: 20, buffer_ms: 1_000 }
    }
}

/// How audio is put into a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InjectOptions {
    /// Who hears it.
    pub direction: InjectDirection,
    /// 8000, 16000, 24000 or 48000 Hz; mono.
    pub sample_rate_hz: u32,
    /// Audio that may be written ahead, 100 to 60000 ms.
    pub buffer_ms: u32,
}

impl Default for InjectOptions {
    fn default() -> Self {
        let direction = InjectDirection::FarEnd;
        Self { direction, sample_rate_hz: 16_000, buffer_ms: 5_000 }
    }
}

/// How a tap does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TapInfo {
    /// Samples of a frame.
    pub frame_samples: usize,
    /// Frames that wait to be read.
    pub waiting: usize,
    /// Frames dropped in all, because the host did not read in time.
    pub dropped: u64,
    /// The call is over; nothing follows what waits.
    pub ended: bool,
}

/// Where new taps and injections of a call wait for its media worker. A host that holds its lock
/// keeps no worker waiting.
#[derive(Debug, Default)]
pub(super) struct Door {
    knocked: AtomicBool,
    hall: Mutex<Hall>,
    taps: Arc<AtomicUsize>,
    injections: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Hall {
    closed: bool,
    waiting: Vec<Joining>,
}

/// What waits there.
#[derive(Debug)]
pub(super) enum Joining {
    Tap(Box<Tap>),
    Injection(Box<Injected>),
}

impl Joining {
    fn is_abandoned(&self) -> bool {
        match self {
            Joining::Tap(tap) => tap.is_abandoned(),
            Joining::Injection(injected) => injected.is_abandoned(),
        }
    }
}

impl Door {
    fn knock(&self, joining: Joining) -> Result<(), Error> {
        let mut hall = lock(&self.hall);
        if hall.closed {
            return Err(ended());
        }
        // Opened and closed again in one tick.
        hall.waiting.retain(|waiting| !waiting.is_abandoned());
        hall.waiting.push(joining);
        self.knocked.store(true, Ordering::Release);
        Ok(())
    }

    /// Who waits, for the worker; nobody while a host is at the door.
    pub(super) fn open(&self) -> Vec<Joining> {
        if !self.knocked.load(Ordering::Acquire) {
            return Vec::new();
        }
        let Ok(mut hall) = self.hall.try_lock() else { return Vec::new() };
        self.knocked.store(false, Ordering::Release);
        std::mem::take(&mut hall.waiting)
    }

    /// The call is over.
    pub(super) fn close(&self) {
        let mut hall = lock(&self.hall);
        hall.closed = true;
        hall.waiting.clear();
    }
}

/// One of the places that a call has.
#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(places: &Arc<AtomicUsize>, noun: &str) -> Result<Self, Error> {
        let more = |taken| (taken < MOST).then_some(taken + 1);
        match places.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Self(Arc::clone(places))),
            Err(_) => Err(Error::new(
                ErrorKind::Limit,
                format!("the call has {MOST} {noun} already; close one first"),
            )),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The host's end of a tap.
#[derive(Debug)]
pub(super) struct TapEnd {
    reader: Mutex<TapReader>,
    _place: Place,
}

impl TapEnd {
    fn read(&self, pcm: &mut [i16]) -> Result<Option<TapFrame>, Error> {
        let mut reader = lock(&self.reader);
        let samples = reader.frame_samples();
        if pcm.len() < samples {
            let text = format!("room for {} samples; a frame has {samples}", pcm.len());
            return Err(Error::new(ErrorKind::TooSmall, text));
        }
        // Asked before: what the worker wrote last is read still.
        let over = reader.is_abandoned();
        match reader.read(pcm) {
            None if over => Err(ended()),
            frame => Ok(frame),
        }
    }
}

/// The host's end of an injection.
#[derive(Debug)]
pub(super) struct InjectEnd {
    writer: Mutex<InjectWriter>,
    _place: Place,
}

impl InjectEnd {
    /// The writer of a call that goes on.
    fn write<T>(&self, write: impl FnOnce(&mut InjectWriter) -> T) -> Result<T, Error> {
        let mut writer = lock(&self.writer);
        if writer.is_abandoned() { Err(ended()) } else { Ok(write(&mut writer)) }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Ended, "the call is over")
}

fn check_rate(rate_hz: u32) -> Result<(), Error> {
    if RATES_HZ.contains(&rate_hz) {
        return Ok(());
    }
    let text = format!("sample_rate_hz {rate_hz}: give 8000, 16000, 24000 or 48000");
    Err(Error::new(ErrorKind::InvalidArgument, text))
}

fn check_buffer(ms: u32, range: &std::ops::RangeInclusive<u32>) -> Result<(), Error> {
    if range.contains(&ms) {
        return Ok(());
    }
    let text = format!("buffer_ms {ms}: give {} to {}", range.start(), range.end());
    Err(Error::new(ErrorKind::InvalidArgument, text))
}

impl Engine {
    /// Taps a call: a frame of PCM each 10 or 20 ms, from when the call has media (not before its
    /// far end was found) to its end, be it silence. Errors: `InvalidArgument`, `StaleId`, `Limit`,
    /// `Ended`.
    pub fn tap_open(&self, call: CallId, options: TapOptions) -> Result<TapId, Error> {
        self.shared.check_running()?;
        check_rate(options.sample_rate_hz)?;
        check_buffer(options.buffer_ms, &TAP_BUFFER_MS)?;
        if ![10, 20].contains(&options.frame_ms) {
            let text = format!("frame_ms {}: give 10 or 20", options.frame_ms);
            return Err(Error::new(ErrorKind::InvalidArgument, text));
        }
        let of = self.shared.call(call)?;
        let frame_samples = (options.sample_rate_hz / 1000 * options.frame_ms) as usize;
        let frames = (options.buffer_ms / options.frame_ms) as usize;
        let place = Place::take(&of.door.taps, "taps")?;
        let (writer, reader) = pcm::tap(frame_samples, frames);
        let id = self.shared.add_tap(TapEnd { reader: Mutex::new(reader), _place: place })?;
        let start = self.shared.events.start();
        let tap = Tap::new(options.direction, options.sample_rate_hz, writer, start);
        let joined = of.door.knock(Joining::Tap(Box::new(tap)));
        joined.inspect_err(|_| drop(self.shared.remove_tap(id)))?;
        Ok(id)
    }

    /// Takes the next frame of a tap into `pcm`; waits up to `timeout` (`None`: for ever).
    /// `Ok(None)`: the time ran out. Any thread may read; a frame goes to one of them. Errors:
    /// `TooSmall` (nothing is taken), `StaleId`, and `Ended` once the call is over and all was read.
    pub fn tap_read(
        &self,
        tap: TapId,
        pcm: &mut [i16],
        timeout: Option<Duration>,
    ) -> Result<Option<TapFrame>, Error> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            if let Some(frame) = self.shared.tap(tap)?.read(pcm)? {
                return Ok(Some(frame));
            }
            if matches!(self.shared.life(), Life::Stopped | Life::Faulted) {
                self.shared.check_running()?;
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
            std::thread::sleep(left.map_or(LOOK, |left| left.min(LOOK)));
        }
    }

    /// How a tap does.
    pub fn tap_info(&self, tap: TapId) -> Result<TapInfo, Error> {
        let tap = self.shared.tap(tap)?;
        let reader = lock(&tap.reader);
        Ok(TapInfo {
            ended: reader.is_abandoned(),
            frame_samples: reader.frame_samples(),
            waiting: reader.waiting(),
            dropped: reader.dropped(),
        })
    }

    /// Ends a tap; what waits is thrown away.
    pub fn tap_close(&self, tap: TapId) -> Result<(), Error> {
        self.shared.remove_tap(tap)
    }

    /// Opens a source of audio in a call, beside the microphone: neither mutes the other. Errors as
    /// those of [`Engine::tap_open`].
    pub fn inject_open(&self, call: CallId, options: InjectOptions) -> Result<InjectionId, Error> {
        self.shared.check_running()?;
        check_rate(options.sample_rate_hz)?;
        check_buffer(options.buffer_ms, &INJECT_BUFFER_MS)?;
        let into = self.shared.call(call)?;
        let place = Place::take(&into.door.injections, "injections")?;
        let samples = options.sample_rate_hz / 1000 * options.buffer_ms;
        let (writer, reader) = pcm::injection(samples as usize);
        let end = InjectEnd { writer: Mutex::new(writer), _place: place };
        let id = self.shared.add_injection(end)?;
        let injected = Injected::new(options.direction, options.sample_rate_hz, reader);
        let joined = into.door.knock(Joining::Injection(Box::new(injected)));
        joined.inspect_err(|_| drop(self.shared.remove_injection(id)))?;
        Ok(id)
    }

    /// Queues samples behind those that wait, as many as there is room for; tells how many that
    /// were. Errors: `StaleId`, and `Ended` once the call is over.
    pub fn inject_write(&self, injection: InjectionId, pcm: &[i16]) -> Result<usize, Error> {
        self.shared.injection(injection)?.write(|writer| writer.write(pcm))
    }

    /// Throws away what was written and not yet played; tells how many samples that were.
    pub fn inject_flush(&self, injection: InjectionId) -> Result<u64, Error> {
        self.shared.injection(injection)?.write(InjectWriter::flush)
    }

    /// How an injection does; after the end of the call, too.
    pub fn inject_info(&self, injection: InjectionId) -> Result<InjectInfo, Error> {
        Ok(lock(&self.shared.injection(injection)?.writer).info())
    }

    /// Ends an injection; what waits is thrown away.
    pub fn inject_close(&self, injection: InjectionId) -> Result<(), Error> {
        self.shared.remove_injection(injection)
    }
}

//! Sound cards through cpal. The one file that names cpal.
//!
//! On Linux PulseAudio (or PipeWire in its place) is asked first and ALSA where it does not answer;
//! elsewhere the system's own. Everything here runs on the device thread, but for the callback
//! closures: they hold the [`realtime`](super::realtime) values and move samples, with two
//! exceptions, each once in the life of a stream. The first callback asks for real-time scheduling:
//! one system call, `sched_setscheduler`, on Linux, one of the scheduler for multimedia on Windows.
//! And the first error of a stream that is dead is put into words where it is told, which may be the
//! audio thread: there is no sound left to hold up. Besides, how long each callback took is written
//! down ([`health`](super::health)), and told where somebody measures: two looks at the monotonic
//! clock, as cpal itself takes for its timestamps.

use std::{
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use cpal::{
    BufferSize, ErrorKind, Host, HostId, SampleFormat, SizedSample, StreamConfig,
    SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};

#[cfg(target_os = "linux")]
use super::sound_server::{Before, Connection};
use super::{
    backend::{Backend, DeviceEntry, DeviceError, DeviceErrorKind, DevicePair, OpenPair, Streams},
    health::{AudioHealth, CallbackHealth},
    ports::{CallbackTime, PortFormat, port},
    priority::AudioThread,
    realtime::{Capture, DeviceSample, Playback},
};

/// The sound cards of this system.
#[derive(Default)]
pub struct SoundCards {
    /// Kept while a device is open: the connection to the sound server.
    host: Option<Host>,
    /// The audio system that worked last, and how often it has not answered since.
    last: Option<(HostId, u32)>,
    health: Arc<AudioHealth>,
    /// Those to a sound server that were made since the last rest.
    #[cfg(target_os = "linux")]
    connections: Vec<Connection>,
}

impl Drop for SoundCards {
    fn drop(&mut self) {
        self.rest();
    }
}

impl Backend for SoundCards {
    fn list(&mut self) -> Result<Vec<DeviceEntry>, DeviceError> {
        let result = list(self.host()?);
        self.keep_host_if(result.is_ok());
        result
    }

    fn open(&mut self, pair: &DevicePair) -> Result<OpenPair, DeviceError> {
        let health = Arc::clone(&self.health);
        let result = open(self.host()?, pair, &health);
        self.keep_host_if(result.is_ok());
        result
    }

    fn rest(&mut self) {
        self.host = None;
        self.last = None;
        #[cfg(target_os = "linux")]
        self.connections.drain(..).for_each(Connection::end);
    }
}

impl SoundCards {
    /// None is looked for yet. How their callbacks do is written down in `health`.
    pub fn new(health: Arc<AudioHealth>) -> Self {
        let mut cards = Self::default();
        cards.health = health;
        cards
    }

    fn host(&mut self) -> Result<&Host, DeviceError> {
        let host = match self.host.take() {
            Some(host) => host,
            None => self.connect().map_err(|error| told("the audio system", &error))?,
        };
        Ok(self.host.insert(host))
    }

    /// An error may mean that the connection is broken: the next attempt makes a new one.
    fn keep_host_if(&mut self, works: bool) {
        match &self.host {
            Some(host) if works => self.last = Some((host.id(), 0)),
            _ => self.host = None,
        }
    }

    /// PulseAudio where it answers, then the system's own in cpal's order. A sound server that
    /// restarts is waited for: the cards below it may open, but are then kept from it.
    fn connect(&mut self) -> Result<Host, cpal::Error> {
        if let Some((id, failures)) = &mut self.last
            && *failures < FAITHFUL_ATTEMPTS
        {
            *failures += 1;
            let id = *id;
            return self.connect_to(id);
        }
        let mut order = cpal::available_hosts();
        if let Ok(preferred) = HostId::from_str("pulseaudio") {
            order.sort_by_key(|id| *id != preferred);
        }
        let mut last = ErrorKind::HostUnavailable.into();
        for id in order {
            match self.connect_to(id) {
                Ok(host) => return Ok(host),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    #[cfg(target_os = "linux")]
    fn connect_to(&mut self, id: HostId) -> Result<Host, cpal::Error> {
        let before = Before::look();
        let host = cpal::host_from_id(id);
        if host.is_ok() && id.to_string().eq_ignore_ascii_case("pulseaudio") {
            self.connections.extend(before.connection());
        }
        host
    }

    #[cfg(not(target_os = "linux"))]
    fn connect_to(&mut self, id: HostId) -> Result<Host, cpal::Error> {
        cpal::host_from_id(id)
    }
}

fn list(host: &Host) -> Result<Vec<DeviceEntry>, DeviceError> {
    let id_of = |device: Option<cpal::Device>| device.and_then(|device| device.id().ok());
    let default_capture = id_of(host.default_input_device());
    let default_playback = id_of(host.default_output_device());
    let devices = host.devices().map_err(|error| told("the audio system", &error))?;
    let mut entries: Vec<DeviceEntry> = Vec::new();
    for device in devices {
        // A card that goes while it is listed has no id any more.
        let Ok(id) = device.id() else { continue };
        let (captures, plays) = (device.supports_input(), device.supports_output());
        if !captures && !plays || NO_CARDS.contains(&id.id()) {
            continue;
        }
        let entry = DeviceEntry {
            name: name_of(&device),
            captures,
            plays,
            default_capture: captures && default_capture.as_ref() == Some(&id),
            default_playback: plays && default_playback.as_ref() == Some(&id),
            id: id.to_string(),
        };
        match entries.iter_mut().find(|other| other.id == entry.id) {
            Some(other) => {
                other.captures |= entry.captures;
                other.plays |= entry.plays;
                other.default_capture |= entry.default_capture;
                other.default_playback |= entry.default_playback;
            }
            None => entries.push(entry),
        }
    }
    Ok(entries)
}

fn name_of(device: &cpal::Device) -> String {
    match device.description() {
        Ok(description) => description.name().to_owned(),
        Err(_) => device.to_string(),
    }
}

fn open(
    host: &Host,
    pair: &DevicePair,
    health: &Arc<AudioHealth>,
) -> Result<OpenPair, DeviceError> {
    let speaker = pair.loudspeaker.as_ref().map(|entry| Side::playback(host, entry)).transpose()?;
    let microphone =
        pair.microphone.as_ref().map(|entry| Side::capture(host, entry)).transpose()?;
    // A period of 10 ms is asked for always, since PulseAudio's own choice is two seconds; a
    // system that refuses to be asked (some drivers of WASAPI) has a sane one.
    start(speaker.as_ref(), microphone.as_ref(), true, health)
        .or_else(|_| start(speaker.as_ref(), microphone.as_ref(), false, health))
}

fn start(
    speaker: Option<&Side>,
    microphone: Option<&Side>,
    fixed_period: bool,
    health: &Arc<AudioHealth>,
) -> Result<OpenPair, DeviceError> {
    let rate_hz = |side: Option<&Side>| side.map(|side| side.config.sample_rate());
    let playback_rate_hz = rate_hz(speaker).or(rate_hz(microphone)).unwrap_or(48_000);
    let format = PortFormat {
        playback_rate_hz,
        capture_rate_hz: rate_hz(microphone).unwrap_or(playback_rate_hz),
        period_frames: playback_rate_hz / PERIODS_PER_S,
    };
    let (mut ends, playback_end, capture_end) = port(format);
    let watch = Watch { fault: Arc::default(), health: Arc::clone(health) };
    let mut streams = Vec::new();
    if let Some(side) = speaker {
        let playback = Playback::new(playback_end, usize::from(side.config.channels()));
        let stream = side.play(playback, &watch, fixed_period)?;
        if let Ok(frames) = stream.buffer_size()
            && frames > 0
        {
            ends.set_period(frames);
        }
        streams.push(stream);
    }
    if let Some(side) = microphone {
        let capture = Capture::new(capture_end, usize::from(side.config.channels()));
        streams.push(side.record(capture, &watch, fixed_period)?);
    }
    let fault = watch.fault;
    Ok(OpenPair { ends, streams: Box::new(CardStreams { _streams: streams, fault }) })
}

/// Where a pair of streams tells how it does.
struct Watch {
    fault: Arc<Fault>,
    health: Arc<AudioHealth>,
}

/// A device with the configuration that it is opened with.
struct Side {
    device: cpal::Device,
    name: String,
    config: SupportedStreamConfig,
}

impl Side {
    fn playback(host: &Host, entry: &DeviceEntry) -> Result<Self, DeviceError> {
        let device = find(host, entry)?;
        let config = device.default_output_config().and_then(|default| {
            spoken(default, || Ok(device.supported_output_configs()?.collect()))
        });
        Self::with(device, entry, config)
    }

    fn capture(host: &Host, entry: &DeviceEntry) -> Result<Self, DeviceError> {
        let device = find(host, entry)?;
        let config = device.default_input_config().and_then(|default| {
            spoken(default, || Ok(device.supported_input_configs()?.collect()))
        });
        Self::with(device, entry, config)
    }

    fn with(
        device: cpal::Device,
        entry: &DeviceEntry,
        config: Result<SupportedStreamConfig, cpal::Error>,
    ) -> Result<Self, DeviceError> {
        let config = config.map_err(|error| told(&entry.name, &error))?;
        Ok(Self { device, name: entry.name.clone(), config })
    }

    fn stream_config(&self, fixed_period: bool) -> StreamConfig {
        let period = self.config.sample_rate() / PERIODS_PER_S;
        let period = match *self.config.buffer_size() {
            SupportedBufferSize::Range { min, max } => period.max(min).min(max),
            SupportedBufferSize::Unknown => period,
        };
        StreamConfig {
            channels: self.config.channels(),
            sample_rate: self.config.sample_rate(),
            buffer_size: if fixed_period { BufferSize::Fixed(period) } else { BufferSize::Default },
        }
    }

    fn play(
        &self,
        playback: Playback,
        watch: &Watch,
        fixed_period: bool,
    ) -> Result<cpal::Stream, DeviceError> {
        let config = self.stream_config(fixed_period);
        let device = &self.device;
        match self.config.sample_format() {
            SampleFormat::I16 => play_as::<i16>(device, config, playback, watch),
            SampleFormat::U16 => play_as::<u16>(device, config, playback, watch),
            SampleFormat::I32 => play_as::<i32>(device, config, playback, watch),
            _ => play_as::<f32>(device, config, playback, watch),
        }
        .map_err(|error| told(&self.name, &error))
    }

    fn record(
        &self,
        capture: Capture,
        watch: &Watch,
        fixed_period: bool,
    ) -> Result<cpal::Stream, DeviceError> {
        let config = self.stream_config(fixed_period);
        let device = &self.device;
        match self.config.sample_format() {
            SampleFormat::I16 => record_as::<i16>(device, config, capture, watch),
            SampleFormat::U16 => record_as::<u16>(device, config, capture, watch),
            SampleFormat::I32 => record_as::<i32>(device, config, capture, watch),
            _ => record_as::<f32>(device, config, capture, watch),
        }
        .map_err(|error| told(&self.name, &error))
    }
}

fn play_as<T: DeviceSample + SizedSample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut playback: Playback,
    watch: &Watch,
) -> Result<cpal::Stream, cpal::Error> {
    let (fault, health) = (Arc::clone(&watch.fault), Arc::clone(&watch.health));
    let (channels, rate_hz) = (usize::from(config.channels).max(1), config.sample_rate);
    // Goes with the callback, on the thread that ran it.
    let mut thread = None;
    let stream = device.build_output_stream::<T, _, _>(
        config,
        move |out, info| {
            thread.get_or_insert_with(|| joined(&health.playback));
            let time = info.timestamp();
            let delay = time.playback.saturating_duration_since(time.callback);
            let (block, begun, busy) = health.playback.time(out.len() / channels, rate_hz, || {
                playback.fill(out, delay.as_micros() as u32)
            });
            if playback.is_timed() {
                playback.tell(CallbackTime { begun, busy, block });
            }
        },
        move |error| fault.tell(&error),
        Some(BUILD_TIMEOUT),
    )?;
    stream.play()?;
    Ok(stream)
}

fn record_as<T: DeviceSample + SizedSample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut capture: Capture,
    watch: &Watch,
) -> Result<cpal::Stream, cpal::Error> {
    let (fault, health) = (Arc::clone(&watch.fault), Arc::clone(&watch.health));
    let (channels, rate_hz) = (usize::from(config.channels).max(1), config.sample_rate);
    // Goes with the callback, on the thread that ran it.
    let mut thread = None;
    let stream = device.build_input_stream::<T, _, _>(
        config,
        move |input, info| {
            thread.get_or_insert_with(|| joined(&health.capture));
            let time = info.timestamp();
            let delay = time.callback.saturating_duration_since(time.capture);
            let (block, begun, busy) = health.capture.time(input.len() / channels, rate_hz, || {
                capture.take(input, delay.as_micros() as u32)
            });
            if capture.is_timed() {
                capture.tell(CallbackTime { begun, busy, block });
            }
        },
        move |error| fault.tell(&error),
        Some(BUILD_TIMEOUT),
    )?;
    stream.play()?;
    Ok(stream)
}

/// The first callback of a stream asks for its thread.
fn joined(health: &CallbackHealth) -> AudioThread {
    let thread = AudioThread::join();
    health.priority.set(thread.priority());
    thread
}

fn find(host: &Host, entry: &DeviceEntry) -> Result<cpal::Device, DeviceError> {
    let id = entry.id.parse().map_err(|error| told(&entry.name, &error))?;
    host.device_by_id(&id).ok_or_else(|| told(&entry.name, &ErrorKind::DeviceNotAvailable.into()))
}

/// The default configuration where its sample format is one of ours; else the same rate and
/// channels in one that is; else any in one that is.
fn spoken(
    default: SupportedStreamConfig,
    supported: impl FnOnce() -> Result<Vec<SupportedStreamConfigRange>, cpal::Error>,
) -> Result<SupportedStreamConfig, cpal::Error> {
    if FORMATS.contains(&default.sample_format()) {
        return Ok(default);
    }
    let mut ranges = supported()?;
    ranges.retain(|range| FORMATS.contains(&range.sample_format()));
    let rank = |range: &SupportedStreamConfigRange| {
        let format = FORMATS.iter().position(|format| *format == range.sample_format());
        let rate = range.contains_rate(default.sample_rate());
        (!rate, range.channels() != default.channels(), format)
    };
    let best = ranges.into_iter().min_by_key(rank).ok_or(ErrorKind::UnsupportedConfig)?;
    let rate = default.sample_rate().clamp(best.min_sample_rate(), best.max_sample_rate());
    Ok(best.with_sample_rate(rate))
}

/// Streams that run; dropping them stops them.
struct CardStreams {
    _streams: Vec<cpal::Stream>,
    fault: Arc<Fault>,
}

impl Streams for CardStreams {
    fn fault(&self) -> Option<DeviceError> {
        if !self.fault.failed.load(Relaxed) {
            return None;
        }
        self.fault.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The first error of a pair of streams that makes them useless. Some systems go on telling the
/// same one thousands of times a second; all but the first cost one look at an atomic. The first may
/// make its words on the audio thread: there is no sound left to hold up.
#[derive(Default)]
struct Fault {
    failed: AtomicBool,
    gaps: AtomicU32,
    first: Mutex<Option<DeviceError>>,
}

impl Fault {
    fn tell(&self, error: &cpal::Error) {
        if self.failed.load(Relaxed) {
            return;
        }
        let harmless = match error.kind() {
            // Counted by the callbacks themselves, unless they are all that comes.
            ErrorKind::Xrun => self.gaps.fetch_add(1, Relaxed) < GAPS_BEFORE_FAULT,
            ErrorKind::RealtimeDenied => true,
            // Which of the others announces a change differs by system and by release of cpal: all
            // of them are answered by opening again.
            _ => false,
        };
        if !harmless && let Ok(mut first) = self.first.try_lock() {
            *first = Some(told("the sound card", error));
            self.failed.store(true, Relaxed);
        }
    }
}

/// cpal's error with what to do about it.
fn told(name: &str, error: &cpal::Error) -> DeviceError {
    let (kind, advice) = match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => {
            (DeviceErrorKind::NotFound, "plug it in, or start the sound server")
        }
        ErrorKind::DeviceBusy => (DeviceErrorKind::Busy, "close the program that has it"),
        ErrorKind::PermissionDenied => {
            (DeviceErrorKind::PermissionDenied, "allow this program to use it")
        }
        ErrorKind::UnsupportedConfig
        | ErrorKind::UnsupportedOperation
        | ErrorKind::InvalidInput => {
            (DeviceErrorKind::Unsupported, "choose another device, or another format for it")
        }
        ErrorKind::DeviceChanged | ErrorKind::StreamInvalidated | ErrorKind::Xrun => {
            (DeviceErrorKind::Lost, "it is opened again")
        }
        _ => (DeviceErrorKind::Other, "choose another device if this goes on"),
    };
    DeviceError { kind, text: format!("{name}: {error}; {advice}") }
}

/// Sample formats that the callbacks speak, the best first.
const FORMATS: [SampleFormat; 4] =
    [SampleFormat::F32, SampleFormat::I16, SampleFormat::I32, SampleFormat::U16];
/// What ALSA lists beside cards: converters; ways to sound servers, which are there whether or not
/// the server is (PulseAudio is asked by its own protocol before); and `null`, whose callbacks run
/// without a pause.
const NO_CARDS: [&str; 11] = [
    "null",
    "lavrate",
    "samplerate",
    "speexrate",
    "speex",
    "upmix",
    "vdownmix",
    "a52",
    "jack",
    "oss",
    "pulse",
];
/// Periods of 10 ms.
const PERIODS_PER_S: u32 = 100;
/// Attempts on the audio system that worked before another is tried: about ten seconds.
const FAITHFUL_ATTEMPTS: u32 = 8;
/// How long a sound server may take to make a stream.
const BUILD_TIMEOUT: Duration = Duration::from_secs(2);
/// Gaps that a system may report over the life of a stream before it is opened anew.
const GAPS_BEFORE_FAULT: u32 = 1000;

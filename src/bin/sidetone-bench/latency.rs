//! `sidetone-bench latency`: how much later is it heard, and where does the time go?
//!
//! ```text
//! stepped   mic ─► A: encode ─► RTP ─► B: jitter buffer, decode ─► loudspeaker
//!            └── microphone to wire ─┴ wire ┴── wire to loudspeaker ──┘
//! headless  file ─► A ─► RTP ─► B ─► back ─► A ─► recording: there and back, halved
//! turn-around: a probe in another process sends and listens, as with any other phone
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use clap::Args;
use serde_json::{Value, json};
use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind, time::Unwrap},
    device::{stepped::SteppedDevice, wav},
    engine::{
        AccountConfig, AudioPolicy, CallState, DialOptions, EngineConfig, Error, EventKind,
        PlayOptions, SipTransport, SrtpPolicy,
    },
};

use crate::{
    clicks::{self, Clicks},
    phone::{Phone, Setup, Target},
    probe::{
        self, Manner, Plan,
        check::{check, samples_per_tick},
        content::{decoded, decoder},
    },
    report,
    wire::{self, Packet},
};

/// Measures mouth to ear, hop by hop, and the turn-around as a far end sees it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench latency
  sidetone-bench latency --codec opus --json
  sidetone-bench latency --peer baresip
  sidetone-bench latency --target sip:600@192.0.2.7   an echo of an exchange

No sound card is in it: a card adds its own periods on both sides. The stepped device has periods of
10 ms, and the time a sample waits for its period to be full is counted.")]
pub struct Latency {
    /// Codec
    #[arg(long, value_parser = crate::codec, default_value = "pcmu")]
    codec: CodecKind,
    /// Length of each of the three runs, seconds
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
    /// Also measure this phone's turn-around: baresip
    #[arg(long, value_parser = ["baresip"])]
    peer: Option<String>,
    /// Measure the turn-around of this phone, and nothing of ours: sip:user@host:port, one that sends
    /// back what it hears
    #[arg(long, value_name = "URI")]
    target: Option<Target>,
}

impl Latency {
    /// Runs the command; whether every part gave figures.
    pub fn run(self, json: bool) -> io::Result<bool> {
        if let Some(target) = &self.target {
            return self.of_target(&Phone::target(target)?, json);
        }
        let folder = Scratch::new()?;
        let failed = |e: Error| io::Error::other(e.message);
        let headless = self.headless(&folder.0).map_err(failed)?;
        let stepped = self.stepped(&folder.0).map_err(failed)?;
        let setup = Setup { codec: self.codec, calls: 10, srtp: false, register: None };
        let turn = self.turn_around(&Phone::sidetone(&setup)?)?;
        let mut report = json!({
            "kind": "latency",
            "codec": self.codec.name(),
            "seconds": self.seconds,
            "machine": report::machine(),
            "mouth_to_ear_ms": headless,
            "stepped": stepped,
        });
        let mut complete = !report["mouth_to_ear_ms"].is_null()
            && !report["stepped"]["mouth_to_ear_ms"].is_null()
            && turn.get("refused").is_none();
        if let (Value::Object(into), Value::Object(from)) = (&mut report, turn) {
            into.extend(from);
        }
        if self.peer.is_some() {
            let peer = self.turn_around(&Phone::baresip(&setup)?)?;
            complete &= peer.get("refused").is_none();
            report["peer"] = peer;
        }
        report::print(&report, json);
        Ok(complete)
    }

    /// What can be seen of a phone from outside.
    fn of_target(&self, phone: &Phone, json: bool) -> io::Result<bool> {
        let mut report = json!({
            "kind": "latency",
            "codec": self.codec.name(),
            "seconds": self.seconds,
            "machine": report::machine(),
        });
        let turn = self.turn_around(phone)?;
        let complete = turn.get("refused").is_none();
        if let (Value::Object(into), Value::Object(from)) = (&mut report, turn) {
            into.extend(from);
        }
        if self.peer.is_some() {
            let setup = Setup { codec: self.codec, calls: 10, srtp: false, register: None };
            report["peer"] = self.turn_around(&Phone::baresip(&setup)?)?;
        }
        report::print(&report, json);
        Ok(complete)
    }

    /// There and back between two headless engines, halved.
    fn headless(&self, folder: &Path) -> Result<Value, Error> {
        let rate_hz = 16_000;
        let clicks = Clicks::new(rate_hz, self.seconds);
        let spoken = folder.join("clicks.wav");
        let samples: Vec<i16> = clicks.samples.iter().map(|s| (s * 32_767.0) as i16).collect();
        wav::write(&spoken, rate_hz, 1, &samples).map_err(file_error)?;
        let pair = Pair::connect(self.codec, AudioPolicy::Headless, AudioPolicy::Headless)?;
        pair.bob.route(pair.bobs_call, pair.bobs_call, Some(0.0), None)?;
        let recording = folder.join("echo.wav");
        pair.alice.record(pair.alices_call, &recording, None)?;
        pair.alice.play(pair.alices_call, &spoken, PlayOptions::default(), None)?;
        let until = Instant::now() + Duration::from_secs_f64(self.seconds + 0.5);
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            pair.alice.next_event(Some(left))?;
        }
        pair.end()?;
        let wav = wav::read(&recording)
            .map_err(|e| Error::new(sidetone::engine::ErrorKind::FileOpen, e.to_string()))?;
        let track = |channel: usize| -> Vec<f32> {
            let samples = wav.channels.get(channel).map_or(&[][..], Vec::as_slice);
            samples.iter().map(|&s| f32::from(s) / 32_768.0).collect()
        };
        let near = clicks::find(&track(0), wav.rate_hz);
        let far = clicks::find(&track(1), wav.rate_hz);
        let halves: Vec<f64> = near
            .iter()
            .filter_map(|t| Some(500.0 * (clicks::following(&far, *t, 0.38)? - t)))
            .collect();
        Ok(report::summary(&halves))
    }

    /// From one stepped device to another.
    fn stepped(&self, folder: &Path) -> Result<Value, Error> {
        let clicks = Clicks::new(RATE_HZ, self.seconds);
        let (mouth, ear) = (
            SteppedDevice::new(RATE_HZ, PERIOD as u32),
            SteppedDevice::new(RATE_HZ, PERIOD as u32),
        );
        let pair = Pair::connect(
            self.codec,
            AudioPolicy::Stepped(mouth.clone()),
            AudioPolicy::Stepped(ear.clone()),
        )?;
        let (left, came) = (folder.join("left.pcap"), folder.join("came.pcap"));
        pair.alice.capture(pair.alices_call, &left, None)?;
        pair.bob.capture(pair.bobs_call, &came, None)?;
        let (heard, steps) = step(&mouth, &ear, &clicks.samples);
        let info = pair.alice.call_info(pair.alices_call)?;
        let port = info.local_rtp.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(0);
        pair.end()?;
        let left = wire::packets(&left, port).map_err(file_error)?;
        let came = wire::packets(&came, port).map_err(file_error)?;
        Ok(hops(&clicks, &heard, &steps, &left, &came, self.codec))
    }

    /// As a far end in another process sees it.
    fn turn_around(&self, phone: &Phone) -> io::Result<Value> {
        let plan = Plan {
            codec: self.codec,
            calls: 10,
            srtp: false,
            target: phone.address,
            user: phone.user.clone(),
            warm: Duration::from_secs(3),
            window: Duration::from_secs_f64(self.seconds),
        };
        let findings =
            check(&probe::run(&plan, Manner::default(), |_| {})?, self.codec, phone.gain_db);
        let matched = report::round(100.0 * findings.share(), 3);
        if findings.share() < 0.999 {
            return Ok(json!({
                "phone": phone.name,
                "matched_percent": matched,
                "refused": format!("only {matched} % of the sound came back right"),
            }));
        }
        Ok(json!({
            "phone": phone.name,
            "matched_percent": matched,
            "lost_packets": findings.lost_packets,
            "gain_db": report::summary(&findings.gain_db),
            "turn_around_ms": report::summary(&findings.turn_around_ms),
            "packet_spacing_ms": report::summary(&findings.spacing_ms),
        }))
    }
}

/// Two engines in a call.
struct Pair {
    alice: Engine,
    bob: Engine,
    alices_call: CallId,
    bobs_call: CallId,
}

impl Pair {
    fn connect(codec: CodecKind, alice: AudioPolicy, bob: AudioPolicy) -> Result<Self, Error> {
        let (alice, bob) = (engine(codec, alice)?, engine(codec, bob)?);
        let address = bob.local_address(SipTransport::Udp)?;
        let account = alice.accounts().first().copied();
        let target = format!("sip:bob@{address}");
        let alices_call = alice.dial(account, &target, DialOptions::default(), None)?;
        let mut bobs_call = None;
        let until = Instant::now() + Duration::from_secs(10);
        while alice.call_info(alices_call)?.state != CallState::Connected {
            if Instant::now() > until {
                return Err(Error::new(
                    sidetone::engine::ErrorKind::NoAnswer,
                    "the two engines did not come together within 10 s",
                ));
            }
            let event = bob.next_event(Some(Duration::from_millis(10)))?;
            if let Some(EventKind::IncomingCall { call, .. }) = event.map(|e| e.kind) {
                bobs_call = Some(call);
                bob.answer(call, Vec::new(), None)?;
            }
        }
        let bobs_call = bobs_call.ok_or_else(|| {
            Error::new(sidetone::engine::ErrorKind::Internal, "connected without a call at bob's")
        })?;
        Ok(Self { alice, bob, alices_call, bobs_call })
    }

    /// Hangs up, and lets both engines write their files to the end.
    fn end(&self) -> Result<(), Error> {
        self.alice.hangup(self.alices_call, None)?;
        self.alice.shutdown(Duration::from_secs(2));
        self.bob.shutdown(Duration::from_secs(2));
        Ok(())
    }
}

fn engine(codec: CodecKind, audio: AudioPolicy) -> Result<Engine, Error> {
    let engine = Engine::new(EngineConfig {
        bind: [127, 0, 0, 1].into(),
        audio,
        ..EngineConfig::default()
    })?;
    let account = AccountConfig {
        aor: "sip:bench@127.0.0.1".into(),
        codecs: vec![codec],
        srtp: SrtpPolicy::Off,
        ..AccountConfig::default()
    };
    engine.account_add(account, None)?;
    Ok(engine)
}

/// Steps both devices in time until all was spoken and half a second more. Gives what was heard
/// and when each step was.
fn step(mouth: &SteppedDevice, ear: &SteppedDevice, spoken: &[f32]) -> (Vec<f32>, Vec<f64>) {
    let mut loudspeaker = vec![0.0; PERIOD];
    let silence = vec![0.0; PERIOD];
    let mut heard = Vec::with_capacity(spoken.len());
    let mut steps = Vec::new();
    let mut due = Instant::now();
    for at in (0..spoken.len() + RATE_HZ as usize / 2).step_by(PERIOD) {
        if let Some(wait) = due.checked_duration_since(Instant::now()) {
            std::thread::sleep(wait);
        }
        due += Duration::from_millis(10);
        steps.push(unix_ms());
        let microphone = spoken.get(at..at + PERIOD).unwrap_or(&silence);
        mouth.step(microphone, &mut loudspeaker);
        ear.step(&silence, &mut loudspeaker);
        heard.extend_from_slice(&loudspeaker);
    }
    (heard, steps)
}

/// Mouth to ear and its parts, of every click that was found everywhere.
fn hops(
    clicks: &Clicks,
    heard: &[f32],
    steps: &[f64],
    left: &[Packet],
    came: &[Packet],
    codec: CodecKind,
) -> Value {
    let on_wire = clicks_on_wire(left, codec);
    let ears = clicks::find(heard, RATE_HZ);
    // A sample of the microphone was spoken one period before the step that hands it over; one of
    // the loudspeaker is heard from its step on.
    let at_step = |seconds: f64| {
        let sample = (seconds * f64::from(RATE_HZ)).round() as usize;
        let within_ms = 1000.0 * (sample % PERIOD) as f64 / f64::from(RATE_HZ);
        steps.get(sample / PERIOD).map(|step| step + within_ms)
    };
    let (mut whole, mut to_wire, mut wire, mut to_ear) = (vec![], vec![], vec![], vec![]);
    for start in &clicks.starts {
        let seconds = *start as f64 / f64::from(RATE_HZ);
        let Some(spoken) = at_step(seconds).map(|t| t - 10.0) else { continue };
        let Some(ear) = clicks::following(&ears, seconds, 0.38).and_then(at_step) else { continue };
        whole.push(ear - spoken);
        let Some(packet) =
            on_wire.iter().find(|p| p.time_ms >= spoken && p.time_ms - spoken < 380.0)
        else {
            continue;
        };
        let Some(arrived) = came.iter().find(|p| p.timestamp == packet.timestamp) else { continue };
        to_wire.push(packet.time_ms - spoken);
        wire.push(arrived.time_ms - packet.time_ms);
        to_ear.push(ear - arrived.time_ms);
    }
    json!({
        "mouth_to_ear_ms": report::summary(&whole),
        "microphone_to_wire_ms": report::summary(&to_wire),
        "wire_ms": report::summary(&wire),
        "wire_to_loudspeaker_ms": report::summary(&to_ear),
        "clicks": clicks.starts.len(),
    })
}

/// The packets that hold the start of a click.
fn clicks_on_wire(packets: &[Packet], codec: CodecKind) -> Vec<&Packet> {
    let mut decoder = decoder(codec);
    let frame = codec.sample_rate_hz() as usize / 50;
    let mut unwrap = Unwrap::new();
    let mut pcm: Vec<f32> = Vec::new();
    let mut starts: Vec<(usize, &Packet)> = Vec::new();
    let mut first = None;
    for packet in packets {
        let at = unwrap.timestamp(packet.timestamp);
        let at = at.saturating_sub(*first.get_or_insert(at)) * samples_per_tick(codec);
        let at = at as usize;
        if at > pcm.len() + codec.sample_rate_hz() as usize * 60 {
            continue;
        }
        pcm.resize(pcm.len().max(at + frame), 0.0);
        let sound = decoded(decoder.as_mut(), &packet.payload);
        pcm[at..at + frame].copy_from_slice(&sound);
        starts.push((at, packet));
    }
    pcm.iter_mut().for_each(|s| *s /= 32_768.0);
    clicks::find(&pcm, codec.sample_rate_hz())
        .into_iter()
        .filter_map(|seconds| {
            let sample = (seconds * f64::from(codec.sample_rate_hz())).round() as usize;
            starts.iter().find(|(at, _)| (*at..at + frame).contains(&sample)).map(|(_, p)| *p)
        })
        .collect()
}

fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
}

fn file_error(error: io::Error) -> Error {
    Error::new(sidetone::engine::ErrorKind::FileOpen, error.to_string())
}

/// A folder that goes with its handle.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sidetone-latency-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Rate of the stepped devices, Hz.
const RATE_HZ: u32 = 48_000;
/// Their period, frames: 10 ms.
const PERIOD: usize = 480;

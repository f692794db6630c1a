//! `sidetone-bench latency`: how much later is it heard, and where does the time go?
//!
//! ```text
//! stepped   mic ─► A: encode ─► RTP ─► B: jitter buffer, decode ─► loudspeaker
//!            └── microphone to wire ─┴ wire ┴── wire to loudspeaker ──┘    hop by hop: hops.rs
//! headless  file ─► A ─► RTP ─► B ─► back ─► A ─► recording: there and back, halved
//! turn-around: a probe in another process sends and listens, as with any other phone
//! ```

mod flow;
mod hops;
mod pair;
mod quality;

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use clap::Args;
use serde_json::{Value, json};
use sidetone::{
    base::plan::CodecKind,
    device::{stepped::SteppedDevice, wav},
    engine::{AudioPolicy, CallStats, Error, ErrorKind, PlayOptions},
};

use self::{
    flow::Flow,
    hops::{Found, PERIOD, RATE_HZ, Steps},
    pair::Pair,
};
use crate::{
    clicks::{self, Clicks},
    live::Live,
    phone::{Phone, Setup, Target},
    probe::{self, Manner, Plan, check::check},
    report, wire,
};

/// Measures mouth to ear, hop by hop, and the turn-around as a far end sees it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench latency
  sidetone-bench latency --codec opus --json
  sidetone-bench latency --peer baresip
  sidetone-bench latency --target sip:600@192.0.2.7   an echo of an exchange
  sidetone-bench latency --json > before.json; sidetone-bench compare before.json after.json

No sound card is in it: a card adds its own periods on both sides (`device` measures those). The
stepped device has periods of 10 ms, and the time a sample waits for its period to be full is counted.")]
pub struct Latency {
    /// Codec
    #[arg(long, value_parser = crate::codec, default_value = "pcmu")]
    codec: CodecKind,
    /// Length of each of the three runs, seconds
    #[arg(long, default_value_t = 20.0, value_parser = crate::seconds)]
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
        let live = Live::new(json, "there and back");
        let headless = self.headless(&folder.0, &live).map_err(failed)?;
        live.now("hop by hop");
        let stepped = self.stepped(&folder.0, &live).map_err(failed)?;
        live.now("turn-around");
        let turn = self.turn_around(&Phone::sidetone(&self.setup())?, &live)?;
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
        merge(&mut report, turn);
        complete &= self.peer(&mut report, &live)?;
        drop(live);
        report::print(&report, json);
        Ok(complete)
    }

    /// What can be seen of a phone from outside.
    fn of_target(&self, phone: &Phone, json: bool) -> io::Result<bool> {
        let live = Live::new(json, "turn-around");
        let turn = self.turn_around(phone, &live)?;
        let mut complete = turn.get("refused").is_none();
        let mut report = json!({
            "kind": "latency",
            "codec": self.codec.name(),
            "seconds": self.seconds,
            "machine": report::machine(),
        });
        merge(&mut report, turn);
        complete &= self.peer(&mut report, &live)?;
        drop(live);
        report::print(&report, json);
        Ok(complete)
    }

    /// The same of the other phone, if it is asked for; whether it gave figures.
    fn peer(&self, report: &mut Value, live: &Live) -> io::Result<bool> {
        if self.peer.is_none() {
            return Ok(true);
        }
        live.now("turn-around of the other phone");
        let peer = self.turn_around(&Phone::baresip(&self.setup())?, live)?;
        let complete = peer.get("refused").is_none();
        report["peer"] = peer;
        Ok(complete)
    }

    fn setup(&self) -> Setup {
        Setup { codec: self.codec, calls: 10, srtp: false, register: None }
    }

    /// There and back between two headless engines, halved.
    fn headless(&self, folder: &Path, live: &Live) -> Result<Value, Error> {
        let rate_hz = 16_000;
        let clicks = Clicks::new(rate_hz, self.seconds);
        let spoken = folder.join("clicks.wav");
        let samples: Vec<i16> = clicks.samples.iter().map(|s| (s * 32_767.0) as i16).collect();
        wav::write(&spoken, rate_hz, 1, &samples).map_err(file_error)?;
        let pair =
            Pair::connect(self.codec, AudioPolicy::Headless, AudioPolicy::Headless, |bob| bob)?;
        pair.bob.route(pair.bobs_call, pair.bobs_call, Some(0.0), None)?;
        let recording = folder.join("echo.wav");
        pair.alice.record(pair.alices_call, &recording, None)?;
        pair.alice.play(pair.alices_call, &spoken, PlayOptions::default(), None)?;
        pair.run_for(Duration::from_secs_f64(self.seconds + 0.5), live)?;
        pair.end()?;
        let wav =
            wav::read(&recording).map_err(|e| Error::new(ErrorKind::FileOpen, e.to_string()))?;
        let track = |channel: usize| -> Vec<f32> {
            let samples = wav.channels.get(channel).map_or(&[][..], Vec::as_slice);
            samples.iter().map(|&s| f32::from(s) / 32_768.0).collect()
        };
        let near = clicks::find(&track(0), wav.rate_hz);
        let far = clicks::find(&track(1), wav.rate_hz);
        let halves: Vec<(f64, f64)> = near
            .iter()
            .filter_map(|t| Some((*t, 500.0 * (clicks::following(&far, *t, 0.38)? - t))))
            .collect();
        Ok(report::series(&halves))
    }

    /// From one stepped device to another.
    fn stepped(&self, folder: &Path, live: &Live) -> Result<Value, Error> {
        let one_way = one_way(self.codec, self.seconds, folder, live, |bob| bob)?;
        let mut report = one_way.found.told();
        let delay_ms = report["mouth_to_ear_ms"]["p50"].as_f64();
        let parts = [
            flow::told(&one_way.departure, &one_way.arrival),
            json!({ "quality": quality::told(self.codec, delay_ms, &one_way.stats) }),
        ];
        for part in parts {
            merge(&mut report, part);
        }
        Ok(report)
    }

    /// As a far end in another process sees it.
    fn turn_around(&self, phone: &Phone, live: &Live) -> io::Result<Value> {
        let plan = Plan {
            codec: self.codec,
            calls: 10,
            srtp: false,
            target: phone.address,
            user: phone.user.clone(),
            warm: Duration::from_secs(3),
            window: Duration::from_secs_f64(self.seconds),
        };
        let manner = Manner { live: Some(live), ..Manner::default() };
        let findings = check(&probe::run(&plan, manner, |_| {})?, self.codec, phone.gain_db);
        let matched = report::round(100.0 * findings.share(), 3);
        if findings.share() < 0.999 {
            return Ok(json!({
                "phone": phone.name,
                "matched_percent": matched,
                "refused": format!(
                    "only {matched} % of the sound came back right: does the phone send back what it \
                     hears?"
                ),
            }));
        }
        Ok(json!({
            "phone": phone.name,
            "matched_percent": matched,
            "lost_packets": findings.lost_packets,
            "gain_db": report::summary(&findings.gain_db),
            "turn_around_ms": report::series(&findings.turn_around_ms),
            "packet_spacing_ms": report::series(&findings.spacing_ms),
        }))
    }
}

/// What one call between two stepped devices left behind.
struct OneWay {
    found: Found,
    departure: Flow,
    arrival: Flow,
    /// Of the end that listens.
    stats: CallStats,
}

/// Speaks clicks into one stepped device for `seconds` and finds them on their way to the other.
fn one_way(
    codec: CodecKind,
    seconds: f64,
    folder: &Path,
    live: &Live,
    way: impl FnOnce(SocketAddr) -> SocketAddr,
) -> Result<OneWay, Error> {
    let clicks = Clicks::new(RATE_HZ, seconds);
    let device = || SteppedDevice::new(RATE_HZ, PERIOD as u32);
    let (mouth, ear) = (device(), device());
    let policy = |device: &SteppedDevice| AudioPolicy::Stepped(device.clone());
    let pair = Pair::connect(codec, policy(&mouth), policy(&ear), way)?;
    let (left, came) = (folder.join("left.pcap"), folder.join("came.pcap"));
    pair.alice.capture(pair.alices_call, &left, None)?;
    pair.bob.capture(pair.bobs_call, &came, None)?;
    let length = Duration::from_secs_f64(seconds + 0.5);
    let steps = Steps::run(&mouth, &ear, &clicks.samples, |sample| {
        if sample % (25 * PERIOD) == 0 {
            pair.tell(Duration::from_secs_f64(sample as f64 / f64::from(RATE_HZ)), length, live);
        }
    });
    let stats = pair.bob.call_stats(pair.bobs_call)?;
    // What Bob sends is in the captures too; something between the two has a port of its own.
    let (from_alice, from_way) = (pair.alices_port()?, pair.port_towards_bob()?);
    pair.end()?;
    let left = wire::packets(&left, from_alice).map_err(file_error)?;
    let came = wire::packets(&came, from_way).map_err(file_error)?;
    let flow = |packets| Flow::of(packets, codec.clock_rate_hz(), PACKET_MS);
    Ok(OneWay {
        departure: flow(&left),
        arrival: flow(&came),
        found: hops::find(&clicks, &steps, &left, &came, codec),
        stats,
    })
}

/// Puts the fields of `from` into `into`.
fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn file_error(error: io::Error) -> Error {
    Error::new(ErrorKind::FileOpen, error.to_string())
}

/// A folder that goes with its handle.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("sidetone-latency-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Packet time of both engines.
const PACKET_MS: u32 = 20;

#[cfg(test)]
mod accuracy;

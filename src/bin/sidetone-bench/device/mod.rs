//! `sidetone-bench device`: from the loudspeaker back to the microphone, through a real sound card.
//!
//! ```text
//!  clicks ─► ring ─► playback callback ─► server, card ─► cable ─┐  or the monitor of a sink
//!  found  ◄─ ring ◄─ capture callback  ◄─ server, card ◄─────────┘
//!                    └───────── round trip ──────────┘
//! ```
//!
//! The card is opened by the engine's device layer. What waits in the engine's rings is not in the
//! round trip.

mod times;

use std::{
    io::{self, Error, ErrorKind},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};
use sidetone::device::{
    backend::{DeviceChoice, DeviceEntry},
    ports::PortEnds,
    sound_cards,
    supervisor::{DeviceCmd, DeviceReport, OpenedPair, Supervisor},
};

use self::times::Times;
use crate::{
    clicks::{self, Clicks},
    live::Live,
    report,
};

/// Measures the way from the loudspeaker back to the microphone through a sound card.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench device --list
  sidetone-bench device
  sidetone-bench device --loudspeaker headset --microphone 'Monitor of headset' --html card.html

What is played has to come back: lead the output to the input by a cable, put the microphone at the
loudspeaker, or choose the monitor of a sink as microphone. Without a sound card a PulseAudio server
with a null sink is one:
  pulseaudio -n --exit-idle-time=-1 -L module-native-protocol-unix -L module-null-sink

It is loud: half of full scale. A round trip of 380 ms or more is not found.")]
pub struct Device {
    /// Playback device: its id, its name or a part of that; else the system's default
    #[arg(long, default_value = "", hide_default_value = true)]
    loudspeaker: String,
    /// Capture device
    #[arg(long, default_value = "", hide_default_value = true)]
    microphone: String,
    /// For so many seconds
    #[arg(long, default_value_t = 20.0, value_parser = crate::seconds)]
    seconds: f64,
    /// List the sound cards
    #[arg(long)]
    list: bool,
}

impl Device {
    /// Runs the command; whether nine in ten of the clicks came back.
    pub fn run(self, json: bool) -> io::Result<bool> {
        let (sender, reports) = channel();
        let tell = move |report| {
            // The receiver goes when the command is done.
            let _ = sender.send(report);
        };
        let supervisor = Supervisor::start(sound_cards, Box::new(tell))?;
        if self.list {
            let report = list(&supervisor, &reports)?;
            report::print(&report, json);
            return Ok(true);
        }
        let live = Live::new(json, "loudspeaker to microphone");
        let mut pair = self.open(&supervisor, &reports)?;
        let run = Run::of(&mut pair.ends, self.seconds, &reports, &live)?;
        drop(live);
        let mut report = run.told(&pair)?;
        report["seconds"] = json!(self.seconds);
        report::print(&report, json);
        supervisor.stop(PATIENCE);
        Ok(report["clicks_heard_percent"].as_f64() >= Some(90.0))
    }

    fn open(
        &self,
        supervisor: &Supervisor,
        reports: &Receiver<DeviceReport>,
    ) -> io::Result<OpenedPair> {
        let choice = DeviceChoice {
            microphone: self.microphone.clone(),
            loudspeaker: self.loudspeaker.clone(),
        };
        supervisor.send(DeviceCmd::Open(choice));
        let pair = match reports.recv_timeout(PATIENCE) {
            Ok(DeviceReport::Opened(pair)) => pair,
            Ok(DeviceReport::Failed(error)) => return Err(Error::other(error.text)),
            Ok(_) => return Err(Error::other("the sound card was not opened")),
            Err(_) => {
                let text = "the audio system does not answer; restart the sound server";
                return Err(Error::new(ErrorKind::TimedOut, text));
            }
        };
        if !pair.text.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, pair.text));
        }
        Ok(pair)
    }
}

fn list(supervisor: &Supervisor, reports: &Receiver<DeviceReport>) -> io::Result<Value> {
    supervisor.send(DeviceCmd::List { ticket: 0 });
    let Ok(DeviceReport::Listed { result, .. }) = reports.recv_timeout(PATIENCE) else {
        return Err(Error::new(ErrorKind::TimedOut, "the audio system does not answer"));
    };
    let cards = result.map_err(|error| Error::other(error.text))?;
    if cards.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "no sound card found"));
    }
    let card = |card: &DeviceEntry| {
        let side = |able: bool, default: bool| match (able, default) {
            (false, _) => "",
            (true, false) => "yes",
            (true, true) => "default",
        };
        json!({
            "name": card.name,
            "plays": side(card.plays, card.default_playback),
            "captures": side(card.captures, card.default_capture),
            "id": card.id,
        })
    };
    let cards: Vec<Value> = cards.iter().map(card).collect();
    Ok(json!({ "kind": "device-list", "cards": cards }))
}

/// What a measurement left behind.
struct Run {
    clicks: Clicks,
    /// How many of their samples are on their way.
    played: usize,
    heard: Vec<f32>,
    playback: Times,
    capture: Times,
    /// Delays that the system told: second, playback ms, capture ms.
    told: Vec<(f64, f64, f64)>,
    /// Callbacks that found too little to play, and frames of the microphone thrown away.
    underruns: u64,
    lost_frames: u64,
}

impl Run {
    /// Plays clicks for so many seconds and keeps all that comes back.
    fn of(
        ends: &mut PortEnds,
        seconds: f64,
        reports: &Receiver<DeviceReport>,
        live: &Live,
    ) -> io::Result<Self> {
        let format = ends.format();
        ends.time_callbacks(true);
        let began = Instant::now();
        let mut run = Self {
            clicks: Clicks::new(format.playback_rate_hz, seconds),
            played: 0,
            heard: Vec::new(),
            playback: Times::new(began, format.playback_rate_hz),
            capture: Times::new(began, format.capture_rate_hz),
            told: Vec::new(),
            underruns: 0,
            lost_frames: ends.shared().capture.xrun_frames(),
        };
        let length = Duration::from_secs_f64(seconds) + TAIL;
        while let Some(left) = length.checked_sub(began.elapsed()) {
            run.exchange(ends);
            let now = began.elapsed().as_secs_f64();
            if now >= run.told.last().map_or(0.0, |(second, ..)| second + TELL_S) {
                let shared = ends.shared();
                let ms = |us: u32| f64::from(us) / 1000.0;
                let (out, back) = (shared.playback.delay_us(), shared.capture.delay_us());
                run.told.push((now, ms(out), ms(back)));
                let level = shared.capture.level().0;
                let known = format!("{level:.0} dBFS back, {} underruns", shared.playback.xruns());
                live.say((now * 1000.0) as u64, length.as_millis() as u64, known);
            }
            if let Ok(report) = reports.try_recv() {
                return Err(changed(report));
            }
            std::thread::sleep(left.min(Duration::from_millis(2)));
        }
        // From here on nobody feeds the rings.
        run.underruns = ends.shared().playback.xruns();
        run.lost_frames = ends.shared().capture.xrun_frames() - run.lost_frames;
        Ok(run)
    }

    /// Keeps the loudspeaker's ring filled, and takes what the microphone brought.
    fn exchange(&mut self, ends: &mut PortEnds) {
        let format = ends.format();
        let queued = format.playback_rate_hz as usize * QUEUED_MS / 1000;
        let queued = queued.max(2 * format.period_frames as usize);
        let mut block = [0f32; 4096];
        let wanted = queued.saturating_sub(ends.playback_fill()).min(block.len());
        let rest = self.clicks.samples.get(self.played..).unwrap_or_default();
        // Silence after the last of them.
        let part = &rest[..wanted.min(rest.len())];
        block[..part.len()].copy_from_slice(part);
        self.played += ends.push_playback(&block[..wanted]);
        while let count @ 1.. = ends.pop_capture(&mut block) {
            self.heard.extend_from_slice(&block[..count]);
        }
        while let Some(time) = ends.playback_time() {
            self.playback.add(&time);
        }
        while let Some(time) = ends.capture_time() {
            self.capture.add(&time);
        }
    }

    /// The report; an error when nothing came back.
    fn told(&self, pair: &OpenedPair) -> io::Result<Value> {
        let format = pair.ends.format();
        let round_trips = self.round_trips(format.capture_rate_hz);
        if round_trips.is_empty() {
            let loudest = self.heard.iter().fold(0f32, |most, sample| most.max(sample.abs()));
            return Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "nothing of what {} played came back from {} (loudest sample {loudest:.4}): \
                     lead the one to the other by a cable, or choose the monitor of the \
                     loudspeaker as microphone",
                    pair.loudspeaker, pair.microphone
                ),
            ));
        }
        let heard = 100.0 * round_trips.len() as f64 / self.clicks.starts.len().max(1) as f64;
        let side = |of: fn(&(f64, f64, f64)) -> (f64, f64)| {
            // Nought means that the system does not tell.
            let told: Vec<(f64, f64)> =
                self.told.iter().map(of).filter(|(_, ms)| *ms > 0.0).collect();
            report::series(&told)
        };
        Ok(json!({
            "kind": "device",
            "loudspeaker": pair.loudspeaker,
            "microphone": pair.microphone,
            "playback_rate_hz": format.playback_rate_hz,
            "capture_rate_hz": format.capture_rate_hz,
            "period_frames": format.period_frames,
            "machine": report::machine(),
            "round_trip_ms": report::series(&round_trips),
            "clicks": self.clicks.starts.len(),
            "clicks_heard_percent": report::round(heard, 2),
            "playback_callback_us": report::series(&self.playback.busy_us()),
            "capture_callback_us": report::series(&self.capture.busy_us()),
            "playback_interval_ms": report::series(&self.playback.interval_ms()),
            "capture_interval_ms": report::series(&self.capture.interval_ms()),
            "playback_told_ms": side(|(second, out, _)| (*second, *out)),
            "capture_told_ms": side(|(second, _, back)| (*second, *back)),
            "playback_underruns": self.underruns,
            "capture_lost_frames": self.lost_frames,
        }))
    }

    /// Second at which each click was played, and the ms until it was back.
    fn round_trips(&self, capture_rate_hz: u32) -> Vec<(f64, f64)> {
        let back: Vec<f64> = clicks::find(&self.heard, capture_rate_hz)
            .into_iter()
            .filter_map(|seconds| self.capture.of(seconds * f64::from(capture_rate_hz)))
            .collect();
        let out = self.clicks.starts.iter().filter_map(|start| self.playback.of(*start as f64));
        out.filter_map(|out| Some((out, 1000.0 * (clicks::following(&back, out, REACH_S)? - out))))
            .collect()
    }
}

fn changed(report: DeviceReport) -> Error {
    match report {
        DeviceReport::Lost(error) | DeviceReport::Failed(error) => Error::other(error.text),
        _ => Error::other("another sound card came into use while this one was measured"),
    }
}

/// Queued for the loudspeaker, so that a busy machine does not tear the clicks.
const QUEUED_MS: usize = 60;
/// After the last click.
const TAIL: Duration = Duration::from_millis(500);
/// How often the system's own word is taken down, seconds.
const TELL_S: f64 = 0.25;
/// How long after a click it is looked for: less than the way to the next one.
const REACH_S: f64 = 0.38;
/// How long an audio system may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

//! One way from a stepped device to another, and where its time goes.
//!
//! ```text
//!  sound  period full      packet leaves   arrives        queued           heard
//!    ├─ capture ─┼── encode ──────┼─ network ──┼─ buffer, decode ─┼─ playout ───┤
//!              step              pcap         pcap          ring, each ms    step
//! ```

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sidetone::{
    base::{plan::CodecKind, time::Unwrap},
    device::stepped::SteppedDevice,
};

use crate::{
    clicks::{self, Clicks},
    probe::{
        check::samples_per_tick,
        content::{decoded, decoder},
    },
    report,
    wire::Packet,
};

/// What the stepping of two devices left behind. Times in ms since 1970.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// What was heard, one period after the other.
    pub heard: Vec<f32>,
    /// When each step was.
    pub at_ms: Vec<f64>,
    /// Frames that the loudspeaker had taken before each step.
    pub taken: Vec<u64>,
    /// Looks at the loudspeaker's queue: when, and frames queued in all by then.
    pub queued: Vec<(f64, u64)>,
}

impl Steps {
    /// Steps both devices in time until all of `spoken` was spoken and half a second more; `tell` is
    /// called after each step.
    pub fn run(
        mouth: &SteppedDevice,
        ear: &SteppedDevice,
        spoken: &[f32],
        mut tell: impl FnMut(usize),
    ) -> Self {
        let mut loudspeaker = vec![0.0; PERIOD];
        let silence = vec![0.0; PERIOD];
        let mut steps = Self::default();
        let mut due = Instant::now();
        for at in (0..spoken.len() + RATE_HZ as usize / 2).step_by(PERIOD) {
            while let Some(wait) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(wait.min(LOOK_EVERY));
                steps.look(ear);
            }
            due += Duration::from_millis(10);
            steps.at_ms.push(unix_ms());
            let microphone = spoken.get(at..at + PERIOD).unwrap_or(&silence);
            mouth.step(microphone, &mut loudspeaker);
            steps.taken.push(ear.playback_progress().0);
            ear.step(&silence, &mut loudspeaker);
            steps.heard.extend_from_slice(&loudspeaker);
            tell(at);
        }
        steps
    }

    fn look(&mut self, ear: &SteppedDevice) {
        let (taken, waiting) = ear.playback_progress();
        self.queued.push((unix_ms(), taken + waiting));
    }

    /// When the sample at that second of the device's time was taken in a step, or given; with its
    /// place within the period.
    fn step_of(&self, seconds: f64) -> Option<(f64, f64)> {
        let sample = sample_at(seconds);
        let within_ms = 1000.0 * (sample % PERIOD) as f64 / f64::from(RATE_HZ);
        Some((*self.at_ms.get(sample / PERIOD)?, within_ms))
    }

    /// When the sample heard at that second had been queued for the loudspeaker: between two looks.
    fn queued_at(&self, seconds: f64) -> Option<f64> {
        let sample = sample_at(seconds);
        let frame = self.taken.get(sample / PERIOD)? + (sample % PERIOD) as u64;
        let after = self.queued.partition_point(|(_, queued)| *queued <= frame);
        let (seen_ms, _) = *self.queued.get(after)?;
        let before_ms = after.checked_sub(1).map_or(seen_ms, |before| self.queued[before].0);
        Some((seen_ms + before_ms) / 2.0)
    }
}

/// One click on its way. Times in ms since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Journey {
    /// Second of the run at which it was spoken.
    pub second: f64,
    /// RTP timestamp of its packet.
    pub timestamp: u32,
    /// Spoken, its period full, its packet left, arrived, queued for the loudspeaker, heard.
    pub at_ms: [f64; 6],
}

impl Journey {
    /// One of the five [`HOPS`].
    pub fn hop_ms(&self, hop: usize) -> f64 {
        self.at_ms[hop + 1] - self.at_ms[hop]
    }
}

/// What became of the clicks.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Mouth to ear of all that were heard, with the second at which they were spoken.
    pub whole_ms: Vec<(f64, f64)>,
    /// Those that were found at every place.
    pub journeys: Vec<Journey>,
    /// How many were spoken.
    pub spoken: usize,
}

impl Found {
    /// As fields of a report.
    pub fn told(&self) -> Value {
        let hop = |from: usize, to: usize| {
            let hops = |j: &Journey| (from..to).map(|hop| j.hop_ms(hop)).sum();
            let times = self.journeys.iter().map(|j| (j.second, hops(j)));
            report::series(&times.collect::<Vec<_>>())
        };
        let hops: serde_json::Map<String, Value> = HOPS
            .iter()
            .enumerate()
            .map(|(at, name)| ((*name).to_owned(), hop(at, at + 1)))
            .collect();
        let heard = 100.0 * self.whole_ms.len() as f64 / self.spoken.max(1) as f64;
        json!({
            "mouth_to_ear_ms": report::series(&self.whole_ms),
            "hops_ms": hops,
            "microphone_to_wire_ms": hop(0, 2),
            "wire_ms": hop(2, 3),
            "wire_to_loudspeaker_ms": hop(3, 5),
            "clicks": self.spoken,
            "clicks_heard_percent": report::round(heard, 2),
        })
    }
}

/// Finds every click where it was spoken, on the wire at both ends, and where it was heard.
pub fn find(
    clicks: &Clicks,
    steps: &Steps,
    left: &[Packet],
    came: &[Packet],
    codec: CodecKind,
) -> Found {
    let on_wire = clicks_on_wire(left, codec);
    let ears = clicks::find(&steps.heard, RATE_HZ);
    let mut found = Found { spoken: clicks.starts.len(), ..Found::default() };
    for start in &clicks.starts {
        let second = *start as f64 / f64::from(RATE_HZ);
        // A sample of the microphone was spoken one period before the step that hands it over; one
        // of the loudspeaker is heard from its step on.
        let Some((step_ms, within_ms)) = steps.step_of(second) else { continue };
        let spoken_ms = step_ms + within_ms - 10.0;
        let Some(ear) = clicks::following(&ears, second, REACH_S) else { continue };
        let Some((out_ms, within_ms)) = steps.step_of(ear) else { continue };
        let heard_ms = out_ms + within_ms;
        found.whole_ms.push((second, heard_ms - spoken_ms));
        let in_reach =
            |p: &&&Packet| p.time_ms >= spoken_ms && p.time_ms - spoken_ms < 1000.0 * REACH_S;
        let Some(packet) = on_wire.iter().find(in_reach) else { continue };
        let arrived = came.iter().find(|p| p.timestamp == packet.timestamp);
        let (Some(arrived), Some(queued_ms)) = (arrived, steps.queued_at(ear)) else { continue };
        found.journeys.push(Journey {
            second,
            timestamp: packet.timestamp,
            at_ms: [spoken_ms, step_ms, packet.time_ms, arrived.time_ms, queued_ms, heard_ms],
        });
    }
    found
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

fn sample_at(seconds: f64) -> usize {
    (seconds * f64::from(RATE_HZ)).round() as usize
}

/// Now, in ms since 1970, as captures have it.
pub fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
}

/// Names of the hops in the order of the way.
pub const HOPS: [&str; 5] = ["capture", "encode", "network", "jitter_buffer_and_decode", "playout"];
/// Rate of the stepped devices, Hz.
pub const RATE_HZ: u32 = 48_000;
/// Their period, frames: 10 ms.
pub const PERIOD: usize = 480;
/// How long after a click it is looked for: less than the way to the next one.
const REACH_S: f64 = 0.38;
/// How often the loudspeaker's queue is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

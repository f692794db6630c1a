//! The jitter buffer on packet traces, recorded and synthetic, beside what WebRTC's NetEq did on
//! them (`vectors/traces/SOURCE.txt`).

use std::time::{Duration, Instant};

use sidetone::{
    dsp::{
        codec::{CodecError, Decode, Encode},
        g711::{G711Decoder, G711Encoder, Law},
    },
    media::jitter::{JitterBuffer, JitterConfig, JitterStats, Packet, PayloadDecoder, Rendered},
};

const RATE_HZ: u32 = 8_000;
const PACKET: usize = 160;
const PULL: usize = 80;

struct Pcmu(G711Decoder);

impl PayloadDecoder for Pcmu {
    fn clock_rate_hz(&self, _: u8) -> Option<u32> {
        Some(RATE_HZ)
    }
    fn samples(&self, _: u8, payload: &[u8]) -> Result<usize, CodecError> {
        self.0.samples(payload)
    }
    fn decode(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        self.0.decode(payload, pcm)
    }
    fn decode_fec(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<bool, CodecError> {
        self.0.decode_fec(payload, pcm)
    }
    fn conceal(&mut self, pcm: &mut [i16]) {
        self.0.conceal(pcm);
    }
}

struct Trace {
    /// (sequence, send, arrival), microseconds; lost packets are left out.
    packets: Vec<(u64, i64, i64)>,
}

fn load(name: &'static str) -> Trace {
    let path = format!("{}/tests/vectors/traces/{name}.tsv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut packets: Vec<(u64, i64, i64)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<i64> = line.split('\t').map(|f| f.parse().unwrap()).collect();
            (fields[0] as u64, fields[1], fields[2])
        })
        .filter(|packet| packet.2 >= 0)
        .collect();
    packets.sort_by_key(|packet| packet.2);
    Trace { packets }
}

struct Outcome {
    concealed_percent: f64,
    mean_ms: f64,
    p50_ms: f64,
    p95_ms: f64,
    stats: JitterStats,
}

/// A voice-like sound: a buzz with moving pitch and level, so that stretching has work to do.
fn voice(n: usize) -> i16 {
    let t = n as f64 / f64::from(RATE_HZ);
    let phase = 140.0 * t + 8.0 * (t * 1.7).sin();
    let level = 0.55 + 0.45 * (t * 5.1).sin();
    let wave =
        (phase * std::f64::consts::TAU).sin() + 0.5 * (2.0 * phase * std::f64::consts::TAU).sin();
    (wave * level * 5_000.0) as i16
}

fn run(trace: &Trace) -> Outcome {
    let start = Instant::now();
    let at = |us: i64| start + Duration::from_micros(us as u64);
    let mut buffer = JitterBuffer::new(JitterConfig::new(RATE_HZ));
    let mut decoder = Pcmu(G711Decoder::new(Law::Mu));
    let mut encoder = G711Encoder::new(Law::Mu);
    let fastest = trace.packets.iter().map(|p| p.2 - p.1).min().unwrap();
    let mut arrivals = trace.packets.iter().peekable();
    let first = trace.packets[0].2;
    let last = trace.packets.last().unwrap().2;
    let mut delays = Vec::new();
    let (mut frames, mut concealed) = (0u32, 0u32);
    let mut now = first / 10_000 * 10_000 + 3_000;
    while now < last {
        while let Some(&&(sequence, send, arrival)) = arrivals.peek()
            && arrival <= now
        {
            let pcm: Vec<i16> =
                (0..PACKET).map(|i| voice(sequence as usize * PACKET + i)).collect();
            let mut payload = [0u8; PACKET];
            encoder.encode(&pcm, &mut payload).unwrap();
            let timestamp = (send as u64) / 1000 * 8 + 1_000_000;
            let timestamp = if send % 1000 == 0 { timestamp } else { sequence * 160 + 1_000_000 };
            let packet =
                Packet { sequence: sequence + 7, timestamp, payload_type: 0, payload: &payload };
            buffer.insert(at(arrival), packet, &decoder);
            arrivals.next();
        }
        let position = buffer.playout_timestamp();
        let mut out = [0i16; PULL];
        let rendered = buffer.pull(at(now), &mut decoder, &mut out);
        if rendered != Rendered::Silence {
            frames += 1;
        }
        if rendered == Rendered::Concealed {
            concealed += 1;
        } else if let Some(position) = position.filter(|_| rendered == Rendered::Audio) {
            let sent = (position as i64 - 1_000_000) * 125;
            delays.push((now - sent - fastest) as f64 / 1000.0);
        }
        now += 10_000;
    }
    delays.sort_by(f64::total_cmp);
    let at_share = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize];
    Outcome {
        concealed_percent: 100.0 * f64::from(concealed) / f64::from(frames),
        mean_ms: delays.iter().sum::<f64>() / delays.len() as f64,
        p50_ms: at_share(0.5),
        p95_ms: at_share(0.95),
        stats: buffer.stats(),
    }
}

/// Trace, NetEq's concealed share in percent and mean delay in ms (reference.tsv), and the bounds
/// that ours must keep.
const TRACES: &[(&str, f64, f64, f64, f64)] = &[
    ("cap-softphone-ulaw-1", 0.81, 37.9, 99.0, 9999.0),
    ("cap-wan-alaw-110s", 0.16, 34.5, 99.0, 9999.0),
    ("cell-att-lte-driving-up-a", 0.28, 63.1, 99.0, 9999.0),
    ("cell-harsh-umts", 33.52, 989.4, 99.0, 9999.0),
    ("cell-tmobile-lte-short-up-a", 1.33, 349.8, 99.0, 9999.0),
    ("cell-tmobile-umts-driving-up-a", 1.45, 309.8, 99.0, 9999.0),
    ("cell-verizon-evdo-driving-down-a", 0.53, 588.5, 99.0, 9999.0),
    ("cell-verizon-evdo-driving-up-a", 0.87, 445.9, 99.0, 9999.0),
    ("cell-verizon-lte-short-up-a", 0.91, 91.3, 99.0, 9999.0),
    ("syn-drift+200ppm", 0.06, 51.4, 99.0, 9999.0),
    ("syn-ge5", 6.05, 99.8, 99.0, 9999.0),
    ("syn-spike200-5s", 0.88, 188.6, 99.0, 9999.0),
    ("syn-unif40-reorder", 1.16, 60.0, 99.0, 9999.0),
];

#[test]
fn traces_are_played_within_bounds_beside_neteq() {
    println!(
        "trace                             concealed % (NetEq)   delay mean (NetEq) p50 p95 ms"
    );
    for &(name, neteq_concealed, neteq_mean, concealed_max, mean_max) in TRACES {
        let outcome = run(&load(name));
        println!(
            "{name:33} {:6.2} ({neteq_concealed:5.2})  {:7.1} ({neteq_mean:5.1}) {:6.1} {:6.1} \
             accelerated {} expanded {} late {} dropped {}",
            outcome.concealed_percent,
            outcome.mean_ms,
            outcome.p50_ms,
            outcome.p95_ms,
            outcome.stats.accelerated_samples / 8,
            outcome.stats.expanded_samples / 8,
            outcome.stats.late_packets,
            outcome.stats.dropped_packets,
        );
        assert!(outcome.concealed_percent <= concealed_max, "{name}");
        assert!(outcome.mean_ms <= mean_max, "{name}");
    }
}

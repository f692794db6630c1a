//! The jitter buffer on packet traces, recorded and synthetic, beside what WebRTC's NetEq did on
//! them (`vectors/traces/SOURCE.txt`).

#[path = "jitter/behaviour.rs"]
mod behaviour;
#[path = "support/jitter.rs"]
mod sim;
#[path = "jitter/stillness.rs"]
mod stillness;

use sidetone::media::jitter::{JitterStats, Rendered};

use sim::{Sent, Sim};

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

fn run(trace: &Trace) -> Outcome {
    let fastest = trace.packets.iter().map(|p| p.2 - p.1).min().unwrap();
    let sent: Vec<Sent> = trace
        .packets
        .iter()
        .map(|&(sequence, _, arrival_us)| Sent {
            arrival_us,
            sequence: sequence + 7,
            timestamp: sequence * 160 + 1_000_000,
            payload_type: 0,
            from: sequence * 160,
            samples: 160,
        })
        .collect();
    let (first, last) = (sent[0].arrival_us, sent[sent.len() - 1].arrival_us);
    let mut sim = Sim::new(sent, first / 10_000 * 10_000 + 3_000);
    let mut delays = Vec::new();
    let (mut frames, mut concealed) = (0u32, 0u32);
    while sim.now_us < last {
        let position = sim.buffer.playout_timestamp();
        match sim.pull() {
            Rendered::Silence => {}
            Rendered::Concealed => {
                frames += 1;
                concealed += 1;
            }
            Rendered::Audio => {
                frames += 1;
                if let Some(position) = position {
                    let sent_us = (position as i64 - 1_000_000) * 125;
                    delays.push((sim.now_us - sent_us - fastest) as f64 / 1000.0);
                }
            }
        }
        sim.now_us += 10_000;
    }
    delays.sort_by(f64::total_cmp);
    let at_share = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize];
    Outcome {
        concealed_percent: 100.0 * f64::from(concealed) / f64::from(frames),
        mean_ms: delays.iter().sum::<f64>() / delays.len() as f64,
        p50_ms: at_share(0.5),
        p95_ms: at_share(0.95),
        stats: sim.stats(),
    }
}

/// Trace, NetEq's concealed share in percent and mean delay in ms (reference.tsv), and the bounds
/// that ours must keep.
const TRACES: &[(&str, f64, f64, f64, f64)] = &[
    ("cap-softphone-ulaw-1", 0.81, 37.9, 0.5, 32.0),
    ("cap-wan-alaw-110s", 0.16, 34.5, 0.2, 22.0),
    ("cell-att-lte-driving-up-a", 0.28, 63.1, 0.3, 60.0),
    ("cell-harsh-umts", 33.52, 989.4, 42.0, 700.0),
    ("cell-tmobile-lte-short-up-a", 1.33, 349.8, 2.0, 60.0),
    ("cell-tmobile-umts-driving-up-a", 1.45, 309.8, 2.6, 85.0),
    ("cell-verizon-evdo-driving-down-a", 0.53, 588.5, 6.0, 280.0),
    ("cell-verizon-evdo-driving-up-a", 0.87, 445.9, 6.5, 115.0),
    ("cell-verizon-lte-short-up-a", 0.91, 91.3, 1.9, 60.0),
    ("syn-drift+200ppm", 0.06, 51.4, 0.1, 48.0),
    ("syn-ge5", 6.05, 99.8, 6.6, 100.0),
    ("syn-spike200-5s", 0.88, 188.6, 4.5, 50.0),
    ("syn-unif40-reorder", 1.16, 60.0, 1.3, 58.0),
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
        assert!(
            outcome.concealed_percent <= neteq_concealed || outcome.mean_ms <= neteq_mean,
            "{name}: not worse than NetEq in both"
        );
        assert!(outcome.concealed_percent <= concealed_max, "{name}");
        assert!(outcome.mean_ms <= mean_max, "{name}");
    }
}

//! The flow of packets at one place: how far apart they are, and its jitter.

use serde_json::{Value, json};

use crate::{report, wire::Packet};

/// Intervals between packets that follow one another without a gap in their timestamps, and the
/// interarrival jitter (RFC 3550 §6.4.1) after each packet, both in ms with the seconds since the
/// first packet.
#[derive(Debug, Default, PartialEq)]
pub struct Flow {
    /// Intervals.
    pub interval_ms: Vec<(f64, f64)>,
    /// Jitter.
    pub jitter_ms: Vec<(f64, f64)>,
}

impl Flow {
    /// Of packets whose RTP clock runs at `clock_rate_hz`, each of `packet_ms`.
    pub fn of(packets: &[Packet], clock_rate_hz: u32, packet_ms: u32) -> Self {
        let mut flow = Self::default();
        let mut jitter_ms = 0.0;
        let due = clock_rate_hz / 1000 * packet_ms;
        for pair in packets.windows(2) {
            let [before, packet] = pair else { continue };
            let second = (packet.time_ms - packets[0].time_ms) / 1000.0;
            let interval_ms = packet.time_ms - before.time_ms;
            let ticks = packet.timestamp.wrapping_sub(before.timestamp);
            // Out of order the difference is below 0.
            let media_ms = 1000.0 * f64::from(ticks as i32) / f64::from(clock_rate_hz);
            jitter_ms += ((interval_ms - media_ms).abs() - jitter_ms) / 16.0;
            flow.jitter_ms.push((second, jitter_ms));
            if ticks == due {
                flow.interval_ms.push((second, interval_ms));
            }
        }
        flow
    }
}

/// The flows where packets leave and where they arrive, as fields of a report.
pub fn told(departure: &Flow, arrival: &Flow) -> Value {
    json!({
        "departure_interval_ms": report::series(&departure.interval_ms),
        "departure_jitter_ms": report::series(&departure.jitter_ms),
        "arrival_interval_ms": report::series(&arrival.interval_ms),
        "arrival_jitter_ms": report::series(&arrival.jitter_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(time_ms: f64, timestamp: u32) -> Packet {
        Packet { time_ms, timestamp, payload: vec![0] }
    }

    #[test]
    fn a_steady_flow_has_no_jitter() {
        let packets: Vec<Packet> =
            (0..5).map(|n| packet(1e12 + 20.0 * f64::from(n), 160 * n)).collect();
        let flow = Flow::of(&packets, 8_000, 20);
        assert_eq!(flow.interval_ms.len(), 4);
        assert!(flow.interval_ms.iter().all(|(_, ms)| *ms == 20.0));
        assert!(flow.jitter_ms.iter().all(|(_, ms)| *ms == 0.0));
    }

    #[test]
    fn jitter_moves_by_a_sixteenth_of_each_departure() {
        let packets = [packet(0.0, u32::MAX - 159), packet(36.0, 0), packet(56.0, 160)];
        let flow = Flow::of(&packets, 8_000, 20);
        assert_eq!(flow.jitter_ms, [(0.036, 1.0), (0.056, 0.9375)]);
    }

    #[test]
    fn what_lies_across_a_pause_is_no_interval() {
        let packets = [packet(0.0, 0), packet(20.0, 160), packet(220.0, 1760), packet(239.0, 1920)];
        let flow = Flow::of(&packets, 8_000, 20);
        assert_eq!(flow.interval_ms, [(0.02, 20.0), (0.239, 19.0)]);
        assert_eq!(flow.jitter_ms.len(), 3);
    }
}

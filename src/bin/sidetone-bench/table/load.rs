//! Rows of calls with media: so many of a codec for ten seconds.

use std::io;

use sidetone::base::plan::CodecKind;

use super::{
    figure::{Aim, Bench, Figure, Figures, Reading, Row, Side},
    media::{Media, Work, measure},
};
use crate::libopus;

/// A row of calls.
pub struct Load {
    name: &'static str,
    text: &'static str,
    work: Work,
    /// Whether the other phone can do the work.
    rival: bool,
    floor: Floor,
    figures: &'static [Figure],
    /// The figures of a run.
    values: fn(&Media) -> Vec<Option<f64>>,
}

impl Row for Load {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> &'static str {
        self.text
    }

    fn figures(&self) -> &'static [Figure] {
        self.figures
    }

    fn has(&self, side: Side) -> bool {
        side != Side::Rival || self.rival
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        if let (Side::Floor, Floor::Libopus) = (side, &self.floor) {
            return self.libopus(bench);
        }
        Ok(match measure(&self.work, side.phone(), bench)? {
            Ok(media) => {
                let values = (self.values)(&media);
                Reading::Figures(Figures { phone: media.phone, values, note: None })
            }
            Err(reading) => reading,
        })
    }
}

impl Load {
    fn libopus(&self, bench: &Bench) -> io::Result<Reading> {
        let seconds = bench.time(self.work.window_s).as_secs_f64();
        let calls = bench.calls(self.work.calls);
        let cpu_ms = libopus::cpu_ms_per_call_s(calls, seconds, bench.place)?;
        let (phone, values) = ("bare libopus".to_owned(), vec![Some(cpu_ms), None]);
        Ok(Reading::Figures(Figures { phone, values, note: None }))
    }
}

/// What the floor is.
enum Floor {
    /// Packets sent back as they came.
    Reflector,
    /// Decoding and encoding alone.
    Libopus,
}

/// One call.
pub const PCMU_1: Load = Load {
    name: "pcmu-1",
    text: "1 call, PCMU",
    work: Work::of(CodecKind::Pcmu, 1),
    rival: true,
    floor: Floor::Reflector,
    figures: &[Figure::less("departure-p99", "ms", Aim::At(0.3))],
    values: |media| vec![media.departure_p99_ms],
};

/// A hundred.
pub const PCMU_100: Load = Load {
    name: "pcmu-100",
    text: "100 calls, PCMU",
    work: Work::of(CodecKind::Pcmu, 100),
    rival: true,
    floor: Floor::Reflector,
    figures: &[
        Figure::less("cpu", "ms/call-s", Aim::AtOrTimesFloor(0.7, 0.44)),
        Figure::less("departure-p99", "ms", Aim::At(0.6)),
        Figure::less("memory", "KiB/call", Aim::At(40.0)),
    ],
    values: all,
};

/// Five hundred: more than the other phone can do on one core.
pub const PCMU_500: Load = Load {
    name: "pcmu-500",
    text: "500 calls, PCMU",
    work: Work::of(CodecKind::Pcmu, 500),
    rival: false,
    floor: Floor::Reflector,
    figures: &[Figure::less("cpu", "ms/call-s", Aim::AtOrTimesFloor(0.5, 0.31))],
    values: cpu,
};

/// A wide band.
pub const G722_100: Load = Load {
    name: "g722-100",
    text: "100 calls, G.722",
    work: Work::of(CodecKind::G722, 100),
    rival: true,
    floor: Floor::Reflector,
    figures: &[Figure::less("cpu", "ms/call-s", Aim::At(1.6))],
    values: cpu,
};

/// Opus.
pub const OPUS_30: Load = Load {
    name: "opus-30",
    text: "30 calls, Opus: 48 kHz mono, 32 kbit/s, complexity 5",
    work: Work::of(CodecKind::Opus, 30),
    rival: true,
    floor: Floor::Libopus,
    figures: &[
        Figure::less("cpu", "ms/call-s", Aim::TimesFloor(1.1)),
        Figure::less("memory", "KiB/call", Aim::At(90.0)),
    ],
    values: |media| vec![Some(media.cpu_ms_per_call_s), media.memory_kib_per_call],
};

/// Everybody hears everybody, which the other phone cannot.
pub const CONFERENCE_40: Load = Load {
    name: "conference-40",
    text: "40 parties in a conference, PCMU",
    work: Work { conference: true, ..Work::of(CodecKind::Pcmu, 40) },
    rival: false,
    floor: Floor::Reflector,
    figures: &[Figure::less("cpu", "ms/party-s", Aim::At(1.2))],
    values: cpu,
};

/// Delay.
pub const TURN_PCMU: Load = Load {
    name: "turn-pcmu",
    text: "turn-around of 10 calls on a clean network, PCMU",
    work: Work::of(CodecKind::Pcmu, 10),
    rival: true,
    floor: Floor::Reflector,
    figures: &[Figure::less("p50", "ms", Aim::At(5.0)), Figure::less("p99", "ms", Aim::At(12.0))],
    values: |media| media.turn_around_ms.to_vec(),
};

/// Delay with the codec's own in it.
pub const TURN_OPUS: Load = Load {
    name: "turn-opus",
    text: "turn-around of 10 calls on a clean network, Opus, with its own 6.5 ms",
    work: Work::of(CodecKind::Opus, 10),
    rival: true,
    floor: Floor::Reflector,
    figures: &[Figure::less("p50", "ms", Aim::At(20.0)), Figure::less("p99", "ms", Aim::At(30.0))],
    values: |media| media.turn_around_ms.to_vec(),
};

fn cpu(media: &Media) -> Vec<Option<f64>> {
    vec![Some(media.cpu_ms_per_call_s)]
}

fn all(media: &Media) -> Vec<Option<f64>> {
    vec![Some(media.cpu_ms_per_call_s), media.departure_p99_ms, media.memory_kib_per_call]
}

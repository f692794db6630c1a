//! The row of jitter and loss: 0 to 40 ms and 5 %, independently.

use std::io;

use serde_json::Value;
use sidetone::base::plan::CodecKind;

use super::figure::{Aim, Bench, Better, Figure, Figures, Reading, Row, Side};
use crate::{
    impair::Impairment,
    jitter::{Terms, USUAL},
    phone::{Phone, Setup},
};

/// Ten calls through a bad network.
pub struct Jitter;

impl Row for Jitter {
    fn name(&self) -> &'static str {
        "jitter"
    }

    fn work(&self) -> &'static str {
        "10 calls through 0 to 40 ms of jitter and 5 % loss, PCMU"
    }

    fn figures(&self) -> &'static [Figure] {
        const {
            &[
                Figure::less("delay-p50", "ms", Aim::At(50.0)),
                Figure { name: "heard", unit: "%", better: Better::More, aim: Aim::At(99.5) },
                Figure::less("steps", "1/s", Aim::At(0.5)),
            ]
        }
    }

    fn has(&self, side: Side) -> bool {
        side != Side::Floor
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        let (codec, calls) = (CodecKind::Pcmu, bench.calls(10));
        let setup = Setup { codec, calls, srtp: false, register: None };
        let phone = Phone::start(side.phone(), &setup, bench.place)?;
        let name = phone.name.clone();
        let seconds = bench.time(25.0).as_secs_f64();
        let terms = Terms { codec, calls, seconds, warm: 8.0, place: bench.place };
        let impairment: Impairment = USUAL.parse().map_err(io::Error::other)?;
        let told = terms.measure(phone, &impairment, None)?;
        if let Some(late_ms) = told["network"]["late_ms"]["max"].as_f64().filter(|ms| *ms > 20.0) {
            return Ok(Reading::Void(format!("the load was {late_ms:.0} ms late")));
        }
        let figures =
            [&told["delay_ms"]["p50"], &told["heard_percent"], &told["delay_steps_per_s"]];
        let values = figures.map(Value::as_f64).to_vec();
        Ok(Reading::Figures(Figures { phone: name, values, note: None }))
    }
}

//! The row of the idle phone: registered, and nothing else.

use std::io;

use sidetone::base::plan::CodecKind;

use super::{
    figure::{Aim, Bench, Figure, Figures, Reading, Row, Side},
    signalling::SETTLE_S,
};
use crate::{
    phone::{Phone, Setup},
    proc::Look,
    registrar::{Meddling, Registrar},
};

/// A minute of doing nothing.
pub struct Idle;

impl Row for Idle {
    fn name(&self) -> &'static str {
        "idle"
    }

    fn work(&self) -> &'static str {
        "a registered phone that does nothing for a minute"
    }

    fn figures(&self) -> &'static [Figure] {
        const {
            &[
                Figure::less("private-dirty", "MB", Aim::At(1.3)),
                Figure::less("rss", "MB", Aim::At(8.0)),
                Figure::less("wake-ups", "1/s", Aim::At(1.0)),
                Figure::less("cpu", "ms/min", Aim::At(2.0)),
            ]
        }
    }

    fn has(&self, side: Side) -> bool {
        side != Side::Floor
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        // baresip 1.0 has no digest with SHA-256, so it registers without one.
        let (user, password) = match side {
            Side::Rival => ("peer", ""),
            Side::Ours | Side::Floor => ("bench", "secret"),
        };
        let registrar = Registrar::start(&[(user, password)], Meddling::None)?;
        let register = Some((registrar.address(), user.to_owned(), password.to_owned()));
        let setup = Setup { codec: CodecKind::Pcmu, calls: 64, srtp: false, register };
        let phone = Phone::start(side.phone(), &setup, bench.place)?;
        std::thread::sleep(bench.time(SETTLE_S));
        let begin = Look::at(phone.pid())?;
        std::thread::sleep(bench.time(60.0));
        let end = Look::at(phone.pid())?;
        let span = begin.until(&end);
        let values = [
            end.private_bytes as f64 / 1e6,
            end.rss_bytes as f64 / 1e6,
            span.voluntary_per_s,
            span.cpu_ms * 60.0 / span.seconds,
        ];
        Ok(Figures::of(&phone.name, &values))
    }
}

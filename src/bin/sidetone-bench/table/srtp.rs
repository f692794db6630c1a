//! The row of SRTP: what protecting 50 calls costs on top of carrying them.

use std::io;

use sidetone::base::plan::CodecKind;

use super::{
    figure::{Aim, Bench, Figure, Figures, Reading, Row, Side},
    media::{Work, measure},
};

/// The difference between two runs, one with SRTP and one without.
pub struct Srtp;

const PLAIN: Work = Work::of(CodecKind::Pcmu, 50);

impl Row for Srtp {
    fn name(&self) -> &'static str {
        "srtp-50"
    }

    fn work(&self) -> &'static str {
        "SRTP on top of 50 calls, PCMU"
    }

    fn figures(&self) -> &'static [Figure] {
        const { &[Figure::less("cpu", "ms/call-s", Aim::At(0.06))] }
    }

    fn has(&self, side: Side) -> bool {
        side != Side::Floor
    }

    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading> {
        let plain = match measure(&PLAIN, side.phone(), bench)? {
            Ok(media) => media,
            Err(reading) => return Ok(reading),
        };
        Ok(match measure(&Work { srtp: true, ..PLAIN }, side.phone(), bench)? {
            Ok(media) => {
                Figures::of(&media.phone, &[media.cpu_ms_per_call_s - plain.cpu_ms_per_call_s])
            }
            Err(reading) => reading,
        })
    }
}

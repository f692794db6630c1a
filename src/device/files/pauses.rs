//! The pauses of a recording: from the worker that makes them to the marks in the file.

use std::{
    io::{Seek, Write},
    time::Duration,
};

use crate::device::{
    ring::{RingReader, RingWriter, ring},
    wav::WavWriter,
};

/// Pauses that may wait for the files thread.
const WAITING: usize = 64;

/// What the worker tells of a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    Begins { frame: u64 },
    Ends { after: Duration },
}

/// The files thread's end.
#[derive(Debug)]
pub(super) struct PauseMarks {
    waiting: RingReader<Pause>,
    /// The last mark is that of the pause that is under way.
    open: bool,
}

/// The way of one file's pauses.
pub(super) fn pauses() -> (RingWriter<Pause>, PauseMarks) {
    let (told, waiting) = ring(WAITING);
    (told, PauseMarks { waiting, open: false })
}

impl PauseMarks {
    /// Writes what waits down as marks; whether there was any.
    pub(super) fn drain<W: Write + Seek>(&mut self, writer: &mut WavWriter<W>) -> bool {
        let mut pause = [Pause::Ends { after: Duration::ZERO }];
        let mut marked = false;
        while self.waiting.pop(&mut pause) > 0 {
            marked = true;
            match pause[0] {
                Pause::Begins { frame } => self.open = writer.mark(frame, "paused".to_owned()),
                Pause::Ends { after } if std::mem::take(&mut self.open) => {
                    writer.mark_again(format!("paused for {:.2} s", after.as_secs_f64()));
                }
                Pause::Ends { .. } => {}
            }
        }
        marked
    }
}

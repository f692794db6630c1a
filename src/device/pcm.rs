//! Rings of PCM between a media worker and a host's thread: what is tapped from a call, and what is
//! injected into one.
//!
//! ```text
//!   worker M                                            host H
//!   TapWriter::write ──▶ ring of samples ──────────────▶ TapReader::read
//!               └──────▶ ring of what is told of each frame ──┘
//!   InjectReader::take ◀── ring of samples ◀────────── InjectWriter::write
//!             └──▶ position: claimed by the worker, moved on by a flush ◀── ::flush
//! ```
//!
//! Both ends are wait-free: whoever stalls harms nobody else. A ring that is full of what a host did
//! not read takes no more; the frames that find no room are counted, and the next one that does says
//! how many came before it. Not here: rates (the worker resamples) and waiting (the host's).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::ring::{RingReader, RingWriter, ring};

/// What is told of a frame of a tap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TapFrame {
    /// Samples from the first one of the tap to the first one of this frame, dropped ones included.
    pub timestamp: u64,
    /// When it was made, from the engine's creation, on the monotonic clock.
    pub time: Duration,
    /// Frames dropped between this one and the one before it: the host did not read in time.
    pub dropped: u64,
    /// A part of it was made up in the place of packets that were lost or late.
    pub concealed: bool,
    /// In a part of it nothing was there to be heard: no media yet, or nothing received.
    pub absent: bool,
}

/// A tap of frames of `frame_samples` each; `frames` of them wait at most.
pub fn tap(frame_samples: usize, frames: usize) -> (TapWriter, TapReader) {
    let frames = frames.max(1);
    let dropped = Arc::new(AtomicU64::new(0));
    let (told, tell) = ring(frames);
    let (samples, samples_end) = ring(frames * frame_samples);
    (
        TapWriter { told, samples, frame_samples, timestamp: 0, gap: 0, dropped: dropped.clone() },
        TapReader { tell, samples: samples_end, frame_samples, dropped },
    )
}

/// The worker's end of a tap.
#[derive(Debug)]
pub struct TapWriter {
    told: RingWriter<TapFrame>,
    samples: RingWriter<i16>,
    frame_samples: usize,
    timestamp: u64,
    gap: u64,
    dropped: Arc<AtomicU64>,
}

impl TapWriter {
    /// Samples of a frame.
    pub fn frame_samples(&self) -> usize {
        self.frame_samples
    }

    /// Hands a whole frame over, or drops and counts it. Timestamp and gap are filled in here.
    pub fn write(&mut self, pcm: &[i16], told: TapFrame) {
        let frame = TapFrame { timestamp: self.timestamp, dropped: self.gap, ..told };
        self.timestamp += self.frame_samples as u64;
        // What is told goes last: a reader that finds it finds the samples as well.
        if pcm.len() == self.frame_samples && self.told.free() > 0 && self.samples.push_all(pcm) {
            self.told.push_all(&[frame]);
            self.gap = 0;
        } else {
            self.gap += 1;
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the host let go of its end.
    pub fn is_abandoned(&self) -> bool {
        self.told.is_abandoned()
    }
}

/// The host's end of a tap.
#[derive(Debug)]
pub struct TapReader {
    tell: RingReader<TapFrame>,
    samples: RingReader<i16>,
    frame_samples: usize,
    dropped: Arc<AtomicU64>,
}

impl TapReader {
    /// Samples of a frame.
    pub fn frame_samples(&self) -> usize {
        self.frame_samples
    }

    /// Takes the next frame into the first [`TapReader::frame_samples`] of `pcm`, which must have
    /// them; `None` when none waits.
    pub fn read(&mut self, pcm: &mut [i16]) -> Option<TapFrame> {
        let pcm = pcm.get_mut(..self.frame_samples)?;
        let mut frame = [TapFrame::default()];
        if self.tell.pop(&mut frame) == 0 {
            return None;
        }
        self.samples.pop(pcm);
        Some(frame[0])
    }

    /// Frames that wait.
    pub fn waiting(&self) -> usize {
        self.tell.fill()
    }

    /// Frames dropped in all.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether the worker let go of its end: nothing follows what waits.
    pub fn is_abandoned(&self) -> bool {
        self.tell.is_abandoned()
    }
}

/// An injection that `samples` may wait in.
pub fn injection(samples: usize) -> (InjectWriter, InjectReader) {
    let shared = Arc::new(InjectShared::default());
    let (samples, samples_end) = ring(samples);
    (
        InjectWriter { samples, written: 0, dropped: 0, shared: Arc::clone(&shared) },
        InjectReader { samples: samples_end, read: 0, flows: false, shared },
    )
}

/// Positions count samples from the first one that was written.
#[derive(Debug, Default)]
struct InjectShared {
    /// What is before it was played or thrown away. A worker claims what it plays by moving it on;
    /// a flush moves it on to all that was written.
    position: AtomicU64,
    played: AtomicU64,
    underruns: AtomicU64,
}

/// The host's end of an injection.
#[derive(Debug)]
pub struct InjectWriter {
    samples: RingWriter<i16>,
    written: u64,
    dropped: u64,
    shared: Arc<InjectShared>,
}

/// How an injection does. All but `queued` count from its opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InjectInfo {
    /// Samples that wait to be played.
    pub queued: u64,
    /// Samples played.
    pub played: u64,
    /// How often it ran empty while it played; the end of what was to be said counts, too.
    pub underruns: u64,
    /// Samples that writes did not take for want of room.
    pub dropped: u64,
    /// The call is over; nothing more is played.
    pub ended: bool,
}

impl InjectWriter {
    /// Queues as many samples as there is room for; tells how many that were.
    pub fn write(&mut self, pcm: &[i16]) -> usize {
        let taken = self.samples.push(pcm);
        self.written += taken as u64;
        self.dropped += (pcm.len() - taken) as u64;
        taken
    }

    /// Throws away what was written and not yet played; tells how many samples that were.
    pub fn flush(&mut self) -> u64 {
        self.written - self.shared.position.swap(self.written, Ordering::AcqRel)
    }

    /// Whether the worker let go of its end: nothing more is played.
    pub fn is_abandoned(&self) -> bool {
        self.samples.is_abandoned()
    }

    /// Counters now.
    pub fn info(&self) -> InjectInfo {
        let shared = &self.shared;
        InjectInfo {
            queued: self.written - shared.position.load(Ordering::Acquire),
            played: shared.played.load(Ordering::Relaxed),
            underruns: shared.underruns.load(Ordering::Relaxed),
            dropped: self.dropped,
            ended: self.is_abandoned(),
        }
    }
}

/// The worker's end of an injection.
#[derive(Debug)]
pub struct InjectReader {
    samples: RingReader<i16>,
    /// Position of the ring's first sample.
    read: u64,
    /// The last frame was full.
    flows: bool,
    shared: Arc<InjectShared>,
}

impl InjectReader {
    /// Takes what is to be played now, with silence behind it; tells how many samples that were.
    pub fn take(&mut self, pcm: &mut [i16]) -> usize {
        let taken = self.claim(pcm);
        pcm[taken..].fill(0);
        let full = taken == pcm.len();
        if std::mem::replace(&mut self.flows, full) && !full {
            self.shared.underruns.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.played.fetch_add(taken as u64, Ordering::Relaxed);
        taken
    }

    fn claim(&mut self, pcm: &mut [i16]) -> usize {
        let position = self.shared.position.load(Ordering::Acquire);
        self.skip_to(position);
        let count = pcm.len().min(self.samples.fill());
        let end = position + count as u64;
        let claimed = self.shared.position.compare_exchange(
            position,
            end,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        match claimed {
            Ok(_) => {
                self.read = end;
                self.samples.pop(&mut pcm[..count])
            }
            // Flushed this very moment: what was written since is for the next frame.
            Err(flushed) => {
                self.skip_to(flushed);
                0
            }
        }
    }

    /// Follows a flush; running dry by one is no underrun.
    fn skip_to(&mut self, position: u64) {
        let skipped = self.samples.skip((position - self.read) as usize);
        self.read += skipped as u64;
        self.flows &= skipped == 0;
    }

    /// Whether the host let go of its end.
    pub fn is_abandoned(&self) -> bool {
        self.samples.is_abandoned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: i16) -> [i16; 4] {
        [number; 4]
    }

    #[test]
    fn frames_come_in_order_with_their_places_in_time() {
        let (mut writer, mut reader) = tap(4, 2);
        let mut pcm = [0; 6];
        assert_eq!(reader.read(&mut pcm), None);
        writer.write(&frame(1), TapFrame { concealed: true, ..TapFrame::default() });
        writer.write(&frame(2), TapFrame::default());
        assert_eq!(reader.read(&mut pcm).map(|f| (f.timestamp, f.concealed)), Some((0, true)));
        assert_eq!(pcm, [1, 1, 1, 1, 0, 0]);
        assert_eq!(reader.read(&mut pcm[..3]), None, "too little room takes nothing");
        assert_eq!(reader.read(&mut pcm).map(|f| (f.timestamp, f.concealed)), Some((4, false)));
    }

    #[test]
    fn what_a_stalled_reader_misses_is_the_newest_and_is_told_at_the_gap() {
        let (mut writer, mut reader) = tap(4, 3);
        (0..8).for_each(|number| writer.write(&frame(number), TapFrame::default()));
        let mut pcm = [0; 4];
        let mut read = |reader: &mut TapReader| {
            reader.read(&mut pcm).map(|frame| (pcm[0], frame.timestamp, frame.dropped))
        };
        let before: Vec<_> = std::iter::from_fn(|| read(&mut reader)).collect();
        assert_eq!(before, [(0, 0, 0), (1, 4, 0), (2, 8, 0)]);
        writer.write(&frame(8), TapFrame::default());
        writer.write(&frame(9), TapFrame::default());
        assert_eq!(read(&mut reader), Some((8, 32, 5)), "five were dropped before it");
        assert_eq!(read(&mut reader), Some((9, 36, 0)));
        assert_eq!(reader.dropped(), 5);
    }

    #[test]
    fn a_tap_drains_before_it_ends() {
        let (mut writer, mut reader) = tap(4, 3);
        writer.write(&frame(7), TapFrame::default());
        drop(writer);
        assert!(reader.is_abandoned() && reader.waiting() == 1);
        assert!(reader.read(&mut [0; 4]).is_some() && reader.waiting() == 0);
    }

    #[test]
    fn an_injection_is_played_in_order_with_silence_where_it_runs_dry() {
        let (mut writer, mut reader) = injection(100);
        let mut out = [9; 4];
        assert_eq!((reader.take(&mut out), out), (0, [0; 4]));
        assert_eq!(writer.info().underruns, 0, "it has not begun");
        assert_eq!(writer.write(&[1, 2, 3, 4, 5, 6]), 6);
        assert_eq!((reader.take(&mut out), out), (4, [1, 2, 3, 4]));
        assert_eq!((reader.take(&mut out), out), (2, [5, 6, 0, 0]));
        assert_eq!(reader.take(&mut out), 0);
        let info = writer.info();
        assert_eq!((info.queued, info.played, info.underruns), (0, 6, 1));
    }

    #[test]
    fn an_injection_without_room_says_how_much_it_did_not_take() {
        let (mut writer, mut reader) = injection(4);
        assert_eq!(writer.write(&[1; 6]), 4);
        assert_eq!(writer.write(&[2; 1]), 0);
        assert_eq!((writer.info().queued, writer.info().dropped), (4, 3));
        assert!(!writer.is_abandoned());
        assert_eq!(reader.take(&mut [0; 4]), 4);
        drop(reader);
        assert!(writer.info().ended);
    }

    #[test]
    fn a_flush_throws_away_what_waits_and_nothing_that_comes_after() {
        let (mut writer, mut reader) = injection(20);
        let mut out = [0; 4];
        writer.write(&[1; 10]);
        assert_eq!(reader.take(&mut out), 4);
        assert_eq!(writer.flush(), 6);
        assert_eq!(writer.flush(), 0, "nothing waits any more");
        assert_eq!(writer.info().queued, 0);
        writer.write(&[2; 3]);
        assert_eq!((reader.take(&mut out), out), (3, [2, 2, 2, 0]));
        assert_eq!(writer.info().played, 7);
    }

    #[test]
    fn every_sample_is_played_or_flushed_once_whatever_the_threads_do() {
        const ROUNDS: u32 = 20_000;
        let (mut writer, mut reader) = injection(64);
        let host = std::thread::spawn(move || {
            let (mut written, mut flushed) = (0u64, 0u64);
            for round in 0..ROUNDS {
                written += writer.write(&[round as i16; 7]) as u64;
                if round % 5 == 0 {
                    flushed += writer.flush();
                }
            }
            while writer.info().queued > 0 {
                std::thread::yield_now();
            }
            (written, flushed, writer.info().played)
        });
        let mut played = 0u64;
        while !reader.is_abandoned() {
            played += reader.take(&mut [0; 5]) as u64;
        }
        let (written, flushed, told) = host.join().expect("the host's thread");
        assert_eq!(written, flushed + played);
        assert!(told <= played);
    }
}

//! The worker's end of a WAV file.

use std::{sync::Arc, time::Duration};

use super::{BLOCK_SAMPLES, FileStatus, pauses::Pause};
use crate::device::ring::RingWriter;

/// The writing end of a WAV file. Never waits, never allocates. Dropping it finishes the file.
#[derive(Debug)]
pub struct WavSink {
    pub(super) samples: RingWriter<i16>,
    pub(super) pauses: RingWriter<Pause>,
    pub(super) channels: u16,
    /// Frames that the file gets for what was written so far.
    pub(super) frames: u64,
    /// Frames dropped whose silence is not written yet.
    pub(super) owed: u64,
    pub(super) status: Arc<FileStatus>,
}

impl WavSink {
    /// Appends a block of both channels: near end left, far end right. The shorter one is filled
    /// up with silence; a mono file gets the sum.
    pub fn write(&mut self, near: &[i16], far: &[i16]) {
        let frames = near.len().max(far.len());
        if !self.reserve(frames) {
            return;
        }
        let mut left = near.iter().copied().chain(std::iter::repeat(0));
        let mut right = far.iter().copied().chain(std::iter::repeat(0));
        let mut block = [0i16; BLOCK_SAMPLES];
        let mut rest = frames;
        while rest > 0 {
            let count = rest.min(BLOCK_SAMPLES / 2);
            let samples = count * usize::from(self.channels);
            for frame in block[..samples].chunks_exact_mut(usize::from(self.channels)) {
                let (near, far) = (left.next().unwrap_or(0), right.next().unwrap_or(0));
                match frame {
                    [one] => *one = near.saturating_add(far),
                    [one, other, ..] => (*one, *other) = (near, far),
                    [] => {}
                }
            }
            self.samples.push(&block[..samples]);
            rest -= count;
        }
    }

    /// Appends a block to a mono file; a stereo one gets it on both channels.
    pub fn write_mono(&mut self, block: &[i16]) {
        if self.channels == 1 {
            if self.reserve(block.len()) {
                self.samples.push(block);
            }
        } else {
            self.write(block, block);
        }
    }

    /// Whether an error ended the file: writing on does nothing.
    pub fn has_failed(&self) -> bool {
        self.status.has_failed()
    }

    /// Marks the place where the next block goes: a pause begins there. Gives it, in frames.
    pub fn pause(&mut self) -> u64 {
        // More than the ring holds within the time of a drain are no pauses of people's.
        self.pauses.push(&[Pause::Begins { frame: self.frames }]);
        self.frames
    }

    /// The pause that began last has an end, after this time of the call. Gives the place.
    pub fn resume(&mut self, after: Duration) -> u64 {
        self.pauses.push(&[Pause::Ends { after }]);
        self.frames
    }

    /// Makes sure that `frames` fit behind the silence owed; otherwise owes them, too.
    fn reserve(&mut self, frames: usize) -> bool {
        if self.has_failed() || frames == 0 {
            return false;
        }
        self.frames += frames as u64;
        let channels = usize::from(self.channels);
        let free = self.samples.free() / channels;
        let owed = usize::try_from(self.owed).unwrap_or(usize::MAX);
        if free < owed.saturating_add(frames) {
            self.owed += frames as u64;
            self.status.add_dropped(frames as u64);
            // A gap longer than the ring could never be paid in one go.
            let silence = owed.min(free / 2);
            self.push_silence(silence * channels);
            self.owed -= silence as u64;
            return false;
        }
        self.push_silence(owed * channels);
        self.owed = 0;
        true
    }

    fn push_silence(&mut self, samples: usize) {
        let zeros = [0i16; BLOCK_SAMPLES];
        let mut rest = samples;
        while rest > 0 {
            rest -= self.samples.push(&zeros[..rest.min(BLOCK_SAMPLES)]).max(1);
        }
    }
}

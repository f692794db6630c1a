//! A call's recording: near end left, far end right, at the rate of the file.

use std::time::Duration;

use super::{
    fit::{FRAME_SAMPLES, Fit},
    pacer::FRAME,
};
use crate::device::files::WavSink;

/// The writing end of a stereo recording. Built by the signaling thread.
#[derive(Debug)]
pub(in crate::engine) struct Recording {
    sink: WavSink,
    rate_hz: u32,
    near: Fit,
    far: Fit,
    /// How long the pause has taken that it is in.
    paused: Option<Duration>,
}

impl Recording {
    pub(in crate::engine) fn new(sink: WavSink, rate_hz: u32) -> Self {
        Self { sink, rate_hz, near: Fit::default(), far: Fit::default(), paused: None }
    }

    /// Begins or ends a pause: what is said in it never comes near the file. Gives the place in the
    /// file; `None`: it is so already.
    pub(super) fn pause(&mut self, paused: bool) -> Option<Duration> {
        let frame = match (paused, self.paused) {
            (true, None) => {
                self.paused = Some(Duration::ZERO);
                // What the resamplers hold is of the time before.
                (self.near, self.far) = (Fit::default(), Fit::default());
                self.sink.pause()
            }
            (false, Some(after)) => {
                self.paused = None;
                self.sink.resume(after)
            }
            _ => return None,
        };
        Some(Duration::from_millis(frame * 1000 / u64::from(self.rate_hz.max(1))))
    }

    /// 10 ms of both ends, each at its own rate.
    pub(super) fn write(&mut self, near: &[i16], near_hz: u32, far: &[i16], far_hz: u32) {
        if let Some(paused) = &mut self.paused {
            *paused += FRAME;
            return;
        }
        let (mut left, mut right) = ([0i16; FRAME_SAMPLES], [0i16; FRAME_SAMPLES]);
        let near = self.near.fit(near, near_hz, self.rate_hz, &mut left);
        let far = self.far.fit(far, far_hz, self.rate_hz, &mut right);
        self.sink.write(near, far);
    }
}

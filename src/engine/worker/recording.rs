//! A call's recording: near end left, far end right, at the rate of the file.

use super::fit::{FRAME_SAMPLES, Fit};
use crate::device::files::WavSink;

/// The writing end of a stereo recording. Built by the signaling thread.
#[derive(Debug)]
pub(in crate::engine) struct Recording {
    sink: WavSink,
    rate_hz: u32,
    near: Fit,
    far: Fit,
}

impl Recording {
    pub(in crate::engine) fn new(sink: WavSink, rate_hz: u32) -> Self {
        Self { sink, rate_hz, near: Fit::default(), far: Fit::default() }
    }

    /// 10 ms of both ends, each at its own rate.
    pub(super) fn write(&mut self, near: &[i16], near_hz: u32, far: &[i16], far_hz: u32) {
        let (mut left, mut right) = ([0i16; FRAME_SAMPLES], [0i16; FRAME_SAMPLES]);
        let near = self.near.fit(near, near_hz, self.rate_hz, &mut left);
        let far = self.far.fit(far, far_hz, self.rate_hz, &mut right);
        self.sink.write(near, far);
    }
}

//! A call's recording: near end left, far end right, at the rate of the file.

use crate::{device::files::WavSink, dsp::resample::Resampler};

/// Longest frame: 10 ms at 48 kHz.
const FRAME_SAMPLES: usize = 480;

/// The writing end of a stereo recording. Built by the signaling thread.
#[derive(Debug)]
pub(in crate::engine) struct Recording {
    sink: WavSink,
    rate_hz: u32,
    near: Side,
    far: Side,
}

#[derive(Debug, Default)]
struct Side {
    resampler: Option<(u32, Resampler)>,
}

impl Recording {
    pub(in crate::engine) fn new(sink: WavSink, rate_hz: u32) -> Self {
        Self { sink, rate_hz, near: Side::default(), far: Side::default() }
    }

    /// 10 ms of both ends, each at its own rate.
    pub(super) fn write(&mut self, near: &[i16], near_hz: u32, far: &[i16], far_hz: u32) {
        let (mut left, mut right) = ([0i16; FRAME_SAMPLES], [0i16; FRAME_SAMPLES]);
        let near = self.near.fit(near, near_hz, self.rate_hz, &mut left);
        let far = self.far.fit(far, far_hz, self.rate_hz, &mut right);
        self.sink.write(near, far);
    }
}

impl Side {
    /// The frame at the file's rate. A resampler is made when the codec's rate differs from it,
    /// which a change of codec in mid-call brings about.
    fn fit<'a>(
        &mut self,
        frame: &'a [i16],
        from_hz: u32,
        to_hz: u32,
        out: &'a mut [i16; FRAME_SAMPLES],
    ) -> &'a [i16] {
        if from_hz == to_hz {
            return frame;
        }
        if self.resampler.as_ref().is_none_or(|(rate, _)| *rate != from_hz) {
            self.resampler = Resampler::new(from_hz, to_hz).ok().map(|made| (from_hz, made));
        }
        let out = &mut out[..to_hz as usize / 100];
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.process_i16(frame, out);
        }
        out
    }
}

//! A call's audio at a rate of somebody else's: a file's, a tap's.

use crate::dsp::resample::Resampler;

/// Longest frame: 10 ms at 48 kHz.
pub(super) const FRAME_SAMPLES: usize = 480;

/// One way of a call, fitted to one rate.
#[derive(Debug, Default)]
pub(super) struct Fit {
    resampler: Option<(u32, Resampler)>,
}

impl Fit {
    /// 10 ms at the rate wanted. A resampler is made when the codec's rate differs from it, which a
    /// change of codec in mid-call brings about.
    pub(super) fn fit<'a>(
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

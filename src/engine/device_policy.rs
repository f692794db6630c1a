//! How the audio of calls reaches the user.

use super::config::WavPair;
use crate::device::stepped::SteppedDevice;

/// Where the microphone comes from and the loudspeaker goes.
#[derive(Clone, Debug, Default)]
pub enum AudioPolicy {
    /// No device: calls hear what is played or routed into them. The default.
    #[default]
    Headless,
    /// Sound cards, opened with the first call and closed after the last.
    Devices(DevicePolicy),
    /// WAV files in the place of a sound card, paced by the media worker.
    Wav(WavPair),
    /// A device that the caller steps by hand: for tests and for measuring.
    Stepped(SteppedDevice),
}

/// Which sound cards. An empty name follows the system's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevicePolicy {
    /// Capture device by name or id.
    pub microphone: String,
    /// Playback device by name or id.
    pub loudspeaker: String,
}

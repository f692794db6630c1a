//! A device that the caller steps by hand: for tests and for measuring. It runs the very code of
//! the real-time callbacks, on the caller's thread, when the caller says so.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    health::AudioHealth,
    ports::{PortEnds, PortFormat, PortShared, port},
    realtime::{Capture, Playback},
};

/// Handle of a stepped device; clones name the same device.
#[derive(Clone)]
pub struct SteppedDevice {
    format: PortFormat,
    callbacks: Arc<Mutex<Option<Callbacks>>>,
}

struct Callbacks {
    playback: Playback,
    capture: Capture,
    shared: Arc<PortShared>,
    health: Arc<AudioHealth>,
}

impl SteppedDevice {
    /// A device of `rate_hz` with periods of `period_frames` per direction.
    pub fn new(rate_hz: u32, period_frames: u32) -> Self {
        let rate_hz = rate_hz.max(1);
        let format =
            PortFormat { playback_rate_hz: rate_hz, capture_rate_hz: rate_hz, period_frames };
        Self { format, callbacks: Arc::default() }
    }

    /// Rates and period.
    pub fn format(&self) -> PortFormat {
        self.format
    }

    /// Opens it for a worker. A worker that had it open before finds its ends abandoned, as with a
    /// card that went away. How the callbacks do is written down in `health`; the caller's thread is
    /// asked for nothing.
    pub fn open(&self, health: Arc<AudioHealth>) -> PortEnds {
        let (ends, playback, capture) = port(self.format);
        let shared = Arc::clone(ends.shared());
        *self.lock() = Some(Callbacks {
            playback: Playback::new(playback, 1),
            capture: Capture::new(capture, 1),
            shared,
            health,
        });
        ends
    }

    /// Takes the device away from whoever has it open: it is lost as an unplugged card is.
    pub fn unplug(&self) {
        *self.lock() = None;
    }

    /// Whether a worker has it open.
    pub fn is_open(&self) -> bool {
        self.lock().as_ref().is_some_and(|callbacks| !callbacks.playback.is_abandoned())
    }

    /// Counters and levels of the present opening.
    pub fn shared(&self) -> Option<Arc<PortShared>> {
        self.lock().as_ref().map(|callbacks| Arc::clone(&callbacks.shared))
    }

    /// Frames that the loudspeaker has taken since the present opening, and those that wait for it;
    /// their sum is the number of frames that the worker has queued so far. Zeros while it is closed.
    pub fn playback_progress(&self) -> (u64, u64) {
        let callbacks = self.lock();
        let told = |open: &Callbacks| (open.playback.taken(), open.playback.queued() as u64);
        callbacks.as_ref().map(told).unwrap_or_default()
    }

    /// Runs both callbacks once: `microphone` is captured, `loudspeaker` filled; any lengths.
    /// Returns false while no worker has the device open (then `loudspeaker` is silence).
    pub fn step(&self, microphone: &[f32], loudspeaker: &mut [f32]) -> bool {
        let mut callbacks = self.lock();
        match callbacks.as_mut() {
            Some(open) if !open.playback.is_abandoned() => {
                let Callbacks { playback, capture, health, .. } = open;
                let (heard, rate_hz) = (microphone.len(), self.format.capture_rate_hz);
                health.capture.time(heard, rate_hz, || capture.take(microphone, 0));
                let (played, rate_hz) = (loudspeaker.len(), self.format.playback_rate_hz);
                health.playback.time(played, rate_hz, || playback.fill(loudspeaker, 0));
                true
            }
            _ => {
                *callbacks = None;
                loudspeaker.fill(0.0);
                false
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Callbacks>> {
        self.callbacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SteppedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SteppedDevice").field("format", &self.format).finish_non_exhaustive()
    }
}

impl PartialEq for SteppedDevice {
    /// Whether both name the same device.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.callbacks, &other.callbacks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_move_samples_both_ways_between_clones_and_worker() {
        let device = SteppedDevice::new(48_000, 480);
        let hand = device.clone();
        let mut loudspeaker = [1.0; 480];
        assert!(!hand.step(&[0.0; 480], &mut loudspeaker), "no worker has it open");
        assert_eq!(loudspeaker, [0.0; 480]);

        let health = Arc::<AudioHealth>::default();
        let mut ends = device.open(Arc::clone(&health));
        assert!(hand.is_open());
        assert_eq!(hand.playback_progress(), (0, 0));
        ends.push_playback(&[0.25; 970]);
        assert!(hand.step(&[0.5; 480], &mut loudspeaker));
        assert!(hand.step(&[0.5; 480], &mut loudspeaker));
        assert_eq!(hand.playback_progress(), (960, 10));
        assert_eq!(loudspeaker[479], 0.25);
        let mut captured = [0.0; 960];
        assert_eq!(ends.pop_capture(&mut captured), 960);
        assert_eq!(captured, [0.5; 960]);
        assert_eq!(health.times().count, 4, "two each way");

        drop(ends);
        assert!(!hand.is_open());
        assert!(!hand.step(&[0.0; 480], &mut loudspeaker));
    }

    #[test]
    fn an_unplugged_device_leaves_its_worker_with_abandoned_ends() {
        let device = SteppedDevice::new(8_000, 80);
        let ends = device.open(Arc::default());
        assert!(!ends.is_abandoned());
        device.unplug();
        assert!(ends.is_abandoned());
        let again = device.open(Arc::default());
        assert!(!again.is_abandoned() && ends.is_abandoned());
    }
}

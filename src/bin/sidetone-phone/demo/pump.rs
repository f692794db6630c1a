//! Two sound cards made of air: a thread steps the microphones and loudspeakers of both phones in
//! the same rhythm, so that what is said and what is heard stand on one time line.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use sidetone::device::{
    priority::{Urgency, promote_current_thread},
    stepped::SteppedDevice,
};

use super::check::Track;

/// The stepping thread; dropped, it stops.
#[derive(Debug)]
pub struct Pump {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    talk: AtomicBool,
    /// Samples of the speech that went into the microphone.
    said: AtomicUsize,
    heard: Mutex<Vec<f32>>,
}

impl Pump {
    /// Steps `mouth` (which says `speech` when told) and `ear`, where there is one.
    pub fn start(
        mouth: SteppedDevice,
        ear: Option<SteppedDevice>,
        speech: Track,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let work = shared.clone();
        let thread = std::thread::Builder::new()
            .name("pump".into())
            .spawn(move || run(&work, &mouth, ear.as_ref(), &speech.samples))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Starts to talk; what is heard is kept from here on.
    pub fn talk(&self) {
        self.shared.talk.store(true, Ordering::Release);
    }

    /// Seconds of speech said so far.
    pub fn said_seconds(&self) -> f64 {
        self.shared.said.load(Ordering::Acquire) as f64 / f64::from(RATE_HZ)
    }

    /// What the ear heard since [`Pump::talk`].
    pub fn heard(&self) -> Track {
        let heard = self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
        Track { rate_hz: RATE_HZ, samples: heard.clone() }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A device for the pump to step.
pub fn device() -> SteppedDevice {
    SteppedDevice::new(RATE_HZ, PERIOD as u32)
}

fn run(shared: &Shared, mouth: &SteppedDevice, ear: Option<&SteppedDevice>, speech: &[f32]) {
    // A sound card is not held up by a busy machine; what stands for one should not be either.
    promote_current_thread(Urgency::Callback);
    let (mut microphone, mut loudspeaker) = (vec![0f32; PERIOD], vec![0f32; PERIOD]);
    let silence = vec![0f32; PERIOD];
    let mut due = Instant::now();
    while !shared.stop.load(Ordering::Acquire) {
        let talking = shared.talk.load(Ordering::Acquire);
        microphone.fill(0.0);
        if talking {
            let from = shared.said.load(Ordering::Relaxed).min(speech.len());
            let to = (from + PERIOD).min(speech.len());
            microphone[..to - from].copy_from_slice(&speech[from..to]);
            shared.said.store(to, Ordering::Release);
        }
        mouth.step(&microphone, &mut loudspeaker);
        if let Some(ear) = ear {
            ear.step(&silence, &mut loudspeaker);
            if talking {
                let mut heard = shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.extend_from_slice(&loudspeaker);
            }
        }
        due += PERIOD_TIME;
        let now = Instant::now();
        match due.checked_duration_since(now) {
            Some(wait) => std::thread::sleep(wait),
            // A stall longer than a sound card's buffer is time lost, not time to catch up with.
            None if now - due > Duration::from_millis(100) => due = now,
            None => {}
        }
    }
}

/// Rate of both devices, Hz.
pub const RATE_HZ: u32 = 48_000;
/// Frames of one period.
const PERIOD: usize = 480;
/// One period, which the mouth's sound card holds a sample for before the engine gets it.
pub const PERIOD_TIME: Duration = Duration::from_millis(10);

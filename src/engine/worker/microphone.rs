//! The microphone's way from the card into the bridge: 10 ms at a time, whatever the card's clock
//! makes of that. Where frames are missing, and where some are thrown away, the signal has no step.

use crate::device::ports::PortEnds;

/// Length of the ramps over what is missing or left out.
const RAMP_MS: u32 = 4;

/// What is taken from the card's capture ring.
#[derive(Debug)]
pub(super) struct Microphone {
    frame: usize,
    ramp: usize,
    /// Behind a jump, the way that the signal would have gone on.
    old: Vec<f32>,
    last: f32,
    state: State,
    lost: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The card has brought nothing yet.
    Starting,
    Flowing,
    Missing,
}

impl Microphone {
    /// Of a card that captures at this rate.
    pub(super) fn new(rate_hz: u32) -> Self {
        let ramp = (rate_hz / 1000 * RAMP_MS) as usize;
        let frame = rate_hz as usize / 100;
        Self { frame, ramp, old: vec![0.0; ramp], last: 0.0, state: State::Starting, lost: 0 }
    }

    /// Frames of the card that were missing when they were due, or thrown away, in all.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Takes 10 ms into `out`.
    pub(super) fn take(&mut self, ends: &mut PortEnds, out: &mut [f32]) {
        let waiting = ends.capture_fill();
        if waiting < self.frame {
            return self.fade_out(ends, out);
        }
        // The two clocks of the card's halves differ: more than four frames waiting are too old to
        // be sent, so the oldest go.
        let jumps = waiting > 4 * self.frame;
        if jumps {
            ends.pop_capture(&mut self.old);
            let skipped = ends.skip_capture(waiting - self.ramp - 2 * self.frame);
            self.lost += (self.ramp + skipped) as u64;
        }
        ends.pop_capture(out);
        if self.state != State::Flowing {
            self.old.fill(0.0);
        }
        if jumps || self.state != State::Flowing {
            let step = 1.0 / self.ramp as f32;
            for (n, (new, old)) in out.iter_mut().zip(&self.old).enumerate() {
                let share = n as f32 * step;
                *new = *new * share + old * (1.0 - share);
            }
        }
        self.state = State::Flowing;
        self.last = out.last().copied().unwrap_or_default();
    }

    /// What there is stays for the next frame, which is then a whole one.
    fn fade_out(&mut self, ends: &PortEnds, out: &mut [f32]) {
        let step = self.last / self.ramp as f32;
        for (n, value) in out.iter_mut().enumerate() {
            *value = self.last - step * (n + 1).min(self.ramp) as f32;
        }
        self.last = 0.0;
        if self.state != State::Starting && !ends.is_abandoned() {
            self.state = State::Missing;
            self.lost += self.frame as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::ports::{CaptureEnd, PlaybackEnd, PortFormat, port};

    const FRAME: usize = 480;

    struct Card {
        ends: PortEnds,
        playback: Option<PlaybackEnd>,
        capture: CaptureEnd,
        microphone: Microphone,
        heard: Vec<f32>,
    }

    impl Card {
        fn new() -> Self {
            let format = PortFormat {
                playback_rate_hz: 48_000,
                capture_rate_hz: 48_000,
                period_frames: 480,
            };
            let (ends, playback, capture) = port(format);
            let microphone = Microphone::new(48_000);
            Self { ends, playback: Some(playback), capture, microphone, heard: Vec::new() }
        }

        fn capture(&mut self, frames: usize, value: f32) {
            assert_eq!(self.capture.push(&vec![value; frames]), frames);
        }

        fn take(&mut self) -> &[f32] {
            let mut out = [7.0; FRAME];
            self.microphone.take(&mut self.ends, &mut out);
            self.heard.extend(out);
            &self.heard[self.heard.len() - FRAME..]
        }

        fn steepest(&self) -> f32 {
            self.heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
        }
    }

    #[test]
    fn one_sample_short_is_a_ramp_down_and_a_ramp_up() {
        let mut card = Card::new();
        assert_eq!(card.take(), [0.0; FRAME], "nothing came yet");
        card.capture(2 * FRAME - 1, 0.5);
        assert_eq!(card.take()[FRAME / 2..], [0.5; FRAME / 2]);
        assert_eq!(card.microphone.lost(), 0, "a card that starts lacks nothing");
        assert_eq!(card.take()[FRAME / 2..], [0.0; FRAME / 2]);
        assert_eq!(card.microphone.lost(), 480);
        card.capture(FRAME, 0.5);
        assert_eq!(card.take()[FRAME / 2..], [0.5; FRAME / 2]);
        assert_eq!(card.ends.capture_fill(), FRAME - 1, "nothing that came is lost");
        assert!(card.steepest() < 0.01, "a step of {}", card.steepest());
        assert_eq!(card.microphone.lost(), 480);
    }

    #[test]
    fn what_is_too_old_goes_without_a_step() {
        let mut card = Card::new();
        card.capture(FRAME, 0.5);
        card.take();
        card.capture(2 * FRAME, 0.5);
        card.capture(3 * FRAME, -0.5);
        assert_eq!(card.take()[FRAME / 2..], [-0.5; FRAME / 2]);
        assert_eq!((card.ends.capture_fill(), card.microphone.lost()), (FRAME, 3 * 480));
        card.capture(4 * FRAME, 0.5);
        assert_eq!(card.take()[FRAME / 2..], [0.5; FRAME / 2]);
        assert_eq!(card.microphone.lost(), 6 * 480);
        assert!(card.steepest() < 0.01, "a step of {}", card.steepest());
    }

    #[test]
    fn a_card_that_is_gone_lacks_nothing() {
        let mut card = Card::new();
        card.capture(FRAME, 0.5);
        card.take();
        card.playback = None;
        assert_eq!(card.take()[FRAME - 1], 0.0);
        assert_eq!(card.microphone.lost(), 0);
        assert!(card.steepest() < 0.01);
    }
}

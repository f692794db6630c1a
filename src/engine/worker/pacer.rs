//! Who leads the audio clock of a worker: its own timer, or the sound card.
//!
//! All audio is made in frames of 10 ms. With files in the place of a card, one frame is due each 10
//! ms of the monotonic clock; without either, see `rhythm.rs`. With a sound card the playback ring leads: as many frames are due as bring it up to its
//! target fill, so the card's clock decides, not ours. A card that stops taking samples loses the
//! lead to the timer, and calls go on.
//!
//! A frame of the timer belongs to its place on the grid, however late the thread came to it: what
//! the scheduler does to us is no jitter of the network.

use std::time::{Duration, Instant};

/// Length of one frame of audio.
pub(super) const FRAME: Duration = Duration::from_millis(FRAME_MS as u64);
pub(super) const FRAME_MS: u32 = 10;
/// Frames made up for at once after a stall; what is beyond is skipped.
const CATCH_UP: u32 = 30;
/// A card that took nothing for this long has lost the lead.
const CARD_STALLED: Duration = Duration::from_millis(120);

/// Frames that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// How many.
    pub(super) frames: u32,
    /// When the first of them was to be heard.
    pub(super) at: Instant,
    /// From one to the next.
    pub(super) step: Duration,
}

/// Counts out frames.
#[derive(Debug)]
pub(super) struct Pacer {
    next: Instant,
    card: Option<Card>,
}

#[derive(Debug)]
struct Card {
    consumed: u64,
    moved_at: Instant,
}

impl Pacer {
    /// The timer leads; the first frame is due at once.
    pub(super) fn new(now: Instant) -> Self {
        Self { next: now, card: None }
    }

    /// The timer starts anew from `now`, after a time without work.
    pub(super) fn restart(&mut self, now: Instant) {
        self.next = now;
        self.card = None;
    }

    /// Frames due by the timer.
    pub(super) fn timer_due(&mut self, now: Instant) -> Due {
        let Some(behind) = now.checked_duration_since(self.next) else {
            return Due { frames: 0, at: self.next, step: FRAME };
        };
        let due = u32::try_from(behind.as_nanos() / FRAME.as_nanos()).unwrap_or(u32::MAX - 1) + 1;
        let frames = due.min(CATCH_UP);
        // After a stall the newest ones.
        let at = self.next + FRAME * (due - frames);
        self.next = at + FRAME * frames;
        Due { frames, at, step: FRAME }
    }

    /// Frames due by a card that has `consumed` frames of its own in all and lacks `lacking` frames
    /// of 10 ms in its ring.
    pub(super) fn card_due(&mut self, now: Instant, consumed: u64, lacking: u32) -> Due {
        let card = self.card.get_or_insert(Card { consumed, moved_at: now });
        if card.consumed != consumed {
            *card = Card { consumed, moved_at: now };
        }
        if now.saturating_duration_since(card.moved_at) > CARD_STALLED {
            return self.timer_due(now);
        }
        self.next = now + FRAME;
        // The card takes several at once; they wait in its ring.
        Due { frames: lacking.min(CATCH_UP), at: now, step: Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timer_gives_one_frame_each_ten_milliseconds() {
        let start = Instant::now();
        let mut pacer = Pacer::new(start);
        let mut frames = 0;
        for ms in (0..1000).step_by(5) {
            frames += pacer.timer_due(start + Duration::from_millis(ms)).frames;
        }
        assert_eq!(frames, 100);
    }

    #[test]
    fn frames_that_are_late_keep_their_places_on_the_grid() {
        let start = Instant::now();
        let mut pacer = Pacer::new(start);
        assert_eq!(pacer.timer_due(start + Duration::from_millis(3)).at, start);
        let due = pacer.timer_due(start + Duration::from_millis(37));
        assert_eq!(due, Due { frames: 3, at: start + FRAME, step: FRAME });
    }

    #[test]
    fn a_long_stall_is_not_made_up_for_frame_by_frame() {
        let start = Instant::now();
        let mut pacer = Pacer::new(start);
        let due = pacer.timer_due(start + Duration::from_secs(60));
        assert_eq!((due.frames, due.at), (CATCH_UP, start + Duration::from_millis(59_710)));
        assert_eq!(pacer.timer_due(start + Duration::from_secs(60)).frames, 0);
    }

    #[test]
    fn a_stalled_card_loses_the_lead_and_wins_it_back() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pacer = Pacer::new(start);
        assert_eq!(pacer.card_due(at(0), 0, 3).frames, 3);
        assert_eq!(pacer.card_due(at(10), 480, 1).frames, 1);
        assert_eq!(pacer.card_due(at(100), 480, 0).frames, 0);
        let timer: u32 =
            (131..=231).step_by(5).map(|ms| pacer.card_due(at(ms), 480, 0).frames).sum();
        assert_eq!(timer, 13, "one frame each 10 ms since the card's last, at 110 to 230 ms");
        assert_eq!(pacer.card_due(at(240), 960, 2).frames, 2, "it moves again");
    }
}

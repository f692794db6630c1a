//! Hold, from either end (RFC 3264 §8.4): who stops listening says `sendonly`, and both ends at once
//! `inactive`. What the held end hears meanwhile is its peer's media worker's to play.

use std::time::Instant;

use super::{event::CallEvent, io::Change, machine::Machine};
use crate::base::plan::{Direction, MediaPlan};

impl Machine {
    /// Puts the far end on hold, or takes it off.
    pub(super) fn hold(&mut self, now: Instant, held: bool) {
        let direction = if held { Direction::SendOnly } else { Direction::SendRecv };
        self.renegotiate(now, Change { direction: Some(direction), ..Change::default() });
    }

    /// Tells of our own hold, once the far end has agreed to it or to its end.
    pub(super) fn note_local_hold(&mut self) {
        let held = !self.negotiator.wanted().receives();
        if std::mem::replace(&mut self.local_hold, held) != held {
            self.event(CallEvent::LocalHold { held });
        }
    }

    /// Tells of a hold by the far end: we would send, and it will not have it.
    pub(super) fn note_remote_hold(&mut self, plan: &MediaPlan) {
        let held = !plan.direction.sends() && self.negotiator.wanted().sends();
        if std::mem::replace(&mut self.remote_hold, held) != held {
            self.event(CallEvent::RemoteHold { held });
        }
    }
}

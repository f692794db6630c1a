//! The end of an engine, down the walk: calls and registrations, workers, device, files, thread.

use std::time::{Duration, Instant};

use actix::{Context, System};

use super::Signaling;
use crate::{
    call::Input,
    engine::{
        error::ErrorKind,
        event::{CallState, EventKind},
        shared::Life,
    },
};

/// Stands for "for ever".
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

impl Signaling {
    /// Ends every call and registration; the thread stops when all are gone, or at the deadline.
    pub(super) fn begin_shutdown(&mut self, ctx: &mut Context<Self>, timeout: Duration) {
        let now = Instant::now();
        if self.ends_at.is_some() {
            return;
        }
        self.ends_at = Some(now.checked_add(timeout).unwrap_or(now + LONGEST_WAIT));
        if self.shared.life() == Life::Faulted {
            self.finish();
            return;
        }
        self.guarded(ctx, |actor, _, now| {
            let unsent: Vec<_> = actor.locating.keys().copied().collect();
            for call in unsent {
                actor.hang_up_unsent(call, None);
            }
            let calls: Vec<_> = actor.calls.keys().copied().collect();
            for call in calls {
                actor.to_session(call, Input::Hangup);
            }
            actor.unwatch_all(now);
            actor.unpublish_all();
            let accounts: Vec<_> = actor.accounts.keys().copied().collect();
            for account in accounts {
                actor.unregister(now, account, None);
            }
        });
    }

    /// Stops when nothing is left to wait for.
    pub(super) fn check_end(&mut self, now: Instant) {
        let Some(ends_at) = self.ends_at else { return };
        let quiet = self.calls.is_empty()
            && self.accounts.values().all(|account| account.is_quiet())
            && self.usages.is_quiet()
            && !self.audio.writes_recordings();
        if quiet || now >= ends_at {
            self.finish();
        }
    }

    pub(super) fn finish(&mut self) {
        if self.shared.life() == Life::Stopped {
            return;
        }
        for worker in &mut self.workers {
            worker.stop();
        }
        self.audio.stop();
        self.files.stop();
        for (call, _) in self.calls.drain() {
            self.shared.emit(EventKind::Call {
                call,
                state: CallState::Ended,
                code: 0,
                text: "the engine was shut down".to_owned(),
                error: Some(ErrorKind::Shutdown),
                reason: None,
                cause: None,
            });
        }
        self.shared.set_life(Life::Stopped);
        self.shared.emit(EventKind::Stopped);
        System::current().stop();
    }
}

//! The end of an engine, down the walk: calls and registrations, workers, device, files, thread.

use std::time::{Duration, Instant};

use actix::{Context, System};

use super::Signaling;
use crate::{
    call::Input,
    engine::{
        error::ErrorKind,
        event::{CallState, EventKind},
        log::LogLevel,
        session::{CUT_OFF, SessionMsg},
        shared::Life,
    },
};

/// How long sessions have to end when the time for the far ends is over, and each media worker to
/// let go: both are on this machine.
const LOCAL_WAIT: Duration = Duration::from_millis(500);
/// How long a disk may take to finish the files.
const FILES_WAIT: Duration = Duration::from_secs(2);
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
        self.guarded(ctx, |actor, _, now| {
            let unsent: Vec<_> = actor.locating.keys().copied().collect();
            for call in unsent {
                actor.hang_up_unsent(call);
            }
            if actor.shared.life() == Life::Faulted {
                // Far ends are not spoken to any longer; the host still gets its ends and replies.
                actor.cut_off(now);
                return;
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
            && !self.call_files.writes();
        let late = now >= ends_at;
        let gone = self.calls.is_empty();
        if quiet || (self.cut_off && gone) || (late && (self.cut_off || gone)) {
            self.finish();
        } else if late {
            self.cut_off(now);
        }
    }

    /// The far ends had their time: what still waits for them ends without.
    fn cut_off(&mut self, now: Instant) {
        self.cut_off = true;
        self.ends_at = Some(now + LOCAL_WAIT);
        for entry in self.calls.values() {
            // Local, and the last.
            entry.session.do_send(SessionMsg::CutOff);
        }
    }

    pub(super) fn finish(&mut self) {
        if self.shared.life() == Life::Stopped {
            return;
        }
        let until = Instant::now() + LOCAL_WAIT;
        let stuck =
            self.workers.iter_mut().map(|worker| worker.stop(until)).filter(|ended| !ended).count();
        if stuck > 0 {
            self.log(LogLevel::Error, "media", || format!("{stuck} media workers do not end"));
        }
        let accounts: Vec<_> = self.accounts.keys().copied().collect();
        for account in accounts {
            self.answer_waiting(account, Some(ErrorKind::Shutdown), CUT_OFF);
        }
        for request in self.usages.take_waiting() {
            self.reply(Some(request), Some(ErrorKind::Shutdown), CUT_OFF);
        }
        self.audio.stop();
        self.give_up_files();
        if !self.files.stop(FILES_WAIT) {
            self.log(LogLevel::Error, "engine", || {
                "a disk takes too long to finish files".to_owned()
            });
        }
        for (call, _) in self.calls.drain() {
            self.shared.emit(EventKind::Call {
                call,
                state: CallState::Ended,
                code: 0,
                text: CUT_OFF.to_owned(),
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::*;
    use crate::engine::{DialOptions, DnsSettings, Engine, EngineConfig};

    #[test]
    fn an_engine_with_a_fault_still_ends_its_calls_and_answers_for_them() {
        // Takes what comes and answers nothing, as a phone and as a name server.
        let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = silent.local_addr().unwrap();
        let dns = DnsSettings { server: Some(address), ..DnsSettings::default() };
        let bind = Ipv4Addr::LOCALHOST.into();
        let config = EngineConfig { bind, dns, ..EngineConfig::default() };
        let engine = Engine::new(config).unwrap();
        let dial = |uri: &str| {
            let request = engine.new_request();
            let call = engine.dial(None, uri, DialOptions::default(), Some(request)).unwrap();
            (call, request)
        };
        let dialled = [dial(&format!("sip:x@{address}")), dial("sip:x@nobody.example")];
        // The first is on its way.
        while !matches!(
            engine.next_event(Some(Duration::from_secs(20))).unwrap().unwrap().kind,
            EventKind::Call { state: CallState::Dialing, .. }
        ) {}
        engine.shared.fault("a fault");
        engine.shutdown(Duration::from_secs(20));
        let (mut ends, mut replies, mut stopped) = (Vec::new(), Vec::new(), false);
        while let Some(event) = engine.next_event(Some(Duration::ZERO)).unwrap() {
            match event.kind {
                EventKind::Call { call, state: CallState::Ended, .. } => ends.push(call),
                EventKind::Reply { request, error, .. } => replies.push((request, error)),
                EventKind::Stopped => stopped = true,
                _ => {}
            }
        }
        for (call, request) in dialled {
            assert_eq!(ends.iter().filter(|end| **end == call).count(), 1, "{ends:?}");
            assert_eq!(replies.iter().filter(|to| to.0 == request).count(), 1, "{replies:?}");
        }
        assert!(stopped && replies.iter().all(|(_, error)| error.is_some()), "{replies:?}");
    }
}

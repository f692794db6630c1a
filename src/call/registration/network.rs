//! What the network does to a registration: another address of our own, a connection that breaks, a
//! machine that wakes up.

use std::time::{Duration, Instant};

use super::{Reach, Registration, RegistrationState, Tries, Wish};
use crate::proto::sip::uri::Uri;

/// A flow that lived for so long did not fail because of us (RFC 5626 §4.5).
const STABLE_FLOW: Duration = Duration::from_secs(120);

/// Attempts that changes of the network bring about are at least so far from each other, so that an
/// interface that comes and goes does not make us flood the registrar.
const FLOOR: Duration = Duration::from_secs(5);

impl Registration {
    /// Whether the host wants to be registered, and it was not given up.
    fn is_wanted(&self) -> bool {
        match self.next {
            Some(wish) => wish == Wish::Register,
            None => matches!(
                self.state,
                RegistrationState::Registering
                    | RegistrationState::Registered
                    | RegistrationState::Retrying
            ),
        }
    }

    pub(super) fn moved(&mut self, now: Instant, contact: Uri) {
        if contact == self.settings.contact {
            return;
        }
        self.settings.contact = contact;
        if self.reach == Reach::Lost {
            return self.rerouted(now);
        }
        if !self.is_wanted() {
            return;
        }
        self.reach = Reach::Moved;
        if self.pending.is_none() {
            let at = self.next_attempt(now);
            if at > now {
                self.wake = Some(at);
                return;
            }
        }
        self.again("our own address has changed");
    }

    pub(super) fn rerouted(&mut self, now: Instant) {
        if self.reach != Reach::Lost || self.told_to_wait {
            return;
        }
        if let Some(wake) = self.wake.filter(|wake| *wake > now) {
            let at = self.next_attempt(now);
            self.wake = Some(at.min(wake));
        }
    }

    /// When the network's changes may bring about an attempt, which this one is.
    fn next_attempt(&mut self, now: Instant) -> Instant {
        let at = match self.rerouted_at {
            // Waited for already.
            Some(last) if last > now => last,
            Some(last) => (last + FLOOR).max(now),
            None => now,
        };
        self.rerouted_at = Some(at);
        at
    }

    pub(super) fn woke(&mut self) {
        if self.is_wanted() {
            self.reach = Reach::Probing;
            self.again("the network may have changed");
        }
    }

    /// Registers at once, for a reason that is no failure.
    fn again(&mut self, why: &str) {
        self.wake = None;
        self.failures = 0;
        self.enter(RegistrationState::Registering, 0, why, Duration::ZERO);
        match self.pending {
            Some(_) => self.next = Some(Wish::Register),
            None => self.send(Wish::Register, Tries::default()),
        }
    }

    pub(super) fn flow_failed(&mut self, now: Instant) {
        // While a REGISTER is out its own end tells; without one there is nothing to keep up.
        if self.pending.is_none() && self.state == RegistrationState::Registered {
            let text = "the connection to the registrar is lost";
            let lived =
                self.up_since.map_or(Duration::ZERO, |up| now.saturating_duration_since(up));
            if lived >= STABLE_FLOW {
                self.broken_flows = 0;
            }
            self.failures = self.broken_flows;
            self.broken_flows = self.broken_flows.saturating_add(1);
            self.handle_failure(now, Wish::Register, 0, text, None);
        }
    }
}

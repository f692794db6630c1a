//! What the network does to a registration: another address of our own, a connection that breaks, a
//! machine that wakes up.

use std::time::{Duration, Instant};

use super::{Reach, Registration, RegistrationState, Tries, Wish};
use crate::proto::sip::uri::Uri;

/// A flow that lived for so long did not fail because of us (RFC 5626 §4.5).
const STABLE_FLOW: Duration = Duration::from_secs(120);

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

    pub(super) fn moved(&mut self, contact: Uri) {
        if contact == self.settings.contact {
            return;
        }
        self.settings.contact = contact;
        if self.is_wanted() {
            self.reach = Reach::Moved;
            self.again("our own address has changed");
        }
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

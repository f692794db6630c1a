//! The timers of a call: one enum, one table, the next one is a minimum.

use std::time::Instant;

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The far end (or our user) answers.
    NoAnswer,
    /// The 2xx to an INVITE is repeated (RFC 3261 §13.3.1.4).
    RepeatAccept,
    /// The ACK to it has to have come.
    AckWait,
    /// 180 is said again for the proxies' timer C (RFC 3261 §13.3.1.1).
    RepeatRinging,
    /// The final response after CANCEL has to have come (RFC 3261 §9.1).
    Cancel,
    /// A re-INVITE that met another is tried again (RFC 3261 §14.1).
    RetryOffer,
    /// A reliable provisional response is repeated (RFC 3262 §3).
    RepeatProvisional,
    /// The PRACK to it has to have come.
    PrackWait,
    /// The session is to be refreshed by us (RFC 4028 §10).
    SessionRefresh,
    /// The session was not refreshed.
    SessionExpiry,
    /// A pause among digits is over.
    Digits,
    /// Word of a transfer has to have come.
    Transfer,
}

impl Timer {
    const ALL: [Timer; 12] = [
        Timer::NoAnswer,
        Timer::RepeatAccept,
        Timer::AckWait,
        Timer::RepeatRinging,
        Timer::Cancel,
        Timer::RetryOffer,
        Timer::RepeatProvisional,
        Timer::PrackWait,
        Timer::SessionRefresh,
        Timer::SessionExpiry,
        Timer::Digits,
        Timer::Transfer,
    ];
}

/// When each timer fires, if it runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers([Option<Instant>; Timer::ALL.len()]);

impl Timers {
    /// Starts a timer, or starts it anew.
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.0[timer as usize] = Some(at);
    }

    /// Stops a timer.
    pub(super) fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    /// Whether a timer runs.
    pub(super) fn runs(&self, timer: Timer) -> bool {
        self.at(timer).is_some()
    }

    /// When a timer fires, if it runs.
    pub(super) fn at(&self, timer: Timer) -> Option<Instant> {
        self.0[timer as usize]
    }

    /// Stops all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// When the next one fires.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes one that has fired by `now`, the earliest first.
    pub(super) fn expired(&mut self, now: Instant) -> Option<Timer> {
        let due = |timer: &Timer| self.0[*timer as usize].filter(|at| *at <= now);
        let timer = Timer::ALL.into_iter().filter(|t| due(t).is_some()).min_by_key(|t| due(t))?;
        self.stop(timer);
        Some(timer)
    }
}

//! All timers of all transactions in one table (RFC 3261 table 4, RFC 6026 §8).

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

/// The three values that every timer is derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// Estimated round-trip time.
    pub t1: Duration,
    /// Longest wait between repetitions of a non-INVITE request or an INVITE response.
    pub t2: Duration,
    /// How long a message may stay in the network.
    pub t4: Duration,
}

impl Default for Timers {
    /// RFC 3261 table 4.
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
        }
    }
}

impl Timers {
    /// 64 × T1: the life of a transaction without an answer (timers B, F, H, J, L, M, and D, whose
    /// 32 s are that many round trips at the default T1).
    pub fn lifetime(&self) -> Duration {
        self.t1 * 64
    }

    /// How long the TU may think before 100 (Trying) goes out on its behalf: 200 ms
    /// (RFC 3261 §17.2.1), less where T1 is less than its default.
    pub fn trying(&self) -> Duration {
        (self.t1 * 2 / 5).min(Duration::from_millis(200))
    }
}

/// A timer of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timer {
    /// INVITE repetition, UDP only.
    A,
    /// INVITE without any answer.
    B,
    /// Wait for repeated final responses to INVITE.
    D,
    /// Non-INVITE repetition, UDP only.
    E,
    /// Non-INVITE without a final answer.
    F,
    /// Repetition of a final INVITE response, UDP only.
    G,
    /// Wait for the ACK.
    H,
    /// Wait for repeated ACKs.
    I,
    /// Wait for repeated non-INVITE requests.
    J,
    /// Wait for repeated responses.
    K,
    /// Wait for repeated INVITEs after a 2xx.
    L,
    /// Wait for repeated and forked 2xx.
    M,
    /// 100 (Trying) is due (RFC 3261 §17.2.1).
    Trying,
    /// No final response came after a CANCEL (RFC 3261 §9.1).
    Cancelled,
}

impl Timer {
    const ALL: [Timer; 14] = [
        Timer::A,
        Timer::B,
        Timer::D,
        Timer::E,
        Timer::F,
        Timer::G,
        Timer::H,
        Timer::I,
        Timer::J,
        Timer::K,
        Timer::L,
        Timer::M,
        Timer::Trying,
        Timer::Cancelled,
    ];
}

/// Which timer of which transaction runs out when.
#[derive(Debug, Default)]
pub struct TimerTable {
    order: BTreeSet<(Instant, u64, Timer)>,
    armed: HashMap<(u64, Timer), Instant>,
}

impl TimerTable {
    /// Starts or restarts a timer.
    pub fn arm(&mut self, transaction: u64, timer: Timer, at: Instant) {
        if let Some(earlier) = self.armed.insert((transaction, timer), at) {
            self.order.remove(&(earlier, transaction, timer));
        }
        self.order.insert((at, transaction, timer));
    }

    /// Stops a timer, if it runs.
    pub fn disarm(&mut self, transaction: u64, timer: Timer) {
        if let Some(at) = self.armed.remove(&(transaction, timer)) {
            self.order.remove(&(at, transaction, timer));
        }
    }

    /// Lets go of the room that timers took which are no more.
    pub fn shrink(&mut self) {
        self.armed.shrink_to_fit();
    }

    /// Stops every timer of a transaction.
    pub fn disarm_all(&mut self, transaction: u64) {
        for timer in Timer::ALL {
            self.disarm(transaction, timer);
        }
    }

    /// When the next timer runs out.
    pub fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _, _)| *at)
    }

    /// Takes the first timer that has run out at `now`.
    pub fn pop(&mut self, now: Instant) -> Option<(u64, Timer)> {
        let &(at, transaction, timer) = self.order.first()?;
        if at > now {
            return None;
        }
        self.disarm(transaction, timer);
        Some((transaction, timer))
    }
}

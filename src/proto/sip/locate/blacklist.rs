//! Targets that failed lately (RFC 3263 §4.3 leaves how long to us). Being listed never makes a
//! target unreachable: it is tried after the others.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::Target;
use crate::proto::sip::Transport;

/// Targets remembered at most.
const MOST_LISTED: usize = 1024;

/// How long a target that failed is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlacklistTimes {
    /// After its first failure; doubled with each further one in a row.
    pub base: Duration,
    /// At most.
    pub max: Duration,
}

impl Default for BlacklistTimes {
    /// 30 s to 10 min.
    fn default() -> Self {
        Self { base: Duration::from_secs(30), max: Duration::from_secs(600) }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    until: Instant,
    /// Failures in a row.
    times: u32,
}

/// What failed lately. It heals by time, and at once when the target answers.
#[derive(Debug, Default)]
pub struct Blacklist {
    times: BlacklistTimes,
    entries: HashMap<(Transport, SocketAddr), Entry>,
}

impl Blacklist {
    /// An empty one.
    pub fn new(times: BlacklistTimes) -> Self {
        Self { times, entries: HashMap::new() }
    }

    /// Notes a failure; `after` is how long the target itself wants to be left alone (Retry-After).
    pub fn failed(&mut self, now: Instant, target: &Target, after: Option<Duration>) {
        let key = (target.transport, target.address);
        if self.entries.len() >= MOST_LISTED && !self.entries.contains_key(&key) {
            self.entries.retain(|_, entry| entry.until > now);
            if self.entries.len() >= MOST_LISTED {
                return;
            }
        }
        let times = self.entries.get(&key).map_or(0, |entry| entry.times);
        let doubled = self.times.base.saturating_mul(1 << times.min(16));
        let wait = after.unwrap_or(doubled).min(self.times.max);
        self.entries.insert(key, Entry { until: now + wait, times: times.saturating_add(1) });
    }

    /// Notes that the target answered.
    pub fn answered(&mut self, target: &Target) {
        self.entries.remove(&(target.transport, target.address));
    }

    /// Whether it is passed over now.
    pub fn holds(&self, now: Instant, target: &Target) -> bool {
        let entry = self.entries.get(&(target.transport, target.address));
        entry.is_some_and(|entry| entry.until > now)
    }

    /// Forgets everything: another network may reach what this one did not.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

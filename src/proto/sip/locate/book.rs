//! What was found, for as long as it is valid.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Blacklist, BlacklistTimes, Sought, Target};

/// Next hops kept at most.
const MOST_HOPS: usize = 1024;
/// A zone may say that its records are good for a week; a phone that a provider moves should not
/// have to wait for that.
const LONGEST: Duration = Duration::from_secs(300);

#[derive(Debug)]
struct Entry {
    until: Instant,
    targets: Vec<Target>,
}

/// Next hops found lately, and the blacklist. Requests that go to one next hop go to one target, as
/// long as it answers: the order is drawn when the hop is looked up, and kept.
#[derive(Debug, Default)]
pub struct Book {
    entries: HashMap<Sought, Entry>,
    blacklist: Blacklist,
}

impl Book {
    /// An empty one.
    pub fn new(times: BlacklistTimes) -> Self {
        Self { entries: HashMap::new(), blacklist: Blacklist::new(times) }
    }

    /// The targets of a next hop in the order in which to try them: what failed lately is last.
    /// `None`: it has to be looked up.
    pub fn find(&self, now: Instant, sought: &Sought) -> Option<Vec<Target>> {
        let entry = self.entries.get(sought).filter(|entry| entry.until > now)?;
        Some(self.ordered(now, &entry.targets))
    }

    /// Keeps what was found, for `lifetime` at most, and gives it as [`Book::find`] would. Of one
    /// rank the target that was first before stays so, if it is still there.
    pub fn remember(
        &mut self,
        now: Instant,
        sought: Sought,
        mut targets: Vec<Target>,
        lifetime: Duration,
    ) -> Vec<Target> {
        if let Some(before) = self.entries.get(&sought) {
            let rank = targets.first().map(|target| target.rank);
            let kept = before.targets.iter().find(|old| !self.blacklist.holds(now, old));
            let kept = kept.and_then(|old| {
                let same = |new: &Target| {
                    (new.transport, new.address) == (old.transport, old.address)
                        && Some(new.rank) == rank
                };
                targets.iter().position(same)
            });
            if let Some(at) = kept {
                targets[..=at].rotate_right(1);
            }
        }
        let ordered = self.ordered(now, &targets);
        if self.entries.len() >= MOST_HOPS {
            self.entries.retain(|_, entry| entry.until > now);
            if self.entries.len() >= MOST_HOPS {
                self.entries.clear();
            }
        }
        let until = now + lifetime.min(LONGEST);
        self.entries.insert(sought, Entry { until, targets });
        ordered
    }

    /// Whether a target failed lately.
    pub fn is_avoided(&self, now: Instant, target: &Target) -> bool {
        self.blacklist.holds(now, target)
    }

    /// A target did not answer, or said 503 with `after` as its Retry-After. A next hop that has no
    /// other targets left is looked up anew: it may be elsewhere by now.
    pub fn failed(&mut self, now: Instant, target: &Target, after: Option<Duration>) {
        self.blacklist.failed(now, target, after);
        let blacklist = &self.blacklist;
        self.entries.retain(|_, entry| entry.targets.iter().any(|t| !blacklist.holds(now, t)));
    }

    /// A target answered.
    pub fn answered(&mut self, target: &Target) {
        self.blacklist.answered(target);
    }

    /// Forgets everything, as after a change of network.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.blacklist.clear();
    }

    fn ordered(&self, now: Instant, targets: &[Target]) -> Vec<Target> {
        let (listed, free): (Vec<Target>, Vec<Target>) =
            targets.iter().copied().partition(|target| self.blacklist.holds(now, target));
        [free, listed].concat()
    }
}

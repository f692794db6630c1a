//! One request on its way from target to target (RFC 3263 §4.3).

use std::{collections::VecDeque, time::Duration};

use super::Target;

/// Why a target did not serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// No answer within the transaction's time.
    Timeout,
    /// It could not be sent, or the connection broke.
    Transport,
    /// 503, with Retry-After.
    Unavailable(Option<Duration>),
}

impl std::fmt::Display for Failing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Failing::Timeout => "did not answer",
            Failing::Transport => "could not be reached",
            Failing::Unavailable(_) => "said 503",
        })
    }
}

/// The targets of one request that are left, the one that is being tried, and how others failed.
#[derive(Clone, Debug)]
pub struct Attempts {
    current: Target,
    rest: VecDeque<Target>,
    failed: Vec<(Target, Failing)>,
    /// A provisional response came: the request is at work somewhere, so that sending it elsewhere
    /// could do it twice.
    at_work: bool,
}

impl Attempts {
    /// Begins with the first target; `None` when there is none.
    pub fn new(targets: Vec<Target>) -> Option<Self> {
        let mut rest = VecDeque::from(targets);
        let current = rest.pop_front()?;
        Some(Self { current, rest, failed: Vec::new(), at_work: false })
    }

    /// The target being tried.
    pub fn current(&self) -> &Target {
        &self.current
    }

    /// Whether there never was another to turn to.
    pub fn is_alone(&self) -> bool {
        self.rest.is_empty() && self.failed.is_empty()
    }

    /// Whether there is another to turn to.
    pub fn has_more(&self) -> bool {
        !self.rest.is_empty()
    }

    /// A provisional response came. A 100 is only of the next hop itself.
    pub fn handle_provisional(&mut self, status: u16) {
        self.at_work |= status > 100;
    }

    /// The target failed: gives the next, or `None` when the failure has to be told.
    pub fn handle_failure(&mut self, why: Failing) -> Option<Target> {
        self.failed.push((self.current, why));
        if self.at_work {
            return None;
        }
        if matches!(why, Failing::Unavailable(_)) {
            // Over another transport it is the same server, which has this request already and would
            // take it for a loop (RFC 3261 §8.2.2.2).
            let server = self.current.address;
            self.rest.retain(|target| target.address != server);
        }
        self.current = self.rest.pop_front()?;
        Some(self.current)
    }

    /// What became of those tried before, in a few words; empty when the first one served.
    pub fn history(&self) -> String {
        let told = self.failed.iter().map(|(target, why)| format!("{target} {why}"));
        told.collect::<Vec<_>>().join(", ")
    }
}

//! What accounts do beside calls, and the requests of far ends that are no call's: the machines of
//! `call::usage`, fed, drained and timed.
//!
//! ```text
//! Command ───────────┐            ┌─▶ requests (Owner::Usage), answers
//! responses, requests┼─▶ Usages ──┼─▶ events, replies
//! one timer ─────────┘            └─▶ one timer
//! ```

mod offers;
mod publications;
mod requests;
mod subscriptions;

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use actix::Context;

pub(in crate::engine) use self::requests::{answered, refusal};
pub(super) use self::{
    offers::Offers, publications::Publishing, requests::Sending, subscriptions::Watching,
};
use self::{publications::PublicationEntry, subscriptions::SubscriptionEntry};
use super::{Signaling, calls::Line, requests::Owner};
use crate::{
    base::ids::{PublicationId, RequestId, SubscriptionId},
    call::usage::{Exchange, UsageInput},
};

/// Names a machine of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Usage {
    /// A request of the host's, by its number here.
    Exchange(u64),
    Subscription(SubscriptionId),
    Publication(PublicationId),
}

/// All of them.
#[derive(Default)]
pub(super) struct Usages {
    exchanges: HashMap<u64, ExchangeEntry>,
    next_exchange: u64,
    subscriptions: HashMap<SubscriptionId, SubscriptionEntry>,
    /// Which subscription a notifier's dialog belongs to: Call-ID and our tag.
    notifiers: HashMap<(String, String), SubscriptionId>,
    publications: HashMap<PublicationId, PublicationEntry>,
    /// When each machine wants to be called, the next first.
    due: BTreeSet<(Instant, Usage)>,
    armed: HashMap<Usage, Instant>,
    pub(super) offers: Offers,
    /// Machines that were fed and not yet drained.
    fed: Vec<Usage>,
}

struct ExchangeEntry {
    machine: Exchange,
    line: Line,
    request: Option<RequestId>,
}

impl Usages {
    /// When one of them wants to be called next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let due = self.due.first().map(|(at, _)| *at);
        [due, self.offers.poll_timeout()].into_iter().flatten().min()
    }

    /// Whether nothing waits for a far end.
    pub(super) fn is_quiet(&self) -> bool {
        self.subscriptions.is_empty() && self.publications.is_empty()
    }

    /// The hosts' requests that wait for a far end, which gets no more time.
    pub(super) fn take_waiting(&mut self) -> Vec<RequestId> {
        let exchanges = self.exchanges.values_mut().filter_map(|entry| entry.request.take());
        let subscriptions = self.subscriptions.values_mut().flat_map(|entry| entry.take_waiting());
        let publications = self.publications.values_mut().flat_map(|entry| entry.take_waiting());
        exchanges.chain(subscriptions).chain(publications).collect()
    }

    /// Notes when a machine wants to be called next.
    fn arm(&mut self, usage: Usage) {
        let next = match usage {
            Usage::Exchange(_) => None,
            Usage::Subscription(id) => {
                self.subscriptions.get(&id).and_then(|entry| entry.machine.poll_timeout())
            }
            Usage::Publication(id) => {
                self.publications.get(&id).and_then(|entry| entry.machine.poll_timeout())
            }
        };
        let before = match next {
            Some(at) => self.armed.insert(usage, at),
            None => self.armed.remove(&usage),
        };
        self.due.extend(next.map(|at| (at, usage)));
        if let Some(before) = before.filter(|before| Some(*before) != next) {
            self.due.remove(&(before, usage));
        }
    }
}

impl Signaling {
    pub(super) fn usage_input(&mut self, now: Instant, usage: Usage, input: UsageInput) {
        match usage {
            Usage::Exchange(number) => {
                let Some(entry) = self.usages.exchanges.get_mut(&number) else { return };
                entry.machine.handle_input(now, input);
            }
            Usage::Subscription(id) => {
                let Some(entry) = self.usages.subscriptions.get_mut(&id) else { return };
                entry.machine.handle_input(now, input);
            }
            Usage::Publication(id) => {
                let Some(entry) = self.usages.publications.get_mut(&id) else { return };
                entry.machine.handle_input(now, input);
            }
        }
        self.usages.fed.push(usage);
    }

    /// Drains what was fed; whether there was anything.
    pub(super) fn drive_usages(&mut self, ctx: &mut Context<Self>, now: Instant) -> bool {
        let fed = std::mem::take(&mut self.usages.fed);
        for usage in &fed {
            match *usage {
                Usage::Exchange(number) => self.drain_exchange(ctx, now, number),
                Usage::Subscription(id) => self.drain_subscription(ctx, now, id),
                Usage::Publication(id) => self.drain_publication(ctx, now, id),
            }
            self.usages.arm(*usage);
        }
        !fed.is_empty()
    }

    pub(super) fn usages_timeout(&mut self, now: Instant) {
        self.answer_forgotten(now);
        while let Some((at, usage)) = self.usages.due.first().copied().filter(|(at, _)| *at <= now)
        {
            self.usages.due.remove(&(at, usage));
            self.usages.armed.remove(&usage);
            self.usage_input(now, usage, UsageInput::Timeout);
        }
    }

    /// Sends a request of a usage over its account's line.
    fn send_of_usage(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        line: Line,
        usage: Usage,
        tag: u32,
        request: crate::proto::sip::wire::Request,
    ) {
        self.send_request(ctx, now, line, Owner::Usage(usage), tag, Box::new(request));
    }
}

//! The notifier's requests: which are ours, and what they tell (RFC 6665 §4.1.3).

use std::time::{Duration, Instant};

use super::{Subscription, SubscriptionEvent, SubscriptionState};
use crate::{
    call::usage::{
        UsageOutput,
        state::{SubscriptionStateHeader, Substate, TerminationReason},
    },
    proto::sip::{
        dialog::Dialog,
        endpoint::ServerTransaction,
        wire::{HeaderId, Message, Method, Response, text::Params},
    },
};

impl Subscription {
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: Message,
    ) {
        if !message.is_method(&Method::Notify) {
            let mut response = Response::to(&message, 405, "");
            response.headers.set(HeaderId::Allow, "NOTIFY");
            return self.respond(server, response);
        }
        let code = self.admit(&message);
        let mut response = Response::to(&message, code, "");
        if code == 489 {
            let package = self.settings.event.split(';').next().unwrap_or_default();
            response.headers.push(HeaderId::AllowEvents, package);
        }
        self.respond(server, response);
        if code == 200 {
            self.handle_notify(now, message);
        }
    }

    /// Which answer a NOTIFY gets; 200 for one that is ours.
    fn admit(&mut self, message: &Message) -> u16 {
        if matches!(
            self.state,
            SubscriptionState::Idle | SubscriptionState::Retrying | SubscriptionState::Ended
        ) {
            return 481;
        }
        if !same_event(message.header(HeaderId::Event).unwrap_or_default(), &self.settings.event) {
            return 489;
        }
        let known = self.dialog.as_ref();
        if known.is_none_or(|dialog| dialog.id().remote_tag != message.from_tag()) {
            if self.notified {
                // Another notifier of a forked SUBSCRIBE.
                return 481;
            }
            let Ok(mut dialog) = Dialog::uas(message, &self.from_tag) else { return 400 };
            dialog.confirm();
            dialog.raise_cseq(self.cseq);
            self.dialog = Some(dialog);
            self.notified = true;
            return 200;
        }
        let in_order = self.dialog.as_mut().is_some_and(|d| d.handle_request(message).is_ok());
        self.notified |= in_order;
        if in_order { 200 } else { 500 }
    }

    fn handle_notify(&mut self, now: Instant, message: Message) {
        if self.wanted {
            self.timers.notify = None;
        }
        let value = message.header(HeaderId::SubscriptionState).unwrap_or_default();
        // Old notifiers leave the header out: what notifies, stands.
        let told = SubscriptionStateHeader::parse(value).unwrap_or(SubscriptionStateHeader {
            state: Substate::Active,
            reason: None,
            expires: None,
            retry_after: None,
        });
        if let Some(expires) = told.expires.filter(|_| told.state != Substate::Terminated) {
            self.last_for(now, expires);
        }
        let body = (!message.body().is_empty()).then(|| SubscriptionEvent::Notify { message });
        match told.state {
            Substate::Terminated => {
                self.outputs.extend(body.map(UsageOutput::Event));
                self.handle_terminated(now, told.reason, told.retry_after);
            }
            _ if self.wanted && self.expires.is_zero() => {
                self.outputs.extend(body.map(UsageOutput::Event));
                self.end_look();
            }
            state => {
                self.stands_since.get_or_insert(now);
                self.failures = 0;
                if self.wanted {
                    let state = match state {
                        Substate::Pending => SubscriptionState::Pending,
                        _ => SubscriptionState::Active,
                    };
                    self.enter(state, 200, "", None);
                }
                self.outputs.extend(body.map(UsageOutput::Event));
                if !self.wanted {
                    self.take_back(now);
                }
            }
        }
    }

    fn handle_terminated(
        &mut self,
        now: Instant,
        reason: Option<TerminationReason>,
        after: Option<Duration>,
    ) {
        let text = reason.unwrap_or(TerminationReason::Other).text();
        self.requester.forget();
        if !self.wanted {
            return self.end(0, "", None);
        }
        match reason {
            Some(TerminationReason::Rejected | TerminationReason::NoResource) => {
                self.end(0, text, reason);
            }
            _ if self.expires.is_zero() => self.end_look(),
            Some(TerminationReason::Invariant) => self.end(0, text, reason),
            Some(TerminationReason::Deactivated | TerminationReason::Timeout) => {
                self.start_again(now, 0, text);
            }
            _ => self.retry_later(now, 0, text, after),
        }
    }
}

/// Whether two values of Event name the same package and id (RFC 6665 §8.2.1).
fn same_event(one: &str, other: &str) -> bool {
    let split = |value: &str| {
        let (package, rest) = value.split_at(value.find(';').unwrap_or(value.len()));
        let id = Params::parse(rest).and_then(|params| params.value("id").map(str::to_owned));
        (package.trim().to_ascii_lowercase(), id)
    };
    split(one) == split(other)
}

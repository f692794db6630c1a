//! Requests of far ends that are no call's, and those that the host answers itself.
//!
//! A request handed to the host waits here for its answer; one that the host forgets is answered
//! for it, before the far end gives up.

use std::{collections::HashMap, time::Instant};

use super::Signaling;
use crate::{
    base::ids::{AccountId, CallId, RequestId, TransactionId},
    engine::{
        content::{Content, SipAnswer},
        error::ErrorKind,
        event::EventKind,
        log::LogLevel,
    },
    proto::sip::{
        Flow,
        endpoint::ServerTransaction,
        wire::{HeaderId, HeaderName, Message, Method, Response},
    },
};

/// Requests that wait for the host.
#[derive(Default)]
pub(in crate::engine::signaling) struct Offers(HashMap<TransactionId, Offer>);

struct Offer {
    server: ServerTransaction,
    message: Message,
    /// When it is answered without the host.
    until: Instant,
}

impl Offers {
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.0.values().map(|offer| offer.until).min()
    }
}

impl Signaling {
    /// A request outside of dialogs that is no INVITE.
    pub(in crate::engine::signaling) fn handle_out_of_dialog(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        flow: Flow,
        message: Message,
    ) {
        let method = message.method().unwrap_or(Method::Other(String::new()));
        let account = self.account_for(&message, flow);
        if account.is_none() && !self.shared.config.accept_unknown {
            self.endpoint.respond(now, server, Response::to(&message, 404, ""));
            return;
        }
        let served = matches!(method, Method::Message | Method::Bye);
        if self.passing.offers(&method, served) {
            self.offer(now, server, account, None, message);
            return;
        }
        let response = match method {
            // What belongs into a dialog and names none, and a NOTIFY to nothing of ours.
            Method::Notify if self.unsolicited(account, &message) => {
                Response::to(&message, 200, "")
            }
            Method::Bye | Method::Notify | Method::Info | Method::Update | Method::Prack => {
                Response::to(&message, 481, "")
            }
            // We notify of nothing but what a call refers to (RFC 6665 §7.3.2).
            Method::Subscribe => {
                let mut response = Response::to(&message, 489, "");
                response.headers.set(HeaderId::AllowEvents, "refer");
                response
            }
            Method::Message => self.passing.answer_to(&message),
            _ => {
                let mut response = Response::to(&message, 405, "");
                response.headers.set(HeaderId::Allow, crate::call::ALLOW);
                response
            }
        };
        let taken = method == Method::Message && response.status == 200;
        self.endpoint.respond(now, server, response);
        if taken {
            self.tell_of_message(account, None, &message);
        }
    }

    /// A MESSAGE that was answered with 200.
    pub(in crate::engine::signaling) fn tell_of_message(
        &self,
        account: Option<AccountId>,
        call: Option<CallId>,
        message: &Message,
    ) {
        let from = message.from();
        self.shared.emit(EventKind::Message {
            account,
            call,
            from: from.as_ref().map(|from| from.uri.to_string()).unwrap_or_default(),
            display_name: from.and_then(|from| from.display).unwrap_or_default(),
            to: message.to().map(|to| to.uri.to_string()).unwrap_or_default(),
            content: Box::new(Content::of(message)),
        });
    }

    /// Hands a request to the host, to be answered by it.
    pub(in crate::engine::signaling) fn offer(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        account: Option<AccountId>,
        call: Option<CallId>,
        message: Message,
    ) {
        let Some(transaction) = self.shared.add_transaction() else {
            let mut response = Response::to(&message, 503, "");
            response.headers.set(HeaderId::RetryAfter, "10");
            self.endpoint.respond(now, server, response);
            return;
        };
        self.shared.emit(EventKind::Request {
            transaction,
            account,
            call,
            method: message.method().map(|method| method.to_string()).unwrap_or_default(),
            from: message.from().map(|from| from.uri.to_string()).unwrap_or_default(),
            to: message.raw_uri().to_owned(),
            content: Box::new(Content::of(&message)),
        });
        // The far end waits 64 T1 (RFC 3261 §17.1.2.2).
        let until = now + self.shared.config.timers.t1 * 32;
        self.usages.offers.0.insert(transaction, Offer { server, message, until });
    }

    /// The host's answer.
    pub(in crate::engine::signaling) fn answer_offer(
        &mut self,
        now: Instant,
        transaction: TransactionId,
        answer: SipAnswer,
        request: Option<RequestId>,
    ) {
        let Some(offer) = self.usages.offers.0.remove(&transaction) else {
            return self.reply(request, Some(ErrorKind::StaleId), "it was answered already");
        };
        self.shared.remove_transaction(transaction);
        let mut response = Response::to(&offer.message, answer.code, &answer.reason);
        for (name, value) in &answer.headers {
            if let Some(name) = HeaderName::parse(name) {
                response.headers.push(name, value);
            }
        }
        if !answer.body.is_empty() {
            response.set_body(&answer.content_type, answer.body);
        }
        let sent = self.endpoint.respond(now, offer.server, response);
        let text = "the far end waits no longer";
        let (error, text) = if sent { (None, "") } else { (Some(ErrorKind::WrongState), text) };
        self.reply(request, error, text);
    }

    /// Answers for a host that has not.
    pub(super) fn answer_forgotten(&mut self, now: Instant) {
        let due = |offer: &Offer| offer.until <= now;
        let late: Vec<TransactionId> =
            self.usages.offers.0.iter().filter(|(_, o)| due(o)).map(|(id, _)| *id).collect();
        for transaction in late {
            let Some(offer) = self.usages.offers.0.remove(&transaction) else { continue };
            self.shared.remove_transaction(transaction);
            self.log(LogLevel::Warning, "sip", || {
                format!("the host did not answer {:?}; 500 was sent", offer.message)
            });
            let response = Response::to(&offer.message, 500, "Nobody Answered The Request");
            self.endpoint.respond(now, offer.server, response);
        }
    }
}

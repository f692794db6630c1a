//! Changes of media in a call: re-INVITE and UPDATE, from either end (RFC 3261 §14, RFC 3311).

use std::time::{Duration, Instant};

use super::{
    event::{CallEvent, EndReason},
    io::{Change, Output},
    machine::{Accept, Machine, Phase, description, phrase},
    requests::{Pending, Purpose},
    timers::Timer,
};
use crate::proto::sip::{
    endpoint::ServerTransaction,
    wire::{HeaderId, Message, Method, Response},
};

/// Changes of our side that may wait for each other.
const MAX_CHANGES: usize = 16;

impl Machine {
    /// Takes a change of media that our side asks for. Changes are made one after the other, and
    /// wait for the call to stand.
    pub(super) fn renegotiate(&mut self, now: Instant, change: Change) {
        let refusal = match self.phase {
            Phase::Cancelling | Phase::Ending | Phase::Ended => "the call is over",
            _ if self.hangup_waits => "the call is over",
            _ if self.changes.len() >= MAX_CHANGES => "too many changes wait",
            _ => {
                self.changes.push_back(change);
                return self.next_change(now);
            }
        };
        self.event(CallEvent::Renegotiated { code: 0, text: refusal.to_owned() });
    }

    /// Begins the change that waits longest, if it can be begun.
    pub(super) fn next_change(&mut self, now: Instant) {
        if self.phase != Phase::Confirmed || self.before_change.is_some() {
            return;
        }
        let Some(change) = self.changes.pop_front() else { return };
        let before = (self.negotiator.terms().clone(), self.negotiator.wanted());
        if let Some(contact) = change.contact {
            self.settings.contact = contact;
        }
        if let Some(terms) = change.terms {
            self.negotiator.set_terms(*terms);
        }
        self.negotiator.set_wanted(change.direction.unwrap_or(before.1));
        self.before_change = Some(before);
        self.send_reinvite(now);
    }

    /// Sends a re-INVITE with our offer as it would be now; while another exchange is open it waits.
    pub(super) fn send_reinvite(&mut self, now: Instant) {
        if self.offer_open() {
            return self.timers.set(Timer::RetryOffer, now + self.settings.timers.t1);
        }
        let offer = match self.negotiator.offer() {
            Ok(offer) => offer,
            Err(error) => {
                let text = error.to_string();
                return self.renegotiated(now, 0, text);
            }
        };
        let Some(mut request) = self.in_dialog(Method::Invite) else { return };
        self.dress(&mut request);
        request.set_body("application/sdp", offer.encode());
        self.send(Purpose::Reinvite, request);
    }

    /// Tells the outcome, if it was our user who asked; what was refused is taken back.
    fn renegotiated(&mut self, now: Instant, code: u16, text: String) {
        let Some((terms, wanted)) = self.before_change.take() else { return };
        if !(200..300).contains(&code) {
            self.negotiator.set_terms(terms);
            self.negotiator.set_wanted(wanted);
        }
        self.event(CallEvent::Renegotiated { code, text });
        self.next_change(now);
    }

    pub(super) fn retry_offer(&mut self, now: Instant) {
        if self.phase == Phase::Confirmed {
            self.send_reinvite(now);
        }
    }

    /// Whether an offer of either side, or an INVITE transaction, is open.
    fn offer_open(&self) -> bool {
        self.negotiator.awaits_answer()
            || self.accept.is_some()
            || self.requests.iter().any(|pending| pending.purpose == Purpose::Reinvite)
    }

    pub(super) fn handle_reinvite_final(
        &mut self,
        now: Instant,
        message: &Message,
        status: u16,
        pending: &Pending,
    ) {
        let text = phrase(message);
        if self.phase != Phase::Confirmed && status >= 300 {
            return;
        }
        match status {
            200..300 => self.handle_reinvite_success(now, message, pending),
            // RFC 3261 §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other end up to 2 s.
            491 => {
                self.negotiator.abandon_offer();
                let ms = match self.outgoing {
                    true => 2_100 + 10 * u64::from(self.rng.below(191)),
                    false => 10 * u64::from(self.rng.below(201)),
                };
                self.timers.set(Timer::RetryOffer, now + Duration::from_millis(ms));
            }
            408 | 481 => {
                self.negotiator.abandon_offer();
                self.bye(now, EndReason::Timeout, status, &text);
            }
            _ => {
                self.negotiator.abandon_offer();
                self.renegotiated(now, status, text);
            }
        }
    }

    fn handle_reinvite_success(&mut self, now: Instant, message: &Message, pending: &Pending) {
        let cseq = message.cseq().map_or(0, |cseq| cseq.number);
        let Some(mut dialog) = self.dialog.take() else { return };
        dialog.handle_response(message);
        let ack = self.make_ack(&dialog, cseq, &pending.request);
        self.dialog = Some(dialog);
        self.outputs.push_back(Output::Ack(ack.clone()));
        self.ack = Some((cseq, ack));
        if self.phase != Phase::Confirmed {
            return;
        }
        self.session.agree(message, true);
        self.arm_session(now);
        let answer = match description(message) {
            Ok(Some(answer)) => self.negotiator.accept(&answer),
            Ok(None) => {
                self.negotiator.abandon_offer();
                let text = "the far end did not answer the offer".to_owned();
                return self.renegotiated(now, 0, text);
            }
            Err(error) => Err(error),
        };
        match answer {
            Ok(plan) => {
                self.start_media(plan);
                let (code, text) = (message.status().unwrap_or(200), phrase(message));
                self.renegotiated(now, code, text);
            }
            // What was in force stays in force: both ends said so by not changing it.
            Err(error) => {
                let text = error.to_string();
                self.renegotiated(now, 0, text);
            }
        }
    }

    pub(super) fn handle_reinvite(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: Message,
    ) {
        if self.phase != Phase::Confirmed {
            // RFC 3261 §14.2: the first INVITE is not through yet.
            return self.reply_retry(server, &message);
        }
        if self.accept.is_some() {
            return self.reply_retry(server, &message);
        }
        if self.offer_open() {
            return self.reply(server, &message, 491);
        }
        if let Some(response) = self.session.too_short(&message) {
            return self.respond_tagged(server, response);
        }
        self.latest = Some(message.clone());
        let negotiated = match description(&message) {
            Ok(Some(offer)) => {
                self.negotiator.answer(&offer).map(|(answer, plan)| (answer, Some(plan)))
            }
            Ok(None) => self.negotiator.offer().map(|offer| (offer, None)),
            Err(error) => Err(error),
        };
        let (body, plan) = match negotiated {
            Ok(negotiated) => negotiated,
            // The session goes on as it was (RFC 3261 §14.2).
            Err(error) => return self.reply(server, &message, error.status_code()),
        };
        let response = self.dialog_response(&message, 200, Some(&body), &[]);
        let cseq = message.cseq().map_or(0, |cseq| cseq.number);
        let interval = self.settings.timers.t1;
        self.accept = Some(Accept { server, cseq, response: response.clone(), interval });
        self.respond(server, response);
        self.await_ack(now);
        self.arm_session(now);
        if let Some(plan) = plan {
            self.start_media(plan);
        }
    }

    pub(super) fn handle_update(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: &Message,
    ) {
        if self.phase != Phase::Confirmed {
            return self.reply_retry(server, message);
        }
        if let Some(response) = self.session.too_short(message) {
            return self.respond_tagged(server, response);
        }
        let offer = match description(message) {
            Ok(offer) => offer,
            Err(error) => return self.reply(server, message, error.status_code()),
        };
        let Some(offer) = offer else {
            // No offer: it keeps the session alive.
            let response = self.dialog_response(message, 200, None, &[]);
            self.respond(server, response);
            return self.arm_session(now);
        };
        if self.offer_open() {
            return self.reply(server, message, 491);
        }
        match self.negotiator.answer(&offer) {
            Ok((answer, plan)) => {
                let response = self.dialog_response(message, 200, Some(&answer), &[]);
                self.respond(server, response);
                self.arm_session(now);
                self.start_media(plan);
            }
            Err(error) => self.reply(server, message, error.status_code()),
        }
    }

    /// 500 with Retry-After of up to ten seconds (RFC 3261 §14.2, RFC 3311 §5.2).
    fn reply_retry(&mut self, server: ServerTransaction, message: &Message) {
        let mut response = Response::to(message, 500, "");
        let wait = self.rng.below(11).to_string();
        response.headers.set(HeaderId::RetryAfter, wait);
        self.respond_tagged(server, response);
    }
}

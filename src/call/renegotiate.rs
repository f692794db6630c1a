//! Changes of media in a call, from either end: re-INVITE, what waits for it, and what becomes of
//! offers that were refused or crossed (RFC 3261 §14).

use std::time::{Duration, Instant};

use super::{
    event::{CallEvent, EndReason},
    io::{Change, Output},
    machine::{Accept, Machine, Phase, description, phrase},
    requests::{Pending, Purpose},
    terms::{AudioTerms, NegotiationError},
    timers::Timer,
};
use crate::{
    base::plan::Direction,
    proto::{
        sdp::Session,
        sip::{
            endpoint::ServerTransaction,
            wire::{HeaderId, Message, Method},
        },
    },
};

/// Changes of our side that may wait for each other.
const MAX_CHANGES: usize = 16;

/// Longest wait that a refusal may ask for before the offer is given up, in seconds.
const MAX_RETRY_AFTER: u32 = 30;

/// Times that an offer may be put off by 491, or by 500 with Retry-After, before it is given up.
const MOST_PUT_OFF: u32 = 10;

/// A change of ours whose offer is out.
#[derive(Clone, Debug)]
pub(super) struct UnderWay {
    change: Change,
    /// What was in force before.
    terms: AudioTerms,
    wanted: Direction,
}

impl UnderWay {
    /// The terms that are in force again should the far end refuse.
    pub(super) fn terms_before(&mut self) -> &mut AudioTerms {
        &mut self.terms
    }
}

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

    /// Begins the change that waits longest, if it can be begun: by re-INVITE in a call that
    /// stands, by UPDATE before it is answered.
    pub(super) fn next_change(&mut self, now: Instant) {
        if self.under_way.is_some() || self.changes.is_empty() {
            return;
        }
        if self.phase == Phase::Calling && self.dialog.is_none() {
            // With several early dialogs the one that wins is not known yet.
            if self.legs.len() == 1 {
                self.in_leg(0, |call| call.next_change(now));
            }
            return;
        }
        if self.phase == Phase::Confirmed {
            self.apply_change();
            self.send_reinvite(now);
        } else if self.legs.is_empty() && self.may_update_early() {
            self.apply_change();
            self.send_update(now);
        }
    }

    /// An offer for the PRACK of the answer that has just come, where a change waits for it.
    pub(super) fn second_offer(&mut self) -> Option<Session> {
        let over = self.negotiator.is_settled() && !self.negotiator.awaits_answer();
        if !over || self.under_way.is_some() || !self.legs.is_empty() {
            return None;
        }
        self.apply_change();
        self.under_way.as_ref()?;
        self.negotiator.offer().ok()
    }

    /// Takes over the change that waits longest; the next offer says so.
    fn apply_change(&mut self) {
        let Some(change) = self.changes.pop_front() else { return };
        let (terms, wanted) = (self.negotiator.terms().clone(), self.negotiator.wanted());
        if let Some(contact) = &change.contact {
            self.settings.contact = contact.clone();
        }
        if let Some(terms) = &change.terms {
            self.negotiator.set_terms((**terms).clone());
        }
        self.negotiator.set_wanted(change.direction.unwrap_or(wanted));
        self.under_way = Some(UnderWay { change, terms, wanted });
    }

    /// The call stands: a change that was tried before it did, and is not answered, begins again.
    pub(super) fn resume_changes(&mut self, now: Instant) {
        if !self.negotiator.awaits_answer()
            && let Some(UnderWay { change, terms, wanted }) = self.under_way.take()
        {
            self.negotiator.set_terms(terms);
            self.negotiator.set_wanted(wanted);
            self.changes.push_front(change);
        }
        self.next_change(now);
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
    pub(super) fn renegotiated(&mut self, now: Instant, code: u16, text: String) {
        let Some(UnderWay { terms, wanted, .. }) = self.under_way.take() else { return };
        if !(200..300).contains(&code) {
            self.negotiator.set_terms(terms);
            self.negotiator.set_wanted(wanted);
        }
        self.event(CallEvent::Renegotiated { code, text });
        self.note_local_hold();
        self.next_change(now);
    }

    pub(super) fn retry_offer(&mut self, now: Instant) {
        match self.phase {
            Phase::Confirmed => self.send_reinvite(now),
            Phase::Calling if self.dialog.is_none() && self.legs.len() == 1 => {
                self.in_leg(0, |call| call.retry_offer(now));
            }
            Phase::Calling if self.dialog.is_none() => {}
            _ if self.may_update_early() => self.send_update(now),
            _ => {}
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
        if self.phase != Phase::Confirmed && status >= 300 {
            return;
        }
        if status != 491 {
            self.end_moving();
        }
        match status {
            200..300 => self.handle_reinvite_success(now, message, pending),
            _ => self.handle_change_refused(now, message, status),
        }
    }

    /// What became of an offer in PRACK or UPDATE.
    pub(super) fn handle_change_final(&mut self, now: Instant, message: &Message, status: u16) {
        match status {
            200..300 => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.handle_response(message);
                }
                self.take_change_answer(now, message);
            }
            _ => self.handle_change_refused(now, message, status),
        }
    }

    fn handle_change_refused(&mut self, now: Instant, message: &Message, status: u16) {
        let text = phrase(message);
        self.negotiator.abandon_offer();
        let wait = match status {
            491 => self.glare_wait(),
            // Their own offer to us is not answered (RFC 3311 §5.3).
            500 => message
                .number(HeaderId::RetryAfter)
                .filter(|seconds| *seconds <= MAX_RETRY_AFTER)
                .map(|seconds| Duration::from_secs(u64::from(seconds.max(1)))),
            422 if self.session.raise_agreed(message) => Some(Duration::ZERO),
            408 | 481 if self.phase == Phase::Confirmed => {
                return self.bye(now, EndReason::Timeout, status, &text);
            }
            _ => None,
        };
        match wait.filter(|_| self.put_off < MOST_PUT_OFF) {
            Some(wait) => {
                self.put_off += 1;
                self.timers.set(Timer::RetryOffer, now + wait);
            }
            None => {
                let retry_after = message.number(HeaderId::RetryAfter);
                self.give_change_up(now, retry_after, status, text);
            }
        }
    }

    /// A change of ours came to nothing: what was in force stays, and a refresh that it was is tried
    /// again, not before `retry_after` seconds.
    pub(super) fn give_change_up(
        &mut self,
        now: Instant,
        retry_after: Option<u32>,
        code: u16,
        text: String,
    ) {
        self.negotiator.abandon_offer();
        self.put_off = 0;
        self.refresh_later(now, retry_after);
        self.renegotiated(now, code, text);
    }

    /// RFC 3261 §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other end up to 2 s.
    fn glare_wait(&mut self) -> Option<Duration> {
        let ms = match self.outgoing {
            true => 2_100 + 10 * u64::from(self.rng.below(191)),
            false => 10 * u64::from(self.rng.below(201)),
        };
        Some(Duration::from_millis(ms))
    }

    /// An offer of ours in PRACK or UPDATE got no response.
    pub(super) fn drop_offer(&mut self, now: Instant, code: u16, text: &str) {
        if self.negotiator.is_settled() && self.negotiator.awaits_answer() {
            self.negotiator.abandon_offer();
            self.renegotiated(now, code, text.to_owned());
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
        self.take_change_answer(now, message);
    }

    /// The answer to an offer of ours within the call. When it cannot be used, what was in force
    /// stays in force.
    fn take_change_answer(&mut self, now: Instant, message: &Message) {
        let answer = match description(message) {
            Ok(Some(answer)) => self.negotiator.accept(&answer),
            Ok(None) => Err(NegotiationError::NoAnswer),
            Err(error) => Err(error),
        };
        match answer {
            Ok(plan) => {
                self.put_off = 0;
                self.start_media(plan);
                self.renegotiated(now, message.status().unwrap_or(200), phrase(message));
            }
            Err(error) => {
                self.negotiator.abandon_offer();
                self.renegotiated(now, 0, error.to_string());
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
            Err(error) => return self.decline(server, &message, &error),
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
}

//! UPDATE: a change of media before the call is answered, and a sign of life after (RFC 3311).

use std::time::Instant;

use super::{
    machine::{Exchange, Machine, Phase, description},
    requests::Purpose,
    terms::NegotiationError,
};
use crate::proto::{
    sdp::Session,
    sip::{
        endpoint::ServerTransaction,
        wire::{HeaderId, Message, Method, Response},
    },
};

impl Machine {
    pub(super) fn handle_update(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: &Message,
    ) {
        if let Some(response) = self.session.too_short(message) {
            return self.respond_tagged(server, response);
        }
        let answer = match description(message) {
            Ok(None) => None,
            Ok(Some(offer)) => match self.answer_offer(server, message, &offer) {
                Some(answer) => Some(answer),
                None => return,
            },
            Err(error) => return self.decline(server, message, &error),
        };
        let response = self.dialog_response(message, 200, answer.as_ref(), &[]);
        self.respond(server, response);
        if self.phase == Phase::Confirmed {
            self.arm_session(now);
        }
    }

    /// Answers the offer of a PRACK or UPDATE and runs media by it; one that cannot be answered, or
    /// not now, is refused here and the session stays as it was.
    pub(super) fn answer_offer(
        &mut self,
        server: ServerTransaction,
        message: &Message,
        offer: &Session,
    ) -> Option<Session> {
        match self.glare() {
            Some(491) => {
                self.reply(server, message, 491);
                return None;
            }
            Some(_) => {
                self.reply_retry(server, message);
                return None;
            }
            None => {}
        }
        match self.negotiator.answer(offer) {
            Ok((answer, plan)) => {
                self.start_media(plan);
                Some(answer)
            }
            Err(error) => {
                self.decline(server, message, &error);
                None
            }
        }
    }

    /// Why an offer of the far end cannot be taken now (RFC 3311 §5.2): 491 while ours is open, 500
    /// while theirs is not answered.
    fn glare(&self) -> Option<u16> {
        if self.negotiator.awaits_answer() {
            return Some(491);
        }
        let answered = |exchange| exchange == Exchange::Done;
        let theirs_open = self.phase == Phase::Offered
            && self.incoming.as_ref().is_some_and(|incoming| !answered(incoming.exchange));
        (theirs_open || !self.negotiator.is_settled()).then_some(500)
    }

    /// Sends our offer in an UPDATE.
    pub(super) fn send_update(&mut self, now: Instant) {
        let offer = match self.negotiator.offer() {
            Ok(offer) => offer,
            Err(error) => return self.renegotiated(now, 0, error.to_string()),
        };
        let Some(mut request) = self.in_dialog(Method::Update) else { return };
        self.dress(&mut request);
        request.set_body("application/sdp", offer.encode());
        self.send(Purpose::Update, request);
    }

    /// Whether an offer of ours may go out in the dialog before the call is answered: the first
    /// exchange is over, and the far end takes UPDATE (RFC 3311 §5.1).
    pub(super) fn may_update_early(&self) -> bool {
        let over = match self.phase {
            Phase::Calling => true,
            Phase::Offered => {
                self.incoming.as_ref().is_some_and(|incoming| incoming.exchange == Exchange::Done)
            }
            _ => false,
        };
        over && self.far.takes_update
            && self.negotiator.is_settled()
            && !self.negotiator.awaits_answer()
    }

    /// Refuses an offer for what is wrong with it.
    pub(super) fn decline(
        &mut self,
        server: ServerTransaction,
        message: &Message,
        error: &NegotiationError,
    ) {
        let response = self.refusal(message, error);
        self.respond_tagged(server, response);
    }

    /// The response that refuses a description, with its Warning (RFC 3261 §20.43).
    pub(super) fn refusal(&self, message: &Message, error: &NegotiationError) -> Response {
        let mut response = Response::to(message, error.status_code(), "");
        let (code, address) = (error.warn_code(), self.negotiator.terms().address);
        response.headers.push(HeaderId::Warning, format!("{code} {address} \"{error}\""));
        response
    }

    /// 500 with Retry-After of up to ten seconds (RFC 3261 §14.2, RFC 3311 §5.2).
    pub(super) fn reply_retry(&mut self, server: ServerTransaction, message: &Message) {
        let mut response = Response::to(message, 500, "");
        let wait = self.rng.below(11).to_string();
        response.headers.set(HeaderId::RetryAfter, wait);
        self.respond_tagged(server, response);
    }
}

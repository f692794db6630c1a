//! Reliable provisional responses: 100rel and PRACK, in both roles (RFC 3262), and the offers and
//! answers that they carry.
//!
//! ```text
//! INVITE with offer      18x with answer   PRACK (maybe a second offer)   its 200 (the second answer)
//! INVITE without         18x with offer    PRACK with the answer          its 200
//! ```
//!
//! The called side has one at a time on its way; the others, and an answer with 200 while a
//! description is not acknowledged yet, wait for its PRACK (§3).

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    event::EndReason,
    machine::{Exchange, Machine, Phase, description},
    requests::Purpose,
    settings::Prack,
    terms::NegotiationError,
    timers::Timer,
};
use crate::proto::{
    sdp::Session,
    sip::{
        endpoint::ServerTransaction,
        wire::{HeaderId, Message, Method, Response},
    },
};

/// The option tag.
pub(super) const TAG: &str = "100rel";

/// Provisional responses that wait for their turn; a caller has no use for more.
const MAX_WAITING: usize = 4;

/// Reliable provisional responses of ours.
#[derive(Clone, Debug, Default)]
pub(super) struct Reliable {
    /// RSeq of the latest; 0: none yet.
    rseq: u32,
    /// The one that waits for its PRACK.
    open: Option<Open>,
    /// Codes of those that wait for their turn.
    waiting: VecDeque<u16>,
    /// The call is to be answered, with these headers, as soon as the PRACK is there.
    answer: Option<Vec<(String, String)>>,
}

#[derive(Clone, Debug)]
struct Open {
    server: ServerTransaction,
    rseq: u32,
    cseq: u32,
    response: Response,
    interval: Duration,
    /// It carries a description.
    described: bool,
}

/// Whether a message names an option tag as supported, or as required.
pub(super) fn supports(message: &Message, tag: &str) -> bool {
    message.header_list(HeaderId::Supported).any(|known| known.eq_ignore_ascii_case(tag))
        || requires(message, tag)
}

/// Whether a message names an option tag as required.
pub(super) fn requires(message: &Message, tag: &str) -> bool {
    message.header_list(HeaderId::Require).any(|known| known.eq_ignore_ascii_case(tag))
}

/// RSeq of a provisional response that asks for PRACK.
pub(super) fn rseq_of(response: &Message) -> Option<u32> {
    response.number(HeaderId::RSeq).filter(|number| *number > 0 && requires(response, TAG))
}

/// The calling side.
impl Machine {
    /// Takes the number of a reliable response: false for one that came before, and for one behind
    /// a gap, which is not acknowledged so that the far end repeats what is missing (§4).
    pub(super) fn takes_rseq(&mut self, number: u32) -> bool {
        if self.far.rseq.is_some_and(|last| last.checked_add(1) != Some(number)) {
            return false;
        }
        self.far.rseq = Some(number);
        true
    }

    /// Sends the PRACK of a response, with an answer or offer in it.
    pub(super) fn acknowledge(&mut self, response: &Message, rseq: u32, body: Option<Session>) {
        let Some(mut request) = self.in_dialog(Method::Prack) else { return };
        let cseq = response.cseq().map_or(0, |cseq| cseq.number);
        request.headers.set(HeaderId::RAck, format!("{rseq} {cseq} INVITE"));
        if let Some(body) = body {
            request.set_body("application/sdp", body.encode());
        }
        self.send(Purpose::Prack, request);
    }

    /// What became of a PRACK. It matters only when it carried an offer: the provisional response is
    /// repeated by the far end for as long as it wants, and the INVITE has its own end.
    pub(super) fn handle_prack_final(&mut self, now: Instant, message: &Message, status: u16) {
        if self.negotiator.is_settled() && self.negotiator.awaits_answer() {
            self.handle_change_final(now, message, status);
        }
    }
}

/// The called side.
impl Machine {
    /// Whether a provisional response goes out reliably.
    fn is_reliable(&self, described: bool) -> bool {
        let Some(incoming) = &self.incoming else { return false };
        match self.settings.prack {
            Prack::Off => false,
            _ if requires(&incoming.message, TAG) => true,
            Prack::Required => true,
            Prack::Supported => described && supports(&incoming.message, TAG),
        }
    }

    /// Whether an offer of ours may go out in a provisional response.
    pub(super) fn may_offer_early(&self) -> bool {
        self.is_reliable(true)
    }

    /// Refuses an INVITE whose wish for reliable responses is not ours.
    pub(super) fn refused_for_100rel(&self, invite: &Message) -> Option<Response> {
        let (code, header) = match self.settings.prack {
            Prack::Off if requires(invite, TAG) => (420, HeaderId::Unsupported),
            Prack::Required if !supports(invite, TAG) => (421, HeaderId::Require),
            _ => return None,
        };
        let mut response = Response::to(invite, code, "");
        response.headers.set(header, TAG);
        Some(response)
    }

    /// Sends a provisional response, or lets it wait for the PRACK of the one before.
    pub(super) fn send_provisional(&mut self, now: Instant, code: u16, body: Option<&Session>) {
        let Some(incoming) = &self.incoming else { return };
        let (server, message) = (incoming.server, incoming.message.clone());
        let mut response = self.dialog_response(&message, code, body, &[]);
        if self.is_reliable(body.is_some()) {
            let rseq = match self.reliable.rseq {
                0 => 1 + self.rng.below(1 << 16),
                last => last + 1,
            };
            response.headers.set(HeaderId::Require, TAG);
            response.headers.set(HeaderId::RSeq, rseq.to_string());
            let t1 = self.settings.timers.t1;
            let described = body.is_some();
            let cseq = message.cseq().map_or(0, |cseq| cseq.number);
            let copy = response.clone();
            self.reliable.rseq = rseq;
            self.reliable.open =
                Some(Open { server, rseq, cseq, response: copy, interval: t1, described });
            self.timers.set(Timer::RepeatProvisional, now + t1);
            self.timers.set(Timer::PrackWait, now + 64 * t1);
            if described && let Some(incoming) = &mut self.incoming {
                incoming.exchange = Exchange::Sent;
            }
        }
        self.respond(server, response);
    }

    /// Whether the next provisional response has to offer: the INVITE had no description, and the
    /// first reliable response does (RFC 3261 §13.2.1, RFC 3262 §5).
    pub(super) fn offer_due(&self) -> bool {
        let open = self.incoming.as_ref().is_some_and(|incoming| {
            incoming.answer.is_none() && incoming.exchange == Exchange::Open
        });
        open && self.is_reliable(false)
    }

    /// Whether a provisional response has to wait for the PRACK of another; then it is noted.
    pub(super) fn provisional_waits(&mut self, code: u16) -> bool {
        let reliable = &mut self.reliable;
        if reliable.open.is_none() {
            return false;
        }
        if reliable.waiting.len() < MAX_WAITING && reliable.waiting.back() != Some(&code) {
            reliable.waiting.push_back(code);
        }
        true
    }

    /// Whether the 200 has to wait for a PRACK, since a description is on its way; then it is noted
    /// (§3).
    pub(super) fn answer_waits(&mut self, headers: &[(String, String)]) -> bool {
        let waits = self.reliable.open.as_ref().is_some_and(|open| open.described);
        if waits {
            self.reliable.answer = Some(headers.to_vec());
        }
        waits
    }

    /// §3: T1, doubled without a bound.
    pub(super) fn repeat_provisional(&mut self, now: Instant) {
        let Some(open) = self.reliable.open.as_mut().filter(|_| self.phase == Phase::Offered)
        else {
            return;
        };
        open.interval *= 2;
        let (server, response) = (open.server, open.response.clone());
        self.timers.set(Timer::RepeatProvisional, now + open.interval);
        self.respond(server, response);
    }

    /// No PRACK in 64*T1: the INVITE is refused (§3).
    pub(super) fn prack_missing(&mut self) {
        if self.phase == Phase::Offered {
            self.refuse(504, "Provisional Response Not Acknowledged", EndReason::Timeout);
        }
    }

    pub(super) fn handle_prack(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: &Message,
    ) {
        let rack = message.header(HeaderId::RAck).and_then(read_rack);
        let matches = |open: &mut Open| rack == Some((open.rseq, open.cseq));
        let Some(open) = self.reliable.open.take_if(matches) else {
            return self.reply(server, message, 481);
        };
        self.timers.stop(Timer::RepeatProvisional);
        self.timers.stop(Timer::PrackWait);
        if open.described
            && let Some(incoming) = &mut self.incoming
        {
            incoming.exchange = Exchange::Done;
        }
        if open.described && self.negotiator.awaits_answer() {
            self.take_early_answer(server, message);
        } else {
            self.take_second_offer(server, message);
        }
        if self.phase != Phase::Offered {
            return;
        }
        if let Some(headers) = self.reliable.answer.take() {
            return self.answer(now, &headers);
        }
        match self.reliable.waiting.pop_front() {
            Some(180) => self.ring(now),
            Some(_) => self.progress(now),
            None => {}
        }
    }

    /// The PRACK brings the answer to the offer of our provisional response.
    fn take_early_answer(&mut self, server: ServerTransaction, message: &Message) {
        let answer = match description(message) {
            Ok(Some(answer)) => self.negotiator.accept(&answer),
            Ok(None) => Err(NegotiationError::NoAnswer),
            Err(error) => Err(error),
        };
        match answer {
            Ok(plan) => {
                self.reply(server, message, 200);
                self.start_media(plan);
            }
            Err(error) => {
                self.negotiator.abandon_offer();
                let code = if matches!(error, NegotiationError::Sdp(_)) { 400 } else { 200 };
                self.reply(server, message, code);
                self.refuse_for(&error);
            }
        }
    }

    /// The PRACK may bring an offer of its own (§5).
    fn take_second_offer(&mut self, server: ServerTransaction, message: &Message) {
        match description(message) {
            Ok(None) => self.reply(server, message, 200),
            Ok(Some(offer)) => {
                if let Some(answer) = self.answer_offer(server, message, &offer) {
                    let mut response = Response::to(message, 200, "");
                    response.set_body("application/sdp", answer.encode());
                    self.respond_tagged(server, response);
                }
            }
            Err(error) => self.decline(server, message, &error),
        }
    }
}

/// RAck: the RSeq and CSeq that it acknowledges, if of an INVITE.
fn read_rack(value: &str) -> Option<(u32, u32)> {
    let mut words = value.split_whitespace();
    let rseq = words.next()?.parse().ok()?;
    let cseq = words.next()?.parse().ok()?;
    (words.next()? == "INVITE").then_some((rseq, cseq))
}

//! The calling side until the dialog stands: INVITE, provisionals, forks, CANCEL (RFC 3261 §13.2,
//! §9.1).

use std::time::Instant;

use super::{
    event::{CallState, EndReason},
    fork::MAX_FORKS,
    io::Output,
    machine::{Machine, Peers, Phase, description, end_reason, phrase, push_capabilities},
    prack,
    requests::{Pending, Purpose},
    services::{Cause, MessageKind},
    settings::{Prack, Settings, push_headers},
    terms::NegotiationError,
    timers::Timer,
};
use crate::{
    base::{plan::MediaPlan, rng::Rng},
    proto::{
        sdp::Session,
        sip::{
            dialog::Dialog,
            route,
            uri::{NameAddr, Uri},
            wire::{HeaderId, Message, Method, Request},
        },
    },
};

impl Machine {
    /// Places a call to `target`: the INVITE with our offer waits in the outputs. `rng` gives tags,
    /// keys and whatever else must be unguessable.
    pub fn outgoing(now: Instant, settings: Settings, target: Uri, mut rng: Rng) -> Self {
        let peers = Peers {
            call_id: rng.token(26),
            local: settings.services.presentation.from(&settings.identity),
            remote: NameAddr::new(target.for_identity()),
        };
        let mut machine = Self::new(settings, rng, true, peers);
        machine.dial(now, target);
        machine
    }

    fn dial(&mut self, now: Instant, target: Uri) {
        let offer = match self.settings.delayed_offer {
            true => None,
            false => match self.negotiator.offer() {
                Ok(offer) => Some(offer),
                Err(error) => return self.end(end_reason(&error), 0, &error.to_string()),
            },
        };
        let mut invite = Request::new(Method::Invite, target.for_request());
        let proxy = self.settings.outbound_proxy.as_ref();
        route::put(&mut invite, &route::preloaded(proxy, &self.settings.routes));
        let headers = &mut invite.headers;
        let from = self.local.clone().with_tag(&self.local_tag);
        headers.push(HeaderId::From, from.to_string());
        headers.push(HeaderId::To, self.remote.to_string());
        headers.push(HeaderId::CallId, &self.call_id);
        let contact = NameAddr::new(self.settings.contact.clone());
        headers.push(HeaderId::Contact, contact.to_string());
        push_capabilities(headers, &self.settings);
        if self.settings.prack == Prack::Required {
            headers.set(HeaderId::Require, prack::TAG);
        }
        self.session.ask(headers);
        self.settings.services.presentation.push(&self.settings.identity, headers);
        push_headers(headers, &self.settings.headers);
        push_headers(headers, &self.settings.invite_headers);
        if headers.value(HeaderId::Replaces).is_some() {
            // Who knows nothing of it must not take the INVITE for a new call (RFC 3891 §4).
            headers.push(HeaderId::Require, "replaces");
        }
        // Below 2^31 (RFC 3261 §8.1.1.5), and low enough to stay there.
        invite.set_cseq(1 + self.rng.below(1 << 16));
        if let Some(offer) = offer {
            invite.set_body("application/sdp", offer.encode());
        }
        self.state_event(CallState::Dialing, 0, "");
        self.timers.set(Timer::NoAnswer, now + self.settings.no_answer);
        self.tell_ear();
        self.send(Purpose::Invite, invite);
    }

    /// A provisional response to `invite`.
    pub(super) fn handle_provisional(
        &mut self,
        now: Instant,
        invite: &Request,
        message: &Message,
        status: u16,
    ) {
        if self.phase != Phase::Calling || status == 100 {
            return;
        }
        if let Some(index) = self.leg_for(invite, message) {
            self.in_leg(index, |call| call.handle_leg_provisional(now, message, status));
        }
    }

    /// The same, within the early dialog that it belongs to.
    fn handle_leg_provisional(&mut self, now: Instant, message: &Message, status: u16) {
        self.far.note(message);
        let rseq = prack::rseq_of(message);
        if rseq.is_some_and(|number| !self.takes_rseq(number)) {
            return;
        }
        let reply = self.read_early_description(message, rseq.is_some());
        if let Some(number) = rseq {
            let reply = reply.or_else(|| self.second_offer());
            self.acknowledge(message, number, reply);
        }
        if let Some(error) = self.far.failure.clone()
            && self.legs.is_empty()
        {
            return self.cancel(now, end_reason(&error), &error.to_string());
        }
        self.report_progress(status, &phrase(message));
        self.next_change(now);
    }

    /// Reads the description of a provisional response; gives what its PRACK has to carry. One that
    /// cannot be used is left for the 2xx to decide, unless it counts: then this leg has failed.
    fn read_early_description(&mut self, message: &Message, reliable: bool) -> Option<Session> {
        if self.negotiator.is_settled() {
            // Said before (RFC 3261 §13.2.1).
            return None;
        }
        let description = match description(message) {
            Ok(description) => description?,
            Err(error) => {
                self.far.failure = reliable.then_some(error);
                return None;
            }
        };
        let (reply, outcome) = match (self.negotiator.awaits_answer(), reliable) {
            // The answer ahead of its time; the 2xx repeats it.
            (true, false) => (None, self.negotiator.preview(&description)),
            (true, true) => (None, self.negotiator.accept(&description)),
            (false, true) => match self.negotiator.answer(&description) {
                Ok((answer, plan)) => (Some(answer), Ok(plan)),
                Err(error) => (Some(self.negotiator.refuse(&description)), Err(error)),
            },
            // An offer that nothing could answer.
            (false, false) => return None,
        };
        match outcome {
            Ok(plan) => self.start_media(plan),
            Err(error) if reliable => self.far.failure = Some(error),
            Err(_) => {}
        }
        reply
    }

    fn report_progress(&mut self, status: u16, text: &str) {
        let heard = self.dialog.as_ref().map(|dialog| &dialog.id().remote_tag);
        let media = self.plan.is_some() && self.heard_leg.as_ref() == heard;
        if media && self.state != CallState::EarlyMedia {
            self.state_event(CallState::EarlyMedia, status, text);
        } else if status == 180 && self.state == CallState::Dialing {
            self.state_event(CallState::Ringing, status, text);
        }
        if status == 180 {
            self.note_ringing();
        }
    }

    pub(super) fn handle_invite_success(
        &mut self,
        now: Instant,
        message: &Message,
        pending: &Pending,
    ) {
        self.timers.clear();
        let tag = message.to_tag();
        let failure = match self.leg_of(&tag).map(|index| self.legs.remove(index)) {
            Some(mut leg) => {
                leg.dialog.handle_response(message);
                self.dialog = Some(leg.dialog);
                self.negotiator = leg.negotiator;
                self.far = leg.far;
                self.far.failure.take()
            }
            None => {
                self.dialog = Dialog::uac(&pending.request, message).ok();
                None
            }
        };
        if self.dialog.is_none() {
            return self.end(EndReason::Protocol, 200, "the answer makes no dialog");
        }
        self.far.note(message);
        self.accepted_invite = Some(pending.request.clone());
        if let Some(to) = message.to() {
            self.remote = NameAddr { params: Default::default(), ..to };
        }
        let (reply, outcome) = match failure {
            Some(error) => (None, Err(error)),
            None => self.read_final_description(message),
        };
        self.confirm(message, pending, reply);
        if self.phase == Phase::Cancelling {
            // The 200 crossed our CANCEL (RFC 3261 §9.1): the call stands, so it gets BYE.
            let (reason, _, text) =
                self.ending.take().unwrap_or((EndReason::LocalHangup, 0, String::new()));
            return self.bye(now, reason, 0, &text);
        }
        self.phase = Phase::Confirmed;
        self.tell_ear();
        match outcome {
            Ok(plan) => {
                self.start_media(plan);
                self.session.agree(message, true);
                self.arm_session(now);
                let text = phrase(message);
                self.state_event(CallState::Connected, message.status().unwrap_or(200), &text);
                self.resume_changes(now);
            }
            Err(error) => self.bye(now, end_reason(&error), 0, &error.to_string()),
        }
    }

    /// Reads the description of a 2xx to our INVITE; gives what its ACK has to carry.
    fn read_final_description(
        &mut self,
        message: &Message,
    ) -> (Option<Session>, Result<MediaPlan, NegotiationError>) {
        if self.negotiator.is_settled()
            && let Some(plan) = self.negotiator.plan()
        {
            // Offer and answer went reliably before: this can only say it again.
            return (None, Ok(plan.clone()));
        }
        let description = match description(message) {
            Ok(description) => description,
            Err(error) => return (None, Err(error)),
        };
        match (self.negotiator.awaits_answer(), description) {
            (true, Some(answer)) => (None, self.negotiator.accept(&answer)),
            // The early answer stands when the 2xx does not repeat it (some gateways).
            (true, None) => (None, self.negotiator.accept_preview()),
            (false, Some(offer)) => match self.negotiator.answer(&offer) {
                Ok((answer, plan)) => (Some(answer), Ok(plan)),
                Err(error) => (Some(self.negotiator.refuse(&offer)), Err(error)),
            },
            (false, None) => (None, Err(NegotiationError::MissingOffer)),
        }
    }

    /// Sends the ACK of the 2xx to our INVITE.
    fn confirm(&mut self, message: &Message, pending: &Pending, body: Option<Session>) {
        let Some(dialog) = &self.dialog else { return };
        let cseq = message.cseq().map_or(0, |cseq| cseq.number);
        let mut ack = self.make_ack(dialog, cseq, &pending.request);
        if let Some(body) = body {
            ack.set_body("application/sdp", body.encode());
        }
        self.outputs.push_back(Output::Ack(ack.clone()));
        self.ack = Some((cseq, ack));
    }

    /// A 2xx without a request that waits for it: repeated because our ACK was lost, or from another
    /// fork, which is acknowledged and told BYE (RFC 3261 §13.2.2.4).
    pub(super) fn handle_late_success(&mut self, message: &Message) {
        let cseq = message.cseq().map_or(0, |cseq| cseq.number);
        let tag = message.to_tag();
        if self.dialog.as_ref().is_some_and(|dialog| dialog.id().remote_tag == tag) {
            if let Some((number, ack)) = &self.ack
                && *number == cseq
            {
                self.outputs.push_back(Output::Ack(ack.clone()));
            }
            return;
        }
        if let Some((_, ack)) = self.forks.iter().find(|(known, _)| *known == tag) {
            return self.outputs.push_back(Output::Ack(ack.clone()));
        }
        let Some(invite) = self.accepted_invite.clone() else { return };
        // A hostile far end could invent forks without end.
        if self.forks.len() >= MAX_FORKS || invite.cseq_number() != Some(cseq) {
            return;
        }
        // What was sent in its early dialog counts on in this one.
        let early = self.leg_of(&tag).map(|index| self.legs.remove(index).dialog);
        let Some(mut fork) = early.or_else(|| Dialog::uac(&invite, message).ok()) else { return };
        fork.handle_response(message);
        let mut ack = self.make_ack(&fork, cseq, &invite);
        if self.settings.delayed_offer
            && let Ok(Some(offer)) = description(message)
        {
            ack.set_body("application/sdp", self.negotiator.refuse(&offer).encode());
        }
        self.outputs.push_back(Output::Ack(ack.clone()));
        self.forks.push((tag, ack));
        let mut bye = fork.request(Method::Bye);
        push_headers(&mut bye.headers, &self.settings.headers);
        self.authenticator.authorize(&mut bye);
        self.send(Purpose::ForkBye, bye);
    }

    /// The ACK of a 2xx; it carries the INVITE's credentials (RFC 3261 §13.2.2.4).
    pub(super) fn make_ack(&self, dialog: &Dialog, cseq: u32, invite: &Request) -> Request {
        let mut ack = dialog.ack(cseq);
        push_headers(&mut ack.headers, &self.settings.headers);
        push_headers(&mut ack.headers, self.services.headers.of(MessageKind::Ack));
        for id in [HeaderId::Authorization, HeaderId::ProxyAuthorization] {
            for value in invite.headers.values(id) {
                ack.headers.push(id, value);
            }
        }
        ack
    }

    pub(super) fn handle_invite_refusal(
        &mut self,
        now: Instant,
        message: &Message,
        status: u16,
        mut pending: Pending,
    ) {
        if self.phase == Phase::Cancelling {
            if let Some((_, code, _)) = &mut self.ending {
                *code = status;
            }
            return self.finish();
        }
        self.forget_legs();
        if status == 422 && self.session.raise(message, &mut pending.request.headers) {
            let number = pending.request.cseq_number().unwrap_or(0) + 1;
            pending.request.set_cseq(number);
            self.timers.set(Timer::NoAnswer, now + self.settings.no_answer);
            return self.send(Purpose::Invite, pending.request);
        }
        self.services.cause = Cause::of(message);
        if matches!(status, 401 | 407) {
            return self.end(EndReason::Authentication, status, &phrase(message));
        }
        if let Some((reason, text)) = self.redirected(message, status, pending) {
            self.end(reason, status, &text);
        }
    }

    /// Takes the INVITE back. Its own final response (487, as a rule) ends the call.
    pub(super) fn cancel(&mut self, now: Instant, reason: EndReason, text: &str) {
        self.end_media();
        self.timers.clear();
        self.phase = Phase::Cancelling;
        self.tell_ear();
        self.ending = Some((reason, 0, text.to_owned()));
        self.state_event(CallState::Ending, 0, text);
        let invite = self.requests.iter().find(|pending| pending.purpose == Purpose::Invite);
        match invite.map(|pending| (pending.tag, pending.proceeding)) {
            Some((tag, proceeding)) => {
                match proceeding {
                    true => self.await_cancelled(now),
                    // The endpoint holds the CANCEL back until a provisional response comes. When
                    // nobody is there none will, and our user does not wait for the INVITE's timer B.
                    false => self.timers.set(Timer::Cancel, now + self.settings.timers.t2),
                }
                let headers = self.services.headers.of(MessageKind::Cancel).to_vec();
                self.outputs.push_back(Output::Cancel { tag, headers });
            }
            None => self.finish(),
        }
    }

    /// RFC 3261 §9.1: the final response has 64*T1 from the CANCEL on.
    pub(super) fn await_cancelled(&mut self, now: Instant) {
        self.timers.set(Timer::Cancel, now + 64 * self.settings.timers.t1 * 2);
    }
}

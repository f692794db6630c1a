//! The called side until the dialog stands: offer in the INVITE or in our 200, the 200 and its
//! repeats, CANCEL (RFC 3261 §13.3).

use std::time::Instant;

use super::{
    event::{CallState, EndReason},
    machine::{
        Accept, Exchange, Incoming, Machine, Peers, Phase, description, end_reason,
        push_capabilities,
    },
    services::{Cause, MessageKind},
    settings::{Settings, push_headers},
    terms::NegotiationError,
    timers::Timer,
};
use crate::{
    base::rng::Rng,
    proto::{
        sdp::Session,
        sip::{
            dialog::Dialog,
            endpoint::ServerTransaction,
            uri::{NameAddr, Uri},
            wire::{HeaderId, Message, Response},
        },
    },
};

impl Machine {
    /// Takes an INVITE that is outside a dialog. One that cannot be answered (unreadable or
    /// unacceptable offer, no Contact) is refused at once: then the only event is `Ended`.
    pub fn incoming(
        now: Instant,
        settings: Settings,
        server: ServerTransaction,
        invite: Message,
        rng: Rng,
    ) -> Self {
        let bare =
            |name: Option<NameAddr>| name.map(|n| NameAddr { params: Default::default(), ..n });
        let peers = Peers {
            call_id: invite.call_id().unwrap_or_default().to_owned(),
            local: bare(invite.to()).unwrap_or_else(|| settings.identity.clone()),
            remote: bare(invite.from()).unwrap_or_else(|| settings.identity.clone()),
        };
        let mut machine = Self::new(settings, rng, false, peers);
        machine.dialog = Dialog::uas(&invite, &machine.local_tag).ok();
        machine.latest = Some(invite.clone());
        machine.take(now, server, invite);
        machine
    }

    fn take(&mut self, now: Instant, server: ServerTransaction, message: Message) {
        if self.dialog.is_none() {
            self.reply(server, &message, 400);
            return self.end(EndReason::Protocol, 400, "the INVITE makes no dialog");
        }
        self.far.note(&message);
        if let Some(response) = self.refused_for_100rel(&message) {
            let (code, text) = (response.status, response.reason.clone());
            self.respond_tagged(server, response);
            return self.end(EndReason::Refused, code, &text);
        }
        if let Some(response) = self.session.too_short(&message) {
            self.respond_tagged(server, response);
            return self.end(EndReason::Refused, 422, "session interval too small");
        }
        let negotiated = match description(&message) {
            Ok(Some(offer)) => self.negotiator.answer(&offer).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let (answer, plan) = match negotiated {
            Ok(negotiated) => negotiated.unzip(),
            Err(error) => {
                self.decline(server, &message, &error);
                return self.end(end_reason(&error), error.status_code(), &error.to_string());
            }
        };
        let exchange = Exchange::Open;
        self.incoming = Some(Incoming { server, message, answer, plan, exchange });
        self.timers.set(Timer::NoAnswer, now + self.settings.no_answer);
        self.state_event(CallState::Incoming, 0, "");
    }

    pub(super) fn ring(&mut self, now: Instant) {
        if self.phase != Phase::Offered {
            return;
        }
        if self.provisional_waits(180) {
            return;
        }
        let offer = self.offer_due().then(|| self.negotiator.offer().ok()).flatten();
        self.send_provisional(now, 180, offer.as_ref());
        if self.state == CallState::Incoming {
            self.state_event(CallState::Ringing, 180, "Ringing");
        }
        self.timers.set(Timer::RepeatRinging, now + RINGING_INTERVAL);
    }

    /// 180 again, or 183 again where media runs: a proxy gives up after three minutes of silence.
    pub(super) fn repeat_ringing(&mut self, now: Instant) {
        if self.phase != Phase::Offered {
            return;
        }
        if self.state == CallState::EarlyMedia { self.progress(now) } else { self.ring(now) }
    }

    pub(super) fn progress(&mut self, now: Instant) {
        if self.phase != Phase::Offered {
            return;
        }
        if self.provisional_waits(183) {
            return;
        }
        let Some(incoming) = &self.incoming else { return };
        let (open, plan) = (incoming.exchange == Exchange::Open, incoming.plan.clone());
        let body = match incoming.answer.clone() {
            _ if !open => None,
            Some(answer) => Some(answer),
            // Without an offer in the INVITE ours goes ahead, if it can be acknowledged.
            None if self.may_offer_early() => self.negotiator.offer().ok(),
            None => return self.ring(now),
        };
        self.send_provisional(now, 183, body.as_ref());
        if let Some(plan) = plan.filter(|_| open) {
            self.start_media(plan);
        }
        if self.state != CallState::EarlyMedia {
            self.state_event(CallState::EarlyMedia, 183, "Session Progress");
        }
        self.timers.set(Timer::RepeatRinging, now + RINGING_INTERVAL);
    }

    pub(super) fn answer(&mut self, now: Instant, headers: &[(String, String)]) {
        if self.phase != Phase::Offered {
            return;
        }
        if self.answer_waits(headers) {
            return;
        }
        let Some(incoming) = &self.incoming else { return };
        let (body, plan) = match (incoming.answer.clone(), incoming.plan.clone()) {
            _ if incoming.exchange == Exchange::Done => (None, self.negotiator.plan().cloned()),
            (Some(answer), plan) => (Some(answer), plan),
            // Delayed offer: ours goes out in the 200, the answer comes in the ACK.
            (None, _) => match self.negotiator.offer() {
                Ok(offer) => (Some(offer), None),
                Err(error) => {
                    let text = error.to_string();
                    self.respond_to_invite(500, None, &[]);
                    return self.end(end_reason(&error), 500, &text);
                }
            },
        };
        self.timers.clear();
        self.phase = Phase::Accepted;
        if let Some(dialog) = &mut self.dialog {
            dialog.confirm();
        }
        self.respond_to_invite(200, body.as_ref(), headers);
        if let Some(plan) = plan {
            self.start_media(plan);
        }
        self.await_ack(now);
    }

    /// Arms the repeats of the 2xx just sent and the wait for its ACK.
    pub(super) fn await_ack(&mut self, now: Instant) {
        let t1 = self.settings.timers.t1;
        self.timers.set(Timer::RepeatAccept, now + t1);
        self.timers.set(Timer::AckWait, now + 64 * t1);
    }

    /// RFC 3261 §13.3.1.4: T1, doubled up to T2, on every transport.
    pub(super) fn repeat_accept(&mut self, now: Instant) {
        let Some(accept) = &mut self.accept else { return };
        accept.interval = (accept.interval * 2).min(self.settings.timers.t2);
        let (server, response) = (accept.server, accept.response.clone());
        self.timers.set(Timer::RepeatAccept, now + accept.interval);
        self.respond(server, response);
    }

    pub(super) fn reject(&mut self, code: u16, reason: &str) {
        if self.phase != Phase::Offered {
            return;
        }
        let code = if (300..700).contains(&code) { code } else { 603 };
        self.refuse(code, reason, EndReason::LocalHangup);
    }

    /// Sends the caller elsewhere with 302.
    pub(super) fn redirect(&mut self, target: &Uri) {
        let Some(incoming) = self.incoming.as_ref().filter(|_| self.phase == Phase::Offered) else {
            return;
        };
        let mut response = Response::to(&incoming.message, 302, "");
        push_headers(&mut response.headers, self.services.headers.of(MessageKind::Refusal));
        response.headers.set(HeaderId::Contact, NameAddr::new(target.clone()).to_string());
        let (server, text) = (incoming.server, response.reason.clone());
        self.respond_tagged(server, response);
        self.end(EndReason::LocalHangup, 302, &text);
    }

    /// A final refusal of the INVITE, and the end.
    pub(super) fn refuse(&mut self, code: u16, phrase: &str, reason: EndReason) {
        if let Some(incoming) = self.incoming.as_ref() {
            let mut response = Response::to(&incoming.message, code, phrase);
            push_headers(&mut response.headers, self.services.headers.of(MessageKind::Refusal));
            let text = response.reason.clone();
            self.respond_tagged(incoming.server, response);
            self.end(reason, code, &text);
        }
    }

    /// A refusal of the INVITE since no session comes of its description, and the end.
    pub(super) fn refuse_for(&mut self, error: &NegotiationError) {
        let Some(incoming) = self.incoming.as_ref() else { return };
        let mut response = self.refusal(&incoming.message, error);
        response.status = 488;
        response.reason = Response::to(&incoming.message, 488, "").reason;
        self.respond_tagged(incoming.server, response);
        self.end(end_reason(error), 488, &error.to_string());
    }

    pub(super) fn handle_cancelled(&mut self, server: ServerTransaction, message: &Message) {
        let ours = self.incoming.as_ref().is_some_and(|incoming| incoming.server == server);
        // After our 200 a CANCEL has no effect (RFC 3261 §9.2).
        if ours && self.phase == Phase::Offered {
            self.services.cause = Cause::of(message);
            let elsewhere = self.services.cause.as_ref().is_some_and(|cause| cause.elsewhere);
            let reason = match elsewhere {
                true => EndReason::AnsweredElsewhere,
                false => EndReason::RemoteCancel,
            };
            self.refuse(487, "", reason);
        }
    }

    pub(super) fn handle_server_failed(&mut self, server: ServerTransaction) {
        if self.accept.as_ref().is_some_and(|accept| accept.server == server) {
            self.end(EndReason::Transport, 0, "the answer could not be sent");
        } else if self.incoming.as_ref().is_some_and(|incoming| incoming.server == server)
            && self.phase == Phase::Offered
        {
            self.end(EndReason::Transport, 0, "the caller can no longer be reached");
        }
    }

    /// A final response to the INVITE that made the call.
    fn respond_to_invite(&mut self, code: u16, body: Option<&Session>, added: &[(String, String)]) {
        let Some(incoming) = self.incoming.as_ref() else { return };
        let (server, message) = (incoming.server, incoming.message.clone());
        let response = self.dialog_response(&message, code, body, added);
        if (200..300).contains(&code) {
            let cseq = message.cseq().map_or(0, |cseq| cseq.number);
            let interval = self.settings.timers.t1;
            self.accept = Some(Accept { server, cseq, response: response.clone(), interval });
        }
        self.respond(server, response);
    }

    /// A response that makes or keeps a dialog: Record-Route, Contact, capabilities, description.
    pub(super) fn dialog_response(
        &mut self,
        message: &Message,
        code: u16,
        body: Option<&Session>,
        added: &[(String, String)],
    ) -> Response {
        let mut response = Response::to(message, code, "");
        response.set_to_tag(&self.local_tag);
        response.copy_record_route(message);
        let contact = NameAddr::new(self.settings.contact.clone());
        response.headers.set(HeaderId::Contact, contact.to_string());
        push_capabilities(&mut response.headers, &self.settings);
        // Before the answer there is no session to be granted time.
        if (200..300).contains(&code) && !matches!(self.phase, Phase::Calling | Phase::Offered) {
            self.session.grant(message, &mut response.headers);
        }
        push_headers(&mut response.headers, added);
        if let Some(kind) = MessageKind::of_status(code) {
            push_headers(&mut response.headers, self.services.headers.of(kind));
        }
        if let Some(body) = body {
            response.set_body("application/sdp", body.encode());
        }
        response
    }

    pub(super) fn respond_tagged(&mut self, server: ServerTransaction, mut response: Response) {
        response.set_to_tag(&self.local_tag);
        self.respond(server, response);
    }
}

/// RFC 3261 §13.3.1.1: a provisional every minute.
const RINGING_INTERVAL: std::time::Duration = std::time::Duration::from_secs(60);

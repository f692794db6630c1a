//! The calling side until the dialog stands: INVITE, provisionals, forks, CANCEL (RFC 3261 §13.2,
//! §9.1).

use std::time::Instant;

use super::{
    event::{CallState, EndReason},
    io::Output,
    machine::{Machine, Peers, Phase, description, end_reason, phrase, push_capabilities},
    requests::{Pending, Purpose},
    settings::{Settings, push_headers},
    timers::Timer,
};
use crate::{
    base::rng::Rng,
    proto::sip::{
        dialog::Dialog,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Method, Request},
    },
};

impl Machine {
    /// Places a call to `target`: the INVITE with our offer waits in the outputs. `rng` gives tags,
    /// keys and whatever else must be unguessable.
    pub fn outgoing(now: Instant, settings: Settings, target: Uri, mut rng: Rng) -> Self {
        let peers = Peers {
            call_id: rng.token(26),
            local: settings.identity.clone(),
            remote: NameAddr::new(target.for_identity()),
        };
        let mut machine = Self::new(settings, rng, true, peers);
        machine.dial(now, target);
        machine
    }

    fn dial(&mut self, now: Instant, target: Uri) {
        let offer = match self.negotiator.offer() {
            Ok(offer) => offer,
            Err(error) => return self.end(end_reason(&error), 0, &error.to_string()),
        };
        let mut invite = Request::new(Method::Invite, target.for_request());
        let headers = &mut invite.headers;
        if let Some(proxy) = &self.settings.outbound_proxy {
            let route = proxy.clone().with_param("lr", None);
            headers.push(HeaderId::Route, NameAddr::new(route).to_string());
        }
        let from = self.local.clone().with_tag(&self.local_tag);
        headers.push(HeaderId::From, from.to_string());
        headers.push(HeaderId::To, self.remote.to_string());
        headers.push(HeaderId::CallId, &self.call_id);
        let contact = NameAddr::new(self.settings.contact.clone());
        headers.push(HeaderId::Contact, contact.to_string());
        push_capabilities(headers);
        self.session.ask(headers);
        push_headers(headers, &self.settings.headers);
        push_headers(headers, &self.settings.invite_headers);
        // Below 2^31 (RFC 3261 §8.1.1.5), and low enough to stay there.
        invite.set_cseq(1 + self.rng.below(1 << 16));
        invite.set_body("application/sdp", offer.encode());
        self.state_event(CallState::Dialing, 0, "");
        self.timers.set(Timer::NoAnswer, now + self.settings.no_answer);
        self.send(Purpose::Invite, invite);
    }

    pub(super) fn handle_provisional(&mut self, message: &Message, status: u16) {
        if self.phase != Phase::Calling || status == 100 {
            return;
        }
        let text = phrase(message);
        // A description in a 183 is the answer ahead of time; the 2xx repeats it (RFC 3261
        // §13.2.1). One that cannot be used is left for the 2xx to decide.
        if let Ok(Some(answer)) = description(message)
            && let Ok(plan) = self.negotiator.preview(&answer)
        {
            self.start_media(plan);
            if self.state != CallState::EarlyMedia {
                self.state_event(CallState::EarlyMedia, status, &text);
            }
            return;
        }
        if status == 180 && self.state == CallState::Dialing {
            self.state_event(CallState::Ringing, status, &text);
        }
    }

    pub(super) fn handle_invite_success(
        &mut self,
        now: Instant,
        message: &Message,
        pending: &Pending,
    ) {
        self.timers.clear();
        let Ok(dialog) = Dialog::uac(&pending.request, message) else {
            return self.end(EndReason::Protocol, 200, "the answer makes no dialog");
        };
        let cseq = message.cseq().map_or(0, |cseq| cseq.number);
        let ack = self.make_ack(&dialog, cseq, &pending.request);
        self.accepted_invite = Some(pending.request.clone());
        self.outputs.push_back(Output::Ack(ack.clone()));
        self.ack = Some((cseq, ack));
        self.dialog = Some(dialog);
        if let Some(to) = message.to() {
            self.remote = NameAddr { params: Default::default(), ..to };
        }
        if self.phase == Phase::Cancelling {
            // The 200 crossed our CANCEL (RFC 3261 §9.1): the call stands, so it gets BYE.
            let (reason, code, text) =
                self.ending.take().unwrap_or((EndReason::LocalHangup, 0, String::new()));
            return self.bye(now, reason, code, &text);
        }
        self.phase = Phase::Confirmed;
        let answer = match description(message) {
            Ok(Some(answer)) => self.negotiator.accept(&answer),
            // The early answer stands when the 2xx does not repeat it (some gateways).
            Ok(None) => self.negotiator.accept_preview(),
            Err(error) => Err(error),
        };
        match answer {
            Ok(plan) => {
                self.start_media(plan);
                self.session.agree(message, true);
                self.arm_session(now);
                let text = phrase(message);
                self.state_event(CallState::Connected, message.status().unwrap_or(200), &text);
                self.next_change(now);
            }
            Err(error) => self.bye(now, end_reason(&error), 0, &error.to_string()),
        }
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
        let Ok(mut fork) = Dialog::uac(&invite, message) else { return };
        let ack = self.make_ack(&fork, cseq, &invite);
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
            return self.finish();
        }
        if status == 422 && self.session.raise(message, &mut pending.request.headers) {
            let number = pending.request.cseq_number().unwrap_or(0) + 1;
            pending.request.set_cseq(number);
            self.timers.set(Timer::NoAnswer, now + self.settings.no_answer);
            return self.send(Purpose::Invite, pending.request);
        }
        let reason = match status {
            401 | 407 => EndReason::Authentication,
            _ => EndReason::Refused,
        };
        self.end(reason, status, &phrase(message));
    }

    /// Takes the INVITE back. Its own final response (487, as a rule) ends the call.
    pub(super) fn cancel(&mut self, now: Instant, reason: EndReason, text: &str) {
        self.end_media();
        self.timers.clear();
        self.phase = Phase::Cancelling;
        self.ending = Some((reason, 487, text.to_owned()));
        self.state_event(CallState::Ending, 0, text);
        let tag = self.requests.iter().find(|pending| pending.purpose == Purpose::Invite);
        match tag.map(|pending| pending.tag) {
            Some(tag) => {
                // RFC 3261 §9.1: 64*T1 for the final response; before a provisional the endpoint
                // holds the CANCEL back, and the INVITE's own timer B runs as long.
                self.timers.set(Timer::Cancel, now + 64 * self.settings.timers.t1 * 2);
                self.outputs.push_back(Output::Cancel { tag });
            }
            None => self.finish(),
        }
    }
}

/// Most forks of one INVITE that are answered one by one.
const MAX_FORKS: usize = 16;

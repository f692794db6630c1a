//! What happens in the dialog apart from media changes: ACK, BYE, INFO digits, OPTIONS, hanging up
//! (RFC 3261 §12.2, §15; RFC 6086).

use std::time::{Duration, Instant};

use super::{
    event::{CallEvent, CallState, EndReason},
    io::Output,
    machine::{ALLOW, Machine, Phase, description, end_reason},
    requests::Purpose,
    services::{Cause, MessageKind},
    terms::NegotiationError,
    timers::Timer,
};
use crate::proto::sip::{
    endpoint::ServerTransaction,
    reason::Reason,
    wire::{HeaderId, Message, Method, Response},
};

impl Machine {
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: Message,
    ) {
        let Some(method) = message.method() else { return };
        let tag = message.from_tag();
        let ours = self.dialog.as_ref().is_some_and(|dialog| dialog.id().remote_tag == tag);
        if let (None, Some(index)) = (&self.dialog, self.leg_of(&tag)) {
            let work = |call: &mut Self| call.handle_in_dialog(now, server, message, method);
            return self.in_leg(index, work);
        }
        if self.dialog.is_none() && method == Method::Update {
            // No dialog that we know of: our offer is open, so an offer meets it; without one it is
            // no more than a sign of life (some exchanges change the name on the display so).
            let code = if message.body().is_empty() { 200 } else { 491 };
            return self.reply(server, &message, code);
        }
        if !ours {
            // A fork that we told BYE may have sent its own first.
            let fork = self.forks.iter().any(|(known, _)| *known == tag);
            let code = if fork && method == Method::Bye { 200 } else { 481 };
            return self.reply(server, &message, code);
        }
        self.handle_in_dialog(now, server, message, method);
    }

    /// A request in the dialog where the machine stands.
    fn handle_in_dialog(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: Message,
        method: Method,
    ) {
        // RFC 3261 §12.2.2: a request that is older than the last is out of order.
        let in_order =
            self.dialog.as_mut().is_some_and(|dialog| dialog.handle_request(&message).is_ok());
        if !in_order {
            return self.reply(server, &message, 500);
        }
        self.far.note(&message);
        match method {
            Method::Bye if self.phase == Phase::Calling => self.reply(server, &message, 200),
            Method::Bye => self.handle_bye(server, &message),
            Method::Invite => self.handle_reinvite(now, server, message),
            Method::Update => self.handle_update(now, server, &message),
            Method::Prack => self.handle_prack(now, server, &message),
            Method::Info if self.settings.passing.offers(&method, true) && !is_digit(&message) => {
                self.handle_passed(server, message);
            }
            Method::Info => self.handle_info(server, &message),
            Method::Options => self.handle_options(server, &message),
            Method::Refer => self.handle_refer(server, &message),
            Method::Notify => self.handle_notify(now, server, &message),
            _ => self.handle_passed(server, message),
        }
    }

    fn handle_bye(&mut self, server: ServerTransaction, message: &Message) {
        self.reply(server, message, 200);
        self.services.cause = Cause::of(message);
        // RFC 3261 §15.1.2: pending requests of the dialog get 487.
        if self.phase == Phase::Offered {
            return self.refuse(487, "", EndReason::RemoteHangup);
        }
        if let Some((reason, code, text)) = self.ending.take() {
            // Ours crossed it: the end is what we wanted anyway.
            return self.end(reason, code, &text);
        }
        let text = message.header(HeaderId::Reason).unwrap_or_default().to_owned();
        self.end(EndReason::RemoteHangup, 0, &text);
    }

    /// An ACK for the 2xx that waits for it; any other is a repeat.
    pub(super) fn handle_ack(&mut self, now: Instant, message: &Message) {
        let number = message.cseq().map(|cseq| cseq.number);
        if self.accept.as_ref().is_none_or(|accept| Some(accept.cseq) != number) {
            return;
        }
        self.accept = None;
        self.timers.stop(Timer::RepeatAccept);
        self.timers.stop(Timer::AckWait);
        let first = self.phase == Phase::Accepted;
        if first {
            self.phase = Phase::Confirmed;
        }
        if self.hangup_waits {
            let (reason, code, text) =
                self.ending.take().unwrap_or((EndReason::LocalHangup, 0, String::new()));
            return self.bye(now, reason, code, &text);
        }
        if self.negotiator.awaits_answer() {
            let answer = match description(message) {
                Ok(Some(answer)) => self.negotiator.accept(&answer),
                Ok(None) => self.negotiator.accept_preview(),
                Err(error) => Err(error),
            };
            match answer {
                Ok(plan) => self.start_media(plan),
                // A re-INVITE that changed nothing after all.
                Err(NegotiationError::NoAnswer) if !first => {}
                Err(error) => return self.bye(now, end_reason(&error), 0, &error.to_string()),
            }
        }
        if first {
            self.arm_session(now);
            self.state_event(CallState::Connected, 200, "OK");
            self.resume_changes(now);
        }
    }

    /// No ACK came in 64*T1: the session is ended with BYE (RFC 3261 §13.3.1.4).
    pub(super) fn ack_missing(&mut self, now: Instant) {
        let (reason, code, text) = self.ending.take().unwrap_or_else(|| {
            (EndReason::Timeout, 0, "the answer was never acknowledged".to_owned())
        });
        self.bye(now, reason, code, &text);
    }

    /// Ends the call in whatever state it is.
    pub(super) fn hangup(&mut self, now: Instant) {
        match self.phase {
            Phase::Calling => self.cancel(now, EndReason::LocalHangup, ""),
            Phase::Offered => self.refuse(603, "", EndReason::LocalHangup),
            // RFC 3261 §15: the called side may not send BYE before the ACK is there.
            Phase::Accepted if !self.hangup_waits => {
                self.hangup_waits = true;
                self.ending = Some((EndReason::LocalHangup, 0, String::new()));
                self.end_media();
                self.state_event(CallState::Ending, 0, "");
            }
            Phase::Confirmed => self.bye(now, EndReason::LocalHangup, 0, ""),
            Phase::Accepted | Phase::Cancelling | Phase::Ending | Phase::Ended => {}
        }
    }

    /// Ends the call saying why (RFC 3326): on BYE, CANCEL and a refusal.
    pub(super) fn hangup_with(&mut self, now: Instant, cause: u16, text: &str) {
        let reason = ("Reason".to_owned(), Reason::q850(cause, text).to_string());
        for kind in [MessageKind::Bye, MessageKind::Cancel, MessageKind::Refusal] {
            let mut headers = self.services.headers.of(kind).to_vec();
            headers.push(reason.clone());
            self.services.headers.set(kind, headers);
        }
        self.hangup(now);
    }

    /// Nobody answered in time.
    pub(super) fn no_answer(&mut self, now: Instant) {
        match self.phase {
            Phase::Calling => self.cancel(now, EndReason::NoAnswer, "no answer"),
            Phase::Offered => self.refuse(480, "", EndReason::NoAnswer),
            _ => {}
        }
    }

    fn handle_options(&mut self, server: ServerTransaction, message: &Message) {
        let mut response = Response::to(message, 200, "");
        response.headers.set(HeaderId::Allow, ALLOW);
        response.headers.set(HeaderId::Accept, "application/sdp, application/dtmf-relay");
        self.respond_tagged(server, response);
    }

    fn handle_info(&mut self, server: ServerTransaction, message: &Message) {
        let digit = match message.content_type().as_deref() {
            Some("application/dtmf-relay") => read_dtmf_relay(message.body()),
            Some("application/dtmf") => read_digit(message.body()).map(|d| (d, DIGIT_DURATION)),
            None if message.body().is_empty() => None,
            _ => {
                let mut response = Response::to(message, 415, "");
                response.headers.set(HeaderId::Accept, "application/dtmf-relay, application/dtmf");
                return self.respond_tagged(server, response);
            }
        };
        self.reply(server, message, 200);
        if let Some((digit, duration)) = digit {
            self.event(CallEvent::Dtmf { digit, duration });
        }
    }

    /// Queues a digit; INFO requests go out one after the other, so that their order is kept. A
    /// comma is a pause.
    pub(super) fn send_digit(&mut self, now: Instant, digit: char, duration: Duration) {
        if self.phase != Phase::Confirmed || self.digits.len() >= MAX_INFO_DIGITS {
            return self.event(CallEvent::DtmfSent { accepted: false });
        }
        self.digits.push_back((digit, duration));
        self.send_next_digit(now);
    }

    pub(super) fn send_next_digit(&mut self, now: Instant) {
        if self.timers.runs(Timer::Digits)
            || self.requests.iter().any(|pending| pending.purpose == Purpose::Info)
        {
            return;
        }
        let Some((digit, duration)) = self.digits.pop_front() else { return };
        if digit == ',' {
            self.event(CallEvent::DtmfSent { accepted: true });
            return self.timers.set(Timer::Digits, now + DIGIT_PAUSE);
        }
        let Some(mut request) = self.in_dialog(Method::Info) else { return };
        let body = format!("Signal={digit}\r\nDuration={}\r\n", duration.as_millis());
        request.set_body("application/dtmf-relay", body);
        self.send(Purpose::Info, request);
    }

    pub(super) fn handle_info_final(&mut self, now: Instant, accepted: bool) {
        self.event(CallEvent::DtmfSent { accepted });
        if self.phase == Phase::Confirmed {
            self.send_next_digit(now);
        }
    }

    pub(super) fn end_media(&mut self) {
        if self.plan.take().is_some() {
            self.outputs.push_back(Output::MediaEnd);
        }
    }
}

/// Whether an INFO carries a digit.
fn is_digit(message: &Message) -> bool {
    let content_type = message.content_type();
    matches!(content_type.as_deref(), Some("application/dtmf-relay" | "application/dtmf"))
}

/// `Signal=5`, `Duration=160`, in any order and case, as gateways write it.
fn read_dtmf_relay(body: &[u8]) -> Option<(char, Duration)> {
    let text = String::from_utf8_lossy(body);
    let value = |wanted: &str| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let digit = read_digit(value("Signal")?.as_bytes())?;
    let ms = value("Duration").and_then(|ms| ms.parse::<u64>().ok()).filter(|ms| *ms <= 60_000);
    Some((digit, ms.map_or(DIGIT_DURATION, Duration::from_millis)))
}

fn read_digit(body: &[u8]) -> Option<char> {
    match std::str::from_utf8(body).ok()?.trim() {
        "10" => Some('*'),
        "11" => Some('#'),
        "16" | "flash" | "hf" | "FLASH" => Some('!'),
        text if text.chars().count() == 1 => {
            let digit = text.chars().next()?.to_ascii_uppercase();
            matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D' | '!').then_some(digit)
        }
        _ => None,
    }
}

/// What a digit lasts when the far end does not say.
const DIGIT_DURATION: Duration = Duration::from_millis(160);

/// What a comma among digits waits, as modems and phone books have it.
const DIGIT_PAUSE: Duration = Duration::from_secs(2);

/// Most digits that wait to go by INFO: two commands of the longest that the engine takes.
pub const MAX_INFO_DIGITS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dtmf_relay_is_read_as_gateways_write_it() {
        let read = |text: &str| read_dtmf_relay(text.as_bytes());
        let ms = Duration::from_millis;
        assert_eq!(read("Signal=5\r\nDuration=250\r\n"), Some(('5', ms(250))));
        assert_eq!(read("Signal= *\nDuration= 90"), Some(('*', ms(90))));
        assert_eq!(read("signal=11"), Some(('#', DIGIT_DURATION)));
        assert_eq!(read("Signal=d\r\nDuration=x"), Some(('D', DIGIT_DURATION)));
        assert_eq!(read("Signal=E"), None);
        assert_eq!(read("Duration=1"), None);
        assert_eq!(read("\u{0}"), None);
    }
}

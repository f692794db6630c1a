//! Requests of ours from the moment they go out: their responses are handed to whoever sent them, a
//! challenge is answered in every method (RFC 3261 §22.2), and silence is told apart.

use std::time::Instant;

use super::{
    event::EndReason,
    io::Output,
    machine::{Machine, Phase, phrase},
    services::MessageKind,
};
use crate::proto::sip::{
    transaction::Failure,
    uri::NameAddr,
    wire::{HeaderId, Message, Method, Request},
};

/// What a request of ours was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Invite,
    Reinvite,
    Refresh,
    Bye,
    /// BYE for a fork that answered too late.
    ForkBye,
    Info,
    Prack,
    /// UPDATE with an offer.
    Update,
    Refer,
    Notify,
    /// A request of the owner's, by its number.
    Passed(u64),
}

/// A request of ours that has no final response.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) tag: u32,
    pub(super) purpose: Purpose,
    pub(super) request: Request,
    /// A provisional response came.
    pub(super) proceeding: bool,
    /// It is known to have gone where credentials may go.
    pub(super) trusted: bool,
}

impl Machine {
    pub(super) fn handle_response(
        &mut self,
        now: Instant,
        tag: u32,
        message: Message,
        trusted: bool,
    ) {
        let Some(status) = message.status() else { return };
        let success = (200..300).contains(&status);
        let known = self.requests.iter().position(|pending| pending.tag == tag);
        let Some(index) = known else {
            // A repeated 2xx, or one of another fork (RFC 3261 §13.2.2.4).
            if success && message.method() == Some(Method::Invite) {
                self.handle_late_success(&message);
            }
            return;
        };
        if status < 200 {
            let first = !std::mem::replace(&mut self.requests[index].proceeding, true);
            if self.requests[index].purpose == Purpose::Invite {
                if first && self.phase == Phase::Cancelling {
                    self.await_cancelled(now);
                }
                let invite = self.requests[index].request.clone();
                self.handle_provisional(now, &invite, &message, status);
            }
            return;
        }
        let pending = Pending { trusted, ..self.requests.remove(index) };
        if matches!(pending.purpose, Purpose::Prack | Purpose::Update) {
            let tag = far_tag(&pending.request);
            return self.in_dialog_of(&tag, |call| call.conclude(now, &message, status, pending));
        }
        self.conclude(now, &message, status, pending);
    }

    /// Hands a final response to whoever waits for it.
    fn conclude(&mut self, now: Instant, message: &Message, status: u16, pending: Pending) {
        let success = (200..300).contains(&status);
        if matches!(pending.purpose, Purpose::Invite | Purpose::Reinvite) {
            self.latest = Some(message.clone());
        }
        if matches!(status, 401 | 407) && self.may_authenticate(pending.purpose) {
            let Pending { request, trusted, .. } = &pending;
            match self.authenticator.handle_challenge(request, message, *trusted, &mut self.rng) {
                Ok(()) => {
                    if pending.purpose == Purpose::Invite {
                        self.forget_legs();
                    }
                    return self.send_again(pending);
                }
                Err(error) if pending.purpose == Purpose::Invite => {
                    return self.end(EndReason::Authentication, status, &error.to_string());
                }
                Err(error) => self.outputs.push_back(Output::Note(error.to_string())),
            }
        }
        if success && pending.trusted {
            self.authenticator.handle_success();
            self.authenticator.handle_authentication_info(message);
        }
        match pending.purpose {
            Purpose::Invite if success => self.handle_invite_success(now, message, &pending),
            Purpose::Invite => self.handle_invite_refusal(now, message, status, pending),
            Purpose::Reinvite => self.handle_reinvite_final(now, message, status, &pending),
            Purpose::Refresh => self.handle_refresh_final(now, message, status),
            Purpose::Bye => self.finish(),
            Purpose::ForkBye => {}
            Purpose::Info => {
                self.handle_info_final(now, success);
                // RFC 3261 §12.2.1.2, RFC 5057 §5.1: the far end no longer knows the dialog.
                if matches!(status, 408 | 481) && self.phase == Phase::Confirmed {
                    let reason =
                        if status == 408 { EndReason::Timeout } else { EndReason::Refused };
                    self.bye(now, reason, status, &phrase(message));
                }
            }
            Purpose::Prack => self.handle_prack_final(now, message, status),
            Purpose::Update => self.handle_change_final(now, message, status),
            Purpose::Refer => self.handle_refer_final(now, message, status),
            Purpose::Notify => self.handle_notify_final(success),
            Purpose::Passed(number) => self.handle_passed_final(number, message.clone()),
        }
    }

    pub(super) fn handle_failed(&mut self, now: Instant, tag: u32, reason: Failure) {
        let Some(index) = self.requests.iter().position(|pending| pending.tag == tag) else {
            return;
        };
        let pending = self.requests.remove(index);
        if self.retry_moving(now, pending.purpose) {
            return;
        }
        // RFC 3261 §8.1.3.1 takes them for 408 and 503; a host is told no code that did not come.
        let code = 0;
        let silent = reason == Failure::Timeout;
        let (reason, text) = match reason {
            Failure::Timeout => (EndReason::Timeout, "no response came"),
            _ => (EndReason::Transport, "the request could not be sent"),
        };
        match pending.purpose {
            Purpose::Invite if self.phase == Phase::Cancelling => self.finish(),
            Purpose::Invite if self.has_next_contact() => self.follow(pending),
            Purpose::Invite => self.end(reason, code, text),
            // RFC 3261 §14.1 and §12.2.1.2: silence ends the dialog, and nothing else that is no
            // response. What could not be sent counts as refused: the session stays as it was.
            Purpose::Reinvite | Purpose::Refresh if self.phase == Phase::Confirmed => {
                match pending.purpose {
                    _ if silent => self.bye(now, reason, code, text),
                    Purpose::Refresh => self.refresh_later(now, None),
                    _ => self.give_change_up(now, None, code, text.to_owned()),
                }
            }
            Purpose::Bye => self.finish(),
            Purpose::Reinvite | Purpose::Refresh | Purpose::ForkBye => {}
            Purpose::Info => self.handle_info_final(now, false),
            Purpose::Prack | Purpose::Update => {
                let tag = far_tag(&pending.request);
                let ends = pending.purpose == Purpose::Update && self.phase == Phase::Confirmed;
                self.in_dialog_of(&tag, |call| match ends && silent {
                    true => call.bye(now, reason, code, text),
                    false => call.drop_offer(now, code, text),
                });
            }
            Purpose::Refer => self.transfer_failed(code, text.to_owned()),
            Purpose::Notify => self.handle_notify_final(false),
            Purpose::Passed(number) => self.handle_passed_failed(number, code, text),
        }
    }

    /// A challenge to a request that no longer matters is not answered.
    fn may_authenticate(&self, purpose: Purpose) -> bool {
        purpose != Purpose::Invite || self.phase == Phase::Calling
    }

    /// Sends a request again with credentials and the next CSeq (RFC 3261 §22.2).
    fn send_again(&mut self, pending: Pending) {
        let mut request = pending.request;
        let number = request.cseq_number().unwrap_or(0);
        // A request of another dialog than the call's (a fork that lost) counts by itself.
        let number = number.max(self.dialog.as_ref().map_or(0, |dialog| dialog.local_cseq())) + 1;
        request.set_cseq(number);
        if let Some(dialog) = &mut self.dialog {
            dialog.raise_cseq(number);
        }
        self.authenticator.authorize(&mut request);
        self.send(pending.purpose, request);
    }

    /// Sends a request of ours under a new tag.
    pub(super) fn send(&mut self, purpose: Purpose, request: Request) {
        let tag = self.next_tag;
        self.next_tag += 1;
        let (proceeding, trusted) = (false, false);
        let pending = Pending { tag, purpose, request: request.clone(), proceeding, trusted };
        self.requests.push(pending);
        self.outputs.push_back(Output::Request { tag, request });
    }

    /// A far end that answered an INVITE of ours only provisionally could keep its transaction open
    /// for ever.
    pub(super) fn cancel_invites(&mut self) {
        if self.phase == Phase::Cancelling {
            return;
        }
        for pending in self.requests.iter().filter(|p| p.request.method == Method::Invite) {
            let headers = self.services.headers.of(MessageKind::Cancel).to_vec();
            self.outputs.push_back(Output::Cancel { tag: pending.tag, headers });
        }
    }
}

/// The far end's tag in a request of ours.
fn far_tag(request: &Request) -> String {
    let to = request.headers.value(HeaderId::To).and_then(NameAddr::parse);
    to.and_then(|to| to.tag().map(str::to_owned)).unwrap_or_default()
}

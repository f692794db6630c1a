//! What a session still does at and after the end of its call.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use super::{HUNG_UP, Session, SessionMsg};
use crate::{
    call::{Call, EndReason, Input, Output},
    engine::{
        error::ErrorKind,
        event::CallState,
        shared::lock,
        signaling::{End, FromSession},
        worker::WorkerCmd,
    },
    proto::sip::{
        endpoint::ServerTransaction,
        wire::{Message, Method, Response},
    },
};

impl Session {
    /// The call is over, for the host and for the signaling actor.
    pub(super) fn end(
        &mut self,
        code: u16,
        text: &str,
        error: Option<ErrorKind>,
        reason: Option<EndReason>,
    ) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let fault = self.fault.take().filter(|_| error == Some(ErrorKind::Transport));
        let (error, text) = match (&self.failure, &fault) {
            (Some(failure), _) => (Some(ErrorKind::Internal), failure.as_str()),
            (None, Some(fault)) => (Some(ErrorKind::of_refusal(fault)), fault.text.as_str()),
            (None, None) => (error, text),
        };
        let text = text.to_owned();
        lock(&self.snapshot.times).ended = Some(Instant::now());
        self.to_worker(WorkerCmd::Close { call: self.call });
        self.drop_info_digits("the call ended before the digits were sent");
        for request in std::mem::take(&mut self.rtp_digits) {
            let text = "the call ended before the digits were sent";
            self.reply(Some(request), Some(ErrorKind::WrongState), text);
        }
        self.drop_asked("the call ended before it was answered");
        let request = self.dial_request.take();
        match (error, reason) {
            (None, Some(EndReason::LocalHangup)) => {
                self.reply(request, Some(ErrorKind::WrongState), HUNG_UP);
            }
            _ => self.reply(request, Some(error.unwrap_or(ErrorKind::Refused)), &text),
        }
        let call = self.call;
        let known = self.announcement.is_none();
        if known && self.state != CallState::Ending {
            // While it stands the host can read the message that ends the call.
            self.enter(CallState::Ending, code, &text);
        }
        {
            let mut info = lock(&self.snapshot.info);
            info.state = CallState::Ended;
            info.code = code;
        }
        let cause = self.machine.cause().cloned();
        let end = Box::new(End { code, text, error, reason, cause });
        self.signal(FromSession::Ended { call, end, known });
    }

    /// A message that was on its way when the call ended. A request is answered still, for its
    /// transaction takes it from the far end only once; the rest is over.
    pub(super) fn handle_late(&mut self, message: SessionMsg) {
        match message {
            SessionMsg::Command { request, .. }
            | SessionMsg::TellFarEnd { request, .. }
            | SessionMsg::TransferAttended { request, .. } => {
                self.reply(request, Some(ErrorKind::WrongState), "the call is over");
            }
            SessionMsg::Input(input) => {
                if let Input::Request { server, message } | Input::Replace { server, message } =
                    *input
                {
                    self.signal(late_answer(server, &message));
                }
            }
            SessionMsg::CutOff | SessionMsg::Moved(_) | SessionMsg::Fault(_) => {}
        }
    }

    /// After a fault of ours the far end must not keep a call that nobody has any longer.
    pub(super) fn say_farewell(&mut self, now: Instant) {
        for output in farewell(&mut self.machine, now) {
            self.signal_output(output);
        }
    }
}

/// The BYE ended nothing that was not over; whatever else belongs to no dialog of ours.
fn late_answer(server: ServerTransaction, request: &Message) -> FromSession {
    let code = if request.is_method(&Method::Bye) { 200 } else { 481 };
    FromSession::Respond { server, response: Box::new(Response::to(request, code, "")) }
}

/// What ends a call at its far end: BYE, CANCEL or a refusal. Nothing, if the fault has left the
/// machine in a state in which it fails again.
fn farewell(machine: &mut Call, now: Instant) -> Vec<Output> {
    let outputs = catch_unwind(AssertUnwindSafe(|| {
        machine.handle_input(now, Input::Hangup);
        std::iter::from_fn(|| machine.poll_output()).collect()
    }));
    outputs.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::rng::Rng,
        call::{Settings, terms::AudioTerms},
        proto::sip::{uri::NameAddr, wire::HeaderId},
    };

    fn dialled(now: Instant) -> Call {
        let (near, far) = ("sip:near@192.0.2.1".parse().unwrap(), "sip:far@192.0.2.2".parse());
        let audio = AudioTerms::new("192.0.2.1".parse().unwrap(), 4000, None);
        let settings = Settings::new(NameAddr::new(near), "sip:192.0.2.1".parse().unwrap(), audio);
        Call::outgoing(now, settings, far.unwrap(), Rng::from_number(1))
    }

    fn outputs(call: &mut Call) -> Vec<Output> {
        std::iter::from_fn(|| call.poll_output()).collect()
    }

    fn is_bye(output: &Output) -> bool {
        matches!(output, Output::Request { request, .. } if request.method == Method::Bye)
    }

    #[test]
    fn after_a_fault_a_call_that_rings_is_cancelled() {
        let now = Instant::now();
        let mut call = dialled(now);
        outputs(&mut call);
        let sent = farewell(&mut call, now);
        assert!(sent.iter().any(|output| matches!(output, Output::Cancel { .. })), "{sent:?}");
    }

    #[test]
    fn after_a_fault_a_call_that_stands_gets_bye() {
        let now = Instant::now();
        let mut call = dialled(now);
        let invite = outputs(&mut call).into_iter().find_map(|output| match output {
            Output::Request { tag, request } => Some((tag, request)),
            _ => None,
        });
        let (tag, mut invite) = invite.unwrap();
        invite.headers.push(HeaderId::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
        let mut answer = Response::to(&Message::parse(invite.encode()).unwrap(), 200, "");
        answer.set_to_tag("far");
        answer.headers.push(HeaderId::Contact, "<sip:far@192.0.2.2>");
        let description = "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\n\
                           t=0 0\r\nm=audio 9 RTP/AVP 0\r\n";
        answer.set_body("application/sdp", description);
        let message = Message::parse(answer.encode()).unwrap();
        call.handle_input(now, Input::Response { tag, message, trusted: true });
        outputs(&mut call);
        let sent = farewell(&mut call, now);
        assert_eq!(sent.iter().filter(|output| is_bye(output)).count(), 1, "{sent:?}");
    }
}

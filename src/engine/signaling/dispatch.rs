//! What the endpoint hands up, to whom it belongs.

use std::time::Instant;

use actix::Context;

use super::{
    Signaling,
    requests::{Owner, Waiting},
};
use crate::{
    base::ids::CallId,
    call::{Input, usage::UsageInput},
    engine::{log::LogLevel, session::SessionMsg},
    proto::sip::{
        Flow, Transport,
        endpoint::{ServerTransaction, TuEvent},
        transaction::Failure,
        wire::{HeaderId, Message, Method, Response},
    },
};

impl Signaling {
    pub(super) fn dispatch(&mut self, ctx: &mut Context<Self>, now: Instant, event: TuEvent) {
        match event {
            TuEvent::Request { server, flow, message } => {
                self.dispatch_request(ctx, now, server, flow, message);
            }
            TuEvent::Cancelled { server, message } => {
                if let Some(call) = self.servers.get(&server).copied() {
                    self.to_session(call, Input::Cancelled { server, message });
                }
            }
            TuEvent::Ack { message, .. } => {
                if let Some(call) = self.call_of(&message) {
                    self.to_session(call, Input::Ack { message });
                }
            }
            TuEvent::Response { client, message, .. } => {
                if self.response_of_target(now, client, &message) {
                    return;
                }
                let Some(&Waiting { owner, tag, trusted }) = self.clients.get(&client) else {
                    return;
                };
                match owner {
                    Owner::Call(call) => {
                        self.to_session(call, Input::Response { tag, message, trusted });
                    }
                    Owner::Account(account) => {
                        self.account_response(now, account, tag, message);
                    }
                    Owner::Usage(usage) => {
                        let input = UsageInput::Response { tag, message, trusted };
                        self.usage_input(now, usage, input);
                    }
                }
            }
            TuEvent::Failed { client, reason } => {
                if self.no_response_of_target(now, client, reason) {
                    return;
                }
                if let Some(Waiting { owner, tag, .. }) = self.clients.remove(&client) {
                    self.failed(now, owner, tag, reason);
                }
            }
            TuEvent::ClientEnded { client } => {
                self.locations.settle(client);
                self.clients.remove(&client);
            }
            TuEvent::ServerFailed { server, .. } => {
                if let Some(call) = self.servers.get(&server).copied() {
                    self.to_session(call, Input::ServerFailed { server });
                }
            }
            TuEvent::ServerEnded { server } => {
                self.servers.remove(&server);
            }
        }
    }

    /// A request found no way, or no answer.
    pub(super) fn failed(&mut self, now: Instant, owner: Owner, tag: u32, reason: Failure) {
        let fault = self.fault.clone().filter(|_| reason == Failure::Transport);
        match owner {
            Owner::Call(call) => {
                if let (Some(fault), Some(entry)) = (fault, self.calls.get(&call)) {
                    // Comes ahead of the failure in the same mailbox.
                    entry.session.do_send(SessionMsg::Fault(fault));
                }
                self.to_session(call, Input::Failed { tag, reason });
            }
            Owner::Account(account) => self.account_failed(now, account, tag, reason, fault),
            Owner::Usage(usage) => {
                self.usage_input(now, usage, UsageInput::Failed { tag, reason });
            }
        }
    }

    fn dispatch_request(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        server: ServerTransaction,
        flow: Flow,
        message: Message,
    ) {
        if !message.to_tag().is_empty() {
            match self.call_of(&message) {
                Some(call) => {
                    self.servers.insert(server, call);
                    self.request_to_session(now, call, server, message);
                }
                None if self.handle_notifier(now, server, &message) => {}
                None => {
                    self.endpoint.respond(now, server, Response::to(&message, 481, ""));
                }
            }
            return;
        }
        if message.is_method(&Method::Invite) {
            self.incoming(ctx, now, server, flow, message);
            return;
        }
        self.handle_out_of_dialog(now, server, flow, message);
    }

    /// The call whose dialog a request is in.
    fn call_of(&self, message: &Message) -> Option<CallId> {
        let key = (message.call_id()?.to_owned(), message.to_tag());
        self.dialogs.get(&key).copied()
    }

    /// Hands a call its input. A full mailbox means a flood at this one call.
    pub(super) fn to_session(&self, call: CallId, input: Input) {
        let Some(entry) = self.calls.get(&call) else { return };
        let message = SessionMsg::Input(Box::new(input));
        if may_be_lost(&message) {
            if entry.session.try_send(message).is_err() {
                self.log_flood(call);
            }
        } else {
            entry.session.do_send(message);
        }
    }

    /// The same with a request in its dialog: the endpoint has taken it from the far end for good, so
    /// it is answered in any case, and a BYE always gets through.
    fn request_to_session(
        &mut self,
        now: Instant,
        call: CallId,
        server: ServerTransaction,
        message: Message,
    ) {
        let Some(entry) = self.calls.get(&call) else { return };
        let bye = message.is_method(&Method::Bye);
        let mut busy = Response::to(&message, 500, "");
        let input = SessionMsg::Input(Box::new(Input::Request { server, message }));
        if bye {
            entry.session.do_send(input);
        } else if entry.session.try_send(input).is_err() {
            self.log_flood(call);
            busy.headers.set(HeaderId::RetryAfter, RETRY_AFTER_S);
            self.endpoint.respond(now, server, busy);
        }
    }

    fn log_flood(&self, call: CallId) {
        self.log(LogLevel::Warning, "call", || format!("{call:?} is flooded with messages"));
    }

    /// The SIP messages of calls that are being captured.
    pub(super) fn capture_sent(&mut self, flow: Flow, bytes: &[u8]) {
        self.capture_message(flow.local, flow.remote, flow, bytes);
    }

    pub(super) fn capture_received(&mut self, flow: Flow, bytes: &[u8]) {
        self.capture_message(flow.remote, flow.local, flow, bytes);
    }

    fn capture_message(
        &mut self,
        source: std::net::SocketAddr,
        destination: std::net::SocketAddr,
        flow: Flow,
        bytes: &[u8],
    ) {
        if self.calls.values().all(|entry| entry.capture.is_none()) {
            return;
        }
        let Ok(message) = Message::parse(bytes::Bytes::copy_from_slice(bytes)) else { return };
        let Some(call_id) = message.call_id() else { return };
        let now = Instant::now();
        // A call that was transferred has more than one dialog.
        let of_message = self.dialogs.iter().filter(|((known, _), _)| known == call_id);
        let owners: Vec<CallId> = of_message.map(|(_, call)| *call).collect();
        for (_, entry) in self.calls.iter_mut().filter(|(call, _)| owners.contains(call)) {
            let Some(sink) = &mut entry.capture else { continue };
            match flow.transport {
                Transport::Udp => {
                    sink.datagram(now, source, destination, bytes);
                }
                // What was secret on the wire is written in the clear: who captures wants to read.
                _ => {
                    sink.stream(now, source, destination, bytes);
                }
            }
        }
    }
}

/// Seconds after which a call that is flooded may be asked again (RFC 3261 §21.5.1).
const RETRY_AFTER_S: &str = "2";

/// Whether a call goes well without it. The far end repeats a 2xx until it has the ACK, and the ACK
/// with each; a provisional response only tells of progress. The endpoint takes everything else from
/// it once.
fn may_be_lost(message: &SessionMsg) -> bool {
    let SessionMsg::Input(input) = message else { return false };
    match &**input {
        Input::Ack { .. } => true,
        Input::Response { message, .. } => message.status().is_some_and(|status| status < 300),
        _ => false,
    }
}

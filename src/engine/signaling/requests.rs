//! Requests on their way out: where to, over which flow, for whom.

use std::time::Instant;

use actix::{Context, Message};

use super::{Signaling, calls::Line, locate::Attempt, usages::Usage};
use crate::{
    base::ids::{AccountId, CallId, RequestId},
    call::{EndReason, services::Cause},
    engine::{error::ErrorKind, log::LogLevel, session::SessionMsg, shared::lock},
    net::connector::Refusal,
    proto::sip::{
        Transport,
        auth::strip,
        endpoint::ServerTransaction,
        locate::{Attempts, Target},
        replaces::Replaces,
        transaction::Failure,
        uri::{Uri, next_hop},
        wire::{Message as SipMessage, Method, Request, Response},
    },
};

/// Who asked for a request and gets its responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Call(CallId),
    Account(AccountId),
    Usage(Usage),
}

/// A request that is out, and who waits for what comes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) owner: Owner,
    pub(super) tag: u32,
    /// It went where credentials may go.
    pub(super) trusted: bool,
}

/// What a session wants of the signaling actor.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::engine) enum FromSession {
    /// Send a request in a transaction; its responses come back under `tag`.
    Request { call: CallId, tag: u32, request: Box<Request> },
    /// Cancel it.
    Cancel { call: CallId, tag: u32, headers: Vec<(String, String)> },
    /// Send the ACK of a 2xx.
    Ack { call: CallId, request: Box<Request> },
    /// Answer.
    Respond { server: ServerTransaction, response: Box<Response> },
    /// Requests with this Call-ID and tag of ours are this call's from now on, or no more.
    Dialog { call: CallId, key: (String, String), live: bool },
    /// The far end of a call to which `call` is to be transferred.
    Attended { call: CallId, target: Box<Uri>, replaces: Replaces, request: Option<RequestId> },
    /// A MESSAGE came in the call's dialog.
    Message { call: CallId, message: SipMessage },
    /// A request came in it that the host answers.
    Offer { call: CallId, server: ServerTransaction, message: SipMessage },
    /// The call is over; `known`: the host has heard of it.
    Ended { call: CallId, end: Box<End>, known: bool },
}

/// How a call ended.
#[derive(Debug)]
pub(in crate::engine) struct End {
    pub(in crate::engine) code: u16,
    pub(in crate::engine) text: String,
    pub(in crate::engine) error: Option<ErrorKind>,
    pub(in crate::engine) reason: Option<EndReason>,
    pub(in crate::engine) cause: Option<Cause>,
}

/// What the endpoint adds to a request: Via and User-Agent.
const VIA_BYTES: usize = 130;

/// A request that has no flow yet.
enum Outgoing {
    Transaction { owner: Owner, tag: u32, request: Box<Request> },
    Ack { request: Box<Request> },
}

impl Signaling {
    pub(super) fn handle_session(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        message: FromSession,
    ) {
        match message {
            FromSession::Request { call, tag, request } => {
                let Some(line) = self.calls.get(&call).map(|entry| entry.line) else { return };
                let owner = Owner::Call(call);
                self.send_request(ctx, now, line, owner, tag, request);
            }
            FromSession::Cancel { call, tag, headers } => {
                let is_wanted = |of: &Waiting| of.owner == Owner::Call(call) && of.tag == tag;
                let client = self.clients.iter().find(|(_, waiting)| is_wanted(waiting));
                if let Some(client) = client.map(|(client, _)| *client) {
                    // What is taken back is not tried elsewhere.
                    self.locations.settle(client);
                    self.endpoint.cancel_with(now, client, &headers);
                } else {
                    // Its next hop is being looked up.
                    self.taken_back.insert((call, tag));
                }
            }
            FromSession::Ack { call, request } => {
                let Some(line) = self.calls.get(&call).map(|entry| entry.line) else { return };
                self.route(ctx, now, line, Outgoing::Ack { request });
            }
            FromSession::Respond { server, response } => {
                self.endpoint.respond(now, server, *response);
            }
            FromSession::Dialog { call, key, live: true } => {
                self.dialogs.insert(key, call);
            }
            FromSession::Message { call, message } => {
                let account = self.account_of(call);
                self.tell_of_message(account, Some(call), &message);
            }
            FromSession::Offer { call, server, message } => {
                let account = self.account_of(call);
                self.offer(now, server, account, Some(call), message);
            }
            FromSession::Dialog { key, live: false, .. } => {
                self.dialogs.remove(&key);
            }
            FromSession::Attended { call, target, replaces, request } => {
                let target = *target;
                match self.calls.get(&call) {
                    // Local and rare, like every command of a host.
                    Some(entry) => entry.session.do_send(SessionMsg::TransferAttended {
                        target,
                        replaces,
                        request,
                    }),
                    None => self.reply(request, Some(ErrorKind::WrongState), "the call is over"),
                }
            }
            FromSession::Ended { call, end, known } => self.call_ended(call, *end, known),
        }
    }

    pub(super) fn account_of(&self, call: CallId) -> Option<AccountId> {
        self.calls.get(&call).and_then(|entry| lock(&entry.shared.info).account)
    }

    /// Sends a request of `owner`; without a flow its failure comes back like a transport's.
    pub(super) fn send_request(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        line: Line,
        owner: Owner,
        tag: u32,
        request: Box<Request>,
    ) {
        self.route(ctx, now, line, Outgoing::Transaction { owner, tag, request });
    }

    fn route(&mut self, ctx: &mut Context<Self>, now: Instant, line: Line, outgoing: Outgoing) {
        let hop = next_hop(outgoing.request());
        let literal = hop.as_ref().is_ok_and(|hop| hop.host.ip().is_some());
        match hop {
            Ok(hop) => {
                self.targets(ctx, now, line, &hop, move |actor, _, now, targets| match targets {
                    Ok(targets) => actor.put_on_flow(now, line, targets, literal, outgoing),
                    Err(error) => actor.unroutable(now, &outgoing, &error.message),
                })
            }
            Err(error) => {
                self.unroutable(now, &outgoing, &format!("it names no next hop: {error:?}"));
            }
        }
    }

    fn put_on_flow(
        &mut self,
        now: Instant,
        line: Line,
        targets: Vec<Target>,
        literal: bool,
        outgoing: Outgoing,
    ) {
        if let Some((owner, tag)) = self.is_taken_back(&outgoing) {
            return self.failed(now, owner, tag, Failure::Transport);
        }
        let attempts = Attempts::new(self.for_size(now, outgoing.request(), targets));
        let found = attempts.and_then(|mut attempts| {
            let flow = self.flow_of(now, line, &mut attempts)?;
            Some((attempts, flow))
        });
        let Some((attempts, flow)) = found else {
            return self.unroutable(now, &outgoing, "there is no route to it");
        };
        match outgoing {
            Outgoing::Transaction { owner, tag, request } => {
                let literal = literal && !attempts.has_more();
                self.send_attempt(
                    now,
                    flow,
                    owner,
                    tag,
                    Attempt { line, attempts, request, literal },
                );
            }
            Outgoing::Ack { mut request } => {
                if !self.is_trusted(line.account, flow) {
                    strip(&mut request);
                }
                self.endpoint.send_ack(*request, flow);
            }
        }
    }

    /// An INVITE that was cancelled while its next hop was looked up, or whose call is gone.
    fn is_taken_back(&mut self, outgoing: &Outgoing) -> Option<(Owner, u32)> {
        let Outgoing::Transaction { owner: owner @ Owner::Call(call), tag, request } = outgoing
        else {
            return None;
        };
        let gone = self.taken_back.remove(&(*call, *tag)) || !self.calls.contains_key(call);
        (request.method == Method::Invite && gone).then_some((*owner, *tag))
    }

    fn unroutable(&mut self, now: Instant, outgoing: &Outgoing, text: &str) {
        let uri = outgoing.request().uri.to_string();
        self.log(LogLevel::Warning, "sip", || format!("cannot send to {uri}: {text}"));
        if let Outgoing::Transaction { owner, tag, .. } = outgoing {
            self.fault = Some(Refusal::network(text));
            self.failed(now, *owner, *tag, Failure::Transport);
            self.fault = None;
        }
    }

    /// What is too large for UDP goes over TCP first, and over UDP after all where nobody takes the
    /// connection (RFC 3261 §18.1.1). Where that was so lately it is not tried again.
    fn for_size(&self, now: Instant, request: &Request, targets: Vec<Target>) -> Vec<Target> {
        let limit = self.shared.config.tcp_above_bytes as usize;
        if limit == 0 || request.encode().len() + VIA_BYTES <= limit {
            return targets;
        }
        let mut fitting = Vec::with_capacity(2 * targets.len());
        for target in targets {
            if target.transport == Transport::Udp {
                let stream = Target { transport: Transport::Tcp, ..target };
                if !self.locations.is_avoided(now, &stream) {
                    fitting.push(stream);
                }
            }
            fitting.push(target);
        }
        fitting
    }
}

impl Outgoing {
    fn request(&self) -> &Request {
        match self {
            Outgoing::Transaction { request, .. } | Outgoing::Ack { request } => request,
        }
    }
}

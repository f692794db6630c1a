//! Requests on their way out: where to, over which flow, for whom.

use std::{net::SocketAddr, time::Instant};

use actix::{ActorFutureExt, AsyncContext, Context, Message, fut::wrap_future};

use super::{Signaling, calls::Line};
use crate::{
    base::ids::{AccountId, CallId},
    engine::{error::ErrorKind, log::LogLevel},
    net::resolve,
    proto::sip::{
        Flow, Transport,
        endpoint::ServerTransaction,
        transaction::Failure,
        uri::{NextHop, next_hop},
        wire::{Request, Response},
    },
};

/// Who asked for a request and gets its responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Call(CallId),
    Account(AccountId),
}

/// What a session wants of the signaling actor.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::engine) enum FromSession {
    /// Send a request in a transaction; its responses come back under `tag`.
    Request { call: CallId, tag: u32, request: Box<Request> },
    /// Cancel it.
    Cancel { call: CallId, tag: u32 },
    /// Send the ACK of a 2xx.
    Ack { call: CallId, request: Box<Request> },
    /// Answer.
    Respond { server: ServerTransaction, response: Box<Response> },
    /// The call is over.
    Ended { call: CallId, code: u16, text: String, error: Option<ErrorKind> },
}

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
            FromSession::Cancel { call, tag } => {
                let wanted = (Owner::Call(call), tag);
                let client = self.clients.iter().find(|(_, owner)| **owner == wanted);
                if let Some((client, _)) = client.map(|(client, owner)| (*client, *owner)) {
                    self.endpoint.cancel(now, client);
                }
            }
            FromSession::Ack { call, request } => {
                let Some(line) = self.calls.get(&call).map(|entry| entry.line) else { return };
                self.route(ctx, now, line, Outgoing::Ack { request });
            }
            FromSession::Respond { server, response } => {
                self.endpoint.respond(now, server, *response);
            }
            FromSession::Ended { call, code, text, error } => {
                self.call_ended(call, code, text, error);
            }
        }
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
        let hop = match next_hop(outgoing.request()) {
            Ok(hop) => hop,
            Err(error) => {
                self.unroutable(now, &outgoing, &format!("no way to its next hop: {error:?}"));
                return;
            }
        };
        let (host, port, transport) = address_of(&hop, line.transport);
        if let Some(ip) = resolve::literal(&host) {
            self.put_on_flow(now, line, transport, SocketAddr::new(ip, port), outgoing);
            return;
        }
        let ipv4_first = !self.shared.config.bind.is_ipv6();
        let lookup = async move { resolve::resolve(&host, port, ipv4_first).await };
        ctx.spawn(wrap_future::<_, Self>(lookup).map(move |found, actor, ctx| {
            actor.guarded(ctx, |actor, _, now| match found {
                Ok(addresses) => {
                    actor.put_on_flow(now, line, transport, addresses[0], outgoing);
                }
                Err(error) => {
                    actor.unroutable(now, &outgoing, &format!("the name was not found: {error}"));
                }
            });
        }));
    }

    fn put_on_flow(
        &mut self,
        now: Instant,
        line: Line,
        transport: Transport,
        remote: SocketAddr,
        outgoing: Outgoing,
    ) {
        let flow = match self.transports.flow(line.port, transport, remote) {
            Ok(flow) => flow,
            Err(error) => {
                self.unroutable(now, &outgoing, &format!("no route to {remote}: {error}"));
                return;
            }
        };
        match outgoing {
            Outgoing::Transaction { owner, tag, request } => {
                let client = self.endpoint.request(now, *request, flow);
                self.clients.insert(client, (owner, tag));
            }
            Outgoing::Ack { request } => self.endpoint.send_ack(*request, flow),
        }
    }

    fn unroutable(&mut self, now: Instant, outgoing: &Outgoing, text: &str) {
        let uri = outgoing.request().uri.to_string();
        self.log(LogLevel::Warning, "sip", || format!("cannot send to {uri}: {text}"));
        if let Outgoing::Transaction { owner, tag, .. } = outgoing {
            self.failed(now, *owner, *tag, Failure::Transport);
        }
    }

    /// The flow that a call's or account's requests to `remote` would take: for what must be known
    /// before the first request.
    pub(super) fn flow_towards(&mut self, line: Line, remote: SocketAddr) -> Option<Flow> {
        self.transports.flow(line.port, line.transport, remote).ok()
    }
}

impl Outgoing {
    fn request(&self) -> &Request {
        match self {
            Outgoing::Transaction { request, .. } | Outgoing::Ack { request } => request,
        }
    }
}

/// Host, port and transport of a next hop; what it leaves open is the line's (RFC 3263 §4.1 says
/// UDP, but a far end that is reached by TCP often says nothing in its Contact).
pub(super) fn address_of(hop: &NextHop, transport: Transport) -> (String, u16, Transport) {
    let transport = hop.transport.unwrap_or(transport);
    (hop.host.to_string(), hop.port.unwrap_or(5060), transport)
}

//! Requests on their way out: where to, over which flow, for whom.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use actix::{ActorFutureExt, AsyncContext, Context, Message, fut::wrap_future};

use super::{Signaling, calls::Line};
use crate::{
    base::ids::{AccountId, CallId},
    engine::{
        error::{Error, ErrorKind},
        log::LogLevel,
    },
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
    /// The call is over; `known`: the host has heard of it.
    Ended { call: CallId, code: u16, text: String, error: Option<ErrorKind>, known: bool },
}

/// Host names found lately, so that the requests of a call do not each wait for the resolver.
#[derive(Default)]
pub(super) struct Names(HashMap<String, (Instant, IpAddr)>);

/// How long a name is believed; the system's resolver does not tell its own time.
const NAME_LIFETIME: Duration = Duration::from_secs(30);
/// Names kept at most.
const MOST_NAMES: usize = 1024;

impl Names {
    fn find(&self, now: Instant, host: &str) -> Option<IpAddr> {
        let (found, address) = self.0.get(host)?;
        (now.saturating_duration_since(*found) < NAME_LIFETIME).then_some(*address)
    }

    fn remember(&mut self, now: Instant, host: &str, address: IpAddr) {
        if self.0.len() >= MOST_NAMES {
            self.0.clear();
        }
        self.0.insert(host.to_owned(), (now, address));
    }
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
            FromSession::Ended { call, code, text, error, known } => {
                self.call_ended(call, code, text, error, known);
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
        match next_hop(outgoing.request()) {
            Ok(hop) => self.locate(ctx, now, line, &hop, move |actor, _, now, flow| match flow {
                Ok(flow) => actor.put_on_flow(now, flow, outgoing),
                Err(error) => actor.unroutable(now, &outgoing, &error.message),
            }),
            Err(error) => {
                self.unroutable(now, &outgoing, &format!("it names no next hop: {error:?}"));
            }
        }
    }

    /// Finds the flow to a next hop: at once for an address, after a look-up for a name. What the
    /// hop leaves open is the line's (RFC 3263 §4.1 says UDP, but a far end that is reached by TCP
    /// often says nothing in its Contact).
    pub(super) fn locate(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        line: Line,
        hop: &NextHop,
        then: impl FnOnce(&mut Self, &mut Context<Self>, Instant, Result<Flow, Error>) + 'static,
    ) {
        let transport = hop.transport.unwrap_or(line.transport);
        let (host, port) = (hop.host.to_string(), hop.port.unwrap_or(5060));
        if let Some(ip) = resolve::literal(&host) {
            let flow = self.flow(line, transport, SocketAddr::new(ip, port));
            then(self, ctx, now, flow);
            return;
        }
        if let Some(address) = self.names.find(now, &host) {
            let flow = self.flow(line, transport, SocketAddr::new(address, port));
            then(self, ctx, now, flow);
            return;
        }
        let ipv4_first = !self.shared.config.bind.is_ipv6();
        let name = host.clone();
        let lookup = async move { resolve::resolve(&name, port, ipv4_first).await };
        ctx.spawn(wrap_future::<_, Self>(lookup).map(move |found, actor, ctx| {
            actor.guarded(ctx, |actor, ctx, now| {
                let flow = match found.as_ref().map(|addresses| addresses.first()) {
                    Ok(Some(address)) => {
                        actor.names.remember(now, &host, address.ip());
                        actor.flow(line, transport, *address)
                    }
                    Ok(None) => Err(not_found(&host, &"it has no address")),
                    Err(error) => Err(not_found(&host, error)),
                };
                then(actor, ctx, now, flow);
            });
        }));
    }

    fn flow(
        &mut self,
        line: Line,
        transport: Transport,
        remote: SocketAddr,
    ) -> Result<Flow, Error> {
        self.transports.flow(line.port, transport, remote).map_err(|error| {
            Error::new(ErrorKind::Transport, format!("there is no route to {remote}: {error}"))
        })
    }

    fn put_on_flow(&mut self, now: Instant, flow: Flow, outgoing: Outgoing) {
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
}

impl Outgoing {
    fn request(&self) -> &Request {
        match self {
            Outgoing::Transaction { request, .. } | Outgoing::Ack { request } => request,
        }
    }
}

fn not_found(host: &str, why: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Resolve,
        format!("the host {host} was not found ({why}); check its name and the network"),
    )
}

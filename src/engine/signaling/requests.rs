//! Requests on their way out: where to, over which flow, for whom.

use std::time::Instant;

use actix::{Context, Message};

use super::{Signaling, calls::Line, locate::Attempt};
use crate::{
    base::ids::{AccountId, CallId},
    engine::{error::ErrorKind, log::LogLevel},
    proto::sip::{
        endpoint::ServerTransaction,
        locate::{Attempts, Target},
        transaction::Failure,
        uri::next_hop,
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
                if let Some(client) = client.map(|(client, _)| *client) {
                    // What is taken back is not tried elsewhere.
                    self.locations.settle(client);
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
        let attempts = Attempts::new(targets);
        let found = attempts.and_then(|mut attempts| {
            let flow = self.flow_of(now, line, &mut attempts)?;
            Some((attempts, flow))
        });
        let Some((attempts, flow)) = found else {
            return self.unroutable(now, &outgoing, "there is no route to it");
        };
        match outgoing {
            Outgoing::Transaction { owner, tag, request } => {
                self.send_attempt(
                    now,
                    flow,
                    owner,
                    tag,
                    Attempt { line, attempts, request, literal },
                );
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

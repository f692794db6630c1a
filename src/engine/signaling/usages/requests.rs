//! Requests of the host's outside of calls: finding the way, sending, telling the outcome.

use std::time::Instant;

use actix::Context;

use super::{ExchangeEntry, Signaling, Usage};
use crate::{
    base::ids::{AccountId, RequestId},
    call::usage::{Exchange, Outcome, Outgoing, UsageOutput},
    engine::{
        content::Content,
        error::{Error, ErrorKind},
        event::EventKind,
        signaling::calls::Line,
    },
    proto::sip::{
        Flow,
        transaction::Failure,
        uri::{Uri, next_hop_of},
        wire::Message,
    },
};

/// A request of the host's on its way.
pub(in crate::engine::signaling) struct Sending {
    pub(in crate::engine::signaling) account: Option<AccountId>,
    pub(in crate::engine::signaling) uri: String,
    pub(in crate::engine::signaling) outgoing: Box<Outgoing>,
    pub(in crate::engine::signaling) request: Option<RequestId>,
}

impl Signaling {
    /// Finds the way to the far end, then sends.
    pub(in crate::engine::signaling) fn send_hosts_request(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        sending: Sending,
    ) {
        let line = self.line_of(sending.account);
        let first = self.first_hop(sending.account).or_else(|| sending.uri.parse::<Uri>().ok());
        let Some(hop) = first.and_then(|uri| next_hop_of(&uri).ok()) else {
            return self.reply(sending.request, Some(ErrorKind::InvalidUri), "no such target");
        };
        self.locate(ctx, now, line, &hop, move |actor, _, now, flow| {
            if let Err(error) = flow.and_then(|flow| actor.start_exchange(now, &sending, flow)) {
                actor.reply(sending.request, Some(error.kind), &error.message);
            }
        });
    }

    fn start_exchange(
        &mut self,
        _now: Instant,
        sending: &Sending,
        flow: Flow,
    ) -> Result<(), Error> {
        let target = sending.uri.parse::<Uri>().map_err(|error| {
            Error::new(ErrorKind::InvalidUri, format!("{}: {error}", sending.uri))
        })?;
        let config = self.config_of(sending.account);
        let settings = self.usage_settings(&config, sending.account, flow);
        let machine = Exchange::new(settings, &target, &sending.outgoing, self.rng.fork());
        let line = Line {
            port: flow.local.port(),
            transport: flow.transport,
            open: false,
            home: None,
            public: config.public_address,
            account: sending.account,
        };
        self.transports.share(line.port);
        let number = self.usages.next_exchange;
        self.usages.next_exchange += 1;
        let entry = ExchangeEntry { machine, line, request: sending.request };
        self.usages.exchanges.insert(number, entry);
        self.usages.fed.push(Usage::Exchange(number));
        Ok(())
    }

    pub(super) fn drain_exchange(&mut self, ctx: &mut Context<Self>, now: Instant, number: u64) {
        let output = |actor: &mut Self| {
            let entry = actor.usages.exchanges.get_mut(&number)?;
            Some((entry.machine.poll_output()?, entry.line))
        };
        while let Some((output, line)) = output(self) {
            match output {
                UsageOutput::Request { tag, request } => {
                    self.send_of_usage(ctx, now, line, Usage::Exchange(number), tag, request);
                }
                UsageOutput::Respond { server, response } => {
                    self.endpoint.respond(now, server, response);
                }
                UsageOutput::Event(outcome) => self.exchange_ended(number, outcome),
            }
        }
    }

    fn exchange_ended(&mut self, number: u64, outcome: Outcome) {
        let Some(entry) = self.usages.exchanges.remove(&number) else { return };
        self.transports.release(entry.line.port);
        let Some(request) = entry.request else { return };
        self.shared.emit(EventKind::Reply {
            request,
            error: error_of(&outcome),
            text: outcome.text,
            code: outcome.code,
            content: outcome.response.as_ref().map(|response| Box::new(Content::of(response))),
        });
    }
}

fn error_of(outcome: &Outcome) -> Option<ErrorKind> {
    match (outcome.code, outcome.failure) {
        (_, Some(Failure::Timeout)) => Some(ErrorKind::NoAnswer),
        (_, Some(Failure::Limit)) => Some(ErrorKind::Busy),
        (_, Some(_)) => Some(ErrorKind::Transport),
        (code, None) => refusal(code),
    }
}

/// What a host decides by after a final response.
pub(in crate::engine) fn refusal(code: u16) -> Option<ErrorKind> {
    match code {
        200..300 => None,
        401 | 407 => Some(ErrorKind::Authentication),
        408 => Some(ErrorKind::NoAnswer),
        _ => Some(ErrorKind::Refused),
    }
}

/// The code and content of a response, for a reply.
pub(in crate::engine) fn answered(response: Option<&Message>) -> Option<Box<Content>> {
    response.map(|response| Box::new(Content::of(response)))
}

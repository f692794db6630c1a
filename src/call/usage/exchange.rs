//! One request outside of dialogs and what becomes of it: MESSAGE (RFC 3428), OPTIONS, or whatever
//! a host makes up (RFC 3261 §8.1).
//!
//! ```text
//! new ─> request out ─┬─ 401, 407 ─> again, with credentials
//!                     ├─ final response ──> Outcome
//!                     └─ timeout, no route ─> Outcome without a response
//! ```

use std::{collections::VecDeque, time::Instant};

use super::{
    Outgoing, UsageInput, UsageOutput, UsageSettings,
    requester::{Requester, Settled, failure_text},
};
use crate::{
    base::rng::Rng,
    call::machine::phrase,
    proto::sip::{
        transaction::Failure,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Method},
    },
};

/// How a request ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Status code; 0 when no response came.
    pub code: u16,
    /// Reason phrase, or our own words.
    pub text: String,
    /// The final response, if one came.
    pub response: Option<Message>,
    /// Why none came.
    pub failure: Option<Failure>,
}

/// One request. See the module's doc.
#[derive(Debug)]
pub struct Exchange {
    requester: Requester,
    outputs: VecDeque<UsageOutput<Outcome>>,
    cseq: u32,
}

impl Exchange {
    /// Sends `outgoing` to `target`: the request waits in the outputs.
    pub fn new(settings: UsageSettings, target: &Uri, outgoing: &Outgoing, mut rng: Rng) -> Self {
        let (call_id, from_tag) = (rng.token(26), rng.token(16));
        // Below 2^31 (RFC 3261 §8.1.1.5), and low enough to stay there.
        let cseq = 1 + rng.below(1 << 16);
        let mut exchange =
            Self { requester: Requester::new(settings, rng), outputs: VecDeque::new(), cseq };
        let method = outgoing.method.clone();
        let mut request = exchange.requester.outside(method, target, &call_id, &from_tag);
        // MESSAGE must not have one (RFC 3428 §4): it makes no dialog.
        if outgoing.method != Method::Message {
            let contact = NameAddr::new(exchange.requester.settings.contact.clone());
            request.headers.push(HeaderId::Contact, contact.to_string());
        }
        request.set_cseq(cseq);
        outgoing.dress(&mut request);
        let (tag, request) = exchange.requester.send(request);
        exchange.outputs.push_back(UsageOutput::Request { tag, request });
        exchange
    }

    /// Feeds one input; then drain [`Exchange::poll_output`]. After an [`Outcome`] nothing follows.
    pub fn handle_input(&mut self, _now: Instant, input: UsageInput) {
        let settled = match input {
            UsageInput::Response { tag, message, trusted } => {
                self.requester.handle_response(tag, message, trusted, &mut self.cseq)
            }
            UsageInput::Failed { tag, reason } => self.requester.handle_failed(tag, reason),
            UsageInput::Request { .. } | UsageInput::Timeout => None,
        };
        let outcome = match settled {
            None => return,
            Some(Settled::Again { tag, request }) => {
                return self.outputs.push_back(UsageOutput::Request { tag, request: *request });
            }
            Some(Settled::Final { status, message }) => {
                let text = phrase(&message);
                Outcome { code: status, text, response: Some(message), failure: None }
            }
            Some(Settled::Unauthorized { status, text }) => {
                Outcome { code: status, text, response: None, failure: None }
            }
            Some(Settled::Failed(reason)) => Outcome {
                code: 0,
                text: failure_text(reason).to_owned(),
                response: None,
                failure: Some(reason),
            },
        };
        self.outputs.push_back(UsageOutput::Event(outcome));
    }

    /// The next effect, oldest first.
    pub fn poll_output(&mut self) -> Option<UsageOutput<Outcome>> {
        self.outputs.pop_front()
    }
}

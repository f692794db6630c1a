//! What an account does beside its calls: single requests, and (in files of their own) what is
//! watched and published. Each is a machine of its own with the same inputs and outputs.
//!
//! ```text
//!            ┌─> Exchange      one request of any method and its final answer (RFC 3261 §8, 3428)
//! UsageInput ┼─> Subscription  SUBSCRIBE and what it brings (RFC 6665)
//!            └─> Publication   PUBLISH and its refresh (RFC 3903)
//!                     └─ UsageOutput: requests, responses, events of the machine's own type
//! ```
//!
//! One input, then drain `poll_output`, then ask `poll_timeout`. A machine has one request out at a
//! time; credentials, Route and the host's headers are put in by the requester that all share.
//! Nothing here is a call: requests within a call's dialog are the call's own
//! ([`super::Machine`]).

mod exchange;
mod publication;
mod requester;
mod state;
mod subscription;

pub use exchange::{Exchange, Outcome};
pub use publication::{
    Publication, PublicationEvent, PublicationSettings, PublicationState, Published,
};
pub use requester::{Outgoing, UsageSettings};
pub use state::{SubscriptionStateHeader, Substate, TerminationReason};
pub use subscription::{Subscription, SubscriptionEvent, SubscriptionSettings, SubscriptionState};

use crate::proto::sip::{
    endpoint::ServerTransaction,
    transaction::Failure,
    wire::{Message, Request, Response},
};

/// What goes into a usage.
#[derive(Clone, Debug)]
pub enum UsageInput {
    /// A response to a request of ours.
    Response {
        /// Tag of the request.
        tag: u32,
        /// The response.
        message: Message,
        /// The request went where credentials may go: a challenge may be answered.
        trusted: bool,
    },
    /// A request of ours came to nothing: no response, no route, no connection.
    Failed {
        /// Tag of the request.
        tag: u32,
        /// Why.
        reason: Failure,
    },
    /// A request in the usage's dialog.
    Request {
        /// Its transaction.
        server: ServerTransaction,
        /// The request.
        message: Message,
    },
    /// The time of the machine's `poll_timeout` has come.
    Timeout,
}

/// What comes out of a usage.
// Outputs are moved once, from the queue to their owner.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum UsageOutput<E> {
    /// Send a request in a new client transaction.
    Request {
        /// Number of this request within the usage.
        tag: u32,
        /// The request.
        request: Request,
    },
    /// Answer a request.
    Respond {
        /// Its transaction.
        server: ServerTransaction,
        /// The response.
        response: Response,
    },
    /// Tell the owner.
    Event(E),
}

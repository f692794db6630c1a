//! The four transaction machines (RFC 3261 §17, RFC 6026) and their timers.
//!
//! ```text
//!  client INVITE      Calling ─1xx─► Proceeding ─2xx─► Accepted ─M─►
//!                        └──────────────┴──3xx-6xx──► Completed ─D─►
//!  client             Trying ─1xx─► Proceeding ─final─► Completed ─K─►
//!  server INVITE      Proceeding ─2xx─► Accepted ─L─►
//!                        └──3xx-6xx──► Completed ─ACK─► Confirmed ─I─►
//!  server             Trying ─1xx─► Proceeding ─final─► Completed ─J─►
//! ```
//!
//! A machine takes inputs and pushes [`Action`]s; it knows neither flows nor keys nor the present
//! time. The endpoint carries the actions out.

pub mod key;
pub mod timers;

mod client;
mod client_invite;
mod server;
mod server_invite;

use std::time::Duration;

use bytes::Bytes;

pub use client::Client;
pub use client_invite::ClientInvite;
pub use server::Server;
pub use server_invite::ServerInvite;
pub use timers::{Timer, TimerTable, Timers};

use super::wire::Message;

/// Why a transaction ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// No answer within 64 × T1 (timer B or F), or none after a CANCEL.
    Timeout,
    /// The flow broke.
    Transport,
    /// Too many transactions are open; nothing was sent.
    Limit,
}

/// What a client machine is fed with.
#[derive(Debug)]
pub enum ClientInput<'a> {
    /// A response that matched the key.
    Response(&'a Message),
    /// A timer ran out.
    Timer(Timer),
    /// The flow broke.
    TransportError,
    /// Somebody says that nobody listens there: believed for as long as nobody has answered.
    Unreachable,
    /// The TU wants the INVITE cancelled.
    Cancel,
}

/// What a server machine is fed with.
#[derive(Debug)]
pub enum ServerInput {
    /// The request came again.
    Retransmission,
    /// An ACK that matched the key.
    Ack,
    /// The TU answers.
    Respond {
        /// Status code.
        status: u16,
        /// The whole response.
        octets: Bytes,
    },
    /// A timer ran out.
    Timer(Timer),
    /// The flow broke.
    TransportError,
}

/// What a machine wants done, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Send these octets on the transaction's flow.
    Transmit(Bytes),
    /// Start or restart a timer.
    Arm(Timer, Duration),
    /// Stop a timer.
    Disarm(Timer),
    /// Hand the message of this input to the TU.
    Deliver,
    /// Send a CANCEL in a transaction of its own.
    StartCancel,
    /// Answer 100 (Trying) on the TU's behalf.
    Trying,
    /// Tell the TU.
    Fail(Failure),
    /// The transaction is over; nothing follows.
    Terminate,
}

//! What an endpoint is told once.

use std::time::Duration;

use crate::proto::sip::{transaction::Timers, wire::Method};

/// Settings of an [`super::Endpoint`].
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// T1, T2 and T4.
    pub timers: Timers,
    /// Text of User-Agent in requests and Server in responses; empty leaves them out.
    pub user_agent: String,
    /// Methods that reach the TU; any other gets 405 or 501.
    pub allow: Vec<Method>,
    /// Every other method reaches the TU as well.
    pub allow_any: bool,
    /// Option tags that the TU supports; a Require for any other gets 420.
    pub supported: Vec<String>,
    /// Media types that an INVITE may carry; any other gets 415.
    pub accept: Vec<String>,
    /// Answer OPTIONS outside dialogs here, with the three lists above.
    pub answer_options: bool,
    /// Bounds.
    pub limits: Limits,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            timers: Timers::default(),
            user_agent: String::new(),
            allow: vec![
                Method::Invite,
                Method::Ack,
                Method::Cancel,
                Method::Bye,
                Method::Options,
                Method::Info,
                Method::Update,
            ],
            allow_any: false,
            supported: Vec::new(),
            accept: vec!["application/sdp".to_owned()],
            answer_options: true,
            limits: Limits::default(),
        }
    }
}

/// Bounds of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most server transactions at once; further requests get 503. One lasts 64*T1 (32 s) over UDP,
    /// so that this is 1500 calls a second.
    pub server_transactions: usize,
    /// Most of them that one source (an address, an IPv6 /64) may have open.
    pub server_transactions_of_a_source: usize,
    /// Most client transactions at once; further ones fail at once.
    pub client_transactions: usize,
    /// Retry-After of that 503.
    pub retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            server_transactions: 100_000,
            server_transactions_of_a_source: 80_000,
            client_transactions: 100_000,
            retry_after: Duration::from_secs(10),
        }
    }
}

/// What an endpoint has dropped, refused or repeated since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Octets that are no message, and messages that cannot be answered.
    pub malformed: u64,
    /// Empty datagrams that keep a NAT open.
    pub keep_alives: u64,
    /// Requests refused before any TU saw them.
    pub refused: u64,
    /// Requests and responses that came again.
    pub repeated_in: u64,
    /// Messages that timers sent again.
    pub repeated_out: u64,
    /// Responses that belong to no transaction.
    pub stray_responses: u64,
    /// Answers of the TU to a transaction that is over.
    pub late_answers: u64,
    /// Requests in either direction that met a limit.
    pub over_limit: u64,
}

impl Counters {
    /// Messages that came in and were dropped without an answer.
    pub fn dropped(&self) -> u64 {
        self.malformed + self.stray_responses
    }
}

//! The endpoint: octets in, matched to a transaction or screened, events out.
//!
//! ```text
//!  handle_message ─► parse ─┬─ response ─► client transaction ──► Event(Response)
//!                           └─ request ─┬─ known key ─► server transaction (repeats, ACK)
//!                                       ├─ CANCEL ────► Event(Cancelled)
//!                                       └─ new ─► screen ─► Event(Request)
//!  request, respond, cancel, send_ack ─► transaction ─► Transmit
//! ```
//!
//! **Drain rule:** after every `handle_*` and every command, call [`Endpoint::poll_output`] until it
//! gives `None`, then arm one timer for [`Endpoint::poll_timeout`].
//!
//! Not here: dialogs (the owner of the dialog map answers 481), name resolution, sockets.

mod client_side;
mod config;
mod screen;
mod server_side;

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use bytes::Bytes;

pub use config::{Counters, EndpointConfig, Limits};

use super::{
    Flow,
    transaction::{
        Failure, TimerTable,
        key::{ClientKey, MergeKey, ServerKey},
    },
    via::{BRANCH_COOKIE, Via},
    wire::{HeaderId, Message, ParseError, Request},
};
use crate::base::rng::Rng;
use client_side::ClientEntry;
use server_side::ServerEntry;

/// Names a request that we sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientTransaction(u64);

/// Names a request that we received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerTransaction(u64);

/// What an endpoint wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send these octets: one datagram, or so many octets of the stream.
    Transmit {
        /// The way.
        flow: Flow,
        /// The message.
        bytes: Bytes,
    },
    /// Something for the transaction user.
    Event(TuEvent),
}

/// What a transaction user is told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TuEvent {
    /// A new request that passed the screening; it wants an answer.
    Request {
        /// Where the answer goes in.
        server: ServerTransaction,
        /// The way it came.
        flow: Flow,
        /// The request.
        message: Message,
    },
    /// The far end cancelled this INVITE before its final answer; the TU answers it with 487. The
    /// CANCEL itself has been answered.
    Cancelled {
        /// The INVITE.
        server: ServerTransaction,
        /// The CANCEL.
        message: Message,
    },
    /// An ACK of a 2xx, or one that nothing here waits for.
    Ack {
        /// The way it came.
        flow: Flow,
        /// The ACK.
        message: Message,
    },
    /// A response: each provisional one, the final one, and every 2xx to an INVITE.
    Response {
        /// The request that it answers.
        client: ClientTransaction,
        /// The way it came.
        flow: Flow,
        /// The response.
        message: Message,
    },
    /// No final answer will come.
    Failed {
        /// The request.
        client: ClientTransaction,
        /// Why.
        reason: Failure,
    },
    /// Our final refusal of an INVITE was never acknowledged, or its flow broke before the answer.
    ServerFailed {
        /// The INVITE.
        server: ServerTransaction,
        /// Why.
        reason: Failure,
    },
    /// Nothing more comes under this id.
    ClientEnded {
        /// The request.
        client: ClientTransaction,
    },
    /// Nothing more comes under this id, and no answer to it can be sent.
    ServerEnded {
        /// The request.
        server: ServerTransaction,
    },
}

/// All transactions of one SIP element.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    rng: Rng,
    tag_secret: u64,
    next_id: u64,
    timers: TimerTable,
    clients: HashMap<u64, ClientEntry>,
    client_keys: HashMap<ClientKey, u64>,
    servers: HashMap<u64, ServerEntry>,
    server_keys: HashMap<ServerKey, u64>,
    merge_keys: HashMap<MergeKey, u64>,
    /// Server transactions that each source has open.
    open_of_source: HashMap<IpAddr, usize>,
    outputs: VecDeque<Output>,
    counters: Counters,
}

impl Endpoint {
    /// An endpoint without transactions.
    pub fn new(config: EndpointConfig, mut rng: Rng) -> Self {
        Self {
            config,
            tag_secret: rng.u64(),
            rng,
            next_id: 1,
            timers: TimerTable::default(),
            clients: HashMap::new(),
            client_keys: HashMap::new(),
            servers: HashMap::new(),
            server_keys: HashMap::new(),
            merge_keys: HashMap::new(),
            open_of_source: HashMap::new(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// The settings.
    pub fn config(&self) -> &EndpointConfig {
        &self.config
    }

    /// Lets go of the room that transactions took which are no more.
    pub fn shrink(&mut self) {
        self.clients.shrink_to_fit();
        self.client_keys.shrink_to_fit();
        self.servers.shrink_to_fit();
        self.server_keys.shrink_to_fit();
        self.merge_keys.shrink_to_fit();
        self.open_of_source.shrink_to_fit();
        self.outputs.shrink_to_fit();
        self.timers.shrink();
    }

    /// What was dropped, refused and repeated so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many client and server transactions are open.
    pub fn open_transactions(&self) -> (usize, usize) {
        (self.clients.len(), self.servers.len())
    }

    /// Takes a datagram, or one message that a [`super::wire::Framer`] cut out of a stream.
    pub fn handle_message(&mut self, now: Instant, flow: Flow, bytes: Bytes) {
        match Message::parse(bytes) {
            Ok(message) if message.is_request() => self.handle_request(now, flow, message),
            Ok(message) => self.handle_response(now, flow, message),
            Err(ParseError::KeepAlive) => self.counters.keep_alives += 1,
            Err(_) => self.counters.malformed += 1,
        }
    }

    /// The flow is gone: a TCP connection closed, or an address that cannot be reached. What waits
    /// on it fails.
    pub fn handle_flow_failed(&mut self, now: Instant, flow: Flow) {
        self.fail_clients(now, flow);
        self.fail_servers(now, flow);
    }

    /// An ICMP error says that nobody listens at `remote`, and quotes the beginning of a datagram of
    /// ours. Anybody can write such an error, but nobody off the way can guess a branch: only the
    /// transaction whose request is quoted fails, and a quotation without its branch counts for
    /// nothing. Those whom the request was handed on to know the branch too: once there is a response
    /// an error counts for nothing either. Whether one failed.
    pub fn handle_unreachable(&mut self, now: Instant, remote: SocketAddr, quoted: &[u8]) -> bool {
        self.fail_client(now, remote, quoted)
    }

    /// Runs every timer that is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((id, timer)) = self.timers.pop(now) {
            if self.clients.contains_key(&id) {
                self.client_timer(now, id, timer);
            } else {
                self.server_timer(now, id, timer);
            }
        }
    }

    /// When [`Endpoint::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// The next thing to be done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Sends the ACK of a 2xx, which is a transaction of its own without an answer
    /// (RFC 3261 §13.2.2.4). It is sent anew for every repeated 2xx.
    pub fn send_ack(&mut self, mut ack: Request, flow: Flow) {
        let branch = self.branch();
        self.complete(&mut ack, flow, &branch);
        self.transmit(flow, ack.encode());
    }

    /// Adds what every request of ours carries.
    fn complete(&self, request: &mut Request, flow: Flow, branch: &str) {
        request.headers.remove(HeaderId::Via);
        request.headers.push_front(HeaderId::Via, Via::for_request(flow, branch).to_string());
        request.headers.set_default(HeaderId::MaxForwards, "70");
        if !self.config.user_agent.is_empty() {
            request.headers.set_default(HeaderId::UserAgent, &self.config.user_agent);
        }
    }

    fn branch(&mut self) -> String {
        format!("{BRANCH_COOKIE}{}", self.rng.token(20))
    }

    /// A To tag that is the same for every copy of a request (RFC 3261 §8.2.7).
    fn stateless_tag(&self, request: &Message) -> String {
        let mut hasher = DefaultHasher::new();
        self.tag_secret.hash(&mut hasher);
        for id in [HeaderId::Via, HeaderId::CallId, HeaderId::CSeq, HeaderId::From] {
            request.header(id).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }

    fn take_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn transmit(&mut self, flow: Flow, bytes: Bytes) {
        self.outputs.push_back(Output::Transmit { flow, bytes });
    }

    fn event(&mut self, event: TuEvent) {
        self.outputs.push_back(Output::Event(event));
    }
}

//! SIP (RFC 3261): messages, transactions, dialogs, the endpoint.
//!
//! Values without socket, clock or thread: bytes and the present `Instant` go in, bytes, events and
//! the next wake-up come out.
//!
//! ```text
//!  bytes ─► wire ─► endpoint ─► transaction ─► TuEvent ─► call, registration
//!  bytes ◄─ wire ◄─ endpoint ◄─ transaction ◄─ Request, Response ◄─ dialog, auth
//! ```
//!
//! What is not here: the resolver, sockets, calls, registrations.

pub mod auth;
pub mod dialog;
pub mod endpoint;
pub mod locate;
pub mod reason;
pub mod replaces;
pub mod route;
pub mod rsip;
pub mod sources;
pub mod transaction;
pub mod uri;
pub mod via;
pub mod wire;

mod name_addr;

use std::net::SocketAddr;

/// A transport of SIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// One message per datagram; transactions repeat what may be lost.
    Udp,
    /// Messages framed by Content-Length; nothing is repeated by the transactions.
    Tcp,
}

impl Transport {
    /// The name in Via and, in any case, in a URI's `transport` parameter.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        }
    }

    /// From a name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Transport::Udp, Transport::Tcp]
            .into_iter()
            .find(|transport| transport.name().eq_ignore_ascii_case(name))
    }

    /// Whether the transport itself repeats what was lost.
    pub fn is_reliable(self) -> bool {
        self == Transport::Tcp
    }
}

/// The way of a message: transport and both addresses. For UDP a pair of addresses, for TCP one
/// connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flow {
    /// The transport.
    pub transport: Transport,
    /// Our address, never a wildcard: it goes into Via.
    pub local: SocketAddr,
    /// The far end's address.
    pub remote: SocketAddr,
}

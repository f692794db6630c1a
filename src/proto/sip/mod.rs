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
pub mod keep_alive;
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
mod next_hop;

use std::net::SocketAddr;

/// A transport of SIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// One message per datagram; transactions repeat what may be lost.
    Udp,
    /// Messages framed by Content-Length; nothing is repeated by the transactions.
    Tcp,
    /// TLS over TCP, framed as TCP.
    Tls,
    /// WebSocket over TCP, one message per frame (RFC 7118).
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Transport {
    /// All of them.
    pub const ALL: [Transport; 5] =
        [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws, Transport::Wss];

    /// The name in Via and, in any case, in a URI's `transport` parameter.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
        }
    }

    /// From a name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transport| transport.name().eq_ignore_ascii_case(name))
    }

    /// Whether the transport itself repeats what was lost.
    pub fn is_reliable(self) -> bool {
        self != Transport::Udp
    }

    /// Whether nobody on the way can read or change what it carries.
    pub fn is_secure(self) -> bool {
        matches!(self, Transport::Tls | Transport::Wss)
    }

    /// Whether it brings whole messages in frames of a WebSocket.
    pub fn is_websocket(self) -> bool {
        matches!(self, Transport::Ws | Transport::Wss)
    }

    /// The one to take for a `sips:` URI that names this one; UDP has none (RFC 3261 §26.2.2,
    /// RFC 7118 §5.3).
    pub fn secured(self) -> Option<Self> {
        match self {
            Transport::Udp => None,
            Transport::Tcp | Transport::Tls => Some(Transport::Tls),
            Transport::Ws | Transport::Wss => Some(Transport::Wss),
        }
    }

    /// Port when nobody names one (RFC 3261 §19.1.2, RFC 7118 §5.3).
    pub fn default_port(self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
            Transport::Ws => 80,
            Transport::Wss => 443,
        }
    }
}

/// The way of a message: transport and both addresses. For UDP a pair of addresses, for the others
/// one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flow {
    /// The transport.
    pub transport: Transport,
    /// Our address, never a wildcard: it goes into Via.
    pub local: SocketAddr,
    /// The far end's address.
    pub remote: SocketAddr,
}

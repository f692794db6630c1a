//! Finding where the next hop is (RFC 3263): which questions the DNS is asked, in which order its
//! answers are tried, what is passed over for a while because it failed.
//!
//! ```text
//! NextHop ─► Locator ─Question─► resolver ─Answer─► Locator ─► Vec<Target> ─► Book ─► Attempts
//!                                                                 cache, blacklist    one request
//! ```
//!
//! * [`Locator`] asks NAPTR, SRV, A and AAAA (§4.1, §4.2), and puts SRV records in the order of
//!   RFC 2782.
//! * [`Book`] keeps what was found for as long as it is valid, and knows what failed lately.
//! * [`Attempts`] goes from target to target for one request (§4.3).

mod attempts;
mod blacklist;
mod book;
mod locator;
mod order;
#[cfg(test)]
mod tests;

pub use attempts::{Attempts, Failing};
pub use blacklist::{Blacklist, BlacklistTimes};
pub use book::Book;
pub use locator::{LocateError, Locator, Step};

use std::net::SocketAddr;

use super::{Transport, uri::Host};

/// A place that a request can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The transport.
    pub transport: Transport,
    /// The address.
    pub address: SocketAddr,
    /// Those of a lower rank are tried first; within one rank the load is shared.
    pub rank: u16,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.transport.name())
    }
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sought {
    /// Name or address.
    pub host: Host,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The transport, where one is asked for.
    pub transport: Option<Transport>,
}

/// A transport as the DNS names it.
struct Service {
    transport: Transport,
    /// Service field of NAPTR (RFC 3263 §4.1, RFC 7118 §5.3).
    naptr: &'static str,
    /// First labels of the SRV name.
    srv: &'static str,
}

/// In the order in which they are asked for when the domain has no NAPTR records.
const SERVICES: [Service; 5] = [
    Service { transport: Transport::Udp, naptr: "SIP+D2U", srv: "_sip._udp" },
    Service { transport: Transport::Tcp, naptr: "SIP+D2T", srv: "_sip._tcp" },
    Service { transport: Transport::Tls, naptr: "SIPS+D2T", srv: "_sips._tcp" },
    Service { transport: Transport::Ws, naptr: "SIP+D2W", srv: "_sip._ws" },
    Service { transport: Transport::Wss, naptr: "SIPS+D2W", srv: "_sips._ws" },
];

fn service(transport: Transport) -> &'static Service {
    SERVICES.iter().find(|service| service.transport == transport).unwrap_or(&SERVICES[0])
}

/// What is asked for when neither URI nor NAPTR says anything. WebSockets are for who asks for them.
fn usual_transports() -> Vec<Transport> {
    let all = SERVICES.iter().map(|service| service.transport);
    all.filter(|transport| !transport.is_websocket()).collect()
}

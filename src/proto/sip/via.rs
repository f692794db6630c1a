//! The Via header field (RFC 3261 §20.42, RFC 3581).

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use super::{
    Flow,
    uri::Host,
    wire::text::{self, Params},
};

/// Default port of UDP and TCP (RFC 3261 §19.1.2).
pub const DEFAULT_PORT: u16 = 5060;

/// The cookie in front of every branch of RFC 3261 (§8.1.1.7).
pub const BRANCH_COOKIE: &str = "z9hG4bK";

/// One Via value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `SIP/2.0` as a rule; kept, so that an answer can go out whatever it says.
    pub protocol: String,
    /// `UDP`, `TCP`, or anything else, as written.
    pub transport: String,
    /// Host of the sent-by.
    pub host: Host,
    /// Port of the sent-by, when written.
    pub port: Option<u16>,
    /// Parameters: branch, received, rport, maddr, ….
    pub params: Params,
}

impl Via {
    /// The Via of a request that leaves on `flow`, asking for the reply where it came from
    /// (RFC 3581).
    pub fn for_request(flow: Flow, branch: &str) -> Self {
        let mut params = Params::default();
        params.set("branch", Some(branch));
        params.set("rport", None);
        Self {
            protocol: "SIP/2.0".to_owned(),
            transport: flow.transport.name().to_owned(),
            host: Host::Ip(flow.local.ip()),
            port: Some(flow.local.port()),
            params,
        }
    }

    /// Reads one value; white space may stand around every separator.
    pub fn parse(value: &str) -> Option<Self> {
        let (head, params) = match text::find_outside(value, ';') {
            Some(at) => value.split_at(at),
            None => (value, ""),
        };
        let (name, rest) = head.split_once('/')?;
        let (version, rest) = rest.split_once('/')?;
        let (transport, sent_by) = text::trim(rest).split_once([' ', '\t'])?;
        let (name, version) = (text::trim(name), text::trim(version));
        if !text::is_token(name) || !text::is_token(version) || !text::is_token(transport) {
            return None;
        }
        let (host, port) = Host::parse_with_port(sent_by)?;
        Some(Self {
            protocol: format!("{name}/{version}"),
            transport: transport.to_owned(),
            host,
            port,
            params: Params::parse(params)?,
        })
    }

    /// The branch.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch").filter(|branch| !branch.is_empty())
    }

    /// The branch if it is one of RFC 3261: the cookie and something behind it.
    pub fn unique_branch(&self) -> Option<&str> {
        self.branch().filter(|branch| {
            branch.len() > BRANCH_COOKIE.len()
                && branch
                    .get(..BRANCH_COOKIE.len())
                    .is_some_and(|cookie| cookie.eq_ignore_ascii_case(BRANCH_COOKIE))
        })
    }

    /// Notes where the request came from: `received` when the sent-by says otherwise or the sender
    /// asked for `rport`, which then gets the source port (RFC 3261 §18.2.1, RFC 3581 §4).
    pub fn note_source(&mut self, source: SocketAddr) {
        let ip = source.ip().to_canonical();
        let asked = self.params.has("rport");
        if asked || self.host.ip() != Some(ip) {
            self.params.set("received", Some(&ip.to_string()));
        }
        if asked {
            self.params.set("rport", Some(&source.port().to_string()));
        }
    }

    /// Where the answer to a request goes that came on `flow` (RFC 3261 §18.2.2, RFC 3581 §4). On
    /// streams that is the flow itself. A name in maddr is not looked up.
    pub fn reply_flow(&self, flow: Flow) -> Flow {
        if flow.transport.is_reliable() {
            return flow;
        }
        let port = self.port.unwrap_or(DEFAULT_PORT);
        let maddr = self.params.value("maddr").and_then(Host::parse).and_then(|host| host.ip());
        if let Some(ip) = maddr.filter(|ip| is_sendable(*ip, flow.local.ip())) {
            return Flow { remote: SocketAddr::new(ip, port), ..flow };
        }
        let port = if self.params.has("rport") { flow.remote.port() } else { port };
        Flow { remote: SocketAddr::new(flow.remote.ip(), port), ..flow }
    }

    /// Host and port of the sent-by in the form that keys compare: lower case, port written.
    pub fn sent_by(&self) -> String {
        format!("{}:{}", self.host, self.port.unwrap_or(DEFAULT_PORT)).to_ascii_lowercase()
    }
}

/// No broadcast, no wildcard, and of the family that the socket has.
fn is_sendable(ip: IpAddr, local: IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    !broadcast && !ip.is_unspecified() && ip.is_ipv4() == local.is_ipv4()
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {}", self.protocol, self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::sip::Transport;

    fn flow(remote: &str) -> Flow {
        Flow {
            transport: Transport::Udp,
            local: "127.0.0.1:5060".parse().unwrap(),
            remote: remote.parse().unwrap(),
        }
    }

    #[test]
    fn reads_white_space_around_every_separator() {
        let via = Via::parse("SIP  /   2.0   /UDP     192.0.2.2;branch = 390skdjuw").unwrap();
        assert_eq!(via.to_string(), "SIP/2.0/UDP 192.0.2.2;branch=390skdjuw");
        let via =
            Via::parse("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKa");
        assert_eq!(via.unwrap().unique_branch(), Some("z9hG4bKa"));
        assert!(Via::parse("SIP/2.0/UDP").is_none());
        assert!(Via::parse("SIP/2.0/UDP a b").is_none());
    }

    #[test]
    fn answers_go_to_the_sent_by_port_unless_rport_was_asked_for() {
        let mut via = Via::parse("SIP/2.0/UDP host5.example.com;branch=z9hG4bKa").unwrap();
        via.note_source("192.0.2.9:6000".parse().unwrap());
        assert_eq!(via.params.value("received"), Some("192.0.2.9"));
        assert!(!via.params.has("rport"));
        let reply = via.reply_flow(flow("192.0.2.9:6000"));
        assert_eq!(reply.remote, "192.0.2.9:5060".parse().unwrap());

        let mut via = Via::parse("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa").unwrap();
        via.note_source("192.0.2.9:6000".parse().unwrap());
        assert_eq!(via.params.value("rport"), Some("6000"));
        let reply = via.reply_flow(flow("192.0.2.9:6000"));
        assert_eq!(reply.remote, "192.0.2.9:6000".parse().unwrap());
    }

    #[test]
    fn never_answers_to_the_broadcast_address() {
        let via = Via::parse("SIP/2.0/UDP h;maddr=255.255.255.255;branch=z9hG4bKa").unwrap();
        let reply = via.reply_flow(flow("192.0.2.9:6000"));
        assert_eq!(reply.remote, "192.0.2.9:5060".parse().unwrap());
    }
}

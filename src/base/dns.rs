//! Records of the DNS as they are asked for and answered: where the resolver (floor 3) and the rules
//! of RFC 3263 (floor 1) meet.

use std::net::IpAddr;

/// A question for the resolver. Names are without the final dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// NAPTR records of a domain (RFC 3403).
    Naptr(String),
    /// SRV records of a service name such as `_sip._udp.example.com` (RFC 2782).
    Srv(String),
    /// A and AAAA records of a host.
    Addresses(String),
}

impl Question {
    /// The name that is asked about.
    pub fn name(&self) -> &str {
        match self {
            Question::Naptr(name) | Question::Srv(name) | Question::Addresses(name) => name,
        }
    }
}

/// What the resolver found; an empty list stands for "there is none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::Naptr`].
    Naptr(Vec<Naptr>),
    /// To [`Question::Srv`].
    Srv(Vec<Srv>),
    /// To [`Question::Addresses`].
    Addresses(Vec<IpAddr>),
    /// The resolver failed: no server answered, or one said so.
    Failed(String),
}

/// A NAPTR record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naptr {
    /// Lower ones are used first, and only then others.
    pub order: u16,
    /// Of those with the same order, lower ones first.
    pub preference: u16,
    /// `s`: SRV follows, `a`: addresses follow.
    pub flags: String,
    /// `SIP+D2U`, `SIP+D2T`, `SIPS+D2T`, …
    pub service: String,
    /// A rewriting rule; SIP has none.
    pub regexp: String,
    /// The name to go on with.
    pub replacement: String,
}

/// An SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// Lower ones are used first.
    pub priority: u16,
    /// Share of the load among those with the same priority.
    pub weight: u16,
    /// Port.
    pub port: u16,
    /// Host; empty (the root): the service is decidedly not offered.
    pub target: String,
}

//! Which realms a password is for, and on which way (RFC 3261 §22.3, RFC 7616 §5).
//!
//! Whoever gets a digest of the password can guess at it in peace, and everybody on the way of a
//! request can ask for one, in any realm's name: whom we call, and whoever calls us. So digests go
//! where the account's own servers are, in the realms that are theirs:
//!
//! ```text
//!  realms named by the host ─────────> those alone, whoever asks; `*`: any
//!  none named: the next hop is ─┬─ a stranger ──────────────────────────────> refused
//!  an own server, and the realm └─ is the account's domain, by name ────────> answered
//!                                  challenged the account's own REGISTER ───> learnt, answered
//!                                  is the first, nothing being learnt, and
//!                                    the request is outside of dialogs ─────> learnt, answered
//!                                  is any other ────────────────────────────> refused
//! ```
//!
//! A far end behind our own proxy can still ask in the proxy's name: the proxy hands it on.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::proto::sip::{
    uri::{Host, NameAddr, next_hop},
    wire::{HeaderId, Method, Request},
};

/// The realms that credentials are for.
#[derive(Clone, Debug)]
pub enum Realms {
    /// Whichever asks, be it a stranger's.
    Any,
    /// These, by their exact names.
    Named(Vec<String>),
    /// Those of the account's own servers. Whoever has a copy shares what is learnt.
    Own(Arc<OwnRealms>),
}

/// What an account knows of its own servers.
#[derive(Debug)]
pub struct OwnRealms {
    servers: Vec<String>,
    learnt: Mutex<Learnt>,
}

#[derive(Debug, Default)]
struct Learnt {
    realms: Vec<String>,
    /// Where the servers were found lately.
    addresses: VecDeque<IpAddr>,
}

impl Realms {
    /// Those that a host named; `*` among them is any.
    pub fn named(names: Vec<String>) -> Self {
        if names.iter().any(|name| name == "*") { Realms::Any } else { Realms::Named(names) }
    }

    /// Those of an account's own servers: its domain, its registrar, its proxies.
    pub fn own<'a>(servers: impl IntoIterator<Item = &'a Host>) -> Self {
        let servers = servers.into_iter().map(|host| host.to_string().to_ascii_lowercase());
        let own = OwnRealms { servers: servers.collect(), learnt: Mutex::default() };
        Realms::Own(Arc::new(own))
    }

    /// Notes the address that a request of the account's went to. Where one of its own servers is,
    /// digests may go to from then on: far ends that are the server itself (a B2BUA) and proxies
    /// that record their routes give their address for their name.
    pub fn went(&self, request: &Request, to: IpAddr) {
        let Realms::Own(own) = self else { return };
        if !own.lead_home(request) {
            return;
        }
        own.with_learnt(|learnt| {
            learnt.addresses.retain(|known| *known != to);
            learnt.addresses.push_back(to);
            if learnt.addresses.len() > MOST_ADDRESSES {
                learnt.addresses.pop_front();
            }
        });
    }

    /// Whether a digest for a realm may go into a request.
    pub(super) fn admit(&self, request: &Request, realm: &str) -> bool {
        match self {
            Realms::Any => true,
            Realms::Named(names) => names.iter().any(|name| name == realm),
            Realms::Own(own) => {
                let named = own.servers.iter().any(|server| server.eq_ignore_ascii_case(realm));
                let known = |learnt: &mut Learnt| learnt.realms.iter().any(|known| known == realm);
                own.lead_home(request) && (named || own.with_learnt(known))
            }
        }
    }

    /// Whether those who challenged this request are the account's own servers, so that their realms
    /// may be learnt.
    pub(super) fn learn_from(&self, request: &Request) -> bool {
        let Realms::Own(own) = self else { return false };
        request.method == Method::Register
            || (is_outside(request)
                && own.lead_home(request)
                && own.with_learnt(|learnt| learnt.realms.is_empty()))
    }

    /// Learns a realm, unless there were too many.
    pub(super) fn learn(&self, realm: &str) {
        let Realms::Own(own) = self else { return };
        own.with_learnt(|learnt| {
            if learnt.realms.len() < MOST_REALMS {
                learnt.realms.push(realm.to_owned());
            }
        });
    }
}

impl OwnRealms {
    /// Whether a request goes to one of the account's own servers next. A Route outside of dialogs is
    /// always the account's: its proxies, or what its registrar says; within a dialog it is what the
    /// far end says.
    fn lead_home(&self, request: &Request) -> bool {
        let routed = request.headers.value(HeaderId::Route).is_some();
        request.method == Method::Register
            || (routed && is_outside(request))
            || next_hop(request).is_ok_and(|hop| self.is_server(&hop.host))
    }

    fn is_server(&self, host: &Host) -> bool {
        let name = host.to_string().to_ascii_lowercase();
        self.servers.iter().any(|server| match host {
            Host::Ip(_) => *server == name,
            // A domain's own hosts are the domain's: one proxy of many.
            Host::Name(_) => name
                .strip_suffix(server.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        }) || host.ip().is_some_and(|ip| self.with_learnt(|learnt| learnt.addresses.contains(&ip)))
    }

    fn with_learnt<T>(&self, work: impl FnOnce(&mut Learnt) -> T) -> T {
        work(&mut self.learnt.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a request is part of no dialog.
fn is_outside(request: &Request) -> bool {
    let to = request.headers.value(HeaderId::To).and_then(NameAddr::parse);
    to.is_none_or(|to| to.tag().is_none())
}

/// Realms that an account learns at most: a registrar that names another each time is not to be
/// followed for ever.
pub const MOST_REALMS: usize = 8;
/// Addresses of an account's servers that are remembered.
const MOST_ADDRESSES: usize = 16;

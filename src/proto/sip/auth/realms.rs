//! Which realms a password is for (RFC 3261 §22.3, RFC 7616 §5).
//!
//! Whoever gets a digest of the password can guess at it in peace, and everybody on the way of a
//! request can ask for one, in any realm's name: whom we call, and whoever calls us. So digests go
//! to the account's own servers alone, which the owner of a request sees by where it goes, and in the
//! realms that are theirs:
//!
//! ```text
//!  realms named by the host ─────────> those alone, whoever asks; `*`: any
//!  none named: the request went to ─┬─ a stranger ──────────────────────────> refused
//!  an own server, and the realm     └─ is the account's domain, by name ────> answered
//!                                  challenged the account's own REGISTER ───> learnt, answered
//!                                  is the first, nothing being learnt, and
//!                                    the request is outside of dialogs ─────> learnt, answered
//!                                  is any other ────────────────────────────> refused
//! ```
//!
//! A far end behind our own proxy can still ask in the proxy's name: the proxy hands it on.
//!
//! Not here: where those servers are, and which way a request takes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::proto::sip::{
    uri::{Host, NameAddr},
    wire::{HeaderId, Method, Request},
};

/// The realms that credentials are for.
#[derive(Clone, Debug)]
pub enum Realms {
    /// Whichever asks, be it a stranger's.
    Any,
    /// These, by their exact names, whoever asks.
    Named(Vec<String>),
    /// Those of the account's own servers. Whoever has a copy shares what is learnt.
    Own(Arc<OwnRealms>),
}

/// What an account knows of its own servers' realms.
#[derive(Debug)]
pub struct OwnRealms {
    servers: Vec<String>,
    /// The latest is the last.
    learnt: Mutex<VecDeque<String>>,
}

impl Realms {
    /// Those that a host named; `*` among them is any.
    pub fn named(names: Vec<String>) -> Self {
        if names.iter().any(|name| name == "*") { Realms::Any } else { Realms::Named(names) }
    }

    /// Those of an account's own servers: its domain, its registrar, its proxies.
    pub fn own<'a>(servers: impl IntoIterator<Item = &'a Host>) -> Self {
        let servers = servers.into_iter().map(Host::to_string).collect();
        Realms::Own(Arc::new(OwnRealms { servers, learnt: Mutex::default() }))
    }

    /// Whether digests are for the account's own servers alone, and not for whoever asks in the right
    /// realm.
    pub fn stay_home(&self) -> bool {
        matches!(self, Realms::Own(_))
    }

    /// Whether a realm is one of them.
    pub(super) fn admit(&self, realm: &str) -> bool {
        match self {
            Realms::Any => true,
            Realms::Named(names) => names.iter().any(|name| name == realm),
            Realms::Own(own) => {
                own.servers.iter().any(|server| server.eq_ignore_ascii_case(realm))
                    || own.with_learnt(|learnt| learnt.iter().any(|known| known == realm))
            }
        }
    }

    /// Whether the realms of those own servers may be learnt who challenged this request.
    pub(super) fn learn_from(&self, request: &Request) -> bool {
        let Realms::Own(own) = self else { return false };
        request.method == Method::Register
            || (is_outside(request) && own.with_learnt(|learnt| learnt.is_empty()))
    }

    /// Learns a realm; of too many the oldest is forgotten.
    pub(super) fn learn(&self, realm: &str) {
        let Realms::Own(own) = self else { return };
        own.with_learnt(|learnt| {
            learnt.push_back(realm.to_owned());
            if learnt.len() > MOST_REALMS {
                learnt.pop_front();
            }
        });
    }
}

impl OwnRealms {
    fn with_learnt<T>(&self, work: impl FnOnce(&mut VecDeque<String>) -> T) -> T {
        work(&mut self.learnt.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a request is part of no dialog.
fn is_outside(request: &Request) -> bool {
    let to = request.headers.value(HeaderId::To).and_then(NameAddr::parse);
    to.is_none_or(|to| to.tag().is_none())
}

/// Realms that an account knows at most: a registrar that names another each time is not to be
/// remembered for ever.
pub const MOST_REALMS: usize = 8;

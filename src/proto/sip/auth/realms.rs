//! Which realms a password is for (RFC 3261 §22.3, RFC 7616 §5).
//!
//! Whoever is answered gets a digest of the password to guess at in peace, and everybody on the way
//! of a request can challenge it: whom we call, and whoever calls us. So a challenge is answered only
//! in a realm of the account's:
//!
//! ```text
//!  named by the host ──────────────────────────────────────────────> those alone; `*`: any
//!  none named ─┬─ the account's domain, by name ─────────────────────> answered
//!              ├─ one that challenged the account's own REGISTER ────> learnt, answered
//!              ├─ nothing learnt yet, and the request is outside of
//!              │  dialogs and went to the account's own servers ─────> learnt, answered
//!              └─ any other, as that of a far end ───────────────────> refused
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use crate::proto::sip::{
    uri::{Host, NameAddr},
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

/// What an account knows of the realms of its own servers.
#[derive(Debug)]
pub struct OwnRealms {
    servers: Vec<String>,
    learnt: Mutex<Vec<String>>,
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

    /// Whether a realm is known to be one of them.
    pub(super) fn admit(&self, realm: &str) -> bool {
        match self {
            Realms::Any => true,
            Realms::Named(names) => names.iter().any(|name| name == realm),
            Realms::Own(own) => {
                let known = |learnt: &Vec<String>| learnt.iter().any(|known| known == realm);
                own.is_server(realm) || own.with_learnt(|learnt| known(learnt))
            }
        }
    }

    /// Whether those who challenged this request are the account's own servers, so that their realms
    /// may be learnt.
    pub(super) fn learn_from(&self, request: &Request) -> bool {
        let Realms::Own(own) = self else { return false };
        request.method == Method::Register
            || (own.with_learnt(|learnt| learnt.is_empty())
                && is_outside(request)
                // A Route outside of dialogs is the account's: its proxies, or what its registrar says.
                && (request.headers.value(HeaderId::Route).is_some()
                    || request.uri.host().is_some_and(|host| own.is_server(&host.to_string()))))
    }

    /// Learns a realm; `false` when there were too many.
    pub(super) fn learn(&self, realm: &str) -> bool {
        let Realms::Own(own) = self else { return false };
        own.with_learnt(|learnt| {
            let room = learnt.len() < MOST_REALMS;
            if room {
                learnt.push(realm.to_owned());
            }
            room
        })
    }
}

impl OwnRealms {
    fn is_server(&self, name: &str) -> bool {
        self.servers.iter().any(|server| server.eq_ignore_ascii_case(name))
    }

    fn with_learnt<T>(&self, work: impl FnOnce(&mut Vec<String>) -> T) -> T {
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

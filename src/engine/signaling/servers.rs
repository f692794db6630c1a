//! Where an account's own servers are, and so over which flows credentials go.
//!
//! What a request says of its way is the far end's word: its Contact, its Record-Route, its Via. So
//! the way that it really takes is looked at, when it goes out: whether the flow's far end is where a
//! look-up of the account's registrar, its proxies, its domain or the registrar's Service-Route led, or
//! its REGISTER. Over any other flow a request carries no credentials, and who challenges it gets none.
//! A server that is reached by a far end's connection, by another of its names, or in mid-call is judged
//! the same.

use std::{collections::VecDeque, net::IpAddr};

use super::{Signaling, settings::proxies};
use crate::{
    base::ids::AccountId,
    engine::config::AccountConfig,
    proto::sip::{
        Flow,
        locate::Target,
        uri::{Host, Uri},
    },
};

/// The servers of one account.
pub(super) struct OwnServers {
    names: Vec<Host>,
    /// Where they were found, the latest last.
    found: VecDeque<IpAddr>,
}

impl OwnServers {
    /// Those that an account's settings name.
    pub(super) fn of(config: &AccountConfig) -> Self {
        let (proxy, more) = proxies(config);
        let named = [&config.aor, &config.registrar].map(|uri| uri.parse::<Uri>().ok());
        let uris = named.into_iter().flatten().chain(proxy).chain(more);
        let names = uris.filter_map(|uri| uri.host().cloned()).collect();
        Self { names, found: VecDeque::new() }
    }

    /// By name or address.
    pub(super) fn names(&self) -> &[Host] {
        &self.names
    }

    /// Takes where a look-up of `host` led, if it is one of them, or `granted`: the registrar itself
    /// has us go there (RFC 3608).
    fn looked_up(&mut self, host: &Host, granted: bool, targets: &[Target]) {
        if granted || self.names.iter().any(|name| is_same(name, host)) {
            targets.iter().for_each(|target| self.found_at(target.address.ip()));
        }
    }

    /// One of them is there.
    pub(super) fn found_at(&mut self, ip: IpAddr) {
        self.found.retain(|known| *known != ip);
        self.found.push_back(ip);
        if self.found.len() > MOST_ADDRESSES {
            self.found.pop_front();
        }
    }

    /// The network is another: what was found may be somebody else by now.
    pub(super) fn forget(&mut self) {
        self.found.clear();
    }

    fn are_at(&self, ip: IpAddr) -> bool {
        self.found.contains(&ip) || self.names.iter().any(|name| name.ip() == Some(ip))
    }
}

impl Signaling {
    /// Tells every account whose server `host` is where it was found.
    pub(super) fn note_servers(&mut self, host: &Host, targets: &[Target]) {
        for account in self.accounts.values_mut() {
            let route = account.registration().and_then(|own| own.grant().service_route.first());
            let granted = route.and_then(Uri::host).is_some_and(|name| is_same(name, host));
            account.servers.looked_up(host, granted, targets);
        }
    }

    /// Whether credentials of an account may go over a flow. An account that names its realms sends
    /// them to whoever asks in these.
    pub(super) fn is_trusted(&self, account: Option<AccountId>, flow: Flow) -> bool {
        // Without an account there is nothing to guard.
        let Some(id) = account else { return true };
        let Some(account) = self.accounts.get(&id) else { return false };
        !account.realms.stay_home() || account.servers.are_at(flow.remote.ip())
    }
}

fn is_same<'a>(one: &'a Host, other: &'a Host) -> bool {
    match (one, other) {
        (Host::Name(one), Host::Name(other)) => {
            let bare = |name: &'a str| name.strip_suffix('.').unwrap_or(name);
            bare(one).eq_ignore_ascii_case(bare(other))
        }
        _ => one == other,
    }
}

/// Addresses of an account's servers that are remembered.
pub(in crate::engine) const MOST_ADDRESSES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::sip::Transport;

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap()
    }

    fn at(ips: &[&str]) -> Vec<Target> {
        let target = |ip: &&str| Target {
            transport: Transport::Udp,
            address: format!("{ip}:5060").parse().unwrap(),
            rank: 0,
        };
        ips.iter().map(target).collect()
    }

    fn servers() -> OwnServers {
        OwnServers::of(&AccountConfig {
            aor: "sip:al@example.com".into(),
            registrar: "sip:192.0.2.1".into(),
            outbound_proxy: "sip:edge.example.net;lr,sip:inner.example.net".into(),
            ..AccountConfig::default()
        })
    }

    #[test]
    fn every_target_of_an_own_name_is_known_and_none_of_another_name() {
        let mut own = servers();
        own.looked_up(&host("Example.COM"), false, &at(&["192.0.2.10", "192.0.2.11"]));
        own.looked_up(&host("inner.example.net"), false, &at(&["192.0.2.12"]));
        own.looked_up(&host("laptop.example.com"), false, &at(&["192.0.2.66"]));
        own.looked_up(&host("192.0.2.67"), false, &at(&["192.0.2.67"]));
        for (ip, known) in [
            ("192.0.2.1", true),
            ("192.0.2.10", true),
            ("192.0.2.11", true),
            ("192.0.2.12", true),
            ("192.0.2.66", false),
            ("192.0.2.67", false),
        ] {
            assert_eq!(own.are_at(ip.parse().unwrap()), known, "{ip}");
        }
    }

    #[test]
    fn another_network_leaves_what_is_written_as_a_number() {
        let mut own = servers();
        own.looked_up(&host("example.com"), false, &at(&["192.0.2.10"]));
        own.forget();
        assert!(!own.are_at("192.0.2.10".parse().unwrap()));
        assert!(own.are_at("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn of_too_many_addresses_the_oldest_goes() {
        let mut own = servers();
        let ip = |number: usize| IpAddr::from([198, 51, 100, number as u8]);
        (0..=MOST_ADDRESSES).for_each(|number| own.found_at(ip(number)));
        assert!(!own.are_at(ip(0)) && own.are_at(ip(1)) && own.are_at(ip(MOST_ADDRESSES)));
    }
}

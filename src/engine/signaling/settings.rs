//! What calls and registrations are made with, out of an account's settings and the flow.

use std::sync::Arc;

use super::{Signaling, accounts::Account, contact::facing, servers::OwnServers};
use crate::{
    base::ids::AccountId,
    call::{
        AudioTerms, CallTimers, Credentials, RegistrationSettings, SessionTimer, Settings,
        usage::UsageSettings,
    },
    engine::{
        config::{AccountConfig, DialOptions, Gruu, Outbound},
        validate::proxy_list,
    },
    net::rtp_udp::RtpSockets,
    proto::sip::{
        Flow, Transport,
        auth::Realms,
        uri::{Host, NameAddr, Scheme, Uri},
    },
};

impl Signaling {
    /// What a registration is made with.
    pub(super) fn registration_settings(
        &self,
        account: &Account,
        flow: Flow,
    ) -> RegistrationSettings {
        let timers = &self.shared.config.timers;
        let config = account.config();
        let contact = contact(config, account.seen_as(flow));
        let (outbound_proxy, routes) = proxies(config);
        let registrar = config.registrar.parse::<Uri>().unwrap_or_else(|_| contact.clone());
        RegistrationSettings {
            credentials: credentials(config, &account.realms),
            outbound_proxy,
            routes,
            secure: flow.transport.is_secure(),
            instance: match config.instance_id.as_str() {
                "" => self.instance.clone(),
                own => own.to_owned(),
            },
            outbound: match config.outbound {
                Outbound::Auto => flow.transport.is_reliable(),
                Outbound::Off => false,
                Outbound::On => true,
            },
            gruu: config.gruu != Gruu::Off,
            headers: config.headers.clone(),
            expires: config.expires,
            min_expires: timers.min_registration,
            retry_base: timers.retry_base,
            retry_max: timers.retry_max,
            ..RegistrationSettings::new(identity(config, &contact), registrar, contact)
        }
    }

    /// What a request outside of calls is made with.
    pub(super) fn usage_settings(
        &self,
        config: &AccountConfig,
        account: Option<AccountId>,
        flow: Flow,
    ) -> UsageSettings {
        let timers = &self.shared.config.timers;
        let contact = self.contact_of(config, account, flow);
        let (outbound_proxy, mut routes) = proxies(config);
        routes.extend_from_slice(self.service_route(account));
        UsageSettings {
            credentials: self.credentials(config, account),
            outbound_proxy,
            routes,
            headers: config.headers.clone(),
            t1: timers.t1,
            retry_base: timers.retry_base,
            retry_max: timers.retry_max,
            ..UsageSettings::new(identity(config, &contact), contact)
        }
    }

    /// What a call is made with.
    pub(super) fn settings(
        &self,
        config: &AccountConfig,
        account: Option<AccountId>,
        flow: Flow,
        sockets: &RtpSockets,
    ) -> Settings {
        let timers = &self.shared.config.timers;
        let flow = facing(config.public_address, flow);
        let identity = identity(config, &contact(config, flow));
        let (outbound_proxy, mut routes) = proxies(config);
        routes.extend_from_slice(self.service_route(account));
        let (rtp, rtcp) = (sockets.local_rtp(), sockets.local_rtcp());
        let audio = AudioTerms {
            codecs: config.codecs.clone(),
            opus: config.opus,
            ptime: config.ptime,
            srtp: config.srtp,
            srtp_suites: config.srtp_suites.clone(),
            latch: config.latch,
            ..AudioTerms::new(flow.local.ip(), rtp.port(), Some(rtcp.port()))
        };
        Settings {
            credentials: self.credentials(config, account),
            outbound_proxy,
            routes,
            headers: config.headers.clone(),
            timers: CallTimers { t1: timers.t1, t2: timers.t2 },
            passing: Arc::clone(&self.passing),
            session: SessionTimer { interval: config.session_expires, min: timers.min_session },
            prack: config.prack,
            early_media: config.early_media,
            delayed_offer: config.delayed_offer,
            ..Settings::new(identity, self.contact_of(config, account, flow), audio)
        }
    }

    /// What challenges to an account's requests are answered with.
    fn credentials(&self, config: &AccountConfig, account: Option<AccountId>) -> Vec<Credentials> {
        let account = account.and_then(|id| self.accounts.get(&id));
        account.map_or_else(Vec::new, |account| credentials(config, &account.realms))
    }

    /// What an account's registrar wants requests outside dialogs to go through (RFC 3608).
    fn service_route(&self, account: Option<AccountId>) -> &[Uri] {
        let account = account.and_then(|id| self.accounts.get(&id));
        let registration = account.and_then(|account| account.registration());
        registration.map_or(&[], |registration| registration.grant().service_route.as_slice())
    }

    /// The first hop of requests outside dialogs, where it is not their target.
    pub(super) fn first_hop(&self, account: Option<AccountId>) -> Option<Uri> {
        let (proxy, more) = proxies(&self.config_of(account));
        proxy
            .or_else(|| more.first().cloned())
            .or_else(|| self.service_route(account).first().cloned())
    }

    /// The Contact of a call: a GRUU where the registrar gave one (RFC 5627 §4.3), else our address;
    /// with `ob` where it is to be reached over the registered flow (RFC 5626 §4.3).
    pub(super) fn contact_of(
        &self,
        config: &AccountConfig,
        account: Option<AccountId>,
        flow: Flow,
    ) -> Uri {
        let account = account.and_then(|id| self.accounts.get(&id));
        let own = contact(config, account.map_or(flow, |account| account.seen_as(flow)));
        let Some(registration) = account.and_then(|account| account.registration()) else {
            return own;
        };
        let grant = registration.grant();
        let gruu = match config.gruu {
            Gruu::Off => None,
            Gruu::Public => grant.public_gruu.as_ref(),
            Gruu::Temporary => grant.temporary_gruu.as_ref(),
        };
        match gruu {
            Some(gruu) => gruu.clone(),
            None if grant.outbound => own.with_param("ob", None),
            None => own,
        }
    }
}

fn identity(config: &AccountConfig, contact: &Uri) -> NameAddr {
    let uri = config.aor.parse::<Uri>().unwrap_or_else(|_| contact.for_identity());
    NameAddr::new(uri).with_display(&config.display_name)
}

/// The outbound proxy of an account, and the hops after it.
pub(super) fn proxies(config: &AccountConfig) -> (Option<Uri>, Vec<Uri>) {
    let mut uris = proxy_list(&config.outbound_proxy).into_iter().flatten();
    (uris.next(), uris.map(|uri| uri.with_param("lr", None)).collect())
}

/// A Contact's URI for a flow: its address and transport.
pub(super) fn on_flow(uri: Uri, flow: Flow) -> Uri {
    let uri = uri.at(Host::from(flow.local.ip()), Some(flow.local.port()));
    match flow.transport {
        Transport::Udp => uri.without_param("transport"),
        Transport::Tcp => uri.with_param("transport", Some("tcp")),
        Transport::Tls => uri.with_param("transport", Some("tls")),
        // Over TLS too it is called by that name (RFC 7118 §5.3).
        Transport::Ws | Transport::Wss => uri.with_param("transport", Some("ws")),
    }
}

pub(super) fn contact(config: &AccountConfig, flow: Flow) -> Uri {
    let aor = config.aor.parse::<Uri>().ok();
    let user = aor.as_ref().and_then(Uri::user).unwrap_or("sidetone");
    let uri = on_flow(Uri::sip(Some(user), Host::from(flow.local.ip()), None), flow);
    // Who is a `sips:` address of record is reached by one (RFC 3261 §8.1.1.8).
    if aor.is_some_and(|aor| *aor.scheme() == Scheme::Sips) { uri.secured() } else { uri }
}

fn credentials(config: &AccountConfig, realms: &Realms) -> Vec<Credentials> {
    if config.password.is_empty() {
        return Vec::new();
    }
    let username = match config.auth_user.as_str() {
        "" => user_of(config).unwrap_or_default(),
        user => user.to_owned(),
    };
    vec![Credentials { realms: realms.clone(), username, password: config.password.clone() }]
}

/// The realms that an account's password is for.
pub(super) fn realms(config: &AccountConfig, servers: &OwnServers) -> Realms {
    match config.realms.as_slice() {
        [] => Realms::own(servers.names()),
        named => Realms::named(named.to_vec()),
    }
}

/// The user part of the address of record.
pub(super) fn user_of(config: &AccountConfig) -> Option<String> {
    config.aor.parse::<Uri>().ok()?.user_decoded()
}

/// What a dial says overrides the account.
pub(super) fn apply_options(settings: &mut Settings, options: &DialOptions) {
    settings.headers.extend(options.headers.iter().cloned());
    if let Some(codecs) = &options.codecs {
        settings.audio.codecs.clone_from(codecs);
    }
    settings.audio.opus = options.opus.or(settings.audio.opus);
    if let Some(srtp) = options.srtp {
        settings.audio.srtp = srtp;
    }
    if let Some(ptime) = options.ptime {
        settings.audio.ptime = ptime;
    }
    let services = &mut settings.services;
    services.presentation.anonymous = options.anonymous.unwrap_or(services.presentation.anonymous);
    services.max_duration = options.max_duration.or(services.max_duration);
    if let Some(no_answer) = options.no_answer {
        settings.no_answer = no_answer;
    }
    settings.early_media = options.early_media.unwrap_or(settings.early_media);
    settings.prack = options.prack.unwrap_or(settings.prack);
    settings.delayed_offer = options.delayed_offer.unwrap_or(settings.delayed_offer);
}

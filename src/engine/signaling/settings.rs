//! What calls and registrations are made with, out of an account's settings and the flow.

use super::Signaling;
use crate::{
    call::{AudioTerms, CallTimers, Credentials, RegistrationSettings, SessionTimer, Settings},
    engine::config::AccountConfig,
    net::rtp_udp::RtpSockets,
    proto::sip::{
        Flow, Transport,
        uri::{Host, NameAddr, Uri},
    },
};

impl Signaling {
    /// What a registration is made with.
    pub(super) fn registration_settings(
        &self,
        config: &AccountConfig,
        flow: Flow,
    ) -> RegistrationSettings {
        let timers = &self.shared.config.timers;
        let contact = contact(config, flow);
        let registrar = config.registrar.parse::<Uri>().unwrap_or_else(|_| contact.clone());
        RegistrationSettings {
            credentials: credentials(config),
            outbound_proxy: config.outbound_proxy.parse::<Uri>().ok(),
            headers: config.headers.clone(),
            expires: config.expires,
            min_expires: timers.min_registration,
            retry_base: timers.retry_base,
            retry_max: timers.retry_max,
            ..RegistrationSettings::new(identity(config, &contact), registrar, contact)
        }
    }

    /// What a call is made with.
    pub(super) fn settings(
        &self,
        config: &AccountConfig,
        flow: Flow,
        sockets: &RtpSockets,
    ) -> Settings {
        let timers = &self.shared.config.timers;
        let contact = contact(config, flow);
        let identity = identity(config, &contact);
        let (rtp, rtcp) = (sockets.local_rtp(), sockets.local_rtcp());
        let audio = AudioTerms {
            codecs: config.codecs.clone(),
            ptime: config.ptime,
            srtp: config.srtp,
            srtp_suites: config.srtp_suites.clone(),
            latch: config.latch,
            ..AudioTerms::new(flow.local.ip(), rtp.port(), Some(rtcp.port()))
        };
        Settings {
            credentials: credentials(config),
            outbound_proxy: config.outbound_proxy.parse::<Uri>().ok(),
            headers: config.headers.clone(),
            timers: CallTimers { t1: timers.t1, t2: timers.t2 },
            session: SessionTimer { interval: None, min: timers.min_session },
            ..Settings::new(identity, contact, audio)
        }
    }
}

fn identity(config: &AccountConfig, contact: &Uri) -> NameAddr {
    let uri = config.aor.parse::<Uri>().unwrap_or_else(|_| contact.for_identity());
    NameAddr::new(uri).with_display(&config.display_name)
}

fn contact(config: &AccountConfig, flow: Flow) -> Uri {
    let aor = config.aor.parse::<Uri>().ok();
    let user = aor.as_ref().and_then(Uri::user).unwrap_or("sidetone");
    let uri = Uri::sip(Some(user), Host::from(flow.local.ip()), Some(flow.local.port()));
    match flow.transport {
        Transport::Udp => uri,
        Transport::Tcp => uri.with_param("transport", Some("tcp")),
    }
}

fn credentials(config: &AccountConfig) -> Vec<Credentials> {
    let username = match config.auth_user.as_str() {
        "" => user_of(config).unwrap_or_default(),
        user => user.to_owned(),
    };
    if config.password.is_empty() {
        return Vec::new();
    }
    vec![Credentials { realm: None, username, password: config.password.clone() }]
}

/// The user part of the address of record.
pub(super) fn user_of(config: &AccountConfig) -> Option<String> {
    config.aor.parse::<Uri>().ok()?.user_decoded()
}

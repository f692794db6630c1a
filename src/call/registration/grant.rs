//! What a 2xx to REGISTER says: for how long, by which way, under which names.

use std::time::Duration;

use super::RegistrationSettings;
use crate::proto::sip::{
    uri::{NameAddr, Uri},
    wire::{HeaderId, Message, text},
};

/// Most Service-Route values that are taken; a hostile registrar could make our requests too long.
const MOST_ROUTES: usize = 8;

/// What a registrar granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Lifetime; `None` when the response names none.
    pub expires: Option<Duration>,
    /// Route of requests outside dialogs (RFC 3608).
    pub service_route: Vec<Uri>,
    /// A name by which this device is reached from anywhere (RFC 5627 §4.2).
    pub public_gruu: Option<Uri>,
    /// The same without telling who it is.
    pub temporary_gruu: Option<Uri>,
    /// The registrar keeps the flow (RFC 5626 §6: `Require: outbound`).
    pub outbound: bool,
    /// How often it wants to hear of us at least (RFC 5626 §4.4: Flow-Timer).
    pub flow_timer: Option<Duration>,
}

impl Grant {
    /// Reads it. Of many contacts ours is the one with our instance id, else the one that we sent,
    /// else the only one.
    pub(super) fn read(message: &Message, settings: &RegistrationSettings) -> Self {
        let own = own_contact(message, settings);
        let expires = own
            .as_ref()
            .and_then(|own| own.params.value("expires")?.parse::<u32>().ok())
            .or_else(|| message.number(HeaderId::Expires));
        let gruu = |name: &str| {
            let value = text::unquote(own.as_ref()?.params.value(name)?);
            value.parse::<Uri>().ok().filter(Uri::is_sip)
        };
        let seconds = |number: u32| Duration::from_secs(number.into());
        let flow_timer = message.header_named("Flow-Timer");
        Self {
            expires: expires.map(seconds),
            service_route: message
                .header_list(HeaderId::ServiceRoute)
                .filter_map(NameAddr::parse)
                .map(|route| route.uri)
                .filter(Uri::is_sip)
                .take(MOST_ROUTES)
                .collect(),
            public_gruu: gruu("pub-gruu"),
            temporary_gruu: gruu("temp-gruu"),
            outbound: message
                .header_list(HeaderId::Require)
                .any(|tag| tag.eq_ignore_ascii_case("outbound")),
            flow_timer: flow_timer
                .and_then(|text| text.trim().parse().ok())
                .filter(|&flow_timer| flow_timer > 0)
                .map(seconds),
        }
    }
}

fn own_contact(message: &Message, settings: &RegistrationSettings) -> Option<NameAddr> {
    let contact = &settings.contact;
    let contacts: Vec<NameAddr> = message.contacts().collect();
    let instance = |listed: &&NameAddr| {
        let named = listed.params.value("+sip.instance").map(text::unquote);
        !settings.instance.is_empty() && named == Some(format!("<{}>", settings.instance))
    };
    let same = |listed: &&NameAddr| {
        listed.uri.same_user_and_host(contact) && listed.uri.port() == contact.port()
    };
    let only = || match contacts.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    contacts
        .iter()
        .filter(instance)
        .find(same)
        .or_else(|| contacts.iter().find(same))
        .or_else(|| contacts.iter().find(instance))
        .or_else(only)
        .cloned()
}

//! The REGISTER (RFC 3261 §10.2, RFC 5626 §4.2, RFC 5627 §4.1).

use super::{Registration, Tries, Wish, push_headers};
use crate::proto::sip::{
    route,
    uri::{NameAddr, Uri},
    wire::{HeaderId, Method, Request},
};

impl Registration {
    pub(super) fn send(&mut self, wish: Wish, tries: Tries) {
        let settings = &self.settings;
        let registrar = self.registrar.as_ref().unwrap_or(&settings.registrar);
        let mut request = Request::new(Method::Register, registrar.for_request());
        let proxy = settings.outbound_proxy.as_ref();
        route::put(&mut request, &route::preloaded(proxy, &settings.routes));
        let headers = &mut request.headers;
        headers.push(HeaderId::From, settings.aor.clone().with_tag(&self.from_tag).to_string());
        headers.push(HeaderId::To, settings.aor.to_string());
        headers.push(HeaderId::CallId, &self.call_id);
        let seconds = match wish {
            Wish::Unregister => 0,
            Wish::Register => self.expires.as_secs().max(1),
        };
        let contact = match (wish, &self.bound) {
            (Wish::Unregister, Some(bound)) => bound,
            _ => &settings.contact,
        };
        headers.push(HeaderId::Contact, self.contact(contact, seconds).to_string());
        if let Some(old) = self.bound.as_ref().filter(|old| *old != contact)
            && !self.grant.outbound
        {
            // Where we are no longer; with outbound the new binding takes the old one's place.
            headers.push(HeaderId::Contact, format!("<{old}>;expires=0"));
        }
        headers.push(HeaderId::Expires, seconds.to_string());
        headers.push(HeaderId::Supported, self.option_tags());
        push_headers(headers, &settings.headers);
        self.cseq += 1;
        request.set_cseq(self.cseq);
        self.authorize(&mut request);
        self.dispatch(wish, request, tries);
    }

    fn contact(&self, uri: &Uri, seconds: u64) -> NameAddr {
        let mut contact = NameAddr::new(uri.clone());
        contact.params.set("expires", Some(&seconds.to_string()));
        if !self.settings.instance.is_empty() {
            let instance = format!("\"<{}>\"", self.settings.instance);
            contact.params.set("+sip.instance", Some(&instance));
        }
        if self.asks_for_outbound() {
            contact.params.set("reg-id", Some("1"));
        }
        contact
    }

    /// What the registrar may use towards us.
    fn option_tags(&self) -> String {
        let gruu = self.settings.gruu && !self.settings.instance.is_empty();
        let tags = [(true, "path"), (gruu, "gruu"), (self.asks_for_outbound(), "outbound")];
        let tags: Vec<&str> = tags.iter().filter(|(on, _)| *on).map(|(_, tag)| *tag).collect();
        tags.join(", ")
    }
}

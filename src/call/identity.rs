//! Who calls, beyond From: the headers by which networks tell it, read and written.
//!
//! | Header | RFC | believed |
//! |---|---|---|
//! | P-Asserted-Identity | 3325 | only from a network that the account trusts |
//! | P-Preferred-Identity | 3325 | never, it is a wish |
//! | Remote-Party-ID | draft-ietf-sip-privacy-04 | as P-Asserted-Identity |
//! | Privacy | 3323, 3325 | always |
//! | Diversion | 5806 | for show |
//! | History-Info | 7044 | for show |
//!
//! Nothing here decides whether a call is taken: `forwarding` does.

use crate::proto::sip::{
    replaces::embedded_headers,
    uri::{NameAddr, Uri},
    wire::{
        HeaderId, Headers, Message,
        text::{self, unquote},
    },
};

/// What an INVITE tells of its caller and its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerIdentity {
    /// P-Asserted-Identity: at most a SIP URI and a telephone number.
    pub asserted: Vec<NameAddr>,
    /// P-Preferred-Identity.
    pub preferred: Vec<NameAddr>,
    /// Remote-Party-ID, parameters (`party`, `screen`, `privacy`) included.
    pub remote_party: Vec<NameAddr>,
    /// Who sent the call on, the latest first.
    pub diversions: Vec<Diversion>,
    /// Where the call has been, in order.
    pub history: Vec<HistoryEntry>,
    /// What the caller wants withheld.
    pub privacy: Privacy,
}

/// One Diversion (RFC 5806).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// Who sent the call on.
    pub by: NameAddr,
    /// `unconditional`, `user-busy`, `no-answer`, …; empty when not said.
    pub reason: String,
    /// How often, 1 when not said.
    pub counter: u32,
}

/// One entry of History-Info (RFC 7044).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Where the request was sent to.
    pub target: NameAddr,
    /// `1.2.1`.
    pub index: String,
    /// The Reason in the URI, as written; empty when there is none.
    pub reason: String,
}

/// Privacy (RFC 3323 §4.2, RFC 3325 §9.3, RFC 7044 §10.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// `id`: the asserted identity is for the network only.
    pub id: bool,
    /// `header`, `session` or `user`: an anonymizer is asked for.
    pub service: bool,
    /// `history`.
    pub history: bool,
    /// `critical`: rather fail than do without.
    pub critical: bool,
    /// `none`: nothing is to be withheld, whatever the network thinks.
    pub none: bool,
}

impl CallerIdentity {
    /// Reads it out of an INVITE. What cannot be read is passed over; at most 16 of each are kept.
    pub fn read(invite: &Message) -> Self {
        let addresses = |id| named(invite, id).filter_map(NameAddr::parse).take(MOST).collect();
        Self {
            asserted: addresses("P-Asserted-Identity"),
            preferred: addresses("P-Preferred-Identity"),
            remote_party: addresses("Remote-Party-ID"),
            diversions: named(invite, "Diversion").filter_map(diversion).take(MOST).collect(),
            history: named(invite, "History-Info").filter_map(history_entry).take(MOST).collect(),
            privacy: Privacy::read(invite),
        }
    }

    /// Who calls: of a trusted network the asserted identity (else Remote-Party-ID), unless it is to
    /// be withheld; in every other case From.
    pub fn caller(&self, from: &NameAddr, trusted: bool) -> NameAddr {
        if !trusted || self.privacy.id {
            return from.clone();
        }
        let calling = self.remote_party.iter().find(|party| {
            let is = |name: &str, wanted: &str| {
                party.params.value(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
            };
            !is("party", "called") && !is("privacy", "full")
        });
        self.asserted.first().or(calling).unwrap_or(from).clone()
    }

    /// Whether the caller does not want to be known.
    pub fn is_anonymous(&self, from: &NameAddr) -> bool {
        self.privacy.id || self.privacy.service || is_anonymous(&from.uri)
    }

    /// Whether the call has been sent on by `by` already.
    pub fn was_diverted_by(&self, by: &Uri) -> bool {
        self.diversions.iter().any(|diversion| diversion.by.uri.same_user_and_host(by))
    }
}

impl Privacy {
    /// Reads the header. Values are divided by semicolons (RFC 3323), sometimes by commas.
    pub fn read(message: &Message) -> Self {
        let mut privacy = Self::default();
        let values = named(message, "Privacy").flat_map(|line| line.split(';')).map(text::trim);
        for value in values {
            match value.to_ascii_lowercase().as_str() {
                "id" => privacy.id = true,
                "header" | "session" | "user" => privacy.service = true,
                "history" => privacy.history = true,
                "critical" => privacy.critical = true,
                "none" => privacy.none = true,
                _ => {}
            }
        }
        privacy
    }
}

/// How we present ourselves in our INVITEs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presentation {
    /// From says nobody, and the network is asked to withhold who we are (RFC 3323 §4.1.1.3,
    /// RFC 3325 §7).
    pub anonymous: bool,
    /// P-Preferred-Identity; an anonymous call without one says the account's own.
    pub preferred: Option<NameAddr>,
    /// P-Asserted-Identity, for a network that trusts us.
    pub asserted: Option<NameAddr>,
    /// Remote-Party-ID with our identity, for old networks.
    pub remote_party: bool,
}

impl Presentation {
    /// What goes into From.
    pub(super) fn from(&self, identity: &NameAddr) -> NameAddr {
        if !self.anonymous {
            return identity.clone();
        }
        match ANONYMOUS.parse::<Uri>() {
            Ok(uri) => NameAddr::new(uri).with_display("Anonymous"),
            Err(_) => identity.clone(),
        }
    }

    /// Adds the headers to an INVITE.
    pub(super) fn push(&self, identity: &NameAddr, headers: &mut Headers) {
        let own = || NameAddr { params: Default::default(), ..identity.clone() };
        let preferred = self.preferred.clone().or_else(|| self.anonymous.then(own));
        // RFC 3325 §9.2: never both, the asserted one needs no wish beside it.
        match (&self.asserted, preferred) {
            (Some(asserted), _) => headers.push(HeaderId::PAssertedIdentity, asserted.to_string()),
            (None, Some(preferred)) => {
                headers.push("P-Preferred-Identity", preferred.to_string());
            }
            (None, None) => {}
        }
        if self.anonymous {
            headers.push(HeaderId::Privacy, "id");
        }
        if self.remote_party {
            let privacy = if self.anonymous { "full" } else { "off" };
            let party = format!("{};party=calling;screen=no;privacy={privacy}", own());
            headers.push("Remote-Party-ID", party);
        }
    }
}

/// The Diversion lines of a call that `by` sends on: the new one, then those that it came with.
pub fn diversion_headers(invite: &Message, by: &Uri, reason: &str) -> Vec<(String, String)> {
    let by = NameAddr::new(by.for_identity());
    let first = format!("{by};reason={reason};counter=1");
    let before = named(invite, "Diversion").take(MOST).map(str::to_owned);
    let values = std::iter::once(first).chain(before);
    values.map(|value| ("Diversion".to_owned(), value)).collect()
}

fn is_anonymous(uri: &Uri) -> bool {
    let host = uri.host().map(ToString::to_string).unwrap_or_default();
    host.eq_ignore_ascii_case("anonymous.invalid")
        || uri.user().is_some_and(|user| user.eq_ignore_ascii_case("anonymous"))
}

/// The single values of a header by name, over all its lines.
fn named<'a>(message: &'a Message, name: &'a str) -> impl Iterator<Item = &'a str> {
    message
        .all_headers()
        .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
        .filter_map(|(_, value)| std::str::from_utf8(value).ok())
        .flat_map(|line| text::split(line, ','))
        .filter(|value| !value.is_empty())
}

fn diversion(value: &str) -> Option<Diversion> {
    let by = NameAddr::parse(value)?;
    let reason = by.params.value("reason").map(unquote).unwrap_or_default();
    let counter = by.params.value("counter").and_then(|counter| counter.parse().ok()).unwrap_or(1);
    let by = NameAddr { params: Default::default(), ..by };
    Some(Diversion { by, reason, counter })
}

fn history_entry(value: &str) -> Option<HistoryEntry> {
    let target = NameAddr::parse(value)?;
    let index = target.params.value("index").unwrap_or_default().to_owned();
    let reason = embedded_headers(&target.uri)
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Reason"))
        .map(|(_, value)| value)
        .unwrap_or_default();
    let target = NameAddr { params: Default::default(), ..target };
    Some(HistoryEntry { target, index, reason })
}

/// RFC 3323 §4.1.1.3.
const ANONYMOUS: &str = "sip:anonymous@anonymous.invalid";

/// Most values of one header that are kept.
const MOST: usize = 16;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn invite(lines: &str) -> Message {
        let text = format!("INVITE sip:b@h SIP/2.0\r\nFrom: <sip:gw@h>;tag=1\r\n{lines}\r\n");
        Message::parse(Bytes::from(text)).unwrap()
    }

    fn caller(lines: &str, trusted: bool) -> String {
        let message = invite(lines);
        let from = message.from().map(|from| NameAddr::new(from.uri)).unwrap();
        CallerIdentity::read(&message).caller(&from, trusted).uri.to_string()
    }

    #[test]
    fn an_asserted_identity_is_believed_only_of_a_trusted_network() {
        let asserted = "P-Asserted-Identity: \"Al\" <sip:al@example.com>, <tel:+4930123>\r\n";
        assert_eq!(caller(asserted, true), "sip:al@example.com");
        assert_eq!(caller(asserted, false), "sip:gw@h");
        assert_eq!(caller(&format!("{asserted}Privacy: id\r\n"), true), "sip:gw@h");
        let party = "Remote-Party-ID: <sip:x@h>;party=called, <sip:y@h>;party=calling\r\n";
        assert_eq!(caller(party, true), "sip:y@h");
        assert_eq!(caller("Remote-Party-ID: <sip:y@h>;privacy=full\r\n", true), "sip:gw@h");
        assert_eq!(caller("P-Asserted-Identity: nonsense\r\n", true), "sip:gw@h");
    }

    #[test]
    fn privacy_is_read_with_semicolons_and_with_commas() {
        let privacy = Privacy::read(&invite("Privacy: user;Id ; critical\r\n"));
        assert!(privacy.id && privacy.service && privacy.critical && !privacy.none);
        assert!(Privacy::read(&invite("Privacy: header, id\r\n")).id);
        assert!(Privacy::read(&invite("Privacy: none\r\n")).none);
        assert_eq!(Privacy::read(&invite("")), Privacy::default());
    }

    #[test]
    fn diversions_and_history_tell_where_a_call_has_been() {
        let message = invite(
            "Diversion: <sip:bob@h>;reason=user-busy;counter=2\r\n\
             Diversion: <tel:+49301>;reason=\"no-answer\", sip:c@h\r\n\
             History-Info: <sip:bob@h>;index=1, \
             <sip:c@h?Reason=SIP%3Bcause%3D302&X=1>;index=1.1;mp=1\r\n",
        );
        let identity = CallerIdentity::read(&message);
        let diversions: Vec<_> = identity
            .diversions
            .iter()
            .map(|d| (d.by.uri.to_string(), d.reason.as_str(), d.counter))
            .collect();
        assert_eq!(
            diversions,
            [
                ("sip:bob@h".into(), "user-busy", 2),
                ("tel:+49301".into(), "no-answer", 1),
                ("sip:c@h".into(), "", 1)
            ]
        );
        assert_eq!(identity.history[1].index, "1.1");
        assert_eq!(identity.history[1].reason, "SIP;cause=302");
        assert!(identity.was_diverted_by(&"sip:bob@h;x".parse().unwrap()));
        assert!(!identity.was_diverted_by(&"sip:al@h".parse().unwrap()));
        let sent = diversion_headers(&message, &"sip:al@h:5070".parse().unwrap(), "unconditional");
        assert_eq!(sent.len(), 4);
        assert!(sent[0].1.starts_with("<sip:al@h") && sent[1].1.contains("user-busy"));
    }

    #[test]
    fn an_anonymous_call_names_nobody_but_to_the_network() {
        let own: NameAddr = NameAddr::parse("\"Al\" <sip:al@example.com>").unwrap();
        let hidden = Presentation { anonymous: true, ..Presentation::default() };
        assert_eq!(
            hidden.from(&own).to_string(),
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>"
        );
        let mut headers = Headers::default();
        hidden.push(&own, &mut headers);
        let lines: Vec<_> = headers.iter().collect();
        assert_eq!(
            lines,
            [("P-Preferred-Identity", "\"Al\" <sip:al@example.com>"), ("Privacy", "id")]
        );
        let shown = Presentation {
            asserted: NameAddr::parse("<tel:+4930123>"),
            remote_party: true,
            ..Presentation::default()
        };
        let mut headers = Headers::default();
        shown.push(&own, &mut headers);
        assert_eq!(headers.value(HeaderId::PAssertedIdentity), Some("<tel:+4930123>"));
        assert!(headers.iter().any(|(name, value)| name == "Remote-Party-ID"
            && value.ends_with("party=calling;screen=no;privacy=off")));
        assert_eq!(shown.from(&own), own);
    }
}

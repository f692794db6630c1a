//! Header names: the ones this engine reads by id, and any other as text.

use std::borrow::Cow;

macro_rules! header_ids {
    ($($id:ident $name:literal $compact:literal,)*) => {
        /// A header field that is found by id; every other one has the id `Other` and its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum HeaderId {
            $(#[doc = concat!("`", $name, "`.")] $id,)*
            /// A name that is not in this list.
            Other,
        }

        impl HeaderId {
            const TABLE: &'static [(HeaderId, &'static str, &'static str)] =
                &[$((HeaderId::$id, $name, $compact),)*];

            /// The long name; empty for `Other`.
            pub fn name(self) -> &'static str {
                match self { $(HeaderId::$id => $name,)* HeaderId::Other => "" }
            }
        }
    };
}

header_ids! {
    Accept "Accept" "",
    AcceptEncoding "Accept-Encoding" "",
    AcceptLanguage "Accept-Language" "",
    AlertInfo "Alert-Info" "",
    Allow "Allow" "",
    AllowEvents "Allow-Events" "u",
    AuthenticationInfo "Authentication-Info" "",
    Authorization "Authorization" "",
    CallId "Call-ID" "i",
    CallInfo "Call-Info" "",
    Contact "Contact" "m",
    ContentDisposition "Content-Disposition" "",
    ContentEncoding "Content-Encoding" "e",
    ContentLanguage "Content-Language" "",
    ContentLength "Content-Length" "l",
    ContentType "Content-Type" "c",
    CSeq "CSeq" "",
    Date "Date" "",
    Diversion "Diversion" "",
    Event "Event" "o",
    Expires "Expires" "",
    From "From" "f",
    HistoryInfo "History-Info" "",
    MaxForwards "Max-Forwards" "",
    MinExpires "Min-Expires" "",
    MinSe "Min-SE" "",
    PAssertedIdentity "P-Asserted-Identity" "",
    Path "Path" "",
    Privacy "Privacy" "",
    ProxyAuthenticate "Proxy-Authenticate" "",
    ProxyAuthorization "Proxy-Authorization" "",
    ProxyRequire "Proxy-Require" "",
    RAck "RAck" "",
    Reason "Reason" "",
    RecordRoute "Record-Route" "",
    ReferTo "Refer-To" "r",
    ReferredBy "Referred-By" "b",
    Replaces "Replaces" "",
    Require "Require" "",
    RetryAfter "Retry-After" "",
    Route "Route" "",
    RSeq "RSeq" "",
    Server "Server" "",
    ServiceRoute "Service-Route" "",
    SessionExpires "Session-Expires" "x",
    Subject "Subject" "s",
    SubscriptionState "Subscription-State" "",
    Supported "Supported" "k",
    Timestamp "Timestamp" "",
    To "To" "t",
    Unsupported "Unsupported" "",
    UserAgent "User-Agent" "",
    Via "Via" "v",
    Warning "Warning" "",
    WwwAuthenticate "WWW-Authenticate" "",
}

impl HeaderId {
    /// From a name as it stands on the wire, long or compact, in any case (RFC 3261 §7.3.1, §7.3.3).
    pub fn from_name(name: &str) -> Self {
        Self::TABLE
            .iter()
            .find(|(_, long, compact)| {
                name.eq_ignore_ascii_case(long)
                    || (name.len() == 1 && name.eq_ignore_ascii_case(compact))
            })
            .map_or(HeaderId::Other, |(id, _, _)| *id)
    }
}

/// The name of a header field that is being sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderName(Cow<'static, str>);

impl HeaderName {
    /// Takes a name from outside (a host's own header); `None` when it is not a token.
    pub fn parse(name: &str) -> Option<Self> {
        super::text::is_token(name).then(|| match HeaderId::from_name(name) {
            HeaderId::Other => Self(Cow::Owned(name.to_owned())),
            id => Self(Cow::Borrowed(id.name())),
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the header `id`, in whatever form it was given.
    pub fn is(&self, id: HeaderId) -> bool {
        id != HeaderId::Other && HeaderId::from_name(&self.0) == id
    }
}

impl From<HeaderId> for HeaderName {
    fn from(id: HeaderId) -> Self {
        Self(Cow::Borrowed(id.name()))
    }
}

impl From<&'static str> for HeaderName {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_in_any_case_and_in_compact_form() {
        assert_eq!(HeaderId::from_name("vIA"), HeaderId::Via);
        assert_eq!(HeaderId::from_name("V"), HeaderId::Via);
        assert_eq!(HeaderId::from_name("MaX-fOrWaRdS"), HeaderId::MaxForwards);
        assert_eq!(HeaderId::from_name("C%6Fntact"), HeaderId::Other);
        assert_eq!(HeaderId::from_name(""), HeaderId::Other);
    }

    #[test]
    fn refuses_names_that_would_break_a_message() {
        assert!(HeaderName::parse("X-Id\r\nVia").is_none());
        assert!(HeaderName::parse("").is_none());
        assert_eq!(HeaderName::parse("x-id").map(|n| n.as_str().to_owned()), Some("x-id".into()));
    }
}

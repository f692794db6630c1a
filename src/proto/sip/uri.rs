//! URIs, and where a request goes next (RFC 3261 §19.1, §8.1.2).
//!
//! Parts are kept as written, escapes included, so that a URI goes out as it came in.

use std::{fmt, net::IpAddr, str::FromStr};

pub use super::name_addr::NameAddr;
use super::{
    Transport,
    wire::{
        HeaderId, Request,
        text::{self, Params},
    },
};

/// A host: a name or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A domain name, as written.
    Name(String),
    /// A literal address; IPv6 stands in brackets on the wire.
    Ip(IpAddr),
}

impl Host {
    /// Reads a host, IPv6 in brackets.
    pub fn parse(host: &str) -> Option<Self> {
        if let Some(rest) = host.strip_prefix('[') {
            return rest.strip_suffix(']')?.parse().ok().map(|v6| Host::Ip(IpAddr::V6(v6)));
        }
        if let Ok(v4) = host.parse() {
            return Some(Host::Ip(IpAddr::V4(v4)));
        }
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        (!host.is_empty() && host.bytes().all(fits)).then(|| Host::Name(host.to_owned()))
    }

    /// Reads `host[:port]`, with white space allowed around the colon (RFC 3261 §25.1 COLON).
    pub fn parse_with_port(text: &str) -> Option<(Self, Option<u16>)> {
        let text = text::trim(text);
        let colon = match text.find(']') {
            Some(bracket) => text[bracket..].find(':').map(|at| bracket + at),
            None => text.find(':'),
        };
        match colon {
            Some(at) => {
                let port = text::trim(&text[at + 1..]);
                let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
                let port = if digits { port.parse().ok()? } else { return None };
                Some((Self::parse(text::trim(&text[..at]))?, Some(port)))
            }
            None => Some((Self::parse(text)?, None)),
        }
    }

    /// The address, when it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Host::Ip(ip) => Some(*ip),
            Host::Name(_) => None,
        }
    }

    /// Same host: addresses by value, names without case.
    pub fn matches(&self, other: &Host) -> bool {
        match (self, other) {
            (Host::Name(a), Host::Name(b)) => a.eq_ignore_ascii_case(b),
            (Host::Ip(a), Host::Ip(b)) => a == b,
            _ => false,
        }
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        Host::Ip(ip)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Ip(IpAddr::V4(v4)) => v4.fmt(f),
            Host::Ip(IpAddr::V6(v6)) => write!(f, "[{v6}]"),
        }
    }
}

/// Why text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// No `scheme:` in front.
    Scheme,
    /// White space, a control character, a quote or an angle bracket in it.
    Character,
    /// The user part is empty.
    User,
    /// The host is missing or none.
    Host,
    /// The parameters cannot be read.
    Params,
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UriError::Scheme => "no scheme such as \"sip:\" in front",
            UriError::Character => "a character that no URI may hold",
            UriError::User => "the part before \"@\" is empty",
            UriError::Host => "no host name or address",
            UriError::Params => "parameters that cannot be read",
        })
    }
}

impl std::error::Error for UriError {}

/// The scheme of a URI.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:` (RFC 3966).
    Tel,
    /// Any other, in lower case.
    Other(String),
}

/// A URI: a SIP one in its parts, any other as scheme and text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uri {
    scheme: Scheme,
    user: Option<String>,
    password: Option<String>,
    host: Option<Host>,
    port: Option<u16>,
    params: Params,
    headers: Option<String>,
    opaque: String,
}

impl Uri {
    /// A `sip:` URI. `user` is escaped where needed.
    pub fn sip(user: Option<&str>, host: Host, port: Option<u16>) -> Self {
        Self {
            scheme: Scheme::Sip,
            user: user.filter(|user| !user.is_empty()).map(escape_user),
            password: None,
            host: Some(host),
            port,
            params: Params::default(),
            headers: None,
            opaque: String::new(),
        }
    }

    /// The same URI with a parameter set.
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> Self {
        self.params.set(name, value);
        self
    }

    /// The same URI without a parameter.
    pub fn without_param(mut self, name: &str) -> Self {
        self.params.remove(name);
        self
    }

    /// The same user at another place.
    pub fn at(mut self, host: Host, port: Option<u16>) -> Self {
        (self.host, self.port) = (Some(host), port);
        self
    }

    /// The same URI with another user part, escaped where needed; empty: none.
    pub fn with_user(mut self, user: &str) -> Self {
        self.user = (!user.is_empty()).then(|| escape_user(user));
        self
    }

    /// The same URI with another port.
    pub fn with_port(mut self, port: Option<u16>) -> Self {
        self.port = port;
        self
    }

    /// The same URI with what follows the question mark set, escaped as it has to be.
    pub fn with_headers(mut self, headers: &str) -> Self {
        self.headers = (!headers.is_empty()).then(|| headers.to_owned());
        self
    }

    /// The same URI as `sips:`.
    pub fn secured(mut self) -> Self {
        if self.scheme == Scheme::Sip {
            self.scheme = Scheme::Sips;
        }
        self
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Whether it is a `sip:` or `sips:` URI.
    pub fn is_sip(&self) -> bool {
        matches!(self.scheme, Scheme::Sip | Scheme::Sips)
    }

    /// The user part as written, escapes included. For `tel:` the number.
    pub fn user(&self) -> Option<&str> {
        match self.scheme {
            Scheme::Tel => self.opaque.split(';').next(),
            _ => self.user.as_deref(),
        }
    }

    /// The user part with escapes undone once (RFC 3261 §19.1.2).
    pub fn user_decoded(&self) -> Option<String> {
        self.user().map(unescape)
    }

    /// The host; `None` for schemes without one.
    pub fn host(&self) -> Option<&Host> {
        self.host.as_ref()
    }

    /// The port, when written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The URI parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The URI parameters, to change.
    pub fn params_mut(&mut self) -> &mut Params {
        &mut self.params
    }

    /// What follows the question mark, as written.
    pub fn headers(&self) -> Option<&str> {
        self.headers.as_deref()
    }

    /// The URI without what may not stand in a Request-URI: headers and the `method` parameter
    /// (RFC 3261 §19.1.1 table 1).
    pub fn for_request(&self) -> Self {
        let mut uri = self.clone();
        uri.headers = None;
        uri.params.remove("method");
        uri
    }

    /// The URI for From and To: no port, no parameters, no headers (RFC 3261 §19.1.1 table 1).
    pub fn for_identity(&self) -> Self {
        let mut uri = self.for_request();
        uri.password = None;
        if uri.is_sip() {
            uri.params = Params::default();
        }
        uri
    }

    /// Same user at the same host, whatever else is written.
    pub fn same_user_and_host(&self, other: &Uri) -> bool {
        let hosts = match (&self.host, &other.host) {
            (Some(a), Some(b)) => a.matches(b),
            _ => self.opaque == other.opaque,
        };
        hosts && self.user_decoded() == other.user_decoded()
    }

    fn parse_sip(scheme: Scheme, rest: &str) -> Result<Self, UriError> {
        // The first "@" ends the user part, since none may stand in it unescaped; sloppy phones do
        // leave one in `?Replaces=…`.
        let (userinfo, rest) = match rest.split_once('@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, rest),
        };
        let (user, password) = match userinfo {
            Some(userinfo) => match userinfo.split_once(':') {
                Some((user, password)) => (Some(user), Some(password)),
                None => (Some(userinfo), None),
            },
            None => (None, None),
        };
        if user == Some("") {
            return Err(UriError::User);
        }
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(headers)),
            None => (rest, None),
        };
        let (hostport, params) = match rest.find(';') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (host, port) = Host::parse_with_port(hostport).ok_or(UriError::Host)?;
        Ok(Self {
            scheme,
            user: user.map(str::to_owned),
            password: password.map(str::to_owned),
            host: Some(host),
            port,
            params: Params::parse(params).ok_or(UriError::Params)?,
            headers: headers.map(str::to_owned),
            opaque: String::new(),
        })
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || "<>\"".contains(c);
        if text.contains(forbidden) {
            return Err(UriError::Character);
        }
        let (scheme, rest) = text.split_once(':').ok_or(UriError::Scheme)?;
        let tail = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
        let starts = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
        if !starts || !scheme.bytes().all(tail) {
            return Err(UriError::Scheme);
        }
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "sip" => return Self::parse_sip(Scheme::Sip, rest),
            "sips" => return Self::parse_sip(Scheme::Sips, rest),
            "tel" => Scheme::Tel,
            other => Scheme::Other(other.to_owned()),
        };
        if rest.is_empty() {
            return Err(UriError::Host);
        }
        Ok(Self {
            scheme,
            user: None,
            password: None,
            host: None,
            port: None,
            params: Params::default(),
            headers: None,
            opaque: rest.to_owned(),
        })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scheme {
            Scheme::Sip => f.write_str("sip:")?,
            Scheme::Sips => f.write_str("sips:")?,
            Scheme::Tel => f.write_str("tel:")?,
            Scheme::Other(scheme) => write!(f, "{scheme}:")?,
        }
        f.write_str(&self.opaque)?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
            if let Some(password) = &self.password {
                write!(f, ":{password}")?;
            }
            f.write_str("@")?;
        }
        if let Some(host) = &self.host {
            host.fmt(f)?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)?;
        match &self.headers {
            Some(headers) => write!(f, "?{headers}"),
            None => Ok(()),
        }
    }
}

/// Escapes what may not stand in a user part (RFC 3261 §25.1 user).
fn escape_user(user: &str) -> String {
    let mut escaped = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Undoes `%xx` once; what is no escape stays.
pub(super) fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Where a request is to be sent, before names are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHop {
    /// Name or address.
    pub host: Host,
    /// Port, when the URI writes one.
    pub port: Option<u16>,
    /// Transport, when the URI asks for one.
    pub transport: Option<Transport>,
    /// The domain that was asked for: what the certificate of a secure transport must be for
    /// (RFC 5922 §7.3), wherever `host` leads.
    pub domain: Host,
}

/// Why there is no next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextHopError {
    /// The URI has no host (`tel:` without a route).
    NoHost,
    /// The URI asks for a transport that this engine has not.
    Transport,
}

/// The next hop of a URI (RFC 3263 §4: maddr goes before the host).
pub fn next_hop_of(uri: &Uri) -> Result<NextHop, NextHopError> {
    let domain = uri.host.clone().ok_or(NextHopError::NoHost)?;
    let maddr = uri.params.value("maddr").and_then(Host::parse);
    let transport = match uri.params.value("transport") {
        Some(name) => Some(Transport::from_name(name).ok_or(NextHopError::Transport)?),
        None => None,
    };
    let host = maddr.unwrap_or_else(|| domain.clone());
    let hop = NextHop { host, port: uri.port, transport, domain };
    if uri.scheme == Scheme::Sips { hop.secured() } else { Ok(hop) }
}

impl NextHop {
    /// The same place over a secure transport (RFC 3261 §26.2.2).
    fn secured(mut self) -> Result<Self, NextHopError> {
        let named = self.transport.unwrap_or(Transport::Tls);
        self.transport = Some(named.secured().ok_or(NextHopError::Transport)?);
        Ok(self)
    }
}

/// The next hop of a request: its first loose route, else its Request-URI, which a strict route was
/// made before (RFC 3261 §8.1.2, §12.2.1.1).
pub fn next_hop(request: &Request) -> Result<NextHop, NextHopError> {
    let route = request
        .headers
        .value(HeaderId::Route)
        .and_then(|value| text::split(value, ',').next().and_then(NameAddr::parse))
        .filter(|route| !request.strict && route.uri.params.has("lr"));
    let hop = next_hop_of(route.as_ref().map_or(&request.uri, |route| &route.uri))?;
    // What is for a `sips:` URI goes securely over every hop.
    if request.uri.scheme == Scheme::Sips { hop.secured() } else { Ok(hop) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::sip::wire::Method;

    #[test]
    fn reads_and_writes_uris_as_they_are() {
        for text in [
            "sip:bob.smith@example.com",
            "sip:bob@[2001:db8::1]:5060;transport=tcp",
            "sips:1.2.3.4",
            "sip:sips%3Auser%40example.com@example.net",
            "sip:user;par=u%40example.net@example.com",
            "sip:a@h?Replaces=a%3Bto-tag%3Db",
            "tel:+15551234;phone-context=x",
            "isbn:2983792873",
            "http://www.example.com",
            "sip:vivekg@chair-dnrc.example.com;unknownparam",
        ] {
            assert_eq!(text.parse::<Uri>().map(|uri| uri.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "sip:",
            "bob",
            "sip:@host",
            "sip:a@",
            "sip:2001:db8::10",
            "sip:a b@c",
            "sip:a@b; lr",
            "sip:a@b:x",
            "sip:a@b:99999",
            "sip:a@[::1",
            ":x",
            "sip:a@b:",
            "1a:b",
        ] {
            assert!(text.parse::<Uri>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn undoes_escapes_of_the_user_part_once() {
        let uri: Uri = "sip:%75se%2572@example.com".parse().unwrap();
        assert_eq!(uri.user_decoded().as_deref(), Some("use%72"));
        let built = Uri::sip(Some("a b@c"), Host::Name("h".into()), None);
        assert_eq!(built.to_string(), "sip:a%20b%40c@h");
        assert_eq!(built.user_decoded().as_deref(), Some("a b@c"));
    }

    #[test]
    fn maddr_and_transport_say_where_a_uri_leads() {
        let uri: Uri = "sip:a@example.com:5080;maddr=192.0.2.1;transport=TCP".parse().unwrap();
        let hop = next_hop_of(&uri).unwrap();
        assert_eq!(hop.host, Host::parse("192.0.2.1").unwrap());
        assert_eq!((hop.port, hop.transport), (Some(5080), Some(Transport::Tcp)));
        let uri: Uri = "sip:a@b;transport=sctp".parse().unwrap();
        assert_eq!(next_hop_of(&uri), Err(NextHopError::Transport));
    }

    #[test]
    fn sips_leads_over_tls_or_secure_websocket_and_never_over_udp() {
        let transport = |text: &str| next_hop_of(&text.parse().unwrap()).map(|hop| hop.transport);
        assert_eq!(transport("sips:a@b"), Ok(Some(Transport::Tls)));
        assert_eq!(transport("sips:a@b;transport=tcp"), Ok(Some(Transport::Tls)));
        assert_eq!(transport("sips:a@b;transport=ws"), Ok(Some(Transport::Wss)));
        assert_eq!(transport("sips:a@b;transport=udp"), Err(NextHopError::Transport));
        let mut request = Request::new(Method::Options, "sips:a@b".parse().unwrap());
        request.headers.push(HeaderId::Route, "<sip:p.example:5070;lr>");
        let hop = next_hop(&request).unwrap();
        assert_eq!((hop.transport, hop.port), (Some(Transport::Tls), Some(5070)));
        assert_eq!(hop.domain, Host::Name("p.example".to_owned()), "the proxy shows who it is");
    }
}

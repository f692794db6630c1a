//! URIs (RFC 3261 §19.1).
//!
//! Parts are kept as written, escapes included, so that a URI goes out as it came in.

use std::{fmt, net::IpAddr, str::FromStr};

use super::wire::text::{self, Params};
pub use super::{
    name_addr::NameAddr,
    next_hop::{NextHop, NextHopError, next_hop, next_hop_of},
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

#[cfg(test)]
mod tests {
    use super::*;

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
}

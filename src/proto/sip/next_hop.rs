//! Where a request goes next, before names are resolved (RFC 3261 §8.1.2, RFC 3263 §4).

use super::{
    Transport,
    uri::{Host, NameAddr, Scheme, Uri},
    wire::{HeaderId, Request, text},
};

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
    let domain = uri.host().cloned().ok_or(NextHopError::NoHost)?;
    let maddr = uri.params().value("maddr").and_then(Host::parse);
    let transport = match uri.params().value("transport") {
        Some(name) => Some(Transport::from_name(name).ok_or(NextHopError::Transport)?),
        None => None,
    };
    let host = maddr.unwrap_or_else(|| domain.clone());
    let hop = NextHop { host, port: uri.port(), transport, domain };
    if *uri.scheme() == Scheme::Sips { hop.secured() } else { Ok(hop) }
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
        .filter(|route| !request.strict && route.uri.params().has("lr"));
    let hop = next_hop_of(route.as_ref().map_or(&request.uri, |route| &route.uri))?;
    // What is for a `sips:` URI goes securely over every hop.
    if *request.uri.scheme() == Scheme::Sips { hop.secured() } else { Ok(hop) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::sip::wire::Method;

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

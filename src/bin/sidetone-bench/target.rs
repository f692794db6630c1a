//! A phone or exchange anywhere, to be measured: `sip:user@host:port`, over UDP.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    str::FromStr,
};

use sidetone::proto::sip::uri::{Host, Scheme, Uri};

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    // As written.
    user: String,
    host: Host,
    port: Option<u16>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|_| "write sip:user@host:port".to_owned())?;
        let transport = uri.params().value("transport").unwrap_or("udp");
        if *uri.scheme() != Scheme::Sip || !transport.eq_ignore_ascii_case("udp") {
            return Err("a sip: URI is needed, and calls are placed over UDP only".to_owned());
        }
        match (uri.user(), uri.host()) {
            (Some(user), Some(host)) => {
                Ok(Self { user: user.to_owned(), host: host.clone(), port: uri.port() })
            }
            _ => Err("a user and a host are needed: sip:user@host:port".to_owned()),
        }
    }
}

impl Target {
    /// Where requests go; the system looks names up.
    pub fn address(&self) -> io::Result<SocketAddr> {
        let port = self.port.unwrap_or(5060);
        if let Some(ip) = self.host.ip() {
            return Ok(SocketAddr::new(ip, port));
        }
        let mut found = (self.host.to_string(), port).to_socket_addrs()?;
        // What names the interface for audio speaks of IPv4 alone.
        found
            .find(SocketAddr::is_ipv4)
            .ok_or_else(|| io::Error::other(format!("{} has no IPv4 address", self.host)))
    }

    /// User, host and port as they stand in the Request-URI.
    pub fn called(&self) -> String {
        let port = self.port.map_or(String::new(), |port| format!(":{port}"));
        format!("{}@{}{port}", self.user, self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whom_to_call() {
        let target: Target = "sip:600@127.0.0.1:5070".parse().unwrap();
        assert_eq!(target.address().unwrap(), SocketAddr::from(([127, 0, 0, 1], 5070)));
        assert_eq!(target.called(), "600@127.0.0.1:5070");
        let target: Target = "sip:echo@127.0.0.1;transport=udp".parse().unwrap();
        assert_eq!(target.address().unwrap().port(), 5060);
        assert_eq!(target.called(), "echo@127.0.0.1");
        let target: Target = "sip:echo@example.com:5080".parse().unwrap();
        assert_eq!(target.called(), "echo@example.com:5080");
    }

    #[test]
    fn refuses_what_it_cannot_call() {
        for text in ["", "600", "sip:127.0.0.1", "sips:a@b", "tel:+123", "sip:a@b;transport=tcp"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}

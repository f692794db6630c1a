//! Literal addresses, the system's own way from names to addresses, and which of our own addresses a
//! peer sees. NAPTR and SRV: `dns`.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket},
    time::Duration,
};

use super::aside::Aside;

/// How long a look-up may take.
pub(super) const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// An IPv4 or IPv6 literal, the latter with or without brackets.
pub fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

/// Asks the system (`getaddrinfo`) on a thread of `aside`, which a resolver that hangs keeps.
pub async fn ask_system(aside: &Aside, host: &str) -> io::Result<Vec<IpAddr>> {
    let host = host.to_owned();
    let ask = move || (host.as_str(), 0u16).to_socket_addrs();
    let addresses = aside.run(LOOKUP_TIMEOUT, ask).await??;
    Ok(addresses.map(|address| address.ip()).collect())
}

/// The address of ours that packets to `remote` leave from. Sends nothing.
pub fn local_ip_towards(bind: IpAddr, remote: SocketAddr) -> io::Result<IpAddr> {
    if !bind.is_unspecified() {
        return Ok(bind);
    }
    let any: IpAddr = if remote.is_ipv4() { [0; 4].into() } else { [0u16; 8].into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(remote)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_told_from_names() {
        assert!(literal("127.0.0.1").is_some() && literal("[::1]").is_some());
        assert!(literal("example.com").is_none() && literal("1.2.3").is_none());
    }

    #[test]
    fn loopback_is_reached_from_loopback() {
        let remote = SocketAddr::from(([127, 0, 0, 1], 5060));
        let any = IpAddr::from([0, 0, 0, 0]);
        assert_eq!(local_ip_towards(any, remote).unwrap(), IpAddr::from([127, 0, 0, 1]));
    }
}

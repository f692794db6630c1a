//! Names to addresses, and which of our own addresses a peer sees.
//!
//! Literal addresses never touch a resolver; names go to the system's (A and AAAA; RFC 3263 §4.2
//! without NAPTR and SRV).

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket},
    time::Duration,
};

/// How long a look-up may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// An IPv4 or IPv6 literal, the latter with or without brackets.
pub fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

/// Looks a name up, IPv4 addresses first where `ipv4_first`.
pub async fn resolve(host: &str, port: u16, ipv4_first: bool) -> io::Result<Vec<SocketAddr>> {
    if let Some(ip) = literal(host) {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let mut found = lookup(host.to_owned(), port).await?;
    found.sort_by_key(|address| address.is_ipv4() != ipv4_first);
    if found.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    Ok(found)
}

/// Asks the system on a thread of its own, which a resolver that hangs keeps: neither the signaling
/// thread nor the engine's end ever waits for it.
async fn lookup(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (found, answer) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("sidetone-lookup".to_owned()).stack_size(512 * 1024).spawn(
        move || {
            let addresses = (host.as_str(), port).to_socket_addrs();
            // Whoever asked may have given up.
            let _ = found.send(addresses.map(Iterator::collect));
        },
    )?;
    match tokio::time::timeout(LOOKUP_TIMEOUT, answer).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(_)) => Err(io::Error::other("the look-up failed")),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the resolver does not answer")),
    }
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

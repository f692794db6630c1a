//! Pairs of UDP ports for RTP and RTCP: an even one and the next (RFC 3550 §11), out of a range or
//! free ones of the system.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
};

use super::rtp_udp::bind;

/// Where pairs are looked for. One value serves one engine or account; it goes round its range, so
/// that a port just freed, to which the last far end may still be sending, is used last.
#[derive(Debug)]
pub struct PortPool {
    address: IpAddr,
    /// First and last port; `None`: the system's.
    range: Option<(u16, u16)>,
    next: u16,
    dscp: u8,
}

impl PortPool {
    /// Even ports of `first..=last` and the odd ones after them; (0, 0): free ones of the system.
    /// `start` picks where to begin, so that two engines with one range seldom collide. `dscp`: how
    /// packets are marked.
    pub fn new(address: IpAddr, range: (u16, u16), start: u32, dscp: u8) -> io::Result<Self> {
        if range == (0, 0) {
            return Ok(Self { address, range: None, next: 0, dscp });
        }
        let first = range.0.checked_add(range.0 & 1);
        let pairs = first
            .and_then(|first| range.1.checked_sub(first))
            .map_or(0, |span| u32::from(span).div_ceil(2));
        let (Some(first), true) = (first, pairs > 0 && range.0 > 0) else {
            let text = format!("RTP port range {}-{} holds no pair", range.0, range.1);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        };
        let next = first + (2 * (start % pairs)) as u16;
        let last = first + (2 * pairs - 1) as u16;
        Ok(Self { address, range: Some((first, last)), next, dscp })
    }

    /// Binds the next free pair: RTP on the even port, RTCP on the one after it.
    pub fn bind_pair(&mut self) -> io::Result<(UdpSocket, UdpSocket)> {
        match self.range {
            None => self.bind_free(),
            Some((first, last)) => self.bind_in(first, last),
        }
    }

    fn bind_in(&mut self, first: u16, last: u16) -> io::Result<(UdpSocket, UdpSocket)> {
        let mut failure = None;
        for _ in 0..u32::from(last - first).div_ceil(2) {
            let port = self.next;
            self.next = if last - port >= 3 { port + 2 } else { first };
            match self.bind_at(port) {
                Ok(pair) => return Ok(pair),
                Err(error) => failure = Some(error),
            }
        }
        let cause = failure.map(|error| error.to_string()).unwrap_or_default();
        let text = format!("no RTP port pair free in {first}-{last} ({cause})");
        Err(io::Error::new(io::ErrorKind::AddrInUse, text))
    }

    /// The system gives any free port; its even neighbour and the one after are tried. Sockets that
    /// gave no pair are held until the end, else the system might give the same port again.
    fn bind_free(&self) -> io::Result<(UdpSocket, UdpSocket)> {
        let mut held = Vec::new();
        let mut failure = None;
        for _ in 0..FREE_TRIES {
            let socket = bind(SocketAddr::new(self.address, 0), self.dscp)?;
            let port = socket.local_addr()?.port();
            match bind(SocketAddr::new(self.address, port ^ 1), self.dscp) {
                Ok(other) if port % 2 == 0 => return Ok((socket, other)),
                Ok(other) => return Ok((other, socket)),
                Err(error) => failure = Some(error),
            }
            held.push(socket);
        }
        Err(failure.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
    }

    fn bind_at(&self, port: u16) -> io::Result<(UdpSocket, UdpSocket)> {
        let rtp = bind(SocketAddr::new(self.address, port), self.dscp)?;
        let rtcp = bind(SocketAddr::new(self.address, port + 1), self.dscp)?;
        Ok((rtp, rtcp))
    }
}

const FREE_TRIES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn ports(pair: &(UdpSocket, UdpSocket)) -> (u16, u16) {
        (pair.0.local_addr().unwrap().port(), pair.1.local_addr().unwrap().port())
    }

    #[test]
    fn free_pairs_are_even_and_odd_and_all_different() {
        let mut pool = PortPool::new(LOOPBACK, (0, 0), 0, 0).unwrap();
        let pairs: Vec<_> = (0..50).map(|_| pool.bind_pair().unwrap()).collect();
        let mut seen = std::collections::HashSet::new();
        for pair in &pairs {
            let (rtp, rtcp) = ports(pair);
            assert_eq!((rtp % 2, rtcp), (0, rtp + 1));
            assert!(seen.insert(rtp));
        }
    }

    #[test]
    fn a_range_is_used_round_and_its_end_is_said() {
        // Four pairs somewhere that the system just called free.
        let probe = PortPool::new(LOOPBACK, (0, 0), 0, 0).unwrap().bind_pair().unwrap();
        let first = ports(&probe).0.clamp(1024, 60_000);
        drop(probe);
        let mut pool = PortPool::new(LOOPBACK, (first, first + 8), 1, 0).unwrap();
        let mut pairs = Vec::new();
        while let Ok(pair) = pool.bind_pair() {
            let (rtp, rtcp) = ports(&pair);
            assert!(rtp % 2 == 0 && rtp >= first && rtcp <= first + 7 && rtcp == rtp + 1);
            pairs.push(pair);
        }
        assert!(pairs.len() <= 4);
        let text = pool.bind_pair().unwrap_err().to_string();
        assert!(text.contains("no RTP port pair free"), "{text}");
    }

    #[test]
    fn a_range_without_a_pair_is_refused() {
        for range in [(5001, 5002), (5000, 5000), (6000, 5000), (0, 9), (65_535, 65_535)] {
            assert!(PortPool::new(LOOPBACK, range, 7, 0).is_err(), "{range:?}");
        }
        assert!(PortPool::new(LOOPBACK, (65_534, 65_535), 7, 0).is_ok());
    }
}

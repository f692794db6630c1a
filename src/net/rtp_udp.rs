//! The UDP sockets of one call's media, and the slab that a worker reads them into. Non-blocking;
//! the worker polls. Nothing of a datagram is looked at here.
//!
//! A worker reads once per round, so the time of reading says little about the network: datagrams
//! carry the kernel's stamp of their arrival where there is one (Linux).

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{arrival, dscp};

/// The socket pair of one call: RTP on the even port, RTCP on the next. With `rtcp-mux` the second
/// one stays unused.
#[derive(Debug)]
pub struct RtpSockets {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    /// When each of them was empty last.
    emptied: [Instant; 2],
    local_rtp: SocketAddr,
    local_rtcp: SocketAddr,
    /// Sends refused by the system (no route, buffer full).
    send_errors: u64,
}

/// Which of the two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The even one.
    Rtp,
    /// The odd one.
    Rtcp,
}

impl RtpSockets {
    /// Takes a pair of [`super::ports::PortPool::bind_pair`].
    pub fn new((rtp, rtcp): (UdpSocket, UdpSocket)) -> io::Result<Self> {
        let (local_rtp, local_rtcp) = (rtp.local_addr()?, rtcp.local_addr()?);
        Ok(Self { rtp, rtcp, emptied: [Instant::now(); 2], local_rtp, local_rtcp, send_errors: 0 })
    }

    /// Address that RTP is received at; unspecified when bound so.
    pub fn local_rtp(&self) -> SocketAddr {
        self.local_rtp
    }

    /// Address that RTCP is received at.
    pub fn local_rtcp(&self) -> SocketAddr {
        self.local_rtcp
    }

    /// Sends that failed.
    pub fn send_errors(&self) -> u64 {
        self.send_errors
    }

    fn socket(&self, port: Port) -> &UdpSocket {
        match port {
            Port::Rtp => &self.rtp,
            Port::Rtcp => &self.rtcp,
        }
    }

    /// Reads what waits on one socket into the free part of the slab, until the socket is empty or
    /// the slab is full; returns the number of datagrams. Errors of the far end (ICMP) count as none.
    pub fn receive(&mut self, port: Port, slab: &mut Slab) -> usize {
        let before = slab.len;
        let emptied = self.emptied[port as usize];
        let mut faults = 0;
        while !slab.is_full() {
            let free = slab.entries.len() - slab.len;
            match slab.read(port, self.socket(port), emptied) {
                Ok(read) if read == arrival::AT_ONCE.min(free) => {}
                Ok(_) => {
                    self.emptied[port as usize] = slab.now();
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.emptied[port as usize] = slab.now();
                    break;
                }
                // An earlier datagram of ours was refused, or one was longer than the slot
                // (Windows says so); the next may be fine, but the socket may not feed us errors
                // for ever.
                Err(_) if faults < MAX_FAULTS => faults += 1,
                Err(_) => break,
            }
        }
        slab.len - before
    }

    /// Sends one datagram; what the system refuses is counted and gone, as if the network lost it.
    pub fn send(&mut self, port: Port, destination: SocketAddr, bytes: &[u8]) -> bool {
        let sent =
            matches!(self.socket(port).send_to(bytes, destination), Ok(n) if n == bytes.len());
        self.send_errors += u64::from(!sent);
        sent
    }
}

/// Sockets want to be read this often, so that the time of reading tells when datagrams arrived;
/// `None`: the system tells.
pub const READ_EVERY: Option<Duration> =
    if arrival::STAMPS { None } else { Some(Duration::from_millis(5)) };
/// Those of RTCP, which brings something every few seconds (RFC 3550 §6.2), need not be read more
/// often: its times are the system's stamps, and nothing of it is heard.
pub const READ_RTCP_EVERY: Duration =
    if arrival::STAMPS { Duration::from_millis(100) } else { Duration::ZERO };

/// Room for the datagrams of one round, made once per worker.
#[derive(Debug)]
pub struct Slab {
    bytes: Vec<u8>,
    entries: Vec<Option<Entry>>,
    len: usize,
    clock: arrival::Clock,
}

/// A datagram of the slab.
#[derive(Clone, Copy, Debug)]
struct Entry {
    port: Port,
    source: SocketAddr,
    arrival: Instant,
    bytes: usize,
}

impl Slab {
    /// Room for `slots` datagrams of [`SLOT_BYTES`] each.
    pub fn new(slots: usize) -> Self {
        let (bytes, entries) = (vec![0; slots * SLOT_BYTES], vec![None; slots]);
        Self { bytes, entries, len: 0, clock: arrival::Clock::read() }
    }

    /// A new round of reading begins; gives its time.
    pub fn begin(&mut self) -> Instant {
        self.clock = arrival::Clock::read();
        self.clock.now()
    }

    /// The time of this round of reading.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Whether no further datagram fits.
    pub fn is_full(&self) -> bool {
        self.len == self.entries.len()
    }

    /// Hands out what was read, in order of arrival at each socket and with the time of it, and is
    /// empty after.
    pub fn drain(&mut self, mut handle: impl FnMut(Instant, Port, SocketAddr, &mut [u8])) {
        let len = std::mem::take(&mut self.len);
        let slots = self.bytes.chunks_exact_mut(SLOT_BYTES).zip(&mut self.entries);
        for (slot, entry) in slots.take(len) {
            if let Some(Entry { port, source, arrival, bytes }) = entry.take() {
                handle(arrival, port, source, &mut slot[..bytes]);
            }
        }
    }

    /// Reads some of what waits in a socket into the free slots; how many datagrams there were.
    fn read(&mut self, port: Port, socket: &UdpSocket, emptied: Instant) -> io::Result<usize> {
        let Self { bytes, entries, len, clock } = self;
        let entries = &mut entries[*len..];
        let room = &mut bytes[*len * SLOT_BYTES..];
        // One without an address of IP leaves its slot empty.
        let read = arrival::receive(
            socket,
            room,
            SLOT_BYTES,
            (emptied, &*clock),
            |slot, bytes, source, arrival| {
                entries[slot] = Some(Entry { port, source, arrival, bytes });
            },
        )?;
        *len += read;
        Ok(read)
    }
}

/// A non-blocking UDP socket, bound, with buffers for the bursts of a busy machine.
pub fn bind(address: SocketAddr, dscp: u8) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // The system may grant less; that is no reason to fail.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    dscp::mark(&socket2::SockRef::from(&socket), address.is_ipv4(), dscp);
    arrival::stamp(&socket);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// The largest datagram taken: an Ethernet frame's worth and some. Longer ones are cut, and then
/// fail their tag or their lengths.
pub const SLOT_BYTES: usize = 2048;
/// Two seconds of 20 ms packets, were the worker ever kept off the processor that long.
const RECEIVE_BUFFER_BYTES: usize = 128 * 1024;
const SEND_BUFFER_BYTES: usize = 64 * 1024;
const MAX_FAULTS: u32 = 16;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::net::ports::PortPool;

    fn sockets() -> RtpSockets {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let pair = PortPool::new(loopback, (0, 0), 0, dscp::EXPEDITED_FORWARDING)
            .unwrap()
            .bind_pair()
            .unwrap();
        RtpSockets::new(pair).unwrap()
    }

    #[test]
    fn reads_all_that_waits_in_order_and_stops_at_a_full_slab() {
        let (mut a, mut b) = (sockets(), sockets());
        for n in 0..5u8 {
            assert!(a.send(Port::Rtp, b.local_rtp(), &[n; 10]));
        }
        assert!(a.send(Port::Rtcp, b.local_rtcp(), b"report"));
        let mut slab = Slab::new(4);
        assert_eq!(b.receive(Port::Rtp, &mut slab), 4);
        assert!(slab.is_full());
        let mut seen = Vec::new();
        slab.drain(|_, port, source, bytes| seen.push((port, source, bytes.to_vec())));
        let expected: Vec<_> = (0..4u8).map(|n| (Port::Rtp, a.local_rtp(), vec![n; 10])).collect();
        assert_eq!(seen, expected);
        assert_eq!(b.receive(Port::Rtp, &mut slab) + b.receive(Port::Rtcp, &mut slab), 2);
        assert_eq!(b.receive(Port::Rtp, &mut slab), 0, "never waits");
    }

    #[test]
    fn many_datagrams_come_in_order_each_with_its_own_bytes_and_a_time_since_the_socket_was_empty()
    {
        let (mut a, mut b) = (sockets(), sockets());
        let mut slab = Slab::new(16);
        let begun = slab.begin();
        assert_eq!(b.receive(Port::Rtp, &mut slab), 0);
        for n in 0..9u8 {
            assert!(a.send(Port::Rtp, b.local_rtp(), &vec![n; 10 + usize::from(n)]));
        }
        assert!(a.send(Port::Rtcp, b.local_rtcp(), b"report"));
        let end = slab.begin();
        assert_eq!(b.receive(Port::Rtp, &mut slab), 9);
        assert_eq!(b.receive(Port::Rtcp, &mut slab), 1);
        let mut seen = Vec::new();
        slab.drain(|arrival, port, _, bytes| {
            assert!(begun <= arrival && arrival <= end);
            seen.push((port, bytes.to_vec()));
        });
        let mut expected: Vec<_> =
            (0..9u8).map(|n| (Port::Rtp, vec![n; 10 + usize::from(n)])).collect();
        expected.push((Port::Rtcp, b"report".to_vec()));
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_socket_that_was_not_read_to_its_end_was_not_empty() {
        let (mut a, mut b) = (sockets(), sockets());
        let first = b.emptied[0];
        for n in 0..5u8 {
            assert!(a.send(Port::Rtp, b.local_rtp(), &[n; 10]));
        }
        let mut slab = Slab::new(4);
        slab.begin();
        assert_eq!(b.receive(Port::Rtp, &mut slab), 4);
        assert_eq!(b.emptied[0], first, "the slab was full");
        slab.drain(|_, _, _, _| {});
        assert_eq!(b.receive(Port::Rtp, &mut slab), 1);
        assert_eq!(b.emptied[0], slab.now());
    }

    #[test]
    fn a_far_end_that_is_gone_harms_nothing() {
        let (mut a, b) = (sockets(), sockets());
        let gone = b.local_rtp();
        drop(b);
        let mut slab = Slab::new(4);
        for _ in 0..3 {
            a.send(Port::Rtp, gone, b"hello");
            assert_eq!(a.receive(Port::Rtp, &mut slab), 0);
        }
    }
}

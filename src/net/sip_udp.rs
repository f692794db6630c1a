//! SIP over UDP: one socket per local port, read by a task of the signaling thread.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr, UdpSocket as StdSocket},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;

use super::{dscp, unreachable};

/// The largest datagram there is.
const DATAGRAM_BYTES: usize = 65_535;

/// Binds without blocking mode; port 0 takes a free one.
pub fn bind(address: SocketAddr, dscp: u8) -> io::Result<StdSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    both_families(&socket, address);
    dscp::mark(&SockRef::from(&socket), address.is_ipv4(), dscp);
    // Bursts of a dialer must not be lost in the kernel's default 208 KiB. A refusal is no fault.
    let _ = socket.set_recv_buffer_size(1 << 20);
    unreachable::ask(&socket, address.is_ipv6());
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// `::` stands for IPv4 too; where the system will not have that, for IPv6 alone.
pub(super) fn both_families(socket: &Socket, address: SocketAddr) {
    if address.is_ipv6() && address.ip().is_unspecified() {
        let _ = socket.set_only_v6(false);
    }
}

/// An address as a socket of both families wants it: IPv4 in IPv6's clothes (RFC 4291 §2.5.5.2).
pub fn clothed(socket_is_ipv6: bool, remote: SocketAddr) -> SocketAddr {
    match remote.ip() {
        IpAddr::V4(v4) if socket_is_ipv6 => {
            SocketAddr::new(v4.to_ipv6_mapped().into(), remote.port())
        }
        _ => remote,
    }
}

/// And without them.
pub fn unclothed(remote: SocketAddr) -> SocketAddr {
    SocketAddr::new(remote.ip().to_canonical(), remote.port())
}

/// Sends a datagram without waiting. An error that an earlier one met is told by the next call, whoever
/// that is for (ip(7)): so one that is told is asked about again, in case there are several.
pub fn send(socket: &UdpSocket, bytes: &[u8], remote: SocketAddr) -> io::Result<usize> {
    let mut sent = socket.try_send_to(bytes, remote);
    for _ in 0..MOST_PENDING {
        match &sent {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                sent = socket.try_send_to(bytes, remote);
            }
            _ => break,
        }
    }
    sent
}

/// Errors of earlier datagrams that one datagram waits for at most.
const MOST_PENDING: usize = 8;

/// Reads datagrams and delivers each, until `deliver` says `false`.
pub async fn receive<F, D>(socket: Arc<UdpSocket>, mut deliver: F)
where
    F: FnMut(SocketAddr, Bytes) -> D,
    D: Future<Output = bool>,
{
    let mut buffer = BytesMut::zeroed(DATAGRAM_BYTES);
    let mut errors = 0u32;
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, source)) => {
                errors = 0;
                let datagram = Bytes::copy_from_slice(&buffer[..length]);
                if !deliver(unclothed(source), datagram).await {
                    return;
                }
            }
            // A datagram of ours was not taken, as an ICMP error tells: once each, and no datagram of
            // others is lost by it. What does not stop to fail, or has no memory, gets a rest.
            Err(error) => {
                errors = errors.wrapping_add(1);
                if is_out_of_memory(&error) || errors.is_multiple_of(ERRORS_IN_A_ROW) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
}

/// Errors without a datagram between them before the reader rests.
const ERRORS_IN_A_ROW: u32 = 64;

fn is_out_of_memory(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory || error.raw_os_error() == Some(NO_BUFFERS)
}

#[cfg(unix)]
const NO_BUFFERS: i32 = libc::ENOBUFS;
#[cfg(windows)]
const NO_BUFFERS: i32 = 10_055; // WSAENOBUFS

/// Whether an error of sending concerns that datagram alone: a full buffer, a message too long for
/// UDP, a rule of the firewall, or an earlier one, of which an ICMP error tells (Linux has a code for
/// each kind). It is lost as the network might lose it, and retransmitted; any other error means that
/// nothing gets out.
pub fn loses_one(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionRefused, ConnectionReset, Interrupted, PermissionDenied, WouldBlock,
    };
    #[cfg(unix)]
    const OTHERS: [i32; 5] =
        [libc::EMSGSIZE, NO_BUFFERS, libc::EPROTO, libc::ENOPROTOOPT, libc::EHOSTDOWN];
    #[cfg(windows)]
    const OTHERS: [i32; 2] = [10_040, NO_BUFFERS]; // WSAEMSGSIZE
    matches!(
        error.kind(),
        ConnectionRefused | ConnectionReset | Interrupted | PermissionDenied | WouldBlock
    ) || error.raw_os_error().is_some_and(|code| OTHERS.contains(&code))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_a_lack_of_memory_is_waited_for_and_an_icmp_error_is_one_datagrams() {
        for code in [libc::ENOMEM, libc::ENOBUFS] {
            assert!(is_out_of_memory(&io::Error::from_raw_os_error(code)), "{code}");
        }
        for code in [
            libc::ECONNREFUSED,
            libc::EPROTO,
            libc::ENOPROTOOPT,
            libc::EMSGSIZE,
            libc::EACCES,
            libc::EHOSTDOWN,
        ] {
            let error = io::Error::from_raw_os_error(code);
            assert!(!is_out_of_memory(&error) && loses_one(&error), "{code}");
        }
        let no_route = io::Error::from_raw_os_error(libc::EHOSTUNREACH);
        assert!(!is_out_of_memory(&no_route) && !loses_one(&no_route));
    }
}

//! News that a datagram of ours found nobody: the ICMP error that came back for it (RFC 1122
//! §4.1.3.3). Linux keeps them in a queue beside the socket (ip(7), IP_RECVERR), with whom the
//! datagram was for and its first octets as the error quotes them; elsewhere nothing is told here.
//!
//! Anybody can write an ICMP error. Whoever acts on one compares what it quotes with what was sent.

use std::{net::SocketAddr, sync::Arc};

use tokio::net::UdpSocket;

/// A datagram that found nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// Whom it was for.
    pub remote: SocketAddr,
    /// How it began, as far as it is quoted.
    pub quoted: Vec<u8>,
}

/// Calls `tell` for each datagram that found a host on which nobody listens.
#[cfg(target_os = "linux")]
pub async fn watch(socket: Arc<UdpSocket>, mut tell: impl FnMut(Unreachable)) {
    use tokio::io::Interest;

    while socket.ready(Interest::ERROR).await.is_ok() {
        // Until the queue is empty, which is what ends the readiness.
        while let Ok(error) = socket.try_io(Interest::ERROR, || linux::read(&socket)) {
            error.into_iter().for_each(&mut tell);
        }
    }
}

/// Tells nothing: the system does not.
#[cfg(not(target_os = "linux"))]
pub async fn watch(_: Arc<UdpSocket>, _: impl FnMut(Unreachable)) {}

/// Asks for the errors; without them a far end that is not there is noticed by its silence.
pub(super) fn ask(socket: &socket2::Socket, is_ipv6: bool) {
    #[cfg(target_os = "linux")]
    linux::ask(socket, is_ipv6);
    #[cfg(not(target_os = "linux"))]
    let _ = (socket, is_ipv6);
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{io, mem::MaybeUninit, os::fd::AsRawFd};

    use socket2::{SockAddr, Socket};
    use tokio::net::UdpSocket;

    use super::Unreachable;
    use crate::net::sip_udp::unclothed;

    /// As much as an error quotes: routers keep to 576 octets in all (RFC 1812 §4.3.2.3).
    const QUOTED_BYTES: usize = 1280;
    /// One error with its header and who sent it, and room to spare.
    const CONTROL_BYTES: usize = 256;

    /// Room for control messages, aligned as their headers want it.
    #[repr(align(8))]
    struct Control([u8; CONTROL_BYTES]);

    #[allow(unsafe_code)]
    pub(super) fn ask(socket: &Socket, is_ipv6: bool) {
        let on: libc::c_int = 1;
        let options = [(libc::SOL_IP, libc::IP_RECVERR), (libc::SOL_IPV6, libc::IPV6_RECVERR)];
        // A socket of IPv6 sends to IPv4 too.
        for (level, option) in options.into_iter().take(if is_ipv6 { 2 } else { 1 }) {
            // SAFETY: the descriptor is open, and the option's value is a live int of the length told.
            unsafe {
                libc::setsockopt(
                    socket.as_raw_fd(),
                    level,
                    option,
                    (&raw const on).cast(),
                    size_of_val(&on) as libc::socklen_t,
                );
            }
        }
    }

    /// Takes the oldest error; `None` for one that does not say that nobody listens.
    #[allow(unsafe_code)]
    pub(super) fn read(socket: &UdpSocket) -> io::Result<Option<Unreachable>> {
        let mut quoted = vec![0u8; QUOTED_BYTES];
        let mut part = libc::iovec { iov_base: quoted.as_mut_ptr().cast(), iov_len: quoted.len() };
        let mut control = Control([0; CONTROL_BYTES]);
        let mut refused = false;
        // SAFETY: `SockAddr::try_init` lends room for an address and its length; everything else that
        // the header points at outlives the call. The kernel writes within the lengths told, and sets
        // the address, whose length is then told back.
        let (length, remote) = unsafe {
            SockAddr::try_init(|storage, address_length| {
                let mut header: libc::msghdr = MaybeUninit::zeroed().assume_init();
                header.msg_name = storage.cast();
                header.msg_namelen = *address_length;
                header.msg_iov = &raw mut part;
                header.msg_iovlen = 1;
                header.msg_control = control.0.as_mut_ptr().cast();
                header.msg_controllen = control.0.len() as _;
                let flags = libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT;
                let length = libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags);
                let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
                *address_length = header.msg_namelen;
                #[allow(clippy::unnecessary_cast)] // its type differs by C library
                let filled = header.msg_controllen as usize;
                refused = says_refused(&control.0[..filled.min(CONTROL_BYTES)]);
                Ok(length)
            })
        }?;
        quoted.truncate(length);
        let remote = remote.as_socket().map(unclothed);
        Ok(remote.filter(|_| refused).map(|remote| Unreachable { remote, quoted }))
    }

    /// Whether the first control message is an ICMP error that says that nobody listens. A message
    /// is its length, level, type, then the data (cmsg(3)): the error's number of 4 bytes, then its
    /// origin of one (ip(7), `struct sock_extended_err`).
    pub(super) fn says_refused(control: &[u8]) -> bool {
        const WORD: usize = size_of::<usize>();
        let int = |at: usize| control.get(at..at + 4)?.try_into().ok().map(i32::from_ne_bytes);
        let kind = (int(WORD), int(WORD + 4));
        let is_error = kind == (Some(libc::SOL_IP), Some(libc::IP_RECVERR))
            || kind == (Some(libc::SOL_IPV6), Some(libc::IPV6_RECVERR));
        let origin = control.get(WORD + 12).copied();
        let is_icmp =
            origin == Some(libc::SO_EE_ORIGIN_ICMP) || origin == Some(libc::SO_EE_ORIGIN_ICMP6);
        is_error && is_icmp && int(WORD + 8) == Some(libc::ECONNREFUSED)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::net::sip_udp;

    /// The next piece of news of a socket.
    async fn next(socket: &Arc<UdpSocket>) -> Unreachable {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        tokio::select! {
            () = watch(Arc::clone(socket), move |news| drop(tell.send(news))) => unreachable!(),
            news = told.recv() => news.expect("the watch goes on"),
        }
    }

    #[test]
    fn a_closed_port_is_told_with_the_datagram_and_the_socket_goes_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            for (bind, loopback) in
                [("127.0.0.1:0", "127.0.0.1"), ("[::]:0", "127.0.0.1"), ("[::]:0", "::1")]
            {
                let Ok(own) = sip_udp::bind(bind.parse().unwrap(), 0) else { continue };
                let socket = Arc::new(UdpSocket::from_std(own).unwrap());
                let Ok(closed) = std::net::UdpSocket::bind((loopback, 0)) else { continue };
                let remote = closed.local_addr().unwrap();
                drop(closed);
                let is_ipv6 = bind.starts_with('[');
                let to = sip_udp::clothed(is_ipv6, remote);
                socket.writable().await.unwrap();
                assert_eq!(sip_udp::send(&socket, b"OPTIONS first", to).unwrap(), 13);
                let news = next(&socket).await;
                assert_eq!(news, Unreachable { remote, quoted: b"OPTIONS first".to_vec() });
                // An error that waits belongs to the datagram before, and is not the next one's.
                let peer = UdpSocket::bind((loopback, 0)).await.unwrap();
                let there = sip_udp::clothed(is_ipv6, peer.local_addr().unwrap());
                sip_udp::send(&socket, b"to nobody", to).unwrap();
                sip_udp::send(&socket, b"to somebody", there).unwrap();
                let mut buffer = [0; 32];
                let (length, _) = peer.recv_from(&mut buffer).await.unwrap();
                assert_eq!(&buffer[..length], b"to somebody");
            }
        });
    }

    #[test]
    fn control_data_of_any_length_is_read_within_its_bounds() {
        for length in 0..64 {
            assert!(!linux::says_refused(&vec![0xff; length]));
            assert!(!linux::says_refused(&vec![0; length]));
        }
    }
}

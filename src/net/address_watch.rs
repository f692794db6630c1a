//! The system's own word that an address or a route has changed. Linux tells through netlink
//! (rtnetlink(7)); elsewhere nobody does here, and a host that knows says so itself.
//!
//! What has changed is not read: whoever cares looks at its own addresses anew. Nothing wakes up
//! while nothing changes.

use std::io;

/// Calls `changed` when addresses or routes have changed and nothing more came for a second, or does
/// not stop to come for ten; until it says `false`. Ends at once where the system does not tell.
#[cfg(target_os = "linux")]
pub async fn watch(changed: impl FnMut() -> bool) -> io::Result<()> {
    linux::watch(changed).await
}

/// Calls `changed` when addresses or routes have changed and nothing more came for a second, or does
/// not stop to come for ten; until it says `false`. Ends at once where the system does not tell.
#[cfg(not(target_os = "linux"))]
pub async fn watch(_changed: impl FnMut() -> bool) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        io::{self, Read as _},
        time::Duration,
    };

    use socket2::{Domain, Protocol, SockAddr, Socket, Type};
    use tokio::io::unix::AsyncFd;

    /// Addresses and routes come in bursts: they are waited for together.
    const QUIET: Duration = Duration::from_secs(1);
    /// And no longer than this: a network that is never quiet is looked at too.
    const UNREST: Duration = Duration::from_secs(10);

    pub(super) async fn watch(mut changed: impl FnMut() -> bool) -> io::Result<()> {
        let socket = register(open()?)?;
        loop {
            news(&socket).await?;
            let settled = settle(QUIET, async || news(&socket).await);
            tokio::time::timeout(UNREST, settled).await.unwrap_or(Ok(()))?;
            if !changed() {
                return Ok(());
            }
        }
    }

    /// Takes news until none come for so long.
    async fn settle(
        quiet: Duration,
        mut news: impl AsyncFnMut() -> io::Result<()>,
    ) -> io::Result<()> {
        while let Ok(more) = tokio::time::timeout(quiet, news()).await {
            more?;
        }
        Ok(())
    }

    /// Waits for news, and takes all that there are.
    async fn news(socket: &AsyncFd<Socket>) -> io::Result<()> {
        let mut ready = socket.readable().await?;
        let outcome = drain(socket.get_ref());
        ready.clear_ready();
        outcome
    }

    #[allow(unsafe_code)]
    fn register(socket: Socket) -> io::Result<AsyncFd<Socket>> {
        // SAFETY: the socket's descriptor stays the same and open for as long as the socket, which the
        // AsyncFd owns and takes out of the reactor before it is dropped.
        let registered = unsafe { AsyncFd::register(socket) };
        registered.map_err(|error| error.into_parts().1)
    }

    fn open() -> io::Result<Socket> {
        let domain = Domain::from(libc::AF_NETLINK);
        let protocol = Protocol::from(libc::NETLINK_ROUTE);
        let socket = Socket::new(domain, Type::RAW.nonblocking().cloexec(), Some(protocol))?;
        socket.bind(&groups()?)?;
        Ok(socket)
    }

    /// The netlink address of the groups that tell of addresses and routes.
    #[allow(unsafe_code)]
    fn groups() -> io::Result<SockAddr> {
        let groups = libc::RTMGRP_IPV4_IFADDR
            | libc::RTMGRP_IPV6_IFADDR
            | libc::RTMGRP_IPV4_ROUTE
            | libc::RTMGRP_IPV6_ROUTE;
        // SAFETY: a sockaddr_nl of zeroes is one (numbers only).
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_groups = groups as u32;
        // SAFETY: the storage is larger than a sockaddr_nl and aligned for every address; what is
        // written is one, and its length is told.
        let filled = unsafe {
            SockAddr::try_init(|storage, length| {
                storage.cast::<libc::sockaddr_nl>().write(address);
                *length = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
                Ok(())
            })
        };
        filled.map(|((), address)| address)
    }

    /// Reads what waits; too much of it (ENOBUFS) is a change as well.
    fn drain(mut socket: &Socket) -> io::Result<()> {
        let mut buffer = [0u8; 8192];
        loop {
            match socket.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use tokio::sync::mpsc;

        use super::*;

        #[test]
        fn news_that_come_together_are_taken_together() {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let (tell, mut told) = mpsc::unbounded_channel();
                (0..5).for_each(|number| tell.send(number).unwrap());
                let mut taken = 0;
                let settled = settle(Duration::ZERO, async || {
                    taken += 1;
                    told.recv().await.map(drop).ok_or(io::ErrorKind::BrokenPipe.into())
                });
                settled.await.unwrap();
                assert_eq!((taken, told.is_empty()), (6, true), "the sixth did not come in time");
            });
        }
    }
}

//! The system's own word that an address or a route has changed. Linux tells through netlink
//! (rtnetlink(7)), Windows by calls of its IP Helper; elsewhere nobody does here, and a host that
//! knows says so itself.
//!
//! What has changed is not read: whoever cares looks at its own addresses anew. Nothing wakes up
//! while nothing changes.

use std::io;
#[cfg(any(target_os = "linux", windows))]
use std::time::Duration;

/// Addresses and routes come in bursts: they are waited for together.
#[cfg(any(target_os = "linux", windows))]
const QUIET: Duration = Duration::from_secs(1);
/// And no longer than this: a network that is never quiet is looked at too.
#[cfg(any(target_os = "linux", windows))]
const UNREST: Duration = Duration::from_secs(10);

/// Calls `changed` when addresses or routes have changed and nothing more came for a second, or does
/// not stop to come for ten; until it says `false`. Ends at once where the system does not tell.
#[cfg(any(target_os = "linux", windows))]
pub async fn watch(mut changed: impl FnMut() -> bool) -> io::Result<()> {
    let changes = system::Changes::open()?;
    loop {
        changes.news().await?;
        let settled = settle(QUIET, async || changes.news().await);
        tokio::time::timeout(UNREST, settled).await.unwrap_or(Ok(()))?;
        if !changed() {
            return Ok(());
        }
    }
}

/// Takes news until none come for so long.
#[cfg(any(target_os = "linux", windows))]
async fn settle(quiet: Duration, mut news: impl AsyncFnMut() -> io::Result<()>) -> io::Result<()> {
    while let Ok(more) = tokio::time::timeout(quiet, news()).await {
        more?;
    }
    Ok(())
}

/// Ends at once: the system does not tell.
#[cfg(not(any(target_os = "linux", windows)))]
pub async fn watch(_changed: impl FnMut() -> bool) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod system {
    use std::io::{self, Read as _};

    use socket2::{Domain, Protocol, SockAddr, Socket, Type};
    use tokio::io::unix::AsyncFd;

    /// A netlink socket that is told.
    pub(super) struct Changes(AsyncFd<Socket>);

    impl Changes {
        pub(super) fn open() -> io::Result<Self> {
            register(open()?).map(Self)
        }

        /// Waits for news, and takes all that there are.
        pub(super) async fn news(&self) -> io::Result<()> {
            let mut ready = self.0.readable().await?;
            let outcome = drain(self.0.get_ref());
            ready.clear_ready();
            outcome
        }
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
}

#[cfg(windows)]
mod system {
    use std::{ffi::c_void, io, ptr};

    use tokio::sync::Notify;
    use windows_sys::Win32::{
        Foundation::{ERROR_SUCCESS, HANDLE},
        NetworkManagement::IpHelper::{
            CancelMibChangeNotify2, MIB_IPFORWARD_ROW2, MIB_NOTIFICATION_TYPE,
            MIB_UNICASTIPADDRESS_ROW, NotifyRouteChange2, NotifyUnicastIpAddressChange,
        },
        Networking::WinSock::AF_UNSPEC,
    };

    /// Two subscriptions, to addresses and to routes; the system's threads call `told` for each.
    pub(super) struct Changes {
        /// On the heap, where it stays however this value moves.
        told: Box<Notify>,
        subscriptions: Vec<HANDLE>,
    }

    impl Changes {
        #[allow(unsafe_code)]
        pub(super) fn open() -> io::Result<Self> {
            let mut changes = Self { told: Box::default(), subscriptions: Vec::new() };
            let context = (&raw const *changes.told).cast();
            let mut handle = ptr::null_mut();
            // SAFETY: the context outlives the subscription, which `drop` ends before the box goes,
            // and is only ever shared.
            let code = unsafe {
                NotifyUnicastIpAddressChange(
                    AF_UNSPEC,
                    Some(address),
                    context,
                    false,
                    &raw mut handle,
                )
            };
            changes.keep(code, handle)?;
            // SAFETY: as above.
            let code = unsafe {
                NotifyRouteChange2(AF_UNSPEC, Some(route), context, false, &raw mut handle)
            };
            changes.keep(code, handle)?;
            Ok(changes)
        }

        fn keep(&mut self, code: u32, handle: HANDLE) -> io::Result<()> {
            if code != ERROR_SUCCESS {
                return Err(io::Error::from_raw_os_error(code.cast_signed()));
            }
            self.subscriptions.push(handle);
            Ok(())
        }

        /// Waits for news; what came since the last ones counts once.
        pub(super) async fn news(&self) -> io::Result<()> {
            self.told.notified().await;
            Ok(())
        }
    }

    impl Drop for Changes {
        #[allow(unsafe_code)]
        fn drop(&mut self) {
            for handle in self.subscriptions.drain(..) {
                // SAFETY: a handle of ours, ended once. The call waits for a notification that runs
                // just now, so that none runs after it.
                unsafe {
                    CancelMibChangeNotify2(handle);
                }
            }
        }
    }

    #[allow(unsafe_code)]
    unsafe extern "system" fn address(
        told: *const c_void,
        _: *const MIB_UNICASTIPADDRESS_ROW,
        _: MIB_NOTIFICATION_TYPE,
    ) {
        // SAFETY: the context of the subscription.
        unsafe { tell(told) }
    }

    #[allow(unsafe_code)]
    unsafe extern "system" fn route(
        told: *const c_void,
        _: *const MIB_IPFORWARD_ROW2,
        _: MIB_NOTIFICATION_TYPE,
    ) {
        // SAFETY: the context of the subscription.
        unsafe { tell(told) }
    }

    /// # Safety
    /// `told` is the `Notify` of a `Changes` that lives.
    #[allow(unsafe_code)]
    unsafe fn tell(told: *const c_void) {
        // SAFETY: as the caller says; `Notify` may be shared between threads.
        unsafe { &*told.cast::<Notify>() }.notify_one();
    }
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn news_that_come_together_are_taken_together() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
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

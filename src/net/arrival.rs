//! When a datagram arrived, as the kernel stamped it, on the monotonic clock of the engine.
//!
//! A reader that comes once per tick would otherwise take its own rhythm, and every delay of its
//! thread, for jitter of the network. Where the system gives no stamp the time of reading stands.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use socket2::Socket;

/// A moment on both clocks: the engine's, and the one that stamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    now: Instant,
    #[cfg(target_os = "linux")]
    wall: std::time::SystemTime,
}

impl Clock {
    /// `now`, which is the present.
    pub(super) fn at(now: Instant) -> Self {
        Self {
            now,
            #[cfg(target_os = "linux")]
            wall: std::time::SystemTime::now(),
        }
    }

    /// The stamp as an instant: never after this moment, and not long before it, for the clock that
    /// stamps may be set while we run.
    #[cfg(target_os = "linux")]
    fn instant(&self, stamp: Option<Duration>) -> Instant {
        let wall = self.wall.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let age = stamp.map_or(Duration::ZERO, |stamp| wall.saturating_sub(stamp));
        let age = if age > OLDEST { Duration::ZERO } else { age };
        self.now.checked_sub(age).unwrap_or(self.now)
    }
}

/// Asks for stamps; a refusal leaves the time of reading.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(super) fn stamp(socket: &Socket) {
    use std::os::fd::AsRawFd;
    let on: libc::c_int = 1;
    // SAFETY: the descriptor is open, and the option's value is a live int of the length told.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TIMESTAMPNS,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        );
    }
}

/// Nothing to ask for.
#[cfg(not(target_os = "linux"))]
pub(super) fn stamp(_: &Socket) {}

/// Reads one datagram into `buffer`; its length (longer ones are cut), source and arrival.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(super) fn receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
    clock: &Clock,
) -> io::Result<(usize, SocketAddr, Instant)> {
    use std::{mem::MaybeUninit, os::fd::AsRawFd};

    use socket2::SockAddr;

    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let mut control = Control([0; CONTROL_BYTES]);
    let mut stamp = None;
    // SAFETY: `SockAddr::try_init` lends room for an address and its length; everything else that
    // the header points at outlives the call. The kernel writes within the lengths told, and sets
    // the address, whose length is then told back.
    let (length, source) = unsafe {
        SockAddr::try_init(|storage, address_length| {
            let mut header: libc::msghdr = MaybeUninit::zeroed().assume_init();
            header.msg_name = storage.cast();
            header.msg_namelen = *address_length;
            header.msg_iov = &raw mut part;
            header.msg_iovlen = 1;
            header.msg_control = control.0.as_mut_ptr().cast();
            header.msg_controllen = control.0.len() as _;
            let length = libc::recvmsg(socket.as_raw_fd(), &raw mut header, 0);
            let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
            *address_length = header.msg_namelen;
            stamp = find_stamp(&control.0[..(header.msg_controllen as usize).min(CONTROL_BYTES)]);
            Ok(length)
        })
    }?;
    let source = source.as_socket().ok_or(io::ErrorKind::InvalidData)?;
    Ok((length, source, clock.instant(stamp)))
}

/// Reads one datagram into `buffer`; its length, source, and the time of reading.
#[cfg(not(target_os = "linux"))]
pub(super) fn receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
    clock: &Clock,
) -> io::Result<(usize, SocketAddr, Instant)> {
    let (length, source) = socket.recv_from(buffer)?;
    Ok((length, source, clock.now))
}

/// Room for control messages, aligned as their headers want it.
#[cfg(target_os = "linux")]
#[repr(align(8))]
struct Control([u8; CONTROL_BYTES]);

/// The stamp among control messages, as time since 1970: the first that is ours, which is the only
/// kind asked for. A message is its length, level, type, then the data (cmsg(3)).
#[cfg(target_os = "linux")]
fn find_stamp(control: &[u8]) -> Option<Duration> {
    const WORD: usize = size_of::<usize>();
    const HEADER: usize = WORD + 8;
    let int = |at: usize| control.get(at..at + 4)?.try_into().ok().map(i32::from_ne_bytes);
    let word = |at: usize| {
        let bytes: [u8; WORD] = control.get(at..at + WORD)?.try_into().ok()?;
        u64::try_from(isize::from_ne_bytes(bytes)).ok()
    };
    if (int(WORD)?, int(WORD + 4)?) != (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) {
        return None;
    }
    let nanos = u32::try_from(word(HEADER + WORD)?).ok()?;
    Some(Duration::new(word(HEADER)?, nanos))
}

/// One stamp with its header, and room to spare.
#[cfg(target_os = "linux")]
const CONTROL_BYTES: usize = 64;
/// Nobody reads later than this; an older stamp is from before the clock was set.
#[cfg(target_os = "linux")]
const OLDEST: Duration = Duration::from_secs(2);

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn pair() -> (UdpSocket, UdpSocket) {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        let (a, b) = (bind(), bind());
        stamp(&Socket::from(b.try_clone().unwrap()));
        (a, b)
    }

    #[test]
    fn a_datagram_tells_when_it_arrived_and_not_when_it_was_read() {
        let (a, b) = pair();
        let before = Clock::at(Instant::now());
        a.send_to(b"hello", b.local_addr().unwrap()).unwrap();
        let late = Duration::from_secs(1);
        let now = Clock { now: Instant::now() + late, wall: SystemTime::now() + late };
        let mut buffer = [0; 16];
        let (length, source, arrival) = receive(&b, &mut buffer, &now).unwrap();
        assert_eq!((&buffer[..length], source), (&b"hello"[..], a.local_addr().unwrap()));
        assert!(arrival < now.now - late / 2, "a second before it was read");
        assert!(arrival + late / 2 > before.now, "and not long before it was sent");
    }

    #[test]
    fn a_stamp_from_after_this_moment_or_from_another_day_is_not_believed() {
        let now = Clock::at(Instant::now());
        let wall = now.wall.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let hour = Duration::from_secs(3600);
        for stamp in [None, Some(wall + hour), Some(wall - hour), Some(Duration::ZERO)] {
            assert_eq!(now.instant(stamp), now.now);
        }
        let some = Duration::from_millis(7);
        assert_eq!(now.instant(Some(wall - some)), now.now - some);
    }

    #[test]
    fn control_data_of_any_length_is_read_within_its_bounds() {
        for length in 0..CONTROL_BYTES {
            assert_eq!(find_stamp(&vec![0xff; length]), None);
        }
    }
}

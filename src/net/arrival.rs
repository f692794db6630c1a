//! When a datagram arrived, as the kernel stamped it, on the monotonic clock of the engine.
//!
//! A reader that comes once per round would otherwise take its own rhythm, and every delay of its
//! thread, for jitter of the network. Where the system gives no stamp the time of reading stands.

#[cfg(target_os = "linux")]
use std::time::Duration;
use std::{
    io,
    net::{SocketAddr, UdpSocket},
    time::Instant,
};

use socket2::Socket;

/// The present on both clocks, the engine's and the one that stamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    now: Instant,
    #[cfg(target_os = "linux")]
    wall: std::time::SystemTime,
}

impl Clock {
    /// The present.
    #[cfg(target_os = "linux")]
    pub(super) fn read() -> Self {
        let look = || Self { now: Instant::now(), wall: std::time::SystemTime::now() };
        let mut clock = look();
        for _ in 0..2 {
            // The thread may have been stopped between the two looks; that would be all packets'
            // delay.
            if clock.now.elapsed() < LOOK {
                break;
            }
            clock = look();
        }
        clock
    }

    /// The present.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn read() -> Self {
        Self { now: Instant::now() }
    }

    /// The present.
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// The stamp as an instant after `before`, when the socket was empty, and up to now, whatever was
    /// done to the clock that stamps.
    #[cfg(target_os = "linux")]
    fn instant(&self, stamp: Option<Duration>, before: Instant) -> Instant {
        let wall = self.wall.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let age = stamp.map_or(Duration::ZERO, |stamp| wall.saturating_sub(stamp));
        self.now.checked_sub(age).map_or(before, |arrival| arrival.max(before))
    }
}

/// Whether the system stamps what arrives. Where it does not, sockets have to be read often.
pub(super) const STAMPS: bool = cfg!(target_os = "linux");

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

/// Reads what waits in a socket, [`AT_ONCE`] datagrams at most, each into a slot of `slot_bytes` of
/// `room` (longer ones are cut), and hands out the slot's number, the length, source and arrival of
/// each. The socket was empty at `before`; it is again after fewer than there was room for. One system
/// call, as a second one that only finds the socket empty would cost half as much as the packet.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(super) fn receive(
    socket: &UdpSocket,
    room: &mut [u8],
    slot_bytes: usize,
    (before, clock): (Instant, &Clock),
    mut found: impl FnMut(usize, usize, SocketAddr, Instant),
) -> io::Result<usize> {
    use std::{array, mem::zeroed, os::fd::AsRawFd, ptr};

    use socket2::{SockAddr, SockAddrStorage};

    // SAFETY: zeros, null pointers among them, are valid for these structures of the kernel.
    let (mut headers, mut parts): ([libc::mmsghdr; AT_ONCE], [libc::iovec; AT_ONCE]) =
        unsafe { (zeroed(), zeroed()) };
    let mut controls: [Control; AT_ONCE] = array::from_fn(|_| Control([0; CONTROL_BYTES]));
    let mut sources: [SockAddrStorage; AT_ONCE] = array::from_fn(|_| SockAddrStorage::zeroed());
    let mut slots = 0;
    for slot in room.chunks_exact_mut(slot_bytes).take(AT_ONCE) {
        let (part, control, source) =
            (&mut parts[slots], &mut controls[slots].0, &mut sources[slots]);
        *part = libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() };
        let header = &mut headers[slots].msg_hdr;
        header.msg_namelen = source.size_of();
        header.msg_name = ptr::from_mut(source).cast();
        header.msg_iov = part;
        header.msg_iovlen = 1;
        header.msg_controllen = control.len() as _;
        header.msg_control = control.as_mut_ptr().cast();
        slots += 1;
    }
    // SAFETY: as many headers as told, and all that they point at, outlive the call. The kernel
    // writes within the lengths told, and tells those it used.
    #[allow(clippy::unnecessary_cast)]
    let received = unsafe {
        libc::recvmmsg(
            socket.as_raw_fd(),
            headers.as_mut_ptr(),
            slots as libc::c_uint,
            libc::MSG_DONTWAIT as _, // its type differs by C library
            ptr::null_mut(),
        )
    };
    let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
    for (number, (header, source)) in headers.iter().zip(sources).take(received).enumerate() {
        // SAFETY: the kernel has put an address of this length there.
        let source = unsafe { SockAddr::new(source, header.msg_hdr.msg_namelen) };
        let Some(source) = source.as_socket() else { continue };
        #[allow(clippy::unnecessary_cast)] // its type differs by C library
        let filled = header.msg_hdr.msg_controllen as usize;
        let stamp = find_stamp(&controls[number].0[..filled.min(CONTROL_BYTES)]);
        found(number, header.msg_len as usize, source, clock.instant(stamp, before));
    }
    Ok(received)
}

/// Reads one datagram into the first slot of `room` and hands out 0, its length, source, and the
/// time of reading.
#[cfg(not(target_os = "linux"))]
pub(super) fn receive(
    socket: &UdpSocket,
    room: &mut [u8],
    slot_bytes: usize,
    (_, clock): (Instant, &Clock),
    mut found: impl FnMut(usize, usize, SocketAddr, Instant),
) -> io::Result<usize> {
    let (length, source) = socket.recv_from(&mut room[..slot_bytes])?;
    found(0, length, source, clock.now);
    Ok(1)
}

/// Datagrams that one call reads at most: one is usual, a few come after a gap.
pub(super) const AT_ONCE: usize = if cfg!(target_os = "linux") { 4 } else { 1 };

/// Room for control messages, aligned as their headers want it.
#[cfg(target_os = "linux")]
#[repr(align(8))]
struct Control([u8; CONTROL_BYTES]);

/// The stamp as time since 1970, out of the first control message: no other kind is asked for. A
/// message is its length, level, type, then the data (cmsg(3)): seconds and nanoseconds, both of 8
/// bytes, or of 4 where the system's time is that old.
#[cfg(target_os = "linux")]
fn find_stamp(control: &[u8]) -> Option<Duration> {
    const WORD: usize = size_of::<usize>();
    let int = |at: usize| control.get(at..at + 4)?.try_into().ok().map(i32::from_ne_bytes);
    let long = |at: usize| control.get(at..at + 8)?.try_into().ok().map(i64::from_ne_bytes);
    if (int(WORD)?, int(WORD + 4)?) != (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) {
        return None;
    }
    let length = usize::from_ne_bytes(control.get(..WORD)?.try_into().ok()?);
    let data = WORD + 8;
    let (seconds, nanos) = match length.checked_sub(data)? {
        16 => (long(data)?, long(data + 8)?),
        8 => (int(data)?.into(), int(data + 4)?.into()),
        _ => return None,
    };
    let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(seconds).ok()?, nanos))
}

/// One stamp with its header, and room to spare.
#[cfg(target_os = "linux")]
const CONTROL_BYTES: usize = 64;
/// Two looks at clocks take less than this when nothing comes between.
#[cfg(target_os = "linux")]
const LOOK: Duration = Duration::from_micros(100);

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
        let before = Instant::now();
        a.send_to(b"hello", b.local_addr().unwrap()).unwrap();
        let late = Duration::from_secs(1);
        let now = Clock { now: Instant::now() + late, wall: SystemTime::now() + late };
        let mut buffer = [0; 32];
        let mut seen = Vec::new();
        let count =
            receive(&b, &mut buffer, 16, (before, &now), |slot, length, source, arrival| {
                assert!(arrival < now.now - late / 2, "a second before it was read");
                assert!(arrival >= before, "and not before it was sent");
                seen.push((slot, length, source));
            });
        assert_eq!((count.unwrap(), &buffer[..5]), (1, &b"hello"[..]));
        assert_eq!(seen, [(0, 5, a.local_addr().unwrap())]);
    }

    #[test]
    fn a_clock_that_was_set_moves_no_packet_out_of_its_round() {
        let before = Instant::now();
        let round = Duration::from_millis(10);
        let now = Clock { now: before + round, wall: SystemTime::now() };
        let wall = now.wall.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let hour = Duration::from_secs(3600);
        for (stamp, arrival) in [
            (None, now.now),
            (Some(wall - round * 7 / 10), now.now - round * 7 / 10),
            (Some(wall + hour), now.now),
            (Some(wall - Duration::from_millis(300)), before),
            (Some(wall - hour), before),
            (Some(Duration::ZERO), before),
        ] {
            assert_eq!(now.instant(stamp, before), arrival, "{stamp:?}");
        }
    }

    /// A control message with a stamp.
    fn message(data: &[&[u8]]) -> Vec<u8> {
        let length = size_of::<usize>() + 8 + data.iter().map(|part| part.len()).sum::<usize>();
        let kind = [libc::SOL_SOCKET.to_ne_bytes(), libc::SCM_TIMESTAMPNS.to_ne_bytes()];
        [&length.to_ne_bytes()[..], &kind.concat(), &data.concat()].concat()
    }

    #[test]
    fn stamps_of_both_widths_are_read() {
        let wide = message(&[&5i64.to_ne_bytes(), &7i64.to_ne_bytes()]);
        let narrow = message(&[&5i32.to_ne_bytes(), &7i32.to_ne_bytes()]);
        for stamp in [wide, narrow] {
            assert_eq!(find_stamp(&stamp), Some(Duration::new(5, 7)));
        }
        for nonsense in [(-1i64, 7i64), (5, -1), (5, 1_000_000_000), (i64::MIN, i64::MAX)] {
            let stamp = message(&[&nonsense.0.to_ne_bytes(), &nonsense.1.to_ne_bytes()]);
            assert_eq!(find_stamp(&stamp), None, "{nonsense:?}");
        }
    }

    #[test]
    fn control_data_of_any_length_is_read_within_its_bounds() {
        let whole = message(&[&5i64.to_ne_bytes(), &7i64.to_ne_bytes()]);
        for length in 0..CONTROL_BYTES {
            assert_eq!(find_stamp(&vec![0xff; length]), None);
            let part = &whole[..length.min(whole.len() - 1)];
            assert_eq!(find_stamp(part), None);
        }
    }
}

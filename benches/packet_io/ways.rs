//! The ways: each has the sockets of all calls, and knows where to send.

// recvmmsg, sendmmsg, epoll and io_uring have no safe interface here.
#![allow(unsafe_code)]

use std::{
    io::{self, ErrorKind},
    mem::{MaybeUninit, zeroed},
    net::{SocketAddr, UdpSocket},
    os::fd::{AsRawFd, RawFd},
};

use io_uring::{IoUring, opcode, types};

use crate::BYTES;

/// A way to move the packets of a round.
pub trait Way {
    fn name(&self) -> &'static str;
    /// Where calls are sent to.
    fn addresses(&self) -> Vec<SocketAddr>;
    /// Receives what is there; the number of packets.
    fn receive(&mut self, round: usize) -> io::Result<usize>;
    /// Sends a packet of each call; the number of packets.
    fn send(&mut self) -> io::Result<usize>;
}

pub fn all(there: &[SocketAddr]) -> io::Result<Vec<Box<dyn Way>>> {
    Ok(vec![
        Box::new(UntilEmpty(Pairs::new(there)?)),
        Box::new(Several(Pairs::new(there)?, Batch::new(4))),
        Box::new(Epoll::new(there)?),
        Box::new(Uring::new(there)?),
        Box::new(Shared { socket: socket()?, there: raw(there), batch: Batch::new(64) }),
    ])
}

/// A socket on loopback that does not wait.
pub fn socket() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    let size: libc::c_int = 512 * 1024;
    // Each packet comes with the time of its arrival, as the engine wants it.
    for option in [libc::SO_RCVBUF, libc::SO_SNDBUF, libc::SO_TIMESTAMPNS] {
        // SAFETY: the descriptor is open, and the value is a live int of the length told.
        unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                (&raw const size).cast(),
                size_of_val(&size) as libc::socklen_t,
            );
        }
    }
    Ok(socket)
}

/// What this thread has cost so far.
pub fn cpu_ns() -> u64 {
    let mut time = MaybeUninit::uninit();
    // SAFETY: the kernel fills the structure.
    let time: libc::timespec = unsafe {
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, time.as_mut_ptr());
        time.assume_init()
    };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// RTP and RTCP of each call, and its far end.
struct Pairs {
    sockets: Vec<(UdpSocket, UdpSocket)>,
    there: Vec<SocketAddr>,
}

impl Pairs {
    fn new(there: &[SocketAddr]) -> io::Result<Self> {
        let sockets =
            there.iter().map(|_| Ok((socket()?, socket()?))).collect::<io::Result<_>>()?;
        Ok(Self { sockets, there: there.to_vec() })
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|(rtp, _)| rtp.local_addr().ok()).collect()
    }

    fn send(&self) -> io::Result<usize> {
        let packet = [0; BYTES];
        for ((rtp, _), there) in self.sockets.iter().zip(&self.there) {
            rtp.send_to(&packet, there)?;
        }
        Ok(self.sockets.len())
    }
}

/// recvmsg until the socket is empty.
struct UntilEmpty(Pairs);

impl Way for UntilEmpty {
    fn name(&self) -> &'static str {
        "per call, read until empty"
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.0.addresses()
    }

    fn receive(&mut self, _: usize) -> io::Result<usize> {
        let (mut count, mut batch) = (0, Batch::new(1));
        for (rtp, rtcp) in &self.0.sockets {
            for socket in [rtp, rtcp] {
                loop {
                    let header = &mut batch.prepare()[0].msg_hdr;
                    // SAFETY: the header points into the batch, which outlives the call.
                    if unsafe { libc::recvmsg(socket.as_raw_fd(), header, 0) } < 0 {
                        break;
                    }
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    fn send(&mut self) -> io::Result<usize> {
        self.0.send()
    }
}

/// recvmmsg of a few: as a rule there is one, and the same call finds that it was the last.
struct Several(Pairs, Batch);

impl Way for Several {
    fn name(&self) -> &'static str {
        "per call, recvmmsg"
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.0.addresses()
    }

    fn receive(&mut self, round: usize) -> io::Result<usize> {
        let mut count = 0;
        for (at, (rtp, rtcp)) in self.0.sockets.iter().enumerate() {
            count += self.1.receive(rtp.as_raw_fd());
            if (round + at).is_multiple_of(10) {
                count += self.1.receive(rtcp.as_raw_fd());
            }
        }
        Ok(count)
    }

    fn send(&mut self) -> io::Result<usize> {
        self.0.send()
    }
}

/// The sockets that have something are asked for.
struct Epoll {
    pairs: Pairs,
    set: RawFd,
}

impl Epoll {
    fn new(there: &[SocketAddr]) -> io::Result<Self> {
        let pairs = Pairs::new(there)?;
        // SAFETY: no pointers. It lives as long as the process.
        let set = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        for (at, (rtp, rtcp)) in pairs.sockets.iter().enumerate() {
            for (half, socket) in [rtp, rtcp].into_iter().enumerate() {
                let mut event =
                    libc::epoll_event { events: libc::EPOLLIN as u32, u64: (at * 2 + half) as u64 };
                // SAFETY: both descriptors are open, the event lives until the call returns.
                let done = unsafe {
                    libc::epoll_ctl(set, libc::EPOLL_CTL_ADD, socket.as_raw_fd(), &raw mut event)
                };
                if done < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
        }
        Ok(Self { pairs, set })
    }
}

impl Way for Epoll {
    fn name(&self) -> &'static str {
        "per call, epoll"
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.pairs.addresses()
    }

    fn receive(&mut self, _: usize) -> io::Result<usize> {
        let (mut count, mut bytes) = (0, [0; 2048]);
        loop {
            // SAFETY: zeros are a valid event.
            let mut events: [libc::epoll_event; 64] = unsafe { zeroed() };
            // SAFETY: there is room for as many events as told.
            let ready = unsafe { libc::epoll_wait(self.set, events.as_mut_ptr(), 64, 0) };
            for event in events.iter().take(ready.max(0) as usize) {
                let (rtp, rtcp) = &self.pairs.sockets[event.u64 as usize / 2];
                let socket = if event.u64 % 2 == 0 { rtp } else { rtcp };
                count += usize::from(socket.recv_from(&mut bytes).is_ok());
            }
            if ready <= 0 {
                return Ok(count);
            }
        }
    }

    fn send(&mut self) -> io::Result<usize> {
        self.pairs.send()
    }
}

/// All calls in one submission.
struct Uring {
    pairs: Pairs,
    ring: IoUring,
    receive: Batch,
    send: Batch,
}

impl Uring {
    fn new(there: &[SocketAddr]) -> io::Result<Self> {
        let pairs = Pairs::new(there)?;
        let ring = IoUring::builder().setup_single_issuer().build(256)?;
        let files: Vec<RawFd> = pairs.sockets.iter().map(|(rtp, _)| rtp.as_raw_fd()).collect();
        ring.submitter().register_files(&files)?;
        let mut send = Batch::new(there.len());
        send.address(&raw(there));
        Ok(Self { pairs, ring, receive: Batch::new(there.len()), send })
    }

    /// Submits an entry for each call, and waits for all; how many went well.
    fn submit(
        &mut self,
        entry: impl Fn(&mut libc::msghdr, types::Fixed) -> io_uring::squeue::Entry,
        send: bool,
    ) -> io::Result<usize> {
        let batch = if send { &mut self.send } else { &mut self.receive };
        let headers = if send { batch.ready() } else { batch.prepare() };
        let calls = headers.len();
        for (at, header) in headers.iter_mut().enumerate() {
            let entry = entry(&mut header.msg_hdr, types::Fixed(at as u32));
            // SAFETY: the batch outlives the submission, which is waited for below.
            unsafe { self.ring.submission().push(&entry) }.map_err(io::Error::other)?;
        }
        self.ring.submit_and_wait(calls)?;
        Ok(self.ring.completion().filter(|done| done.result() >= 0).count())
    }
}

impl Way for Uring {
    fn name(&self) -> &'static str {
        "per call, io_uring"
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.pairs.addresses()
    }

    fn receive(&mut self, _: usize) -> io::Result<usize> {
        let wait = libc::MSG_DONTWAIT as u32;
        self.submit(|header, file| opcode::RecvMsg::new(file, header).flags(wait).build(), false)
    }

    fn send(&mut self) -> io::Result<usize> {
        self.submit(|header, file| opcode::SendMsg::new(file, header).build(), true)
    }
}

/// One socket for all calls.
struct Shared {
    socket: UdpSocket,
    there: Vec<libc::sockaddr_in>,
    batch: Batch,
}

impl Way for Shared {
    fn name(&self) -> &'static str {
        "shared, recvmmsg and sendmmsg"
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.socket.local_addr().into_iter().cycle().take(self.there.len()).collect()
    }

    fn receive(&mut self, _: usize) -> io::Result<usize> {
        let mut count = 0;
        loop {
            let received = self.batch.receive(self.socket.as_raw_fd());
            count += received;
            if received < self.batch.headers.len() {
                return Ok(count);
            }
        }
    }

    fn send(&mut self) -> io::Result<usize> {
        let mut count = 0;
        for there in self.there.chunks(self.batch.headers.len()) {
            self.batch.address(there);
            let headers = self.batch.ready();
            // SAFETY: the headers point into the batch, which outlives the call.
            let sent = unsafe {
                libc::sendmmsg(
                    self.socket.as_raw_fd(),
                    headers.as_mut_ptr(),
                    there.len() as libc::c_uint,
                    0,
                )
            };
            count += usize::try_from(sent).map_err(|_| io::Error::from(ErrorKind::WouldBlock))?;
        }
        Ok(count)
    }
}

fn raw(there: &[SocketAddr]) -> Vec<libc::sockaddr_in> {
    let raw = |address: &SocketAddr| {
        let SocketAddr::V4(address) = address else { unreachable!("loopback") };
        libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: address.port().to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from(*address.ip()).to_be() },
            sin_zero: [0; 8],
        }
    };
    there.iter().map(raw).collect()
}

/// Headers with room for a packet, an address and the stamp of the kernel each.
struct Batch {
    headers: Vec<libc::mmsghdr>,
    parts: Vec<libc::iovec>,
    addresses: Vec<libc::sockaddr_in>,
    bytes: Vec<[u8; 2048]>,
    control: Vec<[u64; 8]>,
}

impl Batch {
    fn new(count: usize) -> Self {
        // SAFETY: zeros are valid for these structures of the kernel.
        let (header, address, part) = unsafe { (zeroed(), zeroed(), zeroed()) };
        Self {
            headers: vec![header; count],
            parts: vec![part; count],
            addresses: vec![address; count],
            bytes: vec![[0; 2048]; count],
            control: vec![[0; 8]; count],
        }
    }

    /// To be sent there.
    fn address(&mut self, there: &[libc::sockaddr_in]) {
        self.addresses[..there.len()].copy_from_slice(there);
    }

    /// The headers, to receive into.
    fn prepare(&mut self) -> &mut [libc::mmsghdr] {
        self.point(2048, true)
    }

    /// The headers, to send.
    fn ready(&mut self) -> &mut [libc::mmsghdr] {
        self.point(BYTES, false)
    }

    fn point(&mut self, length: usize, control: bool) -> &mut [libc::mmsghdr] {
        for at in 0..self.headers.len() {
            self.parts[at] =
                libc::iovec { iov_base: self.bytes[at].as_mut_ptr().cast(), iov_len: length };
            let header = &mut self.headers[at].msg_hdr;
            header.msg_name = (&raw mut self.addresses[at]).cast();
            header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            header.msg_iov = &raw mut self.parts[at];
            header.msg_iovlen = 1;
            header.msg_control = self.control[at].as_mut_ptr().cast();
            header.msg_controllen = if control { size_of_val(&self.control[at]) as _ } else { 0 };
        }
        &mut self.headers
    }

    /// What the socket has, as far as there is room.
    fn receive(&mut self, socket: RawFd) -> usize {
        let headers = self.prepare();
        // SAFETY: the headers point into the batch, which outlives the call.
        let received = unsafe {
            libc::recvmmsg(
                socket,
                headers.as_mut_ptr(),
                headers.len() as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        received.max(0) as usize
    }
}

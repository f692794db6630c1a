//! What a packet costs to receive and to send, by the ways that Linux has: CPU time of the thread,
//! the kernel's part included, per packet of 200 calls. `cargo bench --bench packet_io`
//!
//! ```text
//! per call    a pair of sockets for each call
//!   read until empty   recvmsg of RTP and RTCP until there is no more; sendto
//!   recvmmsg           all that a socket has by one call, RTCP in every tenth round; sendto
//!   epoll              the sockets that have something, then recvfrom; sendto
//!   io_uring           recvmsg and sendmsg of all calls in one submission
//! shared      one socket for all of them: recvmmsg and sendmmsg of 64 packets at once
//! ```
//!
//! Loopback: to send is to deliver, too. Nobody sleeps on the other end, so that no waking is in it.
//! GSO needs packets that follow each other to one address, which those of calls do not.

#[cfg(target_os = "linux")]
#[path = "packet_io/ways.rs"]
mod ways;

/// Calls, each with a packet in and a packet out in a round.
#[cfg(target_os = "linux")]
const CALLS: usize = 200;
/// A PCMU packet of 20 ms.
#[cfg(target_os = "linux")]
const BYTES: usize = 172;
#[cfg(target_os = "linux")]
const ROUNDS: usize = 300;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    use std::{io::ErrorKind, net::UdpSocket};

    let far: Vec<UdpSocket> = (0..CALLS).map(|_| ways::socket()).collect::<Result<_, _>>()?;
    let there: Vec<_> = far.iter().map(UdpSocket::local_addr).collect::<Result<_, _>>()?;
    let mut all = ways::all(&there)?;
    let mut taken = vec![(Vec::new(), Vec::new()); all.len()];
    let mut bytes = [0; 2048];
    for round in 0..ROUNDS {
        // Each round goes by every way, so that what else the machine does meets them all.
        for (way, (receive, send)) in all.iter_mut().zip(&mut taken) {
            for (socket, here) in far.iter().zip(way.addresses()) {
                socket.send_to(&bytes[..BYTES], here)?;
            }
            let start = ways::cpu_ns();
            let received = way.receive(round)?;
            let middle = ways::cpu_ns();
            let sent = way.send()?;
            let end = ways::cpu_ns();
            assert_eq!((received, sent), (CALLS, CALLS), "{}", way.name());
            receive.push((middle - start) / CALLS as u64);
            send.push((end - middle) / CALLS as u64);
            for socket in &far {
                while !matches!(socket.recv(&mut bytes), Err(e) if e.kind() == ErrorKind::WouldBlock)
                {
                }
            }
        }
    }
    println!("ns of CPU per packet, {CALLS} calls, {ROUNDS} rounds: median (p99)");
    for (way, (receive, send)) in all.iter().zip(&mut taken) {
        let [mut sums, receive, send] = [
            receive.iter().zip(&*send).map(|(a, b)| a + b).collect(),
            receive.clone(),
            send.clone(),
        ];
        let told = |values: &mut Vec<u64>| {
            values.sort_unstable();
            format!("{:5} ({:5})", values[values.len() / 2], values[values.len() * 99 / 100])
        };
        let (mut receive, mut send) = (receive, send);
        println!(
            "{:30} receive {}  send {}  both {}",
            way.name(),
            told(&mut receive),
            told(&mut send),
            told(&mut sums)
        );
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("measures Linux only");
}

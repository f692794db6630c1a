//! The sender with a network behind it: it knows when a packet of its was due, and sends the copies
//! that the network lets through at the times that they come out at.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::{SocketAddr, UdpSocket},
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use super::{Departures, GRID, Line, Sent, Shared};
use crate::impair::Path;

/// Lets one packet of every call into the call's path each 20 ms, the calls spread over them.
pub(super) fn send(
    socket: &UdpSocket,
    lines: &mut [Line],
    paths: &mut [Path],
    shared: &Shared,
) -> Sent {
    let mut network = Network::new(socket, lines.iter().map(|line| line.remote).collect());
    let count = lines.len() as u32;
    for round in 0u32.. {
        for (call, (line, path)) in lines.iter_mut().zip(paths.iter_mut()).enumerate() {
            let due = GRID * round + GRID * call as u32 / count;
            // What goes in now cannot come out before it went in: all that is earlier may leave first.
            network.let_out(due);
            let packet = line.packet();
            shared.sent.fetch_add(1, Relaxed);
            line.sent.push(network.begun + due);
            network.let_in(call, path.pass(due, packet.len()), &packet);
        }
        if shared.stop.load(Relaxed) {
            break;
        }
    }
    let sent = lines.iter_mut().map(|line| std::mem::take(&mut line.sent));
    let calls = sent.zip(network.delivered).collect();
    Sent { calls, late_ms: network.late_ms }
}

/// The packets that are under way.
struct Network<'a> {
    socket: &'a UdpSocket,
    remotes: Vec<SocketAddr>,
    begun: Instant,
    inside: BinaryHeap<Reverse<Inside>>,
    /// Of each call, when each packet came out first.
    delivered: Vec<Departures>,
    late_ms: Vec<f64>,
}

/// A packet inside: when it comes out; its call, its number there, and its octets.
type Inside = (Duration, usize, usize, Vec<u8>);

impl<'a> Network<'a> {
    fn new(socket: &'a UdpSocket, remotes: Vec<SocketAddr>) -> Self {
        Self {
            socket,
            begun: Instant::now(),
            inside: BinaryHeap::new(),
            delivered: vec![Vec::new(); remotes.len()],
            late_ms: Vec::new(),
            remotes,
        }
    }

    fn let_in(&mut self, call: usize, copies: Vec<Duration>, packet: &[u8]) {
        let number = self.delivered[call].len();
        self.delivered[call].push(None);
        for at in copies {
            self.inside.push(Reverse((at, call, number, packet.to_vec())));
        }
    }

    /// Sends what comes out up to `until`, each packet at its time.
    fn let_out(&mut self, until: Duration) {
        while self.inside.peek().is_some_and(|Reverse((at, ..))| *at <= until)
            && let Some(Reverse((at, call, number, packet))) = self.inside.pop()
        {
            let due = self.begun + at;
            if let Some(wait) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(wait);
            }
            let now = Instant::now();
            self.late_ms.push(now.duration_since(due).as_secs_f64() * 1000.0);
            // What the system refuses is lost.
            if self.socket.send_to(&packet, self.remotes[call]).is_ok() {
                self.delivered[call][number].get_or_insert(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SPEC: &str = "delay=5,jitter=uniform:30,loss=20,duplicate=10,seed=4";
    const PACKETS: usize = 80;

    fn line(call: usize, remote: SocketAddr) -> Line {
        Line {
            remote,
            payloads: vec![vec![call as u8; 160]],
            payload_type: 0,
            samples: 160,
            ssrc: call as u32,
            protect: None,
            sent: Vec::new(),
        }
    }

    fn paths() -> Vec<Path> {
        (0..2).map(|call| Path::new(&SPEC.parse().unwrap(), call)).collect()
    }

    #[test]
    fn what_comes_out_is_what_the_paths_let_through_and_none_is_early() {
        let (near, far) = (UdpSocket::bind("127.0.0.1:0"), UdpSocket::bind("127.0.0.1:0"));
        let (near, far) = (near.unwrap(), far.unwrap());
        far.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut lines = [0, 1].map(|call| line(call, far.local_addr().unwrap()));
        let shared = Arc::new(Shared::default());
        let stopped = shared.clone();
        let sender = std::thread::spawn(move || send(&near, &mut lines, &mut paths(), &stopped));
        let mut came = Vec::new();
        while came.len() < PACKETS {
            let mut buffer = [0; 200];
            let length = far.recv(&mut buffer).unwrap();
            assert_eq!(length, 172);
            let number = usize::from(u16::from_be_bytes([buffer[2], buffer[3]]));
            came.push((Instant::now(), usize::from(buffer[11]), number));
        }
        shared.stop.store(true, Relaxed);
        let sent = sender.join().unwrap();

        // The same paths again: what comes out when, in that order.
        let mut due = Vec::new();
        for (call, path) in paths().iter_mut().enumerate() {
            for number in 0..PACKETS {
                let entered = GRID * number as u32 + GRID * call as u32 / 2;
                due.extend(path.pass(entered, 172).into_iter().map(|at| (at, call, number)));
            }
        }
        due.sort();
        let begun = sent.calls[0].0[0];
        for ((came, call, number), (at, due_call, due_number)) in came.iter().zip(&due) {
            assert_eq!((call, number), (due_call, due_number));
            assert!(came.duration_since(begun) >= *at);
            let left = sent.calls[*call].1[*number].unwrap();
            assert!(left <= *came);
        }
        let last = due[PACKETS - 1].0;
        let lost = sent.calls.iter().flat_map(|(sent, left)| sent.iter().zip(left));
        let lost = lost.filter(|(sent, left)| {
            left.is_none() && sent.duration_since(begun) + Duration::from_millis(40) < last
        });
        assert!(lost.count() >= 5, "a fifth of all is lost");
        assert!(sent.late_ms.len() >= PACKETS && sent.late_ms.iter().all(|late| *late >= 0.0));
    }
}

//! A DNS server that knows addresses of IPv4 and nothing else (RFC 1035 §4).

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

/// The server. It ends when it is dropped.
pub struct NameServer {
    address: SocketAddr,
    records: Arc<Mutex<Vec<Record>>>,
    thread: Option<JoinHandle<()>>,
}

/// A name and where it is.
pub type Record = (&'static str, Ipv4Addr);

impl NameServer {
    pub fn start(records: &[Record]) -> Self {
        let records = Arc::new(Mutex::new(records.to_vec()));
        let known = Arc::clone(&records);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut query = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut query) {
                let Some(answer) = answer(&query[..length], &known.lock().unwrap()) else { return };
                let _ = socket.send_to(&answer, from);
            }
        });
        Self { address, records, thread: Some(thread) }
    }

    /// Knows these and no others from now on.
    pub fn set(&self, records: &[Record]) {
        *self.records.lock().unwrap() = records.to_vec();
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        // What is no query ends it.
        let sent = UdpSocket::bind("127.0.0.1:0").and_then(|own| own.send_to(&[], self.address));
        if let (Ok(_), Some(thread)) = (sent, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

/// The answer to a query; `None` when it is none.
fn answer(query: &[u8], records: &[Record]) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    let (mut at, mut labels) = (HEADER, Vec::new());
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let (name, is_a) = (labels.join("."), query.get(at..at + 2)? == [0, 1]);
    let found: Vec<Ipv4Addr> =
        records.iter().filter(|(known, _)| is_a && *known == name).map(|(_, ip)| *ip).collect();
    let mut answer = query.get(..2)?.to_vec();
    // A response, with recursion wanted and there; one question, so many answers.
    answer.extend([0x81, 0x80, 0, 1, 0, found.len() as u8, 0, 0, 0, 0]);
    answer.extend(query.get(HEADER..at + 4)?);
    for ip in found {
        // The name of the question, A, IN, a minute, 4 octets.
        answer.extend([0xc0, HEADER as u8, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(ip.octets());
    }
    Some(answer)
}

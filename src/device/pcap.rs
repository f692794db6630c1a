//! Packet captures in the classic PCAP format, with link type RAW: the IP and UDP (or TCP) headers
//! round each payload are made up here from its addresses, for an engine without raw sockets sees
//! none.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use super::{
    files::{FileStatus, Output},
    ring::{RingReader, RingWriter, ring},
};

/// The writing end of a capture for one thread. Never waits. The file is finished when all of its
/// ends were dropped.
#[derive(Debug)]
pub struct PcapSink {
    records: RingWriter<u8>,
    status: Arc<FileStatus>,
    start: Instant,
    start_unix_us: u64,
    /// Sequence numbers of the TCP streams seen, by direction.
    streams: Vec<(SocketAddr, SocketAddr, u32)>,
}

impl PcapSink {
    /// A UDP datagram that went or came at `now`.
    pub fn datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        payload: &[u8],
    ) {
        let mut headers = Headers::new(source, destination);
        headers.udp(payload);
        self.write(now, headers.bytes(), payload);
    }

    /// Bytes of a TCP stream that went or came at `now`.
    pub fn stream(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
    ) {
        for segment in bytes.chunks(TCP_SEGMENT_BYTES) {
            let acknowledged = self.sequence(destination, source, 0);
            let sequence = self.sequence(source, destination, segment.len() as u32);
            let mut headers = Headers::new(source, destination);
            headers.tcp(sequence, acknowledged, segment);
            self.write(now, headers.bytes(), segment);
        }
    }

    /// Whether an error ended the file: writing on does nothing.
    pub fn has_failed(&self) -> bool {
        self.status.has_failed()
    }

    /// The next sequence number of a direction, advanced by `count`.
    fn sequence(&mut self, source: SocketAddr, destination: SocketAddr, count: u32) -> u32 {
        let known =
            self.streams.iter().position(|(from, to, _)| (*from, *to) == (source, destination));
        let at = known.unwrap_or_else(|| {
            self.streams.push((source, destination, 1));
            self.streams.len() - 1
        });
        let next = &mut self.streams[at].2;
        let sequence = *next;
        *next = next.wrapping_add(count);
        sequence
    }

    fn write(&mut self, now: Instant, headers: &[u8], payload: &[u8]) {
        let length = headers.len() + payload.len();
        if self.has_failed() {
            return;
        }
        if length > MAX_PACKET_BYTES || self.records.free() < PREFIX_BYTES + length {
            self.status.add_dropped(1);
            return;
        }
        let since = now.saturating_duration_since(self.start).as_micros() as u64;
        let mut prefix = [0u8; PREFIX_BYTES];
        prefix[..8].copy_from_slice(&(self.start_unix_us + since).to_le_bytes());
        prefix[8..].copy_from_slice(&(length as u32).to_le_bytes());
        self.records.push(&prefix);
        self.records.push(headers);
        self.records.push(payload);
    }
}

/// The files thread's side of a capture.
pub(super) struct PcapJob {
    inputs: Vec<Input>,
    out: Box<dyn Output>,
    packets: u64,
    /// Time stamp and place in `buffer` of each packet of this round.
    index: Vec<(u64, usize, usize)>,
    buffer: Vec<u8>,
}

/// The reading ends of a capture's rings.
pub(super) struct PcapInputs(Vec<Input>);

struct Input {
    records: RingReader<u8>,
    /// A prefix that was read while its packet is still being written.
    pending: Option<(u64, usize)>,
}

impl PcapInputs {
    /// Makes `N` ends of a capture.
    pub(super) fn new<const N: usize>(status: &Arc<FileStatus>) -> (Self, [PcapSink; N]) {
        let start = Instant::now();
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut inputs = Vec::with_capacity(N);
        let sinks = std::array::from_fn(|_| {
            let (records, reader) = ring(RING_BYTES);
            inputs.push(Input { records: reader, pending: None });
            PcapSink {
                records,
                status: Arc::clone(status),
                start,
                start_unix_us: unix.as_micros() as u64,
                streams: Vec::new(),
            }
        });
        (Self(inputs), sinks)
    }
}

impl PcapJob {
    /// Writes the file's header.
    pub(super) fn start(mut out: Box<dyn Output>, inputs: PcapInputs) -> io::Result<Self> {
        out.write_all(&file_header())?;
        Ok(Self { inputs: inputs.0, out, packets: 0, index: Vec::new(), buffer: Vec::new() })
    }

    /// Whether all ends were dropped.
    pub(super) fn is_abandoned(&self) -> bool {
        self.inputs.iter().all(|input| input.records.is_abandoned())
    }

    /// Packets written.
    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    /// Writes what waits, in the order of time over all ends.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        self.index.clear();
        self.buffer.clear();
        for input in &mut self.inputs {
            // What is there now; what comes meanwhile is the next round's.
            let end = self.buffer.len() + input.records.fill();
            while self.buffer.len() < end
                && let Some((time_us, length)) = input.next()
            {
                let from = self.buffer.len();
                self.buffer.resize(from + length, 0);
                input.records.pop(&mut self.buffer[from..]);
                self.index.push((time_us, from, length));
            }
        }
        self.index.sort_by_key(|&(time_us, ..)| time_us);
        let mut records = Vec::with_capacity(self.buffer.len() + 16 * self.index.len());
        for &(time_us, from, length) in &self.index {
            for field in [time_us / 1_000_000, time_us % 1_000_000, length as u64, length as u64] {
                records.extend_from_slice(&(field as u32).to_le_bytes());
            }
            records.extend_from_slice(&self.buffer[from..from + length]);
        }
        self.out.write_all(&records)?;
        self.packets += self.index.len() as u64;
        Ok(())
    }
}

impl Input {
    /// Time and length of the next packet that is there as a whole.
    fn next(&mut self) -> Option<(u64, usize)> {
        if self.pending.is_none() && self.records.fill() >= PREFIX_BYTES {
            let mut prefix = [0u8; PREFIX_BYTES];
            self.records.pop(&mut prefix);
            let (time, length) = prefix.split_at(8);
            self.pending = Some((
                u64::from_le_bytes(time.try_into().ok()?),
                u32::from_le_bytes(length.try_into().ok()?) as usize,
            ));
        }
        let (_, length) = self.pending?;
        if self.records.fill() < length {
            return None;
        }
        self.pending.take()
    }
}

/// Magic (µs stamps, little-endian), version 2.4, zone 0, accuracy 0, snap length, LINKTYPE_RAW.
fn file_header() -> [u8; 24] {
    let mut header = [0u8; 24];
    header[..4].copy_from_slice(&0xa1b2_c3d4u32.to_le_bytes());
    header[4] = 2;
    header[6] = 4;
    header[16..20].copy_from_slice(&(MAX_PACKET_BYTES as u32).to_le_bytes());
    header[20] = LINKTYPE_RAW;
    header
}

/// IP and UDP or TCP headers in front of a payload.
struct Headers {
    bytes: [u8; 60],
    length: usize,
    source: SocketAddr,
    destination: SocketAddr,
}

impl Headers {
    fn new(source: SocketAddr, destination: SocketAddr) -> Self {
        Self { bytes: [0; 60], length: 0, source, destination }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// RFC 768.
    fn udp(&mut self, payload: &[u8]) {
        let at = self.ip(PROTOCOL_UDP, 8 + payload.len());
        self.put_u16(at, self.source.port());
        self.put_u16(at + 2, self.destination.port());
        self.put_u16(at + 4, (8 + payload.len()) as u16);
        let checksum = match self.transport_checksum(PROTOCOL_UDP, at, payload) {
            0 => 0xffff,
            checksum => checksum,
        };
        self.put_u16(at + 6, checksum);
    }

    /// RFC 9293 §3.1, with PSH and ACK.
    fn tcp(&mut self, sequence: u32, acknowledged: u32, payload: &[u8]) {
        let at = self.ip(PROTOCOL_TCP, 20 + payload.len());
        self.put_u16(at, self.source.port());
        self.put_u16(at + 2, self.destination.port());
        self.bytes[at + 4..at + 8].copy_from_slice(&sequence.to_be_bytes());
        self.bytes[at + 8..at + 12].copy_from_slice(&acknowledged.to_be_bytes());
        self.bytes[at + 12] = 5 << 4;
        self.bytes[at + 13] = 0x18;
        self.put_u16(at + 14, 0xffff);
        let checksum = self.transport_checksum(PROTOCOL_TCP, at, payload);
        self.put_u16(at + 16, checksum);
    }

    /// The IP header (RFC 791 §3.1, RFC 8200 §3); gives where the transport's begins.
    fn ip(&mut self, protocol: u8, transport_bytes: usize) -> usize {
        let transport_header = if protocol == PROTOCOL_UDP { 8 } else { 20 };
        let at = match (self.source.ip(), self.destination.ip()) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                self.bytes[0] = 0x45;
                self.put_u16(2, (20 + transport_bytes) as u16);
                self.bytes[8] = 64;
                self.bytes[9] = protocol;
                self.bytes[12..16].copy_from_slice(&source.octets());
                self.bytes[16..20].copy_from_slice(&destination.octets());
                let checksum = fold(sum(&self.bytes[..20], 0));
                self.put_u16(10, checksum);
                20
            }
            (source, destination) => {
                self.bytes[0] = 0x60;
                self.put_u16(4, transport_bytes as u16);
                self.bytes[6] = protocol;
                self.bytes[7] = 64;
                self.bytes[8..24].copy_from_slice(&v6(source));
                self.bytes[24..40].copy_from_slice(&v6(destination));
                40
            }
        };
        self.length = at + transport_header;
        at
    }

    /// Over the pseudo-header, the transport's header from `at`, and the payload.
    fn transport_checksum(&self, protocol: u8, at: usize, payload: &[u8]) -> u16 {
        let addresses = if at == 20 { &self.bytes[12..20] } else { &self.bytes[8..40] };
        let length = self.length - at + payload.len();
        let total = sum(addresses, u64::from(protocol) + length as u64);
        fold(sum(payload, sum(&self.bytes[at..self.length], total)))
    }

    fn put_u16(&mut self, at: usize, value: u16) {
        self.bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
    }
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// Adds 16-bit words, the last byte of an odd length being the high one (RFC 1071).
fn sum(bytes: &[u8], start: u64) -> u64 {
    bytes.chunks(2).fold(start, |total, pair| {
        let low = pair.get(1).copied().unwrap_or(0);
        total + u64::from(u16::from_be_bytes([pair[0], low]))
    })
}

fn fold(mut total: u64) -> u16 {
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    !(total as u16)
}

const LINKTYPE_RAW: u8 = 101;
const PROTOCOL_TCP: u8 = 6;
const PROTOCOL_UDP: u8 = 17;
/// Time stamp (8) and length (4) before each packet in a ring.
const PREFIX_BYTES: usize = 12;
/// Ring of one end: two seconds of a 20 ms call both ways need 60 kB.
const RING_BYTES: usize = 256 << 10;
/// Largest IP packet.
const MAX_PACKET_BYTES: usize = 65_535;
/// Stream bytes per made-up TCP segment.
const TCP_SEGMENT_BYTES: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn capture<const N: usize>() -> (PcapJob, [PcapSink; N]) {
        let (inputs, sinks) = PcapInputs::new(&Arc::default());
        (PcapJob::start(Box::new(io::Cursor::new(Vec::new())), inputs).unwrap(), sinks)
    }

    #[test]
    fn checksums_of_made_up_headers_are_right() {
        for (source, destination) in
            [("10.0.0.1:5060", "10.0.0.2:40000"), ("[::1]:5060", "10.0.0.2:40000")]
        {
            let payload = b"OPTIONS sip:a SIP/2.0";
            let mut udp = Headers::new(source.parse().unwrap(), destination.parse().unwrap());
            udp.udp(payload);
            let at = udp.length - 8;
            assert_eq!(udp.transport_checksum(PROTOCOL_UDP, at, payload), 0, "checks to zero");
            let mut tcp = Headers::new(source.parse().unwrap(), destination.parse().unwrap());
            tcp.tcp(1, 1, payload);
            let at = tcp.length - 20;
            assert_eq!(tcp.transport_checksum(PROTOCOL_TCP, at, payload), 0);
            if at == 20 {
                assert_eq!(fold(sum(&tcp.bytes[..20], 0)), 0);
            }
        }
    }

    #[test]
    fn packets_of_several_ends_are_written_in_the_order_of_time() {
        let (mut job, [mut media, mut signalling]) = capture();
        let (a, b) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
        let start = media.start;
        media.datagram(start + Duration::from_millis(20), a, b, &[2; 172]);
        media.datagram(start + Duration::from_millis(40), a, b, &[4; 172]);
        signalling.stream(start + Duration::from_millis(30), a, b, &[3; 20]);
        signalling.stream(start + Duration::from_millis(50), a, b, &[5; 20]);
        job.drain().unwrap();
        let last_bytes: Vec<u8> =
            job.index.iter().map(|&(_, from, length)| job.buffer[from + length - 1]).collect();
        assert_eq!(last_bytes, [2, 3, 4, 5]);
        assert_eq!(job.packets(), 4);
        assert_eq!(job.index[0].2, 28 + 172);
        let tcp = &job.buffer[job.index[3].1..];
        assert_eq!(tcp[24..28], 21u32.to_be_bytes(), "the second segment follows the first");
        drop((media, signalling));
        assert!(job.is_abandoned());
    }

    #[test]
    fn a_full_ring_drops_whole_packets_and_counts_them() {
        let (mut job, [mut sink]) = capture::<1>();
        let (a, b) = ("[::1]:1".parse().unwrap(), "[::1]:2".parse().unwrap());
        let now = sink.start;
        for _ in 0..300 {
            sink.datagram(now, a, b, &[7; 1000]);
        }
        job.drain().unwrap();
        assert_eq!(job.packets(), (RING_BYTES / (1000 + 48 + 12)) as u64);
        sink.datagram(now, a, b, &[7; 1000]);
        job.drain().unwrap();
        assert_eq!(job.packets(), (RING_BYTES / (1000 + 48 + 12)) as u64 + 1);
    }
}

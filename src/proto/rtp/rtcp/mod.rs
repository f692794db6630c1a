//! RTCP (RFC 3550 §6): compound packets in and out. These five files are the only ones that name
//! `rtcp-types`.
//!
//! ```text
//!   datagram ── parse() ──> SenderReport | ReceiverReport | Sdes | Bye | ignored
//!   Compound::new(sr or rr).sdes().bye() ──> bytes
//!   schedule::Schedule says when
//! ```

pub mod bye;
pub mod rr;
pub mod schedule;
pub mod sdes;
pub mod sr;

use rtcp_types::RtcpPacketParser;

/// A report block of §6.4.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source reported on.
    pub ssrc: u32,
    /// Loss since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Loss since the start; negative when duplicates came. 24 bits.
    pub cumulative_lost: i32,
    /// Highest sequence number with its cycles.
    pub extended_sequence: u32,
    /// Interarrival jitter in units of the RTP clock.
    pub jitter: u32,
    /// Middle 32 bits of the last sender report's NTP timestamp, 0 for none.
    pub last_sr: u32,
    /// Time since that report, in 1/65536 s.
    pub delay_since_last_sr: u32,
}

/// One packet of a received compound packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// SR (§6.4.1).
    SenderReport(sr::SenderReport),
    /// RR (§6.4.2).
    ReceiverReport(rr::ReceiverReport),
    /// SDES (§6.5): sources and their CNAME.
    Sdes(Vec<sdes::Chunk>),
    /// BYE (§6.6).
    Bye(bye::Bye),
    /// APP, feedback, XR: not used here.
    Other,
}

/// The bytes are no compound packet that passes the checks of A.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads a compound packet. It must begin with SR or RR and its lengths must add up (A.2). A part
/// whose body is broken harms only itself.
pub fn parse(bytes: &[u8]) -> Result<Vec<Packet>, Malformed> {
    // A.2: the first packet is SR or RR and has no padding.
    if bytes.len() < 8 || bytes[0] & 0xe0 != 0x80 || !matches!(bytes[1], SR | RR) {
        return Err(Malformed);
    }
    let mut packets = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let &[first, kind, high, low, ..] = rest else {
            return Err(Malformed);
        };
        let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
        if first >> 6 != 2 || length > rest.len() {
            return Err(Malformed);
        }
        let (packet, after) = rest.split_at(length);
        packets.push(parse_one(kind, packet).unwrap_or(Packet::Other));
        rest = after;
    }
    Ok(packets)
}

fn parse_one(kind: u8, bytes: &[u8]) -> Option<Packet> {
    fn read<'a, P: RtcpPacketParser<'a>>(bytes: &'a [u8]) -> Option<P> {
        P::parse(bytes).ok()
    }
    Some(match kind {
        SR => Packet::SenderReport(sr::SenderReport::from_wire(&read(bytes)?)),
        RR => Packet::ReceiverReport(rr::ReceiverReport::from_wire(&read(bytes)?)),
        SDES => Packet::Sdes(sdes::from_wire(&read(bytes)?)),
        BYE => Packet::Bye(bye::Bye::from_wire(&read(bytes)?)),
        _ => Packet::Other,
    })
}

const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;

/// A compound packet to be sent: a report, our CNAME, and BYE at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compound<'a> {
    /// The report that comes first.
    pub report: Report,
    /// Our canonical name (§6.5.1); cut at 255 bytes.
    pub cname: &'a str,
    /// Say BYE for our source.
    pub bye: bool,
}

/// SR when we sent RTP since the last two reports, else RR (§6.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// SR.
    Sender(sr::SenderReport),
    /// RR.
    Receiver(rr::ReceiverReport),
}

impl Compound<'_> {
    /// Appends the packet to `buffer`; `false` when it cannot be written, `buffer` is then as before.
    pub fn write(&self, buffer: &mut Vec<u8>) -> bool {
        let start = buffer.len();
        let written = self.try_write(buffer);
        if !written {
            buffer.truncate(start);
        }
        written
    }

    fn try_write(&self, buffer: &mut Vec<u8>) -> bool {
        let ssrc = match &self.report {
            Report::Sender(report) => report.ssrc,
            Report::Receiver(report) => report.ssrc,
        };
        let report = match &self.report {
            Report::Sender(report) => append(&report.to_wire(), buffer),
            Report::Receiver(report) => append(&report.to_wire(), buffer),
        };
        report
            && append(&sdes::to_wire(ssrc, self.cname), buffer)
            && (!self.bye || append(&bye::to_wire(ssrc), buffer))
    }
}

fn append(packet: &dyn rtcp_types::RtcpPacketWriter, buffer: &mut Vec<u8>) -> bool {
    let Ok(size) = packet.calculate_size() else {
        return false;
    };
    let start = buffer.len();
    buffer.resize(start + size, 0);
    packet.write_into_unchecked(&mut buffer[start..]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> ReportBlock {
        ReportBlock {
            ssrc: 7,
            fraction_lost: 12,
            cumulative_lost: -3,
            extended_sequence: 0x1_0002,
            jitter: 44,
            last_sr: 0xaabb_ccdd,
            delay_since_last_sr: 65_536,
        }
    }

    #[test]
    fn reads_back_a_sender_report_with_cname_and_bye() {
        let report = sr::SenderReport {
            ssrc: 1,
            ntp: 0x0102_0304_0506_0708,
            rtp_timestamp: 160,
            packets: 10,
            payload_bytes: 1600,
            blocks: vec![block()],
        };
        let compound = Compound { report: Report::Sender(report.clone()), cname: "a@b", bye: true };
        let mut bytes = Vec::new();
        assert!(compound.write(&mut bytes));
        assert_eq!(bytes.len() % 4, 0);
        let packets = parse(&bytes).unwrap();
        assert_eq!(packets[0], Packet::SenderReport(report));
        let chunk = sdes::Chunk { ssrc: 1, cname: Some("a@b".to_owned()) };
        assert_eq!(packets[1], Packet::Sdes(vec![chunk]));
        assert_eq!(packets[2], Packet::Bye(bye::Bye { sources: vec![1] }));
    }

    #[test]
    fn reads_back_a_receiver_report() {
        let report = rr::ReceiverReport { ssrc: 1, blocks: vec![block()] };
        let compound = Compound { report: Report::Receiver(report.clone()), cname: "", bye: false };
        let mut bytes = Vec::new();
        assert!(compound.write(&mut bytes));
        assert_eq!(parse(&bytes).unwrap()[0], Packet::ReceiverReport(report));
    }

    #[test]
    fn refuses_what_fails_the_checks_of_a2() {
        let sdes_first = [0x81, 202, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0];
        assert_eq!(parse(&sdes_first), Err(Malformed));
        let empty_report = [0x80, 201, 0, 1, 0, 0, 0, 1];
        assert_eq!(parse(&empty_report).map(|packets| packets.len()), Ok(1));
        assert_eq!(parse(&empty_report[..7]), Err(Malformed));
        let too_long = [0x80, 201, 0, 2, 0, 0, 0, 1];
        assert_eq!(parse(&too_long), Err(Malformed));
        let mut tail = empty_report.to_vec();
        tail.extend_from_slice(&[0x80, 203]);
        assert_eq!(parse(&tail), Err(Malformed));
        let padded = [0xa0, 201, 0, 1, 0, 0, 0, 4];
        assert_eq!(parse(&padded), Err(Malformed));
    }

    #[test]
    fn a_broken_part_harms_only_itself() {
        // RR, SDES with an item that runs over its end, BYE.
        let mut bytes = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
        bytes.extend_from_slice(&[0x81, 202, 0, 2, 0, 0, 0, 1, 1, 200, b'x', b'y']);
        bytes.extend_from_slice(&[0x81, 203, 0, 1, 0, 0, 0, 1]);
        let packets = parse(&bytes).unwrap();
        assert_eq!(packets[1], Packet::Other);
        assert_eq!(packets[2], Packet::Bye(bye::Bye { sources: vec![1] }));
    }
}

//! RTP packets out of a PCAP file, as a listener on the wire sees them.

use std::{fs, io, path::Path};

/// An RTP packet as it was captured.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// When, in milliseconds since 1970.
    pub time_ms: f64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// What follows the RTP header; never empty.
    pub payload: Vec<u8>,
}

/// The RTP packets that left `source_port`, in the order of the file.
pub fn packets(pcap: &Path, source_port: u16) -> io::Result<Vec<Packet>> {
    let bytes = fs::read(pcap)?;
    Ok(records(&bytes).filter_map(|(time_ms, ip)| packet(time_ms, ip, source_port)).collect())
}

/// Time and contents of each record of a classic PCAP file with link type RAW.
fn records(bytes: &[u8]) -> impl Iterator<Item = (f64, &[u8])> {
    let mut rest = bytes.get(24..).unwrap_or_default();
    std::iter::from_fn(move || {
        let word = |at: usize| Some(u32::from_le_bytes(rest.get(at..at + 4)?.try_into().ok()?));
        let time_ms = f64::from(word(0)?) * 1000.0 + f64::from(word(4)?) / 1000.0;
        let length = word(8)? as usize;
        let packet = rest.get(16..16 + length)?;
        rest = &rest[16 + length..];
        Some((time_ms, packet))
    })
}

/// The RTP packet in an IPv4 UDP packet from `source_port`.
fn packet(time_ms: f64, ip: &[u8], source_port: u16) -> Option<Packet> {
    let header = usize::from(ip.first()? & 0x0f) * 4;
    if ip[0] >> 4 != 4 || *ip.get(9)? != 17 {
        return None;
    }
    let udp = ip.get(header..)?;
    if u16::from_be_bytes([*udp.first()?, *udp.get(1)?]) != source_port {
        return None;
    }
    let rtp = udp.get(8..)?;
    let (first, second) = (*rtp.first()?, *rtp.get(1)?);
    // RTCP on the same port has packet types 192 to 223 there (RFC 5761 §4).
    if first >> 6 != 2 || (192..224).contains(&second) {
        return None;
    }
    let timestamp = u32::from_be_bytes(rtp.get(4..8)?.try_into().ok()?);
    let mut at = 12 + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes([*rtp.get(at + 2)?, *rtp.get(at + 3)?]);
        at += 4 + 4 * usize::from(words);
    }
    let payload = rtp.get(at..).filter(|payload| !payload.is_empty())?.to_vec();
    Some(Packet { time_ms, timestamp, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rtp_of_one_port_and_passes_over_the_rest() {
        let udp = |port: u16, body: &[u8]| {
            let mut ip = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
            ip.extend_from_slice(&port.to_be_bytes());
            ip.extend_from_slice(&[0, 9, 0, 0, 0, 0]);
            ip.extend_from_slice(body);
            ip
        };
        let rtp = [0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 0xAA, 0xBB];
        let rtcp = [0x80, 200, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 0xAA, 0xBB];
        let mut file = vec![0; 24];
        for packet in [udp(7000, &rtp), udp(7001, &rtp), udp(7000, &rtcp), udp(7000, b"hi")] {
            file.extend_from_slice(&2u32.to_le_bytes());
            file.extend_from_slice(&5_000u32.to_le_bytes());
            file.extend_from_slice(&(packet.len() as u32).to_le_bytes());
            file.extend_from_slice(&[0; 4]);
            file.extend_from_slice(&packet);
        }
        file.extend_from_slice(&[1, 2, 3]);
        let found: Vec<Packet> = records(&file).filter_map(|(t, ip)| packet(t, ip, 7000)).collect();
        let expected = Packet { time_ms: 2_005.0, timestamp: 160, payload: vec![0xAA, 0xBB] };
        assert_eq!(found, [expected]);
    }
}

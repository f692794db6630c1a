//! The wire as a listener without the key sees it: RTP payloads out of a PCAP file, and what
//! decoders make of them.

use std::{fs, io, path::Path};

use sidetone::dsp::{
    codec::Decode,
    g711::{G711Decoder, Law},
    opus::OpusDecoder,
};

use super::check::Track;

/// The audio payloads that left `source_port`, in order, behind their RTP headers.
pub fn payloads(pcap: &Path, source_port: u16) -> io::Result<Vec<Vec<u8>>> {
    let bytes = fs::read(pcap)?;
    Ok(records(&bytes).filter_map(|packet| payload(packet, source_port)).collect())
}

/// What each decoder of this engine makes of the payloads; what one refuses is silence.
pub fn decoded(payloads: &[Vec<u8>]) -> Vec<Track> {
    let mut decoders: Vec<Box<dyn Decode>> =
        vec![Box::new(G711Decoder::new(Law::Mu)), Box::new(G711Decoder::new(Law::A))];
    if let Ok(opus) = OpusDecoder::new() {
        decoders.push(Box::new(opus));
    }
    decoders.iter_mut().map(|decoder| decode(payloads, decoder.as_mut())).collect()
}

fn decode(payloads: &[Vec<u8>], decoder: &mut dyn Decode) -> Track {
    let rate_hz = decoder.sample_rate_hz();
    let mut pcm = vec![0i16; 5_760];
    let mut samples = Vec::new();
    for payload in payloads {
        let length = match decoder.samples(payload) {
            Ok(length) if length <= pcm.len() => decoder.decode(payload, &mut pcm),
            _ => Ok(0),
        };
        match length {
            Ok(length) if length > 0 => {
                samples.extend(pcm[..length].iter().map(|&s| f32::from(s) / 32768.0));
            }
            _ => samples.resize(samples.len() + rate_hz as usize / 50, 0.0),
        }
    }
    Track { rate_hz, samples }
}

/// The packets of a classic PCAP file with link type RAW.
fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes.get(24..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_le_bytes(rest.get(8..12)?.try_into().ok()?) as usize;
        let packet = rest.get(16..16 + length)?;
        rest = &rest[16 + length..];
        Some(packet)
    })
}

/// The RTP payload of an IPv4 UDP packet from `source_port`.
fn payload(packet: &[u8], source_port: u16) -> Option<Vec<u8>> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    if packet[0] >> 4 != 4 || *packet.get(9)? != 17 {
        return None;
    }
    let udp = packet.get(header..)?;
    if u16::from_be_bytes([*udp.first()?, *udp.get(1)?]) != source_port {
        return None;
    }
    let rtp = udp.get(8..)?;
    let (first, second) = (*rtp.first()?, *rtp.get(1)?);
    // RTCP on the same port has packet types 192 to 223 there (RFC 5761 §4).
    if first >> 6 != 2 || (192..224).contains(&second) {
        return None;
    }
    let mut at = 12 + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes([*rtp.get(at + 2)?, *rtp.get(at + 3)?]);
        at += 4 + 4 * usize::from(words);
    }
    rtp.get(at..).filter(|payload| !payload.is_empty()).map(<[u8]>::to_vec)
}

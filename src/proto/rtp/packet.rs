//! The RTP packet on the wire (RFC 3550 §5.1): a borrowed view of a received one, the header of one
//! to be sent. The only file that names `rtp-types`.

use rtp_types::{RtpPacket, RtpPacketBuilder};

use crate::base::time::RtpTimestamp;

/// Bytes of the header that we send: no CSRC, no extension.
pub const HEADER_BYTES: usize = 12;

/// The bytes are no RTP packet of version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A received packet, borrowed from the datagram. Padding is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Marker bit.
    pub marker: bool,
    /// Sequence number as on the wire.
    pub sequence: u16,
    /// Timestamp as on the wire.
    pub timestamp: RtpTimestamp,
    /// Source.
    pub ssrc: u32,
    /// Payload without padding; may be empty.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a datagram.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let packet = RtpPacket::parse(bytes).map_err(|_| Malformed)?;
        let start = packet.payload_offset();
        let end = start + packet.payload_len();
        Ok(Self {
            payload_type: packet.payload_type(),
            marker: packet.marker_bit(),
            sequence: packet.sequence_number(),
            timestamp: RtpTimestamp(packet.timestamp()),
            ssrc: packet.ssrc(),
            payload: bytes.get(start..end).ok_or(Malformed)?,
        })
    }
}

/// Header of a packet to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Marker bit: the first packet of a talkspurt (RFC 3551 §4.1) or of an event.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp.
    pub timestamp: RtpTimestamp,
    /// Source.
    pub ssrc: u32,
}

impl Header {
    /// Appends the header to `buffer`; the payload is appended after it.
    pub fn write(&self, buffer: &mut Vec<u8>) {
        RtpPacketBuilder::<&[u8], &[u8]>::new()
            .payload_type(self.payload_type & 0x7f)
            .marker_bit(self.marker)
            .sequence_number(self.sequence)
            .timestamp(self.timestamp.0)
            .ssrc(self.ssrc)
            .write_into_vec_unchecked(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        let header = Header {
            payload_type: 96,
            marker: true,
            sequence: 65_535,
            timestamp: RtpTimestamp(0xffff_fff0),
            ssrc: 0xcafe_babe,
        };
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        assert_eq!(bytes.len(), HEADER_BYTES);
        bytes.extend_from_slice(b"speech");
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.payload, b"speech");
        assert_eq!((packet.payload_type, packet.marker), (96, true));
        assert_eq!((packet.sequence, packet.timestamp), (65_535, RtpTimestamp(0xffff_fff0)));
        assert_eq!(packet.ssrc, 0xcafe_babe);
    }

    #[test]
    fn skips_csrcs_extension_and_padding() {
        let mut bytes = vec![0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend_from_slice(&[0, 0, 0, 9]); // one CSRC
        bytes.extend_from_slice(&[0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0]); // extension of one word
        bytes.extend_from_slice(&[1, 2, 3, 0, 2]); // three bytes of payload, two of padding
        assert_eq!(Packet::parse(&bytes).unwrap().payload, &[1, 2, 3]);
    }

    #[test]
    fn refuses_other_versions_short_headers_and_padding_past_the_payload() {
        assert_eq!(Packet::parse(&[]), Err(Malformed));
        assert_eq!(Packet::parse(&[0x80; 11]), Err(Malformed));
        let mut bytes = [0u8; 16];
        assert_eq!(Packet::parse(&bytes), Err(Malformed), "version 0");
        bytes[0] = 0xa0;
        bytes[15] = 5;
        assert_eq!(Packet::parse(&bytes), Err(Malformed), "5 bytes of padding in 4 of payload");
        bytes[0] = 0x9f;
        assert_eq!(
            Packet::parse(&bytes),
            Err(Malformed),
            "15 CSRCs and an extension are not there"
        );
    }
}

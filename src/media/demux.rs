//! What a datagram on a media port is, by its first bytes (RFC 7983 §7, RFC 5761 §4). Nothing is
//! believed here.

/// The protocol of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// RTP or SRTP.
    Rtp,
    /// RTCP or SRTCP.
    Rtcp,
    /// STUN; not spoken yet.
    Stun,
    /// DTLS; not spoken yet.
    Dtls,
    /// Nothing known.
    Unknown,
}

/// Sorts a datagram.
pub fn classify(bytes: &[u8]) -> Class {
    match bytes {
        [0..=3, ..] => Class::Stun,
        [20..=63, ..] => Class::Dtls,
        // RFC 5761 §4: RTCP packet types 192 to 223; with the marker bit cut off these would be RTP
        // payload types 64 to 95, which nobody uses.
        [128..=191, 192..=223, ..] => Class::Rtcp,
        [128..=191, _, ..] => Class::Rtp,
        _ => Class::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_by_the_table_of_rfc_7983() {
        for (bytes, class) in [
            (&[0u8, 1][..], Class::Stun),
            (&[3, 0], Class::Stun),
            (&[22, 254], Class::Dtls),
            (&[64, 0], Class::Unknown),
            (&[0x80, 0], Class::Rtp),
            (&[0x80, 0x80 | 96], Class::Rtp),
            (&[0xbf, 127], Class::Rtp),
            (&[0x80, 200], Class::Rtcp),
            (&[0x81, 207], Class::Rtcp),
            (&[192, 0], Class::Unknown),
            (&[0x80], Class::Unknown),
            (&[], Class::Unknown),
        ] {
            assert_eq!(classify(bytes), class, "{bytes:?}");
        }
    }
}

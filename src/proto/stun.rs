//! STUN Binding (RFC 8489), as much of it as keeps a SIP flow open (RFC 5626 §4.4.2): the request,
//! and the success response with the address that the server saw.
//!
//! Not here: ICE, TURN, credentials, and when anything is sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Tells a response's request.
pub type TransactionId = [u8; 12];

/// A message that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Somebody asks which address we see.
    Request(TransactionId),
    /// The answer; `None`: it tells no address that we can read.
    Success(TransactionId, Option<SocketAddr>),
    /// A refusal.
    Error(TransactionId),
}

/// Why octets are no STUN Binding message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StunError {
    /// Not STUN at all: the first two bits or the cookie are others.
    NotStun,
    /// Cut off, or with a length that does not fit.
    Length,
    /// STUN, but another method, or an indication.
    Method,
}

/// Whether a datagram is STUN rather than SIP: no SIP message begins with an octet below 4
/// (RFC 5626 §4.4.2, RFC 7983).
pub fn is_stun(octets: &[u8]) -> bool {
    octets.first().is_some_and(|first| *first < 4)
        && octets.get(4..8) == Some(&MAGIC_COOKIE.to_be_bytes())
}

/// A Binding request without attributes.
pub fn request(id: TransactionId) -> Vec<u8> {
    message(BINDING_REQUEST, id, &[])
}

/// The answer to one that came from `seen`.
pub fn success(id: TransactionId, seen: SocketAddr) -> Vec<u8> {
    let mut value = vec![0, if seen.is_ipv4() { FAMILY_IPV4 } else { FAMILY_IPV6 }];
    value.extend((seen.port() ^ (MAGIC_COOKIE >> 16) as u16).to_be_bytes());
    match seen.ip() {
        IpAddr::V4(v4) => value.extend(mask(id).iter().zip(v4.octets()).map(|(m, b)| m ^ b)),
        IpAddr::V6(v6) => value.extend(mask(id).iter().zip(v6.octets()).map(|(m, b)| m ^ b)),
    }
    let mut attribute = XOR_MAPPED_ADDRESS.to_be_bytes().to_vec();
    attribute.extend((value.len() as u16).to_be_bytes());
    attribute.extend(value);
    message(BINDING_SUCCESS, id, &attribute)
}

/// Reads a message. Attributes that are not understood are passed over, also those that RFC 8489
/// §5 calls comprehension-required: nothing is decided by them here.
pub fn parse(octets: &[u8]) -> Result<Binding, StunError> {
    if !is_stun(octets) {
        return Err(StunError::NotStun);
    }
    let word = |at: usize| Some(u16::from_be_bytes(octets.get(at..at + 2)?.try_into().ok()?));
    let (Some(kind), Some(length)) = (word(0), word(2)) else { return Err(StunError::Length) };
    let id = octets.get(8..HEADER_BYTES).and_then(|id| TransactionId::try_from(id).ok());
    let attributes = octets.get(HEADER_BYTES..);
    let (Some(id), Some(attributes)) = (id, attributes) else { return Err(StunError::Length) };
    if attributes.len() != usize::from(length) || length % 4 != 0 {
        return Err(StunError::Length);
    }
    match kind {
        BINDING_REQUEST => Ok(Binding::Request(id)),
        BINDING_SUCCESS => Ok(Binding::Success(id, mapped(attributes, id))),
        BINDING_ERROR => Ok(Binding::Error(id)),
        _ => Err(StunError::Method),
    }
}

/// The address in the first XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS, as servers of RFC 3489 send.
fn mapped(mut attributes: &[u8], id: TransactionId) -> Option<SocketAddr> {
    let mut plain = None;
    while let Some((head, rest)) = attributes.split_first_chunk::<4>() {
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = rest.get(..length)?;
        match kind {
            XOR_MAPPED_ADDRESS => return address(value, mask(id)),
            MAPPED_ADDRESS => plain = plain.or(address(value, [0; 16])),
            _ => {}
        }
        // Attributes are padded to four octets; the last one's padding may be missing.
        attributes = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    plain
}

fn address(value: &[u8], mask: [u8; 16]) -> Option<SocketAddr> {
    let (head, ip) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2] ^ mask[0], head[3] ^ mask[1]]);
    let unmasked = ip.iter().zip(mask).map(|(octet, mask)| octet ^ mask);
    let ip: IpAddr = match (head[1], ip.len()) {
        (FAMILY_IPV4, 4) => {
            let mut octets = [0; 4];
            octets.iter_mut().zip(unmasked).for_each(|(octet, plain)| *octet = plain);
            Ipv4Addr::from(octets).into()
        }
        (FAMILY_IPV6, 16) => {
            let mut octets = [0; 16];
            octets.iter_mut().zip(unmasked).for_each(|(octet, plain)| *octet = plain);
            Ipv6Addr::from(octets).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// What XOR-MAPPED-ADDRESS is masked with (RFC 8489 §14.2).
fn mask(id: TransactionId) -> [u8; 16] {
    let mut mask = [0; 16];
    let octets = MAGIC_COOKIE.to_be_bytes().into_iter().chain(id);
    mask.iter_mut().zip(octets).for_each(|(mask, octet)| *mask = octet);
    mask
}

fn message(kind: u16, id: TransactionId, attributes: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(HEADER_BYTES + attributes.len());
    octets.extend(kind.to_be_bytes());
    octets.extend((attributes.len() as u16).to_be_bytes());
    octets.extend(MAGIC_COOKIE.to_be_bytes());
    octets.extend(id);
    octets.extend(attributes);
    octets
}

const MAGIC_COOKIE: u32 = 0x2112_A442;
const HEADER_BYTES: usize = 20;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const MAPPED_ADDRESS: u16 = 0x0001;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const FAMILY_IPV4: u8 = 1;
const FAMILY_IPV6: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 §2.1 and §2.2: the id of the sample messages.
    const ID: TransactionId =
        [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    #[test]
    fn reads_the_sample_responses_of_rfc_5769() {
        // §2.2: SOFTWARE "test vector" padded with a blank, then the address.
        let mut attributes = vec![0x80, 0x22, 0x00, 0x0b];
        attributes.extend(b"test vector ");
        attributes.extend([0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        let octets = message(BINDING_SUCCESS, ID, &attributes);
        let seen = "192.0.2.1:32853".parse().ok();
        assert_eq!(parse(&octets), Ok(Binding::Success(ID, seen)));
        // §2.3: IPv6.
        let mut attributes = vec![0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47];
        attributes.extend([
            0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2,
            0xb9, 0xd9,
        ]);
        let octets = message(BINDING_SUCCESS, ID, &attributes);
        let seen = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().ok();
        assert_eq!(parse(&octets), Ok(Binding::Success(ID, seen)));
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(parse(&request(ID)), Ok(Binding::Request(ID)));
        for seen in ["10.1.2.3:5060", "[2001:db8::1]:65535"] {
            let seen: SocketAddr = seen.parse().unwrap();
            assert_eq!(parse(&success(ID, seen)), Ok(Binding::Success(ID, Some(seen))));
        }
    }

    #[test]
    fn what_is_cut_off_or_no_stun_is_refused() {
        let whole = success(ID, "10.1.2.3:5060".parse().unwrap());
        for length in 0..whole.len() {
            let error = parse(&whole[..length]).unwrap_err();
            assert!(matches!(error, StunError::NotStun | StunError::Length), "{length}");
        }
        assert_eq!(parse(b"OPTIONS sip:a SIP/2.0\r\n\r\n"), Err(StunError::NotStun));
        assert_eq!(parse(b"\r\n\r\n"), Err(StunError::NotStun));
        let mut other = request(ID);
        other[1] = 3;
        assert_eq!(parse(&other), Err(StunError::Method));
        // An attribute that says it is longer than the message.
        let long = message(BINDING_SUCCESS, ID, &[0, 0x20, 0xff, 0xff]);
        assert_eq!(parse(&long), Ok(Binding::Success(ID, None)));
    }
}

//! Who sends, as far as an address tells.

use std::net::IpAddr;

/// Whom an address belongs to: an IPv6 one stands for its /64.
pub fn network_of(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.into(),
            None => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        },
    }
}

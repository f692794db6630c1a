//! The machine's network interfaces and their addresses (getifaddrs(3)).

use std::{io, net::IpAddr};

/// An address, and the interface that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Name of the interface, as the system calls it.
    pub interface: String,
    /// The address.
    pub ip: IpAddr,
}

/// The addresses of all interfaces, in the system's order. Errors: `Unsupported` where interfaces are
/// not told by name.
#[cfg(not(unix))]
pub fn addresses() -> io::Result<Vec<Address>> {
    let text = "interfaces cannot be named on this system; give an address";
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}

/// The addresses of all interfaces, in the system's order. Errors: `Unsupported` where interfaces are
/// not told by name.
#[cfg(unix)]
#[allow(unsafe_code)]
pub fn addresses() -> io::Result<Vec<Address>> {
    let mut first = std::ptr::null_mut();
    // SAFETY: the place for the list's head is a live pointer.
    if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let (mut found, mut at) = (Vec::new(), first);
    // SAFETY: the list is ours until it is freed, and ends with NULL; each entry's pointers are NULL
    // or good for as long, and an address is as long as its family says.
    unsafe {
        while let Some(entry) = at.as_ref() {
            let name = std::ffi::CStr::from_ptr(entry.ifa_name).to_string_lossy();
            let ip = match entry.ifa_addr.as_ref().map(|address| i32::from(address.sa_family)) {
                Some(libc::AF_INET) => {
                    let address = entry.ifa_addr.cast::<libc::sockaddr_in>().read_unaligned();
                    Some(IpAddr::from(address.sin_addr.s_addr.to_ne_bytes()))
                }
                Some(libc::AF_INET6) => {
                    let address = entry.ifa_addr.cast::<libc::sockaddr_in6>().read_unaligned();
                    Some(IpAddr::from(address.sin6_addr.s6_addr))
                }
                _ => None,
            };
            found.extend(ip.map(|ip| Address { interface: name.into_owned(), ip }));
            at = entry.ifa_next;
        }
        libc::freeifaddrs(first);
    }
    Ok(found)
}

/// The address to use of an interface: its first IPv4 one, else its first IPv6 one, of those that hold
/// beyond their own link; where there was one `before`, of its family. Errors: `NotFound` with the
/// interfaces that there are; those of [`addresses`].
pub fn address_of(interface: &str, before: Option<IpAddr>) -> io::Result<IpAddr> {
    choose(interface, before, &addresses()?)
}

fn choose(interface: &str, before: Option<IpAddr>, all: &[Address]) -> io::Result<IpAddr> {
    let own = all.iter().filter(|address| address.interface == interface).map(|own| own.ip);
    let fitting = own.filter(|ip| {
        holds_beyond_its_link(*ip) && before.is_none_or(|old| old.is_ipv4() == ip.is_ipv4())
    });
    fitting.min_by_key(IpAddr::is_ipv6).ok_or_else(|| {
        let list: Vec<String> =
            all.iter().map(|Address { interface, ip }| format!("{interface} ({ip})")).collect();
        let text = format!(
            "there is no interface \"{interface}\" with an address to use; there are {}",
            list.join(", ")
        );
        io::Error::new(io::ErrorKind::NotFound, text)
    })
}

fn holds_beyond_its_link(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_loopback_interface_is_found_by_its_name() {
        let all = addresses().unwrap();
        let loopback = all.iter().find(|address| address.ip.is_loopback()).unwrap();
        assert!(address_of(&loopback.interface, None).unwrap().is_loopback());
    }

    #[test]
    fn ipv4_goes_first_and_an_address_of_one_link_counts_for_none() {
        let address = |(interface, ip): (&str, &str)| Address {
            interface: interface.to_owned(),
            ip: ip.parse().unwrap(),
        };
        let all = [
            ("eth0", "fe80::1"),
            ("eth0", "2001:db8::1"),
            ("eth0", "169.254.7.7"),
            ("eth0", "192.0.2.1"),
            ("eth0", "192.0.2.2"),
            ("eth1", "fe80::2"),
            ("eth1", "2001:db8::2"),
            ("tun0", "fe80::3"),
            ("tun0", "169.254.7.8"),
        ]
        .map(address);
        let (v4, v6) = ("198.51.100.1".parse().ok(), "2001:db8::99".parse().ok());
        let chosen = |name, before| choose(name, before, &all).map(|ip| ip.to_string());
        assert_eq!(chosen("eth0", None).unwrap(), "192.0.2.1");
        assert_eq!(chosen("eth1", None).unwrap(), "2001:db8::2");
        assert_eq!(chosen("eth0", v4).unwrap(), "192.0.2.1");
        assert_eq!(chosen("eth0", v6).unwrap(), "2001:db8::1", "the family stays");
        for (missing, before) in [("tun0", None), ("eth", None), ("eth1", v4)] {
            let error = choose(missing, before, &all).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            assert!(error.to_string().contains("eth1 (2001:db8::2)"), "{error}");
        }
    }
}

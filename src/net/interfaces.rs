//! The machine's network interfaces and their addresses: getifaddrs(3), on Windows
//! GetAdaptersAddresses, where an interface is called what the settings call it ("Ethernet").

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
pub fn addresses() -> io::Result<Vec<Address>> {
    system::addresses()
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

#[cfg(unix)]
mod system {
    use std::{ffi::CStr, io, net::IpAddr, ptr};

    use super::Address;

    #[allow(unsafe_code)]
    pub(super) fn addresses() -> io::Result<Vec<Address>> {
        let mut first = ptr::null_mut();
        // SAFETY: the place for the list's head is a live pointer.
        if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let (mut found, mut at) = (Vec::new(), first);
        // SAFETY: the list is ours until it is freed, and ends with NULL; each entry's pointers are NULL
        // or good for as long, and an address is as long as its family says.
        unsafe {
            while let Some(entry) = at.as_ref() {
                let name = CStr::from_ptr(entry.ifa_name).to_string_lossy();
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
}

#[cfg(windows)]
mod system {
    use std::{io, net::IpAddr, ptr};

    use windows_sys::Win32::{
        Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA, ERROR_SUCCESS},
        NetworkManagement::IpHelper::{
            GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_MULTICAST,
            GetAdaptersAddresses, IP_ADAPTER_ADDRESSES_LH, IP_ADAPTER_UNICAST_ADDRESS_LH,
        },
        Networking::WinSock::{
            AF_INET, AF_INET6, AF_UNSPEC, IpDadStateDeprecated, IpDadStatePreferred, SOCKADDR_IN,
            SOCKADDR_IN6,
        },
    };

    use super::Address;

    /// What the system advises to begin with, in words of 8 bytes, as the list has pointers.
    const WORDS: usize = 15_000 / 8;
    /// The list may grow between two looks at it, though not for ever.
    const LOOKS: usize = 4;

    #[allow(unsafe_code)]
    pub(super) fn addresses() -> io::Result<Vec<Address>> {
        const FLAGS: u32 =
            GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
        let mut list = vec![0u64; WORDS];
        for _ in 0..LOOKS {
            let first = list.as_mut_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
            let mut bytes = u32::try_from(list.len() * 8).unwrap_or(u32::MAX);
            // SAFETY: the list is as long as told, and aligned for what is written to it.
            let code = unsafe {
                GetAdaptersAddresses(AF_UNSPEC.into(), FLAGS, ptr::null(), first, &raw mut bytes)
            };
            match code {
                // SAFETY: the system has filled the list, which stays for the whole call.
                ERROR_SUCCESS => return Ok(unsafe { read(first) }),
                ERROR_NO_DATA => return Ok(Vec::new()),
                ERROR_BUFFER_OVERFLOW => list.resize((bytes as usize).div_ceil(8), 0),
                code => return Err(io::Error::from_raw_os_error(code.cast_signed())),
            }
        }
        Err(io::Error::other("the list of interfaces does not stop to grow"))
    }

    /// Reads the list, which ends with NULL, as does each interface's own list.
    ///
    /// # Safety
    /// The list is one that the system has filled.
    #[allow(unsafe_code)]
    unsafe fn read(first: *const IP_ADAPTER_ADDRESSES_LH) -> Vec<Address> {
        let (mut found, mut at) = (Vec::new(), first);
        // SAFETY: pointers in the list are NULL or good as long as the list, and so is each name up
        // to its zero.
        unsafe {
            while let Some(adapter) = at.as_ref() {
                let interface = text(adapter.FriendlyName);
                let mut own = adapter.FirstUnicastAddress.cast_const();
                while let Some(address) = own.as_ref() {
                    let interface = interface.clone();
                    found.extend(ip(address).map(|ip| Address { interface, ip }));
                    own = address.Next;
                }
                at = adapter.Next;
            }
        }
        found
    }

    /// An address, if it can be used: not while it is tried out, nor without a cable.
    ///
    /// # Safety
    /// The entry's address is as long as its family says.
    #[allow(unsafe_code, non_upper_case_globals)]
    unsafe fn ip(entry: &IP_ADAPTER_UNICAST_ADDRESS_LH) -> Option<IpAddr> {
        let (IpDadStatePreferred | IpDadStateDeprecated) = entry.DadState else { return None };
        let address = entry.Address.lpSockaddr;
        // SAFETY: NULL or an address, as the caller says; every form of the bytes is one.
        unsafe {
            match address.as_ref()?.sa_family {
                AF_INET => {
                    let address = address.cast::<SOCKADDR_IN>().read_unaligned();
                    Some(IpAddr::from(address.sin_addr.S_un.S_addr.to_ne_bytes()))
                }
                AF_INET6 => {
                    let address = address.cast::<SOCKADDR_IN6>().read_unaligned();
                    Some(IpAddr::from(address.sin6_addr.u.Byte))
                }
                _ => None,
            }
        }
    }

    /// # Safety
    /// `text` is NULL or ends with a zero.
    #[allow(unsafe_code)]
    unsafe fn text(text: *const u16) -> String {
        if text.is_null() {
            return String::new();
        }
        // SAFETY: every unit up to the zero can be read.
        unsafe {
            let length = (0..).take_while(|at| *text.add(*at) != 0).count();
            String::from_utf16_lossy(std::slice::from_raw_parts(text, length))
        }
    }
}

/// Nothing is told here.
#[cfg(not(any(unix, windows)))]
mod system {
    use std::io;

    pub(super) fn addresses() -> io::Result<Vec<super::Address>> {
        let text = "interfaces cannot be named on this system; give an address";
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
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

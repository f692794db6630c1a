//! The way back to a far end that called us over a connection of its own making: many who make
//! connections take none (RFC 5923 in spirit; RFC 5626 where they are behind a NAT).

use std::net::SocketAddr;

use crate::proto::sip::{
    Flow,
    uri::{NameAddr, Uri},
    via::Via,
    wire::{HeaderId, Message},
};

/// A connection that a far end called us on, and the addresses at which it says that it is reached.
/// As long as it is open, what has to go to one of them goes back on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Home {
    flow: Flow,
    /// Of the next element (Via, Record-Route) and of the far end itself (Contact), where they are
    /// numbers.
    known_as: [Option<SocketAddr>; 3],
}

impl Home {
    /// The home of a call that came with this INVITE; `None` for UDP, which has no connections.
    pub(super) fn of(invite: &Message, flow: Flow) -> Option<Self> {
        if !flow.transport.is_reliable() {
            return None;
        }
        let address = |ip, port: Option<u16>| {
            SocketAddr::new(ip, port.unwrap_or(flow.transport.default_port()))
        };
        let of_uri = |uri: &Uri| Some(address(uri.host()?.ip()?, uri.port()));
        let of_via = |via: Via| Some(address(via.host.ip()?, via.port));
        let route = invite.header_list(HeaderId::RecordRoute).next().and_then(NameAddr::parse);
        let known_as = [
            invite.top_via().and_then(of_via),
            route.and_then(|route| of_uri(&route.uri)),
            invite.contacts().next().and_then(|contact| of_uri(&contact.uri)),
        ];
        Some(Self { flow, known_as })
    }

    /// The connection, when it leads to where `wanted` does.
    pub(super) fn for_flow(&self, wanted: Flow) -> Option<Flow> {
        let same = self.flow.transport == wanted.transport;
        (same && self.known_as.contains(&Some(wanted.remote))).then_some(self.flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::sip::Transport;

    #[test]
    fn leads_back_to_via_route_and_contact_and_nowhere_else() {
        let invite = "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.1:5071;branch=z9hG4bKx\r\n\
                      Record-Route: <sip:192.0.2.2;transport=tls;lr>\r\n\
                      Contact: <sip:a@10.0.0.7:1234>\r\n\r\n";
        let invite = Message::parse(invite.into()).unwrap();
        let to = |transport, remote: &str| Flow {
            transport,
            local: "192.0.2.9:5061".parse().unwrap(),
            remote: remote.parse().unwrap(),
        };
        let flow = to(Transport::Tls, "192.0.2.1:40000");
        let home = Home::of(&invite, flow).unwrap();
        for known in ["192.0.2.1:5071", "192.0.2.2:5061", "10.0.0.7:1234"] {
            assert_eq!(home.for_flow(to(Transport::Tls, known)), Some(flow), "{known}");
        }
        assert_eq!(home.for_flow(to(Transport::Tls, "192.0.2.1:5061")), None, "a neighbour");
        assert_eq!(home.for_flow(to(Transport::Tcp, "192.0.2.1:5071")), None);
        assert!(Home::of(&invite, to(Transport::Udp, "192.0.2.1:40000")).is_none());
    }
}

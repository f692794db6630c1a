//! Where others reach us: our own address, the one that the host sets, or the one that the registrar
//! sees (RFC 3581).

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::{Signaling, accounts::Account, settings::contact};
use crate::{
    base::ids::AccountId,
    call::registration::RegistrationInput,
    engine::log::LogLevel,
    proto::sip::{Flow, Transport, uri::Uri, wire::Message},
};

/// Another address is told to the registrar at once, but not more often than this: behind some NATs
/// it is another one for each request.
const RELEARN: Duration = Duration::from_secs(60);

/// What a registrar saw of us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    address: SocketAddr,
    /// Over this transport, by this host.
    transport: Transport,
    by: IpAddr,
    at: Instant,
}

/// A flow as it is written for others: with the host's public address, where there is one of that
/// family.
pub(super) fn facing(public: Option<IpAddr>, mut flow: Flow) -> Flow {
    if let Some(ip) = public.filter(|ip| ip.is_ipv4() == flow.local.is_ipv4()) {
        flow.local.set_ip(ip);
    }
    flow
}

impl Account {
    /// A flow as it is written into Contact: from where the registrar sees us.
    pub(super) fn seen_as(&self, flow: Flow) -> Flow {
        let fits = |seen: &&Seen| seen.transport == flow.transport && seen.by == flow.remote.ip();
        let seen = self.seen.as_ref().filter(fits);
        Flow { local: seen.map_or(flow.local, |seen| seen.address), ..flow }
    }
}

impl Signaling {
    /// Feeds a registrar's response, and what it tells of our address: before a challenge is
    /// answered, or, once registered, by registering anew.
    pub(super) fn account_response(
        &mut self,
        now: Instant,
        id: AccountId,
        tag: u32,
        message: Message,
    ) {
        let status = message.status().unwrap_or(0);
        let learned = (status >= 200).then(|| self.learn(now, id, &message)).flatten();
        let response = RegistrationInput::Response { tag, message };
        let Some(contact) = learned else { return self.feed_registration(now, id, response) };
        let moved = RegistrationInput::Moved { contact };
        let inputs = if status < 300 { [response, moved] } else { [moved, response] };
        for input in inputs {
            self.feed_registration(now, id, input);
        }
    }

    /// Notes where a registrar sees us; gives the Contact to tell it, where that is another one than
    /// before.
    fn learn(&mut self, now: Instant, id: AccountId, answer: &Message) -> Option<Uri> {
        let secure = self.transports.listens_secure();
        let account = self.accounts.get_mut(&id)?;
        let config = account.config();
        if !config.learn_contact || config.public_address.is_some() {
            return None;
        }
        let flow = account.flow()?;
        let listens = match flow.transport {
            Transport::Udp | Transport::Tcp => true,
            Transport::Tls => secure,
            Transport::Ws | Transport::Wss => false,
        };
        let address = seen_address(answer, flow, listens)?;
        if address == account.seen_as(flow).local {
            return None;
        }
        // Told with the next refresh, where it changes all the time.
        let told = account.seen.is_none_or(|seen| now >= seen.at + RELEARN);
        let (transport, by) = (flow.transport, flow.remote.ip());
        account.seen = Some(Seen { address, transport, by, at: now });
        let contact = contact(account.config(), account.seen_as(flow));
        self.log(LogLevel::Info, "sip", || format!("the registrar sees us at {address}"));
        told.then_some(contact)
    }
}

/// The address in the Via that came back. Where we listen and no NAT is between, the port stays the
/// one that we listen on: a connection's own leads to us only while the connection lasts.
fn seen_address(answer: &Message, flow: Flow, listens: bool) -> Option<SocketAddr> {
    let via = answer.top_via()?;
    let received = via.params.value("received").and_then(|ip| ip.parse::<IpAddr>().ok());
    let rport = via.params.value("rport").and_then(|port| port.parse::<u16>().ok());
    let ip = received.unwrap_or(flow.local.ip());
    let direct = ip == flow.local.ip() && listens && flow.transport.is_reliable();
    let port = rport.filter(|port| *port != 0 && !direct).unwrap_or(flow.local.port());
    Some(SocketAddr::new(ip, port))
}

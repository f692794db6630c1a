//! Connections: TCP, TLS and WebSockets, those that we made and those that were made to us.
//!
//! A connection is a flow; the endpoint names it, whoever sends on a flow without a connection has
//! it made. What comes in goes to the actor's mailbox, whose bound holds the readers back.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use actix::Addr;
use bytes::Bytes;

use super::{
    Signaling,
    transport::{Inbound, Sent},
};
use crate::{
    base::source::network_of,
    net::{
        connector::{Connector, Layers, Opened, Refusal, Target},
        sip_tcp,
        stream::{StreamReader, StreamWriter},
    },
    proto::sip::{Flow, Transport, uri::Host, wire::Framer},
};

/// Connections that there may be at once before strangers' are turned away.
pub(in crate::engine) const MOST_CONNECTIONS: usize = 1024;
/// Of those that were made to us, so many may be of one source.
pub(in crate::engine) const MOST_OF_A_SOURCE: usize = 256;
/// A connection that nobody spoke on for this long is closed (RFC 3261 §18 leaves it open; RFC 5923
/// wants it longer than a transaction), unless a call or a registration stands on it.
pub(super) const IDLE_CONNECTION: Duration = Duration::from_secs(600);
/// Messages that may wait for a connection to be made.
const MOST_WAITING: usize = 64;
/// Remembered domains of far ends.
const MOST_DOMAINS: usize = 4096;

/// One connection.
struct Connection {
    /// Tells it from an earlier one of the same flow.
    serial: u64,
    state: State,
    /// It was made to us.
    accepted: bool,
    used: Instant,
    /// When the message began that is not complete yet.
    unfinished: Option<Instant>,
}

enum State {
    /// Messages wait for the connection to be made.
    Opening(Vec<Bytes>),
    Open(Open),
}

struct Open {
    writer: StreamWriter,
    framer: Framer,
    reader: tokio::task::JoinHandle<()>,
    /// What the server showed, DER; empty without TLS, and where the far end came to us.
    certificate: Vec<u8>,
}

impl Connection {
    fn new(serial: u64, state: State, accepted: bool, now: Instant) -> Self {
        Self { serial, state, accepted, used: now, unfinished: None }
    }

    /// When it has to be closed, if nothing more happens on it.
    fn ends_at(&self, patience: Duration) -> Instant {
        let idle = self.used + IDLE_CONNECTION;
        self.unfinished.map_or(idle, |since| idle.min(since + patience))
    }
}

/// All connections.
pub(super) struct Connections {
    connector: Arc<Connector>,
    /// Address that connections come from; unspecified: whichever the system picks.
    pub(super) from: IpAddr,
    open: HashMap<Flow, Connection>,
    /// The domain that each far end was asked for by.
    domains: HashMap<(Transport, SocketAddr), String>,
    next_serial: u64,
    /// A message that is not complete after this long will not be: the connection is closed
    /// (RFC 4475 §3.1.2.2).
    patience: Duration,
}

impl Connections {
    pub(super) fn new(connector: Connector, from: IpAddr, patience: Duration) -> Self {
        Self {
            connector: Arc::new(connector),
            from,
            open: HashMap::new(),
            domains: HashMap::new(),
            next_serial: 1,
            patience,
        }
    }

    /// Notes which domain a flow has to lead to, by the URI that it was found for (RFC 5922 §7.3);
    /// refused when the connection that is there shows another. An address says only where, not
    /// who: with one, whoever was asked for there before stays the one.
    pub(super) fn expect(&mut self, flow: Flow, domain: &Host) -> Result<(), Refusal> {
        if matches!(flow.transport, Transport::Udp | Transport::Tcp) {
            return Ok(());
        }
        if let Some(Connection { state: State::Open(open), .. }) = self.open.get(&flow)
            && flow.transport.is_secure()
            && open.certificate.is_empty()
        {
            // It was made to us and proves nobody; the next message makes one that does.
            self.close(flow);
        }
        let key = (flow.transport, flow.remote);
        if domain.ip().is_some() && self.domains.contains_key(&key) {
            return Ok(());
        }
        let domain = match domain {
            Host::Ip(ip) => ip.to_string(),
            Host::Name(name) => name.to_ascii_lowercase(),
        };
        if let Some(Connection { state: State::Open(open), .. }) = self.open.get(&flow) {
            self.fits(open, &domain)?;
        }
        if self.domains.len() >= MOST_DOMAINS {
            self.domains.clear();
        }
        self.domains.insert(key, domain);
        Ok(())
    }

    fn fits(&self, open: &Open, domain: &str) -> Result<(), Refusal> {
        match open.certificate.as_slice() {
            [] => Ok(()),
            certificate => self.connector.is_for(certificate, domain),
        }
    }

    fn domain(&self, flow: Flow) -> String {
        let known = self.domains.get(&(flow.transport, flow.remote));
        known.cloned().unwrap_or_else(|| flow.remote.ip().to_string())
    }

    /// Whether the flow has a connection, or one is being made.
    pub(super) fn has(&self, flow: Flow) -> bool {
        self.open.contains_key(&flow)
    }

    /// Sends octets, on a connection that is made first where there is none.
    pub(super) fn send(
        &mut self,
        now: Instant,
        flow: Flow,
        bytes: Bytes,
        to: &Addr<Signaling>,
    ) -> Sent {
        let Some(connection) = self.open.get_mut(&flow) else {
            self.connect(now, flow, bytes, to);
            return Sent::Yes;
        };
        connection.used = now;
        match &mut connection.state {
            State::Opening(waiting) if waiting.len() < MOST_WAITING => {
                waiting.push(bytes);
                Sent::Yes
            }
            State::Opening(_) => Sent::No,
            State::Open(open) if open.writer.write(bytes) => Sent::Yes,
            State::Open(_) => {
                self.close(flow);
                Sent::No
            }
        }
    }

    /// Sends a keep-alive, where there is a connection.
    pub(super) fn ping(&mut self, now: Instant, flow: Flow) -> Sent {
        match self.open.get_mut(&flow) {
            Some(Connection { state: State::Open(open), used, .. }) if open.writer.ping() => {
                *used = now;
                Sent::Yes
            }
            // It will be used as soon as it is there.
            Some(Connection { state: State::Opening(_), .. }) => Sent::Yes,
            _ => Sent::No,
        }
    }

    fn connect(&mut self, now: Instant, flow: Flow, first: Bytes, to: &Addr<Signaling>) {
        let serial = self.take_serial();
        let state = State::Opening(vec![first]);
        self.open.insert(flow, Connection::new(serial, state, false, now));
        let (connector, to) = (Arc::clone(&self.connector), to.clone());
        let target = Target {
            from: self.from,
            remote: flow.remote,
            domain: self.domain(flow),
            layers: Layers {
                tls: flow.transport.is_secure(),
                websocket: flow.transport.is_websocket(),
            },
        };
        tokio::task::spawn_local(async move {
            let message = match connector.open(&target, sip_tcp::CONNECT_TIMEOUT).await {
                Ok(opened) => Inbound::Connected { flow, serial, domain: target.domain, opened },
                Err(refusal) => Inbound::Refused { flow, serial, refusal },
            };
            // The engine may have stopped meanwhile.
            let _ = to.send(message).await;
        });
    }

    /// Whether this attempt is the one that the flow waits for, and not one that was given up.
    pub(super) fn awaits(&self, flow: Flow, serial: u64) -> bool {
        self.open.get(&flow).is_some_and(|connection| {
            connection.serial == serial && matches!(connection.state, State::Opening(_))
        })
    }

    /// The connection that we asked for is there: writes what waited. Refused when by now another
    /// domain is expected there, which the certificate is not for.
    pub(super) fn connected(
        &mut self,
        now: Instant,
        flow: Flow,
        domain: &str,
        opened: Opened,
        to: &Addr<Signaling>,
    ) -> Result<(), Refusal> {
        let expected = self.domain(flow);
        let Opened { writer, reader, certificate } = opened;
        if expected != domain && !certificate.is_empty() {
            self.connector.is_for(&certificate, &expected)?;
        }
        self.take(now, flow, (writer, reader), Some(certificate), to);
        Ok(())
    }

    /// A connection was made to us; `false` when there are too many, of that source or in all, and it
    /// is dropped. Nobody takes the place of a secure connection: the one that is there may be one of
    /// ours, whose certificate was looked at.
    pub(super) fn accepted(
        &mut self,
        now: Instant,
        flow: Flow,
        ends: (StreamWriter, StreamReader),
        to: &Addr<Signaling>,
    ) -> bool {
        let known = self.open.contains_key(&flow);
        if known && flow.transport.is_secure() {
            return true;
        }
        let source = network_of(flow.remote.ip());
        let same = |(open, of): &(&Flow, &Connection)| {
            of.accepted && network_of(open.remote.ip()) == source
        };
        let room = self.open.len() < MOST_CONNECTIONS
            && self.open.iter().filter(same).count() < MOST_OF_A_SOURCE;
        if known || room {
            self.take(now, flow, ends, None, to);
        }
        known || room
    }

    fn take(
        &mut self,
        now: Instant,
        flow: Flow,
        (writer, mut reader): (StreamWriter, StreamReader),
        certificate: Option<Vec<u8>>,
        to: &Addr<Signaling>,
    ) {
        let waiting = match self.open.remove(&flow).map(|connection| connection.state) {
            Some(State::Opening(waiting)) => waiting,
            Some(State::Open(open)) => {
                open.reader.abort();
                Vec::new()
            }
            None => Vec::new(),
        };
        for bytes in waiting {
            writer.write(bytes);
        }
        let serial = self.take_serial();
        let to = to.clone();
        let reader = tokio::task::spawn_local(async move {
            let reason = loop {
                match reader.read().await {
                    Ok(received) => {
                        if to.send(Inbound::Received { flow, serial, received }).await.is_err() {
                            return;
                        }
                    }
                    Err(reason) => break reason,
                }
            };
            let _ = to.send(Inbound::Closed { flow, serial, reason }).await;
        });
        let accepted = certificate.is_none();
        let certificate = certificate.unwrap_or_default();
        let open = Open { writer, framer: Framer::new(), reader, certificate };
        self.open.insert(flow, Connection::new(serial, State::Open(open), accepted, now));
    }

    /// The framer of a connection that octets came on, unless it is another by now.
    pub(super) fn framer(&mut self, now: Instant, flow: Flow, serial: u64) -> Option<&mut Framer> {
        let connection = self.open.get_mut(&flow)?;
        if connection.serial != serial {
            return None;
        }
        connection.used = now;
        match &mut connection.state {
            State::Open(open) => Some(&mut open.framer),
            State::Opening(_) => None,
        }
    }

    /// Notes how far a connection's octets went: `whole` messages came out of them. Gives the
    /// keep-alives to answer (RFC 5626 §3.5.1).
    pub(super) fn noted(&mut self, now: Instant, flow: Flow, whole: usize) -> u32 {
        let Some(connection) = self.open.get_mut(&flow) else { return 0 };
        let State::Open(Open { framer, .. }) = &mut connection.state else { return 0 };
        if !framer.is_partial() {
            connection.unfinished = None;
        } else if whole > 0 || connection.unfinished.is_none() {
            connection.unfinished = Some(now);
        }
        framer.take_keep_alives()
    }

    /// Whether that connection ended (and not one that came after it).
    pub(super) fn closed(&mut self, flow: Flow, serial: u64) -> bool {
        let same = self.open.get(&flow).is_some_and(|connection| connection.serial == serial);
        if same {
            self.close(flow);
        }
        same
    }

    /// Closes a connection.
    pub(super) fn close(&mut self, flow: Flow) {
        if let Some(Connection { state: State::Open(open), .. }) = self.open.remove(&flow) {
            open.reader.abort();
        }
    }

    /// When the first connection has to be closed.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.open.values().map(|connection| connection.ends_at(self.patience)).min()
    }

    /// The connections that stopped within a message, or that nobody used for long; of the latter
    /// those that are `needed` stay, and are asked about again after as long.
    pub(super) fn outlived(&mut self, now: Instant, needed: impl Fn(Flow) -> bool) -> Vec<Flow> {
        let mut over = Vec::new();
        for (flow, connection) in &mut self.open {
            if connection.ends_at(self.patience) > now {
                continue;
            }
            let broken = connection.unfinished.is_some_and(|since| since + self.patience <= now);
            match !broken && needed(*flow) {
                true => connection.used = now,
                false => over.push(*flow),
            }
        }
        over
    }

    fn take_serial(&mut self) -> u64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        serial
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::connector::TlsConfig;

    const PATIENCE: Duration = Duration::from_secs(32);

    fn connections() -> Connections {
        let any = [0, 0, 0, 0].into();
        let connector = Connector::new(0, TlsConfig::default(), String::new());
        Connections::new(connector, any, PATIENCE)
    }

    fn flow(number: u8) -> Flow {
        Flow {
            transport: Transport::Tcp,
            local: ([192, 0, 2, 1], 5060).into(),
            remote: ([198, 51, 100, number], 5060).into(),
        }
    }

    /// A connection that is being made.
    fn opening(all: &mut Connections, now: Instant, number: u8) -> u64 {
        let serial = all.take_serial();
        let state = State::Opening(Vec::new());
        all.open.insert(flow(number), Connection::new(serial, state, false, now));
        serial
    }

    #[test]
    fn the_answer_of_an_attempt_that_was_given_up_is_not_taken_for_the_next_ones() {
        let (mut all, now) = (connections(), Instant::now());
        let first = opening(&mut all, now, 1);
        assert!(all.awaits(flow(1), first));
        all.close(flow(1));
        assert!(!all.awaits(flow(1), first));
        let second = opening(&mut all, now, 1);
        assert!(!all.awaits(flow(1), first) && all.awaits(flow(1), second));
    }

    #[test]
    fn silence_closes_a_connection_that_nothing_stands_on_and_half_a_message_any() {
        let (mut all, now) = (connections(), Instant::now());
        for number in 1..=3 {
            opening(&mut all, now, number);
        }
        let needed = |flow: Flow| flow.remote.ip() != flow_ip(1);
        let at = now + IDLE_CONNECTION;
        assert_eq!(all.outlived(at - Duration::from_secs(1), needed), []);
        assert_eq!(all.poll_timeout(), Some(at));
        all.open.get_mut(&flow(3)).unwrap().unfinished = Some(at - PATIENCE);
        let mut over = all.outlived(at, needed);
        over.sort_by_key(|flow| flow.remote);
        assert_eq!(over, [flow(1), flow(3)]);
        over.into_iter().for_each(|flow| all.close(flow));
        assert_eq!(all.poll_timeout(), Some(at + IDLE_CONNECTION), "asked about again then");
        assert_eq!(all.outlived(at + IDLE_CONNECTION, |_| false), [flow(2)]);
    }

    fn flow_ip(number: u8) -> IpAddr {
        flow(number).remote.ip()
    }
}

//! The sockets of the signaling thread and the flows over them.
//!
//! A binding is one local port, UDP and TCP. A flow names a binding by its port and a far end; for
//! TCP it is a connection, made when there is none. Octets come in as [`Inbound`] messages of the
//! actor's own mailbox, whose bound holds the readers back.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actix::{Addr, Message};
use bytes::Bytes;

use super::Signaling;
use crate::{
    engine::error::{Error, ErrorKind},
    net::{resolve, sip_tcp, sip_udp},
    proto::sip::{Flow, Transport, wire::Framer},
};

/// Connections that strangers may hold open at once.
const MOST_CONNECTIONS: usize = 1024;
/// A connection that nobody spoke on for this long is closed (RFC 3261 §18 leaves it open; RFC 5923
/// wants it longer than a transaction).
pub(super) const IDLE_CONNECTION: Duration = Duration::from_secs(600);
/// Remembered answers to "which of our addresses do they see".
const MOST_ROUTES: usize = 4096;

/// What the sockets bring.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) enum Inbound {
    /// A datagram on the binding of that port.
    Datagram { port: u16, source: SocketAddr, bytes: Bytes },
    /// A connection was accepted, or the one we asked for was made.
    Connected {
        port: u16,
        remote: SocketAddr,
        writer: sip_tcp::StreamWriter,
        reader: sip_tcp::StreamReader,
    },
    /// The connection that we asked for was not made.
    Refused { port: u16, remote: SocketAddr, reason: String },
    /// Octets of a connection.
    Octets { port: u16, remote: SocketAddr, serial: u64, bytes: Bytes },
    /// The system says that addresses or routes have changed.
    RoutesChanged,
    /// Its end.
    Closed { port: u16, remote: SocketAddr, serial: u64 },
}

/// Sockets bound on the host's thread, before the signaling thread runs.
pub(super) struct Bound {
    pub(super) udp: std::net::UdpSocket,
    pub(super) tcp: std::net::TcpListener,
    pub(super) address: SocketAddr,
}

/// Binds UDP and TCP on one port; port 0 finds a number that is free for both.
pub(super) fn bind(ip: IpAddr, port: u16) -> Result<Bound, Error> {
    let failed = |error: io::Error| {
        Error::new(
            ErrorKind::Transport,
            format!("cannot listen for SIP on {}: {error}", SocketAddr::new(ip, port)),
        )
    };
    let mut last = None;
    for _ in 0..32 {
        let udp = sip_udp::bind(SocketAddr::new(ip, port)).map_err(failed)?;
        let address = udp.local_addr().map_err(failed)?;
        match sip_tcp::bind(address) {
            Ok(tcp) => return Ok(Bound { udp, tcp, address }),
            Err(error) if port != 0 => return Err(failed(error)),
            Err(error) => last = Some(error),
        }
    }
    Err(failed(last.unwrap_or_else(|| io::Error::other("no port is free for both UDP and TCP"))))
}

/// One local port.
struct Binding {
    udp: Arc<tokio::net::UdpSocket>,
    users: usize,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// A TCP connection.
struct Connection {
    /// Tells a connection from an earlier one of the same addresses.
    serial: u64,
    state: ConnectionState,
    used: Instant,
    /// When the message began that is not complete yet.
    unfinished: Option<Instant>,
}

impl Connection {
    fn new(serial: u64, state: ConnectionState, now: Instant) -> Self {
        Self { serial, state, used: now, unfinished: None }
    }

    /// When it has to be closed, if nothing more happens on it.
    fn ends_at(&self, patience: Duration) -> Instant {
        let idle = self.used + IDLE_CONNECTION;
        self.unfinished.map_or(idle, |since| idle.min(since + patience))
    }
}

enum ConnectionState {
    /// Messages wait for the connection to be made.
    Opening(Vec<Bytes>),
    Open {
        writer: sip_tcp::StreamWriter,
        framer: Framer,
        reader: tokio::task::JoinHandle<()>,
    },
}

/// What became of a message that was to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is under way.
    Yes,
    /// The flow is broken.
    No,
}

/// All bindings and connections.
pub(super) struct Transports {
    bind_ip: IpAddr,
    main_port: u16,
    bindings: HashMap<u16, Binding>,
    connections: HashMap<(u16, SocketAddr), Connection>,
    routes: HashMap<IpAddr, IpAddr>,
    next_serial: AtomicU64,
    /// A message that is not complete after this long will not be: the connection is closed
    /// (RFC 4475 §3.1.2.2).
    patience: Duration,
}

impl Transports {
    pub(super) fn new(bind_ip: IpAddr, main_port: u16, patience: Duration) -> Self {
        Self {
            bind_ip,
            main_port,
            bindings: HashMap::new(),
            connections: HashMap::new(),
            routes: HashMap::new(),
            next_serial: AtomicU64::new(1),
            patience,
        }
    }

    /// The engine's own port.
    pub(super) fn main_port(&self) -> u16 {
        self.main_port
    }

    /// Takes bound sockets over and starts to read them.
    pub(super) fn add(&mut self, bound: Bound, to: &Addr<Signaling>) -> io::Result<u16> {
        let port = bound.address.port();
        let udp = Arc::new(tokio::net::UdpSocket::from_std(bound.udp)?);
        let tcp = tokio::net::TcpListener::from_std(bound.tcp)?;
        let datagrams = {
            let (socket, to) = (Arc::clone(&udp), to.clone());
            tokio::task::spawn_local(sip_udp::receive(socket, move |source, bytes| {
                let sent = to.send(Inbound::Datagram { port, source, bytes });
                async move { sent.await.is_ok() }
            }))
        };
        let connections = {
            let to = to.clone();
            tokio::task::spawn_local(sip_tcp::accept(tcp, move |remote, writer, reader| {
                let sent = to.send(Inbound::Connected { port, remote, writer, reader });
                async move { sent.await.is_ok() }
            }))
        };
        let tasks = vec![datagrams, connections];
        self.bindings.insert(port, Binding { udp, users: 1, tasks });
        Ok(port)
    }

    /// One more account uses the port; `false` when it is not bound.
    pub(super) fn share(&mut self, port: u16) -> bool {
        self.bindings.get_mut(&port).map(|binding| binding.users += 1).is_some()
    }

    /// One account less; the last closes the port.
    pub(super) fn release(&mut self, port: u16) {
        if port == self.main_port {
            return;
        }
        let Some(binding) = self.bindings.get_mut(&port) else { return };
        binding.users -= 1;
        if binding.users == 0
            && let Some(binding) = self.bindings.remove(&port)
        {
            binding.tasks.iter().for_each(|task| task.abort());
        }
    }

    /// The flow from one of our ports to a far end.
    pub(super) fn flow(
        &mut self,
        port: u16,
        transport: Transport,
        remote: SocketAddr,
    ) -> io::Result<Flow> {
        let local = SocketAddr::new(self.local_ip(remote)?, port);
        Ok(Flow { transport, local, remote })
    }

    /// Which of our addresses `remote` sees.
    pub(super) fn local_ip(&mut self, remote: SocketAddr) -> io::Result<IpAddr> {
        if let Some(ip) = self.routes.get(&remote.ip()) {
            return Ok(*ip);
        }
        let ip = resolve::local_ip_towards(self.bind_ip, remote)?;
        if self.routes.len() >= MOST_ROUTES {
            self.routes.clear();
        }
        self.routes.insert(remote.ip(), ip);
        Ok(ip)
    }

    /// Forgets which of our addresses a far end sees.
    pub(super) fn forget_route(&mut self, remote: SocketAddr) {
        self.routes.remove(&remote.ip());
    }

    /// Forgets it for all.
    pub(super) fn forget_routes(&mut self) {
        self.routes.clear();
    }

    /// Sends one message.
    pub(super) fn send(
        &mut self,
        now: Instant,
        flow: Flow,
        bytes: Bytes,
        to: &Addr<Signaling>,
    ) -> Sent {
        let port = flow.local.port();
        match flow.transport {
            Transport::Udp => match self.bindings.get(&port) {
                // A full buffer loses the datagram as the network might: it is retransmitted.
                Some(binding) => match binding.udp.try_send_to(&bytes, flow.remote) {
                    Ok(_) => Sent::Yes,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Sent::Yes,
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Sent::Yes,
                    Err(_) => Sent::No,
                },
                None => Sent::No,
            },
            Transport::Tcp => self.send_stream(now, port, flow.remote, bytes, to),
        }
    }

    fn send_stream(
        &mut self,
        now: Instant,
        port: u16,
        remote: SocketAddr,
        bytes: Bytes,
        to: &Addr<Signaling>,
    ) -> Sent {
        match self.connections.get_mut(&(port, remote)) {
            Some(connection) => {
                connection.used = now;
                match &mut connection.state {
                    ConnectionState::Opening(waiting) if waiting.len() < 64 => {
                        waiting.push(bytes);
                        Sent::Yes
                    }
                    ConnectionState::Opening(_) => Sent::No,
                    ConnectionState::Open { writer, .. } if writer.write(bytes) => Sent::Yes,
                    ConnectionState::Open { .. } => {
                        self.drop_connection(port, remote);
                        Sent::No
                    }
                }
            }
            None => {
                let serial = self.next_serial.fetch_add(1, Ordering::Relaxed);
                let state = ConnectionState::Opening(vec![bytes]);
                self.connections.insert((port, remote), Connection::new(serial, state, now));
                let to = to.clone();
                tokio::task::spawn_local(async move {
                    let message = match sip_tcp::connect(remote).await {
                        Ok((writer, reader)) => Inbound::Connected { port, remote, writer, reader },
                        Err(error) => Inbound::Refused { port, remote, reason: error.to_string() },
                    };
                    // The engine may have stopped meanwhile.
                    let _ = to.send(message).await;
                });
                Sent::Yes
            }
        }
    }

    /// A connection is there: starts to read it, writes what waited.
    pub(super) fn connected(
        &mut self,
        now: Instant,
        port: u16,
        remote: SocketAddr,
        writer: sip_tcp::StreamWriter,
        mut reader: sip_tcp::StreamReader,
        to: &Addr<Signaling>,
    ) {
        let key = (port, remote);
        let waiting = match self.connections.remove(&key) {
            Some(Connection { state: ConnectionState::Opening(waiting), .. }) => waiting,
            Some(Connection { state: ConnectionState::Open { reader, .. }, .. }) => {
                reader.abort();
                Vec::new()
            }
            None if self.connections.len() >= MOST_CONNECTIONS => return,
            None => Vec::new(),
        };
        for bytes in waiting {
            writer.write(bytes);
        }
        let serial = self.next_serial.fetch_add(1, Ordering::Relaxed);
        let to = to.clone();
        let reader = tokio::task::spawn_local(async move {
            while let Some(bytes) = reader.read().await {
                if to.send(Inbound::Octets { port, remote, serial, bytes }).await.is_err() {
                    return;
                }
            }
            let _ = to.send(Inbound::Closed { port, remote, serial }).await;
        });
        let state = ConnectionState::Open { writer, framer: Framer::new(), reader };
        self.connections.insert(key, Connection::new(serial, state, now));
    }

    /// The framer of a connection that octets came on, unless it is another by now.
    pub(super) fn framer(
        &mut self,
        now: Instant,
        port: u16,
        remote: SocketAddr,
        serial: u64,
    ) -> Option<&mut Framer> {
        let connection = self.connections.get_mut(&(port, remote))?;
        if connection.serial != serial {
            return None;
        }
        connection.used = now;
        match &mut connection.state {
            ConnectionState::Open { framer, .. } => Some(framer),
            ConnectionState::Opening(_) => None,
        }
    }

    /// Notes how far a connection's octets went: `whole` messages came out of them. Gives the
    /// keep-alives to answer (RFC 5626 §3.5.1).
    pub(super) fn noted(
        &mut self,
        now: Instant,
        port: u16,
        remote: SocketAddr,
        whole: usize,
    ) -> u32 {
        let Some(connection) = self.connections.get_mut(&(port, remote)) else { return 0 };
        let ConnectionState::Open { framer, .. } = &mut connection.state else { return 0 };
        if !framer.is_partial() {
            connection.unfinished = None;
        } else if whole > 0 || connection.unfinished.is_none() {
            connection.unfinished = Some(now);
        }
        framer.take_keep_alives()
    }

    /// Whether that connection ended (and not one that came after it).
    pub(super) fn closed(&mut self, port: u16, remote: SocketAddr, serial: u64) -> bool {
        let same = self.connections.get(&(port, remote)).is_some_and(|c| c.serial == serial);
        if same {
            self.drop_connection(port, remote);
        }
        same
    }

    /// Closes a connection.
    pub(super) fn drop_connection(&mut self, port: u16, remote: SocketAddr) {
        if let Some(Connection { state: ConnectionState::Open { reader, .. }, .. }) =
            self.connections.remove(&(port, remote))
        {
            reader.abort();
        }
    }

    /// When the first connection has to be closed.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.connections.values().map(|connection| connection.ends_at(self.patience)).min()
    }

    /// The connections that nobody used for long, or that stopped within a message.
    pub(super) fn outlived(&self, now: Instant) -> Vec<(u16, SocketAddr)> {
        let over = |connection: &Connection| connection.ends_at(self.patience) <= now;
        self.connections.iter().filter(|(_, c)| over(c)).map(|(key, _)| *key).collect()
    }
}

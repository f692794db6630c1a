//! The sockets of the signaling thread and the flows over them.
//!
//! A binding is one local port: UDP and TCP, or TLS; all are bound to one address, which is another
//! after a change of the interface that the host named. A flow names a binding by its port and a far
//! end; for all but UDP it is a connection ([`super::connections`]).

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use actix::{Addr, Message};
use bytes::Bytes;

use super::{Signaling, connections::Connections, home::Home};
use crate::{
    engine::{
        config::{Bind, EngineConfig},
        error::{Error, ErrorKind},
        shared::Local,
    },
    net::{
        connector::{Connector, Opened, Refusal},
        interfaces, resolve, sip_tcp, sip_udp,
        stream::{self, Received, StreamReader, StreamWriter},
        tls,
        unreachable::{self, Unreachable},
    },
    proto::sip::{Flow, Transport},
};

/// Remembered answers to "which of our addresses do they see".
const MOST_ROUTES: usize = 4096;

/// What the sockets bring.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) enum Inbound {
    /// A datagram on the binding of that port.
    Datagram { port: u16, source: SocketAddr, bytes: Bytes },
    /// A datagram of ours found nobody.
    Unreachable { news: Unreachable },
    /// A connection was made to us.
    Accepted {
        port: u16,
        transport: Transport,
        remote: SocketAddr,
        writer: StreamWriter,
        reader: StreamReader,
    },
    /// The connection that we asked for was made; `domain` is whom it leads to.
    Connected { flow: Flow, serial: u64, domain: String, opened: Opened },
    /// The connection that we asked for was not made.
    Refused { flow: Flow, serial: u64, refusal: Refusal },
    /// What a connection brought.
    Received { flow: Flow, serial: u64, received: Received },
    /// A connection made to us was dropped before its handshake: there were too many.
    TurnedAway { remote: SocketAddr },
    /// The system says that addresses or routes have changed.
    RoutesChanged,
    /// Its end; the reason is empty when it was an orderly one.
    Closed { flow: Flow, serial: u64, reason: String },
}

/// Sockets bound on the host's thread, before the signaling thread runs.
pub(super) struct Bound {
    pub(super) udp: std::net::UdpSocket,
    pub(super) tcp: std::net::TcpListener,
    pub(super) address: SocketAddr,
}

/// The address to bind; of the family of the one `before`, if there was one: far ends were told of it.
/// Errors: `InvalidArgument` for an interface that has none, `Unsupported` where
/// interfaces have no names.
pub(super) fn address(bind: &Bind, before: Option<IpAddr>) -> Result<IpAddr, Error> {
    match bind {
        Bind::Address(ip) => Ok(*ip),
        Bind::Interface(name) => interfaces::address_of(name, before).map_err(|error| {
            let kind = match error.kind() {
                io::ErrorKind::Unsupported => ErrorKind::Unsupported,
                _ => ErrorKind::InvalidArgument,
            };
            Error::new(kind, format!("bind: {error}"))
        }),
    }
}

/// Binds UDP and TCP on one port; port 0 finds a number that is free for both.
pub(super) fn bind(ip: IpAddr, port: u16, dscp: u8) -> Result<Bound, Error> {
    let failed = |error: io::Error| cannot_listen(SocketAddr::new(ip, port), &error);
    let mut last = None;
    for _ in 0..32 {
        let udp = sip_udp::bind(SocketAddr::new(ip, port), dscp).map_err(failed)?;
        let address = udp.local_addr().map_err(failed)?;
        match sip_tcp::bind(address, dscp) {
            Ok(tcp) => return Ok(Bound { udp, tcp, address }),
            Err(error) if port != 0 => return Err(failed(error)),
            Err(error) => last = Some(error),
        }
    }
    Err(failed(last.unwrap_or_else(|| io::Error::other("no port is free for both UDP and TCP"))))
}

fn cannot_listen(address: SocketAddr, error: &dyn std::fmt::Display) -> Error {
    let hint = if address.port() == 0 { "" } else { "; choose another port, or 0 for any" };
    Error::new(ErrorKind::Transport, format!("cannot listen for SIP on {address}: {error}{hint}"))
}

/// Binds the listener for TLS, where one is wanted.
pub(super) fn bind_secure(
    config: &EngineConfig,
    ip: IpAddr,
) -> Result<Option<tls::Listener>, Error> {
    let Some(port) = config.tls.listen_port else { return Ok(None) };
    let address = SocketAddr::new(ip, port);
    let failed = |error: &dyn std::fmt::Display| cannot_listen(address, error);
    let server = tls::Server::new(&config.tls).map_err(|error| failed(&error))?;
    let tcp = sip_tcp::bind(address, config.sip_dscp).map_err(|error| failed(&error))?;
    tls::Listener::new(server, tcp).map(Some).map_err(|error| failed(&error))
}

/// One local port.
struct Binding {
    udp: Arc<tokio::net::UdpSocket>,
    users: usize,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Binding {
    fn drop(&mut self) {
        self.tasks.iter().for_each(|task| task.abort());
    }
}

/// Where we listen for TLS.
struct SecureBinding {
    port: u16,
    server: tls::Server,
    task: tokio::task::JoinHandle<io::Result<()>>,
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
    bind: Bind,
    /// What that stands for now.
    bind_ip: IpAddr,
    dscp: u8,
    main_port: u16,
    secure: Option<SecureBinding>,
    bindings: HashMap<u16, Binding>,
    pub(super) connections: Connections,
    routes: HashMap<IpAddr, IpAddr>,
    /// Where to that the sockets bring.
    to: Addr<Signaling>,
}

impl Transports {
    pub(super) fn new(config: &EngineConfig, local: Local, to: Addr<Signaling>) -> Self {
        let path = config.websocket_path.clone();
        let connector = Connector::new(config.sip_dscp, config.tls.clone(), path);
        let patience = config.timers.t1 * 64;
        Self {
            bind: config.bind.clone(),
            bind_ip: local.ip,
            dscp: config.sip_dscp,
            main_port: local.sip_port,
            secure: None,
            bindings: HashMap::new(),
            connections: Connections::new(connector, local.ip, patience),
            routes: HashMap::new(),
            to,
        }
    }

    /// The address that sockets are bound to.
    pub(super) fn bind_ip(&self) -> IpAddr {
        self.bind_ip
    }

    /// Moves all sockets to the address that the interface has now; `None`: it is the same. After an
    /// error all is as it was. Connections that were made stay.
    pub(super) fn follow_interface(&mut self) -> Result<Option<IpAddr>, Error> {
        let ip = address(&self.bind, Some(self.bind_ip))?;
        if ip == self.bind_ip {
            return Ok(None);
        }
        let failed = |error: io::Error| Error::new(ErrorKind::Transport, error.to_string());
        let mut fresh = Vec::new();
        for (port, binding) in &self.bindings {
            fresh.push((bind(ip, *port, self.dscp)?, binding.users));
        }
        let listener = match &self.secure {
            Some(secure) => {
                let tcp = sip_tcp::bind(SocketAddr::new(ip, secure.port), self.dscp);
                let listener = tls::Listener::new(secure.server.clone(), tcp.map_err(failed)?);
                Some(listener.map_err(failed)?)
            }
            None => None,
        };
        (self.bind_ip, self.connections.from) = (ip, ip);
        for (bound, users) in fresh {
            let port = self.add(bound).map_err(failed)?;
            if let Some(binding) = self.bindings.get_mut(&port) {
                binding.users = users;
            }
        }
        if let Some(listener) = listener {
            self.add_secure(listener);
        }
        Ok(Some(ip))
    }

    /// The engine's own port.
    pub(super) fn main_port(&self) -> u16 {
        self.main_port
    }

    /// Whether others can make TLS connections to us.
    pub(super) fn listens_secure(&self) -> bool {
        self.secure.is_some()
    }

    /// Takes bound sockets over and starts to read them.
    pub(super) fn add(&mut self, bound: Bound) -> io::Result<u16> {
        let to = &self.to;
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
            tokio::task::spawn_local(sip_tcp::accept(tcp, move |remote, stream| {
                let (writer, reader) = stream::open(Box::new(stream));
                let transport = Transport::Tcp;
                let sent = to.send(Inbound::Accepted { port, transport, remote, writer, reader });
                async move { sent.await.is_ok() }
            }))
        };
        let unreachable = {
            let (socket, to) = (Arc::clone(&udp), to.clone());
            tokio::task::spawn_local(unreachable::watch(socket, move |news| {
                // A full mailbox has other news to work on; a far end that is not there stays silent.
                let _ = to.try_send(Inbound::Unreachable { news });
            }))
        };
        let tasks = vec![datagrams, connections, unreachable];
        self.bindings.insert(port, Binding { udp, users: 1, tasks });
        Ok(port)
    }

    /// Takes the listener for TLS over.
    pub(super) fn add_secure(&mut self, listener: tls::Listener) {
        let (port, server) = (listener.address.port(), listener.server());
        let to = self.to.clone();
        let refusals = to.clone();
        let deliver = move |remote, secured| {
            let (writer, reader) = stream::open(secured);
            let transport = Transport::Tls;
            let sent = to.send(Inbound::Accepted { port, transport, remote, writer, reader });
            async move { sent.await.is_ok() }
        };
        let task = tokio::task::spawn_local(listener.serve(deliver, move |remote| {
            // A full mailbox has other news to work on.
            let _ = refusals.try_send(Inbound::TurnedAway { remote });
        }));
        if let Some(old) = self.secure.replace(SecureBinding { port, server, task }) {
            old.task.abort();
        }
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
        if binding.users == 0 {
            self.bindings.remove(&port);
        }
    }

    /// The flow from one of our ports to a far end. TLS comes from the port that we listen on for
    /// it, when there is one: it is what Via and Contact tell.
    pub(super) fn flow(
        &mut self,
        port: u16,
        transport: Transport,
        remote: SocketAddr,
    ) -> io::Result<Flow> {
        let secure = self.secure.as_ref().filter(|_| transport == Transport::Tls);
        let port = secure.map_or(port, |secure| secure.port);
        let local = SocketAddr::new(self.local_ip(remote)?, port);
        Ok(Flow { transport, local, remote })
    }

    /// The connection that a far end made to us, for what would need another to the same place.
    pub(super) fn home(&self, home: Option<Home>, wanted: Flow) -> Option<Flow> {
        let flow = home?.for_flow(wanted)?;
        (self.connections.has(flow) && !self.connections.has(wanted)).then_some(flow)
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
        if flow.transport != Transport::Udp {
            return self.connections.send(now, flow, bytes, to);
        }
        match self.bindings.get(&flow.local.port()) {
            Some(binding) => {
                let remote = sip_udp::clothed(self.bind_ip.is_ipv6(), flow.remote);
                match sip_udp::send(&binding.udp, &bytes, remote) {
                    Ok(_) => Sent::Yes,
                    Err(error) if sip_udp::loses_one(&error) => Sent::Yes,
                    Err(_) => Sent::No,
                }
            }
            None => Sent::No,
        }
    }
}

//! TCP under SIP: listeners, and connections as they are accepted and made.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr, TcpListener as StdListener},
    time::Duration,
};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::{
    dscp,
    sip_udp::{both_families, unclothed},
};

/// How long a connection may take to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What was sent and is not acknowledged after this long breaks the connection, so that a far end
/// that vanished is noticed within a call's patience.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Binds a listener; port 0 takes a free one. Its connections inherit the mark.
pub fn bind(address: SocketAddr, dscp: u8) -> io::Result<StdListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    // Unix: a port is free again at once after a restart. On Windows the option means sharing.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    both_families(&socket, address);
    dscp::mark(&socket2::SockRef::from(&socket), address.is_ipv4(), dscp);
    socket.bind(&address.into())?;
    socket.listen(128)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Opens a connection from `bind` within `patience`.
pub async fn connect(
    remote: SocketAddr,
    bind: IpAddr,
    dscp: u8,
    patience: Duration,
) -> io::Result<TcpStream> {
    let socket = if remote.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    dscp::mark(&socket2::SockRef::from(&socket), remote.is_ipv4(), dscp);
    if !bind.is_unspecified() && bind.is_ipv4() == remote.is_ipv4() {
        socket.bind(SocketAddr::new(bind, 0))?;
    }
    match tokio::time::timeout(patience, socket.connect(remote)).await {
        Ok(stream) => stream.inspect(tune),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the connection took too long")),
    }
}

/// Accepts connections and delivers each, until `deliver` says `false`.
pub async fn accept<F, D>(listener: TcpListener, mut deliver: F)
where
    F: FnMut(SocketAddr, TcpStream) -> D,
    D: Future<Output = bool>,
{
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                tune(&stream);
                if !deliver(unclothed(remote), stream).await {
                    return;
                }
            }
            // Out of descriptors: others must close first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Small messages do not wait for the ACK of the one before; a dead far end is noticed. A refusal is
/// no fault.
fn tune(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED));
}

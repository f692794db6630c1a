//! SIP over UDP: one socket per local port, read by a task of the signaling thread.

use std::{
    future::Future,
    io,
    net::{SocketAddr, UdpSocket as StdSocket},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::net::UdpSocket;

/// The largest datagram there is.
const DATAGRAM_BYTES: usize = 65_535;

/// Binds without blocking mode; port 0 takes a free one.
pub fn bind(address: SocketAddr) -> io::Result<StdSocket> {
    let socket = StdSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    // Bursts of a dialer must not be lost in the kernel's default 208 KiB. A refusal is no fault.
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 20);
    Ok(socket)
}

/// Reads datagrams and delivers each, until `deliver` says `false`.
pub async fn receive<F, D>(socket: Arc<UdpSocket>, mut deliver: F)
where
    F: FnMut(SocketAddr, Bytes) -> D,
    D: Future<Output = bool>,
{
    let mut buffer = BytesMut::zeroed(DATAGRAM_BYTES);
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, source)) => {
                let datagram = Bytes::copy_from_slice(&buffer[..length]);
                if !deliver(source, datagram).await {
                    return;
                }
            }
            // Windows reports a peer's closed port here; no datagram of others is lost by it.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

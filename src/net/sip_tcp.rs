//! SIP over TCP: a listener, and streams with a bounded queue of messages to write. Framing is the
//! reader's affair; here go octets.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener as StdListener},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    sync::mpsc,
};

/// Messages that may wait for a slow peer; one more and the stream counts as broken.
const WRITE_QUEUE: usize = 256;
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one write may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Binds a listener; port 0 takes a free one.
pub fn bind(address: SocketAddr) -> io::Result<StdListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    // Unix: a port is free again at once after a restart. On Windows the option means sharing.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(128)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// The writing end of a stream.
#[derive(Clone, Debug)]
pub struct StreamWriter(mpsc::Sender<Bytes>);

impl StreamWriter {
    /// Queues octets; `false` when the peer reads too slowly or is gone.
    pub fn write(&self, bytes: Bytes) -> bool {
        self.0.try_send(bytes).is_ok()
    }
}

/// The reading end of a stream.
#[derive(Debug)]
pub struct StreamReader(tokio::net::tcp::OwnedReadHalf);

impl StreamReader {
    /// Octets as they come; `None` at the end.
    pub async fn read(&mut self) -> Option<Bytes> {
        let mut buffer = BytesMut::with_capacity(8 * 1024);
        match self.0.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(buffer.freeze()),
        }
    }
}

/// Cuts a connection into its ends and runs the writer as a local task.
fn split(stream: TcpStream) -> (StreamWriter, StreamReader) {
    // Without it small messages wait for the ACK of the one before. A refusal is no fault.
    let _ = stream.set_nodelay(true);
    let (read, write) = stream.into_split();
    let (sender, queue) = mpsc::channel(WRITE_QUEUE);
    tokio::task::spawn_local(write_all(write, queue));
    (StreamWriter(sender), StreamReader(read))
}

async fn write_all(mut write: OwnedWriteHalf, mut queue: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = queue.recv().await {
        match tokio::time::timeout(WRITE_TIMEOUT, write.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
    // The peer learns of an orderly end; if it is gone already there is nobody to tell.
    let _ = write.shutdown().await;
}

/// Opens a connection.
pub async fn connect(remote: SocketAddr) -> io::Result<(StreamWriter, StreamReader)> {
    match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(remote)).await {
        Ok(stream) => stream.map(split),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the connection took too long")),
    }
}

/// Accepts connections and delivers each, until `deliver` says `false`.
pub async fn accept<F, D>(listener: TcpListener, mut deliver: F)
where
    F: FnMut(SocketAddr, StreamWriter, StreamReader) -> D,
    D: Future<Output = bool>,
{
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                let (writer, reader) = split(stream);
                if !deliver(remote, writer, reader).await {
                    return;
                }
            }
            // Out of descriptors: others must close first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

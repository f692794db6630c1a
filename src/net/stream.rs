//! A connection that carries SIP, whatever it is made of: TCP, TLS over it, WebSocket over either.
//!
//! ```text
//!   TcpStream ──▶ tls::connect ──▶ ws::upgrade ──▶ (StreamWriter, StreamReader)
//!        └─────────────┴── open ───────────────────────────▲
//! ```
//!
//! A byte stream's octets are framed by whoever reads them; a WebSocket brings whole messages.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf},
    sync::mpsc,
};

/// Messages that may wait for a slow peer; one more and the stream counts as broken.
const WRITE_QUEUE: usize = 256;
/// How long one write may take.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a connection is made of, as far as octets go.
pub trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

/// Such a thing.
pub type Stream = Box<dyn Octets>;

/// What is to be written.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// A message, or octets that are none (CRLF).
    Octets(Bytes),
    /// A keep-alive that wants an answer.
    Ping,
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// Octets of a byte stream.
    Octets(Bytes),
    /// One whole message.
    Message(Bytes),
    /// The answer to a keep-alive, where the stream itself tells it from messages.
    Pong,
}

/// The writing end of a stream.
#[derive(Clone, Debug)]
pub struct StreamWriter(mpsc::Sender<Outgoing>);

impl StreamWriter {
    /// Queues octets; `false` when the peer reads too slowly or is gone.
    pub fn write(&self, bytes: Bytes) -> bool {
        self.0.try_send(Outgoing::Octets(bytes)).is_ok()
    }

    /// Queues a keep-alive: a double CRLF (RFC 5626 §3.5.1), or a WebSocket's own Ping
    /// (RFC 7118 §6); `false` as for [`StreamWriter::write`].
    pub fn ping(&self) -> bool {
        self.0.try_send(Outgoing::Ping).is_ok()
    }

    pub(super) fn channel() -> (Self, mpsc::Receiver<Outgoing>) {
        let (sender, queue) = mpsc::channel(WRITE_QUEUE);
        (Self(sender), queue)
    }
}

/// The reading end of a stream.
pub struct StreamReader(pub(super) Source);

pub(super) enum Source {
    Octets(ReadHalf<Stream>),
    #[cfg_attr(not(feature = "ws"), allow(dead_code))]
    Frames(super::ws::FrameReader),
}

impl StreamReader {
    /// What comes, as it comes; at the end the reason, empty for an orderly one.
    pub async fn read(&mut self) -> Result<Received, String> {
        match &mut self.0 {
            Source::Octets(read) => {
                let mut buffer = BytesMut::with_capacity(8 * 1024);
                match read.read_buf(&mut buffer).await {
                    Ok(0) => Err(String::new()),
                    Ok(_) => Ok(Received::Octets(buffer.freeze())),
                    Err(error) => Err(super::connector::reason(&error)),
                }
            }
            Source::Frames(frames) => super::ws::read(frames).await,
        }
    }
}

impl std::fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StreamReader")
    }
}

/// Cuts a byte stream into its ends and runs the writer as a local task.
pub fn open(stream: Stream) -> (StreamWriter, StreamReader) {
    let (read, write) = tokio::io::split(stream);
    let (writer, queue) = StreamWriter::channel();
    tokio::task::spawn_local(write_all(write, queue));
    (writer, StreamReader(Source::Octets(read)))
}

async fn write_all(mut write: WriteHalf<Stream>, mut queue: mpsc::Receiver<Outgoing>) {
    while let Some(outgoing) = queue.recv().await {
        let bytes = match outgoing {
            Outgoing::Octets(bytes) => bytes,
            Outgoing::Ping => Bytes::from_static(b"\r\n\r\n"),
        };
        let written = async {
            write.write_all(&bytes).await?;
            // TLS keeps what it could not send at once.
            write.flush().await
        };
        match tokio::time::timeout(WRITE_TIMEOUT, written).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
    // The peer learns of an orderly end; if it is gone already there is nobody to tell.
    let _ = tokio::time::timeout(WRITE_TIMEOUT, write.shutdown()).await;
}

//! SIP over WebSocket as its client (RFC 7118): one message per frame, `sip` as sub-protocol.

use bytes::Bytes;
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use tokio::sync::mpsc;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message,
        client::ClientRequestBuilder,
        protocol::{WebSocketConfig, frame::Utf8Bytes},
    },
};

use super::stream::{
    Outgoing, Received, Source, Stream, StreamReader, StreamWriter, WRITE_TIMEOUT,
};

/// The largest message taken, as for the other transports.
const MESSAGE_BYTES: usize = 65_536;
/// Read at once: SIP messages are small and connections may be many.
const READ_BYTES: usize = 8 * 1024;

pub(super) type FrameReader = SplitStream<WebSocketStream<Stream>>;
type FrameWriter = SplitSink<WebSocketStream<Stream>, Message>;

/// Shakes hands with the server on `stream`. `host`: what the Host header says, port included
/// where it is not the usual one. `path` begins with a slash.
pub async fn upgrade(
    stream: Stream,
    host: &str,
    path: &str,
) -> Result<(StreamWriter, StreamReader), String> {
    let uri = format!("ws://{host}{path}");
    let uri = uri.parse().map_err(|_| format!("{uri} is no address of a WebSocket"))?;
    let request = ClientRequestBuilder::new(uri).with_sub_protocol("sip");
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES));
    let (socket, _) =
        client_async_with_config(request, stream, Some(config)).await.map_err(refusal)?;
    let (write, read) = socket.split();
    let (writer, queue) = StreamWriter::channel();
    tokio::task::spawn_local(write_all(write, queue));
    Ok((writer, StreamReader(Source::Frames(read))))
}

/// The next message; pings are answered underneath.
pub(super) async fn read(frames: &mut FrameReader) -> Result<Received, String> {
    loop {
        match frames.next().await {
            Some(Ok(Message::Text(text))) => return Ok(Received::Message(text.into())),
            Some(Ok(Message::Binary(bytes))) => return Ok(Received::Message(bytes)),
            Some(Ok(Message::Pong(_))) => return Ok(Received::Pong),
            Some(Ok(Message::Ping(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_))) | None => return Err(String::new()),
            Some(Err(Error::Io(error))) => return Err(super::connector::reason(&error)),
            Some(Err(error)) => return Err(error.to_string()),
        }
    }
}

async fn write_all(mut write: FrameWriter, mut queue: mpsc::Receiver<Outgoing>) {
    while let Some(outgoing) = queue.recv().await {
        let frame = match outgoing {
            // Text where it is text (RFC 7118 §4.2 allows either; some servers read text only).
            Outgoing::Octets(bytes) => match Utf8Bytes::try_from(bytes.clone()) {
                Ok(text) => Message::Text(text),
                Err(_) => Message::Binary(bytes),
            },
            Outgoing::Ping => Message::Ping(Bytes::new()),
        };
        match tokio::time::timeout(WRITE_TIMEOUT, write.send(frame)).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
    // The peer learns of an orderly end; if it is gone already there is nobody to tell.
    let _ = tokio::time::timeout(WRITE_TIMEOUT, write.close()).await;
}

fn refusal(error: Error) -> String {
    match error {
        Error::Http(response) => format!("the server speaks no WebSocket: {}", response.status()),
        Error::Io(error) => super::connector::reason(&error),
        error => format!("the server speaks no SIP over WebSocket: {error}"),
    }
}

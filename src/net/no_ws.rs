//! What [`super::ws`] is in a build without the feature `ws`: every WebSocket is refused, with that
//! reason.

use super::stream::{Received, Stream, StreamReader, StreamWriter};

/// Never made.
pub(super) enum FrameReader {}

/// Refuses.
pub async fn upgrade(_: Stream, _: &str, _: &str) -> Result<(StreamWriter, StreamReader), String> {
    Err("this build has no WebSocket".to_owned())
}

/// There is none to read.
pub(super) async fn read(frames: &mut FrameReader) -> Result<Received, String> {
    match *frames {}
}

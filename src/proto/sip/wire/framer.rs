//! Cutting a stream into messages by Content-Length (RFC 3261 §18.3).

use bytes::{Buf as _, Bytes, BytesMut};

use super::{
    HeaderId, MAX_HEAD_BYTES, MAX_MESSAGE_BYTES,
    index::{find_head_end, join_folded_lines, skip_line_break},
};

/// Why a stream can no longer be cut: the place of the next message is unknown, so the connection
/// has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// Headers longer than [`MAX_HEAD_BYTES`].
    HeadTooLarge,
    /// Content-Length asks for more than [`MAX_MESSAGE_BYTES`] in all.
    TooLarge,
    /// Content-Length is no number, stands twice with different values, or is missing where
    /// Content-Type announces a body (RFC 3261 §20.14 demands it on a stream).
    ContentLength,
}

/// Collects the octets of one stream and gives out whole messages.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    /// How far the buffer was searched for the end of the headers, so that slow senders do not make
    /// each octet cost a whole search.
    searched: usize,
    /// Octets of the message whose headers are complete, once that is known.
    total: Option<usize>,
    keep_alives: u32,
}

impl Framer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes octets that arrived. Call [`Framer::poll`] until it gives `None` after each.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
    }

    /// The next whole message, if there is one.
    pub fn poll(&mut self) -> Result<Option<Bytes>, FrameError> {
        let total = match self.total {
            Some(total) => total,
            None => match self.measure()? {
                Some(total) => *self.total.insert(total),
                None => return Ok(None),
            },
        };
        if self.buffer.len() < total {
            return Ok(None);
        }
        (self.searched, self.total) = (0, None);
        Ok(Some(self.buffer.split_to(total).freeze()))
    }

    /// The octets of the message that begins here, once its headers are complete.
    fn measure(&mut self) -> Result<Option<usize>, FrameError> {
        self.skip_keep_alives();
        let Some(head_end) = self.find_head() else {
            let whole = self.buffer.len() > MAX_HEAD_BYTES;
            return if whole { Err(FrameError::HeadTooLarge) } else { Ok(None) };
        };
        if head_end > MAX_HEAD_BYTES {
            return Err(FrameError::HeadTooLarge);
        }
        let body_start = skip_line_break(&self.buffer, head_end);
        // Some leave Content-Length out where there is no body.
        let length = content_length(&self.buffer[..head_end])?.unwrap_or(0);
        let total = body_start + length;
        if total > MAX_MESSAGE_BYTES {
            return Err(FrameError::TooLarge);
        }
        Ok(Some(total))
    }

    /// Whether a message has begun and is not complete. A connection that stays so for long is to be
    /// closed.
    pub fn is_partial(&self) -> bool {
        self.buffer.iter().any(|b| !matches!(b, b'\r' | b'\n'))
    }

    /// How many double line breaks came since the last call; each wants one CRLF back
    /// (RFC 5626 §3.5.1).
    pub fn take_keep_alives(&mut self) -> u32 {
        std::mem::take(&mut self.keep_alives)
    }

    /// Takes a lone line break, the answer to a keep-alive of ours (RFC 5626 §3.5.1). Only who waits
    /// for one may ask: else it may be the first half of the far end's own keep-alive.
    pub fn take_pong(&mut self) -> bool {
        let pong = &self.buffer[..] == b"\r\n";
        if pong {
            self.buffer.clear();
            self.searched = 0;
        }
        pong
    }

    fn skip_keep_alives(&mut self) {
        while self.buffer.starts_with(b"\r\n\r\n") {
            self.buffer.advance(4);
            self.keep_alives = self.keep_alives.saturating_add(1);
            self.searched = 0;
        }
        // A single line break in front of a message is allowed too (RFC 3261 §7.5); with only that
        // much here it may be the first half of a keep-alive.
        while self.buffer.len() > 2 && matches!(self.buffer[0], b'\r' | b'\n') {
            if b"\r\n\r\n".starts_with(&self.buffer) {
                return;
            }
            self.buffer.advance(1);
            self.searched = 0;
        }
    }

    fn find_head(&mut self) -> Option<usize> {
        if !self.is_partial() {
            return None;
        }
        let from = self.searched.saturating_sub(4);
        let end = from + find_head_end(&self.buffer[from..]);
        if end < self.buffer.len() {
            return Some(end);
        }
        self.searched = self.buffer.len();
        None
    }
}

fn content_length(head: &[u8]) -> Result<Option<usize>, FrameError> {
    let mut head = head.to_vec();
    join_folded_lines(&mut head);
    let (mut length, mut has_body) = (None, false);
    for line in head.split(|b| *b == b'\n') {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let name = std::str::from_utf8(&line[..colon]).unwrap_or("").trim_end();
        match HeaderId::from_name(name) {
            HeaderId::ContentLength => {}
            HeaderId::ContentType => {
                has_body = true;
                continue;
            }
            _ => continue,
        }
        let value = std::str::from_utf8(&line[colon + 1..]).unwrap_or("").trim();
        let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        let number: usize = match value.parse() {
            Ok(number) if digits => number,
            _ if digits => return Err(FrameError::TooLarge),
            _ => return Err(FrameError::ContentLength),
        };
        if length.is_some_and(|known| known != number) {
            return Err(FrameError::ContentLength);
        }
        length = Some(number);
    }
    if has_body && length.is_none() { Err(FrameError::ContentLength) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] =
        b"\r\nOPTIONS sip:a SIP/2.0\r\nl:\r\n 5\r\n\r\nabc\r\nSIP/2.0 200 OK\r\n\r\n\r\n\r\n";

    #[test]
    fn cuts_messages_wherever_the_stream_is_broken() {
        for chunk in 1..TWO.len() {
            let mut framer = Framer::new();
            let mut messages = Vec::new();
            for piece in TWO.chunks(chunk) {
                framer.push(piece);
                while let Some(message) = framer.poll().unwrap() {
                    messages.push(message);
                }
            }
            assert_eq!(messages.len(), 2, "chunks of {chunk}");
            assert!(messages[0].ends_with(b"\r\n\r\nabc\r\n"));
            assert_eq!(&messages[1][..], b"SIP/2.0 200 OK\r\n\r\n");
            assert_eq!(framer.take_keep_alives(), 1);
            assert!(!framer.is_partial());
        }
    }

    #[test]
    fn a_lone_line_break_is_a_pong_to_who_asks_and_half_a_ping_to_who_does_not() {
        let mut framer = Framer::new();
        framer.push(b"\r\n");
        assert_eq!(framer.poll(), Ok(None));
        assert!(framer.take_pong() && !framer.take_pong());
        framer.push(b"\r\n");
        assert_eq!(framer.poll(), Ok(None));
        framer.push(b"\r\n");
        assert_eq!(framer.poll(), Ok(None));
        assert_eq!((framer.take_pong(), framer.take_keep_alives()), (false, 1));
    }

    #[test]
    fn waits_for_a_body_that_never_comes_and_says_so() {
        let mut framer = Framer::new();
        framer.push(b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 9999\r\n\r\nabc");
        assert_eq!(framer.poll(), Ok(None));
        assert!(framer.is_partial());
    }

    #[test]
    fn the_head_is_read_once_however_slowly_the_body_comes() {
        let mut framer = Framer::new();
        framer.push(b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\n");
        assert_eq!(framer.poll(), Ok(None));
        let known = framer.total;
        for octet in [b"a", b"b"] {
            assert!(known.is_some_and(|total| total > framer.buffer.len()));
            framer.push(octet);
            assert_eq!((framer.poll(), framer.total), (Ok(None), known));
        }
        framer.push(b"c");
        assert!(framer.poll().unwrap().is_some_and(|message| message.ends_with(b"\r\n\r\nabc")));
        assert_eq!((framer.total, framer.searched), (None, 0), "the next one is measured anew");
    }

    #[test]
    fn a_body_whose_end_nobody_tells_breaks_the_stream() {
        let mut framer = Framer::new();
        framer.push(b"INVITE sip:a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\n");
        assert_eq!(framer.poll(), Err(FrameError::ContentLength));
    }

    #[test]
    fn gives_up_on_what_cannot_be_cut() {
        let refuse = |text: &str| {
            let mut framer = Framer::new();
            framer.push(text.as_bytes());
            framer.poll()
        };
        let long = "x".repeat(MAX_HEAD_BYTES + 1);
        assert_eq!(refuse(&long), Err(FrameError::HeadTooLarge));
        assert_eq!(refuse("A b SIP/2.0\r\nl: 70000\r\n\r\n"), Err(FrameError::TooLarge));
        assert_eq!(refuse("A b SIP/2.0\r\nl: -1\r\n\r\n"), Err(FrameError::ContentLength));
        let two = "A b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(refuse(two), Err(FrameError::ContentLength));
    }
}

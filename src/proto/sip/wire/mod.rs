//! Messages on the wire: lenient in, strict out (RFC 3261 §7, §18.3).
//!
//! ```text
//!  stream octets ─► Framer ─► one message's octets ─┐
//!  datagram ────────────────────────────────────────┴─► Message (octets + header index, typed views)
//!  octets ◄─ encode() ◄─ Request, Response (ordered headers)
//! ```
//!
//! A received message is never copied into a tree: it keeps its octets and an index of its header
//! lines; typed values are read when asked for. What is wrong with it is noted, not refused, so that
//! an answer can still be made from the index.

pub mod multipart;
pub mod text;

mod build;
mod framer;
mod header;
mod index;
mod message;
mod method;
mod scrub;
mod status;

pub use build::{Headers, Request, Response};
pub use framer::{FrameError, Framer};
pub use header::{HeaderId, HeaderName};
pub use message::{CSeq, Defect, Message, ParseError};
pub use method::Method;
pub use scrub::scrub;
pub use status::reason_phrase;

/// Most octets of one message: what a UDP datagram can hold.
pub const MAX_MESSAGE_BYTES: usize = 65_535;
/// Most octets of start line and headers together.
pub const MAX_HEAD_BYTES: usize = 32_768;
/// Most header lines of one message.
pub const MAX_HEADERS: usize = 256;

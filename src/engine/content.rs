//! What a SIP message carries, as a host reads it and words it: headers and body.

use crate::proto::sip::wire::{HeaderId, Message, multipart};

/// Most octets of a body that a host sends: with its headers it stays below what a datagram holds.
pub const MAX_BODY_BYTES: usize = 49_152;

/// Headers and body of a message that came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Media type of the body with its parameters, as written; empty when the message names none.
    pub content_type: String,
    /// Every header line in its order, (name, value).
    pub headers: Vec<(String, String)>,
    /// The body, octets as they came.
    pub body: Vec<u8>,
}

impl Content {
    pub(super) fn of(message: &Message) -> Self {
        let headers = message.all_headers();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        Self {
            content_type: message.header(HeaderId::ContentType).unwrap_or_default().to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), text(value))).collect(),
            body: message.body().to_owned(),
        }
    }

    /// The first header of that name, in any case; compact names are not looked for.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.iter();
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; octets that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The parts of a multipart body (RFC 5621); none of any other.
    pub fn parts(&self) -> Vec<BodyPart> {
        parts(&self.content_type, &self.body)
    }
}

/// One part of a multipart body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyPart {
    /// Media type with its parameters; `text/plain` when the part names none.
    pub content_type: String,
    /// Its headers, without Content-Type.
    pub headers: Vec<(String, String)>,
    /// Its content.
    pub body: Vec<u8>,
    /// Where the content begins in the body that it was read from; 0 for a part to be written.
    pub offset: usize,
}

/// The parts of a body whose Content-Type is `multipart/…;boundary=…`, in order; of any other type
/// there are none.
pub fn parts(content_type: &str, body: &[u8]) -> Vec<BodyPart> {
    let read = multipart::parts(content_type, body).into_iter();
    read.map(|part| BodyPart {
        content_type: part.content_type,
        headers: part.headers,
        offset: part.body.as_ptr().addr().saturating_sub(body.as_ptr().addr()),
        body: part.body.to_owned(),
    })
    .collect()
}

/// Puts parts together under `media_type`, `multipart/mixed` as a rule; gives Content-Type and body.
pub fn multipart(media_type: &str, parts: &[BodyPart]) -> (String, Vec<u8>) {
    let borrowed: Vec<multipart::Part<'_>> = parts
        .iter()
        .map(|part| multipart::Part {
            content_type: part.content_type.clone(),
            headers: part.headers.clone(),
            body: &part.body,
        })
        .collect();
    multipart::compose(media_type, &borrowed)
}

/// A request of the host's, in a call or outside of calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SipRequest {
    /// The method, a token: `MESSAGE`, `INFO`, `OPTIONS`, `NOTIFY`, or one of the host's own. Those
    /// that make, change and end calls and registrations are the engine's: INVITE, ACK, CANCEL, BYE,
    /// PRACK, UPDATE, REGISTER, SUBSCRIBE.
    pub method: String,
    /// Headers, (name, value); those that the engine writes itself are refused.
    pub headers: Vec<(String, String)>,
    /// Media type of the body, with its parameters; empty without a body.
    pub content_type: String,
    /// The body, at most [`MAX_BODY_BYTES`].
    pub body: Vec<u8>,
}

/// A host's answer to a request that it was handed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SipAnswer {
    /// Status code, 200 to 699.
    pub code: u16,
    /// Reason phrase; empty: the registered one.
    pub reason: String,
    /// Headers, (name, value); those that the engine writes itself are refused.
    pub headers: Vec<(String, String)>,
    /// Media type of the body, with its parameters; empty without a body.
    pub content_type: String,
    /// The body, at most [`MAX_BODY_BYTES`].
    pub body: Vec<u8>,
}

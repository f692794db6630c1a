//! A received message: its octets and where its header fields stand.

use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    HeaderId, MAX_MESSAGE_BYTES, Method,
    index::{Index, StartLine, find_head_end, parse_number, readable},
    multipart,
    text::{self, Params},
};
use crate::proto::sip::{
    uri::{NameAddr, Uri},
    via::Via,
};

/// Why octets are no message at all. Nothing can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// Nothing but line breaks: a keep-alive (RFC 5626 §3.5.1).
    KeepAlive,
    /// The first line is neither a request line nor a status line.
    StartLine,
    /// More than [`MAX_MESSAGE_BYTES`].
    TooLarge,
}

/// What is wrong with the form of a message that can still be read. The first fault found counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// The start line has white space where none belongs.
    StartLine,
    /// A header line has no name or no colon.
    HeaderLine,
    /// More header octets or lines than the limits allow.
    TooManyHeaders,
    /// Content-Length is no number, or stands twice with different values.
    ContentLength,
    /// The body is shorter than Content-Length says (RFC 3261 §18.3).
    Truncated,
}

/// The CSeq header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The sequence number, below 2^31 when made by us (RFC 3261 §8.1.1.5).
    pub number: u32,
    /// The method.
    pub method: Method,
}

/// A received message. Cloning shares the octets and the index.
#[derive(Clone)]
pub struct Message {
    octets: Bytes,
    /// The octets with folded lines joined and what is no UTF-8 in the headers replaced, length
    /// unchanged; the same buffer when nothing was.
    text: Bytes,
    index: Arc<Index>,
}

impl Message {
    /// Reads one message: a whole datagram, or what a [`super::Framer`] cut out of a stream.
    pub fn parse(octets: Bytes) -> Result<Self, ParseError> {
        if octets.len() > MAX_MESSAGE_BYTES {
            return Err(ParseError::TooLarge);
        }
        let lead = octets.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if octets.len() <= lead || octets.iter().all(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(ParseError::KeepAlive);
        }
        let octets = octets.slice(lead..);
        let head_end = find_head_end(&octets);
        let text = readable(&octets, head_end);
        let index = Arc::new(Index::read(&text, head_end)?);
        Ok(Self { octets, text, index })
    }

    /// The octets as they came, without line breaks in front.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// What is wrong with the form, if anything.
    pub fn defect(&self) -> Option<Defect> {
        self.index.defect
    }

    /// Whether it is a request.
    pub fn is_request(&self) -> bool {
        matches!(self.index.start, StartLine::Request { .. })
    }

    /// Method of a request; for a response the method of its CSeq.
    pub fn method(&self) -> Option<Method> {
        match &self.index.start {
            StartLine::Request { method, .. } => Some(method.clone()),
            StartLine::Response { .. } => self.cseq().map(|cseq| cseq.method),
        }
    }

    /// Whether it is a request of that method.
    pub fn is_method(&self, wanted: &Method) -> bool {
        matches!(&self.index.start, StartLine::Request { method, .. } if method == wanted)
    }

    /// Status code of a response, 100 to 699.
    pub fn status(&self) -> Option<u16> {
        match self.index.start {
            StartLine::Response { status, .. } => Some(status),
            StartLine::Request { .. } => None,
        }
    }

    /// Reason phrase of a response; may be empty.
    pub fn reason(&self) -> Option<Cow<'_, str>> {
        match &self.index.start {
            StartLine::Response { reason, .. } => {
                Some(String::from_utf8_lossy(&self.text[reason.clone()]))
            }
            StartLine::Request { .. } => None,
        }
    }

    /// Whether the version is `SIP/2.0`.
    pub fn is_version_2(&self) -> bool {
        self.text[self.index.version.clone()].eq_ignore_ascii_case(b"SIP/2.0")
    }

    /// Request-URI as written; empty for responses.
    pub fn raw_uri(&self) -> &str {
        match &self.index.start {
            StartLine::Request { uri, .. } => {
                std::str::from_utf8(&self.text[uri.clone()]).unwrap_or("")
            }
            StartLine::Response { .. } => "",
        }
    }

    /// Request-URI.
    pub fn uri(&self) -> Option<Uri> {
        self.raw_uri().parse().ok()
    }

    /// The value of the first line of a header.
    pub fn header(&self, id: HeaderId) -> Option<&str> {
        self.headers(id).next()
    }

    /// The values of all lines of a header, in order.
    pub fn headers(&self, id: HeaderId) -> impl Iterator<Item = &str> {
        self.index
            .headers
            .iter()
            .filter(move |entry| entry.id == id)
            .map(|entry| self.slice(&entry.value))
    }

    /// The single values of a header that is a comma-separated list, over all its lines.
    pub fn header_list(&self, id: HeaderId) -> impl Iterator<Item = &str> {
        self.headers(id).flat_map(|line| text::split(line, ',')).filter(|value| !value.is_empty())
    }

    /// The first value of a header by name, long or compact, in any case.
    pub fn header_named(&self, name: &str) -> Option<&str> {
        match HeaderId::from_name(name) {
            HeaderId::Other => self
                .all_headers()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .and_then(|(_, value)| std::str::from_utf8(value).ok()),
            id => self.header(id),
        }
    }

    /// The `index`-th line of a header by name, long or compact, in any case, from 0.
    pub fn header_line(&self, name: &str, index: usize) -> Option<&str> {
        let id = HeaderId::from_name(name);
        let is_it = |known: &str| match id {
            HeaderId::Other => known.eq_ignore_ascii_case(name),
            id => HeaderId::from_name(known) == id,
        };
        let (_, value) = self.all_headers().filter(|(known, _)| is_it(known)).nth(index)?;
        std::str::from_utf8(value).ok()
    }

    /// Every header line as name and octets of the value, in order.
    pub fn all_headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.index
            .headers
            .iter()
            .map(|entry| (self.slice(&entry.name), self.slice(&entry.value).as_bytes()))
    }

    /// How many lines a header has.
    pub fn count(&self, id: HeaderId) -> usize {
        self.index.headers.iter().filter(|entry| entry.id == id).count()
    }

    fn slice(&self, range: &Range<u32>) -> &str {
        // The headers were made readable before they were indexed.
        std::str::from_utf8(&self.text[range.start as usize..range.end as usize]).unwrap_or("")
    }

    /// The body: Content-Length octets, or all that follows the headers when there is none.
    pub fn body(&self) -> &[u8] {
        &self.octets[self.index.body.clone()]
    }

    /// The topmost Via.
    pub fn top_via(&self) -> Option<Via> {
        Via::parse(text::split(self.header(HeaderId::Via)?, ',').next()?)
    }

    /// The body, or the part of a multipart body, that has this media type (RFC 5621 §3.1).
    pub fn body_of_type(&self, media_type: &str) -> Option<&[u8]> {
        let own = self.content_type()?;
        if own == media_type {
            return Some(self.body());
        }
        if !own.starts_with("multipart/") {
            return None;
        }
        let value = self.header(HeaderId::ContentType)?;
        let params = Params::parse(&value[value.find(';')?..])?;
        multipart::part(self.body(), &text::unquote(params.value("boundary")?), media_type)
    }

    /// From.
    pub fn from(&self) -> Option<NameAddr> {
        self.header(HeaderId::From).and_then(NameAddr::parse)
    }

    /// To.
    pub fn to(&self) -> Option<NameAddr> {
        self.header(HeaderId::To).and_then(NameAddr::parse)
    }

    /// Tag of From; empty when there is none (RFC 2543).
    pub fn from_tag(&self) -> String {
        self.from().and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default()
    }

    /// Tag of To; empty when there is none.
    pub fn to_tag(&self) -> String {
        self.to().and_then(|to| to.tag().map(str::to_owned)).unwrap_or_default()
    }

    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.header(HeaderId::CallId).filter(|id| !id.is_empty() && !id.contains([' ', '\t']))
    }

    /// CSeq.
    pub fn cseq(&self) -> Option<CSeq> {
        let (number, method) = self.header(HeaderId::CSeq)?.split_once([' ', '\t'])?;
        Some(CSeq { number: parse_number(number)?, method: Method::parse(text::trim(method))? })
    }

    /// The first Contact that is a URI (`*` is none).
    pub fn contact(&self) -> Option<NameAddr> {
        self.contacts().next()
    }

    /// Every Contact that is a URI.
    pub fn contacts(&self) -> impl Iterator<Item = NameAddr> {
        self.header_list(HeaderId::Contact).filter_map(NameAddr::parse)
    }

    /// Media type of the body without parameters, in lower case.
    pub fn content_type(&self) -> Option<String> {
        let value = self.header(HeaderId::ContentType)?;
        let media_type = text::trim(value.split(';').next().unwrap_or(value));
        Some(media_type.to_ascii_lowercase().replace([' ', '\t'], ""))
    }

    /// A header that holds one number in its first token, such as Expires or Min-Expires.
    pub fn number(&self, id: HeaderId) -> Option<u32> {
        let value = self.header(id)?;
        parse_number(text::trim(value.split([';', '(', ' ', '\t']).next().unwrap_or(value)))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.octets.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        write!(f, "Message({:?}, {} octets)", String::from_utf8_lossy(line), self.octets.len())
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

impl Eq for Message {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Message {
        Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
    }

    #[test]
    fn joins_folded_lines_and_finds_compact_names() {
        let message = parse(
            "INVITE sip:a@b SIP/2.0\r\nTO :\r\n sip:a@b ;   tag    = 19\r\ncseq: 0009\r\n  INVITE\r\n\
             v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n \
             SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\ns :\r\n\r\nbody",
        );
        assert_eq!(message.to_tag(), "19");
        assert_eq!(message.cseq(), Some(CSeq { number: 9, method: Method::Invite }));
        assert_eq!(message.top_via().unwrap().branch(), Some("z9hG4bK9ikj8"));
        assert_eq!(message.header_list(HeaderId::Via).count(), 2);
        assert_eq!(message.header(HeaderId::Subject), Some(""));
        assert_eq!(message.body(), b"body", "no Content-Length: the rest of the datagram");
        assert_eq!(message.defect(), None);
    }

    #[test]
    fn notes_what_is_wrong_and_stays_readable() {
        let defect = |text: &str| parse(text).defect();
        assert_eq!(defect("OPTIONS sip:a@b SIP/2.0  \r\n\r\n"), Some(Defect::StartLine));
        assert_eq!(defect("OPTIONS sip:a@b; lr SIP/2.0\r\n\r\n"), Some(Defect::StartLine));
        assert_eq!(defect("OPTIONS sip:a@b SIP/2.0\r\nnonsense\r\n\r\n"), Some(Defect::HeaderLine));
        assert_eq!(defect("OPTIONS sip:a@b SIP/2.0\r\nl: 5\r\n\r\nabc"), Some(Defect::Truncated));
        assert_eq!(defect("OPTIONS sip:a@b SIP/2.0\r\nl: x\r\n\r\n"), Some(Defect::ContentLength));
        let two = "OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nContent-Length: 1\r\n\r\n1";
        assert_eq!(defect(two), Some(Defect::ContentLength));
        let many = format!("OPTIONS sip:a@b SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(300));
        assert_eq!(defect(&many), Some(Defect::TooManyHeaders));
        assert!(!parse("OPTIONS sip:a@b SIP/7.0\r\n\r\n").is_version_2());
    }

    #[test]
    fn reads_responses_with_and_without_a_reason() {
        let message = parse("SIP/2.0 100 \r\n\r\n");
        assert_eq!((message.status(), message.reason().unwrap().as_ref()), (Some(100), ""));
        assert_eq!(parse("SIP/2.0 200\r\n\r\n").status(), Some(200));
        assert_eq!(parse("SIP/2.0 486 Busy Here\r\n\r\n").reason().unwrap(), "Busy Here");
    }

    #[test]
    fn a_display_name_in_latin_1_does_not_cost_the_message() {
        let octets =
            b"INVITE sip:a@b SIP/2.0\r\nFrom: \"J\xf6rg\xc3\" <sip:j@b>;tag=1\r\n\r\n\xff\xfe";
        let message = Message::parse(Bytes::from_static(octets)).unwrap();
        let from = message.from().unwrap();
        assert_eq!((from.display.as_deref(), from.tag()), (Some("J?rg?"), Some("1")));
        assert_eq!(message.body(), b"\xff\xfe", "a body is never touched");
        assert_eq!(message.octets().as_ref(), octets);
    }

    #[test]
    fn refuses_what_is_no_message() {
        let parse = |text: &'static str| Message::parse(Bytes::from_static(text.as_bytes())).err();
        assert_eq!(parse("\r\n\r\n"), Some(ParseError::KeepAlive));
        assert_eq!(parse(""), Some(ParseError::KeepAlive));
        assert_eq!(parse("GET / HTTP/1.1\r\n\r\n"), Some(ParseError::StartLine));
        assert_eq!(parse("SIP/2.0 99 x\r\n\r\n"), Some(ParseError::StartLine));
        assert_eq!(parse("SIP/2.0 2000 x\r\n\r\n"), Some(ParseError::StartLine));
    }

    #[test]
    fn cuts_the_body_at_content_length() {
        let message = parse("MESSAGE sip:a@b SIP/2.0\nl:3\n\nabcdef");
        assert_eq!(message.body(), b"abc");
        assert_eq!(message.defect(), None);
    }
}

//! Messages that are being made, and their strict form on the wire.

use bytes::Bytes;

use super::{HeaderId, HeaderName, Message, Method, reason_phrase, text};
use crate::proto::sip::uri::Uri;

/// Header fields in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, String)>);

impl Headers {
    /// Adds a line at the end. Control characters in the value become spaces, so nothing put here
    /// can start a line of its own.
    pub fn push(&mut self, name: impl Into<HeaderName>, value: impl AsRef<str>) {
        self.0.push((name.into(), text::single_line(value.as_ref())));
    }

    /// Adds a line in front of all others.
    pub fn push_front(&mut self, name: impl Into<HeaderName>, value: impl AsRef<str>) {
        self.0.insert(0, (name.into(), text::single_line(value.as_ref())));
    }

    /// Replaces every line of that name by one, in the place of the first.
    pub fn set(&mut self, name: impl Into<HeaderName>, value: impl AsRef<str>) {
        let name = name.into();
        let value = text::single_line(value.as_ref());
        match self.0.iter().position(|(known, _)| same(known, &name)) {
            Some(at) => {
                self.0[at].1 = value;
                let mut index = 0;
                self.0.retain(|(known, _)| {
                    index += 1;
                    index - 1 <= at || !same(known, &name)
                });
            }
            None => self.0.push((name, value)),
        }
    }

    /// Adds a line only if there is none of that name.
    pub fn set_default(&mut self, id: HeaderId, value: impl AsRef<str>) {
        if self.value(id).is_none() {
            self.push(id, value);
        }
    }

    /// Takes every line of that name out.
    pub fn remove(&mut self, id: HeaderId) {
        self.0.retain(|(name, _)| !name.is(id));
    }

    /// Takes the first line of that name out.
    pub fn remove_first(&mut self, id: HeaderId) {
        if let Some(at) = self.0.iter().position(|(name, _)| name.is(id)) {
            self.0.remove(at);
        }
    }

    /// The first value of a header.
    pub fn value(&self, id: HeaderId) -> Option<&str> {
        self.values(id).next()
    }

    /// The values of all lines of a header.
    pub fn values(&self, id: HeaderId) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(name, _)| name.is(id)).map(|(_, value)| value.as_str())
    }

    /// Every line in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn same(a: &HeaderName, b: &HeaderName) -> bool {
    a.as_str().eq_ignore_ascii_case(b.as_str())
}

/// A request to be sent. Via, Max-Forwards and Content-Length come from the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The Request-URI.
    pub uri: Uri,
    /// Header fields.
    pub headers: Headers,
    /// The body; its Content-Type is a header of its own.
    pub body: Bytes,
    /// The Request-URI is a strict router's: it is the next hop, whatever Route says
    /// (RFC 3261 §8.1.2).
    pub strict: bool,
}

impl Request {
    /// A request without headers.
    pub fn new(method: Method, uri: Uri) -> Self {
        Self { method, uri, headers: Headers::default(), body: Bytes::new(), strict: false }
    }

    /// Sets CSeq to `number` and the request's own method.
    pub fn set_cseq(&mut self, number: u32) {
        let value = format!("{number} {}", self.method);
        self.headers.set(HeaderId::CSeq, value);
    }

    /// The CSeq number, when set.
    pub fn cseq_number(&self) -> Option<u32> {
        self.headers.value(HeaderId::CSeq)?.split(' ').next()?.parse().ok()
    }

    /// Sets body and Content-Type.
    pub fn set_body(&mut self, content_type: &str, body: impl Into<Bytes>) {
        self.headers.set(HeaderId::ContentType, content_type);
        self.body = body.into();
    }

    /// The octets for the wire, with the right Content-Length.
    pub fn encode(&self) -> Bytes {
        encode(&format!("{} {} SIP/2.0", self.method, self.uri), &self.headers, &self.body)
    }
}

/// A response to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code, 100 to 699.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Header fields.
    pub headers: Headers,
    /// The body; its Content-Type is a header of its own.
    pub body: Bytes,
}

impl Response {
    /// A response to `request` with what RFC 3261 §8.2.6.2 copies: Via, From, To, Call-ID, CSeq, and
    /// Timestamp into a 100. An empty `reason` gives the registered phrase. The To tag is added by
    /// the endpoint unless [`Response::set_to_tag`] gave one.
    pub fn to(request: &Message, status: u16, reason: &str) -> Self {
        let mut headers = Headers::default();
        for via in request.headers(HeaderId::Via) {
            headers.push(HeaderId::Via, via);
        }
        for id in [HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq] {
            if let Some(value) = request.header(id) {
                headers.push(id, value);
            }
        }
        if let Some(value) = request.header(HeaderId::Timestamp).filter(|_| status == 100) {
            headers.push(HeaderId::Timestamp, value);
        }
        let reason = if reason.is_empty() { reason_phrase(status) } else { reason };
        Self { status, reason: text::single_line(reason), headers, body: Bytes::new() }
    }

    /// Copies Record-Route of the request, as responses that make a dialog must
    /// (RFC 3261 §12.1.1).
    pub fn copy_record_route(&mut self, request: &Message) {
        for route in request.headers(HeaderId::RecordRoute) {
            self.headers.push(HeaderId::RecordRoute, route);
        }
    }

    /// Adds our tag to To, unless To has one.
    pub fn set_to_tag(&mut self, tag: &str) {
        let Some(to) = self.headers.value(HeaderId::To) else { return };
        let has_tag = super::super::uri::NameAddr::parse(to).is_some_and(|to| to.tag().is_some());
        if !has_tag {
            let value = format!("{to};tag={tag}");
            self.headers.set(HeaderId::To, value);
        }
    }

    /// Sets body and Content-Type.
    pub fn set_body(&mut self, content_type: &str, body: impl Into<Bytes>) {
        self.headers.set(HeaderId::ContentType, content_type);
        self.body = body.into();
    }

    /// The octets for the wire, with the right Content-Length.
    pub fn encode(&self) -> Bytes {
        encode(&format!("SIP/2.0 {} {}", self.status, self.reason), &self.headers, &self.body)
    }
}

fn encode(start: &str, headers: &Headers, body: &[u8]) -> Bytes {
    let mut octets = Vec::with_capacity(512 + body.len());
    octets.extend_from_slice(start.as_bytes());
    octets.extend_from_slice(b"\r\n");
    for (name, value) in &headers.0 {
        if name.is(HeaderId::ContentLength) {
            continue;
        }
        octets.extend_from_slice(name.as_str().as_bytes());
        octets.extend_from_slice(b": ");
        octets.extend_from_slice(value.as_bytes());
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    octets.extend_from_slice(body);
    octets.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_can_start_a_line_of_its_own() {
        let mut request = Request::new(Method::Options, "sip:a@b".parse().unwrap());
        request.headers.push(HeaderId::Subject, "x\r\nVia: SIP/2.0/UDP evil\r\n\r\nbody");
        let message = Message::parse(request.encode()).unwrap();
        assert_eq!(message.count(HeaderId::Via), 0);
        assert_eq!(message.count(HeaderId::Subject), 1);
        assert!(message.body().is_empty());
    }

    #[test]
    fn set_leaves_one_line_in_the_first_place() {
        let mut headers = Headers::default();
        headers.push(HeaderId::Route, "<sip:a>");
        headers.push(HeaderId::To, "<sip:b>");
        headers.push(HeaderId::Route, "<sip:c>");
        headers.set(HeaderId::Route, "<sip:d>");
        let lines: Vec<_> = headers.iter().collect();
        assert_eq!(lines, [("Route", "<sip:d>"), ("To", "<sip:b>")]);
    }

    #[test]
    fn a_response_copies_what_it_must_and_keeps_a_tag() {
        let request = Message::parse(Bytes::from_static(
            b"BYE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b\r\n\
              f: sip:x@y;tag=1\r\nt: sip:a@b\r\ni: id\r\nCSeq: 2 BYE\r\nX-Other: 1\r\n\r\n",
        ))
        .unwrap();
        let mut response = Response::to(&request, 200, "");
        response.set_to_tag("t1");
        response.set_to_tag("t2");
        let message = Message::parse(response.encode()).unwrap();
        assert_eq!(message.reason().unwrap(), "OK");
        assert_eq!(message.to_tag(), "t1");
        assert_eq!(message.header_list(HeaderId::Via).count(), 2);
        assert_eq!(message.call_id(), Some("id"));
        assert_eq!(message.header_named("X-Other"), None);
    }
}

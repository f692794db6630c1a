//! The bridge to the `rsip` crate: its typed vocabulary for Rust hosts, and values whose result is
//! checked here.
//!
//! `rsip` never decides what goes over the wire. It refuses or changes valid messages (IPv6 URIs,
//! folded and compact headers, unknown methods, users with a dot, bodies that are no text), so
//! [`super::wire`] reads and writes, and a conversion gives `None` where the two would differ. This
//! is the one file that names the crate.

use std::convert::TryFrom as _;

pub use ::rsip as vocabulary;
use ::rsip::{
    StatusCode, StatusCodeKind,
    prelude::{HeadersExt as _, ToTypedHeader as _, UntypedHeader as _},
};

use super::{
    uri::Uri,
    wire::{HeaderId, HeaderName, Message, Method, Request},
};

/// The class of a status code.
pub fn status_class(status: u16) -> StatusCodeKind {
    StatusCode::from(status).kind()
}

/// The method in rsip's words; `None` for one that its closed set lacks.
pub fn method(method: &Method) -> Option<::rsip::Method> {
    let name = method.name();
    // Its parser ignores case, which SIP does not: `invite` is no INVITE.
    name.parse::<::rsip::Method>().ok().filter(|typed| typed.to_string() == name)
}

/// A method out of rsip's words.
pub fn method_from(typed: ::rsip::Method) -> Method {
    let name = typed.to_string();
    Method::parse(&name).unwrap_or(Method::Other(name))
}

/// The value of Allow for these methods.
pub fn allow(methods: &[Method]) -> String {
    let typed: Option<Vec<_>> = methods.iter().map(method).collect();
    match typed {
        Some(typed) => ::rsip::typed::Allow::from(typed).to_string(),
        None => methods.iter().map(|m| m.name().into_owned()).collect::<Vec<_>>().join(", "),
    }
}

/// The URI in rsip's words, if it means the same there: written again it is the same text, and user,
/// host and port are the same parts.
pub fn uri(uri: &Uri) -> Option<::rsip::Uri> {
    let text = uri.to_string();
    let typed = ::rsip::Uri::try_from(text.as_str()).ok()?;
    let port = typed.port().map(|port| *port.value());
    let same = typed.to_string() == text
        && uri.is_sip()
        && typed.user() == uri.user()
        && uri.host().is_some_and(|host| host.to_string() == typed.host().to_string())
        && port == uri.port();
    same.then_some(typed)
}

/// A URI out of rsip's words, read again by us.
pub fn uri_from(typed: &::rsip::Uri) -> Option<Uri> {
    typed.to_string().parse().ok()
}

/// The message in rsip's words, if nothing was lost or changed on the way there.
pub fn message(message: &Message) -> Option<::rsip::SipMessage> {
    let typed = ::rsip::SipMessage::try_from(message.octets().as_ref()).ok()?;
    let (headers, body) = match &typed {
        ::rsip::SipMessage::Request(request) => {
            let uri = request.uri.to_string() == message.raw_uri();
            let named = message.method().is_some_and(|own| own == method_from(request.method));
            (uri && named).then_some((&request.headers, &request.body))?
        }
        ::rsip::SipMessage::Response(response) => {
            let status = message.status() == Some(response.status_code.code());
            status.then_some((&response.headers, &response.body))?
        }
    };
    let typed_lines = headers.iter().map(|header| header.to_string());
    let own_lines = message
        .all_headers()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)));
    (typed_lines.eq(own_lines) && body == message.body()).then_some(typed)
}

/// A request that was put together in rsip's words. Its body stays what it is; what our layer adds to
/// every request (Via, Content-Length) is left out. `None` when its URI or a header name is none.
pub fn request_from(typed: &::rsip::Request) -> Option<Request> {
    let mut request = Request::new(method_from(typed.method), uri_from(&typed.uri)?);
    for header in typed.headers.iter() {
        let line = header.to_string();
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::parse(name.trim())?;
        if !name.is(HeaderId::Via) && !name.is(HeaderId::ContentLength) {
            request.headers.push(name, value);
        }
    }
    request.body = typed.body.clone().into();
    Some(request)
}

/// What rsip makes of the identifying fields of octets; `None` where it refuses them. The tests hold
/// it against our own reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondOpinion {
    /// Call-ID.
    pub call_id: String,
    /// CSeq number and method.
    pub cseq: (u32, String),
    /// Tag of From.
    pub from_tag: Option<String>,
    /// Tag of To.
    pub to_tag: Option<String>,
    /// Branch of the topmost Via.
    pub branch: Option<String>,
    /// Max-Forwards.
    pub max_forwards: Option<u32>,
}

/// Reads octets with rsip alone.
pub fn second_opinion(octets: &[u8]) -> Option<SecondOpinion> {
    let typed = ::rsip::SipMessage::try_from(octets).ok()?;
    let cseq = typed.cseq_header().ok()?.clone().typed().ok()?;
    let from = typed.from_header().ok()?.clone().typed().ok()?;
    let to = typed.to_header().ok()?.clone().typed().ok()?;
    let via = typed.via_header().ok()?.clone().typed().ok()?;
    Some(SecondOpinion {
        call_id: typed.call_id_header().ok()?.value().to_owned(),
        cseq: (cseq.seq, cseq.method.to_string()),
        from_tag: from.tag().map(|tag| tag.value().to_owned()),
        to_tag: to.tag().map(|tag| tag.value().to_owned()),
        branch: via.branch().map(|branch| branch.value().to_owned()),
        max_forwards: typed.max_forwards_header().ok().and_then(|m| m.value().trim().parse().ok()),
    })
}

//! What every request is looked at for before a TU sees it (RFC 3261 §8.2, §16.3, RFC 4475).

use super::EndpointConfig;
use crate::proto::sip::{
    rsip::allow,
    uri::Scheme,
    wire::{Defect, HeaderId, Message, Method, Response},
};

/// A request that goes no further.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    reason: &'static str,
    headers: Vec<(HeaderId, String)>,
}

impl Refusal {
    pub(super) fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason, headers: Vec::new() }
    }

    pub(super) fn with(mut self, id: HeaderId, value: String) -> Self {
        self.headers.push((id, value));
        self
    }

    /// The answer.
    pub fn response(&self, request: &Message) -> Response {
        let mut response = Response::to(request, self.status, self.reason);
        for (id, value) in &self.headers {
            response.headers.push(*id, value);
        }
        response
    }
}

/// The form of a request. A refusal here is answered without a transaction, since its key may be
/// among what is wrong.
pub fn form(request: &Message) -> Result<(), Refusal> {
    let bad = |reason| Err(Refusal::new(400, reason));
    if !request.is_version_2() {
        return Err(Refusal::new(505, ""));
    }
    match request.defect() {
        Some(Defect::TooManyHeaders) => return Err(Refusal::new(513, "")),
        Some(Defect::StartLine) => return bad("Bad Request-Line"),
        Some(Defect::HeaderLine) => return bad("Bad Header Line"),
        Some(Defect::ContentLength) => return bad("Bad Content-Length"),
        Some(Defect::Truncated) => return bad("Body Shorter Than Content-Length"),
        None => {}
    }
    if [HeaderId::To, HeaderId::From, HeaderId::CallId, HeaderId::CSeq]
        .iter()
        .any(|id| request.count(*id) != 1)
    {
        return bad("Missing Or Repeated To, From, Call-ID Or CSeq");
    }
    if request.count(HeaderId::MaxForwards) > 1 || request.count(HeaderId::ContentType) > 1 {
        return bad("Repeated Header");
    }
    if request.uri().is_none() {
        return bad("Bad Request-URI");
    }
    if request.to().is_none() {
        return bad("Bad To");
    }
    if request.from().is_none() {
        return bad("Bad From");
    }
    if request.call_id().is_none() {
        return bad("Bad Call-ID");
    }
    let Some(cseq) = request.cseq() else { return bad("Bad CSeq") };
    if request.header(HeaderId::MaxForwards).is_some()
        && request.number(HeaderId::MaxForwards).is_none_or(|hops| hops > 255)
    {
        return bad("Bad Max-Forwards");
    }
    // An unknown method is 501 whatever CSeq says of it (RFC 4475 §3.1.2.18).
    let known = request.method().is_some_and(|method| method.is_known());
    if known && !request.is_method(&cseq.method) {
        return bad("CSeq Names Another Method");
    }
    Ok(())
}

/// Whether this endpoint can do what a well-formed request asks for. Max-Forwards of 0 is no fault
/// here: the request has arrived, and only who passes it on answers 483 (RFC 3261 §16.3).
///
/// `merged`: the same request came another way before (§8.2.2.2).
pub fn abilities(request: &Message, config: &EndpointConfig, merged: bool) -> Result<(), Refusal> {
    let method = request.method().unwrap_or(Method::Other(String::new()));
    if !config.allow.contains(&method) && !config.allow_any {
        let status = if method.is_known() { 405 } else { 501 };
        return Err(Refusal::new(status, "").with(HeaderId::Allow, allow(&config.allow)));
    }
    if request.uri().is_some_and(|uri| !uri.is_sip() && *uri.scheme() != Scheme::Tel) {
        return Err(Refusal::new(416, ""));
    }
    if merged {
        return Err(Refusal::new(482, ""));
    }
    if matches!(method, Method::Ack | Method::Cancel) {
        return Ok(());
    }
    let supported = |tag: &&str| config.supported.iter().any(|own| own.eq_ignore_ascii_case(tag));
    let unsupported: Vec<&str> =
        request.header_list(HeaderId::Require).filter(|tag| !supported(tag)).collect();
    if !unsupported.is_empty() {
        let refusal = Refusal::new(420, "");
        return Err(refusal.with(HeaderId::Unsupported, unsupported.join(", ")));
    }
    if matches!(method, Method::Invite | Method::Update) { body(request, config) } else { Ok(()) }
}

/// The body of an INVITE: a type that we read, in clear (RFC 3261 §8.2.3).
fn body(request: &Message, config: &EndpointConfig) -> Result<(), Refusal> {
    let optional = request
        .header(HeaderId::ContentDisposition)
        .is_some_and(|value| value.to_ascii_lowercase().contains("handling=optional"));
    // Without Content-Type it is taken for what it most likely is.
    if request.body().is_empty() || optional || request.content_type().is_none() {
        return Ok(());
    }
    let encoded = request
        .header_list(HeaderId::ContentEncoding)
        .any(|coding| !coding.eq_ignore_ascii_case("identity"));
    if encoded {
        return Err(Refusal::new(415, "").with(HeaderId::AcceptEncoding, "identity".to_owned()));
    }
    let known = config.accept.iter().any(|known| request.body_of_type(known).is_some());
    if known {
        Ok(())
    } else {
        Err(Refusal::new(415, "").with(HeaderId::Accept, config.accept.join(", ")))
    }
}

/// The answer to OPTIONS outside dialogs (RFC 3261 §11.2).
pub fn capabilities(request: &Message, config: &EndpointConfig) -> Response {
    let mut response = Response::to(request, 200, "");
    response.headers.push(HeaderId::Allow, allow(&config.allow));
    response.headers.push(HeaderId::Accept, config.accept.join(", "));
    response.headers.push(HeaderId::AcceptEncoding, "identity");
    response.headers.push(HeaderId::Supported, config.supported.join(", "));
    response
}

//! Requests in the dialog that are not the call's own: MESSAGE (RFC 3428 §5), and whatever else the
//! host sends, or asked to be handed.
//!
//! ```text
//! host ── Input::Send ──> request in the dialog ──final──> CallEvent::Sent
//! far end ── MESSAGE ───> 200, 413, 415 ─────────────────> CallEvent::Message
//! far end ── any other ─> CallEvent::Request (the host answers), or 405
//! ```

use super::{
    event::CallEvent,
    machine::{ALLOW, Machine, Phase, phrase},
    requests::Purpose,
    usage::Outgoing,
};
use crate::proto::sip::{
    endpoint::ServerTransaction,
    wire::{HeaderId, Message, Method, Response, multipart},
};

/// Which requests of far ends are handed to the host, and what a MESSAGE may carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// Methods that the host answers itself.
    pub methods: Vec<Method>,
    /// Every method that this engine does not serve is the host's.
    pub any_method: bool,
    /// Media types that a MESSAGE may have: `text/plain`, `text/*`, `*/*`.
    pub message_types: Vec<String>,
    /// Most octets of its body.
    pub message_bytes: usize,
}

impl Default for Passing {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            any_method: false,
            message_types: ["text/*", "message/cpim", "application/im-iscomposing+xml"]
                .map(str::to_owned)
                .to_vec(),
            message_bytes: 16_384,
        }
    }
}

impl Passing {
    /// Whether the host answers requests of that method. `served`: the engine would answer itself.
    pub fn offers(&self, method: &Method, served: bool) -> bool {
        self.methods.contains(method) || (self.any_method && !served)
    }

    /// The answer to a MESSAGE: 200 for one that the host is told of, else 413 or 415.
    pub fn answer_to(&self, message: &Message) -> Response {
        if message.body().len() > self.message_bytes {
            return Response::to(message, 413, "");
        }
        let mut codings = message.header_list(HeaderId::ContentEncoding);
        if codings.any(|coding| !coding.eq_ignore_ascii_case("identity")) {
            let mut response = Response::to(message, 415, "");
            response.headers.set(HeaderId::AcceptEncoding, "identity");
            return response;
        }
        if message.body().is_empty() || self.takes(message) {
            return Response::to(message, 200, "");
        }
        let mut response = Response::to(message, 415, "");
        response.headers.set(HeaderId::Accept, self.message_types.join(", "));
        response
    }

    /// Whether the body has a type that is taken; of several parts, one (RFC 5621 §8).
    fn takes(&self, message: &Message) -> bool {
        let own = message.content_type().unwrap_or_else(|| "text/plain".to_owned());
        let whole = message.header(HeaderId::ContentType).unwrap_or_default();
        let parts = multipart::parts(whole, message.body());
        self.takes_type(&own) || parts.iter().any(|part| self.takes_type(&part.content_type))
    }

    fn takes_type(&self, content_type: &str) -> bool {
        let bare = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        self.message_types.iter().any(|known| match known.strip_suffix('*') {
            Some("*/") => true,
            Some(family) => bare.starts_with(&family.to_ascii_lowercase()),
            None => known.eq_ignore_ascii_case(&bare),
        })
    }
}

impl Machine {
    /// Sends a request of the host's in the dialog.
    pub(super) fn send_passed(&mut self, number: u64, outgoing: &Outgoing) {
        let stands = matches!(self.phase, Phase::Accepted | Phase::Confirmed);
        let request = if stands { self.in_dialog(outgoing.method.clone()) } else { None };
        let Some(mut request) = request else {
            let text = "the call is not answered".to_owned();
            return self.event(CallEvent::Sent { number, code: 0, text, response: None });
        };
        outgoing.dress(&mut request);
        self.send(Purpose::Passed(number), request);
    }

    pub(super) fn handle_passed_final(&mut self, number: u64, message: Message) {
        let (code, text) = (message.status().unwrap_or(0), phrase(&message));
        self.event(CallEvent::Sent { number, code, text, response: Some(message) });
    }

    pub(super) fn handle_passed_failed(&mut self, number: u64, code: u16, text: &str) {
        let text = text.to_owned();
        self.event(CallEvent::Sent { number, code, text, response: None });
    }

    /// A request that the call has no use for itself.
    pub(super) fn handle_passed(&mut self, server: ServerTransaction, message: Message) {
        let method = message.method().unwrap_or(Method::Other(String::new()));
        if self.settings.passing.offers(&method, method == Method::Message) {
            return self.event(CallEvent::Request { server, message });
        }
        if method != Method::Message {
            let mut response = Response::to(&message, 405, "");
            response.headers.set(HeaderId::Allow, ALLOW);
            return self.respond_tagged(server, response);
        }
        let response = self.settings.passing.answer_to(&message);
        let taken = response.status == 200;
        self.respond_tagged(server, response);
        if taken {
            self.event(CallEvent::Message { message });
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn code(headers: &str, body: &str) -> u16 {
        let text = format!(
            "MESSAGE sip:a@b SIP/2.0\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n\
             CSeq: 1 MESSAGE\r\n{headers}\r\n{body}"
        );
        let message = Message::parse(Bytes::from(text.into_bytes())).unwrap();
        Passing { message_bytes: 200, ..Passing::default() }.answer_to(&message).status
    }

    #[test]
    fn a_message_is_taken_by_type_and_size() {
        assert_eq!(code("Content-Type: text/plain;charset=UTF-8\r\n", "hello"), 200);
        assert_eq!(code("c: TEXT/HTML\r\n", "<b>"), 200);
        assert_eq!(code("", "hello"), 200, "without a type it is text");
        assert_eq!(code("Content-Type: image/png\r\n", "x"), 415);
        assert_eq!(code("Content-Type: image/png\r\n", ""), 200, "nothing is in it");
        assert_eq!(code("Content-Type: text/plain\r\ne: gzip\r\n", "x"), 415);
        assert_eq!(code("Content-Type: text/plain\r\n", &"x".repeat(201)), 413);
        let parts = "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b\r\n\r\nhello\r\n--b--";
        assert_eq!(code("Content-Type: multipart/mixed;boundary=b\r\n", parts), 200);
        assert_eq!(code("Content-Type: multipart/mixed;boundary=c\r\n", parts), 415);
    }
}

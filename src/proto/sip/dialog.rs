//! Dialogs (RFC 3261 §12), for whatever uses them (RFC 5057).
//!
//! A dialog knows its id, both identities, the remote target, the route set and the sequence numbers
//! of both directions; it makes requests and checks the order of those that arrive. It knows nothing
//! of INVITE's offers, of media, and of when it ends: its owner does.
//!
//! ```text
//!  request sent,  101-199 or 2xx with a tag received ─► Dialog::uac ─┐
//!  request received, 101-199 or 2xx sent ────────────► Dialog::uas ─┴─► Early ─2xx─► Confirmed
//! ```

use super::{
    route,
    uri::{NameAddr, Uri},
    wire::{HeaderId, Message, Method, Request},
};

/// What names a dialog (RFC 3261 §12).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogId {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The far end's tag; empty for a peer of RFC 2543.
    pub remote_tag: String,
}

impl DialogId {
    /// The dialog that a received request belongs to: our tag stands in To. `None` for a request
    /// outside dialogs.
    pub fn of_request(request: &Message) -> Option<Self> {
        let local_tag = Some(request.to_tag()).filter(|tag| !tag.is_empty())?;
        let call_id = request.call_id()?.to_owned();
        Some(Self { call_id, local_tag, remote_tag: request.from_tag() })
    }

    /// The dialog that a received response belongs to: our tag stands in From.
    pub fn of_response(response: &Message) -> Option<Self> {
        let call_id = response.call_id()?.to_owned();
        Some(Self { call_id, local_tag: response.from_tag(), remote_tag: response.to_tag() })
    }
}

/// Whether the far end has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogState {
    /// Only provisional responses so far.
    Early,
    /// A 2xx was sent or received.
    Confirmed,
}

/// Why no dialog, or no request in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DialogError {
    /// The message lacks what a dialog is made of.
    Incomplete,
    /// The request is older than one already seen: answer 500 (RFC 3261 §12.2.2).
    OutOfOrder,
}

/// One dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    id: DialogId,
    state: DialogState,
    /// From and To as they stand in our requests.
    local: String,
    remote: String,
    remote_target: Uri,
    route_set: Vec<String>,
    local_cseq: u32,
    remote_cseq: Option<u32>,
}

impl Dialog {
    /// The dialog of a request that we sent, by a response with a To tag (RFC 3261 §12.1.2). A 2xx
    /// makes it confirmed, 101 to 199 early.
    pub fn uac(request: &Request, response: &Message) -> Result<Self, DialogError> {
        let id = DialogId::of_response(response).ok_or(DialogError::Incomplete)?;
        let status = response.status().ok_or(DialogError::Incomplete)?;
        if id.local_tag.is_empty() || status <= 100 || status >= 300 {
            return Err(DialogError::Incomplete);
        }
        let text = |id| response.header(id).map(str::to_owned).ok_or(DialogError::Incomplete);
        let mut route_set = routes(response);
        route_set.reverse();
        Ok(Self {
            id,
            state: if status < 200 { DialogState::Early } else { DialogState::Confirmed },
            local: text(HeaderId::From)?,
            remote: text(HeaderId::To)?,
            // Without Contact, which a 180 of RFC 2543 may lack, the request's own target stays.
            remote_target: response.contact().map_or_else(|| request.uri.clone(), |c| c.uri),
            route_set,
            local_cseq: request.cseq_number().ok_or(DialogError::Incomplete)?,
            remote_cseq: None,
        })
    }

    /// The dialog of a request that we received, with the tag of our response
    /// (RFC 3261 §12.1.1).
    pub fn uas(request: &Message, local_tag: &str) -> Result<Self, DialogError> {
        let (from, to) = (request.from(), request.to());
        let (Some(from), Some(to)) = (from, to) else { return Err(DialogError::Incomplete) };
        let text = |id| request.header(id).map(str::to_owned).ok_or(DialogError::Incomplete);
        let call_id = request.call_id().ok_or(DialogError::Incomplete)?.to_owned();
        let local = match to.tag() {
            Some(_) => text(HeaderId::To)?,
            None => format!("{};tag={local_tag}", text(HeaderId::To)?),
        };
        let remote_tag = from.tag().unwrap_or_default().to_owned();
        Ok(Self {
            id: DialogId { call_id, local_tag: local_tag.to_owned(), remote_tag },
            state: DialogState::Early,
            local,
            remote: text(HeaderId::From)?,
            // A peer of RFC 2543 may send no Contact (RFC 4475 §3.4.1).
            remote_target: request.contact().map_or(from.uri, |contact| contact.uri),
            route_set: routes(request),
            local_cseq: 0,
            remote_cseq: request.cseq().map(|cseq| cseq.number),
        })
    }

    /// What names it.
    pub fn id(&self) -> &DialogId {
        &self.id
    }

    /// Whether the far end has accepted.
    pub fn state(&self) -> DialogState {
        self.state
    }

    /// The far end's identity.
    pub fn remote(&self) -> Option<NameAddr> {
        NameAddr::parse(&self.remote)
    }

    /// Our own identity.
    pub fn local(&self) -> Option<NameAddr> {
        NameAddr::parse(&self.local)
    }

    /// Where requests are meant for in the end.
    pub fn remote_target(&self) -> &Uri {
        &self.remote_target
    }

    /// CSeq number of our last request.
    pub fn local_cseq(&self) -> u32 {
        self.local_cseq
    }

    /// A 2xx that we sent makes the dialog confirmed.
    pub fn confirm(&mut self) {
        self.state = DialogState::Confirmed;
    }

    /// Takes a response to a request of ours in this dialog: a 2xx confirms an early dialog and sets
    /// its route set anew (RFC 3261 §13.2.2.4), and a 1xx or 2xx to a target refresh names the new
    /// remote target (§12.2.1.2).
    pub fn handle_response(&mut self, response: &Message) {
        let Some(status) = response.status().filter(|status| (101..300).contains(status)) else {
            return;
        };
        let makes_dialog = response.method().is_some_and(|method| makes_dialog(&method));
        if self.state == DialogState::Early && status >= 200 && makes_dialog {
            self.state = DialogState::Confirmed;
            self.route_set = routes(response);
            self.route_set.reverse();
        }
        if response.method().is_some_and(|method| refreshes_target(&method))
            && let Some(contact) = response.contact()
        {
            self.remote_target = contact.uri;
        }
    }

    /// Takes a request in this dialog: checks its order and notes a new remote target. ACK and CANCEL
    /// have the number of their INVITE and always pass.
    pub fn handle_request(&mut self, request: &Message) -> Result<(), DialogError> {
        let cseq = request.cseq().ok_or(DialogError::Incomplete)?;
        if matches!(cseq.method, Method::Ack | Method::Cancel) {
            return Ok(());
        }
        if self.remote_cseq.is_some_and(|last| cseq.number <= last) {
            return Err(DialogError::OutOfOrder);
        }
        self.remote_cseq = Some(cseq.number);
        if refreshes_target(&cseq.method)
            && let Some(contact) = request.contact()
        {
            self.remote_target = contact.uri;
        }
        Ok(())
    }

    /// Skips to a later CSeq number, for a request that went out again with credentials.
    pub fn raise_cseq(&mut self, number: u32) {
        self.local_cseq = self.local_cseq.max(number);
    }

    /// A request in this dialog under the next CSeq number (RFC 3261 §12.2.1.1).
    pub fn request(&mut self, method: Method) -> Request {
        self.local_cseq += 1;
        self.make(method, self.local_cseq)
    }

    /// The ACK of a 2xx to the INVITE with that CSeq number (RFC 3261 §13.2.2.4). It carries the
    /// INVITE's credentials; the owner adds them.
    pub fn ack(&self, invite_cseq: u32) -> Request {
        self.make(Method::Ack, invite_cseq)
    }

    fn make(&self, method: Method, cseq: u32) -> Request {
        let mut request = Request::new(method, self.remote_target.for_request());
        route::put(&mut request, &self.route_set);
        request.headers.push(HeaderId::From, &self.local);
        request.headers.push(HeaderId::To, &self.remote);
        request.headers.push(HeaderId::CallId, &self.id.call_id);
        request.set_cseq(cseq);
        request
    }
}

fn routes(message: &Message) -> Vec<String> {
    message.header_list(HeaderId::RecordRoute).map(str::to_owned).collect()
}

/// Requests whose 2xx confirms a dialog; that of a PRACK inside an early one does not.
fn makes_dialog(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Subscribe | Method::Refer)
}

/// Target refresh requests of RFC 3261 §12.2 and later.
fn refreshes_target(method: &Method) -> bool {
    matches!(
        method,
        Method::Invite | Method::Update | Method::Subscribe | Method::Notify | Method::Refer
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn message(text: &str) -> Message {
        Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
    }

    fn invite() -> Request {
        let mut request = Request::new(Method::Invite, "sip:bob@example.com".parse().unwrap());
        request.headers.push(HeaderId::From, "<sip:al@example.com>;tag=a");
        request.headers.push(HeaderId::To, "<sip:bob@example.com>");
        request.headers.push(HeaderId::CallId, "c");
        request.set_cseq(10);
        request
    }

    fn answer(status: u16, routes: &str, contact: &str) -> Message {
        message(&format!(
            "SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n{routes}\
             From: <sip:al@example.com>;tag=a\r\nTo: <sip:bob@example.com>;tag=b\r\nCall-ID: c\r\n\
             CSeq: 10 INVITE\r\nContact: <{contact}>\r\n\r\n"
        ))
    }

    const LOOSE: &str = "Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\n";

    #[test]
    fn the_uac_reverses_the_route_set_and_counts_on() {
        let mut dialog = Dialog::uac(&invite(), &answer(180, LOOSE, "sip:b@1.2.3.4")).unwrap();
        assert_eq!(dialog.state(), DialogState::Early);
        dialog.handle_response(&answer(200, LOOSE, "sip:b@5.6.7.8"));
        assert_eq!(dialog.state(), DialogState::Confirmed);
        let bye = dialog.request(Method::Bye);
        assert_eq!(bye.uri.to_string(), "sip:b@5.6.7.8");
        let routes: Vec<_> = bye.headers.values(HeaderId::Route).collect();
        assert_eq!(routes, ["<sip:p1;lr>", "<sip:p2;lr>"]);
        assert_eq!(bye.headers.value(HeaderId::CSeq), Some("11 BYE"));
        assert_eq!(bye.headers.value(HeaderId::To), Some("<sip:bob@example.com>;tag=b"));
        let ack = dialog.ack(10);
        assert_eq!(ack.headers.value(HeaderId::CSeq), Some("10 ACK"));
        assert_eq!(dialog.request(Method::Info).cseq_number(), Some(12));
    }

    #[test]
    fn a_strict_router_gets_the_request_uri() {
        let strict = "Record-Route: <sip:p2;lr>\r\nRecord-Route: <sip:p1>\r\n";
        let mut dialog = Dialog::uac(&invite(), &answer(200, strict, "sip:b@h")).unwrap();
        let bye = dialog.request(Method::Bye);
        assert_eq!(bye.uri.to_string(), "sip:p1");
        let routes: Vec<_> = bye.headers.values(HeaderId::Route).collect();
        assert_eq!(routes, ["<sip:p2;lr>", "<sip:b@h>"]);
    }

    fn received(method: &str, cseq: u32, extra: &str) -> Message {
        message(&format!(
            "{method} sip:al@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n{extra}\
             From: \"B\" <sip:bob@example.com>;tag=b\r\nTo: <sip:al@example.com>\r\nCall-ID: c\r\n\
             CSeq: {cseq} {method}\r\n\r\n"
        ))
    }

    #[test]
    fn the_uas_keeps_the_order_of_routes_and_falls_back_to_from() {
        let mut dialog = Dialog::uas(&received("INVITE", 5, LOOSE), "t").unwrap();
        dialog.confirm();
        let bye = dialog.request(Method::Bye);
        assert_eq!(bye.uri.to_string(), "sip:bob@example.com", "no Contact: RFC 2543");
        let routes: Vec<_> = bye.headers.values(HeaderId::Route).collect();
        assert_eq!(routes, ["<sip:p2;lr>", "<sip:p1;lr>"]);
        assert_eq!(bye.headers.value(HeaderId::From), Some("<sip:al@example.com>;tag=t"));
        assert_eq!(bye.headers.value(HeaderId::To), Some("\"B\" <sip:bob@example.com>;tag=b"));
        assert_eq!(dialog.id().remote_tag, "b");
    }

    #[test]
    fn requests_that_come_out_of_order_are_told_apart() {
        let mut dialog = Dialog::uas(&received("INVITE", 5, ""), "t").unwrap();
        assert_eq!(dialog.handle_request(&received("INFO", 5, "")), Err(DialogError::OutOfOrder));
        assert_eq!(dialog.handle_request(&received("ACK", 5, "")), Ok(()));
        let moved = received("INVITE", 9, "Contact: <sip:new@h>\r\n");
        assert_eq!(dialog.handle_request(&moved), Ok(()));
        assert_eq!(dialog.remote_target().to_string(), "sip:new@h");
        assert_eq!(dialog.handle_request(&received("BYE", 8, "")), Err(DialogError::OutOfOrder));
    }

    #[test]
    fn a_dialog_is_found_by_the_same_id_from_both_sides() {
        let uac = Dialog::uac(&invite(), &answer(200, "", "sip:b@h")).unwrap();
        let bye = message(
            "BYE sip:al@h SIP/2.0\r\nFrom: <sip:bob@example.com>;tag=b\r\n\
             To: <sip:al@example.com>;tag=a\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n",
        );
        assert_eq!(DialogId::of_request(&bye).as_ref(), Some(uac.id()));
        assert_eq!(DialogId::of_response(&answer(180, "", "sip:b@h")).as_ref(), Some(uac.id()));
        assert!(DialogId::of_request(&received("BYE", 1, "")).is_none());
    }
}

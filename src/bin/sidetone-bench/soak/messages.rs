//! The SIP messages of one call of a soak, as its caller writes them.

use std::net::SocketAddr;

use sidetone::{
    base::rng::Rng,
    proto::sip::wire::{HeaderId, Message},
};

/// What all messages of a call have in common.
#[derive(Clone, Debug)]
pub struct Dialog {
    local: SocketAddr,
    rtp_port: u16,
    /// Request-URI before the answer, the far end's contact after.
    target: String,
    /// Call-ID.
    pub call_id: String,
    from: String,
    to: String,
    /// Branch of the INVITE.
    branch: String,
    rng: Rng,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its method.
    pub method: &'static str,
    /// The octets.
    pub text: String,
}

impl Dialog {
    /// A call to the user `bench` of the phone at `phone`.
    pub fn new(local: SocketAddr, rtp_port: u16, phone: SocketAddr, mut rng: Rng) -> Self {
        let target = format!("sip:bench@{phone}");
        Self {
            local,
            rtp_port,
            to: format!("<{target}>"),
            target,
            call_id: rng.token(20),
            from: format!("<sip:soak@{local}>;tag={}", rng.token(8)),
            branch: rng.token(12),
            rng,
        }
    }

    /// The INVITE, and with a higher number one that changes nothing in the call.
    pub fn invite(&mut self, cseq: u32) -> Request {
        let ip = self.local.ip();
        // The port above ours may be one of the phone's own: its RTCP would be strange to that call.
        let sdp = format!(
            "v=0\r\no=soak 1 {cseq} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=audio {} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=rtcp-mux\r\na=sendrecv\r\n",
            self.rtp_port
        );
        let branch = if cseq == 1 { self.branch.clone() } else { self.rng.token(12) };
        self.request("INVITE", cseq, &branch, &sdp)
    }

    /// The CANCEL of the INVITE.
    pub fn cancel(&mut self) -> Request {
        let branch = self.branch.clone();
        let mut dialog = self.clone();
        // It is sent as the INVITE was, without the tag of an answer (RFC 3261 §9.1).
        dialog.to = dialog.to.split(";tag=").next().unwrap_or_default().to_owned();
        dialog.target = format!("sip:bench@{}", self.phone());
        dialog.request("CANCEL", 1, &branch, "")
    }

    /// A request within the call.
    pub fn within(&mut self, method: &'static str, cseq: u32) -> Request {
        let branch = self.rng.token(12);
        self.request(method, cseq, &branch, "")
    }

    /// Goes on as the answer says.
    pub fn answered(&mut self, answer: &Message) {
        self.to = answer.header(HeaderId::To).unwrap_or_default().to_owned();
        if let Some(contact) = answer.contact() {
            self.target = contact.uri.to_string();
        }
    }

    /// The ACK of a final response: with a branch of its own for 200, with that of the request for
    /// others, and with the response's To.
    pub fn ack(&mut self, response: &Message) -> Option<String> {
        let cseq = response.cseq()?.number;
        let branch = match response.status()? {
            200..300 => self.rng.token(12),
            _ => response.top_via()?.branch()?.strip_prefix(MAGIC)?.to_owned(),
        };
        let mut dialog = self.clone();
        dialog.to = response.header(HeaderId::To)?.to_owned();
        Some(dialog.request("ACK", cseq, &branch, "").text)
    }

    /// The phone's SIP address, out of To.
    fn phone(&self) -> &str {
        let uri = self.to.split('>').next().unwrap_or_default();
        uri.rsplit('@').next().unwrap_or_default()
    }

    fn request(&self, method: &'static str, cseq: u32, branch: &str, sdp: &str) -> Request {
        let Self { local, target, call_id, from, to, .. } = self;
        let kind = if sdp.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch={MAGIC}{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:soak@{local}>\r\n{kind}\
             Content-Length: {}\r\n\r\n{sdp}",
            sdp.len()
        );
        Request { method, text }
    }
}

/// Where the audio of an answer goes.
pub fn audio_of(answer: &Message) -> Option<SocketAddr> {
    let sdp = std::str::from_utf8(answer.body()).ok()?;
    let after = |prefix: &str| sdp.lines().find_map(|line| line.strip_prefix(prefix));
    let ip = after("c=IN IP4 ")?.trim().parse().ok()?;
    let port = after("m=audio ")?.split(' ').next()?.parse().ok()?;
    (port > 0).then_some(SocketAddr::new(ip, port))
}

/// What every branch begins with (RFC 3261 §8.1.1.7).
const MAGIC: &str = "z9hG4bK";

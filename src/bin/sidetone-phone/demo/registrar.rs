//! A registrar and proxy for two phones on loopback: digest on REGISTER, calls passed on.
//!
//! It is a stateless proxy (RFC 3261 §16.11) with a location table: enough for the demo, and
//! deliberately not more. [`Core`] holds the logic without a socket; the thread reads, feeds, sends.
//!
//! ```text
//! REGISTER ─► 401 with a nonce ─► digest right? ─► binding: user → Contact
//! INVITE for user ─► Request-URI becomes the Contact, our Via on top ─► phone
//! response ─► our Via off ─► where the next Via says
//! ```

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use sha2::{Digest, Sha256};
use sidetone::proto::sip::{
    uri::{NameAddr, Uri},
    via::Via,
    wire::{HeaderId, Message, Method, Response, text},
};

/// The registrar on its thread; dropped, it stops.
#[derive(Debug)]
pub struct Registrar {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What the registrar does to calls that pass, for showing that the demo's check notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meddling {
    /// Nothing.
    #[default]
    None,
    /// The caller's SRTP key is changed under way, so the callee holds a wrong one.
    Key,
}

impl Registrar {
    /// Listens on a free port of 127.0.0.1 for `users`, (name, password); who has an empty password
    /// is not challenged.
    pub fn start(users: &[(&str, &str)], meddling: Meddling) -> io::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_read_timeout(Some(Duration::from_millis(50)))?;
        let address = socket.local_addr()?;
        let mut core = Core::new(address, users, meddling);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("registrar".into()).spawn(move || {
            let mut buffer = vec![0; 65_536];
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, source)) = socket.recv_from(&mut buffer) else { continue };
                if let Some((target, bytes)) = core.handle(source, &buffer[..length]) {
                    // A phone that is gone does not answer; its caller's timers see to that.
                    let _ = socket.send_to(&bytes, target);
                }
            }
        })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The registrar without its socket.
#[derive(Debug)]
pub struct Core {
    address: SocketAddr,
    passwords: HashMap<String, String>,
    bindings: HashMap<String, Uri>,
    meddling: Meddling,
    nonce: String,
}

/// A datagram to be sent.
type Reply = Option<(SocketAddr, Vec<u8>)>;

impl Core {
    /// A registrar with an empty location table.
    pub fn new(address: SocketAddr, users: &[(&str, &str)], meddling: Meddling) -> Self {
        let passwords = users.iter().map(|(u, p)| ((*u).to_owned(), (*p).to_owned())).collect();
        // On loopback, for the length of a demo: it must differ from run to run, no more.
        let nonce = hex(&Sha256::digest(format!("{address} {:?}", std::time::SystemTime::now())));
        Self { address, passwords, bindings: HashMap::new(), meddling, nonce }
    }

    /// Takes a datagram; gives the one that follows from it, if any.
    pub fn handle(&mut self, source: SocketAddr, bytes: &[u8]) -> Reply {
        let message = Message::parse(bytes.to_vec().into()).ok()?;
        if !message.is_request() {
            return self.pass_back(&message);
        }
        match message.method()? {
            Method::Register => Some((source, self.register(&message))),
            method => self.pass_on(source, &message, &method),
        }
    }

    fn register(&mut self, request: &Message) -> Vec<u8> {
        let user = request.to().and_then(|to| to.uri.user().map(str::to_owned)).unwrap_or_default();
        if !self.is_authorized(request, &user) {
            let mut response = self.response(request, 401);
            let challenge = format!(
                r#"Digest realm="{REALM}", nonce="{}", algorithm=SHA-256, qop="auth""#,
                self.nonce
            );
            response.headers.push(HeaderId::WwwAuthenticate, challenge);
            return response.encode().to_vec();
        }
        let Some(contact) = request.contact() else {
            return self.response(request, 400).encode().to_vec();
        };
        let expires = contact
            .params
            .value("expires")
            .and_then(|e| e.parse().ok())
            .or_else(|| request.number(HeaderId::Expires))
            .unwrap_or(3600);
        let mut response = self.response(request, 200);
        if expires == 0 {
            self.bindings.remove(&user);
        } else {
            let granted = NameAddr::new(contact.uri.clone());
            response.headers.push(HeaderId::Contact, format!("{granted};expires={expires}"));
            self.bindings.insert(user, contact.uri);
        }
        response.encode().to_vec()
    }

    /// RFC 7616 §3.4 with SHA-256 and qop auth.
    fn is_authorized(&self, request: &Message, user: &str) -> bool {
        let Some(password) = self.passwords.get(user) else { return false };
        if password.is_empty() {
            return true;
        }
        let Some(given) = request.header(HeaderId::Authorization) else { return false };
        let Some(given) = given.trim_start().strip_prefix("Digest ") else { return false };
        let fields: HashMap<String, String> = text::split(given, ',')
            .filter_map(|field| field.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), text::unquote(value.trim())))
            .collect();
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        let digest = |text: String| hex(&Sha256::digest(text));
        let secret = digest(format!("{user}:{REALM}:{password}"));
        let asked = digest(format!("REGISTER:{}", field("uri")));
        let expected = digest(format!(
            "{secret}:{}:{}:{}:{}:{asked}",
            self.nonce,
            field("nc"),
            field("cnonce"),
            field("qop"),
        ));
        field("nonce") == self.nonce && field("qop") == "auth" && field("response") == expected
    }

    fn pass_on(&self, source: SocketAddr, request: &Message, method: &Method) -> Reply {
        let uri = request.uri()?;
        let target = uri.user().and_then(|user| self.bindings.get(user));
        let hops = request.number(HeaderId::MaxForwards).unwrap_or(70);
        let (Some(target), 1..) = (target, hops) else {
            let code = if hops == 0 { 483 } else { 404 };
            return (*method != Method::Ack)
                .then(|| (source, self.response(request, code).encode().to_vec()));
        };
        let address = SocketAddr::new(target.host()?.ip()?, target.port().unwrap_or(5060));
        let mut via = request.top_via()?;
        // The same branch for an INVITE, its CANCEL and its ACK, without keeping any of them.
        let mut hasher = DefaultHasher::new();
        via.branch().hash(&mut hasher);
        request.call_id().hash(&mut hasher);
        via.note_source(source);
        let ours = format!("SIP/2.0/UDP {};branch=z9hG4bK{:016x}", self.address, hasher.finish());
        let mut head = format!("{method} {target} SIP/2.0\r\nVia: {ours}\r\nVia: {via}\r\n");
        let body = match self.meddling {
            Meddling::Key => with_changed_keys(request.body()),
            Meddling::None => request.body().to_vec(),
        };
        for further in request.header_list(HeaderId::Via).skip(1) {
            head.push_str(&format!("Via: {further}\r\n"));
        }
        copy_headers(request, &mut head);
        head.push_str(&format!("Max-Forwards: {}\r\n", hops - 1));
        Some((address, whole(head, &body)))
    }

    fn pass_back(&self, response: &Message) -> Reply {
        let mut vias = response.header_list(HeaderId::Via).filter_map(Via::parse);
        let ours = vias.next()?;
        if ours.sent_by() != self.address.to_string() {
            return None;
        }
        let next = vias.next()?;
        let number = |name: &str| next.params.value(name).map(str::to_owned);
        let ip = number("received").and_then(|r| r.parse().ok()).or_else(|| next.host.ip())?;
        let port = number("rport").and_then(|p| p.parse().ok()).or(next.port).unwrap_or(5060);
        let reason = response.reason().unwrap_or_default();
        let mut head = format!("SIP/2.0 {} {reason}\r\nVia: {next}\r\n", response.status()?);
        for via in vias {
            head.push_str(&format!("Via: {via}\r\n"));
        }
        copy_headers(response, &mut head);
        Some((SocketAddr::new(ip, port), whole(head, response.body())))
    }

    fn response(&self, request: &Message, status: u16) -> Response {
        let mut response = Response::to(request, status, "");
        response.set_to_tag("registrar");
        response
    }
}

/// All headers but those that a hop writes itself.
fn copy_headers(message: &Message, head: &mut String) {
    for (name, value) in message.all_headers() {
        match HeaderId::from_name(name) {
            HeaderId::Via | HeaderId::MaxForwards | HeaderId::ContentLength => {}
            _ => head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value).trim())),
        }
    }
}

fn whole(head: String, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An SDP body with the first letter of every SDES key changed (RFC 4568 §9.1).
fn with_changed_keys(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut parts = text.split("inline:");
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
        changed.push_str("inline:");
        changed.push_str(if first == "A" { "B" } else { "A" });
        changed.push_str(rest);
    }
    changed.into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The realm of the challenge.
const REALM: &str = "sidetone.demo";

#[cfg(test)]
mod tests {
    use super::*;

    fn core() -> Core {
        Core::new("127.0.0.1:5060".parse().unwrap(), &[("bob", "pw")], Meddling::None)
    }

    fn text(reply: &Reply) -> String {
        String::from_utf8(reply.clone().unwrap().1).unwrap()
    }

    const PHONE: &str = "127.0.0.1:7000";

    fn register(authorization: &str) -> Vec<u8> {
        format!(
            "REGISTER sip:127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bK1\r\n\
             From: <sip:bob@127.0.0.1:5060>;tag=1\r\nTo: <sip:bob@127.0.0.1:5060>\r\nCall-ID: a\r\n\
             CSeq: 1 REGISTER\r\nContact: <sip:bob@127.0.0.1:7000>\r\nExpires: 60\r\n\
             {authorization}Content-Length: 0\r\n\r\n"
        )
        .into_bytes()
    }

    fn authorization(core: &Core, password: &str) -> String {
        let digest = |text: String| hex(&Sha256::digest(text));
        let secret = digest(format!("bob:{REALM}:{password}"));
        let asked = digest("REGISTER:sip:127.0.0.1:5060".into());
        let response = digest(format!("{secret}:{}:00000001:c:auth:{asked}", core.nonce));
        format!(
            "Authorization: Digest username=\"bob\", realm=\"{REALM}\", nonce=\"{}\", \
             uri=\"sip:127.0.0.1:5060\", qop=auth, nc=00000001, cnonce=\"c\", \
             response=\"{response}\"\r\n",
            core.nonce
        )
    }

    #[test]
    fn challenges_first_and_takes_only_the_right_password() {
        let mut core = core();
        let phone = PHONE.parse().unwrap();
        assert!(text(&core.handle(phone, &register(""))).starts_with("SIP/2.0 401"));
        let wrong = authorization(&core, "other");
        assert!(text(&core.handle(phone, &register(&wrong))).starts_with("SIP/2.0 401"));
        let right = authorization(&core, "pw");
        let reply = text(&core.handle(phone, &register(&right)));
        assert!(reply.starts_with("SIP/2.0 200"), "{reply}");
        assert!(reply.contains("expires=60"), "{reply}");
    }

    #[test]
    fn passes_a_request_to_the_contact_and_its_response_back() {
        let mut core = core();
        core.bindings.insert("bob".into(), Uri::sip(Some("bob"), host("127.0.0.1"), Some(7000)));
        let invite = "INVITE sip:bob@127.0.0.1:5060 SIP/2.0\r\n\
            Via: SIP/2.0/UDP 127.0.0.1:7001;branch=z9hG4bK2;rport\r\nMax-Forwards: 70\r\n\
            From: <sip:a@h>;tag=1\r\nTo: <sip:bob@h>\r\nCall-ID: b\r\nCSeq: 1 INVITE\r\n\
            Content-Length: 2\r\n\r\nhi";
        let reply = core.handle("127.0.0.1:7001".parse().unwrap(), invite.as_bytes());
        let sent = text(&reply);
        assert_eq!(reply.unwrap().0, PHONE.parse().unwrap());
        assert!(sent.starts_with(
            "INVITE sip:bob@127.0.0.1:7000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060"
        ));
        assert!(sent.contains("Max-Forwards: 69") && sent.ends_with("\r\n\r\nhi"), "{sent}");

        let vias: String =
            sent.lines().filter(|l| l.starts_with("Via")).map(|l| format!("{l}\r\n")).collect();
        let response = format!(
            "SIP/2.0 180 Ringing\r\n{vias}From: <sip:a@h>;tag=1\r\nTo: <sip:bob@h>;tag=2\r\n\
             Call-ID: b\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        );
        let reply = core.handle(PHONE.parse().unwrap(), response.as_bytes());
        assert_eq!(reply.as_ref().unwrap().0, "127.0.0.1:7001".parse().unwrap());
        assert!(!text(&reply).contains("127.0.0.1:5060;branch"), "our Via is off again");
    }

    #[test]
    fn answers_404_for_a_user_that_is_not_there() {
        let options = "OPTIONS sip:carol@127.0.0.1:5060 SIP/2.0\r\n\
            Via: SIP/2.0/UDP 127.0.0.1:7001;branch=z9hG4bK3\r\nFrom: <sip:a@h>;tag=1\r\n\
            To: <sip:carol@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
        let reply = core().handle("127.0.0.1:7001".parse().unwrap(), options.as_bytes());
        assert!(text(&reply).starts_with("SIP/2.0 404"));
    }

    #[test]
    fn changes_every_key_when_told_to_meddle() {
        let sdp = b"a=crypto:1 X inline:AbCd\r\na=crypto:2 Y inline:zzz\r\n";
        assert_eq!(
            with_changed_keys(sdp),
            b"a=crypto:1 X inline:BbCd\r\na=crypto:2 Y inline:Azz\r\n"
        );
    }

    fn host(text: &str) -> sidetone::proto::sip::uri::Host {
        sidetone::proto::sip::uri::Host::parse(text).unwrap()
    }
}

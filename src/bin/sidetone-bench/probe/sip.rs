//! The least of SIP that a measuring far end needs: place a call, acknowledge, hang up.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sidetone::{
    base::{
        plan::{CodecKind, MasterKey, SrtpSuite},
        rng::Rng,
    },
    proto::sip::wire::{HeaderId, Message, Method, Response},
};

/// A call that was answered.
#[derive(Debug)]
pub struct Dialog {
    target: String,
    call_id: String,
    from: String,
    to: String,
    /// Where its audio goes.
    pub remote_rtp: SocketAddr,
    /// Keys, ours and theirs.
    pub keys: Option<(MasterKey, MasterKey)>,
    /// INVITE to 200.
    pub setup: Duration,
}

/// Places calls from one socket to one phone.
#[derive(Debug)]
pub struct Caller {
    socket: UdpSocket,
    target: SocketAddr,
    rtp: SocketAddr,
    codec: CodecKind,
    srtp: bool,
    rng: Rng,
    /// The ACK of each call, by Call-ID.
    acks: HashMap<String, String>,
}

impl Caller {
    /// Calls will go to `target`, with audio at `rtp`.
    pub fn new(
        target: SocketAddr,
        rtp: SocketAddr,
        codec: CodecKind,
        srtp: bool,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind((super::local_ip(target)?, 0))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let seed = u64::from(socket.local_addr()?.port()) << 32 | u64::from(std::process::id());
        let (rng, acks) = (Rng::from_number(seed), HashMap::new());
        Ok(Self { socket, target, rtp, codec, srtp, rng, acks })
    }

    /// Places a call to a user, or to `user@host:port`, and waits for the answer, ten seconds at most.
    pub fn dial(&mut self, user: &str) -> io::Result<Dialog> {
        let local = self.socket.local_addr()?;
        let call_id = self.rng.token(16);
        let from = format!("<sip:probe@{local}>;tag={}", self.rng.token(8));
        let branch = self.rng.token(12);
        let target = match user.contains('@') {
            true => format!("sip:{user}"),
            false => format!("sip:{user}@{}", self.target),
        };
        let mut secret = vec![0; SUITE.key_bytes() + SUITE.salt_bytes()];
        self.rng.fill(&mut secret);
        let sdp = self.offer(local.ip(), &secret);
        let invite = format!(
            "INVITE {target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: <{target}>\r\nCall-ID: {call_id}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:probe@{local}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {}\r\n\r\n{sdp}",
            sdp.len()
        );
        let begun = Instant::now();
        let answer = self.transact(&invite, &call_id, "INVITE")?;
        let setup = begun.elapsed();
        let status = answer.status().unwrap_or(0);
        if status != 200 {
            return Err(io::Error::other(format!("the call was answered with {status}")));
        }
        let (remote_rtp, inline) = read_answer(answer.body())
            .ok_or_else(|| io::Error::other("the answer's SDP cannot be read"))?;
        let keys = match (self.srtp, inline) {
            (false, _) => None,
            (true, Some(theirs)) => Some(
                MasterKey::new(SUITE, &secret)
                    .zip(MasterKey::new(SUITE, &theirs))
                    .ok_or_else(|| io::Error::other("the answer's SRTP key has a wrong length"))?,
            ),
            (true, None) => return Err(io::Error::other("the answer has no SRTP key")),
        };
        let to = answer.header(HeaderId::To).unwrap_or_default().to_owned();
        let contact = answer.contact().map_or(target, |contact| contact.uri.to_string());
        let dialog = Dialog { target: contact, call_id, from, to, remote_rtp, keys, setup };
        let ack = self.in_dialog(&dialog, "ACK", 1)?;
        self.socket.send_to(ack.as_bytes(), self.target)?;
        self.acks.insert(dialog.call_id.clone(), ack);
        Ok(dialog)
    }

    /// Answers what the far end asks for in a call, for so long: exchanges look whether the far end is
    /// still there, or want media to go elsewhere, which is refused and leaves the call as it is.
    pub fn serve(&self, time: Duration) -> io::Result<()> {
        let until = Instant::now() + time;
        let mut buffer = [0; 8_192];
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|l| !l.is_zero())
        {
            self.socket.set_read_timeout(Some(left))?;
            let Ok((length, from)) = self.socket.recv_from(&mut buffer) else { continue };
            let Ok(message) = Message::parse(buffer[..length].to_vec().into()) else { continue };
            let answer = match (message.status(), message.method()) {
                // An answer again: its ACK was lost.
                (Some(200..), Some(Method::Invite)) => {
                    message.call_id().and_then(|id| self.acks.get(id)).cloned().map(Into::into)
                }
                (Some(_), _) | (None, None | Some(Method::Ack)) => None,
                (None, Some(method)) => Some(Response::to(&message, status(&method), "").encode()),
            };
            if let Some(answer) = answer {
                self.socket.send_to(&answer, from)?;
            }
        }
        self.socket.set_read_timeout(Some(PATIENCE))
    }

    /// Ends a call; whether the far end agreed.
    pub fn hang_up(&mut self, dialog: &Dialog) -> io::Result<bool> {
        let bye = self.in_dialog(dialog, "BYE", 2)?;
        Ok(self.transact(&bye, &dialog.call_id, "BYE")?.status() == Some(200))
    }

    fn in_dialog(&mut self, dialog: &Dialog, method: &str, cseq: u32) -> io::Result<String> {
        let local = self.socket.local_addr()?;
        let branch = self.rng.token(12);
        let Dialog { target, call_id, from, to, .. } = dialog;
        Ok(format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
        ))
    }

    /// Sends until a final response of that call and method comes.
    fn transact(&self, request: &str, call_id: &str, method: &str) -> io::Result<Message> {
        let until = Instant::now() + Duration::from_secs(10);
        let mut buffer = [0; 8_192];
        let mut provisional = false;
        while Instant::now() < until {
            if !provisional {
                self.socket.send_to(request.as_bytes(), self.target)?;
            }
            while let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
                let Ok(message) = Message::parse(buffer[..length].to_vec().into()) else {
                    continue;
                };
                let ours = message.call_id() == Some(call_id)
                    && message.cseq().is_some_and(|c| c.method.name() == method);
                match message.status() {
                    Some(200..) if ours => return Ok(message),
                    Some(_) if ours => provisional = true,
                    _ => {}
                }
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer to {method} within 10 s")))
    }

    fn offer(&self, ip: IpAddr, secret: &[u8]) -> String {
        let profile = if self.srtp { "RTP/SAVP" } else { "RTP/AVP" };
        let (format, map) = match self.codec {
            CodecKind::Opus => {
                (111, "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=0;sprop-stereo=0\r\n")
            }
            CodecKind::G722 => (9, "a=rtpmap:9 G722/8000\r\n"),
            CodecKind::Pcma => (8, "a=rtpmap:8 PCMA/8000\r\n"),
            _ => (0, "a=rtpmap:0 PCMU/8000\r\n"),
        };
        let crypto = if self.srtp {
            format!("a=crypto:1 {} inline:{}\r\n", SUITE.name(), BASE64.encode(secret))
        } else {
            String::new()
        };
        format!(
            "v=0\r\no=probe 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=audio {} {profile} {format}\r\n{map}a=ptime:20\r\n{crypto}a=sendrecv\r\n",
            self.rtp.port()
        )
    }
}

/// Address and SRTP key of an answer.
fn read_answer(sdp: &[u8]) -> Option<(SocketAddr, Option<Vec<u8>>)> {
    let sdp = std::str::from_utf8(sdp).ok()?;
    let after = |prefix: &str| sdp.lines().find_map(|line| line.strip_prefix(prefix));
    // That of the one medium stands last and goes before that of the session (RFC 4566 §5.7).
    let connection = sdp.lines().rev().find_map(|line| line.strip_prefix("c=IN IP4 "));
    let ip: IpAddr = connection?.trim().parse().ok()?;
    let port: u16 = after("m=audio ")?.split(' ').next()?.parse().ok()?;
    let inline = after("a=crypto:")
        .and_then(|line| line.split("inline:").nth(1))
        .and_then(|key| BASE64.decode(key.split(['|', ' ']).next()?.trim()).ok());
    (port > 0).then_some((SocketAddr::new(ip, port), inline))
}

/// What a request of the far end is answered with.
fn status(method: &Method) -> u16 {
    match method {
        Method::Invite => 488,
        Method::Bye | Method::Options | Method::Info | Method::Update | Method::Notify => 200,
        _ => 405,
    }
}

/// Longest wait for a message before a request is sent again.
const PATIENCE: Duration = Duration::from_millis(500);
/// The suite that every phone has (RFC 4568 §6.2).
pub const SUITE: SrtpSuite = SrtpSuite::Aes128CmSha1_80;

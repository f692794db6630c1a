//! The floor under phones: `sidetone-bench reflector`. It answers every call and sends each packet
//! back as it came: it waits for one, receives it with one system call and sends it with another.
//! Audio costs it nothing, so a phone that handles its packets one by one cannot cost less.

use std::{
    collections::HashMap,
    io::{self, BufRead},
    net::{SocketAddr, UdpSocket},
};

use clap::Args;
use serde_json::json;
use sidetone::proto::sip::wire::{HeaderId, Message, Method, Response};
use tokio::{
    io::{Interest, unix::AsyncFd},
    task::JoinHandle,
};

/// Answers every call and sends each packet back as it came.
#[derive(Debug, Args)]
pub struct Reflector {}

impl Reflector {
    /// Runs until stdin ends.
    pub fn run(self) -> io::Result<()> {
        let socket = UdpSocket::bind(LOOPBACK)?;
        let address = socket.local_addr()?;
        println!("{}", json!({"address": address.to_string()}));
        // One thread, as the wake-ups of more would be in the figure.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        std::thread::spawn(move || runtime.block_on(serve(socket, address)));
        for line in io::stdin().lock().lines() {
            line?;
        }
        Ok(())
    }
}

async fn serve(socket: UdpSocket, address: SocketAddr) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let socket = tokio::net::UdpSocket::from_std(socket)?;
    let mut callee = Callee { address, calls: HashMap::new() };
    let mut buffer = [0; 8_192];
    loop {
        let Ok((length, source)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some(response) = callee.respond(&buffer[..length]) {
            let _ = socket.send_to(&response, source).await;
        }
    }
}

/// Sends back what comes to one socket.
async fn reflect(socket: AsyncFd<UdpSocket>) -> io::Result<()> {
    let mut buffer = [0; 2_048];
    for count in 1u32.. {
        let mut ready = socket.readable().await?;
        let received = socket.get_ref().recv_from(&mut buffer);
        if let Ok((length, source)) = received {
            let _ = socket.get_ref().send_to(&buffer[..length], source);
        }
        // Not asking whether a second packet waits saves a system call. Should one wait, it is found
        // with the next, and the two are apart again here.
        if received.is_err() || !count.is_multiple_of(EMPTIED_EVERY) {
            ready.clear_ready();
        }
    }
    Ok(())
}

/// The least of SIP that answers calls: every INVITE and BYE gets its 200, again when it comes again.
struct Callee {
    address: SocketAddr,
    calls: HashMap<String, Call>,
}

/// A call; it ends with its handle.
struct Call {
    rtp: SocketAddr,
    reflecting: JoinHandle<io::Result<()>>,
}

impl Call {
    fn new() -> io::Result<Self> {
        let socket = UdpSocket::bind(LOOPBACK)?;
        socket.set_nonblocking(true)?;
        let rtp = socket.local_addr()?;
        // For reading only: a socket that is watched for writing, too, wakes the thread each time that
        // a packet has left. The function's replacement is unsafe for what is no socket.
        #[allow(deprecated)]
        let socket = AsyncFd::with_interest(socket, Interest::READABLE)?;
        Ok(Self { rtp, reflecting: tokio::spawn(reflect(socket)) })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.reflecting.abort();
    }
}

impl Callee {
    /// The response to a datagram, where it asks for one.
    fn respond(&mut self, datagram: &[u8]) -> Option<Vec<u8>> {
        let request = Message::parse(datagram.to_vec().into()).ok()?;
        let method = request.method()?;
        let mut response = Response::to(&request, 200, "");
        response.set_to_tag("reflector");
        match method {
            Method::Ack => return None,
            Method::Invite => {
                let call_id = request.call_id()?.to_owned();
                let rtp = match self.calls.get(&call_id) {
                    Some(call) => call.rtp,
                    None => self.calls.entry(call_id).or_insert(Call::new().ok()?).rtp,
                };
                response
                    .headers
                    .push(HeaderId::Contact, format!("<sip:reflector@{}>", self.address));
                response.set_body("application/sdp", answer(rtp, request.body())?);
            }
            _ => _ = self.calls.remove(request.call_id()?),
        }
        Some(response.encode().to_vec())
    }
}

/// The offer with `rtp` in it. Its keys are in the answer as well: what was protected with them comes
/// back as it was.
fn answer(rtp: SocketAddr, offer: &[u8]) -> Option<String> {
    let (ip, port) = (rtp.ip(), rtp.port());
    let mut answer = format!("v=0\r\no=reflector 1 1 IN IP4 {ip}\r\ns=-\r\n");
    answer += &format!("c=IN IP4 {ip}\r\nt=0 0\r\n");
    let offer = std::str::from_utf8(offer).ok()?;
    let mut media = offer.lines().skip_while(|line| !line.starts_with("m=audio "));
    let (_, formats) = media.next()?.strip_prefix("m=audio ")?.split_once(' ')?;
    answer += &format!("m=audio {port} {formats}\r\n");
    for line in media.take_while(|line| line.starts_with("a=")) {
        answer += line;
        answer += "\r\n";
    }
    Some(answer)
}

const LOOPBACK: (&str, u16) = ("127.0.0.1", 0);
/// One packet in so many is followed by a look for another: one second's.
const EMPTIED_EVERY: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, body: &str) -> Vec<u8> {
        format!(
            "{method} sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa\r\n\
             From: <sip:a@b>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    #[test]
    fn answers_with_the_offer_at_its_own_port() {
        let offer = "v=0\r\nc=IN IP4 127.0.0.9\r\nm=audio 6000 RTP/SAVP 9\r\na=rtpmap:9 G722/8000\r\n\
                     a=crypto:1 X inline:Y\r\n";
        let sdp = answer(([127, 0, 0, 1], 4_000).into(), offer.as_bytes()).unwrap();
        let wanted = ["m=audio 4000 RTP/SAVP 9", "a=rtpmap:9 G722/8000", "a=crypto:1 X inline:Y"];
        assert!(wanted.iter().all(|line| sdp.contains(line)), "{sdp}");
        assert!(!sdp.contains("127.0.0.9"), "{sdp}");
        assert!(answer(([127, 0, 0, 1], 4_000).into(), b"no media").is_none());
    }

    #[test]
    fn a_call_is_one_however_often_its_invite_comes_and_ends_with_its_bye() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let _inside = runtime.enter();
        let address = SocketAddr::from(([127, 0, 0, 1], 5_060));
        let mut callee = Callee { address, calls: HashMap::new() };
        let invite = request("INVITE", "m=audio 6000 RTP/AVP 0\r\n");
        let first = callee.respond(&invite).unwrap();
        assert_eq!(callee.respond(&invite).unwrap(), first);
        assert!(callee.respond(&request("ACK", "")).is_none());
        assert!(callee.respond(b"garbage").is_none());
        assert_eq!(callee.calls.len(), 1);
        let response = Message::parse(first.into()).unwrap();
        assert_eq!(response.status(), Some(200));
        assert_eq!(response.contact().unwrap().uri.to_string(), "sip:reflector@127.0.0.1:5060");
        let bye = callee.respond(&request("BYE", "")).unwrap();
        assert_eq!(Message::parse(bye.into()).unwrap().status(), Some(200));
        assert!(callee.calls.is_empty());
    }
}

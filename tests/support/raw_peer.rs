//! A SIP phone over TCP that says only what a test writes.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// Longest wait for the engine; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

/// A peer that waits for its connection.
pub struct Listening(TcpListener);

/// A peer with its connection.
pub struct RawPeer {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// A message of the engine.
#[derive(Clone)]
pub struct Heard {
    /// The whole of it.
    pub text: String,
}

impl RawPeer {
    /// Waits on a port of its own.
    pub fn listen() -> Listening {
        Listening(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Connects to the engine.
    pub fn connect(engine: SocketAddr) -> Self {
        Self::over(TcpStream::connect(engine).unwrap())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// Writes octets in one go.
    pub fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// The next message that begins with `start`; others are passed over.
    pub fn next(&mut self, start: &str) -> Heard {
        loop {
            let heard = self.next_message(start);
            if heard.text.starts_with(start) {
                return heard;
            }
        }
    }

    fn next_message(&mut self, wanted: &str) -> Heard {
        loop {
            if let Some(heard) = self.cut() {
                return heard;
            }
            let mut buffer = [0; 16 * 1024];
            let length = self.stream.read(&mut buffer).unwrap_or(0);
            assert!(length > 0, "no {wanted} from the engine");
            self.unread.extend_from_slice(&buffer[..length]);
        }
    }

    /// The first whole message of what was read.
    fn cut(&mut self) -> Option<Heard> {
        let text = String::from_utf8_lossy(&self.unread);
        let head = text.find("\r\n\r\n")? + 4;
        let heard = Heard { text: text[..head].to_owned() };
        let body: usize = heard.header("Content-Length").parse().unwrap();
        let whole = head + body;
        (self.unread.len() >= whole).then(|| {
            let octets: Vec<u8> = self.unread.drain(..whole).collect();
            Heard { text: String::from_utf8(octets).unwrap() }
        })
    }

    /// A description of media that goes nowhere.
    pub fn description(&self) -> String {
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio 9 RTP/AVP 0\r\n"
            .to_owned()
    }
}

impl Listening {
    /// Where.
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Waits for the engine.
    pub fn accept(self) -> RawPeer {
        RawPeer::over(self.0.accept().unwrap().0)
    }
}

impl Heard {
    /// A header's value; empty without it.
    pub fn header(&self, name: &str) -> String {
        let line = self.text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    }

    fn via(&self) -> String {
        self.text
            .lines()
            .filter(|line| line.starts_with("Via:"))
            .map(|l| format!("{l}\r\n"))
            .collect()
    }

    /// The answer to it.
    pub fn response(&self, status: &str, description: Option<&str>) -> String {
        let to = self.header("To");
        let to = if to.contains(";tag=") { to } else { format!("{to};tag=far") };
        let body = description.unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "SIP/2.0 {status}\r\n{}From: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\n\
             Contact: <{}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            self.via(),
            self.header("From"),
            self.header("Call-ID"),
            self.header("CSeq"),
            self.text.split(' ').nth(1).unwrap(),
            body.len()
        )
    }

    /// A request of the far end in the dialog that this INVITE made.
    pub fn request(&self, method: &str, cseq: u32, branch: &str) -> String {
        format!(
            "{method} sip:near@127.0.0.1 SIP/2.0\r\n\
             Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK{branch}\r\nFrom: {};tag=far\r\nTo: {}\r\n\
             Call-ID: {}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            self.header("To"),
            self.header("From"),
            self.header("Call-ID")
        )
    }
}

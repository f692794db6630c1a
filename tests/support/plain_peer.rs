//! A far end of plain sockets that answers what a test says, and no more.

use std::{
    io::{Read as _, Write as _},
    mem::MaybeUninit,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::{Duration, Instant},
};

use socket2::{MaybeUninitSlice, MsgHdrMut, SockAddr, SockRef};

/// Longest wait for something; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

/// A UDP socket.
pub struct Datagrams(UdpSocket);

impl Datagrams {
    pub fn bind(ip: IpAddr) -> Self {
        Self::bind_at(SocketAddr::new(ip, 0)).unwrap()
    }

    pub fn bind_at(address: SocketAddr) -> std::io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        // What comes is asked for its class only after it came, so this has to be said first.
        match address {
            SocketAddr::V4(_) => SockRef::from(&socket).set_recv_tos_v4(true)?,
            SocketAddr::V6(_) => SockRef::from(&socket).set_recv_tclass_v6(true)?,
        }
        Ok(Self(socket))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn uri(&self) -> String {
        format!("sip:{}", self.address())
    }

    pub fn receive_octets(&self) -> (Vec<u8>, SocketAddr) {
        let mut buffer = [0; 65_535];
        let (length, from) = self.0.recv_from(&mut buffer).expect("a datagram");
        (buffer[..length].to_vec(), from)
    }

    pub fn receive(&self) -> (String, SocketAddr) {
        let (octets, from) = self.receive_octets();
        (String::from_utf8(octets).unwrap(), from)
    }

    /// The next message that begins so; passes over all others.
    pub fn receive_method(&self, start: &str) -> (String, SocketAddr) {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let (octets, from) = self.receive_octets();
            if octets.starts_with(start.as_bytes()) {
                return (String::from_utf8(octets).unwrap(), from);
            }
        }
        panic!("no {start}");
    }

    pub fn send_octets(&self, octets: &[u8], to: SocketAddr) {
        self.0.send_to(octets, to).unwrap();
    }

    pub fn send(&self, message: &str, to: SocketAddr) {
        self.send_octets(message.as_bytes(), to);
    }

    /// Whether nothing comes for this long.
    pub fn is_silent(&self, time: Duration) -> bool {
        self.receive_within(time).is_none()
    }

    /// What comes within this time.
    pub fn receive_within(&self, time: Duration) -> Option<String> {
        self.0.set_read_timeout(Some(time)).unwrap();
        let mut buffer = [0; 65_535];
        let came = self.0.recv(&mut buffer);
        self.0.set_read_timeout(Some(PATIENCE)).unwrap();
        came.ok().map(|length| String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// A datagram with the traffic class that it came with.
    pub fn receive_marked(&self) -> (Vec<u8>, SocketAddr, u8) {
        let socket = SockRef::from(&self.0);
        let mut buffer = [MaybeUninit::<u8>::uninit(); 4096];
        let mut control = [MaybeUninit::<u8>::zeroed(); 128];
        let mut slices = [MaybeUninitSlice::new(&mut buffer)];
        let mut from = SockAddr::from(self.address());
        let mut message = MsgHdrMut::new()
            .with_addr(&mut from)
            .with_buffers(&mut slices)
            .with_control(&mut control);
        let length = socket.recvmsg(&mut message, 0).expect("a datagram");
        let control_length = message.control_len();
        let control: Vec<u8> = control[..control_length].iter().map(|b| read(*b)).collect();
        let octets = buffer[..length].iter().map(|b| read(*b)).collect();
        (octets, from.as_socket().unwrap(), class_in(&control))
    }
}

/// An octet that a system call wrote.
#[allow(unsafe_code)]
fn read(octet: MaybeUninit<u8>) -> u8 {
    // SAFETY: recvmsg wrote the octets below the lengths that it gave; the rest was zeroed.
    unsafe { octet.assume_init() }
}

/// The traffic class in the first control message: length, level and type come before it.
fn class_in(control: &[u8]) -> u8 {
    const HEAD: usize = size_of::<usize>() + 8;
    control[HEAD]
}

/// A TCP listener.
pub struct Streams(TcpListener);

impl Streams {
    pub fn bind(ip: IpAddr) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn uri(&self) -> String {
        format!("sip:{};transport=tcp", self.address())
    }

    pub fn accept(&self) -> Connection {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Ok((stream, _)) = self.0.accept() {
                stream.set_nonblocking(false).unwrap();
                return Connection::new(stream);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("nobody connects");
    }
}

/// A TCP connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    pub fn to(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).unwrap())
    }

    pub fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// The next message without a body.
    pub fn receive(&mut self) -> String {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let message: Vec<u8> = self.buffer.drain(..at + 4).collect();
                return String::from_utf8(message).unwrap();
            }
            let mut more = [0; 4096];
            let length = self.stream.read(&mut more).expect("a message");
            assert!(length > 0, "the connection ended");
            self.buffer.extend_from_slice(&more[..length]);
        }
    }

    /// What comes next, which has to be a keep-alive or its answer.
    pub fn receive_keep_alive(&mut self) -> String {
        assert!(self.buffer.is_empty(), "{:?}", self.buffer);
        let mut octets = [0; 64];
        let length = self.stream.read(&mut octets).expect("a keep-alive");
        String::from_utf8(octets[..length].to_vec()).unwrap()
    }

    /// Whether the far end closes it, saying nothing more.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0; 64]), Ok(0) | Err(_))
    }

    /// Breaks it without an orderly end.
    pub fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// The values of a header, in order.
pub fn values<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let named = |line: &'a str| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    };
    message.split("\r\n").take_while(|line| !line.is_empty()).filter_map(named).collect()
}

/// The first value of a header.
pub fn header<'a>(message: &'a str, name: &str) -> &'a str {
    values(message, name).first().copied().unwrap_or_else(|| panic!("no {name} in {message}"))
}

/// An answer: `status` may be followed by more header lines, `via` by more parameters.
pub fn answer(request: &str, status: &str, via: &str) -> String {
    let via = format!("{}{via}", header(request, "Via").replace(";rport", ""));
    let contacts: String = values(request, "Contact")
        .iter()
        .map(|contact| format!("Contact: {contact}\r\n"))
        .collect();
    format!(
        "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {}\r\nTo: {};tag=plain\r\nCall-ID: {}\r\n\
         CSeq: {}\r\n{contacts}Content-Length: 0\r\n\r\n",
        header(request, "From"),
        header(request, "To"),
        header(request, "Call-ID"),
        header(request, "CSeq"),
    )
}

/// A 200 to an INVITE: PCMU to `media`.
pub fn accept(invite: &str, contact: SocketAddr, media: SocketAddr) -> String {
    let family = if media.is_ipv4() { "IP4" } else { "IP6" };
    let sdp = format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {} RTP/AVP 0\r\n",
        media.port(),
        ip = media.ip(),
    );
    format!(
        "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=plain\r\nCall-ID: {}\r\nCSeq: {}\r\n\
         Contact: <sip:{contact}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        header(invite, "Via"),
        header(invite, "From"),
        header(invite, "To"),
        header(invite, "Call-ID"),
        header(invite, "CSeq"),
        sdp.len(),
    )
}

/// An OPTIONS from here.
pub fn options(from: SocketAddr) -> String {
    format!(
        "OPTIONS sip:x@pbx.test SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{port};rport\r\n\
         From: <sip:y@pbx.test>;tag=1\r\nTo: <sip:x@pbx.test>\r\nCall-ID: options-{port}\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        port = from.port(),
    )
}

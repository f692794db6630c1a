//! What we send as media, read by Wireshark: RTP of each codec, digits as telephone events, and
//! RTCP from the first report to BYE.
//!
//! The far end is plain sockets that write down what comes to them, so that Wireshark reads what was
//! on the wire and not what we say that it was.

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/plain_peer.rs"]
#[allow(dead_code)]
mod plain_peer;
#[path = "support/tshark.rs"]
#[allow(dead_code)]
mod tshark;

use std::{
    collections::BTreeSet,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use child::{Folder, free_port};
use plain_peer::{Datagrams, header};
use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    engine::{AccountConfig, CallState, EngineConfig, EventKind, SipTransport, SrtpPolicy},
};
use tshark::{Datagram, Reading};

/// Longest wait for something; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(30);
/// The number that telephone events get in our offers.
const EVENTS: u8 = 101;

/// A phone that writes down its media.
struct Peer {
    sip: Datagrams,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    /// What came so far, in its order.
    came: Vec<Datagram>,
    /// The engine's SIP address, and the one where it listens for RTP.
    engine: SocketAddr,
    media: SocketAddr,
    tag: String,
    codec: &'static str,
    number: u8,
    cseq: u32,
    sequence: u16,
}

impl Peer {
    fn new(engine: &Engine, codec: &'static str, number: u8) -> Self {
        let port = free_port();
        let bind = |port| {
            let socket = UdpSocket::bind(("127.0.0.1", port)).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        };
        Self {
            sip: Datagrams::bind([127, 0, 0, 1].into()),
            rtp: bind(port),
            rtcp: bind(port + 1),
            came: Vec::new(),
            engine: engine.local_address(SipTransport::Udp).unwrap(),
            media: SocketAddr::from(([127, 0, 0, 1], 0)),
            tag: String::new(),
            codec,
            number,
            cseq: 0,
            sequence: 0,
        }
    }

    fn rtp_port(&self) -> u16 {
        self.rtp.local_addr().unwrap().port()
    }

    fn request(&mut self, method: &str, body: &str) -> String {
        if method != "ACK" {
            self.cseq += 1;
        }
        let (own, engine, cseq) = (self.sip.address(), self.engine, self.cseq);
        let content = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} sip:alice@{engine} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{method}{cseq}\r\nMax-Forwards: 70\r\n\
             From: <sip:peer@{own}>;tag=peer\r\nTo: <sip:alice@{engine}>{}\r\n\
             Call-ID: media-{}\r\nCSeq: {cseq} {method}\r\nContact: <sip:peer@{own}>\r\n{content}\
             Content-Length: {}\r\n\r\n{body}",
            self.tag,
            own.port(),
            body.len()
        )
    }

    /// Offers its codec and telephone events; the answer is taken.
    fn invite(&mut self, direction: &str, answer: impl FnOnce()) {
        let (number, codec) = (self.number, self.codec);
        let clock = codec.split('/').nth(1).unwrap();
        let offer = format!(
            "v=0\r\no=- 1 {} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {} RTP/AVP {number} {EVENTS}\r\na=rtpmap:{number} {codec}\r\n\
             a=rtpmap:{EVENTS} telephone-event/{clock}\r\na=fmtp:{EVENTS} 0-15\r\n\
             a=ptime:20\r\na={direction}\r\n",
            self.cseq + 1,
            self.rtp_port()
        );
        let invite = self.request("INVITE", &offer);
        self.sip.send(&invite, self.engine);
        answer();
        let (response, _) = self.sip.receive_method("SIP/2.0 200");
        let to = header(&response, "To");
        self.tag = format!(";tag={}", to.split_once(";tag=").unwrap().1);
        let port = response.split("m=audio ").nth(1).unwrap().split(' ').next().unwrap();
        self.media.set_port(port.parse().unwrap());
        let ack = self.request("ACK", "");
        self.sip.send(&ack, self.engine);
    }

    /// Says something for 20 ms, and takes what came meanwhile.
    fn talk(&mut self) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![0x80, self.number];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend((u32::from(self.sequence) * 160).to_be_bytes());
        packet.extend([0, 0, 0, 9]);
        // An Opus frame of silence is as good as a silent one of G.711 is.
        packet.extend(if self.codec.starts_with("opus") {
            vec![0xf8, 0xff, 0xfe]
        } else {
            vec![0xff; 160]
        });
        self.rtp.send_to(&packet, self.media).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        self.take();
    }

    fn take(&mut self) {
        let mut buffer = [0; 2048];
        for socket in [&self.rtp, &self.rtcp] {
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                self.came.push(Datagram {
                    from_port: from.port(),
                    to_port: socket.local_addr().unwrap().port(),
                    octets: buffer[..length].to_vec(),
                });
            }
        }
    }

    /// Talks until enough came; `holds` says so of the datagrams to RTP and those to RTCP.
    fn talk_until(&mut self, what: &str, holds: impl Fn(&[&[u8]], &[&[u8]]) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            let of = |port: u16| -> Vec<&[u8]> {
                let to = self.came.iter().filter(|datagram| datagram.to_port == port);
                to.map(|datagram| datagram.octets.as_slice()).collect()
            };
            if holds(&of(self.rtp_port()), &of(self.rtp_port() + 1)) {
                return;
            }
            assert!(Instant::now() < until, "no {what}");
            self.talk();
        }
    }
}

/// The types of the packets in a compound RTCP packet.
fn types(compound: &[u8]) -> Vec<u8> {
    let (mut rest, mut types) = (compound, Vec::new());
    while let [_, kind, high, low, ..] = *rest {
        types.push(kind);
        let length = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
        rest = rest.get(length..).unwrap_or_default();
    }
    types
}

fn wait<T>(engine: &Engine, found: impl Fn(&EventKind) -> Option<T>) -> T {
    loop {
        let event = engine.next_event(Some(PATIENCE)).unwrap().expect("an event");
        if let Some(found) = found(&event.kind) {
            return found;
        }
    }
}

fn is_held(engine: &Engine) {
    wait(engine, |event| match event {
        EventKind::Hold { remote: true, .. } => Some(()),
        _ => None,
    });
}

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const BYE: u8 = 203;

/// A call of a codec: talk, two digits, hold, and the end. Gives what the engine sent.
fn call(codec: CodecKind, name: &'static str, number: u8, folder: &Folder) -> Peer {
    let bind = [127, 0, 0, 1].into();
    let engine = Engine::new(EngineConfig { bind, ..EngineConfig::default() }).unwrap();
    let account = AccountConfig {
        aor: "sip:alice@127.0.0.1".into(),
        codecs: vec![codec],
        srtp: SrtpPolicy::Off,
        ..AccountConfig::default()
    };
    engine.account_add(account, None).unwrap();
    let mut peer = Peer::new(&engine, name, number);
    let mut call = None;
    peer.invite("sendrecv", || {
        let id: CallId = wait(&engine, |event| match event {
            EventKind::IncomingCall { call, .. } => Some(*call),
            _ => None,
        });
        engine.capture(id, &folder.path(&format!("{number}.pcap")), None).unwrap();
        engine.answer(id, Vec::new(), None).unwrap();
        call = Some(id);
    });
    let call = call.unwrap();
    peer.talk_until("RTP", |rtp, _| rtp.len() >= 50);
    engine.dtmf(call, "5#", 100, None).unwrap();
    peer.talk_until("both digits", |rtp, _| {
        let ends = |event: u8| {
            let is_end = |p: &&&[u8]| p[1] & 0x7f == EVENTS && p[12] == event && p[13] & 0x80 != 0;
            rtp.iter().filter(is_end).count() == 3
        };
        ends(5) && ends(11)
    });
    peer.talk_until("a report of a sender", |_, rtcp| {
        rtcp.iter().any(|packet| types(packet).first() == Some(&SENDER_REPORT))
    });
    // It holds us: we listen, and say no more than how that goes.
    peer.invite("sendonly", || is_held(&engine));
    peer.talk_until("a report of a receiver", |_, rtcp| {
        rtcp.iter().any(|packet| types(packet).first() == Some(&RECEIVER_REPORT))
    });
    engine.hangup(call, None).unwrap();
    let (bye, from) = peer.sip.receive_method("BYE");
    peer.sip.send(&plain_peer::answer(&bye, "200 OK", ""), from);
    wait(&engine, |event| match event {
        EventKind::Call { state: CallState::Ended, .. } => Some(()),
        _ => None,
    });
    peer.talk_until("BYE", |_, rtcp| rtcp.last().is_some_and(|last| types(last).contains(&BYE)));
    engine.shutdown(Duration::from_secs(2));
    peer
}

/// What Wireshark has to say of the media of one call.
fn is_read(codec: CodecKind, name: &'static str, number: u8) {
    let folder = Folder::new("media");
    let peer = call(codec, name, number, &folder);
    let rtp_port = peer.rtp_port();
    let reading = Reading::of(&peer.came, &folder.path(""));
    let reading = reading.decode_as(rtp_port, "rtp").decode_as(rtp_port + 1, "rtcp");
    assert_eq!(reading.complaints(), [], "{name}");
    must_be_rtp(&reading, &peer);
    must_be_rtcp(&reading, &peer);

    // The engine's own capture has the same packets, and the messages of the call.
    let capture = Reading::at(&folder.path(&format!("{number}.pcap"))).decode_as(rtp_port, "rtp");
    let capture = capture.decode_as(rtp_port + 1, "rtcp");
    assert_eq!(capture.complaints(), [], "{name}");
    let sent = format!("udp.dstport=={rtp_port} && rtp");
    assert_eq!(capture.count(&sent), reading.count("rtp"), "{name}");
    let methods = capture.fields("sip.Method && udp", &["sip.Method"]).concat();
    assert!(methods.ends_with(&["INVITE", "ACK", "BYE"].map(str::to_owned)), "{methods:?}");
}

fn must_be_rtp(reading: &Reading, peer: &Peer) {
    let (port, name) = (peer.rtp_port(), peer.codec);
    let all = reading.count(&format!("udp.dstport=={port}"));
    assert_eq!(reading.count("rtp && rtp.version==2"), all, "{name}");
    let fields = ["rtp.p_type", "rtp.ssrc", "rtp.seq", "rtp.marker"];
    let packets = reading.fields("rtp", &fields);
    let distinct =
        |at: usize| packets.iter().map(|packet| packet[at].as_str()).collect::<BTreeSet<_>>();
    let (own, events) = (peer.number.to_string(), EVENTS.to_string());
    assert_eq!(distinct(0), BTreeSet::from([own.as_str(), events.as_str()]), "{name}");
    assert_eq!(distinct(1).len(), 1, "{name}: one source");
    let numbers: Vec<u16> = packets.iter().map(|packet| packet[2].parse().unwrap()).collect();
    assert!(numbers.windows(2).all(|two| two[1] == two[0].wrapping_add(1)), "{name}");
    assert_eq!(packets[0][3], "1", "{name}: the first packet begins a talkspurt");
    let events = reading.count(&format!("rtp.p_type=={EVENTS}"));
    assert_eq!(reading.count("rtpevent && rtpevent.duration>0"), events, "{name}");
    for digit in [5, 11] {
        let of = format!("rtpevent.event_id=={digit}");
        assert_eq!(reading.count(&format!("{of} && rtp.marker==1")), 1, "{name}: {digit}");
        assert_eq!(reading.count(&format!("{of} && rtpevent.end_of_event==1")), 3, "{name}");
        let times = reading.fields(&of, &["rtp.timestamp"]).concat();
        assert!(times.windows(2).all(|two| two[0] == two[1]), "{name}: {times:?}");
    }
}

fn must_be_rtcp(reading: &Reading, peer: &Peer) {
    let (port, name) = (peer.rtp_port() + 1, peer.codec);
    let all = reading.count(&format!("udp.dstport=={port}"));
    assert_eq!(reading.count("rtcp && rtcp.length_check==1"), all, "{name}");
    // Each begins with a report and names the source.
    for compound in reading.fields("rtcp", &["rtcp.pt", "rtcp.sdes.type", "rtcp.sdes.text"]) {
        let (types, items) = (&compound[0], &compound[1]);
        assert!(types.starts_with("200,202") || types.starts_with("201,202"), "{name}: {types}");
        assert!(items.starts_with('1'), "{name}: CNAME first, {items}");
        assert!(!compound[2].is_empty(), "{name}");
    }
    assert_eq!(reading.fields("rtcp", &["rtcp.pt"]).concat().last().unwrap(), "201,202,203");
    // It reports on our only source, 9.
    let reports = "rtcp.pt==201 && !(rtcp.pt==203)";
    let reported = reading.fields(reports, &["rtcp.ssrc.identifier"]).concat();
    assert!(!reported.is_empty(), "{name}");
    assert!(reported.iter().all(|source| source.contains("0x00000009")), "{name}: {reported:?}");
    let source = &reading.fields("rtp", &["rtp.ssrc"])[0][0];
    let senders = reading.fields("rtcp", &["rtcp.senderssrc"]).concat();
    assert!(senders.iter().all(|sender| sender.split(',').all(|one| one == source)), "{senders:?}");
}

#[test]
fn wireshark_reads_rtp_events_and_rtcp_of_each_codec() {
    std::thread::scope(|scope| {
        scope.spawn(|| is_read(CodecKind::Pcmu, "PCMU/8000", 0));
        scope.spawn(|| is_read(CodecKind::Pcma, "PCMA/8000", 8));
        scope.spawn(|| is_read(CodecKind::G722, "G722/8000", 9));
        scope.spawn(|| is_read(CodecKind::Opus, "opus/48000/2", 96));
    });
}

#[test]
fn broken_media_is_complained_of() {
    let folder = Folder::new("broken");
    let rtp = [&[0x80, 0, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7][..], &[0xff; 160]].concat();
    let event = [&[0x80, EVENTS, 0, 2, 0, 0, 1, 64, 0, 0, 0, 7][..], &[5, 10, 0, 160]].concat();
    let report = [&[0x80, 200, 0, 6, 0, 0, 0, 7][..], &[0; 20]].concat();
    let names = [0x81, 202, 0, 3, 0, 0, 0, 7, 1, 5, b'a', b'@', b'b', b'.', b'c', 0];
    let compound = [&report[..], &names].concat();
    let reading = |rtp: &[u8], rtcp: &[u8]| {
        let to = |to_port: u16, octets: &[u8]| Datagram {
            from_port: 4_000,
            to_port,
            octets: octets.to_vec(),
        };
        let reading = Reading::of(&[to(4_002, rtp), to(4_003, rtcp)], &folder.path(""));
        reading.decode_as(4_002, "rtp").decode_as(4_003, "rtcp")
    };
    let read = |rtp: &[u8], rtcp: &[u8]| {
        let reading = reading(rtp, rtcp);
        let wrong: Vec<usize> = reading.complaints().into_iter().map(|(at, _)| at).collect();
        (wrong, reading.count("rtp"), reading.count("rtpevent"), reading.count("rtcp"))
    };
    assert_eq!(read(&rtp, &compound), (vec![], 1, 0, 1));
    assert_eq!(read(&event, &compound), (vec![], 1, 1, 1));
    // Cut off in the header, in the event, in the names; a report of blocks that are not there; a
    // length beyond the end.
    assert_eq!(read(&rtp[..7], &compound).0, [0]);
    assert_eq!(read(&event[..13], &compound).0, [0]);
    assert_eq!(read(&rtp, &compound[..compound.len() - 3]).0, [1]);
    let mut blocks = compound.clone();
    blocks[0] |= 3;
    assert_eq!(read(&rtp, &blocks).0, [1]);
    let mut long = report.clone();
    long[3] = 9;
    assert_eq!(read(&rtp, &long).0, [1]);
    // Of another version: neither is known for what it was.
    let version = |packet: &[u8]| [&[packet[0] & 0x3f | 0x40][..], &packet[1..]].concat();
    let read = |rtp: &[u8], rtcp: &[u8]| {
        let reading = reading(rtp, rtcp);
        (reading.count("rtp.version==2"), reading.count("rtcp.pt"))
    };
    assert_eq!(read(&rtp, &compound), (1, 1));
    assert_eq!(read(&version(&rtp), &version(&compound)), (0, 0));
}

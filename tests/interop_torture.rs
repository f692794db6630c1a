//! The torture messages of RFC 4475 and RFC 5118 against a whole engine, over UDP and TCP.
//!
//! Answers go to the port that Via names (RFC 3261 §18.2.2), so each sender binds the table's
//! `reply_port` on a loopback address of its own, and the test runs itself again in a network
//! namespace where all of those ports are free.

#[path = "support/torture.rs"]
mod torture;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    process::Command,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::CallId,
    engine::{CallState, DialOptions, EngineConfig, EventKind, SipTimers, SipTransport},
    proto::sip::wire::{Framer, HeaderId, Message, Method, Request},
};
use torture::{Row, allows, octets, rows};

const IN_NAMESPACE: &str = "SIDETONE_TEST_IN_NAMESPACE";
/// Longest wait for an answer; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long silence has to last.
const SILENCE: Duration = Duration::from_millis(600);

#[test]
fn all_31_messages_are_answered_and_disturb_nothing() {
    in_namespace("all_31_messages_are_answered_and_disturb_nothing", run);
}

#[test]
fn each_message_is_answered_by_a_fresh_engine_over_udp() {
    in_namespace("each_message_is_answered_by_a_fresh_engine_over_udp", || {
        let mut best = 0;
        for (at, row) in rows().iter().enumerate() {
            let engine = fresh();
            let target = engine.local_address(SipTransport::Udp).unwrap();
            let sender = Sender::new(row, u8::try_from(at).unwrap() + 10, target);
            let status = sender.run(&engine);
            must_allow(row, status);
            best += u32::from(status.map_or(row.best == ["NONE"], |s| allows(&row.best, s)));
            must_work(&engine);
        }
        assert!(best >= 28, "only {best} of 31 are answered best");
        println!("{best} of 31 best");
    });
}

#[test]
fn each_message_is_answered_by_a_fresh_engine_over_tcp() {
    in_namespace("each_message_is_answered_by_a_fresh_engine_over_tcp", || {
        for row in &rows() {
            let engine = fresh();
            let outcome = over_tcp(row, &engine);
            println!("{:32} {outcome:?}", row.name);
            match row.name {
                // Its body is shorter than it says: the rest could still come.
                "clerr" => assert_eq!(outcome, OverTcp::Closed),
                // Without Content-Length nobody can tell where it ends.
                "inv2543" => {
                    assert!(matches!(outcome, OverTcp::Closed | OverTcp::Answered(400)));
                }
                _ if row.accept == ["NONE"] => assert_eq!(outcome, OverTcp::Silent, "{}", row.name),
                _ => match outcome {
                    OverTcp::Answered(status) => must_allow(row, Some(status)),
                    other => panic!("{}: {other:?}", row.name),
                },
            }
            must_work(&engine);
        }
    });
}

/// Runs a test again in a network namespace of its own, or here where none can be made.
fn in_namespace(name: &str, run: impl FnOnce()) {
    if std::env::var_os(IN_NAMESPACE).is_some() {
        run();
        return;
    }
    let program = std::env::current_exe().unwrap();
    let script = "ip link set lo up && exec \"$0\" --exact \"$1\" --nocapture";
    let probe = |flags: &str| {
        let up = Command::new("unshare").args([flags, "sh", "-c", "ip link set lo up"]).output();
        up.is_ok_and(|output| output.status.success())
    };
    let Some(flags) = ["-n", "-rn"].into_iter().find(|flags| probe(flags)) else {
        println!("no network namespace can be made here: running on the machine's own loopback");
        run();
        return;
    };
    let output = Command::new("unshare")
        .args([flags, "sh", "-c", script])
        .arg(&program)
        .arg(name)
        .env(IN_NAMESPACE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    print!("{text}");
}

/// An engine that has seen nothing yet, and does not wait long for what never comes.
fn fresh() -> Engine {
    let timers = SipTimers { t1: Duration::from_millis(20), ..SipTimers::default() };
    let config = EngineConfig { bind: [127, 0, 0, 1].into(), timers, ..EngineConfig::default() };
    Engine::new(config).unwrap()
}

fn must_allow(row: &Row, status: Option<u16>) {
    match status {
        Some(status) => {
            assert!(allows(&row.accept, status), "{}: {status} not in {:?}", row.name, row.accept);
        }
        None => assert_eq!(row.accept, ["NONE"], "{}: no answer", row.name),
    }
}

/// It has no fault and answers as ever.
fn must_work(engine: &Engine) {
    let target = engine.local_address(SipTransport::Udp).unwrap();
    assert_eq!(plain_options(target).status(), Some(200));
}

/// What became of a message over TCP.
#[derive(Debug, PartialEq, Eq)]
enum OverTcp {
    /// A final answer came.
    Answered(u16),
    /// The connection was closed without one.
    Closed,
    /// Nothing came, and the connection stayed.
    Silent,
}

/// Sends the message over a connection of its own and answers the call if one comes of it.
fn over_tcp(row: &Row, engine: &Engine) -> OverTcp {
    let target = engine.local_address(SipTransport::Tcp).unwrap();
    let mut stream = TcpStream::connect(target).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    stream.write_all(&octets(row)).unwrap();
    let silent = row.accept == ["NONE"] && row.name != "clerr";
    let deadline = Instant::now() + if silent { SILENCE } else { PATIENCE };
    let (mut framer, mut buffer) = (Framer::default(), [0; 4096]);
    while Instant::now() < deadline {
        if let Some(arrived) = poll_incoming(engine) {
            // Refused by the engine itself, it may be over already.
            let _ = engine.answer(arrived, Vec::new(), None);
        }
        match stream.read(&mut buffer) {
            Ok(0) => return OverTcp::Closed,
            Ok(length) => framer.push(&buffer[..length]),
            Err(_) => continue,
        }
        while let Some(octets) = framer.poll().expect("well framed") {
            let response = Message::parse(octets).expect("a SIP message");
            if let Some(status) = response.status().filter(|status| *status >= 200) {
                return OverTcp::Answered(status);
            }
        }
    }
    OverTcp::Silent
}

#[test]
fn over_tcp_the_engine_waits_for_a_lost_body_and_then_closes() {
    let timers = SipTimers { t1: Duration::from_millis(10), ..SipTimers::default() };
    let config = EngineConfig { bind: [127, 0, 0, 1].into(), timers, ..EngineConfig::default() };
    let engine = Engine::new(config).unwrap();
    let target = engine.local_address(SipTransport::Tcp).unwrap();
    let mut stream = TcpStream::connect(target).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"\r\n\r\n").unwrap();
    let mut pong = [0; 2];
    stream.read_exact(&mut pong).unwrap();
    assert_eq!(&pong, b"\r\n", "a keep-alive is answered (RFC 5626 §3.5.1)");
    let rows = rows();
    let clerr = rows.iter().find(|row| row.name == "clerr").unwrap();
    stream.write_all(&octets(clerr)).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
}

fn run() {
    let config = || EngineConfig { bind: [127, 0, 0, 1].into(), ..EngineConfig::default() };
    let engine = Engine::new(config()).unwrap();
    let target = engine.local_address(SipTransport::Udp).unwrap();
    let far = Engine::new(config()).unwrap();
    let (bystander, far_call) = connect(&far, &engine, target);

    let rows = rows();
    for (at, row) in rows.iter().enumerate() {
        let sender = Sender::new(row, u8::try_from(at).unwrap() + 10, target);
        let status = sender.run(&engine);
        println!("{:32} {:?}", row.name, status);
        match status {
            Some(status) => assert!(
                allows(&row.accept, status) && allows(&row.best, status),
                "{}: {status} not in {:?}, {:?}",
                row.name,
                row.accept,
                row.best
            ),
            None => assert_eq!(row.accept, ["NONE"], "{}: no answer", row.name),
        }
    }
    assert_eq!(rows.len(), 31);

    assert_eq!(engine.call_info(bystander).unwrap().state, CallState::Connected);
    let received = || far.call_stats(far_call).unwrap().packets_received;
    let before = received();
    wait_until("audio of the bystander", || (received() > before + 10).then_some(()));
    assert_eq!(engine.stats().sip_dropped, 2, "the two stray responses are counted");
    let options = plain_options(target);
    assert_eq!(options.status(), Some(200), "the engine still answers");
}

/// A call from `far` to `engine` that runs on through all that follows.
fn connect(far: &Engine, engine: &Engine, target: SocketAddr) -> (CallId, CallId) {
    let uri = format!("sip:bystander@{target}");
    let far_call = far.dial(None, &uri, DialOptions::default(), None).unwrap();
    let call = incoming(engine);
    engine.answer(call, Vec::new(), None).unwrap();
    wait_until("the bystander's call", || {
        let info = engine.call_info(call).unwrap();
        (info.state == CallState::Connected).then_some(())
    });
    (call, far_call)
}

fn incoming(engine: &Engine) -> CallId {
    wait_until("an incoming call", || poll_incoming(engine))
}

fn poll_incoming(engine: &Engine) -> Option<CallId> {
    match engine.next_event(Some(Duration::from_millis(20))).unwrap()?.kind {
        EventKind::IncomingCall { call, .. } => Some(call),
        _ => None,
    }
}

fn wait_until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(Instant::now() < deadline, "no {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// The far end of one message.
struct Sender<'a> {
    row: &'a Row,
    socket: UdpSocket,
    target: SocketAddr,
}

impl<'a> Sender<'a> {
    fn new(row: &'a Row, host: u8, target: SocketAddr) -> Self {
        let socket =
            UdpSocket::bind(SocketAddr::from(([127, 0, 0, host], row.reply_port))).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        Self { row, socket, target }
    }

    /// Sends the message, answers the call if one comes of it, and gives the final status.
    fn run(&self, engine: &Engine) -> Option<u16> {
        self.socket.send_to(&octets(self.row), self.target).unwrap();
        let silent = self.row.accept == ["NONE"];
        let deadline = Instant::now() + if silent { SILENCE } else { PATIENCE };
        let mut call = None;
        while Instant::now() < deadline {
            if let Some(arrived) = poll_incoming(engine) {
                // Refused by the engine itself, it may be over already.
                call = engine.answer(arrived, Vec::new(), None).is_ok().then_some(arrived);
            }
            let Some(response) = self.receive().filter(|m| m.status() >= Some(200)) else {
                continue;
            };
            if response.method() == Some(Method::Invite) {
                self.acknowledge(&response);
                if let Some(call) = call.filter(|_| response.status() < Some(300)) {
                    self.end(engine, call);
                }
            }
            return response.status();
        }
        None
    }

    fn receive(&self) -> Option<Message> {
        let mut buffer = [0; 65_536];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(Message::parse(buffer[..length].to_vec().into()).expect("a SIP message"))
    }

    /// The ACK of a final answer, whatever the message's own transaction would make of it.
    fn acknowledge(&self, response: &Message) {
        let mut ack = Request::new(Method::Ack, "sip:engine@127.0.0.1".parse().unwrap());
        ack.headers.push(HeaderId::Via, response.top_via().unwrap().to_string());
        for id in [HeaderId::From, HeaderId::To, HeaderId::CallId] {
            ack.headers.push(id, response.header(id).unwrap());
        }
        ack.set_cseq(response.cseq().unwrap().number);
        self.socket.send_to(&ack.encode(), self.target).unwrap();
    }

    /// The host hangs up; the far end's name cannot be found, and the call must end all the same.
    fn end(&self, engine: &Engine, call: CallId) {
        wait_until("the connected call", || {
            let info = engine.call_info(call).unwrap();
            (info.state == CallState::Connected).then_some(())
        });
        engine.hangup(call, None).unwrap();
        wait_until("the end of the call", || match engine.call_info(call) {
            Ok(info) => (info.state == CallState::Ended).then_some(()),
            Err(_) => Some(()),
        });
    }
}

fn plain_options(target: SocketAddr) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let text = format!(
        "OPTIONS sip:x@{target} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKopt;rport\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: opt\r\nCSeq: 1 OPTIONS\r\n\r\n",
        socket.local_addr().unwrap()
    );
    socket.send_to(text.as_bytes(), target).unwrap();
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).unwrap();
    Message::parse(buffer[..length].to_vec().into()).unwrap()
}

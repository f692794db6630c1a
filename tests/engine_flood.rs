//! A flood from one source, over real sockets, leaves everybody else whole.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::CallId,
    engine::{CallState, DialOptions, EngineConfig, EventKind, SipTransport, limits::source_rate},
};
use socket2::{Domain, Socket, Type};

/// Longest wait; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

fn engine(bind: [u8; 4], max_calls: u32) -> Engine {
    Engine::new(EngineConfig { bind: bind.into(), max_calls, ..EngineConfig::default() }).unwrap()
}

fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "no {what}");
    }
}

fn incoming(engine: &Engine) -> CallId {
    until("incoming call", || {
        match engine.next_event(Some(Duration::from_millis(20))).unwrap()?.kind {
            EventKind::IncomingCall { call, .. } => Some(call),
            _ => None,
        }
    })
}

/// Sets a call up from `caller`; both ends of it.
fn connect(caller: &Engine, callee: &Engine) -> (CallId, CallId) {
    let target = callee.local_address(SipTransport::Udp).unwrap();
    let dialled =
        caller.dial(None, &format!("sip:x@{target}"), DialOptions::default(), None).unwrap();
    let taken = incoming(callee);
    callee.answer(taken, Vec::new(), None).unwrap();
    until("connected call", || {
        std::thread::park_timeout(Duration::from_millis(5));
        let state = caller.call_info(dialled).ok()?.state;
        (state == CallState::Connected).then_some(())
    });
    (dialled, taken)
}

fn request(method: &str, number: u64, socket: &UdpSocket, target: SocketAddr) -> String {
    let from = socket.local_addr().unwrap();
    format!(
        "{method} sip:x@{target} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{number}\r\n\
         From: <sip:flood@{from}>;tag={number}\r\nTo: <sip:x@{target}>\r\nCall-ID: {number}\r\n\
         CSeq: 1 {method}\r\nContact: <sip:flood@{from}>\r\nMax-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// Ends the flood, also when the test has failed.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_flood_of_one_source_leaves_other_calls_whole() {
    let callee = engine([127, 0, 0, 1], 64);
    let caller = engine([127, 0, 0, 2], 64);
    let target = callee.local_address(SipTransport::Udp).unwrap();
    let (dialled, _) = connect(&caller, &callee);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = Stop(&over);
        scope.spawn(|| {
            let flood = UdpSocket::bind("127.0.0.9:0").unwrap();
            for number in 0.. {
                let _ =
                    flood.send_to(request("OPTIONS", number, &flood, target).as_bytes(), target);
                if over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        until("message over the rate", || (callee.stats().sip_over_rate > 0).then_some(()));
        // Another call is set up and ended meanwhile, and the first one's audio goes on.
        let heard = || caller.call_stats(dialled).unwrap().packets_received;
        let before = heard();
        let (second, taken) = connect(&caller, &callee);
        callee.hangup(taken, None).unwrap();
        until("end of the second call", || {
            let event = caller.next_event(Some(Duration::from_millis(20))).unwrap()?;
            let ended = |kind| match kind {
                EventKind::Call { call, state: CallState::Ended, code, .. } if call == second => {
                    Some(code)
                }
                _ => None,
            };
            ended(event.kind)
        });
        until("audio of the first call", || (heard() > before + 20).then_some(()));
    });
    let stats = callee.stats();
    println!("{} received, {} over the rate", stats.sip_received, stats.sip_over_rate);
    assert!(stats.sip_received - stats.sip_over_rate >= u64::from(source_rate(64)));
    assert_eq!(caller.call_info(dialled).unwrap().state, CallState::Connected);
}

#[test]
fn one_source_does_not_take_the_connections_of_others() {
    let callee = engine([127, 0, 0, 1], 4);
    let target = callee.local_address(SipTransport::Tcp).unwrap();
    let connect = |source: [u8; 4]| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
        socket.connect(&target.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    };
    let _held: Vec<TcpStream> = (0..256).map(|_| connect([127, 0, 0, 2])).collect();
    let mut octets = [0; 4];
    let end = connect([127, 0, 0, 2]).read(&mut octets);
    let reset = |error: &std::io::Error| error.kind() == ErrorKind::ConnectionReset;
    assert!(end.as_ref().map_or_else(reset, |octets| *octets == 0), "closed: {end:?}");
    assert_eq!(callee.stats().sip_over_limit, 1);
    let mut other = connect([127, 0, 0, 3]);
    other.write_all(b"\r\n\r\n").unwrap();
    assert_eq!(other.read(&mut octets).unwrap(), 2, "another source is answered");
}

#[test]
fn calls_beyond_the_most_are_refused_and_counted() {
    let callee = engine([127, 0, 0, 1], 2);
    let target = callee.local_address(SipTransport::Udp).unwrap();
    let flood = UdpSocket::bind("127.0.0.1:0").unwrap();
    flood.set_read_timeout(Some(PATIENCE)).unwrap();
    for number in 0..6 {
        flood.send_to(request("INVITE", number, &flood, target).as_bytes(), target).unwrap();
    }
    let mut refused = 0;
    let mut buffer = [0; 2048];
    while refused < 4 {
        let length = flood.recv(&mut buffer).unwrap();
        refused += u64::from(buffer[..length].starts_with(b"SIP/2.0 486"));
    }
    assert_eq!((callee.stats().calls, callee.stats().sip_over_limit), (2, 4));
}

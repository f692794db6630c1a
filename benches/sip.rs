//! What SIP costs without a network: an INVITE read and answered, and whole transactions through two
//! endpoints. `cargo bench --bench sip`
//!
//! Not shown: sockets, threads, the call's own machine, SDP.

#[path = "measure/mod.rs"]
#[allow(dead_code)]
mod measure;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use measure::measure;
use sidetone::{
    base::rng::Rng,
    proto::sip::{
        Flow, Transport,
        endpoint::{Endpoint, EndpointConfig, Output, TuEvent},
        wire::{HeaderId, Message, Method, Request, Response},
    },
};

const INVITE: &str = "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n\
    Via: SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74bf9;rport\r\n\
    Max-Forwards: 70\r\n\
    Route: <sip:ss1.atlanta.example.com;lr>\r\n\
    From: \"Alice\" <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n\
    To: \"Bob\" <sip:bob@biloxi.example.com>\r\n\
    Call-ID: 3848276298220188511@atlanta.example.com\r\n\
    CSeq: 1 INVITE\r\n\
    Contact: <sip:alice@client.atlanta.example.com>\r\n\
    Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE\r\n\
    Supported: timer\r\n\
    User-Agent: sidetone\r\n\
    Content-Type: application/sdp\r\n\
    Content-Length: 151\r\n\r\n\
    v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\n\
    t=0 0\r\nm=audio 49172 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n";

/// Runs the bench.
pub fn main() {
    let invite = Bytes::from_static(INVITE.as_bytes());
    measure("INVITE: parse", 200_000, || {
        std::hint::black_box(Message::parse(invite.clone()).unwrap());
    });
    measure("INVITE: parse, read every field, serialise the 200", 50_000, || {
        let message = Message::parse(invite.clone()).unwrap();
        let fields = (message.top_via(), message.from(), message.to(), message.contact());
        std::hint::black_box((fields, message.cseq(), message.uri()));
        let mut response = Response::to(&message, 200, "");
        response.set_to_tag("8321234356");
        response.headers.set(HeaderId::Contact, "<sip:bob@192.0.2.4>");
        response.set_body("application/sdp", message.body().to_vec());
        std::hint::black_box(response.encode());
    });
    let mut pair = Pair::new();
    measure("transaction: OPTIONS, 200", 20_000, || pair.transact(Method::Options, &[200]));
    let mut pair = Pair::new();
    measure("transaction: INVITE, 180, 200, ACK", 20_000, || {
        pair.transact(Method::Invite, &[180, 200]);
    });
}

/// Two endpoints and the way between them, in a time that jumps.
struct Pair {
    ends: [Endpoint; 2],
    flows: [Flow; 2],
    now: Instant,
    number: u32,
}

impl Pair {
    fn new() -> Self {
        let address = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let flow = |local, remote| Flow {
            transport: Transport::Udp,
            local: address(local),
            remote: address(remote),
        };
        // The TU answers OPTIONS, as it does any other request.
        let config = EndpointConfig { answer_options: false, ..EndpointConfig::default() };
        let end = |seed| Endpoint::new(config.clone(), Rng::from_number(seed));
        let flows = [flow(5060, 5062), flow(5062, 5060)];
        Self { ends: [end(1), end(2)], flows, now: Instant::now(), number: 0 }
    }

    /// One transaction to its last answer. Each takes 100 ms, so that the tables hold some hundreds.
    fn transact(&mut self, method: Method, answers: &[u16]) {
        self.now += Duration::from_millis(100);
        self.number += 1;
        let mut request = Request::new(method, "sip:bob@192.0.2.1:5062".parse().unwrap());
        request.headers.push(HeaderId::From, "<sip:alice@192.0.2.1>;tag=1");
        request.headers.push(HeaderId::To, "<sip:bob@192.0.2.1>");
        request.headers.push(HeaderId::CallId, self.number.to_string());
        request.headers.push(HeaderId::Contact, "<sip:alice@192.0.2.1:5060>");
        request.set_cseq(1);
        self.ends[0].request(self.now, request, self.flows[0]);
        for end in 0..2 {
            self.ends[end].handle_timeout(self.now);
        }
        while self.carry(0, answers) | self.carry(1, answers) {}
    }

    /// Does what one end wants done; whether there was anything.
    fn carry(&mut self, end: usize, answers: &[u16]) -> bool {
        let mut any = false;
        while let Some(output) = self.ends[end].poll_output() {
            any = true;
            match output {
                Output::Transmit { bytes, .. } => {
                    self.ends[1 - end].handle_message(self.now, self.flows[1 - end], bytes);
                }
                Output::Event(TuEvent::Request { server, message, .. }) => {
                    for status in answers {
                        let response = Response::to(&message, *status, "");
                        self.ends[end].respond(self.now, server, response);
                    }
                }
                Output::Event(TuEvent::Response { message, .. })
                    if message.method() == Some(Method::Invite)
                        && message.status() == Some(200) =>
                {
                    let uri = "sip:bob@192.0.2.1:5062".parse().unwrap();
                    let mut ack = Request::new(Method::Ack, uri);
                    for id in [HeaderId::From, HeaderId::To, HeaderId::CallId] {
                        ack.headers.push(id, message.header(id).unwrap());
                    }
                    ack.set_cseq(1);
                    self.ends[end].send_ack(ack, self.flows[end]);
                }
                Output::Event(_) => {}
            }
        }
        any
    }
}

//! The transaction machines and the endpoint round them, in virtual time (RFC 3261 §17, RFC 6026).

#[path = "support/sip_network.rs"]
mod sip_network;
#[path = "support/sip_wire.rs"]
mod sip_wire;

use sidetone::proto::sip::{
    Transport,
    endpoint::{EndpointConfig, Limits, TuEvent},
    transaction::Failure,
    wire::{HeaderId, Message, Method, Response},
};
use sip_network::{Network, Weather};
use sip_wire::{Wire, incoming, request};

fn times(sent: &[(u64, String)], word: &str) -> Vec<u64> {
    sent.iter().filter(|(_, w)| w == word).map(|(at, _)| *at).collect()
}

fn responses(wire: &Wire) -> Vec<u16> {
    wire.events
        .iter()
        .filter_map(|(_, event)| match event {
            TuEvent::Response { message, .. } => message.status(),
            _ => None,
        })
        .collect()
}

fn failures(wire: &Wire) -> Vec<(u64, Failure)> {
    wire.events
        .iter()
        .filter_map(|(at, event)| match event {
            TuEvent::Failed { reason, .. } | TuEvent::ServerFailed { reason, .. } => {
                Some((*at, *reason))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn retransmits_invite_at_500ms_then_doubles_and_fails_at_32s() {
    let mut wire = Wire::new(Transport::Udp);
    wire.request(request(Method::Invite));
    wire.run_ms(60_000);
    let sent = wire.take_sent();
    assert_eq!(times(&sent, "INVITE"), [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    assert_eq!(failures(&wire), [(32_000, Failure::Timeout)]);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0));
    assert_eq!(wire.endpoint.poll_timeout(), None);
}

#[test]
fn sends_an_invite_once_over_tcp_and_still_fails_at_32s() {
    let mut wire = Wire::new(Transport::Tcp);
    wire.request(request(Method::Invite));
    wire.run_ms(60_000);
    assert_eq!(wire.take_sent().len(), 1);
    assert_eq!(failures(&wire), [(32_000, Failure::Timeout)]);
}

#[test]
fn a_provisional_response_ends_the_repetition_of_invite_for_good() {
    let mut wire = Wire::new(Transport::Udp);
    wire.request(request(Method::Invite));
    let invite = wire.last_sent();
    wire.run_ms(600);
    wire.answer(&invite, 180);
    wire.run_ms(300_000);
    assert_eq!(times(&wire.take_sent(), "INVITE"), [0, 500]);
    assert_eq!(responses(&wire), [180]);
    assert_eq!(failures(&wire), [], "a ringing phone may ring on");
}

#[test]
fn retransmits_other_requests_up_to_every_4s() {
    let mut wire = Wire::new(Transport::Udp);
    wire.request(request(Method::Register));
    wire.run_ms(60_000);
    let at = times(&wire.take_sent(), "REGISTER");
    assert_eq!(at, [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(failures(&wire), [(32_000, Failure::Timeout)]);
}

#[test]
fn a_provisional_response_slows_other_requests_to_t2() {
    let mut wire = Wire::new(Transport::Udp);
    wire.request(request(Method::Bye));
    let bye = wire.last_sent();
    wire.run_ms(100);
    wire.answer(&bye, 100);
    wire.run_ms(10_000);
    assert_eq!(times(&wire.take_sent(), "BYE"), [0, 500, 4500, 8500]);
    wire.answer(&bye, 200);
    wire.answer(&bye, 200);
    assert_eq!(responses(&wire), [100, 200], "a repeated final answer is absorbed");
    wire.run_ms(5_000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0), "timer K");
}

#[test]
fn acknowledges_a_refusal_and_each_copy_of_it() {
    let mut wire = Wire::new(Transport::Udp);
    let mut invite = request(Method::Invite);
    invite.headers.push(HeaderId::Route, "<sip:proxy.example.com;lr>");
    wire.request(invite);
    let invite = wire.last_sent();
    wire.answer(&invite, 486);
    let ack = wire.last_sent();
    assert!(ack.is_method(&Method::Ack));
    assert_eq!(ack.raw_uri(), invite.raw_uri());
    assert_eq!(ack.top_via(), invite.top_via());
    assert_eq!(ack.to_tag(), "far");
    assert_eq!(ack.header(HeaderId::Route), Some("<sip:proxy.example.com;lr>"));
    assert_eq!(ack.header(HeaderId::CSeq), Some("7 ACK"));
    wire.answer(&invite, 486);
    assert_eq!(times(&wire.take_sent(), "ACK").len(), 2);
    assert_eq!(responses(&wire), [486]);
    wire.run_ms(32_000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0), "timer D");
}

#[test]
fn hands_up_every_2xx_and_leaves_the_ack_to_the_tu() {
    let mut wire = Wire::new(Transport::Udp);
    wire.request(request(Method::Invite));
    let invite = wire.last_sent();
    wire.take_sent();
    for _ in 0..3 {
        wire.answer(&invite, 200);
        wire.run_ms(1000);
    }
    assert_eq!(responses(&wire), [200, 200, 200], "repeated or forked, RFC 6026");
    assert_eq!(wire.take_sent(), []);
    wire.run_ms(31_000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0), "timer M");
    wire.answer(&invite, 200);
    assert_eq!(wire.endpoint.counters().stray_responses, 1);
}

#[test]
fn holds_a_cancel_back_until_a_provisional_response() {
    let mut wire = Wire::new(Transport::Udp);
    let client = wire.request(request(Method::Invite));
    let invite = wire.last_sent();
    let now = wire.now;
    wire.endpoint.cancel(now, client);
    wire.drain();
    assert_eq!(times(&wire.take_sent(), "CANCEL"), []);
    wire.answer(&invite, 100);
    let cancel = wire.last_sent();
    assert!(cancel.is_method(&Method::Cancel));
    assert_eq!(cancel.top_via(), invite.top_via());
    assert_eq!(cancel.header(HeaderId::CSeq), Some("7 CANCEL"));
    assert_eq!(cancel.to_tag(), "");
    wire.answer(&cancel, 200);
    wire.answer(&invite, 487);
    assert_eq!(responses(&wire), [100, 487], "the answer to CANCEL is ours alone");
    wire.run_ms(40_000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0));
}

#[test]
fn gives_up_64_t1_after_a_cancel_that_nobody_answers() {
    let mut wire = Wire::new(Transport::Udp);
    let client = wire.request(request(Method::Invite));
    let invite = wire.last_sent();
    wire.answer(&invite, 180);
    let now = wire.now;
    wire.endpoint.cancel(now, client);
    wire.endpoint.cancel(now, client);
    wire.drain();
    wire.run_ms(40_000);
    assert_eq!(failures(&wire), [(32_000, Failure::Timeout)]);
    let cancels = times(&wire.take_sent(), "CANCEL");
    assert_eq!(cancels.len(), 11, "one CANCEL, repeated by its own transaction");
}

#[test]
fn says_trying_after_200ms_unless_the_tu_was_faster() {
    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    wire.run_ms(1000);
    assert_eq!(wire.take_sent(), [(200, "100".to_owned())]);

    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    let (server, invite) = wire.requests().remove(0);
    wire.respond(server, Response::to(&invite, 180, ""));
    wire.run_ms(1000);
    assert_eq!(wire.take_sent(), [(0, "180".to_owned())]);
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    assert_eq!(wire.take_sent(), [(1000, "180".to_owned())], "the copy gets the last answer");
    assert_eq!(wire.requests().len(), 1);
}

#[test]
fn repeats_a_refusal_until_the_ack_and_reports_when_none_comes() {
    let refuse = |wire: &mut Wire| {
        wire.receive(&incoming("INVITE", "z9hG4bKa"));
        let (server, invite) = wire.requests().remove(0);
        wire.respond(server, Response::to(&invite, 486, ""));
    };
    let mut wire = Wire::new(Transport::Udp);
    refuse(&mut wire);
    wire.run_ms(60_000);
    let at = times(&wire.take_sent(), "486");
    assert_eq!(at, [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(failures(&wire), [(32_000, Failure::Timeout)]);

    let mut wire = Wire::new(Transport::Udp);
    refuse(&mut wire);
    wire.run_ms(700);
    wire.receive(&incoming("ACK", "z9hG4bKa"));
    wire.run_ms(4000);
    assert_eq!(times(&wire.take_sent(), "486"), [0, 500]);
    wire.receive(&incoming("ACK", "z9hG4bKa"));
    assert!(!wire.events.iter().any(|(_, event)| matches!(event, TuEvent::Ack { .. })));
    wire.run_ms(2000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0), "timer I");
    assert_eq!(failures(&wire), []);

    let mut wire = Wire::new(Transport::Tcp);
    refuse(&mut wire);
    wire.run_ms(10_000);
    assert_eq!(times(&wire.take_sent(), "486"), [0]);
}

#[test]
fn passes_repeated_2xx_and_their_ack_through_and_absorbs_repeated_invites() {
    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    let (server, invite) = wire.requests().remove(0);
    wire.respond(server, Response::to(&invite, 200, ""));
    wire.run_ms(500);
    wire.respond(server, Response::to(&invite, 200, ""));
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    wire.respond(server, Response::to(&invite, 486, ""));
    assert_eq!(times(&wire.take_sent(), "200"), [0, 500], "and nothing else");
    wire.receive(&incoming("ACK", "z9hG4bKnew"));
    wire.receive(&incoming("ACK", "z9hG4bKa"));
    let acks = wire.events.iter().filter(|(_, e)| matches!(e, TuEvent::Ack { .. })).count();
    assert_eq!(acks, 2);
    wire.run_ms(32_000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0), "timer L");
    assert!(!{
        let now = wire.now;
        wire.endpoint.respond(now, server, Response::to(&invite, 200, ""))
    });
}

#[test]
fn answers_a_repeated_request_from_memory_for_64_t1() {
    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("BYE", "z9hG4bKa"));
    wire.receive(&incoming("BYE", "z9hG4bKa"));
    assert_eq!(wire.take_sent(), [], "nothing to repeat yet");
    let (server, bye) = wire.requests().remove(0);
    wire.respond(server, Response::to(&bye, 200, ""));
    wire.run_ms(31_000);
    wire.receive(&incoming("BYE", "z9hG4bKa"));
    assert_eq!(times(&wire.take_sent(), "200"), [0, 31_000]);
    assert_eq!(wire.requests().len(), 1);
    wire.run_ms(1000);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0), "timer J");
}

#[test]
fn a_cancel_is_answered_and_reported_once_before_the_final_answer() {
    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("CANCEL", "z9hG4bKnone"));
    assert_eq!(wire.last_sent().status(), Some(481));
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    let (server, invite) = wire.requests().remove(0);
    wire.receive(&incoming("CANCEL", "z9hG4bKa"));
    wire.receive(&incoming("CANCEL", "z9hG4bKa"));
    let ok = wire.last_sent();
    assert_eq!((ok.status(), ok.cseq().unwrap().method), (Some(200), Method::Cancel));
    let cancelled = wire.events.iter().filter(|(_, e)| matches!(e, TuEvent::Cancelled { .. }));
    assert_eq!(cancelled.count(), 1);
    wire.respond(server, Response::to(&invite, 487, ""));
    assert_eq!(wire.last_sent().to_tag(), ok.to_tag());

    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    let (server, invite) = wire.requests().remove(0);
    wire.respond(server, Response::to(&invite, 200, ""));
    wire.receive(&incoming("CANCEL", "z9hG4bKa"));
    assert_eq!(wire.last_sent().status(), Some(200));
    assert!(!wire.events.iter().any(|(_, e)| matches!(e, TuEvent::Cancelled { .. })));
}

#[test]
fn answers_carry_where_the_request_came_from() {
    let mut wire = Wire::new(Transport::Udp);
    wire.flow.remote = "198.51.100.7:6000".parse().unwrap();
    let text = incoming("OPTIONS", "z9hG4bKa").replace("192.0.2.2;", "192.0.2.2:5080;rport;");
    wire.receive(&text);
    let (_, flow, message) = wire.sent.last().unwrap().clone();
    assert_eq!(flow.remote, "198.51.100.7:6000".parse().unwrap());
    let via = message.top_via().unwrap();
    assert_eq!(via.params.value("received"), Some("198.51.100.7"));
    assert_eq!(via.params.value("rport"), Some("6000"));
    assert!(message.header(HeaderId::Allow).unwrap().contains("INVITE"));
    wire.receive(&incoming("OPTIONS", "z9hG4bKb").replace("CSeq: 3", "CSeq: 4"));
    assert_eq!(wire.sent.last().unwrap().1.remote, "198.51.100.7:5060".parse().unwrap());
}

#[test]
fn a_copy_over_another_way_is_a_loop() {
    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    wire.receive(&incoming("INVITE", "z9hG4bKb"));
    assert_eq!(wire.last_sent().status(), Some(482));
    assert_eq!(wire.requests().len(), 1);
    for branch in ["z9hG4bKc", "z9hG4bKd"] {
        wire.receive(&incoming("OPTIONS", branch));
        assert_eq!(wire.last_sent().status(), Some(200), "a server's ping is no loop");
    }
}

#[test]
fn two_clients_with_the_same_branch_and_private_address_are_told_apart() {
    let mut wire = Wire::new(Transport::Udp);
    wire.receive(&incoming("INVITE", "z9hG4bK1"));
    wire.flow.remote = "198.51.100.9:5060".parse().unwrap();
    wire.receive(&incoming("INVITE", "z9hG4bK1"));
    assert_eq!(wire.requests().len(), 1, "the same octets: a copy over another way");
    let other = incoming("INVITE", "z9hG4bK1").replace("call-2", "call-3");
    wire.receive(&other);
    wire.receive(&other);
    let requests = wire.requests();
    assert_eq!(requests.len(), 2);
    wire.respond(requests[1].0, Response::to(&requests[1].1, 486, ""));
    assert_eq!(wire.sent.last().unwrap().1.remote, wire.flow.remote);
    wire.receive(&other.replace("INVITE", "CANCEL"));
    wire.receive(&other.replace("INVITE", "ACK"));
    wire.take_sent();
    wire.run_ms(1000);
    assert_eq!(times(&wire.take_sent(), "486"), [], "the ACK found the second transaction");
    assert!(!wire.events.iter().any(|(_, e)| matches!(e, TuEvent::Cancelled { .. })));
}

#[test]
fn screens_what_it_cannot_do() {
    let status = |text: String| {
        let mut wire = Wire::new(Transport::Udp);
        wire.receive(&text);
        wire.sent.last().map(|(_, _, message)| message.clone())
    };
    let invite = |header: &str| {
        incoming("INVITE", "z9hG4bKa")
            .replace("Max-Forwards: 70", &format!("Max-Forwards: 70\r\n{header}"))
    };
    let check = |text: String, code: u16, id: HeaderId, value: &str| {
        let message = status(text).expect("an answer");
        assert_eq!(message.status(), Some(code));
        assert!(message.header(id).unwrap().contains(value), "{message:?}");
    };
    check(invite("Require: 100rel, foo"), 420, HeaderId::Unsupported, "100rel, foo");
    check(incoming("FOO", "z9hG4bKa"), 501, HeaderId::Allow, "INVITE");
    check(incoming("REFER", "z9hG4bKa"), 405, HeaderId::Allow, "INVITE");
    let body = "Content-Length: 3\r\n\r\nabc";
    let typed = invite("Content-Type: text/plain").replace("Content-Length: 0\r\n\r\n", body);
    check(typed, 415, HeaderId::Accept, "application/sdp");
    let parts = "Content-Length: 65\r\n\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n\
                 --b\r\n\r\ntext\r\n--b--\r\n";
    let multipart = |boundary: &str| {
        invite(&format!("Content-Type: multipart/mixed;boundary={boundary}"))
            .replace("Content-Length: 0\r\n\r\n", parts)
    };
    assert!(status(multipart("b")).is_none(), "one of the parts is a description");
    check(multipart("c"), 415, HeaderId::Accept, "application/sdp");
    let zipped = invite("Content-Type: application/sdp\r\nContent-Encoding: gzip")
        .replace("Content-Length: 0\r\n\r\n", body);
    check(zipped, 415, HeaderId::AcceptEncoding, "identity");
    assert_eq!(status(invite("Max-Forwards: 3")).unwrap().status(), Some(400));
    assert_eq!(status(incoming("ACK", "z9hG4bKa").replace("ACK sip:al", "ACK sip al")), None);
}

#[test]
fn limits_hold_and_are_counted() {
    let limits = Limits { server_transactions: 2, client_transactions: 1, ..Limits::default() };
    let config = EndpointConfig { limits, ..EndpointConfig::default() };
    let mut wire = Wire::with_config(Transport::Udp, config);
    for n in 0..4 {
        wire.receive(
            &incoming("INVITE", &format!("z9hG4bK{n}")).replace("call-2", &format!("c{n}")),
        );
    }
    assert_eq!(wire.requests().len(), 2);
    assert_eq!(wire.last_sent().status(), Some(503));
    assert_eq!(wire.last_sent().header(HeaderId::RetryAfter), Some("10"));
    wire.request(request(Method::Options));
    wire.request(request(Method::Options));
    assert_eq!(failures(&wire), [(0, Failure::Limit)]);
    assert_eq!(wire.endpoint.counters().over_limit, 3);
}

#[test]
fn a_broken_flow_fails_what_waits_on_it() {
    let mut wire = Wire::new(Transport::Tcp);
    wire.request(request(Method::Invite));
    wire.receive(&incoming("INVITE", "z9hG4bKa"));
    let (now, flow) = (wire.now, wire.flow);
    wire.endpoint.handle_flow_failed(now, flow);
    wire.drain();
    assert_eq!(failures(&wire), [(0, Failure::Transport), (0, Failure::Transport)]);
    assert_eq!(wire.endpoint.open_transactions(), (0, 0));
}

#[test]
fn an_unreachable_far_end_fails_the_request_that_the_error_quotes_and_no_other() {
    let mut wire = Wire::new(Transport::Udp);
    wire.request(request(Method::Invite));
    wire.request(request(Method::Options));
    let quoted = |index: usize| wire.sent[index].2.octets().to_vec();
    let (invite, options) = (quoted(0), quoted(1));
    let (now, remote) = (wire.now, wire.flow.remote);
    let branch = invite.windows(8).position(|octets| octets == b";branch=").unwrap();
    let elsewhere = "192.0.2.3:5060".parse().unwrap();
    let named = String::from_utf8_lossy(&invite[branch..branch + 40]).into_owned();
    let named = named.split(';').nth(1).unwrap();
    let in_the_uri = format!("INVITE sip:bob@h;{named};x SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n");
    let guess =
        b"INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\n";
    for (from, quoted) in [
        (elsewhere, &invite[..]),
        (remote, &guess[..]),
        (remote, in_the_uri.as_bytes()),
        // Half a branch is none.
        (remote, &invite[..branch + 12]),
        (remote, &b""[..]),
    ] {
        assert!(!wire.endpoint.handle_unreachable(now, from, quoted));
    }
    assert!(wire.endpoint.handle_unreachable(now, remote, &invite));
    assert!(!wire.endpoint.handle_unreachable(now, remote, &invite), "it failed once");
    wire.drain();
    assert_eq!(failures(&wire), [(0, Failure::Transport)]);
    assert!(wire.endpoint.handle_unreachable(now, remote, &options[..200.min(options.len())]));
    wire.drain();
    assert_eq!(wire.endpoint.open_transactions(), (0, 0));
}

#[test]
fn the_branch_is_the_vias_whatever_the_request_uri_has() {
    let mut wire = Wire::new(Transport::Udp);
    let mut invite = request(Method::Invite);
    invite.uri = "sip:bob@example.com;branch=z9hG4bKtheirs".parse().unwrap();
    wire.request(invite);
    let (now, remote) = (wire.now, wire.flow.remote);
    let quoted = wire.sent[0].2.octets().to_vec();
    assert!(wire.endpoint.handle_unreachable(now, remote, &quoted));
}

#[test]
fn who_has_answered_is_not_called_unreachable_and_a_bye_is_repeated_to_the_end() {
    for (method, provisional) in
        [(Method::Invite, true), (Method::Options, true), (Method::Bye, false)]
    {
        let mut wire = Wire::new(Transport::Udp);
        wire.request(request(method.clone()));
        if provisional {
            let response = Response::to(&wire.sent[0].2, 100, "").encode();
            let (now, flow) = (wire.now, wire.flow);
            wire.endpoint.handle_message(now, flow, response);
            wire.drain();
        }
        let (now, remote) = (wire.now, wire.flow.remote);
        let quoted = wire.sent[0].2.octets().to_vec();
        assert!(!wire.endpoint.handle_unreachable(now, remote, &quoted), "{method:?}");
        wire.drain();
        assert_eq!(failures(&wire), []);
        if method == Method::Bye {
            wire.run_ms(2000);
            assert_eq!(wire.sent.len(), 3, "sent again after 0.5 s and 1.5 s");
        }
    }
}

#[test]
fn rfc_2543_requests_find_their_transaction_by_their_headers() {
    let mut wire = Wire::new(Transport::Udp);
    let old = |method: &str| incoming(method, "x").replace(";branch=x", "");
    wire.receive(&old("INVITE"));
    wire.receive(&old("INVITE"));
    assert_eq!(wire.requests().len(), 1);
    let (server, invite) = wire.requests().remove(0);
    wire.respond(server, Response::to(&invite, 486, ""));
    wire.receive(&old("ACK").replace("To: <sip:al@example.com>", "To: <sip:al@example.com>;tag=x"));
    wire.take_sent();
    wire.run_ms(10_000);
    assert_eq!(wire.take_sent(), [], "the ACK was found");
    assert_eq!(wire.endpoint.open_transactions(), (0, 0));
}

#[test]
fn each_request_gets_a_branch_of_its_own_and_the_usual_headers() {
    let config = EndpointConfig { user_agent: "Sidetone".to_owned(), ..EndpointConfig::default() };
    let mut wire = Wire::with_config(Transport::Udp, config);
    wire.request(request(Method::Options));
    let first = wire.last_sent();
    wire.request(request(Method::Options));
    let second = wire.last_sent();
    let branch = |m: &Message| m.top_via().unwrap().unique_branch().unwrap().to_owned();
    assert_ne!(branch(&first), branch(&second));
    assert!(first.top_via().unwrap().params.has("rport"));
    assert_eq!(first.header(HeaderId::MaxForwards), Some("70"));
    assert_eq!(first.header(HeaderId::UserAgent), Some("Sidetone"));
    assert_eq!(first.header(HeaderId::ContentLength), Some("0"));
}

const STORM: Weather = Weather { lost: 30, repeated: 20, longest_delay_ms: 400 };

#[test]
fn lost_and_repeated_messages_reach_each_tu_once() {
    for seed in 0..200 {
        let mut network = Network::new(seed, STORM);
        let (now, flow) = (network.now, network.flow);
        let method = if seed % 2 == 0 { Method::Invite } else { Method::Bye };
        network.ends[0].request(now, request(method.clone()), flow);
        let (mut asked, mut answers, mut failed) = (0, 0, 0);
        network.run(|endpoint, now, _, event| match event {
            TuEvent::Request { server, message, .. } => {
                asked += 1;
                endpoint.respond(now, server, Response::to(&message, 486, ""));
            }
            TuEvent::Response { message, .. } if message.status() >= Some(200) => answers += 1,
            TuEvent::Failed { .. } => failed += 1,
            _ => {}
        });
        // A copy that stays on its way for longer than the transaction lives would be a new request;
        // 400 ms is not that long.
        assert_eq!((asked, answers, failed), (1, 1, 0), "seed {seed}, {method}");
        for end in &network.ends {
            assert_eq!(end.open_transactions(), (0, 0), "seed {seed}");
        }
    }
}

#[test]
fn an_accepted_invite_survives_the_storm_when_the_tu_repeats_its_2xx() {
    for seed in 0..100 {
        let mut network = Network::new(seed, STORM);
        let (now, flow) = (network.now, network.flow);
        network.ends[0].request(now, request(Method::Invite), flow);
        let (mut accepted, mut acknowledged) = (0, 0);
        network.run(|endpoint, now, end, event| match event {
            TuEvent::Request { server, message, .. } => {
                // The call layer spreads these over 32 s; what matters here is that each goes out.
                for _ in 0..8 {
                    assert!(endpoint.respond(now, server, Response::to(&message, 200, "")));
                }
            }
            TuEvent::Response { .. } => {
                accepted += 1;
                endpoint.send_ack(request(Method::Ack), flow);
            }
            TuEvent::Ack { .. } => {
                assert_eq!(end, 1);
                acknowledged += 1;
            }
            TuEvent::Failed { .. } | TuEvent::ServerFailed { .. } => panic!("seed {seed}"),
            _ => {}
        });
        assert!(accepted >= 1 && acknowledged >= 1, "seed {seed}: {accepted}, {acknowledged}");
    }
}

#[test]
fn a_dead_line_fails_after_64_t1_and_leaves_nothing_behind() {
    let dead = Weather { lost: 100, ..STORM };
    let mut network = Network::new(1, dead);
    let (start, flow) = (network.now, network.flow);
    network.ends[0].request(start, request(Method::Invite), flow);
    network.ends[0].request(start, request(Method::Options), flow);
    let mut failed = Vec::new();
    network.run(|_, now, _, event| {
        if let TuEvent::Failed { reason, .. } = event {
            failed.push(((now - start).as_millis(), reason));
        }
    });
    assert_eq!(failed, [(32_000, Failure::Timeout), (32_000, Failure::Timeout)]);
}

//! Offers within a call, as a far end may make them: codecs, addresses, packet times, lines that come
//! and go, none at all, and ones that fit nothing.

use std::{cell::RefCell, rc::Rc};

use crate::{
    changes::{change, renegotiated},
    pair::{Network, address, header},
};
use sidetone::{
    base::plan::{CodecKind, Direction},
    call::{
        AudioTerms, CallState::Connected, Change, Credentials, EndReason, Input, Realms,
        SessionTimer,
    },
    proto::sip::{
        dialog::Dialog,
        wire::{HeaderId, Message, Method, Request, Response},
    },
};

/// Sends phone 0 an INVITE within the call, with this body, in phone 1's name.
fn reinvite(net: &mut Network, number: u32, body: &str) {
    let mut dialog =
        Dialog::uas(net.first(0, "INVITE"), &net.first(1, "200 INVITE").to_tag()).unwrap();
    let mut request = dialog.request(Method::Invite);
    request.set_cseq(number);
    request.headers.set(HeaderId::Contact, "<sip:phone1@192.0.2.2:5060>");
    if !body.is_empty() {
        request.set_body("application/sdp", body.as_bytes().to_vec());
    }
    net.request(1, request, address(0));
    net.run_ms(50);
}

/// Acknowledges phone 0's latest 200 in phone 1's name.
fn acknowledge(net: &mut Network, body: &str) {
    let answer = net.last(0, "200 INVITE").clone();
    let mut ack = Request::new(Method::Ack, "sip:phone0@192.0.2.1:5060".parse().unwrap());
    ack.headers.push(HeaderId::From, header(&answer, HeaderId::From));
    ack.headers.push(HeaderId::To, header(&answer, HeaderId::To));
    ack.headers.push(HeaderId::CallId, header(&answer, HeaderId::CallId));
    ack.headers.push(
        HeaderId::Via,
        format!("SIP/2.0/UDP {};branch=z9hG4bKack{}", address(1), net.time().as_millis()),
    );
    ack.set_cseq(answer.cseq().unwrap().number);
    if !body.is_empty() {
        ack.set_body("application/sdp", body.as_bytes().to_vec());
    }
    net.inject(address(1), address(0), ack.encode());
    net.run_ms(50);
}

/// A call, and phone 1's description of it.
fn call(seed: u64) -> (Network, String) {
    let mut net = Network::new(seed);
    net.connect();
    let sdp = String::from_utf8(net.first(1, "200 INVITE").body().to_vec()).unwrap();
    (net, sdp)
}

fn answer_to(net: &Network) -> String {
    String::from_utf8(net.last(0, "200 INVITE").body().to_vec()).unwrap()
}

const VIDEO: &str = "m=video 4600 RTP/AVP 31\r\n";

#[test]
fn a_reinvite_moves_media_changes_the_codec_and_the_packet_time() {
    let (mut net, _) = call(190);
    let offer = "v=0\r\no=- 1 2 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
                 m=audio 4700 RTP/AVP 8\r\na=ptime:30\r\n";
    reinvite(&mut net, 50, offer);
    acknowledge(&mut net, "");
    let plan = net.plan(0);
    assert_eq!(plan.remote_rtp.to_string(), "192.0.2.7:4700");
    assert_eq!((plan.send.kind, plan.ptime.ms()), (CodecKind::Pcma, 30));
    assert!(plan.srtp.is_none());
    assert_eq!(net.state(0), Connected);
}

#[test]
fn lines_that_are_added_are_refused_and_ones_that_go_are_let_go() {
    let (mut net, sdp) = call(191);
    reinvite(&mut net, 50, &format!("{sdp}{VIDEO}"));
    acknowledge(&mut net, "");
    assert!(answer_to(&net).contains("m=video 0 RTP/AVP 31"));
    let before = net.plan(0).clone();
    reinvite(&mut net, 51, &format!("{sdp}{}", VIDEO.replace(" 4600 ", " 0 ")));
    acknowledge(&mut net, "");
    assert_eq!(answer_to(&net).matches("m=").count(), 2, "a line once there stays (RFC 3264 §8)");
    // Fewer lines than before break the rule; the audio is there all the same.
    reinvite(&mut net, 52, &sdp);
    acknowledge(&mut net, "");
    assert_eq!(answer_to(&net).matches("m=").count(), 1);
    assert_eq!(net.plan(0), &before);
    net.input(0, change(Direction::SendOnly));
    net.run_ms(100);
    assert_eq!(net.state(0), Connected);
}

#[test]
fn audio_at_port_0_leaves_a_call_without_media_that_comes_back() {
    let (mut net, sdp) = call(192);
    reinvite(&mut net, 50, &sdp.replace(" 4010 ", " 0 "));
    acknowledge(&mut net, "");
    assert!(answer_to(&net).contains("m=audio 0 "));
    assert_eq!(net.plan(0).direction, Direction::Inactive);
    assert_eq!(net.state(0), Connected);
    reinvite(&mut net, 51, &sdp);
    acknowledge(&mut net, "");
    assert!(answer_to(&net).contains("m=audio 4000 "));
    assert_eq!(net.plan(0).direction, Direction::SendRecv);
}

#[test]
fn a_reinvite_without_description_is_offered_what_is_in_force() {
    let (mut net, sdp) = call(193);
    reinvite(&mut net, 50, "");
    assert!(answer_to(&net).contains("m=audio 4000 "));
    acknowledge(&mut net, &sdp.replace(" 4010 ", " 4090 "));
    assert_eq!(net.plan(0).remote_rtp.port(), 4090);
    reinvite(&mut net, 51, "");
    acknowledge(&mut net, "");
    assert_eq!(net.plan(0).remote_rtp.port(), 4090, "no answer: it stays as it was");
    assert_eq!(net.state(0), Connected);
    reinvite(&mut net, 52, &sdp);
    acknowledge(&mut net, "");
    assert_eq!(net.plan(0).remote_rtp.port(), 4010, "and the next offer is taken");
}

#[test]
fn an_offer_that_fits_nothing_is_refused_and_the_call_goes_on_as_it_was() {
    let (mut net, sdp) = call(194);
    let before = net.plan(0).clone();
    let no_media = sdp.split("m=").next().unwrap();
    for (number, body, what, warning) in [
        (50, sdp.replace("m=audio", "m=video"), "488 INVITE", "304 "),
        (51, sdp.replace("RTP/AVP", "TCP/TLS"), "488 INVITE", "302 "),
        (52, no_media.to_owned(), "488 INVITE", "304 "),
        (
            53,
            "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
              m=audio 4 RTP/AVP 18\r\n"
                .to_owned(),
            "488 INVITE",
            "305 ",
        ),
        (54, sdp.replace("c=IN IP4", "c=ATM NSAP"), "400 INVITE", "399 "),
        (55, "nonsense".to_owned(), "400 INVITE", "399 "),
    ] {
        reinvite(&mut net, number, &body);
        assert_eq!(net.last(0, what).cseq().unwrap().number, number, "{body}");
        assert!(header(net.last(0, what), HeaderId::Warning).starts_with(warning), "{body}");
    }
    assert_eq!(net.plan(0), &before);
    reinvite(&mut net, 60, &sdp.replace(" 4010 ", " 4098 "));
    acknowledge(&mut net, "");
    assert_eq!(net.plan(0).remote_rtp.port(), 4098);
}

#[test]
fn a_description_of_another_network_or_address_type_is_refused_with_400() {
    for (from, to) in [
        ("c=IN IP4", "c=XX IP4"),
        ("c=IN IP4", "c=IN XX4"),
        ("o=- ", "o=-"),
        ("m=audio ", "m=audio x"),
    ] {
        let mut net = Network::new(195);
        net.dial();
        let text = String::from_utf8(net.first(0, "INVITE").octets().to_vec()).unwrap();
        let mut net = Network::new(196);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let body = body.replacen(from, to, 1);
        let head = head.split("Content-Length").next().unwrap();
        let broken = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        net.inject(address(0), address(1), broken.into());
        net.run_ms(100);
        assert_eq!(net.sent(1), ["400 INVITE"], "{to}");
        assert_eq!(net.end(1), Some((EndReason::NoCodec, 400)));
    }
}

#[test]
fn a_machine_that_moves_tells_contact_and_address_and_keeps_its_keys() {
    let (mut net, _) = call(197);
    let keys = net.plan(1).srtp.clone();
    assert!(keys.is_some());
    let terms = AudioTerms {
        address: "192.0.2.77".parse().unwrap(),
        rtp_port: 4800,
        ..net.phones[0].settings.audio.clone()
    };
    let contact = "sip:phone0@192.0.2.77:5060".parse().unwrap();
    net.input(
        0,
        Input::Renegotiate(Change {
            terms: Some(Box::new(terms)),
            contact: Some(contact),
            direction: None,
        }),
    );
    net.run_ms(100);
    assert_eq!(renegotiated(&net, 0), [200]);
    assert_eq!(net.plan(1).remote_rtp.to_string(), "192.0.2.77:4800");
    assert_eq!(net.plan(1).srtp, keys, "the packet counts of SRTP go on");
    assert_eq!(header(net.last(0, "INVITE"), HeaderId::Contact), "<sip:phone0@192.0.2.77:5060>");
    // The far end's next request goes to where we are now.
    net.input(1, Input::Hangup);
    let bye = net.log.iter().find(|d| d.what() == "BYE").unwrap();
    assert_eq!(bye.to.to_string(), "192.0.2.77:5060");
}

#[test]
fn a_hold_is_told_to_the_host_of_either_end() {
    use sidetone::call::CallEvent;
    let (mut net, _) = call(198);
    net.input(0, Input::Hold { held: true });
    net.run_ms(100);
    net.input(1, Input::Hold { held: true });
    net.run_ms(100);
    net.input(0, Input::Hold { held: false });
    net.run_ms(100);
    let told = |index: usize| -> Vec<(bool, bool)> {
        let events = net.phones[index].events.iter();
        events
            .filter_map(|(_, event)| match event {
                CallEvent::LocalHold { held } => Some((true, *held)),
                CallEvent::RemoteHold { held } => Some((false, *held)),
                _ => None,
            })
            .collect()
    };
    assert_eq!(told(0), [(true, true), (false, true), (true, false)]);
    assert_eq!(told(1), [(false, true), (true, true), (false, false)]);
    assert_eq!(net.plan(0).direction, Direction::RecvOnly);
}

/// Lets phone 1 challenge the first request of each method with 407.
fn challenge_each_once(net: &mut Network) -> Rc<RefCell<Vec<Method>>> {
    let seen = Rc::new(RefCell::new(Vec::<Method>::new()));
    let known = Rc::clone(&seen);
    let guard = move |request: &Message| {
        let method = request.method()?;
        if method == Method::Ack || known.borrow().contains(&method) {
            return None;
        }
        known.borrow_mut().push(method);
        let mut response = Response::to(request, 407, "");
        let challenge = "Digest realm=\"x\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"";
        response.headers.push(HeaderId::ProxyAuthenticate, challenge);
        Some(response)
    };
    net.phones[1].guard = Some(Box::new(guard));
    seen
}

#[test]
fn every_method_within_a_call_answers_a_challenge() {
    let mut net = Network::new(199);
    net.phones[0].settings.credentials = vec![Credentials {
        realms: Realms::Any,
        username: "a".to_owned(),
        password: "b".to_owned(),
    }];
    net.phones[0].settings.session =
        SessionTimer { interval: Some(std::time::Duration::from_secs(90)), ..Default::default() };
    net.connect();
    let seen = challenge_each_once(&mut net);
    net.input(0, change(Direction::SendOnly));
    net.run_ms(100);
    net.input(0, Input::Dtmf { digit: '1', duration: std::time::Duration::from_millis(100) });
    net.run_ms(100);
    // The session is refreshed by UPDATE.
    net.run_s(60);
    net.input(0, Input::Hangup);
    net.run_ms(200);
    assert_eq!(*seen.borrow(), [Method::Invite, Method::Info, Method::Update, Method::Bye]);
    for what in ["INVITE", "INFO", "UPDATE", "BYE"] {
        assert!(header(net.last(0, what), HeaderId::ProxyAuthorization).contains("Digest"));
    }
    assert_eq!(renegotiated(&net, 0), [200]);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 0)));
    net.assert_quiet();
}

#[test]
fn an_offer_that_is_put_off_is_tried_again_and_given_up_in_the_end() {
    for (code, header_of) in [(491, None), (500, Some("2"))] {
        let (mut net, _) = call(200);
        net.phones[1].guard = Some(Box::new(move |request| {
            request.is_method(&Method::Invite).then(|| {
                let mut response = Response::to(request, code, "");
                if let Some(seconds) = header_of {
                    response.headers.set(HeaderId::RetryAfter, seconds);
                }
                response
            })
        }));
        net.input(0, change(Direction::SendOnly));
        net.run_s(60);
        assert_eq!(renegotiated(&net, 0), [code]);
        assert_eq!(net.count(0, "INVITE"), 1 + 11);
        assert_eq!(net.state(0), Connected);
        net.phones[1].guard = None;
        net.input(0, change(Direction::SendOnly));
        net.run_ms(200);
        assert_eq!(renegotiated(&net, 0), [code, 200]);
    }
}

//! Answers that nobody should give, and offers that come late: the call is ended in order, or stands.

use crate::pair::{Fate, Network, address, header};
use sidetone::{
    base::plan::CodecKind,
    call::{
        CallEvent,
        CallState::{Connected, EarlyMedia},
        EndReason, Input, Prack,
    },
    proto::sip::wire::HeaderId,
};

/// Phone 1 answers with `status`, and what it says reaches phone 0 changed.
fn answered_with(seed: u64, status: &str, change: impl Fn(String) -> String) -> Network {
    let mut net = Network::new(seed);
    net.phones[0].settings.prack = Prack::Off;
    let lost = format!("{status} INVITE");
    let what = lost.clone();
    net.script = Box::new(
        move |sent, index, _| {
            if sent == lost && index == 1 { Fate::Lose } else { Fate::Arrive }
        },
    );
    net.dial();
    net.run_ms(50);
    match status {
        "183" => net.input(1, Input::Progress),
        _ => net.answer(1),
    }
    let text = String::from_utf8(net.first(1, &what).octets().to_vec()).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    let (head, body) = changed.split_once("\r\n\r\n").unwrap();
    let head = head.split("Content-Length").next().unwrap();
    let whole = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    net.inject(address(1), address(0), whole.into());
    net.run_ms(200);
    net
}

fn without_to_tag(text: String) -> String {
    let line = |line: &str| match line.strip_prefix("To: ") {
        Some(to) => format!("To: {}", to.split(";tag=").next().unwrap()),
        None => line.to_owned(),
    };
    text.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

fn end_text(net: &Network, index: usize) -> String {
    let ended = net.phones[index].events.iter().find_map(|(_, event)| match event {
        CallEvent::Ended { text, .. } => Some(text.clone()),
        _ => None,
    });
    ended.unwrap_or_default()
}

#[test]
fn a_200_without_to_tag_makes_a_call_as_in_rfc_2543() {
    let mut net = answered_with(210, "200", without_to_tag);
    assert_eq!(net.state(0), Connected);
    assert_eq!(net.first(0, "ACK").to_tag(), "");
    net.input(0, Input::Hangup);
    net.run_ms(50);
    assert_eq!(net.first(0, "BYE").to_tag(), "");
}

#[test]
fn a_183_without_to_tag_plays_and_gives_way_to_the_answer() {
    let mut net = answered_with(211, "183", without_to_tag);
    assert_eq!(net.state(0), EarlyMedia);
    net.script = Box::new(|_, _, _| Fate::Arrive);
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    assert!(!net.first(0, "ACK").to_tag().is_empty());
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn an_answer_that_cannot_be_used_is_acknowledged_and_ended_with_a_reason() {
    let codec = |text: String| {
        let lines = text.split("\r\n").filter(|line| !line.starts_with("a=rtpmap"));
        let line = |line: &str| match line.starts_with("m=audio") {
            true => "m=audio 4010 RTP/AVP 18".to_owned(),
            false => line.to_owned(),
        };
        lines.map(line).collect::<Vec<_>>().join("\r\n")
    };
    let attribute = |text: String| {
        let lines = text.split("\r\n");
        let line = |line: &str| match () {
            () if line.starts_with("m=audio") => "m=audio 4010 RTP/AVP 96".to_owned(),
            () if line.starts_with("a=rtpmap:96") => "a=rtpmap:96 opus/x".to_owned(),
            () => line.to_owned(),
        };
        lines.map(line).collect::<Vec<_>>().join("\r\n")
    };
    let media = |text: String| text.replace("m=audio", "m=video");
    let syntax = |text: String| text.replace("v=0\r\n", "v=zero\r\n");
    let network = |text: String| text.replace("c=IN IP4", "c=XX IP4");
    let none = |text: String| format!("{}\r\n\r\n", text.split("\r\n\r\n").next().unwrap());
    type Break = Box<dyn Fn(String) -> String>;
    let cases: [(&str, Break); 6] = [
        ("no codec", Box::new(codec)),
        ("no codec", Box::new(attribute)),
        ("no codec", Box::new(media)),
        ("unreadable", Box::new(syntax)),
        ("network type", Box::new(network)),
        ("missing", Box::new(none)),
    ];
    for (index, (reason, change)) in cases.into_iter().enumerate() {
        let mut net = answered_with(212, "200", change);
        assert_eq!(net.sent(0), ["INVITE", "ACK", "BYE"], "case {index}");
        assert_eq!(net.end(0), Some((EndReason::NoCodec, 0)), "case {index}");
        assert!(end_text(&net, 0).contains(reason), "case {index}: {}", end_text(&net, 0));
        net.assert_quiet();
    }
}

#[test]
fn an_unusable_answer_in_a_183_waits_for_the_one_in_the_200() {
    let mut net = answered_with(213, "183", |text| text.replace("m=audio", "m=video"));
    assert_eq!(net.count(0, "CANCEL"), 0);
    net.script = Box::new(|_, _, _| Fate::Arrive);
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

/// A call whose INVITE has no offer.
fn delayed(seed: u64) -> Network {
    let mut net = Network::new(seed);
    net.phones[0].settings.delayed_offer = true;
    net.dial();
    net.run_ms(50);
    assert!(net.first(0, "INVITE").body().is_empty());
    net
}

#[test]
fn a_dial_without_offer_answers_the_one_in_the_200_in_its_ack() {
    let mut net = delayed(214);
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcma];
    net.answer(1);
    net.run_ms(100);
    assert!(!net.first(1, "200 INVITE").body().is_empty());
    let ack = net.first(0, "ACK");
    assert_eq!(ack.content_type().as_deref(), Some("application/sdp"));
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    assert_eq!(net.plan(0).remote_rtp.port(), 4010);
    assert_eq!(net.plan(1).remote_rtp.port(), 4000);
    assert_eq!(
        net.plan(0).srtp.as_ref().map(|s| &s.send),
        net.plan(1).srtp.as_ref().map(|s| &s.receive)
    );
    net.input(1, Input::Hold { held: true });
    net.run_ms(100);
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn a_lost_ack_with_an_answer_is_sent_again_with_it() {
    let mut net = delayed(215);
    net.script = Box::new(
        |what, _, count| if what == "ACK" && count < 2 { Fate::Lose } else { Fate::Arrive },
    );
    net.answer(1);
    net.run_s(5);
    assert_eq!(net.count(0, "ACK"), 3);
    assert_eq!(net.first(0, "ACK").body(), net.last(0, "ACK").body());
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

#[test]
fn an_offer_in_the_200_that_fits_nothing_is_refused_in_the_ack_and_the_call_ended() {
    let mut net = Network::new(216);
    net.phones[0].settings.delayed_offer = true;
    net.phones[0].settings.audio.codecs = vec![CodecKind::Opus];
    net.phones[1].settings.audio.codecs = vec![CodecKind::Pcma];
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_ms(200);
    let answer = String::from_utf8_lossy(net.first(0, "ACK").body()).into_owned();
    assert!(answer.contains("m=audio 0 "), "{answer}");
    assert_eq!(net.end(0), Some((EndReason::NoCodec, 0)));
    assert_eq!(net.end(1), Some((EndReason::NoCodec, 0)));
    net.assert_quiet();
}

#[test]
fn a_200_without_offer_to_an_invite_without_one_is_acknowledged_and_ended() {
    let mut net = delayed(217);
    net.script =
        Box::new(
            |what, index, _| {
                if (what, index) == ("200 INVITE", 1) { Fate::Lose } else { Fate::Arrive }
            },
        );
    net.answer(1);
    let text = String::from_utf8(net.first(1, "200 INVITE").octets().to_vec()).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap();
    let head = head.split("Content-Length").next().unwrap();
    net.inject(address(1), address(0), format!("{head}Content-Length: 0\r\n\r\n").into());
    net.run_ms(100);
    assert_eq!(net.sent(0)[..3], ["INVITE", "ACK", "BYE"]);
    assert!(end_text(&net, 0).contains("offer is missing"), "{}", end_text(&net, 0));
}

#[test]
fn an_unreliable_183_with_an_offer_is_no_offer_yet() {
    let mut net = delayed(218);
    let offer = {
        let mut other = delayed(218);
        other.answer(1);
        String::from_utf8(other.first(1, "200 INVITE").octets().to_vec()).unwrap()
    };
    let early = offer.replace("SIP/2.0 200 OK", "SIP/2.0 183 Session Progress");
    net.inject(address(1), address(0), early.into());
    net.run_ms(50);
    assert_eq!((net.count(0, "PRACK"), net.phones[0].plans.len()), (0, 0));
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
}

#[test]
fn an_invite_that_comes_by_two_ways_rings_once_and_meets_482() {
    let mut net = Network::new(219);
    net.dial();
    net.run_ms(1);
    let text = String::from_utf8(net.first(0, "INVITE").octets().to_vec()).unwrap();
    let at = text.find("branch=z9hG4bK").unwrap() + "branch=z9hG4bK".len();
    let other = format!("{}other{}", &text[..at], &text[at..]);
    net.run_ms(50);
    net.inject(address(0), address(1), other.into());
    net.run_ms(50);
    assert_eq!(net.count(1, "482 INVITE"), 1);
    net.answer(1);
    net.run_ms(100);
    assert_eq!(net.state(0), Connected);
    assert_eq!(header(net.first(0, "ACK"), HeaderId::MaxForwards), "70");
}

//! Offer and answer as calls carry them: refusals, forks, delayed offers.

use crate::pair::{Fate, Network, address, header, settings_of, uri_of};
use sidetone::{
    base::plan::CodecKind,
    call::{
        AudioTerms,
        CallState::{Connected, Ended, Ending, Incoming},
        EndReason, Input, SrtpPolicy,
    },
    proto::sip::wire::{HeaderId, Message},
};

#[test]
fn nothing_in_common_is_refused_with_488_and_a_warning() {
    let mut net = Network::new(18);
    let codecs = |codec| move |terms: AudioTerms| AudioTerms { codecs: vec![codec], ..terms };
    net.phones[0].settings.audio = codecs(CodecKind::Pcma)(settings_of(0).audio);
    net.phones[1].settings.audio = codecs(CodecKind::Opus)(settings_of(1).audio);
    net.dial();
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::Refused, 488)));
    assert_eq!(net.end(1), Some((EndReason::NoCodec, 488)));
    assert!(header(net.first(1, "488 INVITE"), HeaderId::Warning).contains("no codec in common"));
    assert_eq!(net.states(1), [Ended], "the host never hears of an incoming call");
    net.assert_quiet();
}

#[test]
fn mandatory_srtp_against_plain_rtp_ends_with_488_whoever_demands_it() {
    for demanding in [0, 1] {
        let mut net = Network::new(19);
        net.phones[demanding].settings.audio.srtp = SrtpPolicy::Mandatory;
        net.phones[1 - demanding].settings.audio.srtp = SrtpPolicy::Off;
        net.dial();
        net.run_ms(100);
        assert_eq!(net.end(0), Some((EndReason::Refused, 488)));
        assert_eq!(net.end(1), Some((EndReason::SrtpRequired, 488)));
        net.assert_quiet();
    }
}

#[test]
fn unreadable_sdp_is_refused_with_400() {
    let mut net = Network::new(20);
    net.dial();
    let invite = String::from_utf8(net.first(0, "INVITE").octets().to_vec()).unwrap();
    let mut net = Network::new(20);
    let head = invite.split("Content-Length").next().unwrap();
    let broken = format!("{head}Content-Length: 6\r\n\r\nv=what");
    net.inject(address(0), address(1), broken.into());
    net.run_ms(100);
    assert_eq!(net.sent(1), ["400 INVITE"]);
    assert_eq!(net.end(1), Some((EndReason::NoCodec, 400)));
}

#[test]
fn an_unusable_answer_is_acknowledged_and_ended() {
    let mut net = Network::new(21);
    net.script =
        Box::new(|what, _, _| if what == "200 INVITE" { Fate::Lose } else { Fate::Arrive });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_ms(1);
    let answer = String::from_utf8(net.first(1, "200 INVITE").octets().to_vec()).unwrap();
    let useless = answer.replace(" 4010 ", " 0000 ");
    assert_ne!(useless, answer);
    net.inject(address(1), address(0), useless.into());
    net.run_ms(100);
    assert_eq!(net.sent(0), ["INVITE", "ACK", "BYE"]);
    assert_eq!(net.end(0), Some((EndReason::NoCodec, 0)));
    net.assert_quiet();
}

#[test]
fn every_fork_that_answers_is_acknowledged_and_all_but_the_first_are_ended() {
    let mut net = Network::with_phones(3, 22);
    net.connect();
    let answer = String::from_utf8(net.first(1, "200 INVITE").octets().to_vec()).unwrap();
    let tag = net.first(1, "200 INVITE").to_tag();
    let fork = answer
        .replace(&tag, "other-fork")
        .replace("Contact: <sip:phone1@192.0.2.2:5060>", "Contact: <sip:phone2@192.0.2.3:5060>");
    for _ in 0..2 {
        net.inject(address(2), address(0), fork.clone().into());
        net.run_ms(100);
    }
    let to_fork: Vec<_> = net
        .log
        .iter()
        .filter(|datagram| datagram.from == address(0) && datagram.to == address(2))
        .collect();
    assert!(to_fork.iter().all(|datagram| datagram.message.to_tag() == "other-fork"));
    let words: Vec<String> = to_fork.iter().map(|datagram| datagram.what()).collect();
    assert_eq!(words, ["ACK", "BYE", "ACK"], "a repeated 200 gets its ACK, one BYE is enough");
    assert_eq!(net.state(0), Connected, "the first fork's call goes on");
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
}

#[test]
fn an_invite_without_offer_gets_ours_and_its_ack_brings_the_answer() {
    for answered in [true, false] {
        let mut net = Network::new(23);
        net.dial();
        net.run_ms(1);
        let text = String::from_utf8(net.first(0, "INVITE").octets().to_vec()).unwrap();
        let sdp = text.split("\r\n\r\n").nth(1).unwrap().to_owned();
        let mut net = Network::new(24);
        let drop = |line: &&str| !line.starts_with("Content-");
        let head = text.split("\r\n\r\n").next().unwrap();
        let head = head.split("\r\n").filter(drop).collect::<Vec<_>>().join("\r\n");
        net.inject(address(0), address(1), format!("{head}\r\nContent-Length: 0\r\n\r\n").into());
        net.run_ms(50);
        net.answer(1);
        net.run_ms(50);
        assert_eq!(net.phones[1].plans, [], "nothing is agreed yet");
        let offer = net.first(1, "200 INVITE").clone();
        assert_eq!(offer.content_type().as_deref(), Some("application/sdp"));
        // The answer takes Opus in clear.
        let body = if answered {
            let keep = |line: &&str| !line.starts_with("a=crypto");
            let lines: Vec<&str> = sdp.split("\r\n").filter(keep).collect();
            lines.join("\r\n")
        } else {
            String::new()
        };
        net.inject(address(0), address(1), ack_for(&offer, &body).into());
        net.run_ms(50);
        if answered {
            assert_eq!(net.states(1), [Incoming, Connected]);
            assert_eq!(net.plan(1).send.kind, CodecKind::Opus);
            assert_eq!(net.plan(1).srtp, None);
        } else {
            assert_eq!(net.states(1), [Incoming, Ending, Ended]);
            assert_eq!(net.end(1), Some((EndReason::NoCodec, 0)));
            assert_eq!(net.sent(1).last().unwrap(), "BYE");
        }
    }
}

/// An ACK by hand for a 200 of phone 1.
fn ack_for(answer: &Message, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "ACK {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKhand\r\nFrom: {}\r\nTo: {}\r\n\
         Call-ID: {}\r\nCSeq: {} ACK\r\nMax-Forwards: 70\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        uri_of(1),
        address(0),
        header(answer, HeaderId::From),
        header(answer, HeaderId::To),
        answer.call_id().unwrap(),
        answer.cseq().unwrap().number,
        body.len(),
    )
}

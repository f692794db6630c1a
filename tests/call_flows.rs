//! Whole calls between two phones in virtual time: set-up, refusal, cancellation, loss, the end.

#[path = "support/pair.rs"]
mod pair;

use std::time::Duration;

use pair::{Fate, Network, address, header, settings_of, uri_of};
use sidetone::{
    base::plan::{CodecKind, SrtpSuite},
    call::{AudioTerms, CallEvent, CallState, EndReason, Input, SrtpPolicy},
    proto::sip::wire::{HeaderId, Message},
};

use CallState::{Connected, Dialing, EarlyMedia, Ended, Ending, Incoming, Ringing};

#[test]
fn a_call_rings_is_answered_carries_media_and_ends_with_bye() {
    for hanging_up in [0, 1] {
        let mut net = Network::new(1);
        net.connect();
        assert_eq!(net.states(0), [Dialing, Ringing, Connected]);
        assert_eq!(net.states(1), [Incoming, Ringing, Connected]);
        assert_eq!(net.sent(0), ["INVITE", "ACK"]);
        assert_eq!(net.sent(1), ["180 INVITE", "200 INVITE"]);
        let (a, b) = (net.plan(0).clone(), net.plan(1).clone());
        assert_eq!((a.send.kind, b.send.kind), (CodecKind::Opus, CodecKind::Opus));
        assert_eq!(a.remote_rtp, "192.0.2.2:4010".parse().unwrap());
        assert_eq!(b.remote_rtp, "192.0.2.1:4000".parse().unwrap());
        let (a, b) = (a.srtp.unwrap(), b.srtp.unwrap());
        assert_eq!((a.suite, b.suite), (SrtpSuite::ALL[0], SrtpSuite::ALL[0]));
        assert_eq!((a.send, a.receive), (b.receive, b.send));
        net.input(hanging_up, Input::Hangup);
        net.run_ms(100);
        assert_eq!(net.end(hanging_up), Some((EndReason::LocalHangup, 0)));
        assert_eq!(net.end(1 - hanging_up), Some((EndReason::RemoteHangup, 0)));
        assert_eq!(
            net.states(hanging_up).iter().rev().take(2).collect::<Vec<_>>(),
            [&Ended, &Ending]
        );
        assert_eq!(net.sent(hanging_up).last().unwrap(), "BYE");
        net.assert_quiet();
    }
}

#[test]
fn both_ends_name_each_other() {
    let mut net = Network::new(2);
    net.phones[0].settings.identity = net.phones[0].settings.identity.clone().with_display("Al");
    net.connect();
    let caller = net.phones[1].call.as_ref().unwrap();
    assert_eq!(caller.remote().to_string(), "Al <sip:phone0@example.com>".replace("Al", "\"Al\""));
    assert!(!caller.is_outgoing());
    assert_eq!(net.phones[0].call.as_ref().unwrap().remote().uri.user(), Some("phone1"));
    assert_eq!(net.phones[0].call.as_ref().unwrap().call_id(), caller.call_id());
}

#[test]
fn a_busy_phone_refuses_with_its_code_and_words() {
    let mut net = Network::new(3);
    net.dial();
    net.run_ms(100);
    net.input(1, Input::Reject { code: 486, reason: "In a meeting".to_owned() });
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::Refused, 486)));
    assert!(net.phones[0].events.iter().any(|(_, event)| matches!(
        event,
        CallEvent::Ended { text, .. } if text == "In a meeting"
    )));
    assert_eq!(net.end(1), Some((EndReason::LocalHangup, 486)));
    net.assert_quiet();
}

#[test]
fn hanging_up_an_unanswered_incoming_call_says_603() {
    let mut net = Network::new(4);
    net.dial();
    net.run_ms(100);
    net.input(1, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(0), Some((EndReason::Refused, 603)));
    net.assert_quiet();
}

#[test]
fn cancel_waits_for_a_provisional_response() {
    let mut net = Network::new(5);
    net.dial();
    net.run_ms(5);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.count(0, "CANCEL"), 0, "RFC 3261 §9.1");
    net.run_ms(400);
    assert_eq!(net.count(0, "CANCEL"), 1);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 487)));
    assert_eq!(net.end(1), Some((EndReason::RemoteCancel, 487)));
    net.assert_quiet();
}

#[test]
fn cancel_ends_a_ringing_call_at_both_ends() {
    let mut net = Network::new(6);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Ring);
    net.run_ms(50);
    net.input(0, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.states(0), [Dialing, Ringing, Ending, Ended]);
    assert_eq!(net.states(1), [Incoming, Ringing, Ended]);
    assert_eq!(net.count(1, "487 INVITE"), 1);
    net.assert_quiet();
}

#[test]
fn a_call_to_nobody_times_out_and_a_cancelled_one_ends_as_cancelled() {
    for hang_up in [false, true] {
        let mut net = Network::new(7);
        net.script = Box::new(|_, _, _| Fate::Lose);
        net.dial();
        net.run_s(1);
        if hang_up {
            net.input(0, Input::Hangup);
        }
        net.run_s(40);
        let expected =
            if hang_up { (EndReason::LocalHangup, 487) } else { (EndReason::Timeout, 408) };
        assert_eq!(net.end(0), Some(expected));
        net.assert_quiet();
    }
}

#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut net = Network::new(8);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Ring);
    net.run_ms(50);
    net.answer(1);
    net.input(0, Input::Hangup);
    net.run_ms(200);
    let sent = net.sent(0);
    assert_eq!(sent, ["INVITE", "CANCEL", "ACK", "BYE"]);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 487)));
    assert_eq!(net.end(1), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn a_lost_answer_is_repeated_until_it_is_acknowledged() {
    let mut net = Network::new(9);
    net.script = Box::new(|what, _, count| match (what, count) {
        ("200 INVITE", 0..3) => Fate::Lose,
        _ => Fate::Arrive,
    });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_s(10);
    let times: Vec<u128> = net
        .log
        .iter()
        .filter(|datagram| datagram.what() == "200 INVITE")
        .map(|datagram| datagram.at.as_millis() - 50)
        .collect();
    assert_eq!(times, [0, 500, 1500, 3500], "T1, doubled");
    assert_eq!(net.count(0, "ACK"), 1);
    assert_eq!((net.state(0), net.state(1)), (Connected, Connected));
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn a_lost_ack_is_sent_again_for_every_repeated_answer() {
    let mut net = Network::new(10);
    net.script = Box::new(|what, _, count| match (what, count) {
        ("ACK", 0..2) => Fate::Lose,
        _ => Fate::Arrive,
    });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_ms(100);
    assert_eq!((net.state(0), net.state(1)), (Connected, Incoming));
    net.run_s(5);
    assert_eq!(net.count(0, "ACK"), 3);
    assert_eq!(net.count(1, "200 INVITE"), 3);
    assert_eq!(net.states(1), [Incoming, Connected]);
    net.input(1, Input::Hangup);
    net.assert_quiet();
}

#[test]
fn an_answer_that_is_never_acknowledged_ends_the_call_with_bye() {
    let mut net = Network::new(11);
    net.script = Box::new(|what, _, _| if what == "ACK" { Fate::Lose } else { Fate::Arrive });
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.run_s(31);
    assert_eq!(net.end(1), None);
    net.run_s(3);
    assert_eq!(net.end(1), Some((EndReason::Timeout, 408)));
    assert_eq!(net.end(0), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn hanging_up_before_the_ack_waits_for_it() {
    let mut net = Network::new(12);
    net.dial();
    net.run_ms(50);
    net.answer(1);
    net.input(1, Input::Hangup);
    assert_eq!(net.count(1, "BYE"), 0, "RFC 3261 §15");
    net.run_ms(100);
    assert_eq!(net.count(1, "BYE"), 1);
    assert_eq!(net.end(1), Some((EndReason::LocalHangup, 0)));
    assert_eq!(net.end(0), Some((EndReason::RemoteHangup, 0)));
    net.assert_quiet();
}

#[test]
fn byes_that_cross_end_both_calls_once() {
    let mut net = Network::new(13);
    net.connect();
    net.input(0, Input::Hangup);
    net.input(1, Input::Hangup);
    net.run_ms(100);
    for index in [0, 1] {
        assert_eq!(net.end(index), Some((EndReason::LocalHangup, 0)));
        assert_eq!(net.count(index, "200 BYE"), 1);
        assert_eq!(net.states(index).iter().filter(|state| **state == Ended).count(), 1);
    }
    net.assert_quiet();
}

#[test]
fn a_bye_that_nobody_answers_ends_the_call_all_the_same() {
    let mut net = Network::new(14);
    net.connect();
    net.script = Box::new(|_, _, _| Fate::Lose);
    net.input(0, Input::Hangup);
    net.run_s(33);
    assert_eq!(net.end(0), Some((EndReason::LocalHangup, 0)));
    assert_eq!(net.phones[0].plans.last(), Some(&None), "media ended at once");
    net.script = Box::new(|_, _, _| Fate::Arrive);
    net.input(1, Input::Hangup);
    net.run_ms(100);
    assert_eq!(net.end(1), Some((EndReason::LocalHangup, 0)));
    net.assert_quiet();
}

#[test]
fn nobody_answers_and_either_end_gives_up_in_its_own_time() {
    for (index, reasons) in [
        (0, [(EndReason::NoAnswer, 487), (EndReason::RemoteCancel, 487)]),
        (1, [(EndReason::Refused, 480), (EndReason::NoAnswer, 480)]),
    ] {
        let mut net = Network::new(15);
        net.phones[index].settings.no_answer = Duration::from_secs(20);
        net.phones[1].ring_after = Some(Duration::from_millis(100));
        net.dial();
        net.run_s(19);
        assert_eq!((net.state(0), net.state(1)), (Ringing, Ringing));
        net.run_s(2);
        assert_eq!([net.end(0).unwrap(), net.end(1).unwrap()], reasons);
        net.assert_quiet();
    }
}

#[test]
fn ringing_is_said_again_each_minute() {
    let mut net = Network::new(16);
    net.phones[1].ring_after = Some(Duration::ZERO);
    net.dial();
    net.run_s(170);
    assert_eq!(net.count(1, "180 INVITE"), 3);
    assert_eq!(net.states(0), [Dialing, Ringing]);
}

#[test]
fn early_media_runs_before_the_answer_and_goes_on_after_it() {
    let mut net = Network::new(17);
    net.dial();
    net.run_ms(50);
    net.input(1, Input::Progress);
    net.run_ms(50);
    assert_eq!(net.states(0), [Dialing, EarlyMedia]);
    assert_eq!(net.states(1), [Incoming, EarlyMedia]);
    let early = net.plan(0).clone();
    net.answer(1);
    net.run_ms(50);
    assert_eq!(net.states(0), [Dialing, EarlyMedia, Connected]);
    assert_eq!(net.plan(0), &early);
    assert_eq!(net.phones[0].plans.len(), 1, "the plan did not change");
    net.input(0, Input::Hangup);
    net.assert_quiet();
}

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

#[test]
fn the_hosts_headers_stand_on_every_request_and_cannot_replace_ours() {
    let mut net = Network::new(25);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    net.phones[0].settings.headers = vec![
        pair("X-Tenant", "seven"),
        pair("Call-ID", "mine"),
        pair("v", "SIP/2.0/UDP evil"),
        pair("bad name", "x"),
        pair("X-Split", "a\r\nEvil: yes"),
    ];
    net.phones[0].settings.invite_headers = vec![pair("X-Once", "1")];
    net.connect();
    net.input(0, Input::Hangup);
    net.run_ms(100);
    for what in ["INVITE", "ACK", "BYE"] {
        let message = net.first(0, what);
        assert_eq!(message.header_named("X-Tenant"), Some("seven"), "{what}");
        assert_eq!(message.header_named("X-Once").is_some(), what == "INVITE");
        assert_eq!(message.header_named("Evil"), None);
        assert_eq!(message.headers(HeaderId::CallId).count(), 1);
        assert_eq!(message.headers(HeaderId::Via).count(), 1);
    }
    assert_eq!(net.phones[1].call.as_ref().unwrap().header("x-once"), Some("1"));
}

#[test]
fn headers_of_the_answer_reach_the_caller() {
    let mut net = Network::new(26);
    net.dial();
    net.run_ms(50);
    let headers = vec![("X-Agent".to_owned(), "42".to_owned())];
    net.input(1, Input::Answer { headers });
    net.run_ms(50);
    assert_eq!(net.phones[0].call.as_ref().unwrap().header("X-Agent"), Some("42"));
}

#[test]
fn an_outbound_proxy_is_the_first_hop_but_not_the_target() {
    let mut net = Network::new(27);
    net.phones[0].settings.outbound_proxy = Some(uri_of(1));
    net.dial_from(0, "sip:someone@far.example.com".parse().unwrap());
    net.run_ms(50);
    let invite = net.first(0, "INVITE");
    assert_eq!(invite.raw_uri(), "sip:someone@far.example.com");
    assert_eq!(header(invite, HeaderId::Route), "<sip:phone1@192.0.2.2:5060;lr>");
    assert_eq!(net.state(1), Incoming);
}

#[test]
fn calls_survive_a_network_that_loses_doubles_and_reorders() {
    let mut connected = 0;
    for seed in 0..60 {
        let mut net = Network::new(seed);
        net.shake(seed, 20);
        net.phones[1].ring_after = Some(Duration::from_millis(100));
        net.phones[1].answer_after = Some(Duration::from_secs(3));
        net.dial();
        net.run_s(40);
        let both = [net.state(0), net.state(1)];
        if both == [Connected, Connected] {
            connected += 1;
        }
        net.input((seed % 2) as usize, Input::Hangup);
        net.run_s(60);
        for index in [0, 1] {
            assert_eq!(net.states(index).iter().filter(|s| **s == Ended).count(), 1, "seed {seed}");
        }
        net.assert_quiet();
    }
    assert!(connected >= 55, "{connected} of 60 calls came about");
}

#[test]
fn any_order_of_inputs_leaves_nothing_running() {
    for seed in 0..150 {
        let mut rng = sidetone::base::rng::Rng::from_number(seed);
        let mut net = Network::new(seed);
        net.shake(seed, 15);
        net.dial();
        for _ in 0..12 {
            net.run_ms(u64::from(rng.below(700)));
            let index = rng.below(2) as usize;
            let input = match rng.below(12) {
                0..3 => Input::Ring,
                3 => Input::Progress,
                4..7 => Input::Answer { headers: Vec::new() },
                7 => Input::Reject { code: 480, reason: String::new() },
                8 => Input::Dtmf { digit: '5', duration: Duration::from_millis(100) },
                9..11 => Input::Renegotiate {
                    terms: None,
                    direction: sidetone::base::plan::Direction::SendOnly,
                },
                _ => Input::Hangup,
            };
            net.input(index, input);
        }
        net.input(0, Input::Hangup);
        net.run_s(70);
        net.input(1, Input::Hangup);
        net.assert_quiet();
    }
}

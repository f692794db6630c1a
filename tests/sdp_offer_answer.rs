//! Offer/answer: the foreign exchanges of `tests/vectors/sdp-offer-answer`, and our audio on top.

use sidetone::{
    base::{
        plan::{CodecKind, Direction, MediaPlan, SrtpSuite},
        rng::Rng,
        time::Ptime,
    },
    call::{
        AudioTerms, NegotiationError, Negotiator, SrtpPolicy,
        offer_answer::{AnswerPolicy, answer, settle},
    },
    proto::sdp::Session,
};

fn session(text: &str) -> Session {
    Session::parse(text.as_bytes()).unwrap()
}

/// What the vectors pin down: number and order of media, refusals, formats in order, direction.
fn shape(session: &Session) -> Vec<(String, bool, Vec<String>, Direction)> {
    let shape = |media: &sidetone::proto::sdp::Media| {
        let open = media.port != 0;
        let formats = if open { media.formats.clone() } else { Vec::new() };
        let direction = if open { session.direction_of(media) } else { Direction::SendRecv };
        (media.kind.clone(), open, formats, direction)
    };
    session.media.iter().map(shape).collect()
}

#[test]
fn meets_the_complete_exchanges_of_rfc_3264_and_4317() {
    let text = include_str!("vectors/sdp-offer-answer/rfc3264_4317.json");
    let entries: serde_json::Value = serde_json::from_str(text).unwrap();
    let field = |entry: usize, name: &str| session(entries[entry][name].as_str().unwrap());
    let mut met = 0;
    for entry in [2, 3, 4, 5, 6, 8, 9, 11, 12, 15, 16] {
        let policy = if entry == 6 { AnswerPolicy::OneCodec } else { AnswerPolicy::AllCommon };
        let (made, expected) = if entries[entry]["role"] == "answerer" {
            let (offer, can) = (field(entry, "their_offer"), field(entry, "our_capability"));
            (answer(&offer, &can, policy, |_, _| true), field(entry, "our_answer"))
        } else {
            let (offer, theirs) = (field(entry, "our_offer"), field(entry, "their_answer"));
            (settle(&offer, &theirs), field(entry, "active_local"))
        };
        assert_eq!(shape(&made), shape(&expected), "entry {entry}: {}", entries[entry]["source"]);
        met += 1;
    }
    assert_eq!(met, 11);
}

fn terms(port: u16) -> AudioTerms {
    AudioTerms::new([192, 0, 2, (port % 200) as u8].into(), port, Some(port + 1))
}

fn negotiator(terms: AudioTerms, seed: u64) -> Negotiator {
    Negotiator::new(terms, Rng::from_number(seed))
}

/// One exchange over the wire form: the caller's plan, the callee's plan.
fn exchange(
    caller: &mut Negotiator,
    callee: &mut Negotiator,
) -> Result<(MediaPlan, MediaPlan), NegotiationError> {
    let offer = Session::parse(&caller.offer()?.encode()).unwrap();
    let (answer, callee_plan) = callee.answer(&offer)?;
    let answer = Session::parse(&answer.encode()).unwrap();
    assert_eq!(answer.media.len(), offer.media.len());
    Ok((caller.accept(&answer)?, callee_plan))
}

#[test]
fn two_ends_agree_on_every_codec_and_on_addresses() {
    let (mut a, mut b) = (negotiator(terms(4000), 1), negotiator(terms(5000), 2));
    let (plan_a, plan_b) = exchange(&mut a, &mut b).unwrap();
    assert_eq!(plan_a.send.kind, CodecKind::Opus);
    assert!(plan_a.send.opus.inband_fec);
    assert_eq!(plan_a.receive.len(), CodecKind::ALL.len());
    assert_eq!(plan_a.remote_rtp.port(), 5000);
    assert_eq!(plan_b.remote_rtp.port(), 4000);
    assert!(plan_a.rtcp_mux && plan_b.rtcp_mux);
    assert_eq!(plan_a.remote_rtcp, plan_a.remote_rtp);
    assert_eq!(plan_a.dtmf.unwrap().clock_rate_hz, 48_000);
    assert_eq!((plan_a.direction, plan_b.direction), (Direction::SendRecv, Direction::SendRecv));
}

#[test]
fn g722_is_payload_type_9_at_a_clock_of_8000_with_or_without_a_map_and_has_its_events_there() {
    let with = |port| AudioTerms { codecs: vec![CodecKind::G722, CodecKind::Pcmu], ..terms(port) };
    let (mut a, mut b) = (negotiator(with(4000), 1), negotiator(with(5000), 2));
    let offer = String::from_utf8(a.offer().unwrap().encode()).unwrap();
    assert!(
        offer.contains(" 9 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n"),
        "{offer}"
    );
    for offer in [offer.clone(), offer.replace("a=rtpmap:9 G722/8000\r\n", "")] {
        let (answer, plan) = b.answer(&Session::parse(offer.as_bytes()).unwrap()).unwrap();
        assert!(String::from_utf8(answer.encode()).unwrap().contains("a=rtpmap:9 G722/8000"));
        assert_eq!((plan.send.kind, plan.send.payload_type), (CodecKind::G722, 9));
        assert_eq!(plan.dtmf.unwrap().clock_rate_hz, 8_000);
    }
    // Somebody takes the rate of the sound for that of the clock: that is another format.
    let wrong = offer.replace("G722/8000", "G722/16000");
    let (_, plan) = b.answer(&Session::parse(wrong.as_bytes()).unwrap()).unwrap();
    assert_eq!(plan.send.kind, CodecKind::Pcmu);
}

#[test]
fn keys_cross_over_and_both_ends_name_the_same_suite() {
    for suite in SrtpSuite::ALL {
        for policy in [SrtpPolicy::Optional, SrtpPolicy::Mandatory] {
            let with = |port| AudioTerms { srtp: policy, srtp_suites: vec![suite], ..terms(port) };
            let (mut a, mut b) = (negotiator(with(4000), 3), negotiator(with(5000), 4));
            let (plan_a, plan_b) = exchange(&mut a, &mut b).unwrap();
            let (a, b) = (plan_a.srtp.unwrap(), plan_b.srtp.unwrap());
            assert_eq!((a.suite, b.suite), (suite, suite));
            assert_eq!((&a.send, &a.receive), (&b.receive, &b.send));
            assert_ne!(a.send, a.receive);
        }
    }
}

#[test]
fn mandatory_meets_off_in_a_refusal_and_optional_in_plain_media() {
    let with = |port, srtp| AudioTerms { srtp, ..terms(port) };
    use SrtpPolicy::{Mandatory, Off, Optional};
    for (caller, callee, secure) in [
        (Off, Off, Some(false)),
        (Off, Optional, Some(false)),
        (Optional, Off, Some(false)),
        (Optional, Optional, Some(true)),
        (Optional, Mandatory, Some(true)),
        (Mandatory, Optional, Some(true)),
        (Mandatory, Mandatory, Some(true)),
        (Off, Mandatory, None),
        (Mandatory, Off, None),
    ] {
        let mut a = negotiator(with(4000, caller), 5);
        let mut b = negotiator(with(5000, callee), 6);
        let outcome = exchange(&mut a, &mut b);
        match secure {
            Some(secure) => {
                let (a, b) = outcome.unwrap();
                assert_eq!((a.srtp.is_some(), b.srtp.is_some()), (secure, secure));
            }
            None => assert_eq!(outcome, Err(NegotiationError::SrtpRequired)),
        }
    }
}

#[test]
fn an_answer_may_number_a_codec_otherwise() {
    let mut a = negotiator(AudioTerms { codecs: vec![CodecKind::Opus], ..terms(4000) }, 7);
    a.offer().unwrap();
    let plan = a
        .accept(&session(
            "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/AVP 111 126\r\n\
             a=rtpmap:111 OPUS/48000/2\r\na=rtpmap:126 telephone-event/48000\r\n\
             a=ptime:40\r\na=rtcp:6000\r\n",
        ))
        .unwrap();
    assert_eq!((plan.send.payload_type, plan.receive[0].payload_type), (111, 96));
    assert!(!plan.send.opus.inband_fec, "RFC 7587 §6.1: not said is not wanted");
    assert_eq!(plan.dtmf.unwrap().send_payload_type, Some(126));
    assert_ne!(plan.dtmf.unwrap().receive_payload_type, 126);
    assert_eq!(plan.ptime, Ptime::from_ms(40).unwrap());
    assert!(!plan.rtcp_mux);
    assert_eq!(plan.remote_rtcp.port(), 6000);
}

#[test]
fn the_unwanted_of_several_media_are_refused_in_place() {
    let offer = session(
        "v=0\r\nc=IN IP4 192.0.2.7\r\nm=video 6000 RTP/AVP 31\r\nm=audio 5002 RTP/AVP 18 96\r\n\
         a=rtpmap:96\r\na=x-unknown:1\r\nm=image 7000 udptl t38\r\nm=audio 5000 RTP/AVP 96 8 101\r\n\
         a=rtpmap:96 broken\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n\
         m=message 9000 TCP/MSRP *\r\n",
    );
    let (answer, plan) = negotiator(terms(4000), 8).answer(&offer).unwrap();
    let ports: Vec<u16> = answer.media.iter().map(|media| media.port).collect();
    assert_eq!(ports, [0, 0, 0, 4000, 0]);
    assert_eq!(answer.media[3].formats, ["8", "101"]);
    assert_eq!(plan.send.kind, CodecKind::Pcma);
    assert_eq!(plan.direction, Direction::RecvOnly);
    assert_eq!(plan.dtmf.unwrap().clock_rate_hz, 8_000);
}

#[test]
fn a_secure_description_is_taken_before_a_plain_one() {
    let offer = session(
        "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/AVP 0\r\nm=audio 5002 RTP/SAVP 0\r\n\
         a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20\r\n",
    );
    let (answer, plan) = negotiator(terms(4000), 9).answer(&offer).unwrap();
    assert_eq!((answer.media[0].port, answer.media[1].port), (0, 4000));
    assert_eq!(answer.media[1].protocol, "RTP/SAVP");
    assert!(answer.media[1].value("crypto").unwrap().starts_with("4 AES_CM_128_HMAC_SHA1_32 "));
    assert_eq!(plan.srtp.unwrap().suite, SrtpSuite::Aes128CmSha1_32);
}

#[test]
fn a_later_offer_keeps_numbers_layout_keys_and_session_id() {
    let (mut a, mut b) = (negotiator(terms(4000), 10), negotiator(terms(5000), 11));
    let offer = session(
        "v=0\r\nc=IN IP4 192.0.2.7\r\nm=video 6000 RTP/AVP 31\r\nm=audio 5000 RTP/SAVP 111 0 120\r\n\
         a=rtpmap:111 opus/48000/2\r\na=rtpmap:120 telephone-event/8000\r\n\
         a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
    );
    let (first, plan) = a.answer(&offer).unwrap();
    a.set_wanted(Direction::SendOnly);
    let second = a.offer().unwrap();
    assert_eq!(second.origin.session_id, first.origin.session_id);
    assert_eq!(second.origin.version, first.origin.version + 1);
    assert_eq!((second.media.len(), second.media[0].port), (2, 0));
    let audio = &second.media[1];
    assert_eq!(audio.protocol, "RTP/SAVP");
    assert!(audio.values("rtpmap").any(|map| map == "111 opus/48000/2"));
    assert!(audio.values("rtpmap").any(|map| map == "120 telephone-event/8000"));
    let keys = audio.cryptos();
    assert_eq!((keys.len(), keys[0].tag), (1, 9));
    assert_eq!(keys[0].key, plan.srtp.as_ref().unwrap().send);
    assert_eq!(second.direction_of(audio), Direction::SendOnly);
    // The far end takes it as a hold.
    let (_, held) = b.answer(&second).unwrap();
    assert_eq!(held.direction, Direction::RecvOnly);
}

#[test]
fn an_unchanged_answer_keeps_its_version_and_an_address_of_zeros_is_a_hold() {
    let mut a = negotiator(terms(4000), 12);
    let text = "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/AVP 0\r\n";
    let (first, _) = a.answer(&session(text)).unwrap();
    let (again, _) = a.answer(&session(text)).unwrap();
    assert_eq!(again.origin.version, first.origin.version);
    let (held, plan) = a.answer(&session(&text.replace("192.0.2.7", "0.0.0.0"))).unwrap();
    assert_eq!(held.origin.version, first.origin.version + 1);
    assert_eq!(plan.direction, Direction::RecvOnly);
}

#[test]
fn packet_times_follow_the_far_end_within_what_the_codec_can() {
    let mut a = negotiator(
        AudioTerms { codecs: vec![CodecKind::Opus, CodecKind::Pcmu], ..terms(4000) },
        13,
    );
    let mut ptime = |format: &str, lines: &str| {
        let text = format!(
            "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/AVP {format}\r\n\
             a=rtpmap:96 opus/48000/2\r\n{lines}"
        );
        a.answer(&session(&text)).unwrap().1.ptime.ms()
    };
    assert_eq!(ptime("0", ""), 20);
    assert_eq!(ptime("0", "a=ptime:30\r\n"), 30);
    assert_eq!(ptime("96", "a=ptime:30\r\n"), 20);
    assert_eq!(ptime("0", "a=ptime:200\r\n"), 60);
    assert_eq!(ptime("0", "a=ptime:40\r\na=maxptime:30\r\n"), 30);
    assert_eq!(ptime("0", "a=ptime:5\r\n"), 10);
}

#[test]
fn what_cannot_be_agreed_on_has_a_reason() {
    let refuse = |text: &str| negotiator(terms(4000), 14).answer(&session(text)).unwrap_err();
    let none = refuse("v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/AVP 18\r\n");
    assert_eq!(none, NegotiationError::NoCodec);
    assert_eq!(none.status_code(), 488);
    assert_eq!(refuse("v=0\r\nm=audio 5000 RTP/AVP 0\r\n"), NegotiationError::NoAddress);
    assert_eq!(
        refuse("v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 UDP/TLS/RTP/SAVP 0\r\n"),
        NegotiationError::Transport
    );
    assert_eq!(NegotiationError::Transport.status_code(), 488);
    assert_eq!(
        refuse("v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/SAVP 0\r\n"),
        NegotiationError::SrtpRequired
    );
    assert_eq!(refuse("v=0\r\n"), NegotiationError::NoAudio);
    let mut a = negotiator(AudioTerms { codecs: Vec::new(), ..terms(4000) }, 15);
    assert_eq!(a.offer(), Err(NegotiationError::OwnTerms));
    assert_eq!(a.accept(&session("v=0\r\n")), Err(NegotiationError::NoOffer));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_reading_or_negotiating_panic(bytes: Vec<u8>) {
        let _ = Session::parse(&bytes);
    }

    #[test]
    fn no_lines_make_negotiating_panic(
        lines in proptest::collection::vec(
            "(m=(audio|video) [0-9]{1,5}(/2)? (RTP/S?AVPF?|udptl)( [0-9]{1,3}){0,4}|c=IN IP[46] [0-9.:/]{0,12}\
             |a=(rtpmap|fmtp|crypto|ptime|rtcp|maxptime):[ -~]{0,40}|a=rtpmap:[0-9]{1,3} (opus|PCMU)/[0-9]{1,5}(/2)?\
             |[a-z]=[ -~]{0,30}|\\PC{0,30})",
            0..12,
        )
    ) {
        let text = format!("v=0\r\n{}\r\n", lines.join("\r\n"));
        if let Ok(session) = Session::parse(text.as_bytes()) {
            let _ = Session::parse(&session.encode()).unwrap();
            let mut answerer = negotiator(terms(4000), 16);
            if let Ok((answer, _)) = answerer.answer(&session) {
                proptest::prop_assert_eq!(answer.media.len(), session.media.len());
                let _ = answerer.offer();
            }
            let mut offerer = negotiator(terms(4000), 17);
            offerer.offer().unwrap();
            let _ = offerer.accept(&session);
        }
    }
}

//! Messages, digest authentication and the parsers' robustness, against vectors and seeds that are
//! not ours.

#[path = "support/sip_wire.rs"]
mod sip_wire;

use std::time::{Duration, Instant};

use bytes::Bytes;
use sidetone::{
    base::rng::Rng,
    proto::sip::{
        Transport,
        auth::{
            Algorithm, Authenticator, Authority, Challenge, ChallengeError, Credentials,
            DigestInput, MOST_REALMS, Qop, Realms, Verdict, digest_response, strip,
        },
        uri::Host,
        wire::{HeaderId, Message, Method, Request, Response},
    },
};
use sip_wire::{Wire, request};

#[test]
fn digest_responses_are_those_of_the_vectors() {
    let text = include_str!("vectors/digest/digest.json");
    let entries: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    assert_eq!(entries.len(), 15);
    for entry in &entries {
        let field = |name: &str| entry.get(name).and_then(|v| v.as_str()).unwrap_or("");
        let input = DigestInput {
            algorithm: Algorithm::from_name(field("alg")).unwrap(),
            username: field("user"),
            realm: field("realm"),
            password: field("password"),
            method: field("method"),
            uri: field("uri"),
            nonce: field("nonce"),
            qop: entry.get("qop").map(|qop| Qop::from_name(qop.as_str().unwrap()).unwrap()),
            nc: field("nc"),
            cnonce: field("cnonce"),
            body: field("body").as_bytes(),
        };
        assert_eq!(digest_response(&input), field("response"), "{}", field("source"));
    }
}

fn register() -> Request {
    let mut register = request(Method::Register);
    register.set_body("text/plain", "body that auth-int covers");
    register
}

/// What arrives when `request` is sent.
fn arrived(request: &Request) -> Message {
    let mut sent = request.clone();
    sent.headers.push_front(HeaderId::Via, "SIP/2.0/UDP h;branch=z9hG4bK1");
    Message::parse(sent.encode()).unwrap()
}

fn challenged(request: &Message, status: u16, challenges: &[Challenge]) -> Message {
    let mut response = Response::to(request, status, "");
    let id = if status == 407 { HeaderId::ProxyAuthenticate } else { HeaderId::WwwAuthenticate };
    for challenge in challenges {
        response.headers.push(id, challenge.to_string());
    }
    Message::parse(response.encode()).unwrap()
}

fn al(password: &str) -> Authenticator {
    let credentials = Credentials {
        realms: Realms::Any,
        username: "al".to_owned(),
        password: password.to_owned(),
    };
    Authenticator::new(vec![credentials])
}

fn password(user: &str) -> Option<String> {
    (user == "al").then(|| "s3cret".to_owned())
}

#[test]
fn every_algorithm_and_protection_lets_the_right_password_in() {
    let mut rng = Rng::from_number(5);
    let now = Instant::now();
    for name in ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"] {
        let algorithm = Algorithm::from_name(name).unwrap();
        for qop in [vec![], vec![Qop::Auth], vec![Qop::AuthInt]] {
            let mut authority =
                Authority::new("here", algorithm, Duration::from_secs(60), rng.fork());
            let mut client = al("s3cret");
            let mut register = register();
            let Verdict::Challenge(mut challenge) =
                authority.check(now, &arrived(&register), password)
            else {
                panic!("a request without credentials is challenged")
            };
            challenge.qop = qop.clone();
            let response = challenged(&arrived(&register), 401, &[challenge]);
            client.handle_challenge(&register, &response, true, &mut rng).unwrap();
            for _ in 0..3 {
                client.authorize(&mut register);
                let verdict = authority.check(now, &arrived(&register), password);
                assert_eq!(verdict, Verdict::User("al".to_owned()), "{name} {qop:?}");
            }
            if !qop.is_empty() {
                let replay = authority.check(now, &arrived(&register), password);
                assert!(matches!(replay, Verdict::Challenge(c) if c.stale), "a replay is stale");
            }
            if qop == [Qop::AuthInt] {
                client.authorize(&mut register);
                register.body = Bytes::from_static(b"another body");
                let verdict = authority.check(now, &arrived(&register), password);
                assert!(matches!(verdict, Verdict::Refused(_)), "auth-int covers the body");
            }
        }
    }
}

#[test]
fn a_wrong_password_is_refused_once_and_for_all() {
    let mut rng = Rng::from_number(6);
    let now = Instant::now();
    let mut authority =
        Authority::new("here", Algorithm::Sha256, Duration::from_secs(60), rng.fork());
    let mut client = al("wrong");
    let mut register = register();
    for attempt in 0..2 {
        let challenge = match authority.check(now, &arrived(&register), password) {
            Verdict::Challenge(challenge) | Verdict::Refused(challenge) => challenge,
            Verdict::User(_) => panic!("let in with a wrong password"),
        };
        let response = challenged(&arrived(&register), 401, &[challenge]);
        match client.handle_challenge(&register, &response, true, &mut rng) {
            Ok(()) => assert_eq!(attempt, 0),
            Err(error) => assert_eq!((attempt, error), (1, ChallengeError::Refused("here".into()))),
        }
        client.authorize(&mut register);
    }
    assert!(!client.is_challenged(), "the next attempt begins anew");
}

#[test]
fn a_stale_nonce_is_followed_and_counts_begin_again() {
    let mut rng = Rng::from_number(7);
    let start = Instant::now();
    let mut authority = Authority::new("here", Algorithm::Md5, Duration::from_secs(60), rng.fork());
    let mut client = al("s3cret");
    let mut register = register();
    for minute in 0..10u64 {
        let now = start + Duration::from_secs(61 * minute);
        let challenge = match authority.check(now, &arrived(&register), password) {
            Verdict::Challenge(challenge) => challenge,
            other => panic!("{other:?}"),
        };
        assert_eq!(challenge.stale, minute > 0);
        let response = challenged(&arrived(&register), 401, &[challenge]);
        client.handle_challenge(&register, &response, true, &mut rng).unwrap();
        client.authorize(&mut register);
        assert!(register.headers.value(HeaderId::Authorization).unwrap().contains("nc=00000001"));
        assert_eq!(authority.check(now, &arrived(&register), password), Verdict::User("al".into()));
        client.handle_success();
        client.authorize(&mut register);
        assert!(register.headers.value(HeaderId::Authorization).unwrap().contains("nc=00000002"));
    }
}

#[test]
fn a_server_that_calls_everything_stale_is_given_up() {
    let mut rng = Rng::from_number(8);
    let mut client = al("s3cret");
    let mut register = register();
    let mut attempts = 0;
    loop {
        let mut challenge = Challenge::new("here", &rng.token(8), Algorithm::Md5);
        challenge.stale = attempts > 0;
        let response = challenged(&arrived(&register), 401, &[challenge]);
        if client.handle_challenge(&register, &response, true, &mut rng).is_err() {
            break;
        }
        client.authorize(&mut register);
        attempts += 1;
        assert!(attempts < 10);
    }
}

#[test]
fn takes_the_topmost_usable_challenge_and_answers_proxy_and_server() {
    let mut rng = Rng::from_number(9);
    let mut client = al("s3cret");
    let mut invite = request(Method::Invite);
    let text = "Digest realm=\"here\", nonce=\"n0\", algorithm=AKAv2-SHA-256";
    let mut response = Response::to(&arrived(&invite), 401, "");
    response.headers.push(HeaderId::WwwAuthenticate, text);
    let unusable = Message::parse(response.encode()).unwrap();
    let error = client.handle_challenge(&invite, &unusable, true, &mut rng);
    assert_eq!(error, Err(ChallengeError::Unsupported("here".into())));
    for (name, nonce) in [("SHA-256", "n1"), ("MD5", "n2")] {
        let challenge = Challenge::new("here", nonce, Algorithm::from_name(name).unwrap());
        response.headers.push(HeaderId::WwwAuthenticate, challenge.to_string());
    }
    let both = Message::parse(response.encode()).unwrap();
    client.handle_challenge(&invite, &both, true, &mut rng).unwrap();
    let proxy = [Challenge::new("proxy", "n3", Algorithm::Md5)];
    client
        .handle_challenge(&invite, &challenged(&arrived(&invite), 407, &proxy), true, &mut rng)
        .unwrap();
    client.authorize(&mut invite);
    let www: Vec<_> = invite.headers.values(HeaderId::Authorization).collect();
    assert!(www.len() == 1 && www[0].contains("\"n1\"") && www[0].contains("SHA-256"));
    assert!(invite.headers.value(HeaderId::ProxyAuthorization).unwrap().contains("\"n3\""));
    let none = challenged(&arrived(&invite), 401, &[]);
    assert_eq!(
        client.handle_challenge(&invite, &none, true, &mut rng),
        Err(ChallengeError::Missing)
    );
    let mut stranger = Authenticator::new(vec![Credentials {
        realms: Realms::Named(vec!["elsewhere".into()]),
        username: "x".into(),
        password: "y".into(),
    }]);
    let error = stranger.handle_challenge(&invite, &both, true, &mut rng);
    assert_eq!(error, Err(ChallengeError::Foreign("here".into())));
    let error = Authenticator::new(Vec::new()).handle_challenge(&invite, &both, true, &mut rng);
    assert_eq!(error, Err(ChallengeError::NoCredentials("here".into())));
}

/// An account at `server`, with realms of its own.
fn at(server: &str) -> Credentials {
    Credentials {
        realms: Realms::own(&[Host::parse(server).unwrap()]),
        username: "al".to_owned(),
        password: "s3cret".to_owned(),
    }
}

/// What a realm's challenge to a request comes to that went to an own server, or to a stranger.
fn asked_of(
    own: &Credentials,
    request: &Request,
    realm: &str,
    trusted: bool,
) -> Result<(), ChallengeError> {
    let challenge = Challenge::new(realm, "n", Algorithm::Md5);
    let response = challenged(&arrived(request), 401, &[challenge]);
    let mut client = Authenticator::new(vec![own.clone()]);
    client.handle_challenge(request, &response, trusted, &mut Rng::from_number(3))
}

/// The same of one that went to an own server.
fn asked(own: &Credentials, request: &Request, realm: &str) -> Result<(), ChallengeError> {
    asked_of(own, request, realm, true)
}

#[test]
fn what_challenges_a_register_is_answered_from_then_on_and_no_other() {
    let own = at("example.com");
    let invite = request(Method::Invite);
    let foreign = |realm: &str| Err(ChallengeError::Foreign(realm.to_owned()));
    assert_eq!(asked(&own, &invite, "EXAMPLE.com"), Ok(()), "the domain itself");
    assert_eq!(asked(&own, &invite, "laptop.example.com"), Ok(()), "the first of all");
    let own = at("example.com");
    assert_eq!(asked(&own, &register(), "pbx"), Ok(()));
    assert_eq!(asked(&own, &invite, "pbx"), Ok(()), "learnt");
    assert_eq!(asked(&own, &invite, "evil"), foreign("evil"), "a far end behind it");
    for realm in ["pbx", "example.com"] {
        let error = asked_of(&own, &invite, realm, false);
        assert_eq!(error, foreign(realm), "a stranger in our server's name");
    }
}

#[test]
fn of_realms_that_change_with_every_register_the_latest_are_known() {
    let (own, invite) = (at("example.com"), request(Method::Invite));
    for number in 0..=MOST_REALMS {
        assert_eq!(asked(&own, &register(), &format!("r{number}")), Ok(()));
    }
    let known = |number: usize| asked(&own, &invite, &format!("r{number}")).is_ok();
    assert!(!known(0), "the oldest is forgotten");
    assert!((1..=MOST_REALMS).all(known));
}

#[test]
fn challenges_of_ever_other_realms_do_not_pile_up() {
    let (mut client, mut rng) = (al("s3cret"), Rng::from_number(3));
    let mut register = register();
    for number in 0..2 * MOST_REALMS {
        let challenge = Challenge::new(&format!("r{number}"), "n", Algorithm::Md5);
        let response = challenged(&arrived(&register), 401, &[challenge]);
        client.handle_challenge(&register, &response, true, &mut rng).unwrap();
    }
    client.authorize(&mut register);
    assert_eq!(register.headers.values(HeaderId::Authorization).count(), MOST_REALMS);
    strip(&mut register);
    assert_eq!(register.headers.value(HeaderId::Authorization), None);
}

#[test]
fn without_a_registrar_the_first_realm_of_our_own_proxy_is_learnt() {
    let (own, foreign) =
        (at("192.0.2.9"), |realm: &str| Err(ChallengeError::Foreign(realm.into())));
    let (invite, mut bye) = (request(Method::Invite), request(Method::Bye));
    bye.headers.set(HeaderId::To, "<sip:bob@example.org>;tag=theirs");
    assert_eq!(asked(&own, &bye, "proxy"), foreign("proxy"), "a far end may have asked");
    let error = asked_of(&own, &invite, "evil", false);
    assert_eq!(error, foreign("evil"), "it went to the far end itself");
    assert_eq!(asked(&own, &invite, "proxy"), Ok(()));
    assert_eq!(asked(&own, &invite, "evil"), foreign("evil"), "one was learnt");
    assert_eq!(asked(&own, &bye, "proxy"), Ok(()));
}

#[test]
fn realms_that_a_host_names_are_the_only_ones() {
    let mut own = at("example.com");
    own.realms = Realms::named(vec!["proxy".to_owned(), "pbx".to_owned()]);
    for (realm, ours) in [("proxy", true), ("pbx", true), ("example.com", false), ("Proxy", false)]
    {
        assert_eq!(asked(&own, &register(), realm).is_ok(), ours, "{realm}");
    }
    own.realms = Realms::named(vec!["pbx".to_owned(), "*".to_owned()]);
    assert_eq!(asked(&own, &request(Method::Bye), "anybody"), Ok(()));
}

#[test]
fn of_several_realms_that_ask_only_ours_gets_an_answer() {
    let own = at("example.com");
    let mut invite = request(Method::Invite);
    let challenges =
        ["evil", "example.com"].map(|realm| Challenge::new(realm, "n", Algorithm::Md5));
    let response = challenged(&arrived(&invite), 407, &challenges);
    let mut client = Authenticator::new(vec![own]);
    client.handle_challenge(&invite, &response, true, &mut Rng::from_number(3)).unwrap();
    client.authorize(&mut invite);
    let sent: Vec<_> = invite.headers.values(HeaderId::ProxyAuthorization).collect();
    assert!(sent.len() == 1 && sent[0].contains("realm=\"example.com\""), "{sent:?}");
}

mod any_octets {
    use proptest::prelude::*;

    use super::*;
    use sidetone::proto::sip::{
        auth::{Authorization, Challenge},
        dialog::{Dialog, DialogId},
        uri::{NameAddr, Uri},
        via::Via,
        wire::{Framer, scrub},
    };

    /// Reads every typed view of a message.
    fn look_at_everything(message: &Message) {
        let _ = (message.top_via(), message.from(), message.to(), message.cseq(), message.uri());
        let _ = (message.contacts().count(), message.content_type(), message.body().len());
        let _ = (message.number(HeaderId::Expires), message.all_headers().count());
        let _ = (DialogId::of_request(message), DialogId::of_response(message));
        let _ = Dialog::uas(message, "tag").map(|mut dialog| {
            let _ = dialog.handle_request(message);
            Message::parse(dialog.request(Method::Bye).encode())
        });
        let _ = Message::parse(Response::to(message, 200, "").encode());
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            &b"INVITE sip:a@b SIP/2.0\r\n"[..],
            b"SIP/2.0 200 OK\r\n",
            b"Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n",
            b"v: SIP/2.0/TCP [::1]:5060;rport\r\n",
            b"From: <sip:a@b>;tag=1\r\n",
            b"To: \"x\\",
            b"To: sip:b@c\r\n",
            b"Call-ID: c\r\n",
            b"CSeq: 1 INVITE\r\n",
            b"CSeq: 4294967296 BYE\r\n",
            b"Content-Length: 3\r\n",
            b"l: 99999999999999999999\r\n",
            b"Contact: *, <sip:a@[::1]:>\r\n",
            b"Record-Route: <sip:x>, <\r\n",
            b" \r\n",
            b"\n\t",
            b"\xff\x00\xc3\xa4",
            b"%%%;;,,==\"\"<<>>",
            b"\r\n\r\n",
        ]);
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn never_panic_the_parser_or_the_endpoint(octets in prop_oneof![
            pieces(),
            prop::collection::vec(any::<u8>(), 0..400),
        ], tcp in any::<bool>()) {
            if let Ok(message) = Message::parse(Bytes::copy_from_slice(&octets)) {
                look_at_everything(&message);
            }
            let mut wire = Wire::new(if tcp { Transport::Tcp } else { Transport::Udp });
            let client = wire.request(request(Method::Invite));
            wire.receive_octets(&octets);
            wire.receive_octets(&octets);
            for (server, message) in wire.requests() {
                wire.respond(server, Response::to(&message, 486, ""));
            }
            let now = wire.now;
            wire.endpoint.cancel(now, client);
            wire.run_ms(100_000);
            prop_assert_eq!(wire.endpoint.open_transactions(), (0, 0));
            let _ = scrub(&octets);
        }

        #[test]
        fn never_panic_the_small_parsers(text in ".{0,60}") {
            let _ = (text.parse::<Uri>(), NameAddr::parse(&text), Via::parse(&text));
            let _ = (Challenge::parse(&text), Authorization::parse(&text));
            let digest = format!("Digest {text}");
            let _ = (Challenge::parse(&digest), Authorization::parse(&digest));
            let via = format!("SIP/2.0/UDP {text}");
            let _ = Via::parse(&via);
            let uri = format!("sip:{text}");
            if let Ok(parsed) = uri.parse::<Uri>() {
                prop_assert_eq!(parsed.to_string().parse::<Uri>(), Ok(parsed));
            }
        }

        #[test]
        fn never_panic_the_framer_however_they_are_cut(
            octets in pieces(), cut in 1usize..40
        ) {
            let mut framer = Framer::new();
            let mut whole = Vec::new();
            for piece in octets.chunks(cut) {
                framer.push(piece);
                loop {
                    match framer.poll() {
                        Ok(Some(message)) => whole.push(message),
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
            }
            let mut at_once = Framer::new();
            at_once.push(&octets);
            for message in whole {
                prop_assert_eq!(at_once.poll().unwrap(), Some(message));
            }
        }

        #[test]
        fn what_we_write_is_read_back(
            value in "[ -~äöü]{0,40}", body in prop::collection::vec(any::<u8>(), 0..80)
        ) {
            let mut built = request(Method::Invite);
            built.headers.push(HeaderId::Subject, &value);
            built.body = Bytes::from(body.clone());
            let message = Message::parse(built.encode()).unwrap();
            prop_assert_eq!(message.defect(), None);
            prop_assert_eq!(message.header(HeaderId::Subject), Some(value.trim()));
            prop_assert_eq!(message.body(), &body[..]);
            prop_assert_eq!(message.call_id(), Some("call-1"));
        }
    }
}

mod beside_rsip {
    use proptest::prelude::*;

    use super::*;
    use sidetone::proto::sip::{
        rsip::{self, second_opinion, vocabulary},
        uri::Uri,
    };

    /// A message of the subset that rsip reads right: long names, no folding, host names, no dots in
    /// users, no quotes in parameters, known methods.
    fn safe_request() -> impl Strategy<Value = String> {
        let word = "[a-z][a-z0-9]{0,11}";
        let method = prop::sample::select(vec!["INVITE", "BYE", "OPTIONS", "REGISTER", "INFO"]);
        let numbers = (1u32..2_000_000_000, 0u8..=255);
        (method, word, word, word, word, numbers, any::<bool>(), "[ -~]{0,30}").prop_map(
            |(method, user, host, tag, call_id, (cseq, hops), in_dialog, body)| {
                let to_tag = if in_dialog { format!(";tag=t{tag}") } else { String::new() };
                format!(
                    "{method} sip:{user}@{host}.example.com SIP/2.0\r\n\
                     Via: SIP/2.0/UDP {host}.example.com:5060;branch=z9hG4bK{tag}\r\n\
                     Max-Forwards: {hops}\r\nFrom: <sip:{user}@{host}.example.com>;tag={tag}\r\n\
                     To: <sip:{user}@{host}.example.com>{to_tag}\r\nCall-ID: {call_id}@{host}\r\n\
                     CSeq: {cseq} {method}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn both_read_the_same_out_of_plain_messages(text in safe_request()) {
            let own = Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap();
            let other = second_opinion(text.as_bytes()).expect("rsip reads the plain subset");
            let cseq = own.cseq().unwrap();
            prop_assert_eq!(own.call_id().unwrap(), other.call_id);
            prop_assert_eq!((cseq.number, cseq.method.to_string()), other.cseq);
            prop_assert_eq!(own.from_tag(), other.from_tag.unwrap_or_default());
            prop_assert_eq!(own.to_tag(), other.to_tag.unwrap_or_default());
            let via = own.top_via().unwrap();
            prop_assert_eq!(via.branch().map(str::to_owned), other.branch);
            prop_assert_eq!(own.number(HeaderId::MaxForwards), other.max_forwards);
            prop_assert!(rsip::message(&own).is_some(), "nothing is lost on the way to rsip");
        }
    }

    #[test]
    fn a_conversion_that_would_change_something_is_none() {
        let convert = |text: &str| rsip::uri(&text.parse::<Uri>().unwrap()).is_some();
        assert!(convert("sip:bob@example.com:5070"));
        assert!(!convert("sip:bob.smith@example.com"), "read as a host name");
        assert!(!convert("sip:bob@[2001:db8::1]"));
        assert!(!convert("tel:+15551234"));
        assert_eq!(rsip::method(&Method::Invite), Some(vocabulary::Method::Invite));
        assert_eq!(rsip::method(&Method::Other("invite".into())), None);
        let binary = b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\n\xff\x00junk";
        let message = Message::parse(Bytes::from_static(binary)).unwrap();
        assert!(rsip::message(&message).is_none(), "rsip takes the octets behind the body too");
    }

    #[test]
    fn a_request_made_of_rsip_types_goes_out_through_our_layer() {
        let typed = vocabulary::Request {
            method: vocabulary::Method::Options,
            uri: "sip:bob@example.com".try_into().unwrap(),
            version: vocabulary::Version::V2,
            headers: vec![
                vocabulary::Header::CallId("c1".into()),
                vocabulary::Header::Other("X-Note".into(), "hello".into()),
            ]
            .into(),
            body: vec![0xff, 0x00],
        };
        let sent = Message::parse(rsip::request_from(&typed).unwrap().encode()).unwrap();
        assert!(sent.is_method(&Method::Options));
        assert_eq!(sent.call_id(), Some("c1"));
        assert_eq!(sent.header_named("x-note"), Some("hello"));
        assert_eq!(sent.body(), [0xff, 0x00], "a body is never read as text");
    }
}

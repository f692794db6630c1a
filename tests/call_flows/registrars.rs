//! What registrars of the field do to a REGISTER: redirects, lifetimes in odd places, many contacts,
//! Path, Service-Route, outbound and GRUU, two challenges at once.

use std::time::Duration;

use sidetone::{
    base::rng::Rng,
    call::{
        Credentials, Reach, Realms, RegistrationInput, RegistrationSettings, RegistrationState,
    },
    proto::sip::{
        auth::{Algorithm, Challenge},
        wire::{HeaderId, Message, Response},
    },
};

use crate::registrations::{Bench, Registrar, always, generous, granted, settings, with_password};
use RegistrationState::{Failed, Registered, Registering, Retrying};

const INSTANCE: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

fn device(outbound: bool) -> RegistrationSettings {
    RegistrationSettings { instance: INSTANCE.to_owned(), outbound, gruu: true, ..settings() }
}

fn answering(response: impl Fn(&Message) -> Response + 'static) -> Registrar {
    Box::new(move |_, request| Some(response(request)))
}

fn register(bench: &mut Bench) {
    bench.input(RegistrationInput::Register);
    bench.run_s(1);
}

#[test]
fn a_423_without_min_expires_is_answered_with_our_own_least_lifetime() {
    let registrar = answering(|request| match request.number(HeaderId::Expires) {
        Some(seconds) if seconds >= 60 => granted(request, seconds),
        _ => Response::to(request, 423, ""),
    });
    let short = RegistrationSettings { expires: Duration::from_secs(30), ..settings() };
    let mut bench = Bench::new(short, 1, registrar);
    register(&mut bench);
    assert_eq!(bench.states(), [Registering, Registered]);
    assert_eq!(bench.last().expires, Duration::from_secs(60));
}

#[test]
fn a_301_is_followed_and_kept_to_and_a_302_is_followed_once() {
    for (code, kept) in [(301, true), (302, false)] {
        let registrar = answering(move |request| match request.raw_uri() {
            "sip:new.example.com" => granted(request, 100),
            _ => {
                let mut response = Response::to(request, code, "");
                response.headers.push(HeaderId::Contact, "<sip:new.example.com>");
                response
            }
        });
        let mut bench = Bench::new(settings(), 2, registrar);
        register(&mut bench);
        assert_eq!(bench.states(), [Registering, Registered], "{code}");
        bench.run_s(95);
        let uris: Vec<&str> = bench.sent.iter().map(|(_, message)| message.raw_uri()).collect();
        let refresh = if kept { "sip:new.example.com" } else { "sip:example.com" };
        assert_eq!(uris[..3], ["sip:example.com", "sip:new.example.com", refresh], "{code}");
    }
}

/// A registrar at example.com that redirects to these contacts once it knows who asks, and others that
/// say 200 to whoever has credentials for their own realm.
fn redirecting(contacts: &'static [&'static str]) -> Registrar {
    answering(move |request| {
        let realm = if request.raw_uri().ends_with("example.com") { "old" } else { "new" };
        let digest = request.header(HeaderId::Authorization).unwrap_or_default().to_owned();
        if !digest.contains(&format!("realm=\"{realm}\"")) {
            let mut response = Response::to(request, 401, "");
            let challenge = Challenge::new(realm, "n", Algorithm::Md5).to_string();
            response.headers.push(HeaderId::WwwAuthenticate, challenge);
            return response;
        }
        if realm == "new" {
            return granted(request, 100);
        }
        let mut response = Response::to(request, 302, "");
        for contact in contacts {
            response.headers.push(HeaderId::Contact, contact);
        }
        response
    })
}

#[test]
fn a_redirection_takes_no_credentials_along() {
    let mut bench = Bench::new(with_password("secret"), 2, redirecting(&["<sip:new.example.net>"]));
    register(&mut bench);
    bench.run_s(95);
    let of = |message: &Message| {
        let digest = message.header(HeaderId::Authorization).unwrap_or_default();
        let realm = ["old", "new"].into_iter().find(|realm| digest.contains(realm));
        format!("{} {}", message.raw_uri(), realm.unwrap_or("-"))
    };
    let sent: Vec<String> = bench.sent.iter().map(|(_, message)| of(message)).collect();
    let once = [
        "sip:example.com -",
        "sip:example.com old",
        "sip:new.example.net -",
        "sip:new.example.net new",
    ];
    assert_eq!(sent, [once, once].concat(), "a 302 holds once, so it all begins anew");
    assert_eq!(bench.last().state, Registered);
}

#[test]
fn what_goes_over_tls_is_not_redirected_to_where_none_leads() {
    let secure = RegistrationSettings { secure: true, ..with_password("secret") };
    for contact in ["<sip:new.example.net;transport=udp>", "<sip:new.example.net;transport=TCP>"] {
        let contacts: &[&str] = Box::leak(Box::new([contact]));
        let mut bench = Bench::new(secure.clone(), 2, redirecting(contacts));
        register(&mut bench);
        assert_eq!(bench.sent.len(), 2, "{contact}");
        assert_eq!((bench.last().state, bench.last().code), (Retrying, 302), "{contact}");
        assert!(bench.last().text.contains("TLS"), "{:?}", bench.last());
    }
    const SAFE: [(&[&str], &str); 3] = [
        (&["<sip:u.example.net;transport=udp>", "<sips:new.example.net>"], "sips:new.example.net"),
        (&["<sip:new.example.net>"], "sip:new.example.net;transport=tls"),
        (&["<sip:new.example.net;transport=TLS>"], "sip:new.example.net;transport=TLS"),
    ];
    for (contacts, leads_to) in SAFE {
        let mut bench = Bench::new(secure.clone(), 2, redirecting(contacts));
        register(&mut bench);
        assert_eq!(bench.sent[2].1.raw_uri(), leads_to);
        assert_eq!(bench.last().state, Registered);
    }
}

#[test]
fn redirects_in_a_circle_and_redirects_to_nowhere_are_given_up_for_a_while() {
    let circle = answering(|request| {
        let mut response = Response::to(request, 302, "");
        response.headers.push(HeaderId::Contact, "<sip:example.com>");
        response
    });
    let mut bench = Bench::new(settings(), 3, circle);
    register(&mut bench);
    assert_eq!(bench.sent.len(), 6, "the first and five more");
    assert_eq!(bench.states(), [Registering, Retrying]);
    let mut bench = Bench::new(settings(), 3, always(302));
    register(&mut bench);
    assert_eq!((bench.sent.len(), bench.last().code), (1, 302));
}

/// A 200 with these Contact values and an Expires header.
fn listing(contacts: &'static [&'static str], expires: Option<u32>) -> Registrar {
    answering(move |request| {
        let mut response = Response::to(request, 200, "");
        for contact in contacts {
            response.headers.push(HeaderId::Contact, contact);
        }
        if let Some(seconds) = expires {
            response.headers.push(HeaderId::Expires, seconds.to_string());
        }
        response
    })
}

#[test]
fn the_lifetime_is_that_of_our_own_contact_among_many() {
    let cases: [(&[&str], Option<u32>, u64); 7] = [
        // The Contact's own parameter goes before the header.
        (&["<sip:al@192.0.2.1:5060>;expires=70"], Some(900), 70),
        (&["<sip:al@192.0.2.7>;expires=5, <sip:al@192.0.2.1:5060>;expires=80"], None, 80),
        (&["<sip:al@192.0.2.7>;expires=5", "<sip:al@192.0.2.1:5060>;expires=81"], None, 81),
        // A registrar behind a NAT writes our Contact as it sees us.
        (&["<sip:al@198.51.100.1:62000>;expires=82"], None, 82),
        (&["<sip:al@192.0.2.1:5060>"], Some(83), 83),
        // Without anything it is what we asked for (RFC 3261 §10.2.4).
        (&["<sip:al@192.0.2.1:5060>"], None, 300),
        (&["<sip:al@192.0.2.7>;expires=5", "<sip:al@192.0.2.8>;expires=6"], Some(84), 84),
    ];
    for (contacts, expires, seconds) in cases {
        let mut bench = Bench::new(settings(), 4, listing(contacts, expires));
        register(&mut bench);
        assert_eq!(bench.last().expires, Duration::from_secs(seconds), "{contacts:?}");
    }
    let contacts: &'static [&'static str] = &[
        "<sip:al@192.0.2.7>;expires=5",
        "<sip:al@198.51.100.1:62000>;expires=85;\
         +sip.instance=\"<urn:uuid:00000000-0000-4000-8000-000000000001>\"",
    ];
    let mut bench = Bench::new(device(false), 4, listing(contacts, None));
    register(&mut bench);
    assert_eq!(bench.last().expires, Duration::from_secs(85), "found by its instance id");
}

#[test]
fn path_is_supported_and_instance_gruu_and_outbound_only_when_there_is_an_instance_id() {
    let mut bench = Bench::new(settings(), 5, generous(300));
    register(&mut bench);
    let first = &bench.sent[0].1;
    assert_eq!(first.header(HeaderId::Supported), Some("path"));
    assert_eq!(first.contact().unwrap().params.value("+sip.instance"), None);
    let quiet = RegistrationSettings { gruu: false, ..device(false) };
    let mut bench = Bench::new(quiet, 5, generous(300));
    register(&mut bench);
    assert_eq!(bench.sent[0].1.header(HeaderId::Supported), Some("path"));
    let mut bench = Bench::new(device(true), 5, generous(300));
    register(&mut bench);
    let first = &bench.sent[0].1;
    assert_eq!(first.header(HeaderId::Supported), Some("path, gruu, outbound"));
    let contact = first.contact().unwrap();
    assert_eq!(contact.params.value("+sip.instance"), Some(format!("\"<{INSTANCE}>\"").as_str()));
    assert_eq!(contact.params.value("reg-id"), Some("1"));
}

#[test]
fn a_439_is_answered_without_outbound_and_stays_so() {
    let registrar = answering(|request| match request.contact().unwrap().params.has("reg-id") {
        true => Response::to(request, 439, "First Hop Lacks Outbound Support"),
        false => granted(request, 100),
    });
    let mut bench = Bench::new(device(true), 6, registrar);
    register(&mut bench);
    assert_eq!(bench.states(), [Registering, Registered]);
    bench.run_s(95);
    let asks = |message: &Message| message.contact().unwrap().params.has("reg-id");
    let asked: Vec<bool> = bench.sent.iter().map(|(_, message)| asks(message)).collect();
    assert_eq!(asked, [true, false, false]);
}

#[test]
fn service_route_gruus_outbound_and_flow_timer_are_learned_and_go_with_the_registration() {
    let registrar = answering(|request| {
        let mut response = Response::to(request, 200, "");
        let mut contact = request.contact().unwrap();
        contact.params.set("pub-gruu", Some("\"sip:al@example.com;gr=x1\""));
        contact.params.set("temp-gruu", Some("\"sip:tgruu.7hs@example.com;gr\""));
        response.headers.push(HeaderId::Contact, contact.to_string());
        response
            .headers
            .push(HeaderId::ServiceRoute, "<sip:a.example.com;lr>, <sip:b.example.com;lr>");
        response.headers.push(HeaderId::ServiceRoute, "<sip:c.example.com;lr>");
        response.headers.push(HeaderId::Path, "<sip:edge.example.com;lr;ob>");
        response.headers.push(HeaderId::Require, "outbound");
        let name = sidetone::proto::sip::wire::HeaderName::parse("Flow-Timer").unwrap();
        response.headers.push(name, "90");
        response
    });
    let mut bench = Bench::new(device(true), 7, registrar);
    register(&mut bench);
    let grant = bench.registration.grant().clone();
    let hops: Vec<String> = grant.service_route.iter().map(|uri| uri.to_string()).collect();
    assert_eq!(hops, ["sip:a.example.com;lr", "sip:b.example.com;lr", "sip:c.example.com;lr"]);
    assert_eq!(grant.public_gruu.unwrap().to_string(), "sip:al@example.com;gr=x1");
    assert_eq!(grant.temporary_gruu.unwrap().to_string(), "sip:tgruu.7hs@example.com;gr");
    assert!(grant.outbound);
    assert_eq!(grant.flow_timer, Some(Duration::from_secs(90)));
    bench.input(RegistrationInput::Unregister);
    bench.run_s(1);
    assert_eq!(*bench.registration.grant(), sidetone::call::Grant::default());
}

#[test]
fn several_outbound_proxies_are_routes_in_their_order() {
    let through = RegistrationSettings {
        outbound_proxy: Some("sip:192.0.2.9".parse().unwrap()),
        routes: vec!["sip:192.0.2.10;lr".parse().unwrap()],
        ..settings()
    };
    let mut bench = Bench::new(through, 8, generous(300));
    register(&mut bench);
    let routes: Vec<&str> = bench.sent[0].1.header_list(HeaderId::Route).collect();
    assert_eq!(routes, ["<sip:192.0.2.9;lr>", "<sip:192.0.2.10;lr>"]);
}

/// Challenges with all of these until there is an Authorization, whose value goes to `check`.
fn challenging(
    challenges: Vec<Challenge>,
    check: impl Fn(&Message, &str) -> Option<Response> + 'static,
) -> Registrar {
    answering(move |request| {
        let granted =
            request.header(HeaderId::Authorization).and_then(|value| check(request, value));
        granted.unwrap_or_else(|| {
            let mut response = Response::to(request, 401, "");
            for challenge in &challenges {
                response.headers.push(HeaderId::WwwAuthenticate, challenge.to_string());
            }
            response
        })
    })
}

#[test]
fn of_two_challenges_the_strongest_is_answered_whatever_their_order() {
    for order in [[Algorithm::Md5, Algorithm::Sha256], [Algorithm::Sha256, Algorithm::Md5]] {
        let challenges = order.map(|algorithm| Challenge::new("r", "n1", algorithm)).to_vec();
        let registrar = challenging(challenges, |request, value| {
            value.contains("algorithm=SHA-256").then(|| granted(request, 300))
        });
        let mut bench = Bench::new(with_password("secret"), 9, registrar);
        register(&mut bench);
        assert_eq!((bench.sent.len(), bench.last().state), (2, Registered), "{order:?}");
    }
}

#[test]
fn an_empty_realm_and_a_wildcard_realm_are_answered() {
    let named = |name: &str| Realms::named(vec![name.to_owned()]);
    for realms in [Realms::Any, named("*"), named(""), Realms::own(&[])] {
        let registrar =
            challenging(vec![Challenge::new("", "n", Algorithm::Md5)], |request, value| {
                value.contains("realm=\"\"").then(|| granted(request, 300))
            });
        let credentials =
            vec![Credentials { realms, username: "al".to_owned(), password: "x".to_owned() }];
        let mut bench =
            Bench::new(RegistrationSettings { credentials, ..settings() }, 10, registrar);
        register(&mut bench);
        assert_eq!(bench.last().state, Registered);
    }
}

#[test]
fn nextnonce_is_used_by_the_next_request_without_a_challenge() {
    let registrar =
        challenging(vec![Challenge::new("r", "n1", Algorithm::Md5)], |request, value| {
            let mut response = granted(request, 100);
            let info = "nextnonce=\"n2\", qop=auth, rspauth=\"00\"";
            response.headers.push(HeaderId::AuthenticationInfo, info);
            (value.contains("nonce=\"n1\"") || value.contains("nonce=\"n2\"")).then_some(response)
        });
    let mut bench = Bench::new(with_password("secret"), 11, registrar);
    register(&mut bench);
    bench.run_s(95);
    let values: Vec<&str> =
        bench.sent.iter().filter_map(|(_, m)| m.header(HeaderId::Authorization)).collect();
    assert_eq!((bench.sent.len(), values.len()), (3, 2), "one challenge, at the beginning");
    assert!(values[0].contains("nonce=\"n1\"") && values[1].contains("nonce=\"n2\""));
    assert!(values[1].contains("nc=00000001"), "a nonce's count begins with it: {}", values[1]);
}

#[test]
fn a_new_nonce_without_stale_is_answered_after_a_success_and_a_stale_loop_ends() {
    let mut seen = 0;
    let registrar: Registrar = Box::new(move |_, request| {
        let nonce = format!("n{}", seen / 2);
        let fits = request
            .header(HeaderId::Authorization)
            .is_some_and(|value| value.contains(&format!("nonce=\"{nonce}\"")));
        seen += 1;
        if fits {
            return Some(granted(request, 100));
        }
        let mut response = Response::to(request, 401, "");
        let challenge = Challenge::new("r", &nonce, Algorithm::Md5);
        response.headers.push(HeaderId::WwwAuthenticate, challenge.to_string());
        Some(response)
    });
    let mut bench = Bench::new(with_password("secret"), 12, registrar);
    register(&mut bench);
    bench.run_s(500);
    assert!(bench.states()[1..].iter().all(|state| *state == Registered), "{:?}", bench.states());
    let mut number = 0;
    let stale: Registrar = Box::new(move |_, request| {
        number += 1;
        let mut response = Response::to(request, 401, "");
        let nonce = format!("n{number}");
        let mut challenge = Challenge::new("r", &nonce, Algorithm::Md5);
        challenge.stale = true;
        response.headers.push(HeaderId::WwwAuthenticate, challenge.to_string());
        Some(response)
    });
    let mut bench = Bench::new(with_password("secret"), 13, stale);
    register(&mut bench);
    assert_eq!(bench.last().state, Failed);
    assert!(bench.sent.len() <= 6, "{} requests", bench.sent.len());
}

#[test]
fn a_response_from_another_port_of_the_registrar_counts() {
    use sidetone::proto::sip::{
        Flow, Transport,
        endpoint::{Endpoint, EndpointConfig, Output, TuEvent},
        wire::{Method, Request},
    };
    let now = std::time::Instant::now();
    let mut endpoint = Endpoint::new(EndpointConfig::default(), Rng::from_number(1));
    let flow = |port: u16| Flow {
        transport: Transport::Udp,
        local: "192.0.2.1:5060".parse().unwrap(),
        remote: ([192, 0, 2, 9], port).into(),
    };
    let mut request = Request::new(Method::Register, "sip:example.com".parse().unwrap());
    request.headers.push(HeaderId::From, "<sip:al@example.com>;tag=a");
    request.headers.push(HeaderId::To, "<sip:al@example.com>");
    request.headers.push(HeaderId::CallId, "c");
    request.set_cseq(1);
    let client = endpoint.request(now, request, flow(5060));
    let Some(Output::Transmit { bytes, .. }) = endpoint.poll_output() else { panic!("it is sent") };
    let sent = Message::parse(bytes).unwrap();
    endpoint.handle_message(now, flow(6099), Response::to(&sent, 200, "").encode());
    let outputs: Vec<Output> = std::iter::from_fn(|| endpoint.poll_output()).collect();
    let is = |output: &Output| matches!(output, Output::Event(TuEvent::Response { client: of, .. }) if *of == client);
    assert!(outputs.iter().any(is), "{outputs:?}");
}

#[test]
fn the_reach_follows_the_registration() {
    let mut bench = Bench::new(settings(), 14, generous(100));
    assert_eq!(bench.registration.reach(), Reach::Idle);
    bench.input(RegistrationInput::Register);
    assert_eq!(bench.registration.reach(), Reach::Probing);
    bench.run_s(1);
    assert_eq!(bench.registration.reach(), Reach::Up);
    bench.registrar = always(500);
    bench.run_s(95);
    assert_eq!(bench.registration.reach(), Reach::Lost);
    bench.input(RegistrationInput::Unregister);
    assert_eq!(bench.registration.reach(), Reach::Idle);
}

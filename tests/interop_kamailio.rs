//! Debian's kamailio as registrar and proxy, over real sockets: registrations and calls of two of
//! our phones, over each transport that both have.

#[path = "support/baresip.rs"]
#[allow(dead_code)]
mod baresip;
#[path = "support/certificates.rs"]
#[allow(dead_code)]
mod certificates;
#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/kamailio.rs"]
#[allow(dead_code)]
mod kamailio;
#[path = "support/registered.rs"]
#[allow(dead_code)]
mod registered;

use std::time::Duration;

use certificates::{Authority, Validity};
use child::Folder;
use host::Host;
use kamailio::{DOMAIN, Kamailio, Terms, Way, password};
use registered::{connect, dial, packets, phone, reaches, register, secure_phone, user};
use sidetone::engine::{
    AccountConfig, CallState, EngineConfig, EventKind, RegistrationState, SipTimers, TlsConfig,
};

/// Kamailio with a certificate, and what phones need to trust it.
fn secure_kamailio() -> (Kamailio, TlsConfig) {
    let folder = Folder::new("kamailio");
    let authority = Authority::new(&folder, "authority");
    let identity = authority.issue(&folder, &[DOMAIN, "127.0.0.1"], Validity::Now);
    let terms = Terms { identity: Some(identity), ..Terms::default() };
    let tls = TlsConfig { ca_file: Some(authority.certificate.clone()), ..TlsConfig::default() };
    (Kamailio::start_in(folder, terms), tls)
}

/// Alice calls bob through the proxy, either hangs up in turn.
fn call_and_hang_up(kamailio: &Kamailio, tls: &TlsConfig, ways: [Way; 2]) {
    let (mut alice, account) = secure_phone("alice", kamailio, ways[0], tls);
    let (mut bob, _) = secure_phone("bob", kamailio, ways[1], tls);
    for alice_ends in [true, false] {
        let (call, answered) = connect(&mut alice, account, &mut bob, "bob");
        if alice_ends {
            alice.engine.hangup(call, None).unwrap();
        } else {
            bob.engine.hangup(answered, None).unwrap();
        }
        alice.reaches(call, CallState::Ended);
        bob.reaches(answered, CallState::Ended);
    }
}

#[test]
fn registers_and_calls_over_udp_and_tcp_in_any_pairing() {
    let kamailio = Kamailio::start();
    for ways in [[Way::Udp, Way::Udp], [Way::Tcp, Way::Tcp], [Way::Udp, Way::Tcp]] {
        call_and_hang_up(&kamailio, &TlsConfig::default(), ways);
    }
}

#[test]
fn registers_and_calls_over_tls_websocket_and_secure_websocket() {
    let (kamailio, tls) = secure_kamailio();
    for ways in [[Way::Tls, Way::Tls], [Way::Ws, Way::Wss], [Way::Wss, Way::Udp]] {
        call_and_hang_up(&kamailio, &tls, ways);
    }
}

#[test]
fn two_accounts_of_one_engine_are_registered_at_once_and_told_apart() {
    let kamailio = Kamailio::start();
    let (mut both, alice) = phone("alice", &kamailio, Way::Udp);
    let carol = both.account(user("carol", &kamailio, Way::Tcp));
    reaches(&mut both, carol, RegistrationState::Registered);
    let (mut bob, bobs) = phone("bob", &kamailio, Way::Udp);
    for (account, name) in [(alice, "alice"), (carol, "carol")] {
        // Each calls under its own name, and is called by it.
        let call = dial(&both, account, "bob");
        let (from, answered) = bob.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, from, .. } => Some((from.clone(), *call)),
            _ => None,
        });
        assert_eq!(from, format!("sip:{name}@{DOMAIN}"));
        bob.engine.answer(answered, Vec::new(), None).unwrap();
        both.reaches(call, CallState::Connected);
        both.engine.hangup(call, None).unwrap();
        bob.reaches(answered, CallState::Ended);
        let back = dial(&bob, bobs, name);
        let (owner, call) = both.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, account, .. } => Some((*account, *call)),
            _ => None,
        });
        assert_eq!(owner, Some(account));
        both.engine.reject(call, 486, "", None).unwrap();
        assert_eq!(bob.reaches(back, CallState::Ended), 486);
    }
    // One leaves, the other stays.
    both.engine.account_unregister(alice, None).unwrap();
    reaches(&mut both, alice, RegistrationState::Unregistered);
    assert_eq!(both.engine.account_info(carol).unwrap().state, RegistrationState::Registered);
}

#[test]
fn registers_with_a_sha_256_digest() {
    let kamailio = Kamailio::start_with(Terms { sha256: true, ..Terms::default() });
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    alice.engine.account_unregister(account, None).unwrap();
    reaches(&mut alice, account, RegistrationState::Unregistered);
}

#[test]
fn a_wrong_password_is_told_as_such() {
    let kamailio = Kamailio::start();
    let mut host = Host::headless();
    let config = AccountConfig { password: "wrong".into(), ..user("alice", &kamailio, Way::Tcp) };
    let account = host.account(config);
    let (code, text) = reaches(&mut host, account, RegistrationState::Failed);
    assert!(code == 401 && !text.is_empty(), "{code} {text}");
}

#[test]
fn a_call_to_two_phones_of_one_user_rings_both_and_the_first_answer_takes_it() {
    let kamailio = Kamailio::start();
    let (mut alice, account) = phone("alice", &kamailio, Way::Udp);
    let (mut desk, _) = phone("bob", &kamailio, Way::Udp);
    let (mut mobile, _) = phone("bob", &kamailio, Way::Tcp);
    let call = dial(&alice, account, "bob");
    let (at_desk, at_mobile) = (desk.incoming(), mobile.incoming());
    desk.engine.ring(at_desk, None).unwrap();
    mobile.engine.ring(at_mobile, None).unwrap();
    alice.reaches(call, CallState::Ringing);
    mobile.engine.answer(at_mobile, Vec::new(), None).unwrap();
    alice.reaches(call, CallState::Connected);
    mobile.reaches(at_mobile, CallState::Connected);
    desk.reaches(at_desk, CallState::Ended);
    alice.engine.hangup(call, None).unwrap();
    mobile.reaches(at_mobile, CallState::Ended);
    alice.reaches(call, CallState::Ended);
}

#[test]
fn a_call_outlives_the_proxy_and_the_registrations_return_with_it() {
    let (mut kamailio, tls) = secure_kamailio();
    let start = |name: &str, way: Way| {
        let retry = Duration::from_millis(300);
        let timers = SipTimers {
            min_registration: Duration::from_secs(1),
            retry_base: retry,
            retry_max: retry,
            ..SipTimers::default()
        };
        let bind = [127, 0, 0, 1].into();
        let config = EngineConfig { bind, timers, tls: tls.clone(), ..EngineConfig::default() };
        let expires = Duration::from_secs(4);
        let account = AccountConfig { expires, ..user(name, &kamailio, way) };
        register(Host::with(config), account)
    };
    let (mut alice, alice_account) = start("alice", Way::Tls);
    let (mut bob, bob_account) = start("bob", Way::Tcp);
    let (call, answered) = connect(&mut alice, alice_account, &mut bob, "bob");
    kamailio.kill();
    // The streams ended, which is noticed at once.
    reaches(&mut alice, alice_account, RegistrationState::Retrying);
    reaches(&mut bob, bob_account, RegistrationState::Retrying);
    let before = (packets(&alice, call), packets(&bob, answered));
    alice.run(Duration::from_millis(500));
    assert!(packets(&alice, call) > before.0 && packets(&bob, answered) > before.1);
    kamailio.restart();
    reaches(&mut alice, alice_account, RegistrationState::Registered);
    reaches(&mut bob, bob_account, RegistrationState::Registered);
    let states = |host: &Host, call| host.engine.call_info(call).unwrap().state;
    assert_eq!(states(&alice, call), CallState::Connected);
    assert_eq!(states(&bob, answered), CallState::Connected);
    // What is said in the dialog finds its way through the new proxy, over connections made anew.
    alice.engine.hangup(call, None).unwrap();
    bob.reaches(answered, CallState::Ended);
    alice.reaches(call, CallState::Ended);
    connect(&mut alice, alice_account, &mut bob, "bob");
}

#[test]
fn baresip_and_we_call_each_other_through_the_proxy() {
    let kamailio = Kamailio::start();
    let (mut alice, account) = phone("alice", &kamailio, Way::Tcp);
    let folder = Folder::new("says");
    let says = folder.path("says.wav");
    sidetone::device::wav::write(&says, 8_000, 1, &vec![0; 80_000]).unwrap();
    let terms = |dials| baresip::Terms {
        codec: "pcmu/8000/1",
        encryption: "",
        says: &says,
        dials,
        answers: true,
        writes_to: None,
        registers: Some(baresip::Registration {
            aor: format!("sip:baresip@{DOMAIN}"),
            password: password("baresip"),
            proxy: format!("sip:{}", kamailio.address(Way::Udp)),
        }),
    };
    // It calls us.
    let peer = baresip::Baresip::start(&terms(Some(format!("sip:alice@{DOMAIN}"))));
    let call = alice.incoming();
    alice.engine.answer(call, Vec::new(), None).unwrap();
    alice.reaches(call, CallState::Connected);
    alice.engine.hangup(call, None).unwrap();
    alice.reaches(call, CallState::Ended);
    // We call it.
    let call = dial(&alice, account, "baresip");
    alice.reaches(call, CallState::Connected);
    alice.engine.hangup(call, None).unwrap();
    alice.reaches(call, CallState::Ended);
    drop(peer);
}

#[test]
fn the_phone_program_registers_over_each_secure_transport_and_tells_whom_it_does_not_trust() {
    let Some(program) = option_env!("CARGO_BIN_EXE_sidetone-phone") else {
        panic!("the program is not built: run the tests with --features programs");
    };
    let (kamailio, tls) = secure_kamailio();
    let register = |way: Way, name: &str, more: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(["register", "--bind", "127.0.0.1", "--for", "0", "--timeout", "3"]);
        command.args(["--account", &format!("sip:alice:{}@{DOMAIN}", password("alice"))]);
        command.args(["--proxy", &kamailio.proxy(way), "--transport", name]);
        let output = command.args(more).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    let ca_file = tls.ca_file.unwrap().display().to_string();
    for (way, name) in [(Way::Tls, "tls"), (Way::Wss, "wss")] {
        let (registered, said) = register(way, name, &["--ca-file", &ca_file]);
        assert!(registered, "{name}: {said}");
    }
    let (registered, said) = register(Way::Ws, "ws", &[]);
    assert!(registered, "{said}");
    let (registered, said) = register(Way::Tls, "tls", &[]);
    assert!(!registered && said.contains("unknown issuer"), "{said}");
    let (registered, said) = register(Way::Tls, "tls", &["--no-verify"]);
    assert!(registered, "{said}");
}

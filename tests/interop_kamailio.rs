//! Debian's kamailio as registrar and proxy, over real sockets: registrations and calls of two of
//! our phones, over each transport that both have.

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

use host::Host;
use kamailio::{DOMAIN, Kamailio, Terms, Way, password};
use sidetone::{
    base::ids::AccountId,
    engine::{AccountConfig, CallState, DialOptions, EventKind, RegistrationState, SipTransport},
};

/// A user of the domain, by way of the proxy.
fn user(name: &str, kamailio: &Kamailio, way: Way) -> AccountConfig {
    AccountConfig {
        aor: format!("sip:{name}@{DOMAIN}"),
        registrar: format!("sip:{DOMAIN}"),
        outbound_proxy: kamailio.proxy(way),
        password: password(name),
        transport: transport(way),
        ..AccountConfig::default()
    }
}

fn transport(way: Way) -> SipTransport {
    match way {
        Way::Tcp => SipTransport::Tcp,
        _ => SipTransport::Udp,
    }
}

/// Waits for one of an account's states, with code and text.
fn reaches(host: &mut Host, account: AccountId, wanted: RegistrationState) -> (u16, String) {
    host.wait(&format!("{wanted:?}"), |event| match event {
        EventKind::Registration { account: id, state, code, text, .. }
            if *id == account && *state == wanted =>
        {
            Some((*code, text.clone()))
        }
        _ => None,
    })
}

/// A phone of ours that is registered.
fn phone(name: &str, kamailio: &Kamailio, way: Way) -> (Host, AccountId) {
    let mut host = Host::headless();
    let account = host.account(user(name, kamailio, way));
    assert_eq!(reaches(&mut host, account, RegistrationState::Registered).0, 200);
    (host, account)
}

/// Alice calls bob through the proxy, either hangs up in turn.
fn call_and_hang_up(kamailio: &Kamailio, ways: [Way; 2]) {
    let (mut alice, account) = phone("alice", kamailio, ways[0]);
    let (mut bob, _) = phone("bob", kamailio, ways[1]);
    for alice_ends in [true, false] {
        let to = format!("sip:bob@{DOMAIN}");
        let call = alice.engine.dial(Some(account), &to, DialOptions::default(), None).unwrap();
        let answered = bob.incoming();
        bob.engine.answer(answered, Vec::new(), None).unwrap();
        alice.reaches(call, CallState::Connected);
        bob.reaches(answered, CallState::Connected);
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
        call_and_hang_up(&kamailio, ways);
    }
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

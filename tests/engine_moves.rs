//! The machine's own address changes while it is registered and in a call: in a network namespace of
//! its own, where the address that packets to 127.0.0.9 leave from is set by a route.

#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/peer.rs"]
#[allow(dead_code)]
mod peer;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use child::free_port;
use host::Host;
use peer::Peer;
use sidetone::{
    Engine,
    base::ids::{AccountId, CallId},
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, ErrorKind, EventKind, Reach,
        RegistrationState, SipTimers, SipTransport, SrtpPolicy,
    },
};

/// Set in the namespace.
const INSIDE: &str = "SIDETONE_TEST_NAMESPACE";
const FAR: &str = "127.0.0.9";

/// Runs this test again in a namespace, unless this is it.
fn inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let probe = |flags: &&str| {
        let up = Command::new("unshare").args([flags, "sh", "-c", "ip link set lo up"]).output();
        up.is_ok_and(|output| output.status.success())
    };
    let Some(flags) = ["-n", "-rn"].into_iter().find(probe) else {
        println!("no network namespace can be made here, so no address can be changed");
        return false;
    };
    let program = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args([flags, "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""])
        .arg(program)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    false
}

/// From now on packets to the far end leave from `address`.
fn leave_from(address: &str) {
    let target = format!("{FAR}/32");
    let status = Command::new("ip")
        .args(["route", "replace", "local", &target, "dev", "lo", "table", "local", "src", address])
        .status()
        .unwrap();
    assert!(status.success());
}

fn engine(bind: &str) -> Engine {
    Engine::new(EngineConfig {
        bind: bind.parse().unwrap(),
        timers: SipTimers {
            t1: Duration::from_millis(50),
            t2: Duration::from_millis(200),
            min_registration: Duration::from_secs(1),
            ..SipTimers::default()
        },
        ..EngineConfig::default()
    })
    .unwrap()
}

/// Waits until the account is registered from `address`.
fn registered_from(host: &mut Host, account: AccountId, address: &str) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        host.wait("registration", |event| match event {
            EventKind::Registration { state: RegistrationState::Registered, .. } => Some(()),
            _ => None,
        });
        let info = host.engine.account_info(account).unwrap();
        if info.local_address.starts_with(address) && info.reach == Reach::Up {
            return;
        }
        assert!(Instant::now() < until, "{info:?}");
    }
}

/// Lets time pass until `holds`.
fn until(host: &mut Host, what: &str, holds: impl Fn(&Engine) -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds(&host.engine) {
        assert!(Instant::now() < end, "{what}; events were {:#?}", host.events);
        host.run(Duration::from_millis(20));
    }
}

fn received(engine: &Engine, call: CallId) -> u64 {
    engine.call_stats(call).unwrap().packets_received
}

#[test]
fn a_new_address_is_registered_and_calls_go_on_from_it_with_the_same_keys() {
    if !inside("a_new_address_is_registered_and_calls_go_on_from_it_with_the_same_keys") {
        return;
    }
    leave_from("127.0.0.2");
    let port = free_port();
    let registrar = Peer::start("registrar_open", FAR, port, &["-key", "life", "4"]);
    let mut near = Host::with_engine(engine("0.0.0.0"));
    let mut far = Host::with_engine(engine(FAR));
    let account = near.account(AccountConfig {
        aor: "sip:alice@127.0.0.9".into(),
        registrar: format!("sip:127.0.0.9:{port}"),
        expires: Duration::from_secs(4),
        srtp: SrtpPolicy::Mandatory,
        ..AccountConfig::default()
    });
    registered_from(&mut near, account, "127.0.0.2:");
    let target = format!("sip:bob@{}", far.address());
    let call = near.engine.dial(Some(account), &target, DialOptions::default(), None).unwrap();
    let theirs = far.incoming();
    far.engine.answer(theirs, Vec::new(), None).unwrap();
    near.reaches(call, CallState::Connected);
    far.reaches(theirs, CallState::Connected);
    until(&mut far, "media comes", |engine| received(engine, theirs) > 20);

    leave_from("127.0.0.3");
    near.engine.network_changed().unwrap();
    registered_from(&mut near, account, "127.0.0.3:");
    until(&mut far, "media goes to the new address", |engine| {
        engine.call_info(theirs).unwrap().remote_rtp.starts_with("127.0.0.3:")
    });
    let (before, ours) = (received(&far.engine, theirs), received(&near.engine, call));
    until(&mut far, "media comes on", |engine| received(engine, theirs) > before + 20);
    until(&mut near, "media comes on", |engine| received(engine, call) > ours + 20);
    let failures = far.engine.call_stats(theirs).unwrap().srtp_failures
        + near.engine.call_stats(call).unwrap().srtp_failures;
    assert_eq!(failures, 0, "the keys stayed");
    let sent = registrar.saw();
    let old = sent.lines().find(|line| line.contains("@127.0.0.2:") && line.contains("expires=0"));
    assert!(old.is_some_and(|line| line.starts_with("Contact:")), "the old address is taken back");

    // Nobody says so this time: the next refresh notices.
    leave_from("127.0.0.4");
    registered_from(&mut near, account, "127.0.0.4:");
    until(&mut far, "media goes to the newest address", |engine| {
        engine.call_info(theirs).unwrap().remote_rtp.starts_with("127.0.0.4:")
    });
    far.engine.hangup(theirs, None).unwrap();
    near.reaches(call, CallState::Ended);
}

/// Gives the loopback interface this address and no other, and a way to the far end.
fn loopback_is(address: &str) {
    let script = format!("ip addr add {address}/32 dev lo; ip -4 -o addr show dev lo");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let old = line.split_whitespace().nth(3).unwrap();
        if old != format!("{address}/32") {
            let removed = Command::new("ip").args(["addr", "del", old, "dev", "lo"]).status();
            assert!(removed.unwrap().success(), "{old}");
        }
    }
    leave_from(address);
}

#[test]
fn an_engine_bound_to_an_interface_follows_its_address() {
    if !inside("an_engine_bound_to_an_interface_follows_its_address") {
        return;
    }
    let port = free_port();
    let _registrar = Peer::start("registrar_open", FAR, port, &["-key", "life", "60"]);
    loopback_is("127.0.0.2");
    let mut near = Host::with_engine(engine("lo"));
    let first = near.engine.local_address(SipTransport::Udp).unwrap();
    assert_eq!(first.ip().to_string(), "127.0.0.2");
    let account = near.account(AccountConfig {
        aor: "sip:alice@127.0.0.9".into(),
        registrar: format!("sip:127.0.0.9:{port}"),
        expires: Duration::from_secs(60),
        ..AccountConfig::default()
    });
    registered_from(&mut near, account, "127.0.0.2:");
    loopback_is("127.0.0.3");
    // The system's own word: nobody tells the engine.
    registered_from(&mut near, account, "127.0.0.3:");
    let moved = near.engine.local_address(SipTransport::Udp).unwrap();
    assert_eq!((moved.ip().to_string().as_str(), moved.port()), ("127.0.0.3", first.port()));
    let far = Host::with_engine(engine(FAR));
    far.engine.dial(None, &format!("sip:alice@{moved}"), DialOptions::default(), None).unwrap();
    near.incoming();
}

#[test]
fn an_interface_that_is_not_there_is_told_with_those_that_are() {
    let config = EngineConfig { bind: "nowhere0".parse().unwrap(), ..EngineConfig::default() };
    let error = Engine::new(config).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(
        error.message.contains("\"nowhere0\"") && error.message.contains("lo (127."),
        "{error}"
    );
}

//! Phones of ours that are registered with the kamailio of [`super::kamailio`].

use std::time::Duration;

use sidetone::{
    base::ids::{AccountId, CallId},
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, EventKind, RegistrationState,
        SipTransport, TlsConfig,
    },
};

use super::{
    host::Host,
    kamailio::{DOMAIN, Kamailio, Way, password},
};

/// A user of the domain, by way of the proxy.
pub fn user(name: &str, kamailio: &Kamailio, way: Way) -> AccountConfig {
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
        Way::Udp => SipTransport::Udp,
        Way::Tcp => SipTransport::Tcp,
        Way::Tls => SipTransport::Tls,
        Way::Ws => SipTransport::Ws,
        Way::Wss => SipTransport::Wss,
    }
}

/// Waits for one of an account's states, with code and text.
pub fn reaches(host: &mut Host, account: AccountId, wanted: RegistrationState) -> (u16, String) {
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
pub fn phone(name: &str, kamailio: &Kamailio, way: Way) -> (Host, AccountId) {
    secure_phone(name, kamailio, way, &TlsConfig::default())
}

/// One that trusts whom `tls` says.
pub fn secure_phone(
    name: &str,
    kamailio: &Kamailio,
    way: Way,
    tls: &TlsConfig,
) -> (Host, AccountId) {
    let bind = [127, 0, 0, 1].into();
    let host = Host::with(EngineConfig { bind, tls: tls.clone(), ..EngineConfig::default() });
    register(host, user(name, kamailio, way))
}

/// Registers an account of a host.
pub fn register(mut host: Host, config: AccountConfig) -> (Host, AccountId) {
    let account = host.account(config);
    assert_eq!(reaches(&mut host, account, RegistrationState::Registered).0, 200);
    (host, account)
}

/// Calls a user of the domain.
pub fn dial(host: &Host, account: AccountId, name: &str) -> CallId {
    let to = format!("sip:{name}@{DOMAIN}");
    host.engine.dial(Some(account), &to, DialOptions::default(), None).unwrap()
}

/// A call to the user `name`, who is `callee`: answered, with its two ends.
pub fn connect(
    caller: &mut Host,
    account: AccountId,
    callee: &mut Host,
    name: &str,
) -> (CallId, CallId) {
    let call = dial(caller, account, name);
    let answered = callee.incoming();
    callee.engine.answer(answered, Vec::new(), None).unwrap();
    caller.reaches(call, CallState::Connected);
    callee.reaches(answered, CallState::Connected);
    (call, answered)
}

/// How many packets of the far end came so far.
pub fn packets(host: &Host, call: CallId) -> u64 {
    host.engine.call_stats(call).unwrap().packets_received
}

/// Waits until RTP of the far end comes.
pub fn hears(host: &mut Host, call: CallId) {
    let before = packets(host, call);
    host.until("RTP of the far end", |host| packets(host, call) >= before + 10);
}

/// Waits until no RTP of the far end comes any more.
pub fn hears_nothing(host: &mut Host, call: CallId) {
    let mut before = None;
    for _ in 0..50 {
        let now = packets(host, call);
        if before.replace(now) == Some(now) {
            return;
        }
        host.run(Duration::from_millis(250));
    }
    panic!("RTP comes for ever");
}

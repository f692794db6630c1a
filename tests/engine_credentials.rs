//! Where an account's digests go, seen by its own server and by strangers on plain sockets.

#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/name_server.rs"]
mod name_server;
#[path = "support/plain_peer.rs"]
#[allow(dead_code)]
mod plain_peer;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use host::Host;
use name_server::{NameServer, Record};
use plain_peer::{Connection, Datagrams, Streams, accept, answer, header};
use sidetone::{
    base::ids::{AccountId, CallId},
    engine::{
        AccountConfig, CallState, DialOptions, DnsSettings, EngineConfig, EventKind, Package,
        RegistrationState, SipTransport, SubscriptionOptions, WatchState,
    },
};

/// Where the own server is; the engine and strangers are on 127.0.0.1.
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const CHALLENGE: &str =
    "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"pbx\", nonce=\"n\", algorithm=MD5";

fn alice(registrar: String) -> AccountConfig {
    AccountConfig {
        aor: "sip:alice@pbx.test".into(),
        registrar,
        password: "secret".into(),
        ..AccountConfig::default()
    }
}

/// An engine whose account is registered over the connection that comes back; the realm is learnt.
fn registered() -> (Host, Connection) {
    let server = Streams::bind(SERVER);
    let mut host = Host::headless();
    host.account(alice(server.uri()));
    let mut registrar = server.accept();
    let register = registrar.receive();
    registrar.send(&answer(&register, CHALLENGE, ""));
    let register = registrar.receive();
    assert!(register.contains("Authorization: Digest"), "{register}");
    registrar.send(&answer(&register, "200 OK", ""));
    is_registered(&mut host);
    (host, registrar)
}

fn is_registered(host: &mut Host) {
    host.wait("registration", |event| match event {
        EventKind::Registration { state: RegistrationState::Registered, .. } => Some(()),
        _ => None,
    });
}

/// The next message that begins so, after what may be a body.
fn next(connection: &mut Connection, start: &str) -> String {
    loop {
        let text = connection.receive();
        if let Some(at) = text.find(start) {
            return text[at..].to_owned();
        }
    }
}

/// What was sent to somebody until the engine ended, repeats too, carries no digest.
fn hears_no_digest(far: &Datagrams) {
    while let Some(text) = far.receive_within(Duration::from_millis(300)) {
        assert!(!text.contains("Authorization"), "{text}");
    }
}

/// A far end calls over its connection, saying that it is reached at `known_as`; the call is answered.
fn calls(host: &mut Host, far: &mut Connection, route: &str, known_as: &str) -> CallId {
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
               m=audio 9 RTP/AVP 0\r\n";
    let head = |method: &str, tag: &str| {
        format!(
            "{method} sip:alice@pbx.test SIP/2.0\r\n\
             Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK{method}\r\n\
             From: <sip:bob@pbx.test>;tag=far\r\nTo: <sip:alice@pbx.test>{tag}\r\n\
             Call-ID: in\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n"
        )
    };
    let invite = head("INVITE", "");
    far.send(&format!(
        "{invite}{route}Contact: <{known_as}>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    ));
    let call = host.incoming();
    host.engine.answer(call, Vec::new(), None).unwrap();
    let ok = next(far, "SIP/2.0 200");
    let (_, tag) = header(&ok, "To").split_once(";tag=").unwrap();
    let ack = head("ACK", &format!(";tag={tag}"));
    far.send(&format!("{ack}Content-Length: 0\r\n\r\n"));
    host.reaches(call, CallState::Connected);
    call
}

/// Our server challenges the end of a call.
fn hang_up_challenged(host: &mut Host, registrar: &mut Connection, call: CallId) {
    host.engine.hangup(call, None).unwrap();
    let bye = next(registrar, "BYE ");
    registrar.send(&answer(&bye, CHALLENGE, ""));
    let bye = next(registrar, "BYE ");
    assert!(bye.contains("Authorization: Digest"), "{bye}");
    registrar.send(&answer(&bye, "200 OK", ""));
    host.reaches(call, CallState::Ended);
}

#[test]
fn a_stranger_who_calls_as_if_from_our_server_gets_no_digest_over_his_connection() {
    let (mut host, _registrar) = registered();
    let engine = host.engine.local_address(SipTransport::Tcp).unwrap();
    let mut stranger = Connection::to(engine);
    let known_as = format!("sip:bob@{SERVER}:5070;transport=tcp");
    let call = calls(&mut host, &mut stranger, "", &known_as);
    host.engine.hangup(call, None).unwrap();
    let bye = next(&mut stranger, "BYE ");
    assert!(!bye.contains("Authorization"), "{bye}");
    stranger.send(&answer(&bye, CHALLENGE, ""));
    host.reaches(call, CallState::Ended);
    host.end();
    assert!(stranger.is_closed(), "no second BYE");
}

/// Where nobody listens, as what is written behind a NAT.
const ROUTE: &str = "Record-Route: <sip:127.0.0.9:5099;transport=tcp;lr>\r\n";
const KNOWN_AS: &str = "sip:bob@127.0.0.9:5098;transport=tcp";

#[test]
fn our_server_gets_one_over_the_connection_of_our_registration_whatever_its_routes_say() {
    let (mut host, mut registrar) = registered();
    let call = calls(&mut host, &mut registrar, ROUTE, KNOWN_AS);
    hang_up_challenged(&mut host, &mut registrar, call);
    host.end();
}

#[test]
fn the_proxy_that_our_registrar_has_us_go_through_gets_one() {
    let (server, proxy) = (Streams::bind(SERVER), Datagrams::bind(LOOPBACK));
    let mut host = Host::headless();
    let account = host.account(alice(server.uri()));
    let mut registrar = server.accept();
    let register = registrar.receive();
    registrar.send(&answer(&register, CHALLENGE, ""));
    let register = registrar.receive();
    let granted = format!("200 OK\r\nService-Route: <{};lr>", proxy.uri());
    registrar.send(&answer(&register, &granted, ""));
    is_registered(&mut host);
    host.engine.dial(Some(account), "sip:bob@pbx.test", DialOptions::default(), None).unwrap();
    challenge(&proxy, "INVITE");
    host.end();
}

#[test]
fn a_call_that_outlives_its_account_still_has_its_password() {
    let (mut host, mut registrar) = registered();
    let call = calls(&mut host, &mut registrar, ROUTE, KNOWN_AS);
    let account = host.engine.accounts()[0];
    host.engine.account_remove(account, None).unwrap();
    let register = next(&mut registrar, "REGISTER ");
    registrar.send(&answer(&register, "200 OK", ""));
    host.wait("the end of the registration", |event| match event {
        EventKind::Registration { state: RegistrationState::Unregistered, .. } => Some(()),
        _ => None,
    });
    hang_up_challenged(&mut host, &mut registrar, call);
    host.end();
}

/// An account that does not register, at a server that has a name; and somebody there.
fn unregistered(server: &Datagrams) -> (Host, AccountId, String) {
    let mut host = Host::headless();
    let domain = format!("localhost:{}", server.address().port());
    let config = AccountConfig { aor: format!("sip:alice@{domain}"), ..alice(String::new()) };
    let account = host.account(config);
    (host, account, format!("sip:bob@{domain}"))
}

/// Challenges a request: the one that has a digest, and whence it came.
fn challenge(server: &Datagrams, method: &str) -> (String, SocketAddr) {
    let (request, from) = server.receive_method(method);
    server.send(&answer(&request, CHALLENGE, ""), from);
    let again = std::iter::repeat_with(|| server.receive_method(method));
    let again = again.take(50).find(|(request, _)| request.contains("Authorization: Digest"));
    again.expect("a digest")
}

/// Such an account calls, and is answered by whom `far` says; the INVITE had a digest.
fn called_through(server: &Datagrams, far: SocketAddr) -> (Host, CallId) {
    let (mut host, account, uri) = unregistered(server);
    let call = host.engine.dial(Some(account), &uri, DialOptions::default(), None).unwrap();
    let (invite, from) = challenge(server, "INVITE");
    server.send(&accept(&invite, far, far), from);
    host.reaches(call, CallState::Connected);
    (host, call)
}

#[test]
fn a_subscription_in_the_dialog_of_our_server_carries_a_digest() {
    let server = Datagrams::bind(LOOPBACK);
    let (mut host, account, uri) = unregistered(&server);
    let options = SubscriptionOptions::new(Package::MessageSummary);
    let id = host.engine.subscription_add(Some(account), &uri, options, None).unwrap();
    let (subscribe, from) = challenge(&server, "SUBSCRIBE");
    let ok = answer(&subscribe, "200 OK", "");
    let contact = format!("Contact: <{}>", server.uri());
    let ours = format!("Contact: {}", header(&subscribe, "Contact"));
    server.send(&ok.replace(&ours, &contact), from);
    server.send(
        &format!(
            "NOTIFY {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKn\r\nFrom: {};tag=plain\r\n\
             To: {}\r\nCall-ID: {}\r\nCSeq: 1 NOTIFY\r\nMax-Forwards: 70\r\n{contact}\r\n\
             Event: message-summary\r\nSubscription-State: active\r\nContent-Length: 0\r\n\r\n",
            header(&subscribe, "Contact").trim_matches(['<', '>']),
            server.address(),
            header(&subscribe, "To"),
            header(&subscribe, "From"),
            header(&subscribe, "Call-ID"),
        ),
        from,
    );
    host.wait("the subscription", |event| match event {
        EventKind::Subscription { state: WatchState::Active, .. } => Some(()),
        _ => None,
    });
    host.engine.subscription_refresh(id, None).unwrap();
    let (refresh, _) = server.receive_method(&format!("SUBSCRIBE {} ", server.uri()));
    assert!(refresh.contains("Authorization: Digest"), "{refresh}");
    host.end();
}

#[test]
fn what_goes_to_a_far_end_itself_carries_no_digest_and_gets_none() {
    let (server, far) = (Datagrams::bind(LOOPBACK), Datagrams::bind(SERVER));
    let (mut host, call) = called_through(&server, far.address());
    let (ack, _) = far.receive_method("ACK");
    assert!(!ack.contains("Authorization"), "{ack}");
    host.engine.hangup(call, None).unwrap();
    let (bye, from) = far.receive_method("BYE");
    assert!(!bye.contains("Authorization"), "{bye}");
    far.send(&answer(&bye, CHALLENGE, ""), from);
    host.reaches(call, CallState::Ended);
    host.end();
    hears_no_digest(&far);
}

#[test]
fn what_goes_to_our_server_by_its_address_carries_a_digest() {
    let server = Datagrams::bind(LOOPBACK);
    let (host, call) = called_through(&server, server.address());
    let (ack, _) = server.receive_method("ACK");
    assert!(ack.contains("Authorization: Digest"), "{ack}");
    host.engine.hangup(call, None).unwrap();
    let (bye, _) = server.receive_method("BYE");
    assert!(bye.contains("Authorization: Digest"), "{bye}");
    host.end();
}

/// A registrar of two machines under one name, another name of each, and an account that is registered
/// at one of them, which comes first, over UDP.
struct Cluster {
    names: NameServer,
    machines: [Datagrams; 2],
    host: Host,
}

const RECORDS: &[Record] = &[
    ("pbx.test", MACHINES[0]),
    ("pbx.test", MACHINES[1]),
    ("edge-2.carrier.test", MACHINES[0]),
    ("edge-3.carrier.test", MACHINES[1]),
    ("laptop.pbx.test", LAPTOP),
];
const LAPTOP: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);
const MACHINES: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 0, 0, 3)];

impl Cluster {
    fn registered() -> Self {
        let names = NameServer::start(RECORDS);
        // Both at one port, which the second may find taken.
        let machines = std::iter::repeat_with(|| {
            let first = Datagrams::bind(MACHINES[0].into());
            let second = SocketAddr::new(MACHINES[1].into(), first.address().port());
            Some([first, Datagrams::bind_at(second).ok()?])
        });
        let [mut first, mut second] = machines.take(50).flatten().next().unwrap();
        let config = EngineConfig {
            bind: LOOPBACK.into(),
            dns: DnsSettings { server: Some(names.address()), ..DnsSettings::default() },
            ..EngineConfig::default()
        };
        let mut host = Host::with(config);
        host.account(alice(format!("sip:pbx.test:{}", first.address().port())));
        // The REGISTER comes again to where it went.
        while first.is_silent(Duration::from_millis(100)) {
            std::mem::swap(&mut first, &mut second);
        }
        let mut digest = false;
        while !digest {
            let (register, from) = first.receive_method("REGISTER");
            digest = register.contains("Authorization: Digest");
            let status = if digest { "200 OK" } else { CHALLENGE };
            first.send(&answer(&register, status, ""), from);
        }
        is_registered(&mut host);
        Self { names, machines: [first, second], host }
    }

    fn uri(&self) -> String {
        format!("sip:bob@pbx.test:{}", self.machines[0].address().port())
    }

    /// A call through the first machine whose requests go by `route` from then on.
    fn calls(&mut self, route: &str) -> CallId {
        let account = self.host.engine.accounts().first().copied();
        let uri = self.uri();
        let call = self.host.engine.dial(account, &uri, DialOptions::default(), None).unwrap();
        let (invite, from) = self.machines[0].receive_method("INVITE");
        let far = self.machines[0].address();
        let ok = accept(&invite, far, far);
        let routed = format!("Record-Route: <sip:{route};lr>\r\nContact:");
        self.machines[0].send(&ok.replacen("Contact:", &routed, 1), from);
        self.host.reaches(call, CallState::Connected);
        call
    }
}

#[test]
fn a_machine_of_our_registrars_is_known_by_whichever_name_a_route_gives_it() {
    let mut cluster = Cluster::registered();
    let second = cluster.machines[1].address();
    let name = if second.ip() == MACHINES[1] { "edge-3" } else { "edge-2" };
    let call = cluster.calls(&format!("{name}.carrier.test:{}", second.port()));
    cluster.host.engine.hangup(call, None).unwrap();
    let (bye, from) = challenge(&cluster.machines[1], "BYE");
    cluster.machines[1].send(&answer(&bye, "200 OK", ""), from);
    cluster.host.reaches(call, CallState::Ended);
    cluster.host.end();
}

#[test]
fn in_another_network_only_what_is_found_there_is_ours() {
    let mut cluster = Cluster::registered();
    let [first, second] = cluster.machines.each_ref().map(Datagrams::address);
    let IpAddr::V4(ip) = first.ip() else { unreachable!("MACHINES") };
    cluster.names.set(&[("pbx.test", ip)]);
    cluster.host.engine.network_changed().unwrap();
    let (register, from) = cluster.machines[0].receive_method("REGISTER");
    cluster.machines[0].send(&answer(&register, "200 OK", ""), from);
    is_registered(&mut cluster.host);
    let call = cluster.calls(&second.to_string());
    cluster.host.engine.hangup(call, None).unwrap();
    let (bye, from) = cluster.machines[1].receive_method("BYE");
    cluster.machines[1].send(&answer(&bye, CHALLENGE, ""), from);
    cluster.host.reaches(call, CallState::Ended);
    cluster.host.end();
    hears_no_digest(&cluster.machines[1]);
}

#[test]
fn a_host_of_our_domain_that_is_none_of_our_servers_gets_no_digest() {
    let mut cluster = Cluster::registered();
    let laptop = Datagrams::bind(LAPTOP.into());
    let call = cluster.calls(&format!("laptop.pbx.test:{}", laptop.address().port()));
    cluster.host.engine.hangup(call, None).unwrap();
    let (bye, from) = laptop.receive_method("BYE");
    assert!(!bye.contains("Authorization"), "{bye}");
    laptop.send(&answer(&bye, CHALLENGE, ""), from);
    cluster.host.reaches(call, CallState::Ended);
    cluster.host.end();
    hears_no_digest(&laptop);
}

#[test]
fn where_a_registration_stands_is_not_avoided_for_what_anybody_may_say() {
    let cluster = Cluster::registered();
    let Cluster { machines: [first, second], ref host, .. } = cluster;
    let uri = format!("sip:bob@pbx.test:{}", first.address().port());
    let send = || {
        let account = host.engine.accounts().first().copied();
        host.engine.message_send(account, &uri, "text/plain", b"hello", None).unwrap();
    };
    let address = first.address();
    drop(first);
    send();
    let (message, from) = second.receive_method("MESSAGE");
    second.send(&answer(&message, "200 OK", ""), from);
    let first = Datagrams::bind_at(address).unwrap();
    send();
    first.receive_method("MESSAGE");
}

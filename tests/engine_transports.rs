//! How the engine uses its sockets, seen by a far end made of plain ones: addresses in what it says,
//! keep-alives and dead flows, IPv6, marks.

#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/plain_peer.rs"]
mod plain_peer;

use std::{net::IpAddr, time::Duration};

use host::Host;
use plain_peer::{Datagrams, Streams, answer, header, values};
use sidetone::{
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, EventKind, KeepAliveConfig,
        RegistrationState, SipTimers, SipTransport, UdpKeepAlive,
    },
    proto::stun::{self, Binding},
};

const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Everything soon.
fn quick(keep_alive: KeepAliveConfig) -> EngineConfig {
    let retry_base = Duration::from_millis(100);
    EngineConfig {
        bind: LOOPBACK.into(),
        keep_alive,
        timers: SipTimers { retry_base, ..SipTimers::default() },
        ..EngineConfig::default()
    }
}

fn alice(registrar: String) -> AccountConfig {
    AccountConfig { aor: "sip:alice@pbx.test".into(), registrar, ..AccountConfig::default() }
}

fn registered(host: &mut Host) {
    host.wait("registration", |event| match event {
        EventKind::Registration { state: RegistrationState::Registered, .. } => Some(()),
        _ => None,
    });
}

#[test]
fn a_registration_moves_to_where_the_registrar_sees_it_and_takes_the_old_contact_back() {
    let registrar = Datagrams::bind(LOOPBACK);
    let mut host = Host::with(quick(KeepAliveConfig::default()));
    host.account(alice(registrar.uri()));
    let (first, from) = registrar.receive();
    let own = format!("<sip:alice@{}>", host.address());
    assert!(header(&first, "Contact").starts_with(&own), "{first}");
    registrar.send(&answer(&first, "200 OK", ";received=203.0.113.5;rport=40000"), from);
    let (second, from) = registrar.receive();
    let contacts = values(&second, "Contact");
    assert_eq!(contacts.len(), 2, "{second}");
    assert!(contacts[0].starts_with("<sip:alice@203.0.113.5:40000>;expires=300"), "{second}");
    assert_eq!(contacts[1], format!("{own};expires=0"), "{second}");
    registrar.send(&answer(&second, "200 OK", ";received=203.0.113.5;rport=40000"), from);
    registered(&mut host);
    // Calls use it too.
    let account = host.engine.accounts().first().copied();
    let uri = format!("sip:bob@{}", registrar.address());
    host.engine.dial(account, &uri, DialOptions::default(), None).unwrap();
    let (invite, _) = registrar.receive_method("INVITE");
    assert!(header(&invite, "Contact").starts_with("<sip:alice@203.0.113.5:40000>"), "{invite}");
    host.end();
}

#[test]
fn a_challenge_that_tells_where_we_are_seen_saves_the_second_registration() {
    let registrar = Datagrams::bind(LOOPBACK);
    let host = Host::with(quick(KeepAliveConfig::default()));
    let config = AccountConfig { password: "secret".into(), ..alice(registrar.uri()) };
    host.engine.account_add(config, None).unwrap();
    let (first, from) = registrar.receive();
    let challenge = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"pbx\", nonce=\"n\"";
    registrar.send(&answer(&first, challenge, ";received=203.0.113.5;rport=40000"), from);
    let (second, _) = registrar.receive();
    assert!(second.contains("Authorization: Digest"), "{second}");
    let contacts = values(&second, "Contact");
    assert_eq!(contacts.len(), 1, "{second}");
    assert!(contacts[0].starts_with("<sip:alice@203.0.113.5:40000>"), "{second}");
    host.end();
}

#[test]
fn an_account_that_learns_nothing_keeps_its_own_address() {
    let registrar = Datagrams::bind(LOOPBACK);
    let mut host = Host::with(quick(KeepAliveConfig::default()));
    host.account(AccountConfig { learn_contact: false, ..alice(registrar.uri()) });
    let (first, from) = registrar.receive();
    registrar.send(&answer(&first, "200 OK", ";received=203.0.113.5;rport=40000"), from);
    registered(&mut host);
    assert!(registrar.is_silent(Duration::from_millis(300)));
    host.end();
}

#[test]
fn a_public_address_stands_in_via_contact_and_sdp() {
    let peer = Datagrams::bind(LOOPBACK);
    let mut host = Host::with(quick(KeepAliveConfig::default()));
    let public_address = Some([203, 0, 113, 9].into());
    let account = host.account(AccountConfig { public_address, ..alice(String::new()) });
    host.engine.dial(Some(account), &peer.uri(), DialOptions::default(), None).unwrap();
    let (invite, _) = peer.receive();
    let port = host.engine.local_address(SipTransport::Udp).unwrap().port();
    assert!(header(&invite, "Via").starts_with(&format!("SIP/2.0/UDP 203.0.113.9:{port};")));
    let contact = header(&invite, "Contact");
    assert!(contact.starts_with(&format!("<sip:alice@203.0.113.9:{port}>")), "{contact}");
    assert!(invite.contains("\r\nc=IN IP4 203.0.113.9\r\n"), "{invite}");
    assert!(invite.contains(" IN IP4 203.0.113.9\r\ns="), "the o= line too: {invite}");
    host.end();
}

#[test]
fn a_stream_without_pong_is_dead_and_the_registration_comes_back_on_another() {
    let registrar = Streams::bind(LOOPBACK);
    let keep_alive = KeepAliveConfig {
        stream: Duration::from_millis(200),
        answer: Duration::from_millis(500),
        ..KeepAliveConfig::default()
    };
    let mut host = Host::with(quick(keep_alive));
    host.account(AccountConfig { transport: SipTransport::Tcp, ..alice(registrar.uri()) });
    let mut first = registrar.accept();
    let register = first.receive();
    assert!(header(&register, "Via").starts_with("SIP/2.0/TCP "), "{register}");
    assert!(header(&register, "Contact").contains(";transport=tcp>"), "{register}");
    first.send(&answer(&register, "200 OK", ""));
    registered(&mut host);
    // Three are answered, the fourth is not.
    for _ in 0..3 {
        assert_eq!(first.receive_keep_alive(), "\r\n\r\n");
        first.send("\r\n");
    }
    assert_eq!(first.receive_keep_alive(), "\r\n\r\n");
    assert!(first.is_closed(), "given up");
    let mut second = registrar.accept();
    let register = second.receive();
    second.send(&answer(&register, "200 OK", ""));
    registered(&mut host);
    host.end();
}

#[test]
fn a_stream_that_the_far_end_resets_is_made_anew_with_the_registration() {
    let registrar = Streams::bind(LOOPBACK);
    let mut host = Host::with(quick(KeepAliveConfig::default()));
    host.account(AccountConfig { transport: SipTransport::Tcp, ..alice(registrar.uri()) });
    for _ in 0..3 {
        let mut stream = registrar.accept();
        let register = stream.receive();
        stream.send(&answer(&register, "200 OK", ""));
        registered(&mut host);
        stream.reset();
    }
    host.end();
}

#[test]
fn a_ping_of_the_far_end_is_answered_by_one_line_break() {
    let host = Host::with(quick(KeepAliveConfig::default()));
    let address = host.engine.local_address(SipTransport::Tcp).unwrap();
    let mut stream = plain_peer::Connection::to(address);
    for _ in 0..2 {
        stream.send("\r\n\r\n");
        assert_eq!(stream.receive_keep_alive(), "\r\n");
    }
}

#[test]
fn another_address_told_by_stun_makes_the_registration_anew() {
    let registrar = Datagrams::bind(LOOPBACK);
    let keep_alive = KeepAliveConfig {
        udp: Duration::from_millis(200),
        udp_method: UdpKeepAlive::Stun,
        ..KeepAliveConfig::default()
    };
    let mut host = Host::with(quick(keep_alive));
    host.account(alice(registrar.uri()));
    let (register, from) = registrar.receive();
    registrar.send(&answer(&register, "200 OK", ""), from);
    registered(&mut host);
    for seen in ["192.0.2.1:1000", "192.0.2.1:1000", "192.0.2.1:1001"] {
        let (octets, from) = registrar.receive_octets();
        let Ok(Binding::Request(id)) = stun::parse(&octets) else { panic!("{octets:?}") };
        registrar.send_octets(&stun::success(id, seen.parse().unwrap()), from);
    }
    let (again, from) = registrar.receive_method("REGISTER");
    registrar.send(&answer(&again, "200 OK", ""), from);
    registered(&mut host);
    host.end();
}

#[test]
fn a_registrar_that_knows_outbound_is_asked_by_stun_and_others_get_line_breaks() {
    for (more, stun_comes) in [("\r\nRequire: outbound", true), ("", false)] {
        let registrar = Datagrams::bind(LOOPBACK);
        let udp = Duration::from_millis(200);
        let mut host = Host::with(quick(KeepAliveConfig { udp, ..KeepAliveConfig::default() }));
        host.account(alice(registrar.uri()));
        let (register, from) = registrar.receive();
        registrar.send(&answer(&register, &format!("200 OK{more}"), ""), from);
        registered(&mut host);
        let (octets, _) = registrar.receive_octets();
        assert_eq!(stun::is_stun(&octets), stun_comes, "{octets:?}");
        assert!(stun_comes || octets == b"\r\n\r\n");
        host.end();
    }
}

/// A dial whose INVITE is larger than a datagram should be.
fn large() -> DialOptions {
    DialOptions { headers: vec![("X-Large".into(), "x".repeat(1400))], ..DialOptions::default() }
}

#[test]
fn a_request_above_1300_bytes_goes_over_tcp_though_the_account_is_on_udp() {
    let listener = Streams::bind(LOOPBACK);
    let mut host = Host::with(quick(KeepAliveConfig::default()));
    let account =
        host.account(AccountConfig { transport: SipTransport::Udp, ..alice(String::new()) });
    let uri = format!("sip:bob@{}", listener.address());
    host.engine.dial(Some(account), &uri, large(), None).unwrap();
    let invite = listener.accept().receive();
    assert!(invite.starts_with("INVITE ") && invite.len() > 1300, "{invite}");
    assert!(header(&invite, "Via").starts_with("SIP/2.0/TCP "), "{invite}");
    host.end();
}

#[test]
fn a_large_request_goes_over_udp_after_all_where_nobody_takes_the_connection() {
    let peer = Datagrams::bind(LOOPBACK);
    let mut host = Host::with(quick(KeepAliveConfig::default()));
    for _ in 0..2 {
        let call = host.engine.dial(None, &peer.uri(), large(), None).unwrap();
        let (invite, from) = peer.receive_method("INVITE");
        assert!(header(&invite, "Via").starts_with("SIP/2.0/UDP "), "{invite}");
        peer.send(&answer(&invite, "486 Busy Here", ""), from);
        assert_eq!(host.reaches(call, CallState::Ended), 486);
    }
}

#[test]
fn a_limit_of_zero_keeps_large_requests_on_udp() {
    let peer = Datagrams::bind(LOOPBACK);
    let _listener = std::net::TcpListener::bind(peer.address()).unwrap();
    let config = EngineConfig { tcp_above_bytes: 0, ..quick(KeepAliveConfig::default()) };
    let host = Host::with(config);
    host.engine.dial(None, &peer.uri(), large(), None).unwrap();
    let (invite, _) = peer.receive();
    assert!(invite.len() > 1300 && header(&invite, "Via").starts_with("SIP/2.0/UDP "));
    host.end();
}

#[test]
fn calls_go_over_ipv6_with_brackets_in_sip_and_ip6_in_sdp() {
    let v6: IpAddr = "::1".parse().unwrap();
    for transport in [SipTransport::Udp, SipTransport::Tcp] {
        let start = || Host::with(EngineConfig { bind: v6.into(), ..EngineConfig::default() });
        let (mut alice, mut bob) = (start(), start());
        let account = alice.account(AccountConfig {
            aor: "sip:alice@[::1]".into(),
            transport,
            ..AccountConfig::default()
        });
        let uri = format!("sip:bob@{}", bob.address());
        assert!(uri.starts_with("sip:bob@[::1]:"), "{uri}");
        let call = alice.engine.dial(Some(account), &uri, DialOptions::default(), None).unwrap();
        let answered = bob.incoming();
        let contact = bob.engine.call_header(answered, "Contact").unwrap().unwrap_or_default();
        assert!(contact.starts_with("<sip:alice@[::1]:"), "{contact}");
        bob.engine.answer(answered, Vec::new(), None).unwrap();
        alice.reaches(call, CallState::Connected);
        let info = alice.engine.call_info(call).unwrap();
        assert!(info.local_rtp.starts_with("[::1]:") && info.remote_rtp.starts_with("[::1]:"));
        bob.engine.hangup(answered, None).unwrap();
        alice.reaches(call, CallState::Ended);
    }
}

#[test]
fn an_engine_on_all_addresses_of_both_families_speaks_each_ones_language() {
    let everywhere: IpAddr = "::".parse().unwrap();
    let host = Host::with(EngineConfig { bind: everywhere.into(), ..EngineConfig::default() });
    let port = host.engine.local_address(SipTransport::Udp).unwrap().port();
    for (ip, connection) in [("127.0.0.1", "IN IP4 127.0.0.1"), ("::1", "IN IP6 ::1")] {
        let ip: IpAddr = ip.parse().unwrap();
        let peer = Datagrams::bind(ip);
        // Out.
        host.engine.dial(None, &peer.uri(), DialOptions::default(), None).unwrap();
        let (invite, from) = peer.receive();
        assert!(invite.contains(&format!("\r\nc={connection}\r\n")), "{invite}");
        peer.send(&answer(&invite, "486 Busy Here", ""), from);
        // In.
        let to = std::net::SocketAddr::new(ip, port);
        peer.send(&plain_peer::options(peer.address()), to);
        let (reply, _) = peer.receive_method("SIP/2.0 200");
        assert!(header(&reply, "Via").contains(&peer.address().to_string()), "{reply}");
    }
    host.end();
}

#[test]
fn sip_and_rtp_carry_the_marks_that_were_set() {
    for (ip, sip_dscp, rtp_dscp) in [("127.0.0.1", 24, 46), ("::1", 24, 46), ("127.0.0.1", 0, 8)] {
        let ip: IpAddr = ip.parse().unwrap();
        let (peer, media) = (Datagrams::bind(ip), Datagrams::bind(ip));
        let mut host = Host::with(EngineConfig {
            bind: ip.into(),
            sip_dscp,
            rtp_dscp,
            ..EngineConfig::default()
        });
        let call = host.engine.dial(None, &peer.uri(), DialOptions::default(), None).unwrap();
        let (invite, from, class) = peer.receive_marked();
        assert_eq!(class >> 2, sip_dscp, "{ip}");
        let invite = String::from_utf8(invite).unwrap();
        peer.send(&plain_peer::accept(&invite, peer.address(), media.address()), from);
        host.reaches(call, CallState::Connected);
        let (packet, _, class) = media.receive_marked();
        assert_eq!((packet[0] >> 6, class >> 2), (2, rtp_dscp), "{ip}");
        host.end();
    }
}

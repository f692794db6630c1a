//! Names through Debian's dnsmasq on loopback, with sipp at the targets: NAPTR, SRV, A and AAAA,
//! fail-over when a target dies or says 503, and the way back when it has healed.

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
    net::{IpAddr, SocketAddr},
    process::Command,
    time::Duration,
};

use child::{Folder, Running, free_port};
use host::Host;
use peer::Peer;
use sidetone::{
    Engine,
    base::plan::CodecKind,
    engine::{
        AccountConfig, CallState, DialOptions, DnsSettings, EngineConfig, ErrorKind, EventKind,
        RegistrationState, SipTimers, SipTransport, SrtpPolicy,
    },
};

/// A name server of our own, with the records given as dnsmasq's options.
struct NameServer {
    _running: Running,
    _folder: Folder,
    address: SocketAddr,
}

impl NameServer {
    fn start(records: &[String]) -> Self {
        Self::start_at(free_port(), records)
    }

    fn start_at(port: u16, records: &[String]) -> Self {
        let folder = Folder::new("dnsmasq");
        let config = folder.path("dnsmasq.conf");
        std::fs::write(&config, "").unwrap();
        let mut command = Command::new("dnsmasq");
        command.arg("--no-daemon").arg(format!("--conf-file={}", config.display()));
        command.arg(format!("--port={port}"));
        command.args(["--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv"]);
        command.args([
            "--no-hosts",
            "--local-ttl=1",
            "--local=/test/",
            "--log-queries",
            "--user=root",
        ]);
        command.args(records);
        let running = Running::start(command, &folder);
        running.wait_for("started", Duration::from_secs(20));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Self { _running: running, _folder: folder, address }
    }
}

/// An engine that asks `names`, in a hurry.
fn host(names: &NameServer, bind: IpAddr) -> Host {
    let config = EngineConfig {
        bind: bind.into(),
        // 64 * T1 for a target that is silent: about a second.
        timers: SipTimers {
            t1: Duration::from_millis(15),
            t2: Duration::from_millis(60),
            min_registration: Duration::from_secs(1),
            ..SipTimers::default()
        },
        dns: DnsSettings {
            server: Some(names.address),
            avoid: Duration::from_secs(2),
            ..DnsSettings::default()
        },
        ..EngineConfig::default()
    };
    Host::with_engine(Engine::new(config).unwrap())
}

/// Grants lifetimes of 4 s.
const SHORT: &[&str] = &["-key", "life", "4"];
const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn account(transport: SipTransport) -> AccountConfig {
    AccountConfig {
        aor: "sip:alice@office.test".into(),
        registrar: "sip:office.test".into(),
        expires: Duration::from_secs(4),
        codecs: vec![CodecKind::Pcmu],
        srtp: SrtpPolicy::Off,
        transport,
        ..AccountConfig::default()
    }
}

/// Waits until a REGISTER was granted at `port`; gives the event's text.
fn registered_at(host: &mut Host, port: u16) -> String {
    host.wait(&format!("registration at port {port}"), |event| match event {
        EventKind::Registration { state: RegistrationState::Registered, target, text, .. } => {
            target.contains(&format!(":{port}/")).then(|| text.clone())
        }
        _ => None,
    })
}

#[test]
fn a_registrar_that_dies_is_left_for_the_next_and_returned_to_when_it_has_healed() {
    let (first, second) = (free_port(), free_port());
    let names = NameServer::start(&[
        "--naptr-record=office.test,10,10,s,SIP+D2U,,_sip._udp.office.test".into(),
        format!("--srv-host=_sip._udp.office.test,one.office.test,{first},10,50"),
        format!("--srv-host=_sip._udp.office.test,two.office.test,{second},20,50"),
        "--host-record=one.office.test,127.0.0.1".into(),
        "--host-record=two.office.test,127.0.0.1".into(),
    ]);
    let main = Peer::start("registrar_open", "127.0.0.1", first, SHORT);
    let _spare = Peer::start("registrar_open", "127.0.0.1", second, SHORT);
    let mut host = host(&names, LOOPBACK);
    host.account(account(SipTransport::Auto));
    assert_eq!(registered_at(&mut host, first), "OK");
    drop(main);
    let text = registered_at(&mut host, second);
    assert!(text.contains(&format!("127.0.0.1:{first}/UDP could not be reached")), "{text}");
    let main = Peer::start("registrar_open", "127.0.0.1", first, SHORT);
    assert_eq!(registered_at(&mut host, first), "OK", "healed by time");
    assert!(main.saw().contains("REGISTER sip:office.test SIP/2.0"));
}

#[test]
fn a_registrar_that_has_moved_in_the_dns_is_followed() {
    let (first, second) = (free_port(), free_port());
    let at = |port: u16| {
        [
            format!("--srv-host=_sip._udp.office.test,one.office.test,{port},10,50"),
            "--host-record=one.office.test,127.0.0.1".into(),
        ]
    };
    let names = NameServer::start(&at(first));
    let port = names.address.port();
    let main = Peer::start("registrar_open", "127.0.0.1", first, SHORT);
    let mut host = host(&names, LOOPBACK);
    host.account(account(SipTransport::Udp));
    registered_at(&mut host, first);
    drop((main, names));
    let _names = NameServer::start_at(port, &at(second));
    let _main = Peer::start("registrar_open", "127.0.0.1", second, SHORT);
    registered_at(&mut host, second);
}

#[test]
fn naptr_chooses_tcp_and_a_refused_connection_or_a_503_sends_an_invite_to_the_next_target() {
    let (dead, busy, free) = (free_port(), free_port(), free_port());
    let names = NameServer::start(&[
        "--naptr-record=office.test,10,10,s,SIP+D2T,,_sip._tcp.office.test".into(),
        "--naptr-record=office.test,20,10,s,SIP+D2U,,_sip._udp.office.test".into(),
        format!("--srv-host=_sip._tcp.office.test,a.office.test,{dead},0,1"),
        format!("--srv-host=_sip._tcp.office.test,a.office.test,{busy},1,1"),
        format!("--srv-host=_sip._tcp.office.test,a.office.test,{free},2,1"),
        "--host-record=a.office.test,127.0.0.1".into(),
    ]);
    let refusing = Peer::start("uas_unavailable", "127.0.0.1", busy, &["-t", "t1", "-m", "1"]);
    let answering = Peer::start("uas_answer_bye", "127.0.0.1", free, &["-t", "t1", "-m", "1"]);
    let mut host = host(&names, LOOPBACK);
    let account =
        host.account(AccountConfig { registrar: String::new(), ..account(SipTransport::Auto) });
    let call = host
        .engine
        .dial(Some(account), "sip:bob@office.test", DialOptions::default(), None)
        .unwrap();
    host.reaches(call, CallState::Connected);
    host.reaches(call, CallState::Ended);
    let (first, second) = (refusing.saw(), answering.saw());
    assert!(first.contains("INVITE sip:bob@office.test SIP/2.0"), "{first}");
    let branch = |text: &str| {
        let at = text.find("branch=").unwrap();
        text[at..].split(['\r', '\n', ';']).next().unwrap().to_owned()
    };
    assert_ne!(branch(&first), branch(&second), "RFC 3263 §4.3: a branch of its own");
    let call_id = |text: &str| {
        let at = text.find("Call-ID: ").unwrap();
        text[at..].lines().next().unwrap().to_owned()
    };
    assert_eq!(call_id(&first), call_id(&second), "else the same request");
}

#[test]
fn without_naptr_and_srv_the_aaaa_record_is_used() {
    let port = free_port();
    let names = NameServer::start(&["--host-record=office.test,::1".into()]);
    let _registrar = Peer::start("registrar_open", "::1", port, SHORT);
    let mut host = host(&names, "::1".parse().unwrap());
    let registrar = format!("sip:office.test:{port}");
    host.account(AccountConfig { registrar, ..account(SipTransport::Auto) });
    registered_at(&mut host, port);
}

#[test]
fn a_name_that_is_not_there_and_a_dead_name_server_are_told_apart() {
    let names = NameServer::start(&[]);
    let mut here = host(&names, LOOPBACK);
    let dial = |host: &mut Host| {
        let options = DialOptions::default();
        let call = host.engine.dial(None, "sip:bob@nowhere.test:5060", options, None).unwrap();
        host.wait("end", move |event| match event {
            EventKind::Call { call: id, state: CallState::Ended, text, error, .. }
                if *id == call =>
            {
                Some((text.clone(), *error))
            }
            _ => None,
        })
    };
    let (text, error) = dial(&mut here);
    assert_eq!(error, Some(ErrorKind::Resolve));
    assert!(text.contains("the name has no address"), "{text}");
    let dead = NameServer { address: SocketAddr::from(([127, 0, 0, 1], free_port())), ..names };
    let (text, error) = dial(&mut host(&dead, LOOPBACK));
    assert_eq!(error, Some(ErrorKind::Resolve));
    assert!(text.contains("the resolver failed"), "{text}");
}

//! SIP over TLS with `openssl s_server`, and between two of our engines: whom we trust, whom we
//! refuse, and in which words.

#[path = "support/certificates.rs"]
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

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use certificates::{Authority, Identity, Validity};
use child::{Folder, Running, free_port};
use host::Host;
use sidetone::{
    base::ids::AccountId,
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, ErrorKind, EventKind, LogLevel,
        LogLine, RegistrationState, SipTransport, TlsConfig,
    },
};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that takes TLS connections and prints what comes.
struct Server {
    running: Running,
    port: u16,
    _folder: Folder,
}

impl Server {
    fn start(identity: &Identity, clients_of: Option<&Path>) -> Self {
        let (folder, port) = (Folder::new("s_server"), free_port());
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", &format!("127.0.0.1:{port}")]);
        command.arg("-cert").arg(&identity.certificate).arg("-key").arg(&identity.key);
        if let Some(authority) = clients_of {
            command.args(["-Verify", "1", "-verify_return_error", "-CAfile"]).arg(authority);
        }
        let running = Running::start(command, &folder);
        running.wait_for("ACCEPT", PATIENCE);
        Self { running, port, _folder: folder }
    }

    fn registrar(&self, host: &str) -> String {
        format!("sip:{host}:{};transport=tls", self.port)
    }

    /// Waits until a REGISTER came through.
    fn must_be_asked(&self) {
        self.running.wait_for("REGISTER sip:", PATIENCE);
    }
}

/// An engine with this idea of trust.
fn phone(tls: TlsConfig) -> Host {
    let bind = [127, 0, 0, 1].into();
    Host::with(EngineConfig { bind, tls, ..EngineConfig::default() })
}

fn trusting(authority: &Authority) -> TlsConfig {
    TlsConfig { ca_file: Some(authority.certificate.clone()), ..TlsConfig::default() }
}

fn register(host: &mut Host, registrar: &str) -> AccountId {
    host.account(AccountConfig {
        aor: "sip:alice@localhost".into(),
        registrar: registrar.into(),
        transport: SipTransport::Tls,
        ..AccountConfig::default()
    })
}

/// Registers, and gives what the first failure's event says.
fn refusal(tls: TlsConfig, registrar: &str) -> String {
    let mut host = phone(tls);
    register(&mut host, registrar);
    let text = host.wait("refusal", |event| match event {
        EventKind::Registration { state: RegistrationState::Retrying, text, .. } => {
            Some(text.clone())
        }
        EventKind::Registration { state: RegistrationState::Registered, .. } => panic!("taken"),
        _ => None,
    });
    host.end();
    text
}

#[test]
fn a_server_of_the_right_name_is_taken_by_host_name_address_or_sip_uri() {
    let folder = Folder::new("tls");
    let authority = Authority::new(&folder, "authority");
    for (names, host) in [
        (&["localhost"][..], "localhost"),
        (&["127.0.0.1"], "127.0.0.1"),
        (&["sip:localhost"], "localhost"),
        (&["other.test", "localhost"], "localhost"),
    ] {
        let server = Server::start(&authority.issue(&folder, names, Validity::Now), None);
        let mut phone = phone(trusting(&authority));
        register(&mut phone, &server.registrar(host));
        server.must_be_asked();
        phone.end();
    }
}

#[test]
fn a_wrong_name_an_expired_and_a_foreign_certificate_are_refused_with_the_reason() {
    let folder = Folder::new("tls");
    let ours = Authority::new(&folder, "ours");
    let foreign = Authority::new(&folder, "foreign");
    let table = [
        (
            ours.issue(&folder, &["other.test", "sip:third.test"], Validity::Now),
            "the certificate of localhost is for other.test, sip:third.test",
        ),
        (
            ours.issue(&folder, &["localhost"], Validity::Over),
            "the certificate of localhost has expired",
        ),
        (
            foreign.issue(&folder, &["localhost"], Validity::Now),
            "the certificate of localhost is of an unknown issuer",
        ),
    ];
    std::thread::scope(|scope| {
        for (identity, expected) in table {
            let tls = trusting(&ours);
            scope.spawn(move || {
                let server = Server::start(&identity, None);
                assert_eq!(refusal(tls, &server.registrar("localhost")), expected);
                assert!(!server.running.text().contains("REGISTER"), "nothing was sent to it");
            });
        }
    });
}

#[test]
fn the_systems_authorities_are_asked_when_no_others_are_given() {
    let folder = Folder::new("tls");
    let authority = Authority::new(&folder, "authority");
    let server = Server::start(&authority.issue(&folder, &["localhost"], Validity::Now), None);
    let text = refusal(TlsConfig::default(), &server.registrar("localhost"));
    assert_eq!(text, "the certificate of localhost is of an unknown issuer");
}

#[test]
fn a_certificate_in_the_ca_file_itself_is_trusted_for_its_name_alone() {
    let folder = Folder::new("tls");
    let foreign = Authority::new(&folder, "foreign");
    let identity = foreign.issue(&folder, &["localhost"], Validity::Now);
    let server = Server::start(&identity, None);
    let pinned = TlsConfig { ca_file: Some(identity.certificate.clone()), ..TlsConfig::default() };
    let mut phone = phone(pinned.clone());
    register(&mut phone, &server.registrar("localhost"));
    server.must_be_asked();
    // It serves one at a time.
    phone.end();
    let text = refusal(pinned, &server.registrar("127.0.0.1"));
    assert_eq!(text, "the certificate of 127.0.0.1 is for localhost");
}

#[test]
fn without_verification_anybody_is_taken_and_the_log_warns() {
    let folder = Folder::new("tls");
    let foreign = Authority::new(&folder, "foreign");
    let server = Server::start(&foreign.issue(&folder, &["other.test"], Validity::Over), None);
    let warned = Arc::new(Mutex::new(Vec::new()));
    let mut phone = phone(TlsConfig { verify: false, ..TlsConfig::default() });
    let lines = Arc::clone(&warned);
    let sink = move |line: &LogLine| lines.lock().unwrap().push(line.text.clone());
    phone.engine.set_log(LogLevel::Warning, Some(Arc::new(sink)));
    register(&mut phone, &server.registrar("localhost"));
    server.must_be_asked();
    phone.engine.shutdown(Duration::ZERO);
    let lines = warned.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("not verified")), "{lines:?}");
}

#[test]
fn a_certificate_of_ours_is_shown_to_a_server_that_asks_for_one() {
    let folder = Folder::new("tls");
    let authority = Authority::new(&folder, "authority");
    let server = Server::start(
        &authority.issue(&folder, &["localhost"], Validity::Now),
        Some(&authority.certificate),
    );
    let own = authority.issue(&folder, &["sip:alice@localhost"], Validity::Now);
    let tls = TlsConfig {
        certificate: Some(own.certificate),
        key: Some(own.key),
        ..trusting(&authority)
    };
    let mut shown = phone(tls);
    register(&mut shown, &server.registrar("localhost"));
    server.must_be_asked();
    shown.end();
    let text = refusal(trusting(&authority), &server.registrar("localhost"));
    assert!(text.contains("certificate"), "{text}");
}

#[test]
fn files_that_cannot_be_read_are_told_when_the_engine_starts() {
    let folder = Folder::new("tls");
    std::fs::write(folder.path("empty.pem"), "nothing").unwrap();
    let start = |tls| {
        let config = EngineConfig { bind: [127, 0, 0, 1].into(), tls, ..EngineConfig::default() };
        sidetone::Engine::new(config).unwrap_err()
    };
    let ca = |path: PathBuf| TlsConfig { ca_file: Some(path), ..TlsConfig::default() };
    for name in ["missing.pem", "empty.pem"] {
        let error = start(ca(folder.path(name)));
        assert_eq!(error.kind, ErrorKind::FileOpen, "{error}");
        assert!(error.message.contains(name), "{error}");
    }
    let half = TlsConfig { certificate: Some(folder.path("empty.pem")), ..TlsConfig::default() };
    assert!(start(half).message.contains("both"));
    let deaf = TlsConfig { listen_port: Some(0), ..TlsConfig::default() };
    assert_eq!(start(deaf).kind, ErrorKind::InvalidArgument);
}

#[test]
fn the_end_of_a_call_tells_what_was_wrong_with_the_certificate() {
    let folder = Folder::new("tls");
    let authority = Authority::new(&folder, "authority");
    let server = Server::start(&authority.issue(&folder, &["other.test"], Validity::Now), None);
    let mut phone = phone(trusting(&authority));
    let uri = format!("sips:bob@localhost:{}", server.port);
    phone.engine.dial(None, &uri, DialOptions::default(), None).unwrap();
    let (text, error) = phone.wait("end", |event| match event {
        EventKind::Call { state: CallState::Ended, text, error, .. } => {
            Some((text.clone(), *error))
        }
        _ => None,
    });
    assert_eq!(text, "the certificate of localhost is for other.test");
    assert_eq!(error, Some(ErrorKind::Certificate));
}

#[test]
fn two_engines_call_each_other_by_sips_uris_over_one_connection() {
    let folder = Folder::new("tls");
    let authority = Authority::new(&folder, "authority");
    let own = authority.issue(&folder, &["localhost", "127.0.0.1"], Validity::Now);
    let mut bob = phone(TlsConfig {
        certificate: Some(own.certificate),
        key: Some(own.key),
        listen_port: Some(0),
        ..TlsConfig::default()
    });
    let mut alice = phone(trusting(&authority));
    let port = bob.engine.local_address(SipTransport::Tls).unwrap().port();
    for alice_ends in [true, false] {
        let uri = format!("sips:bob@localhost:{port}");
        let call = alice.engine.dial(None, &uri, DialOptions::default(), None).unwrap();
        let answered = bob.incoming();
        bob.engine.answer(answered, Vec::new(), None).unwrap();
        alice.reaches(call, CallState::Connected);
        bob.reaches(answered, CallState::Connected);
        // Alice listens for no TLS: what bob has to say goes over the connection that she made.
        match alice_ends {
            true => alice.engine.hangup(call, None).unwrap(),
            false => bob.engine.hangup(answered, None).unwrap(),
        }
        assert_eq!(bob.reaches(answered, CallState::Ended), 0, "an orderly end");
        alice.reaches(call, CallState::Ended);
    }
}

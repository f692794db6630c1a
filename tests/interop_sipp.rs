//! Calls with Debian's sipp, over real sockets: as registrar, as callee, as caller.
//!
//! The scenarios stand in `tests/sipp`; sipp fails one of its own accord when what comes is not what
//! the scenario waits for. Media goes both ways through its echo, and what comes back is judged by
//! content.

#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;

use std::{process::Command, time::Duration};

use child::{Folder, Running, await_udp, free_port, tail};
use host::{Host, echo_limits};
use sidetone::{
    base::plan::CodecKind,
    engine::{
        AccountConfig, CallState, DialOptions, ErrorKind, EventKind, RegistrationState,
        SipTransport, SrtpPolicy,
    },
};

const SPEECH: &[u8] = include_bytes!("../src/bin/sidetone-phone/speech/librivox_f_0880.wav");

/// A sipp at work.
struct Sipp {
    running: Running,
    folder: Folder,
    port: u16,
}

impl Sipp {
    /// Waits for somebody, in `scenario`.
    fn listens(scenario: &str, more: &[&str]) -> Self {
        Self::start(scenario, None, more)
    }

    /// Turns to `target`, in `scenario`.
    fn calls(scenario: &str, target: &str, more: &[&str]) -> Self {
        Self::start(scenario, Some(target), more)
    }

    fn start(scenario: &str, target: Option<&str>, more: &[&str]) -> Self {
        let folder = Folder::new("sipp");
        let port = free_port();
        let mut command = Command::new("sipp");
        command.args(target);
        command.arg("-sf").arg(format!("{}/tests/sipp/{scenario}.xml", env!("CARGO_MANIFEST_DIR")));
        command.args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-s", "alice", "-nostdin"]);
        command.args(["-p", &port.to_string(), "-mp", &free_port().to_string(), "-rtp_echo"]);
        command.args(["-timeout", "60", "-timeout_error", "-trace_err", "-trace_msg"]);
        command.arg("-error_file").arg(folder.path("errors"));
        command.arg("-message_file").arg(folder.path("messages"));
        if !more.contains(&"-m") {
            command.args(["-m", "1"]);
        }
        command.args(more);
        let running = Running::start(command, &folder);
        if target.is_none() && !more.contains(&"t1") {
            await_udp(port);
        }
        Self { running, folder, port }
    }

    /// What a phone dials to reach it.
    fn uri(&self) -> String {
        format!("sip:sipp@127.0.0.1:{}", self.port)
    }

    /// Waits for its end; it must be content. Gives all messages that it sent and received.
    fn must_pass(mut self) -> String {
        let status = self.running.wait(Duration::from_secs(60));
        let content = status.is_some_and(|s| s.success());
        assert!(content, "sipp ended with {status:?}\n{}", tail(&self.folder.path("errors")),);
        std::fs::read_to_string(self.folder.path("messages")).unwrap_or_default()
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("sipp saw:\n{}", tail(&self.folder.path("messages")));
        }
    }
}

fn alice(transport: SipTransport) -> AccountConfig {
    AccountConfig {
        aor: "sip:alice@127.0.0.1".into(),
        codecs: vec![CodecKind::Pcmu],
        srtp: SrtpPolicy::Off,
        transport,
        ..AccountConfig::default()
    }
}

/// A host that can be called, and calls.
fn host(folder: &Folder, transport: SipTransport) -> Host {
    let mut host = Host::start(folder, SPEECH);
    host.account(alice(transport));
    host
}

fn dial(host: &Host, uri: &str, options: DialOptions) -> sidetone::base::ids::CallId {
    let account = host.engine.accounts().first().copied();
    host.engine.dial(account, uri, options, None).unwrap()
}

/// Lets what was said come back, with the echo of its last word.
fn talk(host: &mut Host) {
    host.run(host.speech_time() + Duration::from_millis(600));
}

fn assert_echo(host: Host) {
    let verdict = host.judge_echo(8_000, &echo_limits());
    assert!(verdict.passed(), "{verdict:#?}");
}

#[test]
fn registers_with_digest_and_takes_it_back() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("registrar", &[]);
    let mut host = Host::start(&folder, SPEECH);
    let account = host.account(AccountConfig {
        aor: "sip:alice@test.example".into(),
        registrar: format!("sip:127.0.0.1:{}", sipp.port),
        password: "secret".into(),
        ..alice(SipTransport::Udp)
    });
    let state = |wanted| {
        move |event: &EventKind| match event {
            EventKind::Registration { state, code, .. } if *state == wanted => Some(*code),
            _ => None,
        }
    };
    host.wait("registration", state(RegistrationState::Registered));
    let granted = host.engine.account_info(account).unwrap().expires;
    assert_eq!(granted, Duration::from_secs(60));
    host.engine.account_unregister(account, None).unwrap();
    host.wait("end of the registration", state(RegistrationState::Unregistered));
    sipp.must_pass();
}

#[test]
fn fails_for_good_when_the_registrar_refuses_the_password() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("registrar", &[]);
    let mut host = Host::start(&folder, SPEECH);
    host.account(AccountConfig {
        aor: "sip:alice@test.example".into(),
        registrar: format!("sip:127.0.0.1:{}", sipp.port),
        password: "wrong".into(),
        ..alice(SipTransport::Udp)
    });
    let code = host.wait("refusal", |event| match event {
        EventKind::Registration { state: RegistrationState::Failed, code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code, 403);
}

#[test]
fn calls_with_media_both_ways_and_hangs_up() {
    for transport in [SipTransport::Udp, SipTransport::Tcp] {
        let folder = Folder::new("host");
        let way: &[&str] = if transport == SipTransport::Tcp { &["-t", "t1"] } else { &[] };
        let sipp = Sipp::listens("uas_answer", way);
        if transport == SipTransport::Tcp {
            // A connection is refused until it listens; a datagram would be sent again.
            while std::net::TcpStream::connect(("127.0.0.1", sipp.port)).is_err() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let mut host = host(&folder, transport);
        let call = dial(&host, &sipp.uri(), DialOptions::default());
        host.reaches(call, CallState::Connected);
        talk(&mut host);
        assert_eq!(host.engine.call_info(call).unwrap().codec, Some(CodecKind::Pcmu));
        host.engine.hangup(call, None).unwrap();
        host.reaches(call, CallState::Ended);
        sipp.must_pass();
        assert_echo(host);
    }
}

#[test]
fn is_called_with_media_both_ways_and_is_hung_up_on() {
    for way in [&[][..], &["-t", "t1"][..]] {
        let folder = Folder::new("host");
        let mut host = host(&folder, SipTransport::Udp);
        let more = [way, &["-d", "4000"]].concat();
        let sipp = Sipp::calls("uac_answer", &host.address(), &more);
        let call = host.incoming();
        host.engine.answer(call, Vec::new(), None).unwrap();
        host.reaches(call, CallState::Connected);
        host.reaches(call, CallState::Ended);
        sipp.must_pass();
        assert_echo(host);
    }
}

#[test]
fn hangs_up_on_a_caller() {
    let folder = Folder::new("host");
    let mut host = host(&folder, SipTransport::Udp);
    let sipp = Sipp::calls("uac_wait_bye", &host.address(), &[]);
    let call = host.incoming();
    host.engine.answer(call, Vec::new(), None).unwrap();
    host.reaches(call, CallState::Connected);
    host.run(Duration::from_millis(300));
    host.engine.hangup(call, None).unwrap();
    host.reaches(call, CallState::Ended);
    sipp.must_pass();
}

#[test]
fn is_hung_up_on_by_whom_it_called() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("uas_answer_bye", &[]);
    let mut host = host(&folder, SipTransport::Udp);
    let call = dial(&host, &sipp.uri(), DialOptions::default());
    host.reaches(call, CallState::Connected);
    host.reaches(call, CallState::Ended);
    sipp.must_pass();
}

#[test]
fn tells_that_the_far_end_is_busy() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("uas_busy", &[]);
    let mut host = host(&folder, SipTransport::Udp);
    let call = dial(&host, &sipp.uri(), DialOptions::default());
    let error = host.wait("end", |event| match event {
        EventKind::Call { state: CallState::Ended, code, error, .. } => Some((*code, *error)),
        _ => None,
    });
    assert_eq!(error, (486, Some(ErrorKind::Refused)));
    assert!(host.engine.call_info(call).is_err(), "the id is stale after the end");
    sipp.must_pass();
}

#[test]
fn refuses_a_call_as_busy() {
    let folder = Folder::new("host");
    let mut host = host(&folder, SipTransport::Udp);
    let sipp = Sipp::calls("uac_busy", &host.address(), &[]);
    let call = host.incoming();
    host.engine.reject(call, 486, "", None).unwrap();
    host.reaches(call, CallState::Ended);
    sipp.must_pass();
}

#[test]
fn gives_up_a_call_that_rings() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("uas_cancel", &[]);
    let mut host = host(&folder, SipTransport::Udp);
    let call = dial(&host, &sipp.uri(), DialOptions::default());
    host.reaches(call, CallState::Ringing);
    host.engine.hangup(call, None).unwrap();
    host.reaches(call, CallState::Ended);
    sipp.must_pass();
}

#[test]
fn gives_up_by_itself_when_nobody_answers() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("uas_cancel", &[]);
    let mut host = host(&folder, SipTransport::Udp);
    let no_answer = Some(Duration::from_secs(2));
    let call = dial(&host, &sipp.uri(), DialOptions { no_answer, ..DialOptions::default() });
    let error = host.wait("end", |event| match event {
        EventKind::Call { call: id, state: CallState::Ended, error, .. } if *id == call => {
            Some(*error)
        }
        _ => None,
    });
    assert_eq!(error, Some(ErrorKind::NoAnswer));
    sipp.must_pass();
}

#[test]
fn stops_ringing_when_the_caller_gives_up() {
    let folder = Folder::new("host");
    let mut host = host(&folder, SipTransport::Udp);
    let sipp = Sipp::calls("uac_cancel", &host.address(), &[]);
    let call = host.incoming();
    host.engine.ring(call, None).unwrap();
    host.reaches(call, CallState::Ended);
    sipp.must_pass();
}

#[test]
fn takes_repeated_responses_once_and_acknowledges_every_200() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("uas_repeat", &["-m", "4"]);
    let mut host = host(&folder, SipTransport::Udp);
    for _ in 0..4 {
        let call = dial(&host, &sipp.uri(), DialOptions::default());
        host.reaches(call, CallState::Connected);
        // A 200 whose ACK was lost comes again after 0.5 s and 1 s more.
        host.run(Duration::from_millis(2_200));
        host.engine.hangup(call, None).unwrap();
        host.reaches(call, CallState::Ended);
    }
    let connected = host
        .events
        .iter()
        .filter(|event| matches!(event, EventKind::Call { state: CallState::Connected, .. }));
    assert_eq!(connected.count(), 4);
    let messages = sipp.must_pass();
    let acks = messages.matches("ACK sip:").count();
    let answers = messages.matches("\nm=audio").count() - messages.matches("INVITE sip:").count();
    assert_eq!(acks, answers, "every 200 has its ACK");
}

#[test]
fn repeats_its_200_until_the_ack_and_takes_repeated_acks() {
    let folder = Folder::new("host");
    let mut host = host(&folder, SipTransport::Udp);
    let sipp = Sipp::calls("uac_repeat", &host.address(), &[]);
    let call = host.incoming();
    host.engine.answer(call, Vec::new(), None).unwrap();
    host.reaches(call, CallState::Ended);
    // At 0, 0.5 and 1.5 s (RFC 3261 §13.3.1.4), and one for the BYE.
    let answers = sipp.must_pass().matches("SIP/2.0 200 OK").count();
    assert!(answers >= 4, "the 200 was sent {answers} times while no ACK came");
}

#[test]
fn calls_through_a_network_that_loses_one_message_in_seven() {
    let folder = Folder::new("host");
    let sipp = Sipp::listens("uas_lossy", &["-m", "5"]);
    let mut host = host(&folder, SipTransport::Udp);
    for _ in 0..5 {
        let call = dial(&host, &sipp.uri(), DialOptions::default());
        host.reaches(call, CallState::Connected);
        host.run(Duration::from_millis(100));
        host.engine.hangup(call, None).unwrap();
        host.reaches(call, CallState::Ended);
    }
    sipp.must_pass();
}

#[test]
fn is_called_through_a_network_that_loses_one_message_in_seven() {
    let folder = Folder::new("host");
    let mut host = host(&folder, SipTransport::Udp);
    let sipp = Sipp::calls("uac_lossy", &host.address(), &["-m", "5", "-r", "2"]);
    let mut ended = 0;
    while ended < 5 {
        let over = host.wait("call or end", |event| match event {
            EventKind::IncomingCall { call, .. } => Some(Some(*call)),
            EventKind::Call { state: CallState::Ended, .. } => Some(None),
            _ => None,
        });
        match over {
            Some(call) => host.engine.answer(call, Vec::new(), None).unwrap(),
            None => ended += 1,
        }
    }
    sipp.must_pass();
}

#[test]
fn answers_options_with_what_it_can() {
    let folder = Folder::new("host");
    let host = host(&folder, SipTransport::Udp);
    Sipp::calls("uac_options", &host.address(), &[]).must_pass();
}

//! `sidetone-phone` as a person or a script has it: what it refuses, and why; its exit status; the
//! files and the JSON of its calls.
#![cfg(feature = "programs")]

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{
    collections::HashSet,
    net::UdpSocket,
    process::Command,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use child::{Folder, Running};
use serde_json::Value;
use sidetone::{
    Engine,
    device::wav,
    engine::{CallState, DialOptions, EngineConfig, EventKind, event::EndReason},
};

const LONGEST: Duration = Duration::from_secs(30);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidetone-phone"));
    command.args(arguments);
    command
}

/// Runs the program; gives its exit status and what it said on stdout and stderr.
fn run(arguments: &[&str]) -> (i32, String) {
    let folder = Folder::new("phone");
    let mut phone = Running::start(program(arguments), &folder);
    let status = phone.wait(LONGEST).unwrap_or_else(|| panic!("{arguments:?}: {}", phone.text()));
    (status.code().unwrap(), phone.text())
}

#[test]
fn wrong_arguments_end_it_with_status_2_before_anybody_is_called() {
    const TO: &str = "sip:bob@127.0.0.1:9";
    let cases: [(&[&str], &str); 8] = [
        (&["dial", "foo"], "needs a host"),
        (&["dial", "--device", "none", "4711"], "needs a host"),
        (&["dial", "--dtmf", "xyz", TO], "'x' is no digit"),
        (&["dial", "--account", "alice", TO], "no @"),
        (&["answer", "--echo", "--gain", "100"], "-96 (silence) to +24 dB"),
        (&["answer", "--gain", "3"], "--echo"),
        (&["register"], "at least one --account"),
        (&["register", "--account", "sip:a:b@127.0.0.1:9", "--no-register"], "--no-register"),
    ];
    for (arguments, why) in cases {
        let (status, said) = run(arguments);
        assert!(status == 2 && said.contains(why), "{arguments:?}: {status}, {said}");
        assert!(!said.contains("calling"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_call() {
    for option in ["--to-wav", "--record", "--pcap"] {
        let (status, said) = run(&["dial", option, "/nowhere/x.wav", "sip:bob@127.0.0.1:9"]);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("/nowhere/x.wav cannot be written"), "{said}");
        assert!(!said.contains("calling"), "{said}");
    }
}

#[test]
fn a_registration_that_is_given_up_is_told_with_its_account() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let account = format!("sip:alice:secret@{}", silent.local_addr().unwrap());
    let common = ["register", "--bind", "127.0.0.1", "--account", &account, "--timeout", "1"];
    let (status, said) = run(&common);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("not registered: sip:alice@127.0.0.1"), "{said}");
    assert!(said.contains("within 1 s") && !said.contains("secret"), "{said}");
}

#[test]
fn the_program_describes_itself_and_not_the_library() {
    let (status, said) = run(&["--help"]);
    assert!(status == 0 && said.starts_with("A softphone"), "{said}");
    let (_, said) = run(&["register", "--help"]);
    assert!(!said.contains("--codec") && !said.contains("--srtp"), "{said}");
    assert!(!said.contains("[default: \"\"]"), "{said}");
}

#[test]
fn every_answered_call_has_a_recording_of_its_own_and_ids_are_text() {
    let folder = Folder::new("phone-answers");
    let recording = folder.path("call.wav");
    let mut command = program(&["answer", "--bind", "127.0.0.1", "--device", "none", "--json"]);
    command.args(["--count", "2", "--for", "0.3", "--record"]).arg(&recording);
    let mut phone = Running::start(command, &folder);
    phone.wait_for("listening", LONGEST);
    let line = phone.text().lines().next().unwrap().to_owned();
    let listening: Value = serde_json::from_str(&line).unwrap();
    let uri = format!("sip:phone@{}", listening["address"].as_str().unwrap());

    let config = EngineConfig { bind: [127, 0, 0, 1].into(), ..EngineConfig::default() };
    let caller = Engine::new(config).unwrap();
    for _ in 0..2 {
        caller.dial(None, &uri, DialOptions::default(), None).unwrap();
        let until = Instant::now() + LONGEST;
        loop {
            let event = caller.next_event(Some(until - Instant::now())).unwrap().expect("an end");
            if let EventKind::Call { state: CallState::Ended, error, .. } = event.kind {
                assert_eq!(error, None);
                break;
            }
        }
    }
    assert!(phone.wait(LONGEST).is_some_and(|status| status.success()), "{}", phone.text());

    for path in [recording, folder.path("call-2.wav")] {
        let wav = wav::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(wav.frames() > 0, "{}", path.display());
    }
    let events: Vec<Value> =
        phone.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let calls: HashSet<&str> =
        events.iter().filter_map(|e| e.get("call")).map(|id| id.as_str().unwrap()).collect();
    assert_eq!(calls.len(), 2, "{events:#?}");
    assert!(events.iter().all(|event| event["event"] != "other"), "{events:#?}");
}

/// A registrar that grants whatever is asked for, and tells of each REGISTER.
fn registrar() -> (String, Receiver<String>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let (sender, registers) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if !request.starts_with("REGISTER") {
                continue;
            }
            let kept = ["via:", "from:", "to:", "call-id:", "cseq:", "contact:", "expires:"];
            let mut response = String::from("SIP/2.0 200 OK\r\n");
            for line in request.lines() {
                let lower = line.to_ascii_lowercase();
                if kept.iter().any(|name| lower.starts_with(name)) {
                    let tag = if lower.starts_with("to:") { ";tag=registrar" } else { "" };
                    response += &format!("{line}{tag}\r\n");
                }
            }
            response += "Content-Length: 0\r\n\r\n";
            socket.send_to(response.as_bytes(), from).unwrap();
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    (address, registers)
}

/// Waits for the caller's event that `wanted` gives something for.
fn await_event<T>(caller: &Engine, wanted: impl Fn(EventKind) -> Option<T>) -> T {
    let until = Instant::now() + LONGEST;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let event = caller.next_event(Some(left)).unwrap().expect("it comes in time");
        if let Some(found) = wanted(event.kind) {
            return found;
        }
    }
}

#[test]
fn one_that_is_asked_to_end_hangs_up_and_unregisters() {
    let (registrar, registers) = registrar();
    let account = format!("sip:bob:secret@{registrar}");
    let folder = Folder::new("phone-term");
    let arguments = ["answer", "--bind", "127.0.0.1", "--device", "none", "--json", "--account"];
    let mut command = program(&arguments);
    command.arg(&account);
    let mut phone = Running::start(command, &folder);
    let register = registers.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("{}", phone.text()));
    let contact = register.lines().find(|line| line.starts_with("Contact:")).unwrap();
    let uri = contact.split(['<', '>']).nth(1).unwrap();

    let config = EngineConfig { bind: [127, 0, 0, 1].into(), ..EngineConfig::default() };
    let caller = Engine::new(config).unwrap();
    caller.dial(None, uri, DialOptions::default(), None).unwrap();
    await_event(&caller, |event| match event {
        EventKind::Call { state: CallState::Connected, .. } => Some(()),
        EventKind::Call { state: CallState::Ended, code, text, .. } => panic!("{code} {text}"),
        _ => None,
    });
    phone.terminate();
    let (error, reason) = await_event(&caller, |event| match event {
        EventKind::Call { state: CallState::Ended, error, reason, .. } => Some((error, reason)),
        _ => None,
    });
    assert_eq!((error, reason), (None, Some(EndReason::RemoteHangup)));
    let status = phone.wait(LONGEST);
    assert!(status.is_some_and(|status| status.success()), "{status:?}: {}", phone.text());
    let last = registers.try_iter().last().unwrap_or_else(|| panic!("{}", phone.text()));
    assert!(last.contains("expires=0") || last.contains("Expires: 0\r\n"), "{last}");
}

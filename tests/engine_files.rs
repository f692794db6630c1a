//! Recordings and captures to places that are no good: the host is told, and the engine goes on.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::{CallId, RequestId},
    engine::{CallState, DialOptions, EngineConfig, ErrorKind, EventKind, SipTransport},
};

/// Longest wait; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

fn wait<T>(engine: &Engine, what: &str, mut found: impl FnMut(&EventKind) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let event = engine.next_event(Some(left)).unwrap();
        let event = event.unwrap_or_else(|| panic!("no {what}"));
        if let Some(found) = found(&event.kind) {
            return found;
        }
    }
}

fn reply(engine: &Engine, wanted: RequestId) -> (Option<ErrorKind>, String) {
    wait(engine, "reply", |event| match event {
        EventKind::Reply { request, error, text, .. } if *request == wanted => {
            Some((*error, text.clone()))
        }
        _ => None,
    })
}

/// An engine that calls itself; the call placed.
fn connected() -> (Engine, CallId) {
    let bind = [127, 0, 0, 1].into();
    let engine = Engine::new(EngineConfig { bind, ..EngineConfig::default() }).unwrap();
    let address = engine.local_address(SipTransport::Udp).unwrap();
    let uri = format!("sip:x@{address}");
    let call = engine.dial(None, &uri, DialOptions::default(), None).unwrap();
    let into = wait(&engine, "incoming call", |event| match event {
        EventKind::IncomingCall { call, .. } => Some(*call),
        _ => None,
    });
    engine.answer(into, Vec::new(), None).unwrap();
    wait(&engine, "answer", |event| match event {
        EventKind::Call { call: id, state: CallState::Connected, .. } if *id == call => Some(()),
        _ => None,
    });
    (engine, call)
}

fn recording_fails(engine: &Engine, call: CallId, path: &Path) {
    let request = engine.new_request();
    engine.record(call, path, Some(request)).unwrap();
    let (error, text) = reply(engine, request);
    assert_eq!(error, Some(ErrorKind::FileOpen), "{text}");
    assert!(text.contains(&path.display().to_string()), "{text}");
    wait(engine, "end of the recording", |event| match event {
        EventKind::RecordFinished { error, .. } => {
            assert_eq!(*error, Some(ErrorKind::FileOpen));
            Some(())
        }
        _ => None,
    });
    let request = engine.new_request();
    engine.capture(call, path, Some(request)).unwrap();
    assert_eq!(reply(engine, request).0, Some(ErrorKind::FileOpen));
}

#[test]
fn a_place_that_cannot_be_written_is_told_and_the_call_goes_on() {
    let (engine, call) = connected();
    let folder = std::env::temp_dir().join(format!("sidetone-{}-places", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    recording_fails(&engine, call, Path::new("/nonexistent/folder/a.wav"));
    recording_fails(&engine, call, &folder);
    let good = folder.join("good.wav");
    let request = engine.new_request();
    engine.record(call, &good, Some(request)).unwrap();
    assert_eq!(reply(&engine, request).0, None);
    assert!(good.exists(), "the reply comes when the file is there");
    assert_eq!(engine.call_info(call).unwrap().state, CallState::Connected);
    engine.shutdown(PATIENCE);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_reads_does_not_stop_the_engine() {
    let (engine, call) = connected();
    let folder = std::env::temp_dir().join(format!("sidetone-{}-pipe", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pipe = folder.join("pipe.wav");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    recording_fails(&engine, call, &pipe);
    engine.hangup(call, None).unwrap();
    wait(&engine, "end of the call", |event| match event {
        EventKind::Call { call: id, state: CallState::Ended, .. } if *id == call => Some(()),
        _ => None,
    });
    std::fs::remove_dir_all(&folder).unwrap();
}

//! Recordings that are paused, and recordings and captures to places that are no good: the host is
//! told, and the engine goes on.

#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::{CallId, RequestId},
    device::wav,
    engine::{
        CallState, DialOptions, EngineConfig, ErrorKind, EventKind, PlayOptions, SipTransport,
    },
};

use self::tones::{level_of, tone};

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

/// What is said in a call, Hz: before, in and after a pause.
const PITCHES_HZ: [f64; 3] = [400.0, 700.0, 1100.0];
const RATE_HZ: u32 = 8000;

/// Says a tone of half a second in a call, to its end.
fn say(engine: &Engine, call: CallId, folder: &Path, pitch: f64) {
    let path = folder.join("said.wav");
    wav::write(&path, RATE_HZ, 1, &tone(pitch, RATE_HZ, 0.5)).unwrap();
    engine.play(call, &path, PlayOptions::default(), None).unwrap();
    wait(engine, "end of play", |event| {
        matches!(event, EventKind::PlayFinished { .. }).then_some(())
    });
}

fn paused(engine: &Engine) -> (bool, Duration) {
    wait(engine, "pause", |event| match event {
        EventKind::RecordPaused { paused, at, .. } => Some((*paused, *at)),
        _ => None,
    })
}

#[test]
fn what_is_said_in_a_pause_is_not_recorded() {
    let (engine, call) = connected();
    let folder = std::env::temp_dir().join(format!("sidetone-{}-pause", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let refused = |engine: &Engine| {
        let request = engine.new_request();
        engine.pause_recording(call, Some(request)).unwrap();
        assert_eq!(reply(engine, request).0, Some(ErrorKind::WrongState));
    };
    refused(&engine);
    let path = folder.join("call.wav");
    engine.record(call, &path, None).unwrap();
    say(&engine, call, &folder, PITCHES_HZ[0]);
    engine.pause_recording(call, None).unwrap();
    let (is_paused, began) = paused(&engine);
    assert!(is_paused && began >= Duration::from_millis(500), "{began:?}");
    say(&engine, call, &folder, PITCHES_HZ[1]);
    let request = engine.new_request();
    engine.pause_recording(call, Some(request)).unwrap();
    assert_eq!(reply(&engine, request).0, None, "it is paused already");
    engine.resume_recording(call, None).unwrap();
    assert_eq!(paused(&engine), (false, began), "right behind what was before");
    say(&engine, call, &folder, PITCHES_HZ[2]);
    engine.stop_recording(call, None).unwrap();
    wait(&engine, "end of the recording", |event| match event {
        EventKind::RecordFinished { error: None, dropped: 0, .. } => Some(()),
        _ => None,
    });
    refused(&engine);
    let wav = wav::read(&path).unwrap();
    let (before, after) = wav.channels[0].split_at(began.as_millis() as usize * 48);
    let heard = |part: &[i16]| PITCHES_HZ.map(|pitch| level_of(part, pitch, wav.rate_hz) > -40.0);
    assert_eq!(heard(before), [true, false, false]);
    assert_eq!(heard(after), [false, false, true]);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Run by the test below in a process of its own, whose files may not grow.
#[test]
fn child_whose_recording_finds_no_space() {
    let Some(folder) = std::env::var_os("SIDETONE_TEST_NO_SPACE") else { return };
    let (engine, call) = connected();
    let path = Path::new(&folder).join("call.wav");
    engine.record(call, &path, None).unwrap();
    wait(&engine, "end of the recording", |event| match event {
        EventKind::RecordFinished { error, text, path, .. } => {
            assert_eq!(*error, Some(ErrorKind::FileWrite), "{text}");
            assert!(text.contains(path), "{text}");
            Some(())
        }
        _ => None,
    });
    let request = engine.new_request();
    engine.dtmf(call, "1", 0, Some(request)).unwrap();
    assert_eq!(reply(&engine, request).0, None, "the call goes on");
    assert!(wav::read(&path).unwrap().frames() > 0, "what was written can be played");
}

#[cfg(target_os = "linux")]
#[test]
fn a_recording_that_finds_no_space_ends_with_an_event_and_the_call_goes_on() {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-space", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // 32 kB; beyond that writing fails, as it does on a disk that is full.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child_whose_recording_finds_no_space"])
        .env("SIDETONE_TEST_NO_SPACE", &folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.join("call.wav").exists(), "it has run");
    std::fs::remove_dir_all(&folder).unwrap();
}

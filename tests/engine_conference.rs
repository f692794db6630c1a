//! Calls that hear each other, by routes or in conferences, from whatever worker they are on.

#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::{
        ids::{CallId, ConferenceId, RequestId},
        plan::CodecKind,
    },
    device::wav,
    engine::{
        AudioPolicy, CallState, DialOptions, EngineConfig, ErrorKind, EventKind, PlayOptions,
        SipTransport, WavPair,
    },
};

use self::tones::{level_of, tone};

/// Longest wait; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);
/// What each of three says.
const PITCHES_HZ: [f64; 3] = [400.0, 700.0, 1100.0];
const RATE_HZ: u32 = 8000;

fn engine(media_workers: u32) -> Engine {
    let bind = [127, 0, 0, 1].into();
    Engine::new(EngineConfig { bind, media_workers, ..EngineConfig::default() }).unwrap()
}

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

fn wait_connected(engine: &Engine, wanted: CallId) {
    wait(engine, "answer", |event| match event {
        EventKind::Call { call, state: CallState::Connected, .. } if *call == wanted => Some(()),
        _ => None,
    });
}

/// Sets a call up; both ends of it.
fn connect(hub: &Engine, far: &Engine) -> (CallId, CallId) {
    connect_with(hub, far, None)
}

fn connect_with(hub: &Engine, far: &Engine, codec: Option<CodecKind>) -> (CallId, CallId) {
    let address = far.local_address(SipTransport::Udp).unwrap();
    let options = DialOptions { codecs: codec.map(|codec| vec![codec]), ..DialOptions::default() };
    let out = hub.dial(None, &format!("sip:x@{address}"), options, None).unwrap();
    let into = wait(far, "incoming call", |event| match event {
        EventKind::IncomingCall { call, .. } => Some(*call),
        _ => None,
    });
    far.answer(into, Vec::new(), None).unwrap();
    wait_connected(hub, out);
    wait_connected(far, into);
    (out, into)
}

/// What the far end of each call heard, dBFS at each of the pitches said.
fn heard(far: &Engine, calls: &[CallId], folder: &Path) -> Vec<[f32; 3]> {
    let file = |index: usize| folder.join(format!("ear-{index}.wav"));
    for (index, call) in calls.iter().enumerate() {
        let said = folder.join(format!("said-{index}.wav"));
        wav::write(&said, RATE_HZ, 1, &tone(PITCHES_HZ[index], RATE_HZ, 2.0)).unwrap();
        far.record(*call, &file(index), None).unwrap();
        far.play(*call, &said, PlayOptions::default(), None).unwrap();
    }
    let mut played = 0;
    wait(far, "end of play", |event| {
        played += usize::from(matches!(event, EventKind::PlayFinished { .. }));
        (played == calls.len()).then_some(())
    });
    calls.iter().for_each(|call| far.stop_recording(*call, None).unwrap());
    let mut written = 0;
    wait(far, "end of recording", |event| {
        written += usize::from(matches!(event, EventKind::RecordFinished { .. }));
        (written == calls.len()).then_some(())
    });
    let levels = |index: usize| {
        let wav = wav::read(&file(index)).unwrap();
        PITCHES_HZ.map(|pitch| level_of(&wav.channels[1], pitch, wav.rate_hz))
    };
    (0..calls.len()).map(levels).collect()
}

#[test]
fn three_calls_of_several_workers_hear_each_other_when_routed_in_one_go() {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-three", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (hub, far) = (engine(4), engine(1));
    let calls: Vec<(CallId, CallId)> = (0..3).map(|_| connect(&hub, &far)).collect();
    for (from, _) in &calls {
        for (to, _) in &calls {
            if from != to {
                hub.route(*from, *to, Some(0.0), None).unwrap();
            }
        }
    }
    let ears: Vec<CallId> = calls.iter().map(|(_, far)| *far).collect();
    for (ear, levels) in heard(&far, &ears, &folder).into_iter().enumerate() {
        for (mouth, level) in levels.into_iter().enumerate() {
            let heard = level > -40.0;
            assert_eq!(heard, mouth != ear, "{ear} hears {mouth} at {level} dBFS: {levels:?}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn calls_of_different_codecs_hear_each_other() {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-codecs", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (hub, far) = (engine(1), engine(1));
    let codecs = [CodecKind::G722, CodecKind::Pcmu, CodecKind::Opus];
    let calls = codecs.map(|codec| connect_with(&hub, &far, Some(codec)));
    for ((from, _), codec) in calls.iter().zip(codecs) {
        assert_eq!(hub.call_info(*from).unwrap().codec, Some(codec));
        for (to, _) in calls.iter().filter(|(to, _)| to != from) {
            hub.route(*from, *to, Some(0.0), None).unwrap();
        }
    }
    let ears = calls.map(|(_, far)| far);
    for (ear, levels) in heard(&far, &ears, &folder).into_iter().enumerate() {
        for (mouth, level) in levels.into_iter().enumerate() {
            let heard = level > -40.0;
            assert_eq!(heard, mouth != ear, "{ear} hears {mouth} at {level} dBFS: {levels:?}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_echo_stays_when_its_call_moves_to_another_worker() {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-echo", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (hub, far) = (engine(2), engine(1));
    let (_, first) = connect(&hub, &far);
    let (echo, second) = connect(&hub, &far);
    // The least loaded worker took it: not the one that calls are routed on.
    hub.route(echo, echo, Some(0.0), None).unwrap();
    let (third, _) = connect(&hub, &far);
    hub.route(third, echo, Some(0.0), None).unwrap();
    let levels = heard(&far, &[first, second], &folder);
    assert!(levels[1][1] > -40.0, "it hears itself: {levels:?}");
    assert!(levels[0][0] < -40.0, "the first has none: {levels:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A folder of a test, empty.
fn folder_of(test: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Who hears whom: a row for each ear, a column for each mouth.
fn who_hears(far: &Engine, calls: &[CallId], folder: &Path) -> Vec<[bool; 3]> {
    heard(far, calls, folder).into_iter().map(|levels| levels.map(|level| level > -40.0)).collect()
}

fn reply(engine: &Engine, wanted: RequestId) -> Option<ErrorKind> {
    wait(engine, "reply", |event| match event {
        EventKind::Reply { request, error, .. } if *request == wanted => Some(*error),
        _ => None,
    })
}

/// Adds calls, and waits until the last is in.
fn add(hub: &Engine, conference: ConferenceId, calls: &[(CallId, CallId)]) {
    for (call, _) in calls {
        let request = hub.new_request();
        hub.conference_add(conference, *call, Some(request)).unwrap();
        assert_eq!(reply(hub, request), None);
    }
}

const CUSTOMER: usize = 0;
const AGENT: usize = 1;
const SUPERVISOR: usize = 2;

#[test]
fn a_supervisor_whispers_and_then_all_three_talk() {
    let folder = folder_of("whisper");
    let (hub, far) = (engine(3), engine(1));
    let calls: Vec<(CallId, CallId)> = (0..3).map(|_| connect(&hub, &far)).collect();
    let ears: Vec<CallId> = calls.iter().map(|(_, far)| *far).collect();
    let (from, to) = (Some(calls[SUPERVISOR].0), Some(calls[CUSTOMER].0));
    let conference = hub.conference_create().unwrap();
    hub.conference_gain(conference, from, to, f32::NEG_INFINITY, None).unwrap();
    add(&hub, conference, &calls);
    assert_eq!(hub.conference_calls(conference).unwrap(), [0, 1, 2].map(|at: usize| calls[at].0));
    let heard = who_hears(&far, &ears, &folder);
    assert_eq!(heard[CUSTOMER], [false, true, false], "the supervisor is not heard");
    assert_eq!(heard[AGENT], [true, false, true]);
    assert_eq!(heard[SUPERVISOR], [true, true, false]);
    let request = hub.new_request();
    hub.conference_gain(conference, from, to, 0.0, Some(request)).unwrap();
    assert_eq!(reply(&hub, request), None);
    assert_eq!(who_hears(&far, &ears, &folder)[CUSTOMER], [false, true, true]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn calls_leave_a_conference_by_command_by_their_end_and_with_its_end() {
    let folder = folder_of("leave");
    let (hub, far) = (engine(2), engine(1));
    let calls: Vec<(CallId, CallId)> = (0..4).map(|_| connect(&hub, &far)).collect();
    let ears: Vec<CallId> = calls.iter().map(|(_, far)| *far).collect();
    let conference = hub.conference_create().unwrap();
    add(&hub, conference, &calls);
    let other = hub.conference_create().unwrap();
    let request = hub.new_request();
    hub.conference_add(other, calls[0].0, Some(request)).unwrap();
    assert_eq!(reply(&hub, request), Some(ErrorKind::WrongState), "it is in another");
    hub.conference_remove(other, calls[0].0, Some(request)).unwrap();
    assert_eq!(reply(&hub, request), Some(ErrorKind::WrongState), "it is not in this one");

    hub.conference_remove(conference, calls[3].0, None).unwrap();
    hub.hangup(calls[2].0, None).unwrap();
    wait(&hub, "end of the call", |event| match event {
        EventKind::Call { call, state: CallState::Ended, .. } if *call == calls[2].0 => Some(()),
        _ => None,
    });
    assert_eq!(hub.conference_calls(conference).unwrap(), [calls[0].0, calls[1].0]);
    let who = [ears[0], ears[1], ears[3]];
    let heard = who_hears(&far, &who, &folder);
    assert_eq!(heard, [[false, true, false], [true, false, false], [false, false, false]]);

    hub.conference_destroy(conference, Some(request)).unwrap();
    assert_eq!(reply(&hub, request), None);
    assert_eq!(hub.conference_calls(conference).unwrap_err().kind, ErrorKind::StaleId);
    assert_eq!(who_hears(&far, &who[..2], &folder), [[false; 3]; 2], "each is alone again");
    add(&hub, other, &calls[..1]);
    assert_eq!(hub.conference_calls(other).unwrap(), [calls[0].0]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_call_that_is_routed_to_others_brings_its_conference_along() {
    let folder = folder_of("along");
    let (hub, far) = (engine(2), engine(1));
    let outside = connect(&hub, &far);
    // The least loaded worker takes it, and the conference stays there: not where routes are.
    let first = connect(&hub, &far);
    let second = connect(&hub, &far);
    let conference = hub.conference_create().unwrap();
    hub.conference_gain(conference, Some(second.0), Some(first.0), -96.0, None).unwrap();
    add(&hub, conference, &[first, second]);
    hub.route(outside.0, first.0, Some(0.0), None).unwrap();
    let heard = who_hears(&far, &[outside.1, first.1, second.1], &folder);
    assert_eq!(heard, [[false; 3], [true, false, false], [false, true, false]]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn our_own_user_is_turned_down_in_one_call_of_a_conference() {
    let folder = folder_of("user");
    let said = folder.join("user.wav");
    wav::write(&said, RATE_HZ, 1, &tone(PITCHES_HZ[2], RATE_HZ, 2.0)).unwrap();
    let ear = folder.join("loudspeaker.wav");
    let audio = AudioPolicy::Wav(WavPair {
        microphone: Some(said),
        repeat: true,
        loudspeaker: Some(ear.clone()),
    });
    let bind = [127, 0, 0, 1].into();
    let config = EngineConfig { bind, audio, media_workers: 2, ..EngineConfig::default() };
    let (hub, far) = (Engine::new(config).unwrap(), engine(1));
    let (first, second) = (connect(&hub, &far), connect(&hub, &far));
    let conference = hub.conference_create().unwrap();
    hub.conference_gain(conference, None, Some(first.0), f32::NEG_INFINITY, None).unwrap();
    hub.conference_gain(conference, Some(second.0), None, f32::NEG_INFINITY, None).unwrap();
    add(&hub, conference, &[first, second]);
    let before = wav::read(&ear).map_or(0, |wav| wav.frames());
    // Our user speaks all the time; what came before the conference is still on its way at first.
    who_hears(&far, &[first.1, second.1], &folder);
    let heard = who_hears(&far, &[first.1, second.1], &folder);
    assert_eq!(heard, [[false, true, false], [true, false, true]], "the third pitch is the user's");
    hub.shutdown(PATIENCE);
    let wav = wav::read(&ear).unwrap();
    let heard = &wav.channels[0][before..];
    let level = |pitch| level_of(heard, pitch, wav.rate_hz);
    assert!(level(PITCHES_HZ[0]) > -40.0, "our user hears the first");
    assert!(level(PITCHES_HZ[1]) < -60.0, "and not the second: {}", level(PITCHES_HZ[1]));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_a_conference_cannot_be_told_is_refused_at_once() {
    let bind = [127, 0, 0, 1].into();
    let hub = Engine::new(EngineConfig { bind, max_calls: 1, ..EngineConfig::default() }).unwrap();
    let conference = hub.conference_create().unwrap();
    assert_eq!(hub.conference_create().unwrap_err().kind, ErrorKind::Limit);
    for gain in [24.1, -97.0, f32::NAN, f32::INFINITY] {
        let call = hub.dial(None, "sip:x@127.0.0.1:9", DialOptions::default(), None).unwrap();
        let refused = hub.conference_gain(conference, None, Some(call), gain, None);
        assert_eq!(refused.unwrap_err().kind, ErrorKind::InvalidArgument, "{gain}");
        // A dial on its way may be added already, and leaves when it fails.
        hub.conference_add(conference, call, None).unwrap();
        hub.hangup(call, None).unwrap();
        wait(&hub, "end of the call", |event| {
            matches!(event, EventKind::Call { state: CallState::Ended, .. }).then_some(())
        });
        let stale = hub.conference_add(conference, call, None).unwrap_err();
        assert_eq!(stale.kind, ErrorKind::StaleId);
        assert!(hub.conference_calls(conference).unwrap().is_empty());
    }
    let same = hub.conference_gain(conference, None, None, 0.0, None).unwrap_err();
    assert_eq!(same.kind, ErrorKind::InvalidArgument);
    hub.conference_destroy(conference, None).unwrap();
    assert_eq!(hub.conference_destroy(conference, None).unwrap_err().kind, ErrorKind::StaleId);
}

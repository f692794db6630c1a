//! Calls that are routed to each other, from whatever worker they are on.

#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    device::wav,
    engine::{CallState, DialOptions, EngineConfig, EventKind, PlayOptions, SipTransport},
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

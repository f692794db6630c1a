//! Hold with music and early media over the whole engine: what the two users really hear.

#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    device::wav,
    engine::{
        AccountConfig, AudioPolicy, CallState, DialOptions, EngineConfig, ErrorKind, EventKind,
        HoldMusic, PlayOptions, SipTransport, WavPair,
    },
};
use tones::{sounds, tone};

/// Longest wait for one event; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long each sound is to be heard at least.
const LISTEN: Duration = Duration::from_millis(900);
const RATE_HZ: u32 = 8_000;

fn engine(audio: AudioPolicy) -> Engine {
    let config = EngineConfig { bind: [127, 0, 0, 1].into(), audio, ..EngineConfig::default() };
    Engine::new(config).unwrap()
}

fn wait<T>(engine: &Engine, what: &str, mut fits: impl FnMut(&EventKind) -> Option<T>) -> T {
    loop {
        let event = engine.next_event(Some(PATIENCE)).unwrap();
        let event = event.unwrap_or_else(|| panic!("no {what}"));
        if let Some(found) = fits(&event.kind) {
            return found;
        }
    }
}

fn wait_state(engine: &Engine, wanted: CallState) {
    wait(engine, &format!("{wanted:?}"), |event| match event {
        EventKind::Call { state, .. } if *state == wanted => Some(()),
        _ => None,
    });
}

fn wait_hold(engine: &Engine) -> (bool, bool) {
    wait(engine, "hold", |event| match event {
        EventKind::Hold { local, remote, .. } => Some((*local, *remote)),
        _ => None,
    })
}

fn dial(alice: &Engine, bob: &Engine) -> (CallId, CallId) {
    let account = AccountConfig { aor: "sip:bob@127.0.0.1".to_owned(), ..Default::default() };
    bob.account_add(account, None).unwrap();
    let uri = format!("sip:bob@{}", bob.local_address(SipTransport::Udp).unwrap());
    let options = DialOptions { codecs: Some(vec![CodecKind::Pcma]), ..DialOptions::default() };
    let call = alice.dial(None, &uri, options, None).unwrap();
    let into = wait(bob, "incoming call", |event| match event {
        EventKind::IncomingCall { call, .. } => Some(*call),
        _ => None,
    });
    (call, into)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn tone_file(path: &Path, hz: f64) {
    wav::write(path, RATE_HZ, 1, &tone(hz, RATE_HZ, 2.0)).unwrap();
}

#[test]
fn the_held_end_hears_the_music_and_not_the_microphone() {
    let folder = folder("hold");
    let (voice, music, heard) =
        (folder.join("voice.wav"), folder.join("music.wav"), folder.join("heard.wav"));
    tone_file(&voice, 600.0);
    tone_file(&music, 1_500.0);
    let alice = engine(AudioPolicy::Wav(WavPair {
        microphone: Some(voice),
        repeat: true,
        loudspeaker: None,
    }));
    let bob = engine(AudioPolicy::Wav(WavPair {
        microphone: None,
        repeat: false,
        loudspeaker: Some(heard.clone()),
    }));
    let (call, into) = dial(&alice, &bob);
    bob.answer(into, Vec::new(), None).unwrap();
    wait_state(&alice, CallState::Connected);
    alice.hold_music(call, Some(HoldMusic::open(&music).unwrap()), None).unwrap();
    std::thread::sleep(LISTEN);
    let request = alice.new_request();
    alice.hold(call, Some(request)).unwrap();
    assert_eq!(wait_hold(&bob), (false, true));
    assert_eq!(wait_hold(&alice), (true, false));
    let info = bob.call_info(into).unwrap();
    assert!(info.remote_hold && !info.local_hold);
    std::thread::sleep(LISTEN);
    alice.resume(call, None).unwrap();
    assert_eq!(wait_hold(&bob), (false, false));
    std::thread::sleep(LISTEN);
    bob.hangup(into, None).unwrap();
    wait_state(&bob, CallState::Ended);
    drop(alice);
    drop(bob);
    assert_eq!(sounds(&wav::read(&heard).unwrap(), &[600.0, 1_500.0]), [600.0, 1_500.0, 600.0]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_caller_hears_the_ringback_tone_until_the_far_end_is_heard() {
    let folder = folder("ringback");
    let (announcement, heard) = (folder.join("announcement.wav"), folder.join("heard.wav"));
    tone_file(&announcement, 1_500.0);
    let alice = engine(AudioPolicy::Wav(WavPair {
        microphone: None,
        repeat: false,
        loudspeaker: Some(heard.clone()),
    }));
    let bob = engine(AudioPolicy::Headless);
    let (call, into) = dial(&alice, &bob);
    bob.ring(into, None).unwrap();
    wait_state(&alice, CallState::Ringing);
    std::thread::sleep(LISTEN);
    let play = PlayOptions { repeat: true, gain_db: 0.0 };
    bob.play(into, &announcement, play, None).unwrap();
    bob.progress(into, None).unwrap();
    wait_state(&alice, CallState::EarlyMedia);
    std::thread::sleep(LISTEN);
    alice.hangup(call, None).unwrap();
    wait_state(&alice, CallState::Ended);
    drop(alice);
    drop(bob);
    assert_eq!(sounds(&wav::read(&heard).unwrap(), &[425.0, 1_500.0]), [425.0, 1_500.0]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_hold_that_the_end_of_the_call_overtakes_is_told_as_such() {
    let (alice, bob) = (engine(AudioPolicy::Headless), engine(AudioPolicy::Headless));
    let (call, _into) = dial(&alice, &bob);
    let request = alice.new_request();
    alice.hold(call, Some(request)).unwrap();
    alice.hangup(call, None).unwrap();
    let error = wait(&alice, "reply", |event| match event {
        EventKind::Reply { request: of, error, .. } if *of == request => Some(*error),
        _ => None,
    });
    assert_eq!(error, Some(ErrorKind::WrongState));
}

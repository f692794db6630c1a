//! The user's end of the audio over the whole engine: WAV files in the place of a sound card, and a
//! device stepped by hand.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind, units::Level},
    device::{stepped::SteppedDevice, wav},
    engine::{
        AccountConfig, AudioPolicy, CallState, DeviceState, DialOptions, EngineConfig, EventKind,
        Priority, SipTransport, WavPair,
    },
};

/// Longest wait for one event; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

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

fn connect(alice: &Engine, bob: &Engine, codec: CodecKind) -> CallId {
    let account = AccountConfig {
        aor: "sip:bob@127.0.0.1".to_owned(),
        codecs: vec![codec],
        ..AccountConfig::default()
    };
    bob.account_add(account, None).unwrap();
    let uri = format!("sip:bob@{}", bob.local_address(SipTransport::Udp).unwrap());
    let options = DialOptions { codecs: Some(vec![codec]), ..DialOptions::default() };
    let call = alice.dial(None, &uri, options, None).unwrap();
    answer(alice, bob);
    call
}

fn answer(alice: &Engine, bob: &Engine) {
    let into = wait(bob, "incoming call", |event| match event {
        EventKind::IncomingCall { call, .. } => Some(*call),
        _ => None,
    });
    take(alice, bob, into);
}

fn take(alice: &Engine, bob: &Engine, into: CallId) {
    bob.answer(into, Vec::new(), None).unwrap();
    wait(alice, "answer", |event| match event {
        EventKind::Call { state: CallState::Connected, .. } => Some(()),
        _ => None,
    });
}

fn tone(hz: f64, rate_hz: u32, seconds: u32) -> Vec<i16> {
    let step = hz * std::f64::consts::TAU / f64::from(rate_hz);
    (0..rate_hz * seconds).map(|i| ((f64::from(i) * step).sin() * 8000.0) as i16).collect()
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn assert_tone(path: &Path, hz: f64, at_least: Duration) {
    let wav = wav::read(path).unwrap();
    let samples = &wav.channels[0];
    let block = wav.rate_hz as usize / 10;
    let heard: Vec<&[i16]> =
        samples.chunks_exact(block).filter(|part| Level::of(part).0 > -20.0).collect();
    let time = Duration::from_millis(100) * heard.len() as u32;
    assert!(time >= at_least, "only {time:?} of the tone are there");
    let middle = heard[heard.len() / 2];
    let rises = middle.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    let pitch = rises as f64 * 10.0;
    assert!((pitch - hz).abs() <= 20.0, "pitch of {pitch} Hz in place of {hz}");
}

#[test]
fn wav_files_stand_for_microphone_and_loudspeaker() {
    let folder = scratch("pair");
    let microphone = folder.join("mouth.wav");
    // An odd rate, as speech synthesis makes it.
    wav::write(&microphone, 22_050, 1, &tone(500.0, 22_050, 2)).unwrap();
    let ear = folder.join("ear.wav");
    let alice = engine(AudioPolicy::Wav(WavPair {
        microphone: Some(microphone),
        repeat: true,
        loudspeaker: None,
    }));
    let bob = engine(AudioPolicy::Wav(WavPair {
        microphone: None,
        repeat: false,
        loudspeaker: Some(ear.clone()),
    }));
    let call = connect(&alice, &bob, CodecKind::Opus);
    // Two seconds pass until the pause has been sent.
    let request = alice.new_request();
    alice.dtmf(call, ",", 0, Some(request)).unwrap();
    wait(&alice, "end of the pause", |event| {
        matches!(event, EventKind::Reply { request: of, .. } if *of == request).then_some(())
    });
    alice.hangup(call, None).unwrap();
    wait(&bob, "end", |event| {
        matches!(event, EventKind::Call { state: CallState::Ended, .. }).then_some(())
    });
    bob.shutdown(PATIENCE);
    assert_tone(&ear, 500.0, Duration::from_millis(1200));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_stepped_device_is_heard_at_the_other_stepped_device() {
    let (mouth, ear) = (SteppedDevice::new(48_000, 480), SteppedDevice::new(16_000, 160));
    let alice = engine(AudioPolicy::Stepped(mouth.clone()));
    let bob = engine(AudioPolicy::Stepped(ear.clone()));
    connect(&alice, &bob, CodecKind::Pcma);
    let voice: Vec<f32> =
        tone(400.0, 48_000, 1).iter().map(|&sample| f32::from(sample) / 32768.0).collect();
    let mut heard = Vec::new();
    let mut period = 0;
    // The wait for an event that does not come paces the two devices.
    while heard.len() < 16_000 && period < 1000 {
        let said = &voice[(period % 100) * 480..][..480];
        let mut silence = [0.0; 480];
        mouth.step(said, &mut silence);
        let mut played = [0.0; 160];
        ear.step(&[0.0; 160], &mut played);
        let samples: Vec<i16> = played.iter().map(|&value| (value * 32768.0) as i16).collect();
        if Level::of(&samples).0 > -20.0 {
            heard.extend(samples);
        }
        period += 1;
        alice.next_event(Some(Duration::from_millis(10))).unwrap();
    }
    assert!(heard.len() >= 16_000, "only {} samples of the tone were heard", heard.len());
    assert!(mouth.is_open() && ear.is_open());
    let health = bob.health();
    assert!(health.playback_callbacks >= 100, "{health:?}");
    assert_eq!(health.playback_callbacks, health.capture_callbacks);
    assert_eq!(health.callback.count, 2 * health.playback_callbacks);
    assert!(health.callback.p50_us <= health.callback.p99_us, "{health:?}");
    assert!(health.callback.p99_us <= health.callback.max_us, "{health:?}");
    assert_eq!(health.callback_priority, Priority::NotAsked, "the test's own thread runs them");
    assert!(health.round_late.count >= 100 && health.late_rounds <= health.round_late.count);
    assert!(health.workers >= 1 && health.worker_priority != Priority::NotAsked, "{health:?}");
    alice.shutdown(PATIENCE);
    bob.shutdown(PATIENCE);
    assert!(!mouth.is_open(), "a stopped engine lets go of its device");
}

#[test]
fn a_loudspeaker_file_that_cannot_be_made_is_told_and_the_call_goes_on() {
    let alice = engine(AudioPolicy::Headless);
    let bob = engine(AudioPolicy::Wav(WavPair {
        microphone: None,
        repeat: false,
        loudspeaker: Some(PathBuf::from("/no/such/folder/ear.wav")),
    }));
    let uri = format!("sip:bob@{}", bob.local_address(SipTransport::Udp).unwrap());
    let call = alice.dial(None, &uri, DialOptions::default(), None).unwrap();
    // The file is made on a thread of its own: either may be told first.
    let (mut told, mut into) = (false, None);
    wait(&bob, "incoming call and trouble with the file", |event| {
        match event {
            EventKind::Device { state: DeviceState::Failed, text, .. } => {
                assert!(text.contains("folder"), "{text}");
                told = true;
            }
            EventKind::IncomingCall { call, .. } => into = Some(*call),
            _ => {}
        }
        into.filter(|_| told)
    });
    take(&alice, &bob, into.unwrap());
    assert_eq!(alice.call_info(call).unwrap().state, CallState::Connected);
}

#[test]
fn a_microphone_file_that_cannot_be_read_is_refused_at_once() {
    let pair = WavPair { microphone: Some("/no/such/mouth.wav".into()), ..WavPair::default() };
    let config = EngineConfig { audio: AudioPolicy::Wav(pair), ..EngineConfig::default() };
    let error = Engine::new(config).unwrap_err();
    assert!(error.message.contains("mouth.wav"), "{}", error.message);
}

//! Sound cards through cpal, against a PulseAudio server with null sinks that the test starts: what
//! goes out of the loudspeaker comes back through the sink's monitor. Nothing here but the server
//! is made up; times are real, since a sound server runs in real time.
#![cfg(target_os = "linux")]

#[path = "support/pulse.rs"]
mod pulse;

use std::{
    path::PathBuf,
    process::Command,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use pulse::PulseServer;
use sidetone::{
    Engine,
    device::{
        backend::DeviceChoice,
        ports::PortEnds,
        sound_cards,
        supervisor::{DeviceCmd, DeviceReport, OpenedPair, Supervisor},
        wav,
    },
    engine::{
        AudioPolicy, CallState, DevicePolicy, DeviceState, DialOptions, EngineConfig, EventKind,
        Priority, SipTransport, WavPair,
    },
};

/// Runs the test `name` again in a process whose audio system is a server of its own.
fn in_own_audio_system(name: &str, test: fn(PathBuf)) {
    const FOLDER: &str = "SIDETONE_TEST_PULSE";
    if let Some(folder) = std::env::var_os(FOLDER) {
        test(folder.into());
        return;
    }
    let folder = std::env::temp_dir().join(format!("sidetone-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", name])
        .env(FOLDER, &folder)
        .env("XDG_RUNTIME_DIR", &folder)
        .env("HOME", &folder)
        .env_remove("PULSE_SERVER")
        .env_remove("PULSE_RUNTIME_PATH")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    println!("{text}");
    let _ = std::fs::remove_dir_all(&folder);
}

fn supervisor() -> (Supervisor, Receiver<DeviceReport>) {
    let (sender, reports) = channel();
    let supervisor = Supervisor::start(
        sound_cards,
        Box::new(move |report| {
            let _ = sender.send(report);
        }),
    )
    .unwrap();
    (supervisor, reports)
}

fn next(reports: &Receiver<DeviceReport>) -> DeviceReport {
    reports.recv_timeout(Duration::from_secs(20)).expect("the device thread tells in time")
}

fn opened(report: DeviceReport) -> OpenedPair {
    match report {
        DeviceReport::Opened(pair) | DeviceReport::Changed(pair) => pair,
        other => panic!("not opened: {other:?}"),
    }
}

/// Plays a sine of `hz` and 0.5 out of the loudspeaker for `seconds` and gives what the microphone
/// heard meanwhile. Keeps 40 ms queued, as a media worker does.
fn play_and_record(ends: &mut PortEnds, hz: f64, seconds: f64) -> Vec<f32> {
    let rate_hz = f64::from(ends.format().playback_rate_hz);
    let queued = ends.format().playback_rate_hz as usize * 40 / 1000;
    let wanted = (seconds * f64::from(ends.format().capture_rate_hz)) as usize;
    let end = Instant::now() + Duration::from_secs_f64(seconds + 10.0);
    let mut phase = 0.0f64;
    let mut heard = Vec::with_capacity(wanted);
    while heard.len() < wanted && Instant::now() < end {
        while ends.playback_fill() < queued {
            ends.push_playback(&[(phase.sin() * 0.5) as f32]);
            phase += std::f64::consts::TAU * hz / rate_hz;
        }
        let mut block = [0f32; 480];
        let count = ends.pop_capture(&mut block);
        heard.extend_from_slice(&block[..count]);
        std::thread::sleep(Duration::from_millis(2));
    }
    heard
}

/// Amplitude at `hz` and the share of the power that is there, over a window.
fn tone_in(window: &[f32], hz: f64, rate_hz: f64) -> (f64, f64) {
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    for (n, &sample) in window.iter().enumerate() {
        let angle = std::f64::consts::TAU * hz * n as f64 / rate_hz;
        re += f64::from(sample) * angle.cos();
        im += f64::from(sample) * angle.sin();
        power += f64::from(sample) * f64::from(sample);
    }
    let half = window.len() as f64 / 2.0;
    let amplitude = re.hypot(im) / half;
    (amplitude, amplitude * amplitude * half / power.max(1e-9))
}

/// Plays and records `seconds` of a tone until more than half of its windows of 100 ms hold it,
/// purely and within 1 dB of 0.5. Three times at most: a busy machine tears the sound now and then.
fn assert_tone_comes_back(ends: &mut PortEnds, hz: f64, seconds: f64) {
    let rate_hz = ends.format().capture_rate_hz;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let heard = play_and_record(ends, hz, seconds);
        let windows = heard.chunks_exact(rate_hz as usize / 10);
        let all = windows.len();
        let clean = windows.filter(|window| {
            let (amplitude, purity) = tone_in(window, hz, f64::from(rate_hz));
            purity > 0.99 && (20.0 * (amplitude / 0.5).log10()).abs() < 1.0
        });
        let clean = clean.count();
        outcomes.push((clean, all));
        if all as f64 >= seconds * 10.0 - 1.0 && clean * 2 > all {
            let shared = ends.shared();
            println!(
                "{hz} Hz: clean windows {outcomes:?}, {} underruns, {} overruns, {:?}, delay {} + \
                 {} us, {:?}",
                shared.playback.xruns(),
                shared.capture.xruns(),
                ends.format(),
                shared.playback.delay_us(),
                shared.capture.delay_us(),
                shared.capture.level(),
            );
            return;
        }
    }
    panic!("{hz} Hz did not come back; (clean windows, all): {outcomes:?}");
}

#[test]
fn a_tone_out_of_the_loudspeaker_comes_back_through_the_monitor() {
    in_own_audio_system("a_tone_out_of_the_loudspeaker_comes_back_through_the_monitor", |folder| {
        let _server = PulseServer::start(&folder, &["speaker", "other"]).unwrap();
        let (supervisor, reports) = supervisor();
        supervisor.send(DeviceCmd::List { ticket: 1 });
        let DeviceReport::Listed { result: Ok(list), .. } = next(&reports) else { panic!("list") };
        let of = |id: &str| list.iter().find(|entry| entry.id.ends_with(id)).expect("listed");
        assert!(of(":speaker").plays && of(":speaker").default_playback);
        assert!(of(":speaker.monitor").captures && of(":speaker.monitor").default_capture);
        assert!(!of(":other").default_playback && !of(":speaker").captures);

        for name in ["", "other"] {
            let choice = DeviceChoice {
                loudspeaker: of(if name.is_empty() { ":speaker" } else { ":other" }).id.clone(),
                microphone: if name.is_empty() { String::new() } else { "of other".into() },
            };
            supervisor.send(DeviceCmd::Open(choice));
            let mut pair = opened(next(&reports));
            assert_eq!(pair.text, "", "all that was chosen is there");
            assert_tone_comes_back(&mut pair.ends, 1000.0, 4.0);
        }
        supervisor.send(DeviceCmd::Close);
        assert!(matches!(next(&reports), DeviceReport::Closed));
        assert!(supervisor.stop(Duration::from_secs(10)));
    });
}

#[test]
fn a_list_of_sound_cards_leaves_no_thread() {
    in_own_audio_system("a_list_of_sound_cards_leaves_no_thread", |folder| {
        let _server = PulseServer::start(&folder, &["speaker"]).unwrap();
        let (supervisor, reports) = supervisor();
        let list = |ticket| {
            supervisor.send(DeviceCmd::List { ticket });
            let DeviceReport::Listed { result, .. } = next(&reports) else { panic!("no list") };
            assert!(!result.unwrap().is_empty());
            // The thread that asked may still be on its way out; more than one is a leak.
            std::fs::read_dir("/proc/self/task").unwrap().count()
        };
        let first = list(0);
        let last = (1..10).map(list).fold(first, |_, threads| threads);
        assert!(last <= first + 1, "{first} threads, then {last}");
    });
}

#[test]
fn a_new_default_is_followed_and_a_server_that_died_is_found_again() {
    in_own_audio_system(
        "a_new_default_is_followed_and_a_server_that_died_is_found_again",
        |folder| {
            let server = PulseServer::start(&folder, &["first", "second"]).unwrap();
            let (supervisor, reports) = supervisor();
            supervisor.send(DeviceCmd::Open(DeviceChoice::default()));
            let before = opened(next(&reports));
            assert_eq!(before.loudspeaker, "first");

            server.control(&["set-default-sink", "second"]).unwrap();
            let mut pair = opened(next(&reports));
            assert_eq!(pair.loudspeaker, "second");
            assert!(before.ends.is_abandoned(), "the worker sees that its ends are of the past");

            drop(server);
            let DeviceReport::Lost(error) = next(&reports) else { panic!("the server is gone") };
            println!("lost: {error}");
            assert!(pair.ends.is_abandoned());

            let _server = PulseServer::start(&folder, &["third"]).unwrap();
            pair = opened(next(&reports));
            assert_eq!(pair.loudspeaker, "third");
            assert_tone_comes_back(&mut pair.ends, 440.0, 2.0);
            assert!(supervisor.stop(Duration::from_secs(10)));
        },
    );
}

#[test]
fn alsa_carries_the_tone_where_no_sound_server_answers() {
    in_own_audio_system("alsa_carries_the_tone_where_no_sound_server_answers", |folder| {
        // The server hides from cpal's PulseAudio host; ALSA's default device leads there.
        let hidden = folder.join("hidden");
        let _server = PulseServer::start(&hidden, &["speaker"]).unwrap();
        let socket = hidden.join("pulse/native");
        let side = format!("{{ type pulse server \"unix:{}\" }}\n", socket.display());
        std::fs::write(folder.join(".asoundrc"), format!("pcm.!default {side}ctl.!default {side}"))
            .unwrap();

        let (supervisor, reports) = supervisor();
        supervisor.send(DeviceCmd::Open(DeviceChoice::default()));
        let mut pair = opened(next(&reports));
        assert_tone_comes_back(&mut pair.ends, 1000.0, 4.0);
        // The loss of a server is proven above: ALSA's plugin for PulseAudio may itself hang then.
        assert!(supervisor.stop(Duration::from_secs(10)));
    });
}

#[test]
fn without_any_sound_card_the_host_is_told_and_nothing_spins() {
    in_own_audio_system("without_any_sound_card_the_host_is_told_and_nothing_spins", |_folder| {
        let (supervisor, reports) = supervisor();
        supervisor.send(DeviceCmd::List { ticket: 1 });
        let DeviceReport::Listed { result, .. } = next(&reports) else { panic!("no list") };
        let list = result.unwrap_or_default();
        assert!(list.iter().all(|entry| entry.id != "alsa:null"), "{list:?}");
        if list.iter().any(|entry| entry.default_playback || entry.default_capture) {
            println!("this machine has a sound card of its own: {list:?}");
            return;
        }
        supervisor.send(DeviceCmd::Open(DeviceChoice::default()));
        let DeviceReport::Failed(error) = next(&reports) else { panic!("opened") };
        assert!(error.text.contains("no sound card found; plug one in"), "{error}");
        assert!(supervisor.stop(Duration::from_secs(10)));
    });
}

/// The next event that `fits`; the others are passed over.
fn wait<T>(engine: &Engine, what: &str, fits: impl Fn(&EventKind) -> Option<T>) -> T {
    loop {
        let event = engine.next_event(Some(Duration::from_secs(20))).unwrap();
        let event = event.unwrap_or_else(|| panic!("no {what}"));
        if let Some(found) = fits(&event.kind) {
            return found;
        }
    }
}

fn device_event(engine: &Engine, wanted: DeviceState) -> (String, String) {
    wait(engine, "device event", |event| match event {
        EventKind::Device { state, loudspeaker, microphone, .. } if *state == wanted => {
            Some((loudspeaker.clone(), microphone.clone()))
        }
        _ => None,
    })
}

/// Near: a tone from a WAV file, what comes back goes to another. Far: a phone on the sound card,
/// whose microphone is the monitor of its loudspeaker. So the tone goes through two calls' worth of
/// engine: encoded, played by cpal, captured by cpal, encoded again.
#[test]
fn a_call_is_heard_at_the_sound_card_and_the_sound_card_in_the_call() {
    in_own_audio_system(
        "a_call_is_heard_at_the_sound_card_and_the_sound_card_in_the_call",
        |folder| {
            let server = PulseServer::start(&folder, &["speaker", "headset"]).unwrap();
            let (mouth, ear) = (folder.join("mouth.wav"), folder.join("ear.wav"));
            let tone: Vec<i16> = (0..48_000)
                .map(|n| {
                    ((f64::from(n) * 700.0 / 48_000.0 * std::f64::consts::TAU).sin() * 16_384.0)
                        as i16
                })
                .collect();
            wav::write(&mouth, 48_000, 1, &tone).unwrap();
            let engine = |audio| {
                Engine::new(EngineConfig {
                    bind: [127, 0, 0, 1].into(),
                    audio,
                    ..Default::default()
                })
                .unwrap()
            };
            let near = engine(AudioPolicy::Wav(WavPair {
                microphone: Some(mouth),
                repeat: true,
                loudspeaker: Some(ear.clone()),
            }));
            let far = engine(AudioPolicy::Devices(DevicePolicy::default()));
            assert!(far.devices().unwrap().iter().any(|device| device.default_playback));

            let uri = format!("sip:far@{}", far.local_address(SipTransport::Udp).unwrap());
            let call = near.dial(None, &uri, DialOptions::default(), None).unwrap();
            let into = wait(&far, "incoming call", |event| match event {
                EventKind::IncomingCall { call, .. } => Some(*call),
                _ => None,
            });
            far.answer(into, Vec::new(), None).unwrap();
            let names = device_event(&far, DeviceState::Opened);
            assert_eq!(names, ("speaker".to_owned(), "Monitor of speaker".to_owned()));
            pause(&near, call, ",,");
            println!("levels at the sound card: {:?}", far.levels());
            assert!(far.levels().loudspeaker_db.is_some_and(|db| (-12.0..-6.0).contains(&db)));
            assert!(far.levels().microphone_db.is_some_and(|db| (-12.0..-6.0).contains(&db)));

            let health = far.health();
            println!("{health:?}");
            assert!(health.playback_callbacks > 0 && health.capture_callbacks > 0);
            assert!(health.callback.max_us > 0 && health.callback_priority != Priority::NotAsked);

            // The user plugs a headset in: the call goes on there.
            server.control(&["set-default-source", "headset.monitor"]).unwrap();
            server.control(&["set-default-sink", "headset"]).unwrap();
            while device_event(&far, DeviceState::Changed)
                != ("headset".to_owned(), "Monitor of headset".to_owned())
            {}
            pause(&near, call, ",,");
            println!("{:?}", far.call_stats(into).unwrap());
            println!("{:?}", far.stats());
            near.hangup(call, None).unwrap();
            wait(&far, "end", |event| {
                matches!(event, EventKind::Call { state: CallState::Ended, .. }).then_some(())
            });
            device_event(&far, DeviceState::Closed);
            far.shutdown(Duration::from_secs(5));
            near.shutdown(Duration::from_secs(5));

            let heard = wav::read(&ear).unwrap();
            let samples: Vec<f32> =
                heard.into_mono().iter().map(|&sample| f32::from(sample) / 32_768.0).collect();
            let windows: String = samples
                .chunks_exact(4800)
                .map(|window| {
                    let (amplitude, purity) = tone_in(window, 700.0, 48_000.0);
                    let level_fits = (20.0 * (amplitude / 0.5).log10()).abs() < 1.5;
                    match (purity > 0.97, level_fits) {
                        (true, true) => '+',
                        (true, false) => 'l',
                        (false, true) => 'p',
                        (false, false) => '.',
                    }
                })
                .collect();
            println!("windows of 100 ms: {windows}");
            let (before, after) = windows.split_at(windows.len() / 2);
            for half in [before, after] {
                let clean = half.chars().filter(|&window| window == '+').count();
                assert!(clean * 2 > half.len(), "{clean} of {} windows hold the tone", half.len());
            }
        },
    );
}

/// Lets real time pass: the pauses of a string of digits.
fn pause(engine: &Engine, call: sidetone::base::ids::CallId, pauses: &str) {
    let request = engine.new_request();
    engine.dtmf(call, pauses, 0, Some(request)).unwrap();
    wait(engine, "end of the pause", |event| {
        matches!(event, EventKind::Reply { request: of, .. } if *of == request).then_some(())
    });
}

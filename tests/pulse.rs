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
use sidetone::device::{
    backend::DeviceChoice,
    ports::PortEnds,
    sound_cards,
    supervisor::{DeviceCmd, DeviceReport, OpenedPair, Supervisor},
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
        let server = PulseServer::start(&hidden, &["speaker"]).unwrap();
        let socket = hidden.join("pulse/native");
        let side = format!("{{ type pulse server \"unix:{}\" }}\n", socket.display());
        std::fs::write(folder.join(".asoundrc"), format!("pcm.!default {side}ctl.!default {side}"))
            .unwrap();

        let (supervisor, reports) = supervisor();
        supervisor.send(DeviceCmd::Open(DeviceChoice::default()));
        let mut pair = opened(next(&reports));
        assert_tone_comes_back(&mut pair.ends, 1000.0, 4.0);

        drop(server);
        let DeviceReport::Lost(error) = next(&reports) else { panic!("the server is gone") };
        println!("lost: {error}");
        let _server = PulseServer::start(&hidden, &["speaker"]).unwrap();
        let mut pair = opened(next(&reports));
        assert_tone_comes_back(&mut pair.ends, 440.0, 2.0);
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

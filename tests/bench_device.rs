//! `sidetone-bench device` against a PulseAudio server with a null sink that the test starts: what
//! goes out of the loudspeaker comes back through the sink's monitor.
#![cfg(all(feature = "programs", feature = "audio", target_os = "linux"))]

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/pulse.rs"]
mod pulse;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use child::Folder;
use pulse::PulseServer;
use serde_json::Value;

fn device(audio: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sidetone-bench"))
        .arg("device")
        .args(arguments)
        .env("XDG_RUNTIME_DIR", audio)
        .env("HOME", audio)
        .env_remove("PULSE_SERVER")
        .env_remove("PULSE_RUNTIME_PATH")
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_round_trip_through_a_sound_server_is_measured_with_its_callbacks() {
    let folder = Folder::new("bench-device");
    let audio = folder.path("audio");
    let _server = PulseServer::start(&audio, &["speaker", "other"]).unwrap();
    let list = device(&audio, &["--list"]);
    assert!(list.status.success() && told(&list).contains("Monitor of speaker"), "{}", told(&list));

    let html = folder.path("card.html");
    // A busy machine tears the sound now and then: half of the clicks are enough, the exit status
    // asks for nine in ten.
    let output = device(&audio, &["--seconds", "8", "--json", "--html", html.to_str().unwrap()]);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", told(&output)));
    println!("{report}");
    assert_eq!(report["loudspeaker"], "speaker");
    assert!(report["clicks_heard_percent"].as_f64() >= Some(50.0), "{report}");
    let round_trip = report["round_trip_ms"]["p50"].as_f64().unwrap();
    assert!((1.0..380.0).contains(&round_trip), "{report}");
    for side in ["playback", "capture"] {
        let busy = &report[format!("{side}_callback_us")];
        assert!(busy["count"].as_u64() > Some(50) && busy["p50"].as_f64() > Some(0.0), "{busy}");
        assert!(report[format!("{side}_interval_ms")]["p50"].as_f64() > Some(0.0), "{report}");
    }
    let page = fs::read_to_string(html).unwrap();
    assert!(page.contains("playback_callback_us: histogram"));
}

#[test]
fn a_loudspeaker_that_nobody_hears_and_a_card_that_is_not_there_are_told() {
    let folder = Folder::new("bench-device");
    let audio = folder.path("audio");
    let _server = PulseServer::start(&audio, &["speaker", "other"]).unwrap();
    let deaf = device(&audio, &["--seconds", "2", "--microphone", "Monitor of other"]);
    assert_eq!(deaf.status.code(), Some(1));
    assert!(told(&deaf).contains("nothing of what speaker played came back"), "{}", told(&deaf));
    let missing = device(&audio, &["--loudspeaker", "nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(told(&missing).contains("nowhere"), "{}", told(&missing));
}

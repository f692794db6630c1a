//! Sound cards: WASAPI, as wine has it over a PulseAudio server of the test's own.

use std::{fs, process::Command};

use crate::{
    builds,
    child::{Folder, Running},
    in_wine,
    pulse::PulseServer,
    tones::level_of,
    trial::tone_peer::{TONE_HZ, TonePeer},
    wine::Wine,
};

in_wine! {
    sound_cards_are_listed
    a_call_is_heard_on_the_sound_card_and_the_dll_unloaded_after_it
    a_call_is_heard_through_the_dll_for_windows_7
}

/// A server with two null sinks; the address of its socket for programs in wine, and for others.
fn server(wine: &Wine, name: &str) -> (PulseServer, [String; 2]) {
    // In wine's folder, which is all that a wine with a root of its own sees of this system.
    let folder = wine.folder.join(name);
    let server = PulseServer::start(&folder, &["speaker", "other"]).expect("PulseAudio starts");
    let socket = format!("unix:{}", folder.join("pulse/native").display());
    (server, [format!("unix:{}", wine.path(&format!("{name}/pulse/native"))), socket])
}

fn sound_cards_are_listed(wine: &Wine) {
    let (_server, [address, _]) = server(wine, "sound-list");
    let mut command = wine.command("sidetone-phone.exe");
    command.arg("devices").env("PULSE_SERVER", &address);
    let told = wine.finish(command);
    assert!(told.contains("speaker") && told.contains("other"), "{told}");
}

fn a_call_is_heard_on_the_sound_card_and_the_dll_unloaded_after_it(wine: &Wine) {
    call_is_heard(wine, "sidetone.dll");
}

/// Needs `make windows WINDOWS=7`, and passes without.
fn a_call_is_heard_through_the_dll_for_windows_7(wine: &Wine) {
    let built = builds().join(format!("{}-win7/sidetone.dll", wine.machine));
    if !built.exists() {
        println!("not built for Windows 7 on {}", wine.machine);
        return;
    }
    fs::copy(built, wine.folder.join("sidetone-win7.dll")).unwrap();
    call_is_heard(wine, "sidetone-win7.dll");
}

/// A program loads the DLL, calls a tone, plays it on the sound card, and unloads the DLL.
fn call_is_heard(wine: &Wine, dll: &str) {
    let (_server, [address, socket]) = server(wine, &format!("sound-{dll}"));
    let (folder, peer) = (Folder::new("monitor"), TonePeer::start(18));
    let heard = folder.path("heard.pcm");
    let mut record = Command::new("parec");
    record.args(["--device=speaker.monitor", "--format=s16le", "--rate=48000", "--channels=1"]);
    record.arg(&heard).env("PULSE_SERVER", socket);
    let _recording = Running::start(record, &folder);

    let program = wine.build("tests/c/unload.c", "libsidetone.dll.a");
    let mut command = wine.command(&program);
    command.args([dll, &peer.uri(), &TONE_HZ.to_string(), "6", "devices"]);
    wine.finish({
        command.env("PULSE_SERVER", &address);
        command
    });
    peer.finish();

    let bytes = fs::read(&heard).expect("parec writes it");
    let samples: Vec<i16> =
        bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let level = |hz: f64| level_of(&samples, hz, 48_000);
    let (tone, beside) = (level(f64::from(TONE_HZ)), level(f64::from(TONE_HZ) * 1.3));
    println!("{}, {dll}: the tone at {tone:.1} dB, beside it {beside:.1} dB", wine.machine);
    assert!(tone > -20.0 && beside < tone - 20.0, "{tone} dB, beside it {beside} dB");
}

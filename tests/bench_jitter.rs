//! `sidetone-bench jitter` as a program, and the measuring of phones that it did not start: what the
//! network did stands in what is found, and what is found agrees with what the phone says.
#![cfg(feature = "programs")]

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{fs, process::Command, time::Duration};

use child::{Folder, Running, await_udp, free_port};
use serde_json::Value;

/// A failure, not a measurement.
const LONGEST: Duration = Duration::from_secs(600);

/// Runs the program with `--json`; whether it says that all went well, and its object.
fn measure(arguments: &[&str]) -> (bool, Value) {
    let folder = Folder::new("bench");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidetone-bench"));
    command.args(arguments).arg("--json");
    let mut bench = Running::start(command, &folder);
    let status = bench.wait(LONGEST).unwrap_or_else(|| panic!("{arguments:?}: {}", bench.text()));
    let text = bench.text();
    let value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {text}"));
    (status.success(), value)
}

fn number(value: &Value, path: &str) -> f64 {
    let found = path.split('.').fold(value, |value, name| &value[name]);
    found.as_f64().unwrap_or_else(|| panic!("no {path} in {value}"))
}

const SHORT: [&str; 7] = ["jitter", "--n", "3", "--seconds", "4", "--warm", "2"];

#[test]
fn what_the_network_takes_is_not_asked_of_the_phone_and_agrees_with_its_words() {
    let loss = ["--impair", "jitter=uniform:40,loss=20,seed=3"];
    let (whole, value) = measure(&[&SHORT[..], &loss].concat());
    assert!(whole, "{value}");
    // The same seed takes the same packets, but for those at the edges of the window.
    let delivered = number(&value, "network.delivered_percent");
    assert!((70.0..90.0).contains(&delivered), "{value}");
    let (received, lost) = (
        number(&value, "says_of_itself.received_packets"),
        number(&value, "says_of_itself.lost_packets"),
    );
    let says = 100.0 * received / (received + lost);
    assert!((says - delivered).abs() < 8.0, "{says} {delivered}: {value}");
    // A fifth was lost: were that asked for as well, no more than four fifths could be heard.
    assert!(number(&value, "heard_percent") > 82.0, "{value}");
    assert!(number(&value, "clicks") > 20.0, "{value}");
    let clicks_lost = number(&value, "clicks_lost_percent");
    assert!((2.0..60.0).contains(&clicks_lost), "{value}");
}

#[test]
fn a_delay_counts_from_before_the_network() {
    let (whole, value) = measure(&[&SHORT[..], &["--impair", "delay=150"]].concat());
    assert!(whole, "{value}");
    assert_eq!(number(&value, "network.delivered_percent"), 100.0);
    for delay in ["network.delay_ms.p50", "delay_ms.p50", "sound_delay_ms.p50"] {
        assert!(number(&value, delay) >= 149.9, "{delay}: {value}");
    }
}

#[test]
fn wrong_arguments_are_told_before_anybody_is_called() {
    let folder = Folder::new("bench-wrong");
    for (arguments, why) in [
        (&["jitter", "--impair", "loss=x"][..], "`x` is no number"),
        (&["jitter", "--trace", "/nowhere/x.tsv"], "/nowhere/x.tsv"),
        (&["jitter", "--target", "600"], "sip:user@host:port"),
        (&["calls", "--target", "sips:a@b"], "over UDP only"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sidetone-bench"));
        command.args(arguments);
        let mut bench = Running::start(command, &folder);
        let status = bench.wait(LONGEST).unwrap();
        let said = bench.text();
        assert!(!status.success() && said.contains(why), "{arguments:?}: {said}");
    }
}

/// A baresip that sends back what it hears, as somebody may have running already.
fn echoing_baresip(folder: &Folder) -> (Running, String) {
    let port = free_port();
    let config = format!(
        "sip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\ncall_max_calls 8\n\
         audio_player aubridge,x\naudio_source aubridge,x\naudio_channels 1\n\
         module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aubridge.so\n\
         module_app account.so\nmodule_app echo.so\n"
    );
    fs::write(folder.path("config"), config).unwrap();
    let account = format!("<sip:echo@127.0.0.1:{port}>;regint=0;audio_codecs=pcmu\n");
    fs::write(folder.path("accounts"), account).unwrap();
    fs::write(folder.path("contacts"), "").unwrap();
    let mut command = Command::new("baresip");
    // It ends by itself should this process be killed.
    command.args(["-4", "-t", "300", "-f"]).arg(folder.path(""));
    let running = Running::start(command, folder);
    await_udp(port);
    (running, format!("sip:echo@127.0.0.1:{port}"))
}

#[test]
fn a_phone_that_runs_already_is_measured_by_the_same_probe() {
    let folder = Folder::new("bench-target");
    let (_baresip, uri) = echoing_baresip(&folder);
    let target = ["--target", uri.as_str(), "--seconds", "2"];
    // On a machine that is busy a phone may be too late with a packet, and is refused then.
    let measured = (0..4)
        .map(|_| measure(&[&["calls", "--n", "3"][..], &target].concat()))
        .find(|(believed, _)| *believed);
    let (_, value) = measured.expect("figures of one run in four");
    assert_eq!(value["phone"], uri);
    assert!(number(&value, "matched_percent") >= 99.9, "{value}");
    assert!(number(&value, "gain_db.p50").abs() < 0.5, "{value}");
    assert!(value["private_bytes"].is_null(), "its process is not ours to look at: {value}");
    let jitter = ["jitter", "--n", "3", "--warm", "2", "--impair", "loss=5,seed=2"];
    let (whole, value) = measure(&[&jitter[..], &target].concat());
    assert!(whole && value["says_of_itself"].is_null(), "{value}");
    // It holds 100 ms at the least.
    assert!(number(&value, "delay_ms.p50") > 60.0, "{value}");
}

#[test]
fn the_gain_of_a_phone_that_runs_already_is_measured() {
    let folder = Folder::new("bench-gain");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidetone-phone"));
    command.args(["answer", "--bind", "127.0.0.1", "--device", "none", "--json"]);
    command.args(["--echo", "--gain", "-9"]);
    let phone = Running::start(command, &folder);
    phone.wait_for("listening", LONGEST);
    let text = phone.text();
    let listening: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let uri = format!("sip:phone@{}", listening["address"].as_str().unwrap());
    let measured = (0..4)
        .map(|_| measure(&["calls", "--n", "2", "--target", &uri, "--seconds", "2"]))
        .find(|(believed, _)| *believed);
    let (_, value) = measured.expect("figures of one run in four");
    assert!((number(&value, "gain_db.p50") + 9.0).abs() < 0.5, "{value}");
    assert!(number(&value, "turn_around_ms.p50") > 0.0, "{value}");
    let (_, value) = measure(&["latency", "--target", &uri, "--seconds", "1"]);
    assert_eq!(value["phone"], uri);
    assert!(value["mouth_to_ear_ms"].is_null(), "nothing of ours is measured: {value}");
}

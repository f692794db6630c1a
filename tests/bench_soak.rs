//! `sidetone-bench soak` as a program: a short one breaks no rule, and a phone that dies is noticed.
#![cfg(feature = "programs")]

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use child::{Folder, Running};
use serde_json::Value;

/// A call that vanishes is given up after 40 s, one that is never acknowledged after 32.
const LONGEST: Duration = Duration::from_secs(300);

fn soak(folder: &Folder, arguments: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidetone-bench"));
    // Its scratch folder is to be found here.
    command.arg("soak").args(arguments).env("TMPDIR", folder.path(""));
    Running::start(command, folder)
}

#[test]
fn calls_come_and_go_bad_ones_among_them_and_every_rule_holds() {
    let folder = Folder::new("soak");
    let mut bench = soak(&folder, &["--minutes", "0.4", "--calls", "30", "--json"]);
    let status = bench.wait(LONGEST).unwrap_or_else(|| panic!("{}", bench.text()));
    let text = bench.text();
    assert!(status.success(), "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["broken_rules"], 0, "{text}");
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{text}"));
    assert!(number(&value["placed"]) >= 30, "{text}");
    // What both ends counted is there at all.
    assert!(number(&value["packets"]["phone_received"]) > 1_000, "{text}");
    assert!(number(&value["packets"]["received"]) > 1_000, "{text}");
    for bad in ["garbage_rtp", "vanishes", "cancel_early"] {
        assert!(number(&value["conduct"][bad]) > 0, "{bad}: {text}");
    }
    let ended = value["phone"]["ended"].as_object().unwrap();
    assert!(ended.contains_key("DeadMedia") && ended.contains_key("LocalHangup"), "{text}");
    let left: Vec<_> = fs::read_dir(folder.path("")).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(left, [folder.path("output.txt")]);
}

/// Its only child.
fn phone_of(bench: &Running) -> Option<String> {
    let pid = bench.id();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next().map(str::to_owned)
}

#[test]
fn a_phone_that_dies_is_noticed_and_told() {
    let folder = Folder::new("soak-death");
    let mut bench = soak(&folder, &["--minutes", "5", "--calls", "3"]);
    let until = Instant::now() + LONGEST;
    let phone = loop {
        if let Some(phone) = phone_of(&bench) {
            break phone;
        }
        assert!(Instant::now() < until, "{}", bench.text());
        std::thread::yield_now();
    };
    assert!(Command::new("kill").args(["-KILL", &phone]).status().unwrap().success());
    let status = bench.wait(LONGEST).unwrap_or_else(|| panic!("{}", bench.text()));
    assert!(!status.success());
    let said = bench.text();
    assert!(said.contains("sidetone-bench: "), "{said}");
}

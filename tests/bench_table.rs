//! `sidetone-bench table` and the reflector under it, as programs.
#![cfg(feature = "programs")]

use std::process::{Command, Output};

use serde_json::Value;

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sidetone-bench")).args(arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {error}"))
}

/// The figure of one side, which has one or says why not.
fn median(line: &Value, side: &str) -> Option<f64> {
    let median = line[side]["median"].as_f64();
    let reasons = [&line[side]["refused"], &line["void_rounds"]];
    let told = reasons.iter().any(|why| why.as_array().is_some_and(|why| !why.is_empty()));
    assert!(median.is_some() || told, "{side} has no figure and no reason: {line}");
    median
}

#[test]
fn a_row_has_our_figure_beside_the_floor_and_the_aim() {
    let few = ["table", "--json", "--runs", "1", "--no-peer", "--scale", "0.02"];
    let output = bench(&[&few[..], &["--rows", "pcmu-100"]].concat());
    let table = json(&output);
    assert_eq!((&table["kind"], &table["runs"]), (&"table".into(), &1.into()));
    let lines = table["rows"].as_array().unwrap();
    let names: Vec<&str> = lines.iter().filter_map(|line| line["figure"].as_str()).collect();
    assert_eq!(names, ["cpu", "departure-p99", "memory"], "{table}");
    assert!(lines.iter().all(|line| line["row"] == "pcmu-100" && line["rival"].is_null()));
    let (ours, floor) = (median(&lines[0], "ours"), median(&lines[0], "floor"));
    assert_eq!(output.status.success(), ours.is_some(), "{table}");
    if let (Some(ours), Some(floor)) = (ours, floor) {
        assert!(ours > 0.0 && floor > 0.0, "{table}");
        assert!((lines[0]["ratio_to_floor"].as_f64().unwrap() - ours / floor).abs() < 0.01);
        let aim = lines[0]["aim"].as_f64().unwrap();
        assert!(aim >= 0.7, "the easier of 0.7 and 0.44 x {floor}: {aim}");
        assert_eq!(lines[0]["reached"], ours <= aim, "{table}");
    }
}

#[test]
fn a_row_that_is_not_there_is_refused_with_those_that_are() {
    let output = bench(&["table", "--rows", "pcmu-100,pcmu"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("known are") && told.contains("opus-30"), "{told}");
}

#[test]
fn the_reflector_gives_every_packet_back_as_it_came() {
    let few =
        ["calls", "--json", "--n", "2", "--seconds", "3", "--peer", "reflector", "--peer-only"];
    for more in [&[][..], &["--srtp"]] {
        let output = bench(&[&few[..], more].concat());
        let peer = &json(&output)["peer"];
        assert_eq!((&peer["phone"], &peer["lost_packets"]), (&"reflector".into(), &0.into()));
        assert_eq!(peer["matched_percent"], 100.0, "{peer}");
        assert_eq!(peer["gain_db"]["max"], 0.0, "{peer}");
    }
}

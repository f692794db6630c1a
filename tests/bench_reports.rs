//! `sidetone-bench` as a person or a script has it: its reports in every form, two of them compared,
//! its line on a terminal, its exit status.
#![cfg(all(feature = "programs", target_os = "linux"))]

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{
    fs,
    process::{Command, Output},
};

use child::Folder;
use serde_json::{Value, json};

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sidetone-bench")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn written(folder: &Folder, name: &str, report: &Value) -> String {
    let path = folder.path(name);
    fs::write(&path, report.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A page as XML, and the text in it.
fn page_text(page: &str) -> String {
    let xml = page.strip_prefix("<!DOCTYPE html>\n").expect("HTML");
    let document = roxmltree::Document::parse(xml).expect("well-formed");
    document.descendants().filter_map(|node| node.text()).collect()
}

#[test]
fn latency_is_told_hop_by_hop_as_json_csv_and_a_page() {
    let folder = Folder::new("bench");
    let (csv, html) = (folder.path("a.csv"), folder.path("a.html"));
    let (csv, html) = (csv.to_str().unwrap(), html.to_str().unwrap());
    let run = || {
        let output = bench(&["latency", "--seconds", "3", "--json", "--csv", csv, "--html", html]);
        assert!(output.stderr.is_empty(), "no live line beside JSON: {}", text(&output.stderr));
        (report(&output), text(&output.stdout))
    };
    // A busy machine tears clicks now and then; of four one at least has to be heard.
    let heard = |(report, _): &(Value, String)| report["stepped"]["hops_ms"]["network"].is_object();
    let (report, printed) = (0..3).map(|_| run()).find(heard).expect("a click within three runs");
    let stepped = &report["stepped"];
    let median = |value: &Value| value["p50"].as_f64().unwrap_or_else(|| panic!("{value}"));
    let hops = ["capture", "encode", "network", "jitter_buffer_and_decode", "playout"];
    let parts = hops.map(|hop| median(&stepped["hops_ms"][hop]));
    let whole = median(&stepped["mouth_to_ear_ms"]);
    println!("mouth to ear {whole} ms: {parts:?}; {}", stepped["quality"]);
    assert!(parts[0] >= 0.0 && parts[0] <= 10.0, "{parts:?}");
    assert!(parts[2] >= 0.0 && parts.iter().sum::<f64>() > 0.3 * whole, "{parts:?}");
    for figure in ["departure_interval_ms", "arrival_interval_ms", "arrival_jitter_ms"] {
        assert!(stepped[figure]["count"].as_u64() > Some(50), "{figure}: {}", stepped[figure]);
    }
    assert!((1.0..=4.5).contains(&stepped["quality"]["mos"].as_f64().unwrap()));
    assert!(stepped["quality"]["intact_percent"].is_number());
    assert!(!printed.contains("samples"), "only when asked for");

    let table = fs::read_to_string(csv).unwrap();
    let p95 = format!("stepped.mouth_to_ear_ms,p95,{}\r\n", stepped["mouth_to_ear_ms"]["p95"]);
    assert!(table.contains(&p95) && !table.contains(",sample,"), "{table}");
    let page = fs::read_to_string(html).unwrap();
    let told = page_text(&page);
    for part in ["What the figures do not show", "jitter buffer, decode", "latency --seconds 3"] {
        assert!(told.contains(part), "{part}");
    }
    assert!(page.matches("<svg").count() > 10, "plots");
}

#[test]
fn single_measurements_are_there_when_asked_for() {
    let folder = Folder::new("bench");
    let csv = folder.path("a.csv");
    let arguments = ["footprint", "--seconds", "0.2", "--json", "--samples", "--csv"];
    let output = bench(&[&arguments[..], &[csv.to_str().unwrap()]].concat());
    let report = report(&output);
    assert!(output.status.success() && report["private_bytes"].as_u64() > Some(100_000));
    let line = format!("private_bytes,value,{}\r\n", report["private_bytes"]);
    assert!(fs::read_to_string(csv).unwrap().contains(&line));
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_measured() {
    let output = bench(&["latency", "--seconds", "3600", "--html", "/nowhere/a.html"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("/nowhere/a.html cannot be written"), "{told}");
}

#[test]
fn two_reports_are_compared_and_the_limit_decides_the_exit_status() {
    let folder = Folder::new("bench");
    let of = |p50: f64, mos: f64| {
        json!({
            "kind": "latency", "codec": "PCMU", "mos": mos,
            "turn_around_ms": { "p50": p50, "p95": 50, "p99": 60, "max": 70, "count": 9 },
        })
    };
    let before = written(&folder, "before.json", &of(40.0, 4.4));
    let after = written(&folder, "after.json", &of(44.0, 4.41));
    let run = |more: &[&str]| bench(&[&["compare", &before, &after, "--json"], more].concat());

    let output = run(&[]);
    assert!(output.status.success(), "without a limit nothing is too much");
    let report = report(&output);
    assert_eq!((&report["better"], &report["worse"]), (&json!(1), &json!(1)));
    let figures = report["figures"].as_array().unwrap();
    let line = figures.iter().find(|line| line["figure"] == "turn_around_ms p50").unwrap();
    assert_eq!(
        line,
        &json!({
            "figure": "turn_around_ms p50", "before": 40, "after": 44, "ratio": 1.1,
            "better_is": "lower", "verdict": "worse",
        })
    );
    assert!(run(&["--worse-than", "10.5"]).status.success());
    assert_eq!(run(&["--worse-than", "9.5"]).status.code(), Some(1));
    assert!(run(&["--worse-than", "9.5", "--only", "mos"]).status.success());
    assert!(!run(&["--only", "no-such-figure"]).status.success());

    let table = text(&bench(&["compare", &before, &after]).stdout);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let line = ["turn_around_ms", "p50", "40", "44", "1.1", "lower", "worse"];
    assert!(table.lines().any(|told| words(told) == line), "{table}");
}

#[test]
fn what_is_no_report_or_another_kind_is_refused() {
    let folder = Folder::new("bench");
    let latency = written(&folder, "a.json", &json!({ "kind": "latency" }));
    let calls = written(&folder, "b.json", &json!({ "kind": "calls" }));
    let other = written(&folder, "c.json", &json!([1]));
    for (second, told) in [(&calls, "not the same"), (&other, "no report"), (&"/x".into(), "/x")] {
        let output = bench(&["compare", &latency, second]);
        assert_eq!(output.status.code(), Some(1), "{second}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
}

#[test]
fn a_terminal_shows_what_is_known_so_far_and_a_pipe_nothing() {
    let program = env!("CARGO_BIN_EXE_sidetone-bench");
    let line = format!("exec '{program}' footprint --seconds 1");
    let shown =
        Command::new("script").args(["-q", "-e", "-c", &line, "/dev/null"]).output().unwrap();
    let shown = text(&shown.stdout);
    assert!(shown.contains("idle phone") && shown.contains("MiB private"), "{shown}");
    let output = bench(&["footprint", "--seconds", "0.2"]);
    assert!(output.stderr.is_empty() && text(&output.stdout).contains("private_bytes"));
}

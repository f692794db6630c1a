//! `tests/behaviours.tsv` and the tests say the same.

use std::{collections::BTreeSet, fs};

use super::{
    case::{Case, Role},
    cases,
};

/// How many scenarios there are at least.
const FEWEST: usize = 245;

/// A line of the list.
struct Behaviour {
    behaviour: String,
    clause: String,
    role: String,
    test: String,
    peer: String,
}

fn behaviours() -> Vec<Behaviour> {
    let text = include_str!("../behaviours.tsv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("behaviour\tclause\trole\ttest\tpeer"));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [behaviour, clause, role, test, peer] = fields[..] else {
                panic!("not five fields: {line}")
            };
            let [behaviour, clause, role, test, peer] =
                [behaviour, clause, role, test, peer].map(str::to_owned);
            Behaviour { behaviour, clause, role, test, peer }
        })
        .collect()
}

#[test]
fn every_case_has_a_scenario_and_a_line_in_the_list() {
    let listed: BTreeSet<String> = behaviours()
        .into_iter()
        .filter_map(|behaviour| behaviour.test.strip_prefix("sipp_matrix::").map(str::to_owned))
        .collect();
    let run: BTreeSet<String> = cases().iter().map(|case| case.scenario.to_owned()).collect();
    assert_eq!(run.len(), cases().len(), "a scenario has two cases");
    assert_eq!(listed, run, "behaviours.tsv and the cases differ");
    assert!(run.len() >= FEWEST, "only {} scenarios", run.len());
    for case in cases() {
        let file = format!("{}/tests/sipp/{}.xml", env!("CARGO_MANIFEST_DIR"), case.scenario);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("<scenario name=\"{}\">", case.scenario)), "{file}");
        assert!(text.contains("check_it"), "{file} checks no value");
        let prefix: &[&str] = match case.role {
            Role::Called => &["uac_"],
            Role::Calling => &["uas_", "reg_"],
        };
        assert!(prefix.iter().any(|prefix| case.scenario.starts_with(prefix)), "{file}");
    }
}

#[test]
fn the_list_names_tests_that_exist() {
    let mut seen = BTreeSet::new();
    for line in behaviours() {
        let test = &line.test;
        let unique = format!("{}: {test}", line.behaviour);
        assert!(seen.insert(unique), "twice: {} {test}", line.behaviour);
        assert!(!line.clause.is_empty() && !line.peer.is_empty(), "{test}");
        assert!(["UAC", "UAS", "both"].contains(&line.role.as_str()), "{test}: role {}", line.role);
        let (file, name) = test.split_once("::").expect("file::test");
        if file == "sipp_matrix" {
            assert_eq!(line.peer, "sipp", "{test}");
            let role = cases().into_iter().find(|case| case.scenario == name).map(role);
            assert_eq!(role, Some(line.role.as_str()), "{test}: our role");
            continue;
        }
        let sources = sources_of(file);
        let function = format!("fn {}(", name.rsplit("::").next().unwrap_or(name));
        assert!(sources.contains(&function), "there is no test {test}");
    }
}

/// Our role in a case.
fn role(case: &Case) -> &'static str {
    if case.role == Role::Called { "UAS" } else { "UAC" }
}

/// All text of a test binary.
fn sources_of(test: &str) -> String {
    let root = format!("{}/tests/{test}", env!("CARGO_MANIFEST_DIR"));
    let Ok(files) = fs::read_dir(&root) else {
        let file = format!("{root}.rs");
        return fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    };
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

//! `sidetone-bench compare`: two reports side by side.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Error, ErrorKind},
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::{Value, json};

use crate::report::{
    self,
    figures::{self, Figure, STATISTICS},
    words::{self, Better},
};

/// Compares two reports that were written with --json.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench compare before.json after.json
  sidetone-bench compare before.json after.json --worse-than 10
  sidetone-bench compare before.json after.json --only turn_around_ms --json

Ratio is the second by the first. Which way a figure is better is known for times, memory, CPU, faults
and quality; other figures are only shown. A maximum is shown and not judged, for it is one
measurement; nor are figures of another phone (peer). With --worse-than the exit status is 1 when a
judged figure is worse by more than so many percent, or is missing from the second report. Of reports
of different phones, what both have is judged, for a phone that is far away tells nothing of its memory.")]
pub struct Compare {
    /// What it was
    before: PathBuf,
    /// What it is
    after: PathBuf,
    /// Fail above so many percent worse
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    worse_than: Option<f64>,
    /// Only figures whose name holds this; may come several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
}

impl Compare {
    /// Runs the command; whether nothing is worse than it may be.
    pub fn run(self, json: bool) -> io::Result<bool> {
        let (before, after) = (read(&self.before)?, read(&self.after)?);
        if before["kind"] != after["kind"] {
            let text = format!(
                "{} is a report of `{}`, {} of `{}`: their figures are not the same",
                self.before.display(),
                kind(&before),
                self.after.display(),
                kind(&after),
            );
            return Err(Error::new(ErrorKind::InvalidData, text));
        }
        let wanted = |line: &Line| {
            self.only.is_empty() || self.only.iter().any(|text| line.name.contains(text))
        };
        let lines: Vec<Line> = lines(&before, &after).into_iter().filter(wanted).collect();
        if lines.is_empty() {
            let text = "no figure is in question: see `--json` without `--only` for their names";
            return Err(Error::new(ErrorKind::InvalidData, text));
        }
        let limit = self.worse_than.unwrap_or(f64::INFINITY);
        let beyond = beyond(&lines, limit, before["phone"] == after["phone"]);
        let good = self.worse_than.is_none() || beyond.is_empty();
        let mut report = json!({
            "kind": "compare",
            "of": kind(&before),
            "before": self.before.display().to_string(),
            "after": self.after.display().to_string(),
            "differences": differences(&before, &after),
            "figures": lines.iter().map(Line::as_json).collect::<Vec<_>>(),
            "better": lines.iter().filter(|line| line.verdict() == "better").count(),
            "worse": lines.iter().filter(|line| line.verdict() == "worse").count(),
        });
        if let Some(limit) = self.worse_than {
            report["worse_than_percent"] = json!(limit);
            report["beyond"] = json!(beyond);
        }
        report::print(&report, json);
        Ok(good)
    }
}

/// The figures that are worse than they may be. Of two phones those that one report lacks are not.
fn beyond(lines: &[Line], limit: f64, same_phone: bool) -> Vec<String> {
    let fits = |line: &&Line| line.is_beyond(limit) && (same_phone || line.after.is_some());
    lines.iter().filter(fits).map(Line::label).collect()
}

/// One figure of both reports.
#[derive(Debug)]
struct Line {
    name: String,
    statistic: &'static str,
    before: Option<f64>,
    after: Option<f64>,
    better: Better,
}

impl Line {
    /// Which way it is better, where that is to be judged.
    fn judged(&self) -> Better {
        let ours = !self.name.split('.').any(|part| part == "peer");
        if ours && self.statistic != "max" { self.better } else { Better::Neither }
    }

    /// Second by first.
    fn ratio(&self) -> Option<f64> {
        let (before, after) = (self.before?, self.after?);
        (before != 0.0).then(|| after / before)
    }

    /// By how many percent it is worse; below 0: better. `None`: not to be judged.
    fn worse_percent(&self) -> Option<f64> {
        let (before, after) = (self.before?, self.after?);
        let grown = match self.judged() {
            Better::Lower => after - before,
            Better::Higher => before - after,
            Better::Neither => return None,
        };
        match (grown, before) {
            (0.0, _) => Some(0.0),
            // From nothing to something is more than any share.
            (grown, 0.0) => Some(grown.signum() * f64::INFINITY),
            (grown, before) => Some(100.0 * grown / before.abs()),
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.before, self.after, self.worse_percent()) {
            (Some(_), None, _) => "missing",
            (None, _, _) => "new",
            (_, _, None) => "",
            (_, _, Some(0.0)) => "same",
            (_, _, Some(worse)) if worse > 0.0 => "worse",
            _ => "better",
        }
    }

    fn is_beyond(&self, limit: f64) -> bool {
        let gone = self.before.is_some() && self.after.is_none();
        self.worse_percent().is_some_and(|worse| worse > limit)
            || gone && self.judged() != Better::Neither
    }

    fn label(&self) -> String {
        format!("{} {}", self.name, self.statistic).trim_end().to_owned()
    }

    /// As a row of a table; what is not known is left out.
    fn as_json(&self) -> Value {
        let better_is = match self.better {
            Better::Lower => "lower",
            Better::Higher => "higher",
            Better::Neither => "",
        };
        let mut row =
            json!({ "figure": self.label(), "better_is": better_is, "verdict": self.verdict() });
        let ratio = self.ratio().map(|ratio| report::round(ratio, 3));
        for (name, value) in [("before", self.before), ("after", self.after), ("ratio", ratio)] {
            if let Some(value) = value {
                row[name] = number(value);
            }
        }
        row
    }
}

/// Whole numbers without a point.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

/// Every number that either report has; settings and the machine are no figures.
fn lines(before: &Value, after: &Value) -> Vec<Line> {
    let (before, after) = (numbers(before), numbers(after));
    let mut names: Vec<&(String, &'static str)> = before.keys().collect();
    names.extend(after.keys().filter(|key| !before.contains_key(*key)));
    names.sort_by_key(|(name, statistic)| {
        (name, STATISTICS.iter().position(|known| known == statistic))
    });
    let line = |key: &(String, &'static str)| Line {
        name: key.0.clone(),
        statistic: key.1,
        before: before.get(key).map(|number| number.value),
        after: after.get(key).map(|number| number.value),
        better: before.get(key).or(after.get(key)).map_or(Better::Neither, |n| n.better),
    };
    names.into_iter().map(line).collect()
}

/// One number of a report.
struct Number {
    value: f64,
    better: Better,
}

/// By name and statistic.
type Numbers = BTreeMap<(String, &'static str), Number>;

fn numbers(report: &Value) -> Numbers {
    let mut numbers = Numbers::new();
    add_numbers("", report, &mut numbers);
    numbers
}

fn add_numbers(prefix: &str, report: &Value, numbers: &mut Numbers) {
    // A row that says which way it is better says so of its own figure and of nothing else in it.
    let told = report["better_is"].as_str();
    let better = |within: &str, name: &str| match told {
        Some("lower") if within == "ours.median" => Better::Lower,
        Some("higher") if within == "ours.median" => Better::Higher,
        Some(_) => Better::Neither,
        None => words::better(name),
    };
    for (name, figure) in figures::of(report) {
        let first = name.split('.').next().unwrap_or_default();
        if prefix.is_empty() && (first == "machine" || SETTINGS.contains(&first)) {
            continue;
        }
        let within = name;
        let name = format!("{prefix}{within}");
        let better = better(&within, &name);
        match figure {
            Figure::Distribution(summary) => {
                for statistic in STATISTICS {
                    if let Some(value) = summary[statistic].as_f64() {
                        numbers.insert((name.clone(), statistic), Number { value, better });
                    }
                }
            }
            Figure::Table(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    let name = row_name(row).unwrap_or_else(|| format!("{name}.{}", number + 1));
                    add_numbers(&format!("{name}."), row, numbers);
                }
            }
            Figure::Single(value) => {
                if let Some(value) = value.as_f64() {
                    numbers.insert((name, ""), Number { value, better });
                }
            }
        }
    }
}

/// What a row of `table` is called, wherever it stands.
fn row_name(row: &Value) -> Option<String> {
    Some(format!("{}.{}", row["row"].as_str()?, row["figure"].as_str()?))
}

/// Texts and settings that are not the same in both, machine and all: what makes figures differ.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let told = |report: &Value| -> BTreeMap<String, String> {
        let figures = figures::of(report).into_iter();
        figures
            .filter(|(name, figure)| {
                let setting = SETTINGS.contains(&name.as_str()) || name.starts_with("machine.");
                let text = matches!(figure, Figure::Single(value) if !value.is_number());
                name != "machine.load" && (setting || text)
            })
            .map(|(name, figure)| (name, figures::text(figure)))
            .collect()
    };
    let (before, after) = (told(before), told(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let text = |told: &BTreeMap<String, String>, name: &String| {
        told.get(name).cloned().unwrap_or_else(|| "nothing".to_owned())
    };
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| format!("{name}: {} before, {} after", text(&before, name), text(&after, name)))
        .collect()
}

fn read(path: &Path) -> io::Result<Value> {
    let told =
        |kind: ErrorKind, text: String| Error::new(kind, format!("{}: {text}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| told(error.kind(), error.to_string()))?;
    match serde_json::from_str::<Value>(&text) {
        Ok(report) if report["kind"].is_string() => Ok(report),
        Ok(_) => Err(told(ErrorKind::InvalidData, "no report of sidetone-bench --json".into())),
        Err(error) => Err(told(ErrorKind::InvalidData, format!("no JSON: {error}"))),
    }
}

fn kind(report: &Value) -> &str {
    report["kind"].as_str().unwrap_or_default()
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').parse::<f64>().ok();
    number
        .filter(|n| n.is_finite() && *n >= 0.0)
        .ok_or_else(|| "a number of percent, 0 or more".into())
}

/// What was asked for, not measured.
const SETTINGS: [&str; 10] =
    ["seconds", "n", "cps", "srtp", "codec", "minutes", "calls", "seed", "runs", "scale"];

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(before: &Value, after: &Value) -> Vec<(String, &'static str)> {
        lines(before, after).iter().map(|line| (line.label(), line.verdict())).collect()
    }

    #[test]
    fn tells_for_each_figure_which_is_better() {
        let summary = |p50: f64, max: f64| json!({ "p50": p50, "p95": 9, "p99": 9, "max": max });
        let before = json!({
            "kind": "x", "n": 5, "mos": 4.0, "threads": 3, "gone": 1, "gain_db": 1, "lost_packets": 0,
            "delay_ms": summary(10.0, 20.0), "machine": { "cores": 2 },
        });
        let after = json!({
            "kind": "x", "n": 6, "mos": 3.0, "threads": 2, "gain_db": 2, "lost_packets": 1,
            "delay_ms": summary(12.0, 40.0), "machine": { "cores": 4 }, "fresh": 1,
        });
        let expected = [
            ("delay_ms p50", "worse"),
            ("delay_ms p95", "same"),
            ("delay_ms p99", "same"),
            ("delay_ms max", ""),
            ("fresh", "new"),
            ("gain_db", ""),
            ("gone", "missing"),
            ("lost_packets", "worse"),
            ("mos", "worse"),
            ("threads", "better"),
        ];
        assert_eq!(verdicts(&before, &after), expected.map(|(name, word)| (name.to_owned(), word)));
        let told = ["machine.cores: 2 before, 4 after", "n: 5 before, 6 after"];
        assert_eq!(differences(&before, &after), told);
    }

    #[test]
    fn what_a_report_of_another_phone_lacks_is_no_fault() {
        let before = json!({ "kind": "x", "threads": 3, "mos": 4.0 });
        let after = json!({ "kind": "x", "mos": 3.0 });
        let lines = lines(&before, &after);
        assert_eq!(beyond(&lines, 10.0, false), ["mos"]);
        assert_eq!(beyond(&lines, 10.0, true), ["mos", "threads"]);
    }

    #[test]
    fn rows_of_a_table_are_found_by_name_and_judged_by_our_side() {
        let row = |name: &str, better: &str, ours: f64, floor: f64| {
            json!({ "row": name, "figure": "cpu", "better_is": better,
                    "ours": { "median": ours, "max": ours }, "floor": { "median": floor } })
        };
        let before = json!({ "rows": [row("a", "lower", 1.0, 1.0), row("b", "higher", 5.0, 1.0)] });
        let after = json!({ "rows": [row("b", "higher", 4.0, 9.0), row("a", "lower", 0.5, 9.0)] });
        let expected = [
            ("a.cpu.floor.median", ""),
            ("a.cpu.ours.max", ""),
            ("a.cpu.ours.median", "better"),
            ("b.cpu.floor.median", ""),
            ("b.cpu.ours.max", ""),
            ("b.cpu.ours.median", "worse"),
        ];
        assert_eq!(verdicts(&before, &after), expected.map(|(name, word)| (name.to_owned(), word)));
    }

    #[test]
    fn the_limit_is_a_share_of_what_it_was() {
        let beyond = |before: f64, after: f64, limit: f64| {
            let (before, after) = (json!({ "a_ms": before }), json!({ "a_ms": after }));
            lines(&before, &after)[0].is_beyond(limit)
        };
        assert!(beyond(100.0, 111.0, 10.0) && !beyond(100.0, 110.0, 10.0));
        assert!(!beyond(100.0, 10.0, 0.0), "better is never too much");
        assert!(beyond(0.0, 0.001, 1_000.0), "from nothing to something");
        assert!(!beyond(0.0, 0.0, 0.0));
    }

    #[test]
    fn a_figure_that_is_gone_is_worse_but_not_another_phones() {
        let before = json!({ "peer": { "a_ms": 1 }, "a_ms": 1, "seconds": 5, "x": 1 });
        let beyond: Vec<String> = lines(&before, &json!({}))
            .iter()
            .filter(|line| line.is_beyond(50.0))
            .map(Line::label)
            .collect();
        assert_eq!(beyond, ["a_ms"]);
    }

    #[test]
    fn percents_may_have_their_sign() {
        assert_eq!(percent("10%"), Ok(10.0));
        assert!(percent("-1").is_err() && percent("inf").is_err() && percent("x").is_err());
    }
}

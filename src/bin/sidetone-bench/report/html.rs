//! A report as one HTML page: plots, tables, definitions, and what the figures do not show. It loads
//! nothing and runs no script; light or dark as the reader's system is. It is well-formed XML too.

use std::{
    fmt::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use super::{
    figures::{self, Figure, STATISTICS},
    plot,
    svg::escape,
    words,
};

/// The report as a page of this very run.
pub fn render(report: &Value) -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let arguments = std::env::args().skip(1).map(|argument| quoted(&argument));
    let command = std::iter::once("sidetone-bench".to_owned()).chain(arguments);
    page(report, &command.collect::<Vec<_>>().join(" "), &utc(since_1970))
}

fn page(report: &Value, command: &str, date: &str) -> String {
    let title = format!("sidetone-bench {}", report["kind"].as_str().unwrap_or_default());
    let title = escape(title.trim_end());
    let figures: Vec<(String, Figure<'_>)> = figures::of(report)
        .into_iter()
        .filter(|(name, _)| {
            let first = name.split('.').next().unwrap_or_default();
            first != "machine" && !words::PROSE.contains(&first)
        })
        .collect();
    let mut body = format!("<h1>{title}</h1>\n<p>{}</p>\n", escape(&origin(report, date)));
    let _ = writeln!(body, "<pre>{}</pre>", escape(command));
    if report["machine"]["optimised"] == false {
        body += "<p class=\"warning\">Built without optimisation: times and CPU figures are not \
                 those of a release.</p>\n";
    }
    body += &singles(report, &figures);
    for (name, parts) in parts_of("", report) {
        let plot = plot::stacked(&name, words::unit(&name), parts);
        if let Some(plot) = plot {
            body += &section(report, &name, &plot);
        }
    }
    for (name, figure) in &figures {
        match figure {
            Figure::Distribution(summary) => body += &distribution(report, name, summary),
            Figure::Table(rows) => body += &section(report, name, &table(rows)),
            Figure::Single(_) => {}
        }
    }
    body += "<h2>What the figures do not show</h2>\n<ul>\n";
    for sentence in words::not_shown(report) {
        let _ = writeln!(body, "<li>{}</li>", escape(&sentence));
    }
    body += "</ul>\n";
    if report["machine"].is_object() {
        body += "<h2>Machine</h2>\n<table>\n";
        for (name, figure) in figures::of(&report["machine"]) {
            body += &row(&name, &figures::text(figure), "");
        }
        body += "</table>\n";
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n\
         <meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// When and where, in a sentence.
fn origin(report: &Value, date: &str) -> String {
    let machine = &report["machine"];
    let mut text = format!("{} {date}", if machine.is_null() { "Made" } else { "Measured" });
    if let (Some(cpu), Some(cores)) = (machine["cpu"].as_str(), machine["cores"].as_u64()) {
        let _ = write!(text, " on {cores} × {cpu}");
    }
    let _ = write!(text, "; version {}.", env!("CARGO_PKG_VERSION"));
    text
}

/// The figures that are one value each.
fn singles(report: &Value, figures: &[(String, Figure<'_>)]) -> String {
    let mut text =
        String::from("<table>\n<tr><th>Figure</th><th>Value</th><th>Meaning</th></tr>\n");
    for (name, figure) in figures {
        if let single @ Figure::Single(_) = figure {
            let meaning = words::meaning(report, name).unwrap_or_default();
            text += &row(name, &figures::text(*single), &meaning);
        }
    }
    text + "</table>\n"
}

/// Objects whose fields are parts of a whole: those named `hops_ms`.
fn parts_of<'a>(
    prefix: &str,
    value: &'a Value,
) -> Vec<(String, &'a serde_json::Map<String, Value>)> {
    let Value::Object(fields) = value else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in fields {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(parts) if name == "hops_ms" => found.push((path, parts)),
            _ => found.extend(parts_of(&path, value)),
        }
    }
    found
}

fn distribution(report: &Value, name: &str, summary: &Value) -> String {
    let unit = words::unit(name);
    let spread = SPREADS.iter().any(|word| name.contains(word));
    let shape = if spread { plot::histogram } else { plot::cumulative };
    let plots = [shape(name, unit, summary), plot::over_time(name, unit, summary)];
    let mut content: String = plots.into_iter().flatten().collect();
    let heads = STATISTICS.iter().chain(&["count"]).map(|name| format!("<th>{name}</th>"));
    let _ = writeln!(content, "<table>\n<tr>{}</tr>", heads.collect::<String>());
    let cells = STATISTICS.iter().chain(&["count"]).map(|name| {
        let value = summary.get(*name).map(Value::to_string).unwrap_or_default();
        format!("<td class=\"number\">{}</td>", escape(&value))
    });
    let _ = writeln!(content, "<tr>{}</tr>\n</table>", cells.collect::<String>());
    section(report, name, &content)
}

fn section(report: &Value, name: &str, content: &str) -> String {
    let unit = words::unit(name);
    let unit = if unit.is_empty() { String::new() } else { format!(", {unit}") };
    let meaning = words::meaning(report, name).map(|text| format!("<p>{}</p>\n", escape(&text)));
    format!(
        "<section>\n<h2>{}{unit}</h2>\n{}{content}</section>\n",
        escape(name),
        meaning.unwrap_or_default()
    )
}

fn table(rows: &[Value]) -> String {
    let columns = figures::columns(rows);
    let heads = columns.iter().map(|name| format!("<th>{}</th>", escape(name)));
    let mut text = format!("<div class=\"wide\"><table>\n<tr>{}</tr>\n", heads.collect::<String>());
    for row in rows {
        let cells = figures::cells(row, &columns);
        let cells = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell)));
        let _ = writeln!(text, "<tr>{}</tr>", cells.collect::<String>());
    }
    text + "</table></div>\n"
}

fn row(name: &str, value: &str, meaning: &str) -> String {
    format!(
        "<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
        escape(name),
        escape(value),
        escape(meaning)
    )
}

/// An argument as a shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

/// Date and time in UTC of seconds since 1970, in the proleptic Gregorian calendar.
fn utc(since_1970: u64) -> String {
    let (days, seconds) = (since_1970 / 86_400, since_1970 % 86_400);
    // Years that begin in March, from the year 0, so that the leap day is the last of its year.
    let day = days + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Names of figures whose spread is what matters.
const SPREADS: [&str; 5] = ["interval", "spacing", "jitter_ms", "callback", "duration"];
const STYLE: &str = include_str!("page.css");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::summary;

    fn report() -> Value {
        json!({
            "kind": "latency",
            "codec": "<pcmu>",
            "machine": { "cpu": "A & B", "cores": 2, "optimised": false },
            "stepped": {
                "mouth_to_ear_ms": summary(&[60.0, 61.0, 70.0]),
                "hops_ms": { "capture": summary(&[5.0, 6.0, 7.0]), "network": summary(&[1.0; 3]) },
            },
            "points": [{ "n": 1, "word": "<b>" }],
            "not_shown": ["No & none."],
        })
    }

    /// As XML, which is stricter than HTML.
    fn parsed(page: &str) -> roxmltree::Document<'_> {
        let xml = page.strip_prefix("<!DOCTYPE html>\n").expect("HTML");
        roxmltree::Document::parse(xml).expect("well-formed")
    }

    #[test]
    fn a_page_holds_plots_tables_words_and_origin() {
        let page = page(&report(), "sidetone-bench latency", "2026-01-02 03:04 UTC");
        let document = parsed(&page);
        let count = |name: &str| {
            document.descendants().filter(|node| node.tag_name().name() == name).count()
        };
        // One of the hops together, and two of each distribution.
        assert_eq!(count("svg"), 1 + 2 * 3);
        let text: String = document.descendants().filter_map(|node| node.text()).collect();
        for told in [
            "Measured 2026-01-02 03:04 UTC on 2 × A & B",
            "Built without optimisation",
            "<pcmu>",
            "No & none.",
            "From a sound at the microphone",
            "No sound card is in it",
        ] {
            assert!(text.contains(told), "{told}");
        }
    }

    #[test]
    fn a_page_loads_nothing_and_runs_nothing() {
        let page = page(&report(), "x", "y");
        for foreign in ["<script", "<link", "<img", "src=", "@import", "url(", "href"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert!(page.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let told = [0, 951_782_399, 951_782_400, 4_107_542_399].map(utc);
        let expected =
            ["1970-01-01 00:00", "2000-02-28 23:59", "2000-02-29 00:00", "2100-02-28 23:59"];
        assert_eq!(told, expected.map(|date| format!("{date} UTC")));
    }

    #[test]
    fn arguments_stand_as_a_shell_takes_them() {
        assert_eq!(["--n", "", "it's"].map(quoted), ["--n", "''", "'it'\\''s'"]);
    }
}

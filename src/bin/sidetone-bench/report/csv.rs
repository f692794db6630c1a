//! A report as CSV (RFC 4180): one line for each figure and statistic.
//!
//! ```text
//! figure,statistic,value
//! codec,value,pcmu
//! mouth_to_ear_ms,p50,61.2
//! mouth_to_ear_ms,sample,60.9        with --samples, in the order of measuring
//! points.3.loss_percent,value,2
//! ```

use serde_json::Value;

use super::{
    figures::{self, Figure},
    samples,
};

/// The report as CSV.
pub fn render(report: &Value) -> String {
    let mut text = String::from("figure,statistic,value\r\n");
    add("", report, &mut text);
    text
}

fn add(prefix: &str, report: &Value, text: &mut String) {
    for (name, figure) in figures::of(report) {
        let name = format!("{prefix}{name}");
        match figure {
            Figure::Distribution(summary) => {
                for statistic in figures::STATISTICS.iter().chain(&["count"]) {
                    if let Some(value) = summary.get(*statistic) {
                        line(text, &name, statistic, &value.to_string());
                    }
                }
                for sample in samples::of(summary).0 {
                    line(text, &name, "sample", &sample.to_string());
                }
            }
            Figure::Table(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    add(&format!("{name}.{}.", number + 1), row, text);
                }
            }
            Figure::Single(Value::Null) => line(text, &name, "value", ""),
            single => line(text, &name, "value", &figures::text(single)),
        }
    }
}

fn line(text: &mut String, name: &str, statistic: &str, value: &str) {
    *text += &format!("{},{statistic},{}\r\n", field(name), field(value));
}

/// Quoted where it has to be.
fn field(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::summary;

    #[test]
    fn every_figure_has_its_lines_and_what_is_special_is_quoted() {
        let report = json!({
            "cpu": "a \"fast\" one, new",
            "delay_ms": summary(&[2.0, 1.0]),
            "missing": null,
            "points": [{ "n": 1 }],
        });
        let expected = "figure,statistic,value\r\n\
            cpu,value,\"a \"\"fast\"\" one, new\"\r\n\
            delay_ms,p50,2.0\r\ndelay_ms,p95,2.0\r\ndelay_ms,p99,2.0\r\ndelay_ms,max,2.0\r\n\
            delay_ms,count,2\r\ndelay_ms,sample,2\r\ndelay_ms,sample,1\r\n\
            missing,value,\r\npoints.1.n,value,1\r\n";
        assert_eq!(render(&report), expected);
        let without = render(&samples::without(&report));
        assert!(without.contains("delay_ms,count") && !without.contains("sample,"));
    }
}

//! How figures are summed up and shown.

use std::fs;

use serde_json::{Value, json};

use crate::{proc::Look, proc::Span};

/// p50, p99 and max of values, as an object; `null` of none.
pub fn summary(values: &[f64]) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    json!({
        "p50": round(at(0.5), 3),
        "p99": round(at(0.99), 3),
        "max": round(at(1.0), 3),
        "count": sorted.len(),
    })
}

/// A look at a process and the span before it, as an object.
pub fn process(look: &Look, span: &Span) -> Value {
    json!({
        "private_bytes": look.private_bytes,
        "pss_bytes": look.pss_bytes,
        "threads": look.threads,
        "wakeups_per_s": {
            "voluntary": round(span.voluntary_per_s, 2),
            "involuntary": round(span.involuntary_per_s, 2),
        },
        "cpu_ms": round(span.cpu_ms, 2),
        "window_s": round(span.seconds, 3),
    })
}

/// The machine, for the reader of the figures.
pub fn machine() -> Value {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown")
        .to_owned();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    json!({
        "cpu": model,
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "kernel": kernel.trim(),
        "load": load.split(' ').next().and_then(|l| l.parse::<f64>().ok()),
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
    })
}

/// Prints one object, or the same as a table.
pub fn print(value: &Value, json: bool) {
    if json {
        println!("{value}");
        return;
    }
    let mut rows = Vec::new();
    flatten("", value, &mut rows);
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in rows {
        println!("{name:<width$}  {value}");
    }
}

fn flatten(prefix: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    let Value::Object(fields) = value else {
        let text = match value {
            Value::Null => "not measured".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        rows.push((prefix.to_owned(), text));
        return;
    };
    if let (Some(p50), Some(p99), Some(max)) =
        (fields.get("p50"), fields.get("p99"), fields.get("max"))
    {
        rows.push((prefix.to_owned(), format!("p50 {p50}  p99 {p99}  max {max}")));
        return;
    }
    for (name, value) in fields {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        flatten(&name, value, rows);
    }
}

/// Rounded to `digits` behind the point.
pub fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_up_by_rank_and_says_nothing_of_nothing() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let summed = summary(&values);
        assert_eq!(
            (&summed["p50"], &summed["p99"], &summed["max"]),
            (&json!(50.0), &json!(99.0), &json!(100.0))
        );
        assert!(summary(&[]).is_null());
    }
}

//! Summaries of many measurements, and the measurements themselves beside them.

use serde_json::{Map, Value, json};

use super::round;

/// p50, p95, p99 and max of values by nearest rank, with the values themselves in the order given;
/// `null` of none.
pub fn summary(values: &[f64]) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| round(sorted[((sorted.len() - 1) as f64 * share).round() as usize], 3);
    let every = values.len().div_ceil(MOST_SAMPLES);
    let mut summed = json!({
        "p50": at(0.5),
        "p95": at(0.95),
        "p99": at(0.99),
        "max": at(1.0),
        "count": sorted.len(),
        SAMPLES: values.iter().step_by(every).map(|v| round(*v, 3)).collect::<Vec<_>>(),
    });
    if every > 1 {
        summed[EVERY] = json!(every);
    }
    summed
}

/// A [`summary`] of measurements whose times are known: seconds since the begin, value. They may
/// come in any order.
pub fn series(measured: &[(f64, f64)]) -> Value {
    let mut measured = measured.to_vec();
    measured.sort_by(|a, b| a.0.total_cmp(&b.0));
    let values: Vec<f64> = measured.iter().map(|(_, value)| *value).collect();
    let mut summed = summary(&values);
    if summed.is_object() {
        let every = values.len().div_ceil(MOST_SAMPLES);
        summed[TIMES] =
            measured.iter().step_by(every).map(|(time, _)| json!(round(*time, 3))).collect();
    }
    summed
}

/// Whether `fields` are those of a summary.
pub fn is_summary(fields: &Map<String, Value>) -> bool {
    ["p50", "p99", "max"].iter().all(|name| fields.contains_key(*name))
}

/// The measurements of a summary, with their times in seconds where those are known.
pub fn of(summary: &Value) -> (Vec<f64>, Option<Vec<f64>>) {
    let numbers = |name: &str| -> Option<Vec<f64>> {
        Some(summary.get(name)?.as_array()?.iter().filter_map(Value::as_f64).collect())
    };
    let values = numbers(SAMPLES).unwrap_or_default();
    let times = numbers(TIMES).filter(|times| times.len() == values.len());
    (values, times)
}

/// The report without its samples.
pub fn without(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let summary = is_summary(fields);
            let kept = fields
                .iter()
                .filter(|(name, _)| !summary || ![SAMPLES, TIMES, EVERY].contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), without(value))).collect())
        }
        Value::Array(values) => values.iter().map(without).collect(),
        other => other.clone(),
    }
}

/// Values of a summary that are kept; of more, every second, third … is.
const MOST_SAMPLES: usize = 20_000;
/// Where a summary keeps its values.
const SAMPLES: &str = "samples";
/// Where it keeps their times, seconds.
const TIMES: &str = "times_s";
/// One of how many values is kept.
const EVERY: &str = "samples_every";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_up_by_rank_and_says_nothing_of_nothing() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let summed = summary(&values);
        let figures = ["p50", "p95", "p99", "max", "count"].map(|name| summed[name].as_f64());
        assert_eq!(figures, [50.0, 95.0, 99.0, 100.0, 101.0].map(Some));
        assert!(summary(&[]).is_null() && series(&[]).is_null());
    }

    #[test]
    fn values_keep_their_order_and_go_when_they_are_not_wanted() {
        let report = json!({ "a": { "b_ms": summary(&[3.0, 1.0, 2.0]) }, "samples": 7 });
        assert_eq!(of(&report["a"]["b_ms"]), (vec![3.0, 1.0, 2.0], None));
        let plain = without(&report);
        assert_eq!(
            plain,
            json!({
                "a": { "b_ms": { "p50": 2.0, "p95": 3.0, "p99": 3.0, "max": 3.0, "count": 3 } },
                "samples": 7,
            })
        );
    }

    #[test]
    fn a_series_is_in_the_order_of_its_times() {
        let summed = series(&[(2.0, 30.0), (1.0, 10.0)]);
        assert_eq!(of(&summed), (vec![10.0, 30.0], Some(vec![1.0, 2.0])));
    }

    #[test]
    fn very_many_values_are_thinned_but_all_are_summed_up() {
        let mut values = vec![1.0; 3 * MOST_SAMPLES];
        values[1] = 9.0;
        let summed = summary(&values);
        assert_eq!(
            (summed["max"].as_f64(), summed["samples_every"].as_u64()),
            (Some(9.0), Some(3))
        );
        assert_eq!(of(&summed).0.len(), MOST_SAMPLES);
    }
}

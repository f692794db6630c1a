//! A report taken apart into named figures.

use serde_json::Value;

use super::samples::is_summary;

/// One entry of a report. Names are paths with dots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure<'a> {
    /// Many measurements: p50, p95, p99, max, count.
    Distribution(&'a Value),
    /// Objects with the same fields.
    Table(&'a [Value]),
    /// A number, a text, or what was not measured.
    Single(&'a Value),
}

/// Every figure of `report` with its name, in the order of the report.
pub fn of(report: &Value) -> Vec<(String, Figure<'_>)> {
    let mut found = Vec::new();
    collect("", report, &mut found);
    found
}

fn collect<'a>(prefix: &str, value: &'a Value, found: &mut Vec<(String, Figure<'a>)>) {
    match value {
        Value::Object(fields) if is_summary(fields) => {
            found.push((prefix.to_owned(), Figure::Distribution(value)));
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name =
                    if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                collect(&name, value, found);
            }
        }
        Value::Array(rows) if !rows.is_empty() && rows.iter().all(Value::is_object) => {
            found.push((prefix.to_owned(), Figure::Table(rows)));
        }
        _ => found.push((prefix.to_owned(), Figure::Single(value))),
    }
}

/// Columns of a table: every name that a row has, what a row is about before what is told of it.
pub fn columns(rows: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in rows.iter().flat_map(of) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    names
}

/// What stands in the cells of one row, in the order of `columns`.
pub fn cells(row: &Value, columns: &[String]) -> Vec<String> {
    let figures = of(row);
    let cell = |column: &String| {
        let found = figures.iter().find(|(name, _)| name == column);
        found.map(|(_, figure)| text(*figure)).unwrap_or_default()
    };
    columns.iter().map(cell).collect()
}

/// A figure in one line.
pub fn text(figure: Figure<'_>) -> String {
    match figure {
        Figure::Distribution(value) => {
            let parts = STATISTICS.iter().filter_map(|name| Some((name, value.get(*name)?)));
            let parts: Vec<String> = parts.map(|(name, v)| format!("{name} {v}")).collect();
            parts.join("  ")
        }
        Figure::Table(rows) => format!("{} rows", rows.len()),
        Figure::Single(Value::Null) => "not measured".to_owned(),
        Figure::Single(Value::String(text)) => text.clone(),
        Figure::Single(Value::Array(values)) => {
            let values = values.iter().map(|value| text(Figure::Single(value)));
            values.collect::<Vec<_>>().join("; ")
        }
        Figure::Single(value) => value.to_string(),
    }
}

/// Columns that stand before others, in this order.
const FIRST: [&str; 15] = [
    "row",
    "figure",
    "unit",
    "name",
    "n",
    "before",
    "after",
    "ratio",
    "ours.median",
    "rival.median",
    "floor.median",
    "ratio_to_floor",
    "aim",
    "better_is",
    "verdict",
];
/// What is told of a distribution.
pub const STATISTICS: [&str; 4] = ["p50", "p95", "p99", "max"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_objects_apart_but_neither_summaries_nor_tables() {
        let report = json!({
            "a": { "b": 1, "c_ms": { "p50": 1, "p95": 2, "p99": 3, "max": 4, "count": 9 } },
            "n": null,
            "rows": [{ "x": 1, "y": "one" }, { "n": 3, "x": 2, "z": { "u": true } }],
            "words": ["p", "q"],
        });
        let shown: Vec<(String, String)> =
            of(&report).into_iter().map(|(name, figure)| (name, text(figure))).collect();
        let expected = [
            ("a.b", "1"),
            ("a.c_ms", "p50 1  p95 2  p99 3  max 4"),
            ("n", "not measured"),
            ("rows", "2 rows"),
            ("words", "p; q"),
        ];
        assert_eq!(shown, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let Figure::Table(rows) = of(&report)[3].1 else { panic!("a table") };
        let columns = columns(rows);
        assert_eq!(columns, ["n", "x", "y", "z.u"]);
        assert_eq!(cells(&rows[1], &columns), ["3", "2", "", "true"]);
    }
}

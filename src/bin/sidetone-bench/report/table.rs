//! A report as text for a terminal.

use serde_json::Value;

use super::{
    figures::{self, Figure},
    words::PROSE,
};

/// The report as lines of name and value; what is prose in it is for the page.
pub fn render(report: &Value) -> String {
    let figures: Vec<(String, Figure<'_>)> = figures::of(report)
        .into_iter()
        .filter(|(name, _)| !PROSE.iter().any(|prose| name.split('.').next() == Some(prose)))
        .collect();
    let single = figures.iter().filter(|(_, figure)| !matches!(figure, Figure::Table(_)));
    let width = single.map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, figure) in figures {
        match figure {
            Figure::Table(rows) => text += &table(&name, rows),
            figure => text += &format!("{name:<width$}  {}\n", figures::text(figure)),
        }
    }
    text
}

fn table(name: &str, rows: &[Value]) -> String {
    let columns = figures::columns(rows);
    let mut lines = vec![columns.clone()];
    lines.extend(rows.iter().map(|row| figures::cells(row, &columns)));
    let length = |text: &String| text.chars().count();
    let widths: Vec<usize> = (0..columns.len())
        .map(|at| lines.iter().filter_map(|line| line.get(at).map(length)).max().unwrap_or(0))
        .collect();
    let mut text = format!("{name}\n");
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("  {cell:<width$}"));
        text += cells.collect::<String>().trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_values_stand_in_columns_and_prose_is_left_out() {
        let report = json!({
            "delay_ms": { "p50": 1.5, "p95": 2, "p99": 3, "max": 4, "count": 9 },
            "definitions": { "delay_ms": "mouth to ear" },
            "kind": "latency",
            "points": [{ "n": 1, "word": "better" }, { "n": 100 }],
        });
        let expected = "delay_ms  p50 1.5  p95 2  p99 3  max 4\n\
                        kind      latency\n\
                        points\n  n    word\n  1    better\n  100\n";
        assert_eq!(render(&report), expected);
    }
}

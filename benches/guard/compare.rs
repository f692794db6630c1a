//! Counts of instructions, the table of those that were accepted, and what is worse than they.
//!
//! ```text
//! # comments
//! toolchain ⇥ path ⇥ instructions per round
//! ```

use std::fmt;

/// How much worse a path may be, percent of what was accepted.
pub const ALLOWED_PERCENT: f64 = 3.0;

/// Instructions per round, by path, in the order of measuring.
pub type Counts = Vec<(String, u64)>;

/// What was accepted, for each toolchain that it was counted with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    rows: Vec<(String, String, u64)>,
}

impl Baseline {
    /// Reads the table. Refuses a line that is no row.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let rows = lines.map(|line| {
            let (toolchain, rest) = line.split_once('\t')?;
            let (path, count) = rest.split_once('\t')?;
            Some((toolchain.to_owned(), path.to_owned(), count.parse().ok()?))
        });
        let rows: Option<Vec<_>> = rows.collect();
        Ok(Self { rows: rows.ok_or("benches/guard/baseline.tsv: a line is no row")? })
    }

    /// What was accepted with this toolchain.
    pub fn of(&self, toolchain: &str) -> Option<Counts> {
        let rows = self.rows.iter().filter(|(of, ..)| of == toolchain);
        let counts: Counts = rows.map(|(_, path, count)| (path.clone(), *count)).collect();
        (!counts.is_empty()).then_some(counts)
    }

    /// Takes these counts for accepted. What another toolchain counted is dropped when this one was
    /// known already: it is of code that is no longer the measure.
    pub fn accept(&mut self, toolchain: &str, counts: &Counts) {
        if let Some(known) = self.of(toolchain) {
            if known == *counts {
                return;
            }
            self.rows.clear();
        }
        let row = |(path, count): &(String, u64)| (toolchain.to_owned(), path.clone(), *count);
        self.rows.extend(counts.iter().map(row));
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Instructions per round of each path, as accepted: see benches/guard.rs.")?;
        writeln!(f, "# Written by `make guard-accept`. toolchain, path, instructions")?;
        for (toolchain, path, count) in &self.rows {
            writeln!(f, "{toolchain}\t{path}\t{count}")?;
        }
        Ok(())
    }
}

/// Two runs side by side.
#[derive(Clone, Debug)]
pub struct Comparison {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    path: String,
    before: Option<u64>,
    now: Option<u64>,
}

impl Comparison {
    /// What was accepted beside what is.
    pub fn new(before: &Counts, now: &Counts) -> Self {
        let find = |counts: &Counts, path: &str| {
            counts.iter().find(|(of, _)| of == path).map(|(_, count)| *count)
        };
        let mut rows: Vec<_> = now
            .iter()
            .map(|(path, count)| Row {
                path: path.clone(),
                before: find(before, path),
                now: Some(*count),
            })
            .collect();
        let gone = before.iter().filter(|(path, _)| find(now, path).is_none());
        rows.extend(gone.map(|(path, count)| Row {
            path: path.clone(),
            before: Some(*count),
            now: None,
        }));
        Self { rows }
    }

    /// Whether nothing is worse by more than [`ALLOWED_PERCENT`], and each path is on both sides.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.verdict().is_none())
    }
}

impl Row {
    fn change_percent(&self) -> Option<f64> {
        let (before, now) = (self.before? as f64, self.now? as f64);
        Some(100.0 * (now - before) / before.max(1.0))
    }

    /// What is wrong.
    fn verdict(&self) -> Option<&'static str> {
        match (self.before, self.now, self.change_percent()) {
            (None, ..) => Some("new"),
            (_, None, _) => Some("gone"),
            (_, _, Some(change)) if change > ALLOWED_PERCENT => Some("WORSE"),
            _ => None,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:52} {:>12} {:>12} {:>9}", "instructions", "accepted", "now", "change")?;
        let number = |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
        for row in &self.rows {
            let change =
                row.change_percent().map_or("-".into(), |change| format!("{change:+.2} %"));
            let (before, now) = (number(row.before), number(row.now));
            let verdict = row.verdict().map_or(String::new(), |verdict| format!("  {verdict}"));
            writeln!(f, "{:52} {before:>12} {now:>12} {change:>9}{verdict}", row.path)?;
        }
        Ok(())
    }
}

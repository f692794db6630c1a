//! The table as text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{
    figure::{Better, Row, Side},
    stats::{Spread, Verdict},
    tally::Tally,
};
use crate::{place::Place, report::round};

/// One figure of one row.
#[derive(Clone, Debug)]
pub struct Line {
    row: &'static str,
    work: &'static str,
    figure: &'static str,
    unit: &'static str,
    better: Better,
    sides: [Cell; 3],
    ratio: Option<f64>,
    aim: Option<f64>,
    verdict: Verdict,
    void: Vec<String>,
}

/// One side of a line.
#[derive(Clone, Debug)]
struct Cell {
    phone: Option<String>,
    spread: Option<Spread>,
    refused: Vec<String>,
    note: Option<String>,
}

/// The lines of a row.
pub fn lines(row: &dyn Row, tally: &Tally) -> Vec<Line> {
    let line = |(index, figure): (usize, &super::figure::Figure)| Line {
        row: row.name(),
        work: row.work(),
        figure: figure.name,
        unit: figure.unit,
        better: figure.better,
        sides: Side::ALL.map(|side| Cell {
            phone: tally.phone(side).map(str::to_owned),
            spread: tally.spread(side, index),
            refused: tally.refused(side).to_vec(),
            note: tally.note(side).map(str::to_owned),
        }),
        ratio: tally.ratio(index),
        aim: tally.aim(figure, index),
        verdict: tally.verdict(figure, index),
        void: tally.void().to_vec(),
    };
    row.figures().iter().enumerate().map(line).collect()
}

impl Line {
    /// Whether our side has a figure, of runs none of which was refused.
    pub fn is_measured(&self) -> bool {
        let ours = &self.sides[Side::Ours as usize];
        ours.spread.is_some() && ours.refused.is_empty()
    }

    /// As an object.
    pub fn json(&self) -> Value {
        let mut value = json!({
            "row": self.row,
            "work": self.work,
            "figure": self.figure,
            "unit": self.unit,
            "better_is": match self.better {
                Better::Less => "lower",
                Better::More => "higher",
            },
            "ratio_to_floor": self.ratio.map(|ratio| round(ratio, 3)),
            "aim": self.aim.map(|aim| round(aim, 4)),
            "reached": self.verdict.reached(),
            "verdict": self.verdict.words(),
            "void_rounds": self.void,
        });
        for side in Side::ALL {
            if let Some(cell) = self.sides[side as usize].json() {
                value[side.name()] = cell;
            }
        }
        value
    }

    /// In one line, our figure and what it is beside: while other rows are still measured.
    pub fn short(&self) -> String {
        let [ours, rival, floor] = self.sides.each_ref().map(|cell| cell.text(""));
        let Self { row, figure, unit, .. } = self;
        format!("{row}: {figure}, {unit}: {ours}; rival {rival}; floor {floor}")
    }

    fn columns(&self, star: &str) -> Vec<String> {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), figure);
        let [ours, rival, floor] = &self.sides;
        vec![
            self.row.to_owned(),
            self.figure.to_owned(),
            self.unit.to_owned(),
            ours.text(star),
            rival.text(star),
            floor.text(star),
            number(self.ratio),
            number(self.aim),
            match self.verdict {
                Verdict::Open(_) => "open".to_owned(),
                _ => self.verdict.words(),
            },
        ]
    }
}

impl Cell {
    /// What is known of it, if anything is.
    fn json(&self) -> Option<Value> {
        let mut value = self.spread.map_or(json!({}), |spread| spread.json());
        if let Some(phone) = &self.phone {
            value["phone"] = json!(phone);
        }
        if !self.refused.is_empty() {
            value["refused"] = json!(self.refused);
        }
        if let Some(note) = &self.note {
            value["note"] = json!(note);
        }
        (value != json!({})).then_some(value)
    }

    fn text(&self, star: &str) -> String {
        let Some(Spread { median, min, max, .. }) = self.spread else {
            return if self.refused.is_empty() { "-" } else { "refused" }.to_owned();
        };
        format!("{}{star} ({} to {})", figure(median), figure(min), figure(max))
    }
}

/// The lines under each other, and below them what they do not say.
pub fn text(lines: &[Line], place: Place) -> String {
    let star = if place.pinned && place.real_time { "" } else { "*" };
    let titles = ["row", "figure", "unit", "ours", "rival", "floor", "x floor", "aim", ""];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    rows.extend(lines.iter().map(|line| line.columns(star)));
    let widths: Vec<usize> = (0..titles.len())
        .map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in &rows {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = padded.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for note in notes(lines) {
        let _ = writeln!(text, "{note}");
    }
    if !star.is_empty() {
        let pinned = if place.pinned { "" } else { " cores of their own;" };
        let real_time = if place.real_time { "" } else { " real-time priority;" };
        let _ =
            writeln!(text, "* refused:{pinned}{real_time} what else runs here is in the figure");
    }
    text
}

/// Once for each row: what its lines have in common.
fn notes(lines: &[Line]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut before = "";
    for line in lines.iter().filter(|line| std::mem::replace(&mut before, line.row) != line.row) {
        let phones = Side::ALL.iter().filter_map(|side| {
            let phone = line.sides[*side as usize].phone.as_ref()?;
            Some(format!("{} {phone}", side.name()))
        });
        let phones = phones.collect::<Vec<_>>().join(", ");
        notes.push(format!("{}: {}; {phones}", line.row, line.work));
        for (cell, side) in line.sides.iter().zip(Side::ALL) {
            let told = cell.refused.iter().chain(&cell.note);
            notes.extend(told.map(|why| format!("  {}: {why}", side.name())));
        }
        if let Some(first) = line.void.first() {
            notes.push(format!("  {} rounds void, the first: {first}", line.void.len()));
        }
    }
    notes
}

/// Three significant digits.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{
        figure::{Figures, Reading},
        rows::{ROWS, index},
    };

    fn lines_of(name: &str, rounds: Vec<Vec<(Side, Reading)>>) -> Vec<Line> {
        let row = ROWS[index(name).unwrap()];
        let mut tally = Tally::new(rounds.len());
        rounds.into_iter().for_each(|round| tally.add(round));
        lines(row, &tally)
    }

    #[test]
    fn a_line_has_all_sides_the_aim_and_how_far_off_it_is() {
        let round = |ours: f64| {
            vec![
                (Side::Ours, Figures::of("sidetone 1", &[ours])),
                (Side::Floor, Figures::of("reflector", &[1.0])),
            ]
        };
        let lines = lines_of("pcmu-500", vec![round(0.7), round(0.6), round(0.8)]);
        let json = lines[0].json();
        assert_eq!(json["ours"]["median"], 0.7);
        assert_eq!((&json["ours"]["min"], &json["ours"]["max"]), (&json!(0.6), &json!(0.8)));
        assert_eq!((&json["ratio_to_floor"], &json["aim"]), (&json!(0.7), &json!(0.5)));
        assert_eq!((&json["reached"], &json["better_is"]), (&json!(false), &json!("lower")));
        assert!(json.get("rival").is_none());
        let text = text(&lines, Place::default());
        assert!(
            text.contains("0.700* (0.600 to 0.800)") && text.contains("missed by 40 %"),
            "{text}"
        );
        assert!(text.contains("* refused: cores of their own; real-time priority;"), "{text}");
        assert!(lines[0].is_measured());
    }

    #[test]
    fn what_was_refused_has_no_figure_but_a_reason() {
        let why = "only 97.00 % of the sound came back right";
        let lines = lines_of("pcmu-500", vec![vec![(Side::Ours, Reading::Refused(why.into()))]]);
        assert!(!lines[0].is_measured());
        let json = lines[0].json();
        assert_eq!((&json["ours"]["refused"][0], &json["reached"]), (&json!(why), &Value::Null));
        let text = text(&lines, Place { taken: true, pinned: true, real_time: true });
        assert!(text.contains(why) && !text.contains('*'), "{text}");
    }

    #[test]
    fn figures_have_three_digits_that_count() {
        let shown = [1_830.4, 15.46, 1.234, 0.0512].map(figure);
        assert_eq!(shown, ["1830", "15.5", "1.23", "0.051"]);
    }
}

//! Medians, ratios, and whether an aim is reached.

use serde_json::{Value, json};

use super::figure::{Aim, Better};
use crate::report::round;

/// The middle of several runs, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The middle; of an even number of runs the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Runs.
    pub runs: usize,
}

impl Spread {
    /// Of the values of all runs; `None` of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median: (low + high) / 2.0, min, max, runs: sorted.len() })
    }

    /// As an object.
    pub fn json(&self) -> Value {
        json!({
            "median": round(self.median, 4),
            "min": round(self.min, 4),
            "max": round(self.max, 4),
            "runs": self.runs,
        })
    }
}

impl Aim {
    /// What is aimed at beside that floor. Of two aims the one that is easier to reach counts.
    pub fn beside(self, floor: Option<f64>, better: Better) -> Option<f64> {
        match self {
            Self::At(value) => Some(value),
            Self::TimesFloor(factor) => floor.map(|floor| factor * floor),
            Self::AtOrTimesFloor(value, factor) => {
                let other = floor.map_or(value, |floor| factor * floor);
                Some(if better == Better::Less { value.max(other) } else { value.min(other) })
            }
        }
    }
}

/// How a figure stands to its aim.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is there.
    Reached,
    /// It is short of it by so many percent of the aim.
    Missed(f64),
    /// There is nothing to say, and why.
    Open(String),
}

impl Verdict {
    /// Of a figure and what is aimed at.
    pub fn of(figure: f64, aim: f64, better: Better) -> Self {
        let short = match better {
            Better::Less => figure - aim,
            Better::More => aim - figure,
        };
        if short <= 0.0 { Self::Reached } else { Self::Missed(100.0 * short / aim.abs().max(1e-9)) }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Reached => "reached".to_owned(),
            Self::Missed(percent) => format!("missed by {percent:.0} %"),
            Self::Open(why) => why.clone(),
        }
    }

    /// Whether it is reached; `None`: open.
    pub fn reached(&self) -> Option<bool> {
        match self {
            Self::Reached => Some(true),
            Self::Missed(_) => Some(false),
            Self::Open(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_of_an_even_number_between_two() {
        let odd = Spread::of(&[3.0, 1.0, 9.0]).unwrap();
        assert_eq!((odd.median, odd.min, odd.max, odd.runs), (3.0, 1.0, 9.0, 3));
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0, 9.0]).unwrap().median, 3.0);
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn of_two_aims_the_easier_one_counts() {
        let aim = Aim::AtOrTimesFloor(0.7, 0.44);
        assert_eq!(aim.beside(Some(2.0), Better::Less), Some(0.88));
        assert_eq!(aim.beside(Some(1.0), Better::Less), Some(0.7));
        assert_eq!(aim.beside(None, Better::Less), Some(0.7));
        assert_eq!(aim.beside(Some(1.0), Better::More), Some(0.44));
        assert_eq!(Aim::TimesFloor(1.1).beside(Some(10.0), Better::Less), Some(11.0));
        assert_eq!(Aim::TimesFloor(1.1).beside(None, Better::Less), None);
        assert_eq!(Aim::At(5.0).beside(Some(1.0), Better::Less), Some(5.0));
    }

    #[test]
    fn says_whether_an_aim_is_reached_and_else_by_how_much_not() {
        assert_eq!(Verdict::of(0.5, 0.5, Better::Less), Verdict::Reached);
        assert_eq!(Verdict::of(99.6, 99.5, Better::More), Verdict::Reached);
        assert_eq!(Verdict::of(0.75, 0.5, Better::Less).words(), "missed by 50 %");
        assert_eq!(Verdict::of(900.0, 1800.0, Better::More).words(), "missed by 50 %");
        let values = [Verdict::Reached, Verdict::Missed(1.0), Verdict::Open(String::new())];
        assert_eq!(values.map(|verdict| verdict.reached()), [Some(true), Some(false), None]);
    }
}

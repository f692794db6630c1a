//! What a row of the table is made of: sides, figures, aims, readings.

use std::{io, time::Duration};

use crate::{phone::Kind, place::Place};

/// Work that is measured on several sides.
pub trait Row: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// What is done, in a few words.
    fn work(&self) -> &'static str;
    /// What is found.
    fn figures(&self) -> &'static [Figure];
    /// Whether that side can do the work.
    fn has(&self, side: Side) -> bool;
    /// Does the work once.
    fn measure(&self, side: Side, bench: &Bench) -> io::Result<Reading>;
}

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Our engine.
    Ours,
    /// Another phone.
    Rival,
    /// The least that the work can cost.
    Floor,
}

impl Side {
    /// All, in the order of the columns.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Rival, Self::Floor];

    /// The phone that does it where phones do.
    pub fn phone(self) -> Kind {
        match self {
            Self::Ours => Kind::Sidetone,
            Self::Rival => Kind::Baresip,
            Self::Floor => Kind::Reflector,
        }
    }

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Rival => "rival",
            Self::Floor => "floor",
        }
    }
}

/// One figure of a row.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its name within the row.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What is wanted.
    pub aim: Aim,
}

impl Figure {
    /// One of which less is better.
    pub const fn less(name: &'static str, unit: &'static str, aim: Aim) -> Self {
        Self { name, unit, better: Better::Less, aim }
    }
}

/// Which way a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The smaller.
    Less,
    /// The larger.
    More,
}

/// What is wanted of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// This much.
    At(f64),
    /// This much, or so many times the floor: on another machine only the latter means the same.
    AtOrTimesFloor(f64, f64),
    /// So many times the floor.
    TimesFloor(f64),
}

/// What came of doing the work once.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Figures, in the row's order.
    Figures(Figures),
    /// The machine or the load was at fault: to be repeated.
    Void(String),
    /// What was measured cannot be believed, and why.
    Refused(String),
}

/// The figures of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Who did the work.
    pub phone: String,
    /// In the row's order; `None` where this side has none.
    pub values: Vec<Option<f64>>,
    /// What the reader has to know besides.
    pub note: Option<String>,
}

impl Figures {
    /// Those of a side that has all of them.
    pub fn of(phone: &str, values: &[f64]) -> Reading {
        let values = values.iter().copied().map(Some).collect();
        Reading::Figures(Self { phone: phone.to_owned(), values, note: None })
    }
}

/// How all rows are measured.
#[derive(Clone, Copy, Debug)]
pub struct Bench {
    /// Where.
    pub place: Place,
    /// Share of the work that is done, 1 but for trying out: figures of less are no figures.
    pub scale: f64,
}

impl Bench {
    /// So many calls, at scale, one at least.
    pub fn calls(&self, count: usize) -> usize {
        ((count as f64 * self.scale).round() as usize).max(1)
    }

    /// So many seconds, at scale, three at least: sound is recognised over two.
    pub fn time(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64((seconds * self.scale).max(seconds.min(3.0)))
    }
}

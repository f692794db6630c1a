//! The runs of one row, side by side, until there are enough of them.

use super::{
    figure::{Better, Figure, Figures, Reading, Side},
    stats::{Spread, Verdict},
};

/// What the runs of a row gave.
#[derive(Clone, Debug)]
pub struct Tally {
    wanted: usize,
    /// Rounds that count, and those that do not.
    rounds: usize,
    void: Vec<String>,
    sides: [Column; 3],
}

/// What the runs of one side gave.
#[derive(Clone, Debug, Default)]
struct Column {
    figures: Vec<Figures>,
    refused: Vec<String>,
}

impl Tally {
    /// For so many runs.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, rounds: 0, void: Vec::new(), sides: Default::default() }
    }

    /// Whether there is nothing more to measure: enough rounds count, or as many were void.
    pub fn is_complete(&self) -> bool {
        self.rounds >= self.wanted || self.void.len() > self.wanted
    }

    /// Whether that side is to be measured again. Who was refused twice will not do better.
    pub fn goes_on(&self, side: Side) -> bool {
        self.sides[side as usize].refused.len() < REFUSALS_MAX
    }

    /// Takes the readings of a round, unless one of them voids it.
    pub fn add(&mut self, round: Vec<(Side, Reading)>) {
        let void = round.iter().find_map(|(_, reading)| match reading {
            Reading::Void(why) => Some(why.clone()),
            _ => None,
        });
        if let Some(why) = void {
            self.void.push(why);
            return;
        }
        self.rounds += 1;
        for (side, reading) in round {
            let column = &mut self.sides[side as usize];
            match reading {
                Reading::Figures(figures) => column.figures.push(figures),
                Reading::Refused(why) => column.refused.push(why),
                Reading::Void(_) => {}
            }
        }
    }

    /// Rounds that did not count.
    pub fn void(&self) -> &[String] {
        &self.void
    }

    /// Why runs of that side gave no figures.
    pub fn refused(&self, side: Side) -> &[String] {
        &self.sides[side as usize].refused
    }

    /// Who did the work on that side.
    pub fn phone(&self, side: Side) -> Option<&str> {
        self.sides[side as usize].figures.first().map(|figures| figures.phone.as_str())
    }

    /// What else was told on that side.
    pub fn note(&self, side: Side) -> Option<&str> {
        self.sides[side as usize].figures.iter().find_map(|figures| figures.note.as_deref())
    }

    /// The figure with that index on that side.
    pub fn spread(&self, side: Side, index: usize) -> Option<Spread> {
        let figures = &self.sides[side as usize].figures;
        let values: Vec<f64> =
            figures.iter().filter_map(|run| run.values.get(index).copied().flatten()).collect();
        Spread::of(&values)
    }

    /// Ours as a multiple of the floor.
    pub fn ratio(&self, index: usize) -> Option<f64> {
        let floor = self.spread(Side::Floor, index)?.median;
        (floor > 0.0).then_some(self.spread(Side::Ours, index)?.median / floor)
    }

    /// What is aimed at.
    pub fn aim(&self, figure: &Figure, index: usize) -> Option<f64> {
        let floor = self.spread(Side::Floor, index).map(|spread| spread.median);
        figure.aim.beside(floor, figure.better)
    }

    /// How our figure stands to its aim. Runs that were refused, or void until there were too few,
    /// leave it open, however good the others are; so does a figure that is short of its aim because
    /// the load could do no more.
    pub fn verdict(&self, figure: &Figure, index: usize) -> Verdict {
        let ours = &self.sides[Side::Ours as usize];
        if let Some(why) = ours.refused.first() {
            let (refused, all) = (ours.refused.len(), ours.refused.len() + ours.figures.len());
            return Verdict::Open(format!("{refused} of {all} runs refused: {why}"));
        }
        let (Some(spread), Some(aim)) = (self.spread(Side::Ours, index), self.aim(figure, index))
        else {
            let why = self.void.first().map_or("nothing to compare", String::as_str);
            return Verdict::Open(format!("not measured: {why}"));
        };
        if let (true, Some(why)) = (self.rounds < self.wanted, self.void.first()) {
            return Verdict::Open(format!("{} of {} runs: {why}", self.rounds, self.wanted));
        }
        match (Verdict::of(spread.median, aim, figure.better), self.note(Side::Ours)) {
            (Verdict::Missed(_), Some(note)) if figure.better == Better::More => {
                Verdict::Open(note.to_owned())
            }
            (verdict, _) => verdict,
        }
    }
}

/// Refusals after which a side is given up.
const REFUSALS_MAX: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::figure::Aim;

    const FIGURE: Figure = Figure::less("cpu", "ms", Aim::AtOrTimesFloor(0.7, 0.5));

    fn figures(value: f64) -> Reading {
        Figures::of("phone", &[value])
    }

    #[test]
    fn a_void_run_takes_its_round_along_and_is_repeated_a_bounded_number_of_times() {
        let mut tally = Tally::new(2);
        tally.add(vec![(Side::Ours, figures(9.0)), (Side::Floor, Reading::Void("late".into()))]);
        assert!(tally.spread(Side::Ours, 0).is_none() && !tally.is_complete());
        tally.add(vec![(Side::Ours, figures(1.0)), (Side::Floor, figures(4.0))]);
        tally.add(vec![(Side::Ours, figures(3.0)), (Side::Floor, figures(4.0))]);
        assert!(tally.is_complete());
        assert_eq!(tally.spread(Side::Ours, 0).unwrap().median, 2.0);
        assert_eq!((tally.ratio(0), tally.aim(&FIGURE, 0)), (Some(0.5), Some(2.0)));
        assert_eq!(tally.verdict(&FIGURE, 0), Verdict::Reached);
        assert_eq!(tally.void(), ["late"]);

        let mut few = Tally::new(2);
        few.add(vec![(Side::Ours, figures(1.0)), (Side::Floor, figures(4.0))]);
        for _ in 0..3 {
            assert!(!few.is_complete());
            few.add(vec![(Side::Ours, Reading::Void("late".into()))]);
        }
        assert!(few.is_complete());
        assert_eq!(few.verdict(&FIGURE, 0), Verdict::Open("1 of 2 runs: late".into()));

        let mut never = Tally::new(2);
        for _ in 0..3 {
            assert!(!never.is_complete());
            never.add(vec![(Side::Ours, Reading::Void("late".into()))]);
        }
        assert!(never.is_complete());
        assert_eq!(never.verdict(&FIGURE, 0), Verdict::Open("not measured: late".into()));
    }

    #[test]
    fn a_refused_run_leaves_the_verdict_open_and_two_end_the_side() {
        let mut tally = Tally::new(3);
        tally.add(vec![(Side::Ours, figures(0.1)), (Side::Rival, Reading::Refused("no".into()))]);
        tally.add(vec![
            (Side::Ours, Reading::Refused("97 %".into())),
            (Side::Rival, Reading::Refused("no".into())),
        ]);
        assert!(tally.goes_on(Side::Ours) && !tally.goes_on(Side::Rival));
        assert_eq!(tally.verdict(&FIGURE, 0), Verdict::Open("1 of 2 runs refused: 97 %".into()));
        assert_eq!(tally.refused(Side::Rival).len(), 2);
    }

    #[test]
    fn what_only_the_load_limits_is_not_missed() {
        let most = Figure { better: Better::More, aim: Aim::At(1_800.0), ..FIGURE };
        let mut tally = Tally::new(1);
        let note = Some("the load could do no more".to_owned());
        let values = vec![Some(900.0)];
        let reading = Reading::Figures(Figures { phone: String::new(), values, note });
        tally.add(vec![(Side::Ours, reading)]);
        assert_eq!(tally.verdict(&most, 0), Verdict::Open("the load could do no more".into()));
    }
}

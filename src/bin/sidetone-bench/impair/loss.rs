//! Which packets are lost: each by itself, or many in a row (Gilbert and Elliott).

use sidetone::base::rng::Rng;

use super::draw::chance;

/// Which packets are lost. Both kinds may be at work at once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Share that is lost singly, 0 to 1.
    pub single: f64,
    /// Share that is lost in bursts, 0 to below 1, and their mean length in packets.
    pub bursts: Option<(f64, f64)>,
}

/// Whether the network is in a burst.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    bad: bool,
}

impl Loss {
    /// Whether the next packet is lost. In a burst all are, outside none is: with p the chance to go
    /// from good to bad and r that of the way back, p / (p + r) of all are lost, 1 / r in a row.
    pub fn strikes(&self, state: &mut State, rng: &mut Rng) -> bool {
        let single = chance(rng, self.single);
        if let Some((share, length)) = self.bursts {
            let back = 1.0 / length;
            let there = back * share / (1.0 - share);
            state.bad = if state.bad { !chance(rng, back) } else { chance(rng, there) };
        }
        single || state.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of lost packets, and mean length of a run of them.
    fn shape(loss: Loss) -> (f64, f64) {
        let (mut state, mut rng) = (State::default(), Rng::from_number(11));
        let lost: Vec<bool> = (0..200_000).map(|_| loss.strikes(&mut state, &mut rng)).collect();
        let count = lost.iter().filter(|l| **l).count() as f64;
        let runs = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count() as f64;
        (count / lost.len() as f64, count / runs.max(1.0))
    }

    #[test]
    fn single_losses_are_as_many_as_asked_for_and_do_not_clump() {
        let (share, run) = shape(Loss { single: 0.05, bursts: None });
        assert!((share - 0.05).abs() < 0.002, "{share}");
        assert!((run - 1.0 / 0.95).abs() < 0.02, "{run}");
        assert_eq!(shape(Loss::default()).0, 0.0);
    }

    #[test]
    fn bursts_have_their_share_and_their_length() {
        let (share, run) = shape(Loss { single: 0.0, bursts: Some((0.05, 4.0)) });
        assert!((share - 0.05).abs() < 0.004, "{share}");
        assert!((run - 4.0).abs() < 0.2, "{run}");
    }
}

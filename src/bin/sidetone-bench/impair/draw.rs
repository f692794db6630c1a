//! Random numbers of several distributions, in milliseconds.

use sidetone::base::rng::Rng;

/// How the delay of packets varies, ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Jitter {
    /// Not at all.
    #[default]
    None,
    /// Anything from 0 to this, all equally likely.
    Uniform {
        /// The most.
        most_ms: f64,
    },
    /// Around the fixed delay, both ways; no packet comes before it was sent.
    Normal {
        /// Standard deviation.
        deviation_ms: f64,
    },
    /// Mostly little, at times very much (Pareto of the second kind, from 0).
    Pareto {
        /// Mean.
        mean_ms: f64,
        /// Shape, above 1; the smaller, the heavier the tail.
        shape: f64,
    },
    /// As queues make it: the logarithm is normal.
    LogNormal {
        /// Median.
        median_ms: f64,
        /// Standard deviation of the natural logarithm.
        sigma: f64,
    },
}

impl Jitter {
    /// The next delay.
    pub fn draw_ms(&self, rng: &mut Rng) -> f64 {
        match *self {
            Jitter::None => 0.0,
            Jitter::Uniform { most_ms } => most_ms * unit(rng),
            Jitter::Normal { deviation_ms } => deviation_ms * normal(rng),
            Jitter::Pareto { mean_ms, shape } => {
                let scale = mean_ms * (shape - 1.0);
                scale * ((1.0 - unit(rng)).powf(-1.0 / shape) - 1.0)
            }
            Jitter::LogNormal { median_ms, sigma } => median_ms * (sigma * normal(rng)).exp(),
        }
    }
}

/// Whether something happens that does with this probability, 0 to 1.
pub fn chance(rng: &mut Rng, probability: f64) -> bool {
    unit(rng) < probability
}

/// From 0 up to, but not including, 1.
pub fn unit(rng: &mut Rng) -> f64 {
    (rng.u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// Mean 0, standard deviation 1 (Box and Muller).
fn normal(rng: &mut Rng) -> f64 {
    let (radius, angle) = (1.0 - unit(rng), unit(rng));
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(jitter: Jitter) -> Vec<f64> {
        let mut rng = Rng::from_number(7);
        let mut drawn: Vec<f64> = (0..50_000).map(|_| jitter.draw_ms(&mut rng)).collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[test]
    fn uniform_fills_its_range_evenly() {
        let drawn = drawn(Jitter::Uniform { most_ms: 40.0 });
        assert!(drawn[0] >= 0.0 && drawn[drawn.len() - 1] < 40.0);
        assert!((mean(&drawn) - 20.0).abs() < 0.3);
        assert!((drawn[drawn.len() / 4] - 10.0).abs() < 0.5);
    }

    #[test]
    fn normal_has_its_deviation_and_no_lean() {
        let drawn = drawn(Jitter::Normal { deviation_ms: 10.0 });
        let variance = mean(&drawn.iter().map(|d| d * d).collect::<Vec<_>>());
        assert!(mean(&drawn).abs() < 0.2 && (variance.sqrt() - 10.0).abs() < 0.2);
        let within = drawn.iter().filter(|d| d.abs() < 10.0).count() as f64 / drawn.len() as f64;
        assert!((within - 0.683).abs() < 0.01);
    }

    #[test]
    fn tails_are_as_heavy_as_asked_for() {
        let pareto = drawn(Jitter::Pareto { mean_ms: 10.0, shape: 2.5 });
        assert!(pareto[0] >= 0.0 && (mean(&pareto) - 10.0).abs() < 0.5);
        // 15 * (0.001^-0.4 - 1): one in a thousand is later than that.
        let rank = pareto.len() - pareto.len() / 1_000;
        assert!((pareto[rank] / 222.7 - 1.0).abs() < 0.15, "{}", pareto[rank]);
        let log = drawn(Jitter::LogNormal { median_ms: 10.0, sigma: 1.0 });
        assert!((log[log.len() / 2] / 10.0 - 1.0).abs() < 0.03);
        assert!((log[log.len() * 99 / 100] / 102.4 - 1.0).abs() < 0.1);
    }

    #[test]
    fn chances_come_as_often_as_they_should() {
        let mut rng = Rng::from_number(1);
        let hits = (0..50_000).filter(|_| chance(&mut rng, 0.05)).count();
        assert!((2_350..2_650).contains(&hits), "{hits}");
        assert!(!(0..1_000).any(|_| chance(&mut rng, 0.0)));
        assert!((0..1_000).all(|_| chance(&mut rng, 1.0)));
    }
}

//! Looks up each piece of what was said, and delivered, in what came back.
//!
//! ```text
//! said   │ 17 │ 18 │ 19 │ 20 │ 21 │        18 was lost in the network: not looked for
//! heard      │ 17 │ ~~ │ 19 │~~~~│ 21 │    20 was altered; at 21 the playing delay has stepped
//!        └lag─┘                └lag'┘
//! ```

use std::ops::RangeInclusive;

use sidetone::base::plan::CodecKind;

use super::exchange::Exchange;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// Pieces that were delivered and hold a sound.
    pub due: u64,
    /// Those that were found again.
    pub found: u64,
    /// Delay of each of those, ms.
    pub delay_ms: Vec<f64>,
    /// Changes of the playing delay by more than [`STEP_MS`].
    pub steps: u64,
}

impl Blocks {
    /// Takes those of another call in.
    pub fn add(&mut self, other: Blocks) {
        self.due += other.due;
        self.found += other.found;
        self.steps += other.steps;
        self.delay_ms.extend(other.delay_ms);
    }
}

/// What counts as found.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Length of a piece.
    block_ms: usize,
    /// Least normalised correlation.
    correlation: f64,
}

impl Rules {
    /// Those for a codec.
    pub fn of(codec: CodecKind) -> Self {
        match codec {
            CodecKind::Opus => Self { block_ms: 200, correlation: 0.75 },
            _ => Self { block_ms: 10, correlation: 0.8 },
        }
    }
}

/// Looks up what was said from second `begin` to second `end`.
pub fn look_up(exchange: &Exchange, rules: Rules, (begin, end): (f64, f64)) -> Blocks {
    let block = exchange.rate_hz as usize * rules.block_ms / 1_000;
    let mut search = Search::new(exchange, rules, block);
    for number in 0.. {
        let at = number * block;
        let Some(time) = exchange.said_at(at) else { break };
        if (begin..end).contains(&time) && search.is_due(at) {
            search.take(at);
        }
    }
    search.blocks
}

struct Search<'a> {
    exchange: &'a Exchange,
    rules: Rules,
    /// Samples of a piece.
    block: usize,
    /// Samples between the lags that are tried until the place is nearly known.
    stride: usize,
    /// How far what came back lies ahead on its line, in samples: the playing delay and a constant.
    lag: Option<i64>,
    /// The lag at the latest step.
    standing: Option<i64>,
    /// Pieces since the last that was found.
    missing: Vec<usize>,
    blocks: Blocks,
}

impl<'a> Search<'a> {
    fn new(exchange: &'a Exchange, rules: Rules, block: usize) -> Self {
        let stride = (exchange.rate_hz as usize / 8_000).max(1);
        let blocks = Blocks::default();
        let missing = Vec::new();
        Self { exchange, rules, block, stride, lag: None, standing: None, missing, blocks }
    }

    /// Whether the piece was delivered, and is no pause.
    fn is_due(&self, at: usize) -> bool {
        let frame = self.exchange.frame();
        let packets = at / frame..(at + self.block).div_ceil(frame);
        let delivered = self.exchange.delivered.get(packets);
        let energy: f32 =
            (at..at + self.block).map(|at| self.exchange.sample(at as i64).powi(2)).sum();
        delivered.is_some_and(|packets| packets.iter().all(|delivered| *delivered))
            && energy / self.block as f32 > PAUSE_RMS * PAUSE_RMS
    }

    fn take(&mut self, at: usize) {
        self.blocks.due += 1;
        if let Some(lag) = self.lag.and_then(|lag| self.near(at, lag)) {
            self.missing.clear();
            return self.count(at, lag);
        }
        self.missing.push(at);
        let first = self.lag.is_none() && self.missing.len() == 1;
        if !first && !self.missing.len().is_multiple_of(PATIENCE) {
            return;
        }
        // It may have moved far: then those that were missed on the way may be there as well.
        let Some(lag) = self.far(at) else { return };
        for at in std::mem::take(&mut self.missing) {
            if let Some(lag) = self.near(at, lag) {
                self.count(at, lag);
            }
        }
    }

    fn count(&mut self, at: usize, lag: i64) {
        self.blocks.found += 1;
        self.lag = Some(lag);
        let step = i64::from(self.exchange.rate_hz) * STEP_MS / 1_000;
        match self.standing {
            Some(standing) if (standing - lag).abs() <= step => {}
            before => {
                self.blocks.steps += u64::from(before.is_some());
                self.standing = Some(lag);
            }
        }
        let heard = usize::try_from(at as i64 + lag).ok().and_then(|at| self.exchange.heard_at(at));
        if let (Some(said), Some(heard)) = (self.exchange.said_at(at), heard) {
            self.blocks.delay_ms.push(1000.0 * (heard - said));
        }
    }

    /// The lag of a piece that is at `lag` or some ms from there.
    fn near(&self, at: usize, lag: i64) -> Option<i64> {
        let piece = self.piece(at, self.block);
        if self.likeness(&piece, lag, 1) >= self.rules.correlation {
            return Some(lag);
        }
        let reach = i64::from(self.exchange.rate_hz) * NEAR_MS / 1_000;
        self.best(&piece, lag - reach..=lag + reach, self.stride)
    }

    /// The lag of a piece that may be anywhere, of twice the length so that chance finds nothing.
    fn far(&self, at: usize) -> Option<i64> {
        let now = self.exchange.heard_after(self.exchange.said_at(at)?)? as i64 - at as i64;
        let rate = i64::from(self.exchange.rate_hz);
        let piece = self.piece(at, 2 * self.block);
        self.best(&piece, now - rate / 20..=now + rate * FAR_S, 2 * self.stride)
    }

    fn piece(&self, at: usize, length: usize) -> (usize, Vec<f32>) {
        (at, (at..at + length).map(|at| self.exchange.sample(at as i64)).collect())
    }

    /// The most likely lag; while the place is not known, only every so manieth sample is compared.
    fn best(
        &self,
        piece: &(usize, Vec<f32>),
        lags: RangeInclusive<i64>,
        every: usize,
    ) -> Option<i64> {
        let best = |lags: &mut dyn Iterator<Item = i64>, stride| {
            lags.map(|lag| (lag, self.likeness(piece, lag, stride)))
                .max_by(|a, b| a.1.total_cmp(&b.1))
        };
        let step = self.stride as i64;
        let (near, _) = best(&mut lags.step_by(self.stride), every)?;
        let (lag, likeness) = best(&mut (near - step..=near + step), 1)?;
        (likeness >= self.rules.correlation).then_some(lag)
    }

    /// Normalised correlation, -1 to 1, of a piece of what was said with what came back `lag` later.
    fn likeness(&self, (at, said): &(usize, Vec<f32>), lag: i64, stride: usize) -> f64 {
        let begin = usize::try_from(*at as i64 + lag).ok();
        let Some(heard) =
            begin.and_then(|begin| self.exchange.heard.get(begin..begin + said.len()))
        else {
            return 0.0;
        };
        let (mut product, mut first, mut second) = (0f32, 0f32, 0f32);
        for (heard, said) in heard.iter().zip(said).step_by(stride) {
            product += heard * said;
            first += heard * heard;
            second += said * said;
        }
        if first < 1.0 || second < 1.0 {
            return 0.0;
        }
        f64::from(product) / (f64::from(first) * f64::from(second)).sqrt()
    }
}

/// A smaller change of the playing delay is none.
const STEP_MS: i64 = 4;
/// How far from the last place the next piece is looked for.
const NEAR_MS: i64 = 60;
/// The longest delay that is found, seconds; below the length of the loop that is said.
const FAR_S: i64 = 3;
/// After so many pieces that were not found in a row they are looked for everywhere.
const PATIENCE: usize = 8;
/// Level below which speech pauses, of 32767.
const PAUSE_RMS: f32 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::content::Content;

    /// A phone that plays packet `n` so many samples late, or not at all; it sends on a grid of its
    /// own 3 ms after the probe's.
    fn echo(delay: impl Fn(usize) -> Option<usize>, packets: usize) -> Exchange {
        let said = Content::of_call(CodecKind::Pcmu, 1).pcm;
        let sent_s: Vec<f64> = (0..packets).map(|n| n as f64 * 0.02 - 1.0).collect();
        let mut heard = vec![0.0; packets * 160];
        for n in 0..packets {
            let Some(at) = delay(n).map(|late| n * 160 + late) else { continue };
            for (i, sample) in heard.iter_mut().skip(at).take(160).enumerate() {
                *sample = 0.7 * said[(n * 160 + i) % said.len()];
            }
        }
        Exchange {
            rate_hz: 8_000,
            came: sent_s.iter().enumerate().map(|(n, sent)| (n * 160, sent + 0.003)).collect(),
            delivered: vec![true; packets],
            sent_s,
            said,
            heard,
        }
    }

    fn found(exchange: &Exchange) -> Blocks {
        look_up(exchange, Rules::of(CodecKind::Pcmu), (0.0, 4.0))
    }

    fn found_in_a_second(exchange: &Exchange) -> (u64, u64) {
        let blocks = look_up(exchange, Rules::of(CodecKind::Pcmu), (0.0, 1.0));
        (blocks.due, blocks.found)
    }

    #[test]
    fn an_echo_is_found_whole_and_its_delay_to_the_sample() {
        let blocks = found(&echo(|_| Some(437), 300));
        assert_eq!((blocks.due, blocks.found, blocks.steps), (400, 400, 0));
        // 437 samples and the 3 ms of the grid.
        assert!(blocks.delay_ms.iter().all(|d| (d - 57.625).abs() < 1e-6), "{blocks:?}");
    }

    #[test]
    fn what_the_network_lost_is_not_missed_and_what_the_phone_lost_is() {
        let lost = |n: usize| (n % 10 != 3).then_some(400);
        let mut exchange = echo(lost, 300);
        assert_eq!((found(&exchange).due, found(&exchange).found), (400, 360));
        exchange.delivered = (0..300).map(|n| n % 10 != 3).collect();
        assert_eq!((found(&exchange).due, found(&exchange).found), (360, 360));
    }

    #[test]
    fn delay_steps_are_counted_and_small_ones_are_not() {
        // 40 samples are 5 ms, 24 are 3 ms.
        let by = |step: usize| move |n: usize| Some(400 + step * ((n / 25) % 2));
        let large = found(&echo(by(40), 300));
        assert_eq!(large.steps, 7, "{large:?}");
        assert_eq!(found(&echo(by(24), 300)).steps, 0);
        // Each second piece that spans a step is cut up; no more.
        assert!(large.found >= 400 - 2 * 7, "{large:?}");
        // A millisecond each 200 ms: those that add up to more than 4 ms count.
        assert_eq!(found(&echo(|n| Some(400 + 8 * (n / 10)), 300)).steps, 3);
    }

    #[test]
    fn a_leap_of_a_second_is_followed_and_nothing_before_it_is_lost() {
        let leap = found(&echo(|n| Some(if n < 150 { 400 } else { 9_000 }), 360));
        assert!(leap.found >= 398, "{leap:?}");
        assert_eq!(leap.steps, 1);
    }

    #[test]
    fn nothing_is_found_in_silence_or_in_another_call() {
        assert_eq!(found_in_a_second(&echo(|_| None, 150)), (100, 0));
        let mut other = echo(|_| Some(400), 150);
        other.said = Content::of_call(CodecKind::Pcmu, 2).pcm;
        assert_eq!(found_in_a_second(&other), (100, 0));
    }
}

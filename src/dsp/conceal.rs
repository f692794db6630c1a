//! Packet loss concealment for codecs without one of their own, in the manner of G.711 Appendix I.
//!
//! The last pitch cycle is repeated, then the last two, then the last three, each joined to itself
//! by a cross-fade; after 10 ms the level falls by a fifth each 10 ms, so that 60 ms end in silence.
//! The first good samples are cross-faded with what concealment would have gone on to say.
//!
//! Unlike the Appendix it delays nothing: instead of blending into samples that were already
//! played, it lets the step between the last sample and the first repeated one die away. And it
//! goes back to good samples within 3 ms, where the Appendix takes up to 10: what was delivered is
//! heard as it was said.
//!
//! ```text
//! history  ...........|--- cycle ---|  lost: | cycle | cycle ...  | good
//!                                             ^ step dies away     ^ cross-fade
//! ```

/// Longest and shortest pitch period looked for: 66 to 200 Hz.
const PITCH_MAX_MS: f32 = 15.0;
const PITCH_MIN_MS: f32 = 5.0;
/// Cycles repeated at most.
const CYCLES_MAX: usize = 3;
/// How long the way back to good samples takes: a click would need less.
const BLEND_MS: f32 = 3.0;
/// Correlation from which on the past counts as voiced.
const VOICED: f32 = 0.5;

/// The past of one stream and, during a loss, what is being repeated.
#[derive(Debug)]
pub struct Conceal {
    rate_hz: u32,
    /// The newest samples given out, oldest first.
    history: Vec<i16>,
    /// What is repeated; empty capacity is kept between losses.
    cycle: Vec<f32>,
    position: usize,
    pitch: usize,
    /// Samples concealed since the last good one; 0 outside of a loss.
    erased: usize,
    /// What is left of the step at the start of the loss, and how it falls.
    step: f32,
    step_fall: f32,
    /// Share of the old cycle in the output while the cycle changes.
    tail: Vec<f32>,
    tail_position: usize,
}

impl Conceal {
    /// For a stream of `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        let pitch_max = samples(rate_hz, PITCH_MAX_MS);
        // Three cycles and a quarter to blend with.
        let history = pitch_max * CYCLES_MAX + pitch_max / 4;
        Self {
            rate_hz,
            history: vec![0; history],
            cycle: Vec::with_capacity(pitch_max * CYCLES_MAX),
            position: 0,
            pitch: pitch_max,
            erased: 0,
            step: 0.0,
            step_fall: 0.0,
            tail: Vec::with_capacity(pitch_max / 4),
            tail_position: 0,
        }
    }

    /// Takes good samples, which are about to be heard, and blends their start with a loss before.
    pub fn received(&mut self, pcm: &mut [i16]) {
        if self.erased > 0 {
            self.blend_back(pcm);
            self.erased = 0;
        }
        self.remember(pcm);
    }

    /// Fills `pcm` in place of lost samples.
    pub fn conceal(&mut self, pcm: &mut [i16]) {
        let ten_ms = samples(self.rate_hz, 10.0);
        for part in pcm.chunks_mut(ten_ms) {
            if self.erased == 0 {
                self.begin();
            }
            for sample in part {
                *sample = self.next();
            }
        }
        self.remember_concealed(pcm);
    }

    fn begin(&mut self) {
        let (pitch, correlation) = self.find_pitch();
        self.pitch = pitch;
        let cycles = if correlation < VOICED { CYCLES_MAX } else { 1 };
        self.load_cycle(cycles);
        self.position = 0;
        self.tail.clear();
        self.tail_position = 0;
        let end = self.history.len();
        self.step =
            f32::from(self.history[end - 1]) - f32::from(self.history[end - 1 - self.cycle.len()]);
        self.step_fall = self.step / (self.pitch / 4).max(1) as f32;
    }

    /// Takes the last `cycles` pitch periods, their end blended into what came before their start.
    fn load_cycle(&mut self, cycles: usize) {
        let length = self.pitch * cycles;
        let end = self.history.len();
        self.cycle.clear();
        self.cycle.extend(self.history[end - length..].iter().map(|&s| f32::from(s)));
        let quarter = self.pitch / 4;
        for i in 0..quarter {
            let share = (i + 1) as f32 / (quarter + 1) as f32;
            let before = f32::from(self.history[end - length - quarter + i]);
            let at = length - quarter + i;
            self.cycle[at] += (before - self.cycle[at]) * share;
        }
    }

    fn next(&mut self) -> i16 {
        let ten_ms = samples(self.rate_hz, 10.0);
        if self.erased > 0 && self.erased.is_multiple_of(ten_ms) {
            self.lengthen(self.erased / ten_ms + 1);
        }
        let gain = fade(self.erased, ten_ms);
        self.erased = self.erased.saturating_add(1).min(ten_ms * 100);
        if gain <= 0.0 {
            return 0;
        }
        let mut value = self.cycle[self.position];
        self.position = (self.position + 1) % self.cycle.len();
        if let Some(&old) = self.tail.get(self.tail_position) {
            let share = (self.tail_position + 1) as f32 / (self.tail.len() + 1) as f32;
            value = old + (value - old) * share;
            self.tail_position += 1;
        }
        value += self.step;
        if self.step.abs() > self.step_fall.abs() {
            self.step -= self.step_fall;
        } else {
            self.step = 0.0;
        }
        (value * gain).round().clamp(-32768.0, 32767.0) as i16
    }

    /// Goes over to two, then three cycles, so that a long loss does not buzz.
    fn lengthen(&mut self, cycles: usize) {
        let length = self.pitch * cycles;
        if cycles > CYCLES_MAX || length <= self.cycle.len() {
            return;
        }
        self.tail.clear();
        self.tail_position = 0;
        for i in 0..self.pitch / 4 {
            self.tail.push(self.cycle[(self.position + i) % self.cycle.len()]);
        }
        let phase = self.position % self.pitch;
        // `history` stands still during a loss, so the longer cycle is taken from the same place.
        self.load_cycle(cycles);
        self.position = phase;
    }

    /// Cross-fades from concealment into good samples.
    fn blend_back(&mut self, pcm: &mut [i16]) {
        let overlap = samples(self.rate_hz, BLEND_MS).min(pcm.len());
        for (i, sample) in pcm[..overlap].iter_mut().enumerate() {
            let share = (i + 1) as f32 / (overlap + 1) as f32;
            let old = f32::from(self.next());
            *sample = (old + (f32::from(*sample) - old) * share).round() as i16;
        }
    }

    /// Keeps the newest samples.
    fn remember(&mut self, pcm: &[i16]) {
        let length = self.history.len();
        if pcm.len() >= length {
            self.history.copy_from_slice(&pcm[pcm.len() - length..]);
        } else {
            self.history.copy_within(pcm.len().., 0);
            self.history[length - pcm.len()..].copy_from_slice(pcm);
        }
    }

    /// Concealed samples are no past to learn from; after a full fade the past is silence.
    fn remember_concealed(&mut self, pcm: &[i16]) {
        if fade(self.erased, samples(self.rate_hz, 10.0)) <= 0.0 && pcm.iter().all(|&s| s == 0) {
            self.history.fill(0);
        }
    }

    /// The pitch period of the newest 20 ms and how well it repeats, 0 to 1.
    fn find_pitch(&self) -> (usize, f32) {
        let (min, max) = (samples(self.rate_hz, PITCH_MIN_MS), samples(self.rate_hz, PITCH_MAX_MS));
        let window = samples(self.rate_hz, 20.0);
        // Coarse at 4 kHz, then fine round the best.
        let coarse = (self.rate_hz as usize / 4_000).max(1);
        let mut best = self.search(min, max, coarse, window, coarse);
        let low = best.0.saturating_sub(coarse).max(min);
        best = self.search(low, (best.0 + coarse).min(max), 1, window, 1);
        best
    }

    fn search(
        &self,
        low: usize,
        high: usize,
        lag_step: usize,
        window: usize,
        step: usize,
    ) -> (usize, f32) {
        let end = self.history.len();
        let recent = &self.history[end - window..];
        let mut best = (high, 0.0f32);
        for lag in (low..=high).step_by(lag_step) {
            let past = &self.history[end - window - lag..end - lag];
            let (mut cross, mut energy, mut own) = (0.0f32, 0.0f32, 0.0f32);
            for (&a, &b) in recent.iter().zip(past).step_by(step) {
                let (a, b) = (f32::from(a), f32::from(b));
                cross += a * b;
                energy += b * b;
                own += a * a;
            }
            let score = cross / (energy * own).sqrt().max(1.0);
            if score > best.1 {
                best = (lag, score);
            }
        }
        best
    }
}

/// Level after `erased` samples: full for 10 ms, then a fifth less each 10 ms.
fn fade(erased: usize, ten_ms: usize) -> f32 {
    if erased <= ten_ms {
        return 1.0;
    }
    1.0 - 0.2 * (erased - ten_ms) as f32 / ten_ms as f32
}

fn samples(rate_hz: u32, ms: f32) -> usize {
    (rate_hz as f32 * ms / 1000.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(count: usize, hz: f32) -> Vec<i16> {
        (0..count)
            .map(|n| (8000.0 * (n as f32 * hz * std::f32::consts::TAU / 8000.0).sin()) as i16)
            .collect()
    }

    #[test]
    fn a_sine_goes_on_through_the_first_ten_milliseconds() {
        let whole = sine(960, 125.0);
        let mut conceal = Conceal::new(8_000);
        let mut past = whole[..800].to_vec();
        conceal.received(&mut past);
        let mut lost = [0i16; 80];
        conceal.conceal(&mut lost);
        for (n, (&heard, &due)) in lost.iter().zip(&whole[800..]).enumerate() {
            assert!((i32::from(heard) - i32::from(due)).abs() < 800, "{n}: {heard} for {due}");
        }
    }

    #[test]
    fn a_loss_fades_to_silence_in_sixty_milliseconds_and_sound_comes_back() {
        let mut conceal = Conceal::new(8_000);
        conceal.received(&mut sine(800, 200.0));
        let mut lost = [1i16; 800];
        conceal.conceal(&mut lost);
        assert!(lost[..80].iter().any(|&s| s > 4_000));
        assert!(lost[480..].iter().all(|&s| s == 0), "silent after 60 ms");
        let mut good = sine(160, 200.0);
        let due = good.clone();
        conceal.received(&mut good);
        assert_eq!(good[24..], due[24..], "no more than 3 ms are blended");
    }

    #[test]
    fn nothing_received_conceals_as_silence() {
        let mut conceal = Conceal::new(8_000);
        let mut lost = [1i16; 480];
        conceal.conceal(&mut lost);
        assert!(lost.iter().all(|&s| s == 0));
    }
}

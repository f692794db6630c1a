//! A network that is not good, as a value without a clock: a packet goes in at a time, the times at
//! which its copies come out come back, and none when it is lost. The same seed, the same fates.
//!
//! ```text
//! packet ─► loss ─► trace ─► link of a rate, with a queue ─► delay + jitter ─► duplicate
//! ```
//!
//! Each stage draws from a generator of its own, so that a delay drawn for packet 17 stays what it
//! is when loss is switched on. It moves no packets: [`crate::probe`] sends them at those times.

mod draw;
mod link;
mod loss;
mod spec;
mod trace;

use std::time::Duration;

use sidetone::base::rng::Rng;

use self::{draw::Jitter, link::Link, loss::Loss};
pub use self::{spec::HELP, trace::Trace};

/// What a network does to every stream that goes through it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impairment {
    /// Delay of every packet.
    delay: Duration,
    /// Delay on top, of each packet by itself.
    jitter: Jitter,
    /// No packet overtakes another by its jitter.
    in_order: bool,
    /// Which packets are lost.
    loss: Loss,
    /// Share of the packets that are held back, 0 to 1, and for how long.
    reorder: (f64, Duration),
    /// Share of the packets that come twice, 0 to 1.
    duplicate: f64,
    /// A link of so many bits a second, and the longest wait for it.
    link: Option<(u64, Duration)>,
    /// Delays and losses as they were once seen.
    trace: Option<Trace>,
    /// Seed of all that is drawn.
    seed: u64,
}

impl Impairment {
    /// The same with the delays and losses of a trace.
    pub fn with_trace(mut self, trace: Trace) -> Self {
        self.trace = Some(trace);
        self
    }
}

/// The way of one stream of packets through such a network.
#[derive(Clone, Debug)]
pub struct Path {
    impairment: Impairment,
    loss: loss::State,
    link: Link,
    losses: Rng,
    delays: Rng,
    reorders: Rng,
    duplicates: Rng,
    /// Packets so far.
    count: usize,
    /// Where in the trace the stream begins.
    first: usize,
    /// The latest arrival so far.
    latest: Duration,
}

impl Path {
    /// The way of stream number `stream`: each has losses and delays of its own.
    pub fn new(impairment: &Impairment, stream: u64) -> Self {
        let mut rng = Rng::from_number(impairment.seed.wrapping_mul(0x1_0001).wrapping_add(stream));
        let length = impairment.trace.as_ref().map_or(1, Trace::len) as u64;
        // Spread over the trace: what was bad in it is not to meet all streams at once.
        let first = (stream.wrapping_mul(SPREAD) % length) as usize;
        Self {
            impairment: impairment.clone(),
            loss: loss::State::default(),
            link: Link::default(),
            losses: rng.fork(),
            delays: rng.fork(),
            reorders: rng.fork(),
            duplicates: rng.fork(),
            count: 0,
            first,
            latest: Duration::ZERO,
        }
    }

    /// When the copies of a packet of `bytes` octets of payload, sent at `at`, arrive; times never go
    /// back from one call to the next. None: it is lost.
    pub fn pass(&mut self, at: Duration, bytes: usize) -> Vec<Duration> {
        let number = self.first + self.count;
        self.count += 1;
        let lost = self.impairment.loss.strikes(&mut self.loss, &mut self.losses);
        // Drawn whether they are needed or not, so that the fates of later packets do not depend on it.
        let delay = self.delay();
        let held = draw::chance(&mut self.reorders, self.impairment.reorder.0);
        let twice = draw::chance(&mut self.duplicates, self.impairment.duplicate);
        let traced =
            self.impairment.trace.as_ref().map_or(Some(Duration::ZERO), |t| t.delay(number));
        let (false, Some(traced)) = (lost, traced) else { return Vec::new() };
        let mut out = at + traced;
        if let Some((bits_per_s, longest)) = self.impairment.link {
            match self.link.pass(out, bytes, bits_per_s, longest) {
                Some(through) => out = through,
                None => return Vec::new(),
            }
        }
        out += delay;
        if self.impairment.in_order {
            out = out.max(self.latest);
        }
        self.latest = self.latest.max(out);
        if held {
            out += self.impairment.reorder.1;
        }
        let mut copies = vec![out];
        copies.extend(twice.then_some(out + ECHO));
        copies
    }

    fn delay(&mut self) -> Duration {
        let ms = self.impairment.jitter.draw_ms(&mut self.delays);
        let whole = self.impairment.delay.as_secs_f64() + ms / 1000.0;
        Duration::from_secs_f64(whole.clamp(0.0, LONGEST_S))
    }
}

/// The second copy of a packet comes that much later.
const ECHO: Duration = Duration::from_millis(1);
/// No delay is longer, seconds: distributions with heavy tails have no end.
const LONGEST_S: f64 = 10.0;
/// Packets between the places of a trace at which streams begin.
const SPREAD: u64 = 619;

#[cfg(test)]
mod tests;

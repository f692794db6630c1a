//! Act: carries out the decisions on PCM.
//!
//! Holds the decoded samples that were not given out yet, and a little of what was, for stretching.
//!
//! ```text
//!  | past (two pitch periods) | ready: decoded, not heard yet |   room   |
//!                                    ^ head                          ^ tail
//! ```

use super::{
    JitterStats, PayloadDecoder,
    buffer::PacketBuffer,
    decide::{CALM_MS, Decision, Flow, Next, Pace, Playhead, Situation, decide, pace},
};
use crate::dsp::stretch::Stretch;

/// The longest packet taken: 120 ms (RFC 7587 §4.2).
pub const PACKET_MAX_MS: i64 = 120;
/// The longest that there is room for from the start.
const PACKET_USUAL_MS: usize = 20;
/// Concealment is faded out between these ages, whatever the codec does.
const FADE_FROM_MS: i64 = 120;
const FADE_TO_MS: i64 = 200;
/// How alike two periods must be to cut at once, and how much less each further try asks for.
const LIKENESS: f32 = 0.8;
const PATIENCE: f32 = 0.04;
/// Pulls over which the earliest pull is looked for: so many that one of them is as early as pulls
/// come, for what is taken to be the lateness of this one moves the delay.
const PULLS: usize = 64;
/// The newest of them, which tell alone when all are later than before by more than so much.
const NEWEST_PULLS: usize = 16;
const SHIFT_MS: i64 = 4;
/// A pull later than this is not late: there were none for a while.
const LATE_MAX_MS: i64 = 20;
/// Pulls between two corrections when there is no hurry.
const REST_PULLS: u32 = 2;
/// Pulls after a late packet in which the delay is let be: late packets seldom come alone.
const LATE_REST_PULLS: u32 = 50;

/// What a pull gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendered {
    /// Nothing was heard from the far end yet.
    Silence,
    /// Received audio, at least in part.
    Audio,
    /// Only concealment.
    Concealed,
}

/// The playout of one stream.
#[derive(Debug)]
pub struct Render {
    ms: i64,
    queue: PcmQueue,
    stretch: Stretch,
    playhead: Option<Playhead>,
    excess_max: i64,
    rest: u32,
    tries: f32,
    given: i64,
    early: [i64; PULLS],
    pulls: usize,
    /// How much later this pull came than the earliest of the last ones: a packet must be in time
    /// for the earliest.
    late: i64,
}

/// What a pull works with.
pub struct Pull<'a> {
    /// Local time in samples.
    pub now: i64,
    /// Samples asked for.
    pub frame: i64,
    /// Playout offset aimed at.
    pub target: i64,
    /// The highest one aimed at lately.
    pub rest: i64,
    /// How much more both would be were a late packet not waited for: no reason to shorten sound.
    pub grace: i64,
    /// The packets.
    pub buffer: &'a mut PacketBuffer,
    /// The codecs.
    pub decoder: &'a mut dyn PayloadDecoder,
    /// Counters.
    pub stats: &'a mut JitterStats,
}

impl Render {
    /// For playout at `rate_hz`, with at most `excess_max_ms` of delay above the target.
    pub fn new(rate_hz: u32, excess_max_ms: u32) -> Self {
        let ms = i64::from(rate_hz) / 1000;
        let stretch = Stretch::new(rate_hz);
        // A usual packet over what a stretch wants to see ahead; longer ones make it longer.
        let ready = PACKET_USUAL_MS * ms as usize + 2 * stretch.look_ahead();
        Self {
            ms,
            queue: PcmQueue::new(stretch.period_max(), ready),
            stretch,
            playhead: None,
            excess_max: i64::from(excess_max_ms) * ms,
            rest: 0,
            tries: 0.0,
            given: 0,
            early: [i64::MAX; PULLS],
            pulls: 0,
            late: 0,
        }
    }

    /// Sequence number due next; older packets come too late.
    pub fn due(&self) -> Option<i64> {
        self.playhead.map(|playhead| playhead.sequence)
    }

    /// Media time of the next sample to be given out, while audio flows.
    pub fn position(&self) -> Option<i64> {
        let playhead = self.playhead.filter(|playhead| playhead.held == 0)?;
        Some(playhead.media - self.queue.len() as i64)
    }

    /// Playout offset that a pull of `frame` samples at `now` has of use: what is decoded already
    /// counts for whole pulls only. And whether audio flows, or is about to begin.
    pub fn usable(&self, now: i64, frame: i64, buffer: &PacketBuffer) -> Option<(i64, bool)> {
        match self.playhead {
            Some(_) => {
                let ready = self.queue.len() as i64;
                self.delay(now).map(|delay| (delay - ready % frame.max(1), true))
            }
            None => buffer.front().map(|held| (now - held.media, false)),
        }
    }

    /// Whether a pull of `frame` samples would run dry in the middle of the sound.
    pub fn is_short(&self, frame: usize, buffer: &PacketBuffer) -> bool {
        let follows = |due| buffer.front().is_some_and(|held| held.sequence <= due);
        self.queue.len() < frame && self.due().is_some_and(|due| !follows(due))
    }

    /// Pulls come later by so many samples from now on, or earlier.
    pub fn shift(&mut self, samples: i64) {
        for early in self.early.iter_mut().filter(|early| **early != i64::MAX) {
            *early += samples;
        }
    }

    /// Playout offset at the last pull, while audio flows.
    pub fn delay(&self, now: i64) -> Option<i64> {
        self.position().map(|position| now - position)
    }

    /// Fills `out` with the next samples.
    pub fn pull(&mut self, mut p: Pull<'_>, out: &mut [i16]) -> Rendered {
        self.note_pull(p.now);
        self.fill(&mut p, out.len());
        if self.playhead.is_some_and(|playhead| playhead.held == 0) {
            self.correct(&mut p);
            self.fill(&mut p, out.len());
        }
        self.queue.take(out);
        self.given += out.len() as i64;
        match self.playhead {
            None => Rendered::Silence,
            Some(playhead) if playhead.held > self.queue.len() as i64 => Rendered::Concealed,
            Some(_) => Rendered::Audio,
        }
    }

    fn fill(&mut self, p: &mut Pull<'_>, wanted: usize) {
        while self.queue.len() < wanted {
            self.skip_silent_numbers(p.buffer);
            let decision = decide(&self.situation(p));
            self.act(decision, p);
        }
    }

    fn situation(&self, p: &Pull<'_>) -> Situation {
        let next = p.buffer.front().map(|held| Next {
            sequence: held.sequence,
            media: held.media,
            samples: held.samples,
            more: p.buffer.len() > 1,
        });
        Situation {
            now: p.now,
            late: self.late,
            lead: self.queue.len() as i64,
            frame: p.frame,
            target: p.rest,
            playhead: self.playhead,
            next,
            ms: self.ms,
            calm: CALM_MS * self.ms + p.grace,
            excess_max: self.excess_max,
        }
    }

    /// Numbers without audio are no loss.
    fn skip_silent_numbers(&mut self, buffer: &mut PacketBuffer) {
        while let Some(held) = buffer.front() {
            let due = self.playhead.map(|playhead| playhead.sequence);
            if held.samples > 0 && due.is_none_or(|due| held.sequence >= due) {
                return;
            }
            if let Some(playhead) = &mut self.playhead
                && held.sequence == playhead.sequence
            {
                playhead.sequence += 1;
            }
            buffer.pop();
        }
    }

    fn act(&mut self, decision: Decision, p: &mut Pull<'_>) {
        match decision {
            Decision::Decode => {
                if self.playhead.is_some_and(|playhead| playhead.held > 0) {
                    self.rest = LATE_REST_PULLS;
                }
                self.end_gap(p.stats, false);
                self.decode(p);
            }
            Decision::Resume => {
                let pause = self.due() == p.buffer.front().map(|held| held.sequence);
                self.end_gap(p.stats, pause);
                self.decode(p);
            }
            Decision::Recover => self.recover(p),
            Decision::Conceal(count) => self.conceal(count, p),
            Decision::Silence(count) => self.queue.room(count as usize).fill(0),
            Decision::Drop => {
                p.stats.dropped_packets += 1;
                p.buffer.pop();
            }
        }
    }

    /// Books what was concealed to a loss or to a pause of the sender.
    fn end_gap(&mut self, stats: &mut JitterStats, pause: bool) {
        let Some(playhead) = self.playhead else { return };
        let held = playhead.held as u64;
        if pause {
            stats.pause_samples += held;
        } else {
            stats.concealed_samples += held;
        }
    }

    fn decode(&mut self, p: &mut Pull<'_>) {
        let Some(held) = p.buffer.front() else { return };
        let count = held.samples as usize;
        let room = self.queue.room(count);
        match p.decoder.decode(held.payload_type, &held.payload, room) {
            Ok(decoded) if decoded == count => p.stats.decoded_packets += 1,
            _ => {
                // The room was asked for by the decoder's own count; a payload that breaks its word
                // is heard as a loss.
                p.decoder.conceal(room);
                p.stats.malformed_packets += 1;
            }
        }
        self.playhead = Some(Playhead {
            sequence: held.sequence + 1,
            media: held.media + held.samples,
            held: 0,
            recovered: false,
        });
        p.buffer.pop();
    }

    fn recover(&mut self, p: &mut Pull<'_>) {
        let Some(playhead) = &mut self.playhead else { return };
        playhead.recovered = true;
        let Some(held) = p.buffer.front() else { return };
        let count = held.samples as usize;
        let room = self.queue.room(count);
        match p.decoder.decode_fec(held.payload_type, &held.payload, room) {
            Ok(true) => {
                p.stats.fec_packets += 1;
                p.stats.concealed_samples += playhead.held as u64;
                self.playhead = Some(Playhead {
                    sequence: held.sequence,
                    media: held.media,
                    held: 0,
                    recovered: true,
                });
            }
            _ => self.queue.take_back(count),
        }
    }

    fn conceal(&mut self, count: i64, p: &mut Pull<'_>) {
        let Some(playhead) = &mut self.playhead else { return };
        let room = self.queue.room(count as usize);
        p.decoder.conceal(room);
        let (from, to) = (FADE_FROM_MS * self.ms, FADE_TO_MS * self.ms);
        if playhead.held + count > from {
            for (age, sample) in (playhead.held..).zip(room) {
                let left = (to - age).clamp(0, to - from);
                *sample = (i64::from(*sample) * left / (to - from)) as i16;
            }
        }
        if playhead.held == 0 {
            p.stats.concealments += 1;
        }
        playhead.held += count;
    }

    /// Stretches what is about to be heard when the delay is off.
    fn correct(&mut self, p: &mut Pull<'_>) {
        self.rest = self.rest.saturating_sub(1);
        let Some(delay) = self.delay(p.now) else { return };
        let flow = Flow {
            delay: delay - self.late,
            target: p.target,
            rest: p.rest + p.grace,
            over: self.queue.len() as i64 % p.frame.max(1),
            frame: p.frame.max(1),
            ms: self.ms,
        };
        match pace(&flow) {
            Pace::Keep => self.tries = 0.0,
            Pace::Accelerate { most, hurry } if hurry || self.rest == 0 => {
                self.accelerate(p, most, hurry);
            }
            Pace::Expand { least } if self.rest == 0 => self.expand(least as usize, p.stats),
            _ => {}
        }
    }

    fn accelerate(&mut self, p: &mut Pull<'_>, most: i64, hurry: bool) {
        while self.queue.len() < self.stretch.look_ahead() {
            self.skip_silent_numbers(p.buffer);
            match decide(&self.situation(p)) {
                Decision::Decode => self.act(Decision::Decode, p),
                _ => break,
            }
        }
        let threshold = if hurry { -1.0 } else { self.threshold() };
        let cut = self.queue.accelerate(&self.stretch, most as usize, threshold);
        if let Some(cut) = cut {
            p.stats.accelerated_samples += cut as u64;
            self.corrected();
        }
    }

    fn expand(&mut self, least: usize, stats: &mut JitterStats) {
        let threshold = self.threshold();
        // More than a period: any of them, and again.
        let least = if least > self.stretch.period_max() { 0 } else { least };
        if let Some(added) = self.queue.expand(&self.stretch, least, threshold) {
            stats.expanded_samples += added as u64;
            self.corrected();
        }
    }

    fn corrected(&mut self) {
        self.rest = REST_PULLS;
        self.tries = 0.0;
    }

    /// Falls with each try, so that sound without any pitch is corrected as well, a little later.
    fn threshold(&mut self) -> f32 {
        self.tries += 1.0;
        LIKENESS - PATIENCE * self.tries
    }

    fn note_pull(&mut self, now: i64) {
        let this = now - self.given;
        self.early[self.pulls % PULLS] = this;
        self.pulls += 1;
        let least = self.early.iter().copied().min().unwrap_or(this);
        let newest = (0..self.pulls.min(NEWEST_PULLS)).map(|ago| self.pulls - 1 - ago);
        let newest = newest.map(|pull| self.early[pull % PULLS]).min().unwrap_or(this);
        // All of them later by that much: pulls were left out, and it stays so.
        let least = if newest - least > SHIFT_MS * self.ms { newest } else { least };
        self.late = (this - least).min(LATE_MAX_MS * self.ms);
    }
}

/// Samples in order, with a period of the past before the next one.
#[derive(Debug)]
struct PcmQueue {
    pcm: Vec<i16>,
    head: usize,
    tail: usize,
    period: usize,
}

impl PcmQueue {
    /// With `period` samples of past and room for `ready` samples to come.
    fn new(period: usize, ready: usize) -> Self {
        Self { pcm: vec![0; 2 * period + ready], head: 2 * period, tail: 2 * period, period }
    }

    fn len(&self) -> usize {
        self.tail - self.head
    }

    /// Room for `count` samples at the end, counted as filled.
    fn room(&mut self, count: usize) -> &mut [i16] {
        if self.tail + count > self.pcm.len() {
            self.move_to_front();
        }
        if self.tail + count > self.pcm.len() {
            // The first of packets that are longer than usual.
            self.pcm.resize(self.tail + count, 0);
        }
        self.tail += count;
        &mut self.pcm[self.tail - count..self.tail]
    }

    fn move_to_front(&mut self) {
        self.pcm.copy_within(self.head - self.period..self.tail, self.period);
        self.tail = self.tail - self.head + 2 * self.period;
        self.head = 2 * self.period;
    }

    /// Unfills the last `count` samples.
    fn take_back(&mut self, count: usize) {
        self.tail -= count.min(self.len());
    }

    fn take(&mut self, out: &mut [i16]) {
        out.copy_from_slice(&self.pcm[self.head..self.head + out.len()]);
        self.head += out.len();
    }

    /// Cuts a period off what comes next; the past moves up to it.
    fn accelerate(&mut self, stretch: &Stretch, most: usize, threshold: f32) -> Option<usize> {
        let ready = &mut self.pcm[self.head..self.tail];
        let cut = stretch.accelerate(ready, most, threshold)?;
        let past = self.head - self.period;
        self.pcm.copy_within(past..self.head, past + cut);
        self.head += cut;
        Some(cut)
    }

    /// Repeats a period; the past moves down before it.
    fn expand(&mut self, stretch: &Stretch, least: usize, threshold: f32) -> Option<usize> {
        if self.head < 2 * self.period {
            self.move_to_front();
        }
        let (start, period) = (self.head - 2 * self.period, self.period);
        // The older past is spent: it keeps the newer one while that is written over.
        self.pcm.copy_within(start + period..start + 2 * period, start);
        let added =
            stretch.expand(&mut self.pcm[start..self.tail], 2 * period, least, threshold)?;
        self.pcm.copy_within(start..start + period, start + period - added);
        self.head -= added;
        Some(added)
    }
}

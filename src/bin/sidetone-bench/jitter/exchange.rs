//! One call as two time lines of samples: what was said, and what came back.

use std::time::Instant;

use sidetone::base::plan::CodecKind;

use crate::probe::{
    Record,
    check::{Packet, open},
    content::{decoded, decoder},
};

/// One call. Times are seconds from a moment of the caller's choice.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Samples a second of both time lines.
    pub rate_hz: u32,
    /// What is said; after its end it begins anew.
    pub said: Vec<f32>,
    /// When each packet of 20 ms would arrive if the network took no time.
    pub sent_s: Vec<f64>,
    /// Whether the network delivered it.
    pub delivered: Vec<bool>,
    /// What came back, silence where nothing did.
    pub heard: Vec<f32>,
    /// Where on that time line packets begin, and when they came, in the order of the line.
    pub came: Vec<(usize, f64)>,
}

impl Exchange {
    /// Reads a call; `from` is second 0.
    pub fn of(record: &Record, codec: CodecKind, from: Instant) -> Self {
        let since = |time: Instant| match time.checked_duration_since(from) {
            Some(after) => after.as_secs_f64(),
            None => -(from - time).as_secs_f64(),
        };
        let mut exchange = Self {
            rate_hz: codec.sample_rate_hz(),
            said: record.content.pcm.clone(),
            sent_s: record.sent.iter().copied().map(since).collect(),
            delivered: record.delivered.iter().map(Option::is_some).collect(),
            ..Self::default()
        };
        let frame = exchange.frame();
        let mut decoder = decoder(codec);
        let packets = open(record, codec);
        let first = packets.first().map_or(0, |packet| packet.at);
        for Packet { arrival, at, payload } in packets {
            let at = (at - first) as usize;
            // A clock that jumps by a minute is no longer the one that it was.
            if at > exchange.heard.len() + exchange.rate_hz as usize * 60 {
                break;
            }
            let sound = decoded(decoder.as_mut(), &payload);
            exchange.heard.resize(exchange.heard.len().max(at + frame), 0.0);
            exchange.heard[at..at + frame].copy_from_slice(&sound);
            exchange.came.push((at, since(arrival)));
        }
        exchange
    }

    /// Samples in a packet.
    pub fn frame(&self) -> usize {
        self.rate_hz as usize / 50
    }

    /// Sample number `at` of all that was said.
    pub fn sample(&self, at: i64) -> f32 {
        match self.said.len() {
            0 => 0.0,
            length => self.said[at.rem_euclid(length as i64) as usize],
        }
    }

    /// When sample `at` of what was said went into the network, if it has by the end.
    pub fn said_at(&self, at: usize) -> Option<f64> {
        let within = (at % self.frame()) as f64 / f64::from(self.rate_hz);
        Some(self.sent_s.get(at / self.frame())? + within)
    }

    /// When sample `at` of what came back came.
    pub fn heard_at(&self, at: usize) -> Option<f64> {
        let after = self.came.partition_point(|(begins, _)| *begins <= at);
        let (begins, time) = self.came.get(after.checked_sub(1)?)?;
        let within = at - begins;
        (within < self.frame()).then(|| time + within as f64 / f64::from(self.rate_hz))
    }

    /// The first sample of what came back that came after `time`.
    pub fn heard_after(&self, time: f64) -> Option<usize> {
        // The order of arrival is nearly that of the line, and near is enough.
        let index = self.came.partition_point(|(_, came)| *came < time);
        self.came.get(index).map(|(begins, _)| *begins)
    }
}

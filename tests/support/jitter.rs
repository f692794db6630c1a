//! A jitter buffer, a network and a clock, all of them virtual.

#![allow(dead_code)]

use std::time::{Duration, Instant};

use sidetone::{
    base::rng::Rng,
    dsp::{
        codec::{CodecError, Decode},
        g711::{self, G711Decoder, Law},
    },
    media::jitter::{JitterBuffer, JitterConfig, JitterStats, Packet, PayloadDecoder, Rendered},
};

pub const RATE_HZ: u32 = 8_000;
pub const PULL: usize = 80;

/// PCMU under payload type 0 and, to change over to, 96; 97 is the same on a 48 kHz RTP clock.
pub struct Pcmu {
    inner: G711Decoder,
    /// Every packet carries a copy of the one before it.
    pub fec: bool,
}

impl Pcmu {
    pub fn new() -> Self {
        Self { inner: G711Decoder::new(Law::Mu), fec: false }
    }
}

impl PayloadDecoder for Pcmu {
    fn clock_rate_hz(&self, payload_type: u8) -> Option<u32> {
        match payload_type {
            0 | 96 => Some(8_000),
            97 => Some(48_000),
            _ => None,
        }
    }

    fn samples(&self, _: u8, payload: &[u8]) -> Result<usize, CodecError> {
        self.inner.samples(payload)
    }

    fn decode(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        self.inner.decode(payload, pcm)
    }

    fn decode_fec(&mut self, _: u8, _: &[u8], pcm: &mut [i16]) -> Result<bool, CodecError> {
        if self.fec {
            pcm.fill(1_000);
        }
        Ok(self.fec)
    }

    fn conceal(&mut self, pcm: &mut [i16]) {
        self.inner.conceal(pcm);
    }
}

/// A packet on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    pub arrival_us: i64,
    pub sequence: u64,
    pub timestamp: u64,
    pub payload_type: u8,
    /// Sample of the voice that it starts with.
    pub from: u64,
    pub samples: usize,
}

/// A voice-like sound: a buzz with moving pitch and level, so that stretching has work to do.
pub fn voice(n: u64) -> i16 {
    let t = n as f64 / f64::from(RATE_HZ);
    let phase = (140.0 * t + 8.0 * (t * 1.7).sin()) * std::f64::consts::TAU;
    let level = 0.55 + 0.45 * (t * 5.1).sin();
    ((phase.sin() + 0.5 * (2.0 * phase).sin()) * level * 5_000.0) as i16
}

/// A stream of equal packets; `delay_us` tells each one's delay, or loses it.
pub fn stream(
    count: u64,
    ptime_ms: u64,
    mut delay_us: impl FnMut(u64) -> Option<i64>,
) -> Vec<Sent> {
    let samples = ptime_ms * 8;
    let mut sent: Vec<Sent> = (0..count)
        .filter_map(|n| {
            Some(Sent {
                arrival_us: (n * ptime_ms * 1_000) as i64 + delay_us(n)?,
                sequence: 65_500 + n,
                timestamp: (1 << 32) - 1_000 + n * samples,
                payload_type: 0,
                from: n * samples,
                samples: samples as usize,
            })
        })
        .collect();
    sent.sort_by_key(|packet| packet.arrival_us);
    sent
}

/// Uniform jitter of 0 to `most_us`.
pub fn uniform(seed: u64, most_us: u32) -> impl FnMut(u64) -> Option<i64> {
    let mut rng = Rng::from_number(seed);
    move |_| Some(i64::from(rng.below(most_us.max(1))))
}

pub struct Sim {
    pub buffer: JitterBuffer,
    pub decoder: Pcmu,
    pub start: Instant,
    pub now_us: i64,
    sent: std::iter::Peekable<std::vec::IntoIter<Sent>>,
    pub heard: Vec<i16>,
    pub rendered: Vec<Rendered>,
}

impl Sim {
    /// Pulls start at `phase_us` after the first packet was sent.
    pub fn new(sent: Vec<Sent>, phase_us: i64) -> Self {
        Self {
            buffer: JitterBuffer::new(JitterConfig::new(RATE_HZ)),
            decoder: Pcmu::new(),
            start: Instant::now(),
            now_us: phase_us,
            sent: sent.into_iter().peekable(),
            heard: Vec::new(),
            rendered: Vec::new(),
        }
    }

    /// The same buffer and clock with further packets to come.
    pub fn continued(before: Sim, sent: Vec<Sent>) -> Self {
        Self { sent: sent.into_iter().peekable(), ..before }
    }

    pub fn deliver(&mut self) {
        while let Some(sent) = self.sent.next_if(|sent| sent.arrival_us <= self.now_us) {
            let payload: Vec<u8> =
                (0..sent.samples as u64).map(|i| g711::encode_mu(voice(sent.from + i))).collect();
            let packet = Packet {
                sequence: sent.sequence,
                timestamp: sent.timestamp,
                payload_type: sent.payload_type,
                payload: &payload,
            };
            let at = self.start + Duration::from_micros(sent.arrival_us.max(0) as u64);
            self.buffer.insert(at, packet, &self.decoder);
        }
    }

    /// One pull now, without moving time.
    pub fn pull(&mut self) -> Rendered {
        self.deliver();
        let mut out = [i16::MAX; PULL];
        let now = self.start + Duration::from_micros(self.now_us as u64);
        let rendered = self.buffer.pull(now, &mut self.decoder, &mut out);
        self.heard.extend_from_slice(&out);
        self.rendered.push(rendered);
        rendered
    }

    /// Pulls each 10 ms for `ms`.
    pub fn run_ms(&mut self, ms: i64) -> &mut Self {
        for _ in 0..ms / 10 {
            self.pull();
            self.now_us += 10_000;
        }
        self
    }

    pub fn stats(&self) -> JitterStats {
        self.buffer.stats()
    }

    /// Concealed so far, ms.
    pub fn concealed_ms(&self) -> u64 {
        self.stats().concealed_samples / 8
    }

    /// Cut or added so far, ms.
    pub fn stretched_ms(&self) -> u64 {
        (self.stats().accelerated_samples + self.stats().expanded_samples) / 8
    }

    pub fn delay_ms(&self) -> u32 {
        self.stats().playout_delay_ms
    }
}

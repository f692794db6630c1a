//! What the jitter buffer costs for 20 ms of a call: one packet in, two frames out, G.711 decoding
//! included. `cargo bench --bench jitter`
//!
//! Not shown: the socket, SRTP, RTP.

#[path = "measure/mod.rs"]
mod measure;

use std::time::{Duration, Instant};

use measure::{measure, voice};
use sidetone::{
    base::rng::Rng,
    dsp::{
        codec::{CodecError, Decode, Encode},
        g711::{G711Decoder, G711Encoder, Law},
    },
    media::jitter::{JitterBuffer, JitterConfig, Packet, PayloadDecoder},
};

struct Pcmu(G711Decoder);

impl PayloadDecoder for Pcmu {
    fn clock_rate_hz(&self, _: u8) -> Option<u32> {
        Some(8_000)
    }
    fn samples(&self, _: u8, payload: &[u8]) -> Result<usize, CodecError> {
        self.0.samples(payload)
    }
    fn decode(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        self.0.decode(payload, pcm)
    }
    fn decode_fec(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<bool, CodecError> {
        self.0.decode_fec(payload, pcm)
    }
    fn conceal(&mut self, pcm: &mut [i16]) {
        self.0.conceal(pcm);
    }
}

/// A call with uniform jitter and loss; a spike of 300 ms each 10 s if asked for.
fn call(name: &str, jitter_us: u32, loss_percent: u32, spikes: bool) {
    let mut buffer = JitterBuffer::new(JitterConfig::new(8_000));
    let mut decoder = Pcmu(G711Decoder::new(Law::Mu));
    let mut encoder = G711Encoder::new(Law::Mu);
    let mut payloads = vec![[0u8; 160]; 100];
    for (n, payload) in payloads.iter_mut().enumerate() {
        encoder.encode(&voice(8_000, n, 160), payload).unwrap();
    }
    let mut rng = Rng::from_number(1);
    let start = Instant::now();
    let at = |us: u64| start + Duration::from_micros(us);
    let mut out = [0i16; 80];
    let mut n = 0u64;
    let mut due = std::collections::BinaryHeap::new();
    measure(name, 50_000, || {
        let spike = if spikes && n % 500 < 15 { (15 - n % 500) * 20_000 } else { 0 };
        if rng.below(100) >= loss_percent {
            let arrival = n * 20_000 + u64::from(rng.below(jitter_us + 1)) + spike;
            due.push(std::cmp::Reverse((arrival, n)));
        }
        for half in [10_000, 20_000] {
            let now = n * 20_000 + half;
            while let Some(&std::cmp::Reverse((arrival, sent))) = due.peek()
                && arrival <= now
            {
                due.pop();
                let packet = Packet {
                    sequence: sent,
                    timestamp: sent * 160,
                    payload_type: 0,
                    payload: &payloads[sent as usize % 100],
                };
                buffer.insert(at(arrival), packet, &decoder);
            }
            buffer.pull(at(now), &mut decoder, &mut out);
        }
        n += 1;
    });
    let stats = buffer.stats();
    println!(
        "{:48} delay {} ms, concealed {:.2} %, cut {} ms, added {} ms in {} s",
        "",
        stats.playout_delay_ms,
        100.0 * stats.concealed_samples as f64 / stats.rendered_samples as f64,
        stats.accelerated_samples / 8,
        stats.expanded_samples / 8,
        n / 50
    );
}

/// Runs the bench.
pub fn main() {
    call("clean network", 500, 0, false);
    call("jitter 40 ms", 40_000, 0, false);
    call("jitter 40 ms, loss 5 %", 40_000, 5, false);
    call("spike of 300 ms each 10 s", 1_000, 0, true);
}

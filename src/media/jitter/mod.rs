//! The adaptive jitter buffer: packets in as they come, 10 ms of sound out whenever asked.
//!
//! Not here: RTP statistics (`proto::rtp`), DTMF (telephone-events are not inserted, only
//! [`JitterBuffer::skip`]ped), resampling (the decoder gives one rate, the stream's).
//!
//! ```text
//!  insert(packet)                                        pull(10 ms)
//!      |                                                     ^
//!      v                                                     |
//!   history ----> delay                                   render: decode, FEC, conceal, stretch
//!   (measure: offset of the packet,      target offset       ^
//!    histogram)      |       +---------------------------> decide
//!      v             |                                       ^
//!   buffer (hold) ---+---------------------------------------+
//! ```
//!
//! Playout delay is ruled by offsets, not by counting packets: a sample is heard at its media time
//! plus the target offset, so pauses, packet times of any length and drifting clocks need no case of
//! their own. A late packet is played late, and thereby raises the delay at once; stretching brings
//! it back down to the target. RFC 3550 §5.1 (timestamps), RFC 3551 §4.1 (pauses between
//! talkspurts).

mod buffer;
mod decide;
mod delay;
mod history;
mod render;

use std::time::{Duration, Instant};

pub use self::render::Rendered;
use self::{
    buffer::{Held, PacketBuffer},
    delay::{DelayEstimate, Rest},
    history::{Arrival, History, Unplaced},
    render::{PACKET_MAX_MS, Pull, Render},
};
use crate::dsp::codec::CodecError;

/// How a jitter buffer is built.
#[derive(Clone, Copy, Debug)]
pub struct JitterConfig {
    /// Rate of the PCM that the decoder gives and `pull` hands out, Hz.
    pub sample_rate_hz: u32,
    /// Delay above the fastest packet that is kept whatever the network does, ms.
    pub min_delay_ms: u32,
    /// The most delay above the fastest packet that is aimed at, ms.
    pub max_delay_ms: u32,
    /// Packets held at most.
    pub max_packets: usize,
}

impl JitterConfig {
    /// Adaptive over the whole range of use, for sound at `sample_rate_hz`.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self { sample_rate_hz, min_delay_ms: 0, max_delay_ms: 1_000, max_packets: 256 }
    }
}

/// A received packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Sequence number, unwrapped.
    pub sequence: u64,
    /// Timestamp, unwrapped, in units of the payload type's RTP clock.
    pub timestamp: u64,
    /// Payload type.
    pub payload_type: u8,
    /// Payload without padding.
    pub payload: &'a [u8],
}

/// The codecs of a stream, by payload type. All give PCM of one rate.
pub trait PayloadDecoder {
    /// RTP clock rate of a payload type, Hz; `None` when it is not one to be heard.
    fn clock_rate_hz(&self, payload_type: u8) -> Option<u32>;
    /// PCM samples that `decode` will give for the payload.
    fn samples(&self, payload_type: u8, payload: &[u8]) -> Result<usize, CodecError>;
    /// Decodes a payload into `pcm`, which holds exactly `samples` samples.
    fn decode(
        &mut self,
        payload_type: u8,
        payload: &[u8],
        pcm: &mut [i16],
    ) -> Result<usize, CodecError>;
    /// Decodes what the payload carries of the packet before it into exactly `pcm.len()` samples;
    /// `false` when it carries nothing.
    fn decode_fec(
        &mut self,
        payload_type: u8,
        payload: &[u8],
        pcm: &mut [i16],
    ) -> Result<bool, CodecError>;
    /// Fills `pcm` with what the codec heard last would say on.
    fn conceal(&mut self, pcm: &mut [i16]);
}

/// What a jitter buffer did. Counters run from its start; samples are of the PCM rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JitterStats {
    /// Packets given to `insert`.
    pub received_packets: u64,
    /// Of them: decoded.
    pub decoded_packets: u64,
    /// Of them: too late to be heard.
    pub late_packets: u64,
    /// Of them: there before.
    pub duplicate_packets: u64,
    /// Of them: far out of sequence.
    pub stray_packets: u64,
    /// Of them: not decodable.
    pub malformed_packets: u64,
    /// Of them: dropped, for want of room or because they were hopelessly behind.
    pub dropped_packets: u64,
    /// Lost packets that in-band FEC brought back.
    pub fec_packets: u64,
    /// Samples given out.
    pub rendered_samples: u64,
    /// Of them: concealed, for losses and for packets that came late.
    pub concealed_samples: u64,
    /// Of them: given out while the sender was silent (DTX).
    pub pause_samples: u64,
    /// Stretches of concealment.
    pub concealments: u64,
    /// Samples cut to lower the delay.
    pub accelerated_samples: u64,
    /// Samples added to raise the delay.
    pub expanded_samples: u64,
    /// Delay aimed at, above the fastest packet of the last ten seconds, ms.
    pub target_delay_ms: u32,
    /// Delay as it is, above the fastest packet of the last ten seconds, ms.
    pub playout_delay_ms: u32,
}

/// How much later than it must a pull comes, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slack {
    /// Against the delay aimed at. Less than nothing: sound must be stretched unless it comes later.
    pub to_target: i64,
    /// Against the highest delay aimed at lately: what would do no harm were it less.
    pub to_rest: i64,
    /// A packet that it needs is not there.
    pub missing: bool,
}

/// One stream's jitter buffer.
#[derive(Debug)]
pub struct JitterBuffer {
    config: JitterConfig,
    history: History,
    delay: DelayEstimate,
    rest: Rest,
    buffer: PacketBuffer,
    render: Render,
    stats: JitterStats,
    last_pull: i64,
    /// Samples in the packet that came last.
    packet: i64,
    /// How long the next pull would wait for a packet, in samples.
    grace: i64,
}

impl JitterBuffer {
    /// An empty buffer; all memory that packets of 20 ms need is taken here.
    pub fn new(config: JitterConfig) -> Self {
        let rate_hz = config.sample_rate_hz;
        Self {
            config,
            history: History::new(rate_hz),
            delay: DelayEstimate::new(rate_hz),
            rest: Rest::new(rate_hz),
            buffer: PacketBuffer::new(config.max_packets),
            render: Render::new(rate_hz, config.max_delay_ms),
            stats: JitterStats::default(),
            last_pull: 0,
            packet: 0,
            grace: 0,
        }
    }

    /// Rate of the PCM given out, Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        self.config.sample_rate_hz
    }

    /// Time in the packet that came last, ms; 0 before the first.
    pub fn packet_ms(&self) -> u32 {
        (self.packet * 1000 / i64::from(self.config.sample_rate_hz)) as u32
    }

    /// Takes a packet that arrived at `now`. `decoder` is only asked for lengths.
    pub fn insert(&mut self, now: Instant, packet: Packet<'_>, decoder: &dyn PayloadDecoder) {
        self.stats.received_packets += 1;
        let samples = decoder.samples(packet.payload_type, packet.payload);
        let (Ok(samples), Some(clock_rate_hz)) =
            (samples, decoder.clock_rate_hz(packet.payload_type))
        else {
            self.stats.malformed_packets += 1;
            return;
        };
        let samples = samples as i64;
        if samples == 0 || samples > PACKET_MAX_MS * i64::from(self.config.sample_rate_hz) / 1000 {
            self.stats.malformed_packets += 1;
            return;
        }
        self.packet = samples;
        let now = self.history.clock(now);
        let Packet { sequence, timestamp, payload_type, payload } = packet;
        let arrival = Arrival { sequence, timestamp, clock_rate_hz, samples };
        let placed = match self.history.place(now, &arrival) {
            Ok(placed) => placed,
            Err(Unplaced::Duplicate) => return self.stats.duplicate_packets += 1,
            Err(Unplaced::Stray) => return self.stats.stray_packets += 1,
        };
        if self.delay.update(placed.offset, samples) {
            self.history.forget_minimum(placed.offset);
            self.rest.forget();
        }
        if self.delay.has_started() {
            self.rest.forget();
        }
        if self.render.due().is_some_and(|due| placed.sequence < due) {
            self.stats.late_packets += 1;
            return;
        }
        let (sequence, media) = (placed.sequence, placed.media);
        let held = Held { sequence, media, samples, payload_type, payload: Vec::new() };
        if !self.buffer.insert(held, payload) {
            self.stats.dropped_packets += 1;
        }
    }

    /// Tells of a packet that shares the sequence numbers but is not to be heard here (a
    /// telephone-event), so that its number does not count as lost.
    pub fn skip(&mut self, sequence: u64) {
        if let Some(sequence) = self.history.skip(sequence) {
            let held =
                Held { sequence, media: 0, samples: 0, payload_type: 0, payload: Vec::new() };
            self.buffer.insert(held, &[]);
        }
    }

    /// The next packet starts anew in sequence number and timestamp: another SSRC took over. What
    /// is held is still played.
    pub fn restart(&mut self) {
        self.history.restart();
    }

    /// What a pull of `samples` at `now` has left; `None` while no sound of the far end is due. Should
    /// it lack a packet it will wait for that, `grace` at most, and so need not be later for packets that
    /// are late by no more.
    pub fn slack(&mut self, now: Instant, samples: usize, grace: Duration) -> Option<Slack> {
        let now = self.history.clock(now);
        self.grace = grace.as_micros() as i64 * i64::from(self.config.sample_rate_hz) / 1_000_000;
        let target = self.target();
        let rest = self.rest.update(now, target);
        let (usable, flows) = self.render.usable(now, samples as i64, &self.buffer)?;
        let nanos = |samples: i64| samples * 1_000_000_000 / i64::from(self.config.sample_rate_hz);
        // Sound begins at the delay that it rests at.
        let aim = if flows { target } else { rest };
        let missing = self.render.is_short(samples, &self.buffer);
        Some(Slack { to_target: nanos(usable - aim), to_rest: nanos(usable - rest), missing })
    }

    /// The pulls from now on come later by so many nanoseconds than those before let expect, or
    /// earlier.
    pub fn shift(&mut self, nanos: i64) {
        self.render.shift(nanos * i64::from(self.config.sample_rate_hz) / 1_000_000_000);
    }

    /// Fills `out`, a few frames of 10 ms at the buffer's rate, with what is to be heard from `now`
    /// on.
    pub fn pull(
        &mut self,
        now: Instant,
        decoder: &mut dyn PayloadDecoder,
        out: &mut [i16],
    ) -> Rendered {
        let now = self.history.clock(now);
        // What comes next is heard after this frame.
        self.last_pull = now + out.len() as i64;
        let (target, frame) = (self.target(), out.len() as i64);
        let rest = self.rest.update(now, target);
        // Who does not ask before pulling does not wait.
        let grace = std::mem::take(&mut self.grace);
        let (buffer, stats) = (&mut self.buffer, &mut self.stats);
        let pull = Pull { now, frame, target, rest, grace, buffer, decoder, stats };
        let rendered = self.render.pull(pull, out);
        self.stats.rendered_samples += out.len() as u64;
        rendered
    }

    /// Counters, and the delay at the last pull.
    pub fn stats(&self) -> JitterStats {
        let least = self.history.minimum_offset().unwrap_or(0);
        let ms = i64::from(self.config.sample_rate_hz) / 1000;
        let above = |offset: i64| ((offset - least).max(0) / ms) as u32;
        JitterStats {
            target_delay_ms: above(self.target()),
            playout_delay_ms: self.render.delay(self.last_pull).map_or(0, above),
            ..self.stats
        }
    }

    /// RTP timestamp of the next sample to be given out; `None` while nothing or concealment is
    /// heard.
    pub fn playout_timestamp(&self) -> Option<u64> {
        self.history.timestamp_of(self.render.position()?)
    }

    /// The playout offset to aim at, within the limits.
    fn target(&self) -> i64 {
        let ms = i64::from(self.config.sample_rate_hz) / 1000;
        let least = self.history.minimum_offset().unwrap_or(0);
        let low = least + i64::from(self.config.min_delay_ms) * ms;
        let high = least + i64::from(self.config.max_delay_ms) * ms;
        let target = self.delay.target() - self.grace;
        target.clamp(low, high.max(low)).max(self.delay.floor())
    }
}

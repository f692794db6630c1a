//! The sending half: samples gathered to a packet time, encoded, numbered; telephone-events between.

use std::time::{Duration, Instant};

use super::{StreamError, codecs, wire::Wire};
use crate::{
    base::{
        opus::encodable_ptime,
        plan::{CodecKind, CodecPlan, MediaPlan},
        rng::Rng,
        time::{Ptime, RtpSequence},
        units::{Level, Power},
    },
    dsp::codec::Encode,
    proto::rtp::{
        dtmf::sender::{DtmfSender, EventPacket},
        sender::Sender,
    },
};

/// What we send.
pub(super) struct Outbound {
    sender: Sender,
    codec: Option<Codec>,
    sends: bool,
    ptime: Ptime,
    /// Samples of the packet being gathered.
    pcm: Vec<i16>,
    payload: Vec<u8>,
    dtmf: DtmfSender,
    dtmf_payload_type: Option<u8>,
    dtmf_clock_rate_hz: u32,
    /// Audio goes on under events.
    dtmf_with_audio: bool,
    /// The next packet begins a talkspurt.
    marker: bool,
    power: Option<Power>,
    last_sent: Option<Instant>,
    worst_spacing: Option<Duration>,
    encode_failures: u64,
    loss_percent: u8,
    /// Packets and payload bytes under SSRCs given up.
    past: (u64, u64),
}

struct Codec {
    plan: CodecPlan,
    encoder: Box<dyn Encode>,
}

impl Outbound {
    pub fn new(dtmf_with_audio: bool, rng: &mut Rng) -> Self {
        Self {
            sender: Sender::new(CodecKind::Pcmu.clock_rate_hz(), rng),
            codec: None,
            sends: false,
            ptime: Ptime::DEFAULT,
            pcm: Vec::new(),
            payload: Vec::new(),
            dtmf: DtmfSender::new(CodecKind::Pcmu.clock_rate_hz()),
            dtmf_payload_type: None,
            dtmf_clock_rate_hz: CodecKind::Pcmu.clock_rate_hz(),
            dtmf_with_audio,
            marker: true,
            power: None,
            last_sent: None,
            worst_spacing: None,
            encode_failures: 0,
            loss_percent: 0,
            past: (0, 0),
        }
    }

    /// Takes a plan; an encoder whose parameters stay keeps its state.
    pub fn apply(&mut self, plan: &MediaPlan) -> Result<(), StreamError> {
        let kind = plan.send.kind;
        if self.codec.as_ref().is_none_or(|codec| !same_encoder(&codec.plan, &plan.send)) {
            let mut encoder = codecs::encoder(&plan.send).map_err(StreamError::Codec)?;
            encoder.set_packet_loss_percent(self.loss_percent);
            self.codec = Some(Codec { plan: plan.send, encoder });
            self.pcm.clear();
            self.marker = true;
        } else if let Some(codec) = &mut self.codec {
            codec.plan = plan.send;
        }
        self.ptime = if kind == CodecKind::Opus { encodable_ptime(plan.ptime) } else { plan.ptime };
        self.payload.resize(
            match kind {
                CodecKind::Opus => OPUS_PAYLOAD_BYTES,
                _ => self.ptime.samples(kind.sample_rate_hz()),
            },
            0,
        );
        self.sender.set_clock_rate(kind.clock_rate_hz());
        if plan.direction.sends() && !self.sends {
            self.marker = true;
        }
        self.sends = plan.direction.sends();
        self.dtmf_payload_type = plan.dtmf.and_then(|dtmf| dtmf.send_payload_type);
        match plan.dtmf {
            Some(dtmf) if self.dtmf_payload_type.is_some() => {
                self.dtmf_clock_rate_hz = dtmf.clock_rate_hz;
                self.dtmf.set_clock_rate(dtmf.clock_rate_hz);
            }
            _ => self.dtmf.clear(),
        }
        Ok(())
    }

    /// RTP clock rate of what is sent.
    pub fn clock_rate_hz(&self) -> u32 {
        self.codec.as_ref().map_or(8_000, |codec| codec.plan.kind.clock_rate_hz())
    }

    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    pub fn ptime(&self) -> Ptime {
        self.ptime
    }

    /// Rate of the PCM taken.
    pub fn rate_hz(&self) -> u32 {
        self.codec.as_ref().map_or(8_000, |codec| codec.plan.kind.sample_rate_hz())
    }

    pub fn change_ssrc(&mut self, rng: &mut Rng) -> u32 {
        self.marker = true;
        let (packets, bytes) = self.sent();
        self.past = (packets, bytes);
        self.sender.change_ssrc(rng)
    }

    /// Whether a packet with our SSRC and this number may be one of ours come back (a mirror, which
    /// is no collision).
    pub fn is_echo(&self, sequence: u16) -> bool {
        let behind = RtpSequence(self.sender.next_sequence()).ahead_of(RtpSequence(sequence));
        (1..=MIRRORED_PACKETS).contains(&behind)
    }

    /// Queues a digit.
    pub fn queue_dtmf(&mut self, digit: char, duration: Duration) -> Result<(), StreamError> {
        if self.dtmf_payload_type.is_none() {
            return Err(StreamError::NoDtmf);
        }
        self.dtmf.queue(digit, duration).map_err(StreamError::Dtmf)
    }

    pub fn is_dtmf_idle(&self) -> bool {
        self.dtmf.is_idle()
    }

    /// The far end loses this many of our packets in a hundred.
    pub fn set_loss_percent(&mut self, percent: u8) {
        self.loss_percent = percent;
        if let Some(codec) = &mut self.codec {
            codec.encoder.set_packet_loss_percent(percent);
        }
    }

    /// Packets and payload bytes sent.
    pub fn sent(&self) -> (u64, u64) {
        (self.past.0 + self.sender.packets(), self.past.1 + self.sender.payload_bytes())
    }

    pub fn level(&self) -> Option<Level> {
        self.power.map(Power::level)
    }

    pub fn worst_spacing(&self) -> Option<Duration> {
        self.worst_spacing
    }

    pub fn encode_failures(&self) -> u64 {
        self.encode_failures
    }

    /// Takes samples; packets leave as their packet time is full.
    pub fn push(&mut self, now: Instant, mut pcm: &[i16], wire: &mut Wire<'_>) {
        let packet = self.ptime.samples(self.rate_hz());
        if self.codec.is_none() {
            return;
        }
        self.power = Some(Power::of(pcm));
        while !pcm.is_empty() {
            // The packet time may have been shortened by a new plan.
            let room = packet.saturating_sub(self.pcm.len());
            let (taken, rest) = pcm.split_at(room.min(pcm.len()));
            self.pcm.extend_from_slice(taken);
            pcm = rest;
            while self.pcm.len() >= packet {
                self.packet(now, packet, wire);
                self.pcm.drain(..packet);
            }
        }
    }

    fn packet(&mut self, now: Instant, samples: usize, wire: &mut Wire<'_>) {
        let clock = self.sender.clock();
        let step = match self.dtmf_payload_type {
            Some(_) if self.sends && !self.dtmf.is_idle() => {
                self.dtmf.step(clock, self.dtmf_clock_rate_hz / 1000 * self.ptime.ms())
            }
            _ => Default::default(),
        };
        if self.sends && (!step.covers_audio || self.dtmf_with_audio) {
            self.audio(now, samples, wire);
        } else {
            // Audio that comes back after a gap begins a talkspurt (RFC 3551 §4.1).
            self.marker = true;
            self.last_sent = None;
        }
        for event in [step.again, step.packet].into_iter().flatten() {
            self.event(event, wire);
        }
        // The clock of G.722 is not its sample rate (RFC 3551 §4.5.2).
        self.sender.advance(now, self.clock_rate_hz() / 1000 * self.ptime.ms());
    }

    fn audio(&mut self, now: Instant, samples: usize, wire: &mut Wire<'_>) {
        let Some(codec) = &mut self.codec else {
            return;
        };
        match codec.encoder.encode(&self.pcm[..samples], &mut self.payload) {
            Ok(0) => {
                self.marker = true;
                self.last_sent = None;
            }
            Ok(bytes) => {
                let (payload_type, clock) = (codec.plan.payload_type, self.sender.clock());
                let marker = std::mem::take(&mut self.marker);
                let header = self.sender.header(payload_type, marker, clock, bytes);
                wire.send_rtp(header, &self.payload[..bytes]);
                self.measure_spacing(now);
            }
            Err(_) => self.encode_failures += 1,
        }
    }

    fn event(&mut self, event: EventPacket, wire: &mut Wire<'_>) {
        if let Some(payload_type) = self.dtmf_payload_type {
            let EventPacket { timestamp, marker, payload } = event;
            let header = self.sender.header(payload_type, marker, timestamp, payload.len());
            wire.send_rtp(header, &payload);
        }
    }

    fn measure_spacing(&mut self, now: Instant) {
        if let Some(last) = self.last_sent.replace(now) {
            let departure = now.duration_since(last).abs_diff(self.ptime.duration());
            self.worst_spacing =
                Some(self.worst_spacing.map_or(departure, |worst| worst.max(departure)));
        }
    }
}

fn same_encoder(a: &CodecPlan, b: &CodecPlan) -> bool {
    a.kind == b.kind && a.opus == b.opus
}

/// 20 s of packets: a mirror may be slow.
const MIRRORED_PACKETS: u16 = 1000;
/// The most that the encoder is let use for a packet (RFC 6716 §3.2.1).
const OPUS_PAYLOAD_BYTES: usize = 1275;

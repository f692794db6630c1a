//! The receiving half: which source is listened to, what it lost, and its jitter buffer.
//!
//! ```text
//!   packet ─┬─ of the source listened to ──> A.1 ──┬─ audio ──> jitter buffer
//!           │                                      └─ telephone-event ──> digits
//!           └─ of another ──> two in sequence, none of the old between ──> listened to
//! ```

use std::time::{Duration, Instant};

use super::codecs::Decoders;
use crate::{
    base::{
        plan::{CodecKind, DtmfPlan, MediaPlan},
        time::Unwrap,
        units::{Level, Power},
    },
    media::jitter::{self, JitterBuffer, JitterConfig, JitterStats, Rendered, Slack},
    proto::rtp::{
        dtmf::receiver::{Digit, DtmfReceiver},
        packet::Packet,
        receiver::{Arrival, MIN_SEQUENTIAL, Receiver, ReceiverTotals},
        rtcp::ReportBlock,
    },
};

/// What we receive.
pub(super) struct Inbound {
    decoders: Decoders,
    jitter: JitterBuffer,
    source: Option<Receiver>,
    /// Another source, on probation.
    stranger: Option<Receiver>,
    /// The source said BYE: the next one needs no probation.
    left: bool,
    /// Totals of sources before this one.
    past: ReceiverTotals,
    timestamps: Unwrap,
    dtmf_plan: Option<DtmfPlan>,
    dtmf: DtmfReceiver,
    receives: bool,
    last_packet: Option<Instant>,
    heard_at_report: u64,
    payload_bytes: u64,
    discarded: u64,
    power: Option<Power>,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Believed: the address that it came from is the far end's.
    Believed,
    /// Not believed, or not known.
    Dropped,
}

impl Inbound {
    pub fn new() -> Self {
        Self {
            decoders: Decoders::default(),
            jitter: JitterBuffer::new(JitterConfig::new(CodecKind::Pcmu.sample_rate_hz())),
            source: None,
            stranger: None,
            left: false,
            past: ReceiverTotals::default(),
            timestamps: Unwrap::new(),
            dtmf_plan: None,
            dtmf: DtmfReceiver::default(),
            receives: false,
            last_packet: None,
            heard_at_report: 0,
            payload_bytes: 0,
            discarded: 0,
            power: None,
        }
    }

    /// Takes a plan. The PCM rate is that of the codec we send: the far end chose it too, or will.
    pub fn apply(&mut self, plan: &MediaPlan) {
        let rate_hz = plan.send.kind.sample_rate_hz();
        self.decoders.apply(rate_hz, &plan.receive);
        if self.jitter.sample_rate_hz() != rate_hz {
            self.jitter = JitterBuffer::new(JitterConfig::new(rate_hz));
            self.timestamps = Unwrap::new();
        }
        self.dtmf_plan = plan.dtmf;
        self.receives = plan.direction.receives();
        if !self.receives {
            self.power = None;
        }
    }

    pub fn rate_hz(&self) -> u32 {
        self.jitter.sample_rate_hz()
    }

    /// Time in the packet that came last, ms; 0 before the first.
    pub fn packet_ms(&self) -> u32 {
        self.jitter.packet_ms()
    }

    /// Whether a source is being listened to.
    pub fn is_heard(&self) -> bool {
        self.source.as_ref().is_some_and(Receiver::is_valid)
    }

    pub fn last_packet(&self) -> Option<Instant> {
        self.last_packet
    }

    /// Takes a packet that was authenticated, or needs not be.
    pub fn handle_packet(&mut self, now: Instant, packet: &Packet<'_>) -> Verdict {
        let is_event =
            self.dtmf_plan.is_some_and(|dtmf| dtmf.receive_payload_type == packet.payload_type);
        let kind = self.decoders.kind(packet.payload_type);
        let known = is_event || kind.is_some() || packet.payload_type == COMFORT_NOISE;
        if !known {
            // Its number still counts, else it would be loss.
            if let Some(source) = self.source.as_mut().filter(|s| s.ssrc() == packet.ssrc)
                && let Arrival::Fresh { sequence, .. } = source.handle_sequence(packet.sequence)
            {
                self.jitter.skip(sequence);
            }
            self.discarded += 1;
            return Verdict::Dropped;
        }
        let Some(sequence) = self.place(now, packet) else {
            return Verdict::Dropped;
        };
        self.last_packet = Some(now);
        self.payload_bytes += packet.payload.len() as u64;
        if is_event {
            self.jitter.skip(sequence);
            if self.receives {
                let Packet { ssrc, timestamp, marker, payload, .. } = *packet;
                self.dtmf.handle_packet(now, ssrc, timestamp, marker, payload);
            }
        } else if let Some(kind) = kind {
            self.handle_audio(now, packet, sequence, kind);
        } else {
            self.jitter.skip(sequence);
        }
        Verdict::Believed
    }

    pub fn handle_sender_report(&mut self, now: Instant, ssrc: u32, ntp_middle: u32) {
        if let Some(source) = self.source.as_mut().filter(|source| source.ssrc() == ssrc) {
            source.handle_sender_report(now, ntp_middle);
        }
    }

    /// BYE for a source; whether it is ours. It ends nothing but the need for probation: a call is
    /// ended by SIP.
    pub fn handle_bye(&mut self, ssrc: u32) -> bool {
        let ours = self.source.as_ref().is_some_and(|source| source.ssrc() == ssrc);
        self.left |= ours;
        ours
    }

    /// Block on the source, when it was heard since the last report (§6.4.1).
    pub fn report_block(&mut self, now: Instant) -> Option<ReportBlock> {
        let source = self.source.as_mut().filter(|source| source.is_valid())?;
        let received = source.totals().received;
        if std::mem::replace(&mut self.heard_at_report, received) == received {
            return None;
        }
        Some(source.report_block(now))
    }

    /// What a pull of so many frames of 10 ms at `now` has left.
    pub fn slack(&mut self, now: Instant, frames: usize, grace: Duration) -> Option<Slack> {
        let samples = frames * self.rate_hz() as usize / 100;
        if self.receives { self.jitter.slack(now, samples, grace) } else { None }
    }

    /// The pulls from now on come later, or earlier.
    pub fn shift(&mut self, nanos: i64) {
        self.jitter.shift(nanos);
    }

    /// Fills `out` with whole frames of 10 ms; tells what they are.
    pub fn pull(&mut self, now: Instant, out: &mut [i16]) -> Rendered {
        if !self.receives || !out.len().is_multiple_of(self.rate_hz() as usize / 100) {
            out.fill(0);
            return Rendered::Silence;
        }
        let rendered = self.jitter.pull(now, &mut self.decoders, out);
        if self.last_packet.is_some() {
            self.power = Some(Power::of(out));
        }
        rendered
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.dtmf.handle_timeout(now);
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.dtmf.poll_timeout()
    }

    /// The next digit, with its duration.
    pub fn poll_digit(&mut self) -> Option<(char, Duration)> {
        let clock_rate_hz = self.dtmf_plan.map_or(8000, |dtmf| dtmf.clock_rate_hz).max(1);
        let Digit { digit, duration_samples } = self.dtmf.poll_digit()?;
        let nanos = u128::from(duration_samples) * 1_000_000_000 / u128::from(clock_rate_hz);
        Some((digit, Duration::from_nanos(nanos as u64)))
    }

    /// Loss of every source heard.
    pub fn totals(&self) -> ReceiverTotals {
        let now = self.source.as_ref().map(Receiver::totals).unwrap_or_default();
        ReceiverTotals {
            received: self.past.received + now.received,
            expected: self.past.expected + now.expected,
            duplicates: self.past.duplicates + now.duplicates,
        }
    }

    pub fn jitter(&self) -> Option<Duration> {
        self.source.as_ref().and_then(Receiver::jitter)
    }

    pub fn jitter_stats(&self) -> JitterStats {
        self.jitter.stats()
    }

    pub fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    pub fn discarded(&self) -> u64 {
        self.discarded
    }

    pub fn events_ignored(&self) -> u64 {
        self.dtmf.ignored()
    }

    pub fn level(&self) -> Option<Level> {
        self.power.map(Power::level)
    }

    /// Runs the packet's number through its source; the unwrapped number when it is believed and
    /// new.
    fn place(&mut self, now: Instant, packet: &Packet<'_>) -> Option<u64> {
        if self.source.as_ref().is_none_or(|source| source.ssrc() != packet.ssrc) {
            return self.handle_stranger(now, packet);
        }
        // A packet of the old source between makes the new one begin again.
        self.stranger = None;
        self.left = false;
        match self.source.as_mut()?.handle_sequence(packet.sequence) {
            Arrival::Fresh { sequence, .. } => Some(sequence),
            Arrival::Restarted { sequence } => {
                self.restart();
                Some(sequence)
            }
            Arrival::Duplicate | Arrival::Unconfirmed => None,
        }
    }

    fn handle_stranger(&mut self, now: Instant, packet: &Packet<'_>) -> Option<u64> {
        let silent = self.last_packet.is_none_or(|last| now.duration_since(last) >= SILENCE);
        let probation = if silent || self.left { 0 } else { MIN_SEQUENTIAL };
        let stranger = match &mut self.stranger {
            Some(stranger) if stranger.ssrc() == packet.ssrc && probation > 0 => stranger,
            other => other.insert(Receiver::new(packet.ssrc, probation)),
        };
        let Arrival::Fresh { sequence, .. } = stranger.handle_sequence(packet.sequence) else {
            return None;
        };
        self.past = self.totals();
        self.source = self.stranger.take();
        self.left = false;
        self.heard_at_report = 0;
        self.restart();
        Some(sequence)
    }

    fn restart(&mut self) {
        self.timestamps = Unwrap::new();
        self.jitter.restart();
    }

    fn handle_audio(&mut self, now: Instant, packet: &Packet<'_>, sequence: u64, kind: CodecKind) {
        if let Some(source) = &mut self.source {
            source.handle_timing(now, packet.timestamp, kind.clock_rate_hz());
        }
        let timestamp = self.timestamps.timestamp(packet.timestamp.0);
        let Packet { payload_type, payload, .. } = *packet;
        if self.receives && self.decoders.prepare(payload_type).is_ok() {
            let packet = jitter::Packet { sequence, timestamp, payload_type, payload };
            self.jitter.insert(now, packet, &self.decoders);
        }
    }
}

/// Comfort noise of G.711 (RFC 3389). Not played, but some gateways send it unasked in pauses, and
/// its numbers are no loss.
const COMFORT_NOISE: u8 = 13;
/// A source without a packet for this time gives way to another at once.
const SILENCE: Duration = Duration::from_millis(500);

//! One RTP stream, both ways: what a call's media is between its socket and the bridge. Pure: time,
//! datagrams and samples come in, datagrams, samples and events go out. Not here: sockets, ticks,
//! devices, offer/answer.
//!
//! ```text
//!   handle_datagram ─ demux ─ latch ─ SRTP ─┬─ receive: source, jitter buffer ──> pull (n x 10 ms)
//!                                           └─ control: reports of the far end
//!   push (10 ms) ── send: packet time, encode, DTMF ─┐
//!   handle_timeout ── control: SR, RR, SDES, BYE ────┴─ SRTP ─ outbox ──> poll_transmit
//! ```
//!
//! Contract: after every call that takes `now`, drain [`Stream::poll_transmit`] and
//! [`Stream::poll_event`]. `now` never goes back, but that a datagram may have arrived (one
//! of RTCP some tenths of a second), and a frame been due, before what was told last. A plan may come again at any time; SSRC, sequence
//! numbers, timestamps and SRTP state go on where the plan lets them.

mod codecs;
mod control;
mod outbox;
mod receive;
mod send;
mod snapshot;
mod wire;

use std::{
    collections::VecDeque,
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

pub use self::outbox::Transmit;
use self::{
    control::Control,
    outbox::Outbox,
    receive::{Inbound, Verdict},
    send::Outbound,
    wire::Wire,
};
use super::{
    demux::{Class, classify},
    jitter::{Rendered, Slack},
    keying::Keying,
    latch::Latch,
};
use crate::{
    base::{
        plan::{MediaPlan, SrtpSuite},
        rng::Rng,
        time::Ptime,
    },
    dsp::codec::CodecError,
    proto::{
        rtp::{dtmf::sender::DtmfError, packet::Packet, rtcp},
        srtp::SrtpError,
    },
};

/// Which socket of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// The RTP socket; RTCP too, when muxed.
    Rtp,
    /// The RTCP socket.
    Rtcp,
}

/// A moment on both clocks, for sender reports: the floors below the engine have no wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NtpAnchor {
    /// The moment.
    pub at: Instant,
    /// The same as NTP timestamp, 32.32 fixed point since 1900 (RFC 3550 §4). Any value will do for
    /// round trips; the true one lets far ends align streams.
    pub ntp: u64,
}

impl NtpAnchor {
    fn at(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.at);
        let units = (u128::from(since.as_nanos() as u64) << 32) / 1_000_000_000;
        self.ntp.wrapping_add(units as u64)
    }
}

/// What a stream is made with.
#[derive(Clone, Debug)]
pub struct StreamConfig {
    /// CNAME (RFC 7022: random, the same for all streams of a call).
    pub cname: String,
    /// Wall clock.
    pub ntp: NtpAnchor,
    /// Without RTP for this long while some is due, [`StreamEvent::Silence`] tells.
    pub rtp_timeout: Duration,
    /// Audio goes on while telephone-events are sent; else it rests (RFC 4733 §2.5.1.1 leaves both
    /// open).
    pub dtmf_with_audio: bool,
}

/// What a stream has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamEvent {
    /// The first RTP packet was believed.
    FirstPacket,
    /// A digit arrived: `0`-`9`, `*`, `#`, `A`-`D`, `!` for flash.
    Digit {
        /// The digit.
        digit: char,
        /// How long it was held.
        duration: Duration,
    },
    /// RTP stopped coming (`true`), or came again.
    Silence(bool),
    /// RTP goes to and comes from another address than the plan said.
    Latched(SocketAddr),
    /// The far end's source said BYE. Only SIP ends a call.
    Left,
}

/// Why a plan or a digit is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError {
    /// The plan receives nothing at all.
    NoCodec,
    /// An encoder could not be made.
    Codec(CodecError),
    /// A key does not fit its suite.
    Key(SrtpError),
    /// The far end takes no telephone-events.
    NoDtmf,
    /// The digit is not sent.
    Dtmf(DtmfError),
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamError::NoCodec => f.write_str("media plan has no codec to receive"),
            StreamError::Codec(error) => write!(f, "codec: {error}"),
            StreamError::Key(error) => write!(f, "SRTP: {error}"),
            StreamError::NoDtmf => f.write_str("far end takes no telephone-event"),
            StreamError::Dtmf(DtmfError::UnknownDigit(digit)) => {
                write!(f, "{digit:?} is no DTMF digit")
            }
            StreamError::Dtmf(DtmfError::QueueFull) => f.write_str("too many digits wait"),
        }
    }
}

impl std::error::Error for StreamError {}

/// One RTP stream, both ways.
pub struct Stream {
    rng: Rng,
    rtp_timeout: Duration,
    plan: Option<MediaPlan>,
    keying: Keying,
    latches: Option<Latches>,
    tx: Outbound,
    rx: Inbound,
    control: Control,
    outbox: Outbox,
    events: VecDeque<StreamEvent>,
    watch: Watch,
    closed: bool,
    discarded: u64,
    srtp_failures: u64,
    protect_failures: u64,
}

struct Latches {
    rtp: Latch,
    rtcp: Latch,
}

#[derive(Default)]
struct Watch {
    /// Since when RTP is due.
    since: Option<Instant>,
    silent: bool,
    heard: bool,
}

impl Stream {
    /// A stream without a plan: takes no packet, sends none.
    pub fn new(config: StreamConfig, mut rng: Rng) -> Self {
        Self {
            rtp_timeout: config.rtp_timeout,
            plan: None,
            keying: Keying::None,
            latches: None,
            tx: Outbound::new(config.dtmf_with_audio, &mut rng),
            rx: Inbound::new(),
            control: Control::new(config.cname, config.ntp),
            outbox: Outbox::default(),
            events: VecDeque::new(),
            watch: Watch::default(),
            closed: false,
            discarded: 0,
            srtp_failures: 0,
            protect_failures: 0,
            rng,
        }
    }

    /// Takes the first plan, or a later one. After an error the stream goes on as before, but for
    /// the keys when [`StreamError::Codec`] was the reason. Ask [`Stream::send_rate_hz`] and
    /// [`Stream::receive_rate_hz`] again after.
    pub fn apply(&mut self, now: Instant, plan: &MediaPlan) -> Result<(), StreamError> {
        if plan.receive.is_empty() {
            return Err(StreamError::NoCodec);
        }
        self.keying.apply(plan.srtp.as_ref()).map_err(StreamError::Key)?;
        self.tx.apply(plan)?;
        self.rx.apply(plan);
        let rtcp = if plan.rtcp_mux { plan.remote_rtp } else { plan.remote_rtcp };
        match &mut self.latches {
            Some(latches) => {
                latches.rtp.apply(plan.latch, plan.remote_rtp);
                latches.rtcp.apply(plan.latch, rtcp);
            }
            None => {
                let rtp = Latch::new(plan.latch, plan.remote_rtp);
                let rtcp = Latch::new(plan.latch, rtcp);
                self.latches = Some(Latches { rtp, rtcp });
            }
        }
        self.control.start(now, &mut self.rng);
        if !plan.direction.receives() {
            self.watch.since = None;
        } else if self.watch.since.is_none() {
            self.watch.since = Some(now);
        }
        self.plan = Some(plan.clone());
        Ok(())
    }

    /// Rate of the PCM that [`Stream::push`] takes, Hz.
    pub fn send_rate_hz(&self) -> u32 {
        self.tx.rate_hz()
    }

    /// Rate of the PCM that [`Stream::pull`] gives, Hz.
    pub fn receive_rate_hz(&self) -> u32 {
        self.rx.rate_hz()
    }

    /// Packet time that we send with; Opus has none of 30 and 50 ms.
    pub fn ptime(&self) -> Ptime {
        self.tx.ptime()
    }

    /// SRTP suite in force.
    pub fn suite(&self) -> Option<SrtpSuite> {
        self.keying.suite()
    }

    /// Our source.
    pub fn ssrc(&self) -> u32 {
        self.tx.sender().ssrc()
    }

    /// Where our RTP goes; `None` before the first plan.
    pub fn remote_rtp(&self) -> Option<SocketAddr> {
        self.latches.as_ref().map(|latches| latches.rtp.destination())
    }

    /// Takes a datagram; SRTP is opened in place. Garbage is counted.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        component: Component,
        source: SocketAddr,
        bytes: &mut [u8],
    ) {
        let mux = match &self.plan {
            Some(plan) if !self.closed => plan.rtcp_mux,
            _ => return self.discarded += 1,
        };
        match (classify(bytes), component) {
            (Class::Rtp, Component::Rtp) => self.handle_rtp(now, source, bytes),
            (Class::Rtcp, Component::Rtcp) => self.handle_rtcp(now, component, source, bytes),
            (Class::Rtcp, Component::Rtp) if mux => {
                self.handle_rtcp(now, component, source, bytes);
            }
            _ => self.discarded += 1,
        }
    }

    /// Time in the packet that came last, ms; 0 before the first. It need not be that of those we send.
    pub fn received_ms(&self) -> u32 {
        self.rx.packet_ms()
    }

    /// What a [`Stream::pull`] of so many frames of 10 ms at `now` has left; `None` while no sound of
    /// the far end is due.
    pub fn slack(&mut self, now: Instant, frames: usize, grace: Duration) -> Option<Slack> {
        self.rx.slack(now, frames, grace)
    }

    /// The pulls from now on come later by so many nanoseconds than those before let expect, or
    /// earlier.
    pub fn shift(&mut self, nanos: i64) {
        self.rx.shift(nanos);
    }

    /// Fills `out`, one frame of 10 ms or more at [`Stream::receive_rate_hz`], with what is to be
    /// heard from `now` on; tells what it is.
    pub fn pull(&mut self, now: Instant, out: &mut [i16]) -> Rendered {
        self.rx.pull(now, out)
    }

    /// Takes 10 ms at [`Stream::send_rate_hz`]; a packet leaves when its packet time is full. To be
    /// called on every tick, with silence when muted: the media clock counts these samples.
    pub fn push(&mut self, now: Instant, pcm: &[i16]) {
        let Some(destination) = self.remote_rtp().filter(|_| !self.closed) else {
            return;
        };
        let (keying, outbox) = (&mut self.keying, &mut self.outbox);
        let failures = &mut self.protect_failures;
        self.tx.push(now, pcm, &mut Wire { keying, outbox, destination, failures });
    }

    /// Queues a digit (`0`-`9`, `*`, `#`, `A`-`D`, `!` for flash; `,` for a pause of 2 s), held for
    /// `duration`, 40 ms to 60 s.
    pub fn send_dtmf(&mut self, digit: char, duration: Duration) -> Result<(), StreamError> {
        self.tx.queue_dtmf(digit, duration)
    }

    /// Whether every queued digit has left.
    pub fn is_dtmf_idle(&self) -> bool {
        self.tx.is_dtmf_idle()
    }

    /// Does what is due: reports, the watch, the end of digits.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.plan.is_none() || self.closed {
            return;
        }
        self.rx.handle_timeout(now);
        self.collect_digits();
        if self.control.is_due(now, &self.tx, &self.rx, &mut self.rng) {
            self.send_report(now, false);
        }
        if let Some(due) = self.watch_due()
            && now >= due
        {
            self.watch.silent = true;
            self.events.push_back(StreamEvent::Silence(true));
        }
    }

    /// When [`Stream::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.closed {
            return None;
        }
        [self.control.poll_timeout(), self.rx.poll_timeout(), self.watch_due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The next datagram to send, as it goes on the wire.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        self.outbox.poll()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<StreamEvent> {
        self.events.pop_front()
    }

    /// Ends the stream with an RTCP BYE; nothing is sent or taken after.
    pub fn close(&mut self, now: Instant) {
        if self.plan.is_some() && !self.closed {
            self.send_report(now, true);
        }
        self.closed = true;
    }

    fn handle_rtp(&mut self, now: Instant, source: SocketAddr, bytes: &mut [u8]) {
        let Some(latches) = self.latches.as_mut().filter(|l| l.rtp.admits(source)) else {
            return self.discarded += 1;
        };
        let Ok(length) = self.keying.unprotect_rtp(bytes) else {
            return self.srtp_failures += 1;
        };
        let Ok(packet) = Packet::parse(&bytes[..length]) else {
            return self.discarded += 1;
        };
        let collides = packet.ssrc == self.tx.sender().ssrc() && !self.tx.is_echo(packet.sequence);
        if self.rx.handle_packet(now, &packet) == Verdict::Dropped {
            return;
        }
        if latches.rtp.handle_believed(source) {
            self.events.push_back(StreamEvent::Latched(source));
        }
        if !std::mem::replace(&mut self.watch.heard, true) {
            self.events.push_back(StreamEvent::FirstPacket);
        }
        if std::mem::take(&mut self.watch.silent) {
            self.events.push_back(StreamEvent::Silence(false));
        }
        self.collect_digits();
        if collides {
            self.handle_collision(now);
        }
    }

    fn handle_rtcp(
        &mut self,
        now: Instant,
        component: Component,
        source: SocketAddr,
        bytes: &mut [u8],
    ) {
        let mux = component == Component::Rtp;
        if !self.latches.as_ref().is_some_and(|latches| latches.admits_rtcp(source, mux)) {
            return self.discarded += 1;
        }
        let size = bytes.len();
        let Ok(length) = self.keying.unprotect_rtcp(bytes) else {
            return self.srtp_failures += 1;
        };
        let Ok(packets) = rtcp::parse(&bytes[..length]) else {
            return self.discarded += 1;
        };
        if let Some(latches) = &mut self.latches {
            latches.rtp.handle_rtcp(source);
            if !mux {
                latches.rtcp.handle_believed(source);
            }
        }
        let own = self.tx.sender().ssrc();
        let heard = self.control.handle_packets(now, &packets, size, own, &mut self.rx);
        if let Some(percent) = heard.loss_percent {
            self.tx.set_loss_percent(percent);
        }
        if heard.bye {
            self.events.push_back(StreamEvent::Left);
        }
    }

    /// RFC 3550 §8.2: somebody else has our SSRC. Say BYE for it and take another.
    fn handle_collision(&mut self, now: Instant) {
        self.send_report(now, true);
        self.tx.change_ssrc(&mut self.rng);
        self.control.handle_new_ssrc();
    }

    fn send_report(&mut self, now: Instant, bye: bool) {
        let Some((component, destination)) = self.rtcp_destination() else {
            return;
        };
        let mut bytes = self.outbox.buffer();
        if !self.control.write(now, (&self.tx, &mut self.rx), bye, &mut bytes) {
            // Nothing that would be mended by asking again at once.
            self.control.handle_sent(now, 0, &self.tx, &mut self.rng);
            return self.outbox.discard(bytes);
        }
        let (keying, outbox) = (&mut self.keying, &mut self.outbox);
        let failures = &mut self.protect_failures;
        let size = Wire { keying, outbox, destination, failures }.send_rtcp(component, bytes);
        self.control.handle_sent(now, size, &self.tx, &mut self.rng);
    }

    fn rtcp_destination(&self) -> Option<(Component, SocketAddr)> {
        let (plan, latches) = (self.plan.as_ref()?, self.latches.as_ref()?);
        Some(if plan.rtcp_mux {
            (Component::Rtp, latches.rtp.destination())
        } else {
            (Component::Rtcp, latches.rtcp_destination())
        })
    }

    fn collect_digits(&mut self) {
        while let Some((digit, duration)) = self.rx.poll_digit() {
            self.events.push_back(StreamEvent::Digit { digit, duration });
        }
    }

    fn watch_due(&self) -> Option<Instant> {
        let since = self.watch.since.filter(|_| !self.watch.silent)?;
        let last = self.rx.last_packet().map_or(since, |last| last.max(since));
        Some(last + self.rtp_timeout)
    }
}

impl Latches {
    /// RTCP that is not muxed must come from the host that RTP comes from.
    fn admits_rtcp(&self, source: SocketAddr, mux: bool) -> bool {
        if mux {
            return self.rtp.admits(source);
        }
        let host = self.rtp.source().is_none_or(|rtp| rtp.ip() == source.ip());
        host && self.rtcp.admits(source)
    }

    /// Until RTCP came: the SDP's address, or next to where RTP really comes from.
    fn rtcp_destination(&self) -> SocketAddr {
        match (self.rtcp.source(), self.rtp.source()) {
            (None, Some(rtp)) if rtp != self.rtp.signalled() => {
                SocketAddr::new(rtp.ip(), rtp.port().saturating_add(1))
            }
            _ => self.rtcp.destination(),
        }
    }
}

//! The RTCP of one stream: when to report, what, and what the far end's reports say.

use std::time::{Duration, Instant};

use super::{NtpAnchor, receive::Inbound, send::Outbound};
use crate::{
    base::{rng::Rng, time::RtpTimestamp},
    proto::rtp::{
        receiver::units_of_65536,
        rtcp::{
            Compound, Packet, Report, ReportBlock, rr::ReceiverReport, schedule::Schedule,
            sr::SenderReport,
        },
    },
};

/// RTCP state.
#[derive(Debug)]
pub(super) struct Control {
    cname: String,
    ntp: NtpAnchor,
    schedule: Option<Schedule>,
    /// Packets sent when the last report and the one before it left.
    sent_at_reports: [u64; 2],
    /// Middle 32 bits of the NTP time of our last sender reports: a report block may echo one.
    sent_reports: [Option<u32>; 4],
    round_trip: Option<Duration>,
    remote_loss: Option<f32>,
    remote_jitter_units: Option<u32>,
    /// Loss smoothed for the encoder, percent.
    smoothed_loss: f32,
}

/// What a compound packet changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The source that we listen to said BYE.
    pub bye: bool,
    /// New loss figure for the encoder, percent.
    pub loss_percent: Option<u8>,
}

impl Control {
    pub fn new(cname: String, ntp: NtpAnchor) -> Self {
        Self {
            cname,
            ntp,
            schedule: None,
            sent_at_reports: [0; 2],
            sent_reports: [None; 4],
            round_trip: None,
            remote_loss: None,
            remote_jitter_units: None,
            smoothed_loss: 0.0,
        }
    }

    /// Starts the timer with the first plan.
    pub fn start(&mut self, now: Instant, rng: &mut Rng) {
        if self.schedule.is_none() {
            self.schedule = Some(Schedule::new(now, SESSION_BYTES_PER_S, rng));
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.schedule.as_ref().map(Schedule::next)
    }

    /// Whether a report is due now.
    pub fn is_due(&mut self, now: Instant, tx: &Outbound, rx: &Inbound, rng: &mut Rng) -> bool {
        let we_sent = self.we_sent(tx);
        let members = 1 + u32::from(rx.is_heard());
        let Some(schedule) = &mut self.schedule else {
            return false;
        };
        schedule.set_members(members, u32::from(we_sent) + u32::from(rx.is_heard()), we_sent);
        schedule.is_due(now, rng)
    }

    /// Writes the next compound packet; `false` when it cannot be.
    pub fn write(
        &mut self,
        now: Instant,
        (tx, rx): (&Outbound, &mut Inbound),
        bye: bool,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let ssrc = tx.sender().ssrc();
        let blocks: Vec<ReportBlock> = rx.report_block(now).into_iter().collect();
        let report = if self.we_sent(tx) {
            let ntp = self.ntp.at(now);
            self.sent_reports.rotate_right(1);
            self.sent_reports[0] = Some(middle(ntp));
            Report::Sender(SenderReport {
                ssrc,
                ntp,
                rtp_timestamp: tx.sender().clock_at(now).0,
                packets: tx.sender().packets() as u32,
                payload_bytes: tx.sender().payload_bytes() as u32,
                blocks,
            })
        } else {
            Report::Receiver(ReceiverReport { ssrc, blocks })
        };
        Compound { report, cname: &self.cname, bye }.write(buffer)
    }

    /// A report of `bytes` left.
    pub fn handle_sent(&mut self, now: Instant, bytes: usize, tx: &Outbound, rng: &mut Rng) {
        self.sent_at_reports = [tx.sender().packets(), self.sent_at_reports[0]];
        if let Some(schedule) = &mut self.schedule {
            schedule.handle_sent(now, bytes, rng);
        }
    }

    /// Our SSRC is a new one: counts start anew.
    pub fn handle_new_ssrc(&mut self) {
        self.sent_at_reports = [0; 2];
    }

    /// Takes a believed compound packet of `bytes`.
    pub fn handle_packets(
        &mut self,
        now: Instant,
        packets: &[Packet],
        bytes: usize,
        own_ssrc: u32,
        rx: &mut Inbound,
    ) -> Heard {
        let mut heard = Heard::default();
        if let Some(schedule) = &mut self.schedule {
            schedule.handle_size(bytes);
        }
        for packet in packets {
            match packet {
                Packet::SenderReport(report) => {
                    rx.handle_sender_report(now, report.ssrc, middle(report.ntp));
                    self.handle_blocks(now, &report.blocks, own_ssrc, &mut heard);
                }
                Packet::ReceiverReport(report) => {
                    self.handle_blocks(now, &report.blocks, own_ssrc, &mut heard);
                }
                Packet::Bye(bye) => {
                    heard.bye |= bye.sources.iter().any(|&ssrc| rx.handle_bye(ssrc));
                }
                Packet::Sdes(_) | Packet::Other => {}
            }
        }
        heard
    }

    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    pub fn remote_loss(&self) -> Option<f32> {
        self.remote_loss
    }

    /// Jitter that the far end sees, ms on a clock of `clock_rate_hz`.
    pub fn remote_jitter_ms(&self, clock_rate_hz: u32) -> Option<f32> {
        let units = self.remote_jitter_units?;
        Some(units as f32 * 1000.0 / clock_rate_hz.max(1) as f32)
    }

    fn handle_blocks(
        &mut self,
        now: Instant,
        blocks: &[ReportBlock],
        own_ssrc: u32,
        heard: &mut Heard,
    ) {
        let Some(block) = blocks.iter().find(|block| block.ssrc == own_ssrc) else {
            return;
        };
        let loss = f32::from(block.fraction_lost) / 256.0;
        self.remote_loss = Some(loss);
        self.remote_jitter_units = Some(block.jitter);
        // Up at once, down by a quarter a report: FEC should be there before the next burst.
        self.smoothed_loss = (loss * 100.0).max(self.smoothed_loss * 0.75);
        heard.loss_percent = Some(self.smoothed_loss.round() as u8);
        if self.sent_reports.contains(&Some(block.last_sr)) {
            self.handle_echo(now, block);
        }
    }

    /// §6.4.1: A - LSR - DLSR.
    fn handle_echo(&mut self, now: Instant, block: &ReportBlock) {
        let away = RtpTimestamp(middle(self.ntp.at(now))).since(RtpTimestamp(block.last_sr));
        let held = i64::from(block.delay_since_last_sr);
        let units = i64::from(away) - held;
        // A far end with a coarse clock may claim to have held it longer than it was away.
        let limit = i64::from(units_of_65536(MAX_ROUND_TRIP));
        if (-COARSE_UNITS..=limit).contains(&units) {
            let nanos = units.max(0) as u64 * 1_000_000_000 / 65_536;
            self.round_trip = Some(Duration::from_nanos(nanos));
        }
    }

    /// Whether RTP left since the report before the last (§6.4).
    fn we_sent(&self, tx: &Outbound) -> bool {
        tx.sender().packets() > self.sent_at_reports[1]
    }
}

/// Middle 32 bits of an NTP timestamp.
fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// 64 kbit/s, of which 5 % are far more than two members need.
const SESSION_BYTES_PER_S: u32 = 8_000;
const MAX_ROUND_TRIP: Duration = Duration::from_secs(30);
/// 100 ms.
const COARSE_UNITS: i64 = 6_554;

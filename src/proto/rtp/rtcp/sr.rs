//! Sender report (RFC 3550 §6.4.1), and the report block that it shares with the receiver report.

use rtcp_types as wire;

use super::ReportBlock;

/// SR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// Who reports.
    pub ssrc: u32,
    /// Wall clock of the sender, 32.32 fixed point.
    pub ntp: u64,
    /// The same moment on the media clock.
    pub rtp_timestamp: u32,
    /// Packets sent, modulo 2^32.
    pub packets: u32,
    /// Payload bytes sent, modulo 2^32.
    pub payload_bytes: u32,
    /// What it received of others.
    pub blocks: Vec<ReportBlock>,
}

impl SenderReport {
    pub(super) fn from_wire(report: &wire::SenderReport<'_>) -> Self {
        Self {
            ssrc: report.ssrc(),
            ntp: report.ntp_timestamp(),
            rtp_timestamp: report.rtp_timestamp(),
            packets: report.packet_count(),
            payload_bytes: report.octet_count(),
            blocks: report.report_blocks().map(|block| ReportBlock::from_wire(&block)).collect(),
        }
    }

    pub(super) fn to_wire(&self) -> wire::SenderReportBuilder {
        let report = wire::SenderReport::builder(self.ssrc)
            .ntp_timestamp(self.ntp)
            .rtp_timestamp(self.rtp_timestamp)
            .packet_count(self.packets)
            .octet_count(self.payload_bytes);
        self.blocks.iter().fold(report, |report, block| report.add_report_block(block.to_wire()))
    }
}

impl ReportBlock {
    pub(super) fn from_wire(block: &wire::ReportBlock<'_>) -> Self {
        // 24 bits with a sign (§6.4.1).
        let cumulative_lost = ((block.cumulative_lost() << 8) as i32) >> 8;
        Self {
            ssrc: block.ssrc(),
            fraction_lost: block.fraction_lost(),
            cumulative_lost,
            extended_sequence: block.extended_sequence_number(),
            jitter: block.interarrival_jitter(),
            last_sr: block.last_sender_report_timestamp(),
            delay_since_last_sr: block.delay_since_last_sender_report_timestamp(),
        }
    }

    pub(super) fn to_wire(self) -> wire::ReportBlockBuilder {
        wire::ReportBlock::builder(self.ssrc)
            .fraction_lost(self.fraction_lost)
            .cumulative_lost(self.cumulative_lost as u32 & 0xff_ffff)
            .extended_sequence_number(self.extended_sequence)
            .interarrival_jitter(self.jitter)
            .last_sender_report_timestamp(self.last_sr)
            .delay_since_last_sender_report_timestamp(self.delay_since_last_sr)
    }
}

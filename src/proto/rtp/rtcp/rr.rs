//! Receiver report (RFC 3550 §6.4.2).

use rtcp_types as wire;

use super::ReportBlock;

/// RR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverReport {
    /// Who reports.
    pub ssrc: u32,
    /// What it received.
    pub blocks: Vec<ReportBlock>,
}

impl ReceiverReport {
    pub(super) fn from_wire(report: &wire::ReceiverReport<'_>) -> Self {
        Self {
            ssrc: report.ssrc(),
            blocks: report.report_blocks().map(|block| ReportBlock::from_wire(&block)).collect(),
        }
    }

    pub(super) fn to_wire(&self) -> wire::ReceiverReportBuilder {
        let report = wire::ReceiverReport::builder(self.ssrc);
        self.blocks.iter().fold(report, |report, block| report.add_report_block(block.to_wire()))
    }
}

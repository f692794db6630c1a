//! Opus in the settings of accounts and of dials.

use super::{
    engine::within,
    guard::{Outcome, invalid},
};
use crate::base::opus::{BITRATE_MAX_BPS, BITRATE_MIN_BPS, OpusBandwidth, OpusSettings};

/// Complexity of Opus: libopus's 0, the least CPU time. 1 to 10 stand for themselves.
pub const SIDETONE_OPUS_COMPLEXITY_LEAST: u32 = 255;

/// Bandwidth of Opus: 4 kHz.
pub const SIDETONE_OPUS_BANDWIDTH_NARROW: u32 = 1;
/// Bandwidth of Opus: 6 kHz.
pub const SIDETONE_OPUS_BANDWIDTH_MEDIUM: u32 = 2;
/// Bandwidth of Opus: 8 kHz.
pub const SIDETONE_OPUS_BANDWIDTH_WIDE: u32 = 3;
/// Bandwidth of Opus: 12 kHz.
pub const SIDETONE_OPUS_BANDWIDTH_SUPERWIDE: u32 = 4;
/// Bandwidth of Opus: 20 kHz; the default.
pub const SIDETONE_OPUS_BANDWIDTH_FULL: u32 = 5;

/// FEC or DTX of Opus: used.
pub const SIDETONE_OPUS_ON: u32 = 1;
/// FEC or DTX of Opus: not used.
pub const SIDETONE_OPUS_OFF: u32 = 2;

/// The fields as they stand in both structs; 0 stands for what is not said.
pub(super) struct Fields {
    pub complexity: u32,
    pub bitrate_bps: u32,
    pub bandwidth: u32,
    pub fec: u32,
    pub dtx: u32,
}

impl Fields {
    pub fn read(self) -> Outcome<OpusSettings> {
        Ok(OpusSettings {
            complexity: match self.complexity {
                0 => None,
                SIDETONE_OPUS_COMPLEXITY_LEAST => Some(0),
                number => Some(within(number, 1, 10, "opus_complexity")? as u8),
            },
            bitrate_bps: match self.bitrate_bps {
                0 => None,
                rate => Some(within(rate, BITRATE_MIN_BPS, BITRATE_MAX_BPS, "opus_bitrate_bps")?),
            },
            bandwidth: match self.bandwidth {
                0 => None,
                SIDETONE_OPUS_BANDWIDTH_NARROW => Some(OpusBandwidth::Narrow),
                SIDETONE_OPUS_BANDWIDTH_MEDIUM => Some(OpusBandwidth::Medium),
                SIDETONE_OPUS_BANDWIDTH_WIDE => Some(OpusBandwidth::Wide),
                SIDETONE_OPUS_BANDWIDTH_SUPERWIDE => Some(OpusBandwidth::Superwide),
                SIDETONE_OPUS_BANDWIDTH_FULL => Some(OpusBandwidth::Full),
                number => {
                    let text = format!("opus_bandwidth {number} is not SIDETONE_OPUS_BANDWIDTH_*");
                    return Err(invalid(text));
                }
            },
            fec: switch(self.fec, "opus_fec")?,
            dtx: switch(self.dtx, "opus_dtx")?,
        })
    }
}

fn switch(number: u32, name: &str) -> Outcome<Option<bool>> {
    match number {
        0 => Ok(None),
        SIDETONE_OPUS_ON => Ok(Some(true)),
        SIDETONE_OPUS_OFF => Ok(Some(false)),
        _ => Err(invalid(format!("{name} {number} is not SIDETONE_OPUS_ON or _OFF"))),
    }
}

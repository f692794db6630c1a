//! What a host asks of Opus, and what that makes of a call together with the far end's wishes.

use super::{plan::OpusParams, time::Ptime};

/// Audio bandwidth of Opus (RFC 6716 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpusBandwidth {
    /// 4 kHz.
    Narrow,
    /// 6 kHz.
    Medium,
    /// 8 kHz.
    Wide,
    /// 12 kHz.
    Superwide,
    /// 20 kHz.
    Full,
}

impl OpusBandwidth {
    /// As `maxplaybackrate` (RFC 7587 §6.1): sample rate in Hz.
    pub fn playback_rate_hz(self) -> u32 {
        match self {
            OpusBandwidth::Narrow => 8_000,
            OpusBandwidth::Medium => 12_000,
            OpusBandwidth::Wide => 16_000,
            OpusBandwidth::Superwide => 24_000,
            OpusBandwidth::Full => 48_000,
        }
    }

    /// The widest that a far end with this `maxplaybackrate` makes use of.
    pub fn of_playback_rate(rate_hz: u32) -> Self {
        match rate_hz {
            0..=8_000 => OpusBandwidth::Narrow,
            8_001..=12_000 => OpusBandwidth::Medium,
            12_001..=16_000 => OpusBandwidth::Wide,
            16_001..=24_000 => OpusBandwidth::Superwide,
            _ => OpusBandwidth::Full,
        }
    }
}

/// Settings of Opus, of an account or of a call. What is `None` is the account's, or the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpusSettings {
    /// libopus's complexity, 0 to [`COMPLEXITY_MAX`]: CPU time against quality. Default
    /// [`COMPLEXITY_DEFAULT`].
    pub complexity: Option<u8>,
    /// Bit rate, [`BITRATE_MIN_BPS`] to [`BITRATE_MAX_BPS`]: ours on average, and the most that the
    /// far end is asked to send. Default: 32 kbit/s, or what the far end allows up to 64 kbit/s, and
    /// the far end as it likes.
    pub bitrate_bps: Option<u32>,
    /// The widest band, of what we send and of what the far end is asked for. Default full.
    pub bandwidth: Option<OpusBandwidth>,
    /// In-band forward error correction: asked for, and sent where the far end takes it. Default on.
    pub fec: Option<bool>,
    /// Discontinuous transmission. `true`: we send so, and ask the far end to; `false`: neither.
    /// Default: we send so where the far end asks.
    pub dtx: Option<bool>,
}

/// The most of libopus's complexity.
pub const COMPLEXITY_MAX: u8 = 10;
/// Where speech quality flattens out against CPU time.
pub const COMPLEXITY_DEFAULT: u8 = 5;
/// The least bit rate (RFC 7587 §6.1).
pub const BITRATE_MIN_BPS: u32 = 6_000;
/// The most (RFC 7587 §6.1).
pub const BITRATE_MAX_BPS: u32 = 510_000;

/// The packet time to encode with when `wanted` was agreed: Opus has frames of 10, 20, 40 and 60 ms
/// of the packet times here (RFC 6716 §2.1.4), so 30 becomes 20 and 50 becomes 40 (a ptime is only a
/// wish, RFC 4566 §6).
pub fn encodable_ptime(wanted: Ptime) -> Ptime {
    match wanted.ms() {
        30 => Ptime::floor_ms(20),
        50 => Ptime::floor_ms(40),
        _ => wanted,
    }
}

impl OpusSettings {
    /// These, and where they say nothing, those.
    pub fn or(self, those: Self) -> Self {
        Self {
            complexity: self.complexity.or(those.complexity),
            bitrate_bps: self.bitrate_bps.or(those.bitrate_bps),
            bandwidth: self.bandwidth.or(those.bandwidth),
            fec: self.fec.or(those.fec),
            dtx: self.dtx.or(those.dtx),
        }
    }

    /// How we want to be sent to: what our `a=fmtp` says.
    pub fn wanted(self) -> OpusParams {
        OpusParams {
            inband_fec: self.fec.unwrap_or(true),
            dtx: self.dtx.unwrap_or(false),
            max_average_bitrate_bps: self.bitrate_bps,
            max_playback_rate_hz: self.bandwidth.unwrap_or(OpusBandwidth::Full).playback_rate_hz(),
            ..OpusParams::default()
        }
    }

    /// How we send to a far end whose `a=fmtp` is `theirs`.
    pub fn sending(self, theirs: OpusParams) -> OpusParams {
        OpusParams {
            inband_fec: theirs.inband_fec && self.fec.unwrap_or(true),
            dtx: self.dtx.unwrap_or(theirs.dtx),
            max_playback_rate_hz: theirs
                .max_playback_rate_hz
                .min(self.wanted().max_playback_rate_hz),
            bitrate_bps: self.bitrate_bps,
            complexity: self.complexity.unwrap_or(COMPLEXITY_DEFAULT),
            ..theirs
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_time_that_opus_has_no_frame_for_goes_down_to_the_next() {
        let of = |ms| encodable_ptime(Ptime::floor_ms(ms)).ms();
        assert_eq!([10, 20, 30, 40, 50, 60].map(of), [10, 20, 20, 40, 40, 60]);
    }

    #[test]
    fn a_call_s_settings_go_before_its_account_s() {
        let account = OpusSettings {
            complexity: Some(0),
            bitrate_bps: Some(16_000),
            fec: Some(false),
            ..OpusSettings::default()
        };
        let call = OpusSettings { complexity: Some(9), dtx: Some(true), ..OpusSettings::default() };
        let both = call.or(account);
        assert_eq!((both.complexity, both.bitrate_bps), (Some(9), Some(16_000)));
        assert_eq!((both.fec, both.dtx, both.bandwidth), (Some(false), Some(true), None));
    }

    #[test]
    fn each_end_keeps_to_the_narrower_wish_of_the_two() {
        let wide = OpusSettings { bandwidth: Some(OpusBandwidth::Wide), ..OpusSettings::default() };
        let theirs = |rate_hz, dtx| OpusParams {
            max_playback_rate_hz: rate_hz,
            dtx,
            ..OpusParams::default()
        };
        assert_eq!(wide.wanted().max_playback_rate_hz, 16_000);
        assert_eq!(wide.sending(theirs(48_000, false)).max_playback_rate_hz, 16_000);
        assert_eq!(wide.sending(theirs(8_000, false)).max_playback_rate_hz, 8_000);
        assert!(wide.sending(theirs(8_000, true)).dtx);
        let never = OpusSettings { dtx: Some(false), fec: Some(false), ..wide };
        let sent = never.sending(theirs(48_000, true));
        assert!(!sent.dtx && !sent.inband_fec && !never.wanted().inband_fec);
    }
}

//! Snapshots that a host samples: what a call is, how its media does.

use std::time::Duration;

use super::event::{CallState, RegistrationState};
use crate::base::{
    ids::AccountId,
    plan::{CodecKind, Direction, LatchPolicy, SrtpSuite},
};

/// An account as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountInfo {
    /// Address of record.
    pub aor: String,
    /// Registration.
    pub state: RegistrationState,
    /// Last status code, 0 for none.
    pub code: u16,
    /// Lifetime granted.
    pub expires: Duration,
    /// Local SIP address used towards the registrar, `ip:port`, empty before the first request.
    pub local_address: String,
}

/// A call as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallInfo {
    /// State.
    pub state: CallState,
    /// Whether we placed it.
    pub outgoing: bool,
    /// Account.
    pub account: Option<AccountId>,
    /// SIP Call-ID.
    pub sip_call_id: String,
    /// URI of the far end.
    pub remote_uri: String,
    /// Its display name.
    pub remote_display_name: String,
    /// Our URI in the call.
    pub local_uri: String,
    /// Last SIP status code.
    pub code: u16,
    /// Codec that we send; `None` before media runs.
    pub codec: Option<CodecKind>,
    /// Packet time that we send with, ms; 0 before media runs.
    pub ptime_ms: u32,
    /// Who sends.
    pub direction: Direction,
    /// SRTP suite; `None`: not encrypted.
    pub srtp: Option<SrtpSuite>,
    /// Symmetric RTP in force.
    pub latch: LatchPolicy,
    /// Whether we are muted.
    pub muted: bool,
    /// Where our RTP goes, `ip:port`; empty before media runs.
    pub remote_rtp: String,
    /// Where we listen.
    pub local_rtp: String,
    /// Since the answer; zero before.
    pub connected_for: Duration,
    /// From the dial (or the INVITE) to the answer.
    pub setup_time: Duration,
}

/// How a call's media does. `Option` is `None` until the value was measured at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallStats {
    /// RTP packets sent.
    pub packets_sent: u64,
    /// RTP payload bytes sent.
    pub bytes_sent: u64,
    /// RTP packets received and believed.
    pub packets_received: u64,
    /// RTP payload bytes received.
    pub bytes_received: u64,
    /// Packets that never came (RFC 3550 A.3); `None` before the first packet.
    pub packets_lost: Option<u64>,
    /// Packets that came too late to be played.
    pub packets_late: u64,
    /// Packets that came twice.
    pub packets_duplicate: u64,
    /// Datagrams dropped as malformed, of a stranger, or unknown payload type.
    pub packets_discarded: u64,
    /// Datagrams that failed SRTP authentication or replay protection.
    pub srtp_failures: u64,
    /// Interarrival jitter (RFC 3550 A.8).
    pub jitter_ms: Option<f32>,
    /// Round-trip time from RTCP (RFC 3550 §6.4.1).
    pub round_trip_ms: Option<f32>,
    /// Loss that the far end reports of our packets, 0 to 1.
    pub remote_loss: Option<f32>,
    /// Jitter that the far end reports.
    pub remote_jitter_ms: Option<f32>,
    /// What the jitter buffer aims at.
    pub target_delay_ms: Option<f32>,
    /// What it holds now.
    pub playout_delay_ms: Option<f32>,
    /// Share of played audio that was concealment, 0 to 1.
    pub concealed: Option<f32>,
    /// Milliseconds of audio played.
    pub played_ms: u64,
    /// Milliseconds of it that were concealment.
    pub concealed_ms: u64,
    /// Milliseconds cut out by shortening.
    pub accelerated_ms: u64,
    /// Milliseconds put in by stretching.
    pub stretched_ms: u64,
    /// Level received, dBFS.
    pub level_received_db: Option<f32>,
    /// Level sent, dBFS.
    pub level_sent_db: Option<f32>,
    /// R factor of the E-model (ITU-T G.107), 0 to 100.
    pub r_factor: Option<f32>,
    /// MOS from it (G.107 Annex B), 1 to 4.5.
    pub mos: Option<f32>,
    /// Departure of sent packets from their grid, worst seen.
    pub send_deviation_max_ms: Option<f32>,
}

/// Counters of the whole engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Calls that are live.
    pub calls: u32,
    /// Media ticks that began more than half a tick late.
    pub late_ticks: u64,
    /// Media ticks in all.
    pub ticks: u64,
    /// SIP datagrams and stream messages received.
    pub sip_received: u64,
    /// Those dropped as malformed or unmatched.
    pub sip_dropped: u64,
    /// Events dropped because the host did not pull.
    pub events_lost: u64,
    /// Log lines dropped.
    pub log_lost: u64,
    /// Frames the sound card asked for while the ring was empty.
    pub device_underruns: u64,
}

/// A sound card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Stable id to select it by.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Whether it can capture.
    pub captures: bool,
    /// Whether it can play.
    pub plays: bool,
    /// The system's default microphone.
    pub default_capture: bool,
    /// The system's default loudspeaker.
    pub default_playback: bool,
}

/// Levels at the sound card, dBFS; `None` when none is open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DeviceLevels {
    /// Microphone.
    pub microphone_db: Option<f32>,
    /// Loudspeaker.
    pub loudspeaker_db: Option<f32>,
}

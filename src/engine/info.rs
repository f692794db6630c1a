//! Snapshots that a host samples: what a call is, how its media does.

use std::time::Duration;

use super::event::{CallState, RegistrationState};
use crate::base::{
    ids::AccountId,
    plan::{CodecKind, Direction, LatchPolicy, SrtpSuite},
};

pub use crate::{
    call::Reach,
    device::{health::Spread, priority::Priority},
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
    /// Whether the account is reached through its registrar.
    pub reach: Reach,
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
    /// Whether we hold the far end.
    pub local_hold: bool,
    /// Whether the far end holds us.
    pub remote_hold: bool,
    /// Where our RTP goes, `ip:port`; empty before media runs.
    pub remote_rtp: String,
    /// Where we listen.
    pub local_rtp: String,
    /// Since the answer; zero before.
    pub connected_for: Duration,
    /// From the dial (or the INVITE) to the answer.
    pub setup_time: Duration,
}

/// How a call's media does; counters run since the call began.
pub use crate::media::stats::StreamStats as CallStats;

/// Counters of the whole engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Calls that are live.
    pub calls: u32,
    /// Of `ticks`: those that began more than 5 ms late, with a sound card 2.5 ms.
    pub late_ticks: u64,
    /// Rounds in which media workers made audio: every 5 ms while a sound card is open, every 10 ms with
    /// files, else for each call, or calls that hear each other, every 20 ms (10 where our packet time is no
    /// multiple of 20).
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
    /// SIP messages dropped unread because their source sent too many ([`super::limits`]).
    pub sip_over_rate: u64,
    /// Requests, calls and connections refused because there are as many as may be.
    pub sip_over_limit: u64,
    /// Requests over UDP that failed at once, since the far end's system said that nobody listens
    /// there (Linux; ICMP).
    pub sip_unreachable: u64,
    /// Frames of the microphone that were missing when they were due, or thrown away because too
    /// many waited.
    pub microphone_lost: u64,
}

/// How the threads do that have to keep time, since the engine was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineHealth {
    /// Callbacks of the loudspeaker's sound card.
    pub playback_callbacks: u64,
    /// Callbacks of the microphone's.
    pub capture_callbacks: u64,
    /// How long they took.
    pub callback: Spread,
    /// Those that took longer than the audio they were for.
    pub deadline_misses: u64,
    /// What the callbacks' threads got.
    pub callback_priority: Priority,
    /// How late the rounds of media workers began; their number is [`EngineStats::ticks`].
    pub round_late: Spread,
    /// Of those: the late ones, as [`EngineStats::late_ticks`].
    pub late_rounds: u64,
    /// Media workers.
    pub workers: u32,
    /// What their threads got, the worst of them.
    pub worker_priority: Priority,
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

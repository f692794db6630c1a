//! Measurements.

use super::{
    call::call_id,
    engine::sidetone_engine,
    guard::{enter, guard},
    sized::{self, Sized32},
};
use crate::engine::CallStats;

/// Measured: `packets_lost`.
pub const SIDETONE_VALID_PACKETS_LOST: u32 = 1;
/// Measured: `jitter_ms`.
pub const SIDETONE_VALID_JITTER: u32 = 2;
/// Measured: `round_trip_ms`.
pub const SIDETONE_VALID_ROUND_TRIP: u32 = 4;
/// Measured: `remote_loss`.
pub const SIDETONE_VALID_REMOTE_LOSS: u32 = 8;
/// Measured: `remote_jitter_ms`.
pub const SIDETONE_VALID_REMOTE_JITTER: u32 = 16;
/// Measured: `target_delay_ms`.
pub const SIDETONE_VALID_TARGET_DELAY: u32 = 32;
/// Measured: `playout_delay_ms`.
pub const SIDETONE_VALID_PLAYOUT_DELAY: u32 = 64;
/// Measured: `concealed`.
pub const SIDETONE_VALID_CONCEALED: u32 = 128;
/// Measured: `level_received_db`.
pub const SIDETONE_VALID_LEVEL_RECEIVED: u32 = 256;
/// Measured: `level_sent_db`.
pub const SIDETONE_VALID_LEVEL_SENT: u32 = 512;
/// Measured: `r_factor`.
pub const SIDETONE_VALID_R_FACTOR: u32 = 1024;
/// Measured: `mos`.
pub const SIDETONE_VALID_MOS: u32 = 2048;
/// Measured: `send_deviation_max_ms`.
pub const SIDETONE_VALID_SEND_DEVIATION: u32 = 4096;

/// How a call's media does. Counters count from the call's begin. A value that has a bit in `valid`
/// is 0 and means nothing while the bit is not set: it was not measured yet.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_call_stats {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// Sum of SIDETONE_VALID_*.
    pub valid: u32,
    /// RTP packets sent.
    pub packets_sent: u64,
    /// RTP payload sent, bytes.
    pub bytes_sent: u64,
    /// RTP packets received and believed.
    pub packets_received: u64,
    /// RTP payload received, bytes.
    pub bytes_received: u64,
    /// Packets that never came (RFC 3550 A.3).
    pub packets_lost: u64,
    /// Packets that came too late to be played.
    pub packets_late: u64,
    /// Packets that came twice.
    pub packets_duplicate: u64,
    /// Datagrams dropped: malformed, of a stranger, or of an unknown payload type.
    pub packets_discarded: u64,
    /// Datagrams that failed SRTP authentication or replay protection.
    pub srtp_failures: u64,
    /// Audio played, ms.
    pub played_ms: u64,
    /// Of it concealment, ms.
    pub concealed_ms: u64,
    /// Audio cut out by shortening, ms.
    pub accelerated_ms: u64,
    /// Audio put in by stretching, ms.
    pub stretched_ms: u64,
    /// Interarrival jitter (RFC 3550 A.8).
    pub jitter_ms: f32,
    /// Round-trip time from RTCP (RFC 3550 §6.4.1).
    pub round_trip_ms: f32,
    /// Loss that the far end reports of our packets, 0 to 1.
    pub remote_loss: f32,
    /// Jitter that the far end reports.
    pub remote_jitter_ms: f32,
    /// Delay that the jitter buffer aims at.
    pub target_delay_ms: f32,
    /// Delay that it has now.
    pub playout_delay_ms: f32,
    /// Share of played audio that was concealment, 0 to 1.
    pub concealed: f32,
    /// Level received, dB relative to full scale; -96 is silence.
    pub level_received_db: f32,
    /// Level sent, dB relative to full scale; -96 is silence.
    pub level_sent_db: f32,
    /// R factor of the E-model (ITU-T G.107), 0 to 100.
    pub r_factor: f32,
    /// MOS from it (G.107 Annex B), 1 to 4.5.
    pub mos: f32,
    /// Departure of sent packets from their grid, worst seen.
    pub send_deviation_max_ms: f32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_call_stats {
    const NAME: &'static str = "sidetone_call_stats";
    const FIRST_SIZE: u32 = 160;
}

/// Counters of a whole engine, from its creation.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_engine_stats {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// Calls that are live.
    pub calls: u32,
    /// Rounds in which media workers made audio: every 5 ms while a sound card is open, every 10 ms with
    /// files, else for each call, or calls that hear each other, every 20 ms (10 where our packet time is no
    /// multiple of 20).
    pub ticks: u64,
    /// Of them: those that began more than 5 ms late, with a sound card 2.5 ms.
    pub late_ticks: u64,
    /// SIP datagrams and stream messages received.
    pub sip_received: u64,
    /// Of those, dropped as malformed or unmatched.
    pub sip_dropped: u64,
    /// Events dropped because the host did not pull.
    pub events_lost: u64,
    /// Log lines dropped.
    pub log_lost: u64,
    /// Frames that the sound card asked for in vain.
    pub device_underruns: u64,
    /// SIP messages dropped unread because their source sent too many: more than 20 a second
    /// for each of max_calls, or 1000 if that is more.
    pub sip_over_rate: u64,
    /// Requests, calls and connections refused because there are as many as may be.
    pub sip_over_limit: u64,
    /// Requests over UDP that failed at once, since the far end's system said that nobody listens
    /// there (Linux; ICMP).
    pub sip_unreachable: u64,
    /// Frames of the sound card's microphone that were missing when they were due (silence went in
    /// their place), or were thrown away because too many waited.
    pub microphone_lost: u64,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_engine_stats {
    const NAME: &'static str = "sidetone_engine_stats";
    const FIRST_SIZE: u32 = 64;
}

/// How a call's media does now. Reading often is cheap.
///
/// `stats`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_stats stats;
/// stats.size = sizeof stats;
/// if (sidetone_call_stats_read(engine, call, &stats) == SIDETONE_OK &&
///     (stats.valid & SIDETONE_VALID_MOS))
///   printf("MOS %.1f\n", stats.mos);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_stats_read(
    engine: *mut sidetone_engine,
    call: u64,
    stats: *mut sidetone_call_stats,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        sized::check_out(stats)?;
        let found = engine.engine.call_stats(id)?;
        sized::write(stats, &call_stats(&found))
    })
}

/// Counters of the engine now.
///
/// `stats`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine_stats stats;
/// stats.size = sizeof stats;
/// if (sidetone_engine_stats_read(engine, &stats) == SIDETONE_OK)
///   printf("%u calls\n", (unsigned)stats.calls);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_stats_read(
    engine: *mut sidetone_engine,
    stats: *mut sidetone_engine_stats,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        sized::check_out(stats)?;
        let found = engine.engine.stats();
        sized::write(
            stats,
            &sidetone_engine_stats {
                size: 0,
                calls: found.calls,
                ticks: found.ticks,
                late_ticks: found.late_ticks,
                sip_received: found.sip_received,
                sip_dropped: found.sip_dropped,
                events_lost: found.events_lost,
                log_lost: found.log_lost,
                device_underruns: found.device_underruns,
                sip_over_rate: found.sip_over_rate,
                sip_over_limit: found.sip_over_limit,
                sip_unreachable: found.sip_unreachable,
                microphone_lost: found.microphone_lost,
            },
        )
    })
}

fn call_stats(found: &CallStats) -> sidetone_call_stats {
    let mut valid = 0;
    let mut take = |value: Option<f32>, bit: u32| {
        if value.is_some() {
            valid |= bit;
        }
        value.unwrap_or_default()
    };
    let jitter_ms = take(found.jitter_ms, SIDETONE_VALID_JITTER);
    let round_trip_ms = take(found.round_trip_ms, SIDETONE_VALID_ROUND_TRIP);
    let remote_loss = take(found.remote_loss, SIDETONE_VALID_REMOTE_LOSS);
    let remote_jitter_ms = take(found.remote_jitter_ms, SIDETONE_VALID_REMOTE_JITTER);
    let target_delay_ms = take(found.target_delay_ms, SIDETONE_VALID_TARGET_DELAY);
    let playout_delay_ms = take(found.playout_delay_ms, SIDETONE_VALID_PLAYOUT_DELAY);
    let concealed = take(found.concealed, SIDETONE_VALID_CONCEALED);
    let level_received_db = take(found.level_received_db, SIDETONE_VALID_LEVEL_RECEIVED);
    let level_sent_db = take(found.level_sent_db, SIDETONE_VALID_LEVEL_SENT);
    let r_factor = take(found.r_factor, SIDETONE_VALID_R_FACTOR);
    let mos = take(found.mos, SIDETONE_VALID_MOS);
    let send_deviation_max_ms = take(found.send_deviation_max_ms, SIDETONE_VALID_SEND_DEVIATION);
    if found.packets_lost.is_some() {
        valid |= SIDETONE_VALID_PACKETS_LOST;
    }
    sidetone_call_stats {
        size: 0,
        valid,
        packets_sent: found.packets_sent,
        bytes_sent: found.bytes_sent,
        packets_received: found.packets_received,
        bytes_received: found.bytes_received,
        packets_lost: found.packets_lost.unwrap_or_default(),
        packets_late: found.packets_late,
        packets_duplicate: found.packets_duplicate,
        packets_discarded: found.packets_discarded,
        srtp_failures: found.srtp_failures,
        played_ms: found.played_ms,
        concealed_ms: found.concealed_ms,
        accelerated_ms: found.accelerated_ms,
        stretched_ms: found.stretched_ms,
        jitter_ms,
        round_trip_ms,
        remote_loss,
        remote_jitter_ms,
        target_delay_ms,
        playout_delay_ms,
        concealed,
        level_received_db,
        level_sent_db,
        r_factor,
        mos,
        send_deviation_max_ms,
    }
}

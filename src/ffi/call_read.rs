//! How a call stands: numbers, texts, headers, and which calls there are. Measurements: `stats`.

use std::ffi::c_char;

use super::{
    call::call_id,
    codes,
    engine::{ms, sidetone_engine},
    guard::{Out, enter, guard, invalid},
    hold,
    sized::{self, Sized32},
    strings,
};
use crate::base::ids::{AccountId, CallId};

/// Text of a call: SIP Call-ID.
pub const SIDETONE_CALL_TEXT_SIP_CALL_ID: u32 = 1;
/// Text of a call: URI of the far end.
pub const SIDETONE_CALL_TEXT_REMOTE_URI: u32 = 2;
/// Text of a call: display name of the far end; may be empty.
pub const SIDETONE_CALL_TEXT_REMOTE_NAME: u32 = 3;
/// Text of a call: our URI in it.
pub const SIDETONE_CALL_TEXT_LOCAL_URI: u32 = 4;
/// Text of a call: where our RTP goes, "ip:port"; empty before media runs.
pub const SIDETONE_CALL_TEXT_REMOTE_RTP: u32 = 5;
/// Text of a call: where we listen for RTP, "ip:port".
pub const SIDETONE_CALL_TEXT_LOCAL_RTP: u32 = 6;

/// A call as it stands.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_call_info {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// SIDETONE_CALL_*.
    pub state: u32,
    /// The account; SIDETONE_ID_NONE for none.
    pub account: u64,
    /// 1: we placed it; 0: it came in.
    pub outgoing: u32,
    /// Last SIP status code; 0: none yet.
    pub sip_code: u32,
    /// SIDETONE_CODEC_* that we send; 0 before media runs.
    pub codec: u32,
    /// Packet time that we send with, ms; 0 before media runs.
    pub ptime_ms: u32,
    /// SIDETONE_DIRECTION_*.
    pub direction: u32,
    /// SIDETONE_SUITE_*; 0: not encrypted.
    pub srtp_suite: u32,
    /// SIDETONE_LATCH_* in force.
    pub latch: u32,
    /// 1: muted.
    pub muted: u32,
    /// Time since the answer, ms; 0 before.
    pub connected_ms: u64,
    /// From the dial (or the INVITE) to the answer, ms; 0 before.
    pub setup_ms: u64,
    /// SIDETONE_HOLD_* bits in force.
    pub hold: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_call_info {
    const NAME: &'static str = "sidetone_call_info";
    const FIRST_SIZE: u32 = 64;
}

/// How a call stands now. A call that ended answers until its last event was pulled.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_info info;
/// info.size = sizeof info;
/// if (sidetone_call_info_read(engine, call, &info) == SIDETONE_OK && info.srtp_suite != 0)
///   puts("this call is encrypted");
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_info_read(
    engine: *mut sidetone_engine,
    call: u64,
    info: *mut sidetone_call_info,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        sized::check_out(info)?;
        let found = engine.engine.call_info(id)?;
        sized::write(
            info,
            &sidetone_call_info {
                size: 0,
                state: found.state as u32,
                account: found.account.map_or(codes::SIDETONE_ID_NONE, AccountId::raw),
                outgoing: found.outgoing.into(),
                sip_code: found.code.into(),
                codec: codes::codec_number(found.codec),
                ptime_ms: found.ptime_ms,
                direction: codes::direction_number(found.direction),
                srtp_suite: codes::suite_number(found.srtp),
                latch: codes::latch_number(found.latch),
                muted: found.muted.into(),
                connected_ms: ms(found.connected_for).into(),
                setup_ms: ms(found.setup_time).into(),
                hold: hold::bits(found.local_hold, found.remote_hold),
                reserved: 0,
            },
        )
    })
}

/// A text of a call.
///
/// `which`: SIDETONE_CALL_TEXT_*. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`which`),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char uri[256];
/// sidetone_call_text_read(engine, call, SIDETONE_CALL_TEXT_REMOTE_URI, uri, sizeof uri, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_text_read(
    engine: *mut sidetone_engine,
    call: u64,
    which: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let found = engine.engine.call_info(call_id(call)?)?;
        let text = match which {
            SIDETONE_CALL_TEXT_SIP_CALL_ID => &found.sip_call_id,
            SIDETONE_CALL_TEXT_REMOTE_URI => &found.remote_uri,
            SIDETONE_CALL_TEXT_REMOTE_NAME => &found.remote_display_name,
            SIDETONE_CALL_TEXT_LOCAL_URI => &found.local_uri,
            SIDETONE_CALL_TEXT_REMOTE_RTP => &found.remote_rtp,
            SIDETONE_CALL_TEXT_LOCAL_RTP => &found.local_rtp,
            _ => return Err(invalid(format!("text {which} of a call is not known"))),
        };
        strings::copy_out(text, buffer, capacity, needed)
    })
}

/// The value of a header of the far end's latest INVITE or final response; the first of that name.
///
/// `name`, `length` (bytes, -1: ends with a NUL): without colon; case does not matter. `buffer`,
/// `capacity` (bytes), `needed`: see "Text"; `needed` gets 0 when there is no such header.
/// Returns SIDETONE_OK, also when there is none; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_INVALID_ARGUMENT (`length`), SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char value[128];
/// uint32_t needed = 0;
/// if (sidetone_call_header_read(engine, call, "X-Campaign", -1, value, sizeof value, &needed) ==
///         SIDETONE_OK && needed > 0)
///   puts(value);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_header_read(
    engine: *mut sidetone_engine,
    call: u64,
    name: *const c_char,
    length: i32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let name = strings::required(name, length, "name")?;
        match engine.engine.call_header(id, name)? {
            Some(value) => strings::copy_out(&value, buffer, capacity, needed),
            None => {
                strings::copy_out("", buffer, capacity, needed)?;
                Out::optional(needed).put(0);
                Ok(())
            }
        }
    })
}

/// The ids of the live calls.
///
/// `calls`: gets at most `capacity` ids; may be NULL with `capacity` 0. `count`: gets how many there
/// are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL (as many as fit were stored),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t count = 0;
/// sidetone_call_list(engine, NULL, 0, &count);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_list(
    engine: *mut sidetone_engine,
    calls: *mut u64,
    capacity: u32,
    count: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let ids = engine.engine.calls();
        strings::copy_ids(ids.into_iter().map(CallId::raw), calls, capacity, count)
    })
}

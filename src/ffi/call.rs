//! Calls: their life, and what is heard in them. How they stand: `call_read`; files: `files`.

use std::{ffi::c_char, time::Duration};

use super::{
    account::account_id,
    codes::{self, LIST},
    engine::{sidetone_engine, within},
    guard::{Out, Outcome, command, enter, guard, guard_command, id_error, invalid},
    hold, opus,
    sized::{self, Sized32},
    strings::{self, sidetone_headers},
};
use crate::{base::ids::CallId, engine::DialOptions};

/// Options of one outgoing call. Fill it with sidetone_dial_options_init(), which leaves everything
/// to the account (or, without one, to the defaults of an account).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_dial_options {
    /// sizeof of this struct.
    pub size: u32,
    /// SIDETONE_SRTP_*; 0: the account's.
    pub srtp: u32,
    /// Packet time, ms: 10, 20, 30, 40, 50 or 60; 0: the account's.
    pub ptime_ms: u32,
    /// Give up when no final answer came within this time, 1 to 3600000 ms; 0: 180000.
    pub no_answer_ms: u32,
    /// SIDETONE_CODEC_* in order of preference, ended by 0; empty: the account's.
    pub codecs: [u32; 16],
    /// Headers of the INVITE.
    pub headers: sidetone_headers,
    /// 1: the called is not to know who calls; 2: it is; 0: as the account's services say.
    pub anonymous: u32,
    /// The call ends when it has been connected for so long, seconds; 0: as the account's services
    /// say.
    pub max_duration_s: u32,
    /// SIDETONE_EARLY_MEDIA_*; 0: the account's.
    pub early_media: u32,
    /// SIDETONE_PRACK_*; 0: the account's.
    pub prack: u32,
    /// SIDETONE_OFFER_*; 0: the account's.
    pub offer: u32,
    /// 0.
    pub reserved: u32,
    /// As in sidetone_account_config; 0: the account's.
    pub opus_complexity: u32,
    /// As in sidetone_account_config; 0: the account's.
    pub opus_bitrate_bps: u32,
    /// As in sidetone_account_config; 0: the account's.
    pub opus_bandwidth: u32,
    /// As in sidetone_account_config; 0: the account's.
    pub opus_fec: u32,
    /// As in sidetone_account_config; 0: the account's.
    pub opus_dtx: u32,
    /// 0.
    pub reserved_2: u32,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_dial_options {
    const NAME: &'static str = "sidetone_dial_options";
    const FIRST_SIZE: u32 = 96;
}

impl sidetone_dial_options {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            srtp: 0,
            ptime_ms: 0,
            no_answer_ms: 0,
            codecs: [0; LIST],
            headers: sidetone_headers::EMPTY,
            anonymous: 0,
            max_duration_s: 0,
            early_media: 0,
            prack: 0,
            offer: 0,
            reserved: 0,
            opus_complexity: 0,
            opus_bitrate_bps: 0,
            opus_bandwidth: 0,
            opus_fec: 0,
            opus_dtx: 0,
            reserved_2: 0,
        }
    }

    fn read(pointer: *const Self) -> Outcome<DialOptions> {
        if pointer.is_null() {
            return Ok(DialOptions::default());
        }
        let options = sized::read(pointer, Self::defaults())?;
        let no_answer_ms = within(options.no_answer_ms, 0, 3_600_000, "no_answer_ms")?;
        Ok(DialOptions {
            headers: options.headers.read()?,
            codecs: codes::codecs(&options.codecs)?,
            opus: opus::Fields {
                complexity: options.opus_complexity,
                bitrate_bps: options.opus_bitrate_bps,
                bandwidth: options.opus_bandwidth,
                fec: options.opus_fec,
                dtx: options.opus_dtx,
            }
            .read()?,
            srtp: codes::srtp(options.srtp)?,
            ptime: codes::ptime(options.ptime_ms)?,
            no_answer: (no_answer_ms != 0).then(|| Duration::from_millis(no_answer_ms.into())),
            anonymous: match within(options.anonymous, 0, 2, "anonymous")? {
                0 => None,
                number => Some(number == 1),
            },
            max_duration: (options.max_duration_s != 0)
                .then(|| Duration::from_secs(options.max_duration_s.into())),
            early_media: hold::early_media(options.early_media)?,
            prack: hold::prack(options.prack)?,
            delayed_offer: hold::offer(options.offer)?,
        })
    }
}

/// Options of an answer. Fill it with sidetone_answer_options_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_answer_options {
    /// sizeof of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Headers of the 200.
    pub headers: sidetone_headers,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_answer_options {
    const NAME: &'static str = "sidetone_answer_options";
    const FIRST_SIZE: u32 = 24;
}

impl sidetone_answer_options {
    fn defaults() -> Self {
        Self { size: size_of::<Self>() as u32, reserved: 0, headers: sidetone_headers::EMPTY }
    }

    fn read(pointer: *const Self) -> Outcome<Vec<(String, String)>> {
        if pointer.is_null() {
            return Ok(Vec::new());
        }
        let options = sized::read(pointer, Self::defaults())?;
        options.headers.read()
    }
}

pub(super) fn call_id(raw: u64) -> Outcome<CallId> {
    CallId::from_raw(raw).map_err(|error| id_error(error, "a call", raw))
}

/// A gain of the ABI: -96 (silence) to 24 dB.
fn gain(db: f32, name: &str) -> Outcome<f32> {
    if (-96.0..=24.0).contains(&db) {
        Ok(db)
    } else {
        Err(invalid(format!("{name} {db}: give -96 (silence) to 24 dB")))
    }
}

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_dial_options options;
/// sidetone_header campaign;
/// sidetone_dial_options_init(&options, sizeof options);
/// sidetone_header_set(&campaign, "X-Campaign", "spring");
/// options.headers.data = &campaign;
/// options.headers.count = 1;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_dial_options_init(
    options: *mut sidetone_dial_options,
    size: u32,
) -> i32 {
    guard(|| sized::init(options, size, &sidetone_dial_options::defaults()))
}

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_answer_options options;
/// sidetone_answer_options_init(&options, sizeof options);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_answer_options_init(
    options: *mut sidetone_answer_options,
    size: u32,
) -> i32 {
    guard(|| sized::init(options, size, &sidetone_answer_options::defaults()))
}

/// Places a call. It is under way when this function is back; what becomes of it is told by
/// SIDETONE_EVENT_CALL, which may come before that.
///
/// `account`: who calls, or SIDETONE_ID_NONE for a call straight to an address. `uri`, `length`
/// (bytes, -1: ends with a NUL): "sip:user@host", "user@host", or with an account only the user,
/// who is then at the domain of its address of record, and a number as people write it or
/// "tel:+49301234", which its dial plan makes into one. `options`: NULL for the defaults. `call`:
/// gets the id. `request`: see "Requests"; the reply comes with the final answer, done when the call
/// is connected, SIDETONE_ERR_WRONG_STATE when the host hung up before.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_LIMIT (max_calls), SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN. That no RTP port is free (SIDETONE_ERR_NO_PORT), or that a media worker is
/// too busy for another call (SIDETONE_ERR_BUSY), is told by the end event.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t bob = SIDETONE_ID_NONE;
/// int32_t status =
///     sidetone_call_dial(engine, account, "sip:bob@example.com", -1, NULL, &bob, NULL);
/// if (status < 0)
///   puts(sidetone_strerror(status));
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_dial(
    engine: *mut sidetone_engine,
    account: u64,
    uri: *const c_char,
    length: i32,
    options: *const sidetone_dial_options,
    call: *mut u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let out = Out::required(call, "call")?;
        out.put(codes::SIDETONE_ID_NONE);
        let account = match account {
            codes::SIDETONE_ID_NONE => None,
            raw => Some(account_id(raw)?),
        };
        let uri = strings::required(uri, length, "uri")?;
        let options = sidetone_dial_options::read(options)?;
        let id = command(&engine, request, |request| {
            engine.engine.dial(account, uri, options, request)
        })?;
        out.put(id.raw());
        Ok(())
    })
}

/// Sends 180 Ringing for an incoming call.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_WRONG_STATE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. A state that turns out wrong
/// only later is told by the reply.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_ring(engine, event.call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_ring(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.ring(id, request))
    })
}

/// Answers an incoming call with 200.
///
/// `options`: NULL for the defaults. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_WRONG_STATE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. A state that turns out wrong
/// only later is told by the reply.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_answer(engine, event.call, NULL, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_answer(
    engine: *mut sidetone_engine,
    call: u64,
    options: *const sidetone_answer_options,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let headers = sidetone_answer_options::read(options)?;
        command(&engine, request, |request| engine.engine.answer(id, headers, request))
    })
}

/// Refuses an incoming call.
///
/// `sip_code`: 300 to 699, for instance 486 (busy) or 603 (declined). `reason`, `length` (bytes,
/// -1: ends with a NUL): the reason phrase; NULL for the standard one. `request`: see "Requests".
/// Returns as sidetone_call_answer(), SIDETONE_ERR_INVALID_ARGUMENT for another code.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_reject(engine, call, 486, NULL, 0, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_reject(
    engine: *mut sidetone_engine,
    call: u64,
    sip_code: u32,
    reason: *const c_char,
    length: i32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let code = within(sip_code, 300, 699, "sip_code")? as u16;
        let reason = strings::optional(reason, length, "reason")?;
        command(&engine, request, |request| engine.engine.reject(id, code, reason, request))
    })
}

/// Ends a call in whatever state it is: CANCEL, BYE, or 603 for one that was not answered.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_hangup(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_hangup(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.hangup(id, request))
    })
}

/// Mutes or unmutes our user's microphone in a call. Within 20 ms. What else the far end hears (files
/// that are played, injections, routes, digits as tones) goes on.
///
/// `muted`: 1 mutes, 0 unmutes. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_mute(engine, call, 1, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_mute(
    engine: *mut sidetone_engine,
    call: u64,
    muted: u32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let muted = codes::switch(muted, "muted")?;
        command(&engine, request, |request| engine.engine.mute(id, muted, request))
    })
}

/// Sets the gains of a call. Within 20 ms.
///
/// `send_db`: of what we send; `receive_db`: of what we hear; -96 (silence) to 24, 0 leaves the
/// samples as they are. `request`: see "Requests".
/// Returns as sidetone_call_mute().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_gain(engine, call, 0.0f, -6.0f, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_gain(
    engine: *mut sidetone_engine,
    call: u64,
    send_db: f32,
    receive_db: f32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let send_db = gain(send_db, "send_db")?;
        let receive_db = gain(receive_db, "receive_db")?;
        command(&engine, request, |request| engine.engine.gain(id, send_db, receive_db, request))
    })
}

/// Lets what call `from` says be heard by call `to`. Both ways make a conversation of two far ends;
/// `from` equal to `to` is an echo. Routes add to what the calls hear otherwise. Calls that are to hear
/// each other all, or not all, are a conference: sidetone_conference_create().
///
/// `gain_db`: -96 (silence) to 24. `request`: see "Requests".
/// Returns as sidetone_call_mute().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_route(engine, call, other_call, 0.0f, NULL);
/// sidetone_call_route(engine, other_call, call, 0.0f, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_route(
    engine: *mut sidetone_engine,
    from: u64,
    to: u64,
    gain_db: f32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let (from, to) = (call_id(from)?, call_id(to)?);
        let gain_db = gain(gain_db, "gain_db")?;
        command(&engine, request, |request| engine.engine.route(from, to, Some(gain_db), request))
    })
}

/// Ends a route of sidetone_call_route(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_mute().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_unroute(engine, call, other_call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_unroute(
    engine: *mut sidetone_engine,
    from: u64,
    to: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let (from, to) = (call_id(from)?, call_id(to)?);
        command(&engine, request, |request| engine.engine.route(from, to, None, request))
    })
}

/// Sends DTMF digits, one after the other, behind those that are still to be sent.
///
/// `digits`, `length` (bytes, -1: ends with a NUL): of 0-9 * # A-D, ! for a hook flash, and , for a
/// pause of two seconds. `duration_ms`: of each digit, 40 to 6000; 0: 160. `request`: see "Requests";
/// the reply comes when the last digit was sent.
/// Returns as sidetone_call_mute(), SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_dtmf(engine, call, "1234#", -1, 0, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_dtmf(
    engine: *mut sidetone_engine,
    call: u64,
    digits: *const c_char,
    length: i32,
    duration_ms: u32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let digits = strings::required(digits, length, "digits")?;
        command(&engine, request, |request| engine.engine.dtmf(id, digits, duration_ms, request))
    })
}

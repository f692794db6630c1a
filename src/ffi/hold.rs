//! Media before and beside the talk: 183 with media, hold, resume, music on hold; and the settings of
//! accounts and dials that say how offers are made.

use std::{ffi::c_char, path::Path};

use super::{
    call::call_id,
    engine::sidetone_engine,
    guard::{Outcome, command, enter, guard_command, invalid},
    strings,
};
use crate::engine::{EarlyMedia, HoldMusic, Prack};

/// Early media: a ringback tone from the 180 on, until the first RTP packet of the far end; the
/// default.
pub const SIDETONE_EARLY_MEDIA_AUTO: u32 = 1;
/// Early media: what the far end sends, never a tone.
pub const SIDETONE_EARLY_MEDIA_REMOTE: u32 = 2;
/// Early media: the tone, whatever the far end sends.
pub const SIDETONE_EARLY_MEDIA_LOCAL: u32 = 3;
/// Early media: nothing.
pub const SIDETONE_EARLY_MEDIA_SILENCE: u32 = 4;

/// Reliable provisional responses (RFC 3262): not supported.
pub const SIDETONE_PRACK_OFF: u32 = 1;
/// Reliable provisional responses: supported, and used where the far end requires it or where they
/// carry a description; the default.
pub const SIDETONE_PRACK_SUPPORTED: u32 = 2;
/// Reliable provisional responses: required of the far end.
pub const SIDETONE_PRACK_REQUIRED: u32 = 3;

/// Offer of an outgoing call: in the INVITE; the default.
pub const SIDETONE_OFFER_EARLY: u32 = 1;
/// Offer of an outgoing call: the far end's, in its answer.
pub const SIDETONE_OFFER_DELAYED: u32 = 2;

/// Hold, a bit of an event's `state`: we hold the far end.
pub const SIDETONE_HOLD_LOCAL: u32 = 1;
/// Hold, a bit of an event's `state`: the far end holds us.
pub const SIDETONE_HOLD_REMOTE: u32 = 2;

/// `None` for 0.
pub(super) fn early_media(number: u32) -> Outcome<Option<EarlyMedia>> {
    Ok(Some(match number {
        0 => return Ok(None),
        SIDETONE_EARLY_MEDIA_AUTO => EarlyMedia::Auto,
        SIDETONE_EARLY_MEDIA_REMOTE => EarlyMedia::Remote,
        SIDETONE_EARLY_MEDIA_LOCAL => EarlyMedia::Local,
        SIDETONE_EARLY_MEDIA_SILENCE => EarlyMedia::Silence,
        _ => return Err(invalid(format!("early_media {number} is not SIDETONE_EARLY_MEDIA_*"))),
    }))
}

/// `None` for 0.
pub(super) fn prack(number: u32) -> Outcome<Option<Prack>> {
    Ok(Some(match number {
        0 => return Ok(None),
        SIDETONE_PRACK_OFF => Prack::Off,
        SIDETONE_PRACK_SUPPORTED => Prack::Supported,
        SIDETONE_PRACK_REQUIRED => Prack::Required,
        _ => return Err(invalid(format!("prack {number} is not SIDETONE_PRACK_*"))),
    }))
}

/// Whether an offer is delayed; `None` for 0.
pub(super) fn offer(number: u32) -> Outcome<Option<bool>> {
    match number {
        0 => Ok(None),
        SIDETONE_OFFER_EARLY => Ok(Some(false)),
        SIDETONE_OFFER_DELAYED => Ok(Some(true)),
        _ => Err(invalid(format!("offer {number} is not SIDETONE_OFFER_*"))),
    }
}

/// The holds in force.
pub(super) fn bits(local: bool, remote: bool) -> u32 {
    let bit = |on, bit| if on { bit } else { 0 };
    bit(local, SIDETONE_HOLD_LOCAL) | bit(remote, SIDETONE_HOLD_REMOTE)
}

/// A WAV file, read now; `None` for an empty path.
pub(super) fn music(path: &str) -> Outcome<Option<HoldMusic>> {
    (!path.is_empty()).then(|| HoldMusic::open(Path::new(path))).transpose()
}

/// Sends 183 Session Progress with our description for an incoming call, so that media runs before
/// the answer: what is played into the call is heard by the caller. Without an offer in the INVITE,
/// and where the caller cannot acknowledge one of ours, 180 goes out instead.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. The reply says SIDETONE_ERR_WRONG_STATE for a call that
/// we placed or have answered.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_progress(engine, event.call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_progress(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.progress(id, request))
    })
}

/// Puts the far end on hold: it hears the music on hold or silence, and the user no longer hears it.
/// Both at once, and the far end is asked to agree by re-INVITE (UPDATE before the answer);
/// SIDETONE_EVENT_HOLD tells when it has. A call that does not stand yet is held as soon as it does.
///
/// `request`: see "Requests"; the reply comes with the far end's answer: SIDETONE_ERR_REFUSED when it
/// would not, SIDETONE_ERR_WRONG_STATE when the call was over.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_hold(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_hold(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.hold(id, request))
    })
}

/// Takes the far end off hold. Where it holds us too, media comes back when it has resumed as well.
///
/// `request`: see "Requests"; the reply comes with the far end's answer.
/// Returns as sidetone_call_hold().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_resume(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_resume(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.resume(id, request))
    })
}

/// Chooses what the far end of this call hears while it is held, in the place of the account's
/// `hold_music`. It is repeated for as long as the hold lasts.
///
/// `path`, `length` (bytes, -1: ends with a NUL): a WAV file, which is read before this function is
/// back; NULL or empty: silence. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_FILE_OPEN, SIDETONE_ERR_FILE_FORMAT, SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (sidetone_call_hold_music(engine, call, "wait.wav", -1, NULL) == SIDETONE_OK)
///   sidetone_call_hold(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_hold_music(
    engine: *mut sidetone_engine,
    call: u64,
    path: *const c_char,
    length: i32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let music = music(strings::optional(path, length, "path")?)?;
        command(&engine, request, |request| engine.engine.hold_music(id, music, request))
    })
}

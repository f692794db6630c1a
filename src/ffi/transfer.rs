//! Calls that go elsewhere: transfers and redirects; and hanging up with a cause.

use std::ffi::c_char;

use super::{
    call::call_id,
    codes,
    engine::{sidetone_engine, within},
    guard::{command, enter, guard_command},
    strings,
};

/// Has the far end of a call call somebody else (blind transfer). How it goes is told by
/// SIDETONE_EVENT_TRANSFER; when the new call stands, this one ends.
///
/// `target`, `length` (bytes, -1: ends with a NUL): as for sidetone_call_dial(). `silent`: 1: the far
/// end is not to tell how it goes (RFC 4488), SIDETONE_TRANSFER_DONE comes when it has taken the
/// request; 0: it is. `request`: see "Requests"; the reply comes when the request is under way.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. The reply says
/// SIDETONE_ERR_WRONG_STATE for a call that is not connected.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_transfer(engine, call, "sip:carol@example.com", -1, 0, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_transfer(
    engine: *mut sidetone_engine,
    call: u64,
    target: *const c_char,
    length: i32,
    silent: u32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let target = strings::required(target, length, "target")?;
        let silent = codes::switch(silent, "silent")?;
        command(&engine, request, |request| engine.engine.transfer(id, target, silent, request))
    })
}

/// Connects the far ends of two of our calls with each other (attended transfer). How it goes is
/// told by SIDETONE_EVENT_TRANSFER of `call`; when they are connected, both calls end.
///
/// `other`: the call whose far end `call`'s far end is connected with; both are connected.
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT (both are the same), SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN. The reply says SIDETONE_ERR_WRONG_STATE when one is not connected.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_transfer_to(engine, call, other_call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_transfer_to(
    engine: *mut sidetone_engine,
    call: u64,
    other: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let (id, other) = (call_id(call)?, call_id(other)?);
        command(&engine, request, |request| engine.engine.transfer_to(id, other, request))
    })
}

/// Does what a far end asked for: calls whom SIDETONE_EVENT_TRANSFER (SIDETONE_TRANSFER_ASKED)
/// named. The call stays the host's; SIDETONE_EVENT_REPLACED tells when the other one is there.
/// There are 60 seconds to decide: then the transfer is refused with 603, and told as
/// SIDETONE_TRANSFER_FAILED. A far end that names a tel: URI means what a dial of it would call.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_TRANSFER && event.state == SIDETONE_TRANSFER_ASKED &&
///     (event.flags & SIDETONE_TRANSFER_FLAG_DECIDE) != 0)
///   sidetone_call_transfer_accept(engine, event.call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_transfer_accept(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.decide_transfer(id, true, request))
    })
}

/// Does not do what a far end asked for, which is told 603; the call goes on as it is.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_transfer_accept().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_transfer_reject(engine, call, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_transfer_reject(
    engine: *mut sidetone_engine,
    call: u64,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        command(&engine, request, |request| engine.engine.decide_transfer(id, false, request))
    })
}

/// Sends the caller of an incoming call elsewhere with 302.
///
/// `target`, `length` (bytes, -1: ends with a NUL): as for sidetone_call_dial(). `request`: see
/// "Requests".
/// Returns as sidetone_call_transfer(). The reply says SIDETONE_ERR_WRONG_STATE for a call that we
/// placed, or that was answered.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_redirect(engine, event.call, "sip:carol@example.com", -1, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_redirect(
    engine: *mut sidetone_engine,
    call: u64,
    target: *const c_char,
    length: i32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let target = strings::required(target, length, "target")?;
        command(&engine, request, |request| engine.engine.redirect(id, target, request))
    })
}

/// Decides on a redirect that SIDETONE_EVENT_REDIRECTED asked about.
///
/// `follow`: 1: our call goes there; 0: it ends. `request`: see "Requests".
/// Returns as sidetone_call_transfer_accept(), SIDETONE_ERR_INVALID_ARGUMENT for another `follow`.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_REDIRECTED && event.state == 1)
///   sidetone_call_redirect_follow(engine, event.call, 1, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_redirect_follow(
    engine: *mut sidetone_engine,
    call: u64,
    follow: u32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let follow = codes::switch(follow, "follow")?;
        command(&engine, request, |request| engine.engine.follow_redirect(id, follow, request))
    })
}

/// Ends a call like sidetone_call_hangup(), with a Reason header that says why (RFC 3326).
///
/// `q850_cause`: 1 to 127, for instance 16 (normal) or 26 (answered elsewhere). `text`, `length`
/// (bytes, -1: ends with a NUL): for people; NULL for the usual words. `request`: see "Requests".
/// Returns as sidetone_call_hangup(), SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_hangup_with(engine, call, 16, NULL, 0, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_hangup_with(
    engine: *mut sidetone_engine,
    call: u64,
    q850_cause: u32,
    text: *const c_char,
    length: i32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let cause = within(q850_cause, 1, 127, "q850_cause")? as u16;
        let text = strings::optional(text, length, "text")?;
        command(&engine, request, |request| engine.engine.hangup_with(id, cause, text, request))
    })
}

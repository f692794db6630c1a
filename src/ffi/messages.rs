//! What the messages of a call say beside the call: headers by kind of message, who calls.

use std::ffi::c_char;

use super::{
    call::call_id,
    engine::sidetone_engine,
    guard::{Out, Outcome, command, enter, guard, guard_command, invalid, null},
    strings::{self, sidetone_headers},
};
use crate::engine::services::{CallerIdentity, MessageKind};

/// Kind of message: INVITE, also one within the call.
pub const SIDETONE_MESSAGE_INVITE: u32 = 1;
/// Kind of message: 101 to 199 to INVITE.
pub const SIDETONE_MESSAGE_PROVISIONAL: u32 = 2;
/// Kind of message: 2xx to INVITE.
pub const SIDETONE_MESSAGE_ANSWER: u32 = 3;
/// Kind of message: 300 to 699 to INVITE.
pub const SIDETONE_MESSAGE_REFUSAL: u32 = 4;
/// Kind of message: ACK.
pub const SIDETONE_MESSAGE_ACK: u32 = 5;
/// Kind of message: CANCEL.
pub const SIDETONE_MESSAGE_CANCEL: u32 = 6;
/// Kind of message: BYE.
pub const SIDETONE_MESSAGE_BYE: u32 = 7;
/// Kind of message: INFO.
pub const SIDETONE_MESSAGE_INFO: u32 = 8;
/// Kind of message: UPDATE.
pub const SIDETONE_MESSAGE_UPDATE: u32 = 9;
/// Kind of message: REFER.
pub const SIDETONE_MESSAGE_REFER: u32 = 10;
/// Kind of message: NOTIFY of a transfer.
pub const SIDETONE_MESSAGE_NOTIFY: u32 = 11;

/// Identity: P-Asserted-Identity (RFC 3325).
pub const SIDETONE_IDENTITY_ASSERTED: u32 = 1;
/// Identity: P-Preferred-Identity.
pub const SIDETONE_IDENTITY_PREFERRED: u32 = 2;
/// Identity: Remote-Party-ID.
pub const SIDETONE_IDENTITY_REMOTE_PARTY: u32 = 3;
/// Identity: who sent the call on, the latest first (Diversion, RFC 5806).
pub const SIDETONE_IDENTITY_DIVERSION: u32 = 4;
/// Identity: why, "unconditional", "user-busy", "no-answer"…; same index as the one before.
pub const SIDETONE_IDENTITY_DIVERSION_REASON: u32 = 5;
/// Identity: where the call has been (History-Info, RFC 7044).
pub const SIDETONE_IDENTITY_HISTORY: u32 = 6;

/// Privacy: the asserted identity is for the network only.
pub const SIDETONE_PRIVACY_ID: u32 = 1;
/// Privacy: header, session or user privacy is asked for.
pub const SIDETONE_PRIVACY_SERVICE: u32 = 2;
/// Privacy: the call's history is to be withheld.
pub const SIDETONE_PRIVACY_HISTORY: u32 = 4;
/// Privacy: rather no call than one without it.
pub const SIDETONE_PRIVACY_CRITICAL: u32 = 8;
/// Privacy: none is wanted.
pub const SIDETONE_PRIVACY_NONE: u32 = 16;

fn message_kind(number: u32) -> Outcome<MessageKind> {
    MessageKind::ALL
        .into_iter()
        .find(|kind| *kind as u32 == number)
        .ok_or_else(|| invalid(format!("message {number} is not one that this library knows")))
}

/// Puts headers on our messages of a kind in this call from now on, in the place of earlier ones.
/// Those of a call's INVITE go with sidetone_dial_options.
///
/// `message`: SIDETONE_MESSAGE_*. `headers`: copied; NULL or none: nothing is added any more.
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (a header of the engine's own, a broken name),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_header note;
/// sidetone_headers list;
/// memset(&list, 0, sizeof list);
/// sidetone_header_set(&note, "X-Outcome", "sold");
/// list.data = &note;
/// list.count = 1;
/// sidetone_call_headers_set(engine, call, SIDETONE_MESSAGE_BYE, &list, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_headers_set(
    engine: *mut sidetone_engine,
    call: u64,
    message: u32,
    headers: *const sidetone_headers,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let kind = message_kind(message)?;
        let headers = match headers.is_null() {
            true => Vec::new(),
            false => {
                // SAFETY: not NULL, so it points to a list of headers (preface, "Pointers").
                unsafe { headers.read_unaligned() }.read()?
            }
        };
        command(&engine, request, |request| {
            engine.engine.message_headers(id, kind, headers, request)
        })
    })
}

/// The value of a header of the far end's last message of a kind. Those of the message that ends a
/// call can be read until its last event was pulled: SIDETONE_CALL_ENDING comes before.
///
/// `message`: SIDETONE_MESSAGE_*. `name`, `length` (bytes, -1: ends with a NUL): without colon; case
/// does not matter. `index`: of several lines of that name, from 0. `buffer`, `capacity` (bytes),
/// `needed`: see "Text"; `needed` gets 0 when there is no such header, or no such message.
/// Returns SIDETONE_OK, also when there is none; SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char value[128];
/// uint32_t needed = 0;
/// sidetone_call_message_header_read(engine, call, SIDETONE_MESSAGE_BYE, "Reason", -1, 0, value,
///                                   sizeof value, &needed);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_message_header_read(
    engine: *mut sidetone_engine,
    call: u64,
    message: u32,
    name: *const c_char,
    length: i32,
    index: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        let kind = message_kind(message)?;
        let name = strings::required(name, length, "name")?;
        let value = engine.engine.message_header(id, kind, name, index as usize)?;
        copy_or_none(value.as_deref(), buffer, capacity, needed)
    })
}

/// What the INVITE of an incoming call tells of its caller and its way. Whether it can be believed is
/// for the account to say: the `from` of SIDETONE_EVENT_INCOMING_CALL is the asserted identity when
/// `trust_identity` of sidetone_account_services is set.
///
/// `which`: SIDETONE_IDENTITY_*. `index`: of several, from 0. `buffer`, `capacity` (bytes), `needed`:
/// see "Text"; `needed` gets 0 when there is none.
/// Returns as sidetone_call_message_header_read().
/// Threads: any. Since 0.1.
///
/// ```c
/// char who[256];
/// uint32_t needed = 0;
/// sidetone_call_identity_read(engine, call, SIDETONE_IDENTITY_DIVERSION, 0, who, sizeof who,
///                             &needed);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_identity_read(
    engine: *mut sidetone_engine,
    call: u64,
    which: u32,
    index: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let identity = engine.engine.caller_identity(call_id(call)?)?;
        let text = identity_text(&identity, which, index as usize)?;
        copy_or_none(text.as_deref(), buffer, capacity, needed)
    })
}

fn identity_text(identity: &CallerIdentity, which: u32, index: usize) -> Outcome<Option<String>> {
    let diversion = identity.diversions.get(index);
    Ok(match which {
        SIDETONE_IDENTITY_ASSERTED => identity.asserted.get(index).map(ToString::to_string),
        SIDETONE_IDENTITY_PREFERRED => identity.preferred.get(index).map(ToString::to_string),
        SIDETONE_IDENTITY_REMOTE_PARTY => identity.remote_party.get(index).map(ToString::to_string),
        SIDETONE_IDENTITY_DIVERSION => diversion.map(|diversion| diversion.by.to_string()),
        SIDETONE_IDENTITY_DIVERSION_REASON => diversion.map(|diversion| diversion.reason.clone()),
        SIDETONE_IDENTITY_HISTORY => {
            identity.history.get(index).map(|entry| entry.target.to_string())
        }
        _ => return Err(invalid(format!("identity {which} is not one that this library knows"))),
    })
}

/// What the caller of an incoming call wants withheld.
///
/// `privacy`: gets SIDETONE_PRIVACY_*, added up; 0: nothing was said.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t privacy = 0;
/// if (sidetone_call_privacy_read(engine, call, &privacy) == SIDETONE_OK &&
///     (privacy & SIDETONE_PRIVACY_ID) != 0)
///   puts("the caller is withheld");
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_call_privacy_read(
    engine: *mut sidetone_engine,
    call: u64,
    privacy: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = call_id(call)?;
        if privacy.is_null() {
            return Err(null("privacy"));
        }
        let found = engine.engine.caller_identity(id)?.privacy;
        let flags = [
            (found.id, SIDETONE_PRIVACY_ID),
            (found.service, SIDETONE_PRIVACY_SERVICE),
            (found.history, SIDETONE_PRIVACY_HISTORY),
            (found.critical, SIDETONE_PRIVACY_CRITICAL),
            (found.none, SIDETONE_PRIVACY_NONE),
        ];
        let set = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
        Out::optional(privacy).put(set.sum());
        Ok(())
    })
}

/// A text that may not be there: then `needed` gets 0.
fn copy_or_none(
    text: Option<&str>,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> Outcome {
    strings::copy_out(text.unwrap_or_default(), buffer, capacity, needed)?;
    if text.is_none() {
        Out::optional(needed).put(0);
    }
    Ok(())
}

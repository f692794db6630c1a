//! Requests of any method, both ways.

use std::ffi::c_char;

use super::{
    account::account_id,
    call::call_id,
    codes::SIDETONE_ID_NONE,
    engine::{sidetone_engine, within},
    guard::{Outcome, command, enter, guard, guard_command, id_error},
    sized::{self, Sized32},
    strings::{self, sidetone_headers, sidetone_text},
};
use crate::{
    base::ids::{AccountId, CallId, IdKind, TransactionId},
    engine::{SipAnswer, SipRequest},
};

/// The longest body that is sent, in bytes.
pub const SIDETONE_BODY_MAX: u32 = 49152;

/// A request of the host's own. Fill it with sidetone_sip_request_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_sip_request {
    /// sizeof of this struct.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Method: MESSAGE, INFO, OPTIONS, NOTIFY, …, or one of the host's own. INVITE, ACK, CANCEL, BYE,
    /// PRACK, UPDATE, REGISTER and SUBSCRIBE are the engine's.
    pub method: sidetone_text,
    /// Media type of the body, with its parameters; empty without a body.
    pub content_type: sidetone_text,
    /// The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
    pub body: sidetone_text,
    /// Headers.
    pub headers: sidetone_headers,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_sip_request {
    const NAME: &'static str = "sidetone_sip_request";
    const FIRST_SIZE: u32 = 72;
}

impl sidetone_sip_request {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            reserved: 0,
            method: sidetone_text::EMPTY,
            content_type: sidetone_text::EMPTY,
            body: sidetone_text::EMPTY,
            headers: sidetone_headers::EMPTY,
        }
    }

    fn read(pointer: *const Self) -> Outcome<SipRequest> {
        let sip = sized::read(pointer, Self::defaults())?;
        Ok(SipRequest {
            method: sip.method.read("method")?,
            headers: sip.headers.read()?,
            content_type: sip.content_type.read("content_type")?,
            body: sip.body.read_octets("body")?,
        })
    }
}

/// An answer to a request of SIDETONE_EVENT_REQUEST. Fill it with sidetone_sip_answer_init().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_sip_answer {
    /// sizeof of this struct.
    pub size: u32,
    /// Status code, 200 (default) to 699.
    pub sip_code: u32,
    /// Reason phrase; empty: the registered one.
    pub reason: sidetone_text,
    /// Media type of the body, with its parameters; empty without a body.
    pub content_type: sidetone_text,
    /// The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
    pub body: sidetone_text,
    /// Headers.
    pub headers: sidetone_headers,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_sip_answer {
    const NAME: &'static str = "sidetone_sip_answer";
    const FIRST_SIZE: u32 = 72;
}

impl sidetone_sip_answer {
    fn defaults() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            sip_code: 200,
            reason: sidetone_text::EMPTY,
            content_type: sidetone_text::EMPTY,
            body: sidetone_text::EMPTY,
            headers: sidetone_headers::EMPTY,
        }
    }

    fn read(pointer: *const Self) -> Outcome<SipAnswer> {
        let defaults = Self::defaults();
        let sip = if pointer.is_null() { defaults } else { sized::read(pointer, defaults)? };
        Ok(SipAnswer {
            code: within(sip.sip_code, 200, 699, "sip_code")? as u16,
            reason: sip.reason.read("reason")?,
            headers: sip.headers.read()?,
            content_type: sip.content_type.read("content_type")?,
            body: sip.body.read_octets("body")?,
        })
    }
}

/// Who sends: a call in its dialog, or an account (or nobody) to a URI.
pub(super) enum Sender<'a> {
    /// In its dialog.
    Call(CallId),
    /// Outside of calls.
    Account(Option<AccountId>, &'a str),
}

pub(super) fn sender<'a>(from: u64, uri: *const c_char, length: i32) -> Outcome<Sender<'a>> {
    if (from >> 56) as u8 == IdKind::Call as u8 {
        return Ok(Sender::Call(call_id(from)?));
    }
    let account = match from {
        SIDETONE_ID_NONE => None,
        raw => Some(account_id(raw)?),
    };
    Ok(Sender::Account(account, strings::required(uri, length, "uri")?))
}

/// Fills a request with the defaults: nothing in it.
///
/// `sip`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_sip_request sip;
/// sidetone_sip_request_init(&sip, sizeof sip);
/// sip.method.data = "OPTIONS";
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_sip_request_init(
    sip: *mut sidetone_sip_request,
    size: u32,
) -> i32 {
    guard(|| sized::init(sip, size, &sidetone_sip_request::defaults()))
}

/// Fills an answer with the defaults: 200 without a body.
///
/// `answer`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_sip_answer answer;
/// sidetone_sip_answer_init(&answer, sizeof answer);
/// answer.sip_code = 488;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_sip_answer_init(
    answer: *mut sidetone_sip_answer,
    size: u32,
) -> i32 {
    guard(|| sized::init(answer, size, &sidetone_sip_answer::defaults()))
}

/// Sends a request of any method.
///
/// `from`: an account; SIDETONE_ID_NONE for a request straight to an address; or a call that is
/// connected, in whose dialog the request goes. `uri`, `length` (bytes, -1: ends with a NUL): as in
/// sidetone_call_dial(); not looked at for a call. `sip`: method, headers and body.
/// `request`: see "Requests"; the reply comes with the final response: `sip_code`, `text`,
/// `content_type`, `body`, `headers`.
/// Returns as sidetone_message_send(), SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t request;
/// sidetone_sip_request sip;
/// sidetone_sip_request_init(&sip, sizeof sip);
/// sip.method.data = "INFO";
/// sip.content_type.data = "application/x-lamp";
/// sip.body.data = "on";
/// sidetone_request_send(engine, call, NULL, 0, &sip, &request);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_request_send(
    engine: *mut sidetone_engine,
    from: u64,
    uri: *const c_char,
    length: i32,
    sip: *const sidetone_sip_request,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let sip = sidetone_sip_request::read(sip)?;
        let sender = sender(from, uri, length)?;
        command(&engine, request, |request| match sender {
            Sender::Call(call) => engine.engine.call_request_send(call, sip, request),
            Sender::Account(account, uri) => engine.engine.request_send(account, uri, sip, request),
        })
    })
}

/// Answers a request that came as SIDETONE_EVENT_REQUEST. One that is not answered within 32 T1
/// (16 s) gets 500.
///
/// `transaction`: that of the event. `answer`: NULL for 200 without a body. `request`: see
/// "Requests"; the reply says whether the far end still waited.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID (answered already), SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_REQUEST)
///   sidetone_request_answer(engine, event.transaction, NULL, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_request_answer(
    engine: *mut sidetone_engine,
    transaction: u64,
    answer: *const sidetone_sip_answer,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let id = TransactionId::from_raw(transaction)
            .map_err(|error| id_error(error, "a request", transaction))?;
        let answer = sidetone_sip_answer::read(answer)?;
        command(&engine, request, |request| engine.engine.request_answer(id, answer, request))
    })
}

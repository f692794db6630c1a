//! Messages: MESSAGE out (RFC 3428). How one comes in: SIDETONE_EVENT_MESSAGE.

use std::ffi::{c_char, c_void};

use super::{
    engine::sidetone_engine,
    guard::{command, enter, guard_command},
    request::{Sender, sender},
    strings,
};

/// What a message is when nothing is said.
const PLAIN_TEXT: &str = "text/plain;charset=utf-8";

/// Sends an instant message.
///
/// `from`: an account; SIDETONE_ID_NONE for a message straight to an address; or a call that is
/// connected, in whose dialog the message goes. `uri`, `uri_length` (bytes, -1: ends with a NUL): as
/// in sidetone_call_dial(); not looked at for a call. `content_type`, `type_length`: media type;
/// NULL: "text/plain;charset=utf-8". `body`: `bytes` octets, 0 to SIDETONE_BODY_MAX.
/// `request`: see "Requests"; the reply comes with the final answer: done when the message was
/// delivered (202: when somebody took it to deliver it), with `sip_code`.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t request;
/// const char *text = "lunch?";
/// sidetone_message_send(engine, account, "bob", -1, NULL, 0, text, (uint32_t)strlen(text),
///                       &request);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_message_send(
    engine: *mut sidetone_engine,
    from: u64,
    uri: *const c_char,
    uri_length: i32,
    content_type: *const c_char,
    type_length: i32,
    body: *const c_void,
    bytes: u32,
    request: *mut u64,
) -> i32 {
    guard_command(request, || {
        let engine = enter(engine)?;
        let content_type = match strings::optional(content_type, type_length, "content_type")? {
            "" => PLAIN_TEXT,
            given => given,
        };
        let body = strings::octets(body, bytes, "body")?;
        let sender = sender(from, uri, uri_length)?;
        command(&engine, request, |request| match sender {
            Sender::Call(call) => {
                engine.engine.call_message_send(call, content_type, body, request)
            }
            Sender::Account(account, uri) => {
                engine.engine.message_send(account, uri, content_type, body, request)
            }
        })
    })
}

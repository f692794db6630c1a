//! Status numbers, their texts, and the last error of each thread.

use std::{
    cell::RefCell,
    ffi::{CStr, c_char},
};

use super::{guard::guard, strings};
use crate::engine::{Error, ErrorKind};

/// Done.
pub const SIDETONE_OK: i32 = 0;

/// An argument is outside its range; the error text names it. (-1 to -99: how the call was made.)
pub const SIDETONE_ERR_INVALID_ARGUMENT: i32 = -1;
/// The id named an object that is gone.
pub const SIDETONE_ERR_STALE_ID: i32 = -2;
/// The id is of another kind, or 0.
pub const SIDETONE_ERR_WRONG_KIND: i32 = -3;
/// The engine's command queue is full; try again shortly.
pub const SIDETONE_ERR_BUSY: i32 = -4;
/// A limit of the engine's configuration is reached.
pub const SIDETONE_ERR_LIMIT: i32 = -5;
/// Not possible in the object's present state.
pub const SIDETONE_ERR_WRONG_STATE: i32 = -6;
/// Not allowed on this thread.
pub const SIDETONE_ERR_WRONG_THREAD: i32 = -7;
/// A fault of this library was caught. Other calls go on.
pub const SIDETONE_ERR_PANIC: i32 = -8;
/// An earlier fault left the engine unusable; destroy it.
pub const SIDETONE_ERR_FAULTED: i32 = -9;
/// The engine is shutting down or has stopped.
pub const SIDETONE_ERR_SHUTDOWN: i32 = -10;
/// The time given ran out.
pub const SIDETONE_ERR_TIMEOUT: i32 = -11;
/// The caller's buffer is too small; the needed size was stored.
pub const SIDETONE_ERR_TOO_SMALL: i32 = -12;
/// Not in this build or on this platform.
pub const SIDETONE_ERR_UNSUPPORTED: i32 = -13;
/// A fault inside; the error text tells where.
pub const SIDETONE_ERR_INTERNAL: i32 = -14;
/// A pointer is NULL that must not be; the error text names it.
pub const SIDETONE_ERR_NULL_POINTER: i32 = -15;
/// Text is not UTF-8; the error text says where.
pub const SIDETONE_ERR_NOT_UTF8: i32 = -16;
/// A struct's `size` is none that this library knows.
pub const SIDETONE_ERR_STRUCT_SIZE: i32 = -17;

/// Not a SIP URI that can be dialled. (-100 to -199: signalling.)
pub const SIDETONE_ERR_INVALID_URI: i32 = -100;
/// The transport could not be opened, or broke.
pub const SIDETONE_ERR_TRANSPORT: i32 = -101;
/// The host name has no address.
pub const SIDETONE_ERR_RESOLVE: i32 = -102;
/// The credentials were refused.
pub const SIDETONE_ERR_AUTHENTICATION: i32 = -103;
/// The far end refused with a final response; the event has its code.
pub const SIDETONE_ERR_REFUSED: i32 = -104;
/// No answer came in time.
pub const SIDETONE_ERR_NO_ANSWER: i32 = -105;
/// The far end's certificate is not good, or it did not take ours; the text says why.
pub const SIDETONE_ERR_CERTIFICATE: i32 = -106;

/// No codec in common. (-200 to -299: media.)
pub const SIDETONE_ERR_NO_CODEC: i32 = -200;
/// The account demands SRTP and the far end has none that fits.
pub const SIDETONE_ERR_SRTP_REQUIRED: i32 = -201;
/// No free RTP port in the range.
pub const SIDETONE_ERR_NO_PORT: i32 = -202;
/// The call of a tap or an injection is over: nothing is left to read, nothing more is played.
pub const SIDETONE_ERR_ENDED: i32 = -203;

/// No sound card of that name, or none at all. (-300 to -399: audio devices.)
pub const SIDETONE_ERR_NO_DEVICE: i32 = -300;
/// The sound card is there but cannot be opened as asked.
pub const SIDETONE_ERR_DEVICE_OPEN: i32 = -301;

/// The file cannot be opened or created. (-400 to -499: files.)
pub const SIDETONE_ERR_FILE_OPEN: i32 = -400;
/// The file is not one that can be played (PCM or float WAV).
pub const SIDETONE_ERR_FILE_FORMAT: i32 = -401;
/// Writing failed; the disk may be full.
pub const SIDETONE_ERR_FILE_WRITE: i32 = -402;

/// The number of an event's error; 0 for none.
pub(super) fn number(error: Option<ErrorKind>) -> i32 {
    error.map_or(SIDETONE_OK, |kind| kind as i32)
}

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps an error's text for [`sidetone_last_error`].
pub(super) fn keep_error(error: &Error) {
    // A thread that ends has no last error any more.
    let _ = LAST_ERROR.try_with(|last| {
        let mut last = last.borrow_mut();
        last.clear();
        last.push_str(&error.message);
    });
}

/// A short English text for a status, the same every time; what went wrong in a particular call is
/// told by sidetone_last_error(). For positive numbers: that of success; for unknown ones:
/// "unknown status".
///
/// Returns a text that lives as long as the library is loaded; never NULL.
/// Threads: any. Since 0.1.
///
/// ```c
/// int32_t status = sidetone_call_hangup(engine, call, NULL);
/// if (status < 0)
///   printf("hang up: %s\n", sidetone_strerror(status));
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn sidetone_strerror(status: i32) -> *const c_char {
    text_of(status).as_ptr()
}

/// The text of the latest call on this thread that failed: what happened, and what to do about it.
/// Calls that succeed leave it as it is. Empty when none failed yet.
///
/// `buffer`, `capacity` (bytes), `needed`: as for every text out, see "Text" above.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL with the text cut and `needed` stored,
/// SIDETONE_ERR_NULL_POINTER (`buffer`, with a `capacity`).
/// Threads: any; each has a text of its own. Since 0.1.
///
/// ```c
/// char text[256];
/// if (sidetone_call_ring(engine, call, NULL) < 0) {
///   sidetone_last_error(text, sizeof text, NULL);
///   puts(text);
/// }
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_last_error(
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let text = LAST_ERROR.try_with(|last| last.borrow().clone()).unwrap_or_default();
        let outcome = strings::copy_out(&text, buffer, capacity, needed);
        // A buffer too small must not replace the text that the host is after.
        outcome.inspect_err(|_| ()).map_err(|error| Error { message: text, ..error })
    })
}

fn text_of(status: i32) -> &'static CStr {
    match status {
        0.. => c"done",
        SIDETONE_ERR_INVALID_ARGUMENT => c"an argument is outside its range",
        SIDETONE_ERR_STALE_ID => c"the id names an object that is gone",
        SIDETONE_ERR_WRONG_KIND => c"the id is of another kind",
        SIDETONE_ERR_BUSY => c"the command queue is full, try again",
        SIDETONE_ERR_LIMIT => c"a limit of the configuration is reached",
        SIDETONE_ERR_WRONG_STATE => c"not possible in the present state",
        SIDETONE_ERR_WRONG_THREAD => c"not allowed on this thread",
        SIDETONE_ERR_PANIC => c"a fault of the library was caught",
        SIDETONE_ERR_FAULTED => c"the engine is unusable after a fault, destroy it",
        SIDETONE_ERR_SHUTDOWN => c"the engine is shutting down or has stopped",
        SIDETONE_ERR_TIMEOUT => c"the time ran out",
        SIDETONE_ERR_TOO_SMALL => c"the buffer is too small",
        SIDETONE_ERR_UNSUPPORTED => c"not in this build or on this platform",
        SIDETONE_ERR_INTERNAL => c"a fault inside the library",
        SIDETONE_ERR_NULL_POINTER => c"a pointer is NULL",
        SIDETONE_ERR_NOT_UTF8 => c"text is not UTF-8",
        SIDETONE_ERR_STRUCT_SIZE => c"the size of a struct is not known",
        SIDETONE_ERR_INVALID_URI => c"not a SIP URI that can be dialled",
        SIDETONE_ERR_TRANSPORT => c"the transport could not be opened, or broke",
        SIDETONE_ERR_RESOLVE => c"the host name has no address",
        SIDETONE_ERR_AUTHENTICATION => c"the credentials were refused",
        SIDETONE_ERR_REFUSED => c"the far end refused",
        SIDETONE_ERR_NO_ANSWER => c"no answer came in time",
        SIDETONE_ERR_CERTIFICATE => c"a certificate is not good",
        SIDETONE_ERR_NO_CODEC => c"no codec in common",
        SIDETONE_ERR_SRTP_REQUIRED => c"SRTP is demanded and the far end has none that fits",
        SIDETONE_ERR_NO_PORT => c"no free RTP port",
        SIDETONE_ERR_ENDED => c"the call of a tap or an injection is over",
        SIDETONE_ERR_NO_DEVICE => c"no such sound card",
        SIDETONE_ERR_DEVICE_OPEN => c"the sound card cannot be opened",
        SIDETONE_ERR_FILE_OPEN => c"the file cannot be opened",
        SIDETONE_ERR_FILE_FORMAT => c"the file cannot be played",
        SIDETONE_ERR_FILE_WRITE => c"writing the file failed",
        _ => c"unknown status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails to compile when a kind is added; add its constant, its text and its row here.
    fn constant(kind: ErrorKind) -> i32 {
        use ErrorKind as K;
        match kind {
            K::InvalidArgument => SIDETONE_ERR_INVALID_ARGUMENT,
            K::StaleId => SIDETONE_ERR_STALE_ID,
            K::WrongKind => SIDETONE_ERR_WRONG_KIND,
            K::Busy => SIDETONE_ERR_BUSY,
            K::Limit => SIDETONE_ERR_LIMIT,
            K::WrongState => SIDETONE_ERR_WRONG_STATE,
            K::WrongThread => SIDETONE_ERR_WRONG_THREAD,
            K::Panic => SIDETONE_ERR_PANIC,
            K::Faulted => SIDETONE_ERR_FAULTED,
            K::Shutdown => SIDETONE_ERR_SHUTDOWN,
            K::Timeout => SIDETONE_ERR_TIMEOUT,
            K::TooSmall => SIDETONE_ERR_TOO_SMALL,
            K::Unsupported => SIDETONE_ERR_UNSUPPORTED,
            K::Internal => SIDETONE_ERR_INTERNAL,
            K::NullPointer => SIDETONE_ERR_NULL_POINTER,
            K::NotUtf8 => SIDETONE_ERR_NOT_UTF8,
            K::StructSize => SIDETONE_ERR_STRUCT_SIZE,
            K::InvalidUri => SIDETONE_ERR_INVALID_URI,
            K::Transport => SIDETONE_ERR_TRANSPORT,
            K::Resolve => SIDETONE_ERR_RESOLVE,
            K::Authentication => SIDETONE_ERR_AUTHENTICATION,
            K::Refused => SIDETONE_ERR_REFUSED,
            K::NoAnswer => SIDETONE_ERR_NO_ANSWER,
            K::Certificate => SIDETONE_ERR_CERTIFICATE,
            K::NoCodec => SIDETONE_ERR_NO_CODEC,
            K::SrtpRequired => SIDETONE_ERR_SRTP_REQUIRED,
            K::NoPort => SIDETONE_ERR_NO_PORT,
            K::Ended => SIDETONE_ERR_ENDED,
            K::NoDevice => SIDETONE_ERR_NO_DEVICE,
            K::DeviceOpen => SIDETONE_ERR_DEVICE_OPEN,
            K::FileOpen => SIDETONE_ERR_FILE_OPEN,
            K::FileFormat => SIDETONE_ERR_FILE_FORMAT,
            K::FileWrite => SIDETONE_ERR_FILE_WRITE,
        }
    }

    #[test]
    fn every_kind_has_its_constant_and_a_text() {
        use ErrorKind as K;
        for kind in [
            K::InvalidArgument,
            K::StaleId,
            K::WrongKind,
            K::Busy,
            K::Limit,
            K::WrongState,
            K::WrongThread,
            K::Panic,
            K::Faulted,
            K::Shutdown,
            K::Timeout,
            K::TooSmall,
            K::Unsupported,
            K::Internal,
            K::NullPointer,
            K::NotUtf8,
            K::StructSize,
            K::InvalidUri,
            K::Transport,
            K::Resolve,
            K::Authentication,
            K::Refused,
            K::NoAnswer,
            K::Certificate,
            K::NoCodec,
            K::SrtpRequired,
            K::NoPort,
            K::Ended,
            K::NoDevice,
            K::DeviceOpen,
            K::FileOpen,
            K::FileFormat,
            K::FileWrite,
        ] {
            assert_eq!(kind as i32, constant(kind), "{kind:?}");
            assert_ne!(text_of(kind as i32), c"unknown status", "{kind:?}");
        }
        assert_eq!(text_of(-99_999), c"unknown status");
    }
}

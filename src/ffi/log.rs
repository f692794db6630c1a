//! Log lines for a host.

use std::{
    ffi::{c_char, c_void},
    sync::{Arc, Mutex},
};

use super::{
    engine::sidetone_engine,
    guard::{enter, guard, invalid, lock, notifying},
};
use crate::engine::{LogLevel, LogLine, LogSink};

/// Log level: nothing.
pub const SIDETONE_LOG_OFF: u32 = 0;
/// Log level: something failed.
pub const SIDETONE_LOG_ERROR: u32 = 1;
/// Log level: something is odd.
pub const SIDETONE_LOG_WARNING: u32 = 2;
/// Log level: what a user would want to know.
pub const SIDETONE_LOG_INFO: u32 = 3;
/// Log level: what a developer would want to know.
pub const SIDETONE_LOG_DEBUG: u32 = 4;
/// Log level: every SIP message, secrets scrubbed, under module "sip.trace".
pub const SIDETONE_LOG_TRACE: u32 = 5;

/// Takes one log line. `level`: SIDETONE_LOG_*. `module`: "sip.trace", "sip", "call", "media",
/// "device" or "engine". `text`: of `length` bytes, ends with a NUL too; several lines for a SIP
/// message. Both texts live until it is back. Every function of this library that it calls with the
/// engine returns SIDETONE_ERR_WRONG_THREAD. It must not throw.
pub type sidetone_log_fn = Option<
    unsafe extern "C" fn(
        level: u32,
        module: *const c_char,
        text: *const c_char,
        length: i32,
        user: *mut c_void,
    ),
>;

type RawLogFn = unsafe extern "C" fn(u32, *const c_char, *const c_char, i32, *mut c_void);

/// A host's log function; while it runs the lock is held, so that it is not called any more once it
/// was replaced. It cannot come back here: `guard::enter` refuses it.
#[derive(Debug, Default)]
pub(super) struct LogSlot(Mutex<Option<Sink>>);

#[derive(Debug)]
struct Sink {
    function: RawLogFn,
    user: *mut c_void,
}

// SAFETY: the pointer is only handed back to the host, which was told that another thread does so.
unsafe impl Send for Sink {}

impl LogSlot {
    /// No call runs or will run once this is back.
    pub(super) fn clear(&self) {
        *lock(&self.0) = None;
    }

    fn take(&self, line: &LogLine) {
        let with_nul = |text: &str| [text.as_bytes(), b"\0"].concat();
        let (module, text) = (with_nul(line.module), with_nul(&line.text));
        let length = i32::try_from(line.text.len()).unwrap_or(i32::MAX);
        if let Some(sink) = &*lock(&self.0) {
            // SAFETY: the host gave the function for this use; the texts live until it is back.
            notifying(|| unsafe {
                (sink.function)(
                    line.level as u32,
                    module.as_ptr().cast(),
                    text.as_ptr().cast(),
                    length,
                    sink.user,
                );
            });
        }
    }
}

/// Sends log lines to a function, on a thread of the library. Lines are dropped when it is too slow
/// (`log_lost` of sidetone_engine_stats counts them).
///
/// `level`: SIDETONE_LOG_*, lines above it are not sent. `function`: NULL ends the log; the old one
/// does not run any more when this function is back. `user`: given to it.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (`level`), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_log_set(engine, SIDETONE_LOG_INFO, on_log, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_log_set(
    engine: *mut sidetone_engine,
    level: u32,
    function: sidetone_log_fn,
    user: *mut c_void,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let (function, level) = match level {
            SIDETONE_LOG_OFF => (None, LogLevel::Error),
            SIDETONE_LOG_ERROR => (function, LogLevel::Error),
            SIDETONE_LOG_WARNING => (function, LogLevel::Warning),
            SIDETONE_LOG_INFO => (function, LogLevel::Info),
            SIDETONE_LOG_DEBUG => (function, LogLevel::Debug),
            SIDETONE_LOG_TRACE => (function, LogLevel::Trace),
            _ => return Err(invalid(format!("level {level}: give 0 to 5"))),
        };
        *lock(&engine.log.0) = function.map(|function| Sink { function, user });
        let sink = function.map(|_| {
            let slot = Arc::clone(&engine.log);
            Arc::new(move |line: &LogLine| slot.take(line)) as LogSink
        });
        engine.engine.set_log(level, sink);
        Ok(())
    })
}

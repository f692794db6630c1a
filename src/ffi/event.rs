//! Events, pulled by the host. The thread that pulls for a callback: `event_thread`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    engine::sidetone_engine,
    event_fill::{Lent, none},
    guard::{Outcome, enter, guard, guard_value, invalid},
    sized::{self, Sized32},
    status,
    strings::{sidetone_headers, sidetone_text},
};
use crate::engine::{Engine, Error, ErrorKind, EventKind};

/// An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or empty text.
/// Texts live until the next sidetone_event_next() on the engine, or until the callback is back.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_event {
    /// sizeof of this struct, set by the host (the callback gets it set).
    pub size: u32,
    /// SIDETONE_EVENT_*. Skip kinds that you do not know: later versions add some.
    pub kind: u32,
    /// Number of this event, from 1 without gaps.
    pub sequence: u64,
    /// Time since the engine was created, on the monotonic clock, ns.
    pub time_ns: u64,
    /// Account; SIDETONE_ID_NONE for none.
    pub account: u64,
    /// Call; SIDETONE_ID_NONE for none.
    pub call: u64,
    /// Request that this is the reply to.
    pub request: u64,
    /// State, by kind.
    pub state: u32,
    /// SIDETONE_OK or the SIDETONE_ERR_* behind it.
    pub status: i32,
    /// Status code of the SIP response behind it; 0: none.
    pub sip_code: u32,
    /// Length of a digit, or place in a recording, ms.
    pub duration_ms: u32,
    /// Lifetime that the registrar granted, seconds.
    pub expires_s: u32,
    /// SIDETONE_CODEC_* that we send.
    pub codec: u32,
    /// SIDETONE_SUITE_*; 0: not encrypted.
    pub srtp_suite: u32,
    /// A digit as ASCII: 0-9 * # A-D, or ! for a hook flash.
    pub digit: u32,
    /// Events or frames dropped, by kind.
    pub count: u64,
    /// Why, for people.
    pub text: sidetone_text,
    /// URI of the caller.
    pub from: sidetone_text,
    /// Display name of the caller.
    pub display_name: sidetone_text,
    /// URI that was called; of a registration, where it went.
    pub to: sidetone_text,
    /// A file.
    pub path: sidetone_text,
    /// Name of the loudspeaker.
    pub loudspeaker: sidetone_text,
    /// Name of the microphone.
    pub microphone: sidetone_text,
    /// SIDETONE_END_*.
    pub end: u32,
    /// Q.850 cause of a Reason header; 0: none.
    pub q850_cause: u32,
    /// SIP status of a Reason header; 0: none.
    pub reason_sip_code: u32,
    /// By kind.
    pub flags: u32,
    /// Text of a Reason header.
    pub reason: sidetone_text,
    /// A request that waits for the host's answer.
    pub transaction: u64,
    /// Subscription; SIDETONE_ID_NONE for none.
    pub subscription: u64,
    /// Publication; SIDETONE_ID_NONE for none.
    pub publication: u64,
    /// New voice messages.
    pub voice_new: u32,
    /// Old voice messages.
    pub voice_old: u32,
    /// What somebody does, a name of RFC 4480.
    pub activity: sidetone_text,
    /// Its method.
    pub method: sidetone_text,
    /// Media type of `body`, with its parameters.
    pub content_type: sidetone_text,
    /// A body: octets as they came, `length` of them; not always UTF-8.
    pub body: sidetone_text,
    /// Every header line of the message behind the event, in order.
    pub headers: sidetone_headers,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_event {
    const NAME: &'static str = "sidetone_event";
    const FIRST_SIZE: u32 = 200;
}

/// Where events come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) engine: Arc<Engine>,
    /// The last event went out, to whomever.
    stopped: Arc<AtomicBool>,
}

impl Source {
    pub(super) fn of(handle: &sidetone_engine) -> Self {
        Self { engine: Arc::clone(&handle.engine), stopped: Arc::clone(&handle.stopped) }
    }

    /// Pulls; `None`: the time ran out. After the last event: `Shutdown`.
    pub(super) fn pull(
        &self,
        lent: &mut Lent,
        timeout: Option<Duration>,
    ) -> Outcome<Option<sidetone_event>> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(Error::new(
                ErrorKind::Shutdown,
                "the engine has stopped; no event follows",
            ));
        }
        let Some(event) = self.engine.next_event(timeout)? else { return Ok(None) };
        let last = event.kind == EventKind::Stopped;
        let event = lent.fill(event);
        if last {
            self.stopped.store(true, Ordering::Release);
        }
        Ok(Some(event))
    }
}

/// Pulls the next event. One thread at a time.
///
/// `timeout_ms`: how long to wait; 0: not at all, -1: for ever. `event`: `size` set by the host; gets
/// the event, or one of kind SIDETONE_EVENT_NONE. Its texts live until the next call.
/// Returns SIDETONE_OK with an event; SIDETONE_ERR_TIMEOUT when none came or sidetone_wake() was
/// called (the error text stays as it was), SIDETONE_ERR_SHUTDOWN after SIDETONE_EVENT_STOPPED,
/// SIDETONE_ERR_WRONG_THREAD (another thread pulls, or sidetone_event_thread_start() was called),
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER.
/// Threads: any. Since 0.1.
///
/// ```c
/// event.size = sizeof event;
/// while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK) {
///   if (event.kind == SIDETONE_EVENT_CALL)
///     printf("call %llx: state %u\n", (unsigned long long)event.call, (unsigned)event.state);
/// }
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_event_next(
    engine: *mut sidetone_engine,
    timeout_ms: i32,
    event: *mut sidetone_event,
) -> i32 {
    guard_value(|| {
        let engine = enter(engine)?;
        sized::check_out(event)?;
        let timeout = timeout(timeout_ms)?;
        if engine.dispatching.load(Ordering::Acquire) {
            return Err(Error::new(
                ErrorKind::WrongThread,
                "the event callback takes the events; stop it with sidetone_event_thread_stop()",
            ));
        }
        let Ok(mut lent) = engine.lent.try_lock() else {
            return Err(Error::new(
                ErrorKind::WrongThread,
                "another thread pulls events of this engine; one at a time may",
            ));
        };
        match Source::of(&engine).pull(&mut lent, timeout)? {
            Some(pulled) => {
                sized::write(event, &pulled)?;
                Ok(status::SIDETONE_OK)
            }
            None => {
                sized::write(event, &none())?;
                Ok(status::SIDETONE_ERR_TIMEOUT)
            }
        }
    })
}

/// How long to wait; `None`: for ever.
pub(super) fn timeout(timeout_ms: i32) -> Outcome<Option<Duration>> {
    match timeout_ms {
        -1 => Ok(None),
        0.. => Ok(Some(Duration::from_millis(timeout_ms.unsigned_abs().into()))),
        _ => Err(invalid(format!("timeout_ms {timeout_ms}: give -1, 0 or more"))),
    }
}

/// Ends a waiting sidetone_event_next(), or the next one at once, with SIDETONE_ERR_TIMEOUT.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wake(engine);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_wake(engine: *mut sidetone_engine) -> i32 {
    guard(|| {
        enter(engine)?.engine.wake();
        Ok(())
    })
}

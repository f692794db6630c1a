//! The thread that pulls events for a host that would rather be called.

use std::{
    ffi::c_void,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    engine::sidetone_engine,
    event::{Source, sidetone_event},
    event_fill::Lent,
    guard::{self, Outcome, enter, guard, lock, null, refuse_own_threads},
};
use crate::engine::{Engine, Error, ErrorKind};

/// Takes events on the library's thread; `event` and its texts live until it is back.
pub type sidetone_event_fn =
    Option<unsafe extern "C" fn(event: *const sidetone_event, user: *mut c_void)>;

/// Starts a thread that pulls the events and calls a function with each. The function may call
/// everything but sidetone_engine_destroy() and sidetone_event_thread_stop(); while it runs, events
/// wait. It must not throw. A sidetone_event_next() that waits ends with SIDETONE_ERR_TIMEOUT.
///
/// `function`: not NULL. `user`: given to it.
/// Returns SIDETONE_OK; SIDETONE_ERR_WRONG_STATE (there is such a thread), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_INTERNAL (no thread could be started), SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_event_thread_start(engine, on_event, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_event_thread_start(
    engine: *mut sidetone_engine,
    function: sidetone_event_fn,
    user: *mut c_void,
) -> i32 {
    guard(|| {
        let handle = engine.cast_const();
        let engine = enter(engine)?;
        let function = function.ok_or_else(|| null("function"))?;
        let mut slot = lock(&engine.event_thread);
        if engine.dispatching.swap(true, Ordering::AcqRel) {
            return Err(Error::new(ErrorKind::WrongState, "the event callback is set already"));
        }
        let callback = Callback { function, user };
        let thread = EventThread::start(handle, Source::of(&engine), callback)
            .inspect_err(|_| engine.dispatching.store(false, Ordering::Release))?;
        *slot = Some(thread);
        Ok(())
    })
}

/// Ends the thread of sidetone_event_thread_start(); when this function is back, the host's function
/// does not run any more and the events can be pulled again. None there: nothing happens.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_WRONG_THREAD (called in the event callback),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any but the callback's. Since 0.1.
///
/// ```c
/// sidetone_event_thread_stop(engine);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_event_thread_stop(engine: *mut sidetone_engine) -> i32 {
    guard(|| {
        refuse_own_threads(engine, "sidetone_event_thread_stop()")?;
        let engine = enter(engine)?;
        EventThread::end_of(&engine, STOP);
        Ok(())
    })
}

/// A host's function and what it wants to get.
struct Callback {
    function: unsafe extern "C" fn(*const sidetone_event, *mut c_void),
    user: *mut c_void,
}

// SAFETY: the pointer is only handed back to the host, which was told that another thread does so.
unsafe impl Send for Callback {}

/// The thread that pulls for a callback.
#[derive(Debug)]
pub(super) struct EventThread {
    engine: Arc<Engine>,
    order: Arc<AtomicU8>,
    thread: JoinHandle<()>,
}

/// Orders to the thread: go on; stop now; deliver what is queued, then stop.
const RUN: u8 = 0;
const STOP: u8 = 1;
const DRAIN: u8 = 2;

impl EventThread {
    fn start(handle: *const sidetone_engine, source: Source, callback: Callback) -> Outcome<Self> {
        let order = Arc::new(AtomicU8::new(RUN));
        let handle = handle as usize;
        let (engine, its_order) = (Arc::clone(&source.engine), Arc::clone(&order));
        let thread = thread::Builder::new()
            .name("sidetone-event".into())
            .spawn(move || {
                guard::mark_dispatching(handle as *const sidetone_engine);
                run(&source, &its_order, &callback);
            })
            .map_err(|error| {
                Error::new(ErrorKind::Internal, format!("no event thread: {error}"))
            })?;
        Ok(Self { engine, order, thread })
    }

    /// Delivers what is queued to the callback of an engine, and ends its thread.
    pub(super) fn finish(engine: &sidetone_engine) {
        Self::end_of(engine, DRAIN);
    }

    /// Until the thread is joined nobody else may pull, so `dispatching` outlives the slot.
    fn end_of(engine: &sidetone_engine, order: u8) {
        let thread = lock(&engine.event_thread).take();
        if let Some(thread) = thread {
            thread.end(order);
            engine.dispatching.store(false, Ordering::Release);
        }
    }

    fn end(self, order: u8) {
        self.order.store(order, Ordering::Release);
        while !self.thread.is_finished() {
            self.engine.wake();
            thread::sleep(Duration::from_millis(2));
        }
        // Nothing in the thread panics; if something did, it is over all the same.
        let _ = self.thread.join();
    }
}

fn run(source: &Source, order: &AtomicU8, callback: &Callback) {
    let mut lent = Lent::default();
    loop {
        let order = order.load(Ordering::Acquire);
        let timeout = match order {
            RUN => None,
            DRAIN => Some(Duration::ZERO),
            _ => return,
        };
        match source.pull(&mut lent, timeout) {
            // SAFETY: the host gave the function for this use; the event lives until it is back.
            Ok(Some(event)) => guard::calling_host(|| unsafe {
                (callback.function)(&event, callback.user);
            }),
            // Woken: look at the order.
            Ok(None) if order == RUN => {}
            // Another thread waited for events when this one was started: it ends its wait.
            Err(error) if error.kind == ErrorKind::WrongThread => {
                source.engine.wake();
                thread::sleep(Duration::from_millis(2));
            }
            Ok(None) | Err(_) => return,
        }
    }
}

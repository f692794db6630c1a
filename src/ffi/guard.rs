//! The edge: where panics end, errors become numbers, engine pointers become references, and the
//! floating-point state changes hands.

use std::{
    any::Any,
    cell::Cell,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{engine::sidetone_engine, floats, status};
use crate::{
    base::ids::{IdError, RequestId},
    engine::{Error, ErrorKind},
};

/// Result of everything on this floor.
pub(super) type Outcome<T = ()> = Result<T, Error>;

/// Runs the body of a C function: 0, or the error's number with its text kept for this thread.
pub(super) fn guard(body: impl FnOnce() -> Outcome) -> i32 {
    guard_value(|| body().map(|()| status::SIDETONE_OK))
}

/// The same for functions whose success is a number of their own.
pub(super) fn guard_value(body: impl FnOnce() -> Outcome<i32>) -> i32 {
    // A panic leaves the engine as usable as its own threads find it: each of them has its own
    // boundary, and what this floor shares is kept in locks that outlive a panic (`lock`).
    floats::with_own(|| match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => {
            status::keep_error(&error);
            error.kind as i32
        }
        Err(payload) => {
            let error = Error::new(ErrorKind::Panic, panic_text(payload.as_ref()));
            // Keeping text is all that is left to do; it must not be able to unwind either.
            let _ = catch_unwind(AssertUnwindSafe(|| status::keep_error(&error)));
            ErrorKind::Panic as i32
        }
    })
}

/// The same for commands: a request number is stored only by one that is under way.
pub(super) fn guard_command(request: *mut u64, body: impl FnOnce() -> Outcome) -> i32 {
    guard(|| {
        Out::optional(request).put(0);
        body()
    })
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    format!("a fault inside the library: {what}; please report it")
}

/// Takes a lock whatever happened to its last holder; the data of this floor's locks is whole at
/// every point where a panic could come.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// Set while this thread runs a host's wake-up or log function, which may only notify.
    static NOTIFYING: Cell<bool> = const { Cell::new(false) };
    /// The engine (as a number) whose event callback this thread runs.
    static DISPATCHING: Cell<usize> = const { Cell::new(0) };
}

/// Runs a host's function. What it does to the floating-point state of the thread does not last.
pub(super) fn calling_host(run: impl FnOnce()) {
    floats::with_own(run);
}

/// The same for a function that may not call back.
pub(super) fn notifying(run: impl FnOnce()) {
    let before = NOTIFYING.replace(true);
    calling_host(run);
    NOTIFYING.set(before);
}

/// Whether this thread is inside such a function.
fn is_notifying() -> bool {
    NOTIFYING.get()
}

/// Marks this thread as the callback thread of `engine`.
pub(super) fn mark_dispatching(engine: *const sidetone_engine) {
    DISPATCHING.set(engine as usize);
}

/// `WrongThread` on the callback thread of `engine` and inside functions that may only notify.
pub(super) fn refuse_own_threads(engine: *const sidetone_engine, what: &str) -> Outcome {
    if is_notifying() {
        return Err(wrong_thread("a wake-up or log function may only notify"));
    }
    if !engine.is_null() && DISPATCHING.get() == engine as usize {
        return Err(wrong_thread(&format!(
            "{what} would wait for the event callback that it is called from; call it from another \
             thread"
        )));
    }
    Ok(())
}

fn wrong_thread(text: &str) -> Error {
    Error::new(ErrorKind::WrongThread, text)
}

/// Counts the calls that are inside an engine, so that destroy can wait for them.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<GateState>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    inside: usize,
    closed: bool,
}

impl Gate {
    fn enter(&self) -> Outcome {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(Error::new(ErrorKind::Shutdown, "the engine is being destroyed"));
        }
        state.inside += 1;
        Ok(())
    }

    fn leave(&self) {
        let mut state = lock(&self.state);
        state.inside -= 1;
        if state.inside == 0 {
            self.left.notify_all();
        }
    }

    /// Lets nobody in any more; false when it was closed before.
    pub(super) fn close(&self) -> bool {
        !std::mem::replace(&mut lock(&self.state).closed, true)
    }

    /// Waits until nobody is inside, calling `nudge` every 10 ms for those that sleep.
    pub(super) fn wait_empty(&self, nudge: impl Fn()) {
        while lock(&self.state).inside > 0 {
            nudge();
            let state = lock(&self.state);
            // Spurious wake-ups do no harm: the loop looks again.
            if state.inside > 0 {
                drop(self.left.wait_timeout(state, Duration::from_millis(10)));
            }
        }
    }
}

/// A call that is inside an engine; the engine cannot be freed while it lives.
pub(super) struct Entered<'a>(&'a sidetone_engine);

impl Deref for Entered<'_> {
    type Target = sidetone_engine;

    fn deref(&self) -> &sidetone_engine {
        self.0
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.gate.leave();
    }
}

/// Follows a host's engine pointer.
pub(super) fn enter<'a>(engine: *const sidetone_engine) -> Outcome<Entered<'a>> {
    if is_notifying() {
        return Err(wrong_thread("a wake-up or log function may only notify"));
    }
    // SAFETY: a pointer that is not NULL came from `sidetone_engine_create` and was not destroyed
    // (preface, "Pointers"); `Entered` keeps destroy waiting.
    let engine = unsafe { engine.as_ref() }.ok_or_else(|| null("engine"))?;
    engine.gate.enter()?;
    Ok(Entered(engine))
}

/// The error of a NULL that must not be.
pub(super) fn null(name: &str) -> Error {
    Error::new(ErrorKind::NullPointer, format!("{name} is NULL"))
}

/// An argument out of its range.
pub(super) fn invalid(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, text)
}

/// The error of a number that is no id of the kind that is due.
pub(super) fn id_error(error: IdError, noun: &str, raw: u64) -> Error {
    match error {
        IdError::WrongKind => {
            Error::new(ErrorKind::WrongKind, format!("{raw:#x} is not the id of {noun}"))
        }
        IdError::Stale => Error::new(ErrorKind::StaleId, format!("{noun} of id {raw:#x} is gone")),
    }
}

/// A place of the host to put a value.
pub(super) struct Out<T>(*mut T);

impl<T: Copy> Out<T> {
    /// Refuses NULL.
    pub(super) fn required(pointer: *mut T, name: &str) -> Outcome<Self> {
        if pointer.is_null() { Err(null(name)) } else { Ok(Self(pointer)) }
    }

    /// NULL: the host does not want it.
    pub(super) fn optional(pointer: *mut T) -> Self {
        Self(pointer)
    }

    /// Stores the value.
    pub(super) fn put(&self, value: T) {
        if !self.0.is_null() {
            // SAFETY: not NULL, so it points to room for a T (preface, "Pointers"); unaligned rooms
            // are taken too, as packed structs of hosts have them.
            unsafe { self.0.write_unaligned(value) }
        }
    }

    fn is_wanted(&self) -> bool {
        !self.0.is_null()
    }
}

/// Runs a command, with a request number when the host wants one. The number is stored before the
/// command runs, as its reply may be pulled before the command's function is back (within
/// [`guard_command`], so that it is 0 after every failure).
pub(super) fn command<T>(
    engine: &sidetone_engine,
    request: *mut u64,
    run: impl FnOnce(Option<RequestId>) -> Outcome<T>,
) -> Outcome<T> {
    let out = Out::optional(request);
    if !out.is_wanted() {
        return run(None);
    }
    let id = engine.engine.new_request();
    out.put(id.0);
    run(Some(id)).inspect_err(|_| out.put(0))
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn last_error() -> String {
        let mut buffer = [0; 256];
        // SAFETY: the buffer has the capacity that is given.
        let status =
            unsafe { status::sidetone_last_error(buffer.as_mut_ptr(), 256, std::ptr::null_mut()) };
        assert_eq!(status, status::SIDETONE_OK);
        // SAFETY: text out ends with a NUL.
        unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_becomes_a_status_with_its_text_and_leaves_locks_usable() {
        let shared = Mutex::new(1);
        let status = guard(|| {
            let _held = lock(&shared);
            panic!("a planted fault")
        });
        assert_eq!(status, status::SIDETONE_ERR_PANIC);
        assert!(last_error().contains("a planted fault"), "{}", last_error());
        assert_eq!(*lock(&shared), 1, "a poisoned lock still opens");
    }

    #[test]
    fn a_success_leaves_the_last_error_as_it_is() {
        assert_eq!(guard(|| Err(invalid("what was wrong"))), status::SIDETONE_ERR_INVALID_ARGUMENT);
        assert_eq!(guard(|| Ok(())), status::SIDETONE_OK);
        assert_eq!(last_error(), "what was wrong");
    }

    #[test]
    fn each_thread_has_a_last_error_of_its_own() {
        guard(|| Err(invalid("here")));
        std::thread::spawn(|| assert_eq!(last_error(), "")).join().unwrap();
        assert_eq!(last_error(), "here");
    }

    #[test]
    fn a_request_number_is_cleared_by_a_failure() {
        let mut request = 7;
        let status = guard_command(&mut request, || Err(invalid("no")));
        assert_eq!((status, request), (status::SIDETONE_ERR_INVALID_ARGUMENT, 0));
    }

    #[test]
    fn a_closed_gate_lets_nobody_in_and_waits_for_those_inside() {
        let gate = Gate::default();
        gate.enter().unwrap();
        assert!(gate.close() && !gate.close());
        assert_eq!(gate.enter().unwrap_err().kind, ErrorKind::Shutdown);
        gate.wait_empty(|| gate.leave());
    }
}

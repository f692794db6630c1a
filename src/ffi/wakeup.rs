//! How a host learns that events wait. One way at a time; setting one replaces the other.

use std::{
    ffi::c_void,
    sync::{Arc, Mutex},
};

use super::{
    engine::sidetone_engine,
    guard::{enter, guard, lock, notifying},
};
use crate::engine::Wakeup;
#[cfg(not(unix))]
use crate::engine::{Error, ErrorKind};

/// Tells that events wait. It may be called on any thread, and may only notify: set a flag, post a
/// message, write to a pipe. Every function of this library that it calls with the engine returns
/// SIDETONE_ERR_WRONG_THREAD. It must not throw.
pub type sidetone_wakeup_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// A host's wake-up function; while it runs the lock is held, so that it is not called any more once
/// it was replaced. It cannot come back here: `guard::enter` refuses it.
#[derive(Debug, Default)]
pub(super) struct WakeupSlot(Mutex<Option<Notify>>);

#[derive(Debug)]
struct Notify {
    function: unsafe extern "C" fn(*mut c_void),
    user: *mut c_void,
}

// SAFETY: the pointer is only handed back to the host, which was told that any thread may do so.
unsafe impl Send for Notify {}

impl WakeupSlot {
    fn set(&self, notify: Option<Notify>) {
        *lock(&self.0) = notify;
    }

    /// No call runs or will run once this is back.
    pub(super) fn clear(&self) {
        self.set(None);
    }

    fn notify(&self) {
        if let Some(notify) = &*lock(&self.0) {
            // SAFETY: the host gave the function for this use.
            notifying(|| unsafe { (notify.function)(notify.user) });
        }
    }
}

/// Calls a function each time that events wait after there were none, and at once if there are some.
/// Pull then until there are none left.
///
/// `function`: NULL ends every wake-up, of whatever form; the old one does not run any more when this
/// function is back. `user`: given to it.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_function(engine, on_wakeup, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_wakeup_set_function(
    engine: *mut sidetone_engine,
    function: sidetone_wakeup_fn,
    user: *mut c_void,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let wakeup = function.map(|_| {
            let slot = Arc::clone(&engine.wakeup);
            Wakeup::Function(Arc::new(move || slot.notify()))
        });
        engine.wakeup.set(function.map(|function| Notify { function, user }));
        engine.engine.set_wakeup(wakeup);
        Ok(())
    })
}

/// Writes eight bytes (the number 1 of the machine) to a file descriptor each time that events wait
/// after there were none, and at once if there are some: an eventfd, or the writing end of a
/// non-blocking pipe. Read it empty, then pull until there are none left.
///
/// `fd`: stays the host's, and open until another wake-up is set or the engine is destroyed; -1 ends
/// every wake-up.
/// Returns SIDETONE_OK; SIDETONE_ERR_UNSUPPORTED (Windows), SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_fd(engine, fd);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_wakeup_set_fd(engine: *mut sidetone_engine, fd: i32) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        if fd < -1 {
            return Err(super::guard::invalid(format!("fd {fd}: give an open one, or -1")));
        }
        #[cfg(unix)]
        {
            engine.engine.set_wakeup((fd != -1).then_some(Wakeup::EventFd(fd)));
            engine.wakeup.clear();
            Ok(())
        }
        #[cfg(not(unix))]
        {
            let _ = engine;
            Err(Error::new(
                ErrorKind::Unsupported,
                "descriptors wake nobody on this platform; use a handle or a window",
            ))
        }
    })
}

/// Sets a Windows event object (SetEvent) each time that events wait after there were none, and at
/// once if there are some. Pull then until there are none left.
///
/// `handle`: a HANDLE; stays the host's, and open until another wake-up is set or the engine is
/// destroyed; NULL ends every wake-up.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_handle(engine, handle);
/// ```
#[cfg(windows)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_wakeup_set_handle(
    engine: *mut sidetone_engine,
    handle: *mut c_void,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let wakeup = (!handle.is_null()).then_some(Wakeup::EventHandle(handle as usize));
        engine.engine.set_wakeup(wakeup);
        engine.wakeup.clear();
        Ok(())
    })
}

/// Posts a message to a window (PostMessageW, wParam and lParam 0) each time that events wait after
/// there were none, and at once if there are some. Pull then until there are none left.
///
/// `window`: an HWND; NULL ends every wake-up. `message`: WM_APP (0x8000) to 0xBFFF.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_window(engine, handle, 0x8001);
/// ```
#[cfg(windows)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_wakeup_set_window(
    engine: *mut sidetone_engine,
    window: *mut c_void,
    message: u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let message = super::engine::within(message, 0x8000, 0xBFFF, "message")?;
        let wakeup = (!window.is_null())
            .then_some(Wakeup::WindowMessage { window: window as usize, message });
        engine.engine.set_wakeup(wakeup);
        engine.wakeup.clear();
        Ok(())
    })
}

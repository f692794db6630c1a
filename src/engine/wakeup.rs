//! How a host learns that events wait, without a call into its code that could do more.

use std::{fmt, sync::Arc};

/// A notify-only wake-up. It is given once each time the event queue turns from empty to filled.
#[derive(Clone)]
#[non_exhaustive]
pub enum Wakeup {
    /// A function, called on the signaling thread. It may set a flag or post a message, and must
    /// not call the engine.
    Function(Arc<dyn Fn() + Send + Sync>),
    /// An eventfd, or any descriptor that takes 8 bytes. The host keeps it open.
    #[cfg(unix)]
    EventFd(i32),
    /// An event HANDLE, set by SetEvent. The host keeps it open.
    #[cfg(windows)]
    EventHandle(usize),
    /// A message posted to a window by PostMessageW.
    #[cfg(windows)]
    WindowMessage {
        /// HWND.
        window: usize,
        /// Message number, WM_APP or higher.
        message: u32,
    },
}

impl Wakeup {
    /// Gives the notice.
    pub(super) fn notify(&self) {
        match self {
            Wakeup::Function(function) => function(),
            #[cfg(unix)]
            Wakeup::EventFd(fd) => crate::net::wake::signal_fd(*fd),
            #[cfg(windows)]
            Wakeup::EventHandle(handle) => crate::net::wake::signal_handle(*handle),
            #[cfg(windows)]
            Wakeup::WindowMessage { window, message } => {
                crate::net::wake::post_message(*window, *message)
            }
        }
    }
}

impl fmt::Debug for Wakeup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wakeup::Function(_) => "Wakeup::Function",
            #[cfg(unix)]
            Wakeup::EventFd(_) => "Wakeup::EventFd",
            #[cfg(windows)]
            Wakeup::EventHandle(_) => "Wakeup::EventHandle",
            #[cfg(windows)]
            Wakeup::WindowMessage { .. } => "Wakeup::WindowMessage",
        })
    }
}

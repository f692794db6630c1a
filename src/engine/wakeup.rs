//! How a host learns that events wait, without a call into its code that could do more.

use std::{fmt, sync::Arc};

/// A notify-only wake-up. It is given once when the queue turns from empty to filled.
#[derive(Clone)]
#[non_exhaustive]
pub enum Wakeup {
    /// A function, called on the signaling thread. It may set a flag or post a message, and must
    /// not call the engine.
    Function(Arc<dyn Fn() + Send + Sync>),
    /// An eventfd (or any fd that takes 8 bytes): Linux and other Unix. The host keeps it open.
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

impl fmt::Debug for Wakeup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wakeup")
    }
}

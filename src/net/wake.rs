//! The system's own ways to wake a host's event loop.

#![allow(unsafe_code)]

/// Adds 1 to an eventfd. A full or closed descriptor is the host's affair: nothing is lost, since
/// the host pulls until the queue is empty.
#[cfg(unix)]
pub fn signal_fd(fd: i32) {
    let one = 1u64.to_ne_bytes();
    // SAFETY: `one` is 8 readable bytes for the whole call; write takes any descriptor number.
    unsafe {
        libc::write(fd, one.as_ptr().cast(), one.len());
    }
}

/// Sets an event HANDLE.
#[cfg(windows)]
pub fn signal_handle(handle: usize) {
    // SAFETY: SetEvent takes any value and fails on one that is not an event.
    unsafe {
        windows_sys::Win32::System::Threading::SetEvent(handle as _);
    }
}

/// Posts a message to a window.
#[cfg(windows)]
pub fn post_message(window: usize, message: u32) {
    // SAFETY: PostMessageW takes any value and fails on one that is not a window.
    unsafe {
        windows_sys::Win32::UI::WindowsAndMessaging::PostMessageW(window as _, message, 0, 0);
    }
}

//! Free memory goes back to the system.

/// Gives back what the allocator holds free, that of all threads. Takes a few milliseconds at most, in
/// which threads that want memory wait. glibc alone needs it: it keeps what lies between things that are
/// in use (malloc_trim(3)).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub fn give_back() {
    // SAFETY: the allocator's own function, for any thread; it moves nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Nothing to be done.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

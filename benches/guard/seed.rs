//! The same "random" octets and the same time in every run of the guard. What `HashMap` is keyed with
//! decides how often a table is searched twice and made anew; the nanoseconds that a run begins at,
//! how often a sum of times has a carry.
#![allow(unsafe_code)]

/// In the place of libc's, which the standard library would call.
///
/// # Safety
///
/// `buffer` has room for `length` octets.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    // SAFETY: the caller says so.
    unsafe { buffer.write_bytes(7, length) };
    length as isize
}

/// In the place of libc's: a clock that stands. The paths add to a first look at it.
///
/// # Safety
///
/// `time` can be written to.
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(_: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    // SAFETY: the caller says so; zeros are a time.
    unsafe {
        time.write_bytes(0, 1);
        (*time).tv_sec = 1_000_000;
    }
    0
}

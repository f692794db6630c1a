//! Which library this is, and what it can do.

use std::ffi::c_char;

use super::{guard::guard_value, strings};

/// Version of this interface: major * 65536 + minor. A minor one adds; only a major one changes or
/// removes.
pub const SIDETONE_API_VERSION: u32 = 2;

/// The interface version of the library that is loaded, in the form of SIDETONE_API_VERSION. It can
/// be used when its major number is the header's and its minor number not less.
///
/// Threads: any. Since 0.1.
///
/// ```c
/// if (sidetone_api_version() < SIDETONE_API_VERSION)
///   puts("the library is older than the header");
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn sidetone_api_version() -> u32 {
    SIDETONE_API_VERSION
}

/// The version of the library, for people: "0.1.0".
///
/// Returns a text that lives as long as the library is loaded; never NULL.
/// Threads: any. Since 0.1.
///
/// ```c
/// printf("sidetone %s\n", sidetone_version());
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn sidetone_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Whether the library has a feature by name: "audio" (sound cards), "udp", "tcp", "tls", "ws", "srtp",
/// "opus", "g722", "pcmu", "pcma", "taps", "conferences", "wakeup-fd", "wakeup-windows".
///
/// `name`, `length` (bytes, -1: ends with a NUL).
/// Returns 1 when it has it, 0 when not or when the name is unknown;
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_INVALID_ARGUMENT (`length`).
/// Threads: any. Since 0.1.
///
/// ```c
/// if (sidetone_has_feature("audio", -1) != 1)
///   puts("built without sound cards");
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_has_feature(name: *const c_char, length: i32) -> i32 {
    guard_value(|| {
        let name = strings::required(name, length, "name")?;
        Ok(i32::from(match name {
            "audio" => cfg!(feature = "audio"),
            "opus" => cfg!(feature = "opus"),
            "tls" => cfg!(feature = "tls"),
            "ws" => cfg!(feature = "ws"),
            "udp" | "tcp" | "srtp" | "g722" | "pcmu" | "pcma" | "taps" | "conferences" => true,
            "wakeup-fd" => cfg!(unix),
            "wakeup-windows" => cfg!(windows),
            _ => false,
        }))
    })
}

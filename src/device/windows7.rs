//! Windows 7, which lacks a function that cpal imports, and has two more in another DLL than Windows
//! 8: a library with them in its table of imports would not load there. The first has a stand-in
//! here; the others come from an import library that `scripts/windows-build.sh` makes.

// Assembly counts as unsafe code; this only places a pointer.
#![allow(unsafe_code)]

use core::ffi::c_void;

/// `ActivateAudioInterfaceAsync`, which cpal calls for what it names the default device; here every
/// device is opened by its own id.
extern "system" fn activate_audio_interface_async(
    _path: *const u16,
    _interface: *const c_void,
    _parameters: *const c_void,
    _handler: *mut c_void,
    _operation: *mut *mut c_void,
) -> i32 {
    const E_NOTIMPL: i32 = 0x8000_4001_u32 as i32;
    E_NOTIMPL
}

#[link(name = "ole32_of_windows_7", kind = "static")]
unsafe extern "C" {}

// Both names that an import library has for a function: the pointer that calls go through, and a
// jump. Without the decoration of 32-bit functions, as Rust imports them (`import_name_type =
// "undecorated"`). The linker takes neither from the import library then.
macro_rules! stand_in {
    ($pointer:literal) => {
        core::arch::global_asm!(
            ".section .rdata,\"dr\"",
            ".globl __imp_ActivateAudioInterfaceAsync",
            ".p2align 3",
            concat!("__imp_ActivateAudioInterfaceAsync: ", $pointer, " {function}"),
            ".text",
            ".globl ActivateAudioInterfaceAsync",
            "ActivateAudioInterfaceAsync: jmp {function}",
            function = sym activate_audio_interface_async,
        );
    };
}
#[cfg(target_arch = "x86_64")]
stand_in!(".quad");
#[cfg(target_arch = "x86")]
stand_in!(".long");

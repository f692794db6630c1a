//! Windows 7, which lacks a function that cpal imports: a library with it in its table of imports
//! would not load there. This stands in its place. Linking takes care of the others
//! (`scripts/windows-build.sh`).

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

// Both names that an import library has for a function: the pointer that calls go through, and a
// jump. The linker takes neither from there then.
#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".section .rdata,\"dr\"",
    ".globl __imp_ActivateAudioInterfaceAsync",
    ".p2align 3",
    "__imp_ActivateAudioInterfaceAsync: .quad {function}",
    ".text",
    ".globl ActivateAudioInterfaceAsync",
    "ActivateAudioInterfaceAsync: jmp {function}",
    function = sym activate_audio_interface_async,
);
#[cfg(target_arch = "x86")]
core::arch::global_asm!(
    ".section .rdata,\"dr\"",
    ".globl __imp__ActivateAudioInterfaceAsync@20",
    ".p2align 2",
    "__imp__ActivateAudioInterfaceAsync@20: .long {function}",
    ".text",
    ".globl _ActivateAudioInterfaceAsync@20",
    "_ActivateAudioInterfaceAsync@20: jmp {function}",
    function = sym activate_audio_interface_async,
);

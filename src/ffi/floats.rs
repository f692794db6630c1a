//! The floating-point state at the edge: ours inside, the host's outside.
//!
//! Some hosts (Delphi, programs that call feenableexcept) unmask floating-point exceptions, and then
//! an inexact result inside the library would end the process. So what runs for a host runs with
//! every exception masked and rounding to nearest, and the host finds its own state again, flags
//! and all. Threads begin with the state of the thread that starts them, which is always one of
//! ours or a host's inside the library. Processors other than x86 have no such traps by default.

/// Runs something with the library's state; the caller's is there again afterwards, whatever
/// happened in between.
pub(super) fn with_own<T>(run: impl FnOnce() -> T) -> T {
    let _caller = unit::Caller::enter();
    run()
}

#[cfg(all(any(target_arch = "x86", target_arch = "x86_64"), target_feature = "sse"))]
mod unit {
    use std::arch::asm;

    /// x87 control word: all exceptions masked, round to nearest, the precision of the platform.
    static X87: u16 = if cfg!(windows) { 0x027f } else { 0x037f };
    /// MXCSR: the same for SSE.
    static MXCSR: u32 = 0x1f80;

    /// The state of whoever called: what FNSTENV stores (28 bytes), and MXCSR.
    pub(super) struct Caller {
        x87: [u32; 7],
        mxcsr: u32,
    }

    impl Caller {
        pub(super) fn enter() -> Self {
            let mut caller = Self { x87: [0; 7], mxcsr: 0 };
            // FNSTENV masks what it has saved, so that a flag that is raised already traps nobody.
            // SAFETY: both rooms are ours and as long as the instructions write; what is loaded is
            // the state that compiled code expects.
            unsafe {
                asm!(
                    "fnstenv [{x87}]",
                    "fldcw [{own_x87}]",
                    "stmxcsr [{mxcsr}]",
                    "ldmxcsr [{own_mxcsr}]",
                    x87 = in(reg) &raw mut caller.x87,
                    own_x87 = in(reg) &raw const X87,
                    mxcsr = in(reg) &raw mut caller.mxcsr,
                    own_mxcsr = in(reg) &raw const MXCSR,
                    options(nostack),
                );
            }
            caller
        }
    }

    impl Drop for Caller {
        fn drop(&mut self) {
            // SAFETY: loads what `enter` stored on this thread.
            unsafe {
                asm!(
                    "ldmxcsr [{mxcsr}]",
                    "fldenv [{x87}]",
                    mxcsr = in(reg) &raw const self.mxcsr,
                    x87 = in(reg) &raw const self.x87,
                    options(nostack),
                );
            }
        }
    }
}

#[cfg(not(all(any(target_arch = "x86", target_arch = "x86_64"), target_feature = "sse")))]
mod unit {
    /// Nothing to keep.
    pub(super) struct Caller;

    impl Caller {
        pub(super) fn enter() -> Self {
            Self
        }
    }
}

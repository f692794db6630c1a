//! Real-time scheduling for the calling thread, where the system allows it. Process effect: media
//! workers, and the audio callbacks' threads while a sound card is open, run before ordinary ones.

/// How far above ordinary threads; the audio callbacks go before the media workers that feed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A media worker.
    Worker,
    /// An audio callback.
    Callback,
}

/// Asks for real-time scheduling of the calling thread; `false` when it is refused, which is usual
/// without privileges and costs nothing but safety against gaps under load.
#[allow(unsafe_code)]
#[cfg(target_os = "linux")]
pub fn promote_current_thread(urgency: Urgency) -> bool {
    // Above every ordinary thread, below the sound server's own and the kernel's interrupts.
    let sched_priority = match urgency {
        Urgency::Worker => 5,
        Urgency::Callback => 10,
    };
    let parameters = libc::sched_param { sched_priority };
    // SAFETY: 0 names the calling thread, and the structure lives until the call returns. Children
    // of this thread, should there be any, do not inherit (RESET_ON_FORK).
    unsafe {
        libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &parameters) == 0
    }
}

/// Asks for real-time scheduling of the calling thread; `false` when it is refused.
#[allow(unsafe_code)]
#[cfg(windows)]
pub fn promote_current_thread(urgency: Urgency) -> bool {
    use windows_sys::Win32::System::Threading::{
        GetCurrentThread, SetThreadPriority, THREAD_PRIORITY_HIGHEST, THREAD_PRIORITY_TIME_CRITICAL,
    };
    let priority = match urgency {
        Urgency::Worker => THREAD_PRIORITY_HIGHEST,
        Urgency::Callback => THREAD_PRIORITY_TIME_CRITICAL,
    };
    // SAFETY: the pseudo-handle of the calling thread is always valid and needs no closing.
    unsafe { SetThreadPriority(GetCurrentThread(), priority) != 0 }
}

/// Nothing to ask for here: the system's audio threads have their priority already.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn promote_current_thread(_: Urgency) -> bool {
    false
}

/// While one lives, the system's timers keep time to a millisecond: a process effect, on Windows
/// only (timeBeginPeriod); elsewhere they do so anyway.
#[derive(Debug)]
pub struct FineTimers(());

impl FineTimers {
    /// Asks for it; a refusal leaves ticks late, which is counted.
    #[allow(unsafe_code)]
    pub fn new() -> Self {
        // SAFETY: takes a number, and is paired with timeEndPeriod in `drop`.
        #[cfg(windows)]
        unsafe {
            windows_sys::Win32::Media::timeBeginPeriod(1);
        }
        Self(())
    }
}

impl Default for FineTimers {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for FineTimers {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: ends what `new` began.
        #[cfg(windows)]
        unsafe {
            windows_sys::Win32::Media::timeEndPeriod(1);
        }
    }
}

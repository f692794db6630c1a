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

/// What the thread of an audio callback is for as long as its stream lives. Windows: of the task
/// "Pro Audio" of its scheduler for multimedia (MMCSS), which is left again where the stream ends;
/// elsewhere, and where that service refuses, [`promote_current_thread`].
#[derive(Debug)]
pub struct AudioThread {
    #[cfg(windows)]
    joined: Option<mmcss::Joined>,
}

impl AudioThread {
    /// Joins with the calling thread, which is the one that drops it.
    #[cfg(windows)]
    pub fn join() -> Self {
        let joined = mmcss::Joined::new();
        if joined.is_none() {
            promote_current_thread(Urgency::Callback);
        }
        Self { joined }
    }

    /// Joins with the calling thread.
    #[cfg(not(windows))]
    pub fn join() -> Self {
        promote_current_thread(Urgency::Callback);
        Self {}
    }

    /// Whether the scheduler for multimedia took the thread; never but on Windows.
    pub fn is_multimedia(&self) -> bool {
        #[cfg(windows)]
        return self.joined.is_some();
        #[cfg(not(windows))]
        false
    }
}

#[cfg(windows)]
mod mmcss {
    //! The Multimedia Class Scheduler Service.

    use windows_sys::Win32::System::Threading::{
        AvRevertMmThreadCharacteristics, AvSetMmThreadCharacteristicsW, GetCurrentThreadId,
    };

    /// A thread that has joined.
    #[derive(Debug)]
    pub(super) struct Joined {
        /// A handle, kept as a number: it may go where its thread goes.
        task: isize,
        thread: u32,
    }

    impl Joined {
        /// Joins with the calling thread; `None` when that is refused.
        #[allow(unsafe_code)]
        pub(super) fn new() -> Option<Self> {
            let mut index = 0;
            // SAFETY: the name ends with a NUL, and both outlive the call.
            let task = unsafe {
                AvSetMmThreadCharacteristicsW(windows_sys::w!("Pro Audio"), &raw mut index)
            };
            // SAFETY: takes nothing.
            let thread = unsafe { GetCurrentThreadId() };
            (!task.is_null()).then_some(Self { task: task as isize, thread })
        }
    }

    impl Drop for Joined {
        #[allow(unsafe_code)]
        fn drop(&mut self) {
            // SAFETY: takes nothing.
            let here = unsafe { GetCurrentThreadId() };
            // Only the thread itself can leave; of one that has ended nothing is left.
            if here == self.thread {
                // SAFETY: `new` got the handle, and it is given back once.
                unsafe { AvRevertMmThreadCharacteristics(self.task as _) };
            }
        }
    }
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

//! Real-time scheduling for the calling thread, where the system allows it. Process effect: media
//! workers, and the audio callbacks' threads while a sound card is open, run before ordinary ones.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// What became of asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// Nobody asked yet, or there is nothing to ask for: then the system's audio threads have their
    /// priority already.
    #[default]
    NotAsked,
    /// Real-time scheduling (Linux: `SCHED_FIFO`; Windows: the highest priority of its class).
    RealTime,
    /// Of the scheduler for multimedia (Windows: MMCSS).
    Multimedia,
    /// Refused: with the system's error number.
    Refused(i32),
}

impl Priority {
    /// Of two, the one that is more reason to worry.
    pub fn worse(self, other: Self) -> Self {
        let worry = |priority: Self| match priority {
            Priority::Multimedia => 1,
            Priority::RealTime => 2,
            Priority::NotAsked => 0,
            Priority::Refused(_) => 3,
        };
        if worry(other) > worry(self) { other } else { self }
    }

    /// What the system said to the last request on this thread.
    #[cfg(any(target_os = "linux", windows))]
    fn refused() -> Self {
        Priority::Refused(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }
}

impl fmt::Display for Priority {
    /// For people; of a refusal why, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Priority::Refused(number) = self else {
            return f.write_str(match self {
                Priority::NotAsked => "not asked for",
                Priority::RealTime => "real-time scheduling",
                _ => "the scheduler for multimedia",
            });
        };
        let error = std::io::Error::from_raw_os_error(*number);
        write!(f, "real-time scheduling was refused: {error}")?;
        if cfg!(target_os = "linux") {
            f.write_str("; give the process CAP_SYS_NICE, or its user a limit of rtprio 10")?;
        }
        Ok(())
    }
}

/// A [`Priority`] that one thread writes and others read.
#[derive(Debug, Default)]
pub struct PriorityCell(AtomicU64);

impl PriorityCell {
    /// What it is now.
    pub fn get(&self) -> Priority {
        let value = self.0.load(Relaxed);
        match value >> 32 {
            0 => Priority::NotAsked,
            1 => Priority::RealTime,
            2 => Priority::Multimedia,
            _ => Priority::Refused(value as u32 as i32),
        }
    }

    /// Writes it. Never waits.
    pub fn set(&self, priority: Priority) {
        let (kind, number) = match priority {
            Priority::NotAsked => (0, 0),
            Priority::RealTime => (1, 0),
            Priority::Multimedia => (2, 0),
            Priority::Refused(number) => (3, number as u32),
        };
        self.0.store((kind << 32) | u64::from(number), Relaxed);
    }
}

/// How far above ordinary threads; the audio callbacks go before the media workers that feed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A media worker.
    Worker,
    /// An audio callback.
    Callback,
}

/// Asks for real-time scheduling of the calling thread. A refusal is usual without privileges, and
/// costs nothing but safety against gaps under load.
#[allow(unsafe_code)]
#[cfg(target_os = "linux")]
pub fn promote_current_thread(urgency: Urgency) -> Priority {
    // Above every ordinary thread, below the sound server's own and the kernel's interrupts.
    let sched_priority = match urgency {
        Urgency::Worker => 5,
        Urgency::Callback => 10,
    };
    let parameters = libc::sched_param { sched_priority };
    // SAFETY: 0 names the calling thread, and the structure lives until the call returns. Children
    // of this thread, should there be any, do not inherit (RESET_ON_FORK).
    let given = unsafe {
        libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &parameters) == 0
    };
    if given { Priority::RealTime } else { Priority::refused() }
}

/// Asks for real-time scheduling of the calling thread.
#[allow(unsafe_code)]
#[cfg(windows)]
pub fn promote_current_thread(urgency: Urgency) -> Priority {
    use windows_sys::Win32::System::Threading::{
        GetCurrentThread, SetThreadPriority, THREAD_PRIORITY_HIGHEST, THREAD_PRIORITY_TIME_CRITICAL,
    };
    let priority = match urgency {
        Urgency::Worker => THREAD_PRIORITY_HIGHEST,
        Urgency::Callback => THREAD_PRIORITY_TIME_CRITICAL,
    };
    // SAFETY: the pseudo-handle of the calling thread is always valid and needs no closing.
    let given = unsafe { SetThreadPriority(GetCurrentThread(), priority) != 0 };
    if given { Priority::RealTime } else { Priority::refused() }
}

/// Nothing to ask for here: the system's audio threads have their priority already.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn promote_current_thread(_: Urgency) -> Priority {
    Priority::NotAsked
}

/// What the thread of an audio callback is for as long as its stream lives. Windows: of the task
/// "Pro Audio" of its scheduler for multimedia (MMCSS), which is left again where the stream ends;
/// elsewhere, and where that service refuses, [`promote_current_thread`].
#[derive(Debug)]
pub struct AudioThread {
    priority: Priority,
    #[cfg(windows)]
    _joined: Option<mmcss::Joined>,
}

impl AudioThread {
    /// Joins with the calling thread, which is the one that drops it.
    #[cfg(windows)]
    pub fn join() -> Self {
        let joined = mmcss::Joined::new();
        let priority = match &joined {
            Some(_) => Priority::Multimedia,
            None => promote_current_thread(Urgency::Callback),
        };
        Self { priority, _joined: joined }
    }

    /// Joins with the calling thread.
    #[cfg(not(windows))]
    pub fn join() -> Self {
        Self { priority: promote_current_thread(Urgency::Callback) }
    }

    /// What the thread got; MMCSS on Windows only.
    pub fn priority(&self) -> Priority {
        self.priority
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_got_is_read_as_it_was_written() {
        let cell = PriorityCell::default();
        assert_eq!(cell.get(), Priority::NotAsked);
        for priority in [
            Priority::RealTime,
            Priority::Multimedia,
            Priority::Refused(1),
            Priority::Refused(-5),
            Priority::NotAsked,
        ] {
            cell.set(priority);
            assert_eq!(cell.get(), priority);
            assert_eq!(priority.worse(Priority::NotAsked), priority);
            assert_eq!(Priority::Refused(13).worse(priority), Priority::Refused(13));
        }
        assert_eq!(Priority::Multimedia.worse(Priority::RealTime), Priority::RealTime);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_gets_real_time_scheduling_or_is_told_why_not() {
        let got = std::thread::spawn(|| AudioThread::join().priority()).join().unwrap();
        match got {
            Priority::RealTime => {}
            Priority::Refused(number) => {
                assert_eq!(number, libc::EPERM);
                let text = got.to_string();
                assert!(text.contains("not permitted") && text.contains("rtprio"), "{text}");
            }
            other => panic!("Linux has no other: {other:?}"),
        }
    }
}

//! How the threads do that have to keep time.

use std::ffi::c_char;

use super::{
    engine::sidetone_engine,
    guard::{Outcome, enter, guard, invalid},
    sized::{self, Sized32},
    strings,
};
use crate::engine::{EngineHealth, Priority};

/// Priority of threads: nobody asked yet, or there is nothing to ask for on this system.
pub const SIDETONE_PRIORITY_NOT_ASKED: u32 = 0;
/// Priority of threads: real-time scheduling (Linux: SCHED_FIFO; Windows: the highest priority of the
/// process's class).
pub const SIDETONE_PRIORITY_REAL_TIME: u32 = 1;
/// Priority of threads: that of the scheduler for multimedia (Windows: MMCSS, "Pro Audio").
pub const SIDETONE_PRIORITY_MULTIMEDIA: u32 = 2;
/// Priority of threads: refused; the work is done, with gaps on a busy machine.
pub const SIDETONE_PRIORITY_REFUSED: u32 = 3;

/// Threads: the media workers.
pub const SIDETONE_THREADS_WORKERS: u32 = 1;
/// Threads: the callbacks of the sound card.
pub const SIDETONE_THREADS_CALLBACKS: u32 = 2;

/// How the threads of an engine do that have to keep time, from its creation: the sound card's
/// callbacks, over all cards that it has had open, and the rounds of its media workers. Durations are of
/// the monotonic clock, and counted by length: percentiles are up to an eighth more than what was
/// measured, never less, and the longest is exact.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_engine_health {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// Media workers.
    pub workers: u32,
    /// Callbacks of the loudspeaker; 0: no sound card was open yet.
    pub playback_callbacks: u64,
    /// Callbacks of the microphone.
    pub capture_callbacks: u64,
    /// Callbacks of either that took longer than the audio they were for: heard as gaps.
    pub deadline_misses: u64,
    /// Rounds in which media workers made audio, see `ticks` of sidetone_engine_stats.
    pub rounds: u64,
    /// Of them: those that began more than 5 ms late, with a sound card 2.5 ms.
    pub late_rounds: u64,
    /// Half of the callbacks took no longer, microseconds.
    pub callback_p50_us: u32,
    /// 99 of 100 took no longer, microseconds.
    pub callback_p99_us: u32,
    /// The longest, microseconds.
    pub callback_max_us: u32,
    /// Half of the rounds began no later than this after they were due, microseconds.
    pub round_late_p50_us: u32,
    /// 99 of 100 began no later, microseconds.
    pub round_late_p99_us: u32,
    /// The latest, microseconds.
    pub round_late_max_us: u32,
    /// SIDETONE_PRIORITY_* of the media workers' threads, of the worst of them.
    pub worker_priority: u32,
    /// When refused: the system's number (errno, on Windows that of GetLastError), else 0.
    pub worker_error: i32,
    /// SIDETONE_PRIORITY_* of the callbacks' threads.
    pub callback_priority: u32,
    /// When refused: the system's number, else 0.
    pub callback_error: i32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_engine_health {
    const NAME: &'static str = "sidetone_engine_health";
    const FIRST_SIZE: u32 = 88;
}

fn priority(priority: Priority) -> (u32, i32) {
    match priority {
        Priority::NotAsked => (SIDETONE_PRIORITY_NOT_ASKED, 0),
        Priority::RealTime => (SIDETONE_PRIORITY_REAL_TIME, 0),
        Priority::Multimedia => (SIDETONE_PRIORITY_MULTIMEDIA, 0),
        Priority::Refused(error) => (SIDETONE_PRIORITY_REFUSED, error),
    }
}

fn told(health: &EngineHealth) -> sidetone_engine_health {
    let (worker_priority, worker_error) = priority(health.worker_priority);
    let (callback_priority, callback_error) = priority(health.callback_priority);
    sidetone_engine_health {
        size: 0,
        workers: health.workers,
        playback_callbacks: health.playback_callbacks,
        capture_callbacks: health.capture_callbacks,
        deadline_misses: health.deadline_misses,
        rounds: health.round_late.count,
        late_rounds: health.late_rounds,
        callback_p50_us: health.callback.p50_us,
        callback_p99_us: health.callback.p99_us,
        callback_max_us: health.callback.max_us,
        round_late_p50_us: health.round_late.p50_us,
        round_late_p99_us: health.round_late.p99_us,
        round_late_max_us: health.round_late.max_us,
        worker_priority,
        worker_error,
        callback_priority,
        callback_error,
    }
}

/// How the threads do that have to keep time: durations of the sound card's callbacks, missed
/// deadlines, late rounds, and what scheduling the system gave them. Reading never disturbs them.
///
/// `health`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// sidetone_engine_health health;
/// health.size = sizeof health;
/// if (sidetone_engine_health_read(engine, &health) == SIDETONE_OK && health.deadline_misses > 0)
///   printf("99 of 100 callbacks took %u us\n", (unsigned)health.callback_p99_us);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_health_read(
    engine: *mut sidetone_engine,
    health: *mut sidetone_engine_health,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        sized::check_out(health)?;
        sized::write(health, &told(&engine.engine.health()))
    })
}

/// What scheduling threads of an engine got, in words: of a refusal why, and what to do about it.
///
/// `threads`: SIDETONE_THREADS_*. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`threads`),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// char text[256];
/// if (sidetone_engine_priority_read(engine, SIDETONE_THREADS_WORKERS, text, sizeof text, NULL) ==
///     SIDETONE_OK)
///   puts(text);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_priority_read(
    engine: *mut sidetone_engine,
    threads: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let text = of_threads(threads, &engine.engine.health())?.to_string();
        strings::copy_out(&text, buffer, capacity, needed)
    })
}

fn of_threads(threads: u32, health: &EngineHealth) -> Outcome<Priority> {
    match threads {
        SIDETONE_THREADS_WORKERS => Ok(health.worker_priority),
        SIDETONE_THREADS_CALLBACKS => Ok(health.callback_priority),
        _ => Err(invalid(format!("threads {threads}: give 1 (workers) or 2 (callbacks)"))),
    }
}

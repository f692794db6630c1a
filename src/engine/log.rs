//! Log lines for the host: bounded, lossy, never from the real-time thread.
//!
//! Any engine thread puts a line into a bounded channel and waits for nobody; the thread
//! `sidetone-log`, there only while a sink is set, hands them to the sink. A line is dropped and
//! counted when the channel is full, or while the host puts another sink in place.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock, TryLockError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use crossbeam_channel::{Sender, TrySendError, bounded};

/// How much a log line matters. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum LogLevel {
    /// Something failed.
    Error = 1,
    /// Something is odd.
    Warning = 2,
    /// What a user would want to know.
    Info = 3,
    /// What a developer would want to know.
    Debug = 4,
    /// Every SIP message, secrets scrubbed, under module `sip.trace`.
    Trace = 5,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// Where it comes from: `sip.trace`, `sip`, `call`, `media`, `device`, `engine`.
    pub module: &'static str,
    /// The text; several lines for a SIP message.
    pub text: String,
}

/// Takes log lines, on the log thread.
pub type LogSink = Arc<dyn Fn(&LogLine) + Send + Sync>;

/// Lines that may wait for a slow sink.
const QUEUE: usize = 4096;

/// The engine's log.
#[derive(Default)]
pub(crate) struct Logger {
    level: AtomicU32,
    lost: AtomicU64,
    /// Written by [`Logger::set`] only: lines do not keep one another out.
    sink: RwLock<Option<Worker>>,
}

struct Worker {
    lines: Sender<LogLine>,
    thread: Option<JoinHandle<()>>,
}

impl Logger {
    /// Whether a line of this level would reach anybody.
    pub(crate) fn enabled(&self, level: LogLevel) -> bool {
        level as u32 <= self.level.load(Ordering::Relaxed)
    }

    /// Queues a line; `text` is only made when somebody listens.
    pub(crate) fn log(&self, level: LogLevel, module: &'static str, text: impl FnOnce() -> String) {
        if !self.enabled(level) {
            return;
        }
        let line = LogLine { level, module, text: text() };
        let lost = match self.sink.try_read() {
            Ok(sink) => put(sink.as_ref(), line),
            Err(TryLockError::Poisoned(sink)) => put(sink.into_inner().as_ref(), line),
            Err(TryLockError::WouldBlock) => true,
        };
        self.lost.fetch_add(u64::from(lost), Ordering::Relaxed);
    }

    /// Puts another sink in place, after the old one had the lines that waited for it.
    pub(crate) fn set(&self, level: LogLevel, sink: Option<LogSink>) {
        let worker = sink.and_then(|sink| {
            let (lines, queue) = bounded::<LogLine>(QUEUE);
            let thread = std::thread::Builder::new()
                .name("sidetone-log".to_owned())
                .stack_size(256 * 1024)
                .spawn(move || queue.iter().for_each(|line| sink(&line)))
                .ok()?;
            Some(Worker { lines, thread: Some(thread) })
        });
        let level = if worker.is_some() { level as u32 } else { 0 };
        self.level.store(level, Ordering::Relaxed);
        let old = {
            let mut slot = self.sink.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *slot, worker)
        };
        if let Some(old) = old {
            old.end();
        }
    }

    /// Lines dropped since the start.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// Whether the line found no place.
fn put(worker: Option<&Worker>, line: LogLine) -> bool {
    worker.is_some_and(|worker| matches!(worker.lines.try_send(line), Err(TrySendError::Full(_))))
}

impl Worker {
    /// Waits for the sink, unless it is the sink that asks.
    fn end(mut self) {
        drop(self.lines);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // A sink that panicked has ended its thread already.
            let _ = thread.join();
        }
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        self.set(LogLevel::Error, None);
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Logger")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_waits_for_no_change_of_the_sink() {
        let logger = Logger::default();
        logger.set(LogLevel::Info, Some(Arc::new(|_| {})));
        let changing = logger.sink.write().unwrap();
        logger.log(LogLevel::Info, "engine", || "lost".to_owned());
        assert_eq!(logger.lost(), 1);
        drop(changing);
        logger.log(LogLevel::Info, "engine", || "put".to_owned());
        assert_eq!(logger.lost(), 1);
    }

    #[test]
    fn lines_do_not_keep_one_another_out() {
        let (told, lines) = crossbeam_channel::unbounded();
        let logger = Logger::default();
        logger.set(
            LogLevel::Info,
            Some(Arc::new(move |line: &LogLine| {
                let _ = told.send(line.text.clone());
            })),
        );
        let other = logger.sink.read().unwrap();
        logger.log(LogLevel::Info, "engine", || "put".to_owned());
        drop(other);
        logger.set(LogLevel::Info, None);
        assert_eq!((lines.recv().as_deref(), logger.lost()), (Ok("put"), 0));
    }
}

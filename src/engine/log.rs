//! Log lines for the host: bounded, lossy, never from the real-time thread.

use std::sync::Arc;

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

//! What the kernel says about a process: time, memory, threads, switches.

use std::{fs, io, path::Path, time::Instant};

/// One look at a process.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// CPU time of all its live threads, ms.
    pub cpu_ms: f64,
    /// Memory that is its alone and was written to, bytes.
    pub private_bytes: u64,
    /// Proportional set size: shared pages are split among their users, bytes.
    pub pss_bytes: u64,
    /// Resident set size: shared pages count in full, bytes.
    pub rss_bytes: u64,
    /// Threads.
    pub threads: u64,
    /// Times that it went to sleep by itself.
    pub voluntary: u64,
    /// Times that it was pushed aside.
    pub involuntary: u64,
}

/// The difference between two looks.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Seconds between them.
    pub seconds: f64,
    /// CPU time used, ms.
    pub cpu_ms: f64,
    /// Voluntary switches a second.
    pub voluntary_per_s: f64,
    /// Involuntary switches a second.
    pub involuntary_per_s: f64,
}

impl Look {
    /// Looks at process `pid`.
    pub fn at(pid: u32) -> io::Result<Self> {
        let folder = format!("/proc/{pid}");
        let rollup = fs::read_to_string(format!("{folder}/smaps_rollup"))?;
        let mut look = Look {
            at: Instant::now(),
            cpu_ms: 0.0,
            private_bytes: kilobytes(&rollup, "Private_Dirty:"),
            pss_bytes: kilobytes(&rollup, "Pss:"),
            rss_bytes: kilobytes(&rollup, "Rss:"),
            threads: 0,
            voluntary: 0,
            involuntary: 0,
        };
        for task in fs::read_dir(format!("{folder}/task"))? {
            // A thread may end between the listing and the reading.
            let _ = look.add_thread(&task?.path());
        }
        look.at = Instant::now();
        Ok(look)
    }

    fn add_thread(&mut self, task: &Path) -> io::Result<()> {
        let status = fs::read_to_string(task.join("status"))?;
        // The first number is the time on the CPU, ns: finer than the ticks in `stat`.
        let times = fs::read_to_string(task.join("schedstat"))?;
        let on_cpu_ns: f64 = times.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0.0);
        self.cpu_ms += on_cpu_ns / 1e6;
        self.threads += 1;
        self.voluntary += number(&status, "voluntary_ctxt_switches:");
        self.involuntary += number(&status, "nonvoluntary_ctxt_switches:");
        Ok(())
    }

    /// From this look to a later one.
    pub fn until(&self, later: &Look) -> Span {
        let seconds = (later.at - self.at).as_secs_f64().max(1e-9);
        let per_s = |a: u64, b: u64| b.saturating_sub(a) as f64 / seconds;
        Span {
            seconds,
            cpu_ms: later.cpu_ms - self.cpu_ms,
            voluntary_per_s: per_s(self.voluntary, later.voluntary),
            involuntary_per_s: per_s(self.involuntary, later.involuntary),
        }
    }
}

fn number(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn kilobytes(text: &str, name: &str) -> u64 {
    number(text, name) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_this_very_process() {
        let before = Look::at(std::process::id()).unwrap();
        assert!(before.threads >= 1 && before.private_bytes > 50_000);
        assert!(before.pss_bytes >= before.private_bytes);
        assert!(before.rss_bytes >= before.pss_bytes);
        // The kernel brings a running thread's time up to date at its ticks only.
        let grew = (0..10_000).any(|_| {
            std::hint::black_box((0..100_000u64).fold(0, |a, b| std::hint::black_box(a ^ b)));
            before.until(&Look::at(std::process::id()).unwrap()).cpu_ms > 0.0
        });
        assert!(grew);
    }
}

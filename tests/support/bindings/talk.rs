//! A program that is talked to over its standard input and output.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The longest time that a program may take.
const LIMIT: Duration = Duration::from_secs(150);

/// It is killed when it takes too long, and with its handle.
pub struct Talk {
    child: Child,
    /// Ends the watch when it is dropped.
    _watched: mpsc::Sender<()>,
    said: BufReader<ChildStdout>,
}

impl Talk {
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let child = command.spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = BufReader::new(child.stdout.take().expect("piped"));
        let (watched, watch) = mpsc::channel();
        let id = child.id().to_string();
        thread::spawn(move || {
            if watch.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-9", &id]).status();
            }
        });
        Self { child, _watched: watched, said }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads to a line that begins so; that line, and what was said before, whatever ends lines.
    pub fn until(&mut self, begin: &str) -> (String, String) {
        let mut before = String::new();
        loop {
            let mut line = String::new();
            let count = self.said.read_line(&mut line).expect("it speaks UTF-8");
            assert!(count > 0, "it ended before \"{begin}\", and said:\n{before}");
            if line.starts_with(begin) {
                return (line.trim_end().to_owned(), before);
            }
            before += line.trim_end();
            before.push('\n');
        }
    }

    /// Where it says that it can be called.
    pub fn address(&mut self) -> String {
        let (line, _) = self.until("listening on ");
        let address = line.rsplit(' ').next().unwrap_or_default();
        // Bound to every address: this machine is one.
        address.replace("0.0.0.0:", "127.0.0.1:")
    }

    pub fn say(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("piped");
        writeln!(input, "{line}").expect("it listens");
    }

    /// What it says until it ends, which has to be well.
    pub fn rest(mut self) -> String {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).expect("it speaks UTF-8");
        self.must_end_well();
        rest
    }

    pub fn must_end_well(mut self) {
        let status = self.child.wait().expect("it can be waited for");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

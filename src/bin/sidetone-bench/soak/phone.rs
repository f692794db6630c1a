//! The process of a [`super::SoakSubject`], as seen from outside; ended with its handle.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::Value;

use crate::proc::Look;

/// The phone, and the folder that it records into.
pub struct Phone {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    folder: PathBuf,
    /// Its SIP address.
    pub address: SocketAddr,
}

/// What the process takes of the system.
#[derive(Clone, Copy, Debug)]
pub struct Holding {
    /// Memory that is its alone, bytes.
    pub private_bytes: u64,
    /// Threads.
    pub threads: u64,
    /// Open files and sockets.
    pub files: u64,
    /// CPU time of its threads, ms.
    pub cpu_ms: f64,
}

impl Phone {
    /// Starts it with room for so many calls.
    pub fn start(calls: u32) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sidetone-soak-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["soak-subject", "--calls", &calls.to_string(), "--folder"]).arg(&folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let (sender, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let Ok(value) = serde_json::from_str(&line) else { continue };
                    if sender.send(value).is_err() {
                        // Nobody listens any more, but the pipe has to be kept empty.
                        continue;
                    }
                }
            });
        }
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut phone = Self { child, stdin, lines, folder, address };
        let first = phone.wait_for("address")?;
        phone.address = first["address"]
            .as_str()
            .and_then(|address| address.parse().ok())
            .ok_or_else(|| io::Error::other("the phone did not tell its address"))?;
        Ok(phone)
    }

    /// Gives it a command.
    pub fn tell(&mut self, command: &str) -> io::Result<()> {
        match &mut self.stdin {
            Some(stdin) => writeln!(stdin, "{command}"),
            None => Ok(()),
        }
    }

    /// What it has told since, if anything.
    pub fn told(&mut self) -> Option<Value> {
        self.lines.try_recv().ok()
    }

    /// Its totals; whatever else it tells before them is passed over.
    pub fn totals(&mut self) -> io::Result<Value> {
        self.tell("totals")?;
        Ok(self.wait_for("totals")?["totals"].clone())
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it takes now.
    pub fn holding(&self) -> io::Result<Holding> {
        let look = Look::at(self.child.id())?;
        let files = fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count() as u64;
        let Look { private_bytes, threads, cpu_ms, .. } = look;
        Ok(Holding { private_bytes, threads, files, cpu_ms })
    }

    /// Recordings that were not deleted.
    pub fn files_left(&self) -> usize {
        fs::read_dir(&self.folder).map_or(0, Iterator::count)
    }

    fn wait_for(&mut self, key: &str) -> io::Result<Value> {
        loop {
            match self.lines.recv_timeout(Duration::from_secs(20)) {
                Ok(value) if value.get(key).is_some() => return Ok(value),
                Ok(_) => {}
                Err(_) => return Err(io::Error::other("the phone says nothing")),
            }
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        // It ends with its stdin.
        drop(self.stdin.take());
        for _ in 0..200 {
            if !self.runs() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

//! sipp as the far end, with its own simple scenarios.

use std::{
    fs,
    io::{self, Error},
    net::{SocketAddr, UdpSocket},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use crate::place::Place;

/// A sipp that is to run.
pub struct Sipp {
    command: Command,
    folder: PathBuf,
    /// Its SIP address.
    pub address: SocketAddr,
}

/// A sipp at work; ended with its handle.
pub struct Running {
    child: Mutex<Child>,
    folder: PathBuf,
}

/// What sipp says of its calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// As the scenario says.
    pub successful: u64,
    /// Otherwise.
    pub failed: u64,
    /// Messages that it had to send again.
    pub retransmitted: u64,
}

impl Sipp {
    /// Places `calls` calls, `cps` a second, and hangs each up as soon as it is answered.
    pub fn caller(target: SocketAddr, cps: u32, calls: u32) -> io::Result<Self> {
        let mut sipp = Self::new("uac")?;
        sipp.command.arg(target.to_string());
        sipp.command.args(["-r", &cps.to_string(), "-m", &calls.to_string(), "-d", "0"]);
        // One socket of ours takes all answers: it must hold those of a moment's pause.
        sipp.command.args(["-buff_size", "1000000", "-s", "bench", "-recv_timeout", "20000"]);
        Ok(sipp)
    }

    /// Answers every call at once.
    pub fn callee() -> io::Result<Self> {
        let mut sipp = Self::new("uas")?;
        sipp.command.args(["-buff_size", "1000000"]);
        Ok(sipp)
    }

    fn new(scenario: &str) -> io::Result<Self> {
        let free = || UdpSocket::bind(("127.0.0.1", 0))?.local_addr();
        let (address, media) = (free()?, free()?.port());
        let name = format!("sidetone-bench-{}-{}", std::process::id(), address.port());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let mut command = Command::new("sipp");
        command.args(["-sn", scenario, "-i", "127.0.0.1", "-p", &address.port().to_string()]);
        command.args(["-mp", &media.to_string(), "-nostdin", "-trace_stat", "-fd", "1"]);
        command.arg("-stf").arg(folder.join("counts"));
        Ok(Self { command, folder, address }.at(Place::default()))
    }

    /// At a place.
    pub fn at(mut self, place: Place) -> Self {
        let mut command = place.load(self.command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.command = command;
        self
    }

    /// Starts it, and waits until its socket is bound.
    pub fn start(mut self) -> io::Result<Running> {
        let child = self.command.spawn().map_err(|error| {
            Error::new(error.kind(), format!("sipp: {error}; apt-get install sip-tester"))
        })?;
        let running = Running { child: Mutex::new(child), folder: self.folder };
        for _ in 0..500 {
            if UdpSocket::bind(self.address).is_err() {
                return Ok(running);
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Err(Error::other("sipp does not start"))
    }
}

impl Running {
    /// Whether it still works.
    pub fn runs(&self) -> bool {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        matches!(child.try_wait(), Ok(None))
    }

    /// Waits for its end, and gives what it counted.
    pub fn finish(self) -> io::Result<Counts> {
        self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).wait()?;
        let table = fs::read_to_string(self.folder.join("counts"))?;
        read(&table).ok_or_else(|| Error::other("sipp's counts cannot be read"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let _ = child.kill();
        let _ = child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The last line of sipp's table, columns by their names.
fn read(table: &str) -> Option<Counts> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next()?.split(';').collect();
    let last: Vec<&str> = lines.last()?.split(';').collect();
    let count = |name: &str| {
        let at = names.iter().position(|known| *known == name)?;
        last.get(at)?.parse().ok()
    };
    Some(Counts {
        successful: count("SuccessfulCall(C)")?,
        failed: count("FailedCall(C)")?,
        retransmitted: count("Retransmissions(C)")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_last_line_by_the_names_of_the_columns() {
        let table = "StartTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);Retransmissions(C);\n\
                     a;1;1;0;0;\nb;2;300;4;5;\n";
        let counts = read(table).unwrap();
        assert_eq!((counts.successful, counts.failed, counts.retransmitted), (300, 4, 5));
        assert!(read("a;b\n").is_none() && read("").is_none());
    }
}

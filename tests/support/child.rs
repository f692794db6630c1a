//! Other people's phones as child processes: started on free ports of loopback, ended with their
//! handle.

use std::{
    fs::{self, File},
    net::UdpSocket,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// A folder of its own for one test, removed with its handle.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("sidetone-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A path inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits until somebody listens on a UDP port of this machine: a request that comes earlier is told
/// that nobody does.
#[allow(dead_code)]
pub fn await_udp(port: u16) {
    let until = Instant::now() + Duration::from_secs(20);
    let bound = format!(":{port:04X} ");
    while !fs::read_to_string("/proc/net/udp").unwrap().contains(&bound) {
        assert!(Instant::now() < until, "nobody listens on port {port}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A UDP port that is free now, even, and whose two neighbours above are free as well.
pub fn free_port() -> u16 {
    for _ in 0..200 {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        if port.is_multiple_of(2)
            && port < 65_000
            && (1..=3).all(|more| UdpSocket::bind(("127.0.0.1", port + more)).is_ok())
            && std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()
        {
            return port;
        }
    }
    panic!("no four free ports in a row");
}

/// A running program; killed when its handle goes.
pub struct Running {
    child: Child,
    /// What it writes.
    pub output: PathBuf,
}

impl Running {
    /// Starts `command` with its output in a file of `folder`.
    pub fn start(mut command: Command, folder: &Folder) -> Self {
        let output = folder.path("output.txt");
        let file = File::create(&output).unwrap();
        let child = command
            .stdin(Stdio::piped())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}; scripts/setup-debian.sh test"));
        Self { child, output }
    }

    /// Waits for its end.
    pub fn wait(&mut self, longest: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + longest;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// Its process.
    #[allow(dead_code)]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end (SIGTERM), unless it has: then its number may be another's.
    pub fn terminate(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
    }

    /// Waits until its output holds `text`.
    pub fn wait_for(&self, text: &str, longest: Duration) {
        let until = Instant::now() + longest;
        while !self.text().contains(text) {
            assert!(Instant::now() < until, "no `{text}` in:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has written.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.output).unwrap_or_default()).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The end of a file's text, for a failed test's message.
pub fn tail(path: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let from = text.len().saturating_sub(6_000);
    text.get(from..).unwrap_or(&text).to_owned()
}

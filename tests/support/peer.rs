//! A sipp of Debian that waits in a scenario of `tests/sipp`.

use std::{
    net::{IpAddr, TcpListener, UdpSocket},
    process::Command,
    time::{Duration, Instant},
};

use super::child::{Folder, Running, free_port, tail};

/// A sipp that waits on `port` of `ip`.
pub struct Peer {
    running: Running,
    folder: Folder,
}

impl Peer {
    /// Starts it; it listens when this is back.
    pub fn start(scenario: &str, ip: &str, port: u16, more: &[&str]) -> Self {
        let folder = Folder::new("sipp-dns");
        let mut command = Command::new("sipp");
        command.arg("-sf").arg(format!("{}/tests/sipp/{scenario}.xml", env!("CARGO_MANIFEST_DIR")));
        command.args(["-i", ip, "-mi", ip, "-p", &port.to_string(), "-nostdin", "-rtp_echo"]);
        command.args([
            "-mp",
            &free_port().to_string(),
            "-timeout",
            "60",
            "-trace_msg",
            "-trace_err",
        ]);
        command.arg("-error_file").arg(folder.path("errors"));
        command.arg("-message_file").arg(folder.path("messages")).args(more);
        let peer = Self { running: Running::start(command, &folder), folder };
        peer.await_bound(ip, port, more.contains(&"t1"));
        peer
    }

    /// Waits until its socket is there.
    fn await_bound(&self, ip: &str, port: u16, tcp: bool) {
        let ip: IpAddr = ip.parse().unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        let free = || match tcp {
            true => TcpListener::bind((ip, port)).is_ok(),
            false => UdpSocket::bind((ip, port)).is_ok(),
        };
        while free() {
            assert!(Instant::now() < until, "sipp does not listen:\n{}", self.running.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every message that it sent and received.
    pub fn saw(&self) -> String {
        std::fs::read_to_string(self.folder.path("messages")).unwrap_or_default()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("sipp saw:\n{}", tail(&self.folder.path("messages")));
        }
    }
}

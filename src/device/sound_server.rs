//! The end of a connection to PulseAudio.
//!
//! The client library has a thread for each connection, which ends when the server closes it, but
//! not for certain when its user drops it: nobody wakes it. So whoever opens a connection looks for
//! its socket and thread, here in Linux's /proc, and at its end shuts the socket down and waits for
//! the thread: a list of sound cards leaves no thread behind, and none runs in a library that is
//! unloaded. What is not found for certain is left alone.

use std::{
    collections::BTreeSet,
    env, fs,
    net::Shutdown,
    os::{
        fd::{BorrowedFd, RawFd},
        unix::net::UnixStream,
    },
    path::Path,
    time::{Duration, Instant},
};

/// The longest that a thread is waited for which has nothing to do any more.
const LONGEST: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What the process has before a connection is opened.
pub struct Before {
    sockets: BTreeSet<RawFd>,
    threads: BTreeSet<u32>,
}

/// A connection that was opened since.
pub struct Connection {
    /// A second handle of its socket: the number of the first may be another file's by the end.
    socket: UnixStream,
    /// Threads that were started meanwhile and have the name of ours, as those get that we start.
    threads: BTreeSet<u32>,
}

impl Before {
    /// Looks; by the thread that will open the connection.
    pub fn look() -> Self {
        Self { sockets: sockets(), threads: namesakes() }
    }

    /// The one connection to a sound server that is new.
    pub fn connection(&self) -> Option<Connection> {
        let sockets = sockets();
        let mut new = sockets.difference(&self.sockets).filter_map(|fd| to_sound_server(*fd));
        let socket = new.next()?;
        if new.next().is_some() {
            return None;
        }
        let threads = namesakes().difference(&self.threads).copied().collect();
        Some(Connection { socket, threads })
    }
}

impl Connection {
    /// Ends it; back when its threads have ended.
    pub fn end(self) {
        let _ = self.socket.shutdown(Shutdown::Both);
        let until = Instant::now() + LONGEST;
        while !self.threads.is_disjoint(&namesakes()) && Instant::now() < until {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

fn numbers(folder: &str) -> impl Iterator<Item = u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn sockets() -> BTreeSet<RawFd> {
    let is_socket = |fd: &u32| {
        let target = fs::read_link(format!("/proc/self/fd/{fd}"));
        target.is_ok_and(|target| target.as_os_str().as_encoded_bytes().starts_with(b"socket:"))
    };
    let fds = numbers("/proc/self/fd").filter(is_socket);
    fds.filter_map(|fd| RawFd::try_from(fd).ok()).collect()
}

/// Threads of this process with the calling thread's name.
fn namesakes() -> BTreeSet<u32> {
    let Ok(own) = fs::read("/proc/thread-self/comm") else { return BTreeSet::new() };
    let named = |id: &u32| {
        let name = fs::read(format!("/proc/self/task/{id}/comm"));
        name.is_ok_and(|name| name == own)
    };
    numbers("/proc/self/task").filter(named).collect()
}

/// A second handle of a file, if it is a connection to PulseAudio (or PipeWire in its place).
#[allow(unsafe_code)]
fn to_sound_server(fd: RawFd) -> Option<UnixStream> {
    // SAFETY: borrowed for one system call, which refuses a number that no file has any more; a
    // file that has got it meanwhile is looked at by the address below, and closed again.
    let handle = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned().ok()?;
    let stream = UnixStream::from(handle);
    let peer = stream.peer_addr().ok()?;
    is_sound_server(peer.as_pathname()?).then_some(stream)
}

fn is_sound_server(path: &Path) -> bool {
    let named = env::var_os("PULSE_SERVER").is_some_and(|server| {
        let server = server.to_string_lossy().into_owned();
        server.strip_prefix("unix:").unwrap_or(&server) == path.to_string_lossy()
    });
    named || path.ends_with("pulse/native")
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_connection_is_found_and_its_thread_ended() {
        let folder = env::temp_dir().join(format!("sidetone-server-{}", std::process::id()));
        fs::create_dir_all(folder.join("pulse")).unwrap();
        let server = UnixListener::bind(folder.join("pulse/native")).unwrap();
        let before = Before::look();
        let client = UnixStream::connect(folder.join("pulse/native")).unwrap();
        let thread = std::thread::spawn(move || {
            let mut nothing = [0; 1];
            std::io::Read::read(&mut &client, &mut nothing)
        });
        let (_held, _) = server.accept().unwrap();
        let connection = before.connection().expect("it is found");
        assert!(Before::look().connection().is_none(), "it is not new any more");
        connection.end();
        assert_eq!(thread.join().unwrap().unwrap(), 0);
        fs::remove_dir_all(folder).unwrap();
    }
}

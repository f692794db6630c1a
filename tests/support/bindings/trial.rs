//! A program that uses a binding calls sipp, and is looked at from outside.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{
    child::{Folder, Running, await_udp, free_port},
    tone_peer::{TONE_HZ, TonePeer},
};

/// The longest time that a scenario may take.
const LIMIT: Duration = Duration::from_secs(150);

/// Has a program call sipp `calls` times, and looks at what it leaves behind. It stops at the steps
/// "before" (no engine was made), "up" (one lives) and "gone".
pub fn scenario(program: Command, calls: u32) {
    scenario_seen(program, calls, |host| (host.threads(), host.sockets()));
}

/// The same; `look` gives the threads of the library, and what else has to be as it was.
pub fn scenario_seen(mut program: Command, calls: u32, look: impl Fn(&Host) -> (usize, usize)) {
    let peer = TonePeer::start(calls);
    program.args([peer.uri(), TONE_HZ.to_string()]);
    let mut host = Host::start(program);
    host.until("before");
    let before = look(&host);
    assert_eq!(before.0, 0, "no engine was made yet");
    host.go_on();
    host.until("up");
    assert!(look(&host).0 > 0, "its threads are not seen");
    host.go_on();
    let said = host.until("gone");
    assert_eq!(said.matches("states 1 3 5 6 7\n").count(), calls as usize, "{said}");
    assert_eq!(look(&host), before, "the engine left something behind");
    let messages = peer.finish();
    assert_eq!(bound(&messages), [0; 0], "sockets are left");
    host.go_on();
    host.must_end_well();
    let invites = messages.split("\n----------").filter(|one| one.contains("\nINVITE sip:"));
    let with_header = invites.filter(|one| one.contains("X-Campaign: Fr\u{fc}hling"));
    assert_eq!(with_header.count(), calls as usize, "a header in UTF-8 for each call\n{messages}");
}

/// Ports for SIP and audio that the requests of calls named, and that somebody still has.
fn bound(messages: &str) -> Vec<u16> {
    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    let invites = messages.split("\n----------").filter(|one| one.contains("\nINVITE sip:"));
    let mut ports: Vec<u16> = invites
        .flat_map(|one| ["Via: SIP/2.0/UDP 127.0.0.1:", "m=audio "].map(|begin| (one, begin)))
        .filter_map(|(one, begin)| number(one.split_once(begin)?.1))
        .collect();
    assert!(ports.len() >= 2, "{messages}");
    ports.sort_unstable();
    ports.dedup();
    let sockets = fs::read_to_string("/proc/net/udp").expect("Linux");
    ports.retain(|port| sockets.contains(&format!(":{port:04X} ")));
    ports
}

/// The program of a README: sipp answers it, and hangs up after a second.
pub fn first_call(mut program: Command) {
    let folder = Folder::new("readme");
    let (mut sipp, port) = sipp(&folder, "uas_answer_bye", 1);
    program.arg(format!("sip:sipp@127.0.0.1:{port}"));
    let output = program.output().unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let answered = said.find("call state 5").expect(&said);
    assert!(said.find("call state 7").is_some_and(|ended| ended > answered), "{said}");
    assert!(sipp.wait(Duration::from_secs(60)).is_some_and(|status| status.success()));
}

fn sipp(folder: &Folder, scenario: &str, calls: u32) -> (Running, u16) {
    let port = free_port();
    let mut command = Command::new("sipp");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sipp");
    command.arg("-sf").arg(scenarios.join(scenario).with_extension("xml"));
    command.args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-p", &port.to_string()]);
    command.args(["-mp", &free_port().to_string(), "-m", &calls.to_string()]);
    command.args(["-timeout", "120", "-timeout_error", "-trace_err", "-trace_msg"]);
    command.arg("-error_file").arg(folder.path("errors"));
    command.arg("-message_file").arg(folder.path("messages"));
    let running = Running::start(command, folder);
    await_udp(port);
    (running, port)
}

/// A program that stops at steps, to be looked at. It is killed when it takes too long.
pub struct Host {
    child: Child,
    /// Ends the watch when it is dropped.
    _watched: mpsc::Sender<()>,
    said: BufReader<ChildStdout>,
}

impl Host {
    fn start(mut command: Command) -> Self {
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

    /// Reads to a step; what was said before.
    fn until(&mut self, step: &str) -> String {
        let mut said = String::new();
        while !said.ends_with(&format!("{step}\n")) {
            let count = self.said.read_line(&mut said).expect("it speaks UTF-8");
            // As Windows ends its lines.
            if said.ends_with("\r\n") {
                said.replace_range(said.len() - 2.., "\n");
            }
            assert!(count > 0, "it ended before \"{step}\", and said:\n{said}");
        }
        said
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().expect("piped").write_all(b"\n").expect("it waits");
    }

    /// Threads of the library that it has.
    fn threads(&self) -> usize {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it lives");
        let names = tasks.map(|task| fs::read_to_string(task.expect("a task").path().join("comm")));
        names.filter(|name| name.as_ref().is_ok_and(|name| name.starts_with("sidetone-"))).count()
    }

    fn sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("it lives");
        let targets = files.filter_map(|file| fs::read_link(file.expect("a file").path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    fn must_end_well(mut self) {
        let status = self.child.wait().expect("it can be waited for");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

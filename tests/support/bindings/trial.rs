//! A program that uses a binding calls sipp, and is looked at from outside.

use std::{collections::HashSet, fs, path::Path, process::Command, time::Duration};

#[path = "talk.rs"]
pub mod talk;
#[path = "../tone_peer.rs"]
pub mod tone_peer;

use talk::Talk;
use tone_peer::{TONE_HZ, TonePeer};

use crate::child::{Folder, Running, await_udp, free_port};

/// Has a program call sipp `calls` times, and looks at what it leaves behind. It stops at the steps
/// "before" (no engine was made), "up" (one lives) and "gone".
pub fn scenario(program: Command, calls: u32) {
    scenario_seen(program, calls, |host| (host.threads(), host.sockets()));
}

/// The same; `look` gives the threads of the library, and what else has to be as it was.
pub fn scenario_seen(mut program: Command, calls: u32, look: impl Fn(&Host) -> (usize, usize)) {
    let peer = TonePeer::start(calls);
    program.args([peer.uri(), TONE_HZ.to_string()]);
    let mut host = Host(Talk::start(program));
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
    assert_eq!(bound(&messages, host.0.id()), [0; 0], "sockets are left");
    host.go_on();
    host.0.must_end_well();
    let invites = messages.split("\n----------").filter(|one| one.contains("\nINVITE sip:"));
    let with_header = invites.filter(|one| one.contains("X-Campaign: Fr\u{fc}hling"));
    assert_eq!(with_header.count(), calls as usize, "a header in UTF-8 for each call\n{messages}");
}

/// Ports for SIP and audio that the requests of calls named, and that the program still has, or a
/// program of Windows.
fn bound(messages: &str, program: u32) -> Vec<u16> {
    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    let invites = messages.split("\n----------").filter(|one| one.contains("\nINVITE sip:"));
    let mut ports: Vec<u16> = invites
        .flat_map(|one| ["Via: SIP/2.0/UDP 127.0.0.1:", "m=audio "].map(|begin| (one, begin)))
        .filter_map(|(one, begin)| number(one.split_once(begin)?.1))
        .collect();
    assert!(ports.len() >= 2, "{messages}");
    ports.sort_unstable();
    ports.dedup();
    // Others may have been given one of them meanwhile.
    let held = sockets_of(program);
    let sockets = fs::read_to_string("/proc/net/udp").expect("Linux");
    ports.retain(|port| {
        let port = format!(":{port:04X}");
        sockets.lines().skip(1).any(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            columns[1].ends_with(&port) && held.contains(columns[9])
        })
    });
    ports
}

/// The inodes of all sockets of a program, and of the programs of Windows that run.
fn sockets_of(program: u32) -> HashSet<String> {
    let processes = fs::read_dir("/proc").expect("Linux").filter_map(Result::ok);
    let wanted = processes.map(|process| process.path()).filter(|path| {
        let command = fs::read_to_string(path.join("cmdline")).unwrap_or_default();
        path.ends_with(program.to_string())
            || command.contains(".exe")
            || command.contains("wineserver")
    });
    let files = wanted.filter_map(|path| fs::read_dir(path.join("fd")).ok()).flatten();
    let targets = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    targets
        .filter_map(|target| {
            let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect()
}

/// The program of a README: it says how it is used; it fails when its call does; sipp answers it, and
/// hangs up after a second.
pub fn first_call(program: Command) {
    let usage = try_to_call(&program, None);
    assert_eq!(usage.0, Some(1), "without an address {usage:?}");
    assert!(usage.2.contains("usage: call"), "{usage:?}");
    let no_uri = try_to_call(&program, Some("foo"));
    assert!(no_uri.0 == Some(1) && no_uri.2.contains("needs a host"), "{no_uri:?}");

    let folder = Folder::new("readme");
    for (scenario, expected, states) in
        [("uas_busy", 1, [1, 7, 7]), ("uas_answer_bye", 0, [1, 5, 7])]
    {
        let (mut sipp, port) = sipp(&folder, scenario, 1);
        let called = try_to_call(&program, Some(&format!("sip:sipp@127.0.0.1:{port}")));
        assert_eq!(called.0, Some(expected), "{scenario} {called:?}");
        let at = states.map(|state| called.1.find(&format!("call state {state}")));
        assert!(at[0].is_some() && at.is_sorted(), "{scenario} {called:?}");
        assert!(sipp.wait(Duration::from_secs(60)).is_some_and(|status| status.success()));
    }
}

/// Exit status, standard output and errors of a program with an argument more, or none.
fn try_to_call(program: &Command, uri: Option<&str>) -> (Option<i32>, String, String) {
    let mut command = Command::new(program.get_program());
    command.args(program.get_args()).args(uri);
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// sipp takes calls.
pub fn sipp(folder: &Folder, scenario: &str, calls: u32) -> (Running, u16) {
    let port = free_port();
    let running = Running::start(sipp_command(folder, scenario, calls, port), folder);
    await_udp(port);
    (running, port)
}

/// sipp calls an address, once.
pub fn sipp_calls(folder: &Folder, scenario: &str, address: &str) -> Running {
    let mut command = sipp_command(folder, scenario, 1, free_port());
    command.args(["-s", "bob", address]);
    Running::start(command, folder)
}

fn sipp_command(folder: &Folder, scenario: &str, calls: u32, port: u16) -> Command {
    let mut command = Command::new("sipp");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sipp");
    command.arg("-sf").arg(scenarios.join(scenario).with_extension("xml"));
    command.args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-p", &port.to_string()]);
    command.args(["-mp", &free_port().to_string(), "-m", &calls.to_string()]);
    command.args(["-timeout", "120", "-timeout_error", "-trace_err", "-trace_msg"]);
    command.arg("-error_file").arg(folder.path("errors"));
    command.arg("-message_file").arg(folder.path("messages"));
    command
}

/// A program that stops at steps, to be looked at.
pub struct Host(Talk);

impl Host {
    /// Reads to a step; what was said before.
    fn until(&mut self, step: &str) -> String {
        self.0.until(step).1
    }

    fn go_on(&mut self) {
        self.0.say("");
    }

    /// Threads of the library that it has.
    fn threads(&self) -> usize {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("it lives");
        let names = tasks.map(|task| fs::read_to_string(task.expect("a task").path().join("comm")));
        names.filter(|name| name.as_ref().is_ok_and(|name| name.starts_with("sidetone-"))).count()
    }

    fn sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.0.id())).expect("it lives");
        let targets = files.filter_map(|file| fs::read_link(file.expect("a file").path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }
}

//! Where a measurement runs, and before whom: the phone on one core, what loads it on another, both
//! before ordinary threads, so that what else the machine does is in no figure. `taskset` and `chrt`
//! (util-linux) do it, where the system lets them.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use sidetone::device::priority::{Urgency, promote_current_thread};

/// What was granted. The default is none: no core, no priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// It was asked for, whatever was granted: phones may then open as many sockets as the system
    /// allows them at most.
    pub taken: bool,
    /// The phone has core 0 and the load core 1.
    pub pinned: bool,
    /// The phone and the load have priorities of SCHED_FIFO.
    pub real_time: bool,
}

/// A thread of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loader {
    /// It sends, or waits for answers.
    Sender,
    /// It takes the time at which packets come back; nothing of the load holds it up.
    Receiver,
}

impl Place {
    /// Moves this process to the load's core, and tries out what the system grants.
    pub fn take() -> Self {
        let own = std::process::id().to_string();
        let phone_core = done(Command::new("taskset").args(["-c", PHONE_CORE, "true"]));
        Self {
            taken: true,
            pinned: phone_core
                && done(Command::new("taskset").args(["-a", "-c", "-p", LOAD_CORE, &own])),
            real_time: done(Command::new("chrt").args(["-f", LOAD_PRIORITY, "true"])),
        }
    }

    /// The command line of a phone, for its core and at its priority.
    pub fn phone(self, command: Command) -> Command {
        let command =
            if self.taken { behind("sh", &["-c", MORE_SOCKETS], &command) } else { command };
        let command = if self.real_time {
            behind("chrt", &["-f", PHONE_PRIORITY], &command)
        } else {
            command
        };
        if self.pinned { behind("taskset", &["-c", PHONE_CORE], &command) } else { command }
    }

    /// The command line of a program that loads the phone; this process's core is its own already.
    pub fn load(self, command: Command) -> Command {
        if self.real_time { behind("chrt", &["-f", LOAD_PRIORITY], &command) } else { command }
    }

    /// Gives all threads of a phone one priority, whatever they have chosen: then they compete with
    /// each other as they do without any, and not with the rest.
    pub fn level(self, pid: u32) {
        if self.real_time {
            let pid = pid.to_string();
            done(Command::new("chrt").args(["-a", "-f", "-p", PHONE_PRIORITY, &pid]));
        }
    }

    /// Makes the calling thread one of the load. Without a place the sender asks for what real time
    /// it can have: what the scheduler does to this end is not the phone's, ours or another's.
    pub fn join(self, loader: Loader) {
        if !self.real_time {
            if loader == Loader::Sender {
                promote_current_thread(Urgency::Callback);
            }
            return;
        }
        let priority = match loader {
            Loader::Sender => LOAD_PRIORITY,
            Loader::Receiver => RECEIVER_PRIORITY,
        };
        let thread = fs::read_link("/proc/thread-self").ok();
        if let Some(number) = thread.as_deref().and_then(|path| path.file_name()) {
            done(Command::new("chrt").args(["-f", "-p", priority]).arg(number));
        }
    }

    /// For the reader of the figures.
    pub fn told(self) -> Value {
        json!({
            "cores": if self.pinned { "phone 0, load 1" } else { "refused" },
            "real_time": if self.real_time { "phone 10, load 20" } else { "refused" },
        })
    }
}

/// `program arguments command`.
fn behind(program: &str, arguments: &[&str], command: &Command) -> Command {
    let mut wrapped = Command::new(program);
    wrapped.args(arguments).arg(command.get_program()).args(command.get_args());
    wrapped
}

/// Runs it quietly; whether it succeeded.
fn done(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The usual limit, 1024, is that of some 500 calls.
const MORE_SOCKETS: &str = "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" \"$@\"";
const PHONE_CORE: &str = "0";
const LOAD_CORE: &str = "1";
const PHONE_PRIORITY: &str = "10";
const LOAD_PRIORITY: &str = "20";
/// One above the sender: arrivals are stamped when they come, not when it pauses.
const RECEIVER_PRIORITY: &str = "21";

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &Command) -> Vec<String> {
        let program = std::iter::once(command.get_program());
        program.chain(command.get_args()).map(|w| w.to_string_lossy().into_owned()).collect()
    }

    #[test]
    #[cfg(unix)]
    fn a_phone_may_open_as_many_sockets_as_there_are_at_most() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -n; ulimit -Hn; echo \"$1\"", "shell", "with a space"]);
        let taken = Place { taken: true, ..Place::default() };
        let few = ["-c", "ulimit -Sn 64; exec \"$0\" \"$@\""];
        let output = behind("sh", &few, &taken.phone(shell)).output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let [now, most, argument] = lines.lines().collect::<Vec<_>>()[..] else {
            panic!("{lines}")
        };
        assert_eq!((now, argument), (most, "with a space"));
        assert_ne!(now, "64");
    }

    #[test]
    fn commands_go_behind_what_was_granted() {
        let command = || {
            let mut command = Command::new("phone");
            command.arg("-x");
            command
        };
        let all = Place { taken: true, pinned: true, real_time: true };
        let shell = ["sh", "-c", MORE_SOCKETS, "phone", "-x"];
        let phone = [&["taskset", "-c", "0", "chrt", "-f", "10"], &shell[..]].concat();
        assert_eq!(words(&all.phone(command())), phone);
        assert_eq!(words(&all.load(command())), ["chrt", "-f", "20", "phone", "-x"]);
        let refused = Place { taken: true, ..Place::default() };
        assert_eq!(words(&refused.phone(command())), shell);
        assert_eq!(words(&Place::default().phone(command())), ["phone", "-x"]);
        assert_eq!(words(&Place::default().load(command())), ["phone", "-x"]);
    }
}

//! `sidetone-phone` driven through a pipe, as a script does, and what it tells people.

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use child::{Folder, Running, await_udp, free_port, tail};

/// A phone with a script.
struct Phone {
    child: Child,
    folder: Folder,
    port: u16,
}

impl Phone {
    /// `sidetone-phone COMMAND` on a port of its own on loopback; `script` is typed at once.
    fn start(command: &str, more: &[&str], script: &str) -> Self {
        let (folder, port) = (Folder::new("prompt"), free_port());
        let mut phone = Command::new(env!("CARGO_BIN_EXE_sidetone-phone"));
        phone.args(arguments(command, more, port));
        phone.stderr(File::create(folder.path("err")).unwrap());
        Self::run(phone, script, folder, port)
    }

    /// The same, typed on a terminal: one that `script` of util-linux makes.
    fn start_on_terminal(command: &str, more: &[&str], script: &str) -> Self {
        let (folder, port) = (Folder::new("prompt"), free_port());
        let mut line = format!("exec '{}'", env!("CARGO_BIN_EXE_sidetone-phone"));
        for argument in arguments(command, more, port) {
            line += &format!(" '{argument}'");
        }
        // The live line is not for this test.
        line += &format!(" 2>'{}'", folder.path("err").display());
        let mut terminal = Command::new("script");
        terminal.args(["-q", "-e", "-c", &line, "/dev/null"]).stderr(Stdio::null());
        Self::run(terminal, script, folder, port)
    }

    fn run(mut phone: Command, script: &str, folder: Folder, port: u16) -> Self {
        phone.stdin(Stdio::piped()).stdout(File::create(folder.path("out")).unwrap());
        let mut child = phone.spawn().unwrap();
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        Self { child, folder, port }
    }

    fn uri(&self) -> String {
        format!("sip:phone@127.0.0.1:{}", self.port)
    }

    fn out(&self) -> PathBuf {
        self.folder.path("out")
    }

    /// Waits for its end; whether it was content, and what it said.
    fn finish(mut self) -> (ExitStatus, String) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let said = tail(&self.out()) + &tail(&self.folder.path("err"));
                return (status, said);
            }
            assert!(Instant::now() < until, "still running:\n{}", tail(&self.out()));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn waits(&self) {
        let until = Instant::now() + Duration::from_secs(20);
        while !tail(&self.out()).contains("127.0.0.1:") {
            assert!(
                Instant::now() < until,
                "it does not begin:\n{}",
                tail(&self.folder.path("err"))
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn arguments(command: &str, more: &[&str], port: u16) -> Vec<String> {
    let port = port.to_string();
    let place = ["--bind", "127.0.0.1", "--sip-port", &port, "--device", "none"];
    let words = command.split(' ').filter(|word| !word.is_empty());
    words.chain(more.iter().copied()).chain(place).map(str::to_owned).collect()
}

fn holds(said: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(said.contains(wanted), "no `{wanted}` in:\n{said}");
    }
}

#[test]
fn two_prompts_call_and_write_to_each_other() {
    let bob = Phone::start(
        "prompt",
        &[],
        "wait incoming\nanswer\nwait connected\nwait message\nmessage . fine, and you?\nwait ended\n",
    );
    bob.waits();
    let script = format!(
        "help\nmessage {0} before the call\ndial {0}\nwait connected\nmessage . how are you?\n\
         wait message\nhold\nwait told hold: done\nresume\nwait told resume: done\n12#\nwait 1\ncalls\nhangup\nwait ended\ncalls\nquit\n",
        bob.uri()
    );
    let alice = Phone::start("", &[], &script);
    let (status, said) = alice.finish();
    assert!(status.success(), "{said}");
    let outcome = format!("message to {}: done", bob.uri());
    holds(
        &said,
        &[
            "dial WHO",
            &outcome,
            "connected",
            "fine, and you?",
            "*[1] ",
            "the call has ended",
            "no calls",
        ],
    );
    let (status, said) = bob.finish();
    assert!(status.success(), "{said}");
    holds(&said, &["before the call", "calls; answer, or hangup", "how are you?", "digit 1"]);
}

#[test]
fn a_call_is_transferred_and_two_are_connected() {
    let carol = Phone::start("answer", &["--count", "2"], "");
    carol.waits();
    let there =
        "wait incoming\nanswer\nwait connected\nwait told asks us to call\nallow\nwait 30\n";
    let bob = Phone::start("prompt", &[], there);
    bob.waits();
    let script = format!(
        "dial {}\nwait connected\ntransfer {}\nwait told transferred\nwait ended\n",
        bob.uri(),
        carol.uri()
    );
    let (status, said) = Phone::start("prompt", &[], &script).finish();
    assert!(status.success(), "{said}");
    holds(&said, &["[1] transferred", "the call has ended"]);
    drop(bob);
    let bob = Phone::start("prompt", &[], there);
    bob.waits();
    let script = format!(
        "dial {0}\nwait connected\ndial {1}\nwait told [2] {1}: connected\nconnect 1 2\n\
         wait told transferred\nwait 0.5\ncalls\n",
        bob.uri(),
        carol.uri()
    );
    let (status, said) = Phone::start("prompt", &[], &script).finish();
    assert!(status.success(), "{said}");
    holds(&said, &["transferred", "no calls"]);
}

/// What two ends do to each other in a call, whichever command it was begun with.
const IN_A_CALL: &str = "wait connected\nhold\nwait told hold: done\nresume\n\
    wait told resume: done\nmute\nmessage . how are you?\nwait told message to the far end: done\n\
    12#\n";

#[test]
fn a_dial_on_a_terminal_takes_the_lines_of_the_prompt() {
    let carol = Phone::start("answer", &["--count", "1"], "");
    carol.waits();
    let bob = Phone::start(
        "prompt",
        &[],
        "wait incoming\nanswer\nwait connected\nwait told asks us to call\nallow\nwait 30\n",
    );
    bob.waits();
    let script = format!(
        "{IN_A_CALL}wait 1\ndial {0}\nwait told [2] {0}: connected\nconnect 1 2\n",
        carol.uri()
    );
    let alice = Phone::start_on_terminal("dial", &[&bob.uri()], &script);
    let (status, said) = alice.finish();
    assert!(status.success(), "{said}");
    holds(&said, &["you are muted", "[1] transferred", "the call has ended"]);
    let said = tail(&bob.out());
    holds(&said, &["how are you?", "digit 1", "digit 2"]);
}

#[test]
fn an_answer_on_a_terminal_takes_the_lines_of_the_prompt() {
    let carol = Phone::start("answer", &["--count", "1"], "");
    carol.waits();
    let script = format!("{IN_A_CALL}wait 1\ntransfer {}\n", carol.uri());
    let alice = Phone::start_on_terminal("answer", &["--count", "1"], &script);
    alice.waits();
    let script = format!(
        "dial {}\nwait connected\nwait message\nwait told asks us to call\nallow\nwait 30\n",
        alice.uri()
    );
    let bob = Phone::start("prompt", &[], &script);
    let (status, said) = alice.finish();
    assert!(status.success(), "{said}");
    holds(&said, &["] sip:", " calls\r\n", "you are muted", "[1] transferred"]);
    holds(&tail(&bob.out()), &["how are you?", "digit 1"]);
}

#[test]
fn a_pipe_is_read_by_the_prompt_alone() {
    let busy = Phone::start("answer", &["--reject", "486", "--count", "1"], "");
    busy.waits();
    let (_, said) = Phone::start("dial", &[&busy.uri()], "juggle\n").finish();
    assert!(!said.contains("juggle"), "{said}");
}

#[test]
fn a_line_that_is_not_understood_is_told_and_makes_the_script_fail() {
    let (status, said) = Phone::start("prompt", &[], "juggle\nhangup\nwatches\n").finish();
    assert!(!status.success(), "{said}");
    holds(&said, &["`juggle` is not known", "there is no call", "nobody is watched"]);
}

#[test]
fn dial_tells_each_state_and_why_it_ended_in_plain_words() {
    let busy = Phone::start("answer", &["--reject", "486", "--count", "1"], "");
    let ringing = Phone::start("answer", &["--ring", "60", "--count", "1"], "");
    busy.waits();
    ringing.waits();
    let (status, said) = Phone::start("dial", &[&busy.uri()], "").finish();
    assert!(!status.success(), "{said}");
    holds(&said, &["calling sip:phone@127.0.0.1", "busy"]);
    let (status, said) = Phone::start("dial", &[&ringing.uri(), "--no-answer", "1"], "").finish();
    assert!(!status.success(), "{said}");
    holds(&said, &["ringing", "nobody answered within 1 s"]);
}

#[test]
fn a_phone_that_nobody_minds_declines_to_call_somebody_else() {
    let bob = Phone::start("answer", &["--count", "1"], "");
    bob.waits();
    let script = format!(
        "dial {}\nwait connected\ntransfer sip:carol@127.0.0.1:9\n\
         wait told the transfer failed (603 Decline)\nhangup\nwait ended\n",
        bob.uri()
    );
    let (status, said) = Phone::start("prompt", &[], &script).finish();
    assert!(status.success(), "{said}");
    let (status, said) = bob.finish();
    assert!(status.success(), "{said}");
}

#[test]
fn without_an_account_a_name_alone_is_nobody() {
    let bob = Phone::start("answer", &["--count", "1"], "");
    bob.waits();
    let (status, said) =
        Phone::start("prompt", &[], "dial 100\nwatch foo\nmessage 100 hello\n").finish();
    assert!(!status.success(), "{said}");
    assert!(!said.contains("calling"), "{said}");
    holds(&said, &["\"100\" needs a host", "\"foo\" needs a host"]);
    let script = format!("dial {}\nwait connected\ntransfer 100\nhangup\nwait ended\n", bob.uri());
    let (status, said) = Phone::start("prompt", &[], &script).finish();
    assert!(!status.success(), "{said}");
    holds(&said, &["\"100\" needs a host", "the call has ended"]);
}

#[test]
fn one_who_serves_no_lamps_is_told_by_that() {
    let bob = Phone::start("prompt", &[], "wait 60\n");
    bob.waits();
    let script = format!("watch {0}\nwait told {0} does not offer busy lamps (489\n", bob.uri());
    let (status, said) = Phone::start("prompt", &[], &script).finish();
    assert!(status.success(), "{said}");
}

#[test]
fn in_json_a_reply_names_its_command_and_a_dial_its_call() {
    let bob = Phone::start("answer", &["--count", "1"], "");
    bob.waits();
    let script = format!(
        "dial {}\nwait connected\nhold\nwait told hold: done\nhangup\nwait ended\n",
        bob.uri()
    );
    let (status, said) = Phone::start("prompt", &["--json"], &script).finish();
    assert!(status.success(), "{said}");
    let events: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().find(|event| event["event"] == name).unwrap();
    assert!(of("dialing")["call"].is_string(), "{said}");
    assert_eq!(of("dialing")["call"], of("call")["call"], "{said}");
    assert_eq!(of("reply")["command"], "hold", "{said}");
    let hold = events.iter().find(|event| event["event"] == "hold").unwrap();
    assert_eq!((&hold["local"], &hold["call"]), (&true.into(), &of("call")["call"]), "{said}");
}

#[test]
fn a_watched_phone_is_shown_in_words() {
    let (folder, port) = (Folder::new("sipp"), free_port());
    let mut command = Command::new("sipp");
    command.arg("-sf");
    command.arg(format!("{}/tests/sipp/uas_notifier.xml", env!("CARGO_MANIFEST_DIR")));
    command.args(["-i", "127.0.0.1", "-s", "alice", "-nostdin", "-m", "1", "-p"]);
    command.args([&port.to_string(), "-timeout", "60", "-timeout_error", "-trace_err"]);
    command.arg("-error_file").arg(folder.path("errors"));
    let mut sipp = Running::start(command, &folder);
    await_udp(port);
    let who = format!("sip:sipp@127.0.0.1:{port}");
    let script = format!(
        "watch {who}\nwait told is being called (Carol)\nwait told is in a call\n\
         wait told is free\nwatches\nunwatch {who}\nwait 1\n"
    );
    let (status, said) = Phone::start("prompt", &[], &script).finish();
    assert!(status.success(), "{said}");
    let free = format!("{who} is free");
    holds(&said, &[&free]);
    let status = sipp.wait(Duration::from_secs(30));
    assert!(status.is_some_and(|s| s.success()), "{}", tail(&folder.path("errors")));
}

//! Calls between programs in wine, and of them with sipp.

use std::{fs, process::Command};

use crate::{
    child::{Folder, Running, await_udp, free_port},
    in_wine,
    wine::{LONGEST, Wine},
};

in_wine! {
    the_examples_call_each_other
    calls_go_to_sipp_and_come_from_it
    the_demo_of_the_phone_calls_and_is_heard
}

/// The example `answer`, in wine or not, on loopback.
struct Answer {
    running: Running,
    address: String,
}

impl Answer {
    fn start(wine: &Wine, calls: &str, folder: &Folder) -> Self {
        let program = wine.build("examples-c/answer.c", "libsidetone.dll.a");
        let mut command = wine.command(&program);
        command.args(["127.0.0.1", "0", calls]);
        let running = Running::start(command, folder);
        running.wait_for("\n", LONGEST);
        let text = running.text();
        let address = text.lines().next().and_then(|line| line.strip_prefix("listening on "));
        let address = address.unwrap_or_else(|| panic!("answer said {text}")).trim().to_owned();
        Self { running, address }
    }

    /// Waits for its end, in which it must succeed; what it printed.
    fn finish(mut self) -> String {
        let status = self.running.wait(LONGEST);
        assert!(status.is_some_and(|s| s.success()), "{status:?}: {}", self.running.text());
        self.running.text()
    }
}

fn the_examples_call_each_other(wine: &Wine) {
    let folder = Folder::new("answer");
    let answer = Answer::start(wine, "1", &folder);
    let dial = wine.build("examples-c/dial.c", "sidetone.lib");
    let said = wine.run(&dial, &[&format!("sip:answer@{}", answer.address), "1", wine.speech()]);
    assert!(said.contains("connected") && received(&said) > 20, "{said}");
    let said = answer.finish();
    assert_eq!(said.matches("call from").count(), 1, "{said}");
}

/// Packets that `dial` says it received.
fn received(said: &str) -> u32 {
    let count =
        said.split("received ").nth(1).and_then(|text| text.split([',', '\r', '\n']).next());
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

fn calls_go_to_sipp_and_come_from_it(wine: &Wine) {
    let (folder, port) = (Folder::new("sipp"), free_port());
    let sipp = |scenario: &str| {
        let mut command = Command::new("sipp");
        command.args([
            "-sn",
            scenario,
            "-i",
            "127.0.0.1",
            "-m",
            "1",
            "-nostdin",
            "-timeout",
            "120",
        ]);
        command.args(["-p", &port.to_string(), "-mp", &(port + 2).to_string()]);
        command
    };
    let mut callee = sipp("uas");
    callee.arg("-rtp_echo");
    let mut callee = Running::start(callee, &folder);
    await_udp(port);
    let dial = wine.build("examples-c/dial.c", "libsidetone.dll.a");
    let said = wine.run(&dial, &[&format!("sip:sipp@127.0.0.1:{port}"), "1", wine.speech()]);
    assert!(said.contains("connected") && received(&said) > 20, "{said}");
    assert!(callee.wait(LONGEST).is_some_and(|s| s.success()), "{}", callee.text());

    let (folder, output) = (Folder::new("answer"), Folder::new("sipp"));
    let answer = Answer::start(wine, "1", &folder);
    let mut caller = sipp("uac");
    caller.args(["-d", "500", &answer.address]);
    let mut caller = Running::start(caller, &output);
    assert!(caller.wait(LONGEST).is_some_and(|s| s.success()), "{}", caller.text());
    assert!(answer.finish().contains("call from"));
}

/// How well speech is heard is judged elsewhere: wine on a busy machine is no measure of it.
fn the_demo_of_the_phone_calls_and_is_heard(wine: &Wine) {
    let folder = Folder::new("demo");
    let mut command = wine.command("sidetone-phone.exe");
    command.args(["demo", "--out", "demo"]);
    let mut demo = Running::start(command, &folder);
    let ended = demo.wait(LONGEST);
    let said = demo.text();
    assert!(ended.is_some() && said.contains("alice and bob are registered"), "{said}");
    let report = fs::read_to_string(wine.folder.join("demo/report.json")).expect(&said);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["srtp"], "AEAD_AES_256_GCM", "{report:#}");
    assert!(report["present"].as_f64().is_some_and(|share| share > 0.95), "{report:#}");
}

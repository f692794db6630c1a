//! The examples of the bindings, each against a phone that is not itself.

#[path = "support/bindings/mod.rs"]
#[allow(dead_code)]
mod bindings;
#[path = "support/c_programs.rs"]
#[allow(dead_code)]
mod c_programs;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{fs, path::Path, process::Command, time::Duration};

use bindings::{
    programs::{cpp_program, csharp_program, output, pascal_program, python_program, root},
    trial::{sipp, sipp_calls, talk::Talk},
};
use c_programs::{Answerer, C99};
use child::{Folder, Running};

/// A program of `examples-c`.
fn c_example(name: &str) -> std::path::PathBuf {
    let source = root().join(format!("examples-c/{name}.c"));
    c_programs::compile(C99, &[&source], &format!("{name}_for_bindings"))
}

fn must_succeed(mut sipp: Running) {
    let status = sipp.wait(Duration::from_secs(60));
    assert!(status.is_some_and(|status| status.success()), "{status:?} {}", sipp.text());
}

#[test]
fn the_console_in_cpp_places_a_call() {
    let folder = Folder::new("console");
    let answerer = Answerer::start(None, &c_example("answer"), 1, None);
    let mut console = cpp_program(&root().join("bindings/cpp/examples/console.cpp"), &folder);
    console.arg("127.0.0.1");
    let mut console = Talk::start(console);
    console.say("hold");
    console.until("no: there is no call");
    console.say("dial nobody");
    console.until("no: ");
    console.say(&format!("dial {}", answerer.uri()));
    console.until("connected");
    console.say("dtmf 12#");
    console.until("digits: done");
    console.say("hold");
    console.until("hold: we them");
    console.say("resume");
    console.until("hold: ");
    console.say("wave");
    console.until("no such command: wave");
    console.say("hangup");
    console.until("ended");
    console.say("quit");
    console.must_end_well();
    let said = answerer.finish();
    assert!(said.contains("digit 1,") && said.contains("digit 2,"), "{said}");
}

#[test]
fn the_console_in_cpp_answers_a_call() {
    let folder = Folder::new("console");
    let mut console = cpp_program(&root().join("bindings/cpp/examples/console.cpp"), &folder);
    console.arg("127.0.0.1");
    let mut console = Talk::start(console);
    let address = console.address();
    let caller = sipp_calls(&folder, "uac_answer", &address);
    let (line, _) = console.until("call from ");
    assert!(line.starts_with("call from sipp <sip:sipp@127.0.0.1:"), "{line}");
    console.say("answer");
    console.until("connected");
    console.until("ended");
    must_succeed(caller);
    console.say("quit");
    console.must_end_well();
}

/// The first line of the log of a desk.
const HEADING: &str = "begin,direction,far end,name,asserted,talked ms,sip code,end";

/// The lines of a log of calls below its heading, in columns.
fn logged(log: &Path) -> Vec<Vec<String>> {
    let log = fs::read_to_string(log).expect("it writes UTF-8");
    let columns = |line: &str| {
        line.trim_matches('"').split("\",\"").map(str::to_owned).collect::<Vec<String>>()
    };
    let mut lines = log.lines().map(columns);
    assert_eq!(lines.next().expect("a heading").join(","), HEADING);
    let lines: Vec<_> = lines.collect();
    assert!(lines.iter().all(|line| line.len() == 8 && line[0].ends_with('Z')), "{log}");
    lines
}

/// A desk that says its use, one that dials, and one that is called; each call is a line of a log.
fn desk_places_and_answers_a_call(desk: impl Fn() -> Command, folder: &Folder) {
    let usage = desk().output().expect("it runs");
    assert!(String::from_utf8_lossy(&usage.stderr).starts_with("usage: "), "{usage:?}");
    assert_eq!(usage.status.code(), Some(1));

    let log = folder.path("log.csv");
    let (answerer, port) = sipp(folder, "uas_answer_bye", 1);
    let uri = format!("sip:bob@127.0.0.1:{port}");
    let mut dials = desk();
    let said = output({
        dials.arg(&log).arg(&uri);
        dials
    });
    assert!(said.contains("call state 5"), "{said}");
    must_succeed(answerer);

    let mut answers = desk();
    answers.arg(&log);
    let mut answers = Talk::start(answers);
    let address = answers.address();
    let caller = sipp_calls(folder, "uac_asserted_but_not_trusted", &address);
    let (line, _) = answers.until("screen pop: ");
    assert!(line.starts_with("screen pop: sipp <sip:sipp@127.0.0.1:"), "{line}");
    assert!(line.contains("sip:dave@example.com"), "{line}");
    answers.must_end_well();
    must_succeed(caller);

    let lines = logged(&log);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0][1..3], ["out", &uri], "{lines:?}");
    assert_eq!((lines[1][1].as_str(), lines[1][3].as_str()), ("in", "sipp"), "{lines:?}");
    assert!(lines[1][4].contains("dave@example.com"), "{lines:?}");
    // sipp hangs up after a second.
    assert!(lines[0][5].parse::<u32>().expect("a number") >= 900, "{lines:?}");
    assert_eq!(lines[0][6..], ["200", "done"], "{lines:?}");
}

#[test]
fn click_to_dial_in_csharp_dials_pops_up_and_logs() {
    let folder = Folder::new("csharp");
    let source = root().join("bindings/csharp/examples/ClickToDial.cs");
    let desk = || csharp_program(&source, &folder);
    desk_places_and_answers_a_call(desk, &folder);
}

/// Enter hangs up, and so does Ctrl-C on a terminal; both calls are logged.
#[test]
fn click_to_dial_in_csharp_hangs_up_when_it_is_told_to() {
    let folder = Folder::new("csharp");
    let log = folder.path("log.csv");
    let answerer = Answerer::start(None, &c_example("answer"), 2, None);
    for key in ["", "\u{3}"] {
        let source = root().join("bindings/csharp/examples/ClickToDial.cs");
        let mut desk = csharp_program(&source, &folder);
        desk.arg(&log).arg(answerer.uri());
        let mut desk = Talk::start(if key.is_empty() { desk } else { on_a_terminal(&desk) });
        desk.until("call state 5");
        desk.say(key);
        desk.until("call state 7");
        desk.must_end_well();
    }
    answerer.finish();
    let lines = logged(&log);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line[6..] == ["200", "done"]), "{lines:?}");
}

/// The same program on a terminal of its own, which is spoken to as before.
fn on_a_terminal(program: &Command) -> Command {
    let words = [program.get_program()].into_iter().chain(program.get_args());
    let words: Vec<_> = words.map(|word| format!("'{}'", word.to_string_lossy())).collect();
    let mut script = Command::new("script");
    // A shell that waited for it would end by Ctrl-C itself.
    let command = format!("exec {}", words.join(" "));
    script.args(["-qec", &command, "/dev/null"]).env("TERM", "xterm");
    script.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    script
}

#[test]
fn the_desk_in_pascal_dials_pops_up_and_logs() {
    let folder = Folder::new("pascal");
    let source = root().join("bindings/delphi/examples/ConsoleCall.dpr");
    let desk = || pascal_program(&source, &folder);
    desk_places_and_answers_a_call(desk, &folder);
}

/// The form cannot be compiled here: at least it and its description name the same things.
#[test]
fn the_form_in_delphi_has_what_its_description_names() {
    let folder = root().join("bindings/delphi/examples");
    let form = fs::read_to_string(folder.join("MainForm.pas")).expect("MainForm.pas");
    let description = fs::read_to_string(folder.join("MainForm.dfm")).expect("MainForm.dfm");
    let mut names = 0;
    for line in description.lines().map(str::trim) {
        if let Some((name, kind)) = line.strip_prefix("object ").and_then(|l| l.split_once(": ")) {
            let declared = format!("{name}: {kind};");
            assert!(form.contains(&declared), "{declared} is not in MainForm.pas");
            names += 1;
        } else if let Some((_, handler)) = line.split_once(" = ").filter(|l| l.0.starts_with("On"))
        {
            let declared = format!("procedure {handler}(Sender: TObject);");
            assert!(form.contains(&declared), "{declared} is not in MainForm.pas");
            assert!(form.contains(&format!("procedure TMain.{handler}(")), "{handler} is empty");
            names += 1;
        }
    }
    assert!(names > 10, "only {names}");
}

/// Answers with a program in Python, and has the voice agent in C hear itself.
fn hears_itself(name: &str) -> String {
    let folder = Folder::new("python");
    let mut program = python_program(&root().join(format!("bindings/python/examples/{name}.py")));
    program.args(["127.0.0.1", "1"]);
    let mut program = Talk::start(program);
    let address = program.address();
    let heard = folder.path("heard.pcm");
    let uri = format!("sip:bob@{address}");
    let said = c_programs::run(None, &c_example("taps"), &[&uri, heard.to_str().expect("UTF-8")]);
    assert!(said.contains("the far end interrupted"), "{said}");
    program.until("call from sip:");
    program.rest()
}

#[test]
fn the_echo_in_python_is_heard() {
    hears_itself("answer_echo");
}

#[test]
fn the_stream_in_python_comes_back() {
    let said = hears_itself("stream");
    let frames = said.split_whitespace().nth(1).and_then(|word| word.parse::<u32>().ok());
    assert!(said.starts_with("streamed ") && frames.is_some_and(|count| count > 25), "{said}");
}

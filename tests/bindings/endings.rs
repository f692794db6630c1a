//! Hosts that end, forget their engines, or stall: an interpreter, application domains, a library that is
//! unloaded, readers of taps.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{child::Folder, csharp_program, library, pascal_program, python_program, root};

/// Runs a program that has to end well and to say no more than this.
fn ends_with(mut program: Command, words: &str) {
    let folder = Folder::new("endings");
    let said = folder.path("said");
    let output = fs::File::create(&said).expect("it is made");
    program
        .stdin(Stdio::null())
        .stderr(output.try_clone().expect("a second handle"))
        .stdout(output);
    let mut child = program.spawn().unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let until = Instant::now() + Duration::from_secs(120);
    let status = loop {
        match child.try_wait().expect("it can be waited for") {
            Some(status) => break Some(status),
            None if Instant::now() > until => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let said = fs::read_to_string(&said).unwrap_or_default();
    assert!(status.is_some_and(|status| status.success()), "{program:?}: {status:?}\n{said}");
    assert_eq!(said.trim(), words, "{program:?}");
}

#[test]
fn python_may_end_with_calls_up_in_every_way_of_hearing_events() {
    for way in ["callback", "thread", "dropped", "collected"] {
        let mut program = python_program(&root().join("tests/bindings/last_breath.py"));
        program.arg(way);
        ends_with(program, "last words");
    }
}

#[test]
fn domains_of_mono_are_unloaded_while_calls_are_up() {
    let folder = Folder::new("csharp");
    ends_with(csharp_program(&root().join("tests/bindings/Unload.cs"), &folder), "all gone");
}

#[test]
fn pascal_may_unload_the_library() {
    let folder = Folder::new("pascal");
    let mut program = pascal_program(&root().join("tests/bindings/unload.pas"), &folder);
    program.arg(library());
    ends_with(program, "all gone");
}

#[test]
fn a_python_host_that_stalls_loses_frames_of_its_own_tap_only() {
    ends_with(python_program(&root().join("tests/bindings/stall.py")), "all heard");
}

#[test]
fn a_csharp_host_that_stalls_loses_frames_of_its_own_tap_only() {
    let folder = Folder::new("csharp");
    ends_with(csharp_program(&root().join("tests/bindings/Stall.cs"), &folder), "all heard");
}

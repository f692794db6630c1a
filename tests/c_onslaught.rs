//! Every function of the C ABI called by many threads at once with right and wrong arguments, while
//! engines come and go: plainly, under valgrind, and with the address sanitizer. And a thousand engines
//! that leave nothing behind.

#[path = "support/c_programs.rs"]
#[allow(dead_code)]
mod c_programs;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/bindings/declarations.rs"]
#[allow(dead_code)]
mod declarations;
#[path = "support/onslaught.rs"]
mod onslaught;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use c_programs::{C99, Valgrind, compile_with, header, root, speech, try_run};
use child::Folder;
use declarations::Abi;

/// The program sees what happens to memory that it shares with the library: the library itself is
/// built without the sanitizer, but its malloc, free, memcpy and memset are those of the sanitizer.
const SANITIZER: [&str; 2] = ["-fsanitize=address", "-fno-omit-frame-pointer"];

/// Builds `onslaught.c` with the calls of this header, with a fault planted in place of a line.
fn program(folder: &Folder, extra: &[&str], planted: Option<(&str, &str)>) -> PathBuf {
    let calls = onslaught::calls(&Abi::read(&header()));
    fs::write(folder.path("onslaught_calls.h"), calls).unwrap();
    let mut text = fs::read_to_string(root().join("tests/c/onslaught.c")).unwrap();
    if let Some((line, fault)) = planted {
        assert_eq!(text.matches(line).count(), 1, "{line}");
        text = text.replace(line, fault);
    }
    let source = folder.path("onslaught.c");
    fs::write(&source, text).unwrap();
    fs::copy(speech(), folder.path("slide.wav")).unwrap();
    let include =
        [folder.path(""), root().join("tests/c")].map(|path| format!("-I{}", path.display()));
    let options = [&[include[0].as_str(), include[1].as_str()], extra].concat();
    let name = folder.path("onslaught").display().to_string();
    compile_with(C99, &[&source], &name, &options)
}

fn run(
    valgrind: Option<Valgrind>,
    program: &Path,
    folder: &Folder,
    (steps, rounds): (u32, u32),
) -> Result<String, String> {
    let arguments = [folder.path("").display().to_string(), steps.to_string(), rounds.to_string()];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    try_run(valgrind, program, &arguments, Duration::from_secs(400))
}

/// Each function was called as often as its turn came.
fn assert_all_were_called(said: &str, steps: u32) {
    let abi = Abi::read(&header());
    let all: Vec<&str> = onslaught::functions(&abi).map(|one| one.name.as_str()).collect();
    let least = 8 * (steps / all.len() as u32);
    for name in &all {
        let line = said.lines().find(|line| line.split(' ').next() == Some(*name));
        let count = line.and_then(|line| line.split(' ').nth(1)).and_then(|n| n.parse().ok());
        assert!(count.is_some_and(|count: u32| count >= least), "{name}: {line:?}");
    }
}

#[test]
fn every_function_stands_an_onslaught_of_threads_while_engines_come_and_go() {
    let folder = Folder::new("onslaught");
    let said = run(None, &program(&folder, &[], None), &folder, (4_000, 12)).unwrap();
    assert_all_were_called(&said, 4_000);
}

#[test]
fn the_onslaught_runs_under_valgrind_without_an_error_or_a_leak() {
    let folder = Folder::new("onslaught");
    let program = program(&folder, &[], None);
    let said = run(Some(Valgrind), &program, &folder, (250, 6)).unwrap();
    assert_all_were_called(&said, 250);
}

#[test]
fn the_onslaught_runs_with_the_address_sanitizer_without_an_error_or_a_leak() {
    let folder = Folder::new("onslaught");
    let said = run(None, &program(&folder, &SANITIZER, None), &folder, (3_000, 12)).unwrap();
    assert_all_were_called(&said, 3_000);
}

/// Memory that a call gets was freed, is freed twice, or not at all.
#[test]
fn the_sanitizer_would_notice_what_the_onslaught_does_wrong() {
    let line = "    give_back(&dice);\n";
    for (fault, noticed) in [
        (
            "    give_back(&dice);\n    sidetone_call_hangup(NULL, 0, NULL);\n\
             { char *volatile gone = (char *)malloc(64); free(gone);\n\
             sidetone_last_error(gone, 64, NULL); }\n",
            "heap-use-after-free",
        ),
        ("    if (dice.takes > 0) free(dice.taken[0]);\n    give_back(&dice);\n", "double-free"),
        ("    if (step != 7) give_back(&dice);\n    dice.takes = 0;\n", "detected memory leaks"),
    ] {
        let folder = Folder::new("onslaught");
        let program = program(&folder, &SANITIZER, Some((line, fault)));
        let said = run(None, &program, &folder, (100, 1)).expect_err(fault);
        assert!(said.contains(noticed), "{fault}: {said}");
    }
}

/// Runs `growth.c` with a fault planted in each round.
fn growth(rounds: u32, planted: &str) -> Result<String, String> {
    let folder = Folder::new("growth");
    let text = fs::read_to_string(root().join("tests/c/growth.c")).unwrap();
    let source = folder.path("growth.c");
    fs::write(&source, text.replace("/* A fault is planted here. */", planted)).unwrap();
    let include = format!("-I{}", root().join("tests/c").display());
    let name = folder.path("growth").display().to_string();
    let program = compile_with(C99, &[&source], &name, &[&include]);
    let arguments = [
        "GLIBC_TUNABLES=glibc.malloc.tcache_count=0",
        program.to_str().unwrap(),
        &rounds.to_string(),
    ];
    try_run(None, Path::new("/usr/bin/env"), &arguments, Duration::from_secs(400))
}

#[test]
fn a_thousand_engines_leave_no_thread_file_or_memory_behind() {
    println!("{}", growth(1_000, "").unwrap());
}

#[test]
fn a_thread_a_file_or_memory_that_is_left_is_noticed() {
    for (planted, noticed) in [
        ("if (malloc(300) == NULL) ++failures;", "late.heap_bytes"),
        ("if (dup(0) < 0) ++failures;", "late.files"),
        ("if (round == 20) loopback_engine();", "late.threads"),
    ] {
        let said = growth(40, planted).expect_err(planted);
        assert!(said.contains(noticed), "{planted}: {said}");
    }
}

//! The C ABI as C and C++ programs see it: strict builds of the header, its examples and the example
//! programs, test programs in C, and everything once under valgrind.

#[path = "support/c_programs.rs"]
mod c_programs;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/pulse.rs"]
#[allow(dead_code)]
mod pulse;
#[path = "support/tone_peer.rs"]
mod tone_peer;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use c_programs::{
    Answerer, C99, CPP17, CompilerOptions, Valgrind, compile, folder, header, root, run, syntax,
};
use tone_peer::{TONE_HZ, TonePeer};

const EXAMPLES: [&str; 6] = ["dial", "answer", "devices", "gui_wakeup", "dialer", "taps"];
const PROGRAMS: [&str; 8] =
    ["abuse", "around", "call_centre", "codecs", "loopback", "services", "taps", "threads"];
const CPP_PROGRAMS: [&str; 2] = ["raii", "wrappers"];

#[test]
fn every_field_stands_at_the_same_offset_for_every_compiler() {
    let mut text = String::from("#include <stddef.h>\n#include \"sidetone.h\"\n");
    let mut number = 0;
    let mut assert = |condition: String| {
        number += 1;
        writeln!(text, "typedef char assertion_{number}[({condition}) ? 1 : -1];").unwrap();
    };
    for (name, size, fields) in sidetone::ffi::layout::LAYOUT {
        assert(format!("sizeof({name}) == {size}"));
        for (field, offset) in *fields {
            assert(format!("offsetof({name}, {field}) == {offset}"));
        }
    }
    assert!(number > 150, "only {number} assertions");
    let source = folder().join("layout.c");
    fs::write(&source, text).unwrap();
    for options in [C99, CPP17] {
        syntax(options, &source, &[]);
        // Freestanding, as the C library's headers for 32 bits need not be installed.
        syntax(options, &source, &["-m32", "-ffreestanding"]);
    }
    for windows in ["x86_64-w64-mingw32-gcc", "i686-w64-mingw32-gcc"] {
        if Command::new(windows).arg("--version").output().is_ok() {
            syntax(CompilerOptions { compiler: windows, ..C99 }, &source, &[]);
        }
    }
}

#[test]
fn the_examples_of_the_header_compile_as_c_and_as_cpp() {
    let examples = header_examples();
    assert!(examples.len() >= 50, "only {} examples", examples.len());
    let mut text = String::from(
        "#include <stdio.h>\n#include <string.h>\n#include \"sidetone.h\"\n\
         extern void on_event(const sidetone_event *event, void *user);\n\
         extern void on_wakeup(void *user);\n\
         extern void on_log(uint32_t level, const char *module, const char *text, int32_t length,\n\
         void *user);\n",
    );
    for (number, example) in examples.iter().enumerate() {
        writeln!(
            text,
            "extern void example_{number}(sidetone_engine *engine, uint64_t account,\n\
             uint64_t call, uint64_t other_call, sidetone_event event, int fd, void *handle);\n\
             void example_{number}(sidetone_engine *engine, uint64_t account, uint64_t call,\n\
             uint64_t other_call, sidetone_event event, int fd, void *handle) {{\n\
             (void)engine; (void)account; (void)call; (void)other_call; (void)event; (void)fd;\n\
             (void)handle;\n{example}}}"
        )
        .unwrap();
    }
    // Windows functions are declared there only.
    text = text
        .replace("sidetone_wakeup_set_handle(", "(void)(")
        .replace("sidetone_wakeup_set_window(", "(void)(");
    let source = folder().join("header_examples.c");
    fs::write(&source, text).unwrap();
    for options in [C99, CPP17] {
        syntax(options, &source, &["-Wno-unused-value", "-Wno-unused-but-set-variable"]);
    }
}

/// The fenced examples of the doc comments.
fn header_examples() -> Vec<String> {
    let mut examples = Vec::new();
    let mut example: Option<String> = None;
    for line in header().lines() {
        let Some(text) = line.strip_prefix("///") else { continue };
        match (text.trim(), &mut example) {
            ("```c", None) => example = Some(String::new()),
            ("```", Some(_)) => examples.extend(example.take()),
            (_, Some(example)) => {
                example.push_str(text);
                example.push('\n');
            }
            _ => {}
        }
    }
    examples
}

#[test]
fn every_function_of_the_header_is_called_from_c() {
    let called = PROGRAMS
        .iter()
        .map(|name| fs::read_to_string(root().join(format!("tests/c/{name}.c"))).unwrap())
        .collect::<String>();
    for function in functions() {
        if !function.contains("_set_handle") && !function.contains("_set_window") {
            assert!(called.contains(&format!("{function}(")), "{function} is never called");
        }
    }
}

/// Every function that the header declares.
fn functions() -> Vec<String> {
    let header = header();
    let mut names = Vec::new();
    for (at, _) in header.match_indices("\nSIDETONE_API") {
        let declaration = &header[at + "\nSIDETONE_API".len()..];
        let head = declaration.split('(').next().unwrap();
        names.push(head.rsplit([' ', '*']).next().unwrap().to_owned());
    }
    assert!(names.len() > 50, "only {} functions", names.len());
    names
}

#[test]
fn the_library_shows_its_functions_and_nothing_else() {
    let output = Command::new("nm")
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(c_programs::library())
        .output()
        .expect("nm runs");
    let symbols = String::from_utf8(output.stdout).unwrap();
    let mut shown: Vec<&str> = symbols.lines().filter_map(|line| line.split(' ').next()).collect();
    shown.sort_unstable();
    let mut declared: Vec<String> = functions()
        .into_iter()
        .filter(|name| !name.contains("_set_handle") && !name.contains("_set_window"))
        .collect();
    declared.sort();
    assert_eq!(shown, declared);
}

#[test]
fn the_examples_are_short_and_compile_strictly_as_c_and_as_cpp() {
    for name in EXAMPLES {
        let source = root().join(format!("examples-c/{name}.c"));
        let lines = fs::read_to_string(&source).unwrap().lines().count();
        assert!(lines < 120, "{name}.c has {lines} lines");
        compile(C99, &[&source], &format!("{name}_c99"));
        compile(CPP17, &[&source], &format!("{name}_cpp17"));
    }
}

#[test]
fn the_c_programs_of_the_readme_compile_and_tell_what_went_wrong() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    for (number, block) in readme.split("```c\n").skip(1).enumerate() {
        let program = block.split("```").next().unwrap();
        if program.contains("main(") {
            let source = folder().join(format!("readme_{number}.c"));
            fs::write(&source, program).unwrap();
            let program = compile(C99, &[&source], &format!("readme_{number}"));
            says_what_was_wrong(&program);
        }
    }
}

/// A program that dials its argument must not end mutely, nor as if all had gone well.
fn says_what_was_wrong(program: &Path) {
    let limit = Duration::from_secs(30);
    for (arguments, why) in [(&[][..], "usage"), (&["foo"][..], "needs a host")] {
        let said = c_programs::try_run(None, program, arguments, limit).expect_err("fails");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}

/// The example programs, natively and under valgrind.
fn run_examples(valgrind: Option<Valgrind>, language: CompilerOptions) {
    let suffix = language.name;
    let example = |name: &str| {
        compile(
            language,
            &[&root().join(format!("examples-c/{name}.c"))],
            &format!("{name}_{suffix}_{}", valgrind.is_some()),
        )
    };
    let recording = folder().join(format!("answer_{suffix}_{}.wav", valgrind.is_some()));
    let speech = c_programs::speech();
    let speech = speech.to_str().unwrap();

    run(valgrind, &example("devices"), &[]);

    // One of each, then twenty at once.
    let answerer = Answerer::start(valgrind, &example("answer"), 3 + 20, Some(&recording));
    let uri = answerer.uri();
    let said = run(valgrind, &example("dial"), &[&uri, "1", speech]);
    assert!(said.contains("connected") && said.contains("ended"), "{said}");
    run(valgrind, &example("gui_wakeup"), &[&uri]);
    let heard = folder().join(format!("taps_{suffix}_{}.pcm", valgrind.is_some()));
    let said = run(valgrind, &example("taps"), &[&uri, heard.to_str().unwrap()]);
    assert!(said.contains("the far end interrupted"), "{said}");
    assert_is_sound(&heard);
    // Under valgrind twenty calls take far more than one core has.
    let seconds = if valgrind.is_some() { "8" } else { "2" };
    let said = run(valgrind, &example("dialer"), &[&uri, "20", seconds, speech]);
    assert!(said.contains("20 dialed, 20 answered, 20 heard the far end, 0 failed"), "{said}");
    let said = answerer.finish();
    assert_eq!(said.matches("call from").count(), 23, "{said}");
    assert!(said.contains("recorded"), "{said}");
    let wav = fs::read(&recording).unwrap();
    assert!(wav.starts_with(b"RIFF") && wav.len() > 20_000, "{} bytes recorded", wav.len());
}

/// 16-bit samples at 16 kHz in which something is heard for 100 ms at least.
fn assert_is_sound(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let loud = bytes
        .chunks_exact(2)
        .filter(|sample| i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs() > 1_000);
    let loud = loud.count();
    assert!(loud > 1_600, "{loud} loud samples of {}", bytes.len() / 2);
}

#[test]
fn the_examples_talk_to_each_other_as_c99() {
    run_examples(None, C99);
}

#[test]
fn the_examples_talk_to_each_other_as_cpp17() {
    run_examples(None, CPP17);
}

#[test]
fn the_examples_run_under_valgrind_without_an_error_or_a_leak() {
    run_examples(Some(Valgrind), C99);
}

/// Arguments of a test program.
fn arguments(name: &str) -> Vec<String> {
    match name {
        "loopback" => vec![
            folder().to_str().unwrap().to_owned(),
            c_programs::speech().to_str().unwrap().to_owned(),
        ],
        "call_centre" => vec![folder().to_str().unwrap().to_owned()],
        _ => Vec::new(),
    }
}

fn run_program(name: &str, valgrind: Option<Valgrind>) {
    let (language, ending) = if CPP_PROGRAMS.contains(&name) { (CPP17, "cpp") } else { (C99, "c") };
    let source: PathBuf = root().join(format!("tests/c/{name}.{ending}"));
    let program = compile(language, &[&source], &format!("{name}_{}", valgrind.is_some()));
    let arguments = arguments(name);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(valgrind, &program, &arguments);
}

#[test]
fn every_function_refuses_what_it_must_refuse() {
    run_program("abuse", None);
}

#[test]
fn two_engines_of_a_process_call_each_other_with_every_function() {
    run_program("loopback", None);
}

#[test]
fn three_engines_transfer_redirect_and_say_why_calls_end() {
    run_program("services", None);
}

#[test]
fn two_engines_of_a_process_do_everything_that_there_is_around_calls() {
    run_program("around", None);
}

#[test]
fn codecs_and_the_settings_of_opus_are_an_account_s_or_a_call_s() {
    run_program("codecs", None);
}

#[test]
fn a_call_centre_confers_pauses_recordings_and_looks_at_its_threads() {
    run_program("call_centre", None);
}

#[test]
fn audio_goes_in_and_out_as_pcm() {
    run_program("taps", None);
}

/// Not under valgrind, whose processor traps nothing and keeps no masks.
#[cfg(all(target_os = "linux", any(target_arch = "x86", target_arch = "x86_64")))]
#[test]
fn a_host_may_unmask_floating_point_exceptions() {
    run_program("floats", None);
}

#[test]
fn the_cpp_header_cleans_up_and_throws() {
    run_program("raii", None);
}

#[test]
fn every_wrapper_of_the_cpp_header_does_what_its_function_does() {
    run_program("wrappers", None);
}

#[test]
fn the_cpp_header_compiles_as_cpp20_and_with_other_compilers() {
    for name in CPP_PROGRAMS {
        let source = root().join(format!("tests/c/{name}.cpp"));
        syntax(CompilerOptions { standard: "-std=c++20", ..CPP17 }, &source, &["-Wconversion"]);
        for compiler in ["clang++", "x86_64-w64-mingw32-g++", "i686-w64-mingw32-g++"] {
            if Command::new(compiler).arg("--version").output().is_ok() {
                syntax(CompilerOptions { compiler, ..CPP17 }, &source, &[]);
            }
        }
    }
}

/// What is inline is compiled where it is called only, so that a program needs the functions of those
/// wrappers that it calls.
#[test]
fn every_function_of_the_header_is_called_through_the_cpp_header() {
    let mut needed = String::new();
    for name in CPP_PROGRAMS {
        let source = root().join(format!("tests/c/{name}.cpp"));
        let text = fs::read_to_string(&source).unwrap();
        let own = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let own: Vec<_> = own.filter(|word| functions().iter().any(|name| name == word)).collect();
        assert_eq!(own, ["sidetone_strerror"][..own.len()], "{name} calls past the C++ header");
        let program = compile(CPP17, &[&source], &format!("{name}_needs"));
        let output = Command::new("nm").args(["-u", "--format=posix"]).arg(program).output();
        needed += &String::from_utf8(output.expect("nm runs").stdout).unwrap();
    }
    let needed: Vec<&str> = needed.split_whitespace().collect();
    for function in functions() {
        if !function.contains("_set_handle") && !function.contains("_set_window") {
            assert!(needed.contains(&function.as_str()), "{function} is never called");
        }
    }
}

#[test]
fn threads_may_call_wake_and_destroy() {
    run_program("threads", None);
}

/// Makes calls with a library that is loaded and unloaded: three times as many as said.
fn unload(rounds: u32, environment: &[(&str, &Path)], arguments: &[&str]) {
    let peer = TonePeer::start(3 * rounds);
    let program = c_programs::compile_alone(C99, &root().join("tests/c/unload.c"), "unload");
    let mut command = Command::new(program);
    command.arg(c_programs::library()).arg(peer.uri());
    command.args([TONE_HZ.to_string(), rounds.to_string()]).args(arguments);
    let output = command.envs(environment.iter().copied()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    peer.finish();
}

#[test]
fn the_library_can_be_unloaded_and_leaves_nothing() {
    unload(7, &[], &[]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_library_can_be_unloaded_after_a_call_on_the_sound_card() {
    let folder = child::Folder::new("unload");
    let home = folder.path("pulse");
    let _server = pulse::PulseServer::start(&home, &["speaker"]).expect("PulseAudio");
    unload(3, &[("XDG_RUNTIME_DIR", &home), ("HOME", &home)], &["devices"]);
}

#[test]
fn the_test_programs_run_under_valgrind_without_an_error_or_a_leak() {
    for name in PROGRAMS.into_iter().chain(CPP_PROGRAMS) {
        run_program(name, Some(Valgrind));
    }
}

#[test]
fn valgrind_runs_would_notice_a_leak_and_a_bad_read() {
    for (name, fault) in [
        ("leak", "char *volatile lost = (char *)malloc(10); lost = NULL; (void)lost;"),
        ("read", "char *gone = (char *)malloc(10); free(gone); if (gone[5] == 'x') puts(\"x\");"),
    ] {
        let source = folder().join(format!("fault_{name}.c"));
        fs::write(
            &source,
            format!(
                "#include <stdio.h>\n#include <stdlib.h>\n#include \"sidetone.h\"\n\
                 int main(void) {{ {fault} puts(sidetone_version()); return 0; }}\n"
            ),
        )
        .unwrap();
        let options = CompilerOptions { strict: false, ..C99 };
        let program = compile(options, &[&source], &format!("fault_{name}"));
        let failed = c_programs::try_run(Some(Valgrind), &program, &[], Duration::from_secs(60));
        assert!(failed.is_err(), "valgrind let the planted {name} pass");
    }
}

#[test]
fn the_library_brings_no_allocator_of_its_own() {
    let output = Command::new("grep")
        .args(["-rn", "--include=*.rs", "^#\\[global_allocator\\]"])
        .arg(root().join("src"))
        .output()
        .expect("grep runs");
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(found.is_empty(), "a library must not pick its host's allocator: {found}");
}

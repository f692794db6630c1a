//! Programs that were built with an older header run with the library of today: `tests/abi/N` has the
//! last header of the major version N, a host that was built with it, and a table.

#[path = "support/bindings/mod.rs"]
#[allow(dead_code)]
mod bindings;
#[path = "support/c_programs.rs"]
#[allow(dead_code)]
mod c_programs;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{fmt::Write as _, fs, path::PathBuf, process::Command};

use bindings::{
    declarations::Abi,
    frozen::broken,
    table,
    targets::{TARGETS, layout},
};
use c_programs::{C99, Valgrind, compile_with, folder, header, root, run};

/// What `bindings` asks of the test that it is part of.
fn output(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn old_folder() -> PathBuf {
    root().join("tests/abi/1")
}

fn old_header() -> String {
    fs::read_to_string(old_folder().join("sidetone.h")).unwrap()
}

/// Builds the old host with the old header, and not with the one that other programs get.
fn old_host(valgrind: Option<Valgrind>) {
    let source = old_folder().join("host.c");
    let include = format!("-iquote{}", old_folder().display());
    let name = format!("old_host_{}", valgrind.is_some());
    let program = compile_with(C99, &[&source], &name, &[&include]);
    let mut command = Command::new("gcc");
    command.args(["-M", &include, "-I"]).arg(root().join("include")).arg(&source);
    let headers = output(command);
    assert!(headers.contains("tests/abi/1/sidetone.h") && !headers.contains("include/sidetone.h"));
    assert!(run(valgrind, &program, &[]).contains("all as it was"));
}

#[test]
fn a_host_of_the_old_header_runs_with_the_library_of_today() {
    old_host(None);
}

#[test]
fn a_host_of_the_old_header_runs_under_valgrind() {
    old_host(Some(Valgrind));
}

#[test]
fn the_old_host_uses_every_struct_of_the_old_header() {
    let host = fs::read_to_string(old_folder().join("host.c")).unwrap();
    for kind in Abi::read(&old_header()).structs {
        assert!(host.contains(&kind.name), "{} is not used", kind.name);
    }
}

/// The table of the old header is never written anew; the one of today's, `tests/abi/abi.tsv`, is.
#[test]
fn the_old_table_is_that_of_the_old_header() {
    let old = fs::read_to_string(old_folder().join("abi.tsv")).unwrap();
    assert_eq!(table::differences(&old, &table::table(&Abi::read(&old_header()))), [""; 0]);
}

#[test]
fn everything_of_the_old_header_stands_in_the_new_one() {
    assert_eq!(broken(&Abi::read(&old_header()), &Abi::read(&header())), [""; 0]);
}

/// A header with a change, which was found at its place.
fn changed(from: &str, to: &str) -> Abi {
    let header = header();
    assert_eq!(header.matches(from).count(), 1, "{from}");
    Abi::read(&header.replace(from, to))
}

#[test]
fn what_may_be_added_is_not_taken_for_a_break() {
    let old = Abi::read(&header());
    for (from, to) in [
        ("#define SIDETONE_API_VERSION 2", "#define SIDETONE_API_VERSION 3"),
        (
            "} sidetone_tap_options;",
            "  uint32_t newer;\n  uint32_t reserved2;\n} sidetone_tap_options;",
        ),
        (
            "SIDETONE_API uint32_t sidetone_api_version(void);",
            "SIDETONE_API uint32_t sidetone_api_version(void);\n\nSIDETONE_API uint32_t sidetone_newer(void);",
        ),
        ("#define SIDETONE_OK 0", "#define SIDETONE_OK 0\n#define SIDETONE_ERR_NEWER -18"),
    ] {
        assert_eq!(broken(&old, &changed(from, to)), [""; 0], "{to}");
    }
}

#[test]
fn a_break_is_noticed() {
    let old = Abi::read(&header());
    for (from, to, what) in [
        (
            "SIDETONE_API int32_t sidetone_wake(",
            "int32_t sidetone_wake(",
            "sidetone_wake is not what",
        ),
        (
            "sidetone_wake(struct sidetone_engine *engine)",
            "sidetone_wake(struct sidetone_engine *engine, uint32_t more)",
            "sidetone_wake is not what",
        ),
        (
            "#define SIDETONE_ERR_BUSY -4",
            "#define SIDETONE_ERR_BUSY -18",
            "SIDETONE_ERR_BUSY was -4",
        ),
        ("} sidetone_headers;", "  uint32_t more[2];\n} sidetone_headers;", "cannot grow"),
        ("  uint32_t frame_ms;\n", "", "x64: sidetone_tap_options.frame_ms has moved"),
        (
            "  uint32_t frame_ms;\n",
            "  uint64_t frame_ms;\n",
            "win32: sidetone_tap_options.frame_ms has",
        ),
        (
            "  uint32_t frame_ms;\n",
            "  float frame_ms;\n",
            "linux-x86: sidetone_tap_options.frame_ms has",
        ),
        (
            "  uint32_t frame_ms;\n",
            "  uint32_t frame_ms;\n  uint32_t more;\n",
            "buffer_ms has moved",
        ),
    ] {
        let found = broken(&old, &changed(from, to));
        assert!(found.iter().any(|line| line.contains(what)), "{to}: {found:?}");
    }
    // Two fields that change places.
    let (rate, frame) = ("  uint32_t sample_rate_hz;\n", "  uint32_t frame_ms;\n");
    let (begin, rest) = header()
        .split_once("typedef struct sidetone_tap_options")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let swapped = rest.replacen(rate, "  swap;\n", 1).replacen(frame, rate, 1).replacen(
        "  swap;\n",
        frame,
        1,
    );
    let swapped = Abi::read(&format!("{begin}typedef struct sidetone_tap_options{swapped}"));
    let found = broken(&old, &swapped);
    assert_eq!(found.len(), 2 * TARGETS.len(), "{found:?}");
}

/// Assertions on every struct as the table has it for a target.
fn assertions(abi: &Abi, target: bindings::targets::Target) -> String {
    let mut text = "#include <stddef.h>\n#include \"sidetone.h\"\n".to_owned();
    for kind in &abi.structs {
        let (name, layout) = (&kind.name, layout(abi, kind, target));
        writeln!(text, "_Static_assert(sizeof({name}) == {}, \"\");", layout.size).unwrap();
        writeln!(text, "_Static_assert(_Alignof({name}) == {}, \"\");", layout.align).unwrap();
        for (field, offset) in kind.fields.iter().zip(layout.offsets) {
            let field = &field.name;
            writeln!(text, "_Static_assert(offsetof({name}, {field}) == {offset}, \"\");").unwrap();
        }
    }
    text
}

/// Whether a compiler agrees; no C library is needed.
fn compiles(text: &str, compiler: &str, options: &[&str]) -> bool {
    let name = format!("{:?}", std::thread::current().id());
    let source = folder().join(format!("targets_{name}.c"));
    fs::write(&source, text).unwrap();
    let mut command = Command::new(compiler);
    command.args(["-std=c11", "-fsyntax-only", "-ffreestanding"]).args(options).arg("-I");
    command.arg(root().join("include")).arg(&source);
    command.output().expect("it runs").status.success()
}

/// gcc lays out as every target does when it is told so; clang, where it is installed, knows them.
#[test]
fn compilers_of_every_target_make_of_the_structs_what_the_table_says() {
    let abi = Abi::read(&header());
    let with_clang = Command::new("clang").arg("--version").output().is_ok();
    for target in TARGETS {
        let text = assertions(&abi, target);
        assert!(text.lines().count() > 200);
        let wrong = text.replacen("== 16,", "== 12,", 1);
        let clang: &[&str] = &["-nostdlibinc", "-target", target.triple];
        for (compiler, options) in [("gcc", target.gcc), ("clang", clang)] {
            if compiler == "gcc" || with_clang {
                let name = target.name;
                assert!(compiles(&text, compiler, options), "{name} {compiler}");
                assert!(!compiles(&wrong, compiler, options), "{name} {compiler}: not read");
            }
        }
    }
    // Windows on x64 is as Linux on x64.
    let windows: &[&str] = &["-nostdlibinc", "-target", "x86_64-pc-windows-msvc"];
    assert!(!with_clang || compiles(&assertions(&abi, TARGETS[0]), "clang", windows));
}

#[test]
fn structs_stand_the_same_on_every_target_but_for_their_own_alignment() {
    let abi = Abi::read(&header());
    for kind in &abi.structs {
        let [x64, win32, x86] = TARGETS.map(|target| layout(&abi, kind, target));
        assert_eq!((&win32.offsets, win32.size), (&x64.offsets, x64.size), "{}", kind.name);
        assert_eq!((&x86.offsets, x86.size), (&x64.offsets, x64.size), "{}", kind.name);
        assert!(x86.align <= 4 && win32.align <= 8, "{}", kind.name);
    }
}

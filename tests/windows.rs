//! What `make windows` has built: the functions of the DLL, what it needs of Windows, and calls of
//! programs in C that run in wine. All of it is ignored without that build; `make test-windows`
//! runs it.

#[path = "windows/calls.rs"]
mod calls;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "windows/hosts.rs"]
mod hosts;
#[path = "windows/programs.rs"]
mod programs;
#[path = "support/pulse.rs"]
mod pulse;
#[path = "windows/sound.rs"]
mod sound;
#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;
#[path = "support/bindings/trial.rs"]
#[allow(dead_code)]
mod trial;
#[path = "windows/wine.rs"]
mod wine;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const FILES: [&str; 3] = ["sidetone.dll", "sidetone-phone.exe", "sidetone-bench.exe"];

/// DLLs that come with Windows 10 and later; the C library is the system's own. Of the sets named
/// api-ms-win-* every one does.
const SYSTEM: [&str; 21] = [
    "advapi32.dll",
    "avrt.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "combase.dll",
    "crypt32.dll",
    "iphlpapi.dll",
    "kernel32.dll",
    "mmdevapi.dll",
    "msvcrt.dll",
    "ncrypt.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleaut32.dll",
    "propsys.dll",
    "rpcrt4.dll",
    "secur32.dll",
    "user32.dll",
    "userenv.dll",
    "winmm.dll",
    "ws2_32.dll",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the builds are: beside the folder that cargo gives to tests.
fn builds() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("windows")
}

/// The machines that were built for; x86_64 is.
fn machines() -> Vec<&'static str> {
    assert!(builds().join("x86_64/sidetone.dll").exists(), "`make windows` comes first");
    let built = |machine: &&str| builds().join(machine).join("sidetone.dll").exists();
    ["x86_64", "i686"].into_iter().filter(built).collect()
}

/// A test for each machine: `name` gets that machine's wine.
macro_rules! in_wine {
    (@$machine:ident $($name:ident)*) => {
        mod $machine {
            $(
                #[test]
                #[ignore = "needs `make windows`, and wine"]
                fn $name() {
                    super::$name(crate::wine::wine(stringify!($machine)));
                }
            )*
        }
    };
    ($($name:ident)*) => {
        in_wine!(@x86_64 $($name)*);
        in_wine!(@i686 $($name)*);
    };
}
use in_wine;

/// What a program of binutils says of a file.
fn objdump(machine: &str, file: &str) -> String {
    let mut command = Command::new(format!("{machine}-w64-mingw32-objdump"));
    command.arg("-p").arg(builds().join(machine).join(file));
    succeed(&mut command)
}

/// Runs a command that must end well; what it printed.
fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}{errors}", output.status);
    text
}

/// Every function that the header declares.
fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(root().join("include/sidetone.h")).unwrap();
    let declarations = header.split("\nSIDETONE_API").skip(1);
    let names: BTreeSet<String> = declarations
        .filter_map(|text| text.split('(').next()?.rsplit([' ', '*', '\n']).next())
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 50, "only {} functions", names.len());
    names
}

#[test]
#[ignore = "needs `make windows`"]
fn the_dll_shows_the_functions_of_the_header_and_nothing_else() {
    for machine in machines() {
        let text = objdump(machine, "sidetone.dll");
        let table = text.split("[Ordinal/Name Pointer] Table").nth(1).expect("exports");
        let shown: BTreeSet<String> = table
            .lines()
            .skip(1)
            .map_while(|line| line.trim().strip_prefix('[')?.split_whitespace().last())
            .map(str::to_owned)
            .collect();
        assert_eq!(shown, declared(), "{machine}");
        let exports = fs::read_to_string(builds().join(machine).join("sidetone.def")).unwrap();
        let listed: BTreeSet<String> =
            exports.lines().skip(2).map(|line| line.trim().to_owned()).collect();
        assert_eq!(listed, shown, "{machine}: the .def");
    }
}

#[test]
#[ignore = "needs `make windows`"]
fn nothing_is_imported_but_what_every_windows_has() {
    for machine in machines() {
        for file in FILES {
            let text = objdump(machine, file);
            let imports: Vec<String> = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("DLL Name: "))
                .map(str::to_lowercase)
                .collect();
            assert!(imports.iter().any(|name| name == "kernel32.dll"), "{machine} {file}: {text}");
            for name in imports {
                let known = SYSTEM.contains(&name.as_str());
                assert!(known || name.starts_with("api-ms-win-"), "{machine} {file} wants {name}");
            }
        }
    }
}

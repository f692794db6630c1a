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

/// Those of them that Windows 7 has not.
const SINCE_WINDOWS_8: [&str; 2] = ["bcryptprimitives.dll", "combase.dll"];
/// Functions that Windows 7 has not, of DLLs that it has: what Rust and its packages like to use.
const YOUNG_FUNCTIONS: [&str; 10] = [
    "ActivateAudioInterfaceAsync",
    "CompareObjectHandles",
    "CreateFile2",
    "GetOverlappedResultEx",
    "GetSystemTimePreciseAsFileTime",
    "ProcessPrng",
    "SetThreadDescription",
    "WaitOnAddress",
    "WakeByAddressAll",
    "WakeByAddressSingle",
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
fn objdump(machine: &str, file: &Path) -> String {
    let mut command = Command::new(format!("{machine}-w64-mingw32-objdump"));
    command.arg("-p").arg(file);
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
        let text = objdump(machine, &builds().join(machine).join("sidetone.dll"));
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
            let text = objdump(machine, &builds().join(machine).join(file));
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

#[test]
#[ignore = "needs `make windows`"]
fn no_file_names_a_folder_of_the_machine_that_built_it() {
    for machine in machines() {
        for file in FILES {
            let bytes = fs::read(builds().join(machine).join(file)).unwrap();
            for folder in [".cargo/registry", "/home/", "/root/"] {
                let found = bytes.windows(folder.len()).position(|at| at == folder.as_bytes());
                let Some(at) = found else { continue };
                let text = &bytes[at.saturating_sub(20)..bytes.len().min(at + 80)];
                panic!("{machine} {file}: {}", String::from_utf8_lossy(text));
            }
        }
    }
}

/// Windows 7 and 8 lack what these are from; a function that is looked up at run time is no import.
#[test]
#[ignore = "needs `make windows WINDOWS=7`, and passes without"]
fn what_is_built_for_windows_7_imports_nothing_younger() {
    let built = |folder: &&str| builds().join(folder).join("sidetone.dll").exists();
    let folders: Vec<&str> = ["x86_64-win7", "i686-win7"].into_iter().filter(built).collect();
    if folders.is_empty() {
        println!("not built for Windows 7");
    }
    for folder in folders {
        let machine = folder.trim_end_matches("-win7");
        let text = objdump(machine, &builds().join(folder).join("sidetone.dll"));
        let imports = text.split("DLL Name: ").skip(1);
        for import in imports {
            let (name, functions) = import.split_once('\n').unwrap();
            let name = name.trim().to_lowercase();
            let old = SYSTEM.contains(&name.as_str()) && !SINCE_WINDOWS_8.contains(&name.as_str());
            assert!(old, "{folder} wants {name}");
            let named = |young: &&str| functions.split_whitespace().any(|word| word == *young);
            let young: Vec<&str> = YOUNG_FUNCTIONS.into_iter().filter(named).collect();
            assert!(young.is_empty(), "{folder} wants {young:?} of {name}");
        }
    }
}

/// A program of Microsoft's ABI that takes the address of every function, linked as Visual Studio
/// would: against `sidetone.lib`, without mingw.
#[test]
#[ignore = "needs `make windows`, clang and lld"]
fn hosts_of_visual_studio_link_every_function_by_its_plain_name() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("msvc");
    fs::create_dir_all(&folder).unwrap();
    let uses: String =
        declared().iter().map(|name| format!("  used = (function){name};\n")).collect();
    let program = format!(
        "#include \"sidetone.h\"\ntypedef void (*function)(void);\nvolatile function used;\n\
         int start(void) {{\n{uses}  return (int)sidetone_api_version();\n}}\n"
    );
    fs::write(folder.join("every.c"), program).unwrap();
    for machine in machines() {
        let (object, exe) = (format!("{machine}.obj"), format!("{machine}.exe"));
        let mut clang = Command::new("clang");
        clang.args(["-std=c99", "-ffreestanding", "-O1", "-Wall", "-Wextra", "-Werror", "-c"]);
        clang.arg(format!("--target={machine}-pc-windows-msvc")).arg("-I");
        clang.arg(root().join("include")).args(["every.c", "-o", &object]);
        succeed(clang.current_dir(&folder));
        let mut link = Command::new("lld-link");
        link.args(["-nodefaultlib", "-entry:start", "-subsystem:console", &object]);
        link.arg(builds().join(machine).join("sidetone.lib")).arg(format!("-out:{exe}"));
        succeed(link.current_dir(&folder));
        let text = objdump(machine, &folder.join(&exe));
        let imports = text.split("DLL Name: ").nth(1).expect("imports");
        assert_eq!(text.matches("DLL Name: ").count(), 1, "{text}");
        let mut lines = imports.lines();
        assert_eq!(lines.next(), Some("sidetone.dll"));
        let names: BTreeSet<String> = lines
            .skip(1)
            .map_while(|line| line.split_whitespace().nth(2))
            .take_while(|name| name.starts_with("sidetone_"))
            .map(str::to_owned)
            .collect();
        assert_eq!(names, declared(), "{machine}");
    }
}

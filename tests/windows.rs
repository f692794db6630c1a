//! What `make windows` has built: the functions of the DLL, what it needs of Windows, and calls of
//! programs in C that run in wine. All of it is ignored without that build; `make test-windows`
//! runs it.

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Duration,
};

use child::{Folder, Running, await_udp, free_port};
use sidetone::device::wav;

const FILES: [&str; 3] = ["sidetone.dll", "sidetone-phone.exe", "sidetone-bench.exe"];
/// Test programs that call every function; their arguments are a folder and a WAV file.
const PROGRAMS: [&str; 5] = ["abuse", "around", "loopback", "services", "threads"];
const LONGEST: Duration = Duration::from_secs(240);

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
const YOUNG_FUNCTIONS: [&str; 9] = [
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

/// A wine of our own, with the DLL and programs that were built for it.
struct Wine(PathBuf);

/// Made once, as the programs share it.
fn wine() -> &'static Wine {
    static WINE: OnceLock<Wine> = OnceLock::new();
    WINE.get_or_init(|| {
        assert!(machines().contains(&"x86_64"));
        let wine = Wine(Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine"));
        fs::create_dir_all(&wine.0).unwrap();
        for file in FILES {
            fs::copy(builds().join("x86_64").join(file), wine.0.join(file)).unwrap();
        }
        let stub = root().join("tests/c/bcryptprimitives.c");
        let mut command = Command::new("x86_64-w64-mingw32-gcc");
        command.args(["-O1", "-shared", "-o"]).arg(wine.0.join("bcryptprimitives.dll")).arg(stub);
        succeed(command.arg("-ladvapi32"));
        succeed(wine.command("wineboot").arg("--init"));
        wine
    })
}

impl Wine {
    /// A program of Windows, without desktop and .NET.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("wine");
        command.arg(program).current_dir(&self.0).env("WINEPREFIX", self.0.join("prefix"));
        command.env("WINEDEBUG", "-all").env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command
    }

    /// Builds a program in C, strictly, against one of the two import libraries.
    fn build(&self, source: &str, import_library: &str) -> String {
        let source = root().join(source);
        let name = format!("{}.exe", source.file_stem().unwrap().to_str().unwrap());
        let mut command = Command::new("x86_64-w64-mingw32-gcc");
        command.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-static", "-I"]);
        command.arg(root().join("include")).arg(&source);
        command.arg(builds().join("x86_64").join(import_library)).args(["-lpthread", "-o"]);
        succeed(command.arg(self.0.join(&name)));
        name
    }

    /// Runs a program to its end, in which it must succeed; what it printed.
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let folder = Folder::new("wine");
        let mut command = self.command(program);
        command.args(arguments);
        let mut running = Running::start(command, &folder);
        let status = running.wait(LONGEST);
        let text = running.text();
        assert!(status.is_some_and(|s| s.success()), "{program} {arguments:?}: {status:?}\n{text}");
        text
    }

    /// Two seconds of a tone, as programs there name the file.
    fn speech(&self) -> &'static str {
        let tone = |n: i32| ((f64::from(n) * 0.17).sin() * 8_000.0) as i16;
        let samples: Vec<i16> = (0..32_000).map(tone).collect();
        wav::write(&self.0.join("tone.wav"), 16_000, 1, &samples).unwrap();
        "tone.wav"
    }
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

#[test]
#[ignore = "needs `make windows`, and wine"]
fn programs_in_c_call_every_function_and_leave_no_thread() {
    let wine = wine();
    let speech = wine.speech();
    for (number, name) in PROGRAMS.into_iter().enumerate() {
        let library = ["libsidetone.dll.a", "sidetone.lib"][number % 2];
        let program = wine.build(&format!("tests/c/{name}.c"), library);
        let arguments: &[&str] = if name == "loopback" { &[".", speech] } else { &[] };
        wine.run(&program, arguments);
    }
}

#[test]
#[ignore = "needs `make windows`, and wine"]
fn the_examples_call_each_other() {
    let (wine, folder) = (wine(), Folder::new("answer"));
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

#[test]
#[ignore = "needs `make windows`, wine, and sipp"]
fn calls_go_to_sipp_and_come_from_it() {
    let (wine, folder, port) = (wine(), Folder::new("sipp"), free_port());
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
#[test]
#[ignore = "needs `make windows`, and wine"]
fn the_demo_of_the_phone_calls_and_is_heard() {
    let (wine, folder) = (wine(), Folder::new("demo"));
    let mut command = wine.command("sidetone-phone.exe");
    command.args(["demo", "--out", "demo"]);
    let mut demo = Running::start(command, &folder);
    let ended = demo.wait(LONGEST);
    let said = demo.text();
    assert!(ended.is_some() && said.contains("alice and bob are registered"), "{said}");
    let report = fs::read_to_string(wine.0.join("demo/report.json")).expect(&said);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["srtp"], "AEAD_AES_256_GCM", "{report:#}");
    assert!(report["present"].as_f64().is_some_and(|share| share > 0.95), "{report:#}");
}

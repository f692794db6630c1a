//! Windows on this machine: wine, of 64 bits as Debian installs it, of 32 bits in a root of its own
//! (`scripts/wine32.sh`). Both share the network with everything else here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    thread,
    time::Duration,
};

use sidetone::device::wav;

use crate::{
    FILES, builds,
    child::{Folder, Running},
    root, succeed,
};

/// The longest that a program may take.
pub const LONGEST: Duration = Duration::from_secs(240);

/// A wine of our own, with the DLL and the programs that were built for its machine.
pub struct Wine {
    pub machine: &'static str,
    /// The root that it runs in, where that is not this system's.
    changed_root: Option<PathBuf>,
    /// Where programs lie and run.
    pub folder: PathBuf,
}

/// The wine of a machine. Made once, as the programs share it.
pub fn wine(machine: &'static str) -> &'static Wine {
    static WINES: [OnceLock<Wine>; 2] = [OnceLock::new(), OnceLock::new()];
    WINES[usize::from(machine == "i686")].get_or_init(|| Wine::new(machine))
}

impl Wine {
    fn new(machine: &'static str) -> Self {
        assert!(builds().join(machine).join(FILES[0]).exists(), "`make windows` comes first");
        let changed_root = (machine == "i686").then(|| builds().join("wine32"));
        let folder = match &changed_root {
            Some(root) => {
                assert!(root.with_extension("made").exists(), "scripts/wine32.sh comes first");
                root.join("work")
            }
            None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine"),
        };
        let wine = Self { machine, changed_root, folder };
        fs::create_dir_all(&wine.folder).unwrap();
        for file in FILES {
            fs::copy(builds().join(machine).join(file), wine.folder.join(file)).unwrap();
        }
        let mut command = wine.tool("gcc");
        command.args(["-O1", "-shared", "-o"]).arg(wine.folder.join("bcryptprimitives.dll"));
        command.arg(root().join("tests/c/bcryptprimitives.c"));
        succeed(command.args(["-ladvapi32", "-Wl,--kill-at"]));
        succeed(&mut wine.start("wineboot", &["--init"]));
        wine
    }

    /// A tool of mingw for the machine.
    pub fn tool(&self, name: &str) -> Command {
        Command::new(format!("{}-w64-mingw32-{name}", self.machine))
    }

    /// A program of Windows, without desktop and without wine's own .NET.
    pub fn command(&self, program: &str) -> Command {
        self.start("wine", &[program])
    }

    /// A command of wine's. With a root of its own it gets what is mounted there, which is gone with
    /// the last of its processes, and keeps its process id.
    fn start(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = match &self.changed_root {
            None => {
                let mut command = Command::new(name);
                command.env("WINEPREFIX", self.folder.join("prefix")).env("WINEARCH", "win64");
                command
            }
            Some(root) => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "--propagation", "unchanged", "sh", "-c"]);
                // In a root that is no mount of its own nothing can be made private.
                command.arg(
                    "mount --make-rprivate / 2>/dev/null
                    mount -t proc proc \"$0/proc\" && exec chroot \"$0\" \"$@\"",
                );
                command.arg(root).args(["env", "--chdir=/work", name]);
                command.env("WINEPREFIX", "/work/prefix").env("WINEARCH", "win32");
                command.env("HOME", "/root").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
                command
            }
        };
        command.args(arguments).current_dir(&self.folder);
        command.env("WINEDEBUG", "-all").env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command
    }

    /// Builds a program in C or C++, strictly, against one of the two import libraries. Tests run side
    /// by side: each builds for itself, and moves the result in place.
    pub fn build(&self, source: &str, import_library: &str) -> String {
        let source = root().join(source);
        let (tool, standard) = match source.extension().unwrap().to_str().unwrap() {
            // The one with the threads of the C++ library.
            "cpp" => ("g++-posix", "-std=c++17"),
            _ => ("gcc", "-std=c99"),
        };
        let name = format!("{}.exe", source.file_stem().unwrap().to_str().unwrap());
        let mut command = self.tool(tool);
        command.args([standard, "-O1", "-Wall", "-Wextra", "-Werror", "-static", "-I"]);
        command.arg(root().join("include")).arg("-I").arg(root().join("bindings/cpp"));
        command.arg("-I").arg(root().join("tests/c"));
        command.arg(&source).arg(builds().join(self.machine).join(import_library));
        let fresh = self.folder.join(format!("{name}.{:?}", thread::current().id()));
        succeed(command.args(["-lpthread", "-lws2_32", "-o"]).arg(&fresh));
        fs::rename(&fresh, self.folder.join(&name)).unwrap();
        name
    }

    /// Runs a program to its end, in which it must succeed; what it printed.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = self.command(program);
        command.args(arguments);
        self.finish(command)
    }

    /// The same of one that has more to be told.
    pub fn finish(&self, command: Command) -> String {
        let (folder, told) = (Folder::new("wine"), format!("{command:?}"));
        let mut running = Running::start(command, &folder);
        let status = running.wait(LONGEST);
        let text = running.text();
        assert!(status.is_some_and(|s| s.success()), "{told}: {status:?}\n{text}");
        text
    }

    /// A file of the folder, as the programs of Linux that wine stands on find it.
    pub fn path(&self, name: &str) -> String {
        let folder = if self.changed_root.is_some() { Path::new("/work") } else { &*self.folder };
        folder.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// Two seconds of a tone, as programs there name the file.
    pub fn speech(&self) -> &'static str {
        let tone = |n: i32| ((f64::from(n) * 0.17).sin() * 8_000.0) as i16;
        let samples: Vec<i16> = (0..32_000).map(tone).collect();
        wav::write(&self.folder.join("tone.wav"), 16_000, 1, &samples).unwrap();
        "tone.wav"
    }
}

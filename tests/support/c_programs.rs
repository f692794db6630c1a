//! Builds C and C++ programs against the library of this build, and runs them.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A compiler and its language.
#[derive(Clone, Copy)]
pub struct CompilerOptions {
    pub name: &'static str,
    pub compiler: &'static str,
    pub standard: &'static str,
    pub language: &'static str,
    pub strict: bool,
}

pub const C99: CompilerOptions = CompilerOptions {
    name: "c99",
    compiler: "gcc",
    standard: "-std=c99",
    language: "c",
    strict: true,
};

pub const CPP17: CompilerOptions = CompilerOptions {
    name: "cpp17",
    compiler: "g++",
    standard: "-std=c++17",
    language: "c++",
    strict: true,
};

/// Runs of valgrind: any error, and any definite or indirect leak, fails them.
#[derive(Clone, Copy)]
pub struct Valgrind;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where programs and their files go.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c_abi");
    fs::create_dir_all(&folder).expect("the folder for C programs");
    folder
}

pub fn header() -> String {
    fs::read_to_string(root().join("include/sidetone.h")).expect("include/sidetone.h")
}

/// The shared library that cargo built together with this test: it lies beside the test itself.
pub fn library() -> PathBuf {
    let test = env::current_exe().expect("this test has a path");
    let folder = test.parent().expect("and lies in a folder");
    [folder, folder.parent().expect("of the target folder")]
        .into_iter()
        .map(|folder| folder.join("libsidetone.so"))
        .find(|path| path.exists())
        .expect("cargo builds libsidetone.so with the tests")
}

fn command(options: CompilerOptions, extra: &[&str]) -> Command {
    let mut command = Command::new(options.compiler);
    command.args([options.standard, "-x", options.language, "-g", "-O1"]);
    if options.strict {
        command.args(["-Wall", "-Wextra", "-Werror", "-pedantic"]);
    }
    command.arg("-I").arg(root().join("include"));
    command.arg("-I").arg(root().join("bindings/cpp"));
    command.args(extra);
    command
}

fn succeed(mut command: Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Compiles without linking.
pub fn syntax(options: CompilerOptions, source: &Path, extra: &[&str]) {
    let mut command = command(options, extra);
    command.arg("-fsyntax-only").arg(source);
    succeed(command);
}

/// Builds a program against the shared library.
pub fn compile(options: CompilerOptions, sources: &[&Path], name: &str) -> PathBuf {
    compile_with(options, sources, name, &[])
}

/// The same with further options of the compiler.
#[allow(dead_code)]
pub fn compile_with(
    options: CompilerOptions,
    sources: &[&Path],
    name: &str,
    extra: &[&str],
) -> PathBuf {
    let library = library();
    let folder = library.parent().expect("the library lies in a folder");
    let mut command = command(options, extra);
    command.args(sources).args(["-x", "none"]).arg(&library).args(["-lpthread", "-lm"]);
    command.arg(format!("-Wl,-rpath,{}", folder.display()));
    link(command, name)
}

/// Builds a program that loads the library itself.
pub fn compile_alone(options: CompilerOptions, source: &Path, name: &str) -> PathBuf {
    let mut command = command(options, &[]);
    command.arg(source).args(["-lpthread", "-lm", "-ldl"]);
    link(command, name)
}

/// Tests of a file run side by side: each builds for itself, and moves the result in place.
fn link(mut command: Command, name: &str) -> PathBuf {
    let program = folder().join(name);
    let fresh = folder().join(format!("{name}.{:?}", thread::current().id()));
    command.arg("-o").arg(&fresh);
    succeed(command);
    fs::rename(&fresh, &program).expect("the program is moved into place");
    program
}

fn program(valgrind: Option<Valgrind>, program: &Path, arguments: &[&str]) -> Command {
    let mut command = match valgrind {
        None => Command::new(program),
        Some(Valgrind) => {
            let mut command = Command::new("valgrind");
            command.args([
                "--quiet",
                "--error-exitcode=99",
                "--leak-check=full",
                "--show-leak-kinds=definite,indirect",
                "--errors-for-leak-kinds=definite,indirect",
                "--num-callers=30",
                // Threads take turns fairly, as they do outside.
                "--fair-sched=yes",
            ]);
            command
                .arg(format!("--suppressions={}", root().join("tests/c/valgrind.supp").display()));
            command.arg(program);
            command
        }
    };
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a program to its end; what it printed.
pub fn run(valgrind: Option<Valgrind>, path: &Path, arguments: &[&str]) -> String {
    let limit = Duration::from_secs(if valgrind.is_some() { 300 } else { 120 });
    try_run(valgrind, path, arguments, limit).unwrap_or_else(|text| panic!("{text}"))
}

/// Runs a program; its output either way.
pub fn try_run(
    valgrind: Option<Valgrind>,
    path: &Path,
    arguments: &[&str],
    limit: Duration,
) -> Result<String, String> {
    let mut command = program(valgrind, path, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.map_err(|error| format!("{command:?}: {error}"))?;
    finish(child, limit).map_err(|text| format!("{command:?}\n{text}"))
}

/// Waits for a program, killing it at the limit.
fn finish(mut child: Child, limit: Duration) -> Result<String, String> {
    let stdout = child.stdout.take().expect("piped");
    let stderr = child.stderr.take().expect("piped");
    let collect = |mut read: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = read.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let (out, err) = (collect(Box::new(stdout)), collect(Box::new(stderr)));
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => break Some(status),
            None if begin.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let (out, err) = (out.join().expect("read"), err.join().expect("read"));
    match status {
        Some(status) if status.success() => Ok(out),
        Some(status) => Err(format!("{status}\n{out}{err}")),
        None => Err(format!("did not end within {limit:?}\n{out}{err}")),
    }
}

/// The example `answer`, listening on loopback.
pub struct Answerer {
    child: Option<Child>,
    address: String,
    limit: Duration,
}

impl Answerer {
    pub fn start(
        valgrind: Option<Valgrind>,
        path: &Path,
        calls: u32,
        recording: Option<&Path>,
    ) -> Self {
        let calls = calls.to_string();
        let mut arguments = vec!["127.0.0.1", "0", calls.as_str()];
        arguments.extend(recording.map(|path| path.to_str().expect("UTF-8")));
        let mut command = program(valgrind, path, &arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        // Unbuffered: what follows the first line is read by `finish`.
        let mut line = String::new();
        let mut byte = [0];
        let stdout = child.stdout.as_mut().expect("piped");
        while stdout.read(&mut byte).is_ok_and(|count| count == 1) && byte[0] != b'\n' {
            line.push(char::from(byte[0]));
        }
        let limit = Duration::from_secs(if valgrind.is_some() { 300 } else { 120 });
        let Some(address) = line.strip_prefix("listening on ") else {
            panic!("answer said {line:?}: {:?}", finish(child, Duration::from_secs(5)));
        };
        Self { address: address.to_owned(), child: Some(child), limit }
    }

    pub fn uri(&self) -> String {
        format!("sip:answer@{}", self.address)
    }

    /// Waits for its end; what it printed.
    pub fn finish(mut self) -> String {
        let child = self.child.take().expect("only taken here");
        finish(child, self.limit).unwrap_or_else(|text| panic!("answer: {text}"))
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A second of a tone that slides, as a 16-bit WAV.
pub fn speech() -> PathBuf {
    let path = folder().join("slide.wav");
    let fresh = folder().join(format!("slide.{:?}.wav", thread::current().id()));
    let samples: Vec<u8> = (0..16_000u32)
        .flat_map(|n| {
            let t = f64::from(n) / 16_000.0;
            let value = (std::f64::consts::TAU * (300.0 + 200.0 * t) * t).sin() * 8000.0;
            (value as i16).to_le_bytes()
        })
        .collect();
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + samples.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16u32.to_le_bytes());
    for field in [1u16, 1] {
        wav.extend(field.to_le_bytes());
    }
    for field in [16_000u32, 32_000] {
        wav.extend(field.to_le_bytes());
    }
    for field in [2u16, 16] {
        wav.extend(field.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    fs::write(&fresh, wav).expect("a WAV is written");
    fs::rename(&fresh, &path).expect("and moved into place");
    path
}

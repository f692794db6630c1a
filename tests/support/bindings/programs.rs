//! Programs that use a binding, compiled where that is needed, with the library of this build.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::child::Folder;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shared library that cargo built together with this test.
pub fn library() -> PathBuf {
    let test = env::current_exe().expect("this test has a path");
    let folders = test.ancestors().skip(1).take(2);
    let mut paths = folders.map(|folder| folder.join("libsidetone.so"));
    paths.find(|path| path.exists()).expect("cargo builds libsidetone.so with the tests")
}

fn library_folder() -> PathBuf {
    library().parent().expect("it lies in a folder").to_owned()
}

/// Runs a program to its end, which has to be a good one; what it said.
pub fn output(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}{errors}");
    said
}

/// Debian's, which has pip and setuptools when they are installed.
pub fn python() -> &'static str {
    if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" }
}

pub fn python_program(source: &Path) -> Command {
    let mut command = Command::new(python());
    command.args(["-B", "-X", "dev", "-W", "error"]);
    command.arg(source);
    command.env("PYTHONPATH", root().join("bindings/python"));
    command.env("SIDETONE_LIBRARY", library());
    command
}

/// Compiles a Pascal program; a warning fails it.
pub fn pascal_program(source: &Path, folder: &Folder) -> Command {
    let name = source.file_stem().expect("a name");
    let mut fpc = Command::new("fpc");
    fpc.args(["-l-", "-v0ew", "-Sew", "-O1", "-gl"]);
    fpc.arg(format!("-Fu{}", root().join("bindings/delphi").display()));
    fpc.arg(format!("-FU{}", folder.path("").display()));
    fpc.arg(format!("-o{}", folder.path("").join(name).display()));
    fpc.arg(format!("-Fl{}", library_folder().display())).arg(source);
    output(fpc);
    let mut program = Command::new(folder.path("").join(name));
    program.env("LD_LIBRARY_PATH", library_folder());
    program
}

/// Compiles a C# program together with the binding; a warning fails it.
pub fn csharp_program(source: &Path, folder: &Folder) -> Command {
    let program = folder.path("program.exe");
    let mut mcs = Command::new("mcs");
    mcs.args(["-unsafe", "-langversion:7", "-warn:4", "-warnaserror", "-d:SIDETONE_ASYNC_STREAMS"]);
    mcs.arg(format!("-out:{}", program.display())).arg(source);
    for file in ["Sidetone.cs", "SidetoneNative.cs", "SidetoneMethods.cs"] {
        mcs.arg(root().join("bindings/csharp").join(file));
    }
    output(mcs);
    let mut mono = Command::new("mono");
    mono.arg("--debug").arg(program);
    mono.env("LD_LIBRARY_PATH", library_folder());
    mono
}

/// Compiles a C++ program; a warning fails it.
pub fn cpp_program(source: &Path, folder: &Folder) -> Command {
    let program = folder.path("program");
    let mut cpp = Command::new("g++");
    cpp.args(["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-O1"]);
    for headers in ["include", "bindings/cpp", "tests/c"] {
        cpp.arg("-I").arg(root().join(headers));
    }
    cpp.arg(source).arg(library()).arg("-lpthread");
    cpp.arg(format!("-Wl,-rpath,{}", library_folder().display())).arg("-o").arg(&program);
    output(cpp);
    Command::new(program)
}

/// The first program of a binding's README, which has to be short.
pub fn readme_program(folder: &Folder, binding: &str, fence: &str, file: &str) -> PathBuf {
    let readme = root().join("bindings").join(binding).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md");
    let (_, rest) = readme.split_once(&format!("```{fence}\n")).expect("a program");
    let (program, _) = rest.split_once("```").expect("an end");
    assert!(program.lines().count() < 30, "the first call should be short:\n{program}");
    assert!(program.contains("sound:"), "it should tell why nothing is heard:\n{program}");
    let path = folder.path(file);
    fs::write(&path, program).expect("it is written");
    path
}

//! What `make install` and `make dist` give away: the installed library as pkg-config finds it, the
//! archive, the licences of what is in it. Nothing here is of a release build.
#![cfg(target_os = "linux")]

#[path = "support/c_programs.rs"]
#[allow(dead_code)]
mod c_programs;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use c_programs::{library, root};
use serde_json::Value;

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-gnu";
/// Before 1.0 a minor version may break the ABI, so it is a part of the soname.
const SONAME: &str = "libsidetone.so.0.1";

/// An empty folder for one test.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packaging").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn output(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, text)
}

/// Runs a command that must end well; what it printed.
fn succeed(command: &mut Command) -> String {
    let (output, text) = output(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}{errors}", output.status);
    text
}

fn script(name: &str) -> Command {
    let mut command = Command::new(root().join("scripts").join(name));
    command.current_dir(root());
    command
}

/// The first program of the README.
fn readme_program() -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let program = readme.split("```c\n").nth(1).and_then(|text| text.split("```").next());
    program.expect("the README has a program in C").to_owned()
}

/// What stands in the dynamic section of a file, by tag: `SONAME`, `NEEDED`.
fn dynamic(file: &Path, tag: &str) -> Vec<String> {
    let text = succeed(Command::new("readelf").arg("-d").arg(file));
    let lines = text.lines().filter(|line| line.contains(&format!("({tag})")));
    lines.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned())).collect()
}

#[test]
fn an_installed_library_is_found_by_pkg_config_and_runs_under_its_soname() {
    let stage = empty("installed");
    let built = library().parent().unwrap().to_owned();
    succeed(script("install.sh").args([&built, &stage, Path::new("/opt/sidetone")]));
    let libraries = stage.join("opt/sidetone/lib");
    assert_eq!(dynamic(&libraries.join("libsidetone.so"), "SONAME"), [SONAME]);
    let link = |name: &str| fs::read_link(libraries.join(name)).unwrap();
    assert_eq!(link("libsidetone.so"), Path::new(SONAME));
    assert_eq!(link(SONAME), Path::new("libsidetone.so.0.1.0"));

    let mut pkg_config = Command::new("pkg-config");
    pkg_config.env("PKG_CONFIG_LIBDIR", libraries.join("pkgconfig"));
    pkg_config.env("PKG_CONFIG_SYSROOT_DIR", &stage);
    let flags = succeed(pkg_config.args(["--cflags", "--libs", "sidetone"]));
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let (source, program) = (stage.join("call.c"), stage.join("call"));
    fs::write(&source, readme_program()).unwrap();
    succeed(Command::new("cc").arg(&source).args(&flags).arg("-o").arg(&program));
    assert!(dynamic(&program, "NEEDED").contains(&SONAME.to_owned()));
    let mut run = Command::new(&program);
    run.env("LD_LIBRARY_PATH", &libraries).arg("foo");
    let (ended, _) = output(&mut run);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.code() == Some(1) && said.contains("needs a host"), "{ended:?}");

    let version =
        succeed(
            Command::new("pkg-config")
                .env("PKG_CONFIG_LIBDIR", libraries.join("pkgconfig"))
                .args(["--modversion", "--variable=prefix", "sidetone"]),
        );
    assert!(version.contains("0.1.0") || version.contains("/opt/sidetone"), "{version}");
}

/// A target folder as `make release` leaves it, with a library of nothing.
fn released(name: &str) -> PathBuf {
    let target = empty(name);
    let built = target.join("release");
    fs::create_dir(&built).unwrap();
    fs::write(built.join("libsidetone.a"), "!<arch>\n").unwrap();
    let mut stub = Command::new("cc");
    stub.args(["-shared", "-x", "c", "/dev/null", "-o"]).arg(built.join("libsidetone.so"));
    succeed(&mut stub);
    target
}

/// Files and links below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) =
        found.partition(|path| path.is_dir() && !path.is_symlink());
    files.extend(folders.iter().flat_map(|folder| self::files(folder)));
    files
}

/// `make` with a cargo that fails, so that nothing can be compiled, and a target folder.
fn make(target: &Path, goal: &str, variables: &[String]) -> Command {
    let mut make = Command::new("make");
    make.current_dir(root()).env_remove("MAKEFLAGS").args(["CARGO=false", goal]).args(variables);
    make.arg(format!("TARGET={}", target.display()));
    make
}

#[test]
fn make_install_compiles_nothing_and_make_uninstall_leaves_nothing() {
    for goal in ["install", "dist"] {
        let (ended, _) = output(&mut make(&empty("nothing_built"), goal, &[]));
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && said.contains("run make release first"), "{said}");
    }
    let (target, stage) = (released("made"), empty("staged"));
    let variables = [
        format!("DESTDIR={}", stage.display()),
        "PREFIX=/usr".to_owned(),
        "LIBDIR=/usr/lib/here".to_owned(),
    ];
    succeed(&mut make(&target, "install", &variables));
    assert_eq!(files(&stage).len(), 6, "{:?}", files(&stage));
    assert!(stage.join("usr/include/sidetone.h").exists());
    let found = fs::read_to_string(stage.join("usr/lib/here/pkgconfig/sidetone.pc")).unwrap();
    assert!(found.contains("\nlibdir=${prefix}/lib/here\n"), "{found}");
    succeed(&mut make(&target, "uninstall", &variables));
    assert!(files(&stage).is_empty(), "{:?}", files(&stage));
}

#[test]
fn an_archive_made_twice_is_the_same_and_holds_everything() {
    let target = released("dist");
    let archive = target.join("dist/sidetone-0.1.0-linux-x86_64.tar.gz");
    let pack = || {
        succeed(script("dist.py").arg(&target).env("SOURCE_DATE_EPOCH", "1700000000"));
        fs::read(&archive).unwrap()
    };
    let first = pack();
    assert!(pack() == first, "two archives of the same files differ");
    let text = succeed(Command::new("tar").arg("tf").arg(&archive));
    let names: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("sidetone-0.1.0-linux-x86_64/")).collect();
    for name in [
        "CHANGELOG.md",
        "INSTALL.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "THIRD-PARTY.txt",
        "bindings/cpp/sidetone.hpp",
        "docs/embedding.md",
        "examples-c/dial.c",
        "include/sidetone.h",
        "lib/libsidetone.a",
        "lib/libsidetone.so",
        "lib/libsidetone.so.0.1",
        "lib/libsidetone.so.0.1.0",
        "lib/pkgconfig/sidetone.pc",
        "sbom.cdx.json",
    ] {
        assert!(names.contains(name), "{name} is not in the archive: {names:?}");
    }
    // Wherever it is unpacked, as INSTALL.md says.
    let elsewhere = empty("unpacked");
    succeed(Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&elsewhere));
    let folder = elsewhere.join("sidetone-0.1.0-linux-x86_64");
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.current_dir(&folder).env("PKG_CONFIG_PATH", folder.join("lib/pkgconfig"));
    let flags = succeed(pkg_config.args(["--cflags", "--libs", "sidetone"]));
    let inside = |flag: &str, file: &str| {
        let path = flags.split_whitespace().find_map(|word| word.strip_prefix(flag));
        path.is_some_and(|path| Path::new(path).join(file).exists())
    };
    assert!(inside("-I", "sidetone.h") && inside("-L", "libsidetone.so"), "{flags}");
}

#[test]
fn the_layout_for_nuget_has_every_file_of_the_nuspec() {
    let target = empty("nuget");
    for name in
        ["release/libsidetone.so", "windows/x86_64/sidetone.dll", "windows/i686/sidetone.dll"]
    {
        fs::create_dir_all(target.join(name).parent().unwrap()).unwrap();
        fs::write(target.join(name), name).unwrap();
    }
    let mut make = Command::new("make");
    make.arg("nuget-layout").current_dir(root());
    succeed(make.env("CARGO_TARGET_DIR", &target));
    let nuspec = fs::read_to_string(root().join("bindings/csharp/Sidetone.nuspec")).unwrap();
    let mut names = 0;
    for name in nuspec.split("src=\"../../target/").skip(1) {
        let name = name.split('"').next().unwrap();
        assert!(target.join(name).exists(), "{name} is not there");
        names += 1;
    }
    assert_eq!(names, 4, "an assembly and three libraries");
    let laid = |name: &str| fs::read_to_string(target.join("nuget").join(name)).unwrap();
    assert_eq!(laid("win-x86/sidetone.dll"), "windows/i686/sidetone.dll");
    assert_eq!(laid("win-x64/sidetone.dll"), "windows/x86_64/sidetone.dll");
}

#[test]
fn the_bill_of_materials_is_cargo_lock_without_what_only_tests_need() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for triple in [LINUX, WINDOWS] {
        let text = succeed(script("third-party.py").args(["sbom", triple]));
        let bill: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&bill["bomFormat"], &bill["specVersion"]),
            (&"CycloneDX".into(), &"1.5".into())
        );
        assert_eq!(bill["metadata"]["component"]["name"], "sidetone");
        let texts = succeed(script("third-party.py").args(["licences", triple]));
        let mut names = BTreeSet::new();
        for component in bill["components"].as_array().unwrap() {
            let word = |field: &str| component[field].as_str().unwrap_or_default().to_owned();
            let (name, version) = (word("name"), word("version"));
            assert!(component["licenses"][0]["expression"].is_string(), "{name}");
            if word("purl").starts_with("pkg:cargo/") {
                let checksum = component["hashes"][0]["content"].as_str().unwrap();
                assert!(lock.contains(&format!("checksum = \"{checksum}\"")), "{name}");
                assert!(texts.contains(&format!("\n{name} {version} (")), "no text of {name}");
            }
            names.insert(name);
        }
        for name in ["tokio", "opusic-sys", "opus", "ring", "rust-std", "clap"] {
            assert!(names.contains(name), "{triple}: {name} is missing");
        }
        for name in ["proptest", "cbindgen", "rcgen", "cmake", "sidetone"] {
            assert!(!names.contains(name), "{triple}: {name} is not given away");
        }
        assert_eq!(names.contains("windows-sys"), triple == WINDOWS);
        assert!(texts.contains("Xiph.Org Foundation"), "libopus has no text");
    }
}

#[test]
fn a_licence_that_we_do_not_take_is_refused() {
    let folder = empty("licences");
    let mut cargo = script("cargo");
    cargo.args(["metadata", "--locked", "--format-version", "1", "--all-features"]);
    let known: Value =
        serde_json::from_str(&succeed(cargo.args(["--filter-platform", LINUX]))).unwrap();
    for (licence, taken) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT/GPL-3.0-only", true),
        ("(MIT OR GPL-2.0-only) AND (GPL-2.0-only OR Zlib)", true),
        ("(MIT OR GPL-2.0-only) AND GPL-2.0-only", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("MPL-2.0", false),
        ("Unlicense OR MIT", true),
    ] {
        let mut changed = known.clone();
        let packages = changed["packages"].as_array_mut().unwrap();
        let tokio = packages.iter_mut().find(|package| package["name"] == "tokio").unwrap();
        tokio["license"] = licence.into();
        let path = folder.join("metadata.json");
        fs::write(&path, changed.to_string()).unwrap();
        let mut check = script("third-party.py");
        let (ended, _) = output(check.args(["check", LINUX]).env("METADATA", &path));
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.success(), taken, "{licence}: {said}");
        assert_eq!(said.contains("tokio"), !taken, "{licence}: {said}");
    }
}

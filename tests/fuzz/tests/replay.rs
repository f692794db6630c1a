//! Every input that was ever worth keeping, through its target; and the proof that a fault is seen.

use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    process::Command,
};

use sidetone_fuzz::{TARGETS, planted};

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_kept_input_passes_its_target() {
    let mut failed = Vec::new();
    for target in TARGETS {
        let files = corpus(target.name);
        assert!(files.len() >= 5, "{}: {} inputs", target.name, files.len());
        for file in &files {
            let data = fs::read(file).unwrap();
            if catch_unwind(|| (target.run)(&data)).is_err() {
                failed.push(file.clone());
            }
        }
        println!("{}: {} inputs", target.name, files.len());
    }
    assert!(failed.is_empty(), "fail: {failed:#?}");
}

#[test]
fn truncated_and_flipped_inputs_pass_too() {
    for target in TARGETS.iter().filter(|target| target.name != "abi") {
        for file in corpus(target.name) {
            let mut data = fs::read(&file).unwrap();
            (target.run)(&data[..data.len() / 2]);
            if let Some(byte) = data.last_mut() {
                *byte ^= 0x55;
                (target.run)(&data);
            }
        }
    }
}

#[test]
fn a_planted_panic_is_seen() {
    planted::run(b"panic");
    assert!(catch_unwind(|| planted::run(planted::MAGIC)).is_err());
}

#[test]
fn the_program_of_a_target_fails_on_a_bad_input_and_passes_on_a_good_one() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, octets, passes) in [("bad", planted::MAGIC, false), ("good", &b"pan"[..], true)] {
        let file = folder.join(name);
        fs::write(&file, octets).unwrap();
        let run = Command::new(env!("CARGO_BIN_EXE_planted")).arg(&file).output().unwrap();
        assert_eq!(run.status.success(), passes, "{name}");
        let text = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(text.contains("the planted panic"), !passes, "{text}");
    }
}

/// The functions of the header that no source of the target `abi` calls; those of Windows do not count.
fn never_called(header: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/abi");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let calls: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let names = header.split("\nSIDETONE_API").skip(1).map(|declaration| {
        let head = declaration.split('(').next().unwrap();
        head.rsplit([' ', '*', '\n']).next().unwrap().to_owned()
    });
    let names: Vec<String> = names.filter(|name| name.starts_with("sidetone_")).collect();
    assert!(names.len() > 100, "only {} functions", names.len());
    let on_windows = ["sidetone_wakeup_set_handle", "sidetone_wakeup_set_window"];
    let called = |name: &String| calls.contains(&format!("{name}("));
    names.into_iter().filter(|name| !called(name) && !on_windows.contains(&&**name)).collect()
}

#[test]
fn the_target_of_the_c_abi_calls_every_function_of_the_header() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include/sidetone.h");
    let header = fs::read_to_string(path).unwrap();
    assert_eq!(never_called(&header), [""; 0]);
    let planted = format!("{header}\nSIDETONE_API\nint32_t sidetone_call_teleport(void);\n");
    assert_eq!(never_called(&planted), ["sidetone_call_teleport"]);
}

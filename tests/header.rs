//! The committed header is what cbindgen writes today, byte for byte.
//!
//! `SIDETONE_BLESS=1 cargo test --test header` writes it anew.

use std::{env, fs, path::Path};

/// The order of the header.
const FILES: &[&str] = &[
    "version",
    "status",
    "codes",
    "strings",
    "engine",
    "account",
    "account_read",
    "network",
    "opus",
    "call",
    "call_read",
    "services",
    "transfer",
    "messages",
    "hold",
    "conference",
    "files",
    "tap",
    "inject",
    "message",
    "request",
    "multipart",
    "subscription",
    "subscription_read",
    "presence",
    "audio",
    "stats",
    "health",
    "ends",
    "event_kinds",
    "event",
    "event_thread",
    "wakeup",
    "log",
];

/// Files of `src/ffi` that hold nothing of the header.
const INNER: &[&str] = &["mod", "guard", "sized", "layout", "event_fill", "floats"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fresh_header() -> String {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml");
    let builder =
        FILES.iter().fold(cbindgen::Builder::new().with_config(config), |builder, name| {
            builder.with_src(root().join("src/ffi").join(name).with_extension("rs"))
        });
    let mut bytes = Vec::new();
    builder.generate().expect("src/ffi is read").write(&mut bytes);
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn the_header_is_what_cbindgen_writes() {
    let path = root().join("include/sidetone.h");
    let fresh = fresh_header();
    if env::var_os("SIDETONE_BLESS").is_some() {
        fs::write(&path, &fresh).expect("include/sidetone.h is written");
    }
    let committed = fs::read_to_string(&path).expect("include/sidetone.h");
    if let Some((number, (old, new))) =
        committed.lines().zip(fresh.lines()).enumerate().find(|(_, (old, new))| old != new)
    {
        panic!(
            "include/sidetone.h differs at line {}: it has\n  {old}\nand cbindgen writes\n  {new}\n\
             Write it anew with SIDETONE_BLESS=1 cargo test --test header",
            number + 1
        );
    }
    assert_eq!(committed.len(), fresh.len(), "one is the beginning of the other");
}

#[test]
fn every_file_of_the_c_floor_is_in_the_header_or_known_to_be_inner() {
    for entry in fs::read_dir(root().join("src/ffi")).expect("src/ffi") {
        let name = entry.expect("entry").file_name().into_string().expect("UTF-8");
        let stem = name.strip_suffix(".rs").expect("only Rust files");
        assert!(FILES.contains(&stem) || INNER.contains(&stem), "{name} is in neither list");
    }
}

#[test]
fn every_function_of_the_header_says_what_a_host_must_know() {
    let header = fresh_header();
    let mut functions = 0;
    for (comment, function) in documented_functions(&header) {
        functions += 1;
        assert!(comment.contains("Since 0."), "{function}: since which version?");
        assert!(comment.contains("Threads: "), "{function}: which threads?");
        assert!(comment.contains("```c"), "{function}: no example");
        let returns_status = function != "sidetone_api_version";
        assert!(!returns_status || comment.contains("Returns "), "{function}: returns what?");
    }
    assert!(functions >= 50, "only {functions} functions were found");
}

/// (doc comment, name) of each function.
fn documented_functions(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut comment, mut declaration) = (String::new(), None::<String>);
    for line in header.lines() {
        if let Some(declaration) = &mut declaration {
            declaration.push_str(line);
        } else if let Some(text) = line.strip_prefix("///") {
            comment.push_str(text);
            comment.push('\n');
        } else if let Some(rest) = line.strip_prefix("SIDETONE_API") {
            declaration = Some(rest.to_owned());
        } else if !line.starts_with("#if") {
            comment.clear();
        }
        if let Some((head, _)) = declaration.as_deref().and_then(|text| text.split_once('(')) {
            let name = head.rsplit([' ', '*']).next().unwrap_or_default();
            found.push((std::mem::take(&mut comment), name.to_owned()));
            declaration = None;
        }
    }
    found
}

//! The house rules that a compiler does not check: floors import downwards only, each library is
//! named in the file that wraps it, and the pure floors name no clock, thread, socket or file.
//!
//! The sources are read as tokens, without comments and literals, and without what `cfg(test)`
//! guards: tests may do what they like.

#[path = "support/tokens.rs"]
mod tokens;

use std::path::{Path, PathBuf};

use tokens::{Token, own_names, paths, tokens_of};

/// What each floor may import: folder, floors. A subject may always import itself.
const FLOORS: [(&str, &[&str]); 10] = [
    ("base", &[]),
    ("proto", &["base"]),
    ("dsp", &["base"]),
    ("call", &["proto", "dsp", "base"]),
    ("media", &["proto", "dsp", "base"]),
    ("net", &["base"]),
    ("device", &["base"]),
    ("engine", &["call", "media", "net", "device", "proto", "dsp", "base"]),
    ("ffi", &["engine", "base"]),
    ("bin", &["engine", "call", "media", "net", "device", "proto", "dsp", "base"]),
];

/// Floors 0 to 2: values, without a world round them.
const PURE: [&str; 5] = ["base", "proto", "dsp", "call", "media"];

/// What pure floors do not name: last parts of paths, and words.
const WORLD: [&str; 19] = [
    "Instant::now",
    "SystemTime",
    "std::thread",
    "thread::spawn",
    "thread::sleep",
    "thread_local",
    "UdpSocket",
    "TcpStream",
    "TcpListener",
    "std::fs",
    "fs::File",
    "File::open",
    "File::create",
    "std::env",
    "std::process",
    "OnceLock",
    "LazyLock",
    "static::mut",
    "unsafe",
];

/// Where the library may name each package: files, or folders with a slash at the end. Programs may
/// name what they like.
const WRAPPED: [(&str, &[&str]); 28] = [
    ("tokio_rustls", &["src/net/tls.rs"]),
    ("rustls_native_certs", &["src/net/tls.rs"]),
    ("tokio_tungstenite", &["src/net/ws.rs"]),
    ("futures_util", &["src/net/ws.rs"]),
    ("actix", &["src/engine/"]),
    ("crossbeam_channel", &["src/engine/"]),
    ("tokio", &["src/engine/", "src/net/"]),
    ("socket2", &["src/net/"]),
    ("hickory_resolver", &["src/net/dns.rs"]),
    ("cpal", &["src/device/cpal.rs"]),
    ("rtrb", &["src/device/ring.rs"]),
    ("rsip", &["src/proto/sip/rsip.rs"]),
    ("md5", &["src/proto/sip/"]),
    ("sha2", &["src/proto/sip/"]),
    ("sdp_types", &["src/proto/sdp/"]),
    ("rtp_types", &["src/proto/rtp/"]),
    ("rtcp_types", &["src/proto/rtp/"]),
    ("roxmltree", &["src/proto/events/xml.rs"]),
    ("webrtc_srtp", &["src/proto/srtp/webrtc.rs"]),
    ("webrtc_rtp", &["src/proto/srtp/webrtc.rs"]),
    ("opus", &["src/dsp/opus.rs"]),
    ("opusic_sys", &["src/dsp/opus.rs"]),
    ("rand_chacha", &["src/base/rng.rs"]),
    ("getrandom", &["src/engine/"]),
    ("clap", &[]),
    ("serde_json", &[]),
    ("indicatif", &[]),
    ("windows_sys", &["src/ffi/", "src/engine/", "src/device/", "src/net/"]),
];

/// The only places for `unsafe`.
const UNSAFE: [&str; 3] = ["src/ffi/", "src/device/", "src/net/"];

/// What the real-time thread must not name.
const NOT_IN_REALTIME: [&str; 18] = [
    "Box",
    "Vec",
    "String",
    "Arc",
    "Rc",
    "Mutex",
    "RwLock",
    "Instant",
    "SystemTime",
    "format",
    "vec",
    "println",
    "eprintln",
    "panic",
    "unwrap",
    "expect",
    "log",
    "drop",
];

/// Paths that the real-time code may import from.
const REALTIME_IMPORTS: [&str; 4] =
    ["crate::device::ports", "crate::dsp::gain", "core", "std::sync::atomic"];

/// A smell to answer for in review, not an error.
const LONG_FILE_LINES: usize = 500;

/// Every broken rule of one file, as `file:line: what`.
fn check(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens_of(text);
    let floor = path.trim_start_matches("src/").split('/').next().unwrap_or_default();
    let mut found = Vec::new();
    let mut tell = |line: usize, what: String| found.push(format!("{path}:{line}: {what}"));
    check_imports(path, floor, &tokens, &mut tell);
    if floor != "bin" {
        check_libraries(path, &tokens, &mut tell);
    }
    check_words(path, floor, &tokens, &mut tell);
    if path == "src/device/realtime.rs" {
        check_realtime(&tokens, &mut tell);
    }
    found
}

fn check_imports(path: &str, floor: &str, tokens: &[Token], tell: &mut impl FnMut(usize, String)) {
    let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| *name == floor) else { return };
    let subject = subject_of(&module_of(path));
    for (line, target) in paths(&module_of(path), tokens) {
        let Some(inner) = target.strip_prefix("crate::") else { continue };
        let inner = if inner.starts_with("Engine") { "engine" } else { inner };
        let top = inner.split("::").next().unwrap_or_default();
        let known = FLOORS.iter().any(|(name, _)| *name == top);
        let fits = allowed.iter().any(|allowed| within(inner, allowed));
        if known && !fits && subject_of(&target) != subject {
            tell(line, format!("imports {target}, which floor `{floor}` may not"));
        }
    }
}

fn check_libraries(path: &str, tokens: &[Token], tell: &mut impl FnMut(usize, String)) {
    let own = own_names(tokens);
    for (at, token) in tokens.iter().enumerate() {
        let Some((name, places)) = WRAPPED.iter().find(|(name, _)| *name == token.text) else {
            continue;
        };
        let before = at.checked_sub(1).map(|before| tokens[before].text.as_str());
        let after = tokens.get(at + 1).map(|after| after.text.as_str());
        // The root of a path, and not a module or import of ours that has the same name.
        let is_root = before != Some("::") && (after == Some("::") || before == Some("use"));
        let place = places.iter().any(|place| path == *place || in_folder(path, place));
        if is_root && !place && !own.contains(&token.text) {
            tell(token.line, format!("names {name}, which belongs to {places:?} only"));
        }
    }
}

fn check_words(path: &str, floor: &str, tokens: &[Token], tell: &mut impl FnMut(usize, String)) {
    let follows = |at: usize, words: &[&str]| {
        words
            .iter()
            .enumerate()
            .all(|(n, word)| tokens.get(at + n).is_some_and(|token| token.text == *word))
    };
    for (at, token) in tokens.iter().enumerate() {
        if PURE.contains(&floor) {
            for banned in WORLD {
                let words: Vec<&str> = match banned.split_once("::") {
                    Some(("static", word)) => vec!["static", word],
                    Some((first, last)) => vec![first, "::", last],
                    None => vec![banned],
                };
                if follows(at, &words) {
                    tell(token.line, format!("names {banned}; pure floors know no such thing"));
                }
            }
        }
        if token.text == "unsafe"
            && !UNSAFE.iter().any(|place| path == *place || in_folder(path, place))
            && !PURE.contains(&floor)
        {
            tell(token.line, format!("unsafe outside of {}", UNSAFE.join(", ")));
        }
        if floor == "bin" {
            continue;
        }
        if follows(at, &[".", "unwrap", "(", ")"]) {
            tell(token.line, "unwrap(): state the invariant with expect, or handle it".into());
        }
        for banned in ["println", "print", "eprintln", "eprint", "dbg", "todo", "unimplemented"] {
            if follows(at, &[banned, "!"]) {
                tell(token.line, format!("{banned}! in the library"));
            }
        }
    }
}

fn check_realtime(tokens: &[Token], tell: &mut impl FnMut(usize, String)) {
    // Lints are named, not what they are about.
    let is_lint = |at: usize| at >= 2 && tokens[at - 2].text == "clippy";
    for (at, token) in tokens.iter().enumerate() {
        if !is_lint(at) && NOT_IN_REALTIME.contains(&token.text.as_str()) {
            tell(token.line, format!("`{}` on the real-time thread", token.text));
        }
    }
    let module = module_of("src/device/realtime.rs");
    for (line, target) in paths(&module, tokens) {
        if !within(&target, &module) && !REALTIME_IMPORTS.iter().any(|place| within(&target, place))
        {
            tell(line, format!("imports {target} into the real-time thread"));
        }
    }
}

/// `src/call/machine.rs` is `crate::call::machine`.
fn module_of(path: &str) -> String {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    format!("crate::{}", path.replace('/', "::"))
}

/// What may import itself: a floor, and in `proto` each subject on its own.
fn subject_of(target: &str) -> String {
    let parts: Vec<&str> = target.split("::").collect();
    let depth = if parts.get(1) == Some(&"proto") { 3 } else { 2 };
    parts[..depth.min(parts.len())].join("::")
}

fn within(target: &str, place: &str) -> bool {
    target == place || target.strip_prefix(place).is_some_and(|rest| rest.starts_with("::"))
}

fn in_folder(path: &str, place: &str) -> bool {
    place.ends_with('/') && path.starts_with(place)
}

/// Every source file of the crate that is no test, with its path from the crate's root.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("src"), &mut files);
    files.sort();
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
    let is_test = |name: &str| {
        name.ends_with("tests.rs") || name.ends_with("test.rs") || name.contains("/tests/")
    };
    files
        .into_iter()
        .map(|path| (name(&path), std::fs::read_to_string(&path).unwrap()))
        .filter(|(name, _)| !is_test(name))
        .collect()
}

#[test]
fn every_file_keeps_to_its_floor() {
    let sources = sources();
    assert!(sources.len() > 20, "the sources were found");
    for (path, text) in &sources {
        let lines = text.lines().count();
        if lines > LONG_FILE_LINES {
            println!("{path}: {lines} lines");
        }
    }
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| check(path, text)).collect();
    assert!(found.is_empty(), "{} broken rules:\n{}", found.len(), found.join("\n"));
}

#[test]
fn pure_floors_forbid_unsafe_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for floor in PURE {
        let text = std::fs::read_to_string(root.join(format!("src/{floor}/mod.rs"))).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "src/{floor}/mod.rs must forbid it");
    }
}

#[test]
fn planted_violations_are_found() {
    let planted = [
        ("src/base/ids.rs", "use crate::dsp::gain::Ramp;"),
        ("src/proto/sip/wire.rs", "use crate::{base::ids, proto::sdp::session};"),
        ("src/proto/sip/wire.rs", "use super::super::rtp::packet;"),
        ("src/proto/rtp/mod.rs", "fn f() { super::srtp::g() }"),
        ("src/dsp/gain.rs", "fn f() { crate::media::bridge::f() }"),
        ("src/call/uac.rs", "use crate::{\n    base::plan,\n    media::{stream::Stream},\n};"),
        ("src/media/stream.rs", "use crate::device::ports::PortEnds;"),
        ("src/net/rtp_udp.rs", "use crate::device::ports;"),
        ("src/device/mod.rs", "use crate::dsp::limiter;"),
        ("src/device/mod.rs", "use crate::Engine;"),
        ("src/ffi/call.rs", "use crate::media::stats;"),
        ("src/call/machine.rs", "let now = Instant::now();"),
        ("src/call/machine.rs", "let now = std::time::SystemTime::UNIX_EPOCH;"),
        ("src/media/stream.rs", "std::thread::yield_now()"),
        ("src/media/stream.rs", "fn f(s: &std::net::UdpSocket) {}"),
        ("src/dsp/opus.rs", "unsafe { f() }"),
        ("src/dsp/opus.rs", "static mut X: u8 = 0;"),
        ("src/engine/mod.rs", "unsafe { f() }"),
        ("src/engine/mod.rs", "use rtrb::Producer;"),
        ("src/device/ports.rs", "struct A(rtrb::Producer<f32>);"),
        ("src/device/supervisor.rs", "use cpal::Host;"),
        ("src/net/sip_udp.rs", "fn f(a: crossbeam_channel::Sender<u8>) {}"),
        ("src/call/machine.rs", "use actix::Actor;"),
        ("src/engine/worker.rs", "let a = b.unwrap();"),
        ("src/engine/worker.rs", "println!(\"x\");"),
        ("src/device/realtime.rs", "let a = Box::new(1);"),
        ("src/device/realtime.rs", "use std::sync::mpsc::Sender;"),
        ("src/device/realtime.rs", "use super::wav::read;"),
    ];
    for (path, text) in planted {
        assert_eq!(check(path, text).len(), 1, "{path}: {text}: {:?}", check(path, text));
    }
}

#[test]
fn what_is_allowed_is_not_found_fault_with() {
    let allowed = [
        ("src/proto/sip/wire.rs", "use crate::{base::ids, proto::sip::uri};\nuse super::via;"),
        ("src/proto/sip/transaction/key.rs", "use super::super::wire::Message;"),
        ("src/call/uac.rs", "use crate::{base::plan, proto::{sip, sdp}, dsp::codec};"),
        ("src/call/uac.rs", "// Instant::now is the engine's\nlet a = \"unsafe { std::thread }\";"),
        ("src/call/uac.rs", "#[cfg(test)]\nmod tests { use crate::media; fn f() { a.unwrap(); } }"),
        (
            "src/call/uac.rs",
            "/* a /* nested */ std::thread */ let c = '\"'; let l: &'static str = r#\"unsafe\"#;",
        ),
        ("src/device/mod.rs", "pub mod cpal; fn f() { cpal::SoundCards::default() }"),
        ("src/dsp/codec.rs", "use super::{g711, opus::Decoder};"),
        ("src/dsp/codec.rs", "use super::opus; fn f() { opus::Decoder::new() }"),
        ("src/engine/worker.rs", "use crate::{media::stream, device::ports, call::machine};"),
        ("src/bin/sidetone-phone/main.rs", "fn main() { println!(\"x\"); a.unwrap(); }"),
        ("src/device/realtime.rs", "use super::ports::{CaptureEnd, PlaybackEnd};"),
        ("src/lib.rs", "pub mod base; pub use engine::Engine;"),
    ];
    for (path, text) in allowed {
        assert_eq!(check(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

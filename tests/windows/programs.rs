//! The test programs in C and C++, as on Linux (`tests/c_abi.rs`).

use crate::{in_wine, wine::Wine};

/// They call every function; the arguments of `loopback` are a folder and a WAV file, that of
/// `call_centre` is a folder.
const PROGRAMS: [&str; 9] = [
    "abuse.c",
    "around.c",
    "call_centre.c",
    "floats.c",
    "loopback.c",
    "raii.cpp",
    "services.c",
    "taps.c",
    "threads.c",
];

in_wine!(programs_in_c_and_cpp_call_every_function_and_leave_no_thread);

fn programs_in_c_and_cpp_call_every_function_and_leave_no_thread(wine: &Wine) {
    let speech = wine.speech();
    for (number, name) in PROGRAMS.into_iter().enumerate() {
        let library = ["libsidetone.dll.a", "sidetone.lib"][number % 2];
        let program = wine.build(&format!("tests/c/{name}"), library);
        let arguments: &[&str] = match name {
            "loopback.c" => &[".", speech],
            "call_centre.c" => &["."],
            _ => &[],
        };
        wine.run(&program, arguments);
    }
}

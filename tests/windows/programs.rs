//! The test programs in C and C++, as on Linux (`tests/c_abi.rs`).

use crate::{in_wine, wine::Wine};

/// They call every function; the arguments of `loopback` are a folder and a WAV file.
const PROGRAMS: [&str; 8] = [
    "abuse.c",
    "around.c",
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
        let arguments: &[&str] = if name == "loopback.c" { &[".", speech] } else { &[] };
        wine.run(&program, arguments);
    }
}

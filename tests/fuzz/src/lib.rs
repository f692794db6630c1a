//! Fuzz targets: each is a function from bytes to nothing that must neither panic, hang, nor grow.
//!
//! ```text
//! fuzz_targets/NAME.rs ── cargo fuzz: libFuzzer finds inputs ──┐
//!                      └─ cargo run -- FILE: replays files ────┼─> NAME::run(&[u8])
//! tests/replay.rs ─────── cargo test: replays corpus/NAME ─────┘
//! ```

pub mod abi;
pub mod call;
pub mod events;
pub mod g722;
pub mod locate;
pub mod planted;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod services;
pub mod sip;
pub mod sip_text;
pub mod srtp;
pub mod stun;
pub mod support;
pub mod wav;

/// One target.
pub struct Target {
    /// Its name: of the program, the module and the corpus folder.
    pub name: &'static str,
    /// It.
    pub run: fn(&[u8]),
}

/// Every target but the planted fault.
pub const TARGETS: &[Target] = &[
    Target { name: "sip", run: sip::run },
    Target { name: "call", run: call::run },
    Target { name: "sdp", run: sdp::run },
    Target { name: "services", run: services::run },
    Target { name: "rtp", run: rtp::run },
    Target { name: "rtcp", run: rtcp::run },
    Target { name: "srtp", run: srtp::run },
    Target { name: "stun", run: stun::run },
    Target { name: "locate", run: locate::run },
    Target { name: "g722", run: g722::run },
    Target { name: "wav", run: wav::run },
    Target { name: "summary", run: events::summary },
    Target { name: "dialog_info", run: events::dialog_info },
    Target { name: "pidf", run: events::pidf },
    Target { name: "multipart", run: events::parts },
    Target { name: "abi", run: abi::run },
];

/// Makes a program of a target: a fuzzer under cargo-fuzz, else one that replays the files that are
/// its arguments.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $run(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for path in std::env::args_os().skip(1) {
                $run(&std::fs::read(path)?);
            }
            Ok(())
        }
    };
}

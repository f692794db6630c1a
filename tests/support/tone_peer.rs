//! sipp as a far end that answers and plays a tone.

use std::{fs, path::Path, process::Command, time::Duration};

use sidetone::dsp::g711::encode_mu;

use crate::child::{Folder, Running, await_udp, free_port, tail};

/// What it plays, for programs that look for it.
pub const TONE_HZ: u32 = 440;

/// A phone that answers a number of calls, each of which the caller ends.
pub struct TonePeer {
    folder: Folder,
    running: Running,
    port: u16,
}

impl TonePeer {
    /// Starts one for `calls` calls.
    pub fn start(calls: u32) -> Self {
        let (folder, port) = (Folder::new("tone"), free_port());
        let tone = folder.path("tone.pcmu");
        fs::write(&tone, one_second()).expect("a tone is written");
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sipp/uas_tone.xml");
        let scenario = fs::read_to_string(scenario).expect("uas_tone.xml");
        let scenario = scenario.replace("TONE", tone.to_str().expect("UTF-8"));
        fs::write(folder.path("uas_tone.xml"), scenario).expect("a scenario is written");
        let mut command = Command::new("sipp");
        command.arg("-sf").arg(folder.path("uas_tone.xml"));
        command.args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-p", &port.to_string()]);
        command.args(["-mp", &free_port().to_string(), "-m", &calls.to_string()]);
        command.args(["-timeout", "200", "-timeout_error", "-trace_err", "-trace_msg"]);
        command.arg("-error_file").arg(folder.path("errors"));
        command.arg("-message_file").arg(folder.path("messages"));
        let running = Running::start(command, &folder);
        await_udp(port);
        Self { folder, running, port }
    }

    pub fn uri(&self) -> String {
        format!("sip:sipp@127.0.0.1:{}", self.port)
    }

    /// It must have had all its calls; the messages of them.
    pub fn finish(mut self) -> String {
        let status = self.running.wait(Duration::from_secs(60));
        let errors = tail(&self.folder.path("errors"));
        assert!(status.is_some_and(|s| s.success()), "{status:?} {errors}");
        fs::read_to_string(self.folder.path("messages")).expect("sipp writes them")
    }
}

/// A second of the tone, which repeats without a seam.
fn one_second() -> Vec<u8> {
    let sample = |n: u32| {
        let angle = std::f64::consts::TAU * f64::from(TONE_HZ * n) / 8_000.0;
        encode_mu((angle.sin() * 8_000.0) as i16)
    };
    (0..8_000).map(sample).collect()
}

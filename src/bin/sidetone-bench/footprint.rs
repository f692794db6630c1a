//! `sidetone-bench footprint`: what an idle, registered phone costs.

use std::{fs, io, time::Duration};

use clap::Args;
use serde_json::{Value, json};
use sidetone::base::plan::CodecKind;

use crate::{
    live::Live,
    phone::{Phone, Setup},
    proc::Look,
    registrar::{Meddling, Registrar},
    report,
};

/// Measures what an idle, registered phone costs: memory, threads, wake-ups, CPU.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-bench footprint
  sidetone-bench footprint --peer baresip --json

private_bytes counts pages that are the process's alone and were written to. No sound card is open.")]
pub struct Footprint {
    /// Length of the window, seconds: two keep-alives over UDP or more
    #[arg(long, default_value_t = 60.0, value_parser = crate::seconds)]
    seconds: f64,
    /// Also measure this phone: baresip
    #[arg(long, value_parser = ["baresip"])]
    peer: Option<String>,
}

impl Footprint {
    /// Runs the command.
    pub fn run(self, json: bool) -> io::Result<bool> {
        // baresip 1.0 has no digest with SHA-256, so it registers without one.
        let registrar = Registrar::start(&[("bench", "secret"), ("peer", "")], Meddling::None)?;
        let setup = |user: &str, password: &str| Setup {
            codec: CodecKind::Pcmu,
            calls: 64,
            srtp: false,
            register: Some((registrar.address(), user.into(), password.into())),
        };
        let mut report = json!({
            "kind": "footprint",
            "seconds": self.seconds,
            "machine": report::machine(),
            "library_bytes": library_bytes(),
        });
        let live = Live::new(json, "idle phone");
        let ours = self.measure(&Phone::sidetone(&setup("bench", "secret"))?, &live)?;
        if let (Value::Object(into), Value::Object(from)) = (&mut report, ours) {
            into.extend(from);
        }
        if self.peer.is_some() {
            live.now("other idle phone");
            report["peer"] = self.measure(&Phone::baresip(&setup("peer", ""))?, &live)?;
        }
        drop(live);
        report::print(&report, json);
        Ok(true)
    }

    fn measure(&self, phone: &Phone, live: &Live) -> io::Result<Value> {
        // What starting up took is not what idling takes; the transactions of a REGISTER linger for
        // 5 s (timer K).
        live.wait(Duration::from_secs(6), || "settles".into());
        let begin = Look::at(phone.pid())?;
        live.wait(Duration::from_secs_f64(self.seconds), || so_far(phone, &begin));
        let end = Look::at(phone.pid())?;
        let mut value = report::process(&end, &begin.until(&end));
        value["phone"] = json!(phone.name);
        Ok(value)
    }
}

/// What a look at the phone tells by now. It costs this process time, not the phone.
fn so_far(phone: &Phone, begin: &Look) -> String {
    let Ok(now) = Look::at(phone.pid()) else { return String::new() };
    let span = begin.until(&now);
    format!(
        "{:.1} MiB private, {:.1} ms of CPU, {:.1} wake-ups/s",
        now.private_bytes as f64 / f64::from(1 << 20),
        span.cpu_ms,
        span.voluntary_per_s
    )
}

/// Size of the shared library beside this program; the release profile strips it.
fn library_bytes() -> Option<u64> {
    let library = std::env::current_exe().ok()?.with_file_name("libsidetone.so");
    fs::metadata(library).ok().map(|meta| meta.len())
}

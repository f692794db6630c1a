//! How figures are summed up and shown: a table or JSON on stdout, CSV and HTML in files.
//!
//! ```text
//!  values ─► summary ─► report (a JSON object) ─► print ─┬─► table or JSON   stdout
//!            p50 … max, samples beside them              ├─► csv             --csv FILE
//!                                                        └─► html ─► plot    --html FILE
//! ```
//!
//! Samples travel inside the report and are shown as plots; in JSON and CSV they stand only when
//! asked for.

mod csv;
pub mod figures;
mod html;
mod plot;
mod samples;
mod svg;
mod table;
pub mod words;

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::Args;
use serde_json::{Value, json};

use crate::{proc::Look, proc::Span};

pub use samples::{series, summary};

/// Where reports go beside stdout.
#[derive(Args, Clone, Debug, Default)]
pub struct Output {
    /// Also write the figures as CSV: figure, statistic, value
    #[arg(long, global = true, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also write one HTML page with plots; needs no network and no script
    #[arg(long, global = true, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Every single measurement in JSON and CSV too
    #[arg(long, global = true)]
    samples: bool,
}

/// What the command line asked for, told once before anything is measured.
static OUTPUT: OnceLock<Output> = OnceLock::new();
/// Whether a file could not be written.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Takes the command line's word for where reports go. An error: a file cannot be written, said
/// before a minute of measuring rather than after.
pub fn direct(output: Output) -> io::Result<()> {
    for path in [&output.csv, &output.html].into_iter().flatten() {
        let file = fs::OpenOptions::new().create(true).append(true).open(path);
        file.map_err(|error| unwritable(path, &error))?;
    }
    let _ = OUTPUT.set(output);
    Ok(())
}

/// Whether every file that was asked for has been written.
pub fn all_written() -> bool {
    !FAILED.load(Ordering::Relaxed)
}

/// Prints one object, or the same as a table; writes the files that were asked for.
pub fn print(value: &Value, json: bool) {
    print_as(value, json, table::render);
}

/// The same with a table of one's own.
pub fn print_as(value: &Value, json: bool, table: impl Fn(&Value) -> String) {
    let none = Output::default();
    let output = OUTPUT.get().unwrap_or(&none);
    let plain = if output.samples { value.clone() } else { samples::without(value) };
    let text = if json { format!("{plain}\n") } else { table(&samples::without(value)) };
    // A reader that has seen enough has closed its pipe.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    let files = [
        (&output.csv, csv::render as fn(&Value) -> String, &plain),
        (&output.html, html::render as fn(&Value) -> String, value),
    ];
    for (path, render, value) in files {
        let Some(path) = path else { continue };
        if let Err(error) = fs::write(path, render(value)) {
            eprintln!("sidetone-bench: {}", unwritable(path, &error));
            FAILED.store(true, Ordering::Relaxed);
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{} cannot be written: {error}", path.display()))
}

/// A look at a process and the span before it, as an object.
pub fn process(look: &Look, span: &Span) -> Value {
    json!({
        "private_bytes": look.private_bytes,
        "pss_bytes": look.pss_bytes,
        "threads": look.threads,
        "wakeups_per_s": {
            "voluntary": round(span.voluntary_per_s, 2),
            "involuntary": round(span.involuntary_per_s, 2),
        },
        "cpu_ms": round(span.cpu_ms, 2),
        "window_s": round(span.seconds, 3),
    })
}

/// The machine, for the reader of the figures.
pub fn machine() -> Value {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown")
        .to_owned();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    json!({
        "cpu": model,
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "kernel": kernel.trim(),
        "load": load.split(' ').next().and_then(|l| l.parse::<f64>().ok()),
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
    })
}

/// Rounded to `digits` behind the point.
pub fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

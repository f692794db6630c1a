//! `sidetone-phone devices`.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use sidetone::{
    Engine,
    engine::{DeviceInfo, EngineConfig, Error},
};

use crate::output::Output;

/// Lists the sound cards.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-phone devices
  sidetone-phone devices --json | jq -r 'select(.default_playback) | .name'")]
pub struct Devices {}

impl Devices {
    /// Runs the command; `true` when there is at least one device.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        let engine =
            Engine::new(EngineConfig { bind: [127, 0, 0, 1].into(), ..EngineConfig::default() })?;
        let devices = engine.devices()?;
        for device in &devices {
            output.say(&line(device), object(device));
        }
        engine.shutdown(Duration::from_secs(1));
        if devices.is_empty() {
            output
                .error("no sound card found; calls can still use WAV files (--from-wav, --to-wav)");
        }
        Ok(!devices.is_empty())
    }
}

fn line(device: &DeviceInfo) -> String {
    let mark = |has: bool, default: bool, word: &str| match (has, default) {
        (false, _) => String::new(),
        (true, false) => format!(" {word}"),
        (true, true) => format!(" {word} (default)"),
    };
    format!(
        "{}{}{}",
        device.name,
        mark(device.captures, device.default_capture, "· microphone"),
        mark(device.plays, device.default_playback, "· loudspeaker"),
    )
}

fn object(device: &DeviceInfo) -> serde_json::Value {
    json!({
        "id": device.id,
        "name": device.name,
        "captures": device.captures,
        "plays": device.plays,
        "default_capture": device.default_capture,
        "default_playback": device.default_playback,
    })
}

//! The floor under calls in Opus: `sidetone-bench libopus`. The same packets of the same speech that
//! the probe sends are decoded and encoded again, and nothing else.

use std::{io, process::Command};

use clap::Args;
use serde_json::{Value, json};
use sidetone::{
    base::plan::{CodecKind, OpusParams},
    dsp::{
        codec::{CodecError, Decode, Encode},
        opus::{OpusDecoder, OpusEncoder},
    },
};

use crate::{place::Place, probe::content::Content, proc::Look};

/// Decodes and encodes speech, and tells what that cost.
#[derive(Debug, Args)]
pub struct Libopus {
    /// Calls, in turns of one packet each, as a phone has them
    #[arg(long)]
    calls: usize,
    /// Length of each, seconds
    #[arg(long)]
    seconds: f64,
}

impl Libopus {
    /// Runs to the end and prints one line.
    pub fn run(self) -> io::Result<()> {
        let mut lines: Vec<Line> =
            (0..self.calls).map(Line::new).collect::<Result<_, _>>().map_err(failed)?;
        let packets = (self.seconds * 50.0) as usize;
        let begin = Look::at(std::process::id())?;
        for number in 0..packets {
            for line in &mut lines {
                line.pass(number).map_err(failed)?;
            }
        }
        let span = begin.until(&Look::at(std::process::id())?);
        let audio_s = (packets * self.calls) as f64 / 50.0;
        println!("{}", json!({"cpu_ms_per_call_s": span.cpu_ms / audio_s.max(0.02)}));
        Ok(())
    }
}

/// CPU time of one call-second in a process of its own, ms.
pub fn cpu_ms_per_call_s(calls: usize, seconds: f64, place: Place) -> io::Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["libopus", "--calls", &calls.to_string(), "--seconds", &seconds.to_string()]);
    let output = place.phone(command).output()?;
    let told: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    told.and_then(|told| told["cpu_ms_per_call_s"].as_f64())
        .ok_or_else(|| io::Error::other("bare libopus ended early"))
}

/// One call: what comes in is decoded, and encoded to go out.
struct Line {
    payloads: Vec<Vec<u8>>,
    decoder: OpusDecoder,
    encoder: OpusEncoder,
}

impl Line {
    fn new(call: usize) -> Result<Self, CodecError> {
        // As a phone is to encode that was offered no in-band FEC (RFC 7587 §6.1).
        let params = OpusParams { inband_fec: false, ..OpusParams::default() };
        Ok(Self {
            payloads: Content::of_call(CodecKind::Opus, call).payloads,
            decoder: OpusDecoder::new()?,
            encoder: OpusEncoder::new(&params)?,
        })
    }

    fn pass(&mut self, number: usize) -> Result<(), CodecError> {
        let (mut pcm, mut payload) = ([0; 5_760], [0; 1_500]);
        let length = self.decoder.decode(&self.payloads[number % self.payloads.len()], &mut pcm)?;
        self.encoder.encode(&pcm[..length], &mut payload)?;
        Ok(())
    }
}

fn failed(error: CodecError) -> io::Error {
    io::Error::other(format!("libopus: {error:?}"))
}

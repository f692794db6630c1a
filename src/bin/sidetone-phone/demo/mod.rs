//! `sidetone-phone demo`: a whole call on one machine, and a judgement of it.
//!
//! ```text
//!   speech ─► microphone ─ Alice's engine ═══ SRTP ═══ Bob's engine ─ loudspeaker ─► heard
//!                               └──── SIP ─ registrar ─ SIP ───┘
//! ```
//!
//! Registrar and both engines talk over sockets of 127.0.0.1, as three machines would. The demo
//! fails unless what was said was heard ([`check`]).

mod check;
mod listener;
mod pump;
mod registrar;
mod report;
mod wire;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    device::wav,
    engine::{
        AccountConfig, AudioPolicy, CallInfo, CallState, CallStats, DevicePolicy, DialOptions,
        EngineConfig, Error, ErrorKind, EventKind, RegistrationState, SrtpPolicy,
    },
};

use self::{
    check::{Limits, Track, judge, overheard},
    pump::Pump,
    registrar::{Meddling, Registrar},
    report::{Busy, Report},
};
use crate::{options::codec, output::Output};

/// Shows a whole call on this machine: registrar, two phones, encryption, real speech.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-phone demo
  sidetone-phone demo --devices
  sidetone-phone demo --out /tmp/demo --json

Exit status 0 means: in every second that holds speech the correlation of what was heard with what
was said is at least 0.9 and the level within 1.5 dB, 99 % of it is there, and the packets tell
nothing to who has no key. A call that fails so while the machine was too busy to run media in time
is made once more; the second failure counts. With --devices the same is asked of nine quarter seconds in ten: a sound
card has a clock of its own, and the engine follows it.")]
pub struct Demo {
    /// Folder for the files it writes
    #[arg(long, value_name = "DIR", default_value = "demo-out")]
    out: PathBuf,
    /// Hear it on the sound card
    #[arg(long)]
    devices: bool,
    /// Codec of the call
    #[arg(long, value_parser = codec, default_value = "opus")]
    codec: CodecKind,
    /// Spoil the call on purpose, to see that the check notices
    #[arg(long, value_enum, hide = true)]
    spoil: Option<Spoil>,
}

/// Ways to spoil the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Spoil {
    /// Change the caller's SRTP key on its way.
    Key,
    /// Call without encryption.
    Plain,
    /// Lower the caller by 6 dB.
    Level,
}

/// Both phones, their call, and what is written about it.
struct Stage<'a> {
    demo: &'a Demo,
    output: &'a Output,
    alice: Engine,
    bob: Engine,
    pump: Pump,
}

impl Demo {
    /// Runs the command; `true` when the call was as it should be.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        fs::create_dir_all(&self.out).map_err(|e| file_error(&self.out, &e))?;
        let speech = speech()?;
        let said = self.out.join("said.wav");
        write(&said, &speech)?;

        let meddling = if self.spoil == Some(Spoil::Key) { Meddling::Key } else { Meddling::None };
        let registrar = Registrar::start(&[ALICE, BOB], meddling)
            .map_err(|e| Error::new(ErrorKind::Transport, format!("registrar: {e}")))?;
        output.say(
            &format!("registrar on {}", registrar.address()),
            json!({"event": "registrar", "address": registrar.address().to_string()}),
        );
        let mut report = self.attempt(output, &registrar, &speech)?;
        if report.blames_the_machine() {
            let (faults, busy) = (report.faults.join("; "), report.busy.text());
            output.say(
                &format!("the machine was too busy ({busy}; {faults}): the call is made once more"),
                json!({"event": "again", "faults": report.faults, "busy": report.busy.json()}),
            );
            report = self.attempt(output, &registrar, &speech)?;
        }
        report.files.insert(0, said);
        let written = self.out.join("report.json");
        report.files.push(written.clone());
        fs::write(&written, format!("{:#}\n", report.json()))
            .map_err(|e| file_error(&written, &e))?;
        output.say(&report.text(), report.json());
        Ok(report.faults.is_empty())
    }

    /// One call, from the registration of both phones to the judgement.
    fn attempt(
        &self,
        output: &Output,
        registrar: &Registrar,
        speech: &Track,
    ) -> Result<Report, Error> {
        let stage = self.stage(output, speech)?;
        let started = Instant::now();
        stage.register(registrar)?;
        let registered_in = started.elapsed();
        output.say("alice and bob are registered", json!({"event": "registered"}));
        Ok(Report { registered_in, ..stage.call(speech)? })
    }

    fn stage<'a>(&'a self, output: &'a Output, speech: &Track) -> Result<Stage<'a>, Error> {
        let mouth = pump::device();
        let ear = (!self.devices).then(pump::device);
        let audio = match &ear {
            Some(ear) => AudioPolicy::Stepped(ear.clone()),
            None => AudioPolicy::Devices(DevicePolicy::default()),
        };
        let alice = engine(AudioPolicy::Stepped(mouth.clone()))?;
        output.attach_log(&alice, "alice");
        let bob = engine(audio)?;
        output.attach_log(&bob, "bob");
        let pump = Pump::start(mouth, ear, speech.resampled(pump::RATE_HZ))
            .map_err(|e| Error::new(ErrorKind::Internal, format!("no thread: {e}")))?;
        Ok(Stage { demo: self, output, alice, bob, pump })
    }
}

impl Stage<'_> {
    fn register(&self, registrar: &Registrar) -> Result<(), Error> {
        let srtp = match self.demo.spoil {
            Some(Spoil::Plain) => SrtpPolicy::Off,
            _ => SrtpPolicy::Mandatory,
        };
        let mut accounts = Vec::new();
        for (engine, (user, password)) in [(&self.alice, ALICE), (&self.bob, BOB)] {
            let config = AccountConfig {
                aor: format!("sip:{user}@{}", registrar.address()),
                registrar: format!("sip:{}", registrar.address()),
                password: password.to_owned(),
                codecs: vec![self.demo.codec],
                srtp,
                ..AccountConfig::default()
            };
            accounts.push((engine, user, engine.account_add(config, None)?));
        }
        let until = Instant::now() + Duration::from_secs(10);
        for (engine, user, account) in accounts {
            loop {
                let info = engine.account_info(account)?;
                if info.state == RegistrationState::Registered {
                    break;
                }
                if info.state == RegistrationState::Failed || Instant::now() > until {
                    let text = format!("{user} could not register (code {})", info.code);
                    return Err(Error::new(ErrorKind::Authentication, text));
                }
                engine.next_event(Some(Duration::from_millis(20)))?;
            }
        }
        Ok(())
    }

    fn call(&self, speech: &Track) -> Result<Report, Error> {
        let account = self.alice.accounts().first().copied();
        let call = self.alice.dial(account, BOB.0, DialOptions::default(), None)?;
        let answered = self.answer()?;
        self.wait_connected(&self.alice, call)?;
        self.wait_connected(&self.bob, answered)?;
        let pcap = self.demo.out.join("wire.pcap");
        self.alice.capture(call, &pcap, None)?;
        let recording = self.demo.out.join("bob.wav");
        self.bob.record(answered, &recording, None)?;
        if self.demo.spoil == Some(Spoil::Level) {
            self.alice.gain(call, -6.0, 0.0, None)?;
        }
        let before = self.busy();
        self.listen(answered, speech)?;

        let busy = self.busy().since(&before);
        let caller = self.alice.call_info(call)?;
        let callee = self.bob.call_stats(answered)?;
        let heard = self.pump.heard();
        self.alice.hangup(call, None)?;
        self.wait_ended(&self.alice, call)?;
        self.wait_ended(&self.bob, answered)?;
        self.alice.shutdown(Duration::from_secs(2));
        self.bob.shutdown(Duration::from_secs(2));
        Ok(Report { busy, ..self.judge(speech, heard, caller, callee, &[pcap, recording])? })
    }

    /// How both engines were held up so far.
    fn busy(&self) -> Busy {
        Busy::of([self.alice.stats(), self.bob.stats()])
    }

    /// Bob takes the call.
    fn answer(&self) -> Result<CallId, Error> {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let event = self.bob.next_event(Some(Duration::from_millis(20)))?;
            if let Some(EventKind::IncomingCall { call, from, .. }) = event.map(|e| e.kind) {
                self.output.say(
                    &format!("bob is called by {from}, and answers"),
                    json!({"event": "incoming_call", "from": from}),
                );
                self.bob.answer(call, Vec::new(), None)?;
                return Ok(call);
            }
        }
        Err(Error::new(ErrorKind::NoAnswer, "alice's call did not reach bob within 10 s"))
    }

    fn wait_connected(&self, engine: &Engine, call: CallId) -> Result<(), Error> {
        let until = Instant::now() + Duration::from_secs(10);
        while engine.call_info(call)?.state != CallState::Connected {
            let event = engine.next_event(Some(Duration::from_millis(20)))?;
            if let Some(EventKind::Call { state: CallState::Ended, code, text, .. }) =
                event.map(|e| e.kind)
            {
                let text = format!("the call was refused: {code} {text}");
                return Err(Error::new(ErrorKind::Refused, text));
            }
            if Instant::now() > until {
                return Err(Error::new(ErrorKind::NoAnswer, "the call was not answered in 10 s"));
            }
        }
        Ok(())
    }

    fn wait_ended(&self, engine: &Engine, call: CallId) -> Result<(), Error> {
        let until = Instant::now() + Duration::from_secs(5);
        while engine.calls().contains(&call) && Instant::now() < until {
            engine.next_event(Some(Duration::from_millis(20)))?;
        }
        Ok(())
    }

    /// Lets alice talk, and shows how it comes out at bob's.
    fn listen(&self, answered: CallId, speech: &Track) -> Result<(), Error> {
        let shown = !self.output.json() && !self.output.traces();
        let bar = if shown {
            ProgressBar::new(speech.samples.len() as u64)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("  alice speaks {wide_bar} {msg}") {
            bar.set_style(style);
        }
        self.pump.talk();
        let until = Instant::now() + Duration::from_secs_f64(speech.seconds()) * 2 + TAIL;
        loop {
            let said = self.pump.said_seconds();
            bar.set_position((said * f64::from(speech.rate_hz)) as u64);
            let stats = self.bob.call_stats(answered)?;
            bar.set_message(format!(
                "{said:.0} s · jitter {} · {} lost",
                stats.jitter_ms.map_or_else(|| "–".into(), |j| format!("{j:.1} ms")),
                stats.packets_lost.unwrap_or(0),
            ));
            if said >= speech.seconds() - 0.001 {
                break;
            }
            if Instant::now() > until {
                return Err(Error::new(ErrorKind::Timeout, "the speech did not come to its end"));
            }
            self.bob.next_event(Some(Duration::from_millis(100)))?;
        }
        // The last word is still on its way.
        std::thread::sleep(TAIL);
        bar.finish_and_clear();
        Ok(())
    }

    fn judge(
        &self,
        speech: &Track,
        heard: Track,
        caller: CallInfo,
        callee: CallStats,
        written: &[PathBuf; 2],
    ) -> Result<Report, Error> {
        let [pcap, recording] = written;
        let mut files = vec![pcap.clone(), recording.clone()];
        let on_card = self.demo.devices;
        let heard = if on_card {
            // The sound card has no ear; the recording's right channel is what went to it.
            far_end(recording)?
        } else {
            let path = self.demo.out.join("heard.wav");
            write(&path, &heard)?;
            files.insert(0, path);
            heard
        };
        let band_hz = self.demo.codec.sample_rate_hz();
        let limits = if on_card { card_limits() } else { Limits::default() };
        let verdict = judge(speech, &heard, band_hz, &limits);
        let port = caller.local_rtp.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(0);
        let packets = wire::packets(pcap, port).map_err(|e| file_error(pcap, &e))?;
        let first: Vec<u8> = packets.iter().map(|p| p.payload[0]).collect();
        let mut faults = verdict.faults.clone();
        if caller.srtp.is_none() {
            faults.push("the call was not encrypted".into());
        }
        if caller.codec != Some(self.demo.codec) {
            faults.push("the call used another codec".into());
        }
        faults.extend(overheard(speech, &listener::decoded(&packets), &first));
        let period_ms = pump::PERIOD_TIME.as_secs_f64() * 1000.0;
        Ok(Report {
            registered_in: Duration::ZERO,
            caller,
            callee,
            mouth_to_ear_ms: (!on_card && verdict.passed()).then_some(verdict.delay_ms + period_ms),
            verdict,
            packets_on_wire: packets.len(),
            busy: Busy::default(),
            faults,
            files,
        })
    }
}

/// A sound card has a clock of its own, which the engine follows by making the sound a little longer
/// or shorter: a second with such a place in it has no one delay. So shorter pieces are judged, and
/// one in ten may hold the place.
fn card_limits() -> Limits {
    Limits { piece_ms: 250, reach_ms: 200, right: 0.9, ..Limits::default() }
}

fn engine(audio: AudioPolicy) -> Result<Engine, Error> {
    Engine::new(EngineConfig { bind: [127, 0, 0, 1].into(), audio, ..EngineConfig::default() })
}

/// The speech of the demo: two sentences with pauses round them, without rumble.
fn speech() -> Result<Track, Error> {
    let mut whole = Track { rate_hz: 16_000, samples: vec![0.0; 4_800] };
    for bytes in SPEECH {
        whole.samples.extend(read(bytes)?.resampled(16_000).samples);
        whole.samples.resize(whole.samples.len() + 6_400, 0.0);
    }
    Ok(whole.without_rumble(300.0))
}

fn read(bytes: &[u8]) -> Result<Track, Error> {
    let wav = wav::parse(bytes).map_err(|e| Error::new(ErrorKind::FileFormat, e.to_string()))?;
    let rate_hz = wav.rate_hz;
    Ok(Track { rate_hz, samples: to_f32(&wav.into_mono()) })
}

/// The right channel of a recording: what came from the far end.
fn far_end(path: &Path) -> Result<Track, Error> {
    let mut wav = wav::read(path).map_err(|e| Error::new(ErrorKind::FileOpen, e.to_string()))?;
    let right = wav.channels.pop().unwrap_or_default();
    Ok(Track { rate_hz: wav.rate_hz, samples: to_f32(&right) })
}

fn write(path: &Path, track: &Track) -> Result<(), Error> {
    let samples: Vec<i16> =
        track.samples.iter().map(|s| (s * 32768.0).clamp(-32768.0, 32767.0) as i16).collect();
    wav::write(path, track.rate_hz, 1, &samples).map_err(|e| file_error(path, &e))
}

fn to_f32(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&s| f32::from(s) / 32768.0).collect()
}

fn file_error(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::FileWrite, format!("{}: {error}", path.display()))
}

/// Caller: user and password.
const ALICE: (&str, &str) = ("alice", "wonderland");
/// Callee: user and password.
const BOB: (&str, &str) = ("bob", "builder");
/// LibriVox, in the public domain; see speech/SOURCE.txt. Opus at 32 kbit/s keeps the waveform of
/// every second of these two to 0.91 or better, wherever its frames fall.
const SPEECH: [&[u8]; 2] = [
    include_bytes!("../speech/librivox_f_0870.wav"),
    include_bytes!("../speech/librivox_f_0880.wav"),
];
/// How long to listen after the last word.
const TAIL: Duration = Duration::from_millis(500);

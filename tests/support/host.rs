//! A host of the engine for tests with other phones: it waits for events, and hands audio over as
//! WAV files.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::CallId,
    device::wav,
    engine::{
        AccountConfig, AudioPolicy, CallState, EngineConfig, EventKind, SipTimers, SipTransport,
        TransferState, WavPair,
    },
};

use super::{
    check::{Limits, Track, Verdict, judge},
    child::Folder,
};

/// An engine with speech at its microphone and a file for a loudspeaker.
pub struct Host {
    /// The engine.
    pub engine: Engine,
    /// Everything that it told so far.
    pub events: Vec<EventKind>,
    heard: PathBuf,
    said: Track,
}

impl Host {
    /// Starts an engine on loopback that says `speech` once per call.
    pub fn start(folder: &Folder, speech: &[u8]) -> Self {
        let said = read(speech).without_rumble(300.0);
        let (microphone, heard) = (folder.path("said.wav"), folder.path("heard.wav"));
        let samples: Vec<i16> = said.samples.iter().map(|s| (s * 32_768.0) as i16).collect();
        wav::write(&microphone, said.rate_hz, 1, &samples).unwrap();
        let audio = AudioPolicy::Wav(WavPair {
            microphone: Some(microphone),
            repeat: false,
            loudspeaker: Some(heard.clone()),
        });
        let engine = Engine::new(EngineConfig {
            bind: [127, 0, 0, 1].into(),
            timers: SipTimers { min_registration: Duration::from_secs(1), ..SipTimers::default() },
            audio,
            ..EngineConfig::default()
        })
        .unwrap();
        Self { engine, events: Vec::new(), heard, said }
    }

    /// Starts an engine on loopback without microphone and loudspeaker.
    pub fn headless() -> Self {
        Self::with(EngineConfig { bind: [127, 0, 0, 1].into(), ..EngineConfig::default() })
    }

    /// Starts an engine of these settings.
    pub fn with(config: EngineConfig) -> Self {
        Self::with_engine(Engine::new(config).unwrap())
    }

    /// Takes an engine that a test has set up.
    pub fn with_engine(engine: Engine) -> Self {
        Self { engine, events: Vec::new(), heard: PathBuf::new(), said: Track::default() }
    }

    /// Stops at once, telling nobody.
    pub fn end(self) {
        self.engine.shutdown(Duration::ZERO);
    }

    /// Adds an account.
    pub fn account(&mut self, config: AccountConfig) -> sidetone::base::ids::AccountId {
        self.engine.account_add(config, None).unwrap()
    }

    /// Its SIP address.
    pub fn address(&self) -> String {
        self.engine.local_address(SipTransport::Udp).unwrap().to_string()
    }

    /// Waits for an event that `found` makes something of.
    pub fn wait<T>(&mut self, what: &str, found: impl Fn(&EventKind) -> Option<T>) -> T {
        // A request that nobody answers ends after 32 s (64*T1).
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            let event = self.engine.next_event(Some(Duration::from_millis(50))).unwrap();
            let Some(event) = event else { continue };
            let value = found(&event.kind);
            self.events.push(event.kind);
            if let Some(value) = value {
                return value;
            }
        }
        panic!("no {what} within 60 s; events were {:#?}", self.events);
    }

    /// Lets time pass, taking events.
    pub fn run(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            if let Some(event) = self.engine.next_event(Some(left)).unwrap() {
                self.events.push(event.kind);
            }
        }
    }

    /// Waits until something holds, taking events.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + Duration::from_secs(30);
        while !holds(self) {
            assert!(Instant::now() < until, "no {what} within 30 s");
            self.run(Duration::from_millis(10));
        }
    }

    /// What was told of a call so far, in order and in few words.
    pub fn story(&self, call: CallId) -> Vec<String> {
        self.events.iter().filter_map(|event| in_words(event, call)).collect()
    }

    /// Waits for somebody to call.
    pub fn incoming(&mut self) -> CallId {
        self.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, .. } => Some(*call),
            _ => None,
        })
    }

    /// Waits until a call is in `state`, and gives the code.
    pub fn reaches(&mut self, call: CallId, state: CallState) -> u16 {
        self.wait(&format!("{state:?}"), |event| match event {
            EventKind::Call { call: id, state: now, code, .. } if *id == call && *now == state => {
                Some(*code)
            }
            EventKind::Call { call: id, state: CallState::Ended, code, text, .. }
                if *id == call && state != CallState::Ended =>
            {
                panic!("the call ended with {code} {text} before it was {state:?}")
            }
            _ => None,
        })
    }

    /// How long what it says is.
    pub fn speech_time(&self) -> Duration {
        Duration::from_secs_f64(self.said.seconds())
    }

    /// Ends everything and judges what was heard against what was said: an echo of it.
    pub fn judge_echo(self, band_hz: u32, limits: &Limits) -> Verdict {
        self.engine.shutdown(Duration::from_secs(2));
        drop(self.engine);
        let wav = wav::read(&self.heard).unwrap();
        let heard = Track { rate_hz: wav.rate_hz, samples: floats(&wav.into_mono()) };
        judge(&self.said, &heard, band_hz, limits)
    }
}

/// An event of a call in few words: of a transfer the code, of an end the code and how it came.
fn in_words(event: &EventKind, wanted: CallId) -> Option<String> {
    let (call, words) = match event {
        EventKind::IncomingCall { call, from, .. } => (call, format!("from {from}")),
        EventKind::Call { call, state: CallState::Ended, code, reason, .. } => {
            let reason = reason.map(|reason| format!("{reason:?}")).unwrap_or_default();
            (call, format!("Ended {code} {reason}"))
        }
        EventKind::Call { call, state, .. } => (call, format!("{state:?}")),
        EventKind::Hold { call, local, remote } => {
            (call, format!("Hold by us {local}, by them {remote}"))
        }
        EventKind::Transfer { call, state: TransferState::Asked { target, .. }, .. } => {
            (call, format!("asked to call {target}"))
        }
        EventKind::Transfer { call, state, code, .. } => (call, format!("{state:?} {code}")),
        EventKind::Replaced { call, uri, .. } => (call, format!("now with {uri}")),
        _ => return None,
    };
    (*call == wanted).then_some(words)
}

/// What must hold of an echo through somebody else's phone. Its buffers and ours may shift the
/// delay on a busy machine, so that short pieces are looked for one by one, and some may be torn; of another sound hardly one
/// would fit.
pub fn echo_limits() -> Limits {
    Limits { piece_ms: 250, reach_ms: 150, right: 0.6, present: 0.9, ..Limits::default() }
}

/// A WAV file's sound.
pub fn read(bytes: &[u8]) -> Track {
    let wav = wav::parse(bytes).unwrap();
    Track { rate_hz: wav.rate_hz, samples: floats(&wav.into_mono()) }
}

fn floats(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&s| f32::from(s) / 32_768.0).collect()
}

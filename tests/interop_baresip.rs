//! Calls with Debian's baresip, both ways round, over real sockets: each of our codecs, in the clear
//! and with mandatory SRTP.
//!
//! Both ends say a melody of their own at the same time, each end's recording of the other is
//! searched for the other's melody: its pitches, their order, level and length. What baresip heard
//! is what its decoder gave, as its `sndfile` filter writes it down.

#[path = "support/baresip.rs"]
#[allow(dead_code)]
mod baresip;
#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/melody.rs"]
mod melody;

use std::path::PathBuf;

use baresip::{Baresip, Terms};
use child::Folder;
use host::Host;
use melody::Melody;
use sidetone::{
    base::{ids::CallId, plan::CodecKind},
    device::wav,
    engine::{
        AccountConfig, CallState, DialOptions, ErrorKind, EventKind, PlayOptions, SrtpPolicy,
    },
};

const OURS: Melody = Melody { notes_hz: [400, 700, 1100], level_db: -15.0 };
const THEIRS: Melody = Melody { notes_hz: [500, 900, 1300], level_db: -20.0 };

/// Silence after the melody of who hangs up at the end of it all: the other's melody, which began
/// later by what setting up takes, is over by then. Who does not hang up is silent for longer.
const LAST_MS: u32 = 1_400;
const LONGER_MS: u32 = 8_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Direction {
    WeCall,
    ItCalls,
}

/// One call: its files and our end of it.
struct Trial {
    folder: Folder,
    host: Host,
    codec: CodecKind,
    srtp: SrtpPolicy,
    direction: Direction,
}

impl Trial {
    fn new(codec: CodecKind, srtp: SrtpPolicy, direction: Direction) -> Self {
        let mut host = Host::headless();
        host.account(AccountConfig {
            aor: "sip:alice@127.0.0.1".into(),
            codecs: vec![codec],
            srtp,
            ..AccountConfig::default()
        });
        Self { folder: Folder::new("melody"), host, codec, srtp, direction }
    }

    fn baresip(&self, srtp: SrtpPolicy) -> Baresip {
        let (codec, rate_hz, channels) = match self.codec {
            CodecKind::Pcmu => ("pcmu/8000/1", 8_000, 1),
            CodecKind::Pcma => ("pcma/8000/1", 8_000, 1),
            CodecKind::G722 => ("g722/16000/1", 16_000, 1),
            _ => ("opus/48000/2", 48_000, 2),
        };
        let it_calls = self.direction == Direction::ItCalls;
        let tail_ms = if it_calls { LAST_MS } else { LONGER_MS };
        let says = self.folder.path("theirs.wav");
        let samples = THEIRS.samples(rate_hz, channels, tail_ms);
        wav::write(&says, rate_hz, channels, &samples).unwrap();
        Baresip::start(&Terms {
            codec,
            encryption: if srtp == SrtpPolicy::Off { "" } else { "srtp-mand" },
            says: &says,
            dials: it_calls.then(|| format!("sip:alice@{}", self.host.address())),
            registers: None,
            answers: true,
            writes_to: None,
        })
    }

    /// Our melody, at a rate that is no codec's.
    fn our_melody(&self) -> PathBuf {
        let path = self.folder.path("ours.wav");
        let tail_ms = if self.direction == Direction::WeCall { LAST_MS } else { 0 };
        wav::write(&path, 16_000, 1, &OURS.samples(16_000, 1, tail_ms)).unwrap();
        path
    }

    fn dial(&self, peer: &Baresip) -> CallId {
        let account = self.host.engine.accounts().first().copied();
        self.host.engine.dial(account, &peer.uri(), DialOptions::default(), None).unwrap()
    }

    /// Both melodies go through a call; the one whose direction it is ends it.
    fn run(mut self) {
        let (name, heard) = (self.name(), self.folder.path("heard.wav"));
        let ours = self.our_melody();
        let peer = self.baresip(self.srtp);
        let call = match self.direction {
            Direction::WeCall => self.dial(&peer),
            Direction::ItCalls => {
                let call = self.host.incoming();
                self.host.engine.answer(call, Vec::new(), None).unwrap();
                call
            }
        };
        self.host.reaches(call, CallState::Connected);
        self.host.engine.record(call, &heard, None).unwrap();
        self.host.engine.play(call, &ours, PlayOptions::default(), None).unwrap();
        let info = self.host.engine.call_info(call).unwrap();
        assert_eq!(info.codec, Some(self.codec), "{name}");
        assert_eq!(info.srtp.is_some(), self.srtp == SrtpPolicy::Mandatory, "{name}");
        if self.direction == Direction::WeCall {
            let error = self.host.wait("end of play", |event| match event {
                EventKind::PlayFinished { error, .. } => Some(*error),
                _ => None,
            });
            assert_eq!(error, None, "{name}");
            // To open NATs baresip sends one RTCP APP packet (`PING`, `PONG`) before it encrypts.
            let failures = self.host.engine.call_stats(call).unwrap().srtp_failures;
            assert!(failures <= 1, "{name}: {failures}");
            self.host.engine.hangup(call, None).unwrap();
        }
        self.whole_recording();
        let far = peer.finish();
        let far_rate_hz = far.rate_hz;
        let there = OURS.must_be_in(&far.into_mono(), far_rate_hz);
        let near = wav::read(&heard).unwrap();
        assert_eq!(near.channels.len(), 2, "near end left, far end right");
        let here = THEIRS.must_be_in(&near.channels[1], near.rate_hz);
        match (here, there) {
            (Ok(here), Ok(there)) => {
                println!("{name} {:?}\n  it heard {there}\n  we heard {here}", info.srtp);
            }
            (here, there) => panic!("{name}: we heard {here:?}, it heard {there:?}"),
        }
    }

    /// Waits for the orderly end of the call, and for the last octet of the recording; which comes
    /// first does not matter.
    fn whole_recording(&mut self) {
        let (mut ended, mut written) = (false, false);
        while !(ended && written) {
            let end = self.host.wait("end of call and recording", |event| match event {
                EventKind::RecordFinished { error, .. } => Some((false, *error)),
                EventKind::Call { state: CallState::Ended, error, .. } => Some((true, *error)),
                _ => None,
            });
            assert_eq!(end.1, None, "{}", self.name());
            ended |= end.0;
            written |= !end.0;
        }
    }

    fn name(&self) -> String {
        format!("{:?} {:?} {:?}", self.direction, self.codec, self.srtp)
    }
}

fn both_ways(codec: CodecKind, srtp: SrtpPolicy) {
    std::thread::scope(|scope| {
        scope.spawn(|| Trial::new(codec, srtp, Direction::WeCall).run());
        Trial::new(codec, srtp, Direction::ItCalls).run();
    });
}

#[test]
fn pcmu_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::Pcmu, SrtpPolicy::Off);
}

#[test]
fn pcma_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::Pcma, SrtpPolicy::Off);
}

#[test]
fn opus_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::Opus, SrtpPolicy::Off);
}

#[test]
fn g722_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::G722, SrtpPolicy::Off);
}

#[test]
fn encrypted_g722_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::G722, SrtpPolicy::Mandatory);
}

#[test]
fn encrypted_pcmu_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::Pcmu, SrtpPolicy::Mandatory);
}

#[test]
fn encrypted_pcma_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::Pcma, SrtpPolicy::Mandatory);
}

#[test]
fn encrypted_opus_passes_both_ways_in_calls_of_both_ends() {
    both_ways(CodecKind::Opus, SrtpPolicy::Mandatory);
}

#[test]
fn a_plain_baresip_does_not_get_into_an_encrypted_call() {
    let mut trial = Trial::new(CodecKind::Pcmu, SrtpPolicy::Mandatory, Direction::WeCall);
    let peer = trial.baresip(SrtpPolicy::Off);
    let call = trial.dial(&peer);
    let refused = trial.host.wait("refusal", |event| match event {
        EventKind::Call { call: id, state: CallState::Ended, code, error, .. } if *id == call => {
            Some((*code, *error))
        }
        EventKind::Call { state: CallState::Connected, .. } => panic!("connected in the clear"),
        _ => None,
    });
    assert_eq!(refused, (488, Some(ErrorKind::Refused)));
}

//! Two engines in one process, on loopback, over the public Rust API: every state of a call, with
//! real sockets, threads and codecs.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::{AccountId, CallId},
    base::plan::{CodecKind, SrtpSuite},
    call::EndReason,
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, ErrorKind, Event, EventKind,
        PlayOptions, SipTransport, SrtpPolicy,
    },
};

/// Longest wait for one event; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

struct Phone {
    engine: Engine,
    account: AccountId,
    seen: Vec<EventKind>,
}

impl Phone {
    fn new(user: &str, change: impl FnOnce(&mut AccountConfig)) -> Self {
        let config = EngineConfig { bind: [127, 0, 0, 1].into(), ..EngineConfig::default() };
        let engine = Engine::new(config).unwrap();
        let mut account =
            AccountConfig { aor: format!("sip:{user}@127.0.0.1"), ..AccountConfig::default() };
        change(&mut account);
        let account = engine.account_add(account, None).unwrap();
        Self { engine, account, seen: Vec::new() }
    }

    fn plain(user: &str) -> Self {
        Self::new(user, |account| account.codecs = vec![CodecKind::Pcmu])
    }

    /// Events until one fits; it is given back.
    fn wait<T>(&mut self, what: &str, mut fits: impl FnMut(&EventKind) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let event: Option<Event> = self.engine.next_event(Some(left)).unwrap();
            let Some(event) = event else { panic!("no {what}; seen: {:#?}", self.seen) };
            let found = fits(&event.kind);
            self.seen.push(event.kind);
            if let Some(found) = found {
                return found;
            }
        }
    }

    fn wait_state(&mut self, wanted: CallState) -> (u16, Option<ErrorKind>) {
        self.wait(&format!("{wanted:?}"), |event| match event {
            EventKind::Call { state, code, error, .. } if *state == wanted => Some((*code, *error)),
            _ => None,
        })
    }

    /// Where nobody listens.
    fn closed_port() -> u16 {
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    fn wait_incoming(&mut self) -> CallId {
        self.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, .. } => Some(*call),
            _ => None,
        })
    }

    fn dial(&self, to: &Phone, transport: SipTransport) -> CallId {
        let address = to.engine.local_address(transport).unwrap();
        let uri = match transport {
            SipTransport::Tcp => format!("sip:bob@{address};transport=tcp"),
            _ => format!("sip:bob@{address}"),
        };
        self.engine.dial(Some(self.account), &uri, DialOptions::default(), None).unwrap()
    }
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn connect(alice: &mut Phone, bob: &mut Phone, transport: SipTransport) -> (CallId, CallId) {
    let out = alice.dial(bob, transport);
    let into = bob.wait_incoming();
    bob.engine.ring(into, None).unwrap();
    alice.wait_state(CallState::Ringing);
    bob.engine.answer(into, Vec::new(), None).unwrap();
    alice.wait_state(CallState::Connected);
    bob.wait_state(CallState::Connected);
    (out, into)
}

#[test]
fn a_call_is_answered_and_hung_up_by_the_caller() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    let (out, into) = connect(&mut alice, &mut bob, SipTransport::Udp);
    let info = alice.engine.call_info(out).unwrap();
    assert_eq!((info.state, info.codec), (CallState::Connected, Some(CodecKind::Pcmu)));
    alice.engine.hangup(out, None).unwrap();
    assert_eq!(alice.wait_state(CallState::Ended).1, None);
    assert_eq!(bob.wait_state(CallState::Ended).1, None);
    assert_eq!(bob.engine.call_info(into).unwrap_err().kind, ErrorKind::StaleId);
    assert_eq!(alice.engine.hangup(out, None).unwrap_err().kind, ErrorKind::StaleId);
}

#[test]
fn a_call_over_tcp_is_hung_up_by_the_callee() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    let (_, into) = connect(&mut alice, &mut bob, SipTransport::Tcp);
    bob.engine.hangup(into, None).unwrap();
    assert_eq!(bob.wait_state(CallState::Ended).1, None);
    assert_eq!(alice.wait_state(CallState::Ended).1, None);
}

#[test]
fn a_refused_call_ends_with_the_code_of_the_refusal() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    alice.dial(&bob, SipTransport::Udp);
    let into = bob.wait_incoming();
    bob.engine.reject(into, 486, "", None).unwrap();
    assert_eq!(alice.wait_state(CallState::Ended), (486, Some(ErrorKind::Refused)));
    bob.wait_state(CallState::Ended);
}

#[test]
fn a_call_is_cancelled_while_it_rings() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    let out = alice.dial(&bob, SipTransport::Udp);
    let into = bob.wait_incoming();
    bob.engine.ring(into, None).unwrap();
    alice.wait_state(CallState::Ringing);
    alice.engine.hangup(out, None).unwrap();
    alice.wait_state(CallState::Ended);
    assert_eq!(bob.wait_state(CallState::Ended).1, None);
}

#[test]
fn a_host_that_is_not_there_ends_the_call_with_a_reason() {
    let mut alice = Phone::plain("alice");
    let options = DialOptions::default();
    let uri = "sip:bob@no-such-host.invalid";
    alice.engine.dial(Some(alice.account), uri, options, None).unwrap();
    assert_eq!(alice.wait_state(CallState::Ended).1, Some(ErrorKind::Resolve));
}

#[test]
fn what_is_played_into_a_call_is_recorded_at_the_other_ear() {
    let folder = scratch("recorded");
    let (source, recorded) = (folder.join("tone.wav"), folder.join("ear.wav"));
    let tone: Vec<i16> = (0..16_000)
        .map(|i| ((f64::from(i) * 440.0 * std::f64::consts::TAU / 8000.0).sin() * 8000.0) as i16)
        .collect();
    sidetone::device::wav::write(&source, 8000, 1, &tone).unwrap();
    for (codec, srtp) in [
        (CodecKind::Pcmu, SrtpPolicy::Off),
        (CodecKind::Pcma, SrtpPolicy::Optional),
        (CodecKind::Opus, SrtpPolicy::Mandatory),
    ] {
        let terms = |account: &mut AccountConfig| {
            account.codecs = vec![codec];
            account.srtp = srtp;
        };
        let (mut alice, mut bob) = (Phone::new("alice", terms), Phone::new("bob", terms));
        let (out, into) = connect(&mut alice, &mut bob, SipTransport::Udp);
        let secure = alice.engine.call_info(out).unwrap().srtp;
        assert_eq!(secure.is_some(), srtp != SrtpPolicy::Off, "{codec:?}");
        if let Some(suite) = secure {
            assert_eq!(suite, SrtpSuite::AeadAes256Gcm, "the first that we offer");
        }
        bob.engine.record(into, &recorded, None).unwrap();
        alice.engine.play(out, &source, PlayOptions::default(), None).unwrap();
        alice.wait("end of play", |event| {
            matches!(event, EventKind::PlayFinished { .. }).then_some(())
        });
        alice.engine.hangup(out, None).unwrap();
        bob.wait("end of recording", |event| match event {
            EventKind::RecordFinished { error, .. } => {
                assert_eq!(*error, None);
                Some(())
            }
            _ => None,
        });
        let wav = sidetone::device::wav::read(&recorded).unwrap();
        assert_eq!(wav.channels.len(), 2, "near end left, far end right");
        let far = &wav.channels[1];
        let level = sidetone::base::units::Level::of(loudest_second(far, wav.rate_hz)).0;
        assert!((level - -15.3).abs() < 1.5, "{codec:?}: the tone came at {level} dBFS");
        let pitch = pitch_hz(loudest_second(far, wav.rate_hz), wav.rate_hz);
        assert!((pitch - 440.0).abs() < 3.0, "{codec:?}: the tone came at {pitch} Hz");
        let near = &wav.channels[0];
        assert!(near.iter().all(|&sample| sample == 0), "bob said nothing");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn loudest_second(samples: &[i16], rate_hz: u32) -> &[i16] {
    let second = rate_hz as usize;
    let power = |part: &[i16]| part.iter().map(|&s| i64::from(s) * i64::from(s)).sum::<i64>();
    let starts = (0..samples.len().saturating_sub(second)).step_by(second / 10);
    let best = starts.max_by_key(|&start| power(&samples[start..start + second]));
    best.map_or(samples, |start| &samples[start..start + second])
}

fn pitch_hz(samples: &[i16], rate_hz: u32) -> f64 {
    let rises = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    rises as f64 * f64::from(rate_hz) / samples.len() as f64
}

#[test]
fn digits_arrive_as_they_were_sent() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    let (out, _) = connect(&mut alice, &mut bob, SipTransport::Udp);
    alice.engine.dtmf(out, "19*#D", 100, None).unwrap();
    let mut digits = String::new();
    bob.wait("five digits", |event| {
        if let EventKind::Dtmf { digit, duration, .. } = event {
            digits.push(*digit);
            let ms = duration.as_millis();
            assert!((80..=140).contains(&ms), "held {ms} ms");
        }
        (digits.len() == 5).then_some(())
    });
    assert_eq!(digits, "19*#D");
}

#[test]
fn mandatory_srtp_refuses_a_plain_call() {
    let mut alice = Phone::new("alice", |account| account.srtp = SrtpPolicy::Off);
    let mut bob = Phone::new("bob", |account| account.srtp = SrtpPolicy::Mandatory);
    alice.dial(&bob, SipTransport::Udp);
    assert_eq!(alice.wait_state(CallState::Ended).0, 488);
    bob.engine.shutdown(PATIENCE);
    bob.wait("stop", |event| matches!(event, EventKind::Stopped).then_some(()));
}

#[test]
fn a_shutdown_ends_calls_in_every_state_and_says_stopped_last() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    connect(&mut alice, &mut bob, SipTransport::Udp);
    alice.dial(&bob, SipTransport::Udp);
    bob.wait_incoming();
    let ringing = alice.dial(&bob, SipTransport::Udp);
    let into = bob.wait_incoming();
    bob.engine.ring(into, None).unwrap();
    alice.wait_state(CallState::Ringing);
    let _ = ringing;
    alice.engine.shutdown(PATIENCE);
    for _ in 0..3 {
        alice.wait_state(CallState::Ended);
        bob.wait_state(CallState::Ended);
    }
    alice.wait("stop", |event| matches!(event, EventKind::Stopped).then_some(()));
    assert_eq!(alice.engine.next_event(Some(Duration::ZERO)).unwrap(), None);
    let gone = alice.engine.dial(None, "sip:bob@127.0.0.1", DialOptions::default(), None);
    assert_eq!(gone.unwrap_err().kind, ErrorKind::Shutdown);
}

#[test]
fn more_calls_than_allowed_are_refused() {
    let config =
        EngineConfig { bind: [127, 0, 0, 1].into(), max_calls: 1, ..EngineConfig::default() };
    let engine = Engine::new(config).unwrap();
    engine.dial(None, "sip:a@127.0.0.1:9", DialOptions::default(), None).unwrap();
    let second = engine.dial(None, "sip:b@127.0.0.1:9", DialOptions::default(), None);
    assert_eq!(second.unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn a_taken_port_is_told_at_once() {
    let bob = Phone::plain("bob");
    let port = bob.engine.local_address(SipTransport::Udp).unwrap().port();
    let config =
        EngineConfig { bind: [127, 0, 0, 1].into(), sip_port: port, ..EngineConfig::default() };
    let error = Engine::new(config).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Transport);
    assert!(error.message.contains(&port.to_string()), "{}", error.message);
}

#[test]
fn a_call_echoes_when_it_is_routed_to_itself() {
    let (mut alice, mut bob) = (Phone::plain("alice"), Phone::plain("bob"));
    let folder = scratch("echo");
    let source = folder.join("tone.wav");
    let tone: Vec<i16> = (0..8_000)
        .map(|i| ((f64::from(i) * 300.0 * std::f64::consts::TAU / 8000.0).sin() * 8000.0) as i16)
        .collect();
    sidetone::device::wav::write(&source, 8000, 1, &tone).unwrap();
    let (out, into) = connect(&mut alice, &mut bob, SipTransport::Udp);
    bob.engine.route(into, into, Some(-6.0), None).unwrap();
    let recorded = folder.join("echo.wav");
    alice.engine.record(out, &recorded, None).unwrap();
    let options = PlayOptions { repeat: true, gain_db: 0.0 };
    alice.engine.play(out, &source, options, None).unwrap();
    // The stop of the engines below ends the call; two seconds of digits keep it up till then.
    let request = alice.engine.new_request();
    alice.engine.dtmf(out, ",", 0, Some(request)).unwrap();
    alice.wait("reply", |event| {
        matches!(event, EventKind::Reply { request: of, .. } if *of == request).then_some(())
    });
    alice.engine.hangup(out, None).unwrap();
    alice.wait("end of recording", |event| {
        matches!(event, EventKind::RecordFinished { .. }).then_some(())
    });
    let wav = sidetone::device::wav::read(&recorded).unwrap();
    let echo = loudest_second(&wav.channels[1], wav.rate_hz);
    let level = sidetone::base::units::Level::of(echo).0;
    assert!((level - -21.3).abs() < 1.5, "the echo came at {level} dBFS");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_call_to_where_nobody_listens_ends_by_that_news_and_not_by_its_timer() {
    let mut phone = Phone::plain("alice");
    let port = Phone::closed_port();
    let uri = format!("sip:bob@127.0.0.1:{port}");
    phone.engine.dial(Some(phone.account), &uri, DialOptions::default(), None).unwrap();
    let end = phone.wait("the end", |event| match event {
        EventKind::Call { state: CallState::Ended, code, text, reason, .. } => {
            Some((*code, text.clone(), *reason))
        }
        _ => None,
    });
    let text = format!("nobody listens at 127.0.0.1:{port}");
    assert_eq!(end, (0, text, Some(EndReason::Transport)));
    assert_eq!(phone.engine.stats().sip_unreachable, 1);
    // The socket is none the worse for it.
    let mut bob = Phone::plain("bob");
    phone.dial(&bob, SipTransport::Udp);
    bob.wait_incoming();
}

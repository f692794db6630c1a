//! Taps and injections over whole engines on loopback.

#[path = "support/engine_phone.rs"]
mod engine_phone;
#[path = "support/tones.rs"]
#[allow(dead_code)]
mod tones;

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use engine_phone::{PATIENCE, Phone, connect};
use sidetone::{
    base::ids::{CallId, IdKind, InjectionId, TapId},
    device::wav,
    engine::{
        AudioPolicy, CallState, DnsSettings, DtmfMethod, EngineConfig, ErrorKind, EventKind,
        InjectDirection, InjectOptions, TapDirection, TapFrame, TapOptions, WavPair,
    },
};
use tones::{level_of, tone};

const RATES_HZ: [u32; 4] = [8_000, 16_000, 24_000, 48_000];
const FRAME: Duration = Duration::from_millis(20);
/// Level of [`tone`], dBFS.
const TONE_DB: f32 = -15.3;

fn phones() -> (Phone, Phone) {
    (Phone::new("alice"), Phone::new("bob"))
}

fn tap(phone: &Phone, call: CallId, direction: TapDirection, rate_hz: u32) -> TapId {
    let options = TapOptions {
        direction,
        sample_rate_hz: rate_hz,
        buffer_ms: 10_000,
        ..TapOptions::default()
    };
    phone.engine.tap_open(call, options).unwrap()
}

fn inject(phone: &Phone, call: CallId, rate_hz: u32, pcm: &[i16]) -> InjectionId {
    let options = InjectOptions { sample_rate_hz: rate_hz, ..InjectOptions::default() };
    let injection = phone.engine.inject_open(call, options).unwrap();
    assert_eq!(phone.engine.inject_write(injection, pcm).unwrap(), pcm.len());
    injection
}

/// The next frames of a tap; each comes, or the test fails.
fn read(phone: &Phone, tap: TapId, frames: usize) -> (Vec<TapFrame>, Vec<i16>) {
    let size = phone.engine.tap_info(tap).unwrap().frame_samples;
    let (mut told, mut heard) = (Vec::new(), Vec::new());
    let mut pcm = vec![0; size];
    for _ in 0..frames {
        let frame = phone.engine.tap_read(tap, &mut pcm, Some(PATIENCE)).unwrap();
        told.push(frame.expect("a frame in time"));
        heard.extend_from_slice(&pcm);
    }
    (told, heard)
}

/// So many frames from the first sound on.
fn hear(phone: &Phone, tap: TapId, frames: usize) -> Vec<i16> {
    for _ in 0..PATIENCE.as_millis() / FRAME.as_millis() {
        let (_, mut heard) = read(phone, tap, 1);
        if let Some(begin) = heard.iter().position(|sample| *sample != 0) {
            heard.drain(..begin);
            heard.extend(read(phone, tap, frames).1);
            return heard;
        }
    }
    panic!("only silence");
}

/// Looks until something is so.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "not so: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn what_is_injected_is_sent_sample_for_sample_and_heard_with_its_pitch_and_level() {
    let (mut alice, mut bob) = phones();
    let (out, into) = connect(&mut alice, &mut bob);
    let sent = tap(&alice, out, TapDirection::Sent, 8_000);
    let ears = RATES_HZ.map(|rate| (rate, tap(&bob, into, TapDirection::Received, rate)));
    let said = tone(1_000.0, 8_000, 2.0);
    inject(&alice, out, 8_000, &said);
    let heard = hear(&alice, sent, 110);
    // A tone begins with 0, as does silence.
    assert_eq!(heard[..said.len() - 1], said[1..]);
    for (rate_hz, ear) in ears {
        let heard = hear(&bob, ear, 110);
        let level = level_of(&heard, 1_000.0, rate_hz);
        assert!((level - TONE_DB).abs() < 1.0, "{level} dBFS at {rate_hz} Hz");
        for other in [900.0, 1_100.0, 2_000.0] {
            let level = level_of(&heard, other, rate_hz);
            assert!(level < TONE_DB - 20.0, "{level} dBFS at {other} Hz of {rate_hz} Hz");
        }
    }
}

#[test]
fn every_rate_may_be_injected() {
    let (mut alice, mut bob) = phones();
    let (out, into) = connect(&mut alice, &mut bob);
    let ear = tap(&bob, into, TapDirection::Received, 16_000);
    for (rate_hz, pitch) in RATES_HZ.into_iter().zip([400.0, 700.0, 1_100.0, 1_900.0]) {
        inject(&alice, out, rate_hz, &tone(pitch, rate_hz, 2.0)[..rate_hz as usize * 2]);
    }
    let heard = hear(&bob, ear, 110);
    for pitch in [400.0, 700.0, 1_100.0, 1_900.0] {
        let level = level_of(&heard, pitch, 16_000);
        // Four of them are limited together: a few dB at most.
        assert!((TONE_DB - 6.0..TONE_DB + 1.0).contains(&level), "{level} dBFS at {pitch} Hz");
    }
}

#[test]
fn a_tap_is_there_before_the_call_has_media_and_gives_silence_in_time() {
    let (mut alice, mut bob) = phones();
    let out = alice.dial(&bob);
    let ear = tap(&alice, out, TapDirection::Received, 8_000);
    let greeting = tone(500.0, 8_000, 1.0);
    let injection = inject(&alice, out, 8_000, &greeting);
    let into = bob.wait_incoming();
    let (frames, heard) = read(&alice, ear, 10);
    assert!(frames.iter().all(|frame| frame.absent && !frame.concealed));
    assert!(frames.iter().zip(0..).all(|(frame, number)| frame.timestamp == number * 160));
    assert!(frames.windows(2).all(|pair| pair[1].time - pair[0].time >= FRAME));
    assert!(heard.iter().all(|sample| *sample == 0));
    let info = alice.engine.inject_info(injection).unwrap();
    assert_eq!((info.queued, info.played), (8_000, 0), "kept for when it can be heard");
    let sent = tap(&alice, out, TapDirection::Sent, 8_000);
    bob.engine.answer(into, Vec::new(), None).unwrap();
    alice.wait_state(out, CallState::Connected);
    let heard = hear(&alice, sent, 60);
    assert_eq!(heard[..greeting.len() - 1], greeting[1..]);
}

#[test]
fn a_stalled_reader_finds_its_gap_told_and_its_neighbour_has_none() {
    let (mut alice, mut bob) = phones();
    let (out, _) = connect(&mut alice, &mut bob);
    let options = TapOptions { frame_ms: 10, buffer_ms: 100, ..TapOptions::default() };
    let stalled = alice.engine.tap_open(out, options).unwrap();
    let neighbour = alice.engine.tap_open(out, TapOptions::default()).unwrap();
    // A second passes at the neighbour.
    let (frames, _) = read(&alice, neighbour, 60);
    assert!(frames.iter().all(|frame| frame.dropped == 0));
    let (frames, _) = read(&alice, stalled, 10 + 50);
    let places: Vec<u64> = frames.iter().map(|frame| frame.timestamp).collect();
    assert_eq!(places[..10], (0..10).map(|number| number * 160).collect::<Vec<_>>());
    let gaps: Vec<&TapFrame> = frames.iter().filter(|frame| frame.dropped > 0).collect();
    assert!(gaps[0].dropped >= 90, "{} frames", gaps[0].dropped);
    assert_eq!(gaps[0].timestamp, frames[10].timestamp, "what was there before it is read");
    for pair in frames.windows(2) {
        assert_eq!(pair[1].timestamp, pair[0].timestamp + (1 + pair[1].dropped) * 160);
    }
    let told: u64 = frames.iter().map(|frame| frame.dropped).sum();
    assert!(told <= alice.engine.tap_info(stalled).unwrap().dropped);
    assert_eq!(alice.engine.tap_info(neighbour).unwrap().dropped, 0);
}

#[test]
fn a_flush_ends_what_is_being_said_and_counts_what_was_not() {
    let (mut alice, mut bob) = phones();
    let (out, _) = connect(&mut alice, &mut bob);
    let sent = tap(&alice, out, TapDirection::Sent, 8_000);
    // Never 0, so that each sample sent can be counted.
    let said: Vec<i16> = (0..24_000).map(|number| 1 + number % 5_000).collect();
    let injection = inject(&alice, out, 8_000, &said);
    let mut heard = hear(&alice, sent, 0);
    let flushed = alice.engine.inject_flush(injection).unwrap();
    heard.extend(read(&alice, sent, 50).1);
    let sounding: Vec<i16> = heard.into_iter().filter(|sample| *sample != 0).collect();
    assert_eq!(sounding.len() as u64, 24_000 - flushed);
    assert_eq!(sounding, said[..sounding.len()]);
    let info = alice.engine.inject_info(injection).unwrap();
    assert_eq!((info.queued, info.played, info.dropped), (0, sounding.len() as u64, 0));
}

#[test]
fn a_full_injection_takes_what_it_can() {
    let (alice, mut bob) = phones();
    let out = alice.dial(&bob);
    bob.wait_incoming();
    let options = InjectOptions { buffer_ms: 100, ..InjectOptions::default() };
    let injection = alice.engine.inject_open(out, options).unwrap();
    assert_eq!(alice.engine.inject_write(injection, &[1; 2_000]).unwrap(), 1_600);
    assert_eq!(alice.engine.inject_write(injection, &[1; 1]).unwrap(), 0);
    let info = alice.engine.inject_info(injection).unwrap();
    assert_eq!((info.queued, info.dropped), (1_600, 401));
    alice.engine.hangup(out, None).unwrap();
}

#[test]
fn mute_silences_the_microphone_and_nothing_else() {
    let folder = std::env::temp_dir().join(format!("sidetone-{}-taps", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mouth = folder.join("mouth.wav");
    wav::write(&mouth, 16_000, 1, &tone(500.0, 16_000, 2.0)).unwrap();
    let ear = folder.join("ear.wav");
    let audio = AudioPolicy::Wav(WavPair {
        microphone: Some(mouth),
        repeat: true,
        loudspeaker: Some(ear.clone()),
    });
    let config = EngineConfig { audio, ..EngineConfig::default() };
    let mut alice = Phone::of("alice", config, DtmfMethod::Auto);
    let mut bob = Phone::new("bob");
    let (out, into) = connect(&mut alice, &mut bob);
    alice.engine.mute(out, true, None).unwrap();
    alice.hears(out, &bob, into);
    let sent = tap(&alice, out, TapDirection::Sent, 8_000);
    inject(&alice, out, 8_000, &tone(900.0, 8_000, 3.0));
    let options = InjectOptions {
        direction: InjectDirection::NearEnd,
        sample_rate_hz: 24_000,
        ..InjectOptions::default()
    };
    let whisper = alice.engine.inject_open(out, options).unwrap();
    alice.engine.inject_write(whisper, &tone(1_300.0, 24_000, 2.0)).unwrap();
    let heard = hear(&alice, sent, 100);
    let levels = |heard: &[i16]| [500.0, 900.0, 1_300.0].map(|hz| level_of(heard, hz, 8_000));
    let [microphone, injected, whispered] = levels(&heard);
    assert!(microphone < -70.0, "the microphone is muted: {microphone} dBFS");
    assert!((injected - TONE_DB).abs() < 1.0, "the injection is not: {injected} dBFS");
    assert!(whispered < -70.0, "what the user is told stays with the user: {whispered} dBFS");
    alice.engine.mute(out, false, None).unwrap();
    let (_, heard) = read(&alice, sent, 100);
    let [microphone, ..] = levels(&heard);
    assert!((microphone - TONE_DB).abs() < 1.0, "and back: {microphone} dBFS");
    alice.engine.shutdown(PATIENCE);
    let file = wav::read(&ear).unwrap();
    let whispered = level_of(&file.channels[0], 1_300.0, file.rate_hz);
    assert!((whispered - TONE_DB).abs() < 1.0, "the user hears it: {whispered} dBFS");
    let own = level_of(&file.channels[0], 900.0, file.rate_hz);
    assert!(own < -70.0, "and not what the far end is told: {own} dBFS");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_tap_keeps_time_through_hold() {
    let (mut alice, mut bob) = phones();
    let (out, into) = connect(&mut alice, &mut bob);
    inject(&bob, into, 8_000, &tone(600.0, 8_000, 4.0));
    let ear = tap(&alice, out, TapDirection::Received, 8_000);
    hear(&alice, ear, 10);
    alice.engine.hold(out, None).unwrap();
    alice.wait("hold", |event| match event {
        EventKind::Hold { call, local: true, .. } if *call == out => Some(()),
        _ => None,
    });
    let mut silent = 0;
    for _ in 0..500 {
        let (frames, heard) = read(&alice, ear, 1);
        let absent = frames[0].absent && heard.iter().all(|sample| *sample == 0);
        silent = if absent { silent + 1 } else { 0 };
        if silent == 25 {
            break;
        }
    }
    assert_eq!(silent, 25, "half a second of silence, in time");
    alice.engine.resume(out, None).unwrap();
    hear(&alice, ear, 10);
    assert_eq!(alice.engine.tap_info(ear).unwrap().dropped, 0);
}

#[test]
fn a_tap_goes_along_when_its_call_moves_to_another_worker() {
    let config = EngineConfig { media_workers: 2, ..EngineConfig::default() };
    let mut alice = Phone::of("alice", config, DtmfMethod::Auto);
    let mut bob = Phone::new("bob");
    let (first, _) = connect(&mut alice, &mut bob);
    let (second, _) = connect(&mut alice, &mut bob);
    let sent = tap(&alice, second, TapDirection::Sent, 8_000);
    let injection = inject(&alice, second, 8_000, &tone(700.0, 8_000, 4.0));
    read(&alice, sent, 20);
    alice.engine.route(first, second, Some(0.0), None).unwrap();
    let (frames, heard) = read(&alice, sent, 100);
    assert!(frames.iter().zip(20..).all(|(frame, number)| frame.timestamp == number * 160));
    assert!((level_of(&heard, 700.0, 8_000) - TONE_DB).abs() < 1.0);
    assert_eq!(alice.engine.inject_info(injection).unwrap().dropped, 0);
}

#[test]
fn a_tap_drains_after_the_end_of_its_call_and_then_says_so() {
    let (mut alice, mut bob) = phones();
    let (out, _) = connect(&mut alice, &mut bob);
    let ear = tap(&alice, out, TapDirection::Received, 8_000);
    let injection = inject(&alice, out, 8_000, &[1; 80]);
    read(&alice, ear, 5);
    wait_until("frames wait", || alice.engine.tap_info(ear).unwrap().waiting >= 5);
    alice.engine.hangup(out, None).unwrap();
    alice.wait_state(out, CallState::Ended);
    wait_until("the tap ends", || alice.engine.tap_info(ear).unwrap().ended);
    let waiting = alice.engine.tap_info(ear).unwrap().waiting;
    assert!(waiting >= 5);
    let (frames, _) = read(&alice, ear, waiting);
    assert_eq!(frames[0].timestamp, 5 * 160);
    let mut pcm = [0; 160];
    let kind = |error: sidetone::engine::Error| error.kind;
    let read = || alice.engine.tap_read(ear, &mut pcm, None).map_err(kind);
    assert_eq!({ read }(), Err(ErrorKind::Ended));
    let written = alice.engine.inject_write(injection, &[1]).map_err(kind);
    assert_eq!(written, Err(ErrorKind::Ended));
    assert_eq!(alice.engine.inject_flush(injection).map_err(kind), Err(ErrorKind::Ended));
    assert!(alice.engine.inject_info(injection).unwrap().ended);
    let again = alice.engine.tap_open(out, TapOptions::default()).map_err(kind);
    assert_eq!(again, Err(ErrorKind::StaleId));
    alice.engine.tap_close(ear).unwrap();
    alice.engine.inject_close(injection).unwrap();
    assert_eq!(alice.engine.tap_close(ear).map_err(kind), Err(ErrorKind::StaleId));
    assert_eq!(alice.engine.inject_close(injection).map_err(kind), Err(ErrorKind::StaleId));
}

#[test]
fn a_read_that_waits_is_ended_by_the_close_and_by_the_engine() {
    let (mut alice, mut bob) = phones();
    let (out, _) = connect(&mut alice, &mut bob);
    for close in [true, false] {
        let ear = tap(&alice, out, TapDirection::Received, 48_000);
        let engine = &alice.engine;
        let error = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                loop {
                    if let Err(error) = engine.tap_read(ear, &mut [0; 960], None) {
                        return error.kind;
                    }
                }
            });
            if close {
                engine.tap_close(ear).unwrap();
            } else {
                engine.shutdown(PATIENCE);
            }
            reader.join().unwrap()
        });
        assert_eq!(error, if close { ErrorKind::StaleId } else { ErrorKind::Ended });
    }
}

#[test]
fn a_tap_of_a_call_that_nobody_found_ends_with_it() {
    let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
    let dns = DnsSettings { server: Some(mute.local_addr().unwrap()), ..DnsSettings::default() };
    let config = EngineConfig { dns, ..EngineConfig::default() };
    let mut alice = Phone::of("alice", config, DtmfMethod::Auto);
    let out = alice.dial_uri("sip:nobody@example.test");
    let ear = alice.engine.tap_open(out, TapOptions::default()).unwrap();
    let none = alice.engine.tap_read(ear, &mut [0; 320], Some(FRAME)).unwrap();
    assert_eq!(none, None, "no media, no clock");
    alice.engine.hangup(out, None).unwrap();
    alice.wait_state(out, CallState::Ended);
    let error = alice.engine.tap_read(ear, &mut [0; 320], None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Ended);
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let (mut alice, mut bob) = phones();
    let (out, _) = connect(&mut alice, &mut bob);
    let refused = |options: TapOptions| {
        let error = alice.engine.tap_open(out, options).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        error.message
    };
    let good = TapOptions::default();
    assert!(refused(TapOptions { sample_rate_hz: 11_025, ..good }).contains("11025"));
    assert!(refused(TapOptions { frame_ms: 30, ..good }).contains("frame_ms 30"));
    assert!(refused(TapOptions { buffer_ms: 99, ..good }).contains("buffer_ms 99"));
    let odd = InjectOptions { sample_rate_hz: 44_100, ..InjectOptions::default() };
    let error = alice.engine.inject_open(out, odd).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    let stale = TapId::from_raw((IdKind::Tap as u64) << 56).unwrap();
    let error = alice.engine.tap_read(stale, &mut [0; 960], None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::StaleId);

    let taps: Vec<TapId> =
        (0..8).map(|_| alice.engine.tap_open(out, good).expect("eight of them")).collect();
    let error = alice.engine.tap_open(out, good).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit);
    alice.engine.tap_close(taps[3]).unwrap();
    let again = alice.engine.tap_open(out, good).expect("a place is free");
    assert_eq!(alice.engine.tap_info(taps[3]).unwrap_err().kind, ErrorKind::StaleId);
    let error = alice.engine.tap_read(again, &mut [0; 319], None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooSmall);
    assert_eq!(read(&alice, again, 1).0[0].timestamp, 0, "and nothing was taken");
    let timeout = Some(Duration::ZERO);
    while alice.engine.tap_read(again, &mut [0; 320], timeout).unwrap().is_some() {}
}

//! Two ends of a call in virtual time: what one injects, the other taps.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    base::{
        plan::{CodecKind, CodecPlan, Direction, LatchPolicy, MediaPlan, OpusParams},
        rng::Rng,
        time::Ptime,
    },
    device::pcm::{self, InjectWriter, TapReader},
    dsp::{
        codec::Decode,
        g711::{G711Decoder, Law},
    },
    media::stream::{Component, NtpAnchor, Stream, StreamConfig},
};

const RATE_HZ: u32 = 8_000;

/// One end: as `CallMedia` has it, without sockets.
struct End {
    stream: Stream,
    bridge: Bridge,
    send: PortKey,
    taps: Taps,
}

/// Both ends, and a network that takes no time.
struct Call {
    start: Instant,
    ticks: u32,
    ends: [End; 2],
    /// Packets that are lost on the way to the second end.
    lose: bool,
}

fn address(side: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1 + side as u8], 40_000))
}

impl Call {
    fn new() -> Self {
        let start = Instant::now();
        let ends = [0, 1].map(|side| {
            let config = StreamConfig {
                cname: "taps".to_owned(),
                ntp: NtpAnchor { at: start, ntp: 0 },
                rtp_timeout: Duration::from_secs(60),
                dtmf_with_audio: false,
            };
            let mut stream = Stream::new(config, Rng::from_number(side as u64));
            let pcmu =
                CodecPlan { kind: CodecKind::Pcmu, payload_type: 0, opus: OpusParams::default() };
            let plan = MediaPlan {
                remote_rtp: address(1 - side),
                remote_rtcp: address(1 - side),
                rtcp_mux: true,
                send: pcmu,
                receive: vec![pcmu],
                dtmf: None,
                ptime: Ptime::DEFAULT,
                direction: Direction::SendRecv,
                srtp: None,
                latch: LatchPolicy::Off,
            };
            stream.apply(start, &plan).unwrap();
            let mut bridge = Bridge::new();
            let send = bridge.add_port(RATE_HZ).unwrap();
            End { stream, bridge, send, taps: Taps::default() }
        });
        Self { start, ticks: 0, ends, lose: false }
    }

    fn tap(&mut self, side: usize, direction: TapDirection, rate_hz: u32, ms: u32) -> TapReader {
        let (writer, reader) = pcm::tap((rate_hz / 1000 * ms) as usize, 1_000);
        let tap = Tap::new(direction, rate_hz, writer, self.start);
        self.ends[side].taps.admit(vec![Joining::Tap(Box::new(tap))]);
        reader
    }

    fn inject(&mut self, rate_hz: u32) -> InjectWriter {
        let (writer, reader) = pcm::injection(10 * rate_hz as usize);
        let injected = Injected::new(InjectDirection::FarEnd, rate_hz, reader);
        let End { taps, bridge, send, .. } = &mut self.ends[0];
        taps.admit(vec![Joining::Injection(Box::new(injected))]);
        taps.enter(bridge, Some(*send)).unwrap();
        writer
    }

    /// So many ticks of 10 ms.
    fn run(&mut self, ticks: u32) {
        for _ in 0..ticks {
            let now = self.start + Duration::from_millis(10) * self.ticks;
            self.ticks += 1;
            for end in &mut self.ends {
                let mut far = [0i16; RATE_HZ as usize / 100];
                end.taps.feed(&mut end.bridge);
                let rendered = end.stream.pull(now, &mut far);
                end.taps.hear(TapDirection::Received, &far, RATE_HZ, now, rendered);
                end.bridge.mix();
                let near = end.bridge.mixed(end.send);
                end.stream.push(now, near);
                end.taps.hear(TapDirection::Sent, near, RATE_HZ, now, Rendered::Audio);
            }
            self.carry(now);
        }
    }

    fn carry(&mut self, now: Instant) {
        for from in [0, 1] {
            while let Some(transmit) = self.ends[from].stream.poll_transmit() {
                let bytes = &mut transmit.bytes.to_vec();
                if from == 1 || !self.lose {
                    let far = &mut self.ends[1 - from].stream;
                    far.handle_datagram(now, Component::Rtp, address(from), bytes);
                }
            }
        }
    }
}

/// Everything that waits in a tap.
fn drain(reader: &mut TapReader) -> (Vec<TapFrame>, Vec<i16>) {
    let mut frame = vec![0; reader.frame_samples()];
    let (mut told, mut samples) = (Vec::new(), Vec::new());
    while let Some(one) = reader.read(&mut frame) {
        told.push(one);
        samples.extend_from_slice(&frame);
    }
    (told, samples)
}

/// Samples that PCMU gives back as they are, in an order that does not repeat soon, none of them 0.
fn words(count: usize) -> Vec<i16> {
    let mut table = [0i16; 256];
    let codes: Vec<u8> = (0..=255).collect();
    G711Decoder::new(Law::Mu).decode(&codes, &mut table).unwrap();
    let mut rng = Rng::from_number(7);
    let quiet: Vec<i16> =
        table.into_iter().filter(|s| *s != 0 && s.unsigned_abs() < 8_000).collect();
    (0..count).map(|_| quiet[rng.below(quiet.len() as u32) as usize]).collect()
}

fn position(within: &[i16], wanted: &[i16]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}

#[test]
fn what_one_end_injects_the_other_end_taps_bit_for_bit() {
    let mut call = Call::new();
    let mut sent = call.tap(0, TapDirection::Sent, RATE_HZ, 10);
    let mut received = call.tap(1, TapDirection::Received, RATE_HZ, 20);
    let mut injection = call.inject(RATE_HZ);
    let said = words(8_000);
    call.run(20);
    assert_eq!(injection.write(&said), said.len());
    call.run(200);
    let (frames, samples) = drain(&mut sent);
    assert_eq!(frames.len(), 220);
    assert_eq!(position(&samples, &said), Some(20 * 80), "sent from the next tick on");
    let (frames, samples) = drain(&mut received);
    assert_eq!(frames.len(), 110);
    assert!(position(&samples, &said).is_some(), "received as it was sent");
    assert_eq!(injection.info().played, 8_000);
    assert_eq!(injection.info().underruns, 1, "at its end");
}

#[test]
fn frames_keep_time_and_say_what_they_are() {
    let mut call = Call::new();
    let mut received = call.tap(1, TapDirection::Received, 24_000, 20);
    call.ends[1].taps.hear_nothing(call.start);
    call.ends[1].taps.hear_nothing(call.start);
    let mut injection = call.inject(RATE_HZ);
    injection.write(&words(40_000));
    call.run(100);
    call.lose = true;
    call.run(10);
    call.lose = false;
    call.run(90);
    let (frames, samples) = drain(&mut received);
    assert_eq!(samples.len(), frames.len() * 480);
    for (number, frame) in frames.iter().enumerate() {
        assert_eq!(frame.timestamp, number as u64 * 480);
        assert_eq!(frame.dropped, 0);
        let tick = number.saturating_sub(1) as u32 * 2;
        assert_eq!(frame.time, Duration::from_millis(10) * tick);
    }
    assert!(frames[0].absent && frames[1].absent && !frames[0].concealed);
    assert!(frames[20..45].iter().all(|frame| !frame.absent && !frame.concealed));
    let concealed = frames[50..65].iter().filter(|frame| frame.concealed).count();
    assert!((2..=12).contains(&concealed), "{concealed} frames of 100 ms that were lost");
    assert!(frames[75..].iter().all(|frame| !frame.absent && !frame.concealed));
}

#[test]
fn a_flush_silences_from_the_next_frame_on_and_tells_exactly_what_was_not_heard() {
    let mut call = Call::new();
    let mut sent = call.tap(0, TapDirection::Sent, RATE_HZ, 20);
    let mut injection = call.inject(RATE_HZ);
    let said = words(8_000);
    injection.write(&said);
    call.run(30);
    let flushed = injection.flush() as usize;
    assert_eq!(flushed, 8_000 - 30 * 80);
    call.run(10);
    let next = words(80);
    injection.write(&next);
    call.run(10);
    let (_, samples) = drain(&mut sent);
    assert_eq!(samples[..30 * 80], said[..8_000 - flushed]);
    assert!(samples[30 * 80..40 * 80].iter().all(|sample| *sample == 0), "silence at once");
    assert_eq!(samples[40 * 80..41 * 80], next, "what is said next is heard next");
}

#[test]
fn several_injections_are_mixed_and_closed_ones_leave() {
    let mut call = Call::new();
    let mut sent = call.tap(0, TapDirection::Sent, RATE_HZ, 10);
    let (mut one, mut other) = (call.inject(RATE_HZ), call.inject(RATE_HZ));
    one.write(&[1_000; 800]);
    other.write(&[300; 800]);
    call.run(5);
    drop(other);
    call.run(5);
    let (_, samples) = drain(&mut sent);
    assert!(samples[..400].iter().all(|sample| *sample == 1_300));
    assert!(samples[400..800].iter().all(|sample| *sample == 1_000));
    assert_eq!(call.ends[0].taps.injected.len(), 1);
}

#[test]
fn a_tap_keeps_its_rate_when_the_codec_changes() {
    let start = Instant::now();
    let (writer, mut reader) = pcm::tap(320, 100);
    let mut tap = Tap::new(TapDirection::Received, 16_000, writer, start);
    for rate_hz in [8_000u32, 48_000, 16_000, 8_000] {
        for _ in 0..20 {
            tap.hear(Some((&vec![5_000; rate_hz as usize / 100], rate_hz)), start, Rendered::Audio);
        }
    }
    let (frames, samples) = drain(&mut reader);
    assert_eq!((frames.len(), samples.len()), (40, 12_800));
    assert!(frames.iter().zip(0..).all(|(frame, number)| frame.timestamp == number * 320));
    for part in samples.chunks(3_200) {
        let steady = &part[320..];
        assert!(steady.iter().all(|s| (s - 5_000).abs() < 50), "{:?}", &steady[..8]);
    }
}

#[test]
fn an_injection_goes_on_when_its_call_takes_up_new_ports() {
    let mut call = Call::new();
    let mut sent = call.tap(0, TapDirection::Sent, RATE_HZ, 10);
    let mut injection = call.inject(RATE_HZ);
    let said = words(1_600);
    injection.write(&said);
    call.run(5);
    let End { taps, bridge, send, .. } = &mut call.ends[0];
    taps.leave(bridge);
    bridge.remove_port(*send);
    call.run(5);
    let End { taps, bridge, send, .. } = &mut call.ends[0];
    *send = bridge.add_port(RATE_HZ).unwrap();
    taps.enter(bridge, Some(*send)).unwrap();
    call.run(20);
    let (_, samples) = drain(&mut sent);
    assert_eq!(samples[..400], said[..400]);
    assert!(samples.len() >= 1_600 && position(&samples, &said[400..]).is_some());
    assert_eq!(injection.info().played, 1_600, "nothing was lost between them");
}

#[test]
fn a_tap_that_stalls_loses_frames_of_its_own_only() {
    let mut call = Call::new();
    let (writer, mut stalled) = pcm::tap(80, 5);
    let tap = Tap::new(TapDirection::Sent, RATE_HZ, writer, call.start);
    call.ends[0].taps.admit(vec![Joining::Tap(Box::new(tap))]);
    let mut other = call.tap(0, TapDirection::Sent, RATE_HZ, 10);
    let mut injection = call.inject(RATE_HZ);
    let said = words(8_000);
    injection.write(&said);
    call.run(50);
    let (before, heard) = drain(&mut stalled);
    assert_eq!((before.len(), &heard[..]), (5, &said[..400]));
    call.run(10);
    let (after, heard) = drain(&mut stalled);
    assert_eq!((after[0].dropped, after[0].timestamp), (45, 50 * 80));
    assert_eq!(heard[..400], said[4_000..4_400], "what follows the gap is in its place");
    let (frames, heard) = drain(&mut other);
    assert!(frames.iter().all(|frame| frame.dropped == 0));
    assert_eq!(heard[..], said[..4_800]);
}

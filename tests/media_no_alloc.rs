//! What a media worker does in its tick takes no memory once a call runs without SRTP, and with it a
//! known number of small pieces per packet; a call takes little.

#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use sidetone::{
    base::{
        plan::{
            CodecKind, CodecPlan, Direction, LatchPolicy, MasterKey, MediaPlan, OpusParams,
            SrtpPlan, SrtpSuite,
        },
        rng::Rng,
        time::Ptime,
        units::Gain,
    },
    device::pcm::{self, TapFrame},
    dsp::{
        codec::{CodecError, Decode, Encode},
        g711::{G711Decoder, G711Encoder, Law},
        opus::{OpusDecoder, OpusEncoder},
    },
    media::{
        bridge::Bridge,
        jitter::{JitterBuffer, JitterConfig, Packet, PayloadDecoder},
        stream::{Component, NtpAnchor, Stream, StreamConfig},
    },
};

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator, counted per thread.
struct Counting;

fn note(calls: u64, bytes: i64) {
    // A thread that is ending has no counters any more.
    let _ = CALLS.try_with(|c| c.set(c.get() + calls));
    let _ = BYTES.try_with(|b| b.set(b.get() + bytes));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations while `work` runs on this thread.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    work();
    CALLS.get() - before
}

/// Bytes that `make` leaves allocated.
fn bytes_of<T>(make: impl FnOnce() -> T) -> (T, i64) {
    let before = BYTES.get();
    let made = make();
    (made, BYTES.get() - before)
}

struct One<D> {
    decoder: D,
    clock_rate_hz: u32,
}

impl<D: Decode> PayloadDecoder for One<D> {
    fn clock_rate_hz(&self, _: u8) -> Option<u32> {
        Some(self.clock_rate_hz)
    }
    fn samples(&self, _: u8, payload: &[u8]) -> Result<usize, CodecError> {
        self.decoder.samples(payload)
    }
    fn decode(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<usize, CodecError> {
        self.decoder.decode(payload, pcm)
    }
    fn decode_fec(&mut self, _: u8, payload: &[u8], pcm: &mut [i16]) -> Result<bool, CodecError> {
        self.decoder.decode_fec(payload, pcm)
    }
    fn conceal(&mut self, pcm: &mut [i16]) {
        self.decoder.conceal(pcm);
    }
}

/// Runs a call with jitter and loss for `seconds`; gives the allocations after the first half.
fn call_allocations(mut encoder: impl Encode, decoder: impl Decode, seconds: u64) -> u64 {
    let rate_hz = encoder.sample_rate_hz();
    let frame = rate_hz as usize / 50;
    let mut decoder = One { decoder, clock_rate_hz: rate_hz };
    let mut buffer = JitterBuffer::new(JitterConfig::new(rate_hz));
    let mut rng = Rng::from_number(1);
    let start = Instant::now();
    let mut pcm = vec![0i16; frame];
    let mut out = vec![0i16; frame / 2];
    let mut payload = [0u8; 1_275];
    let mut run = |from: u64, to: u64| {
        for n in from..to {
            for sample in &mut pcm {
                *sample = (rng.u32() >> 18) as i16;
            }
            let bytes = encoder.encode(&pcm, &mut payload).unwrap();
            let at = start + Duration::from_millis(n * 20);
            if rng.below(50) > 0 {
                let late = Duration::from_micros(u64::from(rng.below(30_000)));
                let packet = Packet {
                    sequence: 70_000 + n,
                    timestamp: (1 << 32) + n * frame as u64,
                    payload_type: 0,
                    payload: &payload[..bytes],
                };
                buffer.insert(at + late, packet, &decoder);
            }
            buffer.pull(at + Duration::from_millis(30), &mut decoder, &mut out);
            buffer.pull(at + Duration::from_millis(40), &mut decoder, &mut out);
        }
    };
    run(0, seconds * 25);
    allocations(|| run(seconds * 25, seconds * 50))
}

#[test]
fn the_allocator_of_this_test_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0u8; 100]))), 1);
    let (kept, bytes) = bytes_of(|| vec![0u8; 100]);
    assert_eq!((kept.len(), bytes), (100, 100));
}

#[test]
fn a_running_g711_call_allocates_nothing() {
    let (encoder, decoder) = (G711Encoder::new(Law::A), G711Decoder::new(Law::A));
    assert_eq!(call_allocations(encoder, decoder, 40), 0);
}

#[test]
fn a_running_opus_call_allocates_nothing() {
    let encoder = OpusEncoder::new(&OpusParams::default()).unwrap();
    let decoder = OpusDecoder::new().unwrap();
    assert_eq!(call_allocations(encoder, decoder, 10), 0);
}

#[test]
fn a_tick_of_the_bridge_allocates_nothing() {
    let mut bridge = Bridge::new();
    let rates = [8_000, 48_000, 16_000, 44_100, 8_000, 24_000];
    let ports: Vec<_> = rates.iter().map(|&rate| bridge.add_port(rate).unwrap()).collect();
    for &from in &ports {
        for &to in &ports {
            bridge.connect(from, to, Gain::from_db(-3.0)).unwrap();
        }
    }
    let voice = [9_000i16; 480];
    let mut run = |ticks: usize| {
        for tick in 0..ticks {
            for (n, &port) in ports.iter().enumerate() {
                if (tick / 7 + n) % 3 > 0 {
                    bridge.feed(port, &voice[..rates[n] as usize / 100]);
                }
            }
            bridge
                .set_port_gain(ports[0], Gain::from_db(-(tick as f32 % 10.0)), Gain::UNITY)
                .unwrap();
            bridge.mix();
            assert!(!bridge.mixed(ports[tick % ports.len()]).is_empty());
        }
    };
    run(5);
    assert_eq!(allocations(|| run(500)), 0);
}

#[test]
fn a_tap_and_an_injection_allocate_nothing_once_they_are_open() {
    let (mut tap, mut ear) = pcm::tap(160, 10);
    let (mut mouth, mut injection) = pcm::injection(4_000);
    let mut frame = [0i16; 160];
    let mut run = |ticks: usize| {
        for tick in 0..ticks {
            if tick % 3 > 0 {
                mouth.write(&[7; 500]);
            }
            injection.take(&mut frame);
            tap.write(&frame, TapFrame::default());
            // A host that reads in bursts: full now and then.
            while tick % 20 == 0 && ear.read(&mut frame).is_some() {}
            if tick % 50 == 0 {
                mouth.flush();
            }
        }
    };
    assert_eq!(allocations(|| run(1_000)), 0);
    assert!(ear.dropped() > 100 && mouth.info().dropped > 0 && mouth.info().underruns > 0);
}

#[test]
fn a_call_takes_a_few_tens_of_kilobytes() {
    let (_a, narrow) = bytes_of(|| JitterBuffer::new(JitterConfig::new(8_000)));
    let (_b, wide) = bytes_of(|| JitterBuffer::new(JitterConfig::new(48_000)));
    let (_c, g711) = bytes_of(|| G711Decoder::new(Law::Mu));
    let mut bridge = Bridge::new();
    let mut first = None;
    let (_, port) = bytes_of(|| {
        let port = bridge.add_port(8_000).unwrap();
        bridge.connect(port, port, Gain::from_db(-3.0)).unwrap();
        first = Some(port);
    });
    let (_, listener) = bytes_of(|| {
        let port = bridge.add_port(48_000).unwrap();
        bridge.connect(first.unwrap(), port, Gain::UNITY).unwrap();
    });
    println!(
        "bytes: jitter buffer {narrow} at 8 kHz, {wide} at 48 kHz; G.711 decoder {g711}; \
         bridge port {port}, a 48 kHz listener more {listener}"
    );
    assert!(narrow + g711 + port < 16_000);
    assert!(wide < 48_000);
    assert!(listener < 24_000);
}

/// Two ends that speak PCMU with each other; gives the allocations of the later seconds, and the
/// packets that were sent in them.
fn stream_allocations(suite: Option<SrtpSuite>, seconds: u32) -> (u64, u64) {
    let start = Instant::now();
    let address = |side: u16| SocketAddr::from(([127, 0, 0, 1], 40_000 + side));
    let mut ends = [0u16, 1].map(|side| {
        let config = StreamConfig {
            cname: "memory".to_owned(),
            ntp: NtpAnchor { at: start, ntp: 0 },
            rtp_timeout: Duration::from_secs(60),
            dtmf_with_audio: false,
        };
        let pcmu =
            CodecPlan { kind: CodecKind::Pcmu, payload_type: 0, opus: OpusParams::default() };
        let srtp = suite.map(|suite| {
            let key = |of: u16| {
                let length = suite.key_bytes() + suite.salt_bytes();
                MasterKey::new(suite, &vec![of as u8; length]).unwrap()
            };
            SrtpPlan { suite, send: key(side), receive: key(1 - side) }
        });
        let plan = MediaPlan {
            remote_rtp: address(1 - side),
            remote_rtcp: address(1 - side),
            rtcp_mux: true,
            send: pcmu,
            receive: vec![pcmu],
            dtmf: None,
            ptime: Ptime::DEFAULT,
            direction: Direction::SendRecv,
            srtp,
            latch: LatchPolicy::Off,
        };
        let mut stream = Stream::new(config, Rng::from_number(u64::from(side)));
        stream.apply(start, &plan).unwrap();
        stream
    });
    let (mut frame, mut datagram) = ([0i16; 80], [0u8; 1_500]);
    let mut run = |from: u32, to: u32| {
        let mut packets = 0;
        for tick in from..to {
            let now = start + Duration::from_millis(10) * tick;
            for end in &mut ends {
                end.pull(now, &mut frame);
                end.push(now, &[1_000; 80]);
            }
            for side in [0u16, 1] {
                let [one, two] = &mut ends;
                let (near, far) = if side == 0 { (one, two) } else { (two, one) };
                while let Some(transmit) = near.poll_transmit() {
                    let bytes = &mut datagram[..transmit.bytes.len()];
                    bytes.copy_from_slice(transmit.bytes);
                    far.handle_datagram(now, Component::Rtp, address(side), bytes);
                    packets += 1;
                }
                while far.poll_event().is_some() {}
            }
        }
        packets
    };
    run(0, 200);
    let mut packets = 0;
    let taken = allocations(|| packets = run(200, 200 + seconds * 100));
    let now = start + Duration::from_millis(10) * (200 + seconds * 100);
    let heard = ends[0].stats(now).packets_received;
    assert!(heard >= u64::from(seconds) * 50, "only {heard} packets were taken");
    (taken, packets)
}

#[test]
fn a_running_stream_allocates_nothing_without_srtp() {
    let (taken, packets) = stream_allocations(None, 20);
    assert_eq!((taken, packets), (0, 2_000));
}

/// `webrtc-srtp` makes its buffers anew for each packet.
#[test]
fn srtp_takes_a_known_number_of_allocations_per_packet() {
    let suites = [
        (SrtpSuite::Aes128CmSha1_80, 6),
        (SrtpSuite::Aes128CmSha1_32, 6),
        (SrtpSuite::Aes256CmSha1_80, 6),
        (SrtpSuite::Aes256CmSha1_32, 6),
        (SrtpSuite::AeadAes128Gcm, 10),
        (SrtpSuite::AeadAes256Gcm, 10),
    ];
    for (suite, per_packet) in suites {
        // Each packet is protected at one end and unprotected at the other.
        assert_eq!(stream_allocations(Some(suite), 4), (per_packet * 400, 400), "{suite:?}");
    }
}

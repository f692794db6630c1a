//! Two media streams on a network of virtual time.

#![allow(dead_code)] // each test binary uses its own part

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use sidetone::{
    base::{
        plan::{
            CodecKind, CodecPlan, Direction, DtmfPlan, LatchPolicy, MasterKey, MediaPlan,
            OpusParams, SrtpPlan, SrtpSuite,
        },
        rng::Rng,
        time::Ptime,
    },
    media::stream::{Component, NtpAnchor, Stream, StreamConfig, StreamEvent},
};

/// Address of a side: 0 is near, 1 is far; ports 40000 and 40001.
pub fn address(side: usize, component: Component) -> SocketAddr {
    let port = match component {
        Component::Rtp => 40_000,
        Component::Rtcp => 40_001,
    };
    SocketAddr::from(([127, 0, 0, 1 + side as u8], port))
}

/// A codec under its usual payload type.
pub fn codec(kind: CodecKind) -> CodecPlan {
    let payload_type = kind.static_payload_type().unwrap_or(96);
    CodecPlan { kind, payload_type, opus: OpusParams::default() }
}

/// A plan as `side` has it, without SRTP.
pub fn plan(side: usize, kind: CodecKind) -> MediaPlan {
    let clock_rate_hz = kind.clock_rate_hz();
    MediaPlan {
        remote_rtp: address(1 - side, Component::Rtp),
        remote_rtcp: address(1 - side, Component::Rtcp),
        rtcp_mux: false,
        send: codec(kind),
        receive: vec![codec(kind)],
        dtmf: Some(DtmfPlan {
            send_payload_type: Some(101),
            receive_payload_type: 101,
            clock_rate_hz,
        }),
        ptime: Ptime::DEFAULT,
        direction: Direction::SendRecv,
        srtp: None,
        latch: LatchPolicy::Once,
    }
}

/// A master key out of one number.
pub fn master_key(suite: SrtpSuite, number: u64) -> MasterKey {
    let mut bytes = vec![0; suite.key_bytes() + suite.salt_bytes()];
    Rng::from_number(number).fill(&mut bytes);
    MasterKey::new(suite, &bytes).unwrap()
}

/// Adds SRTP to a plan of `side`.
pub fn secure(mut plan: MediaPlan, side: usize, suite: SrtpSuite) -> MediaPlan {
    let keys = [master_key(suite, 10), master_key(suite, 11)];
    let [send, receive] = if side == 0 { keys } else { [keys[1].clone(), keys[0].clone()] };
    plan.srtp = Some(SrtpPlan { suite, send, receive });
    plan
}

/// What the network does to a datagram.
pub enum Fate {
    /// It arrives after this time.
    Arrive(Duration),
    /// It arrives twice.
    Twice(Duration, Duration),
    /// It does not arrive.
    Lost,
}

/// A datagram on the wire.
pub struct Datagram {
    /// Who sent it.
    pub from: usize,
    /// By which socket.
    pub component: Component,
    /// Where it goes.
    pub destination: SocketAddr,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

type Network = Box<dyn FnMut(&Datagram) -> Fate>;

/// Two streams and what is between them.
pub struct Pair {
    pub start: Instant,
    pub now: Instant,
    pub streams: [Stream; 2],
    /// What each side heard.
    pub heard: [Vec<i16>; 2],
    /// What each side was told, with the time since the start.
    pub events: [Vec<(Duration, StreamEvent)>; 2],
    /// What went on the wire, for those who look.
    pub wire: Vec<Datagram>,
    pub network: Network,
    in_flight: BTreeMap<(Instant, u64), Datagram>,
    count: u64,
    /// Samples pushed by each side so far.
    pushed: [u64; 2],
    /// Tone frequency of each side, Hz; 0: silence.
    pub tone_hz: [f64; 2],
}

impl Pair {
    /// Streams with plans as given, on a network that takes 5 ms.
    pub fn new(plans: [MediaPlan; 2]) -> Self {
        let start = Instant::now();
        let mut number = 0;
        let streams = plans.map(|plan| {
            number += 1;
            let mut stream = stream(start, number);
            stream.apply(start, &plan).unwrap();
            stream
        });
        Self {
            start,
            now: start,
            streams,
            heard: [Vec::new(), Vec::new()],
            events: [Vec::new(), Vec::new()],
            wire: Vec::new(),
            network: Box::new(|_| Fate::Arrive(Duration::from_millis(5))),
            in_flight: BTreeMap::new(),
            count: 0,
            pushed: [0; 2],
            tone_hz: [440.0, 1000.0],
        }
    }

    /// Both sides with one codec and no SRTP.
    pub fn plain(kind: CodecKind) -> Self {
        Self::new([plan(0, kind), plan(1, kind)])
    }

    /// Runs for a time in ticks of 10 ms.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += Duration::from_millis(10);
            self.deliver();
            for side in 0..2 {
                self.tick(side);
            }
        }
    }

    /// Moves what a side wants to send onto the wire, and its events into the list.
    pub fn drain(&mut self, side: usize) {
        while let Some(transmit) = self.streams[side].poll_transmit() {
            let datagram = Datagram {
                from: side,
                component: transmit.component,
                destination: transmit.destination,
                bytes: transmit.bytes.to_vec(),
            };
            match (self.network)(&datagram) {
                Fate::Arrive(delay) => self.put(delay, datagram),
                Fate::Twice(first, second) => {
                    let copy = Datagram { bytes: datagram.bytes.clone(), ..datagram };
                    self.put(first, copy);
                    self.put(second, datagram);
                }
                Fate::Lost => {}
            }
        }
        while let Some(event) = self.streams[side].poll_event() {
            self.events[side].push((self.now - self.start, event));
        }
    }

    /// The events of a side, without their times.
    pub fn told(&self, side: usize) -> Vec<StreamEvent> {
        self.events[side].iter().map(|(_, event)| *event).collect()
    }

    /// The digits that a side heard.
    pub fn digits(&self, side: usize) -> Vec<(char, Duration)> {
        let digit = |event| match event {
            StreamEvent::Digit { digit, duration } => Some((digit, duration)),
            _ => None,
        };
        self.told(side).into_iter().filter_map(digit).collect()
    }

    /// Gives a datagram to a side as if it came from `source`.
    pub fn inject(&mut self, side: usize, component: Component, source: SocketAddr, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        self.streams[side].handle_datagram(self.now, component, source, &mut bytes);
        self.drain(side);
    }

    fn put(&mut self, delay: Duration, datagram: Datagram) {
        self.count += 1;
        self.in_flight.insert((self.now + delay, self.count), datagram);
    }

    fn deliver(&mut self) {
        while let Some(entry) = self.in_flight.first_entry() {
            let at = entry.key().0;
            if at > self.now {
                break;
            }
            let datagram = entry.remove();
            let side = 1 - datagram.from;
            let component = if datagram.destination == address(side, Component::Rtcp) {
                Component::Rtcp
            } else {
                Component::Rtp
            };
            let source = address(datagram.from, datagram.component);
            let mut bytes = datagram.bytes.clone();
            self.streams[side].handle_datagram(at, component, source, &mut bytes);
            self.wire.push(datagram);
            self.drain(side);
        }
    }

    fn tick(&mut self, side: usize) {
        let mut pcm = vec![0; self.streams[side].receive_rate_hz() as usize / 100];
        self.streams[side].pull(self.now, &mut pcm);
        self.heard[side].extend_from_slice(&pcm);
        let rate_hz = self.streams[side].send_rate_hz();
        let tone: Vec<i16> = (0..rate_hz / 100)
            .map(|n| {
                let at = (self.pushed[side] + u64::from(n)) as f64 / f64::from(rate_hz);
                (8000.0 * (at * self.tone_hz[side] * std::f64::consts::TAU).sin()) as i16
            })
            .collect();
        self.pushed[side] += u64::from(rate_hz / 100);
        self.streams[side].push(self.now, &tone);
        self.streams[side].handle_timeout(self.now);
        self.drain(side);
    }
}

/// A stream without a plan.
pub fn stream(start: Instant, number: u64) -> Stream {
    let config = StreamConfig {
        cname: format!("side-{number}"),
        ntp: NtpAnchor { at: start, ntp: 0xe000_0000_0000_0000 + number },
        rtp_timeout: Duration::from_secs(3),
        dtmf_with_audio: false,
    };
    Stream::new(config, Rng::from_number(number))
}

/// Share of the power of `pcm` that lies at `hz`, 0 to 1 (Goertzel).
pub fn share_at(pcm: &[i16], rate_hz: u32, hz: f64) -> f64 {
    let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    for (n, &sample) in pcm.iter().enumerate() {
        let (sample, phase) = (f64::from(sample), step * n as f64);
        re += sample * phase.cos();
        im += sample * phase.sin();
        power += sample * sample;
    }
    if power == 0.0 { 0.0 } else { 2.0 * (re * re + im * im) / (power * pcm.len() as f64) }
}

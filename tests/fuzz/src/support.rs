//! What targets share: reading the input, fixed addresses, plans and streams.

use std::{
    net::SocketAddr,
    sync::OnceLock,
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
    media::stream::{Component, NtpAnchor, Stream, StreamConfig},
};

/// The moment at which every input begins.
pub fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

/// Takes the input apart from the front; past its end come zeros.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// From the start.
    pub fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// Whether anything is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// A number of `N` bytes, little end first.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let bytes = self.bytes(N);
        out[..bytes.len()].copy_from_slice(bytes);
        out
    }

    /// So many bytes, or what is left.
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Bytes with their length in front: one byte up to 239, above that sixteen times what is over.
    pub fn chunk(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte());
        self.bytes(if length < 240 { length } else { 16 * (length - 224) })
    }

    /// What is left, which stays.
    pub fn left(&self) -> &'a [u8] {
        self.0
    }

    /// What is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// The far end's RTP.
pub fn remote() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 2], 4000))
}

/// A key that is the same in every run.
pub fn key(suite: SrtpSuite, seed: u8) -> MasterKey {
    let length = suite.key_bytes() + suite.salt_bytes();
    let bytes: Vec<u8> = (0..length).map(|i| (i as u8).wrapping_mul(31) ^ seed).collect();
    MasterKey::new(suite, &bytes).expect("the length is the suite's")
}

/// Both keys of one end; the other end has them the other way round.
pub fn keys(suite: SrtpSuite, ours: bool) -> SrtpPlan {
    let (a, b) = (key(suite, 0x11), key(suite, 0x77));
    let (send, receive) = if ours { (a, b) } else { (b, a) };
    SrtpPlan { suite, send, receive }
}

/// A plan; the byte chooses among codecs, latches, packet times and directions.
pub fn plan(choice: u8, srtp: Option<SrtpPlan>) -> MediaPlan {
    let codec = |kind, payload_type| CodecPlan { kind, payload_type, opus: OpusParams::default() };
    let all = [
        codec(CodecKind::Pcmu, 0),
        codec(CodecKind::Pcma, 8),
        codec(CodecKind::Opus, 96),
        codec(CodecKind::G722, 9),
    ];
    let send = all[usize::from(choice & 3) % all.len()];
    let rtcp_mux = choice & 4 != 0;
    let directions =
        [Direction::SendRecv, Direction::RecvOnly, Direction::SendOnly, Direction::Inactive];
    MediaPlan {
        remote_rtp: remote(),
        remote_rtcp: SocketAddr::from(([192, 0, 2, 2], if rtcp_mux { 4000 } else { 4001 })),
        rtcp_mux,
        send,
        receive: all.to_vec(),
        dtmf: Some(DtmfPlan {
            send_payload_type: Some(101),
            receive_payload_type: 101,
            clock_rate_hz: send.kind.clock_rate_hz(),
        }),
        ptime: Ptime::floor_ms(10 * (1 + u32::from(choice >> 3 & 3))),
        direction: if choice >> 5 & 1 == 0 {
            Direction::SendRecv
        } else {
            directions[usize::from(choice >> 3 & 3)]
        },
        srtp,
        latch: [LatchPolicy::Off, LatchPolicy::Once, LatchPolicy::UntilRtcp, LatchPolicy::Once]
            [usize::from(choice >> 6)],
    }
}

/// A stream under a clock of its own.
pub struct Rig {
    /// The stream.
    pub stream: Stream,
    /// Its time.
    pub now: Instant,
    /// The ticks that one input may still use, so that none takes long.
    ticks_left: u32,
}

impl Rig {
    /// A stream with its first plan.
    pub fn new(plan: &MediaPlan) -> Self {
        let now = start();
        let config = StreamConfig {
            cname: "fuzz".to_owned(),
            ntp: NtpAnchor { at: now, ntp: 0xe000_0000 << 32 },
            rtp_timeout: Duration::from_secs(5),
            dtmf_with_audio: false,
        };
        let mut stream = Stream::new(config, Rng::from_number(1));
        stream.apply(now, plan).expect("the plan is sound");
        Self { stream, now, ticks_left: 200 }
    }

    /// A datagram arrives.
    pub fn datagram(&mut self, component: Component, stranger: bool, bytes: &[u8]) {
        let port = if component == Component::Rtp { 4000 } else { 4001 };
        let source = SocketAddr::from(([192, 0, 2, if stranger { 9 } else { 2 }], port));
        let mut bytes = bytes.to_vec();
        self.stream.handle_datagram(self.now, component, source, &mut bytes);
        self.drain();
    }

    /// Ticks of 10 ms pass: what was heard is taken, silence is said.
    pub fn ticks(&mut self, count: u32) {
        let mut pcm = [0i16; 480];
        for _ in 0..count.min(self.ticks_left) {
            self.ticks_left -= 1;
            self.now += Duration::from_millis(10);
            let heard = (self.stream.receive_rate_hz() / 100) as usize;
            self.stream.pull(self.now, &mut pcm[..heard]);
            let said = (self.stream.send_rate_hz() / 100) as usize;
            self.stream.push(self.now, &pcm[..said]);
            self.timers();
        }
    }

    /// Time passes without ticks, as when the machine was asleep.
    pub fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.timers();
    }

    fn timers(&mut self) {
        if self.stream.poll_timeout().is_some_and(|due| due <= self.now) {
            self.stream.handle_timeout(self.now);
            let next = self.stream.poll_timeout();
            assert!(next.is_none_or(|due| due > self.now), "a timer that is always due");
        }
        self.drain();
    }

    /// Takes what the stream wants sent and told; shows its figures.
    pub fn drain(&mut self) {
        let mut sent = 0;
        while let Some(transmit) = self.stream.poll_transmit() {
            assert!(transmit.bytes.len() <= 1500, "a datagram of {}", transmit.bytes.len());
            sent += 1;
            assert!(sent < 100, "datagrams without end");
        }
        while self.stream.poll_event().is_some() {}
        let _ = self.stream.stats(self.now);
    }
}

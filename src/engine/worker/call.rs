//! One call's media on a worker: its sockets, its stream, its ports of the bridge.

mod digits;
mod round;

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Instant};

use super::{
    Reports, WorkerReport,
    aside::Aside,
    pacer::FRAME_MS,
    play::Source,
    recording::Recording,
    rhythm::{FRAMES, Rhythm},
    taps::Taps,
};
use crate::{
    base::{
        ids::{CallId, RequestId},
        plan::MediaPlan,
        units::Gain,
    },
    call::Ear,
    device::pcap::PcapSink,
    engine::shared::CallShared,
    media::{
        bridge::{Bridge, BridgeError, PortKey},
        jitter::Rendered,
        stream::{Component, Stream, StreamEvent},
    },
    net::rtp_udp::{Port, READ_RTCP_EVERY, RtpSockets, Slab},
};

/// Reports that wait for a busy session; a worker makes a handful per call.
const REPORTS: usize = 64;
/// A flood at one call must not hold up the others: so many slabs of datagrams per tick at most.
const READ_ROUNDS: usize = 4;

/// The bridge ports of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallPorts {
    /// What the far end says.
    pub(super) receive: PortKey,
    /// What it hears.
    pub(super) send: PortKey,
    receive_rate_hz: u32,
    send_rate_hz: u32,
}

/// One call's media. Built by the signaling thread, owned by one worker at a time.
pub(in crate::engine) struct CallMedia {
    id: CallId,
    shared: Arc<CallShared>,
    reports: Reports,
    waiting: VecDeque<WorkerReport>,
    sockets: RtpSockets,
    stream: Stream,
    /// The plan was applied: audio runs.
    running: bool,
    ports: Option<CallPorts>,
    muted: bool,
    send_gain: Gain,
    receive_gain: Gain,
    /// How our user is heard here, and how loud they hear it: of a conference.
    user_gains: (Gain, Gain),
    played: Option<Played>,
    aside: Aside,
    recording: Option<Box<Recording>>,
    taps: Taps,
    capture: Option<PcapSink>,
    digits: VecDeque<Option<RequestId>>,
    /// Digits that are played as tones, and their port while there are any.
    tones: VecDeque<(Source, Option<RequestId>)>,
    tone_port: Option<PortKey>,
    /// What the far end said in this round, at its ports' rate, and what it is.
    far: Vec<i16>,
    rendered: Rendered,
    rhythm: Rhythm,
    /// When the socket of RTCP was read last.
    rtcp_read: Instant,
    /// A fault inside: it is to be let go.
    broken: bool,
}

struct Played {
    source: Source,
    gain: Gain,
    port: Option<PortKey>,
}

impl CallMedia {
    pub(in crate::engine) fn new(
        id: CallId,
        shared: Arc<CallShared>,
        reports: Reports,
        sockets: RtpSockets,
        stream: Stream,
    ) -> Self {
        let now = Instant::now();
        Self {
            id,
            shared,
            reports,
            waiting: VecDeque::new(),
            sockets,
            stream,
            running: false,
            ports: None,
            muted: false,
            send_gain: Gain::UNITY,
            receive_gain: Gain::UNITY,
            user_gains: (Gain::UNITY, Gain::UNITY),
            played: None,
            aside: Aside::default(),
            recording: None,
            taps: Taps::default(),
            capture: None,
            digits: VecDeque::new(),
            tones: VecDeque::new(),
            tone_port: None,
            far: Vec::new(),
            rendered: Rendered::Silence,
            rhythm: Rhythm::new(now, now),
            rtcp_read: now,
            broken: false,
        }
    }

    /// When it makes its audio, where no card leads.
    pub(super) fn rhythm(&self) -> Rhythm {
        self.rhythm
    }

    pub(super) fn set_rhythm(&mut self, rhythm: Rhythm) {
        self.rhythm = rhythm;
    }

    /// Frames of 10 ms that may be made at once: both the packets that are sent and those that come hold
    /// so many, or a multiple.
    pub(super) fn frames(&self) -> u32 {
        let packets = [self.stream.ptime().ms(), self.stream.received_ms()];
        if packets.iter().all(|ms| ms.is_multiple_of(2 * FRAME_MS)) { 2 } else { 1 }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    pub(super) fn set_broken(&mut self) {
        self.broken = true;
    }

    pub(super) fn id(&self) -> CallId {
        self.id
    }

    pub(super) fn ports(&self) -> Option<CallPorts> {
        self.ports
    }

    /// Whether audio runs, be it a tone alone.
    pub(super) fn is_running(&self) -> bool {
        self.running || self.aside.tone().is_some()
    }

    /// Whether our user hears the far end, and the far end our user.
    pub(super) fn connects(&self) -> (bool, bool) {
        self.aside.connects()
    }

    /// How our user's microphone goes into the call.
    pub(super) fn microphone(&self) -> Gain {
        if self.muted { Gain::MUTE } else { self.user_gains.0 }
    }

    /// How loud our user hears the far end.
    pub(super) fn loudspeaker(&self) -> Gain {
        self.user_gains.1
    }

    pub(super) fn set_user_gains(&mut self, microphone: Gain, loudspeaker: Gain) {
        self.user_gains = (microphone, loudspeaker);
    }

    /// The ports that our user hears besides the far end: of injections.
    pub(super) fn ears(&self) -> impl Iterator<Item = PortKey> {
        self.taps.ears()
    }

    /// Takes in the taps and injections that wait; whether there were any.
    pub(super) fn admit(&mut self, bridge: &mut Bridge) -> bool {
        let joining = self.shared.door.open();
        if joining.is_empty() {
            return false;
        }
        self.taps.admit(joining);
        self.enter_taps(bridge);
        true
    }

    fn enter_taps(&mut self, bridge: &mut Bridge) {
        let send = self.ports.map(|ports| ports.send);
        if let Err(error) = self.taps.enter(bridge, send) {
            self.fail(&error);
        }
    }

    /// The port of the ringback tone, while it sounds.
    pub(super) fn tone(&self) -> Option<PortKey> {
        self.aside.tone()
    }

    pub(super) fn listen(&mut self, ear: Ear, bridge: &mut Bridge) {
        if let Err(error) = self.aside.listen(ear, bridge) {
            self.fail(&error);
        }
    }

    pub(super) fn hold(&mut self, held: bool, bridge: &mut Bridge) {
        self.aside.hold(held);
        self.enter_aside(bridge);
    }

    pub(super) fn set_music(&mut self, music: Option<Source>, bridge: &mut Bridge) {
        self.aside.set_music(music, bridge);
        self.enter_aside(bridge);
    }

    fn enter_aside(&mut self, bridge: &mut Bridge) {
        let send = self.ports.map(|ports| ports.send);
        if let Err(error) = self.aside.enter(bridge, send) {
            self.fail(&error);
        }
    }

    /// Carries a plan out, the first or a later one.
    pub(super) fn connect(&mut self, now: Instant, plan: &MediaPlan, bridge: &mut Bridge) {
        match self.stream.apply(now, plan) {
            Ok(()) => {
                self.running = true;
                self.enter(bridge);
            }
            Err(error) => self.fail(&error),
        }
    }

    /// Goes on over other sockets. What is still under way to the old ones is lost with them.
    pub(super) fn rebind(&mut self, sockets: RtpSockets) {
        self.sockets = sockets;
    }

    /// Makes the call's ports, or makes them anew where the codec's rate has changed.
    pub(super) fn enter(&mut self, bridge: &mut Bridge) {
        if !self.running {
            self.enter_taps(bridge);
            return self.enter_aside(bridge);
        }
        let rates = (self.stream.receive_rate_hz(), self.stream.send_rate_hz());
        if self.ports.is_some_and(|ports| (ports.receive_rate_hz, ports.send_rate_hz) == rates) {
            return;
        }
        self.leave(bridge);
        if let Err(error) = self.add_ports(bridge, rates) {
            self.fail(&error);
        }
        self.enter_taps(bridge);
        self.enter_aside(bridge);
    }

    fn add_ports(&mut self, bridge: &mut Bridge, rates: (u32, u32)) -> Result<(), BridgeError> {
        let receive = bridge.add_port(rates.0)?;
        let send = bridge.add_port(rates.1)?;
        let (receive_rate_hz, send_rate_hz) = rates;
        self.ports = Some(CallPorts { receive, send, receive_rate_hz, send_rate_hz });
        self.far = vec![0; FRAMES * receive_rate_hz as usize / 100];
        self.apply_gains(bridge);
        self.add_tone_port(bridge)?;
        self.add_played(bridge)
    }

    /// What is played gets a port of its own at its own rate, heard by the far end only.
    fn add_played(&mut self, bridge: &mut Bridge) -> Result<(), BridgeError> {
        let (Some(played), Some(ports)) = (&mut self.played, self.ports) else { return Ok(()) };
        let port = bridge.add_port(played.source.rate_hz())?;
        played.port = Some(port);
        bridge.connect(port, ports.send, played.gain)
    }

    fn fail(&mut self, error: &dyn std::error::Error) {
        self.report(WorkerReport::Failed { text: error.to_string() });
    }

    /// Takes the call's ports out of the bridge.
    pub(super) fn leave(&mut self, bridge: &mut Bridge) {
        self.aside.leave(bridge);
        self.taps.leave(bridge);
        if let Some(ports) = self.ports.take() {
            bridge.remove_port(ports.receive);
            bridge.remove_port(ports.send);
        }
        if let Some(port) = self.played.as_mut().and_then(|played| played.port.take()) {
            bridge.remove_port(port);
        }
        if let Some(port) = self.tone_port.take() {
            bridge.remove_port(port);
        }
    }

    /// Reads what waits in the sockets; in that of RTCP now and then.
    pub(super) fn read(&mut self, slab: &mut Slab) {
        let rtcp = slab.now().saturating_duration_since(self.rtcp_read) >= READ_RTCP_EVERY;
        self.read_both(slab, rtcp);
    }

    /// Reads all that has come so far, before something changes.
    pub(super) fn read_all(&mut self, slab: &mut Slab) {
        slab.begin();
        self.read_both(slab, true);
    }

    fn read_both(&mut self, slab: &mut Slab, rtcp: bool) {
        for _ in 0..READ_ROUNDS {
            let mut read = self.sockets.receive(Port::Rtp, slab);
            if rtcp && !slab.is_full() {
                read += self.sockets.receive(Port::Rtcp, slab);
                self.rtcp_read = slab.now();
            }
            let more = slab.is_full();
            let (stream, sockets, capture) = (&mut self.stream, &self.sockets, &mut self.capture);
            slab.drain(|arrival, port, source, bytes| {
                if let Some(sink) = capture {
                    sink.datagram(arrival, source, local(sockets, port), bytes);
                }
                stream.handle_datagram(arrival, component(port), source, bytes);
            });
            if read == 0 || !more {
                return;
            }
        }
    }

    /// Timers, what is to be sent, what is to be told.
    pub(super) fn finish(&mut self, now: Instant, publish: bool) {
        self.stream.handle_timeout(now);
        self.transmit();
        while let Some(event) = self.stream.poll_event() {
            self.handle_event(event);
        }
        self.check_digits();
        if publish {
            self.taps.sweep();
            self.publish(now);
        }
        self.flush_reports();
    }

    fn handle_event(&mut self, event: StreamEvent) {
        let report = match event {
            StreamEvent::FirstPacket => WorkerReport::FirstPacket,
            StreamEvent::Latched(source) => WorkerReport::Latched(source),
            StreamEvent::Digit { digit, duration } => WorkerReport::Dtmf { digit, duration },
            StreamEvent::Silence(silent) => WorkerReport::Silent(silent),
            // Only SIP ends a call.
            _ => return,
        };
        self.report(report);
    }

    fn publish(&mut self, now: Instant) {
        let stats = self.stream.stats(now);
        // The host may be reading; then the next snapshot will do.
        if let Ok(mut slot) = self.shared.stats.try_lock() {
            *slot = stats;
        }
    }

    /// Tells the session, now or when its mailbox has space again.
    pub(super) fn report(&mut self, report: WorkerReport) {
        if self.waiting.len() < REPORTS {
            self.waiting.push_back(report);
        }
        self.flush_reports();
    }

    /// Tells the session that the call panicked. Afterwards nobody is there to try again, so what
    /// waits goes as well, whether its mailbox has space or not.
    pub(super) fn report_panic(&mut self) {
        self.waiting.push_back(WorkerReport::Panicked);
        for report in self.waiting.drain(..) {
            self.reports.do_send(report);
        }
    }

    fn flush_reports(&mut self) {
        while let Some(report) = self.waiting.pop_front() {
            match self.reports.try_send(report) {
                Ok(()) => {}
                Err(actix::prelude::SendError::Full(report)) => {
                    self.waiting.push_front(report);
                    return;
                }
                Err(actix::prelude::SendError::Closed(_)) => return,
            }
        }
    }

    pub(super) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    pub(super) fn set_gains(&mut self, send: Gain, receive: Gain, bridge: &mut Bridge) {
        self.send_gain = send;
        self.receive_gain = receive;
        self.apply_gains(bridge);
    }

    fn apply_gains(&mut self, bridge: &mut Bridge) {
        let Some(ports) = self.ports else { return };
        let set = bridge
            .set_port_gain(ports.send, Gain::UNITY, self.send_gain)
            .and_then(|()| bridge.set_port_gain(ports.receive, self.receive_gain, Gain::UNITY));
        if let Err(error) = set {
            self.fail(&error);
        }
    }

    pub(super) fn play(&mut self, source: Source, gain: Gain, bridge: &mut Bridge) {
        self.stop_playing(bridge);
        self.played = Some(Played { source, gain, port: None });
        if let Err(error) = self.add_played(bridge) {
            self.fail(&error);
        }
    }

    pub(super) fn stop_playing(&mut self, bridge: &mut Bridge) {
        let Some(played) = self.played.take() else { return };
        if let Some(port) = played.port {
            bridge.remove_port(port);
        }
        self.report(WorkerReport::PlayFinished);
    }

    pub(super) fn record(&mut self, recording: Option<Box<Recording>>) {
        self.recording = recording;
    }

    pub(super) fn pause_recording(&mut self, paused: bool) {
        let at = self.recording.as_mut().and_then(|recording| recording.pause(paused));
        if let Some(at) = at {
            self.report(WorkerReport::RecordPaused { paused, at });
        }
    }

    pub(super) fn capture(&mut self, sink: Option<PcapSink>) {
        self.capture = sink;
    }

    /// RTCP BYE; the last of the statistics.
    pub(super) fn close(&mut self, now: Instant) {
        self.stream.close(now);
        self.transmit();
        self.publish(now);
        self.flush_reports();
    }
}

fn local(sockets: &RtpSockets, port: Port) -> SocketAddr {
    match port {
        Port::Rtp => sockets.local_rtp(),
        Port::Rtcp => sockets.local_rtcp(),
    }
}

fn component(port: Port) -> Component {
    match port {
        Port::Rtp => Component::Rtp,
        Port::Rtcp => Component::Rtcp,
    }
}

fn port(component: Component) -> Port {
    match component {
        Component::Rtp => Port::Rtp,
        Component::Rtcp => Port::Rtcp,
    }
}

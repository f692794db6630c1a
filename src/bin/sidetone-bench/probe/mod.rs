//! The far end of a measurement: places calls to a phone in another process, says something of its
//! own into each, and keeps all that comes back with the time of its arrival.
//!
//! One socket carries the audio of all calls; the far end's port tells which call a packet is of.
//! While it runs nothing is decoded; [`check`] does that afterwards. What comes back is collected
//! each millisecond, with the kernel's stamps of its arrival: on one machine a receiver that each
//! packet wakes would be woken by the phone, and at the phone's cost.

pub mod check;
pub mod conference;
pub mod content;
mod impaired;
pub mod sip;

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use sidetone::{
    base::plan::CodecKind,
    net::{
        ports::PortPool,
        rtp_udp::{Port, READ_EVERY, RtpSockets, Slab},
    },
    proto::srtp::{Protect, webrtc::WebrtcProtect},
};

use self::{
    content::Content,
    sip::{Caller, Dialog, SUITE},
};
use crate::{
    impair::{Impairment, Path},
    live::Live,
    place::{Loader, Place},
};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Codec of every call.
    pub codec: CodecKind,
    /// Number of calls.
    pub calls: usize,
    /// With SRTP.
    pub srtp: bool,
    /// The phone's SIP address.
    pub target: SocketAddr,
    /// Whom to call there: a user part, or `user@host:port` where the host is not just that address.
    pub user: String,
    /// How long calls run before the measuring begins.
    pub warm: Duration,
    /// How long is measured.
    pub window: Duration,
}

/// One call as it went over the wire.
#[derive(Debug)]
pub struct Record {
    /// What was said.
    pub content: Content,
    /// When each packet left, from the first; where a network is put between, when it entered that.
    pub sent: Vec<Instant>,
    /// When each packet left that network; `None`: it was lost there, or is still in it.
    pub delivered: Vec<Option<Instant>>,
    /// What came back: arrival and the datagram.
    pub received: Vec<(Instant, Vec<u8>)>,
    /// The answered call.
    pub dialog: Dialog,
}

/// All calls, and the window that was measured.
#[derive(Debug)]
pub struct Outcome {
    /// Each call.
    pub records: Vec<Record>,
    /// Begin and end of the window.
    pub window: (Instant, Instant),
    /// How late each packet left behind the time it was due at, ms. Empty without an impairment.
    pub late_ms: Vec<f64>,
}

/// The moments at which the caller of [`run`] looks at the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Calls run warm, the window begins.
    Begin,
    /// The window ends.
    End,
}

/// How a plan is run.
#[derive(Debug, Default)]
pub struct Manner<'a> {
    /// What is said, one content a call; none: sound that is each call's own.
    pub contents: Option<Vec<Content>>,
    /// A network between the probe and the phone; what comes back does not go through it.
    pub impairment: Option<&'a Impairment>,
    /// Where the probe's threads run.
    pub place: Place,
    /// What tells of it meanwhile.
    pub live: Option<&'a Live>,
}

/// Runs the plan. `look` is called at both ends of the window.
pub fn run(plan: &Plan, manner: Manner<'_>, mut look: impl FnMut(Moment)) -> io::Result<Outcome> {
    let Manner { contents, impairment, place, live } = manner;
    let contents = contents.unwrap_or_else(|| {
        (0..plan.calls).map(|call| Content::of_call(plan.codec, call)).collect()
    });
    let (socket, sockets) = rtp_sockets(plan.target)?;
    let mut caller = Caller::new(plan.target, socket.local_addr()?, plan.codec, plan.srtp)?;
    let mut dialogs = Vec::with_capacity(plan.calls);
    for call in 0..plan.calls {
        if let Some(live) = live {
            live.say(call as u64, plan.calls as u64, format!("{call} of {} calls", plan.calls));
        }
        dialogs.push(caller.dial(&plan.user)?);
    }
    let shared = Arc::new(Shared::default());
    let receiver = receiver(sockets, &dialogs, place, shared.clone());
    let lines = lines(plan, &dialogs, &contents)?;
    let sender = sender(socket, lines, impairment, place, shared.clone());
    let serve = |length| match live {
        Some(live) => live.spend(length, || shared.told(), |part| caller.serve(part)),
        None => caller.serve(length),
    };
    serve(plan.warm)?;
    let begin = Instant::now();
    look(Moment::Begin);
    serve(plan.window)?;
    look(Moment::End);
    let end = Instant::now();
    // What went out in the window is on its way back.
    serve(AFTERWARDS)?;
    shared.stop.store(true, Relaxed);
    let broken = |_| io::Error::other("a thread of the probe broke");
    let Sent { calls: sent, late_ms } = sender.join().map_err(broken)?;
    let received = receiver.join().map_err(broken)?;
    for dialog in &dialogs {
        caller.hang_up(dialog)?;
    }
    let records = contents.into_iter().zip(sent).zip(received).zip(dialogs);
    let records = records.map(|(((content, (sent, delivered)), received), dialog)| Record {
        content,
        sent,
        delivered,
        received,
        dialog,
    });
    Ok(Outcome { records: records.collect(), window: (begin, end), late_ms })
}

/// The thread that takes what comes back.
fn receiver(
    sockets: RtpSockets,
    dialogs: &[Dialog],
    place: Place,
    shared: Arc<Shared>,
) -> JoinHandle<Vec<Arrivals>> {
    let by_source: HashMap<SocketAddr, usize> =
        dialogs.iter().enumerate().map(|(call, d)| (d.remote_rtp, call)).collect();
    let calls = dialogs.len();
    std::thread::spawn(move || {
        place.join(Loader::Receiver);
        receive(sockets, &by_source, calls, &shared)
    })
}

/// The thread that sends.
fn sender(
    socket: UdpSocket,
    mut lines: Vec<Line>,
    impairment: Option<&Impairment>,
    place: Place,
    shared: Arc<Shared>,
) -> JoinHandle<Sent> {
    let paths: Option<Vec<Path>> = impairment
        .map(|impairment| (0..).zip(&lines).map(|(n, _)| Path::new(impairment, n)).collect());
    std::thread::spawn(move || {
        place.join(Loader::Sender);
        match paths {
            None => send(&socket, &mut lines, &shared),
            Some(mut paths) => impaired::send(&socket, &mut lines, &mut paths, &shared),
        }
    })
}

/// When each packet of a call left the network.
type Departures = Vec<Option<Instant>>;

/// What a sender did.
struct Sent {
    /// Of each call when its packets left, and when they left the network.
    calls: Vec<(Vec<Instant>, Departures)>,
    late_ms: Vec<f64>,
}

/// What the threads of a run have in common: when to stop, and packets of all calls so far.
#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Shared {
    fn told(&self) -> String {
        format!("{} packets sent, {} back", self.sent.load(Relaxed), self.received.load(Relaxed))
    }
}

/// What one call sends.
struct Line {
    remote: SocketAddr,
    payloads: Vec<Vec<u8>>,
    payload_type: u8,
    samples: u32,
    ssrc: u32,
    protect: Option<WebrtcProtect>,
    sent: Vec<Instant>,
}

impl Line {
    fn packet(&mut self) -> Vec<u8> {
        let number = self.sent.len();
        let timestamp = (number as u32).wrapping_mul(self.samples);
        let mut packet = vec![0x80, self.payload_type];
        packet.extend_from_slice(&(number as u16).to_be_bytes());
        packet.extend_from_slice(&timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(&self.payloads[number % self.payloads.len()]);
        if let Some(protect) = &mut self.protect {
            // A packet that is not protected is not understood either, and so is found missing.
            let _ = protect.protect_rtp(&mut packet);
        }
        packet
    }
}

fn lines(plan: &Plan, dialogs: &[Dialog], contents: &[Content]) -> io::Result<Vec<Line>> {
    let line = |(call, (dialog, content)): (usize, (&Dialog, &Content))| {
        let protect = match &dialog.keys {
            Some((ours, _)) => {
                Some(WebrtcProtect::new(SUITE, ours).map_err(|e| io::Error::other(e.to_string()))?)
            }
            None => None,
        };
        Ok(Line {
            remote: dialog.remote_rtp,
            payloads: content.payloads.clone(),
            payload_type: plan.codec.static_payload_type().unwrap_or(111),
            samples: plan.codec.clock_rate_hz() / 50,
            ssrc: 0x5100_0000 + call as u32,
            protect,
            sent: Vec::new(),
        })
    };
    dialogs.iter().zip(contents).enumerate().map(line).collect()
}

/// Sends one packet of every call each 20 ms, the calls spread over them.
fn send(socket: &UdpSocket, lines: &mut [Line], shared: &Shared) -> Sent {
    let begun = Instant::now();
    let count = lines.len() as u32;
    for round in 0u32.. {
        for (call, line) in lines.iter_mut().enumerate() {
            let due = begun + GRID * round + GRID * call as u32 / count;
            let packet = line.packet();
            match due.checked_duration_since(Instant::now()) {
                Some(wait) if wait > EARLY => std::thread::sleep(wait),
                _ => {}
            }
            line.sent.push(Instant::now());
            let _ = socket.send_to(&packet, line.remote);
            shared.sent.fetch_add(1, Relaxed);
        }
        if shared.stop.load(Relaxed) {
            break;
        }
    }
    let calls = lines.iter_mut().map(|line| {
        let sent = std::mem::take(&mut line.sent);
        let delivered = sent.iter().copied().map(Some).collect();
        (sent, delivered)
    });
    let calls = calls.collect();
    Sent { calls, late_ms: Vec::new() }
}

type Arrivals = Vec<(Instant, Vec<u8>)>;

fn receive(
    mut sockets: RtpSockets,
    by_source: &HashMap<SocketAddr, usize>,
    calls: usize,
    shared: &Shared,
) -> Vec<Arrivals> {
    let mut received: Vec<Arrivals> = vec![Vec::new(); calls];
    let mut slab = Slab::new(SLOTS);
    while !shared.stop.load(Relaxed) {
        std::thread::sleep(PAUSE);
        slab.begin();
        let count = sockets.receive(Port::Rtp, &mut slab);
        shared.received.fetch_add(count as u64, Relaxed);
        slab.drain(|arrival, _, source, bytes| {
            if let Some(call) = by_source.get(&source) {
                received[*call].push((arrival, bytes.to_vec()));
            }
        });
    }
    received
}

/// The address of this machine from which `target` is reached.
pub fn local_ip(target: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if target.is_ipv4() { [0; 4].into() } else { [0u16; 8].into() };
    let socket = UdpSocket::bind((any, 0))?;
    // Sends nothing.
    socket.connect(target)?;
    Ok(socket.local_addr()?.ip())
}

/// The sockets of all calls, with room for a burst of them; first the one that is sent from.
fn rtp_sockets(target: SocketAddr) -> io::Result<(UdpSocket, RtpSockets)> {
    let mut ports = PortPool::new(local_ip(target)?, (0, 0), 0, 0)?;
    let (rtp, rtcp) = ports.bind_pair()?;
    // The system grants what it allows.
    let _ = socket2::SockRef::from(&rtp).set_recv_buffer_size(4 << 20);
    Ok((rtp.try_clone()?, RtpSockets::new((rtp, rtcp))?))
}

/// A packet that is due within this time is sent at once: a wake-up for each of a thousand calls'
/// packets would be all that the load does.
const EARLY: Duration = Duration::from_micros(50);
/// Datagrams taken at once; those of 1000 calls in 20 ms.
const SLOTS: usize = 1_000;
/// What comes back waits so long to be collected; where nothing stamps it, that is how well its time
/// is known.
const PAUSE: Duration =
    if READ_EVERY.is_none() { Duration::from_millis(1) } else { Duration::from_micros(250) };
/// How long is still listened when the window has ended.
const AFTERWARDS: Duration = Duration::from_millis(200);
/// Packet time of everything that the probe sends.
pub const GRID: Duration = Duration::from_millis(20);

//! The far end of a measurement: places calls to a phone in another process, says something of its
//! own into each, and keeps all that comes back with the time of its arrival.
//!
//! One socket carries the audio of all calls; the far end's port tells which call a packet is of.
//! While it runs nothing is decoded; [`check`] does that afterwards.

pub mod check;
pub mod content;
pub mod sip;

use std::{
    collections::HashMap,
    io,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use sidetone::{
    base::plan::CodecKind,
    device::priority::{Urgency, promote_current_thread},
    proto::srtp::{Protect, webrtc::WebrtcProtect},
};

use self::{
    content::Content,
    sip::{Caller, Dialog, SUITE},
};
use crate::live::Live;

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
    /// User part to call.
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
    /// When each packet left, from the first.
    pub sent: Vec<Instant>,
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
}

/// The moments at which the caller of [`run`] looks at the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Calls run warm, the window begins.
    Begin,
    /// The window ends.
    End,
}

/// Runs the plan. `look` is called at both ends of the window; `live` tells of it meanwhile.
pub fn run(plan: &Plan, live: &Live, mut look: impl FnMut(Moment)) -> io::Result<Outcome> {
    let contents: Vec<Content> =
        (0..plan.calls).map(|call| Content::of_call(plan.codec, call)).collect();
    let socket = rtp_socket(plan.target)?;
    let mut caller = Caller::new(plan.target, socket.local_addr()?, plan.codec, plan.srtp)?;
    let mut dialogs = Vec::with_capacity(plan.calls);
    for call in 0..plan.calls {
        live.say(call as u64, plan.calls as u64, format!("{call} of {} calls", plan.calls));
        dialogs.push(caller.dial(&plan.user)?);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let counts = Arc::new(Counts::default());
    let by_source: HashMap<SocketAddr, usize> =
        dialogs.iter().enumerate().map(|(call, d)| (d.remote_rtp, call)).collect();
    let receiver = {
        let (socket, stop, calls) = (socket.try_clone()?, stop.clone(), plan.calls);
        let counts = counts.clone();
        std::thread::spawn(move || receive(&socket, &by_source, calls, &counts, &stop))
    };
    let sender = {
        let mut lines = lines(plan, &dialogs, &contents)?;
        let (socket, stop, counts) = (socket.try_clone()?, stop.clone(), counts.clone());
        std::thread::spawn(move || send(&socket, &mut lines, &counts, &stop))
    };
    live.wait(plan.warm, || counts.told());
    let begin = Instant::now();
    look(Moment::Begin);
    live.wait(plan.window, || counts.told());
    look(Moment::End);
    let end = Instant::now();
    stop.store(true, Relaxed);
    let broken = |_| io::Error::other("a thread of the probe broke");
    let sent = sender.join().map_err(broken)?;
    let received = receiver.join().map_err(broken)?;
    for dialog in &dialogs {
        caller.hang_up(dialog)?;
    }
    let records = contents
        .into_iter()
        .zip(sent)
        .zip(received)
        .zip(dialogs)
        .map(|(((content, sent), received), dialog)| Record { content, sent, received, dialog })
        .collect();
    Ok(Outcome { records, window: (begin, end) })
}

/// Packets of all calls so far.
#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Counts {
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

/// Sends one packet of every call each 20 ms, the calls spread over them. In real time where that is
/// allowed: what the scheduler does to this end is not the phone's, ours or another's.
fn send(
    socket: &UdpSocket,
    lines: &mut [Line],
    counts: &Counts,
    stop: &AtomicBool,
) -> Vec<Vec<Instant>> {
    promote_current_thread(Urgency::Callback);
    let begun = Instant::now();
    let count = lines.len() as u32;
    for round in 0u32.. {
        for (call, line) in lines.iter_mut().enumerate() {
            let due = begun + GRID * round + GRID * call as u32 / count;
            let packet = line.packet();
            if let Some(wait) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(wait);
            }
            line.sent.push(Instant::now());
            let _ = socket.send_to(&packet, line.remote);
            counts.sent.fetch_add(1, Relaxed);
        }
        if stop.load(Relaxed) {
            break;
        }
    }
    lines.iter_mut().map(|line| std::mem::take(&mut line.sent)).collect()
}

type Arrivals = Vec<(Instant, Vec<u8>)>;

fn receive(
    socket: &UdpSocket,
    by_source: &HashMap<SocketAddr, usize>,
    calls: usize,
    counts: &Counts,
    stop: &AtomicBool,
) -> Vec<Arrivals> {
    let mut received: Vec<Arrivals> = vec![Vec::new(); calls];
    let mut buffer = [0; 2_048];
    while !stop.load(Relaxed) {
        let Ok((length, source)) = socket.recv_from(&mut buffer) else { continue };
        let now = Instant::now();
        if let Some(call) = by_source.get(&source) {
            received[*call].push((now, buffer[..length].to_vec()));
            counts.received.fetch_add(1, Relaxed);
        }
    }
    received
}

/// A socket on an even port with room for a burst of all calls.
fn rtp_socket(target: SocketAddr) -> io::Result<UdpSocket> {
    for _ in 0..100 {
        let socket = UdpSocket::bind((target.ip(), 0))?;
        if socket.local_addr()?.port() % 2 == 0 {
            socket.set_read_timeout(Some(Duration::from_millis(100)))?;
            // The system grants what it allows.
            let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20);
            return Ok(socket);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "no free even port"))
}

/// Packet time of everything that the probe sends.
pub const GRID: Duration = Duration::from_millis(20);

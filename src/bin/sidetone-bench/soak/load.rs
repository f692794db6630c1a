//! The callers of a soak: one thread, one SIP socket, one RTP socket per call, a round every 5 ms.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    io,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use serde_json::Value;
use sidetone::{base::rng::Rng, proto::sip::wire::Message};

use super::{
    call::{Call, Output},
    conduct::Conduct,
    messages::Dialog,
    phone::Phone,
    rules::Tally,
};

/// All callers.
pub struct Load {
    begun: Instant,
    sip: UdpSocket,
    phone: Phone,
    calls: BTreeMap<String, Live>,
    /// When calls are to be placed.
    next: BinaryHeap<Reverse<Duration>>,
    rng: Rng,
    /// What came of them.
    pub tally: Tally,
}

struct Live {
    call: Call,
    rtp: UdpSocket,
}

impl Load {
    /// So many callers of `phone`; the first calls are spread over some seconds.
    pub fn new(phone: Phone, callers: u32, seed: u64) -> io::Result<Self> {
        let sip = UdpSocket::bind((phone.address.ip(), 0))?;
        sip.set_nonblocking(true)?;
        // The system grants what it allows.
        let _ = socket2::SockRef::from(&sip).set_recv_buffer_size(4 << 20);
        let next = (0..callers).map(|n| Reverse(RAMP * n)).collect();
        Ok(Self {
            begun: Instant::now(),
            sip,
            phone,
            calls: BTreeMap::new(),
            next,
            rng: Rng::from_number(seed),
            tally: Tally::default(),
        })
    }

    /// Time since the begin.
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Calls that are not over.
    pub fn live(&self) -> usize {
        self.calls.len()
    }

    /// The phone.
    pub fn phone(&mut self) -> &mut Phone {
        &mut self.phone
    }

    /// No further call is placed, and those that speak come to their end.
    pub fn wind_down(&mut self) {
        self.next.clear();
        let now = self.now();
        for live in self.calls.values_mut() {
            live.call.cut_short(now);
        }
    }

    /// One round, and the wait for the next. With `placing`, a call that is over is followed by
    /// another.
    pub fn round(&mut self, placing: bool) -> io::Result<()> {
        let now = self.now();
        while self.next.peek().is_some_and(|Reverse(due)| *due <= now) {
            self.next.pop();
            self.place(now)?;
        }
        self.hear_phone(now)?;
        self.hear_sip(now)?;
        let mut over = Vec::new();
        for (id, live) in &mut self.calls {
            let mut out = Vec::new();
            live.hear();
            live.call.poll(now, &mut out);
            carry_out(&self.sip, &mut self.phone, &live.rtp, out)?;
            if live.call.is_over(now) {
                over.push(id.clone());
            }
        }
        for id in over {
            if let Some(mut live) = self.calls.remove(&id) {
                live.hear();
                self.tally.add(&live.call.facts());
            }
            if placing {
                let due = now + self.random(MOST_PAUSE);
                self.next.push(Reverse(due));
            }
        }
        if !self.phone.runs() {
            return Err(io::Error::other("the phone ended"));
        }
        let wait = (now + ROUND).saturating_sub(self.now());
        std::thread::sleep(wait);
        Ok(())
    }

    fn place(&mut self, now: Duration) -> io::Result<()> {
        let rtp = UdpSocket::bind((self.phone.address.ip(), 0))?;
        rtp.set_nonblocking(true)?;
        let port = rtp.local_addr()?.port();
        let conduct = Conduct::of(self.tally.placed);
        self.tally.placed += 1;
        let talk = LEAST_TALK + self.random(MOST_TALK - LEAST_TALK);
        let local = self.sip.local_addr()?;
        let dialog = Dialog::new(local, port, self.phone.address, self.rng.fork());
        let call = Call::new(dialog, conduct, talk, self.rng.fork(), now);
        self.calls.insert(call.id().to_owned(), Live { call, rtp });
        Ok(())
    }

    fn hear_phone(&mut self, now: Duration) -> io::Result<()> {
        while let Some(word) = self.phone.told() {
            let about = |key: &str| word[key].as_str();
            let id = about("incoming").or_else(|| about("ended")).or_else(|| about("stats"));
            let Some(live) = id.and_then(|id| self.calls.get_mut(id)) else { continue };
            let mut out = Vec::new();
            live.call.handle_word(now, &word, &mut out);
            carry_out(&self.sip, &mut self.phone, &live.rtp, out)?;
        }
        Ok(())
    }

    fn hear_sip(&mut self, now: Duration) -> io::Result<()> {
        let mut buffer = [0; 16_384];
        while let Ok((length, _)) = self.sip.recv_from(&mut buffer) {
            let Ok(message) = Message::parse(buffer[..length].to_vec().into()) else { continue };
            let live = message.call_id().and_then(|id| self.calls.get_mut(id));
            // What is over has nothing more to say; the phone gives up by itself.
            let Some(live) = live else { continue };
            let mut out = Vec::new();
            live.call.handle_message(now, &message, &mut out);
            carry_out(&self.sip, &mut self.phone, &live.rtp, out)?;
        }
        Ok(())
    }

    /// Anything below `most`.
    fn random(&mut self, most: Duration) -> Duration {
        Duration::from_millis(u64::from(self.rng.below(most.as_millis() as u32)))
    }

    /// What the phone says of itself once no call is left; waits for its last files.
    pub fn last_words(&mut self) -> io::Result<Value> {
        let until = Instant::now() + LAST_WORDS;
        loop {
            let totals = self.phone.totals()?;
            let done = totals["live"] == 0
                && totals["recordings_begun"] == totals["recordings_ended"]
                && self.phone.files_left() == 0;
            if done || Instant::now() > until {
                return Ok(totals);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Live {
    /// Takes all that came.
    fn hear(&mut self) {
        let mut buffer = [0; 2_048];
        while let Ok((length, _)) = self.rtp.recv_from(&mut buffer) {
            self.call.listener.take(&buffer[..length]);
        }
    }
}

fn carry_out(
    sip: &UdpSocket,
    phone: &mut Phone,
    rtp: &UdpSocket,
    out: Vec<Output>,
) -> io::Result<()> {
    let send = |socket: &UdpSocket, octets: &[u8], to: SocketAddr| {
        // A refusal is the system's word that nobody listens there any more: the call will find out.
        let _ = socket.send_to(octets, to);
    };
    for output in out {
        match output {
            Output::Sip(octets) => send(sip, &octets, phone.address),
            Output::Rtp(to, octets) => send(rtp, &octets, to),
            Output::Tell(command) => phone.tell(&command)?,
        }
    }
    Ok(())
}

/// From round to round.
const ROUND: Duration = Duration::from_millis(5);
/// From the first call of one caller to that of the next.
const RAMP: Duration = Duration::from_millis(37);
/// How long is spoken.
const LEAST_TALK: Duration = Duration::from_secs(2);
const MOST_TALK: Duration = Duration::from_secs(25);
/// From a caller's call to its next.
const MOST_PAUSE: Duration = Duration::from_secs(1);
/// The phone's last files are written within this time.
const LAST_WORDS: Duration = Duration::from_secs(10);

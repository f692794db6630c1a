//! One call of a soak, from the caller's side. It is a value: time, messages and the phone's words go
//! in, datagrams and questions come out.
//!
//! ```text
//!             200             spoken enough        counters add up          200
//!  Inviting ───────► Talking ───────────────► Settling ───────────► Leaving ───► Over
//!     │ refused, 487    │ Vanishes, NoAck         (BYE, or the phone is told to hang up)
//!     └──────► Over     └──► Gone ── the phone ends it ──► Over
//! ```

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use sidetone::{
    base::rng::Rng,
    proto::sip::wire::{Message, Method, Response},
};

use super::{
    conduct::Conduct,
    media::{Listener, Speaker},
    messages::{Dialog, Request, audio_of},
    rules::{Counters, Facts},
};

/// What a call wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A datagram to the phone's SIP address.
    Sip(Vec<u8>),
    /// A datagram to the phone's RTP address of the call.
    Rtp(SocketAddr, Vec<u8>),
    /// A command for the phone.
    Tell(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Inviting,
    Talking { until: Duration },
    Settling { asks: u32, next: Duration },
    Leaving,
    Gone,
    Over,
}

/// A request that waits for its response.
#[derive(Clone, Debug)]
struct Pending {
    request: Request,
    next: Duration,
    interval: Duration,
}

/// The call.
#[derive(Debug)]
pub struct Call {
    dialog: Dialog,
    state: State,
    cseq: u32,
    pending: Vec<Pending>,
    speaker: Speaker,
    /// What came back.
    pub listener: Listener,
    remote_rtp: Option<SocketAddr>,
    /// When the conduct strikes next.
    strike: Duration,
    strikes: u32,
    begun: Duration,
    talk: Duration,
    /// The phone says that it has ended.
    ended: bool,
    facts: Facts,
    rng: Rng,
}

impl Call {
    /// A call that speaks for `talk`; its first request goes out at the first [`Call::poll`].
    pub fn new(
        dialog: Dialog,
        conduct: Conduct,
        talk: Duration,
        mut rng: Rng,
        now: Duration,
    ) -> Self {
        let mut call = Self {
            dialog,
            state: State::Inviting,
            cseq: 1,
            pending: Vec::new(),
            speaker: Speaker::new(&mut rng, now),
            listener: Listener::default(),
            remote_rtp: None,
            strike: now,
            strikes: 0,
            begun: now,
            talk,
            ended: false,
            facts: Facts::new(conduct),
            rng,
        };
        let invite = call.dialog.invite(1);
        call.send(invite, now);
        call
    }

    /// Its Call-ID.
    pub fn id(&self) -> &str {
        &self.dialog.call_id
    }

    /// Whether both ends are done with it; then [`Call::facts`] are complete. The phone need not have
    /// heard of a call that was cancelled at once.
    pub fn is_over(&self, now: Duration) -> bool {
        let over_for = self.facts.over_at.map_or(Duration::ZERO, |at| now.saturating_sub(at));
        self.facts.over_at.is_some() && (self.ended || !self.facts.incoming && over_for > GRACE)
    }

    /// What happened.
    pub fn facts(&self) -> Facts {
        let mut facts = self.facts.clone();
        (facts.sent, facts.garbage) = (self.speaker.sent, self.speaker.garbage);
        (facts.received, facts.missing) = (self.listener.received, self.listener.missing());
        facts
    }

    /// Ends the talk at once.
    pub fn cut_short(&mut self, now: Duration) {
        if let State::Talking { until } = &mut self.state {
            *until = now.min(*until);
        }
    }

    /// Does what is due at `now`.
    pub fn poll(&mut self, now: Duration, out: &mut Vec<Output>) {
        for pending in self.pending.iter_mut().filter(|pending| pending.next <= now) {
            out.push(Output::Sip(pending.request.text.clone().into_bytes()));
            pending.next = now + pending.interval;
            pending.interval = (pending.interval * 2).min(T2);
        }
        match self.state {
            State::Inviting => self.cancel_early(now, out),
            State::Talking { until } => self.talk(now, until, out),
            State::Settling { asks, next } if now >= next => self.ask(now, asks, out),
            _ => {}
        }
        if now > self.begun + self.talk + PATIENCE && !self.is_over(now) {
            self.facts.stuck = Some(format!("{:?}", self.state));
            self.ended = true;
            self.over(now);
        }
    }

    /// Takes a message of the phone's.
    pub fn handle_message(&mut self, now: Duration, message: &Message, out: &mut Vec<Output>) {
        if self.facts.conduct == Conduct::Vanishes && self.state == State::Gone {
            return;
        }
        let Some(status) = message.status() else {
            if message.is_method(&Method::Bye) {
                out.push(Output::Sip(Response::to(message, 200, "").encode().to_vec()));
                self.over(now);
            }
            return;
        };
        match message.cseq().map(|cseq| (cseq.method, cseq.number)) {
            Some((Method::Invite, 1)) => self.answered(now, message, status, out),
            // One more INVITE within the call.
            Some((Method::Invite, _)) if status >= 200 => self.acknowledge(message, out),
            Some((Method::Bye, _)) if status >= 200 => self.over(now),
            Some((Method::Cancel, _)) if status >= 200 => {
                self.pending.retain(|pending| pending.request.method != "CANCEL");
            }
            _ => {}
        }
    }

    /// Takes a line of the phone's that is about this call.
    pub fn handle_word(&mut self, now: Duration, word: &Value, out: &mut Vec<Output>) {
        if word.get("incoming").is_some() {
            self.facts.incoming = true;
        } else if word.get("ended").is_some() {
            self.ended = true;
            self.facts.reason = word["reason"].as_str().map(str::to_owned);
            // What vanished will say nothing more.
            if self.state == State::Gone {
                self.over(now);
            }
        } else if word.get("stats").is_some()
            && let State::Settling { asks, .. } = self.state
        {
            let counters = Counters::read(word);
            let went = self.speaker.sent + self.speaker.garbage;
            let whole = counters.is_some_and(|counters| counters.account_for() == went);
            self.facts.counters = counters.or(self.facts.counters);
            if whole || asks >= MOST_ASKS {
                self.leave(now, out);
            }
        }
    }

    fn send(&mut self, request: Request, now: Duration) {
        self.pending.push(Pending { request, next: now, interval: T1 });
    }

    fn acknowledge(&mut self, response: &Message, out: &mut Vec<Output>) {
        out.extend(self.dialog.ack(response).map(|ack| Output::Sip(ack.into_bytes())));
    }

    fn answered(&mut self, now: Duration, message: &Message, status: u16, out: &mut Vec<Output>) {
        self.pending.retain(|pending| pending.request.method != "INVITE");
        match (status, self.state) {
            (..200, _) => {}
            (200..300, State::Inviting) => {
                self.dialog.answered(message);
                self.remote_rtp = audio_of(message);
                self.facts.connected = true;
                if self.facts.conduct == Conduct::NoAck {
                    self.state = State::Gone;
                    return;
                }
                self.acknowledge(message, out);
                if self.facts.conduct == Conduct::CancelsEarly {
                    return self.bye(now);
                }
                self.strike = now + STRIKE_AFTER;
                self.speaker = Speaker::new(&mut self.rng, now);
                self.state = State::Talking { until: now + self.talk };
            }
            (200..300, _) if self.facts.conduct != Conduct::NoAck => self.acknowledge(message, out),
            (200..300, _) => {}
            (_, State::Inviting) => {
                self.acknowledge(message, out);
                self.facts.refused = Some(status);
                self.over(now);
            }
            _ => self.acknowledge(message, out),
        }
    }

    fn cancel_early(&mut self, now: Duration, out: &mut Vec<Output>) {
        if self.facts.conduct == Conduct::CancelsEarly && self.strikes == 0 {
            self.strikes = 1;
            out.push(Output::Sip(self.dialog.cancel().text.into_bytes()));
            // The phone may have missed it: then it is sent again as any other request.
            let cancel = self.dialog.cancel();
            self.pending.push(Pending { request: cancel, next: now + T1, interval: T1 * 2 });
        }
    }

    fn talk(&mut self, now: Duration, until: Duration, out: &mut Vec<Output>) {
        if now >= until {
            self.state = match self.facts.conduct {
                Conduct::Vanishes => State::Gone,
                _ => State::Settling { asks: 0, next: now + SETTLE },
            };
            return;
        }
        let silent = self.strike_if_due(now, out);
        let Some(remote) = self.remote_rtp.filter(|_| !silent) else { return };
        while let Some(packet) = self.speaker.next(now) {
            out.push(Output::Rtp(remote, packet));
        }
    }

    /// Misbehaves; whether no media goes out meanwhile.
    fn strike_if_due(&mut self, now: Duration, out: &mut Vec<Output>) -> bool {
        let due = now >= self.strike && self.strikes < MOST_STRIKES;
        match self.facts.conduct {
            Conduct::Pauses => {
                return (self.strike..self.strike + PAUSE).contains(&now);
            }
            Conduct::Garbage if due => {
                let octets = self.speaker.garbage(&mut self.rng);
                out.extend(self.remote_rtp.map(|remote| Output::Rtp(remote, octets)));
            }
            Conduct::Sources if due => self.speaker.change_source(&mut self.rng),
            Conduct::Reinvites if due => {
                self.cseq += 1;
                let invite = self.dialog.invite(self.cseq);
                out.push(Output::Sip(invite.text.into_bytes()));
            }
            Conduct::Malformed if due => {
                self.cseq += 1;
                let mut octets = self.dialog.within("OPTIONS", self.cseq).text.into_bytes();
                octets.truncate(1 + self.rng.below(octets.len() as u32 - 4) as usize);
                let at = self.rng.below(octets.len() as u32) as usize;
                octets[at] = self.rng.u32() as u8;
                out.push(Output::Sip(octets));
            }
            Conduct::CancelsLate if due => {
                out.push(Output::Sip(self.dialog.cancel().text.into_bytes()));
            }
            _ => return false,
        }
        if due {
            self.strikes += 1;
            self.strike = now + STRIKE_EVERY;
        }
        false
    }

    fn ask(&mut self, now: Duration, asks: u32, out: &mut Vec<Output>) {
        if asks > MOST_ASKS {
            // No answer to the last question either: the call may have gone.
            return self.leave(now, out);
        }
        self.facts.asked_at.get_or_insert(now);
        self.state = State::Settling { asks: asks + 1, next: now + ASK_AGAIN };
        out.push(Output::Tell(format!("stats {}", self.id())));
    }

    fn leave(&mut self, now: Duration, out: &mut Vec<Output>) {
        if self.facts.conduct == Conduct::Waits {
            self.state = State::Leaving;
            out.push(Output::Tell(format!("hangup {}", self.id())));
        } else {
            self.bye(now);
        }
    }

    fn over(&mut self, now: Duration) {
        self.pending.clear();
        self.state = State::Over;
        self.facts.over_at.get_or_insert(now);
    }

    fn bye(&mut self, now: Duration) {
        self.cseq += 1;
        let bye = self.dialog.within("BYE", self.cseq);
        self.send(bye, now);
        self.state = State::Leaving;
    }
}

/// RFC 3261 Table 4.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// A call that is not over so long after its talk is stuck: an answer that is never acknowledged is
/// given up after 64*T1, and so is a BYE that is never answered.
const PATIENCE: Duration = Duration::from_secs(90);
/// The phone tells of a call within this time after its end for the caller.
const GRACE: Duration = Duration::from_secs(2);
/// From the last packet to the first question.
const SETTLE: Duration = Duration::from_millis(300);
/// From question to question.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// The phone's counters have so many questions' time to add up.
const MOST_ASKS: u32 = 20;
/// From the answer to the first misdeed.
const STRIKE_AFTER: Duration = Duration::from_millis(500);
/// From misdeed to misdeed.
const STRIKE_EVERY: Duration = Duration::from_millis(20);
/// Misdeeds in a call.
const MOST_STRIKES: u32 = 20;
/// Time without media; the phone's patience is longer.
const PAUSE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests;

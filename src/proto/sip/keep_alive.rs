//! Keeping a flow open, and noticing that it is dead (RFC 5626 §3.5, §4.4).
//!
//! ```text
//!  Idle ──interval──> probe sent ──answer──> Idle
//!                        └──no answer in time──> Dead     if it ever answered, or has to
//!                                           └──> Idle     else: it knows no keep-alives
//! ```
//!
//! A datagram flow is probed by CRLF, which nobody answers, or by STUN; a stream by a double CRLF or
//! the Ping of its WebSocket. A far end that was never heard to answer is not given up: many
//! registrars ignore keep-alives, and for streams the system notices a dead one as well.
//!
//! Not here: sending, and what a dead flow means for those who use it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::base::rng::Rng;

/// Tells a STUN answer's request (RFC 8489 §5).
pub type ProbeId = [u8; 12];

/// How a flow is kept open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A datagram of CRLF: opens NATs, is not answered.
    Crlf,
    /// A STUN Binding request.
    Stun,
    /// The stream's own: double CRLF, or a WebSocket's Ping.
    Ping,
}

/// How often, and how patiently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Longest time between two keep-alives; each comes after 80 to 100 % of it (§4.4.1).
    pub interval: Duration,
    /// How long an answer may take, 10 s (§4.4.1).
    pub answer: Duration,
    /// First wait before a STUN request is repeated, 500 ms (RFC 8489 §6.2.1); doubles.
    pub repeat: Duration,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send CRLF.
    Crlf,
    /// Send a STUN Binding request.
    Stun(ProbeId),
    /// Send the stream's keep-alive.
    Ping,
    /// Give the flow up.
    Dead(Death),
}

/// Why a flow is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// It answered before and does so no more.
    Silent,
    /// The far end sees us at another address than before: a NAT forgot us, and what the registrar
    /// knows leads nowhere (§4.4.2).
    Moved,
}

impl std::fmt::Display for Death {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Death::Silent => "keep-alives are not answered",
            Death::Moved => "the far end sees us at another address",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle { until: Instant },
    Waiting { probe: ProbeId, repeat_at: Option<Instant>, repeat: Duration, until: Instant },
}

/// The keep-alive of one flow.
#[derive(Debug)]
pub struct KeepAlive {
    method: Method,
    times: Times,
    rng: Rng,
    state: State,
    answered: bool,
    seen: Option<SocketAddr>,
}

impl KeepAlive {
    /// Begins with a wait. `must_answer`: the far end said that it answers keep-alives.
    pub fn new(
        now: Instant,
        method: Method,
        times: Times,
        must_answer: bool,
        mut rng: Rng,
    ) -> Self {
        let until = now + spread(times.interval, &mut rng);
        let state = State::Idle { until };
        Self { method, times, rng, state, answered: must_answer, seen: None }
    }

    /// How the flow is kept open.
    pub fn method(&self) -> Method {
        self.method
    }

    /// When [`KeepAlive::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Instant {
        match self.state {
            State::Idle { until } => until,
            State::Waiting { repeat_at, until, .. } => {
                repeat_at.map_or(until, |repeat| repeat.min(until))
            }
        }
    }

    /// The time of [`KeepAlive::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Action> {
        match self.state {
            State::Idle { until } if until <= now => Some(self.probe(now)),
            State::Waiting { until, .. } if until <= now => {
                self.rest(now);
                self.answered.then_some(Action::Dead(Death::Silent))
            }
            State::Waiting { probe, repeat_at: Some(at), repeat, until } if at <= now => {
                let repeat = repeat * 2;
                let repeat_at = Some(now + repeat);
                self.state = State::Waiting { probe, repeat_at, repeat, until };
                Some(Action::Stun(probe))
            }
            _ => None,
        }
    }

    /// A double CRLF or Ping was answered.
    pub fn handle_pong(&mut self, now: Instant) {
        if self.method == Method::Ping && matches!(self.state, State::Waiting { .. }) {
            self.answered = true;
            self.rest(now);
        }
    }

    /// Something came on the flow: no answer to a keep-alive, but a sign of life that does as well.
    pub fn handle_life(&mut self, now: Instant) {
        if self.is_waiting() {
            self.rest(now);
        }
    }

    /// Whether an answer is waited for.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// A STUN answer came; `seen`: our address as it tells.
    pub fn handle_stun(
        &mut self,
        now: Instant,
        id: ProbeId,
        seen: Option<SocketAddr>,
    ) -> Option<Action> {
        let State::Waiting { probe, .. } = self.state else { return None };
        if probe != id {
            return None;
        }
        self.answered = true;
        self.rest(now);
        let before = self.seen;
        self.seen = seen.or(before);
        let moved = before.is_some() && before != self.seen;
        moved.then_some(Action::Dead(Death::Moved))
    }

    fn probe(&mut self, now: Instant) -> Action {
        let mut probe = ProbeId::default();
        self.rng.fill(&mut probe);
        let until = now + self.times.answer;
        let repeat = self.times.repeat;
        match self.method {
            Method::Crlf => {
                self.rest(now);
                Action::Crlf
            }
            Method::Ping => {
                self.state = State::Waiting { probe, repeat_at: None, repeat, until };
                Action::Ping
            }
            Method::Stun => {
                let repeat_at = Some(now + repeat);
                self.state = State::Waiting { probe, repeat_at, repeat, until };
                Action::Stun(probe)
            }
        }
    }

    fn rest(&mut self, now: Instant) {
        self.state = State::Idle { until: now + spread(self.times.interval, &mut self.rng) };
    }
}

/// 80 to 100 % of an interval.
fn spread(interval: Duration, rng: &mut Rng) -> Duration {
    interval * (800 + rng.below(201)) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times {
        interval: Duration::from_secs(100),
        answer: Duration::from_secs(10),
        repeat: Duration::from_millis(500),
    };

    fn start(method: Method) -> (Instant, KeepAlive) {
        let now = Instant::now();
        (now, KeepAlive::new(now, method, TIMES, false, Rng::from_number(7)))
    }

    /// Runs to the next timeout.
    fn next(keep: &mut KeepAlive) -> (Instant, Option<Action>) {
        let now = keep.poll_timeout();
        (now, keep.handle_timeout(now))
    }

    #[test]
    fn probes_after_80_to_100_percent_of_the_interval() {
        let (mut now, mut keep) = start(Method::Crlf);
        for _ in 0..200 {
            let (at, action) = next(&mut keep);
            assert_eq!(action, Some(Action::Crlf));
            let wait = at - now;
            assert!(wait >= TIMES.interval * 4 / 5 && wait <= TIMES.interval, "{wait:?}");
            now = at;
        }
    }

    #[test]
    fn a_stream_that_answered_once_is_dead_ten_seconds_after_a_ping_without_answer() {
        let (_, mut keep) = start(Method::Ping);
        let (at, action) = next(&mut keep);
        assert_eq!(action, Some(Action::Ping));
        keep.handle_pong(at + Duration::from_secs(9));
        let (sent, action) = next(&mut keep);
        assert_eq!(action, Some(Action::Ping));
        let (at, action) = next(&mut keep);
        assert_eq!((at - sent, action), (TIMES.answer, Some(Action::Dead(Death::Silent))));
    }

    #[test]
    fn a_stream_that_never_answers_is_pinged_on_and_not_given_up() {
        let (_, mut keep) = start(Method::Ping);
        for _ in 0..10 {
            assert_eq!(next(&mut keep).1, Some(Action::Ping));
            assert_eq!(next(&mut keep).1, None);
        }
        let now = Instant::now();
        let mut sworn = KeepAlive::new(now, Method::Ping, TIMES, true, Rng::from_number(7));
        assert_eq!(next(&mut sworn).1, Some(Action::Ping));
        assert_eq!(next(&mut sworn).1, Some(Action::Dead(Death::Silent)));
    }

    #[test]
    fn stun_is_repeated_at_doubling_times_under_one_id() {
        let (_, mut keep) = start(Method::Stun);
        let (first, action) = next(&mut keep);
        let Some(Action::Stun(id)) = action else { panic!("{action:?}") };
        let mut waits = Vec::new();
        let mut last = first;
        while keep.is_waiting() {
            let (at, action) = next(&mut keep);
            if keep.is_waiting() {
                assert_eq!(action, Some(Action::Stun(id)));
                waits.push((at - last).as_millis());
            }
            last = at;
        }
        assert_eq!(waits, [500, 1000, 2000, 4000]);
        assert_eq!(last - first, TIMES.answer);
    }

    #[test]
    fn another_mapped_address_is_a_dead_flow_and_a_stray_answer_is_none() {
        let (_, mut keep) = start(Method::Stun);
        let answer = |keep: &mut KeepAlive, seen: &str| {
            let (at, action) = next(keep);
            let Some(Action::Stun(id)) = action else { panic!("{action:?}") };
            assert_eq!(keep.handle_stun(at, [0; 12], None), None, "another's id");
            assert!(keep.is_waiting());
            keep.handle_stun(at, id, seen.parse().ok())
        };
        assert_eq!(answer(&mut keep, "192.0.2.1:1000"), None);
        assert_eq!(answer(&mut keep, "192.0.2.1:1000"), None);
        assert_eq!(answer(&mut keep, "192.0.2.1:1001"), Some(Action::Dead(Death::Moved)));
    }
}

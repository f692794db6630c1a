//! What becomes of an incoming call before any phone rings: do not disturb, call waiting, limits,
//! forwarding (by 302 with Diversion, RFC 5806), loops.
//!
//! ```text
//! INVITE ─▶ loop? 482 ─▶ do not disturb? 480, 486 ─▶ always? 302 ─▶ busy? 302, 486 ─▶ ring ─▶ no
//!                                                                         answer? 302
//! ```

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::identity::CallerIdentity;
use crate::proto::sip::{uri::Uri, wire::Message};

/// Whether calls are let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DoNotDisturb {
    /// They are.
    #[default]
    Off,
    /// 486: the caller hears busy.
    Busy,
    /// 480: the caller hears that nobody is there.
    Unavailable,
}

/// Where an account's calls are sent on to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarding {
    /// Every call.
    pub always: Option<Uri>,
    /// Those that find the account busy.
    pub busy: Option<Uri>,
    /// Those that nobody answers in `after`.
    pub no_answer: Option<Uri>,
    /// See `no_answer`.
    pub after: Duration,
}

/// What an account does with the calls that come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Whether calls are let through.
    pub do_not_disturb: DoNotDisturb,
    /// Whether a second call may ring; without it the account is busy with one.
    pub call_waiting: bool,
    /// Most calls at once, in both directions; 0: as many as the engine takes.
    pub max_calls: u32,
    /// Where calls go instead.
    pub forwarding: Forwarding,
}

impl Default for Reception {
    fn default() -> Self {
        Self {
            do_not_disturb: DoNotDisturb::Off,
            call_waiting: true,
            max_calls: 0,
            forwarding: Forwarding::default(),
        }
    }
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The user is asked.
    Ring,
    /// It is refused with this code.
    Refuse(u16),
    /// It is sent on.
    Forward {
        /// Where to.
        target: Uri,
        /// For Diversion.
        reason: &'static str,
    },
}

impl Reception {
    /// Decides on an INVITE for `own` while the account has `calls` others.
    pub fn decide(&self, invite: &Message, own: &Uri, calls: u32) -> Verdict {
        if CallerIdentity::read(invite).was_diverted_by(own) {
            // It was sent on from here already and came back.
            return Verdict::Refuse(482);
        }
        let refused = match self.do_not_disturb {
            DoNotDisturb::Off => None,
            DoNotDisturb::Busy => Some(486),
            DoNotDisturb::Unavailable => Some(480),
        };
        let forward = |target: &Option<Uri>, reason| {
            target.clone().map(|target| Verdict::Forward { target, reason })
        };
        let busy = self.is_busy(calls);
        let forwarded = forward(&self.forwarding.always, "unconditional").or_else(|| {
            let reason = if refused.is_some() { "do-not-disturb" } else { "user-busy" };
            forward(&self.forwarding.busy, reason).filter(|_| busy || refused.is_some())
        });
        match (forwarded, refused) {
            (Some(forwarded), _) => forwarded,
            (None, Some(code)) => Verdict::Refuse(code),
            (None, None) if busy => Verdict::Refuse(486),
            (None, None) => Verdict::Ring,
        }
    }

    /// Whether `calls` calls leave no room for another one to ring.
    fn is_busy(&self, calls: u32) -> bool {
        (!self.call_waiting && calls > 0) || !self.has_room(calls)
    }

    /// Whether a call may be placed beside `calls` others.
    pub fn has_room(&self, calls: u32) -> bool {
        self.max_calls == 0 || calls < self.max_calls
    }
}

/// How many calls may begin in a minute: stops a dialler that runs away, or a loop between two
/// exchanges.
#[derive(Clone, Debug, Default)]
pub struct CallRate {
    began: VecDeque<Instant>,
    /// Whether the owner has been told of the present run.
    told: bool,
}

impl CallRate {
    /// Whether one more may begin; it then counts. `most` of 0: any number.
    pub fn admit(&mut self, now: Instant, most: u32) -> bool {
        if most == 0 {
            self.began.clear();
            return true;
        }
        while self.began.front().is_some_and(|at| now.saturating_duration_since(*at) >= MINUTE) {
            self.began.pop_front();
        }
        if self.began.len() >= most as usize {
            return false;
        }
        self.told = false;
        self.began.push_back(now);
        true
    }

    /// Whether a refusal is the first of its run, so that it is told once.
    pub fn is_news(&mut self) -> bool {
        !std::mem::replace(&mut self.told, true)
    }

    /// When the next one may begin, from `now` on.
    pub fn wait(&self, now: Instant) -> Duration {
        let oldest = self.began.front();
        oldest.map_or(Duration::ZERO, |at| (*at + MINUTE).saturating_duration_since(now))
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn decide(reception: &Reception, lines: &str, calls: u32) -> String {
        let text = format!("INVITE sip:b@h SIP/2.0\r\n{lines}\r\n");
        let message = Message::parse(Bytes::from(text)).unwrap();
        match reception.decide(&message, &"sip:bob@h".parse().unwrap(), calls) {
            Verdict::Ring => "ring".into(),
            Verdict::Refuse(code) => code.to_string(),
            Verdict::Forward { target, reason } => format!("{target} {reason}"),
        }
    }

    fn forwarding(always: &str, busy: &str) -> Forwarding {
        Forwarding { always: always.parse().ok(), busy: busy.parse().ok(), ..Forwarding::default() }
    }

    #[test]
    fn calls_are_refused_or_sent_on_by_what_the_account_says() {
        let open = Reception::default();
        assert_eq!(decide(&open, "", 7), "ring");
        let no_waiting = Reception { call_waiting: false, ..Reception::default() };
        assert_eq!(decide(&no_waiting, "", 0), "ring");
        assert_eq!(decide(&no_waiting, "", 1), "486");
        let two = Reception { max_calls: 2, ..Reception::default() };
        assert_eq!((decide(&two, "", 1), decide(&two, "", 2)), ("ring".into(), "486".into()));
        for (disturb, code) in [(DoNotDisturb::Busy, "486"), (DoNotDisturb::Unavailable, "480")] {
            let quiet = Reception { do_not_disturb: disturb, ..Reception::default() };
            assert_eq!(decide(&quiet, "", 0), code);
            let on = Reception { forwarding: forwarding("", "sip:box@h"), ..quiet };
            assert_eq!(decide(&on, "", 0), "sip:box@h do-not-disturb");
        }
        let always = Reception { forwarding: forwarding("sip:c@h", "sip:box@h"), ..no_waiting };
        assert_eq!(decide(&always, "", 1), "sip:c@h unconditional");
        let busy = Reception { forwarding: forwarding("", "sip:box@h"), ..always };
        assert_eq!(decide(&busy, "", 1), "sip:box@h user-busy");
        assert_eq!(decide(&busy, "", 0), "ring");
    }

    #[test]
    fn a_call_that_was_sent_on_from_here_before_is_a_loop() {
        let always = Reception { forwarding: forwarding("sip:c@h", ""), ..Reception::default() };
        let lines = "Diversion: <sip:c@h>;reason=unconditional, <sip:bob@h>;reason=user-busy\r\n";
        assert_eq!(decide(&always, lines, 0), "482");
    }

    #[test]
    fn a_runaway_is_stopped_until_the_minute_is_over() {
        let start = Instant::now();
        let mut rate = CallRate::default();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!((0..100).all(|_| rate.admit(start, 0)), "no limit");
        assert!(rate.admit(at(0), 2) && rate.admit(at(10), 2));
        assert!(!rate.admit(at(59), 2));
        assert_eq!(rate.wait(at(59)), Duration::from_secs(1));
        assert!(rate.is_news() && !rate.is_news(), "told once");
        assert!(rate.admit(at(60), 2));
        assert!(!rate.admit(at(61), 2) && rate.is_news(), "and once for the next run");
    }
}

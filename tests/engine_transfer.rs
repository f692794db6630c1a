//! Three engines in one process, on loopback: transfers as hosts see them, with real media.

use std::time::{Duration, Instant};

use sidetone::{
    Engine,
    base::{
        ids::{AccountId, CallId},
        plan::CodecKind,
    },
    engine::{
        AccountConfig, AccountServices, CallState, DialOptions, EngineConfig, ErrorKind, EventKind,
        SipTransport, TransferState,
        event::EndReason,
        services::{AutoAnswer, DialPlan, MessageKind, Presentation, Reception, TransferPolicy},
    },
    proto::sip::uri::NameAddr,
};

/// Longest wait for one event; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(20);

struct Phone {
    engine: Engine,
    account: AccountId,
    user: &'static str,
    seen: Vec<EventKind>,
}

impl Phone {
    fn new(user: &'static str) -> Self {
        Self::with(user, 0)
    }

    fn with(user: &'static str, max_calls_per_minute: u32) -> Self {
        let config = EngineConfig {
            bind: [127, 0, 0, 1].into(),
            max_calls_per_minute,
            ..EngineConfig::default()
        };
        let engine = Engine::new(config).unwrap();
        let account = AccountConfig {
            aor: format!("sip:{user}@127.0.0.1"),
            codecs: vec![CodecKind::Pcmu],
            ..AccountConfig::default()
        };
        let account = engine.account_add(account, None).unwrap();
        Self { engine, account, user, seen: Vec::new() }
    }

    fn services(&self, change: impl FnOnce(&mut AccountServices)) {
        let mut services = AccountServices::default();
        change(&mut services);
        self.engine.account_services_set(self.account, services).unwrap();
    }

    fn uri(&self) -> String {
        format!("sip:{}@{}", self.user, self.engine.local_address(SipTransport::Udp).unwrap())
    }

    fn dial(&self, to: &Phone) -> CallId {
        self.engine.dial(Some(self.account), &to.uri(), DialOptions::default(), None).unwrap()
    }

    fn wait<T>(&mut self, what: &str, mut fits: impl FnMut(&EventKind) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(event) = self.engine.next_event(Some(left)).unwrap() else {
                panic!("{}: no {what}; seen: {:#?}", self.user, self.seen)
            };
            let found = fits(&event.kind);
            self.seen.push(event.kind);
            if let Some(found) = found {
                return found;
            }
        }
    }

    fn wait_state(&mut self, wanted: CallId, state: CallState) -> Option<EndReason> {
        self.wait(&format!("{state:?}"), |event| match event {
            EventKind::Call { call, state: now, reason, .. }
                if *call == wanted && *now == state =>
            {
                Some(*reason)
            }
            _ => None,
        })
    }

    fn wait_incoming(&mut self) -> CallId {
        self.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, .. } => Some(*call),
            _ => None,
        })
    }

    fn wait_transfer(&mut self, wanted: TransferState) -> u16 {
        self.wait(&format!("{wanted:?}"), |event| match event {
            EventKind::Transfer { state, code, .. } if *state == wanted => Some(*code),
            _ => None,
        })
    }

    fn wait_replaced(&mut self, wanted: CallId) -> String {
        self.wait("replacement", |event| match event {
            EventKind::Replaced { call, uri, .. } if *call == wanted => Some(uri.clone()),
            _ => None,
        })
    }

    /// RTP comes from `from` now.
    fn hears(&self, call: CallId, from: &Phone, other: CallId) {
        let theirs = from.engine.call_info(other).unwrap().local_rtp;
        let deadline = Instant::now() + PATIENCE;
        while self.engine.call_info(call).unwrap().remote_rtp != theirs {
            assert!(Instant::now() < deadline, "RTP goes elsewhere");
            std::thread::yield_now();
        }
        let before = self.engine.call_stats(call).unwrap().packets_received;
        while self.engine.call_stats(call).unwrap().packets_received < before + 10 {
            assert!(Instant::now() < deadline, "{} hears nothing", self.user);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn connect(from: &mut Phone, to: &mut Phone) -> (CallId, CallId) {
    let out = from.dial(to);
    let into = to.wait_incoming();
    to.engine.answer(into, Vec::new(), None).unwrap();
    from.wait_state(out, CallState::Connected);
    to.wait_state(into, CallState::Connected);
    (out, into)
}

#[test]
fn a_blind_transfer_leaves_the_others_in_one_call_with_sound() {
    let (mut alice, mut bob, mut carol) =
        (Phone::new("alice"), Phone::new("bob"), Phone::new("carol"));
    bob.services(|services| services.transfer = TransferPolicy::Accept);
    let (out, into) = connect(&mut alice, &mut bob);
    alice.engine.transfer(out, &carol.uri(), false, None).unwrap();
    let third = carol.wait_incoming();
    let referred_by =
        carol.engine.message_header(third, MessageKind::Invite, "Referred-By", 0).unwrap().unwrap();
    assert_eq!(referred_by, "<sip:alice@127.0.0.1>");
    carol.engine.answer(third, Vec::new(), None).unwrap();
    assert_eq!(alice.wait_transfer(TransferState::Done), 200);
    assert_eq!(alice.wait_state(out, CallState::Ended), Some(EndReason::Transferred));
    assert!(bob.wait_replaced(into).starts_with("sip:carol@"));
    carol.wait_state(third, CallState::Connected);
    bob.hears(into, &carol, third);
    carol.hears(third, &bob, into);
    assert_eq!(bob.engine.calls(), [into], "the host has one call, and it is the one it had");
    bob.engine.hangup(into, None).unwrap();
    carol.wait_state(third, CallState::Ended);
    bob.wait_state(into, CallState::Ended);
}

#[test]
fn an_attended_transfer_replaces_the_call_at_the_other_end() {
    let (mut alice, mut bob, mut carol) =
        (Phone::new("alice"), Phone::new("bob"), Phone::new("carol"));
    bob.services(|services| services.transfer = TransferPolicy::Accept);
    let (to_bob, in_bob) = connect(&mut alice, &mut bob);
    let (to_carol, in_carol) = connect(&mut alice, &mut carol);
    alice.engine.transfer_to(to_bob, to_carol, None).unwrap();
    assert!(carol.wait_replaced(in_carol).starts_with("sip:bob@"));
    assert!(bob.wait_replaced(in_bob).starts_with("sip:carol@"));
    let mut ended = vec![to_bob, to_carol];
    while !ended.is_empty() {
        let over = alice.wait("end", |event| match event {
            EventKind::Call { call, state: CallState::Ended, .. } => Some(*call),
            _ => None,
        });
        ended.retain(|call| *call != over);
    }
    bob.hears(in_bob, &carol, in_carol);
    carol.hears(in_carol, &bob, in_bob);
    carol.engine.hangup(in_carol, None).unwrap();
    bob.wait_state(in_bob, CallState::Ended);
}

#[test]
fn transfers_of_calls_that_are_not_connected_are_refused() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    let out = alice.dial(&bob);
    let into = bob.wait_incoming();
    let request = Some(alice.engine.new_request());
    alice.engine.transfer(out, "sip:carol@127.0.0.1", false, request).unwrap();
    let refused = alice.wait("reply", |event| match event {
        EventKind::Reply { request: id, error, .. } if Some(*id) == request => Some(*error),
        _ => None,
    });
    assert_eq!(refused, Some(ErrorKind::WrongState));
    let error = alice.engine.transfer_to(out, out, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    bob.engine.reject(into, 486, "", None).unwrap();
    alice.wait_state(out, CallState::Ended);
}

#[test]
fn a_busy_account_takes_no_second_call_and_an_intercom_answers_by_itself() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    bob.services(|services| {
        services.reception = Reception { call_waiting: false, ..Reception::default() };
        services.auto_answer = AutoAnswer { on_request: true, ..AutoAnswer::default() };
    });
    let options = DialOptions {
        headers: vec![("Call-Info".to_owned(), "<sip:x>;answer-after=0".to_owned())],
        ..DialOptions::default()
    };
    let out = alice.engine.dial(Some(alice.account), &bob.uri(), options, None).unwrap();
    bob.wait_incoming();
    alice.wait_state(out, CallState::Connected);
    let second = alice.dial(&bob);
    assert_eq!(alice.wait_state(second, CallState::Ended), Some(EndReason::Refused));
    assert_eq!(alice.engine.calls(), [out]);
}

#[test]
fn an_asserted_identity_shows_only_where_the_network_is_trusted() {
    let (mut alice, mut bob) = (Phone::new("alice"), Phone::new("bob"));
    alice.services(|services| {
        services.presentation = Presentation {
            asserted: NameAddr::parse("<sip:+4930123@127.0.0.1>"),
            ..Presentation::default()
        };
    });
    for trusted in [false, true] {
        bob.services(|services| services.trust_identity = trusted);
        let out = alice.dial(&bob);
        let (call, from) = bob.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, from, .. } => Some((*call, from.clone())),
            _ => None,
        });
        let wanted = if trusted { "sip:+4930123@127.0.0.1" } else { "sip:alice@127.0.0.1" };
        assert_eq!(from, wanted);
        bob.engine.reject(call, 486, "", None).unwrap();
        alice.wait_state(out, CallState::Ended);
    }
}

#[test]
fn a_dial_plan_and_a_limit_of_calls_per_minute_are_kept_to() {
    let mut alice = Phone::with("alice", 2);
    alice.services(|services| {
        services.dial_plan = DialPlan::parse("<0:+49>[1-9]x.|0900x.!").unwrap();
    });
    let dial = |alice: &Phone, number: &str| {
        alice.engine.dial(Some(alice.account), number, DialOptions::default(), None)
    };
    assert!(dial(&alice, "0900x1").is_ok(), "a name is no number");
    let call = dial(&alice, "030 123").unwrap();
    assert_eq!(alice.engine.call_info(call).unwrap().remote_uri, "sip:+4930123@127.0.0.1");
    let third = dial(&alice, "030 123").unwrap();
    let limit = alice.wait("limit", |event| match event {
        EventKind::CallsLimited { limit, .. } => Some(*limit),
        _ => None,
    });
    assert_eq!(limit, 2);
    let error = alice.wait("end", |event| match event {
        EventKind::Call { call, state: CallState::Ended, error, .. } if *call == third => {
            Some(*error)
        }
        _ => None,
    });
    assert_eq!(error, Some(ErrorKind::Limit));
}

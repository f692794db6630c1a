//! An engine with one account on loopback, as a host that waits for events.

#![allow(dead_code)]

use std::time::{Duration, Instant};

use sidetone::{
    Engine,
    base::{
        ids::{AccountId, CallId},
        plan::CodecKind,
    },
    engine::{
        AccountConfig, AccountServices, CallState, DialOptions, DtmfMethod, EngineConfig,
        EventKind, SipTransport, TransferState, event::EndReason,
    },
};

/// Longest wait for one event; a failure, not a measurement.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An engine with one account, and every event that it told.
pub struct Phone {
    pub engine: Engine,
    pub account: AccountId,
    pub user: &'static str,
    seen: Vec<EventKind>,
}

impl Phone {
    pub fn new(user: &'static str) -> Self {
        Self::make(user, 0, DtmfMethod::Auto)
    }

    /// With an engine that lets so many calls begin in a minute.
    pub fn with_limit(user: &'static str, max_calls_per_minute: u32) -> Self {
        Self::make(user, max_calls_per_minute, DtmfMethod::Auto)
    }

    /// That sends digits so.
    pub fn with_dtmf(user: &'static str, dtmf: DtmfMethod) -> Self {
        Self::make(user, 0, dtmf)
    }

    fn make(user: &'static str, max_calls_per_minute: u32, dtmf: DtmfMethod) -> Self {
        let config = EngineConfig { max_calls_per_minute, ..EngineConfig::default() };
        Self::of(user, config, dtmf)
    }

    /// With an engine of these settings, on loopback.
    pub fn of(user: &'static str, config: EngineConfig, dtmf: DtmfMethod) -> Self {
        let config = EngineConfig { bind: [127, 0, 0, 1].into(), ..config };
        let engine = Engine::new(config).unwrap();
        let account = AccountConfig {
            aor: format!("sip:{user}@127.0.0.1"),
            codecs: vec![CodecKind::Pcmu],
            dtmf,
            ..AccountConfig::default()
        };
        let account = engine.account_add(account, None).unwrap();
        Self { engine, account, user, seen: Vec::new() }
    }

    pub fn services(&self, change: impl FnOnce(&mut AccountServices)) {
        let mut services = AccountServices::default();
        change(&mut services);
        self.engine.account_services_set(self.account, services).unwrap();
    }

    pub fn uri(&self) -> String {
        format!("sip:{}@{}", self.user, self.engine.local_address(SipTransport::Udp).unwrap())
    }

    pub fn dial(&self, to: &Phone) -> CallId {
        self.dial_uri(&to.uri())
    }

    pub fn dial_uri(&self, uri: &str) -> CallId {
        self.engine.dial(Some(self.account), uri, DialOptions::default(), None).unwrap()
    }

    pub fn wait<T>(&mut self, what: &str, mut fits: impl FnMut(&EventKind) -> Option<T>) -> T {
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

    /// What came before and `fits`.
    pub fn seen<T>(&self, fits: impl FnMut(&EventKind) -> Option<T>) -> Vec<T> {
        self.seen.iter().filter_map(fits).collect()
    }

    pub fn wait_state(&mut self, wanted: CallId, state: CallState) -> Option<EndReason> {
        self.wait(&format!("{state:?}"), |event| match event {
            EventKind::Call { call, state: now, reason, .. }
                if *call == wanted && *now == state =>
            {
                Some(*reason)
            }
            _ => None,
        })
    }

    pub fn wait_incoming(&mut self) -> CallId {
        self.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, .. } => Some(*call),
            _ => None,
        })
    }

    pub fn wait_transfer(&mut self, wanted: TransferState) -> u16 {
        self.wait(&format!("{wanted:?}"), |event| match event {
            EventKind::Transfer { state, code, .. } if *state == wanted => Some(*code),
            _ => None,
        })
    }

    pub fn wait_replaced(&mut self, wanted: CallId) -> String {
        self.wait("replacement", |event| match event {
            EventKind::Replaced { call, uri, .. } if *call == wanted => Some(uri.clone()),
            _ => None,
        })
    }

    /// RTP comes from `from` now.
    pub fn hears(&self, call: CallId, from: &Phone, other: CallId) {
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

/// A connected call.
pub fn connect(from: &mut Phone, to: &mut Phone) -> (CallId, CallId) {
    let out = from.dial(to);
    let into = to.wait_incoming();
    to.engine.answer(into, Vec::new(), None).unwrap();
    from.wait_state(out, CallState::Connected);
    to.wait_state(into, CallState::Connected);
    (out, into)
}

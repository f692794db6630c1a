//! What the host's threads and the engine's share: the id tables, the event queue, the snapshots.
//!
//! Locks here are held for a few field reads and never across a call-out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

use super::{
    conferences::ConferenceShared,
    config::EngineConfig,
    error::{Error, ErrorKind},
    event::{CallState, EventKind},
    info::{AccountInfo, CallInfo, CallStats},
    log::Logger,
    queue::EventQueue,
    services::{AccountServices, MessageKind},
    taps::{self, Door, InjectEnd, TapEnd},
    watch::SubscriptionInfo,
};
use crate::{
    base::ids::{
        AccountId, CallId, ConferenceId, IdTable, InjectionId, PublicationId, RequestId,
        SubscriptionId, TapId, TransactionId,
    },
    device::{
        health::{AudioHealth, Histogram},
        priority::Priority,
    },
    proto::sip::wire,
};

/// Requests of far ends that may wait for the host at once.
const MOST_OFFERS: usize = 256;

/// Locks a snapshot. A thread that panicked with it left a whole value: only plain stores happen
/// under these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the engine listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub(super) ip: IpAddr,
    pub(super) sip_port: u16,
    pub(super) tls_port: Option<u16>,
}

/// Whether the engine takes commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Life {
    Running = 0,
    Stopping = 1,
    Stopped = 2,
    Faulted = 3,
}

/// The state behind an engine's handle.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: EngineConfig,
    pub(super) events: EventQueue,
    pub(super) log: Logger,
    pub(super) counters: Counters,
    pub(super) health: Health,
    /// Written by S.
    pub(super) local: Mutex<Local>,
    ids: Mutex<Ids>,
    life: AtomicU8,
}

#[derive(Debug)]
struct Ids {
    accounts: IdTable<AccountId, Arc<AccountShared>>,
    calls: IdTable<CallId, Arc<CallShared>>,
    transactions: IdTable<TransactionId, ()>,
    subscriptions: IdTable<SubscriptionId, Arc<SubscriptionShared>>,
    publications: IdTable<PublicationId, AccountId>,
    taps: IdTable<TapId, Arc<TapEnd>>,
    injections: IdTable<InjectionId, Arc<InjectEnd>>,
    conferences: IdTable<ConferenceId, Arc<ConferenceShared>>,
}

/// Counters of [`super::EngineStats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) ticks: AtomicU64,
    pub(super) late_ticks: AtomicU64,
    pub(super) sip_received: AtomicU64,
    pub(super) sip_dropped: AtomicU64,
    pub(super) device_underruns: AtomicU64,
    pub(super) microphone_lost: AtomicU64,
    pub(super) sip_over_rate: AtomicU64,
    pub(super) sip_over_limit: AtomicU64,
    pub(super) sip_unreachable: AtomicU64,
    /// f32 bits, dBFS; NaN: no device.
    pub(super) microphone_db: AtomicU32,
    pub(super) loudspeaker_db: AtomicU32,
}

/// How the threads do that have to keep time, of [`super::EngineHealth`].
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Of the sound card.
    pub(super) audio: Arc<AudioHealth>,
    /// How late rounds of media workers began.
    pub(super) rounds: Histogram,
    /// What each worker's thread got, as far as they have begun.
    pub(super) workers: Mutex<Vec<Priority>>,
}

/// Snapshot of an account, written by S.
#[derive(Debug, Default)]
pub(super) struct AccountShared {
    pub(super) info: Mutex<AccountInfo>,
    /// Written by the host.
    pub(super) services: Mutex<Arc<AccountServices>>,
}

/// Snapshot of a subscription, written by S.
#[derive(Debug, Default)]
pub(super) struct SubscriptionShared {
    pub(super) info: Mutex<SubscriptionInfo>,
}

/// Snapshots of a call: `info` and `message` written by S, `stats` by M.
#[derive(Debug, Default)]
pub(super) struct CallShared {
    pub(super) info: Mutex<CallInfo>,
    /// The far end's latest INVITE or final response to ours.
    pub(super) message: Mutex<Option<wire::Message>>,
    /// Its last message of each kind.
    pub(super) messages: Mutex<HashMap<MessageKind, wire::Message>>,
    pub(super) stats: Mutex<CallStats>,
    /// When it began, when it was answered, when it ended.
    pub(super) times: Mutex<CallTimes>,
    /// Where new taps and injections come in.
    pub(super) door: Door,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CallTimes {
    pub(super) began: Option<Instant>,
    pub(super) connected: Option<Instant>,
    pub(super) ended: Option<Instant>,
}

impl Shared {
    pub(super) fn new(config: EngineConfig, start: Instant) -> Self {
        let calls = config.max_calls as usize;
        let counters = Counters::default();
        counters.microphone_db.store(f32::NAN.to_bits(), Ordering::Relaxed);
        counters.loudspeaker_db.store(f32::NAN.to_bits(), Ordering::Relaxed);
        Self {
            events: EventQueue::new(
                (calls * 16).max(256) + 2 * config.max_subscriptions as usize,
                start,
            ),
            log: Logger::default(),
            local: Mutex::new(Local { ip: [0, 0, 0, 0].into(), sip_port: 0, tls_port: None }),
            counters,
            health: Health::default(),
            ids: Mutex::new(Ids {
                accounts: IdTable::new(config.max_accounts as usize),
                calls: IdTable::new(calls),
                transactions: IdTable::new(MOST_OFFERS),
                subscriptions: IdTable::new(config.max_subscriptions as usize),
                publications: IdTable::new(config.max_subscriptions as usize),
                taps: IdTable::new(calls * taps::MOST),
                injections: IdTable::new(calls * taps::MOST),
                conferences: IdTable::new(calls),
            }),
            life: AtomicU8::new(Life::Running as u8),
            config,
        }
    }

    pub(super) fn life(&self) -> Life {
        match self.life.load(Ordering::Acquire) {
            0 => Life::Running,
            1 => Life::Stopping,
            2 => Life::Stopped,
            _ => Life::Faulted,
        }
    }

    pub(super) fn set_life(&self, life: Life) {
        self.life.store(life as u8, Ordering::Release);
    }

    /// Closes the gate to the host's commands; a faulted engine stays one.
    pub(super) fn begin_stopping(&self) {
        let (running, stopping) = (Life::Running as u8, Life::Stopping as u8);
        let _ = self.life.compare_exchange(running, stopping, Ordering::AcqRel, Ordering::Acquire);
    }

    /// An error unless commands are taken.
    pub(super) fn check_running(&self) -> Result<(), Error> {
        match self.life() {
            Life::Running => Ok(()),
            Life::Stopping | Life::Stopped => {
                Err(Error::new(ErrorKind::Shutdown, "the engine is shutting down"))
            }
            Life::Faulted => Err(Error::new(
                ErrorKind::Faulted,
                "the engine has failed and takes no commands; destroy it and create another",
            )),
        }
    }

    /// Marks the engine as broken and tells the host, once.
    pub(super) fn fault(&self, text: &str) {
        let faulted = Life::Faulted as u8;
        if self.life.swap(faulted, Ordering::AcqRel) != faulted {
            self.emit(EventKind::Faulted { text: text.to_owned() });
        }
    }

    /// Queues an event. An end event that found no space frees its id at once, since nobody will
    /// pull it.
    pub(super) fn emit(&self, kind: EventKind) {
        if let EventKind::Call { call, state: CallState::Ended, .. } = kind
            && let Ok(call) = self.call(call)
        {
            call.door.close();
        }
        if let Err(EventKind::Call { call, state: CallState::Ended, .. }) = self.events.push(kind) {
            self.remove_call(call);
        }
    }

    /// Queues the outcome of a command, for a host that asked to be told.
    pub(super) fn reply(&self, request: Option<RequestId>, error: Option<ErrorKind>, text: &str) {
        if let Some(request) = request {
            let text = text.to_owned();
            self.emit(EventKind::Reply { request, error, text, code: 0, content: None });
        }
    }

    /// Reserves an id for a request that waits for the host; `None` when too many do.
    pub(super) fn add_transaction(&self) -> Option<TransactionId> {
        lock(&self.ids).transactions.insert_with(|_| ())
    }

    pub(super) fn remove_transaction(&self, transaction: TransactionId) {
        lock(&self.ids).transactions.remove(transaction);
    }

    pub(super) fn check_transaction(&self, transaction: TransactionId) -> Result<(), Error> {
        lock(&self.ids).transactions.find(transaction).copied().ok_or_else(|| {
            Error::new(
                ErrorKind::StaleId,
                "the request has been answered, or given up by its sender",
            )
        })
    }

    /// Reserves an id for a subscription.
    pub(super) fn add_subscription(
        &self,
        info: SubscriptionInfo,
    ) -> Option<(SubscriptionId, Arc<SubscriptionShared>)> {
        let shared = Arc::new(SubscriptionShared { info: Mutex::new(info) });
        let id = lock(&self.ids).subscriptions.insert_with(|_| Arc::clone(&shared))?;
        Some((id, shared))
    }

    pub(super) fn remove_subscription(&self, subscription: SubscriptionId) {
        lock(&self.ids).subscriptions.remove(subscription);
    }

    pub(super) fn subscription(
        &self,
        subscription: SubscriptionId,
    ) -> Result<Arc<SubscriptionShared>, Error> {
        lock(&self.ids)
            .subscriptions
            .find(subscription)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::StaleId, "the subscription has been removed"))
    }

    pub(super) fn subscriptions(&self) -> Vec<SubscriptionId> {
        lock(&self.ids).subscriptions.iter().map(|(id, _)| id).collect()
    }

    /// Reserves an id for a publication of an account.
    pub(super) fn add_publication(&self, account: AccountId) -> Option<PublicationId> {
        lock(&self.ids).publications.insert_with(|_| account)
    }

    pub(super) fn remove_publication(&self, publication: PublicationId) {
        lock(&self.ids).publications.remove(publication);
    }

    /// The account of a publication that was not removed.
    pub(super) fn check_publication(&self, publication: PublicationId) -> Result<AccountId, Error> {
        lock(&self.ids)
            .publications
            .find(publication)
            .copied()
            .ok_or_else(|| Error::new(ErrorKind::StaleId, "the publication has been removed"))
    }

    /// Reserves an id for a call.
    pub(super) fn add_call(&self, info: CallInfo) -> Option<(CallId, Arc<CallShared>)> {
        let shared = Arc::new(CallShared {
            info: Mutex::new(info),
            times: Mutex::new(CallTimes { began: Some(Instant::now()), ..CallTimes::default() }),
            ..CallShared::default()
        });
        let id = lock(&self.ids).calls.insert_with(|_| Arc::clone(&shared))?;
        Some((id, shared))
    }

    pub(super) fn remove_call(&self, call: CallId) {
        lock(&self.ids).calls.remove(call);
    }

    pub(super) fn call(&self, call: CallId) -> Result<Arc<CallShared>, Error> {
        lock(&self.ids).calls.find(call).cloned().ok_or_else(|| {
            Error::new(ErrorKind::StaleId, "the call is over and its id no longer valid")
        })
    }

    pub(super) fn calls(&self) -> Vec<CallId> {
        lock(&self.ids).calls.iter().map(|(id, _)| id).collect()
    }

    pub(super) fn call_count(&self) -> usize {
        lock(&self.ids).calls.len()
    }

    pub(super) fn add_tap(&self, tap: TapEnd) -> Result<TapId, Error> {
        lock(&self.ids).taps.insert_with(|_| Arc::new(tap)).ok_or_else(|| too_many("taps"))
    }

    pub(super) fn tap(&self, tap: TapId) -> Result<Arc<TapEnd>, Error> {
        lock(&self.ids).taps.find(tap).cloned().ok_or_else(|| closed("tap"))
    }

    pub(super) fn remove_tap(&self, tap: TapId) -> Result<(), Error> {
        let removed = lock(&self.ids).taps.remove(tap);
        removed.map(drop).ok_or_else(|| closed("tap"))
    }

    pub(super) fn add_injection(&self, injection: InjectEnd) -> Result<InjectionId, Error> {
        let injection = Arc::new(injection);
        let added = lock(&self.ids).injections.insert_with(|_| injection);
        added.ok_or_else(|| too_many("injections"))
    }

    pub(super) fn injection(&self, injection: InjectionId) -> Result<Arc<InjectEnd>, Error> {
        lock(&self.ids).injections.find(injection).cloned().ok_or_else(|| closed("injection"))
    }

    pub(super) fn remove_injection(&self, injection: InjectionId) -> Result<(), Error> {
        let removed = lock(&self.ids).injections.remove(injection);
        removed.map(drop).ok_or_else(|| closed("injection"))
    }

    pub(super) fn add_conference(&self) -> Option<(ConferenceId, Arc<ConferenceShared>)> {
        let shared = Arc::<ConferenceShared>::default();
        let id = lock(&self.ids).conferences.insert_with(|_| Arc::clone(&shared))?;
        Some((id, shared))
    }

    pub(super) fn remove_conference(&self, conference: ConferenceId) {
        lock(&self.ids).conferences.remove(conference);
    }

    pub(super) fn conference(
        &self,
        conference: ConferenceId,
    ) -> Result<Arc<ConferenceShared>, Error> {
        lock(&self.ids)
            .conferences
            .find(conference)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::StaleId, "the conference has been destroyed"))
    }

    pub(super) fn add_account(&self, info: AccountInfo) -> Option<(AccountId, Arc<AccountShared>)> {
        let shared = Arc::new(AccountShared { info: Mutex::new(info), ..AccountShared::default() });
        let id = lock(&self.ids).accounts.insert_with(|_| Arc::clone(&shared))?;
        Some((id, shared))
    }

    pub(super) fn remove_account(&self, account: AccountId) {
        lock(&self.ids).accounts.remove(account);
    }

    pub(super) fn account(&self, account: AccountId) -> Result<Arc<AccountShared>, Error> {
        lock(&self.ids)
            .accounts
            .find(account)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::StaleId, "the account has been removed"))
    }

    pub(super) fn accounts(&self) -> Vec<AccountId> {
        lock(&self.ids).accounts.iter().map(|(id, _)| id).collect()
    }
}

fn too_many(noun: &str) -> Error {
    Error::new(ErrorKind::Limit, format!("too many {noun}; close those of calls that are over"))
}

fn closed(noun: &str) -> Error {
    Error::new(ErrorKind::StaleId, format!("the {noun} was closed"))
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, time::Duration};

    use super::*;

    #[test]
    fn however_many_threads_fail_at_once_the_host_is_told_once() {
        for _ in 0..200 {
            let shared = Shared::new(EngineConfig::default(), Instant::now());
            let barrier = Barrier::new(4);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        barrier.wait();
                        shared.fault("where");
                        shared.begin_stopping();
                    });
                }
            });
            assert_eq!(shared.life(), Life::Faulted);
            assert!(shared.events.next(Some(Duration::ZERO)).unwrap().is_some());
            assert_eq!(shared.events.next(Some(Duration::ZERO)).unwrap(), None);
        }
    }
}

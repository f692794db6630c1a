//! The bounded event queue between the signaling thread and the host.
//!
//! One writer (S), one reader at a time (any host thread). Each [`Lane`] of events has its own share
//! of the queue, so that what a far end may send without end pushes out neither the states of other
//! calls nor the replies. When the share is full the newest event is dropped and counted;
//! [`EventKind::EventsLost`] is delivered before anything that was queued later, so the host knows
//! to read the state anew.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    error::{Error, ErrorKind},
    event::{Event, EventKind},
    wakeup::Wakeup,
};
use crate::base::ids::{CallId, SubscriptionId};

/// Digits and the like of one call that wait for the host, at most: those of a long card number. A
/// subscription's states and documents have as much.
const MOST_OF_ONE: usize = 64;

/// Kinds of events by who brings them about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// Where calls, accounts and the engine stand: a few per call.
    State,
    /// What the host asked for.
    Host,
    /// The engine's end, which nothing follows, and the news of events that found no place: always let
    /// through.
    Open,
    /// What a far end may send as often as it likes.
    FarEnd(FarEnd),
}

/// Far ends by what they send it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum FarEnd {
    Of(CallId),
    Notifier(SubscriptionId),
    /// Neither: anybody.
    Stranger,
}

impl FarEnd {
    /// How many of its events may wait, of the `capacity` that far ends have together: strangers get
    /// half of it.
    fn most(self, capacity: usize) -> usize {
        match self {
            FarEnd::Of(_) | FarEnd::Notifier(_) => MOST_OF_ONE,
            FarEnd::Stranger => capacity.div_ceil(2),
        }
    }
}

impl Lane {
    fn of(kind: &EventKind) -> Self {
        match kind {
            EventKind::Dtmf { call, .. }
            | EventKind::Media { call, .. }
            | EventKind::Hold { call, .. }
            | EventKind::MediaTimeout { call, .. }
            | EventKind::Replaced { call, .. }
            | EventKind::Redirected { call, .. }
            | EventKind::Transfer { call, .. } => Lane::FarEnd(FarEnd::Of(*call)),
            EventKind::Message { call, .. } | EventKind::Request { call, .. } => {
                Lane::FarEnd(call.map_or(FarEnd::Stranger, FarEnd::Of))
            }
            EventKind::Notify { subscription, .. } => {
                Lane::FarEnd(subscription.map_or(FarEnd::Stranger, FarEnd::Notifier))
            }
            EventKind::Subscription { subscription, .. } => {
                Lane::FarEnd(FarEnd::Notifier(*subscription))
            }
            EventKind::Faulted { .. } | EventKind::Stopped | EventKind::EventsLost { .. } => {
                Lane::Open
            }
            EventKind::Reply { .. }
            | EventKind::PlayFinished { .. }
            | EventKind::RecordPaused { .. }
            | EventKind::RecordFinished { .. } => Lane::Host,
            _ => Lane::State,
        }
    }
}

/// The queue. Shared by the engine's handle and the signaling thread.
#[derive(Debug)]
pub(super) struct EventQueue {
    state: Mutex<State>,
    filled: Condvar,
    start: Instant,
    /// Of each lane; the far ends share one.
    capacity: usize,
    reading: AtomicBool,
    lost_total: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    /// How many of them are in which lane.
    state_events: usize,
    host_events: usize,
    far_end_events: usize,
    of_far_ends: HashMap<FarEnd, usize>,
    next_sequence: u64,
    lost: u64,
    woken: bool,
    wakeup: Option<Wakeup>,
}

impl EventQueue {
    /// A queue of `capacity` events per lane; times count from `start`.
    pub(super) fn new(capacity: usize, start: Instant) -> Self {
        Self {
            state: Mutex::new(State { next_sequence: 1, ..State::default() }),
            filled: Condvar::new(),
            start,
            capacity,
            reading: AtomicBool::new(false),
            lost_total: AtomicU64::new(0),
        }
    }

    /// What times count from: the engine's creation.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an event and notifies the host; gives the event back when there was no space.
    pub(super) fn push(&self, kind: EventKind) -> Result<(), EventKind> {
        let time = self.start.elapsed();
        let wakeup = {
            let mut state = self.lock();
            if !state.enter(Lane::of(&kind), self.capacity) {
                state.lost += 1;
                self.lost_total.fetch_add(1, Ordering::Relaxed);
                return Err(kind);
            }
            let was_empty = state.events.is_empty();
            state.push_lost(time);
            state.push(kind, time);
            if was_empty { state.notify() } else { None }
        };
        self.filled.notify_one();
        if let Some(wakeup) = wakeup {
            wakeup.notify();
        }
        Ok(())
    }

    /// The next event; see [`super::Engine::next_event`].
    pub(super) fn next(&self, timeout: Option<Duration>) -> Result<Option<Event>, Error> {
        if self.reading.swap(true, Ordering::Acquire) {
            return Err(Error::new(
                ErrorKind::WrongThread,
                "another thread is reading events; one at a time may",
            ));
        }
        let event = self.wait(timeout);
        self.reading.store(false, Ordering::Release);
        Ok(event)
    }

    fn wait(&self, timeout: Option<Duration>) -> Option<Event> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.lock();
        loop {
            if state.events.is_empty() {
                state.push_lost(self.start.elapsed());
            }
            if let Some(event) = state.events.pop_front() {
                state.leave(&event.kind);
                return Some(event);
            }
            if std::mem::take(&mut state.woken) {
                return None;
            }
            state = match (timeout, deadline) {
                (Some(_), Some(deadline)) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    self.filled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                _ => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Ends a waiting [`EventQueue::next`], or the next one at once.
    pub(super) fn wake(&self) {
        self.lock().woken = true;
        self.filled.notify_all();
    }

    /// Sets the wake-up; one that comes while events wait is notified at once.
    pub(super) fn set_wakeup(&self, wakeup: Option<Wakeup>) {
        let function = {
            let mut state = self.lock();
            state.wakeup = wakeup;
            if state.events.is_empty() { None } else { state.notify() }
        };
        if let Some(function) = function {
            function.notify();
        }
    }

    /// Events dropped since the start.
    pub(super) fn lost(&self) -> u64 {
        self.lost_total.load(Ordering::Relaxed)
    }
}

impl State {
    /// Notifies what belongs to the system, so that no notice is under way any more when another
    /// wake-up has been set; gives a function back, which is called without the lock.
    fn notify(&self) -> Option<Wakeup> {
        match &self.wakeup {
            Some(Wakeup::Function(function)) => Some(Wakeup::Function(Arc::clone(function))),
            Some(other) => {
                other.notify();
                None
            }
            None => None,
        }
    }

    /// Takes a place in a lane; `false` when it is full.
    fn enter(&mut self, lane: Lane, capacity: usize) -> bool {
        let count = match lane {
            Lane::Open => return true,
            Lane::State => &mut self.state_events,
            Lane::Host => &mut self.host_events,
            Lane::FarEnd(far_end) => {
                let of_this = self.of_far_ends.get(&far_end).copied().unwrap_or(0);
                if of_this >= far_end.most(capacity) || self.far_end_events >= capacity {
                    return false;
                }
                self.of_far_ends.insert(far_end, of_this + 1);
                &mut self.far_end_events
            }
        };
        let free = *count < capacity;
        *count += usize::from(free);
        free
    }

    /// Gives an event's place in its lane back.
    fn leave(&mut self, kind: &EventKind) {
        let count = match Lane::of(kind) {
            Lane::Open => return,
            Lane::State => &mut self.state_events,
            Lane::Host => &mut self.host_events,
            Lane::FarEnd(far_end) => {
                if let Some(of_this) = self.of_far_ends.get_mut(&far_end) {
                    *of_this -= 1;
                    if *of_this == 0 {
                        self.of_far_ends.remove(&far_end);
                    }
                }
                &mut self.far_end_events
            }
        };
        *count = count.saturating_sub(1);
    }

    fn push(&mut self, kind: EventKind, time: Duration) {
        self.events.push_back(Event { sequence: self.next_sequence, time, kind });
        self.next_sequence += 1;
    }

    fn push_lost(&mut self, time: Duration) {
        match std::mem::take(&mut self.lost) {
            0 => {}
            count => self.push(EventKind::EventsLost { count }, time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::ids::{RequestId, SubscriptionId, TypedId},
        engine::watch::{Notified, WatchState},
    };

    #[test]
    fn a_full_queue_drops_the_newest_and_says_so_first() {
        let queue = EventQueue::new(2, Instant::now());
        queue.push(state()).unwrap();
        queue.push(state()).unwrap();
        assert!(queue.push(state()).is_err());
        assert!(queue.push(state()).is_err());
        let mut seen = Vec::new();
        while let Some(event) = queue.next(Some(Duration::ZERO)).unwrap() {
            seen.push((event.sequence, event.kind));
        }
        assert_eq!(seen, vec![(1, state()), (2, state()), (3, EventKind::EventsLost { count: 2 })]);
        assert_eq!(queue.lost(), 2);
    }

    /// An event of the state lane.
    fn state() -> EventKind {
        EventKind::CallsLimited { account: None, limit: 1 }
    }

    fn digit(call: u32) -> EventKind {
        let (call, duration) = (CallId::from_parts(1, call), Duration::from_millis(100));
        EventKind::Dtmf { call, digit: '1', duration }
    }

    fn reply(request: u64) -> EventKind {
        let request = RequestId(request);
        EventKind::Reply { request, error: None, text: String::new(), code: 0, content: None }
    }

    #[test]
    fn a_flood_of_digits_in_one_call_pushes_out_nothing_but_its_own() {
        let queue = EventQueue::new(256, Instant::now());
        let taken = (0..360).filter(|_| queue.push(digit(1)).is_ok()).count();
        assert_eq!(taken, MOST_OF_ONE);
        assert_eq!(queue.lost(), 360 - MOST_OF_ONE as u64, "what is dropped is counted");
        queue.push(digit(2)).unwrap();
        let calls = (3..300).filter(|call| queue.push(digit(*call)).is_ok()).count();
        assert_eq!(calls, 256 - MOST_OF_ONE - 1, "all far ends have one share");
        let replies = (0..300).filter(|number| queue.push(reply(*number)).is_ok()).count();
        assert_eq!(replies, 256);
        let states = (0..300).filter(|_| queue.push(state()).is_ok()).count();
        assert_eq!(states, 256, "states have places of their own");
    }

    #[test]
    fn a_host_that_pulls_gives_the_places_back() {
        let queue = EventQueue::new(4, Instant::now());
        for round in 0..3 {
            for _ in 0..4 {
                for kind in [digit(1), reply(1), state()] {
                    queue.push(kind).unwrap_or_else(|kind| panic!("round {round}: {kind:?}"));
                }
            }
            assert!(queue.push(digit(2)).is_err());
            while queue.next(Some(Duration::ZERO)).unwrap().is_some() {}
            let state = queue.lock();
            assert_eq!((state.state_events, state.host_events, state.far_end_events), (0, 0, 0));
            assert!(state.of_far_ends.is_empty());
        }
    }

    #[test]
    fn the_engines_end_is_told_however_full_the_queue_is() {
        let queue = EventQueue::new(2, Instant::now());
        while queue.push(state()).is_ok() {}
        let fault = EventKind::Faulted { text: "where".to_owned() };
        queue.push(fault.clone()).unwrap();
        queue.push(EventKind::Stopped).unwrap();
        let mut seen = Vec::new();
        while let Some(event) = queue.next(Some(Duration::ZERO)).unwrap() {
            seen.push(event.kind);
        }
        assert_eq!(seen[2..], [EventKind::EventsLost { count: 1 }, fault, EventKind::Stopped]);
        assert_eq!(queue.lock().state_events, 0);
    }

    #[test]
    fn what_a_notifier_says_of_a_subscription_pushes_out_no_state() {
        let queue = EventQueue::new(2, Instant::now());
        let subscription = || EventKind::Subscription {
            subscription: SubscriptionId::from_parts(1, 1),
            state: WatchState::Active,
            code: 0,
            text: String::new(),
            expires: Duration::ZERO,
        };
        while queue.push(subscription()).is_ok() {}
        queue.push(state()).unwrap();
        queue.push(state()).unwrap();
    }

    #[test]
    fn neither_strangers_nor_one_notifier_take_the_place_of_the_others() {
        let queue = EventQueue::new(256, Instant::now());
        let notify = |subscription: Option<u32>| EventKind::Notify {
            subscription: subscription.map(|number| SubscriptionId::from_parts(1, number)),
            account: None,
            notified: Notified::Other,
            content: Box::default(),
        };
        let taken = |of| (0..300).filter(|_| queue.push(notify(of)).is_ok()).count();
        assert_eq!((taken(None), taken(Some(1)), taken(Some(2))), (128, MOST_OF_ONE, MOST_OF_ONE));
        while queue.next(Some(Duration::ZERO)).unwrap().is_some() {}
        assert_eq!(taken(None), 128, "the places are given back");
    }

    #[test]
    fn wake_ends_one_wait() {
        let queue = EventQueue::new(2, Instant::now());
        queue.wake();
        assert_eq!(queue.next(None).unwrap(), None);
    }

    #[test]
    fn the_wakeup_comes_once_when_the_queue_turns_filled() {
        use std::sync::atomic::AtomicU32;
        let queue = EventQueue::new(8, Instant::now());
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        queue.set_wakeup(Some(Wakeup::Function(Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        }))));
        queue.push(state()).unwrap();
        queue.push(state()).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 1);
        while queue.next(Some(Duration::ZERO)).unwrap().is_some() {}
        queue.push(state()).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}

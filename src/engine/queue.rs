//! The bounded event queue between the signaling thread and the host.
//!
//! One writer (S), one reader at a time (any host thread). When it is full the newest event is
//! dropped and counted; [`EventKind::EventsLost`] is delivered before anything that was queued
//! later, so the host knows to read the state anew.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    error::{Error, ErrorKind},
    event::{Event, EventKind},
    wakeup::Wakeup,
};

/// The queue. Shared by the engine's handle and the signaling thread.
#[derive(Debug)]
pub(super) struct EventQueue {
    state: Mutex<State>,
    filled: Condvar,
    start: Instant,
    capacity: usize,
    reading: AtomicBool,
    lost_total: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    next_sequence: u64,
    lost: u64,
    woken: bool,
    wakeup: Option<Wakeup>,
}

impl EventQueue {
    /// A queue of `capacity` events; times count from `start`.
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an event and notifies the host; gives the event back when there was no space.
    pub(super) fn push(&self, kind: EventKind) -> Result<(), EventKind> {
        let time = self.start.elapsed();
        let wakeup = {
            let mut state = self.lock();
            if state.events.len() >= self.capacity {
                state.lost += 1;
                self.lost_total.fetch_add(1, Ordering::Relaxed);
                return Err(kind);
            }
            let was_empty = state.events.is_empty();
            state.push_lost(time);
            state.push(kind, time);
            if was_empty { state.wakeup.clone() } else { None }
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
        let waiting = {
            let mut state = self.lock();
            state.wakeup.clone_from(&wakeup);
            !state.events.is_empty()
        };
        if let (true, Some(wakeup)) = (waiting, wakeup) {
            wakeup.notify();
        }
    }

    /// Events dropped since the start.
    pub(super) fn lost(&self) -> u64 {
        self.lost_total.load(Ordering::Relaxed)
    }
}

impl State {
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

    #[test]
    fn a_full_queue_drops_the_newest_and_says_so_first() {
        let queue = EventQueue::new(2, Instant::now());
        queue.push(EventKind::Stopped).unwrap();
        queue.push(EventKind::Stopped).unwrap();
        assert!(queue.push(EventKind::Stopped).is_err());
        assert!(queue.push(EventKind::Stopped).is_err());
        let mut seen = Vec::new();
        while let Some(event) = queue.next(Some(Duration::ZERO)).unwrap() {
            seen.push((event.sequence, event.kind));
        }
        assert_eq!(
            seen,
            vec![
                (1, EventKind::Stopped),
                (2, EventKind::Stopped),
                (3, EventKind::EventsLost { count: 2 })
            ]
        );
        assert_eq!(queue.lost(), 2);
    }

    #[test]
    fn wake_ends_one_wait() {
        let queue = EventQueue::new(2, Instant::now());
        queue.wake();
        assert_eq!(queue.next(None).unwrap(), None);
    }

    #[test]
    fn the_wakeup_comes_once_when_the_queue_turns_filled() {
        use std::sync::{Arc, atomic::AtomicU32};
        let queue = EventQueue::new(8, Instant::now());
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        queue.set_wakeup(Some(Wakeup::Function(Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        }))));
        queue.push(EventKind::Stopped).unwrap();
        queue.push(EventKind::Stopped).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 1);
        while queue.next(Some(Duration::ZERO)).unwrap().is_some() {}
        queue.push(EventKind::Stopped).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}

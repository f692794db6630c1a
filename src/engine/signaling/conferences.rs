//! Conferences: who is in which, how loud each hears each, and the worker where they all meet.
//!
//! With a user, that is the user's worker, as for every call. Without one, each conference stays on
//! the worker of its first call, so that many of them share the cores; a call that is routed to
//! others by the host brings its conference to the user's worker, where all routes are. Before a
//! conference moves its connections are taken apart, and put together again after it: what a worker
//! hands on with a call could be older than what came here meanwhile.

use std::{collections::HashMap, sync::Arc};

use super::{Signaling, WORKER_BUSY, audio::USER_WORKER};
use crate::{
    base::{
        ids::{CallId, ConferenceId, RequestId},
        units::Gain,
    },
    engine::{
        conferences::{ConferenceShared, Seat, Seating},
        error::ErrorKind,
        shared::lock,
        worker::WorkerCmd,
    },
};

/// The conferences of an engine.
#[derive(Debug, Default)]
pub(super) struct Conferences(HashMap<ConferenceId, Conference>);

#[derive(Debug, Default)]
struct Conference {
    shared: Arc<ConferenceShared>,
    calls: Vec<CallId>,
    /// Those that are not 0 dB; of calls, too, that have not been added yet.
    gains: HashMap<(Seat, Seat), Gain>,
    /// Where its calls are; `None` until the first has media.
    worker: Option<usize>,
}

impl Conferences {
    fn of(&self, call: CallId) -> Option<ConferenceId> {
        let mut all = self.0.iter();
        all.find(|(_, conference)| conference.calls.contains(&call)).map(|(id, _)| *id)
    }

    /// Forgets a call that is over.
    fn forget(&mut self, call: CallId) {
        for conference in self.0.values_mut() {
            conference.forget(call);
        }
    }
}

impl Conference {
    fn gain(&self, from: Seat, to: Seat) -> Gain {
        self.gains.get(&(from, to)).copied().unwrap_or(Gain::UNITY)
    }

    fn add(&mut self, call: CallId) {
        if !self.calls.contains(&call) {
            self.calls.push(call);
            self.publish();
        }
    }

    fn forget(&mut self, call: CallId) {
        self.gains.retain(|(from, to), _| *from != Some(call) && *to != Some(call));
        if self.calls.contains(&call) {
            self.calls.retain(|other| *other != call);
            self.publish();
        }
        if self.calls.is_empty() {
            self.worker = None;
        }
    }

    fn publish(&self) {
        lock(&self.shared.calls).clone_from(&self.calls);
    }

    fn user_gain(&self, call: CallId) -> WorkerCmd {
        let microphone = self.gain(None, Some(call));
        WorkerCmd::UserGain { call, microphone, loudspeaker: self.gain(Some(call), None) }
    }

    /// What connects a call with our user and the others.
    fn together(&self, call: CallId) -> Vec<WorkerCmd> {
        let mut commands = vec![self.user_gain(call)];
        for &other in self.calls.iter().filter(|other| **other != call) {
            for (from, to) in [(call, other), (other, call)] {
                let gain = Some(self.gain(Some(from), Some(to)));
                commands.push(WorkerCmd::Route { from, to, gain });
            }
        }
        commands
    }

    /// What parts it from them.
    fn apart(&self, call: CallId) -> Vec<WorkerCmd> {
        let (microphone, loudspeaker) = (Gain::UNITY, Gain::UNITY);
        let mut commands = vec![WorkerCmd::UserGain { call, microphone, loudspeaker }];
        for &other in self.calls.iter().filter(|other| **other != call) {
            for (from, to) in [(call, other), (other, call)] {
                commands.push(WorkerCmd::Route { from, to, gain: None });
            }
        }
        commands
    }

    /// What carries out a gain that was set, where both ends are in it.
    fn adjust(&self, from: Seat, to: Seat) -> Option<WorkerCmd> {
        let present = |seat: Seat| seat.is_none_or(|call| self.calls.contains(&call));
        match (from, to) {
            _ if !present(from) || !present(to) => None,
            (Some(from), Some(to)) => {
                let gain = Some(self.gain(Some(from), Some(to)));
                Some(WorkerCmd::Route { from, to, gain })
            }
            (Some(call), None) | (None, Some(call)) => Some(self.user_gain(call)),
            (None, None) => None,
        }
    }
}

impl Signaling {
    pub(super) fn seat(&mut self, id: ConferenceId, seating: Seating, request: Option<RequestId>) {
        if let Seating::Open(shared) = seating {
            self.conferences.0.insert(id, Conference { shared, ..Conference::default() });
            return self.reply(request, None, "");
        }
        let done = match seating {
            Seating::Add(call) => self.add_to_conference(id, call),
            Seating::Remove(call) => self.remove_from_conference(id, call),
            Seating::Gain { from, to, gain } => self.set_conference_gain(id, from, to, gain),
            Seating::Open(_) | Seating::Close => self.close_conference(id),
        };
        let (error, text) = done.err().unzip();
        self.reply(request, error, text.unwrap_or_default());
    }

    fn add_to_conference(&mut self, id: ConferenceId, call: CallId) -> Result<(), Refused> {
        self.check_lives(call)?;
        if self.conferences.of(call).is_some_and(|other| other != id) {
            return Err((ErrorKind::WrongState, "the call is in another conference"));
        }
        let busy =
            self.calls.get(&call).is_some_and(|entry| self.workers[entry.worker].inbox.is_full());
        taken(!busy)?;
        let Some(conference) = self.conferences.0.get_mut(&id) else { return Err(GONE) };
        conference.add(call);
        // One whose far end is still being looked up comes in when it has media.
        self.enter_conference(call);
        Ok(())
    }

    /// Connects a call that has media now, or again, with its conference, if it is in one.
    pub(super) fn enter_conference(&mut self, call: CallId) {
        let Some(id) = self.conferences.of(call) else { return };
        let Some(entry) = self.calls.get(&call) else { return };
        let (own, routed) = (entry.worker, entry.routed);
        let common = self.conferences.0.get(&id).and_then(|conference| conference.worker);
        let worker = match self.audio.has_user() || routed {
            true => USER_WORKER,
            false => common.unwrap_or(own),
        };
        self.move_conference(id, worker);
        self.move_to(call, worker);
        let Some(conference) = self.conferences.0.get(&id) else { return };
        self.insist(worker, conference.together(call));
    }

    fn remove_from_conference(&mut self, id: ConferenceId, call: CallId) -> Result<(), Refused> {
        let Some(conference) = self.conferences.0.get_mut(&id) else { return Err(GONE) };
        if !conference.calls.contains(&call) {
            return Err((ErrorKind::WrongState, "the call is not in the conference"));
        }
        let (worker, commands) = (conference.worker, conference.apart(call));
        conference.forget(call);
        if let Some(worker) = worker {
            self.insist(worker, commands);
        }
        Ok(())
    }

    fn set_conference_gain(
        &mut self,
        id: ConferenceId,
        from: Seat,
        to: Seat,
        gain: Gain,
    ) -> Result<(), Refused> {
        for call in [from, to].into_iter().flatten() {
            self.check_lives(call)?;
        }
        let Some(conference) = self.conferences.0.get_mut(&id) else { return Err(GONE) };
        conference.gains.insert((from, to), gain);
        let (worker, command) = (conference.worker, conference.adjust(from, to));
        let (Some(worker), Some(command)) = (worker, command) else { return Ok(()) };
        taken(self.workers[worker].send(command))
    }

    fn close_conference(&mut self, id: ConferenceId) -> Result<(), Refused> {
        let Some(mut conference) = self.conferences.0.remove(&id) else { return Err(GONE) };
        let worker = conference.worker.unwrap_or(USER_WORKER);
        while let Some(call) = conference.calls.pop() {
            self.insist(worker, conference.apart(call));
        }
        conference.publish();
        Ok(())
    }

    /// A call is over: the worker has forgotten it by itself.
    pub(super) fn leave_conference(&mut self, call: CallId) {
        self.conferences.forget(call);
    }

    /// Moves the conference that a call is in, with all its calls.
    pub(super) fn move_conference_of(&mut self, call: CallId, worker: usize) {
        if let Some(id) = self.conferences.of(call) {
            self.move_conference(id, worker);
        }
    }

    fn move_conference(&mut self, id: ConferenceId, worker: usize) {
        let Some(conference) = self.conferences.0.get_mut(&id) else { return };
        let Some(old) = conference.worker.replace(worker).filter(|old| *old != worker) else {
            return;
        };
        let calls = conference.calls.clone();
        let commands = |work: fn(&Conference, CallId) -> Vec<WorkerCmd>| -> Vec<WorkerCmd> {
            calls.iter().flat_map(|call| work(conference, *call)).collect()
        };
        let (apart, together) = (commands(Conference::apart), commands(Conference::together));
        self.insist(old, apart);
        for call in calls {
            self.move_to(call, worker);
        }
        self.insist(worker, together);
    }

    /// What no host would ask for again.
    fn insist(&self, worker: usize, commands: impl IntoIterator<Item = WorkerCmd>) {
        for command in commands {
            // A worker ends with the engine only.
            self.workers[worker].inbox.insist(command);
        }
    }

    fn check_lives(&self, call: CallId) -> Result<(), Refused> {
        match self.calls.contains_key(&call) || self.locating.contains_key(&call) {
            true => Ok(()),
            false => Err((ErrorKind::WrongState, "the call is over")),
        }
    }
}

/// Why a command comes to nothing.
type Refused = (ErrorKind, &'static str);

/// It was destroyed while the command was on its way.
const GONE: Refused = (ErrorKind::StaleId, "the conference has been destroyed");

fn taken(all: bool) -> Result<(), Refused> {
    if all { Ok(()) } else { Err((ErrorKind::Busy, WORKER_BUSY)) }
}

#[cfg(test)]
#[path = "conferences_tests.rs"]
mod tests;

//! Audio between calls, and the moves of calls to the worker where they meet.

use super::{Signaling, audio::USER_WORKER};
use crate::{
    base::{
        ids::{CallId, RequestId},
        units::Gain,
    },
    engine::{error::ErrorKind, session::SessionMsg, worker::WorkerCmd},
};

impl Signaling {
    /// Both calls of a route must be on one worker, with everything that they are routed to: calls
    /// that are routed to others all come to the user's.
    pub(super) fn route_call(
        &mut self,
        from: CallId,
        to: CallId,
        gain: Option<Gain>,
        request: Option<RequestId>,
    ) {
        if !self.calls.contains_key(&to) {
            self.reply(request, Some(ErrorKind::WrongState), "one of the calls is over");
            return;
        }
        if from != to && gain.is_some() {
            for call in [from, to] {
                self.move_conference_of(call, USER_WORKER);
                self.move_to(call, USER_WORKER);
                self.calls.entry(call).and_modify(|entry| entry.routed = true);
            }
        }
        let Some(entry) = self.calls.get(&from) else { return };
        self.media_command(entry.worker, WorkerCmd::Route { from, to, gain }, request);
    }

    /// Moves a call's media to another worker. What is sent to either meanwhile finds it.
    pub(super) fn move_to(&mut self, call: CallId, worker: usize) {
        let Some(entry) = self.calls.get_mut(&call) else { return };
        let old = std::mem::replace(&mut entry.worker, worker);
        if old == worker {
            return;
        }
        let inbox = self.workers[worker].inbox.clone();
        // Local and rare, like every command of a host.
        entry.session.do_send(SessionMsg::Moved(inbox.clone()));
        self.workers[worker].send(WorkerCmd::Expect { call });
        self.workers[old].send(WorkerCmd::MigrateOut { call, to: inbox });
        self.workers[old].calls -= 1;
        self.workers[worker].calls += 1;
    }
}

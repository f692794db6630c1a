//! Changes of a call's media that the host asks for: hold and resume, and what the host is told of
//! holds from either end.

use std::time::Instant;

use super::Session;
use crate::{
    base::ids::RequestId,
    call::Input,
    engine::{error::ErrorKind, event::EventKind, shared::lock, worker::WorkerCmd},
};

impl Session {
    /// Puts the far end on hold, or takes it off. Our user and the far end are parted at once; what
    /// comes of the request is told when the far end has answered.
    pub(super) fn hold(&mut self, now: Instant, held: bool, request: Option<RequestId>) {
        let call = self.call;
        if held {
            self.to_worker(WorkerCmd::Hold { call, held });
        }
        self.changes.push_back(request);
        self.machine.handle_input(now, Input::Hold { held });
    }

    /// A change has come to its end: 200, the code that refused it, or 0.
    pub(super) fn handle_changed(&mut self, code: u16, text: &str) {
        let error = match code {
            200..300 => None,
            0 => Some(ErrorKind::WrongState),
            _ => Some(ErrorKind::Refused),
        };
        let request = self.changes.pop_front().flatten();
        self.reply(request, error, text);
        if error.is_some() && self.changes.is_empty() {
            // A hold that was refused: back to what is in force.
            let (call, held) = (self.call, lock(&self.snapshot.info).local_hold);
            self.to_worker(WorkerCmd::Hold { call, held });
        }
    }

    pub(super) fn handle_hold(&mut self, local: Option<bool>, remote: Option<bool>) {
        let call = self.call;
        let (local_hold, remote_hold) = {
            let mut info = lock(&self.snapshot.info);
            info.local_hold = local.unwrap_or(info.local_hold);
            info.remote_hold = remote.unwrap_or(info.remote_hold);
            (info.local_hold, info.remote_hold)
        };
        if let Some(held) = local {
            self.to_worker(WorkerCmd::Hold { call, held });
        }
        self.shared.emit(EventKind::Hold { call, local: local_hold, remote: remote_hold });
    }

    /// The call ended: changes that were asked for come to nothing.
    pub(super) fn drop_changes(&mut self) {
        for request in std::mem::take(&mut self.changes).into_iter().flatten() {
            self.reply(Some(request), Some(ErrorKind::WrongState), "the call ended before it");
        }
    }
}

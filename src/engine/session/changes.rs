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

    /// Who was asked is gone: changes and requests that are not answered come to nothing, each with
    /// its own reply.
    pub(super) fn drop_asked(&mut self, text: &str) {
        let sent = std::mem::take(&mut self.sent).into_values();
        let changes = std::mem::take(&mut self.changes).into_iter().flatten();
        for request in sent.chain(changes) {
            self.reply(Some(request), Some(ErrorKind::WrongState), text);
        }
    }

    /// Another far end has taken the place of the one that was asked, whose answers are not heard
    /// any more: the next answers are the new one's.
    pub(super) fn drop_asked_of_replaced(&mut self) {
        let changing = !self.changes.is_empty();
        self.drop_asked("the far end was replaced before it answered");
        if changing {
            let (call, held) = (self.call, lock(&self.snapshot.info).local_hold);
            self.to_worker(WorkerCmd::Hold { call, held });
        }
    }
}

//! What the media worker tells a session.

use std::time::Instant;

use actix::Handler;

use super::Session;
use crate::{
    call::Input,
    engine::{event::EventKind, log::LogLevel, shared::lock, worker::WorkerReport},
};

impl Handler<WorkerReport> for Session {
    type Result = ();

    fn handle(&mut self, report: WorkerReport, ctx: &mut Self::Context) {
        self.guarded(ctx, |session, now| session.handle_report(now, report));
    }
}

impl Session {
    /// Media cannot run: the far end is told in order, the host why.
    pub(super) fn give_up(&mut self, now: Instant, text: String) {
        self.log(LogLevel::Error, || text.clone());
        self.failure.get_or_insert(text);
        self.machine.handle_input(now, Input::Hangup);
    }

    fn handle_report(&mut self, now: Instant, report: WorkerReport) {
        let call = self.call;
        match report {
            WorkerReport::FirstPacket => {
                self.log(LogLevel::Debug, || "RTP comes".to_owned());
                self.machine.handle_input(now, Input::MediaHeard);
            }
            WorkerReport::Latched(source) => {
                lock(&self.snapshot.info).remote_rtp = source.to_string();
                self.log(LogLevel::Debug, || format!("RTP comes from {source}"));
            }
            WorkerReport::Dtmf { digit, duration } => {
                self.shared.emit(EventKind::Dtmf { call, digit, duration });
            }
            WorkerReport::DtmfSent { request, error } => {
                self.rtp_digits.retain(|waiting| Some(*waiting) != request);
                let (kind, text) = error.unzip();
                self.reply(request, kind, &text.unwrap_or_default());
            }
            WorkerReport::Silent(silent) => {
                self.shared.emit(EventKind::MediaTimeout { call, silent });
                let since = self.rtp_timeout;
                self.machine.handle_input(now, Input::MediaSilent { silent, since });
            }
            WorkerReport::PlayFinished => {
                self.shared.emit(EventKind::PlayFinished { call, error: None });
            }
            WorkerReport::RecordPaused { paused, at } => {
                self.shared.emit(EventKind::RecordPaused { call, paused, at });
            }
            WorkerReport::Failed { text } => self.give_up(now, text),
            WorkerReport::Panicked => {
                self.give_up(now, "a fault inside the media worker".to_owned());
            }
        }
    }
}

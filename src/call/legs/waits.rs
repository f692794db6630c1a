//! What a call waits for beside its legs: answering by itself, sending on, its longest times.

use std::time::Instant;

use super::Call;
use crate::{
    base::plan::Direction,
    call::{
        event::{CallState, EndReason},
        identity::diversion_headers,
        io::Input,
        services::MessageKind,
    },
};

/// What a call waits for, beside what its legs do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// It is answered by itself.
    AutoAnswer,
    /// It is sent on.
    Forward,
    /// It is as long as it may be.
    MaxDuration,
    /// Media has to have come.
    Media,
    /// The far end that referred us has to have said BYE.
    Past,
    /// Our user has to have decided about a REFER.
    Referral,
}

pub(super) const WAITS: [Wait; 6] =
    [Wait::AutoAnswer, Wait::Forward, Wait::MaxDuration, Wait::Media, Wait::Past, Wait::Referral];

impl Call {
    pub(super) fn wait(&mut self, wait: Wait, until: Option<Instant>) {
        self.waits[wait as usize] = until;
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for machine in self.machines() {
            if machine.poll_timeout().is_some_and(|at| at <= now) {
                machine.handle_input(now, Input::Timeout);
            }
        }
        for wait in WAITS {
            if self.waits[wait as usize].take_if(|at| *at <= now).is_some() {
                self.waited(now, wait);
            }
        }
    }

    fn waited(&mut self, now: Instant, wait: Wait) {
        match wait {
            Wait::AutoAnswer if self.rings() => {
                let answer = Input::Answer { headers: Vec::new() };
                self.current.machine.handle_input(now, answer);
            }
            Wait::Forward if self.rings() => self.forward(now),
            Wait::MaxDuration => {
                self.end_as = Some((EndReason::MaxDuration, "the longest time of a call is over"));
                let (cause, text) = (16, "maximum duration".to_owned());
                self.hangup(now, Input::HangupWith { cause, text });
            }
            Wait::Media => {
                self.end_as = Some((EndReason::DeadMedia, "no media came any more"));
                let (cause, text) = (41, "no media".to_owned());
                self.hangup(now, Input::HangupWith { cause, text });
            }
            Wait::Past => {
                for leg in &mut self.past {
                    leg.machine.handle_input(now, Input::Hangup);
                }
            }
            Wait::Referral => {
                self.decide_transfer(now, false);
                self.transfer_failed(603, "nobody decided about it in time");
            }
            Wait::AutoAnswer | Wait::Forward => {}
        }
    }

    /// Nobody answered: the caller is sent on.
    fn forward(&mut self, now: Instant) {
        let Some(forward) = self.current.machine.settings().services.forward.clone() else {
            return;
        };
        let Some(invite) = self.current.machine.invite() else { return };
        let headers = diversion_headers(invite, &forward.by, "no-answer");
        self.end_as = Some((EndReason::Forwarded, "nobody answered, so it was sent on"));
        let headers = Input::SetHeaders { kind: MessageKind::Refusal, headers };
        self.current.machine.handle_input(now, headers);
        self.current.machine.handle_input(now, Input::Redirect { target: forward.target });
    }

    /// Arms or stops the watch over media that does not come.
    pub(super) fn watch_media(&mut self) {
        let machine = &self.current.machine;
        let hears = machine.state() == CallState::Connected
            && machine.plan().is_some_and(|plan| flows(plan.direction));
        let longest = machine.settings().services.dead_media;
        let until = self.silent_since.zip(longest).map(|(since, longest)| since + longest);
        self.wait(Wait::Media, until.filter(|_| hears));
    }
}

/// Whether silence means that media is dead: who holds, or is held, may well be silent.
pub(super) fn flows(direction: Direction) -> bool {
    direction.receives() && direction.sends()
}

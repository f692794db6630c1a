//! The INVITE server transaction (RFC 3261 §17.2.1, RFC 6026 §8.2).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, Failure, ServerInput, Timer, Timers};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Proceeding,
    Accepted,
    Completed,
    Confirmed,
}

/// An INVITE that was received.
#[derive(Debug)]
pub struct ServerInvite {
    state: State,
    last: Option<Bytes>,
    reliable: bool,
    timers: Timers,
    repeat_after: Duration,
}

impl ServerInvite {
    /// Starts with the arrival of the INVITE.
    pub fn start(reliable: bool, timers: Timers, actions: &mut Vec<Action>) -> Self {
        actions.push(Action::Arm(Timer::Trying, timers.trying()));
        actions.push(Action::Deliver);
        Self { state: State::Proceeding, last: None, reliable, timers, repeat_after: timers.t1 }
    }

    /// Whether the TU has given its final answer.
    pub fn is_answered(&self) -> bool {
        self.state != State::Proceeding
    }

    /// Feeds the machine.
    pub fn handle(&mut self, input: ServerInput, actions: &mut Vec<Action>) {
        match self.state {
            State::Proceeding => self.proceeding(input, actions),
            State::Accepted => Self::accepted(input, actions),
            State::Completed => self.completed(&input, actions),
            State::Confirmed => {
                if matches!(input, ServerInput::Timer(Timer::I) | ServerInput::TransportError) {
                    actions.push(Action::Terminate);
                }
            }
        }
    }

    fn proceeding(&mut self, input: ServerInput, actions: &mut Vec<Action>) {
        match input {
            ServerInput::Respond { status, octets } => self.respond(status, octets, actions),
            ServerInput::Retransmission => match &self.last {
                Some(last) => actions.push(Action::Transmit(last.clone())),
                // It was not heard that we are at it; waiting longer only brings more copies.
                None => actions.push(Action::Trying),
            },
            ServerInput::Timer(Timer::Trying) if self.last.is_none() => {
                actions.push(Action::Trying);
            }
            ServerInput::TransportError => fail(Failure::Transport, actions),
            ServerInput::Ack | ServerInput::Timer(_) => {}
        }
    }

    fn accepted(input: ServerInput, actions: &mut Vec<Action>) {
        match input {
            // The TU repeats its 2xx until the ACK comes (RFC 3261 §13.3.1.4).
            ServerInput::Respond { status: 200..300, octets } => {
                actions.push(Action::Transmit(octets));
            }
            ServerInput::Ack => actions.push(Action::Deliver),
            ServerInput::Timer(Timer::L) => actions.push(Action::Terminate),
            _ => {}
        }
    }

    fn completed(&mut self, input: &ServerInput, actions: &mut Vec<Action>) {
        match input {
            ServerInput::Retransmission => self.repeat(actions),
            ServerInput::Timer(Timer::G) => {
                self.repeat_after = (self.repeat_after * 2).min(self.timers.t2);
                self.repeat(actions);
                actions.push(Action::Arm(Timer::G, self.repeat_after));
            }
            ServerInput::Timer(Timer::H) => fail(Failure::Timeout, actions),
            ServerInput::TransportError => fail(Failure::Transport, actions),
            ServerInput::Ack => {
                self.state = State::Confirmed;
                actions.push(Action::Disarm(Timer::G));
                actions.push(Action::Disarm(Timer::H));
                if self.reliable {
                    actions.push(Action::Terminate);
                } else {
                    actions.push(Action::Arm(Timer::I, self.timers.t4));
                }
            }
            ServerInput::Respond { .. } | ServerInput::Timer(_) => {}
        }
    }

    fn respond(&mut self, status: u16, octets: Bytes, actions: &mut Vec<Action>) {
        actions.push(Action::Disarm(Timer::Trying));
        actions.push(Action::Transmit(octets.clone()));
        self.last = Some(octets);
        match status {
            ..200 => {}
            200..300 => {
                self.state = State::Accepted;
                self.last = None;
                actions.push(Action::Arm(Timer::L, self.timers.lifetime()));
            }
            300.. => {
                self.state = State::Completed;
                actions.push(Action::Arm(Timer::H, self.timers.lifetime()));
                if !self.reliable {
                    actions.push(Action::Arm(Timer::G, self.repeat_after));
                }
            }
        }
    }

    fn repeat(&self, actions: &mut Vec<Action>) {
        if let Some(last) = &self.last {
            actions.push(Action::Transmit(last.clone()));
        }
    }
}

fn fail(failure: Failure, actions: &mut Vec<Action>) {
    actions.push(Action::Fail(failure));
    actions.push(Action::Terminate);
}

//! The server transaction of every method but INVITE and ACK (RFC 3261 §17.2.2).

use bytes::Bytes;

use super::{Action, ServerInput, Timer, Timers};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Trying and Proceeding: they differ only in whether there is a `last`.
    Open,
    Completed,
}

/// A request that was received.
#[derive(Debug)]
pub struct Server {
    state: State,
    last: Option<Bytes>,
    reliable: bool,
    timers: Timers,
}

impl Server {
    /// Starts with the arrival of the request.
    pub fn start(reliable: bool, timers: Timers, actions: &mut Vec<Action>) -> Self {
        // No TU may leave it open for ever: past this the client has given up (RFC 4320 §4.2).
        actions.push(Action::Arm(Timer::J, timers.lifetime()));
        actions.push(Action::Deliver);
        Self { state: State::Open, last: None, reliable, timers }
    }

    /// Feeds the machine.
    pub fn handle(&mut self, input: ServerInput, actions: &mut Vec<Action>) {
        match self.state {
            State::Open => self.open(input, actions),
            State::Completed => self.completed(&input, actions),
        }
    }

    fn open(&mut self, input: ServerInput, actions: &mut Vec<Action>) {
        match input {
            ServerInput::Respond { status, octets } => {
                actions.push(Action::Transmit(octets.clone()));
                self.last = Some(octets);
                if status < 200 {
                    return;
                }
                self.state = State::Completed;
                if self.reliable {
                    actions.push(Action::Terminate);
                } else {
                    actions.push(Action::Arm(Timer::J, self.timers.lifetime()));
                }
            }
            ServerInput::Retransmission => self.repeat(actions),
            ServerInput::Timer(Timer::J) | ServerInput::TransportError => {
                actions.push(Action::Terminate);
            }
            ServerInput::Ack | ServerInput::Timer(_) => {}
        }
    }

    fn completed(&mut self, input: &ServerInput, actions: &mut Vec<Action>) {
        match input {
            ServerInput::Retransmission => self.repeat(actions),
            ServerInput::Timer(Timer::J) | ServerInput::TransportError => {
                actions.push(Action::Terminate);
            }
            _ => {}
        }
    }

    fn repeat(&self, actions: &mut Vec<Action>) {
        if let Some(last) = &self.last {
            actions.push(Action::Transmit(last.clone()));
        }
    }
}

//! The client transaction of every method but INVITE and ACK (RFC 3261 §17.1.2).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, ClientInput, Failure, Timer, Timers};
use crate::proto::sip::wire::{Message, Request};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
}

/// A request that was sent.
#[derive(Debug)]
pub struct Client {
    state: State,
    octets: Bytes,
    reliable: bool,
    timers: Timers,
    repeat_after: Duration,
}

impl Client {
    /// Sends the request, which has its Via.
    pub fn start(
        request: &Request,
        reliable: bool,
        timers: Timers,
        actions: &mut Vec<Action>,
    ) -> Self {
        let octets = request.encode();
        actions.push(Action::Transmit(octets.clone()));
        actions.push(Action::Arm(Timer::F, timers.lifetime()));
        if !reliable {
            actions.push(Action::Arm(Timer::E, timers.t1));
        }
        Self { state: State::Trying, octets, reliable, timers, repeat_after: timers.t1 }
    }

    /// Feeds the machine.
    pub fn handle(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match self.state {
            State::Trying | State::Proceeding => self.waiting(input, actions),
            State::Completed => Self::completed(&input, actions),
        }
    }

    /// Trying and Proceeding differ only in how fast the request is repeated.
    fn waiting(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match input {
            ClientInput::Response(response) => self.response(response, actions),
            ClientInput::Timer(Timer::E) => {
                self.repeat_after = match self.state {
                    State::Trying => (self.repeat_after * 2).min(self.timers.t2),
                    _ => self.timers.t2,
                };
                actions.push(Action::Transmit(self.octets.clone()));
                actions.push(Action::Arm(Timer::E, self.repeat_after));
            }
            ClientInput::Timer(Timer::F) => fail(Failure::Timeout, actions),
            ClientInput::TransportError => fail(Failure::Transport, actions),
            ClientInput::Unreachable if self.state == State::Trying => {
                fail(Failure::Transport, actions);
            }
            ClientInput::Unreachable | ClientInput::Cancel | ClientInput::Timer(_) => {}
        }
    }

    fn completed(input: &ClientInput<'_>, actions: &mut Vec<Action>) {
        if matches!(input, ClientInput::Timer(Timer::K) | ClientInput::TransportError) {
            actions.push(Action::Terminate);
        }
    }

    fn response(&mut self, response: &Message, actions: &mut Vec<Action>) {
        actions.push(Action::Deliver);
        if response.status() < Some(200) {
            self.state = State::Proceeding;
            return;
        }
        self.state = State::Completed;
        actions.push(Action::Disarm(Timer::E));
        actions.push(Action::Disarm(Timer::F));
        if self.reliable {
            actions.push(Action::Terminate);
        } else {
            actions.push(Action::Arm(Timer::K, self.timers.t4));
        }
    }
}

fn fail(failure: Failure, actions: &mut Vec<Action>) {
    actions.push(Action::Fail(failure));
    actions.push(Action::Terminate);
}

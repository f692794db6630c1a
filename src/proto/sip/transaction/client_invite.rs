//! The INVITE client transaction (RFC 3261 §17.1.1, RFC 6026 §8.4).

use std::time::Duration;

use bytes::Bytes;

use super::{Action, ClientInput, Failure, Timer, Timers};
use crate::proto::sip::wire::{HeaderId, Message, Method, Request};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calling,
    Proceeding,
    Accepted,
    Completed,
}

/// An INVITE that was sent.
#[derive(Debug)]
pub struct ClientInvite {
    state: State,
    request: Request,
    octets: Bytes,
    ack: Bytes,
    reliable: bool,
    timers: Timers,
    repeat_after: Duration,
    cancel_wanted: bool,
}

impl ClientInvite {
    /// Sends the request, which has its Via.
    pub fn start(
        request: Request,
        reliable: bool,
        timers: Timers,
        actions: &mut Vec<Action>,
    ) -> Self {
        let octets = request.encode();
        actions.push(Action::Transmit(octets.clone()));
        actions.push(Action::Arm(Timer::B, timers.lifetime()));
        if !reliable {
            actions.push(Action::Arm(Timer::A, timers.t1));
        }
        Self {
            state: State::Calling,
            request,
            octets,
            ack: Bytes::new(),
            reliable,
            timers,
            repeat_after: timers.t1,
            cancel_wanted: false,
        }
    }

    /// Feeds the machine.
    pub fn handle(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match self.state {
            State::Calling => self.calling(input, actions),
            State::Proceeding => self.proceeding(input, actions),
            State::Accepted => Self::accepted(input, actions),
            State::Completed => self.completed(input, actions),
        }
    }

    fn calling(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match input {
            ClientInput::Response(response) => {
                actions.push(Action::Disarm(Timer::A));
                actions.push(Action::Disarm(Timer::B));
                self.response(response, actions);
            }
            ClientInput::Timer(Timer::A) => {
                self.repeat_after *= 2;
                actions.push(Action::Transmit(self.octets.clone()));
                actions.push(Action::Arm(Timer::A, self.repeat_after));
            }
            ClientInput::Timer(Timer::B) => fail(Failure::Timeout, actions),
            ClientInput::TransportError | ClientInput::Unreachable => {
                fail(Failure::Transport, actions);
            }
            // Not before a provisional response came (RFC 3261 §9.1).
            ClientInput::Cancel => self.cancel_wanted = true,
            ClientInput::Timer(_) => {}
        }
    }

    fn proceeding(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match input {
            ClientInput::Response(response) => self.response(response, actions),
            ClientInput::Timer(Timer::Cancelled) => fail(Failure::Timeout, actions),
            ClientInput::TransportError => fail(Failure::Transport, actions),
            ClientInput::Cancel if !self.cancel_wanted => {
                self.cancel_wanted = true;
                self.cancel(actions);
            }
            ClientInput::Unreachable | ClientInput::Cancel | ClientInput::Timer(_) => {}
        }
    }

    fn accepted(input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match input {
            ClientInput::Response(response) if is_2xx(response) => actions.push(Action::Deliver),
            ClientInput::Timer(Timer::M) => actions.push(Action::Terminate),
            _ => {}
        }
    }

    fn completed(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match input {
            ClientInput::Response(response) if response.status() >= Some(300) => {
                actions.push(Action::Transmit(self.ack.clone()));
            }
            ClientInput::Timer(Timer::D) => actions.push(Action::Terminate),
            // The TU has its answer; only the ACK is lost.
            ClientInput::TransportError => actions.push(Action::Terminate),
            _ => {}
        }
    }

    fn response(&mut self, response: &Message, actions: &mut Vec<Action>) {
        match response.status().unwrap_or(0) {
            ..200 => {
                let first = self.state == State::Calling;
                self.state = State::Proceeding;
                actions.push(Action::Deliver);
                if first && self.cancel_wanted {
                    self.cancel(actions);
                }
            }
            200..300 => {
                self.state = State::Accepted;
                actions.push(Action::Disarm(Timer::Cancelled));
                actions.push(Action::Deliver);
                actions.push(Action::Arm(Timer::M, self.timers.lifetime()));
            }
            300.. => {
                self.state = State::Completed;
                self.ack = self.make_ack(response).encode();
                actions.push(Action::Disarm(Timer::Cancelled));
                actions.push(Action::Transmit(self.ack.clone()));
                actions.push(Action::Deliver);
                if self.reliable {
                    actions.push(Action::Terminate);
                } else {
                    actions.push(Action::Arm(Timer::D, self.timers.lifetime()));
                }
            }
        }
    }

    fn cancel(&self, actions: &mut Vec<Action>) {
        actions.push(Action::StartCancel);
        actions.push(Action::Arm(Timer::Cancelled, self.timers.lifetime()));
    }

    /// The ACK of a refusal (RFC 3261 §17.1.1.3).
    fn make_ack(&self, response: &Message) -> Request {
        let mut ack = self.same_hop(Method::Ack);
        if let Some(to) = response.header(HeaderId::To) {
            ack.headers.set(HeaderId::To, to);
        }
        ack
    }

    /// The CANCEL (RFC 3261 §9.1).
    pub fn make_cancel(&self) -> Request {
        self.same_hop(Method::Cancel)
    }

    /// A request that takes the INVITE's way: its Via, Request-URI, Route and identity.
    fn same_hop(&self, method: Method) -> Request {
        let mut request = Request::new(method, self.request.uri.clone());
        for id in [
            HeaderId::Via,
            HeaderId::MaxForwards,
            HeaderId::Route,
            HeaderId::From,
            HeaderId::To,
            HeaderId::CallId,
        ] {
            for value in self.request.headers.values(id) {
                request.headers.push(id, value);
            }
        }
        request.set_cseq(self.request.cseq_number().unwrap_or(0));
        request
    }
}

fn is_2xx(response: &Message) -> bool {
    matches!(response.status(), Some(200..300))
}

fn fail(failure: Failure, actions: &mut Vec<Action>) {
    actions.push(Action::Fail(failure));
    actions.push(Action::Terminate);
}

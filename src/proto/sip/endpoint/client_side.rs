//! The endpoint's client transactions.

use std::{net::SocketAddr, time::Instant};

use super::{ClientTransaction, Endpoint, TuEvent};
use crate::proto::sip::{
    Flow, Transport,
    transaction::{
        Action, Client, ClientInput, ClientInvite, Failure, Timer,
        key::{ClientKey, client_key},
    },
    via::Via,
    wire::{HeaderId, HeaderName, Message, Method, Request},
};

/// What names the transaction of a request of which only the beginning is there.
fn quoted_key(quoted: &[u8]) -> Option<ClientKey> {
    let text = String::from_utf8_lossy(quoted);
    let (request, rest) = text.split_once("\r\n")?;
    let (method, _) = request.split_once(' ')?;
    // Our Via is the first header, and in full: half a branch is a guess.
    let (via, _) = rest.strip_prefix("Via: ")?.split_once("\r\n")?;
    let branch = Via::parse(via)?.branch()?.to_owned();
    Some((branch, Method::parse(method)?))
}

#[derive(Debug)]
enum Machine {
    Invite(Box<ClientInvite>),
    Other(Client),
}

impl Machine {
    fn handle(&mut self, input: ClientInput<'_>, actions: &mut Vec<Action>) {
        match self {
            Machine::Invite(machine) => machine.handle(input, actions),
            Machine::Other(machine) => machine.handle(input, actions),
        }
    }
}

/// One client transaction.
#[derive(Debug)]
pub(super) struct ClientEntry {
    machine: Machine,
    flow: Flow,
    key: ClientKey,
    /// A CANCEL of our own, of which no TU knows.
    internal: bool,
    /// For the CANCEL, when it goes out.
    cancel_headers: Vec<(HeaderName, String)>,
}

impl Endpoint {
    /// Sends a request in a transaction of its own. It gets a Via with a new branch and rport, and
    /// Max-Forwards, User-Agent and Content-Length where they are missing. Never ACK or CANCEL: see
    /// [`Endpoint::send_ack`] and [`Endpoint::cancel`].
    pub fn request(&mut self, now: Instant, request: Request, flow: Flow) -> ClientTransaction {
        if self.clients.len() >= self.config.limits.client_transactions {
            self.counters.over_limit += 1;
            let client = ClientTransaction(self.take_id());
            self.event(TuEvent::Failed { client, reason: Failure::Limit });
            self.event(TuEvent::ClientEnded { client });
            return client;
        }
        let mut request = request;
        let branch = self.branch();
        self.complete(&mut request, flow, &branch);
        ClientTransaction(self.start_client(now, request, flow, branch, false))
    }

    /// Cancels an INVITE: at once if a provisional response has come, else when one comes; not at all
    /// once it is answered (RFC 3261 §9.1). The INVITE's own end is reported as ever.
    pub fn cancel(&mut self, now: Instant, client: ClientTransaction) {
        self.cancel_with(now, client, &[]);
    }

    /// The same, with headers on the CANCEL; one whose name is no token is passed over.
    pub fn cancel_with(
        &mut self,
        now: Instant,
        client: ClientTransaction,
        headers: &[(String, String)],
    ) {
        if let Some(entry) = self.clients.get_mut(&client.0) {
            let named = |(name, value): &(String, String)| {
                HeaderName::parse(name).map(|name| (name, value.clone()))
            };
            entry.cancel_headers.extend(headers.iter().filter_map(named));
        }
        self.client_input(now, client.0, ClientInput::Cancel, None);
    }

    fn start_client(
        &mut self,
        now: Instant,
        request: Request,
        flow: Flow,
        branch: String,
        internal: bool,
    ) -> u64 {
        let id = self.take_id();
        let key = (branch, request.method.clone());
        let (timers, reliable) = (self.config.timers, flow.transport.is_reliable());
        let mut actions = Vec::new();
        let machine = if request.method == Method::Invite {
            let machine = ClientInvite::start(request, reliable, timers, &mut actions);
            Machine::Invite(Box::new(machine))
        } else {
            Machine::Other(Client::start(&request, reliable, timers, &mut actions))
        };
        self.client_keys.insert(key.clone(), id);
        self.clients
            .insert(id, ClientEntry { machine, flow, key, internal, cancel_headers: Vec::new() });
        self.carry_out_client(now, id, actions, None);
        id
    }

    pub(super) fn handle_response(&mut self, now: Instant, flow: Flow, message: Message) {
        // More than one Via means that it was meant for someone else (RFC 3261 §8.1.3.3).
        if message.header_list(HeaderId::Via).count() != 1 || !message.is_version_2() {
            self.counters.stray_responses += 1;
            return;
        }
        let id = client_key(&message).and_then(|key| self.client_keys.get(&key).copied());
        let Some(id) = id else {
            self.counters.stray_responses += 1;
            return;
        };
        if message.defect().is_some() || message.to().is_none() {
            self.counters.malformed += 1;
            return;
        }
        self.client_input(now, id, ClientInput::Response(&message), Some((flow, &message)));
    }

    pub(super) fn client_timer(&mut self, now: Instant, id: u64, timer: Timer) {
        if matches!(timer, Timer::A | Timer::E) {
            self.counters.repeated_out += 1;
        }
        self.client_input(now, id, ClientInput::Timer(timer), None);
    }

    pub(super) fn fail_clients(&mut self, now: Instant, flow: Flow) {
        let mut ids: Vec<u64> = self
            .clients
            .iter()
            .filter(|(_, entry)| entry.flow == flow)
            .map(|(id, _)| *id)
            .collect();
        ids.sort_unstable();
        for id in ids {
            self.client_input(now, id, ClientInput::TransportError, None);
        }
    }

    pub(super) fn fail_client(&mut self, now: Instant, remote: SocketAddr, quoted: &[u8]) -> bool {
        let Some(key) = quoted_key(quoted) else { return false };
        let Some(&id) = self.client_keys.get(&key) else { return false };
        let Some(entry) = self.clients.get(&id) else { return false };
        let concerned = entry.flow.remote == remote && entry.flow.transport == Transport::Udp;
        // What ends something is repeated to the end: who was away for a moment still hears it.
        if !concerned || matches!(entry.key.1, Method::Bye | Method::Cancel) {
            return false;
        }
        self.client_input(now, id, ClientInput::Unreachable, None);
        !self.clients.contains_key(&id)
    }

    fn client_input(
        &mut self,
        now: Instant,
        id: u64,
        input: ClientInput<'_>,
        message: Option<(Flow, &Message)>,
    ) {
        let Some(entry) = self.clients.get_mut(&id) else { return };
        let mut actions = Vec::new();
        entry.machine.handle(input, &mut actions);
        if message.is_some() && !actions.contains(&Action::Deliver) {
            self.counters.repeated_in += 1;
        }
        self.carry_out_client(now, id, actions, message);
    }

    fn carry_out_client(
        &mut self,
        now: Instant,
        id: u64,
        actions: Vec<Action>,
        message: Option<(Flow, &Message)>,
    ) {
        let client = ClientTransaction(id);
        for action in actions {
            let Some(entry) = self.clients.get(&id) else { return };
            let (flow, internal) = (entry.flow, entry.internal);
            match action {
                Action::Transmit(bytes) => self.transmit(flow, bytes),
                Action::Arm(timer, after) => self.timers.arm(id, timer, now + after),
                Action::Disarm(timer) => self.timers.disarm(id, timer),
                Action::StartCancel => self.start_cancel(now, id),
                Action::Deliver if !internal => {
                    if let Some((flow, message)) = message {
                        let message = message.clone();
                        self.event(TuEvent::Response { client, flow, message });
                    }
                }
                Action::Fail(reason) if !internal => {
                    self.event(TuEvent::Failed { client, reason });
                }
                Action::Terminate => self.end_client(id),
                Action::Deliver | Action::Fail(_) | Action::Trying => {}
            }
        }
    }

    /// CANCEL goes the INVITE's way under the INVITE's branch.
    fn start_cancel(&mut self, now: Instant, id: u64) {
        let Some(ClientEntry {
            machine: Machine::Invite(machine), flow, key, cancel_headers, ..
        }) = self.clients.get(&id)
        else {
            return;
        };
        let (mut cancel, flow, branch) = (machine.make_cancel(), *flow, key.0.clone());
        for (name, value) in cancel_headers {
            cancel.headers.push(name.clone(), value);
        }
        if !self.config.user_agent.is_empty() {
            cancel.headers.push(HeaderId::UserAgent, &self.config.user_agent);
        }
        self.start_client(now, cancel, flow, branch, true);
    }

    fn end_client(&mut self, id: u64) {
        let Some(entry) = self.clients.remove(&id) else { return };
        self.client_keys.remove(&entry.key);
        self.timers.disarm_all(id);
        if !entry.internal {
            self.event(TuEvent::ClientEnded { client: ClientTransaction(id) });
        }
    }
}

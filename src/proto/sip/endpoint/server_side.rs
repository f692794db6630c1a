//! The endpoint's server transactions.

use std::time::Instant;

use super::{
    Endpoint, ServerTransaction, TuEvent,
    screen::{self, Refusal},
};
use crate::{
    base::source::network_of,
    proto::sip::{
        Flow,
        transaction::{
            Action, Server, ServerInput, ServerInvite, Timer,
            key::{MergeKey, ServerKey},
        },
        via::Via,
        wire::{HeaderId, Message, Method, Response},
    },
};

#[derive(Debug)]
enum Machine {
    Invite(ServerInvite),
    Other(Server),
}

impl Machine {
    fn handle(&mut self, input: ServerInput, actions: &mut Vec<Action>) {
        match self {
            Machine::Invite(machine) => machine.handle(input, actions),
            Machine::Other(machine) => machine.handle(input, actions),
        }
    }
}

/// One server transaction.
#[derive(Debug)]
pub(super) struct ServerEntry {
    machine: Machine,
    /// The way of the request.
    flow: Flow,
    /// The way of its answers.
    reply: Flow,
    /// The topmost Via with what was noted in it.
    via: Via,
    request: Message,
    key: ServerKey,
    merge_key: Option<MergeKey>,
    to_tag: String,
    cancelled: bool,
}

impl Endpoint {
    /// Answers a request. The topmost Via gets `received` and `rport`, To gets a tag unless it has
    /// one. After a 2xx to INVITE further 2xx pass through, so that the TU can repeat it
    /// (RFC 6026 §8.1); any other answer after the final one is dropped. False when the transaction
    /// is over.
    pub fn respond(&mut self, now: Instant, server: ServerTransaction, response: Response) -> bool {
        let Some(entry) = self.servers.get(&server.0) else {
            self.counters.late_answers += 1;
            return false;
        };
        let mut response = response;
        if response.status > 100 {
            response.set_to_tag(&entry.to_tag);
        }
        replace_top_via(&mut response, &entry.via);
        self.name_server(&mut response);
        let (status, octets) = (response.status, response.encode());
        self.server_input(now, server.0, ServerInput::Respond { status, octets });
        true
    }

    /// The tag that [`Endpoint::respond`] puts into To, for a TU that makes a dialog of it.
    pub fn to_tag(&self, server: ServerTransaction) -> Option<&str> {
        self.servers.get(&server.0).map(|entry| entry.to_tag.as_str())
    }

    pub(super) fn handle_request(&mut self, now: Instant, flow: Flow, request: Message) {
        let Some(mut via) = request.top_via() else {
            self.counters.malformed += 1;
            return;
        };
        via.note_source(flow.remote);
        if let Err(refusal) = screen::form(&request) {
            self.refuse_stateless(flow, &via, &request, &refusal);
            return;
        }
        let Some(method) = request.method() else { return };
        let known_as = if method == Method::Ack { Method::Invite } else { method.clone() };
        let Some(key) = ServerKey::of(&request, known_as) else {
            self.counters.malformed += 1;
            return;
        };
        let known = self.find_server(&key, flow, &request);
        match (method, known) {
            (Method::Ack, known) => self.handle_ack(now, flow, request, known),
            (_, Some(id)) => {
                self.counters.repeated_in += 1;
                self.server_input(now, id, ServerInput::Retransmission);
            }
            (_, None) => {
                let taken = self.server_keys.contains_key(&key);
                let key = if taken { key.of_source(flow.remote.ip()) } else { key };
                self.start_server(now, flow, request, via, key);
            }
        }
    }

    /// The transaction of a key. A copy of a request comes from where the first one came, or is the
    /// same to the octet; anything else under the key is another client's (RFC 3261 §17.2.3 has
    /// sent-by in the key for that reason, which private addresses defeat). ACK and CANCEL match
    /// from anywhere.
    fn find_server(&self, key: &ServerKey, flow: Flow, request: &Message) -> Option<u64> {
        if let Some(id) = self.server_keys.get(&key.of_source(flow.remote.ip())) {
            return Some(*id);
        }
        let id = *self.server_keys.get(key)?;
        let entry = self.servers.get(&id)?;
        let any = request.is_method(&Method::Ack) || request.is_method(&Method::Cancel);
        let same = entry.flow.remote.ip() == flow.remote.ip() || entry.request == *request;
        (any || same).then_some(id)
    }

    fn handle_ack(&mut self, now: Instant, flow: Flow, message: Message, known: Option<u64>) {
        match known {
            // Of a refusal, which ends here; or of a 2xx from a client that did not take a new
            // branch, which the machine hands up.
            Some(id) => self.ack_input(now, id, flow, message),
            None => self.event(TuEvent::Ack { flow, message }),
        }
    }

    fn start_server(
        &mut self,
        now: Instant,
        flow: Flow,
        request: Message,
        via: Via,
        key: ServerKey,
    ) {
        let source = network_of(flow.remote.ip());
        let open = self.open_of_source.get(&source).copied().unwrap_or(0);
        let limits = &self.config.limits;
        if self.servers.len() >= limits.server_transactions
            || open >= limits.server_transactions_of_a_source
        {
            self.counters.over_limit += 1;
            let wait = self.config.limits.retry_after.as_secs().to_string();
            let refusal = Refusal::new(503, "").with(HeaderId::RetryAfter, wait);
            self.refuse_stateless(flow, &via, &request, &refusal);
            return;
        }
        let is_cancel = request.is_method(&Method::Cancel);
        // Some servers ping with one Call-ID and CSeq for ever; answering OPTIONS twice does no harm.
        let is_options = request.is_method(&Method::Options);
        let merge_key = MergeKey::of(&request).filter(|_| !is_cancel && !is_options);
        let merged = merge_key.as_ref().is_some_and(|key| self.merge_keys.contains_key(key));
        let verdict = screen::abilities(&request, &self.config, merged);
        let server = self.add_server(now, flow, request.clone(), via, key, merge_key);
        if let Err(refusal) = verdict {
            self.counters.refused += 1;
            self.respond(now, server, refusal.response(&request));
        } else if is_cancel {
            self.handle_cancel(now, flow, server, &request);
        } else if is_options && self.config.answer_options && request.to_tag().is_empty() {
            self.respond(now, server, screen::capabilities(&request, &self.config));
        } else {
            self.event(TuEvent::Request { server, flow, message: request });
        }
    }

    fn add_server(
        &mut self,
        now: Instant,
        flow: Flow,
        request: Message,
        via: Via,
        key: ServerKey,
        merge_key: Option<MergeKey>,
    ) -> ServerTransaction {
        let id = self.take_id();
        let (timers, reliable) = (self.config.timers, flow.transport.is_reliable());
        let mut actions = Vec::new();
        let machine = if request.is_method(&Method::Invite) {
            Machine::Invite(ServerInvite::start(reliable, timers, &mut actions))
        } else {
            Machine::Other(Server::start(reliable, timers, &mut actions))
        };
        if let Some(key) = &merge_key {
            self.merge_keys.entry(key.clone()).or_insert(id);
        }
        self.server_keys.insert(key.clone(), id);
        let reply = via.reply_flow(flow);
        let to_tag = self.rng.token(12);
        let entry = ServerEntry {
            machine,
            flow,
            reply,
            via,
            request,
            key,
            merge_key,
            to_tag,
            cancelled: false,
        };
        *self.open_of_source.entry(network_of(flow.remote.ip())).or_default() += 1;
        self.servers.insert(id, entry);
        // Delivery is the caller's: a request may be refused first.
        actions.retain(|action| *action != Action::Deliver);
        self.carry_out_server(now, id, actions);
        ServerTransaction(id)
    }

    /// RFC 3261 §9.2: 200 when there is an INVITE to cancel, with that one's tag, else 481.
    fn handle_cancel(
        &mut self,
        now: Instant,
        flow: Flow,
        server: ServerTransaction,
        cancel: &Message,
    ) {
        let invite = ServerKey::of(cancel, Method::Invite)
            .and_then(|key| self.find_server(&key, flow, cancel));
        let Some(id) = invite else {
            self.respond(now, server, Response::to(cancel, 481, ""));
            return;
        };
        let mut response = Response::to(cancel, 200, "");
        let mut pending = false;
        if let Some(entry) = self.servers.get_mut(&id) {
            response.set_to_tag(&entry.to_tag);
            pending = match &entry.machine {
                Machine::Invite(machine) => !machine.is_answered() && !entry.cancelled,
                Machine::Other(_) => false,
            };
            entry.cancelled |= pending;
        }
        self.respond(now, server, response);
        if pending {
            self.event(TuEvent::Cancelled {
                server: ServerTransaction(id),
                message: cancel.clone(),
            });
        }
    }

    /// Answers without keeping anything (RFC 3261 §8.2.7). An ACK is never answered.
    fn refuse_stateless(&mut self, flow: Flow, via: &Via, request: &Message, refusal: &Refusal) {
        self.counters.refused += 1;
        if request.is_method(&Method::Ack) {
            return;
        }
        let mut response = refusal.response(request);
        response.set_to_tag(&self.stateless_tag(request));
        replace_top_via(&mut response, via);
        self.name_server(&mut response);
        self.transmit(via.reply_flow(flow), response.encode());
    }

    fn name_server(&self, response: &mut Response) {
        if !self.config.user_agent.is_empty() {
            response.headers.set_default(HeaderId::Server, &self.config.user_agent);
        }
    }

    pub(super) fn server_timer(&mut self, now: Instant, id: u64, timer: Timer) {
        if timer == Timer::G {
            self.counters.repeated_out += 1;
        }
        self.server_input(now, id, ServerInput::Timer(timer));
    }

    pub(super) fn fail_servers(&mut self, now: Instant, flow: Flow) {
        let mut ids: Vec<u64> = self
            .servers
            .iter()
            .filter(|(_, entry)| entry.flow == flow || entry.reply == flow)
            .map(|(id, _)| *id)
            .collect();
        ids.sort_unstable();
        for id in ids {
            self.server_input(now, id, ServerInput::TransportError);
        }
    }

    fn ack_input(&mut self, now: Instant, id: u64, flow: Flow, message: Message) {
        let Some(entry) = self.servers.get_mut(&id) else { return };
        let mut actions = Vec::new();
        entry.machine.handle(ServerInput::Ack, &mut actions);
        if actions.contains(&Action::Deliver) {
            self.event(TuEvent::Ack { flow, message });
        }
        self.carry_out_server(now, id, actions);
    }

    fn server_input(&mut self, now: Instant, id: u64, input: ServerInput) {
        let Some(entry) = self.servers.get_mut(&id) else { return };
        let mut actions = Vec::new();
        entry.machine.handle(input, &mut actions);
        self.carry_out_server(now, id, actions);
    }

    fn carry_out_server(&mut self, now: Instant, id: u64, actions: Vec<Action>) {
        let server = ServerTransaction(id);
        for action in actions {
            let Some(entry) = self.servers.get(&id) else { return };
            let reply = entry.reply;
            match action {
                Action::Transmit(bytes) => self.transmit(reply, bytes),
                Action::Arm(timer, after) => self.timers.arm(id, timer, now + after),
                Action::Disarm(timer) => self.timers.disarm(id, timer),
                Action::Trying => {
                    let trying = Response::to(&entry.request, 100, "");
                    self.respond(now, server, trying);
                }
                Action::Fail(reason) => self.event(TuEvent::ServerFailed { server, reason }),
                Action::Terminate => self.end_server(id),
                Action::Deliver | Action::StartCancel => {}
            }
        }
    }

    fn end_server(&mut self, id: u64) {
        let Some(entry) = self.servers.remove(&id) else { return };
        let source = network_of(entry.flow.remote.ip());
        if let Some(open) = self.open_of_source.get_mut(&source) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                self.open_of_source.remove(&source);
            }
        }
        self.server_keys.remove(&entry.key);
        if let Some(key) = &entry.merge_key
            && self.merge_keys.get(key) == Some(&id)
        {
            self.merge_keys.remove(key);
        }
        self.timers.disarm_all(id);
        self.event(TuEvent::ServerEnded { server: ServerTransaction(id) });
    }
}

/// Puts the Via with `received` and `rport` in the place of the one that was copied.
fn replace_top_via(response: &mut Response, via: &Via) {
    let Some(line) = response.headers.value(HeaderId::Via) else { return };
    let rest = crate::proto::sip::wire::text::find_outside(line, ',').map(|at| &line[at..]);
    let value = format!("{via}{}", rest.unwrap_or(""));
    response.headers.remove_first(HeaderId::Via);
    response.headers.push_front(HeaderId::Via, value);
}

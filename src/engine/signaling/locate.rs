//! Where a next hop is: numbers and names known at once, others through the hosts file and the DNS;
//! and from target to target when one fails (RFC 3263).

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};

use super::{
    Signaling,
    calls::Line,
    contact::facing,
    requests::{Owner, Waiting},
    settings::on_flow,
};
use crate::{
    base::dns::{Answer, Question},
    call::Reach,
    engine::{
        config::DnsSettings,
        error::{Error, ErrorKind},
        log::LogLevel,
    },
    net::dns::Dns,
    proto::sip::{
        Flow, Transport,
        auth::strip,
        endpoint::ClientTransaction,
        locate::{
            Attempts, BlacklistTimes, Book, Failing, LocateError, Locator, Sought, Step, Target,
        },
        transaction::Failure,
        uri::{Host, NameAddr, NextHop},
        wire::{HeaderId, Message, Request},
    },
};

/// Names, the DNS, and the requests that have more than one place to go to.
pub(super) struct Locations {
    book: Book,
    dns: Dns,
    attempts: HashMap<ClientTransaction, Attempt>,
}

/// A request that can be sent again to another target.
pub(super) struct Attempt {
    pub(super) line: Line,
    pub(super) attempts: Attempts,
    pub(super) request: Box<Request>,
    /// The next hop is an address, not a name.
    pub(super) literal: bool,
}

impl Locations {
    pub(super) fn new(settings: &DnsSettings) -> Self {
        let times = BlacklistTimes { base: settings.avoid, max: settings.avoid_max };
        Self { book: Book::new(times), dns: Dns::new(settings.server), attempts: HashMap::new() }
    }

    /// Forgets names, answers and failures: the network is another.
    pub(super) fn reset(&mut self) {
        self.book.clear();
        self.dns.reset();
    }

    /// Whether a target failed lately.
    pub(super) fn is_avoided(&self, now: Instant, target: &Target) -> bool {
        self.book.is_avoided(now, target)
    }

    /// Follows a request that was sent.
    pub(super) fn follow(&mut self, client: ClientTransaction, attempt: Attempt) {
        self.attempts.insert(client, attempt);
    }

    /// A request is not to be sent elsewhere any more.
    pub(super) fn settle(&mut self, client: ClientTransaction) -> Option<Attempt> {
        self.attempts.remove(&client)
    }
}

impl Signaling {
    /// Finds the flow to a next hop: to the target that a request would be sent to first.
    pub(super) fn locate(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        line: Line,
        hop: &NextHop,
        then: impl FnOnce(&mut Self, &mut Context<Self>, Instant, Result<Flow, Error>) + 'static,
    ) {
        self.targets(ctx, now, line, hop, move |actor, ctx, now, targets| {
            let flow = targets.and_then(|targets| actor.first_flow(line, &targets));
            then(actor, ctx, now, flow);
        });
    }

    /// Finds the targets of a next hop, the first to be tried first. What the hop leaves open is the
    /// line's (RFC 3263 §4.1 says UDP, but a far end that is reached by TCP often says nothing in
    /// its Contact), unless the line leaves it to the DNS.
    pub(super) fn targets(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        line: Line,
        hop: &NextHop,
        then: impl FnOnce(&mut Self, &mut Context<Self>, Instant, Result<Vec<Target>, Error>) + 'static,
    ) {
        let (host, domain) = (hop.host.clone(), hop.domain.clone());
        let then = move |actor: &mut Self,
                         ctx: &mut Context<Self>,
                         now: Instant,
                         targets: Result<Vec<Target>, Error>| {
            if let Ok(targets) = &targets {
                actor.note_servers(&host, targets);
            }
            let proven = targets.and_then(|targets| actor.proven(line, &domain, targets));
            then(actor, ctx, now, proven);
        };
        let transport = hop.transport.or((!line.open).then_some(line.transport));
        // A secure WebSocket too is called `ws` in URIs (RFC 7118 §5.3).
        let secure = line.transport == Transport::Wss && transport == Some(Transport::Ws);
        let transport = if secure { Some(Transport::Wss) } else { transport };
        let sought = Sought { host: hop.host.clone(), port: hop.port, transport };
        if let Some(targets) = self.locations.book.find(now, &sought) {
            return then(self, ctx, now, Ok(targets));
        }
        let ipv4_first = !self.transports.bind_ip().is_ipv6();
        let rng = self.rng.fork();
        let mut locator = Locator::new(sought.clone(), line.transport, ipv4_first, rng);
        let questions = match locator.start() {
            Step::Done(found) => {
                let found = found.map_err(|error| not_found(&sought.host, &error));
                return then(self, ctx, now, found);
            }
            Step::Ask(questions) => questions,
        };
        let dns = self.locations.dns.clone();
        let search = async move {
            let found = match dns.in_hosts_file(&sought.host.to_string()).await {
                Some((answer, lifetime)) => {
                    (from_hosts_file(&sought, line.transport, ipv4_first, answer), lifetime)
                }
                None => search(&dns, locator, questions).await,
            };
            (sought, found)
        };
        ctx.spawn(wrap_future::<_, Self>(search).map(move |(sought, found), actor, ctx| {
            let (found, lifetime) = found;
            actor.guarded(ctx, |actor, ctx, now| {
                let found = actor.found(now, sought, found, lifetime);
                then(actor, ctx, now, found);
            });
        }));
    }

    fn found(
        &mut self,
        now: Instant,
        sought: Sought,
        found: Result<Vec<Target>, LocateError>,
        lifetime: Duration,
    ) -> Result<Vec<Target>, Error> {
        let host = sought.host.clone();
        let targets = found.map_err(|error| not_found(&host, &error))?;
        let targets = self.locations.book.remember(now, sought, targets, lifetime);
        self.log(LogLevel::Debug, "sip", || {
            let list: Vec<String> = targets.iter().map(Target::to_string).collect();
            format!("{host} is at {}", list.join(", "))
        });
        Ok(targets)
    }

    fn first_flow(&mut self, line: Line, targets: &[Target]) -> Result<Flow, Error> {
        let mut last = None;
        for target in targets {
            match self.flow(line, target.transport, target.address) {
                Ok(flow) => return Ok(flow),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| Error::new(ErrorKind::Resolve, "there is no target")))
    }

    pub(super) fn flow(
        &mut self,
        line: Line,
        transport: Transport,
        remote: SocketAddr,
    ) -> Result<Flow, Error> {
        let flow = self.transports.flow(line.port, transport, remote).map_err(|error| {
            Error::new(ErrorKind::Transport, format!("there is no route to {remote}: {error}"))
        })?;
        let flow = facing(line.public, flow);
        Ok(self.transports.home(line.home, flow).unwrap_or(flow))
    }

    /// Notes which domain was asked for at each target, and leaves out those whose connection shows
    /// another.
    fn proven(
        &mut self,
        line: Line,
        domain: &Host,
        targets: Vec<Target>,
    ) -> Result<Vec<Target>, Error> {
        let (mut kept, mut refusal) = (Vec::new(), None);
        for target in targets {
            let expected = match self.flow(line, target.transport, target.address) {
                // Our own far end of before, or no route: that is told later.
                Ok(flow) if flow.remote != target.address => Ok(()),
                // The connection that the call came on.
                Ok(flow) if line.home.and_then(|home| home.for_flow(flow)) == Some(flow) => Ok(()),
                Ok(flow) => self.transports.connections.expect(flow, domain),
                Err(_) => Ok(()),
            };
            match expected {
                Ok(()) => kept.push(target),
                Err(refused) => {
                    refusal = Some(Error::new(ErrorKind::of_refusal(&refused), refused.text))
                }
            }
        }
        match refusal {
            Some(error) if kept.is_empty() => Err(error),
            _ => Ok(kept),
        }
    }

    /// The flow to the target that a request is at, or to the next that there is a route to.
    pub(super) fn flow_of(
        &mut self,
        now: Instant,
        line: Line,
        attempts: &mut Attempts,
    ) -> Option<Flow> {
        loop {
            let target = *attempts.current();
            match self.flow(line, target.transport, target.address) {
                Ok(flow) => return Some(flow),
                Err(error) => {
                    self.log(LogLevel::Warning, "sip", || error.message);
                    self.locations.book.failed(now, &target, None);
                    attempts.handle_failure(Failing::Transport)?;
                }
            }
        }
    }

    /// A response came: its target lives. `true`: it was a 503 and the request went elsewhere.
    pub(super) fn response_of_target(
        &mut self,
        now: Instant,
        client: ClientTransaction,
        message: &Message,
    ) -> bool {
        let Some(status) = message.status() else { return false };
        let Some(attempt) = self.locations.attempts.get_mut(&client) else { return false };
        if status < 200 {
            attempt.attempts.handle_provisional(status);
            return false;
        }
        if status == 503 {
            let after = message.number(HeaderId::RetryAfter);
            let after = after.map(|seconds| Duration::from_secs(seconds.into()));
            return self.target_failed(now, client, Failing::Unavailable(after));
        }
        let target = *attempt.attempts.current();
        self.locations.book.answered(&target);
        self.locations.settle(client);
        false
    }

    /// No response comes. `true`: the request went elsewhere.
    pub(super) fn no_response_of_target(
        &mut self,
        now: Instant,
        client: ClientTransaction,
        reason: Failure,
    ) -> bool {
        match reason {
            Failure::Timeout => self.target_failed(now, client, Failing::Timeout),
            Failure::Transport => self.target_failed(now, client, Failing::Transport),
            _ => {
                self.locations.settle(client);
                false
            }
        }
    }

    fn target_failed(&mut self, now: Instant, client: ClientTransaction, why: Failing) -> bool {
        let Some(mut attempt) = self.locations.settle(client) else { return false };
        let failed = *attempt.attempts.current();
        let after = match why {
            Failing::Unavailable(after) => after,
            Failing::Timeout | Failing::Transport => None,
        };
        if !(why == Failing::Transport && self.is_registered_at(&failed)) {
            self.locations.book.failed(now, &failed, after);
        }
        let next = attempt.attempts.handle_failure(why);
        self.log(LogLevel::Warning, "sip", || match next {
            Some(next) => format!("{failed} {why}; trying {next}"),
            None => format!("{failed} {why}"),
        });
        if next.is_none() {
            return false;
        }
        let Some(waiting) = self.clients.remove(&client) else { return false };
        let Waiting { owner, tag, .. } = waiting;
        let before = self.flow(attempt.line, failed.transport, failed.address).ok();
        match self.flow_of(now, attempt.line, &mut attempt.attempts) {
            Some(flow) => {
                if let Some(before) = before.filter(|before| !same_contact(*before, flow)) {
                    rewrite_contact(&mut attempt.request, before, flow);
                    if let Owner::Call(call) = owner {
                        self.call_went_to(call, flow);
                    }
                }
                self.send_attempt(now, flow, owner, tag, attempt);
                true
            }
            None => {
                self.clients.insert(client, waiting);
                false
            }
        }
    }

    /// Whether a registration stands at a target over UDP, where the news that nobody listens may be
    /// somebody's who wants us elsewhere.
    fn is_registered_at(&self, target: &Target) -> bool {
        target.transport == Transport::Udp
            && self.accounts.values().any(|account| {
                account.flow().is_some_and(|flow| {
                    (flow.transport, flow.remote) == (target.transport, target.address)
                }) && account.registration().is_some_and(|it| it.reach() == Reach::Up)
            })
    }

    /// Sends a request to the target that it is at; without credentials where none may go.
    pub(super) fn send_attempt(
        &mut self,
        now: Instant,
        flow: Flow,
        owner: Owner,
        tag: u32,
        attempt: Attempt,
    ) {
        if let Owner::Account(account) = owner {
            self.account_went_to(now, account, flow, &attempt.attempts);
        }
        let trusted = self.is_trusted(attempt.line.account, flow);
        let mut request = (*attempt.request).clone();
        if !trusted {
            strip(&mut request);
        }
        let client = self.endpoint.request(now, request, flow);
        self.clients.insert(client, Waiting { owner, tag, trusted });
        // Where there is no other place, and no name to look up anew, there is nothing to follow.
        if !attempt.literal || !attempt.attempts.is_alone() {
            self.locations.follow(client, attempt);
        }
    }
}

/// Whether a Contact for the one flow holds for the other.
fn same_contact(one: Flow, other: Flow) -> bool {
    (one.transport, one.local) == (other.transport, other.local)
}

/// A Contact of ours names the transport and the address of the flow that the request was made for.
fn rewrite_contact(request: &mut Request, before: Flow, after: Flow) {
    let Some(contact) = request.headers.value(HeaderId::Contact).and_then(NameAddr::parse) else {
        return;
    };
    let at = (contact.uri.host().and_then(Host::ip), contact.uri.port());
    // Another name than that, as a GRUU, holds for every flow.
    if at != (Some(before.local.ip()), Some(before.local.port())) {
        return;
    }
    let uri = on_flow(contact.uri, after);
    request.headers.set(HeaderId::Contact, NameAddr { uri, ..contact }.to_string());
}

/// Goes through the questions, each step's at once.
async fn search(
    dns: &Dns,
    mut locator: Locator,
    mut questions: Vec<Question>,
) -> (Result<Vec<Target>, LocateError>, Duration) {
    let mut lifetime = Duration::MAX;
    loop {
        let asked = questions.into_iter().map(|question| {
            let dns = dns.clone();
            tokio::task::spawn_local(async move { dns.ask(&question).await })
        });
        let mut answers = Vec::new();
        for answer in asked.collect::<Vec<_>>() {
            let failed =
                |error: tokio::task::JoinError| (Answer::Failed(error.to_string()), Duration::ZERO);
            let (answer, valid) = answer.await.unwrap_or_else(failed);
            lifetime = lifetime.min(valid);
            answers.push(answer);
        }
        match locator.handle_answers(answers) {
            Step::Ask(more) => questions = more,
            Step::Done(found) => return (found, lifetime),
        }
    }
}

/// A host that the hosts file knows is not asked about in the DNS at all: at the port that is
/// written, or the transport's own.
fn from_hosts_file(
    sought: &Sought,
    fallback: Transport,
    ipv4_first: bool,
    answer: Answer,
) -> Result<Vec<Target>, LocateError> {
    let Answer::Addresses(mut addresses) = answer else { return Err(LocateError::NotFound) };
    addresses.sort_by_key(|ip| ip.is_ipv4() != ipv4_first);
    let transport = sought.transport.unwrap_or(fallback);
    let port = sought.port.unwrap_or(transport.default_port());
    let target = |ip| Target { transport, address: SocketAddr::new(ip, port), rank: 0 };
    Ok(addresses.into_iter().map(target).collect())
}

fn not_found(host: &Host, why: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Resolve,
        format!("the host {host} was not found ({why}); check its name and the network"),
    )
}

//! S: the signaling actor. It owns the SIP endpoint and its sockets, the accounts and the shards.
//! Events for the host are written on its thread only, by it and by the sessions; but a fault is told
//! where it strikes.
//!
//! ```text
//! Command (host) ─┐                       ┌─▶ Endpoint ──Transmit──▶ sockets
//! Inbound ────────┼─▶ Signaling ──────────┼─▶ Session of the call (mailbox)
//! FromSession ────┤                       ├─▶ media workers, device thread
//! DeviceReport ───┘                       └─▶ event queue
//! ```
//!
//! The actor holds no protocol logic: it feeds machines, drains them and arms one timer. A panic in
//! one of its handlers marks the engine as faulted.

mod accounts;
mod audio;
mod calls;
mod conferences;
mod connections;
mod contact;
mod dispatch;
mod flows;
mod home;
mod inbound;
mod locate;
mod moves;
mod places;
mod quiet;
mod recordings;
mod requests;
mod routes;
mod servers;
mod services;
mod settings;
mod shutdown;
mod start;
mod transport;
mod usages;

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use actix::{Actor, AsyncContext, Context, Handler, SpawnHandle};
use bytes::Bytes;

use self::{
    accounts::Account,
    audio::{Audio, DeviceMessage},
    calls::CallEntry,
    conferences::Conferences,
    flows::Keepers,
    locate::Locations,
    recordings::CallFiles,
    requests::Waiting,
    transport::{Inbound, Transports},
    usages::{Publishing, Sending, Usages, Watching},
};
pub(super) use self::{
    audio::{Listing, Prepared},
    recordings::WORKER_BUSY,
    requests::{End, FromSession},
    start::start,
    usages::{answered, refusal},
};
#[cfg(test)]
pub(super) use self::{
    connections::{MOST_CONNECTIONS, MOST_OF_A_SOURCE},
    servers::MOST_ADDRESSES,
};
use super::{
    command::Command,
    config::AccountConfig,
    error::ErrorKind,
    log::LogLevel,
    shared::{Life, Shared},
    watch::Watch,
    worker::{Worker, WorkerCmd},
};
use crate::{
    base::{
        clock::SleepWatch,
        ids::{AccountId, CallId, RequestId},
        rng::Rng,
    },
    call::Passing,
    call::forwarding::CallRate,
    device::files::Files,
    net::{connector::Refusal, ports::PortPool},
    proto::sip::{
        Flow,
        endpoint::{ClientTransaction, Endpoint, Output, ServerTransaction},
        sources::SourceLimiter,
        wire,
    },
};

/// Messages that may wait for the actor: commands of hosts, datagrams, reports of sessions.
const MAILBOX: usize = 8192;

/// The actor.
pub(super) struct Signaling {
    shared: Arc<Shared>,
    endpoint: Endpoint,
    /// Of datagrams, and of what comes on connections.
    limiter: SourceLimiter,
    stream_limiter: SourceLimiter,
    transports: Transports,
    keepers: Keepers,
    rng: Rng,
    accounts: HashMap<AccountId, Account>,
    /// Settings of calls without an account.
    no_account: Arc<AccountConfig>,
    calls: HashMap<CallId, CallEntry>,
    conferences: Conferences,
    /// Dials whose host name is being looked up.
    locating: HashMap<CallId, Option<RequestId>>,
    locations: Locations,
    /// Which device this is, when an account does not say (RFC 5626 §4.1).
    instance: String,
    sleep_watch: SleepWatch,
    /// Which call a dialog belongs to: Call-ID and our tag.
    dialogs: HashMap<(String, String), CallId>,
    clients: HashMap<ClientTransaction, Waiting>,
    /// INVITEs that were cancelled before they had a transaction, by call and tag.
    taken_back: HashSet<(CallId, u32)>,
    servers: HashMap<ServerTransaction, CallId>,
    workers: Vec<Worker>,
    rtp_ports: HashMap<(IpAddr, (u16, u16)), PortPool>,
    files: Files,
    call_files: CallFiles,
    audio: Audio,
    /// Calls that ended since memory was given back.
    ended: u32,
    /// Calls that began lately.
    call_rate: CallRate,
    /// Which requests of far ends are the host's.
    passing: Arc<Passing>,
    usages: Usages,
    timer: Option<(Instant, SpawnHandle)>,
    /// Set by a shutdown: when to stop waiting for the far ends.
    ends_at: Option<Instant>,
    /// That time is over, and the sessions are told so.
    cut_off: bool,
    /// Why the flow that is being given up broke, for whoever waits on it.
    fault: Option<Refusal>,
}

impl Actor for Signaling {
    type Context = Context<Self>;
}

impl Signaling {
    /// Runs one handler; a panic in it is a fault of the whole engine.
    fn guarded(
        &mut self,
        ctx: &mut Context<Self>,
        work: impl FnOnce(&mut Self, &mut Context<Self>, Instant),
    ) {
        if self.shared.life() == Life::Faulted && self.ends_at.is_none() {
            // Only a shutdown still gets through; see `Handler<Command>`.
            return;
        }
        let now = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.check_sleep(now);
            work(self, ctx, now);
            self.drive(ctx, now);
        }));
        if outcome.is_err() {
            self.shared.fault("the signaling thread failed");
            // Nobody speaks for the user any longer.
            for worker in &self.workers {
                worker.send(WorkerCmd::Stop);
            }
            if self.ends_at.is_some() {
                self.finish();
            }
        }
    }

    /// Drains the endpoint and arms the timer: after every input.
    fn drive(&mut self, ctx: &mut Context<Self>, now: Instant) {
        loop {
            while let Some(output) = self.endpoint.poll_output() {
                match output {
                    Output::Transmit { flow, bytes } => self.transmit(ctx, now, flow, bytes),
                    Output::Event(event) => self.dispatch(ctx, now, event),
                }
            }
            if !(self.drive_accounts(ctx, now) | self.drive_usages(ctx, now)) {
                break;
            }
        }
        self.fault = None;
        self.check_end(now);
        self.rest();
        self.arm(ctx, now);
    }

    fn arm(&mut self, ctx: &mut Context<Self>, now: Instant) {
        let accounts = self.accounts.values().filter_map(Account::poll_timeout).min();
        let connections = self.transports.connections.poll_timeout();
        let keepers = self.keepers.poll_timeout();
        let (endpoint, usages) = (self.endpoint.poll_timeout(), self.usages.poll_timeout());
        let next = [endpoint, accounts, connections, keepers, usages, self.ends_at];
        let next = next.into_iter().flatten().min();
        match (next, &self.timer) {
            (Some(next), Some((armed, _))) if *armed == next => {}
            (next, _) => {
                if let Some((_, handle)) = self.timer.take() {
                    ctx.cancel_future(handle);
                }
                let Some(next) = next else { return };
                let wait = next.saturating_duration_since(now);
                let handle = ctx.run_later(wait, |actor, ctx| {
                    actor.timer = None;
                    actor.guarded(ctx, Signaling::handle_timeout);
                });
                self.timer = Some((next, handle));
            }
        }
    }

    fn handle_timeout(&mut self, ctx: &mut Context<Self>, now: Instant) {
        self.endpoint.handle_timeout(now);
        for account in self.accounts.values_mut() {
            account.handle_timeout(now);
        }
        self.usages_timeout(now);
        for flow in self.outlived_flows(now) {
            self.flow_died(now, flow, "nobody spoke on it for long, or not to the end");
        }
        self.keepers_timeout(ctx, now);
    }

    fn transmit(&mut self, ctx: &mut Context<Self>, now: Instant, flow: Flow, bytes: Bytes) {
        self.trace("sent to", flow, &bytes);
        self.capture_sent(flow, &bytes);
        if self.transports.send(now, flow, bytes, &ctx.address()) == transport::Sent::No {
            self.flow_died(now, flow, "it takes no messages");
        }
    }

    fn trace(&self, what: &str, flow: Flow, bytes: &Bytes) {
        self.shared.log.log(LogLevel::Trace, "sip.trace", || {
            let transport = flow.transport.name();
            format!("{what} {} over {transport}:\n{}", flow.remote, wire::scrub(bytes))
        });
    }

    /// Whether what came on a flow may pass. Datagrams, whose sources anybody can write, have buckets
    /// of their own. On a stream nothing is sent again, so it ends, and its far end learns of it.
    fn admit_from(&mut self, now: Instant, flow: Flow) -> bool {
        let reliable = flow.transport.is_reliable();
        let limiter = if reliable { &mut self.stream_limiter } else { &mut self.limiter };
        if limiter.admit(now, flow.remote.ip()) {
            return true;
        }
        self.shared.counters.sip_over_rate.fetch_add(1, Ordering::Relaxed);
        if reliable {
            self.flow_died(now, flow, "it brings more messages than one source may send");
        }
        false
    }

    fn handle_message(&mut self, now: Instant, flow: Flow, bytes: Bytes) {
        self.shared.counters.sip_received.fetch_add(1, Ordering::Relaxed);
        if !self.admit_from(now, flow) {
            return;
        }
        self.trace("received from", flow, &bytes);
        self.capture_received(flow, &bytes);
        let before = self.endpoint.counters();
        self.endpoint.handle_message(now, flow, bytes);
        let after = self.endpoint.counters();
        let refused = after.over_limit - before.over_limit;
        self.shared.counters.sip_over_limit.fetch_add(refused, Ordering::Relaxed);
        if after.dropped() > before.dropped() {
            self.shared.counters.sip_dropped.fetch_add(1, Ordering::Relaxed);
            self.log(LogLevel::Debug, "sip", || {
                format!("dropped a message of {}: malformed, or of no transaction", flow.remote)
            });
        }
    }

    fn log(&self, level: LogLevel, module: &'static str, text: impl FnOnce() -> String) {
        self.shared.log.log(level, module, text);
    }

    /// The outcome of a command, for a host that asked to be told.
    fn reply(&self, request: Option<RequestId>, error: Option<ErrorKind>, text: &str) {
        self.shared.reply(request, error, text);
    }
}

impl Handler<Command> for Signaling {
    type Result = ();

    fn handle(&mut self, command: Command, ctx: &mut Self::Context) {
        if let Command::Shutdown { timeout } = command {
            self.begin_shutdown(ctx, timeout);
            return;
        }
        self.guarded(ctx, |actor, ctx, now| actor.handle_command(ctx, now, command));
    }
}

impl Handler<Inbound> for Signaling {
    type Result = ();

    fn handle(&mut self, inbound: Inbound, ctx: &mut Self::Context) {
        self.guarded(ctx, |actor, ctx, now| actor.handle_inbound(ctx, now, inbound));
    }
}

impl Handler<FromSession> for Signaling {
    type Result = ();

    fn handle(&mut self, message: FromSession, ctx: &mut Self::Context) {
        self.guarded(ctx, |actor, ctx, now| actor.handle_session(ctx, now, message));
    }
}

impl Handler<DeviceMessage> for Signaling {
    type Result = ();

    fn handle(&mut self, message: DeviceMessage, ctx: &mut Self::Context) {
        self.guarded(ctx, |actor, _, _| actor.handle_device(message));
    }
}

impl Signaling {
    fn handle_command(&mut self, ctx: &mut Context<Self>, now: Instant, command: Command) {
        match command {
            Command::AccountAdd { account, config, shared, request } => {
                self.account_add(ctx, now, account, *config, shared, request);
            }
            Command::AccountUpdate { account, config, request } => {
                self.account_update(ctx, now, account, *config, request);
            }
            Command::AccountRemove { account, request } => {
                self.account_remove(now, account, request);
            }
            Command::Register { account, request } => self.register(ctx, now, account, request),
            Command::Unregister { account, request } => self.unregister(now, account, request),
            Command::Dial { call, account, uri, options, shared, request } => {
                self.dial(ctx, now, calls::Dial { call, account, uri, options, shared, request });
            }
            Command::Call { call, command, request } => {
                self.call_command(now, call, command, request);
            }
            Command::Conference { conference, seating, request } => {
                self.seat(conference, seating, request);
            }
            Command::NetworkChanged => self.network_changed(now, "the host says so"),
            Command::SendRequest { account, uri, outgoing, request } => {
                let sending = Sending { account, uri, outgoing, request };
                self.send_hosts_request(ctx, now, sending);
            }
            Command::Watch { id, watch, request } => {
                let Watch { account, uri, options, shared } = *watch;
                let watching = Watching { id, account, uri, options, shared, request };
                self.watch(ctx, now, watching);
            }
            Command::WatchAgain { id, request } => self.watch_again(now, id, request),
            Command::Unwatch { id, request } => self.unwatch(now, id, request),
            Command::Publish { id, account, event, published, expires, request } => {
                let published = *published;
                let publishing = Publishing { id, account, event, published, expires, request };
                self.publish(ctx, now, publishing);
            }
            Command::PublishAgain { id, published, request } => {
                self.publish_again(id, *published, request);
            }
            Command::Unpublish { id, request } => self.unpublish(id, request),
            Command::AnswerRequest { transaction, answer, request } => {
                self.answer_offer(now, transaction, *answer, request);
            }
            Command::SelectAudio { policy, request } => self.select_audio(ctx, policy, request),
            Command::ListDevices { listing } => self.list_devices(ctx, listing),
            Command::Shutdown { .. } => {}
        }
    }
}

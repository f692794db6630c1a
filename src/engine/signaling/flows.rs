//! Flows that are kept open: those that registrations stand on (RFC 5626 §3.5, §4.4).

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

use actix::{AsyncContext, Context};
use bytes::Bytes;

use super::{Signaling, transport::Sent};
use crate::{
    base::ids::AccountId,
    engine::config::{EngineConfig, UdpKeepAlive},
    proto::{
        sip::{
            Flow, Transport,
            keep_alive::{Action, KeepAlive, Method, Times},
        },
        stun::{self, Binding},
    },
};

/// The keep-alives of all flows.
#[derive(Default)]
pub(super) struct Keepers(HashMap<Key, Keeper>);

/// What names a flow, whichever address of ours is written for it.
type Key = (Transport, u16, SocketAddr);

fn key(flow: Flow) -> Key {
    (flow.transport, flow.local.port(), flow.remote)
}

struct Keeper {
    flow: Flow,
    machine: KeepAlive,
    users: HashSet<AccountId>,
}

impl Keepers {
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.0.values().map(|keeper| keeper.machine.poll_timeout()).min()
    }

    /// Gives up a flow.
    pub(super) fn remove(&mut self, flow: Flow) {
        self.0.remove(&key(flow));
    }

    /// An account stands on no flow any longer, or on `but` only.
    fn leave(&mut self, account: AccountId, but: Option<Flow>) {
        let but = but.map(key);
        self.0.retain(|key, keeper| {
            Some(*key) == but || !keeper.users.remove(&account) || !keeper.users.is_empty()
        });
    }

    pub(super) fn is_waiting(&self, flow: Flow) -> bool {
        self.0.get(&key(flow)).is_some_and(|keeper| keeper.machine.is_waiting())
    }
}

/// No registrar makes us send keep-alives more often than this.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);

impl Signaling {
    /// An account is registered over its flow.
    pub(super) fn keep_flow(&mut self, now: Instant, id: AccountId) {
        let Some(account) = self.accounts.get(&id) else { return };
        let (Some(flow), Some(registration)) = (account.flow(), account.registration()) else {
            return;
        };
        let (outbound, longest) = (registration.grant().outbound, registration.grant().flow_timer);
        self.keepers.leave(id, Some(flow));
        if let Some(keeper) = self.keepers.0.get_mut(&key(flow)) {
            keeper.users.insert(id);
            return;
        }
        let terms = terms(&self.shared.config, flow.transport, outbound);
        let Some((method, mut times)) = terms else { return };
        // The registrar gives the flow up when it hears nothing for so long (RFC 5626 §4.4); one that
        // wants to hear of us all the time does not get its way.
        let longest = longest.map(|longest| longest.max(SHORTEST_INTERVAL));
        times.interval = longest.map_or(times.interval, |longest| times.interval.min(longest));
        let machine = KeepAlive::new(now, method, times, outbound, self.rng.fork());
        self.keepers.0.insert(key(flow), Keeper { flow, machine, users: HashSet::from([id]) });
    }

    /// An account is not registered any longer.
    pub(super) fn leave_flow(&mut self, account: AccountId) {
        self.keepers.leave(account, None);
    }

    pub(super) fn keepers_timeout(&mut self, ctx: &mut Context<Self>, now: Instant) {
        let due: Vec<Flow> = self
            .keepers
            .0
            .iter()
            .filter(|(_, keeper)| keeper.machine.poll_timeout() <= now)
            .map(|(_, keeper)| keeper.flow)
            .collect();
        for flow in due {
            let Some(keeper) = self.keepers.0.get_mut(&key(flow)) else { continue };
            if let Some(action) = keeper.machine.handle_timeout(now) {
                self.probe(ctx, now, flow, action);
            }
        }
    }

    fn probe(&mut self, ctx: &mut Context<Self>, now: Instant, flow: Flow, action: Action) {
        let sent = match action {
            Action::Crlf => {
                self.transports.send(now, flow, Bytes::from_static(b"\r\n\r\n"), &ctx.address())
            }
            Action::Stun(id) => {
                self.transports.send(now, flow, stun::request(id).into(), &ctx.address())
            }
            Action::Ping => self.transports.connections.ping(now, flow),
            Action::Dead(death) => return self.flow_died(now, flow, &death.to_string()),
        };
        if sent == Sent::No {
            self.flow_died(now, flow, "it takes no keep-alive");
        }
    }

    /// The far end answered a Ping.
    pub(super) fn handle_pong(&mut self, now: Instant, flow: Flow) {
        if let Some(keeper) = self.keepers.0.get_mut(&key(flow)) {
            keeper.machine.handle_pong(now);
        }
    }

    /// The far end said something, be it no answer to a keep-alive.
    pub(super) fn handle_life(&mut self, now: Instant, flow: Flow) {
        if let Some(keeper) = self.keepers.0.get_mut(&key(flow)) {
            keeper.machine.handle_life(now);
        }
    }

    /// STUN on a SIP port: an answer to ours, or a question, which is answered.
    pub(super) fn handle_stun(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        flow: Flow,
        octets: &[u8],
    ) {
        let (id, seen) = match stun::parse(octets) {
            Ok(Binding::Request(id)) => {
                let answer = stun::success(id, flow.remote);
                self.transports.send(now, flow, answer.into(), &ctx.address());
                return;
            }
            Ok(Binding::Success(id, seen)) => (id, seen),
            Ok(Binding::Error(id)) => (id, None),
            Err(_) => return,
        };
        let keeper = self.keepers.0.get_mut(&key(flow));
        let action = keeper.and_then(|keeper| keeper.machine.handle_stun(now, id, seen));
        if let Some(action) = action {
            self.probe(ctx, now, flow, action);
        }
    }
}

/// How a flow is kept open; `None`: not at all.
fn terms(config: &EngineConfig, transport: Transport, outbound: bool) -> Option<(Method, Times)> {
    let settings = &config.keep_alive;
    let (method, interval) = match transport {
        Transport::Udp => {
            let stun = match settings.udp_method {
                UdpKeepAlive::Auto => outbound,
                UdpKeepAlive::Crlf => false,
                UdpKeepAlive::Stun => true,
            };
            (if stun { Method::Stun } else { Method::Crlf }, settings.udp)
        }
        _ => (Method::Ping, settings.stream),
    };
    let times = Times { interval, answer: settings.answer, repeat: config.timers.t1 };
    (!interval.is_zero()).then_some((method, times))
}

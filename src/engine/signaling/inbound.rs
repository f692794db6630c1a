//! What the sockets bring: datagrams, octets and frames, connections and their ends.

use std::{net::SocketAddr, sync::atomic::Ordering, time::Instant};

use actix::{AsyncContext, Context};
use bytes::Bytes;

use super::{Signaling, transport::Inbound};
use crate::{
    engine::log::LogLevel,
    net::{connector::Refusal, stream::Received, unreachable::Unreachable},
    proto::{
        sip::{Flow, Transport, wire::Framer},
        stun,
    },
};

impl Signaling {
    pub(super) fn handle_inbound(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        inbound: Inbound,
    ) {
        match inbound {
            Inbound::Datagram { port, source, bytes } => {
                let Ok(flow) = self.transports.flow(port, Transport::Udp, source) else { return };
                if stun::is_stun(&bytes) {
                    if !self.admit_from(now, flow) {
                        return;
                    }
                    self.handle_stun(ctx, now, flow, &bytes);
                } else {
                    self.handle_message(now, flow, bytes);
                }
            }
            Inbound::Unreachable { news } => self.found_nobody(now, &news),
            Inbound::Accepted { port, transport, remote, writer, reader } => {
                if let Ok(flow) = self.transports.flow(port, transport, remote) {
                    let ends = (writer, reader);
                    if !self.transports.connections.accepted(now, flow, ends, &ctx.address()) {
                        self.turned_away(remote);
                    }
                }
            }
            // One that was given up, or that the far end was faster than: a later one counts.
            Inbound::Connected { flow, serial, .. } | Inbound::Refused { flow, serial, .. }
                if !self.transports.connections.awaits(flow, serial) => {}
            Inbound::Connected { flow, domain, opened, .. } => {
                if flow.transport.is_secure() && !self.shared.config.tls.verify {
                    self.log(LogLevel::Warning, "sip", || {
                        format!("the certificate of {domain} is not verified: tls.verify is off")
                    });
                }
                let to = ctx.address();
                let taken = self.transports.connections.connected(now, flow, &domain, opened, &to);
                if let Err(refusal) = taken {
                    self.refused(now, flow, refusal);
                }
            }
            Inbound::Refused { flow, refusal, .. } => self.refused(now, flow, refusal),
            Inbound::Received { flow, serial, received } => match received {
                Received::Octets(bytes) => self.handle_octets(ctx, now, flow, serial, &bytes),
                Received::Message(bytes) => {
                    if self.transports.connections.framer(now, flow, serial).is_some() {
                        self.handle_life(now, flow);
                        self.handle_message(now, flow, bytes);
                    }
                }
                Received::Pong => self.handle_pong(now, flow),
            },
            Inbound::TurnedAway { remote } => self.turned_away(remote),
            Inbound::RoutesChanged => self.routes_changed(now),
            Inbound::Closed { flow, serial, reason } => {
                if self.transports.connections.closed(flow, serial) {
                    let reason = if reason.is_empty() { "the far end closed it" } else { &reason };
                    self.flow_died(now, flow, reason);
                }
            }
        }
    }

    /// A datagram found nobody. It fails the request that it was, if it quotes one that waits: that is
    /// a 503 (RFC 3261 §8.1.3.1), and the next target's turn.
    fn found_nobody(&mut self, now: Instant, news: &Unreachable) {
        if self.endpoint.handle_unreachable(now, news.remote, &news.quoted) {
            let text = format!("nobody listens at {}", news.remote);
            self.fault = Some(Refusal::network(text.clone()));
            self.shared.counters.sip_unreachable.fetch_add(1, Ordering::Relaxed);
            self.log(LogLevel::Info, "sip", || text);
        }
    }

    /// A far end made more connections, or handshakes, than it may.
    fn turned_away(&mut self, remote: SocketAddr) {
        self.shared.counters.sip_over_limit.fetch_add(1, Ordering::Relaxed);
        self.log(LogLevel::Warning, "sip", || {
            format!("turned a connection of {remote} away: there are as many as may be")
        });
    }

    fn refused(&mut self, now: Instant, flow: Flow, refusal: Refusal) {
        self.log(LogLevel::Warning, "sip", || {
            format!("no {} connection to {}: {}", flow.transport.name(), flow.remote, refusal.text)
        });
        self.give_up_flow(now, flow, refusal);
    }

    /// A flow is gone: its connection ended, or nobody answers on it. What waits on it fails; the
    /// next message makes it anew.
    pub(super) fn flow_died(&mut self, now: Instant, flow: Flow, reason: &str) {
        self.log(LogLevel::Info, "sip", || {
            format!("the {} flow to {} is gone: {reason}", flow.transport.name(), flow.remote)
        });
        let text = format!("the connection to {} broke: {reason}", flow.remote.ip());
        self.give_up_flow(now, flow, Refusal::network(text));
    }

    fn give_up_flow(&mut self, now: Instant, flow: Flow, refusal: Refusal) {
        self.transports.connections.close(flow);
        self.fault = Some(refusal);
        self.endpoint.handle_flow_failed(now, flow);
        self.keepers.remove(flow);
        self.flow_broke(now, flow);
    }

    fn handle_octets(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        flow: Flow,
        serial: u64,
        bytes: &[u8],
    ) {
        let Some(framer) = self.transports.connections.framer(now, flow, serial) else { return };
        framer.push(bytes);
        let mut whole = 0;
        loop {
            let framer = self.transports.connections.framer(now, flow, serial);
            let Some(framer) = framer else { return };
            match framer.poll() {
                Ok(Some(message)) => {
                    whole += 1;
                    self.handle_message(now, flow, message);
                }
                Ok(None) => {
                    if self.keepers.is_waiting(flow) {
                        let framer = self.transports.connections.framer(now, flow, serial);
                        match framer.is_some_and(Framer::take_pong) {
                            true => self.handle_pong(now, flow),
                            false => self.handle_life(now, flow),
                        }
                    }
                    if self.transports.connections.noted(now, flow, whole) > 0 {
                        let pong = Bytes::from_static(b"\r\n");
                        self.transports.send(now, flow, pong, &ctx.address());
                    }
                    return;
                }
                Err(error) => {
                    self.shared.counters.sip_dropped.fetch_add(1, Ordering::Relaxed);
                    self.log(LogLevel::Warning, "sip", || {
                        format!("closing the connection of {}: {error:?}", flow.remote)
                    });
                    self.flow_died(now, flow, "what it brings cannot be cut into messages");
                    return;
                }
            }
        }
    }
}

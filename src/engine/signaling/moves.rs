//! The world outside changes: another address of our own, another network, a machine that slept, a
//! connection that broke. Registrations are made anew, calls are told of their new address.
//!
//! Nothing here wakes the machine up. Our own address towards a far end is looked at when a REGISTER
//! goes out, when something cannot be sent, when a connection breaks, when the clocks say that the
//! machine slept, when the system tells of a change (Linux), and when the host does.

use std::{
    net::IpAddr,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use super::{Signaling, WORKER_BUSY, accounts::Account, contact::facing, settings::contact};
use crate::{
    base::{
        ids::{AccountId, CallId},
        plan::MediaPlace,
    },
    call::{Input, Reach, RegistrationInput},
    engine::{log::LogLevel, shared::lock, worker::WorkerCmd},
    net::rtp_udp::RtpSockets,
    proto::sip::{Flow, locate::Attempts},
};

impl Signaling {
    /// The host says that the network has changed, or the clocks do.
    pub(super) fn network_changed(&mut self, now: Instant, why: &str) {
        self.log(LogLevel::Info, "sip", || format!("looking at the network again: {why}"));
        self.locations.reset();
        self.accounts.values_mut().for_each(|account| account.servers.forget());
        self.check_addresses(now);
        self.check_watches(now, true);
        for account in self.accounts.values_mut() {
            if let Some(registration) = account.registration_mut() {
                registration.handle_input(now, RegistrationInput::Woke);
            }
        }
    }

    /// The system says that addresses or routes have changed.
    pub(super) fn routes_changed(&mut self, now: Instant) {
        self.check_addresses(now);
        for account in self.accounts.values_mut() {
            if let Some(registration) = account.registration_mut() {
                registration.handle_input(now, RegistrationInput::Rerouted);
            }
        }
    }

    /// Sees by the clocks whether the machine slept.
    pub(super) fn check_sleep(&mut self, now: Instant) {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if let Some(slept) = self.sleep_watch.look(now, wall) {
            self.network_changed(now, &format!("the machine slept for {} s", slept.as_secs()));
        }
    }

    /// Compares our addresses towards every registrar and every far end with what they were told.
    pub(super) fn check_addresses(&mut self, now: Instant) {
        self.follow_interface();
        self.transports.forget_routes();
        let accounts: Vec<AccountId> = self.accounts.keys().copied().collect();
        for id in accounts {
            self.check_account(now, id);
        }
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for call in calls {
            self.check_call(call);
        }
        self.check_watches(now, false);
    }

    /// Takes the address that the interface has now which the sockets are bound by.
    fn follow_interface(&mut self) {
        match self.transports.follow_interface() {
            Ok(None) => {}
            Ok(Some(ip)) => {
                lock(&self.shared.local).ip = ip;
                self.log(LogLevel::Info, "sip", || {
                    format!("{} has the address {ip} now", self.shared.config.bind)
                });
            }
            Err(error) => self.log(LogLevel::Warning, "sip", || error.message),
        }
    }

    fn check_account(&mut self, now: Instant, id: AccountId) {
        let Some(account) = self.accounts.get(&id) else { return };
        let (Some(flow), public) = (account.flow(), account.config().public_address) else {
            return;
        };
        let Some(fresh) = self.fresh_flow(public, flow) else { return };
        if fresh.local.ip() != flow.local.ip() {
            self.accounts.entry(id).and_modify(|account| account.servers.forget());
            self.account_moved(now, id, fresh);
        }
    }

    /// The same way from the address that it would be taken from now; `None` without any.
    pub(super) fn fresh_flow(&mut self, public: Option<IpAddr>, flow: Flow) -> Option<Flow> {
        let fresh = self.transports.flow(flow.local.port(), flow.transport, flow.remote).ok()?;
        Some(facing(public, fresh))
    }

    /// An account's REGISTER goes by `flow` from now on.
    fn account_moved(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        // What a registrar saw of the old address is no longer so.
        account.seen = None;
        let contact = contact(account.config(), flow);
        let old = account.move_to(flow);
        if let Some(old) = old {
            self.shared.log.log(LogLevel::Info, "sip", || {
                format!("{id:?} is reached at {} now, no longer at {}", flow.local, old.local)
            });
        }
        if let Some(registration) =
            self.accounts.get_mut(&id).and_then(|account| account.registration_mut())
        {
            registration.handle_input(now, RegistrationInput::Moved { contact });
        }
    }

    /// A REGISTER of an account goes to a target over a flow: what the event will tell, whether the
    /// Contact still fits, and where its registrar is.
    pub(super) fn account_went_to(
        &mut self,
        now: Instant,
        id: AccountId,
        flow: Flow,
        attempts: &Attempts,
    ) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        account.went_to(attempts);
        let known = account.flow();
        let same = known
            .is_some_and(|known| (known.local, known.transport) == (flow.local, flow.transport));
        account.servers.found_at(flow.remote.ip());
        if same {
            account.move_to(flow);
            return;
        }
        self.account_moved(now, id, flow);
        if known.is_some_and(|known| known.local.ip() != flow.local.ip()) {
            self.check_addresses(now);
        }
    }

    /// The INVITE of a call goes to another target, and over another transport or from another address
    /// of ours.
    pub(super) fn call_went_to(&mut self, call: CallId, flow: Flow) {
        let Some(entry) = self.calls.get_mut(&call) else { return };
        entry.flow = flow;
        let (account, config) = (entry.account, entry.config.clone());
        let contact = self.contact_of(&config, account, flow);
        self.to_session(call, Input::Moved { contact, media: None });
    }

    fn check_call(&mut self, call: CallId) {
        let Some(entry) = self.calls.get(&call) else { return };
        let (flow, public) = (entry.flow, entry.config.public_address);
        let Some(fresh) = self.fresh_flow(public, flow) else { return };
        if fresh.local.ip() == flow.local.ip() {
            return;
        }
        self.log(LogLevel::Info, "call", || {
            format!("{call:?} moves from {} to {}", flow.local.ip(), fresh.local.ip())
        });
        let Some(entry) = self.calls.get_mut(&call) else { return };
        entry.flow = fresh;
        let (worker, account) = (entry.worker, entry.account);
        let (shared, config) = (entry.shared.clone(), entry.config.clone());
        let media = match self.bind_rtp(&config, fresh) {
            Ok(sockets) => {
                let (place, local) = (place(&sockets), sockets.local_rtp().to_string());
                let rebind = WorkerCmd::Rebind { call, sockets: Box::new(sockets) };
                let sent = self.workers[worker].send(rebind);
                if sent {
                    lock(&shared.info).local_rtp = local;
                } else {
                    self.log(LogLevel::Error, "call", || WORKER_BUSY.to_owned());
                }
                sent.then_some(place)
            }
            Err(error) => {
                self.log(LogLevel::Error, "call", || error.message);
                None
            }
        };
        let contact = self.contact_of(&config, account, fresh);
        self.to_session(call, Input::Moved { contact, media });
    }

    /// The connections to close, since nobody speaks on them: none that a call or a registration
    /// stands on.
    pub(super) fn outlived_flows(&mut self, now: Instant) -> Vec<Flow> {
        let (calls, accounts) = (&self.calls, &self.accounts);
        self.transports.connections.outlived(now, |flow| {
            let registered = |account: &Account| {
                account.flow().is_some_and(|known| is_same(known, flow))
                    && account.registration().is_some_and(|it| it.reach() != Reach::Idle)
            };
            calls.values().any(|entry| is_same(entry.flow, flow))
                || accounts.values().any(registered)
        })
    }

    /// A connection broke, or something could not be sent: that is how a lost network shows first.
    /// What strangers do with their connections is nothing to look around for.
    pub(super) fn flow_broke(&mut self, now: Instant, flow: Flow) {
        let mut concerned = self.calls.values().any(|entry| is_same(entry.flow, flow));
        for account in self.accounts.values_mut() {
            if account.flow().is_some_and(|known| is_same(known, flow)) {
                concerned = true;
                if let Some(registration) = account.registration_mut() {
                    registration.handle_input(now, RegistrationInput::FlowFailed);
                }
            }
        }
        if concerned {
            self.check_addresses(now);
        }
    }
}

/// Whether two flows are one, whichever address of ours is written for it.
fn is_same(one: Flow, other: Flow) -> bool {
    let key = |flow: Flow| (flow.transport, flow.remote, flow.local.port());
    key(one) == key(other)
}

fn place(sockets: &RtpSockets) -> MediaPlace {
    let (rtp, rtcp) = (sockets.local_rtp(), sockets.local_rtcp());
    MediaPlace { address: rtp.ip(), rtp_port: rtp.port(), rtcp_port: Some(rtcp.port()) }
}

//! Accounts: their registration machines, and what their calls are made with.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix::Context;

use super::{
    Signaling,
    calls::{Line, transport_of},
    contact::Seen,
    requests::Owner,
    servers::OwnServers,
    settings::{proxies, realms, user_of},
    transport,
};
use crate::{
    base::ids::{AccountId, RequestId},
    call::registration::{
        self, Reach, Registration, RegistrationEvent, RegistrationInput, RegistrationOutput,
    },
    engine::{
        config::{AccountConfig, SipTransport},
        error::{Error, ErrorKind},
        event::{EventKind, RegistrationState},
        shared::{AccountShared, lock},
    },
    net::connector::Refusal,
    proto::sip::{
        Flow, Transport,
        auth::Realms,
        locate::Attempts,
        transaction::Failure,
        uri::{Uri, next_hop_of},
        wire::Message,
    },
};

/// An account as Signaling holds it.
pub(super) struct Account {
    config: Arc<AccountConfig>,
    shared: Arc<AccountShared>,
    line: Line,
    user: Option<String>,
    registration: Option<Registration>,
    /// When to look the registrar's name up again, and how often that failed.
    retry_at: Option<Instant>,
    lookups_failed: u32,
    /// Tells a look-up's answer that came too late from one that is waited for.
    attempt: u32,
    /// Whoever asked to register or unregister and waits for the outcome.
    waiting: Vec<RequestId>,
    /// The way to the registrar.
    flow: Option<Flow>,
    /// Where the latest REGISTER went, and what became of the targets before that one.
    target: String,
    detour: String,
    /// Where the registrar sees us.
    pub(super) seen: Option<Seen>,
    /// Realms that the password is for; calls and requests share what is learnt.
    pub(super) realms: Realms,
    /// And the servers.
    pub(super) servers: OwnServers,
    /// Why the flow of the latest REGISTER broke.
    fault: Option<Refusal>,
    /// Removed by the host; gone once it is unregistered.
    removed: bool,
}

impl Account {
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let machine = self.registration.as_ref().and_then(Registration::poll_timeout);
        [machine, self.retry_at].into_iter().flatten().min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Some(registration) = &mut self.registration
            && registration.poll_timeout().is_some_and(|at| at <= now)
        {
            registration.handle_input(now, RegistrationInput::Timeout);
        }
    }

    pub(super) fn config(&self) -> &AccountConfig {
        &self.config
    }

    pub(super) fn flow(&self) -> Option<Flow> {
        self.flow
    }

    pub(super) fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    pub(super) fn registration_mut(&mut self) -> Option<&mut Registration> {
        self.registration.as_mut()
    }

    /// Takes another way to the registrar; gives the old one.
    pub(super) fn move_to(&mut self, flow: Flow) -> Option<Flow> {
        lock(&self.shared.info).local_address = flow.local.to_string();
        self.flow.replace(flow)
    }

    /// A request goes to a target.
    pub(super) fn went_to(&mut self, attempts: &Attempts) {
        self.target = attempts.current().to_string();
        self.detour = attempts.history();
    }

    /// Whether a GRUU that the registrar gave us is what a request is for (RFC 5627 §4.2).
    fn is_gruu(&self, uri: &Uri) -> bool {
        let Some(registration) = &self.registration else { return false };
        let grant = registration.grant();
        let known = [&grant.public_gruu, &grant.temporary_gruu];
        known.into_iter().flatten().any(|gruu| {
            gruu.same_user_and_host(uri) && gruu.params().value("gr") == uri.params().value("gr")
        })
    }

    /// Whether nothing is under way with the registrar.
    pub(super) fn is_quiet(&self) -> bool {
        !matches!(
            lock(&self.shared.info).state,
            RegistrationState::Unregistering | RegistrationState::Registering
        )
    }
}

impl Signaling {
    pub(super) fn account_add(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: AccountId,
        config: AccountConfig,
        shared: Arc<AccountShared>,
        request: Option<RequestId>,
    ) {
        let line = match self.open_line(id, &config) {
            Ok(line) => line,
            Err(error) => {
                self.shared.remove_account(id);
                self.reply(request, Some(error.kind), &error.message);
                self.shared.emit(EventKind::Registration {
                    account: id,
                    state: RegistrationState::Failed,
                    code: 0,
                    text: error.message,
                    expires: Default::default(),
                    target: String::new(),
                });
                return;
            }
        };
        let registers = config.register_on_add && !config.registrar.is_empty();
        let (user, servers) = (user_of(&config), OwnServers::of(&config));
        let realms = realms(&config, &servers);
        let account = Account {
            config: Arc::new(config),
            shared,
            line,
            user,
            registration: None,
            retry_at: None,
            lookups_failed: 0,
            attempt: 0,
            waiting: Vec::new(),
            flow: None,
            target: String::new(),
            detour: String::new(),
            seen: None,
            realms,
            servers,
            fault: None,
            removed: false,
        };
        self.accounts.insert(id, account);
        self.reply(request, None, "");
        if registers {
            self.register(ctx, now, id, None);
        }
    }

    /// The account's own port, or the engine's.
    fn open_line(&mut self, id: AccountId, config: &AccountConfig) -> Result<Line, Error> {
        let transport = transport_of(config.transport);
        let open = config.transport == SipTransport::Auto;
        let public = config.public_address;
        let main = self.transports.main_port();
        let account = Some(id);
        let line = Line { port: main, transport, open, home: None, public, account };
        if config.local_port == 0 || config.local_port == main {
            return Ok(line);
        }
        if !self.transports.share(config.local_port) {
            let (ip, dscp) = (self.transports.bind_ip(), self.shared.config.sip_dscp);
            let bound = transport::bind(ip, config.local_port, dscp)?;
            self.transports
                .add(bound)
                .map_err(|error| Error::new(ErrorKind::Transport, error.to_string()))?;
        }
        Ok(Line { port: config.local_port, ..line })
    }

    pub(super) fn account_update(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: AccountId,
        config: AccountConfig,
        request: Option<RequestId>,
    ) {
        let line = match self.open_line(id, &config) {
            Ok(line) => line,
            Err(error) => {
                self.reply(request, Some(error.kind), &error.message);
                return;
            }
        };
        let Some(account) = self.accounts.get_mut(&id) else {
            self.transports.release(line.port);
            self.reply(request, Some(ErrorKind::WrongState), "the account could not be opened");
            return;
        };
        let old = std::mem::replace(&mut account.line, line);
        lock(&account.shared.info).aor.clone_from(&config.aor);
        let registered = account.registration.is_some();
        // A look-up that goes on, or waits to be tried again, was for the settings of before.
        let trying = account.retry_at.take().is_some();
        account.attempt += 1;
        let registers = (registered || trying) && !config.registrar.is_empty();
        (account.user, account.servers) = (user_of(&config), OwnServers::of(&config));
        account.realms = realms(&config, &account.servers);
        account.config = Arc::new(config);
        self.transports.release(old.port);
        if registers {
            self.register(ctx, now, id, request);
        } else if registered {
            self.unregister(now, id, request);
        } else {
            self.reply(request, None, "");
        }
    }

    pub(super) fn account_remove(
        &mut self,
        now: Instant,
        id: AccountId,
        request: Option<RequestId>,
    ) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.removed = true;
        }
        self.unregister(now, id, request);
    }

    /// Registers, or registers anew.
    pub(super) fn register(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: AccountId,
        request: Option<RequestId>,
    ) {
        let Some(account) = self.accounts.get_mut(&id) else {
            self.reply(request, Some(ErrorKind::WrongState), "the account could not be opened");
            return;
        };
        account.retry_at = None;
        account.attempt += 1;
        let Ok(registrar) = account.config.registrar.parse::<Uri>() else {
            self.reply(request, Some(ErrorKind::WrongState), "the account has no registrar");
            return;
        };
        let attempt = account.attempt;
        let (line, config) = (account.line, Arc::clone(&account.config));
        let (proxy, _) = proxies(&config);
        let Ok(hop) = next_hop_of(proxy.as_ref().unwrap_or(&registrar)) else {
            self.reply(request, Some(ErrorKind::InvalidUri), "the registrar cannot be reached so");
            return;
        };
        account.waiting.extend(request);
        self.locate(ctx, now, line, &hop, move |actor, _, now, flow| {
            // Taken back, or asked anew, while the name was looked up.
            if actor.accounts.get(&id).is_none_or(|account| account.attempt != attempt) {
                return;
            }
            match flow {
                Ok(flow) => actor.start_registration(now, id, flow),
                Err(error) => actor.registrar_not_found(now, id, &error),
            }
        });
    }

    fn start_registration(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get(&id) else { return };
        let settings = self.registration_settings(account, flow);
        let rng = self.rng.fork();
        let Some(account) = self.accounts.get_mut(&id) else { return };
        account.move_to(flow);
        account.lookups_failed = 0;
        let registration =
            account.registration.get_or_insert_with(|| Registration::new(settings.clone(), rng));
        registration.handle_input(now, RegistrationInput::Configure(Box::new(settings)));
        registration.handle_input(now, RegistrationInput::Register);
    }

    /// The look-up is tried again after a while, like a registration that failed.
    fn registrar_not_found(&mut self, now: Instant, id: AccountId, error: &Error) {
        let timers = self.shared.config.timers;
        let Some(account) = self.accounts.get_mut(&id) else { return };
        let doubled = timers.retry_base.saturating_mul(1 << account.lookups_failed.min(16));
        let wait = doubled.min(timers.retry_max);
        account.lookups_failed += 1;
        account.retry_at = Some(now + wait + wait.mul_f64(f64::from(self.rng.below(500)) / 1000.0));
        self.announce(id, RegistrationState::Retrying, 0, &error.message, Duration::ZERO);
        self.answer_waiting(id, Some(error.kind), &error.message);
    }

    /// Takes the registration back.
    pub(super) fn unregister(&mut self, now: Instant, id: AccountId, request: Option<RequestId>) {
        let Some(account) = self.accounts.get_mut(&id) else {
            self.reply(request, Some(ErrorKind::WrongState), "the account could not be opened");
            return;
        };
        account.retry_at = None;
        account.attempt += 1;
        match &mut account.registration {
            Some(registration) => {
                account.waiting.extend(request);
                registration.handle_input(now, RegistrationInput::Unregister);
            }
            None => {
                account.waiting.extend(request);
                self.answer_waiting(id, None, "");
            }
        }
    }

    /// Drains every registration machine; whether there was anything.
    pub(super) fn drive_accounts(&mut self, ctx: &mut Context<Self>, now: Instant) -> bool {
        let due = |account: &Account| account.retry_at.is_some_and(|at| at <= now);
        let ids: Vec<AccountId> = self.accounts.keys().copied().collect();
        let mut worked = false;
        for id in ids {
            if self.accounts.get(&id).is_some_and(due) {
                self.register(ctx, now, id, None);
            }
            while let Some(output) = self
                .accounts
                .get_mut(&id)
                .and_then(|account| account.registration.as_mut())
                .and_then(Registration::poll_output)
            {
                worked = true;
                match output {
                    RegistrationOutput::Request { tag, request } => {
                        let Some((line, flow)) = self.accounts.get(&id).map(|a| (a.line, a.flow))
                        else {
                            break;
                        };
                        if let Some(flow) = flow {
                            // Seen anew: see `moves`.
                            self.transports.forget_route(flow.remote);
                        }
                        let owner = Owner::Account(id);
                        self.send_request(ctx, now, line, owner, tag, Box::new(request));
                    }
                    RegistrationOutput::Event(event) => self.registration_event(now, id, event),
                }
            }
        }
        self.forget_removed();
        worked
    }

    fn registration_event(&mut self, now: Instant, id: AccountId, mut event: RegistrationEvent) {
        use registration::RegistrationState as State;
        let state = match event.state {
            State::Unregistered => RegistrationState::Unregistered,
            State::Registering => RegistrationState::Registering,
            State::Registered => RegistrationState::Registered,
            State::Retrying => RegistrationState::Retrying,
            State::Failed => RegistrationState::Failed,
            State::Unregistering => RegistrationState::Unregistering,
        };
        match state {
            RegistrationState::Registered => self.keep_flow(now, id),
            RegistrationState::Unregistered | RegistrationState::Failed => self.leave_flow(id),
            _ => {}
        }
        let fault = self.accounts.get_mut(&id).and_then(|account| account.fault.take());
        let fault = fault.filter(|_| event.code == 0 && state == RegistrationState::Retrying);
        if let Some(fault) = &fault {
            event.text.clone_from(&fault.text);
        }
        self.announce(id, state, event.code, &event.text, event.expires);
        let error = match state {
            RegistrationState::Registering | RegistrationState::Unregistering => return,
            RegistrationState::Registered | RegistrationState::Unregistered => None,
            RegistrationState::Failed => Some(ErrorKind::Authentication),
            RegistrationState::Retrying if fault.is_some() => {
                fault.as_ref().map(ErrorKind::of_refusal)
            }
            RegistrationState::Retrying if event.code == 0 => Some(ErrorKind::NoAnswer),
            RegistrationState::Retrying => Some(ErrorKind::Refused),
        };
        self.answer_waiting(id, error, &event.text);
    }

    fn announce(
        &self,
        account: AccountId,
        state: RegistrationState,
        code: u16,
        text: &str,
        expires: Duration,
    ) {
        let (mut target, mut text) = (String::new(), text.to_owned());
        if let Some(known) = self.accounts.get(&account) {
            let reach = known.registration.as_ref().map_or(Reach::Idle, Registration::reach);
            let mut info = lock(&known.shared.info);
            (info.state, info.code, info.expires) = (state, code, expires);
            info.reach = reach;
            target.clone_from(&known.target);
            if !known.detour.is_empty() && state != RegistrationState::Registering {
                text = format!("{text} ({})", known.detour);
            }
        }
        self.shared.emit(EventKind::Registration { account, state, code, text, expires, target });
    }

    pub(super) fn answer_waiting(&mut self, id: AccountId, error: Option<ErrorKind>, text: &str) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        for request in std::mem::take(&mut account.waiting) {
            self.reply(Some(request), error, text);
        }
    }

    /// Accounts that the host removed go when their registration is gone, and their last call, which
    /// their servers may still challenge.
    fn forget_removed(&mut self) {
        let over = |(_, account): &(&AccountId, &Account)| account.removed && account.is_quiet();
        let calls = || self.calls.values().filter_map(|call| call.account);
        let gone = self.accounts.iter().filter(over).map(|(id, _)| *id);
        let ids: Vec<AccountId> = gone.filter(|id| calls().all(|of| of != *id)).collect();
        for id in ids {
            self.answer_waiting(id, Some(ErrorKind::WrongState), "the account was removed");
            if let Some(account) = self.accounts.remove(&id) {
                self.transports.release(account.line.port);
            }
        }
    }

    pub(super) fn account_failed(
        &mut self,
        now: Instant,
        id: AccountId,
        tag: u32,
        reason: Failure,
        fault: Option<Refusal>,
    ) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.fault = fault;
        }
        self.feed_registration(now, id, RegistrationInput::Failed { tag, reason });
    }

    pub(super) fn feed_registration(
        &mut self,
        now: Instant,
        id: AccountId,
        input: RegistrationInput,
    ) {
        let account = self.accounts.get_mut(&id);
        if let Some(registration) = account.and_then(|account| account.registration.as_mut()) {
            registration.handle_input(now, input);
        }
    }

    /// How an account's requests leave; without one, the engine's own port and UDP.
    pub(super) fn line_of(&self, account: Option<AccountId>) -> Line {
        account.and_then(|id| self.accounts.get(&id)).map_or(
            Line {
                port: self.transports.main_port(),
                transport: Transport::Udp,
                open: true,
                home: None,
                public: None,
                account: None,
            },
            |account| account.line,
        )
    }

    /// An account's settings; without one, the defaults.
    pub(super) fn config_of(&self, account: Option<AccountId>) -> Arc<AccountConfig> {
        account
            .and_then(|id| self.accounts.get(&id))
            .map_or_else(|| Arc::clone(&self.no_account), |account| Arc::clone(&account.config))
    }

    /// The account that an INVITE is for: by the user of its Request-URI or To, else by the port
    /// that is an account's own.
    pub(super) fn account_for(&self, invite: &Message, flow: Flow) -> Option<AccountId> {
        let to = invite.to().map(|to| to.uri);
        let wanted = [invite.uri(), to];
        let port = flow.local.port();
        let gruu = invite.uri().and_then(|uri| {
            self.accounts.iter().find(|(_, account)| account.is_gruu(&uri)).map(|(id, _)| *id)
        });
        let named = gruu.or_else(|| {
            wanted.iter().flatten().find_map(|uri| {
                let user = uri.user_decoded()?;
                let fitting = self.accounts.iter().filter(|(_, account)| {
                    !account.removed && account.user.as_deref() == Some(user.as_str())
                });
                // Of several with that user: the one on this port, then the one of this host.
                fitting
                    .max_by_key(|(id, account)| {
                        let aor = account.config.aor.parse::<Uri>().ok();
                        let host = aor.as_ref().and_then(Uri::host) == uri.host();
                        (account.line.port == port, host, std::cmp::Reverse(**id))
                    })
                    .map(|(id, _)| *id)
            })
        });
        named.or_else(|| {
            let own = |account: &Account| account.line.port == port && !account.removed;
            let shared = port == self.transports.main_port();
            self.accounts.iter().find(|(_, a)| !shared && own(a)).map(|(id, _)| *id)
        })
    }
}

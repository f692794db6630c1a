//! Accounts: their registration machines, and what their calls are made with.

use std::{sync::Arc, time::Instant};

use actix::Context;

use super::{
    Signaling,
    calls::{Line, transport_of},
    requests::Owner,
    transport,
};
use crate::{
    base::ids::{AccountId, RequestId},
    call::{
        AudioTerms, CallTimers, Credentials, Failure, SessionTimer, Settings,
        registration::{self, Registration},
    },
    engine::{
        config::{AccountConfig, SipTransport},
        error::ErrorKind,
        event::{EventKind, RegistrationState},
        log::LogLevel,
        shared::{AccountShared, lock},
    },
    net::{resolve, rtp_udp::RtpSockets},
    proto::sip::{
        Flow, Transport,
        uri::{Host, NameAddr, Uri},
        wire::Message,
    },
};

/// An account as Signaling holds it.
pub(super) struct Account {
    config: Arc<AccountConfig>,
    shared: Arc<AccountShared>,
    line: Line,
    registration: Option<Registration>,
    /// Whoever asked to register or unregister and waits for the outcome.
    waiting: Vec<RequestId>,
    /// Removed by the host; gone once it is unregistered.
    removed: bool,
}

impl Account {
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.registration.as_ref()?.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Some(registration) = &mut self.registration
            && registration.poll_timeout().is_some_and(|at| at <= now)
        {
            registration.handle_input(now, registration::Input::Timeout);
        }
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
        let line = match self.open_line(ctx, &config) {
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
                });
                return;
            }
        };
        let registers = config.register_on_add && !config.registrar.is_empty();
        let account = Account {
            config: Arc::new(config),
            shared,
            line,
            registration: None,
            waiting: Vec::new(),
            removed: false,
        };
        self.accounts.insert(id, account);
        self.reply(request, None, "");
        if registers {
            self.register(ctx, now, id, None);
        }
    }

    /// The account's own port, or the engine's.
    fn open_line(
        &mut self,
        ctx: &mut Context<Self>,
        config: &AccountConfig,
    ) -> Result<Line, crate::engine::error::Error> {
        use actix::AsyncContext;
        let transport = transport_of(config.transport);
        let main = self.transports.main_port();
        if config.local_port == 0 || config.local_port == main {
            return Ok(Line { port: main, transport });
        }
        if !self.transports.share(config.local_port) {
            let bound = transport::bind(self.shared.config.bind, config.local_port)?;
            self.transports.add(bound, &ctx.address()).map_err(|error| {
                crate::engine::error::Error::new(ErrorKind::Transport, error.to_string())
            })?;
        }
        Ok(Line { port: config.local_port, transport })
    }

    fn close_line(&mut self, line: Line) {
        self.transports.release(line.port);
    }

    pub(super) fn account_update(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: AccountId,
        config: AccountConfig,
        request: Option<RequestId>,
    ) {
        let line = match self.open_line(ctx, &config) {
            Ok(line) => line,
            Err(error) => {
                self.reply(request, Some(error.kind), &error.message);
                return;
            }
        };
        let Some(account) = self.accounts.get_mut(&id) else { return };
        let old = std::mem::replace(&mut account.line, line);
        lock(&account.shared.info).aor.clone_from(&config.aor);
        let registers = account.registration.take().is_some() && !config.registrar.is_empty();
        account.config = Arc::new(config);
        self.close_line(old);
        if registers {
            self.register(ctx, now, id, request);
        } else {
            self.reply(request, None, "");
        }
    }

    pub(super) fn account_remove(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: AccountId,
        request: Option<RequestId>,
    ) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.removed = true;
        }
        self.unregister(ctx, now, id, request);
    }

    pub(super) fn register(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: AccountId,
        request: Option<RequestId>,
    ) {
        let Some(account) = self.accounts.get(&id) else { return };
        if account.config.registrar.is_empty() {
            self.reply(request, Some(ErrorKind::WrongState), "the account has no registrar");
            return;
        }
        if account.registration.is_none() && !self.make_registration(ctx, now, id) {
            // Its address is being looked up; it registers when that is known.
            if let Some(account) = self.accounts.get_mut(&id) {
                account.waiting.extend(request);
            }
            return;
        }
        let Some(account) = self.accounts.get_mut(&id) else { return };
        account.waiting.extend(request);
        if let Some(registration) = &mut account.registration {
            registration.handle_input(now, registration::Input::Register);
        }
    }
}

//! What accounts do with calls without asking: limits, do not disturb, forwarding, replacements.

use std::{sync::Arc, time::Instant};

use super::Signaling;
use crate::{
    base::ids::{AccountId, CallId, RequestId},
    call::{
        Input,
        auto_answer::Answering,
        forwarding::Verdict,
        identity::{CallerIdentity, diversion_headers},
        legs::replaced_by,
    },
    engine::{
        error::{Error, ErrorKind},
        event::EventKind,
        log::LogLevel,
        services::AccountServices,
        session::SessionMsg,
        shared::{CallShared, lock},
    },
    proto::sip::{
        endpoint::ServerTransaction,
        uri::{NameAddr, Uri},
        wire::{HeaderId, Message, Response},
    },
};

/// An INVITE that is to ring.
pub(super) struct Admitted {
    pub(super) services: Arc<AccountServices>,
    /// Who calls, as far as it is believed.
    pub(super) caller: NameAddr,
    pub(super) answering: Answering,
    /// The account's address.
    pub(super) own: Option<Uri>,
}

impl Signaling {
    /// What an account does without asking; the defaults for none.
    pub(super) fn services_of(&self, account: Option<AccountId>) -> Arc<AccountServices> {
        let shared = account.and_then(|account| self.shared.account(account).ok());
        shared.map_or_else(Default::default, |shared| Arc::clone(&lock(&shared.services)))
    }

    /// Its calls, those included whose way is still being looked for.
    fn calls_of(&self, account: AccountId) -> u32 {
        let unsent = self.locating.keys().filter_map(|call| self.shared.call(*call).ok());
        let begun = self.calls.values().map(|entry| Arc::clone(&entry.shared));
        let of = |call: &Arc<CallShared>| lock(&call.info).account == Some(account);
        u32::try_from(begun.chain(unsent).filter(of).count()).unwrap_or(u32::MAX)
    }

    /// Whether an account may place one more call now.
    pub(super) fn may_dial(
        &mut self,
        now: Instant,
        account: Option<AccountId>,
    ) -> Result<(), Error> {
        let services = self.services_of(account);
        let room = account.is_none_or(|id| services.reception.has_room(self.calls_of(id)));
        if !room {
            let text = format!("the account has {} calls already", services.reception.max_calls);
            return Err(Error::new(ErrorKind::Limit, text));
        }
        if !self.admit(now, account) {
            let most = self.shared.config.max_calls_per_minute;
            let text = format!("{most} calls began within a minute (max_calls_per_minute)");
            return Err(Error::new(ErrorKind::Limit, text));
        }
        Ok(())
    }

    /// Counts a call that begins; a run of refusals is told once.
    fn admit(&mut self, now: Instant, account: Option<AccountId>) -> bool {
        let limit = self.shared.config.max_calls_per_minute;
        let admitted = self.call_rate.admit(now, limit);
        if !admitted && self.call_rate.is_news() {
            self.shared.emit(EventKind::CallsLimited { account, limit });
        }
        admitted
    }

    /// Decides on an INVITE that is outside of any dialog; `None`: it has been answered.
    pub(super) fn admit_invite(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        account: Option<AccountId>,
        invite: &Message,
    ) -> Option<Admitted> {
        if self.replace(now, server, invite) {
            return None;
        }
        if self.is_own_call(account, invite) {
            self.endpoint.respond(now, server, Response::to(invite, 482, ""));
            return None;
        }
        if !self.admit(now, account) {
            let mut response = Response::to(invite, 503, "");
            let wait = self.call_rate.wait(now).as_secs() + 1;
            response.headers.set(HeaderId::RetryAfter, wait.to_string());
            self.endpoint.respond(now, server, response);
            return None;
        }
        let services = self.services_of(account);
        let identity = CallerIdentity::read(invite);
        let from = invite.from().or_else(|| invite.to())?;
        let from = NameAddr { params: Default::default(), ..from };
        let caller = identity.caller(&from, services.trust_identity);
        let own = self.config_of(account).aor.parse::<Uri>().ok();
        if let Some(account) = account
            && let Some(own) = &own
        {
            let calls = self.calls_of(account);
            match services.reception.decide(invite, own, calls) {
                Verdict::Ring => {}
                Verdict::Refuse(code) => {
                    self.endpoint.respond(now, server, Response::to(invite, code, ""));
                    self.log(LogLevel::Info, "call", || format!("a call was refused: {code}"));
                    return None;
                }
                Verdict::Forward { target, reason } => {
                    self.forward(now, server, invite, own, &target, reason);
                    return None;
                }
            }
        }
        let answering = services.auto_answer.decide(invite, &caller.uri);
        if answering == Answering::Refused {
            self.endpoint.respond(now, server, Response::to(invite, 403, ""));
            return None;
        }
        Some(Admitted { services, caller, answering, own })
    }

    fn forward(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        invite: &Message,
        own: &Uri,
        target: &Uri,
        reason: &str,
    ) {
        let mut response = Response::to(invite, 302, "");
        response.headers.set(HeaderId::Contact, NameAddr::new(target.clone()).to_string());
        for (_, value) in diversion_headers(invite, own, reason) {
            response.headers.push(HeaderId::Diversion, value);
        }
        self.endpoint.respond(now, server, response);
        self.log(LogLevel::Info, "call", || format!("a call was sent on to {target}: {reason}"));
    }

    /// Whether the account called itself: the INVITE is one of its own that came back, by a proxy
    /// that rings every phone of the number called. Another account of this engine may be called.
    fn is_own_call(&self, account: Option<AccountId>, invite: &Message) -> bool {
        let key = (invite.call_id().unwrap_or_default().to_owned(), invite.from_tag());
        let owner = self.dialogs.get(&key).and_then(|call| self.calls.get(call));
        account.is_some() && owner.is_some_and(|entry| lock(&entry.shared.info).account == account)
    }

    /// Hands an INVITE with Replaces to the call that it means; whether it was one.
    fn replace(&mut self, now: Instant, server: ServerTransaction, invite: &Message) -> bool {
        let code = match replaced_by(invite) {
            Ok(None) => return false,
            Err(code) => code,
            Ok(Some(replaces)) => {
                let key = (replaces.call_id, replaces.to_tag);
                match self.dialogs.get(&key).copied() {
                    Some(call) => {
                        self.servers.insert(server, call);
                        self.to_session(call, Input::Replace { server, message: invite.clone() });
                        return true;
                    }
                    None => 481,
                }
            }
        };
        self.endpoint.respond(now, server, Response::to(invite, code, ""));
        true
    }

    /// Connects the far ends of two calls: the other one is asked who its far end is.
    pub(super) fn transfer_to(&self, call: CallId, other: CallId, request: Option<RequestId>) {
        match self.calls.get(&other) {
            // Local and rare, like every command of a host.
            Some(entry) => entry.session.do_send(SessionMsg::TellFarEnd { call, request }),
            None => self.reply(request, Some(ErrorKind::WrongState), "one of the calls is over"),
        }
    }
}

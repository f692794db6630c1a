//! What an account does with its calls without asking the host, and the part of [`Engine`] that is
//! about it: transfers, redirects, headers, who calls.

use std::{sync::Arc, time::Duration};

use super::{
    Engine,
    command::CallCommand,
    error::{Error, ErrorKind},
    shared::lock,
    validate,
};
pub use crate::call::{
    auto_answer::AutoAnswer,
    dial_plan::{DialPlan, Dialled, NumberForm},
    forwarding::{DoNotDisturb, Forwarding, Reception},
    identity::{CallerIdentity, Diversion, HistoryEntry, Presentation, Privacy},
    redirect::{Follow, RedirectPolicy},
    services::{Cause, MessageKind},
    transfer::TransferPolicy,
};
use crate::{
    base::ids::{AccountId, CallId, RequestId},
    call::{
        auto_answer::Answering,
        dialling::{Dialling, number_uri},
        services::{ForwardLate, Services},
    },
    proto::sip::uri::{NameAddr, Uri},
};

/// What an account does with its calls without asking. The default asks for everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountServices {
    /// What becomes of calls that come in.
    pub reception: Reception,
    /// Which are answered by themselves.
    pub auto_answer: AutoAnswer,
    /// What is done when a far end wants us to call somebody else.
    pub transfer: TransferPolicy,
    /// What is done when a far end sends us elsewhere.
    pub redirect: RedirectPolicy,
    /// How our calls say who we are.
    pub presentation: Presentation,
    /// Whether P-Asserted-Identity and Remote-Party-ID are believed: the network is one that sees to
    /// it (RFC 3325).
    pub trust_identity: bool,
    /// How numbers are dialled.
    pub dial_plan: DialPlan,
    /// A call that came in is refused with 480 when nobody answered for this time; `None`: 180 s.
    pub ring_time: Option<Duration>,
    /// A connected call ends after this time.
    pub max_duration: Option<Duration>,
    /// A connected call ends when no RTP came for this time while it should, at least a second.
    pub dead_media: Option<Duration>,
}

impl Default for AccountServices {
    fn default() -> Self {
        Self {
            reception: Reception::default(),
            auto_answer: AutoAnswer::default(),
            transfer: TransferPolicy::Ask,
            redirect: RedirectPolicy::default(),
            presentation: Presentation::default(),
            trust_identity: false,
            dial_plan: DialPlan::default(),
            ring_time: None,
            max_duration: None,
            dead_media: None,
        }
    }
}

impl AccountServices {
    /// What a call is made with. `own`: the account's address.
    pub(super) fn of_call(&self, own: Option<Uri>) -> Services {
        Services {
            presentation: self.presentation.clone(),
            redirect: self.redirect,
            transfer: self.transfer,
            auto_answer: None,
            forward: None,
            max_duration: self.max_duration,
            dead_media: self.dead_media,
            dialling: Dialling { plan: self.dial_plan.clone(), home: own },
        }
    }

    /// The same for one that came in for `own`.
    pub(super) fn of_incoming(&self, answering: Answering, own: Option<Uri>) -> Services {
        let forwarding = &self.reception.forwarding;
        let forward = forwarding.no_answer.clone().zip(own.clone());
        let after = forwarding.after;
        Services {
            auto_answer: match answering {
                Answering::After(after) => Some(after),
                Answering::ByUser | Answering::Refused => None,
            },
            forward: forward.map(|(target, by)| ForwardLate { target, after, by }),
            ..self.of_call(own)
        }
    }

    fn check(&self) -> Result<(), Error> {
        let invalid = |text: &str| Err(Error::new(ErrorKind::InvalidArgument, text));
        let forwarding = &self.reception.forwarding;
        if forwarding.no_answer.is_some() && forwarding.after < Duration::from_secs(1) {
            return invalid("calls that nobody answers are sent on after 1 s at the earliest");
        }
        let targets = [&forwarding.always, &forwarding.busy, &forwarding.no_answer];
        if targets.into_iter().flatten().any(|target| !target.is_sip()) {
            return invalid("calls are sent on to SIP URIs; write sip:user@host");
        }
        if self.dead_media.is_some_and(|time| time < Duration::from_secs(1)) {
            return invalid("dead_media must be at least 1 s");
        }
        if self.redirect.hops > 100 {
            return invalid("at most 100 redirects may be followed");
        }
        Ok(())
    }
}

/// How one call comes to have another far end, or none; see [`Engine::transfer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// The far end wants us to call somebody else. Decide with [`Engine::decide_transfer`] if
    /// `decide`, else it is being done.
    Asked {
        /// Whom.
        target: String,
        /// Who says so; empty when not said.
        referred_by: String,
        /// In place of a call that the far end has with the target.
        attended: bool,
        /// Whether the host decides.
        decide: bool,
    },
    /// The new call got a provisional response, or the request was taken.
    Progress,
    /// The new call stands, or was handed over without further word.
    Done,
    /// It came to nothing; the call goes on as it was.
    Failed,
}

impl Engine {
    /// Replaces what an account does without asking; for calls that begin from now on.
    pub fn account_services_set(
        &self,
        account: AccountId,
        services: AccountServices,
    ) -> Result<(), Error> {
        services.check()?;
        *lock(&self.shared.account(account)?.services) = Arc::new(services);
        Ok(())
    }

    /// What an account does without asking.
    pub fn account_services(&self, account: AccountId) -> Result<AccountServices, Error> {
        Ok(AccountServices::clone(&lock(&self.shared.account(account)?.services)))
    }

    /// Sends the caller of an incoming call elsewhere with 302.
    pub fn redirect(
        &self,
        call: CallId,
        target: &str,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let target = self.target_uri(call, target)?;
        self.command(call, CallCommand::Redirect { target }, request)
    }

    /// Follows a redirect that was asked about ([`super::EventKind::Redirected`]), or ends the call
    /// by it.
    pub fn follow_redirect(
        &self,
        call: CallId,
        accept: bool,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.command(call, CallCommand::FollowRedirect { accept }, request)
    }

    /// Ends a call like [`Engine::hangup`], saying why by a Q.850 cause of 1 to 127 (RFC 3326).
    pub fn hangup_with(
        &self,
        call: CallId,
        cause: u16,
        text: &str,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        if !(1..=127).contains(&cause) {
            let text = format!("{cause} is no Q.850 cause; give 1 to 127, such as 16 (normal)");
            return Err(Error::new(ErrorKind::InvalidArgument, text));
        }
        validate::text("the text", text)?;
        self.command(call, CallCommand::HangupWith { cause, text: text.to_owned() }, request)
    }

    /// Puts headers on our messages of a kind in this call from now on, in the place of earlier
    /// ones; none: nothing is added any more.
    pub fn message_headers(
        &self,
        call: CallId,
        kind: MessageKind,
        headers: Vec<(String, String)>,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::headers(&headers)?;
        self.command(call, CallCommand::Headers { kind, headers }, request)
    }

    /// A header of the far end's last message of a kind: the `index`-th line of that name from 0.
    pub fn message_header(
        &self,
        call: CallId,
        kind: MessageKind,
        name: &str,
        index: usize,
    ) -> Result<Option<String>, Error> {
        let shared = self.shared.call(call)?;
        let message = lock(&shared.messages).get(&kind).cloned();
        Ok(message.and_then(|message| message.header_line(name, index).map(str::to_owned)))
    }

    /// Has the far end call somebody else (blind transfer, RFC 5589 §6). `silent`: it is not to tell
    /// how that goes (RFC 4488). The outcome comes as [`super::EventKind::Transfer`]; when the new
    /// call stands, this one ends.
    pub fn transfer(
        &self,
        call: CallId,
        target: &str,
        silent: bool,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let target = self.target_uri(call, target)?;
        self.command(call, CallCommand::Transfer { target, silent }, request)
    }

    /// Connects the far ends of two of our calls with each other (attended transfer, RFC 5589 §7);
    /// both calls end. The outcome is told as for [`Engine::transfer`].
    pub fn transfer_to(
        &self,
        call: CallId,
        other: CallId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        if call == other {
            let text = "a call cannot be transferred to itself";
            return Err(Error::new(ErrorKind::InvalidArgument, text));
        }
        self.shared.call(other)?;
        self.command(call, CallCommand::TransferTo { other }, request)
    }

    /// Does what a far end asked for ([`TransferState::Asked`]), or not. What is not decided within
    /// 60 s is refused with 603 and told as [`TransferState::Failed`].
    pub fn decide_transfer(
        &self,
        call: CallId,
        accept: bool,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.command(call, CallCommand::DecideTransfer { accept }, request)
    }

    /// What the far end's INVITE told of its caller and its way; nothing for a call that we placed.
    pub fn caller_identity(&self, call: CallId) -> Result<CallerIdentity, Error> {
        let shared = self.shared.call(call)?;
        let invite = lock(&shared.messages).get(&MessageKind::Invite).cloned();
        Ok(invite.map(|invite| CallerIdentity::read(&invite)).unwrap_or_default())
    }

    /// What is called when the host names `target` in a call: the account's dial plan counts.
    fn target_uri(&self, call: CallId, target: &str) -> Result<Uri, Error> {
        let info = lock(&self.shared.call(call)?.info).clone();
        let target = self.dialled(info.account, target)?;
        target.parse().map_err(|error| {
            Error::new(ErrorKind::InvalidUri, format!("{target} cannot be called: {error}"))
        })
    }

    /// What a host dials, as a URI: by the account's dial plan, at its domain.
    pub(super) fn dialled(
        &self,
        account: Option<AccountId>,
        target: &str,
    ) -> Result<String, Error> {
        let Some(account) = account else { return validate::target(target, "") };
        let shared = self.shared.account(account)?;
        let aor = lock(&shared.info).aor.clone();
        let services = Arc::clone(&lock(&shared.services));
        match services.dial_plan.apply(target) {
            Dialled::Address(address) => validate::target(&address, &aor),
            Dialled::Barred => {
                let text = format!("the dial plan bars {target}");
                Err(Error::new(ErrorKind::InvalidUri, text))
            }
            Dialled::Number { user, phone } => {
                validate::text("the target", &user)?;
                let home = aor.parse::<Uri>().ok();
                let uri = home.and_then(|home| number_uri(&user, phone, &home));
                uri.map(|uri| uri.to_string()).ok_or_else(|| {
                    Error::new(ErrorKind::InvalidUri, format!("\"{target}\" cannot be dialled"))
                })
            }
        }
    }
}

/// An address as hosts give it: a URI, with or without a display name; empty: none.
pub(super) fn name_addr(name: &str, text: &str) -> Result<Option<NameAddr>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    validate::text(name, text)?;
    let found = NameAddr::parse(text).ok_or_else(|| {
        let text = format!("{name} \"{text}\" is no address; write sip:user@host or tel:+49301234");
        Error::new(ErrorKind::InvalidUri, text)
    })?;
    Ok(Some(NameAddr { params: Default::default(), ..found }))
}

/// Settings as text, for faces that have no types for them.
pub(crate) mod text {
    use super::{Error, ErrorKind, NameAddr, Uri, name_addr, validate};

    /// A SIP URI; empty: none.
    pub(crate) fn uri(name: &str, value: &str) -> Result<Option<Uri>, Error> {
        if value.is_empty() { Ok(None) } else { validate::uri(name, value).map(Some) }
    }

    /// An address with or without a display name; empty: none.
    pub(crate) fn address(name: &str, value: &str) -> Result<Option<NameAddr>, Error> {
        name_addr(name, value)
    }

    /// A dial plan.
    pub(crate) fn dial_plan(value: &str) -> Result<super::DialPlan, Error> {
        super::DialPlan::parse(value)
            .map_err(|error| Error::new(ErrorKind::InvalidArgument, error.to_string()))
    }
}

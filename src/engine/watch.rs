//! Watching others and telling about oneself: subscriptions and publications, as a host sees them.

use std::{sync::Arc, time::Duration};

use super::{
    Engine,
    command::Command,
    error::{Error, ErrorKind},
    shared::lock,
    validate,
};
pub use crate::proto::events::{
    Lamp, MessageCounts, MessageSummary, Party, Presence, Tuple, WatchedDialog,
    dialog_info::WatchedState,
};
use crate::{
    base::ids::{AccountId, PublicationId, RequestId, SubscriptionId},
    call::usage::Published,
    proto::events::OwnPresence,
};

/// What is watched: an event package (RFC 6665 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// Messages waiting in a mailbox (RFC 3842).
    MessageSummary,
    /// Whether somebody talks: busy lamps (RFC 4235).
    Dialog,
    /// Presence (RFC 3856).
    Presence,
    /// Any other, whose documents the host reads itself.
    Other {
        /// Value of the Event header, with its parameters.
        event: String,
        /// Media types that are taken.
        accept: Vec<String>,
    },
}

impl Package {
    /// Value of the Event header.
    pub fn event(&self) -> &str {
        match self {
            Package::MessageSummary => "message-summary",
            Package::Dialog => "dialog",
            Package::Presence => "presence",
            Package::Other { event, .. } => event,
        }
    }

    /// Values of the Accept header.
    pub(super) fn accept(&self) -> Vec<String> {
        let known = match self {
            Package::MessageSummary => "application/simple-message-summary",
            Package::Dialog => "application/dialog-info+xml",
            Package::Presence => "application/pidf+xml",
            Package::Other { accept, .. } => return accept.clone(),
        };
        vec![known.to_owned()]
    }
}

/// How something is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionOptions {
    /// What is watched.
    pub package: Package,
    /// Lifetime asked for, 0 to 24 hours; zero: one look and no more. It is refreshed in time.
    pub expires: Duration,
}

impl SubscriptionOptions {
    /// A package, for an hour at a time.
    pub fn new(package: Package) -> Self {
        Self { package, expires: Duration::from_secs(3600) }
    }
}

/// Where a subscription stands. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum WatchState {
    /// SUBSCRIBE is under way, or the first NOTIFY.
    #[default]
    Subscribing = 0,
    /// The far end has not decided about it.
    Pending = 1,
    /// It stands.
    Active = 2,
    /// It was lost; it is tried again after a while.
    Retrying = 3,
    /// It is being taken back.
    Unsubscribing = 4,
    /// It was refused for good, the far end ended it, or (code 200) the one look that was asked for
    /// has been told; only `subscription_refresh` begins anew.
    Ended = 5,
}

/// Where a publication stands. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum PublishState {
    /// PUBLISH is under way.
    #[default]
    Publishing = 0,
    /// The server has it.
    Published = 1,
    /// It failed; it is tried again after a while.
    Retrying = 2,
    /// It is being removed.
    Removing = 3,
    /// It was refused for good; only another state begins anew.
    Ended = 4,
}

/// What a NOTIFY says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Notified {
    /// Nothing that the engine reads; the body has it.
    #[default]
    Other,
    /// Messages wait, or not.
    Messages(MessageSummary),
    /// Who talks: all documents so far added up.
    Dialogs {
        /// What a busy lamp shows.
        lamp: Lamp,
        /// The dialogs that are not over.
        dialogs: Vec<WatchedDialog>,
    },
    /// Somebody's presence.
    Presence(Box<Presence>),
}

/// A subscription as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionInfo {
    /// What is watched.
    pub uri: String,
    /// Event package.
    pub event: String,
    /// State.
    pub state: WatchState,
    /// Last status code, 0 for none.
    pub code: u16,
    /// Lifetime granted.
    pub expires: Duration,
    /// What was told last.
    pub latest: Notified,
}

impl Engine {
    /// Watches `uri` (as in [`Engine::dial`]). Its changes are [`super::EventKind::Subscription`], what
    /// it tells [`super::EventKind::Notify`]. The reply comes when it stands, or does not. It is kept
    /// up, and begun anew after failures, until [`Engine::subscription_remove`].
    pub fn subscription_add(
        &self,
        account: Option<AccountId>,
        uri: &str,
        options: SubscriptionOptions,
        request: Option<RequestId>,
    ) -> Result<SubscriptionId, Error> {
        self.shared.check_running()?;
        let aor = match account {
            Some(account) => lock(&self.shared.account(account)?.info).aor.clone(),
            None => String::new(),
        };
        let uri = validate::target(uri, &aor)?;
        validate::subscription(&options)?;
        let event = options.package.event().to_owned();
        let info = SubscriptionInfo { uri: uri.clone(), event, ..SubscriptionInfo::default() };
        let Some((id, shared)) = self.shared.add_subscription(info) else {
            let most = self.shared.config.max_subscriptions;
            return Err(Error::new(
                ErrorKind::Limit,
                format!("{most} subscriptions are held already (max_subscriptions)"),
            ));
        };
        let watch = Box::new(Watch { account, uri, options, shared: Arc::clone(&shared) });
        let command = Command::Watch { id, watch, request };
        self.send(command).inspect_err(|_| self.shared.remove_subscription(id))?;
        Ok(id)
    }

    /// Refreshes a subscription at once; begins one anew that has ended.
    pub fn subscription_refresh(
        &self,
        subscription: SubscriptionId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.subscription(subscription)?;
        self.send(Command::WatchAgain { id: subscription, request })
    }

    /// Takes a subscription back and forgets it: no event of it follows. The reply comes when the
    /// far end knows.
    pub fn subscription_remove(
        &self,
        subscription: SubscriptionId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.subscription(subscription)?;
        self.send(Command::Unwatch { id: subscription, request })?;
        self.shared.remove_subscription(subscription);
        Ok(())
    }

    /// How a subscription stands.
    pub fn subscription_info(
        &self,
        subscription: SubscriptionId,
    ) -> Result<SubscriptionInfo, Error> {
        Ok(lock(&self.shared.subscription(subscription)?.info).clone())
    }

    /// The subscriptions that were not removed.
    pub fn subscriptions(&self) -> Vec<SubscriptionId> {
        self.shared.subscriptions()
    }

    /// Publishes presence under an account: whether it can be reached, what it does, a note. The
    /// reply comes when the server has it, or refuses. It is refreshed until
    /// [`Engine::publication_remove`].
    pub fn presence_publish(
        &self,
        account: AccountId,
        presence: &OwnState,
        request: Option<RequestId>,
    ) -> Result<PublicationId, Error> {
        let entity = lock(&self.shared.account(account)?.info).aor.clone();
        validate::presence(presence)?;
        let published = document(presence, entity);
        self.publish(account, "presence", published, Duration::from_secs(3600), request)
    }

    /// Publishes another state in the place of the one before.
    pub fn presence_update(
        &self,
        publication: PublicationId,
        presence: &OwnState,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::presence(presence)?;
        let account = self.shared.check_publication(publication)?;
        let entity = lock(&self.shared.account(account)?.info).aor.clone();
        let published = document(presence, entity);
        self.send(Command::PublishAgain {
            id: publication,
            published: Box::new(published),
            request,
        })
    }

    /// Publishes event state of any package (RFC 3903) under an account; a change of it is
    /// [`Engine::publication_update`].
    pub fn publication_add(
        &self,
        account: AccountId,
        event: &str,
        content_type: &str,
        body: &[u8],
        request: Option<RequestId>,
    ) -> Result<PublicationId, Error> {
        self.shared.account(account)?;
        validate::published(event, content_type, body)?;
        let published = Published { content_type: content_type.to_owned(), body: body.to_owned() };
        self.publish(account, event, published, Duration::from_secs(3600), request)
    }

    /// Publishes another state of any package in the place of the one before.
    pub fn publication_update(
        &self,
        publication: PublicationId,
        content_type: &str,
        body: &[u8],
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::published("presence", content_type, body)?;
        self.shared.check_publication(publication)?;
        let published = Published { content_type: content_type.to_owned(), body: body.to_owned() };
        self.send(Command::PublishAgain {
            id: publication,
            published: Box::new(published),
            request,
        })
    }

    /// Removes what is published, and forgets it. The reply comes when the server knows.
    pub fn publication_remove(
        &self,
        publication: PublicationId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.check_publication(publication)?;
        self.send(Command::Unpublish { id: publication, request })?;
        self.shared.remove_publication(publication);
        Ok(())
    }

    fn publish(
        &self,
        account: AccountId,
        event: &str,
        published: Published,
        expires: Duration,
        request: Option<RequestId>,
    ) -> Result<PublicationId, Error> {
        self.shared.check_running()?;
        let Some(id) = self.shared.add_publication(account) else {
            let most = self.shared.config.max_subscriptions;
            return Err(Error::new(
                ErrorKind::Limit,
                format!("{most} publications are held already (max_subscriptions)"),
            ));
        };
        let event = event.to_owned();
        let command = Command::Publish {
            id,
            account,
            event,
            published: Box::new(published),
            expires,
            request,
        };
        self.send(command).inspect_err(|_| self.shared.remove_publication(id))?;
        Ok(id)
    }
}

/// Our own presence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnState {
    /// Whether we can be reached.
    pub open: bool,
    /// What we do, a name of RFC 4480 §3.2 such as `on-the-phone`, `away`, `busy`; empty: nothing is
    /// said.
    pub activity: String,
    /// For people; empty: none.
    pub note: String,
}

fn document(state: &OwnState, entity: String) -> Published {
    let presence = OwnPresence {
        // One device of the person; servers put the documents of several together by it.
        id: "sidetone".to_owned(),
        entity,
        open: state.open,
        activity: state.activity.clone(),
        note: state.note.clone(),
    };
    Published {
        content_type: "application/pidf+xml".to_owned(),
        body: presence.encode().into_bytes(),
    }
}

/// A subscription as it is asked for.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) account: Option<AccountId>,
    pub(super) uri: String,
    pub(super) options: SubscriptionOptions,
    pub(super) shared: Arc<super::shared::SubscriptionShared>,
}

//! What accounts watch: subscriptions, and what their documents say.

use std::{sync::Arc, time::Instant};

use actix::Context;

use super::{Signaling, Usage};
use crate::{
    base::ids::{AccountId, RequestId, SubscriptionId},
    call::usage::{
        Subscription, SubscriptionEvent, SubscriptionSettings, SubscriptionState, UsageOutput,
    },
    engine::{
        content::Content,
        error::{Error, ErrorKind},
        event::EventKind,
        shared::{SubscriptionShared, lock},
        signaling::{calls::Line, usages::requests::refusal},
        watch::{Notified, Package, SubscriptionOptions, WatchState},
    },
    proto::{
        events::{Applied, DialogInfo, MessageSummary, Presence, WatchedDialogs},
        sip::{
            Flow,
            endpoint::ServerTransaction,
            uri::{Uri, next_hop_of},
            wire::Message,
        },
    },
};

/// A subscription as Signaling holds it.
pub(super) struct SubscriptionEntry {
    pub(super) machine: Subscription,
    line: Line,
    account: Option<AccountId>,
    /// The way to its notifier when it was begun, or moved.
    flow: Flow,
    package: Package,
    shared: Arc<SubscriptionShared>,
    /// What dialog documents add up to.
    dialogs: WatchedDialogs,
    /// Where its notifier's requests are found, as the map of them has it.
    key: (String, String),
    /// Whoever waits for it to stand.
    waiting: Option<RequestId>,
    /// Removed by the host; gone once it is taken back.
    removed: Option<Option<RequestId>>,
}

impl SubscriptionEntry {
    /// Whoever waits for something of it.
    pub(super) fn take_waiting(&mut self) -> Vec<RequestId> {
        let removed = self.removed.as_mut().and_then(Option::take);
        self.waiting.take().into_iter().chain(removed).collect()
    }
}

/// A subscription on its way.
pub(in crate::engine::signaling) struct Watching {
    pub(in crate::engine::signaling) id: SubscriptionId,
    pub(in crate::engine::signaling) account: Option<AccountId>,
    pub(in crate::engine::signaling) uri: String,
    pub(in crate::engine::signaling) options: SubscriptionOptions,
    pub(in crate::engine::signaling) shared: Arc<SubscriptionShared>,
    pub(in crate::engine::signaling) request: Option<RequestId>,
}

impl Signaling {
    /// Finds the way to the notifier, then subscribes.
    pub(in crate::engine::signaling) fn watch(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        watching: Watching,
    ) {
        let line = self.line_of(watching.account);
        let first = self.first_hop(watching.account).or_else(|| watching.uri.parse::<Uri>().ok());
        let Some(hop) = first.and_then(|uri| next_hop_of(&uri).ok()) else {
            let error = Error::new(ErrorKind::InvalidUri, "it cannot be watched");
            return self.watch_failed(&watching, &error);
        };
        self.locate(ctx, now, line, &hop, move |actor, _, now, flow| {
            // The host may have removed it meanwhile.
            if actor.shared.subscription(watching.id).is_err() {
                let text = "the subscription was removed";
                return actor.reply(watching.request, Some(ErrorKind::WrongState), text);
            }
            if let Err(error) = flow.and_then(|flow| actor.start_watch(now, &watching, flow)) {
                actor.watch_failed(&watching, &error);
            }
        });
    }

    fn watch_failed(&mut self, watching: &Watching, error: &Error) {
        lock(&watching.shared.info).state = WatchState::Ended;
        self.reply(watching.request, Some(error.kind), &error.message);
        self.shared.emit(EventKind::Subscription {
            subscription: watching.id,
            state: WatchState::Ended,
            code: 0,
            text: error.message.clone(),
            expires: Default::default(),
        });
    }

    fn start_watch(&mut self, now: Instant, watching: &Watching, flow: Flow) -> Result<(), Error> {
        let target = watching.uri.parse::<Uri>().map_err(|error| {
            Error::new(ErrorKind::InvalidUri, format!("{}: {error}", watching.uri))
        })?;
        let config = self.config_of(watching.account);
        let settings = SubscriptionSettings {
            usage: self.usage_settings(&config, watching.account, flow),
            target,
            event: watching.options.package.event().to_owned(),
            accept: watching.options.package.accept(),
            expires: watching.options.expires,
        };
        let mut machine = Subscription::new(settings, self.rng.fork());
        machine.subscribe(now);
        let line = Line {
            port: flow.local.port(),
            transport: flow.transport,
            open: false,
            home: None,
            public: config.public_address,
            account: watching.account,
        };
        self.transports.share(line.port);
        let entry = SubscriptionEntry {
            machine,
            line,
            account: watching.account,
            flow,
            package: watching.options.package.clone(),
            shared: Arc::clone(&watching.shared),
            dialogs: WatchedDialogs::default(),
            key: Default::default(),
            waiting: watching.request,
            removed: None,
        };
        self.usages.subscriptions.insert(watching.id, entry);
        self.usages.fed.push(Usage::Subscription(watching.id));
        Ok(())
    }

    /// Refreshes at once, or begins anew.
    pub(in crate::engine::signaling) fn watch_again(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        request: Option<RequestId>,
    ) {
        let Some(entry) = self.usages.subscriptions.get_mut(&id) else {
            return self.reply(request, Some(ErrorKind::WrongState), "it could not be begun");
        };
        entry.machine.subscribe(now);
        self.usages.fed.push(Usage::Subscription(id));
        self.reply(request, None, "");
    }

    /// Takes a subscription back; its id is the host's no longer.
    pub(in crate::engine::signaling) fn unwatch(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        request: Option<RequestId>,
    ) {
        let Some(entry) = self.usages.subscriptions.get_mut(&id) else {
            return self.reply(request, None, "");
        };
        entry.removed = Some(request);
        entry.machine.unsubscribe(now);
        if entry.machine.state() == SubscriptionState::Ended {
            return self.forget_watch(id);
        }
        self.usages.fed.push(Usage::Subscription(id));
    }

    /// Takes every subscription back, for the end of the engine.
    pub(in crate::engine::signaling) fn unwatch_all(&mut self, now: Instant) {
        let ids: Vec<SubscriptionId> = self.usages.subscriptions.keys().copied().collect();
        for id in ids {
            self.unwatch(now, id, None);
        }
    }

    /// The machine has another address, or slept, or the host says that the network has changed
    /// (`all`): notifiers are told where we are.
    pub(in crate::engine::signaling) fn check_watches(&mut self, now: Instant, all: bool) {
        let ids: Vec<SubscriptionId> = self.usages.subscriptions.keys().copied().collect();
        for id in ids {
            let Some(entry) = self.usages.subscriptions.get(&id) else { continue };
            let (account, flow) = (entry.account, entry.flow);
            let config = self.config_of(account);
            let fresh = self.fresh_flow(config.public_address, flow);
            let fresh = fresh.filter(|fresh| fresh.local.ip() != flow.local.ip());
            let contact = fresh.map(|fresh| self.contact_of(&config, account, fresh));
            let Some(entry) = self.usages.subscriptions.get_mut(&id) else { continue };
            entry.flow = fresh.unwrap_or(flow);
            if all || contact.is_some() {
                entry.machine.look_again(now, contact);
                self.usages.fed.push(Usage::Subscription(id));
            }
        }
    }

    fn forget_watch(&mut self, id: SubscriptionId) {
        let Some(entry) = self.usages.subscriptions.remove(&id) else { return };
        self.usages.notifiers.remove(&entry.key);
        self.transports.release(entry.line.port);
        self.reply(entry.waiting, Some(ErrorKind::WrongState), "the subscription was removed");
        self.reply(entry.removed.flatten(), None, "");
    }

    /// A request in the dialog of a subscription; `false` when it is in none.
    pub(in crate::engine::signaling) fn handle_notifier(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: &Message,
    ) -> bool {
        let key = (message.call_id().unwrap_or_default().to_owned(), message.to_tag());
        let Some(id) = self.usages.notifiers.get(&key).copied() else { return false };
        let input = crate::call::usage::UsageInput::Request { server, message: message.clone() };
        self.usage_input(now, Usage::Subscription(id), input);
        true
    }

    pub(super) fn drain_subscription(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: SubscriptionId,
    ) {
        let output = |actor: &mut Self| {
            let entry = actor.usages.subscriptions.get_mut(&id)?;
            Some((entry.machine.poll_output()?, entry.line))
        };
        while let Some((output, line)) = output(self) {
            match output {
                UsageOutput::Request { tag, request } => {
                    self.note_key(id);
                    self.send_of_usage(ctx, now, line, Usage::Subscription(id), tag, request);
                }
                UsageOutput::Respond { server, response } => {
                    self.endpoint.respond(now, server, response);
                }
                UsageOutput::Event(event) => self.subscription_event(now, id, event),
            }
        }
    }

    /// Call-ID and tag change when a subscription begins anew.
    fn note_key(&mut self, id: SubscriptionId) {
        let Some(entry) = self.usages.subscriptions.get_mut(&id) else { return };
        let (call_id, tag) = entry.machine.dialog_key();
        if (call_id, tag) != (entry.key.0.as_str(), entry.key.1.as_str()) {
            let key = (call_id.to_owned(), tag.to_owned());
            let old = std::mem::replace(&mut entry.key, key.clone());
            self.usages.notifiers.remove(&old);
            self.usages.notifiers.insert(key, id);
        }
    }

    fn subscription_event(&mut self, now: Instant, id: SubscriptionId, event: SubscriptionEvent) {
        match event {
            SubscriptionEvent::State { state, code, text, expires, .. } => {
                let Some(entry) = self.usages.subscriptions.get_mut(&id) else { return };
                let state = public_state(state);
                {
                    let mut info = lock(&entry.shared.info);
                    (info.state, info.code, info.expires) = (state, code, expires);
                }
                if entry.removed.is_some() {
                    if state == WatchState::Ended {
                        self.forget_watch(id);
                    }
                    return;
                }
                let outcome = match state {
                    WatchState::Pending | WatchState::Active => Some(None),
                    WatchState::Ended if code == 0 => Some(Some(ErrorKind::Refused)),
                    WatchState::Ended => Some(refusal(code)),
                    WatchState::Retrying if code == 0 => Some(Some(ErrorKind::NoAnswer)),
                    WatchState::Retrying => Some(refusal(code)),
                    _ => None,
                };
                let answered = entry.waiting.take_if(|_| outcome.is_some());
                let kind = EventKind::Subscription {
                    subscription: id,
                    state,
                    code,
                    text: text.clone(),
                    expires,
                };
                self.shared.emit(kind);
                self.reply(answered, outcome.flatten(), &text);
            }
            SubscriptionEvent::Notify { message } => self.notified(now, id, &message),
        }
    }

    fn notified(&mut self, now: Instant, id: SubscriptionId, message: &Message) {
        let Some(entry) = self.usages.subscriptions.get_mut(&id) else { return };
        if entry.removed.is_some() {
            return;
        }
        let (notified, gap) = read(&entry.package, &mut entry.dialogs, message);
        lock(&entry.shared.info).latest = notified.clone();
        // One that has ended has no whole document to ask for.
        if gap && entry.machine.stands() {
            entry.machine.subscribe(now);
            self.usages.fed.push(Usage::Subscription(id));
        }
        let content = Box::new(Content::of(message));
        self.shared.emit(EventKind::Notify {
            subscription: Some(id),
            account: None,
            notified,
            content,
        });
    }

    /// A NOTIFY outside of any subscription: some servers tell of waiting messages so. `false` when
    /// it is no such.
    pub(super) fn unsolicited(&self, account: Option<AccountId>, message: &Message) -> bool {
        use crate::proto::sip::wire::HeaderId;
        let event = message.header(HeaderId::Event).unwrap_or_default();
        let package = event.split(';').next().unwrap_or_default().trim();
        if !package.eq_ignore_ascii_case(Package::MessageSummary.event()) {
            return false;
        }
        let Some(summary) = MessageSummary::parse(message.body()) else { return false };
        let notified = Notified::Messages(summary);
        let content = Box::new(Content::of(message));
        self.shared.emit(EventKind::Notify { subscription: None, account, notified, content });
        true
    }
}

/// What a NOTIFY says, and whether a document before it is missing.
fn read(package: &Package, dialogs: &mut WatchedDialogs, message: &Message) -> (Notified, bool) {
    let media_type = match package {
        Package::MessageSummary => "application/simple-message-summary",
        Package::Dialog => "application/dialog-info+xml",
        Package::Presence => "application/pidf+xml",
        Package::Other { .. } => return (Notified::Other, false),
    };
    let Some(body) = message.body_of_type(media_type) else { return (Notified::Other, false) };
    let read = match package {
        Package::MessageSummary => MessageSummary::parse(body).map(Notified::Messages),
        Package::Presence => {
            Presence::parse(body).map(|presence| Notified::Presence(Box::new(presence)))
        }
        _ => {
            let Some(info) = DialogInfo::parse(body) else { return (Notified::Other, false) };
            let applied = dialogs.apply(info);
            let (lamp, list) = (dialogs.lamp(), dialogs.dialogs().to_vec());
            return (Notified::Dialogs { lamp, dialogs: list }, applied == Applied::Gap);
        }
    };
    (read.unwrap_or(Notified::Other), false)
}

fn public_state(state: SubscriptionState) -> WatchState {
    match state {
        SubscriptionState::Idle | SubscriptionState::Subscribing => WatchState::Subscribing,
        SubscriptionState::Pending => WatchState::Pending,
        SubscriptionState::Active => WatchState::Active,
        SubscriptionState::Retrying => WatchState::Retrying,
        SubscriptionState::Unsubscribing => WatchState::Unsubscribing,
        SubscriptionState::Ended => WatchState::Ended,
    }
}

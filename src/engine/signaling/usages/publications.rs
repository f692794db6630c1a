//! What accounts publish.

use std::time::{Duration, Instant};

use actix::Context;

use super::{Signaling, Usage};
use crate::{
    base::ids::{AccountId, PublicationId, RequestId},
    call::usage::{
        Publication, PublicationEvent, PublicationSettings, PublicationState, Published,
        UsageOutput,
    },
    engine::{
        error::{Error, ErrorKind},
        event::EventKind,
        signaling::{calls::Line, usages::requests::refusal},
        watch::PublishState,
    },
    proto::sip::{
        Flow,
        uri::{Uri, next_hop_of},
    },
};

/// A publication as Signaling holds it.
pub(super) struct PublicationEntry {
    pub(super) machine: Publication,
    line: Line,
    /// Whoever waits for it to be published.
    waiting: Vec<RequestId>,
    /// Removed by the host; gone once the server knows.
    removed: Option<Option<RequestId>>,
}

impl PublicationEntry {
    /// Whoever waits for something of it.
    pub(super) fn take_waiting(&mut self) -> Vec<RequestId> {
        let removed = self.removed.as_mut().and_then(Option::take);
        std::mem::take(&mut self.waiting).into_iter().chain(removed).collect()
    }
}

/// A publication on its way.
pub(in crate::engine::signaling) struct Publishing {
    pub(in crate::engine::signaling) id: PublicationId,
    pub(in crate::engine::signaling) account: AccountId,
    pub(in crate::engine::signaling) event: String,
    pub(in crate::engine::signaling) published: Published,
    pub(in crate::engine::signaling) expires: Duration,
    pub(in crate::engine::signaling) request: Option<RequestId>,
}

impl Signaling {
    /// Finds the way to the account's domain, then publishes.
    pub(in crate::engine::signaling) fn publish(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        publishing: Publishing,
    ) {
        let account = Some(publishing.account);
        let (line, config) = (self.line_of(account), self.config_of(account));
        // Like the account's other requests: through its proxy, else to its registrar.
        let own = [&config.registrar, &config.aor].into_iter().find(|uri| !uri.is_empty());
        let first = self.first_hop(account).or_else(|| own?.parse::<Uri>().ok());
        let Some(hop) = first.and_then(|uri| next_hop_of(&uri).ok()) else {
            let error = Error::new(ErrorKind::InvalidUri, "the account has nowhere to publish");
            return self.publish_failed(&publishing, &error);
        };
        self.locate(ctx, now, line, &hop, move |actor, _, _, flow| {
            if actor.shared.check_publication(publishing.id).is_err() {
                let text = "the publication was removed";
                return actor.reply(publishing.request, Some(ErrorKind::WrongState), text);
            }
            if let Err(error) = flow.and_then(|flow| actor.start_publication(&publishing, flow)) {
                actor.publish_failed(&publishing, &error);
            }
        });
    }

    fn publish_failed(&mut self, publishing: &Publishing, error: &Error) {
        self.reply(publishing.request, Some(error.kind), &error.message);
        self.shared.emit(EventKind::Publication {
            publication: publishing.id,
            state: PublishState::Ended,
            code: 0,
            text: error.message.clone(),
            expires: Duration::ZERO,
        });
    }

    fn start_publication(&mut self, publishing: &Publishing, flow: Flow) -> Result<(), Error> {
        let config = self.config_of(Some(publishing.account));
        let target = config.aor.parse::<Uri>().map_err(|error| {
            Error::new(ErrorKind::InvalidUri, format!("{}: {error}", config.aor))
        })?;
        let mut usage = self.usage_settings(&config, Some(publishing.account), flow);
        if usage.outbound_proxy.is_none() && usage.routes.is_empty() {
            // The registrar may have another address than the domain of the address of record.
            usage.outbound_proxy = config.registrar.parse::<Uri>().ok();
        }
        let settings = PublicationSettings {
            usage,
            target,
            event: publishing.event.clone(),
            expires: publishing.expires,
        };
        let mut machine = Publication::new(settings, self.rng.fork());
        machine.publish(publishing.published.clone());
        let line = Line {
            port: flow.local.port(),
            transport: flow.transport,
            open: false,
            home: None,
            public: config.public_address,
            account: Some(publishing.account),
        };
        self.transports.share(line.port);
        let waiting = publishing.request.into_iter().collect();
        let entry = PublicationEntry { machine, line, waiting, removed: None };
        self.usages.publications.insert(publishing.id, entry);
        self.usages.fed.push(Usage::Publication(publishing.id));
        Ok(())
    }

    /// Publishes another state.
    pub(in crate::engine::signaling) fn publish_again(
        &mut self,
        id: PublicationId,
        published: Published,
        request: Option<RequestId>,
    ) {
        let Some(entry) = self.usages.publications.get_mut(&id) else {
            return self.reply(request, Some(ErrorKind::WrongState), "it could not be begun");
        };
        entry.waiting.extend(request);
        entry.machine.publish(published);
        self.usages.fed.push(Usage::Publication(id));
    }

    /// Removes a publication; its id is the host's no longer.
    pub(in crate::engine::signaling) fn unpublish(
        &mut self,
        id: PublicationId,
        request: Option<RequestId>,
    ) {
        let Some(entry) = self.usages.publications.get_mut(&id) else {
            return self.reply(request, None, "");
        };
        entry.removed = Some(request);
        entry.machine.remove();
        if entry.machine.state() == PublicationState::Ended {
            return self.forget_publication(id);
        }
        self.usages.fed.push(Usage::Publication(id));
    }

    /// Removes every publication, for the end of the engine.
    pub(in crate::engine::signaling) fn unpublish_all(&mut self) {
        let ids: Vec<PublicationId> = self.usages.publications.keys().copied().collect();
        for id in ids {
            self.unpublish(id, None);
        }
    }

    fn forget_publication(&mut self, id: PublicationId) {
        let Some(entry) = self.usages.publications.remove(&id) else { return };
        self.transports.release(entry.line.port);
        for request in entry.waiting {
            self.reply(Some(request), Some(ErrorKind::WrongState), "the publication was removed");
        }
        self.reply(entry.removed.flatten(), None, "");
    }

    pub(super) fn drain_publication(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        id: PublicationId,
    ) {
        let output = |actor: &mut Self| {
            let entry = actor.usages.publications.get_mut(&id)?;
            Some((entry.machine.poll_output()?, entry.line))
        };
        while let Some((output, line)) = output(self) {
            match output {
                UsageOutput::Request { tag, request } => {
                    self.send_of_usage(ctx, now, line, Usage::Publication(id), tag, request);
                }
                UsageOutput::Respond { server, response } => {
                    self.endpoint.respond(now, server, response);
                }
                UsageOutput::Event(event) => self.publication_event(id, event),
            }
        }
        self.answer_published(id);
    }

    fn publication_event(&mut self, id: PublicationId, event: PublicationEvent) {
        let Some(entry) = self.usages.publications.get_mut(&id) else { return };
        let PublicationEvent { state, code, text, expires } = event;
        if entry.removed.is_some() {
            if state == PublicationState::Ended {
                self.forget_publication(id);
            }
            return;
        }
        let error = match state {
            PublicationState::Retrying | PublicationState::Ended if code == 0 => {
                Some(ErrorKind::NoAnswer)
            }
            PublicationState::Retrying | PublicationState::Ended => refusal(code),
            _ => None,
        };
        let waiting = if error.is_some() { std::mem::take(&mut entry.waiting) } else { Vec::new() };
        let state = public_state(state);
        for request in waiting {
            self.reply(Some(request), error, &text);
        }
        self.shared.emit(EventKind::Publication { publication: id, state, code, text, expires });
    }

    /// What is published stands when nothing of it is under way any longer.
    fn answer_published(&mut self, id: PublicationId) {
        let Some(entry) = self.usages.publications.get_mut(&id) else { return };
        if entry.machine.is_settled() {
            for request in std::mem::take(&mut entry.waiting) {
                self.reply(Some(request), None, "");
            }
        }
    }
}

fn public_state(state: PublicationState) -> PublishState {
    match state {
        PublicationState::Idle | PublicationState::Publishing => PublishState::Publishing,
        PublicationState::Published => PublishState::Published,
        PublicationState::Retrying => PublishState::Retrying,
        PublicationState::Removing => PublishState::Removing,
        PublicationState::Ended => PublishState::Ended,
    }
}

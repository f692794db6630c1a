//! What can be seen of a machine from outside.

use super::{
    event::CallState, machine::Machine, services::Cause, settings::Settings, terms::AudioTerms,
};
use crate::{
    base::{plan::MediaPlan, rng::Rng},
    proto::sip::{
        dialog::Dialog,
        uri::NameAddr,
        wire::{HeaderId, Message, Method},
    },
};

impl Machine {
    /// Call-ID; with [`Machine::local_tag`] it finds the call of a request in the dialog.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Our tag: the To tag of requests from the far end.
    pub fn local_tag(&self) -> &str {
        &self.local_tag
    }

    /// Whether we placed the call.
    pub fn is_outgoing(&self) -> bool {
        self.outgoing
    }

    /// The far end: its URI and display name.
    pub fn remote(&self) -> &NameAddr {
        &self.remote
    }

    /// Our own URI in this call.
    pub fn local(&self) -> &NameAddr {
        &self.local
    }

    /// Its state.
    pub fn state(&self) -> CallState {
        self.state
    }

    /// Status code of the last event that had one.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The plan in force.
    pub fn plan(&self) -> Option<&MediaPlan> {
        self.plan.as_ref()
    }

    /// What we may agree to, as it is in force or was offered last.
    pub fn terms(&self) -> &AudioTerms {
        self.negotiator.terms()
    }

    /// The first header of that name in the far end's latest INVITE or final response.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.latest.as_ref()?.header_named(name)
    }

    /// Why the call ended, as the far end said in a Reason header.
    pub fn cause(&self) -> Option<&Cause> {
        self.services.cause.as_ref()
    }

    /// The dialog, once there is one.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// Every dialog that the call has: its own, else the early ones.
    pub fn dialogs(&self) -> impl Iterator<Item = &Dialog> {
        self.dialog.iter().chain(self.legs.iter().map(|leg| &leg.dialog))
    }

    /// What it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Random numbers for something that belongs to this call.
    pub fn fork_rng(&mut self) -> Rng {
        self.rng.fork()
    }

    /// Whether the far end says that it takes requests of that method; `None` when it says nothing.
    pub fn far_end_allows(&self, method: &Method) -> Option<bool> {
        let latest = self.latest.as_ref()?;
        let mut allow = latest.header_list(HeaderId::Allow).peekable();
        allow.peek()?;
        Some(allow.any(|name| name == method.name()))
    }

    /// The INVITE that made an incoming call.
    pub fn invite(&self) -> Option<&Message> {
        self.incoming.as_ref().map(|incoming| &incoming.message)
    }
}

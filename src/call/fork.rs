//! The early dialogs of our INVITE. A proxy may have sent it to several phones; each of them rings,
//! plays and negotiates in a dialog of its own until one answers (RFC 3261 §12.1, §13.2.2.4).
//!
//! While something happens in one of them the machine stands in it: [`Machine::in_leg`] puts its
//! dialog and its state of offer and answer into the machine's own places, so that whatever is
//! written for the dialog of a call serves for an early one too.

use std::mem::swap;

use super::{audio::Negotiator, machine::Machine, terms::NegotiationError};
use crate::proto::sip::{
    dialog::Dialog,
    wire::{HeaderId, Message, Request},
};

/// Most forks of one INVITE that are followed, or answered, one by one: a hostile far end could
/// invent them without end.
pub(super) const MAX_FORKS: usize = 16;

/// One early dialog.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) dialog: Dialog,
    pub(super) negotiator: Negotiator,
    pub(super) far: FarSide,
}

/// What is known of the far end of one dialog.
#[derive(Clone, Debug, Default)]
pub(super) struct FarSide {
    /// It takes UPDATE, as its latest Allow says.
    pub(super) takes_update: bool,
    /// RSeq of its latest reliable provisional response (RFC 3262 §4).
    pub(super) rseq: Option<u32>,
    /// Its description cannot be used: should it answer, the call ends.
    pub(super) failure: Option<NegotiationError>,
}

impl FarSide {
    /// Learns what the far end can do from any message of it.
    pub(super) fn note(&mut self, message: &Message) {
        if message.header(HeaderId::Allow).is_some() {
            self.takes_update =
                message.header_list(HeaderId::Allow).any(|method| method == "UPDATE");
        }
    }
}

impl Machine {
    /// Which early dialog has this far tag.
    pub(super) fn leg_of(&self, tag: &str) -> Option<usize> {
        self.legs.iter().position(|leg| leg.dialog.id().remote_tag == tag)
    }

    /// The early dialog of a provisional response to `invite`, made with the first of them.
    pub(super) fn leg_for(&mut self, invite: &Request, response: &Message) -> Option<usize> {
        if let Some(index) = self.leg_of(&response.to_tag()) {
            self.legs[index].dialog.handle_response(response);
            return Some(index);
        }
        if self.legs.len() >= MAX_FORKS {
            return None;
        }
        let dialog = Dialog::uac(invite, response).ok()?;
        let negotiator = self.negotiator.clone();
        self.legs.push(Leg { dialog, negotiator, far: FarSide::default() });
        Some(self.legs.len() - 1)
    }

    /// Does `work` as if the early dialog were the call's. It must not make one the call's.
    pub(super) fn in_leg<T>(&mut self, index: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        let mut leg = self.legs.remove(index);
        let outer = self.dialog.replace(leg.dialog.clone());
        swap(&mut self.negotiator, &mut leg.negotiator);
        swap(&mut self.far, &mut leg.far);
        let result = work(self);
        swap(&mut self.negotiator, &mut leg.negotiator);
        swap(&mut self.far, &mut leg.far);
        if let Some(dialog) = std::mem::replace(&mut self.dialog, outer) {
            leg.dialog = dialog;
        }
        self.legs.insert(index.min(self.legs.len()), leg);
        result
    }

    /// Our INVITE goes out again as another one: what answered the first is over.
    pub(super) fn forget_legs(&mut self) {
        self.legs.clear();
        self.heard_leg = None;
    }

    /// Does `work` where requests to the far tag belong: in the call's dialog or an early one. A
    /// fork that lost has nothing more to say.
    pub(super) fn in_dialog_of(&mut self, tag: &str, work: impl FnOnce(&mut Self)) {
        match &self.dialog {
            Some(dialog) if dialog.id().remote_tag == tag => work(self),
            Some(_) => {}
            None => {
                if let Some(index) = self.leg_of(tag) {
                    self.in_leg(index, work);
                }
            }
        }
    }
}

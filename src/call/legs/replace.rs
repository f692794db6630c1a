//! How a call comes to have another far end: one that it is referred to (RFC 3515), or one that comes
//! with Replaces (RFC 3891).

use std::time::{Duration, Instant};

use super::{Call, Leg, MOST_PAST, TAG_BITS, waits::Wait};
use crate::{
    call::{
        early_media::Ear,
        event::{CallEvent, CallState},
        io::{Input, Output},
        machine::Machine,
        settings::Settings,
        transfer::{Referral, TransferEvent},
    },
    proto::sip::{
        dialog::DialogState,
        endpoint::ServerTransaction,
        replaces::Replaces,
        wire::{HeaderId, Message, Response},
    },
};

impl Call {
    /// Calls whom the far end wants us to call.
    pub(super) fn place(&mut self, now: Instant, referral: Referral) {
        if self.next.is_some() || self.past.len() >= MOST_PAST {
            let (code, text) = (491, "Request Pending".to_owned());
            let progress = Input::TransferProgress { code, text: text.clone() };
            self.current.machine.handle_input(now, progress);
            return self.transfer_failed(code, &text);
        }
        let Referral { target, headers, .. } = referral;
        let mut settings = self.leg_settings();
        settings.invite_headers = headers;
        let rng = self.current.machine.fork_rng();
        let machine = Machine::outgoing(now, settings, target, rng);
        let leg = self.add_leg(machine);
        self.next = Some(leg);
    }

    /// What another leg of this call is made with: the same account, the same sockets.
    fn leg_settings(&self) -> Settings {
        let machine = &self.current.machine;
        let audio = machine.negotiator.terms().clone();
        Settings { audio, ..machine.settings().clone() }
    }

    fn add_leg(&mut self, machine: Machine) -> Leg {
        let number = self.next_number;
        self.next_number = (self.next_number + 1) & (u32::MAX >> TAG_BITS);
        self.dialog_output(&machine, true);
        Leg { number, machine: Box::new(machine), plan: None, ear: Ear::Remote }
    }

    pub(super) fn dialog_output(&mut self, machine: &Machine, live: bool) {
        let (call_id, local_tag) = (machine.call_id().to_owned(), machine.local_tag().to_owned());
        self.outputs.push_back(Output::Dialog { call_id, local_tag, live });
    }

    /// An INVITE with Replaces (RFC 3891 §3): it takes the place of the leg in force, or gets the
    /// code that says why not.
    pub(super) fn replace(&mut self, now: Instant, server: ServerTransaction, message: Message) {
        if let Err(code) = self.may_be_replaced(&message) {
            let response = Response::to(&message, code, "");
            return self.outputs.push_back(Output::Respond { server, response });
        }
        let settings = self.leg_settings();
        let rng = self.current.machine.fork_rng();
        let mut machine = Machine::incoming(now, settings, server, message, rng);
        machine.handle_input(now, Input::Answer { headers: Vec::new() });
        let mut leg = self.add_leg(machine);
        let mut refused = false;
        while let Some(output) = leg.machine.poll_output() {
            match output {
                Output::Media(plan) => leg.plan = Some(plan),
                Output::MediaEnd => leg.plan = None,
                Output::Listen(ear) => leg.ear = ear,
                Output::Event(event) => refused |= matches!(event, CallEvent::Ended { .. }),
                output => self.pass(leg.number, output),
            }
        }
        if refused {
            return self.dialog_output(&leg.machine, false);
        }
        self.drop_next(now, Input::Hangup, REPLACED_FIRST);
        let mut old = self.take_over(leg);
        old.machine.handle_input(now, Input::Hangup);
        self.past.push(old);
    }

    fn may_be_replaced(&self, message: &Message) -> Result<(), u16> {
        let replaces = replaced_by(message)?.ok_or(400u16)?;
        let machine = &self.current.machine;
        let known = machine.dialogs().find(|dialog| replaces.means(dialog.id()));
        let dialog = known.ok_or(481u16)?;
        let confirmed = dialog.state() == DialogState::Confirmed;
        match machine.state() {
            CallState::Ending | CallState::Ended => Err(603),
            _ if self.past.len() >= MOST_PAST => Err(491),
            _ if replaces.early_only && confirmed => Err(486),
            // §3: an early dialog may be taken over from the one who called, not from the called.
            _ if !confirmed && !machine.is_outgoing() => Err(481),
            _ => Ok(()),
        }
    }

    /// Puts a leg in force; gives back the one that was.
    pub(super) fn take_over(&mut self, leg: Leg) -> Leg {
        let mut old = std::mem::replace(&mut self.current, leg);
        if old.machine.remote_hold && !self.current.machine.remote_hold {
            self.event(CallEvent::RemoteHold { held: false });
        }
        if old.machine.local_hold && !self.current.machine.local_hold {
            self.event(CallEvent::LocalHold { held: false });
        }
        self.drop_referral(REPLACED_FIRST);
        if old.machine.services.refer.take().is_some() {
            self.transfer_failed(0, REPLACED_FIRST);
        }
        let remote = self.current.machine.remote().clone();
        self.event(CallEvent::Replaced { remote });
        if let Some(plan) = self.current.plan.clone() {
            self.outputs.push_back(Output::Media(plan));
        }
        if self.current.ear != old.ear {
            self.outputs.push_back(Output::Listen(self.current.ear));
        }
        self.watch_media();
        old
    }

    /// The new far end answered.
    pub(super) fn connect_next(&mut self, now: Instant, code: u16, text: String) {
        let Some(next) = self.next.take() else { return };
        self.event(CallEvent::Transfer(TransferEvent::Done { code, text: text.clone() }));
        let mut old = self.take_over(next);
        old.machine.handle_input(now, Input::TransferProgress { code, text });
        self.past.push(old);
        self.wait(Wait::Past, Some(now + PAST_WAIT));
    }
}

/// The dialog that an INVITE is to take the place of; 400 for a Replaces that cannot be read, or for
/// two (RFC 3891 §3).
pub fn replaced_by(invite: &Message) -> Result<Option<Replaces>, u16> {
    match invite.count(HeaderId::Replaces) {
        0 => Ok(None),
        1 => {
            let value = invite.header(HeaderId::Replaces).unwrap_or_default();
            Replaces::parse(value).map(Some).ok_or(400)
        }
        _ => Err(400),
    }
}

/// Why a transfer came to nothing when somebody else took the far end's place.
const REPLACED_FIRST: &str = "the far end was replaced before it";

/// How long a far end that referred us has for its BYE, before we say it.
const PAST_WAIT: Duration = Duration::from_secs(5);

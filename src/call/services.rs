//! What a call does without asking its user, and what it remembers for that.

use std::time::Duration;

use super::{
    dialling::Dialling, identity::Presentation, redirect::RedirectPolicy, transfer::TransferPolicy,
};
use crate::proto::sip::{
    reason::{Protocol, Reason},
    uri::Uri,
    wire::{Message, Method},
};

/// What a call does without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// How our INVITEs say who we are.
    pub presentation: Presentation,
    /// What is done with a 3xx.
    pub redirect: RedirectPolicy,
    /// What is done with a REFER.
    pub transfer: TransferPolicy,
    /// An incoming call is answered by itself after this time.
    pub auto_answer: Option<Duration>,
    /// An incoming call that nobody answers is sent on.
    pub forward: Option<ForwardLate>,
    /// A connected call ends after this time.
    pub max_duration: Option<Duration>,
    /// A connected call ends when no media came for this time while it should.
    pub dead_media: Option<Duration>,
    /// What numbers mean that a far end has us call.
    pub dialling: Dialling,
}

/// Where a call goes that nobody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardLate {
    /// Where to.
    pub target: Uri,
    /// After so long.
    pub after: Duration,
    /// Who sends it on, for Diversion.
    pub by: Uri,
}

/// Messages of a call by kind: to add headers to those that we send, and to read those that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum MessageKind {
    /// INVITE, also one within the call.
    Invite = 1,
    /// 101 to 199 to INVITE.
    Provisional = 2,
    /// 2xx to INVITE.
    Answer = 3,
    /// 300 to 699 to INVITE.
    Refusal = 4,
    /// ACK of a 2xx.
    Ack = 5,
    /// CANCEL.
    Cancel = 6,
    /// BYE.
    Bye = 7,
    /// INFO.
    Info = 8,
    /// UPDATE.
    Update = 9,
    /// REFER.
    Refer = 10,
    /// NOTIFY.
    Notify = 11,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [MessageKind; 11] = [
        MessageKind::Invite,
        MessageKind::Provisional,
        MessageKind::Answer,
        MessageKind::Refusal,
        MessageKind::Ack,
        MessageKind::Cancel,
        MessageKind::Bye,
        MessageKind::Info,
        MessageKind::Update,
        MessageKind::Refer,
        MessageKind::Notify,
    ];

    /// The kind of a request.
    pub fn of_method(method: &Method) -> Option<Self> {
        Some(match method {
            Method::Invite => MessageKind::Invite,
            Method::Ack => MessageKind::Ack,
            Method::Cancel => MessageKind::Cancel,
            Method::Bye => MessageKind::Bye,
            Method::Info => MessageKind::Info,
            Method::Update => MessageKind::Update,
            Method::Refer => MessageKind::Refer,
            Method::Notify => MessageKind::Notify,
            _ => return None,
        })
    }

    /// The kind of a message that came.
    pub fn of(message: &Message) -> Option<Self> {
        let method = message.method()?;
        match message.status() {
            None => Self::of_method(&method),
            Some(status) if method == Method::Invite => Self::of_status(status),
            Some(_) => None,
        }
    }

    /// The kind of a response to INVITE.
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            101..200 => Some(MessageKind::Provisional),
            200..300 => Some(MessageKind::Answer),
            300..700 => Some(MessageKind::Refusal),
            _ => None,
        }
    }
}

/// Headers that a host wants on messages of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct MessageHeaders(Vec<(MessageKind, Vec<(String, String)>)>);

impl MessageHeaders {
    pub(super) fn set(&mut self, kind: MessageKind, headers: Vec<(String, String)>) {
        self.0.retain(|(known, _)| *known != kind);
        self.0.push((kind, headers));
    }

    pub(super) fn of(&self, kind: MessageKind) -> &[(String, String)] {
        self.0.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, headers)| headers)
    }
}

/// Why a call ended, as the far end (or the network) says in a Reason header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Q.850 cause, 0 when not said.
    pub q850: u16,
    /// SIP status, 0 when not said.
    pub sip: u16,
    /// For people; may be empty.
    pub text: String,
    /// Another phone of ours took the call.
    pub elsewhere: bool,
}

impl Cause {
    /// Reads it; `None` when the message has no Reason that can be read.
    pub fn of(message: &Message) -> Option<Self> {
        let reasons = Reason::of(message);
        let number = |protocol| {
            reasons.iter().find(|reason| reason.protocol == protocol).and_then(|r| r.cause)
        };
        let text = reasons.iter().map(|reason| reason.text.as_str()).find(|text| !text.is_empty());
        (!reasons.is_empty()).then(|| Self {
            q850: number(Protocol::Q850).unwrap_or(0),
            sip: number(Protocol::Sip).unwrap_or(0),
            text: text.unwrap_or_default().to_owned(),
            elsewhere: reasons.iter().any(Reason::answered_elsewhere),
        })
    }
}

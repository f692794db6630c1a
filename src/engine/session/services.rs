//! What a session hears of transfers, redirects and the messages of its call, and what the host
//! commands of them.

use std::time::Instant;

use super::Session;
use crate::{
    base::ids::RequestId,
    call::{CallEvent, Input, services::MessageKind, transfer::TransferEvent},
    engine::{
        command::CallCommand,
        error::ErrorKind,
        event::{CallState, EventKind},
        log::LogLevel,
        services::TransferState,
        shared::lock,
        signaling::FromSession,
    },
    proto::sip::{replaces::Replaces, uri::Uri},
};

impl Session {
    /// The commands of this file; any other is given back.
    pub(super) fn handle_service(
        &mut self,
        now: Instant,
        command: CallCommand,
        request: Option<RequestId>,
    ) -> Option<CallCommand> {
        let connected = self.state == CallState::Connected;
        let input = match command {
            CallCommand::Transfer { target, silent } => {
                Input::Transfer { target, replaces: None, silent }
            }
            CallCommand::DecideTransfer { accept } => Input::DecideTransfer { accept },
            CallCommand::FollowRedirect { accept } => Input::FollowRedirect { accept },
            CallCommand::HangupWith { cause, text } => Input::HangupWith { cause, text },
            CallCommand::Headers { kind, headers } => Input::SetHeaders { kind, headers },
            CallCommand::Redirect { target } => Input::Redirect { target },
            command => return Some(command),
        };
        let wrong = match input {
            Input::Transfer { .. } | Input::DecideTransfer { .. } if !connected => {
                Some("only a call that is connected can be transferred")
            }
            Input::Redirect { .. } if self.machine.is_outgoing() || !self.is_open() => {
                Some("only an incoming call that is not answered yet can be redirected")
            }
            _ => None,
        };
        match wrong {
            Some(text) => self.reply(request, Some(ErrorKind::WrongState), text),
            None => {
                self.machine.handle_input(now, input);
                self.reply(request, None, "");
            }
        }
        None
    }

    /// Another call of ours is to be connected with our far end: tells who that is.
    pub(super) fn tell_far_end(&self, call: crate::base::ids::CallId, request: Option<RequestId>) {
        let dialog = self.machine.dialog().filter(|_| self.state == CallState::Connected);
        let Some(dialog) = dialog else {
            let text = "the call to transfer to is not connected";
            return self.reply(request, Some(ErrorKind::WrongState), text);
        };
        let replaces = Replaces::far_end_of(dialog.id());
        let target = Box::new(dialog.remote_target().clone());
        self.signal(FromSession::Attended { call, target, replaces, request });
    }

    /// The far end of another call, to which ours is transferred.
    pub(super) fn transfer_attended(
        &mut self,
        now: Instant,
        target: Uri,
        replaces: Replaces,
        request: Option<RequestId>,
    ) {
        if self.state != CallState::Connected {
            let text = "only a call that is connected can be transferred";
            return self.reply(request, Some(ErrorKind::WrongState), text);
        }
        let replaces = Some(replaces);
        self.machine.handle_input(now, Input::Transfer { target, replaces, silent: false });
        self.reply(request, None, "");
    }

    /// The events of this file.
    pub(super) fn handle_service_event(&mut self, event: CallEvent) {
        let call = self.call;
        match event {
            CallEvent::Transfer(event) => {
                let (state, code, text) = match event {
                    TransferEvent::Asked(asked) => {
                        let by = asked.referred_by.map(|by| by.uri.to_string());
                        let state = TransferState::Asked {
                            target: asked.target.to_string(),
                            referred_by: by.unwrap_or_default(),
                            attended: asked.attended,
                            decide: asked.decide,
                        };
                        (state, 0, String::new())
                    }
                    TransferEvent::Progress { code, text } => (TransferState::Progress, code, text),
                    TransferEvent::Done { code, text } => (TransferState::Done, code, text),
                    TransferEvent::Failed { code, text } => (TransferState::Failed, code, text),
                };
                self.shared.emit(EventKind::Transfer { call, state, code, text });
            }
            CallEvent::Replaced { remote } => {
                self.drop_info_digits("the far end they were for is gone");
                self.drop_asked_of_replaced();
                let (uri, display_name) = (remote.uri.to_string(), remote.display);
                let display_name = display_name.unwrap_or_default();
                {
                    let mut info = lock(&self.snapshot.info);
                    info.remote_uri.clone_from(&uri);
                    info.remote_display_name.clone_from(&display_name);
                    info.outgoing = self.machine.is_outgoing();
                    info.sip_call_id = self.machine.call_id().to_owned();
                    info.local_uri = self.machine.local().uri.to_string();
                }
                self.shared.emit(EventKind::Replaced { call, uri, display_name });
            }
            CallEvent::Redirected { target, asked } => {
                let target = target.to_string();
                self.shared.emit(EventKind::Redirected { call, target, asked });
            }
            event => self.log(LogLevel::Info, || format!("{event:?}")),
        }
    }

    /// Keeps the far end's last message of each kind for the host's look-ups.
    pub(super) fn remember_kind(&self, input: &Input) {
        let message = match input {
            Input::Request { message, .. }
            | Input::Replace { message, .. }
            | Input::Cancelled { message, .. }
            | Input::Ack { message }
            | Input::Response { message, .. } => message,
            _ => return,
        };
        if let Some(kind) = MessageKind::of(message) {
            lock(&self.snapshot.messages).insert(kind, message.clone());
        }
    }
}

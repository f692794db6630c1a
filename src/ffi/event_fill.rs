//! Events of the engine as the host sees them.

use super::{
    codes, ends,
    engine::{ms, seconds},
    event::sidetone_event,
    event_kinds::*,
    hold, status,
    strings::{sidetone_header, sidetone_headers, sidetone_text},
    subscription_read::open_number,
};
use crate::{
    base::ids::{AccountId, CallId, SubscriptionId},
    engine::{CallState, Content, ErrorKind, Event, EventKind, Notified, TransferState},
};

/// The texts of an event while a host borrows them, each with its NUL.
#[derive(Debug, Default)]
pub(super) struct Lent {
    texts: Vec<Vec<u8>>,
    headers: Vec<sidetone_header>,
}

impl Lent {
    /// Takes a text over; empty ones are not stored.
    fn lend(&mut self, text: String) -> sidetone_text {
        self.lend_octets(text.into_bytes())
    }

    fn lend_octets(&mut self, mut bytes: Vec<u8>) -> sidetone_text {
        if bytes.is_empty() {
            return sidetone_text::lent(b"\0");
        }
        bytes.push(0);
        // The bytes of a Vec stay where they are when the outer one grows.
        let lent = sidetone_text::lent(&bytes);
        self.texts.push(bytes);
        lent
    }

    /// The event as the host sees it; what was lent before is dropped.
    pub(super) fn fill(&mut self, event: Event) -> sidetone_event {
        self.texts.clear();
        self.headers.clear();
        let mut out = sidetone_event {
            sequence: event.sequence,
            time_ns: u64::try_from(event.time.as_nanos()).unwrap_or(u64::MAX),
            ..none()
        };
        match event.kind {
            EventKind::Registration { account, state, code, text, expires, target } => {
                out.kind = SIDETONE_EVENT_REGISTRATION;
                out.account = account.raw();
                out.state = state as u32;
                out.sip_code = code.into();
                out.text = self.lend(text);
                out.expires_s = seconds(expires);
                out.to = self.lend(target);
            }
            EventKind::IncomingCall { call, account, from, display_name, to } => {
                out.kind = SIDETONE_EVENT_INCOMING_CALL;
                out.call = call.raw();
                out.account = account.map_or(codes::SIDETONE_ID_NONE, AccountId::raw);
                out.from = self.lend(from);
                out.display_name = self.lend(display_name);
                out.to = self.lend(to);
            }
            EventKind::Call { call, state, code, text, error, reason, cause } => {
                if state == CallState::Ended {
                    out.end = ends::number(reason);
                }
                if let Some(cause) = cause {
                    out.q850_cause = cause.q850.into();
                    out.reason_sip_code = cause.sip.into();
                    out.reason = self.lend(cause.text);
                }
                out.kind = SIDETONE_EVENT_CALL;
                out.call = call.raw();
                out.state = state as u32;
                out.sip_code = code.into();
                out.text = self.lend(text);
                out.status = status::number(error);
            }
            EventKind::Media { call, codec, srtp } => {
                out.kind = SIDETONE_EVENT_MEDIA;
                out.call = call.raw();
                out.codec = codes::codec_number(Some(codec));
                out.srtp_suite = codes::suite_number(srtp);
            }
            EventKind::Dtmf { call, digit, duration } => {
                out.kind = SIDETONE_EVENT_DTMF;
                out.call = call.raw();
                out.digit = digit.into();
                out.duration_ms = ms(duration);
            }
            kind @ (EventKind::Message { .. }
            | EventKind::Request { .. }
            | EventKind::Subscription { .. }
            | EventKind::Notify { .. }
            | EventKind::Publication { .. }) => self.fill_around(kind, &mut out),
            other => self.fill_rest(other, &mut out),
        }
        out
    }

    /// What comes beside the calls.
    fn fill_around(&mut self, kind: EventKind, out: &mut sidetone_event) {
        let (account, call, from, display_name, to, content) = match kind {
            EventKind::Message { account, call, from, display_name, to, content } => {
                out.kind = SIDETONE_EVENT_MESSAGE;
                (account, call, from, display_name, to, content)
            }
            EventKind::Request { transaction, account, call, method, from, to, content } => {
                out.kind = SIDETONE_EVENT_REQUEST;
                out.transaction = transaction.raw();
                out.method = self.lend(method);
                (account, call, from, String::new(), to, content)
            }
            other => return self.fill_watched(other, out),
        };
        out.account = account.map_or(codes::SIDETONE_ID_NONE, AccountId::raw);
        out.call = call.map_or(codes::SIDETONE_ID_NONE, CallId::raw);
        out.from = self.lend(from);
        out.display_name = self.lend(display_name);
        out.to = self.lend(to);
        self.lend_content(Some(content), out);
    }

    /// What is watched and published.
    fn fill_watched(&mut self, kind: EventKind, out: &mut sidetone_event) {
        match kind {
            EventKind::Subscription { subscription, state, code, text, expires } => {
                out.kind = SIDETONE_EVENT_SUBSCRIPTION;
                out.subscription = subscription.raw();
                out.state = state as u32;
                out.sip_code = code.into();
                out.text = self.lend(text);
                out.expires_s = seconds(expires);
            }
            EventKind::Publication { publication, state, code, text, expires } => {
                out.kind = SIDETONE_EVENT_PUBLICATION;
                out.publication = publication.raw();
                out.state = state as u32;
                out.sip_code = code.into();
                out.text = self.lend(text);
                out.expires_s = seconds(expires);
            }
            EventKind::Notify { subscription, account, notified, content } => {
                out.subscription =
                    subscription.map_or(codes::SIDETONE_ID_NONE, SubscriptionId::raw);
                out.account = account.map_or(codes::SIDETONE_ID_NONE, AccountId::raw);
                self.fill_notified(notified, out);
                self.lend_content(Some(content), out);
            }
            _ => {}
        }
    }

    fn fill_notified(&mut self, notified: Notified, out: &mut sidetone_event) {
        match notified {
            Notified::Messages(summary) => {
                out.kind = SIDETONE_EVENT_MESSAGE_WAITING;
                out.state = summary.waiting.into();
                (out.voice_new, out.voice_old) = (summary.voice().new, summary.voice().old);
                out.to = self.lend(summary.account);
            }
            Notified::Dialogs { lamp, dialogs } => {
                out.kind = SIDETONE_EVENT_LAMP;
                out.state = lamp as u32;
                if let Some(first) = dialogs.into_iter().next() {
                    out.from = self.lend(first.remote.uri);
                    out.display_name = self.lend(first.remote.display_name);
                }
            }
            Notified::Presence(presence) => {
                out.kind = SIDETONE_EVENT_PRESENCE;
                out.state = open_number(presence.open());
                out.activity = self.lend(presence.activity().to_owned());
                out.text = self.lend(presence.note().to_owned());
            }
            Notified::Other => out.kind = SIDETONE_EVENT_NOTIFY,
        }
    }

    /// Body and headers of a message.
    fn lend_content(&mut self, content: Option<Box<Content>>, out: &mut sidetone_event) {
        let Some(content) = content else { return };
        out.content_type = self.lend(content.content_type);
        out.body = self.lend_octets(content.body);
        let headers = content.headers.into_iter();
        self.headers = headers
            .map(|(name, value)| sidetone_header { name: self.lend(name), value: self.lend(value) })
            .collect();
        // The lines stay where they are: nothing is added to them until they are dropped.
        out.headers = sidetone_headers::lent(&self.headers);
    }

    /// Files, devices and the engine itself.
    fn fill_rest(&mut self, kind: EventKind, out: &mut sidetone_event) {
        match kind {
            EventKind::Hold { call, local, remote } => {
                out.kind = SIDETONE_EVENT_HOLD;
                out.call = call.raw();
                out.state = hold::bits(local, remote);
            }
            EventKind::PlayFinished { call, error } => {
                out.kind = SIDETONE_EVENT_PLAY_FINISHED;
                out.call = call.raw();
                out.status = status::number(error);
            }
            EventKind::RecordFinished { call, path, dropped, error, text } => {
                out.kind = SIDETONE_EVENT_RECORD_FINISHED;
                out.call = call.raw();
                out.path = self.lend(path);
                out.count = dropped;
                out.status = status::number(error);
                out.text = self.lend(text);
            }
            EventKind::MediaTimeout { call, silent } => {
                out.kind = SIDETONE_EVENT_MEDIA_TIMEOUT;
                out.call = call.raw();
                out.state = silent.into();
            }
            EventKind::Device { state, loudspeaker, microphone, text } => {
                out.kind = SIDETONE_EVENT_DEVICE;
                out.state = state as u32;
                out.loudspeaker = self.lend(loudspeaker);
                out.microphone = self.lend(microphone);
                out.text = self.lend(text);
            }
            EventKind::Reply { request, error, text, code, content } => {
                out.kind = SIDETONE_EVENT_REPLY;
                out.request = request.0;
                out.status = status::number(error);
                out.text = self.lend(text);
                out.sip_code = code.into();
                self.lend_content(content, out);
            }
            EventKind::EventsLost { count } => {
                out.kind = SIDETONE_EVENT_EVENTS_LOST;
                out.count = count;
            }
            EventKind::Faulted { text } => {
                out.kind = SIDETONE_EVENT_FAULTED;
                out.status = ErrorKind::Faulted as i32;
                out.text = self.lend(text);
            }
            EventKind::Stopped => {
                out.kind = SIDETONE_EVENT_STOPPED;
            }
            other => self.fill_services(other, out),
        }
    }

    /// Transfers, redirects, limits, pauses of recordings.
    fn fill_services(&mut self, kind: EventKind, out: &mut sidetone_event) {
        match kind {
            EventKind::Transfer { call, state, code, text } => {
                out.kind = SIDETONE_EVENT_TRANSFER;
                out.call = call.raw();
                out.sip_code = code.into();
                out.text = self.lend(text);
                out.state = match state {
                    TransferState::Asked { target, referred_by, attended, decide } => {
                        out.to = self.lend(target);
                        out.from = self.lend(referred_by);
                        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
                        out.flags = flag(decide, SIDETONE_TRANSFER_FLAG_DECIDE)
                            | flag(attended, SIDETONE_TRANSFER_FLAG_ATTENDED);
                        SIDETONE_TRANSFER_ASKED
                    }
                    TransferState::Progress => SIDETONE_TRANSFER_PROGRESS,
                    TransferState::Done => SIDETONE_TRANSFER_DONE,
                    TransferState::Failed => SIDETONE_TRANSFER_FAILED,
                };
            }
            EventKind::Replaced { call, uri, display_name } => {
                out.kind = SIDETONE_EVENT_REPLACED;
                out.call = call.raw();
                out.from = self.lend(uri);
                out.display_name = self.lend(display_name);
            }
            EventKind::Redirected { call, target, asked } => {
                out.kind = SIDETONE_EVENT_REDIRECTED;
                out.call = call.raw();
                out.to = self.lend(target);
                out.state = asked.into();
            }
            EventKind::RecordPaused { call, paused, at } => {
                out.kind = SIDETONE_EVENT_RECORD_PAUSED;
                out.call = call.raw();
                out.state = paused.into();
                out.duration_ms = ms(at);
            }
            EventKind::CallsLimited { account, limit } => {
                out.kind = SIDETONE_EVENT_CALLS_LIMITED;
                out.account = account.map_or(codes::SIDETONE_ID_NONE, AccountId::raw);
                out.count = limit.into();
            }
            // The kinds of `fill` and `fill_rest`.
            _ => {}
        }
    }
}

/// An event of no kind.
pub(super) fn none() -> sidetone_event {
    let empty = sidetone_text::lent(b"\0");
    sidetone_event {
        size: size_of::<sidetone_event>() as u32,
        kind: SIDETONE_EVENT_NONE,
        sequence: 0,
        time_ns: 0,
        account: codes::SIDETONE_ID_NONE,
        call: codes::SIDETONE_ID_NONE,
        request: 0,
        state: 0,
        status: status::SIDETONE_OK,
        sip_code: 0,
        duration_ms: 0,
        expires_s: 0,
        codec: 0,
        srtp_suite: 0,
        digit: 0,
        count: 0,
        text: empty,
        from: empty,
        display_name: empty,
        to: empty,
        path: empty,
        loudspeaker: empty,
        microphone: empty,
        end: 0,
        q850_cause: 0,
        reason_sip_code: 0,
        flags: 0,
        reason: empty,
        transaction: codes::SIDETONE_ID_NONE,
        subscription: codes::SIDETONE_ID_NONE,
        publication: codes::SIDETONE_ID_NONE,
        voice_new: 0,
        voice_old: 0,
        activity: empty,
        method: empty,
        content_type: empty,
        body: empty,
        headers: sidetone_headers::EMPTY,
    }
}

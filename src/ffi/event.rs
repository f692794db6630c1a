//! Events, pulled by the host. The thread that pulls for a callback: `event_thread`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    codes, ends,
    engine::{ms, seconds, sidetone_engine},
    guard::{Outcome, enter, guard, guard_value, invalid},
    hold,
    sized::{self, Sized32},
    status,
    strings::{sidetone_header, sidetone_headers, sidetone_text},
    subscription::open_number,
};
use crate::{
    base::ids::{AccountId, CallId, SubscriptionId},
    engine::{
        CallState, Content, Engine, Error, ErrorKind, Event, EventKind, Notified, TransferState,
    },
};

/// Event: none came.
pub const SIDETONE_EVENT_NONE: u32 = 0;
/// Event: the registration of `account` is now in `state` (SIDETONE_REGISTRATION_*); `sip_code`,
/// `text` (why), `expires_s`, `to` (where the REGISTER went: "address:port/TRANSPORT").
pub const SIDETONE_EVENT_REGISTRATION: u32 = 1;
/// Event: somebody calls. `call`, `account` (or none), `from`, `display_name`, `to`.
pub const SIDETONE_EVENT_INCOMING_CALL: u32 = 2;
/// Event: `call` is now in `state` (SIDETONE_CALL_*); `sip_code`, `text`; when it ended, `status`
/// says why, SIDETONE_OK after an orderly end, `end` (SIDETONE_END_*) how, and `q850_cause`,
/// `reason_sip_code` and `reason` what the far end or the network said of it (RFC 3326).
pub const SIDETONE_EVENT_CALL: u32 = 3;
/// Event: media of `call` runs, or its terms changed: `codec`, `srtp_suite`.
pub const SIDETONE_EVENT_MEDIA: u32 = 4;
/// Event: a digit came in `call`: `digit`, `duration_ms`.
pub const SIDETONE_EVENT_DTMF: u32 = 5;
/// Event: the file played into `call` ended; `status`.
pub const SIDETONE_EVENT_PLAY_FINISHED: u32 = 6;
/// Event: the recording of `call` ended; `path`, `status`, `text`.
pub const SIDETONE_EVENT_RECORD_FINISHED: u32 = 7;
/// Event: RTP of `call` stopped coming (`state` 1) or came again (`state` 0).
pub const SIDETONE_EVENT_MEDIA_TIMEOUT: u32 = 8;
/// Event: the sound card is now in `state` (SIDETONE_DEVICE_STATE_*); `microphone`, `loudspeaker`,
/// `text`. Calls go on.
pub const SIDETONE_EVENT_DEVICE: u32 = 9;
/// Event: the outcome of the command that was given `request`: `status`, `text`; `sip_code` of the
/// response behind it, and of a request of the host's own `content_type`, `body` and `headers`.
pub const SIDETONE_EVENT_REPLY: u32 = 10;
/// Event: `count` events were dropped because the host did not pull. Read the state anew with
/// sidetone_call_list(), sidetone_call_info_read() and sidetone_account_info_read().
pub const SIDETONE_EVENT_EVENTS_LOST: u32 = 11;
/// Event: a fault inside; the engine takes no more commands. Destroy it. `text`.
pub const SIDETONE_EVENT_FAULTED: u32 = 12;
/// Event: the engine has stopped; none follows.
pub const SIDETONE_EVENT_STOPPED: u32 = 13;
/// Event: a hold of `call` began or ended; `state` has the SIDETONE_HOLD_* bits that are in force.
pub const SIDETONE_EVENT_HOLD: u32 = 22;
/// Event: a transfer of `call` is now in `state` (SIDETONE_TRANSFER_*); `sip_code`, `text`; when a
/// far end asks for one: `to` (whom to call), `from` (who says so, may be empty), `flags`
/// (SIDETONE_TRANSFER_FLAG_*).
pub const SIDETONE_EVENT_TRANSFER: u32 = 40;
/// Event: somebody else is at the other end of `call` now: `from`, `display_name`. The call goes on.
pub const SIDETONE_EVENT_REPLACED: u32 = 41;
/// Event: the far end sends our `call` elsewhere: `to`; `state` 1: decide with
/// sidetone_call_redirect_follow(), 0: it is being followed.
pub const SIDETONE_EVENT_REDIRECTED: u32 = 42;
/// Event: `count` calls began within a minute, the most that `max_calls_per_minute` allows; further
/// ones are refused until the minute is over. Told once per run; `account` of the first refused.
pub const SIDETONE_EVENT_CALLS_LIMITED: u32 = 43;

/// Transfer: the far end wants us to call `to`.
pub const SIDETONE_TRANSFER_ASKED: u32 = 1;
/// Transfer: the new call rings or is on its way, or the request for it was taken.
pub const SIDETONE_TRANSFER_PROGRESS: u32 = 2;
/// Transfer: the new call stands, or was handed over without further word.
pub const SIDETONE_TRANSFER_DONE: u32 = 3;
/// Transfer: it came to nothing; the call goes on as it was, unless it is its end that follows.
pub const SIDETONE_TRANSFER_FAILED: u32 = 4;

/// Flag of a transfer that is asked for: decide with sidetone_call_transfer_accept() or _reject().
pub const SIDETONE_TRANSFER_FLAG_DECIDE: u32 = 1;
/// Flag of a transfer that is asked for: it takes the place of a call that the far end has with `to`.
pub const SIDETONE_TRANSFER_FLAG_ATTENDED: u32 = 2;

/// Event: a message came (RFC 3428), and was answered with 200. `account` (or none), `call` when it
/// came in the dialog of one, `from`, `display_name`, `to`, `content_type`, `body`, `headers`.
pub const SIDETONE_EVENT_MESSAGE: u32 = 14;
/// Event: a request came that the host asked to answer (`host_methods` of the engine). Answer it
/// with sidetone_request_answer(). `transaction`, `method`, `account` (or none), `call` when it came
/// in the dialog of one, `from`, `to`, `content_type`, `body`, `headers`.
pub const SIDETONE_EVENT_REQUEST: u32 = 15;

/// Event: `subscription` is now in `state` (SIDETONE_SUBSCRIPTION_*); `sip_code`, `text`,
/// `expires_s`.
pub const SIDETONE_EVENT_SUBSCRIPTION: u32 = 16;
/// Event: messages wait (`state` 1) or none do (`state` 0): `voice_new`, `voice_old`; `to`: the
/// mailbox. `subscription`, or none and `account` when a server tells unasked. `content_type`,
/// `body`, `headers`.
pub const SIDETONE_EVENT_MESSAGE_WAITING: u32 = 17;
/// Event: the busy lamp of `subscription` now shows `state` (SIDETONE_LAMP_*); `from`,
/// `display_name`: the far end of the first call. More: sidetone_subscription_dialog_read().
/// `content_type`, `body`, `headers`.
pub const SIDETONE_EVENT_LAMP: u32 = 18;
/// Event: the presence of `subscription` is now `state` (SIDETONE_PRESENCE_*); `activity`; `text`:
/// the note. `content_type`, `body`, `headers`.
pub const SIDETONE_EVENT_PRESENCE: u32 = 19;
/// Event: `subscription` told what the library does not read: `content_type`, `body`, `headers`.
pub const SIDETONE_EVENT_NOTIFY: u32 = 20;
/// Event: `publication` is now in `state` (SIDETONE_PUBLICATION_*); `sip_code`, `text`, `expires_s`.
pub const SIDETONE_EVENT_PUBLICATION: u32 = 21;

/// State of the sound card: opened.
pub const SIDETONE_DEVICE_STATE_OPENED: u32 = 0;
/// State of the sound card: lost; silence until one is found.
pub const SIDETONE_DEVICE_STATE_LOST: u32 = 1;
/// State of the sound card: another one, or the same back again, took over.
pub const SIDETONE_DEVICE_STATE_CHANGED: u32 = 2;
/// State of the sound card: closed, no call needs it.
pub const SIDETONE_DEVICE_STATE_CLOSED: u32 = 3;
/// State of the sound card: could not be opened; tried again with the next call.
pub const SIDETONE_DEVICE_STATE_FAILED: u32 = 4;

/// An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or empty text.
/// Texts live until the next sidetone_event_next() on the engine, or until the callback is back.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_event {
    /// sizeof of this struct, set by the host (the callback gets it set).
    pub size: u32,
    /// SIDETONE_EVENT_*. Skip kinds that you do not know: later versions add some.
    pub kind: u32,
    /// Number of this event, from 1 without gaps.
    pub sequence: u64,
    /// Time since the engine was created, on the monotonic clock, ns.
    pub time_ns: u64,
    /// Account; SIDETONE_ID_NONE for none.
    pub account: u64,
    /// Call; SIDETONE_ID_NONE for none.
    pub call: u64,
    /// Request that this is the reply to.
    pub request: u64,
    /// State, by kind.
    pub state: u32,
    /// SIDETONE_OK or the SIDETONE_ERR_* behind it.
    pub status: i32,
    /// Status code of the SIP response behind it; 0: none.
    pub sip_code: u32,
    /// Length of a digit, ms.
    pub duration_ms: u32,
    /// Lifetime that the registrar granted, seconds.
    pub expires_s: u32,
    /// SIDETONE_CODEC_* that we send.
    pub codec: u32,
    /// SIDETONE_SUITE_*; 0: not encrypted.
    pub srtp_suite: u32,
    /// A digit as ASCII: 0-9 * # A-D, or ! for a hook flash.
    pub digit: u32,
    /// Events dropped.
    pub count: u64,
    /// Why, for people.
    pub text: sidetone_text,
    /// URI of the caller.
    pub from: sidetone_text,
    /// Display name of the caller.
    pub display_name: sidetone_text,
    /// URI that was called; of a registration, where it went.
    pub to: sidetone_text,
    /// A file.
    pub path: sidetone_text,
    /// Name of the loudspeaker.
    pub loudspeaker: sidetone_text,
    /// Name of the microphone.
    pub microphone: sidetone_text,
    /// SIDETONE_END_*.
    pub end: u32,
    /// Q.850 cause of a Reason header; 0: none.
    pub q850_cause: u32,
    /// SIP status of a Reason header; 0: none.
    pub reason_sip_code: u32,
    /// By kind.
    pub flags: u32,
    /// Text of a Reason header.
    pub reason: sidetone_text,
    /// A request that waits for the host's answer.
    pub transaction: u64,
    /// Subscription; SIDETONE_ID_NONE for none.
    pub subscription: u64,
    /// Publication; SIDETONE_ID_NONE for none.
    pub publication: u64,
    /// New voice messages.
    pub voice_new: u32,
    /// Old voice messages.
    pub voice_old: u32,
    /// What somebody does, a name of RFC 4480.
    pub activity: sidetone_text,
    /// Its method.
    pub method: sidetone_text,
    /// Media type of `body`, with its parameters.
    pub content_type: sidetone_text,
    /// A body: octets as they came, `length` of them; not always UTF-8.
    pub body: sidetone_text,
    /// Every header line of the message behind the event, in order.
    pub headers: sidetone_headers,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_event {
    const NAME: &'static str = "sidetone_event";
    const FIRST_SIZE: u32 = 200;
}

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
    fn fill(&mut self, event: Event) -> sidetone_event {
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
            EventKind::RecordFinished { call, path, error, text } => {
                out.kind = SIDETONE_EVENT_RECORD_FINISHED;
                out.call = call.raw();
                out.path = self.lend(path);
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

    /// Transfers, redirects, limits.
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

/// Where events come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) engine: Arc<Engine>,
    /// The last event went out, to whomever.
    stopped: Arc<AtomicBool>,
}

impl Source {
    pub(super) fn of(handle: &sidetone_engine) -> Self {
        Self { engine: Arc::clone(&handle.engine), stopped: Arc::clone(&handle.stopped) }
    }

    /// Pulls; `None`: the time ran out. After the last event: `Shutdown`.
    pub(super) fn pull(
        &self,
        lent: &mut Lent,
        timeout: Option<Duration>,
    ) -> Outcome<Option<sidetone_event>> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(Error::new(
                ErrorKind::Shutdown,
                "the engine has stopped; no event follows",
            ));
        }
        let Some(event) = self.engine.next_event(timeout)? else { return Ok(None) };
        let last = event.kind == EventKind::Stopped;
        let event = lent.fill(event);
        if last {
            self.stopped.store(true, Ordering::Release);
        }
        Ok(Some(event))
    }
}

/// An event of no kind.
fn none() -> sidetone_event {
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

/// Pulls the next event. One thread at a time.
///
/// `timeout_ms`: how long to wait; 0: not at all, -1: for ever. `event`: `size` set by the host; gets
/// the event, or one of kind SIDETONE_EVENT_NONE. Its texts live until the next call.
/// Returns SIDETONE_OK with an event; SIDETONE_ERR_TIMEOUT when none came or sidetone_wake() was
/// called (the error text stays as it was), SIDETONE_ERR_SHUTDOWN after SIDETONE_EVENT_STOPPED,
/// SIDETONE_ERR_WRONG_THREAD (another thread pulls, or sidetone_event_thread_start() was called),
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER.
/// Threads: any. Since 0.1.
///
/// ```c
/// event.size = sizeof event;
/// while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK) {
///   if (event.kind == SIDETONE_EVENT_CALL)
///     printf("call %llx: state %u\n", (unsigned long long)event.call, (unsigned)event.state);
/// }
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_event_next(
    engine: *mut sidetone_engine,
    timeout_ms: i32,
    event: *mut sidetone_event,
) -> i32 {
    guard_value(|| {
        let engine = enter(engine)?;
        sized::check_out(event)?;
        let timeout = match timeout_ms {
            -1 => None,
            0.. => Some(Duration::from_millis(timeout_ms.unsigned_abs().into())),
            _ => return Err(invalid(format!("timeout_ms {timeout_ms}: give -1, 0 or more"))),
        };
        if engine.dispatching.load(Ordering::Acquire) {
            return Err(Error::new(
                ErrorKind::WrongThread,
                "the event callback takes the events; stop it with sidetone_event_thread_stop()",
            ));
        }
        let Ok(mut lent) = engine.lent.try_lock() else {
            return Err(Error::new(
                ErrorKind::WrongThread,
                "another thread pulls events of this engine; one at a time may",
            ));
        };
        match Source::of(&engine).pull(&mut lent, timeout)? {
            Some(pulled) => {
                sized::write(event, &pulled)?;
                Ok(status::SIDETONE_OK)
            }
            None => {
                sized::write(event, &none())?;
                Ok(status::SIDETONE_ERR_TIMEOUT)
            }
        }
    })
}

/// Ends a waiting sidetone_event_next(), or the next one at once, with SIDETONE_ERR_TIMEOUT.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wake(engine);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_wake(engine: *mut sidetone_engine) -> i32 {
    guard(|| {
        enter(engine)?.engine.wake();
        Ok(())
    })
}

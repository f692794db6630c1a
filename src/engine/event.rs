//! What the engine tells its host. Only the signaling thread writes events, so the order of one
//! call's events is total.

use std::time::Duration;

use super::{
    content::Content,
    error::ErrorKind,
    services::{Cause, TransferState},
    watch::{Notified, PublishState, WatchState},
};
use crate::base::{
    ids::{AccountId, CallId, PublicationId, RequestId, SubscriptionId, TransactionId},
    plan::{CodecKind, SrtpSuite},
};
pub use crate::call::EndReason;

/// An event, numbered without gaps from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Number of this event.
    pub sequence: u64,
    /// Time since the engine started, on the monotonic clock.
    pub time: Duration,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// An account's registration changed.
    Registration {
        /// The account.
        account: AccountId,
        /// Where it stands now.
        state: RegistrationState,
        /// Status code of the last response, 0 when none came.
        code: u16,
        /// Why, for people.
        text: String,
        /// Lifetime that the registrar granted.
        expires: Duration,
        /// Where the REGISTER went, `address:port/TRANSPORT`; empty before the first. Why it went
        /// there and not elsewhere stands in `text`.
        target: String,
    },
    /// Somebody calls. Answer, ring, reject, or let it be.
    IncomingCall {
        /// The new call.
        call: CallId,
        /// The account that it is for; `None` when for none of ours.
        account: Option<AccountId>,
        /// URI of From.
        from: String,
        /// Display name of From.
        display_name: String,
        /// Request-URI.
        to: String,
    },
    /// A call's state changed.
    Call {
        /// The call.
        call: CallId,
        /// Its state now.
        state: CallState,
        /// Status code of the SIP response behind it, 0 when there is none.
        code: u16,
        /// Why, for people (reason phrase, or our own words).
        text: String,
        /// For `Ended`: what to decide by; `None` after an orderly end.
        error: Option<ErrorKind>,
        /// For `Ended`: how it came; `None` for a call that was never sent.
        reason: Option<EndReason>,
        /// For `Ended`: why, as the far end or the network said in a Reason header (RFC 3326).
        cause: Option<Cause>,
    },
    /// How a transfer goes, in either role.
    Transfer {
        /// The call: the one that is transferred, or whose far end transfers us.
        call: CallId,
        /// How it goes.
        state: TransferState,
        /// Status code of the new call, or of the request for it; 0 when there is none.
        code: u16,
        /// Its phrase, or our own words.
        text: String,
    },
    /// Somebody else is at the other end of a call now; the call goes on.
    Replaced {
        /// The call.
        call: CallId,
        /// Who it is.
        uri: String,
        /// Its display name.
        display_name: String,
    },
    /// The far end sends a call of ours elsewhere.
    Redirected {
        /// The call.
        call: CallId,
        /// Where to.
        target: String,
        /// Decide with [`super::Engine::follow_redirect`]; else it is being followed.
        asked: bool,
    },
    /// More calls than `max_calls_per_minute` began; further ones are refused until the minute is
    /// over. Told once per run.
    CallsLimited {
        /// The account of the first that was refused.
        account: Option<AccountId>,
        /// The limit.
        limit: u32,
    },
    /// Media runs, or its terms changed.
    Media {
        /// The call.
        call: CallId,
        /// Codec that we send.
        codec: CodecKind,
        /// SRTP suite; `None`: not encrypted.
        srtp: Option<SrtpSuite>,
    },
    /// A digit arrived.
    Dtmf {
        /// The call.
        call: CallId,
        /// `0`-`9`, `*`, `#`, `A`-`D`, or `!` for a hook flash.
        digit: char,
        /// How long it was held, as the far end says.
        duration: Duration,
    },
    /// A hold by either end began or ended.
    Hold {
        /// The call.
        call: CallId,
        /// Whether we hold the far end.
        local: bool,
        /// Whether the far end holds us.
        remote: bool,
    },
    /// A played file came to its end, or was stopped (`error` tells trouble).
    PlayFinished {
        /// The call.
        call: CallId,
        /// What went wrong.
        error: Option<ErrorKind>,
    },
    /// A recording was paused, or goes on.
    RecordPaused {
        /// The call.
        call: CallId,
        /// Whether it is paused now.
        paused: bool,
        /// Where in the file: the mark of the pause is there.
        at: Duration,
    },
    /// A recording ended; with `error` it ended by itself.
    RecordFinished {
        /// The call.
        call: CallId,
        /// The file.
        path: String,
        /// Frames that were lost because the disk was too slow; silence of their length stands in
        /// their place.
        dropped: u64,
        /// What went wrong.
        error: Option<ErrorKind>,
        /// For people.
        text: String,
    },
    /// No RTP came for the time of the engine's watch, or it came again.
    MediaTimeout {
        /// The call.
        call: CallId,
        /// `true` when RTP stopped, `false` when it came back.
        silent: bool,
    },
    /// The sound card changed, went or came back. Calls go on.
    Device {
        /// What happened.
        state: DeviceState,
        /// Name of the loudspeaker.
        loudspeaker: String,
        /// Name of the microphone.
        microphone: String,
        /// For people.
        text: String,
    },
    /// The outcome of an asynchronous command that asked for one.
    Reply {
        /// The command's number.
        request: RequestId,
        /// `None`: done.
        error: Option<ErrorKind>,
        /// For people.
        text: String,
        /// Status code of the SIP response behind it, 0 when there is none.
        code: u16,
        /// What that response carried, for a request of the host's own.
        content: Option<Box<Content>>,
    },
    /// A MESSAGE came and was answered with 200.
    Message {
        /// The account that it is for; `None` when for none of ours.
        account: Option<AccountId>,
        /// The call in whose dialog it came.
        call: Option<CallId>,
        /// URI of From.
        from: String,
        /// Display name of From.
        display_name: String,
        /// URI of To.
        to: String,
        /// Body and headers.
        content: Box<Content>,
    },
    /// A subscription changed.
    Subscription {
        /// The subscription.
        subscription: SubscriptionId,
        /// Where it stands now.
        state: WatchState,
        /// Status code of the response behind it, 0 when there is none.
        code: u16,
        /// Why, for people.
        text: String,
        /// Lifetime that was granted.
        expires: Duration,
    },
    /// A NOTIFY came.
    Notify {
        /// The subscription; `None` for waiting messages that a server tells of unasked.
        subscription: Option<SubscriptionId>,
        /// The account that an unasked one is for.
        account: Option<AccountId>,
        /// What it says.
        notified: Notified,
        /// Body and headers.
        content: Box<Content>,
    },
    /// A publication changed.
    Publication {
        /// The publication.
        publication: PublicationId,
        /// Where it stands now.
        state: PublishState,
        /// Status code of the response behind it, 0 when there is none.
        code: u16,
        /// Why, for people.
        text: String,
        /// Lifetime that was granted.
        expires: Duration,
    },
    /// A request came that the host asked to answer itself (`EngineConfig::host_methods`); it does
    /// with [`super::Engine::request_answer`].
    Request {
        /// What to answer by.
        transaction: TransactionId,
        /// The account that it is for; `None` when for none of ours.
        account: Option<AccountId>,
        /// The call in whose dialog it came.
        call: Option<CallId>,
        /// Its method.
        method: String,
        /// URI of From.
        from: String,
        /// Request-URI.
        to: String,
        /// Body and headers.
        content: Box<Content>,
    },
    /// The host was too slow and this many events were dropped. Read the state anew with
    /// `call_info` and `account_info`.
    EventsLost {
        /// How many.
        count: u64,
    },
    /// A fault inside: the engine takes no more commands. Destroy it.
    Faulted {
        /// Where.
        text: String,
    },
    /// The engine has stopped; no event follows.
    Stopped,
}

/// Where an account's registration stands. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum RegistrationState {
    /// Not registered, and not trying.
    #[default]
    Unregistered = 0,
    /// A REGISTER is under way.
    Registering = 1,
    /// Registered until the refresh.
    Registered = 2,
    /// It failed; it is tried again after a while.
    Retrying = 3,
    /// It failed for good (credentials refused); only `register` tries again.
    Failed = 4,
    /// Un-REGISTER is under way.
    Unregistering = 5,
}

/// State of a call. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum CallState {
    /// Being set up; nothing was sent yet.
    #[default]
    New = 0,
    /// INVITE sent.
    Dialing = 1,
    /// An INVITE came; nothing but 100 was answered.
    Incoming = 2,
    /// 180 received or sent.
    Ringing = 3,
    /// 183 with media received: the far end is heard before the answer.
    EarlyMedia = 4,
    /// Answered.
    Connected = 5,
    /// BYE or CANCEL is under way.
    Ending = 6,
    /// Over. The id is stale from the moment this event is pulled and for every later call.
    Ended = 7,
}

/// What happened to the sound card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum DeviceState {
    /// Opened.
    Opened = 0,
    /// Lost; silence until one is found.
    Lost = 1,
    /// Another device (or the same, back again) took over.
    Changed = 2,
    /// Closed, no call needs it.
    Closed = 3,
    /// Could not be opened; tried again with the next call.
    Failed = 4,
}

//! What the host's threads ask of the signaling thread. One mailbox, bounded; full means `Busy`.

use std::{path::PathBuf, sync::Arc, time::Duration};

use actix::Message;

use super::{
    conferences::Seating,
    config::{AccountConfig, DialOptions, PlayOptions},
    content::SipAnswer,
    hold_music::HoldMusic,
    services::MessageKind,
    shared::{AccountShared, CallShared},
    signaling::{Listing, Prepared},
    watch::Watch,
    worker::play::Clip,
};
use crate::proto::sip::uri::Uri;
use crate::{
    base::{
        ids::{
            AccountId, CallId, ConferenceId, PublicationId, RequestId, SubscriptionId,
            TransactionId,
        },
        units::Gain,
    },
    call::usage::{Outgoing, Published},
};

/// A command of the host.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) enum Command {
    /// The id is reserved already.
    AccountAdd {
        account: AccountId,
        config: Box<AccountConfig>,
        shared: Arc<AccountShared>,
        request: Option<RequestId>,
    },
    /// Replace the settings.
    AccountUpdate { account: AccountId, config: Box<AccountConfig>, request: Option<RequestId> },
    /// Unregister and forget.
    AccountRemove { account: AccountId, request: Option<RequestId> },
    /// Register now.
    Register { account: AccountId, request: Option<RequestId> },
    /// Take the registration back.
    Unregister { account: AccountId, request: Option<RequestId> },
    /// Place a call; the id is reserved already.
    Dial {
        call: CallId,
        account: Option<AccountId>,
        uri: String,
        options: Box<DialOptions>,
        shared: Arc<CallShared>,
        request: Option<RequestId>,
    },
    /// Something about one call.
    Call { call: CallId, command: CallCommand, request: Option<RequestId> },
    /// Something about a conference.
    Conference { conference: ConferenceId, seating: Seating, request: Option<RequestId> },
    /// Send a request outside of calls.
    SendRequest {
        account: Option<AccountId>,
        uri: String,
        outgoing: Box<Outgoing>,
        request: Option<RequestId>,
    },
    /// Watch somebody; the id is reserved already.
    Watch { id: SubscriptionId, watch: Box<Watch>, request: Option<RequestId> },
    /// Refresh, or begin anew.
    WatchAgain { id: SubscriptionId, request: Option<RequestId> },
    /// Take a subscription back.
    Unwatch { id: SubscriptionId, request: Option<RequestId> },
    /// Publish something; the id is reserved already.
    Publish {
        id: PublicationId,
        account: AccountId,
        event: String,
        published: Box<Published>,
        expires: Duration,
        request: Option<RequestId>,
    },
    /// Publish something else in its place.
    PublishAgain { id: PublicationId, published: Box<Published>, request: Option<RequestId> },
    /// Remove a publication.
    Unpublish { id: PublicationId, request: Option<RequestId> },
    /// Answer a request that the host was handed.
    AnswerRequest { transaction: TransactionId, answer: Box<SipAnswer>, request: Option<RequestId> },
    /// Another audio policy.
    SelectAudio { policy: Prepared, request: Option<RequestId> },
    /// List the sound cards.
    ListDevices { listing: Listing },
    /// Look at the network again.
    NetworkChanged,
    /// End everything within the time given.
    Shutdown { timeout: Duration },
}

/// Something about one call.
#[derive(Debug)]
pub(super) enum CallCommand {
    Ring,
    Answer { headers: Vec<(String, String)> },
    Reject { code: u16, reason: String },
    Hangup,
    HangupWith { cause: u16, text: String },
    Headers { kind: MessageKind, headers: Vec<(String, String)> },
    Redirect { target: Uri },
    FollowRedirect { accept: bool },
    Transfer { target: Uri, silent: bool },
    TransferTo { other: CallId },
    DecideTransfer { accept: bool },
    Progress,
    Hold { held: bool },
    HoldMusic(Option<HoldMusic>),
    Mute(bool),
    Gain { send: Gain, receive: Gain },
    Route { to: CallId, gain: Option<Gain> },
    Dtmf { digits: String, duration: Duration },
    Play { clip: Clip, options: PlayOptions },
    StopPlaying,
    Record { path: PathBuf },
    PauseRecording(bool),
    StopRecording,
    Capture { path: PathBuf },
    StopCapture,
    SendRequest { outgoing: Box<Outgoing> },
}

//! What a call tells its owner.

use std::time::Duration;

use super::transfer::TransferEvent;
use crate::proto::sip::{
    endpoint::ServerTransaction,
    uri::{NameAddr, Uri},
    wire::Message,
};

/// State of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// INVITE sent.
    Dialing,
    /// An INVITE came that can be answered; nothing but 100 went back.
    Incoming,
    /// 180 received or sent.
    Ringing,
    /// Media runs before the answer (183 with a description).
    EarlyMedia,
    /// Answered and acknowledged.
    Connected,
    /// CANCEL or BYE is under way.
    Ending,
    /// Over; the machine has nothing more to say.
    Ended,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// We hung up, cancelled or refused.
    LocalHangup,
    /// The far end sent BYE.
    RemoteHangup,
    /// The far end cancelled its INVITE.
    RemoteCancel,
    /// The far end refused; the code says how.
    Refused,
    /// Nobody answered in the time set.
    NoAnswer,
    /// No response came, or no ACK.
    Timeout,
    /// The request could not be sent.
    Transport,
    /// The credentials were refused, or there are none.
    Authentication,
    /// No codec in common, or SDP that cannot be used.
    NoCodec,
    /// One side demands SRTP, the other has none that fits.
    SrtpRequired,
    /// The far end broke the protocol in a way that leaves no call.
    Protocol,
    /// The session timer ran out (RFC 4028 §10).
    SessionExpired,
    /// Another phone of ours took the call.
    AnsweredElsewhere,
    /// We handed the far end over to somebody else.
    Transferred,
    /// We sent the caller elsewhere.
    Forwarded,
    /// The call was as long as a call may be.
    MaxDuration,
    /// No media came any more.
    DeadMedia,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallEvent {
    /// The call's state changed. `Ended` comes as [`CallEvent::Ended`].
    State {
        /// Its state now.
        state: CallState,
        /// Status code behind it, 0 when there is none.
        code: u16,
        /// Reason phrase, or our own words.
        text: String,
    },
    /// The call is over. No event and no output follows.
    Ended {
        /// Why.
        reason: EndReason,
        /// Status code behind it, 0 when there is none.
        code: u16,
        /// Reason phrase, or our own words.
        text: String,
    },
    /// A digit came by INFO.
    Dtmf {
        /// `0`-`9`, `*`, `#`, `A`-`D`, or `!` for a hook flash.
        digit: char,
        /// How long it was held, as the far end says.
        duration: Duration,
    },
    /// An INFO with a digit of ours was answered, or failed. One for each [`super::Input::Dtmf`].
    DtmfSent {
        /// Whether the far end took it.
        accepted: bool,
    },
    /// A change of media that we asked for is done, or was refused; the call goes on either way.
    Renegotiated {
        /// 200, the code that refused it, or 0 when it could not be asked.
        code: u16,
        /// Reason phrase, or our own words.
        text: String,
    },
    /// Our hold, or its end, is agreed.
    LocalHold {
        /// Whether the far end is on hold.
        held: bool,
    },
    /// How a transfer goes, in either role.
    Transfer(TransferEvent),
    /// The far end was replaced by another; the call goes on with that one.
    Replaced {
        /// Who it is now.
        remote: NameAddr,
    },
    /// The far end sends us elsewhere.
    Redirected {
        /// Where to.
        target: Uri,
        /// Our user is to decide with [`super::Input::FollowRedirect`]; else it is being followed.
        asked: bool,
    },
    /// The far end put us on hold, or took us off it.
    RemoteHold {
        /// Whether it hears us no longer.
        held: bool,
    },
    /// A MESSAGE came in the dialog, and was answered with 200.
    Message {
        /// The request.
        message: Message,
    },
    /// A request came that the owner answers itself (`Endpoint::respond`).
    Request {
        /// Its transaction.
        server: ServerTransaction,
        /// The request.
        message: Message,
    },
    /// A request of the owner's was answered, or failed. One for each [`super::Input::Send`].
    Sent {
        /// Number that the owner gave it.
        number: u64,
        /// Status code; 0 when it could not be sent.
        code: u16,
        /// Reason phrase, or our own words.
        text: String,
        /// The final response, if one came.
        response: Option<Message>,
    },
}

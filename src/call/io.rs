//! What goes into a call and what comes out of it.

use std::time::Duration;

use super::{
    early_media::Ear, event::CallEvent, services::MessageKind, terms::AudioTerms, usage::Outgoing,
};
use crate::{
    base::plan::{Direction, MediaPlace, MediaPlan},
    proto::sip::{
        endpoint::ServerTransaction,
        replaces::Replaces,
        transaction::Failure,
        uri::Uri,
        wire::{Message, Request, Response},
    },
};

/// What goes into a call.
#[derive(Clone, Debug)]
pub enum Input {
    /// Send 180 for an incoming call.
    Ring,
    /// Send 183 with a description: media runs before the answer.
    Progress,
    /// Answer an incoming call with 200.
    Answer {
        /// Headers added to the 200.
        headers: Vec<(String, String)>,
    },
    /// Refuse an incoming call.
    Reject {
        /// 300 to 699.
        code: u16,
        /// Reason phrase; empty: the registered one.
        reason: String,
    },
    /// Send the caller of an incoming call elsewhere with 302.
    Redirect {
        /// Where to.
        target: Uri,
    },
    /// End the call in whatever state: CANCEL, BYE, or 603.
    Hangup,
    /// The same, saying why by a Q.850 cause (RFC 3326).
    HangupWith {
        /// 1 to 127.
        cause: u16,
        /// For people; empty: the usual words.
        text: String,
    },
    /// Put these headers on our messages of a kind from now on, in the place of earlier ones.
    SetHeaders {
        /// The kind.
        kind: MessageKind,
        /// The headers; none: nothing is added any more.
        headers: Vec<(String, String)>,
    },
    /// Follow a redirect that was asked about, or end the call by it.
    FollowRedirect {
        /// Whether to follow.
        accept: bool,
    },
    /// Have the far end call somebody else (REFER).
    Transfer {
        /// Whom.
        target: Uri,
        /// In place of this dialog of theirs: an attended transfer.
        replaces: Option<Replaces>,
        /// Without being told how it goes (RFC 4488).
        silent: bool,
    },
    /// Do what the far end asked for with a REFER, or not.
    DecideTransfer {
        /// Whether to call.
        accept: bool,
    },
    /// Tell the far end how the call goes that it asked for.
    TransferProgress {
        /// Status code of the new call.
        code: u16,
        /// Its phrase.
        text: String,
    },
    /// Send a digit by INFO (`application/dtmf-relay`); several wait for each other.
    Dtmf {
        /// `0`-`9`, `*`, `#`, `A`-`D`, `!`.
        digit: char,
        /// How long it is held.
        duration: Duration,
    },
    /// Put the far end on hold, or take it off: a [`Change`] of direction only.
    Hold {
        /// Whether it is to be held.
        held: bool,
    },
    /// The first RTP packet came.
    MediaHeard,
    /// Ask for a change of the session. Changes wait for the call to stand and for each other; each
    /// is answered by one [`CallEvent::Renegotiated`].
    Renegotiate(Change),
    /// Our own address has changed: the far end is told by re-INVITE.
    Moved {
        /// Where requests reach us now.
        contact: Uri,
        /// Where media reaches us now; `None`: as before. Then an INVITE that is not answered is
        /// taken to say the new Contact itself.
        media: Option<MediaPlace>,
    },
    /// Send a request of the owner's in the dialog. Answered by [`CallEvent::Sent`].
    Send {
        /// Number by which the owner knows it.
        number: u64,
        /// The request.
        outgoing: Box<Outgoing>,
    },
    /// A request in the dialog (BYE, re-INVITE, UPDATE, INFO, OPTIONS, …; not ACK, not CANCEL).
    Request {
        /// Its transaction.
        server: ServerTransaction,
        /// The request.
        message: Message,
    },
    /// A CANCEL met this transaction of ours (and was answered by the endpoint).
    Cancelled {
        /// The transaction of the INVITE.
        server: ServerTransaction,
        /// The CANCEL.
        message: Message,
    },
    /// An ACK for a 2xx came.
    Ack {
        /// The ACK.
        message: Message,
    },
    /// A response to a request of ours.
    Response {
        /// Tag of the request.
        tag: u32,
        /// The response.
        message: Message,
        /// The request went where credentials may go: a challenge may be answered.
        trusted: bool,
    },
    /// A request of ours came to nothing: no response, no route, no connection.
    Failed {
        /// Tag of the request.
        tag: u32,
        /// Why.
        reason: Failure,
    },
    /// A response of ours could not be sent, or a refusal was never acknowledged.
    ServerFailed {
        /// Its transaction.
        server: ServerTransaction,
    },
    /// An INVITE with Replaces that means a dialog of this call ([`super::Call`] alone).
    Replace {
        /// Its transaction.
        server: ServerTransaction,
        /// The INVITE.
        message: Message,
    },
    /// No RTP comes, or it comes again ([`super::Call`] alone).
    MediaSilent {
        /// Whether none comes.
        silent: bool,
        /// For how long already.
        since: Duration,
    },
    /// The time of [`super::Machine::poll_timeout`] has come.
    Timeout,
}

/// A change of the session that our side asks for. What is `None` stays as it is. SRTP keys always
/// stay, so that the far end's and our packet counts go on.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// New terms: codecs, packet time, or, when the machine has moved, address and ports.
    pub terms: Option<Box<AudioTerms>>,
    /// Where requests reach us from now on: Contact. It counts even if the far end refuses.
    pub contact: Option<Uri>,
    /// Direction that we want: `SendOnly` holds, `SendRecv` resumes.
    pub direction: Option<Direction>,
}

/// What comes out of a call.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send a request in a new client transaction and remember `tag` for what comes of it.
    Request {
        /// Number of this request within the call.
        tag: u32,
        /// The request; the endpoint adds Via, Max-Forwards, Content-Length.
        request: Request,
    },
    /// Cancel the INVITE of that tag (`Endpoint::cancel`, which waits for a provisional).
    Cancel {
        /// Tag of the INVITE.
        tag: u32,
        /// Headers of the CANCEL.
        headers: Vec<(String, String)>,
    },
    /// Send an ACK for a 2xx (`Endpoint::send_ack`).
    Ack(Request),
    /// Send a response; the same transaction may get several.
    Respond {
        /// The transaction.
        server: ServerTransaction,
        /// The response.
        response: Response,
    },
    /// Requests with this Call-ID and this tag of ours in To belong to the call from now on, or no
    /// more ([`super::Call`] alone).
    Dialog {
        /// Call-ID.
        call_id: String,
        /// Our tag.
        local_tag: String,
        /// Whether they do.
        live: bool,
    },
    /// Tell the owner.
    Event(CallEvent),
    /// Tell people, in the log: something is odd.
    Note(String),
    /// Run media by this plan from now on; replaces an earlier one.
    Media(Box<MediaPlan>),
    /// Media is over.
    MediaEnd,
    /// Let our user hear this from now on; at first it is [`Ear::Remote`].
    Listen(Ear),
}

//! What kinds of events there are, and the states that are theirs alone.

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
/// Event: the recording of `call` ended; `path`, `status`, `text`; `count`: frames that were lost
/// because the disk was too slow, with silence in their place. An error (SIDETONE_ERR_FILE_WRITE: the
/// disk is full) ends the recording, and not the call; what was written until then can be played.
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
/// Event: the recording of `call` was paused (`state` 1) or goes on (`state` 0); `duration_ms`: where in
/// the file.
pub const SIDETONE_EVENT_RECORD_PAUSED: u32 = 44;
/// Event: `count` calls began within a minute, the most that `max_calls_per_minute` allows; further
/// ones are refused until the minute is over. Told once per run; `account` of the first refused.
pub const SIDETONE_EVENT_CALLS_LIMITED: u32 = 43;

/// Transfer: the far end wants us to call `to`.
pub const SIDETONE_TRANSFER_ASKED: u32 = 1;
/// Transfer: the new call rings or is on its way, or the request for it was taken.
pub const SIDETONE_TRANSFER_PROGRESS: u32 = 2;
/// Transfer: the new call stands, or was handed over without further word.
pub const SIDETONE_TRANSFER_DONE: u32 = 3;
/// Transfer: it came to nothing, and the call goes on as it was; or, with `sip_code` 0 as a rule, the
/// call ended or lost its far end before the outcome was told.
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

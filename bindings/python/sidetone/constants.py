"""The constants of sidetone.h, without their prefix.

Written by tests/bindings.rs from include/sidetone.h; change it there.
"""

#: Version of this interface: major * 65536 + minor. A minor one adds; only a major one changes or
#: removes.
API_VERSION = 2

#: Done.
OK = 0

#: An argument is outside its range; the error text names it. (-1 to -99: how the call was made.)
ERR_INVALID_ARGUMENT = -1

#: The id named an object that is gone.
ERR_STALE_ID = -2

#: The id is of another kind, or 0.
ERR_WRONG_KIND = -3

#: The engine's command queue is full; try again shortly.
ERR_BUSY = -4

#: A limit of the engine's configuration is reached.
ERR_LIMIT = -5

#: Not possible in the object's present state.
ERR_WRONG_STATE = -6

#: Not allowed on this thread.
ERR_WRONG_THREAD = -7

#: A fault of this library was caught. Other calls go on.
ERR_PANIC = -8

#: An earlier fault left the engine unusable; destroy it.
ERR_FAULTED = -9

#: The engine is shutting down or has stopped.
ERR_SHUTDOWN = -10

#: The time given ran out.
ERR_TIMEOUT = -11

#: The caller's buffer is too small; the needed size was stored.
ERR_TOO_SMALL = -12

#: Not in this build or on this platform.
ERR_UNSUPPORTED = -13

#: A fault inside; the error text tells where.
ERR_INTERNAL = -14

#: A pointer is NULL that must not be; the error text names it.
ERR_NULL_POINTER = -15

#: Text is not UTF-8; the error text says where.
ERR_NOT_UTF8 = -16

#: A struct's `size` is none that this library knows.
ERR_STRUCT_SIZE = -17

#: Not a SIP URI that can be dialled. (-100 to -199: signalling.)
ERR_INVALID_URI = -100

#: The transport could not be opened, or broke.
ERR_TRANSPORT = -101

#: The host name has no address.
ERR_RESOLVE = -102

#: The credentials were refused.
ERR_AUTHENTICATION = -103

#: The far end refused with a final response; the event has its code.
ERR_REFUSED = -104

#: No answer came in time.
ERR_NO_ANSWER = -105

#: The far end's certificate is not good, or it did not take ours; the text says why.
ERR_CERTIFICATE = -106

#: No codec in common. (-200 to -299: media.)
ERR_NO_CODEC = -200

#: The account demands SRTP and the far end has none that fits.
ERR_SRTP_REQUIRED = -201

#: No free RTP port in the range.
ERR_NO_PORT = -202

#: The call of a tap or an injection is over: nothing is left to read, nothing more is played.
ERR_ENDED = -203

#: No sound card of that name, or none at all. (-300 to -399: audio devices.)
ERR_NO_DEVICE = -300

#: The sound card is there but cannot be opened as asked.
ERR_DEVICE_OPEN = -301

#: The file cannot be opened or created. (-400 to -499: files.)
ERR_FILE_OPEN = -400

#: The file is not one that can be played (PCM or float WAV).
ERR_FILE_FORMAT = -401

#: Writing failed; the disk may be full.
ERR_FILE_WRITE = -402

#: No id: what a call without account has, and what no function takes for an object.
ID_NONE = 0

#: Transport: what the URI asks for, else what the domain's DNS records choose, else UDP; the
#: default.
TRANSPORT_AUTO = 16

#: Transport: UDP.
TRANSPORT_UDP = 1

#: Transport: TCP.
TRANSPORT_TCP = 2

#: Transport: TLS.
TRANSPORT_TLS = 3

#: Transport: WebSocket (RFC 7118).
TRANSPORT_WS = 4

#: Transport: WebSocket over TLS.
TRANSPORT_WSS = 5

#: Keep-alive over UDP: STUN where the registrar supports `outbound` (RFC 5626), else CRLF; the
#: default.
KEEP_ALIVE_AUTO = 1

#: Keep-alive over UDP: CRLF, which nobody answers.
KEEP_ALIVE_CRLF = 2

#: Keep-alive over UDP: STUN, so that a dead flow is noticed.
KEEP_ALIVE_STUN = 3

#: State of a call: being set up, nothing was sent yet.
CALL_NEW = 0

#: State of a call: INVITE sent.
CALL_DIALING = 1

#: State of a call: an INVITE came; ring, answer or reject it.
CALL_INCOMING = 2

#: State of a call: 180 received or sent.
CALL_RINGING = 3

#: State of a call: 183 with media received, the far end is heard before it answers.
CALL_EARLY_MEDIA = 4

#: State of a call: answered.
CALL_CONNECTED = 5

#: State of a call: BYE or CANCEL is under way.
CALL_ENDING = 6

#: State of a call: over. Its id is stale once this event was pulled.
CALL_ENDED = 7

#: Codec: G.711 mu-law, 8 kHz.
CODEC_PCMU = 1

#: Codec: G.711 A-law, 8 kHz.
CODEC_PCMA = 2

#: Codec: Opus, 48 kHz.
CODEC_OPUS = 3

#: Codec: G.722, 16 kHz.
CODEC_G722 = 4

#: SRTP: plain RTP only.
SRTP_OFF = 1

#: SRTP: offered, and used when the far end has it; the default.
SRTP_OPTIONAL = 2

#: SRTP: a call without it fails.
SRTP_MANDATORY = 3

#: Suite: AES_CM_128_HMAC_SHA1_80 (RFC 4568).
SUITE_AES_CM_128_HMAC_SHA1_80 = 1

#: Suite: AES_CM_128_HMAC_SHA1_32 (RFC 4568).
SUITE_AES_CM_128_HMAC_SHA1_32 = 2

#: Suite: AES_256_CM_HMAC_SHA1_80 (RFC 6188).
SUITE_AES_256_CM_HMAC_SHA1_80 = 3

#: Suite: AES_256_CM_HMAC_SHA1_32 (RFC 6188).
SUITE_AES_256_CM_HMAC_SHA1_32 = 4

#: Suite: AEAD_AES_128_GCM (RFC 7714).
SUITE_AEAD_AES_128_GCM = 5

#: Suite: AEAD_AES_256_GCM (RFC 7714).
SUITE_AEAD_AES_256_GCM = 6

#: DTMF: telephone-event where the far end has it, else INFO where it says that it takes that, else
#: tones; the default.
DTMF_AUTO = 1

#: DTMF: telephone-event (RFC 4733).
DTMF_RTP = 2

#: DTMF: INFO with application/dtmf-relay.
DTMF_INFO = 3

#: DTMF: tones in the audio.
DTMF_TONES = 4

#: Symmetric RTP: never, media goes where the SDP says.
LATCH_OFF = 1

#: Symmetric RTP: the first valid packet's source is taken and kept; the default.
LATCH_ONCE = 2

#: Symmetric RTP: each new source is followed until valid RTCP came from one.
LATCH_UNTIL_RTCP = 3

#: Direction of media: both ways.
DIRECTION_SENDRECV = 1

#: Direction of media: we only send.
DIRECTION_SENDONLY = 2

#: Direction of media: we only receive.
DIRECTION_RECVONLY = 3

#: Direction of media: neither.
DIRECTION_INACTIVE = 4

#: Length of the lists of codecs and suites in structs.
LIST_MAX = 16

#: The longest text that is taken, in bytes.
TEXT_MAX = 65535

#: The most headers in one list.
HEADERS_MAX = 64

#: Registration: not registered, and not trying.
REGISTRATION_UNREGISTERED = 0

#: Registration: a REGISTER is under way.
REGISTRATION_REGISTERING = 1

#: Registration: registered; it is refreshed before it expires.
REGISTRATION_REGISTERED = 2

#: Registration: failed; it is tried again after a while.
REGISTRATION_RETRYING = 3

#: Registration: failed for good (credentials refused); only sidetone_account_register() tries
#: again.
REGISTRATION_FAILED = 4

#: Registration: being taken back.
REGISTRATION_UNREGISTERING = 5

#: Reach: a registration is not wanted, or was given up.
REACH_IDLE = 0

#: Reach: the registrar knows where we are.
REACH_UP = 1

#: Reach: the registrar was not reached, or refused; it is tried again.
REACH_LOST = 2

#: Reach: a REGISTER is out that will tell.
REACH_PROBING = 3

#: Reach: our own address has changed, and a REGISTER with the new one is out.
REACH_MOVED = 4

#: Outbound (RFC 5626): over connections, not over UDP; the default.
OUTBOUND_AUTO = 1

#: Outbound: never.
OUTBOUND_OFF = 2

#: Outbound: always.
OUTBOUND_ON = 3

#: GRUU (RFC 5627): far ends get the public name of this device, where the registrar gives one.
GRUU_PUBLIC = 1

#: GRUU: far ends get the temporary name, which does not tell who we are.
GRUU_TEMPORARY = 2

#: GRUU: none is asked for, far ends get our address; the default, since some proxies hand such
#: names out and do not route requests within calls that are sent to them.
GRUU_OFF = 3

#: Text of an account: its address of record.
ACCOUNT_TEXT_AOR = 1

#: Text of an account: local SIP address used towards the registrar, "ip:port"; empty before the
#: first request.
ACCOUNT_TEXT_LOCAL_ADDRESS = 2

#: Complexity of Opus: libopus's 0, the least CPU time. 1 to 10 stand for themselves.
OPUS_COMPLEXITY_LEAST = 255

#: Bandwidth of Opus: 4 kHz.
OPUS_BANDWIDTH_NARROW = 1

#: Bandwidth of Opus: 6 kHz.
OPUS_BANDWIDTH_MEDIUM = 2

#: Bandwidth of Opus: 8 kHz.
OPUS_BANDWIDTH_WIDE = 3

#: Bandwidth of Opus: 12 kHz.
OPUS_BANDWIDTH_SUPERWIDE = 4

#: Bandwidth of Opus: 20 kHz; the default.
OPUS_BANDWIDTH_FULL = 5

#: FEC or DTX of Opus: used.
OPUS_ON = 1

#: FEC or DTX of Opus: not used.
OPUS_OFF = 2

#: Text of a call: SIP Call-ID.
CALL_TEXT_SIP_CALL_ID = 1

#: Text of a call: URI of the far end.
CALL_TEXT_REMOTE_URI = 2

#: Text of a call: display name of the far end; may be empty.
CALL_TEXT_REMOTE_NAME = 3

#: Text of a call: our URI in it.
CALL_TEXT_LOCAL_URI = 4

#: Text of a call: where our RTP goes, "ip:port"; empty before media runs.
CALL_TEXT_REMOTE_RTP = 5

#: Text of a call: where we listen for RTP, "ip:port".
CALL_TEXT_LOCAL_RTP = 6

#: Do not disturb: calls come through; the default.
DISTURB_ALLOWED = 1

#: Do not disturb: callers hear busy (486).
DISTURB_BUSY = 2

#: Do not disturb: callers hear that nobody is there (480).
DISTURB_UNAVAILABLE = 3

#: Automatic answer: never; the default.
AUTO_ANSWER_OFF = 1

#: Automatic answer: calls that ask for it (Call-Info or Alert-Info with answer-after,
#: X-AUTOANSWER, Answer-Mode of RFC 5373).
AUTO_ANSWER_ON_REQUEST = 2

#: Automatic answer: every call.
AUTO_ANSWER_ALWAYS = 3

#: Policy: the host decides. The default for transfers.
POLICY_ASK = 1

#: Policy: it is done. The default for redirects.
POLICY_ALWAYS = 2

#: Policy: it is not done.
POLICY_NEVER = 3

#: Kind of message: INVITE, also one within the call.
MESSAGE_INVITE = 1

#: Kind of message: 101 to 199 to INVITE.
MESSAGE_PROVISIONAL = 2

#: Kind of message: 2xx to INVITE.
MESSAGE_ANSWER = 3

#: Kind of message: 300 to 699 to INVITE.
MESSAGE_REFUSAL = 4

#: Kind of message: ACK.
MESSAGE_ACK = 5

#: Kind of message: CANCEL.
MESSAGE_CANCEL = 6

#: Kind of message: BYE.
MESSAGE_BYE = 7

#: Kind of message: INFO.
MESSAGE_INFO = 8

#: Kind of message: UPDATE.
MESSAGE_UPDATE = 9

#: Kind of message: REFER.
MESSAGE_REFER = 10

#: Kind of message: NOTIFY of a transfer.
MESSAGE_NOTIFY = 11

#: Identity: P-Asserted-Identity (RFC 3325).
IDENTITY_ASSERTED = 1

#: Identity: P-Preferred-Identity.
IDENTITY_PREFERRED = 2

#: Identity: Remote-Party-ID.
IDENTITY_REMOTE_PARTY = 3

#: Identity: who sent the call on, the latest first (Diversion, RFC 5806).
IDENTITY_DIVERSION = 4

#: Identity: why, "unconditional", "user-busy", "no-answer"…; same index as the one before.
IDENTITY_DIVERSION_REASON = 5

#: Identity: where the call has been (History-Info, RFC 7044).
IDENTITY_HISTORY = 6

#: Privacy: the asserted identity is for the network only.
PRIVACY_ID = 1

#: Privacy: header, session or user privacy is asked for.
PRIVACY_SERVICE = 2

#: Privacy: the call's history is to be withheld.
PRIVACY_HISTORY = 4

#: Privacy: rather no call than one without it.
PRIVACY_CRITICAL = 8

#: Privacy: none is wanted.
PRIVACY_NONE = 16

#: Early media: a ringback tone from the 180 on, until the first RTP packet of the far end; the
#: default.
EARLY_MEDIA_AUTO = 1

#: Early media: what the far end sends, never a tone.
EARLY_MEDIA_REMOTE = 2

#: Early media: the tone, whatever the far end sends.
EARLY_MEDIA_LOCAL = 3

#: Early media: nothing.
EARLY_MEDIA_SILENCE = 4

#: Reliable provisional responses (RFC 3262): not supported.
PRACK_OFF = 1

#: Reliable provisional responses: supported, and used where the far end requires it or where they
#: carry a description; the default.
PRACK_SUPPORTED = 2

#: Reliable provisional responses: required of the far end.
PRACK_REQUIRED = 3

#: Offer of an outgoing call: in the INVITE; the default.
OFFER_EARLY = 1

#: Offer of an outgoing call: the far end's, in its answer.
OFFER_DELAYED = 2

#: Hold, a bit of an event's `state`: we hold the far end.
HOLD_LOCAL = 1

#: Hold, a bit of an event's `state`: the far end holds us.
HOLD_REMOTE = 2

#: Tap: what the far end says, before the gain of what we hear; the default.
TAP_RECEIVED = 1

#: Tap: what is sent to the far end: everything that is mixed for it, as it is encoded.
TAP_SENT = 2

#: Flag of a frame: 10 ms of it at least were made up in the place of packets lost or late.
TAP_FLAG_CONCEALED = 1

#: Flag of a frame: for 10 ms of it at least there was nothing to be heard (no media yet, or of
#: what is received none, as on hold); it is silence there.
TAP_FLAG_ABSENT = 2

#: Samples of the longest frame: 20 ms at 48000 Hz.
TAP_SAMPLES_MAX = 960

#: Injection: heard by the far end, with the microphone; the default.
INJECT_FAR_END = 1

#: Injection: heard by our own user, with the calls.
INJECT_NEAR_END = 2

#: The longest body that is sent, in bytes.
BODY_MAX = 49152

#: Most parts that are put together.
BODY_PARTS_MAX = 64

#: Package: messages waiting in a mailbox (RFC 3842).
PACKAGE_MESSAGE_SUMMARY = 1

#: Package: whether somebody talks, for busy lamps (RFC 4235); the default.
PACKAGE_DIALOG = 2

#: Package: presence (RFC 3856).
PACKAGE_PRESENCE = 3

#: Package: any other, named by `event`; the host reads its documents.
PACKAGE_OTHER = 4

#: State of a subscription: SUBSCRIBE is under way, or the first NOTIFY.
SUBSCRIPTION_SUBSCRIBING = 0

#: State of a subscription: the far end has not decided about it.
SUBSCRIPTION_PENDING = 1

#: State of a subscription: it stands.
SUBSCRIPTION_ACTIVE = 2

#: State of a subscription: it was lost; it is tried again after a while.
SUBSCRIPTION_RETRYING = 3

#: State of a subscription: it is being taken back.
SUBSCRIPTION_UNSUBSCRIBING = 4

#: State of a subscription: refused for good, ended by the far end, or (`sip_code` 200) the one
#: look that was asked for has been told; only sidetone_subscription_refresh() begins anew.
SUBSCRIPTION_ENDED = 5

#: Busy lamp: nothing is known yet.
LAMP_UNKNOWN = 0

#: Busy lamp: no call.
LAMP_IDLE = 1

#: Busy lamp: somebody calls who is watched.
LAMP_RINGING = 2

#: Busy lamp: who is watched calls or talks.
LAMP_BUSY = 3

#: Busy lamp: all calls of who is watched are on hold.
LAMP_HELD = 4

#: Presence: not said.
PRESENCE_UNKNOWN = 0

#: Presence: can be reached.
PRESENCE_OPEN = 1

#: Presence: cannot be reached.
PRESENCE_CLOSED = 2

#: State of a watched dialog: INVITE sent or received.
DIALOG_TRYING = 0

#: State of a watched dialog: somebody works on it.
DIALOG_PROCEEDING = 1

#: State of a watched dialog: it rings.
DIALOG_EARLY = 2

#: State of a watched dialog: it talks.
DIALOG_CONFIRMED = 3

#: Text of a subscription: what is watched.
SUBSCRIPTION_TEXT_URI = 1

#: Text of a subscription: its event package.
SUBSCRIPTION_TEXT_EVENT = 2

#: Text of a subscription: the note of a presence.
SUBSCRIPTION_TEXT_NOTE = 3

#: Text of a subscription: the activity of a presence, a name of RFC 4480, "on-the-phone" say.
SUBSCRIPTION_TEXT_ACTIVITY = 4

#: Text of a subscription: URI of the mailbox.
SUBSCRIPTION_TEXT_MAILBOX = 5

#: Text of a watched dialog: its id within the subscription.
DIALOG_TEXT_ID = 1

#: Text of a watched dialog: SIP Call-ID; with both tags what picks the call up (Replaces).
DIALOG_TEXT_CALL_ID = 2

#: Text of a watched dialog: tag of who is watched.
DIALOG_TEXT_LOCAL_TAG = 3

#: Text of a watched dialog: tag of the far end.
DIALOG_TEXT_REMOTE_TAG = 4

#: Text of a watched dialog: URI of the far end.
DIALOG_TEXT_REMOTE_URI = 5

#: Text of a watched dialog: display name of the far end.
DIALOG_TEXT_REMOTE_NAME = 6

#: State of a publication: PUBLISH is under way.
PUBLICATION_PUBLISHING = 0

#: State of a publication: the server has it.
PUBLICATION_PUBLISHED = 1

#: State of a publication: it failed; it is tried again after a while.
PUBLICATION_RETRYING = 2

#: State of a publication: it is being removed.
PUBLICATION_REMOVING = 3

#: State of a publication: refused for good; only another state begins anew.
PUBLICATION_ENDED = 4

#: Audio: no device; calls hear what is played or routed into them. The default.
AUDIO_HEADLESS = 0

#: Audio: sound cards, opened with the first call and closed after the last.
AUDIO_DEVICES = 1

#: Audio: WAV files in the place of a sound card.
AUDIO_WAV = 2

#: A sound card can capture.
DEVICE_CAPTURES = 1

#: A sound card can play.
DEVICE_PLAYS = 2

#: A sound card is the system's default microphone.
DEVICE_DEFAULT_CAPTURE = 4

#: A sound card is the system's default loudspeaker.
DEVICE_DEFAULT_PLAYBACK = 8

#: Text of a sound card: the id to select it by.
DEVICE_TEXT_ID = 1

#: Text of a sound card: its name, for people.
DEVICE_TEXT_NAME = 2

#: Measured: `packets_lost`.
VALID_PACKETS_LOST = 1

#: Measured: `jitter_ms`.
VALID_JITTER = 2

#: Measured: `round_trip_ms`.
VALID_ROUND_TRIP = 4

#: Measured: `remote_loss`.
VALID_REMOTE_LOSS = 8

#: Measured: `remote_jitter_ms`.
VALID_REMOTE_JITTER = 16

#: Measured: `target_delay_ms`.
VALID_TARGET_DELAY = 32

#: Measured: `playout_delay_ms`.
VALID_PLAYOUT_DELAY = 64

#: Measured: `concealed`.
VALID_CONCEALED = 128

#: Measured: `level_received_db`.
VALID_LEVEL_RECEIVED = 256

#: Measured: `level_sent_db`.
VALID_LEVEL_SENT = 512

#: Measured: `r_factor`.
VALID_R_FACTOR = 1024

#: Measured: `mos`.
VALID_MOS = 2048

#: Measured: `send_deviation_max_ms`.
VALID_SEND_DEVIATION = 4096

#: Priority of threads: nobody asked yet, or there is nothing to ask for on this system.
PRIORITY_NOT_ASKED = 0

#: Priority of threads: real-time scheduling (Linux: SCHED_FIFO; Windows: the highest priority of
#: the process's class).
PRIORITY_REAL_TIME = 1

#: Priority of threads: that of the scheduler for multimedia (Windows: MMCSS, "Pro Audio").
PRIORITY_MULTIMEDIA = 2

#: Priority of threads: refused; the work is done, with gaps on a busy machine.
PRIORITY_REFUSED = 3

#: Threads: the media workers.
THREADS_WORKERS = 1

#: Threads: the callbacks of the sound card.
THREADS_CALLBACKS = 2

#: End of a call: it was never sent.
END_UNSENT = 1

#: End of a call: we hung up, cancelled or refused.
END_LOCAL = 2

#: End of a call: the far end hung up.
END_REMOTE = 3

#: End of a call: the caller gave up.
END_CANCELLED = 4

#: End of a call: another phone of ours took it.
END_ELSEWHERE = 5

#: End of a call: the far end refused.
END_REFUSED = 6

#: End of a call: nobody answered in time.
END_NO_ANSWER = 7

#: End of a call: no response, or no acknowledgement, came.
END_TIMEOUT = 8

#: End of a call: a message could not be sent.
END_TRANSPORT = 9

#: End of a call: the credentials were refused.
END_AUTHENTICATION = 10

#: End of a call: the two ends agree on no media.
END_MEDIA = 11

#: End of a call: the far end broke the protocol.
END_PROTOCOL = 12

#: End of a call: its session was not refreshed (RFC 4028).
END_SESSION = 13

#: End of a call: we handed the far end over to somebody else.
END_TRANSFERRED = 14

#: End of a call: we sent the caller elsewhere.
END_FORWARDED = 15

#: End of a call: it was as long as a call may be.
END_MAX_DURATION = 16

#: End of a call: no media came any more.
END_DEAD_MEDIA = 17

#: Event: none came.
EVENT_NONE = 0

#: Event: the registration of `account` is now in `state` (SIDETONE_REGISTRATION_*); `sip_code`,
#: `text` (why), `expires_s`, `to` (where the REGISTER went: "address:port/TRANSPORT").
EVENT_REGISTRATION = 1

#: Event: somebody calls. `call`, `account` (or none), `from`, `display_name`, `to`.
EVENT_INCOMING_CALL = 2

#: Event: `call` is now in `state` (SIDETONE_CALL_*); `sip_code`, `text`; when it ended, `status`
#: says why, SIDETONE_OK after an orderly end, `end` (SIDETONE_END_*) how, and `q850_cause`,
#: `reason_sip_code` and `reason` what the far end or the network said of it (RFC 3326).
EVENT_CALL = 3

#: Event: media of `call` runs, or its terms changed: `codec`, `srtp_suite`.
EVENT_MEDIA = 4

#: Event: a digit came in `call`: `digit`, `duration_ms`.
EVENT_DTMF = 5

#: Event: the file played into `call` ended; `status`.
EVENT_PLAY_FINISHED = 6

#: Event: the recording of `call` ended; `path`, `status`, `text`; `count`: frames that were lost
#: because the disk was too slow, with silence in their place. An error (SIDETONE_ERR_FILE_WRITE:
#: the disk is full) ends the recording, and not the call; what was written until then can be
#: played.
EVENT_RECORD_FINISHED = 7

#: Event: RTP of `call` stopped coming (`state` 1) or came again (`state` 0).
EVENT_MEDIA_TIMEOUT = 8

#: Event: the sound card is now in `state` (SIDETONE_DEVICE_STATE_*); `microphone`, `loudspeaker`,
#: `text`. Calls go on.
EVENT_DEVICE = 9

#: Event: the outcome of the command that was given `request`: `status`, `text`; `sip_code` of the
#: response behind it, and of a request of the host's own `content_type`, `body` and `headers`.
EVENT_REPLY = 10

#: Event: `count` events were dropped because the host did not pull. Read the state anew with
#: sidetone_call_list(), sidetone_call_info_read() and sidetone_account_info_read().
EVENT_EVENTS_LOST = 11

#: Event: a fault inside; the engine takes no more commands. Destroy it. `text`.
EVENT_FAULTED = 12

#: Event: the engine has stopped; none follows.
EVENT_STOPPED = 13

#: Event: a hold of `call` began or ended; `state` has the SIDETONE_HOLD_* bits that are in force.
EVENT_HOLD = 22

#: Event: a transfer of `call` is now in `state` (SIDETONE_TRANSFER_*); `sip_code`, `text`; when a
#: far end asks for one: `to` (whom to call), `from` (who says so, may be empty), `flags`
#: (SIDETONE_TRANSFER_FLAG_*).
EVENT_TRANSFER = 40

#: Event: somebody else is at the other end of `call` now: `from`, `display_name`. The call goes
#: on.
EVENT_REPLACED = 41

#: Event: the far end sends our `call` elsewhere: `to`; `state` 1: decide with
#: sidetone_call_redirect_follow(), 0: it is being followed.
EVENT_REDIRECTED = 42

#: Event: the recording of `call` was paused (`state` 1) or goes on (`state` 0); `duration_ms`:
#: where in the file.
EVENT_RECORD_PAUSED = 44

#: Event: `count` calls began within a minute, the most that `max_calls_per_minute` allows; further
#: ones are refused until the minute is over. Told once per run; `account` of the first refused.
EVENT_CALLS_LIMITED = 43

#: Transfer: the far end wants us to call `to`.
TRANSFER_ASKED = 1

#: Transfer: the new call rings or is on its way, or the request for it was taken.
TRANSFER_PROGRESS = 2

#: Transfer: the new call stands, or was handed over without further word.
TRANSFER_DONE = 3

#: Transfer: it came to nothing, and the call goes on as it was; or, with `sip_code` 0 as a rule,
#: the call ended or lost its far end before the outcome was told.
TRANSFER_FAILED = 4

#: Flag of a transfer that is asked for: decide with sidetone_call_transfer_accept() or _reject().
TRANSFER_FLAG_DECIDE = 1

#: Flag of a transfer that is asked for: it takes the place of a call that the far end has with
#: `to`.
TRANSFER_FLAG_ATTENDED = 2

#: Event: a message came (RFC 3428), and was answered with 200. `account` (or none), `call` when it
#: came in the dialog of one, `from`, `display_name`, `to`, `content_type`, `body`, `headers`.
EVENT_MESSAGE = 14

#: Event: a request came that the host asked to answer (`host_methods` of the engine). Answer it
#: with sidetone_request_answer(). `transaction`, `method`, `account` (or none), `call` when it
#: came in the dialog of one, `from`, `to`, `content_type`, `body`, `headers`.
EVENT_REQUEST = 15

#: Event: `subscription` is now in `state` (SIDETONE_SUBSCRIPTION_*); `sip_code`, `text`,
#: `expires_s`.
EVENT_SUBSCRIPTION = 16

#: Event: messages wait (`state` 1) or none do (`state` 0): `voice_new`, `voice_old`; `to`: the
#: mailbox. `subscription`, or none and `account` when a server tells unasked. `content_type`,
#: `body`, `headers`.
EVENT_MESSAGE_WAITING = 17

#: Event: the busy lamp of `subscription` now shows `state` (SIDETONE_LAMP_*); `from`,
#: `display_name`: the far end of the first call. More: sidetone_subscription_dialog_read().
#: `content_type`, `body`, `headers`.
EVENT_LAMP = 18

#: Event: the presence of `subscription` is now `state` (SIDETONE_PRESENCE_*); `activity`; `text`:
#: the note. `content_type`, `body`, `headers`.
EVENT_PRESENCE = 19

#: Event: `subscription` told what the library does not read: `content_type`, `body`, `headers`.
EVENT_NOTIFY = 20

#: Event: `publication` is now in `state` (SIDETONE_PUBLICATION_*); `sip_code`, `text`,
#: `expires_s`.
EVENT_PUBLICATION = 21

#: State of the sound card: opened.
DEVICE_STATE_OPENED = 0

#: State of the sound card: lost; silence until one is found.
DEVICE_STATE_LOST = 1

#: State of the sound card: another one, or the same back again, took over.
DEVICE_STATE_CHANGED = 2

#: State of the sound card: closed, no call needs it.
DEVICE_STATE_CLOSED = 3

#: State of the sound card: could not be opened; tried again with the next call.
DEVICE_STATE_FAILED = 4

#: Log level: nothing.
LOG_OFF = 0

#: Log level: something failed.
LOG_ERROR = 1

#: Log level: something is odd.
LOG_WARNING = 2

#: Log level: what a user would want to know.
LOG_INFO = 3

#: Log level: what a developer would want to know.
LOG_DEBUG = 4

#: Log level: every SIP message, secrets scrubbed, under module "sip.trace".
LOG_TRACE = 5

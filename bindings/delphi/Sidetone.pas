// The constants, records and functions of sidetone.h.
//
// Written by tests/bindings.rs from include/sidetone.h; change it there.
unit Sidetone;

{$ifdef FPC}{$mode delphi}{$endif}
{$Z4}

interface

{$if SizeOf(Pointer) = 4}{$define SIDETONE_PADDED}{$ifend}

const
  SIDETONE_LIBRARY = {$ifdef MSWINDOWS}'sidetone.dll'{$else}'libsidetone.so'{$endif};

  // Version of this interface: major * 65536 + minor. A minor one adds; only a major one changes
  // or removes.
  SIDETONE_API_VERSION_VALUE = 2;

  // Done.
  SIDETONE_OK = 0;

  // An argument is outside its range; the error text names it. (-1 to -99: how the call was made.)
  SIDETONE_ERR_INVALID_ARGUMENT = -1;

  // The id named an object that is gone.
  SIDETONE_ERR_STALE_ID = -2;

  // The id is of another kind, or 0.
  SIDETONE_ERR_WRONG_KIND = -3;

  // The engine's command queue is full; try again shortly.
  SIDETONE_ERR_BUSY = -4;

  // A limit of the engine's configuration is reached.
  SIDETONE_ERR_LIMIT = -5;

  // Not possible in the object's present state.
  SIDETONE_ERR_WRONG_STATE = -6;

  // Not allowed on this thread.
  SIDETONE_ERR_WRONG_THREAD = -7;

  // A fault of this library was caught. Other calls go on.
  SIDETONE_ERR_PANIC = -8;

  // An earlier fault left the engine unusable; destroy it.
  SIDETONE_ERR_FAULTED = -9;

  // The engine is shutting down or has stopped.
  SIDETONE_ERR_SHUTDOWN = -10;

  // The time given ran out.
  SIDETONE_ERR_TIMEOUT = -11;

  // The caller's buffer is too small; the needed size was stored.
  SIDETONE_ERR_TOO_SMALL = -12;

  // Not in this build or on this platform.
  SIDETONE_ERR_UNSUPPORTED = -13;

  // A fault inside; the error text tells where.
  SIDETONE_ERR_INTERNAL = -14;

  // A pointer is NULL that must not be; the error text names it.
  SIDETONE_ERR_NULL_POINTER = -15;

  // Text is not UTF-8; the error text says where.
  SIDETONE_ERR_NOT_UTF8 = -16;

  // A struct's `size` is none that this library knows.
  SIDETONE_ERR_STRUCT_SIZE = -17;

  // Not a SIP URI that can be dialled. (-100 to -199: signalling.)
  SIDETONE_ERR_INVALID_URI = -100;

  // The transport could not be opened, or broke.
  SIDETONE_ERR_TRANSPORT = -101;

  // The host name has no address.
  SIDETONE_ERR_RESOLVE = -102;

  // The credentials were refused.
  SIDETONE_ERR_AUTHENTICATION = -103;

  // The far end refused with a final response; the event has its code.
  SIDETONE_ERR_REFUSED = -104;

  // No answer came in time.
  SIDETONE_ERR_NO_ANSWER = -105;

  // The far end's certificate is not good, or it did not take ours; the text says why.
  SIDETONE_ERR_CERTIFICATE = -106;

  // No codec in common. (-200 to -299: media.)
  SIDETONE_ERR_NO_CODEC = -200;

  // The account demands SRTP and the far end has none that fits.
  SIDETONE_ERR_SRTP_REQUIRED = -201;

  // No free RTP port in the range.
  SIDETONE_ERR_NO_PORT = -202;

  // The call of a tap or an injection is over: nothing is left to read, nothing more is played.
  SIDETONE_ERR_ENDED = -203;

  // No sound card of that name, or none at all. (-300 to -399: audio devices.)
  SIDETONE_ERR_NO_DEVICE = -300;

  // The sound card is there but cannot be opened as asked.
  SIDETONE_ERR_DEVICE_OPEN = -301;

  // The file cannot be opened or created. (-400 to -499: files.)
  SIDETONE_ERR_FILE_OPEN = -400;

  // The file is not one that can be played (PCM or float WAV).
  SIDETONE_ERR_FILE_FORMAT = -401;

  // Writing failed; the disk may be full.
  SIDETONE_ERR_FILE_WRITE = -402;

  // No id: what a call without account has, and what no function takes for an object.
  SIDETONE_ID_NONE = 0;

  // Transport: what the URI asks for, else what the domain's DNS records choose, else UDP; the
  // default.
  SIDETONE_TRANSPORT_AUTO = 16;

  // Transport: UDP.
  SIDETONE_TRANSPORT_UDP = 1;

  // Transport: TCP.
  SIDETONE_TRANSPORT_TCP = 2;

  // Transport: TLS.
  SIDETONE_TRANSPORT_TLS = 3;

  // Transport: WebSocket (RFC 7118).
  SIDETONE_TRANSPORT_WS = 4;

  // Transport: WebSocket over TLS.
  SIDETONE_TRANSPORT_WSS = 5;

  // Keep-alive over UDP: STUN where the registrar supports `outbound` (RFC 5626), else CRLF; the
  // default.
  SIDETONE_KEEP_ALIVE_AUTO = 1;

  // Keep-alive over UDP: CRLF, which nobody answers.
  SIDETONE_KEEP_ALIVE_CRLF = 2;

  // Keep-alive over UDP: STUN, so that a dead flow is noticed.
  SIDETONE_KEEP_ALIVE_STUN = 3;

  // State of a call: being set up, nothing was sent yet.
  SIDETONE_CALL_NEW = 0;

  // State of a call: INVITE sent.
  SIDETONE_CALL_DIALING = 1;

  // State of a call: an INVITE came; ring, answer or reject it.
  SIDETONE_CALL_INCOMING = 2;

  // State of a call: 180 received or sent.
  SIDETONE_CALL_RINGING = 3;

  // State of a call: 183 with media received, the far end is heard before it answers.
  SIDETONE_CALL_EARLY_MEDIA = 4;

  // State of a call: answered.
  SIDETONE_CALL_CONNECTED = 5;

  // State of a call: BYE or CANCEL is under way.
  SIDETONE_CALL_ENDING = 6;

  // State of a call: over. Its id is stale once this event was pulled.
  SIDETONE_CALL_ENDED = 7;

  // Codec: G.711 mu-law, 8 kHz.
  SIDETONE_CODEC_PCMU = 1;

  // Codec: G.711 A-law, 8 kHz.
  SIDETONE_CODEC_PCMA = 2;

  // Codec: Opus, 48 kHz.
  SIDETONE_CODEC_OPUS = 3;

  // Codec: G.722, 16 kHz.
  SIDETONE_CODEC_G722 = 4;

  // SRTP: plain RTP only.
  SIDETONE_SRTP_OFF = 1;

  // SRTP: offered, and used when the far end has it; the default.
  SIDETONE_SRTP_OPTIONAL = 2;

  // SRTP: a call without it fails.
  SIDETONE_SRTP_MANDATORY = 3;

  // Suite: AES_CM_128_HMAC_SHA1_80 (RFC 4568).
  SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_80 = 1;

  // Suite: AES_CM_128_HMAC_SHA1_32 (RFC 4568).
  SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_32 = 2;

  // Suite: AES_256_CM_HMAC_SHA1_80 (RFC 6188).
  SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_80 = 3;

  // Suite: AES_256_CM_HMAC_SHA1_32 (RFC 6188).
  SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_32 = 4;

  // Suite: AEAD_AES_128_GCM (RFC 7714).
  SIDETONE_SUITE_AEAD_AES_128_GCM = 5;

  // Suite: AEAD_AES_256_GCM (RFC 7714).
  SIDETONE_SUITE_AEAD_AES_256_GCM = 6;

  // DTMF: telephone-event where the far end has it, else INFO where it says that it takes that,
  // else tones; the default.
  SIDETONE_DTMF_AUTO = 1;

  // DTMF: telephone-event (RFC 4733).
  SIDETONE_DTMF_RTP = 2;

  // DTMF: INFO with application/dtmf-relay.
  SIDETONE_DTMF_INFO = 3;

  // DTMF: tones in the audio.
  SIDETONE_DTMF_TONES = 4;

  // Symmetric RTP: never, media goes where the SDP says.
  SIDETONE_LATCH_OFF = 1;

  // Symmetric RTP: the first valid packet's source is taken and kept; the default.
  SIDETONE_LATCH_ONCE = 2;

  // Symmetric RTP: each new source is followed until valid RTCP came from one.
  SIDETONE_LATCH_UNTIL_RTCP = 3;

  // Direction of media: both ways.
  SIDETONE_DIRECTION_SENDRECV = 1;

  // Direction of media: we only send.
  SIDETONE_DIRECTION_SENDONLY = 2;

  // Direction of media: we only receive.
  SIDETONE_DIRECTION_RECVONLY = 3;

  // Direction of media: neither.
  SIDETONE_DIRECTION_INACTIVE = 4;

  // Length of the lists of codecs and suites in structs.
  SIDETONE_LIST_MAX = 16;

  // The longest text that is taken, in bytes.
  SIDETONE_TEXT_MAX = 65535;

  // The most headers in one list.
  SIDETONE_HEADERS_MAX = 64;

  // Registration: not registered, and not trying.
  SIDETONE_REGISTRATION_UNREGISTERED = 0;

  // Registration: a REGISTER is under way.
  SIDETONE_REGISTRATION_REGISTERING = 1;

  // Registration: registered; it is refreshed before it expires.
  SIDETONE_REGISTRATION_REGISTERED = 2;

  // Registration: failed; it is tried again after a while.
  SIDETONE_REGISTRATION_RETRYING = 3;

  // Registration: failed for good (credentials refused); only sidetone_account_register() tries
  // again.
  SIDETONE_REGISTRATION_FAILED = 4;

  // Registration: being taken back.
  SIDETONE_REGISTRATION_UNREGISTERING = 5;

  // Reach: a registration is not wanted, or was given up.
  SIDETONE_REACH_IDLE = 0;

  // Reach: the registrar knows where we are.
  SIDETONE_REACH_UP = 1;

  // Reach: the registrar was not reached, or refused; it is tried again.
  SIDETONE_REACH_LOST = 2;

  // Reach: a REGISTER is out that will tell.
  SIDETONE_REACH_PROBING = 3;

  // Reach: our own address has changed, and a REGISTER with the new one is out.
  SIDETONE_REACH_MOVED = 4;

  // Outbound (RFC 5626): over connections, not over UDP; the default.
  SIDETONE_OUTBOUND_AUTO = 1;

  // Outbound: never.
  SIDETONE_OUTBOUND_OFF = 2;

  // Outbound: always.
  SIDETONE_OUTBOUND_ON = 3;

  // GRUU (RFC 5627): far ends get the public name of this device, where the registrar gives one.
  SIDETONE_GRUU_PUBLIC = 1;

  // GRUU: far ends get the temporary name, which does not tell who we are.
  SIDETONE_GRUU_TEMPORARY = 2;

  // GRUU: none is asked for, far ends get our address; the default, since some proxies hand such
  // names out and do not route requests within calls that are sent to them.
  SIDETONE_GRUU_OFF = 3;

  // Text of an account: its address of record.
  SIDETONE_ACCOUNT_TEXT_AOR = 1;

  // Text of an account: local SIP address used towards the registrar, "ip:port"; empty before the
  // first request.
  SIDETONE_ACCOUNT_TEXT_LOCAL_ADDRESS = 2;

  // Complexity of Opus: libopus's 0, the least CPU time. 1 to 10 stand for themselves.
  SIDETONE_OPUS_COMPLEXITY_LEAST = 255;

  // Bandwidth of Opus: 4 kHz.
  SIDETONE_OPUS_BANDWIDTH_NARROW = 1;

  // Bandwidth of Opus: 6 kHz.
  SIDETONE_OPUS_BANDWIDTH_MEDIUM = 2;

  // Bandwidth of Opus: 8 kHz.
  SIDETONE_OPUS_BANDWIDTH_WIDE = 3;

  // Bandwidth of Opus: 12 kHz.
  SIDETONE_OPUS_BANDWIDTH_SUPERWIDE = 4;

  // Bandwidth of Opus: 20 kHz; the default.
  SIDETONE_OPUS_BANDWIDTH_FULL = 5;

  // FEC or DTX of Opus: used.
  SIDETONE_OPUS_ON = 1;

  // FEC or DTX of Opus: not used.
  SIDETONE_OPUS_OFF = 2;

  // Text of a call: SIP Call-ID.
  SIDETONE_CALL_TEXT_SIP_CALL_ID = 1;

  // Text of a call: URI of the far end.
  SIDETONE_CALL_TEXT_REMOTE_URI = 2;

  // Text of a call: display name of the far end; may be empty.
  SIDETONE_CALL_TEXT_REMOTE_NAME = 3;

  // Text of a call: our URI in it.
  SIDETONE_CALL_TEXT_LOCAL_URI = 4;

  // Text of a call: where our RTP goes, "ip:port"; empty before media runs.
  SIDETONE_CALL_TEXT_REMOTE_RTP = 5;

  // Text of a call: where we listen for RTP, "ip:port".
  SIDETONE_CALL_TEXT_LOCAL_RTP = 6;

  // Do not disturb: calls come through; the default.
  SIDETONE_DISTURB_ALLOWED = 1;

  // Do not disturb: callers hear busy (486).
  SIDETONE_DISTURB_BUSY = 2;

  // Do not disturb: callers hear that nobody is there (480).
  SIDETONE_DISTURB_UNAVAILABLE = 3;

  // Automatic answer: never; the default.
  SIDETONE_AUTO_ANSWER_OFF = 1;

  // Automatic answer: calls that ask for it (Call-Info or Alert-Info with answer-after,
  // X-AUTOANSWER, Answer-Mode of RFC 5373).
  SIDETONE_AUTO_ANSWER_ON_REQUEST = 2;

  // Automatic answer: every call.
  SIDETONE_AUTO_ANSWER_ALWAYS = 3;

  // Policy: the host decides. The default for transfers.
  SIDETONE_POLICY_ASK = 1;

  // Policy: it is done. The default for redirects.
  SIDETONE_POLICY_ALWAYS = 2;

  // Policy: it is not done.
  SIDETONE_POLICY_NEVER = 3;

  // Kind of message: INVITE, also one within the call.
  SIDETONE_MESSAGE_INVITE = 1;

  // Kind of message: 101 to 199 to INVITE.
  SIDETONE_MESSAGE_PROVISIONAL = 2;

  // Kind of message: 2xx to INVITE.
  SIDETONE_MESSAGE_ANSWER = 3;

  // Kind of message: 300 to 699 to INVITE.
  SIDETONE_MESSAGE_REFUSAL = 4;

  // Kind of message: ACK.
  SIDETONE_MESSAGE_ACK = 5;

  // Kind of message: CANCEL.
  SIDETONE_MESSAGE_CANCEL = 6;

  // Kind of message: BYE.
  SIDETONE_MESSAGE_BYE = 7;

  // Kind of message: INFO.
  SIDETONE_MESSAGE_INFO = 8;

  // Kind of message: UPDATE.
  SIDETONE_MESSAGE_UPDATE = 9;

  // Kind of message: REFER.
  SIDETONE_MESSAGE_REFER = 10;

  // Kind of message: NOTIFY of a transfer.
  SIDETONE_MESSAGE_NOTIFY = 11;

  // Identity: P-Asserted-Identity (RFC 3325).
  SIDETONE_IDENTITY_ASSERTED = 1;

  // Identity: P-Preferred-Identity.
  SIDETONE_IDENTITY_PREFERRED = 2;

  // Identity: Remote-Party-ID.
  SIDETONE_IDENTITY_REMOTE_PARTY = 3;

  // Identity: who sent the call on, the latest first (Diversion, RFC 5806).
  SIDETONE_IDENTITY_DIVERSION = 4;

  // Identity: why, "unconditional", "user-busy", "no-answer"…; same index as the one before.
  SIDETONE_IDENTITY_DIVERSION_REASON = 5;

  // Identity: where the call has been (History-Info, RFC 7044).
  SIDETONE_IDENTITY_HISTORY = 6;

  // Privacy: the asserted identity is for the network only.
  SIDETONE_PRIVACY_ID = 1;

  // Privacy: header, session or user privacy is asked for.
  SIDETONE_PRIVACY_SERVICE = 2;

  // Privacy: the call's history is to be withheld.
  SIDETONE_PRIVACY_HISTORY = 4;

  // Privacy: rather no call than one without it.
  SIDETONE_PRIVACY_CRITICAL = 8;

  // Privacy: none is wanted.
  SIDETONE_PRIVACY_NONE = 16;

  // Early media: a ringback tone from the 180 on, until the first RTP packet of the far end; the
  // default.
  SIDETONE_EARLY_MEDIA_AUTO = 1;

  // Early media: what the far end sends, never a tone.
  SIDETONE_EARLY_MEDIA_REMOTE = 2;

  // Early media: the tone, whatever the far end sends.
  SIDETONE_EARLY_MEDIA_LOCAL = 3;

  // Early media: nothing.
  SIDETONE_EARLY_MEDIA_SILENCE = 4;

  // Reliable provisional responses (RFC 3262): not supported.
  SIDETONE_PRACK_OFF = 1;

  // Reliable provisional responses: supported, and used where the far end requires it or where
  // they carry a description; the default.
  SIDETONE_PRACK_SUPPORTED = 2;

  // Reliable provisional responses: required of the far end.
  SIDETONE_PRACK_REQUIRED = 3;

  // Offer of an outgoing call: in the INVITE; the default.
  SIDETONE_OFFER_EARLY = 1;

  // Offer of an outgoing call: the far end's, in its answer.
  SIDETONE_OFFER_DELAYED = 2;

  // Hold, a bit of an event's `state`: we hold the far end.
  SIDETONE_HOLD_LOCAL = 1;

  // Hold, a bit of an event's `state`: the far end holds us.
  SIDETONE_HOLD_REMOTE = 2;

  // Tap: what the far end says, before the gain of what we hear; the default.
  SIDETONE_TAP_RECEIVED = 1;

  // Tap: what is sent to the far end: everything that is mixed for it, as it is encoded.
  SIDETONE_TAP_SENT = 2;

  // Flag of a frame: 10 ms of it at least were made up in the place of packets lost or late.
  SIDETONE_TAP_FLAG_CONCEALED = 1;

  // Flag of a frame: for 10 ms of it at least there was nothing to be heard (no media yet, or of
  // what is received none, as on hold); it is silence there.
  SIDETONE_TAP_FLAG_ABSENT = 2;

  // Samples of the longest frame: 20 ms at 48000 Hz.
  SIDETONE_TAP_SAMPLES_MAX = 960;

  // Injection: heard by the far end, with the microphone; the default.
  SIDETONE_INJECT_FAR_END = 1;

  // Injection: heard by our own user, with the calls.
  SIDETONE_INJECT_NEAR_END = 2;

  // The longest body that is sent, in bytes.
  SIDETONE_BODY_MAX = 49152;

  // Most parts that are put together.
  SIDETONE_BODY_PARTS_MAX = 64;

  // Package: messages waiting in a mailbox (RFC 3842).
  SIDETONE_PACKAGE_MESSAGE_SUMMARY = 1;

  // Package: whether somebody talks, for busy lamps (RFC 4235); the default.
  SIDETONE_PACKAGE_DIALOG = 2;

  // Package: presence (RFC 3856).
  SIDETONE_PACKAGE_PRESENCE = 3;

  // Package: any other, named by `event`; the host reads its documents.
  SIDETONE_PACKAGE_OTHER = 4;

  // State of a subscription: SUBSCRIBE is under way, or the first NOTIFY.
  SIDETONE_SUBSCRIPTION_SUBSCRIBING = 0;

  // State of a subscription: the far end has not decided about it.
  SIDETONE_SUBSCRIPTION_PENDING = 1;

  // State of a subscription: it stands.
  SIDETONE_SUBSCRIPTION_ACTIVE = 2;

  // State of a subscription: it was lost; it is tried again after a while.
  SIDETONE_SUBSCRIPTION_RETRYING = 3;

  // State of a subscription: it is being taken back.
  SIDETONE_SUBSCRIPTION_UNSUBSCRIBING = 4;

  // State of a subscription: refused for good, ended by the far end, or (`sip_code` 200) the one
  // look that was asked for has been told; only sidetone_subscription_refresh() begins anew.
  SIDETONE_SUBSCRIPTION_ENDED = 5;

  // Busy lamp: nothing is known yet.
  SIDETONE_LAMP_UNKNOWN = 0;

  // Busy lamp: no call.
  SIDETONE_LAMP_IDLE = 1;

  // Busy lamp: somebody calls who is watched.
  SIDETONE_LAMP_RINGING = 2;

  // Busy lamp: who is watched calls or talks.
  SIDETONE_LAMP_BUSY = 3;

  // Busy lamp: all calls of who is watched are on hold.
  SIDETONE_LAMP_HELD = 4;

  // Presence: not said.
  SIDETONE_PRESENCE_UNKNOWN = 0;

  // Presence: can be reached.
  SIDETONE_PRESENCE_OPEN = 1;

  // Presence: cannot be reached.
  SIDETONE_PRESENCE_CLOSED = 2;

  // State of a watched dialog: INVITE sent or received.
  SIDETONE_DIALOG_TRYING = 0;

  // State of a watched dialog: somebody works on it.
  SIDETONE_DIALOG_PROCEEDING = 1;

  // State of a watched dialog: it rings.
  SIDETONE_DIALOG_EARLY = 2;

  // State of a watched dialog: it talks.
  SIDETONE_DIALOG_CONFIRMED = 3;

  // Text of a subscription: what is watched.
  SIDETONE_SUBSCRIPTION_TEXT_URI = 1;

  // Text of a subscription: its event package.
  SIDETONE_SUBSCRIPTION_TEXT_EVENT = 2;

  // Text of a subscription: the note of a presence.
  SIDETONE_SUBSCRIPTION_TEXT_NOTE = 3;

  // Text of a subscription: the activity of a presence, a name of RFC 4480, "on-the-phone" say.
  SIDETONE_SUBSCRIPTION_TEXT_ACTIVITY = 4;

  // Text of a subscription: URI of the mailbox.
  SIDETONE_SUBSCRIPTION_TEXT_MAILBOX = 5;

  // Text of a watched dialog: its id within the subscription.
  SIDETONE_DIALOG_TEXT_ID = 1;

  // Text of a watched dialog: SIP Call-ID; with both tags what picks the call up (Replaces).
  SIDETONE_DIALOG_TEXT_CALL_ID = 2;

  // Text of a watched dialog: tag of who is watched.
  SIDETONE_DIALOG_TEXT_LOCAL_TAG = 3;

  // Text of a watched dialog: tag of the far end.
  SIDETONE_DIALOG_TEXT_REMOTE_TAG = 4;

  // Text of a watched dialog: URI of the far end.
  SIDETONE_DIALOG_TEXT_REMOTE_URI = 5;

  // Text of a watched dialog: display name of the far end.
  SIDETONE_DIALOG_TEXT_REMOTE_NAME = 6;

  // State of a publication: PUBLISH is under way.
  SIDETONE_PUBLICATION_PUBLISHING = 0;

  // State of a publication: the server has it.
  SIDETONE_PUBLICATION_PUBLISHED = 1;

  // State of a publication: it failed; it is tried again after a while.
  SIDETONE_PUBLICATION_RETRYING = 2;

  // State of a publication: it is being removed.
  SIDETONE_PUBLICATION_REMOVING = 3;

  // State of a publication: refused for good; only another state begins anew.
  SIDETONE_PUBLICATION_ENDED = 4;

  // Audio: no device; calls hear what is played or routed into them. The default.
  SIDETONE_AUDIO_HEADLESS = 0;

  // Audio: sound cards, opened with the first call and closed after the last.
  SIDETONE_AUDIO_DEVICES = 1;

  // Audio: WAV files in the place of a sound card.
  SIDETONE_AUDIO_WAV = 2;

  // A sound card can capture.
  SIDETONE_DEVICE_CAPTURES = 1;

  // A sound card can play.
  SIDETONE_DEVICE_PLAYS = 2;

  // A sound card is the system's default microphone.
  SIDETONE_DEVICE_DEFAULT_CAPTURE = 4;

  // A sound card is the system's default loudspeaker.
  SIDETONE_DEVICE_DEFAULT_PLAYBACK = 8;

  // Text of a sound card: the id to select it by.
  SIDETONE_DEVICE_TEXT_ID = 1;

  // Text of a sound card: its name, for people.
  SIDETONE_DEVICE_TEXT_NAME = 2;

  // Measured: `packets_lost`.
  SIDETONE_VALID_PACKETS_LOST = 1;

  // Measured: `jitter_ms`.
  SIDETONE_VALID_JITTER = 2;

  // Measured: `round_trip_ms`.
  SIDETONE_VALID_ROUND_TRIP = 4;

  // Measured: `remote_loss`.
  SIDETONE_VALID_REMOTE_LOSS = 8;

  // Measured: `remote_jitter_ms`.
  SIDETONE_VALID_REMOTE_JITTER = 16;

  // Measured: `target_delay_ms`.
  SIDETONE_VALID_TARGET_DELAY = 32;

  // Measured: `playout_delay_ms`.
  SIDETONE_VALID_PLAYOUT_DELAY = 64;

  // Measured: `concealed`.
  SIDETONE_VALID_CONCEALED = 128;

  // Measured: `level_received_db`.
  SIDETONE_VALID_LEVEL_RECEIVED = 256;

  // Measured: `level_sent_db`.
  SIDETONE_VALID_LEVEL_SENT = 512;

  // Measured: `r_factor`.
  SIDETONE_VALID_R_FACTOR = 1024;

  // Measured: `mos`.
  SIDETONE_VALID_MOS = 2048;

  // Measured: `send_deviation_max_ms`.
  SIDETONE_VALID_SEND_DEVIATION = 4096;

  // Priority of threads: nobody asked yet, or there is nothing to ask for on this system.
  SIDETONE_PRIORITY_NOT_ASKED = 0;

  // Priority of threads: real-time scheduling (Linux: SCHED_FIFO; Windows: the highest priority of
  // the process's class).
  SIDETONE_PRIORITY_REAL_TIME = 1;

  // Priority of threads: that of the scheduler for multimedia (Windows: MMCSS, "Pro Audio").
  SIDETONE_PRIORITY_MULTIMEDIA = 2;

  // Priority of threads: refused; the work is done, with gaps on a busy machine.
  SIDETONE_PRIORITY_REFUSED = 3;

  // Threads: the media workers.
  SIDETONE_THREADS_WORKERS = 1;

  // Threads: the callbacks of the sound card.
  SIDETONE_THREADS_CALLBACKS = 2;

  // End of a call: it was never sent.
  SIDETONE_END_UNSENT = 1;

  // End of a call: we hung up, cancelled or refused.
  SIDETONE_END_LOCAL = 2;

  // End of a call: the far end hung up.
  SIDETONE_END_REMOTE = 3;

  // End of a call: the caller gave up.
  SIDETONE_END_CANCELLED = 4;

  // End of a call: another phone of ours took it.
  SIDETONE_END_ELSEWHERE = 5;

  // End of a call: the far end refused.
  SIDETONE_END_REFUSED = 6;

  // End of a call: nobody answered in time.
  SIDETONE_END_NO_ANSWER = 7;

  // End of a call: no response, or no acknowledgement, came.
  SIDETONE_END_TIMEOUT = 8;

  // End of a call: a message could not be sent.
  SIDETONE_END_TRANSPORT = 9;

  // End of a call: the credentials were refused.
  SIDETONE_END_AUTHENTICATION = 10;

  // End of a call: the two ends agree on no media.
  SIDETONE_END_MEDIA = 11;

  // End of a call: the far end broke the protocol.
  SIDETONE_END_PROTOCOL = 12;

  // End of a call: its session was not refreshed (RFC 4028).
  SIDETONE_END_SESSION = 13;

  // End of a call: we handed the far end over to somebody else.
  SIDETONE_END_TRANSFERRED = 14;

  // End of a call: we sent the caller elsewhere.
  SIDETONE_END_FORWARDED = 15;

  // End of a call: it was as long as a call may be.
  SIDETONE_END_MAX_DURATION = 16;

  // End of a call: no media came any more.
  SIDETONE_END_DEAD_MEDIA = 17;

  // Event: none came.
  SIDETONE_EVENT_NONE = 0;

  // Event: the registration of `account` is now in `state` (SIDETONE_REGISTRATION_*); `sip_code`,
  // `text` (why), `expires_s`, `to` (where the REGISTER went: "address:port/TRANSPORT").
  SIDETONE_EVENT_REGISTRATION = 1;

  // Event: somebody calls. `call`, `account` (or none), `from`, `display_name`, `to`.
  SIDETONE_EVENT_INCOMING_CALL = 2;

  // Event: `call` is now in `state` (SIDETONE_CALL_*); `sip_code`, `text`; when it ended, `status`
  // says why, SIDETONE_OK after an orderly end, `end` (SIDETONE_END_*) how, and `q850_cause`,
  // `reason_sip_code` and `reason` what the far end or the network said of it (RFC 3326).
  SIDETONE_EVENT_CALL = 3;

  // Event: media of `call` runs, or its terms changed: `codec`, `srtp_suite`.
  SIDETONE_EVENT_MEDIA = 4;

  // Event: a digit came in `call`: `digit`, `duration_ms`.
  SIDETONE_EVENT_DTMF = 5;

  // Event: the file played into `call` ended; `status`.
  SIDETONE_EVENT_PLAY_FINISHED = 6;

  // Event: the recording of `call` ended; `path`, `status`, `text`; `count`: frames that were lost
  // because the disk was too slow, with silence in their place. An error (SIDETONE_ERR_FILE_WRITE:
  // the disk is full) ends the recording, and not the call; what was written until then can be
  // played.
  SIDETONE_EVENT_RECORD_FINISHED = 7;

  // Event: RTP of `call` stopped coming (`state` 1) or came again (`state` 0).
  SIDETONE_EVENT_MEDIA_TIMEOUT = 8;

  // Event: the sound card is now in `state` (SIDETONE_DEVICE_STATE_*); `microphone`,
  // `loudspeaker`, `text`. Calls go on.
  SIDETONE_EVENT_DEVICE = 9;

  // Event: the outcome of the command that was given `request`: `status`, `text`; `sip_code` of
  // the response behind it, and of a request of the host's own `content_type`, `body` and
  // `headers`.
  SIDETONE_EVENT_REPLY = 10;

  // Event: `count` events were dropped because the host did not pull. Read the state anew with
  // sidetone_call_list(), sidetone_call_info_read() and sidetone_account_info_read().
  SIDETONE_EVENT_EVENTS_LOST = 11;

  // Event: a fault inside; the engine takes no more commands. Destroy it. `text`.
  SIDETONE_EVENT_FAULTED = 12;

  // Event: the engine has stopped; none follows.
  SIDETONE_EVENT_STOPPED = 13;

  // Event: a hold of `call` began or ended; `state` has the SIDETONE_HOLD_* bits that are in
  // force.
  SIDETONE_EVENT_HOLD = 22;

  // Event: a transfer of `call` is now in `state` (SIDETONE_TRANSFER_*); `sip_code`, `text`; when
  // a far end asks for one: `to` (whom to call), `from` (who says so, may be empty), `flags`
  // (SIDETONE_TRANSFER_FLAG_*).
  SIDETONE_EVENT_TRANSFER = 40;

  // Event: somebody else is at the other end of `call` now: `from`, `display_name`. The call goes
  // on.
  SIDETONE_EVENT_REPLACED = 41;

  // Event: the far end sends our `call` elsewhere: `to`; `state` 1: decide with
  // sidetone_call_redirect_follow(), 0: it is being followed.
  SIDETONE_EVENT_REDIRECTED = 42;

  // Event: the recording of `call` was paused (`state` 1) or goes on (`state` 0); `duration_ms`:
  // where in the file.
  SIDETONE_EVENT_RECORD_PAUSED = 44;

  // Event: `count` calls began within a minute, the most that `max_calls_per_minute` allows;
  // further ones are refused until the minute is over. Told once per run; `account` of the first
  // refused.
  SIDETONE_EVENT_CALLS_LIMITED = 43;

  // Transfer: the far end wants us to call `to`.
  SIDETONE_TRANSFER_ASKED = 1;

  // Transfer: the new call rings or is on its way, or the request for it was taken.
  SIDETONE_TRANSFER_PROGRESS = 2;

  // Transfer: the new call stands, or was handed over without further word.
  SIDETONE_TRANSFER_DONE = 3;

  // Transfer: it came to nothing, and the call goes on as it was; or, with `sip_code` 0 as a rule,
  // the call ended or lost its far end before the outcome was told.
  SIDETONE_TRANSFER_FAILED = 4;

  // Flag of a transfer that is asked for: decide with sidetone_call_transfer_accept() or
  // _reject().
  SIDETONE_TRANSFER_FLAG_DECIDE = 1;

  // Flag of a transfer that is asked for: it takes the place of a call that the far end has with
  // `to`.
  SIDETONE_TRANSFER_FLAG_ATTENDED = 2;

  // Event: a message came (RFC 3428), and was answered with 200. `account` (or none), `call` when
  // it came in the dialog of one, `from`, `display_name`, `to`, `content_type`, `body`, `headers`.
  SIDETONE_EVENT_MESSAGE = 14;

  // Event: a request came that the host asked to answer (`host_methods` of the engine). Answer it
  // with sidetone_request_answer(). `transaction`, `method`, `account` (or none), `call` when it
  // came in the dialog of one, `from`, `to`, `content_type`, `body`, `headers`.
  SIDETONE_EVENT_REQUEST = 15;

  // Event: `subscription` is now in `state` (SIDETONE_SUBSCRIPTION_*); `sip_code`, `text`,
  // `expires_s`.
  SIDETONE_EVENT_SUBSCRIPTION = 16;

  // Event: messages wait (`state` 1) or none do (`state` 0): `voice_new`, `voice_old`; `to`: the
  // mailbox. `subscription`, or none and `account` when a server tells unasked. `content_type`,
  // `body`, `headers`.
  SIDETONE_EVENT_MESSAGE_WAITING = 17;

  // Event: the busy lamp of `subscription` now shows `state` (SIDETONE_LAMP_*); `from`,
  // `display_name`: the far end of the first call. More: sidetone_subscription_dialog_read().
  // `content_type`, `body`, `headers`.
  SIDETONE_EVENT_LAMP = 18;

  // Event: the presence of `subscription` is now `state` (SIDETONE_PRESENCE_*); `activity`;
  // `text`: the note. `content_type`, `body`, `headers`.
  SIDETONE_EVENT_PRESENCE = 19;

  // Event: `subscription` told what the library does not read: `content_type`, `body`, `headers`.
  SIDETONE_EVENT_NOTIFY = 20;

  // Event: `publication` is now in `state` (SIDETONE_PUBLICATION_*); `sip_code`, `text`,
  // `expires_s`.
  SIDETONE_EVENT_PUBLICATION = 21;

  // State of the sound card: opened.
  SIDETONE_DEVICE_STATE_OPENED = 0;

  // State of the sound card: lost; silence until one is found.
  SIDETONE_DEVICE_STATE_LOST = 1;

  // State of the sound card: another one, or the same back again, took over.
  SIDETONE_DEVICE_STATE_CHANGED = 2;

  // State of the sound card: closed, no call needs it.
  SIDETONE_DEVICE_STATE_CLOSED = 3;

  // State of the sound card: could not be opened; tried again with the next call.
  SIDETONE_DEVICE_STATE_FAILED = 4;

  // Log level: nothing.
  SIDETONE_LOG_OFF = 0;

  // Log level: something failed.
  SIDETONE_LOG_ERROR = 1;

  // Log level: something is odd.
  SIDETONE_LOG_WARNING = 2;

  // Log level: what a user would want to know.
  SIDETONE_LOG_INFO = 3;

  // Log level: what a developer would want to know.
  SIDETONE_LOG_DEBUG = 4;

  // Log level: every SIP message, secrets scrubbed, under module "sip.trace".
  SIDETONE_LOG_TRACE = 5;

type
  Psidetone_engine = Pointer;

  Psidetone_text = ^sidetone_text;
  sidetone_text = packed record
    data: PAnsiChar;
    {$ifdef SIDETONE_PADDED}data_padding: UInt32;{$endif}
    length: Int32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_text) <> 16}{$message fatal 'sidetone_text has not the size that the library knows'}{$ifend}

  Psidetone_header = ^sidetone_header;
  sidetone_header = packed record
    name: sidetone_text;
    value: sidetone_text;
  end;
  {$if SizeOf(sidetone_header) <> 32}{$message fatal 'sidetone_header has not the size that the library knows'}{$ifend}

  Psidetone_headers = ^sidetone_headers;
  sidetone_headers = packed record
    data: Psidetone_header;
    {$ifdef SIDETONE_PADDED}data_padding: UInt32;{$endif}
    count: UInt32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_headers) <> 16}{$message fatal 'sidetone_headers has not the size that the library knows'}{$ifend}

  Psidetone_body_part = ^sidetone_body_part;
  sidetone_body_part = packed record
    content_type: sidetone_text;
    body: sidetone_text;
  end;
  {$if SizeOf(sidetone_body_part) <> 32}{$message fatal 'sidetone_body_part has not the size that the library knows'}{$ifend}

  Psidetone_engine_config = ^sidetone_engine_config;
  sidetone_engine_config = packed record
    size: UInt32;
    sip_port: UInt32;
    user_agent: sidetone_text;
    bind: sidetone_text;
    rtp_port_first: UInt32;
    rtp_port_last: UInt32;
    max_calls: UInt32;
    max_accounts: UInt32;
    media_workers: UInt32;
    accept_unknown: UInt32;
    t1_ms: UInt32;
    t2_ms: UInt32;
    t4_ms: UInt32;
    min_registration_ms: UInt32;
    min_session_ms: UInt32;
    retry_base_ms: UInt32;
    retry_max_ms: UInt32;
    max_calls_per_minute: UInt32;
    seed: UInt64;
    audio_kind: UInt32;
    audio_repeat: UInt32;
    microphone: sidetone_text;
    loudspeaker: sidetone_text;
    dns_server: sidetone_text;
    avoid_ms: UInt32;
    avoid_max_ms: UInt32;
    tls_ca_file: sidetone_text;
    tls_certificate_file: sidetone_text;
    tls_key_file: sidetone_text;
    websocket_path: sidetone_text;
    tls_verify: UInt32;
    tls_listen: UInt32;
    tls_port: UInt32;
    sip_dscp: UInt32;
    rtp_dscp: UInt32;
    keep_alive_stream_ms: UInt32;
    keep_alive_udp_ms: UInt32;
    keep_alive_udp: UInt32;
    keep_alive_answer_ms: UInt32;
    tcp_above_bytes: UInt32;
    host_methods: sidetone_text;
    message_types: sidetone_text;
    max_message_bytes: UInt32;
    max_subscriptions: UInt32;
  end;
  {$if SizeOf(sidetone_engine_config) <> 312}{$message fatal 'sidetone_engine_config has not the size that the library knows'}{$ifend}

  Psidetone_account_config = ^sidetone_account_config;
  sidetone_account_config = packed record
    size: UInt32;
    transport: UInt32;
    aor: sidetone_text;
    display_name: sidetone_text;
    registrar: sidetone_text;
    auth_user: sidetone_text;
    password: sidetone_text;
    outbound_proxy: sidetone_text;
    local_port: UInt32;
    rtp_port_first: UInt32;
    rtp_port_last: UInt32;
    expires_s: UInt32;
    register_on_add: UInt32;
    ptime_ms: UInt32;
    srtp: UInt32;
    dtmf: UInt32;
    latch: UInt32;
    reserved: UInt32;
    codecs: array[0..15] of UInt32;
    srtp_suites: array[0..15] of UInt32;
    headers: sidetone_headers;
    instance_id: sidetone_text;
    outbound: UInt32;
    gruu: UInt32;
    public_address: sidetone_text;
    learn_contact: UInt32;
    reserved_2: UInt32;
    hold_music: sidetone_text;
    early_media: UInt32;
    prack: UInt32;
    offer: UInt32;
    session_expires_s: UInt32;
    realms: sidetone_text;
    opus_complexity: UInt32;
    opus_bitrate_bps: UInt32;
    opus_bandwidth: UInt32;
    opus_fec: UInt32;
    opus_dtx: UInt32;
    reserved_3: UInt32;
  end;
  {$if SizeOf(sidetone_account_config) <> 408}{$message fatal 'sidetone_account_config has not the size that the library knows'}{$ifend}

  Psidetone_account_info = ^sidetone_account_info;
  sidetone_account_info = packed record
    size: UInt32;
    state: UInt32;
    sip_code: UInt32;
    expires_s: UInt32;
    reach: UInt32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_account_info) <> 24}{$message fatal 'sidetone_account_info has not the size that the library knows'}{$ifend}

  Psidetone_dial_options = ^sidetone_dial_options;
  sidetone_dial_options = packed record
    size: UInt32;
    srtp: UInt32;
    ptime_ms: UInt32;
    no_answer_ms: UInt32;
    codecs: array[0..15] of UInt32;
    headers: sidetone_headers;
    anonymous: UInt32;
    max_duration_s: UInt32;
    early_media: UInt32;
    prack: UInt32;
    offer: UInt32;
    reserved: UInt32;
    opus_complexity: UInt32;
    opus_bitrate_bps: UInt32;
    opus_bandwidth: UInt32;
    opus_fec: UInt32;
    opus_dtx: UInt32;
    reserved_2: UInt32;
  end;
  {$if SizeOf(sidetone_dial_options) <> 144}{$message fatal 'sidetone_dial_options has not the size that the library knows'}{$ifend}

  Psidetone_answer_options = ^sidetone_answer_options;
  sidetone_answer_options = packed record
    size: UInt32;
    reserved: UInt32;
    headers: sidetone_headers;
  end;
  {$if SizeOf(sidetone_answer_options) <> 24}{$message fatal 'sidetone_answer_options has not the size that the library knows'}{$ifend}

  Psidetone_call_info = ^sidetone_call_info;
  sidetone_call_info = packed record
    size: UInt32;
    state: UInt32;
    account: UInt64;
    outgoing: UInt32;
    sip_code: UInt32;
    codec: UInt32;
    ptime_ms: UInt32;
    direction: UInt32;
    srtp_suite: UInt32;
    latch: UInt32;
    muted: UInt32;
    connected_ms: UInt64;
    setup_ms: UInt64;
    hold: UInt32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_call_info) <> 72}{$message fatal 'sidetone_call_info has not the size that the library knows'}{$ifend}

  Psidetone_account_services = ^sidetone_account_services;
  sidetone_account_services = packed record
    size: UInt32;
    do_not_disturb: UInt32;
    call_waiting: UInt32;
    max_calls: UInt32;
    forward_always: sidetone_text;
    forward_busy: sidetone_text;
    forward_no_answer: sidetone_text;
    forward_after_ms: UInt32;
    auto_answer: UInt32;
    auto_answer_delay_ms: UInt32;
    transfer: UInt32;
    auto_answer_callers: sidetone_text;
    redirect: UInt32;
    redirect_hops: UInt32;
    trust_identity: UInt32;
    anonymous: UInt32;
    preferred_identity: sidetone_text;
    asserted_identity: sidetone_text;
    remote_party_id: UInt32;
    ring_time_ms: UInt32;
    max_duration_s: UInt32;
    dead_media_ms: UInt32;
    dial_plan: sidetone_text;
    country_code: sidetone_text;
    international_prefix: sidetone_text;
    national_prefix: sidetone_text;
    plus: sidetone_text;
  end;
  {$if SizeOf(sidetone_account_services) <> 240}{$message fatal 'sidetone_account_services has not the size that the library knows'}{$ifend}

  Psidetone_play_options = ^sidetone_play_options;
  sidetone_play_options = packed record
    size: UInt32;
    repeat_: UInt32;
    gain_db: Single;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_play_options) <> 16}{$message fatal 'sidetone_play_options has not the size that the library knows'}{$ifend}

  Psidetone_tap_options = ^sidetone_tap_options;
  sidetone_tap_options = packed record
    size: UInt32;
    direction: UInt32;
    sample_rate_hz: UInt32;
    frame_ms: UInt32;
    buffer_ms: UInt32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_tap_options) <> 24}{$message fatal 'sidetone_tap_options has not the size that the library knows'}{$ifend}

  Psidetone_tap_frame = ^sidetone_tap_frame;
  sidetone_tap_frame = packed record
    size: UInt32;
    samples: UInt32;
    timestamp: UInt64;
    time_ns: UInt64;
    dropped: UInt64;
    flags: UInt32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_tap_frame) <> 40}{$message fatal 'sidetone_tap_frame has not the size that the library knows'}{$ifend}

  Psidetone_tap_info = ^sidetone_tap_info;
  sidetone_tap_info = packed record
    size: UInt32;
    frame_samples: UInt32;
    waiting: UInt32;
    ended: UInt32;
    dropped: UInt64;
  end;
  {$if SizeOf(sidetone_tap_info) <> 24}{$message fatal 'sidetone_tap_info has not the size that the library knows'}{$ifend}

  Psidetone_inject_options = ^sidetone_inject_options;
  sidetone_inject_options = packed record
    size: UInt32;
    direction: UInt32;
    sample_rate_hz: UInt32;
    buffer_ms: UInt32;
  end;
  {$if SizeOf(sidetone_inject_options) <> 16}{$message fatal 'sidetone_inject_options has not the size that the library knows'}{$ifend}

  Psidetone_inject_info = ^sidetone_inject_info;
  sidetone_inject_info = packed record
    size: UInt32;
    ended: UInt32;
    queued: UInt64;
    played: UInt64;
    underruns: UInt64;
    dropped: UInt64;
  end;
  {$if SizeOf(sidetone_inject_info) <> 40}{$message fatal 'sidetone_inject_info has not the size that the library knows'}{$ifend}

  Psidetone_sip_request = ^sidetone_sip_request;
  sidetone_sip_request = packed record
    size: UInt32;
    reserved: UInt32;
    method: sidetone_text;
    content_type: sidetone_text;
    body: sidetone_text;
    headers: sidetone_headers;
  end;
  {$if SizeOf(sidetone_sip_request) <> 72}{$message fatal 'sidetone_sip_request has not the size that the library knows'}{$ifend}

  Psidetone_sip_answer = ^sidetone_sip_answer;
  sidetone_sip_answer = packed record
    size: UInt32;
    sip_code: UInt32;
    reason: sidetone_text;
    content_type: sidetone_text;
    body: sidetone_text;
    headers: sidetone_headers;
  end;
  {$if SizeOf(sidetone_sip_answer) <> 72}{$message fatal 'sidetone_sip_answer has not the size that the library knows'}{$ifend}

  Psidetone_subscription_options = ^sidetone_subscription_options;
  sidetone_subscription_options = packed record
    size: UInt32;
    package: UInt32;
    expires_s: UInt32;
    reserved: UInt32;
    event: sidetone_text;
    accept: sidetone_text;
  end;
  {$if SizeOf(sidetone_subscription_options) <> 48}{$message fatal 'sidetone_subscription_options has not the size that the library knows'}{$ifend}

  Psidetone_subscription_info = ^sidetone_subscription_info;
  sidetone_subscription_info = packed record
    size: UInt32;
    state: UInt32;
    sip_code: UInt32;
    expires_s: UInt32;
    lamp: UInt32;
    dialogs: UInt32;
    presence: UInt32;
    messages_waiting: UInt32;
    voice_new: UInt32;
    voice_old: UInt32;
    voice_urgent_new: UInt32;
    voice_urgent_old: UInt32;
  end;
  {$if SizeOf(sidetone_subscription_info) <> 48}{$message fatal 'sidetone_subscription_info has not the size that the library knows'}{$ifend}

  Psidetone_watched_dialog = ^sidetone_watched_dialog;
  sidetone_watched_dialog = packed record
    size: UInt32;
    state: UInt32;
    direction: UInt32;
    held: UInt32;
  end;
  {$if SizeOf(sidetone_watched_dialog) <> 16}{$message fatal 'sidetone_watched_dialog has not the size that the library knows'}{$ifend}

  Psidetone_presence = ^sidetone_presence;
  sidetone_presence = packed record
    size: UInt32;
    open: UInt32;
    activity: sidetone_text;
    note: sidetone_text;
  end;
  {$if SizeOf(sidetone_presence) <> 40}{$message fatal 'sidetone_presence has not the size that the library knows'}{$ifend}

  Psidetone_audio = ^sidetone_audio;
  sidetone_audio = packed record
    size: UInt32;
    kind: UInt32;
    microphone: sidetone_text;
    loudspeaker: sidetone_text;
    repeat_: UInt32;
    reserved: UInt32;
  end;
  {$if SizeOf(sidetone_audio) <> 48}{$message fatal 'sidetone_audio has not the size that the library knows'}{$ifend}

  Psidetone_audio_levels = ^sidetone_audio_levels;
  sidetone_audio_levels = packed record
    size: UInt32;
    valid: UInt32;
    microphone_db: Single;
    loudspeaker_db: Single;
  end;
  {$if SizeOf(sidetone_audio_levels) <> 16}{$message fatal 'sidetone_audio_levels has not the size that the library knows'}{$ifend}

  Psidetone_device_info = ^sidetone_device_info;
  sidetone_device_info = packed record
    size: UInt32;
    flags: UInt32;
  end;
  {$if SizeOf(sidetone_device_info) <> 8}{$message fatal 'sidetone_device_info has not the size that the library knows'}{$ifend}

  Psidetone_call_stats = ^sidetone_call_stats;
  sidetone_call_stats = packed record
    size: UInt32;
    valid: UInt32;
    packets_sent: UInt64;
    bytes_sent: UInt64;
    packets_received: UInt64;
    bytes_received: UInt64;
    packets_lost: UInt64;
    packets_late: UInt64;
    packets_duplicate: UInt64;
    packets_discarded: UInt64;
    srtp_failures: UInt64;
    played_ms: UInt64;
    concealed_ms: UInt64;
    accelerated_ms: UInt64;
    stretched_ms: UInt64;
    jitter_ms: Single;
    round_trip_ms: Single;
    remote_loss: Single;
    remote_jitter_ms: Single;
    target_delay_ms: Single;
    playout_delay_ms: Single;
    concealed: Single;
    level_received_db: Single;
    level_sent_db: Single;
    r_factor: Single;
    mos: Single;
    send_deviation_max_ms: Single;
  end;
  {$if SizeOf(sidetone_call_stats) <> 160}{$message fatal 'sidetone_call_stats has not the size that the library knows'}{$ifend}

  Psidetone_engine_stats = ^sidetone_engine_stats;
  sidetone_engine_stats = packed record
    size: UInt32;
    calls: UInt32;
    ticks: UInt64;
    late_ticks: UInt64;
    sip_received: UInt64;
    sip_dropped: UInt64;
    events_lost: UInt64;
    log_lost: UInt64;
    device_underruns: UInt64;
    sip_over_rate: UInt64;
    sip_over_limit: UInt64;
    sip_unreachable: UInt64;
    microphone_lost: UInt64;
  end;
  {$if SizeOf(sidetone_engine_stats) <> 96}{$message fatal 'sidetone_engine_stats has not the size that the library knows'}{$ifend}

  Psidetone_engine_health = ^sidetone_engine_health;
  sidetone_engine_health = packed record
    size: UInt32;
    workers: UInt32;
    playback_callbacks: UInt64;
    capture_callbacks: UInt64;
    deadline_misses: UInt64;
    rounds: UInt64;
    late_rounds: UInt64;
    callback_p50_us: UInt32;
    callback_p99_us: UInt32;
    callback_max_us: UInt32;
    round_late_p50_us: UInt32;
    round_late_p99_us: UInt32;
    round_late_max_us: UInt32;
    worker_priority: UInt32;
    worker_error: Int32;
    callback_priority: UInt32;
    callback_error: Int32;
  end;
  {$if SizeOf(sidetone_engine_health) <> 88}{$message fatal 'sidetone_engine_health has not the size that the library knows'}{$ifend}

  Psidetone_event = ^sidetone_event;
  sidetone_event = packed record
    size: UInt32;
    kind: UInt32;
    sequence: UInt64;
    time_ns: UInt64;
    account: UInt64;
    call: UInt64;
    request: UInt64;
    state: UInt32;
    status: Int32;
    sip_code: UInt32;
    duration_ms: UInt32;
    expires_s: UInt32;
    codec: UInt32;
    srtp_suite: UInt32;
    digit: UInt32;
    count: UInt64;
    text: sidetone_text;
    from: sidetone_text;
    display_name: sidetone_text;
    to_: sidetone_text;
    path: sidetone_text;
    loudspeaker: sidetone_text;
    microphone: sidetone_text;
    end_: UInt32;
    q850_cause: UInt32;
    reason_sip_code: UInt32;
    flags: UInt32;
    reason: sidetone_text;
    transaction: UInt64;
    subscription: UInt64;
    publication: UInt64;
    voice_new: UInt32;
    voice_old: UInt32;
    activity: sidetone_text;
    method: sidetone_text;
    content_type: sidetone_text;
    body: sidetone_text;
    headers: sidetone_headers;
  end;
  {$if SizeOf(sidetone_event) <> 344}{$message fatal 'sidetone_event has not the size that the library knows'}{$ifend}

  sidetone_event_fn = procedure(event: Psidetone_event; user: Pointer); cdecl;

  sidetone_wakeup_fn = procedure(user: Pointer); cdecl;

  sidetone_log_fn = procedure(level: UInt32; module: PAnsiChar; text: PAnsiChar; length: Int32; user: Pointer); cdecl;

function sidetone_api_version: UInt32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_api_version';
function sidetone_version: PAnsiChar; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_version';
function sidetone_has_feature(name: PAnsiChar; length: Int32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_has_feature';
function sidetone_strerror(status: Int32): PAnsiChar; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_strerror';
function sidetone_last_error(buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_last_error';
function sidetone_engine_config_init(config: Psidetone_engine_config; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_config_init';
function sidetone_engine_create(config: Psidetone_engine_config; engine: PPointer): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_create';
function sidetone_engine_shutdown(engine: Psidetone_engine; timeout_ms: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_shutdown';
function sidetone_engine_destroy(engine: Psidetone_engine): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_destroy';
function sidetone_engine_address_read(engine: Psidetone_engine; transport: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_address_read';
function sidetone_account_config_init(config: Psidetone_account_config; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_config_init';
function sidetone_account_add(engine: Psidetone_engine; config: Psidetone_account_config; account: PUInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_add';
function sidetone_account_update(engine: Psidetone_engine; account: UInt64; config: Psidetone_account_config; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_update';
function sidetone_account_remove(engine: Psidetone_engine; account: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_remove';
function sidetone_account_register(engine: Psidetone_engine; account: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_register';
function sidetone_account_unregister(engine: Psidetone_engine; account: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_unregister';
function sidetone_account_info_read(engine: Psidetone_engine; account: UInt64; info: Psidetone_account_info): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_info_read';
function sidetone_account_text_read(engine: Psidetone_engine; account: UInt64; which: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_text_read';
function sidetone_account_list(engine: Psidetone_engine; accounts: PUInt64; capacity: UInt32; count: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_list';
function sidetone_network_changed(engine: Psidetone_engine): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_network_changed';
function sidetone_dial_options_init(options: Psidetone_dial_options; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_dial_options_init';
function sidetone_answer_options_init(options: Psidetone_answer_options; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_answer_options_init';
function sidetone_call_dial(engine: Psidetone_engine; account: UInt64; uri: PAnsiChar; length: Int32; options: Psidetone_dial_options; call: PUInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_dial';
function sidetone_call_ring(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_ring';
function sidetone_call_answer(engine: Psidetone_engine; call: UInt64; options: Psidetone_answer_options; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_answer';
function sidetone_call_reject(engine: Psidetone_engine; call: UInt64; sip_code: UInt32; reason: PAnsiChar; length: Int32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_reject';
function sidetone_call_hangup(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_hangup';
function sidetone_call_mute(engine: Psidetone_engine; call: UInt64; muted: UInt32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_mute';
function sidetone_call_gain(engine: Psidetone_engine; call: UInt64; send_db: Single; receive_db: Single; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_gain';
function sidetone_call_route(engine: Psidetone_engine; from: UInt64; to_: UInt64; gain_db: Single; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_route';
function sidetone_call_unroute(engine: Psidetone_engine; from: UInt64; to_: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_unroute';
function sidetone_call_dtmf(engine: Psidetone_engine; call: UInt64; digits: PAnsiChar; length: Int32; duration_ms: UInt32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_dtmf';
function sidetone_call_info_read(engine: Psidetone_engine; call: UInt64; info: Psidetone_call_info): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_info_read';
function sidetone_call_text_read(engine: Psidetone_engine; call: UInt64; which: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_text_read';
function sidetone_call_header_read(engine: Psidetone_engine; call: UInt64; name: PAnsiChar; length: Int32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_header_read';
function sidetone_call_list(engine: Psidetone_engine; calls: PUInt64; capacity: UInt32; count: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_list';
function sidetone_account_services_init(services: Psidetone_account_services; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_services_init';
function sidetone_account_services_set(engine: Psidetone_engine; account: UInt64; services: Psidetone_account_services): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_account_services_set';
function sidetone_call_transfer(engine: Psidetone_engine; call: UInt64; target: PAnsiChar; length: Int32; silent: UInt32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_transfer';
function sidetone_call_transfer_to(engine: Psidetone_engine; call: UInt64; other: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_transfer_to';
function sidetone_call_transfer_accept(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_transfer_accept';
function sidetone_call_transfer_reject(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_transfer_reject';
function sidetone_call_redirect(engine: Psidetone_engine; call: UInt64; target: PAnsiChar; length: Int32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_redirect';
function sidetone_call_redirect_follow(engine: Psidetone_engine; call: UInt64; follow: UInt32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_redirect_follow';
function sidetone_call_hangup_with(engine: Psidetone_engine; call: UInt64; q850_cause: UInt32; text: PAnsiChar; length: Int32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_hangup_with';
function sidetone_call_headers_set(engine: Psidetone_engine; call: UInt64; message: UInt32; headers: Psidetone_headers; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_headers_set';
function sidetone_call_message_header_read(engine: Psidetone_engine; call: UInt64; message: UInt32; name: PAnsiChar; length: Int32; index: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_message_header_read';
function sidetone_call_identity_read(engine: Psidetone_engine; call: UInt64; which: UInt32; index: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_identity_read';
function sidetone_call_privacy_read(engine: Psidetone_engine; call: UInt64; privacy: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_privacy_read';
function sidetone_call_progress(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_progress';
function sidetone_call_hold(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_hold';
function sidetone_call_resume(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_resume';
function sidetone_call_hold_music(engine: Psidetone_engine; call: UInt64; path: PAnsiChar; length: Int32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_hold_music';
function sidetone_conference_create(engine: Psidetone_engine; conference: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_conference_create';
function sidetone_conference_destroy(engine: Psidetone_engine; conference: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_conference_destroy';
function sidetone_conference_add(engine: Psidetone_engine; conference: UInt64; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_conference_add';
function sidetone_conference_remove(engine: Psidetone_engine; conference: UInt64; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_conference_remove';
function sidetone_conference_gain(engine: Psidetone_engine; conference: UInt64; from: UInt64; to_: UInt64; gain_db: Single; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_conference_gain';
function sidetone_conference_calls(engine: Psidetone_engine; conference: UInt64; calls: PUInt64; capacity: UInt32; count: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_conference_calls';
function sidetone_play_options_init(options: Psidetone_play_options; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_play_options_init';
function sidetone_call_play(engine: Psidetone_engine; call: UInt64; path: PAnsiChar; length: Int32; options: Psidetone_play_options; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_play';
function sidetone_call_play_stop(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_play_stop';
function sidetone_call_record(engine: Psidetone_engine; call: UInt64; path: PAnsiChar; length: Int32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_record';
function sidetone_call_record_pause(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_record_pause';
function sidetone_call_record_resume(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_record_resume';
function sidetone_call_record_stop(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_record_stop';
function sidetone_call_capture(engine: Psidetone_engine; call: UInt64; path: PAnsiChar; length: Int32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_capture';
function sidetone_call_capture_stop(engine: Psidetone_engine; call: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_capture_stop';
function sidetone_tap_options_init(options: Psidetone_tap_options; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_tap_options_init';
function sidetone_tap_open(engine: Psidetone_engine; call: UInt64; options: Psidetone_tap_options; tap: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_tap_open';
function sidetone_tap_read(engine: Psidetone_engine; tap: UInt64; samples: PSmallInt; capacity: UInt32; timeout_ms: Int32; frame: Psidetone_tap_frame): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_tap_read';
function sidetone_tap_info_read(engine: Psidetone_engine; tap: UInt64; info: Psidetone_tap_info): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_tap_info_read';
function sidetone_tap_close(engine: Psidetone_engine; tap: UInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_tap_close';
function sidetone_inject_options_init(options: Psidetone_inject_options; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_inject_options_init';
function sidetone_inject_open(engine: Psidetone_engine; call: UInt64; options: Psidetone_inject_options; injection: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_inject_open';
function sidetone_inject_write(engine: Psidetone_engine; injection: UInt64; samples: PSmallInt; count: UInt32; written: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_inject_write';
function sidetone_inject_flush(engine: Psidetone_engine; injection: UInt64; flushed: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_inject_flush';
function sidetone_inject_info_read(engine: Psidetone_engine; injection: UInt64; info: Psidetone_inject_info): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_inject_info_read';
function sidetone_inject_close(engine: Psidetone_engine; injection: UInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_inject_close';
function sidetone_message_send(engine: Psidetone_engine; from: UInt64; uri: PAnsiChar; uri_length: Int32; content_type: PAnsiChar; type_length: Int32; body: Pointer; bytes: UInt32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_message_send';
function sidetone_sip_request_init(sip: Psidetone_sip_request; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_sip_request_init';
function sidetone_sip_answer_init(answer: Psidetone_sip_answer; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_sip_answer_init';
function sidetone_request_send(engine: Psidetone_engine; from: UInt64; uri: PAnsiChar; length: Int32; sip: Psidetone_sip_request; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_request_send';
function sidetone_request_answer(engine: Psidetone_engine; transaction: UInt64; answer: Psidetone_sip_answer; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_request_answer';
function sidetone_multipart_count(content_type: PAnsiChar; length: Int32; body: Pointer; bytes: UInt32; count: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_multipart_count';
function sidetone_multipart_read(content_type: PAnsiChar; length: Int32; body: Pointer; bytes: UInt32; index: UInt32; offset: PUInt32; part_bytes: PUInt32; name: PAnsiChar; name_length: Int32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_multipart_read';
function sidetone_multipart_write(parts: Psidetone_body_part; count: UInt32; type_buffer: PAnsiChar; type_capacity: UInt32; body: Pointer; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_multipart_write';
function sidetone_subscription_options_init(options: Psidetone_subscription_options; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_options_init';
function sidetone_subscription_add(engine: Psidetone_engine; account: UInt64; uri: PAnsiChar; length: Int32; options: Psidetone_subscription_options; subscription: PUInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_add';
function sidetone_subscription_refresh(engine: Psidetone_engine; subscription: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_refresh';
function sidetone_subscription_remove(engine: Psidetone_engine; subscription: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_remove';
function sidetone_subscription_info_read(engine: Psidetone_engine; subscription: UInt64; info: Psidetone_subscription_info): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_info_read';
function sidetone_subscription_text_read(engine: Psidetone_engine; subscription: UInt64; which: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_text_read';
function sidetone_subscription_list(engine: Psidetone_engine; array_: PUInt64; capacity: UInt32; count: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_list';
function sidetone_subscription_dialog_read(engine: Psidetone_engine; subscription: UInt64; index: UInt32; dialog: Psidetone_watched_dialog): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_dialog_read';
function sidetone_subscription_dialog_text_read(engine: Psidetone_engine; subscription: UInt64; index: UInt32; which: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_subscription_dialog_text_read';
function sidetone_presence_init(presence: Psidetone_presence; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_presence_init';
function sidetone_presence_publish(engine: Psidetone_engine; account: UInt64; presence: Psidetone_presence; publication: PUInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_presence_publish';
function sidetone_presence_update(engine: Psidetone_engine; publication: UInt64; presence: Psidetone_presence; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_presence_update';
function sidetone_publication_add(engine: Psidetone_engine; account: UInt64; event: PAnsiChar; event_length: Int32; content_type: PAnsiChar; type_length: Int32; body: Pointer; bytes: UInt32; publication: PUInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_publication_add';
function sidetone_publication_update(engine: Psidetone_engine; publication: UInt64; content_type: PAnsiChar; type_length: Int32; body: Pointer; bytes: UInt32; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_publication_update';
function sidetone_publication_remove(engine: Psidetone_engine; publication: UInt64; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_publication_remove';
function sidetone_audio_init(audio: Psidetone_audio; size: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_audio_init';
function sidetone_audio_select(engine: Psidetone_engine; audio: Psidetone_audio; request: PUInt64): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_audio_select';
function sidetone_audio_levels_read(engine: Psidetone_engine; levels: Psidetone_audio_levels): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_audio_levels_read';
function sidetone_device_list(engine: Psidetone_engine; count: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_device_list';
function sidetone_device_info_read(engine: Psidetone_engine; index: UInt32; info: Psidetone_device_info): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_device_info_read';
function sidetone_device_text_read(engine: Psidetone_engine; index: UInt32; which: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_device_text_read';
function sidetone_call_stats_read(engine: Psidetone_engine; call: UInt64; stats: Psidetone_call_stats): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_call_stats_read';
function sidetone_engine_stats_read(engine: Psidetone_engine; stats: Psidetone_engine_stats): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_stats_read';
function sidetone_engine_health_read(engine: Psidetone_engine; health: Psidetone_engine_health): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_health_read';
function sidetone_engine_priority_read(engine: Psidetone_engine; threads: UInt32; buffer: PAnsiChar; capacity: UInt32; needed: PUInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_engine_priority_read';
function sidetone_event_next(engine: Psidetone_engine; timeout_ms: Int32; event: Psidetone_event): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_event_next';
function sidetone_wake(engine: Psidetone_engine): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_wake';
function sidetone_event_thread_start(engine: Psidetone_engine; function_: sidetone_event_fn; user: Pointer): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_event_thread_start';
function sidetone_event_thread_stop(engine: Psidetone_engine): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_event_thread_stop';
function sidetone_wakeup_set_function(engine: Psidetone_engine; function_: sidetone_wakeup_fn; user: Pointer): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_wakeup_set_function';
function sidetone_wakeup_set_fd(engine: Psidetone_engine; fd: Int32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_wakeup_set_fd';
{$ifdef MSWINDOWS}
function sidetone_wakeup_set_handle(engine: Psidetone_engine; handle: Pointer): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_wakeup_set_handle';
function sidetone_wakeup_set_window(engine: Psidetone_engine; window: Pointer; message: UInt32): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_wakeup_set_window';
{$endif}
function sidetone_log_set(engine: Psidetone_engine; level: UInt32; function_: sidetone_log_fn; user: Pointer): Int32; cdecl;
  external SIDETONE_LIBRARY name 'sidetone_log_set';

implementation

end.

// The constants, structs and functions of sidetone.h.
//
// Written by tests/bindings.rs from include/sidetone.h; change it there.
using System;
using System.Runtime.InteropServices;

namespace Sidetone
{
    /// <summary>The constants of sidetone.h.</summary>
    public static class Constants
    {
        /// <summary>Version of this interface: major * 65536 + minor. A minor one adds; only a
        /// major one changes or removes.</summary>
        public const uint ApiVersion = 2;
        /// <summary>Done.</summary>
        public const int Ok = 0;
        /// <summary>An argument is outside its range; the error text names it. (-1 to -99: how the
        /// call was made.)</summary>
        public const int ErrInvalidArgument = -1;
        /// <summary>The id named an object that is gone.</summary>
        public const int ErrStaleId = -2;
        /// <summary>The id is of another kind, or 0.</summary>
        public const int ErrWrongKind = -3;
        /// <summary>The engine's command queue is full; try again shortly.</summary>
        public const int ErrBusy = -4;
        /// <summary>A limit of the engine's configuration is reached.</summary>
        public const int ErrLimit = -5;
        /// <summary>Not possible in the object's present state.</summary>
        public const int ErrWrongState = -6;
        /// <summary>Not allowed on this thread.</summary>
        public const int ErrWrongThread = -7;
        /// <summary>A fault of this library was caught. Other calls go on.</summary>
        public const int ErrPanic = -8;
        /// <summary>An earlier fault left the engine unusable; destroy it.</summary>
        public const int ErrFaulted = -9;
        /// <summary>The engine is shutting down or has stopped.</summary>
        public const int ErrShutdown = -10;
        /// <summary>The time given ran out.</summary>
        public const int ErrTimeout = -11;
        /// <summary>The caller's buffer is too small; the needed size was stored.</summary>
        public const int ErrTooSmall = -12;
        /// <summary>Not in this build or on this platform.</summary>
        public const int ErrUnsupported = -13;
        /// <summary>A fault inside; the error text tells where.</summary>
        public const int ErrInternal = -14;
        /// <summary>A pointer is NULL that must not be; the error text names it.</summary>
        public const int ErrNullPointer = -15;
        /// <summary>Text is not UTF-8; the error text says where.</summary>
        public const int ErrNotUtf8 = -16;
        /// <summary>A struct's `size` is none that this library knows.</summary>
        public const int ErrStructSize = -17;
        /// <summary>Not a SIP URI that can be dialled. (-100 to -199: signalling.)</summary>
        public const int ErrInvalidUri = -100;
        /// <summary>The transport could not be opened, or broke.</summary>
        public const int ErrTransport = -101;
        /// <summary>The host name has no address.</summary>
        public const int ErrResolve = -102;
        /// <summary>The credentials were refused.</summary>
        public const int ErrAuthentication = -103;
        /// <summary>The far end refused with a final response; the event has its code.</summary>
        public const int ErrRefused = -104;
        /// <summary>No answer came in time.</summary>
        public const int ErrNoAnswer = -105;
        /// <summary>The far end's certificate is not good, or it did not take ours; the text says
        /// why.</summary>
        public const int ErrCertificate = -106;
        /// <summary>No codec in common. (-200 to -299: media.)</summary>
        public const int ErrNoCodec = -200;
        /// <summary>The account demands SRTP and the far end has none that fits.</summary>
        public const int ErrSrtpRequired = -201;
        /// <summary>No free RTP port in the range.</summary>
        public const int ErrNoPort = -202;
        /// <summary>The call of a tap or an injection is over: nothing is left to read, nothing
        /// more is played.</summary>
        public const int ErrEnded = -203;
        /// <summary>No sound card of that name, or none at all. (-300 to -399: audio
        /// devices.)</summary>
        public const int ErrNoDevice = -300;
        /// <summary>The sound card is there but cannot be opened as asked.</summary>
        public const int ErrDeviceOpen = -301;
        /// <summary>The file cannot be opened or created. (-400 to -499: files.)</summary>
        public const int ErrFileOpen = -400;
        /// <summary>The file is not one that can be played (PCM or float WAV).</summary>
        public const int ErrFileFormat = -401;
        /// <summary>Writing failed; the disk may be full.</summary>
        public const int ErrFileWrite = -402;
        /// <summary>No id: what a call without account has, and what no function takes for an
        /// object.</summary>
        public const uint IdNone = 0;
        /// <summary>Transport: what the URI asks for, else what the domain's DNS records choose,
        /// else UDP; the default.</summary>
        public const uint TransportAuto = 16;
        /// <summary>Transport: UDP.</summary>
        public const uint TransportUdp = 1;
        /// <summary>Transport: TCP.</summary>
        public const uint TransportTcp = 2;
        /// <summary>Transport: TLS.</summary>
        public const uint TransportTls = 3;
        /// <summary>Transport: WebSocket (RFC 7118).</summary>
        public const uint TransportWs = 4;
        /// <summary>Transport: WebSocket over TLS.</summary>
        public const uint TransportWss = 5;
        /// <summary>Keep-alive over UDP: STUN where the registrar supports `outbound` (RFC 5626),
        /// else CRLF; the default.</summary>
        public const uint KeepAliveAuto = 1;
        /// <summary>Keep-alive over UDP: CRLF, which nobody answers.</summary>
        public const uint KeepAliveCrlf = 2;
        /// <summary>Keep-alive over UDP: STUN, so that a dead flow is noticed.</summary>
        public const uint KeepAliveStun = 3;
        /// <summary>State of a call: being set up, nothing was sent yet.</summary>
        public const uint CallNew = 0;
        /// <summary>State of a call: INVITE sent.</summary>
        public const uint CallDialing = 1;
        /// <summary>State of a call: an INVITE came; ring, answer or reject it.</summary>
        public const uint CallIncoming = 2;
        /// <summary>State of a call: 180 received or sent.</summary>
        public const uint CallRinging = 3;
        /// <summary>State of a call: 183 with media received, the far end is heard before it
        /// answers.</summary>
        public const uint CallEarlyMedia = 4;
        /// <summary>State of a call: answered.</summary>
        public const uint CallConnected = 5;
        /// <summary>State of a call: BYE or CANCEL is under way.</summary>
        public const uint CallEnding = 6;
        /// <summary>State of a call: over. Its id is stale once this event was pulled.</summary>
        public const uint CallEnded = 7;
        /// <summary>Codec: G.711 mu-law, 8 kHz.</summary>
        public const uint CodecPcmu = 1;
        /// <summary>Codec: G.711 A-law, 8 kHz.</summary>
        public const uint CodecPcma = 2;
        /// <summary>Codec: Opus, 48 kHz.</summary>
        public const uint CodecOpus = 3;
        /// <summary>Codec: G.722, 16 kHz.</summary>
        public const uint CodecG722 = 4;
        /// <summary>SRTP: plain RTP only.</summary>
        public const uint SrtpOff = 1;
        /// <summary>SRTP: offered, and used when the far end has it; the default.</summary>
        public const uint SrtpOptional = 2;
        /// <summary>SRTP: a call without it fails.</summary>
        public const uint SrtpMandatory = 3;
        /// <summary>Suite: AES_CM_128_HMAC_SHA1_80 (RFC 4568).</summary>
        public const uint SuiteAesCm128HmacSha1_80 = 1;
        /// <summary>Suite: AES_CM_128_HMAC_SHA1_32 (RFC 4568).</summary>
        public const uint SuiteAesCm128HmacSha1_32 = 2;
        /// <summary>Suite: AES_256_CM_HMAC_SHA1_80 (RFC 6188).</summary>
        public const uint SuiteAes256CmHmacSha1_80 = 3;
        /// <summary>Suite: AES_256_CM_HMAC_SHA1_32 (RFC 6188).</summary>
        public const uint SuiteAes256CmHmacSha1_32 = 4;
        /// <summary>Suite: AEAD_AES_128_GCM (RFC 7714).</summary>
        public const uint SuiteAeadAes128Gcm = 5;
        /// <summary>Suite: AEAD_AES_256_GCM (RFC 7714).</summary>
        public const uint SuiteAeadAes256Gcm = 6;
        /// <summary>DTMF: telephone-event where the far end has it, else INFO where it says that
        /// it takes that, else tones; the default.</summary>
        public const uint DtmfAuto = 1;
        /// <summary>DTMF: telephone-event (RFC 4733).</summary>
        public const uint DtmfRtp = 2;
        /// <summary>DTMF: INFO with application/dtmf-relay.</summary>
        public const uint DtmfInfo = 3;
        /// <summary>DTMF: tones in the audio.</summary>
        public const uint DtmfTones = 4;
        /// <summary>Symmetric RTP: never, media goes where the SDP says.</summary>
        public const uint LatchOff = 1;
        /// <summary>Symmetric RTP: the first valid packet's source is taken and kept; the
        /// default.</summary>
        public const uint LatchOnce = 2;
        /// <summary>Symmetric RTP: each new source is followed until valid RTCP came from
        /// one.</summary>
        public const uint LatchUntilRtcp = 3;
        /// <summary>Direction of media: both ways.</summary>
        public const uint DirectionSendrecv = 1;
        /// <summary>Direction of media: we only send.</summary>
        public const uint DirectionSendonly = 2;
        /// <summary>Direction of media: we only receive.</summary>
        public const uint DirectionRecvonly = 3;
        /// <summary>Direction of media: neither.</summary>
        public const uint DirectionInactive = 4;
        /// <summary>Length of the lists of codecs and suites in structs.</summary>
        public const uint ListMax = 16;
        /// <summary>The longest text that is taken, in bytes.</summary>
        public const uint TextMax = 65535;
        /// <summary>The most headers in one list.</summary>
        public const uint HeadersMax = 64;
        /// <summary>Registration: not registered, and not trying.</summary>
        public const uint RegistrationUnregistered = 0;
        /// <summary>Registration: a REGISTER is under way.</summary>
        public const uint RegistrationRegistering = 1;
        /// <summary>Registration: registered; it is refreshed before it expires.</summary>
        public const uint RegistrationRegistered = 2;
        /// <summary>Registration: failed; it is tried again after a while.</summary>
        public const uint RegistrationRetrying = 3;
        /// <summary>Registration: failed for good (credentials refused); only
        /// sidetone_account_register() tries again.</summary>
        public const uint RegistrationFailed = 4;
        /// <summary>Registration: being taken back.</summary>
        public const uint RegistrationUnregistering = 5;
        /// <summary>Reach: a registration is not wanted, or was given up.</summary>
        public const uint ReachIdle = 0;
        /// <summary>Reach: the registrar knows where we are.</summary>
        public const uint ReachUp = 1;
        /// <summary>Reach: the registrar was not reached, or refused; it is tried again.</summary>
        public const uint ReachLost = 2;
        /// <summary>Reach: a REGISTER is out that will tell.</summary>
        public const uint ReachProbing = 3;
        /// <summary>Reach: our own address has changed, and a REGISTER with the new one is
        /// out.</summary>
        public const uint ReachMoved = 4;
        /// <summary>Outbound (RFC 5626): over connections, not over UDP; the default.</summary>
        public const uint OutboundAuto = 1;
        /// <summary>Outbound: never.</summary>
        public const uint OutboundOff = 2;
        /// <summary>Outbound: always.</summary>
        public const uint OutboundOn = 3;
        /// <summary>GRUU (RFC 5627): far ends get the public name of this device, where the
        /// registrar gives one.</summary>
        public const uint GruuPublic = 1;
        /// <summary>GRUU: far ends get the temporary name, which does not tell who we
        /// are.</summary>
        public const uint GruuTemporary = 2;
        /// <summary>GRUU: none is asked for, far ends get our address; the default, since some
        /// proxies hand such names out and do not route requests within calls that are sent to
        /// them.</summary>
        public const uint GruuOff = 3;
        /// <summary>Text of an account: its address of record.</summary>
        public const uint AccountTextAor = 1;
        /// <summary>Text of an account: local SIP address used towards the registrar, "ip:port";
        /// empty before the first request.</summary>
        public const uint AccountTextLocalAddress = 2;
        /// <summary>Complexity of Opus: libopus's 0, the least CPU time. 1 to 10 stand for
        /// themselves.</summary>
        public const uint OpusComplexityLeast = 255;
        /// <summary>Bandwidth of Opus: 4 kHz.</summary>
        public const uint OpusBandwidthNarrow = 1;
        /// <summary>Bandwidth of Opus: 6 kHz.</summary>
        public const uint OpusBandwidthMedium = 2;
        /// <summary>Bandwidth of Opus: 8 kHz.</summary>
        public const uint OpusBandwidthWide = 3;
        /// <summary>Bandwidth of Opus: 12 kHz.</summary>
        public const uint OpusBandwidthSuperwide = 4;
        /// <summary>Bandwidth of Opus: 20 kHz; the default.</summary>
        public const uint OpusBandwidthFull = 5;
        /// <summary>FEC or DTX of Opus: used.</summary>
        public const uint OpusOn = 1;
        /// <summary>FEC or DTX of Opus: not used.</summary>
        public const uint OpusOff = 2;
        /// <summary>Text of a call: SIP Call-ID.</summary>
        public const uint CallTextSipCallId = 1;
        /// <summary>Text of a call: URI of the far end.</summary>
        public const uint CallTextRemoteUri = 2;
        /// <summary>Text of a call: display name of the far end; may be empty.</summary>
        public const uint CallTextRemoteName = 3;
        /// <summary>Text of a call: our URI in it.</summary>
        public const uint CallTextLocalUri = 4;
        /// <summary>Text of a call: where our RTP goes, "ip:port"; empty before media
        /// runs.</summary>
        public const uint CallTextRemoteRtp = 5;
        /// <summary>Text of a call: where we listen for RTP, "ip:port".</summary>
        public const uint CallTextLocalRtp = 6;
        /// <summary>Do not disturb: calls come through; the default.</summary>
        public const uint DisturbAllowed = 1;
        /// <summary>Do not disturb: callers hear busy (486).</summary>
        public const uint DisturbBusy = 2;
        /// <summary>Do not disturb: callers hear that nobody is there (480).</summary>
        public const uint DisturbUnavailable = 3;
        /// <summary>Automatic answer: never; the default.</summary>
        public const uint AutoAnswerOff = 1;
        /// <summary>Automatic answer: calls that ask for it (Call-Info or Alert-Info with
        /// answer-after, X-AUTOANSWER, Answer-Mode of RFC 5373).</summary>
        public const uint AutoAnswerOnRequest = 2;
        /// <summary>Automatic answer: every call.</summary>
        public const uint AutoAnswerAlways = 3;
        /// <summary>Policy: the host decides. The default for transfers.</summary>
        public const uint PolicyAsk = 1;
        /// <summary>Policy: it is done. The default for redirects.</summary>
        public const uint PolicyAlways = 2;
        /// <summary>Policy: it is not done.</summary>
        public const uint PolicyNever = 3;
        /// <summary>Kind of message: INVITE, also one within the call.</summary>
        public const uint MessageInvite = 1;
        /// <summary>Kind of message: 101 to 199 to INVITE.</summary>
        public const uint MessageProvisional = 2;
        /// <summary>Kind of message: 2xx to INVITE.</summary>
        public const uint MessageAnswer = 3;
        /// <summary>Kind of message: 300 to 699 to INVITE.</summary>
        public const uint MessageRefusal = 4;
        /// <summary>Kind of message: ACK.</summary>
        public const uint MessageAck = 5;
        /// <summary>Kind of message: CANCEL.</summary>
        public const uint MessageCancel = 6;
        /// <summary>Kind of message: BYE.</summary>
        public const uint MessageBye = 7;
        /// <summary>Kind of message: INFO.</summary>
        public const uint MessageInfo = 8;
        /// <summary>Kind of message: UPDATE.</summary>
        public const uint MessageUpdate = 9;
        /// <summary>Kind of message: REFER.</summary>
        public const uint MessageRefer = 10;
        /// <summary>Kind of message: NOTIFY of a transfer.</summary>
        public const uint MessageNotify = 11;
        /// <summary>Identity: P-Asserted-Identity (RFC 3325).</summary>
        public const uint IdentityAsserted = 1;
        /// <summary>Identity: P-Preferred-Identity.</summary>
        public const uint IdentityPreferred = 2;
        /// <summary>Identity: Remote-Party-ID.</summary>
        public const uint IdentityRemoteParty = 3;
        /// <summary>Identity: who sent the call on, the latest first (Diversion, RFC
        /// 5806).</summary>
        public const uint IdentityDiversion = 4;
        /// <summary>Identity: why, "unconditional", "user-busy", "no-answer"…; same index as the
        /// one before.</summary>
        public const uint IdentityDiversionReason = 5;
        /// <summary>Identity: where the call has been (History-Info, RFC 7044).</summary>
        public const uint IdentityHistory = 6;
        /// <summary>Privacy: the asserted identity is for the network only.</summary>
        public const uint PrivacyId = 1;
        /// <summary>Privacy: header, session or user privacy is asked for.</summary>
        public const uint PrivacyService = 2;
        /// <summary>Privacy: the call's history is to be withheld.</summary>
        public const uint PrivacyHistory = 4;
        /// <summary>Privacy: rather no call than one without it.</summary>
        public const uint PrivacyCritical = 8;
        /// <summary>Privacy: none is wanted.</summary>
        public const uint PrivacyNone = 16;
        /// <summary>Early media: a ringback tone from the 180 on, until the first RTP packet of
        /// the far end; the default.</summary>
        public const uint EarlyMediaAuto = 1;
        /// <summary>Early media: what the far end sends, never a tone.</summary>
        public const uint EarlyMediaRemote = 2;
        /// <summary>Early media: the tone, whatever the far end sends.</summary>
        public const uint EarlyMediaLocal = 3;
        /// <summary>Early media: nothing.</summary>
        public const uint EarlyMediaSilence = 4;
        /// <summary>Reliable provisional responses (RFC 3262): not supported.</summary>
        public const uint PrackOff = 1;
        /// <summary>Reliable provisional responses: supported, and used where the far end requires
        /// it or where they carry a description; the default.</summary>
        public const uint PrackSupported = 2;
        /// <summary>Reliable provisional responses: required of the far end.</summary>
        public const uint PrackRequired = 3;
        /// <summary>Offer of an outgoing call: in the INVITE; the default.</summary>
        public const uint OfferEarly = 1;
        /// <summary>Offer of an outgoing call: the far end's, in its answer.</summary>
        public const uint OfferDelayed = 2;
        /// <summary>Hold, a bit of an event's `state`: we hold the far end.</summary>
        public const uint HoldLocal = 1;
        /// <summary>Hold, a bit of an event's `state`: the far end holds us.</summary>
        public const uint HoldRemote = 2;
        /// <summary>Tap: what the far end says, before the gain of what we hear; the
        /// default.</summary>
        public const uint TapReceived = 1;
        /// <summary>Tap: what is sent to the far end: everything that is mixed for it, as it is
        /// encoded.</summary>
        public const uint TapSent = 2;
        /// <summary>Flag of a frame: 10 ms of it at least were made up in the place of packets
        /// lost or late.</summary>
        public const uint TapFlagConcealed = 1;
        /// <summary>Flag of a frame: for 10 ms of it at least there was nothing to be heard (no
        /// media yet, or of what is received none, as on hold); it is silence there.</summary>
        public const uint TapFlagAbsent = 2;
        /// <summary>Samples of the longest frame: 20 ms at 48000 Hz.</summary>
        public const uint TapSamplesMax = 960;
        /// <summary>Injection: heard by the far end, with the microphone; the default.</summary>
        public const uint InjectFarEnd = 1;
        /// <summary>Injection: heard by our own user, with the calls.</summary>
        public const uint InjectNearEnd = 2;
        /// <summary>The longest body that is sent, in bytes.</summary>
        public const uint BodyMax = 49152;
        /// <summary>Most parts that are put together.</summary>
        public const uint BodyPartsMax = 64;
        /// <summary>Package: messages waiting in a mailbox (RFC 3842).</summary>
        public const uint PackageMessageSummary = 1;
        /// <summary>Package: whether somebody talks, for busy lamps (RFC 4235); the
        /// default.</summary>
        public const uint PackageDialog = 2;
        /// <summary>Package: presence (RFC 3856).</summary>
        public const uint PackagePresence = 3;
        /// <summary>Package: any other, named by `event`; the host reads its documents.</summary>
        public const uint PackageOther = 4;
        /// <summary>State of a subscription: SUBSCRIBE is under way, or the first
        /// NOTIFY.</summary>
        public const uint SubscriptionSubscribing = 0;
        /// <summary>State of a subscription: the far end has not decided about it.</summary>
        public const uint SubscriptionPending = 1;
        /// <summary>State of a subscription: it stands.</summary>
        public const uint SubscriptionActive = 2;
        /// <summary>State of a subscription: it was lost; it is tried again after a
        /// while.</summary>
        public const uint SubscriptionRetrying = 3;
        /// <summary>State of a subscription: it is being taken back.</summary>
        public const uint SubscriptionUnsubscribing = 4;
        /// <summary>State of a subscription: refused for good, ended by the far end, or
        /// (`sip_code` 200) the one look that was asked for has been told; only
        /// sidetone_subscription_refresh() begins anew.</summary>
        public const uint SubscriptionEnded = 5;
        /// <summary>Busy lamp: nothing is known yet.</summary>
        public const uint LampUnknown = 0;
        /// <summary>Busy lamp: no call.</summary>
        public const uint LampIdle = 1;
        /// <summary>Busy lamp: somebody calls who is watched.</summary>
        public const uint LampRinging = 2;
        /// <summary>Busy lamp: who is watched calls or talks.</summary>
        public const uint LampBusy = 3;
        /// <summary>Busy lamp: all calls of who is watched are on hold.</summary>
        public const uint LampHeld = 4;
        /// <summary>Presence: not said.</summary>
        public const uint PresenceUnknown = 0;
        /// <summary>Presence: can be reached.</summary>
        public const uint PresenceOpen = 1;
        /// <summary>Presence: cannot be reached.</summary>
        public const uint PresenceClosed = 2;
        /// <summary>State of a watched dialog: INVITE sent or received.</summary>
        public const uint DialogTrying = 0;
        /// <summary>State of a watched dialog: somebody works on it.</summary>
        public const uint DialogProceeding = 1;
        /// <summary>State of a watched dialog: it rings.</summary>
        public const uint DialogEarly = 2;
        /// <summary>State of a watched dialog: it talks.</summary>
        public const uint DialogConfirmed = 3;
        /// <summary>Text of a subscription: what is watched.</summary>
        public const uint SubscriptionTextUri = 1;
        /// <summary>Text of a subscription: its event package.</summary>
        public const uint SubscriptionTextEvent = 2;
        /// <summary>Text of a subscription: the note of a presence.</summary>
        public const uint SubscriptionTextNote = 3;
        /// <summary>Text of a subscription: the activity of a presence, a name of RFC 4480,
        /// "on-the-phone" say.</summary>
        public const uint SubscriptionTextActivity = 4;
        /// <summary>Text of a subscription: URI of the mailbox.</summary>
        public const uint SubscriptionTextMailbox = 5;
        /// <summary>Text of a watched dialog: its id within the subscription.</summary>
        public const uint DialogTextId = 1;
        /// <summary>Text of a watched dialog: SIP Call-ID; with both tags what picks the call up
        /// (Replaces).</summary>
        public const uint DialogTextCallId = 2;
        /// <summary>Text of a watched dialog: tag of who is watched.</summary>
        public const uint DialogTextLocalTag = 3;
        /// <summary>Text of a watched dialog: tag of the far end.</summary>
        public const uint DialogTextRemoteTag = 4;
        /// <summary>Text of a watched dialog: URI of the far end.</summary>
        public const uint DialogTextRemoteUri = 5;
        /// <summary>Text of a watched dialog: display name of the far end.</summary>
        public const uint DialogTextRemoteName = 6;
        /// <summary>State of a publication: PUBLISH is under way.</summary>
        public const uint PublicationPublishing = 0;
        /// <summary>State of a publication: the server has it.</summary>
        public const uint PublicationPublished = 1;
        /// <summary>State of a publication: it failed; it is tried again after a while.</summary>
        public const uint PublicationRetrying = 2;
        /// <summary>State of a publication: it is being removed.</summary>
        public const uint PublicationRemoving = 3;
        /// <summary>State of a publication: refused for good; only another state begins
        /// anew.</summary>
        public const uint PublicationEnded = 4;
        /// <summary>Audio: no device; calls hear what is played or routed into them. The
        /// default.</summary>
        public const uint AudioHeadless = 0;
        /// <summary>Audio: sound cards, opened with the first call and closed after the
        /// last.</summary>
        public const uint AudioDevices = 1;
        /// <summary>Audio: WAV files in the place of a sound card.</summary>
        public const uint AudioWav = 2;
        /// <summary>A sound card can capture.</summary>
        public const uint DeviceCaptures = 1;
        /// <summary>A sound card can play.</summary>
        public const uint DevicePlays = 2;
        /// <summary>A sound card is the system's default microphone.</summary>
        public const uint DeviceDefaultCapture = 4;
        /// <summary>A sound card is the system's default loudspeaker.</summary>
        public const uint DeviceDefaultPlayback = 8;
        /// <summary>Text of a sound card: the id to select it by.</summary>
        public const uint DeviceTextId = 1;
        /// <summary>Text of a sound card: its name, for people.</summary>
        public const uint DeviceTextName = 2;
        /// <summary>Measured: `packets_lost`.</summary>
        public const uint ValidPacketsLost = 1;
        /// <summary>Measured: `jitter_ms`.</summary>
        public const uint ValidJitter = 2;
        /// <summary>Measured: `round_trip_ms`.</summary>
        public const uint ValidRoundTrip = 4;
        /// <summary>Measured: `remote_loss`.</summary>
        public const uint ValidRemoteLoss = 8;
        /// <summary>Measured: `remote_jitter_ms`.</summary>
        public const uint ValidRemoteJitter = 16;
        /// <summary>Measured: `target_delay_ms`.</summary>
        public const uint ValidTargetDelay = 32;
        /// <summary>Measured: `playout_delay_ms`.</summary>
        public const uint ValidPlayoutDelay = 64;
        /// <summary>Measured: `concealed`.</summary>
        public const uint ValidConcealed = 128;
        /// <summary>Measured: `level_received_db`.</summary>
        public const uint ValidLevelReceived = 256;
        /// <summary>Measured: `level_sent_db`.</summary>
        public const uint ValidLevelSent = 512;
        /// <summary>Measured: `r_factor`.</summary>
        public const uint ValidRFactor = 1024;
        /// <summary>Measured: `mos`.</summary>
        public const uint ValidMos = 2048;
        /// <summary>Measured: `send_deviation_max_ms`.</summary>
        public const uint ValidSendDeviation = 4096;
        /// <summary>Priority of threads: nobody asked yet, or there is nothing to ask for on this
        /// system.</summary>
        public const uint PriorityNotAsked = 0;
        /// <summary>Priority of threads: real-time scheduling (Linux: SCHED_FIFO; Windows: the
        /// highest priority of the process's class).</summary>
        public const uint PriorityRealTime = 1;
        /// <summary>Priority of threads: that of the scheduler for multimedia (Windows: MMCSS,
        /// "Pro Audio").</summary>
        public const uint PriorityMultimedia = 2;
        /// <summary>Priority of threads: refused; the work is done, with gaps on a busy
        /// machine.</summary>
        public const uint PriorityRefused = 3;
        /// <summary>Threads: the media workers.</summary>
        public const uint ThreadsWorkers = 1;
        /// <summary>Threads: the callbacks of the sound card.</summary>
        public const uint ThreadsCallbacks = 2;
        /// <summary>End of a call: it was never sent.</summary>
        public const uint EndUnsent = 1;
        /// <summary>End of a call: we hung up, cancelled or refused.</summary>
        public const uint EndLocal = 2;
        /// <summary>End of a call: the far end hung up.</summary>
        public const uint EndRemote = 3;
        /// <summary>End of a call: the caller gave up.</summary>
        public const uint EndCancelled = 4;
        /// <summary>End of a call: another phone of ours took it.</summary>
        public const uint EndElsewhere = 5;
        /// <summary>End of a call: the far end refused.</summary>
        public const uint EndRefused = 6;
        /// <summary>End of a call: nobody answered in time.</summary>
        public const uint EndNoAnswer = 7;
        /// <summary>End of a call: no response, or no acknowledgement, came.</summary>
        public const uint EndTimeout = 8;
        /// <summary>End of a call: a message could not be sent.</summary>
        public const uint EndTransport = 9;
        /// <summary>End of a call: the credentials were refused.</summary>
        public const uint EndAuthentication = 10;
        /// <summary>End of a call: the two ends agree on no media.</summary>
        public const uint EndMedia = 11;
        /// <summary>End of a call: the far end broke the protocol.</summary>
        public const uint EndProtocol = 12;
        /// <summary>End of a call: its session was not refreshed (RFC 4028).</summary>
        public const uint EndSession = 13;
        /// <summary>End of a call: we handed the far end over to somebody else.</summary>
        public const uint EndTransferred = 14;
        /// <summary>End of a call: we sent the caller elsewhere.</summary>
        public const uint EndForwarded = 15;
        /// <summary>End of a call: it was as long as a call may be.</summary>
        public const uint EndMaxDuration = 16;
        /// <summary>End of a call: no media came any more.</summary>
        public const uint EndDeadMedia = 17;
        /// <summary>Event: none came.</summary>
        public const uint EventNone = 0;
        /// <summary>Event: the registration of `account` is now in `state`
        /// (SIDETONE_REGISTRATION_*); `sip_code`, `text` (why), `expires_s`, `to` (where the
        /// REGISTER went: "address:port/TRANSPORT").</summary>
        public const uint EventRegistration = 1;
        /// <summary>Event: somebody calls. `call`, `account` (or none), `from`, `display_name`,
        /// `to`.</summary>
        public const uint EventIncomingCall = 2;
        /// <summary>Event: `call` is now in `state` (SIDETONE_CALL_*); `sip_code`, `text`; when it
        /// ended, `status` says why, SIDETONE_OK after an orderly end, `end` (SIDETONE_END_*) how,
        /// and `q850_cause`, `reason_sip_code` and `reason` what the far end or the network said
        /// of it (RFC 3326).</summary>
        public const uint EventCall = 3;
        /// <summary>Event: media of `call` runs, or its terms changed: `codec`,
        /// `srtp_suite`.</summary>
        public const uint EventMedia = 4;
        /// <summary>Event: a digit came in `call`: `digit`, `duration_ms`.</summary>
        public const uint EventDtmf = 5;
        /// <summary>Event: the file played into `call` ended; `status`.</summary>
        public const uint EventPlayFinished = 6;
        /// <summary>Event: the recording of `call` ended; `path`, `status`, `text`; `count`:
        /// frames that were lost because the disk was too slow, with silence in their place. An
        /// error (SIDETONE_ERR_FILE_WRITE: the disk is full) ends the recording, and not the call;
        /// what was written until then can be played.</summary>
        public const uint EventRecordFinished = 7;
        /// <summary>Event: RTP of `call` stopped coming (`state` 1) or came again (`state`
        /// 0).</summary>
        public const uint EventMediaTimeout = 8;
        /// <summary>Event: the sound card is now in `state` (SIDETONE_DEVICE_STATE_*);
        /// `microphone`, `loudspeaker`, `text`. Calls go on.</summary>
        public const uint EventDevice = 9;
        /// <summary>Event: the outcome of the command that was given `request`: `status`, `text`;
        /// `sip_code` of the response behind it, and of a request of the host's own
        /// `content_type`, `body` and `headers`.</summary>
        public const uint EventReply = 10;
        /// <summary>Event: `count` events were dropped because the host did not pull. Read the
        /// state anew with sidetone_call_list(), sidetone_call_info_read() and
        /// sidetone_account_info_read().</summary>
        public const uint EventEventsLost = 11;
        /// <summary>Event: a fault inside; the engine takes no more commands. Destroy it.
        /// `text`.</summary>
        public const uint EventFaulted = 12;
        /// <summary>Event: the engine has stopped; none follows.</summary>
        public const uint EventStopped = 13;
        /// <summary>Event: a hold of `call` began or ended; `state` has the SIDETONE_HOLD_* bits
        /// that are in force.</summary>
        public const uint EventHold = 22;
        /// <summary>Event: a transfer of `call` is now in `state` (SIDETONE_TRANSFER_*);
        /// `sip_code`, `text`; when a far end asks for one: `to` (whom to call), `from` (who says
        /// so, may be empty), `flags` (SIDETONE_TRANSFER_FLAG_*).</summary>
        public const uint EventTransfer = 40;
        /// <summary>Event: somebody else is at the other end of `call` now: `from`,
        /// `display_name`. The call goes on.</summary>
        public const uint EventReplaced = 41;
        /// <summary>Event: the far end sends our `call` elsewhere: `to`; `state` 1: decide with
        /// sidetone_call_redirect_follow(), 0: it is being followed.</summary>
        public const uint EventRedirected = 42;
        /// <summary>Event: the recording of `call` was paused (`state` 1) or goes on (`state` 0);
        /// `duration_ms`: where in the file.</summary>
        public const uint EventRecordPaused = 44;
        /// <summary>Event: `count` calls began within a minute, the most that
        /// `max_calls_per_minute` allows; further ones are refused until the minute is over. Told
        /// once per run; `account` of the first refused.</summary>
        public const uint EventCallsLimited = 43;
        /// <summary>Transfer: the far end wants us to call `to`.</summary>
        public const uint TransferAsked = 1;
        /// <summary>Transfer: the new call rings or is on its way, or the request for it was
        /// taken.</summary>
        public const uint TransferProgress = 2;
        /// <summary>Transfer: the new call stands, or was handed over without further
        /// word.</summary>
        public const uint TransferDone = 3;
        /// <summary>Transfer: it came to nothing, and the call goes on as it was; or, with
        /// `sip_code` 0 as a rule, the call ended or lost its far end before the outcome was
        /// told.</summary>
        public const uint TransferFailed = 4;
        /// <summary>Flag of a transfer that is asked for: decide with
        /// sidetone_call_transfer_accept() or _reject().</summary>
        public const uint TransferFlagDecide = 1;
        /// <summary>Flag of a transfer that is asked for: it takes the place of a call that the
        /// far end has with `to`.</summary>
        public const uint TransferFlagAttended = 2;
        /// <summary>Event: a message came (RFC 3428), and was answered with 200. `account` (or
        /// none), `call` when it came in the dialog of one, `from`, `display_name`, `to`,
        /// `content_type`, `body`, `headers`.</summary>
        public const uint EventMessage = 14;
        /// <summary>Event: a request came that the host asked to answer (`host_methods` of the
        /// engine). Answer it with sidetone_request_answer(). `transaction`, `method`, `account`
        /// (or none), `call` when it came in the dialog of one, `from`, `to`, `content_type`,
        /// `body`, `headers`.</summary>
        public const uint EventRequest = 15;
        /// <summary>Event: `subscription` is now in `state` (SIDETONE_SUBSCRIPTION_*); `sip_code`,
        /// `text`, `expires_s`.</summary>
        public const uint EventSubscription = 16;
        /// <summary>Event: messages wait (`state` 1) or none do (`state` 0): `voice_new`,
        /// `voice_old`; `to`: the mailbox. `subscription`, or none and `account` when a server
        /// tells unasked. `content_type`, `body`, `headers`.</summary>
        public const uint EventMessageWaiting = 17;
        /// <summary>Event: the busy lamp of `subscription` now shows `state` (SIDETONE_LAMP_*);
        /// `from`, `display_name`: the far end of the first call. More:
        /// sidetone_subscription_dialog_read(). `content_type`, `body`, `headers`.</summary>
        public const uint EventLamp = 18;
        /// <summary>Event: the presence of `subscription` is now `state` (SIDETONE_PRESENCE_*);
        /// `activity`; `text`: the note. `content_type`, `body`, `headers`.</summary>
        public const uint EventPresence = 19;
        /// <summary>Event: `subscription` told what the library does not read: `content_type`,
        /// `body`, `headers`.</summary>
        public const uint EventNotify = 20;
        /// <summary>Event: `publication` is now in `state` (SIDETONE_PUBLICATION_*); `sip_code`,
        /// `text`, `expires_s`.</summary>
        public const uint EventPublication = 21;
        /// <summary>State of the sound card: opened.</summary>
        public const uint DeviceStateOpened = 0;
        /// <summary>State of the sound card: lost; silence until one is found.</summary>
        public const uint DeviceStateLost = 1;
        /// <summary>State of the sound card: another one, or the same back again, took
        /// over.</summary>
        public const uint DeviceStateChanged = 2;
        /// <summary>State of the sound card: closed, no call needs it.</summary>
        public const uint DeviceStateClosed = 3;
        /// <summary>State of the sound card: could not be opened; tried again with the next
        /// call.</summary>
        public const uint DeviceStateFailed = 4;
        /// <summary>Log level: nothing.</summary>
        public const uint LogOff = 0;
        /// <summary>Log level: something failed.</summary>
        public const uint LogError = 1;
        /// <summary>Log level: something is odd.</summary>
        public const uint LogWarning = 2;
        /// <summary>Log level: what a user would want to know.</summary>
        public const uint LogInfo = 3;
        /// <summary>Log level: what a developer would want to know.</summary>
        public const uint LogDebug = 4;
        /// <summary>Log level: every SIP message, secrets scrubbed, under module
        /// "sip.trace".</summary>
        public const uint LogTrace = 5;
    }

    /// <summary>Text in a struct: UTF-8, borrowed.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal unsafe struct RawText
    {
        [FieldOffset(0)] internal IntPtr Data;
        [FieldOffset(8)] internal int Length;
        [FieldOffset(12)] internal uint Reserved;
    }

    /// <summary>One SIP header that the host adds to a request or response. Those that the library
    /// writes itself (Via, From, To, Call-ID, CSeq, Contact, Route, Max-Forwards, Content-Length,
    /// Content-Type, Authorization and the like) are refused.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal unsafe struct RawHeader
    {
        [FieldOffset(0)] internal RawText Name;
        [FieldOffset(16)] internal RawText Value;
    }

    /// <summary>A list of headers in a struct, borrowed as text is.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal unsafe struct RawHeaders
    {
        [FieldOffset(0)] internal IntPtr Data;
        [FieldOffset(8)] internal uint Count;
        [FieldOffset(12)] internal uint Reserved;
    }

    /// <summary>One part of a multipart body.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal unsafe struct RawBodyPart
    {
        [FieldOffset(0)] internal RawText ContentType;
        [FieldOffset(16)] internal RawText Body;
    }

    /// <summary>Settings of an engine. Fill it with sidetone_engine_config_init(), then change
    /// what should differ. Times are in milliseconds, 1 to 86400000 where nothing else is
    /// said.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 312)]
    internal unsafe struct RawEngineConfig
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint SipPort;
        [FieldOffset(8)] internal RawText UserAgent;
        [FieldOffset(24)] internal RawText Bind;
        [FieldOffset(40)] internal uint RtpPortFirst;
        [FieldOffset(44)] internal uint RtpPortLast;
        [FieldOffset(48)] internal uint MaxCalls;
        [FieldOffset(52)] internal uint MaxAccounts;
        [FieldOffset(56)] internal uint MediaWorkers;
        [FieldOffset(60)] internal uint AcceptUnknown;
        [FieldOffset(64)] internal uint T1Ms;
        [FieldOffset(68)] internal uint T2Ms;
        [FieldOffset(72)] internal uint T4Ms;
        [FieldOffset(76)] internal uint MinRegistrationMs;
        [FieldOffset(80)] internal uint MinSessionMs;
        [FieldOffset(84)] internal uint RetryBaseMs;
        [FieldOffset(88)] internal uint RetryMaxMs;
        [FieldOffset(92)] internal uint MaxCallsPerMinute;
        [FieldOffset(96)] internal ulong Seed;
        [FieldOffset(104)] internal uint AudioKind;
        [FieldOffset(108)] internal uint AudioRepeat;
        [FieldOffset(112)] internal RawText Microphone;
        [FieldOffset(128)] internal RawText Loudspeaker;
        [FieldOffset(144)] internal RawText DnsServer;
        [FieldOffset(160)] internal uint AvoidMs;
        [FieldOffset(164)] internal uint AvoidMaxMs;
        [FieldOffset(168)] internal RawText TlsCaFile;
        [FieldOffset(184)] internal RawText TlsCertificateFile;
        [FieldOffset(200)] internal RawText TlsKeyFile;
        [FieldOffset(216)] internal RawText WebsocketPath;
        [FieldOffset(232)] internal uint TlsVerify;
        [FieldOffset(236)] internal uint TlsListen;
        [FieldOffset(240)] internal uint TlsPort;
        [FieldOffset(244)] internal uint SipDscp;
        [FieldOffset(248)] internal uint RtpDscp;
        [FieldOffset(252)] internal uint KeepAliveStreamMs;
        [FieldOffset(256)] internal uint KeepAliveUdpMs;
        [FieldOffset(260)] internal uint KeepAliveUdp;
        [FieldOffset(264)] internal uint KeepAliveAnswerMs;
        [FieldOffset(268)] internal uint TcpAboveBytes;
        [FieldOffset(272)] internal RawText HostMethods;
        [FieldOffset(288)] internal RawText MessageTypes;
        [FieldOffset(304)] internal uint MaxMessageBytes;
        [FieldOffset(308)] internal uint MaxSubscriptions;
    }

    /// <summary>Settings of an account. Fill it with sidetone_account_config_init(), then change
    /// what should differ. Lists end with 0; an empty list is the default.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 408)]
    internal unsafe struct RawAccountConfig
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Transport;
        [FieldOffset(8)] internal RawText Aor;
        [FieldOffset(24)] internal RawText DisplayName;
        [FieldOffset(40)] internal RawText Registrar;
        [FieldOffset(56)] internal RawText AuthUser;
        [FieldOffset(72)] internal RawText Password;
        [FieldOffset(88)] internal RawText OutboundProxy;
        [FieldOffset(104)] internal uint LocalPort;
        [FieldOffset(108)] internal uint RtpPortFirst;
        [FieldOffset(112)] internal uint RtpPortLast;
        [FieldOffset(116)] internal uint ExpiresS;
        [FieldOffset(120)] internal uint RegisterOnAdd;
        [FieldOffset(124)] internal uint PtimeMs;
        [FieldOffset(128)] internal uint Srtp;
        [FieldOffset(132)] internal uint Dtmf;
        [FieldOffset(136)] internal uint Latch;
        [FieldOffset(140)] internal uint Reserved;
        [FieldOffset(144)] internal fixed uint Codecs[16];
        [FieldOffset(208)] internal fixed uint SrtpSuites[16];
        [FieldOffset(272)] internal RawHeaders Headers;
        [FieldOffset(288)] internal RawText InstanceId;
        [FieldOffset(304)] internal uint Outbound;
        [FieldOffset(308)] internal uint Gruu;
        [FieldOffset(312)] internal RawText PublicAddress;
        [FieldOffset(328)] internal uint LearnContact;
        [FieldOffset(332)] internal uint Reserved2;
        [FieldOffset(336)] internal RawText HoldMusic;
        [FieldOffset(352)] internal uint EarlyMedia;
        [FieldOffset(356)] internal uint Prack;
        [FieldOffset(360)] internal uint Offer;
        [FieldOffset(364)] internal uint SessionExpiresS;
        [FieldOffset(368)] internal RawText Realms;
        [FieldOffset(384)] internal uint OpusComplexity;
        [FieldOffset(388)] internal uint OpusBitrateBps;
        [FieldOffset(392)] internal uint OpusBandwidth;
        [FieldOffset(396)] internal uint OpusFec;
        [FieldOffset(400)] internal uint OpusDtx;
        [FieldOffset(404)] internal uint Reserved3;
    }

    /// <summary>An account as it stands.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public unsafe struct AccountInfo
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>SIDETONE_REGISTRATION_*.</summary>
        [FieldOffset(4)] public uint State;
        /// <summary>Status code of the registrar's last response; 0: none yet.</summary>
        [FieldOffset(8)] public uint SipCode;
        /// <summary>Lifetime granted, seconds; 0 when not registered.</summary>
        [FieldOffset(12)] public uint ExpiresS;
        /// <summary>SIDETONE_REACH_*.</summary>
        [FieldOffset(16)] public uint Reach;
        [FieldOffset(20)] internal uint Reserved;
    }

    /// <summary>Options of one outgoing call. Fill it with sidetone_dial_options_init(), which
    /// leaves everything to the account (or, without one, to the defaults of an
    /// account).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    internal unsafe struct RawDialOptions
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Srtp;
        [FieldOffset(8)] internal uint PtimeMs;
        [FieldOffset(12)] internal uint NoAnswerMs;
        [FieldOffset(16)] internal fixed uint Codecs[16];
        [FieldOffset(80)] internal RawHeaders Headers;
        [FieldOffset(96)] internal uint Anonymous;
        [FieldOffset(100)] internal uint MaxDurationS;
        [FieldOffset(104)] internal uint EarlyMedia;
        [FieldOffset(108)] internal uint Prack;
        [FieldOffset(112)] internal uint Offer;
        [FieldOffset(116)] internal uint Reserved;
        [FieldOffset(120)] internal uint OpusComplexity;
        [FieldOffset(124)] internal uint OpusBitrateBps;
        [FieldOffset(128)] internal uint OpusBandwidth;
        [FieldOffset(132)] internal uint OpusFec;
        [FieldOffset(136)] internal uint OpusDtx;
        [FieldOffset(140)] internal uint Reserved2;
    }

    /// <summary>Options of an answer. Fill it with sidetone_answer_options_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    internal unsafe struct RawAnswerOptions
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Reserved;
        [FieldOffset(8)] internal RawHeaders Headers;
    }

    /// <summary>A call as it stands.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    public unsafe struct CallInfo
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>SIDETONE_CALL_*.</summary>
        [FieldOffset(4)] public uint State;
        /// <summary>The account; SIDETONE_ID_NONE for none.</summary>
        [FieldOffset(8)] public ulong Account;
        /// <summary>1: we placed it; 0: it came in.</summary>
        [FieldOffset(16)] public uint Outgoing;
        /// <summary>Last SIP status code; 0: none yet.</summary>
        [FieldOffset(20)] public uint SipCode;
        /// <summary>SIDETONE_CODEC_* that we send; 0 before media runs.</summary>
        [FieldOffset(24)] public uint Codec;
        /// <summary>Packet time that we send with, ms; 0 before media runs.</summary>
        [FieldOffset(28)] public uint PtimeMs;
        /// <summary>SIDETONE_DIRECTION_*.</summary>
        [FieldOffset(32)] public uint Direction;
        /// <summary>SIDETONE_SUITE_*; 0: not encrypted.</summary>
        [FieldOffset(36)] public uint SrtpSuite;
        /// <summary>SIDETONE_LATCH_* in force.</summary>
        [FieldOffset(40)] public uint Latch;
        /// <summary>1: muted.</summary>
        [FieldOffset(44)] public uint Muted;
        /// <summary>Time since the answer, ms; 0 before.</summary>
        [FieldOffset(48)] public ulong ConnectedMs;
        /// <summary>From the dial (or the INVITE) to the answer, ms; 0 before.</summary>
        [FieldOffset(56)] public ulong SetupMs;
        /// <summary>SIDETONE_HOLD_* bits in force.</summary>
        [FieldOffset(64)] public uint Hold;
        [FieldOffset(68)] internal uint Reserved;
    }

    /// <summary>What an account does with its calls without asking. Fill it with
    /// sidetone_account_services_init(), then change what should differ. Empty text:
    /// none.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 240)]
    internal unsafe struct RawAccountServices
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint DoNotDisturb;
        [FieldOffset(8)] internal uint CallWaiting;
        [FieldOffset(12)] internal uint MaxCalls;
        [FieldOffset(16)] internal RawText ForwardAlways;
        [FieldOffset(32)] internal RawText ForwardBusy;
        [FieldOffset(48)] internal RawText ForwardNoAnswer;
        [FieldOffset(64)] internal uint ForwardAfterMs;
        [FieldOffset(68)] internal uint AutoAnswer;
        [FieldOffset(72)] internal uint AutoAnswerDelayMs;
        [FieldOffset(76)] internal uint Transfer;
        [FieldOffset(80)] internal RawText AutoAnswerCallers;
        [FieldOffset(96)] internal uint Redirect;
        [FieldOffset(100)] internal uint RedirectHops;
        [FieldOffset(104)] internal uint TrustIdentity;
        [FieldOffset(108)] internal uint Anonymous;
        [FieldOffset(112)] internal RawText PreferredIdentity;
        [FieldOffset(128)] internal RawText AssertedIdentity;
        [FieldOffset(144)] internal uint RemotePartyId;
        [FieldOffset(148)] internal uint RingTimeMs;
        [FieldOffset(152)] internal uint MaxDurationS;
        [FieldOffset(156)] internal uint DeadMediaMs;
        [FieldOffset(160)] internal RawText DialPlan;
        [FieldOffset(176)] internal RawText CountryCode;
        [FieldOffset(192)] internal RawText InternationalPrefix;
        [FieldOffset(208)] internal RawText NationalPrefix;
        [FieldOffset(224)] internal RawText Plus;
    }

    /// <summary>How a WAV file is played. Fill it with sidetone_play_options_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal unsafe struct RawPlayOptions
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Repeat;
        [FieldOffset(8)] internal float GainDb;
        [FieldOffset(12)] internal uint Reserved;
    }

    /// <summary>How a call is tapped. Fill it with sidetone_tap_options_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    internal unsafe struct RawTapOptions
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Direction;
        [FieldOffset(8)] internal uint SampleRateHz;
        [FieldOffset(12)] internal uint FrameMs;
        [FieldOffset(16)] internal uint BufferMs;
        [FieldOffset(20)] internal uint Reserved;
    }

    /// <summary>What is told of a frame.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    public unsafe struct TapFrame
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>Samples of the frame.</summary>
        [FieldOffset(4)] public uint Samples;
        /// <summary>Samples from the first one of the tap to the first one of this frame, dropped
        /// ones included.</summary>
        [FieldOffset(8)] public ulong Timestamp;
        /// <summary>When it was made, since the engine was created, on the monotonic clock,
        /// ns.</summary>
        [FieldOffset(16)] public ulong TimeNs;
        /// <summary>Frames dropped between this one and the one before it, because the host did
        /// not read in time.</summary>
        [FieldOffset(24)] public ulong Dropped;
        /// <summary>Sum of SIDETONE_TAP_FLAG_*.</summary>
        [FieldOffset(32)] public uint Flags;
        [FieldOffset(36)] internal uint Reserved;
    }

    /// <summary>How a tap does.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public unsafe struct TapInfo
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>Samples of a frame.</summary>
        [FieldOffset(4)] public uint FrameSamples;
        /// <summary>Frames that wait to be read.</summary>
        [FieldOffset(8)] public uint Waiting;
        /// <summary>1: the call is over, nothing follows what waits.</summary>
        [FieldOffset(12)] public uint Ended;
        /// <summary>Frames dropped in all, because the host did not read in time.</summary>
        [FieldOffset(16)] public ulong Dropped;
    }

    /// <summary>How audio is put into a call. Fill it with
    /// sidetone_inject_options_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal unsafe struct RawInjectOptions
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Direction;
        [FieldOffset(8)] internal uint SampleRateHz;
        [FieldOffset(12)] internal uint BufferMs;
    }

    /// <summary>How an injection does. All but `queued` count from its opening.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    public unsafe struct InjectInfo
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>1: the call is over, nothing more is played.</summary>
        [FieldOffset(4)] public uint Ended;
        /// <summary>Samples that wait to be played.</summary>
        [FieldOffset(8)] public ulong Queued;
        /// <summary>Samples played.</summary>
        [FieldOffset(16)] public ulong Played;
        /// <summary>How often it ran empty while it played: the host was late, or had no more to
        /// say.</summary>
        [FieldOffset(24)] public ulong Underruns;
        /// <summary>Samples that writes did not take for want of room.</summary>
        [FieldOffset(32)] public ulong Dropped;
    }

    /// <summary>A request of the host's own. Fill it with sidetone_sip_request_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    internal unsafe struct RawSipRequest
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Reserved;
        [FieldOffset(8)] internal RawText Method;
        [FieldOffset(24)] internal RawText ContentType;
        [FieldOffset(40)] internal RawText Body;
        [FieldOffset(56)] internal RawHeaders Headers;
    }

    /// <summary>An answer to a request of SIDETONE_EVENT_REQUEST. Fill it with
    /// sidetone_sip_answer_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    internal unsafe struct RawSipAnswer
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint SipCode;
        [FieldOffset(8)] internal RawText Reason;
        [FieldOffset(24)] internal RawText ContentType;
        [FieldOffset(40)] internal RawText Body;
        [FieldOffset(56)] internal RawHeaders Headers;
    }

    /// <summary>How something is watched. Fill it with
    /// sidetone_subscription_options_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    internal unsafe struct RawSubscriptionOptions
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Package;
        [FieldOffset(8)] internal uint ExpiresS;
        [FieldOffset(12)] internal uint Reserved;
        [FieldOffset(16)] internal RawText Event;
        [FieldOffset(32)] internal RawText Accept;
    }

    /// <summary>A subscription as it stands. Set `size` before it is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    public unsafe struct SubscriptionInfo
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>SIDETONE_SUBSCRIPTION_*.</summary>
        [FieldOffset(4)] public uint State;
        /// <summary>Last SIP status code; 0: none.</summary>
        [FieldOffset(8)] public uint SipCode;
        /// <summary>Lifetime granted, seconds.</summary>
        [FieldOffset(12)] public uint ExpiresS;
        /// <summary>SIDETONE_LAMP_*.</summary>
        [FieldOffset(16)] public uint Lamp;
        /// <summary>How many dialogs there are, for sidetone_subscription_dialog_read().</summary>
        [FieldOffset(20)] public uint Dialogs;
        /// <summary>SIDETONE_PRESENCE_*.</summary>
        [FieldOffset(24)] public uint Presence;
        /// <summary>1: new messages wait; 0: none.</summary>
        [FieldOffset(28)] public uint MessagesWaiting;
        /// <summary>New voice messages.</summary>
        [FieldOffset(32)] public uint VoiceNew;
        /// <summary>Old voice messages.</summary>
        [FieldOffset(36)] public uint VoiceOld;
        /// <summary>Urgent ones of the new.</summary>
        [FieldOffset(40)] public uint VoiceUrgentNew;
        /// <summary>Urgent ones of the old.</summary>
        [FieldOffset(44)] public uint VoiceUrgentOld;
    }

    /// <summary>A dialog of somebody who is watched. Set `size` before it is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public unsafe struct WatchedDialog
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>SIDETONE_DIALOG_*.</summary>
        [FieldOffset(4)] public uint State;
        /// <summary>1: who is watched calls; 2: is called; 0: not told.</summary>
        [FieldOffset(8)] public uint Direction;
        /// <summary>1: on hold.</summary>
        [FieldOffset(12)] public uint Held;
    }

    /// <summary>Our own presence. Fill it with sidetone_presence_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    internal unsafe struct RawPresence
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Open;
        [FieldOffset(8)] internal RawText Activity;
        [FieldOffset(24)] internal RawText Note;
    }

    /// <summary>How the audio of calls reaches the user. Fill it with
    /// sidetone_audio_init().</summary>
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    internal unsafe struct RawAudio
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Kind;
        [FieldOffset(8)] internal RawText Microphone;
        [FieldOffset(24)] internal RawText Loudspeaker;
        [FieldOffset(40)] internal uint Repeat;
        [FieldOffset(44)] internal uint Reserved;
    }

    /// <summary>Levels at the sound card, in dB relative to full scale; -96 is silence.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public unsafe struct AudioLevels
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>1: a device is open and the levels were measured; 0: they were not, and are
        /// 0.</summary>
        [FieldOffset(4)] public uint Valid;
        /// <summary>Microphone.</summary>
        [FieldOffset(8)] public float MicrophoneDb;
        /// <summary>Loudspeaker.</summary>
        [FieldOffset(12)] public float LoudspeakerDb;
    }

    /// <summary>A sound card.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    public unsafe struct DeviceInfo
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>Sum of SIDETONE_DEVICE_*.</summary>
        [FieldOffset(4)] public uint Flags;
    }

    /// <summary>How a call's media does. Counters count from the call's begin. A value that has a
    /// bit in `valid` is 0 and means nothing while the bit is not set: it was not measured
    /// yet.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 160)]
    public unsafe struct CallStats
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>Sum of SIDETONE_VALID_*.</summary>
        [FieldOffset(4)] public uint Valid;
        /// <summary>RTP packets sent.</summary>
        [FieldOffset(8)] public ulong PacketsSent;
        /// <summary>RTP payload sent, bytes.</summary>
        [FieldOffset(16)] public ulong BytesSent;
        /// <summary>RTP packets received and believed.</summary>
        [FieldOffset(24)] public ulong PacketsReceived;
        /// <summary>RTP payload received, bytes.</summary>
        [FieldOffset(32)] public ulong BytesReceived;
        /// <summary>Packets that never came (RFC 3550 A.3).</summary>
        [FieldOffset(40)] public ulong PacketsLost;
        /// <summary>Packets that came too late to be played.</summary>
        [FieldOffset(48)] public ulong PacketsLate;
        /// <summary>Packets that came twice.</summary>
        [FieldOffset(56)] public ulong PacketsDuplicate;
        /// <summary>Datagrams dropped: malformed, of a stranger, or of an unknown payload
        /// type.</summary>
        [FieldOffset(64)] public ulong PacketsDiscarded;
        /// <summary>Datagrams that failed SRTP authentication or replay protection.</summary>
        [FieldOffset(72)] public ulong SrtpFailures;
        /// <summary>Audio played, ms.</summary>
        [FieldOffset(80)] public ulong PlayedMs;
        /// <summary>Of it concealment, ms.</summary>
        [FieldOffset(88)] public ulong ConcealedMs;
        /// <summary>Audio cut out by shortening, ms.</summary>
        [FieldOffset(96)] public ulong AcceleratedMs;
        /// <summary>Audio put in by stretching, ms.</summary>
        [FieldOffset(104)] public ulong StretchedMs;
        /// <summary>Interarrival jitter (RFC 3550 A.8).</summary>
        [FieldOffset(112)] public float JitterMs;
        /// <summary>Round-trip time from RTCP (RFC 3550 §6.4.1).</summary>
        [FieldOffset(116)] public float RoundTripMs;
        /// <summary>Loss that the far end reports of our packets, 0 to 1.</summary>
        [FieldOffset(120)] public float RemoteLoss;
        /// <summary>Jitter that the far end reports.</summary>
        [FieldOffset(124)] public float RemoteJitterMs;
        /// <summary>Delay that the jitter buffer aims at.</summary>
        [FieldOffset(128)] public float TargetDelayMs;
        /// <summary>Delay that it has now.</summary>
        [FieldOffset(132)] public float PlayoutDelayMs;
        /// <summary>Share of played audio that was concealment, 0 to 1.</summary>
        [FieldOffset(136)] public float Concealed;
        /// <summary>Level received, dB relative to full scale; -96 is silence.</summary>
        [FieldOffset(140)] public float LevelReceivedDb;
        /// <summary>Level sent, dB relative to full scale; -96 is silence.</summary>
        [FieldOffset(144)] public float LevelSentDb;
        /// <summary>R factor of the E-model (ITU-T G.107), 0 to 100.</summary>
        [FieldOffset(148)] public float RFactor;
        /// <summary>MOS from it (G.107 Annex B), 1 to 4.5.</summary>
        [FieldOffset(152)] public float Mos;
        /// <summary>Departure of sent packets from their grid, worst seen.</summary>
        [FieldOffset(156)] public float SendDeviationMaxMs;
    }

    /// <summary>Counters of a whole engine, from its creation.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 96)]
    public unsafe struct EngineStats
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>Calls that are live.</summary>
        [FieldOffset(4)] public uint Calls;
        /// <summary>Rounds in which media workers made audio: every 5 ms while a sound card is
        /// open, every 10 ms with files, else for each call, or calls that hear each other, every
        /// 20 ms (10 where our packet time is no multiple of 20).</summary>
        [FieldOffset(8)] public ulong Ticks;
        /// <summary>Of them: those that began more than 5 ms late, with a sound card 2.5
        /// ms.</summary>
        [FieldOffset(16)] public ulong LateTicks;
        /// <summary>SIP datagrams and stream messages received.</summary>
        [FieldOffset(24)] public ulong SipReceived;
        /// <summary>Of those, dropped as malformed or unmatched.</summary>
        [FieldOffset(32)] public ulong SipDropped;
        /// <summary>Events dropped because the host did not pull.</summary>
        [FieldOffset(40)] public ulong EventsLost;
        /// <summary>Log lines dropped.</summary>
        [FieldOffset(48)] public ulong LogLost;
        /// <summary>Frames that the sound card asked for in vain.</summary>
        [FieldOffset(56)] public ulong DeviceUnderruns;
        /// <summary>SIP messages dropped unread because their source sent too many: more than 20 a
        /// second for each of max_calls, or 1000 if that is more.</summary>
        [FieldOffset(64)] public ulong SipOverRate;
        /// <summary>Requests, calls and connections refused because there are as many as may
        /// be.</summary>
        [FieldOffset(72)] public ulong SipOverLimit;
        /// <summary>Requests over UDP that failed at once, since the far end's system said that
        /// nobody listens there (Linux; ICMP).</summary>
        [FieldOffset(80)] public ulong SipUnreachable;
        /// <summary>Frames of the sound card's microphone that were missing when they were due
        /// (silence went in their place), or were thrown away because too many waited.</summary>
        [FieldOffset(88)] public ulong MicrophoneLost;
    }

    /// <summary>How the threads of an engine do that have to keep time, from its creation: the
    /// sound card's callbacks, over all cards that it has had open, and the rounds of its media
    /// workers. Durations are of the monotonic clock, and counted by length: percentiles are up to
    /// an eighth more than what was measured, never less, and the longest is exact.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 88)]
    public unsafe struct EngineHealth
    {
        [FieldOffset(0)] internal uint Size;
        /// <summary>Media workers.</summary>
        [FieldOffset(4)] public uint Workers;
        /// <summary>Callbacks of the loudspeaker; 0: no sound card was open yet.</summary>
        [FieldOffset(8)] public ulong PlaybackCallbacks;
        /// <summary>Callbacks of the microphone.</summary>
        [FieldOffset(16)] public ulong CaptureCallbacks;
        /// <summary>Callbacks of either that took longer than the audio they were for: heard as
        /// gaps.</summary>
        [FieldOffset(24)] public ulong DeadlineMisses;
        /// <summary>Rounds in which media workers made audio, see `ticks` of
        /// sidetone_engine_stats.</summary>
        [FieldOffset(32)] public ulong Rounds;
        /// <summary>Of them: those that began more than 5 ms late, with a sound card 2.5
        /// ms.</summary>
        [FieldOffset(40)] public ulong LateRounds;
        /// <summary>Half of the callbacks took no longer, microseconds.</summary>
        [FieldOffset(48)] public uint CallbackP50Us;
        /// <summary>99 of 100 took no longer, microseconds.</summary>
        [FieldOffset(52)] public uint CallbackP99Us;
        /// <summary>The longest, microseconds.</summary>
        [FieldOffset(56)] public uint CallbackMaxUs;
        /// <summary>Half of the rounds began no later than this after they were due,
        /// microseconds.</summary>
        [FieldOffset(60)] public uint RoundLateP50Us;
        /// <summary>99 of 100 began no later, microseconds.</summary>
        [FieldOffset(64)] public uint RoundLateP99Us;
        /// <summary>The latest, microseconds.</summary>
        [FieldOffset(68)] public uint RoundLateMaxUs;
        /// <summary>SIDETONE_PRIORITY_* of the media workers' threads, of the worst of
        /// them.</summary>
        [FieldOffset(72)] public uint WorkerPriority;
        /// <summary>When refused: the system's number (errno, on Windows that of GetLastError),
        /// else 0.</summary>
        [FieldOffset(76)] public int WorkerError;
        /// <summary>SIDETONE_PRIORITY_* of the callbacks' threads.</summary>
        [FieldOffset(80)] public uint CallbackPriority;
        /// <summary>When refused: the system's number, else 0.</summary>
        [FieldOffset(84)] public int CallbackError;
    }

    /// <summary>An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or
    /// empty text. Texts live until the next sidetone_event_next() on the engine, or until the
    /// callback is back.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 344)]
    internal unsafe struct RawEvent
    {
        [FieldOffset(0)] internal uint Size;
        [FieldOffset(4)] internal uint Kind;
        [FieldOffset(8)] internal ulong Sequence;
        [FieldOffset(16)] internal ulong TimeNs;
        [FieldOffset(24)] internal ulong Account;
        [FieldOffset(32)] internal ulong Call;
        [FieldOffset(40)] internal ulong Request;
        [FieldOffset(48)] internal uint State;
        [FieldOffset(52)] internal int Status;
        [FieldOffset(56)] internal uint SipCode;
        [FieldOffset(60)] internal uint DurationMs;
        [FieldOffset(64)] internal uint ExpiresS;
        [FieldOffset(68)] internal uint Codec;
        [FieldOffset(72)] internal uint SrtpSuite;
        [FieldOffset(76)] internal uint Digit;
        [FieldOffset(80)] internal ulong Count;
        [FieldOffset(88)] internal RawText Text;
        [FieldOffset(104)] internal RawText From;
        [FieldOffset(120)] internal RawText DisplayName;
        [FieldOffset(136)] internal RawText To;
        [FieldOffset(152)] internal RawText Path;
        [FieldOffset(168)] internal RawText Loudspeaker;
        [FieldOffset(184)] internal RawText Microphone;
        [FieldOffset(200)] internal uint End;
        [FieldOffset(204)] internal uint Q850Cause;
        [FieldOffset(208)] internal uint ReasonSipCode;
        [FieldOffset(212)] internal uint Flags;
        [FieldOffset(216)] internal RawText Reason;
        [FieldOffset(232)] internal ulong Transaction;
        [FieldOffset(240)] internal ulong Subscription;
        [FieldOffset(248)] internal ulong Publication;
        [FieldOffset(256)] internal uint VoiceNew;
        [FieldOffset(260)] internal uint VoiceOld;
        [FieldOffset(264)] internal RawText Activity;
        [FieldOffset(280)] internal RawText Method;
        [FieldOffset(296)] internal RawText ContentType;
        [FieldOffset(312)] internal RawText Body;
        [FieldOffset(328)] internal RawHeaders Headers;
    }

    internal static unsafe class Native
    {
        private const string Library = "sidetone";

        /// <summary>Whether every struct has the size that the library knows.</summary>
        internal static bool SizesHold()
        {
            return true
                && sizeof(RawText) == 16
                && sizeof(RawHeader) == 32
                && sizeof(RawHeaders) == 16
                && sizeof(RawBodyPart) == 32
                && sizeof(RawEngineConfig) == 312
                && sizeof(RawAccountConfig) == 408
                && sizeof(AccountInfo) == 24
                && sizeof(RawDialOptions) == 144
                && sizeof(RawAnswerOptions) == 24
                && sizeof(CallInfo) == 72
                && sizeof(RawAccountServices) == 240
                && sizeof(RawPlayOptions) == 16
                && sizeof(RawTapOptions) == 24
                && sizeof(TapFrame) == 40
                && sizeof(TapInfo) == 24
                && sizeof(RawInjectOptions) == 16
                && sizeof(InjectInfo) == 40
                && sizeof(RawSipRequest) == 72
                && sizeof(RawSipAnswer) == 72
                && sizeof(RawSubscriptionOptions) == 48
                && sizeof(SubscriptionInfo) == 48
                && sizeof(WatchedDialog) == 16
                && sizeof(RawPresence) == 40
                && sizeof(RawAudio) == 48
                && sizeof(AudioLevels) == 16
                && sizeof(DeviceInfo) == 8
                && sizeof(CallStats) == 160
                && sizeof(EngineStats) == 96
                && sizeof(EngineHealth) == 88
                && sizeof(RawEvent) == 344;
        }

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern uint sidetone_api_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* sidetone_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_has_feature(byte* name, int length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte* sidetone_strerror(int status);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_last_error(byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_config_init(RawEngineConfig* config, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_create(RawEngineConfig* config, IntPtr* engine);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_shutdown(EngineHandle engine, uint timeoutMs);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_destroy(IntPtr engine);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_address_read(EngineHandle engine, uint transport, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_config_init(RawAccountConfig* config, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_add(EngineHandle engine, RawAccountConfig* config, ulong* account, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_update(EngineHandle engine, ulong account, RawAccountConfig* config, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_remove(EngineHandle engine, ulong account, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_register(EngineHandle engine, ulong account, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_unregister(EngineHandle engine, ulong account, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_info_read(EngineHandle engine, ulong account, AccountInfo* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_text_read(EngineHandle engine, ulong account, uint which, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_list(EngineHandle engine, ulong* accounts, uint capacity, uint* count);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_network_changed(EngineHandle engine);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_dial_options_init(RawDialOptions* options, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_answer_options_init(RawAnswerOptions* options, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_dial(EngineHandle engine, ulong account, byte* uri, int length, RawDialOptions* options, ulong* call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_ring(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_answer(EngineHandle engine, ulong call, RawAnswerOptions* options, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_reject(EngineHandle engine, ulong call, uint sipCode, byte* reason, int length, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_hangup(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_mute(EngineHandle engine, ulong call, uint muted, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_gain(EngineHandle engine, ulong call, float sendDb, float receiveDb, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_route(EngineHandle engine, ulong from, ulong to, float gainDb, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_unroute(EngineHandle engine, ulong from, ulong to, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_dtmf(EngineHandle engine, ulong call, byte* digits, int length, uint durationMs, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_info_read(EngineHandle engine, ulong call, CallInfo* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_text_read(EngineHandle engine, ulong call, uint which, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_header_read(EngineHandle engine, ulong call, byte* name, int length, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_list(EngineHandle engine, ulong* calls, uint capacity, uint* count);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_services_init(RawAccountServices* services, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_account_services_set(EngineHandle engine, ulong account, RawAccountServices* services);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_transfer(EngineHandle engine, ulong call, byte* target, int length, uint silent, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_transfer_to(EngineHandle engine, ulong call, ulong other, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_transfer_accept(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_transfer_reject(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_redirect(EngineHandle engine, ulong call, byte* target, int length, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_redirect_follow(EngineHandle engine, ulong call, uint follow, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_hangup_with(EngineHandle engine, ulong call, uint q850Cause, byte* text, int length, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_headers_set(EngineHandle engine, ulong call, uint message, RawHeaders* headers, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_message_header_read(EngineHandle engine, ulong call, uint message, byte* name, int length, uint index, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_identity_read(EngineHandle engine, ulong call, uint which, uint index, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_privacy_read(EngineHandle engine, ulong call, uint* privacy);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_progress(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_hold(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_resume(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_hold_music(EngineHandle engine, ulong call, byte* path, int length, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_conference_create(EngineHandle engine, ulong* conference);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_conference_destroy(EngineHandle engine, ulong conference, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_conference_add(EngineHandle engine, ulong conference, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_conference_remove(EngineHandle engine, ulong conference, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_conference_gain(EngineHandle engine, ulong conference, ulong from, ulong to, float gainDb, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_conference_calls(EngineHandle engine, ulong conference, ulong* calls, uint capacity, uint* count);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_play_options_init(RawPlayOptions* options, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_play(EngineHandle engine, ulong call, byte* path, int length, RawPlayOptions* options, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_play_stop(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_record(EngineHandle engine, ulong call, byte* path, int length, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_record_pause(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_record_resume(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_record_stop(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_capture(EngineHandle engine, ulong call, byte* path, int length, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_capture_stop(EngineHandle engine, ulong call, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_tap_options_init(RawTapOptions* options, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_tap_open(EngineHandle engine, ulong call, RawTapOptions* options, ulong* tap);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_tap_read(EngineHandle engine, ulong tap, short* samples, uint capacity, int timeoutMs, TapFrame* frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_tap_info_read(EngineHandle engine, ulong tap, TapInfo* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_tap_close(EngineHandle engine, ulong tap);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_inject_options_init(RawInjectOptions* options, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_inject_open(EngineHandle engine, ulong call, RawInjectOptions* options, ulong* injection);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_inject_write(EngineHandle engine, ulong injection, short* samples, uint count, uint* written);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_inject_flush(EngineHandle engine, ulong injection, ulong* flushed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_inject_info_read(EngineHandle engine, ulong injection, InjectInfo* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_inject_close(EngineHandle engine, ulong injection);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_message_send(EngineHandle engine, ulong from, byte* uri, int uriLength, byte* contentType, int typeLength, IntPtr body, uint bytes, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_sip_request_init(RawSipRequest* sip, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_sip_answer_init(RawSipAnswer* answer, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_request_send(EngineHandle engine, ulong from, byte* uri, int length, RawSipRequest* sip, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_request_answer(EngineHandle engine, ulong transaction, RawSipAnswer* answer, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_multipart_count(byte* contentType, int length, IntPtr body, uint bytes, uint* count);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_multipart_read(byte* contentType, int length, IntPtr body, uint bytes, uint index, uint* offset, uint* partBytes, byte* name, int nameLength, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_multipart_write(RawBodyPart* parts, uint count, byte* typeBuffer, uint typeCapacity, IntPtr body, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_options_init(RawSubscriptionOptions* options, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_add(EngineHandle engine, ulong account, byte* uri, int length, RawSubscriptionOptions* options, ulong* subscription, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_refresh(EngineHandle engine, ulong subscription, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_remove(EngineHandle engine, ulong subscription, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_info_read(EngineHandle engine, ulong subscription, SubscriptionInfo* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_text_read(EngineHandle engine, ulong subscription, uint which, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_list(EngineHandle engine, ulong* array, uint capacity, uint* count);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_dialog_read(EngineHandle engine, ulong subscription, uint index, WatchedDialog* dialog);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_subscription_dialog_text_read(EngineHandle engine, ulong subscription, uint index, uint which, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_presence_init(RawPresence* presence, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_presence_publish(EngineHandle engine, ulong account, RawPresence* presence, ulong* publication, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_presence_update(EngineHandle engine, ulong publication, RawPresence* presence, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_publication_add(EngineHandle engine, ulong account, byte* @event, int eventLength, byte* contentType, int typeLength, IntPtr body, uint bytes, ulong* publication, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_publication_update(EngineHandle engine, ulong publication, byte* contentType, int typeLength, IntPtr body, uint bytes, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_publication_remove(EngineHandle engine, ulong publication, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_audio_init(RawAudio* audio, uint size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_audio_select(EngineHandle engine, RawAudio* audio, ulong* request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_audio_levels_read(EngineHandle engine, AudioLevels* levels);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_device_list(EngineHandle engine, uint* count);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_device_info_read(EngineHandle engine, uint index, DeviceInfo* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_device_text_read(EngineHandle engine, uint index, uint which, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_call_stats_read(EngineHandle engine, ulong call, CallStats* stats);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_stats_read(EngineHandle engine, EngineStats* stats);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_health_read(EngineHandle engine, EngineHealth* health);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_engine_priority_read(EngineHandle engine, uint threads, byte* buffer, uint capacity, uint* needed);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_event_next(EngineHandle engine, int timeoutMs, RawEvent* @event);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_wake(EngineHandle engine);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_event_thread_start(EngineHandle engine, IntPtr @function, IntPtr user);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_event_thread_stop(EngineHandle engine);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_wakeup_set_function(EngineHandle engine, IntPtr @function, IntPtr user);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_wakeup_set_fd(EngineHandle engine, int fd);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_wakeup_set_handle(EngineHandle engine, IntPtr handle);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_wakeup_set_window(EngineHandle engine, IntPtr window, uint message);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        internal static extern int sidetone_log_set(EngineHandle engine, uint level, IntPtr @function, IntPtr user);
    }
}

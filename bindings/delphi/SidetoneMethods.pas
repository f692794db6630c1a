// What the host fills and the library fills, with texts and lists of Pascal, and the functions
// of sidetone.h that take an engine, as methods. A command that gets a place for the number of
// its request is answered by an event SIDETONE_EVENT_REPLY.
//
// Written by tests/bindings.rs from include/sidetone.h; change it there.
unit SidetoneMethods;

{$ifdef FPC}{$mode delphi}{$endif}

interface

uses
  SysUtils, Sidetone, SidetoneValues;

type
  // Settings of an engine. Fill it with sidetone_engine_config_init(), then change what should
  // differ. Times are in milliseconds, 1 to 86400000 where nothing else is said.
  PSidetoneEngineConfig = ^TSidetoneEngineConfig;
  TSidetoneEngineConfig = record
    // SIP port for UDP and TCP, 0 to 65535; 0: a free one (default).
    SipPort: UInt32;
    // User-Agent and Server header; empty: "sidetone/VERSION" (default).
    UserAgent: UnicodeString;
    // IP address that the SIP and RTP sockets bind, or name of the interface whose address they
    // bind ("eth0", on Windows "Ethernet"): when it gets another one they follow, and
    // registrations and calls with them. Empty: 0.0.0.0 (default).
    Bind: UnicodeString;
    // First RTP port, 1024 or above; 0: free ones of the system (default). Even ones are used,
    // each with the next one for RTCP.
    RtpPortFirst: UInt32;
    // Last RTP port; 0 with `rtp_port_first` 0.
    RtpPortLast: UInt32;
    // Calls at once, 1 to 65535; default 64.
    MaxCalls: UInt32;
    // Accounts at once, 1 to 65535; default 64.
    MaxAccounts: UInt32;
    // Media worker threads, 0 to 256; 0: cores - 1, one at least (default).
    MediaWorkers: UInt32;
    // 1: incoming calls for none of the accounts are taken (default); 0: refused with 404.
    AcceptUnknown: UInt32;
    // T1 of RFC 3261, 10 to 10000; default 500.
    T1Ms: UInt32;
    // T2 of RFC 3261, not less than T1; default 4000.
    T2Ms: UInt32;
    // T4 of RFC 3261, default 5000.
    T4Ms: UInt32;
    // Shortest registration lifetime that is asked for after a 423, default 60000.
    MinRegistrationMs: UInt32;
    // Shortest session interval that is accepted (RFC 4028), default 90000.
    MinSessionMs: UInt32;
    // First wait before a failed registration is tried again, default 2000; it doubles.
    RetryBaseMs: UInt32;
    // Longest such wait, not less than `retry_base_ms`; default 300000.
    RetryMaxMs: UInt32;
    // Most calls that may begin in any minute, in both directions; 0: any number (default).
    // Further ones are refused, and SIDETONE_EVENT_CALLS_LIMITED tells of it.
    MaxCallsPerMinute: UInt32;
    // Seed of every random number, for replay in tests; 0: the system's entropy (default).
    Seed: UInt64;
    // How audio reaches the user at first, SIDETONE_AUDIO_*; default headless. This field and the
    // next three are those of sidetone_audio.
    AudioKind: UInt32;
    // WAV: 1: the microphone file starts again at its end; 0: silence follows.
    AudioRepeat: UInt32;
    // Microphone, or the file in its place.
    Microphone: UnicodeString;
    // Loudspeaker, or the file in its place.
    Loudspeaker: UnicodeString;
    // DNS server to ask, "address:port"; empty: those of the system (default). One is asked only
    // for names that neither are numbers nor stand in the hosts file.
    DnsServer: UnicodeString;
    // How long a target that failed is tried after the others (RFC 3263), default 30000; it
    // doubles with each failure in a row.
    AvoidMs: UInt32;
    // Longest such time, not less than `avoid_ms`; default 600000.
    AvoidMaxMs: UInt32;
    // TLS: PEM file of the authorities to trust, or of single certificates to trust as they are;
    // empty: the system's (default).
    TlsCaFile: UnicodeString;
    // TLS: PEM file of our certificate, shown to servers that ask for one and by the listener;
    // empty: none (default).
    TlsCertificateFile: UnicodeString;
    // TLS: PEM file of its private key.
    TlsKeyFile: UnicodeString;
    // Path of WebSocket servers; empty: "/ws" (default).
    WebsocketPath: UnicodeString;
    // TLS: 1: a server must show a certificate of the domain that was asked for, by an authority
    // that is trusted (default); 0: any certificate is taken, and the log warns.
    TlsVerify: UInt32;
    // TLS: 1: listen, which needs a certificate; 0: do not (default).
    TlsListen: UInt32;
    // TLS: port to listen on, 0 to 65535; 0: a free one (default).
    TlsPort: UInt32;
    // DSCP of SIP, 0 to 63; default 24 (CS3).
    SipDscp: UInt32;
    // DSCP of RTP and RTCP, 0 to 63; default 46 (EF).
    RtpDscp: UInt32;
    // Longest time between two keep-alives of a registration over TCP, TLS or WebSocket; 0: none;
    // default 120000. Each comes after 80 to 100 % of it.
    KeepAliveStreamMs: UInt32;
    // The same over UDP, default 29000.
    KeepAliveUdpMs: UInt32;
    // SIDETONE_KEEP_ALIVE_*: what is sent over UDP; default automatic.
    KeepAliveUdp: UInt32;
    // How long the answer to a keep-alive may take before the flow counts as dead and the
    // registration is made anew; default 10000.
    KeepAliveAnswerMs: UInt32;
    // A request of more bytes than this goes over TCP rather than UDP, and over UDP after all
    // where nobody takes the connection (RFC 3261 section 18.1.1); 0: never; default 1300.
    TcpAboveBytes: UInt32;
    // Methods, separated by commas, whose requests come as SIDETONE_EVENT_REQUEST to be answered
    // by the host; "*": every one that the engine does not serve itself. INFO means those that
    // carry no digit. Empty: none (default); they get 405 or 501.
    HostMethods: UnicodeString;
    // Media types, separated by commas, that an incoming MESSAGE may have ("text/plain", "text/*",
    // "*/*"); any other gets 415. Empty: "text/*", "message/cpim" and
    // "application/im-iscomposing+xml" (default).
    MessageTypes: UnicodeString;
    // Most octets of an incoming MESSAGE, 1 to 65535; a longer one gets 413. Default 16384.
    MaxMessageBytes: UInt32;
    // Subscriptions at once, and as many publications, 1 to 65535; default 1024.
    MaxSubscriptions: UInt32;
    // What the library sets.
    class function Defaults: TSidetoneEngineConfig; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_engine_config; var Kept: TSidetoneKept);
  end;

  // Settings of an account. Fill it with sidetone_account_config_init(), then change what should
  // differ. Lists end with 0; an empty list is the default.
  PSidetoneAccountConfig = ^TSidetoneAccountConfig;
  TSidetoneAccountConfig = record
    // SIDETONE_TRANSPORT_*; default AUTO: what the URI or the domain's DNS says, else UDP.
    Transport: UInt32;
    // Address of record, "sip:alice@example.com". Must be set.
    Aor: UnicodeString;
    // Display name in From; may be empty.
    DisplayName: UnicodeString;
    // Registrar, "sip:example.com"; empty: none, the account only places and takes calls.
    Registrar: UnicodeString;
    // User name for digest; empty: the user part of `aor`.
    AuthUser: UnicodeString;
    // Password for digest. It is copied, and never logged. It is used in the account's own realms
    // only: see `realms`.
    Password: UnicodeString;
    // Outbound proxy, "sip:proxy.example.com;lr"; empty: none. Several, with commas between them:
    // the way through all of them.
    OutboundProxy: UnicodeString;
    // SIP port of its own, UDP and TCP; 0: the engine's (default).
    LocalPort: UInt32;
    // First RTP port of its own, 1024 or above; 0: the engine's (default).
    RtpPortFirst: UInt32;
    // Last RTP port of its own.
    RtpPortLast: UInt32;
    // Registration lifetime asked for, seconds, 1 to 86400; default 300.
    ExpiresS: UInt32;
    // 1: register at once when added, if there is a registrar (default); 0: wait for
    // sidetone_account_register().
    RegisterOnAdd: UInt32;
    // Packet time asked for, ms: 10, 20, 30, 40, 50 or 60; 0: 20 (default).
    PtimeMs: UInt32;
    // SIDETONE_SRTP_*; default optional.
    Srtp: UInt32;
    // SIDETONE_DTMF_*; default auto.
    Dtmf: UInt32;
    // SIDETONE_LATCH_*; default once.
    Latch: UInt32;
    // SIDETONE_CODEC_* in order of preference; default Opus, G.722, PCMA, PCMU.
    Codecs: TSidetoneNumbers;
    // SIDETONE_SUITE_* in order of preference; default all.
    SrtpSuites: TSidetoneNumbers;
    // Headers added to every request of this account.
    Headers: TSipHeaders;
    // Which device this is towards the registrar, "urn:uuid:...", the same for ever (RFC 5626);
    // empty: one that lasts as long as the engine (default).
    InstanceId: UnicodeString;
    // SIDETONE_OUTBOUND_*; default auto.
    Outbound: UInt32;
    // SIDETONE_GRUU_*; default off.
    Gruu: UInt32;
    // IP address that others reach us at, for Via, Contact and SDP in the place of our own; empty:
    // our own (default).
    PublicAddress: UnicodeString;
    // 1: Contact is where the registrar sees us, as it tells in `received` and `rport` (RFC 3581;
    // default); 0: our own address.
    LearnContact: UInt32;
    // A WAV file that the far end of a held call hears; it is read when the account is added or
    // updated; empty: silence (default).
    HoldMusic: UnicodeString;
    // SIDETONE_EARLY_MEDIA_*; default auto.
    EarlyMedia: UInt32;
    // SIDETONE_PRACK_*; default supported.
    Prack: UInt32;
    // SIDETONE_OFFER_*; default early.
    Offer: UInt32;
    // Interval of the session timer that we ask for (RFC 4028), seconds, 90 to 86400; 0: we ask
    // for none, and keep to the far end's (default).
    SessionExpiresS: UInt32;
    // Realms whose challenges are answered with the password, whoever asks, by their exact names,
    // with commas between them; one that has a comma itself stands in quotes: `pbx,"Acme, Inc."`;
    // "*": any realm. Empty (default): those of the account's own servers, in requests that really
    // go where the hosts of `aor`, `registrar`, `outbound_proxy` or of the registrar's
    // Service-Route were found, or where the REGISTER went; what a far end says of the way counts
    // for nothing. They are these hosts by name; the realms that challenged a REGISTER of this
    // account, the latest 8; and while there is none such, the realm that first challenges a
    // request outside of calls. Any other challenge ends its request as it would without a
    // password, and the reason names the realm. To be named here, and the registrar's realm beside
    // it: that of a proxy which is not the registrar's, and that of a server at another address
    // than these (RFC 3261 22.3).
    Realms: UnicodeString;
    // Complexity of the Opus encoder: 1 to 10, or SIDETONE_OPUS_COMPLEXITY_LEAST; 0: 5 (default).
    OpusComplexity: UInt32;
    // Bit rate of Opus, 6000 to 510000: ours on average, and the most that far ends are asked to
    // send; 0: 32000, or what the far end allows up to 64000, and far ends as they like (default).
    OpusBitrateBps: UInt32;
    // SIDETONE_OPUS_BANDWIDTH_*: the widest that we send, and that far ends are asked for; 0: full
    // (default).
    OpusBandwidth: UInt32;
    // SIDETONE_OPUS_ON: in-band FEC is asked for, and sent where the far end takes it; 0: the same
    // (default).
    OpusFec: UInt32;
    // SIDETONE_OPUS_ON: DTX is asked for, and used where we send; 0: used where the far end asks
    // for it (default).
    OpusDtx: UInt32;
    // What the library sets.
    class function Defaults: TSidetoneAccountConfig; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_account_config; var Kept: TSidetoneKept);
  end;

  // Options of one outgoing call. Fill it with sidetone_dial_options_init(), which leaves
  // everything to the account (or, without one, to the defaults of an account).
  PSidetoneDialOptions = ^TSidetoneDialOptions;
  TSidetoneDialOptions = record
    // SIDETONE_SRTP_*; 0: the account's.
    Srtp: UInt32;
    // Packet time, ms: 10, 20, 30, 40, 50 or 60; 0: the account's.
    PtimeMs: UInt32;
    // Give up when no final answer came within this time, 1 to 3600000 ms; 0: 180000.
    NoAnswerMs: UInt32;
    // SIDETONE_CODEC_* in order of preference, ended by 0; empty: the account's.
    Codecs: TSidetoneNumbers;
    // Headers of the INVITE.
    Headers: TSipHeaders;
    // 1: the called is not to know who calls; 2: it is; 0: as the account's services say.
    Anonymous: UInt32;
    // The call ends when it has been connected for so long, seconds; 0: as the account's services
    // say.
    MaxDurationS: UInt32;
    // SIDETONE_EARLY_MEDIA_*; 0: the account's.
    EarlyMedia: UInt32;
    // SIDETONE_PRACK_*; 0: the account's.
    Prack: UInt32;
    // SIDETONE_OFFER_*; 0: the account's.
    Offer: UInt32;
    // As in sidetone_account_config; 0: the account's.
    OpusComplexity: UInt32;
    // As in sidetone_account_config; 0: the account's.
    OpusBitrateBps: UInt32;
    // As in sidetone_account_config; 0: the account's.
    OpusBandwidth: UInt32;
    // As in sidetone_account_config; 0: the account's.
    OpusFec: UInt32;
    // As in sidetone_account_config; 0: the account's.
    OpusDtx: UInt32;
    // What the library sets.
    class function Defaults: TSidetoneDialOptions; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_dial_options; var Kept: TSidetoneKept);
  end;

  // Options of an answer. Fill it with sidetone_answer_options_init().
  PSidetoneAnswerOptions = ^TSidetoneAnswerOptions;
  TSidetoneAnswerOptions = record
    // Headers of the 200.
    Headers: TSipHeaders;
    // What the library sets.
    class function Defaults: TSidetoneAnswerOptions; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_answer_options; var Kept: TSidetoneKept);
  end;

  // What an account does with its calls without asking. Fill it with
  // sidetone_account_services_init(), then change what should differ. Empty text: none.
  PSidetoneAccountServices = ^TSidetoneAccountServices;
  TSidetoneAccountServices = record
    // SIDETONE_DISTURB_*; default allowed.
    DoNotDisturb: UInt32;
    // 1: a second call may ring (default); 0: the account is busy (486) with one.
    CallWaiting: UInt32;
    // Most calls at once, in both directions; 0: as many as the engine takes (default).
    MaxCalls: UInt32;
    // SIP URI that every call is sent on to, by 302 with a Diversion header (RFC 5806).
    ForwardAlways: UnicodeString;
    // SIP URI that calls are sent on to while the account is busy or does not want to be
    // disturbed.
    ForwardBusy: UnicodeString;
    // SIP URI that calls are sent on to when nobody answers for `forward_after_ms`.
    ForwardNoAnswer: UnicodeString;
    // See `forward_no_answer`, 1000 to 600000 ms; default 20000.
    ForwardAfterMs: UInt32;
    // SIDETONE_AUTO_ANSWER_*; default off.
    AutoAnswer: UInt32;
    // How long such a call rings when the caller does not say, 0 to 120000 ms; default 0.
    AutoAnswerDelayMs: UInt32;
    // SIDETONE_POLICY_*: what is done when a far end wants us to call somebody else.
    Transfer: UInt32;
    // Who may have a call answered by itself: users or addresses divided by commas, `*` for any
    // characters ("200, 3*, *@example.com"); empty: everybody.
    AutoAnswerCallers: UnicodeString;
    // SIDETONE_POLICY_*: what is done when a far end sends our call elsewhere (3xx).
    Redirect: UInt32;
    // How many times a call may be sent elsewhere, 1 to 100; default 5.
    RedirectHops: UInt32;
    // 1: P-Asserted-Identity and Remote-Party-ID are believed, the network sees to it; 0: only
    // From counts (default).
    TrustIdentity: UInt32;
    // 1: calls do not say who calls: From is anonymous and the network is asked for privacy (RFC
    // 3323, 3325); 0: they do (default).
    Anonymous: UInt32;
    // P-Preferred-Identity of calls, "sip:al@example.com", "tel:+49301234" or "Al <sip:…>".
    PreferredIdentity: UnicodeString;
    // P-Asserted-Identity of calls, for a network that trusts us.
    AssertedIdentity: UnicodeString;
    // 1: calls carry Remote-Party-ID, for old networks; 0: they do not (default).
    RemotePartyId: UInt32;
    // A call that came in is refused with 480 when nobody answers it for so long, 1000 to 3600000
    // ms; 0: 180000 (default).
    RingTimeMs: UInt32;
    // A call ends when it has been connected for so long, seconds; 0: any time (default).
    MaxDurationS: UInt32;
    // A call ends when no RTP came for so long while it should, 1000 to 3600000 ms; 0: never
    // (default).
    DeadMediaMs: UInt32;
    // Rules for numbers, as desk phones have them: "(<0:+49>[1-9]x.|*xx.|0900x.!)". Between bars;
    // the first that fits the whole number counts. `x` is any digit, `[2-46]` one of a set, `.`
    // repeats what is before it, `<a:b>` calls b for a, `!` at the end bars the number.
    DialPlan: UnicodeString;
    // Country code, "49": national numbers become "+49…".
    CountryCode: UnicodeString;
    // What is dialled before numbers of other countries, "00": becomes "+".
    InternationalPrefix: UnicodeString;
    // What is dialled before numbers of other areas, "0".
    NationalPrefix: UnicodeString;
    // What goes out for a leading "+", for exchanges that take none: "00" or "011".
    Plus: UnicodeString;
    // What the library sets.
    class function Defaults: TSidetoneAccountServices; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_account_services; var Kept: TSidetoneKept);
  end;

  // How a WAV file is played. Fill it with sidetone_play_options_init().
  PSidetonePlayOptions = ^TSidetonePlayOptions;
  TSidetonePlayOptions = record
    // 1: start again at the end, until stopped; 0: once (default).
    Repeat_: UInt32;
    // Gain in dB, -96 to 24; default 0.
    GainDb: Single;
    // What the library sets.
    class function Defaults: TSidetonePlayOptions; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_play_options; var Kept: TSidetoneKept);
  end;

  // How a call is tapped. Fill it with sidetone_tap_options_init().
  PSidetoneTapOptions = ^TSidetoneTapOptions;
  TSidetoneTapOptions = record
    // SIDETONE_TAP_RECEIVED (default) or SIDETONE_TAP_SENT.
    Direction: UInt32;
    // 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
    SampleRateHz: UInt32;
    // Length of a frame, 10 or 20 ms (default).
    FrameMs: UInt32;
    // Audio that waits to be read at most, 100 to 10000 ms, default 1000: as long as the host may
    // stall without a gap.
    BufferMs: UInt32;
    // What the library sets.
    class function Defaults: TSidetoneTapOptions; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_tap_options; var Kept: TSidetoneKept);
  end;

  // How audio is put into a call. Fill it with sidetone_inject_options_init().
  PSidetoneInjectOptions = ^TSidetoneInjectOptions;
  TSidetoneInjectOptions = record
    // SIDETONE_INJECT_FAR_END (default) or SIDETONE_INJECT_NEAR_END.
    Direction: UInt32;
    // 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
    SampleRateHz: UInt32;
    // Audio that may be written ahead, 100 to 60000 ms, default 5000.
    BufferMs: UInt32;
    // What the library sets.
    class function Defaults: TSidetoneInjectOptions; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_inject_options; var Kept: TSidetoneKept);
  end;

  // A request of the host's own. Fill it with sidetone_sip_request_init().
  PSidetoneSipRequest = ^TSidetoneSipRequest;
  TSidetoneSipRequest = record
    // Method: MESSAGE, INFO, OPTIONS, NOTIFY, …, or one of the host's own. INVITE, ACK, CANCEL,
    // BYE, PRACK, UPDATE, REGISTER and SUBSCRIBE are the engine's.
    Method: UnicodeString;
    // Media type of the body, with its parameters; empty without a body.
    ContentType: UnicodeString;
    // The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
    Body: TBytes;
    // Headers.
    Headers: TSipHeaders;
    // What the library sets.
    class function Defaults: TSidetoneSipRequest; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_sip_request; var Kept: TSidetoneKept);
  end;

  // An answer to a request of SIDETONE_EVENT_REQUEST. Fill it with sidetone_sip_answer_init().
  PSidetoneSipAnswer = ^TSidetoneSipAnswer;
  TSidetoneSipAnswer = record
    // Status code, 200 (default) to 699.
    SipCode: UInt32;
    // Reason phrase; empty: the registered one.
    Reason: UnicodeString;
    // Media type of the body, with its parameters; empty without a body.
    ContentType: UnicodeString;
    // The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
    Body: TBytes;
    // Headers.
    Headers: TSipHeaders;
    // What the library sets.
    class function Defaults: TSidetoneSipAnswer; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_sip_answer; var Kept: TSidetoneKept);
  end;

  // How something is watched. Fill it with sidetone_subscription_options_init().
  PSidetoneSubscriptionOptions = ^TSidetoneSubscriptionOptions;
  TSidetoneSubscriptionOptions = record
    // SIDETONE_PACKAGE_*; default SIDETONE_PACKAGE_DIALOG.
    Package: UInt32;
    // Lifetime asked for, 0 to 86400 seconds, default 3600; 0: one look and no more, with which
    // the subscription ends and the reply comes.
    ExpiresS: UInt32;
    // Event package of SIDETONE_PACKAGE_OTHER.
    Event: UnicodeString;
    // Its media types, separated by commas.
    Accept: UnicodeString;
    // What the library sets.
    class function Defaults: TSidetoneSubscriptionOptions; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_subscription_options; var Kept: TSidetoneKept);
  end;

  // Our own presence. Fill it with sidetone_presence_init().
  PSidetonePresence = ^TSidetonePresence;
  TSidetonePresence = record
    // 1: can be reached (default); 0: cannot.
    Open: UInt32;
    // What we do, a name of RFC 4480: "on-the-phone", "away", "busy", "meeting"; empty: not said.
    Activity: UnicodeString;
    // For people; empty: none.
    Note: UnicodeString;
    // What the library sets.
    class function Defaults: TSidetonePresence; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_presence; var Kept: TSidetoneKept);
  end;

  // How the audio of calls reaches the user. Fill it with sidetone_audio_init().
  PSidetoneAudio = ^TSidetoneAudio;
  TSidetoneAudio = record
    // SIDETONE_AUDIO_*.
    Kind: UInt32;
    // Devices: id or name of the microphone; empty: the system's default, followed when it
    // changes. WAV: the file that is played as the microphone; empty: silence.
    Microphone: UnicodeString;
    // Devices: id or name of the loudspeaker; empty: the system's default. WAV: the file that is
    // written with what a loudspeaker would play; empty: none.
    Loudspeaker: UnicodeString;
    // WAV: 1: the microphone file starts again at its end; 0: silence follows.
    Repeat_: UInt32;
    // What the library sets.
    class function Defaults: TSidetoneAudio; static;
    // Sets a C struct, which borrows what `Kept` keeps.
    procedure Fill(out Raw: sidetone_audio; var Kept: TSidetoneKept);
  end;

  // An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or empty text.
  // Texts live until the next sidetone_event_next() on the engine, or until the callback is back.
  PSidetoneEvent = ^TSidetoneEvent;
  TSidetoneEvent = record
    // SIDETONE_EVENT_*. Skip kinds that you do not know: later versions add some.
    Kind: UInt32;
    // Number of this event, from 1 without gaps.
    Sequence: UInt64;
    // Time since the engine was created, on the monotonic clock, ns.
    TimeNs: UInt64;
    // Account; SIDETONE_ID_NONE for none.
    Account: UInt64;
    // Call; SIDETONE_ID_NONE for none.
    Call: UInt64;
    // Request that this is the reply to.
    Request: UInt64;
    // State, by kind.
    State: UInt32;
    // SIDETONE_OK or the SIDETONE_ERR_* behind it.
    Status: Int32;
    // Status code of the SIP response behind it; 0: none.
    SipCode: UInt32;
    // Length of a digit, or place in a recording, ms.
    DurationMs: UInt32;
    // Lifetime that the registrar granted, seconds.
    ExpiresS: UInt32;
    // SIDETONE_CODEC_* that we send.
    Codec: UInt32;
    // SIDETONE_SUITE_*; 0: not encrypted.
    SrtpSuite: UInt32;
    // A digit as ASCII: 0-9 * # A-D, or ! for a hook flash.
    Digit: UInt32;
    // Events or frames dropped, by kind.
    Count: UInt64;
    // Why, for people.
    Text: UnicodeString;
    // URI of the caller.
    From: UnicodeString;
    // Display name of the caller.
    DisplayName: UnicodeString;
    // URI that was called; of a registration, where it went.
    To_: UnicodeString;
    // A file.
    Path: UnicodeString;
    // Name of the loudspeaker.
    Loudspeaker: UnicodeString;
    // Name of the microphone.
    Microphone: UnicodeString;
    // SIDETONE_END_*.
    End_: UInt32;
    // Q.850 cause of a Reason header; 0: none.
    Q850Cause: UInt32;
    // SIP status of a Reason header; 0: none.
    ReasonSipCode: UInt32;
    // By kind.
    Flags: UInt32;
    // Text of a Reason header.
    Reason: UnicodeString;
    // A request that waits for the host's answer.
    Transaction: UInt64;
    // Subscription; SIDETONE_ID_NONE for none.
    Subscription: UInt64;
    // Publication; SIDETONE_ID_NONE for none.
    Publication: UInt64;
    // New voice messages.
    VoiceNew: UInt32;
    // Old voice messages.
    VoiceOld: UInt32;
    // What somebody does, a name of RFC 4480.
    Activity: UnicodeString;
    // Its method.
    Method: UnicodeString;
    // Media type of `body`, with its parameters.
    ContentType: UnicodeString;
    // A body: octets as they came, `length` of them; not always UTF-8.
    Body: TBytes;
    // Every header line of the message behind the event, in order.
    Headers: TSipHeaders;
    // A copy of a C struct.
    class function Copied(const Raw: sidetone_event): TSidetoneEvent; static;
  end;

  TSidetoneEventHandler = procedure(Sender: TObject; const Event: TSidetoneEvent) of object;

  // Methods of an engine; see TSidetoneClient.
  TSidetoneMethods = class
  private
    FHandlers: array[0..44] of TSidetoneEventHandler;
    function GetHandler(Kind: Integer): TSidetoneEventHandler;
    procedure SetHandler(Kind: Integer; Value: TSidetoneEventHandler);
  protected
    FEngine: Psidetone_engine;
    // What is called for a kind of event; nil: nothing.
    function HandlerOf(Kind: UInt32): TSidetoneEventHandler;
  public
    // Ends all calls and registrations, waits for the far ends at most `timeout_ms`, and stops the
    // engine's threads. Its last event is SIDETONE_EVENT_STOPPED; it can still be pulled
    // afterwards. A second call does nothing.
    procedure EngineShutdown(TimeoutMs: UInt32);
    // The engine's own SIP address, "ip:port"; an IPv6 address in brackets.
    function EngineAddressRead(Transport: UInt32): UnicodeString;
    // Adds an account, and registers it when it has a registrar and `register_on_add`. How the
    // registration does is told by SIDETONE_EVENT_REGISTRATION.
    function AccountAdd(const Config: TSidetoneAccountConfig; Request: PUInt64 = nil): UInt64;
    // Replaces the settings of an account. Calls that are up keep the old ones; a registration is
    // made anew.
    procedure AccountUpdate(Account: UInt64; const Config: TSidetoneAccountConfig; Request: PUInt64 = nil);
    // Unregisters and removes an account. Its calls go on; its id is stale at once.
    procedure AccountRemove(Account: UInt64; Request: PUInt64 = nil);
    // Registers an account, or registers it again at once.
    procedure AccountRegister(Account: UInt64; Request: PUInt64 = nil);
    // Takes an account's registration back. The account stays.
    procedure AccountUnregister(Account: UInt64; Request: PUInt64 = nil);
    // How an account stands now.
    function AccountInfoRead(Account: UInt64): sidetone_account_info;
    // A text of an account.
    function AccountTextRead(Account: UInt64; Which: UInt32): UnicodeString;
    // The ids of the accounts.
    function AccountList: TSidetoneIds;
    // Says that the network has changed, or that the machine has woken up: call it from the
    // system's notification. What was found by DNS is forgotten, every account is registered anew,
    // and calls whose own address has changed are told so by re-INVITE; their media goes on with
    // the same keys. The engine notices much of this by itself, but later: when a registration is
    // refreshed, when something cannot be sent, when a connection breaks.
    procedure NetworkChanged;
    // Places a call. It is under way when this function is back; what becomes of it is told by
    // SIDETONE_EVENT_CALL, which may come before that.
    function CallDial(Account: UInt64; const Uri: UnicodeString; Options: PSidetoneDialOptions = nil; Request: PUInt64 = nil): UInt64;
    // Sends 180 Ringing for an incoming call.
    procedure CallRing(Call: UInt64; Request: PUInt64 = nil);
    // Answers an incoming call with 200.
    procedure CallAnswer(Call: UInt64; Options: PSidetoneAnswerOptions = nil; Request: PUInt64 = nil);
    // Refuses an incoming call.
    procedure CallReject(Call: UInt64; SipCode: UInt32; const Reason: UnicodeString; Request: PUInt64 = nil);
    // Ends a call in whatever state it is: CANCEL, BYE, or 603 for one that was not answered.
    procedure CallHangup(Call: UInt64; Request: PUInt64 = nil);
    // Mutes or unmutes our user's microphone in a call. Within 20 ms. What else the far end hears
    // (files that are played, injections, routes, digits as tones) goes on.
    procedure CallMute(Call: UInt64; Muted: UInt32; Request: PUInt64 = nil);
    // Sets the gains of a call. Within 20 ms.
    procedure CallGain(Call: UInt64; SendDb: Single; ReceiveDb: Single; Request: PUInt64 = nil);
    // Lets what call `from` says be heard by call `to`. Both ways make a conversation of two far
    // ends; `from` equal to `to` is an echo. Routes add to what the calls hear otherwise. Calls
    // that are to hear each other all, or not all, are a conference: sidetone_conference_create().
    procedure CallRoute(From: UInt64; To_: UInt64; GainDb: Single; Request: PUInt64 = nil);
    // Ends a route of sidetone_call_route(). None there: nothing happens.
    procedure CallUnroute(From: UInt64; To_: UInt64; Request: PUInt64 = nil);
    // Sends DTMF digits, one after the other, behind those that are still to be sent.
    procedure CallDtmf(Call: UInt64; const Digits: UnicodeString; DurationMs: UInt32; Request: PUInt64 = nil);
    // How a call stands now. A call that ended answers until its last event was pulled.
    function CallInfoRead(Call: UInt64): sidetone_call_info;
    // A text of a call.
    function CallTextRead(Call: UInt64; Which: UInt32): UnicodeString;
    // The value of a header of the far end's latest INVITE or final response; the first of that
    // name.
    function CallHeaderRead(Call: UInt64; const Name: UnicodeString): UnicodeString;
    // The ids of the live calls.
    function CallList: TSidetoneIds;
    // Replaces what an account does without asking, for calls that begin from now on. An account
    // that was given none has the defaults; sidetone_account_update() leaves them as they are.
    procedure AccountServicesSet(Account: UInt64; const Services: TSidetoneAccountServices);
    // Has the far end of a call call somebody else (blind transfer). How it goes is told by
    // SIDETONE_EVENT_TRANSFER; when the new call stands, this one ends.
    procedure CallTransfer(Call: UInt64; const Target: UnicodeString; Silent: UInt32; Request: PUInt64 = nil);
    // Connects the far ends of two of our calls with each other (attended transfer). How it goes
    // is told by SIDETONE_EVENT_TRANSFER of `call`; when they are connected, both calls end.
    procedure CallTransferTo(Call: UInt64; Other: UInt64; Request: PUInt64 = nil);
    // Does what a far end asked for: calls whom SIDETONE_EVENT_TRANSFER (SIDETONE_TRANSFER_ASKED)
    // named. The call stays the host's; SIDETONE_EVENT_REPLACED tells when the other one is there.
    // There are 60 seconds to decide: then the transfer is refused with 603, and told as
    // SIDETONE_TRANSFER_FAILED. A far end that names a tel: URI means what a dial of it would
    // call.
    procedure CallTransferAccept(Call: UInt64; Request: PUInt64 = nil);
    // Does not do what a far end asked for, which is told 603; the call goes on as it is.
    procedure CallTransferReject(Call: UInt64; Request: PUInt64 = nil);
    // Sends the caller of an incoming call elsewhere with 302.
    procedure CallRedirect(Call: UInt64; const Target: UnicodeString; Request: PUInt64 = nil);
    // Decides on a redirect that SIDETONE_EVENT_REDIRECTED asked about.
    procedure CallRedirectFollow(Call: UInt64; Follow: UInt32; Request: PUInt64 = nil);
    // Ends a call like sidetone_call_hangup(), with a Reason header that says why (RFC 3326).
    procedure CallHangupWith(Call: UInt64; Q850Cause: UInt32; const Text: UnicodeString; Request: PUInt64 = nil);
    // Puts headers on our messages of a kind in this call from now on, in the place of earlier
    // ones. Those of a call's INVITE go with sidetone_dial_options.
    procedure CallHeadersSet(Call: UInt64; Message: UInt32; const Headers: TSipHeaders; Request: PUInt64 = nil);
    // The value of a header of the far end's last message of a kind. Those of the message that
    // ends a call can be read until its last event was pulled: SIDETONE_CALL_ENDING comes before.
    function CallMessageHeaderRead(Call: UInt64; Message: UInt32; const Name: UnicodeString; Index: UInt32): UnicodeString;
    // What the INVITE of an incoming call tells of its caller and its way. Whether it can be
    // believed is for the account to say: the `from` of SIDETONE_EVENT_INCOMING_CALL is the
    // asserted identity when `trust_identity` of sidetone_account_services is set.
    function CallIdentityRead(Call: UInt64; Which: UInt32; Index: UInt32): UnicodeString;
    // What the caller of an incoming call wants withheld.
    function CallPrivacyRead(Call: UInt64): UInt32;
    // Sends 183 Session Progress with our description for an incoming call, so that media runs
    // before the answer: what is played into the call is heard by the caller. Without an offer in
    // the INVITE, and where the caller cannot acknowledge one of ours, 180 goes out instead.
    procedure CallProgress(Call: UInt64; Request: PUInt64 = nil);
    // Puts the far end on hold: it hears the music on hold or silence, and the user no longer
    // hears it. Both at once, and the far end is asked to agree by re-INVITE (UPDATE before the
    // answer); SIDETONE_EVENT_HOLD tells when it has. A call that does not stand yet is held as
    // soon as it does.
    procedure CallHold(Call: UInt64; Request: PUInt64 = nil);
    // Takes the far end off hold. Where it holds us too, media comes back when it has resumed as
    // well.
    procedure CallResume(Call: UInt64; Request: PUInt64 = nil);
    // Chooses what the far end of this call hears while it is held, in the place of the account's
    // `hold_music`. It is repeated for as long as the hold lasts.
    procedure CallHoldMusic(Call: UInt64; const Path: UnicodeString; Request: PUInt64 = nil);
    // Makes a conference: calls that are added to it hear each other. Our own user is heard by
    // every call and hears every call, in a conference or not, where the engine has a microphone
    // and a loudspeaker (sidetone_audio_select()); sidetone_conference_gain() turns them down in
    // it. A file for everybody is played into each of its calls.
    function ConferenceCreate: UInt64;
    // Ends a conference. The calls that are in it go on, each alone with our user; hang them up
    // where they are to end, too.
    procedure ConferenceDestroy(Conference: UInt64; Request: PUInt64 = nil);
    // Lets a call and the calls of a conference hear each other, each with the gain that is set
    // for the pair. It need not be answered: it takes part as soon as it has media. It leaves by
    // itself when it ends, and a hold parts it from the others as from our user. A call is in one
    // conference at most; added again, nothing changes. Between its calls use no
    // sidetone_call_route().
    procedure ConferenceAdd(Conference: UInt64; Call: UInt64; Request: PUInt64 = nil);
    // Takes a call out of a conference; it goes on, and the gains that were set for it are
    // forgotten.
    procedure ConferenceRemove(Conference: UInt64; Call: UInt64; Request: PUInt64 = nil);
    // Sets how loud `to` hears `from` in a conference; within 20 ms. The other way keeps its own
    // gain. So a supervisor who is to whisper has a gain of -INFINITY towards the customer, one
    // who only listens towards everybody, and one who barges in has none. What is set for a call
    // before it is added holds from its first sample on.
    procedure ConferenceGain(Conference: UInt64; From: UInt64; To_: UInt64; GainDb: Single; Request: PUInt64 = nil);
    // The ids of the calls of a conference, in the order in which they were added.
    function ConferenceCalls(Conference: UInt64): TSidetoneIds;
    // Plays a WAV file into a call: the far end hears it, with the microphone. One that is playing
    // already ends. SIDETONE_EVENT_PLAY_FINISHED follows.
    procedure CallPlay(Call: UInt64; const Path: UnicodeString; Options: PSidetonePlayOptions = nil; Request: PUInt64 = nil);
    // Ends the playing of sidetone_call_play(). None there: nothing happens.
    procedure CallPlayStop(Call: UInt64; Request: PUInt64 = nil);
    // Records a call to a stereo WAV file: near end left, far end right. The file can be played at
    // any moment, also after a crash. A disk that is slow or full harms no call: what is lost then
    // is told by the event at the end. It ends with the call or with sidetone_call_record_stop(),
    // and then SIDETONE_EVENT_RECORD_FINISHED follows.
    procedure CallRecord(Call: UInt64; const Path: UnicodeString; Request: PUInt64 = nil);
    // Pauses the recording of sidetone_call_record(), for instance while a card number is said:
    // what is said until sidetone_call_record_resume() never comes near the file. The file goes on
    // right behind what was before, with a mark there (a cue point, its text "paused for 12.30 s")
    // that audio editors show. SIDETONE_EVENT_RECORD_PAUSED follows when it is so; what is to be
    // left out may be said then.
    procedure CallRecordPause(Call: UInt64; Request: PUInt64 = nil);
    // Goes on with a recording that is paused. SIDETONE_EVENT_RECORD_PAUSED follows, with `state`
    // 0.
    procedure CallRecordResume(Call: UInt64; Request: PUInt64 = nil);
    // Ends the recording of sidetone_call_record(). None there: nothing happens.
    procedure CallRecordStop(Call: UInt64; Request: PUInt64 = nil);
    // Writes every RTP and RTCP datagram of a call, as it is on the wire, and its SIP messages to
    // a PCAP file, until the call ends or sidetone_call_capture_stop().
    procedure CallCapture(Call: UInt64; const Path: UnicodeString; Request: PUInt64 = nil);
    // Ends the capture of sidetone_call_capture(). None there: nothing happens.
    procedure CallCaptureStop(Call: UInt64; Request: PUInt64 = nil);
    // Taps a call: one way of its audio as frames of 16-bit mono PCM, at a rate of the host's
    // choice. The tap is a clock: from when the call has media (a call that was dialled: once its
    // far end was found) to its end there is a frame for every 10 or 20 ms, silence when nothing
    // is received. It goes on through hold and changes of codec. Several taps of a call do not
    // know of each other; one that is not read loses frames of its own and disturbs nothing else.
    function TapOpen(Call: UInt64; Options: PSidetoneTapOptions = nil): UInt64;
    // How a tap does; after the end of its call, too.
    function TapInfoRead(Tap: UInt64): sidetone_tap_info;
    // Ends a tap; what waits in it is thrown away, and a read that waits for it ends with
    // SIDETONE_ERR_STALE_ID.
    procedure TapClose(Tap: UInt64);
    // Opens a source of audio in a call, to which the host writes 16-bit mono PCM. It is mixed
    // with whatever else is heard there: the microphone goes on beside it, and
    // sidetone_call_mute() mutes the microphone only, so a program that is to speak in its place
    // mutes. The gains of sidetone_call_gain() hold for it as for the rest of what is sent. What
    // is written for the far end waits until the call has media.
    function InjectOpen(Call: UInt64; Options: PSidetoneInjectOptions = nil): UInt64;
    // Throws away what was written and not yet played: the far end interrupts. What has left the
    // queue (10 ms, and what a packet holds) is still heard; what is written afterwards is played
    // next.
    function InjectFlush(Injection: UInt64): UInt64;
    // How an injection does; after the end of its call, too.
    function InjectInfoRead(Injection: UInt64): sidetone_inject_info;
    // Ends an injection; what waits in it is thrown away. To have all of it heard, close it when
    // `queued` is 0.
    procedure InjectClose(Injection: UInt64);
    // Sends an instant message.
    procedure MessageSend(From: UInt64; const Uri: UnicodeString; const ContentType: UnicodeString; const Body: TBytes; Request: PUInt64 = nil);
    // Sends a request of any method.
    procedure RequestSend(From: UInt64; const Uri: UnicodeString; const Sip: TSidetoneSipRequest; Request: PUInt64 = nil);
    // Answers a request that came as SIDETONE_EVENT_REQUEST. One that is not answered within 32 T1
    // (16 s) gets 500.
    procedure RequestAnswer(Transaction: UInt64; const Answer: TSidetoneSipAnswer; Request: PUInt64 = nil);
    // Watches somebody, or a mailbox. The subscription is kept up, and begun anew after failures,
    // until sidetone_subscription_remove(). Its changes are SIDETONE_EVENT_SUBSCRIPTION, what it
    // tells SIDETONE_EVENT_MESSAGE_WAITING, SIDETONE_EVENT_LAMP, SIDETONE_EVENT_PRESENCE or
    // SIDETONE_EVENT_NOTIFY. Where a proxy asks several far ends, the first that tells something
    // is watched; the others are refused (481), so that they stop.
    function SubscriptionAdd(Account: UInt64; const Uri: UnicodeString; Options: PSidetoneSubscriptionOptions = nil; Request: PUInt64 = nil): UInt64;
    // Refreshes a subscription at once; begins one anew that has ended.
    procedure SubscriptionRefresh(Subscription: UInt64; Request: PUInt64 = nil);
    // Takes a subscription back. Its id is stale at once, and no event of it follows but those
    // that wait already.
    procedure SubscriptionRemove(Subscription: UInt64; Request: PUInt64 = nil);
    // Reads how a subscription stands, and what it told last.
    function SubscriptionInfoRead(Subscription: UInt64): sidetone_subscription_info;
    // Reads a text of a subscription.
    function SubscriptionTextRead(Subscription: UInt64; Which: UInt32): UnicodeString;
    // Lists the subscriptions that were not removed.
    function SubscriptionList: TSidetoneIds;
    // Reads one dialog of somebody who is watched.
    function SubscriptionDialogRead(Subscription: UInt64; Index: UInt32): sidetone_watched_dialog;
    // Reads a text of a dialog of somebody who is watched.
    function SubscriptionDialogTextRead(Subscription: UInt64; Index: UInt32; Which: UInt32): UnicodeString;
    // Publishes the presence of an account. It is refreshed until sidetone_publication_remove();
    // its changes are SIDETONE_EVENT_PUBLICATION.
    function PresencePublish(Account: UInt64; const Presence: TSidetonePresence; Request: PUInt64 = nil): UInt64;
    // Publishes another presence in the place of the one before.
    procedure PresenceUpdate(Publication: UInt64; const Presence: TSidetonePresence; Request: PUInt64 = nil);
    // Publishes event state of any package under an account. It is refreshed until
    // sidetone_publication_remove().
    function PublicationAdd(Account: UInt64; const Event: UnicodeString; const ContentType: UnicodeString; const Body: TBytes; Request: PUInt64 = nil): UInt64;
    // Publishes another state of any package in the place of the one before.
    procedure PublicationUpdate(Publication: UInt64; const ContentType: UnicodeString; const Body: TBytes; Request: PUInt64 = nil);
    // Removes what is published. Its id is stale at once, and no event of it follows but those
    // that wait already.
    procedure PublicationRemove(Publication: UInt64; Request: PUInt64 = nil);
    // Chooses how audio reaches the user. Calls that are up change over.
    procedure AudioSelect(const Audio: TSidetoneAudio; Request: PUInt64 = nil);
    // Levels at the sound card now. Reading often is cheap.
    function AudioLevelsRead: sidetone_audio_levels;
    // Looks the sound cards up, and keeps the list in the engine until the next call. Waits for
    // the system, at most five seconds.
    function DeviceList: UInt32;
    // What a sound card of the list can do.
    function DeviceInfoRead(Index: UInt32): sidetone_device_info;
    // A text of a sound card of the list.
    function DeviceTextRead(Index: UInt32; Which: UInt32): UnicodeString;
    // How a call's media does now. Reading often is cheap.
    function CallStatsRead(Call: UInt64): sidetone_call_stats;
    // Counters of the engine now.
    function EngineStatsRead: sidetone_engine_stats;
    // How the threads do that have to keep time: durations of the sound card's callbacks, missed
    // deadlines, late rounds, and what scheduling the system gave them. Reading never disturbs
    // them.
    function EngineHealthRead: sidetone_engine_health;
    // What scheduling threads of an engine got, in words: of a refusal why, and what to do about
    // it.
    function EnginePriorityRead(Threads: UInt32): UnicodeString;
    // Ends a waiting sidetone_event_next(), or the next one at once, with SIDETONE_ERR_TIMEOUT.
    procedure Wake;
    // Event: the registration of `account` is now in `state` (SIDETONE_REGISTRATION_*);
    // `sip_code`, `text` (why), `expires_s`, `to` (where the REGISTER went:
    // "address:port/TRANSPORT").
    property OnRegistration: TSidetoneEventHandler index SIDETONE_EVENT_REGISTRATION
      read GetHandler write SetHandler;
    // Event: somebody calls. `call`, `account` (or none), `from`, `display_name`, `to`.
    property OnIncomingCall: TSidetoneEventHandler index SIDETONE_EVENT_INCOMING_CALL
      read GetHandler write SetHandler;
    // Event: `call` is now in `state` (SIDETONE_CALL_*); `sip_code`, `text`; when it ended,
    // `status` says why, SIDETONE_OK after an orderly end, `end` (SIDETONE_END_*) how, and
    // `q850_cause`, `reason_sip_code` and `reason` what the far end or the network said of it (RFC
    // 3326).
    property OnCall: TSidetoneEventHandler index SIDETONE_EVENT_CALL
      read GetHandler write SetHandler;
    // Event: media of `call` runs, or its terms changed: `codec`, `srtp_suite`.
    property OnMedia: TSidetoneEventHandler index SIDETONE_EVENT_MEDIA
      read GetHandler write SetHandler;
    // Event: a digit came in `call`: `digit`, `duration_ms`.
    property OnDtmf: TSidetoneEventHandler index SIDETONE_EVENT_DTMF
      read GetHandler write SetHandler;
    // Event: the file played into `call` ended; `status`.
    property OnPlayFinished: TSidetoneEventHandler index SIDETONE_EVENT_PLAY_FINISHED
      read GetHandler write SetHandler;
    // Event: the recording of `call` ended; `path`, `status`, `text`; `count`: frames that were
    // lost because the disk was too slow, with silence in their place. An error
    // (SIDETONE_ERR_FILE_WRITE: the disk is full) ends the recording, and not the call; what was
    // written until then can be played.
    property OnRecordFinished: TSidetoneEventHandler index SIDETONE_EVENT_RECORD_FINISHED
      read GetHandler write SetHandler;
    // Event: RTP of `call` stopped coming (`state` 1) or came again (`state` 0).
    property OnMediaTimeout: TSidetoneEventHandler index SIDETONE_EVENT_MEDIA_TIMEOUT
      read GetHandler write SetHandler;
    // Event: the sound card is now in `state` (SIDETONE_DEVICE_STATE_*); `microphone`,
    // `loudspeaker`, `text`. Calls go on.
    property OnDevice: TSidetoneEventHandler index SIDETONE_EVENT_DEVICE
      read GetHandler write SetHandler;
    // Event: the outcome of the command that was given `request`: `status`, `text`; `sip_code` of
    // the response behind it, and of a request of the host's own `content_type`, `body` and
    // `headers`.
    property OnReply: TSidetoneEventHandler index SIDETONE_EVENT_REPLY
      read GetHandler write SetHandler;
    // Event: `count` events were dropped because the host did not pull. Read the state anew with
    // sidetone_call_list(), sidetone_call_info_read() and sidetone_account_info_read().
    property OnEventsLost: TSidetoneEventHandler index SIDETONE_EVENT_EVENTS_LOST
      read GetHandler write SetHandler;
    // Event: a fault inside; the engine takes no more commands. Destroy it. `text`.
    property OnFaulted: TSidetoneEventHandler index SIDETONE_EVENT_FAULTED
      read GetHandler write SetHandler;
    // Event: the engine has stopped; none follows.
    property OnStopped: TSidetoneEventHandler index SIDETONE_EVENT_STOPPED
      read GetHandler write SetHandler;
    // Event: a hold of `call` began or ended; `state` has the SIDETONE_HOLD_* bits that are in
    // force.
    property OnHold: TSidetoneEventHandler index SIDETONE_EVENT_HOLD
      read GetHandler write SetHandler;
    // Event: a transfer of `call` is now in `state` (SIDETONE_TRANSFER_*); `sip_code`, `text`;
    // when a far end asks for one: `to` (whom to call), `from` (who says so, may be empty),
    // `flags` (SIDETONE_TRANSFER_FLAG_*).
    property OnTransfer: TSidetoneEventHandler index SIDETONE_EVENT_TRANSFER
      read GetHandler write SetHandler;
    // Event: somebody else is at the other end of `call` now: `from`, `display_name`. The call
    // goes on.
    property OnReplaced: TSidetoneEventHandler index SIDETONE_EVENT_REPLACED
      read GetHandler write SetHandler;
    // Event: the far end sends our `call` elsewhere: `to`; `state` 1: decide with
    // sidetone_call_redirect_follow(), 0: it is being followed.
    property OnRedirected: TSidetoneEventHandler index SIDETONE_EVENT_REDIRECTED
      read GetHandler write SetHandler;
    // Event: the recording of `call` was paused (`state` 1) or goes on (`state` 0); `duration_ms`:
    // where in the file.
    property OnRecordPaused: TSidetoneEventHandler index SIDETONE_EVENT_RECORD_PAUSED
      read GetHandler write SetHandler;
    // Event: `count` calls began within a minute, the most that `max_calls_per_minute` allows;
    // further ones are refused until the minute is over. Told once per run; `account` of the first
    // refused.
    property OnCallsLimited: TSidetoneEventHandler index SIDETONE_EVENT_CALLS_LIMITED
      read GetHandler write SetHandler;
    // Event: a message came (RFC 3428), and was answered with 200. `account` (or none), `call`
    // when it came in the dialog of one, `from`, `display_name`, `to`, `content_type`, `body`,
    // `headers`.
    property OnMessage: TSidetoneEventHandler index SIDETONE_EVENT_MESSAGE
      read GetHandler write SetHandler;
    // Event: a request came that the host asked to answer (`host_methods` of the engine). Answer
    // it with sidetone_request_answer(). `transaction`, `method`, `account` (or none), `call` when
    // it came in the dialog of one, `from`, `to`, `content_type`, `body`, `headers`.
    property OnRequest: TSidetoneEventHandler index SIDETONE_EVENT_REQUEST
      read GetHandler write SetHandler;
    // Event: `subscription` is now in `state` (SIDETONE_SUBSCRIPTION_*); `sip_code`, `text`,
    // `expires_s`.
    property OnSubscription: TSidetoneEventHandler index SIDETONE_EVENT_SUBSCRIPTION
      read GetHandler write SetHandler;
    // Event: messages wait (`state` 1) or none do (`state` 0): `voice_new`, `voice_old`; `to`: the
    // mailbox. `subscription`, or none and `account` when a server tells unasked. `content_type`,
    // `body`, `headers`.
    property OnMessageWaiting: TSidetoneEventHandler index SIDETONE_EVENT_MESSAGE_WAITING
      read GetHandler write SetHandler;
    // Event: the busy lamp of `subscription` now shows `state` (SIDETONE_LAMP_*); `from`,
    // `display_name`: the far end of the first call. More: sidetone_subscription_dialog_read().
    // `content_type`, `body`, `headers`.
    property OnLamp: TSidetoneEventHandler index SIDETONE_EVENT_LAMP
      read GetHandler write SetHandler;
    // Event: the presence of `subscription` is now `state` (SIDETONE_PRESENCE_*); `activity`;
    // `text`: the note. `content_type`, `body`, `headers`.
    property OnPresence: TSidetoneEventHandler index SIDETONE_EVENT_PRESENCE
      read GetHandler write SetHandler;
    // Event: `subscription` told what the library does not read: `content_type`, `body`,
    // `headers`.
    property OnNotify: TSidetoneEventHandler index SIDETONE_EVENT_NOTIFY
      read GetHandler write SetHandler;
    // Event: `publication` is now in `state` (SIDETONE_PUBLICATION_*); `sip_code`, `text`,
    // `expires_s`.
    property OnPublication: TSidetoneEventHandler index SIDETONE_EVENT_PUBLICATION
      read GetHandler write SetHandler;
  end;

implementation

class function TSidetoneEngineConfig.Defaults: TSidetoneEngineConfig;
var
  Raw: sidetone_engine_config;
begin
  Result := Default(TSidetoneEngineConfig);
  SidetoneCheck(sidetone_engine_config_init(@Raw, SizeOf(Raw)));
  Result.SipPort := Raw.sip_port;
  Result.RtpPortFirst := Raw.rtp_port_first;
  Result.RtpPortLast := Raw.rtp_port_last;
  Result.MaxCalls := Raw.max_calls;
  Result.MaxAccounts := Raw.max_accounts;
  Result.MediaWorkers := Raw.media_workers;
  Result.AcceptUnknown := Raw.accept_unknown;
  Result.T1Ms := Raw.t1_ms;
  Result.T2Ms := Raw.t2_ms;
  Result.T4Ms := Raw.t4_ms;
  Result.MinRegistrationMs := Raw.min_registration_ms;
  Result.MinSessionMs := Raw.min_session_ms;
  Result.RetryBaseMs := Raw.retry_base_ms;
  Result.RetryMaxMs := Raw.retry_max_ms;
  Result.MaxCallsPerMinute := Raw.max_calls_per_minute;
  Result.Seed := Raw.seed;
  Result.AudioKind := Raw.audio_kind;
  Result.AudioRepeat := Raw.audio_repeat;
  Result.AvoidMs := Raw.avoid_ms;
  Result.AvoidMaxMs := Raw.avoid_max_ms;
  Result.TlsVerify := Raw.tls_verify;
  Result.TlsListen := Raw.tls_listen;
  Result.TlsPort := Raw.tls_port;
  Result.SipDscp := Raw.sip_dscp;
  Result.RtpDscp := Raw.rtp_dscp;
  Result.KeepAliveStreamMs := Raw.keep_alive_stream_ms;
  Result.KeepAliveUdpMs := Raw.keep_alive_udp_ms;
  Result.KeepAliveUdp := Raw.keep_alive_udp;
  Result.KeepAliveAnswerMs := Raw.keep_alive_answer_ms;
  Result.TcpAboveBytes := Raw.tcp_above_bytes;
  Result.MaxMessageBytes := Raw.max_message_bytes;
  Result.MaxSubscriptions := Raw.max_subscriptions;
end;

procedure TSidetoneEngineConfig.Fill(out Raw: sidetone_engine_config; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_engine_config_init(@Raw, SizeOf(Raw)));
  Raw.sip_port := SipPort;
  Kept.Text(Raw.user_agent, UserAgent);
  Kept.Text(Raw.bind, Bind);
  Raw.rtp_port_first := RtpPortFirst;
  Raw.rtp_port_last := RtpPortLast;
  Raw.max_calls := MaxCalls;
  Raw.max_accounts := MaxAccounts;
  Raw.media_workers := MediaWorkers;
  Raw.accept_unknown := AcceptUnknown;
  Raw.t1_ms := T1Ms;
  Raw.t2_ms := T2Ms;
  Raw.t4_ms := T4Ms;
  Raw.min_registration_ms := MinRegistrationMs;
  Raw.min_session_ms := MinSessionMs;
  Raw.retry_base_ms := RetryBaseMs;
  Raw.retry_max_ms := RetryMaxMs;
  Raw.max_calls_per_minute := MaxCallsPerMinute;
  Raw.seed := Seed;
  Raw.audio_kind := AudioKind;
  Raw.audio_repeat := AudioRepeat;
  Kept.Text(Raw.microphone, Microphone);
  Kept.Text(Raw.loudspeaker, Loudspeaker);
  Kept.Text(Raw.dns_server, DnsServer);
  Raw.avoid_ms := AvoidMs;
  Raw.avoid_max_ms := AvoidMaxMs;
  Kept.Text(Raw.tls_ca_file, TlsCaFile);
  Kept.Text(Raw.tls_certificate_file, TlsCertificateFile);
  Kept.Text(Raw.tls_key_file, TlsKeyFile);
  Kept.Text(Raw.websocket_path, WebsocketPath);
  Raw.tls_verify := TlsVerify;
  Raw.tls_listen := TlsListen;
  Raw.tls_port := TlsPort;
  Raw.sip_dscp := SipDscp;
  Raw.rtp_dscp := RtpDscp;
  Raw.keep_alive_stream_ms := KeepAliveStreamMs;
  Raw.keep_alive_udp_ms := KeepAliveUdpMs;
  Raw.keep_alive_udp := KeepAliveUdp;
  Raw.keep_alive_answer_ms := KeepAliveAnswerMs;
  Raw.tcp_above_bytes := TcpAboveBytes;
  Kept.Text(Raw.host_methods, HostMethods);
  Kept.Text(Raw.message_types, MessageTypes);
  Raw.max_message_bytes := MaxMessageBytes;
  Raw.max_subscriptions := MaxSubscriptions;
end;

class function TSidetoneAccountConfig.Defaults: TSidetoneAccountConfig;
var
  Raw: sidetone_account_config;
begin
  Result := Default(TSidetoneAccountConfig);
  SidetoneCheck(sidetone_account_config_init(@Raw, SizeOf(Raw)));
  Result.Transport := Raw.transport;
  Result.LocalPort := Raw.local_port;
  Result.RtpPortFirst := Raw.rtp_port_first;
  Result.RtpPortLast := Raw.rtp_port_last;
  Result.ExpiresS := Raw.expires_s;
  Result.RegisterOnAdd := Raw.register_on_add;
  Result.PtimeMs := Raw.ptime_ms;
  Result.Srtp := Raw.srtp;
  Result.Dtmf := Raw.dtmf;
  Result.Latch := Raw.latch;
  Result.Outbound := Raw.outbound;
  Result.Gruu := Raw.gruu;
  Result.LearnContact := Raw.learn_contact;
  Result.EarlyMedia := Raw.early_media;
  Result.Prack := Raw.prack;
  Result.Offer := Raw.offer;
  Result.SessionExpiresS := Raw.session_expires_s;
  Result.OpusComplexity := Raw.opus_complexity;
  Result.OpusBitrateBps := Raw.opus_bitrate_bps;
  Result.OpusBandwidth := Raw.opus_bandwidth;
  Result.OpusFec := Raw.opus_fec;
  Result.OpusDtx := Raw.opus_dtx;
end;

procedure TSidetoneAccountConfig.Fill(out Raw: sidetone_account_config; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_account_config_init(@Raw, SizeOf(Raw)));
  Raw.transport := Transport;
  Kept.Text(Raw.aor, Aor);
  Kept.Text(Raw.display_name, DisplayName);
  Kept.Text(Raw.registrar, Registrar);
  Kept.Text(Raw.auth_user, AuthUser);
  Kept.Text(Raw.password, Password);
  Kept.Text(Raw.outbound_proxy, OutboundProxy);
  Raw.local_port := LocalPort;
  Raw.rtp_port_first := RtpPortFirst;
  Raw.rtp_port_last := RtpPortLast;
  Raw.expires_s := ExpiresS;
  Raw.register_on_add := RegisterOnAdd;
  Raw.ptime_ms := PtimeMs;
  Raw.srtp := Srtp;
  Raw.dtmf := Dtmf;
  Raw.latch := Latch;
  SidetoneList(Raw.codecs, Codecs);
  SidetoneList(Raw.srtp_suites, SrtpSuites);
  Kept.Headers(Raw.headers, Headers);
  Kept.Text(Raw.instance_id, InstanceId);
  Raw.outbound := Outbound;
  Raw.gruu := Gruu;
  Kept.Text(Raw.public_address, PublicAddress);
  Raw.learn_contact := LearnContact;
  Kept.Text(Raw.hold_music, HoldMusic);
  Raw.early_media := EarlyMedia;
  Raw.prack := Prack;
  Raw.offer := Offer;
  Raw.session_expires_s := SessionExpiresS;
  Kept.Text(Raw.realms, Realms);
  Raw.opus_complexity := OpusComplexity;
  Raw.opus_bitrate_bps := OpusBitrateBps;
  Raw.opus_bandwidth := OpusBandwidth;
  Raw.opus_fec := OpusFec;
  Raw.opus_dtx := OpusDtx;
end;

class function TSidetoneDialOptions.Defaults: TSidetoneDialOptions;
var
  Raw: sidetone_dial_options;
begin
  Result := Default(TSidetoneDialOptions);
  SidetoneCheck(sidetone_dial_options_init(@Raw, SizeOf(Raw)));
  Result.Srtp := Raw.srtp;
  Result.PtimeMs := Raw.ptime_ms;
  Result.NoAnswerMs := Raw.no_answer_ms;
  Result.Anonymous := Raw.anonymous;
  Result.MaxDurationS := Raw.max_duration_s;
  Result.EarlyMedia := Raw.early_media;
  Result.Prack := Raw.prack;
  Result.Offer := Raw.offer;
  Result.OpusComplexity := Raw.opus_complexity;
  Result.OpusBitrateBps := Raw.opus_bitrate_bps;
  Result.OpusBandwidth := Raw.opus_bandwidth;
  Result.OpusFec := Raw.opus_fec;
  Result.OpusDtx := Raw.opus_dtx;
end;

procedure TSidetoneDialOptions.Fill(out Raw: sidetone_dial_options; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_dial_options_init(@Raw, SizeOf(Raw)));
  Raw.srtp := Srtp;
  Raw.ptime_ms := PtimeMs;
  Raw.no_answer_ms := NoAnswerMs;
  SidetoneList(Raw.codecs, Codecs);
  Kept.Headers(Raw.headers, Headers);
  Raw.anonymous := Anonymous;
  Raw.max_duration_s := MaxDurationS;
  Raw.early_media := EarlyMedia;
  Raw.prack := Prack;
  Raw.offer := Offer;
  Raw.opus_complexity := OpusComplexity;
  Raw.opus_bitrate_bps := OpusBitrateBps;
  Raw.opus_bandwidth := OpusBandwidth;
  Raw.opus_fec := OpusFec;
  Raw.opus_dtx := OpusDtx;
end;

class function TSidetoneAnswerOptions.Defaults: TSidetoneAnswerOptions;
var
  Raw: sidetone_answer_options;
begin
  Result := Default(TSidetoneAnswerOptions);
  SidetoneCheck(sidetone_answer_options_init(@Raw, SizeOf(Raw)));
end;

procedure TSidetoneAnswerOptions.Fill(out Raw: sidetone_answer_options; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_answer_options_init(@Raw, SizeOf(Raw)));
  Kept.Headers(Raw.headers, Headers);
end;

class function TSidetoneAccountServices.Defaults: TSidetoneAccountServices;
var
  Raw: sidetone_account_services;
begin
  Result := Default(TSidetoneAccountServices);
  SidetoneCheck(sidetone_account_services_init(@Raw, SizeOf(Raw)));
  Result.DoNotDisturb := Raw.do_not_disturb;
  Result.CallWaiting := Raw.call_waiting;
  Result.MaxCalls := Raw.max_calls;
  Result.ForwardAfterMs := Raw.forward_after_ms;
  Result.AutoAnswer := Raw.auto_answer;
  Result.AutoAnswerDelayMs := Raw.auto_answer_delay_ms;
  Result.Transfer := Raw.transfer;
  Result.Redirect := Raw.redirect;
  Result.RedirectHops := Raw.redirect_hops;
  Result.TrustIdentity := Raw.trust_identity;
  Result.Anonymous := Raw.anonymous;
  Result.RemotePartyId := Raw.remote_party_id;
  Result.RingTimeMs := Raw.ring_time_ms;
  Result.MaxDurationS := Raw.max_duration_s;
  Result.DeadMediaMs := Raw.dead_media_ms;
end;

procedure TSidetoneAccountServices.Fill(out Raw: sidetone_account_services; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_account_services_init(@Raw, SizeOf(Raw)));
  Raw.do_not_disturb := DoNotDisturb;
  Raw.call_waiting := CallWaiting;
  Raw.max_calls := MaxCalls;
  Kept.Text(Raw.forward_always, ForwardAlways);
  Kept.Text(Raw.forward_busy, ForwardBusy);
  Kept.Text(Raw.forward_no_answer, ForwardNoAnswer);
  Raw.forward_after_ms := ForwardAfterMs;
  Raw.auto_answer := AutoAnswer;
  Raw.auto_answer_delay_ms := AutoAnswerDelayMs;
  Raw.transfer := Transfer;
  Kept.Text(Raw.auto_answer_callers, AutoAnswerCallers);
  Raw.redirect := Redirect;
  Raw.redirect_hops := RedirectHops;
  Raw.trust_identity := TrustIdentity;
  Raw.anonymous := Anonymous;
  Kept.Text(Raw.preferred_identity, PreferredIdentity);
  Kept.Text(Raw.asserted_identity, AssertedIdentity);
  Raw.remote_party_id := RemotePartyId;
  Raw.ring_time_ms := RingTimeMs;
  Raw.max_duration_s := MaxDurationS;
  Raw.dead_media_ms := DeadMediaMs;
  Kept.Text(Raw.dial_plan, DialPlan);
  Kept.Text(Raw.country_code, CountryCode);
  Kept.Text(Raw.international_prefix, InternationalPrefix);
  Kept.Text(Raw.national_prefix, NationalPrefix);
  Kept.Text(Raw.plus, Plus);
end;

class function TSidetonePlayOptions.Defaults: TSidetonePlayOptions;
var
  Raw: sidetone_play_options;
begin
  Result := Default(TSidetonePlayOptions);
  SidetoneCheck(sidetone_play_options_init(@Raw, SizeOf(Raw)));
  Result.Repeat_ := Raw.repeat_;
  Result.GainDb := Raw.gain_db;
end;

procedure TSidetonePlayOptions.Fill(out Raw: sidetone_play_options; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_play_options_init(@Raw, SizeOf(Raw)));
  Raw.repeat_ := Repeat_;
  Raw.gain_db := GainDb;
end;

class function TSidetoneTapOptions.Defaults: TSidetoneTapOptions;
var
  Raw: sidetone_tap_options;
begin
  Result := Default(TSidetoneTapOptions);
  SidetoneCheck(sidetone_tap_options_init(@Raw, SizeOf(Raw)));
  Result.Direction := Raw.direction;
  Result.SampleRateHz := Raw.sample_rate_hz;
  Result.FrameMs := Raw.frame_ms;
  Result.BufferMs := Raw.buffer_ms;
end;

procedure TSidetoneTapOptions.Fill(out Raw: sidetone_tap_options; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_tap_options_init(@Raw, SizeOf(Raw)));
  Raw.direction := Direction;
  Raw.sample_rate_hz := SampleRateHz;
  Raw.frame_ms := FrameMs;
  Raw.buffer_ms := BufferMs;
end;

class function TSidetoneInjectOptions.Defaults: TSidetoneInjectOptions;
var
  Raw: sidetone_inject_options;
begin
  Result := Default(TSidetoneInjectOptions);
  SidetoneCheck(sidetone_inject_options_init(@Raw, SizeOf(Raw)));
  Result.Direction := Raw.direction;
  Result.SampleRateHz := Raw.sample_rate_hz;
  Result.BufferMs := Raw.buffer_ms;
end;

procedure TSidetoneInjectOptions.Fill(out Raw: sidetone_inject_options; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_inject_options_init(@Raw, SizeOf(Raw)));
  Raw.direction := Direction;
  Raw.sample_rate_hz := SampleRateHz;
  Raw.buffer_ms := BufferMs;
end;

class function TSidetoneSipRequest.Defaults: TSidetoneSipRequest;
var
  Raw: sidetone_sip_request;
begin
  Result := Default(TSidetoneSipRequest);
  SidetoneCheck(sidetone_sip_request_init(@Raw, SizeOf(Raw)));
end;

procedure TSidetoneSipRequest.Fill(out Raw: sidetone_sip_request; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_sip_request_init(@Raw, SizeOf(Raw)));
  Kept.Text(Raw.method, Method);
  Kept.Text(Raw.content_type, ContentType);
  Kept.Octets(Raw.body, Body);
  Kept.Headers(Raw.headers, Headers);
end;

class function TSidetoneSipAnswer.Defaults: TSidetoneSipAnswer;
var
  Raw: sidetone_sip_answer;
begin
  Result := Default(TSidetoneSipAnswer);
  SidetoneCheck(sidetone_sip_answer_init(@Raw, SizeOf(Raw)));
  Result.SipCode := Raw.sip_code;
end;

procedure TSidetoneSipAnswer.Fill(out Raw: sidetone_sip_answer; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_sip_answer_init(@Raw, SizeOf(Raw)));
  Raw.sip_code := SipCode;
  Kept.Text(Raw.reason, Reason);
  Kept.Text(Raw.content_type, ContentType);
  Kept.Octets(Raw.body, Body);
  Kept.Headers(Raw.headers, Headers);
end;

class function TSidetoneSubscriptionOptions.Defaults: TSidetoneSubscriptionOptions;
var
  Raw: sidetone_subscription_options;
begin
  Result := Default(TSidetoneSubscriptionOptions);
  SidetoneCheck(sidetone_subscription_options_init(@Raw, SizeOf(Raw)));
  Result.Package := Raw.package;
  Result.ExpiresS := Raw.expires_s;
end;

procedure TSidetoneSubscriptionOptions.Fill(out Raw: sidetone_subscription_options; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_subscription_options_init(@Raw, SizeOf(Raw)));
  Raw.package := Package;
  Raw.expires_s := ExpiresS;
  Kept.Text(Raw.event, Event);
  Kept.Text(Raw.accept, Accept);
end;

class function TSidetonePresence.Defaults: TSidetonePresence;
var
  Raw: sidetone_presence;
begin
  Result := Default(TSidetonePresence);
  SidetoneCheck(sidetone_presence_init(@Raw, SizeOf(Raw)));
  Result.Open := Raw.open;
end;

procedure TSidetonePresence.Fill(out Raw: sidetone_presence; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_presence_init(@Raw, SizeOf(Raw)));
  Raw.open := Open;
  Kept.Text(Raw.activity, Activity);
  Kept.Text(Raw.note, Note);
end;

class function TSidetoneAudio.Defaults: TSidetoneAudio;
var
  Raw: sidetone_audio;
begin
  Result := Default(TSidetoneAudio);
  SidetoneCheck(sidetone_audio_init(@Raw, SizeOf(Raw)));
  Result.Kind := Raw.kind;
  Result.Repeat_ := Raw.repeat_;
end;

procedure TSidetoneAudio.Fill(out Raw: sidetone_audio; var Kept: TSidetoneKept);
begin
  SidetoneCheck(sidetone_audio_init(@Raw, SizeOf(Raw)));
  Raw.kind := Kind;
  Kept.Text(Raw.microphone, Microphone);
  Kept.Text(Raw.loudspeaker, Loudspeaker);
  Raw.repeat_ := Repeat_;
end;

class function TSidetoneEvent.Copied(const Raw: sidetone_event): TSidetoneEvent;
begin
  Result := Default(TSidetoneEvent);
  Result.Kind := Raw.kind;
  Result.Sequence := Raw.sequence;
  Result.TimeNs := Raw.time_ns;
  Result.Account := Raw.account;
  Result.Call := Raw.call;
  Result.Request := Raw.request;
  Result.State := Raw.state;
  Result.Status := Raw.status;
  Result.SipCode := Raw.sip_code;
  Result.DurationMs := Raw.duration_ms;
  Result.ExpiresS := Raw.expires_s;
  Result.Codec := Raw.codec;
  Result.SrtpSuite := Raw.srtp_suite;
  Result.Digit := Raw.digit;
  Result.Count := Raw.count;
  Result.Text := SidetoneText(Raw.text);
  Result.From := SidetoneText(Raw.from);
  Result.DisplayName := SidetoneText(Raw.display_name);
  Result.To_ := SidetoneText(Raw.to_);
  Result.Path := SidetoneText(Raw.path);
  Result.Loudspeaker := SidetoneText(Raw.loudspeaker);
  Result.Microphone := SidetoneText(Raw.microphone);
  Result.End_ := Raw.end_;
  Result.Q850Cause := Raw.q850_cause;
  Result.ReasonSipCode := Raw.reason_sip_code;
  Result.Flags := Raw.flags;
  Result.Reason := SidetoneText(Raw.reason);
  Result.Transaction := Raw.transaction;
  Result.Subscription := Raw.subscription;
  Result.Publication := Raw.publication;
  Result.VoiceNew := Raw.voice_new;
  Result.VoiceOld := Raw.voice_old;
  Result.Activity := SidetoneText(Raw.activity);
  Result.Method := SidetoneText(Raw.method);
  Result.ContentType := SidetoneText(Raw.content_type);
  Result.Body := SidetoneOctets(Raw.body);
  Result.Headers := SidetoneHeaders(Raw.headers);
end;

function TSidetoneMethods.GetHandler(Kind: Integer): TSidetoneEventHandler;
begin
  Result := FHandlers[Kind];
end;

procedure TSidetoneMethods.SetHandler(Kind: Integer; Value: TSidetoneEventHandler);
begin
  FHandlers[Kind] := Value;
end;

function TSidetoneMethods.HandlerOf(Kind: UInt32): TSidetoneEventHandler;
begin
  Result := nil;
  if Kind <= High(FHandlers) then
    Result := FHandlers[Kind];
end;

procedure TSidetoneMethods.EngineShutdown(TimeoutMs: UInt32);
begin
  SidetoneCheck(sidetone_engine_shutdown(FEngine, TimeoutMs));
end;

function TSidetoneMethods.EngineAddressRead(Transport: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_engine_address_read(FEngine, Transport, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.AccountAdd(const Config: TSidetoneAccountConfig; Request: PUInt64): UInt64;
var
  RawConfig: sidetone_account_config;
  Kept: TSidetoneKept;
begin
  Config.Fill(RawConfig, Kept);
  Result := 0;
  SidetoneCheck(sidetone_account_add(FEngine, @RawConfig, @Result, Request));
end;

procedure TSidetoneMethods.AccountUpdate(Account: UInt64; const Config: TSidetoneAccountConfig; Request: PUInt64);
var
  RawConfig: sidetone_account_config;
  Kept: TSidetoneKept;
begin
  Config.Fill(RawConfig, Kept);
  SidetoneCheck(sidetone_account_update(FEngine, Account, @RawConfig, Request));
end;

procedure TSidetoneMethods.AccountRemove(Account: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_account_remove(FEngine, Account, Request));
end;

procedure TSidetoneMethods.AccountRegister(Account: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_account_register(FEngine, Account, Request));
end;

procedure TSidetoneMethods.AccountUnregister(Account: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_account_unregister(FEngine, Account, Request));
end;

function TSidetoneMethods.AccountInfoRead(Account: UInt64): sidetone_account_info;
begin
  Result := Default(sidetone_account_info);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_account_info_read(FEngine, Account, @Result));
end;

function TSidetoneMethods.AccountTextRead(Account: UInt64; Which: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_account_text_read(FEngine, Account, Which, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.AccountList: TSidetoneIds;
var
  Found: TSidetoneIdsOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_account_list(FEngine, Found.Data, Found.Capacity, @Found.Count));
  Result := Found.Value;
end;

procedure TSidetoneMethods.NetworkChanged;
begin
  SidetoneCheck(sidetone_network_changed(FEngine));
end;

function TSidetoneMethods.CallDial(Account: UInt64; const Uri: UnicodeString; Options: PSidetoneDialOptions; Request: PUInt64): UInt64;
var
  UriUtf8: RawByteString;
  RawOptions: sidetone_dial_options;
  Kept: TSidetoneKept;
  Given: Psidetone_dial_options;
begin
  UriUtf8 := SidetoneUtf8(Uri);
  Given := nil;
  if Options <> nil then
  begin
    Options^.Fill(RawOptions, Kept);
    Given := @RawOptions;
  end;
  Result := 0;
  SidetoneCheck(sidetone_call_dial(FEngine, Account, PAnsiChar(UriUtf8), Length(UriUtf8), Given, @Result, Request));
end;

procedure TSidetoneMethods.CallRing(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_ring(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallAnswer(Call: UInt64; Options: PSidetoneAnswerOptions; Request: PUInt64);
var
  RawOptions: sidetone_answer_options;
  Kept: TSidetoneKept;
  Given: Psidetone_answer_options;
begin
  Given := nil;
  if Options <> nil then
  begin
    Options^.Fill(RawOptions, Kept);
    Given := @RawOptions;
  end;
  SidetoneCheck(sidetone_call_answer(FEngine, Call, Given, Request));
end;

procedure TSidetoneMethods.CallReject(Call: UInt64; SipCode: UInt32; const Reason: UnicodeString; Request: PUInt64);
var
  ReasonUtf8: RawByteString;
begin
  ReasonUtf8 := SidetoneUtf8(Reason);
  SidetoneCheck(sidetone_call_reject(FEngine, Call, SipCode, PAnsiChar(ReasonUtf8), Length(ReasonUtf8), Request));
end;

procedure TSidetoneMethods.CallHangup(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_hangup(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallMute(Call: UInt64; Muted: UInt32; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_mute(FEngine, Call, Muted, Request));
end;

procedure TSidetoneMethods.CallGain(Call: UInt64; SendDb: Single; ReceiveDb: Single; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_gain(FEngine, Call, SendDb, ReceiveDb, Request));
end;

procedure TSidetoneMethods.CallRoute(From: UInt64; To_: UInt64; GainDb: Single; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_route(FEngine, From, To_, GainDb, Request));
end;

procedure TSidetoneMethods.CallUnroute(From: UInt64; To_: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_unroute(FEngine, From, To_, Request));
end;

procedure TSidetoneMethods.CallDtmf(Call: UInt64; const Digits: UnicodeString; DurationMs: UInt32; Request: PUInt64);
var
  DigitsUtf8: RawByteString;
begin
  DigitsUtf8 := SidetoneUtf8(Digits);
  SidetoneCheck(sidetone_call_dtmf(FEngine, Call, PAnsiChar(DigitsUtf8), Length(DigitsUtf8), DurationMs, Request));
end;

function TSidetoneMethods.CallInfoRead(Call: UInt64): sidetone_call_info;
begin
  Result := Default(sidetone_call_info);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_call_info_read(FEngine, Call, @Result));
end;

function TSidetoneMethods.CallTextRead(Call: UInt64; Which: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_call_text_read(FEngine, Call, Which, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.CallHeaderRead(Call: UInt64; const Name: UnicodeString): UnicodeString;
var
  NameUtf8: RawByteString;
  Found: TSidetoneTextOut;
begin
  NameUtf8 := SidetoneUtf8(Name);
  Found.Start;
  repeat
  until Found.Done(sidetone_call_header_read(FEngine, Call, PAnsiChar(NameUtf8), Length(NameUtf8), Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.CallList: TSidetoneIds;
var
  Found: TSidetoneIdsOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_call_list(FEngine, Found.Data, Found.Capacity, @Found.Count));
  Result := Found.Value;
end;

procedure TSidetoneMethods.AccountServicesSet(Account: UInt64; const Services: TSidetoneAccountServices);
var
  RawServices: sidetone_account_services;
  Kept: TSidetoneKept;
begin
  Services.Fill(RawServices, Kept);
  SidetoneCheck(sidetone_account_services_set(FEngine, Account, @RawServices));
end;

procedure TSidetoneMethods.CallTransfer(Call: UInt64; const Target: UnicodeString; Silent: UInt32; Request: PUInt64);
var
  TargetUtf8: RawByteString;
begin
  TargetUtf8 := SidetoneUtf8(Target);
  SidetoneCheck(sidetone_call_transfer(FEngine, Call, PAnsiChar(TargetUtf8), Length(TargetUtf8), Silent, Request));
end;

procedure TSidetoneMethods.CallTransferTo(Call: UInt64; Other: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_transfer_to(FEngine, Call, Other, Request));
end;

procedure TSidetoneMethods.CallTransferAccept(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_transfer_accept(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallTransferReject(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_transfer_reject(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallRedirect(Call: UInt64; const Target: UnicodeString; Request: PUInt64);
var
  TargetUtf8: RawByteString;
begin
  TargetUtf8 := SidetoneUtf8(Target);
  SidetoneCheck(sidetone_call_redirect(FEngine, Call, PAnsiChar(TargetUtf8), Length(TargetUtf8), Request));
end;

procedure TSidetoneMethods.CallRedirectFollow(Call: UInt64; Follow: UInt32; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_redirect_follow(FEngine, Call, Follow, Request));
end;

procedure TSidetoneMethods.CallHangupWith(Call: UInt64; Q850Cause: UInt32; const Text: UnicodeString; Request: PUInt64);
var
  TextUtf8: RawByteString;
begin
  TextUtf8 := SidetoneUtf8(Text);
  SidetoneCheck(sidetone_call_hangup_with(FEngine, Call, Q850Cause, PAnsiChar(TextUtf8), Length(TextUtf8), Request));
end;

procedure TSidetoneMethods.CallHeadersSet(Call: UInt64; Message: UInt32; const Headers: TSipHeaders; Request: PUInt64);
var
  RawHeaders: sidetone_headers;
  Kept: TSidetoneKept;
begin
  Kept.Headers(RawHeaders, Headers);
  SidetoneCheck(sidetone_call_headers_set(FEngine, Call, Message, @RawHeaders, Request));
end;

function TSidetoneMethods.CallMessageHeaderRead(Call: UInt64; Message: UInt32; const Name: UnicodeString; Index: UInt32): UnicodeString;
var
  NameUtf8: RawByteString;
  Found: TSidetoneTextOut;
begin
  NameUtf8 := SidetoneUtf8(Name);
  Found.Start;
  repeat
  until Found.Done(sidetone_call_message_header_read(FEngine, Call, Message, PAnsiChar(NameUtf8), Length(NameUtf8), Index, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.CallIdentityRead(Call: UInt64; Which: UInt32; Index: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_call_identity_read(FEngine, Call, Which, Index, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.CallPrivacyRead(Call: UInt64): UInt32;
begin
  Result := 0;
  SidetoneCheck(sidetone_call_privacy_read(FEngine, Call, @Result));
end;

procedure TSidetoneMethods.CallProgress(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_progress(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallHold(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_hold(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallResume(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_resume(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallHoldMusic(Call: UInt64; const Path: UnicodeString; Request: PUInt64);
var
  PathUtf8: RawByteString;
begin
  PathUtf8 := SidetoneUtf8(Path);
  SidetoneCheck(sidetone_call_hold_music(FEngine, Call, PAnsiChar(PathUtf8), Length(PathUtf8), Request));
end;

function TSidetoneMethods.ConferenceCreate: UInt64;
begin
  Result := 0;
  SidetoneCheck(sidetone_conference_create(FEngine, @Result));
end;

procedure TSidetoneMethods.ConferenceDestroy(Conference: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_conference_destroy(FEngine, Conference, Request));
end;

procedure TSidetoneMethods.ConferenceAdd(Conference: UInt64; Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_conference_add(FEngine, Conference, Call, Request));
end;

procedure TSidetoneMethods.ConferenceRemove(Conference: UInt64; Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_conference_remove(FEngine, Conference, Call, Request));
end;

procedure TSidetoneMethods.ConferenceGain(Conference: UInt64; From: UInt64; To_: UInt64; GainDb: Single; Request: PUInt64);
begin
  SidetoneCheck(sidetone_conference_gain(FEngine, Conference, From, To_, GainDb, Request));
end;

function TSidetoneMethods.ConferenceCalls(Conference: UInt64): TSidetoneIds;
var
  Found: TSidetoneIdsOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_conference_calls(FEngine, Conference, Found.Data, Found.Capacity, @Found.Count));
  Result := Found.Value;
end;

procedure TSidetoneMethods.CallPlay(Call: UInt64; const Path: UnicodeString; Options: PSidetonePlayOptions; Request: PUInt64);
var
  PathUtf8: RawByteString;
  RawOptions: sidetone_play_options;
  Kept: TSidetoneKept;
  Given: Psidetone_play_options;
begin
  PathUtf8 := SidetoneUtf8(Path);
  Given := nil;
  if Options <> nil then
  begin
    Options^.Fill(RawOptions, Kept);
    Given := @RawOptions;
  end;
  SidetoneCheck(sidetone_call_play(FEngine, Call, PAnsiChar(PathUtf8), Length(PathUtf8), Given, Request));
end;

procedure TSidetoneMethods.CallPlayStop(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_play_stop(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallRecord(Call: UInt64; const Path: UnicodeString; Request: PUInt64);
var
  PathUtf8: RawByteString;
begin
  PathUtf8 := SidetoneUtf8(Path);
  SidetoneCheck(sidetone_call_record(FEngine, Call, PAnsiChar(PathUtf8), Length(PathUtf8), Request));
end;

procedure TSidetoneMethods.CallRecordPause(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_record_pause(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallRecordResume(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_record_resume(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallRecordStop(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_record_stop(FEngine, Call, Request));
end;

procedure TSidetoneMethods.CallCapture(Call: UInt64; const Path: UnicodeString; Request: PUInt64);
var
  PathUtf8: RawByteString;
begin
  PathUtf8 := SidetoneUtf8(Path);
  SidetoneCheck(sidetone_call_capture(FEngine, Call, PAnsiChar(PathUtf8), Length(PathUtf8), Request));
end;

procedure TSidetoneMethods.CallCaptureStop(Call: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_call_capture_stop(FEngine, Call, Request));
end;

function TSidetoneMethods.TapOpen(Call: UInt64; Options: PSidetoneTapOptions): UInt64;
var
  RawOptions: sidetone_tap_options;
  Kept: TSidetoneKept;
  Given: Psidetone_tap_options;
begin
  Given := nil;
  if Options <> nil then
  begin
    Options^.Fill(RawOptions, Kept);
    Given := @RawOptions;
  end;
  Result := 0;
  SidetoneCheck(sidetone_tap_open(FEngine, Call, Given, @Result));
end;

function TSidetoneMethods.TapInfoRead(Tap: UInt64): sidetone_tap_info;
begin
  Result := Default(sidetone_tap_info);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_tap_info_read(FEngine, Tap, @Result));
end;

procedure TSidetoneMethods.TapClose(Tap: UInt64);
begin
  SidetoneCheck(sidetone_tap_close(FEngine, Tap));
end;

function TSidetoneMethods.InjectOpen(Call: UInt64; Options: PSidetoneInjectOptions): UInt64;
var
  RawOptions: sidetone_inject_options;
  Kept: TSidetoneKept;
  Given: Psidetone_inject_options;
begin
  Given := nil;
  if Options <> nil then
  begin
    Options^.Fill(RawOptions, Kept);
    Given := @RawOptions;
  end;
  Result := 0;
  SidetoneCheck(sidetone_inject_open(FEngine, Call, Given, @Result));
end;

function TSidetoneMethods.InjectFlush(Injection: UInt64): UInt64;
begin
  Result := 0;
  SidetoneCheck(sidetone_inject_flush(FEngine, Injection, @Result));
end;

function TSidetoneMethods.InjectInfoRead(Injection: UInt64): sidetone_inject_info;
begin
  Result := Default(sidetone_inject_info);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_inject_info_read(FEngine, Injection, @Result));
end;

procedure TSidetoneMethods.InjectClose(Injection: UInt64);
begin
  SidetoneCheck(sidetone_inject_close(FEngine, Injection));
end;

procedure TSidetoneMethods.MessageSend(From: UInt64; const Uri: UnicodeString; const ContentType: UnicodeString; const Body: TBytes; Request: PUInt64);
var
  UriUtf8: RawByteString;
  ContentTypeUtf8: RawByteString;
begin
  UriUtf8 := SidetoneUtf8(Uri);
  ContentTypeUtf8 := SidetoneUtf8(ContentType);
  SidetoneCheck(sidetone_message_send(FEngine, From, PAnsiChar(UriUtf8), Length(UriUtf8), PAnsiChar(ContentTypeUtf8), Length(ContentTypeUtf8), Pointer(Body), Length(Body), Request));
end;

procedure TSidetoneMethods.RequestSend(From: UInt64; const Uri: UnicodeString; const Sip: TSidetoneSipRequest; Request: PUInt64);
var
  UriUtf8: RawByteString;
  RawSip: sidetone_sip_request;
  Kept: TSidetoneKept;
begin
  UriUtf8 := SidetoneUtf8(Uri);
  Sip.Fill(RawSip, Kept);
  SidetoneCheck(sidetone_request_send(FEngine, From, PAnsiChar(UriUtf8), Length(UriUtf8), @RawSip, Request));
end;

procedure TSidetoneMethods.RequestAnswer(Transaction: UInt64; const Answer: TSidetoneSipAnswer; Request: PUInt64);
var
  RawAnswer: sidetone_sip_answer;
  Kept: TSidetoneKept;
begin
  Answer.Fill(RawAnswer, Kept);
  SidetoneCheck(sidetone_request_answer(FEngine, Transaction, @RawAnswer, Request));
end;

function TSidetoneMethods.SubscriptionAdd(Account: UInt64; const Uri: UnicodeString; Options: PSidetoneSubscriptionOptions; Request: PUInt64): UInt64;
var
  UriUtf8: RawByteString;
  RawOptions: sidetone_subscription_options;
  Kept: TSidetoneKept;
  Given: Psidetone_subscription_options;
begin
  UriUtf8 := SidetoneUtf8(Uri);
  Given := nil;
  if Options <> nil then
  begin
    Options^.Fill(RawOptions, Kept);
    Given := @RawOptions;
  end;
  Result := 0;
  SidetoneCheck(sidetone_subscription_add(FEngine, Account, PAnsiChar(UriUtf8), Length(UriUtf8), Given, @Result, Request));
end;

procedure TSidetoneMethods.SubscriptionRefresh(Subscription: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_subscription_refresh(FEngine, Subscription, Request));
end;

procedure TSidetoneMethods.SubscriptionRemove(Subscription: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_subscription_remove(FEngine, Subscription, Request));
end;

function TSidetoneMethods.SubscriptionInfoRead(Subscription: UInt64): sidetone_subscription_info;
begin
  Result := Default(sidetone_subscription_info);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_subscription_info_read(FEngine, Subscription, @Result));
end;

function TSidetoneMethods.SubscriptionTextRead(Subscription: UInt64; Which: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_subscription_text_read(FEngine, Subscription, Which, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.SubscriptionList: TSidetoneIds;
var
  Found: TSidetoneIdsOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_subscription_list(FEngine, Found.Data, Found.Capacity, @Found.Count));
  Result := Found.Value;
end;

function TSidetoneMethods.SubscriptionDialogRead(Subscription: UInt64; Index: UInt32): sidetone_watched_dialog;
begin
  Result := Default(sidetone_watched_dialog);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_subscription_dialog_read(FEngine, Subscription, Index, @Result));
end;

function TSidetoneMethods.SubscriptionDialogTextRead(Subscription: UInt64; Index: UInt32; Which: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_subscription_dialog_text_read(FEngine, Subscription, Index, Which, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.PresencePublish(Account: UInt64; const Presence: TSidetonePresence; Request: PUInt64): UInt64;
var
  RawPresence: sidetone_presence;
  Kept: TSidetoneKept;
begin
  Presence.Fill(RawPresence, Kept);
  Result := 0;
  SidetoneCheck(sidetone_presence_publish(FEngine, Account, @RawPresence, @Result, Request));
end;

procedure TSidetoneMethods.PresenceUpdate(Publication: UInt64; const Presence: TSidetonePresence; Request: PUInt64);
var
  RawPresence: sidetone_presence;
  Kept: TSidetoneKept;
begin
  Presence.Fill(RawPresence, Kept);
  SidetoneCheck(sidetone_presence_update(FEngine, Publication, @RawPresence, Request));
end;

function TSidetoneMethods.PublicationAdd(Account: UInt64; const Event: UnicodeString; const ContentType: UnicodeString; const Body: TBytes; Request: PUInt64): UInt64;
var
  EventUtf8: RawByteString;
  ContentTypeUtf8: RawByteString;
begin
  EventUtf8 := SidetoneUtf8(Event);
  ContentTypeUtf8 := SidetoneUtf8(ContentType);
  Result := 0;
  SidetoneCheck(sidetone_publication_add(FEngine, Account, PAnsiChar(EventUtf8), Length(EventUtf8), PAnsiChar(ContentTypeUtf8), Length(ContentTypeUtf8), Pointer(Body), Length(Body), @Result, Request));
end;

procedure TSidetoneMethods.PublicationUpdate(Publication: UInt64; const ContentType: UnicodeString; const Body: TBytes; Request: PUInt64);
var
  ContentTypeUtf8: RawByteString;
begin
  ContentTypeUtf8 := SidetoneUtf8(ContentType);
  SidetoneCheck(sidetone_publication_update(FEngine, Publication, PAnsiChar(ContentTypeUtf8), Length(ContentTypeUtf8), Pointer(Body), Length(Body), Request));
end;

procedure TSidetoneMethods.PublicationRemove(Publication: UInt64; Request: PUInt64);
begin
  SidetoneCheck(sidetone_publication_remove(FEngine, Publication, Request));
end;

procedure TSidetoneMethods.AudioSelect(const Audio: TSidetoneAudio; Request: PUInt64);
var
  RawAudio: sidetone_audio;
  Kept: TSidetoneKept;
begin
  Audio.Fill(RawAudio, Kept);
  SidetoneCheck(sidetone_audio_select(FEngine, @RawAudio, Request));
end;

function TSidetoneMethods.AudioLevelsRead: sidetone_audio_levels;
begin
  Result := Default(sidetone_audio_levels);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_audio_levels_read(FEngine, @Result));
end;

function TSidetoneMethods.DeviceList: UInt32;
begin
  Result := 0;
  SidetoneCheck(sidetone_device_list(FEngine, @Result));
end;

function TSidetoneMethods.DeviceInfoRead(Index: UInt32): sidetone_device_info;
begin
  Result := Default(sidetone_device_info);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_device_info_read(FEngine, Index, @Result));
end;

function TSidetoneMethods.DeviceTextRead(Index: UInt32; Which: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_device_text_read(FEngine, Index, Which, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

function TSidetoneMethods.CallStatsRead(Call: UInt64): sidetone_call_stats;
begin
  Result := Default(sidetone_call_stats);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_call_stats_read(FEngine, Call, @Result));
end;

function TSidetoneMethods.EngineStatsRead: sidetone_engine_stats;
begin
  Result := Default(sidetone_engine_stats);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_engine_stats_read(FEngine, @Result));
end;

function TSidetoneMethods.EngineHealthRead: sidetone_engine_health;
begin
  Result := Default(sidetone_engine_health);
  Result.size := SizeOf(Result);
  SidetoneCheck(sidetone_engine_health_read(FEngine, @Result));
end;

function TSidetoneMethods.EnginePriorityRead(Threads: UInt32): UnicodeString;
var
  Found: TSidetoneTextOut;
begin
  Found.Start;
  repeat
  until Found.Done(sidetone_engine_priority_read(FEngine, Threads, Found.Data, Found.Capacity, @Found.Needed));
  Result := Found.Value;
end;

procedure TSidetoneMethods.Wake;
begin
  SidetoneCheck(sidetone_wake(FEngine));
end;

end.

"""What the host fills, and what the library fills, as dataclasses.

A field that is None has the library's default.

Written by tests/bindings.rs from include/sidetone.h; change it there.
"""

from dataclasses import dataclass
from typing import ClassVar, Optional, Sequence, Tuple

from . import _raw

#: Header lines of a message, (name, value).
Headers = Sequence[Tuple[str, str]]


@dataclass
class EngineConfig:
    """Settings of an engine. Fill it with sidetone_engine_config_init(), then change what should
    differ. Times are in milliseconds, 1 to 86400000 where nothing else is said."""

    RAW: ClassVar = _raw.sidetone_engine_config
    INIT: ClassVar[str] = "sidetone_engine_config_init"

    #: SIP port for UDP and TCP, 0 to 65535; 0: a free one (default).
    sip_port: Optional[int] = None

    #: User-Agent and Server header; empty: "sidetone/VERSION" (default).
    user_agent: Optional[str] = None

    #: IP address that the SIP and RTP sockets bind, or name of the interface whose address they
    #: bind ("eth0", on Windows "Ethernet"): when it gets another one they follow, and
    #: registrations and calls with them. Empty: 0.0.0.0 (default).
    bind: Optional[str] = None

    #: First RTP port, 1024 or above; 0: free ones of the system (default). Even ones are used,
    #: each with the next one for RTCP.
    rtp_port_first: Optional[int] = None

    #: Last RTP port; 0 with `rtp_port_first` 0.
    rtp_port_last: Optional[int] = None

    #: Calls at once, 1 to 65535; default 64.
    max_calls: Optional[int] = None

    #: Accounts at once, 1 to 65535; default 64.
    max_accounts: Optional[int] = None

    #: Media worker threads, 0 to 256; 0: cores - 1, one at least (default).
    media_workers: Optional[int] = None

    #: 1: incoming calls for none of the accounts are taken (default); 0: refused with 404.
    accept_unknown: Optional[int] = None

    #: T1 of RFC 3261, 10 to 10000; default 500.
    t1_ms: Optional[int] = None

    #: T2 of RFC 3261, not less than T1; default 4000.
    t2_ms: Optional[int] = None

    #: T4 of RFC 3261, default 5000.
    t4_ms: Optional[int] = None

    #: Shortest registration lifetime that is asked for after a 423, default 60000.
    min_registration_ms: Optional[int] = None

    #: Shortest session interval that is accepted (RFC 4028), default 90000.
    min_session_ms: Optional[int] = None

    #: First wait before a failed registration is tried again, default 2000; it doubles.
    retry_base_ms: Optional[int] = None

    #: Longest such wait, not less than `retry_base_ms`; default 300000.
    retry_max_ms: Optional[int] = None

    #: Most calls that may begin in any minute, in both directions; 0: any number (default).
    #: Further ones are refused, and SIDETONE_EVENT_CALLS_LIMITED tells of it.
    max_calls_per_minute: Optional[int] = None

    #: Seed of every random number, for replay in tests; 0: the system's entropy (default).
    seed: Optional[int] = None

    #: How audio reaches the user at first, SIDETONE_AUDIO_*; default headless. This field and the
    #: next three are those of sidetone_audio.
    audio_kind: Optional[int] = None

    #: WAV: 1: the microphone file starts again at its end; 0: silence follows.
    audio_repeat: Optional[int] = None

    #: Microphone, or the file in its place.
    microphone: Optional[str] = None

    #: Loudspeaker, or the file in its place.
    loudspeaker: Optional[str] = None

    #: DNS server to ask, "address:port"; empty: those of the system (default). One is asked only
    #: for names that neither are numbers nor stand in the hosts file.
    dns_server: Optional[str] = None

    #: How long a target that failed is tried after the others (RFC 3263), default 30000; it
    #: doubles with each failure in a row.
    avoid_ms: Optional[int] = None

    #: Longest such time, not less than `avoid_ms`; default 600000.
    avoid_max_ms: Optional[int] = None

    #: TLS: PEM file of the authorities to trust, or of single certificates to trust as they are;
    #: empty: the system's (default).
    tls_ca_file: Optional[str] = None

    #: TLS: PEM file of our certificate, shown to servers that ask for one and by the listener;
    #: empty: none (default).
    tls_certificate_file: Optional[str] = None

    #: TLS: PEM file of its private key.
    tls_key_file: Optional[str] = None

    #: Path of WebSocket servers; empty: "/ws" (default).
    websocket_path: Optional[str] = None

    #: TLS: 1: a server must show a certificate of the domain that was asked for, by an authority
    #: that is trusted (default); 0: any certificate is taken, and the log warns.
    tls_verify: Optional[int] = None

    #: TLS: 1: listen, which needs a certificate; 0: do not (default).
    tls_listen: Optional[int] = None

    #: TLS: port to listen on, 0 to 65535; 0: a free one (default).
    tls_port: Optional[int] = None

    #: DSCP of SIP, 0 to 63; default 24 (CS3).
    sip_dscp: Optional[int] = None

    #: DSCP of RTP and RTCP, 0 to 63; default 46 (EF).
    rtp_dscp: Optional[int] = None

    #: Longest time between two keep-alives of a registration over TCP, TLS or WebSocket; 0: none;
    #: default 120000. Each comes after 80 to 100 % of it.
    keep_alive_stream_ms: Optional[int] = None

    #: The same over UDP, default 29000.
    keep_alive_udp_ms: Optional[int] = None

    #: SIDETONE_KEEP_ALIVE_*: what is sent over UDP; default automatic.
    keep_alive_udp: Optional[int] = None

    #: How long the answer to a keep-alive may take before the flow counts as dead and the
    #: registration is made anew; default 10000.
    keep_alive_answer_ms: Optional[int] = None

    #: A request of more bytes than this goes over TCP rather than UDP, and over UDP after all
    #: where nobody takes the connection (RFC 3261 section 18.1.1); 0: never; default 1300.
    tcp_above_bytes: Optional[int] = None

    #: Methods, separated by commas, whose requests come as SIDETONE_EVENT_REQUEST to be answered
    #: by the host; "*": every one that the engine does not serve itself. INFO means those that
    #: carry no digit. Empty: none (default); they get 405 or 501.
    host_methods: Optional[str] = None

    #: Media types, separated by commas, that an incoming MESSAGE may have ("text/plain", "text/*",
    #: "*/*"); any other gets 415. Empty: "text/*", "message/cpim" and
    #: "application/im-iscomposing+xml" (default).
    message_types: Optional[str] = None

    #: Most octets of an incoming MESSAGE, 1 to 65535; a longer one gets 413. Default 16384.
    max_message_bytes: Optional[int] = None

    #: Subscriptions at once, and as many publications, 1 to 65535; default 1024.
    max_subscriptions: Optional[int] = None


@dataclass
class AccountConfig:
    """Settings of an account. Fill it with sidetone_account_config_init(), then change what should
    differ. Lists end with 0; an empty list is the default."""

    RAW: ClassVar = _raw.sidetone_account_config
    INIT: ClassVar[str] = "sidetone_account_config_init"

    #: SIDETONE_TRANSPORT_*; default AUTO: what the URI or the domain's DNS says, else UDP.
    transport: Optional[int] = None

    #: Address of record, "sip:alice@example.com". Must be set.
    aor: Optional[str] = None

    #: Display name in From; may be empty.
    display_name: Optional[str] = None

    #: Registrar, "sip:example.com"; empty: none, the account only places and takes calls.
    registrar: Optional[str] = None

    #: User name for digest; empty: the user part of `aor`.
    auth_user: Optional[str] = None

    #: Password for digest. It is copied, and never logged. It is used in the account's own realms
    #: only: see `realms`.
    password: Optional[str] = None

    #: Outbound proxy, "sip:proxy.example.com;lr"; empty: none. Several, with commas between them:
    #: the way through all of them.
    outbound_proxy: Optional[str] = None

    #: SIP port of its own, UDP and TCP; 0: the engine's (default).
    local_port: Optional[int] = None

    #: First RTP port of its own, 1024 or above; 0: the engine's (default).
    rtp_port_first: Optional[int] = None

    #: Last RTP port of its own.
    rtp_port_last: Optional[int] = None

    #: Registration lifetime asked for, seconds, 1 to 86400; default 300.
    expires_s: Optional[int] = None

    #: 1: register at once when added, if there is a registrar (default); 0: wait for
    #: sidetone_account_register().
    register_on_add: Optional[int] = None

    #: Packet time asked for, ms: 10, 20, 30, 40, 50 or 60; 0: 20 (default).
    ptime_ms: Optional[int] = None

    #: SIDETONE_SRTP_*; default optional.
    srtp: Optional[int] = None

    #: SIDETONE_DTMF_*; default auto.
    dtmf: Optional[int] = None

    #: SIDETONE_LATCH_*; default once.
    latch: Optional[int] = None

    #: SIDETONE_CODEC_* in order of preference; default Opus, G.722, PCMA, PCMU.
    codecs: Optional[Sequence[int]] = None

    #: SIDETONE_SUITE_* in order of preference; default all.
    srtp_suites: Optional[Sequence[int]] = None

    #: Headers added to every request of this account.
    headers: Optional[Headers] = None

    #: Which device this is towards the registrar, "urn:uuid:...", the same for ever (RFC 5626);
    #: empty: one that lasts as long as the engine (default).
    instance_id: Optional[str] = None

    #: SIDETONE_OUTBOUND_*; default auto.
    outbound: Optional[int] = None

    #: SIDETONE_GRUU_*; default off.
    gruu: Optional[int] = None

    #: IP address that others reach us at, for Via, Contact and SDP in the place of our own; empty:
    #: our own (default).
    public_address: Optional[str] = None

    #: 1: Contact is where the registrar sees us, as it tells in `received` and `rport` (RFC 3581;
    #: default); 0: our own address.
    learn_contact: Optional[int] = None

    #: A WAV file that the far end of a held call hears; it is read when the account is added or
    #: updated; empty: silence (default).
    hold_music: Optional[str] = None

    #: SIDETONE_EARLY_MEDIA_*; default auto.
    early_media: Optional[int] = None

    #: SIDETONE_PRACK_*; default supported.
    prack: Optional[int] = None

    #: SIDETONE_OFFER_*; default early.
    offer: Optional[int] = None

    #: Interval of the session timer that we ask for (RFC 4028), seconds, 90 to 86400; 0: we ask
    #: for none, and keep to the far end's (default).
    session_expires_s: Optional[int] = None

    #: Realms whose challenges are answered with the password, whoever asks, by their exact names,
    #: with commas between them; one that has a comma itself stands in quotes: `pbx,"Acme, Inc."`;
    #: "*": any realm. Empty (default): those of the account's own servers, in requests that really
    #: go where the hosts of `aor`, `registrar`, `outbound_proxy` or of the registrar's
    #: Service-Route were found, or where the REGISTER went; what a far end says of the way counts
    #: for nothing. They are these hosts by name; the realms that challenged a REGISTER of this
    #: account, the latest 8; and while there is none such, the realm that first challenges a
    #: request outside of calls. Any other challenge ends its request as it would without a
    #: password, and the reason names the realm. To be named here, and the registrar's realm beside
    #: it: that of a proxy which is not the registrar's, and that of a server at another address
    #: than these (RFC 3261 22.3).
    realms: Optional[str] = None

    #: Complexity of the Opus encoder: 1 to 10, or SIDETONE_OPUS_COMPLEXITY_LEAST; 0: 5 (default).
    opus_complexity: Optional[int] = None

    #: Bit rate of Opus, 6000 to 510000: ours on average, and the most that far ends are asked to
    #: send; 0: 32000, or what the far end allows up to 64000, and far ends as they like (default).
    opus_bitrate_bps: Optional[int] = None

    #: SIDETONE_OPUS_BANDWIDTH_*: the widest that we send, and that far ends are asked for; 0: full
    #: (default).
    opus_bandwidth: Optional[int] = None

    #: SIDETONE_OPUS_ON: in-band FEC is asked for, and sent where the far end takes it; 0: the same
    #: (default).
    opus_fec: Optional[int] = None

    #: SIDETONE_OPUS_ON: DTX is asked for, and used where we send; 0: used where the far end asks
    #: for it (default).
    opus_dtx: Optional[int] = None


@dataclass(frozen=True)
class AccountInfo:
    """An account as it stands."""

    RAW: ClassVar = _raw.sidetone_account_info

    #: SIDETONE_REGISTRATION_*.
    state: int

    #: Status code of the registrar's last response; 0: none yet.
    sip_code: int

    #: Lifetime granted, seconds; 0 when not registered.
    expires_s: int

    #: SIDETONE_REACH_*.
    reach: int


@dataclass
class DialOptions:
    """Options of one outgoing call. Fill it with sidetone_dial_options_init(), which leaves
    everything to the account (or, without one, to the defaults of an account)."""

    RAW: ClassVar = _raw.sidetone_dial_options
    INIT: ClassVar[str] = "sidetone_dial_options_init"

    #: SIDETONE_SRTP_*; 0: the account's.
    srtp: Optional[int] = None

    #: Packet time, ms: 10, 20, 30, 40, 50 or 60; 0: the account's.
    ptime_ms: Optional[int] = None

    #: Give up when no final answer came within this time, 1 to 3600000 ms; 0: 180000.
    no_answer_ms: Optional[int] = None

    #: SIDETONE_CODEC_* in order of preference, ended by 0; empty: the account's.
    codecs: Optional[Sequence[int]] = None

    #: Headers of the INVITE.
    headers: Optional[Headers] = None

    #: 1: the called is not to know who calls; 2: it is; 0: as the account's services say.
    anonymous: Optional[int] = None

    #: The call ends when it has been connected for so long, seconds; 0: as the account's services
    #: say.
    max_duration_s: Optional[int] = None

    #: SIDETONE_EARLY_MEDIA_*; 0: the account's.
    early_media: Optional[int] = None

    #: SIDETONE_PRACK_*; 0: the account's.
    prack: Optional[int] = None

    #: SIDETONE_OFFER_*; 0: the account's.
    offer: Optional[int] = None

    #: As in sidetone_account_config; 0: the account's.
    opus_complexity: Optional[int] = None

    #: As in sidetone_account_config; 0: the account's.
    opus_bitrate_bps: Optional[int] = None

    #: As in sidetone_account_config; 0: the account's.
    opus_bandwidth: Optional[int] = None

    #: As in sidetone_account_config; 0: the account's.
    opus_fec: Optional[int] = None

    #: As in sidetone_account_config; 0: the account's.
    opus_dtx: Optional[int] = None


@dataclass
class AnswerOptions:
    """Options of an answer. Fill it with sidetone_answer_options_init()."""

    RAW: ClassVar = _raw.sidetone_answer_options
    INIT: ClassVar[str] = "sidetone_answer_options_init"

    #: Headers of the 200.
    headers: Optional[Headers] = None


@dataclass(frozen=True)
class CallInfo:
    """A call as it stands."""

    RAW: ClassVar = _raw.sidetone_call_info

    #: SIDETONE_CALL_*.
    state: int

    #: The account; SIDETONE_ID_NONE for none.
    account: int

    #: 1: we placed it; 0: it came in.
    outgoing: int

    #: Last SIP status code; 0: none yet.
    sip_code: int

    #: SIDETONE_CODEC_* that we send; 0 before media runs.
    codec: int

    #: Packet time that we send with, ms; 0 before media runs.
    ptime_ms: int

    #: SIDETONE_DIRECTION_*.
    direction: int

    #: SIDETONE_SUITE_*; 0: not encrypted.
    srtp_suite: int

    #: SIDETONE_LATCH_* in force.
    latch: int

    #: 1: muted.
    muted: int

    #: Time since the answer, ms; 0 before.
    connected_ms: int

    #: From the dial (or the INVITE) to the answer, ms; 0 before.
    setup_ms: int

    #: SIDETONE_HOLD_* bits in force.
    hold: int


@dataclass
class AccountServices:
    """What an account does with its calls without asking. Fill it with
    sidetone_account_services_init(), then change what should differ. Empty text: none."""

    RAW: ClassVar = _raw.sidetone_account_services
    INIT: ClassVar[str] = "sidetone_account_services_init"

    #: SIDETONE_DISTURB_*; default allowed.
    do_not_disturb: Optional[int] = None

    #: 1: a second call may ring (default); 0: the account is busy (486) with one.
    call_waiting: Optional[int] = None

    #: Most calls at once, in both directions; 0: as many as the engine takes (default).
    max_calls: Optional[int] = None

    #: SIP URI that every call is sent on to, by 302 with a Diversion header (RFC 5806).
    forward_always: Optional[str] = None

    #: SIP URI that calls are sent on to while the account is busy or does not want to be
    #: disturbed.
    forward_busy: Optional[str] = None

    #: SIP URI that calls are sent on to when nobody answers for `forward_after_ms`.
    forward_no_answer: Optional[str] = None

    #: See `forward_no_answer`, 1000 to 600000 ms; default 20000.
    forward_after_ms: Optional[int] = None

    #: SIDETONE_AUTO_ANSWER_*; default off.
    auto_answer: Optional[int] = None

    #: How long such a call rings when the caller does not say, 0 to 120000 ms; default 0.
    auto_answer_delay_ms: Optional[int] = None

    #: SIDETONE_POLICY_*: what is done when a far end wants us to call somebody else.
    transfer: Optional[int] = None

    #: Who may have a call answered by itself: users or addresses divided by commas, `*` for any
    #: characters ("200, 3*, *@example.com"); empty: everybody.
    auto_answer_callers: Optional[str] = None

    #: SIDETONE_POLICY_*: what is done when a far end sends our call elsewhere (3xx).
    redirect: Optional[int] = None

    #: How many times a call may be sent elsewhere, 1 to 100; default 5.
    redirect_hops: Optional[int] = None

    #: 1: P-Asserted-Identity and Remote-Party-ID are believed, the network sees to it; 0: only
    #: From counts (default).
    trust_identity: Optional[int] = None

    #: 1: calls do not say who calls: From is anonymous and the network is asked for privacy (RFC
    #: 3323, 3325); 0: they do (default).
    anonymous: Optional[int] = None

    #: P-Preferred-Identity of calls, "sip:al@example.com", "tel:+49301234" or "Al <sip:…>".
    preferred_identity: Optional[str] = None

    #: P-Asserted-Identity of calls, for a network that trusts us.
    asserted_identity: Optional[str] = None

    #: 1: calls carry Remote-Party-ID, for old networks; 0: they do not (default).
    remote_party_id: Optional[int] = None

    #: A call that came in is refused with 480 when nobody answers it for so long, 1000 to 3600000
    #: ms; 0: 180000 (default).
    ring_time_ms: Optional[int] = None

    #: A call ends when it has been connected for so long, seconds; 0: any time (default).
    max_duration_s: Optional[int] = None

    #: A call ends when no RTP came for so long while it should, 1000 to 3600000 ms; 0: never
    #: (default).
    dead_media_ms: Optional[int] = None

    #: Rules for numbers, as desk phones have them: "(<0:+49>[1-9]x.|*xx.|0900x.!)". Between bars;
    #: the first that fits the whole number counts. `x` is any digit, `[2-46]` one of a set, `.`
    #: repeats what is before it, `<a:b>` calls b for a, `!` at the end bars the number.
    dial_plan: Optional[str] = None

    #: Country code, "49": national numbers become "+49…".
    country_code: Optional[str] = None

    #: What is dialled before numbers of other countries, "00": becomes "+".
    international_prefix: Optional[str] = None

    #: What is dialled before numbers of other areas, "0".
    national_prefix: Optional[str] = None

    #: What goes out for a leading "+", for exchanges that take none: "00" or "011".
    plus: Optional[str] = None


@dataclass
class PlayOptions:
    """How a WAV file is played. Fill it with sidetone_play_options_init()."""

    RAW: ClassVar = _raw.sidetone_play_options
    INIT: ClassVar[str] = "sidetone_play_options_init"

    #: 1: start again at the end, until stopped; 0: once (default).
    repeat: Optional[int] = None

    #: Gain in dB, -96 to 24; default 0.
    gain_db: Optional[float] = None


@dataclass
class TapOptions:
    """How a call is tapped. Fill it with sidetone_tap_options_init()."""

    RAW: ClassVar = _raw.sidetone_tap_options
    INIT: ClassVar[str] = "sidetone_tap_options_init"

    #: SIDETONE_TAP_RECEIVED (default) or SIDETONE_TAP_SENT.
    direction: Optional[int] = None

    #: 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
    sample_rate_hz: Optional[int] = None

    #: Length of a frame, 10 or 20 ms (default).
    frame_ms: Optional[int] = None

    #: Audio that waits to be read at most, 100 to 10000 ms, default 1000: as long as the host may
    #: stall without a gap.
    buffer_ms: Optional[int] = None


@dataclass(frozen=True)
class TapFrame:
    """What is told of a frame."""

    RAW: ClassVar = _raw.sidetone_tap_frame

    #: Samples of the frame.
    samples: int

    #: Samples from the first one of the tap to the first one of this frame, dropped ones included.
    timestamp: int

    #: When it was made, since the engine was created, on the monotonic clock, ns.
    time_ns: int

    #: Frames dropped between this one and the one before it, because the host did not read in
    #: time.
    dropped: int

    #: Sum of SIDETONE_TAP_FLAG_*.
    flags: int


@dataclass(frozen=True)
class TapInfo:
    """How a tap does."""

    RAW: ClassVar = _raw.sidetone_tap_info

    #: Samples of a frame.
    frame_samples: int

    #: Frames that wait to be read.
    waiting: int

    #: 1: the call is over, nothing follows what waits.
    ended: int

    #: Frames dropped in all, because the host did not read in time.
    dropped: int


@dataclass
class InjectOptions:
    """How audio is put into a call. Fill it with sidetone_inject_options_init()."""

    RAW: ClassVar = _raw.sidetone_inject_options
    INIT: ClassVar[str] = "sidetone_inject_options_init"

    #: SIDETONE_INJECT_FAR_END (default) or SIDETONE_INJECT_NEAR_END.
    direction: Optional[int] = None

    #: 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
    sample_rate_hz: Optional[int] = None

    #: Audio that may be written ahead, 100 to 60000 ms, default 5000.
    buffer_ms: Optional[int] = None


@dataclass(frozen=True)
class InjectInfo:
    """How an injection does. All but `queued` count from its opening."""

    RAW: ClassVar = _raw.sidetone_inject_info

    #: 1: the call is over, nothing more is played.
    ended: int

    #: Samples that wait to be played.
    queued: int

    #: Samples played.
    played: int

    #: How often it ran empty while it played: the host was late, or had no more to say.
    underruns: int

    #: Samples that writes did not take for want of room.
    dropped: int


@dataclass
class SipRequest:
    """A request of the host's own. Fill it with sidetone_sip_request_init()."""

    RAW: ClassVar = _raw.sidetone_sip_request
    INIT: ClassVar[str] = "sidetone_sip_request_init"

    #: Method: MESSAGE, INFO, OPTIONS, NOTIFY, …, or one of the host's own. INVITE, ACK, CANCEL,
    #: BYE, PRACK, UPDATE, REGISTER and SUBSCRIBE are the engine's.
    method: Optional[str] = None

    #: Media type of the body, with its parameters; empty without a body.
    content_type: Optional[str] = None

    #: The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
    body: Optional[bytes] = None

    #: Headers.
    headers: Optional[Headers] = None


@dataclass
class SipAnswer:
    """An answer to a request of SIDETONE_EVENT_REQUEST. Fill it with sidetone_sip_answer_init()."""

    RAW: ClassVar = _raw.sidetone_sip_answer
    INIT: ClassVar[str] = "sidetone_sip_answer_init"

    #: Status code, 200 (default) to 699.
    sip_code: Optional[int] = None

    #: Reason phrase; empty: the registered one.
    reason: Optional[str] = None

    #: Media type of the body, with its parameters; empty without a body.
    content_type: Optional[str] = None

    #: The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
    body: Optional[bytes] = None

    #: Headers.
    headers: Optional[Headers] = None


@dataclass
class SubscriptionOptions:
    """How something is watched. Fill it with sidetone_subscription_options_init()."""

    RAW: ClassVar = _raw.sidetone_subscription_options
    INIT: ClassVar[str] = "sidetone_subscription_options_init"

    #: SIDETONE_PACKAGE_*; default SIDETONE_PACKAGE_DIALOG.
    package: Optional[int] = None

    #: Lifetime asked for, 0 to 86400 seconds, default 3600; 0: one look and no more, with which
    #: the subscription ends and the reply comes.
    expires_s: Optional[int] = None

    #: Event package of SIDETONE_PACKAGE_OTHER.
    event: Optional[str] = None

    #: Its media types, separated by commas.
    accept: Optional[str] = None


@dataclass(frozen=True)
class SubscriptionInfo:
    """A subscription as it stands. Set `size` before it is read."""

    RAW: ClassVar = _raw.sidetone_subscription_info

    #: SIDETONE_SUBSCRIPTION_*.
    state: int

    #: Last SIP status code; 0: none.
    sip_code: int

    #: Lifetime granted, seconds.
    expires_s: int

    #: SIDETONE_LAMP_*.
    lamp: int

    #: How many dialogs there are, for sidetone_subscription_dialog_read().
    dialogs: int

    #: SIDETONE_PRESENCE_*.
    presence: int

    #: 1: new messages wait; 0: none.
    messages_waiting: int

    #: New voice messages.
    voice_new: int

    #: Old voice messages.
    voice_old: int

    #: Urgent ones of the new.
    voice_urgent_new: int

    #: Urgent ones of the old.
    voice_urgent_old: int


@dataclass(frozen=True)
class WatchedDialog:
    """A dialog of somebody who is watched. Set `size` before it is read."""

    RAW: ClassVar = _raw.sidetone_watched_dialog

    #: SIDETONE_DIALOG_*.
    state: int

    #: 1: who is watched calls; 2: is called; 0: not told.
    direction: int

    #: 1: on hold.
    held: int


@dataclass
class Presence:
    """Our own presence. Fill it with sidetone_presence_init()."""

    RAW: ClassVar = _raw.sidetone_presence
    INIT: ClassVar[str] = "sidetone_presence_init"

    #: 1: can be reached (default); 0: cannot.
    open: Optional[int] = None

    #: What we do, a name of RFC 4480: "on-the-phone", "away", "busy", "meeting"; empty: not said.
    activity: Optional[str] = None

    #: For people; empty: none.
    note: Optional[str] = None


@dataclass
class Audio:
    """How the audio of calls reaches the user. Fill it with sidetone_audio_init()."""

    RAW: ClassVar = _raw.sidetone_audio
    INIT: ClassVar[str] = "sidetone_audio_init"

    #: SIDETONE_AUDIO_*.
    kind: Optional[int] = None

    #: Devices: id or name of the microphone; empty: the system's default, followed when it
    #: changes. WAV: the file that is played as the microphone; empty: silence.
    microphone: Optional[str] = None

    #: Devices: id or name of the loudspeaker; empty: the system's default. WAV: the file that is
    #: written with what a loudspeaker would play; empty: none.
    loudspeaker: Optional[str] = None

    #: WAV: 1: the microphone file starts again at its end; 0: silence follows.
    repeat: Optional[int] = None


@dataclass(frozen=True)
class AudioLevels:
    """Levels at the sound card, in dB relative to full scale; -96 is silence."""

    RAW: ClassVar = _raw.sidetone_audio_levels

    #: 1: a device is open and the levels were measured; 0: they were not, and are 0.
    valid: int

    #: Microphone.
    microphone_db: float

    #: Loudspeaker.
    loudspeaker_db: float


@dataclass(frozen=True)
class DeviceInfo:
    """A sound card."""

    RAW: ClassVar = _raw.sidetone_device_info

    #: Sum of SIDETONE_DEVICE_*.
    flags: int


@dataclass(frozen=True)
class CallStats:
    """How a call's media does. Counters count from the call's begin. A value that has a bit in
    `valid` is 0 and means nothing while the bit is not set: it was not measured yet."""

    RAW: ClassVar = _raw.sidetone_call_stats

    #: Sum of SIDETONE_VALID_*.
    valid: int

    #: RTP packets sent.
    packets_sent: int

    #: RTP payload sent, bytes.
    bytes_sent: int

    #: RTP packets received and believed.
    packets_received: int

    #: RTP payload received, bytes.
    bytes_received: int

    #: Packets that never came (RFC 3550 A.3).
    packets_lost: int

    #: Packets that came too late to be played.
    packets_late: int

    #: Packets that came twice.
    packets_duplicate: int

    #: Datagrams dropped: malformed, of a stranger, or of an unknown payload type.
    packets_discarded: int

    #: Datagrams that failed SRTP authentication or replay protection.
    srtp_failures: int

    #: Audio played, ms.
    played_ms: int

    #: Of it concealment, ms.
    concealed_ms: int

    #: Audio cut out by shortening, ms.
    accelerated_ms: int

    #: Audio put in by stretching, ms.
    stretched_ms: int

    #: Interarrival jitter (RFC 3550 A.8).
    jitter_ms: float

    #: Round-trip time from RTCP (RFC 3550 §6.4.1).
    round_trip_ms: float

    #: Loss that the far end reports of our packets, 0 to 1.
    remote_loss: float

    #: Jitter that the far end reports.
    remote_jitter_ms: float

    #: Delay that the jitter buffer aims at.
    target_delay_ms: float

    #: Delay that it has now.
    playout_delay_ms: float

    #: Share of played audio that was concealment, 0 to 1.
    concealed: float

    #: Level received, dB relative to full scale; -96 is silence.
    level_received_db: float

    #: Level sent, dB relative to full scale; -96 is silence.
    level_sent_db: float

    #: R factor of the E-model (ITU-T G.107), 0 to 100.
    r_factor: float

    #: MOS from it (G.107 Annex B), 1 to 4.5.
    mos: float

    #: Departure of sent packets from their grid, worst seen.
    send_deviation_max_ms: float


@dataclass(frozen=True)
class EngineStats:
    """Counters of a whole engine, from its creation."""

    RAW: ClassVar = _raw.sidetone_engine_stats

    #: Calls that are live.
    calls: int

    #: Rounds in which media workers made audio: every 5 ms while a sound card is open, every 10 ms
    #: with files, else for each call, or calls that hear each other, every 20 ms (10 where our
    #: packet time is no multiple of 20).
    ticks: int

    #: Of them: those that began more than 5 ms late, with a sound card 2.5 ms.
    late_ticks: int

    #: SIP datagrams and stream messages received.
    sip_received: int

    #: Of those, dropped as malformed or unmatched.
    sip_dropped: int

    #: Events dropped because the host did not pull.
    events_lost: int

    #: Log lines dropped.
    log_lost: int

    #: Frames that the sound card asked for in vain.
    device_underruns: int

    #: SIP messages dropped unread because their source sent too many: more than 20 a second for
    #: each of max_calls, or 1000 if that is more.
    sip_over_rate: int

    #: Requests, calls and connections refused because there are as many as may be.
    sip_over_limit: int

    #: Requests over UDP that failed at once, since the far end's system said that nobody listens
    #: there (Linux; ICMP).
    sip_unreachable: int

    #: Frames of the sound card's microphone that were missing when they were due (silence went in
    #: their place), or were thrown away because too many waited.
    microphone_lost: int


@dataclass(frozen=True)
class EngineHealth:
    """How the threads of an engine do that have to keep time, from its creation: the sound card's
    callbacks, over all cards that it has had open, and the rounds of its media workers. Durations
    are of the monotonic clock, and counted by length: percentiles are up to an eighth more than
    what was measured, never less, and the longest is exact."""

    RAW: ClassVar = _raw.sidetone_engine_health

    #: Media workers.
    workers: int

    #: Callbacks of the loudspeaker; 0: no sound card was open yet.
    playback_callbacks: int

    #: Callbacks of the microphone.
    capture_callbacks: int

    #: Callbacks of either that took longer than the audio they were for: heard as gaps.
    deadline_misses: int

    #: Rounds in which media workers made audio, see `ticks` of sidetone_engine_stats.
    rounds: int

    #: Of them: those that began more than 5 ms late, with a sound card 2.5 ms.
    late_rounds: int

    #: Half of the callbacks took no longer, microseconds.
    callback_p50_us: int

    #: 99 of 100 took no longer, microseconds.
    callback_p99_us: int

    #: The longest, microseconds.
    callback_max_us: int

    #: Half of the rounds began no later than this after they were due, microseconds.
    round_late_p50_us: int

    #: 99 of 100 began no later, microseconds.
    round_late_p99_us: int

    #: The latest, microseconds.
    round_late_max_us: int

    #: SIDETONE_PRIORITY_* of the media workers' threads, of the worst of them.
    worker_priority: int

    #: When refused: the system's number (errno, on Windows that of GetLastError), else 0.
    worker_error: int

    #: SIDETONE_PRIORITY_* of the callbacks' threads.
    callback_priority: int

    #: When refused: the system's number, else 0.
    callback_error: int


@dataclass(frozen=True)
class Event:
    """An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or empty text.
    Texts live until the next sidetone_event_next() on the engine, or until the callback is back."""

    RAW: ClassVar = _raw.sidetone_event

    #: SIDETONE_EVENT_*. Skip kinds that you do not know: later versions add some.
    kind: int

    #: Number of this event, from 1 without gaps.
    sequence: int

    #: Time since the engine was created, on the monotonic clock, ns.
    time_ns: int

    #: Account; SIDETONE_ID_NONE for none.
    account: int

    #: Call; SIDETONE_ID_NONE for none.
    call: int

    #: Request that this is the reply to.
    request: int

    #: State, by kind.
    state: int

    #: SIDETONE_OK or the SIDETONE_ERR_* behind it.
    status: int

    #: Status code of the SIP response behind it; 0: none.
    sip_code: int

    #: Length of a digit, or place in a recording, ms.
    duration_ms: int

    #: Lifetime that the registrar granted, seconds.
    expires_s: int

    #: SIDETONE_CODEC_* that we send.
    codec: int

    #: SIDETONE_SUITE_*; 0: not encrypted.
    srtp_suite: int

    #: A digit as ASCII: 0-9 * # A-D, or ! for a hook flash.
    digit: int

    #: Events or frames dropped, by kind.
    count: int

    #: Why, for people.
    text: str

    #: URI of the caller.
    from_: str

    #: Display name of the caller.
    display_name: str

    #: URI that was called; of a registration, where it went.
    to: str

    #: A file.
    path: str

    #: Name of the loudspeaker.
    loudspeaker: str

    #: Name of the microphone.
    microphone: str

    #: SIDETONE_END_*.
    end: int

    #: Q.850 cause of a Reason header; 0: none.
    q850_cause: int

    #: SIP status of a Reason header; 0: none.
    reason_sip_code: int

    #: By kind.
    flags: int

    #: Text of a Reason header.
    reason: str

    #: A request that waits for the host's answer.
    transaction: int

    #: Subscription; SIDETONE_ID_NONE for none.
    subscription: int

    #: Publication; SIDETONE_ID_NONE for none.
    publication: int

    #: New voice messages.
    voice_new: int

    #: Old voice messages.
    voice_old: int

    #: What somebody does, a name of RFC 4480.
    activity: str

    #: Its method.
    method: str

    #: Media type of `body`, with its parameters.
    content_type: str

    #: A body: octets as they came, `length` of them; not always UTF-8.
    body: bytes

    #: Every header line of the message behind the event, in order.
    headers: Headers

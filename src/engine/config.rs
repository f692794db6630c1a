//! What a host sets: the engine, its accounts, a call's options.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use super::{device_policy::AudioPolicy, hold_music::HoldMusic};
use crate::{
    base::{
        opus::OpusSettings,
        plan::{CodecKind, LatchPolicy, SrtpSuite},
        time::Ptime,
    },
    call::Passing,
    net::dscp,
};

/// SIP timers of RFC 3261 table 4 and the floors under what a far end may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SipTimers {
    /// Round-trip estimate, 500 ms by RFC 3261 §17.1.1.1.
    pub t1: Duration,
    /// Longest interval between retransmissions of requests, 4 s.
    pub t2: Duration,
    /// How long a message may stay in the network, 5 s.
    pub t4: Duration,
    /// The shortest registration lifetime that we ask for after a 423, 60 s.
    pub min_registration: Duration,
    /// The shortest session interval that we accept (RFC 4028 Min-SE), 90 s.
    pub min_session: Duration,
    /// First wait before a failed registration is tried again, 2 s; doubled up to `retry_max`, each
    /// spread by up to half of itself (RFC 5626 §4.5 has the idea).
    pub retry_base: Duration,
    /// Longest such wait, 300 s.
    pub retry_max: Duration,
}

impl Default for SipTimers {
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            min_registration: Duration::from_secs(60),
            min_session: Duration::from_secs(90),
            retry_base: Duration::from_secs(2),
            retry_max: Duration::from_secs(300),
        }
    }
}

/// Settings of an engine, fixed at its start.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// `User-Agent` and `Server` header; `sidetone/VERSION` by default.
    pub user_agent: String,
    /// What SIP and RTP sockets bind; default 0.0.0.0.
    pub bind: Bind,
    /// SIP port for UDP and TCP, 0 for a free one (the default).
    pub sip_port: u16,
    /// RTP ports, even ones of `first..=last`; (0, 0): free ones of the system (the default).
    pub rtp_ports: (u16, u16),
    /// At most this many calls at once, 1 to 65535; default 64.
    pub max_calls: u32,
    /// At most this many accounts, default 64.
    pub max_accounts: u32,
    /// Media worker threads; 0 (the default): cores - 1, one at least.
    pub media_workers: u32,
    /// Incoming calls for none of the accounts are taken (default) or refused with 404.
    pub accept_unknown: bool,
    /// Media types that an incoming MESSAGE may have (`text/plain`, `text/*`, `*/*`); any other is
    /// answered with 415. Default: text, CPIM, and the notice that somebody is typing.
    pub message_types: Vec<String>,
    /// Most octets of the body of an incoming MESSAGE, default 16384; a longer one gets 413.
    pub max_message_bytes: u32,
    /// At most this many subscriptions, and as many publications, 1 to 65535; default 1024.
    pub max_subscriptions: u32,
    /// Methods whose requests are handed to the host to answer; `*`: every method that the engine
    /// does not serve itself. INFO means those that carry no digit. Default none: they get 405, or
    /// 501 when they are no method of any RFC.
    pub host_methods: Vec<String>,
    /// SIP timers.
    pub timers: SipTimers,
    /// Names and fail-over.
    pub dns: DnsSettings,
    /// TLS: whom we trust, and who we are.
    pub tls: TlsConfig,
    /// Path of WebSocket servers, `/ws` by default: those that have one have this one, the others
    /// take any.
    pub websocket_path: String,
    /// Keep-alive of the flows that registrations stand on.
    pub keep_alive: KeepAliveConfig,
    /// A request of more bytes than this goes over TCP rather than UDP, and over UDP after all where
    /// nobody takes the connection (RFC 3261 §18.1.1); 0: never; default 1300.
    pub tcp_above_bytes: u32,
    /// DSCP of SIP, 0 to 63; default 24 (CS3).
    pub sip_dscp: u8,
    /// DSCP of RTP and RTCP, 0 to 63; default 46 (EF).
    pub rtp_dscp: u8,
    /// Seed of every random number, for replay in tests; `None` (the default): the system's entropy.
    pub seed: Option<u64>,
    /// How the audio of calls reaches the user.
    pub audio: AudioPolicy,
    /// Most calls that may begin in any minute, in both directions; 0 (the default): any number.
    /// Stops a dialler that runs away, and loops between exchanges.
    pub max_calls_per_minute: u32,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            user_agent: concat!("sidetone/", env!("CARGO_PKG_VERSION")).to_owned(),
            bind: Bind::default(),
            sip_port: 0,
            rtp_ports: (0, 0),
            max_calls: 64,
            max_accounts: 64,
            media_workers: 0,
            accept_unknown: true,
            message_types: Passing::default().message_types,
            max_message_bytes: Passing::default().message_bytes as u32,
            max_subscriptions: 1024,
            host_methods: Vec::new(),
            timers: SipTimers::default(),
            dns: DnsSettings::default(),
            tls: TlsConfig::default(),
            websocket_path: "/ws".to_owned(),
            keep_alive: KeepAliveConfig::default(),
            tcp_above_bytes: 1300,
            sip_dscp: dscp::CLASS_SELECTOR_3,
            rtp_dscp: dscp::EXPEDITED_FORWARDING,
            seed: None,
            audio: AudioPolicy::Headless,
            max_calls_per_minute: 0,
        }
    }
}

/// What sockets bind: an address, or an interface by its name. Read from text it is an interface where
/// it is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// This address; 0.0.0.0 and `::` stand for all.
    Address(IpAddr),
    /// The address of this interface (`eth0`, `Ethernet`): its first IPv4 one, else its first IPv6
    /// one that is not link-local. It is looked at when the engine starts and when the network has
    /// changed: with another one the sockets, registrations and calls move there. While it has none
    /// the old one stays.
    Interface(String),
}

impl Default for Bind {
    fn default() -> Self {
        Bind::Address([0, 0, 0, 0].into())
    }
}

impl<T: Into<IpAddr>> From<T> for Bind {
    fn from(address: T) -> Self {
        Bind::Address(address.into())
    }
}

impl FromStr for Bind {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let address = text.parse().map(Bind::Address);
        Ok(address.unwrap_or_else(|_| Bind::Interface(text.to_owned())))
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bind::Address(address) => address.fmt(f),
            Bind::Interface(name) => f.write_str(name),
        }
    }
}

/// How names are looked up, and how long what failed is passed over (RFC 3263).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsSettings {
    /// DNS server to ask instead of the system's ones; `None` (the default): the system's.
    pub server: Option<SocketAddr>,
    /// How long a target that did not answer, or said 503, is tried after the others; default 30 s,
    /// doubled with each failure in a row. A 503 with Retry-After tells its own time.
    pub avoid: Duration,
    /// Longest such time, default 600 s.
    pub avoid_max: Duration,
}

impl Default for DnsSettings {
    fn default() -> Self {
        Self { server: None, avoid: Duration::from_secs(30), avoid_max: Duration::from_secs(600) }
    }
}

/// How flows are kept open, so that NATs and registrars do not forget them (RFC 5626 §3.5). Each
/// keep-alive comes after 80 to 100 % of its interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAliveConfig {
    /// Interval on TCP, TLS (double CRLF) and WebSocket (Ping); default 120 s, zero for none.
    pub stream: Duration,
    /// Interval on UDP; default 29 s, zero for none.
    pub udp: Duration,
    /// What is sent on UDP.
    pub udp_method: UdpKeepAlive,
    /// How long an answer may take, default 10 s. Then a flow that was answered on before is dead:
    /// what waits on it fails, and the registrations that stand on it are made anew.
    pub answer: Duration,
}

impl Default for KeepAliveConfig {
    fn default() -> Self {
        Self {
            stream: Duration::from_secs(120),
            udp: Duration::from_secs(29),
            udp_method: UdpKeepAlive::Auto,
            answer: Duration::from_secs(10),
        }
    }
}

/// What keeps a UDP flow open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UdpKeepAlive {
    /// STUN where the registrar says that it supports `outbound`, else CRLF.
    #[default]
    Auto,
    /// An empty datagram of CRLF. Nobody answers it, so a dead flow is not noticed.
    Crlf,
    /// STUN Binding requests (RFC 5626 §3.5.2).
    Stun,
}

/// SIP transport of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SipTransport {
    /// What the URI asks for; else what the domain's DNS records choose (NAPTR, SRV: RFC 3263); else
    /// UDP.
    #[default]
    Auto,
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// WebSocket (RFC 7118).
    Ws,
    /// WebSocket over TLS.
    Wss,
}

pub use crate::{
    call::{EarlyMedia, Prack, SrtpPolicy},
    net::connector::TlsConfig,
};

/// How digits are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DtmfMethod {
    /// telephone-event where the far end has it, else INFO where it says that it takes that, else
    /// tones.
    #[default]
    Auto,
    /// telephone-event (RFC 4733).
    Rtp,
    /// INFO with `application/dtmf-relay`.
    Info,
    /// Tones in the audio.
    Tones,
}

/// One account: who we are to a registrar, and what its calls use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountConfig {
    /// Address of record, `sip:alice@example.com`.
    pub aor: String,
    /// Display name in From; may be empty.
    pub display_name: String,
    /// Registrar URI, `sip:example.com`; empty: none, the account only places and takes calls.
    pub registrar: String,
    /// User name for digest; empty: the user part of `aor`.
    pub auth_user: String,
    /// Password for digest. Never logged. Whoever gets a digest of it may guess at it, so it is used
    /// in the account's own realms only: see `realms`.
    pub password: String,
    /// Realms whose challenges are answered with the password, whoever asks, by their exact names;
    /// `*`: any realm. Empty (the default): those of the account's own servers, in requests that
    /// really go where the hosts of `aor`, `registrar`, `outbound_proxy` or of the registrar's
    /// Service-Route were found, or where the REGISTER went; what a far end says of the way counts
    /// for nothing. They are
    ///
    /// - these hosts by name,
    /// - the realms that challenged a REGISTER of this account, the latest eight,
    /// - while there is none such: the realm that first challenges a request outside of calls.
    ///
    /// Any other challenge ends its request as it would without a password, and the reason names the
    /// realm. To be named here, and the registrar's realm beside it: that of a proxy which is not the
    /// registrar's, and that of a server at another address than these (RFC 3261 §22.3, RFC 7616 §5).
    pub realms: Vec<String>,
    /// Outbound proxy URI, empty for none. Several, with commas between them: the way through all of
    /// them, the first one first.
    pub outbound_proxy: String,
    /// SIP transport, where the URI asks for none; default: the domain's choice.
    pub transport: SipTransport,
    /// SIP port of its own (UDP and TCP); 0: the engine's.
    pub local_port: u16,
    /// RTP ports of its own; (0, 0): the engine's.
    pub rtp_ports: (u16, u16),
    /// Registration lifetime asked for, default 300 s.
    pub expires: Duration,
    /// Register at once when added, default true if there is a registrar.
    pub register_on_add: bool,
    /// Codecs in order of preference.
    pub codecs: Vec<CodecKind>,
    /// Opus: complexity, bit rate, bandwidth, FEC and DTX.
    pub opus: OpusSettings,
    /// Packet time that we ask for, default 20 ms.
    pub ptime: Ptime,
    /// SRTP.
    pub srtp: SrtpPolicy,
    /// Suites offered and taken, in order.
    pub srtp_suites: Vec<SrtpSuite>,
    /// DTMF.
    pub dtmf: DtmfMethod,
    /// Symmetric RTP.
    pub latch: LatchPolicy,
    /// Headers added to every request of this account, (name, value).
    pub headers: Vec<(String, String)>,
    /// What the user hears of an outgoing call before the answer.
    pub early_media: EarlyMedia,
    /// Reliable provisional responses (RFC 3262).
    pub prack: Prack,
    /// Outgoing calls have no offer in their INVITE: the far end makes it.
    pub delayed_offer: bool,
    /// Interval of the session timer that we ask for (RFC 4028), 90 s or more; `None` (the default):
    /// we ask for none, and keep to the far end's.
    pub session_expires: Option<Duration>,
    /// What the far end of a held call hears; `None`: silence.
    pub hold_music: Option<HoldMusic>,
    /// Which device this is towards the registrar, `urn:uuid:…`, the same for ever (RFC 5626 §4.1);
    /// empty: one that lasts as long as the engine.
    pub instance_id: String,
    /// Whether the registrar is asked to reach us over the flow that we opened.
    pub outbound: Outbound,
    /// Which name of this device far ends get, where the registrar gives some.
    pub gruu: Gruu,
    /// Address that others reach us at, for Via, Contact and SDP in the place of our own.
    pub public_address: Option<IpAddr>,
    /// Contact is where the registrar sees us, as it tells in `received` and `rport` (RFC 3581);
    /// default `true`. Not beside a `public_address`.
    pub learn_contact: bool,
}

impl Default for AccountConfig {
    fn default() -> Self {
        Self {
            aor: String::new(),
            display_name: String::new(),
            registrar: String::new(),
            auth_user: String::new(),
            password: String::new(),
            realms: Vec::new(),
            outbound_proxy: String::new(),
            transport: SipTransport::Auto,
            local_port: 0,
            rtp_ports: (0, 0),
            expires: Duration::from_secs(300),
            register_on_add: true,
            codecs: CodecKind::BUILT.to_vec(),
            opus: OpusSettings::default(),
            ptime: Ptime::DEFAULT,
            srtp: SrtpPolicy::Optional,
            srtp_suites: SrtpSuite::ALL.to_vec(),
            dtmf: DtmfMethod::Auto,
            latch: LatchPolicy::Once,
            headers: Vec::new(),
            early_media: EarlyMedia::Auto,
            prack: Prack::Supported,
            delayed_offer: false,
            session_expires: None,
            hold_music: None,
            instance_id: String::new(),
            outbound: Outbound::Auto,
            gruu: Gruu::Off,
            public_address: None,
            learn_contact: true,
        }
    }
}

/// Client-initiated connections (RFC 5626).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outbound {
    /// Over connections, not over UDP.
    #[default]
    Auto,
    /// Never.
    Off,
    /// Always.
    On,
}

/// Globally routable names of one device (RFC 5627). They are off by default: some proxies hand them
/// out and do not route requests within calls that are sent to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gruu {
    /// None: far ends get our address.
    #[default]
    Off,
    /// The public one, from which the address of record can be read.
    Public,
    /// The temporary one, which tells nothing.
    Temporary,
}

/// Options of one outgoing call; what is `None` is the account's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialOptions {
    /// Headers of the INVITE.
    pub headers: Vec<(String, String)>,
    /// Codecs, in order.
    pub codecs: Option<Vec<CodecKind>>,
    /// Opus; what it leaves open is the account's.
    pub opus: OpusSettings,
    /// SRTP.
    pub srtp: Option<SrtpPolicy>,
    /// Packet time.
    pub ptime: Option<Ptime>,
    /// Give up when no final answer came within this time; `None`: 180 s.
    pub no_answer: Option<Duration>,
    /// Whether the called is to know who calls; `None`: as the account's services say.
    pub anonymous: Option<bool>,
    /// The call ends when it has been connected for this time; `None`: as the account's services
    /// say.
    pub max_duration: Option<Duration>,
    /// What the user hears before the answer.
    pub early_media: Option<EarlyMedia>,
    /// Reliable provisional responses.
    pub prack: Option<Prack>,
    /// Whether the INVITE has no offer.
    pub delayed_offer: Option<bool>,
}

/// How a WAV file is played into a call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlayOptions {
    /// Start again at the end, until stopped.
    pub repeat: bool,
    /// Gain in dB.
    pub gain_db: f32,
}

/// Where a WAV pair stands in for microphone and loudspeaker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WavPair {
    /// Played as the microphone; `None`: silence.
    pub microphone: Option<PathBuf>,
    /// The microphone starts again at its end.
    pub repeat: bool,
    /// What the loudspeaker would play is written here; `None`: nowhere.
    pub loudspeaker: Option<PathBuf>,
}

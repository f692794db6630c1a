//! Engines: create, shut down, destroy.

use std::{
    ffi::c_char,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    ptr,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

use super::{
    audio::{self, SIDETONE_AUDIO_HEADLESS},
    codes,
    event_fill::Lent,
    event_thread::EventThread,
    guard::{Gate, Out, Outcome, enter, guard, invalid, refuse_own_threads},
    log::LogSlot,
    sized::{self, Sized32},
    strings::{self, sidetone_text},
    wakeup::WakeupSlot,
};
use crate::engine::{
    DeviceInfo, DnsSettings, Engine, EngineConfig, KeepAliveConfig, SipTimers, TlsConfig,
};

/// An engine. Hosts hold only its pointer.
#[derive(Debug)]
pub struct sidetone_engine {
    pub(super) engine: Arc<Engine>,
    pub(super) gate: Gate,
    /// The last event went out, to whomever.
    pub(super) stopped: Arc<AtomicBool>,
    /// Texts of the event that was pulled last.
    pub(super) lent: Mutex<Lent>,
    /// What `sidetone_device_list` found last.
    pub(super) devices: Mutex<Vec<DeviceInfo>>,
    pub(super) event_thread: Mutex<Option<EventThread>>,
    /// An event thread pulls, so that nobody else may.
    pub(super) dispatching: AtomicBool,
    pub(super) wakeup: Arc<WakeupSlot>,
    pub(super) log: Arc<LogSlot>,
}

/// Settings of an engine. Fill it with sidetone_engine_config_init(), then change what should
/// differ. Times are in milliseconds, 1 to 86400000 where nothing else is said.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_engine_config {
    /// sizeof of this struct.
    pub size: u32,
    /// SIP port for UDP and TCP, 0 to 65535; 0: a free one (default).
    pub sip_port: u32,
    /// User-Agent and Server header; empty: "sidetone/VERSION" (default).
    pub user_agent: sidetone_text,
    /// IP address that the SIP and RTP sockets bind, or name of the interface whose address they bind
    /// ("eth0", on Windows "Ethernet"): when it gets another one they follow, and registrations and
    /// calls with them. Empty: 0.0.0.0 (default).
    pub bind: sidetone_text,
    /// First RTP port, 1024 or above; 0: free ones of the system (default). Even ones are used, each
    /// with the next one for RTCP.
    pub rtp_port_first: u32,
    /// Last RTP port; 0 with `rtp_port_first` 0.
    pub rtp_port_last: u32,
    /// Calls at once, 1 to 65535; default 64.
    pub max_calls: u32,
    /// Accounts at once, 1 to 65535; default 64.
    pub max_accounts: u32,
    /// Media worker threads, 0 to 256; 0: cores - 1, one at least (default).
    pub media_workers: u32,
    /// 1: incoming calls for none of the accounts are taken (default); 0: refused with 404.
    pub accept_unknown: u32,
    /// T1 of RFC 3261, 10 to 10000; default 500.
    pub t1_ms: u32,
    /// T2 of RFC 3261, not less than T1; default 4000.
    pub t2_ms: u32,
    /// T4 of RFC 3261, default 5000.
    pub t4_ms: u32,
    /// Shortest registration lifetime that is asked for after a 423, default 60000.
    pub min_registration_ms: u32,
    /// Shortest session interval that is accepted (RFC 4028), default 90000.
    pub min_session_ms: u32,
    /// First wait before a failed registration is tried again, default 2000; it doubles.
    pub retry_base_ms: u32,
    /// Longest such wait, not less than `retry_base_ms`; default 300000.
    pub retry_max_ms: u32,
    /// Most calls that may begin in any minute, in both directions; 0: any number (default). Further
    /// ones are refused, and SIDETONE_EVENT_CALLS_LIMITED tells of it.
    pub max_calls_per_minute: u32,
    /// Seed of every random number, for replay in tests; 0: the system's entropy (default).
    pub seed: u64,
    /// How audio reaches the user at first, SIDETONE_AUDIO_*; default headless. This field and the
    /// next three are those of sidetone_audio.
    pub audio_kind: u32,
    /// WAV: 1: the microphone file starts again at its end; 0: silence follows.
    pub audio_repeat: u32,
    /// Microphone, or the file in its place.
    pub microphone: sidetone_text,
    /// Loudspeaker, or the file in its place.
    pub loudspeaker: sidetone_text,
    /// DNS server to ask, "address:port"; empty: those of the system (default). One is asked only
    /// for names that neither are numbers nor stand in the hosts file.
    pub dns_server: sidetone_text,
    /// How long a target that failed is tried after the others (RFC 3263), default 30000; it doubles
    /// with each failure in a row.
    pub avoid_ms: u32,
    /// Longest such time, not less than `avoid_ms`; default 600000.
    pub avoid_max_ms: u32,
    /// TLS: PEM file of the authorities to trust, or of single certificates to trust as they are;
    /// empty: the system's (default).
    pub tls_ca_file: sidetone_text,
    /// TLS: PEM file of our certificate, shown to servers that ask for one and by the listener;
    /// empty: none (default).
    pub tls_certificate_file: sidetone_text,
    /// TLS: PEM file of its private key.
    pub tls_key_file: sidetone_text,
    /// Path of WebSocket servers; empty: "/ws" (default).
    pub websocket_path: sidetone_text,
    /// TLS: 1: a server must show a certificate of the domain that was asked for, by an authority
    /// that is trusted (default); 0: any certificate is taken, and the log warns.
    pub tls_verify: u32,
    /// TLS: 1: listen, which needs a certificate; 0: do not (default).
    pub tls_listen: u32,
    /// TLS: port to listen on, 0 to 65535; 0: a free one (default).
    pub tls_port: u32,
    /// DSCP of SIP, 0 to 63; default 24 (CS3).
    pub sip_dscp: u32,
    /// DSCP of RTP and RTCP, 0 to 63; default 46 (EF).
    pub rtp_dscp: u32,
    /// Longest time between two keep-alives of a registration over TCP, TLS or WebSocket; 0: none;
    /// default 120000. Each comes after 80 to 100 % of it.
    pub keep_alive_stream_ms: u32,
    /// The same over UDP, default 29000.
    pub keep_alive_udp_ms: u32,
    /// SIDETONE_KEEP_ALIVE_*: what is sent over UDP; default automatic.
    pub keep_alive_udp: u32,
    /// How long the answer to a keep-alive may take before the flow counts as dead and the
    /// registration is made anew; default 10000.
    pub keep_alive_answer_ms: u32,
    /// A request of more bytes than this goes over TCP rather than UDP, and over UDP after all where
    /// nobody takes the connection (RFC 3261 section 18.1.1); 0: never; default 1300.
    pub tcp_above_bytes: u32,
    /// Methods, separated by commas, whose requests come as SIDETONE_EVENT_REQUEST to be answered by
    /// the host; "*": every one that the engine does not serve itself. INFO means those that carry
    /// no digit. Empty: none (default); they get 405 or 501.
    pub host_methods: sidetone_text,
    /// Media types, separated by commas, that an incoming MESSAGE may have ("text/plain", "text/*",
    /// "*/*"); any other gets 415. Empty: "text/*", "message/cpim" and
    /// "application/im-iscomposing+xml" (default).
    pub message_types: sidetone_text,
    /// Most octets of an incoming MESSAGE, 1 to 65535; a longer one gets 413. Default 16384.
    pub max_message_bytes: u32,
    /// Subscriptions at once, and as many publications, 1 to 65535; default 1024.
    pub max_subscriptions: u32,
}

// SAFETY: repr(C), numbers and pointers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_engine_config {
    const NAME: &'static str = "sidetone_engine_config";
    const FIRST_SIZE: u32 = 144;
}

impl sidetone_engine_config {
    fn defaults() -> Self {
        let config = EngineConfig::default();
        let timers = config.timers;
        Self {
            size: size_of::<Self>() as u32,
            sip_port: config.sip_port.into(),
            user_agent: sidetone_text::EMPTY,
            bind: sidetone_text::EMPTY,
            rtp_port_first: config.rtp_ports.0.into(),
            rtp_port_last: config.rtp_ports.1.into(),
            max_calls: config.max_calls,
            max_accounts: config.max_accounts,
            media_workers: config.media_workers,
            accept_unknown: config.accept_unknown.into(),
            t1_ms: ms(timers.t1),
            t2_ms: ms(timers.t2),
            t4_ms: ms(timers.t4),
            min_registration_ms: ms(timers.min_registration),
            min_session_ms: ms(timers.min_session),
            retry_base_ms: ms(timers.retry_base),
            retry_max_ms: ms(timers.retry_max),
            max_calls_per_minute: config.max_calls_per_minute,
            seed: 0,
            audio_kind: SIDETONE_AUDIO_HEADLESS,
            audio_repeat: 0,
            microphone: sidetone_text::EMPTY,
            loudspeaker: sidetone_text::EMPTY,
            dns_server: sidetone_text::EMPTY,
            avoid_ms: ms(config.dns.avoid),
            avoid_max_ms: ms(config.dns.avoid_max),
            tls_ca_file: sidetone_text::EMPTY,
            tls_certificate_file: sidetone_text::EMPTY,
            tls_key_file: sidetone_text::EMPTY,
            websocket_path: sidetone_text::EMPTY,
            tls_verify: config.tls.verify.into(),
            tls_listen: 0,
            tls_port: 0,
            sip_dscp: config.sip_dscp.into(),
            rtp_dscp: config.rtp_dscp.into(),
            keep_alive_stream_ms: ms(config.keep_alive.stream),
            keep_alive_udp_ms: ms(config.keep_alive.udp),
            keep_alive_udp: codes::SIDETONE_KEEP_ALIVE_AUTO,
            keep_alive_answer_ms: ms(config.keep_alive.answer),
            tcp_above_bytes: config.tcp_above_bytes,
            host_methods: sidetone_text::EMPTY,
            message_types: sidetone_text::EMPTY,
            max_message_bytes: config.max_message_bytes,
            max_subscriptions: config.max_subscriptions,
        }
    }

    fn to_config(self) -> Outcome<EngineConfig> {
        let mut config = EngineConfig {
            sip_port: codes::port(self.sip_port, "sip_port")?,
            rtp_ports: codes::port_range(self.rtp_port_first, self.rtp_port_last)?,
            max_calls: within(self.max_calls, 1, 65_535, "max_calls")?,
            max_accounts: within(self.max_accounts, 1, 65_535, "max_accounts")?,
            max_calls_per_minute: self.max_calls_per_minute,
            media_workers: within(self.media_workers, 0, 256, "media_workers")?,
            accept_unknown: codes::switch(self.accept_unknown, "accept_unknown")?,
            timers: SipTimers {
                t1: timer(self.t1_ms, "t1_ms")?,
                t2: timer(self.t2_ms, "t2_ms")?,
                t4: timer(self.t4_ms, "t4_ms")?,
                min_registration: timer(self.min_registration_ms, "min_registration_ms")?,
                min_session: timer(self.min_session_ms, "min_session_ms")?,
                retry_base: timer(self.retry_base_ms, "retry_base_ms")?,
                retry_max: timer(self.retry_max_ms, "retry_max_ms")?,
            },
            dns: DnsSettings {
                server: dns_server(&self.dns_server.read("dns_server")?)?,
                avoid: timer(self.avoid_ms, "avoid_ms")?,
                avoid_max: timer(self.avoid_max_ms, "avoid_max_ms")?,
            },
            seed: (self.seed != 0).then_some(self.seed),
            max_subscriptions: within(self.max_subscriptions, 1, 65_535, "max_subscriptions")?,
            host_methods: list(&self.host_methods.read("host_methods")?),
            max_message_bytes: within(self.max_message_bytes, 1, 65_535, "max_message_bytes")?,
            ..EngineConfig::default()
        };
        self.network(&mut config)?;
        let message_types = list(&self.message_types.read("message_types")?);
        if !message_types.is_empty() {
            config.message_types = message_types;
        }
        let user_agent = self.user_agent.read("user_agent")?;
        if !user_agent.is_empty() {
            config.user_agent = user_agent;
        }
        let bind = self.bind.read("bind")?;
        if !bind.is_empty() {
            let Ok(bind) = bind.parse();
            config.bind = bind;
        }
        config.audio =
            audio::policy(self.audio_kind, &self.microphone, &self.loudspeaker, self.audio_repeat)?;
        Ok(config)
    }
}

fn dns_server(text: &str) -> Outcome<Option<SocketAddr>> {
    if text.is_empty() {
        return Ok(None);
    }
    let address = text
        .parse::<SocketAddr>()
        .or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)));
    address.map(Some).map_err(|_| invalid(format!("dns_server \"{text}\" is not address:port")))
}

impl sidetone_engine_config {
    /// TLS, WebSocket, keep-alives and marks.
    fn network(&self, config: &mut EngineConfig) -> Outcome<()> {
        let path = |text: &sidetone_text, name: &str| -> Outcome<Option<PathBuf>> {
            let text = text.read(name)?;
            Ok((!text.is_empty()).then(|| PathBuf::from(text)))
        };
        let port = codes::port(self.tls_port, "tls_port")?;
        config.tls = TlsConfig {
            verify: codes::switch(self.tls_verify, "tls_verify")?,
            ca_file: path(&self.tls_ca_file, "tls_ca_file")?,
            certificate: path(&self.tls_certificate_file, "tls_certificate_file")?,
            key: path(&self.tls_key_file, "tls_key_file")?,
            listen_port: codes::switch(self.tls_listen, "tls_listen")?.then_some(port),
        };
        let websocket_path = self.websocket_path.read("websocket_path")?;
        if !websocket_path.is_empty() {
            config.websocket_path = websocket_path;
        }
        config.sip_dscp = within(self.sip_dscp, 0, 63, "sip_dscp")? as u8;
        config.rtp_dscp = within(self.rtp_dscp, 0, 63, "rtp_dscp")? as u8;
        let interval = |value, name: &str| {
            within(value, 0, 86_400_000, name).map(|ms| Duration::from_millis(ms.into()))
        };
        config.keep_alive = KeepAliveConfig {
            stream: interval(self.keep_alive_stream_ms, "keep_alive_stream_ms")?,
            udp: interval(self.keep_alive_udp_ms, "keep_alive_udp_ms")?,
            udp_method: codes::udp_keep_alive(self.keep_alive_udp)?,
            answer: timer(self.keep_alive_answer_ms, "keep_alive_answer_ms")?,
        };
        config.tcp_above_bytes = self.tcp_above_bytes;
        Ok(())
    }
}

/// Words between commas.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Fills a config with the defaults.
///
/// `config`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine_config config;
/// sidetone_engine_config_init(&config, sizeof config);
/// config.sip_port = 5060;
/// config.max_calls = 500;
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_config_init(
    config: *mut sidetone_engine_config,
    size: u32,
) -> i32 {
    guard(|| sized::init(config, size, &sidetone_engine_config::defaults()))
}

/// Creates an engine: opens its SIP sockets and starts its threads. A process may have several.
///
/// `config`: NULL for the defaults. `engine`: gets the engine, NULL on failure.
/// Returns SIDETONE_OK; SIDETONE_ERR_TRANSPORT (the port is taken), SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_FILE_OPEN and SIDETONE_ERR_FILE_FORMAT (a WAV file of `microphone` or
/// `loudspeaker`, a file of TLS).
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine *mine = NULL;
/// if (sidetone_engine_create(NULL, &mine) == SIDETONE_OK) {
///   sidetone_engine_destroy(mine);
/// }
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_create(
    config: *const sidetone_engine_config,
    engine: *mut *mut sidetone_engine,
) -> i32 {
    guard(|| {
        let out = Out::required(engine, "engine")?;
        out.put(ptr::null_mut());
        let defaults = sidetone_engine_config::defaults();
        let config = if config.is_null() { defaults } else { sized::read(config, defaults)? };
        let handle = sidetone_engine {
            engine: Arc::new(Engine::new(config.to_config()?)?),
            gate: Gate::default(),
            stopped: Arc::default(),
            lent: Mutex::default(),
            devices: Mutex::default(),
            event_thread: Mutex::default(),
            dispatching: AtomicBool::new(false),
            wakeup: Arc::default(),
            log: Arc::default(),
        };
        out.put(Box::into_raw(Box::new(handle)));
        Ok(())
    })
}

/// Ends all calls and registrations, waits for the far ends at most `timeout_ms`, and stops the
/// engine's threads. Its last event is SIDETONE_EVENT_STOPPED; it can still be pulled afterwards.
/// A second call does nothing.
///
/// `timeout_ms`: 0 to 60000, 2000 is usual. It bounds the far ends only: what ends on this machine
/// (media, the sound card, files that are being written) may take up to 5 s more.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_WRONG_THREAD (in a wake-up or log function).
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine_shutdown(engine, 2000);
/// while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK)
///   printf("last words: %u\n", (unsigned)event.kind);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_shutdown(
    engine: *mut sidetone_engine,
    timeout_ms: u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let timeout = within(timeout_ms, 0, 60_000, "timeout_ms")?;
        engine.engine.shutdown(Duration::from_millis(timeout.into()));
        Ok(())
    })
}

/// Shuts the engine down, with 2000 ms unless sidetone_engine_shutdown() was called before, and
/// frees it. Calls of other threads that are inside the engine end first: a waiting
/// sidetone_event_next() returns SIDETONE_ERR_SHUTDOWN or the last events, and the event callback is
/// called until it had SIDETONE_EVENT_STOPPED. No host function is called any more once this one is
/// back, and the pointer is dead. The host sees to it that no call begins once this one has begun;
/// after sidetone_engine_shutdown() other threads find that the engine has stopped, and can be ended.
///
/// `engine`: NULL does nothing.
/// Returns SIDETONE_OK; SIDETONE_ERR_WRONG_THREAD (called in the event callback, a wake-up or a log
/// function; the engine lives on).
/// Threads: any but the engine's own, and one only. Since 0.1.
///
/// ```c
/// sidetone_engine_destroy(engine);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_destroy(engine: *mut sidetone_engine) -> i32 {
    guard(|| {
        if engine.is_null() {
            return Ok(());
        }
        refuse_own_threads(engine, "sidetone_engine_destroy()")?;
        let inside = enter(engine)?;
        inside.engine.shutdown(Duration::from_secs(2));
        EventThread::finish(&inside);
        let first = inside.gate.close();
        drop(inside);
        if !first {
            return Err(invalid("another thread is destroying this engine"));
        }
        // SAFETY: from `sidetone_engine_create` (preface, "Pointers"), and no other destroy got here.
        let engine = unsafe { Box::from_raw(engine) };
        engine.gate.wait_empty(|| engine.engine.wake());
        engine.engine.set_wakeup(None);
        engine.wakeup.clear();
        engine.engine.set_log(crate::engine::LogLevel::Error, None);
        engine.log.clear();
        Ok(())
    })
}

/// The engine's own SIP address, "ip:port"; an IPv6 address in brackets.
///
/// `transport`: SIDETONE_TRANSPORT_UDP, _TCP, or _TLS where the engine listens for it. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_WRONG_STATE (nobody can reach the engine by that transport),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char address[64];
/// if (sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_UDP, address, sizeof address,
///                                  NULL) == SIDETONE_OK)
///   printf("listening on %s\n", address);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_engine_address_read(
    engine: *mut sidetone_engine,
    transport: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let address = engine.engine.local_address(codes::transport(transport)?)?;
        strings::copy_out(&address.to_string(), buffer, capacity, needed)
    })
}

/// A duration of the engine as the ABI's milliseconds.
pub(super) fn ms(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// A duration of the engine as the ABI's seconds.
pub(super) fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// A number in its range.
pub(super) fn within(value: u32, least: u32, most: u32, name: &str) -> Outcome<u32> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(invalid(format!("{name} {value}: give {least} to {most}")))
    }
}

fn timer(value: u32, name: &str) -> Outcome<Duration> {
    within(value, 1, 86_400_000, name).map(|ms| Duration::from_millis(ms.into()))
}

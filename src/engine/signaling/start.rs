//! The start of the signaling thread: what can fail fails on the host's thread, at once.

use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Instant,
};

use actix::{Actor, Addr, AsyncContext, Context, System};

use super::{
    Signaling,
    audio::{Audio, Prepared},
    locate::Locations,
    recordings::CallFiles,
    transport,
};
use crate::{
    base::rng::Rng,
    call::{ALLOW, Passing, SUPPORTED, forwarding::CallRate},
    device::files::Files,
    engine::{
        config::EngineConfig,
        error::{Error, ErrorKind},
        limits,
        shared::{Local, Shared, lock},
        worker::Worker,
    },
    net::{address_watch, tls},
    proto::sip::{
        endpoint::{Endpoint, EndpointConfig},
        sources::SourceLimiter,
        transaction::Timers,
        wire::Method,
    },
};

/// A running signaling thread.
pub(in crate::engine) struct Started {
    pub(in crate::engine) address: Addr<Signaling>,
    pub(in crate::engine) thread: JoinHandle<()>,
}

/// Binds, starts the workers and the thread.
pub(in crate::engine) fn start(shared: Arc<Shared>, audio: Prepared) -> Result<Started, Error> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Internal, format!("cannot start {what}: {error}"))
    };
    let config = &shared.config;
    let ip = transport::address(&config.bind, None)?;
    let bound = transport::bind(ip, config.sip_port, config.sip_dscp)?;
    let secure = transport::bind_secure(config, ip)?;
    *lock(&shared.local) = Local {
        ip,
        sip_port: bound.address.port(),
        tls_port: secure.as_ref().map(|listener| listener.address.port()),
    };
    let sockets = Sockets { bound, secure };
    let rng = match config.seed {
        Some(seed) => Rng::from_number(seed),
        None => {
            let mut seed = [0u8; 32];
            getrandom::fill(&mut seed).map_err(|error| failed("random numbers", &error))?;
            Rng::from_seed(seed)
        }
    };
    let mut workers = Vec::new();
    for index in 0..worker_count(config.media_workers) {
        let worker = Worker::start(index, Arc::clone(&shared));
        workers.push(worker.map_err(|error| failed("a media worker", &error))?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .map_err(|error| failed("the event loop", &error))?;
    let (ready, started) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("sidetone-signal".to_owned())
        .stack_size(1024 * 1024)
        .spawn(move || {
            let runner = System::with_tokio_rt(move || runtime);
            let address = runner.block_on(async { actor(shared, rng, workers, sockets, audio) });
            let running = address.is_ok();
            // The host waits for it.
            let _ = ready.send(address);
            if running {
                let _ = runner.run();
            }
        })
        .map_err(|error| failed("the signaling thread", &error))?;
    let address = started
        .recv()
        .map_err(|error| failed("the signaling thread", &error))?
        .map_err(|error| failed("the SIP sockets", &error))?;
    Ok(Started { address, thread })
}

/// What the host's thread bound.
struct Sockets {
    bound: transport::Bound,
    secure: Option<tls::Listener>,
}

fn actor(
    shared: Arc<Shared>,
    mut rng: Rng,
    workers: Vec<Worker>,
    sockets: Sockets,
    audio: Prepared,
) -> std::io::Result<Addr<Signaling>> {
    let timers = &shared.config.timers;
    let passing = Arc::new(passing(&shared.config));
    let endpoint = EndpointConfig {
        timers: Timers { t1: timers.t1, t2: timers.t2, t4: timers.t4 },
        user_agent: shared.config.user_agent.clone(),
        allow: ALLOW
            .split(", ")
            .filter_map(Method::parse)
            // SUBSCRIBE passes to be refused by its event package (489), not by its method.
            .chain([Method::Subscribe])
            .chain(passing.methods.iter().cloned())
            .collect(),
        allow_any: passing.any_method,
        supported: SUPPORTED.map(str::to_owned).to_vec(),
        ..EndpointConfig::default()
    };
    let Sockets { bound, secure } = sockets;
    let mut result = Ok(());
    let address = Signaling::create(|ctx: &mut Context<Signaling>| {
        // Here and not in `started`: a host may send before the actor ran for the first time.
        ctx.set_mailbox_capacity(super::MAILBOX);
        let me = ctx.address();
        let local = *lock(&shared.local);
        let mut transports = transport::Transports::new(&shared.config, local, me.clone());
        result = transports.add(bound).map(|_| ());
        watch_addresses(me.clone());
        if let Some(listener) = secure {
            transports.add_secure(listener);
        }
        let reports = {
            let me = me.clone();
            Box::new(move |news| me.do_send(super::DeviceMessage::File(news)))
        };
        let rate = limits::source_rate(shared.config.max_calls);
        let limiter = || SourceLimiter::new(Instant::now(), rate);
        Signaling {
            endpoint: Endpoint::new(endpoint, rng.fork()),
            limiter: limiter(),
            stream_limiter: limiter(),
            transports,
            keepers: Default::default(),
            accounts: Default::default(),
            no_account: Default::default(),
            calls: Default::default(),
            conferences: Default::default(),
            locating: Default::default(),
            locations: Locations::new(&shared.config.dns),
            instance: instance_id(&mut rng),
            sleep_watch: Default::default(),
            dialogs: Default::default(),
            clients: Default::default(),
            taken_back: Default::default(),
            servers: Default::default(),
            workers,
            rtp_ports: Default::default(),
            files: Files::new(reports),
            call_files: CallFiles::default(),
            audio: Audio::new(audio, Arc::clone(&shared.health.audio)),
            ended: 0,
            call_rate: CallRate::default(),
            passing,
            usages: Default::default(),
            timer: None,
            ends_at: None,
            cut_off: false,
            fault: None,
            rng,
            shared,
        }
    });
    result.map(|()| address)
}

/// Lets the system tell of changes, where it does; without that they are noticed later.
fn watch_addresses(to: Addr<Signaling>) {
    tokio::task::spawn_local(async move {
        // A full mailbox has other news to work on; the next change is told again.
        let told = || {
            let sent = to.try_send(transport::Inbound::RoutesChanged);
            sent.is_ok() || to.connected()
        };
        let _ = address_watch::watch(told).await;
    });
}

/// A random UUID (RFC 9562 §5.4) as a URN.
fn instance_id(rng: &mut Rng) -> String {
    let mut bytes = [0u8; 16];
    rng.fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}

/// Which requests of far ends are the host's.
fn passing(config: &EngineConfig) -> Passing {
    let (any, named): (Vec<_>, Vec<_>) =
        config.host_methods.iter().partition(|method| method.as_str() == "*");
    Passing {
        methods: named.into_iter().filter_map(|method| Method::parse(method)).collect(),
        any_method: !any.is_empty(),
        message_types: config.message_types.clone(),
        message_bytes: config.max_message_bytes as usize,
    }
}

fn worker_count(wanted: u32) -> usize {
    match wanted {
        0 => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            cores.saturating_sub(1).max(1)
        }
        wanted => wanted as usize,
    }
}

//! Floor 4: threads and actors, and [`Engine`], the public Rust API.
//!
//! ```text
//!  H host ──Command──▶ S sidetone-signal (actix: Signaling + one Session per call)
//!  H ◀──event queue──┘   │ ▲                     │ ▲
//!                WorkerCmd│ │WorkerReport  DeviceCmd│ │DeviceReport
//!                        ▼ │                     ▼ │
//!             M sidetone-media-i            D sidetone-device
//!                        └── rtrb rings ──▶ R the sound card's callbacks
//! ```
//!
//! Every arrow is one-way and bounded; nobody waits for an answer of another thread.

mod around;
mod command;
mod conferences;
pub mod config;
pub mod content;
pub mod device_policy;
pub mod error;
pub mod event;
mod hold_music;
pub mod info;
pub mod limits;
pub mod log;
mod queue;
pub mod services;
mod session;
mod shared;
mod signaling;
mod sound;
pub mod taps;
mod validate;
pub mod wakeup;
pub mod watch;
mod worker;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use actix::Addr;

use self::{
    command::{CallCommand, Command},
    shared::{Shared, lock},
    signaling::Signaling,
};
pub use self::{
    config::{
        AccountConfig, Bind, DialOptions, DnsSettings, DtmfMethod, EarlyMedia, EngineConfig, Gruu,
        KeepAliveConfig, Outbound, PlayOptions, Prack, SipTimers, SipTransport, SrtpPolicy,
        TlsConfig, UdpKeepAlive, WavPair,
    },
    content::{BodyPart, Content, SipAnswer, SipRequest},
    device_policy::{AudioPolicy, DevicePolicy},
    error::{Error, ErrorKind},
    event::{CallState, DeviceState, Event, EventKind, RegistrationState},
    hold_music::HoldMusic,
    info::{
        AccountInfo, CallInfo, CallStats, DeviceInfo, DeviceLevels, EngineHealth, EngineStats,
        Priority, Reach, Spread,
    },
    log::{LogLevel, LogLine, LogSink},
    services::{AccountServices, TransferState},
    taps::{
        InjectDirection, InjectInfo, InjectOptions, TapDirection, TapFrame, TapInfo, TapOptions,
    },
    wakeup::Wakeup,
    watch::{
        Lamp, Notified, OwnState, Package, PublishState, SubscriptionInfo, SubscriptionOptions,
        WatchState,
    },
};
use crate::base::{
    ids::{AccountId, CallId, RequestId},
    units::Gain,
};

/// A voice engine. Every method may be called from any thread; none waits for the network.
///
/// A command returns at once. Where it takes a `request`, its outcome comes as
/// [`EventKind::Reply`] with that number. Dropping the engine shuts it down ([`Engine::shutdown`]
/// with two seconds).
#[derive(Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    signaling: Addr<Signaling>,
    thread: Mutex<Option<JoinHandle<()>>>,
    next_request: AtomicU64,
}

impl Engine {
    /// Starts the engine's threads. Errors: `InvalidArgument`, `Transport` (port taken).
    pub fn new(config: EngineConfig) -> Result<Engine, Error> {
        validate::engine(&config)?;
        let audio = validate::audio(&config.audio)?;
        let shared = Arc::new(Shared::new(config, Instant::now()));
        let started = signaling::start(Arc::clone(&shared), audio)?;
        Ok(Engine {
            shared,
            signaling: started.address,
            thread: Mutex::new(Some(started.thread)),
            next_request: AtomicU64::new(1),
        })
    }

    /// A fresh number to tie a reply to its command; never 0.
    pub fn new_request(&self) -> RequestId {
        RequestId(self.next_request.fetch_add(1, Ordering::Relaxed))
    }

    /// Adds an account, and registers it when it has a registrar and `register_on_add`. The reply
    /// comes when the account stands; how its registration does is told by its own events.
    pub fn account_add(
        &self,
        config: AccountConfig,
        request: Option<RequestId>,
    ) -> Result<AccountId, Error> {
        self.shared.check_running()?;
        validate::account(&config)?;
        let info = AccountInfo { aor: config.aor.clone(), ..AccountInfo::default() };
        let Some((account, shared)) = self.shared.add_account(info) else {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("the engine holds {} accounts already", self.shared.config.max_accounts),
            ));
        };
        let command = Command::AccountAdd { account, config: Box::new(config), shared, request };
        self.send(command).inspect_err(|_| self.shared.remove_account(account))?;
        Ok(account)
    }

    /// Replaces an account's settings; calls that are up keep the old ones.
    pub fn account_update(
        &self,
        account: AccountId,
        config: AccountConfig,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::account(&config)?;
        self.shared.account(account)?;
        self.send(Command::AccountUpdate { account, config: Box::new(config), request })
    }

    /// Unregisters and removes an account; its calls go on.
    pub fn account_remove(
        &self,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.account(account)?;
        self.send(Command::AccountRemove { account, request })?;
        self.shared.remove_account(account);
        Ok(())
    }

    /// Registers (again). The reply comes with the registrar's final answer.
    pub fn account_register(
        &self,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.account(account)?;
        self.send(Command::Register { account, request })
    }

    /// Looks at the network again, when the host knows that it has changed or that the machine has
    /// woken up: what was found by DNS is forgotten, every account is registered anew, and calls whose
    /// own address has changed are told so by re-INVITE. Much of this is noticed without it, but
    /// later.
    pub fn network_changed(&self) -> Result<(), Error> {
        self.send(Command::NetworkChanged)
    }

    /// Takes the registration back.
    pub fn account_unregister(
        &self,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.account(account)?;
        self.send(Command::Unregister { account, request })
    }

    /// How an account stands.
    pub fn account_info(&self, account: AccountId) -> Result<AccountInfo, Error> {
        Ok(lock(&self.shared.account(account)?.info).clone())
    }

    /// The live accounts.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.shared.accounts()
    }

    /// Places a call. `uri`: `sip:user@host`, `user@host`, `tel:+49301234`, or a number or name at
    /// the account's domain, to which its dial plan applies. `account` may be `None`: a call straight to an address. The
    /// reply comes with the final answer: done when the call is connected, else why it ended.
    pub fn dial(
        &self,
        account: Option<AccountId>,
        uri: &str,
        options: DialOptions,
        request: Option<RequestId>,
    ) -> Result<CallId, Error> {
        self.shared.check_running()?;
        let aor = match account {
            Some(account) => lock(&self.shared.account(account)?.info).aor.clone(),
            None => String::new(),
        };
        let uri = self.dialled(account, uri)?;
        validate::dial(&options)?;
        let info = CallInfo {
            outgoing: true,
            account,
            remote_uri: uri.clone(),
            local_uri: aor,
            ..CallInfo::default()
        };
        let Some((call, shared)) = self.shared.add_call(info) else {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("{} calls are up already (max_calls)", self.shared.config.max_calls),
            ));
        };
        let options = Box::new(options);
        let command = Command::Dial { call, account, uri, options, shared, request };
        self.send(command).inspect_err(|_| self.shared.remove_call(call))?;
        Ok(call)
    }

    /// Sends 180 for an incoming call.
    pub fn ring(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::Ring, request)
    }

    /// Answers an incoming call with 200, with `headers` in it.
    pub fn answer(
        &self,
        call: CallId,
        headers: Vec<(String, String)>,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::headers(&headers)?;
        self.command(call, CallCommand::Answer { headers }, request)
    }

    /// Refuses an incoming call with a code of 300 to 699. An empty `reason`: the standard phrase.
    pub fn reject(
        &self,
        call: CallId,
        code: u16,
        reason: &str,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::reject(code, reason)?;
        self.command(call, CallCommand::Reject { code, reason: reason.to_owned() }, request)
    }

    /// Ends a call in whatever state: CANCEL, BYE, or 603 for one not answered.
    pub fn hangup(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::Hangup, request)
    }

    /// Sends 183 with our description for an incoming call: media runs before the answer.
    pub fn progress(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::Progress, request)
    }

    /// Puts the far end on hold: it hears the call's music on hold or silence, and we no longer hear
    /// it. A call that does not stand yet is held as soon as it does. The reply comes with the far
    /// end's answer; [`EventKind::Hold`] tells when it is agreed.
    pub fn hold(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::Hold { held: true }, request)
    }

    /// Takes the far end off hold.
    pub fn resume(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::Hold { held: false }, request)
    }

    /// What the far end of a call hears while it is held, instead of the account's music; `None`:
    /// silence.
    pub fn hold_music(
        &self,
        call: CallId,
        music: Option<HoldMusic>,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.command(call, CallCommand::HoldMusic(music), request)
    }

    /// Mutes or unmutes our user's microphone; what is played, injected or routed is still sent.
    pub fn mute(&self, call: CallId, muted: bool, request: Option<RequestId>) -> Result<(), Error> {
        self.command(call, CallCommand::Mute(muted), request)
    }

    /// Gains of a call in dB, -96 (silence) to +24: what we send, what we hear.
    pub fn gain(
        &self,
        call: CallId,
        send_db: f32,
        receive_db: f32,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let send = validate::gain(send_db)?;
        let receive = validate::gain(receive_db)?;
        self.command(call, CallCommand::Gain { send, receive }, request)
    }

    /// Lets what call `from` says be heard by call `to`, at `gain_db`; `None` ends it. `from` may
    /// be `to`: an echo.
    pub fn route(
        &self,
        from: CallId,
        to: CallId,
        gain_db: Option<f32>,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let gain: Option<Gain> = gain_db.map(validate::gain).transpose()?;
        self.shared.call(to)?;
        self.command(from, CallCommand::Route { to, gain }, request)
    }

    /// Sends digits (`0`-`9 * # A`-`D !`, `,` a pause of two seconds), each `duration_ms` long (40 to
    /// 6000; 0: 160). The reply comes when the last has been sent.
    pub fn dtmf(
        &self,
        call: CallId,
        digits: &str,
        duration_ms: u32,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let duration = validate::dtmf(digits, duration_ms)?;
        self.command(call, CallCommand::Dtmf { digits: digits.to_owned(), duration }, request)
    }

    /// How a call stands. Ended calls answer until their end event was pulled.
    pub fn call_info(&self, call: CallId) -> Result<CallInfo, Error> {
        let shared = self.shared.call(call)?;
        let mut info = lock(&shared.info).clone();
        let times = *lock(&shared.times);
        if let (Some(began), Some(connected)) = (times.began, times.connected) {
            info.setup_time = connected.saturating_duration_since(began);
            let until = times.ended.unwrap_or_else(Instant::now);
            info.connected_for = until.saturating_duration_since(connected);
        }
        Ok(info)
    }

    /// How a call's media does.
    pub fn call_stats(&self, call: CallId) -> Result<CallStats, Error> {
        Ok(lock(&self.shared.call(call)?.stats).clone())
    }

    /// A header of the far end's latest INVITE or final response; the first of that name.
    pub fn call_header(&self, call: CallId, name: &str) -> Result<Option<String>, Error> {
        let shared = self.shared.call(call)?;
        let message = lock(&shared.message).clone();
        Ok(message.and_then(|message| message.header_named(name).map(str::to_owned)))
    }

    /// The live calls.
    pub fn calls(&self) -> Vec<CallId> {
        self.shared.calls()
    }

    /// Counters of the engine.
    pub fn stats(&self) -> EngineStats {
        let counters = &self.shared.counters;
        EngineStats {
            calls: self.shared.call_count() as u32,
            late_ticks: counters.late_ticks.load(Ordering::Relaxed),
            ticks: counters.ticks.load(Ordering::Relaxed),
            sip_received: counters.sip_received.load(Ordering::Relaxed),
            sip_dropped: counters.sip_dropped.load(Ordering::Relaxed),
            events_lost: self.shared.events.lost(),
            log_lost: self.shared.log.lost(),
            device_underruns: counters.device_underruns.load(Ordering::Relaxed),
            sip_over_rate: counters.sip_over_rate.load(Ordering::Relaxed),
            sip_over_limit: counters.sip_over_limit.load(Ordering::Relaxed),
            sip_unreachable: counters.sip_unreachable.load(Ordering::Relaxed),
            microphone_lost: counters.microphone_lost.load(Ordering::Relaxed),
        }
    }

    /// Local SIP address for a transport, `ip:port` of the engine's own socket. Errors:
    /// `WrongState` for a transport that nobody can reach the engine by.
    pub fn local_address(&self, transport: SipTransport) -> Result<SocketAddr, Error> {
        let local = *lock(&self.shared.local);
        match transport {
            // One port number for both: UDP and TCP are bound together.
            SipTransport::Auto | SipTransport::Udp | SipTransport::Tcp => {
                Ok(SocketAddr::new(local.ip, local.sip_port))
            }
            SipTransport::Tls => {
                let port = local.tls_port.ok_or_else(|| {
                    Error::new(ErrorKind::WrongState, "the engine does not listen for TLS")
                })?;
                Ok(SocketAddr::new(local.ip, port))
            }
            SipTransport::Ws | SipTransport::Wss => {
                Err(Error::new(ErrorKind::WrongState, "WebSockets are made, not listened for"))
            }
        }
    }

    /// The next event; waits up to `timeout` (`None`: for ever). `Ok(None)`: the time ran out or
    /// [`Engine::wake`] was called. One thread at a time; a second one gets `WrongThread`.
    pub fn next_event(&self, timeout: Option<Duration>) -> Result<Option<Event>, Error> {
        let event = self.shared.events.next(timeout)?;
        if let Some(Event { kind: EventKind::Call { call, state: CallState::Ended, .. }, .. }) =
            &event
        {
            self.shared.remove_call(*call);
        }
        Ok(event)
    }

    /// Ends a waiting [`Engine::next_event`].
    pub fn wake(&self) {
        self.shared.events.wake();
    }

    /// How the engine tells that events wait; `None`: not at all.
    pub fn set_wakeup(&self, wakeup: Option<Wakeup>) {
        self.shared.events.set_wakeup(wakeup);
    }

    /// Sends log lines up to `level` to `sink`, on a thread of their own, lossy; `None` ends it.
    pub fn set_log(&self, level: LogLevel, sink: Option<LogSink>) {
        self.shared.log.set(level, sink);
    }

    /// Ends all calls and registrations, waits up to `timeout` for the far ends, stops the
    /// threads. The last event is `Stopped`. Again: nothing happens.
    pub fn shutdown(&self, timeout: Duration) {
        let Some(thread) = lock(&self.thread).take() else { return };
        self.shared.begin_stopping();
        // A full mailbox still takes this one: the queue's bound is for hosts, not for the end.
        self.signaling.do_send(Command::Shutdown { timeout });
        // The thread only panics by a fault of ours, and then there is nothing left to wait for.
        let _ = thread.join();
    }

    fn send(&self, command: Command) -> Result<(), Error> {
        self.shared.check_running()?;
        self.signaling.try_send(command).map_err(|error| match error {
            actix::prelude::SendError::Full(_) => Error::new(
                ErrorKind::Busy,
                "too many commands wait to be carried out; try again in a moment",
            ),
            actix::prelude::SendError::Closed(_) => {
                Error::new(ErrorKind::Shutdown, "the engine has stopped")
            }
        })
    }

    fn command(
        &self,
        call: CallId,
        command: CallCommand,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.call(call)?;
        self.send(Command::Call { call, command, request })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shutdown(Duration::from_secs(2));
    }
}

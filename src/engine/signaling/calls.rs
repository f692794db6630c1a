//! Calls: placing one, taking one, ending one, and what the host commands of one.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use actix::{Actor, Addr, AsyncContext, Context};

use super::{
    Signaling, WORKER_BUSY, contact::facing, home::Home, requests::End, services::Admitted,
    settings::apply_options,
};
use crate::{
    base::{
        ids::{AccountId, CallId, RequestId},
        units::Gain,
    },
    call::{Call, services::MessageKind},
    device::{files::FileId, pcap::PcapSink},
    engine::{
        command::CallCommand,
        config::{AccountConfig, DialOptions, SipTransport},
        error::{Error, ErrorKind},
        event::{CallState, EventKind},
        hold_music::HoldMusic,
        info::CallInfo,
        log::LogLevel,
        session::{HUNG_UP, Parts, Session, SessionMsg},
        shared::{CallShared, lock},
        worker::{CallMedia, WorkerCmd, play::Source},
    },
    media::stream::{NtpAnchor, Stream, StreamConfig},
    net::rtp_udp::RtpSockets,
    proto::sip::{
        Flow, Transport,
        endpoint::ServerTransaction,
        uri::{Uri, next_hop_of},
        wire::{Message, Response},
    },
};

/// Seconds between 1900 and 1970 (RFC 5905 §6).
const NTP_EPOCH_S: u64 = 2_208_988_800;
/// Without RTP for this long the host is told, at the latest.
const RTP_TIMEOUT: Duration = Duration::from_secs(5);

/// How a call or an account reaches the network: our port, and the transport when nobody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) port: u16,
    pub(super) transport: Transport,
    /// A domain may choose another transport by its DNS records (RFC 3263 §4.1).
    pub(super) open: bool,
    /// The connection that the far end called us on.
    pub(super) home: Option<Home>,
    /// The address to write for ours.
    pub(super) public: Option<IpAddr>,
    /// Whose credentials its requests carry.
    pub(super) account: Option<AccountId>,
}

/// A call as Signaling holds it.
pub(super) struct CallEntry {
    pub(super) session: Addr<Session>,
    pub(super) shared: Arc<CallShared>,
    pub(super) line: Line,
    /// The way that its first request took.
    pub(super) flow: Flow,
    pub(super) account: Option<AccountId>,
    pub(super) config: Arc<AccountConfig>,
    pub(super) worker: usize,
    /// It hears or is heard by others by routes of the host's, which are all on the user's worker.
    pub(super) routed: bool,
    /// Its recording that goes on.
    pub(super) recording: Option<FileId>,
    pub(super) capture: Option<PcapSink>,
}

/// A dial on its way.
pub(super) struct Dial {
    pub(super) call: CallId,
    pub(super) account: Option<AccountId>,
    pub(super) uri: String,
    pub(super) options: Box<DialOptions>,
    pub(super) shared: Arc<CallShared>,
    pub(super) request: Option<RequestId>,
}

pub(super) fn transport_of(transport: SipTransport) -> Transport {
    match transport {
        SipTransport::Auto | SipTransport::Udp => Transport::Udp,
        SipTransport::Tcp => Transport::Tcp,
        SipTransport::Tls => Transport::Tls,
        SipTransport::Ws => Transport::Ws,
        SipTransport::Wss => Transport::Wss,
    }
}

impl Signaling {
    /// Finds the way to the far end, then starts the call.
    pub(super) fn dial(&mut self, ctx: &mut Context<Self>, now: Instant, dial: Dial) {
        if let Err(error) = self.may_dial(now, dial.account) {
            self.dial_failed(&dial, &error);
            return;
        }
        let line = self.line_of(dial.account);
        let first = self.first_hop(dial.account).or_else(|| dial.uri.parse::<Uri>().ok());
        let Some(hop) = first.and_then(|uri| next_hop_of(&uri).ok()) else {
            let error = Error::new(ErrorKind::InvalidUri, "the target cannot be dialled");
            self.dial_failed(&dial, &error);
            return;
        };
        self.locating.insert(dial.call, dial.request);
        self.locate(ctx, now, line, &hop, move |actor, ctx, now, flow| {
            // The host may have hung up meanwhile.
            if actor.locating.remove(&dial.call).is_none() {
                return;
            }
            let started = flow.and_then(|flow| actor.start_dial(ctx, now, &dial, flow));
            if let Err(error) = started {
                actor.dial_failed(&dial, &error);
            }
        });
    }

    /// Ends a dial whose host name is still being looked up; whether there was one.
    pub(super) fn hang_up_unsent(&mut self, call: CallId) -> bool {
        let Some(request) = self.locating.remove(&call) else { return false };
        self.reply(request, Some(ErrorKind::WrongState), HUNG_UP);
        self.emit_unsent(call, "hung up before it was sent", None);
        true
    }

    fn start_dial(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        dial: &Dial,
        flow: Flow,
    ) -> Result<(), Error> {
        let config = self.config_of(dial.account);
        let (worker, sockets) = self.place_media(&config, flow)?;
        let mut settings = self.settings(&config, dial.account, flow, &sockets);
        settings.services = self.services_of(dial.account).of_call(config.aor.parse().ok());
        apply_options(&mut settings, &dial.options);
        let target = dial.uri.parse::<Uri>().map_err(|error| {
            Error::new(ErrorKind::InvalidUri, format!("{} cannot be dialled: {error}", dial.uri))
        })?;
        lock(&dial.shared.info).local_rtp = sockets.local_rtp().to_string();
        let machine = Call::outgoing(now, settings, target, self.rng.fork());
        let (call, shared) = (dial.call, Arc::clone(&dial.shared));
        let line = Line {
            port: flow.local.port(),
            transport: flow.transport,
            open: false,
            home: None,
            public: config.public_address,
            account: dial.account,
        };
        let dial_request = dial.request;
        self.start_session(
            ctx,
            Start {
                call,
                line,
                flow,
                account: dial.account,
                machine,
                sockets,
                worker,
                shared,
                config,
                dial_request,
                announcement: None,
            },
        );
        Ok(())
    }

    fn dial_failed(&mut self, dial: &Dial, error: &Error) {
        self.reply(dial.request, Some(error.kind), &error.message);
        self.emit_unsent(dial.call, &error.message, Some(error.kind));
    }

    /// The end of a call that was never sent.
    fn emit_unsent(&mut self, call: CallId, text: &str, error: Option<ErrorKind>) {
        self.leave_conference(call);
        if let Ok(shared) = self.shared.call(call) {
            lock(&shared.info).state = CallState::Ended;
        }
        self.shared.emit(EventKind::Call {
            call,
            state: CallState::Ended,
            code: 0,
            text: text.to_owned(),
            error,
            reason: None,
            cause: None,
        });
    }

    /// An INVITE outside of any dialog.
    pub(super) fn incoming(
        &mut self,
        ctx: &mut Context<Self>,
        now: Instant,
        server: ServerTransaction,
        flow: Flow,
        invite: Message,
    ) {
        let account = self.account_for(&invite, flow);
        if account.is_none() && !self.shared.config.accept_unknown {
            self.endpoint.respond(now, server, Response::to(&invite, 404, ""));
            return;
        }
        if self.ends_at.is_some() {
            self.endpoint.respond(now, server, Response::to(&invite, 503, "Shutting down"));
            return;
        }
        let Some(admitted) = self.admit_invite(now, server, account, &invite) else { return };
        let config = self.config_of(account);
        let display = admitted.caller.display.clone().unwrap_or_default();
        let from = admitted.caller.uri.to_string();
        let to = invite.raw_uri().to_owned();
        let info = CallInfo {
            state: CallState::Incoming,
            account,
            remote_uri: from.clone(),
            remote_display_name: display.clone(),
            local_uri: to.clone(),
            ..CallInfo::default()
        };
        let Some((call, shared)) = self.shared.add_call(info) else {
            self.shared.counters.sip_over_limit.fetch_add(1, Ordering::Relaxed);
            self.endpoint.respond(now, server, Response::to(&invite, 486, ""));
            return;
        };
        let (worker, sockets) = match self.place_media(&config, flow) {
            Ok(place) => place,
            Err(error) => {
                self.log(LogLevel::Error, "call", || error.message);
                self.endpoint.respond(now, server, Response::to(&invite, 503, ""));
                self.shared.remove_call(call);
                return;
            }
        };
        let mut settings = self.settings(&config, account, flow, &sockets);
        let Admitted { services, answering, own, .. } = admitted;
        settings.services = services.of_incoming(answering, own);
        settings.no_answer = services.ring_time.unwrap_or(settings.no_answer);
        lock(&shared.info).local_rtp = sockets.local_rtp().to_string();
        *lock(&shared.message) = Some(invite.clone());
        lock(&shared.messages).insert(MessageKind::Invite, invite.clone());
        let line = Line {
            port: flow.local.port(),
            transport: flow.transport,
            open: false,
            home: Home::of(&invite, flow),
            public: config.public_address,
            account,
        };
        let machine = Call::incoming(now, settings, server, invite, self.rng.fork());
        self.servers.insert(server, call);
        let announcement =
            Some(EventKind::IncomingCall { call, account, from, display_name: display, to });
        self.start_session(
            ctx,
            Start {
                call,
                line,
                flow: facing(config.public_address, flow),
                account,
                machine,
                sockets,
                worker,
                shared,
                config,
                dial_request: None,
                announcement,
            },
        );
    }

    fn start_session(&mut self, ctx: &mut Context<Self>, start: Start) {
        let Start { call, line, flow, account, machine, sockets, worker, shared, config, .. } =
            start;
        let (dial_request, announcement) = (start.dial_request, start.announcement);
        let dialog = (machine.call_id().to_owned(), machine.local_tag().to_owned());
        lock(&shared.info).sip_call_id.clone_from(&dialog.0);
        let dead_media = machine.machine().settings().services.dead_media;
        let rtp_timeout = dead_media.map_or(RTP_TIMEOUT, |longest| longest.min(RTP_TIMEOUT));
        let session = Session::new(Parts {
            call,
            shared: Arc::clone(&self.shared),
            snapshot: Arc::clone(&shared),
            machine,
            signaling: ctx.address(),
            worker: self.workers[worker].inbox.clone(),
            dtmf: config.dtmf,
            dial_request,
            announcement,
            rtp_timeout,
        });
        let stream = Stream::new(self.stream_config(rtp_timeout), self.rng.fork());
        let entry_shared = Arc::clone(&shared);
        self.dialogs.insert(dialog, call);
        // The port stays open for as long as the call, whatever becomes of its account.
        self.transports.share(line.port);
        let session = session.start();
        let reports = session.clone().recipient();
        let media = Box::new(CallMedia::new(call, shared, reports, sockets, stream));
        self.workers[worker].send(WorkerCmd::Open(media));
        if let Some(music) = &config.hold_music {
            let music = Some(music.source());
            self.workers[worker].send(WorkerCmd::HoldMusic { call, music });
        }
        self.workers[worker].calls += 1;
        self.calls.insert(
            call,
            CallEntry {
                session,
                shared: entry_shared,
                line,
                flow,
                account,
                config,
                worker,
                routed: false,
                recording: None,
                capture: None,
            },
        );
        self.enter_conference(call);
        self.audio_wanted(&ctx.address());
    }

    fn stream_config(&mut self, rtp_timeout: Duration) -> StreamConfig {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = since_epoch.as_secs().wrapping_add(NTP_EPOCH_S);
        let fraction = (u64::from(since_epoch.subsec_nanos()) << 32) / 1_000_000_000;
        StreamConfig {
            cname: format!("{}@sidetone", self.rng.token(16)),
            ntp: NtpAnchor { at: Instant::now(), ntp: (seconds << 32) | fraction },
            rtp_timeout,
            dtmf_with_audio: false,
        }
    }

    pub(super) fn call_ended(&mut self, call: CallId, end: End, known: bool) {
        let Some(entry) = self.calls.remove(&call) else { return };
        self.ended = self.ended.saturating_add(1);
        self.leave_conference(call);
        self.dialogs.retain(|_, owner| *owner != call);
        self.taken_back.retain(|(owner, _)| *owner != call);
        let End { code, text, error, reason, cause } = end;
        self.transports.release(entry.line.port);
        self.workers[entry.worker].calls -= 1;
        // Its server transactions end by themselves: there are too many of all calls to look
        // through, and what they tell of a call that is gone goes nowhere.
        if known {
            let state = CallState::Ended;
            self.shared.emit(EventKind::Call { call, state, code, text, error, reason, cause });
        } else {
            self.log(LogLevel::Info, "call", || format!("an INVITE was refused: {code} {text}"));
            self.shared.remove_call(call);
        }
        self.audio_unwanted();
    }

    pub(super) fn call_command(
        &mut self,
        _now: Instant,
        call: CallId,
        command: CallCommand,
        request: Option<RequestId>,
    ) {
        let Some(entry) = self.calls.get(&call) else {
            // A call whose host name is still being looked up can be hung up, no more.
            let hangs_up = matches!(command, CallCommand::Hangup | CallCommand::HangupWith { .. });
            let hung_up = hangs_up && self.hang_up_unsent(call);
            let error = (!hung_up).then_some(ErrorKind::WrongState);
            let text = if hung_up { "" } else { "the call is over, or not yet begun" };
            self.reply(request, error, text);
            return;
        };
        let worker = entry.worker;
        let media = match command {
            CallCommand::Mute(muted) => {
                let shared = Arc::clone(&entry.shared);
                if self.media_command(worker, WorkerCmd::Mute { call, muted }, request) {
                    lock(&shared.info).muted = muted;
                }
                return;
            }
            CallCommand::Gain { send, receive } => WorkerCmd::Gain { call, send, receive },
            CallCommand::Play { clip, options } => WorkerCmd::Play {
                call,
                source: Source::new(clip, options.repeat),
                gain: Gain::from_db(options.gain_db),
            },
            CallCommand::HoldMusic(music) => {
                WorkerCmd::HoldMusic { call, music: music.as_ref().map(HoldMusic::source) }
            }
            CallCommand::StopPlaying => WorkerCmd::StopPlaying { call },
            CallCommand::Route { to, gain } => {
                self.route_call(call, to, gain, request);
                return;
            }
            CallCommand::TransferTo { other } => {
                self.transfer_to(call, other, request);
                return;
            }
            command @ (CallCommand::Record { .. }
            | CallCommand::PauseRecording(_)
            | CallCommand::StopRecording
            | CallCommand::Capture { .. }
            | CallCommand::StopCapture) => {
                self.file_of_call(call, command, request);
                return;
            }
            command => {
                let message = SessionMsg::Command { command, request };
                // Local and few: one per command of the host, whose own queue is bounded.
                entry.session.do_send(message);
                return;
            }
        };
        self.media_command(worker, media, request);
    }

    /// Whether the worker took it.
    pub(super) fn media_command(
        &self,
        worker: usize,
        command: WorkerCmd,
        request: Option<RequestId>,
    ) -> bool {
        let sent = self.workers[worker].send(command);
        if sent {
            self.reply(request, None, "");
        } else {
            self.reply(request, Some(ErrorKind::Busy), WORKER_BUSY);
        }
        sent
    }
}

struct Start {
    call: CallId,
    line: Line,
    flow: Flow,
    account: Option<AccountId>,
    machine: Call,
    sockets: RtpSockets,
    worker: usize,
    shared: Arc<CallShared>,
    config: Arc<AccountConfig>,
    dial_request: Option<RequestId>,
    announcement: Option<EventKind>,
}

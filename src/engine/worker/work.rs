//! The loop of a media worker and what it owns.

mod rounds;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use crossbeam_channel::Receiver;

use self::rounds::Groups;
use super::{CallMedia, Inbox, UserAudio, UserPort, WorkerCmd, pacer::Pacer, rhythm::Rhythm};
use crate::{
    base::{ids::CallId, units::Gain},
    device::priority::{FineTimers, Urgency, promote_current_thread},
    engine::{
        log::LogLevel,
        shared::{Shared, lock},
    },
    media::bridge::{Bridge, BridgeError},
    net::rtp_udp::Slab,
};

/// Datagrams read from one call's sockets at once.
const SLAB_SLOTS: usize = 32;
/// Calls that moved away and whose late commands are sent after them, at most.
const MOVED: usize = 1024;

/// Runs until `Stop`, or until the engine is gone.
pub(super) fn run(commands: &Receiver<WorkerCmd>, shared: &Arc<Shared>) {
    // Refused without privileges; then a busy machine makes ticks late, which is counted.
    let priority = promote_current_thread(Urgency::Worker);
    lock(&shared.health.workers).push(priority);
    let outcome = catch_unwind(AssertUnwindSafe(|| Work::new(commands, shared).run()));
    if outcome.is_err() {
        shared.fault("a media worker failed");
    }
}

struct Work<'a> {
    commands: &'a Receiver<WorkerCmd>,
    shared: &'a Arc<Shared>,
    calls: Vec<Box<CallMedia>>,
    routes: Vec<Route>,
    /// Calls on their way from another worker, and the commands that came before them.
    expected: Vec<CallId>,
    early: Vec<WorkerCmd>,
    /// Calls that went to another worker.
    moved: Vec<(CallId, Inbox)>,
    bridge: Bridge,
    user: Option<UserPort>,
    pacer: Pacer,
    slab: Slab,
    groups: Groups,
    /// A call panicked in its work, and is to be let go.
    broken: bool,
    /// What the slots of rhythms count from.
    epoch: Instant,
    published: Instant,
    /// Of the card, as far as they are counted: see [`UserPort::lost`].
    lost: (u64, u64),
    stopped: bool,
    /// While there is work.
    fine_timers: Option<FineTimers>,
}

#[derive(Clone, Copy, Debug)]
struct Route {
    from: CallId,
    to: CallId,
    gain: Gain,
}

impl<'a> Work<'a> {
    fn new(commands: &'a Receiver<WorkerCmd>, shared: &'a Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            commands,
            shared,
            calls: Vec::new(),
            routes: Vec::new(),
            expected: Vec::new(),
            early: Vec::new(),
            moved: Vec::new(),
            bridge: Bridge::new(),
            user: None,
            pacer: Pacer::new(now),
            slab: Slab::new(SLAB_SLOTS),
            groups: Groups::default(),
            broken: false,
            epoch: now,
            published: now,
            lost: (0, 0),
            stopped: false,
            fine_timers: None,
        }
    }

    fn run(&mut self) {
        let mut due = Instant::now();
        while !self.stopped {
            if self.calls.is_empty() && !self.user.as_ref().is_some_and(UserPort::is_card) {
                self.fine_timers = None;
                let Ok(command) = self.commands.recv() else { return };
                due = Instant::now();
                self.handle(command);
                if self.stopped {
                    return;
                }
                self.fine_timers = Some(FineTimers::new());
                self.pacer.restart(due);
            }
            while let Ok(command) = self.commands.try_recv() {
                self.handle(command);
            }
            due = self.work(Instant::now(), due);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    fn publish_user(&mut self) {
        let counters = &self.shared.counters;
        let (microphone, loudspeaker) = match &self.user {
            Some(user) => {
                let lost = user.lost();
                let before = std::mem::replace(&mut self.lost, lost);
                for (counter, now, before) in [
                    (&counters.device_underruns, lost.0, before.0),
                    (&counters.microphone_lost, lost.1, before.1),
                ] {
                    counter.fetch_add(now.saturating_sub(before), Ordering::Relaxed);
                }
                let (microphone, loudspeaker) = user.levels();
                (microphone.0, loudspeaker.0)
            }
            None => return,
        };
        counters.microphone_db.store(microphone.to_bits(), Ordering::Relaxed);
        counters.loudspeaker_db.store(loudspeaker.to_bits(), Ordering::Relaxed);
    }

    fn handle(&mut self, command: WorkerCmd) {
        let now = Instant::now();
        match command {
            WorkerCmd::Open(call) | WorkerCmd::MigrateIn(call) => self.take(now, call),
            WorkerCmd::Route { from, to, gain } => self.route(from, to, gain),
            WorkerCmd::Attach(audio) => self.attach(audio),
            WorkerCmd::Detach => self.detach(),
            WorkerCmd::Expect { call } => self.expected.push(call),
            WorkerCmd::MigrateOut { call, .. } if self.expected.contains(&call) => {
                self.early.push(command);
            }
            WorkerCmd::MigrateOut { call, to } => self.migrate(call, to),
            WorkerCmd::NotComing { call } => self.not_coming(call),
            WorkerCmd::Stop => self.stop(now),
            other => self.handle_confined(now, other),
        }
    }

    /// A call on its way here ended before; whoever was to get it next learns that, too.
    fn not_coming(&mut self, call: CallId) {
        self.expected.retain(|expected| *expected != call);
        for command in self.early.extract_if(.., |command| command.call() == Some(call)) {
            if let WorkerCmd::MigrateOut { to, .. } = command {
                to.send(WorkerCmd::NotComing { call });
            }
        }
        self.forget_routes();
    }

    fn migrate(&mut self, call: CallId, to: Inbox) {
        let Some(mut media) = self.release(call) else {
            // It was closed before the host's command came. The other worker is gone only when the
            // engine is; so it is below.
            to.send(WorkerCmd::NotComing { call });
            return;
        };
        media.leave(&mut self.bridge);
        to.send(WorkerCmd::MigrateIn(media));
        // An echo goes along; routes to others are on the other worker already.
        for route in self.routes.extract_if(.., |route| route.from == call || route.to == call) {
            let Route { from, to: heard_by, gain } = route;
            to.send(WorkerCmd::Route { from, to: heard_by, gain: Some(gain) });
        }
        if self.moved.len() >= MOVED {
            self.moved.remove(0);
        }
        self.moved.push((call, to));
    }

    /// A command that panics ends its own call only.
    fn handle_confined(&mut self, now: Instant, command: WorkerCmd) {
        self.confine(command.call(), |work| work.handle_call(now, command));
    }

    /// Does `work` for a call, which alone ends when that panics.
    fn confine(&mut self, id: Option<CallId>, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err()
            && let Some(mut call) = id.and_then(|id| self.release(id))
        {
            let bridge = &mut self.bridge;
            // Whatever state the fault left, the ports must go.
            let _ = catch_unwind(AssertUnwindSafe(|| call.leave(bridge)));
            call.report_panic();
        }
    }

    /// A command for a call that has moved goes after it; one for a call on its way here waits; any
    /// other is for a call that has ended.
    fn pass_on(&mut self, id: CallId, command: WorkerCmd) {
        if let Some(index) = self.moved.iter().position(|(call, _)| *call == id) {
            let last = matches!(command, WorkerCmd::Close { .. });
            // The other worker is gone only when the engine is.
            self.moved[index].1.send(command);
            if last {
                self.moved.swap_remove(index);
            }
        } else if self.expected.contains(&id) {
            self.early.push(command);
        }
    }

    fn handle_call(&mut self, now: Instant, command: WorkerCmd) {
        let Some(id) = command.call() else { return };
        let Some(call) = find(&mut self.calls, id) else {
            self.pass_on(id, command);
            return;
        };
        match command {
            WorkerCmd::Connect { plan, .. } => {
                call.read_all(&mut self.slab);
                call.connect(now, &plan, &mut self.bridge);
                self.groups.stale = true;
                self.wire(id);
            }
            WorkerCmd::Dtmf { digits, duration, request, .. } => {
                call.send_digits(&digits, duration, request);
            }
            WorkerCmd::Rebind { sockets, .. } => {
                call.read_all(&mut self.slab);
                call.rebind(*sockets);
            }
            WorkerCmd::Tones { tones, request, .. } => {
                call.play_tones(tones, request, &mut self.bridge);
            }
            WorkerCmd::Mute { muted, .. } => {
                call.mute(muted);
                self.wire(id);
            }
            WorkerCmd::Gain { send, receive, .. } => {
                call.set_gains(send, receive, &mut self.bridge);
            }
            WorkerCmd::UserGain { microphone, loudspeaker, .. } => {
                call.set_user_gains(microphone, loudspeaker);
                self.wire(id);
            }
            WorkerCmd::Play { source, gain, .. } => call.play(source, gain, &mut self.bridge),
            WorkerCmd::StopPlaying { .. } => call.stop_playing(&mut self.bridge),
            WorkerCmd::Listen { ear, .. } => {
                call.listen(ear, &mut self.bridge);
                self.wire(id);
            }
            WorkerCmd::Hold { held, .. } => {
                call.hold(held, &mut self.bridge);
                self.wire(id);
            }
            WorkerCmd::HoldMusic { music, .. } => call.set_music(music, &mut self.bridge),
            WorkerCmd::Record { recording, .. } => call.record(Some(recording)),
            WorkerCmd::StopRecording { .. } => call.record(None),
            WorkerCmd::PauseRecording { paused, .. } => call.pause_recording(paused),
            WorkerCmd::Capture { sink, .. } => call.capture(Some(sink)),
            WorkerCmd::StopCapture { .. } => call.capture(None),
            #[cfg(test)]
            WorkerCmd::Fail { .. } => panic!("as the test wants it"),
            WorkerCmd::Close { .. } => {
                call.read_all(&mut self.slab);
                call.close(now);
                if let Some(mut media) = self.release(id) {
                    media.leave(&mut self.bridge);
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, now: Instant, mut call: Box<CallMedia>) {
        let id = call.id();
        call.set_rhythm(Rhythm::new(self.epoch, now));
        self.calls.push(call);
        self.groups.stale = true;
        self.expected.retain(|expected| *expected != id);
        self.moved.retain(|(moved, _)| *moved != id);
        self.confine(Some(id), |work| {
            if let Some(call) = find(&mut work.calls, id) {
                call.enter(&mut work.bridge);
            }
            work.wire(id);
        });
        let early: Vec<WorkerCmd> =
            self.early.extract_if(.., |command| command.call() == Some(id)).collect();
        for command in early {
            self.handle(command);
        }
    }

    fn release(&mut self, call: CallId) -> Option<Box<CallMedia>> {
        let index = self.calls.iter().position(|media| media.id() == call)?;
        self.groups.stale = true;
        Some(self.calls.swap_remove(index))
    }

    /// Connects a call's bridge ports as the routes and the user's audio say. Ports change with a
    /// new plan, so this runs after each.
    fn wire(&mut self, call: CallId) {
        let Some(media) = find(&mut self.calls, call) else { return };
        let (ports, (hears, speaks)) = (media.ports(), media.connects());
        let microphone = speaks.then(|| media.microphone());
        let loudspeaker = hears.then(|| media.loudspeaker());
        let bridge = &mut self.bridge;
        let wired = self.user.as_ref().map_or(Ok(()), |user| {
            let mut aside = media.tone().into_iter().chain(media.ears());
            aside.try_for_each(|port| user.hear(bridge, port, Some(Gain::UNITY)))?;
            ports.map_or(Ok(()), |ports| {
                user.speak(bridge, ports.send, microphone)?;
                user.hear(bridge, ports.receive, loudspeaker)
            })
        });
        if let Err(error) = wired {
            self.complain(&error);
        }
        if ports.is_none() {
            return;
        }
        self.forget_routes();
        for route in self.routes.clone() {
            if route.from != call && route.to != call {
                continue;
            }
            let ends = [route.from, route.to].map(|id| {
                find(&mut self.calls, id).and_then(|call| Some((call.ports()?, call.connects().1)))
            });
            let [Some((from, from_open)), Some((to, to_open))] = ends else { continue };
            if !from_open || !to_open {
                // One of them is held.
                self.bridge.disconnect(from.receive, to.send);
            } else if let Err(error) = self.bridge.connect(from.receive, to.send, route.gain) {
                self.complain(&error);
            }
        }
    }

    /// Drops the routes of calls that are over. The ends of a new one may still be on their way here.
    fn forget_routes(&mut self) {
        let (calls, expected) = (&self.calls, &self.expected);
        let lives = |id| expected.contains(&id) || calls.iter().any(|call| call.id() == id);
        self.routes.retain(|route| lives(route.from) && lives(route.to));
    }

    fn route(&mut self, from: CallId, to: CallId, gain: Option<Gain>) {
        self.groups.stale = true;
        self.routes.retain(|route| (route.from, route.to) != (from, to));
        match gain {
            Some(gain) => {
                self.routes.push(Route { from, to, gain });
                self.wire(from);
            }
            None => {
                let source = find(&mut self.calls, from).and_then(|call| call.ports());
                let sink = find(&mut self.calls, to).and_then(|call| call.ports());
                if let (Some(source), Some(sink)) = (source, sink) {
                    self.bridge.disconnect(source.receive, sink.send);
                }
            }
        }
    }

    fn attach(&mut self, audio: UserAudio) {
        self.detach();
        self.groups.stale = true;
        let now = Instant::now();
        self.lost = (0, 0);
        // Nobody has kept its time since the last card or file.
        self.pacer.restart(now);
        let port = match audio {
            UserAudio::Card(ends) => UserPort::card(&mut self.bridge, ends),
            UserAudio::Files { microphone, loudspeaker, rate_hz } => {
                UserPort::files(&mut self.bridge, microphone, loudspeaker, rate_hz)
            }
        };
        match port {
            Ok(port) => self.user = Some(port),
            Err(error) => self.complain(&error),
        }
        let ids: Vec<CallId> = self.calls.iter().map(|call| call.id()).collect();
        for id in ids {
            self.wire(id);
        }
    }

    /// Rates that cannot be bridged: the call goes on without that connection.
    fn complain(&self, error: &BridgeError) {
        self.shared.log.log(LogLevel::Error, "media", || error.to_string());
    }

    fn detach(&mut self) {
        if let Some(user) = self.user.take() {
            user.detach(&mut self.bridge);
            self.groups.stale = true;
            self.restart_rhythms(Instant::now());
            let nan = f32::NAN.to_bits();
            self.shared.counters.microphone_db.store(nan, Ordering::Relaxed);
            self.shared.counters.loudspeaker_db.store(nan, Ordering::Relaxed);
        }
    }

    fn stop(&mut self, now: Instant) {
        for call in &mut self.calls {
            call.close(now);
        }
        self.calls.clear();
        self.groups.stale = true;
        self.detach();
        self.stopped = true;
    }
}

fn find(calls: &mut [Box<CallMedia>], id: CallId) -> Option<&mut CallMedia> {
    calls.iter_mut().find(|call| call.id() == id).map(|call| &mut **call)
}

impl WorkerCmd {
    /// The one call that a command is about.
    fn call(&self) -> Option<CallId> {
        match self {
            WorkerCmd::Close { call }
            | WorkerCmd::MigrateOut { call, .. }
            | WorkerCmd::Connect { call, .. }
            | WorkerCmd::Dtmf { call, .. }
            | WorkerCmd::Rebind { call, .. }
            | WorkerCmd::Tones { call, .. }
            | WorkerCmd::Mute { call, .. }
            | WorkerCmd::Gain { call, .. }
            | WorkerCmd::UserGain { call, .. }
            | WorkerCmd::Play { call, .. }
            | WorkerCmd::StopPlaying { call }
            | WorkerCmd::Listen { call, .. }
            | WorkerCmd::Hold { call, .. }
            | WorkerCmd::HoldMusic { call, .. }
            | WorkerCmd::Record { call, .. }
            | WorkerCmd::StopRecording { call }
            | WorkerCmd::PauseRecording { call, .. }
            | WorkerCmd::Capture { call, .. }
            | WorkerCmd::StopCapture { call } => Some(*call),
            #[cfg(test)]
            WorkerCmd::Fail { call } => Some(*call),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "work_tests.rs"]
mod tests;

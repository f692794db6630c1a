//! One case at work: an engine of its own, and sipp.

use std::{
    net::{TcpListener, TcpStream, UdpSocket},
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use sidetone::{
    Engine,
    base::ids::{AccountId, CallId, RequestId},
    engine::{
        CallState, DialOptions, EngineConfig, ErrorKind, EventKind, RegistrationState, SipTimers,
        SipTransport,
    },
};

use super::{
    case::{Case, Role, alice},
    child::{Folder, Running, tail},
    decode::{self, Octets},
};

/// Longest wait for anything; a failure, not a measurement.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long a scenario may take.
const LONGEST: &str = "60";
/// How long one may take with a peer that never does what it waits for.
const LONGEST_WITH_DUMB: &str = "5";

/// The engine's side of a case.
pub struct Scene {
    /// The engine.
    pub engine: Engine,
    /// Its account, alice.
    pub account: AccountId,
    /// Everything that the engine told so far.
    pub events: Vec<EventKind>,
    /// Where sipp can be reached.
    pub sipp_port: u16,
    /// Whether the host must not hear of any call.
    pub quiet: bool,
    /// What has to live as long as the case.
    pub keep: Vec<Box<dyn std::any::Any>>,
    sipp: Sipp,
}

/// Runs a case, and gives the messages that we sent; panics where it fails.
pub fn run(case: &Case) -> Vec<Octets> {
    let engine = start_engine(case);
    let sipp_port = own_port();
    let mut config = alice();
    if case.is_tcp() {
        config.transport = SipTransport::Tcp;
    }
    // A registrar that the case does not name is sipp.
    config.registrar = "sipp".into();
    (case.account)(&mut config);
    let registers = case.scenario.starts_with("reg_");
    config.registrar = match config.registrar.as_str() {
        "sipp" if registers => format!("sip:127.0.0.1:{sipp_port}"),
        "sipp" => String::new(),
        other => other.to_owned(),
    };
    config.outbound_proxy =
        config.outbound_proxy.replace("sipp", &format!("127.0.0.1:{sipp_port}"));
    let target = engine.local_address(SipTransport::Udp).unwrap().to_string();
    let mut sipp = Sipp::new(case, sipp_port, LONGEST);
    if case.role == Role::Calling {
        sipp.listen();
    }
    let account = engine.account_add(config, None).unwrap();
    let mut services = engine.account_services(account).unwrap();
    (case.services)(&mut services);
    engine.account_services_set(account, services).unwrap();
    let (events, keep) = (Vec::new(), Vec::new());
    let mut scene = Scene { engine, account, events, sipp_port, quiet: false, keep, sipp };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        (case.first)(&mut scene);
        if case.role == Role::Called {
            scene.sipp.call(&target);
        }
        (case.host)(&mut scene);
        scene.wait_for_sipp();
        scene.must_be_at_rest();
    }));
    if let Err(panic) = outcome {
        let text = super::text_of(&*panic);
        panic!("{text}\nevents: {:#?}\n{}", scene.events, scene.sipp.story());
    }
    let log = std::fs::read(scene.sipp.folder.path("messages")).unwrap_or_default();
    decode::received(&log)
}

/// Whether a scenario is content with sipp's own simple callee or caller.
pub fn passes_with_a_dumb_peer(case: &Case) -> bool {
    let mut sipp = Sipp::new(case, own_port(), LONGEST_WITH_DUMB);
    let folder = Folder::new("dumb");
    let port = own_port();
    let mut dumb = Command::new("sipp");
    let sipp_address = format!("127.0.0.1:{}", sipp.port);
    match case.role {
        Role::Called => dumb.args(["-sn", "uas"]),
        Role::Calling => dumb.args(["-sn", "uac", &sipp_address, "-m", "1"]),
    };
    dumb.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-mp", &own_port().to_string()]);
    dumb.args(["-s", "alice", "-nostdin", "-timeout", LONGEST_WITH_DUMB]);
    if case.is_tcp() {
        dumb.args(["-t", "t1"]);
    }
    let dumb_target = format!("127.0.0.1:{port}");
    let start = |command| Running::start(command, &folder);
    let _peer = match case.role {
        Role::Calling => {
            sipp.listen();
            start(dumb)
        }
        Role::Called => {
            let peer = start(dumb);
            wait_until_bound(port, case.is_tcp());
            sipp.call(&dumb_target);
            peer
        }
    };
    sipp.ends_content()
}

/// The first of four ports that no other case of this program was given: sipp takes some more beside
/// the one for media.
pub fn own_port() -> u16 {
    // Below those that the system gives to whoever asks for any, and not those of other processes
    // of this test.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id() % 100 * 45 + NEXT.fetch_add(1, Ordering::Relaxed);
        let first = 14_000 + (number % 4_500 * 4) as u16;
        let free = |port| {
            let address = ("127.0.0.1", port);
            UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
        };
        if (first..first + 4).all(free) {
            return first;
        }
    }
}

/// An engine that repeats five times as fast as RFC 3261 has it, to be done sooner.
fn start_engine(case: &Case) -> Engine {
    let timers = SipTimers {
        t1: Duration::from_millis(100),
        t2: Duration::from_millis(800),
        t4: Duration::from_secs(1),
        min_registration: Duration::from_secs(1),
        ..SipTimers::default()
    };
    let mut config =
        EngineConfig { bind: [127, 0, 0, 1].into(), timers, ..EngineConfig::default() };
    (case.engine)(&mut config);
    Engine::new(config).unwrap()
}

/// Waits until a program has bound its SIP port.
fn wait_until_bound(port: u16, tcp: bool) {
    let until = Instant::now() + PATIENCE;
    let bound = || match tcp {
        true => TcpStream::connect(("127.0.0.1", port)).is_ok(),
        false => UdpSocket::bind(("127.0.0.1", port)).is_err(),
    };
    while !bound() {
        assert!(Instant::now() < until, "port {port} was never bound");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The far end.
struct Sipp {
    folder: Folder,
    command: Command,
    running: Option<Running>,
    port: u16,
    tcp: bool,
}

impl Sipp {
    fn new(case: &Case, port: u16, longest: &str) -> Self {
        let folder = Folder::new("matrix");
        let file = format!("{}/tests/sipp/{}.xml", env!("CARGO_MANIFEST_DIR"), case.scenario);
        let mut command = Command::new("sipp");
        command.args(["-sf", &file, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-s", "alice"]);
        command.args(["-p", &port.to_string(), "-mp", &own_port().to_string(), "-nostdin"]);
        command.args(["-timeout", longest, "-timeout_error", "-trace_err", "-trace_msg"]);
        command.arg("-error_file").arg(folder.path("errors"));
        command.arg("-message_file").arg(folder.path("messages"));
        command.args(case.sipp);
        if !case.sipp.contains(&"-m") {
            command.args(["-m", "1"]);
        }
        Self { folder, command, running: None, port, tcp: case.is_tcp() }
    }

    fn listen(&mut self) {
        self.start();
        wait_until_bound(self.port, self.tcp);
    }

    fn call(&mut self, target: &str) {
        self.command.arg(target);
        self.start();
    }

    fn start(&mut self) {
        let command = std::mem::replace(&mut self.command, Command::new("true"));
        self.running = Some(Running::start(command, &self.folder));
    }

    /// Waits for its end; whether all went as the scenario says.
    fn ends_content(&mut self) -> bool {
        let status = self.running.as_mut().and_then(|running| running.wait(PATIENCE * 2));
        status.is_some_and(|status| status.success())
    }

    /// How many of the messages so far that were sent or received have `text` in them.
    fn messages(&self, way: &str, text: &str) -> usize {
        let all = std::fs::read(self.folder.path("messages")).unwrap_or_default();
        let all = String::from_utf8_lossy(&all);
        let messages = all.split("-----------------------------------------------");
        messages.filter(|message| message.contains(way) && message.contains(text)).count()
    }

    fn story(&self) -> String {
        let file = |name| tail(&self.folder.path(name));
        format!("sipp's errors:\n{}\nsipp's messages:\n{}", file("errors"), file("messages"))
    }
}

impl Scene {
    /// Waits for an event that `found` makes something of.
    pub fn wait<T>(&mut self, what: &str, found: impl Fn(&EventKind) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let Some(event) = self.engine.next_event(Some(left)).unwrap() else { continue };
            let value = found(&event.kind);
            self.events.push(event.kind);
            if let Some(value) = value {
                return value;
            }
        }
        panic!("no {what}");
    }

    /// Waits for somebody to call.
    pub fn incoming(&mut self) -> CallId {
        self.wait("incoming call", |event| match event {
            EventKind::IncomingCall { call, .. } => Some(*call),
            _ => None,
        })
    }

    /// Takes the next call and waits until it is connected.
    pub fn answer(&mut self) -> CallId {
        let call = self.incoming();
        self.engine.answer(call, Vec::new(), None).unwrap();
        self.reaches(call, CallState::Connected);
        call
    }

    /// Somebody else calls, and is answered: a call that is up when sipp comes.
    pub fn first_call(&mut self) {
        let bind = [127, 0, 0, 1].into();
        let carol = Engine::new(EngineConfig { bind, ..EngineConfig::default() }).unwrap();
        let uri = format!("sip:alice@{}", self.engine.local_address(SipTransport::Udp).unwrap());
        carol.dial(None, &uri, DialOptions::default(), None).unwrap();
        self.keep.push(Box::new(carol));
        self.answer();
    }

    /// Where sipp is called.
    pub fn uri(&self) -> String {
        format!("sip:sipp@127.0.0.1:{}", self.sipp_port)
    }

    /// Calls sipp.
    pub fn dial(&mut self) -> CallId {
        self.dial_with(DialOptions::default())
    }

    /// Calls sipp.
    pub fn dial_with(&mut self, options: DialOptions) -> CallId {
        self.engine.dial(Some(self.account), &self.uri(), options, None).unwrap()
    }

    /// Waits until a call is in `state`.
    pub fn reaches(&mut self, call: CallId, state: CallState) {
        self.wait(&format!("{state:?}"), |event| match event {
            EventKind::Call { call: id, state: now, .. } if *id == call && *now == state => {
                Some(())
            }
            EventKind::Call { call: id, state: CallState::Ended, code, text, .. }
                if *id == call =>
            {
                panic!("the call ended with {code} {text} before it was {state:?}")
            }
            _ => None,
        });
    }

    /// Waits for the end of a call: its status code, and what went wrong.
    pub fn ended(&mut self, call: CallId) -> (u16, Option<ErrorKind>) {
        self.wait("end of the call", |event| match event {
            EventKind::Call { call: id, state: CallState::Ended, code, error, .. }
                if *id == call =>
            {
                Some((*code, *error))
            }
            _ => None,
        })
    }

    /// Hangs up and waits for the end.
    pub fn hang_up(&mut self, call: CallId) {
        self.engine.hangup(call, None).unwrap();
        self.ended(call);
    }

    /// Lets it ring.
    pub fn ring(&mut self) -> CallId {
        let call = self.incoming();
        self.engine.ring(call, None).unwrap();
        call
    }

    /// Waits until something holds.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < until, "{what} never came");
            self.take_events(Duration::from_millis(5));
        }
    }

    /// How many messages that sipp received have `text` in them.
    pub fn received(&self, text: &str) -> usize {
        self.sipp.messages("message received", text)
    }

    /// How many messages that sipp sent have `text` in them.
    pub fn sent(&self, text: &str) -> usize {
        self.sipp.messages("message sent", text)
    }

    /// Lets time pass.
    pub fn rest(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            self.take_events(left);
        }
    }

    /// Waits until the registration is in `state`.
    pub fn registration(&mut self, state: RegistrationState) {
        self.wait(&format!("{state:?}"), |event| match event {
            EventKind::Registration { state: now, .. } => (*now == state).then_some(()),
            _ => None,
        });
    }

    /// Waits for the reply to a command, and gives what went wrong.
    pub fn reply(&mut self, request: RequestId) -> Option<ErrorKind> {
        self.wait("reply", |event| match event {
            EventKind::Reply { request: number, error, .. } if *number == request => Some(*error),
            _ => None,
        })
    }

    /// Waits for sipp to end, which must be content.
    pub fn wait_for_sipp(&mut self) {
        assert!(self.sipp.ends_content(), "sipp is not content");
    }

    /// Takes all events, and waits so long for more.
    fn take_events(&mut self, longest: Duration) {
        let mut longest = longest;
        while let Some(event) = self.engine.next_event(Some(longest)).unwrap() {
            self.events.push(event.kind);
            longest = Duration::ZERO;
        }
    }

    /// Nothing is left over: every call has ended, and the engine works.
    fn must_be_at_rest(&mut self) {
        self.until("the end of every call", |scene| scene.engine.stats().calls == 0);
        self.take_events(Duration::ZERO);
        let calls = |event: &EventKind| matches!(event, EventKind::IncomingCall { .. });
        assert!(!self.quiet || !self.events.iter().any(calls), "the host heard of a call");
        let faulted = self.events.iter().any(|event| matches!(event, EventKind::Faulted { .. }));
        assert!(!faulted, "the engine has a fault");
    }
}

//! The phone under measurement as caller, in a process of its own: `sidetone-bench dialler`.

use std::{
    collections::HashSet,
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};
use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    engine::{
        AccountConfig, CallState, DialOptions, EngineConfig, Error, EventKind, SipTransport,
        SrtpPolicy,
    },
};

use crate::report;

/// How long calls that are under way may take after the last one began.
const PATIENCE: Duration = Duration::from_secs(40);

/// Places calls and hangs each up as soon as it is answered.
#[derive(Debug, Args)]
pub struct Dialler {
    /// Whom to call
    #[arg(long)]
    target: SocketAddr,
    /// Calls a second
    #[arg(long)]
    cps: u32,
    /// Calls in all
    #[arg(long)]
    calls: u32,
}

impl Dialler {
    /// Says that it is ready, waits for a line, works, tells what came of it, waits for the end of
    /// stdin.
    pub fn run(self) -> Result<(), Error> {
        let engine = Engine::new(EngineConfig {
            bind: [127, 0, 0, 1].into(),
            max_calls: 10_000,
            ..EngineConfig::default()
        })?;
        let account = engine.account_add(
            AccountConfig {
                aor: "sip:bench@127.0.0.1".into(),
                codecs: vec![CodecKind::Pcmu],
                srtp: SrtpPolicy::Off,
                transport: SipTransport::Udp,
                ..AccountConfig::default()
            },
            None,
        )?;
        println!("{}", json!({"ready": true}));
        let mut lines = io::stdin().lock().lines();
        lines.next();
        let mut work = Work::default();
        let uri = format!("sip:sipp@{}", self.target);
        let began = Instant::now();
        for number in 0..self.calls {
            let due = began + Duration::from_secs(1) * number / self.cps.max(1);
            while let Some(left) = due.checked_duration_since(Instant::now()) {
                work.follow(&engine, left)?;
            }
            match engine.dial(Some(account), &uri, DialOptions::default(), None) {
                Ok(call) => _ = work.open.insert(call),
                Err(_) => work.failed += 1,
            }
        }
        let until = Instant::now() + PATIENCE;
        while let Some(left) = until.checked_duration_since(Instant::now())
            && !work.open.is_empty()
        {
            work.follow(&engine, left)?;
        }
        let failed = work.failed + work.open.len() as u64;
        let setup = report::summary(&work.setup_ms);
        println!("{}", json!({"failed": failed, "invite_to_200_ms": setup}));
        for _ in lines {}
        Ok(())
    }
}

/// The calls so far.
#[derive(Default)]
struct Work {
    open: HashSet<CallId>,
    setup_ms: Vec<f64>,
    failed: u64,
}

impl Work {
    /// Takes the next event, waiting for it at most so long.
    fn follow(&mut self, engine: &Engine, longest: Duration) -> Result<(), Error> {
        let Some(event) = engine.next_event(Some(longest))? else { return Ok(()) };
        match event.kind {
            EventKind::Call { call, state: CallState::Connected, .. } => {
                let info = engine.call_info(call)?;
                self.setup_ms.push(info.setup_time.as_secs_f64() * 1000.0);
                engine.hangup(call, None)?;
            }
            EventKind::Call { call, state: CallState::Ended, error, .. } => {
                self.open.remove(&call);
                self.failed += u64::from(error.is_some());
            }
            _ => {}
        }
        Ok(())
    }
}

/// The process of a [`Dialler`], as seen from outside; ended with its handle.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts it, and waits until it is ready.
    pub fn start(target: SocketAddr, cps: u32, calls: u32) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["dialler", "--target", &target.to_string()]);
        command.args(["--cps", &cps.to_string(), "--calls", &calls.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut process = Self { child, stdin, lines: BufReader::new(stdout).lines() };
        process.line()?;
        Ok(process)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Lets it work, and gives what it tells.
    pub fn run(&mut self) -> io::Result<Value> {
        if let Some(stdin) = &mut self.stdin {
            writeln!(stdin, "go")?;
        }
        self.line()
    }

    fn line(&mut self) -> io::Result<Value> {
        let line = self.lines.next().transpose()?;
        line.and_then(|line| serde_json::from_str(&line).ok())
            .ok_or_else(|| io::Error::other("the dialler ended early"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! `sidetone-phone answer`.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::json;
use sidetone::{
    Engine,
    base::ids::CallId,
    engine::{CallState, Error, ErrorKind, EventKind, SipTransport},
};

use crate::{
    options::{AudioOptions, LineOptions, gain, seconds},
    output::Output,
    phone::{self, Phone},
    prompt::{Console, Desk},
};

/// Waits for calls and answers them.
#[derive(Debug, Args)]
#[command(after_help = "\
A far end that asks us to call somebody else (a transfer) is declined at once, unless somebody can
allow it at a terminal.

The files of --record and --pcap are the first call's; those of the second are call-2.wav, and so on.

Examples:
  sidetone-phone answer --account sip:alice:secret@example.com
  sidetone-phone answer --sip-port 5060 --from-wav welcome.wav --record call.wav --count 1
  sidetone-phone answer --device none --echo --gain -3
  sidetone-phone answer --reject 486")]
pub struct Answer {
    #[command(flatten)]
    line: LineOptions,
    #[command(flatten)]
    audio: AudioOptions,
    /// Stop after this many calls
    #[arg(long)]
    count: Option<u32>,
    /// Ring this long before answering, seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    ring: Duration,
    /// Hang up this long after the answer, seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
    /// Refuse every call with this code, 300 to 699
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u16).range(300..700))]
    reject: Option<u16>,
    /// Send back what is heard
    #[arg(long)]
    echo: bool,
    /// Gain of what is sent back, -96 to 24 dB
    #[arg(long, value_name = "DB", value_parser = gain, default_value = "0", requires = "echo",
        allow_negative_numbers = true)]
    gain: f32,
}

/// How long a call rings that is dialled meanwhile.
const NO_ANSWER: Duration = Duration::from_secs(60);

impl Answer {
    /// Runs until `--count` calls are over or the user stops it.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        self.audio.check()?;
        let engine = phone::start(self.line.engine_config(self.audio.policy()), output)?;
        let mut accounts = Vec::new();
        for config in self.line.accounts()? {
            accounts.push(engine.account_add(config, None)?);
        }
        let address = engine.local_address(SipTransport::Udp)?;
        output.say(
            &format!("waiting for calls on {address}, Ctrl-C ends"),
            json!({"event": "listening", "address": address.to_string()}),
        );
        let desk = Desk::new(&engine, output, accounts, NO_ANSWER)
            .that_is_homeless(self.line.is_homeless())
            .that_answers();
        let console = Console::typed(output, desk);
        let mut phone = Phone::new(&engine, output, Some(self.audio.clone()), console);
        let mut over = 0;
        let mut incoming: HashSet<CallId> = HashSet::new();
        let mut answer_at: HashMap<CallId, Instant> = HashMap::new();
        let mut end_at: HashMap<CallId, Instant> = HashMap::new();
        while !phone.stopping() && self.count.is_none_or(|count| over < count) {
            if let Some(event) = phone.turn()? {
                match event.kind {
                    EventKind::IncomingCall { call, .. } => {
                        incoming.insert(call);
                        match self.reject {
                            // A caller that is gone by now shows by its end event.
                            Some(code) => drop(engine.reject(call, code, "", None)),
                            None => {
                                if !self.ring.is_zero() {
                                    drop(engine.ring(call, None));
                                }
                                answer_at.insert(call, Instant::now() + self.ring);
                            }
                        }
                    }
                    EventKind::Call { call, state: CallState::Connected, .. }
                        if incoming.contains(&call) =>
                    {
                        if let Some(duration) = self.duration {
                            end_at.insert(call, Instant::now() + duration);
                        }
                        if self.echo {
                            echo(&engine, call, self.gain, output);
                        }
                    }
                    EventKind::Call { call, state: CallState::Ended, .. } => {
                        over += u32::from(incoming.remove(&call));
                        answer_at.remove(&call);
                        end_at.remove(&call);
                    }
                    EventKind::Faulted { .. } | EventKind::Stopped => return Ok(false),
                    _ => {}
                }
            }
            due(&mut answer_at, |call| drop(engine.answer(call, Vec::new(), None)));
            due(&mut end_at, |call| drop(engine.hangup(call, None)));
        }
        phone.hang_up_all()?;
        engine.shutdown(Duration::from_secs(2));
        Ok(true)
    }
}

/// Lets the far end hear itself. A call that is gone by now shows by its end event.
fn echo(engine: &Engine, call: CallId, gain_db: f32, output: &Output) {
    match engine.route(call, call, Some(gain_db), None) {
        Err(error) if error.kind != ErrorKind::StaleId => output.error(&error.message),
        _ => {}
    }
}

/// Does `act` with each call whose time has come, once.
fn due(times: &mut HashMap<CallId, Instant>, act: impl Fn(CallId)) {
    let now = Instant::now();
    times.retain(|call, at| {
        if *at <= now {
            act(*call);
        }
        *at > now
    });
}

//! `sidetone-phone dial`.

use std::time::{Duration, Instant};

use clap::Args;
use sidetone::engine::{CallState, DialOptions, Error, EventKind};

use crate::{
    options::{AudioOptions, LineOptions, digits, seconds},
    output::Output,
    phone::{self, Phone},
    prompt::{Console, Desk},
};

/// Calls a URI and talks until either end hangs up.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-phone dial sip:alice@192.0.2.7
  sidetone-phone dial --account sip:bob:secret@example.com 4711 --codec opus --srtp mandatory
  sidetone-phone dial sip:echo@192.0.2.7 --from-wav hello.wav --to-wav heard.wav --for 10")]
pub struct Dial {
    /// sip:user@host, user@host, or a number at the account's domain
    uri: String,
    #[command(flatten)]
    line: LineOptions,
    #[command(flatten)]
    audio: AudioOptions,
    /// Hang up this long after the answer, seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
    /// Give up when nobody answers within this time, seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    no_answer: Duration,
    /// Digits to send after the answer; a comma waits two seconds
    #[arg(long, value_name = "DIGITS", value_parser = digits)]
    dtmf: Option<String>,
    /// Header of the INVITE, `Name: value`; may be given more than once
    #[arg(long, value_name = "HEADER", value_parser = header)]
    header: Vec<(String, String)>,
}

impl Dial {
    /// Runs the command; `true` when the call was answered and ended in order.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        self.audio.check()?;
        let engine = phone::start(self.line.engine_config(self.audio.policy()), output)?;
        let mut accounts = Vec::new();
        for config in self.line.accounts()? {
            accounts.push(engine.account_add(config, None)?);
        }
        let homeless = self.line.is_homeless();
        let desk = Desk::new(&engine, output, accounts, self.no_answer).that_is_homeless(homeless);
        let account = desk.account_for(&self.uri);
        let console = Console::typed(output, desk);
        let mut phone = Phone::new(&engine, output, Some(self.audio), console);
        let options = DialOptions {
            headers: self.header,
            no_answer: Some(self.no_answer),
            ..DialOptions::default()
        };
        let call = engine.dial(account, &self.uri, options, None)?;
        phone.console().desk().dialled(call, self.uri);

        let mut answered = false;
        let mut end_at: Option<Instant> = None;
        let mut hung_up = false;
        let mut outcome = None;
        // Who types may have begun other calls, which go on.
        while outcome.is_none() || phone.has_more_to_do() {
            let event = phone.turn()?;
            match event.map(|event| event.kind) {
                Some(EventKind::Call { call: id, state, code, text, error, .. }) if id == call => {
                    match state {
                        CallState::Connected => {
                            answered = true;
                            end_at = self.duration.map(|d| Instant::now() + d);
                            if let Some(digits) = &self.dtmf {
                                engine.dtmf(call, digits, 0, None)?;
                            }
                        }
                        CallState::Ended => {
                            let failed = error.filter(|_| !hung_up);
                            let patience = Some(self.no_answer);
                            outcome = Some(failed.map_or(Ok(answered), |error| {
                                Err(phone::refused(code, &text, Some(error), patience))
                            }));
                        }
                        _ => {}
                    }
                }
                Some(EventKind::Faulted { .. } | EventKind::Stopped) => return Ok(false),
                _ => {}
            }
            let over = end_at.is_some_and(|at| Instant::now() >= at);
            if (over || phone.stopping()) && !hung_up && outcome.is_none() {
                hung_up = true;
                engine.hangup(call, None)?;
            }
        }
        engine.shutdown(Duration::from_secs(2));
        outcome.unwrap_or(Ok(answered))
    }
}

/// `Name: value` into its halves.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| format!("`{text}` is not `Name: value`"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

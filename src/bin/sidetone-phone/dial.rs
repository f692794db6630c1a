//! `sidetone-phone dial`.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use sidetone::engine::{CallState, DialOptions, Error, EventKind};

use crate::{
    options::{AudioOptions, LineOptions, digits, seconds},
    output::Output,
    phone::{self, Phone},
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
        let mut account = None;
        for config in self.line.accounts()? {
            let id = engine.account_add(config, None)?;
            account = account.or(Some(id));
        }
        let account = account.filter(|_| self.line.has_domain_for(&self.uri));
        let mut phone = Phone::new(&engine, output, Some(self.audio));
        let options = DialOptions {
            headers: self.header,
            no_answer: Some(self.no_answer),
            ..DialOptions::default()
        };
        let call = engine.dial(account, &self.uri, options, None)?;
        output.say(&format!("calling {}", self.uri), json!({"event": "dialing", "uri": self.uri}));

        let mut answered = false;
        let mut end_at: Option<Instant> = None;
        let mut hung_up = false;
        loop {
            if let Some(event) = phone.turn()? {
                match event.kind {
                    EventKind::Call { call: id, state: CallState::Connected, .. } if id == call => {
                        answered = true;
                        end_at = self.duration.map(|d| Instant::now() + d);
                        if let Some(digits) = &self.dtmf {
                            engine.dtmf(call, digits, 0, None)?;
                        }
                    }
                    EventKind::Call {
                        call: id,
                        state: CallState::Ended,
                        code,
                        text,
                        error,
                        ..
                    } if id == call => {
                        engine.shutdown(Duration::from_secs(2));
                        return match error {
                            Some(_) if !hung_up => {
                                let patience = Some(self.no_answer);
                                Err(phone::refused(code, &text, error, patience))
                            }
                            _ => Ok(answered),
                        };
                    }
                    EventKind::Faulted { .. } | EventKind::Stopped => return Ok(false),
                    _ => {}
                }
            }
            let over = end_at.is_some_and(|at| Instant::now() >= at);
            if (over || phone.stopping()) && !hung_up {
                hung_up = true;
                engine.hangup(call, None)?;
            }
        }
    }
}

/// `Name: value` into its halves.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| format!("`{text}` is not `Name: value`"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

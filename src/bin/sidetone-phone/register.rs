//! `sidetone-phone register`.

use std::time::{Duration, Instant};

use clap::Args;
use sidetone::{
    Engine,
    base::ids::AccountId,
    engine::{AudioPolicy, Error, ErrorKind, RegistrationState},
};

use crate::{
    options::{PlaceOptions, seconds},
    output::Output,
    phone::{self, Phone},
    prompt::{Console, Desk},
};

/// How long a call rings that is dialled meanwhile.
const NO_ANSWER: Duration = Duration::from_secs(60);

/// Registers accounts and shows how they fare.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sidetone-phone register --account sip:alice:secret@example.com --for 0
  sidetone-phone register -a sip:alice:secret@example.com -a 'sip:bob:pw@192.0.2.1;transport=tcp'
  sidetone-phone register --account sip:alice:secret@pbx.example --transport tls --ca-file pbx.pem")]
pub struct Register {
    #[command(flatten)]
    place: PlaceOptions,
    /// Stay registered this long, seconds; without it until Ctrl-C
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
    /// Give up when an account is not registered within this time, seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "40")]
    timeout: Duration,
}

impl Register {
    /// Runs the command; `true` when every account was registered.
    pub fn run(self, output: &Output) -> Result<bool, Error> {
        if self.place.account.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "give at least one --account sip:user:password@host",
            ));
        }
        let engine = phone::start(self.place.engine_config(AudioPolicy::Headless), output)?;
        let mut accounts = Vec::new();
        for config in self.place.accounts()? {
            accounts.push(engine.account_add(config, None)?);
        }
        let desk = Desk::new(&engine, output, accounts.clone(), NO_ANSWER);
        let mut phone = Phone::new(&engine, output, None, Console::typed(output, desk));
        let give_up = Instant::now() + self.timeout;
        let mut all_since: Option<Instant> = None;
        let mut failure = None;
        while !phone.stopping() && failure.is_none() {
            phone.turn()?;
            let mut registered = 0;
            for account in &accounts {
                match engine.account_info(*account)?.state {
                    RegistrationState::Registered => registered += 1,
                    RegistrationState::Failed => {
                        let text = not_registered(&engine, &accounts);
                        failure = Some(Error::new(ErrorKind::Authentication, text));
                    }
                    _ => {}
                }
            }
            if registered == accounts.len() {
                let since = *all_since.get_or_insert_with(Instant::now);
                if self.duration.is_some_and(|d| since.elapsed() >= d) {
                    break;
                }
            } else if all_since.is_none() && Instant::now() > give_up {
                let (seconds, who) = (self.timeout.as_secs(), not_registered(&engine, &accounts));
                let text = format!("{who} within {seconds} s (--timeout)");
                failure = Some(Error::new(ErrorKind::Timeout, text));
            }
        }
        engine.shutdown(Duration::from_secs(2));
        failure.map_or(Ok(all_since.is_some()), Err)
    }
}

/// Which accounts are not registered, and what their registrars said last.
fn not_registered(engine: &Engine, accounts: &[AccountId]) -> String {
    let missing: Vec<String> = accounts
        .iter()
        .filter_map(|account| engine.account_info(*account).ok())
        .filter(|info| info.state != RegistrationState::Registered)
        .map(|info| match info.code {
            0 => format!("{} (no response)", info.aor),
            code => format!("{} (last response {code})", info.aor),
        })
        .collect();
    format!("not registered: {}", missing.join(", "))
}

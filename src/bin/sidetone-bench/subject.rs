//! The phone under measurement, in a process of its own: `sidetone-bench subject`.
//!
//! It answers every call and sends back what it hears, at a gain; or joins all calls, each of which
//! then hears the others. It waits for events and for nothing else, so that its wake-ups are the
//! engine's. One line on stdin asks for its numbers.

use std::{
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use clap::Args;
use serde_json::json;
use sidetone::{
    Engine,
    base::{ids::CallId, plan::CodecKind},
    call::auto_answer::AutoAnswer,
    engine::{
        AccountConfig, AccountServices, CallState, CallStats, EngineConfig, Error, EventKind,
        RegistrationState, SipTransport, SrtpPolicy,
    },
};

/// Answers every call and sends back what it hears.
#[derive(Debug, Args)]
pub struct Subject {
    /// Codec
    #[arg(long, value_parser = crate::codec, default_value = "pcmu")]
    codec: CodecKind,
    /// Calls to make room for
    #[arg(long, default_value_t = 64)]
    calls: u32,
    /// SRTP or no call
    #[arg(long)]
    srtp: bool,
    /// Gain of what is sent back, dB
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    gain: f32,
    /// Let every call hear all others, and not itself
    #[arg(long)]
    conference: bool,
    /// Registrar as sip:user:password@host:port
    #[arg(long)]
    register: Option<String>,
}

impl Subject {
    /// Runs until stdin ends.
    pub fn run(self) -> Result<(), Error> {
        let engine = Arc::new(Engine::new(EngineConfig {
            bind: [127, 0, 0, 1].into(),
            max_calls: self.calls.max(1),
            ..EngineConfig::default()
        })?);
        let account = engine.account_add(self.account(), None)?;
        // As other phones do that answer everything: by themselves.
        let auto_answer = AutoAnswer { always: true, ..AutoAnswer::default() };
        let services = AccountServices { auto_answer, ..AccountServices::default() };
        engine.account_services_set(account, services)?;
        let address = engine.local_address(SipTransport::Udp)?;
        println!("{}", json!({"address": address.to_string()}));

        let asked = Arc::new(AtomicU32::new(0));
        let over = Arc::new(AtomicBool::new(false));
        let reader = (engine.clone(), asked.clone(), over.clone());
        std::thread::spawn(move || {
            let (engine, asked, over) = reader;
            for line in std::io::stdin().lock().lines() {
                if line.is_err() {
                    break;
                }
                asked.fetch_add(1, Ordering::Release);
                engine.wake();
            }
            over.store(true, Ordering::Release);
            engine.wake();
        });
        while !over.load(Ordering::Acquire) {
            if let Some(event) = engine.next_event(None)? {
                self.follow(&engine, event.kind)?;
            }
            for _ in 0..asked.swap(0, Ordering::AcqRel) {
                numbers(&engine);
            }
        }
        engine.shutdown(Duration::from_secs(2));
        Ok(())
    }

    fn account(&self) -> AccountConfig {
        let srtp = if self.srtp { SrtpPolicy::Mandatory } else { SrtpPolicy::Off };
        let mut account = AccountConfig {
            aor: "sip:bench@127.0.0.1".into(),
            codecs: vec![self.codec],
            srtp,
            ..AccountConfig::default()
        };
        let split = |text: &str| {
            let (user, host) = text.strip_prefix("sip:")?.rsplit_once('@')?;
            let (user, password) = user.split_once(':')?;
            Some((user.to_owned(), password.to_owned(), host.to_owned()))
        };
        if let Some((user, password, host)) = self.register.as_deref().and_then(split) {
            account.aor = format!("sip:{user}@{host}");
            account.registrar = format!("sip:{host}");
            account.password = password;
        }
        account
    }

    fn follow(&self, engine: &Engine, event: EventKind) -> Result<(), Error> {
        match event {
            EventKind::Call { call, state: CallState::Connected, .. } => self.route(engine, call),
            EventKind::Registration { state: RegistrationState::Registered, .. } => {
                println!("{}", json!({"registered": true}));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Lets a new call hear what it is to hear.
    fn route(&self, engine: &Engine, call: CallId) -> Result<(), Error> {
        if !self.conference {
            return engine.route(call, call, Some(self.gain), None);
        }
        for other in engine.calls().into_iter().filter(|other| *other != call) {
            engine.route(call, other, Some(self.gain), None)?;
            engine.route(other, call, Some(self.gain), None)?;
        }
        Ok(())
    }
}

fn numbers(engine: &Engine) {
    let stats = engine.stats();
    let calls: Vec<_> =
        engine.calls().into_iter().filter_map(|call| engine.call_stats(call).ok()).collect();
    let lost: u64 = calls.iter().filter_map(|c| c.packets_lost).sum();
    let sum = |of: fn(&CallStats) -> u64| -> u64 { calls.iter().map(of).sum() };
    let mean = |of: fn(&CallStats) -> Option<f32>| {
        let values: Vec<f32> = calls.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f32>() / values.len() as f32)
    };
    println!(
        "{}",
        json!({
            "calls": stats.calls,
            "ticks": stats.ticks,
            "late_ticks": stats.late_ticks,
            "received_packets": sum(|c| c.packets_received),
            "lost_packets": lost,
            "late_packets": sum(|c| c.packets_late),
            "duplicate_packets": sum(|c| c.packets_duplicate),
            "discarded_packets": sum(|c| c.packets_discarded),
            "played_ms": sum(|c| c.played_ms),
            "concealed_ms": sum(|c| c.concealed_ms),
            "accelerated_ms": sum(|c| c.accelerated_ms),
            "stretched_ms": sum(|c| c.stretched_ms),
            "jitter_ms": mean(|c| c.jitter_ms),
            "target_delay_ms": mean(|c| c.target_delay_ms),
            "playout_delay_ms": mean(|c| c.playout_delay_ms),
        })
    );
}

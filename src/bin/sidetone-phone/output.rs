//! What the program says: text for people or JSON lines on stdout, troubles and the trace on stderr.

use std::{io::Write, sync::Arc};

use serde_json::{Value, json};
use sidetone::{
    Engine,
    base::ids::CallId,
    engine::{
        CallInfo, CallState, CallStats, DeviceState, Event, EventKind, LogLevel, LogSink,
        TransferState,
    },
};

/// Says things the way that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    verbose: u8,
}

impl Output {
    /// Text, or JSON lines; `verbose` is how often `-v` was given.
    pub fn new(json: bool, verbose: u8) -> Self {
        Self { json, verbose }
    }

    /// Whether JSON was asked for.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Whether the trace is shown, so that a live line would be torn apart by it.
    pub fn traces(&self) -> bool {
        self.verbose > 0
    }

    /// One fact: `text` for people, or `value`.
    pub fn say(&self, text: &str, value: Value) {
        let mut out = std::io::stdout().lock();
        // A closed pipe is the reader's wish to hear no more, not a fault of ours.
        let _ = if self.json { writeln!(out, "{value}") } else { writeln!(out, "{text}") };
        let _ = out.flush();
    }

    /// Something went wrong.
    pub fn error(&self, text: &str) {
        if self.json {
            self.say("", json!({"event": "error", "text": text}));
        }
        eprintln!("sidetone-phone: {text}");
    }

    /// Sends the engine's log to stderr, as far as `-v` asks.
    pub fn attach_log(&self, engine: &Engine, name: &'static str) {
        if self.verbose == 0 {
            return;
        }
        let everything = self.verbose > 1;
        let sink: LogSink = Arc::new(move |line| {
            if !everything && line.level == LogLevel::Trace && line.module != "sip.trace" {
                return;
            }
            let tag = if name.is_empty() { String::new() } else { format!("{name} ") };
            eprintln!("{tag}{:?} {}: {}", line.level, line.module, line.text.trim_end());
        });
        engine.set_log(LogLevel::Trace, Some(sink));
    }
}

/// A call that was begun here.
pub fn dialing_json(call: CallId, uri: &str) -> Value {
    json!({"event": "dialing", "call": id(call.raw()), "uri": uri})
}

/// An event as one JSON object.
pub fn event_json(event: &Event) -> Value {
    let mut value = match &event.kind {
        EventKind::Registration { account, state, code, text, expires, target } => json!({
            "event": "registration", "account": id(account.raw()), "state": lower(state),
            "code": code, "text": text, "expires_s": expires.as_secs(), "target": target}),
        EventKind::IncomingCall { call, account, from, display_name, to } => json!({
            "event": "incoming_call", "call": id(call.raw()),
            "account": account.map(|a| id(a.raw())),
            "from": from, "display_name": display_name, "to": to}),
        EventKind::Call { call, state, code, text, error, reason, cause } => json!({
            "event": "call", "call": id(call.raw()), "state": state_name(*state), "code": code,
            "text": text, "error": error.map(|e| format!("{e:?}")),
            "reason": reason.map(|r| format!("{r:?}")),
            "q850_cause": cause.as_ref().map(|c| c.q850), "why": cause.as_ref().map(|c| &c.text)}),
        EventKind::Media { call, codec, srtp } => json!({
            "event": "media", "call": id(call.raw()), "codec": codec.name(),
            "srtp": srtp.map(|s| s.name())}),
        EventKind::Dtmf { call, digit, duration } => json!({
            "event": "dtmf", "call": id(call.raw()), "digit": digit.to_string(),
            "duration_ms": duration.as_millis() as u64}),
        EventKind::Hold { call, local, remote } => json!({
            "event": "hold", "call": id(call.raw()), "local": local, "remote": remote}),
        EventKind::PlayFinished { call, error } => json!({
            "event": "play_finished", "call": id(call.raw()),
            "error": error.map(|e| format!("{e:?}"))}),
        EventKind::RecordPaused { call, paused, at } => json!({
            "event": "record_paused", "call": id(call.raw()), "paused": paused,
            "at_ms": at.as_millis() as u64}),
        EventKind::RecordFinished { call, path, dropped, error, text } => json!({
            "event": "record_finished", "call": id(call.raw()), "path": path, "text": text,
            "dropped": dropped, "error": error.map(|e| format!("{e:?}"))}),
        EventKind::MediaTimeout { call, silent } => json!({
            "event": "media_timeout", "call": id(call.raw()), "silent": silent}),
        EventKind::Device { state, loudspeaker, microphone, text } => json!({
            "event": "device", "state": lower(state), "loudspeaker": loudspeaker,
            "microphone": microphone, "text": text}),
        EventKind::Transfer { call, state, code, text } => transfer_json(*call, state, *code, text),
        EventKind::Replaced { call, uri, display_name } => json!({
            "event": "replaced", "call": id(call.raw()), "uri": uri, "display_name": display_name}),
        EventKind::Redirected { call, target, asked } => json!({
            "event": "redirected", "call": id(call.raw()), "target": target, "asked": asked}),
        EventKind::CallsLimited { account, limit } => json!({
            "event": "calls_limited", "account": account.map(|a| id(a.raw())), "limit": limit}),
        EventKind::Reply { request, error, text, code, .. } => json!({
            "event": "reply", "request": id(request.0), "code": code, "text": text,
            "error": error.map(|e| format!("{e:?}"))}),
        EventKind::EventsLost { count } => json!({"event": "events_lost", "count": count}),
        EventKind::Faulted { text } => json!({"event": "faulted", "text": text}),
        EventKind::Stopped => json!({"event": "stopped"}),
        other => around_json(other),
    };
    value["time_ms"] = json!(event.time.as_millis() as u64);
    value
}

/// What comes beside the calls.
fn around_json(kind: &EventKind) -> Value {
    match kind {
        EventKind::Message { account, call, from, display_name, to, content } => json!({
            "event": "message", "account": account.map(|a| id(a.raw())),
            "call": call.map(|c| id(c.raw())), "from": from, "display_name": display_name,
            "to": to, "content_type": content.content_type, "text": content.text()}),
        EventKind::Request { transaction, account, call, method, from, to, content } => json!({
            "event": "request", "transaction": id(transaction.raw()),
            "account": account.map(|a| id(a.raw())), "call": call.map(|c| id(c.raw())),
            "method": method, "from": from, "to": to, "content_type": content.content_type,
            "text": content.text()}),
        EventKind::Subscription { subscription, state, code, text, expires } => json!({
            "event": "subscription", "subscription": id(subscription.raw()),
            "state": lower(state), "code": code, "text": text, "expires_s": expires.as_secs()}),
        EventKind::Publication { publication, state, code, text, expires } => json!({
            "event": "publication", "publication": id(publication.raw()),
            "state": lower(state), "code": code, "text": text, "expires_s": expires.as_secs()}),
        EventKind::Notify { subscription, account, content, .. } => json!({
            "event": "notify", "subscription": subscription.map(|s| id(s.raw())),
            "account": account.map(|a| id(a.raw())), "content_type": content.content_type,
            "text": content.text()}),
        // Of a library newer than this program.
        other => json!({"event": "other", "text": format!("{other:?}")}),
    }
}

/// An id as text: its 64 bits are more than the numbers of many readers of JSON hold.
fn id(raw: u64) -> String {
    raw.to_string()
}

fn transfer_json(call: CallId, state: &TransferState, code: u16, text: &str) -> Value {
    let mut value = json!({
    "event": "transfer", "call": id(call.raw()), "code": code, "text": text,
    "state": match state {
        TransferState::Asked { .. } => "asked",
        TransferState::Progress => "progress",
        TransferState::Done => "done",
        TransferState::Failed => "failed",
    }});
    if let TransferState::Asked { target, referred_by, attended, decide } = state {
        value["target"] = json!(target);
        value["referred_by"] = json!(referred_by);
        value["attended"] = json!(attended);
        value["decide"] = json!(decide);
    }
    value
}

/// An event as a line for people; `None` where the status line says it better.
pub fn event_text(event: &Event) -> Option<String> {
    Some(match &event.kind {
        EventKind::Registration { state, code, text, expires, .. } => {
            let granted = if expires.is_zero() {
                String::new()
            } else {
                format!(" for {} s", expires.as_secs())
            };
            format!("registration: {}{granted}{}", lower(state), because(*code, text))
        }
        EventKind::IncomingCall { from, display_name, to, .. } => {
            let name =
                if display_name.is_empty() { String::new() } else { format!("{display_name} ") };
            format!("call from {name}{from} to {to}")
        }
        EventKind::Call { state: CallState::New | CallState::Dialing, .. } => return None,
        EventKind::Call { state, code, text, .. } => {
            format!("{}{}", state_name(*state), because(*code, text))
        }
        EventKind::Media { codec, srtp, .. } => match srtp {
            Some(suite) => format!("media: {}, encrypted with {}", codec.name(), suite.name()),
            None => format!("media: {}, NOT encrypted", codec.name()),
        },
        EventKind::Dtmf { digit, duration, .. } => {
            format!("digit {digit} ({} ms)", duration.as_millis())
        }
        EventKind::PlayFinished { error: Some(error), .. } => format!("playing failed: {error:?}"),
        EventKind::RecordFinished { path, error, text, .. } => match error {
            None => format!("recorded to {path}"),
            Some(_) => format!("recording to {path} ended: {text}"),
        },
        EventKind::MediaTimeout { silent, .. } => match silent {
            true => "nothing is heard from the far end".into(),
            false => "the far end is heard again".into(),
        },
        EventKind::Device { state: DeviceState::Lost | DeviceState::Failed, text, .. } => {
            format!("no sound: {text}")
        }
        EventKind::Device { state, loudspeaker, text, .. } => {
            let name =
                if loudspeaker.is_empty() { String::new() } else { format!(": {loudspeaker}") };
            format!("sound card {}{name}{}", lower(state), because(0, text))
        }
        EventKind::Reply { error: Some(error), text, .. } => match text.as_str() {
            "" => format!("a command failed: {error:?}"),
            text => format!("a command failed: {text}"),
        },
        EventKind::EventsLost { count } => format!("{count} events were lost"),
        EventKind::Faulted { text } => format!("the engine has a fault: {text}"),
        _ => return None,
    })
}

/// How a call went, as JSON: the last look at its info and statistics.
pub fn call_json(call: CallId, info: &CallInfo, stats: &CallStats) -> Value {
    json!({
        "event": "summary",
        "call": id(call.raw()),
        "remote_uri": info.remote_uri,
        "code": info.code,
        "codec": info.codec.map(|c| c.name()),
        "srtp": info.srtp.map(|s| s.name()),
        "connected_ms": info.connected_for.as_millis() as u64,
        "setup_ms": info.setup_time.as_secs_f64() * 1000.0,
        "packets_sent": stats.packets_sent,
        "packets_received": stats.packets_received,
        "packets_lost": stats.packets_lost,
        "packets_late": stats.packets_late,
        "srtp_failures": stats.srtp_failures,
        "jitter_ms": stats.jitter_ms,
        "round_trip_ms": stats.round_trip_ms,
        "concealed": stats.concealed,
        "mos": stats.mos,
    })
}

/// A state's word for people and for JSON.
pub fn state_name(state: CallState) -> &'static str {
    match state {
        CallState::New => "new",
        CallState::Dialing => "dialing",
        CallState::Incoming => "incoming",
        CallState::Ringing => "ringing",
        CallState::EarlyMedia => "early media",
        CallState::Connected => "connected",
        CallState::Ending => "ending",
        CallState::Ended => "ended",
    }
}

fn lower(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

fn because(code: u16, text: &str) -> String {
    match (code, text) {
        (0, "") => String::new(),
        (0, text) => format!(" ({text})"),
        (code, "") => format!(" ({code})"),
        (code, text) => format!(" ({code} {text})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, time::Duration};

    use sidetone::{
        base::{
            ids::{AccountId, IdError, PublicationId, RequestId, SubscriptionId, TransactionId},
            plan::CodecKind,
        },
        engine::{Content, ErrorKind, Notified, PublishState, RegistrationState, WatchState},
    };

    fn json_of(kind: EventKind) -> Value {
        event_json(&Event { sequence: 1, time: Duration::ZERO, kind })
    }

    /// One event of each kind.
    fn one_of_each() -> Result<Vec<EventKind>, IdError> {
        let call = CallId::from_raw((2 << 56) | (1 << 53) | 1)?;
        let account = AccountId::from_raw((1 << 56) | 1)?;
        let subscription = SubscriptionId::from_raw((4 << 56) | 1)?;
        let publication = PublicationId::from_raw((5 << 56) | 1)?;
        let transaction = TransactionId::from_raw((3 << 56) | 1)?;
        let (none, content) = (String::new, || Box::new(Content::default()));
        let asked = TransferState::Asked {
            target: "sip:carol@c.example".into(),
            referred_by: none(),
            attended: false,
            decide: true,
        };
        let (expires, code, text) = (Duration::ZERO, 0, none());
        Ok(vec![
            EventKind::Registration {
                account,
                state: RegistrationState::Registered,
                code,
                text: none(),
                expires,
                target: none(),
            },
            EventKind::IncomingCall {
                call,
                account: Some(account),
                from: none(),
                display_name: none(),
                to: none(),
            },
            EventKind::Call {
                call,
                state: CallState::Ended,
                code,
                text: none(),
                error: None,
                reason: None,
                cause: None,
            },
            EventKind::Transfer { call, state: asked, code, text: none() },
            EventKind::Replaced { call, uri: none(), display_name: none() },
            EventKind::Redirected { call, target: none(), asked: true },
            EventKind::CallsLimited { account: None, limit: 1 },
            EventKind::Media { call, codec: CodecKind::Opus, srtp: None },
            EventKind::Dtmf { call, digit: '1', duration: Duration::ZERO },
            EventKind::Hold { call, local: false, remote: true },
            EventKind::PlayFinished { call, error: None },
            EventKind::RecordPaused { call, paused: true, at: Duration::ZERO },
            EventKind::RecordFinished { call, path: none(), dropped: 0, error: None, text: none() },
            EventKind::MediaTimeout { call, silent: true },
            EventKind::Device {
                state: DeviceState::Opened,
                loudspeaker: none(),
                microphone: none(),
                text: none(),
            },
            EventKind::Reply {
                request: RequestId(7),
                error: Some(ErrorKind::FileOpen),
                text: "no".into(),
                code,
                content: None,
            },
            EventKind::Message {
                account: None,
                call: None,
                from: none(),
                display_name: none(),
                to: none(),
                content: content(),
            },
            EventKind::Subscription {
                subscription,
                state: WatchState::Ended,
                code,
                text: none(),
                expires,
            },
            EventKind::Notify {
                subscription: None,
                account: None,
                notified: Notified::Other,
                content: content(),
            },
            EventKind::Publication {
                publication,
                state: PublishState::Published,
                code,
                text: none(),
                expires,
            },
            EventKind::Request {
                transaction,
                account: None,
                call: None,
                method: none(),
                from: none(),
                to: none(),
                content: content(),
            },
            EventKind::EventsLost { count: 1 },
            EventKind::Faulted { text },
            EventKind::Stopped,
        ])
    }

    /// The kinds that the engine has, as its source names them: the compiler does not tell of a new
    /// one outside of the library.
    fn kinds_of_the_engine() -> BTreeSet<String> {
        let source = include_str!("../../engine/event.rs");
        let (_, body) = source.split_once("pub enum EventKind {\n").unwrap();
        let (body, _) = body.split_once("\n}\n").unwrap();
        let names = body.lines().filter_map(|line| line.strip_prefix("    "));
        names
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|line| line.split([' ', ',', '(']).next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn every_kind_of_event_has_a_name_of_its_own() -> Result<(), IdError> {
        let kinds = one_of_each()?;
        let name = |kind: &EventKind| format!("{kind:?}").split(' ').next().unwrap().to_owned();
        assert_eq!(kinds.iter().map(name).collect::<BTreeSet<_>>(), kinds_of_the_engine());
        let count = kinds.len();
        let names: BTreeSet<String> =
            kinds.into_iter().map(|kind| json_of(kind)["event"].to_string()).collect();
        assert_eq!(names.len(), count, "{names:?}");
        assert!(!names.contains("\"other\""), "{names:?}");
        Ok(())
    }

    #[test]
    fn ids_are_text_and_events_tell_what_they_hold() -> Result<(), IdError> {
        let all: Vec<Value> = one_of_each()?.into_iter().map(json_of).collect();
        let of = |name: &str| all.iter().find(|value| value["event"] == name).unwrap();
        let transfer = of("transfer");
        let call = json!((144_115_188_075_855_873_u64 + (1 << 53)).to_string());
        assert_eq!((&transfer["call"], &transfer["state"]), (&call, &json!("asked")));
        assert_eq!(transfer["target"], "sip:carol@c.example");
        let reply = of("reply");
        assert_eq!((&reply["request"], &reply["error"]), (&json!("7"), &json!("FileOpen")));
        let hold = of("hold");
        assert_eq!((&hold["call"], &hold["local"]), (&call, &json!(false)));
        assert_eq!(hold["remote"], true);
        Ok(())
    }

    #[test]
    fn a_sound_card_that_failed_is_told_by_its_reason() {
        let kind = EventKind::Device {
            state: DeviceState::Failed,
            loudspeaker: String::new(),
            microphone: String::new(),
            text: "no sound card found".into(),
        };
        let event = Event { sequence: 1, time: Duration::ZERO, kind };
        assert_eq!(event_text(&event).as_deref(), Some("no sound: no sound card found"));
    }
}

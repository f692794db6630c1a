//! What a person at the prompt has before them: numbered calls, accounts, what is watched.

use std::{collections::HashMap, time::Duration};

use serde_json::json;
use sidetone::{
    Engine,
    base::ids::{AccountId, CallId, PublicationId, RequestId, SubscriptionId},
    engine::{
        CallState, DialOptions, Error, ErrorKind, Event, EventKind, OwnState, Package,
        SipTransport, SubscriptionOptions, WatchState,
    },
};

use super::words::{HELP, Until, What, Words};
use crate::{
    options::names_host,
    output::{Output, dialing_json, event_json, event_text, state_name},
    plain,
};

/// A call at the desk; its number is its place, from 1.
struct Line {
    call: CallId,
    who: String,
    state: CallState,
}

/// The desk.
pub struct Desk<'a> {
    engine: &'a Engine,
    output: &'a Output,
    accounts: Vec<AccountId>,
    /// The account only stands in for one: its domain is no place to look for anybody.
    homeless: bool,
    no_answer: Duration,
    calls: Vec<Line>,
    current: usize,
    muted: bool,
    /// Calls are answered, or refused, without a line that asks for it.
    answers: bool,
    watched: HashMap<SubscriptionId, (String, What)>,
    publication: Option<PublicationId>,
    /// What a reply is about.
    asked: HashMap<RequestId, String>,
}

impl<'a> Desk<'a> {
    pub fn new(
        engine: &'a Engine,
        output: &'a Output,
        accounts: Vec<AccountId>,
        no_answer: Duration,
    ) -> Self {
        Self {
            engine,
            output,
            accounts,
            homeless: false,
            no_answer,
            calls: Vec::new(),
            current: 0,
            muted: false,
            answers: false,
            watched: HashMap::new(),
            publication: None,
            asked: HashMap::new(),
        }
    }

    /// The same, where calls are answered by themselves.
    pub fn that_answers(self) -> Self {
        Self { answers: true, ..self }
    }

    /// The same, where the account only stands in for one.
    pub fn that_is_homeless(self, homeless: bool) -> Self {
        Self { homeless, ..self }
    }

    /// The account to reach `who` by; `None` when its domain would be no place to look for them.
    pub fn account_for(&self, who: &str) -> Option<AccountId> {
        self.accounts.first().copied().filter(|_| !self.homeless || names_host(who))
    }

    /// Says where it can be reached.
    pub fn greet(&self) -> Result<(), Error> {
        let address = self.engine.local_address(SipTransport::Udp)?.to_string();
        self.output.say(
            &format!("ready on {address}; help shows what can be typed"),
            json!({"event": "ready", "address": address}),
        );
        Ok(())
    }

    /// Whether an event is one to be shown.
    pub fn tells(&self, event: &Event) -> bool {
        self.output.json() || self.text_of(event).is_some()
    }

    /// Takes an event in and shows it; gives the text that was shown.
    pub fn handle_event(&mut self, event: &Event) -> Option<String> {
        let text = self.text_of(event);
        if self.output.json() {
            let mut value = event_json(event);
            if let EventKind::Reply { request, .. } = &event.kind {
                value["command"] = json!(self.asked.get(request));
            }
            self.output.say("", value);
        } else if let Some(text) = &text {
            self.output.say(text, json!(null));
        }
        self.note(event);
        text
    }

    fn text_of(&self, event: &Event) -> Option<String> {
        match &event.kind {
            EventKind::IncomingCall { from, display_name, .. } => {
                let who = if display_name.is_empty() { from } else { display_name };
                let hint = if self.answers { "" } else { "; answer, or hangup" };
                Some(format!("[{}] {who} calls{hint}", self.calls.len() + 1))
            }
            EventKind::Call { call, state, .. } => {
                let number = self.number_of(*call)?;
                let what = end_words(&event.kind, self.no_answer)
                    .unwrap_or_else(|| state_name(*state).to_owned());
                let who = &self.calls.get(number.checked_sub(1)?)?.who;
                Some(format!("[{number}] {who}: {what}"))
            }
            EventKind::Transfer { call, state, code, text } => {
                let number = self.number_of(*call)?;
                Some(format!("[{number}] {}", plain::transfer(state, *code, text)))
            }
            EventKind::Message { from, content, .. } => Some(format!("{from}: {}", content.text())),
            EventKind::Notify { subscription, notified, .. } => {
                let who = subscription.and_then(|id| self.watched.get(&id));
                plain::notified(who.map_or("your mailbox", |(who, _)| who), notified)
            }
            EventKind::Subscription { subscription, state, code, text, .. } => {
                let (who, what) = self.watched.get(subscription)?;
                match state {
                    WatchState::Pending => Some(format!("{who} has to be asked first")),
                    WatchState::Retrying => Some(format!("{who} is tried again: {text}")),
                    WatchState::Ended => Some(plain::not_watched(who, *what, *code, text)),
                    _ => None,
                }
            }
            EventKind::Reply { request, error, code, text, .. } => {
                let Some(what) = self.asked.get(request) else { return event_text(event) };
                match (error, code) {
                    (None, 202) => Some(format!("{what}: taken, to be delivered later")),
                    (None, _) => Some(format!("{what}: done")),
                    (Some(_), 0) => Some(format!("{what}: failed, {text}")),
                    (Some(_), code) => Some(format!("{what}: refused ({code} {text})")),
                }
            }
            _ => event_text(event),
        }
    }

    fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::IncomingCall { call, from, display_name, .. } => {
                let who = if display_name.is_empty() { from } else { display_name };
                self.add_call(*call, who.clone(), CallState::Incoming);
            }
            EventKind::Call { call, state, .. } => {
                if let Some(line) = self.calls.iter_mut().find(|line| line.call == *call) {
                    line.state = *state;
                }
                if *state == CallState::Connected
                    && let Some(number) = self.number_of(*call)
                {
                    self.current = number;
                }
            }
            EventKind::Reply { request, .. } => {
                self.asked.remove(request);
            }
            _ => {}
        }
    }

    /// Takes in a call that was begun here, and says so.
    pub fn dialled(&mut self, call: CallId, who: String) {
        self.output.say(&format!("calling {who}"), dialing_json(call, &who));
        self.add_call(call, who, CallState::New);
    }

    /// Takes in a call that was begun elsewhere.
    pub fn add_call(&mut self, call: CallId, who: String, state: CallState) {
        self.calls.push(Line { call, who, state });
        if self.live(self.current).is_err() {
            self.current = self.calls.len();
        }
    }

    fn number_of(&self, call: CallId) -> Option<usize> {
        self.calls.iter().position(|line| line.call == call).map(|index| index + 1)
    }

    fn live(&self, number: usize) -> Result<&Line, Error> {
        let line = number.checked_sub(1).and_then(|index| self.calls.get(index));
        line.filter(|line| line.state != CallState::Ended).ok_or_else(|| {
            wrong(if number == 0 {
                "there is no call".into()
            } else {
                format!("call {number} is over, or never was")
            })
        })
    }

    /// The call that a line means: the one named, the current one, or the latest that lives.
    fn meant(&self, number: Option<usize>) -> Result<CallId, Error> {
        if let Some(number) = number {
            return Ok(self.live(number)?.call);
        }
        if let Ok(line) = self.live(self.current) {
            return Ok(line.call);
        }
        let mut lines = self.calls.iter().rev();
        let latest = lines.find(|line| line.state != CallState::Ended);
        latest.map(|line| line.call).ok_or_else(|| wrong("there is no call"))
    }

    fn ringing(&self) -> Result<CallId, Error> {
        let waits = |line: &&Line| matches!(line.state, CallState::Incoming | CallState::Ringing);
        let line = self.calls.iter().rev().find(waits);
        line.map(|line| line.call).ok_or_else(|| wrong("nobody calls"))
    }

    /// Whether what a script waits for is so already.
    pub fn is_so(&self, until: &Until) -> bool {
        let Some(last) = self.calls.last() else { return false };
        match until {
            Until::Incoming => last.state == CallState::Incoming,
            Until::Ringing => matches!(last.state, CallState::Ringing | CallState::EarlyMedia),
            Until::Connected => last.state == CallState::Connected,
            Until::Ended => last.state == CallState::Ended,
            Until::Message | Until::Told(_) | Until::Time(_) => false,
        }
    }

    /// Does what a line asks for.
    pub fn carry_out(&mut self, words: Words) -> Result<(), Error> {
        match words {
            Words::Dial(who) => {
                let account = self.account_for(&who);
                let options =
                    DialOptions { no_answer: Some(self.no_answer), ..DialOptions::default() };
                let call = self.engine.dial(account, &who, options, None)?;
                self.dialled(call, who);
                self.current = self.calls.len();
            }
            Words::Answer(number) => {
                let call = match number {
                    Some(_) => self.meant(number)?,
                    None => self.ringing()?,
                };
                self.engine.answer(call, Vec::new(), None)?;
            }
            Words::Hangup(number) => self.engine.hangup(self.meant(number)?, None)?,
            Words::Hold(number) => {
                let call = self.meant(number)?;
                let request = self.ask("hold".to_owned());
                self.engine.hold(call, Some(request))?;
            }
            Words::Resume(number) => {
                let call = self.meant(number)?;
                let request = self.ask("resume".to_owned());
                self.engine.resume(call, Some(request))?;
            }
            Words::Mute => {
                self.muted = !self.muted;
                self.engine.mute(self.meant(None)?, self.muted, None)?;
                self.say(if self.muted { "you are muted" } else { "you are heard again" });
            }
            Words::Use(number) => {
                self.live(number)?;
                self.current = number;
            }
            Words::Transfer(who) => self.transfer(&who)?,
            Words::Allow(accept) => self.engine.decide_transfer(self.meant(None)?, accept, None)?,
            Words::Connect(one, other) => {
                let (one, other) = (self.live(one)?.call, self.live(other)?.call);
                self.engine.transfer_to(one, other, None)?;
            }
            Words::Digits(digits) => self.engine.dtmf(self.meant(None)?, &digits, 0, None)?,
            Words::Message(who, text) => self.message(who, &text)?,
            Words::Watch(who, what) => self.watch(who, what)?,
            Words::Unwatch(who) => self.unwatch(&who)?,
            Words::Presence(open, activity, note) => {
                self.publish(&OwnState { open, activity, note })?;
            }
            Words::Calls => self.show_calls(),
            Words::Accounts => self.show_accounts()?,
            Words::Watches => self.show_watches(),
            Words::Help => self.say(HELP),
            Words::Wait(_) | Words::Quit => {}
        }
        Ok(())
    }

    fn transfer(&self, who: &str) -> Result<(), Error> {
        let call = self.meant(None)?;
        if self.homeless && !names_host(who) {
            return Err(wrong(format!("\"{who}\" needs a host: write sip:{who}@host")));
        }
        self.engine.transfer(call, who, false, None)
    }

    fn message(&mut self, who: Option<String>, text: &str) -> Result<(), Error> {
        const TYPE: &str = "text/plain;charset=utf-8";
        let what = format!("message to {}", who.as_deref().unwrap_or("the far end"));
        let request = self.ask(what);
        match who {
            Some(who) => {
                let account = self.account_for(&who);
                self.engine.message_send(account, &who, TYPE, text.as_bytes(), Some(request))
            }
            None => {
                let call = self.meant(None)?;
                self.engine.call_message_send(call, TYPE, text.as_bytes(), Some(request))
            }
        }
    }

    fn watch(&mut self, who: String, what: What) -> Result<(), Error> {
        let account = self.account_for(&who);
        let package = match what {
            What::Lamp => Package::Dialog,
            What::Presence => Package::Presence,
            What::Mailbox => Package::MessageSummary,
        };
        let options = SubscriptionOptions::new(package);
        let id = self.engine.subscription_add(account, &who, options, None)?;
        self.watched.insert(id, (who, what));
        Ok(())
    }

    fn unwatch(&mut self, who: &str) -> Result<(), Error> {
        let ids: Vec<SubscriptionId> =
            self.watched.iter().filter(|(_, (name, _))| name == who).map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return Err(wrong(format!("{who} is not watched")));
        }
        for id in ids {
            self.watched.remove(&id);
            self.engine.subscription_remove(id, None)?;
        }
        Ok(())
    }

    fn publish(&mut self, state: &OwnState) -> Result<(), Error> {
        let request = Some(self.ask("presence".to_owned()));
        if let Some(publication) = self.publication {
            return self.engine.presence_update(publication, state, request);
        }
        let account = self.accounts.first().copied();
        let account = account.ok_or_else(|| wrong("presence needs an account"))?;
        self.publication = Some(self.engine.presence_publish(account, state, request)?);
        Ok(())
    }

    fn ask(&mut self, what: String) -> RequestId {
        let request = self.engine.new_request();
        self.asked.insert(request, what);
        request
    }

    fn show_calls(&self) {
        let live = self.calls.iter().enumerate().filter(|(_, line)| line.state != CallState::Ended);
        let mut none = true;
        for (index, line) in live {
            none = false;
            let mark = if index + 1 == self.current { "*" } else { " " };
            self.say(&format!("{mark}[{}] {}: {}", index + 1, line.who, state_name(line.state)));
        }
        if none {
            self.say("no calls");
        }
    }

    fn show_accounts(&self) -> Result<(), Error> {
        for account in &self.accounts {
            let info = self.engine.account_info(*account)?;
            let state = format!("{:?}", info.state).to_lowercase();
            self.say(&format!("{}: {state}", info.aor));
        }
        Ok(())
    }

    fn show_watches(&self) {
        for (id, (who, _)) in &self.watched {
            let Ok(info) = self.engine.subscription_info(*id) else { continue };
            let told = plain::notified(who, &info.latest);
            self.say(&told.unwrap_or_else(|| format!("{who}: {:?}", info.state).to_lowercase()));
        }
        if self.watched.is_empty() {
            self.say("nobody is watched");
        }
    }

    fn say(&self, text: &str) {
        self.output.say(text, json!({"event": "text", "text": text}));
    }
}

/// An argument that does not fit what there is.
fn wrong(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, text)
}

/// How a call ended, in words.
fn end_words(event: &EventKind, patience: Duration) -> Option<String> {
    match event {
        EventKind::Call { state: CallState::Ended, code, text, error, .. } => {
            Some(plain::end_of_call(*code, text, *error, Some(patience)))
        }
        _ => None,
    }
}

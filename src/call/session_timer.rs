//! The session timer (RFC 4028): who refreshes, how often, and when the call is given up.

use std::time::{Duration, Instant};

use super::{
    event::EndReason,
    machine::{Machine, Phase, phrase, push_capabilities},
    requests::Purpose,
    settings::SessionTimer,
    timers::Timer,
};
use crate::proto::sip::{
    uri::NameAddr,
    wire::{HeaderId, Headers, Message, Method, Request, Response},
};

/// What is agreed, and what may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    wanted: Option<Duration>,
    min: Duration,
    agreed: Option<Agreed>,
}

#[derive(Clone, Copy, Debug)]
struct Agreed {
    interval: Duration,
    we_refresh: bool,
}

impl Session {
    pub(super) fn new(settings: &SessionTimer) -> Self {
        let min = settings.min.max(Duration::from_secs(1));
        Self { wanted: settings.interval, min, agreed: None }
    }

    /// Puts our wish, or what is agreed, into a request.
    pub(super) fn ask(&self, headers: &mut Headers) {
        let (interval, refresher) = match (self.agreed, self.wanted) {
            // RFC 4028 §7.4: a refresh keeps the roles.
            (Some(agreed), _) => (
                agreed.interval,
                if agreed.we_refresh { ";refresher=uac" } else { ";refresher=uas" },
            ),
            (None, Some(wanted)) => (wanted.max(self.min), ""),
            (None, None) => return,
        };
        headers.set(HeaderId::SessionExpires, format!("{}{refresher}", interval.as_secs()));
        headers.set(HeaderId::MinSe, self.min.as_secs().to_string());
    }

    /// Takes what a 2xx says. Without Session-Expires there is no timer.
    pub(super) fn agree(&mut self, response: &Message, we_are_uac: bool) {
        self.agreed = read(response).map(|(interval, refresher)| Agreed {
            // Refreshed when the far end says, even if it says less than we would have taken.
            interval: interval.max(SHORTEST_INTERVAL.min(self.min)),
            we_refresh: (refresher.as_deref() != Some("uas")) == we_are_uac,
        });
    }

    /// Raises the interval after a 422; false when that leads nowhere.
    pub(super) fn raise(&mut self, response: &Message, headers: &mut Headers) -> bool {
        let Some(seconds) = response.number(HeaderId::MinSe) else { return false };
        let min = Duration::from_secs(u64::from(seconds));
        if self.wanted.is_none_or(|wanted| wanted >= min) || min > MAX_INTERVAL {
            return false;
        }
        self.min = self.min.max(min);
        self.wanted = Some(min);
        self.ask(headers);
        true
    }

    /// Raises the interval of a call that stands after a 422 to its refresh; false when that leads
    /// nowhere.
    pub(super) fn raise_agreed(&mut self, response: &Message) -> bool {
        let Some(agreed) = &mut self.agreed else { return false };
        let min = response.number(HeaderId::MinSe).map(|s| Duration::from_secs(u64::from(s)));
        let Some(min) = min.filter(|min| agreed.interval < *min && *min <= MAX_INTERVAL) else {
            return false;
        };
        agreed.interval = min;
        self.min = self.min.max(min);
        true
    }

    /// The 422 for a request that asks for less than our minimum.
    pub(super) fn too_short(&self, request: &Message) -> Option<Response> {
        let (interval, _) = read(request)?;
        if interval >= self.min {
            return None;
        }
        let mut response = Response::to(request, 422, "");
        response.headers.set(HeaderId::MinSe, self.min.as_secs().to_string());
        Some(response)
    }

    /// Decides on a request's session timer and says so in its 2xx (RFC 4028 §9).
    pub(super) fn grant(&mut self, request: &Message, headers: &mut Headers) {
        let supports = request
            .header_list(HeaderId::Supported)
            .chain(request.header_list(HeaderId::Require))
            .any(|tag| tag.eq_ignore_ascii_case("timer"));
        let (interval, refresher) = match (read(request), self.wanted) {
            (Some(asked), _) => asked,
            (None, Some(wanted)) => {
                let asked = request.number(HeaderId::MinSe).unwrap_or(0);
                let least = self.min.max(Duration::from_secs(u64::from(asked)));
                (wanted.max(least.min(MAX_INTERVAL)), None)
            }
            (None, None) => {
                self.agreed = None;
                return;
            }
        };
        // The caller refreshes when it can and does not mind (§9 table 2).
        let they_refresh = supports && refresher.as_deref() != Some("uas");
        let role = if they_refresh { "uac" } else { "uas" };
        headers.set(HeaderId::SessionExpires, format!("{};refresher={role}", interval.as_secs()));
        if they_refresh {
            headers.set(HeaderId::Require, "timer");
        }
        self.agreed = Some(Agreed { interval, we_refresh: !they_refresh });
    }
}

impl Machine {
    /// Starts the timer anew after a refresh.
    pub(super) fn arm_session(&mut self, now: Instant) {
        self.timers.stop(Timer::SessionRefresh);
        self.timers.stop(Timer::SessionExpiry);
        let Some(agreed) = self.session.agreed else { return };
        if agreed.we_refresh {
            self.timers.set(Timer::SessionRefresh, now + agreed.interval / 2);
        }
        // RFC 4028 §10: before the interval ends, by a third of it or 32 s.
        let early = (agreed.interval / 3).min(Duration::from_secs(32));
        self.timers.set(Timer::SessionExpiry, now + (agreed.interval - early));
    }

    /// Refreshes by UPDATE where the far end takes it, else by re-INVITE with the session as it is.
    pub(super) fn refresh_session(&mut self, now: Instant) {
        if self.phase != Phase::Confirmed {
            return;
        }
        if !self.far.takes_update {
            return self.send_reinvite(now);
        }
        let Some(mut request) = self.in_dialog(Method::Update) else { return };
        self.dress(&mut request);
        self.send(Purpose::Refresh, request);
    }

    pub(super) fn handle_refresh_final(&mut self, now: Instant, message: &Message, status: u16) {
        if self.phase != Phase::Confirmed {
            return;
        }
        match status {
            200..300 => {
                self.session.agree(message, true);
                self.arm_session(now);
            }
            408 | 481 => self.bye(now, EndReason::Timeout, status, &phrase(message)),
            422 if self.session.raise_agreed(message) => self.refresh_session(now),
            405 | 501 => {
                // It does not take UPDATE after all.
                self.far.takes_update = false;
                self.refresh_session(now);
            }
            _ => self.refresh_later(now, message.number(HeaderId::RetryAfter)),
        }
    }

    /// A refresh came to nothing and the call stands: where it is ours, it is tried again after
    /// `retry_after` seconds, or a few, until the expiry timer ends the call (RFC 4028 §10). A far end
    /// that asks for more than the session has left still leaves time for another try.
    pub(super) fn refresh_later(&mut self, now: Instant, retry_after: Option<u32>) {
        let ours = self.session.agreed.is_some_and(|agreed| agreed.we_refresh);
        if ours && !self.timers.runs(Timer::SessionRefresh) {
            let wait = Duration::from_secs(retry_after.unwrap_or_default().into());
            let left = self.timers.at(Timer::SessionExpiry).map_or(Duration::MAX, |at| at - now);
            let wait = wait.min(left / 2).max(REFRESH_RETRY);
            self.timers.set(Timer::SessionRefresh, now + wait);
        }
    }

    pub(super) fn session_expired(&mut self, now: Instant) {
        self.bye(now, EndReason::SessionExpired, 0, "the session was not refreshed");
    }

    /// What a request that refreshes the target or the session carries.
    pub(super) fn dress(&mut self, request: &mut Request) {
        let contact = NameAddr::new(self.settings.contact.clone());
        request.headers.set(HeaderId::Contact, contact.to_string());
        push_capabilities(&mut request.headers, &self.settings);
        // There is no session to refresh before the answer.
        if self.phase == Phase::Confirmed {
            self.session.ask(&mut request.headers);
        }
    }
}

/// Session-Expires: interval and refresher.
fn read(message: &Message) -> Option<(Duration, Option<String>)> {
    let value = message.header(HeaderId::SessionExpires)?;
    let mut parts = value.split(';');
    let seconds: u64 = parts.next()?.trim().parse().ok()?;
    let interval = Duration::from_secs(seconds).min(MAX_INTERVAL);
    let refresher = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("refresher").then(|| value.trim().to_ascii_lowercase())
    });
    Some((interval, refresher))
}

/// Shortest interval that is kept to, whatever the far end grants, unless our own minimum is shorter:
/// RFC 4028 §4 knows none below 90 s, and no far end may make us send for nothing else than
/// refreshes.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(20);

/// Least wait before a refresh that was refused is tried again.
const REFRESH_RETRY: Duration = Duration::from_secs(5);

/// Longest interval: a day is as good as none.
const MAX_INTERVAL: Duration = Duration::from_secs(86_400);

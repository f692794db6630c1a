//! Following a redirect (RFC 3261 §8.1.3.4): the contacts of a 3xx in the order of their `q`, each
//! once, over so many hops.

use std::{collections::VecDeque, time::Instant};

use super::{
    event::{CallEvent, CallState, EndReason},
    machine::{Machine, Phase, phrase},
    requests::{Pending, Purpose},
};
use crate::proto::sip::{
    uri::{NameAddr, Uri},
    wire::{HeaderId, Message},
};

/// Whether a redirect is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// It ends the call.
    Never,
    /// Our user decides, with [`super::Input::FollowRedirect`].
    Ask,
    /// At once.
    #[default]
    Always,
}

/// What is done with a 3xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedirectPolicy {
    /// Whether it is followed.
    pub follow: Follow,
    /// How many 3xx one call follows.
    pub hops: u32,
}

impl Default for RedirectPolicy {
    fn default() -> Self {
        Self { follow: Follow::default(), hops: 5 }
    }
}

/// Where a call has been, and where it may still go.
#[derive(Clone, Debug, Default)]
pub(super) struct Redirects {
    tried: Vec<Uri>,
    waiting: VecDeque<Uri>,
    hops: u32,
    /// The INVITE as it was refused, while our user decides.
    asked: Option<(Box<Pending>, u16, String)>,
}

impl Redirects {
    /// Notes where an INVITE went; the first is the dialled one.
    fn note(&mut self, target: &Uri) {
        if !self.tried.contains(target) {
            self.tried.push(target.clone());
        }
    }

    /// Queues the contacts of a 3xx in front of what waits; how many are new.
    fn take(&mut self, response: &Message) -> usize {
        let mut found: Vec<(u16, Uri)> = Vec::new();
        for contact in response.contacts().take(MOST_CONTACTS) {
            let uri = contact.uri.for_request();
            let known = self.tried.contains(&uri) || found.iter().any(|(_, other)| *other == uri);
            if uri.is_sip() && !known {
                found.push((preference(&contact), uri));
            }
        }
        // Stable: equals stay in the order of the response.
        found.sort_by_key(|(q, _)| std::cmp::Reverse(*q));
        let count = found.len();
        for (_, uri) in found.into_iter().rev() {
            self.waiting.retain(|other| *other != uri);
            self.waiting.push_front(uri);
        }
        count
    }
}

impl Machine {
    /// Deals with the refusal of our INVITE: gives it back when the call ends by it.
    pub(super) fn redirected(
        &mut self,
        now: Instant,
        message: &Message,
        status: u16,
        pending: Pending,
    ) -> Option<(EndReason, String)> {
        let text = phrase(message);
        let policy = self.settings.services.redirect;
        let redirects = &mut self.services.redirects;
        redirects.note(&pending.request.uri);
        match status {
            300..=302 if policy.follow != Follow::Never => {
                redirects.hops += 1;
                if redirects.hops > policy.hops {
                    let text = format!("redirected more than {} times", policy.hops);
                    return Some((EndReason::Refused, text));
                }
                if redirects.take(message) == 0 && redirects.waiting.is_empty() {
                    let text = "redirected to nowhere new".to_owned();
                    return Some((EndReason::Refused, text));
                }
                if policy.follow == Follow::Ask {
                    let target = redirects.waiting.front().cloned();
                    redirects.asked = Some((Box::new(pending), status, text));
                    self.redirect_event(target, true);
                    return None;
                }
            }
            // Another branch may do better, unless the answer holds everywhere (RFC 3261 §21.6).
            300..600 if !redirects.waiting.is_empty() => {}
            _ => return Some((EndReason::Refused, text)),
        }
        self.follow(now, pending);
        None
    }

    /// Our user's answer to a redirect.
    pub(super) fn follow_redirect(&mut self, now: Instant, accept: bool) {
        let Some((pending, status, text)) = self.services.redirects.asked.take() else { return };
        if self.phase != Phase::Calling {
            return;
        }
        if accept {
            self.follow(now, *pending);
        } else {
            self.end(EndReason::LocalHangup, status, &text);
        }
    }

    /// Whether a redirect named contacts that have not been called yet.
    pub(super) fn has_contacts_left(&self) -> bool {
        !self.services.redirects.waiting.is_empty()
    }

    /// Sends the INVITE to the next contact: the same call, a new branch of it.
    pub(super) fn follow(&mut self, _now: Instant, pending: Pending) {
        let Some(target) = self.services.redirects.waiting.pop_front() else { return };
        let mut request = pending.request;
        request.uri = target.clone();
        let number = request.cseq_number().unwrap_or(0) + 1;
        request.set_cseq(number);
        // Credentials were for another Request-URI.
        request.headers.remove(HeaderId::Authorization);
        request.headers.remove(HeaderId::ProxyAuthorization);
        self.authenticator.authorize(&mut request);
        self.services.redirects.note(&target);
        self.redirect_event(Some(target), false);
        self.listening.rung = false;
        self.listening.heard = false;
        self.tell_ear();
        if self.state != CallState::Dialing {
            self.state_event(CallState::Dialing, 0, "redirected");
        }
        self.send(Purpose::Invite, request);
    }

    fn redirect_event(&mut self, target: Option<Uri>, asked: bool) {
        if let Some(target) = target {
            self.event(CallEvent::Redirected { target, asked });
        }
    }
}

/// `q` in thousandths; none is 1 (RFC 3261 §20.10 leaves it open; as registrars read it).
fn preference(contact: &NameAddr) -> u16 {
    let Some(q) = contact.params.value("q") else { return 1000 };
    q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).map_or(0, |q| (q * 1000.0) as u16)
}

/// Most contacts of one response that are looked at.
const MOST_CONTACTS: usize = 16;

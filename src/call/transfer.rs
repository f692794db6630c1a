//! Transfers within a dialog, in both roles: REFER and the NOTIFYs that tell how it goes
//! (RFC 3515, 4488, 5589; Referred-By of RFC 3892).
//!
//! ```text
//! we refer      REFER ─▶ 202 ─▶ NOTIFY 100 ─▶ NOTIFY 180 ─▶ NOTIFY 200 ─▶ we send BYE
//! we are        REFER ─▶ 202, NOTIFY 100 ─┬─ policy or user: yes ─▶ Asked, then TransferProgress …
//! referred                                └─ no ─▶ NOTIFY 603
//! ```
//!
//! The call that a REFER asks for is not placed here: `legs` does, beside this one.

use std::time::{Duration, Instant};

use super::{
    event::{CallEvent, EndReason},
    machine::{Machine, Phase, phrase},
    requests::Purpose,
    timers::Timer,
};
use crate::proto::sip::{
    endpoint::ServerTransaction,
    replaces::{Replaces, embedded_headers, with_embedded_header},
    uri::{NameAddr, Scheme, Uri},
    wire::{HeaderId, Message, Method, Response, reason_phrase, text::Params},
};

/// What is done with a REFER.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransferPolicy {
    /// Our user decides, with [`super::Input::DecideTransfer`].
    #[default]
    Ask,
    /// It is done.
    Accept,
    /// 603.
    Refuse,
}

/// How a transfer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferEvent {
    /// The far end wants us to call somebody else.
    Asked(Box<Referral>),
    /// The new call got a provisional response, or the REFER was taken.
    Progress {
        /// Its code.
        code: u16,
        /// Its phrase.
        text: String,
    },
    /// The new call stands, or was handed over without further word (code 202).
    Done {
        /// Its code.
        code: u16,
        /// Its phrase.
        text: String,
    },
    /// It came to nothing; the call goes on as it was. Or the call ended, or lost its far end, before
    /// the outcome was told.
    Failed {
        /// Its code; 0: our own words.
        code: u16,
        /// Why.
        text: String,
    },
}

/// What a REFER asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Whom to call; without the headers that stood behind it.
    pub target: Uri,
    /// For the INVITE: Replaces, Referred-By and what else is harmless.
    pub headers: Vec<(String, String)>,
    /// Who says so; `None` when not said.
    pub referred_by: Option<NameAddr>,
    /// Whether the new call replaces one that the far end has with the target.
    pub attended: bool,
    /// Whether our user decides; else it is being done.
    pub decide: bool,
}

/// A REFER of ours.
#[derive(Clone, Debug)]
pub(super) struct Refer {
    cseq: u32,
    /// A 2xx came, or a NOTIFY ahead of it.
    taken: bool,
}

/// A REFER of theirs, and the subscription that it made.
#[derive(Clone, Debug)]
pub(super) struct Referred {
    /// CSeq of the REFER: the id of the subscription.
    id: u32,
    /// Our user has not decided yet.
    pending: bool,
    /// No NOTIFY is wanted (RFC 4488), or no more.
    silent: bool,
    /// A NOTIFY is on its way; what is to follow it.
    in_flight: bool,
    queued: Option<(u16, String)>,
}

impl Machine {
    /// Asks the far end to call `target`, in place of the dialog `replaces` when that is given.
    /// `silent`: without a subscription (RFC 4488), so that the outcome is not told.
    pub(super) fn transfer(
        &mut self,
        now: Instant,
        target: &Uri,
        replaces: Option<&Replaces>,
        silent: bool,
    ) {
        if self.phase != Phase::Confirmed || self.services.refer.is_some() {
            let text = match self.phase {
                Phase::Confirmed => "another transfer is under way",
                _ => "the call is not connected",
            };
            return self.transfer_event(TransferEvent::Failed { code: 0, text: text.to_owned() });
        }
        let target = match replaces {
            Some(replaces) => with_embedded_header(target, "Replaces", &replaces.to_string()),
            None => target.clone(),
        };
        let by = NameAddr::new(self.local.uri.for_identity());
        let Some(mut request) = self.in_dialog(Method::Refer) else { return };
        let contact = NameAddr::new(self.settings.contact.clone());
        request.headers.set(HeaderId::Contact, contact.to_string());
        request.headers.set(HeaderId::ReferTo, NameAddr::new(target).to_string());
        request.headers.set(HeaderId::ReferredBy, by.to_string());
        request.headers.set(HeaderId::Supported, "replaces, norefersub");
        if silent {
            request.headers.set(REFER_SUB, "false");
        }
        let cseq = request.cseq_number().unwrap_or(0);
        self.services.refer = Some(Refer { cseq, taken: false });
        self.timers.set(Timer::Transfer, now + TRANSFER_WAIT);
        self.send(Purpose::Refer, request);
    }

    pub(super) fn handle_refer_final(&mut self, now: Instant, message: &Message, status: u16) {
        let text = phrase(message);
        if !(200..300).contains(&status) {
            return self.transfer_failed(status, text);
        }
        let Some(refer) = &mut self.services.refer else { return };
        let unsubscribed =
            message.header_named(REFER_SUB).is_some_and(|v| v.eq_ignore_ascii_case("false"));
        if unsubscribed {
            self.services.refer = None;
            self.timers.stop(Timer::Transfer);
            return self.transfer_event(TransferEvent::Done { code: status, text });
        }
        if !std::mem::replace(&mut refer.taken, true) {
            self.transfer_event(TransferEvent::Progress { code: status, text });
        }
        self.timers.set(Timer::Transfer, now + TRANSFER_WAIT);
    }

    /// A NOTIFY in the dialog: of our REFER, or of nothing that we know.
    pub(super) fn handle_notify(
        &mut self,
        now: Instant,
        server: ServerTransaction,
        message: &Message,
    ) {
        let event = message.header(HeaderId::Event).unwrap_or_default();
        let (package, params) = event.split_at(event.find(';').unwrap_or(event.len()));
        if !package.trim().eq_ignore_ascii_case("refer") {
            let mut response = Response::to(message, 489, "");
            response.headers.set(HeaderId::AllowEvents, "refer");
            return self.respond_tagged(server, response);
        }
        let id = Params::parse(params).and_then(|p| p.value("id").and_then(|id| id.parse().ok()));
        // A challenge makes our number grow; a lower one is of an earlier REFER.
        let of = |refer: &Refer| id.is_none_or(|id: u32| id >= refer.cseq);
        let known = self.services.refer.as_ref().is_some_and(of);
        if !known {
            return self.reply(server, message, 481);
        }
        self.reply(server, message, 200);
        let state = message.header(HeaderId::SubscriptionState).unwrap_or_default();
        let terminated = state.trim_start().to_ascii_lowercase().starts_with("terminated");
        if let Some(refer) = &mut self.services.refer {
            refer.taken = true;
        }
        let fragment = match message.content_type().as_deref() {
            None | Some("message/sipfrag") => read_fragment(message.body()),
            Some(_) => None,
        };
        match fragment {
            Some((code, text)) if (200..300).contains(&code) => self.transfer_done(now, code, text),
            Some((code, text)) if code >= 300 => self.transfer_failed(code, text),
            Some(_) | None if terminated => {
                self.transfer_failed(0, "the far end tells no more of it".to_owned());
            }
            Some((code, text)) => {
                self.timers.set(Timer::Transfer, now + TRANSFER_WAIT);
                self.transfer_event(TransferEvent::Progress { code, text });
            }
            None => {}
        }
    }

    /// The far end has its new call: this one is over.
    fn transfer_done(&mut self, now: Instant, code: u16, text: String) {
        self.services.refer = None;
        self.transfer_event(TransferEvent::Done { code, text });
        if self.phase == Phase::Confirmed {
            self.bye(now, EndReason::Transferred, 0, "transferred");
        }
    }

    pub(super) fn transfer_failed(&mut self, code: u16, text: String) {
        self.timers.stop(Timer::Transfer);
        if self.services.refer.take().is_some() {
            self.transfer_event(TransferEvent::Failed { code, text });
        }
    }

    /// Nothing was heard of a transfer for too long.
    pub(super) fn transfer_unheard(&mut self) {
        self.transfer_failed(0, "the far end tells nothing of it".to_owned());
    }

    fn transfer_event(&mut self, event: TransferEvent) {
        self.event(CallEvent::Transfer(event));
    }

    /// A REFER in the dialog.
    pub(super) fn handle_refer(&mut self, server: ServerTransaction, message: &Message) {
        let policy = self.settings.services.transfer;
        let read = read_referral(message, policy == TransferPolicy::Ask);
        let referral = match read.and_then(|referral| self.called(referral)) {
            Ok(referral) => referral,
            Err(code) => return self.reply(server, message, code),
        };
        let code = match policy {
            _ if self.phase != Phase::Confirmed => 603,
            TransferPolicy::Refuse => 603,
            _ if self.services.referred.is_some() => 491,
            _ => 202,
        };
        if code != 202 {
            return self.reply(server, message, code);
        }
        let silent =
            message.header_named(REFER_SUB).is_some_and(|v| v.eq_ignore_ascii_case("false"));
        let mut response = Response::to(message, 202, "");
        let contact = NameAddr::new(self.settings.contact.clone());
        response.headers.set(HeaderId::Contact, contact.to_string());
        if silent {
            response.headers.set(REFER_SUB, "false");
        }
        self.respond_tagged(server, response);
        let id = message.cseq().map_or(0, |cseq| cseq.number);
        let pending = referral.decide;
        self.services.referred =
            Some(Referred { id, pending, silent, in_flight: false, queued: None });
        // RFC 3515 §2.4.4: one NOTIFY at once.
        self.tell_progress(100, reason_phrase(100));
        self.transfer_event(TransferEvent::Asked(Box::new(referral)));
    }

    /// A number is called as a dial of it would be.
    fn called(&self, referral: Referral) -> Result<Referral, u16> {
        if referral.target.is_sip() {
            return Ok(referral);
        }
        let target = self.settings.services.dialling.called(&referral.target)?;
        Ok(Referral { target, ..referral })
    }

    /// Our user's answer to a REFER.
    pub(super) fn decide_transfer(&mut self, accept: bool) {
        let Some(referred) = &mut self.services.referred else { return };
        if !std::mem::replace(&mut referred.pending, false) {
            return;
        }
        let code = if accept { 100 } else { 603 };
        self.tell_progress(code, reason_phrase(code));
    }

    /// Tells the far end how the call that it asked for goes. The first final code is the last.
    pub(super) fn tell_progress(&mut self, code: u16, text: &str) {
        let Some(referred) = &mut self.services.referred else { return };
        if referred.silent {
            if code >= 200 {
                self.services.referred = None;
            }
            return;
        }
        if referred.in_flight {
            // Only the latest matters, and two on their way could overtake each other.
            referred.queued = Some((code, text.to_owned()));
            return;
        }
        let (id, pending) = (referred.id, referred.pending);
        referred.in_flight = true;
        let Some(mut request) = self.in_dialog(Method::Notify) else { return };
        let contact = NameAddr::new(self.settings.contact.clone());
        request.headers.set(HeaderId::Contact, contact.to_string());
        request.headers.set(HeaderId::Event, format!("refer;id={id}"));
        let state = match (code, pending) {
            (200.., _) => "terminated;reason=noresource".to_owned(),
            (_, true) => format!("pending;expires={}", TRANSFER_WAIT.as_secs()),
            (_, false) => format!("active;expires={}", TRANSFER_WAIT.as_secs()),
        };
        request.headers.set(HeaderId::SubscriptionState, state);
        request.set_body("message/sipfrag;version=2.0", format!("SIP/2.0 {code} {text}\r\n"));
        self.send(Purpose::Notify, request);
        if code >= 200
            && let Some(referred) = &mut self.services.referred
        {
            referred.silent = true;
        }
    }

    pub(super) fn handle_notify_final(&mut self, accepted: bool) {
        let Some(referred) = &mut self.services.referred else { return };
        referred.in_flight = false;
        if !accepted {
            // Nobody listens any more (RFC 6665 §4.2.2).
            referred.silent = true;
            referred.queued = None;
            return;
        }
        if referred.silent {
            self.services.referred = None;
        } else if let Some((code, text)) = referred.queued.take() {
            self.tell_progress(code, &text);
        }
    }
}

/// What a REFER asks for, or the code that refuses it.
fn read_referral(message: &Message, decide: bool) -> Result<Referral, u16> {
    // RFC 3515 §2.4.1: exactly one.
    if message.count(HeaderId::ReferTo) != 1 || message.header_list(HeaderId::ReferTo).count() != 1
    {
        return Err(400);
    }
    let to = message.header(HeaderId::ReferTo).and_then(NameAddr::parse).ok_or(400u16)?;
    if !to.uri.is_sip() && *to.uri.scheme() != Scheme::Tel {
        return Err(416);
    }
    let method = to.uri.params().value("method").unwrap_or("INVITE");
    if !method.eq_ignore_ascii_case("INVITE") {
        return Err(501);
    }
    let mut headers: Vec<(String, String)> =
        embedded_headers(&to.uri).into_iter().filter(|(name, _)| may_be_embedded(name)).collect();
    let replaces = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Replaces"));
    let attended = match replaces.clone().count() {
        0 => false,
        1 if replaces.clone().all(|(_, value)| Replaces::parse(value).is_some()) => true,
        _ => return Err(400),
    };
    let by = message.header(HeaderId::ReferredBy);
    headers.extend(by.map(|value| ("Referred-By".to_owned(), value.to_owned())));
    let referred_by = by.and_then(NameAddr::parse);
    Ok(Referral { target: to.uri.for_request(), headers, referred_by, attended, decide })
}

/// Headers that a URI of somebody else's may put into our INVITE (RFC 3261 §19.1.5): what a transfer
/// needs, and private ones.
fn may_be_embedded(name: &str) -> bool {
    let known = ["Replaces", "Target-Dialog", "Accept-Contact", "Subject", "Call-Info"];
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
        || name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-"))
}

/// The status line of a sipfrag (RFC 3420).
fn read_fragment(body: &[u8]) -> Option<(u16, String)> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find(|line| !line.trim().is_empty())?.trim();
    let rest = line.strip_prefix("SIP/2.0")?.trim_start();
    let (code, phrase) = rest.split_once(' ').unwrap_or((rest, ""));
    let code: u16 = code.parse().ok().filter(|code| (100..700).contains(code))?;
    Some((code, phrase.trim().to_owned()))
}

/// How long nothing may be heard of a transfer: as long as a phone rings, and a little.
const TRANSFER_WAIT: Duration = Duration::from_secs(200);

/// RFC 4488.
const REFER_SUB: &str = "Refer-Sub";

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn refer(lines: &str) -> Result<Referral, u16> {
        let text = format!("REFER sip:b@h SIP/2.0\r\n{lines}\r\n");
        read_referral(&Message::parse(Bytes::from(text)).unwrap(), false)
    }

    #[test]
    fn refer_to_is_read_with_the_headers_in_it() {
        let plain = refer("Refer-To: sip:c@h\r\nReferred-By: <sip:b@h>;cid=\"x\"\r\n").unwrap();
        assert_eq!(plain.target.to_string(), "sip:c@h");
        assert_eq!(plain.referred_by.unwrap().uri.to_string(), "sip:b@h");
        assert!(!plain.attended);
        let line =
            "r: <sip:c@h;gr=1?Replaces=a%40b%3Bto-tag%3Dx%3Bfrom-tag%3Dy&From=evil&X-A=1>\r\n";
        let attended = refer(line).unwrap();
        assert!(attended.attended);
        assert_eq!(attended.target.to_string(), "sip:c@h;gr=1");
        let names: Vec<&str> = attended.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Replaces", "X-A"], "From is not theirs to write");
        assert_eq!(attended.headers[0].1, "a@b;to-tag=x;from-tag=y");
    }

    #[test]
    fn refers_that_ask_for_what_is_not_done_are_refused() {
        assert_eq!(refer(""), Err(400));
        assert_eq!(refer("Refer-To: sip:c@h\r\nRefer-To: sip:d@h\r\n"), Err(400));
        assert_eq!(refer("Refer-To: <sip:c@h>, <sip:d@h>\r\n"), Err(400));
        assert_eq!(refer("Refer-To: <http://h/>\r\n"), Err(416));
        let number = refer("Refer-To: <tel:+49-30-1>\r\n").unwrap();
        assert_eq!(number.target.to_string(), "tel:+49-30-1", "the dial plan decides about it");
        assert_eq!(refer("Refer-To: <sip:c@h;method=BYE>\r\n"), Err(501));
        assert_eq!(refer("Refer-To: <sip:c@h?Replaces=nonsense>\r\n"), Err(400));
    }

    #[test]
    fn a_fragment_is_read_by_its_status_line() {
        let read = |text: &str| read_fragment(text.as_bytes());
        assert_eq!(read("SIP/2.0 180 Ringing\r\n"), Some((180, "Ringing".into())));
        assert_eq!(read("\r\nSIP/2.0  200\r\nTo: x\r\n"), Some((200, "".into())));
        assert_eq!(read("SIP/2.0 99 x"), None);
        assert_eq!(read("INVITE sip:a@b SIP/2.0"), None);
        assert_eq!(read(""), None);
    }
}

//! Calls that are answered by themselves: when somebody who may asks for it (intercom, paging), or
//! always. Off by default: a phone that answers by itself is a microphone in the room.
//!
//! What asks for it, as the field writes it: `Call-Info: <…>;answer-after=0` (Snom, Grandstream,
//! Asterisk), `Alert-Info: <…>;info=alert-autoanswer` (Polycom, Yealink) or with `Auto Answer`,
//! `Ring Answer` or `intercom` for `info`, `X-AUTOANSWER: TRUE`, and `Answer-Mode: Auto` or
//! `Priv-Answer-Mode: Auto` (RFC 5373).

use std::time::Duration;

use crate::proto::sip::{
    uri::{NameAddr, Uri},
    wire::{
        Message,
        text::{self, Params, find_outside, unquote},
    },
};

/// Which calls are answered by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutoAnswer {
    /// Those that ask for it.
    pub on_request: bool,
    /// All others too.
    pub always: bool,
    /// Only of these callers: users (`200`, `2*`) or addresses (`*@example.com`); empty: of any.
    pub callers: Vec<String>,
    /// After so long, when the caller does not say how long.
    pub delay: Duration,
}

/// What is to become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// The user answers.
    ByUser,
    /// It is answered by itself after this time.
    After(Duration),
    /// The caller insists on an automatic answer and may not (RFC 5373 §4.4): 403.
    Refused,
}

impl AutoAnswer {
    /// Decides on an INVITE of `caller`.
    pub fn decide(&self, invite: &Message, caller: &Uri) -> Answering {
        let asked = asked_for(invite);
        let may = self.callers.is_empty() || self.callers.iter().any(|known| fits(known, caller));
        match asked {
            Some(Asked { after, .. }) if may && (self.on_request || self.always) => {
                Answering::After(after.unwrap_or(self.delay))
            }
            Some(Asked { required: true, .. }) => Answering::Refused,
            None if may && self.always => Answering::After(self.delay),
            _ => Answering::ByUser,
        }
    }
}

struct Asked {
    after: Option<Duration>,
    required: bool,
}

fn asked_for(invite: &Message) -> Option<Asked> {
    let plain = |after| Some(Asked { after, required: false });
    for (name, value) in invite.all_headers() {
        let Ok(value) = std::str::from_utf8(value) else { continue };
        let found = match name.to_ascii_lowercase().as_str() {
            "call-info" => {
                text::split(value, ',').find_map(answer_after).and_then(|s| plain(Some(s)))
            }
            "alert-info" => {
                let wanted =
                    |value: &str| answer_after(value).map(Some).or_else(|| alerting(value));
                text::split(value, ',').find_map(wanted).and_then(plain)
            }
            "x-autoanswer" => {
                let on = ["true", "yes", "1", "on"];
                on.iter()
                    .any(|on| value.eq_ignore_ascii_case(on))
                    .then_some(())
                    .and_then(|()| plain(None))
            }
            "answer-mode" | "priv-answer-mode" => answer_mode(value),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// `;answer-after=2`, in seconds.
fn answer_after(value: &str) -> Option<Duration> {
    let seconds: u64 = unquote(parameters(value)?.value("answer-after")?).parse().ok()?;
    Some(Duration::from_secs(seconds.min(MOST_SECONDS)))
}

/// `;info=alert-autoanswer` and its like; the time is not said.
fn alerting(value: &str) -> Option<Option<Duration>> {
    let params = parameters(value)?;
    let info = unquote(params.value("info")?).to_ascii_lowercase().replace(['-', '_'], " ");
    let words = ["alert autoanswer", "auto answer", "autoanswer", "ring answer", "intercom"];
    words.iter().any(|word| info == *word).then_some(None)
}

/// `Auto;require` (RFC 5373 §4.3.1).
fn answer_mode(value: &str) -> Option<Asked> {
    let mut parts = value.split(';').map(text::trim);
    let auto = parts.next().is_some_and(|mode| mode.eq_ignore_ascii_case("auto"));
    let required = parts.any(|parameter| parameter.eq_ignore_ascii_case("require"));
    auto.then_some(Asked { after: None, required })
}

/// The parameters behind a URI in angle brackets.
fn parameters(value: &str) -> Option<Params> {
    Params::parse(&value[find_outside(value, ';')?..])
}

/// Whether a caller is who a pattern names; `*` stands for any characters.
fn fits(pattern: &str, caller: &Uri) -> bool {
    let user = caller.user_decoded().unwrap_or_default();
    let bare = pattern.trim().trim_start_matches("sip:").to_ascii_lowercase();
    let address = NameAddr::new(caller.for_identity()).uri;
    let host = address.host().map(ToString::to_string).unwrap_or_default();
    let whole = format!("{user}@{host}").to_ascii_lowercase();
    let text = if bare.contains('@') { whole } else { user.to_ascii_lowercase() };
    matches(&bare, &text)
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// Longest time that a caller may ask for; after it a person has answered or has not.
const MOST_SECONDS: u64 = 120;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn decide(rule: &AutoAnswer, lines: &str) -> Answering {
        let text = format!("INVITE sip:b@h SIP/2.0\r\n{lines}\r\n");
        let message = Message::parse(Bytes::from(text)).unwrap();
        rule.decide(&message, &"sip:200@example.com".parse().unwrap())
    }

    #[test]
    fn every_way_of_asking_that_the_field_knows_is_understood() {
        let rule = AutoAnswer {
            on_request: true,
            delay: Duration::from_millis(700),
            ..AutoAnswer::default()
        };
        let after = |ms| Answering::After(Duration::from_millis(ms));
        for (lines, wanted) in [
            ("Call-Info: <sip:h>;answer-after=2\r\n", after(2_000)),
            ("Call-Info: <http://x>;purpose=icon, <sip:h>; answer-after=0\r\n", after(0)),
            ("Alert-Info: <http://h>;info=alert-autoanswer;delay=0\r\n", after(700)),
            ("Alert-Info: <http://h>;info=\"Ring Answer\"\r\n", after(700)),
            ("Alert-Info: <http://h>;answer-after=1\r\n", after(1_000)),
            ("X-AUTOANSWER: TRUE\r\n", after(700)),
            ("Answer-Mode: Auto\r\n", after(700)),
            ("Priv-Answer-Mode: auto ; require\r\n", after(700)),
            ("Answer-Mode: Manual\r\n", Answering::ByUser),
            ("X-AutoAnswer: no\r\n", Answering::ByUser),
            ("Alert-Info: <http://h>;info=external\r\n", Answering::ByUser),
            ("Call-Info: <sip:h>;answer-after=soon\r\n", Answering::ByUser),
            ("", Answering::ByUser),
        ] {
            assert_eq!(decide(&rule, lines), wanted, "{lines}");
        }
    }

    #[test]
    fn nothing_is_answered_unless_it_is_allowed() {
        let off = AutoAnswer::default();
        assert_eq!(decide(&off, "X-AUTOANSWER: TRUE\r\n"), Answering::ByUser);
        assert_eq!(decide(&off, "Answer-Mode: Auto;require\r\n"), Answering::Refused);
        let listed = |callers: &[&str]| AutoAnswer {
            always: true,
            callers: callers.iter().map(|c| c.to_string()).collect(),
            ..AutoAnswer::default()
        };
        for (callers, may) in [
            (&["200"][..], true),
            (&["2*"], true),
            (&["*@EXAMPLE.com"], true),
            (&["sip:200@example.com"], true),
            (&["*0*"], true),
            (&["201", "2"], false),
            (&["*@example.org"], false),
            (&["20*01"], false),
        ] {
            let answered = decide(&listed(callers), "") != Answering::ByUser;
            assert_eq!(answered, may, "{callers:?}");
        }
    }
}

//! The Subscription-State header field (RFC 6665 §4.1.3, §8.2.3).

use std::time::Duration;

use crate::proto::sip::wire::text::{self, Params};

/// What a NOTIFY says of its subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionStateHeader {
    /// State.
    pub state: Substate,
    /// Why it is over; `None` while it is not, and when the notifier does not say.
    pub reason: Option<TerminationReason>,
    /// How long it lasts still.
    pub expires: Option<Duration>,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

/// State of a subscription, as its notifier says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Substate {
    /// The notifier has not decided, as a rule because somebody has to be asked.
    Pending,
    /// It stands.
    Active,
    /// It is over.
    Terminated,
}

/// Why a notifier ended a subscription (RFC 6665 §4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TerminationReason {
    /// Subscribe again at once: the notifier moves.
    Deactivated,
    /// Subscribe again later.
    Probation,
    /// The subscription is not allowed (any longer); do not try again.
    Rejected,
    /// It was not refreshed in time.
    Timeout,
    /// Nobody decided about it; try later.
    Giveup,
    /// What was watched is no more; do not try again.
    NoResource,
    /// What was watched does not change; do not try again.
    Invariant,
    /// A word that no RFC has.
    Other,
}

impl TerminationReason {
    fn parse(word: &str) -> Self {
        const WORDS: [(&str, TerminationReason); 7] = [
            ("deactivated", TerminationReason::Deactivated),
            ("probation", TerminationReason::Probation),
            ("rejected", TerminationReason::Rejected),
            ("timeout", TerminationReason::Timeout),
            ("giveup", TerminationReason::Giveup),
            ("noresource", TerminationReason::NoResource),
            ("invariant", TerminationReason::Invariant),
        ];
        let known = WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
        known.map_or(Self::Other, |(_, reason)| *reason)
    }

    /// What it says, for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Deactivated => "the far end asks to subscribe again",
            Self::Probation => "the far end asks to subscribe later",
            Self::Rejected => "the far end does not allow it",
            Self::Timeout => "it was not refreshed in time",
            Self::Giveup => "the far end could not decide",
            Self::NoResource => "what was watched is no more",
            Self::Invariant => "what was watched does not change",
            Self::Other => "the far end ended it",
        }
    }
}

impl SubscriptionStateHeader {
    /// Reads the value of the header; `None` when its first word is no state.
    pub fn parse(value: &str) -> Option<Self> {
        let (word, rest) = value.split_at(value.find(';').unwrap_or(value.len()));
        let state = match text::trim(word).to_ascii_lowercase().as_str() {
            "active" => Substate::Active,
            "pending" => Substate::Pending,
            "terminated" => Substate::Terminated,
            _ => return None,
        };
        let params = Params::parse(rest).unwrap_or_default();
        let seconds = |name| {
            let number = params.value(name)?.parse::<u32>().ok()?;
            Some(Duration::from_secs(u64::from(number)))
        };
        Some(Self {
            state,
            reason: params.value("reason").map(TerminationReason::parse),
            expires: seconds("expires"),
            retry_after: seconds("retry-after"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_states_with_their_parameters() {
        let read = |text: &str| SubscriptionStateHeader::parse(text);
        let active = read("Active ; expires=600").unwrap();
        assert_eq!(active.state, Substate::Active);
        assert_eq!(active.expires, Some(Duration::from_secs(600)));
        let over = read("terminated;reason=Probation;retry-after=30").unwrap();
        assert_eq!(over.state, Substate::Terminated);
        assert_eq!(over.reason, Some(TerminationReason::Probation));
        assert_eq!(over.retry_after, Some(Duration::from_secs(30)));
        assert_eq!(
            read("terminated;reason=sulking").unwrap().reason,
            Some(TerminationReason::Other)
        );
        assert_eq!(read("pending").unwrap().reason, None);
        assert_eq!(read("waiting"), None);
        assert_eq!(read(""), None);
        assert_eq!(read("active;expires=never").unwrap().expires, None);
    }
}

//! What happened, in the words of people.

use std::time::Duration;

use sidetone::engine::{
    ErrorKind, Lamp, Notified, TransferState,
    watch::{MessageSummary, Presence, WatchedDialog},
};

use crate::prompt::What;

/// Why a call ended. `text`: the far end's reason phrase or the engine's own words; `patience`: how
/// long an outgoing call rings.
pub fn end_of_call(
    code: u16,
    text: &str,
    error: Option<ErrorKind>,
    patience: Option<Duration>,
) -> String {
    let told = |plain: &str| match text {
        "" => plain.to_owned(),
        text if text.eq_ignore_ascii_case(plain) => plain.to_owned(),
        text => format!("{plain} ({code} {text})"),
    };
    match (error, code) {
        (None, _) => "the call has ended".to_owned(),
        (Some(ErrorKind::NoAnswer), _) => match patience {
            Some(time) if code == 487 || code == 0 => {
                format!("nobody answered within {} s", time.as_secs())
            }
            _ => told("no answer came"),
        },
        (Some(ErrorKind::NoCodec), _) => told("there is no codec that both sides know"),
        (Some(ErrorKind::SrtpRequired), _) => told("the far end does not encrypt"),
        (Some(ErrorKind::Authentication), _) => told("the user name or password was refused"),
        (Some(ErrorKind::Transport | ErrorKind::Resolve), _) => match text {
            "" => "the far end cannot be reached".to_owned(),
            text => text.to_owned(),
        },
        (_, 486 | 600) => "busy".to_owned(),
        (_, 603 | 607 | 608) => told("declined"),
        (_, 404 | 410 | 604) => told("there is no such number"),
        (_, 480) => told("not available"),
        (_, 403) => told("not allowed"),
        (_, 488 | 606) => told("the far end does not take such calls"),
        (_, 301 | 302 | 305) => told("the far end has moved"),
        (_, 408 | 504) => told("no answer came"),
        (_, 500..=599) => told("the far end has a fault"),
        (Some(_), 0) => text.to_owned(),
        (Some(_), _) => told("refused"),
    }
}

/// How a transfer goes.
pub fn transfer(state: &TransferState, code: u16, text: &str) -> String {
    match state {
        TransferState::Asked { target, decide: true, .. } => {
            format!("the far end asks us to call {target}; allow, or deny")
        }
        TransferState::Asked { target, .. } => format!("the far end has us call {target}"),
        TransferState::Progress => format!("the transfer is under way ({text})"),
        TransferState::Done => "transferred".to_owned(),
        TransferState::Failed if code == 0 => format!("the transfer failed: {text}"),
        TransferState::Failed => format!("the transfer failed ({code} {text})"),
    }
}

/// What a NOTIFY says of `who`; `None` for what the engine does not read.
pub fn notified(who: &str, notified: &Notified) -> Option<String> {
    Some(match notified {
        Notified::Messages(summary) => mailbox(who, summary),
        Notified::Dialogs { lamp, dialogs } => format!("{who} {}", lamp_words(*lamp, dialogs)),
        Notified::Presence(presence) => format!("{who} {}", presence_words(presence)),
        Notified::Other => return None,
    })
}

/// Why `who` is not watched, or no longer.
pub fn not_watched(who: &str, what: What, code: u16, text: &str) -> String {
    let offer = match what {
        What::Lamp => "busy lamps",
        What::Presence => "presence",
        What::Mailbox => "word of messages",
    };
    match code {
        489 => format!("{who} does not offer {offer} (489 {text})"),
        _ => format!("{who} is not watched: {text}"),
    }
}

fn mailbox(who: &str, summary: &MessageSummary) -> String {
    let voice = summary.voice();
    match (summary.waiting, voice.new) {
        (false, _) => format!("{who}: no new messages"),
        (true, 0) => format!("{who}: messages wait"),
        (true, 1) => format!("{who}: 1 new voice message, {} old", voice.old),
        (true, new) => format!("{who}: {new} new voice messages, {} old", voice.old),
    }
}

fn lamp_words(lamp: Lamp, dialogs: &[WatchedDialog]) -> String {
    let others: Vec<&str> = dialogs
        .iter()
        .map(|dialog| match dialog.remote.display_name.as_str() {
            "" => dialog.remote.uri.as_str(),
            name => name,
        })
        .filter(|name| !name.is_empty())
        .collect();
    let state = match lamp {
        Lamp::Unknown => "is not known",
        Lamp::Idle => "is free",
        Lamp::Ringing => "is being called",
        Lamp::Busy => "is in a call",
        Lamp::Held => "has a call on hold",
    };
    match others.as_slice() {
        [] => state.to_owned(),
        others => format!("{state} ({})", others.join(", ")),
    }
}

fn presence_words(presence: &Presence) -> String {
    let state = match presence.open() {
        Some(true) => "is there",
        Some(false) => "is away",
        None => "does not say",
    };
    let details = [presence.activity().replace('-', " "), presence.note().to_owned()];
    let details: Vec<&str> = details.iter().map(String::as_str).filter(|d| !d.is_empty()).collect();
    match details.as_slice() {
        [] => state.to_owned(),
        details => format!("{state}: {}", details.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_serve_what_is_watched_is_told_by_what_it_is() {
        let told = |what, code, text| not_watched("sip:bob@h", what, code, text);
        assert_eq!(
            told(What::Lamp, 489, "Bad Event"),
            "sip:bob@h does not offer busy lamps (489 Bad Event)"
        );
        assert!(told(What::Presence, 489, "Bad Event").contains("does not offer presence"));
        assert_eq!(told(What::Lamp, 404, "Not Found"), "sip:bob@h is not watched: Not Found");
    }

    #[test]
    fn the_end_of_a_call_is_told_in_plain_words() {
        let refused = Some(ErrorKind::Refused);
        let end =
            |code, text: &str, error| end_of_call(code, text, error, Some(Duration::from_secs(30)));
        assert_eq!(end(0, "", None), "the call has ended");
        assert_eq!(end(486, "Busy Here", refused), "busy");
        assert_eq!(end(487, "no answer", Some(ErrorKind::NoAnswer)), "nobody answered within 30 s");
        assert_eq!(end(404, "Not Found", refused), "there is no such number (404 Not Found)");
        assert_eq!(end(499, "Odd", refused), "refused (499 Odd)");
        let text = "the certificate is for another name";
        assert_eq!(end(503, text, Some(ErrorKind::Transport)), text);
    }
}

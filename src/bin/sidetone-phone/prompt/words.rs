//! A line typed at the prompt, read into what it asks for.

use std::time::Duration;

/// What a line asks for. Numbers are those that the prompt gave to calls, from 1; `None`: the
/// current one.
#[derive(Clone, Debug, PartialEq)]
pub enum Words {
    Dial(String),
    Answer(Option<usize>),
    Hangup(Option<usize>),
    Mute,
    Hold(Option<usize>),
    Resume(Option<usize>),
    Use(usize),
    Digits(String),
    /// The current call to somebody else.
    Transfer(String),
    /// Do what the far end asks for, or not: to call somebody else.
    Allow(bool),
    /// The far ends of two calls to each other.
    Connect(usize, usize),
    /// To whom (`None`: the far end of the current call), and what.
    Message(Option<String>, String),
    Watch(String, What),
    Unwatch(String),
    /// Open or not, an activity, and a note.
    Presence(bool, String, String),
    Calls,
    Accounts,
    Watches,
    /// For scripts: until a call is in that state, or for a time.
    Wait(Until),
    Help,
    Quit,
}

/// What of somebody is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Lamp,
    Presence,
    Mailbox,
}

/// What a script waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Until {
    Incoming,
    Ringing,
    Connected,
    Ended,
    /// An incoming message.
    Message,
    /// A line that tells of what is watched and has this text.
    Told(String),
    Time(Duration),
}

/// What can be typed, for `help`.
pub const HELP: &str =
    "dial WHO                call somebody: sip:user@host, or a number of the account
answer [N]              answer call N, or the one that rings
hangup [N]              end call N, or the current one
hold [N], resume [N]    put a call on hold, and take it off
mute                    be silent, or speak again
use N                   make call N the current one
dtmf DIGITS             send digits: 0-9 * # A-D, a comma waits
transfer WHO            have the far end call somebody else
allow, deny             call whom the far end asks us to call, or do not
connect N M             connect the far ends of calls N and M with each other
message WHO TEXT        send a message; `message . TEXT` sends it within the call
watch WHO [lamp|presence|mailbox]   show whether somebody talks, is there, has messages
unwatch WHO             no longer
presence open|closed [ACTIVITY] [NOTE...]   tell others how you are; `-` for no activity
calls, accounts, watches            show them
wait incoming|ringing|connected|ended|message|told TEXT|SECONDS   for scripts: wait
help, quit";

/// Reads a line; `Ok(None)`: an empty one, or a comment. The error says what is wrong with it.
pub fn read(line: &str) -> Result<Option<Words>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with("//") {
        return Ok(None);
    }
    let (word, rest) = cut(line);
    Ok(Some(match word.to_ascii_lowercase().as_str() {
        "dial" | "call" | "d" => Words::Dial(whole(rest, "dial WHO")?),
        "answer" | "a" => Words::Answer(number(rest)?),
        "hangup" | "h" | "bye" => Words::Hangup(number(rest)?),
        "mute" | "m" => Words::Mute,
        "hold" => Words::Hold(number(rest)?),
        "resume" => Words::Resume(number(rest)?),
        "use" => Words::Use(number(rest)?.ok_or("which call? use N")?),
        "dtmf" => Words::Digits(whole(rest, "dtmf DIGITS")?),
        "transfer" => Words::Transfer(whole(rest, "transfer WHO")?),
        "allow" => Words::Allow(true),
        "deny" => Words::Allow(false),
        "connect" => {
            let (one, other) = cut(rest);
            let both = (number(one)?, number(other)?);
            let (Some(one), Some(other)) = both else { return Err("connect N M".into()) };
            Words::Connect(one, other)
        }
        "message" | "msg" => {
            let (who, text) = cut(rest);
            if who.is_empty() || text.is_empty() {
                return Err("message WHO TEXT, or message . TEXT in a call".into());
            }
            Words::Message((who != ".").then(|| who.to_owned()), text.to_owned())
        }
        "watch" | "w" => watch(rest)?,
        "unwatch" => Words::Unwatch(whole(rest, "unwatch WHO")?),
        "presence" => presence(rest)?,
        "calls" => Words::Calls,
        "accounts" => Words::Accounts,
        "watches" => Words::Watches,
        "wait" => Words::Wait(until(rest)?),
        "help" | "?" => Words::Help,
        "quit" | "exit" | "q" => Words::Quit,
        digits if digits.chars().all(|c| "0123456789*#abcd,".contains(c)) => {
            Words::Digits(digits.to_uppercase())
        }
        other => return Err(format!("`{other}` is not known; `help` shows what is")),
    }))
}

fn watch(rest: &str) -> Result<Words, String> {
    let (who, what) = cut(rest);
    if who.is_empty() {
        return Err("watch WHO [lamp|presence|mailbox]".into());
    }
    let what = match what {
        "" | "lamp" | "blf" => What::Lamp,
        "presence" => What::Presence,
        "mailbox" | "mwi" => What::Mailbox,
        other => return Err(format!("`{other}`: lamp, presence or mailbox can be watched")),
    };
    Ok(Words::Watch(who.to_owned(), what))
}

fn presence(rest: &str) -> Result<Words, String> {
    let (state, rest) = cut(rest);
    let (activity, note) = cut(rest);
    let open = match state {
        "open" => true,
        "closed" => false,
        _ => return Err("presence open|closed [ACTIVITY] [NOTE...]".into()),
    };
    let activity = if activity == "-" { "" } else { activity };
    Ok(Words::Presence(open, activity.to_owned(), note.to_owned()))
}

fn until(rest: &str) -> Result<Until, String> {
    let (word, text) = cut(rest);
    Ok(match word {
        "incoming" => Until::Incoming,
        "ringing" => Until::Ringing,
        "connected" => Until::Connected,
        "ended" => Until::Ended,
        "message" => Until::Message,
        "told" => Until::Told(whole(text, "wait told TEXT")?),
        seconds => Until::Time(crate::options::seconds(seconds)?),
    })
}

/// The first word, and what follows.
fn cut(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

fn whole(rest: &str, form: &str) -> Result<String, String> {
    if rest.is_empty() { Err(form.to_owned()) } else { Ok(rest.to_owned()) }
}

fn number(rest: &str) -> Result<Option<usize>, String> {
    match rest {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("`{text}` is not the number of a call")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_people_type_them() {
        let words = |line: &str| read(line).unwrap().unwrap();
        assert_eq!(words(" dial sip:bob@h "), Words::Dial("sip:bob@h".into()));
        assert_eq!(words("h"), Words::Hangup(None));
        assert_eq!(words("Answer 2"), Words::Answer(Some(2)));
        assert_eq!(words("hold 2"), Words::Hold(Some(2)));
        assert_eq!(words("12#"), Words::Digits("12#".into()));
        assert_eq!(words("connect 1 2"), Words::Connect(1, 2));
        assert_eq!(
            words("message bob are you  there?"),
            Words::Message(Some("bob".into()), "are you  there?".into())
        );
        assert_eq!(words("msg . hi"), Words::Message(None, "hi".into()));
        assert_eq!(words("watch 201"), Words::Watch("201".into(), What::Lamp));
        assert_eq!(words("watch 201 mwi"), Words::Watch("201".into(), What::Mailbox));
        assert_eq!(
            words("presence open - back soon"),
            Words::Presence(true, String::new(), "back soon".into())
        );
        assert_eq!(words("wait 0.5"), Words::Wait(Until::Time(Duration::from_millis(500))));
        assert_eq!(read("  "), Ok(None));
        assert_eq!(read("// a comment"), Ok(None));
        for wrong in
            ["dial", "answer x", "watch", "watch a b", "message bob", "juggle", "use", "connect 1"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

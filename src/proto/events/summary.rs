//! Messages waiting (RFC 3842, `application/simple-message-summary`).
//!
//! ```text
//! Messages-Waiting: yes
//! Message-Account: sip:alice@vmail.example.com
//! Voice-Message: 2/8 (0/2)          new/old (urgent new/urgent old)
//! ```

/// Who waits in a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageSummary {
    /// Whether there is anything new.
    pub waiting: bool,
    /// URI of the mailbox, empty when the server does not say.
    pub account: String,
    /// Counts by class, in the order of the document: `voice-message`, `fax-message`, …, in lower
    /// case.
    pub classes: Vec<(String, MessageCounts)>,
}

/// How many messages of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// New ones, urgent ones included.
    pub new: u32,
    /// Old ones, urgent ones included.
    pub old: u32,
    /// Urgent new ones.
    pub urgent_new: u32,
    /// Urgent old ones.
    pub urgent_old: u32,
}

/// Most classes that are kept; RFC 3842 knows six.
const MOST_CLASSES: usize = 16;

impl MessageSummary {
    /// Reads a document; `None` without Messages-Waiting. Lines that are not understood are passed
    /// over, and what follows the first empty line (headers of the messages) is not looked at.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let mut summary = Self::default();
        let mut told = false;
        let lines = text.lines().map(str::trim).skip_while(|line| line.is_empty());
        for line in lines.take_while(|line| !line.is_empty()) {
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            match name.as_str() {
                "messages-waiting" => {
                    summary.waiting = value.eq_ignore_ascii_case("yes");
                    told = true;
                }
                "message-account" => summary.account = value.to_owned(),
                _ if summary.classes.len() < MOST_CLASSES => {
                    summary.classes.extend(MessageCounts::parse(value).map(|c| (name, c)));
                }
                _ => {}
            }
        }
        told.then_some(summary)
    }

    /// Counts of voice messages; zeros when the document has none.
    pub fn voice(&self) -> MessageCounts {
        self.class("voice-message")
    }

    /// Counts of a class; zeros when the document has none.
    pub fn class(&self, name: &str) -> MessageCounts {
        let known = self.classes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, counts)| *counts).unwrap_or_default()
    }
}

impl MessageCounts {
    /// `2/8` or `2/8 (0/2)`.
    fn parse(value: &str) -> Option<Self> {
        let pair = |text: &str| {
            let (new, old) = text.split_once('/')?;
            Some((new.trim().parse::<u32>().ok()?, old.trim().parse::<u32>().ok()?))
        };
        let (all, urgent) = value.split_once('(').unwrap_or((value, ""));
        let (new, old) = pair(all)?;
        let urgent = urgent.split(')').next().and_then(pair);
        let (urgent_new, urgent_old) = urgent.unwrap_or_default();
        Some(Self { new, old, urgent_new, urgent_old })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_example_of_the_rfc() {
        let body = b"Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\n\
            Voice-Message: 4/8 (1/2)\r\nfax-message : 1/0\r\n\r\nTo: <alice@atlanta.example.com>\r\n\
            Subject: carpool: 1/2\r\n";
        let summary = MessageSummary::parse(body).unwrap();
        assert!(summary.waiting);
        assert_eq!(summary.account, "sip:alice@vmail.example.com");
        let voice = MessageCounts { new: 4, old: 8, urgent_new: 1, urgent_old: 2 };
        assert_eq!(summary.voice(), voice);
        assert_eq!(summary.class("Fax-Message").new, 1);
        assert_eq!(summary.classes.len(), 2);
    }

    #[test]
    fn takes_what_servers_send() {
        let asterisk =
            b"Messages-Waiting: no\nMessage-Account: sip:a@b\nVoice-Message: 0/0 (0/0)\n";
        let summary = MessageSummary::parse(asterisk).unwrap();
        assert!(!summary.waiting && summary.voice() == MessageCounts::default());
        let bare = MessageSummary::parse(b"\r\nmessages-waiting:YES").unwrap();
        assert!(bare.waiting && bare.classes.is_empty());
        let odd = MessageSummary::parse(b"Messages-Waiting: yes\r\nVoice-Message: many/2\r\n");
        assert_eq!(odd.unwrap().classes, []);
        assert_eq!(MessageSummary::parse(b"Voice-Message: 1/0\r\n"), None);
        assert_eq!(MessageSummary::parse(b"\xff\xfe"), None);
    }
}

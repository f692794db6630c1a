//! The Reason header (RFC 3326): why a request was sent, by a SIP status or a Q.850 cause.
//!
//! ```text
//! Reason: SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16;text="Terminated"
//! ```

use std::fmt;

use super::wire::{
    HeaderId, Message,
    text::{self, Params},
};

/// Whose numbers a cause is one of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A status code of SIP.
    Sip,
    /// A cause value of ITU-T Q.850.
    Q850,
    /// Any other.
    Other(String),
}

/// One value of a Reason header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reason {
    /// Whose number `cause` is.
    pub protocol: Protocol,
    /// The number, when there is one.
    pub cause: Option<u16>,
    /// For people; may be empty.
    pub text: String,
}

impl Reason {
    /// A Q.850 cause with its usual text (or `text`, when that is not empty).
    pub fn q850(cause: u16, text: &str) -> Self {
        let text = if text.is_empty() { q850_text(cause) } else { text };
        Self { protocol: Protocol::Q850, cause: Some(cause), text: text.to_owned() }
    }

    /// Reads one value.
    pub fn parse(value: &str) -> Option<Self> {
        let (protocol, params) =
            value.split_at(text::find_outside(value, ';').unwrap_or(value.len()));
        let protocol = text::trim(protocol);
        if !text::is_token(protocol) {
            return None;
        }
        let params = Params::parse(params)?;
        let protocol = match protocol {
            p if p.eq_ignore_ascii_case("SIP") => Protocol::Sip,
            // Some gateways leave the point out.
            p if p.eq_ignore_ascii_case("Q.850") || p.eq_ignore_ascii_case("Q850") => {
                Protocol::Q850
            }
            other => Protocol::Other(other.to_owned()),
        };
        let cause = params.value("cause").and_then(|cause| cause.parse().ok());
        let text = params.value("text").map(text::unquote).unwrap_or_default();
        Some(Self { protocol, cause, text })
    }

    /// Every readable value of a message's Reason headers, in order.
    pub fn of(message: &Message) -> Vec<Self> {
        message.header_list(HeaderId::Reason).filter_map(Self::parse).collect()
    }

    /// Whether it says that another phone of ours took the call: SIP 200 (RFC 3326 §3.1), Q.850 26
    /// (non-selected user clearing), or the words themselves, which some proxies send alone.
    pub fn answered_elsewhere(&self) -> bool {
        match (&self.protocol, self.cause) {
            (Protocol::Sip, Some(200)) | (Protocol::Q850, Some(26)) => true,
            _ => self.text.to_ascii_lowercase().contains("completed elsewhere"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.protocol {
            Protocol::Sip => "SIP",
            Protocol::Q850 => "Q.850",
            Protocol::Other(name) => name,
        })?;
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        if !self.text.is_empty() {
            write!(f, ";text={}", text::quote(&self.text))?;
        }
        Ok(())
    }
}

/// The usual words of a Q.850 cause; empty for one that is not in the table.
pub fn q850_text(cause: u16) -> &'static str {
    match cause {
        1 => "Unallocated number",
        2 => "No route to network",
        3 => "No route to destination",
        16 => "Normal call clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "No answer",
        20 => "Subscriber absent",
        21 => "Call rejected",
        22 => "Number changed",
        26 => "Non-selected user clearing",
        27 => "Destination out of order",
        28 => "Invalid number format",
        29 => "Facility rejected",
        31 => "Normal, unspecified",
        34 => "No circuit available",
        38 => "Network out of order",
        41 => "Temporary failure",
        42 => "Switching equipment congestion",
        47 => "Resource unavailable",
        55 => "Incoming calls barred",
        57 => "Bearer capability not authorized",
        58 => "Bearer capability not available",
        63 => "Service not available",
        65 => "Bearer capability not implemented",
        79 => "Service not implemented",
        88 => "Incompatible destination",
        102 => "Recovery on timer expiry",
        111 => "Protocol error",
        127 => "Interworking, unspecified",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn several_reasons_stand_in_one_header_or_in_many() {
        let message = Message::parse(Bytes::from_static(
            b"BYE sip:a@b SIP/2.0\r\n\
              Reason: SIP ;cause=480 ;text=\"a, \\\"b\\\"; c\", q850;cause=16\r\n\
              Reason: preemption;cause=1;text=\"UA\"\r\nReason: ;cause=1\r\n\r\n",
        ))
        .unwrap();
        let reasons = Reason::of(&message);
        assert_eq!(reasons.len(), 3, "what cannot be read is passed over");
        assert_eq!((reasons[0].cause, reasons[0].text.as_str()), (Some(480), "a, \"b\"; c"));
        assert_eq!((&reasons[1].protocol, reasons[1].cause), (&Protocol::Q850, Some(16)));
        assert_eq!(reasons[2].protocol, Protocol::Other("preemption".into()));
        assert_eq!(reasons[0].to_string(), "SIP;cause=480;text=\"a, \\\"b\\\"; c\"");
    }

    #[test]
    fn answered_elsewhere_is_told_by_its_number_or_by_its_words() {
        let elsewhere = |text: &str| Reason::parse(text).unwrap().answered_elsewhere();
        assert!(elsewhere("SIP;cause=200;text=\"Call completed elsewhere\""));
        assert!(elsewhere("Q.850;cause=26"));
        assert!(elsewhere("SIP;text=\"call Completed Elsewhere\""));
        assert!(!elsewhere("SIP;cause=487"));
        assert!(!elsewhere("Q.850;cause=200"));
    }

    #[test]
    fn a_q850_cause_goes_out_with_its_usual_words() {
        assert_eq!(Reason::q850(17, "").to_string(), "Q.850;cause=17;text=\"User busy\"");
        assert_eq!(Reason::q850(99, "").to_string(), "Q.850;cause=99");
        assert_eq!(Reason::q850(16, "bye").to_string(), "Q.850;cause=16;text=\"bye\"");
    }
}

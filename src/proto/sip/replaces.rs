//! The Replaces header (RFC 3891) and the headers that a URI carries behind its question mark
//! (RFC 3261 §19.1.1), which is where a Refer-To has its Replaces (RFC 3515 §2.1).

use std::fmt;

use super::{
    dialog::DialogId,
    uri::{Uri, unescape},
    wire::text::{self, Params},
};

/// The dialog that an INVITE takes the place of, as the receiver of the INVITE sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replaces {
    /// Call-ID.
    pub call_id: String,
    /// Tag of the one who gets the INVITE.
    pub to_tag: String,
    /// Tag of the other.
    pub from_tag: String,
    /// Only if the dialog is not confirmed yet.
    pub early_only: bool,
}

impl Replaces {
    /// What has the far end of `dialog` put an INVITE in the dialog's place: its tag is our remote
    /// one.
    pub fn far_end_of(dialog: &DialogId) -> Self {
        let tag = |tag: &str| if tag.is_empty() { "0".to_owned() } else { tag.to_owned() };
        Self {
            call_id: dialog.call_id.clone(),
            to_tag: tag(&dialog.remote_tag),
            from_tag: tag(&dialog.local_tag),
            early_only: false,
        }
    }

    /// Reads a header's value. Exactly one of each tag has to be there (RFC 3891 §6.1).
    pub fn parse(value: &str) -> Option<Self> {
        let (call_id, params) = value.split_at(value.find(';')?);
        let call_id = text::trim(call_id);
        let params = Params::parse(params)?;
        let one = |name: &str| {
            let mut found = params.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            let value = found.next()?.1.filter(|tag| !tag.is_empty())?;
            found.next().is_none().then(|| value.to_owned())
        };
        if call_id.is_empty() || call_id.contains([' ', '\t', ',']) {
            return None;
        }
        Some(Self {
            call_id: call_id.to_owned(),
            to_tag: one("to-tag")?,
            from_tag: one("from-tag")?,
            early_only: params.has("early-only"),
        })
    }

    /// Whether it means `dialog`, seen from our side. A tag of 0 is none (RFC 3891 §3).
    pub fn means(&self, dialog: &DialogId) -> bool {
        let same = |wanted: &str, tag: &str| wanted == tag || (wanted == "0" && tag.is_empty());
        self.call_id == dialog.call_id
            && same(&self.to_tag, &dialog.local_tag)
            && same(&self.from_tag, &dialog.remote_tag)
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call_id, to_tag, from_tag, early_only } = self;
        write!(f, "{call_id};to-tag={to_tag};from-tag={from_tag}")?;
        if *early_only { f.write_str(";early-only") } else { Ok(()) }
    }
}

/// The headers that a URI carries, names and values with escapes undone. At most 32 are read.
pub fn embedded_headers(uri: &Uri) -> Vec<(String, String)> {
    let Some(headers) = uri.headers() else { return Vec::new() };
    let pairs = headers.split('&').take(MOST_EMBEDDED).filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((unescape(name), unescape(value)))
    });
    pairs.filter(|(name, _)| text::is_token(name)).collect()
}

/// `uri` with one header behind its question mark, escaped.
pub fn with_embedded_header(uri: &Uri, name: &str, value: &str) -> Uri {
    let pair = format!("{}={}", escape(name), escape(value));
    let headers = match uri.headers() {
        Some(before) if !before.is_empty() => format!("{before}&{pair}"),
        _ => pair,
    };
    uri.clone().with_headers(&headers)
}

/// Escapes all but the unreserved characters of RFC 3261 §25.1.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Most headers that are read out of one URI.
const MOST_EMBEDDED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_is_read_in_any_order_and_with_every_tag_once() {
        let text = "12@host.example ;from-tag=f;early-only;to-tag=t";
        let replaces = Replaces::parse(text).unwrap();
        assert_eq!(replaces.to_string(), "12@host.example;to-tag=t;from-tag=f;early-only");
        for broken in [
            "",
            "id",
            "id;to-tag=a",
            "id;to-tag=a;to-tag=b;from-tag=c",
            ";to-tag=a;from-tag=b",
            "id;to-tag;from-tag=b",
            "a,b;to-tag=a;from-tag=b",
        ] {
            assert_eq!(Replaces::parse(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn a_replaces_of_ours_means_the_far_ends_dialog() {
        let ours = DialogId { call_id: "c".into(), local_tag: "l".into(), remote_tag: "r".into() };
        let theirs =
            DialogId { call_id: "c".into(), local_tag: "r".into(), remote_tag: "l".into() };
        let replaces = Replaces::far_end_of(&ours);
        assert!(replaces.means(&theirs) && !replaces.means(&ours));
        let old = DialogId { call_id: "c".into(), local_tag: "l".into(), remote_tag: "".into() };
        assert_eq!(Replaces::far_end_of(&old).to_tag, "0");
    }

    #[test]
    fn headers_in_a_uri_are_escaped_and_come_back() {
        let uri: Uri = "sip:c@192.0.2.3:5070;transport=udp".parse().unwrap();
        let value = "a b@h;to-tag=x;from-tag=\"y&z\"";
        let uri = with_embedded_header(&uri, "Replaces", value);
        let uri = with_embedded_header(&uri, "X-Id", "1");
        let text = uri.to_string();
        assert!(text.starts_with("sip:c@192.0.2.3:5070;transport=udp?Replaces=a%20b%40h%3Bto-tag"));
        let read = embedded_headers(&text.parse().unwrap());
        assert_eq!(read, [("Replaces".into(), value.to_owned()), ("X-Id".into(), "1".into())]);
        assert!(embedded_headers(&"sip:a@b?x".parse().unwrap()).is_empty());
    }
}

//! The value of From, To, Contact, Route and their like (RFC 3261 §20.10).

use std::fmt;

use super::{
    uri::Uri,
    wire::text::{self, Params},
};

/// `"display" <uri>;params`, the form of From, To, Contact, Route and their like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// Display name, quotes and escapes undone.
    pub display: Option<String>,
    /// The URI.
    pub uri: Uri,
    /// Header parameters, such as `tag`.
    pub params: Params,
}

impl NameAddr {
    /// A URI without display name and parameters.
    pub fn new(uri: Uri) -> Self {
        Self { display: None, uri, params: Params::default() }
    }

    /// The same with a display name; an empty one is none.
    pub fn with_display(mut self, display: &str) -> Self {
        self.display = (!display.is_empty()).then(|| display.to_owned());
        self
    }

    /// The same with a tag.
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.params.set("tag", Some(tag));
        self
    }

    /// Reads one value. Without angle brackets every parameter is the header's, not the URI's
    /// (RFC 3261 §20.10).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text::trim(text);
        let (display, rest) = if text.starts_with('"') {
            let (display, rest) = text::quoted_string(text)?;
            let rest = text::trim(rest);
            if !rest.starts_with('<') {
                return None;
            }
            (Some(display), rest)
        } else {
            match text.find('<') {
                Some(at) => (Some(text::trim(&text[..at]).to_owned()), &text[at..]),
                None => (None, text),
            }
        };
        let (uri, params) = match rest.strip_prefix('<') {
            Some(rest) => rest.split_once('>')?,
            None => match rest.find(';') {
                Some(at) => (text::trim(&rest[..at]), &rest[at..]),
                None => (rest, ""),
            },
        };
        if display.as_deref().is_some_and(|display| display.contains('"')) && !text.starts_with('"')
        {
            return None;
        }
        Some(Self {
            display: display.filter(|display| !display.is_empty()),
            uri: uri.parse().ok()?,
            params: Params::parse(params)?,
        })
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag").filter(|tag| !tag.is_empty())
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", text::quote(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_brackets_belong_to_the_header() {
        let addr = NameAddr::parse("sip:a@b;tag=x").unwrap();
        assert_eq!(addr.tag(), Some("x"));
        assert!(addr.uri.params().is_empty());
        let addr = NameAddr::parse("A. Bell <sip:a@b;lr>;tag=y").unwrap();
        assert_eq!((addr.display.as_deref(), addr.tag()), (Some("A. Bell"), Some("y")));
        assert!(addr.uri.params().has("LR"));
        assert_eq!(addr.to_string(), "\"A. Bell\" <sip:a@b;lr>;tag=y");
    }

    #[test]
    fn refuses_broken_name_addrs() {
        for text in [
            "\"Mr. J. User <sip:j.user@example.com>",
            "\"W\" < sip:t.watson@example.org >",
            "<sip:a@b",
            "\"a\" sip:a@b",
            "",
        ] {
            assert!(NameAddr::parse(text).is_none(), "{text:?}");
        }
    }
}

//! The small grammar that every header shares: tokens, quoted strings, lists, parameters
//! (RFC 3261 §25.1).

use std::fmt;

/// Whether `text` is a `token` of RFC 3261 §25.1.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// Without linear white space at either end.
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Cuts `text` at every `separator` that stands outside quotes and angle brackets. Pieces are
/// trimmed; an unterminated quote runs to the end.
pub fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        match find_outside(current, separator) {
            Some(at) => {
                rest = Some(&current[at + separator.len_utf8()..]);
                Some(trim(&current[..at]))
            }
            None => {
                rest = None;
                Some(trim(current))
            }
        }
    })
}

/// Where `wanted` first stands outside quotes and angle brackets.
pub fn find_outside(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped, mut angle) = (false, false, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if quoted {
            match c {
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if c == wanted && !angle {
            return Some(at);
        } else {
            match c {
                '"' => quoted = true,
                '<' => angle = true,
                '>' => angle = false,
                _ => {}
            }
        }
    }
    None
}

/// Reads a quoted string at the start of `text`: its content with escapes undone, and what follows.
/// `None` when it is not one, or not terminated.
pub fn quoted_string(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut content = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((content, &inner[at + 1..])),
            '\\' => content.push(chars.next()?.1),
            _ => content.push(c),
        }
    }
    None
}

/// The content of a value that may be a quoted string.
pub fn unquote(value: &str) -> String {
    quoted_string(value).map_or_else(|| value.to_owned(), |(content, _)| content)
}

/// Writes `text` as a quoted string; what may not stand in one becomes a space.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A header value safe to write: no line break can leave it.
pub fn single_line(value: &str) -> String {
    let clean: String =
        value.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
    trim(&clean).to_owned()
}

/// Parameters of a header field or URI in their order; names compare without case, values are kept
/// as written (quotes included).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// Reads `;name=value;name…`, with linear white space allowed around each part. Empty pieces are
    /// skipped; `None` when something cannot be a parameter.
    pub fn parse(text: &str) -> Option<Self> {
        let text = trim(text);
        if text.is_empty() {
            return Some(Self::default());
        }
        let mut params = Vec::new();
        for piece in split(text.strip_prefix(';')?, ';') {
            if piece.is_empty() {
                continue;
            }
            let (name, value) = match find_outside(piece, '=') {
                Some(at) => (trim(&piece[..at]), Some(trim(&piece[at + 1..]))),
                None => (piece, None),
            };
            if name.is_empty() || name.contains([' ', '\t', '"', '<', '>', ',']) {
                return None;
            }
            if value.is_some_and(|value| !is_param_value(value)) {
                return None;
            }
            params.push((name.to_owned(), value.map(str::to_owned)));
        }
        Some(Self(params))
    }

    /// The value of `name`; `Some("")` when the parameter stands without one.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_deref().unwrap_or(""))
    }

    /// Whether `name` is there, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Sets `name`, replacing an earlier value in place.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes `name` out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_param_value(value: &str) -> bool {
    if value.starts_with('"') {
        return quoted_string(value).is_some_and(|(_, rest)| rest.is_empty());
    }
    !value.contains([' ', '\t', '"', '<', '>'])
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            match value {
                Some(value) => write!(f, ";{name}={value}")?,
                None => write!(f, ";{name}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_only_outside_quotes_and_brackets() {
        let pieces: Vec<_> = split(r#""a,\"b" <sip:a,b@c>;x="1,2" , <sip:d>,e"#, ',').collect();
        assert_eq!(pieces, [r#""a,\"b" <sip:a,b@c>;x="1,2""#, "<sip:d>", "e"]);
    }

    #[test]
    fn reads_parameters_with_white_space_around_them() {
        let params = Params::parse(r#" ; tag = 98 ;LR;q="a;b";; "#).unwrap();
        assert_eq!(params.value("TAG"), Some("98"));
        assert_eq!(params.value("lr"), Some(""));
        assert_eq!(params.value("q"), Some("\"a;b\""));
        assert_eq!(params.to_string(), ";tag=98;LR;q=\"a;b\"");
        assert!(Params::parse("x").is_none());
        assert!(Params::parse(";a b").is_none());
    }

    #[test]
    fn a_quoted_string_comes_back_as_it_went_out() {
        let text = r#"say "hi" \ there"#;
        assert_eq!(unquote(&quote(text)), text);
        assert!(quoted_string("\"open").is_none());
    }
}

//! Multipart bodies, read and written (RFC 2046 §5.1, RFC 5621).
//!
//! ```text
//! preamble ─ --boundary ─ headers, empty line, content ─ --boundary ─ … ─ --boundary-- ─ epilogue
//! ```
//!
//! Read leniently: bare line feeds, missing headers, and what stands before and behind the parts.

use super::text::{self, Params, single_line};

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Media type with its parameters as written; `text/plain` when the part names none.
    pub content_type: String,
    /// Its headers in their order, without Content-Type.
    pub headers: Vec<(String, String)>,
    /// Its content.
    pub body: &'a [u8],
}

/// The parts of a body, in order. `content_type` is the value of the header with its boundary; of
/// any other type than `multipart/` there are none.
pub fn parts<'a>(content_type: &str, body: &'a [u8]) -> Vec<Part<'a>> {
    let Some(boundary) = boundary(content_type) else { return Vec::new() };
    sections(body, &boundary).map(read_part).collect()
}

/// Puts parts together; the boundary occurs in none of them. Gives the value of Content-Type
/// (`multipart/mixed`, say, as `media_type`) and the body.
pub fn compose(media_type: &str, parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let sections: Vec<Vec<u8>> = parts.iter().map(section).collect();
    let taken = |boundary: &str| sections.iter().any(|part| find(part, boundary.as_bytes()));
    let boundary = (0u32..).map(|number| format!("part-{number}")).find(|name| !taken(name));
    let boundary = boundary.unwrap_or_default();
    let mut body = Vec::new();
    for section in &sections {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        body.extend_from_slice(section);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("{media_type};boundary={boundary}"), body)
}

/// A part as it stands between delimiters.
fn section(part: &Part<'_>) -> Vec<u8> {
    let mut octets = format!("Content-Type: {}\r\n", single_line(&part.content_type)).into_bytes();
    for (name, value) in &part.headers {
        let line = format!("{}: {}\r\n", single_line(name), single_line(value));
        octets.extend_from_slice(line.as_bytes());
    }
    octets.extend_from_slice(b"\r\n");
    octets.extend_from_slice(part.body);
    octets.extend_from_slice(b"\r\n");
    octets
}

/// The content of the first part with this media type, in lower case.
pub(super) fn part<'a>(body: &'a [u8], boundary: &str, media_type: &str) -> Option<&'a [u8]> {
    sections(body, boundary).find_map(|section| {
        let (headers, octets) = split_part(section);
        (bare_type(&type_of(headers)) == media_type).then_some(octets)
    })
}

/// The boundary of a multipart Content-Type.
fn boundary(content_type: &str) -> Option<String> {
    let multipart = content_type.trim_start().get(..10)?.eq_ignore_ascii_case("multipart/");
    let params = Params::parse(&content_type[content_type.find(';').filter(|_| multipart)?..])?;
    Some(text::unquote(params.value("boundary")?)).filter(|boundary| !boundary.is_empty())
}

/// What stands between the delimiters, each with its headers. A body that is cut off ends with its
/// last whole part.
fn sections<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = &'a [u8]> {
    let delimiter = format!("--{boundary}").into_bytes();
    let first = next_delimiter(body, 0, &delimiter).filter(|_| !boundary.is_empty());
    let mut at = first.map(|at| at + delimiter.len());
    std::iter::from_fn(move || {
        let from = at.take()?;
        let rest = body.get(from..)?;
        if rest.starts_with(b"--") {
            return None;
        }
        let line = from + rest.iter().position(|octet| *octet == b'\n')? + 1;
        let end = next_delimiter(body, line, &delimiter)?;
        at = Some(end + delimiter.len());
        body.get(line..end)
    })
}

/// Where the next delimiter stands: at the beginning of a line, with nothing but `--` or white
/// space behind it, so that one boundary may begin like another.
fn next_delimiter(body: &[u8], from: usize, delimiter: &[u8]) -> Option<usize> {
    let mut from = from;
    loop {
        let rest = body.get(from..)?;
        let at = from + rest.windows(delimiter.len()).position(|window| window == delimiter)?;
        let begins = at == 0 || body.get(at - 1) == Some(&b'\n');
        let behind = body.get(at + delimiter.len()..).unwrap_or_default();
        let ends = matches!(behind, [] | [b'-', b'-', ..] | [b' ' | b'\t' | b'\r' | b'\n', ..]);
        if begins && ends {
            return Some(at);
        }
        from = at + 1;
    }
}

fn read_part(section: &[u8]) -> Part<'_> {
    let (headers, body) = split_part(section);
    let named = |(name, _): &(String, String)| !name.eq_ignore_ascii_case("Content-Type");
    let lines = header_lines(headers).into_iter().filter(named).collect();
    Part { content_type: type_of(headers), headers: lines, body }
}

/// Headers and content of a part; the line break in front of a delimiter is the delimiter's.
fn split_part(part: &[u8]) -> (&[u8], &[u8]) {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    let part = part.strip_suffix(b"\r").unwrap_or(part);
    if let Some(octets) = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")) {
        return (b"", octets);
    }
    for gap in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = part.windows(gap.len()).position(|window| window == gap) {
            return (&part[..at], &part[at + gap.len()..]);
        }
    }
    (part, b"")
}

fn header_lines(headers: &[u8]) -> Vec<(String, String)> {
    let headers = String::from_utf8_lossy(headers);
    let lines = headers.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (text::trim(name).to_owned(), text::trim(value).to_owned())).collect()
}

/// The media type that the headers of a part name.
fn type_of(headers: &[u8]) -> String {
    let own = header_lines(headers)
        .into_iter()
        .find(|(name, value)| name.eq_ignore_ascii_case("Content-Type") && !value.is_empty());
    own.map_or_else(|| "text/plain".to_owned(), |(_, value)| value)
}

/// A media type without parameters, in lower case.
fn bare_type(content_type: &str) -> String {
    text::trim(content_type.split(';').next().unwrap_or_default()).to_ascii_lowercase()
}

fn find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"preamble\r\n--b1\r\n\r\nplain\r\n--b1\r\nContent-ID: <1>\r\n\
        content-type: Application/SDP; x=y\r\n\r\nv=0\r\ns=-\r\n\r\n--b1--\r\n";

    #[test]
    fn finds_the_part_of_a_type() {
        assert_eq!(part(BODY, "b1", "application/sdp"), Some(&b"v=0\r\ns=-\r\n"[..]));
        assert_eq!(part(BODY, "b1", "text/plain"), Some(&b"plain"[..]));
        assert_eq!(part(BODY, "b1", "image/png"), None);
        assert_eq!(part(BODY, "b2", "text/plain"), None);
        assert_eq!(part(BODY, "", "text/plain"), None);
        for cut in 0..BODY.len() {
            let _ = part(&BODY[..cut], "b1", "application/sdp");
        }
    }

    #[test]
    fn reads_every_part_with_its_headers() {
        let read = parts("Multipart/Mixed; boundary=\"b1\"", BODY);
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].content_type.as_str(), read[0].body), ("text/plain", &b"plain"[..]));
        assert_eq!(read[1].content_type, "Application/SDP; x=y");
        assert_eq!(read[1].headers, [("Content-ID".to_owned(), "<1>".to_owned())]);
        assert!(parts("text/plain", BODY).is_empty());
        assert!(parts("multipart/mixed", BODY).is_empty(), "no boundary");
    }

    #[test]
    fn a_boundary_that_begins_like_another_is_told_apart() {
        let body = b"--b\r\n\r\nx --b y\r\n--b2\r\nz\r\n--b--\r\n";
        let read = parts("multipart/mixed;boundary=b", body);
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].body, b"x --b y\r\n--b2\r\nz");
    }

    #[test]
    fn what_is_written_is_read_again_whatever_is_in_it() {
        let nasty = b"\r\n--part-0\r\n\r\npart-1--\r\n".to_vec();
        let written = [
            Part {
                content_type: "text/plain;charset=utf-8".into(),
                headers: vec![("--part-2\0-".into(), "render\r\nX: 1".into())],
                body: "grüße".as_bytes(),
            },
            Part { content_type: "application/octet-stream".into(), headers: vec![], body: &nasty },
            Part { content_type: "text/plain".into(), headers: vec![], body: b"" },
        ];
        let (content_type, body) = compose("multipart/mixed", &written);
        let read = parts(&content_type, &body);
        assert_eq!(read.len(), 3, "{content_type}");
        assert_eq!(read[0].headers.len(), 1, "no line of its own: {:?}", read[0].headers);
        for (read, written) in read.iter().zip(&written) {
            assert_eq!((read.body, &read.content_type), (written.body, &written.content_type));
        }
    }
}

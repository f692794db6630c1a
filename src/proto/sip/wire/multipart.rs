//! One part of a multipart body (RFC 2046 §5.1, RFC 5621).

use super::text;

/// The content of the first part with this media type, in lower case.
pub(super) fn part<'a>(body: &'a [u8], boundary: &str, media_type: &str) -> Option<&'a [u8]> {
    if boundary.is_empty() {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let mut rest = after(body, delimiter.as_bytes())?;
    loop {
        if rest.starts_with(b"--") {
            return None;
        }
        let content = after(rest, b"\n")?;
        let end = find(content, delimiter.as_bytes())?;
        let (headers, octets) = split_part(&content[..end]);
        if type_of(headers) == media_type {
            return Some(octets);
        }
        rest = &content[end + delimiter.len()..];
    }
}

/// Headers and content of a part; the line break in front of a delimiter is the delimiter's.
fn split_part(part: &[u8]) -> (&[u8], &[u8]) {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    let part = part.strip_suffix(b"\r").unwrap_or(part);
    if let Some(octets) = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")) {
        return (b"", octets);
    }
    for gap in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = find(part, gap) {
            return (&part[..at], &part[at + gap.len()..]);
        }
    }
    (part, b"")
}

/// The media type that the headers of a part name; `text/plain` by default.
fn type_of(headers: &[u8]) -> String {
    let headers = String::from_utf8_lossy(headers);
    let value = headers.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        text::trim(name).eq_ignore_ascii_case("Content-Type").then_some(value)
    });
    let media_type = value.and_then(|value| value.split(';').next()).unwrap_or("text/plain");
    text::trim(media_type).to_ascii_lowercase()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn after<'a>(haystack: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    find(haystack, needle).map(|at| &haystack[at + needle.len()..])
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
        for cut in 0..BODY.len() {
            let _ = part(&BODY[..cut], "b1", "application/sdp");
        }
    }
}

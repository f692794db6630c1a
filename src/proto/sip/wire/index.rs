//! Where the parts of a message stand: its lines, and what is wrong with them.

use std::ops::Range;

use bytes::Bytes;

use super::{Defect, HeaderId, MAX_HEAD_BYTES, MAX_HEADERS, Method, ParseError, text};

/// The first line.
#[derive(Debug)]
pub(super) enum StartLine {
    Request { method: Method, uri: Range<usize> },
    Response { status: u16, reason: Range<usize> },
}

/// Where a header line stands.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: HeaderId,
    pub(super) name: Range<u32>,
    pub(super) value: Range<u32>,
}

/// Where everything stands.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) start: StartLine,
    pub(super) version: Range<usize>,
    pub(super) headers: Vec<Entry>,
    pub(super) body: Range<usize>,
    pub(super) defect: Option<Defect>,
}

impl Index {
    pub(super) fn read(octets: &[u8], head_end: usize) -> Result<Self, ParseError> {
        let mut lines = Lines { octets: &octets[..head_end], at: 0 };
        let first = lines.next().ok_or(ParseError::StartLine)?;
        let (start, version, mut defect) =
            read_start_line(octets, first).ok_or(ParseError::StartLine)?;
        if head_end > MAX_HEAD_BYTES {
            defect = defect.or(Some(Defect::TooManyHeaders));
        }
        let mut headers = Vec::with_capacity(24);
        for line in lines.filter(|line| !line.is_empty()) {
            if headers.len() == MAX_HEADERS {
                defect = defect.or(Some(Defect::TooManyHeaders));
                break;
            }
            match read_header_line(octets, line) {
                Some(entry) => headers.push(entry),
                None => defect = defect.or(Some(Defect::HeaderLine)),
            }
        }
        let body_start = skip_line_break(octets, head_end);
        let mut index = Self { start, version, headers, body: body_start..octets.len(), defect };
        index.limit_body(octets);
        Ok(index)
    }

    /// Applies Content-Length: octets behind it are not part of the message (RFC 3261 §18.3).
    fn limit_body(&mut self, octets: &[u8]) {
        let mut length = None;
        for entry in self.headers.iter().filter(|entry| entry.id == HeaderId::ContentLength) {
            let value = &octets[entry.value.start as usize..entry.value.end as usize];
            let number = std::str::from_utf8(value).ok().and_then(parse_number).map(|n| n as usize);
            match number {
                Some(n) if length.is_none_or(|known| known == n) => length = Some(n),
                _ => {
                    self.defect = self.defect.or(Some(Defect::ContentLength));
                    return;
                }
            }
        }
        match length {
            Some(length) if length <= self.body.len() => {
                self.body.end = self.body.start + length;
            }
            Some(_) => self.defect = self.defect.or(Some(Defect::Truncated)),
            None => {}
        }
    }
}

/// Line ranges, without their line breaks; a bare LF ends a line too.
struct Lines<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.at >= self.octets.len() {
            return None;
        }
        let start = self.at;
        let feed = self.octets[start..].iter().position(|b| *b == b'\n');
        let end = feed.map_or(self.octets.len(), |at| start + at);
        self.at = end + 1;
        let cr = end > start && self.octets[end - 1] == b'\r';
        Some(start..if cr { end - 1 } else { end })
    }
}

/// Where the headers end: the place of the empty line, or the end of all.
pub(super) fn find_head_end(octets: &[u8]) -> usize {
    let mut at = 0;
    while let Some(feed) = octets[at..].iter().position(|b| *b == b'\n').map(|f| at + f + 1) {
        match &octets[feed..] {
            [b'\n', ..] | [b'\r', b'\n', ..] => return feed,
            _ => at = feed,
        }
    }
    octets.len()
}

/// Where the body starts when the headers end at `at`.
pub(super) fn skip_line_break(octets: &[u8], at: usize) -> usize {
    match &octets[at..] {
        [b'\r', b'\n', ..] => at + 2,
        [b'\n', ..] => at + 1,
        _ => at,
    }
}

/// The octets with headers that can be read line by line as text: a folded line belongs to the one
/// before it, and the break counts as white space (RFC 3261 §7.3.1). Display names in Latin-1, which
/// some phones send, lose their umlauts instead of the message.
pub(super) fn readable(octets: &Bytes, head_end: usize) -> Bytes {
    let head = &octets[..head_end];
    let folded = has_folds(head);
    let foreign = std::str::from_utf8(head).is_err();
    if !folded && !foreign {
        return octets.clone();
    }
    let mut text = octets.to_vec();
    join_folded_lines(&mut text[..head_end]);
    if foreign {
        let mut at = 0;
        while let Err(error) = std::str::from_utf8(&text[at..head_end]) {
            at += error.valid_up_to();
            let bad = error.error_len().unwrap_or(head_end - at);
            text[at..at + bad].fill(b'?');
        }
    }
    text.into()
}

fn has_folds(head: &[u8]) -> bool {
    head.windows(2).any(|pair| pair[0] == b'\n' && matches!(pair[1], b' ' | b'\t'))
}

/// Puts spaces in the place of every line break that a folded line follows.
pub(super) fn join_folded_lines(head: &mut [u8]) {
    for at in 0..head.len().saturating_sub(1) {
        if head[at] == b'\n' && matches!(head[at + 1], b' ' | b'\t') {
            head[at] = b' ';
            if at > 0 && head[at - 1] == b'\r' {
                head[at - 1] = b' ';
            }
        }
    }
}

fn read_start_line(
    octets: &[u8],
    line: Range<usize>,
) -> Option<(StartLine, Range<usize>, Option<Defect>)> {
    let text = std::str::from_utf8(&octets[line.clone()]).ok()?;
    let base = line.start;
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
        let (version, rest) = text.split_once(' ')?;
        let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let digits = code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
        let status = code.parse().ok().filter(|code| digits && (100..700).contains(code))?;
        let reason = line.end - reason.len()..line.end;
        return Some((StartLine::Response { status, reason }, base..base + version.len(), None));
    }
    let (method, rest) = text.split_once(' ')?;
    let version_at = rest.to_ascii_uppercase().rfind(" SIP/")?;
    let (uri, version) = (&rest[..version_at], &rest[version_at + 1..]);
    let clean = |text: &str| !text.is_empty() && !text.contains([' ', '\t']);
    let defect = (!clean(uri) || !clean(version)).then_some(Defect::StartLine);
    let uri_at = base + method.len() + 1;
    let version_at = uri_at + version_at + 1;
    let version = version_at..version_at + version.trim_end().len();
    let start =
        StartLine::Request { method: Method::parse(method)?, uri: uri_at..uri_at + uri.len() };
    Some((start, version, defect))
}

fn read_header_line(octets: &[u8], line: Range<usize>) -> Option<Entry> {
    let bytes = &octets[line.clone()];
    let colon = bytes.iter().position(|b| *b == b':')?;
    let name = std::str::from_utf8(&bytes[..colon]).ok()?.trim_end_matches([' ', '\t']);
    if !text::is_token(name) {
        return None;
    }
    let space = |b: &u8| matches!(b, b' ' | b'\t');
    let after = &bytes[colon + 1..];
    let start = after.iter().position(|b| !space(b)).unwrap_or(after.len());
    let end = after.iter().rposition(|b| !space(b)).map_or(start, |at| at + 1);
    let at = |offset: usize| (line.start + offset) as u32;
    Some(Entry {
        id: HeaderId::from_name(name),
        name: at(0)..at(name.len()),
        value: at(colon + 1 + start)..at(colon + 1 + end),
    })
}

/// A decimal number; too large is none.
pub(super) fn parse_number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

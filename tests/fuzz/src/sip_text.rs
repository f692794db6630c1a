//! Inputs of the SIP targets: messages, one after the other, that may be fitted to what is going on.
//!
//! Records are divided by [`SEPARATOR`]. One that begins with a control character is an order; the
//! numbers are those of [`Record`]. All others are messages as they come from the wire.

use sidetone::proto::sip::wire::{HeaderId, Message};

/// Between records (ASCII "record separator").
pub const SEPARATOR: u8 = 0x1e;

/// One step of an input.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// These octets arrive.
    Raw(&'a [u8]),
    /// 0x01: an answer to our last request: its status line and headers, ours where they must agree.
    Answer(&'a [u8]),
    /// 0x02: a request in our dialog, fitted likewise.
    InDialog(&'a [u8]),
    /// 0x03: time passes: two bytes of units of 10 ms.
    Wait(u32),
    /// 0x04: our own side does something: a byte says what.
    Act(u8),
    /// 0x05: the way to the far end breaks.
    Broken,
}

/// The records of an input, at most 64.
pub fn records(data: &[u8]) -> impl Iterator<Item = Record<'_>> {
    data.split(|byte| *byte == SEPARATOR).take(64).map(|record| match record {
        [1, rest @ ..] => Record::Answer(rest),
        [2, rest @ ..] => Record::InDialog(rest),
        [3, rest @ ..] => {
            let at = |index| u32::from(rest.get(index).copied().unwrap_or(0));
            Record::Wait(at(0) << 8 | at(1))
        }
        [4, rest @ ..] => Record::Act(rest.first().copied().unwrap_or(0)),
        [5, ..] => Record::Broken,
        raw => Record::Raw(raw),
    })
}

/// A response out of `template` that belongs to `request` of ours.
pub fn answer_to(request: &Message, template: &[u8]) -> Vec<u8> {
    let mut own = Vec::new();
    for id in [HeaderId::Via, HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq] {
        for value in request.headers(id) {
            let tag =
                if id == HeaderId::To && request.to_tag().is_empty() { ";tag=far" } else { "" };
            own.push(format!("{}: {value}{tag}", id.name()));
        }
    }
    fit(template, &own)
}

/// A request out of `template` in the dialog that `request` of ours (or `ours` = false: of theirs)
/// began; `tag` is our tag.
pub fn in_dialog(request: &Message, ours: bool, tag: &str, cseq: u32, template: &[u8]) -> Vec<u8> {
    let value = |id| request.header(id).unwrap_or_default().to_owned();
    let (from, to) = (value(HeaderId::From), value(HeaderId::To));
    let (from, to) = match ours {
        true => (format!("{to};tag=far"), from),
        false => (from, format!("{to};tag={tag}")),
    };
    let method = template.split(|byte| *byte == b' ').next().unwrap_or_default();
    let own = [
        format!("Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKfuzz{cseq}"),
        format!("From: {from}"),
        format!("To: {to}"),
        format!("Call-ID: {}", value(HeaderId::CallId)),
        format!("CSeq: {cseq} {}", String::from_utf8_lossy(method)),
    ];
    fit(template, &own)
}

/// The template with its own lines of these names replaced.
fn fit(template: &[u8], own: &[String]) -> Vec<u8> {
    const NAMES: [&str; 9] = ["via", "v", "from", "f", "to", "t", "call-id", "i", "cseq"];
    let mut out = Vec::new();
    let mut lines = template.split_inclusive(|byte| *byte == b'\n');
    out.extend_from_slice(lines.next().unwrap_or_default());
    if !out.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    for line in own {
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    let mut head = true;
    for line in lines {
        head = head && !matches!(line, b"\r\n" | b"\n");
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        if !(head && NAMES.contains(&name.as_str())) {
            out.extend_from_slice(line);
        }
    }
    if head {
        out.extend_from_slice(b"\r\n");
    }
    out
}

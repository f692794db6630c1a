//! What we sent, read by Wireshark: nothing of it may be malformed, and each body is what its
//! Content-Type says.

use std::path::Path;

use super::tshark::{Datagram, Reading};

/// A SIP message of ours, as sipp received it.
pub type Octets = Vec<u8>;

/// Content types, and by which protocol's name Wireshark knows their bodies.
const BODIES: [(&str, &str); 4] = [
    ("application/sdp", "sdp"),
    ("application/pidf+xml", "xml"),
    ("message/sipfrag", "sipfrag"),
    ("text/plain", "data-text-lines"),
];

/// The messages that sipp logged as received: its log gives the length of each.
pub fn received(log: &[u8]) -> Vec<Octets> {
    let mut messages = Vec::new();
    let mut rest = log;
    let mark = b"message received [";
    while let Some(at) = find(rest, mark) {
        rest = &rest[at + mark.len()..];
        let end = find(rest, b"]").expect("a closing bracket");
        let length: usize = std::str::from_utf8(&rest[..end]).unwrap().parse().unwrap();
        let begin = find(rest, b":\n\n").expect("a message") + 3;
        messages.push(rest[begin..][..length].to_vec());
        rest = &rest[begin + length..];
    }
    messages
}

/// What Wireshark makes of messages.
pub struct Read {
    /// What it says of those that are not well formed, with each of them.
    pub complaints: String,
    /// How many it knew for SIP.
    pub known: usize,
    /// By the types of [`BODIES`]: how many messages have such a body, and of how many it was read
    /// as one.
    pub bodies: Vec<(&'static str, usize, usize)>,
}

/// Has tshark read messages, as UDP datagrams to port 5060.
pub fn read(messages: &[Octets], folder: &Path) -> Read {
    let datagram =
        |octets: &Octets| Datagram { from_port: 5060, to_port: 5060, octets: octets.clone() };
    let reading = Reading::of(&messages.iter().map(datagram).collect::<Vec<_>>(), folder);
    let complaints = reading
        .complaints()
        .into_iter()
        .map(|(at, why)| format!("{why}\n{}\n", String::from_utf8_lossy(&messages[at])))
        .collect();
    let bodies = BODIES.map(|(media_type, protocol)| {
        let has = format!("sip.Content-Type contains \"{media_type}\"");
        (media_type, reading.count(&has), reading.count(&format!("{has} && {protocol}")))
    });
    Read { complaints, known: reading.count("sip"), bodies: bodies.to_vec() }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[test]
fn messages_are_cut_out_of_the_log_by_their_lengths() {
    let log =
        b"UDP message received [3] bytes :\n\nab\n\n--\nUDP message received [2] bytes :\n\ncd";
    assert_eq!(received(log), [b"ab\n".to_vec(), b"cd".to_vec()]);
}

#[test]
fn broken_messages_and_bodies_are_complained_of() {
    let folder = super::child::Folder::new("broken");
    let message = |media_type: &str, body: &str| {
        format!(
            "PUBLISH sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\n\
             From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 PUBLISH\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    let good = "<?xml version=\"1.0\"?><presence entity=\"sip:a@b\"><note>x</note></presence>";
    let text = message("text/plain", "hello");
    let sound = [message("application/pidf+xml", good), text.clone()];
    let read = |messages: &[Octets]| read(messages, &folder.path(""));
    let of = |read: &Read, wanted: &str| {
        read.bodies.iter().find(|(name, ..)| *name == wanted).map(|(_, all, some)| (*all, *some))
    };
    let verdict = read(&sound);
    assert_eq!((verdict.complaints.as_str(), verdict.known), ("", 2));
    assert_eq!(of(&verdict, "application/pidf+xml"), Some((1, 1)));
    assert_eq!(of(&verdict, "text/plain"), Some((1, 1)));
    let mut length = text.clone();
    let at = find(&length, b"Length: 5").unwrap();
    length[at + 8] = b'x';
    let broken = [
        length,
        text[..40].to_vec(),
        message("application/pidf+xml", &good[..good.len() - 20]),
        message("application/sdp", "nonsense"),
    ];
    let verdict = read(&broken);
    assert_eq!(verdict.complaints.matches("PUBLISH sip").count(), 4, "{}", verdict.complaints);
    assert_eq!(verdict.known, 4);
}

//! What we sent, read by Wireshark: nothing of it may be malformed.
//!
//! The messages that sipp logged as received go into one PCAP file, as UDP datagrams to port 5060.

use std::{fs, io::Write, path::Path, process::Command};

/// A SIP message of ours, as sipp received it.
pub type Octets = Vec<u8>;

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

/// Has tshark read them; gives what it says of those that are not well formed, and how many it
/// knew for SIP.
pub fn complaints(messages: &[Octets], folder: &Path) -> (String, usize) {
    let file = folder.join("sent.pcap");
    fs::write(&file, pcap(messages)).unwrap();
    let tshark = |filter: &str| {
        let output = Command::new("tshark")
            .args(["-n", "-r"])
            .arg(&file)
            .args(["-Y", filter, "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"])
            .output()
            .expect("tshark; scripts/setup-debian.sh test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let complaints: String = tshark("_ws.malformed || _ws.expert.severity==error")
        .lines()
        .map(|line| {
            let number: usize = line.split('\t').next().unwrap_or("").parse().unwrap();
            format!("{line}\n{}\n", String::from_utf8_lossy(&messages[number - 1]))
        })
        .collect();
    (complaints, tshark("sip").lines().count())
}

/// A PCAP file of IPv4 datagrams (link type 101: no link layer).
fn pcap(messages: &[Octets]) -> Vec<u8> {
    let mut file = Vec::new();
    let word = |file: &mut Vec<u8>, value: u32| file.write_all(&value.to_le_bytes()).unwrap();
    for value in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0x4_0000, 101] {
        word(&mut file, value);
    }
    for (number, message) in messages.iter().enumerate() {
        let length = 28 + message.len();
        for value in [number, 0, length, length] {
            word(&mut file, u32::try_from(value).unwrap());
        }
        let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
        file.extend([0x45, 0, high, low, 0, 0, 0x40, 0, 64, 17, 0, 0]);
        file.extend([127, 0, 0, 1, 127, 0, 0, 1]);
        let [high, low] = u16::try_from(length - 20).unwrap().to_be_bytes();
        file.extend([0x13, 0xc4, 0x13, 0xc4, high, low, 0, 0]);
        file.extend(message);
    }
    file
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
fn broken_messages_are_complained_of() {
    let folder = super::child::Folder::new("broken");
    let good = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
        To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    let bad = good.replace("Length: 0", "Length: x");
    let messages = [good.into(), bad.into(), good.as_bytes()[..40].to_vec()];
    let (complaints, known) = complaints(&messages, &folder.path(""));
    assert_eq!((complaints.matches("OPTIONS sip").count(), known), (2, 3), "{complaints}");
}

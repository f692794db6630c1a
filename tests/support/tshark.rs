//! Wireshark's reading of what was on the wire.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A datagram on loopback.
pub struct Datagram {
    pub from_port: u16,
    pub to_port: u16,
    pub octets: Vec<u8>,
}

/// A capture that tshark reads.
pub struct Reading {
    file: PathBuf,
    decode_as: Vec<String>,
}

impl Reading {
    /// Writes datagrams to a capture in `folder`.
    pub fn of(datagrams: &[Datagram], folder: &Path) -> Self {
        let file = folder.join("read.pcap");
        fs::write(&file, pcap(datagrams)).unwrap();
        Self::at(&file)
    }

    /// A capture that is there.
    pub fn at(file: &Path) -> Self {
        Self { file: file.to_owned(), decode_as: Vec::new() }
    }

    /// What comes from or goes to a UDP port is taken for `protocol`.
    pub fn decode_as(mut self, port: u16, protocol: &str) -> Self {
        self.decode_as.extend(["-d".to_owned(), format!("udp.port=={port},{protocol}")]);
        self
    }

    /// Fields of every packet that `filter` lets through. A packet may hold several of a kind: they
    /// stand in one text, parted by commas.
    pub fn fields(&self, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
        let mut command = Command::new("tshark");
        command.args(["-n", "-r"]).arg(&self.file).args(&self.decode_as);
        command.args(["-Y", filter, "-T", "fields"]);
        for field in fields {
            command.args(["-e", field]);
        }
        let output = command.output().expect("tshark; scripts/setup-debian.sh test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// How many packets `filter` lets through.
    pub fn count(&self, filter: &str) -> usize {
        self.fields(filter, &["frame.number"]).len()
    }

    /// What is wrong with packets that are not well formed: the number of each, from 0, and why.
    pub fn complaints(&self) -> Vec<(usize, String)> {
        let wrong = "_ws.malformed || _ws.expert.severity==error || xml.unrecognized_text || \
                     xml.closing_unopened_tag";
        self.fields(wrong, &["frame.number", "_ws.expert.message"])
            .into_iter()
            .map(|mut fields| (fields[0].parse::<usize>().unwrap() - 1, fields.remove(1)))
            .collect()
    }
}

/// A PCAP file of IPv4 datagrams (link type 101: no link layer).
fn pcap(datagrams: &[Datagram]) -> Vec<u8> {
    let mut file = Vec::new();
    let word = |file: &mut Vec<u8>, value: u32| file.write_all(&value.to_le_bytes()).unwrap();
    for value in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0x4_0000, 101] {
        word(&mut file, value);
    }
    for (number, datagram) in datagrams.iter().enumerate() {
        let length = 28 + datagram.octets.len();
        for value in [number, 0, length, length] {
            word(&mut file, u32::try_from(value).unwrap());
        }
        let two = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
        let [high, low] = two(length);
        file.extend([0x45, 0, high, low, 0, 0, 0x40, 0, 64, 17, 0, 0]);
        file.extend([127, 0, 0, 1, 127, 0, 0, 1]);
        file.extend(datagram.from_port.to_be_bytes());
        file.extend(datagram.to_port.to_be_bytes());
        file.extend(two(length - 20));
        file.extend([0, 0]);
        file.extend(&datagram.octets);
    }
    file
}

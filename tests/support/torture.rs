//! The table of `vectors/sip-torture/expect.tsv` and its messages.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::Path;

/// One message and what may become of it.
pub struct Row {
    pub name: &'static str,
    file: &'static str,
    /// Status codes, PARSED or NONE.
    pub accept: Vec<&'static str>,
    pub best: Vec<&'static str>,
    /// Where RFC 3261 §18.2.2 sends the answer if there is no rport.
    pub reply_port: u16,
}

pub fn rows() -> Vec<Row> {
    let table = include_str!("../vectors/sip-torture/expect.tsv");
    let rows = table.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        Row {
            name: columns[1],
            file: columns[3],
            accept: columns[8].split('|').collect(),
            best: columns[9].split('|').collect(),
            reply_port: columns[12].parse().unwrap(),
        }
    });
    rows.collect()
}

pub fn octets(row: &Row) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/sip-torture");
    std::fs::read(folder.join(row.file)).unwrap()
}

/// PARSED stands for any final answer that does not call the message broken.
pub fn allows(column: &[&str], status: u16) -> bool {
    column.iter().any(|word| match *word {
        "PARSED" => status >= 200 && ![400, 500, 505, 513].contains(&status),
        "2xx" => (200..300).contains(&status),
        code => code == status.to_string(),
    })
}

//! The torture messages of RFC 4475 and RFC 5118, each through an endpoint of its own over UDP.
//!
//! What the endpoint answers itself must be in the table's `accept` column. What it hands up is for
//! the call layer: such a request must be readable, its row must allow that, and its answer must go
//! where RFC 3261 §18.2.2 sends it.

#[path = "support/sip_wire.rs"]
mod sip_wire;
#[path = "support/torture.rs"]
mod torture;

use sidetone::proto::sip::{
    Transport,
    dialog::{Dialog, DialogId},
    wire::{HeaderId, Message, Method, Response},
};
use sip_wire::Wire;
use torture::{Row, allows, octets, rows};

/// A fresh endpoint after one torture message, and what it answered.
fn run(row: &Row) -> (Wire, Option<u16>) {
    let mut wire = Wire::new(Transport::Udp);
    wire.flow.remote = "127.0.0.77:40123".parse().unwrap();
    wire.receive_octets(&octets(row));
    let answer = wire.sent.last().and_then(|(_, _, message)| message.status());
    (wire, answer)
}

/// What the call layer would say: 481 to a dialog that nobody knows, else that nobody is there.
fn call_layer(message: &Message) -> u16 {
    if DialogId::of_request(message).is_some() { 481 } else { 404 }
}

#[test]
fn all_31_messages_get_an_answer_that_the_table_accepts() {
    let rows = rows();
    assert_eq!(rows.len(), 31);
    for row in &rows {
        let (mut wire, answer) = run(row);
        let handed_up = wire.requests();
        let status = match handed_up.first() {
            Some((server, message)) => {
                assert_eq!(answer, None, "{}: answered and handed up", row.name);
                let status = call_layer(message);
                wire.respond(*server, Response::to(message, status, ""));
                Some(status)
            }
            None => answer,
        };
        let Some(status) = status else {
            assert_eq!(row.accept, ["NONE"], "{}: no answer", row.name);
            continue;
        };
        assert!(allows(&row.accept, status), "{}: {status} not in {:?}", row.name, row.accept);
        let decided_here = handed_up.is_empty();
        assert!(!decided_here || allows(&row.best, status), "{}: {status} is not best", row.name);
        let (_, flow, response) = wire.sent.last().unwrap();
        let expected = format!("127.0.0.77:{}", expected_port(row)).parse().unwrap();
        assert_eq!(flow.remote, expected, "{}", row.name);
        assert!(!response.to_tag().is_empty() || status == 400, "{}: To has a tag", row.name);
        let via = response.top_via().unwrap();
        assert_eq!(via.params.value("received"), Some("127.0.0.77"), "{}", row.name);
    }
}

/// The table leaves `rport` out of account, which mpart01 asks for.
fn expected_port(row: &Row) -> u16 {
    if row.name == "mpart01" { 40_123 } else { row.reply_port }
}

#[test]
fn what_is_handed_up_can_make_a_dialog() {
    let mut invites = 0;
    for row in rows() {
        let (wire, _) = run(&row);
        for (_, message) in wire.requests() {
            assert!(message.from().is_some() && message.to().is_some(), "{}", row.name);
            if message.is_method(&Method::Invite) {
                invites += 1;
                let mut dialog = Dialog::uas(&message, "tag").unwrap();
                let bye = Message::parse(dialog.request(Method::Bye).encode()).unwrap();
                assert_eq!(bye.defect(), None, "{}", row.name);
                assert_eq!(message.content_type().as_deref(), Some("application/sdp"));
                assert!(message.body().starts_with(b"v=0\r\n"), "{}", row.name);
            }
        }
    }
    assert_eq!(invites, 6, "wsinv, esc01, longreq, baddate, inv2543, ipv6-in-sdp");
}

#[test]
fn the_fine_points_of_single_messages_are_read_right() {
    let message = |name: &str| {
        let rows = rows();
        let row = rows.iter().find(|row| row.name == name).unwrap();
        Message::parse(octets(row).into()).unwrap()
    };
    let wsinv = message("wsinv");
    assert_eq!(wsinv.from().unwrap().display.as_deref(), Some("J Rosenberg \\\""));
    assert_eq!(wsinv.number(HeaderId::MaxForwards), Some(68));
    assert_eq!(wsinv.header_list(HeaderId::Via).count(), 3);
    let contact = wsinv.contact().unwrap();
    assert_eq!(contact.display.as_deref(), Some("Quoted string \"\""));
    assert_eq!(contact.params.value("q"), Some("0.33"));

    let esc01 = message("esc01");
    assert_eq!(esc01.uri().unwrap().user_decoded().as_deref(), Some("sips:user@example.com"));
    assert_eq!(esc01.call_id(), Some("esc01.239409asdfakjkn23onasd0-3234"));

    assert_eq!(message("esc02").contacts().count(), 2);
    assert_eq!(message("longreq").header_list(HeaderId::Via).count(), 34);
    let semiuri = message("semiuri").uri().unwrap();
    assert_eq!(semiuri.user_decoded().as_deref(), Some("user;par=u@example.net"));
    let mpart01 = message("mpart01");
    assert_eq!(mpart01.body().len(), 553);
    assert!(mpart01.body().contains(&0));
    let regescrt = message("regescrt").contact().unwrap();
    assert_eq!(regescrt.uri.headers(), Some("Route=%3Csip:sip.example.com%3E"));
    assert!(message("cparam01").contact().unwrap().params.has("unknownparam"));
    assert_eq!(message("port-unambiguous").uri().unwrap().port(), Some(5070));
    assert!(!message("inv2543").body().is_empty(), "no Content-Length: the rest of the datagram");
    assert_eq!(message("noreason").reason().unwrap(), "");
}

//! What strangers write into the headers of transfers, redirects and identity, and what users write
//! into dial plans.

use bytes::Bytes;
use sidetone::{
    call::{
        auto_answer::AutoAnswer,
        dial_plan::{DialPlan, Dialled, NumberForm},
        forwarding::{Forwarding, Reception},
        identity::{CallerIdentity, diversion_headers},
        legs::replaced_by,
        services::{Cause, MessageKind},
    },
    proto::sip::{
        reason::Reason,
        replaces::{Replaces, embedded_headers, with_embedded_header},
        uri::{NameAddr, Uri},
        wire::{HeaderId, Headers, Message},
    },
};

/// The input is the headers of an INVITE and, after a record separator, a dial plan and a number.
pub fn run(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0x1e);
    let headers = parts.next().unwrap_or_default();
    let plan = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let number = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    invite(headers);
    dial(&plan, &number);
}

fn invite(headers: &[u8]) {
    let start = b"INVITE sip:bob@192.0.2.2 SIP/2.0\r\nFrom: <sip:al@192.0.2.1>;tag=a\r\n";
    let octets = [start, headers, b"\r\n\r\n"].concat();
    let Ok(message) = Message::parse(Bytes::from(octets)) else { return };
    let own: Uri = "sip:bob@192.0.2.2".parse().expect("a URI");
    let from = NameAddr::parse("<sip:al@192.0.2.1>").expect("an address");
    let identity = CallerIdentity::read(&message);
    let caller = identity.caller(&from, true);
    assert_eq!(identity.caller(&from, false), from, "nobody is believed unasked");
    let rule = AutoAnswer {
        on_request: true,
        callers: vec!["a*".to_owned(), "*@192.0.2.1".to_owned()],
        ..AutoAnswer::default()
    };
    let _ = rule.decide(&message, &caller.uri);
    let reception = Reception {
        forwarding: Forwarding { always: Some(own.clone()), ..Forwarding::default() },
        ..Reception::default()
    };
    let _ = reception.decide(&message, &own, 1);
    let mut forwarded = Headers::default();
    for (_, value) in diversion_headers(&message, &own, "unconditional") {
        forwarded.push("Diversion", value);
    }
    let broken = |(_, value): (&str, &str)| value.contains(['\r', '\n']);
    assert!(!forwarded.iter().any(broken), "a header of two lines");
    let _ = (Cause::of(&message), MessageKind::of(&message));
    for reason in Reason::of(&message) {
        let again = Reason::parse(&reason.to_string()).expect("what we write can be read");
        assert_eq!((&again.protocol, again.cause), (&reason.protocol, reason.cause));
    }
    if let Ok(Some(replaces)) = replaced_by(&message) {
        assert_eq!(Replaces::parse(&replaces.to_string()).as_ref(), Some(&replaces));
    }
    for contact in message.header_list(HeaderId::ReferTo).filter_map(NameAddr::parse) {
        let headers = embedded_headers(&contact.uri);
        let uri = headers.iter().fold(contact.uri.for_request(), |uri, (name, value)| {
            with_embedded_header(&uri, name, value)
        });
        assert_eq!(embedded_headers(&uri), headers, "escaped and back");
        assert!(uri.to_string().parse::<Uri>().is_ok(), "what we write can be read");
    }
}

fn dial(plan: &str, number: &str) {
    let numbers = NumberForm {
        country_code: "49".to_owned(),
        international_prefix: "00".to_owned(),
        national_prefix: "0".to_owned(),
        plus: String::new(),
    };
    let Ok(plan) = DialPlan::parse(plan) else { return };
    for plan in [plan.clone(), plan.with_numbers(numbers)] {
        match plan.apply(number) {
            Dialled::Address(address) => assert_eq!(address, number.trim()),
            Dialled::Number { .. } | Dialled::Barred => {}
        }
    }
}

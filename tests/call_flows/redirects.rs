//! Redirects that are followed, asked about or taken as the end, and calls that are sent on.

use std::time::Duration;

use crate::{
    office::Office,
    pair::{header, uri_of},
};
use sidetone::{
    call::{
        CallEvent, CallState, EndReason, Input,
        redirect::{Follow, RedirectPolicy},
        services::ForwardLate,
    },
    proto::sip::wire::{HeaderId, Message, Method, Response},
};

/// Desk 1 answers every INVITE with `code` and these contacts.
fn redirecting(office: &mut Office, desk: usize, code: u16, contacts: String) {
    office.desks[desk].guard = Some(Box::new(move |message: &Message| {
        message.is_method(&Method::Invite).then(|| {
            let mut response = Response::to(message, code, "");
            if !contacts.is_empty() {
                response.headers.push(HeaderId::Contact, &contacts);
            }
            response
        })
    }));
}

fn policy(office: &mut Office, follow: Follow, hops: u32) {
    office.desks[0].settings.services.redirect = RedirectPolicy { follow, hops };
}

#[test]
fn a_redirect_is_followed_to_the_contact_with_the_highest_q() {
    let mut office = Office::new(4, 520);
    let contacts = format!("<{}>;q=0.2, <{}>;q=0.9, <tel:+1>", uri_of(3), uri_of(2));
    redirecting(&mut office, 1, 302, contacts);
    let out = office.dial(0, uri_of(1));
    office.run_ms(100);
    assert_eq!((office.desks[2].lines.len(), office.desks[3].lines.len()), (1, 0));
    let invites = office.all(0, "INVITE");
    let (first, second) = (invites[0], invites[1]);
    assert_eq!(second.raw_uri(), uri_of(2).to_string());
    for id in [HeaderId::CallId, HeaderId::From, HeaderId::To] {
        assert_eq!(header(first, id), header(second, id), "the same call (RFC 3261 §8.1.3.4)");
    }
    assert_eq!(second.cseq().unwrap().number, first.cseq().unwrap().number + 1);
    office.input(2, 0, Input::Reject { code: 486, reason: String::new() });
    office.run_ms(100);
    office.input(3, 0, Input::Answer { headers: Vec::new() });
    office.run_ms(100);
    assert_eq!(office.state(0, out), CallState::Connected, "the next contact is tried");
    office.input(0, out, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn a_dead_contact_is_left_for_the_next_one() {
    let mut office = Office::new(4, 528);
    let contacts = format!("<sip:x@192.0.2.200>, <{}>, <{}>", uri_of(2), uri_of(3));
    redirecting(&mut office, 1, 302, contacts);
    redirecting(&mut office, 2, 503, String::new());
    let out = office.dial(0, uri_of(1));
    office.run_s(31);
    assert!(office.desks[3].lines.is_empty(), "the first may still answer");
    office.run_s(2);
    office.input(3, 0, Input::Answer { headers: Vec::new() });
    office.run_ms(100);
    assert_eq!(office.state(0, out), CallState::Connected);
    let mut tried: Vec<&str> = office.all(0, "INVITE").iter().map(|i| i.raw_uri()).collect();
    tried.dedup();
    let uris = [1, 2, 3].map(|desk| uri_of(desk).to_string());
    assert_eq!(tried, [&uris[0], "sip:x@192.0.2.200", &uris[1], &uris[2]]);
    office.input(0, out, Input::Hangup);
    office.assert_quiet();

    let mut office = Office::new(2, 529);
    redirecting(&mut office, 1, 302, "<sip:x@192.0.2.200>".to_owned());
    let out = office.dial(0, uri_of(1));
    office.run_s(33);
    assert_eq!(office.end(0, out), Some((EndReason::Timeout, 0)), "there is no other");
    office.assert_quiet();
}

#[test]
fn a_refusal_everywhere_ends_the_search() {
    let mut office = Office::new(4, 521);
    redirecting(&mut office, 1, 300, format!("<{}>, <{}>", uri_of(2), uri_of(3)));
    let out = office.dial(0, uri_of(1));
    office.run_ms(100);
    office.input(2, 0, Input::Reject { code: 603, reason: String::new() });
    office.run_ms(100);
    assert_eq!(office.end(0, out), Some((EndReason::Refused, 603)));
    assert!(office.desks[3].lines.is_empty());
    office.assert_quiet();
}

#[test]
fn a_redirect_in_a_circle_and_one_too_many_end_the_call() {
    let mut office = Office::new(3, 522);
    redirecting(&mut office, 1, 302, format!("<{}>", uri_of(2)));
    redirecting(&mut office, 2, 302, format!("<{}>", uri_of(1)));
    let out = office.dial(0, uri_of(1));
    office.run_ms(300);
    assert_eq!(office.end(0, out), Some((EndReason::Refused, 302)));
    assert_eq!(office.all(0, "INVITE").len(), 2, "each place once");
    policy(&mut office, Follow::Always, 1);
    redirecting(&mut office, 2, 302, "<sip:phone9@192.0.2.9>".to_owned());
    let out = office.dial(0, uri_of(1));
    office.run_ms(300);
    assert_eq!(office.end(0, out), Some((EndReason::Refused, 302)));
    assert_eq!(office.all(0, "INVITE").len(), 4, "one hop and no more");
    office.assert_quiet();
}

#[test]
fn a_user_is_asked_about_a_redirect() {
    for accept in [true, false] {
        let mut office = Office::new(3, 523);
        policy(&mut office, Follow::Ask, 5);
        redirecting(&mut office, 1, 301, format!("<{}>", uri_of(2)));
        let out = office.dial(0, uri_of(1));
        office.run_ms(100);
        let asked = office.line(0, out).events.iter().any(|event| {
            matches!(event, CallEvent::Redirected { target, asked: true } if *target == uri_of(2))
        });
        assert!(asked && office.desks[2].lines.is_empty());
        office.input(0, out, Input::FollowRedirect { accept });
        office.run_ms(100);
        assert_eq!(office.desks[2].lines.len(), usize::from(accept));
        if !accept {
            assert_eq!(office.end(0, out), Some((EndReason::LocalHangup, 301)));
        }
        office.input(0, out, Input::Hangup);
        office.assert_quiet();
    }
}

#[test]
fn a_redirect_is_the_end_when_none_is_followed() {
    let mut office = Office::new(3, 524);
    policy(&mut office, Follow::Never, 5);
    redirecting(&mut office, 1, 302, format!("<{}>", uri_of(2)));
    let out = office.dial(0, uri_of(1));
    office.run_ms(100);
    assert_eq!(office.end(0, out), Some((EndReason::Refused, 302)));
    assert!(office.desks[2].lines.is_empty());
    office.assert_quiet();
}

#[test]
fn a_call_that_nobody_answers_is_sent_on_with_a_diversion() {
    let mut office = Office::new(3, 525);
    office.desks[1].settings.services.forward = Some(ForwardLate {
        target: uri_of(2),
        after: Duration::from_secs(20),
        by: "sip:phone1@example.com".parse().unwrap(),
    });
    let (out, into) = office.ring(0, 1);
    office.run_s(19);
    assert!(office.desks[2].lines.is_empty());
    office.run_s(2);
    assert_eq!(office.end(1, into), Some((EndReason::Forwarded, 302)));
    let diversion = header(office.last(1, "302 INVITE"), HeaderId::Diversion);
    assert_eq!(diversion, "<sip:phone1@example.com>;reason=no-answer;counter=1");
    assert_eq!(office.desks[2].lines.len(), 1);
    office.input(2, 0, Input::Answer { headers: Vec::new() });
    office.run_ms(100);
    assert_eq!(office.state(0, out), CallState::Connected);
    office.input(0, out, Input::Hangup);
    office.assert_quiet();
}

#[test]
fn an_answered_call_is_not_sent_on() {
    let mut office = Office::new(3, 526);
    office.desks[1].settings.services.forward =
        Some(ForwardLate { target: uri_of(2), after: Duration::from_secs(2), by: uri_of(1) });
    let (out, _) = office.connect(0, 1);
    office.run_s(30);
    assert_eq!(office.state(0, out), CallState::Connected);
    assert!(office.desks[2].lines.is_empty());
}

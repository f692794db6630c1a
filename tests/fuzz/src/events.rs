//! Documents of event packages, and multipart bodies, from strangers.

use sidetone::{
    call::usage::SubscriptionStateHeader,
    proto::{
        events::{DialogInfo, Lamp, MessageSummary, OwnPresence, Presence, WatchedDialogs},
        sip::wire::multipart,
    },
};

/// The input is a summary of waiting messages, and the state of a subscription.
pub fn summary(data: &[u8]) {
    if let Some(summary) = MessageSummary::parse(data) {
        assert!(summary.classes.len() <= 16, "bounded");
        let voice = summary.class("Voice-Message");
        assert_eq!(voice, summary.voice());
    }
    let _ = SubscriptionStateHeader::parse(&String::from_utf8_lossy(data));
}

/// The input is documents of watched dialogs, with record separators between them.
pub fn dialog_info(data: &[u8]) {
    let mut watched = WatchedDialogs::default();
    for document in data.split(|byte| *byte == 0x1e).take(16) {
        let Some(info) = DialogInfo::parse(document) else { continue };
        watched.apply(info);
        assert!(watched.dialogs().len() <= 200, "bounded");
        assert_ne!(watched.lamp(), Lamp::Unknown, "something is known");
        assert_eq!(watched.lamp() == Lamp::Idle, watched.dialogs().is_empty());
    }
}

/// The input is somebody's presence; what it says is published in our own words, and read again.
pub fn pidf(data: &[u8]) {
    let Some(presence) = Presence::parse(data) else { return };
    let own = OwnPresence {
        entity: presence.entity.clone(),
        id: presence.tuples.first().map(|tuple| tuple.id.clone()).unwrap_or_default(),
        open: presence.open() == Some(true),
        activity: presence.activity().to_owned(),
        note: presence.note().to_owned(),
    };
    let again = Presence::parse(own.encode().as_bytes()).expect("what we write can be read");
    assert_eq!(again.open(), Some(own.open));
}

/// The first line of the input is a Content-Type, the rest a body.
pub fn parts(data: &[u8]) {
    let cut = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let content_type = String::from_utf8_lossy(&data[..cut]);
    let read = multipart::parts(&content_type, data.get(cut + 1..).unwrap_or_default());
    if read.is_empty() {
        return;
    }
    let (written_type, written) = multipart::compose("multipart/mixed", &read);
    let again = multipart::parts(&written_type, &written);
    assert_eq!(again.len(), read.len(), "what we write has the same parts");
    for (again, read) in again.iter().zip(&read) {
        assert_eq!(again.body, read.body);
    }
}

//! What happens around calls, with sipp on the other end: messages, publications, subscriptions.

use std::time::Duration;

use sidetone::{
    base::ids::{RequestId, SubscriptionId},
    engine::{
        ErrorKind, EventKind, Lamp, Notified, OwnState, Package, PublishState, SubscriptionOptions,
        WatchState,
    },
};

use super::{
    case::{Case, called, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    // Messages.
    calling("uas_message_delivered", |scene| assert_eq!(writes(scene), (None, 200))),
    calling("uas_message_refused", |scene| {
        assert_eq!(writes(scene), (Some(ErrorKind::Refused), 403));
        let told = |event: &EventKind| match event {
            EventKind::Reply { text, .. } => text.contains("Not on my network"),
            _ => false,
        };
        assert!(scene.events.iter().any(told), "the phrase is told");
    }),
    calling("uas_message_challenged", |scene| assert_eq!(writes(scene), (None, 200)))
        .account(|account| account.password = "secret".into()),
    calling("uas_message_in_call", |scene| {
        let call = scene.dial();
        scene.reaches(call, sidetone::engine::CallState::Connected);
        let request = scene.engine.new_request();
        let text = b"it is carol";
        scene.engine.call_message_send(call, "text/plain", text, Some(request)).unwrap();
        assert_eq!(replied(scene, request), (None, 200));
        scene.hang_up(call);
    }),
    called("uac_message", |scene| {
        let (in_call, from, text) = reads(scene);
        assert!(!in_call && from.starts_with("sip:sipp@"), "{from}");
        assert_eq!(text, "are you there?");
    }),
    called("uac_message_refused", |scene| {
        scene.wait_for_sipp();
        let told = scene.events.iter().any(|event| matches!(event, EventKind::Message { .. }));
        assert!(!told, "a message that was refused is none");
    })
    .engine(|config| config.max_message_bytes = 100),
    called("uac_message_in_call", |scene| {
        let call = scene.answer();
        let (in_call, _, text) = reads(scene);
        assert!(in_call, "it belongs to the call");
        assert_eq!(text, "who is that?");
        scene.ended(call);
    }),
    // Publications.
    calling("uas_publish_refreshed", |scene| {
        let own = publishes(scene, "");
        // It is refreshed after 1.5 to 1.8 s.
        scene.until("the refresh", |scene| scene.sent("SIP-ETag: two") == 1);
        let request = scene.engine.new_request();
        scene.engine.presence_update(own, &OwnState::default(), Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        removes(scene, own);
    })
    .account(through_sipp),
    calling("uas_publish_too_brief", |scene| {
        let own = publishes(scene, "");
        let lifetimes: Vec<Duration> = published(scene).into_iter().map(|(_, time)| time).collect();
        assert_eq!(lifetimes.last(), Some(&Duration::from_secs(7200)));
        removes(scene, own);
    })
    .account(through_sipp),
    calling("uas_publish_forgotten", |scene| {
        let own = publishes(scene, "at my desk");
        scene.until("the whole state again", |scene| scene.sent("SIP-ETag: two") == 1);
        removes(scene, own);
        let states: Vec<PublishState> =
            published(scene).into_iter().map(|(state, _)| state).collect();
        assert!(!states.contains(&PublishState::Retrying), "{states:?}");
    })
    .account(through_sipp),
    calling("uas_publish_refused", |scene| {
        let request = scene.engine.new_request();
        let open = OwnState { open: true, ..OwnState::default() };
        scene.engine.presence_publish(scene.account, &open, Some(request)).unwrap();
        assert_eq!(scene.reply(request), Some(ErrorKind::Refused));
        scene.wait("the end of it", |event| match event {
            EventKind::Publication { state: PublishState::Ended, code: 489, .. } => Some(()),
            _ => None,
        });
    })
    .account(through_sipp),
    calling("uas_publish_lamp", |scene| {
        let lamp = "<?xml version=\"1.0\"?>\
            <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"0\" state=\"full\" \
            entity=\"sip:alice@127.0.0.1\"><dialog id=\"1\"><state>confirmed</state></dialog>\
            </dialog-info>";
        let (request, media_type) = (scene.engine.new_request(), "application/dialog-info+xml");
        let own = scene
            .engine
            .publication_add(scene.account, "dialog", media_type, lamp.as_bytes(), Some(request))
            .unwrap();
        assert_eq!(scene.reply(request), None);
        removes(scene, own);
    })
    .account(through_sipp),
    // Subscriptions.
    calling("uas_presence", |scene| {
        let id = watches(scene, Package::Presence);
        for (open, note) in [(true, "in a meeting"), (false, "gone home")] {
            assert_eq!(presence(scene), (Some(open), note.to_owned()));
        }
        unwatches(scene, id);
    }),
    calling("uas_mailbox", |scene| {
        let id = watches(scene, Package::MessageSummary);
        for wanted in [(true, 3, 8, 1, 2), (false, 0, 8, 0, 0)] {
            let told = scene.wait("the counts", |event| match event {
                EventKind::Notify { notified: Notified::Messages(summary), .. } => {
                    let voice = summary.voice();
                    Some((
                        summary.waiting,
                        voice.new,
                        voice.old,
                        voice.urgent_new,
                        voice.urgent_old,
                    ))
                }
                _ => None,
            });
            assert_eq!(told, wanted);
        }
        unwatches(scene, id);
    }),
    calling("uas_dialog_info_gap", |scene| {
        let id = watches(scene, Package::Dialog);
        scene.until("the last document", |scene| lamps(scene).len() >= 7);
        use Lamp::{Busy, Idle, Ringing};
        // The first document is empty; what comes late (version 3) changes nothing.
        let wanted = [Idle, Ringing, Busy, Ringing, Ringing, Busy, Idle];
        assert_eq!(lamps(scene), wanted);
        unwatches(scene, id);
    }),
    calling("uas_notify_first", |scene| {
        let id = watches(scene, Package::Presence);
        assert_eq!(presence(scene), (Some(true), "early".to_owned()));
        unwatches(scene, id);
    }),
    calling("uas_notify_after_terminated", |scene| {
        let id = watches(scene, Package::Presence);
        assert_eq!(presence(scene), (Some(true), "here".to_owned()));
        watch_is(scene, WatchState::Ended);
        scene.wait_for_sipp();
        scene.engine.subscription_remove(id, None).unwrap();
        let notes = scene.events.iter().filter(|e| matches!(e, EventKind::Notify { .. })).count();
        assert_eq!(notes, 1, "what comes after the end is not told");
    }),
    calling("uas_subscribe_too_brief", |scene| {
        let id = watches(scene, Package::Presence);
        presence(scene);
        let granted = scene.engine.subscription_info(id).unwrap().expires;
        assert_eq!(granted, Duration::from_secs(7200));
        unwatches(scene, id);
    }),
    calling("uas_subscribe_refused", |scene| {
        let request = scene.engine.new_request();
        let options = SubscriptionOptions::new(Package::Presence);
        let account = Some(scene.account);
        scene.engine.subscription_add(account, &scene.uri(), options, Some(request)).unwrap();
        assert_eq!(scene.reply(request), Some(ErrorKind::Refused));
        let ended = |event: &EventKind| {
            matches!(event, EventKind::Subscription { state: WatchState::Ended, code: 489, .. })
        };
        assert!(scene.events.iter().any(ended));
    }),
    called("uac_notify_unasked", |scene| {
        let new = scene.wait("waiting messages", |event| match event {
            EventKind::Notify {
                subscription: None, notified: Notified::Messages(summary), ..
            } => Some(summary.voice().new),
            _ => None,
        });
        assert_eq!(new, 2);
    }),
];

/// Everything goes to sipp, wherever it is meant for.
fn through_sipp(account: &mut sidetone::engine::AccountConfig) {
    account.outbound_proxy = "sip:sipp".into();
}

/// Waits for a command's outcome, with the code of the response.
fn replied(scene: &mut Scene, wanted: RequestId) -> (Option<ErrorKind>, u16) {
    scene.wait("the reply", |event| match event {
        EventKind::Reply { request, error, code, .. } if *request == wanted => {
            Some((*error, *code))
        }
        _ => None,
    })
}

/// Sends a message, and gives what became of it.
fn writes(scene: &mut Scene) -> (Option<ErrorKind>, u16) {
    let (request, account) = (scene.engine.new_request(), Some(scene.account));
    let (uri, text) = (scene.uri(), b"lunch at noon?");
    scene.engine.message_send(account, &uri, "text/plain", text, Some(request)).unwrap();
    replied(scene, request)
}

/// Waits for a message: whether it came in a call, of whom, and its text.
fn reads(scene: &mut Scene) -> (bool, String, String) {
    scene.wait("a message", |event| match event {
        EventKind::Message { call, from, content, .. } => {
            Some((call.is_some(), from.clone(), content.text().trim_end().to_owned()))
        }
        _ => None,
    })
}

/// Publishes that we are there.
fn publishes(scene: &mut Scene, note: &str) -> sidetone::base::ids::PublicationId {
    let request = scene.engine.new_request();
    let open = OwnState { open: true, note: note.into(), ..OwnState::default() };
    let own = scene.engine.presence_publish(scene.account, &open, Some(request)).unwrap();
    assert_eq!(scene.reply(request), None);
    own
}

fn removes(scene: &mut Scene, own: sidetone::base::ids::PublicationId) {
    let request = scene.engine.new_request();
    scene.engine.publication_remove(own, Some(request)).unwrap();
    assert_eq!(scene.reply(request), None);
}

/// What was told of publications so far, with the lifetime granted.
fn published(scene: &Scene) -> Vec<(PublishState, Duration)> {
    let told = |event: &EventKind| match event {
        EventKind::Publication { state, expires, .. } => Some((*state, *expires)),
        _ => None,
    };
    scene.events.iter().filter_map(told).collect()
}

/// Watches sipp; its subscription stands when this is back.
fn watches(scene: &mut Scene, package: Package) -> SubscriptionId {
    let options = SubscriptionOptions::new(package);
    let (account, uri) = (Some(scene.account), scene.uri());
    let id = scene.engine.subscription_add(account, &uri, options, None).unwrap();
    watch_is(scene, WatchState::Active);
    id
}

fn watch_is(scene: &mut Scene, wanted: WatchState) {
    scene.wait(&format!("{wanted:?}"), |event| match event {
        EventKind::Subscription { state, .. } => (*state == wanted).then_some(()),
        _ => None,
    });
}

/// Takes the subscription back.
fn unwatches(scene: &mut Scene, id: SubscriptionId) {
    let request = scene.engine.new_request();
    scene.engine.subscription_remove(id, Some(request)).unwrap();
    assert_eq!(scene.reply(request), None);
}

/// Waits for the next presence: open or closed, and the note.
fn presence(scene: &mut Scene) -> (Option<bool>, String) {
    scene.wait("presence", |event| match event {
        EventKind::Notify { notified: Notified::Presence(presence), .. } => {
            Some((presence.open(), presence.note().to_owned()))
        }
        _ => None,
    })
}

/// What the lamp showed after each document so far.
fn lamps(scene: &Scene) -> Vec<Lamp> {
    let shown = |event: &EventKind| match event {
        EventKind::Notify { notified: Notified::Dialogs { lamp, .. }, .. } => Some(*lamp),
        _ => None,
    };
    scene.events.iter().filter_map(shown).collect()
}

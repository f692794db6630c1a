//! Presence, busy lamps and waiting messages through the presence server of Debian's kamailio:
//! SUBSCRIBE, NOTIFY and PUBLISH with digest, and a server that comes back without a memory.

#[path = "support/certificates.rs"]
#[allow(dead_code)]
mod certificates;
#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "support/kamailio.rs"]
#[allow(dead_code)]
mod kamailio;

use std::{fs, time::Duration};

use child::Folder;
use host::Host;
use kamailio::{DOMAIN, Kamailio, Terms, Way, password};
use sidetone::{
    base::ids::{AccountId, RequestId, SubscriptionId},
    engine::{
        AccountConfig, ErrorKind, EventKind, Lamp, Notified, OwnState, Package,
        SubscriptionOptions, WatchState,
    },
};

/// Where Debian keeps empty tables for db_text.
const TABLES: &str = "/usr/share/kamailio/dbtext/kamailio";

/// Requests for its presence server are taken out of the proxy's way.
const ROUTE: &str = r#"
 if (is_method("PUBLISH|SUBSCRIBE")) {
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
  t_release(); exit;
 }
"#;

fn presence_server(tables: &Folder) -> Kamailio {
    for table in ["version", "presentity", "active_watchers", "watchers", "xcap", "pua"] {
        fs::copy(format!("{TABLES}/{table}"), tables.path(table)).unwrap();
    }
    let url = format!("text://{}", tables.path("").display());
    let url = url.trim_end_matches('/');
    Kamailio::start_with(Terms {
        modules: vec!["presence", "presence_xml", "presence_dialoginfo", "presence_mwi"],
        parameters: format!(
            "modparam(\"presence|presence_xml\", \"db_url\", \"{url}\")\n\
             modparam(\"presence\", \"subs_db_mode\", 0)\n\
             modparam(\"presence\", \"min_expires\", 1)\n\
             modparam(\"presence_xml\", \"force_active\", 1)\n"
        ),
        route: ROUTE.to_owned(),
        dialog_route: ROUTE.to_owned(),
        ..Terms::default()
    })
}

fn user(name: &str, kamailio: &Kamailio) -> (Host, AccountId) {
    let mut host = Host::headless();
    let account = host.account(AccountConfig {
        aor: format!("sip:{name}@{DOMAIN}"),
        outbound_proxy: kamailio.proxy(Way::Udp),
        password: password(name),
        ..AccountConfig::default()
    });
    (host, account)
}

fn replied(host: &mut Host, wanted: RequestId) -> Option<ErrorKind> {
    host.wait("reply", |event| match event {
        EventKind::Reply { request, error, .. } if *request == wanted => Some(*error),
        _ => None,
    })
}

fn watch(host: &mut Host, account: AccountId, uri: &str, package: Package) -> SubscriptionId {
    let request = host.engine.new_request();
    let options = SubscriptionOptions::new(package);
    let id = host.engine.subscription_add(Some(account), uri, options, Some(request)).unwrap();
    assert_eq!(replied(host, request), None, "{uri} is watched");
    id
}

/// Waits until somebody's presence is so.
fn presence(host: &mut Host, open: bool, note: &str) {
    host.wait(&format!("presence {open} {note}"), |event| match event {
        EventKind::Notify { notified: Notified::Presence(presence), .. } => {
            (presence.open() == Some(open) && presence.note() == note).then_some(())
        }
        _ => None,
    });
}

fn lamp(host: &mut Host, wanted: Lamp) {
    host.wait(&format!("{wanted:?}"), |event| match event {
        EventKind::Notify { notified: Notified::Dialogs { lamp, .. }, .. } => {
            (*lamp == wanted).then_some(())
        }
        _ => None,
    });
}

fn own(open: bool, note: &str) -> OwnState {
    OwnState { open, note: note.to_owned(), ..OwnState::default() }
}

#[test]
fn presence_that_bob_publishes_is_seen_by_alice() {
    let tables = Folder::new("presence");
    let kamailio = presence_server(&tables);
    let (mut alice, watcher) = user("alice", &kamailio);
    let (mut bob, account) = user("bob", &kamailio);
    let watched = watch(&mut alice, watcher, "bob", Package::Presence);
    let request = bob.engine.new_request();
    let publication =
        bob.engine.presence_publish(account, &own(true, "at my desk"), Some(request)).unwrap();
    assert_eq!(replied(&mut bob, request), None);
    presence(&mut alice, true, "at my desk");
    bob.engine.presence_update(publication, &own(false, "gone <home>"), None).unwrap();
    presence(&mut alice, false, "gone <home>");
    let request = bob.engine.new_request();
    bob.engine.publication_remove(publication, Some(request)).unwrap();
    assert_eq!(replied(&mut bob, request), None);
    let request = alice.engine.new_request();
    alice.engine.subscription_remove(watched, Some(request)).unwrap();
    assert_eq!(replied(&mut alice, request), None);
}

#[test]
fn a_busy_lamp_and_waiting_messages_are_shown() {
    let tables = Folder::new("presence");
    let kamailio = presence_server(&tables);
    let (mut alice, watcher) = user("alice", &kamailio);
    let (bob, account) = user("bob", &kamailio);
    watch(&mut alice, watcher, "bob", Package::Dialog);
    let document = |state: &str| {
        format!(
            "<?xml version=\"1.0\"?><dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" \
             version=\"0\" state=\"full\" entity=\"sip:bob@{DOMAIN}\"><dialog id=\"d1\" \
             call-id=\"c1\" direction=\"recipient\"><state>{state}</state></dialog></dialog-info>"
        )
    };
    let media_type = "application/dialog-info+xml";
    let publication = bob
        .engine
        .publication_add(account, "dialog", media_type, document("early").as_bytes(), None)
        .unwrap();
    lamp(&mut alice, Lamp::Ringing);
    let update = |state: &str| {
        let body = document(state);
        bob.engine.publication_update(publication, media_type, body.as_bytes(), None).unwrap();
    };
    update("confirmed");
    lamp(&mut alice, Lamp::Busy);
    update("terminated");
    lamp(&mut alice, Lamp::Idle);

    watch(&mut alice, watcher, "alice", Package::MessageSummary);
    let body = format!(
        "Messages-Waiting: yes\r\nMessage-Account: sip:alice@{DOMAIN}\r\nVoice-Message: 2/5 (1/0)\r\n"
    );
    let media_type = "application/simple-message-summary";
    let request = alice.engine.new_request();
    alice
        .engine
        .publication_add(watcher, "message-summary", media_type, body.as_bytes(), Some(request))
        .unwrap();
    let counts = alice.wait("waiting messages", |event| match event {
        EventKind::Notify { notified: Notified::Messages(summary), .. } => {
            summary.waiting.then(|| summary.voice())
        }
        _ => None,
    });
    assert_eq!((counts.new, counts.old, counts.urgent_new), (2, 5, 1));
}

#[test]
fn a_server_that_lost_its_memory_is_subscribed_to_again() {
    let tables = Folder::new("presence");
    let mut kamailio = presence_server(&tables);
    let (mut alice, watcher) = user("alice", &kamailio);
    let options = SubscriptionOptions {
        expires: Duration::from_secs(4),
        ..SubscriptionOptions::new(Package::Presence)
    };
    let id = alice.engine.subscription_add(Some(watcher), "bob", options, None).unwrap();
    let reaches = |host: &mut Host, wanted: WatchState| {
        host.wait(&format!("{wanted:?}"), |event| match event {
            EventKind::Subscription { subscription, state, .. } => {
                (*subscription == id && *state == wanted).then_some(())
            }
            _ => None,
        });
    };
    reaches(&mut alice, WatchState::Active);
    kamailio.restart();
    reaches(&mut alice, WatchState::Subscribing);
    reaches(&mut alice, WatchState::Active);
}

//! What happens around calls, with Debian's sipp as the far end: messages, requests of any method,
//! a notifier, a compositor. The scenarios stand in `tests/sipp`.

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use child::{Folder, Running, await_udp, free_port, tail};
use sidetone::{
    Engine,
    base::ids::{AccountId, RequestId},
    engine::{
        AccountConfig, EngineConfig, EventKind, Lamp, Notified, OwnState, Package, SipAnswer,
        SipTransport, SubscriptionOptions, WatchState,
    },
};

/// A sipp at work.
struct Sipp {
    running: Running,
    folder: Folder,
    port: u16,
}

impl Sipp {
    fn start(scenario: &str, target: Option<&str>) -> Self {
        let (folder, port) = (Folder::new("sipp"), free_port());
        let mut command = Command::new("sipp");
        command.args(target);
        command.arg("-sf").arg(format!("{}/tests/sipp/{scenario}.xml", env!("CARGO_MANIFEST_DIR")));
        command.args(["-i", "127.0.0.1", "-s", "alice", "-nostdin", "-m", "1"]);
        command.args(["-p", &port.to_string(), "-timeout", "60", "-timeout_error", "-trace_err"]);
        command.args(["-trace_msg", "-error_file"]).arg(folder.path("errors"));
        command.arg("-message_file").arg(folder.path("messages"));
        let running = Running::start(command, &folder);
        if target.is_none() {
            await_udp(port);
        }
        Self { running, folder, port }
    }

    fn uri(&self) -> String {
        format!("sip:sipp@127.0.0.1:{}", self.port)
    }

    fn must_pass(mut self) {
        let status = self.running.wait(Duration::from_secs(60));
        assert!(
            status.is_some_and(|s| s.success()),
            "sipp ended with {status:?}\n{}\n{}",
            tail(&self.folder.path("errors")),
            tail(&self.folder.path("messages")),
        );
    }
}

struct Host {
    engine: Engine,
    account: AccountId,
    events: Vec<EventKind>,
}

impl Host {
    fn start(config: EngineConfig) -> Self {
        let bind = [127, 0, 0, 1].into();
        let engine = Engine::new(EngineConfig { bind, ..config }).unwrap();
        let aor = "sip:alice@127.0.0.1".to_owned();
        let account = AccountConfig { aor, ..AccountConfig::default() };
        let account = engine.account_add(account, None).unwrap();
        Self { engine, account, events: Vec::new() }
    }

    fn address(&self) -> String {
        self.engine.local_address(SipTransport::Udp).unwrap().to_string()
    }

    fn wait<T>(&mut self, what: &str, found: impl Fn(&EventKind) -> Option<T>) -> T {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            let event = self.engine.next_event(Some(Duration::from_millis(50))).unwrap();
            let Some(event) = event else { continue };
            let value = found(&event.kind);
            self.events.push(event.kind);
            if let Some(value) = value {
                return value;
            }
        }
        panic!("no {what} within 30 s; events were {:#?}", self.events);
    }

    fn replied(&mut self, wanted: RequestId) -> (bool, u16) {
        self.wait("reply", |event| match event {
            EventKind::Reply { request, error, code, .. } if *request == wanted => {
                Some((error.is_none(), *code))
            }
            _ => None,
        })
    }

    fn lamp(&mut self, wanted: Lamp) -> Vec<sidetone::engine::watch::WatchedDialog> {
        self.wait(&format!("{wanted:?}"), |event| match event {
            EventKind::Notify { notified: Notified::Dialogs { lamp, dialogs }, .. }
                if *lamp == wanted =>
            {
                Some(dialogs.clone())
            }
            _ => None,
        })
    }
}

#[test]
fn messages_are_taken_by_type_and_size() {
    let mut host = Host::start(EngineConfig { max_message_bytes: 1000, ..EngineConfig::default() });
    let sipp = Sipp::start("uac_messages", Some(&host.address()));
    for wanted in ["hello from sipp", "a part of text"] {
        let (account, content) = host.wait("message", |event| match event {
            EventKind::Message { account, content, .. } => Some((*account, content.clone())),
            _ => None,
        });
        assert_eq!(account, Some(host.account));
        assert!(content.text().contains(wanted), "{}", content.text());
        assert_eq!(content.header("Max-Forwards"), Some("70"));
    }
    sipp.must_pass();
}

#[test]
fn methods_and_packages_that_are_not_served_are_refused_and_a_mailbox_may_tell_unasked() {
    let mut host = Host::start(EngineConfig::default());
    let sipp = Sipp::start("uac_refused_methods", Some(&host.address()));
    let new = host.wait("waiting messages", |event| match event {
        EventKind::Notify {
            subscription: None,
            account: Some(_),
            notified: Notified::Messages(summary),
            ..
        } => Some((summary.waiting, summary.voice().new)),
        _ => None,
    });
    assert_eq!(new, (true, 3));
    sipp.must_pass();
}

#[test]
fn a_method_that_the_host_asked_for_is_answered_by_it() {
    let config = EngineConfig { host_methods: vec!["LAMP".into()], ..EngineConfig::default() };
    let mut host = Host::start(config);
    let sipp = Sipp::start("uac_offered", Some(&host.address()));
    let transaction = host.wait("request", |event| match event {
        EventKind::Request { transaction, method, content, .. } => {
            assert_eq!((method.as_str(), content.text().trim()), ("LAMP", "on"));
            Some(*transaction)
        }
        _ => None,
    });
    let answer = SipAnswer {
        code: 299,
        headers: vec![("X-Watt".into(), "40".into())],
        ..SipAnswer::default()
    };
    host.engine.request_answer(transaction, answer, None).unwrap();
    sipp.must_pass();
}

#[test]
fn a_message_that_is_taken_for_later_delivery_is_told_as_202() {
    let mut host = Host::start(EngineConfig::default());
    let sipp = Sipp::start("uas_message", None);
    let request = host.engine.new_request();
    let account = Some(host.account);
    let send =
        host.engine.message_send(account, &sipp.uri(), "text/plain", b"lunch?", Some(request));
    send.unwrap();
    assert_eq!(host.replied(request), (true, 202));
    sipp.must_pass();
}

#[test]
fn a_busy_lamp_follows_its_notifier_and_refuses_what_does_not_belong() {
    let mut host = Host::start(EngineConfig::default());
    let sipp = Sipp::start("uas_notifier", None);
    let request = host.engine.new_request();
    let options = SubscriptionOptions::new(Package::Dialog);
    let add = host.engine.subscription_add(Some(host.account), &sipp.uri(), options, Some(request));
    let lamp = add.unwrap();
    assert_eq!(host.replied(request), (true, 0));
    assert!(host.lamp(Lamp::Ringing)[0].remote.display_name == "Carol");
    assert_eq!(host.lamp(Lamp::Busy).len(), 1);
    assert_eq!(host.lamp(Lamp::Idle), []);
    assert_eq!(host.engine.subscription_info(lamp).unwrap().state, WatchState::Active);
    let request = host.engine.new_request();
    host.engine.subscription_remove(lamp, Some(request)).unwrap();
    assert_eq!(host.replied(request), (true, 0));
    assert!(host.engine.subscription_info(lamp).is_err());
    sipp.must_pass();
}

#[test]
fn presence_is_published_whole_again_to_a_compositor_that_forgot_it() {
    let mut host = Host::start(EngineConfig::default());
    let sipp = Sipp::start("uas_compositor", None);
    let config = AccountConfig {
        aor: "sip:alice@127.0.0.1".into(),
        outbound_proxy: sipp.uri(),
        ..AccountConfig::default()
    };
    host.engine.account_update(host.account, config, None).unwrap();
    let request = host.engine.new_request();
    let open = OwnState { open: true, ..OwnState::default() };
    let own = host.engine.presence_publish(host.account, &open, Some(request)).unwrap();
    assert_eq!(host.replied(request), (true, 0));
    let request = host.engine.new_request();
    host.engine.presence_update(own, &OwnState::default(), Some(request)).unwrap();
    assert_eq!(host.replied(request), (true, 0));
    let request = host.engine.new_request();
    host.engine.publication_remove(own, Some(request)).unwrap();
    assert_eq!(host.replied(request), (true, 0));
    sipp.must_pass();
}

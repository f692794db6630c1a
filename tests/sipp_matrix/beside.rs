//! Calls beside others: call waiting, limits, calls that take the place of others, and where a call
//! has been before; with sipp on the other end.

use std::time::Duration;

use sidetone::{
    base::ids::CallId,
    engine::{
        AccountServices, CallState, EventKind,
        services::{AutoAnswer, Follow, RedirectPolicy},
    },
};

use super::{
    case::{Case, called, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    // A call is up already.
    called("uac_second_call", |scene| {
        let second = scene.ring();
        let first = other_than(scene, second);
        let request = scene.engine.new_request();
        scene.engine.hold(first, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.engine.answer(second, Vec::new(), None).unwrap();
        scene.reaches(second, CallState::Connected);
        assert!(scene.engine.call_info(first).unwrap().local_hold);
        assert_eq!(scene.ended(second), (0, None));
        let request = scene.engine.new_request();
        scene.engine.resume(first, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.hang_up(first);
    })
    .first(Scene::first_call),
    called("uac_no_call_waiting", keeps_the_first)
        .services(|services| services.reception.call_waiting = false)
        .first(Scene::first_call),
    called("uac_account_is_full", keeps_the_first)
        .services(|services| {
            services.reception.max_calls = 1;
            services.reception.forwarding.busy = "sip:carol@example.com".parse().ok();
        })
        .first(Scene::first_call),
    // Loops.
    called("uac_own_forward_returns", |scene| scene.quiet = true),
    called("uac_invite_goes_no_further", rings_and_answers),
    // In the place of another call.
    called("uac_replaces", |scene| {
        let call = scene.answer();
        is_replaced(scene, call);
        assert_eq!(scene.ended(call), (0, None));
    }),
    called("uac_replaces_held", |scene| {
        let call = scene.answer();
        for held in [true, false] {
            scene.wait("a hold by the far end", |event| match event {
                EventKind::Hold { remote, .. } => (*remote == held).then_some(()),
                _ => None,
            });
        }
        is_replaced(scene, call);
        assert_eq!(scene.ended(call), (0, None));
    }),
    called("uac_replaces_early_only", |scene| {
        let call = scene.answer();
        assert_eq!(scene.ended(call), (0, None));
        assert_eq!(incoming(scene), 1, "nobody else is told of");
    }),
    called("uac_replaces_while_it_rings", |scene| {
        let call = scene.ring();
        assert_eq!(scene.ended(call), (487, None));
        assert_eq!(incoming(scene), 1, "nobody else is told of");
    }),
    calling("uas_replaced_while_it_rings", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Ringing);
        is_replaced(scene, call);
        assert_eq!(scene.ended(call), (0, None));
    }),
    // Where a call is sent to.
    calling("uas_redirect_first_dead", calls_and_hangs_up),
    calling("uas_redirect_by_preference", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let targets: Vec<String> = scene
            .events
            .iter()
            .filter_map(|event| match event {
                EventKind::Redirected { target, asked: false, .. } => Some(target.clone()),
                _ => None,
            })
            .collect();
        let [first, second] = targets.as_slice() else { panic!("{targets:?}") };
        assert!(first.starts_with("sip:high@") && second.starts_with("sip:middle@"), "{targets:?}");
        scene.hang_up(call);
    })
    .services(|services| services.redirect = RedirectPolicy { follow: Follow::Always, hops: 2 }),
    calling("uas_redirect_all_refuse", |scene| {
        let call = scene.dial();
        assert_eq!(scene.ended(call).0, 486);
    }),
    // Answers without a user.
    called("uac_auto_answer_x_header", is_answered_by_itself).services(answer_on_request),
    called("uac_auto_answer_private", is_answered_by_itself).services(answer_on_request),
    called("uac_auto_answer_ring_answer", is_answered_by_itself).services(answer_on_request),
    called("uac_auto_answer_after", |scene| {
        let call = scene.ring();
        scene.reaches(call, CallState::Connected);
        scene.ended(call);
    })
    .services(answer_on_request),
    called("uac_auto_answer_not_allowed", rings_and_answers),
    // Who calls.
    called("uac_diverted", |scene| {
        let call = scene.answer();
        assert_eq!(caller(scene), ("sip:dave@example.com".to_owned(), "Dave".to_owned()));
        let identity = scene.engine.caller_identity(call).unwrap();
        let asserted: Vec<String> =
            identity.asserted.iter().map(|address| address.uri.to_string()).collect();
        assert_eq!(asserted, ["sip:dave@example.com", "tel:+4930123"]);
        let diversions: Vec<(String, &str, u32)> = identity
            .diversions
            .iter()
            .map(|one| (one.by.uri.to_string(), one.reason.as_str(), one.counter))
            .collect();
        let bob = ("sip:bob@example.com".to_owned(), "no-answer", 2);
        assert_eq!(diversions, [bob, ("tel:+49301".to_owned(), "user-busy", 1)]);
        let history: Vec<(&str, &str)> = identity
            .history
            .iter()
            .map(|entry| (entry.index.as_str(), entry.reason.as_str()))
            .collect();
        assert_eq!(history, [("1", ""), ("1.1", "SIP;cause=302")]);
        scene.ended(call);
    })
    .services(|services| services.trust_identity = true),
    called("uac_asserted_but_not_trusted", |scene| {
        let call = scene.answer();
        let (from, name) = caller(scene);
        assert!(from.starts_with("sip:sipp@127.0.0.1"), "{from}");
        assert_eq!(name, "sipp");
        scene.ended(call);
    }),
];

fn answer_on_request(services: &mut AccountServices) {
    services.auto_answer = AutoAnswer { on_request: true, ..AutoAnswer::default() };
}

/// The host does nothing at all.
fn is_answered_by_itself(scene: &mut Scene) {
    let call = scene.incoming();
    scene.reaches(call, CallState::Connected);
    scene.ended(call);
}

fn rings_and_answers(scene: &mut Scene) {
    let call = scene.ring();
    scene.rest(Duration::from_millis(200));
    assert_eq!(scene.engine.call_info(call).unwrap().state, CallState::Ringing);
    scene.engine.answer(call, Vec::new(), None).unwrap();
    scene.reaches(call, CallState::Connected);
    scene.ended(call);
}

fn calls_and_hangs_up(scene: &mut Scene) {
    let call = scene.dial();
    scene.reaches(call, CallState::Connected);
    scene.rest(Duration::from_millis(50));
    scene.hang_up(call);
}

/// The call that is up goes on, and the host hears of no other.
fn keeps_the_first(scene: &mut Scene) {
    scene.wait_for_sipp();
    assert_eq!(incoming(scene), 1);
    let calls = scene.engine.calls();
    assert_eq!(scene.engine.call_info(calls[0]).unwrap().state, CallState::Connected);
    scene.hang_up(calls[0]);
}

/// How many calls came in so far.
fn incoming(scene: &Scene) -> usize {
    let is_one = |event: &&EventKind| matches!(event, EventKind::IncomingCall { .. });
    scene.events.iter().filter(is_one).count()
}

fn other_than(scene: &Scene, known: CallId) -> CallId {
    scene.engine.calls().into_iter().find(|call| *call != known).unwrap()
}

/// The call gets another far end, and stays what it is to the host.
fn is_replaced(scene: &mut Scene, call: CallId) {
    let who = scene.wait("another far end", |event| match event {
        EventKind::Replaced { call: id, display_name, .. } if *id == call => {
            Some(display_name.clone())
        }
        _ => None,
    });
    assert_eq!(who, "carol");
    assert_eq!(scene.engine.calls(), [call]);
}

/// Who called first, as the host was told: address and name.
fn caller(scene: &Scene) -> (String, String) {
    let told = |event: &EventKind| match event {
        EventKind::IncomingCall { from, display_name, .. } => {
            Some((from.clone(), display_name.clone()))
        }
        _ => None,
    };
    scene.events.iter().find_map(told).unwrap()
}

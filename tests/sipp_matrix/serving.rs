//! What an account does without asking, and transfers: with sipp on the other end.

use std::time::Duration;

use sidetone::engine::{
    CallState, EventKind,
    services::{
        AccountServices, AutoAnswer, DoNotDisturb, Follow, Forwarding, TransferPolicy,
        TransferState,
    },
};

use super::{
    case::{Case, called, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    // Transfers that the far end wants.
    called("uac_refer_refused", answers)
        .services(|services| services.transfer = TransferPolicy::Refuse),
    called("uac_refer_without_target", answers)
        .services(|services| services.transfer = TransferPolicy::Accept),
    called("uac_refer_reports_failure", |scene| {
        let call = scene.answer();
        transfer_is(scene, |state| matches!(state, TransferState::Failed));
        assert_eq!(scene.ended(call), (0, None));
    })
    .services(|services| services.transfer = TransferPolicy::Accept)
    .engine(|config| config.timers.t1 = Duration::from_millis(20)),
    called("uac_refer_without_subscription", |scene| {
        let call = scene.answer();
        let request = transfer_is(scene, |state| matches!(state, TransferState::Asked { .. }));
        assert_eq!(request, call);
        scene.engine.decide_transfer(call, true, None).unwrap();
        scene.ended(call);
    })
    .engine(|config| config.timers.t1 = Duration::from_millis(20)),
    called("uac_replaces_unknown", hears_nothing),
    called("uac_replaces_twice", hears_nothing),
    // Transfers that we want.
    calling("uas_transfer", |scene| {
        let call = connected(scene);
        scene.engine.transfer(call, "sip:carol@example.invalid", false, None).unwrap();
        transfer_is(scene, |state| *state == TransferState::Done);
        scene.ended(call);
    }),
    calling("uas_transfer_refused", |scene| {
        let call = connected(scene);
        scene.engine.transfer(call, "sip:carol@example.invalid", false, None).unwrap();
        transfer_is(scene, |state| *state == TransferState::Failed);
        scene.hang_up(call);
    }),
    calling("uas_transfer_fails", |scene| {
        let call = connected(scene);
        scene.engine.transfer(call, "sip:carol@example.invalid", false, None).unwrap();
        transfer_is(scene, |state| *state == TransferState::Failed);
        scene.until("481 to the second NOTIFY", |scene| scene.received("SIP/2.0 481") == 1);
        scene.hang_up(call);
    }),
    calling("uas_transfer_notified_late", |scene| {
        let call = connected(scene);
        scene.engine.transfer(call, "sip:carol@example.invalid", false, None).unwrap();
        transfer_is(scene, |state| *state == TransferState::Done);
        scene.ended(call);
    }),
    calling("uas_transfer_silent", |scene| {
        let call = connected(scene);
        scene.engine.transfer(call, "sip:carol@example.invalid", true, None).unwrap();
        // Nobody tells how the new call goes: when this one ends is the host's to say.
        transfer_is(scene, |state| *state == TransferState::Done);
        scene.hang_up(call);
    }),
    // What becomes of calls that come in.
    called("uac_auto_answer_call_info", is_answered_by_itself).services(answer_on_request),
    called("uac_auto_answer_alert_info", is_answered_by_itself).services(answer_on_request),
    called("uac_auto_answer_mode", is_answered_by_itself).services(answer_on_request),
    called("uac_auto_answer_refused", hears_nothing),
    called("uac_forwarded_always", hears_nothing)
        .services(|services| services.reception.forwarding.always = carol()),
    called("uac_forwarded_unanswered", |scene| {
        let call = scene.ring();
        assert_eq!(scene.ended(call).0, 302);
    })
    .services(|services| {
        services.reception.forwarding = Forwarding {
            no_answer: carol(),
            after: Duration::from_secs(1),
            ..Forwarding::default()
        };
    }),
    called("uac_do_not_disturb", hears_nothing)
        .services(|services| services.reception.do_not_disturb = DoNotDisturb::Unavailable),
    called("uac_redirected_by_the_host", |scene| {
        let call = scene.incoming();
        scene.engine.redirect(call, "sip:dave@example.com", None).unwrap();
        assert_eq!(scene.ended(call).0, 302);
    }),
    // The end of a call.
    called("uac_hung_up_with_a_cause", |scene| {
        let call = scene.answer();
        scene.engine.hangup_with(call, 31, "Normal, unspecified", None).unwrap();
        scene.ended(call);
    }),
    called("uac_longest_call", answers)
        .services(|services| services.max_duration = Some(Duration::from_secs(1))),
    // Who calls, and where to.
    calling("uas_anonymous", calls_and_hangs_up)
        .services(|services| services.presentation.anonymous = true),
    calling("uas_redirect_followed", calls_and_hangs_up),
    calling("uas_redirect_in_a_circle", is_sent_elsewhere),
    calling("uas_redirect_not_wanted", is_sent_elsewhere)
        .services(|services| services.redirect.follow = Follow::Never),
    // Reliable provisional responses.
    called("uac_100rel", rings_and_answers),
    called("uac_100rel_repeated", rings_and_answers).sipp(&["-nr"]),
    called("uac_prack_of_nothing", rings_and_answers),
    called("uac_100rel_without_sdp", rings_and_answers),
    called("uac_update_before_answer", rings_and_answers),
    called("uac_update_before_answer_declined", rings_and_answers),
    called("uac_update_too_early", rings_and_answers),
    calling("uas_100rel", calls_and_hangs_up),
    calling("uas_100rel_out_of_order", calls_and_hangs_up),
    calling("uas_100rel_forked", calls_and_hangs_up),
    calling("uas_update_before_answer", calls_and_hangs_up),
];

fn carol() -> Option<sidetone::proto::sip::uri::Uri> {
    "sip:carol@example.com".parse().ok()
}

fn answer_on_request(services: &mut AccountServices) {
    services.auto_answer = AutoAnswer { on_request: true, ..AutoAnswer::default() };
}

/// Takes the call; its end is an orderly one.
fn answers(scene: &mut Scene) {
    let call = scene.answer();
    scene.ended(call);
}

fn hears_nothing(scene: &mut Scene) {
    scene.quiet = true;
}

/// The host does nothing at all.
fn is_answered_by_itself(scene: &mut Scene) {
    let call = scene.incoming();
    scene.reaches(call, CallState::Connected);
    scene.ended(call);
}

/// Rings for a moment, then answers.
fn rings_and_answers(scene: &mut Scene) {
    let call = scene.ring();
    scene.rest(Duration::from_millis(400));
    scene.engine.answer(call, Vec::new(), None).unwrap();
    scene.reaches(call, CallState::Connected);
    scene.ended(call);
}

/// A call to sipp that stands.
fn connected(scene: &mut Scene) -> sidetone::base::ids::CallId {
    let call = scene.dial();
    scene.reaches(call, CallState::Connected);
    call
}

fn calls_and_hangs_up(scene: &mut Scene) {
    let call = connected(scene);
    scene.rest(Duration::from_millis(50));
    scene.hang_up(call);
}

fn is_sent_elsewhere(scene: &mut Scene) {
    let call = scene.dial();
    assert_eq!(scene.ended(call).0, 302);
}

/// Waits until a transfer is where `wanted` says; gives its call.
fn transfer_is(
    scene: &mut Scene,
    wanted: impl Fn(&TransferState) -> bool,
) -> sidetone::base::ids::CallId {
    scene.wait("the transfer", |event| match event {
        EventKind::Transfer { call, state, .. } => wanted(state).then_some(*call),
        _ => None,
    })
}
